/* pane.h - the inbox's views, for app/features.c. */
#ifndef INBOX_PANE_H
#define INBOX_PANE_H

#include "command/command.h"
#include "tui/pane.h"

extern const struct pane_ops *const inbox_panes[];  /* NULL ends */
extern const struct command inbox_screen_commands[]; /* those that open them */

#endif
