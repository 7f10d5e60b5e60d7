/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks_ask.c - questions and requests in a mail, gaps and fields in a draft. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "inbox/checks_inside.h"
#include "inbox/reply_inside.h"

/* A cue: folded words that stand in a sentence, and how surely they ask for something. */
struct cue {
    const char *words;
    double strength;
};

static const struct cue question_cues[] = {
    {"what do you think", 0.9}, {"any update", 0.8}, {"any news on", 0.7},
    {"let me know if you", 0.6}, {"wondering if", 0.8}, {"do you know", 0.8},
    {"请问", 0.9}, {"是否", 0.8}, {"能否", 0.95}, {"可否", 0.95}, {"能不能", 0.9},
    {"可不可以", 0.9}, {"有没有", 0.7}, {"吗?", 0.9}, {"什么时候", 0.7}, {"何时", 0.7},
    {"多少", 0.5}, {"怎么样", 0.6}, {"行不行", 0.8}, {"好吗", 0.8},
};

static const struct cue request_cues[] = {
    {"please", 0.7}, {"pls", 0.7}, {"could you", 0.95}, {"can you", 0.9}, {"would you", 0.85},
    {"will you", 0.7}, {"can we", 0.6}, {"could we", 0.6}, {"shall we", 0.6}, {"let me know", 0.85},
    {"let us know", 0.8}, {"need you to", 0.95}, {"i need", 0.6}, {"we need", 0.5},
    {"you need to", 0.7}, {"you should", 0.5}, {"kindly", 0.8}, {"send me", 0.75}, {"send us", 0.7},
    {"get back to", 0.75}, {"your thoughts", 0.7}, {"your input", 0.6}, {"your approval", 0.8},
    {"your comments", 0.6}, {"your feedback", 0.6}, {"make sure", 0.6}, {"be sure to", 0.6},
    {"would appreciate", 0.8}, {"appreciate it if", 0.8}, {"waiting for your", 0.8},
    {"look forward to your", 0.5}, {"awaiting your", 0.8}, {"rsvp", 0.8}, {"asap", 0.6},
    {"give me a call", 0.75}, {"call me", 0.7}, {"don't forget", 0.6}, {"do not forget", 0.6},
    {"remind", 0.4}, {"take a look", 0.7}, {"have a look", 0.6}, {"want you to", 0.85},
    {"like you to", 0.85}, {"ask you to", 0.8}, {"if you could", 0.8}, {"if you can", 0.6},
    {"sign the", 0.55}, {"review the", 0.5}, {"fill in", 0.5}, {"fill out", 0.5},
    {"confirm", 0.45}, {"advise", 0.5}, {"let's", 0.6}, {"lets ", 0.6}, {"let us ", 0.6}, {"you must", 0.7},
    {"it is required", 0.5}, {"you are required", 0.7}, {"requested to", 0.65}, {"asked that you", 0.8},
    {"asked you to", 0.7}, {"why don't you", 0.9}, {"you may need to", 0.7}, {"you'll need to", 0.7},
    {"you will need to", 0.7}, {"you may want to", 0.65}, {"you might want to", 0.65},
    {"we need to", 0.55}, {"we should", 0.55}, {"i suggest", 0.65}, {"i would suggest", 0.65},
    {"would like to discuss", 0.7}, {"would like to meet", 0.7}, {"like to schedule", 0.7},
    {"would like to have", 0.6}, {"like to set up", 0.7}, {"i'd like to", 0.55}, {"love to talk", 0.6},
    {"love to discuss", 0.6}, {"get together", 0.55}, {"for your review", 0.65},
    {"for your approval", 0.8}, {"for your signature", 0.8}, {"at your convenience", 0.65},
    {"looking forward to hearing", 0.65}, {"look forward to hearing", 0.65},
    {"look forward to your", 0.6}, {"get with", 0.55}, {"follow up with", 0.6}, {"would you mind", 0.9},
    {"is it possible to", 0.8}, {"would it be possible", 0.85}, {"if possible", 0.5},
    {"any help", 0.6}, {"help me", 0.6}, {"i want you", 0.7}, {"no later than", 0.6},
    {"请", 0.7}, {"麻烦", 0.85}, {"烦请", 0.95}, {"盼复", 0.9}, {"望复", 0.9}, {"务必", 0.8},
    {"帮我", 0.8}, {"帮忙", 0.7}, {"希望您", 0.7}, {"希望你", 0.7}, {"期待您的回复", 0.7},
    {"等您", 0.6}, {"尽快", 0.6}, {"需要您", 0.9}, {"需要你", 0.9}, {"劳驾", 0.8}, {"回复为盼", 0.9},
    {"告知", 0.5}, {"确认一下", 0.8},
};

/* Words that take a request away: thanks, politeness, standing offers and small print. */
static const char *const not_cues[] = {
    "please find", "please see attached", "please note", "please do not reply",
    "please don't reply", "if you have any question", "if you have questions", "feel free",
    "thank you for your", "please disregard", "please ignore", "to unsubscribe",
    "please consider the environment", "intended recipient", "please notify the sender", "please accept",
    "don't hesitate", "do not hesitate", "please be advised", "please be informed",
    "call me if you", "let me know if you have any", "请勿回复", "请查收", "请知悉", "请参阅",
    "如有疑问", "如有任何问题", "请放心", "敬请谅解", "请见谅", "请参考", "请忽略",
};

/* The strongest of the cues that stand in folded text. */
static double strongest(const char *folded, const struct cue *cues, size_t n)
{
    double best = 0;
    for (size_t i = 0; i < n; i++) {
        const char *at = strstr(folded, cues[i].words);
        bool ascii = (unsigned char)cues[i].words[0] < 0x80;
        while (at && ascii && at > folded && at[-1] >= 'a' && at[-1] <= 'z')
            at = strstr(at + 1, cues[i].words);
        if (at && cues[i].strength > best)
            best = cues[i].strength;
    }
    return best;
}

/* Does the folded sentence begin with one of these words? */
static bool begins(const char *s, const char *const *words)
{
    for (; *words; words++) {
        size_t n = strlen(*words);
        if (strncmp(s, *words, n) == 0 && !(s[n] >= 'a' && s[n] <= 'z'))
            return true;
    }
    return false;
}

/* May it be answered by yes or no? */
static bool is_yes_no(const char *folded)
{
    static const char *const aux[] = {
        "can", "could", "would", "will", "is", "are", "do", "does", "did", "have", "has", "should",
        "may", "shall", "was", "were", "am", "isn't", "aren't", "don't", "doesn't", "won't", NULL};
    static const char *const zh[] = {"吗", "是否", "能否", "可否", "能不能", "可不可以", "有没有",
                                     "行不行", "好不好", "是不是", NULL};
    static const char *const wh[] = {"what", "when", "where", "who", "whom", "which", "why", "how",
                                     NULL};
    static const char *const open[] = {" what", " when", " where", " who", " which", " why", " how",
                                       NULL};
    for (size_t i = 0; zh[i]; i++)
        if (strstr(folded, zh[i]))
            return true;
    if (begins(folded, wh))
        return false;
    for (size_t i = 0; open[i]; i++)
        if (strstr(folded, open[i]) && !begins(folded, aux))
            return false;
    if (begins(folded, aux))
        return true;
    /* "…, and could you …?" */
    for (size_t i = 0; aux[i]; i++) {
        char *needle = str_format(" %s you", aux[i]), *we = str_format(" %s we", aux[i]);
        bool has = strstr(folded, needle) || strstr(folded, we);
        free(needle);
        free(we);
        if (has)
            return true;
    }
    return false;
}

/* A sentence that begins with a bare verb is an order: "Send the list to Tom." */
static bool is_order(const char *folded)
{
    static const char *const verbs[] = {
        "send", "call", "check", "review", "confirm", "sign", "forward", "reply", "schedule",
        "arrange", "prepare", "update", "provide", "give", "get", "bring", "book", "fix", "tell",
        "let", "make", "take", "put", "add", "remove", "complete", "submit", "set", "ask",
        "talk", "contact", "find", "read", "come", "meet", "keep", "try",
        "advise", "approve", "explain", "verify", "return", "revise", "include", "remember",
        "grab", "catch", "discuss", "coordinate", "ensure", "consider", "pick", "stop", "wait", "write",
        "draft", "circulate", "pay", "move", "open", "close", "delete", "correct",
        "handle", "assign", "attach", "finish", "follow", "share", "help", "use",
        "start", "don't", "do not", "drop", "save", "install",
        "choose", "select", "enter", "pass",
        "lets", "let's", NULL};
    if (begins(folded, verbs))
        return true;
    /* "Mike, send …", "Hi Tom -- call …": the name in front goes. */
    size_t n = 0;
    while (folded[n] && n < 24 && !((folded[n] == ',' || folded[n] == ':') && folded[n + 1] == ' ') &&
           strncmp(folded + n, "--", 2) != 0 && strncmp(folded + n, " - ", 3) != 0)
        n++;
    if (n == 0 || n >= 24 || !folded[n])
        return false;
    folded += n + strspn(folded + n, ",:- ");
    return begins(folded, verbs);
}

struct finding {
    const char *text;
    struct check_ask *out;
    size_t len, max;
};

/* The strength with which one folded sentence asks; fills question and yes_no. */
static double judge(const char *folded, bool mark, struct check_ask *a)
{
    double q = strongest(folded, question_cues, sizeof question_cues / sizeof *question_cues);
    double r = strongest(folded, request_cues, sizeof request_cues / sizeof *request_cues);
    for (size_t i = 0; i < sizeof not_cues / sizeof *not_cues; i++)
        if (strstr(folded, not_cues[i]))
            return mark && q > 0.5 ? q : 0;
    if (mark && q < 0.85)
        q = 0.85;
    if (is_order(folded) && r < 0.65)
        r = 0.65;
    a->question = mark || q >= r;
    a->yes_no = is_yes_no(folded) && (a->question || r > 0);
    return q > r ? q : r;
}

/* One sentence of the mail. */
static bool on_sentence(void *user, size_t start, size_t len)
{
    struct finding *f = user;
    struct str folded = STR_INIT;
    const char *s = f->text + start;
    if (len < 2 || len > 1200)
        return true;
    utf8_fold(&folded, s, len);
    char *text = str_trim(folded.data);
    while (*text && strchr("-*>•\"'(", *text))
        text = str_trim(text + 1);
    size_t n = strlen(text);
    while (n && strchr("\"') ", text[n - 1]))
        n--;
    bool mark = n && text[n - 1] == '?';
    bool link = strstr(text, "http") && !strchr(text, ' ');
    struct check_ask a = {.at = start, .len = len};
    a.strength = link ? 0 : judge(text, mark, &a);
    if (a.strength >= 0.4 && f->len < f->max)
        f->out[f->len++] = a;
    str_fini(&folded);
    return f->len < f->max;
}

char *checks_own_text(const char *text)
{
    struct str out = STR_INIT;
    const char *p = text;
    while (*p) {
        size_t n = strcspn(p, "\n");
        bool sign = (n == 2 && memcmp(p, "--", 2) == 0) || (n == 3 && memcmp(p, "-- ", 3) == 0);
        bool original = n > 8 && (strncmp(p, "-----Original", 13) == 0 ||
                                  strncmp(p, "----- Original", 14) == 0 ||
                                  strncmp(p, "________________", 16) == 0 ||
                                  strncmp(p, "-----原始邮件", 5) == 0 ||
                                  str_starts(p, REPLY_FORWARDED) || str_starts(p, REPLY_FORWARDED_ZH));
        bool wrote = (str_starts(p, "On ") || str_starts(p, "Am ") || str_starts(p, "在 ")) &&
                     n > 10 && n < 250 && (p[n - 1] == ':' || (n > 3 && memcmp(p + n - 3, "：", 3) == 0));
        if ((sign || original || wrote) && out.len > 0) {
            if (!wrote)
                break;
            p += n + (p[n] == '\n');
            continue;
        }
        if (*p != '>') {
            str_add(&out, p, n);
            str_putc(&out, '\n');
        }
        p += n + (p[n] == '\n');
    }
    return str_take(&out);
}

char *checks_flat(const char *text)
{
    char *out = mem_strdup(text);
    for (char *p = out; *p; p++) {
        if (*p != '\n' || p == out || !p[1])
            continue;
        bool ends = strchr(".?!:;\n,", p[-1]) && p[-1] != ',';
        bool next = p[1] == '\n' || strchr("-*>•[", p[1]) || (p[1] >= '0' && p[1] <= '9' && p[2] == '.');
        const char *line = p;
        while (line > out && line[-1] != '\n')
            line--;
        if (!ends && !next && p - line >= 50)
            *p = ' ';
    }
    return out;
}

size_t checks_find_asks(const char *text, struct check_ask *out, size_t max)
{
    char *flat = checks_flat(text);
    struct finding f = {.text = flat, .out = out, .max = max};
    if (max)
        passage_sentences(flat, strlen(flat), on_sentence, &f);
    free(flat);
    return f.len;
}

/* Length of the gap's leading word at s ("yes/no:"), 0 when it is none. */
static size_t gap_word(const char *s)
{
    static const char *const words[] = {
        "yes/no", "fill in", "fill", "date", "time", "amount", "price", "place", "name", "number",
        "which", "what", "your", "是/否", "填写", "日期", "时间", "金额", "价格", "地点", "姓名",
        "数量", "请填", NULL};
    for (size_t i = 0; words[i]; i++) {
        size_t n = strlen(words[i]);
        if (!str_starts_nocase(s, words[i]))
            continue;
        if (s[n] == ':')
            return n + 1;
        if (str_starts(s + n, "："))
            return n + 3;
    }
    return 0;
}

/* Where the words of others begin: the block of a forwarded mail, or the end. */
static const char *own_end(const char *text)
{
    const char *end = strstr(text, REPLY_FORWARDED);
    if (!end)
        end = strstr(text, REPLY_FORWARDED_ZH);
    return end ? end : text + strlen(text);
}

/* Does the place stand in a quoted line? */
static bool is_quoted(const char *text, const char *p)
{
    for (int i = 0; p > text && p[-1] != '\n' && i < 2000; i++)
        p--;
    return *p == '>';
}

/* Does a forwarded mail begin among the n bytes? */
static bool forwards(const char *text, size_t n)
{
    return memmem(text, n, REPLY_FORWARDED, strlen(REPLY_FORWARDED)) ||
           memmem(text, n, REPLY_FORWARDED_ZH, strlen(REPLY_FORWARDED_ZH));
}

bool checks_gap_next(const char *text, size_t from, size_t *at, size_t *len, char **question)
{
    const char *looked = text + from;
    for (const char *p = strchr(looked, '['); p; p = strchr(p + 1, '[')) {
        if (forwards(looked, (size_t)(p - looked)))
            return false;
        looked = p;
        size_t word = gap_word(p + 1), n = strcspn(p, "]");
        if (!word || !p[n] || n > 1000 || is_quoted(text, p))
            continue;
        *at = (size_t)(p - text);
        *len = n + 1;
        char *q = mem_strndup(p + 1 + word, n - 1 - word);
        *question = mem_strdup(str_trim(q));
        free(q);
        return true;
    }
    return false;
}

bool checks_gap(const char *text, size_t from, size_t *at, size_t *len, char **question)
{
    return from <= strlen(text) && !forwards(text, from) && checks_gap_next(text, from, at, len, question);
}

bool checks_field(const char *text, size_t from, size_t *at, size_t *len)
{
    if (from > strlen(text))
        return false;
    const char *own = own_end(text), *p = strstr(text + from, "{{");
    while (p && p < own && is_quoted(text, p))
        p = strstr(p + 2, "{{");
    const char *end = p && p < own ? strstr(p, "}}") : NULL;
    if (!end || end - p > 200)
        return false;
    *at = (size_t)(p - text);
    *len = (size_t)(end + 2 - p);
    return true;
}
