/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_results.c - search over everything: the finder looks, rows come in, Enter opens at the
 * place and Esc comes back to the same row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/command.h"
#include "inbox/pane_inside.h"
#include "store/doc.h"
#include "store/search.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"

#define HITS_MAX 500

struct hit {
    int64_t key;
    char id[24];
    char moment[16]; /* of a transcript: where to open it, "" */
    int64_t date;
    unsigned flags;
    char *who, *subject, *snippet; /* own; foreign */
};

struct results {
    struct pane *pane;
    struct list *list;
    char *query;     /* own */
    struct vec hits; /* struct hit */
    struct store_asked *asked;
    struct question *question; /* under way; borrow */
    bool more, done;
};

/* What the finder works on; owned by the store. */
struct question {
    struct results *results; /* NULL when the pane is gone */
    char *query;
    struct vec hits;
    bool more;
};

/* Releases a hit. */
static void hit_fini(void *item)
{
    struct hit *h = item;
    free(h->who);
    free(h->subject);
    free(h->snippet);
}

/* "Tom Berger <tom@berger.example>, 李娜 <l@…>" without the addresses where there are names. Yours. */
static char *names_only(const char *people)
{
    struct str out = STR_INIT;
    const char *p = people;
    while (*p) {
        const char *open = strstr(p, " <"), *close = open ? strchr(open, '>') : NULL;
        if (!close || open == p)
            break;
        str_add(&out, p, (size_t)(open - p));
        p = close + 1;
    }
    str_puts(&out, p);
    return str_take(&out);
}

/* Takes a row of the finder. */
static bool on_row(void *user, const struct search_row *row)
{
    struct question *q = user;
    struct hit *h = vec_push(&q->hits);
    h->key = row->key;
    snprintf(h->id, sizeof h->id, "%c%lld", doc_kind_letter(row->kind), (long long)row->ref);
    snprintf(h->moment, sizeof h->moment, "%s", row->moment);
    h->date = row->date;
    h->flags = row->flags;
    h->who = names_only(row->flags & DOC_MINE && row->recipients ? row->recipients
                        : row->sender                            ? row->sender
                                                                 : "");
    h->subject = mem_strdup(row->subject ? row->subject : "");
    h->snippet = mem_strdup(row->snippet ? row->snippet : "");
    return true;
}

/* Looks; on the finder's thread. */
static enum status run_question(struct db *db, void *record, struct error *err)
{
    struct question *q = record;
    struct search_options o = {.now = clock_now(), .limit = HITS_MAX, .snippets = true};
    return search_run(db, q->query, &o, on_row, q, &q->more, err);
}

/* Releases the question. */
static void free_question(void *record)
{
    struct question *q = record;
    free(q->query);
    vec_fini(&q->hits);
    free(q);
}

static const struct store_question question = {"search", run_question, free_question};

/* The finder has answered. */
static void on_found(void *user, void *record, const struct error *err)
{
    struct question *q = record;
    struct results *r = q->results;
    (void)user;
    if (!r)
        return;
    r->asked = NULL;
    r->question = NULL;
    r->done = true;
    if (error_is(err) && err->status != STATUS_INTERRUPTED)
        pane_error(r->pane, err);
    struct vec old = r->hits;
    r->hits = q->hits;
    q->hits = old;
    r->more = q->more;
    list_reload(r->list);
    pane_dirty(r->pane);
}

/* Asks the finder; what it was asked before is stale. */
static void look(struct results *r)
{
    struct question *q = mem_alloc(sizeof *q);
    q->results = r;
    q->query = mem_strdup(r->query);
    vec_init(&q->hits, sizeof(struct hit), hit_fini);
    if (r->question)
        r->question->results = NULL;
    store_ask_cancel(pane_store(r->pane), r->asked);
    r->question = q;
    r->asked = store_ask(pane_store(r->pane), &question, q, on_found, NULL);
}

/* ---- rows ---- */

/* How many. */
static size_t row_count(void *user)
{
    return ((struct results *)user)->hits.len;
}

/* A hit's key. */
static int64_t row_id(void *user, size_t i)
{
    return ((struct hit *)vec_at(&((struct results *)user)->hits, i))->key;
}

/* Kind, date, who, subject, and the words around the hit. */
static void row_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    const struct hit *h = vec_at(&((struct results *)user)->hits, i);
    char when[CLOCK_TEXT];
    int names = c->cols < 60 ? 10 : c->cols >= 100 ? 22 : 17;
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    canvas_foreign(c, 0, 1, STYLE_PLAIN, flags & LIST_MARKED ? "x" : " ");
    int col = canvas_column(c, 0, 2, 7, STYLE_SOURCE, CUT_END, h->id) + 1;
    col = canvas_column(c, 0, col, 6, STYLE_DIM, CUT_END, clock_short(h->date, clock_now(), when)) + 1;
    col = canvas_column(c, 0, col, names, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN, h->who) + 1;
    int end = canvas_foreign(c, 0, col, h->flags & DOC_UNREAD ? STYLE_BOLD : STYLE_PLAIN, h->subject);
    if (end + 3 < c->cols)
        canvas_foreign(c, 0, end + 2, STYLE_DIM, h->snippet);
}

/* Search in what is shown. */
static bool row_match(void *user, size_t i, const char *needle)
{
    const struct hit *h = vec_at(&((struct results *)user)->hits, i);
    return utf8_contains_folded(h->subject, needle) || utf8_contains_folded(h->who, needle);
}

static const struct list_rows list_rows = {
    .count = row_count, .id = row_id, .draw = row_draw, .match = row_match};

/* ---- the pane ---- */

/* Opens with a query. */
static void *new_results(struct pane *p, const char *arg)
{
    struct results *r = mem_alloc(sizeof *r);
    r->pane = p;
    r->query = mem_strdup(arg ? arg : "");
    vec_init(&r->hits, sizeof(struct hit), hit_fini);
    r->list = list_new(&list_rows, r);
    look(r);
    return r;
}

/* Closes it; a question under way is stale. */
static void free_results(void *state)
{
    struct results *r = state;
    if (r->question)
        r->question->results = NULL;
    store_ask_cancel(pane_store(r->pane), r->asked);
    list_free(r->list);
    vec_fini(&r->hits);
    free(r->query);
    free(r);
}

/* The query and how many, then the hits. */
static void draw_results(void *state, struct canvas *c, bool focused)
{
    struct results *r = state;
    struct canvas rest = canvas_sub(c, 1, 0, c->rows - 1, c->cols);
    canvas_clear_row(c, 0);
    int col = canvas_foreign(c, 0, 1, STYLE_BOLD, r->query) + 2;
    if (!r->done)
        canvas_text(c, 0, col, STYLE_DIM, _("looking"));
    else
        canvas_textf(c, 0, col, STYLE_DIM, r->more ? _("the newest %zu") : _("%zu found"),
                     r->hits.len);
    if (r->hits.len)
        list_draw(r->list, &rest, focused);
    else
        canvas_clear(&rest);
}

/* The selected hit. */
static const struct hit *selected(struct results *r)
{
    size_t row = list_selected_row(r->list);
    return row < r->hits.len ? vec_at(&r->hits, row) : NULL;
}

/* Enter opens at the place. */
static bool verb_results(void *state, enum pane_verb verb, int arg)
{
    struct results *r = state;
    const struct hit *h = selected(r);
    if (verb != PANE_OPEN)
        return list_verb(r->list, verb, arg);
    if (!h)
        return true;
    char *id = str_format("%s%s%s", h->id, *h->moment ? "@" : "", h->moment);
    if (!pane_open_id(r->pane, id))
        pane_say(r->pane, _("%s cannot be shown here"), id);
    free(id);
    return true;
}

/* Ids for commands. */
static void target_results(void *state, struct vec *ids)
{
    struct results *r = state;
    struct vec keys;
    vec_init(&keys, sizeof(int64_t), NULL);
    list_target(r->list, &keys);
    for (size_t k = 0; k < keys.len; k++)
        for (size_t i = 0; i < r->hits.len; i++) {
            const struct hit *h = vec_at(&r->hits, i);
            if (h->key == *(int64_t *)vec_at(&keys, k))
                strv_push(ids, h->id);
        }
    vec_fini(&keys);
}

/* The words around the hit. */
static void why_results(void *state, struct str *out)
{
    const struct hit *h = selected(state);
    if (h)
        str_puts(out, h->snippet);
}

/* Search in what is shown. */
static bool search_results(void *state, const char *needle, int direction)
{
    return list_search(((struct results *)state)->list, needle, direction);
}

/* Another search from here replaces this one. */
static bool command_results(void *state, size_t argc, const char *const *argv)
{
    struct results *r = state;
    struct str query = STR_INIT;
    if (!str_eq(argv[0], "search") || argc < 2)
        return false;
    for (size_t i = 1; i < argc; i++)
        str_addf(&query, "%s%s", i > 1 ? " " : "", argv[i]);
    free(r->query);
    r->query = str_take(&query);
    r->done = false;
    look(r);
    pane_dirty(r->pane);
    return true;
}

/* For coming back. */
static void place_results(void *state, struct str *out)
{
    str_puts(out, ((struct results *)state)->query);
}

const struct pane_ops results_pane = {
    .name = "results", .title = N_("Search"), .keys = KEYS_LIST, .new_state = new_results,
    .free = free_results, .draw = draw_results, .verb = verb_results, .command = command_results,
    .target = target_results, .why = why_results, .search = search_results, .place = place_results,
};
