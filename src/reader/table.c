/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table.c - tells tables of data from tables that only place things, and aligns the former. */
#include "reader/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { COLUMNS = 16, CELL_MAX = 60, WIDTH_MAX = 160, CELLS_MAX = 100000 };

struct table_cell {
    char *text; /* own */
    size_t row, column, span, width;
};

/* Releases a cell. */
static void cell_fini(void *item)
{
    struct table_cell *c = item;
    free(c->text);
}

/* Starts without rows. */
void table_init(struct table *t)
{
    *t = (struct table){.rows = 0};
    vec_init(&t->cells, sizeof(struct table_cell), cell_fini);
}

/* Releases the cells. */
void table_fini(struct table *t)
{
    vec_fini(&t->cells);
}

/* Begins a row. */
void table_row(struct table *t)
{
    t->rows++;
    t->column = 0;
}

/* Takes white space off both ends, but not the indent of the first line with text. */
static void trim_lines(char *s)
{
    size_t n = strlen(s), lead = 0;
    while (n && strchr(" \t\n", s[n - 1]))
        s[--n] = '\0';
    for (size_t i = 0; i < n && strchr(" \t\n", s[i]); i++)
        if (s[i] == '\n')
            lead = i + 1;
    memmove(s, s + lead, n - lead + 1);
}

/* Adds a cell to the current row. */
void table_cell(struct table *t, char *text, size_t span)
{
    trim_lines(text);
    if (t->cells.len >= CELLS_MAX && !*text) {
        free(text);
        return;
    }
    if (!t->rows)
        table_row(t);
    struct table_cell *c = vec_push(&t->cells);
    c->text = text;
    c->row = t->rows;
    c->column = t->column;
    c->span = span < 1 ? 1 : span > 1000 ? 1000 : span;
    c->width = utf8_cells(text, strlen(text));
    t->column += c->span;
}

/* Is every cell one short line, and does some row have two? */
static bool is_data(const struct table *t, size_t widths[COLUMNS])
{
    bool two = false;
    size_t row = 0, filled = 0, total = 0;
    memset(widths, 0, COLUMNS * sizeof widths[0]);
    for (size_t i = 0; i < t->cells.len; i++) {
        const struct table_cell *c = vec_at(&t->cells, i);
        if (!*c->text)
            continue;
        if (strchr(c->text, '\n') || c->width > CELL_MAX || c->column >= COLUMNS)
            return false;
        filled = c->row == row ? filled + 1 : 1;
        row = c->row;
        two |= filled >= 2;
        if (c->span == 1 && c->width > widths[c->column])
            widths[c->column] = c->width;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        total += widths[i] ? widths[i] + 2 : 0;
    return two && total <= WIDTH_MAX;
}

/* Appends the cells as columns. */
static void write_columns(const struct table *t, const size_t widths[COLUMNS], struct str *out)
{
    size_t i = 0;
    while (i < t->cells.len) {
        size_t row = ((struct table_cell *)vec_at(&t->cells, i))->row, start = out->len, at = 0;
        for (; i < t->cells.len; i++) {
            const struct table_cell *c = vec_at(&t->cells, i);
            if (c->row != row)
                break;
            size_t want = 0;
            for (size_t k = 0; k < c->column && k < COLUMNS; k++)
                want += widths[k] ? widths[k] + 2 : 0;
            if (!*c->text)
                continue;
            if (at && at + 2 > want)
                want = at + 2;
            for (; at < want; at++)
                str_putc(out, ' ');
            str_puts(out, c->text);
            at += c->width;
        }
        if (out->len > start)
            str_putc(out, '\n');
    }
}

/* Appends the cells one below the other. */
static void write_blocks(const struct table *t, struct str *out)
{
    bool tall = false, first = true;
    for (size_t i = 0; i < t->cells.len; i++) {
        const struct table_cell *c = vec_at(&t->cells, i);
        if (!*c->text)
            continue;
        bool is_tall = strchr(c->text, '\n') != NULL || c->width > CELL_MAX;
        if (!first && (tall || is_tall))
            str_putc(out, '\n');
        str_puts(out, c->text);
        str_putc(out, '\n');
        tall = is_tall;
        first = false;
    }
}

/* Appends the table. */
bool table_write(struct table *t, struct str *out)
{
    size_t widths[COLUMNS];
    bool data = is_data(t, widths);
    if (data)
        write_columns(t, widths, out);
    else
        write_blocks(t, out);
    return data;
}
