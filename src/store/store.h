/* store.h - the office's database as a whole: opening, migrating, writing, asking.
 *
 * Three threads, one sentence each: the loop never waits, the writer never draws, the finder never
 * changes anything. In the full-screen program and `work`, store_open starts the writer and the
 * finder as threads; in batch (STORE_INLINE) operations and questions run in place, at the next
 * loop turn or at once with store_run.
 *
 * WRITING. Every change is an operation: a function over the writing connection and a record it
 * owns. It runs inside one transaction (BEGIN IMMEDIATE behind the turnstile, never over 50 ms
 * while another process has the store open); on an error status the transaction is rolled back.
 * Its callback runs in the loop exactly once, after the commit.
 *
 * READING. store_reader() is the loop's own read-only connection: only queries bounded by an index
 * and a LIMIT. Everything else is a question to the finder. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/path.h"
#include "base/watch.h"
#include "store/db.h"

struct store;
struct loop;

enum store_mode { STORE_THREADS, STORE_INLINE };

/* A step of the schema. Each part (feature or floor) counts its own from 1. */
struct migration {
    const char *sql;                                     /* or NULL and: */
    enum status (*run)(struct db *db, struct error *err);
};

struct migration_list {
    const char *part;                 /* "mail", "inbox", … */
    const struct migration *steps;
    int count;
};

/* Called by app/ before the first store_open, lowest floor first; store/'s own come before all. The
 * same list twice counts once. */
void store_add_migrations(const struct migration_list *list);

/* Opens or creates; migrates (backing up to state/ first when data exists). A store made by a
 * newer bureau is refused (FAILED, hint). */
enum status store_open(const struct paths *paths, enum store_mode mode, struct loop *l,
                       struct store **out, struct error *err) MUST_CHECK;
/* Finishes posted operations and the index (when little is left), calls the callbacks that are
 * due, then closes. NULL is allowed. */
void store_close(struct store *s);

/* Never NULL. */
struct db *store_reader(struct store *s);
const struct paths *store_paths(const struct store *s);
struct loop *store_loop(const struct store *s);

enum op_class {
    OP_PERSON, /* what a person did: first, synchronous=FULL */
    OP_STREAM, /* text that arrives: NORMAL, in order */
    OP_BULK,   /* import, sync, index: NORMAL, last, large transactions when alone */
    OP_AGAIN   /* bulk that may run anew with its record after it was taken back: see writer.c */
};

struct store_op {
    const char *name; /* for the log */
    enum op_class klass;
    enum status (*run)(struct db *db, void *record, struct error *err);
    void (*free)(void *record); /* NULL: nothing to free */
};

/* record is taken. done (may be NULL) gets the record once more, then it is freed. err is
 * STATUS_OK on success. */
void store_post(struct store *s, const struct store_op *op, void *record,
                void (*done)(void *user, void *record, const struct error *err), void *user);
/* In place, waiting (STORE_INLINE, tests, and at start); the record stays the caller's. */
enum status store_run(struct store *s, const struct store_op *op, void *record,
                      struct error *err) MUST_CHECK;
/* Waits until all posted operations are committed (leaving, stopping, tests). */
void store_flush(struct store *s);
/* Operations that are not committed yet. */
size_t store_pending(const struct store *s);
/* Do words wait for the index? An answer of the finder may lack them. */
bool store_index_waits(const struct store *s);
/* The full-text index is fed by the writer when nothing else waits. Feeds it now, to the end: what
 * `import` does last and `search` in batch does first. on_left (may be NULL) hears how many rows
 * are left; false from it stops, and the rest is done later. Waits. */
enum status store_index(struct store *s, bool (*on_left)(void *user, int64_t left), void *user,
                        struct error *err) MUST_CHECK;

/* A question: a function over a read-only connection of the finder. */
struct store_question {
    const char *name;
    enum status (*run)(struct db *db, void *record, struct error *err);
    void (*free)(void *record);
    bool typed; /* a person's keys wait for it: answered beside what else is asked */
};
struct store_asked; /* a question under way */
struct store_asked *store_ask(struct store *s, const struct store_question *q, void *record,
                              void (*done)(void *user, void *record, const struct error *err),
                              void *user);
/* Stale: interrupted, its done is called with INTERRUPTED. NULL is allowed. */
void store_ask_cancel(struct store *s, struct store_asked *a);

/* on_change runs in the loop with the topics that changed, by this process or another. Several
 * listeners are called in the order they came; NULL takes all away. */
void store_on_change(struct store *s, void (*on_change)(void *user, unsigned watch_bits),
                     void *user);
/* Other processes that have this store open now (restore is refused while > 0). */
int store_others(struct store *s);

/* Small settings of the program itself (layout, cursor, last provider): key and text. */
enum status store_setting_set(struct db *db, const char *key, const char *value,
                              struct error *err) MUST_CHECK;
/* Yours; NULL when unset. */
char *store_setting(struct db *db, const char *key);

#endif
