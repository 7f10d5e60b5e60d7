/* internal.h - between the files of src/notes. */
#ifndef NOTES_INTERNAL_H
#define NOTES_INTERNAL_H

#include "command/command.h"

struct db;

/* The full screen's way to go on after `note new`: the note opens. NULL in batch. */
extern void (*notes_on_screen)(struct command_call *c, const char *id);

/* A note that was never given a word or a title goes without a trace. */
enum status note_drop_empty(struct db *db, int64_t id, struct error *err) MUST_CHECK;

void minutes_store_register(void); /* minutes_store.c */
void minutes_offline_register(void); /* minutes_offline.c */

enum command_result notes_run_import(struct command_call *c);  /* import.c */
enum command_result notes_run_minutes(struct command_call *c); /* minutes_command.c */

#endif
