/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_apply.c - what a server said of one folder goes into the store, in slices the writer can bear */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "mail/imap_run.h"

#define TOLD_MOST 200    /* flags of messages in one operation */
#define FOUND_MOST 5000  /* new UIDs in one operation */

/* Releases the record. */
void mail_imap_apply_free(void *record)
{
    struct run_apply *a = record;

    mail_imap_heard_clear(&a->heard);
    vec_fini(&a->heard.told);
    vec_fini(&a->heard.thrids);
    imap_set_fini(&a->heard.vanished);
    imap_set_fini(&a->heard.found);
    str_fini(&a->heard.copy_from);
    str_fini(&a->heard.copy_to);
    free(a);
}

/* Runs a statement of the folder and a number. */
static enum status run2(struct db *db, const char *sql, int64_t folder, int64_t n, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, n);
    return db_run(q, err);
}

/* Another UIDVALIDITY: what we knew waits under negative UIDs to be found again. */
static enum status reset(struct db *db, struct run_apply *a, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT coalesce(max(abs(uid)),0) FROM mail_imap_copy WHERE folder=?1");
    int64_t most = 0;
    enum status st;

    db_bind_int(q, 1, a->folder);
    if (db_step(q))
        most = db_int(q, 0);
    st = db_done(q, err);
    if (st == STATUS_OK)
        st = run2(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND (message=0 OR state=?2)", a->folder,
                  MAIL_COPY_LEFT, err);
    if (st == STATUS_OK)
        st = run2(db, "UPDATE mail_imap_append SET uid=0 WHERE folder=?1 AND ?2=?2", a->folder, 0, err);
    if (st == STATUS_OK)
        st = run2(db, "UPDATE mail_imap_copy SET uid=-(uid+?2),state=3 WHERE folder=?1 AND uid>0",
                  a->folder, most, err);
    if (st == STATUS_OK)
        st = run2(db, "UPDATE mail_imap_going SET uid=-(uid+?2) WHERE folder=?1 AND uid>0", a->folder, most, err);
    if (st == STATUS_OK)
        st = run2(db, "DELETE FROM mail_imap_todo WHERE folder=?1 AND ?2=?2", a->folder, 0, err);
    return st;
}

/* UIDs of ours in a range, or all: int64_t. */
static enum status known_uids(struct db *db, int64_t folder, int64_t first, int64_t last, struct vec *uids,
                              struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT uid FROM mail_imap_copy WHERE folder=?1 AND uid BETWEEN ?2 AND ?3 AND state<>1"
            " UNION ALL SELECT uid FROM mail_imap_todo WHERE folder=?1 AND uid BETWEEN ?2 AND ?3");

    vec_init(uids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, first);
    db_bind_int(q, 3, last);
    mail_vec_fill(uids, q);
    return db_done(q, err);
}

/* One UID is gone. */
static enum status vanish(struct db *db, struct run_apply *a, int64_t uid, struct error *err)
{
    bool changed;
    enum status st = mail_imap_vanished(db, a->folder, uid, &changed, err);

    a->gone += changed;
    return st;
}

/* VANISHED, and what SEARCH did not find. */
static enum status vanish_all(struct db *db, struct run_apply *a, struct error *err)
{
    struct vec uids;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < a->heard.vanished.ranges.len && st == STATUS_OK; i++) {
        const struct imap_range *r = vec_at(&a->heard.vanished.ranges, i);
        st = known_uids(db, a->folder, r->first, r->last, &uids, err);
        for (size_t k = 0; k < uids.len && st == STATUS_OK; k++)
            st = vanish(db, a, mail_vec_int(&uids, k), err);
        vec_fini(&uids);
    }
    if (st != STATUS_OK || !a->heard.has_found)
        return st;
    st = known_uids(db, a->folder, 1, UINT32_MAX, &uids, err);
    for (size_t k = 0; k < uids.len && st == STATUS_OK; k++)
        if (!imap_set_has(&a->heard.found, (uint32_t)mail_vec_int(&uids, k)))
            st = vanish(db, a, mail_vec_int(&uids, k), err);
    vec_fini(&uids);
    return st;
}

/* A UID that SEARCH found: to be fetched unless we have it; what was thought gone is there after all. */
static enum status find_one(struct db *db, struct run_apply *a, uint32_t uid, struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT OR IGNORE INTO mail_imap_todo(folder,uid) SELECT ?1,?2"
                                        " WHERE NOT EXISTS (SELECT 1 FROM mail_imap_copy WHERE folder=?1"
                                        " AND uid=?2)");
    enum status st;

    db_bind_int(q, 1, a->folder);
    db_bind_int(q, 2, uid);
    st = db_run(q, err);
    if (st == STATUS_OK && !db_changed(db))
        st = run2(db, "UPDATE mail_imap_copy SET state=0 WHERE folder=?1 AND uid=?2 AND state=1", a->folder,
                  uid, err);
    return st;
}

/* Some of the UIDs found; more follow while a->found_at is not the last. */
static enum status find_some(struct db *db, struct run_apply *a, struct error *err)
{
    enum status st = STATUS_OK;
    int n = 0;

    while (st == STATUS_OK && n++ < FOUND_MOST) {
        if (!imap_set_next(&a->heard.found, &a->found_at)) {
            a->over = true;
            return st;
        }
        st = find_one(db, a, a->found_at, err);
    }
    return st;
}

/* What is known of the folder from now on. While the count does not fit, the folder counts as one that
 * has changed, whatever STATUS says: the run that was to compare it may never come to that. */
static enum status finish(struct db *db, struct run_apply *a, struct error *err)
{
    const struct run_heard *h = &a->heard;
    struct db_query *q = db_prepare(
        db, "SELECT (SELECT count(*) FROM mail_imap_copy WHERE folder=?1 AND uid>0 AND state<>1)"
            " + (SELECT count(*) FROM mail_imap_todo WHERE folder=?1)");
    enum status st;
    bool fits;

    db_bind_int(q, 1, a->folder);
    a->known = db_step(q) ? db_int(q, 0) : 0;
    st = db_done(q, err);
    if (st != STATUS_OK)
        return st;
    fits = a->known == h->exists;
    q = db_prepare(db, "UPDATE mail_imap_folder SET uidvalidity=?2,uidnext=?3,modseq=?4,messages=?5,"
                       "thrids=CASE state WHEN 0 THEN 1 ELSE thrids END,state=?6 WHERE folder=?1");
    db_bind_int(q, 1, a->folder);
    db_bind_int(q, 2, h->uidvalidity);
    db_bind_int(q, 3, h->uidnext);
    db_bind_int(q, 4, h->no_modseq || !fits ? 0 : h->modseq);
    db_bind_int(q, 5, fits ? h->exists : -1);
    db_bind_int(q, 6, MAIL_IMAP_SYNCED);
    return db_run(q, err);
}

/* The next slice. */
static enum status apply_run(struct db *db, void *record, struct error *err)
{
    struct run_apply *a = record;
    enum status st = STATUS_OK;

    if (a->reset) {
        st = reset(db, a, err);
        if (st == STATUS_OK)
            a->reset = false;
    }
    for (int n = 0; st == STATUS_OK && n < TOLD_MOST && a->at < a->heard.told.len; n++) {
        bool changed;
        st = mail_imap_told(db, a->folder, vec_at(&a->heard.told, a->at++), &changed, err);
        a->changed += changed;
    }
    if (st != STATUS_OK || a->at < a->heard.told.len)
        return st;
    if (a->heard.has_found)
        st = find_some(db, a, err);
    else
        a->over = true;
    if (st == STATUS_OK && a->over)
        st = vanish_all(db, a, err);
    if (st == STATUS_OK && a->over)
        st = finish(db, a, err);
    return st;
}

const struct store_op mail_imap_apply_op = {
    .name = "mail.imap-apply", .klass = OP_BULK, .run = apply_run, .free = mail_imap_apply_free};

/* What was not found again. */
enum status mail_imap_apply_old(struct db *db, const char *account, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE mail_imap_copy SET state=1 WHERE state=3 AND folder IN (SELECT f.folder FROM"
            " mail_imap_folder f WHERE f.account=?1 AND NOT EXISTS (SELECT 1 FROM mail_imap_todo t"
            " WHERE t.folder=f.folder))");

    db_bind_text(q, 1, account);
    return db_run(q, err);
}
