/* db_internal.h - what the files of store/ know of each other; nobody else includes it. */
#ifndef STORE_DB_INTERNAL_H
#define STORE_DB_INTERNAL_H

#include <sqlite3.h>
#include <stdbool.h>

#include "store/db.h"

/* "bure": marks the file as ours (PRAGMA application_id). */
#define DB_APPLICATION_ID 0x62757265
#define DB_PAGE_SIZE 8192

sqlite3 *db_handle(struct db *db);
/* Maps a result code of SQLite to a status and fills err with its words. */
enum status db_fail(struct db *db, int rc, struct error *err);
/* Pages kept in memory, in KiB. */
void db_set_cache(struct db *db, int kib);
/* Gives back what is kept only to be quick. */
void db_release_memory(struct db *db);
/* Rows were queued for the index; were there any since the last call? */
void db_mark_words(struct db *db);
bool db_take_words(struct db *db);
/* Topics marked by db_touch since the last call. */
unsigned db_take_touched(struct db *db);

/* The transaction of an operation. full: commit is on the disk when this returns (synchronous=FULL
 * instead of NORMAL). */
enum status db_begin(struct db *db, bool full, struct error *err) MUST_CHECK;
enum status db_commit(struct db *db, struct error *err) MUST_CHECK;
void db_rollback(struct db *db);
bool db_in_transaction(struct db *db);
/* Moves the write-ahead log into the file, as far as readers let it; never waits for them. */
void db_checkpoint(struct db *db);
/* Brings the log as it is to the disk; takes no lock. */
void db_sync_log(struct db *db);
/* What lies in the log and not in the file. */
int64_t db_log_bytes(const struct db *db);
/* Another connection of this process has committed: what lies in the log, db knows from it. */
void db_take_log(struct db *db, const struct db *other);

/* Something of search.c's that lives as long as the connection. */
void *db_extra(struct db *db);
void db_set_extra(struct db *db, void *extra, void (*free_fn)(void *));

/* Bundles unpacked lately (bundle.c), kept with the connection. */
struct bundle_cache;
struct bundle_cache **db_bundles(struct db *db);
void bundle_cache_clear(struct bundle_cache *c); /* NULL is allowed */
void bundle_cache_free(struct bundle_cache *c);
/* db_pack for many rows' bytes at once: packed harder, and checked when they are read. */
void db_pack_many(const void *bytes, size_t n, struct str *out);

/* From now on the tables that FTS5 keeps its index in may be written on this connection (segment.c). */
void db_allow_index(struct db *db);

/* Makes the tokenizer "bureau" known to the connection (tokenizer.c). */
int tokenizer_register(sqlite3 *handle);

#endif
