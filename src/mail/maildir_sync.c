/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maildir_sync.c - one look at the followed Maildirs, both ways
 *
 * push (what we changed goes out) → scan (the finder lists every folder and compares it with the
 * known copies) → take (new files through the intake) → settle (one operation: renamed files, flags
 * of other programs, files that are gone). A file that another program moved to another folder is
 * new there and gone here: its bytes are known, so it becomes a second copy first, and settling
 * makes that the message's folder. A message whose last file is gone is put into the trash, not
 * forgotten. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "command/config.h"
#include "command/option.h"
#include "io/loop.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/inside.h"
#include "mail/intake.h"
#include "mail/maildir.h"
#include "mail/maildir_inside.h"
#include "mail/mirror.h"

#define FLAGS (DOC_UNREAD | DOC_FLAGGED | DOC_REPLIED | DOC_FORWARDED)
#define SLICE_MS 8
#define NOTE_EVERY 60   /* seconds */
#define SETTLE_MOST 100 /* differing files in one operation */

/* A file that differs from what is known. */
struct differing {
    int64_t message;     /* 0: new */
    char *path, *before; /* own; path NULL: gone; before NULL: new */
};

static void differing_fini(void *item)
{
    struct differing *d = item;

    free(d->path);
    free(d->before);
}

struct scanned {
    struct maildir_place place; /* own */
    int64_t folder;             /* its id; 0: not stored yet */
    struct vec differing;
    struct mail_sync_folder told;
    char *stamp;                /* own; what the directories looked like */
};

static void scanned_fini(void *item)
{
    struct scanned *s = item;

    maildir_place_fini_item(&s->place);
    vec_fini(&s->differing);
    free(s->stamp);
}

struct mail_maildir_sync {
    struct store *store;
    char *account; /* own; NULL: all */
    void (*on_folder)(void *user, const struct mail_sync_folder *f);
    void (*on_done)(void *user, int64_t added, const struct error *err);
    void *user;
    struct vec folders; /* struct scanned */
    size_t folder, file; /* being taken */
    struct mail_intake *intake;
    struct error error;
    int64_t added, pushed;
    bool flushing, cancelled, posted, dry;
    bool taking; /* between feed and on_empty: the reader is waited for */
};

/* ---- scan: on the finder ---- */

/* A known copy. */
struct known {
    int64_t message;
    char *path;    /* own */
    size_t unique; /* length of the unique part of its name */
    bool seen;
};

static void known_fini(void *item)
{
    free(((struct known *)item)->path);
}

/* The name behind "cur/". */
static const char *base_of(const char *path)
{
    const char *slash = strchr(path, '/');

    return slash ? slash + 1 : path;
}

/* By unique part. */
static int by_unique(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    size_t n = x->unique < y->unique ? x->unique : y->unique;
    int c = strncmp(base_of(x->path), base_of(y->path), n);

    return c ? c : (x->unique > y->unique) - (x->unique < y->unique);
}

/* The known copy of a file's unique part. */
static struct known *find_known(const struct vec *known, const char *path)
{
    struct known key = {.path = (char *)(uintptr_t)path};
    size_t low = 0, high = known->len;

    key.unique = mail_maildir_unique(base_of(path));
    while (low < high) {
        size_t middle = (low + high) / 2;
        struct known *k = vec_at(known, middle);
        int c = by_unique(k, &key);
        if (c == 0)
            return k;
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Modification times of cur/ and new/, or "" when one is so fresh that it may change unseen. */
static char *stamp_of(const char *directory)
{
    static const char *const parts[] = {"cur", "new"};
    struct str out = STR_INIT;
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < 2; i++) {
        struct stat st;
        char *path = path_join(directory, parts[i]);
        if (stat(path, &st) == 0) {
            if (now.tv_sec - st.st_mtim.tv_sec < 2) {
                free(path);
                str_fini(&out);
                return mem_strdup("");
            }
            str_addf(&out, "%lld.%09ld ", (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
        }
        free(path);
    }
    return str_take(&out);
}

/* Under which name a folder's stamp is kept. */
static char *stamp_name(const struct scanned *s)
{
    return str_format("mail.maildir %s/%s", s->place.account, s->place.folder);
}

/* The known copies of a folder, sorted. */
static enum status read_known(struct db *db, int64_t folder, struct vec *known, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT message,path FROM mail_copy WHERE folder=?1 AND path<>''");

    db_bind_int(q, 1, folder);
    while (db_step(q)) {
        struct known *k = vec_push(known);
        k->message = db_int(q, 0);
        k->path = mem_strdup(db_text(q, 1));
        k->unique = mail_maildir_unique(base_of(k->path));
    }
    vec_sort(known, by_unique);
    return db_done(q, err);
}

/* Notes a difference. */
static void differ(struct scanned *s, int64_t message, const char *path, const char *before)
{
    struct differing *d = vec_push(&s->differing);

    d->message = message;
    d->path = mem_strdup_maybe(path);
    d->before = mem_strdup_maybe(before);
}

/* Compares one folder with the store. */
static enum status scan_folder(struct db *db, struct scanned *s, struct error *err)
{
    struct vec known, names;
    char *name = stamp_name(s), *before = store_setting(db, name), *mark;
    enum status st = STATUS_OK;

    free(name);
    s->folder = mail_folder_find_exact(db, s->place.account, s->place.folder);
    s->stamp = stamp_of(s->place.directory);
    if (s->folder && before && *before && str_eq(before, s->stamp)) {
        free(before);
        return STATUS_OK;
    }
    free(before);
    vec_init(&known, sizeof(struct known), known_fini);
    strv_init(&names);
    if (s->folder)
        st = read_known(db, s->folder, &known, err);
    if (st == STATUS_OK) {
        vec_fini(&names);
        st = mail_maildir_files(s->place.directory, &names, err);
    }
    mark = mail_mirror_mark(db);
    for (size_t i = 0; i < names.len && st == STATUS_OK; i++) {
        struct known *k = find_known(&known, strv_at(&names, i));
        if (!k && mail_mirror_is(strv_at(&names, i), mark))
            continue; /* a draft of ours */
        if (!k)
            differ(s, 0, strv_at(&names, i), NULL);
        else if (!str_eq(k->path, strv_at(&names, i)))
            differ(s, k->message, strv_at(&names, i), k->path);
        if (k)
            k->seen = true;
    }
    for (size_t i = 0; i < known.len && st == STATUS_OK; i++) {
        const struct known *k = vec_at(&known, i);
        if (!k->seen)
            differ(s, k->message, NULL, k->path);
    }
    vec_fini(&known);
    vec_fini(&names);
    free(mark);
    return st;
}

/* The question's record: the folders, borrowed by the finder until it answers. */
struct scan {
    struct vec folders; /* struct scanned */
};

static void scan_free(void *record)
{
    struct scan *s = record;

    vec_fini(&s->folders);
    free(s);
}

/* All folders; one that cannot be read is left as it was. */
static enum status scan_run(struct db *db, void *record, struct error *err)
{
    struct scan *s = record;

    for (size_t i = 0; i < s->folders.len; i++) {
        enum status st = scan_folder(db, vec_at(&s->folders, i), err);
        if (st == STATUS_INTERRUPTED)
            return st;
        if (st != STATUS_OK)
            vec_clear(&((struct scanned *)vec_at(&s->folders, i))->differing);
    }
    return STATUS_OK;
}

/* ---- settle: one operation for each folder ---- */

struct settle {
    struct mail_maildir_sync *sync;
    size_t index; /* of the folder */
    bool account_ends; /* the next folder is another account's */
    const struct scanned *s; /* borrow: the sync lives until this is done */
    size_t from, to; /* of its differing files */
    int64_t changed, gone;
    bool whole; /* every new file is in: the folder need not be looked at until it stirs */
};

/* Flags another program gave, unless ours wait to be written. */
static enum status settle_flags(struct db *db, struct settle *e, const struct differing *d,
                                struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT m.flags FROM mail_message m LEFT JOIN mail_push p"
                                        " ON p.message=m.id WHERE m.id=?1 AND p.message IS NULL");
    unsigned now = mail_maildir_flags(base_of(d->path), str_starts(d->path, "new/")), was = now;
    enum status st;

    db_bind_int(q, 1, d->message);
    if (db_step(q))
        was = (unsigned)db_int(q, 0) & FLAGS;
    st = db_done(q, err);
    if (st == STATUS_OK && was != now) {
        e->changed++;
        st = mail_message_set_flags(db, d->message, now & ~was, was & ~now, err);
    }
    return st;
}

/* Runs a statement of message, folder, path. */
static enum status copy_statement(struct db *db, const char *sql, int64_t message, int64_t folder,
                                  const char *path, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, folder);
    db_bind_text(q, 3, path);
    return db_run(q, err);
}

/* Is its file to be written? */
static bool waits(struct db *db, int64_t message)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_push WHERE message=?1");

    db_bind_int(q, 1, message);
    return db_any(q);
}

/* A file that is gone: another copy takes over, else the message goes to the trash. */
static enum status settle_gone(struct db *db, struct settle *e, int64_t folder,
                               const struct differing *d, struct error *err)
{
    struct mail_row row;
    int64_t other = 0;
    struct db_query *q;
    enum status st =
        copy_statement(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path=?3",
                       d->message, folder, d->before, err);

    if (st == STATUS_OK)
        st = mail_row_get(db, d->message, &row, err);
    if (st != STATUS_OK)
        return st == STATUS_NO_SUCH ? STATUS_OK : st;
    e->gone++;
    if (row.folder == folder) {
        q = db_prepare(db, "SELECT folder FROM mail_copy WHERE message=?1 ORDER BY folder=?2,"
                           " path='' LIMIT 1");
        db_bind_int(q, 1, d->message);
        db_bind_int(q, 2, folder);
        other = db_step(q) ? db_int(q, 0) : 0;
        st = db_done(q, err);
        if (st == STATUS_OK && !other && waits(db, d->message))
            other = folder; /* a person changed it since: it is written again */
        if (st == STATUS_OK && !other)
            st = mail_folder_role(db, e->s->place.account, MAIL_ROLE_TRASH, &other, err);
        if (st == STATUS_OK && other != folder)
            st = mail_message_set_folder(db, d->message, other, err);
    }
    mail_row_fini(&row);
    return st;
}

/* Notes when the account was in step, once a minute at most: a folder that stirs is looked at often. */
static enum status note_time(struct db *db, const char *account, struct error *err)
{
    int64_t now = clock_now(), last = mail_imap_last(db, account);

    if (last != CLOCK_NONE && now >= last && now - last < NOTE_EVERY)
        return STATUS_OK;
    return mail_imap_last_set(db, account, err);
}

/* Everything of one folder but new files. */
static enum status settle_run(struct db *db, void *record, struct error *err)
{
    struct settle *e = record;
    const struct scanned *s = e->s;
    struct db_query *q;
    int64_t folder;
    char *name;
    enum status st = mail_folder_make(db, s->place.account, s->place.folder, &folder, err);

    e->changed = e->gone = 0;
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "UPDATE mail_folder SET followed=1 WHERE id=?1 AND followed<>1");
    db_bind_int(q, 1, folder);
    st = db_run(q, err);
    for (size_t i = e->from; i < e->to && st == STATUS_OK; i++) {
        const struct differing *d = vec_at(&s->differing, i);
        if (!d->message)
            continue;
        if (!d->path) {
            st = settle_gone(db, e, folder, d, err);
            continue;
        }
        st = copy_statement(db, "DELETE FROM mail_copy WHERE message=?1 AND folder=?2 AND path=?3",
                            d->message, folder, d->before, err);
        if (st == STATUS_OK)
            st = copy_statement(db, "INSERT OR REPLACE INTO mail_copy(message,folder,path)"
                                    " VALUES(?1,?2,?3)", d->message, folder, d->path, err);
        if (st == STATUS_OK)
            st = settle_flags(db, e, d, err);
    }
    name = stamp_name(s);
    if (st == STATUS_OK && e->to == s->differing.len)
        st = store_setting_set(db, name, e->whole ? s->stamp : "", err);
    free(name);
    if (st == STATUS_OK && e->whole && e->to == s->differing.len && e->account_ends)
        st = note_time(db, s->place.account, err);
    return st;
}

static const struct store_op settle_op = {
    .name = "mail.maildir", .klass = OP_BULK, .run = settle_run, .free = free};

/* ---- the way through ---- */

/* Ends and frees. */
static void finish(struct mail_maildir_sync *m)
{
    struct error err = m->error;

    if (m->cancelled)
        error_set(&err, STATUS_INTERRUPTED, _("stopped"));
    mail_intake_free(m->intake);
    if (m->on_done)
        m->on_done(m->user, m->added, &err);
    vec_fini(&m->folders);
    free(m->account);
    free(m);
}

static void settle_next(struct mail_maildir_sync *m);

/* A folder is settled. */
static void on_settled(void *user, void *record, const struct error *err)
{
    struct mail_maildir_sync *m = user;
    struct settle *e = record;
    struct scanned *s = vec_at(&m->folders, e->index);

    if (error_is(err) && !error_is(&m->error))
        m->error = *err;
    s->told.account = s->place.account;
    s->told.folder = s->place.folder;
    s->told.changed += e->changed;
    s->told.gone += e->gone;
    if (e->to < s->differing.len && !error_is(err)) {
        m->file = e->to;
        settle_next(m);
        return;
    }
    s->told.pushed = m->pushed; /* all of this run, told once */
    m->pushed = 0;
    if (m->on_folder && !m->cancelled)
        m->on_folder(m->user, &s->told);
    m->folder++;
    m->file = 0;
    settle_next(m);
}

/* Settles folder after folder. */
static void settle_next(struct mail_maildir_sync *m)
{
    struct settle *e;

    if (m->cancelled || m->folder == m->folders.len) {
        finish(m);
        return;
    }
    e = mem_alloc(sizeof *e);
    e->sync = m;
    e->index = m->folder;
    e->s = vec_at(&m->folders, m->folder);
    e->account_ends = m->folder + 1 == m->folders.len ||
                      !str_eq(((struct scanned *)vec_at(&m->folders, m->folder + 1))->place.account,
                              e->s->place.account);
    e->from = m->file;
    e->to = e->s->differing.len - e->from > SETTLE_MOST ? e->from + SETTLE_MOST
                                                        : e->s->differing.len;
    e->whole = !error_is(&m->error);
    store_post(m->store, &settle_op, e, on_settled, m);
}

/* All new files are in. */
static void on_empty(void *user)
{
    struct mail_maildir_sync *m = user;

    m->taking = false;
    m->folder = m->file = 0;
    settle_next(m);
}

/* One new file was stored. The name begins with the folder's place in the list. */
static void on_item(void *user, const struct mail_intake_result *r)
{
    struct mail_maildir_sync *m = user;
    size_t at = strtoul(r->name, NULL, 10);

    if (r->error && !error_is(&m->error))
        m->error = *r->error;
    if (!r->error && !r->duplicate) {
        m->added++;
        ((struct scanned *)vec_at(&m->folders, at))->told.added++;
    }
}

/* Reads one new file into the intake. */
static void take(struct mail_maildir_sync *m, const struct scanned *s, const char *path,
                 int64_t horizon)
{
    char *full = path_join(s->place.directory, path), *name = str_format("%zu %s", m->folder, full);
    struct str bytes = STR_INIT;
    struct error err = ERROR_INIT;
    struct stat st;
    struct mail_intake_item item = {
        .name = name,
        .account = s->place.account,
        .folder = s->place.folder,
        .path = path,
        .flags = mail_maildir_flags(base_of(path), str_starts(path, "new/")),
        .received = CLOCK_NONE,
        .horizon = horizon,
    };

    if (stat(full, &st) == 0)
        item.received = st.st_mtime;
    if (path_read(full, MAIL_SIZE_MOST, &bytes, &err) == STATUS_OK && bytes.len)
        mail_intake_put(m->intake, bytes.data, bytes.len, &item);
    str_fini(&bytes);
    free(full);
    free(name);
}

/* Feeds new files for a slice of time, while there is room. */
static void feed(void *user)
{
    struct mail_maildir_sync *m = user;
    int64_t until = clock_mono_ms() + SLICE_MS;
    const struct option *o = option_find("triage.horizon");
    int64_t horizon = clock_now() - (o ? option_int("triage.horizon") : INT64_C(2592000000)) / 1000;

    m->posted = false;
    while (!m->flushing && mail_intake_room(m->intake)) {
        const struct scanned *s;
        const struct differing *d;
        if (m->cancelled || m->folder == m->folders.len) {
            m->flushing = true;
            mail_intake_flush(m->intake);
            return;
        }
        s = vec_at(&m->folders, m->folder);
        if (m->file == s->differing.len) {
            m->folder++;
            m->file = 0;
            continue;
        }
        d = vec_at(&s->differing, m->file++);
        if (!d->message)
            take(m, s, d->path, horizon);
        if (clock_mono_ms() >= until) {
            m->posted = true;
            loop_post(store_loop(m->store), feed, m);
            return;
        }
    }
}

/* The intake has room again; unless the next turn feeds anyway. */
static void on_room(void *user)
{
    struct mail_maildir_sync *m = user;

    if (!m->posted)
        feed(m);
}

/* A dry run: tells what differs, folder by folder. */
static void tell_differing(struct mail_maildir_sync *m)
{
    for (size_t i = 0; i < m->folders.len; i++) {
        struct scanned *s = vec_at(&m->folders, i);
        s->told.account = s->place.account;
        s->told.folder = s->place.folder;
        for (size_t k = 0; k < s->differing.len; k++) {
            const struct differing *d = vec_at(&s->differing, k);
            if (!d->message)
                s->told.added++;
            else if (d->path)
                s->told.changed++;
            else
                s->told.gone++;
        }
        m->added += s->told.added;
        if (m->on_folder)
            m->on_folder(m->user, &s->told);
    }
    finish(m);
}

/* The scan has ended. */
static void on_scanned(void *user, void *record, const struct error *err)
{
    static const struct mail_intake_events events = {
        .on_item = on_item, .on_room = on_room, .on_empty = on_empty};
    struct mail_maildir_sync *m = user;
    struct scan *s = record;

    if (error_is(err)) {
        m->error = *err;
        finish(m);
        return;
    }
    m->folders = s->folders;
    vec_init(&s->folders, sizeof(struct scanned), scanned_fini);
    if (m->dry) {
        tell_differing(m);
        return;
    }
    m->intake = mail_intake_new(m->store, &events, m);
    m->taking = true;
    feed(m);
}

/* An account whose Maildir is none is an error, beside what the others bring. */
static void look_for_all(struct mail_maildir_sync *m)
{
    const struct vec *accounts = config_accounts();

    for (size_t i = 0; accounts && i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        struct error err = ERROR_INIT;
        if (a->maildir && (!m->account || str_eq(m->account, a->name)) && mail_maildir_check(a, &err) != STATUS_OK &&
            !error_is(&m->error))
            m->error = err;
    }
}

/* Ours has gone out: looks what is there. */
static void on_pushed(void *user, int64_t pushed, const struct error *err)
{
    static const struct store_question question = {
        .name = "mail.scan", .run = scan_run, .free = scan_free};
    struct mail_maildir_sync *m = user;
    struct scan *s;
    struct vec places;

    m->pushed = pushed;
    if (error_is(err))
        m->error = *err;
    if (m->cancelled) {
        finish(m);
        return;
    }
    s = mem_alloc(sizeof *s);
    vec_init(&s->folders, sizeof(struct scanned), scanned_fini);
    look_for_all(m);
    maildir_places(m->account, &places);
    for (size_t i = 0; i < places.len; i++) {
        struct scanned *f = vec_push(&s->folders);
        f->place = *(struct maildir_place *)vec_at(&places, i);
        vec_init(&f->differing, sizeof(struct differing), differing_fini);
    }
    places.len = 0; /* moved */
    vec_fini(&places);
    store_ask(m->store, &question, s, on_scanned, m);
}

/* The first step, from the loop. */
static void begin(void *user)
{
    static const struct error none = ERROR_INIT;
    struct mail_maildir_sync *m = user;

    if (m->dry)
        on_pushed(m, 0, &none);
    else
        mail_maildir_push(m->store, on_pushed, m);
}

/* Looks at every followed folder. */
struct mail_maildir_sync *mail_maildir_sync(struct store *s, const char *account,
                                            void (*on_folder)(void *user,
                                                              const struct mail_sync_folder *f),
                                            void (*on_done)(void *user, int64_t added,
                                                            const struct error *err),
                                            void *user)
{
    struct mail_maildir_sync *m = mem_alloc(sizeof *m);

    m->store = s;
    m->account = mem_strdup_maybe(account);
    m->on_folder = on_folder;
    m->on_done = on_done;
    m->user = user;
    vec_init(&m->folders, sizeof(struct scanned), scanned_fini);
    loop_post(store_loop(s), begin, m);
    return m;
}

/* Looks only. */
void mail_maildir_only_look(struct mail_maildir_sync *m)
{
    m->dry = true;
}

/* Ends behind the step under way; a reader is not waited for: there may be no turn any more in which it answers. */
void mail_maildir_cancel(struct mail_maildir_sync *m)
{
    m->cancelled = true;
    if (!m->taking)
        return;
    if (m->posted)
        loop_unpost(store_loop(m->store), feed, m);
    finish(m);
}
