/* commands.h - the runs of this folder's command rows that stand in a file of their own. */
#ifndef CHAT_COMMANDS_H
#define CHAT_COMMANDS_H

#include <stdbool.h>

#include "command/command.h"

/* The full screen's way to answer `ask`: a pane opens. NULL in batch; false: it could not. */
extern bool (*chat_on_screen)(struct command_call *c, const char *text);

enum command_result chat_run_list(struct command_call *c);
enum command_result chat_run_show(struct command_call *c);
enum command_result chat_run_export(struct command_call *c);
enum command_result chat_run_rename(struct command_call *c);
enum command_result chat_run_fork(struct command_call *c);
enum command_result chat_run_delete(struct command_call *c);

#endif
