/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks_send.c - what a person would want to be asked before a mail leaves: a file that was promised
 * and is not there, no subject, many recipients, some of them outside, a greeting for another. All are
 * findings to look at; none keeps a person from sending. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/option.h"
#include "inbox/checks_inside.h"
#include "inbox/draft.h"
#include "office/people.h"

#define NAME_MAX_BYTES 60
#define SIGN_LINES 5 /* at the end of a mail, where people write what they are called */

/* ---- attachments ---- */

/* Words that promise a file, folded. */
static const char *const promises[] = {
    "attached", "attachment", "attachments", "attaching", "i attach", "we attach", "enclosed",
    "find enclosed", "附件", "附上", "附后", "见附", "附有", "随附", "随函附"};

/* The same words about a file of the other side, or about none. */
static const char *const others[] = {
    "your attach", "you attach", "thanks for the attach", "thank you for the attach",
    "received the attach", "got the attach", "open the attach", "opened the attach",
    "read the attach", "attached to your", "the attachment you", "the attachments you",
    "no attach", "without attach", "not attach", "attached to you", "收到附件", "附件收到",
    "附件已收到", "您的附件", "你的附件", "您发的附件", "你发的附件", "贵司的附件", "来信附件",
    "来函附件", "附件打不开", "没有附件", "无附件", "附件中的问题"};

struct promise {
    const char *text;
    size_t at, len;
    bool found;
};

/* Does a folded sentence hold the word, as one for Latin ones? */
static bool holds(const char *folded, const char *word)
{
    size_t n = strlen(word);
    bool latin = (unsigned char)word[0] < 0x80;
    for (const char *p = strstr(folded, word); p; p = strstr(p + 1, word)) {
        bool left = p == folded || !(p[-1] >= 'a' && p[-1] <= 'z');
        bool right = !(p[n] >= 'a' && p[n] <= 'z');
        if (!latin || (left && right))
            return true;
    }
    return false;
}

/* One sentence of what the draft states. */
static bool promise_in(void *user, size_t start, size_t len)
{
    struct promise *p = user;
    struct str folded = STR_INIT;
    utf8_fold(&folded, p->text + start, len);
    bool other = false;
    for (size_t i = 0; i < sizeof others / sizeof *others && !other; i++)
        other = strstr(str_text(&folded), others[i]) != NULL;
    for (size_t i = 0; i < sizeof promises / sizeof *promises && !other && !p->found; i++)
        p->found = holds(str_text(&folded), promises[i]);
    if (p->found) {
        p->at = start;
        p->len = len;
    }
    str_fini(&folded);
    return !p->found;
}

/* A file is promised and none is there. */
static void check_attachment(const struct draft *d, const char *stated, struct checks *out)
{
    if (d->files.len)
        return;
    char *flat = checks_flat(stated);
    struct promise p = {.text = flat};
    passage_sentences(flat, strlen(flat), promise_in, &p);
    bool in_subject = false;
    if (!p.found && d->kind == DRAFT_NEW && *d->subject) {
        struct promise s = {.text = d->subject};
        promise_in(&s, 0, strlen(d->subject));
        in_subject = s.found;
    }
    if (p.found || in_subject) {
        char *words = mem_strdup(_("the text promises a file, but none is attached"));
        struct check *c = checks_add(out, CHECK_ATTACHMENT, CHECK_WARN, words, strlen(words));
        c->at = p.at;
        c->len = p.found ? p.len : 0;
        free(words);
    }
    free(flat);
}

/* ---- recipients ---- */

/* How many it goes to, and how many of them are outside. */
static void check_recipients(const struct draft *d, struct checks *out)
{
    const struct vec *lists[] = {&d->to, &d->cc, &d->bcc};
    size_t open = d->to.len + d->cc.len, inside = 0, outside = 0;
    const char *first = NULL;
    if ((int64_t)open > option_int("send.many")) {
        char *words = str_format(P_("it goes to %zu person", "it goes to %zu people", open), open);
        checks_add(out, CHECK_MANY, CHECK_WARN, words, strlen(words));
        free(words);
    }
    if (!people_has_inside())
        return;
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < lists[l]->len; i++) {
            const struct mail_address *a = vec_at(lists[l], i);
            bool in = people_is_inside(a->address);
            inside += in;
            outside += !in;
            first = in || first ? first : a->address;
        }
    if (!inside || !outside)
        return; /* among ourselves, or to a customer: nothing to be surprised by */
    char *words = outside == 1
                      ? str_format(_("%s is outside, the others are not"), first)
                      : str_format(P_("%zu of the recipients is outside, the others are not",
                                      "%zu of the recipients are outside, the others are not",
                                      outside), outside);
    checks_add(out, CHECK_OUTSIDE, CHECK_WARN, words, strlen(words));
    free(words);
}

/* ---- the greeting ---- */

/* Greetings, folded, longest first; the name follows. */
static const char *const greetings[] = {
    "good morning", "good afternoon", "good evening", "dear", "hello", "hallo", "hi", "hey", "liebe",
    "lieber", "sehr geehrte", "sehr geehrter", "尊敬的", "亲爱的", "敬爱的", "你好", "您好"};
/* What stands before or behind a name and is none. */
static const char *const titles[] = {"mr", "mrs", "ms", "miss", "dr", "prof", "professor", "herr",
                                     "frau", "sir", "madam", "mr.", "mrs.", "ms.", "dr.", "prof."};
static const char *const zh_titles[] = {
    "您好", "你好", "早上好", "上午好", "下午好", "晚上好", "先生", "女士", "小姐", "总经理", "副总",
    "总监", "经理", "主任", "老师", "博士", "教授", "部长", "同学", "同事", "工程师", "总", "工", "哥",
    "姐"};
/* Nobody in particular. */
static const char *const nobody[] = {
    "all", "everyone", "everybody", "team", "there", "both", "friends", "colleagues", "sir", "madam",
    "sirs", "customer", "customers", "sir or madam", "sir/madam", "folks", "guys", "ladies", "again",
    "together", "zusammen", "damen", "kollegen", "support", "hiring", "committee", "大家", "各位", "诸位", "您", "你",
    "领导", "老师", "同事", "同事们", "客户", "先生", "女士", "全体", "朋友", "朋友们", "采购部", "团队"};

/* Is the folded word one of these? */
static bool is_one(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, words[i]))
            return true;
    return false;
}
#define IS_ONE(word, words) is_one(word, words, sizeof(words) / sizeof *(words))

/* Takes Chinese titles off the end of a name. */
static void strip_zh_titles(char *name)
{
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < sizeof zh_titles / sizeof *zh_titles && !again; i++) {
            size_t n = strlen(name), k = strlen(zh_titles[i]);
            if (n > k && strcmp(name + n - k, zh_titles[i]) == 0) {
                name[n - k] = 0;
                str_trim(name);
                again = true;
            }
        }
    }
}

/* The end of a greeting in a folded line: its first comma, colon or stop. */
static size_t greeting_end(const char *line)
{
    static const char *const ends[] = {",", ":", "!", "\xef\xbc\x8c", "\xef\xbc\x9a", "\xef\xbc\x81", "。", "、"};
    size_t best = strlen(line);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *p = strstr(line, ends[i]);
        if (p && (size_t)(p - line) < best)
            best = (size_t)(p - line);
    }
    return best;
}

/* "王芳，你好" greets behind the name. */
static bool greets_behind(const char *rest)
{
    static const char *const words[] = {"你好", "您好", "早上好", "上午好", "下午好", "晚上好"};
    rest += strcspn(rest, "\xe4\xe6\xe5"); /* over the comma to the first character of a word */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts(rest, words[i]))
            return true;
    return false;
}

/* The name that the folded first line greets; NULL when it greets nobody by name. Yours. */
static char *greeted(const char *line)
{
    size_t end = greeting_end(line);
    bool ended = line[end] != 0, chinese = passage_is_cjk(line, end), begun = false;
    char *name = mem_strndup(line, end), *p = str_trim(name);
    for (size_t i = 0; i < sizeof greetings / sizeof *greetings && !begun; i++) {
        size_t n = strlen(greetings[i]);
        bool latin = (unsigned char)greetings[i][0] < 0x80;
        if (strncmp(p, greetings[i], n) == 0 && (!latin || p[n] == ' ' || !p[n])) {
            p = str_trim(p + n);
            begun = true;
        }
    }
    /* "李娜您好", "王经理：" greet without a word in front; "Tom," alone may be any first line */
    size_t before = strlen(p);
    if (chinese)
        strip_zh_titles(p);
    bool titled = chinese && (strlen(p) < before || greets_behind(line + end));
    bool bare = !chinese && ended && before > 1 && !strchr(p, ' ') && strlen(line) == end + 1;
    char *found = NULL;
    if ((begun || titled || bare) && *p && before < NAME_MAX_BYTES && (!chinese || strlen(p) <= 12))
        found = mem_strdup(p);
    free(name);
    return found;
}

/* Does the folded text hold the word, not inside a longer Latin one? A nickname ("and" of "andreas")
 * counts from three letters on. */
static bool names_it(const char *folded, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = strstr(folded, word); p; p = strstr(p + 1, word)) {
        unsigned char before = p == folded ? ' ' : (unsigned char)p[-1];
        if (before >= 0x80 || !((before >= 'a' && before <= 'z') || (before >= '0' && before <= '9')))
            return true;
    }
    if (n < 3 || (unsigned char)word[0] >= 0x80)
        return false;
    char *stem = mem_strndup(word, 3); /* "andy" and "andreas" */
    bool found = false;
    for (const char *p = strstr(folded, stem); p && !found; p = strstr(p + 1, stem))
        found = p == folded || !(p[-1] >= 'a' && p[-1] <= 'z');
    free(stem);
    return found;
}

/* What the recipients are called: names and what stands before the @, folded, with blanks between. */
static bool recipient_names(const struct draft *d, struct str *out)
{
    const struct vec *lists[] = {&d->to, &d->cc, &d->bcc};
    bool named = false;
    str_putc(out, ' ');
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < lists[l]->len; i++) {
            const struct mail_address *a = vec_at(lists[l], i);
            named = named || (a->name && *a->name);
            utf8_fold(out, a->name ? a->name : "", a->name ? strlen(a->name) : 0);
            str_putc(out, ' ');
            utf8_fold(out, a->address, strcspn(a->address, "@"));
            str_putc(out, ' ');
        }
    for (size_t i = 0; i < out->len; i++)
        if (strchr("._-+\"'(),", out->data[i]))
            out->data[i] = ' ';
    return named;
}

/* How the writers of the thread signed: the last lines of each mail that is not mine, folded. */
static void signed_names(const struct vec *texts, struct str *out)
{
    for (size_t i = 0; i < texts->len; i++) {
        const struct check_text *t = vec_at(texts, i);
        if (t->mine || !t->message || !t->text)
            continue;
        char *own = checks_own_text(t->text), *p = own + strlen(own);
        for (int lines = 0; p > own && lines <= SIGN_LINES; p--)
            lines += p[-1] == '\n' && p[0] != '\n';
        utf8_fold(out, p, strlen(p));
        str_putc(out, ' ');
        free(own);
    }
}

/* The first line greets somebody whom it does not go to. */
static void check_greeting(const struct draft *d, const struct vec *texts, const char *stated,
                           struct checks *out)
{
    const char *line = stated + strspn(stated, " \n\t");
    size_t n = strcspn(line, "\n");
    struct str folded = STR_INIT, names = STR_INIT;
    if (n > 120)
        n = 120 - utf8_partial_tail(line, 120);
    utf8_fold(&folded, line, n);
    char *name = greeted(str_text(&folded));
    bool known = name == NULL || !recipient_names(d, &names), same_script = false;
    if (name && !known) {
        signed_names(texts, &names);
        bool latin = (unsigned char)name[0] < 0x80;
        for (size_t i = 0; i < names.len && !same_script; i++)
            same_script = latin ? names.data[i] >= 'a' && names.data[i] <= 'z'
                                : (unsigned char)names.data[i] >= 0xE3;
        known = !same_script || IS_ONE(name, nobody);
    }
    for (char *p = name; p && *p && !known;) { /* any part of it: "Mr Tom Berger" */
        size_t k = strcspn(p, " /");
        char *part = mem_strndup(p, k);
        known = k > 0 && (IS_ONE(part, nobody) ||
                          (!IS_ONE(part, titles) && names_it(str_text(&names), part)));
        free(part);
        p += k + (p[k] != 0);
    }
    if (!known) {
        char *words = str_format(_("the greeting names %s, whom it does not go to"), name);
        struct check *c = checks_add(out, CHECK_GREETING, CHECK_WARN, words, strlen(words));
        c->at = (size_t)(line - stated);
        c->len = n;
        free(words);
    }
    free(name);
    str_fini(&folded);
    str_fini(&names);
}

void checks_send(const struct draft *d, const struct vec *texts, struct checks *out)
{
    char *stated = checks_stated(d->text);
    check_attachment(d, stated, out);
    if (!*d->subject) {
        const char *words = _("there is no subject");
        checks_add(out, CHECK_SUBJECT, CHECK_WARN, words, strlen(words));
    }
    check_recipients(d, out);
    check_greeting(d, texts, stated, out);
    free(stated);
}

void checks_size(const struct draft *d, int64_t most, struct checks *out)
{
    int64_t size = 2000 + (int64_t)strlen(d->text);
    for (size_t i = 0; i < d->files.len; i++) /* base64, 76 characters a line */
        size += (((const struct draft_file *)vec_at(&d->files, i))->size + 2) / 3 * 4 * 78 / 76 + 300;
    if (most <= 0 || size <= most)
        return;
    char *words = str_format(_("it has about %.1f MB, and the server takes %.1f MB"), (double)size / 1e6, (double)most / 1e6);
    checks_add(out, CHECK_SIZE, CHECK_WARN, words, strlen(words));
    free(words);
}
