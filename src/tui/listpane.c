/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listpane.c - a pane that is one list of rows read from the store. */
#include "tui/listpane.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "command/ids.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"

#define ROWS_STEP 200

/* Reads the rows anew. */
static void load(struct listpane *s)
{
    struct error err = ERROR_INIT;
    vec_clear(&s->rows);
    s->stale = false;
    if (s->kind->read(store_reader(pane_store(s->pane)), s->arg, s->limit, &s->rows, &err) != STATUS_OK)
        pane_error(s->pane, &err);
    s->more = (int64_t)s->rows.len >= s->limit;
    list_reload(s->list);
    pane_dirty(s->pane);
}

/* List: how many rows. */
static size_t rows_count(void *user)
{
    return ((struct listpane *)user)->rows.len;
}

/* List: the id of a row. */
static int64_t rows_id(void *user, size_t i)
{
    return *(const int64_t *)vec_at(&((struct listpane *)user)->rows, i);
}

/* List: draws a row. */
static void rows_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    struct listpane *s = user;
    s->kind->draw(vec_at(&s->rows, i), c, flags);
}

/* List: does the row hold what is searched? */
static bool rows_match(void *user, size_t i, const char *needle)
{
    struct listpane *s = user;
    return s->kind->match(vec_at(&s->rows, i), needle);
}

/* List: the end was reached: older ones. */
static void rows_more(void *user)
{
    struct listpane *s = user;
    if (!s->more)
        return;
    s->limit += ROWS_STEP;
    load(s);
}

struct listpane *listpane_new(struct pane *p, const struct listpane_kind *kind, const char *arg)
{
    static const struct list_rows rows = {.count = rows_count,
                                          .id = rows_id,
                                          .draw = rows_draw,
                                          .match = rows_match,
                                          .more = rows_more};
    struct listpane *s = mem_alloc(sizeof *s);
    s->kind = kind;
    s->pane = p;
    s->arg = mem_strdup(arg ? arg : "");
    s->limit = ROWS_STEP;
    vec_init(&s->rows, kind->size, kind->fini);
    s->list = list_new(&rows, s);
    load(s);
    return s;
}

const void *listpane_selected(const struct listpane *s)
{
    size_t i = list_selected_row(s->list);
    return i < s->rows.len ? vec_at(&s->rows, i) : NULL;
}

void listpane_free(void *state)
{
    struct listpane *s = state;
    list_free(s->list);
    vec_fini(&s->rows);
    free(s->arg);
    free(s);
}

void listpane_reload(void *state, unsigned bits)
{
    struct listpane *s = state;
    (void)bits;
    if (pane_visible(s->pane))
        load(s);
    else
        s->stale = true; /* a stream rings four times a second: read when it is seen */
}

void listpane_draw(void *state, struct canvas *c, bool focused)
{
    struct listpane *s = state;
    if (s->stale)
        load(s);
    if (s->rows.len > 0) {
        list_draw(s->list, c, focused);
        return;
    }
    canvas_clear(c);
    canvas_text(c, 1, 1, STYLE_PLAIN, _(s->kind->empty));
    if (s->kind->empty_hint)
        canvas_text(c, 2, 1, STYLE_PLAIN, _(s->kind->empty_hint));
}

bool listpane_verb(void *state, enum pane_verb verb, int arg)
{
    struct listpane *s = state;
    char id[COMMAND_ID_TEXT];
    int64_t selected = list_selected(s->list);
    if (verb != PANE_OPEN || arg != 0)
        return list_verb(s->list, verb, arg);
    if (selected)
        pane_open(s->pane, s->kind->opens, command_id_text(s->kind->letter, selected, id));
    return true;
}

/* Runs the removal on what is marked or selected; the selection goes on to what stays. */
static void delete_target(struct listpane *s)
{
    struct vec ids;
    struct str line = STR_INIT;
    char id[COMMAND_ID_TEXT];
    vec_init(&ids, sizeof(int64_t), NULL);
    list_target(s->list, &ids);
    str_puts(&line, s->kind->removal);
    for (size_t i = 0; i < ids.len; i++)
        str_addf(&line, " %s", command_id_text(s->kind->letter, *(int64_t *)vec_at(&ids, i), id));
    list_leave(s->list, (const int64_t *)(const void *)ids.items, ids.len);
    if (ids.len > 0)
        pane_run(s->pane, str_text(&line));
    list_unmark(s->list);
    str_fini(&line);
    vec_fini(&ids);
}

bool listpane_command(void *state, size_t argc, const char *const *argv)
{
    struct listpane *s = state;
    if (argc != 2)
        return false;
    char *name = str_format("%s %s", argv[0], argv[1]);
    bool removal = str_eq(name, s->kind->removal);
    free(name);
    if (removal)
        delete_target(s);
    return removal;
}

void listpane_target(void *state, struct vec *out)
{
    struct listpane *s = state;
    struct vec ids;
    char id[COMMAND_ID_TEXT];
    vec_init(&ids, sizeof(int64_t), NULL);
    list_target(s->list, &ids);
    for (size_t i = 0; i < ids.len; i++)
        strv_push(out, command_id_text(s->kind->letter, *(int64_t *)vec_at(&ids, i), id));
    vec_fini(&ids);
}

bool listpane_search(void *state, const char *needle, int direction)
{
    return list_search(((struct listpane *)state)->list, needle, direction);
}
