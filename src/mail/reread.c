/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reread.c - mail that came before the reader knew reports, or S/MIME files, is looked through once, behind all else
 *
 * An upgrade writes down how many mails were there (mail_reread). From the newest one back their heads are read in
 * slices by the writer; what may be a machine's word on a mail, or holds an S/MIME file, goes through the reader again,
 * and what it says is kept. How far it came stands in the store: a program that ends in the middle costs one slice done twice. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "command/hook.h"
#include "mail/inside.h"
#include "mail/reader.h"
#include "store/bundle.h"

#define SLICE 200      /* heads looked at in one operation */
#define HEAD_MOST (4u << 20)
#define LONG_MS 2000   /* then what else is due has its turn */

struct slice {
    int64_t seen;      /* how many ids, down to 0 */
    bool over;
    struct vec ids;    /* int64_t: what is read again */
};

struct filling {
    struct store *store;
    struct mail_reader *reader; /* own; NULL until one is needed */
    struct slice *slice;        /* own; the one under way */
    size_t at;                  /* in its ids */
    struct mail_new *mail;      /* own; the one the reader has */
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

/* Does it hold an S/MIME file, whose content was not read once? By its type, or by the name it is given. */
static bool may_be_shell(const char *head)
{
    return strstr(head, "pkcs7-mime\"") || strcasestr(head, ".p7m\"") || strcasestr(head, ".p7z\"");
}

/* Up to which mail it is still to be done; 0: not at all. */
static int64_t left_of(struct db *db, bool shells)
{
    return shells ? db_get_int(db, "SELECT coalesce(max(upto),0) FROM mail_reread WHERE shells=1", 0)
                  : db_get_int(db, "SELECT coalesce(max(upto),0) FROM mail_reread WHERE shells=0", 0);
}

/* Looks at one slice and writes down how far it is. */
static enum status look(struct db *db, void *record, struct error *err)
{
    struct slice *s = record;
    int64_t reports = left_of(db, false), shells = left_of(db, true);
    struct db_query *q = db_prepare(
        db, "SELECT m.id,c.head,m.from_address FROM mail_message m JOIN mail_content c ON c.message=m.id"
            " WHERE m.id<=?3 AND m.flags & ?2=0 ORDER BY m.id DESC LIMIT ?1");

    s->over = true;
    s->seen = 0;
    db_bind_int(q, 1, SLICE);
    db_bind_int(q, 2, DOC_PARTIAL);
    db_bind_int(q, 3, reports > shells ? reports : shells);
    while (db_step(q)) {
        struct str head = STR_INIT;
        struct error bad = ERROR_INIT;
        size_t n;
        const void *packed = db_bytes(q, 1, &n);
        int64_t id = db_int(q, 0);
        if (bundle_read(db, packed, n, HEAD_MOST, &head, &bad) == STATUS_OK &&
            ((id <= reports && may_report(str_text(&head), db_text(q, 2))) ||
             (id <= shells && may_be_shell(str_text(&head)))))
            mail_vec_add(&s->ids, id);
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
    struct db_query *q = db_prepare(db, s->over ? "DELETE FROM mail_reread WHERE ?1=?1" : "UPDATE mail_reread SET upto=?1-1 WHERE upto>=?1");

    db_bind_int(q, 1, s->seen);
    return db_run(q, err);
}

static const struct store_op look_op = {.name = "mail.reread-look", .klass = OP_BULK, .run = look, .free = slice_free};
static const struct store_op forget_op = {.name = "mail.reread-forget", .klass = OP_BULK, .run = forget, .free = slice_free};

/* A mail is what the reader says now; its thread may be joined with that of the one it speaks of. */
static enum status keep(struct db *db, void *record, struct error *err)
{
    enum status st = mail_read_anew(db, record, err);

    return st == STATUS_NO_SUCH ? STATUS_OK : st; /* gone meanwhile */
}

/* Releases it. */
static void keep_free(void *record)
{
    mail_new_free(record);
}

static const struct store_op keep_op = {.name = "mail.reread", .klass = OP_BULK, .run = keep, .free = keep_free};

static struct filling *the_filling; /* one in a process */

static void next_mail(struct filling *f);
static void next_slice(struct filling *f);

/* This turn is over. */
static void finish(struct filling *f, const struct error *err)
{
    the_filling = NULL;
    mail_reader_free(f->reader);
    slice_free(f->slice);
    mail_new_free(f->mail);
    f->done(f->user, f->count, err);
    free(f);
}

/* One mail is kept. */
static void on_kept(void *user, void *record, const struct error *err)
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

/* Has it an S/MIME file among its parts? */
static bool holds_shell(const struct mail_message *m)
{
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        const char *dot = p->name ? strrchr(p->name, '.') : NULL;
        if (str_ends(p->content_type, "pkcs7-mime") ||
            (dot && (str_eq_nocase(dot, ".p7m") || str_eq_nocase(dot, ".p7z"))))
            return true;
    }
    return false;
}

/* The reader has answered; a mail it cannot read says nothing. */
static void on_parsed(void *user, struct mail_message *m, const struct error *err)
{
    struct filling *f = user;
    struct mail_new *n = f->mail;

    (void)err;
    f->mail = NULL;
    if (!m || m->damaged || (!m->report && !holds_shell(m))) {
        mail_message_free(m);
        mail_new_free(n);
        next_mail(f);
        return;
    }
    mail_new_finish(n, m);
    store_post(f->store, &keep_op, n, on_kept, f);
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
    unsigned char hash[MAIL_HASH];

    while (f->at < f->slice->ids.len && !f->stopping) {
        struct error err = ERROR_INIT;
        if (mail_message_raw(store_reader(f->store), mail_vec_int(&f->slice->ids, f->at++), &raw, &err) == STATUS_OK)
            break;
        str_clear(&raw);
    }
    if (raw.len) {
        if (!f->reader)
            f->reader = mail_reader_new(store_loop(f->store), NULL);
        mail_hash(raw.data, raw.len, hash);
        f->mail = mail_new_pack(raw.data, raw.len, hash, MAIL_KEEP_NONE);
        f->mail->id = mail_vec_int(&f->slice->ids, f->at - 1);
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

const struct hook_work mail_reread_work = {.name = "reread", .due = fill_due, .run = fill_run, .stop = fill_stop};
