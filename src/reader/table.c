/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table.c - tells tables of data from tables that only place things, and aligns the former. */
#include "reader/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "reader/columns.h"

enum { COLUMNS = 16, CELL_MAX = 60, WIDTH_MAX = 160, CELLS_MAX = 100000, GAP = 2 };
enum { LINE = 78, LEAST = 20, TALL_MAX = 800 }; /* of tables with sentences in them */

struct table_cell {
    char *text; /* own */
    size_t row, column, span, width;
};

/* Is it a sentence or more? */
static bool is_tall(const struct table_cell *c)
{
    return c->width > CELL_MAX || strchr(c->text, '\n') != NULL;
}

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

/* What is known of a column. */
struct table_column {
    size_t width;  /* of its widest line; 0: nothing stands in it */
    size_t filled, numbers; /* cells below the first row */
    bool tall;     /* some cell is long or has several lines */
};

/* Measures the columns. */
static void measure(const struct table *t, struct table_column columns[COLUMNS])
{
    memset(columns, 0, COLUMNS * sizeof columns[0]);
    for (size_t i = 0; i < t->cells.len; i++) {
        const struct table_cell *c = vec_at(&t->cells, i);
        if (!*c->text || c->span > 1 || c->column >= COLUMNS)
            continue;
        struct table_column *k = &columns[c->column];
        if (c->width > k->width)
            k->width = c->width;
        k->tall |= is_tall(c);
        if (c->row > 1) {
            k->filled++;
            k->numbers += columns_is_number(c->text, strlen(c->text));
        }
    }
}

/* Is every cell one short line, and does some row have two? */
static bool is_data(const struct table *t, const struct table_column columns[COLUMNS])
{
    bool two = false;
    size_t row = 0, filled = 0, total = 0;
    for (size_t i = 0; i < t->cells.len; i++) {
        const struct table_cell *c = vec_at(&t->cells, i);
        if (!*c->text)
            continue;
        if (is_tall(c) || c->column >= COLUMNS)
            return false;
        filled = c->row == row ? filled + 1 : 1;
        row = c->row;
        two |= filled >= 2;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        total += columns[i].width ? columns[i].width + GAP : 0;
    return two && total <= WIDTH_MAX;
}

/* Is it a table of data all the same, some of whose columns hold sentences? Then these get what the others
 * leave of a line; what only places stories beside each other has no column of short cells, or one row. */
static bool share_line(const struct table *t, struct table_column columns[COLUMNS])
{
    size_t row = 0, filled = 0, pairs = 0, rows = 0, tall = 0, brief = 0, used = 0;
    for (size_t i = 0; i < t->cells.len; i++) {
        const struct table_cell *c = vec_at(&t->cells, i);
        if (!*c->text)
            continue;
        if (c->column >= COLUMNS || c->width > TALL_MAX)
            return false;
        filled = c->row == row ? filled + 1 : 1;
        rows += filled == 1;
        pairs += filled == 2;
        row = c->row;
    }
    for (size_t i = 0; i < COLUMNS; i++) {
        tall += columns[i].tall;
        brief += columns[i].width && !columns[i].tall;
        used += !columns[i].width ? 0 : columns[i].tall ? GAP : columns[i].width + GAP;
    }
    if (pairs < 2 || pairs * 2 < rows || !tall || !brief || used >= LINE || (LINE - used) / tall < LEAST)
        return false;
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i].tall)
            columns[i].width = (LINE - used) / tall;
    return true;
}

/* A line of a cell. */
struct table_line {
    const char *text;
    size_t len;
};

/* Takes one. */
static void on_line(void *user, const char *line, size_t n)
{
    struct table_line *l = vec_push(user);
    *l = (struct table_line){line, n};
}

/* The cells that a cell may take: its column, or all that it spans. */
static size_t room_of(const struct table_cell *c, const struct table_column columns[COLUMNS])
{
    size_t room = 0;
    for (size_t k = c->column; k < c->column + c->span && k < COLUMNS; k++)
        room += columns[k].width ? columns[k].width + GAP : 0;
    return room > GAP ? room - GAP : c->width;
}

/* Appends one line of a row's cells; false when none of them has so many. */
static bool write_line(const struct table_cell *cells, size_t count, const struct vec *lines, size_t number,
                       const struct table_column columns[COLUMNS], struct str *out)
{
    size_t at = 0;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct table_cell *c = &cells[i];
        size_t want = 0;
        if (number >= lines[i].len)
            continue;
        const struct table_line *l = vec_at(&lines[i], number);
        size_t width = utf8_cells(l->text, l->len);
        any = true;
        for (size_t k = 0; k < c->column && k < COLUMNS; k++)
            want += columns[k].width ? columns[k].width + GAP : 0;
        const struct table_column *k = &columns[c->column < COLUMNS ? c->column : COLUMNS - 1];
        if (c->span == 1 && k->filled && k->numbers == k->filled && k->width > width)
            want += k->width - width;
        if (!l->len)
            continue;
        if (at && at + GAP > want)
            want = at + GAP;
        for (; at < want; at++)
            str_putc(out, ' ');
        str_add(out, l->text, l->len);
        at += width;
    }
    return any;
}

/* Appends the cells as columns; with wrap, in as many lines as they need. */
static void write_columns(const struct table *t, const struct table_column columns[COLUMNS], bool wrap,
                          struct str *out)
{
    for (size_t i = 0, count; i < t->cells.len; i += count) {
        const struct table_cell *cells = vec_at(&t->cells, i);
        struct vec lines[COLUMNS];
        size_t kept;
        for (count = 1; i + count < t->cells.len && cells[count].row == cells->row;)
            count++;
        kept = count < COLUMNS ? count : COLUMNS;
        for (size_t k = 0; k < kept; k++) {
            vec_init(&lines[k], sizeof(struct table_line), NULL);
            if (*cells[k].text && wrap)
                utf8_wrap(cells[k].text, strlen(cells[k].text), room_of(&cells[k], columns), on_line,
                          &lines[k]);
            else if (*cells[k].text)
                on_line(&lines[k], cells[k].text, strlen(cells[k].text));
        }
        for (size_t number = 0; write_line(cells, kept, lines, number, columns, out); number++)
            str_putc(out, '\n');
        for (size_t k = 0; k < kept; k++)
            vec_fini(&lines[k]);
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
        if (!first && (tall || is_tall(c)))
            str_putc(out, '\n');
        str_puts(out, c->text);
        str_putc(out, '\n');
        tall = is_tall(c);
        first = false;
    }
}

/* Appends the table. */
bool table_write(struct table *t, struct str *out)
{
    struct table_column columns[COLUMNS];
    measure(t, columns);
    bool data = is_data(t, columns), shared = !data && share_line(t, columns);
    if (data || shared)
        write_columns(t, columns, shared, out);
    else
        write_blocks(t, out);
    return data || shared;
}
