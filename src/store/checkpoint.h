/* checkpoint.h - moving the write-ahead log into the file beside the writer.
 *
 * Syncing the file takes as long as the disk likes: a thread with a connection of its own does most
 * of it, the writer only what was added meanwhile. One owner thread; the helper is its own. */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include <stdbool.h>

struct checkpoint;

/* The thread starts when it is first asked. */
struct checkpoint *checkpoint_new(const char *path);
/* Waits for what is under way. NULL is allowed. */
void checkpoint_free(struct checkpoint *c);
/* Asks for a run and returns; nothing when one is under way. */
void checkpoint_ask(struct checkpoint *c);
/* Is one under way? */
bool checkpoint_runs(struct checkpoint *c);
/* Waits until none is. */
void checkpoint_wait(struct checkpoint *c);

#endif
