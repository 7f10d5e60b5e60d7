/* SPDX-License-Identifier: GPL-3.0-or-later */
/* finder.c - the thread that answers questions and changes nothing.
 *
 * A question lives until its done has run in the loop. Until then it may be cancelled: one that
 * waits never runs, one that runs is interrupted. */
#include "store/finder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "store/db.h"
#include "store/db_internal.h"
#include "store/delivery.h"

#define FINDER_CACHE_KIB 8192

struct store_asked {
    struct store_asked *next;
    struct finder *finder;
    const struct store_question *question; /* borrow */
    void *record;                          /* own */
    void (*done)(void *user, void *record, const struct error *err);
    void *user;
    struct error error;
    atomic_bool cancelled;
};

struct finder {
    char *path;                /* own */
    struct delivery *delivery; /* borrow */
    struct db *db;             /* own; opened at the first question */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool threaded, ending;
    struct store_asked *first, **last, *running;
};

/* Answers in the loop. */
static void deliver(void *a, void *unused)
{
    (void)unused;
    struct store_asked *asked = a;
    if (asked->cancelled)
        error_set(&asked->error, STATUS_INTERRUPTED, _("stopped"));
    if (asked->done)
        asked->done(asked->user, asked->record, &asked->error);
    if (asked->question->free)
        asked->question->free(asked->record);
    free(asked);
}

/* Takes the next question; NULL when none. The lock is held. */
static struct store_asked *take(struct finder *f)
{
    struct store_asked *a = f->first;
    if (!a)
        return NULL;
    f->first = a->next;
    if (!f->first)
        f->last = &f->first;
    f->running = a;
    if (f->db)
        db_resume(f->db);
    return a;
}

/* Answers one question. */
static void answer(struct finder *f, struct store_asked *a)
{
    enum status s = a->cancelled ? STATUS_INTERRUPTED : STATUS_OK;
    if (s == STATUS_OK && !f->db) {
        struct db *db = NULL;
        s = db_open(f->path, DB_READ, &db, &a->error);
        if (db)
            db_set_cache(db, FINDER_CACHE_KIB);
        pthread_mutex_lock(&f->lock);
        f->db = db;
        if (a->cancelled)
            s = STATUS_INTERRUPTED;
        pthread_mutex_unlock(&f->lock);
    }
    if (s == STATUS_OK)
        s = a->question->run(f->db, a->record, &a->error);
    if (s == STATUS_INTERRUPTED && a->error.status == STATUS_OK)
        error_set(&a->error, s, _("stopped"));
    pthread_mutex_lock(&f->lock);
    f->running = NULL;
    pthread_mutex_unlock(&f->lock);
    delivery_put(f->delivery, deliver, a, NULL);
}

/* The thread. */
static void *work(void *user)
{
    struct finder *f = user;
    pthread_mutex_lock(&f->lock);
    for (;;) {
        struct store_asked *a = take(f);
        if (a) {
            pthread_mutex_unlock(&f->lock);
            answer(f, a);
            pthread_mutex_lock(&f->lock);
        } else if (f->ending) {
            break;
        } else {
            pthread_cond_wait(&f->wake, &f->lock);
        }
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* The thread starts with the first question. */
struct finder *finder_new(const char *path, struct delivery *delivery, bool thread)
{
    struct finder *f = mem_alloc(sizeof *f);
    f->path = mem_strdup(path);
    f->delivery = delivery;
    f->last = &f->first;
    f->threaded = thread;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->wake, NULL);
    return f;
}

/* Ends the thread; what waits is told so. */
void finder_free(struct finder *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    for (struct store_asked *a = f->first; a; a = a->next)
        a->cancelled = true;
    if (f->running) {
        f->running->cancelled = true;
        if (f->db)
            db_interrupt(f->db);
    }
    f->ending = true;
    bool joined = f->thread != 0;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    if (joined)
        pthread_join(f->thread, NULL);
    db_close(f->db);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->wake);
    free(f->path);
    free(f);
}

/* In place: answers what waits, at a turn of the loop. */
static void in_place(void *user, void *unused)
{
    (void)unused;
    struct finder *f = user;
    pthread_mutex_lock(&f->lock);
    struct store_asked *a = f->running ? NULL : take(f);
    pthread_mutex_unlock(&f->lock);
    if (a)
        answer(f, a);
}

/* Asks. */
struct store_asked *finder_ask(struct finder *f, const struct store_question *q, void *record,
                               void (*done)(void *user, void *record, const struct error *err),
                               void *user)
{
    struct store_asked *a = mem_alloc(sizeof *a);
    a->finder = f;
    a->question = q;
    a->record = record;
    a->done = done;
    a->user = user;
    pthread_mutex_lock(&f->lock);
    *f->last = a;
    f->last = &a->next;
    if (f->threaded && !f->thread && pthread_create(&f->thread, NULL, work, f) != 0)
        f->threaded = false;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
    if (!f->threaded)
        delivery_put(f->delivery, in_place, f, NULL);
    return a;
}

/* The question is stale. */
void finder_cancel(struct store_asked *a)
{
    struct finder *f = a ? a->finder : NULL;
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    a->cancelled = true;
    if (f->running == a && f->db)
        db_interrupt(f->db);
    pthread_mutex_unlock(&f->lock);
}
