/* pane.h - between the pane files of src/chat. */
#ifndef CHAT_PANE_H
#define CHAT_PANE_H

#include "command/command.h"
#include "tui/pane.h"

struct chat_turn;
struct text;

extern const struct pane_ops chats_pane; /* pane_list.c: the conversations */
extern const struct pane_ops chat_pane;  /* pane.c: one of them */

extern const struct pane_ops stashes_pane; /* pane_stash.c: texts put aside */

/* pane_stash.c: puts a text aside. */
struct store;
void chat_stash_text(struct store *s, const char *text);
/* pane.c: a text for the box of a conversation; what stands in it is put aside. */
void chat_take_text(void *state, const char *text);

/* pane_view.c: adds a turn to a text. */
void chat_view_question(struct text *t, const struct chat_turn *turn);
void chat_view_answer(struct text *t, const struct chat_turn *turn);

/* What only the full screen has: rows that open panes; for app/, beside chat_commands. */
extern const struct command chat_screen_commands[];
extern const struct pane_ops *const chat_panes[];
/* Lets `ask` on the ":" line answer in a pane. */
void chat_screen_register(void);

#endif
