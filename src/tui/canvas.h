/* canvas.h - what panes draw on: a rectangle of cells, no terminal library.
 *
 * A canvas is a clipped window into a grid of cells; the screen compares the grid with the last
 * frame and sends the changed cells. Coordinates are (row, column) from 0; whatever falls outside
 * is cut. Foreign bytes (mail, names, model text, file names, server words) go through
 * canvas_foreign or a column with CANVAS_FOREIGN, which pass the gate; canvas_text is for the
 * program's own words. Columns are measured in cells; a cut never splits a grapheme.
 *
 *     canvas_clear(c);
 *     canvas_foreign(c, 0, 1, STYLE_BOLD, subject);
 *     canvas_column(c, 2, 10, 17, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN, sender);  */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"

/* A style is one role (its colour is decided by the theme: colour only for meaning) and attributes. */
enum style {
    STYLE_PLAIN,
    STYLE_LANE_ANSWER, STYLE_LANE_ACT, STYLE_LANE_WAIT, STYLE_LANE_MEET,
    STYLE_LANE_FYI, STYLE_LANE_BULK, STYLE_LANE_RISK, STYLE_LANE_DONE,
    STYLE_DUE,     /* a date that matters */
    STYLE_WARN,    /* late, outside, not found */
    STYLE_ERROR,
    STYLE_GOOD,    /* found, sent, done */
    STYLE_QUOTE,   /* quoted history */
    STYLE_LINK,
    STYLE_SOURCE,  /* [1], m12, 00:12:31 */
    STYLE_GAP,     /* [yes/no: …] left to the person */
    STYLE_CODE,
    STYLE_MATCH,   /* what was searched */
    STYLE_MARKED,  /* marked row, selected text */
    STYLE_RULE,    /* the line between panes */
    STYLE_HINT,    /* keys in the hint row */
    STYLE_STREAM,  /* the thin marker of text that is coming */
    STYLE_ROLES,   /* how many roles there are */

    STYLE_BOLD = 1 << 8,      /* unread, headings */
    STYLE_DIM = 1 << 9,       /* seen, quoted */
    STYLE_REVERSE = 1 << 10,  /* selection */
    STYLE_UNDERLINE = 1 << 11,
    STYLE_ITALIC = 1 << 12
};
#define STYLE_ROLE_MASK 0xffu

struct cell {
    uint32_t ch;      /* 0: right half of a wide character */
    uint32_t mark[2]; /* combining marks */
    uint16_t style;
    uint16_t link; /* 0: none; else one of the grid's links, from 1 */
    uint32_t paint; /* 0: the style's colours; else those of a picture, PAINT() */
};
/* Colours of the 256 that terminals have, before and behind a character; -1: the terminal's own. */
#define PAINT(fore, back) ((uint32_t)((fore) + 1) | (uint32_t)((back) + 1) << 16)

struct grid { /* owned by the screen; tests make their own */
    struct cell *cells; /* own; rows * cols */
    int rows, cols;
    int cursor_row, cursor_col; /* -1: hidden */
    bool ascii;                 /* symbols by their ASCII twins */
    struct vec links;           /* strv: addresses of cells that are hyperlinks, past the gate */
};

struct canvas {
    struct grid *grid; /* borrow */
    int row, col;      /* of its corner in the grid */
    int rows, cols;
};

void grid_init(struct grid *g, int rows, int cols);
void grid_fini(struct grid *g);
void grid_resize(struct grid *g, int rows, int cols); /* empties it */
/* The row as text without trailing spaces. */
void grid_row_text(const struct grid *g, int row, struct str *out);
struct canvas grid_canvas(struct grid *g);

/* A part of it; clipped to c. */
struct canvas canvas_sub(const struct canvas *c, int row, int col, int rows, int cols);
void canvas_clear(struct canvas *c);
void canvas_clear_row(struct canvas *c, int row);
/* The program's own words, one line; returns the column behind them. */
int canvas_text(struct canvas *c, int row, int col, unsigned style, const char *text);
int canvas_textf(struct canvas *c, int row, int col, unsigned style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same through the gate (GATE_LINE). */
int canvas_foreign(struct canvas *c, int row, int col, unsigned style, const char *bytes);

enum canvas_column {
    CUT_END = 0,          /* people: 李娜, Tom Ber… */
    CUT_MIDDLE = 1 << 0,  /* companies: 中国石油…采购中心 */
    ALIGN_RIGHT = 1 << 1,
    CANVAS_FOREIGN = 1 << 2
};
/* Text cut with "…" or padded to exactly `cells`; returns col + cells. */
int canvas_column(struct canvas *c, int row, int col, int cells, unsigned style, unsigned how,
                  const char *text);
/* Already gated text of n bytes; for text.c and box.c. */
int canvas_put(struct canvas *c, int row, int col, unsigned style, const char *text, size_t n);
void canvas_fill(struct canvas *c, int row, int col, int cells, unsigned style);
/* Adds attributes to (and, when role is not STYLE_PLAIN, recolours) cells already drawn. */
void canvas_restyle(struct canvas *c, int row, int col, int cells, unsigned style);
/* Gives drawn cells the colours of a picture, where the terminal has them. */
void canvas_paint(struct canvas *c, int row, int col, int cells, uint32_t paint);
/* Shows cells as selected: one even style, so that a moving selection costs few bytes. */
void canvas_select(struct canvas *c, int row, int col, int cells, bool focused);
/* Makes drawn cells a hyperlink where the terminal has such; what gate_url refuses is none. */
void canvas_link(struct canvas *c, int row, int col, int cells, const char *url);
void canvas_cursor(struct canvas *c, int row, int col);

/* Few symbols with ASCII twins: "─" "│" "·" "…" "▌" "●" "←" "→" */
enum symbol { SYMBOL_DASH, SYMBOL_BAR, SYMBOL_DOT, SYMBOL_ELLIPSIS, SYMBOL_STREAM, SYMBOL_BULLET,
              SYMBOL_LEFT, SYMBOL_RIGHT };
const char *canvas_symbol(const struct canvas *c, enum symbol s);
void canvas_rule_across(struct canvas *c, int row);
void canvas_rule_down(struct canvas *c, int col);

/* The style of a lane by its word ("answer" …); STYLE_PLAIN for others. */
unsigned style_lane(const char *lane);

#endif
