/* ask.h - one line from the person in batch: stdin, without an echo when it is a secret. */
#ifndef SETUP_ASK_H
#define SETUP_ASK_H

#include <stdbool.h>

struct loop;
struct setup_ask;

/* prompt: for stderr when stdin is a terminal. done: once, from the loop; NULL: stdin has ended. The line is
 * wiped after. Reads not a byte beyond the line's end. */
struct setup_ask *setup_ask_line(struct loop *l, const char *prompt, bool secret,
                                 void (*done)(void *user, const char *line), void *user);
/* Puts the terminal back as it was; NULL is allowed. */
void setup_ask_cancel(struct setup_ask *a);

#endif
