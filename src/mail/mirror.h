/* mirror.h - copies of drafts in an account's folder of drafts, for other programs and machines.
 *
 * A mirror never becomes a message of this store. On an IMAP server it is appended under a key
 * (mail_imap_append); in a Maildir it is a file whose name carries this store's mark, which scanning
 * passes over. Writers, unless said otherwise. */
#ifndef MAIL_MIRROR_H
#define MAIL_MIRROR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/db.h"

/* Has the account a place for mirrors? Any thread. */
bool mail_mirror_possible(const char *account);
/* Makes this store's mark when there is none; committed before the first mirror is written. */
enum status mail_mirror_begin(struct db *db, struct error *err) MUST_CHECK;
/* This store's mark, NULL before the first mirror; yours. Any connection. */
char *mail_mirror_mark(struct db *db);
/* Is the file a mirror that a store with this mark (may be NULL) wrote? */
bool mail_mirror_is(const char *file, const char *mark);
/* Writes the mirror of that key ("draft 12") in the place of the one before; n 0: takes it away.
 * *where (own; "" none) is what the last call gave and is replaced. */
enum status mail_mirror_put(struct db *db, const char *account, const char *key, const void *bytes,
                            size_t n, char **where, struct error *err) MUST_CHECK;

#endif
