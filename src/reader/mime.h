/* mime.h - a mail as bytes in, records out. Behind it: GMime, reading in place. */
#ifndef READER_MIME_H
#define READER_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/wire.h"

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
/* Gives part `number` in a form, in pieces to emit. */
enum mime_given { MIME_NO_PART, MIME_WHOLE, MIME_CUT /* there is more than was given */ };
enum mime_given mime_part(const char *bytes, size_t n, int number, enum wire_form form,
                          void (*emit)(void *user, const char *bytes, size_t n), void *user);

#endif
