/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offline_draft.c - an answer without a model: greeting, what the person said or a template or the
 * person's own most similar earlier answer, a gap for each question nobody decided, closing.
 *
 * Pure over the request's sources: "mail" (the thread, oldest first), "earlier" (own answers, best
 * first), "template" (its id begins with "named:" when the person named it), "head" (From, To, Subject). What is taken from an earlier answer loses its
 * dates, amounts and numbers to gaps, for they were true of another mail. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "inbox/checks_inside.h"
#include "inbox/reply_inside.h"
#include "inbox/template.h"
#include "mail/message.h"
#include "office/people.h"

#define ASKS_MAX 12
#define EARLIER_LIKE 0.40 /* share of a question's words an earlier answer must repeat */

struct desk { /* what the engine works with */
    const struct model_source *mail, *head, *template, *earlier; /* NULL: none */
    const char *say; /* "" */
    char *own;       /* own: the mail without quotes */
    char *name, *first, *my_name, *subject, *date, *amount; /* own; "" unknown */
    bool zh, named; /* named: the person chose the template */
    struct str body;
};

/* The value of one line of the head. Yours; "" when absent. */
static char *head_line(const struct model_source *head, const char *name)
{
    const char *p = head ? strstr(head->text, name) : NULL;
    if (!p)
        return mem_strdup("");
    p += strlen(name);
    char *line = mem_strndup(p, strcspn(p, "\n")), *value = mem_strdup(str_trim(line));
    free(line);
    return value;
}

/* The display name of the first address of a line, else what stands before its @. Yours. */
static char *name_of(const char *line)
{
    struct vec list;
    struct error err = ERROR_INIT;
    char *name = NULL;
    people_init(&list);
    if (people_parse(line, &list, &err) == STATUS_OK && list.len) {
        const struct mail_address *a = vec_at(&list, 0);
        name = *a->name ? mem_strdup(a->name) : NULL;
    }
    vec_fini(&list);
    return name ? name : mem_strdup("");
}

/* Has it a Han character? */
static bool is_han(const char *s)
{
    return passage_is_cjk(s, strlen(s));
}

/* What one says to somebody: "Tom" of "Tom Berger" and of "Berger, Tom"; a Chinese name whole. */
static char *first_name(const char *name)
{
    if (is_han(name))
        return mem_strdup(name);
    const char *comma = strchr(name, ',');
    if (comma) {
        comma += 1 + strspn(comma + 1, " ");
        return mem_strndup(comma, strcspn(comma, " "));
    }
    return mem_strndup(name, strcspn(name, " "));
}

/* The first fact of a kind in the mail, as written; with deadlines before other dates. Yours. */
static char *fact_of(const struct desk *d, enum check_kind kind)
{
    struct vec facts;
    char *found = NULL;
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(d->own, d->mail ? d->mail->date : clock_now(), &facts);
    for (size_t i = 0; i < facts.len && !found; i++) {
        const struct check_fact *f = vec_at(&facts, i);
        if (f->kind == kind)
            found = mem_strndup(d->own + f->at, f->len);
    }
    vec_fini(&facts);
    return found ? found : mem_strdup("");
}

/* How well a template fits the mail: its words that stand in it, one of them in the subject. */
static double fits(const struct desk *d, const struct model_source *t)
{
    struct str mail = STR_INIT, words = STR_INIT, subject = STR_INIT;
    double score = 0;
    bool named = false;
    const char *title = d->mail->title ? d->mail->title : "";
    utf8_fold(&subject, title, strlen(title));
    str_addf(&mail, "%s ", str_text(&subject));
    utf8_fold(&mail, d->own, strlen(d->own));
    utf8_fold(&words, t->title, strlen(t->title));
    for (char *p = words.data; p && *p;) {
        size_t n = strcspn(p, " ,");
        char *word = mem_strndup(p, n);
        if (n >= 4 && strstr(str_text(&mail), word))
            score += 1;
        named |= n >= 4 && strstr(str_text(&subject), word) != NULL;
        free(word);
        p += n + (p[n] != 0);
    }
    if (!named || (t->label && *t->label && str_starts(t->label, "zh") != d->zh))
        score = 0;
    str_fini(&subject);
    str_fini(&mail);
    str_fini(&words);
    return score;
}

/* How well an earlier answer speaks to what this mail asks: its best question's share of words. */
static double answers(const struct desk *d, const struct model_source *earlier)
{
    struct check_ask asks[ASKS_MAX];
    size_t n = checks_find_asks(d->own, asks, ASKS_MAX);
    struct passage_index *x = passage_index_new();
    char *text = checks_own_text(earlier->text);
    double best = 0;
    passage_index_add(x, text, strlen(text));
    for (size_t i = 0; i < n; i++) {
        double score = passage_index_score(x, d->own + asks[i].at, asks[i].len, 0);
        best = score > best ? score : best;
    }
    passage_index_free(x);
    free(text);
    return best;
}

/* Chooses among the sources. */
static void choose(struct desk *d, const struct model_request *req)
{
    double best = 1.5; /* two words at least */
    for (size_t i = 0; req->sources && i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        if (strcmp(s->kind, "mail") == 0)
            d->mail = s;
        else if (strcmp(s->kind, "head") == 0)
            d->head = s;
    }
    d->own = d->mail ? checks_own_text(d->mail->text) : mem_strdup("");
    const char *language = d->mail ? d->own : d->say;
    d->zh = passage_is_cjk(language, strlen(language));
    for (size_t i = 0; req->sources && i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        if (strcmp(s->kind, "template") != 0)
            continue;
        d->named |= str_starts(s->id, "named:");
        double score = str_starts(s->id, "named:") ? 1e9 : d->mail ? fits(d, s) : 0;
        if (score > best) {
            best = score;
            d->template = s;
        }
    }
    double like = EARLIER_LIKE;
    for (size_t i = 0; d->mail && req->sources && i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        if (strcmp(s->kind, "earlier") != 0 ||
            passage_is_cjk(s->text, strlen(s->text)) != d->zh)
            continue;
        double score = answers(d, s);
        if (score > like) {
            like = score;
            d->earlier = s;
        }
    }
}

/* Does a line say good-bye? */
static bool is_closing(const char *line)
{
    static const char *const words[] = {"best", "kind regards", "regards", "thanks", "thank you",
                                        "cheers", "sincerely", "yours", "many thanks", "此致",
                                        "祝好", "谢谢", "顺颂", "祝", "敬礼", NULL};
    size_t n = strlen(line);
    if (n > 40)
        return false;
    for (size_t i = 0; words[i]; i++)
        if (str_starts_nocase(line, words[i]))
            return true;
    return false;
}

/* Does a line greet? */
static bool is_greeting(const char *line)
{
    size_t n = strlen(line);
    return n > 0 && n < 60 && (str_ends(line, ",") || str_ends(line, "：") || str_ends(line, ":") ||
                              str_ends(line, "，") || strstr(line, "您好") || strstr(line, "你好"));
}

/* Appends a passage of an earlier answer; its facts that the mail does not hold become gaps. */
static void add_earlier_line(struct desk *d, const char *line)
{
    struct vec facts;
    size_t from = 0;
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(line, d->earlier->date, &facts);
    for (size_t i = 0; i < facts.len; i++) {
        const struct check_fact *f = vec_at(&facts, i);
        char *words = mem_strndup(line + f->at, f->len);
        bool known = strstr(d->own, words) != NULL || f->kind == CHECK_NAME;
        if (!known && f->at >= from) {
            str_add(&d->body, line + from, f->at - from);
            const char *what = f->kind == CHECK_DATE     ? (d->zh ? "日期" : "date")
                               : f->kind == CHECK_AMOUNT ? (d->zh ? "金额" : "amount")
                                                         : (d->zh ? "填写" : "fill");
            str_addf(&d->body, d->zh ? "[%s：当时是 %s]" : "[%s: was %s]", what, words);
            from = f->at + f->len;
        }
        free(words);
    }
    str_puts(&d->body, line + from);
    vec_fini(&facts);
}

/* Is the line nothing but my name? */
static bool is_me(const struct desk *d, const char *line)
{
    char *first = first_name(d->my_name), *copy = mem_strdup(line), *text = str_trim(copy);
    bool is = *text && (strcmp(text, d->my_name) == 0 || strcmp(text, first) == 0);
    free(first);
    free(copy);
    return is;
}

/* The middle of an earlier answer: without greeting, closing and what follows it. */
static void add_earlier(struct desk *d)
{
    char *text = checks_own_text(d->earlier->text);
    bool begun = false;
    for (char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        char *line = mem_strndup(p, n);
        p += n + (p[n] == '\n');
        bool greeting = !begun && is_greeting(line), closing = is_closing(line) || is_me(d, line);
        if (!closing && !greeting && (*line || begun)) {
            begun = true;
            add_earlier_line(d, line);
            str_putc(&d->body, '\n');
        }
        free(line);
        if (closing)
            break;
    }
    while (d->body.len && strchr("\n ", d->body.data[d->body.len - 1]))
        str_truncate(&d->body, d->body.len - 1);
    str_putc(&d->body, '\n');
    free(text);
}

/* Is the question dealt with in what stands already? */
static bool is_covered(const char *body, const char *question, size_t n, double share)
{
    struct passage_index *x = passage_index_new();
    passage_index_add(x, body, strlen(body));
    double score = passage_index_score(x, question, n, 0);
    passage_index_free(x);
    return score >= share;
}

/* What stands in the gaps of a text. Yours. */
static char *gap_texts(const char *text)
{
    struct str out = STR_INIT;
    size_t at, len;
    char *question;
    for (size_t from = 0; checks_gap_next(text, from, &at, &len, &question); from = at + len) {
        str_addf(&out, "%s\n", question);
        free(question);
    }
    return str_take(&out);
}

/* One gap for each question and request of the mail that the text does not deal with. */
static void add_gaps(struct desk *d)
{
    struct check_ask asks[ASKS_MAX];
    size_t n = checks_find_asks(d->own, asks, ASKS_MAX);
    char *before = mem_strdup(str_text(&d->body)), *gaps = gap_texts(str_text(&d->body));
    bool first = true;
    size_t strong = 0;
    for (size_t i = 0; i < n; i++)
        strong += asks[i].strength >= 0.6;
    /* The person has spoken: an only question is answered, others by fewer shared words. */
    double share = !*d->say ? 0.5 : strong == 1 ? 0 : 0.25;
    for (size_t i = 0; i < n; i++) {
        char *q = mem_strndup(d->own + asks[i].at, asks[i].len);
        for (char *p = q; *p; p++)
            if (*p == '\n' || *p == '[' || *p == ']')
                *p = *p == '\n' ? ' ' : *p == '[' ? '(' : ')';
        /* Unless the person has spoken, every yes or no is theirs: only a gap covers it. */
        bool theirs = !*d->say && asks[i].yes_no;
        if (asks[i].strength >= 0.6 && !is_covered(theirs ? gaps : before, q, strlen(q), share)) {
            if (first && d->body.len && !str_ends(str_text(&d->body), "\n\n"))
                str_puts(&d->body, str_ends(str_text(&d->body), "\n") ? "\n" : "\n\n");
            first = false;
            str_addf(&d->body, "[%s%s]\n",
                     asks[i].yes_no ? (d->zh ? "是/否：" : "yes/no: ") : (d->zh ? "填写：" : "fill: "), q);
        }
        free(q);
    }
    free(before);
    free(gaps);
}

/* What the person said, as a sentence: a capital in front, a stop behind. */
static void add_said(struct desk *d)
{
    char *say = mem_strdup(d->say), *text = str_trim(say);
    size_t n = strlen(text);
    if (*text >= 'a' && *text <= 'z')
        *text = (char)(*text - 'a' + 'A');
    bool ended = n == 0 || strchr(".!?:", text[n - 1]) || str_ends(text, "。") ||
                 str_ends(text, "！") || str_ends(text, "？");
    str_addf(&d->body, "%s%s\n", text, ended ? "" : passage_is_cjk(text, n) ? "。" : ".");
    free(say);
}

/* Greeting and closing around the middle. */
static void frame(struct desk *d, struct str *out)
{
    if (d->zh)
        str_addf(out, "%s您好：\n\n", d->name);
    else if (*d->first)
        str_addf(out, "Dear %s,\n\n", d->first);
    else
        str_puts(out, "Hello,\n\n");
    str_puts(out, str_text(&d->body));
    while (out->len && strchr("\n ", out->data[out->len - 1]))
        str_truncate(out, out->len - 1);
    str_addf(out, d->zh ? "\n\n此致\n%s" : "\n\nKind regards\n%s", d->my_name);
}

/* Does a text already greet in its first line? */
static bool has_frame(const char *text)
{
    char *line = mem_strndup(text, strcspn(text, "\n"));
    bool is = is_greeting(str_trim(line));
    free(line);
    return is;
}

enum status offline_draft(const struct model_request *req, struct str *out, struct error *err)
{
    (void)err;
    struct desk d = {.say = req->typed ? req->typed : ""};
    if (str_starts(d.say, "(tone:"))
        d.say = "";
    choose(&d, req);
    char *to = head_line(d.head, "To: "), *from = head_line(d.head, "From: ");
    d.name = name_of(d.mail && d.mail->sender && !*to ? d.mail->sender : to);
    d.first = first_name(d.name);
    d.my_name = name_of(from);
    d.subject = head_line(d.head, "Subject: ");
    d.amount = fact_of(&d, CHECK_AMOUNT);
    d.date = fact_of(&d, CHECK_DATE);
    char today[CLOCK_TEXT];
    struct template_value values[] = {
        {"name", d.name}, {"first name", d.first}, {"my name", d.my_name},
        {"subject", d.subject}, {"today", clock_day(clock_now(), today)},
        {"amount", d.amount}, {"date", d.date}};
    if (*d.say && !d.named) {
        add_said(&d);
        add_gaps(&d);
        frame(&d, out);
    } else if (d.template) {
        template_fill(d.template->text, values, sizeof values / sizeof *values, &d.body);
        if (*d.say)
            str_addf(&d.body, "\n\n%s", d.say);
        if (has_frame(str_text(&d.body)))
            str_puts(out, str_text(&d.body));
        else
            frame(&d, out);
    } else {
        if (d.earlier)
            add_earlier(&d);
        add_gaps(&d);
        if (d.body.len == 0)
            str_puts(&d.body, d.zh ? "邮件收到，谢谢。\n" : "thank you for your mail.\n");
        frame(&d, out);
    }
    char *own[] = {to, from, d.own, d.name, d.first, d.my_name, d.subject, d.date, d.amount};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        free(own[i]);
    str_fini(&d.body);
    return STATUS_OK;
}

/* The source of kind "draft" with this id; NULL. */
static const char *draft_text(const struct model_request *req, const char *id)
{
    for (size_t i = 0; req->sources && i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        if (strcmp(s->kind, "draft") == 0 && strcmp(s->id, id) == 0)
            return s->text;
    }
    return NULL;
}

/* Does the instruction ask for less text? */
static bool wants_shorter(const char *typed)
{
    static const char *const words[] = {"short", "brief", "concise", "less", "短", "简", "精", NULL};
    struct str folded = STR_INIT;
    bool is = false;
    utf8_fold(&folded, typed, strlen(typed));
    for (size_t i = 0; words[i]; i++)
        is |= strstr(str_text(&folded), words[i]) != NULL;
    str_fini(&folded);
    return is;
}

struct shorter {
    const char *text;
    struct str *out;
    size_t end; /* of what was looked at */
    bool any;
};

/* Keeps a sentence that carries a fact, a gap, a question, or is the first of the text. */
static bool keep_sentence(void *user, size_t start, size_t len)
{
    struct shorter *s = user;
    char *sentence = mem_strndup(s->text + start, len), *q = NULL;
    struct vec facts;
    size_t at, n;
    vec_init(&facts, sizeof(struct check_fact), NULL);
    checks_facts(sentence, clock_now(), &facts);
    bool gap = checks_gap(sentence, 0, &at, &n, &q);
    free(q);
    bool line = is_greeting(sentence) || is_closing(sentence) || len < 24;
    if (facts.len || gap || line || strchr(sentence, '?') || strstr(sentence, "？") || !s->any) {
        size_t newlines = 0;
        for (size_t i = s->end; i < start; i++)
            newlines += s->text[i] == '\n';
        if (s->out->len)
            str_puts(s->out, newlines > 1 ? "\n\n" : newlines ? "\n"
                             : (unsigned char)s->text[start] >= 0xe4 ? "" : " ");
        str_puts(s->out, sentence);
        s->any |= !line;
    }
    s->end = start + len;
    vec_fini(&facts);
    free(sentence);
    return true;
}

enum status offline_instruct(const struct model_request *req, struct str *out, struct error *err)
{
    const char *whole = draft_text(req, "whole"), *part = draft_text(req, "selection");
    const char *text = part ? part : whole ? whole : "", *typed = req->typed ? req->typed : "";
    (void)err;
    if (wants_shorter(typed)) {
        struct shorter s = {.text = text, .out = out};
        passage_sentences(text, strlen(text), keep_sentence, &s);
        return STATUS_OK;
    }
    if (part) { /* without a model the words of the person are the new text */
        str_puts(out, typed);
        return STATUS_OK;
    }
    /* The person's words go in front of the closing. */
    const char *close = NULL;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        char *line = mem_strndup(p, n);
        if (is_closing(str_trim(line)))
            close = p;
        free(line);
        p += n + (p[n] == '\n');
    }
    size_t head = close ? (size_t)(close - text) : strlen(text);
    str_add(out, text, head);
    while (out->len && strchr("\n ", out->data[out->len - 1]))
        str_truncate(out, out->len - 1);
    str_addf(out, "\n\n%s\n", typed);
    if (close)
        str_addf(out, "\n%s", close);
    return STATUS_OK;
}
