/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store_load.c - several processes on one store: two screens where a person types, an import,
 * a command line that comes and goes; then an import that is killed at random moments.
 *
 * Asserted: no update is lost, nobody hears "locked", the file is whole, the index fits the texts,
 * what was told done is there. How long a person waited is printed, not asserted. */
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "io/loop.h"
#include "store/care.h"
#include "store/db_internal.h"
#include "store/doc.h"
#include "store/store.h"
#include "tap.h"

enum { SECONDS = 4, ROUNDS = 10, LATENCIES = 4000 };

static char dir[] = P_tmpdir "/bureau-load-XXXXXX";
static struct paths paths;

static const struct migration steps[] = {
    {.sql = "CREATE TABLE counter(who TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;"
            "INSERT INTO counter VALUES('all', 0)"},
};
static const struct migration_list list = {"test", steps, 1};

/* What a process tells its parent at its end. */
struct told {
    int64_t acked, failed, locked;
    int64_t worst, p99, median; /* ms a person waited */
    char text[512];
};

/* Removes one entry of the tree. */
static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* ---- operations ---- */

/* A read and a write that would lose updates if two ran at once. */
static enum status run_count(struct db *db, void *record, struct error *err)
{
    (void)record;
    int64_t n = db_get_int(db, "SELECT n FROM counter WHERE who = 'all'", -1);
    struct db_query *q = db_prepare(db, "UPDATE counter SET n = ?1 WHERE who = 'all'");
    db_bind_int(q, 1, n + 1);
    db_touch(db, WATCH_DRAFT);
    return db_run(q, err);
}

static const struct store_op count_op = {"count", OP_PERSON, run_count, NULL};

struct bulk {
    int64_t first;
    int count;
};

/* Inserts a few docs. */
static enum status run_bulk(struct db *db, void *record, struct error *err)
{
    const struct bulk *b = record;
    enum status s = STATUS_OK;
    for (int i = 0; i < b->count && s == STATUS_OK; i++) {
        int64_t key, ref = b->first + i;
        struct str body = STR_INIT;
        for (int k = 0; k < 120; k++)
            str_addf(&body, "word%lld 会议%lld and others ", (long long)(ref * 7 + k) % 5000,
                     (long long)(ref + k) % 300);
        struct doc d = {.kind = DOC_MAIL, .ref = ref, .date = 1700000000 + (ref * 7919) % 9000000,
                        .subject = "Load", .sender = "a@example.com", .body = str_text(&body)};
        s = doc_insert(db, &d, &key, err);
        str_fini(&body);
    }
    db_touch(db, WATCH_MAIL);
    return s;
}

static const struct store_op bulk_op = {"load", OP_BULK, run_bulk, free};

/* ---- the processes ---- */

struct typing {
    struct told told;
    int64_t at[LATENCIES];
    int64_t posted;
    int len, waiting;
};

/* Notes an error. */
static void note_error(struct told *t, const struct error *err)
{
    t->failed++;
    t->locked += err->status == STATUS_LOCKED;
    snprintf(t->text, sizeof t->text, "%s", err->text);
}

/* A key is in the store. */
static void typed(void *user, void *record, const struct error *err)
{
    struct typing *t = user;
    (void)record;
    t->waiting--;
    if (err->status != STATUS_OK) {
        note_error(&t->told, err);
        return;
    }
    t->told.acked++;
    if (t->len < LATENCIES)
        t->at[t->len++] = clock_mono_ms() - t->posted;
}

/* For qsort. */
static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* A screen: one key every few milliseconds, the next when the last is in. */
static void screen(int out)
{
    static struct typing t;
    struct error err = ERROR_INIT;
    struct store *s;
    struct loop *l = loop_new();
    if (store_open(&paths, STORE_THREADS, l, &s, &err) != STATUS_OK) {
        note_error(&t.told, &err);
    } else {
        int64_t end = clock_mono_ms() + SECONDS * 1000;
        while (clock_mono_ms() < end) {
            t.posted = clock_mono_ms();
            t.waiting++;
            store_post(s, &count_op, NULL, typed, &t);
            while (t.waiting > 0)
                loop_turn(l, 1000);
            int64_t rest = clock_mono_ms() + 5;
            while (clock_mono_ms() < rest)
                loop_turn(l, rest - clock_mono_ms());
        }
        store_close(s);
        qsort(t.at, (size_t)t.len, sizeof *t.at, by_size);
        t.told.median = t.len ? t.at[t.len / 2] : 0;
        t.told.p99 = t.len ? t.at[t.len * 99 / 100] : 0;
        t.told.worst = t.len ? t.at[t.len - 1] : 0;
    }
    loop_free(l);
    _exit(write(out, &t.told, sizeof t.told) != sizeof t.told);
}

/* A command line: opens, changes, closes. */
static void command(int out)
{
    struct told t = {0};
    int64_t end = clock_mono_ms() + SECONDS * 1000;
    while (clock_mono_ms() < end) {
        struct error err = ERROR_INIT;
        struct store *s;
        if (store_open(&paths, STORE_INLINE, NULL, &s, &err) != STATUS_OK) {
            note_error(&t, &err);
            continue;
        }
        if (store_run(s, &count_op, NULL, &err) == STATUS_OK)
            t.acked++;
        else
            note_error(&t, &err);
        store_close(s);
    }
    _exit(write(out, &t, sizeof t) != sizeof t);
}

struct importing {
    struct told told;
    int waiting, out;
};

/* Docs are in; tells at once how many. */
static void added(void *user, void *record, const struct error *err)
{
    struct importing *i = user;
    const struct bulk *b = record;
    i->waiting--;
    if (err->status != STATUS_OK)
        note_error(&i->told, err);
    else
        i->told.acked += b->count;
    if (i->out >= 0 && write(i->out, &i->told.acked, sizeof i->told.acked) < 0)
        _exit(1);
}

/* An import: many docs, as fast as they go in. */
static void import(int64_t first, int64_t ms, struct importing *i)
{
    struct error err = ERROR_INIT;
    struct store *s;
    struct loop *l = loop_new();
    if (store_open(&paths, STORE_THREADS, l, &s, &err) != STATUS_OK) {
        note_error(&i->told, &err);
    } else {
        int64_t end = clock_mono_ms() + ms;
        while (clock_mono_ms() < end) {
            while (i->waiting < 20) {
                struct bulk *b = calloc(1, sizeof *b);
                *b = (struct bulk){first, 10};
                first += 10;
                i->waiting++;
                store_post(s, &bulk_op, b, added, i);
            }
            loop_turn(l, 100);
        }
        store_flush(s);
        if (store_index(s, NULL, NULL, &err) != STATUS_OK)
            note_error(&i->told, &err);
        store_close(s);
    }
    loop_free(l);
}

/* Starts a process; the reading end of its pipe in *in. */
static pid_t start(void (*run)(int out), int *in)
{
    int fds[2];
    if (pipe(fds) < 0)
        abort();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        run(fds[1]);
        _exit(1);
    }
    close(fds[1]);
    *in = fds[0];
    return pid;
}

/* An import among the others. */
static void import_beside(int out)
{
    static struct importing i = {.out = -1};
    import(1, SECONDS * 1000, &i);
    _exit(write(out, &i.told, sizeof i.told) != sizeof i.told);
}

/* An import that will be killed; it tells every step. */
static int64_t next_ref = 1;
static void import_killed(int out)
{
    static struct importing i;
    i.out = out;
    import(next_ref, 60000, &i);
    _exit(0);
}

/* ---- what is left ---- */

/* Feeds and compares the index inside an operation. */
static enum status run_compare(struct db *db, void *record, struct error *err)
{
    int left = 1;
    enum status s = STATUS_OK;
    (void)record;
    while (s == STATUS_OK && left > 0)
        s = doc_index_some(db, 500, &left, err);
    return s == STATUS_OK ? doc_index_verify(db, err) : s;
}

static const struct store_op compare_op = {"compare", OP_BULK, run_compare, NULL};

/* Is the file whole, does the index fit? Returns how many docs there are. */
static int64_t check_store(const char *name)
{
    struct error err = ERROR_INIT;
    struct store *s;
    if (!ok(store_open(&paths, STORE_INLINE, NULL, &s, &err) == STATUS_OK, "%s: opens", name))
        return -1;
    struct db *db = store_reader(s);
    int64_t docs = db_get_int(db, "SELECT count(*) FROM doc", -1);
    ok(care_check(db, &err) == STATUS_OK, "%s: the file is whole %s", name, err.text);
    ok(db_get_int(db, "SELECT count(*) FROM doc_text", -1) == docs, "%s: every doc has its text",
       name);
    ok(store_run(s, &compare_op, NULL, &err) == STATUS_OK, "%s: the index fits %s", name, err.text);
    store_close(s);
    return docs;
}

/* Four processes at once. */
static void test_beside(void)
{
    void (*const roles[])(int) = {screen, screen, command, import_beside};
    static const char *const names[] = {"screen 1", "screen 2", "command line", "import"};
    pid_t pids[4];
    int in[4];
    int64_t counted = 0, docs = 0;
    for (int i = 0; i < 4; i++)
        pids[i] = start(roles[i], &in[i]);
    for (int i = 0; i < 4; i++) {
        struct told t = {0};
        int status = -1;
        bool good = read(in[i], &t, sizeof t) == sizeof t;
        waitpid(pids[i], &status, 0);
        close(in[i]);
        ok(good && status == 0, "%s ends well", names[i]);
        ok(t.failed == 0, "%s: nothing failed (%lld locked) %s", names[i], (long long)t.locked,
           t.text);
        if (i < 2)
            printf("# %s: %lld keys, in the store after %lld ms (median), %lld (99 %%), %lld (worst)\n",
                   names[i], (long long)t.acked, (long long)t.median, (long long)t.p99,
                   (long long)t.worst);
        else
            printf("# %s: %lld\n", names[i], (long long)t.acked);
        *(i < 3 ? &counted : &docs) += t.acked;
    }
    struct error err = ERROR_INIT;
    struct store *s;
    if (ok(store_open(&paths, STORE_INLINE, NULL, &s, &err) == STATUS_OK, "opens again")) {
        is_int(db_get_int(store_reader(s), "SELECT n FROM counter", -1), counted,
               "no update is lost");
        store_close(s);
    }
    is_int(check_store("after the load"), docs, "no doc is lost");
}

/* Killed at random moments. */
static void test_killed(void)
{
    unsigned seed = 7;
    free(paths.db); /* a small one: every round checks all of it */
    paths.db = path_join(dir, "killed.db");
    int64_t docs = check_store("before");
    for (int round = 0; round < ROUNDS; round++) {
        int64_t acked = 0, n, before = docs;
        int in, status;
        next_ref = 1000000 * (round + 1);
        pid_t pid = start(import_killed, &in);
        seed = seed * 1103515245u + 12345u;
        int64_t end = clock_mono_ms() + 30 + (seed >> 16) % 900;
        while (clock_mono_ms() < end) {
            struct pollfd p = {.fd = in, .events = POLLIN};
            if (poll(&p, 1, 10) > 0 && read(in, &n, sizeof n) == sizeof n)
                acked = n;
        }
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        while (read(in, &n, sizeof n) == sizeof n)
            acked = n;
        close(in);
        char name[40];
        snprintf(name, sizeof name, "killed %d", round + 1);
        docs = check_store(name);
        ok(docs >= before + acked, "%s: what was told done is there (%lld told, %lld there)", name,
           (long long)acked, (long long)(docs - before));
    }
}

/* Runs both parts. */
int main(void)
{
    if (!mkdtemp(dir))
        return 1;
    paths.home = dir;
    paths.config = path_join(dir, "bureaurc");
    paths.db = path_join(dir, "bureau.db");
    paths.state = path_join(dir, "state");
    paths.runtime = path_join(dir, "state");
    store_add_migrations(&list);
    struct error err = ERROR_INIT;
    struct store *s;
    if (ok(store_open(&paths, STORE_INLINE, NULL, &s, &err) == STATUS_OK, "a store %s", err.text))
        store_close(s);
    test_beside();
    test_killed();
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(paths.config);
    free(paths.db);
    free(paths.state);
    free(paths.runtime);
    return tap_end();
}
