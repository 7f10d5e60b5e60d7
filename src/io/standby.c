/* SPDX-License-Identifier: GPL-3.0-or-later */
/* standby.c - a wake-up of the machine, noticed.
 *
 * A timer on the wall clock that is never due ends early whenever that clock jumps, which a wake-up is to
 * it (TFD_TIMER_CANCEL_ON_SET); how far it went ahead of the steady clock, which stands still in sleep,
 * says whether it is one. */
#include "io/standby.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/loop.h"

#define NAP_MS 5000                /* less is a clock put right, and lines outlast it */
#define NEVER_S (100 * 365 * 86400LL)

struct standby {
    struct loop *loop; /* borrow */
    struct loop_watch *watch;
    int fd;        /* -1: the system has none */
    int64_t ahead; /* the wall clock, of the steady one */
    void (*on_wake)(void *user);
    void *user;
};

/* Sets the timer that is never due; false where there is none of that kind. */
static bool set(struct standby *s)
{
    struct itimerspec at = {.it_value.tv_sec = time(NULL) + (time_t)NEVER_S};

    s->ahead = clock_now_ms() - clock_mono_ms();
    return s->fd >= 0 && timerfd_settime(s->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL) == 0;
}

/* The wall clock jumped. */
static void on_jump(void *user, int events)
{
    struct standby *s = user;
    int64_t before = s->ahead;
    uint64_t count;

    (void)events;
    if (read(s->fd, &count, sizeof count) < 0 && errno == EAGAIN)
        return;
    if (!set(s)) {
        loop_remove(s->loop, s->watch);
        s->watch = NULL;
    }
    if (s->ahead - before < NAP_MS)
        return;
    log_info("the machine has slept");
    s->on_wake(s->user);
}

/* Begins. */
struct standby *standby_new(struct loop *l, void (*on_wake)(void *user), void *user)
{
    struct standby *s = mem_alloc(sizeof *s);

    s->loop = l;
    s->on_wake = on_wake;
    s->user = user;
    s->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (set(s))
        s->watch = loop_fd(l, s->fd, LOOP_READ, on_jump, s);
    return s;
}

/* Ends. */
void standby_free(struct standby *s)
{
    if (!s)
        return;
    loop_remove(s->loop, s->watch);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}
