/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regroup.c - conversations split and joined by hand
 *
 * The journal's value is the thread of one message, so both are undone like any other change. A
 * thread that loses its last message goes, but what a person or triage said of it (lane, due day,
 * snooze, mute) stays in mail_past, and its id leads to where the messages went; when one of them
 * is put back, the thread is what it was. A conversation that was split off is marked `apart`: no
 * reference and no subject joins it with another again; an answer to one of its mails goes to it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/inside.h"

/* Runs one statement of up to two numbers. */
static enum status run2(struct db *db, const char *sql, int64_t a, int64_t b, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    return db_run(q, err);
}

/* Is the row there? */
static bool has_row(struct db *db, const char *sql, int64_t id)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, id);
    return db_any(q);
}

#define KEPT "lane,sorted,snooze,muted,asks,draft,due,apart"

/* An empty thread goes; its id leads to another. */
static enum status retire(struct db *db, int64_t from, int64_t to, struct error *err)
{
    enum status st = mail_thread_uncount(db, from, err);

    if (st == STATUS_OK)
        st = run2(db, "INSERT OR REPLACE INTO mail_past(id," KEPT ") SELECT id," KEPT
                      " FROM mail_thread WHERE id=?1 AND ?2=?2", from, from, err);
    if (st == STATUS_OK)
        st = run2(db, "UPDATE mail_alias SET was=coalesce(was,thread), thread=?1 WHERE thread=?2", to,
                  from, err);
    if (st == STATUS_OK)
        st = run2(db, "INSERT OR REPLACE INTO mail_alias(id,thread) VALUES(?2,?1)", to, from, err);
    return st == STATUS_OK ? run2(db, "DELETE FROM mail_thread WHERE id=?1 AND ?2=?2", from, from, err)
                           : st;
}

/* And comes back. */
static enum status restore(struct db *db, int64_t id, struct error *err)
{
    enum status st = run2(db, "INSERT INTO mail_thread(id," KEPT ") SELECT id," KEPT
                              " FROM mail_past WHERE id=?1 AND ?2=?2", id, id, err);

    if (st == STATUS_OK)
        st = run2(db, "DELETE FROM mail_past WHERE id=?1 AND ?2=?2", id, id, err);
    if (st == STATUS_OK)
        st = run2(db, "DELETE FROM mail_alias WHERE id=?1 AND ?2=?2", id, id, err);
    return st == STATUS_OK
               ? run2(db, "UPDATE mail_alias SET thread=was, was=NULL WHERE was=?1 AND ?2=?2", id, id, err)
               : st;
}

/* The message's rows name the thread now, and its flags are those of the thread. */
static enum status move_message(struct db *db, const struct mail_row *row, int64_t to,
                                struct error *err)
{
    struct db_query *q;
    enum status st = run2(db, "UPDATE mail_message SET thread=?2 WHERE id=?1", row->id, to, err);

    if (st == STATUS_OK)
        st = doc_set_thread(db, row->doc, to, err);
    if (st == STATUS_OK && *row->message_id) {
        q = db_prepare(db, "UPDATE mail_ref SET thread=?2 WHERE id=?1 AND message=?3");
        db_bind_int(q, 1, mail_join_key(row->message_id));
        db_bind_int(q, 2, to);
        db_bind_int(q, 3, row->id);
        st = db_run(q, err);
    }
    if (st != STATUS_OK)
        return st;
    bool snoozed = has_row(db, "SELECT 1 FROM mail_thread WHERE id=?1 AND snooze<>0", to);
    bool muted = has_row(db, "SELECT 1 FROM mail_thread WHERE id=?1 AND muted<>0", to);
    unsigned set = (snoozed ? (unsigned)DOC_SNOOZED : 0) | (muted ? (unsigned)DOC_MUTED : 0);
    return mail_message_set_flags_plain(db, row->id, set, (DOC_SNOOZED | DOC_MUTED) & ~set, err);
}

/* The thread's id. */
enum status mail_regroup_get(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct mail_row row;
    enum status st = mail_row_get(db, ref, &row, err);

    if (st == STATUS_OK)
        str_addf(out, "%" PRId64, row.thread);
    mail_row_fini(&row);
    return st;
}

/* Puts a message into a thread; one that went comes back for it. */
enum status mail_regroup_set(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct mail_row row;
    struct mail_thread t = {0};
    long long number;
    enum status st = mail_row_get(db, ref, &row, err);
    int64_t to;

    if (st != STATUS_OK)
        return st;
    if (!str_to_int64(value, &number)) {
        st = error_set(err, STATUS_USAGE, _("\"%s\" is not a number"), value);
        goto out;
    }
    to = number;
    if (has_row(db, "SELECT 1 FROM mail_past WHERE id=?1", to))
        st = restore(db, to, err);
    else
        to = mail_thread_id(db, to);
    if (st == STATUS_OK && !to)
        st = error_set(err, STATUS_NO_SUCH, _("there is no such conversation"));
    if (st != STATUS_OK || to == row.thread)
        goto out;
    st = move_message(db, &row, to, err);
    if (st == STATUS_OK)
        st = mail_thread_refresh(db, to, err);
    if (st == STATUS_OK)
        st = mail_thread_get(db, to, &t, err);
    if (st == STATUS_OK)
        st = doc_set_lane(db, DOC_MAIL, to, mail_lane_word(t.lane), err);
    mail_thread_fini(&t);
    if (st != STATUS_OK)
        goto out;
    st = has_row(db, "SELECT 1 FROM mail_message WHERE thread=?1", row.thread)
             ? mail_thread_refresh(db, row.thread, err)
             : retire(db, row.thread, to, err);
out:
    mail_row_fini(&row);
    return st;
}

/* ---- splitting ---- */

/* Does the mail name one of these Message-IDs? */
static bool answers_any(const struct mail_message *m, const struct vec *ids)
{
    for (size_t i = 0; i < ids->len; i++) {
        const char *id = strv_at(ids, i);
        if (str_eq(m->in_reply_to, id))
            return true;
        for (size_t k = 0; k < m->references.len; k++)
            if (str_eq(strv_at(&m->references, k), id))
                return true;
    }
    return false;
}

/* The message and what answers it, in the order of the thread: int64_t. */
static enum status branch(struct db *db, const struct mail_row *top, struct vec *ids,
                          struct error *err)
{
    struct vec rows, named;
    bool more = *top->message_id != '\0';
    enum status st = mail_thread_messages(db, top->thread, &rows, err);

    strv_init(&named);
    mail_vec_add(ids, top->id);
    if (more)
        strv_push(&named, top->message_id);
    while (more && st == STATUS_OK) { /* an answer may stand before what it answers: again */
        more = false;
        for (size_t i = 0; i < rows.len && st == STATUS_OK; i++) {
            const struct mail_row *row = vec_at(&rows, i);
            struct mail_message *m = NULL;
            if (mail_vec_has(ids, row->id))
                continue;
            st = mail_message_get(db, row->id, &m, err);
            if (st == STATUS_OK && answers_any(m, &named)) {
                mail_vec_add(ids, row->id);
                if (*row->message_id)
                    strv_push(&named, row->message_id);
                more = true;
            }
            mail_message_free(m);
        }
    }
    vec_fini(&rows);
    vec_fini(&named);
    return st;
}

/* A thread for a branch: it stands where the old one stood. */
static enum status new_thread(struct db *db, int64_t like, int64_t *id, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT INTO mail_thread(lane,sorted,snooze,muted,apart)"
            " SELECT lane,sorted,snooze,muted,1 FROM mail_thread WHERE id=?1");
    enum status st;

    db_bind_int(q, 1, like);
    st = db_run(q, err);
    *id = db_last_id(db);
    return st;
}

/* Moves messages, journalled. */
static enum status move_all(struct journal *j, const struct vec *ids, int64_t to, struct vec *moved,
                            struct error *err)
{
    char value[24];
    enum status st = STATUS_OK;

    snprintf(value, sizeof value, "%" PRId64, to);
    for (size_t i = 0; i < ids->len && st == STATUS_OK; i++) {
        bool did = false;
        st = journal_set(j, MAIL_FIELD_THREAD, mail_vec_int(ids, i), value, &did, err);
        if (did)
            mail_vec_add(moved, mail_vec_int(ids, i));
    }
    return st;
}

/* Splits. */
enum status mail_regroup_split(struct db *db, struct journal *j, int64_t message, struct vec *moved,
                               const char **why, struct error *err)
{
    struct mail_row row;
    struct mail_thread t = {0};
    struct vec ids;
    int64_t to = 0;
    enum status st = mail_row_get(db, message, &row, err);

    vec_init(&ids, sizeof(int64_t), NULL);
    *why = NULL;
    if (st == STATUS_OK)
        st = branch(db, &row, &ids, err);
    if (st == STATUS_OK)
        st = mail_thread_get(db, row.thread, &t, err);
    if (st == STATUS_OK && (int64_t)ids.len >= t.count) {
        *why = t.count > 1 ? _("all mails of the conversation answer it: nothing would stay")
                           : _("it stands alone already");
    } else if (st == STATUS_OK) {
        st = new_thread(db, row.thread, &to, err);
        if (st == STATUS_OK)
            st = move_all(j, &ids, to, moved, err);
    }
    mail_thread_fini(&t);
    mail_row_fini(&row);
    vec_fini(&ids);
    return st;
}

/* Joins. */
enum status mail_regroup_join(struct db *db, struct journal *j, int64_t into, int64_t from,
                              struct vec *moved, struct error *err)
{
    struct vec ids;
    enum status st = mail_thread_ids(db, from, &ids, err);

    if (st == STATUS_OK)
        st = move_all(j, &ids, into, moved, err);
    vec_fini(&ids);
    return st;
}
