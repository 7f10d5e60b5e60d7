/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ids.c - the ids a command works on: named, from stdin, from a search, or the screen's rows. */
#include "command/ids.h"
#include "command/gather.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "store/search.h"
#include "store/store.h"

#define IDS_STDIN_MAX (4u << 20)

/* A search whose hits become ids: the record of the finder's question. */
struct ids_search {
    char *query; /* own */
    bool threads;
    int64_t limit;
    struct vec ids; /* struct command_target */
    bool more;
    struct command_gather *gather; /* borrow; only in the loop's thread */
};

/* Reads "12:31" or "00:12:31" as milliseconds; false when it is none. */
static bool read_place(const char *text, int64_t *ms)
{
    int64_t total = 0;
    int fields = 0;
    for (const char *p = text;; p++) {
        size_t n = strspn(p, "0123456789");
        if (n == 0 || n > 4)
            return false;
        int64_t value = 0;
        for (size_t i = 0; i < n; i++)
            value = value * 10 + (p[i] - '0');
        total = total * 60 + value;
        fields++;
        p += n;
        if (*p == '\0')
            break;
        if (*p != ':' || fields == 3)
            return false;
    }
    *ms = total * 1000;
    return fields > 1;
}

/* Reads an id with an optional place, "n4@00:12:31". */
static bool read_target(const char *text, struct command_target *out)
{
    *out = (struct command_target){0};
    const char *at = strchr(text, '@');
    char *bare = mem_strndup(text, at ? (size_t)(at - text) : strlen(text));
    bool good = command_id(bare, &out->letter, &out->number);
    free(bare);
    if (good && at) {
        good = read_place(at + 1, &out->from);
        out->from++;
    }
    return good;
}

/* Writes an id as people read it. */
const char *command_id_text(char letter, int64_t number, char buf[COMMAND_ID_TEXT])
{
    snprintf(buf, COMMAND_ID_TEXT, "%c%" PRId64, letter, number);
    return buf;
}

/* Appends a target unless it is there; lists from a search come sorted and never repeat a message,
 * so the whole list is only walked for short ones. */
static void add_target(struct vec *ids, const struct command_target *t)
{
    for (size_t i = 0; i < ids->len; i++) {
        const struct command_target *have = vec_at(ids, i);
        if (have->letter == t->letter && have->number == t->number && have->from == t->from)
            return;
    }
    struct command_target *added = vec_push(ids);
    *added = *t;
}

/* Appends one id. */
void command_ids_add(struct vec *ids, char letter, int64_t number)
{
    add_target(ids, &(struct command_target){.letter = letter, .number = number});
}

/* Adds one skipped thing to a result. */
void command_skip(struct json *skipped, char letter, int64_t number, const char *why)
{
    char buf[COMMAND_ID_TEXT];
    struct json *o = json_object();
    json_set_str(o, "id", command_id_text(letter, number, buf));
    json_set_str(o, "why", why);
    json_push(skipped, o);
}

/* The error of ids that do not exist. */
void command_missing(struct error *err, int count, const char *list)
{
    error_set(err, STATUS_NO_SUCH,
              P_("%d of the named ids does not exist", "%d of the named ids do not exist", count),
              count);
    (void)error_hint(err, _("“%s” lists those there are"), list);
}

/* The ids of a call. */
const struct vec *command_ids(const struct command_call *c)
{
    return &command_gathered(c)->ids;
}

/* The query the ids came from. */
const char *command_ids_query(const struct command_call *c)
{
    return command_gathered(c)->query;
}

/* Makes an empty gathering. */
void gather_init(struct command_gather *g)
{
    *g = (struct command_gather){0};
    vec_init(&g->ids, sizeof(struct command_target), NULL);
}

/* Releases the ids. */
void gather_fini(struct command_gather *g)
{
    vec_fini(&g->ids);
}

/* Adds one word as an id; USAGE when it is none. */
static enum status add_word(struct command_gather *g, const char *word, struct error *err)
{
    struct command_target t;
    if (!read_target(word, &t)) {
        (void)error_set(err, STATUS_USAGE, _("“%s” is not an id"), word);
        return error_hint(err, _("ids look like m12 (a message) or t5 (a thread); search prints them"));
    }
    add_target(&g->ids, &t);
    return STATUS_OK;
}

/* Reads ids from stdin, white space between them. */
static enum status add_stdin(struct command_gather *g, struct error *err)
{
    char *text = command_stdin(g->call, IDS_STDIN_MAX, err);
    if (!text)
        return err->status;
    enum status s = STATUS_OK;
    for (char *p = text; s == STATUS_OK;) {
        p += strspn(p, " \t\r\n");
        size_t n = strcspn(p, " \t\r\n");
        if (n == 0)
            break;
        char *word = mem_strndup(p, n);
        s = add_word(g, word, err);
        free(word);
        p += n;
    }
    free(text);
    return s;
}

/* Keeps one hit as an id. */
static bool on_hit(void *user, const struct search_row *row)
{
    struct ids_search *s = user;
    struct command_target *t = vec_push(&s->ids);
    if (s->threads && row->thread)
        *t = (struct command_target){.letter = 't', .number = row->thread};
    else
        *t = (struct command_target){.letter = doc_kind_letter(row->kind), .number = row->ref};
    return true;
}

/* Orders targets by letter and number. */
static int compare_targets(const void *a, const void *b)
{
    const struct command_target *x = a, *y = b;
    if (x->letter != y->letter)
        return x->letter < y->letter ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Leaves each thread once. */
static void drop_repeats(struct vec *ids)
{
    size_t kept = 0;
    vec_sort(ids, compare_targets);
    for (size_t i = 0; i < ids->len; i++) {
        struct command_target *t = vec_at(ids, i);
        struct command_target *last = kept ? vec_at(ids, kept - 1) : NULL;
        if (last && compare_targets(last, t) == 0)
            continue;
        struct command_target *to = vec_at(ids, kept++);
        *to = *t;
    }
    ids->len = kept;
}

/* The question: runs the search on a reading connection. */
static enum status run_search(struct db *db, void *record, struct error *err)
{
    struct ids_search *s = record;
    struct search_options o = {
        .now = clock_now(), .limit = s->limit, .kinds = 1u << DOC_MAIL};
    enum status status = search_run(db, s->query, &o, on_hit, s, &s->more, err);
    if (status == STATUS_OK && s->threads)
        drop_repeats(&s->ids);
    return status;
}

/* Releases the question's record. */
static void free_search(void *record)
{
    struct ids_search *s = record;
    vec_fini(&s->ids);
    free(s->query);
    free(s);
}

/* The search has ended: takes its ids over. */
static void on_searched(void *user, void *record, const struct error *err)
{
    struct command_gather *g = user;
    struct ids_search *s = record;
    struct error e = *err;
    g->asked = NULL;
    if (!error_is(&e) && s->limit > 0 && (s->more || s->ids.len > COMMAND_IDS_MANY)) {
        (void)error_set(&e, STATUS_REFUSED, _("the query finds more than %d messages"),
                        COMMAND_IDS_MANY);
        (void)error_hint(&e, _("--yes works on all of them; --dry-run shows which"));
        (void)error_yes(&e);
    }
    if (!error_is(&e)) {
        vec_fini(&g->ids);
        g->ids = s->ids;
        vec_init(&s->ids, sizeof(struct command_target), NULL);
    }
    g->done(g->call, &e);
}

/* Starts the search of --query. */
static void start_search(struct command_gather *g, const struct command_env *env,
                         const struct command_line *line, const char *query)
{
    static const struct store_question question = {
        .name = "ids", .run = run_search, .free = free_search};
    struct error err = ERROR_INIT;
    char *trimmed = str_trim(mem_strdup(query));
    bool free_to_go = line->globals.yes || line->globals.dry;
    if (!*trimmed) {
        (void)error_set(&err, STATUS_USAGE, _("--query is empty"));
        (void)error_hint(&err, _("“*” means everything, with --yes"));
    } else if (strcmp(trimmed, "*") == 0 && !free_to_go) {
        (void)error_set(&err, STATUS_REFUSED, _("the query “*” means everything"));
        (void)error_hint(&err, _("say it again with --yes"));
        (void)error_yes(&err);
    }
    if (error_is(&err)) {
        free(trimmed);
        g->done(g->call, &err);
        return;
    }
    g->query = query;
    struct ids_search *s = mem_alloc(sizeof(*s));
    s->query = trimmed;
    s->threads = command_has(g->call, "threads");
    s->limit = free_to_go ? -1 : (s->threads ? 20 * COMMAND_IDS_MANY : COMMAND_IDS_MANY + 1);
    vec_init(&s->ids, sizeof(struct command_target), NULL);
    g->asked = store_ask(env->store, &question, s, on_searched, g);
}

/* Does a word name what a command works on, or stand for ids from stdin? */
static bool is_target(const char *word)
{
    struct command_target t;
    return strcmp(word, "-") == 0 || read_target(word, &t);
}

/* Gathers the ids of a call. */
void gather_start(struct command_gather *g, struct command_call *call,
                  const struct command_env *env, const struct command_line *line,
                  const struct vec *fixed,
                  void (*done)(struct command_call *call, const struct error *err))
{
    const struct command *row = line->row;
    bool many = row->max_args == -1;
    const char *query = many ? command_value(call, "query") : NULL;
    struct error err = ERROR_INIT;
    enum status s = STATUS_OK;
    g->call = call;
    g->done = done;
    g->first = (size_t)row->min_args;
    while (row->flags & CMD_WHEN && g->first < line->args.len &&
           !is_target(strv_at(&line->args, g->first)))
        g->first++;
    for (size_t i = g->first; i < line->args.len && s == STATUS_OK; i++) {
        const char *word = strv_at(&line->args, i);
        s = many && strcmp(word, "-") == 0 ? add_stdin(g, &err) : add_word(g, word, &err);
    }
    if (s == STATUS_OK && query && g->ids.len) {
        s = error_set(&err, STATUS_USAGE, _("%s: ids and --query together"), row->name);
        (void)error_hint(&err, _("put the ids into the query, or run it twice"));
    }
    if (s == STATUS_OK && query) {
        start_search(g, env, line, query);
        return;
    }
    bool named = line->args.len > g->first;
    bool needed = !strstr(row->args ? row->args : "", "[ID");
    if (s == STATUS_OK && !named && needed) {
        for (size_t i = 0; fixed && i < fixed->len && (many || i == 0); i++)
            add_target(&g->ids, vec_at(fixed, i));
        if (!fixed && env->target)
            env->target(env->user, row, many, &g->ids);
        if (g->ids.len == 0 && row->min_args > 0 && line->args.len && is_target(strv_at(&line->args, 0))) {
            char *usage = command_usage_line(row); /* the id stands where another word belongs */
            (void)error_set(&err, STATUS_USAGE, _("%s: %.*s is missing"), row->name, (int)strcspn(row->args, " "), row->args);
            (void)error_hint(&err, _("usage: %s"), usage);
            free(usage);
        } else if (g->ids.len == 0) {
            (void)error_set(&err, STATUS_USAGE, _("%s: on what?"), row->name);
            (void)error_hint(&err, many ? _("name ids (m12 t5), or --query Q")
                                        : _("name an id, such as m12 or t5"));
        }
    }
    done(call, &err);
}

/* Ends a search under way. */
bool gather_cancel(struct command_gather *g, const struct command_env *env)
{
    if (!g->asked)
        return false;
    store_ask_cancel(env->store, g->asked);
    return true;
}
