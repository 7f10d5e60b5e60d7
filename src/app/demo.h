/* demo.h - `bureau demo`: the sample office in a temporary home, gone when you leave. */
#ifndef APP_DEMO_H
#define APP_DEMO_H

#include "command/command.h"

extern const struct command demo_commands[];

#endif
