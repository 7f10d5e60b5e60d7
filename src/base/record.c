/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.c - length-prefixed records, written into and read from byte strings. */
#include "base/record.h"

#include <assert.h>
#include <string.h>

#include "base/alloc.h"

enum { HEADER = 6 /* u32 length, u16 type */, FIELD = 6 /* u16 tag, u32 length */ };

/* Writes a little-endian number of `bytes` bytes at p. */
static void put_le(char *p, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        p[i] = (char)(value >> (8 * i));
}

/* Reads a little-endian number of `bytes` bytes at p. */
static uint64_t get_le(const char *p, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(unsigned char)p[i] << (8 * i);
    return value;
}

/* Appends a little-endian number to the output. */
static void add_le(struct str *out, uint64_t value, size_t bytes)
{
    char buf[8];
    put_le(buf, value, bytes);
    str_add(out, buf, bytes);
}

/* Starts a record whose length is filled in by record_end. */
void record_begin(struct record_writer *w, struct str *out, uint16_t type)
{
    w->out = out;
    w->start = out->len;
    add_le(out, 0, 4);
    add_le(out, type, 2);
}

/* Appends one field. */
void record_add(struct record_writer *w, uint16_t tag, const void *bytes, size_t n)
{
    assert(n <= UINT32_MAX);
    add_le(w->out, tag, 2);
    add_le(w->out, n, 4);
    if (n)
        str_add(w->out, bytes, n);
}

/* Appends a text field, or nothing for NULL. */
void record_add_text(struct record_writer *w, uint16_t tag, const char *text)
{
    if (text)
        record_add(w, tag, text, strlen(text));
}

/* Appends an integer field of eight bytes. */
void record_add_int(struct record_writer *w, uint16_t tag, int64_t value)
{
    char buf[8];
    put_le(buf, (uint64_t)value, 8);
    record_add(w, tag, buf, 8);
}

/* Opens a field that holds fields; its length is filled in by record_unnest. */
size_t record_nest(struct record_writer *w, uint16_t tag)
{
    add_le(w->out, tag, 2);
    size_t mark = w->out->len;
    add_le(w->out, 0, 4);
    return mark;
}

/* Closes the field opened at mark. */
void record_unnest(struct record_writer *w, size_t mark)
{
    assert(mark >= w->start && w->out->len >= mark + 4);
    assert(w->out->len - mark - 4 <= UINT32_MAX);
    put_le(w->out->data + mark, w->out->len - mark - 4, 4);
}

/* Closes the record: its length is known now. */
void record_end(struct record_writer *w)
{
    assert(w->out->len - w->start - 4 <= UINT32_MAX);
    put_le(w->out->data + w->start, w->out->len - w->start - 4, 4);
}

/* Tells whether a whole record stands at bytes, and where its fields are. */
long record_peek(const char *bytes, size_t n, uint16_t *type, struct record_view *body)
{
    if (n < 4)
        return 0;
    uint64_t len = get_le(bytes, 4);
    if (len < 2 || len > RECORD_MAX)
        return -1;
    if (n < 4 + len)
        return 0;
    *type = (uint16_t)get_le(bytes + 4, 2);
    *body = (struct record_view){.at = bytes + HEADER, .end = bytes + 4 + len};
    return (long)(4 + len);
}

/* Takes the next field; a view that is malformed stays where it broke. */
bool record_next(struct record_view *v, struct record_field *out)
{
    size_t left = (size_t)(v->end - v->at);
    if (left < FIELD)
        return false;
    size_t len = (size_t)get_le(v->at + 2, 4);
    if (len > left - FIELD)
        return false;
    out->tag = (uint16_t)get_le(v->at, 2);
    out->bytes = v->at + FIELD;
    out->len = len;
    v->at += FIELD + len;
    return true;
}

/* True when nothing is left over. */
bool record_ok(const struct record_view *v)
{
    return v->at == v->end;
}

/* The number in an integer field. */
int64_t record_int(const struct record_field *f)
{
    return f->len == 8 ? (int64_t)get_le(f->bytes, 8) : 0;
}

/* A copy of the field's text. */
char *record_text(const struct record_field *f)
{
    return mem_strndup(f->bytes, strnlen(f->bytes, f->len));
}

/* A view of the fields inside a field. */
struct record_view record_open(const struct record_field *f)
{
    return (struct record_view){.at = f->bytes, .end = f->bytes + f->len};
}
