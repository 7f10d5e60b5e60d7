/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offline_summary.c - the sentences of a thread that matter most, with who said them and where.
 * A sentence weighs by the words it shares with the rest, by what it holds (questions, decisions,
 * dates, amounts), by the words of the subject, and more the newer its mail is. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "inbox/checks_inside.h"
#include "inbox/summary_inside.h"

#define LINES_MOST 7
#define SENTENCE_MOST 400

struct sentence {
    size_t source; /* number among the mails */
    size_t place;  /* order in the thread */
    const char *text; /* borrow of the mail's own text */
    size_t len;
    double score;
    bool taken;
};

struct reading {
    const char *text;
    size_t source;
    struct vec sentences; /* struct sentence */
    struct passage_index *index;
};

/* Takes one sentence of a mail when it can stand alone. */
static bool on_sentence(void *user, size_t start, size_t len)
{
    struct reading *r = user;
    const char *s = r->text + start;
    bool cjk = passage_is_cjk(s, len);
    if (len < (cjk ? 15u : 20u) || len > SENTENCE_MOST)
        return true;
    struct sentence *x = vec_push(&r->sentences);
    x->source = r->source;
    x->place = r->sentences.len;
    x->text = s;
    x->len = len;
    passage_index_add(r->index, s, len);
    return true;
}

/* Does the folded sentence hold one of these? */
static bool holds(const char *folded, const char *const *words)
{
    for (; *words; words++)
        if (strstr(folded, *words))
            return true;
    return false;
}

/* What the sentence holds. */
static double content(const struct sentence *s, int64_t written)
{
    static const char *const decided[] = {"agreed", "decided", "we will", "i will", "confirmed",
                                          "we can", "we cannot", "approved", "accept", "cannot",
                                          "deadline", "决定", "同意", "确认", "可以", "不能", "已经",
                                          "我们会", "将于", NULL};
    static const char *const empty[] = {"thank you for", "thanks for", "hope this", "hope you",
                                        "best regards", "kind regards", "feel free", "sincerely",
                                        "dear ", "感谢您", "您好", "此致", "祝好", NULL};
    struct check_ask asks[4];
    struct vec facts;
    struct str folded = STR_INIT;
    double score = 0;
    char *text = mem_strndup(s->text, s->len);
    utf8_fold(&folded, text, s->len);
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(text, written, &facts);
    for (size_t i = 0; i < facts.len; i++) {
        enum check_kind k = ((struct check_fact *)vec_at(&facts, i))->kind;
        score += k == CHECK_AMOUNT ? 0.25 : k == CHECK_DATE ? 0.2 : k == CHECK_NUMBER ? 0.08 : 0.03;
    }
    if (score > 0.5)
        score = 0.5;
    if (checks_find_asks(text, asks, 4))
        score += 0.3 * asks[0].strength;
    if (holds(str_text(&folded), decided))
        score += 0.25;
    if (holds(str_text(&folded), empty))
        score -= 0.5;
    vec_fini(&facts);
    str_fini(&folded);
    free(text);
    return score;
}

/* Scores all sentences. */
static void score_all(struct reading *r, const struct vec *mails /* const struct model_source * */)
{
    double most = 0;
    for (size_t i = 0; i < r->sentences.len; i++) {
        struct sentence *s = vec_at(&r->sentences, i);
        s->score = passage_index_weight(r->index, i);
        most = s->score > most ? s->score : most;
    }
    for (size_t i = 0; i < r->sentences.len; i++) {
        struct sentence *s = vec_at(&r->sentences, i);
        const struct model_source *m = *(const struct model_source **)vec_at(mails, s->source);
        s->score = most > 0 ? 0.6 * s->score / most : 0;
        s->score += content(s, m->date);
        s->score += 0.25 * (double)(s->source + 1) / (double)mails->len;
        if (m->title && *m->title)
            s->score += 0.3 * passage_index_score(r->index, m->title, strlen(m->title), i);
    }
}

/* Is it said already? */
static bool is_repeated(const struct reading *r, const struct sentence *s)
{
    struct passage_index *x = passage_index_new();
    for (size_t i = 0; i < r->sentences.len; i++) {
        const struct sentence *o = vec_at(&r->sentences, i);
        if (o->taken)
            passage_index_add(x, o->text, o->len);
    }
    struct passage_hit hit;
    bool is = passage_index_find(x, s->text, s->len, &hit, 1) && hit.score > 0.7;
    passage_index_free(x);
    return is;
}

/* Writes one line: who, what, where. */
static void put_line(struct str *out, const struct sentence *s, const struct model_source *m)
{
    const char *sender = m->sender ? m->sender : "";
    size_t n = strcspn(sender, "<");
    if (n == 0)
        n = strcspn(sender, ">@");
    while (n && (sender[n - 1] == ' ' || sender[n - 1] == '"'))
        n--;
    size_t from = n && sender[0] == '"' ? 1 : 0;
    if (n > from)
        str_addf(out, "%.*s: ", (int)(n - from), sender + from);
    for (size_t i = 0; i < s->len; i++) {
        char c = s->text[i];
        if (c == '\n' || c == '\t')
            c = ' ';
        if (c != ' ' || (out->len && out->data[out->len - 1] != ' '))
            str_putc(out, c);
    }
    str_addf(out, " [%s]\n", m->id);
}

enum status offline_summary(const struct model_request *req, struct str *out, struct error *err)
{
    struct vec mails, texts;
    struct reading r = {.index = passage_index_new()};
    (void)err;
    vec_init(&mails, sizeof(const struct model_source *), NULL);
    strv_init(&texts);
    vec_init(&r.sentences, sizeof(struct sentence), NULL);
    for (size_t i = 0; req->sources && i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        if (strcmp(s->kind, "mail") != 0)
            continue;
        char *lines = checks_own_text(s->text ? s->text : ""), *own = checks_flat(lines);
        free(lines);
        strv_push_take(&texts, own);
        *(const struct model_source **)vec_push(&mails) = s;
        r.text = own;
        r.source = mails.len - 1;
        passage_sentences(own, strlen(own), on_sentence, &r);
    }
    score_all(&r, &mails);
    size_t want = mails.len + 2 < LINES_MOST ? mails.len + 2 : LINES_MOST;
    for (size_t n = 0; n < want; n++) {
        struct sentence *best = NULL;
        for (size_t i = 0; i < r.sentences.len; i++) {
            struct sentence *s = vec_at(&r.sentences, i);
            if (!s->taken && s->score > 0.2 && (!best || s->score > best->score))
                best = s;
        }
        if (!best)
            break;
        if (is_repeated(&r, best)) {
            best->score = 0;
            n--;
        } else {
            best->taken = true;
        }
    }
    for (size_t i = 0; i < r.sentences.len; i++) {
        const struct sentence *s = vec_at(&r.sentences, i);
        if (s->taken)
            put_line(out, s, *(const struct model_source **)vec_at(&mails, s->source));
    }
    if (out->len == 0 && mails.len) { /* a mail of a few words is its own summary */
        const struct model_source *m = *(const struct model_source **)vec_at(&mails, mails.len - 1);
        const char *text = strv_at(&texts, texts.len - 1);
        text += strspn(text, "\n ");
        struct sentence whole = {.text = text, .len = strnlen(text, 200)};
        whole.len -= utf8_partial_tail(whole.text, whole.len);
        if (whole.len == 0 && m->title) {
            whole.text = m->title;
            whole.len = strlen(m->title);
        }
        put_line(out, &whole, m);
    }
    passage_index_free(r.index);
    vec_fini(&r.sentences);
    vec_fini(&mails);
    vec_fini(&texts);
    return STATUS_OK;
}
