/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cues.c - sentences of a transcript that say by their own words what they are.
 *
 * Each sentence is folded and tried against short lists of phrases: refusals first ("not decided
 * yet"), then decisions, tasks, questions. A question is open when what the others say next is not
 * an answer. The lists are the whole knowledge; they are data, so that a language is a few lines. */
#include "notes/cues.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"

/* Phrases are looked for in " folded sentence " with single spaces and no apostrophes' curls. */
static const char *const undecided[] = {"not decided", "not yet decided", "havent decided",
                                        "have not decided", "didnt agree", "did not agree",
                                        "not agreed", "dont agree", "do not agree", "if we agree",
                                        "还没决定", "没有决定", "尚未", "未定", "没定", "不同意",
                                        "还没同意", NULL};
static const char *const decision[] = {
    " we decided", " have decided", " is decided", " decided ", " decision:", " decision is",
    " the decision ", " agreed ", " agreed:", " we agree to", " lets go with", " we go with",
    " well go with", " we will go with", " we keep ", " well keep ", " stays at", " stay with ",
    " we stick ", " settled on", " is settled", " approved ", " final answer", " we chose",
    " we choose", "决定", "就这么定", "定下来", "敲定", "一致同意", "达成一致", "确定下来",
    "我们同意", "通过了", "拍板", "最终确定", "就定", NULL};
static const char *const promise[] = {" i will ", " ill ", " i am going to ", " im going to ",
                                      " let me ", " ill take ", " i take ", "我来", "我会", "我去",
                                      "我负责", "我这边", "我们这边", "我明天", "我今天", "我下周",
                                      "我尽快", NULL};
static const char *const request[] = {" can you ", " could you ", " would you ", " please ",
                                      "请你", "请您", "麻烦", "你来", "请同时", "请把", "请在",
                                      "请尽快", NULL};
static const char *const need[] = {" needs to ", " need to ", " has to ", " have to ", " must ",
                                   " action item", " to do:", " todo:", " someone should ",
                                   " somebody should ", "需要有人", "需要", "待办", "得有人", "必须",
                                   "跟进", "负责", NULL};
/* Verbs that make a request or a promise a task. */
static const char *const verbs[] = {
    " send ", " write ", " check ", " prepare ", " call ", " ask ", " confirm ", " review ",
    " share ", " update ", " book ", " order ", " find ", " make ", " get ", " put ", " forward ",
    " add ", " fix ", " sign ", " schedule ", " organise ", " organize ", " talk ", " look ",
    " finish ", " draft ", " test ", " deliver ", " ship ", " pay ", " set up ", " bring ",
    " follow ", " contact ", " email ", " mail ", " invite ", " create ", " clarify ", " provide ",
    " take ", " discuss ", " arrange ", " speak ", " do ", " start ", " collect ", " translate ",
    "发", "写", "确认", "准备", "提供", "安排", "联系", "检查", "完成", "提交", "整理", "更新", "问",
    "预订", "订", "签", "寄", "交给", "打印", "汇总", "汇报", "转发", "抄送", "付", "查", "跟进", "通知", "回复", "修改", "做", "找", NULL};
static const char *const no_task[] = {" i will be ", " ill be ", " we will see", " lets see",
                                      " lets start", " dont need", " do not need", " no need",
                                      " would like to hear", " i will say", " let me see",
                                      " let me share my screen", " let me start",
                                      "不需要", "不用", "没必要", NULL};
static const char *const unknown[] = {"dont know", "do not know", "not sure", "good question",
                                      "no idea", "have to check", "need to check", "open point",
                                      "lets see", "we will see", "find out", "not clear", "unclear",
                                      "不知道", "不清楚", "不确定", "不好说", "再看", "待定", "还没",
                                      "要问", NULL};
static const char *const open_words[] = {" open question", " open point", " still open",
                                         " to be clarified", " to be decided", "待确认", "待定",
                                         "还不清楚", "还没有答案", NULL};
static const char *const yes_no[] = {" yes", " no ", " no,", " sure", " of course", " right ",
                                     " exactly", " correct", " okay", " ok ", " it is", " yeah",
                                     " 是", " 对", " 不", " 没", " 好", " 可以", " 有", NULL};
static const char *const small_talk[] = {"how are you", "can you hear", "hear me", "any other",
                                         "anything else", "where are we", "ready?", "right?",
                                         "isnt it", "okay?", "ok?", "听得到", "听见", "还有别的",
                                         "还有什么", "对吧", "是吧", "好吗", NULL};

/* Is one of the phrases in the text? */
static bool has_any(const char *text, const char *const *phrases)
{
    for (; *phrases; phrases++)
        if (strstr(text, *phrases))
            return true;
    return false;
}

/* Folds a sentence for the phrases: lower case, no apostrophes, single spaces, one at each end. */
static void fold_sentence(struct str *out, const char *s, size_t n)
{
    struct str folded = STR_INIT;
    utf8_fold(&folded, s, n);
    str_putc(out, ' ');
    for (size_t i = 0; i < folded.len; i++) {
        const char *p = folded.data + i;
        if (*p == '\'' || (folded.len - i >= 3 && memcmp(p, "’", 3) == 0)) {
            i += *p == '\'' ? 0 : 2;
            continue;
        }
        if (isspace((unsigned char)*p) || *p == ',') {
            if (out->data[out->len - 1] != ' ')
                str_putc(out, ' ');
        } else
            str_putc(out, *p);
    }
    while (out->len > 1 && strchr(".;!", out->data[out->len - 1]))
        str_truncate(out, out->len - 1);
    if (out->data[out->len - 1] != ' ')
        str_putc(out, ' ');
    str_fini(&folded);
}

/* A sentence of the transcript. */
struct said {
    size_t segment, start, len;
    struct str folded;
    size_t words;
    bool asks;
};

/* Frees a sentence. */
static void said_fini_item(void *item)
{
    str_fini(&((struct said *)item)->folded);
}

struct hearing {
    const struct vec *segments;
    size_t segment;
    struct vec said; /* struct said */
};

/* Is it a question by its end? */
static bool is_question(const char *s, size_t n)
{
    while (n > 0 && strchr("\"') ", s[n - 1]))
        n--;
    if (n > 0 && s[n - 1] == '?')
        return true;
    if (n < 3)
        return false;
    const char *last = s + n - 3;
    return memcmp(last, "？", 3) == 0 || memcmp(last, "吗", 3) == 0 || memcmp(last, "呢", 3) == 0 ||
           (n >= 6 && memcmp(last, "。", 3) == 0 &&
            (memcmp(last - 3, "吗", 3) == 0 || memcmp(last - 3, "呢", 3) == 0));
}

/* Takes one sentence of the current segment. */
static bool hear(void *user, size_t start, size_t len)
{
    struct hearing *h = user;
    const struct note_segment *g = vec_at(h->segments, h->segment);
    struct said *s = vec_push(&h->said);
    struct vec words;
    *s = (struct said){.segment = h->segment, .start = start, .len = len};
    fold_sentence(&s->folded, g->text + start, len);
    s->asks = is_question(g->text + start, len);
    vec_init(&words, sizeof(uint64_t), NULL);
    passage_words(g->text + start, len, &words);
    s->words = words.len;
    vec_fini(&words);
    return true;
}

/* The first word of a name, or all of it, without case. */
static bool name_fits(const char *speaker, const char *name, size_t n)
{
    size_t first = strcspn(speaker, " ");
    return (strlen(speaker) == n && strncasecmp(speaker, name, n) == 0) ||
           (first == n && first > 1 && strncasecmp(speaker, name, n) == 0);
}

const char *cues_speaker(const struct vec *segments, const char *name, size_t n)
{
    while (n > 0 && isspace((unsigned char)*name))
        name++, n--;
    while (n > 0 && isspace((unsigned char)name[n - 1]))
        n--;
    for (size_t i = 0; n > 0 && i < segments->len; i++) {
        const struct note_segment *s = vec_at(segments, i);
        if (*s->speaker && name_fits(s->speaker, name, n))
            return s->speaker;
    }
    return NULL;
}

/* A speaker named in the sentence as the one who does it: "Tom will", "Tom, can you", "由李娜". */
static const char *named_owner(const struct vec *segments, const char *s, size_t n)
{
    for (size_t i = 0; i < segments->len; i++) {
        const char *speaker = ((struct note_segment *)vec_at(segments, i))->speaker;
        size_t first = strcspn(speaker, " ");
        if (first < 2)
            continue;
        bool ascii = (unsigned char)speaker[0] < 0x80;
        for (size_t k = 0; k + first <= n; k++) {
            if (strncasecmp(s + k, speaker, first) != 0)
                continue;
            const char *after = s + k + first;
            size_t left = n - k - first;
            if (ascii && ((k > 0 && isalpha((unsigned char)s[k - 1])) ||
                          (left > 0 && isalpha((unsigned char)*after))))
                continue;
            if (first < strlen(speaker) && left > strlen(speaker) - first &&
                strncasecmp(after, speaker + first, strlen(speaker) - first) == 0) {
                after += strlen(speaker) - first;
                left -= strlen(speaker) - first;
            }
            static const char *const doing[] = {" will", " can you", " could you", ", can", ", could",
                                                ", please", " please", " to ", " has to", " needs to",
                                                "负责", "来", "去", "请", "，请", "跟进"};
            for (size_t d = 0; d < sizeof doing / sizeof *doing; d++)
                if (strlen(doing[d]) <= left && strncasecmp(after, doing[d], strlen(doing[d])) == 0)
                    return speaker;
        }
    }
    return NULL;
}

/* The next speaker when what follows takes a request on: "yes", "I will", 好的. */
static const char *next_owner(const struct hearing *h, size_t at)
{
    static const char *const taken[] = {" yes", " sure", " ok", " i will", " ill ", " of course",
                                        " will do", " done", " 好", " 可以", " 没问题", " 行", NULL};
    const struct said *s = vec_at(&h->said, at);
    const struct note_segment *mine = vec_at(h->segments, s->segment);
    for (size_t i = at + 1; i < h->said.len; i++) {
        const struct said *next = vec_at(&h->said, i);
        const struct note_segment *g = vec_at(h->segments, next->segment);
        if (str_eq(g->speaker, mine->speaker))
            continue;
        for (const char *const *t = taken; *t; t++)
            if (str_starts(str_text(&next->folded), *t))
                return g->speaker;
        return NULL;
    }
    return NULL;
}

/* Bytes at the head of a promise that say only who. */
static size_t promise_head(const char *s, size_t n)
{
    static const char *const heads[] = {"I will ", "I'll ", "I’ll ", "I am going to ", "I'm going to ",
                                        "Let me ", "Please ", "Can you please ", "Can you ",
                                        "Could you please ", "Could you "};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t len = strlen(heads[i]);
        if (n > len && strncasecmp(s, heads[i], len) == 0)
            return len;
    }
    return 0;
}

/* Is the question at `at` left without an answer? */
static bool stays_open(const struct hearing *h, size_t at)
{
    const struct said *s = vec_at(&h->said, at);
    const struct note_segment *mine = vec_at(h->segments, s->segment);
    int looked = 0;
    for (size_t i = at + 1; i < h->said.len && looked < 3; i++) {
        const struct said *next = vec_at(&h->said, i);
        const struct note_segment *g = vec_at(h->segments, next->segment);
        bool other = !str_eq(g->speaker, mine->speaker) || *g->speaker == 0;
        if (has_any(str_text(&next->folded), unknown))
            return true;
        if (!other)
            continue;
        looked++;
        for (const char *const *y = yes_no; *y; y++)
            if (str_starts(str_text(&next->folded), *y))
                return false;
        if (!next->asks && next->words >= 2)
            return false;
    }
    return true;
}

/* Does it speak of a question that stands just before it? Then that one is the open one. */
static bool answers_question(const struct hearing *h, size_t at)
{
    for (size_t i = at; i > 0 && at - i < 2; i--) {
        const struct said *before = vec_at(&h->said, i - 1);
        if (before->asks && !has_any(str_text(&before->folded), small_talk))
            return true;
    }
    return false;
}

/* The words two sentences share, as a share of the smaller. */
static double likeness(const struct vec *segments, const struct cue *a, const struct cue *b)
{
    const char *x = ((struct note_segment *)vec_at(segments, a->segment))->text + a->start;
    const char *y = ((struct note_segment *)vec_at(segments, b->segment))->text + b->start;
    struct passage_index *i = passage_index_new();
    passage_index_add(i, x, a->len);
    passage_index_add(i, y, b->len);
    double there = passage_index_score(i, x, a->len, 1), back = passage_index_score(i, y, b->len, 0);
    passage_index_free(i);
    return there > back ? there : back;
}

/* Adds a cue unless the same was said before; the one that names an owner stays. */
static void add_cue(const struct vec *segments, struct vec *out, const struct cue *c)
{
    for (size_t i = 0; i < out->len; i++) {
        struct cue *e = vec_at(out, i);
        if (e->section != c->section || likeness(segments, e, c) < 0.6)
            continue;
        if (c->section == MINUTES_DECISION || (!e->owner && c->owner))
            *e = *c; /* the last word on it */
        return;
    }
    struct cue *n = vec_push(out);
    *n = *c;
}

/* Is there a date with a deadline in the sentence? */
static bool has_deadline(const char *s, size_t n, int64_t written)
{
    struct when_hit hits[4];
    size_t count = when_find(s, n, written == CLOCK_NONE ? clock_now() : written, hits, 4);
    for (size_t i = 0; i < count; i++)
        if (hits[i].deadline && !hits[i].past)
            return true;
    return false;
}

/* Judges one sentence as a task; false: it is none. */
static bool judge_task(const struct hearing *h, size_t at, int64_t written, struct cue *c)
{
    const struct said *s = vec_at(&h->said, at);
    const struct note_segment *g = vec_at(h->segments, s->segment);
    const char *text = g->text + s->start, *f = str_text(&s->folded);
    const char *named = named_owner(h->segments, text, s->len);
    if (has_any(f, no_task))
        return false;
    bool does = has_any(f, verbs);
    bool promised = has_any(f, promise) && !s->asks, asked = has_any(f, request);
    bool needed = has_any(f, need) && !s->asks;
    bool dated = does && !s->asks && has_deadline(text, s->len, written) &&
                 passage_is_cjk(text, s->len);
    if (!((promised && does) || (asked && does) || (needed && (does || s->words >= 2)) ||
          (named && does && !s->asks) || dated))
        return false;
    c->skip = promise_head(text, s->len);
    if (named)
        c->owner = named;
    else if (promised || dated)
        c->owner = *g->speaker ? g->speaker : NULL;
    else if (asked)
        c->owner = next_owner(h, at);
    return true;
}

void cues_find(const struct vec *segments, int64_t written, struct vec *out)
{
    struct hearing h = {.segments = segments};
    vec_init(&h.said, sizeof(struct said), said_fini_item);
    for (h.segment = 0; h.segment < segments->len; h.segment++) {
        const struct note_segment *s = vec_at(segments, h.segment);
        passage_sentences(s->text, strlen(s->text), hear, &h);
    }
    for (size_t i = 0; i < h.said.len; i++) {
        const struct said *s = vec_at(&h.said, i);
        const char *f = str_text(&s->folded);
        struct cue c = {.segment = s->segment, .start = s->start, .len = s->len};
        if (s->words < 2)
            continue;
        if (!s->asks && s->words >= 3 && has_any(f, decision) && !has_any(f, undecided)) {
            c.section = MINUTES_DECISION;
            add_cue(segments, out, &c);
        } else if (judge_task(&h, i, written, &c)) {
            c.section = MINUTES_TASK;
            add_cue(segments, out, &c);
        } else if ((s->asks && !has_any(f, small_talk) && stays_open(&h, i)) ||
                   (!s->asks && has_any(f, open_words) && !answers_question(&h, i))) {
            c.section = MINUTES_QUESTION;
            add_cue(segments, out, &c);
        }
    }
    vec_fini(&h.said);
}
