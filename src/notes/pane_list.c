/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_list.c - the list of notes and meetings, newest first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "command/ids.h"
#include "notes/internal.h"
#include "notes/notes.h"
#include "notes/pane.h"
#include "notes/store.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/tui.h"

#define ROWS_STEP 200

/* A note as the list shows it. */
struct row {
    int64_t id, date, minutes;
    bool meeting, typing;
    char *title, *snippet; /* own */
};

struct notes {
    struct pane *pane; /* borrow */
    struct list *list;
    struct vec rows;   /* struct row */
    int64_t limit;
    bool stale;        /* something changed while it was not on the screen */
    bool more;
};

/* Frees a row in a vec. */
static void row_fini_item(void *item)
{
    struct row *r = item;
    free(r->title);
    free(r->snippet);
}

/* Takes a row. */
static bool take_row(void *user, const struct note_row *r)
{
    struct notes *s = user;
    struct row *n = vec_push(&s->rows);
    const char *text = r->snippet + strspn(r->snippet, "# \n");
    if (!r->meeting && str_starts(text, r->title)) /* the title is the first line */
        text += strcspn(text, "\n");
    text += strspn(text, " \n");
    *n = (struct row){.id = r->id,
                      .date = r->date,
                      .minutes = r->minutes,
                      .meeting = r->meeting,
                      .typing = r->typing,
                      .title = mem_strdup(r->title),
                      .snippet = mem_strndup(text, strcspn(text, "\n"))};
    return true;
}

/* Reads the rows anew. */
static void load(struct notes *s)
{
    struct error err = ERROR_INIT;
    vec_clear(&s->rows);
    s->stale = false;
    if (note_list(store_reader(pane_store(s->pane)), NULL, s->limit, take_row, s, &err) != STATUS_OK)
        pane_error(s->pane, &err);
    s->more = (int64_t)s->rows.len >= s->limit;
    list_reload(s->list);
    pane_dirty(s->pane);
}

/* List: how many rows. */
static size_t rows_count(void *user)
{
    return ((struct notes *)user)->rows.len;
}

/* List: the id of a row. */
static int64_t rows_id(void *user, size_t i)
{
    return ((struct row *)vec_at(&((struct notes *)user)->rows, i))->id;
}

/* List: draws a row: state, when, kind, title, people or first words. */
static void rows_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    const struct row *r = vec_at(&((struct notes *)user)->rows, i);
    char when[CLOCK_TEXT];
    int title = c->cols >= 80 ? c->cols * 2 / 5 : c->cols - 20, at = 18;
    canvas_text(c, 0, 1, STYLE_PLAIN, flags & LIST_MARKED ? "x" : r->typing ? "d" : " ");
    canvas_column(c, 0, 3, 6, STYLE_DIM, CUT_END, clock_short(r->date, clock_now(), when));
    canvas_column(c, 0, 10, 7, r->meeting ? STYLE_LANE_MEET : STYLE_DIM, CUT_END,
                  r->meeting ? _("meeting") : _("note"));
    at = canvas_column(c, 0, at, title > 8 ? title : 8, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN,
                       *r->title ? r->title : _("untitled"));
    if (c->cols - at > 12) {
        at = r->minutes ? canvas_text(c, 0, at + 1, STYLE_GOOD, _("minutes")) : at;
        canvas_column(c, 0, at + 1, c->cols - at - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN,
                      r->snippet);
    }
}

/* List: does the row hold what is searched? */
static bool rows_match(void *user, size_t i, const char *needle)
{
    const struct row *r = vec_at(&((struct notes *)user)->rows, i);
    return utf8_contains_folded(r->title, needle) || utf8_contains_folded(r->snippet, needle);
}

/* List: the end was reached: older ones. */
static void rows_more(void *user)
{
    struct notes *s = user;
    if (!s->more)
        return;
    s->limit += ROWS_STEP;
    load(s);
}

/* The operation that folds what a dead program left of typing. */
static enum status write_recover(struct db *db, void *record, struct error *err)
{
    (void)record;
    return note_recover(db, err);
}

static const struct store_op recover_op = {"note recover", OP_BULK, write_recover, free};

/* Pane: begins. */
static void *notes_new(struct pane *p, const char *arg)
{
    static const struct list_rows rows = {.count = rows_count,
                                          .id = rows_id,
                                          .draw = rows_draw,
                                          .match = rows_match,
                                          .more = rows_more};
    (void)arg;
    struct notes *s = mem_alloc(sizeof *s);
    s->pane = p;
    s->limit = ROWS_STEP;
    vec_init(&s->rows, sizeof(struct row), row_fini_item);
    s->list = list_new(&rows, s);
    load(s);
    if (store_others(pane_store(p)) == 0)
        store_post(pane_store(p), &recover_op, mem_alloc(1), NULL, NULL);
    return s;
}

/* Pane: ends. */
static void notes_free(void *state)
{
    struct notes *s = state;
    list_free(s->list);
    vec_fini(&s->rows);
    free(s);
}

/* Pane: something changed. */
static void notes_reload(void *state, unsigned bits)
{
    struct notes *s = state;
    (void)bits;
    if (pane_visible(s->pane))
        load(s);
    else
        s->stale = true; /* a stream rings four times a second: read when it is seen */
}

/* Pane: draws; an empty list teaches. */
static void notes_draw(void *state, struct canvas *c, bool focused)
{
    struct notes *s = state;
    if (s->stale)
        load(s);
    if (s->rows.len == 0) {
        canvas_clear(c);
        canvas_text(c, 1, 1, STYLE_PLAIN, _("No notes yet."));
        canvas_text(c, 2, 1, STYLE_PLAIN,
                    _("c writes one   :meet import FILE reads a transcript (VTT, SRT, text)"));
        return;
    }
    list_draw(s->list, c, focused);
}

/* Pane: motion and Enter. */
static bool notes_verb(void *state, enum pane_verb verb, int arg)
{
    struct notes *s = state;
    char id[COMMAND_ID_TEXT];
    int64_t note = list_selected(s->list);
    if (verb != PANE_OPEN || arg != 0)
        return list_verb(s->list, verb, arg);
    if (note)
        pane_open(s->pane, "note", command_id_text('n', note, id));
    return true;
}

/* Pane: deleting and writing mean notes here. */
static bool notes_command(void *state, size_t argc, const char *const *argv)
{
    struct notes *s = state;
    char id[COMMAND_ID_TEXT];
    if ((argc == 1 && str_eq(argv[0], "summary")) ||
        (argc == 2 && str_eq(argv[0], "meet") && str_eq(argv[1], "minutes"))) {
        char *arg = str_format("minutes %s", command_id_text('n', list_selected(s->list), id));
        if (list_selected(s->list))
            pane_open(s->pane, "note", arg);
        free(arg);
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "note") && str_eq(argv[1], "delete")) {
        struct vec ids;
        struct str line = STR_INIT;
        vec_init(&ids, sizeof(int64_t), NULL);
        list_target(s->list, &ids);
        str_puts(&line, "note delete");
        for (size_t i = 0; i < ids.len; i++)
            str_addf(&line, " %s", command_id_text('n', *(int64_t *)vec_at(&ids, i), id));
        list_leave(s->list, (const int64_t *)(const void *)ids.items, ids.len);
        if (ids.len > 0)
            pane_run(s->pane, str_text(&line));
        list_unmark(s->list);
        str_fini(&line);
        vec_fini(&ids);
        return true;
    }
    return false;
}

/* Pane: the ids a command works on. */
static void notes_target(void *state, struct vec *out)
{
    struct notes *s = state;
    struct vec ids;
    char id[COMMAND_ID_TEXT];
    vec_init(&ids, sizeof(int64_t), NULL);
    list_target(s->list, &ids);
    for (size_t i = 0; i < ids.len; i++)
        strv_push(out, command_id_text('n', *(int64_t *)vec_at(&ids, i), id));
    vec_fini(&ids);
}

/* Pane: the status row. */
static void notes_status(void *state, struct str *out)
{
    const struct notes *s = state;
    size_t meetings = 0;
    for (size_t i = 0; i < s->rows.len; i++)
        meetings += ((struct row *)vec_at(&s->rows, i))->meeting;
    str_addf(out, P_("%zu note", "%zu notes", s->rows.len - meetings), s->rows.len - meetings);
    str_addf(out, P_(", %zu meeting", ", %zu meetings", meetings), meetings);
}

/* Pane: the why row: who was there, or the first words. */
static void notes_why(void *state, struct str *out)
{
    const struct notes *s = state;
    size_t i = list_selected_row(s->list);
    if (i < s->rows.len)
        str_puts(out, ((struct row *)vec_at(&s->rows, i))->snippet);
}

/* Pane: the keys that work on the list. */
static void notes_hints(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("Enter open  c new note  C-x a minutes  d delete  / search  @ ask  u undo"));
}

/* Pane: "/". */
static bool notes_search(void *state, const char *needle, int direction)
{
    return list_search(((struct notes *)state)->list, needle, direction);
}

const struct pane_ops notes_pane = {.name = "notes",
                                    .title = N_("Notes"),
                                    .keys = KEYS_LIST | KEYS_NOTES,
                                    .watch = WATCH_NOTE,
                                    .tab = 2,
                                    .new_state = notes_new,
                                    .free = notes_free,
                                    .reload = notes_reload,
                                    .draw = notes_draw,
                                    .verb = notes_verb,
                                    .command = notes_command,
                                    .target = notes_target,
                                    .why = notes_why,
                                    .status = notes_status,
                                    .hints = notes_hints,
                                    .search = notes_search};

const struct pane_ops *const notes_panes[] = {&notes_pane, &note_pane, NULL};

/* `note new` without words on the screen: the note opens for writing. */
static void open_new(struct command_call *c, const char *id)
{
    struct pane *p = tui_focused(tui_of(c));
    if (p)
        pane_open(p, "note", id);
}

void notes_screen_register(void)
{
    notes_on_screen = open_new;
}
