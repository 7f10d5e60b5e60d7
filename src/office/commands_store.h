/* commands_store.h - the commands over the store itself: search, count, undo, redo, journal, job,
 * backup, restore, verify. */
#ifndef OFFICE_COMMANDS_STORE_H
#define OFFICE_COMMANDS_STORE_H

#include "command/command.h"

extern const struct command office_store_commands[];

/* commands_journal.c */
enum command_result office_run_undo(struct command_call *c);
enum command_result office_run_redo(struct command_call *c);
enum command_result office_run_journal(struct command_call *c);

/* commands_people.c */
enum command_result office_run_people(struct command_call *c);

/* commands_search.c */
extern const struct command_option office_search_options[], office_count_options[];
enum command_result office_run_search(struct command_call *c);
enum command_result office_run_count(struct command_call *c);

#endif
