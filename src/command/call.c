/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call.c - one running command: what it may ask, where its answers go, how it ends.
 *
 * A call begins by gathering its ids (which may wait for a search), runs its row, and ends once:
 * when run() returns COMMAND_DONE, or by command_end after COMMAND_WAIT. */
#include "command/call.h"
#include "command/gather.h"
#include "command/ids.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"

struct command_call {
    struct command_env env;
    struct command_line line;   /* own */
    struct command_gather gather; /* its ids */
    void *state;                /* own, by free_state */
    void (*free_state)(void *);
    void (*on_cancel)(struct command_call *c);
    char *text; /* own; command_text */
    struct error err;
    int code; /* of command_exit; -1 none */
    int items;
    bool found;   /* a result that says something was there */
    bool starting; /* inside command_start: who ends it there releases it there */
    bool busy;     /* inside run: command_end waits for it */
    bool ended;    /* command_end came while busy, or the call has ended */
};

/* Tells whether a closing result speaks of nothing found or changed. */
static bool says_nothing(const struct json *obj)
{
    static const char *const counts[] = {"count", "changed", "undone", "seen", "matched"};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (json_is_number(json_get(obj, counts[i])))
            return json_get_int(obj, counts[i], 0) == 0;
    return json_len(obj) <= 1;
}

/* The exit status of an ended call. */
static int exit_code(const struct command_call *c)
{
    if (error_is(&c->err))
        return status_exit(c->err.status);
    if (c->code >= 0)
        return c->code;
    return c->line.globals.fail_empty && c->items == 0 && !c->found ? 3 : 0;
}

/* Tells the sink and releases the call. */
static void finish(struct command_call *c)
{
    const struct command *row = c->line.row;
    if (row && (row->flags & CMD_CHANGES) && c->line.globals.dry && !error_is(&c->err))
        command_note(c, _("dry run: nothing was changed"));
    c->env.sink->end(c->env.user, c, &c->err, exit_code(c));
    if (c->free_state && c->state)
        c->free_state(c->state);
    gather_fini(&c->gather);
    if (c->env.ended)
        c->env.ended(c->env.owner, c);
    command_line_fini(&c->line);
    free(c->text);
    c->ended = true;
    if (!c->starting)
        free(c);
}

/* Checks that the row may run here with this many arguments. */
static enum status check_arguments(const struct command_call *c, struct error *err)
{
    const struct command *row = c->line.row;
    size_t n = c->line.args.len;
    if (row->flags & (c->env.screen ? CMD_BATCH_ONLY : CMD_SCREEN_ONLY)) {
        (void)error_set(err, STATUS_USAGE,
                        c->env.screen ? _("%s works in a shell only") : _("%s works on the screen only"),
                        row->name);
        return err->status;
    }
    if ((int)n < row->min_args)
        (void)error_set(err, STATUS_USAGE, _("%s: too few arguments"), row->name);
    else if (row->max_args >= 0 && (int)n > row->max_args)
        (void)error_set(err, STATUS_USAGE, _("%s: unexpected argument “%s”"), row->name,
                        strv_at(&c->line.args, (size_t)row->max_args));
    else
        return STATUS_OK;
    char *usage = command_usage_line(row);
    (void)error_hint(err, _("usage: %s"), usage);
    free(usage);
    return err->status;
}

/* Runs the row once its ids are there. */
static void run_row(struct command_call *c)
{
    c->busy = true;
    enum command_result r = c->line.row->run(c);
    c->busy = false;
    if (r == COMMAND_DONE || c->ended)
        finish(c);
}

/* The ids are there, or there is a reason why not. */
static void on_gathered(struct command_call *c, const struct error *err)
{
    if (error_is(err)) {
        c->err = *err;
        finish(c);
    } else {
        run_row(c);
    }
}

/* Starts a call. */
struct command_call *command_start(const struct command_env *env, struct command_line *line,
                                   const struct vec *ids)
{
    struct command_call *c = mem_alloc(sizeof(*c));
    c->env = *env;
    c->line = *line;
    command_line_init(line);
    c->code = -1;
    gather_init(&c->gather);
    c->starting = true;
    if (check_arguments(c, &c->err) != STATUS_OK)
        finish(c);
    else if (c->line.row->flags & CMD_IDS)
        gather_start(&c->gather, c, &c->env, &c->line, ids, on_gathered);
    else
        run_row(c);
    c->starting = false; /* NOLINT: finish releases nothing while starting */
    if (c->ended) {
        free(c);
        return NULL;
    }
    return c;
}

/* Ends a line that could not be read. */
void command_refuse(const struct command_env *env, const struct command_line *line,
                    const struct error *err)
{
    struct command_call c = {.env = *env, .line = *line, .err = *err, .code = -1};
    env->sink->end(env->user, &c, err, status_exit(err->status));
}

/* A sink that hears nothing. */
static void deaf_item(void *user, struct command_call *c, bool result, const struct json *obj,
                      const char *text)
{
    (void)user, (void)c, (void)result, (void)obj, (void)text;
}

/* Likewise. */
static void deaf_bytes(void *user, struct command_call *c, const char *bytes, size_t n)
{
    (void)user, (void)c, (void)bytes, (void)n;
}

/* Likewise. */
static void deaf_raw(void *user, struct command_call *c, const void *bytes, size_t n)
{
    (void)user, (void)c, (void)bytes, (void)n;
}

/* Likewise. */
static void deaf_words(void *user, struct command_call *c, const char *text)
{
    (void)user, (void)c, (void)text;
}

/* Likewise. */
static void deaf_progress(void *user, struct command_call *c, int64_t done, int64_t total,
                          const char *what)
{
    (void)user, (void)c, (void)done, (void)total, (void)what;
}

/* Likewise. */
static void deaf_end(void *user, struct command_call *c, const struct error *err, int code)
{
    (void)user, (void)c, (void)err, (void)code;
}

/* Nobody listens any more: the call ends when it does. */
void command_let_go(struct command_call *c)
{
    static const struct command_sink deaf = {.item = deaf_item,
                                             .delta = deaf_bytes,
                                             .raw = deaf_raw,
                                             .note = deaf_words,
                                             .warn = deaf_words,
                                             .progress = deaf_progress,
                                             .end = deaf_end};
    c->env.sink = &deaf;
    c->env.user = NULL;
    c->env.target = NULL;
    c->env.ended = NULL;
}

/* Stops a call. */
bool command_cancel(struct command_call *c)
{
    if (gather_cancel(&c->gather, &c->env))
        return true;
    void (*on_cancel)(struct command_call *) = c->on_cancel;
    if (on_cancel)
        on_cancel(c);
    return on_cancel != NULL;
}

/* ---- what a running command may ask ---- */

/* The ids gathered for a call. */
const struct command_gather *command_gathered(const struct command_call *c)
{
    return &c->gather;
}

/* Number of positional arguments. */
size_t command_argc(const struct command_call *c)
{
    return c->line.args.len;
}

/* One positional argument. */
const char *command_arg(const struct command_call *c, size_t i)
{
    return i < c->line.args.len ? strv_at(&c->line.args, i) : NULL;
}

/* Arguments from i on as one text. */
const char *command_text(struct command_call *c, size_t i)
{
    struct str s = STR_INIT;
    for (size_t k = i; k < c->line.args.len; k++) {
        str_puts(&s, k > i ? " " : "");
        str_puts(&s, strv_at(&c->line.args, k));
    }
    free(c->text);
    c->text = str_take(&s);
    return c->text;
}

/* The words before the ids as one text. */
const char *command_when(struct command_call *c)
{
    struct str s = STR_INIT;
    for (size_t k = 0; k < c->gather.first && k < c->line.args.len; k++)
        str_addf(&s, "%s%s", k ? " " : "", strv_at(&c->line.args, k));
    free(c->text);
    c->text = str_take(&s);
    return c->text;
}

/* Tells whether an option was given. */
bool command_has(const struct command_call *c, const char *option)
{
    for (size_t i = 0; i < c->line.options.len; i++) {
        const struct command_word_option *o = vec_at(&c->line.options, i);
        if (strcmp(o->row->name, option) == 0)
            return true;
    }
    return false;
}

/* The last value of an option. */
const char *command_value(const struct command_call *c, const char *option)
{
    for (size_t i = c->line.options.len; i-- > 0;) {
        const struct command_word_option *o = vec_at(&c->line.options, i);
        if (strcmp(o->row->name, option) == 0)
            return o->value;
    }
    return NULL;
}

/* All values of an option in order; how many there are, of which at most max stand in out. */
size_t command_values(const struct command_call *c, const char *option, const char **out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < c->line.options.len; i++) {
        const struct command_word_option *o = vec_at(&c->line.options, i);
        if (strcmp(o->row->name, option) != 0)
            continue;
        if (n < max)
            out[n] = o->value;
        n++;
    }
    return n;
}

/* Is the answer wanted as JSON? */
bool command_is_json(const struct command_call *c)
{
    return c->line.globals.json;
}

/* Shall nothing change? */
bool command_is_dry(const struct command_call *c)
{
    return c->line.globals.dry;
}

/* No network, no model? */
bool command_is_offline(const struct command_call *c)
{
    return c->line.globals.offline;
}

/* Was every question answered beforehand? */
bool command_is_yes(const struct command_call *c)
{
    return c->line.globals.yes;
}

/* How many rows to print. */
bool command_limit(struct command_call *c, int64_t few, int64_t *limit)
{
    const char *text = command_value(c, "limit");
    long long n = c->env.screen || (c->env.terminal && !command_is_json(c)) ? few : -1;
    if (text && (!str_to_int64(text, &n) || n < 0)) {
        command_usage(c, _("--limit: needs a number, not %s"), text);
        return false;
    }
    *limit = n;
    return true;
}

/* Does the full screen run it? */
bool command_is_screen(const struct command_call *c)
{
    return c->env.screen;
}

/* Is stdout a terminal? */
bool command_is_terminal(const struct command_call *c)
{
    return c->env.terminal;
}

/* Nothing is cut that a program reads. */
size_t command_cells(const struct command_call *c, size_t cells)
{
    return c->env.screen || (c->env.terminal && !command_is_json(c)) ? cells : SIZE_MAX;
}

/* The office. */
struct store *command_store(const struct command_call *c)
{
    return c->env.store;
}

/* The loop it runs in. */
struct loop *command_loop(const struct command_call *c)
{
    return c->env.loop;
}

/* Its row; NULL for a line that could not be read. */
const struct command *command_row(const struct command_call *c)
{
    return c->line.row;
}

/* The env's user. */
void *command_user(const struct command_call *c)
{
    return c->env.user;
}

/* The globals of its line. */
const struct command_globals *command_call_globals(const struct command_call *c)
{
    return &c->line.globals;
}

/* Reads stdin to its end. */
char *command_stdin(struct command_call *c, size_t max, struct error *err)
{
    struct str s = STR_INIT;
    char buf[65536];
    ssize_t n = 0;
    if (c->env.screen)
        return str_take(&s);
    while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0 && s.len + (size_t)n <= max)
        str_add(&s, buf, (size_t)n);
    if (n == 0)
        return str_take(&s);
    if (n > 0)
        (void)error_set(err, STATUS_LIMIT, _("stdin holds more than %zu bytes"), max);
    else if (errno == EINTR)
        (void)error_set(err, STATUS_INTERRUPTED, _("interrupted"));
    else
        (void)error_set_errno(err, errno, _("stdin could not be read"));
    str_fini(&s);
    return NULL;
}

/* Keeps the command's own state. */
void command_set_state(struct command_call *c, void *state, void (*free_fn)(void *))
{
    if (c->free_state && c->state && c->state != state)
        c->free_state(c->state);
    c->state = state;
    c->free_state = free_fn;
}

/* The command's own state. */
void *command_state(const struct command_call *c)
{
    return c->state;
}

/* Names who is told of a cancel. */
void command_on_cancel(struct command_call *c, void (*on_cancel)(struct command_call *c))
{
    c->on_cancel = on_cancel;
}

/* ---- answers ---- */

/* Sends one object with its type to the sink. */
static void emit(struct command_call *c, bool result, struct json *obj, const char *text)
{
    struct json *o = obj ? obj : json_object();
    if (!json_get(o, "type"))
        json_set_str(o, "type", result ? "result" : "item");
    if (c->line.globals.dry && (c->line.row->flags & CMD_CHANGES) && !json_get(o, "dry_run"))
        json_set_bool(o, "dry_run", true);
    c->env.sink->item(c->env.user, c, result, o, text);
    json_free(o);
}

/* One row. */
void command_item(struct command_call *c, struct json *obj, const char *text)
{
    c->items++;
    emit(c, false, obj, text);
}

/* The closing object. */
void command_result(struct command_call *c, struct json *obj, const char *text)
{
    c->found = !says_nothing(obj);
    emit(c, true, obj, text);
}

/* Text that arrives. */
void command_delta(struct command_call *c, const char *bytes, size_t n)
{
    c->items++;
    c->env.sink->delta(c->env.user, c, bytes, n);
}

/* Bytes as they are. */
void command_raw(struct command_call *c, const void *bytes, size_t n)
{
    c->items++;
    c->env.sink->raw(c->env.user, c, bytes, n);
}

/* A word for the person. */
void command_note(struct command_call *c, const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    c->env.sink->note(c->env.user, c, str_text(&s));
    str_fini(&s);
}

/* A warning. */
void command_warn(struct command_call *c, const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    c->env.sink->warn(c->env.user, c, str_text(&s));
    str_fini(&s);
}

/* How far long work has come. */
void command_progress(struct command_call *c, int64_t done, int64_t total, const char *what)
{
    c->env.sink->progress(c->env.user, c, done, total, what);
}

/* Ends with an error once run() returns. */
enum command_result command_fail(struct command_call *c, const struct error *err)
{
    c->err = *err;
    return COMMAND_DONE;
}

/* Ends with a usage error. */
enum command_result command_usage(struct command_call *c, const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    (void)error_set(&c->err, STATUS_USAGE, "%s: %s", c->line.row->name, str_text(&s));
    str_fini(&s);
    char *usage = command_usage_line(c->line.row);
    (void)error_hint(&c->err, _("usage: %s"), usage);
    free(usage);
    return COMMAND_DONE;
}

/* Ends a call that waited. */
void command_end(struct command_call *c, const struct error *err)
{
    assert(!c->ended);
    if (err && error_is(err))
        c->err = *err;
    if (c->busy)
        c->ended = true; /* run_row ends it when run() has returned */
    else
        finish(c);
}

/* Sets the exit status where the data has said the rest. */
void command_exit(struct command_call *c, int code)
{
    c->code = code;
}
