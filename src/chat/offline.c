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
#include "chat/ask.h"

#define QUOTES 5      /* at most */
#define QUOTE_BYTES 420

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

/* The stamp and speaker a transcript's line begins with: bytes of "[00:12:31] ", 0 none. */
static size_t stamp(const char *text, size_t n)
{
    if (n < 6 || text[0] != '[')
        return 0;
    size_t i = 1 + strspn(text + 1, "0123456789:");
    if (i < 5 || i >= n || text[i] != ']')
        return 0;
    i++;
    return i + strspn(text + i, " ");
}

/* Writes one quote as a Markdown item: the words, the id, who and when. */
static void put_quote(struct str *out, const struct model_source *s, const char *text, size_t n)
{
    char day[CLOCK_TEXT];
    size_t skip = stamp(text, n), base = strcspn(s->id, "@");
    struct str cut = STR_INIT;
    char *words = mem_strndup(text + skip, n - skip);
    for (char *p = words; *p; p++)
        if (*p == '\n')
            *p = ' ';
    utf8_cut_end(&cut, words, QUOTE_BYTES / 2, "…");
    str_addf(out, "- “%s” ", str_text(&cut));
    if (skip > 0)
        str_addf(out, "[%.*s@%.*s]", (int)base, s->id, (int)strspn(text + 1, "0123456789:"),
                 text + 1);
    else
        str_addf(out, "[%s]", s->id);
    if (s->sender && *s->sender && skip == 0)
        str_addf(out, " %.*s", (int)strcspn(s->sender, "<,"), s->sender);
    if (out->len > 0 && out->data[out->len - 1] == ' ')
        str_truncate(out, out->len - 1);
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

/* The offline way of "ask". */
static enum status answer(const struct model_request *req, struct str *out, struct error *err)
{
    (void)err;
    struct vec sentences;
    struct passage_hit hits[32];
    const char *question = req->typed ? req->typed : "";
    size_t quotes = 0, used[QUOTES];
    if (!req->sources || req->sources->len == 0) {
        str_puts(out, _("Nothing in mail, notes and conversations fits this question, and no model "
                        "was asked (offline)."));
        str_putc(out, '\n');
        return STATUS_OK;
    }
    vec_init(&sentences, sizeof(struct sentence), NULL);
    struct cut c = {.sentences = &sentences, .index = passage_index_new()};
    for (c.source = 0; c.source < req->sources->len; c.source++) {
        c.text = ((const struct model_source *)vec_at(req->sources, c.source))->text;
        passage_sentences(c.text, strlen(c.text), add_sentence, &c);
    }
    size_t n = passage_index_find(c.index, question, strlen(question), hits, 32);
    bool fits = n > 0 && hits[0].score >= 0.15;
    if (!fits)
        n = central(c.index, hits, QUOTES);
    str_puts(out, fits ? _("These passages fit the question best (offline: no model was asked):")
                       : _("The most telling sentences (offline: no model was asked):"));
    str_puts(out, "\n\n");
    for (size_t i = 0; i < n && quotes < QUOTES; i++) {
        const struct sentence *s = vec_at(&sentences, hits[i].number);
        const struct model_source *from = vec_at(req->sources, s->source);
        bool seen = fits && i > 0 && hits[i].score < hits[0].score * 0.4;
        for (size_t k = 0; k < quotes; k++) {
            const struct sentence *e = vec_at(&sentences, used[k]);
            const struct model_source *other = vec_at(req->sources, e->source);
            seen = seen || (e->len == s->len &&
                            memcmp(other->text + e->start, from->text + s->start, s->len) == 0);
        }
        if (seen)
            continue;
        used[quotes++] = hits[i].number;
        put_quote(out, from, from->text + s->start, s->len);
    }
    passage_index_free(c.index);
    vec_fini(&sentences);
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
