/* queue.h - command lines on the screen: keys and the ":" line push them, the loop's turn runs them.
 *
 * A line is "NAME ARGS…" with the quoting of bureaurc; names may be abbreviated where unique, but
 * for CMD_NO_ABBREV rows. Several lines stand beside each other when separated by " ; ". Commands
 * that wait run on side by side; what they show goes to the queue's sink. Loop thread only. */
#ifndef COMMAND_QUEUE_H
#define COMMAND_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "command/call.h"

struct command_queue;

/* The lanes of the contract, for completion and docs. */
#define COMMAND_LANES "answer act wait meet fyi bulk risk done"

/* env is copied; its sink and user must outlive the queue. env.screen is true here. */
struct command_queue *queue_new(const struct command_env *env);
/* Cancels what waits. */
void queue_free(struct command_queue *q);

/* Remembers the line for the next queue_run; a key's command acts on the rows that were on the
 * screen when it was read, so ids (struct command_target, may be NULL) can be fixed here. */
void queue_push(struct command_queue *q, const char *line, const struct vec *ids);
/* Runs what was pushed, in order; true when anything ran. */
bool queue_run(struct command_queue *q);
/* Is anything pushed and not run yet? */
bool queue_has(const struct command_queue *q);
/* Commands that are under way; C-c in a pane cancels its own by this. */
size_t queue_waiting(const struct command_queue *q);
struct command_call *queue_call(const struct command_queue *q, size_t i);

/* Completion of the ":" line: what may stand at byte `at` of line. Words go to out (strv), sorted;
 * *start is where the word to be replaced begins. Names, options, values by the rows' `complete`. */
void queue_complete(const char *line, size_t at, struct vec *out, size_t *start);
/* Who knows the values of a kind ("id folder lane label model template account file dir"):
 * registered by features and app/. add with strv_push; prefix is folded by the caller. */
/* Files (dirs_only: folders) whose path begins with prefix, `~` allowed, in order; strv. */
void queue_complete_files(const char *prefix, bool dirs_only, struct vec *out);
void queue_complete_with(const char *kind,
                         void (*fill)(struct store *s, const char *prefix, struct vec *out));
/* The store the fillers may ask; set by the screen. */
void queue_complete_store(struct store *s);

#endif
