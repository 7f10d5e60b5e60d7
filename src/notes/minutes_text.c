/* SPDX-License-Identifier: GPL-3.0-or-later */
/* minutes_text.c - minutes as JSON of the contract and as text for people. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "notes/minutes.h"

char *minutes_ref_id(int64_t note, const struct minutes_ref *r)
{
    char time[NOTE_TIME];
    if (r->start_ms < 0)
        return str_format("n%lld@%lld", (long long)note, (long long)r->segment + 1);
    return str_format("n%lld@%s", (long long)note, note_time(r->start_ms, time));
}

/* One line as the contract has it. */
static struct json *line_json(const struct minutes_line *l, int64_t note)
{
    struct json *o = json_object(), *refs = json_array();
    if (l->section == MINUTES_TASK) {
        json_set_str(o, "what", l->text);
        if (*l->owner)
            json_set_str(o, "owner", l->owner);
        if (*l->due)
            json_set_str(o, "due", l->due);
        if (*l->due_words)
            json_set_str(o, "due_words", l->due_words);
    } else
        json_set_str(o, "text", l->text);
    for (size_t i = 0; i < l->refs.len; i++) {
        char *id = minutes_ref_id(note, vec_at(&l->refs, i));
        json_push_str(refs, id);
        free(id);
    }
    json_set(o, "refs", refs);
    json_set_bool(o, "supported", l->supported);
    return o;
}

void minutes_json(const struct vec *lines, int64_t note, struct json *o)
{
    static const char *const names[] = {"summary", "decisions", "tasks", "questions"};
    for (int s = MINUTES_SUMMARY; s <= MINUTES_QUESTION; s++) {
        struct json *a = json_array();
        for (size_t i = 0; i < lines->len; i++) {
            const struct minutes_line *l = vec_at(lines, i);
            if ((int)l->section == s)
                json_push(a, line_json(l, note));
        }
        json_set(o, names[s], a);
    }
}

/* What a line rests on: its first moment and the words. */
static void put_ground(struct str *out, const struct minutes_line *l, const struct note *n)
{
    char time[NOTE_TIME];
    if (l->refs.len == 0) {
        str_addf(out, "     %s\n", _("unsure: nothing in the transcript bears this line"));
        return;
    }
    const struct minutes_ref *r = vec_at(&l->refs, 0);
    if (!l->supported)
        str_addf(out, "     %s\n", _("unsure: not all of it was said"));
    if (r->segment < 0 || r->segment >= (int64_t)n->segments.len)
        return;
    const struct note_segment *s = vec_at(&n->segments, (size_t)r->segment);
    str_puts(out, "     ");
    if (*s->speaker)
        str_addf(out, "%s ", s->speaker);
    if (r->start_ms >= 0)
        str_addf(out, "%s ", note_time(r->start_ms, time));
    str_addf(out, "“%s”\n", s->text);
}

void minutes_text(const struct minutes *m, const struct note *n, struct str *out)
{
    int number = 0;
    for (int s = MINUTES_SUMMARY; s <= MINUTES_QUESTION; s++) {
        bool headed = false;
        for (size_t i = 0; i < m->lines.len; i++) {
            const struct minutes_line *l = vec_at(&m->lines, i);
            if ((int)l->section != s)
                continue;
            if (!headed)
                str_addf(out, "%s%s\n", out->len ? "\n" : "", minutes_heading(l->section));
            headed = true;
            str_addf(out, "%2d %s%s%s", ++number, s == MINUTES_TASK ? (*l->owner ? l->owner : "?") : "",
                     s == MINUTES_TASK ? "  " : "", l->text);
            if (*l->due)
                str_addf(out, "  %s (“%s”)", l->due, l->due_words);
            str_putc(out, '\n');
            put_ground(out, l, n);
        }
    }
}
