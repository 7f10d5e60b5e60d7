/* snooze.h - conversations that go away for a while.
 *
 * A thread's row says until when it is hidden. So that other programs see the same, its mails in the
 * inbox of an account whose folders are followed move to the folder MAIL_SNOOZED, and back to the
 * inbox when it comes back: by ordinary moves, written back like any other. It comes back when its
 * time is there (also late: at the next start), when new mail comes, when another program moves a
 * mail of it back to the inbox, or when a person says so. Writers, inside an operation. */
#ifndef MAIL_SNOOZE_H
#define MAIL_SNOOZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/db.h"
#include "store/journal.h"

#define MAIL_SNOOZED "Snoozed"

/* Moves the thread's mails away or back. j NULL: not journalled. */
enum status mail_snooze_move(struct db *db, struct journal *j, int64_t thread, bool away,
                             struct error *err) MUST_CHECK;
/* Shows it again now, when it is snoozed: new mail came, or another program moved it back. */
enum status mail_snooze_end(struct db *db, int64_t thread, struct error *err) MUST_CHECK;
/* Is any thread snoozed? */
bool mail_snooze_any(struct db *db);

/* Snoozes that are over by now: shown again, unread, in the inbox; one journal batch that notes it;
 * *count of them, at most 500 at once. */
enum status mail_thread_wake(struct db *db, int64_t now, int64_t *count, struct error *err) MUST_CHECK;
/* When the next snooze ends; CLOCK_NONE when none. */
int64_t mail_thread_next_wake(struct db *db);

#endif
