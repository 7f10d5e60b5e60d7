/* SPDX-License-Identifier: GPL-3.0-or-later */
/* care.c - backup, check, restore. */
#include "store/care.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "store/db_internal.h"
#include "store/migrate.h"
#include "store/store_internal.h"
#include "store/writer.h"

/* Copies the office to a new file. */
enum status care_backup(struct db *db, const char *path, int64_t *bytes, struct error *err)
{
    struct stat st;
    *bytes = 0;
    if (lstat(path, &st) == 0) {
        error_set(err, STATUS_FAILED, _("%s is there already"), path);
        return error_hint(err, _("a backup never overwrites: choose another name"));
    }
    enum status s = migrate_copy(db, path, err);
    if (s == STATUS_OK && stat(path, &st) == 0)
        *bytes = st.st_size;
    return s;
}

/* Every page, every index, every foreign key. */
enum status care_check(struct db *db, struct error *err)
{
    struct db_query *q = db_prepare(db, "PRAGMA integrity_check(1)");
    char *bad = NULL;
    if (db_step(q) && strcmp(db_text(q, 0), "ok") != 0)
        bad = mem_strdup(db_text(q, 0));
    enum status s = db_done(q, err);
    if (s == STATUS_OK && !bad) {
        q = db_prepare(db, "PRAGMA foreign_key_check");
        if (db_step(q))
            bad = str_format("%s → %s", db_text(q, 0), db_text(q, 2));
        s = db_done(q, err);
    }
    if (s == STATUS_OK && bad)
        s = error_set(err, STATUS_CORRUPT, _("the database is damaged: %s"), bad);
    free(bad);
    return s;
}

/* Copies bytes from one file to a new one and brings them to the disk. */
static enum status copy_file(const char *from, const char *to, struct error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return error_set_errno(err, errno, "%s", from);
    unlink(to);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum status s = out < 0 ? error_set_errno(err, errno, "%s", to) : STATUS_OK;
    static char buf[1 << 16];
    ssize_t n = 0;
    while (s == STATUS_OK && (n = read(in, buf, sizeof buf)) > 0)
        if (!fd_write_all(out, buf, (size_t)n))
            s = error_set_errno(err, errno, "%s", to);
    if (s == STATUS_OK && n < 0)
        s = error_set_errno(err, errno, "%s", from);
    if (s == STATUS_OK && fsync(out) < 0)
        s = error_set_errno(err, errno, "%s", to);
    if (out >= 0)
        close(out);
    close(in);
    if (s != STATUS_OK && out >= 0)
        unlink(to);
    return s;
}

/* Is this file a whole office that this program can open? */
static enum status check_copy(const char *path, struct error *err)
{
    struct db *db = NULL;
    bool current;
    enum status s = db_open(path, DB_WRITE, &db, err);
    if (s == STATUS_OK && db_get_int(db, "SELECT 1 FROM sqlite_schema WHERE name = 'part'", 0) != 1)
        s = error_set(err, STATUS_CORRUPT, _("%s is no backup of an office"), path);
    if (s == STATUS_OK)
        s = care_check(db, err);
    if (s == STATUS_OK)
        s = migrate_check(db, &current, err);
    db_close(db);
    return s;
}

/* Moves a file when it is there, and what SQLite keeps beside it goes. */
static enum status set_aside(const char *db, const char *to, bool *moved, struct error *err)
{
    *moved = rename(db, to) == 0;
    if (!*moved && errno != ENOENT)
        return error_set_errno(err, errno, "%s", db);
    static const char *const beside[] = {"-wal", "-shm"};
    for (size_t i = 0; i < 2; i++) {
        char *from = str_format("%s%s", db, beside[i]), *also = str_format("%s%s", to, beside[i]);
        if (i == 0)
            rename(from, also); /* empty after a clean close; with pages in it, it belongs to it */
        else
            unlink(from);
        free(from);
        free(also);
    }
    return STATUS_OK;
}

/* The exchange itself; connections are closed. */
static enum status exchange(const struct paths *paths, const char *fresh, char **kept,
                            struct error *err)
{
    char name[64];
    struct tm tm;
    bool moved;
    clock_local(clock_now(), &tm);
    strftime(name, sizeof name, "before-restore-%Y%m%d-%H%M%S.db", &tm);
    char *aside = path_join(paths->state, name);
    enum status s = set_aside(paths->db, aside, &moved, err);
    if (s == STATUS_OK && rename(fresh, paths->db) < 0) {
        s = error_set_errno(err, errno, "%s", paths->db);
        if (moved)
            rename(aside, paths->db);
    }
    if (s == STATUS_OK && moved)
        *kept = aside;
    else
        free(aside);
    return s;
}

/* Puts the copy of a backup in the office's place. */
enum status care_restore(struct store *st, const char *path, char **kept, struct error *err)
{
    const struct paths *paths = store_paths(st);
    *kept = NULL;
    char *fresh = str_format("%s.restore", paths->db);
    char *turnstile = path_join(paths->state, "turnstile");
    enum status s = copy_file(path, fresh, err);
    if (s == STATUS_OK) {
        s = check_copy(fresh, err);
        if (s == STATUS_OK) {
            int fd = writer_turnstile_take(turnstile);
            if (store_others(st) > 0) {
                s = error_set(err, STATUS_REFUSED, _("another bureau has this office open"));
                error_hint(err, _("close it first"));
            } else {
                store_disconnect(st);
                s = exchange(paths, fresh, kept, err);
            }
            writer_turnstile_let(fd);
            struct error again = ERROR_INIT;
            if (store_connect(st, &again) != STATUS_OK && s == STATUS_OK) {
                *err = again;
                s = again.status;
            }
        }
        unlink(fresh);
        static const char *const beside[] = {"-wal", "-shm"};
        for (size_t i = 0; i < 2; i++) {
            char *file = str_format("%s%s", fresh, beside[i]);
            unlink(file);
            free(file);
        }
    }
    free(turnstile);
    free(fresh);
    return s;
}
