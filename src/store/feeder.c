/* SPDX-License-Identifier: GPL-3.0-or-later */
/* feeder.c - pieces of the index, made on a connection of their own.
 *
 * FTS5 keeps the record of its pieces for as long as only its own connection changes it. What is written
 * here it hears of like a change by another process. */
#include "store/feeder.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "store/doc_index.h"

#define CACHE_KIB 4096

struct feeder {
    char *path; /* own */
    struct db *db; /* own */
    struct doc_index_run *run; /* own */
};

/* Nothing is open yet. */
struct feeder *feeder_new(const char *path)
{
    struct feeder *f = mem_alloc(sizeof *f);
    f->path = mem_strdup(path);
    return f;
}

/* Closes it. */
void feeder_free(struct feeder *f)
{
    if (!f)
        return;
    feeder_drop(f);
    free(f->path);
    free(f);
}

/* Lets go of connection and memory. */
void feeder_drop(struct feeder *f)
{
    doc_index_run_free(f->run);
    db_close(f->db);
    f->run = NULL;
    f->db = NULL;
}

/* Opens a transaction. */
enum status feeder_begin(struct feeder *f, struct error *err)
{
    if (!f->db) {
        enum status s = db_open(f->path, DB_WRITE, &f->db, err);
        if (s != STATUS_OK)
            return s;
        db_set_cache(f->db, CACHE_KIB);
        db_allow_index(f->db);
    }
    return db_begin(f->db, false, err);
}

/* Makes a piece. */
enum status feeder_run(struct feeder *f, struct db *db, size_t words, bool (*go_on)(void *user), void *user,
                       struct error *err)
{
    int left;
    if (!f->run)
        f->run = doc_index_run_new();
    enum status s = doc_index_many(f->db, f->run, words, go_on, user, &left, err);
    if (s == STATUS_OK)
        s = db_commit(f->db, err);
    else
        db_rollback(f->db);
    if (s == STATUS_OK)
        db_take_log(db, f->db);
    return s;
}
