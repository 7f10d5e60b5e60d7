/* child.h - other programs, by posix_spawn with an argv; never a shell. A child gets a clean
 * environment (PATH, HOME, LANG, LC_*, TERM, TZ, DISPLAY and what is named) and no descriptor of ours but 0-2. */
#ifndef IO_CHILD_H
#define IO_CHILD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

struct loop;
struct child;

struct child_events {
    void (*on_output)(void *user, int fd /* 1 or 2 */, const char *bytes, size_t n);
    void (*on_exit)(void *user, int code /* 128+signal when killed */); /* exactly once, last */
};

/* Runs beside the loop; input (may be NULL) is copied and written to its stdin. */
struct child *child_start(struct loop *l, char *const argv[], const char *input, size_t n,
                          const struct child_events *ev, void *user, struct error *err);
void child_kill(struct child *c, int signal);

/* Waits for it (batch and key-command only): stdout up to max bytes; FAILED with its stderr when
 * the exit code is not 0; LIMIT after timeout_ms (it is killed). */
enum status child_capture(char *const argv[], size_t max, int64_t timeout_ms, struct str *out,
                          struct error *err) MUST_CHECK;

/* The environment that children get; free the array only. */
char **child_environment(void);

#endif
