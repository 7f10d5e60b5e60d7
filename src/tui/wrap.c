/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wrap.c - visual lines of a text box. */
#include "tui/wrap.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

#define TAB 4 /* cells a tab takes in a box */

/* Decides how a character is shown. */
uint32_t wrap_char(uint32_t c, int *cells)
{
    if (c == '\t') {
        *cells = TAB;
        return c;
    }
    if (c == 0x200d || c == 0xfe0e || c == 0xfe0f || (c >= 0x1f3fb && c <= 0x1f3ff)) {
        *cells = 0;
        return 0;
    }
    bool invisible = (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
                     (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xad || c == 0x61c ||
                     (c >= 0xe0000 && c <= 0xe0fff);
    *cells = utf8_char_cells(c);
    if (invisible || *cells < 0) {
        *cells = 1;
        return 0xfffd;
    }
    return c;
}

/* Cells of a character as a box draws it. */
static int cells_of(uint32_t c)
{
    int cells;
    wrap_char(c, &cells);
    return cells;
}

/* Punctuation that may not begin a row. */
static bool closes(uint32_t c)
{
    static const uint32_t closing[] = {0x3001, 0x3002, 0xff0c, 0xff01, 0xff1f, 0xff1a, 0xff1b,
                                       0xff09, 0x300b, 0x300d, 0x300f, 0x3011, 0x201d, 0x2019,
                                       0x2026, ',',    '.',    '!',    '?',    ')',    ':',    ';'};
    for (size_t i = 0; i < sizeof closing / sizeof closing[0]; i++)
        if (closing[i] == c)
            return true;
    return false;
}

/* Adds a row. */
static void add_row(struct vec *rows, size_t start, size_t end, bool hard)
{
    struct wrap_row *row = vec_push(rows);
    row->start = start;
    row->end = end;
    row->hard = hard;
}

/* Wraps by walking once; `candidate` is the last place where a break is allowed. */
void wrap_text(const char *text, size_t n, int cols, int first, struct vec *rows)
{
    size_t start = 0, candidate = 0;
    int width = 0, limit = cols - first, at_candidate = 0;
    uint32_t before = 0;
    vec_clear(rows);
    if (cols < 2)
        cols = 2;
    if (limit < 2)
        limit = 2;
    for (size_t i = 0; i < n;) {
        size_t used;
        uint32_t c = utf8_decode(text + i, n - i, &used);
        if (c == '\n') {
            add_row(rows, start, i, true);
            start = candidate = i + 1;
            width = at_candidate = 0;
            limit = cols;
            before = 0;
            i++;
            continue;
        }
        int cells = cells_of(c);
        bool breakable = before == ' ' || before == '\t' ||
                         ((utf8_is_cjk(c) || utf8_is_cjk(before)) && before && !closes(c));
        if (breakable && c != ' ' && cells > 0) {
            candidate = i;
            at_candidate = width;
        }
        if (width + cells > limit && c != ' ' && i > start) {
            size_t end = candidate > start ? candidate : i;
            int kept = candidate > start ? at_candidate : width;
            add_row(rows, start, end, false);
            start = candidate = end;
            width -= kept;
            at_candidate = 0;
            limit = cols;
        }
        width += cells;
        before = c;
        i += used;
    }
    add_row(rows, start, n, true);
}

/* Finds the row by halving. */
size_t wrap_find(const struct vec *rows, size_t at)
{
    size_t from = 0, to = rows->len;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (((struct wrap_row *)vec_at(rows, middle))->start <= at)
            from = middle + 1;
        else
            to = middle;
    }
    return from ? from - 1 : 0;
}

/* Cells before a byte of a row. */
int wrap_column(const char *text, const struct wrap_row *row, size_t at)
{
    int column = 0;
    for (size_t i = row->start; i < at && i < row->end;) {
        size_t used;
        column += cells_of(utf8_decode(text + i, row->end - i, &used));
        i += used;
    }
    return column;
}

/* The byte of a row at a cell, or its end. */
size_t wrap_at_column(const char *text, const struct wrap_row *row, int column)
{
    int at = 0;
    size_t i = row->start, last = row->start;
    while (i < row->end) {
        size_t used;
        int cells = cells_of(utf8_decode(text + i, row->end - i, &used));
        if (at + cells > column)
            return i;
        at += cells;
        last = i;
        i += used;
    }
    /* The end of a soft row belongs to the next one: stay before its last character. */
    return row->hard ? row->end : last;
}
