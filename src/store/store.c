/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the office's database as a whole: it opens the connections, starts the writer and the
 * finder, listens to the ring, and keeps the program's own small settings. */
#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/vec.h"
#include "io/loop.h"
#include "store/db_internal.h"
#include "store/delivery.h"
#include "store/finder.h"
#include "store/migrate.h"
#include "store/ring.h"
#include "store/store_internal.h"
#include "store/writer.h"

enum { TOPICS = 16, READER_CACHE_KIB = 2048 };

static const struct migration steps[] = {
    {.sql = "CREATE TABLE change(topic INTEGER PRIMARY KEY, serial INTEGER NOT NULL) STRICT;"
            "INSERT INTO change(topic, serial) VALUES(0,0),(1,0),(2,0),(3,0),(4,0),(5,0),(6,0),"
            "(7,0),(8,0),(9,0),(10,0),(11,0),(12,0),(13,0),(14,0),(15,0);"
            "CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"},
};
extern const struct migration_list store_migrations;
const struct migration_list store_migrations = {"store", steps, sizeof steps / sizeof *steps};

struct listener {
    void (*on_change)(void *user, unsigned bits);
    void *user;
};

struct store {
    const struct paths *paths; /* borrow */
    struct loop *loop;         /* borrow; NULL in tests */
    struct db *reader;         /* own */
    struct ring *ring;
    struct delivery *delivery;
    struct writer *writer;
    struct finder *finder, *typed; /* typed: of questions that keys wait for */
    struct loop_watch *watch;
    struct vec listeners;
    int64_t serials[TOPICS]; /* of the table of changes, as this process knows them */
    bool threads, closing;
};

/* Calls every listener. */
static void tell(struct store *s, unsigned bits)
{
    for (size_t i = 0; i < s->listeners.len; i++) {
        struct listener *l = vec_at(&s->listeners, i);
        l->on_change(l->user, bits);
    }
}

/* Reads the table of changes; returns the topics that moved. */
static unsigned read_serials(struct store *s)
{
    unsigned bits = 0;
    if (!s->reader)
        return bits;
    struct db_query *q = db_prepare(s->reader, "SELECT topic, serial FROM change");
    while (db_step(q)) {
        int64_t topic = db_int(q, 0), serial = db_int(q, 1);
        if (topic < 0 || topic >= TOPICS)
            continue;
        if (serial > s->serials[topic]) {
            s->serials[topic] = serial;
            bits |= 1u << topic;
        }
    }
    db_end(q);
    return bits;
}

/* After a commit of this process. What others committed meanwhile is told with it. */
static void on_own_change(void *user, unsigned bits)
{
    struct store *s = user;
    tell(s, bits | read_serials(s));
}

/* Somebody rang. */
static void on_ring(void *user, int events)
{
    struct store *s = user;
    (void)events;
    if (!ring_heard(s->ring))
        return;
    unsigned bits = read_serials(s);
    if (bits)
        tell(s, bits);
}

/* Creates the tables, or brings them up to this program's. */
static enum status bring_up(const struct paths *paths, const char *turnstile, struct error *err)
{
    struct db *db = NULL;
    int fd = writer_turnstile_take(turnstile);
    enum status s = db_open(paths->db, DB_WRITE, &db, err);
    if (s == STATUS_OK)
        s = migrate_run(db, paths->state, err);
    db_close(db);
    writer_turnstile_let(fd);
    return s;
}

/* Opens the loop's own connection, after a migration when one is due. */
static enum status open_reader(struct store *s, const char *turnstile, struct error *err)
{
    struct stat st;
    bool current = false;
    enum status status = STATUS_OK;
    if (stat(s->paths->db, &st) == 0 && st.st_size > 0) {
        status = db_open(s->paths->db, DB_READ, &s->reader, err);
        if (status == STATUS_OK)
            status = migrate_check(s->reader, &current, err);
        /* Begun and no office yet: another process makes it just now, or one died over it. */
        bool begun = !s->reader && status == STATUS_NO_SUCH;
        if (!begun && (status != STATUS_OK || current))
            return status;
        *err = ERROR_INIT;
        db_close(s->reader);
        s->reader = NULL;
    }
    status = bring_up(s->paths, turnstile, err);
    if (status == STATUS_OK)
        status = db_open(s->paths->db, DB_READ, &s->reader, err);
    return status;
}

/* Opens the connections and starts the writer and the finder. */
enum status store_connect(struct store *s, struct error *err)
{
    if (s->reader)
        return STATUS_OK;
    char *turnstile = path_join(s->paths->state, "turnstile");
    enum status status = open_reader(s, turnstile, err);
    if (status == STATUS_OK) {
        db_set_cache(s->reader, READER_CACHE_KIB);
        read_serials(s);
        struct writer_setup setup = {
            .path = s->paths->db,
            .turnstile = turnstile,
            .ring = s->ring,
            .delivery = s->delivery,
            .thread = s->threads,
            .index_waits = db_get_int(s->reader, "SELECT 1 FROM doc_dirty LIMIT 1", 0) == 1,
            .on_change = on_own_change,
            .user = s,
        };
        s->writer = writer_new(&setup);
        s->finder = finder_new(s->paths->db, s->delivery, s->threads);
        s->typed = finder_new(s->paths->db, s->delivery, s->threads);
    } else {
        db_close(s->reader);
        s->reader = NULL;
    }
    free(turnstile);
    return status;
}

/* Ends the writer and the finder, with what they still have to tell. */
void store_disconnect(struct store *s)
{
    if (!s->reader)
        return;
    writer_flush(s->writer);
    delivery_run(s->delivery);
    finder_free(s->finder);
    finder_free(s->typed);
    delivery_run(s->delivery);
    /* What was told may have posted more: the reader stays until nobody asks it any more. */
    for (int round = 0; round < 1000 && store_pending(s) > 0; round++) {
        writer_flush(s->writer);
        delivery_run(s->delivery);
    }
    db_close(s->reader);
    s->reader = NULL;
    writer_free(s->writer); /* last: who writes moves the log into the file on closing */
    delivery_run(s->delivery);
    s->finder = s->typed = NULL;
    s->writer = NULL;
}

/* Opens or creates the office's store. */
enum status store_open(const struct paths *paths, enum store_mode mode, struct loop *l,
                       struct store **out, struct error *err)
{
    *out = NULL;
    struct store *s = mem_alloc(sizeof *s);
    s->paths = paths;
    s->loop = l;
    s->threads = mode == STORE_THREADS;
    s->delivery = delivery_new(l);
    vec_init(&s->listeners, sizeof(struct listener), NULL);
    char *ring = path_join(paths->state, "ring");
    enum status status = path_make_dir(paths->state, err);
    if (status == STATUS_OK)
        status = ring_open(ring, &s->ring, err);
    if (status == STATUS_OK)
        status = store_connect(s, err);
    free(ring);
    if (status != STATUS_OK) {
        store_close(s);
        return status;
    }
    if (l)
        s->watch = loop_fd(l, ring_fd(s->ring), LOOP_READ, on_ring, s);
    *out = s;
    return STATUS_OK;
}

/* Finishes what is posted and closes. */
void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->writer)
        writer_flush(s->writer);
    delivery_run(s->delivery);
    s->closing = true;
    if (s->watch)
        loop_remove(s->loop, s->watch);
    vec_clear(&s->listeners);
    store_disconnect(s);
    delivery_close(s->delivery);
    ring_close(s->ring);
    vec_fini(&s->listeners);
    free(s);
}

/* The loop's own connection. */
struct db *store_reader(struct store *s)
{
    return s->reader;
}

/* Where the office lies. */
const struct paths *store_paths(const struct store *s)
{
    return s->paths;
}

/* The loop it was opened for. */
struct loop *store_loop(const struct store *s)
{
    return s->loop;
}

/* Posts an operation. */
void store_post(struct store *s, const struct store_op *op, void *record,
                void (*done)(void *user, void *record, const struct error *err), void *user)
{
    writer_post(s->writer, op, record, done, user);
}

/* Runs an operation and waits for it. */
enum status store_run(struct store *s, const struct store_op *op, void *record, struct error *err)
{
    return writer_run(s->writer, op, record, err);
}

/* Waits until everything posted is committed. */
void store_flush(struct store *s)
{
    writer_flush(s->writer);
}

/* Operations that are not committed yet. */
size_t store_pending(const struct store *s)
{
    return writer_pending(s->writer);
}

/* Do words wait for the index? */
bool store_index_waits(const struct store *s)
{
    return db_get_int(s->reader, "SELECT 1 FROM doc_dirty LIMIT 1", 0) == 1;
}

/* Feeds the index to its end. */
enum status store_index(struct store *s, bool (*on_left)(void *user, int64_t left), void *user,
                        struct error *err)
{
    if (!store_index_waits(s))
        return STATUS_OK;
    return writer_index(s->writer, on_left, user, err);
}

/* Asks the finder. */
struct store_asked *store_ask(struct store *s, const struct store_question *q, void *record,
                              void (*done)(void *user, void *record, const struct error *err),
                              void *user)
{
    if (!s->closing)
        return finder_ask(q->typed ? s->typed : s->finder, q, record, done, user);
    struct error err = ERROR_INIT;
    error_set(&err, STATUS_INTERRUPTED, _("stopped"));
    if (done)
        done(user, record, &err);
    if (q->free)
        q->free(record);
    return NULL;
}

/* A question is stale. */
void store_ask_cancel(struct store *s, struct store_asked *a)
{
    (void)s;
    finder_cancel(a);
}

/* Adds a listener; NULL takes all away. */
void store_on_change(struct store *s, void (*on_change)(void *user, unsigned watch_bits),
                     void *user)
{
    if (!on_change) {
        vec_clear(&s->listeners);
        return;
    }
    struct listener *l = vec_push(&s->listeners);
    *l = (struct listener){on_change, user};
}

/* Other processes that have this store open. */
int store_others(struct store *s)
{
    return ring_others(s->ring);
}

/* Sets one of the program's own settings; NULL takes it away. */
enum status store_setting_set(struct db *db, const char *key, const char *value,
                              struct error *err)
{
    struct db_query *q =
        value ? db_prepare(db, "INSERT INTO setting(name, value) VALUES(?1, ?2)"
                               " ON CONFLICT(name) DO UPDATE SET value = ?2")
              : db_prepare(db, "DELETE FROM setting WHERE name = ?1");
    db_bind_text(q, 1, key);
    if (value)
        db_bind_text(q, 2, value);
    return db_run(q, err);
}

/* Reads one of the program's own settings. */
char *store_setting(struct db *db, const char *key)
{
    struct db_query *q = db_prepare(db, "SELECT value FROM setting WHERE name = ?1");
    db_bind_text(q, 1, key);
    char *value = db_step(q) ? mem_strdup(db_text(q, 0)) : NULL;
    db_end(q);
    return value;
}
