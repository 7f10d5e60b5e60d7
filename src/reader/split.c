/* SPDX-License-Identifier: GPL-3.0-or-later */
/* split.c - prepares the bytes of a mail for the parser. */
#include "reader/split.h"

#include <stdint.h>
#include <string.h>

#include "reader/mime.h"

enum { BOUNDARIES = 64, BOUNDARY_LEN = 80, LINES_MAX = 4000, COPY_MAX = 8 << 20 };
enum { FIELD_MAX = 256 << 10 };

/* The start of the line behind p, or end. */
static const char *next_line(const char *p, const char *end)
{
    const char *nl = memchr(p, '\n', (size_t)(end - p));
    return nl ? nl + 1 : end;
}

/* Is the line at p empty? */
static bool is_empty_line(const char *p, const char *end)
{
    return p < end && (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n'));
}

/* Skips a byte order mark, empty lines and the line of an mbox on top. */
static const char *skip_top(const char *p, const char *end)
{
    if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    while (is_empty_line(p, end))
        p = next_line(p, end);
    if ((end - p > 5 && memcmp(p, "From ", 5) == 0) || (end - p > 6 && memcmp(p, ">From ", 6) == 0))
        p = next_line(p, end);
    return p;
}

struct boundaries {
    char text[BOUNDARIES][BOUNDARY_LEN];
    size_t len[BOUNDARIES];
    size_t count;
};

/* Collects what follows "boundary=" anywhere. */
static void find_boundaries(const char *p, const char *end, const char *key, struct boundaries *b)
{
    size_t n = strlen(key);
    while (b->count < BOUNDARIES && (p = memmem(p, (size_t)(end - p), key, n))) {
        p += n;
        bool quoted = p < end && *p == '"';
        p += quoted;
        const char *q = p;
        while (q < end && q - p < BOUNDARY_LEN && *q != '\n' && *q != '\r' &&
               (quoted ? *q != '"' : *q != ';' && *q != ' '))
            q++;
        b->len[b->count] = (size_t)(q - p);
        if (q > p && q - p < BOUNDARY_LEN)
            memcpy(b->text[b->count++], p, (size_t)(q - p));
    }
}

/* Does one of the boundaries stand at p (behind "--")? */
static bool at_boundary(const char *p, const char *end, const struct boundaries *b)
{
    for (size_t i = 0; i < b->count; i++)
        if ((size_t)(end - p) >= b->len[i] && memcmp(p, b->text[i], b->len[i]) == 0)
            return true;
    return false;
}

/* Finds where the parts become too many to be held; end when they do not. */
static const char *parts_end(const char *start, const char *end)
{
    size_t count = 0;
    for (const char *p = start; (p = memmem(p, (size_t)(end - p), "\n--", 3)); p += 3)
        if (++count > LINES_MAX)
            break;
    if (count <= LINES_MAX)
        return end;
    struct boundaries b = {.count = 0};
    find_boundaries(start, end, "oundary=", &b);
    find_boundaries(start, end, "OUNDARY=", &b);
    count = 0;
    for (const char *p = start; (p = memmem(p, (size_t)(end - p), "\n--", 3)); p += 3)
        if (at_boundary(p + 3, end, &b) && ++count > LINES_MAX)
            return p + 1;
    return end;
}

/* Makes a stream over bytes that stay where they are; *view is to be emptied before it goes. */
static GMimeStream *window(GByteArray **view, const char *from, const char *to)
{
    *view = g_byte_array_new_take((guint8 *)(uintptr_t)from, (gsize)(to - from));
    GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(g_byte_array_ref(*view));
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), TRUE);
    return stream;
}

/* A mail whose lines end with CR alone becomes a copy that other mails look like. */
static void mend_line_ends(struct split *s, const char **bytes, size_t n)
{
    if (!n || n > COPY_MAX || memchr(*bytes, '\n', n) || !memchr(*bytes, '\r', n))
        return;
    str_add(&s->copy, *bytes, n);
    for (size_t i = 0; i < n; i++)
        if (s->copy.data[i] == '\r')
            s->copy.data[i] = '\n';
    *bytes = s->copy.data;
}

/* Copies an immense header block: of each field as much as is read of it, until there is enough. */
static void short_header(const char *p, const char *end, struct str *out)
{
    while (p < end && out->len < MIME_HEADER_MAX) {
        const char *next = next_line(p, end);
        while (next < end && (*next == ' ' || *next == '\t'))
            next = next_line(next, end);
        size_t n = (size_t)(next - p);
        str_add(out, p, n < FIELD_MAX ? n : FIELD_MAX);
        if (out->data[out->len - 1] != '\n')
            str_putc(out, '\n');
        p = next;
    }
}

/* Prepares the stream. */
void split_open(struct split *s, const char *bytes, size_t n)
{
    *s = (struct split){.cut_header = false};
    mend_line_ends(s, &bytes, n);
    const char *end = bytes + n, *start = skip_top(bytes, end), *p = start;
    while (p < end && !is_empty_line(p, end))
        p = next_line(p, end);
    s->body = p < end ? next_line(p, end) : end;
    s->body_len = (size_t)(end - s->body);
    const char *stop = parts_end(start, end);
    s->cut_parts = stop < end;
    if (p - start <= MIME_HEADER_MAX || stop <= p) {
        s->stream = window(&s->windows[0], start, stop);
        return;
    }
    s->cut_header = true;
    short_header(start, p, &s->head);
    GMimeStream *cat = g_mime_stream_cat_new();
    GMimeStream *head = window(&s->windows[0], s->head.data, s->head.data + s->head.len);
    GMimeStream *body = window(&s->windows[1], p, stop);
    g_mime_stream_cat_add_source(GMIME_STREAM_CAT(cat), head);
    g_mime_stream_cat_add_source(GMIME_STREAM_CAT(cat), body);
    g_object_unref(head);
    g_object_unref(body);
    s->stream = cat;
}

/* Lets go of the stream, but not of the bytes. */
void split_close(struct split *s)
{
    for (int i = 0; i < 2; i++)
        if (s->windows[i])
            g_byte_array_free(s->windows[i], FALSE);
    g_object_unref(s->stream);
    str_fini(&s->copy);
    str_fini(&s->head);
}
