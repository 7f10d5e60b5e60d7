/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session_work.c - what falls due while a screen is open.
 *
 * What is more than a minute away is waited for by the wall clock (a timerfd), not by a timer of the
 * loop: that one stands still while the machine sleeps, and does not hear when the clock is set. */
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

struct session_work {
    struct store *store;
    struct loop_watch *timer, *alarm;
    int alarm_fd; /* -1: the system has none */
    struct feature_round round;
    bool busy, again, failed, gone;
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
    w->again = false;
    look(w);
}

/* Sets the timer anew. */
static void look_in(struct session_work *w, int64_t ms)
{
    loop_remove(store_loop(w->store), w->timer);
    w->timer = loop_timer(store_loop(w->store), ms, on_time, w);
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
        w->failed = true;
        if (w->on_error)
            w->on_error(w->user, err);
    }
    look_in(w, w->failed ? REFUSED_MS : PAUSE_MS);
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
    const struct hook_work *h = w->busy ? NULL : feature_next_due(&w->round, w->store);
    if (h) {
        w->busy = true;
        w->failed = false;
        h->run(w->store, on_done, w);
        return;
    }
    if (w->busy || w->round.earliest == CLOCK_NONE)
        return;
    int64_t seconds = w->round.earliest - clock_now();
    if (seconds <= NEAR_S || !set_alarm(w, seconds))
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
    if (!w->busy && !w->failed)
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
