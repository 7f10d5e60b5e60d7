/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_summary.c - S: what a thread comes to, each line with its source, beside the thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "command/command.h"
#include "inbox/pane_inside.h"
#include "inbox/summary.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/text.h"

struct summary_view {
    struct pane *pane;
    int64_t thread;
    struct text *text;
    struct summary_run *run;
    char *by, *egress; /* own */
};

/* Lines with their sources as references. */
static void fill(struct summary_view *v, const struct vec *lines)
{
    int number = 0;
    text_clear(v->text);
    for (size_t i = 0; i < lines->len; i++) {
        const struct summary_line *line = vec_at(lines, i);
        char item[32];
        snprintf(item, sizeof item, "line %zu", i + 1);
        text_item(v->text, item);
        text_indent(v->text, 0, 2);
        text_add(v->text, STYLE_PLAIN, "- ");
        text_foreign(v->text, line->supported ? STYLE_PLAIN : STYLE_WARN, line->text,
                     strlen(line->text));
        for (size_t j = 0; j < line->refs.len; j++) {
            text_add(v->text, STYLE_PLAIN, " ");
            text_ref(v->text, strv_at(&line->refs, j), ++number);
            text_addf(v->text, STYLE_SOURCE, "[%d]", number);
            text_ref_end(v->text);
        }
        if (!line->supported)
            text_add(v->text, STYLE_WARN, _("  (not found in the thread)"));
        text_newline(v->text);
    }
    text_select_items(v->text, true);
    pane_dirty(v->pane);
}

/* A piece. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct summary_view *v = user;
    text_streaming(v->text, true);
    text_foreign(v->text, STYLE_PLAIN, text, n);
    pane_dirty(v->pane);
}

/* Where the thread goes. */
static void on_egress(void *user, const char *where, int passages, int64_t bytes)
{
    struct summary_view *v = user;
    free(v->egress);
    v->egress = str_format(P_("%d message (%lld bytes) to %s", "%d messages (%lld bytes) to %s",
                              passages),
                           passages, (long long)bytes, where);
    pane_dirty(v->pane);
}

/* It has ended. */
static void on_done(void *user, const struct vec *lines, const struct model_result *r)
{
    struct summary_view *v = user;
    v->run = NULL;
    text_streaming(v->text, false);
    if (r && error_is(&r->error))
        pane_error(v->pane, &r->error);
    if (r) {
        free(v->by);
        v->by = mem_strdup(*r->model ? r->model : r->provider);
    }
    if (lines && lines->len)
        fill(v, lines);
    pane_dirty(v->pane);
}

static const struct summary_events events = {
    .on_delta = on_delta, .on_egress = on_egress, .on_done = on_done};

/* Makes it anew. */
static void start(struct summary_view *v)
{
    struct error err = ERROR_INIT;
    text_clear(v->text);
    struct summary_run *run = summary_start(pane_store(v->pane), v->thread, NULL, false, &events, v,
                                            &err);
    if (error_is(&err))
        pane_error(v->pane, &err);
    else
        v->run = run;
}

/* Opens "t5". */
static void *new_summary(struct pane *p, const char *arg)
{
    char letter;
    int64_t thread;
    struct vec lines;
    if (!arg || !command_id(arg, &letter, &thread) || letter != 't')
        return NULL;
    struct summary_view *v = mem_alloc(sizeof *v);
    v->pane = p;
    v->thread = thread;
    v->text = text_new();
    if (summary_get(store_reader(pane_store(p)), thread, &lines, &v->by)) {
        fill(v, &lines);
        vec_fini(&lines);
    } else {
        start(v);
    }
    return v;
}

/* Closes it. */
static void free_summary(void *state)
{
    struct summary_view *v = state;
    if (v->run) {
        struct summary_run *run = v->run;
        v->run = NULL;
        summary_cancel(run);
    }
    text_free(v->text);
    free(v->by);
    free(v->egress);
    free(v);
}

/* Head and lines. */
static void draw_summary(void *state, struct canvas *c, bool focused)
{
    struct summary_view *v = state;
    struct canvas rest = canvas_sub(c, 1, 1, c->rows - 1, c->cols - 2);
    canvas_clear(c);
    int col = canvas_text(c, 0, 1, STYLE_BOLD, _("Summary"));
    if (v->by)
        canvas_foreign(c, 0, col + 2, STYLE_DIM, v->by);
    text_draw(v->text, &rest, focused);
}

/* Enter opens the source. */
static bool verb_summary(void *state, enum pane_verb verb, int arg)
{
    struct summary_view *v = state;
    if (verb == PANE_STOP && v->run) {
        summary_cancel(v->run);
        return true;
    }
    if (verb == PANE_OPEN) {
        const char *ref = text_ref_at(v->text, arg);
        return ref && pane_open_id(v->pane, ref);
    }
    return text_verb(v->text, verb, arg);
}

/* S again makes it anew. */
static bool command_summary(void *state, size_t argc, const char *const *argv)
{
    struct summary_view *v = state;
    if (!str_eq(argv[0], "summary") || argc > 1)
        return false;
    if (!v->run)
        start(v);
    pane_dirty(v->pane);
    return true;
}

/* Commands work on the thread. */
static void target_summary(void *state, struct vec *ids)
{
    strv_push_take(ids, str_format("t%lld", (long long)((struct summary_view *)state)->thread));
}

/* Who makes it. */
static void status_summary(void *state, struct str *out)
{
    struct summary_view *v = state;
    if (v->run)
        str_addf(out, "%s%s", _("summing up: "), v->egress ? v->egress : _("on this machine"));
    else
        str_puts(out, _("Enter opens the source  S makes it anew"));
}

/* As text. */
static void copy_summary(void *state, struct str *out)
{
    char *plain = text_plain(((struct summary_view *)state)->text);
    str_puts(out, plain);
    free(plain);
}

/* Search. */
static bool search_summary(void *state, const char *needle, int direction)
{
    return text_search(((struct summary_view *)state)->text, needle, direction);
}

/* For coming back. */
static void place_summary(void *state, struct str *out)
{
    str_addf(out, "t%lld", (long long)((struct summary_view *)state)->thread);
}

const struct pane_ops summary_pane = {
    .name = "summary", .title = N_("Summary"), .keys = KEYS_THREAD, .new_state = new_summary,
    .free = free_summary, .draw = draw_summary, .verb = verb_summary, .command = command_summary,
    .target = target_summary, .status = status_summary, .copy = copy_summary,
    .search = search_summary, .place = place_summary,
};
