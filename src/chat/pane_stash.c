/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_stash.c - texts that were put aside: C-x k puts one there, C-x l lists them, Enter takes one
 * back into the box below. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "chat/pane.h"
#include "chat/store.h"
#include "command/command.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/listpane.h"

/* A text put aside. */
struct row {
    int64_t id; /* first: listpane */
    int64_t made;
    char *text; /* own */
};

/* What the writer does with a stash: puts text there, or takes id away. */
struct change {
    int64_t id;
    char *text; /* own; NULL: take away */
};

/* Frees a change. */
static void change_free(void *record)
{
    struct change *c = record;
    free(c->text);
    free(c);
}

/* The operation. */
static enum status write_change(struct db *db, void *record, struct error *err)
{
    const struct change *c = record;
    return c->text ? chat_stash_put(db, c->text, err) : chat_stash_drop(db, c->id, err);
}

static const struct store_op change_op = {"chat stash", OP_PERSON, write_change, change_free};

void chat_stash_text(struct store *s, const char *text)
{
    struct change *c = mem_alloc(sizeof *c);
    c->text = mem_strdup(text);
    store_post(s, &change_op, c, NULL, NULL);
}

/* Frees a row in a vec. */
static void row_fini_item(void *item)
{
    free(((struct row *)item)->text);
}

/* Takes a row. */
static bool take_row(void *user, int64_t id, int64_t made, const char *text)
{
    struct row *r = vec_push(user);
    *r = (struct row){id, made, mem_strdup(text)};
    return true;
}

/* Reads the rows; they are few. */
static enum status read_rows(struct db *db, const char *arg, int64_t limit, struct vec *rows,
                             struct error *err)
{
    (void)arg;
    (void)limit;
    return chat_stash_list(db, take_row, rows, err);
}

/* Draws a row: when, first words. */
static void row_draw(const void *row, struct canvas *c, unsigned flags)
{
    const struct row *r = row;
    char when[CLOCK_TEXT];
    int days = clock_short_cells();
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    canvas_column(c, 0, 3, days, STYLE_DIM, CUT_END, clock_short(r->made, clock_now(), when));
    canvas_column(c, 0, days + 4, c->cols - days - 5, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN, r->text);
}

/* Does the row hold what is searched? */
static bool row_match(const void *row, const char *needle)
{
    return utf8_contains_folded(((const struct row *)row)->text, needle);
}

/* Pane: begins; without a stash there is nothing to show. */
static void *stashes_new(struct pane *p, const char *arg)
{
    static const struct listpane_kind kind = {
        .size = sizeof(struct row),
        .fini = row_fini_item,
        .read = read_rows,
        .draw = row_draw,
        .match = row_match,
        .empty = N_("Nothing is put aside; C-x k puts a text here.")};
    (void)arg;
    return listpane_new(p, &kind, NULL);
}

/* Enter: the text goes back into the box, the stash is gone. */
static bool take_back(const struct listpane *s)
{
    const struct row *r = listpane_selected(s);
    struct pane *below = pane_below(s->pane);
    if (!r || !below || pane_kind(below) != &chat_pane)
        return true;
    struct change *c = mem_alloc(sizeof *c);
    c->id = r->id;
    chat_take_text(pane_state(below), r->text);
    store_post(pane_store(s->pane), &change_op, c, NULL, NULL);
    pane_close(s->pane);
    return true;
}

/* Pane: motion and Enter. */
static bool stashes_verb(void *state, enum pane_verb verb, int arg)
{
    return verb == PANE_OPEN ? take_back(state) : listpane_verb(state, verb, arg);
}

/* Pane: the keys that work on the list. */
static void stashes_hints(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("Enter take it back  q back"));
}

const struct pane_ops stashes_pane = {.name = "chat stashes",
                                      .title = N_("Put aside"),
                                      .keys = KEYS_LIST,
                                      .watch = WATCH_CHAT,
                                      .new_state = stashes_new,
                                      .free = listpane_free,
                                      .reload = listpane_reload,
                                      .draw = listpane_draw,
                                      .verb = stashes_verb,
                                      .hints = stashes_hints,
                                      .search = listpane_search};
