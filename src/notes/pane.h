/* pane.h - between the pane files of src/notes. */
#ifndef NOTES_PANE_H
#define NOTES_PANE_H

#include "tui/pane.h"

extern const struct pane_ops notes_pane; /* pane_list.c: notes and meetings */
extern const struct pane_ops note_pane;  /* pane.c: one of them */
extern const struct pane_ops *const notes_panes[];
/* Lets `note new` on the screen open the note for writing. */
void notes_screen_register(void);

#endif
