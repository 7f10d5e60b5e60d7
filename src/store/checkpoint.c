/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checkpoint.c - the log goes into the file on a thread of its own. */
#include "store/checkpoint.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "store/db.h"
#include "store/db_internal.h"

struct checkpoint {
    char *path; /* own */
    struct db *db; /* own; the thread's */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool started, asked, ending;
};

/* One run. */
static void run(struct checkpoint *c)
{
    struct error err = ERROR_INIT;
    if (!c->db && db_open(c->path, DB_READ, &c->db, &err) != STATUS_OK) {
        log_warn("store: checkpoint: %s", err.text);
        return;
    }
    db_checkpoint(c->db);
}

/* The thread. */
static void *work(void *user)
{
    struct checkpoint *c = user;
    pthread_mutex_lock(&c->lock);
    while (!c->ending) {
        if (!c->asked) {
            pthread_cond_wait(&c->changed, &c->lock);
            continue;
        }
        pthread_mutex_unlock(&c->lock);
        run(c);
        pthread_mutex_lock(&c->lock);
        c->asked = false;
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Nothing runs yet. */
struct checkpoint *checkpoint_new(const char *path)
{
    struct checkpoint *c = mem_alloc(sizeof *c);
    c->path = mem_strdup(path);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    return c;
}

/* Ends the thread. */
void checkpoint_free(struct checkpoint *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->ending = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    if (c->started)
        pthread_join(c->thread, NULL);
    db_close(c->db);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c->path);
    free(c);
}

/* Asks for a run. */
void checkpoint_ask(struct checkpoint *c)
{
    pthread_mutex_lock(&c->lock);
    if (!c->started)
        c->started = pthread_create(&c->thread, NULL, work, c) == 0;
    c->asked = c->started;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

/* Is one asked for or under way? */
bool checkpoint_runs(struct checkpoint *c)
{
    pthread_mutex_lock(&c->lock);
    bool runs = c->asked;
    pthread_mutex_unlock(&c->lock);
    return runs;
}

/* Waits for the end of the run. */
void checkpoint_wait(struct checkpoint *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->asked)
        pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
}
