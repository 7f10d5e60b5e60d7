/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal_pane.c - what was done, newest first; Enter shows what a batch did to which thing. u takes
 * back the selected batch, or in a batch the marked things; C-r does it again. */
#include "app/journal_pane.h"

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
#include "office/journal_words.h"
#include "store/journal.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/listpane.h"

#define CHANGES (WATCH_MAIL | WATCH_DRAFT | WATCH_OUTBOX | WATCH_NOTE | WATCH_CHAT)

/* ---- batches ---- */

struct batch {
    int64_t id; /* first: listpane */
    int64_t at, count;
    bool undone;
    char *who, *text; /* own; may be foreign */
};

/* Frees a row in a vec. */
static void batch_fini(void *item)
{
    struct batch *b = item;
    free(b->who);
    free(b->text);
}

struct reading {
    const char *words; /* borrow */
    struct vec *rows;
};

/* Does every word of the query stand in the row, as it is stored or as it is read? */
static bool fits(const char *query, const struct journal_row *r, const struct batch *b)
{
    char *words = mem_strdup(query), *rest = words;
    char *text = str_format("j%lld %s %s %s %s %s", (long long)b->id, b->who, b->text, r->who, r->what, r->why);
    bool all = true;
    for (char *w = strsep(&rest, " "); all && w; w = strsep(&rest, " "))
        all = !*w || utf8_contains_folded(text, w);
    free(text);
    free(words);
    return all;
}

/* Takes a batch. */
static bool take_batch(void *user, const struct journal_row *r)
{
    struct reading *g = user;
    struct batch b = {.id = r->id, .at = r->at, .count = r->count, .undone = r->undone_by != 0};
    char *why = journal_why(r);
    b.who = mem_strdup(journal_word(r->who));
    b.text = str_format("%s%s%s", journal_word(r->what), *why ? "  " : "", why);
    free(why);
    if (fits(g->words, r, &b))
        *(struct batch *)vec_push(g->rows) = b;
    else
        batch_fini(&b);
    return true;
}

/* Reads the newest. */
static enum status read_batches(struct db *db, const char *arg, int64_t limit, struct vec *rows,
                                struct error *err)
{
    struct reading g = {arg, rows};
    return journal_list(db, *arg ? 10 * limit : limit, take_batch, &g, err);
}

/* Id, when, who, how many, what and why. */
static void batch_draw(const void *row, struct canvas *c, unsigned flags)
{
    const struct batch *b = row;
    char when[CLOCK_TEXT], id[COMMAND_ID_TEXT];
    unsigned style = b->undone ? STYLE_DIM : STYLE_PLAIN;
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    int col = canvas_column(c, 0, 2, 6, STYLE_SOURCE, CUT_END, command_id_text('j', b->id, id)) + 1;
    col = canvas_column(c, 0, col, clock_short_cells(), STYLE_DIM, CUT_END, clock_short(b->at, clock_now(), when)) + 1;
    col = canvas_column(c, 0, col, 10, style, CUT_END | CANVAS_FOREIGN, b->who) + 1;
    canvas_textf(c, 0, col, style, "%5lld", (long long)b->count);
    const char *undone = b->undone ? _("undone") : "";
    int behind = (int)utf8_cells(undone, strlen(undone)), left = c->cols - col - 7 - (behind ? behind + 2 : 0);
    int cells = (int)utf8_cells(b->text, strlen(b->text));
    col = canvas_column(c, 0, col + 7, cells < left ? cells : left, style, CUT_END | CANVAS_FOREIGN, b->text);
    canvas_text(c, 0, col + 2, STYLE_DIM, undone);
}

/* Search. */
static bool batch_match(const void *row, const char *needle)
{
    const struct batch *b = row;
    return utf8_contains_folded(b->text, needle) || utf8_contains_folded(b->who, needle);
}

/* Opens it; arg: words that a row must hold. */
static void *new_batches(struct pane *p, const char *arg)
{
    static const struct listpane_kind kind = {
        .size = sizeof(struct batch),
        .fini = batch_fini,
        .read = read_batches,
        .draw = batch_draw,
        .match = batch_match,
        .empty = N_("Nothing was done yet."),
        .letter = 'j',
        .opens = "journal-items"};
    return listpane_new(p, &kind, arg);
}

/* A title row above the list. */
static void draw_titled(struct listpane *s, struct canvas *c, bool focused, const char *title)
{
    struct canvas rest = canvas_sub(c, 1, 0, c->rows - 1, c->cols);
    canvas_clear_row(c, 0);
    int col = canvas_text(c, 0, 1, STYLE_BOLD, title) + 2;
    canvas_foreign(c, 0, col, STYLE_DIM, s->arg);
    listpane_draw(s, &rest, focused);
}

/* Draws the batches. */
static void draw_batches(void *state, struct canvas *c, bool focused)
{
    draw_titled(state, c, focused, _("Journal"));
}

/* u and C-r mean the selected batch. */
static bool command_batches(void *state, size_t argc, const char *const *argv)
{
    struct listpane *s = state;
    const struct batch *b = listpane_selected(s);
    if (argc != 1 || !b || (!str_eq(argv[0], "undo") && !str_eq(argv[0], "redo")))
        return false;
    pane_runf(s->pane, "%s j%lld", argv[0], (long long)b->id);
    return true;
}

/* For coming back. */
static void place(void *state, struct str *out)
{
    str_puts(out, ((struct listpane *)state)->arg);
}

/* ---- the things of a batch ---- */

struct thing {
    int64_t n; /* first: listpane */
    int64_t ref;
    char letter;
    char *text; /* own; foreign */
};

/* Frees a row in a vec. */
static void thing_fini(void *item)
{
    free(((struct thing *)item)->text);
}

struct listing {
    struct db *db;
    struct vec *rows;
};

/* Takes a thing. */
static bool take_thing(void *user, const struct journal_item *i)
{
    struct listing *l = user;
    struct thing *t = vec_push(l->rows);
    struct str words = STR_INIT;
    journal_words(l->db, i, JOURNAL_VALUE, &words);
    *t = (struct thing){.n = i->n, .ref = i->ref, .letter = i->letter, .text = str_take(&words)};
    return true;
}

/* Reads the things of "j88". */
static enum status read_things(struct db *db, const char *arg, int64_t limit, struct vec *rows,
                               struct error *err)
{
    struct listing l = {db, rows};
    char letter;
    int64_t batch;
    if (!command_id(arg, &letter, &batch) || letter != 'j')
        return STATUS_OK;
    return journal_items(db, batch, limit, take_thing, &l, err);
}

/* Which thing, and what became of it. */
static void thing_draw(const void *row, struct canvas *c, unsigned flags)
{
    const struct thing *t = row;
    char id[COMMAND_ID_TEXT];
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    canvas_text(c, 0, 1, STYLE_MARKED, flags & LIST_MARKED ? "x" : " ");
    canvas_column(c, 0, 3, 7, STYLE_SOURCE, CUT_END,
                  t->letter ? command_id_text(t->letter, t->ref, id) : "");
    canvas_column(c, 0, 11, c->cols - 12, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN, t->text);
}

/* Search. */
static bool thing_match(const void *row, const char *needle)
{
    return utf8_contains_folded(((const struct thing *)row)->text, needle);
}

/* Opens a batch. */
static void *new_things(struct pane *p, const char *arg)
{
    static const struct listpane_kind kind = {
        .size = sizeof(struct thing),
        .fini = thing_fini,
        .read = read_things,
        .draw = thing_draw,
        .match = thing_match,
        .empty = N_("It holds nothing.")};
    return listpane_new(p, &kind, arg);
}

/* Draws the things. */
static void draw_things(void *state, struct canvas *c, bool focused)
{
    draw_titled(state, c, focused, _("What it did"));
}

/* Enter opens the thing itself. */
static bool verb_things(void *state, enum pane_verb verb, int arg)
{
    struct listpane *s = state;
    const struct thing *t = listpane_selected(s);
    char id[COMMAND_ID_TEXT];
    if (verb != PANE_OPEN)
        return list_verb(s->list, verb, arg);
    if (t && t->letter && !pane_open_id(s->pane, command_id_text(t->letter, t->ref, id)))
        pane_say(s->pane, _("%s cannot be shown here"), id);
    return true;
}

/* Is the id there already? */
static bool is_named(const struct vec *ids, const char *id)
{
    for (size_t i = 0; i < ids->len; i++)
        if (str_eq(strv_at(ids, i), id))
            return true;
    return false;
}

/* The ids of what is marked or selected, each once; strv. */
static void target_things(void *state, struct vec *out)
{
    struct listpane *s = state;
    struct vec rows;
    vec_init(&rows, sizeof(int64_t), NULL);
    list_target(s->list, &rows);
    for (size_t k = 0; k < rows.len; k++)
        for (size_t i = 0; i < s->rows.len; i++) {
            const struct thing *t = vec_at(&s->rows, i);
            char id[COMMAND_ID_TEXT];
            if (t->n != *(int64_t *)vec_at(&rows, k) || !t->letter)
                continue;
            command_id_text(t->letter, t->ref, id);
            if (!is_named(out, id))
                strv_push(out, id);
        }
    vec_fini(&rows);
}

/* u and C-r mean these things of this batch. */
static bool command_things(void *state, size_t argc, const char *const *argv)
{
    struct listpane *s = state;
    struct vec ids;
    if (argc != 1 || (!str_eq(argv[0], "undo") && !str_eq(argv[0], "redo")))
        return false;
    if (str_eq(argv[0], "redo")) {
        pane_runf(s->pane, "redo %s", s->arg);
        return true;
    }
    strv_init(&ids);
    target_things(s, &ids);
    char *words = strv_join(&ids, " ");
    if (ids.len)
        pane_runf(s->pane, "undo %s %s", s->arg, words);
    list_unmark(s->list);
    free(words);
    vec_fini(&ids);
    return true;
}

const struct pane_ops journal_pane = {
    .name = "journal", .title = N_("Journal"), .keys = KEYS_LIST, .watch = CHANGES,
    .runs = "journal", .new_state = new_batches, .free = listpane_free, .reload = listpane_reload,
    .draw = draw_batches, .verb = listpane_verb, .command = command_batches,
    .target = listpane_target, .search = listpane_search, .place = place};
const struct pane_ops journal_items_pane = {
    .name = "journal-items", .title = N_("Journal"), .keys = KEYS_LIST, .watch = CHANGES,
    .new_state = new_things, .free = listpane_free, .reload = listpane_reload,
    .draw = draw_things, .verb = verb_things, .command = command_things, .target = target_things,
    .search = listpane_search, .place = place};
