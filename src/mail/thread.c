/* SPDX-License-Identifier: GPL-3.0-or-later */
/* thread.c - the row of a conversation: worked out from its messages, listed by index
 *
 * A row is never patched: mail_thread_refresh reads the thread's messages (one index) and writes
 * the row anew. `open` decides what the inbox shows: something of the thread lies in an inbox (or a
 * folder that filters fill, where it came to by itself: what was moved there is filed), it is neither snoozed nor muted, and it is not done, unless newer mail
 * than triage has seen came. A conversation that is only mine stays in sight while its lane is
 * `wait`. `sorted` is the key up to which triage has looked; -1 says that the lane `done` was given
 * by age at the import, so newer mail takes it back. */
#include "mail/thread.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "mail/folder.h"
#include "mail/inside.h"

#define PEOPLE_MOST 6

static const char *const lane_words[MAIL_LANES] = {
    [MAIL_LANE_NONE] = "",         [MAIL_LANE_ANSWER] = N_("answer"), [MAIL_LANE_ACT] = N_("act"),
    [MAIL_LANE_WAIT] = N_("wait"), [MAIL_LANE_MEET] = N_("meet"),     [MAIL_LANE_FYI] = N_("fyi"),
    [MAIL_LANE_BULK] = N_("bulk"), [MAIL_LANE_RISK] = N_("risk"),     [MAIL_LANE_DONE] = N_("done"),
};

/* The contract's word. */
const char *mail_lane_word(enum mail_lane lane)
{
    return lane_words[lane];
}

/* The same in the person's language. */
const char *mail_lane_name(enum mail_lane lane)
{
    return *lane_words[lane] ? _(lane_words[lane]) : "";
}

/* The same of a stored word. */
const char *mail_lane_value(const char *word)
{
    enum mail_lane lane;

    return mail_lane_parse(word, &lane) ? mail_lane_name(lane) : word;
}

/* And back. */
bool mail_lane_parse(const char *word, enum mail_lane *out)
{
    for (int i = 0; i < MAIL_LANES; i++)
        if (str_eq(word, lane_words[i])) {
            *out = (enum mail_lane)i;
            return true;
        }
    return false;
}

/* Releases what a row owns. */
void mail_thread_fini(struct mail_thread *t)
{
    free(t->subject);
    free(t->people);
    free(t->due);
    t->subject = t->people = t->due = NULL;
}

/* The same for a vec. */
void mail_thread_fini_item(void *item)
{
    mail_thread_fini(item);
}

/* A vec of rows. */
void mail_thread_rows_init(struct vec *rows)
{
    vec_init(rows, sizeof(struct mail_thread), mail_thread_fini_item);
}

/* Follows the alias of a merged thread. */
int64_t mail_thread_id(struct db *db, int64_t id)
{
    struct db_query *q = db_prepare(db, "SELECT id FROM mail_thread WHERE id=?1 UNION ALL"
                                        " SELECT thread FROM mail_alias WHERE id=?1 LIMIT 1");
    int64_t found;

    db_bind_int(q, 1, id);
    found = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return found;
}

/* ---- working a row out ---- */

/* What stands in the row and is not worked out from messages. */
struct kept {
    bool found, muted, open;
    enum mail_lane lane;
    int64_t sorted, snooze, key, unread;
};

static enum status read_kept(struct db *db, int64_t id, struct kept *k, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT lane,sorted,snooze,muted,key,open,unread"
                                        " FROM mail_thread WHERE id=?1");

    *k = (struct kept){0};
    db_bind_int(q, 1, id);
    if (db_step(q)) {
        k->found = true;
        k->lane = (enum mail_lane)db_int(q, 0);
        k->sorted = db_int(q, 1);
        k->snooze = db_int(q, 2);
        k->muted = db_int(q, 3) != 0;
        k->key = db_int(q, 4);
        k->open = db_int(q, 5) != 0;
        k->unread = db_int(q, 6);
    }
    return db_done(q, err);
}

/* Adds to the counts of a lane. */
static enum status count(struct db *db, enum mail_lane lane, int64_t threads, int64_t unread,
                         struct error *err)
{
    struct db_query *q;

    if (!threads && !unread)
        return STATUS_OK;
    q = db_prepare(db, "UPDATE mail_count SET threads=threads+?2, unread=unread+?3 WHERE lane=?1");
    db_bind_int(q, 1, lane);
    db_bind_int(q, 2, threads);
    db_bind_int(q, 3, unread);
    return db_run(q, err);
}

/* Takes a row out of the counts. */
enum status mail_thread_uncount(struct db *db, int64_t id, struct error *err)
{
    struct kept k;
    struct db_query *q;
    enum status st = read_kept(db, id, &k, err);

    if (st != STATUS_OK || !k.open)
        return st;
    st = count(db, k.lane, -1, k.unread ? -1 : 0, err);
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "UPDATE mail_thread SET open=0 WHERE id=?1");
    db_bind_int(q, 1, id);
    return db_run(q, err);
}

/* What the messages of a thread come to. */
struct tally {
    int64_t count, unread, files, key, date, newest, newest_foreign;
    int64_t in_inbox; /* key of the newest that lies in an inbox or a filtered folder */
    unsigned flags;
    bool only_mine, in_sight; /* all in sent or drafts; any not in trash, spam, archive, nor filed */
    bool partial;             /* of the newest the body has not come */
    char *subject;            /* own */
    struct vec people;        /* strv: names, newest last, "" for me */
};

/* Puts a name at the end of the people, away from where it stood. */
static void tally_person(struct tally *t, const char *name, const char *address, bool mine)
{
    char *word = mem_strdup(mine ? "" : *name ? name : *address ? address : "?");

    for (char *c = word; *c; c++)
        if (*c == '\n')
            *c = ' ';
    for (size_t i = 0; i < t->people.len; i++)
        if (str_eq(strv_at(&t->people, i), word)) {
            vec_remove(&t->people, i);
            break;
        }
    if (t->people.len == PEOPLE_MOST)
        vec_remove(&t->people, 0);
    strv_push_take(&t->people, word);
}

/* Reads all messages of the thread, oldest first. */
static enum status tally_read(struct db *db, int64_t id, struct tally *t, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT m.id,m.doc,m.date,m.flags,m.files,f.role,m.from_name,m.from_address,m.subject,"
            "m.arrived NOT IN (0,m.folder)"
            " FROM mail_message m JOIN mail_folder f ON f.id=m.folder"
            " WHERE m.thread=?1 ORDER BY m.doc");

    db_bind_int(q, 1, id);
    while (db_step(q)) {
        unsigned flags = (unsigned)db_int(q, 3);
        enum mail_role role = (enum mail_role)db_int(q, 5);
        bool away = role == MAIL_ROLE_TRASH || role == MAIL_ROLE_SPAM;
        bool mine = (flags & DOC_MINE) != 0;
        /* Filed by somebody, as good as archived; where it came to by itself it is new. */
        bool filed = role == MAIL_ROLE_OTHER && db_int(q, 9) != 0;
        t->newest = db_int(q, 0);
        t->partial = (flags & DOC_PARTIAL) != 0;
        t->key = db_int(q, 1);
        t->date = db_int(q, 2);
        t->count++;
        if (!away && (flags & DOC_UNREAD))
            t->unread++;
        if (!away)
            t->flags |= flags;
        t->files += db_int(q, 4);
        if (role == MAIL_ROLE_INBOX || (role == MAIL_ROLE_OTHER && !filed))
            t->in_inbox = t->key;
        if (role != MAIL_ROLE_SENT && role != MAIL_ROLE_DRAFTS)
            t->only_mine = false;
        if (!away && !filed && role != MAIL_ROLE_ARCHIVE)
            t->in_sight = true;
        if (!mine)
            t->newest_foreign = t->newest;
        tally_person(t, db_text(q, 6), db_text(q, 7), mine);
        if (!t->subject)
            t->subject = mem_strdup(db_text(q, 8));
    }
    return db_done(q, err);
}

/* The lane by age: `done` for old conversations of an import, taken back when newer mail comes. */
static void lane_by_age(struct kept *k, const struct tally *t, const struct mail_refresh *r)
{
    if (k->lane == MAIL_LANE_DONE && k->sorted < 0 && t->key > k->key) {
        k->lane = MAIL_LANE_NONE;
        k->sorted = 0;
    }
    if (k->lane == MAIL_LANE_NONE && k->sorted == 0 && r->horizon != CLOCK_NONE &&
        t->date < r->horizon) {
        k->lane = MAIL_LANE_DONE;
        k->sorted = -1;
    }
}

/* Writes the lane to the docs of the thread's messages. */
static enum status write_docs(struct db *db, int64_t id, enum mail_lane lane, struct error *err)
{
    return doc_set_lane(db, DOC_MAIL, id, lane ? mail_lane_word(lane) : NULL, err);
}

/* Writes what was worked out. */
static enum status write_row(struct db *db, int64_t id, const struct kept *k, const struct tally *t,
                             bool open, struct error *err)
{
    bool unsorted = k->sorted >= 0 && k->sorted < t->key && t->in_sight && !k->muted && !t->partial;
    char *people = strv_join(&t->people, "\n");
    struct db_query *q = db_prepare(
        db, "UPDATE mail_thread SET key=?2,date=?3,count=?4,unread=?5,flags=?6,files=?7,newest=?8,"
            "newest_foreign=?9,open=?10,unsorted=?11,lane=?12,sorted=?13,subject=?14,people=?15"
            " WHERE id=?1");
    enum status st;

    db_bind_int(q, 1, id);
    db_bind_int(q, 2, t->key);
    db_bind_int(q, 3, t->date);
    db_bind_int(q, 4, t->count);
    db_bind_int(q, 5, t->unread);
    db_bind_int(q, 6, t->flags);
    db_bind_int(q, 7, t->files);
    db_bind_int(q, 8, t->newest);
    db_bind_int(q, 9, t->newest_foreign);
    db_bind_int(q, 10, open);
    db_bind_int(q, 11, unsorted);
    db_bind_int(q, 12, k->lane);
    db_bind_int(q, 13, k->sorted);
    db_bind_text(q, 14, t->subject ? t->subject : "");
    db_bind_text(q, 15, people);
    st = db_run(q, err);
    free(people);
    return st;
}

/* Works the row out, keeps the counts right, tells the docs a lane that changed. */
enum status mail_thread_refresh_with(struct db *db, int64_t id, const struct mail_refresh *r,
                                     struct error *err)
{
    struct kept k;
    struct tally t = {.only_mine = true};
    enum mail_lane before;
    bool open, tell;
    enum status st = read_kept(db, id, &k, err);

    if (st != STATUS_OK || !k.found)
        return st;
    before = k.lane;
    strv_init(&t.people);
    st = tally_read(db, id, &t, err);
    if (st != STATUS_OK)
        goto out;
    lane_by_age(&k, &t, r);
    open = !k.snooze && !k.muted &&
           ((t.in_inbox && (k.lane != MAIL_LANE_DONE || (k.sorted >= 0 && k.sorted < t.in_inbox))) ||
            (t.count && t.only_mine && k.lane == MAIL_LANE_WAIT));
    st = write_row(db, id, &k, &t, open, err);
    if (st == STATUS_OK && k.open)
        st = count(db, before, -1, k.unread ? -1 : 0, err);
    if (st == STATUS_OK && open)
        st = count(db, k.lane, 1, t.unread ? 1 : 0, err);
    tell = r->added ? r->doc_lane != k.lane || before != k.lane : before != k.lane;
    if (r->added && t.count == 1)
        tell = r->doc_lane != k.lane;
    if (st == STATUS_OK && tell)
        st = write_docs(db, id, k.lane, err);
    db_touch(db, WATCH_MAIL);
out:
    free(t.subject);
    vec_fini(&t.people);
    return st;
}

/* The same when nothing came. */
enum status mail_thread_refresh(struct db *db, int64_t id, struct error *err)
{
    struct mail_refresh r = {.horizon = CLOCK_NONE, .doc_lane = MAIL_LANES};

    return mail_thread_refresh_with(db, id, &r, err);
}

/* ---- what is set ---- */

/* Sets one number of the row by this statement (?1 id, ?2 value) and works it out anew. */
static enum status set_int(struct db *db, const char *sql, int64_t id, int64_t value,
                           struct error *err)
{
    struct db_query *q;
    enum status st;

    id = mail_thread_id(db, id);
    if (!id)
        return error_set(err, STATUS_NO_SUCH, _("there is no such conversation"));
    q = db_prepare(db, sql);
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, value);
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = mail_thread_refresh(db, id, err);
    return st;
}

/* Sets the lane; whoever says it has seen the newest message. */
enum status mail_thread_set_lane(struct db *db, int64_t id, enum mail_lane lane, struct error *err)
{
    enum status st;

    id = mail_thread_id(db, id);
    if (!id)
        return error_set(err, STATUS_NO_SUCH, _("there is no such conversation"));
    st = mail_thread_uncount(db, id, err);
    if (st == STATUS_OK)
        st = set_int(db, "UPDATE mail_thread SET lane=?2, sorted=CASE ?2 WHEN 0 THEN 0 ELSE key END"
                         " WHERE id=?1", id, lane, err);
    if (st == STATUS_OK)
        st = write_docs(db, id, lane, err);
    return st;
}

/* Sets the due day; NULL or "" takes it away. */
enum status mail_thread_set_due(struct db *db, int64_t id, const char *day, struct error *err)
{
    struct db_query *q;
    struct vec rows;
    enum status st;

    id = mail_thread_id(db, id);
    if (!id)
        return error_set(err, STATUS_NO_SUCH, _("there is no such conversation"));
    q = db_prepare(db, "UPDATE mail_thread SET due=nullif(?2,'') WHERE id=?1");
    db_bind_int(q, 1, id);
    db_bind_text(q, 2, day ? day : "");
    st = db_run(q, err);
    if (st != STATUS_OK)
        return st;
    st = mail_thread_messages(db, id, &rows, err);
    for (size_t i = 0; i < rows.len && st == STATUS_OK; i++)
        st = doc_set_due(db, ((struct mail_row *)vec_at(&rows, i))->doc, day, NULL, err);
    vec_fini(&rows);
    db_touch(db, WATCH_MAIL);
    return st;
}

/* Sets or clears a flag on the docs of all its messages. */
enum status mail_thread_flag(struct db *db, int64_t id, unsigned flag, bool on,
                             struct error *err)
{
    struct vec ids;
    enum status st = mail_thread_ids(db, id, &ids, err);

    for (size_t i = 0; i < ids.len && st == STATUS_OK; i++)
        st = mail_message_set_flags_plain(db, mail_vec_int(&ids, i), on ? flag : 0, on ? 0 : flag,
                                          err);
    vec_fini(&ids);
    return st;
}

/* Hides it until that time; 0 shows it again. */
enum status mail_thread_set_snooze(struct db *db, int64_t id, int64_t until, struct error *err)
{
    enum status st = mail_thread_flag(db, id, DOC_SNOOZED, until != 0, err);

    if (st == STATUS_OK)
        st = set_int(db, "UPDATE mail_thread SET snooze=?2 WHERE id=?1", id, until, err);
    return st;
}

/* Hides it for good; new mail does not bring it back. */
enum status mail_thread_set_muted(struct db *db, int64_t id, bool on, struct error *err)
{
    enum status st = mail_thread_flag(db, id, DOC_MUTED, on, err);

    if (st == STATUS_OK)
        st = set_int(db, "UPDATE mail_thread SET muted=?2 WHERE id=?1", id, on, err);
    return st;
}

/* How many open questions triage counted. */
enum status mail_thread_set_asks(struct db *db, int64_t id, int64_t asks, struct error *err)
{
    return set_int(db, "UPDATE mail_thread SET asks=?2 WHERE id=?1", id, asks, err);
}

/* The newest draft that waits; 0 none. */
enum status mail_thread_set_draft(struct db *db, int64_t id, int64_t draft, struct error *err)
{
    return set_int(db, "UPDATE mail_thread SET draft=?2 WHERE id=?1", id, draft, err);
}

/* Triage has looked at all there is. */
enum status mail_thread_set_sorted(struct db *db, int64_t id, struct error *err)
{
    return set_int(db, "UPDATE mail_thread SET sorted=key WHERE id=?1 AND ?2=0", id, 0, err);
}
