/* delivery.h - what a thread hands to the loop: calls that run there once, in order. */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

struct delivery;
struct loop;

/* l may be NULL: then calls run only by delivery_run. */
struct delivery *delivery_new(struct loop *l);
/* Runs what is due, then lets go; a turn of the loop that comes later finds nothing. */
void delivery_close(struct delivery *d);
/* Any thread: fn(a, b) runs in the loop's thread. */
void delivery_put(struct delivery *d, void (*fn)(void *a, void *b), void *a, void *b);
void delivery_run(struct delivery *d);

#endif
