/* SPDX-License-Identifier: GPL-3.0-or-later */
/* textpace.c - the pace of textlog.h: when typed or streamed text becomes a row. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "io/loop.h"
#include "store/textlog.h"

#define TYPING_MS 250
#define STREAM_MS 250
#define BEAT_MS 5000

/* One row to write, posted. */
struct row {
    char *owner; /* own */
    int64_t ref, at, cut, cursor;
    struct str bytes;
    unsigned watch_bits;
    bool leased, beat;
    struct job_claim claim;
    bool lost;                     /* out: the lease is another's */
    struct textlog_stream *stream; /* borrow; NULL once it is gone */
    struct row *next;
};

/* Frees a posted row. */
static void row_free(void *record)
{
    struct row *r = record;
    free(r->owner);
    str_fini(&r->bytes);
    free(r);
}

/* The operation: checks the lease, adds the row, rings. */
static enum status row_write(struct db *db, void *record, struct error *err)
{
    struct row *r = record;
    if (r->leased) {
        enum status st = job_progress(db, r->claim, 0, 0, NULL, err);
        if (st == STATUS_STALE)
            r->lost = true;
        if (st != STATUS_OK)
            return st;
    }
    if (r->beat)
        return STATUS_OK;
    struct textlog_edit e = {.at = (size_t)r->at,
                             .cut = (size_t)r->cut,
                             .bytes = str_text(&r->bytes),
                             .n = r->bytes.len};
    enum status st = r->at < 0
                         ? textlog_append(db, r->owner, r->ref, e.bytes, e.n, err)
                         : textlog_splice(db, r->owner, r->ref, &e, r->cursor, err);
    if (st == STATUS_OK && r->watch_bits)
        db_touch(db, r->watch_bits);
    return st;
}

static const struct store_op typing_op = {"typing", OP_PERSON, row_write, row_free};
static const struct store_op stream_op = {"stream", OP_STREAM, row_write, row_free};

struct textlog_typist {
    struct store *store; /* borrow */
    char *owner;         /* own */
    int64_t ref;
    unsigned watch_bits;
    struct str saved;         /* what the store holds once all posted rows are in */
    struct loop_watch *timer; /* runs while something is due */
    void (*text)(void *user, struct str *out, int64_t *cursor);
    void *user;
};

struct textlog_typist *textlog_typist_new(struct store *s, const char *owner, int64_t ref,
                                          const char *saved, unsigned watch_bits,
                                          void (*text)(void *user, struct str *out, int64_t *cursor),
                                          void *user)
{
    struct textlog_typist *t = mem_alloc(sizeof *t);
    *t = (struct textlog_typist){.store = s,
                                 .owner = mem_strdup(owner),
                                 .ref = ref,
                                 .watch_bits = watch_bits,
                                 .text = text,
                                 .user = user};
    str_puts(&t->saved, saved ? saved : "");
    return t;
}

/* Posts the difference between what is saved and what stands in the box. */
static void typist_write(struct textlog_typist *t)
{
    struct str now = STR_INIT;
    int64_t cursor = -1;
    struct textlog_edit e;
    t->text(t->user, &now, &cursor);
    if (textlog_diff(str_text(&t->saved), str_text(&now), &e)) {
        struct row *r = mem_alloc(sizeof *r);
        *r = (struct row){.owner = mem_strdup(t->owner),
                          .ref = t->ref,
                          .at = (int64_t)e.at,
                          .cut = (int64_t)e.cut,
                          .cursor = cursor,
                          .watch_bits = t->watch_bits};
        str_add(&r->bytes, e.bytes, e.n);
        store_post(t->store, &typing_op, r, NULL, NULL);
        str_clear(&t->saved);
        str_add(&t->saved, str_text(&now), now.len);
    }
    str_fini(&now);
}

/* The timer of a typist. */
static void typist_due(void *user)
{
    struct textlog_typist *t = user;
    t->timer = NULL;
    typist_write(t);
}

void textlog_typist_touch(struct textlog_typist *t)
{
    if (!t->timer)
        t->timer = loop_timer(store_loop(t->store), TYPING_MS, typist_due, t);
}

void textlog_typist_flush(struct textlog_typist *t)
{
    loop_remove(store_loop(t->store), t->timer);
    t->timer = NULL;
    typist_write(t);
}

void textlog_typist_rebase(struct textlog_typist *t, const char *saved)
{
    str_clear(&t->saved);
    str_puts(&t->saved, saved ? saved : "");
}

void textlog_typist_free(struct textlog_typist *t)
{
    if (!t)
        return;
    textlog_typist_flush(t);
    free(t->owner);
    str_fini(&t->saved);
    free(t);
}

struct textlog_stream {
    struct store *store; /* borrow */
    char *owner;         /* own */
    int64_t ref;
    unsigned watch_bits;
    bool leased, lost;
    struct job_claim claim;
    struct str pending;
    struct loop_watch *timer, *beat;
    struct row *posted; /* rows under way, so that they forget a stream that is freed */
    void (*on_lost)(void *user);
    void *user;
};

/* A row is in (or not): the stream learns of a lost lease. */
static void stream_written(void *user, void *record, const struct error *err)
{
    (void)user;
    (void)err;
    struct row *r = record;
    struct textlog_stream *t = r->stream;
    if (!t)
        return;
    for (struct row **p = &t->posted; *p; p = &(*p)->next)
        if (*p == r) {
            *p = r->next;
            break;
        }
    if (r->lost && !t->lost) {
        t->lost = true;
        if (t->on_lost)
            t->on_lost(t->user);
    }
}

/* Posts what has come as one row; with beat only the lease is renewed. */
static void stream_write(struct textlog_stream *t, bool beat)
{
    if (t->lost || (!beat && t->pending.len == 0))
        return;
    struct row *r = mem_alloc(sizeof *r);
    *r = (struct row){.owner = mem_strdup(t->owner),
                      .ref = t->ref,
                      .at = -1,
                      .cursor = -1,
                      .watch_bits = t->watch_bits,
                      .leased = t->leased,
                      .beat = beat,
                      .claim = t->claim,
                      .stream = t,
                      .next = t->posted};
    if (!beat) {
        r->bytes = t->pending;
        t->pending = STR_INIT;
    }
    t->posted = r;
    store_post(t->store, &stream_op, r, stream_written, NULL);
}

/* The timer of a stream's rows. */
static void stream_due(void *user)
{
    struct textlog_stream *t = user;
    t->timer = NULL;
    stream_write(t, false);
}

/* The timer of a stream's lease. */
static void stream_beat(void *user)
{
    struct textlog_stream *t = user;
    t->beat = loop_timer(store_loop(t->store), BEAT_MS, stream_beat, t);
    stream_write(t, true);
}

struct textlog_stream *textlog_stream_new(struct store *s, const char *owner, int64_t ref,
                                          const struct job_claim *claim, unsigned watch_bits,
                                          void (*on_lost)(void *user), void *user)
{
    struct textlog_stream *t = mem_alloc(sizeof *t);
    *t = (struct textlog_stream){.store = s,
                                 .owner = mem_strdup(owner),
                                 .ref = ref,
                                 .watch_bits = watch_bits,
                                 .leased = claim != NULL,
                                 .on_lost = on_lost,
                                 .user = user};
    if (claim) {
        t->claim = *claim;
        t->beat = loop_timer(store_loop(s), BEAT_MS, stream_beat, t);
    }
    return t;
}

void textlog_stream_add(struct textlog_stream *t, const char *bytes, size_t n)
{
    str_add(&t->pending, bytes, n);
    if (!t->timer)
        t->timer = loop_timer(store_loop(t->store), STREAM_MS, stream_due, t);
}

void textlog_stream_flush(struct textlog_stream *t)
{
    loop_remove(store_loop(t->store), t->timer);
    t->timer = NULL;
    stream_write(t, false);
}

void textlog_stream_free(struct textlog_stream *t)
{
    if (!t)
        return;
    textlog_stream_flush(t);
    loop_remove(store_loop(t->store), t->beat);
    for (struct row *r = t->posted; r; r = r->next)
        r->stream = NULL;
    free(t->owner);
    str_fini(&t->pending);
    free(t);
}
