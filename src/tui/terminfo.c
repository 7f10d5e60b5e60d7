/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terminfo.c - the one file that includes term.h, whose macros (lines, columns, tab …) bite. */
#include <curses.h>
#include <term.h>

#include "tui/screen.h"

/* A terminal without cursor addressing cannot show a full screen. */
bool screen_can_address(void)
{
    const char *cup = tigetstr("cup");
    return cup && cup != (char *)-1 && *cup;
}
