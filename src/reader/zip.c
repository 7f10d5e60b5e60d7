/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zip.c - the list at the end of a zip archive, and its entries; every number in it is a claim. */
#include "reader/zip.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/str.h"

enum { END_SIZE = 22, CENTRAL_SIZE = 46, LOCAL_SIZE = 30, COMMENT_MAX = 65535, PIECE = 32 << 10 };

/* Two bytes, the low one first. */
static size_t get16(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (size_t)b[0] | (size_t)b[1] << 8;
}

/* Four. */
static size_t get32(const char *p)
{
    return get16(p) | get16(p + 2) << 16;
}

/* Releases an entry. */
static void entry_fini(void *item)
{
    free(((struct zip_entry *)item)->name);
}

/* The record at the end; NULL when there is none. */
static const char *find_end(const char *bytes, size_t n)
{
    if (n < END_SIZE)
        return NULL;
    size_t least = n > END_SIZE + COMMENT_MAX ? n - END_SIZE - COMMENT_MAX : 0;
    for (size_t at = n - END_SIZE + 1; at-- > least;)
        if (memcmp(bytes + at, "PK\5\6", 4) == 0)
            return bytes + at;
    return NULL;
}

/* Where an entry's bytes begin: behind its own header, which has lengths of its own. */
static bool find_data(const struct zip *z, size_t local, struct zip_entry *e)
{
    if (local > z->n || z->n - local < LOCAL_SIZE || memcmp(z->bytes + local, "PK\3\4", 4) != 0)
        return false;
    size_t at = local + LOCAL_SIZE + get16(z->bytes + local + 26) + get16(z->bytes + local + 28);
    if (at > z->n)
        return false;
    e->at = at;
    if (e->packed > z->n - at)
        e->packed = z->n - at;
    return true;
}

/* Reads the list. */
bool zip_open(struct zip *z, const char *bytes, size_t n)
{
    const char *end = find_end(bytes, n);
    *z = (struct zip){.bytes = bytes, .n = n, .left = ZIP_UNPACKED_MAX};
    vec_init(&z->entries, sizeof(struct zip_entry), entry_fini);
    if (!end)
        return false;
    size_t at = get32(end + 16), limit = (size_t)(end - bytes);
    while (at < limit && limit - at >= CENTRAL_SIZE && memcmp(bytes + at, "PK\1\2", 4) == 0 &&
           z->entries.len < ZIP_ENTRIES_MAX) {
        const char *c = bytes + at;
        size_t name = get16(c + 28), extra = get16(c + 30), comment = get16(c + 32);
        struct zip_entry e = {.method = (int)get16(c + 10), .packed = get32(c + 20)};
        if (limit - at - CENTRAL_SIZE < name)
            break;
        if (find_data(z, get32(c + 42), &e)) {
            e.name = mem_strndup(c + CENTRAL_SIZE, name);
            *(struct zip_entry *)vec_push(&z->entries) = e;
        }
        at += CENTRAL_SIZE + name + extra + comment;
    }
    return z->entries.len > 0;
}

/* Releases the list. */
void zip_close(struct zip *z)
{
    vec_fini(&z->entries);
}

/* An entry by name. */
const struct zip_entry *zip_find(const struct zip *z, const char *name)
{
    for (size_t i = 0; i < z->entries.len; i++) {
        const struct zip_entry *e = vec_at(&z->entries, i);
        if (str_eq(e->name, name))
            return e;
    }
    return NULL;
}

/* Hands out unpacked bytes as far as they may go. */
static bool give(struct zip *z, const char *bytes, size_t n, bool *stop,
                 bool (*on_bytes)(void *user, const char *bytes, size_t n), void *user)
{
    bool fits = n <= z->left;
    if (!fits)
        n = z->left;
    z->left -= n;
    *stop = n && !on_bytes(user, bytes, n);
    return fits;
}

/* Unpacks an entry. */
bool zip_read(struct zip *z, const struct zip_entry *e,
              bool (*on_bytes)(void *user, const char *bytes, size_t n), void *user)
{
    bool stop = false, good = true;
    if (e->method == 0)
        return give(z, z->bytes + e->at, e->packed, &stop, on_bytes, user);
    if (e->method != 8)
        return false;
    static unsigned char out[PIECE];
    z_stream s = {.next_in = (unsigned char *)(uintptr_t)(z->bytes + e->at),
                  .avail_in = (unsigned)e->packed};
    if (inflateInit2(&s, -MAX_WBITS) != Z_OK)
        return false;
    for (int rc = Z_OK; rc == Z_OK && good && !stop;) {
        s.next_out = out;
        s.avail_out = sizeof out;
        rc = inflate(&s, Z_NO_FLUSH);
        good = rc == Z_OK || rc == Z_STREAM_END;
        size_t n = sizeof out - s.avail_out;
        if (rc == Z_OK && n == 0 && s.avail_in == 0)
            good = false; /* cut short */
        good = give(z, (const char *)out, n, &stop, on_bytes, user) && good;
    }
    inflateEnd(&s);
    return good;
}
