/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft_mirror.c - writes the mirrors that are due, one after the other.
 *
 *   reader: the next draft → composed by a fresh reader → writer: file or append, and the serial that
 *   it shows → the next
 *
 * draft.mirrored is the serial of what is out there (-1: nothing was yet), draft.mirror where it is.
 * What cannot be mirrored now (a server, a full disk) is tried again when it changes or after five
 * minutes; the draft itself is in the store all the while. */
#include "inbox/draft_mirror.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "command/option.h"
#include "inbox/draft_inside.h"
#include "mail/mirror.h"
#include "mail/reader.h"
#include "office/people.h"
#include "store/store.h"

#define AGAIN_S 300

static int64_t not_before; /* after a failure */

struct mirroring {
    struct store *store; /* borrow */
    struct mail_reader *reader;
    struct draft *draft; /* own; the one at work */
    bool gone;           /* its mirror is taken away */
    struct str bytes;
    int count;
    void (*done)(void *user, int count, const struct error *err);
    void *user;
};

#define DUE                                                                                        \
    "((state IN ('open', 'approved') AND mirrored <> serial)"                                      \
    " OR (state IN ('sent', 'deleted') AND mirror <> ''))"

/* A pause after the change that waits longest. */
static int64_t mirror_due(struct store *s)
{
    if (!option_bool("compose.mirror"))
        return CLOCK_NONE;
    struct db_query *q = db_prepare(store_reader(s), "SELECT min(updated) FROM draft WHERE " DUE);
    int64_t due = db_step(q) && !db_is_null(q, 0)
                      ? db_int(q, 0) + option_int("compose.mirror-after") / 1000
                      : CLOCK_NONE;
    db_end(q);
    return due != CLOCK_NONE && due < not_before ? not_before : due;
}

static void next(struct mirroring *m);

/* It ends; err may be NULL. */
static void finish(struct mirroring *m, const struct error *err)
{
    static const struct error none = ERROR_INIT;
    if (m->reader)
        mail_reader_free(m->reader);
    draft_free(m->draft);
    str_fini(&m->bytes);
    m->done(m->user, m->count, err ? err : &none);
    free(m);
}

/* It could not be written now. */
static void fail(struct mirroring *m, const struct error *err)
{
    log_warn("drafts: d%lld: no mirror: %s", m->draft ? (long long)m->draft->id : 0LL, err->text);
    not_before = clock_now() + AGAIN_S;
    finish(m, NULL); /* the draft is safe: nothing to trouble a person with */
}

/* The operation: the mirror, and what it shows. No bytes: the draft has no place or nothing to show. */
static enum status put_run(struct db *db, void *record, struct error *err)
{
    struct mirroring *m = record;
    struct db_query *q = db_prepare(db, "SELECT mirror FROM draft WHERE id = ?");
    db_bind_int(q, 1, m->draft->id);
    char *where = mem_strdup(db_step(q) ? db_text(q, 0) : ""),
         *key = str_format("draft %lld", (long long)m->draft->id);
    enum status st = db_done(q, err);
    if (st == STATUS_OK && (m->bytes.len || *where))
        st = mail_mirror_put(db, m->draft->account, key, m->bytes.data, m->bytes.len, &where, err);
    if (st == STATUS_OK) {
        q = db_prepare(db, "UPDATE draft SET mirror = ?2, mirrored = ?3 WHERE id = ?1");
        db_bind_int(q, 1, m->draft->id);
        db_bind_text(q, 2, where);
        db_bind_int(q, 3, m->gone ? -1 : m->draft->serial);
        st = db_run(q, err);
    }
    free(where);
    free(key);
    return st;
}

static const struct store_op put_op = {"draft mirror", OP_BULK, put_run, NULL};

/* One is done. */
static void put_done(void *user, void *record, const struct error *err)
{
    struct mirroring *m = user;
    (void)record;
    if (err->status != STATUS_OK) {
        fail(m, err);
        return;
    }
    m->count++;
    next(m);
}

/* The hidden recipients stand in a mirror, for whoever goes on with it: addresses alone, which hold
 * nothing that could end the line (people_is_address). */
static void add_bcc(struct str *out, const struct vec *bcc)
{
    bool any = false;
    for (size_t i = 0; i < bcc->len; i++) {
        const struct mail_address *a = vec_at(bcc, i);
        if (people_is_address(a->address)) {
            str_addf(out, "%s%s", any ? ",\r\n " : "Bcc: ", a->address);
            any = true;
        }
    }
    if (any)
        str_puts(out, "\r\n");
}

/* The bytes are there. */
static void composed(void *user, const struct str *bytes, const struct error *err)
{
    struct mirroring *m = user;
    if (err->status != STATUS_OK && err->status != STATUS_REFUSED && err->status != STATUS_LIMIT) {
        fail(m, err);
        return;
    }
    str_clear(&m->bytes);
    if (err->status == STATUS_OK) { /* what cannot be a mail yet stays here alone */
        add_bcc(&m->bytes, &m->draft->bcc);
        str_add(&m->bytes, bytes->data, bytes->len);
    }
    store_post(m->store, &put_op, m, put_done, m);
}

/* Is there something to show? */
static bool says_something(const struct draft *d)
{
    return *d->text || *d->subject || d->to.len || d->cc.len || d->bcc.len || d->files.len;
}

/* Asks for the bytes of the draft. */
static enum status compose(struct mirroring *m, struct error *err)
{
    const struct draft *d = m->draft;
    struct vec files;
    char date[CLOCK_TEXT];
    enum status st = draft_files(store_reader(m->store), d->id, &files, err);
    if (st == STATUS_OK) {
        const char *at = strrchr(d->from.address, '@');
        char *id = str_format("draft-%lld-%lld-%lld%s", (long long)d->id, (long long)d->serial,
                              (long long)d->created, at ? at : "@bureau.invalid");
        struct mail_outgoing out = {.from = &d->from,
                                    .to = &d->to,
                                    .cc = &d->cc,
                                    .subject = d->subject,
                                    .text = d->text,
                                    .message_id = id,
                                    .in_reply_to = *d->in_reply_to ? d->in_reply_to : NULL,
                                    .date = clock_rfc5322(clock_now(), date),
                                    .references = &d->references,
                                    .files = &files};
        if (!m->reader)
            m->reader = mail_reader_new(store_loop(m->store), NULL);
        mail_reader_compose(m->reader, &out, composed, m);
        free(id);
    }
    vec_fini(&files);
    return st;
}

/* The next that is due. */
static void next(struct mirroring *m)
{
    struct error err = ERROR_INIT;
    struct db *db = store_reader(m->store);
    struct db_query *q = db_prepare(db, "SELECT id FROM draft WHERE updated <= ?1 AND " DUE
                                        " ORDER BY updated LIMIT 1");
    db_bind_int(q, 1, clock_now() - option_int("compose.mirror-after") / 1000);
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    enum status st = db_done(q, &err);
    draft_free(m->draft);
    m->draft = NULL;
    str_clear(&m->bytes);
    if (st == STATUS_OK && id)
        st = draft_get(db, id, &m->draft, &err);
    if (st != STATUS_OK || !id) {
        if (st != STATUS_OK)
            fail(m, &err);
        else
            finish(m, NULL);
        return;
    }
    m->gone = m->draft->state == DRAFT_SENT || m->draft->state == DRAFT_DELETED;
    bool shown = !m->gone && mail_mirror_possible(m->draft->account) &&
                 people_is_address(m->draft->from.address) && says_something(m->draft);
    if (!shown)
        store_post(m->store, &put_op, m, put_done, m);
    else if (compose(m, &err) != STATUS_OK)
        fail(m, &err);
}

/* The operation before the first mirror. */
static enum status begin_run(struct db *db, void *record, struct error *err)
{
    (void)record;
    return mail_mirror_begin(db, err);
}

static const struct store_op begin_op = {"draft mirrors", OP_BULK, begin_run, NULL};

/* The mark is there. */
static void begun(void *user, void *record, const struct error *err)
{
    struct mirroring *m = user;
    (void)record;
    if (err->status != STATUS_OK)
        fail(m, err);
    else
        next(m);
}

/* All that are due. */
static void mirror_run(struct store *s, void (*done)(void *user, int count, const struct error *err),
                       void *user)
{
    struct mirroring *m = mem_alloc(sizeof *m);
    *m = (struct mirroring){.store = s, .done = done, .user = user};
    char *mark = mail_mirror_mark(store_reader(s));
    bool has = mark != NULL;
    free(mark);
    if (has)
        next(m);
    else
        store_post(s, &begin_op, m, begun, m);
}

const struct hook_work draft_mirror_work = {.name = "drafts", .due = mirror_due, .run = mirror_run};
