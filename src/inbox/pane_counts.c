/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_counts.c - counts of folders and saved searches, on the finder's thread */
#include "inbox/pane_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "inbox/pane_inside.h"
#include "io/loop.h"
#include "store/search.h"
#include "store/store.h"

#define PAUSE_MS 1000

struct count {
    char *name; /* own */
    int64_t count, unread;
    bool known;
};

/* Frees one in a vec. */
static void count_fini(void *item)
{
    free(((struct count *)item)->name);
}

/* What the finder works on; owned by the store. */
struct counting {
    struct pane_counts *owner; /* NULL: gone */
    struct vec counts;         /* struct count */
};

struct pane_counts {
    struct pane *pane;
    struct vec counts; /* struct count */
    struct vec wanted; /* strv: to be asked when the one under way is over */
    struct counting *counting;
    struct store_asked *asked;
    struct loop_watch *timer;
    int64_t last_ms;
    bool again;
    void (*on_counted)(void *user);
    void *user;
};

/* Counts with one statement; ?1 id. */
static enum status count_sql(struct db *db, const char *sql, int64_t id, struct count *c,
                             struct error *err)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, id);
    if (db_step(q)) {
        c->count = db_int(q, 0);
        c->unread = db_int(q, 1);
        c->known = true;
    }
    return db_done(q, err);
}

/* Counts one; a query that cannot be read is left unknown. */
static enum status count_one(struct db *db, struct count *c, struct error *err)
{
    struct search_options o = {.now = clock_now()};
    const char *query = c->name + strlen("results ");
    long long folder;
    if (str_starts(c->name, "threads folder ") && str_to_int64(c->name + 15, &folder))
        return count_sql(db, "SELECT count(*), coalesce(sum(flags & 1), 0) FROM mail_message"
                             " WHERE folder = ?1", folder, c, err);
    if (str_eq(c->name, "threads snoozed"))
        return count_sql(db, "SELECT count(*), 0 FROM mail_thread WHERE snooze > 0 AND ?1 = 0", 0, c,
                         err);
    if (str_eq(c->name, "threads muted"))
        return count_sql(db, "SELECT count(*), 0 FROM mail_thread WHERE muted = 1 AND ?1 = 0", 0, c,
                         err);
    if (!str_starts(c->name, "results "))
        return STATUS_OK;
    if (str_starts(query, PANE_BY_RANK))
        query += strlen(PANE_BY_RANK);
    enum status st = search_count(db, query, &o, &c->count, err);
    c->known = st == STATUS_OK;
    return st == STATUS_USAGE ? STATUS_OK : st;
}

/* The question. */
static enum status run_counting(struct db *db, void *record, struct error *err)
{
    struct counting *g = record;
    enum status st = STATUS_OK;
    for (size_t i = 0; i < g->counts.len && st == STATUS_OK; i++)
        st = count_one(db, vec_at(&g->counts, i), err);
    return st;
}

/* Releases it. */
static void free_counting(void *record)
{
    struct counting *g = record;
    vec_fini(&g->counts);
    free(g);
}

static void start(void *user);

/* Counted. */
static void on_done(void *user, void *record, const struct error *err)
{
    struct counting *g = record;
    struct pane_counts *c = g->owner;
    (void)user;
    if (!c)
        return;
    c->asked = NULL;
    c->counting = NULL;
    c->last_ms = clock_mono_ms();
    if (!error_is(err)) {
        struct vec old = c->counts;
        c->counts = g->counts;
        g->counts = old;
        c->on_counted(c->user);
    }
    if (c->again && !c->timer)
        c->timer = loop_timer(pane_loop(c->pane), PAUSE_MS, start, c);
}

/* Asks for what is wanted now. */
static void start(void *user)
{
    static const struct store_question question = {
    .name = "counts", .run = run_counting, .free = free_counting};
    struct pane_counts *c = user;
    c->timer = NULL;
    c->again = false;
    struct counting *g = mem_alloc(sizeof *g);
    g->owner = c;
    vec_init(&g->counts, sizeof(struct count), count_fini);
    for (size_t i = 0; i < c->wanted.len; i++)
        ((struct count *)vec_push(&g->counts))->name = mem_strdup(strv_at(&c->wanted, i));
    c->counting = g;
    c->asked = store_ask(pane_store(c->pane), &question, g, on_done, NULL);
}

/* Begins without counts. */
struct pane_counts *pane_counts_new(struct pane *p, void (*on_counted)(void *user), void *user)
{
    struct pane_counts *c = mem_alloc(sizeof *c);
    c->pane = p;
    c->on_counted = on_counted;
    c->user = user;
    vec_init(&c->counts, sizeof(struct count), count_fini);
    strv_init(&c->wanted);
    return c;
}

/* Ends; what is under way is stale. */
void pane_counts_free(struct pane_counts *c)
{
    if (!c)
        return;
    if (c->counting)
        c->counting->owner = NULL;
    store_ask_cancel(pane_store(c->pane), c->asked);
    loop_remove(pane_loop(c->pane), c->timer);
    vec_fini(&c->counts);
    vec_fini(&c->wanted);
    free(c);
}

/* Counts soon: at once when that was long ago. */
void pane_counts_ask(struct pane_counts *c, const struct vec *names)
{
    vec_clear(&c->wanted);
    for (size_t i = 0; i < names->len; i++)
        strv_push(&c->wanted, strv_at(names, i));
    c->again = true;
    if (c->asked || c->timer)
        return;
    if (!c->last_ms || clock_mono_ms() - c->last_ms > PAUSE_MS)
        start(c);
    else
        c->timer = loop_timer(pane_loop(c->pane), PAUSE_MS, start, c);
}

/* What is known. */
bool pane_counts_get(const struct pane_counts *c, const char *name, int64_t *count,
                     int64_t *unread)
{
    for (size_t i = 0; i < c->counts.len; i++) {
        const struct count *k = vec_at(&c->counts, i);
        if (!str_eq(k->name, name))
            continue;
        *count = k->count;
        *unread = k->unread;
        return k->known;
    }
    return false;
}
