/* split.h - the stream a mail is parsed from: windows on the mapped bytes, without the mbox line
 * on top, and cut where headers or parts are beyond all measure. */
#ifndef READER_SPLIT_H
#define READER_SPLIT_H

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct split {
    GMimeStream *stream;
    GByteArray *windows[2]; /* own; the bytes in them are the mapped ones, never written */
    struct str copy;       /* of a mail with line ends of its own kind */
    struct str head;       /* of a mail whose header block is too long */
    const char *body;      /* behind the top header block */
    size_t body_len;
    bool cut_header, cut_parts;
};

void split_open(struct split *s, const char *bytes, size_t n);
void split_close(struct split *s);

#endif
