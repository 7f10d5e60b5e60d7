/* gather.h - finding the ids of a CMD_IDS call before it runs (call.c and ids.c only). */
#ifndef COMMAND_GATHER_H
#define COMMAND_GATHER_H

#include <stdbool.h>

#include "base/vec.h"
#include "command/call.h"

struct store_asked;

struct command_gather {
    struct vec ids;            /* struct command_target */
    size_t first;              /* the argument that the ids begin at */
    const char *query;         /* borrow: the line's; NULL */
    struct store_asked *asked; /* a search under way */
    struct command_call *call; /* borrow */
    void (*done)(struct command_call *call, const struct error *err);
};

void gather_init(struct command_gather *g);
void gather_fini(struct command_gather *g);
/* Calls done once, perhaps from inside. */
void gather_start(struct command_gather *g, struct command_call *call,
                  const struct command_env *env, const struct command_line *line,
                  const struct vec *fixed,
                  void (*done)(struct command_call *call, const struct error *err));
/* Ends a search under way: done comes with INTERRUPTED. false when none was. */
bool gather_cancel(struct command_gather *g, const struct command_env *env);
const struct command_gather *command_gathered(const struct command_call *c);

#endif
