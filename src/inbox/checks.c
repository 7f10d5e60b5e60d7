/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks.c - holds a draft against the thread: which facts are borne out, which questions are
 * answered, what blocks sending. Pure; checks_draft.c gathers what a stored draft is held against. */
#include "inbox/checks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "inbox/checks_inside.h"
#include "inbox/reply_inside.h"

#define ASKS_MAX 40
#define SOURCES_MAX 30
#define FACTS_MAX 500 /* of one draft; what lies behind them is not looked at */
#define ANSWERED 0.28 /* share of a question's words that its answer repeats */

static const char *const kind_words[] = {
    N_("date"), N_("amount"), N_("number"), N_("name"), N_("address"), N_("link"), N_("ask"), N_("gap"), N_("field"),
    N_("recipient"), N_("stream"), N_("attachment"), N_("subject"), N_("many"), N_("outside"), N_("greeting"), N_("size")};

const char *check_kind_word(enum check_kind k)
{
    return kind_words[k];
}

const char *check_kind_name(enum check_kind k)
{
    return _(kind_words[k]);
}

/* Releases one struct check. */
static void check_fini(void *item)
{
    struct check *c = item;
    free(c->text);
    free(c->quote);
}

void checks_init(struct checks *c)
{
    *c = (struct checks){.sendable = true};
    vec_init(&c->items, sizeof(struct check), check_fini);
}

void checks_fini(struct checks *c)
{
    vec_fini(&c->items);
}

bool check_is_fact(const struct check *c)
{
    return c->kind <= CHECK_LINK;
}

struct check *checks_add(struct checks *c, enum check_kind kind, enum check_level level,
                         const char *text, size_t n)
{
    struct check *k = vec_push(&c->items);
    snprintf(k->id, sizeof k->id, "k%zu", c->items.len);
    k->kind = kind;
    k->level = level;
    k->ok = level == CHECK_FINE;
    k->text = mem_strndup(text, n);
    k->quote = mem_strdup("");
    if (level >= CHECK_BLOCK)
        c->sendable = false;
    return k;
}

/* ---- sources ---- */

struct source { /* a source taken apart once */
    const struct check_text *text; /* borrow */
    struct vec facts;              /* struct check_fact of the text */
    struct str folded;             /* subject, people and text, for words */
    struct part *written, *stated; /* own, made when asked for: what a model wrote of it; what it does not quote */
};

struct part { /* some of a source's text, every byte at its place */
    struct source source;
    struct check_text is;
    char *text; /* own */
};

/* Takes a source apart. */
static void source_init(struct source *s, const struct check_text *t)
{
    *s = (struct source){.text = t, .folded = STR_INIT};
    vec_init(&s->facts, sizeof(struct check_fact), NULL);
    if (t->text)
        checks_facts(t->text, t->date, &s->facts);
    const char *parts[] = {t->subject, t->people, t->text};
    for (size_t i = 0; i < 3; i++)
        if (parts[i]) {
            utf8_fold(&s->folded, parts[i], strlen(parts[i]));
            str_putc(&s->folded, '\n');
        }
}

/* Releases a source. */
static void source_fini(struct source *s)
{
    struct part *parts[] = {s->written, s->stated};
    for (size_t i = 0; i < 2; i++)
        if (parts[i]) {
            source_fini(&parts[i]->source);
            free(parts[i]->text);
            free(parts[i]);
        }
    vec_fini(&s->facts);
    str_fini(&s->folded);
}

/* A source with this text, with its headers or alone; text is taken. */
static struct part *part_new(const struct check_text *whole, char *text, bool headers)
{
    struct part *p = mem_alloc(sizeof *p);
    p->text = text;
    p->is = (struct check_text){.message = whole->message, .date = whole->date, .text = text};
    if (headers) {
        p->is.subject = whole->subject;
        p->is.people = whole->people;
    }
    source_init(&p->source, &p->is);
    return p;
}

/* Does the folded needle stand in the folded text, not inside a longer Latin word or number? */
static bool has_word(const char *text, const char *needle)
{
    size_t n = strlen(needle);
    if (n == 0)
        return false;
    for (const char *p = strstr(text, needle); p; p = strstr(p + 1, needle)) {
        unsigned char before = p == text ? ' ' : (unsigned char)p[-1], after = (unsigned char)p[n];
        bool left = before >= 0x80 || !((before >= '0' && before <= '9') ||
                                        (before >= 'a' && before <= 'z'));
        bool right = after >= 0x80 || !((after >= '0' && after <= '9') ||
                                        (after >= 'a' && after <= 'z'));
        if (left && right)
            return true;
    }
    return false;
}

/* Takes blanks out, so that "苏州 仓库" and "苏州仓库", "DE89 37" and "DE8937" are the same. */
static char *squeezed(const char *text)
{
    struct str out = STR_INIT;
    for (; *text; text++)
        if (*text != ' ')
            str_putc(&out, *text);
    return str_take(&out);
}

/* The digits of a telephone number behind its leading zeros, "(0)" left out. Yours. */
static char *dialled(const char *text, size_t n)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < n; i++) {
        if (i + 3 <= n && memcmp(text + i, "(0)", 3) == 0)
            i += 2;
        else if (text[i] >= (out.len ? '0' : '1') && text[i] <= '9')
            str_putc(&out, text[i]);
    }
    return str_take(&out);
}

/* Is it the same telephone, one perhaps with the country in front? */
static bool same_phone(const char *a, size_t n, const char *b, size_t m)
{
    char *x = dialled(a, n), *y = dialled(b, m);
    size_t shorter = strlen(x) < strlen(y) ? strlen(x) : strlen(y);
    bool same = shorter >= 7 && (str_ends(x, y) || str_ends(y, x));
    free(x);
    free(y);
    return same;
}

/* The fact of a source that bears out f; its place in the source's text, false when none. */
static bool bears(const struct source *s, const char *draft, const struct check_fact *f, size_t *at)
{
    *at = 0;
    if (f->kind == CHECK_DATE || ((f->kind == CHECK_AMOUNT || f->kind == CHECK_NUMBER) && !f->exact)) {
        for (size_t i = 0; i < s->facts.len; i++) {
            const struct check_fact *g = vec_at(&s->facts, i);
            bool same = f->kind == CHECK_DATE
                            ? g->kind == CHECK_DATE && g->day == f->day
                            : (g->kind == CHECK_AMOUNT || g->kind == CHECK_NUMBER) && !g->exact &&
                                  fabs(g->value - f->value) <= 1e-9 * fabs(f->value);
            if (same) {
                *at = g->at;
                return true;
            }
        }
        if (f->kind == CHECK_DATE)
            return false;
    }
    for (size_t i = 0; f->phone && i < s->facts.len; i++) {
        const struct check_fact *g = vec_at(&s->facts, i);
        if (g->kind == CHECK_NUMBER && (g->phone || !g->exact) &&
            same_phone(draft + f->at, f->len, s->text->text + g->at, g->len)) {
            *at = g->at;
            return true;
        }
    }
    struct str words = STR_INIT;
    utf8_fold(&words, draft + f->at, f->len);
    bool found = has_word(str_text(&s->folded), str_text(&words));
    if (!found && f->kind == CHECK_NAME) { /* every part of "Mr Tom Berger" somewhere */
        found = true;
        char *rest = mem_strdup(str_text(&words));
        for (char *p = rest; found && *p;) {
            size_t n = strcspn(p, " ");
            char *part = mem_strndup(p, n);
            found = n == 0 || has_word(str_text(&s->folded), part);
            free(part);
            p += n + (p[n] == ' ');
        }
        free(rest);
    }
    if (!found && f->grave) {
        char *a = squeezed(str_text(&s->folded)), *b = squeezed(str_text(&words));
        found = *b && strstr(a, b) != NULL;
        free(a);
        free(b);
    }
    if (found && s->text->text) {
        char *exact = mem_strndup(draft + f->at, f->len), *p = strstr(s->text->text, exact);
        *at = p ? (size_t)(p - s->text->text) : strlen(s->text->text);
        free(exact);
    }
    str_fini(&words);
    return found;
}

struct sentence {
    size_t want, start, len;
};

/* Remembers the sentence that holds a place. */
static bool around(void *user, size_t start, size_t len)
{
    struct sentence *s = user;
    if (start > s->want)
        return false;
    s->start = start;
    s->len = len;
    return s->want >= start + len;
}

/* Writes where in the source it stands: message, line, the sentence. */
static void cite(struct check *k, const struct source *s, size_t at)
{
    const char *text = s->text->text ? s->text->text : "";
    k->message = s->text->message;
    if (at >= strlen(text)) { /* in the subject or among the people */
        k->line = 0;
        free(k->quote);
        k->quote = mem_strdup(s->text->subject ? s->text->subject : "");
        return;
    }
    k->line = 1;
    for (size_t i = 0; i < at; i++)
        k->line += text[i] == '\n';
    struct sentence found = {.want = at};
    char *flat = checks_flat(text);
    passage_sentences(flat, strlen(flat), around, &found);
    free(k->quote);
    k->quote = mem_strndup(flat + found.start, found.len < 300 ? found.len : 300);
    k->quote[strlen(k->quote) - utf8_partial_tail(k->quote, strlen(k->quote))] = 0;
    free(flat);
}

/* ---- facts ---- */

char *checks_stated(const char *text)
{
    char *out = mem_strdup(text), *question, *before = NULL;
    size_t at, len, before_len = 0;
    for (size_t from = 0; checks_gap_next(text, from, &at, &len, &question); from = at + len) {
        free(question);
        memset(out + at, ' ', len);
    }
    for (char *p = out; *p;) {
        size_t n = strcspn(p, "\n");
        if (n == 3 && memcmp(p, "-- ", 3) == 0) { /* the signature; a quote below it is none of mine */
            memset(p, ' ', strlen(p));
            break;
        }
        if (*p == '>') {
            memset(p, ' ', n);
            if (before && before[before_len - 1] == ':') /* "On …, … wrote:" */
                memset(before, ' ', before_len);
            else if (before && before_len >= 3 && memcmp(before + before_len - 3, "：", 3) == 0)
                memset(before, ' ', before_len);
        }
        before = n && *p != ' ' ? p : NULL;
        before_len = n;
        p += n + (p[n] == '\n');
    }
    char *forwarded = strstr(out, REPLY_FORWARDED);
    if (!forwarded)
        forwarded = strstr(out, REPLY_FORWARDED_ZH);
    if (forwarded)
        memset(forwarded, ' ', strlen(forwarded));
    return out;
}

/* Does what a model wrote of this mail of mine hold the fact? */
static bool model_wrote(struct source *s, const char *draft, const struct check_fact *f)
{
    size_t at;
    if (!s->text->written)
        return false;
    if (!s->written)
        s->written = part_new(s->text, mem_strdup(s->text->written), false);
    return bears(&s->written->source, draft, f, &at);
}

/* Does the mail bear the fact out beside what it quotes? */
static bool states(struct source *s, const char *draft, const struct check_fact *f, size_t *at)
{
    if (!s->stated)
        s->stated = part_new(s->text, checks_stated(s->text->text ? s->text->text : ""), true);
    return bears(&s->stated->source, draft, f, at);
}

/* The newest source that bears a fact out and its place there, a mail before the person's own words; NULL. From the first mail on in which a model
 * wrote it for me, neither my mails that say so count nor what others quote of them. */
static struct source *bearer(struct source *sources, size_t n, const char *draft, const struct check_fact *f, size_t *at)
{
    size_t doubt = 0, own_at = 0;
    struct source *own = NULL;
    while (doubt < n && !model_wrote(&sources[doubt], draft, f))
        doubt++;
    for (size_t k = n; k > 0; k--) {
        struct source *s = &sources[k - 1];
        if (!(k - 1 < doubt ? bears(s, draft, f, at) : !model_wrote(s, draft, f) && states(s, draft, f, at)))
            continue;
        if (s->text->message)
            return s;
        own = s;
        own_at = *at;
    }
    *at = own_at;
    return own;
}

/* A fact that nothing bears out: the person stood by it, or it is missing. */
static void add_unborne(const struct check_input *in, const struct check_fact *f, struct checks *out)
{
    char *exact = mem_strndup(in->text + f->at, f->len);
    bool accepted = false;
    for (size_t i = 0; in->accepted && i < in->accepted->len && !accepted; i++)
        accepted = strcmp(strv_at(in->accepted, i), exact) == 0;
    bool by_model = in->model_text && strstr(in->model_text, exact);
    enum check_level level = accepted ? CHECK_FINE : by_model && f->grave ? CHECK_BLOCK : CHECK_WARN;
    struct check *c = checks_add(out, f->kind, level, exact, f->len);
    c->at = f->at;
    c->len = f->len;
    c->own = accepted;
    out->facts_own += accepted;
    out->facts_missing += !accepted;
    free(exact);
}

/* Every fact of the draft against every source, the newest first. */
static void check_facts(const struct check_input *in, struct source *sources, size_t n,
                        struct checks *out)
{
    struct vec facts;
    char *stated = checks_stated(in->text);
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(stated, in->now, &facts);
    free(stated);
    for (size_t i = 0; i < facts.len && i < FACTS_MAX; i++) {
        const struct check_fact *f = vec_at(&facts, i);
        const char *words = in->text + f->at;
        size_t at = 0;
        const struct source *source = bearer(sources, n, in->text, f, &at);
        if (source) {
            struct check *c = checks_add(out, f->kind, CHECK_FINE, words, f->len);
            c->at = f->at;
            c->len = f->len;
            cite(c, source, at);
            c->own = !source->text->message;
            out->facts_own += c->own;
            out->facts_found += !c->own;
            continue;
        }
        add_unborne(in, f, out);
    }
    vec_fini(&facts);
}

/* ---- questions ---- */

struct answer_text {
    const char *text;
    struct passage_index *index;
    struct vec starts; /* size_t */
};

/* One sentence of the draft goes into the index. */
static bool index_sentence(void *user, size_t start, size_t len)
{
    struct answer_text *a = user;
    passage_index_add(a->index, a->text + start, len);
    *(size_t *)vec_push(&a->starts) = start;
    return true;
}

/* Does the folded question ask for a kind of fact that the draft states in its own words? */
static bool answered_by_kind(const char *question, const char *draft, int64_t now)
{
    static const char *const when[] = {"when", "what time", "what date", "deadline", "什么时候",
                                       "何时", "几点", "哪天", "日期", NULL};
    static const char *const much[] = {"how much", "price", "cost", "多少钱", "价格", "报价", NULL};
    struct vec facts;
    bool date = false, amount = false;
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(draft, now, &facts);
    for (size_t i = 0; i < facts.len; i++) {
        enum check_kind k = ((struct check_fact *)vec_at(&facts, i))->kind;
        date |= k == CHECK_DATE;
        amount |= k == CHECK_AMOUNT;
    }
    vec_fini(&facts);
    for (size_t i = 0; date && when[i]; i++)
        if (strstr(question, when[i]))
            return true;
    for (size_t i = 0; amount && much[i]; i++)
        if (strstr(question, much[i]))
            return true;
    return false;
}

/* Do the words of a gap ask what the question asks? */
static bool asks_it(const char *gap, const char *question, size_t n)
{
    struct passage_index *x = passage_index_new();
    passage_index_add(x, question, n);
    bool same = passage_index_score(x, gap, strlen(gap), 0) > 0.4;
    passage_index_free(x);
    return same;
}

/* Does the draft hold an open gap whose words are those of the question? */
static bool left_as_gap(const char *draft, const char *question, size_t n)
{
    size_t at, len;
    char *asked;
    bool found = false;
    for (size_t from = 0; !found && checks_gap_next(draft, from, &at, &len, &asked); from = at + len) {
        found = asks_it(asked, question, n);
        free(asked);
    }
    return found;
}

/* The gap that held the question and was answered in its place; NULL. */
static const struct check_settled *settled_of(const struct vec *settled, const char *question, size_t n)
{
    for (size_t i = 0; i < settled->len; i++) {
        const struct check_settled *s = vec_at(settled, i);
        if (asks_it(s->question, question, n))
            return s;
    }
    return NULL;
}

/* What the draft itself says: gaps and what it quotes answer nothing. */
static char *stated_text(const char *text)
{
    struct str out = STR_INIT;
    size_t at, len, from = 0;
    char *question;
    while (checks_gap_next(text, from, &at, &len, &question)) {
        free(question);
        str_add(&out, text + from, at - from);
        from = at + len;
    }
    str_puts(&out, text + from);
    char *own = checks_own_text(str_text(&out));
    str_fini(&out);
    return own;
}

/* "Yes to both": one word for every question that can be answered by yes or no. */
static bool answers_all(const char *stated)
{
    static const char *const words[] = {"yes to both", "yes to all",  "no to both", "no to all",
                                        "yes, both",   "yes, all",    "both are fine", "都可以",
                                        "都没问题",    "都没有问题", "都同意",     "都不行"};
    struct str folded = STR_INIT;
    bool found = false;
    utf8_fold(&folded, stated, strlen(stated));
    for (size_t i = 0; i < sizeof words / sizeof *words && !found; i++)
        found = strstr(str_text(&folded), words[i]) != NULL;
    str_fini(&folded);
    return found;
}

/* Does a line begin with a yes or a no? That answers an only question, however short. */
static bool says_yes_or_no(const char *stated)
{
    static const char *const words[] = {"yes", "no", "sure", "of course", "agreed", "confirmed",
                                        "可以", "好的", "是的", "不行", "不可以", "没问题", "同意", "能"};
    struct str folded = STR_INIT;
    bool found = false;
    utf8_fold(&folded, stated, strlen(stated));
    for (const char *p = str_text(&folded); *p && !found; p += *p == '\n') {
        for (size_t i = 0; i < sizeof words / sizeof *words && !found; i++) {
            size_t n = strlen(words[i]);
            found = str_starts(p, words[i]) && !(p[n] >= 'a' && p[n] <= 'z');
        }
        p += strcspn(p, "\n");
    }
    str_fini(&folded);
    return found;
}

/* The questions of one source against the sentences of the draft and the gaps that were settled in it. */
static void check_asks(const struct check_input *in, const struct source *s, const struct vec *settled,
                       struct checks *out)
{
    struct check_ask asks[ASKS_MAX];
    char *own = checks_own_text(s->text->text), *stated = stated_text(in->text);
    size_t n = checks_find_asks(own, asks, ASKS_MAX);
    struct answer_text a = {.text = stated, .index = passage_index_new()};
    vec_init(&a.starts, sizeof(size_t), NULL);
    passage_sentences(stated, strlen(stated), index_sentence, &a);
    size_t strong = 0;
    for (size_t i = 0; i < n; i++)
        strong += asks[i].strength >= 0.6;
    for (size_t i = 0; i < n; i++) {
        const char *q = own + asks[i].at;
        struct passage_hit hit = {0};
        struct str folded = STR_INIT;
        if (asks[i].strength < 0.6)
            continue;
        utf8_fold(&folded, q, asks[i].len);
        bool gap = left_as_gap(in->text, q, asks[i].len);
        const struct check_settled *by_hand = gap ? NULL : settled_of(settled, q, asks[i].len);
        bool answered =
            !gap && (by_hand || (passage_index_find(a.index, q, asks[i].len, &hit, 1) && hit.score >= ANSWERED) ||
                     answered_by_kind(str_text(&folded), stated, in->now) ||
                     (asks[i].yes_no && answers_all(stated)) ||
                     (strong == 1 && asks[i].yes_no &&
                      (strlen(stated) > 40 || says_yes_or_no(stated))));
        struct check *c = checks_add(out, CHECK_ASK, answered || gap ? CHECK_FINE : CHECK_WARN, q, asks[i].len);
        c->ok = answered;
        const char *in_whole = strstr(s->text->text, c->text);
        cite(c, s, in_whole ? (size_t)(in_whole - s->text->text) : 0);
        if (by_hand) {
            c->at = by_hand->at;
        } else if (answered && hit.score >= ANSWERED && hit.number < a.starts.len) {
            const char *words = stated + *(size_t *)vec_at(&a.starts, hit.number);
            char *head = mem_strndup(words, strcspn(words, "\n"));
            const char *at = strstr(in->text, head);
            c->at = at ? (size_t)(at - in->text) : 0;
            free(head);
        }
        out->asks++;
        out->answered += answered;
        str_fini(&folded);
    }
    passage_index_free(a.index);
    vec_fini(&a.starts);
    free(own);
    free(stated);
}

/* ---- all ---- */

/* Gaps and template fields: a person fills them. */
static void check_open(const char *text, struct checks *out)
{
    size_t at, len, from = 0;
    char *question;
    for (; checks_gap_next(text, from, &at, &len, &question); from = at + len) {
        struct check *c = checks_add(out, CHECK_GAP, CHECK_NEVER, question, strlen(question));
        c->at = at;
        c->len = len;
        out->gaps++;
        free(question);
    }
    for (from = 0; checks_field(text, from, &at, &len); from = at + len) {
        struct check *c = checks_add(out, CHECK_FIELD, CHECK_NEVER, text + at, len);
        c->at = at;
        c->len = len;
        out->gaps++;
    }
}

void checks_run(const struct check_input *in, struct checks *out)
{
    struct source sources[SOURCES_MAX];
    size_t all = in->sources ? in->sources->len : 0, n = 0;
    for (size_t i = all > SOURCES_MAX ? all - SOURCES_MAX : 0; i < all; i++)
        source_init(&sources[n++], vec_at(in->sources, i));
    if (!in->has_recipient) {
        const char *words = _("no recipient");
        checks_add(out, CHECK_RECIPIENT, CHECK_NEVER, words, strlen(words));
    }
    if (in->made && *in->made && strcmp(in->made, "complete") != 0) {
        char *words = str_format(_("the text ended before its end (%s)"), in->made);
        checks_add(out, CHECK_STREAM, CHECK_WARN, words, strlen(words));
        free(words);
    }
    check_open(in->subject ? in->subject : "", out);
    for (size_t i = 0; i < out->items.len; i++) { /* places are places in the text */
        struct check *c = vec_at(&out->items, i);
        c->at = c->len = 0;
    }
    check_open(in->text, out);
    if (all) /* a new mail has nothing to be held against */
        check_facts(in, sources, n, out);
    struct vec settled;
    checks_settled(in->model_text ? in->model_text : "", in->text, &settled);
    for (size_t i = 0; i < n; i++)
        if (sources[i].text->asks && sources[i].text->text)
            check_asks(in, &sources[i], &settled, out);
    vec_fini(&settled);
    for (size_t i = 0; i < n; i++)
        source_fini(&sources[i]);
}

/* ---- showing ---- */

/* Facts in thread, by the person and not found, with so many of the last named. */
static void add_facts(const struct checks *c, int named, struct str *out)
{
    if (!c->facts_found && !c->facts_own && !c->facts_missing)
        return;
    if (c->facts_found || !c->facts_own)
        str_addf(out, P_("facts: %d in thread", "facts: %d in thread", c->facts_found), c->facts_found);
    if (c->facts_own)
        str_addf(out, c->facts_found ? _(", %d by you") : _("facts: %d by you"), c->facts_own);
    if (!c->facts_missing)
        return;
    str_addf(out, _(", %d not found"), c->facts_missing);
    const char *sep = " (";
    int shown = 0;
    for (size_t i = 0; i < c->items.len && shown < named; i++) {
        const struct check *k = vec_at(&c->items, i);
        if (k->kind > CHECK_LINK || k->ok)
            continue;
        str_addf(out, "%s%s", sep, k->text);
        sep = ", ";
        shown++;
    }
    if (named)
        str_puts(out, c->facts_missing > shown ? ", …)" : ")");
}

/* How many findings of before sending there are, and addresses that are none. */
static int count_looks(const struct checks *c)
{
    int looks = c->bad;
    for (size_t i = 0; i < c->items.len; i++) {
        const struct check *k = vec_at(&c->items, i);
        looks += k->kind >= CHECK_ATTACHMENT && !k->ok;
    }
    return looks;
}

/* Names the first recipient that is no address. */
static void add_bad(const struct checks *c, struct str *out)
{
    for (size_t i = 0; c->bad && i < c->items.len; i++) {
        const struct check *k = vec_at(&c->items, i);
        if (k->kind == CHECK_RECIPIENT && k->level == CHECK_NEVER) {
            str_addf(out, " (%s)", k->text);
            return;
        }
    }
}

/* The whole line. */
static void add_all(const struct checks *c, int named, struct str *out)
{
    int looks = count_looks(c);
    add_facts(c, named, out);
    if (c->asks) {
        str_addf(out, _("%sasks %d, answered %d"), out->len ? "  " : "", c->asks, c->answered);
        if (c->gaps)
            str_addf(out, _(", %d for you"), c->gaps);
    } else if (c->gaps) {
        str_addf(out, P_("%s%d gap for you", "%s%d gaps for you", c->gaps), out->len ? "  " : "", c->gaps);
    }
    if (looks)
        str_addf(out, P_("%s%d thing to look at", "%s%d things to look at", looks), out->len ? "  " : "", looks);
    if (named)
        add_bad(c, out);
}

/* Only what is to be done, as numbers. */
static void add_open(const struct checks *c, struct str *out)
{
    int open = c->asks - c->answered, looks = count_looks(c);
    if (c->facts_missing)
        str_addf(out, P_("%d fact not found", "%d facts not found", c->facts_missing), c->facts_missing);
    if (open > 0)
        str_addf(out, P_("%s%d ask open", "%s%d asks open", open), out->len ? ", " : "", open);
    if (c->gaps)
        str_addf(out, _("%s%d for you"), out->len ? ", " : "", c->gaps);
    if (looks)
        str_addf(out, _("%s%d to look at"), out->len ? ", " : "", looks);
}

char *checks_line(const struct checks *c, int cols)
{
    struct str out = STR_INIT;
    for (int named = 2; named >= 0; named--) {
        str_clear(&out);
        add_all(c, named, &out);
        if (cols == 0 || (int)utf8_cells(str_text(&out), out.len) <= cols)
            break;
        if (named == 0) {
            str_clear(&out);
            add_open(c, &out);
        }
    }
    if (out.len == 0)
        str_puts(&out, _("nothing to check"));
    return str_take(&out);
}

struct json *checks_json(const struct checks *c)
{
    static const char *const levels[] = {"fine", "warning", "blocking", "never"};
    struct json *list = json_array();
    for (size_t i = 0; i < c->items.len; i++) {
        const struct check *k = vec_at(&c->items, i);
        struct json *o = json_object();
        json_set_str(o, "id", k->id);
        json_set_str(o, "kind", check_kind_word(k->kind));
        json_set_str(o, "text", k->text);
        json_set_bool(o, "ok", k->ok);
        json_set_str(o, "level", levels[k->level]);
        if (k->message) {
            char *ref = str_format("m%lld", (long long)k->message);
            json_set_str(o, "ref", ref);
            free(ref);
            if (k->line)
                json_set_int(o, "line", k->line);
        }
        if (*k->quote)
            json_set_str(o, "quote", k->quote);
        json_push(list, o);
    }
    return list;
}
