/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - building a text: bytes, runs of one style, lines, references, folds.
 *
 * All bytes (past the gate) stand in one string with "\n" between lines. A run says from which byte
 * on a style holds; a line says where it begins and keeps its breaks at the width it was last
 * wrapped for, so that only lines that are new or were never seen are wrapped. References, items,
 * anchors and folds point at bytes or line numbers. Showing: textview.c. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tui/textdata.h"

/* Releases a line's breaks. */
static void line_fini(void *item)
{
    free(((struct text_line *)item)->breaks);
}

/* Releases a name. */
static void name_fini(void *item)
{
    free(((struct text_name *)item)->name);
    free(((struct text_name *)item)->url);
}

/* Releases a fold's label. */
static void fold_fini(void *item)
{
    free(((struct text_folded *)item)->label);
}

/* Begins a line at the end of the bytes. */
static void begin_line(struct text *t)
{
    struct text_line *line = vec_push(&t->lines);
    line->start = t->bytes.len;
    line->first = (uint16_t)t->indent_first;
    line->rest = (uint16_t)t->indent_rest;
    line->fold = t->open_fold;
    line->item = t->items.len ? (int)t->items.len - 1 : -1;
}

/* Makes an empty text. */
struct text *text_new(void)
{
    struct text *t = mem_alloc(sizeof *t);
    vec_init(&t->runs, sizeof(struct text_run), NULL);
    vec_init(&t->lines, sizeof(struct text_line), line_fini);
    vec_init(&t->refs, sizeof(struct text_name), name_fini);
    vec_init(&t->items, sizeof(struct text_name), name_fini);
    vec_init(&t->anchors, sizeof(struct text_name), name_fini);
    vec_init(&t->folds, sizeof(struct text_folded), fold_fini);
    t->open_fold = -1;
    t->open_ref = -1;
    t->was_at_end = true;
    t->height = 20;
    t->match_line = SIZE_MAX;
    gate_init(&t->gate, GATE_TEXT, false);
    begin_line(t);
    return t;
}

/* Releases it. */
void text_free(struct text *t)
{
    if (!t)
        return;
    str_fini(&t->bytes);
    vec_fini(&t->runs);
    vec_fini(&t->lines);
    vec_fini(&t->refs);
    vec_fini(&t->items);
    vec_fini(&t->anchors);
    vec_fini(&t->folds);
    free(t->needle);
    free(t->selected);
    free(t);
}

/* Empties it; the place, the selected item and what the person unfolded stay for the next text. */
void text_clear(struct text *t)
{
    str_clear(&t->bytes);
    vec_clear(&t->runs);
    vec_clear(&t->lines);
    vec_clear(&t->refs);
    vec_clear(&t->items);
    vec_clear(&t->anchors);
    vec_clear(&t->folds);
    t->indent_first = t->indent_rest = 0;
    t->open_fold = t->open_ref = -1;
    t->paint = 0;
    /* Who read along at the end of a stream sees the end of what replaces it. */
    if (t->streaming && t->was_at_end)
        t->follow = true;
    t->streaming = false;
    gate_init(&t->gate, GATE_TEXT, false);
    begin_line(t);
}

/* The line that is being written; its breaks are stale once it grows. */
static struct text_line *last_line(struct text *t)
{
    struct text_line *line = vec_at(&t->lines, t->lines.len - 1);
    line->width = 0;
    return line;
}

/* Appends bytes that passed the gate. */
static void append(struct text *t, unsigned style, const char *bytes, size_t n)
{
    if (n == 0)
        return;
    struct text_run *run = t->runs.len ? vec_at(&t->runs, t->runs.len - 1) : NULL;
    if (!run || run->style != style || run->paint != t->paint) {
        run = vec_push(&t->runs);
        run->start = t->bytes.len;
        run->style = (uint16_t)style;
        run->paint = t->paint;
    }
    if (t->streaming && t->was_at_end)
        t->follow = true;
    while (n > 0) {
        const char *newline = memchr(bytes, '\n', n);
        size_t part = newline ? (size_t)(newline - bytes) : n;
        str_add(&t->bytes, bytes, part);
        last_line(t);
        if (!newline)
            return;
        str_putc(&t->bytes, '\n');
        begin_line(t);
        bytes += part + 1;
        n -= part + 1;
    }
}

/* Appends foreign bytes. */
void text_foreign(struct text *t, unsigned style, const char *bytes, size_t n)
{
    struct str safe = STR_INIT;
    gate_feed(&t->gate, bytes, n, &safe);
    append(t, style, str_text(&safe), safe.len);
    str_fini(&safe);
}

/* What comes has these colours. */
void text_paint(struct text *t, uint32_t paint)
{
    t->paint = paint;
}

/* A foreign sequence that was cut short is shown before our own words follow. */
static void settle_gate(struct text *t, unsigned style)
{
    struct str rest = STR_INIT;
    gate_end(&t->gate, &rest);
    append(t, style, str_text(&rest), rest.len);
    str_fini(&rest);
    gate_init(&t->gate, GATE_TEXT, false);
}

/* Appends our own words. */
void text_add(struct text *t, unsigned style, const char *words)
{
    settle_gate(t, style);
    append(t, style, words, strlen(words));
}

/* Appends our own words, formatted. */
void text_addf(struct text *t, unsigned style, const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    text_add(t, style, str_text(&s));
    str_fini(&s);
}

/* Ends the line. */
void text_newline(struct text *t)
{
    settle_gate(t, STYLE_PLAIN);
    append(t, STYLE_PLAIN, "\n", 1);
}

/* Sets the indent of this and the following lines. */
void text_indent(struct text *t, int first, int rest)
{
    t->indent_first = first;
    t->indent_rest = rest;
    struct text_line *line = last_line(t);
    line->first = (uint16_t)first;
    line->rest = (uint16_t)rest;
}

/* Adds a name that points at this line and byte. */
static struct text_name *add_name(struct text *t, struct vec *names, const char *name)
{
    struct text_name *n = vec_push(names);
    n->name = mem_strdup(name);
    n->line = t->lines.len - 1;
    n->start = n->end = t->bytes.len;
    return n;
}

/* Begins something that can be opened. */
void text_ref(struct text *t, const char *ref, int number)
{
    settle_gate(t, STYLE_PLAIN);
    add_name(t, &t->refs, ref)->number = number;
    t->open_ref = (int)t->refs.len - 1;
}

/* What was begun leads there. */
void text_ref_url(struct text *t, const char *url)
{
    if (t->open_ref < 0)
        return;
    struct text_name *ref = vec_at(&t->refs, (size_t)t->open_ref);
    free(ref->url);
    ref->url = mem_strdup(url);
}

/* Ends it. */
void text_ref_end(struct text *t)
{
    if (t->open_ref < 0)
        return;
    settle_gate(t, STYLE_PLAIN);
    ((struct text_name *)vec_at(&t->refs, (size_t)t->open_ref))->end = t->bytes.len;
    t->open_ref = -1;
}

/* Begins an item at this line. */
void text_item(struct text *t, const char *id)
{
    add_name(t, &t->items, id ? id : "");
    last_line(t)->item = (int)t->items.len - 1;
}

/* Names this line. */
void text_anchor(struct text *t, const char *name)
{
    add_name(t, &t->anchors, name);
}

/* Begins a fold at this line; folds do not nest: an inner one belongs to the outer. */
void text_fold(struct text *t, const char *label, bool folded)
{
    if (t->fold_depth++ > 0)
        return;
    struct text_folded *fold = vec_push(&t->folds);
    fold->label = mem_strdup(label);
    fold->first = t->lines.len - 1;
    fold->last = SIZE_MAX;
    fold->folded = folded && !t->all_open;
    t->open_fold = (int)t->folds.len - 1;
    last_line(t)->fold = t->open_fold;
}

/* Ends it; lines from here on are outside. */
void text_fold_end(struct text *t)
{
    if (t->fold_depth == 0 || --t->fold_depth > 0)
        return;
    struct text_folded *fold = vec_at(&t->folds, (size_t)t->open_fold);
    t->open_fold = -1;
    struct text_line *line = last_line(t);
    if (line->start == t->bytes.len && t->lines.len - 1 > fold->first) {
        line->fold = -1;
        fold->last = t->lines.len - 2;
    } else {
        fold->last = t->lines.len - 1;
    }
}

/* A place to cut back to. */
size_t text_mark(struct text *t)
{
    settle_gate(t, STYLE_PLAIN);
    return t->bytes.len;
}

/* Drops names that stand behind a byte. */
static void cut_names(struct vec *names, size_t mark)
{
    while (names->len && ((struct text_name *)vec_at(names, names->len - 1))->start >= mark)
        vec_remove(names, names->len - 1);
}

/* Cuts back to a mark. */
void text_cut(struct text *t, size_t mark)
{
    if (mark > t->bytes.len)
        return;
    str_truncate(&t->bytes, mark);
    while (t->runs.len && ((struct text_run *)vec_at(&t->runs, t->runs.len - 1))->start >= mark)
        vec_remove(&t->runs, t->runs.len - 1);
    while (t->lines.len > 1 &&
           ((struct text_line *)vec_at(&t->lines, t->lines.len - 1))->start > mark)
        vec_remove(&t->lines, t->lines.len - 1);
    cut_names(&t->refs, mark);
    cut_names(&t->anchors, mark);
    cut_names(&t->items, mark);
    struct text_line *line = last_line(t);
    t->indent_first = t->indent_rest = 0;
    line->first = line->rest = 0;
    line->item = t->items.len ? (int)t->items.len - 1 : -1;
    t->open_ref = -1;
    gate_init(&t->gate, GATE_TEXT, false);
}

/* Says that more is coming. */
void text_streaming(struct text *t, bool on)
{
    t->streaming = on;
}

/* All of it, without decoration. */
char *text_plain(const struct text *t)
{
    return mem_strndup(str_text(&t->bytes), t->bytes.len);
}

/* How many lines there are. */
size_t text_lines(const struct text *t)
{
    return t->lines.len;
}
