/* finder.h - questions over a read-only connection: a thread, or in place at the next turn. */
#ifndef STORE_FINDER_H
#define STORE_FINDER_H

#include <stdbool.h>

#include "store/store.h"

struct finder;
struct delivery;

struct finder *finder_new(const char *path, struct delivery *delivery, bool thread);
/* What waits is ended with INTERRUPTED. */
void finder_free(struct finder *f);
struct store_asked *finder_ask(struct finder *f, const struct store_question *q, void *record,
                               void (*done)(void *user, void *record, const struct error *err),
                               void *user);
void finder_cancel(struct store_asked *a);

#endif
