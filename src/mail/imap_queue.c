/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_queue.c - what a person changed since the server was last told
 *
 * A row of mail_imap_push stands while something of a message waits. Of flags and labels its places say
 * what is due (imap_place.c); of its folder the row says where it was when it was last in step (its
 * base), as it does of the rest while no place is known. So a change that is taken back before the next
 * sync costs nothing, and sending twice changes nothing. Whether what was sent has arrived is not known when a
 * line drops or a process dies: what a person changes back meanwhile stays noted as touched until the
 * server has been looked at and told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/imap_going.h"
#include "mail/imap_inside.h"
#include "mail/imap_place.h"

/* The labels of a message, one a line. Yours. */
static char *labels_of(struct db *db, int64_t message)
{
    struct vec labels;
    struct error err = ERROR_INIT;
    char *text = NULL;

    if (mail_message_labels(db, message, &labels, &err) == STATUS_OK)
        text = strv_join(&labels, "\n");
    vec_fini(&labels);
    return text ? text : mem_strdup("");
}

/* Is it in the queue? */
static bool is_noted(struct db *db, int64_t message)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_imap_push WHERE message=?1");

    db_bind_int(q, 1, message);
    return db_any(q);
}

/* Puts a line into a text of lines where it belongs, once. */
static char *with_line(const char *lines, const char *line)
{
    struct vec all;
    char *copy = mem_strdup(lines), *rest = copy, *one, *out;
    size_t at = 0;

    strv_init(&all);
    while ((one = strsep(&rest, "\n")))
        if (*one && !str_eq_nocase(one, line))
            strv_push(&all, one);
    while (at < all.len && strcmp(strv_at(&all, at), line) < 0)
        at++;
    *(char **)vec_insert(&all, at) = mem_strdup(line);
    out = strv_join(&all, "\n");
    free(copy);
    vec_fini(&all);
    return out;
}

/* Lines of one text that are not in the other are put into a third. */
static void add_lines(const char *of, const char *without, char **into)
{
    char *copy = mem_strdup(of), *rest = copy, *line;

    while ((line = strsep(&rest, "\n"))) {
        char *more = *line && !mail_imap_has_word(without, '\n', line) ? with_line(*into, line) : NULL;
        if (more) {
            free(*into);
            *into = more;
        }
    }
    free(copy);
}

/* It waits already and is changed again: what differs from the base now may soon not differ any more. */
static enum status touch(struct db *db, int64_t message, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT p.touched|(((m.flags|p.flags)-(m.flags&p.flags))&?2)|CASE m.folder WHEN p.folder THEN 0 ELSE ?3 END,p.labels,"
            "p.touched_labels FROM mail_imap_push p JOIN mail_message m ON m.id=p.message WHERE p.message=?1");
    char *now = labels_of(db, message), *base, *labels;
    unsigned touched;
    enum status st;

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, MAIL_IMAP_FLAGS);
    db_bind_int(q, 3, MAIL_TOUCHED_FOLDER);
    (void)db_step(q);
    touched = (unsigned)db_int(q, 0);
    base = mem_strdup(db_text(q, 1));
    labels = mem_strdup(db_text(q, 2));
    st = db_done(q, err);
    add_lines(now, base, &labels);
    add_lines(base, now, &labels);
    if (st == STATUS_OK) {
        q = db_prepare(db, "UPDATE mail_imap_push SET touched=?2,touched_labels=?3 WHERE message=?1");
        db_bind_int(q, 1, message);
        db_bind_int(q, 2, touched | (*labels ? MAIL_TOUCHED_LABELS : 0));
        db_bind_text(q, 3, labels);
        st = db_run(q, err);
    }
    free(base);
    free(labels);
    free(now);
    return st;
}

/* Words that were changed and changed back while they waited. */
void mail_imap_touched(struct db *db, int64_t message, struct vec *words)
{
    struct db_query *q = db_prepare(db, "SELECT touched,touched_labels FROM mail_imap_push WHERE message=?1");
    struct vec labels;

    strv_init(&labels);
    db_bind_int(q, 1, message);
    if (db_step(q)) {
        char *copy = mem_strdup(db_text(q, 1)), *rest = copy, *label;
        while ((label = strsep(&rest, "\n")))
            if (*label)
                strv_push(&labels, label);
        free(copy);
        mail_imap_place_words((unsigned)db_int(q, 0) ^ DOC_UNREAD, &labels, words);
    } else {
        strv_init(words);
    }
    db_end(q);
    vec_fini(&labels);
}

/* Remembers how the message stands, when it lies (or is to lie) on a server. */
enum status mail_imap_note(struct db *db, int64_t message, int64_t target, struct error *err)
{
    struct db_query *q;
    char *labels;
    enum status st;

    if (is_noted(db, message))
        return touch(db, message, err);
    labels = labels_of(db, message);
    q = db_prepare(db, "INSERT INTO mail_imap_push(message,flags,folder,labels)"
                       " SELECT m.id,m.flags & ?4,m.folder,?3 FROM mail_message m WHERE m.id=?1 AND"
                       " (EXISTS(SELECT 1 FROM mail_imap_copy c WHERE c.message=m.id) OR"
                       " EXISTS(SELECT 1 FROM mail_folder f WHERE f.id IN (m.folder,?2)"
                       " AND f.followed=2))");
    db_bind_int(q, 1, message);
    db_bind_int(q, 2, target);
    db_bind_text(q, 3, labels);
    db_bind_int(q, 4, MAIL_IMAP_FLAGS);
    st = db_run(q, err);
    free(labels);
    return st;
}

/* Nothing of it is on the server: the base is nowhere. */
enum status mail_imap_note_new(struct db *db, int64_t message, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "INSERT INTO mail_imap_push(message,flags,folder,labels)"
                       " SELECT id,flags & ?2,0,'' FROM mail_message WHERE id=?1"
                       " ON CONFLICT(message) DO UPDATE SET folder=0");

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, MAIL_IMAP_FLAGS);
    return db_run(q, err);
}

/* An append or a COPY was begun; the server has not said that it was done, nor that it refuses. */
bool mail_imap_in_doubt(struct db *db, const char *account)
{
    struct db_query *q = db_prepare(
        db, "SELECT 1 FROM mail_imap_push p JOIN mail_message m ON m.id=p.message JOIN mail_folder f ON f.id=m.folder"
            " LEFT JOIN mail_folder b ON b.id=p.folder WHERE p.tried<>0 AND f.account=?1 AND f.followed=2"
            " AND coalesce(b.followed,0)<>2 AND NOT EXISTS (SELECT 1 FROM mail_imap_refused r WHERE r.account=?1"
            " AND r.message=p.message) UNION ALL SELECT 1 FROM mail_imap_append a WHERE a.account=?1 AND a.sent=1"
            " AND a.raw IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail_imap_refused r WHERE r.account=?1"
            " AND r.copy=a.id) LIMIT 1");

    db_bind_text(q, 1, account);
    return db_any(q) || mail_imap_going_any(db, account, true);
}

/* What the server was last told. */
enum status mail_imap_base_get(struct db *db, int64_t message, struct mail_imap_base *out,
                               struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT flags,folder,labels,touched FROM mail_imap_push WHERE message=?1");
    struct mail_row row;
    enum status st;

    *out = (struct mail_imap_base){0};
    db_bind_int(q, 1, message);
    if (db_step(q)) {
        out->pending = true;
        out->flags = (unsigned)db_int(q, 0);
        out->folder = db_int(q, 1);
        out->labels = mem_strdup(db_text(q, 2));
        out->touched = (unsigned)db_int(q, 3);
    }
    st = db_done(q, err);
    if (st != STATUS_OK || out->pending)
        return st;
    st = mail_row_get(db, message, &row, err);
    out->flags = row.flags & MAIL_IMAP_FLAGS;
    out->folder = row.folder;
    out->labels = labels_of(db, message);
    mail_row_fini(&row);
    return st;
}

/* Writes the base; the row goes when nothing is left to tell. */
enum status mail_imap_base_set(struct db *db, int64_t message, struct mail_imap_base *b,
                               struct error *err)
{
    struct mail_row row;
    struct db_query *q;
    char *labels;
    bool agrees, any = false, due = false;
    enum status st;

    if (!b->pending) {
        free(b->labels);
        b->labels = NULL;
        return STATUS_OK;
    }
    st = mail_row_get(db, message, &row, err);
    labels = labels_of(db, message);
    if (st == STATUS_OK)
        st = mail_imap_any_due(db, message, &any, &due, err);
    if (!any)
        due = (row.flags & MAIL_IMAP_FLAGS) != b->flags || !str_eq(labels, b->labels);
    agrees = st == STATUS_OK && !b->touched && row.folder == b->folder && !due;
    q = db_prepare(db, agrees || st != STATUS_OK
                           ? "DELETE FROM mail_imap_push WHERE message=?1"
                           : "UPDATE mail_imap_push SET flags=?2,folder=?3,labels=?4,touched=?5,"
                             "touched_labels=CASE ?5 WHEN 0 THEN '' ELSE touched_labels END WHERE message=?1");
    db_bind_int(q, 1, message);
    if (!agrees && st == STATUS_OK) {
        db_bind_int(q, 2, b->flags);
        db_bind_int(q, 3, b->folder);
        db_bind_text(q, 4, b->labels);
        db_bind_int(q, 5, b->touched);
    }
    st = db_run(q, err);
    mail_row_fini(&row);
    free(labels);
    free(b->labels);
    b->labels = NULL;
    return st;
}

/* Sets a value and writes down who did. */
enum status mail_imap_journal(struct db *db, const char *field, int64_t message, const char *value,
                              const char *what, const char *why, struct error *err)
{
    struct journal *j;
    int64_t batch;
    bool did = false;
    enum status st = journal_begin(db, N_("sync"), what, why, &j, err);

    if (st != STATUS_OK)
        return st;
    st = journal_set(j, field, message, value, &did, err);
    if (st == STATUS_OK)
        return journal_end(j, &batch, err);
    journal_abandon(j);
    return st;
}

/* Moves it. */
enum status mail_imap_journal_move(struct db *db, int64_t message, int64_t folder, const char *what,
                                   const char *why, struct error *err)
{
    char value[24];

    snprintf(value, sizeof value, "%" PRId64, folder);
    return mail_imap_journal(db, MAIL_FIELD_FOLDER, message, value, what, why, err);
}

/* ---- copies of ours that are no messages here ---- */

/* Queues one. */
enum status mail_imap_append(struct db *db, const struct mail_imap_copy_new *c, struct error *err)
{
    unsigned char hash[MAIL_HASH];
    struct str packed = STR_INIT;
    struct db_query *q;
    enum status st;

    if (!mail_folder_is_imap(c->account))
        return STATUS_OK;
    if (!c->len && !c->key)
        return error_set(err, STATUS_USAGE, _("there is nothing to append"));
    mail_hash(c->bytes, c->len, hash);
    db_pack(c->bytes, c->len, &packed);
    q = db_prepare(db, "INSERT INTO mail_imap_append(account,role,key,flags,date,raw,hash,serial)"
                       " VALUES(?1,?2,?3,?4,?5,?6,?7,1) ON CONFLICT(account,key) WHERE key IS NOT NULL"
                       " DO UPDATE SET role=?2,flags=?4,date=?5,raw=?6,hash=?7,serial=serial+1,sent=0"
                       " WHERE hash<>?7");
    db_bind_text(q, 1, c->account);
    db_bind_int(q, 2, c->role);
    db_bind_text(q, 3, c->key);
    db_bind_int(q, 4, c->flags & MAIL_IMAP_FLAGS);
    db_bind_int(q, 5, c->date == CLOCK_NONE ? clock_now() : c->date);
    if (c->len)
        db_bind_bytes(q, 6, packed.data, packed.len);
    else
        db_bind_null(q, 6);
    db_bind_bytes(q, 7, hash, MAIL_HASH);
    st = db_run(q, err);
    db_touch(db, WATCH_MAIL);
    str_fini(&packed);
    return st;
}
