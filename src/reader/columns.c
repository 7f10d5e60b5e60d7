/* SPDX-License-Identifier: GPL-3.0-or-later */
/* columns.c - CSV (RFC 4180) in two passes: the first rows say how wide columns are, then all rows
 * are written until there is enough. Nothing grows with the number of rows. */
#include "reader/columns.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

enum { COLUMNS = 256, WIDTH_MAX = 40, MEASURED = 2000, CELL_BYTES = 4096 };

struct reading {
    const char *at, *end;
    char separator;
    struct str cell; /* the last one, in one line */
    bool last;       /* it ended its row */
};

/* A line end inside a cell is a space on the screen. */
static void add_byte(struct str *cell, char c)
{
    if (cell->len < CELL_BYTES)
        str_putc(cell, c == '\n' || c == '\r' || c == '\t' ? ' ' : c);
}

/* Reads the next cell; false at the end. */
static bool next_cell(struct reading *r)
{
    if (r->at >= r->end)
        return false;
    str_clear(&r->cell);
    bool quoted = *r->at == '"';
    r->at += quoted;
    for (; r->at < r->end; r->at++) {
        char c = *r->at;
        if (quoted && c == '"') {
            if (r->at + 1 < r->end && r->at[1] == '"')
                r->at++;
            else {
                quoted = false;
                continue;
            }
        } else if (!quoted && (c == r->separator || c == '\n')) {
            break;
        } else if (!quoted && c == '\r') {
            continue;
        }
        add_byte(&r->cell, c);
    }
    r->last = r->at >= r->end || *r->at == '\n';
    if (r->at < r->end)
        r->at++;
    while (r->cell.len && r->cell.data[r->cell.len - 1] == ' ')
        str_truncate(&r->cell, r->cell.len - 1);
    return true;
}

/* Which separator the first lines have most evenly. */
static char guess_separator(const char *text, size_t n)
{
    static const char all[] = {',', ';', '\t', '|'};
    size_t count[sizeof all] = {0}, best = 0;
    bool quoted = false;
    int lines = 0;
    for (size_t i = 0; i < n && lines < 10; i++) {
        quoted ^= text[i] == '"';
        lines += text[i] == '\n' && !quoted;
        for (size_t k = 0; k < sizeof all; k++)
            count[k] += text[i] == all[k] && !quoted;
    }
    for (size_t k = 1; k < sizeof all; k++)
        if (count[k] > count[best])
            best = k;
    return all[best];
}

/* Is it a number, with what people write around numbers? */
bool columns_is_number(const char *text, size_t n)
{
    bool digit = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        digit |= c >= '0' && c <= '9';
        if (!(c >= '0' && c <= '9') && !strchr("+-., %eE()", c))
            return false;
    }
    return digit;
}

struct column {
    size_t width, filled, numbers;
};

/* How wide the columns are. */
static size_t measure(struct reading r, struct column columns[COLUMNS])
{
    size_t column = 0, rows = 0, most = 0;
    while (rows < MEASURED && next_cell(&r)) {
        if (column < COLUMNS) {
            size_t width = utf8_cells(str_text(&r.cell), r.cell.len);
            if (width > columns[column].width)
                columns[column].width = width < WIDTH_MAX ? width : WIDTH_MAX;
            if (r.cell.len && rows) { /* the first row names the columns */
                columns[column].filled++;
                columns[column].numbers += columns_is_number(r.cell.data, r.cell.len);
            }
        }
        column++;
        if (column > most)
            most = column;
        if (r.last) {
            column = 0;
            rows++;
        }
    }
    str_fini(&r.cell);
    return most < COLUMNS ? most : COLUMNS;
}

/* Appends spaces. */
static void add_spaces(struct str *out, size_t n)
{
    while (n--)
        str_putc(out, ' ');
}

/* Appends a cell in its column. */
static void add_cell(struct str *out, const struct reading *r, const struct column *c, bool final)
{
    const char *text = str_text(&r->cell);
    size_t cells = utf8_cells(text, r->cell.len), width = c->width;
    bool right = c->filled && c->numbers == c->filled;
    if (cells > WIDTH_MAX) {
        utf8_cut_end(out, text, WIDTH_MAX, "…");
        return;
    }
    size_t pad = width > cells ? width - cells : 0;
    if (right)
        add_spaces(out, pad);
    str_add(out, text, r->cell.len);
    if (!right && !final)
        add_spaces(out, pad);
}

/* Appends the table. */
size_t columns_add(struct str *out, const char *text, size_t n, char separator, size_t max)
{
    struct column columns[COLUMNS];
    struct reading r = {.at = text, .end = text + n};
    size_t column = 0, left = 0, start = out->len;
    memset(columns, 0, sizeof columns);
    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        r.at += 3;
    r.separator = separator ? separator : guess_separator(r.at, (size_t)(r.end - r.at));
    size_t most = measure(r, columns);
    while (next_cell(&r)) {
        bool full = out->len - start >= max;
        if (!full && column < COLUMNS) {
            if (column)
                str_puts(out, "  ");
            add_cell(out, &r, &columns[column], r.last || column + 1 >= most);
        }
        column++;
        if (!r.last)
            continue;
        column = 0;
        if (full)
            left++;
        else
            str_putc(out, '\n');
    }
    str_fini(&r.cell);
    return left;
}
