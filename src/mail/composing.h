/* composing.h - one message in the making: a fresh reader process that never saw foreign bytes
 * writes it, the headers are read back here and compared with what was asked. */
#ifndef MAIL_COMPOSING_H
#define MAIL_COMPOSING_H

#include "base/error.h"
#include "base/str.h"
#include "mail/reader.h"

struct loop;
struct mail_composing; /* in a list that its owner holds */

/* done is called once, never from inside this call. */
void mail_composing_start(struct mail_composing **list, struct loop *l, const char *program,
                          const struct mail_outgoing *m,
                          void (*done)(void *user, const struct str *bytes,
                                       const struct error *err),
                          void *user);
/* Ends them all with this error. */
void mail_composing_stop_all(struct mail_composing **list, const struct error *err);

#endif
