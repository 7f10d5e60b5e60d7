/* html.h - HTML made readable text by a SAX parser: nothing is fetched, nothing is kept as a tree.
 *
 * Blocks become lines, tables columns (or blocks, where they only place things), lists dashes and
 * numbers, quotes "> ", links their text and [n]; what a person would not see goes to hidden. */
#ifndef READER_HTML_H
#define READER_HTML_H

#include <stddef.h>

#include "reader/found.h"

/* text is UTF-8, at most MIME_HTML_MAX bytes. Appends to f->text. */
void html_add(struct found *f, const char *text, size_t n);
/* The charset that a <meta> in the first bytes names; yours, or NULL. */
char *html_charset(const char *bytes, size_t n);

#endif
