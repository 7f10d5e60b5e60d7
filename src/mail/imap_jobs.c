/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_jobs.c - the queue of an account as commands for many messages at once
 *
 * Of each message that waits: the difference between what the server was told and how it stands. Flags
 * and labels go to every copy in the account that agreed with its message; a move takes the copies of
 * the folder it was in; a deletion takes all. Where a copy came from is remembered, so that the way
 * back takes the same copies to the same folders. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/folder.h"
#include "mail/imap_place.h"
#include "mail/imap_send.h"

#define ROUND_MOST 100
#define COPIES_MOST 200 /* of one message */

/* A copy on the server. */
struct place {
    int64_t folder, uid;
    unsigned flags;
    char *apart, *keywords, *origin; /* own */
};

static void place_fini(void *item)
{
    struct place *p = item;

    free(p->apart);
    free(p->keywords);
    free(p->origin);
}

static void message_fini(void *item)
{
    struct send_message *m = item;

    free(m->base.labels);
    free(m->labels);
    free(m->unset);
    free(m->why);
    vec_fini(&m->words);
}

/* Releases what a pair owns. */
void mail_imap_pair_fini(void *item)
{
    struct send_pair *p = item;

    free(p->plus);
    free(p->minus);
}

static void job_fini(void *item)
{
    struct send_job *j = item;

    free(j->plus);
    free(j->minus);
    vec_fini(&j->pairs);
}

/* The live copies of a message in this account. */
static void read_places(struct mail_imap_run *r, int64_t message, struct vec *places)
{
    struct db_query *q = db_prepare(
        store_reader(r->store),
        "SELECT c.folder,c.uid,c.flags,c.apart,c.keywords,c.origin FROM mail_imap_copy c"
        " JOIN mail_imap_folder f ON f.folder=c.folder WHERE c.message=?1 AND c.state=0 AND c.uid>0"
        " AND f.account=?2 ORDER BY c.folder,c.uid LIMIT ?3");

    vec_init(places, sizeof(struct place), place_fini);
    db_bind_int(q, 1, message);
    db_bind_text(q, 2, r->account);
    db_bind_int(q, 3, COPIES_MOST);
    while (db_step(q)) {
        struct place *p = vec_push(places);
        p->folder = db_int(q, 0);
        p->uid = db_int(q, 1);
        p->flags = (unsigned)db_int(q, 2);
        p->apart = mem_strdup(db_text(q, 3));
        p->keywords = mem_strdup(db_text(q, 4));
        p->origin = mem_strdup(db_text(q, 5));
    }
    db_end(q);
}

/* The job of these values, made when there is none. plus and minus are taken. */
static struct send_job *find_job(struct run_send *s, enum send_kind kind, int64_t folder, int64_t target,
                                 char *plus, char *minus)
{
    struct send_job *j;

    for (size_t i = 0; i < s->jobs.len && kind != SEND_APPEND; i++) {
        j = vec_at(&s->jobs, i);
        if (j->kind == kind && j->folder == folder && j->target == target && str_eq(j->plus, plus) &&
            str_eq(j->minus, minus)) {
            free(plus);
            free(minus);
            return j;
        }
    }
    j = vec_push(&s->jobs);
    j->kind = kind;
    j->folder = folder;
    j->target = target;
    j->plus = plus;
    j->minus = minus;
    vec_init(&j->pairs, sizeof(struct send_pair), mail_imap_pair_fini);
    return j;
}

/* Adds a copy to a job. */
static void add_pair(struct send_job *j, int64_t uid, int64_t message)
{
    struct send_pair *p = vec_push(&j->pairs);

    p->uid = uid;
    p->message = message;
}

/* ---- flags and labels ---- */

/* What one copy is to be told. */
static void store_place(struct run_send *s, const struct send_message *m, const struct place *p)
{
    struct str plus = STR_INIT, minus = STR_INIT;

    mail_imap_place_due(&m->words, p->flags, p->keywords, p->apart, &plus, &minus);
    if (plus.len || minus.len)
        add_pair(find_job(s, SEND_STORE, p->folder, 0, str_take(&plus), str_take(&minus)), p->uid,
                 m->message);
    str_fini(&plus);
    str_fini(&minus);
}

/* ---- moves ---- */

/* Where a copy goes when its message moved from `from` to `to` (both of this account); 0: it stays. */
static int64_t goes_to(struct mail_imap_run *r, const struct vec *places, const struct place *p,
                       int64_t from, int64_t to)
{
    bool back = false;

    if (p->folder == to)
        return 0;
    if (to == r->trash) { /* deleted: everywhere, but what lies with others stays there */
        const struct run_folder *f = mail_imap_run_folder(r, p->folder);
        return f && f->foreign && p->folder != from ? 0 : to;
    }
    if (p->folder != from)
        return 0;
    for (size_t i = 0; i < places->len; i++) {
        const struct place *o = vec_at(places, i);
        back = back || (o->folder == from && mail_imap_origin_has(o->origin, to));
    }
    if (!back)
        return to;
    if (mail_imap_origin_has(p->origin, to))
        return to;
    /* Back out of the trash: the others each to where it was taken from. */
    return from == r->trash ? mail_imap_origin_top(p->origin) : 0;
}

/* Is the folder one of this account on the server, or to be made there? */
static bool is_ours(struct mail_imap_run *r, int64_t folder)
{
    return mail_folder_on_server(store_reader(r->store), folder, r->account);
}

/* Is the folder one of any account on a server? */
static bool is_followed(struct mail_imap_run *r, int64_t folder)
{
    return mail_folder_on_server(store_reader(r->store), folder, NULL);
}

/* Is a copy in that folder? */
static bool has_place(const struct vec *places, int64_t folder)
{
    for (size_t i = 0; i < places->len; i++)
        if (((const struct place *)vec_at(places, i))->folder == folder)
            return true;
    return false;
}

/* It was moved and moved back, and the first of these was sent: each copy goes back where it came from. */
static void return_message(struct mail_imap_run *r, struct run_send *s, const struct send_message *m,
                           const struct vec *places)
{
    bool there = has_place(places, m->folder);

    for (size_t i = 0; i < places->len; i++) {
        const struct place *p = vec_at(places, i);
        int64_t goes = mail_imap_origin_has(p->origin, m->folder) ? m->folder : 0;
        if (p->folder == m->folder || (there && p->folder != r->trash))
            continue;
        if (!goes && p->folder == r->trash)
            goes = mail_imap_origin_top(p->origin);
        if (goes && goes != p->folder)
            add_pair(find_job(s, SEND_MOVE, p->folder, goes, NULL, NULL), p->uid, m->message);
    }
}

/* May it be on the server all the same? A copy of an earlier UIDVALIDITY waits to be found again, or an
 * append was tried, nobody heard the answer, and there are mails that nobody has looked at yet. */
static bool may_be_there(struct mail_imap_run *r, const struct send_message *m)
{
    struct db_query *q = db_prepare(
        store_reader(r->store),
        "SELECT 1 FROM mail_imap_folder f WHERE f.account=?1 AND (EXISTS (SELECT 1 FROM mail_imap_copy c"
        " WHERE c.message=?2 AND c.folder=f.folder AND c.state=3) OR (?3 AND EXISTS (SELECT 1 FROM"
        " mail_imap_todo t WHERE t.folder=f.folder))) LIMIT 1");

    db_bind_text(q, 1, r->account);
    db_bind_int(q, 2, m->message);
    db_bind_int(q, 3, m->tried);
    return db_any(q);
}

/* Its moves, or its append. */
static void move_message(struct mail_imap_run *r, struct run_send *s, struct send_message *m,
                         const struct vec *places)
{
    bool from_us = m->base.folder && is_ours(r, m->base.folder), to_us = is_ours(r, m->folder);
    int64_t to = to_us ? m->folder : r->trash; /* it left the account: its copies are put away */

    /* Another account's to tell, though copies lie here too: it stays in the queue for that one. */
    if (!from_us && (!to_us || (m->base.folder && is_followed(r, m->base.folder)))) {
        m->failed = true;
        return;
    }
    if (m->base.folder == m->folder) {
        if (m->base.touched & MAIL_TOUCHED_FOLDER)
            return_message(r, s, m, places);
        return;
    }
    m->away = from_us && !to_us;
    if (from_us) {
        bool any = has_place(places, to);
        for (size_t i = 0; i < places->len; i++) {
            const struct place *p = vec_at(places, i);
            int64_t goes = goes_to(r, places, p, m->base.folder, to);
            if (goes && goes != p->folder) {
                add_pair(find_job(s, SEND_MOVE, p->folder, goes, NULL, NULL), p->uid, m->message);
                any = true;
            }
        }
        if (!any) /* the copy that was meant is gone: what is left is settled first */
            m->failed = true;
    } else if (to_us && !has_place(places, m->folder)) {
        bool back = false; /* put back into the account: the copies that were put away return */
        for (size_t i = 0; i < places->len; i++) {
            const struct place *p = vec_at(places, i);
            if (p->folder != r->trash || !mail_imap_origin_has(p->origin, m->folder))
                continue;
            back = true;
            add_pair(find_job(s, SEND_MOVE, p->folder, m->folder, NULL, NULL), p->uid, m->message);
        }
        if (!back && may_be_there(r, m))
            m->failed = true;
        else if (!back)
            add_pair(find_job(s, SEND_APPEND, 0, m->folder, NULL, NULL), 0, m->message);
    }
}

/* ---- a round ---- */

/* One message of the round. */
struct send_message *mail_imap_jobs_message(struct run_send *s, int64_t message)
{
    for (size_t i = 0; i < s->messages.len; i++) {
        struct send_message *m = vec_at(&s->messages, i);
        if (m->message == message)
            return m;
    }
    return NULL;
}

/* Is it this account's to tell the server? Another account's copies are put away by that one first. */
static bool concerns(struct mail_imap_run *r, const struct send_message *m, const struct vec *places)
{
    if (places->len || (m->base.folder && is_ours(r, m->base.folder)))
        return true;
    if (!is_ours(r, m->folder))
        return false;
    return !is_followed(r, m->base.folder);
}

/* Reads rows of the queue. */
static void read_messages(struct mail_imap_run *r, struct run_send *s, size_t *rows)
{
    struct db_query *q = db_prepare(
        store_reader(r->store),
        "SELECT p.id,p.message,p.flags,p.folder,p.labels,p.tried,m.flags,m.folder,p.touched"
        " FROM mail_imap_push p"
        " JOIN mail_message m ON m.id=p.message WHERE p.id>?1 ORDER BY p.id LIMIT ?2");

    db_bind_int(q, 1, s->last);
    db_bind_int(q, 2, ROUND_MOST);
    *rows = 0;
    while (db_step(q)) {
        struct send_message *m = vec_push(&s->messages);
        s->last = db_int(q, 0);
        m->message = db_int(q, 1);
        m->base.pending = true;
        m->base.flags = (unsigned)db_int(q, 2);
        m->base.folder = db_int(q, 3);
        m->base.labels = mem_strdup(db_text(q, 4));
        m->tried = db_int(q, 5) != 0;
        m->flags = (unsigned)db_int(q, 6) & MAIL_IMAP_FLAGS;
        m->folder = db_int(q, 7);
        m->base.touched = (unsigned)db_int(q, 8);
        ++*rows;
    }
    db_end(q);
}

/* The order of commands: flags, moves, appends; folder by folder. */
static int by_kind(const void *a, const void *b)
{
    const struct send_job *x = a, *y = b;

    if (x->kind != y->kind)
        return (x->kind > y->kind) - (x->kind < y->kind);
    return (x->folder > y->folder) - (x->folder < y->folder);
}

/* The next round. */
bool mail_imap_jobs_make(struct mail_imap_run *r, struct run_send *s)
{
    size_t rows;

    vec_fini(&s->messages);
    vec_fini(&s->jobs);
    vec_init(&s->messages, sizeof(struct send_message), message_fini);
    vec_init(&s->jobs, sizeof(struct send_job), job_fini);
    s->at = 0;
    read_messages(r, s, &rows);
    for (size_t i = s->messages.len; i-- > 0;) {
        struct send_message *m = vec_at(&s->messages, i);
        struct vec places, labels;
        struct error err = ERROR_INIT;
        if (mail_message_labels(store_reader(r->store), m->message, &labels, &err) == STATUS_OK)
            m->labels = strv_join(&labels, "\n");
        else
            m->labels = mem_strdup("");
        mail_imap_place_words(m->flags, &labels, &m->words);
        vec_fini(&labels);
        read_places(r, m->message, &places);
        if (concerns(r, m, &places)) {
            for (size_t k = 0; k < places.len; k++)
                store_place(s, m, vec_at(&places, k));
            move_message(r, s, m, &places);
            /* Its copies wait to be found again, or to be settled: not told yet. */
            if (!places.len && m->base.folder && is_ours(r, m->base.folder))
                m->failed = true;
        } else {
            vec_remove(&s->messages, i);
        }
        vec_fini(&places);
    }
    vec_sort(&s->jobs, by_kind);
    return rows > 0;
}

/* Folders that the queue will touch. */
void mail_imap_send_folders(struct db *db, const char *account, struct vec *ids)
{
    struct db_query *q = db_prepare(
        db, "SELECT c.folder FROM (SELECT message FROM mail_imap_push ORDER BY id LIMIT 2000) p"
            " JOIN mail_imap_copy c ON c.message=p.message JOIN mail_imap_folder f ON f.folder=c.folder"
            " WHERE f.account=?1 UNION SELECT m.folder FROM (SELECT message FROM mail_imap_push"
            " ORDER BY id LIMIT 2000) p JOIN mail_message m ON m.id=p.message UNION SELECT g.target FROM mail_imap_going g"
            " UNION SELECT g.folder FROM mail_imap_going g LIMIT 200");

    vec_init(ids, sizeof(int64_t), NULL);
    db_bind_text(q, 1, account);
    mail_vec_fill(ids, q);
    db_end(q);
}

/* Releases what a round holds. */
void mail_imap_send_free(struct run_send *s)
{
    if (!s)
        return;
    vec_fini(&s->messages);
    vec_fini(&s->jobs);
    vec_fini(&s->appends);
    vec_fini(&s->cleaned);
    str_fini(&s->bytes);
    vec_fini(&s->back);
    str_fini(&s->dropped);
    for (int i = 0; i < 2; i++) {
        str_fini(&s->got[i]);
        str_fini(&s->lost[i]);
    }
    free(s->why);
    free(s);
}
