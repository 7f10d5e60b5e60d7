/* loop.h - the one event loop of a process. It never waits outside loop_turn.
 *
 * Behind it: curl_multi_poll with extra descriptors (http.c and smtp.c add their transfers to the
 * same multi handle, made at the first transfer so that a start without network pays nothing).
 * All calls belong to the loop's thread, but loop_post and loop_wake, which any thread may call.
 * Callbacks may call anything here, also removing themselves. Callbacks run inside loop_turn only,
 * in this order: posted work, timers, transfers, descriptors. */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch; /* a descriptor or a timer; owned by the loop until removed */

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop *loop_new(void);
void loop_free(struct loop *l);

/* events: LOOP_READ|LOOP_WRITE (also told on hang-up). */
struct loop_watch *loop_fd(struct loop *l, int fd, int events,
                           void (*on_ready)(void *user, int events), void *user);
void loop_fd_events(struct loop_watch *w, int events);
/* Once, after ms. The watch is gone when the callback has begun. */
struct loop_watch *loop_timer(struct loop *l, int64_t ms, void (*on_time)(void *user), void *user);
/* NULL is allowed. */
void loop_remove(struct loop *l, struct loop_watch *w);

/* Runs fn(user) in the loop's thread at the next turn. Any thread; FIFO. */
void loop_post(struct loop *l, void (*fn)(void *user), void *user);
/* Takes back one such call that has not run; false when there is none. Any thread. */
bool loop_unpost(struct loop *l, void (*fn)(void *user), void *user);
void loop_wake(struct loop *l);

/* One turn: waits at most max_wait_ms (-1: until something happens, 0: not at all). */
void loop_turn(struct loop *l, int64_t max_wait_ms);
/* Turns until *done; the way of batch commands. */
void loop_run(struct loop *l, const bool *done);

#endif
