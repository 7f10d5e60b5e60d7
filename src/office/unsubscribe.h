/* unsubscribe.h - how a mail says one can leave its list (RFC 2369 §3.2, RFC 8058).
 *
 * Everything here is what the mail's header says: no other address is ever asked, no redirect is
 * followed, nothing is fetched to show it. Only a person's word sends anything. */
#ifndef OFFICE_UNSUBSCRIBE_H
#define OFFICE_UNSUBSCRIBE_H

#include <stdbool.h>

#include "base/error.h"
#include "mail/message.h"

struct loop;

struct unsubscribe {
    char *post;   /* own; https: address for one click, NULL: not offered */
    char *mailto; /* own; NULL: none */
    char *link;   /* own; http(s): address of a page, NULL: none */
    char host[256]; /* of post, else of link */
};

/* false: the mail names no way. Free with unsubscribe_fini in any case. */
bool unsubscribe_read(const struct mail_message *m, struct unsubscribe *out);
void unsubscribe_fini(struct unsubscribe *u);

/* One click (RFC 8058 §3.1): POSTs "List-Unsubscribe=One-Click". done comes once, never from inside:
 * code of the answer, or the error that kept it from coming. NULL with err: no such address. */
struct unsubscribe_post;
struct unsubscribe_post *unsubscribe_send(struct loop *l, const char *url,
                                          void (*done)(void *user, int code,
                                                       const struct error *err),
                                          void *user, struct error *err);
/* done comes with INTERRUPTED, also from inside. */
void unsubscribe_cancel(struct unsubscribe_post *p);

#endif
