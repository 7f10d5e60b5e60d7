/* SPDX-License-Identifier: GPL-3.0-or-later */
/* db_pack.c - bytes compressed for the store, and back.
 *
 * The first byte tells how: 0 as they are, 1 zstd. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "store/db.h"

enum { PACK_PLAIN = 0, PACK_ZSTD = 1 };

#define PACK_LEVEL 3

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

struct contexts {
    ZSTD_CCtx *pack;
    ZSTD_DCtx *unpack;
};

/* Releases a thread's contexts. */
static void contexts_free(void *p)
{
    struct contexts *c = p;
    ZSTD_freeCCtx(c->pack);
    ZSTD_freeDCtx(c->unpack);
    free(c);
}

/* Makes the place of each thread, once. */
static void prepare(void)
{
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

/* Compresses. */
void db_pack(const void *bytes, size_t n, struct str *out)
{
    str_clear(out);
    struct contexts *c = contexts();
    if (!c->pack)
        c->pack = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(n);
    if (n > 24 && c->pack) {
        str_reserve(out, room + 2);
        ZSTD_CCtx_reset(c->pack, ZSTD_reset_session_and_parameters);
        ZSTD_CCtx_setParameter(c->pack, ZSTD_c_compressionLevel, PACK_LEVEL);
        ZSTD_CCtx_setParameter(c->pack, ZSTD_c_dictIDFlag, 0);
        size_t got = ZSTD_compress2(c->pack, out->data + 1, room, bytes, n);
        if (!ZSTD_isError(got) && got < n) {
            out->data[0] = PACK_ZSTD;
            out->len = got + 1;
            out->data[out->len] = '\0';
            return;
        }
    }
    str_putc(out, PACK_PLAIN);
    str_add(out, bytes, n);
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
    if (p[0] != PACK_ZSTD || size == ZSTD_CONTENTSIZE_ERROR ||
        size == ZSTD_CONTENTSIZE_UNKNOWN)
        return error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
    if (size > max)
        return error_set(err, STATUS_LIMIT, _("too large: %llu bytes"), size);
    struct contexts *c = contexts();
    if (!c->unpack)
        c->unpack = ZSTD_createDCtx();
    str_reserve(out, (size_t)size + 1);
    char *to = out->data + out->len;
    size_t got = ZSTD_decompressDCtx(c->unpack, to, (size_t)size, p + 1, n - 1);
    if (ZSTD_isError(got) || got != size)
        return error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
    out->len += got;
    out->data[out->len] = '\0';
    return STATUS_OK;
}
