/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wake.c - snoozed conversations come back when their time is there */
#include "mail/wake.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "mail/snooze.h"
#include "mail/store.h"

struct waking {
    int64_t count;
    void (*done)(void *user, int count, const struct error *err);
    void *user;
};

/* The end of the next snooze. */
static int64_t wake_due(struct store *s)
{
    return mail_thread_next_wake(store_reader(s));
}

/* The operation. */
static enum status wake(struct db *db, void *record, struct error *err)
{
    return mail_thread_wake(db, clock_now(), &((struct waking *)record)->count, err);
}

static const struct store_op wake_op = {
    .name = "mail.wake", .klass = OP_STREAM, .run = wake, .free = free};

/* They are back. */
static void woken(void *user, void *record, const struct error *err)
{
    struct waking *w = record;

    (void)user;
    w->done(w->user, (int)w->count, err);
}

/* Brings back what is due. */
static void wake_run(struct store *s,
                     void (*done)(void *user, int count, const struct error *err), void *user)
{
    struct waking *w = mem_alloc(sizeof *w);

    w->done = done;
    w->user = user;
    store_post(s, &wake_op, w, woken, NULL);
}

const struct hook_work mail_wake_work = {.name = "snooze", .due = wake_due, .run = wake_run};
