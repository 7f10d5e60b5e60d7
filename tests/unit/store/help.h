/* help.h - a private directory and a database of its own for a test. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "store/migrate.h"
#include "tap.h"

static char test_dir[] = P_tmpdir "/bureau-store-XXXXXX";

/* Removes one entry of the tree. */
static int test_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

/* Removes the directory; at exit. */
static void test_clean(void)
{
    nftw(test_dir, test_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the private directory. */
__attribute__((unused)) static void test_start(void)
{
    if (!mkdtemp(test_dir))
        abort();
    atexit(test_clean);
}

/* A path in the private directory; yours. */
__attribute__((unused)) static char *test_path(const char *name)
{
    return path_join(test_dir, name);
}

/* A database with store/'s tables, inside a transaction. */
__attribute__((unused)) static struct db *test_db(const char *name)
{
    struct error err = ERROR_INIT;
    struct db *db = NULL;
    char *path = test_path(name);
    if (db_open(path, DB_WRITE, &db, &err) != STATUS_OK ||
        migrate_run(db, test_dir, &err) != STATUS_OK || db_begin(db, false, &err) != STATUS_OK) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    free(path);
    return db;
}

/* Makes an empty store what it was before bundles, keys that stand close together, and an index of
 * pairs alone: part doc at step 3. */
__attribute__((unused)) static bool test_make_old(struct db *db, struct error *err)
{
    return db_exec(db,
                   "DROP TABLE bundle; DROP TABLE doc_form; DROP TABLE doc_fts;"
                   "CREATE VIRTUAL TABLE doc_fts USING fts5(body, subject, sender, recipients, cc, files,"
                   " content='doc_content', content_rowid='key', tokenize='bureau');"
                   "INSERT INTO doc_fts(doc_fts, rank) VALUES('rank', 'bm25(1.0, 8.0, 4.0, 2.0, 1.0, 3.0)');"
                   "UPDATE part SET version = 3 WHERE name = 'doc'",
                   err) == STATUS_OK;
}

#endif
