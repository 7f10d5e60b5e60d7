/* textdata.h - the inside of struct text, shared by text.c (building) and textview.c (showing). */
#ifndef TUI_TEXTDATA_H
#define TUI_TEXTDATA_H

#include <stdint.h>

#include "base/gate.h"
#include "base/str.h"
#include "base/vec.h"
#include "tui/text.h"

struct text_run { /* a style from this byte on */
    size_t start;
    uint16_t style;
    uint32_t paint; /* of struct cell */
};

struct text_line {
    size_t start;    /* byte; it ends before the "\n" of the next line's start */
    uint32_t *breaks; /* own; where rows 1… begin, relative to start */
    int rows;        /* at `width` */
    int width;       /* 0: not wrapped yet */
    uint16_t first, rest; /* indents */
    int fold, item;  /* -1 none */
};

struct text_name { /* a reference, an item, an anchor */
    char *name;      /* own */
    char *url;       /* own; of a reference that is a hyperlink, or NULL */
    size_t line, start, end;
    int number;
};

struct text_folded {
    char *label; /* own */
    size_t first, last;
    bool folded;
};

struct text {
    struct str bytes;
    struct vec runs, lines, refs, items, anchors, folds;
    struct gate gate;
    int indent_first, indent_rest;
    int open_fold, open_ref, fold_depth;
    uint32_t paint; /* of what is appended */
    bool streaming, follow, was_at_end, all_open, select_items;

    size_t top;  /* first line shown */
    int top_row; /* and its first row */
    int width, height;
    char *selected; /* own; id of the selected item */
    char *needle;   /* own */
    size_t match_line;
};

#endif
