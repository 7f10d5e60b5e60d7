/* pane_counts.h - how much lies behind the rows of the side list, counted by the finder.
 *
 * A row is named by what it opens: "threads folder 3", "threads snoozed", "threads muted",
 * "results QUERY". Old counts stay until new ones are there; at most one question is under way, and
 * the next waits a second, so that a sync does not keep the finder counting. Loop thread. */
#ifndef INBOX_PANE_COUNTS_H
#define INBOX_PANE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct pane;
struct pane_counts;

/* on_counted(user) when counts have come. */
struct pane_counts *pane_counts_new(struct pane *p, void (*on_counted)(void *user), void *user);
void pane_counts_free(struct pane_counts *c);
/* Counts these names (strv) soon. */
void pane_counts_ask(struct pane_counts *c, const struct vec *names);
/* false: not counted yet. unread: of folders. */
bool pane_counts_get(const struct pane_counts *c, const char *name, int64_t *count,
                     int64_t *unread);

#endif
