/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_segment.c - pieces of the index that we write are those that FTS5 writes, byte by byte. */
#include "help.h"
#include "store/doc.h"
#include "store/doc_index.h"
#include "store/words.h"

static uint64_t state;

/* The next number below n. */
static unsigned chance(unsigned n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % n;
}

/* Appends a word: few are common, many rare; one in five is Chinese. */
static void add_word(struct str *s)
{
    static const char *const han[] = {"会", "议", "合", "同", "预", "算", "发", "票", "的"};
    unsigned common = chance(3) ? 20 : chance(2) ? 400 : 20000;
    if (chance(5) == 0)
        for (unsigned i = 0; i <= chance(4); i++)
            str_puts(s, han[chance(9)]);
    else
        str_addf(s, "w%x", chance(common) * 2654435761u);
    str_putc(s, ' ');
}

/* The same text in each column for the same seed. */
static void insert(struct db *db, int64_t ref, unsigned words)
{
    struct error err = ERROR_INIT;
    struct str body = STR_INIT, subject = STR_INIT, cc = STR_INIT;
    int64_t key;
    str_puts(&body, "everywhere ");
    for (unsigned i = 0; i < words; i++)
        add_word(&body);
    for (unsigned i = chance(6); i > 0; i--)
        add_word(&subject);
    for (unsigned i = chance(3); i > 0; i--)
        add_word(&cc);
    struct doc d = {.kind = DOC_MAIL, .ref = ref, .date = 1000000000 + (int64_t)chance(500000000),
                    .subject = str_text(&subject), .sender = "Everywhere <a@example.com>", .cc = str_text(&cc),
                    .files = ref % 7 ? "" : "plan.pdf", .body = str_text(&body)};
    if (doc_insert(db, &d, &key, &err) != STATUS_OK)
        ok(false, "a row: %s", err.text);
    str_fini(&body);
    str_fini(&subject);
    str_fini(&cc);
}

/* Do two databases give the same rows? Blobs count. */
static bool same_rows(struct db *a, struct db *b, const char *sql)
{
    struct db_query *p = db_prepare(a, sql), *q = db_prepare(b, sql);
    bool same = true, more = true;
    while (same && more) {
        size_t n, m;
        more = db_step(p);
        same = db_step(q) == more;
        for (int i = 0; i < 3 && same && more; i++) {
            const void *x = db_bytes(p, i, &n), *y = db_bytes(q, i, &m);
            same = n == m && memcmp(x, y, n) == 0;
            if (!same)
                printf("# row %lld column %d: %zu and %zu bytes\n", (long long)db_int(p, 0), i, n, m);
        }
    }
    db_end(p);
    db_end(q);
    return same;
}

/* A database whose index has pages of a size, and FTS5 neither merges nor writes before the end. */
static struct db *fresh(const char *name, int page)
{
    struct error err = ERROR_INIT;
    struct db *db = test_db(name);
    char sql[200];
    snprintf(sql, sizeof sql,
             "INSERT INTO doc_fts(doc_fts, rank) VALUES('hashsize', 1000000000), ('automerge', 64), ('pgsz', %d)", page);
    if (db_exec(db, sql, &err) != STATUS_OK)
        printf("Bail out! %s\n", err.text);
    return db;
}

/* Opens the connection of our writing beside one of FTS5's. */
static struct db *beside(struct db *db)
{
    struct error err = ERROR_INIT;
    struct db *second = NULL;
    if (db_open(db_path(db), DB_WRITE, &second, &err) != STATUS_OK) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    db_allow_index(second);
    return second;
}

/* Commits, and opens the next transaction. */
static void commit(struct db *db)
{
    struct error err = ERROR_INIT;
    if (db_commit(db, &err) != STATUS_OK || db_begin(db, false, &err) != STATUS_OK)
        ok(false, "commit: %s", err.text);
}

/* Feeds many rows on the second connection, while the first has no transaction. */
static enum status feed_many(struct db *db, struct db *second, struct doc_index_run *run, size_t words, int *left)
{
    struct error err = ERROR_INIT;
    if (db_commit(db, &err) != STATUS_OK || db_begin(second, false, &err) != STATUS_OK)
        ok(false, "begin: %s", err.text);
    enum status s = doc_index_many(second, run, words, NULL, NULL, left, &err);
    if (s == STATUS_OK)
        s = db_commit(second, &err);
    else
        db_rollback(second);
    if (db_begin(db, false, &err) != STATUS_OK)
        ok(false, "begin: %s", err.text);
    return s;
}

/* Rows in two goes, by FTS5 and by us. */
static void compare(int page, unsigned rows, unsigned words)
{
    struct error err = ERROR_INIT;
    char name[2][32];
    struct db *db[2];
    struct doc_index_run *run = doc_index_run_new();
    for (int i = 0; i < 2; i++) {
        snprintf(name[i], sizeof name[i], "%c%d-%u.db", 'a' + i, page, rows);
        db[i] = fresh(name[i], page);
    }
    struct db *second = beside(db[1]);
    for (unsigned go = 0; go < 2; go++) {
        int left = 1;
        for (int i = 0; i < 2; i++) {
            state = 7 + go + (uint64_t)page;
            for (unsigned k = 0; k < rows; k++)
                insert(db[i], go * rows + k + 1, k % 50 == 1 ? words * 40 : chance(words));
        }
        is_int(doc_index_some(db[0], (int)rows + 1, &left, &err), STATUS_OK, "FTS5 takes the rows");
        is_int(feed_many(db[1], second, run, SIZE_MAX, &left), STATUS_OK, "we take them");
        is_int(doc_index_waiting(db[1], 10) + left, 0, "all of them");
        commit(db[0]);
        commit(db[1]);
        ok(same_rows(db[0], db[1], "SELECT id, block, length(block) FROM doc_fts_data ORDER BY id"),
           "%u rows, pages of %d: the pages are the same", rows, page);
        ok(same_rows(db[0], db[1], "SELECT segid, term, pgno FROM doc_fts_idx ORDER BY 1, 2"), "and where they begin");
        ok(same_rows(db[0], db[1], "SELECT id, sz, 0 FROM doc_fts_docsize ORDER BY id"), "and the sizes of rows");
    }
    printf("# %lld pages, %lld of lists\n", (long long)db_get_int(db[1], "SELECT count(*) FROM doc_fts_data", 0),
           (long long)db_get_int(db[1], "SELECT count(*) FROM doc_fts_data WHERE id >> 36 & 1", 0));
    is_int(doc_index_verify(db[1], &err), STATUS_OK, "index and texts fit");
    bool urgent = true;
    is_int(doc_index_unmerged(db[1], &urgent), 0, "two pieces are not worth merging");
    ok(!urgent, "nor urgent");
    for (int i = 0; i < 2; i++) {
        db_rollback(db[i]);
        db_close(db[i]);
    }
    db_close(second);
    doc_index_run_free(run);
}

/* Counts down, then says no. */
static bool count_down(void *user)
{
    return --*(int *)user > 0;
}

/* Many pieces; merging in steps; stopping; a record of another form. */
static void test_pieces(void)
{
    struct error err = ERROR_INIT;
    struct db *db = fresh("pieces.db", 4050);
    struct doc_index_run *run = doc_index_run_new();
    bool urgent;
    int left = 0;
    struct db *second = beside(db);
    for (int i = 0; i < 13; i++) {
        insert(db, i + 1, 200);
        is_int(feed_many(db, second, run, 100, &left), STATUS_OK, "a piece");
    }
    ok(doc_index_unmerged(db, &urgent) > 0 && urgent, "thirteen pieces are to be merged");
    for (int i = 0; i < 100 && doc_index_unmerged(db, &urgent) > 0; i++) {
        is_int(doc_index_merge(db, 2, &err), STATUS_OK, "a step");
        commit(db);
    }
    is_int(doc_index_unmerged(db, &urgent), 0, "all is merged");
    is_int(doc_index_verify(db, &err), STATUS_OK, "and fits");
    for (int i = 0; i < 40; i++)
        insert(db, 100 + i, 20);
    is_int(feed_many(db, second, run, 100, &left), STATUS_OK, "a run takes what it holds");
    ok(left > 0 && doc_index_waiting(db, 100) == left, "the rest waits");
    commit(db);
    int asked = 1;
    db_rollback(db);
    is_int(db_begin(second, false, &err), STATUS_OK, "another run");
    is_int(doc_index_many(second, run, 100, count_down, &asked, &left, &err), STATUS_INTERRUPTED, "stops when asked to");
    db_rollback(second);
    err = ERROR_INIT;
    is_int(db_begin(second, false, &err), STATUS_OK, "a third");
    is_int(db_exec(second, "UPDATE doc_fts_data SET block = x'00000001ff00000101000000' WHERE id = 10", &err), STATUS_OK,
           "meets a record of a later version");
    is_int(doc_index_many(second, run, 100, NULL, NULL, &left, &err), STATUS_REFUSED, "and leaves it to FTS5");
    db_rollback(second);
    db_close(second);
    db_close(db);
    doc_index_run_free(run);
}

/* Numbers as SQLite writes them. */
static void test_numbers(void)
{
    static const uint64_t numbers[] = {0, 127, 128, 16383, 16384, 1u << 21, INT64_C(1) << 42, (UINT64_C(1) << 56) - 1,
                                       UINT64_C(1) << 56, UINT64_MAX};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        unsigned char bytes[9];
        uint64_t v;
        size_t n = words_varint(bytes, numbers[i]);
        ok(words_varint_read(bytes, n, &v) == n && v == numbers[i], "a number of %zu bytes", n);
        ok(words_varint_read(bytes, n - 1, &v) == 0, "cut it is none");
    }
}

/* Runs the parts. */
int main(void)
{
    test_start();
    test_numbers();
    compare(4050, 400, 200);
    compare(64, 300, 60);
    compare(32, 600, 8);
    compare(4050, 3, 30000);
    test_pieces();
    return tap_end();
}
