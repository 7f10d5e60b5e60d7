/* SPDX-License-Identifier: GPL-3.0-or-later */
/* whole.c - links every member of libbureau-core.a, but neither ncurses nor readline: when this
 * program exists, nothing below the screen needs the screen. */
#include "tap.h"

#include <stdlib.h>

#include "base/alloc.h"

int main(void)
{
    void *p = mem_alloc(1);
    ok(p != NULL, "libbureau-core.a links whole without ncurses and readline");
    free(p);
    return tap_end();
}
