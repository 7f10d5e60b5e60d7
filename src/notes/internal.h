/* internal.h - between the files of src/notes. */
#ifndef NOTES_INTERNAL_H
#define NOTES_INTERNAL_H

#include "command/command.h"

struct hook_import_result;

void minutes_store_register(void); /* minutes_store.c */
void minutes_offline_register(void); /* minutes_offline.c */

enum command_result notes_run_import(struct command_call *c);  /* import.c */
enum command_result notes_run_minutes(struct command_call *c); /* minutes_command.c */

#endif
