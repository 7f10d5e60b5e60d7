/* setup_pane.h - the first start's three questions. */
#ifndef APP_SETUP_PANE_H
#define APP_SETUP_PANE_H

#include <stdbool.h>

struct pane_ops;
struct paths;

extern const struct pane_ops setup_pane;

/* No bureaurc and no account: open it above the inbox. */
bool setup_is_wanted(const struct paths *paths);

#endif
