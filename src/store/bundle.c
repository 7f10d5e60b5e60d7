/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bundle.c - bytes of many rows packed together.
 *
 * A place is the byte PLACE and three numbers of seven bits a byte, the low ones first: bundle,
 * offset, length. Places never move: what is dropped becomes zeros, which pack to nothing, and the
 * bundle goes with its last place. Numbers of bundles are not given twice, so a connection may keep
 * the ones it unpacked lately; what a transaction that was taken back had written is forgotten. */
#include "store/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "store/db_internal.h"

enum {
    PLACE = 3, /* beside db_pack's 0, 1, 2 */
    KEPT = 6   /* unpacked bundles of a connection */
};

/* Larger ones are not kept. */
#define KEPT_SIZE (2 * BUNDLE_MOST)
#define BUNDLE_SIZE_MOST ((size_t)512 << 20)

struct place {
    int64_t id;
    size_t at, len;
};

struct bundle_cache {
    struct kept {
        int64_t id; /* 0: none */
        unsigned used;
        struct str bytes;
    } kept[KEPT];
    unsigned clock;
};

/* Forgets what was unpacked. */
void bundle_cache_clear(struct bundle_cache *c)
{
    for (size_t i = 0; c && i < KEPT; i++) {
        c->kept[i].id = 0;
        str_fini(&c->kept[i].bytes);
    }
}

/* Releases it. */
void bundle_cache_free(struct bundle_cache *c)
{
    bundle_cache_clear(c);
    free(c);
}

/* Packs what is to lie together. */
void bundle_pack(const void *bytes, size_t n, struct str *out)
{
    db_pack_many(bytes, n, out);
}

/* Appends a number. */
static void put(struct str *out, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        str_putc(out, (char)((v & 0x7f) | 0x80));
    str_putc(out, (char)v);
}

/* Reads a number; false at the end. */
static bool take(const unsigned char **p, const unsigned char *end, uint64_t *v)
{
    *v = 0;
    for (unsigned shift = 0; *p < end && shift < 63; shift += 7) {
        *v |= (uint64_t)(**p & 0x7f) << shift;
        if (!(*(*p)++ & 0x80))
            return true;
    }
    return false;
}

/* The place of bytes in a bundle. */
void bundle_place(int64_t id, size_t at, size_t len, struct str *out)
{
    str_clear(out);
    str_putc(out, PLACE);
    put(out, (uint64_t)id);
    put(out, at);
    put(out, len);
}

/* Is this a place? */
bool bundle_is_place(const void *blob, size_t n)
{
    return n > 0 && *(const unsigned char *)blob == PLACE;
}

/* Reads a place. */
static bool read_place(const void *blob, size_t n, struct place *out)
{
    const unsigned char *p = (const unsigned char *)blob + 1, *end = p + n - 1;
    uint64_t id, at, len;
    if (!take(&p, end, &id) || !take(&p, end, &at) || !take(&p, end, &len) || p != end ||
        at > BUNDLE_SIZE_MOST || len > BUNDLE_SIZE_MOST)
        return false;
    *out = (struct place){.id = (int64_t)id, .at = (size_t)at, .len = (size_t)len};
    return true;
}

/* The error of bytes that are not there. */
static enum status lost(struct error *err)
{
    error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
    return error_hint(err, _("run: bureau verify"));
}

/* Writes a bundle. */
enum status bundle_write(struct db *db, const struct str *packed, size_t n, int64_t *id,
                         struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT INTO bundle(live, bytes) VALUES(?1, ?2)");
    db_bind_int(q, 1, (int64_t)n);
    db_bind_bytes(q, 2, packed->data, packed->len);
    enum status s = db_run(q, err);
    if (s == STATUS_OK)
        *id = db_last_id(db);
    return s;
}

/* Unpacks a bundle from the file, appending. */
static enum status fetch(struct db *db, int64_t id, struct str *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT bytes FROM bundle WHERE id = ?1");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    enum status s = STATUS_OK;
    if (found) {
        size_t n;
        const void *packed = db_bytes(q, 0, &n);
        s = db_unpack(packed, n, BUNDLE_SIZE_MOST, out, err);
    }
    enum status end = db_done(q, err);
    if (end == STATUS_OK && !found)
        return lost(err);
    return s == STATUS_OK ? end : s;
}

/* The place for a bundle among those that are kept: its own, or the one that was not used longest. */
static struct kept *kept_for(struct db *db, int64_t id)
{
    struct bundle_cache **c = db_bundles(db);
    if (!*c)
        *c = mem_alloc(sizeof **c);
    struct kept *oldest = &(*c)->kept[0];
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &(*c)->kept[i];
        if (k->id == id) {
            k->used = ++(*c)->clock;
            return k;
        }
        if (k->used < oldest->used)
            oldest = k;
    }
    oldest->used = ++(*c)->clock;
    return oldest;
}

/* Appends what a place names, or what db_pack made of it. */
enum status bundle_read(struct db *db, const void *blob, size_t n, size_t max, struct str *out,
                        struct error *err)
{
    struct place p;
    if (!bundle_is_place(blob, n))
        return db_unpack(blob, n, max, out, err);
    if (!read_place(blob, n, &p))
        return lost(err);
    if (p.len > max)
        return error_set(err, STATUS_LIMIT, _("too large: %zu bytes"), p.len);
    struct kept *k = kept_for(db, p.id);
    if (k->id != p.id) {
        k->id = 0;
        str_clear(&k->bytes);
        enum status s = fetch(db, p.id, &k->bytes, err);
        if (s != STATUS_OK)
            return s;
        k->id = p.id;
    }
    bool whole = p.at <= k->bytes.len && p.len <= k->bytes.len - p.at;
    if (whole)
        str_add(out, k->bytes.data + p.at, p.len);
    if (k->bytes.cap > KEPT_SIZE) {
        k->id = 0;
        str_fini(&k->bytes);
    }
    return whole ? STATUS_OK : lost(err);
}

/* Takes the bytes of a place out of their bundle. */
enum status bundle_drop(struct db *db, const void *blob, size_t n, struct error *err)
{
    struct place p;
    if (!bundle_is_place(blob, n))
        return STATUS_OK;
    if (!read_place(blob, n, &p))
        return lost(err);
    struct db_query *q = db_prepare(db, "UPDATE bundle SET live = live - ?2 WHERE id = ?1 RETURNING live");
    db_bind_int(q, 1, p.id);
    db_bind_int(q, 2, (int64_t)p.len);
    int64_t live = db_step(q) ? db_int(q, 0) : 0;
    enum status s = db_done(q, err);
    bundle_cache_clear(*db_bundles(db));
    if (s != STATUS_OK)
        return s;
    if (live <= 0) {
        q = db_prepare(db, "DELETE FROM bundle WHERE id = ?1");
        db_bind_int(q, 1, p.id);
        return db_run(q, err);
    }
    struct str bytes = STR_INIT, packed = STR_INIT;
    s = fetch(db, p.id, &bytes, err);
    if (s == STATUS_OK && (p.at > bytes.len || p.len > bytes.len - p.at))
        s = lost(err);
    if (s == STATUS_OK) {
        if (p.len && bytes.data)
            memset(bytes.data + p.at, 0, p.len);
        bundle_pack(bytes.data, bytes.len, &packed);
        q = db_prepare(db, "UPDATE bundle SET bytes = ?2 WHERE id = ?1");
        db_bind_int(q, 1, p.id);
        db_bind_bytes(q, 2, packed.data, packed.len);
        s = db_run(q, err);
    }
    str_fini(&bytes);
    str_fini(&packed);
    return s;
}
