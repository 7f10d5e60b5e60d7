/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offline.c - answering without a model: the passages that fit best, quoted with their sources. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "chat/ask.h"

#define QUOTES 5      /* at most */
#define QUOTE_CELLS 210

/* A sentence of a source. */
struct sentence {
    size_t source, start, len;
};

struct cut {
    struct vec *sentences;
    struct passage_index *index;
    const char *text;
    size_t source;
};

/* Adds one sentence to the index. */
static bool add_sentence(void *user, size_t start, size_t len)
{
    struct cut *c = user;
    struct sentence *s = vec_push(c->sentences);
    *s = (struct sentence){c->source, start, len};
    passage_index_add(c->index, c->text + start, len);
    return true;
}

/* What a transcript's line begins with: bytes of "[00:12:31] ", 0 none; *who its speaker. */
static size_t stamp(const char *text, size_t n, const char **who, size_t *who_len)
{
    *who = NULL;
    *who_len = 0;
    if (n < 6 || text[0] != '[')
        return 0;
    size_t i = 1 + strspn(text + 1, "0123456789:");
    if (i < 5 || i >= n || text[i] != ']')
        return 0;
    i++;
    i += strspn(text + i, " ");
    const char *colon = memchr(text + i, ':', n - i < 60 ? n - i : 60);
    if (colon && colon[1] == ' ') {
        *who = text + i;
        *who_len = (size_t)(colon - *who);
        i += *who_len + 2;
    }
    return i;
}

/* Writes one quote as a Markdown item: the words, the id, who and when. */
static void put_quote(struct str *out, const struct model_source *s, const char *text, size_t n)
{
    char day[CLOCK_TEXT];
    const char *who;
    size_t who_len, skip = stamp(text, n, &who, &who_len), base = strcspn(s->id, "@");
    struct str cut = STR_INIT;
    if (skip == 0 && n > 2 && strchr("-*", text[0]) && text[1] == ' ')
        skip = 2;
    char *words = mem_strndup(text + skip, n - skip);
    bool stamped = skip > 2;
    for (char *p = words; *p; p++)
        if (*p == '\n')
            *p = ' ';
    utf8_cut_end(&cut, words, QUOTE_CELLS, "…");
    str_addf(out, "- “%s” ", str_text(&cut));
    if (stamped)
        str_addf(out, "[%.*s@%.*s]", (int)base, s->id, (int)strspn(text + 1, "0123456789:"),
                 text + 1);
    else {
        str_addf(out, "[%s]", s->id);
        who = s->sender;
        who_len = who ? strcspn(who, "<,") : 0;
    }
    while (who_len > 0 && who[who_len - 1] == ' ')
        who_len--;
    if (who_len > 0)
        str_addf(out, " %.*s", (int)who_len, who);
    if (s->date != CLOCK_NONE && s->date != 0)
        str_addf(out, ", %s", clock_day(s->date, day));
    if (s->title && *s->title && !str_eq(s->title, s->id))
        str_addf(out, ", %s", s->title);
    str_putc(out, '\n');
    str_fini(&cut);
    free(words);
}

/* Without words in common with the question (“sum this up”): the most central sentences. */
static size_t central(struct passage_index *x, struct passage_hit *hits, size_t max)
{
    size_t n = passage_index_len(x), found = 0;
    for (size_t i = 0; i < n; i++) {
        struct passage_hit h = {i, passage_index_weight(x, i)};
        if (found == max && hits[max - 1].score >= h.score)
            continue;
        size_t at = found < max ? found++ : max - 1;
        hits[at] = h;
        while (at > 0 && hits[at].score > hits[at - 1].score) {
            struct passage_hit t = hits[at];
            hits[at] = hits[at - 1];
            hits[--at] = t;
        }
    }
    return found;
}

/* Orders hits: best first. */
static int by_score(const void *a, const void *b)
{
    const struct passage_hit *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Sentences by what they and the whole of their source share with the question; a line of few words
 * (a signature, a greeting) says little. */
static void rank(const struct model_request *req, struct passage_index *x,
                 const struct vec *sentences, struct vec *out)
{
    const char *question = req->typed ? req->typed : "";
    size_t n = strlen(question);
    struct passage_index *whole = passage_index_new();
    for (size_t i = 0; i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        char *text = str_format("%s\n%s", s->title ? s->title : "", s->text);
        passage_index_add(whole, text, strlen(text));
        free(text);
    }
    struct passage_hit *found = mem_array(sentences->len + 1, sizeof *found);
    size_t count = passage_index_find(x, question, n, found, sentences->len);
    for (size_t i = 0; i < count; i++) {
        const struct sentence *s = vec_at(sentences, found[i].number);
        const struct model_source *from = vec_at(req->sources, s->source);
        struct vec words;
        vec_init(&words, sizeof(uint64_t), NULL);
        passage_words(from->text + s->start, s->len, &words);
        double full = words.len >= 6 ? 1.0 : (double)words.len / 6.0;
        struct passage_hit *h = vec_push(out);
        *h = (struct passage_hit){found[i].number,
                                  (0.7 * found[i].score +
                                   0.3 * passage_index_score(whole, question, n, s->source)) * full};
        vec_fini(&words);
    }
    vec_sort(out, by_score);
    free(found);
    passage_index_free(whole);
}

/* Does the question want a day? */
static bool wants_day(const char *question)
{
    static const char *const words[] = {"when ", "due", "deadline", "what day", "which day", "date",
                                        "until", "by when", "什么时候", "何时", "截止", "哪天", "几号",
                                        "日期", "到期"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (utf8_contains_folded(question, words[i]))
            return true;
    return false;
}

/* A question for a day: sentences that name one weigh more, also those without a word in common. */
static void weigh_days(const struct model_request *req, const struct vec *sentences, struct vec *hits)
{
    struct when_hit when[2];
    if (!wants_day(req->typed ? req->typed : ""))
        return;
    for (size_t i = 0; i < sentences->len; i++) {
        const struct sentence *s = vec_at(sentences, i);
        const struct model_source *from = vec_at(req->sources, s->source);
        int64_t written = from->date > 0 ? from->date : clock_now();
        if (when_find(from->text + s->start, s->len, written, when, 2) == 0)
            continue;
        double more = when[0].deadline ? 0.3 : 0.2;
        struct passage_hit *h = NULL;
        for (size_t k = 0; k < hits->len && !h; k++)
            if (((struct passage_hit *)vec_at(hits, k))->number == i)
                h = vec_at(hits, k);
        if (!h) {
            h = vec_push(hits);
            *h = (struct passage_hit){i, 0};
            more *= 0.6;
        }
        h->score += more;
    }
    vec_sort(hits, by_score);
}

/* Has the same sentence been quoted (a mail that quotes another)? */
static bool quoted_already(const struct model_request *req, const struct vec *sentences,
                           const size_t *used, size_t quotes, const struct sentence *s)
{
    const struct model_source *from = vec_at(req->sources, s->source);
    for (size_t k = 0; k < quotes; k++) {
        const struct sentence *e = vec_at(sentences, used[k]);
        const struct model_source *other = vec_at(req->sources, e->source);
        if (e->len == s->len && memcmp(other->text + e->start, from->text + s->start, s->len) == 0)
            return true;
    }
    return false;
}

/* The offline way of "ask". */
static enum status answer(const struct model_request *req, struct str *out, struct error *err)
{
    (void)err;
    struct vec sentences, hits;
    size_t quotes = 0, used[QUOTES];
    if (!req->sources || req->sources->len == 0) {
        str_puts(out, _("Nothing in mail, notes and conversations fits this question, and no model "
                        "was asked (offline)."));
        str_putc(out, '\n');
        return STATUS_OK;
    }
    vec_init(&sentences, sizeof(struct sentence), NULL);
    vec_init(&hits, sizeof(struct passage_hit), NULL);
    struct cut c = {.sentences = &sentences, .index = passage_index_new()};
    for (c.source = 0; c.source < req->sources->len; c.source++) {
        c.text = ((const struct model_source *)vec_at(req->sources, c.source))->text;
        passage_sentences(c.text, strlen(c.text), add_sentence, &c);
    }
    rank(req, c.index, &sentences, &hits);
    weigh_days(req, &sentences, &hits);
    double top = hits.len ? ((struct passage_hit *)vec_at(&hits, 0))->score : 0;
    bool fits = top >= 0.12;
    if (!fits) {
        struct passage_hit most[QUOTES];
        size_t n = central(c.index, most, QUOTES);
        vec_clear(&hits);
        for (size_t i = 0; i < n; i++)
            *(struct passage_hit *)vec_push(&hits) = most[i];
    }
    str_puts(out, fits ? _("These passages fit the question best (offline: no model was asked):")
                       : _("The most telling sentences (offline: no model was asked):"));
    str_puts(out, "\n\n");
    for (size_t i = 0; i < hits.len && quotes < QUOTES; i++) {
        const struct passage_hit *h = vec_at(&hits, i);
        const struct sentence *s = vec_at(&sentences, h->number);
        const struct model_source *from = vec_at(req->sources, s->source);
        if ((fits && h->score < top * 0.45) || quoted_already(req, &sentences, used, quotes, s))
            continue;
        used[quotes++] = h->number;
        put_quote(out, from, from->text + s->start, s->len);
    }
    passage_index_free(c.index);
    vec_fini(&sentences);
    vec_fini(&hits);
    return STATUS_OK;
}

/* The offline way of "translate": an honest no. */
static enum status refuse(const struct model_request *req, struct str *out, struct error *err)
{
    (void)req;
    (void)out;
    error_set(err, STATUS_FAILED, "%s", _("translating needs a model, and none is set up"));
    return error_hint(err, "%s", _("add one to bureaurc (bureau help model), or start Ollama here"));
}

void ask_offline_register(void)
{
    static const struct model_offline ask = {"ask", answer}, translate = {"translate", refuse};
    model_offline_register(&ask);
    model_offline_register(&translate);
}
