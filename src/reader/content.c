/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content.c - decodes transfer encodings piece by piece; header values stay raw. */
#include "reader/content.h"

#include <stdlib.h>

#include "reader/charset.h"
#include "reader/header.h"

/* Reads a leaf's decoded bytes in pieces until `max`; returns how many there are up to there. */
int64_t content_read(GMimePart *leaf, int64_t max,
                            void (*emit)(void *user, const char *bytes, size_t n), void *user)
{
    static char in[32 << 10], out[96 << 10];
    GMimeDataWrapper *wrapper = g_mime_part_get_content(leaf);
    GMimeStream *stream = wrapper ? g_mime_data_wrapper_get_stream(wrapper) : NULL;
    if (!stream)
        return 0;
    GMimeContentEncoding encoding = g_mime_data_wrapper_get_encoding(wrapper);
    bool identity = encoding != GMIME_CONTENT_ENCODING_BASE64 &&
                    encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE &&
                    encoding != GMIME_CONTENT_ENCODING_UUENCODE;
    if (identity && !emit)
        return g_mime_stream_length(stream);
    GMimeEncoding state;
    g_mime_encoding_init_decode(&state, encoding);
    g_mime_stream_reset(stream);
    int64_t total = 0;
    ssize_t r;
    while (total < max && (r = g_mime_stream_read(stream, in, sizeof in)) > 0) {
        const char *piece = in;
        size_t n = (size_t)r;
        if (!identity) {
            n = g_mime_encoding_step(&state, in, (size_t)r, out);
            piece = out;
        }
        if (total + (int64_t)n > max)
            n = (size_t)(max - total);
        if (emit && n)
            emit(user, piece, n);
        total += (int64_t)n;
    }
    return total;
}

/* Collects pieces in a string. */
void content_to_str(void *user, const char *bytes, size_t n)
{
    str_add(user, bytes, n);
}

/* The media type of an object, "text/plain" when it says nothing. */
bool content_is(GMimeObject *o, const char *type, const char *subtype)
{
    GMimeContentType *t = g_mime_object_get_content_type(o);
    return t ? g_mime_content_type_is_type(t, type, subtype)
             : str_eq(type, "text") && (str_eq(subtype, "plain") || str_eq(subtype, "*"));
}

/* The raw value of a header, NULL when absent. */
const char *content_header(GMimeObject *o, const char *name)
{
    GMimeHeader *h = g_mime_header_list_get_header(g_mime_object_get_header_list(o), name);
    return h ? g_mime_header_get_raw_value(h) : NULL;
}

/* A parameter of Content-Type as written. */
const char *content_param(GMimeObject *o, const char *name)
{
    GMimeContentType *t = g_mime_object_get_content_type(o);
    return t ? g_mime_content_type_get_parameter(t, name) : NULL;
}

/* The file name of a part. Yours; NULL when it has none. */
char *content_name(GMimeObject *o)
{
    const char *raw = content_header(o, "Content-Disposition");
    char *name = raw ? header_param(raw, "filename") : NULL;
    if (!name || !*name) {
        free(name);
        raw = content_header(o, "Content-Type");
        name = raw ? header_param(raw, "name") : NULL;
    }
    if (name && !*name) {
        free(name);
        name = NULL;
    }
    return name;
}

/* "attachment", "inline", …; NULL when absent. Yours. */
char *content_disposition(GMimeObject *o)
{
    const char *raw = content_header(o, "Content-Disposition");
    if (!raw)
        return NULL;
    raw += strspn(raw, " \t\r\n");
    size_t n = strcspn(raw, "; \t\r\n");
    char *word = g_ascii_strdown(raw, (gssize)n);
    struct str out = STR_INIT;
    charset_guess(word, n, &out);
    g_free(word);
    return str_take(&out);
}
