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
#include "tui/listpane.h"
#include "tui/tui.h"

/* A note as the list shows it. */
struct row {
    int64_t id; /* first: listpane */
    int64_t date, minutes;
    bool meeting, typing;
    char *title, *snippet; /* own */
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
    struct row *n = vec_push(user);
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

/* Reads the rows. */
static enum status read_rows(struct db *db, const char *arg, int64_t limit, struct vec *rows,
                             struct error *err)
{
    (void)arg;
    return note_list(db, NULL, limit, take_row, rows, err);
}

/* Draws a row: state, when, kind, title, people or first words. */
static void row_draw(const void *row, struct canvas *c, unsigned flags)
{
    const struct row *r = row;
    char when[CLOCK_TEXT];
    int title = c->cols >= 80 ? c->cols * 2 / 5 : c->cols - 20, days = clock_short_cells(), at = 12 + days;
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    canvas_text(c, 0, 1, STYLE_PLAIN, flags & LIST_MARKED ? "x" : r->typing ? "d" : " ");
    canvas_column(c, 0, 3, days, STYLE_DIM, CUT_END, clock_short(r->date, clock_now(), when));
    canvas_column(c, 0, days + 4, 7, r->meeting ? STYLE_LANE_MEET : STYLE_DIM, CUT_END,
                  r->meeting ? _("meeting") : _("note"));
    at = canvas_column(c, 0, at, title > 8 ? title : 8, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN,
                       *r->title ? r->title : _("untitled"));
    if (c->cols - at > 12) {
        at = r->minutes ? canvas_text(c, 0, at + 1, STYLE_GOOD, _("minutes")) : at;
        canvas_column(c, 0, at + 1, c->cols - at - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN,
                      r->snippet);
    }
}

/* Does the row hold what is searched? */
static bool row_match(const void *row, const char *needle)
{
    const struct row *r = row;
    return utf8_contains_folded(r->title, needle) || utf8_contains_folded(r->snippet, needle);
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
    static const struct listpane_kind kind = {
        .size = sizeof(struct row),
        .fini = row_fini_item,
        .read = read_rows,
        .draw = row_draw,
        .match = row_match,
        .empty = N_("No notes yet."),
        .empty_hint = N_("c writes one   :meet import FILE reads a transcript (VTT, SRT, text)"),
        .letter = 'n',
        .opens = "note",
        .removal = "note delete"};
    (void)arg;
    struct listpane *s = listpane_new(p, &kind, NULL);
    if (store_others(pane_store(p)) == 0)
        store_post(pane_store(p), &recover_op, mem_alloc(1), NULL, NULL);
    return s;
}

/* Pane: deleting and writing mean notes here. */
static bool notes_command(void *state, size_t argc, const char *const *argv)
{
    const struct listpane *s = state;
    char id[COMMAND_ID_TEXT];
    if ((argc == 1 && str_eq(argv[0], "summary")) ||
        (argc == 2 && str_eq(argv[0], "meet") && str_eq(argv[1], "minutes"))) {
        char *arg = str_format("minutes %s", command_id_text('n', list_selected(s->list), id));
        if (list_selected(s->list))
            pane_open(s->pane, "note", arg);
        free(arg);
        return true;
    }
    return listpane_command(state, argc, argv);
}

/* Pane: the status row. */
static void notes_status(void *state, struct str *out)
{
    const struct listpane *s = state;
    size_t meetings = 0;
    for (size_t i = 0; i < s->rows.len; i++)
        meetings += ((struct row *)vec_at(&s->rows, i))->meeting;
    str_addf(out, P_("%zu note", "%zu notes", s->rows.len - meetings), s->rows.len - meetings);
    str_addf(out, P_(", %zu meeting", ", %zu meetings", meetings), meetings);
}

/* Pane: the why row: what is marked, who was there, or the first words. */
static void notes_why(void *state, struct str *out)
{
    const struct row *r = listpane_selected(state);
    if (!list_say_marks(((struct listpane *)state)->list, out) && r)
        str_puts(out, r->snippet);
}

/* Pane: the keys that work on the list. */
static void notes_hints(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("Enter open  c new note  C-x a minutes  d delete  / search  @ ask  u undo"));
}

const struct pane_ops notes_pane = {.name = "notes",
                                    .title = N_("Notes"),
                                    .keys = KEYS_LIST | KEYS_NOTES,
                                    .watch = WATCH_NOTE,
                                    .tab = 2,
                                    .new_state = notes_new,
                                    .free = listpane_free,
                                    .reload = listpane_reload,
                                    .draw = listpane_draw,
                                    .verb = listpane_verb,
                                    .command = notes_command,
                                    .target = listpane_target,
                                    .why = notes_why,
                                    .status = notes_status,
                                    .hints = notes_hints,
                                    .search = listpane_search};

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
