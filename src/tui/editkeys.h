/* editkeys.h - readline functions that know rows. */
#ifndef TUI_EDITKEYS_H
#define TUI_EDITKEYS_H

/* Puts ours in the place of readline's in every keymap; after the user's inputrc was read. */
void editkeys_install(void);

#endif
