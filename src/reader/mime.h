/* mime.h - a mail as bytes in, records out. Behind it: GMime, reading in place. */
#ifndef READER_MIME_H
#define READER_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum {
    MIME_DEPTH_MAX = 50,
    MIME_PARTS_MAX = 500,
    MIME_HEADER_MAX = 1 << 20,
    MIME_ADDRESSES_MAX = 10000,
    MIME_HTML_MAX = 8 << 20,
    MIME_ICS_MAX = 1 << 20
};

/* Before the box closes: what the library opens on its first use. */
void mime_start(void);
/* Reads a mail that stays in memory meanwhile; appends a WIRE_MESSAGE record to answer. */
void mime_parse(const char *bytes, size_t n, struct str *answer);
/* Gives the decoded bytes of part `number`, or its readable text, in pieces to emit; false when
 * there is no such part. */
bool mime_part(const char *bytes, size_t n, int number, bool as_text,
               void (*emit)(void *user, const char *bytes, size_t n), void *user);

#endif
