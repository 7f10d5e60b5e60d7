/* frame.h - what ncurses writes, whole frames at a time. */
#ifndef TUI_FRAME_H
#define TUI_FRAME_H

#include <stdbool.h>
#include <stdio.h>

/* The stream to give newterm(); it ends at the terminal. NULL with errno set. */
FILE *frame_open(void);
void frame_close(void);

/* From here on nothing reaches the terminal, until frame_end() writes it all. False: it goes at once as
 * ever, and frame_end() must not be called. */
bool frame_begin(void);
void frame_end(void);

#endif
