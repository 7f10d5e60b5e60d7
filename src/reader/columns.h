/* columns.h - values with separators between them (CSV, a sheet) as aligned columns of text. */
#ifndef READER_COLUMNS_H
#define READER_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Appends at most max bytes of lines; how many rows did not fit. separator 0: guessed from the first
 * lines (comma, semicolon, tab, bar). Quotes as in RFC 4180. */
size_t columns_add(struct str *out, const char *text, size_t n, char separator, size_t max);
/* A number that stands best at the right of its column. */
bool columns_is_number(const char *text, size_t n);

#endif
