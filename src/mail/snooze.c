/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snooze.c - conversations that go away for a while: their mails' folder, and how they come back */
#include "mail/snooze.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/inside.h"
#include "mail/thread.h"

#define AT_ONCE 500 /* threads that one operation brings back */

/* Moves a message, journalled or not; its file follows. */
static enum status move(struct db *db, struct journal *j, int64_t message, int64_t folder,
                        struct error *err)
{
    char value[24];

    if (j) {
        snprintf(value, sizeof value, "%" PRId64, folder);
        return journal_set(j, MAIL_FIELD_FOLDER, message, value, NULL, err);
    }
    return mail_message_move(db, message, folder, err);
}

/* Where a message goes that lies in this folder; 0: it stays. */
static enum status target(struct db *db, int64_t folder, bool away, int64_t *to, struct error *err)
{
    struct mail_folder f;
    enum status st = mail_folder_get(db, folder, &f, err);

    *to = 0;
    if (st == STATUS_OK && f.followed && away && f.role == MAIL_ROLE_INBOX)
        st = mail_folder_make(db, f.account, MAIL_SNOOZED, to, err);
    else if (st == STATUS_OK && f.followed && !away && str_eq_nocase(f.name, MAIL_SNOOZED))
        st = mail_folder_role(db, f.account, MAIL_ROLE_INBOX, to, err);
    mail_folder_fini(&f);
    return st;
}

/* Moves what lies in the inbox away, or what lies with the snoozed back. */
enum status mail_snooze_move(struct db *db, struct journal *j, int64_t thread, bool away,
                             struct error *err)
{
    struct vec rows;
    enum status st = mail_thread_messages(db, thread, &rows, err);

    for (size_t i = 0; i < rows.len && st == STATUS_OK; i++) {
        const struct mail_row *row = vec_at(&rows, i);
        int64_t to;
        st = target(db, row->folder, away, &to, err);
        if (st == STATUS_OK && to)
            st = move(db, j, row->id, to, err);
    }
    vec_fini(&rows);
    return st;
}

/* Shows it again. */
static enum status end(struct db *db, int64_t thread, struct error *err)
{
    enum status st = mail_thread_set_snooze(db, thread, 0, err);

    return st == STATUS_OK ? mail_snooze_move(db, NULL, thread, false, err) : st;
}

/* Shows it again when it is snoozed. */
enum status mail_snooze_end(struct db *db, int64_t thread, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_thread WHERE id=?1 AND snooze>0");
    bool snoozed;

    db_bind_int(q, 1, thread);
    snoozed = db_step(q);
    db_end(q);
    return snoozed ? end(db, thread, err) : STATUS_OK;
}

/* Is any thread snoozed? */
bool mail_snooze_any(struct db *db)
{
    return db_get_int(db, "SELECT 1 FROM mail_thread WHERE snooze>0 LIMIT 1", 0) != 0;
}

/* A thread that nothing shows any more (archived, done) was to be seen again all the same: its newest
 * mail goes to the inbox, a finished one is something to do. */
static enum status bring_back(struct db *db, const struct mail_thread *t, int64_t message,
                              struct error *err)
{
    struct mail_row row;
    struct mail_folder f = {0};
    int64_t inbox = 0;
    enum status st = mail_row_get(db, message, &row, err);

    if (st == STATUS_OK)
        st = mail_folder_get(db, row.folder, &f, err);
    if (st == STATUS_OK && f.role == MAIL_ROLE_ARCHIVE)
        st = mail_folder_role(db, f.account, MAIL_ROLE_INBOX, &inbox, err);
    if (st == STATUS_OK && inbox)
        st = move(db, NULL, message, inbox, err);
    if (st == STATUS_OK && t->lane == MAIL_LANE_DONE)
        st = mail_thread_set_lane(db, t->id, MAIL_LANE_ACT, err);
    mail_folder_fini(&f);
    mail_row_fini(&row);
    return st;
}

/* Its time is there: it comes back as something new. */
static enum status wake(struct db *db, int64_t id, int64_t now, struct error *err)
{
    struct mail_thread t = {0};
    struct db_query *q;
    enum status st = end(db, id, err);
    int64_t message;

    if (st == STATUS_OK)
        st = mail_thread_get(db, id, &t, err);
    message = t.newest_foreign ? t.newest_foreign : t.newest;
    if (st == STATUS_OK && !t.open && !(t.flags & DOC_MUTED) && message)
        st = bring_back(db, &t, message, err);
    if (st == STATUS_OK && message)
        st = mail_message_mark(db, message, DOC_UNREAD, err);
    if (st == STATUS_OK) {
        q = db_prepare(db, "UPDATE mail_thread SET woken=?2 WHERE id=?1");
        db_bind_int(q, 1, id);
        db_bind_int(q, 2, now);
        st = db_run(q, err);
    }
    mail_thread_fini(&t);
    return st;
}

/* Brings back what was snoozed until now. */
enum status mail_thread_wake(struct db *db, int64_t now, int64_t *count, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id FROM mail_thread WHERE snooze>0 AND snooze<=?1"
                                        " ORDER BY snooze LIMIT ?2");
    struct journal *j;
    struct vec ids;
    enum status st;

    *count = 0;
    vec_init(&ids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, now);
    db_bind_int(q, 2, AT_ONCE);
    mail_vec_fill(&ids, q);
    st = db_done(q, err);
    if (st == STATUS_OK)
        st = journal_begin(db, N_("bureau"), "unsnooze", N_("its time has come"), &j, err);
    if (st != STATUS_OK) {
        vec_fini(&ids);
        return st;
    }
    for (size_t i = 0; i < ids.len && st == STATUS_OK; i++) {
        st = journal_note(j, MAIL_FIELD_SNOOZE, mail_vec_int(&ids, i), "0", err);
        if (st == STATUS_OK)
            st = wake(db, mail_vec_int(&ids, i), now, err);
    }
    *count = (int64_t)ids.len;
    vec_fini(&ids);
    if (st == STATUS_OK)
        return journal_end(j, NULL, err);
    journal_abandon(j);
    return st;
}

/* The end of the next snooze. */
int64_t mail_thread_next_wake(struct db *db)
{
    return db_get_int(db, "SELECT min(snooze) FROM mail_thread WHERE snooze>0"
                          " HAVING min(snooze) IS NOT NULL", CLOCK_NONE);
}
