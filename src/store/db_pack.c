/* SPDX-License-Identifier: GPL-3.0-or-later */
/* db_pack.c - bytes compressed for the store, and back.
 *
 * The first byte tells how: 0 as they are, 1 zstd, 2 zstd with the first mail dictionary. A later
 * dictionary gets a number of its own, and what was packed with an older one stays readable. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "store/db.h"
#include "store/db_dictionary.h"
#include "store/db_internal.h"

enum { PACK_PLAIN = 0, PACK_ZSTD = 1, PACK_MAIL1 = 2 };

/* With the dictionary level 3 saves one byte in a hundred more and takes twice the time. */
#define PACK_LEVEL 1
/* Many rows' bytes at once: level 4 saves another fiftieth, and a dictionary helps the first rows only. */
#define PACK_MANY_LEVEL 4
#define PACK_MANY_DICTIONARY_MAX ((size_t)32 << 10)
/* Larger than this the room for compressing is given back. */
#define PACK_ROOM_KEPT ((size_t)256 << 10)
/* Up to here the dictionary helps; beyond, the bytes are dictionary enough themselves. */
#define PACK_DICTIONARY_MAX ((size_t)256 << 10)

static pthread_once_t once = PTHREAD_ONCE_INIT, packing = PTHREAD_ONCE_INIT,
                      packing_many = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static ZSTD_CDict *cdict, *cdict_many;
static ZSTD_DDict *ddict;

struct contexts {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
    struct str room; /* what is packed holds no more than it needs */
};

/* Releases a thread's contexts. */
static void contexts_free(void *p)
{
    struct contexts *c = p;
    ZSTD_freeCCtx(c->pack);
    ZSTD_freeDCtx(c->unpack);
    str_fini(&c->room);
    free(c);
}

/* Reads the dictionary for packing, which takes six times what it takes for unpacking. */
static void prepare_packing(void)
{
    cdict = ZSTD_createCDict(db_dictionary_mail1, db_dictionary_mail1_len, PACK_LEVEL);
}

/* And for packing many rows' bytes at once. */
static void prepare_packing_many(void)
{
    cdict_many = ZSTD_createCDict(db_dictionary_mail1, db_dictionary_mail1_len, PACK_MANY_LEVEL);
}

/* Reads the dictionary for unpacking. */
static void prepare(void)
{
    ddict = ZSTD_createDDict(db_dictionary_mail1, db_dictionary_mail1_len);
    pthread_key_create(&key, contexts_free);
}

/* This thread's contexts. */
static struct contexts *contexts(void)
{
    pthread_once(&once, prepare);
    struct contexts *c = pthread_getspecific(key);
    if (!c) {
        c = mem_alloc(sizeof *c);
        pthread_setspecific(key, c);
    }
    return c;
}

/* Compresses; dict NULL: without one. checked: what is read back is compared with a sum. */
static void compress(const void *bytes, size_t n, int level, const ZSTD_CDict *dict, bool checked,
                     struct str *out)
{
    str_clear(out);
    struct contexts *c = contexts();
    if (!c->pack)
        c->pack = ZSTD_createCCtx();
    if (n > 24 && c->pack) {
        size_t room = ZSTD_compressBound(n);
        str_clear(&c->room);
        str_reserve(&c->room, room);
        ZSTD_CCtx_reset(c->pack, ZSTD_reset_session_and_parameters);
        ZSTD_CCtx_setParameter(c->pack, ZSTD_c_compressionLevel, level);
        ZSTD_CCtx_setParameter(c->pack, ZSTD_c_dictIDFlag, 0);
        ZSTD_CCtx_setParameter(c->pack, ZSTD_c_checksumFlag, checked);
        if (dict)
            ZSTD_CCtx_refCDict(c->pack, dict);
        size_t got = ZSTD_compress2(c->pack, c->room.data, room, bytes, n);
        bool good = !ZSTD_isError(got) && got < n;
        if (good) {
            str_reserve(out, got + 2);
            str_putc(out, dict ? PACK_MAIL1 : PACK_ZSTD);
            str_add(out, c->room.data, got);
        }
        if (room > PACK_ROOM_KEPT)
            str_fini(&c->room);
        if (good)
            return;
    }
    str_putc(out, PACK_PLAIN);
    str_add(out, bytes, n);
}

/* Packs what one row keeps. */
void db_pack(const void *bytes, size_t n, struct str *out)
{
    pthread_once(&packing, prepare_packing);
    compress(bytes, n, PACK_LEVEL, n <= PACK_DICTIONARY_MAX ? cdict : NULL, false, out);
}

/* Packs what many rows keep. */
void db_pack_many(const void *bytes, size_t n, struct str *out)
{
    pthread_once(&packing_many, prepare_packing_many);
    compress(bytes, n, PACK_MANY_LEVEL, n <= PACK_MANY_DICTIONARY_MAX ? cdict_many : NULL, true, out);
}

/* Uncompresses, appending. */
enum status db_unpack(const void *packed, size_t n, size_t max, struct str *out, struct error *err)
{
    const char *p = packed;
    if (n == 0)
        return STATUS_OK;
    if (p[0] == PACK_PLAIN) {
        if (n - 1 > max)
            return error_set(err, STATUS_LIMIT, _("too large: %zu bytes"), n - 1);
        str_add(out, p + 1, n - 1);
        return STATUS_OK;
    }
    unsigned long long size = ZSTD_getFrameContentSize(p + 1, n - 1);
    if ((p[0] != PACK_ZSTD && p[0] != PACK_MAIL1) || size == ZSTD_CONTENTSIZE_ERROR ||
        size == ZSTD_CONTENTSIZE_UNKNOWN)
        return error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
    if (size > max)
        return error_set(err, STATUS_LIMIT, _("too large: %llu bytes"), size);
    struct contexts *c = contexts();
    if (!c->unpack)
        c->unpack = ZSTD_createDCtx();
    str_reserve(out, (size_t)size + 1);
    char *to = out->data + out->len;
    size_t got = p[0] == PACK_MAIL1
                     ? ZSTD_decompress_usingDDict(c->unpack, to, (size_t)size, p + 1, n - 1, ddict)
                     : ZSTD_decompressDCtx(c->unpack, to, (size_t)size, p + 1, n - 1);
    if (ZSTD_isError(got) || got != size)
        return error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
    out->len += got;
    out->data[out->len] = '\0';
    return STATUS_OK;
}
