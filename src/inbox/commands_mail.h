/* commands_mail.h - the commands over stored mail: show, thread, save; archive and its kin; folders
 * and export. */
#ifndef INBOX_COMMANDS_MAIL_H
#define INBOX_COMMANDS_MAIL_H

#include "command/command.h"

extern const struct command inbox_mail_commands[];

/* Run functions that stand in files of their own. */
enum command_result inbox_show_run(struct command_call *c);
enum command_result inbox_thread_run(struct command_call *c);
/* show --raw and --headers. */
enum command_result inbox_show_raw(struct command_call *c, struct db *db, int64_t id);
enum command_result inbox_show_headers(struct command_call *c, struct db *db, int64_t id);
enum command_result inbox_save_run(struct command_call *c);
enum command_result inbox_export_run(struct command_call *c);
enum command_result inbox_folders_run(struct command_call *c);
enum command_result inbox_accounts_run(struct command_call *c);
enum command_result inbox_unsubscribe_run(struct command_call *c);

/* The message an id names: itself, or the newest of a thread. NO_SUCH, or USAGE for other kinds. */
enum status inbox_message_of(struct db *db, const char *id, int64_t *message, struct error *err)
    MUST_CHECK;

#endif
