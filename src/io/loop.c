/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop.c - the one event loop: descriptors, timers, posted work, libcurl's transfers.
 *
 * Until the first transfer there is no libcurl: poll(2) waits. While transfers run,
 * curl_multi_poll waits for their sockets and for ours; it does not report hang-ups of ours, so a
 * poll(2) that does not wait asks again. Watches that are removed while callbacks run are marked
 * and freed at the end of the turn. */
#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "io/transfer.h"

enum {
    FRAME_MS = 40,  /* who waits no longer than this waits for the next frame */
    TRICKLE = 4096, /* bytes that a turn of a stream brings at most, when it is no flood */
};

struct loop_watch {
    struct loop_watch *next;
    int fd; /* -1: a timer */
    int events;
    bool dead;
    int64_t due;    /* timers */
    uint64_t order; /* of equal timers */
    void (*on_ready)(void *user, int events);
    void (*on_time)(void *user);
    void *user;
};

struct posted {
    void (*fn)(void *user);
    void *user;
};

struct loop {
    int wake_fd;
    bool in_turn;
    uint64_t orders;
    struct loop_watch *watches; /* own */
    bool some_dead;
    CURLM *multi;
    struct transfer *transfers;
    struct loop_guest *guests;
    struct pollfd *polled; /* own; parallel to polled_watch */
    struct curl_waitfd *waited;
    struct loop_watch **polled_watch;
    size_t polled_cap;
    pthread_mutex_t lock; /* of posts */
    struct vec posts;     /* struct posted */
};

/* Makes a loop. */
struct loop *loop_new(void)
{
    struct loop *l = mem_alloc(sizeof *l);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(l->wake_fd >= 0);
    pthread_mutex_init(&l->lock, NULL);
    vec_init(&l->posts, sizeof(struct posted), NULL);
    return l;
}

/* Frees watches, transfers that still run, and the loop. */
void loop_free(struct loop *l)
{
    if (!l)
        return;
    assert(!l->in_turn);
    while (l->guests) {
        struct loop_guest *g = l->guests;
        l->guests = g->next;
        g->on_free(g);
    }
    while (l->watches) {
        struct loop_watch *w = l->watches;
        l->watches = w->next;
        free(w);
    }
    if (l->multi)
        curl_multi_cleanup(l->multi);
    close(l->wake_fd);
    vec_fini(&l->posts);
    pthread_mutex_destroy(&l->lock);
    free(l->polled);
    free(l->waited);
    free(l->polled_watch);
    free(l);
}

/* Adds an empty watch. */
static struct loop_watch *watch_new(struct loop *l, void *user)
{
    struct loop_watch *w = mem_alloc(sizeof *w);
    w->fd = -1;
    w->user = user;
    w->order = l->orders++;
    w->next = l->watches;
    l->watches = w;
    return w;
}

/* Watches a descriptor. */
struct loop_watch *loop_fd(struct loop *l, int fd, int events,
                           void (*on_ready)(void *user, int events), void *user)
{
    struct loop_watch *w = watch_new(l, user);
    w->fd = fd;
    w->events = events;
    w->on_ready = on_ready;
    return w;
}

/* Changes what a descriptor is watched for. */
void loop_fd_events(struct loop_watch *w, int events)
{
    w->events = events;
}

/* Calls back once, later. */
struct loop_watch *loop_timer(struct loop *l, int64_t ms, void (*on_time)(void *user), void *user)
{
    struct loop_watch *w = watch_new(l, user);
    w->due = clock_mono_ms() + (ms > 0 ? ms : 0);
    w->on_time = on_time;
    return w;
}

/* Ends a watch. */
void loop_remove(struct loop *l, struct loop_watch *w)
{
    if (!w)
        return;
    w->dead = true;
    l->some_dead = true;
}

/* Frees the watches that were removed. */
static void sweep(struct loop *l)
{
    if (!l->some_dead)
        return;
    l->some_dead = false;
    for (struct loop_watch **p = &l->watches; *p;) {
        struct loop_watch *w = *p;
        if (w->dead) {
            *p = w->next;
            free(w);
        } else {
            p = &w->next;
        }
    }
}

/* Makes the loop's thread run fn; any thread. */
void loop_post(struct loop *l, void (*fn)(void *user), void *user)
{
    pthread_mutex_lock(&l->lock);
    struct posted *p = vec_push(&l->posts);
    p->fn = fn;
    p->user = user;
    pthread_mutex_unlock(&l->lock);
    loop_wake(l);
}

/* Takes a posted call back; any thread. */
bool loop_unpost(struct loop *l, void (*fn)(void *user), void *user)
{
    bool found = false;
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->posts.len && !found; i++) {
        const struct posted *p = vec_at(&l->posts, i);
        found = p->fn == fn && p->user == user;
        if (found)
            vec_remove(&l->posts, i);
    }
    pthread_mutex_unlock(&l->lock);
    return found;
}

/* Makes the loop turn; any thread. */
void loop_wake(struct loop *l)
{
    const uint64_t one = 1;
    while (write(l->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

/* Runs what was posted before this turn; posts of these run in the next. */
static void run_posts(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    struct vec posts = l->posts;
    vec_init(&l->posts, sizeof(struct posted), NULL);
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < posts.len; i++) {
        struct posted p = *(struct posted *)vec_at(&posts, i);
        p.fn(p.user);
    }
    vec_fini(&posts);
}

/* Is something posted? */
static bool has_posts(struct loop *l)
{
    pthread_mutex_lock(&l->lock);
    bool some = l->posts.len > 0;
    pthread_mutex_unlock(&l->lock);
    return some;
}

/* The timer that is due first; NULL when there is none. */
static struct loop_watch *first_timer(struct loop *l)
{
    struct loop_watch *first = NULL;
    for (struct loop_watch *w = l->watches; w; w = w->next)
        if (!w->dead && w->on_time &&
            (!first || w->due < first->due || (w->due == first->due && w->order < first->order)))
            first = w;
    return first;
}

/* Runs the timers that were due when the turn began to run them. */
static void run_timers(struct loop *l)
{
    int64_t now = clock_mono_ms();
    uint64_t border = l->orders;
    for (;;) {
        struct loop_watch *w = first_timer(l);
        if (!w || w->due > now || w->order >= border)
            return;
        loop_remove(l, w);
        w->on_time(w->user);
    }
}

/* How long to wait: not beyond the next timer, not at all when work is there. */
static int wait_time(struct loop *l, int64_t max)
{
    if (has_posts(l))
        return 0;
    struct loop_watch *w = first_timer(l);
    if (w) {
        int64_t left = w->due - clock_mono_ms();
        left = left > 0 ? left : 0;
        max = max < 0 || left < max ? left : max;
    }
    return max < 0 ? -1 : max > 3600000 ? 3600000 : (int)max;
}

/* Collects the descriptors to poll; the first is our own bell. */
static size_t collect(struct loop *l)
{
    size_t n = 1;
    for (struct loop_watch *w = l->watches; w; w = w->next)
        n += w->fd >= 0 && !w->dead;
    if (n > l->polled_cap) {
        l->polled_cap = n + 8;
        l->polled = mem_resize(l->polled, l->polled_cap, sizeof *l->polled);
        l->waited = mem_resize(l->waited, l->polled_cap, sizeof *l->waited);
        l->polled_watch = mem_resize(l->polled_watch, l->polled_cap, sizeof *l->polled_watch);
    }
    l->polled[0] = (struct pollfd){.fd = l->wake_fd, .events = POLLIN};
    n = 1;
    for (struct loop_watch *w = l->watches; w; w = w->next)
        if (w->fd >= 0 && !w->dead && w->events) {
            short events = (short)((w->events & LOOP_READ ? POLLIN : 0) |
                                   (w->events & LOOP_WRITE ? POLLOUT : 0));
            l->polled[n] = (struct pollfd){.fd = w->fd, .events = events};
            l->polled_watch[n++] = w;
        }
    return n;
}

/* May the transfers wait? A frame is due, and all of them bring a little now and then: what comes until
 * then is read at once, instead of waking up for every word of a stream. */
static bool may_wait(const struct loop *l, int timeout)
{
    if (timeout <= 0 || timeout > FRAME_MS)
        return false;
    for (const struct transfer *t = l->transfers; t; t = t->next)
        if (!t->trickles)
            return false;
    return true;
}

/* Waits for descriptors; afterwards the pollfds say what is ready. */
static void wait_ready(struct loop *l, size_t n, int timeout)
{
    if (l->transfers && !may_wait(l, timeout)) {
        for (size_t i = 0; i < n; i++)
            l->waited[i] = (struct curl_waitfd){
                .fd = l->polled[i].fd,
                .events = (short)((l->polled[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                                  (l->polled[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0))};
        curl_multi_poll(l->multi, l->waited, (unsigned)n, timeout < 0 ? 3600000 : timeout, NULL);
        timeout = 0;
    }
    if (poll(l->polled, (nfds_t)n, timeout) < 0)
        for (size_t i = 0; i < n; i++) /* a signal: nothing is ready */
            l->polled[i].revents = 0;
    uint64_t rings;
    if (l->polled[0].revents)
        (void)!read(l->wake_fd, &rings, sizeof rings);
}

/* Calls the watches of descriptors that are ready. */
static void run_ready(struct loop *l, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct loop_watch *w = l->polled_watch[i];
        short r = l->polled[i].revents;
        if (!r || w->dead)
            continue;
        int events = (r & POLLIN ? LOOP_READ : 0) | (r & POLLOUT ? LOOP_WRITE : 0);
        if (r & (POLLHUP | POLLERR | POLLNVAL))
            events |= w->events;
        w->on_ready(w->user, events);
    }
}

/* Takes a transfer off the list. */
static void unlist(struct loop *l, struct transfer *t)
{
    if (!t->listed)
        return;
    t->listed = false;
    if (t->next)
        t->next->before = t->before;
    if (t->before)
        t->before->next = t->next;
    else
        l->transfers = t->next;
    t->next = t->before = NULL;
}

/* Lets libcurl work, then tells what it brought. */
static void run_transfers(struct loop *l)
{
    if (!l->transfers)
        return;
    int running, left;
    for (struct transfer *t = l->transfers; t; t = t->next)
        t->brought = 0;
    CURLMcode code = curl_multi_perform(l->multi, &running);
    for (struct transfer *t = l->transfers; t; t = t->next)
        t->trickles = t->brought > 0 && t->brought < TRICKLE;
    if (code != CURLM_OK)
        log_warn("curl_multi_perform: %s", curl_multi_strerror(code));
    for (CURLMsg *m; (m = curl_multi_info_read(l->multi, &left));) {
        struct transfer *t = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        if (t) {
            t->ended = true;
            t->result = m->data.result;
        }
    }
    /* A callback may end or add any transfer, so the list is begun anew after each change: first
     * a copy of who is there, then each that is still there. */
    size_t n = 0, cap = 0;
    struct transfer **some = NULL;
    for (struct transfer *t = l->transfers; t; t = t->next) {
        if (n == cap) {
            cap = cap ? cap * 2 : 8;
            some = mem_resize(some, cap, sizeof *some);
        }
        some[n++] = t;
    }
    for (size_t i = 0; i < n; i++) {
        for (int step = 0; step < 2; step++) {
            struct transfer *t = l->transfers;
            while (t && t != some[i])
                t = t->next;
            if (!t)
                break;
            if (step == 0) {
                t->deliver(t);
            } else if (t->ended) {
                if (!t->stays || t->result != CURLE_OK)
                    curl_multi_remove_handle(l->multi, t->easy);
                unlist(l, t);
                t->done(t, t->result);
            }
        }
    }
    free(some);
}

/* One turn. */
void loop_turn(struct loop *l, int64_t max_wait_ms)
{
    assert(!l->in_turn);
    l->in_turn = true;
    sweep(l);
    size_t n = collect(l);
    wait_ready(l, n, wait_time(l, max_wait_ms));
    run_posts(l);
    run_timers(l);
    run_transfers(l);
    run_ready(l, n);
    l->in_turn = false;
    sweep(l);
}

/* Turns until a callback says it is done. */
void loop_run(struct loop *l, const bool *done)
{
    while (!*done)
        loop_turn(l, -1);
}

/* Starts libcurl. */
static void start_curl(void)
{
    if (curl_load())
        curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Starts libcurl once. */
bool transfer_global(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_curl);
    return curl_load();
}

/* Lets a transfer run on the loop. */
bool loop_transfer_add(struct loop *l, struct transfer *t)
{
    if (!transfer_global())
        return false;
    if (!l->multi)
        l->multi = curl_multi_init();
    if (!l->multi)
        mem_exhausted();
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, (char *)t);
    if (curl_multi_add_handle(l->multi, t->easy) != CURLM_OK)
        return false;
    t->ended = false;
    t->listed = true;
    t->before = NULL;
    t->next = l->transfers;
    if (t->next)
        t->next->before = t;
    l->transfers = t;
    loop_wake(l); /* its first step is taken in the next turn */
    return true;
}

/* Takes an unfinished or a staying transfer off. */
void loop_transfer_remove(struct loop *l, struct transfer *t)
{
    if (!t->listed && !(t->stays && t->ended && t->result == CURLE_OK))
        return;
    t->ended = false;
    curl_multi_remove_handle(l->multi, t->easy);
    unlist(l, t);
}

/* Somebody wants to know when the loop goes. */
void loop_guest_add(struct loop *l, struct loop_guest *g)
{
    g->next = l->guests;
    l->guests = g;
}

/* And no longer. */
void loop_guest_remove(struct loop *l, struct loop_guest *g)
{
    for (struct loop_guest **p = &l->guests; *p; p = &(*p)->next)
        if (*p == g) {
            *p = g->next;
            return;
        }
}
