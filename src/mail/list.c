/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.c - reading threads: one by one, by lane, by folder, as a search found them */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "mail/inside.h"
#include "mail/thread.h"

#define COLUMNS                                                                                    \
    "t.id,t.key,t.date,t.count,t.unread,t.flags,t.lane,t.files,t.asks,t.draft,t.snooze,t.muted,"   \
    "t.newest,t.newest_foreign,t.open,t.unsorted,t.subject,t.people,t.due,t.woken"

/* Reads COLUMNS. */
static void read_thread(struct db_query *q, struct mail_thread *t)
{
    *t = (struct mail_thread){
        .id = db_int(q, 0),
        .key = db_int(q, 1),
        .date = db_int(q, 2),
        .count = db_int(q, 3),
        .unread = db_int(q, 4),
        .flags = (unsigned)db_int(q, 5) & ~(unsigned)(DOC_SNOOZED | DOC_MUTED),
        .lane = (enum mail_lane)db_int(q, 6),
        .files = db_int(q, 7),
        .asks = db_int(q, 8),
        .draft = db_int(q, 9),
        .snooze = db_int(q, 10),
        .newest = db_int(q, 12),
        .newest_foreign = db_int(q, 13),
        .open = db_int(q, 14) != 0,
        .sorted = db_int(q, 15) == 0,
        .subject = mem_strdup(db_text(q, 16)),
        .people = mem_strdup(db_text(q, 17)),
        .due = db_is_null(q, 18) ? NULL : mem_strdup(db_text(q, 18)),
        .woken = db_int(q, 19),
    };
    if (t->snooze)
        t->flags |= DOC_SNOOZED;
    if (db_int(q, 11))
        t->flags |= DOC_MUTED;
}

/* Appends all rows of a query, at most limit;. */
static enum status take_rows(struct db_query *q, struct vec *rows, struct error *err)
{
    while (db_step(q))
        read_thread(q, vec_push(rows));
    return db_done(q, err);
}

/* One thread. */
enum status mail_thread_get(struct db *db, int64_t id, struct mail_thread *out, struct error *err)
{
    struct db_query *q;
    int64_t living = mail_thread_id(db, id);
    bool found;
    enum status st;

    *out = (struct mail_thread){0};
    q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.id=?1");
    db_bind_int(q, 1, living);
    found = db_step(q);
    if (found)
        read_thread(q, out);
    st = db_done(q, err);
    if (st == STATUS_OK && !found)
        return error_set(err, STATUS_NO_SUCH, _("there is no conversation t%lld"), (long long)id);
    return st;
}

/* Open threads of one lane below a key. */
static enum status list_lane(struct db *db, enum mail_lane lane, int64_t below, size_t limit,
                             struct vec *rows, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.open=1"
                                        " AND t.lane=?1 AND t.key<?2 ORDER BY t.key DESC LIMIT ?3");

    db_bind_int(q, 1, lane);
    db_bind_int(q, 2, below);
    db_bind_int(q, 3, (int64_t)limit);
    return take_rows(q, rows, err);
}

/* Everything open, lane by lane. */
static enum status list_inbox(struct db *db, struct mail_cursor after, size_t limit,
                              struct vec *rows, struct error *err)
{
    size_t start = rows->len;
    int64_t below = after.key ? after.key : INT64_MAX;
    enum status st = STATUS_OK;

    for (int lane = (int)after.lane; lane < MAIL_LANES && st == STATUS_OK; lane++) {
        size_t have = rows->len - start;
        if (have >= limit)
            break;
        st = list_lane(db, (enum mail_lane)lane, below, limit - have, rows, err);
        below = INT64_MAX;
    }
    return st;
}

/* Threads of a folder, each at its newest message there; key is that message's. */
static enum status list_folder(struct db *db, int64_t folder, int64_t below, size_t limit,
                               struct vec *rows, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT " COLUMNS ",m.doc FROM mail_message m JOIN mail_thread t ON t.id=m.thread"
            " WHERE m.folder=?1 AND m.doc<?2 AND NOT EXISTS (SELECT 1 FROM mail_message n"
            " WHERE n.thread=m.thread AND n.doc>m.doc AND +n.folder=m.folder)" /* by thread */
            " ORDER BY m.doc DESC LIMIT ?3");

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, below);
    db_bind_int(q, 3, (int64_t)limit);
    while (db_step(q)) {
        struct mail_thread *t = vec_push(rows);
        read_thread(q, t);
        t->key = db_int(q, 20);
    }
    return db_done(q, err);
}

/* These ids; those that are gone are left out. */
static enum status list_ids(struct db *db, const struct mail_filter *f, size_t skip, size_t limit,
                            struct vec *rows, struct error *err)
{
    enum status st = STATUS_OK;

    for (size_t i = skip; i < f->ids_len && i - skip < limit && st == STATUS_OK; i++) {
        struct mail_thread t;
        st = mail_thread_get(db, f->ids[i], &t, err);
        if (st == STATUS_OK)
            *(struct mail_thread *)vec_push(rows) = t;
        else if (st == STATUS_NO_SUCH)
            st = STATUS_OK;
    }
    return st;
}

/* A page of a view. */
enum status mail_thread_list(struct db *db, const struct mail_filter *f, struct mail_cursor after,
                             size_t limit, struct vec *rows, struct error *err)
{
    int64_t below = after.key ? after.key : INT64_MAX;
    struct db_query *q = NULL;

    switch (f->view) {
    case MAIL_VIEW_INBOX:
        return list_inbox(db, after, limit, rows, err);
    case MAIL_VIEW_FOLDER:
        return list_folder(db, f->folder, below, limit, rows, err);
    case MAIL_VIEW_IDS:
        return list_ids(db, f, (size_t)after.key, limit, rows, err);
    case MAIL_VIEW_LANE:
        if (f->lane != MAIL_LANE_DONE)
            return list_lane(db, f->lane, below, limit, rows, err);
        q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.lane=8 AND t.key<?1"
                           " ORDER BY t.key DESC LIMIT ?2");
        break;
    case MAIL_VIEW_ALL:
        q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.key<?1"
                           " ORDER BY t.key DESC LIMIT ?2");
        break;
    case MAIL_VIEW_UNSORTED:
        q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.unsorted=1 AND t.key<?1"
                           " ORDER BY t.key DESC LIMIT ?2");
        break;
    case MAIL_VIEW_SNOOZED:
        q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.snooze>0"
                           " AND (t.snooze,t.key) > (coalesce((SELECT a.snooze FROM mail_thread a"
                           " WHERE a.key=?1),0),CASE ?1 WHEN 9223372036854775807 THEN 0 ELSE ?1 END)"
                           " ORDER BY t.snooze,t.key LIMIT ?2");
        break;
    case MAIL_VIEW_MUTED:
        q = db_prepare(db, "SELECT " COLUMNS " FROM mail_thread t WHERE t.muted=1 AND t.key<?1"
                           " ORDER BY t.key DESC LIMIT ?2");
        break;
    }
    db_bind_int(q, 1, below);
    db_bind_int(q, 2, (int64_t)limit);
    return take_rows(q, rows, err);
}

/* The ids of a thread's messages, oldest first. */
enum status mail_thread_ids(struct db *db, int64_t id, struct vec *ids, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id FROM mail_message WHERE thread=?1 ORDER BY doc");

    vec_init(ids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, mail_thread_id(db, id));
    mail_vec_fill(ids, q);
    return db_done(q, err);
}

/* The counts that the writer keeps. */
enum status mail_thread_counts(struct db *db, struct mail_counts *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT lane,threads,unread FROM mail_count");

    *out = (struct mail_counts){0};
    while (db_step(q)) {
        int64_t lane = db_int(q, 0);
        if (lane < 0 || lane > MAIL_LANES)
            continue;
        if (lane == MAIL_LANES) { /* the row of all messages */
            out->messages = db_int(q, 1);
            continue;
        }
        out->threads[lane] = db_int(q, 1);
        out->unread[lane] = db_int(q, 2);
        out->all_unread += out->unread[lane];
    }
    return db_done(q, err);
}

/* "Tom Berger, me" */
char *mail_thread_people(const struct mail_thread *t)
{
    struct str out = STR_INIT;
    const char *at = t->people;

    while (at) {
        const char *end = strchr(at, '\n');
        size_t n = end ? (size_t)(end - at) : strlen(at);
        if (out.len)
            str_puts(&out, ", ");
        if (n)
            str_add(&out, at, n);
        else
            str_puts(&out, _("me"));
        at = end ? end + 1 : NULL;
    }
    return str_take(&out);
}
