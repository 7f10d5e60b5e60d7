/* session_work.h - what falls due while a screen is open (sends, snoozes, sorting, the index): the
 * hooks of all parts, one after the other, woken by time and by changes; nothing wakes in between. */
#ifndef APP_SESSION_WORK_H
#define APP_SESSION_WORK_H

struct error;
struct store;
struct session_work;

/* on_error (may be NULL) hears what a hook could not do. */
struct session_work *session_work_new(struct store *s,
                                      void (*on_error)(void *user, const struct error *err),
                                      void *user);
/* Something changed: looks again soon. */
void session_work_look(struct session_work *w);
/* Looks at once, also when something has just failed: the screen is being left. */
void session_work_hurry(struct session_work *w);
/* What runs is let go: its end reaches nobody. */
void session_work_free(struct session_work *w);

#endif
