/* vikeys.h - vi's commands by line, for boxes of many lines.
 *
 * readline knows one line: its dd, o, p, j, w would act on the whole text. What an honest user of vi
 * would miss is done here; everything else stays readline's. */
#ifndef TUI_VIKEYS_H
#define TUI_VIKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include <readline/readline.h>

#define VIKEYS_HELD 24 /* bytes of an unfinished command, at most */

/* Puts ours in the place of readline's in the keymaps of vi; after the user's inputrc was read. */
void vikeys_install(void);
/* Is the active box one of many lines in vi's command mode? */
bool vikeys_is_command(void);
/* A byte typed in command mode, before readline sees it. Returns how many bytes of `out` readline
 * gets now: 0 while a command by line is unfinished or was done here. */
size_t vikeys_key(char c, char out[VIKEYS_HELD]);
/* A command by line is begun: Esc and C-g are for it. */
bool vikeys_busy(void);
/* Forgets it: another box gets the keys. */
void vikeys_calm(void);
/* After a key: the cursor of command mode stands on a character, not behind the line. */
void vikeys_settle(void);

/* editkeys.c: where the line of a place begins, where it ends (its line break, or the end). */
int editkeys_line_start(int at);
int editkeys_line_stop(int at);

#endif
