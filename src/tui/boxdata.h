/* boxdata.h - the inside of struct box, shared by box.c, boxdraw.c and editkeys.c. */
#ifndef TUI_BOXDATA_H
#define TUI_BOXDATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/vec.h"
#include "tui/box.h"
#include "tui/wrap.h"

struct undo_list;

struct box {
    enum box_kind kind;
    struct box_events events;
    void *user;
    struct str text; /* while not active */
    size_t point;
    struct undo_list *undo;
    struct str shadow; /* the text the owner knows */
    char *prompt, *history, *breaks; /* own; NULL */
    bool locked, secret;
    size_t stream;

    bool wrapped;    /* rows hold for the text and cols */
    struct vec rows; /* struct wrap_row */
    int cols, height, top;
    int ambiguous;   /* cells of such characters, when it was wrapped */
    int left; /* cells of a one-row line that slid out of sight */
    int goal;          /* column that up and down aim at */
    size_t goal_point; /* while the point is still here */
};

/* Wraps when needed; cols 0: the width of the last drawing. */
void box_wrap(struct box *b, int cols);
/* Enter was typed where it accepts. */
void box_accept(void);

#endif
