/* ring.h - the processes that have one store open: who they are, and a bell between them.
 *
 * Each binds a datagram socket in DIR (state/ring, 0700). Ringing sends a byte to every other; who
 * is rung looks into the table of changes for what is new. Nobody polls. The sender's uid is
 * checked. A socket nobody answers at belonged to a process that died and is removed. */
#ifndef STORE_RING_H
#define STORE_RING_H

#include <stdbool.h>

#include "base/error.h"

struct ring;

enum status ring_open(const char *dir, struct ring **out, struct error *err) MUST_CHECK;
void ring_close(struct ring *r);
int ring_fd(const struct ring *r); /* readable when somebody rang */
bool ring_heard(struct ring *r);   /* empties the socket; true when one of ours rang */
/* Any thread. */
void ring_ring(struct ring *r);
int ring_others(struct ring *r);

#endif
