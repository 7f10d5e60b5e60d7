/* SPDX-License-Identifier: GPL-3.0-or-later */
/* migrate.c - brings the schema of a store up to this program's. */
#include "store/migrate.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "store/db_internal.h"
#include "store/textlog.h"

#define PARTS_MAX 48

extern const struct migration_list store_migrations, doc_migrations, journal_migrations,
    job_migrations;

static const struct migration_list *parts[PARTS_MAX];
static int parts_len;

/* Adds a list; the same part twice counts once. */
static void add(const struct migration_list *list)
{
    for (int i = 0; i < parts_len; i++)
        if (parts[i] == list || strcmp(parts[i]->part, list->part) == 0)
            return;
    assert(parts_len < PARTS_MAX);
    parts[parts_len++] = list;
}

/* Adds store/'s own parts, once. */
static void add_own(void)
{
    add(&store_migrations);
    add(&doc_migrations);
    add(&journal_migrations);
    add(&job_migrations);
    add(&textlog_migrations);
}

/* Called by app/ for each feature. */
void store_add_migrations(const struct migration_list *list)
{
    add_own();
    add(list);
}

/* The step a part stands at; 0 when it is not there. */
static int version_of(struct db *db, const char *part)
{
    struct db_query *q = db_prepare(db, "SELECT version FROM part WHERE name = ?1");
    db_bind_text(q, 1, part);
    int version = db_step(q) ? (int)db_int(q, 0) : 0;
    db_end(q);
    return version;
}

/* Is the table of parts there at all? */
static bool has_parts(struct db *db)
{
    return db_get_int(db, "SELECT 1 FROM sqlite_schema WHERE name = 'part'", 0) == 1;
}

/* Looks whether anything is to be done. */
enum status migrate_check(struct db *db, bool *current, struct error *err)
{
    add_own();
    *current = false;
    if (!has_parts(db))
        return STATUS_OK;
    bool same = true;
    for (int i = 0; i < parts_len; i++) {
        int version = version_of(db, parts[i]->part);
        if (version > parts[i]->count) {
            error_set(err, STATUS_FAILED,
                      _("this office was last opened by a newer bureau (%s is at step %d, this "
                        "program knows %d)"),
                      parts[i]->part, version, parts[i]->count);
            return error_hint(err, _("install that version again, or restore a backup"));
        }
        same = same && version == parts[i]->count;
    }
    *current = same;
    return STATUS_OK;
}

/* Runs the missing steps of one part. */
static enum status run_part(struct db *db, const struct migration_list *list, struct error *err)
{
    int version = version_of(db, list->part);
    for (int i = version; i < list->count; i++) {
        const struct migration *m = &list->steps[i];
        enum status s = m->sql ? db_exec(db, m->sql, err) : STATUS_OK;
        if (s == STATUS_OK && m->run)
            s = m->run(db, err);
        if (s != STATUS_OK) {
            error_prefix(err, _("upgrading the office, %s step %d"), list->part, i + 1);
            return s;
        }
    }
    if (version == list->count)
        return STATUS_OK;
    struct db_query *q = db_prepare(db, "INSERT INTO part(name, version) VALUES(?1, ?2)"
                                        " ON CONFLICT(name) DO UPDATE SET version = ?2");
    db_bind_text(q, 1, list->part);
    db_bind_int(q, 2, list->count);
    log_info("store: %s from step %d to %d", list->part, version, list->count);
    return db_run(q, err);
}

/* Keeps a copy of what is there before it is changed. */
static enum status keep_copy(struct db *db, const char *dir, struct error *err)
{
    struct tm tm;
    clock_local(clock_now(), &tm);
    char name[64];
    strftime(name, sizeof name, "before-upgrade-%Y%m%d-%H%M%S.db", &tm);
    char *path = path_join(dir, name);
    enum status s = migrate_copy(db, path, err);
    free(path);
    return s;
}

/* Runs what is missing. */
enum status migrate_run(struct db *db, const char *backup_dir, struct error *err)
{
    bool current, grown = has_parts(db);
    enum status s = migrate_check(db, &current, err);
    if (s != STATUS_OK || current)
        return s;
    if (grown && (s = keep_copy(db, backup_dir, err)) != STATUS_OK)
        return s;
    s = db_begin(db, true, err);
    if (s != STATUS_OK)
        return s;
    if (!has_parts(db))
        s = db_exec(db,
                    "CREATE TABLE part(name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT,"
                    " WITHOUT ROWID",
                    err);
    else /* another process may have done it while we waited for the lock */
        s = migrate_check(db, &current, err);
    for (int i = 0; i < parts_len && s == STATUS_OK; i++)
        s = run_part(db, parts[i], err);
    if (s != STATUS_OK) {
        db_rollback(db);
        return s;
    }
    return db_commit(db, err);
}

/* Copies the database page by page. */
enum status migrate_copy(struct db *db, const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_set_errno(err, errno, "%s", path);
    sqlite3 *to = NULL;
    int rc = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *b = rc == SQLITE_OK ? sqlite3_backup_init(to, "main", db_handle(db), "main")
                                        : NULL;
    if (b) {
        do {
            rc = sqlite3_backup_step(b, -1);
            if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
                usleep(2000);
        } while (rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
        rc = sqlite3_backup_finish(b);
    } else if (rc == SQLITE_OK) {
        rc = sqlite3_errcode(to);
    }
    /* The copy is one file: no log beside it. */
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    enum status s = STATUS_OK;
    if (rc != SQLITE_OK) {
        bool full = rc == SQLITE_FULL || sqlite3_system_errno(to) == ENOSPC;
        s = full ? error_set(err, STATUS_FULL, _("%s: no room on the disk"), path)
                 : error_set(err, STATUS_FAILED, "%s: %s", path, sqlite3_errstr(rc));
    }
    sqlite3_close(to);
    if (s == STATUS_OK && fsync(fd) < 0)
        s = error_set_errno(err, errno, "%s", path);
    close(fd);
    if (s != STATUS_OK)
        unlink(path);
    return s;
}
