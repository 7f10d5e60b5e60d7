/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report_fill.c - mail that came before reports were known is looked through once, behind everything else
 *
 * An upgrade writes down how many mails were there (mail_reread). From the newest one back their heads are read in
 * slices by the writer; what may be a machine's word on a mail goes through the reader again, and what it says is
 * kept. How far it came stands in the store: a program that ends in the middle costs one slice done twice. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "mail/content.h"
#include "mail/inside.h"
#include "mail/reader.h"
#include "mail/report.h"

#define SLICE 200      /* heads looked at in one operation */
#define HEAD_MOST (4u << 20)
#define LONG_MS 2000   /* then what else is due has its turn */

struct slice {
    int64_t seen;      /* how many ids, down to 0 */
    bool over;
    struct vec ids;    /* int64_t: what may be a report */
};

struct tie {
    int64_t message;
    struct mail_message *parsed; /* own */
};

struct filling {
    struct store *store;
    struct mail_reader *reader; /* own; NULL until one is needed */
    struct slice *slice;        /* own; the one under way */
    size_t at;                  /* in its ids */
    int64_t start_ms;
    bool stopping;
    int count;
    void (*done)(void *user, int count, const struct error *err);
    void *user;
};

/* May this mail be a machine's word on another one? By what was kept of it. */
static bool may_report(const char *head, const char *from)
{
    static const char *const signs[] = {"multipart/report", "message/delivery-status", "message/feedback-report", "\"auto_response_suppress\":",
                                        "\"return_path\":\"\"", "\"return_path\":\"<>\"", "auto_reply", "\"auto_submitted\":"};

    if (strstr(head, "\"report\":") || strstr(head, "\"list_id\":"))
        return false;
    if (str_starts_nocase(from, "mailer-daemon") || str_starts_nocase(from, "postmaster"))
        return true;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strstr(head, signs[i]))
            return true;
    return false;
}

/* Looks at one slice and writes down how far it is. */
static enum status look(struct db *db, void *record, struct error *err)
{
    struct slice *s = record;
    struct db_query *q = db_prepare(
        db, "SELECT m.id,c.head,m.from_address FROM mail_message m JOIN mail_content c ON c.message=m.id"
            " WHERE m.id<=(SELECT coalesce(max(upto),0) FROM mail_reread) AND m.flags & ?2=0 ORDER BY m.id DESC LIMIT ?1");

    s->over = true;
    s->seen = 0;
    db_bind_int(q, 1, SLICE);
    db_bind_int(q, 2, DOC_PARTIAL);
    while (db_step(q)) {
        struct str head = STR_INIT;
        struct error bad = ERROR_INIT;
        size_t n;
        const void *packed = db_bytes(q, 1, &n);
        if (db_unpack(packed, n, HEAD_MOST, &head, &bad) == STATUS_OK && may_report(str_text(&head), db_text(q, 2)))
            mail_vec_add(&s->ids, db_int(q, 0));
        str_fini(&head);
        s->seen = db_int(q, 0);
        s->over = false;
    }
    return db_done(q, err);
}

/* Releases a slice. */
static void slice_free(void *record)
{
    struct slice *s = record;

    if (s)
        vec_fini(&s->ids);
    free(s);
}

/* Everything of a slice is kept: it is not looked at again. */
static enum status forget(struct db *db, void *record, struct error *err)
{
    const struct slice *s = record;
    struct db_query *q = db_prepare(db, s->over ? "DELETE FROM mail_reread WHERE ?1=?1" : "UPDATE mail_reread SET upto=?1-1");

    db_bind_int(q, 1, s->seen);
    return db_run(q, err);
}

static const struct store_op look_op = {.name = "mail.report-look", .klass = OP_BULK, .run = look, .free = slice_free};
static const struct store_op forget_op = {.name = "mail.report-forget", .klass = OP_BULK, .run = forget, .free = slice_free};

/* Keeps what a mail says and puts it beside the one it speaks of. */
static enum status tie(struct db *db, void *record, struct error *err)
{
    const struct tie *t = record;
    struct str head = STR_INIT, packed = STR_INIT;
    struct mail_row row;
    struct mail_report r;
    struct vec merged;
    enum status st = mail_row_get(db, t->message, &row, err);

    mail_report_read(t->parsed, &r);
    vec_init(&merged, sizeof(int64_t), NULL);
    if (st != STATUS_OK || r.kind == MAIL_REPORT_NONE)
        goto out;
    mail_content_write(t->parsed, &head);
    db_pack(head.data, head.len, &packed);
    struct db_query *q = db_prepare(db, "UPDATE mail_content SET head=?2 WHERE message=?1");
    db_bind_int(q, 1, t->message);
    db_bind_bytes(q, 2, packed.data, packed.len);
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = mail_report_keep(db, t->message, t->parsed, err);
    int64_t thread = row.thread;
    if (st == STATUS_OK && r.of)
        st = mail_join_late(db, r.of, &thread, &merged, err);
    if (st == STATUS_OK && merged.len) { /* history: nothing wakes up, no lane is taken back */
        struct mail_refresh refresh = {.horizon = CLOCK_NONE, .doc_lane = MAIL_LANES, .added = true};
        st = mail_thread_refresh_with(db, thread, &refresh, err);
    }
    db_touch(db, WATCH_MAIL);
out:
    mail_row_fini(&row);
    mail_report_fini(&r);
    vec_fini(&merged);
    str_fini(&head);
    str_fini(&packed);
    return st == STATUS_NO_SUCH ? STATUS_OK : st; /* gone meanwhile */
}

/* Releases it. */
static void tie_free(void *record)
{
    struct tie *t = record;

    mail_message_free(t->parsed);
    free(t);
}

static const struct store_op tie_op = {.name = "mail.report-tie", .klass = OP_BULK, .run = tie, .free = tie_free};

static struct filling *the_filling; /* one in a process */

static void next_mail(struct filling *f);
static void next_slice(struct filling *f);

/* This turn is over. */
static void finish(struct filling *f, const struct error *err)
{
    the_filling = NULL;
    mail_reader_free(f->reader);
    slice_free(f->slice);
    f->done(f->user, f->count, err);
    free(f);
}

/* One mail is tied. */
static void on_tied(void *user, void *record, const struct error *err)
{
    struct filling *f = user;

    (void)record;
    if (error_is(err)) {
        finish(f, err);
        return;
    }
    f->count++;
    next_mail(f);
}

/* The reader has answered; a mail it cannot read says nothing. */
static void on_parsed(void *user, struct mail_message *m, const struct error *err)
{
    struct filling *f = user;

    (void)err;
    if (!m || !m->report) {
        mail_message_free(m);
        next_mail(f);
        return;
    }
    struct tie *t = mem_alloc(sizeof *t);
    t->message = mail_vec_int(&f->slice->ids, f->at - 1);
    t->parsed = m;
    store_post(f->store, &tie_op, t, on_tied, f);
}

/* The slice is written off. */
static void on_forgotten(void *user, void *record, const struct error *err)
{
    struct filling *f = user;
    const struct slice *s = record;

    if (error_is(err) || s->over || clock_mono_ms() - f->start_ms > LONG_MS)
        finish(f, err);
    else
        next_slice(f);
}

/* The next mail of the slice goes to the reader, or the next slice begins. */
static void next_mail(struct filling *f)
{
    struct str raw = STR_INIT;

    while (f->at < f->slice->ids.len && !f->stopping) {
        struct error err = ERROR_INIT;
        if (mail_message_raw(store_reader(f->store), mail_vec_int(&f->slice->ids, f->at++), &raw, &err) == STATUS_OK)
            break;
        str_clear(&raw);
    }
    if (raw.len) {
        if (!f->reader)
            f->reader = mail_reader_new(store_loop(f->store), NULL);
        mail_reader_parse(f->reader, raw.data, raw.len, on_parsed, f);
    } else if (f->stopping) {
        struct error none = ERROR_INIT;
        finish(f, &none);
    } else {
        struct slice *s = f->slice;
        f->slice = NULL;
        store_post(f->store, &forget_op, s, on_forgotten, f);
    }
    str_fini(&raw);
}

/* A slice was looked at. */
static void on_looked(void *user, void *record, const struct error *err)
{
    struct filling *f = user;
    struct slice *s = record;

    if (error_is(err)) {
        finish(f, err);
        return;
    }
    f->slice = mem_alloc(sizeof *f->slice); /* the record is freed behind us */
    *f->slice = *s;
    vec_init(&s->ids, sizeof(int64_t), NULL);
    f->at = 0;
    next_mail(f);
}

/* Begins one. */
static void next_slice(struct filling *f)
{
    struct slice *s = mem_alloc(sizeof *s);

    vec_init(&s->ids, sizeof(int64_t), NULL);
    store_post(f->store, &look_op, s, on_looked, f);
}

/* At once, while mails of before an upgrade were not looked at. */
static int64_t fill_due(struct store *s)
{
    return !the_filling && db_get_int(store_reader(s), "SELECT 1 FROM mail_reread", 0) ? clock_now() : CLOCK_NONE;
}

/* Some slices. */
static void fill_run(struct store *s, void (*done)(void *user, int count, const struct error *err), void *user)
{
    struct filling *f = mem_alloc(sizeof *f);

    f->store = s;
    f->done = done;
    f->user = user;
    f->start_ms = clock_mono_ms();
    the_filling = f;
    next_slice(f);
}

/* Breaks it off behind the mail it is at; the slice is done again another time. */
static void fill_stop(struct store *s)
{
    (void)s;
    if (the_filling)
        the_filling->stopping = true;
}

const struct hook_work mail_report_work = {.name = "reports", .due = fill_due, .run = fill_run, .stop = fill_stop};
