/* inbox.h - what app/ needs of this feature. */
#ifndef INBOX_INBOX_H
#define INBOX_INBOX_H

struct command;
struct option;
struct migration_list;

extern const struct command inbox_commands[];        /* drafts, sending, triage, summary, templates */
extern const struct option inbox_options[];          /* triage.*, draft.*, reply.* */
extern const struct migration_list inbox_migrations; /* drafts, lanes, what was learned */

/* Registers journal fields, job kinds and the offline ways of draft, instruct, summary and triage;
 * once, before store_open. */
void inbox_register(void);

#endif
