/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_minutes.c - cues, parsing, and lines that point to their moments. */
#include "notes/minutes.h"

#include <stdlib.h>

#include "base/clock.h"
#include "notes/cues.h"
#include "tap.h"

static const char transcript[] =
    "[00:12:39] Li Na: Hello. We looked at it again on our side, steel went up a little.\n"
    "[00:12:48] Anna Li: We talked about five percent more from January last time.\n"
    "[00:13:07] Anna Li: Good. So we decided: the price stays at 48,200 until March.\n"
    "[00:13:15] Tom Berger: Agreed. I will put that into the contract.\n"
    "[00:13:22] Lena Park: Next point, the contract. Tom, where are we?\n"
    "[00:13:28] Tom Berger: Clause 7 is long. I will send the revised clause 7 to everybody by Friday.\n"
    "[00:13:57] Anna Li: Somebody needs to find a second carrier before the winter.\n"
    "[00:14:05] Lena Park: Yes, we need to find a second carrier.\n"
    "[00:14:13] Li Na: 我们这边下周三之前把第一批货的装箱单发过来。\n"
    "[00:14:29] Lena Park: Who pays the pallets? We asked that last time already.\n"
    "[00:14:37] Tom Berger: Good question. I don't know, it is not in the contract.\n"
    "[00:14:44] Anna Li: And is the delivery address still the Suzhou warehouse?\n"
    "[00:14:51] Li Na: Yes, Suzhou, as before.\n";

/* The first cue of a section that holds a word; NULL. */
static const struct cue *find_cue(const struct vec *segments, const struct vec *cues,
                                  enum minutes_section s, const char *word)
{
    for (size_t i = 0; i < cues->len; i++) {
        const struct cue *c = vec_at(cues, i);
        const struct note_segment *g = vec_at(segments, c->segment);
        char *text = strndup(g->text + c->start, c->len);
        bool has = strstr(text, word) != NULL;
        free(text);
        if (c->section == s && has)
            return c;
    }
    return NULL;
}

/* The first line of a section that holds a word; NULL. */
static const struct minutes_line *find_line(const struct vec *lines, enum minutes_section s,
                                            const char *word)
{
    for (size_t i = 0; i < lines->len; i++) {
        const struct minutes_line *l = vec_at(lines, i);
        if (l->section == s && strstr(l->text, word))
            return l;
    }
    return NULL;
}

/* The id of a line's first moment. */
static void is_ref(const struct minutes_line *l, const char *want, const char *name)
{
    char *id = l && l->refs.len ? minutes_ref_id(4, vec_at(&l->refs, 0)) : NULL;
    is_str(id, want, name);
    free(id);
}

/* What the words themselves say. */
static void test_cues(const struct vec *segments, int64_t date)
{
    struct vec cues;
    vec_init(&cues, sizeof(struct cue), NULL);
    cues_find(segments, date, &cues);
    const struct cue *c = find_cue(segments, &cues, MINUTES_DECISION, "48,200");
    ok(c != NULL, "a decision by its words");
    c = find_cue(segments, &cues, MINUTES_TASK, "clause 7");
    ok(c && c->owner && strcmp(c->owner, "Tom Berger") == 0, "who says I will owns the task");
    c = find_cue(segments, &cues, MINUTES_TASK, "carrier");
    ok(c && !c->owner, "somebody needs to: nobody owns it");
    c = find_cue(segments, &cues, MINUTES_TASK, "装箱单");
    ok(c && c->owner && strcmp(c->owner, "Li Na") == 0, "a Chinese promise with a date");
    ok(find_cue(segments, &cues, MINUTES_QUESTION, "pallets") != NULL, "a question without an answer");
    ok(!find_cue(segments, &cues, MINUTES_QUESTION, "Suzhou"), "an answered question is none");
    ok(!find_cue(segments, &cues, MINUTES_QUESTION, "where are we"), "small talk is none");
    size_t carriers = 0;
    for (size_t i = 0; i < cues.len; i++) {
        const struct cue *k = vec_at(&cues, i);
        carriers += k->segment == 6 || k->segment == 7;
    }
    is_int((int64_t)carriers, 1, "a task said twice is one");
    vec_fini(&cues);
}

/* Lines of a model, linked. */
static void test_links(const struct vec *segments, int64_t date)
{
    static const char answer[] =
        "## Summary\n- Steel went up a little. [00:12:39]\n- The moon landing was discussed.\n\n"
        "**Decisions**\n1. The price stays at 48,200 until March [n4@00:13:07].\n\n"
        "### Action items\n- **Tom**: send the revised clause 7 by Friday\n"
        "- Bob Marley: sing on Monday\n- ?: find a second carrier\n- Li Na: 下周三之前发装箱单\n"
        "- Tom: send the revised clause 7 by 3 March\n"
        "## Open questions\n- Who pays the pallets?\n## Anything\n";
    struct vec lines;
    vec_init(&lines, sizeof(struct minutes_line), minutes_line_fini_item);
    minutes_parse(answer, &lines);
    is_int((int64_t)lines.len, 9, "every item is a line");
    minutes_link(&lines, segments, date);
    const struct minutes_line *l = find_line(&lines, MINUTES_SUMMARY, "Steel");
    ok(l && l->supported, "a line that was said is supported");
    is_ref(l, "n4@00:12:39", "and points to its moment");
    is_str(l ? l->text : "", "Steel went up a little.", "the model's own stamp is not part of it");
    l = find_line(&lines, MINUTES_SUMMARY, "moon");
    ok(l && !l->supported && l->refs.len == 0, "a line that nobody said is not supported");
    l = find_line(&lines, MINUTES_DECISION, "48,200");
    is_ref(l, "n4@00:13:07", "a decision points to its moment");
    l = find_line(&lines, MINUTES_TASK, "clause 7 by Friday");
    is_str(l ? l->owner : "", "Tom Berger", "a first name is the speaker");
    is_str(l ? l->due : "", "2026-11-27", "by Friday is resolved from the meeting's day");
    is_str(l ? l->due_words : "", "by Friday", "with the words as said");
    l = find_line(&lines, MINUTES_TASK, "sing");
    ok(l && !l->supported && *l->owner == 0, "somebody who was not there owns nothing");
    l = find_line(&lines, MINUTES_TASK, "carrier");
    ok(l && *l->owner == 0 && l->supported, "nobody's task");
    l = find_line(&lines, MINUTES_TASK, "装箱单");
    is_ref(l, "n4@00:14:13", "a Chinese line");
    is_str(l ? l->due : "", "2026-12-02", "下周三 is resolved");
    l = find_line(&lines, MINUTES_TASK, "3 March");
    ok(l && !l->supported && *l->due == 0, "a day that nobody named is no due date");
    l = find_line(&lines, MINUTES_QUESTION, "pallets");
    is_ref(l, "n4@00:14:29", "a question");
    char *json = minutes_lines_json(&lines);
    struct vec back;
    struct error err = ERROR_INIT;
    ok(minutes_lines_parse(json, &back, &err) == STATUS_OK && back.len == lines.len,
       "lines go to JSON and back");
    vec_fini(&back);
    free(json);
    vec_fini(&lines);
}

/* Without a model. */
static void test_offline(const struct vec *segments, int64_t date)
{
    struct str out = STR_INIT;
    struct vec lines;
    vec_init(&lines, sizeof(struct minutes_line), minutes_line_fini_item);
    minutes_offline(segments, date, &out);
    minutes_parse(str_text(&out), &lines);
    minutes_link(&lines, segments, date);
    size_t unsupported = 0;
    for (size_t i = 0; i < lines.len; i++)
        unsupported += !((struct minutes_line *)vec_at(&lines, i))->supported;
    is_int((int64_t)unsupported, 0, "everything the offline engine writes was said");
    ok(find_line(&lines, MINUTES_SUMMARY, "") != NULL, "there is a summary");
    const struct minutes_line *l = find_line(&lines, MINUTES_TASK, "clause 7");
    ok(l && strcmp(l->due, "2026-11-27") == 0 && strcmp(l->owner, "Tom Berger") == 0,
       "a task with owner and day");
    ok(find_line(&lines, MINUTES_DECISION, "48,200") != NULL, "a decision");
    if (!l)
        printf("# %s\n", str_text(&out));
    vec_fini(&lines);
    str_fini(&out);
}

int main(void)
{
    struct vec segments;
    int64_t date;
    setenv("TZ", "Europe/Berlin", 1);
    clock_parse("2026-11-24T14:00:00", &date); /* a Tuesday */
    vec_init(&segments, sizeof(struct note_segment), note_segment_fini_item);
    minutes_read_transcript(transcript, &segments);
    is_int((int64_t)segments.len, 13, "a transcript is read back");
    test_cues(&segments, date);
    test_links(&segments, date);
    test_offline(&segments, date);
    vec_fini(&segments);
    return tap_end();
}
