/* SPDX-License-Identifier: GPL-3.0-or-later */
/* minutes_command.c - meet minutes: the text as it comes, then what each line rests on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "notes/internal.h"
#include "notes/minutes.h"

/* A call that waits for minutes. */
struct writing {
    struct command_call *call;
    struct minutes_run *run;
    bool wrote, newline, sources_in_text;
};

/* Frees the state; a run that is still going is stopped. */
static void writing_free(void *state)
{
    struct writing *w = state;
    if (w->run) {
        minutes_forget(w->run);
        minutes_cancel(w->run);
    }
    free(w);
}

/* Before bytes leave: how much goes where. */
static void tell_egress(void *user, const char *where, int passages, int64_t bytes)
{
    struct writing *w = user;
    (void)passages;
    if (where && *where)
        command_note(w->call, _("the transcript (%lld KB) goes to %s"),
                     (long long)((bytes + 999) / 1000), where);
}

/* A piece of the minutes. */
static void tell_delta(void *user, const char *text, size_t n)
{
    struct writing *w = user;
    command_delta(w->call, text, n);
    if (n > 0) {
        w->wrote = true;
        w->newline = text[n - 1] == '\n';
    }
}

/* Waiting, or silence. */
static void tell_wait(void *user, int seconds, const char *why)
{
    struct writing *w = user;
    if (seconds > 0)
        command_note(w->call, _("trying again in %d s: %s"), seconds, why);
    else
        command_note(w->call, "%s", why);
}

/* One line's ground for stderr: " 1 [n4@00:12:31] Li Na: “…”". */
static void tell_ground(struct writing *w, const struct minutes_line *l, int number,
                        const struct note *n)
{
    const struct minutes_ref *r = l->refs.len ? vec_at(&l->refs, 0) : NULL;
    if (!r || r->segment < 0 || (size_t)r->segment >= n->segments.len) {
        command_note(w->call, _("%2d unsure: %s"), number, l->text);
        return;
    }
    const struct note_segment *s = vec_at(&n->segments, (size_t)r->segment);
    struct str quote = STR_INIT;
    char *id = minutes_ref_id(n->id, r);
    utf8_cut_end(&quote, s->text, command_cells(w->call, 60), "…");
    command_note(w->call, "%2d [%s] %s%s“%s”%s", number, id, s->speaker, *s->speaker ? ": " : "",
                 str_text(&quote), l->supported ? "" : _("  unsure"));
    free(id);
    str_fini(&quote);
}

/* What the lines rest on: in the text with --sources, else on stderr. */
static void tell_lines(struct writing *w, const struct minutes_result *r)
{
    struct error err = ERROR_INIT;
    struct note *n;
    int unsure = 0, number = 0;
    if (note_get(store_reader(command_store(w->call)), r->note, true, &n, &err) != STATUS_OK)
        return;
    if (w->sources_in_text) {
        struct str text = STR_INIT;
        struct minutes m = {.lines = *r->lines};
        minutes_text(&m, n, &text);
        command_delta(w->call, "\n", 1);
        command_delta(w->call, str_text(&text), text.len);
        str_fini(&text);
    }
    for (size_t i = 0; i < r->lines->len; i++) {
        const struct minutes_line *l = vec_at(r->lines, i);
        number++;
        unsure += !l->supported;
        if (!w->sources_in_text)
            tell_ground(w, l, number, n);
    }
    if (unsure > 0)
        command_note(w->call, P_("%d line is unsure", "%d lines are unsure", unsure), unsure);
    note_free(n);
}

/* The minutes are stored. */
static void tell_done(void *user, const struct minutes_result *r)
{
    struct writing *w = user;
    struct command_call *c = w->call;
    char id[COMMAND_ID_TEXT];
    w->run = NULL;
    if (w->wrote && !w->newline && !command_is_json(c))
        command_delta(c, "\n", 1);
    if (r->version || (command_is_dry(c) && r->lines->len)) {
        if (!command_is_json(c))
            tell_lines(w, r);
        struct json *o = json_object();
        json_set_str(o, "id", command_id_text('n', r->note, id));
        if (r->version)
            json_set_int(o, "version", r->version);
        minutes_json(r->lines, r->note, o);
        json_set_str(o, "by", r->by);
        json_set_str(o, "state", model_state_word(r->state));
        command_result(c, o, NULL);
    }
    if (r->state != MODEL_COMPLETE && r->state != MODEL_FAILED && r->version)
        command_note(c, _("not whole (%s): what came is kept"), model_state_name(model_state_word(r->state)));
    if (r->error.status != STATUS_OK && r->state != MODEL_CANCELLED)
        command_end(c, &r->error);
    else {
        if (r->state != MODEL_COMPLETE)
            command_exit(c, r->state == MODEL_CANCELLED ? 130 : 1);
        command_end(c, NULL);
    }
}

static const struct minutes_events events = {
    .on_egress = tell_egress, .on_delta = tell_delta, .on_wait = tell_wait, .on_done = tell_done};

/* C-c, SIGINT. */
static void cancel(struct command_call *c)
{
    struct writing *w = command_state(c);
    if (w && w->run)
        minutes_cancel(w->run);
}

enum command_result notes_run_minutes(struct command_call *c)
{
    char letter = 0;
    int64_t id = 0;
    if (!command_id(command_arg(c, 0), &letter, &id) || letter != 'n')
        return command_usage(c, _("“%s” is no note or meeting (n4)"), command_arg(c, 0));
    struct writing *w = mem_alloc(sizeof *w);
    w->call = c;
    w->sources_in_text = command_has(c, "sources");
    command_set_state(c, w, writing_free);
    command_on_cancel(c, cancel);
    w->run = minutes_start(command_store(c), id, command_value(c, "style"),
                           command_value(c, "model"), command_is_offline(c), &events, w);
    if (command_is_dry(c))
        minutes_keep_nothing(w->run);
    return COMMAND_WAIT;
}
