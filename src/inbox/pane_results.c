/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_results.c - search over everything: the finder looks, rows come in, Enter opens at the place
 * and Esc comes back to the same row.
 *
 * While the query is typed each key asks anew for one page; the question before it is stale and
 * interrupted, so that no key waits for another's answer. The last word counts as a beginning then.
 * Further pages come when the view nears the end of what is there; how many there are in all is
 * counted once nobody types. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "command/command.h"
#include "inbox/draft.h"
#include "inbox/pane_inside.h"
#include "io/loop.h"
#include "store/doc.h"
#include "store/search.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"

#define PAGE 60         /* hits asked for at once */
#define TOTAL_CELLS 24  /* kept behind the query for how many were found */
#define HITS_MAX 10000
#define AGAIN_MS 500    /* until what was not in the index yet is looked for again */
#define REFRESH_MS 50   /* after a change of the office */
#define REST_MS 250     /* after the last key: all hits are counted */

struct hit {
    int64_t key;
    char id[24];
    int64_t mail, thread; /* 0: no mail */
    char moment[16]; /* of a transcript: where to open it, "" */
    int64_t date;
    unsigned flags;
    bool held; /* a draft whose mail waits to be sent */
    char *who, *subject, *snippet; /* own; foreign */
};

struct results {
    struct pane *pane;
    struct list *list;
    char *query;      /* own; "" while nothing was typed */
    char *before;     /* own; the query before the one that is being typed; NULL: the pane is new */
    struct vec hits;  /* struct hit */
    struct error wrong; /* what is typed cannot be read */
    struct store_asked *asked, *counting;
    struct question *question; /* under way; borrow */
    struct tally *tally;       /* likewise */
    struct loop_watch *rest;
    struct loop_watch *again; /* words wait for the index: asked once more */
    int64_t total; /* -1: not counted */
    bool by_rank, more, done, typing;
    bool stale; /* something changed since the finder was asked */
};

enum look_for { LOOK_NEW, LOOK_FURTHER, LOOK_AGAIN /* as many as there are */ };

/* What the finder works on; owned by the store. */
struct question {
    struct results *results; /* NULL when the pane is gone, or asks something else */
    char *query;
    struct db *db; /* borrow; the finder's */
    struct vec hits;
    int64_t before, limit;
    bool by_rank, more, further; /* further: behind the hits that are there */
};

/* How many hits there are; owned by the store. */
struct tally {
    struct results *results; /* likewise */
    char *query;
    int64_t count;
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
    h->mail = row->kind == DOC_MAIL ? row->ref : 0;
    h->thread = row->kind == DOC_MAIL ? row->thread : 0;
    h->date = row->date;
    h->flags = row->flags;
    h->held = row->kind == DOC_DRAFT && draft_is_held(q->db, row->ref);
    bool mine = row->flags & DOC_MINE && row->recipients && *row->recipients;
    char *names = names_only(mine ? row->recipients : row->sender ? row->sender : "");
    h->who = mine ? str_format(_("to %s"), names) : mem_strdup(names);
    free(names);
    h->subject = mem_strdup(row->subject ? row->subject : "");
    h->snippet = mem_strdup(row->snippet ? row->snippet : "");
    return true;
}

/* Looks; on the finder's thread. */
static enum status run_question(struct db *db, void *record, struct error *err)
{
    struct question *q = record;
    q->db = db;
    struct search_options o = {.now = clock_now(),
                               .limit = q->limit,
                               .before = q->before,
                               .by_rank = q->by_rank,
                               .snippets = true};
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

static const struct store_question question = {
    .name = "search", .run = run_question, .free = free_question, .typed = true};

static void count_soon(struct results *r);
static void look(struct results *r, const char *query, enum look_for what);

/* Asks once more: what came in the meantime may be in the index now. */
static void on_again(void *user)
{
    struct results *r = user;
    r->again = NULL;
    look(r, r->query, LOOK_AGAIN);
}

/* Mail changed: hits stay or go as the query says. */
static void refresh(struct results *r)
{
    r->stale = true;
    if (*r->query && !r->typing && !r->asked && !r->again)
        r->again = loop_timer(pane_loop(r->pane), REFRESH_MS, on_again, r);
}

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
    if (!q->further) {
        struct vec old = r->hits;
        r->hits = q->hits;
        q->hits = old;
    } else {
        for (size_t i = 0; i < q->hits.len; i++)
            *(struct hit *)vec_push(&r->hits) = *(struct hit *)vec_at(&q->hits, i);
        q->hits.len = 0; /* moved */
    }
    r->more = q->more && r->hits.len < HITS_MAX;
    list_reload(r->list);
    if (r->typing)
        list_select_row(r->list, 0);
    if (!q->further)
        count_soon(r);
    if (!q->further && !r->more && !error_is(err) && store_index_waits(pane_store(r->pane)))
        r->again = loop_timer(pane_loop(r->pane), AGAIN_MS, on_again, r);
    if (r->stale)
        refresh(r);
    pane_dirty(r->pane);
}

/* What the finder was asked is stale. */
static void forget(struct results *r)
{
    if (r->question)
        r->question->results = NULL;
    store_ask_cancel(pane_store(r->pane), r->asked);
    r->question = NULL;
    r->asked = NULL;
    if (r->tally)
        r->tally->results = NULL;
    store_ask_cancel(pane_store(r->pane), r->counting);
    r->tally = NULL;
    r->counting = NULL;
    loop_remove(pane_loop(r->pane), r->rest);
    loop_remove(pane_loop(r->pane), r->again);
    r->rest = r->again = NULL;
}

/* Asks the finder for the first hits, or those behind what is there. */
static void look(struct results *r, const char *query, enum look_for what)
{
    struct question *q = mem_alloc(sizeof *q);
    bool further = what == LOOK_FURTHER;
    forget(r);
    r->stale = false;
    q->results = r;
    q->query = mem_strdup(query);
    q->by_rank = r->by_rank;
    q->limit = what == LOOK_AGAIN && r->hits.len > PAGE ? (int64_t)r->hits.len : PAGE;
    q->further = further && !r->by_rank;
    if (further && r->by_rank) /* ranks have no cursor: all from the first on */
        q->limit = 2 * (int64_t)r->hits.len + PAGE;
    else if (further && r->hits.len)
        q->before = ((struct hit *)vec_at(&r->hits, r->hits.len - 1))->key;
    if (!further)
        r->total = -1;
    vec_init(&q->hits, sizeof(struct hit), hit_fini);
    r->question = q;
    r->asked = store_ask(pane_store(r->pane), &question, q, on_found, NULL);
}

/* ---- how many ---- */

/* Counts; on the finder's thread. */
static enum status run_tally(struct db *db, void *record, struct error *err)
{
    struct tally *t = record;
    struct search_options o = {.now = clock_now()};
    return search_count(db, t->query, &o, &t->count, err);
}

/* Releases the question. */
static void free_tally(void *record)
{
    struct tally *t = record;
    free(t->query);
    free(t);
}

static const struct store_question tally_question = {
    .name = "search count", .run = run_tally, .free = free_tally};

/* Counted. */
static void on_tally(void *user, void *record, const struct error *err)
{
    struct tally *t = record;
    struct results *r = t->results;
    (void)user;
    if (!r)
        return;
    r->tally = NULL;
    r->counting = NULL;
    if (!error_is(err))
        r->total = t->count;
    pane_dirty(r->pane);
}

/* Nobody has typed for a moment. */
static void on_rest(void *user)
{
    struct results *r = user;
    struct tally *t = mem_alloc(sizeof *t);
    r->rest = NULL;
    t->results = r;
    t->query = mem_strdup(r->query);
    r->tally = t;
    r->counting = store_ask(pane_store(r->pane), &tally_question, t, on_tally, NULL);
}

/* Counts when there is more than what is shown, and when nobody types. */
static void count_soon(struct results *r)
{
    loop_remove(pane_loop(r->pane), r->rest);
    r->rest = NULL;
    if (!r->more)
        r->total = (int64_t)r->hits.len;
    else
        r->rest = loop_timer(pane_loop(r->pane), REST_MS, on_rest, r);
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
    col = canvas_column(c, 0, col, clock_short_cells(), STYLE_DIM, CUT_END, clock_short(h->date, clock_now(), when)) + 1;
    col = canvas_column(c, 0, col, names, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN, h->who) + 1;
    if (h->held)
        col = canvas_text(c, 0, col, STYLE_DUE, _("held")) + 2;
    unsigned weight = h->flags & DOC_UNREAD ? STYLE_BOLD : STYLE_PLAIN;
    int end = c->cols;
    if ((int)utf8_cells(h->subject, strlen(h->subject)) > c->cols - col)
        canvas_column(c, 0, col, c->cols - col, weight, CUT_END | CANVAS_FOREIGN, h->subject);
    else
        end = canvas_foreign(c, 0, col, weight, h->subject) + 2;
    canvas_column(c, 0, end, c->cols - end, STYLE_DIM, CUT_END | CANVAS_FOREIGN, h->snippet);
}

/* Search in what is shown. */
static bool row_match(void *user, size_t i, const char *needle)
{
    const struct hit *h = vec_at(&((struct results *)user)->hits, i);
    return utf8_contains_folded(h->subject, needle) || utf8_contains_folded(h->who, needle);
}

/* The view is near the end of what is there. */
static void row_more(void *user)
{
    struct results *r = user;
    if (r->more && !r->asked && !r->typing)
        look(r, r->query, LOOK_FURTHER);
}

static const struct list_rows list_rows = {
    .count = row_count, .id = row_id, .draw = row_draw, .match = row_match, .more = row_more};

/* ---- the pane ---- */

/* Opens with a query; behind PANE_BY_RANK by relevance; none: it is typed. */
static void *new_results(struct pane *p, const char *arg)
{
    struct results *r = mem_alloc(sizeof *r);
    r->pane = p;
    r->by_rank = arg && str_starts(arg, PANE_BY_RANK);
    r->query = mem_strdup(!arg ? "" : r->by_rank ? arg + strlen(PANE_BY_RANK) : arg);
    r->total = -1;
    vec_init(&r->hits, sizeof(struct hit), hit_fini);
    r->list = list_new(&list_rows, r);
    if (*r->query)
        look(r, r->query, LOOK_NEW);
    return r;
}

/* Closes it; a question under way is stale. */
static void free_results(void *state)
{
    struct results *r = state;
    forget(r);
    list_free(r->list);
    vec_fini(&r->hits);
    free(r->before);
    free(r->query);
    free(r);
}

/* How many hits: all of them, or so far. Returns the column behind it. */
static int draw_total(const struct results *r, struct canvas *c, int col)
{
    if (error_is(&r->wrong)) /* what cannot be read is not looked for */
        return canvas_column(c, 0, col, c->cols - col, STYLE_DIM, CUT_END | CANVAS_FOREIGN, r->wrong.text);
    if (!r->done && *r->query)
        return canvas_text(c, 0, col, STYLE_DIM, _("looking"));
    if (r->total > (int64_t)r->hits.len)
        return canvas_textf(c, 0, col, STYLE_DIM, r->by_rank ? _("the best of %lld") : _("the newest of %lld"),
                     (long long)r->total);
    if (r->more)
        return canvas_textf(c, 0, col, STYLE_DIM, r->by_rank ? _("the best %zu") : _("the newest %zu"),
                     r->hits.len);
    if (*r->query)
        return canvas_textf(c, 0, col, STYLE_DIM, r->by_rank ? _("%zu found, the best first") : _("%zu found"),
                     r->hits.len);
    return col;
}

/* The query and how many, then the hits. */
static void draw_results(void *state, struct canvas *c, bool focused)
{
    struct results *r = state;
    struct canvas rest = canvas_sub(c, 1, 0, c->rows - 1, c->cols);
    if (pane_only_moved(r->pane) && r->hits.len) {
        list_draw_moved(r->list, &rest, focused);
        return;
    }
    canvas_clear_row(c, 0);
    const char *query = *r->query ? r->query : _("Search");
    int cells = (int)utf8_cells(query, strlen(query)), most = c->cols - TOTAL_CELLS;
    int col = canvas_column(c, 0, 1, cells < most ? cells : most, STYLE_BOLD, CUT_END | CANVAS_FOREIGN, query) + 2;
    col = draw_total(r, c, col) + 3;
    const char *keeps = _(":save-search NAME keeps it");
    if (r->hits.len && !r->typing && col + (int)utf8_cells(keeps, strlen(keeps)) < c->cols)
        canvas_text(c, 0, col, STYLE_DIM, keeps);
    if (r->hits.len) {
        list_draw(r->list, &rest, focused);
        return;
    }
    canvas_clear(&rest);
    if (!*r->query) {
        canvas_text(&rest, 1, 2, STYLE_DIM,
                    _("Words, \"a phrase\", word*, OR, -not; from: to: subject: in: label: lane:"));
        canvas_text(&rest, 2, 2, STYLE_DIM,
                    _("is:unread has:attachment date:2026-03.. newer:7d kind:note thread:t5"));
    } else if (r->done && !error_is(&r->wrong)) {
        canvas_text(&rest, 1, 2, STYLE_PLAIN, _("Nothing found."));
    }
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

/* The marked hits, else the selected one. */
static void target_hits(struct results *r, struct vec *hits /* const struct hit *, borrowed */)
{
    struct vec keys;
    vec_init(&keys, sizeof(int64_t), NULL);
    vec_init(hits, sizeof(const struct hit *), NULL);
    list_target(r->list, &keys);
    for (size_t k = 0; k < keys.len; k++)
        for (size_t i = 0; i < r->hits.len; i++) {
            const struct hit *h = vec_at(&r->hits, i);
            if (h->key == *(int64_t *)vec_at(&keys, k))
                *(const struct hit **)vec_push(hits) = h;
        }
    vec_fini(&keys);
}

/* Ids for commands. */
static void target_results(void *state, struct vec *ids)
{
    struct vec hits;
    target_hits(state, &hits);
    for (size_t i = 0; i < hits.len; i++)
        strv_push(ids, (*(const struct hit **)vec_at(&hits, i))->id);
    vec_fini(&hits);
}

/* The words around the hit. */
static void why_results(void *state, struct str *out)
{
    const struct hit *h = selected(state);
    if (h && !list_say_marks(((struct results *)state)->list, out))
        str_puts(out, h->snippet);
}

/* Search in what is shown. */
static bool search_results(void *state, const char *needle, int direction)
{
    return list_search(((struct results *)state)->list, needle, direction);
}

/* Another query takes the place of this one. */
static void set_query(struct results *r, const char *query)
{
    char *copy = mem_strdup(query);
    free(r->query);
    r->query = copy;
    r->done = false;
}

/* ---- the query as it is typed ---- */

/* Does the last word stand for a beginning? Not behind a field that has words of its own, not within
 * a phrase, not when it is Chinese, which is found in the middle of text anyway. */
static bool is_beginning(const char *query)
{
    static const char *const texts[] = {"from:", "to:", "cc:", "subject:", "body:", "name:"};
    const char *word = strrchr(query, ' '), *colon;
    size_t quotes = 0, n = strlen(query);
    word = word ? word + 1 : query;
    word += strspn(word, "-(");
    for (const char *p = query; *p; p++)
        quotes += *p == '"';
    if (n == 0 || quotes % 2 || !((query[n - 1] | 32) >= 'a' && (query[n - 1] | 32) <= 'z'))
        return false;
    if (str_eq(word, "OR") || str_eq(word, "NOT") || str_eq(word, "AND"))
        return false;
    colon = strchr(word, ':');
    for (size_t i = 0; colon && i < sizeof texts / sizeof *texts; i++)
        if (str_starts_nocase(word, texts[i]))
            return true;
    return !colon;
}

/* A key changed the query: the finder looks for what stands there, if it can be read. */
static void on_type(void *state, const char *text)
{
    struct results *r = state;
    char *wide = str_format("%s%s", text, is_beginning(text) ? "*" : "");
    set_query(r, text);
    r->wrong = ERROR_INIT;
    forget(r);
    if (*text && search_check(wide, &r->wrong) == STATUS_OK)
        look(r, wide, LOOK_NEW);
    else
        r->done = true;
    if (!*text) {
        vec_clear(&r->hits);
        r->more = false;
        list_reload(r->list);
    }
    free(wide);
    pane_dirty(r->pane);
}

/* Enter: the query as it stands. Left: what was there before, or nothing. */
static void on_typed(void *state, const char *answer)
{
    struct results *r = state;
    r->typing = false;
    if (answer && *answer) {
        set_query(r, answer);
        r->wrong = ERROR_INIT;
        if (search_check(answer, &r->wrong) == STATUS_OK)
            look(r, answer, LOOK_NEW);
        else
            pane_error(r->pane, &r->wrong);
    } else if (r->before) {
        set_query(r, r->before);
        r->wrong = ERROR_INIT;
        look(r, r->query, LOOK_NEW);
    } else {
        pane_close(r->pane);
    }
    pane_dirty(r->pane);
}

/* Asks for the query in the hint row; hits show above while it is typed. */
void pane_results_type(struct pane *p)
{
    struct results *r = pane_state(p);
    struct pane_question q = {.prompt = _("search everywhere"),
                              .hint = _("Enter keeps the hits  Up earlier searches  Esc back"),
                              .history = "everywhere",
                              .initial = r->query,
                              .on_change = on_type,
                              .on_answer = on_typed};
    free(r->before);
    r->before = *r->query ? mem_strdup(r->query) : NULL;
    r->typing = true;
    pane_ask(p, &q);
}

/* By date or by relevance. */
static bool set_order(struct results *r, const char *word)
{
    bool by_rank = word ? str_eq(word, "rank") : !r->by_rank;
    if (word && !by_rank && !str_eq(word, "date"))
        return false;
    r->by_rank = by_rank;
    look(r, r->query, LOOK_NEW);
    list_select_row(r->list, 0);
    pane_dirty(r->pane);
    return true;
}

/* ---- acting on hits ---- */

/* Is it a command on mails, of which none is named? */
static bool is_for_mails(size_t argc, const char *const *argv)
{
    static const char *const names[] = {
        "archive", "delete", "spam", "mark-read", "mark-unread", "flag", "unflag", "label", "move",
        "snooze", "unsnooze", "mute", "unmute", "lane", "unsubscribe", "summary", "reply", "forward",
        "edit-as-new", "attachments"};
    bool found = false;
    char letter;
    int64_t number;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        found = found || str_eq(argv[0], names[i]);
    for (size_t i = 1; i < argc; i++)
        if (str_starts(argv[i], "--query") || str_eq(argv[i], "-") || command_id(argv[i], &letter, &number))
            return false;
    return found;
}

/* The mails among the marked hits, else the selected one; what is none stays. */
static void target_mails(struct results *r, struct vec *mails)
{
    struct vec hits;
    target_hits(r, &hits);
    for (size_t i = 0; i < hits.len; i++) {
        const struct hit *h = *(const struct hit **)vec_at(&hits, i);
        if (h->mail)
            *(int64_t *)vec_push(mails) = h->mail;
    }
    vec_fini(&hits);
}

/* Before a change: the next hit is selected, whether this one goes or stays. */
static void leave_results(void *state, const struct vec *mails)
{
    struct results *r = state;
    int64_t before = list_selected(r->list);
    if (!list_marked(r->list))
        list_verb(r->list, PANE_DOWN, 0);
    if (list_marked(r->list) || list_selected(r->list) == before) {
        struct vec keys;
        vec_init(&keys, sizeof(int64_t), NULL);
        for (size_t m = 0; m < mails->len; m++)
            for (size_t i = 0; i < r->hits.len; i++) {
                const struct hit *h = vec_at(&r->hits, i);
                if (h->mail == *(int64_t *)vec_at(mails, m))
                    *(int64_t *)vec_push(&keys) = h->key;
            }
        list_leave(r->list, (const int64_t *)(const void *)keys.items, keys.len);
        vec_fini(&keys);
    }
    list_unmark(r->list);
    pane_dirty(r->pane);
}

/* The command as it stands, on these mails. */
static void run_on(struct results *r, size_t argc, const char *const *argv, const struct vec *mails)
{
    struct str line = STR_INIT;
    str_puts(&line, argv[0]);
    for (size_t i = 1; i < argc; i++) {
        str_putc(&line, ' ');
        pane_words_quote(&line, argv[i]);
    }
    for (size_t i = 0; i < mails->len; i++)
        str_addf(&line, " m%lld", (long long)*(int64_t *)vec_at(mails, i));
    pane_run(r->pane, str_text(&line));
    str_fini(&line);
}

/* What opens the conversation of the selected hit in another form; false: another command. */
static bool open_thread(struct results *r, const char *name)
{
    const struct hit *h = selected(r);
    const char *pane = str_eq(name, "summary") ? "summary" : str_eq(name, "attachments") ? "parts" : NULL;
    if (!pane || !h || !h->thread)
        return false;
    char *id = str_format("t%lld", (long long)h->thread);
    pane_open(r->pane, pane, id);
    free(id);
    return true;
}

/* Commands on mails: hits that are mails take them as the inbox's rows do. */
static bool act_on_mails(struct results *r, size_t argc, const char *const *argv)
{
    const struct hit *h = selected(r);
    struct vec mails;
    if (!h || !is_for_mails(argc, argv))
        return false;
    vec_init(&mails, sizeof(int64_t), NULL);
    target_mails(r, &mails);
    if (!mails.len)
        pane_say(r->pane, _("%s is no mail: %s works on mails"), h->id, argv[0]);
    else if (!open_thread(r, argv[0]) && !pane_reply_command(r->pane, 0, h->mail, argc, argv) &&
             !pane_act_command(r->pane, argc, argv, 'm', &mails, leave_results, NULL))
        run_on(r, argc, argv, &mails);
    vec_fini(&mails);
    return true;
}

/* The result of a command that was run here. */
static void result_results(void *state, const char *command, const struct json *obj)
{
    pane_reply_result(((struct results *)state)->pane, command, obj);
}

/* Mail changed. */
static void reload_results(void *state, unsigned bits)
{
    (void)bits;
    refresh(state);
}

/* C-x f changes the query; O the order. */
static bool command_results(void *state, size_t argc, const char *const *argv)
{
    struct results *r = state;
    if (pane_sent_undo(r->pane, argc, argv))
        return true;
    if (str_eq(argv[0], "search-order"))
        return set_order(r, argc > 1 ? argv[1] : NULL);
    if (str_eq(argv[0], "everywhere") && argc == 1) {
        pane_results_type(r->pane);
        return true;
    }
    return act_on_mails(r, argc, argv) ||
           (str_eq(argv[0], "compose") && pane_reply_command(r->pane, 0, 0, argc, argv));
}

/* What keys do here. */
static void hints_results(void *state, struct str *out)
{
    struct results *r = state;
    const struct hit *h = selected(r);
    if (h && h->mail)
        str_puts(out, _("Enter open  r reply  a archive  t lane  s snooze  "));
    else
        str_puts(out, _("Enter open  "));
    str_puts(out, r->by_rank ? _("O by date  C-x f change") : _("O by relevance  C-x f change"));
}

/* For coming back. */
static void place_results(void *state, struct str *out)
{
    const struct results *r = state;
    str_addf(out, "%s%s", r->by_rank ? PANE_BY_RANK : "", r->query);
}

const struct pane_ops results_pane = {
    .name = "results", .title = N_("Search"), .runs = "search", .keys = KEYS_LIST | KEYS_INBOX,
    .watch = WATCH_MAIL, .new_state = new_results, .reload = reload_results, .result = result_results,
    .free = free_results, .draw = draw_results, .verb = verb_results, .command = command_results,
    .target = target_results, .hints = hints_results, .why = why_results, .search = search_results, .place = place_results,
};
