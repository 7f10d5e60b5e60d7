/* inside.h - a mail that travels in a mail (message/rfc822) as one of its own: what it says, and its
 * bytes. Loop thread only. */
#ifndef INBOX_INSIDE_H
#define INBOX_INSIDE_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"

struct inside;
struct store;

/* Takes part `part` out of the mail `message`. done comes once, not from inside this call and not after
 * inside_stop, with the mail and its bytes (both yours) or an error; the fetch is gone afterwards. */
struct inside *inside_start(struct store *s, int64_t message, int part,
                            void (*done)(void *user, struct mail_message *m, struct str *bytes,
                                         const struct error *err),
                            void *user);
void inside_stop(struct inside *i); /* NULL is allowed */

#endif
