/* SPDX-License-Identifier: GPL-3.0-or-later */
/* minutes.c - lines out of an answer, each with the moment it rests on; the offline way. */
#include "notes/minutes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/utf8.h"
#include "base/when.h"
#include "notes/cues.h"
#include "notes/internal.h"

/* Share of a line's words that must stand in a segment (or in it and its neighbours) to bear it. */
#define BORNE 0.40
#define BORNE_NEAR 0.55
#define BORNE_ALONE 0.70 /* by a single word in common */
#define NEAR 3       /* segments around a source where a date or a name may have been said */
#define REFS_MAX 3
#define SUMMARY_LINES 5

const char *minutes_heading(enum minutes_section s)
{
    switch (s) {
    case MINUTES_DECISION:
        return _("Decisions");
    case MINUTES_TASK:
        return _("Tasks");
    case MINUTES_QUESTION:
        return _("Open questions");
    case MINUTES_SUMMARY:
        break;
    }
    return _("Summary");
}

/* ---- parsing ---- */

/* The section a heading names; false: it is no heading of ours. */
static bool read_heading(const char *line, size_t n, enum minutes_section *out)
{
    static const struct {
        const char *word;
        enum minutes_section section;
    } words[] = {{"summary", MINUTES_SUMMARY},   {"overview", MINUTES_SUMMARY},
                 {"摘要", MINUTES_SUMMARY},      {"总结", MINUTES_SUMMARY},
                 {"概要", MINUTES_SUMMARY},      {"decision", MINUTES_DECISION},
                 {"决定", MINUTES_DECISION},     {"决议", MINUTES_DECISION},
                 {"question", MINUTES_QUESTION}, {"open point", MINUTES_QUESTION},
                 {"问题", MINUTES_QUESTION},     {"待定", MINUTES_QUESTION},
                 {"task", MINUTES_TASK},         {"action", MINUTES_TASK},
                 {"to-do", MINUTES_TASK},        {"todo", MINUTES_TASK},
                 {"任务", MINUTES_TASK},         {"待办", MINUTES_TASK},
                 {"行动", MINUTES_TASK}};
    size_t skip = strspn(line, "#* \t");
    bool marked = n > 0 && (*line == '#' || (n > 1 && line[0] == '*' && line[1] == '*'));
    size_t end = n;
    while (end > skip && strchr("*: \t\r", line[end - 1]))
        end--;
    if (end > skip + 2 && memcmp(line + end - 3, "：", 3) == 0)
        end -= 3;
    if (end <= skip || end - skip > 60)
        return false;
    if (!marked && end - skip > 24)
        return false;
    struct str folded = STR_INIT;
    bool found = false;
    utf8_fold(&folded, line + skip, end - skip);
    for (size_t i = 0; !found && i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(str_text(&folded), words[i].word);
        found = at && (marked || at == str_text(&folded));
        if (found)
            *out = words[i].section;
    }
    str_fini(&folded);
    return found || (marked && *line == '#' && (*out = MINUTES_SUMMARY, true));
}

/* Bytes of a list mark: "- ", "* ", "• ", "3. ", "- [ ] "; 0 none. */
static size_t list_mark(const char *s, size_t n)
{
    size_t i = strspn(s, " \t");
    if (i + 1 < n && strchr("-*+", s[i]) && isspace((unsigned char)s[i + 1]))
        i += 2;
    else if (i + 3 < n && memcmp(s + i, "•", 3) == 0)
        i += 3;
    else {
        size_t d = strspn(s + i, "0123456789");
        if (d == 0 || i + d >= n || !strchr(".)", s[i + d]))
            return 0;
        i += d + 1;
    }
    i += strspn(s + i, " \t");
    if (i + 3 < n && s[i] == '[' && s[i + 2] == ']')
        i += 3;
    i += strspn(s + i, " \t");
    return i < n ? i : n;
}

/* Copies a line's text without Markdown stars and without "[n4@00:12:31]" or "[00:12:31]". */
static char *plain_text(const char *s, size_t n)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '*' && i + 1 < n && s[i + 1] == '*') {
            i++;
            continue;
        }
        if (s[i] == '[') {
            size_t k = i + 1;
            while (k < n && (isalnum((unsigned char)s[k]) || strchr("@:,; .-", s[k])))
                k++;
            bool stamp = k < n && s[k] == ']' && k > i + 2 &&
                         (memchr(s + i, ':', k - i) || memchr(s + i, '@', k - i)) &&
                         (isdigit((unsigned char)s[i + 1]) || (s[i + 1] == 'n' && isdigit((unsigned char)s[i + 2])));
            if (stamp) {
                while (out.len > 0 && out.data[out.len - 1] == ' ')
                    str_truncate(&out, out.len - 1);
                i = k;
                continue;
            }
        }
        str_putc(&out, s[i]);
    }
    char *text = str_take(&out);
    return str_trim(text);
}

/* Splits "Tom Berger: send it" into owner and what; only a short head without a verb's space run. */
static void split_owner(struct minutes_line *l)
{
    char *colon = strchr(l->text, ':'), *wide = strstr(l->text, "：");
    char *at = colon && (!wide || colon < wide) ? colon : wide;
    if (!at || at == l->text || (size_t)(at - l->text) > 40)
        return;
    char *what = at + (at == wide ? 3 : 1);
    size_t words = 1;
    for (const char *p = l->text; p < at; p++)
        words += *p == ' ';
    if (words > 3 || *what == 0)
        return;
    char *owner = mem_strndup(l->text, (size_t)(at - l->text));
    char *rest = mem_strdup(what + strspn(what, " "));
    free(l->owner);
    free(l->text);
    l->owner = owner;
    l->text = rest;
}

void minutes_parse(const char *answer, struct vec *lines)
{
    enum minutes_section section = MINUTES_SUMMARY;
    for (const char *s = answer; *s;) {
        size_t n = strcspn(s, "\n"), len = n;
        while (len > 0 && isspace((unsigned char)s[len - 1]))
            len--;
        size_t mark = list_mark(s, len);
        bool fence = len >= 3 && memcmp(s, "```", 3) == 0;
        if (len > 0 && !fence && (mark > 0 || !read_heading(s, len, &section))) {
            char *text = plain_text(s + mark, len - mark);
            bool none = str_eq_nocase(text, "none") || str_eq_nocase(text, "none.") ||
                        str_eq(text, "-") || str_eq(text, "无") || str_eq(text, "没有");
            if (*text && !none) {
                struct minutes_line *l = vec_push(lines);
                *l = (struct minutes_line){.section = section,
                                           .text = mem_strdup(text),
                                           .owner = mem_strdup(""),
                                           .due = mem_strdup(""),
                                           .due_words = mem_strdup("")};
                vec_init(&l->refs, sizeof(struct minutes_ref), NULL);
                if (section == MINUTES_TASK)
                    split_owner(l);
            }
            free(text);
        }
        s += n + (s[n] == '\n');
    }
}

/* ---- linking ---- */

struct linker {
    const struct vec *segments;
    int64_t date;
    struct passage_index *single, *wide; /* each segment; each with its neighbours */
};

/* Adds one ref. */
static void add_ref(struct linker *k, struct minutes_line *l, size_t segment)
{
    for (size_t i = 0; i < l->refs.len; i++)
        if (((struct minutes_ref *)vec_at(&l->refs, i))->segment == (int64_t)segment)
            return;
    if (l->refs.len >= REFS_MAX)
        return;
    const struct note_segment *s = vec_at(k->segments, segment);
    struct minutes_ref *r = vec_push(&l->refs);
    *r = (struct minutes_ref){(int64_t)segment, s->start_ms};
}

/* Finds the segments that bear a line. */
static void find_refs(struct linker *k, struct minutes_line *l)
{
    struct passage_hit hits[REFS_MAX], near[1];
    size_t n = strlen(l->text);
    size_t count = passage_index_find(k->single, l->text, n, hits, REFS_MAX);
    size_t around = passage_index_find(k->wide, l->text, n, near, 1);
    l->supported = false;
    if (count > 0 && hits[0].score >= BORNE &&
        (hits[0].score >= BORNE_ALONE ||
         passage_index_shared(k->single, l->text, n, hits[0].number) >= 2)) {
        l->supported = true;
        for (size_t i = 0; i < count; i++)
            if (hits[i].score >= BORNE && hits[i].score >= hits[0].score * 0.75)
                add_ref(k, l, hits[i].number);
    } else if (around > 0 && near[0].score >= BORNE_NEAR &&
               passage_index_shared(k->wide, l->text, n, near[0].number) >= 3) {
        size_t mid = near[0].number, best = mid;
        double top = -1;
        for (size_t i = mid > 0 ? mid - 1 : 0; i <= mid + 1 && i < k->segments->len; i++) {
            double score = passage_index_score(k->single, l->text, n, i);
            if (score > top) {
                top = score;
                best = i;
            }
        }
        l->supported = true;
        add_ref(k, l, best);
    }
}

/* The words of a date with what makes it a deadline: "by Friday", "周三之前". Yours. */
static char *date_words(const char *text, const struct when_hit *hit)
{
    static const char *const before[] = {"by ", "before ", "until ", "till ", "not later than "};
    static const char *const after[] = {"之前", "以前", "前", "为止", "截止"};
    size_t start = hit->start, end = hit->start + hit->len;
    for (size_t i = 0; hit->deadline && i < sizeof before / sizeof *before; i++) {
        size_t n = strlen(before[i]);
        if (start >= n && strncasecmp(text + start - n, before[i], n) == 0) {
            start -= n;
            break;
        }
    }
    for (size_t i = 0; hit->deadline && i < sizeof after / sizeof *after; i++)
        if (str_starts(text + end, after[i])) {
            end += strlen(after[i]);
            break;
        }
    return mem_strndup(text + start, end - start);
}

/* The day that words of the transcript near the line's sources name; *words as said. Yours. */
static bool said_day(struct linker *k, const struct minutes_line *l, int64_t day, char **words)
{
    struct when_hit hits[8];
    for (size_t r = 0; r < l->refs.len; r++) {
        int64_t mid = ((struct minutes_ref *)vec_at(&l->refs, r))->segment;
        for (int64_t d = 0; d <= 2 * NEAR; d++) { /* 0, +1, -1, +2, … */
            int64_t at = mid + (d % 2 ? (d + 1) / 2 : -(d / 2));
            if (at < 0 || at >= (int64_t)k->segments->len)
                continue;
            const struct note_segment *s = vec_at(k->segments, (size_t)at);
            size_t n = when_find(s->text, strlen(s->text), k->date, hits, 8);
            for (size_t i = 0; i < n; i++)
                if (hits[i].day == day) {
                    *words = date_words(s->text, &hits[i]);
                    return true;
                }
        }
    }
    return false;
}

/* Resolves a task's date; a day that nobody said is no due date and leaves the line unsupported. */
static void find_due(struct linker *k, struct minutes_line *l)
{
    struct when_hit hits[4];
    char day[CLOCK_TEXT], *words = NULL;
    size_t n = when_find(l->text, strlen(l->text), k->date, hits, 4), at = 0;
    for (size_t i = 0; i < n; i++)
        if (hits[i].deadline && !hits[at].deadline)
            at = i;
    if (n == 0 && l->refs.len > 0 && l->supported) {
        /* The line names no day: the one deadline of its source is meant. */
        const struct note_segment *s = vec_at(
            k->segments, (size_t)((struct minutes_ref *)vec_at(&l->refs, 0))->segment);
        n = when_find(s->text, strlen(s->text), k->date, hits, 4);
        if (n != 1 || !hits[0].deadline)
            return;
    }
    if (n == 0 || hits[at].past)
        return;
    if (!said_day(k, l, hits[at].day, &words)) {
        l->supported = false;
        return;
    }
    free(l->due);
    free(l->due_words);
    l->due = mem_strdup(clock_day(hits[at].day, day));
    l->due_words = words;
}

/* Who does it must have spoken or been named; anybody else is nobody. */
static void find_owner(struct linker *k, struct minutes_line *l)
{
    const char *speaker = cues_speaker(k->segments, l->owner, strlen(l->owner));
    bool named = speaker != NULL;
    for (size_t i = 0; !named && *l->owner && !strchr("?-", *l->owner) && i < k->segments->len; i++)
        named = utf8_contains_folded(((struct note_segment *)vec_at(k->segments, i))->text, l->owner);
    if (named && !speaker)
        return;
    char *owner = mem_strdup(speaker ? speaker : "");
    if (!named && *l->owner && !strchr("?-", *l->owner)) {
        /* Not a person of this meeting: the head belongs to what is to be done. */
        char *text = str_format("%s: %s", l->owner, l->text);
        free(l->text);
        l->text = text;
    }
    free(l->owner);
    l->owner = owner;
}

void minutes_link(struct vec *lines, const struct vec *segments, int64_t date)
{
    struct linker k = {.segments = segments,
                       .date = date,
                       .single = passage_index_new(),
                       .wide = passage_index_new()};
    for (size_t i = 0; i < segments->len; i++) {
        struct str around = STR_INIT;
        for (size_t j = i > 0 ? i - 1 : 0; j <= i + 1 && j < segments->len; j++) {
            const struct note_segment *s = vec_at(segments, j);
            str_addf(&around, "%s %s\n", s->speaker, s->text);
            if (j == i)
                passage_index_add(k.single, s->text, strlen(s->text));
        }
        passage_index_add(k.wide, str_text(&around), around.len);
        str_fini(&around);
    }
    for (size_t i = 0; i < lines->len; i++) {
        struct minutes_line *l = vec_at(lines, i);
        vec_clear(&l->refs);
        if (l->section == MINUTES_TASK)
            find_owner(&k, l);
        find_refs(&k, l);
        if (l->section == MINUTES_TASK)
            find_due(&k, l);
    }
    passage_index_free(k.single);
    passage_index_free(k.wide);
}

/* ---- the offline way ---- */

/* A sentence that may stand in the summary. */
struct central {
    size_t segment, start, len;
    double score;
};

struct picking {
    const struct vec *segments;
    const struct vec *cues;
    struct passage_index *index;
    size_t segment;
    struct vec all; /* struct central */
};

/* Can a sentence stand alone? Answers and pleasantries cannot; it must carry three words. */
static bool stands_alone(const char *s, size_t n)
{
    static const char *const leaning[] = {"yes", "no,", "no.", "thank", "hello", "hi ", "ok", "then ",
                                          "good question", "i don't", "i do not", "i am not", "fine",
                                          "next point", "sure", "good ", "we asked that", "so ", "and ", "but ", "let's",
                                          "谢谢", "大家好", "不行", "好", "对", "是的", "不是", "没问题"};
    struct vec words;
    for (size_t i = 0; i < sizeof leaning / sizeof *leaning; i++)
        if (strlen(leaning[i]) <= n && strncasecmp(s, leaning[i], strlen(leaning[i])) == 0)
            return false;
    vec_init(&words, sizeof(uint64_t), NULL);
    passage_words(s, n, &words);
    bool enough = words.len >= 3;
    vec_fini(&words);
    return enough && s[n - 1] != '?' && !(n >= 3 && memcmp(s + n - 3, "？", 3) == 0);
}

/* Does it open a topic? */
static bool opens_topic(const char *s, size_t n)
{
    static const char *const words[] = {"first point", "second point", "third point", "point is",
                                        "topic", "this is about", "talk about", "today we", "goal is",
                                        "议题", "第一点", "第二点", "第三点", "首先", "今天主要"};
    char *text = mem_strndup(s, n);
    bool opens = false;
    for (size_t i = 0; !opens && i < sizeof words / sizeof *words; i++)
        opens = utf8_contains_folded(text, words[i]);
    free(text);
    return opens;
}

/* Weighs one sentence for the summary; what is a decision or a task already stands elsewhere. */
static bool weigh(void *user, size_t start, size_t len)
{
    struct picking *p = user;
    const struct note_segment *s = vec_at(p->segments, p->segment);
    bool cued = false;
    for (size_t i = 0; i < p->cues->len; i++) {
        const struct cue *c = vec_at(p->cues, i);
        cued = cued || (c->segment == p->segment && c->start == start);
    }
    passage_index_add(p->index, s->text + start, len);
    struct central *c = vec_push(&p->all);
    *c = (struct central){p->segment, start, len, opens_topic(s->text + start, len) ? 2 : 1};
    if (cued || !stands_alone(s->text + start, len))
        c->score = -1;
    return true;
}

/* Orders sentences: weightiest first. */
static int by_score(const void *a, const void *b)
{
    const struct central *x = a, *y = b;
    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

/* Orders sentences: as said. */
static int by_place(const void *a, const void *b)
{
    const struct central *x = a, *y = b;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return x->start < y->start ? -1 : x->start > y->start;
}

/* Writes the most central sentences as the summary. */
static void write_summary(const struct vec *segments, const struct vec *cues, struct str *out)
{
    struct picking p = {.segments = segments, .cues = cues, .index = passage_index_new()};
    vec_init(&p.all, sizeof(struct central), NULL);
    for (p.segment = 0; p.segment < segments->len; p.segment++) {
        const struct note_segment *s = vec_at(segments, p.segment);
        passage_sentences(s->text, strlen(s->text), weigh, &p);
    }
    for (size_t i = 0; i < p.all.len; i++) {
        struct central *c = vec_at(&p.all, i);
        if (c->score >= 0)
            c->score *= passage_index_weight(p.index, i);
    }
    vec_sort(&p.all, by_score);
    size_t most = segments->len / 6 + 2, kept = 0;
    if (most > SUMMARY_LINES)
        most = SUMMARY_LINES;
    while (kept < p.all.len && kept < most && ((struct central *)vec_at(&p.all, kept))->score > 0)
        kept++;
    while (p.all.len > kept)
        vec_remove(&p.all, p.all.len - 1);
    vec_sort(&p.all, by_place);
    for (size_t i = 0; i < p.all.len; i++) {
        const struct central *c = vec_at(&p.all, i);
        const struct note_segment *s = vec_at(segments, c->segment);
        str_addf(out, "- %.*s\n", (int)c->len, s->text + c->start);
    }
    vec_fini(&p.all);
    passage_index_free(p.index);
}

/* Writes the cues of one section. */
static void write_cues(const struct vec *segments, const struct vec *cues, enum minutes_section which,
                       struct str *out)
{
    bool headed = false;
    for (size_t i = 0; i < cues->len; i++) {
        const struct cue *c = vec_at(cues, i);
        if (c->section != which)
            continue;
        const struct note_segment *s = vec_at(segments, c->segment);
        const char *text = s->text + c->start + c->skip;
        size_t n = c->len - c->skip;
        if (!headed)
            str_addf(out, "\n## %s\n", minutes_heading(which));
        headed = true;
        str_puts(out, "- ");
        if (which == MINUTES_TASK)
            str_addf(out, "%s: ", c->owner ? c->owner : "?");
        str_add(out, text, n);
        str_putc(out, '\n');
    }
}

void minutes_offline(const struct vec *segments, int64_t date, struct str *out)
{
    struct vec cues;
    vec_init(&cues, sizeof(struct cue), NULL);
    cues_find(segments, date, &cues);
    str_addf(out, "## %s\n", minutes_heading(MINUTES_SUMMARY));
    write_summary(segments, &cues, out);
    write_cues(segments, &cues, MINUTES_DECISION, out);
    write_cues(segments, &cues, MINUTES_TASK, out);
    write_cues(segments, &cues, MINUTES_QUESTION, out);
    vec_fini(&cues);
}

void minutes_read_transcript(const char *text, struct vec *segments)
{
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\n"), i = 0;
        int64_t ms = -1;
        if (n > 2 && s[0] == '[') {
            size_t k = 1;
            int64_t part = 0, sum = 0;
            for (; k < n && (isdigit((unsigned char)s[k]) || s[k] == ':'); k++)
                if (s[k] == ':') {
                    sum = (sum + part) * 60;
                    part = 0;
                } else if (part < 100000)
                    part = part * 10 + (s[k] - '0');
            if (k < n && s[k] == ']' && k > 4) {
                ms = (sum + part) * 1000;
                i = k + 1 + (k + 1 < n && s[k + 1] == ' ');
            }
        }
        const char *colon = memchr(s + i, ':', n - i);
        size_t who = colon && colon[1] == ' ' && (size_t)(colon - s) - i < 60 ? (size_t)(colon - s) - i
                                                                             : 0;
        if (n > i) {
            struct note_segment *g = vec_push(segments);
            *g = (struct note_segment){.start_ms = ms, .end_ms = -1};
            g->speaker = mem_strndup(s + i, who);
            i += who ? who + 2 : 0;
            g->text = mem_strndup(s + i, n > i ? n - i : 0);
        }
        s += n + (s[n] == '\n');
    }
}

/* The offline way of "minutes": the transcript is read back from the sources. */
static enum status offline(const struct model_request *req, struct str *out, struct error *err)
{
    (void)err;
    struct vec segments;
    int64_t date = CLOCK_NONE;
    vec_init(&segments, sizeof(struct note_segment), note_segment_fini_item);
    for (size_t i = 0; req->sources && i < req->sources->len; i++) {
        const struct model_source *s = vec_at(req->sources, i);
        minutes_read_transcript(s->text, &segments);
        date = s->date;
    }
    minutes_offline(&segments, date == CLOCK_NONE ? clock_now() : date, out);
    vec_fini(&segments);
    return STATUS_OK;
}

void minutes_offline_register(void)
{
    static const struct model_offline way = {"minutes", offline};
    model_offline_register(&way);
}
