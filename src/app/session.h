/* session.h - the full screen as a run of the program: from opening the office to leaving it. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "command/call.h"

/* Opens the office (app_open), shows the screen until a person leaves; the exit status. */
int session_run(const struct command_globals *g, const char *link /* mailto:…; NULL */,
                bool setup /* its questions come first */);

#endif
