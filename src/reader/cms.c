/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cms.c - walks the outer shell of an S/MIME file down to its content.
 *
 *     ContentInfo    SEQUENCE { contentType OID, [0] { … } }
 *     SignedData     SEQUENCE { version, digestAlgorithms SET, encapContentInfo, … }
 *     CompressedData SEQUENCE { version, compressionAlgorithm SEQUENCE, encapContentInfo }
 *     encapContentInfo SEQUENCE { eContentType OID, [0] { eContent OCTET STRING } OPTIONAL }
 *
 * Every length is a claim. An element of indefinite length ends with two zero bytes; an OCTET STRING
 * may be a tree of pieces, which are moved together at the beginning of the same memory. What comes
 * behind the content (certificates, signatures) is not looked at. */
#include "reader/cms.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum { TAG_END = 0, TAG_OCTETS = 0x04, TAG_OID = 0x06, TAG_PIECES = 0x24, TAG_SEQUENCE = 0x30,
       TAG_CONTENT = 0xa0 };
enum { CONSTRUCTED = 0x20, PIECE = 32 << 10 };

struct window {
    const unsigned char *at, *end;
};

struct element {
    int tag;
    bool endless, cut;   /* goes up to two zero bytes; claims more than there is */
    struct window value; /* of an endless one: up to the end of what it stands in */
};

/* Reads a tag and a length; false where there is none. What claims to go beyond the window ends with it. */
static bool next(struct window *w, struct element *e)
{
    const unsigned char *p = w->at;
    if (w->end - p < 2 || (*p & 0x1f) == 0x1f) /* no tag of several bytes stands where one looks */
        return false;
    *e = (struct element){.tag = *p++};
    size_t length = *p++, left, count;
    if (length == 0x80 && (e->tag & CONSTRUCTED)) {
        e->endless = true;
        length = SIZE_MAX;
    } else if (length & 0x80) {
        count = length & 0x7f;
        if (count > sizeof(uint32_t) || (size_t)(w->end - p) < count)
            return false;
        for (length = 0; count; count--)
            length = length << 8 | *p++;
    }
    left = (size_t)(w->end - p);
    e->cut = !e->endless && length > left;
    e->value = (struct window){p, p + (length < left ? length : left)};
    return true;
}

/* Goes on behind an element. */
static bool leave(struct window *w, const struct element *first)
{
    struct element e = *first;
    for (size_t open = 0;;) {
        open += e.endless;
        if (e.tag == TAG_END && open)
            open--;
        w->at = e.endless ? e.value.at : e.value.end;
        if (!open)
            return true;
        if (open > CMS_DEPTH_MAX || !next(w, &e))
            return false;
    }
}

/* Passes over the next element. */
static bool pass(struct window *w)
{
    struct element e;
    return next(w, &e) && e.tag != TAG_END && leave(w, &e);
}

/* Steps into the next element when it has this tag. */
static bool enter(struct window *w, int tag)
{
    struct element e;
    if (!next(w, &e) || e.tag != tag)
        return false;
    *w = e.value;
    return true;
}

/* Reads an object identifier that belongs to PKCS (1.2.840.113549.1): what is behind that. */
static bool next_id(struct window *w, struct window *id)
{
    static const unsigned char pkcs[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01};
    struct element e;
    if (!next(w, &e) || e.tag != TAG_OID || !leave(w, &e))
        return false;
    *id = e.value;
    if ((size_t)(id->end - id->at) <= sizeof pkcs || memcmp(id->at, pkcs, sizeof pkcs) != 0)
        return false;
    id->at += sizeof pkcs;
    return true;
}

/* Is it this one? */
static bool is_id(const struct window *id, const char *bytes, size_t n)
{
    return (size_t)(id->end - id->at) == n && memcmp(id->at, bytes, n) == 0;
}

/* Moves the pieces of the octet string at w to `to`, which is not behind them. False: it ends early. */
static bool gather(const struct window *w, unsigned char *to, size_t *n)
{
    struct element open[CMS_DEPTH_MAX] = {0}, e;
    struct window left = *w;
    size_t depth = 0;
    bool whole = true;
    for (*n = 0;;) {
        if (!next(&left, &e))
            return false;
        whole = whole && !e.cut;
        if (e.tag == TAG_OCTETS) {
            size_t size = (size_t)(e.value.end - e.value.at);
            memmove(to + *n, e.value.at, size);
            *n += size;
            left.at = e.value.end;
        } else if (e.tag == TAG_PIECES && depth < CMS_DEPTH_MAX) {
            open[depth++] = e;
            left = e.value;
        } else if (e.tag == TAG_END && depth && open[depth - 1].endless) {
            depth--;
            left.at = e.value.end;
        } else {
            return false;
        }
        while (depth && !open[depth - 1].endless && left.at == open[depth - 1].value.end)
            depth--;
        if (!depth)
            return whole;
        left.end = open[depth - 1].value.end;
    }
}

/* Unpacks what was compressed; false when it does not end well or is too much. */
static bool unpack(struct str *bytes)
{
    struct str out = STR_INIT;
    z_stream s = {.next_in = (unsigned char *)bytes->data, .avail_in = (unsigned)bytes->len};
    static unsigned char piece[PIECE];
    int rc = inflateInit(&s);
    while (rc == Z_OK && out.len < CMS_CONTENT_MAX) {
        s.next_out = piece;
        s.avail_out = sizeof piece;
        rc = inflate(&s, Z_NO_FLUSH);
        if (rc == Z_OK && s.avail_out == sizeof piece)
            rc = Z_BUF_ERROR; /* cut short */
        str_add(&out, (const char *)piece, sizeof piece - s.avail_out);
    }
    inflateEnd(&s);
    str_fini(bytes);
    *bytes = out;
    return rc == Z_STREAM_END;
}

/* What a ContentInfo says it is. */
static enum cms_kind kind_of(const struct window *id)
{
    static const struct {
        const char *bytes;
        size_t n;
        enum cms_kind kind;
    } kinds[] = {{"\7\2", 2, CMS_SIGNED},
                 {"\7\3", 2, CMS_ENCRYPTED},
                 {"\7\6", 2, CMS_ENCRYPTED},
                 {"\x09\x10\1\x17", 4, CMS_ENCRYPTED}, /* RFC 5083 */
                 {"\x09\x10\1\x09", 4, CMS_COMPRESSED}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (is_id(id, kinds[i].bytes, kinds[i].n))
            return kinds[i].kind;
    return CMS_NONE;
}

/* Goes down to the content; false where there is none, or one that is no mail's. */
static bool enter_content(struct window *w)
{
    struct window id;
    return enter(w, TAG_CONTENT) && enter(w, TAG_SEQUENCE) && pass(w) && pass(w) &&
           enter(w, TAG_SEQUENCE) && next_id(w, &id) && is_id(&id, "\7\1", 2) && enter(w, TAG_CONTENT);
}

/* Leaves the content alone. */
enum cms_kind cms_open(struct str *bytes, bool *cut)
{
    const unsigned char *start = (const unsigned char *)str_text(bytes);
    struct window w = {start, start + bytes->len}, id;
    enum cms_kind kind = CMS_NONE;
    size_t n = 0;
    *cut = false;
    if (enter(&w, TAG_SEQUENCE) && next_id(&w, &id))
        kind = kind_of(&id);
    if ((kind == CMS_SIGNED || kind == CMS_COMPRESSED) && enter_content(&w))
        *cut = !gather(&w, (unsigned char *)bytes->data, &n);
    else if (kind == CMS_SIGNED)
        kind = CMS_CERTIFICATES;
    str_truncate(bytes, n);
    if (kind == CMS_COMPRESSED && n)
        *cut = !unpack(bytes) || *cut;
    return kind;
}
