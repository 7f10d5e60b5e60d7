/* chat.h - what app/ needs of this feature. */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "command/command.h"
#include "command/option.h"

struct migration_list;
struct pane_ops;

extern const struct command chat_commands[];        /* ask, chat …, translate */
extern const struct option chat_options[];          /* chat.* */
extern const struct migration_list chat_migrations; /* conversations, turns, their sources */
extern const struct pane_ops *const chat_panes[];   /* pane.c; tab 3 */

/* Registers journal fields, the job kinds and the offline ways of ask and translate; once, before
 * store_open. */
void chat_register(void);

#endif
