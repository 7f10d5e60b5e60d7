/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_db.c - one connection: opening, statements, savepoints, errors, packing. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "help.h"

/* Modes of the file, foreign files, read-only connections. */
static void test_open(void)
{
    struct error err = ERROR_INIT;
    struct db *db, *reader;
    char *path = test_path("open.db"), *other = test_path("other.db"), *wal = test_path("open.db-wal");
    is_int(db_open(path, DB_WRITE, &db, &err), STATUS_OK, "a database is made");
    ok(db_exec(db, "CREATE TABLE t(a INTEGER, b TEXT) STRICT; INSERT INTO t VALUES(1, 'x')", &err) ==
           STATUS_OK, "it can be written");
    struct stat st;
    stat(path, &st);
    is_int(st.st_mode & 0777, 0600, "only its owner may read it");
    stat(wal, &st);
    is_int(st.st_mode & 0777, 0600, "nor its log");
    is_int(db_open(path, DB_READ, &reader, &err), STATUS_OK, "it is opened for reading");
    is_int(db_get_int(reader, "SELECT a FROM t", -1), 1, "and read");
    ok(db_exec(reader, "INSERT INTO t VALUES(2, 'y')", &err) != STATUS_OK, "but not written");
    is_int(db_get_int(db, "PRAGMA foreign_keys", 0), 1, "foreign keys hold");
    is_int(db_get_int(db, "PRAGMA trusted_schema", 1), 0, "the schema is not trusted");
    ok(db_exec(db, "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema", &err) != STATUS_OK,
       "the schema cannot be written by hand");
    ok(db_exec(db, "ATTACH '/etc/passwd' AS p; SELECT load_extension('x')", &err) != STATUS_OK,
       "no extension is loaded");
    db_close(reader);
    db_close(db);
    chmod(path, 0644);
    err = ERROR_INIT;
    is_int(db_open(path, DB_WRITE, &db, &err), STATUS_FAILED, "a file others may read is refused");
    ok(strncmp(err.hint, "chmod 600", 9) == 0, "with a hint");
    int fd = open(other, O_CREAT | O_WRONLY, 0600);
    ok(write(fd, "this is no database at all, only some text", 42) == 42, "another file");
    close(fd);
    is_int(db_open(other, DB_WRITE, &db, &err), STATUS_CORRUPT, "is no database of ours");
    ok(db == NULL, "and gives no connection");
    char *absent = test_path("absent.db");
    ok(db_open(absent, DB_READ, &db, &err) != STATUS_OK, "what is not there is not made by reading");
    free(absent);
    free(path);
    free(other);
    free(wal);
}

/* Values in and out, statements used twice at a time, errors at the end. */
static void test_statements(void)
{
    struct error err = ERROR_INIT;
    struct db *db = test_db("statements.db");
    ok(db_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c BLOB, d REAL) STRICT", &err) ==
           STATUS_OK, "a table");
    static const char insert[] = "INSERT INTO t(b, c, d) VALUES(?1, ?2, ?3)";
    for (int i = 0; i < 3; i++) {
        struct db_query *q = db_prepare(db, insert);
        db_bind_text(q, 1, i == 1 ? NULL : "text");
        db_bind_bytes(q, 2, "a\0b", 3);
        db_bind_real(q, 3, 0.5);
        if (db_run(q, &err) != STATUS_OK)
            ok(false, "insert: %s", err.text);
    }
    is_int(db_last_id(db), 3, "three rows");
    is_int(db_changed(db), 1, "one at a time");
    static const char outer[] = "SELECT a, b, c, d FROM t ORDER BY a";
    struct db_query *q = db_prepare(db, outer);
    int rows = 0, inner = 0;
    while (db_step(q)) {
        rows++;
        struct db_query *again = db_prepare(db, outer);
        while (db_step(again))
            inner++;
        db_end(again);
        size_t n;
        if (rows == 2) {
            ok(db_is_null(q, 1), "NULL is NULL");
            is_str(db_text(q, 1), "", "and reads as an empty text");
            ok(memcmp(db_bytes(q, 2, &n), "a\0b", 3) == 0 && n == 3, "bytes come back whole");
            ok(db_real(q, 3) > 0.4 && db_real(q, 3) < 0.6, "real numbers too");
        }
    }
    is_int(db_done(q, &err), STATUS_OK, "the query ends well");
    is_int(rows, 3, "outer rows");
    is_int(inner, 9, "the same statement inside itself");
    q = db_prepare(db, "SELECT nothing FROM nowhere");
    ok(q != NULL && !db_step(q), "a statement that does not fit has no rows");
    is_int(db_done(q, &err), STATUS_FAILED, "and tells at its end");
    err = ERROR_INIT;
    ok(db_prepare_once(db, "SELECT (", &err) == NULL && err.status == STATUS_FAILED,
       "text that is no SQL");
    err = ERROR_INIT;
    q = db_prepare_once(db, "SELECT count(*) FROM t WHERE a > ?1", &err);
    db_bind_int(q, 1, 1);
    ok(db_step(q) && db_int(q, 0) == 2, "a statement made at run time");
    is_int(db_done(q, &err), STATUS_OK, "ends too");
    q = db_prepare(db, "INSERT INTO t(a) VALUES(1)");
    is_int(db_run(q, &err), STATUS_FAILED, "a conflict is told");
    err = ERROR_INIT;
    ok(db_savepoint(db, &err) == STATUS_OK && db_exec(db, "DELETE FROM t", &err) == STATUS_OK,
       "a part of an operation");
    db_rollback_savepoint(db);
    is_int(db_get_int(db, "SELECT count(*) FROM t", -1), 3, "can be taken back alone");
    db_touch(db, 1);
    db_touch(db, 4);
    is_int(db_take_touched(db), 5, "topics add up");
    is_int(db_take_touched(db), 0, "and are taken once");
    db_rollback(db);
    db_close(db);
}

/* Sleeps, then stops the connection. */
static void *stopper(void *db)
{
    usleep(30000);
    db_interrupt(db);
    return NULL;
}

/* A long query is stopped from another thread. */
static void test_interrupt(void)
{
    struct error err = ERROR_INIT;
    struct db *db = test_db("interrupt.db");
    pthread_t t;
    pthread_create(&t, NULL, stopper, db);
    struct db_query *q =
        db_prepare(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                       " SELECT count(*) FROM n");
    ok(!db_step(q), "an endless query ends");
    is_int(db_done(q, &err), STATUS_INTERRUPTED, "because it was stopped");
    pthread_join(t, NULL);
    db_resume(db);
    is_int(db_get_int(db, "SELECT 7", 0), 7, "afterwards the connection works");
    db_rollback(db);
    db_close(db);
}

/* Packs and unpacks n bytes made by a small generator. */
static void pack_case(size_t n, unsigned mask, const char *name)
{
    struct str packed = STR_INIT, out = STR_INIT;
    struct error err = ERROR_INIT;
    char *bytes = calloc(n + 1, 1);
    unsigned x = 12345;
    for (size_t i = 0; i < n; i++) {
        x = x * 1103515245u + 12345u;
        bytes[i] = (char)(x >> 16 & mask);
    }
    db_pack(bytes, n, &packed);
    bool good = db_unpack(packed.data, packed.len, n, &out, &err) == STATUS_OK && out.len == n &&
                memcmp(str_text(&out), bytes, n) == 0;
    ok(good, "%s: %zu bytes come back (packed: %zu)", name, n, packed.len);
    if (n > 0)
        is_int(db_unpack(packed.data, packed.len, n - 1, &out, &err), STATUS_LIMIT, "a ceiling holds");
    if (packed.len > 20) {
        packed.data[packed.len / 2] = (char)(packed.data[packed.len / 2] ^ 0x55);
        str_clear(&out);
        enum status s = db_unpack(packed.data, packed.len / 2, n, &out, &err);
        ok(s == STATUS_CORRUPT || packed.data[0] == 0, "cut bytes are told");
    }
    free(bytes);
    str_fini(&packed);
    str_fini(&out);
}

/* Bytes of every kind survive packing. */
static void test_pack(void)
{
    pack_case(0, 0xff, "nothing");
    pack_case(1, 0xff, "one");
    pack_case(3000, 0x07, "regular");
    pack_case(3000, 0xff, "noise");
    pack_case(2000000, 0x0f, "large");
    struct error err = ERROR_INIT;
    struct str out = STR_INIT;
    is_int(db_unpack("\x09garbage that nobody packed", 24, 1 << 20, &out, &err), STATUS_CORRUPT,
           "an unknown way of packing is refused");
    str_fini(&out);
}

/* Runs the parts. */
int main(void)
{
    test_start();
    test_open();
    test_statements();
    test_interrupt();
    test_pack();
    return tap_end();
}
