/* app.h - what the files of app/ share: the program's places, its own commands, the two ways of
 * running (batch.c; session.c for the screen). */
#ifndef APP_APP_H
#define APP_APP_H

#include <stdbool.h>
#include <stdio.h>

#include "base/path.h"
#include "command/call.h"
#include "command/command.h"
#include "command/option.h"

/* help, status, config check, doctor, work. */
extern const struct command app_commands[];

/* import.c */
extern const struct command import_commands[];

/* The places of this run (--home, BUREAU_HOME, XDG), opened once; NULL with err when they may not
 * be used. The config is read with them; its faults are printed once unless quiet. */
const struct paths *app_open(const struct command_globals *g, struct error *err);
void app_close(void);
/* As app_open found them; NULL before. */
const struct paths *app_paths(void);

/* Runs one command in batch; the exit status. line is emptied. */
int batch_run(struct command_line *line);
/* An error as batch prints it: "bureau: …", "hint: …", or JSON. Returns its exit status. */
int batch_error(const struct error *err, bool json);

/* --dump-docs KIND. NO_SUCH when there is no such kind. */
enum status docs_dump(const char *kind, FILE *out, struct error *err) MUST_CHECK;
/* Help of one command, or with NULL of the whole program, as text of a terminal. Appends. */
void docs_help(const struct command *row, struct str *out);
/* All verbs of a family ("draft"). Appends. */
void docs_family(const char *family, struct str *out);
/* Shell completions (docs_shell.c). */
void docs_bash(FILE *out);
void docs_zsh(FILE *out);
void docs_fish(FILE *out);

/* The rows' run functions that stand in files of their own. */
enum command_result doctor_run(struct command_call *c);
enum command_result work_run(struct command_call *c);

#endif
