/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_work.c - what falls due while a screen is open.
 *
 * What is more than a minute away is waited for by the wall clock (a timerfd), not by a timer of the
 * loop: that one stands still while the machine sleeps, and does not hear when the clock is set.
 *
 * A part that failed and still has something due is not asked again for a minute; the others go on. One that
 * failed with one thing and has put it away (a mail that was refused) goes on with the next at once. */
#include "app/session_work.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "app/features.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "io/loop.h"

#define PAUSE_MS 200       /* changes come in crowds: one look for them all */
#define NEAR_S 60          /* a timer of the loop will do */
#define REFUSED_MS 60000   /* a hook that failed is not asked again at once */
#define BARRED_MAX 8       /* more than there are hooks */

struct barred {
    const struct hook_work *hook; /* NULL: free */
    int64_t until;                /* ms of the clock that only runs forward */
};

struct session_work {
    struct store *store;
    struct loop_watch *timer, *alarm;
    int alarm_fd; /* -1: the system has none */
    struct feature_round round;
    const struct hook_work *hook; /* that runs, or ran last */
    struct barred barred[BARRED_MAX];
    bool busy, gone;
    void (*on_error)(void *user, const struct error *err);
    void *user;
};

static void look(struct session_work *w);

/* Time to look. */
static void on_time(void *user)
{
    struct session_work *w = user;
    w->timer = NULL;
    w->round = (struct feature_round){.earliest = CLOCK_NONE};
    look(w);
}

/* Sets the timer anew. */
static void look_in(struct session_work *w, int64_t ms)
{
    loop_remove(store_loop(w->store), w->timer);
    w->timer = loop_timer(store_loop(w->store), ms, on_time, w);
}

/* The hook that failed waits a minute, when what it failed with is still due. */
static void bar(struct session_work *w)
{
    int64_t due = w->hook->due(w->store), now = clock_mono_ms();
    if (due == CLOCK_NONE || due > clock_now())
        return;
    for (size_t i = 0; i < BARRED_MAX; i++)
        if (w->barred[i].until <= now) {
            w->barred[i] = (struct barred){w->hook, now + REFUSED_MS};
            return;
        }
}

/* For how long a hook is not asked, in ms; 0: it may be. */
static int64_t barred_for(const struct session_work *w, const struct hook_work *h)
{
    int64_t now = clock_mono_ms();
    for (size_t i = 0; i < BARRED_MAX; i++)
        if (w->barred[i].hook == h && w->barred[i].until > now)
            return w->barred[i].until - now;
    return 0;
}

/* The next thing that is due and may be asked; *wait: the shortest time of those that may not, -1 for none. */
static const struct hook_work *next_due(struct session_work *w, int64_t *wait)
{
    const struct hook_work *h;
    int64_t ms;
    *wait = -1;
    while ((h = feature_next_due(&w->round, w->store)) && (ms = barred_for(w, h)) > 0)
        *wait = *wait < 0 || ms < *wait ? ms : *wait;
    return h;
}

/* A hook has done what was due. */
static void on_done(void *user, int count, const struct error *err)
{
    struct session_work *w = user;
    (void)count;
    w->busy = false;
    if (w->gone) {
        free(w);
        return;
    }
    if (err && error_is(err)) {
        log_warn("work: %s", status_word(err->status));
        bar(w);
        if (w->on_error)
            w->on_error(w->user, err);
    }
    look_in(w, PAUSE_MS);
}

/* The alarm's time has come, or the clock was set. */
static void on_alarm(void *user, int events)
{
    struct session_work *w = user;
    uint64_t count;
    (void)events;
    if (read(w->alarm_fd, &count, sizeof count) < 0 && errno == EAGAIN)
        return;
    look_in(w, 0);
}

/* Sets the alarm so many seconds from now, by the wall clock. */
static bool set_alarm(struct session_work *w, int64_t seconds)
{
    struct itimerspec at = {.it_value.tv_sec = time(NULL) + (time_t)seconds};
    if (w->alarm_fd < 0)
        w->alarm_fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (w->alarm_fd < 0 || timerfd_settime(w->alarm_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
                                           &at, NULL) < 0)
        return false;
    if (!w->alarm)
        w->alarm = loop_fd(store_loop(w->store), w->alarm_fd, LOOP_READ, on_alarm, w);
    return true;
}

/* Runs what is due, or sleeps until something is. */
static void look(struct session_work *w)
{
    int64_t wait = -1;
    const struct hook_work *h = w->busy ? NULL : next_due(w, &wait);
    if (h) {
        w->busy = true;
        w->hook = h;
        h->run(w->store, on_done, w);
        return;
    }
    if (w->busy || (w->round.earliest == CLOCK_NONE && wait < 0))
        return;
    if (w->round.earliest == CLOCK_NONE) {
        look_in(w, wait);
        return;
    }
    int64_t seconds = w->round.earliest - clock_now();
    if (wait >= 0 && wait < seconds * 1000)
        look_in(w, wait);
    else if (seconds <= NEAR_S || !set_alarm(w, seconds))
        look_in(w, seconds < 1 ? 200 : seconds > NEAR_S ? NEAR_S * 1000 : seconds * 1000);
}

/* Begins at once. */
struct session_work *session_work_new(struct store *s,
                                      void (*on_error)(void *user, const struct error *err),
                                      void *user)
{
    struct session_work *w = mem_alloc(sizeof *w);
    w->store = s;
    w->on_error = on_error;
    w->user = user;
    w->alarm_fd = -1;
    look_in(w, 0);
    return w;
}

/* Something changed. */
void session_work_look(struct session_work *w)
{
    if (!w->busy)
        look_in(w, PAUSE_MS);
}

/* Looks at once. */
void session_work_hurry(struct session_work *w)
{
    if (w && !w->busy)
        look_in(w, 0);
}

/* Lets go. */
void session_work_free(struct session_work *w)
{
    if (!w)
        return;
    loop_remove(store_loop(w->store), w->timer);
    w->timer = NULL;
    loop_remove(store_loop(w->store), w->alarm);
    w->alarm = NULL;
    if (w->alarm_fd >= 0)
        close(w->alarm_fd);
    w->alarm_fd = -1;
    if (w->busy)
        w->gone = true;
    else
        free(w);
}
