/* readback.h - reads the headers of a composed message with a small strict reader of its own and
 * compares them with what was asked: nothing more, nothing less, nothing else. */
#ifndef MAIL_READBACK_H
#define MAIL_READBACK_H

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "mail/message.h"

struct mail_outgoing;

/* What the headers must say. */
struct mail_readback {
    struct vec from, to, cc; /* struct mail_address */
    char *subject, *message_id, *in_reply_to, *date, *references; /* own; NULL: must be absent */
};

void mail_readback_init(struct mail_readback *want, const struct mail_outgoing *m);
void mail_readback_fini(struct mail_readback *want);
/* REFUSED, naming the header, when something differs. */
enum status mail_readback_check(const struct mail_readback *want, const struct str *bytes,
                                struct error *err) MUST_CHECK;

#endif
