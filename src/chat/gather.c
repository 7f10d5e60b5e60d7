/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gather.c - what an answer may draw on: ranked hits cut into passages, things named, bytes given. */
#include "chat/gather.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "chat/store.h"
#include "command/command.h"
#include "store/db.h"
#include "store/doc.h"
#include "store/search.h"

/* A ranked hit. */
struct hit {
    int64_t key, ref, thread;
    enum doc_kind kind;
};

/* A passage of a hit, before it is chosen. */
struct window {
    size_t hit;   /* place in the ranking */
    char *text;   /* own */
    char *id;     /* own */
    double score;
};

/* Frees a window in a vec. */
static void window_fini_item(void *item)
{
    struct window *w = item;
    free(w->text);
    free(w->id);
}

struct collect {
    struct vec hits; /* struct hit */
    int64_t skip_chat;
};

/* Keeps a hit of the search; questions of mine, the conversation itself and what only quotes other
 * things bear no witness. */
static bool keep_hit(void *user, const struct search_row *row)
{
    struct collect *c = user;
    if (row->kind == DOC_CHAT && ((row->flags & DOC_MINE) || row->thread == c->skip_chat ||
                                  str_eq(row->sender, "offline")))
        return true;
    struct hit *h = vec_push(&c->hits);
    *h = (struct hit){.key = row->key, .ref = row->ref, .thread = row->thread, .kind = row->kind};
    return true;
}

/* The time a transcript's line begins with ("[00:12:31] "): its bytes without brackets, 0 none. */
static size_t line_time(const char *line, size_t n)
{
    size_t i = 1;
    if (n < 3 || line[0] != '[')
        return 0;
    while (i < n && (isdigit((unsigned char)line[i]) || line[i] == ':'))
        i++;
    return i < n && line[i] == ']' && i >= 5 ? i - 1 : 0;
}

/* What cutting a text into windows needs. */
struct cutter {
    struct vec *windows; /* borrow: struct window */
    size_t hit;
    const char *id;      /* of the thing */
    struct str text;     /* the window that grows */
    char at[16];         /* time of its first line, "" none */
};

/* Ends the window that grows. */
static void end_window(struct cutter *c)
{
    if (c->text.len > 0) {
        struct window *w = vec_push(c->windows);
        w->hit = c->hit;
        w->id = *c->at ? str_format("%s@%s", c->id, c->at) : mem_strdup(c->id);
        w->text = str_take(&c->text);
    }
    str_clear(&c->text);
    c->at[0] = 0;
}

/* Adds a line to the window, beginning a new one where it would grow too long. */
static void add_line(struct cutter *c, const char *line, size_t n)
{
    size_t time = line_time(line, n);
    if (c->text.len > 0 && c->text.len + n > GATHER_BYTES)
        end_window(c);
    if (c->text.len == 0 && time > 0 && time < sizeof c->at) {
        memcpy(c->at, line + 1, time);
        c->at[time] = 0;
    }
    if (c->text.len > 0)
        str_putc(&c->text, '\n');
    if (n > GATHER_BYTES) {
        size_t cut = GATHER_BYTES;
        while (cut > 0 && ((unsigned char)line[cut] & 0xC0) == 0x80)
            cut--;
        n = cut;
    }
    str_add(&c->text, line, n);
    if (c->text.len >= GATHER_BYTES * 2 / 5 && time > 0)
        end_window(c);
}

/* A sentence of a long line. */
struct sentence_cut {
    struct cutter *cutter;
    const char *line;
};

/* Adds one sentence of a long line. */
static bool add_sentence(void *user, size_t start, size_t len)
{
    struct sentence_cut *s = user;
    add_line(s->cutter, s->line + start, len);
    return true;
}

/* Cuts a text into windows at empty lines and lengths; quoted lines and signatures stay out. */
static void cut_windows(struct cutter *c, const char *text)
{
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n"), blank = strspn(line, " \t\r");
        if (n == 3 && memcmp(line, "-- ", 3) == 0)
            break;
        if (blank >= n)
            end_window(c);
        else if (line[blank] != '>') {
            struct sentence_cut s = {c, line};
            if (n > GATHER_BYTES / 2)
                passage_sentences(line, n, add_sentence, &s);
            else
                add_line(c, line, n);
        }
        line += n + (line[n] == '\n');
    }
    end_window(c);
}

/* Reads one hit and cuts it; a row that is gone meanwhile gives nothing. */
static enum status cut_hit(struct db *db, const struct hit *h, size_t place, struct vec *windows,
                           struct vec *titles, struct error *err)
{
    struct doc d;
    struct vec texts;
    strv_init(&texts);
    enum status st = doc_get(db, h->key, &d, &texts, err);
    strv_push(titles, st == STATUS_OK && d.subject ? d.subject : "");
    if (st == STATUS_OK && d.body) {
        char *id = str_format("%c%lld", doc_kind_letter(h->kind), (long long)h->ref);
        struct cutter c = {.windows = windows, .hit = place, .id = id};
        cut_windows(&c, d.body);
        str_fini(&c.text);
        free(id);
    }
    vec_fini(&texts);
    return st == STATUS_NO_SUCH ? STATUS_OK : st;
}

/* Orders windows: best first. */
static int compare_windows(const void *a, const void *b)
{
    const struct window *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->hit < y->hit ? -1 : x->hit > y->hit;
}

/* Scores windows by the question: their own words, their title's, the place in the ranking. */
static void score_windows(struct vec *windows, const struct vec *hits, const struct vec *titles,
                          const char *question)
{
    struct passage_index *x = passage_index_new(), *names = passage_index_new();
    size_t n = strlen(question);
    for (size_t i = 0; i < windows->len; i++) {
        const struct window *w = vec_at(windows, i);
        passage_index_add(x, w->text, strlen(w->text));
    }
    for (size_t i = 0; i < titles->len; i++)
        passage_index_add(names, strv_at(titles, i), strlen(strv_at(titles, i)));
    struct passage_hit *found = mem_array(windows->len + 1, sizeof *found);
    size_t count = passage_index_find(x, question, n, found, windows->len);
    for (size_t i = 0; i < count; i++) {
        struct window *w = vec_at(windows, found[i].number);
        const struct hit *h = vec_at(hits, w->hit);
        w->score = found[i].score + 0.3 * passage_index_score(names, question, n, w->hit) +
                   0.1 / (1.0 + (double)w->hit);
        if (h->kind == DOC_CHAT)
            w->score *= 0.4; /* what was answered before is weaker than what was written */
    }
    vec_sort(windows, compare_windows);
    free(found);
    passage_index_free(x);
    passage_index_free(names);
}

/* Adds a passage of a doc that is no mail. */
static enum status add_doc(struct source_list *out, struct db *db, int64_t key, const char *id,
                           const char *text, struct error *err)
{
    struct doc d;
    struct vec texts;
    strv_init(&texts);
    enum status st = doc_get(db, key, &d, &texts, err);
    if (st == STATUS_OK) {
        struct model_source s = {.kind = doc_kind_word(d.kind),
                                 .id = id,
                                 .sender = d.sender && *d.sender ? d.sender : NULL,
                                 .title = d.subject ? d.subject : "",
                                 .date = d.date,
                                 .text = text ? text : d.body ? d.body : ""};
        source_add(out, &s);
    }
    vec_fini(&texts);
    return st;
}

/* Hands on the best windows, at most three of one thing. */
static enum status choose_windows(struct db *db, const struct vec *windows, const struct vec *hits,
                                  struct source_list *out, struct error *err)
{
    enum status st = STATUS_OK;
    int *used = mem_array(hits->len + 1, sizeof *used);
    size_t chosen = 0;
    double best = windows->len ? ((struct window *)vec_at(windows, 0))->score : 0;
    for (size_t i = 0; st == STATUS_OK && i < windows->len && chosen < GATHER_PASSAGES; i++) {
        const struct window *w = vec_at(windows, i);
        const struct hit *h = vec_at(hits, w->hit);
        if (w->score <= 0.12 || w->score < best * 0.35)
            break;
        if (used[w->hit]++ >= 3)
            continue;
        st = h->kind == DOC_MAIL ? source_add_passage(out, db, h->ref, w->text, err)
                                 : add_doc(out, db, h->key, w->id, w->text, err);
        if (st == STATUS_NO_SUCH)
            st = STATUS_OK;
        chosen++;
    }
    free(used);
    return st;
}

enum status gather_office(struct db *db, const char *question, int64_t now, int64_t skip_chat,
                          struct source_list *out, struct error *err)
{
    struct collect c = {.skip_chat = skip_chat};
    struct vec windows, titles;
    vec_init(&c.hits, sizeof(struct hit), NULL);
    vec_init(&windows, sizeof(struct window), window_fini_item);
    strv_init(&titles);
    char *query = search_loose(question);
    enum status st = STATUS_OK;
    if (query && *query) {
        struct search_options o = {.now = now,
                                   .limit = GATHER_DOCS,
                                   .by_rank = true,
                                   .kinds = 1u << DOC_MAIL | 1u << DOC_NOTE | 1u << DOC_TRANSCRIPT |
                                            1u << DOC_CHAT | 1u << DOC_TASK | 1u << DOC_EVENT};
        st = search_run(db, query, &o, keep_hit, &c, NULL, err);
    }
    for (size_t i = 0; st == STATUS_OK && i < c.hits.len; i++)
        st = cut_hit(db, vec_at(&c.hits, i), i, &windows, &titles, err);
    if (st == STATUS_OK) {
        score_windows(&windows, &c.hits, &titles, question);
        st = choose_windows(db, &windows, &c.hits, out, err);
    }
    free(query);
    vec_fini(&titles);
    vec_fini(&windows);
    vec_fini(&c.hits);
    return st;
}

/* A conversation whole: questions and answers in their order. */
static enum status gather_chat(struct db *db, int64_t chat, const char *id,
                               struct source_list *out, struct error *err)
{
    struct vec turns;
    struct str text = STR_INIT;
    enum status st = chat_path(db, chat, 0, 200, &turns, err);
    if (st == STATUS_OK && turns.len == 0)
        st = error_set(err, STATUS_NO_SUCH, _("there is no conversation %s"), id);
    for (size_t i = 0; st == STATUS_OK && i < turns.len; i++) {
        const struct chat_turn *t = vec_at(&turns, i);
        str_addf(&text, "%s%s\n\n", t->mine ? "> " : "", t->text);
    }
    if (st == STATUS_OK) {
        char *title = chat_title(((struct chat_turn *)vec_at(&turns, 0))->text);
        struct model_source s = {.kind = "chat",
                                 .id = id,
                                 .title = title,
                                 .date = ((struct chat_turn *)vec_at(&turns, 0))->created,
                                 .text = str_text(&text)};
        source_add(out, &s);
        free(title);
    }
    vec_fini(&turns);
    str_fini(&text);
    return st;
}

enum status gather_thing(struct db *db, const char *id, struct source_list *out, struct error *err)
{
    static const struct {
        char letter;
        enum doc_kind kind;
    } kinds[] = {{'n', DOC_NOTE},  {'n', DOC_TRANSCRIPT}, {'x', DOC_CHAT},
                 {'d', DOC_DRAFT}, {'a', DOC_TASK},       {'e', DOC_EVENT}};
    char letter = 0;
    int64_t number = 0;
    char *thing = mem_strndup(id, strcspn(id, "@"));
    enum status st = STATUS_NO_SUCH;
    if (!command_id(thing, &letter, &number))
        st = error_set(err, STATUS_USAGE, _("“%s” is no id"), id);
    else if (letter == 'm')
        st = source_add_message(out, db, number, true, err);
    else if (letter == 't')
        st = source_add_thread(out, db, number, 20, err);
    else if (letter == 'c')
        st = gather_chat(db, number, thing, out, err);
    else {
        int64_t key = 0;
        for (size_t i = 0; !key && i < sizeof kinds / sizeof *kinds; i++)
            if (kinds[i].letter == letter)
                key = doc_find(db, kinds[i].kind, number);
        st = key ? add_doc(out, db, key, thing, NULL, err)
                 : error_set(err, STATUS_NO_SUCH, _("there is no %s"), id);
    }
    free(thing);
    return st;
}

enum status gather_bytes(const char *name, const char *bytes, size_t n, struct source_list *out,
                         struct error *err)
{
    if (n > 0 && (memchr(bytes, 0, n) || !utf8_valid(bytes, n))) {
        error_set(err, STATUS_CORRUPT, _("%s is not text in UTF-8"), name);
        return error_hint(err, "%s", _("convert it to text first (pdftotext, iconv)"));
    }
    char *text = mem_strndup(bytes, n);
    struct model_source s = {.kind = "file",
                             .id = name,
                             .title = name,
                             .date = clock_now(),
                             .text = text};
    source_add(out, &s);
    free(text);
    return STATUS_OK;
}

int64_t gather_size(const struct source_list *l)
{
    int64_t sum = 0;
    for (size_t i = 0; i < l->items.len; i++) {
        const struct model_source *s = vec_at(&l->items, i);
        sum += (int64_t)strlen(s->text);
    }
    return sum;
}
