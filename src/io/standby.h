/* standby.h - tells when the machine has slept: the wall clock went on without the steady one. What
 * was connected then may be gone without a word. Nothing wakes up meanwhile. Loop thread. */
#ifndef IO_STANDBY_H
#define IO_STANDBY_H

struct loop;
struct standby;

/* on_wake comes each time, a moment after. Where the system cannot tell, it never comes. */
struct standby *standby_new(struct loop *l, void (*on_wake)(void *user), void *user);
/* NULL is allowed; legal in on_wake. */
void standby_free(struct standby *s);

#endif
