/* SPDX-License-Identifier: GPL-3.0-or-later */
/* job.c - jobs: rows with a lease and a fence.
 *
 * A lease is counted on the machine's own clock, not on the clock that tests set. The holder's
 * process is named in the row as well: one that is seen to be dead on this machine has lost its
 * lease at once, so that what it left is taken up at the next start and not 15 seconds later. */
#include "store/job.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vec.h"
#include "base/watch.h"
#include "store/store.h"

enum { KINDS_MAX = 32 };

static const struct migration steps[] = {
    {.sql = "CREATE TABLE job("
            " id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, input TEXT NOT NULL,"
            " state TEXT NOT NULL, created INTEGER NOT NULL, lease INTEGER NOT NULL DEFAULT 0,"
            " fence INTEGER NOT NULL DEFAULT 0, holder TEXT NOT NULL DEFAULT '',"
            " done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,"
            " note TEXT NOT NULL DEFAULT '', result TEXT, error TEXT) STRICT;"
            "CREATE INDEX job_open ON job(state, id) WHERE state IN ('queued', 'running');"},
};
extern const struct migration_list job_migrations;
const struct migration_list job_migrations = {"job", steps, sizeof steps / sizeof *steps};

static const struct job_kind *kinds[KINDS_MAX];
static size_t kinds_len;

/* A kind's or a state's word in the person's language. */
const char *job_name(const char *word)
{
    static const char *const states[] = {N_("queued"), N_("running"),   N_("done"),
                                         N_("failed"), N_("cancelled"), N_("in-doubt")};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(word, states[i]) == 0)
            return _(states[i]);
    return *word ? _(word) : word;
}

/* Makes a kind known. */
void job_register(const struct job_kind *kind)
{
    for (size_t i = 0; i < kinds_len; i++)
        if (strcmp(kinds[i]->name, kind->name) == 0) {
            kinds[i] = kind;
            return;
        }
    assert(kinds_len < KINDS_MAX);
    kinds[kinds_len++] = kind;
}

/* A registered kind; NULL when unknown. */
static const struct job_kind *kind_find(const char *name)
{
    for (size_t i = 0; i < kinds_len; i++)
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

/* Seconds of the machine's clock. */
static int64_t real_now(void)
{
    return (int64_t)time(NULL);
}

/* Reads the first line of a small file of /proc. */
static void read_line(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

/* When a process began, in ticks since the machine did; 0 when there is no such process. */
static long long process_start(long pid)
{
    char path[64], stat[1024];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    read_line(path, stat, sizeof stat);
    const char *p = strrchr(stat, ')');
    for (int field = 2; p && field < 22; field++) {
        p = strchr(p, ' ');
        p = p ? p + 1 : NULL;
    }
    long long start = 0;
    char *end = p ? strchr(p, ' ') : NULL;
    if (end)
        *end = '\0';
    return p && str_to_int64(p, &start) ? start : 0;
}

/* The machine's run and the space of process numbers, which a holder's name is good for. */
static void here(char *out, size_t size)
{
    char boot[64];
    struct stat st;
    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    long long space = stat("/proc/self/ns/pid", &st) == 0 ? (long long)st.st_ino : 0;
    snprintf(out, size, "%.18s/%lld", boot, space);
}

/* This process, as holders are named. */
static void self(char *out, size_t size)
{
    char place[64];
    here(place, sizeof place);
    snprintf(out, size, "%s %ld %lld", place, (long)getpid(), process_start((long)getpid()));
}

/* Is the holder known to be dead? */
static bool is_dead(const char *holder)
{
    char place[64];
    here(place, sizeof place);
    size_t n = strlen(place);
    if (strncmp(holder, place, n) != 0 || holder[n] != ' ')
        return false;
    char *end;
    long pid = strtol(holder + n + 1, &end, 10);
    long long start = strtoll(end, NULL, 10);
    return start != 0 && process_start(pid) != start;
}

/* Creates a job that waits. */
enum status job_create(struct db *db, const char *kind, const char *input, int64_t *id,
                       struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT INTO job(kind, input, state, created)"
                                        " VALUES(?1, ?2, 'queued', ?3)");
    db_bind_text(q, 1, kind);
    db_bind_text(q, 2, input ? input : "");
    db_bind_int(q, 3, clock_now());
    enum status s = db_run(q, err);
    *id = s == STATUS_OK ? db_last_id(db) : 0;
    db_touch(db, WATCH_JOB);
    return s;
}

/* Creates a job and takes it. */
enum status job_start(struct db *db, const char *kind, const char *input, struct job_claim *out,
                      struct error *err)
{
    int64_t id;
    enum status s = job_create(db, kind, input, &id, err);
    return s == STATUS_OK ? job_take(db, id, out, err) : s;
}

/* Says that there is no such job. */
static enum status no_such(int64_t id, struct error *err)
{
    return error_set(err, STATUS_NO_SUCH, _("there is no job q%lld"), (long long)id);
}

/* Takes a job that waits. */
enum status job_take(struct db *db, int64_t id, struct job_claim *out, struct error *err)
{
    char holder[160];
    self(holder, sizeof holder);
    struct db_query *q =
        db_prepare(db, "UPDATE job SET state = 'running', fence = fence + 1, lease = ?2,"
                       " holder = ?3, error = NULL WHERE id = ?1 AND state = 'queued'"
                       " RETURNING fence");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, real_now() + JOB_LEASE);
    db_bind_text(q, 3, holder);
    bool taken = db_step(q);
    *out = (struct job_claim){id, taken ? db_int(q, 0) : 0};
    while (taken && db_step(q))
        ;
    enum status s = db_done(q, err);
    if (s == STATUS_OK && !taken)
        s = error_set(err, STATUS_STALE, _("job q%lld runs already or is over"), (long long)id);
    db_touch(db, WATCH_JOB);
    return s;
}

/* Says that a claim is void. */
static enum status lost(struct job_claim c, struct error *err)
{
    return error_set(err, STATUS_STALE, _("job q%lld was stopped or taken over"),
                     (long long)c.id);
}

/* Takes ended jobs out. */
enum status job_forget(struct db *db, const char *kind, const char *input, struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM job WHERE kind = ?1 AND input = ?2"
                                        " AND state <> 'running'");
    db_bind_text(q, 1, kind);
    db_bind_text(q, 2, input);
    return db_run(q, err);
}

/* Renews the lease. */
enum status job_progress(struct db *db, struct job_claim c, int64_t done, int64_t total,
                         const char *note, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE job SET lease = ?3, done = ?4, total = ?5,"
                       " note = coalesce(?6, note)"
                       " WHERE id = ?1 AND fence = ?2 AND state = 'running'");
    db_bind_int(q, 1, c.id);
    db_bind_int(q, 2, c.fence);
    db_bind_int(q, 3, real_now() + JOB_LEASE);
    db_bind_int(q, 4, done);
    db_bind_int(q, 5, total);
    db_bind_text(q, 6, note);
    enum status s = db_run(q, err);
    if (s != STATUS_OK)
        return s;
    if (db_changed(db) == 0)
        return lost(c, err);
    db_touch(db, WATCH_JOB);
    return STATUS_OK;
}

/* Ends a job. */
enum status job_finish(struct db *db, struct job_claim c, const char *state, const char *result,
                       const char *error, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE job SET state = ?3, result = ?4, error = ?5, lease = 0,"
                       " holder = '' WHERE id = ?1 AND fence = ?2 AND state = 'running'");
    db_bind_int(q, 1, c.id);
    db_bind_int(q, 2, c.fence);
    db_bind_text(q, 3, state);
    db_bind_text(q, 4, result);
    db_bind_text(q, 5, error);
    enum status s = db_run(q, err);
    if (s != STATUS_OK)
        return s;
    if (db_changed(db) == 0)
        return lost(c, err);
    db_touch(db, WATCH_JOB);
    return STATUS_OK;
}

struct orphan {
    int64_t id;
    char *kind, *input; /* own */
};

/* Releases an orphan. */
static void orphan_fini(void *item)
{
    struct orphan *o = item;
    free(o->kind);
    free(o->input);
}

/* Finds running jobs whose lease is over or whose holder is dead. */
static enum status find_orphans(struct db *db, struct vec *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id, kind, input, lease, holder FROM job"
                                        " WHERE state = 'running' ORDER BY id");
    while (db_step(q)) {
        if (db_int(q, 3) >= real_now() && !is_dead(db_text(q, 4)))
            continue;
        struct orphan *o = vec_push(out);
        o->id = db_int(q, 0);
        o->kind = str_format("%s", db_text(q, 1));
        o->input = str_format("%s", db_text(q, 2));
    }
    return db_done(q, err);
}

/* Does with one orphan what its kind declares. */
static enum status adopt(struct db *db, const struct orphan *o, struct error *err)
{
    const struct job_kind *k = kind_find(o->kind);
    enum job_resume resume = k ? k->resume : JOB_CUT;
    const char *state = resume == JOB_RESUME ? "queued" : resume == JOB_CUT ? "failed" : "in-doubt";
    enum status s = STATUS_OK;
    if (resume != JOB_RESUME && k && k->on_orphan)
        s = k->on_orphan(db, o->id, o->input, err);
    if (s != STATUS_OK)
        return s;
    log_info("job q%lld (%s): its runner is gone, now %s", (long long)o->id, o->kind, state);
    struct db_query *q =
        db_prepare(db, "UPDATE job SET state = ?2, fence = fence + 1, lease = 0, holder = '',"
                       " error = CASE ?2 WHEN 'queued' THEN NULL ELSE ?3 END"
                       " WHERE id = ?1 AND state = 'running'");
    db_bind_int(q, 1, o->id);
    db_bind_text(q, 2, state);
    db_bind_text(q, 3, _("the program that ran it ended"));
    return db_run(q, err);
}

/* Takes over what runs without a living lease. */
enum status job_recover(struct db *db, int *count, struct error *err)
{
    struct vec orphans;
    vec_init(&orphans, sizeof(struct orphan), orphan_fini);
    enum status s = find_orphans(db, &orphans, err);
    for (size_t i = 0; i < orphans.len && s == STATUS_OK; i++)
        s = adopt(db, vec_at(&orphans, i), err);
    if (count)
        *count = s == STATUS_OK ? (int)orphans.len : 0;
    if (orphans.len > 0)
        db_touch(db, WATCH_JOB);
    vec_fini(&orphans);
    return s;
}

/* The state of a job; NO_SUCH when there is none. */
static enum status state_of(struct db *db, int64_t id, char out[16], struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT state FROM job WHERE id = ?1");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    snprintf(out, 16, "%s", found ? db_text(q, 0) : "");
    enum status s = db_done(q, err);
    return s == STATUS_OK && !found ? no_such(id, err) : s;
}

/* Stops a job: whoever runs it hears STALE at its next step. */
enum status job_cancel(struct db *db, int64_t id, struct error *err)
{
    char state[16];
    enum status s = state_of(db, id, state, err);
    if (s != STATUS_OK)
        return s;
    struct db_query *q =
        db_prepare(db, "UPDATE job SET state = 'cancelled', fence = fence + 1, lease = 0,"
                       " holder = '' WHERE id = ?1 AND state IN ('queued', 'running')");
    db_bind_int(q, 1, id);
    s = db_run(q, err);
    if (s == STATUS_OK && db_changed(db) == 0)
        return error_set(err, STATUS_REFUSED, _("job q%lld is over already (%s)"), (long long)id,
                         job_name(state));
    db_touch(db, WATCH_JOB);
    return s;
}

/* Queues a job again that failed or was cancelled. */
enum status job_retry(struct db *db, int64_t id, struct error *err)
{
    char state[16];
    enum status s = state_of(db, id, state, err);
    if (s != STATUS_OK)
        return s;
    struct db_query *q =
        db_prepare(db, "UPDATE job SET state = 'queued', error = NULL, done = 0, note = ''"
                       " WHERE id = ?1 AND state IN ('failed', 'cancelled')");
    db_bind_int(q, 1, id);
    s = db_run(q, err);
    if (s == STATUS_OK && db_changed(db) == 0)
        return error_set(err, STATUS_REFUSED, _("job q%lld is %s: only one that failed or was "
                                                "cancelled can be run again"),
                         (long long)id, job_name(state));
    db_touch(db, WATCH_JOB);
    return s;
}

/* Newest first. */
enum status job_list(struct db *db, bool open_only, int64_t limit,
                     bool (*on_row)(void *user, const struct job_row *r), void *user,
                     struct error *err)
{
    struct db_query *q =
        open_only ? db_prepare(db, "SELECT id, created, done, total, kind, state, note, error,"
                                   " input FROM job WHERE state IN ('queued', 'running')"
                                   " ORDER BY id DESC LIMIT ?1")
                  : db_prepare(db, "SELECT id, created, done, total, kind, state, note, error,"
                                   " input FROM job ORDER BY id DESC LIMIT ?1");
    db_bind_int(q, 1, limit);
    while (db_step(q)) {
        struct job_row r = {
            .id = db_int(q, 0),
            .created = db_int(q, 1),
            .done = db_int(q, 2),
            .total = db_int(q, 3),
            .kind = db_text(q, 4),
            .state = db_text(q, 5),
            .note = db_text(q, 6),
            .error = db_text(q, 7),
            .input = db_text(q, 8),
        };
        if (!on_row(user, &r))
            break;
    }
    return db_done(q, err);
}
