/* SPDX-License-Identifier: GPL-3.0-or-later */
/* links.c - OSC 8 hyperlinks, which ncurses does not know: cells it has drawn are drawn again inside
 * the sequence. The addresses in the grid have passed gate_url; nothing else goes into it. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "command/option.h"
#include "tui/canvas.h"
#include "tui/screen.h"

/* Is the variable a number from `least` on? */
static bool at_least(const char *name, long least)
{
    const char *value = getenv(name);
    return value && strtol(value, NULL, 10) >= least;
}

/* Is the terminal known to have hyperlinks? Over SSH often only TERM is told. */
static bool is_known(void)
{
    static const char *const terms[] = {"xterm-kitty", "foot", "alacritty", "wezterm", "xterm-ghostty",
                                        "contour", "mintty", "iterm", "rio"};
    static const char *const programs[] = {"iTerm.app", "WezTerm", "vscode", "ghostty", "rio", "Hyper",
                                           "mintty"};
    const char *term = getenv("TERM"), *program = getenv("TERM_PROGRAM");
    const char *version = getenv("TERM_PROGRAM_VERSION");
    if (!term || !*term)
        return false;
    if (str_starts(term, "tmux") || str_starts(term, "screen"))
        return str_eq(program, "tmux") && version && strtod(version, NULL) >= 3.4;
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++)
        if (str_starts(term, terms[i]))
            return true;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (str_eq(program, programs[i]))
            return true;
    return at_least("VTE_VERSION", 5000) || at_least("KONSOLE_VERSION", 201200) || getenv("WT_SESSION") ||
           getenv("KITTY_WINDOW_ID");
}

/* Are they wanted? */
bool links_wanted(void)
{
    const char *wanted = option_find("tui.hyperlinks") ? option_text("tui.hyperlinks") : "off";
    return str_eq(wanted, "on") || (str_eq(wanted, "auto") && is_known());
}

/* Which columns are concerned. */
bool links_look(const struct cell *now, const struct cell *shown, int cols, struct links_row *out)
{
    out->from = out->to = -1;
    for (int col = 0; col < cols; col++) {
        if (!now[col].link && !(shown && shown[col].link))
            continue;
        if (out->from < 0)
            out->from = col;
        out->to = col + 1;
    }
    while (out->from > 0 && now[out->from].ch == 0)
        out->from--;
    while (out->to > 0 && out->to < cols && now[out->to].ch == 0)
        out->to++;
    return out->from >= 0;
}

/* Opens a hyperlink, or ends the one before. */
static void change_link(const struct grid *g, uint16_t link, struct str *out)
{
    if (link && link <= g->links.len)
        str_addf(out, "\033]8;id=%u;%s\033\\", link, strv_at(&g->links, link - 1u));
    else
        str_puts(out, "\033]8;;\033\\");
}

/* Writes them. */
void links_write(const struct grid *g, const struct links_row *r,
                 void (*sgr)(unsigned style, struct str *out), uint32_t (*narrow)(uint32_t c),
                 struct str *out)
{
    const struct cell *cells = &g->cells[(size_t)r->row * (size_t)g->cols];
    unsigned style = 0x10000;
    uint16_t link = 0;
    str_addf(out, "\0337\033[%d;%dH", r->row + 1, r->from + 1);
    for (int col = r->from; col < r->to; col++) {
        const struct cell *c = &cells[col];
        char bytes[4];
        if (c->ch == 0)
            continue;
        if (c->style != style)
            sgr(style = c->style, out);
        if (c->link != link)
            change_link(g, link = c->link, out);
        str_add(out, bytes, utf8_encode(narrow(c->ch), bytes));
        for (int i = 0; i < 2 && c->mark[i]; i++)
            str_add(out, bytes, utf8_encode(c->mark[i], bytes));
    }
    if (link)
        change_link(g, 0, out);
    str_puts(out, "\0338");
}
