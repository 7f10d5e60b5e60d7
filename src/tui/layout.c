/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layout.c - where panes stand, and drawing those that changed. */
#include "tui/screen.h"
#include "tui/tuidata.h"

#define SMALLEST_BESIDE 60 /* columns under which two panes never stand beside each other */
#define SMALLEST_BELOW 14  /* rows under which they never stand one below the other */

/* How two panes of a tab stand: 0 only one, 1 side by side, 2 one below the other. */
int layout_beside(struct tui *t, const struct tui_tab *tab)
{
    const struct grid *g = screen_grid();
    (void)t;
    if (tab->zoom || tab->split == SPLIT_NONE)
        return 0;
    if (tab->split == SPLIT_BELOW)
        return g->rows >= SMALLEST_BELOW ? 2 : 0;
    if (tab->split == SPLIT_BESIDE)
        return g->cols >= SMALLEST_BESIDE ? 1 : 0;
    return g->cols >= TUI_BESIDE && g->rows >= 12 ? 1 : 0;
}

/* The size or the split changed: all is drawn. */
void layout_fit(struct tui *t)
{
    t->all_dirty = t->dirty = true;
}

/* Reads again what changed since; a key then never works on rows that are gone. */
void layout_refresh(struct pane *p)
{
    unsigned bits = p->bits;
    p->bits = 0;
    if (!bits || !p->ops->reload)
        return;
    p->ops->reload(p->state, bits);
    p->dirty = true;
}

/* Draws one pane in its place when it asked for it. */
static void draw_pane(struct tui *t, struct pane *p, struct canvas c)
{
    if (!p->visible || p->cols != c.cols)
        p->dirty = true;
    p->visible = true;
    p->rows = c.rows;
    p->cols = c.cols;
    layout_refresh(p);
    if (!p->dirty && !p->moved && !t->all_dirty)
        return;
    p->moved = p->moved && !p->dirty && !t->all_dirty;
    p->dirty = false;
    p->ops->draw(p->state, &c, p == stack_top(t) && !t->question.open);
    p->moved = false;
}

/* Forgets which panes were on the screen. */
static void hide_all(struct tui *t, struct pane *shown[2], int n)
{
    for (int i = 1; i <= TUI_TABS; i++)
        for (int j = 0; j < t->tabs[i].count; j++) {
            struct pane *p = t->tabs[i].stack[j];
            if (!(n > 0 && p == shown[0]) && !(n > 1 && p == shown[1]))
                p->visible = false;
        }
}

/* Draws what changed. */
void layout_draw(struct tui *t)
{
    struct grid *g = screen_grid();
    struct canvas all = grid_canvas(g);
    struct pane *shown[2] = {NULL, NULL};
    int n = stack_shown(t, shown), below = rows_height(t, g->rows, g->cols);
    struct canvas room = canvas_sub(&all, 1, 0, g->rows - 1 - below, g->cols);
    hide_all(t, shown, n);
    if (t->all_dirty)
        g->cursor_row = g->cursor_col = -1;
    struct canvas tabs = canvas_sub(&all, 0, 0, 1, g->cols);
    rows_tabs(t, &tabs);
    if (n == 0) {
        canvas_clear(&room);
    } else if (n == 1) {
        draw_pane(t, shown[0], room);
    } else if (layout_beside(t, &t->tabs[t->tab]) == 1) {
        int left = room.cols * 46 / 100;
        draw_pane(t, shown[0], canvas_sub(&room, 0, 0, room.rows, left));
        canvas_rule_down(&room, left);
        draw_pane(t, shown[1], canvas_sub(&room, 0, left + 1, room.rows, room.cols - left - 1));
    } else {
        int upper = room.rows * 4 / 10;
        draw_pane(t, shown[0], canvas_sub(&room, 0, 0, upper, room.cols));
        canvas_rule_across(&room, upper);
        draw_pane(t, shown[1],
                  canvas_sub(&room, upper + 1, 0, room.rows - upper - 1, room.cols));
    }
    struct canvas rows = canvas_sub(&all, g->rows - below, 0, below, g->cols);
    rows_draw(t, &rows);
    t->all_dirty = false;
}
