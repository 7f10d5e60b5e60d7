/* outside.h - what the screen asks of other programs: the clipboard, the editor. */
#ifndef TUI_OUTSIDE_H
#define TUI_OUTSIDE_H

#include <stdbool.h>

/* While an editor owns the terminal nothing is drawn and no key is read. */
bool outside_busy(void);

#endif
