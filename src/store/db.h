/* db.h - one SQLite connection. The only folder that includes sqlite3.h is this one.
 *
 * Opened defensively: WAL, foreign keys, trusted_schema off, defensive, no extensions, our own
 * tokenizer registered, bound parameters only. A statement is prepared once per connection and
 * kept (db_prepare looks it up by its SQL pointer, so pass literals). One thread per connection. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct db;
struct db_query; /* a prepared statement; borrowed from the db; reset by db_done */

enum db_mode { DB_READ, DB_WRITE };

/* Creates the file (0600) in DB_WRITE mode. CORRUPT when it is no database of ours. */
enum status db_open(const char *path, enum db_mode mode, struct db **out, struct error *err) MUST_CHECK;
void db_close(struct db *db);

/* Borrowed until db_done. Never NULL: SQL that does not fit the schema gives a query without rows
 * whose db_done tells. Asking again while the first is still stepping gives a second one. */
struct db_query *db_prepare(struct db *db, const char *sql);
/* For SQL text that is made at run time (search): finalized by db_done. Values still by binding.
 * NULL with err set when it is not SQL. */
struct db_query *db_prepare_once(struct db *db, const char *sql, struct error *err);
/* Parameters count from 1; text and bytes are copied; NULL text binds NULL. */
void db_bind_int(struct db_query *q, int at, int64_t value);
void db_bind_real(struct db_query *q, int at, double value);
void db_bind_text(struct db_query *q, int at, const char *text);
void db_bind_text_n(struct db_query *q, int at, const char *text, size_t n);
void db_bind_bytes(struct db_query *q, int at, const void *bytes, size_t n);
void db_bind_null(struct db_query *q, int at);
/* true while a row is there. An error ends the rows; db_done tells it. */
bool db_step(struct db_query *q);
/* Columns count from 0; borrowed until the next step. Text is never NULL ("" for NULL). */
int64_t db_int(struct db_query *q, int column);
double db_real(struct db_query *q, int column);
const char *db_text(struct db_query *q, int column);
const void *db_bytes(struct db_query *q, int column, size_t *n);
bool db_is_null(struct db_query *q, int column);
/* Ends the query; STATUS_OK unless a step failed (FULL, LOCKED, CORRUPT, INTERRUPTED, FAILED). */
enum status db_done(struct db_query *q, struct error *err) MUST_CHECK;
/* The same when a failure means a broken store: logged and asserted in debug builds. */
void db_end(struct db_query *q);

/* Is there a row? Ends the query. */
static inline bool db_any(struct db_query *q)
{
    bool any = db_step(q);
    db_end(q);
    return any;
}
/* Steps once and ends: for INSERT, UPDATE, DELETE. */
enum status db_run(struct db_query *q, struct error *err) MUST_CHECK;
/* A constant script (migrations, pragmas). */
enum status db_exec(struct db *db, const char *sql, struct error *err) MUST_CHECK;
int64_t db_last_id(struct db *db);
int64_t db_changed(struct db *db); /* rows changed by the last db_run */
/* First column of the first row, or fallback. Parameters: none. */
int64_t db_get_int(struct db *db, const char *sql, int64_t fallback);

/* Savepoints for parts of an operation that may be taken back alone. */
enum status db_savepoint(struct db *db, struct error *err) MUST_CHECK;
enum status db_release(struct db *db, struct error *err) MUST_CHECK;
void db_rollback_savepoint(struct db *db);

/* Marks topics (enum watch) as changed by this transaction; writers only. */
void db_touch(struct db *db, unsigned watch_bits);
/* Any thread: the running query, and every later one until db_resume, ends with INTERRUPTED. */
void db_interrupt(struct db *db);
void db_resume(struct db *db);
const char *db_path(const struct db *db);

/* Raw bytes, compressed (zstd with our dictionary): a BLOB and back. Any thread. In SQL the
 * function unpack(blob) gives the text, fold(text) the folded text. db_pack appends nothing else
 * and empties out first; db_unpack appends. LIMIT when it would be over max bytes. */
void db_pack(const void *bytes, size_t n, struct str *out);
enum status db_unpack(const void *packed, size_t n, size_t max, struct str *out,
                      struct error *err) MUST_CHECK;

#endif
