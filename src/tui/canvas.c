/* SPDX-License-Identifier: GPL-3.0-or-later */
/* canvas.c - a grid of cells and clipped windows into it. */
#include "tui/canvas.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/gate.h"
#include "base/utf8.h"

#define BLANK ((struct cell){.ch = ' '})

enum { LINKS_MAX = 1000 };

/* Makes an empty grid. */
void grid_init(struct grid *g, int rows, int cols)
{
    memset(g, 0, sizeof *g);
    g->cursor_row = g->cursor_col = -1;
    strv_init(&g->links);
    grid_resize(g, rows, cols);
}

/* Releases the cells. */
void grid_fini(struct grid *g)
{
    free(g->cells);
    g->cells = NULL;
    vec_fini(&g->links);
}

/* Gives it another size and empties it. */
void grid_resize(struct grid *g, int rows, int cols)
{
    free(g->cells);
    g->rows = rows < 1 ? 1 : rows;
    g->cols = cols < 1 ? 1 : cols;
    size_t n = (size_t)g->rows * (size_t)g->cols;
    g->cells = mem_array(n, sizeof *g->cells);
    for (size_t i = 0; i < n; i++)
        g->cells[i] = BLANK;
}

/* Writes one row as text, for tests and for screen captures. */
void grid_row_text(const struct grid *g, int row, struct str *out)
{
    assert(row >= 0 && row < g->rows);
    size_t keep = out->len;
    for (int col = 0; col < g->cols; col++) {
        const struct cell *c = &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
        char bytes[4];
        if (c->ch == 0)
            continue;
        str_add(out, bytes, utf8_encode(c->ch, bytes));
        for (int i = 0; i < 2 && c->mark[i]; i++)
            str_add(out, bytes, utf8_encode(c->mark[i], bytes));
        if (c->ch != ' ')
            keep = out->len;
    }
    str_truncate(out, keep);
}

/* A canvas of the whole grid. */
struct canvas grid_canvas(struct grid *g)
{
    return (struct canvas){.grid = g, .rows = g->rows, .cols = g->cols};
}

/* A window into c, cut where it would reach outside. */
struct canvas canvas_sub(const struct canvas *c, int row, int col, int rows, int cols)
{
    struct canvas sub = {.grid = c->grid, .row = c->row + row, .col = c->col + col};
    int most_rows = c->rows - row, most_cols = c->cols - col;
    sub.rows = rows < most_rows ? rows : most_rows;
    sub.cols = cols < most_cols ? cols : most_cols;
    if (sub.rows < 0 || row < 0)
        sub.rows = 0;
    if (sub.cols < 0 || col < 0)
        sub.cols = 0;
    return sub;
}

/* The cell at a place of the canvas, or NULL outside. */
static struct cell *cell_at(const struct canvas *c, int row, int col)
{
    if (row < 0 || row >= c->rows || col < 0 || col >= c->cols)
        return NULL;
    return &c->grid->cells[(size_t)(c->row + row) * (size_t)c->grid->cols + (size_t)(c->col + col)];
}

/* Whether the cell's character takes two cells. */
static bool is_wide(const struct cell *cell)
{
    return cell->ch > 0x7f && utf8_char_cells(cell->ch) == 2;
}

/* Puts one character of `cells` cells there, blanking the other half of what it breaks. */
static void put_char(struct canvas *c, int row, int col, uint32_t ch, int cells, unsigned style)
{
    struct cell *at = cell_at(c, row, col);
    if (!at)
        return;
    if (at->ch == 0 && c->col + col > 0 && is_wide(at - 1))
        at[-1].ch = ' ';
    int last = cells == 2 ? 1 : 0;
    if (c->col + col + last + 1 < c->grid->cols && is_wide(at + last))
        at[last + 1].ch = ' ';
    *at = (struct cell){.ch = ch, .style = (uint16_t)style};
    if (cells == 2)
        at[1] = (struct cell){.ch = 0, .style = (uint16_t)style};
}

/* Empties one row. */
void canvas_clear_row(struct canvas *c, int row)
{
    canvas_fill(c, row, 0, c->cols, STYLE_PLAIN);
}

/* Empties all. */
void canvas_clear(struct canvas *c)
{
    for (int row = 0; row < c->rows; row++)
        canvas_clear_row(c, row);
}

/* Fills cells with spaces of a style. */
void canvas_fill(struct canvas *c, int row, int col, int cells, unsigned style)
{
    int from = col < 0 ? 0 : col, end = col + cells < c->cols ? col + cells : c->cols;
    if (from >= end || !cell_at(c, row, from))
        return;
    /* Only at its ends can it break a character of two cells. */
    put_char(c, row, from, ' ', 1, style);
    put_char(c, row, end - 1, ' ', 1, style);
    for (struct cell *at = cell_at(c, row, from), *last = at + (end - 1 - from); ++at < last;)
        *at = (struct cell){.ch = ' ', .style = (uint16_t)style};
}

/* Draws text that has passed the gate, cut at the right edge; returns the column behind it. */
int canvas_put(struct canvas *c, int row, int col, unsigned style, const char *text, size_t n)
{
    if (row < 0 || row >= c->rows)
        return col;
    for (size_t i = 0; i < n;) {
        size_t used = 1;
        bool plain = text[i] >= 0x20 && text[i] < 0x7f;
        uint32_t ch = plain ? (uint32_t)text[i] : utf8_decode(text + i, n - i, &used);
        i += used;
        int cells = plain ? 1 : utf8_char_cells(ch);
        if (cells < 0) {
            ch = 0xfffd;
            cells = 1;
        }
        if (cells == 0) {
            struct cell *before = col > 0 ? cell_at(c, row, col - 1) : NULL;
            if (before && before->ch == 0 && col > 1)
                before--;
            if (before && before->ch != 0)
                before->mark[before->mark[0] ? 1 : 0] = ch;
            continue;
        }
        if (col + cells > c->cols) {
            canvas_fill(c, row, col, c->cols - col, style);
            return c->cols;
        }
        if (col >= 0)
            put_char(c, row, col, ch, cells, style);
        col += cells;
    }
    return col;
}

/* Draws the program's own words. */
int canvas_text(struct canvas *c, int row, int col, unsigned style, const char *text)
{
    return canvas_put(c, row, col, style, text, strlen(text));
}

/* The same, formatted. */
int canvas_textf(struct canvas *c, int row, int col, unsigned style, const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    col = canvas_text(c, row, col, style, str_text(&s));
    str_fini(&s);
    return col;
}

/* Passes foreign bytes through the gate; text that is plain printable ASCII needs no copy. */
static void gated(const char *bytes, bool ascii, struct str *out)
{
    struct gate g;
    gate_init(&g, GATE_LINE, ascii);
    gate_feed(&g, bytes, strlen(bytes), out);
    gate_end(&g, out);
}

/* Draws foreign bytes as one line. */
int canvas_foreign(struct canvas *c, int row, int col, unsigned style, const char *bytes)
{
    struct str s = STR_INIT;
    gated(bytes, c->grid->ascii, &s);
    col = canvas_put(c, row, col, style, str_text(&s), s.len);
    str_fini(&s);
    return col;
}

/* Draws text in a column of a fixed number of cells. */
int canvas_column(struct canvas *c, int row, int col, int cells, unsigned style, unsigned how,
                  const char *text)
{
    struct str safe = STR_INIT, cut = STR_INIT;
    if (cells <= 0)
        return col;
    if (how & CANVAS_FOREIGN) {
        gated(text, c->grid->ascii, &safe);
        text = str_text(&safe);
    }
    size_t n = strlen(text), width = utf8_cells(text, n);
    if (width > (size_t)cells) {
        const char *dots = canvas_symbol(c, SYMBOL_ELLIPSIS);
        if (how & CUT_MIDDLE)
            utf8_cut_middle(&cut, text, (size_t)cells, dots);
        else
            utf8_cut_end(&cut, text, (size_t)cells, dots);
        text = str_text(&cut);
        n = cut.len;
        width = utf8_cells(text, n);
    }
    int pad = cells - (int)width, end = col + cells;
    if (pad < 0)
        pad = 0;
    if (how & ALIGN_RIGHT) {
        canvas_fill(c, row, col, pad, style);
        col += pad;
    }
    col = canvas_put(c, row, col, style, text, n);
    if (col < end)
        canvas_fill(c, row, col, end - col, style);
    str_fini(&safe);
    str_fini(&cut);
    return end;
}

/* Changes the style of cells that stand already. */
void canvas_restyle(struct canvas *c, int row, int col, int cells, unsigned style)
{
    for (int i = 0; i < cells; i++) {
        struct cell *at = cell_at(c, row, col + i);
        if (!at)
            continue;
        unsigned role = style & STYLE_ROLE_MASK ? style & STYLE_ROLE_MASK
                                                : at->style & STYLE_ROLE_MASK;
        at->style = (uint16_t)(role | ((at->style | style) & ~STYLE_ROLE_MASK));
    }
}

/* The colours of a picture. */
void canvas_paint(struct canvas *c, int row, int col, int cells, uint32_t paint)
{
    for (int i = 0; i < cells; i++) {
        struct cell *at = cell_at(c, row, col + i);
        if (at)
            at->paint = paint;
    }
}

/* Selected cells. */
void canvas_select(struct canvas *c, int row, int col, int cells, bool focused)
{
    for (int i = 0; i < cells; i++) {
        struct cell *at = cell_at(c, row, col + i);
        if (!at)
            continue;
        at->style = focused ? STYLE_REVERSE : (uint16_t)(at->style | STYLE_UNDERLINE);
        at->paint = 0;
    }
}

/* The number of an address; those met before keep theirs. When there are very many, all begin anew. */
static uint16_t link_number(struct grid *g, const char *url)
{
    size_t n = (size_t)g->rows * (size_t)g->cols;
    for (size_t i = 0; i < g->links.len; i++)
        if (str_eq(strv_at(&g->links, i), url))
            return (uint16_t)(i + 1);
    if (g->links.len >= LINKS_MAX) {
        vec_clear(&g->links);
        for (size_t i = 0; i < n; i++)
            g->cells[i].link = 0;
    }
    strv_push(&g->links, url);
    return (uint16_t)g->links.len;
}

/* Makes cells a hyperlink. */
void canvas_link(struct canvas *c, int row, int col, int cells, const char *url)
{
    struct str safe = STR_INIT;
    if (gate_url(url, &safe)) {
        uint16_t number = link_number(c->grid, str_text(&safe));
        for (int i = 0; i < cells; i++) {
            struct cell *at = cell_at(c, row, col + i);
            if (at)
                at->link = number;
        }
    }
    str_fini(&safe);
}

/* Puts the terminal's cursor there. */
void canvas_cursor(struct canvas *c, int row, int col)
{
    if (col >= c->cols)
        col = c->cols - 1;
    if (!cell_at(c, row, col))
        return;
    c->grid->cursor_row = c->row + row;
    c->grid->cursor_col = c->col + col;
}

/* A symbol, or its ASCII twin. */
const char *canvas_symbol(const struct canvas *c, enum symbol s)
{
    static const char *const unicode[] = {"─", "│", "·", "…", "▌", "●", "←", "→"};
    static const char *const ascii[] = {"-", "|", ".", "~", "_", "*", "<", ">"};
    return c->grid->ascii ? ascii[s] : unicode[s];
}

/* A line across. */
void canvas_rule_across(struct canvas *c, int row)
{
    for (int col = 0; col < c->cols; col++)
        canvas_text(c, row, col, STYLE_RULE, canvas_symbol(c, SYMBOL_DASH));
}

/* A line down. */
void canvas_rule_down(struct canvas *c, int col)
{
    for (int row = 0; row < c->rows; row++)
        canvas_text(c, row, col, STYLE_RULE, canvas_symbol(c, SYMBOL_BAR));
}

/* The role of a lane's word. */
unsigned style_lane(const char *lane)
{
    static const struct {
        const char *word;
        enum style style;
    } lanes[] = {{"answer", STYLE_LANE_ANSWER}, {"act", STYLE_LANE_ACT},   {"wait", STYLE_LANE_WAIT},
                 {"meet", STYLE_LANE_MEET},     {"fyi", STYLE_LANE_FYI},   {"bulk", STYLE_LANE_BULK},
                 {"risk", STYLE_LANE_RISK},     {"done", STYLE_LANE_DONE}};
    for (size_t i = 0; lane && i < sizeof lanes / sizeof lanes[0]; i++)
        if (str_eq(lanes[i].word, lane))
            return lanes[i].style;
    return STYLE_PLAIN;
}
