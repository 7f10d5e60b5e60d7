/* SPDX-License-Identifier: GPL-3.0-or-later */
/* delivery.c - from the writer and the finder to the loop. */
#include "store/delivery.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "io/loop.h"

struct parcel {
    struct parcel *next;
    void (*fn)(void *a, void *b);
    void *a, *b;
};

struct delivery {
    pthread_mutex_t lock;
    struct loop *loop; /* borrow */
    struct parcel *first, **last;
    int refs;    /* the owner and turns of the loop that were asked for */
    bool posted; /* a turn is asked for */
};

/* An empty one. */
struct delivery *delivery_new(struct loop *l)
{
    struct delivery *d = mem_alloc(sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    d->loop = l;
    d->last = &d->first;
    d->refs = 1;
    return d;
}

/* Lets go of one reference. */
static void drop(struct delivery *d)
{
    pthread_mutex_lock(&d->lock);
    bool gone = --d->refs == 0;
    pthread_mutex_unlock(&d->lock);
    if (!gone)
        return;
    pthread_mutex_destroy(&d->lock);
    free(d);
}

/* Runs what is due. */
void delivery_run(struct delivery *d)
{
    for (;;) {
        pthread_mutex_lock(&d->lock);
        struct parcel *p = d->first;
        if (p) {
            d->first = p->next;
            if (!d->first)
                d->last = &d->first;
        }
        pthread_mutex_unlock(&d->lock);
        if (!p)
            return;
        p->fn(p->a, p->b);
        free(p);
    }
}

/* The turn of the loop. */
static void on_turn(void *user)
{
    struct delivery *d = user;
    pthread_mutex_lock(&d->lock);
    d->posted = false;
    pthread_mutex_unlock(&d->lock);
    delivery_run(d);
    drop(d);
}

/* Puts one call. */
void delivery_put(struct delivery *d, void (*fn)(void *a, void *b), void *a, void *b)
{
    struct parcel *p = mem_alloc(sizeof *p);
    *p = (struct parcel){.fn = fn, .a = a, .b = b};
    pthread_mutex_lock(&d->lock);
    *d->last = p;
    d->last = &p->next;
    bool post = d->loop && !d->posted;
    if (post) {
        d->posted = true;
        d->refs++;
    }
    struct loop *l = d->loop;
    pthread_mutex_unlock(&d->lock);
    if (post)
        loop_post(l, on_turn, d);
}

/* Runs what is due and lets go. */
void delivery_close(struct delivery *d)
{
    if (!d)
        return;
    delivery_run(d);
    pthread_mutex_lock(&d->lock);
    struct loop *l = d->loop;
    d->loop = NULL;
    pthread_mutex_unlock(&d->lock);
    if (l && loop_unpost(l, on_turn, d)) /* the loop may never turn again */
        drop(d);
    drop(d); /* NOLINT: the post held the other reference */
}
