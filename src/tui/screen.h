/* screen.h - the terminal: start and stop, the frame, colours. ncurses stays in screen.c.
 *
 * One screen per process. Panes draw on the grid; screen_flush sends the cells that differ from
 * the last frame with one doupdate. Input does not pass ncurses (input.h reads the bytes). The
 * terminal is given back on screen_stop, on a crash and when memory is out. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>

#include "base/error.h"
#include "tui/canvas.h"

enum status screen_start(struct error *err) MUST_CHECK;
bool screen_can_address(void); /* terminfo.c */
void screen_stop(void);
bool screen_is_on(void);
/* Gives the terminal to another program (editor, shell after C-z) and takes it again. */
void screen_lend(void);
void screen_take_back(void);
struct grid *screen_grid(void);
/* Asks the kernel for the size; true when it changed (the grid is new and empty). */
bool screen_resize(void);
/* Everything is sent again at the next flush (C-l, after a child wrote). */
void screen_redraw(void);
/* show_cursor: a text box has the keys. */
void screen_flush(bool show_cursor);
/* The terminal answered the width report: an ambiguous character moved the cursor to `col`. */
void screen_report(int col);
/* The terminal told its background (0…255 brightness). */
void screen_background(int brightness);
/* Can pictures have colours? */
bool screen_paints(void);
/* Options may have changed (tui.symbols, tui.colours, tui.background). */
void screen_options(void);
void screen_bell(void);
/* Bytes past ncurses (OSC 52), in between frames. */
void screen_raw(const char *bytes, size_t n);

/* links.c: hyperlinks. The columns of a row whose cells are, or were, hyperlinks are written once more
 * behind ncurses' back, cursor and attributes saved and restored around them. */
bool links_wanted(void);
struct links_row {
    int row, from, to; /* columns, to is behind the last */
};
/* Compares the row with what the terminal shows; false when no hyperlink is concerned. */
bool links_look(const struct cell *now, const struct cell *shown, int cols, struct links_row *out);
/* sgr appends the escape sequence of a style. */
void links_write(const struct grid *g, const struct links_row *r,
                 void (*sgr)(unsigned style, struct str *out), uint32_t (*narrow)(uint32_t c),
                 struct str *out);

#endif
