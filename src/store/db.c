/* SPDX-License-Identifier: GPL-3.0-or-later */
/* db.c - one SQLite connection: opening it defensively, statements, errors. */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/utf8.h"
#include "store/bundle.h"
#include "store/db_internal.h"

/* How long BEGIN waits for a program that is no bureau; ours queue on the turnstile first. */
#define DB_BUSY_MS 15000
#define DB_UNPACK_MAX ((size_t)256 << 20)

struct db_query {
    struct db *db;       /* borrow */
    sqlite3_stmt *stmt;  /* own; NULL when it could not be prepared */
    const char *sql;     /* borrow; the literal it is found by; NULL: made at run time */
    struct error *error; /* own; NULL while nothing failed */
    bool busy;           /* between db_prepare and db_done */
    bool stepped;        /* a row is there */
};

struct db {
    sqlite3 *handle; /* own */
    char *path;      /* own */
    enum db_mode mode;
    struct db_query **cache; /* own; open addressing by the literal's address */
    size_t cache_len, cache_cap;
    int depth; /* of savepoints */
    bool full; /* synchronous is FULL now */
    unsigned touched;
    bool words; /* rows were queued for the index */
    int log_pages;  /* in the write-ahead log, not yet moved */
    int64_t waited; /* microseconds the busy handler slept for this lock */
    atomic_bool stop;
    struct bundle_cache *bundles; /* own */
    void *extra; /* own */
    void (*extra_free)(void *);
};

/* The raw connection, for the files of store/. */
sqlite3 *db_handle(struct db *db)
{
    return db->handle;
}

/* Where the database lies. */
const char *db_path(const struct db *db)
{
    return db->path;
}

/* What bundle.c keeps here. */
struct bundle_cache **db_bundles(struct db *db)
{
    return &db->bundles;
}

/* What search.c keeps here. */
void *db_extra(struct db *db)
{
    return db->extra;
}

/* Keeps it until the connection closes. */
void db_set_extra(struct db *db, void *extra, void (*free_fn)(void *))
{
    db->extra = extra;
    db->extra_free = free_fn;
}

/* Was there no room for the bytes? The error of a write is kept with the file, of which there are
 * two: the database and its log. */
static bool no_room(struct db *db)
{
    static const int which[] = {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER};
    int os = sqlite3_system_errno(db->handle);
    for (size_t i = 0; i < 2 && !(os == ENOSPC || os == EDQUOT || os == EFBIG); i++) {
        sqlite3_file *f = NULL;
        if (sqlite3_file_control(db->handle, "main", which[i], &f) == SQLITE_OK && f && f->pMethods)
            f->pMethods->xFileControl(f, SQLITE_FCNTL_LAST_ERRNO, &os);
    }
    return os == ENOSPC || os == EDQUOT || os == EFBIG;
}

/* Maps a result code of SQLite to our statuses. */
static enum status status_of(struct db *db, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STATUS_OK;
    case SQLITE_FULL:
        return STATUS_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STATUS_LOCKED;
    case SQLITE_INTERRUPT:
        return STATUS_INTERRUPTED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STATUS_CORRUPT;
    case SQLITE_IOERR:
        return db && no_room(db) ? STATUS_FULL : STATUS_FAILED;
    default:
        return STATUS_FAILED;
    }
}

/* Fills err for a result code. */
enum status db_fail(struct db *db, int rc, struct error *err)
{
    enum status s = status_of(db, rc);
    const char *words = db && sqlite3_errcode(db->handle) != SQLITE_OK
                            ? sqlite3_errmsg(db->handle)
                            : sqlite3_errstr(rc);
    switch (s) {
    case STATUS_OK:
        return STATUS_OK;
    case STATUS_FULL:
        error_set(err, s, _("no room left for the office"));
        return error_hint(err, _("make room on the disk; nothing that was saved is lost"));
    case STATUS_LOCKED:
        error_set(err, s, _("another program holds the office's database"));
        return error_hint(err, _("try again in a moment"));
    case STATUS_INTERRUPTED:
        return error_set(err, s, _("stopped"));
    case STATUS_CORRUPT:
        error_set(err, s, _("the office's database is damaged: %s"), words);
        return error_hint(err, _("run: bureau verify"));
    default:
        return error_set(err, s, _("database: %s"), words);
    }
}

/* Waits a little for a lock, in all at most DB_BUSY_MS. */
static int on_busy(void *user, int times)
{
    struct db *db = user;
    if (times == 0)
        db->waited = 0;
    if (db->waited > (int64_t)DB_BUSY_MS * 1000)
        return 0;
    int us = times < 40 ? 500 : 2000;
    usleep((useconds_t)us);
    db->waited += us;
    return 1;
}

/* Stops a running statement when somebody asked for it. */
static int on_progress(void *user)
{
    struct db *db = user;
    return atomic_load_explicit(&db->stop, memory_order_relaxed);
}

/* SQL fold(text): as search compares. */
static void sql_fold(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    (void)n;
    const char *text = (const char *)sqlite3_value_text(v[0]);
    if (!text)
        return;
    struct str out = STR_INIT;
    utf8_fold(&out, text, (size_t)sqlite3_value_bytes(v[0]));
    sqlite3_result_text(ctx, str_text(&out), (int)out.len, SQLITE_TRANSIENT);
    str_fini(&out);
}

/* SQL unpack(blob, max): the text that was packed, whole characters of at most max bytes. */
static void sql_unpack(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct db *db = sqlite3_user_data(ctx);
    const void *bytes = sqlite3_value_blob(v[0]);
    struct str out = STR_INIT;
    struct error err = ERROR_INIT;
    if (!bytes) {
        sqlite3_result_text(ctx, "", 0, SQLITE_STATIC);
    } else if (bundle_read(db, bytes, (size_t)sqlite3_value_bytes(v[0]), DB_UNPACK_MAX, &out,
                           &err) != STATUS_OK) {
        sqlite3_result_error_code(ctx, SQLITE_CORRUPT);
    } else {
        int64_t max = n > 1 ? sqlite3_value_int64(v[1]) : INT64_MAX;
        size_t len = out.len;
        if ((int64_t)len > max)
            for (len = (size_t)max; len > 0 && ((unsigned char)out.data[len] & 0xc0) == 0x80;)
                len--;
        sqlite3_result_text(ctx, str_text(&out), (int)len, SQLITE_TRANSIENT);
    }
    str_fini(&out);
}

/* Makes the file, private, or looks whether it may be used. */
static enum status check_file(const char *path, enum db_mode mode, struct error *err)
{
    if (mode == DB_WRITE) {
        /* Never a descriptor on a file that is there: closing it would drop the locks that other
         * connections of this process hold (fcntl(2)), and another process could then take the
         * log away under them. */
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            return error_set_errno(err, errno, "%s", path);
        if (fd >= 0)
            close(fd);
    }
    struct stat st;
    if (stat(path, &st) < 0)
        return error_set_errno(err, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return error_set(err, STATUS_FAILED, _("%s is not a file"), path);
    if (st.st_uid != geteuid())
        return error_set(err, STATUS_FAILED, _("%s belongs to another user"), path);
    if (st.st_mode & 077) {
        error_set(err, STATUS_FAILED, _("%s may be read by other users"), path);
        return error_hint(err, "chmod 600 %s", path);
    }
    return STATUS_OK;
}

/* Counts the pages of the log at each commit. */
static int on_commit(void *user, sqlite3 *handle, const char *name, int pages)
{
    (void)handle;
    (void)name;
    ((struct db *)user)->log_pages = pages;
    return SQLITE_OK;
}

/* Runs one pragma or script while opening. */
static int quick(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

/* Sets up the connection: limits, defences, our functions, the journal mode. */
static int configure(struct db *db)
{
    sqlite3 *h = db->handle;
    int on, rc;
    sqlite3_extended_result_codes(h, 1);
    sqlite3_busy_handler(h, on_busy, db);
    sqlite3_progress_handler(h, 4000, on_progress, db);
    sqlite3_limit(h, SQLITE_LIMIT_ATTACHED, 1);
    sqlite3_limit(h, SQLITE_LIMIT_LENGTH, 512 << 20);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DEFENSIVE, 1, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DML, 0, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_DQS_DDL, 0, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_FKEY, 1, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, &on);
    sqlite3_db_config(h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, db->mode == DB_READ, &on);
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    rc = sqlite3_create_function_v2(h, "fold", 1, flags, NULL, sql_fold, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(h, "unpack", -1, flags, db, sql_unpack, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = tokenizer_register(h);
    if (rc == SQLITE_OK)
        rc = quick(db, "PRAGMA mmap_size=0; PRAGMA wal_autocheckpoint=0;"
                       "PRAGMA synchronous=NORMAL; PRAGMA secure_delete=FAST;"
                       "PRAGMA journal_size_limit=67108864;");
    /* What a writer keeps to take a statement back goes to a file when it is much: a merge of large
     * pieces of the index would hold all of them in memory. */
    if (rc == SQLITE_OK && db->mode == DB_READ)
        rc = quick(db, "PRAGMA temp_store=MEMORY");
    sqlite3_wal_hook(h, on_commit, db);
    return rc;
}

/* Looks whether the file is ours; in write mode an empty one becomes ours. */
static enum status claim(struct db *db, struct error *err)
{
    int64_t id = db_get_int(db, "PRAGMA application_id", -1);
    int64_t pages = id < 0 ? -1 : db_get_int(db, "SELECT count(*) FROM sqlite_schema", -1);
    if (id < 0 || pages < 0) {
        int rc = sqlite3_errcode(db->handle);
        if ((rc & 0xff) == SQLITE_NOTADB)
            return error_set(err, STATUS_CORRUPT, _("%s is not a database"), db->path);
        return db_fail(db, rc == SQLITE_OK ? SQLITE_CORRUPT : rc, err);
    }
    if (id == DB_APPLICATION_ID)
        return STATUS_OK;
    if (id != 0 || pages != 0)
        return error_set(err, STATUS_CORRUPT, _("%s is another program's database"), db->path);
    if (db->mode == DB_READ)
        return error_set(err, STATUS_NO_SUCH, _("%s is empty"), db->path);
    char sql[160];
    snprintf(sql, sizeof sql, "PRAGMA page_size=%d; PRAGMA journal_mode=WAL; PRAGMA application_id=%d;",
             DB_PAGE_SIZE, DB_APPLICATION_ID);
    return db_exec(db, sql, err);
}

static const char *first_path; /* of the office that is opened first, for set_up */

/* Before the first connection: nobody asks how much memory SQLite has taken, and counting it costs a
 * lock for every piece. Its temporary files, which have no name, lie beside the database and not in
 * a folder that is everybody's. (SQLITE_CONFIG_STMTJRNL_SPILL stays what it is: what is more than
 * 128 KB goes into the file by one write, which SQLite 3.40 takes for a full disk.) */
static void set_up(void)
{
    const char *end = strrchr(first_path, '/');
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (end && sqlite3_initialize() == SQLITE_OK)
        sqlite3_temp_directory = sqlite3_mprintf("%.*s", (int)(end - first_path), first_path);
}

/* Opens one connection. */
enum status db_open(const char *path, enum db_mode mode, struct db **out, struct error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    first_path = path;
    pthread_once(&once, set_up);
    pthread_mutex_unlock(&lock);
    *out = NULL;
    enum status s = check_file(path, mode, err);
    if (s != STATUS_OK)
        return s;
    struct db *db = mem_alloc(sizeof *db);
    db->path = mem_strdup(path);
    db->mode = mode;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (rc == SQLITE_OK)
        rc = configure(db);
    s = rc == SQLITE_OK ? claim(db, err) : db_fail(db, rc, err);
    if (s == STATUS_OK && mode == DB_READ && (rc = quick(db, "PRAGMA query_only=1")) != SQLITE_OK)
        s = db_fail(db, rc, err);
    if (s == STATUS_OK && mode == DB_WRITE &&
        (rc = quick(db, "PRAGMA journal_mode=WAL")) != SQLITE_OK)
        s = db_fail(db, rc, err);
    if (s != STATUS_OK) {
        db_close(db);
        return s;
    }
    *out = db;
    return STATUS_OK;
}

/* Releases one statement. */
static void query_free(struct db_query *q)
{
    sqlite3_finalize(q->stmt);
    free(q->error);
    free(q);
}

/* Closes the connection; open statements are finalized. NULL is allowed. */
void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; i < db->cache_cap; i++)
        if (db->cache[i])
            query_free(db->cache[i]);
    free(db->cache);
    sqlite3_close_v2(db->handle);
    if (db->extra)
        db->extra_free(db->extra);
    bundle_cache_free(db->bundles);
    free(db->path);
    free(db);
}

/* Pages kept in memory, in KiB. */
void db_set_cache(struct db *db, int kib)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA cache_size=%d", -kib);
    quick(db, sql);
}

/* The index's own tables are guarded from all others. */
void db_allow_index(struct db *db)
{
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
}

/* Gives cached pages back. */
void db_release_memory(struct db *db)
{
    sqlite3_db_release_memory(db->handle);
    bundle_cache_clear(db->bundles);
}

/* ---- statements ---- */

/* The place of a literal in the table of kept statements. */
static size_t slot_of(const struct db *db, const char *sql)
{
    size_t i = ((uintptr_t)sql * 0x9e3779b97f4a7c15u >> 20) & (db->cache_cap - 1);
    while (db->cache[i] && db->cache[i]->sql != sql)
        i = (i + 1) & (db->cache_cap - 1);
    return i;
}

/* Doubles the table of kept statements. */
static void cache_grow(struct db *db)
{
    struct db_query **old = db->cache;
    size_t cap = db->cache_cap;
    db->cache_cap = cap ? cap * 2 : 64;
    db->cache = mem_array(db->cache_cap, sizeof(*db->cache));
    for (size_t i = 0; i < cap; i++)
        if (old[i])
            db->cache[slot_of(db, old[i]->sql)] = old[i];
    free(old);
}

/* Remembers what failed first; later failures of the same query say less. */
static void query_failed(struct db_query *q, int rc)
{
    if (q->error)
        return;
    q->error = mem_alloc(sizeof *q->error);
    db_fail(q->db, rc, q->error);
}

/* Compiles a statement. */
static struct db_query *query_new(struct db *db, const char *sql, unsigned flags)
{
    struct db_query *q = mem_alloc(sizeof *q);
    q->db = db;
    int rc = sqlite3_prepare_v3(db->handle, sql, -1, flags, &q->stmt, NULL);
    if (rc != SQLITE_OK)
        query_failed(q, rc);
    return q;
}

/* A statement kept by the address of its literal. */
struct db_query *db_prepare(struct db *db, const char *sql)
{
    if (db->cache_len * 2 >= db->cache_cap)
        cache_grow(db);
    size_t i = slot_of(db, sql);
    struct db_query *q = db->cache[i];
    if (q && !q->busy) {
        q->busy = true;
        return q;
    }
    struct db_query *made = query_new(db, sql, q ? 0 : SQLITE_PREPARE_PERSISTENT);
    if (!q && made->stmt) {
        made->sql = sql;
        db->cache[i] = made;
        db->cache_len++;
    }
    if (!made->stmt)
        log_warn("store: %s in: %s", made->error ? made->error->text : "?", sql);
    made->busy = true;
    return made;
}

/* A statement that is made at run time. */
struct db_query *db_prepare_once(struct db *db, const char *sql, struct error *err)
{
    struct db_query *q = query_new(db, sql, 0);
    if (!q->stmt) {
        *err = *q->error;
        query_free(q);
        return NULL;
    }
    q->busy = true;
    return q;
}

/* Takes note of a failed binding. */
static void bound(struct db_query *q, int rc)
{
    assert(rc != SQLITE_RANGE && rc != SQLITE_MISUSE);
    if (rc != SQLITE_OK)
        query_failed(q, rc);
}

/* Binds a whole number. */
void db_bind_int(struct db_query *q, int at, int64_t value)
{
    if (q->stmt)
        bound(q, sqlite3_bind_int64(q->stmt, at, value));
}

/* Binds a real number. */
void db_bind_real(struct db_query *q, int at, double value)
{
    if (q->stmt)
        bound(q, sqlite3_bind_double(q->stmt, at, value));
}

/* Binds text, or NULL. */
void db_bind_text(struct db_query *q, int at, const char *text)
{
    if (text)
        db_bind_text_n(q, at, text, strlen(text));
    else
        db_bind_null(q, at);
}

/* Binds text of a length. */
void db_bind_text_n(struct db_query *q, int at, const char *text, size_t n)
{
    if (q->stmt)
        bound(q, sqlite3_bind_text64(q->stmt, at, text ? text : "", n, SQLITE_TRANSIENT,
                                     SQLITE_UTF8));
}

/* Binds bytes. */
void db_bind_bytes(struct db_query *q, int at, const void *bytes, size_t n)
{
    if (q->stmt)
        bound(q, sqlite3_bind_blob64(q->stmt, at, bytes ? bytes : "", n, SQLITE_TRANSIENT));
}

/* Binds NULL. */
void db_bind_null(struct db_query *q, int at)
{
    if (q->stmt)
        bound(q, sqlite3_bind_null(q->stmt, at));
}

/* Goes to the next row. */
bool db_step(struct db_query *q)
{
    q->stepped = false;
    if (!q->stmt || q->error)
        return false;
    int rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return q->stepped = true;
    if (rc != SQLITE_DONE)
        query_failed(q, rc);
    return false;
}

/* A column as a whole number. */
int64_t db_int(struct db_query *q, int column)
{
    return q->stepped ? sqlite3_column_int64(q->stmt, column) : 0;
}

/* A column as a real number. */
double db_real(struct db_query *q, int column)
{
    return q->stepped ? sqlite3_column_double(q->stmt, column) : 0.0;
}

/* A column as text, never NULL. */
const char *db_text(struct db_query *q, int column)
{
    const char *t = q->stepped ? (const char *)sqlite3_column_text(q->stmt, column) : NULL;
    return t ? t : "";
}

/* A column as bytes. */
const void *db_bytes(struct db_query *q, int column, size_t *n)
{
    *n = 0;
    if (!q->stepped)
        return "";
    const void *p = sqlite3_column_blob(q->stmt, column);
    *n = p ? (size_t)sqlite3_column_bytes(q->stmt, column) : 0;
    return p ? p : "";
}

/* Is the column NULL? */
bool db_is_null(struct db_query *q, int column)
{
    return !q->stepped || sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

/* Ends a query and tells how it went. */
enum status db_done(struct db_query *q, struct error *err)
{
    if (!q)
        return err->status;
    enum status s = STATUS_OK;
    if (q->error) {
        *err = *q->error;
        s = err->status;
        free(q->error);
        q->error = NULL;
    }
    q->stepped = q->busy = false;
    if (!q->sql) {
        query_free(q);
        return s;
    }
    sqlite3_reset(q->stmt);
    sqlite3_clear_bindings(q->stmt);
    return s;
}

/* Ends a query that only a broken store lets fail. */
void db_end(struct db_query *q)
{
    struct error err = ERROR_INIT;
    if (db_done(q, &err) == STATUS_OK)
        return;
    log_warn("store: %s", err.text);
    assert(err.status == STATUS_INTERRUPTED || err.status == STATUS_FULL ||
           err.status == STATUS_CORRUPT || err.status == STATUS_LOCKED);
}

/* Steps once and ends. */
enum status db_run(struct db_query *q, struct error *err)
{
    if (q)
        db_step(q);
    return db_done(q, err);
}

/* Runs a constant script. */
enum status db_exec(struct db *db, const char *sql, struct error *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? STATUS_OK : db_fail(db, rc, err);
}

/* The row id of the last insert. */
int64_t db_last_id(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}

/* Rows changed by the last statement. */
int64_t db_changed(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

/* First column of the first row. */
int64_t db_get_int(struct db *db, const char *sql, int64_t fallback)
{
    sqlite3_stmt *stmt = NULL;
    int64_t value = fallback;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL)
        value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return value;
}

/* ---- transactions ---- */

/* Opens the part of an operation that may be taken back alone. */
enum status db_savepoint(struct db *db, struct error *err)
{
    char sql[32];
    snprintf(sql, sizeof sql, "SAVEPOINT s%d", db->depth);
    enum status s = db_exec(db, sql, err);
    if (s == STATUS_OK)
        db->depth++;
    return s;
}

/* Keeps the innermost part. */
enum status db_release(struct db *db, struct error *err)
{
    assert(db->depth > 0);
    char sql[32];
    snprintf(sql, sizeof sql, "RELEASE s%d", db->depth - 1);
    enum status s = db_exec(db, sql, err);
    if (s == STATUS_OK)
        db->depth--;
    return s;
}

/* Takes the innermost part back. A full disk may have taken back the whole transaction already. */
void db_rollback_savepoint(struct db *db)
{
    assert(db->depth > 0);
    char sql[64];
    db->depth--;
    snprintf(sql, sizeof sql, "ROLLBACK TO s%d; RELEASE s%d", db->depth, db->depth);
    if (db_in_transaction(db))
        quick(db, sql);
    bundle_cache_clear(db->bundles);
}

/* Is a transaction open? */
bool db_in_transaction(struct db *db)
{
    return !sqlite3_get_autocommit(db->handle);
}

/* Opens the transaction of an operation. */
enum status db_begin(struct db *db, bool full, struct error *err)
{
    if (full != db->full) {
        quick(db, full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        db->full = full;
    }
    db->depth = 0;
    return db_run(db_prepare(db, "BEGIN IMMEDIATE"), err);
}

/* Commits; on failure everything is rolled back. */
enum status db_commit(struct db *db, struct error *err)
{
    enum status s = db_run(db_prepare(db, "COMMIT"), err);
    if (s != STATUS_OK)
        db_rollback(db);
    return s;
}

/* Takes the whole transaction back. */
void db_rollback(struct db *db)
{
    if (db_in_transaction(db))
        quick(db, "ROLLBACK");
    bundle_cache_clear(db->bundles);
    db->depth = 0;
    db->touched = 0;
}

/* Moves the write-ahead log into the file. */
void db_checkpoint(struct db *db)
{
    int in_log = 0, moved = 0;
    if (sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved) ==
        SQLITE_OK)
        db->log_pages = in_log - moved;
}

/* Brings the log to the disk. */
void db_sync_log(struct db *db)
{
    sqlite3_file *f = NULL;
    if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f) == SQLITE_OK &&
        f && f->pMethods)
        f->pMethods->xSync(f, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
}

/* What lies in the log. */
int64_t db_log_bytes(const struct db *db)
{
    return (int64_t)db->log_pages * DB_PAGE_SIZE;
}

/* The log as the other connection has left it. */
void db_take_log(struct db *db, const struct db *other)
{
    db->log_pages = other->log_pages;
}

/* Marks topics as changed. */
void db_touch(struct db *db, unsigned watch_bits)
{
    db->touched |= watch_bits;
}

/* Rows were queued for the index. */
void db_mark_words(struct db *db)
{
    db->words = true;
}

/* Were there any? */
bool db_take_words(struct db *db)
{
    bool words = db->words;
    db->words = false;
    return words;
}

/* Topics marked since the last call. */
unsigned db_take_touched(struct db *db)
{
    unsigned bits = db->touched;
    db->touched = 0;
    return bits;
}

/* Stops what runs. */
void db_interrupt(struct db *db)
{
    atomic_store(&db->stop, true);
    sqlite3_interrupt(db->handle);
}

/* Lets the connection run again. */
void db_resume(struct db *db)
{
    atomic_store(&db->stop, false);
}
