/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stack.c - open panes: a stack per tab, what is shown of it, and what a pane may ask for. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "command/command.h"
#include "store/store.h"
#include "tui/pane.h"
#include "tui/screen.h"
#include "tui/tuidata.h"

#define KINDS_MAX 64

static const struct pane_ops *kinds[KINDS_MAX];
static size_t kind_count;

/* Remembers a kind of pane. */
void pane_register(const struct pane_ops *ops)
{
    if (kind_count < KINDS_MAX)
        kinds[kind_count++] = ops;
}

/* A kind by name. */
const struct pane_ops *stack_ops(const char *name)
{
    for (size_t i = 0; i < kind_count; i++)
        if (str_eq(kinds[i]->name, name))
            return kinds[i];
    return NULL;
}

/* The kind that a command is shown by. */
const struct pane_ops *stack_runs(const char *command)
{
    for (size_t i = 0; i < kind_count; i++)
        if (kinds[i]->runs && str_eq(kinds[i]->runs, command))
            return kinds[i];
    return NULL;
}

/* The kind that is a tab's root. */
const struct pane_ops *stack_root(int tab)
{
    for (size_t i = 0; i < kind_count; i++)
        if (kinds[i]->tab == tab)
            return kinds[i];
    return NULL;
}

/* The pane that has the focus. */
struct pane *stack_top(struct tui *t)
{
    struct tui_tab *tab = &t->tabs[t->tab];
    return tab->count ? tab->stack[tab->focus] : NULL;
}

/* Where a pane stands in its tab's stack; -1 when it was closed. */
static int index_of(const struct pane *p)
{
    const struct tui_tab *tab = &p->tui->tabs[p->tab];
    for (int i = 0; i < tab->count; i++)
        if (tab->stack[i] == p)
            return i;
    return -1;
}

/* Tells panes that the focus moved. */
void stack_focus_changed(struct tui *t)
{
    struct pane *now = stack_top(t);
    if (now == t->last_focus)
        return;
    struct pane *before = t->last_focus;
    t->last_focus = now;
    if (before && before->ops->focus && !before->closing)
        before->ops->focus(before->state, false);
    if (now && now->ops->focus)
        now->ops->focus(now->state, true);
    t->all_dirty = t->dirty = t->why_stale = true;
}

/* Takes a pane out: it is freed when the turn is over, for it may be on the C stack. */
static void bury(struct tui *t, struct pane *p)
{
    p->closing = true;
    p->visible = false;
    if (t->last_focus == p)
        t->last_focus = NULL;
    prompt_forget(t, p);
    run_forget(t, p);
    *(struct pane **)vec_push(&t->dead) = p;
}

/* Frees what was closed. */
void stack_bury(struct tui *t)
{
    for (size_t i = 0; i < t->dead.len; i++) {
        struct pane *p = *(struct pane **)vec_at(&t->dead, i);
        if (p->state)
            p->ops->free(p->state);
        free(p->arg);
        free(p->working);
        free(p);
    }
    vec_clear(&t->dead);
}

/* Closes all panes of a tab above the first `keep`. */
void stack_close_above(struct tui *t, struct tui_tab *tab, int keep)
{
    while (tab->count > keep)
        bury(t, tab->stack[--tab->count]);
    if (tab->focus >= tab->count)
        tab->focus = tab->count ? tab->count - 1 : 0;
    t->all_dirty = t->dirty = true;
}

/* Opens a pane on top of a tab's stack. NULL when it has nothing to show. */
struct pane *stack_open(struct tui *t, int tab, const struct pane_ops *ops, const char *arg)
{
    struct tui_tab *place = &t->tabs[tab];
    int most = (int)(sizeof place->stack / sizeof place->stack[0]);
    if (place->count == most)
        stack_close_above(t, place, most - 1);
    struct pane *p = mem_alloc(sizeof *p);
    p->tui = t;
    p->ops = ops;
    p->tab = tab;
    p->rows = 24;
    p->cols = 80;
    p->arg = mem_strdup_maybe(arg);
    int at = place->count++;
    place->stack[at] = p;
    p->state = ops->new_state(p, arg);
    if (!p->state) {
        place->count = at;
        free(p->arg);
        free(p->working);
        free(p);
        return NULL;
    }
    place->focus = at;
    p->dirty = true;
    t->tab = tab;
    stack_focus_changed(t);
    t->all_dirty = t->dirty = t->why_stale = true;
    return p;
}

/* Goes to a tab, opening its root when needed. */
bool stack_switch(struct tui *t, int tab)
{
    if (tab < 1 || tab > TUI_TABS)
        return false;
    if (t->tabs[tab].count == 0) {
        const struct pane_ops *root = stack_root(tab);
        if (!root || !stack_open(t, tab, root, NULL))
            return false;
    }
    t->tab = tab;
    stack_focus_changed(t);
    t->all_dirty = t->dirty = t->why_stale = true;
    return true;
}

/* A step back: inside the pane, else it closes; false at a root. */
bool stack_back(struct tui *t)
{
    struct tui_tab *tab = &t->tabs[t->tab];
    struct pane *p = stack_top(t);
    if (!p)
        return false;
    if (p->ops->leave && !p->ops->leave(p->state))
        return true;
    if (tab->focus == 0 && tab->count == 1)
        return false;
    int at = tab->focus;
    if (at == 0) {
        stack_close_above(t, tab, 1);
    } else {
        stack_close_above(t, tab, at);
        tab->focus = at - 1;
    }
    stack_focus_changed(t);
    return true;
}

/* Which panes are on the screen. */
int stack_shown(struct tui *t, struct pane *out[2])
{
    struct tui_tab *tab = &t->tabs[t->tab];
    if (tab->count == 0)
        return 0;
    if (tab->count == 1 || layout_beside(t, tab) == 0) {
        out[0] = tab->stack[tab->focus];
        return 1;
    }
    int first = tab->count - 2;
    if (tab->focus < first)
        first = tab->focus;
    out[0] = tab->stack[first];
    out[1] = tab->stack[first + 1];
    return 2;
}

/* ---- what panes may ask ---- */

/* A pane's own state. */
void *pane_state(struct pane *p)
{
    return p->state;
}

/* Its kind. */
const struct pane_ops *pane_kind(const struct pane *p)
{
    return p->ops;
}

/* The office. */
struct store *pane_store(struct pane *p)
{
    return p->tui->setup.store;
}

/* The loop. */
struct loop *pane_loop(struct pane *p)
{
    return p->tui->setup.loop;
}

/* A frame is due, and the words about its selection may be others. */
static void wants_frame(struct pane *p)
{
    if (p->visible || !p->tui->started)
        p->tui->dirty = true;
    if (p == p->tui->last_focus)
        p->tui->why_stale = true;
}

/* It wants to be drawn. */
void pane_dirty(struct pane *p)
{
    p->dirty = true;
    wants_frame(p);
}

/* Its selection moved. */
void pane_moved(struct pane *p)
{
    p->moved = true;
    wants_frame(p);
}

/* Did only its selection move? */
bool pane_only_moved(const struct pane *p)
{
    return p->moved;
}

/* Is it on the screen? */
bool pane_visible(const struct pane *p)
{
    return p->visible;
}

/* Something changed, perhaps while nobody saw it. */
bool pane_take_news(struct pane *p)
{
    bool news = p->uncounted;
    p->uncounted = false;
    return news;
}

/* Only ASCII is drawn of symbols. */
bool pane_is_ascii(const struct pane *p)
{
    (void)p;
    return screen_grid()->ascii;
}

/* Colours of pictures. */
bool pane_has_paint(const struct pane *p)
{
    (void)p;
    return screen_paints();
}

/* Rows of its last drawing. */
int pane_rows(const struct pane *p)
{
    return p->rows;
}

/* Columns of its last drawing. */
int pane_cols(const struct pane *p)
{
    return p->cols;
}

/* Columns of the screen. */
int pane_screen_cols(const struct pane *p)
{
    (void)p;
    return screen_grid()->cols;
}

/* Opens a kind above p. */
struct pane *pane_open(struct pane *p, const char *name, const char *arg)
{
    const struct pane_ops *ops = stack_ops(name);
    int at = index_of(p);
    if (!ops || at < 0)
        return NULL;
    struct tui_tab *tab = &p->tui->tabs[p->tab];
    stack_close_above(p->tui, tab, at + 1);
    tab->focus = at;
    return stack_open(p->tui, p->tab, ops, arg);
}

/* Opens an id by the kind that shows its letter; in the kind's own tab when p belongs elsewhere. */
bool pane_open_id(struct pane *p, const char *id)
{
    char letter;
    int64_t number;
    char *bare = mem_strdup(id);
    char *at = strchr(bare, '@');
    if (at)
        *at = 0;
    bool is = command_id(bare, &letter, &number);
    free(bare);
    if (!is)
        return false;
    for (size_t i = 0; i < kind_count; i++)
        if (kinds[i]->opens && strchr(kinds[i]->opens, letter))
            return pane_open(p, kinds[i]->name, id) != NULL;
    return false;
}

/* Closes p and what is above it. */
void pane_close(struct pane *p)
{
    int at = index_of(p);
    if (at <= 0)
        return;
    struct tui_tab *tab = &p->tui->tabs[p->tab];
    stack_close_above(p->tui, tab, at);
    if (tab->focus >= at)
        tab->focus = at - 1;
    stack_focus_changed(p->tui);
}

/* The pane below. */
struct pane *pane_below(const struct pane *p)
{
    int at = index_of(p);
    return at > 0 ? p->tui->tabs[p->tab].stack[at - 1] : NULL;
}

/* The pane above. */
struct pane *pane_above(const struct pane *p)
{
    const struct tui_tab *tab = &p->tui->tabs[p->tab];
    int at = index_of(p);
    return at >= 0 && at + 1 < tab->count ? tab->stack[at + 1] : NULL;
}

/* Gives it the focus, its tab included. */
void pane_focus(struct pane *p)
{
    int at = index_of(p);
    if (at < 0)
        return;
    p->tui->tab = p->tab;
    p->tui->tabs[p->tab].focus = at;
    stack_focus_changed(p->tui);
}

/* Runs a line. */
void pane_run(struct pane *p, const char *line)
{
    run_line(p->tui, p, line, NULL);
}

/* Runs a formatted line. */
void pane_runf(struct pane *p, const char *format, ...)
{
    struct str line = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&line, format, ap);
    va_end(ap);
    run_line(p->tui, p, str_text(&line), NULL);
    str_fini(&line);
}

/* Runs a line and tells when it ended. */
void pane_run_then(struct pane *p, const char *line,
                   void (*done)(void *state, const struct error *err))
{
    run_line(p->tui, p, line, done);
}

/* Says something. */
void pane_say(struct pane *p, const char *format, ...)
{
    struct str text = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&text, format, ap);
    va_end(ap);
    tui_say(p->tui, "%s", str_text(&text));
    str_fini(&text);
}

/* Something happened. */
void pane_notice(struct pane *p, const char *format, ...)
{
    struct str text = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&text, format, ap);
    va_end(ap);
    if (!p->tui->message)
        tui_say(p->tui, "%s", str_text(&text));
    if (option_bool("tui.bell"))
        screen_bell();
    str_fini(&text);
}

/* Tells an error. */
void pane_error(struct pane *p, const struct error *err)
{
    tui_error(p->tui, err);
}

/* Long work of a pane. */
void pane_progress(struct pane *p, int64_t done, int64_t total, const char *what)
{
    free(p->working);
    p->working = mem_strdup_maybe(what);
    p->done = done;
    p->total = total;
    p->tui->dirty = true;
}

/* A question of one line. */
void pane_ask(struct pane *p, const struct pane_question *q)
{
    prompt_open(p->tui, p, q);
}

/* A question of one key. */
void pane_ask_key(struct pane *p, const char *question, const char *keys,
                  void (*on_key)(void *state, int key))
{
    prompt_keys(p->tui, p, question, keys, on_key, NULL, false);
}
