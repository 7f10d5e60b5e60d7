/* box.h - a text box on readline: one line (prompts, chat input) or many (drafts, notes).
 *
 * All boxes share the one readline of the process: the user's inputrc, emacs or vi mode, kill ring
 * and undo work in each. A box owns its text, point, undo list and keymap; the screen enters the
 * box that has the keys (pane_ops.box) and leaves the one before, so panes only make and draw them.
 * Many-line boxes: Enter is a new line, up and down move by visual lines, C-a and C-e by line.
 * Text set or inserted by the program is undoable like typing. Pastes come in whole. */
#ifndef TUI_BOX_H
#define TUI_BOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "tui/canvas.h"

enum box_kind { BOX_LINE, BOX_TEXT };

struct box_span { /* decoration: facts, gaps, misspelt addresses */
    size_t start, len; /* bytes */
    unsigned style;
};

struct box_events { /* each may be NULL */
    void (*on_change)(void *user); /* after a key or paste that changed the text: store it */
    void (*on_enter)(void *user);  /* Enter in BOX_LINE */
    /* Up (-1) or down (1) in a BOX_LINE drawn in one row, without history; false: nowhere to go. */
    bool (*on_edge)(void *user, int direction);
    void (*on_leave)(void *user);  /* Esc (not in vi mode), C-g, C-x q; NULL: the pane goes back */
    /* Candidates for the word [start, point) of text; strv of replacements. Of several that do not go
     * on from what was typed none is taken: they are only shown. */
    void (*complete)(void *user, const char *text, size_t start, size_t point, struct vec *out);
    /* Spans of struct box_span in order; drawn over the text. */
    void (*spans)(void *user, const char *text, struct vec *out);
    void (*on_locked)(void *user); /* a key wanted to change a locked box */
};

struct box;

struct box *box_new(enum box_kind kind, const struct box_events *events, void *user);
void box_free(struct box *b);
/* Drawn before the text, in our own words; "" none. */
void box_set_prompt(struct box *b, const char *prompt);
/* A password: stars are drawn for its characters. */
void box_set_secret(struct box *b, bool on);
/* Where accepted lines outlive the process: load gives those of a name, oldest first, BOX_HISTORY_END
 * behind each (yours; NULL none); save gets each new one. Either may be NULL. */
#define BOX_HISTORY_END '\x1e'
void box_history_keep(char *(*load)(void *user, const char *name),
                      void (*save)(void *user, const char *name, const char *line), void *user);
/* Lines accepted before, by name ("command", "search", "say"). */
void box_set_history(struct box *b, const char *name);
void box_remember(struct box *b); /* puts the text into its history */
/* Characters that end a completion word; default " \t\n\"\\'`@$><=;|&{(". */
void box_set_breaks(struct box *b, const char *breaks);

const char *box_text(const struct box *b); /* borrowed until the next call */
size_t box_point(const struct box *b);     /* bytes */
/* Replaces all; the point is cut to the end; undo starts anew. */
void box_set(struct box *b, const char *text, size_t point);
/* The program's insertion (a stream): the person's point keeps its place in the text. */
void box_insert(struct box *b, size_t at, const char *bytes, size_t n);
/* Undoable replacement of [start, end). */
void box_replace(struct box *b, size_t start, size_t end, const char *text);
void box_set_point(struct box *b, size_t point);
/* The region between mark and point when the mark is active; false: none. */
bool box_region(const struct box *b, size_t *start, size_t *end);
/* While locked (a stream writes it) keys move but change nothing. */
void box_lock(struct box *b, bool on);
/* A "▌" is drawn at this offset; SIZE_MAX: none. */
void box_set_stream(struct box *b, size_t at);

/* Rows its text takes at this width (at least 1). */
int box_height(const struct box *b, int cols);
void box_draw(struct box *b, struct canvas *c, bool focused);
/* PAGE_UP, PAGE_DOWN of a many-line box. */
void box_scroll(struct box *b, int rows);

#endif
