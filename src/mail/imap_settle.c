/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_settle.c - copies that are gone from the server, once every folder was looked at
 *
 * A message that still has a copy somewhere was moved: nothing is lost. One that has none goes to the
 * local trash, out of the account but not out of the office, journalled so that it can be taken back
 * (then it is appended again). When many would go at once that is more likely a server's accident than
 * a person's wish: nothing goes before a person has said so. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap_inside.h"
#include "mail/imap_place.h"

#define DOUBT_ALL 200   /* so many at once are doubtful */
#define LOOKS_LOST 2    /* so many looks without a copy */
#define DOUBT_FOLDER 20 /* so many, and half of a folder */

struct gone {
    int64_t folder, uid, message;
};

/* How many messages would leave every folder, when that is doubtful; else 0. */
static enum status count_doubt(struct db *db, const char *account, int64_t *doubtful, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT g.folder, count(DISTINCT g.message), f.state,"
            " (SELECT count(*) FROM mail_imap_copy a WHERE a.folder=g.folder AND a.state IN (0,1))"
            " FROM mail_imap_copy g JOIN mail_imap_folder f ON f.folder=g.folder"
            " JOIN mail_folder n ON n.id=g.folder WHERE g.state=1 AND f.account=?1"
            " AND n.role NOT IN (?2,?3) AND NOT EXISTS (SELECT 1 FROM mail_imap_copy l"
            " WHERE l.message=g.message AND l.state=0) GROUP BY g.folder");
    int64_t all = 0;
    bool doubt = false;

    db_bind_text(q, 1, account);
    db_bind_int(q, 2, MAIL_ROLE_TRASH);
    db_bind_int(q, 3, MAIL_ROLE_SPAM);
    while (db_step(q)) {
        int64_t n = db_int(q, 1), known = db_int(q, 3);
        all += n;
        doubt = doubt || db_int(q, 2) == MAIL_IMAP_VANISHED || (n >= DOUBT_FOLDER && n * 2 >= known);
    }
    *doubtful = doubt || all >= DOUBT_ALL ? all : 0;
    return db_done(q, err);
}

/* Runs a statement of up to three numbers. */
static enum status run3(struct db *db, const char *sql, int64_t a, int64_t b, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    return db_run(q, err);
}

/* The copy of the message that shows it best: the inbox first, the trash last. */
static int64_t best_folder(struct db *db, int64_t message)
{
    struct db_query *q = db_prepare(
        db, "SELECT c.folder FROM mail_imap_copy c JOIN mail_folder f ON f.id=c.folder"
            " WHERE c.message=?1 AND c.state=0 ORDER BY CASE f.role WHEN 1 THEN 0 WHEN 0 THEN 1"
            " ELSE f.role END, c.folder LIMIT 1");
    int64_t folder;

    db_bind_int(q, 1, message);
    folder = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return folder;
}

/* Is a copy of it in that folder? */
static bool is_in(struct db *db, int64_t message, int64_t folder)
{
    struct db_query *q = db_prepare(
        db, "SELECT 1 FROM mail_imap_copy WHERE message=?1 AND folder=?2 AND state=0 LIMIT 1");

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, folder);
    return db_any(q);
}

/* No copy is left on the server. */
static enum status settle_last(struct db *db, const struct gone *g, const struct mail_row *row,
                               struct error *err)
{
    struct mail_imap_base b;
    struct mail_folder f;
    int64_t trash;
    enum status st = mail_imap_base_get(db, g->message, &b, err);

    if (st != STATUS_OK)
        return st;
    st = mail_folder_get(db, row->folder, &f, err);
    if (st == STATUS_OK && b.pending && row->folder != b.folder && f.role != MAIL_ROLE_TRASH) {
        b.folder = 0; /* a person put it elsewhere: it is appended there */
        st = mail_imap_base_set(db, g->message, &b, err);
        mail_folder_fini(&f);
        return st;
    }
    free(b.labels);
    mail_folder_fini(&f);
    if (st == STATUS_OK)
        st = mail_folder_role(db, MAIL_LOCAL, MAIL_ROLE_TRASH, &trash, err);
    if (st == STATUS_OK && row->folder != trash)
        st = mail_imap_journal_move(db, g->message, trash, N_("expunged"),
                                    N_("another program deleted it on the server"), err);
    if (st == STATUS_OK)
        st = run3(db, "DELETE FROM mail_imap_push WHERE message=?1 AND ?2=?2", g->message, 0, err);
    return st;
}

/* One copy that is gone. */
static enum status settle_one(struct db *db, const struct gone *g, struct error *err)
{
    struct mail_imap_base b;
    struct mail_row row;
    int64_t best;
    enum status st =
        run3(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2", g->folder, g->uid, err);

    if (st == STATUS_OK)
        st = mail_row_get(db, g->message, &row, err);
    if (st != STATUS_OK)
        return st == STATUS_NO_SUCH ? STATUS_OK : st;
    best = best_folder(db, g->message);
    if (!best) {
        st = settle_last(db, g, &row, err);
    } else {
        st = mail_imap_base_get(db, g->message, &b, err);
        /* Also when a move of ours came too late: the copy it meant had been taken elsewhere. */
        if (st == STATUS_OK && !is_in(db, g->message, b.folder)) {
            if (row.folder == b.folder && !(b.touched & MAIL_TOUCHED_FOLDER))
                st = mail_message_set_folder(db, g->message, best, err);
            b.folder = best;
        }
        if (st == STATUS_OK)
            st = mail_imap_left(db, g->message, err);
        if (st == STATUS_OK)
            st = mail_imap_base_set(db, g->message, &b, err);
        else
            free(b.labels);
    }
    if (st == STATUS_OK && !is_in(db, g->message, g->folder))
        st = run3(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path=''"
                      " AND (SELECT folder FROM mail_message WHERE id=?1)<>?2", g->message, g->folder,
                  err);
    mail_row_fini(&row);
    return st;
}

/* What lies in the local trash and is on the server all the same comes back, unless a person put it there
 * and the server waits to be told. */
static enum status bring_back(struct db *db, const char *account, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT DISTINCT m.id FROM mail_folder t JOIN mail_message m ON m.folder=t.id JOIN mail_imap_copy c"
            " ON c.message=m.id AND c.state=0 JOIN mail_imap_folder f ON f.folder=c.folder"
            " WHERE t.account=?1 AND t.role=?2 AND f.account=?3 AND NOT EXISTS (SELECT 1 FROM mail_imap_push p"
            " WHERE p.message=m.id) LIMIT 100");
    struct vec ids;
    enum status st;

    vec_init(&ids, sizeof(int64_t), NULL);
    db_bind_text(q, 1, MAIL_LOCAL);
    db_bind_int(q, 2, MAIL_ROLE_TRASH);
    db_bind_text(q, 3, account);
    mail_vec_fill(&ids, q);
    st = db_done(q, err);
    for (size_t i = 0; i < ids.len && st == STATUS_OK; i++)
        st = mail_message_set_folder(db, mail_vec_int(&ids, i), best_folder(db, mail_vec_int(&ids, i)), err);
    vec_fini(&ids);
    return st;
}

/* What waits of messages that neither lie on a server nor are to go there: a move into an account that was
 * taken back, for example. There is nobody to tell. */
static enum status drop_idle(struct db *db, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "DELETE FROM mail_imap_push WHERE NOT EXISTS (SELECT 1 FROM mail_imap_copy c WHERE"
            " c.message=mail_imap_push.message) AND EXISTS (SELECT 1 FROM mail_message m JOIN mail_folder t"
            " ON t.id=m.folder JOIN mail_folder n ON n.id=mail_imap_push.folder"
            " WHERE m.id=mail_imap_push.message AND t.followed<>2 AND n.followed<>2)");

    return db_run(q, err);
}

struct lost {
    int64_t message, looks;
    bool append;
};

/* Messages that wait and of which no copy was found in several looks at everything: one that a person put
 * elsewhere is appended there, of the others there is nobody to tell. Not in Sent, where the provider's own
 * copy may still come. */
static enum status give_up(struct db *db, const char *account, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT p.message,p.tried,m.folder<>p.folder AND t.followed=2 AND t.role<>?2 AND NOT m.flags & ?4"
            " FROM mail_imap_push p JOIN mail_folder n ON n.id=p.folder JOIN mail_message m ON m.id=p.message"
            " JOIN mail_folder t ON t.id=m.folder WHERE n.account=?1 AND n.followed=2 AND n.role<>?3"
            " AND NOT EXISTS (SELECT 1 FROM mail_imap_copy c WHERE c.message=p.message)"
            " AND NOT EXISTS (SELECT 1 FROM mail_imap_todo d WHERE d.folder=p.folder) LIMIT 100");
    struct vec all;
    enum status st;

    vec_init(&all, sizeof(struct lost), NULL);
    db_bind_text(q, 1, account);
    db_bind_int(q, 2, MAIL_ROLE_TRASH);
    db_bind_int(q, 3, MAIL_ROLE_SENT);
    db_bind_int(q, 4, DOC_PARTIAL);
    while (db_step(q)) {
        struct lost *l = vec_push(&all);
        *l = (struct lost){db_int(q, 0), db_int(q, 1), db_int(q, 2) != 0};
    }
    st = db_done(q, err);
    for (size_t i = 0; i < all.len && st == STATUS_OK; i++) {
        const struct lost *l = vec_at(&all, i);
        if (l->looks < LOOKS_LOST)
            st = run3(db, "UPDATE mail_imap_push SET tried=?2+1 WHERE message=?1", l->message, l->looks, err);
        else if (l->append)
            st = run3(db, "UPDATE mail_imap_push SET folder=0 WHERE message=?1 AND ?2=?2", l->message, 0, err);
        else
            st = run3(db, "DELETE FROM mail_imap_push WHERE message=?1 AND ?2=?2", l->message, 0, err);
    }
    vec_fini(&all);
    return st;
}

/* Some of what is gone, unless it is doubtful. */
enum status mail_imap_settle(struct db *db, const char *account, bool confirmed, int64_t most,
                             struct mail_imap_settled *out, struct error *err)
{
    struct db_query *q;
    struct vec all;
    enum status st = STATUS_OK;

    *out = (struct mail_imap_settled){0};
    if (!confirmed)
        st = count_doubt(db, account, &out->doubtful, err);
    if (st != STATUS_OK || out->doubtful)
        return st;
    vec_init(&all, sizeof(struct gone), NULL);
    q = db_prepare(db, "SELECT c.folder,c.uid,c.message FROM mail_imap_copy c JOIN mail_imap_folder f"
                       " ON f.folder=c.folder WHERE c.state=1 AND f.account=?1 LIMIT ?2");
    db_bind_text(q, 1, account);
    db_bind_int(q, 2, most + 1);
    while (db_step(q)) {
        struct gone *g = vec_push(&all);
        *g = (struct gone){db_int(q, 0), db_int(q, 1), db_int(q, 2)};
    }
    st = db_done(q, err);
    out->left = (int64_t)all.len > most;
    for (size_t i = 0; i < all.len && (int64_t)i < most && st == STATUS_OK; i++) {
        st = settle_one(db, vec_at(&all, i), err);
        out->settled++;
    }
    vec_fini(&all);
    if (st == STATUS_OK && !out->left)
        st = bring_back(db, account, err);
    if (st == STATUS_OK && !out->left)
        st = drop_idle(db, err);
    return st == STATUS_OK && !out->left ? give_up(db, account, err) : st;
}
