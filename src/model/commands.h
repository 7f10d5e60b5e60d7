/* commands.h - what this wing gives app/: tables without journal (egress, usage, capability),
 * settings, commands, a check for doctor. */
#ifndef MODEL_COMMANDS_H
#define MODEL_COMMANDS_H

#include "command/command.h"
#include "command/hook.h"
#include "command/option.h"
#include "store/store.h"

extern const struct migration_list model_migrations;
extern const struct option model_options[];
extern const struct command model_commands[];
/* Completion of models' names. */
void model_register(void);
void model_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline);

#endif
