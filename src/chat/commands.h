/* commands.h - the runs of this folder's command rows that stand in a file of their own. */
#ifndef CHAT_COMMANDS_H
#define CHAT_COMMANDS_H

#include "command/command.h"

enum command_result chat_run_list(struct command_call *c);
enum command_result chat_run_show(struct command_call *c);
enum command_result chat_run_export(struct command_call *c);
enum command_result chat_run_rename(struct command_call *c);
enum command_result chat_run_fork(struct command_call *c);
enum command_result chat_run_delete(struct command_call *c);

#endif
