/* wrap.h - the visual lines of a text box: where each row begins and ends, and which row a byte is
 * in. Breaks after spaces and between CJK characters, never before closing punctuation. Spaces at
 * a break hang over the edge, so that typing one moves nothing. Pure. */
#ifndef TUI_WRAP_H
#define TUI_WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct wrap_row {
    size_t start, end; /* bytes, without the newline */
    bool hard;         /* a newline (or the end) follows */
};

/* How a box shows a character: what is drawn (0: nothing, '\t': spaces) and how many cells it
 * takes. Controls, bidi and invisible characters become U+FFFD: the text of a box may be foreign. */
uint32_t wrap_char(uint32_t c, int *cells);

/* Fills rows (struct wrap_row, at least one); the first row is `first` cells shorter. */
void wrap_text(const char *text, size_t n, int cols, int first, struct vec *rows);
/* The row of a byte offset: at a soft break the later row. */
size_t wrap_find(const struct vec *rows, size_t at);
/* Cells from the row's start to `at`; and the byte nearest to a cell of a row. */
int wrap_column(const char *text, const struct wrap_row *row, size_t at);
size_t wrap_at_column(const char *text, const struct wrap_row *row, int column);

#endif
