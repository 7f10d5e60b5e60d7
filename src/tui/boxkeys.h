/* boxkeys.h - the screen's side of text boxes: who has the one readline, and feeding it keys. */
#ifndef TUI_BOXKEYS_H
#define TUI_BOXKEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "tui/box.h"

/* Sets readline up (user's inputrc); costs a few ms, so the first box asks for it. */
void boxkeys_start(void);
/* Makes b the one that gets the keys; NULL: none. */
void boxkeys_enter(struct box *b);
struct box *boxkeys_active(void);
/* Whole characters or key sequences for readline. */
void boxkeys_feed(const char *bytes, size_t n);
/* A paste: inserted whole; a line break in a prompt becomes a space. */
void boxkeys_paste(const char *bytes, size_t n);
/* Motion keys by meaning: 'u' 'd' up/down, 'h' 'e' home/end, 'l' 'r', 'U' 'D' page, 'x' delete. */
void boxkeys_motion(int key);
/* Readline waits for more (search, argument, a prefix, completion): Esc and C-g are its own. */
bool boxkeys_busy(void);
/* A search in the history ends where it is: readline 8.2 crashes on C-x within one. */
void boxkeys_end_search(void);
bool boxkeys_is_vi(void);
/* The user left (Esc, C-g): calls on_leave; false when the box has none. */
bool boxkeys_leave(struct box *b);
/* Candidates of the last Tab, to be shown; emptied by the next key. strv. */
const struct vec *boxkeys_matches(void);
void boxkeys_size(int rows, int cols);

#endif
