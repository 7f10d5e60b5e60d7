/* import_child.h - `import` on the screen: the same command in a program of its own. */
#ifndef APP_IMPORT_CHILD_H
#define APP_IMPORT_CHILD_H

#include "command/command.h"

/* Starts it with the call's arguments and options; its rows and its end become the call's. */
enum command_result import_child_run(struct command_call *c);

#endif
