/* write_back.h - what a batch command changed reaches files and servers before it ends, when that is quick
 *
 * Followed Maildirs get their files; the servers of IMAP accounts for which something waits are told,
 * for two seconds at most. What does not get there stays queued for the next sync. Loop thread only. */
#ifndef MAIL_WRITE_BACK_H
#define MAIL_WRITE_BACK_H

#include <stdbool.h>

#include "base/error.h"
#include "store/store.h"

/* done once, perhaps before this returns; files and server: why something is left there, or no error.
 * offline: no server is asked. */
void mail_write_back(struct store *s, bool offline,
                     void (*done)(void *user, const struct error *files, const struct error *server),
                     void *user);

#endif
