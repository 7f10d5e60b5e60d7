/* first_sync.h - after an account was made: its newest mail first, through the command "sync". */
#ifndef SETUP_FIRST_SYNC_H
#define SETUP_FIRST_SYNC_H

#include <stdbool.h>

#include "base/error.h"

struct command_call;

/* Runs "sync ACCOUNT" as a part of c: its notes, warnings and progress are c's, its rows are not shown.
 * done: once, perhaps from inside; false is returned when this bureau has no such command. */
bool setup_first_sync(struct command_call *c, const char *account,
                      void (*done)(void *user, const struct error *err), void *user);

#endif
