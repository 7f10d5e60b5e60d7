/* inbox.h - what app/ needs of this feature. The commands over mail and over the store that stand
 * in this folder have tables of their own (commands_mail.c, commands_store.c). */
#ifndef INBOX_INBOX_H
#define INBOX_INBOX_H

#include "command/command.h"
#include "command/hook.h"
#include "command/option.h"
#include "store/store.h"

extern const struct command inbox_commands[];        /* drafts, sending, triage, summary, templates */
extern const struct option inbox_options[];          /* triage.*, draft.*, reply.* */
extern const struct migration_list inbox_migrations; /* drafts, judgements, what was learned */
extern const struct hook_work *const inbox_work[];   /* triage of new mail; NULL ends */

/* Registers journal fields, job kinds and the offline ways of draft, instruct, summary and triage;
 * once, before store_open. */
void inbox_register(void);

#endif
