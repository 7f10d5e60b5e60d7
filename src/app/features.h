/* features.h - THE list: what bureau is made of, a row for each part. Adding a part is one folder
 * and one row in features.c. */
#ifndef APP_FEATURES_H
#define APP_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command/command.h"
#include "command/hook.h"
#include "command/option.h"
#include "store/store.h"

struct pane_ops; /* tui/pane.h */

struct feature {
    const char *name;                    /* "inbox" */
    const struct command *commands;      /* zero row ends; NULL: none */
    const struct option *options;        /* zero row ends; NULL: none */
    const struct migration_list *migrations; /* NULL: no tables */
    /* Journal fields, job kinds, offline engines, completion: before the store opens. */
    void (*init)(void);
    const struct pane_ops *const *panes; /* NULL ends; NULL: none. Tabs 1, 2, 3 in this order */
    const struct hook_import *const *importers; /* NULL ends */
    const struct hook_work *const *work;        /* NULL ends */
    hook_doctor_fn *doctor;
    hook_status_fn *status;
};

/* Lowest floor first; NULL past the end. */
const struct feature *feature_at(size_t i);
/* A look at what every part has to do; {.earliest = CLOCK_NONE} begins a round. */
struct feature_round {
    size_t feature, hook; /* the next to look at */
    int64_t earliest;     /* of what is due later; CLOCK_NONE */
};
/* The next hook that has something due now; NULL at the end of the round. */
const struct hook_work *feature_next_due(struct feature_round *r, struct store *s);
/* Registers commands, options and migrations and calls every init, once. */
void features_register(void);

#endif
