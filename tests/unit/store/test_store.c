/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_store.c - the store as a whole: operations, questions, changes, migrations, a full disk. */
#include <signal.h>
#include <sys/resource.h>
#include <dirent.h>

#include "base/clock.h"
#include "help.h"
#include "io/loop.h"
#include "store/care.h"
#include "store/doc.h"
#include "store/search.h"
#include "store/store.h"

static const struct migration steps1[] = {
    {.sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, who TEXT NOT NULL, bytes BLOB) STRICT"},
};
static struct migration_list list = {"test", steps1, 1};
static const struct migration steps2[] = {
    {.sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, who TEXT NOT NULL, bytes BLOB) STRICT"},
    {.sql = "ALTER TABLE t ADD COLUMN more TEXT"},
};

/* The places of an office of this name. */
static void make_paths(struct paths *p, const char *name)
{
    p->home = test_path(name);
    mkdir(p->home, 0700);
    p->config = path_join(p->home, "bureaurc");
    p->db = path_join(p->home, "bureau.db");
    p->state = path_join(p->home, "state");
    p->runtime = path_join(p->home, "state");
}

/* Opens, or ends the test. */
static struct store *open_store(const struct paths *p, enum store_mode mode, struct loop *l)
{
    struct error err = ERROR_INIT;
    struct store *s = NULL;
    if (store_open(p, mode, l, &s, &err) != STATUS_OK) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    return s;
}

/* ---- operations ---- */

struct record {
    const char *who;
    bool fail;
    size_t bytes;
    int *freed;
};

/* Adds a row; may fail after it. */
static enum status run_add(struct db *db, void *record, struct error *err)
{
    struct record *r = record;
    char *bytes = calloc(r->bytes + 1, 1);
    struct db_query *q = db_prepare(db, "INSERT INTO t(who, bytes) VALUES(?1, ?2)");
    db_bind_text(q, 1, r->who);
    db_bind_bytes(q, 2, bytes, r->bytes);
    enum status s = db_run(q, err);
    free(bytes);
    db_touch(db, WATCH_NOTE);
    return s == STATUS_OK && r->fail ? error_set(err, STATUS_REFUSED, "as told") : s;
}

/* Counts releases. */
static void free_record(void *record)
{
    struct record *r = record;
    ++*r->freed;
    free(r);
}

static const struct store_op person = {"person", OP_PERSON, run_add, free_record};
static const struct store_op stream = {"stream", OP_STREAM, run_add, free_record};
static const struct store_op bulk = {"bulk", OP_BULK, run_add, free_record};
static const struct store_op again = {"again", OP_AGAIN, run_add, free_record};
static const struct store_op kept = {"kept", OP_PERSON, run_add, NULL};

struct tally {
    int done, failed, freed;
    struct str order;
};

/* Counts callbacks. */
static void on_done(void *user, void *record, const struct error *err)
{
    struct tally *t = user;
    struct record *r = record;
    t->done++;
    t->failed += err->status != STATUS_OK;
    str_puts(&t->order, r->who);
}

/* Posts one. */
static void post(struct store *s, const struct store_op *op, const char *who, bool fail,
                 struct tally *t)
{
    struct record *r = calloc(1, sizeof *r);
    r->who = who;
    r->fail = fail;
    r->freed = &t->freed;
    store_post(s, op, r, on_done, t);
}

/* Turns the loop until so many callbacks ran, at most five seconds. */
static void turn_until(struct loop *l, const int *count, int want)
{
    int64_t end = clock_mono_ms() + 5000;
    while (*count < want && clock_mono_ms() < end)
        loop_turn(l, 20);
}

/* Operations that may run again, one failing among them, and one that may not. */
static void test_again(enum store_mode mode, const char *name)
{
    struct paths p;
    struct loop *l = loop_new();
    struct tally t = {0};
    make_paths(&p, name);
    struct store *s = open_store(&p, mode, l);
    for (int i = 0; i < 12; i++)
        post(s, i == 8 ? &bulk : &again, "x", i == 5 || i == 10, &t);
    turn_until(l, &t.done, 12);
    is_int(t.done, 12, "every callback runs once");
    is_int(t.failed, 2, "those that failed say so");
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t", -1), 10, "the others are in, once each");
    post(s, &again, "y", true, &t);
    turn_until(l, &t.done, 13);
    is_int(t.failed, 3, "one that fails alone says so");
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t WHERE who = 'y'", -1), 0, "and is not in");
    store_close(s);
    loop_turn(l, 0);
    str_fini(&t.order);
    loop_free(l);
    paths_fini(&p);
}

/* Operations of all classes, some failing. */
static void test_operations(enum store_mode mode, const char *name)
{
    struct paths p;
    struct loop *l = loop_new();
    struct error err = ERROR_INIT;
    struct tally t = {0};
    make_paths(&p, name);
    struct store *s = open_store(&p, mode, l);
    for (int i = 0; i < 300; i++)
        post(s, i % 3 == 0 ? &bulk : i % 3 == 1 ? &stream : &person, "x", i % 50 == 7, &t);
    is_int(t.done, 0, "no callback runs before a turn of the loop");
    turn_until(l, &t.done, 300);
    is_int(t.done, 300, "every callback runs once");
    is_int(t.failed, 6, "those that failed say so");
    is_int(t.freed, 300, "every record is freed");
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t", -1), 294,
           "what failed is taken back alone");
    struct record r = {.who = "run"};
    is_int(store_run(s, &kept, &r, &err), STATUS_OK, "an operation that is waited for");
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t WHERE who = 'run'", -1), 1,
           "is there at once");
    r.fail = true;
    is_int(store_run(s, &kept, &r, &err), STATUS_REFUSED, "and tells its failure");
    is_str(err.text, "as told", "in its words");
    post(s, &bulk, "y", false, &t);
    is_int((int64_t)store_pending(s) <= 1, 1, "posted");
    store_flush(s);
    is_int((int64_t)store_pending(s), 0, "nothing is left after a flush");
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t WHERE who = 'y'", -1), 1, "it is in");
    int before = t.done;
    post(s, &person, "z", false, &t);
    store_close(s);
    is_int(t.done, before + 2, "closing finishes what is posted, callbacks too");
    loop_turn(l, 0);
    str_fini(&t.order);
    loop_free(l);
    paths_fini(&p);
}

/* What a person did goes before what waits in bulk. */
static void test_order(void)
{
    struct paths p;
    struct loop *l = loop_new();
    struct tally t = {0};
    make_paths(&p, "order");
    struct store *s = open_store(&p, STORE_INLINE, l);
    post(s, &bulk, "b", false, &t);
    post(s, &stream, "s", false, &t);
    post(s, &person, "p", false, &t);
    post(s, &person, "q", false, &t);
    turn_until(l, &t.done, 4);
    is_str(str_text(&t.order), "pqsb", "a person first, then streams, then bulk");
    store_close(s);
    str_fini(&t.order);
    loop_free(l);
    paths_fini(&p);
}

/* ---- questions ---- */

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                              " SELECT count(*) FROM n";

/* Runs the statement that the record is. */
static enum status run_ask(struct db *db, void *record, struct error *err)
{
    struct db_query *q = db_prepare_once(db, record, err);
    if (!q)
        return err->status;
    db_step(q);
    return db_done(q, err);
}

static const struct store_question question = {.name = "test", .run = run_ask};
static const struct store_question typed = {.name = "typed", .run = run_ask, .typed = true};

struct answer {
    int done;
    enum status status;
};

/* Keeps the answer's status. */
static void on_answer(void *user, void *record, const struct error *err)
{
    struct answer *a = user;
    (void)record;
    a->done++;
    a->status = err->status;
}

/* Questions are answered, stale ones are stopped. */
static void test_questions(void)
{
    struct paths p;
    struct loop *l = loop_new();
    struct answer first = {0}, never = {0}, waits = {0}, after = {0}, write = {0};
    make_paths(&p, "ask");
    struct store *s = open_store(&p, STORE_THREADS, l);
    char one[] = "SELECT 1", long_one[sizeof endless], insert[] = "INSERT INTO t(who) VALUES('f')";
    memcpy(long_one, endless, sizeof endless);
    store_ask(s, &question, one, on_answer, &first);
    turn_until(l, &first.done, 1);
    is_int(first.status, STATUS_OK, "a question is answered");
    struct store_asked *a = store_ask(s, &question, long_one, on_answer, &never);
    struct store_asked *b = store_ask(s, &question, long_one, on_answer, &waits);
    store_ask(s, &question, one, on_answer, &after);
    for (int i = 0; i < 5; i++)
        loop_turn(l, 20);
    is_int(never.done, 0, "an endless one is not");
    struct answer key = {0};
    store_ask(s, &typed, one, on_answer, &key);
    turn_until(l, &key.done, 1);
    ok(key.done == 1 && key.status == STATUS_OK && never.done == 0,
       "what a person types does not wait for it");
    store_ask_cancel(s, b);
    store_ask_cancel(s, a);
    store_ask_cancel(s, NULL);
    turn_until(l, &after.done, 1);
    ok(never.done == 1 && never.status == STATUS_INTERRUPTED, "it is stopped when it is stale");
    ok(waits.done == 1 && waits.status == STATUS_INTERRUPTED, "so is one that waits");
    is_int(after.status, STATUS_OK, "the next is answered");
    store_ask(s, &question, insert, on_answer, &write);
    turn_until(l, &write.done, 1);
    is_int(write.status, STATUS_FAILED, "a question cannot write");
    never.done = 0;
    store_ask(s, &question, long_one, on_answer, &never);
    loop_turn(l, 20);
    store_close(s);
    ok(never.done == 1 && never.status == STATUS_INTERRUPTED, "closing stops what runs");
    loop_free(l);
    paths_fini(&p);
}

/* ---- changes ---- */

struct heard {
    unsigned bits;
    int times;
};

/* Notes what changed. */
static void on_change(void *user, unsigned bits)
{
    struct heard *h = user;
    h->bits |= bits;
    h->times++;
}

/* Two programs on one store hear each other. */
static void test_changes(void)
{
    struct paths p;
    struct loop *l = loop_new();
    struct heard mine = {0}, theirs = {0};
    struct error err = ERROR_INIT;
    make_paths(&p, "ring");
    struct store *a = open_store(&p, STORE_THREADS, l), *b = open_store(&p, STORE_INLINE, l);
    is_int(store_others(a), 1, "each sees the other");
    store_on_change(a, on_change, &mine);
    store_on_change(b, on_change, &theirs);
    struct record r = {.who = "a"};
    is_int(store_run(a, &kept, &r, &err), STATUS_OK, "one writes");
    for (int i = 0; i < 20 && (!mine.times || !theirs.times); i++)
        loop_turn(l, 50);
    is_int(mine.bits, WATCH_NOTE, "it hears of its own change");
    is_int(theirs.bits, WATCH_NOTE, "the other hears too");
    ok(mine.times == 1 && theirs.times == 1, "once");
    is_int(store_run(b, &kept, &r, &err), STATUS_OK, "the other writes");
    for (int i = 0; i < 20 && mine.times < 2; i++)
        loop_turn(l, 50);
    is_int(mine.times, 2, "and is heard");
    is_int(db_get_int(store_reader(a), "SELECT count(*) FROM t", -1), 2, "both rows are there");
    store_close(b);
    is_int(store_others(a), 0, "alone again");
    char *dead = path_join(p.state, "ring/99999-0.sock");
    FILE *f = fopen(dead, "w");
    if (f)
        fclose(f);
    is_int(store_others(a), 0, "a socket of the dead does not count");
    ok(access(dead, F_OK) != 0, "and is removed");
    free(dead);
    store_close(a);
    loop_free(l);
    paths_fini(&p);
}

/* ---- the schema ---- */

/* Files in the state directory whose name begins so. */
static int files(const struct paths *p, const char *prefix)
{
    DIR *d = opendir(p->state);
    int n = 0;
    for (struct dirent *e; d && (e = readdir(d));)
        n += str_starts(e->d_name, prefix);
    if (d)
        closedir(d);
    return n;
}

/* A second step, and a store that is newer than the program. */
static void test_migrations(void)
{
    struct paths p;
    struct error err = ERROR_INIT;
    struct store *s = NULL;
    make_paths(&p, "migrate");
    s = open_store(&p, STORE_INLINE, NULL);
    struct record r = {.who = "old"};
    ok(store_run(s, &kept, &r, &err) == STATUS_OK, "an old store with data");
    store_close(s);
    is_int(files(&p, "before-upgrade"), 0, "making it needs no copy");
    list.steps = steps2;
    list.count = 2;
    s = open_store(&p, STORE_INLINE, NULL);
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t WHERE more IS NULL", -1), 1,
           "a new step runs over it");
    is_int(files(&p, "before-upgrade"), 1, "after a copy was kept");
    store_close(s);
    list.steps = steps1;
    list.count = 1;
    is_int(store_open(&p, STORE_INLINE, NULL, &s, &err), STATUS_FAILED, "a newer store is refused");
    ok(s == NULL && *err.hint, "with a hint");
    paths_fini(&p);
}

/* Settings of the program. */
static enum status run_set(struct db *db, void *record, struct error *err)
{
    return store_setting_set(db, "layout", record, err);
}

static const struct store_op set_op = {"set", OP_PERSON, run_set, NULL};

/* Set, read, taken away; backup and restore. */
static void test_care(void)
{
    struct paths p;
    struct error err = ERROR_INIT;
    make_paths(&p, "care");
    struct store *s = open_store(&p, STORE_INLINE, NULL), *other;
    char split[] = "split";
    ok(store_setting(store_reader(s), "layout") == NULL, "a setting that is not set");
    ok(store_run(s, &set_op, split, &err) == STATUS_OK, "is set");
    char *value = store_setting(store_reader(s), "layout");
    is_str(value, "split", "and read");
    free(value);
    char *copy = test_path("copy.db"), *kept_path = NULL;
    int64_t bytes;
    is_int(care_backup(store_reader(s), copy, &bytes, &err), STATUS_OK, "a backup");
    ok(bytes > 0, "has a size");
    is_int(care_backup(store_reader(s), copy, &bytes, &err), STATUS_FAILED, "is not overwritten");
    ok(store_run(s, &set_op, NULL, &err) == STATUS_OK &&
           !store_setting(store_reader(s), "layout"), "the setting is taken away");
    other = open_store(&p, STORE_INLINE, NULL);
    err = ERROR_INIT;
    is_int(care_restore(s, copy, &kept_path, &err), STATUS_REFUSED, "no restore while another is open");
    store_close(other);
    err = ERROR_INIT;
    is_int(care_restore(s, copy, &kept_path, &err), STATUS_OK, "restored");
    value = store_setting(store_reader(s), "layout");
    is_str(value, "split", "what was backed up is back");
    free(value);
    ok(kept_path && access(kept_path, F_OK) == 0, "what was there is kept");
    free(kept_path);
    char *text = test_path("text");
    struct error bad = ERROR_INIT;
    ok(path_write(text, "no database", 11, &bad) == STATUS_OK, "a text");
    ok(care_restore(s, text, &kept_path, &bad) != STATUS_OK, "is no backup");
    ok(store_run(s, &set_op, split, &err) == STATUS_OK, "the store works on");
    is_int(care_check(store_reader(s), &err), STATUS_OK, "and is whole");
    store_close(s);
    free(text);
    free(copy);
    paths_fini(&p);
}

/* ---- a full disk ---- */

/* No file may grow beyond so many bytes. */
static void limit_files(rlim_t bytes)
{
    struct rlimit r;
    getrlimit(RLIMIT_FSIZE, &r);
    r.rlim_cur = bytes == RLIM_INFINITY ? r.rlim_max : bytes;
    setrlimit(RLIMIT_FSIZE, &r);
}

/* Writes until there is no room; nothing that was told done is lost. */
static void test_full(enum store_mode mode, const char *name)
{
    struct paths p;
    struct loop *l = loop_new();
    struct error err = ERROR_INIT;
    struct tally t = {0};
    make_paths(&p, name);
    struct store *s = open_store(&p, mode, l);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(3 << 20);
    enum status st = STATUS_OK;
    int good = 0;
    while (st == STATUS_OK && good < 200) {
        struct record r = {.who = "full", .bytes = 100000};
        st = store_run(s, &kept, &r, &err);
        good += st == STATUS_OK;
    }
    is_int(st, STATUS_FULL, "a full disk is told");
    ok(*err.hint, "with a hint");
    for (int i = 0; i < 5; i++) {
        struct record *r = calloc(1, sizeof *r);
        *r = (struct record){.who = "posted", .bytes = 4000000, .freed = &t.freed};
        store_post(s, &bulk, r, on_done, &t);
    }
    turn_until(l, &t.done, 5);
    is_int(t.failed, 5, "posted ones hear it too");
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t", -1), good,
           "all that was told done is there");
    limit_files(RLIM_INFINITY);
    struct record r = {.who = "room", .bytes = 100000};
    err = ERROR_INIT;
    is_int(store_run(s, &kept, &r, &err), STATUS_OK, "with room again it goes on");
    store_close(s);
    s = open_store(&p, STORE_INLINE, NULL);
    is_int(db_get_int(store_reader(s), "SELECT count(*) FROM t", -1), good + 1, "all is there");
    is_int(care_check(store_reader(s), &err), STATUS_OK, "and whole");
    store_close(s);
    str_fini(&t.order);
    loop_free(l);
    paths_fini(&p);
}

/* ---- the index at rest ---- */

/* Inserts a doc. */
static enum status run_doc(struct db *db, void *record, struct error *err)
{
    int64_t key;
    struct doc d = {.kind = DOC_NOTE, .ref = *(int *)record, .date = 1000, .body = "some words"};
    return doc_insert(db, &d, &key, err);
}

static const struct store_op doc_op = {"doc", OP_PERSON, run_doc, NULL};

/* The writer feeds the index when nothing waits, at the latest when the store closes. */
static void test_index(void)
{
    struct paths p;
    struct error err = ERROR_INIT;
    make_paths(&p, "index");
    struct store *s = open_store(&p, STORE_THREADS, NULL);
    for (int i = 1; i <= 20; i++)
        ok(store_run(s, &doc_op, &i, &err) == STATUS_OK, "doc %d", i);
    int64_t n = 0;
    struct search_options o = {.now = 5000, .limit = -1};
    for (int i = 0; i < 100 && n < 20; i++) {
        usleep(30000);
        if (search_count(store_reader(s), "word", &o, &n, &err) != STATUS_OK)
            break;
    }
    is_int(n, 20, "a while later all are found");
    int ref = 21;
    ok(store_run(s, &doc_op, &ref, &err) == STATUS_OK, "one more");
    is_int(store_index(s, NULL, NULL, &err), STATUS_OK, "fed on demand");
    ok(search_count(store_reader(s), "word", &o, &n, &err) == STATUS_OK && n == 21, "found");
    ref = 22;
    ok(store_run(s, &doc_op, &ref, &err) == STATUS_OK, "another");
    store_close(s);
    s = open_store(&p, STORE_INLINE, NULL);
    ok(search_count(store_reader(s), "word", &o, &n, &err) == STATUS_OK && n == 22,
       "closing feeds the rest");
    store_close(s);
    paths_fini(&p);
}

/* A file that another process has begun and not yet made an office of is waited for, not refused. */
static void test_begun(void)
{
    struct paths p;
    struct error err = ERROR_INIT;
    struct db *db = NULL;
    sqlite3 *raw = NULL;
    make_paths(&p, "begun");
    is_int(sqlite3_open(p.db, &raw), SQLITE_OK, "a database of nobody");
    is_int(sqlite3_exec(raw, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK,
           "as it stands between the first write and the second");
    sqlite3_close(raw);
    chmod(p.db, 0600);
    is_int(db_open(p.db, DB_READ, &db, &err), STATUS_NO_SUCH, "it is no office to read");
    struct store *s = open_store(&p, STORE_INLINE, NULL);
    ok(s != NULL, "opening makes it one");
    store_close(s);
    paths_fini(&p);
}

/* Runs the parts. */
int main(void)
{
    test_start();
    store_add_migrations(&list);
    test_again(STORE_INLINE, "again-inline");
    test_again(STORE_THREADS, "again");
    test_operations(STORE_THREADS, "threads");
    test_operations(STORE_INLINE, "inline");
    test_order();
    test_questions();
    test_changes();
    test_migrations();
    test_begun();
    test_care();
    test_full(STORE_THREADS, "full-threads");
    test_full(STORE_INLINE, "full-inline");
    test_index();
    return tap_end();
}
