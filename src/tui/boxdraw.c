/* SPDX-License-Identifier: GPL-3.0-or-later */
/* boxdraw.c - a text box as cells: wrapped rows, decoration, cursor. */
#include <stdio.h>
#include <string.h>

#include <readline/readline.h>

#include "base/utf8.h"
#include "tui/boxdata.h"
#include "tui/boxkeys.h"

/* What stands before the text: readline's own word during a search, else the box's prompt. */
static const char *prompt_of(const struct box *b)
{
    if (b == boxkeys_active() && rl_display_prompt && *rl_display_prompt)
        return rl_display_prompt;
    return b->prompt ? b->prompt : "";
}

/* Cells the prompt takes: never more than two thirds of the width. */
static int prompt_cells(const struct box *b, int cols)
{
    const char *prompt = prompt_of(b);
    int cells = (int)utf8_cells(prompt, strlen(prompt)), most = cols * 2 / 3;
    return cells < most ? cells : most;
}

/* Wraps the text for a width; one cell stays free for the cursor. */
void box_wrap(struct box *b, int cols)
{
    if (cols == 0)
        cols = b->cols ? b->cols : 80;
    if (b->wrapped && cols == b->cols && b->ambiguous == utf8_ambiguous_cells())
        return;
    const char *text = box_text(b);
    wrap_text(text, strlen(text), cols - 1, prompt_cells(b, cols), &b->rows);
    b->cols = cols;
    b->ambiguous = utf8_ambiguous_cells();
    b->wrapped = true;
}

/* Rows it needs. */
int box_height(const struct box *b, int cols)
{
    struct box *writable = (struct box *)b;
    box_wrap(writable, cols);
    return (int)b->rows.len;
}

/* The style of a byte: region, then the owner's spans. */
static unsigned style_at(const struct vec *spans, size_t *next, size_t at, size_t from, size_t to)
{
    if (at >= from && at < to)
        return STYLE_MARKED | STYLE_REVERSE;
    while (*next < spans->len) {
        const struct box_span *span = vec_at(spans, *next);
        if (at < span->start + span->len)
            return at >= span->start ? span->style : STYLE_PLAIN;
        (*next)++;
    }
    return STYLE_PLAIN;
}

/* Draws one row of the text from column col on. */
static void draw_row(struct box *b, struct canvas *c, int at, int col, const struct wrap_row *row,
                     const struct vec *spans, size_t *next, size_t from, size_t to)
{
    const char *text = box_text(b);
    for (size_t i = row->start; i < row->end;) {
        size_t used;
        int cells;
        uint32_t ch = wrap_char(utf8_decode(text + i, row->end - i, &used), &cells);
        unsigned style = style_at(spans, next, i, from, to);
        char bytes[4];
        if (ch == '\t')
            canvas_fill(c, at, col, cells, style);
        else if (ch)
            canvas_put(c, at, col, style, bytes, utf8_encode(ch, bytes));
        col += cells;
        i += used;
    }
    if (b->stream != SIZE_MAX && b->stream >= row->start && b->stream <= row->end && row->hard)
        canvas_text(c, at, col, STYLE_STREAM, canvas_symbol(c, SYMBOL_STREAM));
}

/* Draws a line that has one row only: it slides under its prompt so that the point stays in sight. */
static void draw_sliding(struct box *b, struct canvas *c, bool focused, const struct vec *spans)
{
    const char *text = box_text(b);
    size_t len = strlen(text), point = box_point(b), from = 0, to = 0, next = 0;
    int indent = prompt_cells(b, c->cols), room = c->cols - indent, cell = 0;
    const struct wrap_row row = {.start = 0, .end = len};
    int at = wrap_column(text, &row, point), all = wrap_column(text, &row, len);
    box_region(b, &from, &to);
    if (!focused) /* nobody types: its beginning says most */
        at = b->left = 0;
    else if (all - b->left < room - 1)
        b->left = all > room - 1 ? all - room + 1 : 0;
    if (at < b->left)
        b->left = at;
    if (at - b->left >= room)
        b->left = at - room + 1;
    canvas_column(c, 0, 0, indent, STYLE_BOLD, CUT_END, prompt_of(b));
    for (size_t i = 0, used; i < len; i += used) {
        int cells;
        uint32_t ch = wrap_char(utf8_decode(text + i, len - i, &used), &cells);
        unsigned style = style_at(spans, &next, i, from, to);
        int col = cell - b->left;
        char bytes[4];
        if (col >= 0 && col + cells <= room && ch && ch != '\t' && ch != '\n')
            canvas_put(c, 0, indent + col, style, bytes, utf8_encode(ch, bytes));
        cell += cells;
    }
    if (b->left > 0)
        canvas_put(c, 0, indent, STYLE_DIM, "<", 1);
    if (all - b->left > room)
        canvas_put(c, 0, c->cols - 1, STYLE_DIM, ">", 1);
    if (focused)
        canvas_cursor(c, 0, indent + at - b->left < c->cols ? indent + at - b->left : c->cols - 1);
}

/* Draws stars for the characters of a password, as much as has room. */
static void draw_secret(const struct box *b, struct canvas *c, bool focused)
{
    const char *text = box_text(b);
    size_t len = strlen(text), point = box_point(b), used;
    int indent = prompt_cells(b, c->cols), room = c->cols - indent - 1, all = 0, at = 0;
    for (size_t i = 0; i < len; i += used) {
        utf8_decode(text + i, len - i, &used);
        at += i < point;
        all++;
    }
    canvas_column(c, 0, 0, indent, STYLE_BOLD, CUT_END, prompt_of(b));
    for (int i = 0; i < all && i < room; i++)
        canvas_put(c, 0, indent + i, STYLE_PLAIN, "*", 1);
    if (focused)
        canvas_cursor(c, 0, indent + (at < room ? at : room));
}

/* Draws the rows around the point. */
void box_draw(struct box *b, struct canvas *c, bool focused)
{
    struct vec spans;
    size_t from = 0, to = 0, next = 0, point = box_point(b);
    if (prompt_of(b) != b->prompt)
        b->wrapped = false;
    box_wrap(b, c->cols);
    b->height = c->rows;
    canvas_clear(c);
    if (c->rows <= 0)
        return;
    if (b->secret) {
        draw_secret(b, c, focused);
        return;
    }
    vec_init(&spans, sizeof(struct box_span), NULL);
    if (b->events.spans)
        b->events.spans(b->user, box_text(b), &spans);
    if (b->kind == BOX_LINE && c->rows == 1 && b->rows.len > 1) {
        draw_sliding(b, c, focused, &spans);
        vec_fini(&spans);
        return;
    }
    b->left = 0;
    box_region(b, &from, &to);
    int at = (int)wrap_find(&b->rows, point), rows = (int)b->rows.len;
    if (at < b->top)
        b->top = at;
    if (at >= b->top + c->rows)
        b->top = at - c->rows + 1;
    if (b->top + c->rows > rows)
        b->top = rows > c->rows ? rows - c->rows : 0;
    int indent = prompt_cells(b, c->cols);
    if (b->top == 0 && indent > 0)
        canvas_column(c, 0, 0, indent, STYLE_BOLD, CUT_END, prompt_of(b));
    for (int i = 0; i < c->rows && b->top + i < rows; i++) {
        const struct wrap_row *row = vec_at(&b->rows, (size_t)(b->top + i));
        draw_row(b, c, i, b->top + i == 0 ? indent : 0, row, &spans, &next, from, to);
    }
    if (focused) {
        const struct wrap_row *row = vec_at(&b->rows, (size_t)at);
        int col = wrap_column(box_text(b), row, point) + (at == 0 ? indent : 0);
        canvas_cursor(c, at - b->top, col < c->cols ? col : c->cols - 1);
    }
    vec_fini(&spans);
}

/* Pages. */
void box_scroll(struct box *b, int rows)
{
    if (b == boxkeys_active())
        boxkeys_motion(rows < 0 ? 'U' : 'D');
}
