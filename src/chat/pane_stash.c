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

/* A text put aside. */
struct row {
    int64_t id, made;
    char *text; /* own */
};

struct stashes {
    struct pane *pane; /* borrow */
    struct list *list;
    struct vec rows;   /* struct row */
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
    struct row *r = vec_push(&((struct stashes *)user)->rows);
    *r = (struct row){id, made, mem_strdup(text)};
    return true;
}

/* Reads the rows anew. */
static void load(struct stashes *s)
{
    struct error err = ERROR_INIT;
    vec_clear(&s->rows);
    if (chat_stash_list(store_reader(pane_store(s->pane)), take_row, s, &err) != STATUS_OK)
        pane_error(s->pane, &err);
    list_reload(s->list);
    pane_dirty(s->pane);
}

/* List: how many rows. */
static size_t rows_count(void *user)
{
    return ((struct stashes *)user)->rows.len;
}

/* List: the id of a row. */
static int64_t rows_id(void *user, size_t i)
{
    return ((struct row *)vec_at(&((struct stashes *)user)->rows, i))->id;
}

/* List: draws a row: when, first words. */
static void rows_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    const struct row *r = vec_at(&((struct stashes *)user)->rows, i);
    char when[CLOCK_TEXT];
    (void)flags;
    canvas_column(c, 0, 3, 6, STYLE_DIM, CUT_END, clock_short(r->made, clock_now(), when));
    canvas_column(c, 0, 10, c->cols - 11, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN, r->text);
}

/* List: does the row hold what is searched? */
static bool rows_match(void *user, size_t i, const char *needle)
{
    return utf8_contains_folded(((struct row *)vec_at(&((struct stashes *)user)->rows, i))->text,
                                needle);
}

/* Pane: begins; without a stash there is nothing to show. */
static void *stashes_new(struct pane *p, const char *arg)
{
    static const struct list_rows rows = {
        .count = rows_count, .id = rows_id, .draw = rows_draw, .match = rows_match};
    (void)arg;
    struct stashes *s = mem_alloc(sizeof *s);
    s->pane = p;
    vec_init(&s->rows, sizeof(struct row), row_fini_item);
    s->list = list_new(&rows, s);
    load(s);
    return s;
}

/* Pane: ends. */
static void stashes_free(void *state)
{
    struct stashes *s = state;
    list_free(s->list);
    vec_fini(&s->rows);
    free(s);
}

/* Pane: something changed. */
static void stashes_reload(void *state, unsigned bits)
{
    (void)bits;
    load(state);
}

/* Pane: draws. */
static void stashes_draw(void *state, struct canvas *c, bool focused)
{
    struct stashes *s = state;
    if (s->rows.len > 0) {
        list_draw(s->list, c, focused);
        return;
    }
    canvas_clear(c);
    canvas_text(c, 1, 1, STYLE_PLAIN, _("Nothing is put aside; C-x k puts a text here."));
}

/* Enter: the text goes back into the box, the stash is gone. */
static bool take_back(struct stashes *s)
{
    size_t i = list_selected_row(s->list);
    struct pane *below = pane_below(s->pane);
    if (i >= s->rows.len || !below || pane_kind(below) != &chat_pane)
        return true;
    const struct row *r = vec_at(&s->rows, i);
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
    struct stashes *s = state;
    return verb == PANE_OPEN ? take_back(s) : list_verb(s->list, verb, arg);
}

/* Pane: the keys that work on the list. */
static void stashes_hints(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("Enter take it back  q back"));
}

/* Pane: "/". */
static bool stashes_search(void *state, const char *needle, int direction)
{
    return list_search(((struct stashes *)state)->list, needle, direction);
}

const struct pane_ops stashes_pane = {.name = "chat stashes",
                                      .title = N_("Put aside"),
                                      .keys = KEYS_LIST,
                                      .watch = WATCH_CHAT,
                                      .new_state = stashes_new,
                                      .free = stashes_free,
                                      .reload = stashes_reload,
                                      .draw = stashes_draw,
                                      .verb = stashes_verb,
                                      .hints = stashes_hints,
                                      .search = stashes_search};
