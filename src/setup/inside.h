/* inside.h - between the files of src/setup. */
#ifndef SETUP_INSIDE_H
#define SETUP_INSIDE_H

struct command_call;

/* The pane tells the command how to open it; account: to be signed in anew, NULL a new one. */
void setup_on_screen(void (*open)(struct command_call *c, const char *account));

#endif
