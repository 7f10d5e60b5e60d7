/* record.h - the record both programs speak: bureau and bureau-reader.
 *
 * On the wire, little-endian: u32 length of what follows, u16 type, then fields: u16 tag, u32
 * length, bytes. Tags may repeat (lists). Nested records are a field whose bytes are fields.
 * Unknown tags are skipped. Ceiling: RECORD_MAX. */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

#define RECORD_MAX (32u << 20)

/* Writing: begin, add fields, end; the bytes lie in out. */
struct record_writer {
    struct str *out; /* borrow */
    size_t start;
};

void record_begin(struct record_writer *w, struct str *out, uint16_t type);
void record_add(struct record_writer *w, uint16_t tag, const void *bytes, size_t n);
void record_add_text(struct record_writer *w, uint16_t tag, const char *text); /* NULL: nothing */
void record_add_int(struct record_writer *w, uint16_t tag, int64_t value);
/* A nested record: nest, add to the same writer, close with the mark. */
size_t record_nest(struct record_writer *w, uint16_t tag);
void record_unnest(struct record_writer *w, size_t mark);
void record_end(struct record_writer *w);

/* Reading: fields in order; everything is borrowed from the bytes. */
struct record_view {
    const char *at, *end;
};

struct record_field {
    uint16_t tag;
    const char *bytes;
    size_t len;
};

/* Looks for one whole record at bytes: >0 = its total size, type and body set; 0 = more is
 * needed; <0 = not a record (length over RECORD_MAX or under the header). */
long record_peek(const char *bytes, size_t n, uint16_t *type, struct record_view *body);
bool record_next(struct record_view *v, struct record_field *out); /* false: end, or malformed */
bool record_ok(const struct record_view *v); /* after the end: were all bytes fields? */
int64_t record_int(const struct record_field *f); /* 0 when not an integer field */
char *record_text(const struct record_field *f);  /* yours; cut at the first NUL */
struct record_view record_open(const struct record_field *f); /* a nested record's fields */

#endif
