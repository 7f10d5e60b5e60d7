/* notes.h - what app/ needs of this feature. */
#ifndef NOTES_NOTES_H
#define NOTES_NOTES_H

#include "command/command.h"
#include "command/hook.h"
#include "command/option.h"

struct migration_list;
struct pane_ops;

extern const struct command notes_commands[];        /* note …, meet … */
extern const struct option notes_options[];          /* notes.* */
extern const struct migration_list notes_migrations; /* notes, segments, minutes */
extern const struct hook_import *const notes_importers[];
extern const struct pane_ops *const notes_panes[];   /* pane.c; tab 2 */

/* Registers journal fields, the job kind and the offline way of minutes; once, before store_open. */
void notes_register(void);

#endif
