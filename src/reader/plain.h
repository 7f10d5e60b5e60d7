/* plain.h - text/plain made ready to read: line ends, format=flowed (RFC 3676), links, and the
 * invisible tag characters that carry hidden orders. */
#ifndef READER_PLAIN_H
#define READER_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/found.h"

/* text is valid UTF-8. Appends to f->text. */
void plain_add(struct found *f, const char *text, size_t n, bool flowed, bool delsp);
/* Finds addresses of the web in text[from…] and adds them as links without a mark. */
void plain_find_links(struct found *f, size_t from);
/* Takes invisible tag characters out of f->text[from…] and what they spell into f->hidden. */
void plain_take_tags(struct found *f, size_t from);

#endif
