/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c - command lines from keys, the ":" line and panes, and what they answer.
 *
 * A line's ids are taken when the key is read, so it acts on what was on the screen. It is first
 * offered to the pane, then given to the command queue. Its rows are collected: one short line is
 * said, more opens an output pane; streamed text opens one at once. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/call.h"
#include "command/config.h"
#include "command/ids.h"
#include "tui/tuidata.h"

#define OUT_MAX (4u << 20)
#define SAY_MAX 200 /* cells of one line that is said; longer ones open a pane */

/* The run a call belongs to: known, or the one that is being started. */
static struct tui_run *run_of(struct tui *t, const struct command_call *c)
{
    for (size_t i = 0; i < t->runs.len; i++) {
        struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i);
        if (r->call == c && c)
            return r;
    }
    return t->current;
}

/* The pane to open things above: the run's, else the focused one. */
static struct pane *place_of(struct tui *t, const struct tui_run *r)
{
    return r && r->pane ? r->pane : stack_top(t);
}

/* A row of output. */
static void on_item(void *user, struct command_call *c, bool result, const struct json *obj,
                    const char *text)
{
    struct tui *t = user;
    struct tui_run *r = run_of(t, c);
    if (!r)
        return;
    if (result && r->pane && r->pane->ops->result && r->name)
        r->pane->ops->result(r->pane->state, r->name, obj);
    if (!text || !*text || r->out.len > OUT_MAX)
        return;
    str_puts(&r->out, text);
    if (!str_ends(text, "\n"))
        str_putc(&r->out, '\n');
    r->items++;
}

/* Streamed text: an output pane grows with it. */
static void on_delta(void *user, struct command_call *c, const char *bytes, size_t n)
{
    struct tui *t = user;
    struct tui_run *r = run_of(t, c);
    struct pane *p = place_of(t, r);
    if (!r || !p)
        return;
    if (!r->streamed) {
        r->streamed = true;
        r->output = pane_open(p, "output", r->line);
    }
    if (r->output)
        output_stream(r->output, bytes, n);
}

/* Raw bytes are for files and pipes. */
static void on_raw(void *user, struct command_call *c, const void *bytes, size_t n)
{
    on_delta(user, c, bytes, n);
}

/* A word to the person. */
static void on_note(void *user, struct command_call *c, const char *text)
{
    (void)c;
    tui_say(user, "%s", text);
}

/* How far long work is. */
static void on_progress(void *user, struct command_call *c, int64_t done, int64_t total,
                        const char *what)
{
    struct tui *t = user;
    struct tui_run *r = run_of(t, c);
    if (!r)
        return;
    free(r->working);
    r->working = mem_strdup_maybe(what);
    r->done = done;
    r->total = total;
    t->dirty = true;
}

/* Shows what was collected. */
static void show_output(struct tui *t, struct tui_run *r)
{
    struct pane *p = place_of(t, r);
    if (r->streamed) {
        if (r->output) {
            if (r->out.len) {
                output_stream(r->output, "\n", 1);
                output_stream(r->output, str_text(&r->out), r->out.len);
            }
            output_done(r->output);
        }
        return;
    }
    if (!r->out.len || !p)
        return;
    if (r->items <= 1 && memchr(r->out.data, '\n', r->out.len) == r->out.data + r->out.len - 1 &&
        utf8_cells(r->out.data, r->out.len - 1) < SAY_MAX) {
        str_truncate(&r->out, r->out.len - 1);
        tui_say(t, "%s", str_text(&r->out));
        return;
    }
    struct pane *out = pane_open(p, "output", r->line);
    if (out)
        output_show(out, r->line, str_text(&r->out), r->out.len);
}

/* Releases a run. */
static void run_free(struct tui_run *r)
{
    free(r->line);
    free(r->name);
    free(r->working);
    vec_fini(&r->ids);
    str_fini(&r->out);
    free(r);
}

/* Makes a run. */
static struct tui_run *run_new(struct tui *t, struct pane *p, const char *line,
                               void (*then)(void *state, const struct error *err))
{
    struct tui_run *r = mem_alloc(sizeof *r);
    r->tui = t;
    r->line = mem_strdup(line);
    r->name = mem_strndup(line, strcspn(line, " "));
    r->pane = p;
    r->then = then;
    vec_init(&r->ids, sizeof(struct command_target), NULL);
    return r;
}

/* y: the refused line once more, with a yes and the rows it was meant for. */
static void on_agreed(void *user, int key)
{
    struct tui_run *r = user;
    struct tui *t = r->tui;
    if (key == 'y' && r->pane) {
        *(struct tui_run **)vec_push(&t->runs) = r;
        t->dirty = true;
        return;
    }
    run_free(r);
}

/* Asks whether what was refused shall be done all the same. */
static void ask_yes(struct tui *t, const struct tui_run *r, const struct error *err)
{
    char *line = str_format("%s --yes", r->line), *question;
    struct tui_run *again = run_new(t, r->pane, line, r->then);
    for (size_t i = 0; i < r->ids.len; i++)
        *(struct command_target *)vec_push(&again->ids) =
            *(struct command_target *)vec_at(&r->ids, i);
    /* TRANSLATORS: %s is a sentence that says why something was not done. */
    question = str_format(_("%s: do it all the same?  y yes  n no"), err->text);
    prompt_keys(t, r->pane, question, "yn", on_agreed, again, true);
    free(question);
    free(line);
}

/* The call has ended. */
static void on_end(void *user, struct command_call *c, const struct error *err, int code)
{
    struct tui *t = user;
    struct tui_run *r = run_of(t, c);
    (void)code;
    bool asks = err->status == STATUS_REFUSED && err->yes && r && !r->ended && r->pane &&
                !r->pane->closing;
    if (asks)
        ask_yes(t, r, err);
    else if (error_is(err) && err->status != STATUS_INTERRUPTED)
        tui_error(t, err);
    if (!r || r->ended)
        return;
    r->ended = true;
    show_output(t, r);
    if (r->then && r->pane)
        r->then(r->pane->state, err);
    t->dirty = t->why_stale = true;
}

static const struct command_sink sink = {
    .item = on_item, .delta = on_delta, .raw = on_raw, .note = on_note, .warn = on_note,
    .progress = on_progress, .end = on_end,
};

/* The marked or selected rows as ids. */
static void take_target(struct pane *p, struct vec *ids)
{
    struct vec words;
    if (!p || !p->ops->target)
        return;
    strv_init(&words);
    p->ops->target(p->state, &words);
    for (size_t i = 0; i < words.len; i++) {
        char letter;
        int64_t number;
        if (command_id(strv_at(&words, i), &letter, &number))
            command_ids_add(ids, letter, number);
    }
    vec_fini(&words);
}

/* The queue asks for rows when a command without ids was not given any before. */
static void on_target(void *user, const struct command *row, bool many, struct vec *ids)
{
    struct tui *t = user;
    (void)row;
    take_target(place_of(t, t->current), ids);
    while (!many && ids->len > 1)
        vec_remove(ids, ids->len - 1);
}

/* The queue, made when the first command runs. */
struct command_queue *run_queue(struct tui *t)
{
    if (!t->queue) {
        struct command_env env = {.store = t->setup.store, .loop = t->setup.loop, .screen = true,
                                  .terminal = true, .sink = &sink, .user = t,
                                  .target = on_target};
        t->queue = queue_new(&env);
    }
    return t->queue;
}

/* Gives a line to the pane first, in words with the command's whole name; true: it did it. */
static bool offer_to_pane(struct pane *p, const char *line)
{
    struct vec words;
    struct error err = ERROR_INIT;
    const char *argv[64];
    size_t argc = 0;
    int column;
    bool done = false;
    if (!p || !p->ops->command)
        return false;
    strv_init(&words);
    if (config_split(line, &words, &column, &err) == STATUS_OK && words.len) {
        struct command_line read;
        char *name = NULL;
        command_line_init(&read);
        if (command_parse_text(line, &read, &err) == STATUS_OK && read.row) {
            name = mem_strdup(read.row->name);
            name[strcspn(name, " ")] = 0;
        }
        command_line_fini(&read);
        for (; argc < words.len && argc < 63; argc++)
            argv[argc] = strv_at(&words, argc);
        argv[argc] = NULL;
        if (name)
            argv[0] = name;
        done = p->ops->command(p->state, argc, argv);
        free(name);
    }
    vec_fini(&words);
    return done;
}

/* A command that is shown as a pane of its own, unless an option asks for more. */
static bool open_as_pane(struct pane *p, const char *line)
{
    struct command_line read;
    struct error err = ERROR_INIT;
    const struct pane_ops *ops = NULL;
    command_line_init(&read);
    if (p && command_parse_text(line, &read, &err) == STATUS_OK && read.row && !read.options.len)
        ops = stack_runs(read.row->name);
    if (ops) {
        char *arg = strv_join(&read.args, " ");
        pane_open(p, ops->name, arg);
        free(arg);
    }
    command_line_fini(&read);
    return ops != NULL;
}

/* Do keys wait for the end of this line? */
static bool is_followed(const char *line)
{
    struct command_line read;
    struct error err = ERROR_INIT;
    command_line_init(&read);
    bool follows = command_parse_text(line, &read, &err) == STATUS_OK && read.row &&
                   (read.row->flags & CMD_FOLLOWS);
    command_line_fini(&read);
    return follows;
}

/* Takes a line to be run in this turn, for a pane. */
void run_line(struct tui *t, struct pane *p, const char *line,
              void (*then)(void *state, const struct error *err))
{
    if (p && p->closing)
        p = NULL; /* it was closed in this turn */
    struct tui_run *r = run_new(t, p, line, then);
    take_target(p, &r->ids);
    if (offer_to_pane(p, line) || open_as_pane(p, line)) {
        if (then)
            then(p->state, &ERROR_INIT);
        run_free(r);
        return;
    }
    r->follows = is_followed(line);
    *(struct tui_run **)vec_push(&t->runs) = r;
    t->dirty = true;
}

/* Starts what was taken, drops what has ended. */
void run_pending(struct tui *t)
{
    for (size_t i = 0; i < t->runs.len; i++) {
        struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i);
        if (r->started)
            continue;
        r->started = true;
        t->current = r;
        queue_push(run_queue(t), r->line, r->ids.len ? &r->ids : NULL);
        queue_run(t->queue);
        t->current = NULL;
        if (!r->ended && queue_waiting(t->queue))
            r->call = queue_call(t->queue, queue_waiting(t->queue) - 1);
        else
            r->ended = true;
        t->dirty = true;
    }
    for (size_t i = 0; i < t->runs.len;) {
        struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i);
        if (r->started && r->ended) {
            run_free(r);
            vec_remove(&t->runs, i);
        } else {
            i++;
        }
    }
}

/* The screen goes: what waits is cancelled. */
void run_free_all(struct tui *t)
{
    if (t->queue)
        queue_free(t->queue);
    t->queue = NULL;
    for (size_t i = 0; i < t->runs.len; i++)
        run_free(*(struct tui_run **)vec_at(&t->runs, i));
    vec_clear(&t->runs);
}

/* A pane goes: its commands run on, but nobody is told. */
void run_forget(struct tui *t, const struct pane *p)
{
    for (size_t i = 0; i < t->runs.len; i++) {
        struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i);
        if (r->pane == p)
            r->pane = NULL;
        if (r->output == p)
            r->output = NULL;
    }
}

/* A command of the pane is under way whose end decides where the keys go. */
bool run_is_followed(const struct tui *t, const struct pane *p)
{
    for (size_t i = 0; i < t->runs.len; i++) {
        const struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i);
        if (r->follows && r->pane == p && !r->ended)
            return true;
    }
    return false;
}

/* C-c: stops the commands of a pane. */
void run_stop(struct tui *t, struct pane *p)
{
    for (size_t i = t->runs.len; i > 0; i--) {
        struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i - 1);
        if ((r->pane == p || r->output == p) && r->call && !r->ended) {
            tui_say(t, _("stopped: %s"), r->name);
            command_cancel(r->call);
            return;
        }
    }
}

/* Long work for the status row; false when there is none. */
bool run_working(struct tui *t, struct str *out)
{
    struct pane *p = stack_top(t);
    const char *what = p ? p->working : NULL;
    int64_t done = p ? p->done : 0, total = p ? p->total : 0;
    for (size_t i = 0; i < t->runs.len && !what; i++) {
        struct tui_run *r = *(struct tui_run **)vec_at(&t->runs, i);
        if (r->working && !r->ended) {
            what = r->working;
            done = r->done;
            total = r->total;
        }
    }
    if (!what)
        return false;
    str_puts(out, what);
    if (total > 0)
        str_addf(out, _("  %lld of %lld"), (long long)done, (long long)total);
    else if (done > 0)
        str_addf(out, "  %lld", (long long)done);
    return true;
}
