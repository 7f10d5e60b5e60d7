/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_search.c - search and count. In batch rows are printed as they are found; on the screen
 * the finder looks and the rows come when it is done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "office/commands_store.h"
#include "store/search.h"

enum { SCREEN_ROWS = 50, FEED_MS = 500, FROM_CELLS = 20, ID_CELLS = 7, DATE_CELLS = 10 };

enum output { SUMMARY, MESSAGES, THREADS, IDS };

struct hit { /* one line of the answer */
    struct json *json;
    char *text; /* own */
};

struct searching {
    struct command_call *call; /* borrow */
    char *query;               /* own */
    struct search_options options;
    enum output output;
    size_t width;     /* of the terminal; 0: lines are not cut */
    struct str seen;  /* a bit for each thread that was given */
    int64_t most;     /* threads: --limit, -1 none */
    struct vec rows;  /* struct hit; on the screen */
    bool collect;     /* rows wait for the end */
    bool more, full;  /* full: another thread came, and no more are wanted */
    int64_t shown, total, last; /* key of the last row */
    char last_id[COMMAND_ID_TEXT];
};

const struct command_option office_search_options[] = {
    {.name = "limit", .value = "N", .summary = N_("at most N hits")},
    {.name = "kind", .value = "KIND", .summary = N_("only this kind of thing"), .repeats = true,
     .complete = "=mail note transcript chat draft task event"},
    {.name = "sort", .value = "ORDER", .summary = N_("the newest or the best first"),
     .complete = "=date rank"},
    {.name = "output", .value = "FORM", .summary = N_("what is printed for a hit"),
     .complete = "=summary messages threads ids"},
    {.name = "after", .value = "ID", .summary = N_("goes on behind the hit with this id"),
     .complete = "id"},
    {.name = NULL},
};

const struct command_option office_count_options[] = {
    {.name = "kind", .value = "KIND", .summary = N_("only this kind of thing"), .repeats = true,
     .complete = "=mail note transcript chat draft task event"},
    {.name = NULL},
};

/* Releases a line of the answer. */
static void hit_fini(void *item)
{
    struct hit *h = item;
    json_free(h->json);
    free(h->text);
}

/* Releases a search. */
static void searching_free(void *p)
{
    struct searching *s = p;
    free(s->query);
    str_fini(&s->seen);
    vec_fini(&s->rows);
    free(s);
}

/* ---- rows ---- */

/* One address of "name <address>, …" as an object; returns what is left. */
static const char *next_address(const char *s, struct json **out)
{
    while (*s == ' ' || *s == ',')
        s++;
    *out = NULL;
    if (!*s)
        return s;
    const char *open = strchr(s, '<'), *comma = strstr(s, ", ");
    /* A comma belongs to a name unless an address stands before it. */
    bool bare = comma && (!open || comma < open) && memchr(s, '@', (size_t)(comma - s));
    const char *end = bare ? comma : open ? strchr(open, '>') : s + strlen(s);
    end = end ? end : s + strlen(s);
    char *name = NULL, *address;
    if (!bare && open) {
        name = mem_strndup(s, (size_t)(open - s));
        address = mem_strndup(open + 1, (size_t)(end - open - 1));
    } else {
        address = mem_strndup(s, (size_t)(end - s));
    }
    *out = json_object();
    if (name && *str_trim(name))
        json_set_str(*out, "name", str_trim(name));
    json_set_str(*out, "address", address);
    free(name);
    free(address);
    return *end == '>' ? end + 1 : end;
}

/* All addresses of a list. */
static struct json *addresses(const char *list)
{
    struct json *array = json_array(), *one;
    for (list = next_address(list, &one); one; list = next_address(list, &one))
        json_push(array, one);
    return array;
}

/* The letter of a row's thread; 0 when it has none. */
static char thread_letter(const struct search_row *r)
{
    if (r->thread <= 0)
        return 0;
    switch (r->kind) {
    case DOC_MAIL:
    case DOC_DRAFT:
        return 't';
    case DOC_CHAT:
        return 'c';
    case DOC_NOTE:
    case DOC_TRANSCRIPT:
        return 'n';
    default:
        return 0;
    }
}

/* Who a row is from, in a few words; yours. */
static char *who(const struct search_row *r)
{
    struct json *one;
    next_address(*r->sender ? r->sender : r->recipients, &one);
    const char *name = json_get_text(one, "name");
    char *text = mem_strdup(name ? name : one ? json_get_text(one, "address") : "");
    json_free(one);
    return text;
}

/* Appends text in so many cells; what a program reads is not cut. */
static void add_cells(const struct searching *s, struct str *out, const char *text, size_t cells)
{
    size_t at = out->len;
    utf8_cut_end(out, text, command_cells(s->call, cells), "…");
    for (size_t used = utf8_cells(out->data + at, out->len - at); used < cells; used++)
        str_putc(out, ' ');
}

/* The line for people. */
static char *line_of(const struct searching *s, const struct search_row *r, const char *id)
{
    char date[CLOCK_TEXT];
    struct str out = STR_INIT;
    add_cells(s, &out, id, ID_CELLS);
    str_putc(&out, ' ');
    add_cells(s, &out, clock_day(r->date, date), DATE_CELLS);
    str_puts(&out, "  ");
    char *from = who(r), *safe = gate_line(from);
    add_cells(s, &out, safe, FROM_CELLS);
    str_puts(&out, "  ");
    char *subject = gate_line(*r->subject ? r->subject : r->snippet);
    size_t used = ID_CELLS + 1 + DATE_CELLS + 2 + FROM_CELLS + 2;
    if (s->width > used + 8)
        utf8_cut_end(&out, subject, s->width - used, "…");
    else
        str_puts(&out, subject);
    free(from);
    free(safe);
    free(subject);
    while (out.len && out.data[out.len - 1] == ' ')
        str_truncate(&out, out.len - 1);
    return str_take(&out);
}

/* The whole object of a hit. */
static struct json *object_of(const struct search_row *r, const char *id)
{
    char buf[COMMAND_ID_TEXT];
    struct json *o = json_object(), *from;
    json_set_str(o, "id", id);
    json_set_str(o, "kind", doc_kind_word(r->kind));
    if (thread_letter(r))
        json_set_str(o, "thread", command_id_text(thread_letter(r), r->thread, buf));
    json_set_time(o, "date", r->date);
    bool spoken = r->kind == DOC_NOTE || r->kind == DOC_TRANSCRIPT || r->kind == DOC_CHAT;
    if (*r->sender && spoken) { /* names, no addresses */
        from = json_object();
        json_set_str(from, "name", r->sender);
    } else {
        next_address(r->sender, &from);
    }
    json_set(o, "from", from);
    json_set(o, "to", addresses(r->recipients));
    json_set_str(o, "subject", r->subject);
    json_set_str(o, "snippet", r->snippet);
    if (*r->moment) {
        char *ref = str_format("%s@%s", id, r->moment);
        json_set_str(o, "ref", ref);
        free(ref);
    }
    if (r->score > 0)
        json_set_real(o, "score", r->score);
    return o;
}

/* Was this thread given already? Notes it. */
static bool seen_thread(struct searching *s, int64_t thread, char letter)
{
    size_t bit = (size_t)thread * 3 + (letter == 't' ? 0 : letter == 'c' ? 1 : 2), byte = bit / 8;
    unsigned char mask = (unsigned char)(1u << bit % 8);
    while (s->seen.len <= byte)
        str_putc(&s->seen, 0);
    unsigned char *at = (unsigned char *)s->seen.data + byte;
    bool seen = *at & mask;
    *at |= mask;
    return seen;
}

/* One row: printed, or kept until the end. */
static bool on_row(void *user, const struct search_row *r)
{
    struct searching *s = user;
    char id[COMMAND_ID_TEXT];
    command_id_text(doc_kind_letter(r->kind), r->ref, id);
    char letter = thread_letter(r);
    s->last = r->key;
    if (s->output == THREADS) {
        if (!letter || seen_thread(s, r->thread, letter))
            return true;
        s->full = s->most >= 0 && s->shown >= s->most;
        if (s->full)
            return false;
        command_id_text(letter, r->thread, id);
    }
    struct hit h = {NULL, NULL};
    if (s->output == SUMMARY) {
        h.json = object_of(r, id);
        h.text = line_of(s, r, id);
    } else {
        h.json = json_object();
        json_set_str(h.json, "id", id);
        h.text = mem_strdup(id);
    }
    snprintf(s->last_id, sizeof s->last_id, "%c%lld", doc_kind_letter(r->kind), (long long)r->ref);
    s->shown++;
    if (s->collect) {
        *(struct hit *)vec_push(&s->rows) = h;
    } else {
        command_item(s->call, h.json, h.text);
        free(h.text);
    }
    return true;
}

/* ---- reading the options ---- */

/* --kind, as bits; false after telling. */
static bool read_kinds(struct command_call *c, unsigned *kinds)
{
    const char *words[16];
    size_t n = command_values(c, "kind", words, 16);
    for (size_t i = 0; i < n && i < 16; i++) {
        unsigned bit = 0;
        for (int k = DOC_MAIL; k <= DOC_EVENT; k++)
            if (str_eq(words[i], doc_kind_word((enum doc_kind)k)))
                bit = 1u << k;
        if (!bit) {
            command_usage(c, _("--kind: knows mail note transcript chat draft task event, not %s"),
                          words[i]);
            return false;
        }
        *kinds |= bit;
    }
    return true;
}

/* --after: the key behind which it goes on. */
static bool read_after(struct command_call *c, int64_t *before)
{
    const char *after = command_value(c, "after");
    char letter;
    int64_t number, key = 0;
    if (!after)
        return true;
    if (!command_id(after, &letter, &number)) {
        command_usage(c, _("--after: needs the id of a hit, such as m12, not %s"), after);
        return false;
    }
    struct db *db = store_reader(command_store(c));
    for (int k = DOC_MAIL; k <= DOC_EVENT && !key; k++)
        if (doc_kind_letter((enum doc_kind)k) == letter)
            key = doc_find(db, (enum doc_kind)k, number);
    if (!key) {
        struct error err = ERROR_INIT;
        error_set(&err, STATUS_NO_SUCH, _("there is no %s"), after);
        command_fail(c, &err);
        return false;
    }
    *before = key;
    return true;
}

/* --limit, --sort, --output; false after telling. */
static bool read_form(struct command_call *c, struct searching *s)
{
    const char *sort = command_value(c, "sort"), *output = command_value(c, "output");
    if (!command_limit(c, SCREEN_ROWS, &s->options.limit))
        return false;
    if (sort && !str_eq(sort, "date") && !str_eq(sort, "rank")) {
        command_usage(c, _("--sort: knows date and rank, not %s"), sort);
        return false;
    }
    s->options.by_rank = str_eq(sort, "rank");
    static const char *const forms[] = {"summary", "messages", "threads", "ids"};
    for (size_t i = 0; output && i < 4; i++)
        if (str_eq(output, forms[i])) {
            s->output = (enum output)i;
            output = NULL;
        }
    if (output) {
        command_usage(c, _("--output: knows summary, messages, threads and ids, not %s"), output);
        return false;
    }
    s->most = s->options.limit;
    if (s->output == THREADS) /* of threads, not of hits */
        s->options.limit = -1;
    if (s->output == MESSAGES)
        s->options.kinds = 1u << DOC_MAIL;
    s->options.snippets = s->output == SUMMARY && command_is_json(c);
    s->options.scores = s->options.snippets && s->options.limit < 0;
    return true;
}

/* The columns of the terminal; 0 when there is none. */
static size_t terminal_width(struct command_call *c)
{
    struct winsize w;
    if (!command_is_terminal(c) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
        return 0;
    return w.ws_col;
}

/* ---- running ---- */

/* The closing line and object. */
static void end_search(struct searching *s)
{
    struct command_call *c = s->call;
    for (size_t i = 0; i < s->rows.len; i++) {
        struct hit *h = vec_at(&s->rows, i);
        command_item(c, h->json, h->text);
        h->json = NULL;
    }
    struct json *o = json_object();
    json_set_int(o, "count", s->shown);
    json_set_bool(o, "more", s->more);
    if (s->more && s->shown > 0 && !s->options.by_rank)
        json_set_str(o, "cursor", s->last_id);
    if (s->more && s->total > s->shown)
        json_set_int(o, "total", s->total);
    command_result(c, o, NULL);
    if (s->more && s->total > 0 && (command_is_terminal(c) || command_is_screen(c)))
        command_note(c, _("%lld of %lld"), (long long)s->shown, (long long)s->total);
    else if (s->shown == 0 && (command_is_terminal(c) || command_is_screen(c)))
        command_note(c, "%s", _("nothing found"));
}

/* Searches, and counts all hits when a person shall read "50 of 812". */
static enum status look(struct db *db, struct searching *s, struct error *err)
{
    enum status st = search_run(db, s->query, &s->options, on_row, s, &s->more, err);
    s->more = s->more || s->full;
    if (st == STATUS_OK && s->more && !s->options.before && s->output != THREADS)
        st = search_count(db, s->query, &s->options, &s->total, err);
    return st;
}

/* The finder's part. */
static enum status ask_search(struct db *db, void *record, struct error *err)
{
    return look(db, record, err);
}

/* The finder has answered. */
static void answered(void *user, void *record, const struct error *err)
{
    (void)user;
    struct searching *s = record;
    struct command_call *c = s->call;
    if (err->status == STATUS_OK)
        end_search(s);
    command_end(c, err);
}

static const struct store_question search_question = {
    .name = "search", .run = ask_search, .free = searching_free};

struct feeding {
    struct command_call *call; /* borrow */
    int64_t since;
};

/* Rows are left for the index: all of them are waited for, unless another bureau feeds it too. */
static bool on_left(void *user, int64_t left)
{
    const struct feeding *f = user;
    command_progress(f->call, 0, left, _("indexing"));
    return clock_mono_ms() - f->since < FEED_MS || store_others(command_store(f->call)) == 0;
}

/* In batch, what was written just now shall be found: the index is fed first. */
static bool index_first(struct command_call *c, struct error *err)
{
    struct feeding f = {c, clock_mono_ms()};
    return command_is_screen(c) ||
           store_index(command_store(c), on_left, &f, err) == STATUS_OK ||
           err->status == STATUS_LOCKED || err->status == STATUS_FULL;
}

/* search QUERY */
enum command_result office_run_search(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct searching *s = mem_alloc(sizeof *s);
    s->call = c;
    s->query = mem_strdup(command_text(c, 0));
    s->options.now = clock_now();
    s->seen = STR_INIT;
    vec_init(&s->rows, sizeof(struct hit), hit_fini);
    if (!read_form(c, s) || !read_kinds(c, &s->options.kinds) ||
        !read_after(c, &s->options.before)) {
        searching_free(s);
        return COMMAND_DONE;
    }
    if (search_check(s->query, &err) != STATUS_OK || !index_first(c, &err)) {
        searching_free(s);
        return command_fail(c, &err);
    }
    s->width = terminal_width(c);
    if (command_is_screen(c)) {
        s->collect = true;
        store_ask(command_store(c), &search_question, s, answered, NULL);
        return COMMAND_WAIT;
    }
    enum status st = look(store_reader(command_store(c)), s, &err);
    if (st == STATUS_OK)
        end_search(s);
    searching_free(s);
    return st == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
}

/* ---- count ---- */

struct counting {
    char *query; /* own */
    struct search_options options;
    int64_t count;
};

/* Releases a count. */
static void counting_free(void *p)
{
    free(((struct counting *)p)->query);
    free(p);
}

/* The finder's part. */
static enum status ask_count(struct db *db, void *record, struct error *err)
{
    struct counting *n = record;
    return search_count(db, n->query, &n->options, &n->count, err);
}

/* The finder has counted. */
static void counted(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct counting *n = record;
    if (err->status == STATUS_OK) {
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long)n->count);
        struct json *o = json_object();
        json_set_int(o, "count", n->count);
        command_result(c, o, text);
    }
    command_end(c, err);
}

static const struct store_question count_question = {
    .name = "count", .run = ask_count, .free = counting_free};

/* count QUERY */
enum command_result office_run_count(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct counting *n = mem_alloc(sizeof *n);
    n->query = mem_strdup(command_text(c, 0));
    n->options.now = clock_now();
    if (!read_kinds(c, &n->options.kinds)) {
        counting_free(n);
        return COMMAND_DONE;
    }
    if (search_check(n->query, &err) != STATUS_OK || !index_first(c, &err)) {
        counting_free(n);
        return command_fail(c, &err);
    }
    store_ask(command_store(c), &count_question, n, counted, c);
    return COMMAND_WAIT;
}
