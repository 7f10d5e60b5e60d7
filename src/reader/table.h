/* table.h - cells of an HTML table as columns of text. */
#ifndef READER_TABLE_H
#define READER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/vec.h"

struct table {
    struct vec cells; /* struct table_cell, row by row */
    size_t rows;
    size_t column; /* where the next cell of this row goes */
};

void table_init(struct table *t);
void table_fini(struct table *t);
void table_row(struct table *t);
/* text is taken; trimmed here. */
void table_cell(struct table *t, char *text, size_t span);
/* Appends the lines; returns true when they are columns, false when the table only places blocks
 * (then they stand one below the other, with empty lines between long ones). */
bool table_write(struct table *t, struct str *out);

#endif
