/* setup.h - what app/ needs of this feature: accounts made, signed in, checked. */
#ifndef SETUP_SETUP_H
#define SETUP_SETUP_H

#include "command/command.h"
#include "command/hook.h"
#include "command/option.h"

struct pane_ops;
struct paths;

extern const struct command setup_commands[];      /* setup */
extern const struct option setup_options[];        /* setup.*, net.dns */
extern const struct pane_ops *const setup_panes[]; /* pane.c; the first start */

/* Lets `setup` without words open the pane on the screen (pane.c). */
void setup_screen_register(void);
/* No bureaurc and no account: open the pane "setup" above the inbox (pane.c). */
bool setup_is_wanted(const struct paths *paths);
/* The check of accounts: servers, certificates, logins, tokens, folders. */
hook_doctor_fn setup_doctor;

#endif
