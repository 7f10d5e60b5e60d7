/* SPDX-License-Identifier: GPL-3.0-or-later */
/* intake.c - mails on their way: packed, parsed, gathered, inserted
 *
 * A pass is one mail under way. Passes leave the reader in the order they were put, gather in
 * `ready` and go to the writer together, their bytes and texts packed in bundles (store/bundle.h);
 * the operation owns them from there and tells them in its callback. An operation that fails is taken
 * apart, so that one bad mail costs only itself. */
#include "mail/intake.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "io/loop.h"
#include "mail/folder.h"
#include "mail/imap_inside.h"
#include "mail/inside.h"
#include "mail/reader.h"
#include "store/bundle.h"

/* Under way: so many that the loop and the reader need not stop while the writer feeds the index. */
#define BYTES_MOST (9u << 20)
#define PASSES_MOST 2000
#define PASS_SIZE 2048 /* of a pass itself, about */
#define GATHER_PASSES 96
#define GATHER_SHARED 4 /* while another process may wait for the store: an operation is not cut short */
#define GATHER_BYTES (1u << 20)

struct pass {
    struct mail_intake *in; /* borrow */
    struct mail_new *new;
    char *name, *account, *folder; /* own */
    char *why;                     /* own; damaged: what the reader said */
    size_t size; /* bytes held for it */
    size_t bundle, at; /* where it lies in its operation's bundles; counted from 1, 0: in none */
};

struct mail_intake {
    struct store *store; /* borrow */
    struct mail_reader *reader;
    struct mail_intake_events ev;
    void *user;
    struct vec ready; /* struct pass *, own */
    size_t ready_bytes, bytes, passes, gather;
    size_t parsing;
    bool was_full, flushing, told_empty, leaving;
    size_t operations;
};

/* Releases a pass. */
static void pass_free(struct pass *p)
{
    mail_new_free(p->new);
    free(p->name);
    free(p->account);
    free(p->folder);
    free(p->why);
    free(p);
}

/* ---- the operation ---- */

struct insert {
    struct mail_intake *in;
    struct vec passes;  /* struct pass *, own */
    struct vec bundles; /* struct bundle */
};

/* What is kept of several passes, packed. */
struct bundle {
    struct str packed;
    size_t size;
    int64_t id; /* once it is written */
};

static void bundle_fini(void *item)
{
    str_fini(&((struct bundle *)item)->packed);
}

static void pass_fini(void *item)
{
    pass_free(*(struct pass **)item);
}

/* Releases the record. */
static void insert_free(void *record)
{
    struct insert *i = record;

    vec_fini(&i->passes);
    vec_fini(&i->bundles);
    free(i);
}

/* Oldest first: rows that come in the order of their keys fill the pages of the store. */
static int by_date(const void *a, const void *b)
{
    const struct pass *p = *(struct pass *const *)a, *q = *(struct pass *const *)b;
    int64_t x = p->new->message ? p->new->message->date : CLOCK_NONE;
    int64_t y = q->new->message ? q->new->message->date : CLOCK_NONE;

    return (x > y) - (x < y);
}

/* Writes the bundles. */
static enum status write_bundles(struct db *db, struct insert *i, struct error *err)
{
    enum status st = STATUS_OK;

    for (size_t k = 0; k < i->bundles.len && st == STATUS_OK; k++) {
        struct bundle *b = vec_at(&i->bundles, k);
        st = bundle_write(db, &b->packed, b->size, &b->id, err);
    }
    for (size_t k = 0; k < i->passes.len && st == STATUS_OK; k++) {
        struct pass *p = *(struct pass **)vec_at(&i->passes, k);
        if (p->bundle)
            mail_new_place(p->new, ((struct bundle *)vec_at(&i->bundles, p->bundle - 1))->id, p->at);
    }
    return st;
}

/* Adds all passes; folders are looked up once for a run of equal names. */
static enum status insert_run(struct db *db, void *record, struct error *err)
{
    struct insert *i = record;
    struct mail_adder *a = mail_adder_new(db);
    const struct pass *last = NULL;
    int64_t folder = 0;
    enum status st = write_bundles(db, i, err);

    for (size_t k = 0; k < i->passes.len && st == STATUS_OK; k++) {
        struct pass *p = *(struct pass **)vec_at(&i->passes, k);
        if (!last || !str_eq(last->account, p->account) || !str_eq(last->folder, p->folder))
            st = mail_folder_make(db, p->account, p->folder, &folder, err);
        last = p;
        p->new->folder = folder;
        p->new->kept = false;
        if (st == STATUS_OK)
            st = mail_add(a, p->new, err);
        if (st == STATUS_OK && p->bundle && !p->new->kept)
            st = mail_new_drop(db, p->new, err);
    }
    if (st == STATUS_OK)
        return mail_adder_end(a, err);
    mail_adder_abandon(a);
    return st;
}

static const struct store_op insert_op = {
    .name = "mail.insert", .klass = OP_AGAIN, .run = insert_run, .free = insert_free};

static void insert_done(void *user, void *record, const struct error *err);

/* Packs the bytes and texts of passes that follow one another. */
static void make_bundle(struct insert *i, size_t from, size_t end)
{
    struct bundle *b = vec_push(&i->bundles);
    struct str all = STR_INIT;
    size_t held = 0;

    for (size_t k = from; k < end; k++) {
        struct pass *p = *(struct pass **)vec_at(&i->passes, k);
        if (!p->new->whole.len)
            continue;
        p->bundle = i->bundles.len;
        p->at = all.len;
        if (all.len) {
            str_add(&all, p->new->whole.data, p->new->whole.len);
            str_fini(&p->new->whole);
        } else { /* a large mail is alone, and not copied */
            all = p->new->whole;
            p->new->whole = STR_INIT;
        }
        held++;
    }
    b->size = all.len;
    bundle_pack(all.data, all.len, &b->packed);
    str_fini(&all);
    for (size_t k = from; k < end; k++) {
        struct pass *p = *(struct pass **)vec_at(&i->passes, k);
        if (held && p->bundle == i->bundles.len) {
            size_t size = PASS_SIZE + b->packed.len / held;
            i->in->bytes = i->in->bytes - p->size + size;
            p->size = size;
        }
    }
}

/* Packs what the passes keep together, in bundles of about one size. */
static void make_bundles(struct insert *i)
{
    size_t from = 0, size = 0;

    vec_init(&i->bundles, sizeof(struct bundle), bundle_fini);
    for (size_t k = 0; k < i->passes.len; k++) {
        size_t n = (*(struct pass **)vec_at(&i->passes, k))->new->whole.len;
        if (size && size + n > BUNDLE_MOST) {
            make_bundle(i, from, k);
            from = k;
            size = 0;
        }
        size += n;
    }
    if (size)
        make_bundle(i, from, i->passes.len);
}

/* Takes what a pass keeps out of its operation's bundle again. */
static void unbundle(struct insert *i, struct pass *p)
{
    const struct mail_new *n = p->new;
    const struct bundle *b;
    struct str all = STR_INIT;
    struct error err = ERROR_INIT;

    if (!p->bundle)
        return;
    b = vec_at(&i->bundles, p->bundle - 1);
    if (db_unpack(b->packed.data, b->packed.len, b->size, &all, &err) != STATUS_OK)
        abort(); /* our own bytes, packed a moment ago */
    str_add(&p->new->whole, all.data + p->at, n->bytes_len + n->text_len + n->head_len);
    str_fini(&all);
    p->bundle = 0;
}

/* Posts one operation of these passes (moved out of the vec). */
static void post(struct mail_intake *in, struct vec *passes)
{
    struct insert *i = mem_alloc(sizeof *i);

    i->in = in;
    i->passes = *passes;
    vec_init(passes, sizeof(struct pass *), pass_fini);
    vec_sort(&i->passes, by_date);
    make_bundles(i);
    in->operations++;
    store_post(in->store, &insert_op, i, insert_done, NULL);
}

/* Everything is committed: says so, once for a flush. */
static void check_empty(struct mail_intake *in)
{
    if (!in->flushing || in->told_empty || in->passes || in->operations)
        return;
    in->told_empty = true;
    in->flushing = false;
    if (in->ev.on_empty)
        in->ev.on_empty(in->user);
}

/* Tells what became of a pass. */
static void tell(struct mail_intake *in, struct pass *p, const struct error *err)
{
    struct mail_intake_result r = {
        .name = p->name,
        .id = err ? 0 : p->new->id,
        .duplicate = !err && p->new->duplicate,
        .damaged = !err && !p->new->duplicate && p->new->message && p->new->message->damaged,
        .why = p->why ? p->why : "",
        .error = err,
    };

    in->passes--;
    in->bytes -= p->size;
    if (in->ev.on_item)
        in->ev.on_item(in->user, &r);
}

/* An operation is committed, or taken back: then its passes go one by one. */
static void insert_done(void *user, void *record, const struct error *err)
{
    struct insert *i = record;
    struct mail_intake *in = i->in;

    (void)user;
    in->operations--;
    if (in->leaving) {
        if (!in->operations)
            mail_intake_free(in);
        return;
    }
    if (error_is(err) && err->status != STATUS_FULL && i->passes.len > 1) {
        for (size_t k = 0; k < i->passes.len; k++) {
            struct vec one;
            vec_init(&one, sizeof(struct pass *), pass_fini);
            *(struct pass **)vec_push(&one) = *(struct pass **)vec_at(&i->passes, k);
            unbundle(i, *(struct pass **)vec_at(&one, 0));
            post(in, &one);
        }
        i->passes.len = 0;
        return;
    }
    for (size_t k = 0; k < i->passes.len; k++)
        tell(in, *(struct pass **)vec_at(&i->passes, k), error_is(err) ? err : NULL);
    if (in->was_full && mail_intake_room(in)) {
        in->was_full = false;
        if (in->ev.on_room)
            in->ev.on_room(in->user);
    }
    check_empty(in);
}

/* ---- on the way ---- */

/* Puts a pass to those that wait for the writer; they go when they are many, or when nobody else will
 * come: no more is put, by one who flushed or by one who waits for room. */
static void gather(struct mail_intake *in, struct pass *p)
{
    if (!in->ready.len)
        in->gather = store_others(in->store) > 0 ? GATHER_SHARED : GATHER_PASSES;
    *(struct pass **)vec_push(&in->ready) = p;
    in->ready_bytes += p->size;
    if (in->ready.len >= in->gather || in->ready_bytes >= GATHER_BYTES ||
        ((in->flushing || in->was_full) && !in->parsing)) {
        in->ready_bytes = 0;
        post(in, &in->ready);
    }
}

/* From here on only what was packed is held: its bytes are with the reader no more, and the plain
 * text is not needed beside the packed one. */
static void shrink(struct mail_intake *in, struct pass *p)
{
    struct mail_new *n = p->new;
    size_t size = PASS_SIZE + n->packed.len + n->head.len + n->body.len + n->whole.len;

    if (n->body.len || n->text_len) {
        free(n->message->text);
        n->message->text = NULL;
    }
    in->bytes = in->bytes - p->size + size;
    p->size = size;
}

/* The reader has read one, or given up on it. */
static void parsed(void *user, struct mail_message *m, const struct error *err)
{
    struct pass *p = user;
    struct mail_intake *in = p->in;

    in->parsing--;
    if (in->leaving) {
        mail_message_free(m);
        pass_free(p);
        return;
    }
    mail_new_finish(p->new, m);
    if (!m)
        p->why = mem_strdup(err && error_is(err) ? err->text : _("could not be read"));
    else if (m->damaged)
        p->why = mem_strdup(m->warnings.len ? strv_at(&m->warnings, m->warnings.len - 1)
                                            : _("its structure is broken"));
    shrink(in, p);
    gather(in, p);
}

/* A way in. */
struct mail_intake *mail_intake_new(struct store *s, const struct mail_intake_events *ev, void *user)
{
    struct mail_intake *in = mem_alloc(sizeof *in);

    in->store = s;
    in->ev = *ev;
    in->user = user;
    in->reader = mail_reader_new(store_loop(s), NULL);
    vec_init(&in->ready, sizeof(struct pass *), pass_fini);
    return in;
}

/* For tests. */
void mail_intake_set_limit(struct mail_intake *in, int64_t ms)
{
    mail_reader_set_limit(in->reader, ms);
}

/* May more be put? Who hears no is told when there is room again: a mail may also fill the room after
 * it was put, when it has been read and its text is held beside its bytes. */
bool mail_intake_room(struct mail_intake *in)
{
    bool room = in->bytes < BYTES_MOST && in->passes < PASSES_MOST;
    if (!room)
        in->was_full = true;
    return room;
}

/* Takes over what an IMAP server says of it. */
static void put_remote(struct mail_new *n, const char *account, const struct mail_remote *r)
{
    struct vec labels;

    n->remote = mem_alloc(sizeof *n->remote);
    *n->remote = *r;
    n->remote->keywords = mem_strdup(r->keywords ? r->keywords : "");
    n->flags = r->flags & MAIL_IMAP_FLAGS;
    n->received = r->received;
    if (r->partial)
        n->size = r->size;
    mail_imap_labels(n->remote->keywords, &labels);
    n->labels = strv_join(&labels, ",");
    if (r->thrid)
        n->also = mail_join_server_id(account, r->thrid);
    vec_fini(&labels);
}

/* Takes one mail. */
void mail_intake_put(struct mail_intake *in, const void *bytes, size_t n,
                     const struct mail_intake_item *item)
{
    struct pass *p = mem_alloc(sizeof *p);
    const char *inner = (const char *)bytes + item->start;
    size_t len = item->len ? item->len : n - item->start;
    unsigned char hash[MAIL_HASH];
    bool known;

    if (item->remote && item->remote->partial)
        mail_imap_hash(item->account, item->folder, item->uidvalidity, item->remote->uid, hash);
    else
        mail_hash(inner, len, hash);
    known = mail_find_hash(store_reader(in->store), hash) != 0;
    p->in = in;
    p->name = mem_strdup(item->name);
    p->account = mem_strdup(item->account ? item->account : MAIL_LOCAL);
    p->folder = mem_strdup(item->folder ? item->folder : "INBOX");
    p->size = n + PASS_SIZE;
    p->new = mail_new_pack(bytes, n, hash,
                           known                                   ? MAIL_KEEP_NONE
                           : item->remote && item->remote->partial ? MAIL_KEEP_ALONE
                                                                   : MAIL_KEEP_TOGETHER);
    p->new->flags = item->flags;
    p->new->received = item->received;
    p->new->horizon = item->horizon;
    p->new->path = mem_strdup_maybe(item->path);
    p->new->labels = mem_strdup_maybe(item->labels);
    if (item->remote) {
        free(p->new->labels);
        put_remote(p->new, item->account, item->remote);
    }
    in->passes++;
    in->bytes += p->size;
    in->told_empty = false;
    if (known) {
        gather(in, p);
        return;
    }
    in->parsing++;
    mail_reader_parse(in->reader, inner, len, parsed, p);
}

/* The loop's next turn after a flush of nothing. */
static void flushed(void *user)
{
    struct mail_intake *in = user;

    in->operations--;
    if (!in->leaving)
        check_empty(in);
    else if (!in->operations)
        mail_intake_free(in);
}

/* No more comes. */
void mail_intake_flush(struct mail_intake *in)
{
    in->flushing = true;
    in->told_empty = false;
    if (in->ready.len && !in->parsing) {
        in->ready_bytes = 0;
        post(in, &in->ready);
    }
    if (in->passes || in->operations)
        return;
    in->operations++; /* keeps it alive until then */
    loop_post(store_loop(in->store), flushed, in);
}

/* The end; operations under way are waited for. */
void mail_intake_free(struct mail_intake *in)
{
    if (!in)
        return;
    in->leaving = true;
    if (in->operations && loop_unpost(store_loop(in->store), flushed, in))
        in->operations--;
    if (in->reader) {
        mail_reader_free(in->reader);
        in->reader = NULL;
    }
    if (in->operations)
        return;
    vec_fini(&in->ready);
    free(in);
}
