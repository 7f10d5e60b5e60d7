/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_going.c - moves by COPY that are under way are remembered, and compared with what came of them (operations)
 *
 * Without MOVE (RFC 6851) a mail lies in two folders between COPY and EXPUNGE, and the line may drop at any
 * moment. So each copy is written down before COPY is sent, with the target's UIDNEXT; then that it was
 * answered, and by COPYUID (RFC 4315) where the copy is. The next run looks at the folders first, then at
 * these rows: a copy of the same mail that came to the target since is ours. Is it still wanted there and
 * has it the flags of the other, the move goes on behind COPY; else it is one too many. None came: COPY was
 * not done. What is not known yet waits. */
#include "mail/imap_going.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/folder.h"
#include "mail/imap_inside.h"
#include "mail/imap_send.h"

#define LOOK_MOST 1000

/* Runs a statement of up to four numbers. */
static enum status run4(struct db *db, const char *sql, int64_t a, int64_t b, int64_t c, int64_t d, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    db_bind_int(q, 3, c);
    db_bind_int(q, 4, d);
    return db_run(q, err);
}

/* Forgets that a copy is under way. */
static enum status forget(struct db *db, int64_t folder, int64_t uid, struct error *err)
{
    return run4(db, "DELETE FROM mail_imap_going WHERE folder=?1 AND uid=?2 AND ?3=?3 AND ?4=?4", folder, uid, 0, 0, err);
}

/* ---- COPY ---- */

/* Releases the record. */
static void job_free(void *record)
{
    vec_fini(&((struct going_job *)record)->pairs);
    free(record);
}

/* It is about to be sent. A server that does not tell UIDNEXT: behind the last mail we know there. */
static enum status going_run(struct db *db, void *record, struct error *err)
{
    const struct going_job *g = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < g->pairs.len && st == STATUS_OK; i++) {
        struct db_query *q = db_prepare(
            db, "INSERT OR REPLACE INTO mail_imap_going(folder,uid,target,validity,next) VALUES(?1,?2,?3,?4,"
                "CASE ?5 WHEN 0 THEN (SELECT coalesce(max(uid),0)+1 FROM (SELECT uid FROM mail_imap_copy WHERE folder=?3"
                " UNION ALL SELECT uid FROM mail_imap_todo WHERE folder=?3)) ELSE ?5 END)");
        db_bind_int(q, 1, g->folder);
        db_bind_int(q, 2, ((const struct going_pair *)vec_at(&g->pairs, i))->uid);
        db_bind_int(q, 3, g->target);
        db_bind_int(q, 4, g->validity);
        db_bind_int(q, 5, g->next);
        st = db_run(q, err);
    }
    return st;
}

const struct store_op mail_imap_going_op = {
    .name = "mail.imap-going", .klass = OP_STREAM, .run = going_run, .free = job_free};

/* It was done. */
static enum status said_run(struct db *db, void *record, struct error *err)
{
    struct going_job *g = record;
    bool valid = mail_imap_sent_valid(db, g->target, g->validity);
    enum status st = STATUS_OK;

    for (size_t i = 0; i < g->pairs.len && st == STATUS_OK; i++) {
        struct going_pair *p = vec_at(&g->pairs, i);
        p->copy = valid ? p->copy : 0;
        st = run4(db, "UPDATE mail_imap_going SET said=1,copy=?3 WHERE folder=?1 AND uid=?2 AND ?4=?4", g->folder, p->uid,
                  p->copy, 0, err);
        if (st == STATUS_OK && p->copy)
            st = mail_imap_sent_place(db, g->folder, p->uid, g->target, p->copy, false, err);
    }
    return st;
}

const struct store_op mail_imap_said_op = {
    .name = "mail.imap-said", .klass = OP_STREAM, .run = said_run, .free = job_free};

/* It was refused. */
static enum status stayed_run(struct db *db, void *record, struct error *err)
{
    const struct going_job *g = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < g->pairs.len && st == STATUS_OK; i++)
        st = forget(db, g->folder, ((const struct going_pair *)vec_at(&g->pairs, i))->uid, err);
    return st;
}

const struct store_op mail_imap_stayed_op = {
    .name = "mail.imap-stayed", .klass = OP_STREAM, .run = stayed_run, .free = job_free};

/* ---- what came of it ---- */

/* A row, what is known of its copy, and of its target. */
struct going {
    int64_t folder, uid, target, validity, next, copy;
    bool said;
    int64_t message, state, lies; /* message 0: the copy is not known any more; lies: its folder here */
    unsigned flags;
    char *keywords;               /* own */
    int64_t target_validity;      /* -1: the target is gone */
    bool queued;
};

static void going_fini(void *item)
{
    free(((struct going *)item)->keywords);
}

/* All rows of the account. */
static enum status read_all(struct db *db, const char *account, struct vec *all, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT g.folder,g.uid,g.target,g.validity,g.next,g.copy,g.said,coalesce(c.message,0),c.state,c.flags,c.keywords,"
            "m.folder,CASE WHEN t.state IS NULL OR t.state=2 THEN -1 ELSE t.uidvalidity END,EXISTS(SELECT 1 FROM mail_imap_push p"
            " WHERE p.message=c.message) FROM mail_imap_going g JOIN mail_imap_folder f ON f.folder=g.folder LEFT JOIN"
            " mail_imap_copy c ON c.folder=g.folder AND c.uid=g.uid LEFT JOIN mail_message m ON m.id=c.message LEFT JOIN"
            " mail_imap_folder t ON t.folder=g.target WHERE f.account=?1 ORDER BY g.folder,g.target,g.uid LIMIT ?2");

    vec_init(all, sizeof(struct going), going_fini);
    db_bind_text(q, 1, account);
    db_bind_int(q, 2, LOOK_MOST);
    while (db_step(q)) {
        struct going *g = vec_push(all);
        *g = (struct going){.folder = db_int(q, 0), .uid = db_int(q, 1), .target = db_int(q, 2), .validity = db_int(q, 3),
                            .next = db_int(q, 4), .copy = db_int(q, 5), .said = db_int(q, 6) != 0, .message = db_int(q, 7),
                            .state = db_int(q, 8), .flags = (unsigned)db_int(q, 9), .keywords = mem_strdup(db_text(q, 10)),
                            .lies = db_int(q, 11), .target_validity = db_int(q, 12), .queued = db_int(q, 13) != 0};
    }
    return db_done(q, err);
}

/* The copy in the target: the one that is known, else one that came since and that no other row has. 0: none. */
static int64_t find_copy(struct db *db, const struct going *g)
{
    struct db_query *q = db_prepare(
        db, "SELECT uid FROM mail_imap_copy c WHERE folder=?1 AND message=?2 AND state=0 AND (uid=?4 OR (uid>=?3 AND NOT EXISTS"
            " (SELECT 1 FROM mail_imap_going o WHERE o.target=?1 AND o.copy=c.uid))) ORDER BY uid<>?4,uid LIMIT 1");
    int64_t uid;

    db_bind_int(q, 1, g->target);
    db_bind_int(q, 2, g->message);
    db_bind_int(q, 3, g->validity == g->target_validity ? g->next : 1);
    db_bind_int(q, 4, g->copy);
    uid = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return uid;
}

/* Have both copies the same flags, but for our mark? What another program changed at one would be lost. */
static bool is_same(struct db *db, const struct going *g)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_imap_copy WHERE folder=?1 AND uid=?2 AND flags=?3 AND keywords=?4");

    db_bind_int(q, 1, g->target);
    db_bind_int(q, 2, g->copy);
    db_bind_int(q, 3, g->said ? g->flags & ~(unsigned)MAIL_COPY_DELETED : g->flags);
    db_bind_text(q, 4, g->keywords);
    return db_any(q);
}

/* May its copy lie in the target without our knowing it? */
static bool may_be_there(struct db *db, const struct going_look *l, const struct going *g)
{
    struct db_query *q = db_prepare(
        db, "SELECT 1 WHERE EXISTS (SELECT 1 FROM mail_imap_todo WHERE folder=?1 AND uid>=?3) OR EXISTS (SELECT 1 FROM"
            " mail_imap_copy WHERE folder=?1 AND message=?2 AND state=3)");

    db_bind_int(q, 1, g->target);
    db_bind_int(q, 2, g->message);
    db_bind_int(q, 3, g->validity == g->target_validity ? g->next : 1);
    return db_any(q) || !mail_vec_has(&l->seen, g->target);
}

/* One row. */
static enum status look_one(struct db *db, struct going_look *l, struct going *g, struct error *err)
{
    bool wanted = g->lies == g->target || (g->target == l->trash && !mail_folder_on_server(db, g->lies, l->account));
    int64_t copy;
    struct going_back *b;
    enum status st;

    if (!g->message || g->state == MAIL_COPY_GONE || g->state == MAIL_COPY_LEFT || g->target_validity < 0)
        return forget(db, g->folder, g->uid, err); /* it has gone, by us or by others */
    if (g->state != MAIL_COPY_LIVE)
        return STATUS_OK;
    copy = find_copy(db, g);
    if (copy ? wanted && !g->queued : !may_be_there(db, l, g)) /* two places of which nothing waits; or COPY was not done */
        return forget(db, g->folder, g->uid, err);
    st = run4(db, "UPDATE mail_imap_going SET copy=?3 WHERE folder=?1 AND uid=?2 AND ?4=?4", g->folder, g->uid, copy, 0, err);
    if (st != STATUS_OK || !copy)
        return st;
    g->copy = copy;
    if (wanted && is_same(db, g))
        return mail_imap_sent_place(db, g->folder, g->uid, g->target, copy, true, err);
    b = vec_push(&l->back);
    *b = (struct going_back){.folder = g->folder, .uid = g->uid, .target = g->target, .copy = copy,
                             .validity = g->target_validity, .marked = g->said && g->flags & MAIL_COPY_DELETED};
    return st;
}

/* All of them. */
static enum status look_run(struct db *db, void *record, struct error *err)
{
    struct going_look *l = record;
    struct vec all;
    enum status st = read_all(db, l->account, &all, err);

    for (size_t i = 0; i < all.len && st == STATUS_OK; i++)
        st = look_one(db, l, vec_at(&all, i), err);
    vec_fini(&all);
    return st;
}

/* Releases the record. */
static void look_free(void *record)
{
    struct going_look *l = record;

    free(l->account);
    vec_fini(&l->seen);
    vec_fini(&l->back);
    free(l);
}

const struct store_op mail_imap_going_look_op = {
    .name = "mail.imap-going-look", .klass = OP_BULK, .run = look_run, .free = look_free};

/* Copies that were one too many are away. */
static enum status undone_run(struct db *db, void *record, struct error *err)
{
    const struct going_undone *u = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < u->back.len && st == STATUS_OK; i++) {
        const struct going_back *b = vec_at(&u->back, i);
        st = forget(db, b->folder, b->uid, err);
        if (st == STATUS_OK)
            st = run4(db, "UPDATE mail_imap_copy SET flags=flags & ~?3 WHERE folder=?1 AND uid=?2 AND ?4", b->folder, b->uid,
                      MAIL_COPY_DELETED, b->marked, err);
        if (st == STATUS_OK)
            st = run4(db, "DELETE FROM mail_copy WHERE folder=?1 AND path='' AND message=(SELECT message FROM mail_imap_copy"
                          " WHERE folder=?1 AND uid=?2) AND NOT EXISTS (SELECT 1 FROM mail_imap_copy o WHERE o.folder=?1 AND"
                          " o.uid<>?2 AND o.message=mail_copy.message AND o.state=?3) AND ?4=?4", b->target, b->copy,
                      MAIL_COPY_LIVE, 0, err);
        if (st == STATUS_OK)
            st = u->left ? run4(db, "UPDATE mail_imap_copy SET state=?3,flags=flags|?4 WHERE folder=?1 AND uid=?2", b->target,
                                b->copy, MAIL_COPY_LEFT, MAIL_COPY_DELETED, err)
                         : run4(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2 AND ?3=?3 AND ?4=?4", b->target,
                                b->copy, 0, 0, err);
    }
    return st;
}

/* Releases the record. */
static void undone_free(void *record)
{
    vec_fini(&((struct going_undone *)record)->back);
    free(record);
}

const struct store_op mail_imap_undone_op = {
    .name = "mail.imap-undone", .klass = OP_BULK, .run = undone_run, .free = undone_free};

/* It has another UID now. */
enum status mail_imap_going_found(struct db *db, int64_t folder, int64_t was, int64_t uid, struct error *err)
{
    return run4(db, "UPDATE OR REPLACE mail_imap_going SET uid=?3 WHERE folder=?1 AND uid=?2 AND ?4=?4", folder, was, uid, 0,
                err);
}

/* ---- reading ---- */

/* One row. */
bool mail_imap_going_get(struct db *db, int64_t folder, int64_t uid, int64_t *target, int64_t *copy)
{
    struct db_query *q = db_prepare(db, "SELECT target,copy FROM mail_imap_going WHERE folder=?1 AND uid=?2");
    bool found;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    found = db_step(q);
    *target = found ? db_int(q, 0) : 0;
    *copy = found ? db_int(q, 1) : 0;
    db_end(q);
    return found;
}

/* Was its COPY answered? */
bool mail_imap_going_said(struct db *db, int64_t folder, int64_t uid)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_imap_going WHERE folder=?1 AND uid=?2 AND said=1");

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    return db_any(q);
}

/* Any of the account. */
bool mail_imap_going_any(struct db *db, const char *account, bool unheard)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_imap_going g JOIN mail_imap_folder f ON f.folder=g.folder"
                                        " WHERE f.account=?1 AND (g.said=0 OR NOT ?2) LIMIT 1");

    db_bind_text(q, 1, account);
    db_bind_int(q, 2, unheard);
    return db_any(q);
}
