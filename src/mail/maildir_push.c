/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maildir_push.c - changes of ours written back to followed Maildirs
 *
 * mail_push names the messages whose file may differ from their row. For each: the file is renamed
 * to the row's flags, or moved to the row's folder (its unique part stays), or, when there is none
 * yet (a sent mail), delivered. Renames go first, the store learns the new paths afterwards: after
 * a crash in between the next scan finds the file by its unique part or its bytes. The path of a
 * delivery is written down before: after a crash the file is there under that name, or the next scan
 * finds it elsewhere or nowhere, and it is never delivered twice. A lock file lets one process at a
 * time do this, or two would deliver the same mail. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "io/loop.h"
#include "mail/folder.h"
#include "mail/inside.h"
#include "mail/maildir.h"
#include "mail/maildir_inside.h"

#define AT_ONCE 200
#define LOCK_AGAIN_MS 30
#define LOCK_TRIES 200
#define FLAGS (DOC_UNREAD | DOC_FLAGGED | DOC_REPLIED | DOC_FORWARDED)

/* What one message's file has become. */
struct pushed {
    int64_t message, serial, from_folder, to_folder;
    char *from_path, *to_path; /* own; NULL: none */
    bool delivers, failed;     /* a new file; it could not be written */
};

static void pushed_fini(void *item)
{
    struct pushed *p = item;

    free(p->from_path);
    free(p->to_path);
}

struct push {
    struct store *store;
    struct vec done; /* struct pushed */
    int64_t count, last;
    int lock, tries; /* the descriptor that holds the lock, -1: not yet */
    struct error error;
    void (*on_done)(void *user, int64_t pushed, const struct error *err);
    void *user;
};

/* ---- files ---- */

/* The directory of a stored folder; NULL when it is not followed. Yours. */
static char *directory_of(struct db *db, int64_t folder)
{
    struct mail_folder f;
    struct error err = ERROR_INIT;
    char *directory = NULL;

    if (mail_folder_get(db, folder, &f, &err) == STATUS_OK)
        directory = maildir_directory(f.account, f.name);
    mail_folder_fini(&f);
    return directory;
}

/* Makes cur/ of a folder that is moved into. */
static void make_folder(const char *directory)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    struct error ignored = ERROR_INIT;

    for (size_t i = 0; i < 3; i++) {
        char *path = path_join(directory, parts[i]);
        (void)!path_make_dir(path, &ignored);
        free(path);
    }
}

/* Renames or moves one file; false (with the error set) when it could not be. One that another program
 * took elsewhere waits (p->message 0): the next look at its folder tells where it is, or that it is gone. */
static bool move_file(const char *from_dir, const char *to_dir, unsigned flags, bool moves,
                      struct pushed *p, struct error *err)
{
    char *from = path_join(from_dir, p->from_path), *found = NULL, *name, *to;
    const char *base;
    bool is_new, ok;

    if (access(from, F_OK) < 0) {
        found = mail_maildir_find(from);
        if (!found) {
            if (access(from_dir, F_OK) == 0)
                p->message = 0;
            free(from);
            return true;
        }
        free(from);
        from = found;
    }
    base = strrchr(from, '/') + 1;
    is_new = base - from >= 5 && strncmp(base - 5, "/new/", 5) == 0;
    name = mail_maildir_rename(base, flags);
    if (is_new && !moves && flags == DOC_UNREAD)
        p->to_path = str_format("new/%s", base);
    else
        p->to_path = str_format("cur/%s", name);
    if (moves)
        make_folder(to_dir);
    to = path_join(to_dir, p->to_path);
    ok = path_rename_new(from, to);
    if (!ok)
        error_set_errno(err, errno, "%s", to);
    free(from);
    free(name);
    free(to);
    return ok;
}

/* Delivers a message that has no file yet, where it was planned. */
static enum status deliver(struct db *db, const struct pushed *p, struct error *err)
{
    struct str raw = STR_INIT;
    char *directory = directory_of(db, p->to_folder);
    enum status st = mail_message_raw(db, p->message, &raw, err);

    if (st == STATUS_OK && directory)
        st = mail_maildir_deliver_at(directory, p->to_path, raw.data, raw.len, err);
    str_fini(&raw);
    free(directory);
    return st;
}

/* The copy that is to become the message's file: the one in its folder, else any. */
static void find_copy(struct db *db, const struct mail_row *row, struct pushed *p)
{
    struct db_query *q = db_prepare(db, "SELECT folder,path FROM mail_copy WHERE message=?1"
                                        " AND path<>'' ORDER BY folder<>?2, folder LIMIT 1");

    db_bind_int(q, 1, row->id);
    db_bind_int(q, 2, row->folder);
    if (db_step(q)) {
        p->from_folder = db_int(q, 0);
        p->from_path = mem_strdup(db_text(q, 1));
    }
    db_end(q);
}

/* One message: its file is made like its row. */
static void push_one(struct push *u, int64_t id, int64_t serial)
{
    struct db *db = store_reader(u->store);
    struct error err = ERROR_INIT;
    struct mail_row row;
    struct pushed *p = vec_push(&u->done);
    char *from_dir = NULL, *to_dir = NULL;
    bool ok = true;

    p->message = id;
    p->serial = serial;
    if (mail_row_get(db, id, &row, &err) != STATUS_OK) {
        mail_row_fini(&row);
        return; /* gone: the row of mail_push goes too */
    }
    find_copy(db, &row, p);
    p->to_folder = row.folder;
    to_dir = directory_of(db, row.folder);
    if (p->from_path)
        from_dir = directory_of(db, p->from_folder);
    if (p->from_path && from_dir && to_dir)
        ok = move_file(from_dir, to_dir, row.flags & FLAGS, p->from_folder != row.folder, p, &err);
    p->delivers = !p->from_path && to_dir;
    if (p->delivers)
        p->to_path = mail_maildir_plan(row.flags & FLAGS);
    else if (ok && p->to_path)
        u->count++;
    if (!ok) { /* stays queued */
        p->message = 0;
        u->error = err;
    }
    free(from_dir);
    free(to_dir);
    mail_row_fini(&row);
}

/* ---- the store learns it ---- */

/* Releases the record. */
static void push_free(void *record)
{
    struct push *u = record;

    vec_fini(&u->done);
    free(u);
}

/* Binds three numbers or texts and runs. */
static enum status put_copy(struct db *db, const char *sql, int64_t message, int64_t folder,
                            const char *path, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, folder);
    db_bind_text(q, 3, path);
    return db_run(q, err);
}

/* Writes where new files will be. */
static enum status plan(struct db *db, void *record, struct error *err)
{
    struct push *u = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < u->done.len && st == STATUS_OK; i++) {
        const struct pushed *p = vec_at(&u->done, i);
        if (p->delivers)
            st = put_copy(db, "INSERT OR REPLACE INTO mail_copy(message,folder,path) VALUES(?1,?2,?3)",
                          p->message, p->to_folder, p->to_path, err);
    }
    return st;
}

/* Writes the new paths. */
static enum status learn(struct db *db, void *record, struct error *err)
{
    struct push *u = record;
    enum status st = STATUS_OK;

    for (size_t i = 0; i < u->done.len && st == STATUS_OK; i++) {
        const struct pushed *p = vec_at(&u->done, i);
        struct db_query *q;
        if (!p->message)
            continue;
        if (p->failed) { /* stays queued, without the file that was planned */
            st = put_copy(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path=?3", p->message,
                          p->to_folder, p->to_path, err);
            continue;
        }
        if (p->to_path && p->from_path)
            st = put_copy(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path=?3",
                          p->message, p->from_folder, p->from_path, err);
        if (st == STATUS_OK && p->to_path)
            st = put_copy(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path=''"
                              " AND ?3<>''", p->message, p->to_folder, p->to_path, err);
        if (st == STATUS_OK && p->to_path)
            st = put_copy(db, "INSERT OR REPLACE INTO mail_copy(message,folder,path)"
                              " VALUES(?1,?2,?3)", p->message, p->to_folder, p->to_path, err);
        if (st != STATUS_OK)
            break;
        q = db_prepare(db, "DELETE FROM mail_push WHERE message=?1 AND serial=?2");
        db_bind_int(q, 1, p->message);
        db_bind_int(q, 2, p->serial); /* unless it has changed again since */
        st = db_run(q, err);
    }
    return st;
}

static const struct store_op plan_op = {
    .name = "mail.planned", .klass = OP_BULK, .run = plan, .free = push_free};
static const struct store_op learn_op = {
    .name = "mail.pushed", .klass = OP_BULK, .run = learn, .free = push_free};

static void push_some(void *user);

/* Goes on with the next, or ends. */
static void on_learned(void *user, void *record, const struct error *err)
{
    struct push *u = record, *next;

    (void)user;
    if (error_is(err) || u->done.len < AT_ONCE) {
        if (u->lock >= 0)
            close(u->lock);
        if (u->on_done)
            u->on_done(u->user, u->count, error_is(err) ? err : &u->error);
        return;
    }
    next = mem_alloc(sizeof *next);
    *next = *u;
    vec_init(&next->done, sizeof(struct pushed), pushed_fini);
    loop_post(store_loop(u->store), push_some, next);
}

/* The plan is written: the new files are. */
static void on_planned(void *user, void *record, const struct error *err)
{
    struct push *u = record, *next = mem_alloc(sizeof *next);
    struct db *db = store_reader(u->store);

    (void)user;
    *next = *u;
    vec_init(&u->done, sizeof(struct pushed), pushed_fini);
    for (size_t i = 0; i < next->done.len; i++) {
        struct pushed *p = vec_at(&next->done, i);
        struct error why = *err;
        if (!p->delivers)
            continue;
        if (error_is(err) || deliver(db, p, &why) != STATUS_OK) {
            p->failed = true;
            next->error = why;
        } else {
            next->count++;
        }
    }
    store_post(next->store, &learn_op, next, on_learned, NULL);
}

/* Gets the lock, or asks again in a moment. */
static bool lock(struct push *u)
{
    char *path;

    if (u->lock < 0) {
        path = path_join(store_paths(u->store)->state, "maildir.lock");
        u->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        free(path);
        if (u->lock < 0)
            return true; /* better twice than never */
    }
    if (flock(u->lock, LOCK_EX | LOCK_NB) == 0 || ++u->tries > LOCK_TRIES)
        return true;
    loop_timer(store_loop(u->store), LOCK_AGAIN_MS, push_some, u);
    return false;
}

/* The next messages that wait. */
static void push_some(void *user)
{
    struct push *u = user;
    struct db *db = store_reader(u->store);
    struct db_query *q;
    struct vec ids;
    bool delivers = false;

    if (!lock(u))
        return;
    q = db_prepare(db, "SELECT message,serial FROM mail_push WHERE message>?1"
                       " ORDER BY message LIMIT ?2");
    vec_init(&ids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, u->last);
    db_bind_int(q, 2, AT_ONCE);
    while (db_step(q)) {
        mail_vec_add(&ids, db_int(q, 0));
        mail_vec_add(&ids, db_int(q, 1));
    }
    db_end(q);
    for (size_t i = 0; i + 1 < ids.len; i += 2) {
        u->last = mail_vec_int(&ids, i);
        push_one(u, u->last, mail_vec_int(&ids, i + 1));
    }
    vec_fini(&ids);
    for (size_t i = 0; i < u->done.len; i++)
        delivers = delivers || ((const struct pushed *)vec_at(&u->done, i))->delivers;
    store_post(u->store, delivers ? &plan_op : &learn_op, u, delivers ? on_planned : on_learned, NULL);
}

/* Writes back what waits. */
void mail_maildir_push(struct store *s, void (*done)(void *user, int64_t pushed,
                                                     const struct error *err), void *user)
{
    static const struct error none = ERROR_INIT;
    struct push *u;

    if (db_get_int(store_reader(s), "SELECT 1 FROM mail_push LIMIT 1", 0) == 0) {
        if (done)
            done(user, 0, &none);
        return;
    }
    u = mem_alloc(sizeof *u);
    u->store = s;
    u->lock = -1;
    u->on_done = done;
    u->user = user;
    vec_init(&u->done, sizeof(struct pushed), pushed_fini);
    push_some(u);
}
