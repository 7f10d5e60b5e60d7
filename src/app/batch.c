/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch.c - one command in batch: opens the office, prints what comes, maps the end to an exit
 * status. Data goes to stdout only; everything for people to stderr. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/app.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/str.h"
#include "io/loop.h"
#include "model/model.h"
#include "mail/store.h"
#include "office/outbox.h"
#include "store/store.h"

#define PROGRESS_EVERY_MS 100
#define NUDGE_MS 50     /* after a signal: how often what waits in the system is waked */
#define NUDGES_MOST 16  /* so often in vain, and a command that only reads is left */

/* The command that runs. */
struct batch {
    struct command_env env;
    struct command_globals *globals; /* borrow */
    struct command_call *call;       /* borrow; NULL when it has ended */
    struct gate gate;                /* streamed text on its way to a terminal */
    bool delta_open;                 /* streamed text has not ended its line */
    bool bar;                        /* a progress line stands on stderr */
    int64_t bar_at;
    int code;
    bool done, left; /* left: let go without its end */
    bool broken;     /* stdout is closed */
};

static int signal_pipe[2] = {-1, -1};
static volatile sig_atomic_t signals_seen, nudges;
static bool may_leave; /* the command changes nothing: it may be left where it stands */
static timer_t nudge_timer;

/* SIGINT, SIGTERM, SIGHUP: the first asks the command to stop, the second ends the program. */
static void on_signal(int number)
{
    int saved = errno;
    if (signals_seen++)
        _exit(128 + number);
    ssize_t ignored = write(signal_pipe[1], "s", 1);
    (void)ignored;
    const struct timespec every = {0, NUDGE_MS * 1000000L};
    timer_settime(nudge_timer, 0, &(struct itimerspec){every, every}, NULL);
    errno = saved;
}

/* Until the loop has heard of the signal: a read that began just after it came (stdin, a pipe) is
 * ended by EINTR all the same, and a long question to the database is not waited for. */
static void on_nudge(int number)
{
    (void)number;
    if (++nudges > NUDGES_MOST && may_leave)
        _exit(status_exit(STATUS_INTERRUPTED));
}

/* Takes the progress line away. */
static void clear_bar(struct batch *b)
{
    if (b->bar)
        fputs("\r\033[K", stderr);
    b->bar = false;
}

/* Writes to stdout and notices when nobody reads any more. */
static void put(struct batch *b, const char *bytes, size_t n)
{
    if (b->broken || n == 0)
        return;
    if (fwrite(bytes, 1, n, stdout) != n && errno == EPIPE)
        b->broken = true;
}

/* Ends the line of streamed text. */
static void end_delta(struct batch *b)
{
    if (b->delta_open)
        put(b, "\n", 1);
    b->delta_open = false;
}

/* Prints one line for people on stderr through the gate. */
static void print_note(struct batch *b, const char *prefix, const char *text)
{
    char *safe = gate_text(text);
    clear_bar(b);
    if (b->delta_open && b->env.terminal)
        end_delta(b);
    fflush(stdout); /* so that both stand in the order they were said */
    fprintf(stderr, "%s%s\n", prefix, safe);
    free(safe);
}

/* Prints an object as a line of JSON. */
static void put_json(struct batch *b, const struct json *obj)
{
    char *line = json_print(obj);
    put(b, line, strlen(line));
    put(b, "\n", 1);
    free(line);
}

/* One row or the closing one. */
static void on_item(void *user, struct command_call *c, bool result, const struct json *obj,
                    const char *text)
{
    struct batch *b = user;
    (void)c;
    (void)result;
    if (b->left)
        return;
    if (b->globals->json) {
        put_json(b, obj);
        return;
    }
    end_delta(b);
    if (!text)
        return;
    clear_bar(b);
    char *safe = b->env.terminal ? gate_text(text) : NULL;
    const char *shown = safe ? safe : text;
    size_t n = strlen(shown);
    put(b, shown, n);
    if (n == 0 || shown[n - 1] != '\n')
        put(b, "\n", 1);
    free(safe);
}

/* Text that arrives is printed at once. */
static void on_delta(void *user, struct command_call *c, const char *bytes, size_t n)
{
    struct batch *b = user;
    (void)c;
    if (b->left || n == 0)
        return;
    if (b->globals->json) {
        char *text = strndup(bytes, n);
        struct json *o = json_object();
        json_set_str(o, "type", "delta");
        json_set_str(o, "delta", text);
        put_json(b, o);
        json_free(o);
        free(text);
    } else if (b->env.terminal) {
        struct str out = STR_INIT;
        clear_bar(b);
        gate_feed(&b->gate, bytes, n, &out);
        put(b, str_text(&out), out.len);
        if (out.len)
            b->delta_open = out.data[out.len - 1] != '\n';
        str_fini(&out);
    } else {
        put(b, bytes, n);
        b->delta_open = bytes[n - 1] != '\n';
    }
    if (fflush(stdout) != 0 && errno == EPIPE)
        b->broken = true;
}

/* Bytes as they are. */
static void on_raw(void *user, struct command_call *c, const void *bytes, size_t n)
{
    struct batch *b = user;
    (void)c;
    if (!b->left)
        put(b, bytes, n);
}

/* A word for the person. */
static void on_note(void *user, struct command_call *c, const char *text)
{
    struct batch *b = user;
    (void)c;
    if (!b->globals->quiet && !b->left)
        print_note(b, "", text);
}

/* A warning. */
static void on_warn(void *user, struct command_call *c, const char *text)
{
    struct batch *b = user;
    (void)c;
    if (b->left)
        return;
    if (b->globals->json) {
        struct json *o = json_object();
        json_set_str(o, "type", "warning");
        json_set_str(o, "message", text);
        put_json(b, o);
        json_free(o);
    } else {
        print_note(b, "bureau: ", text);
    }
}

/* How far it is: one line that is written over, on a terminal only. */
static void on_progress(void *user, struct command_call *c, int64_t done, int64_t total,
                        const char *what)
{
    struct batch *b = user;
    int64_t now = clock_mono_ms();
    (void)c;
    if (b->left || b->globals->quiet || !isatty(STDERR_FILENO) ||
        (b->bar && now - b->bar_at < PROGRESS_EVERY_MS && done != total))
        return;
    char *safe = gate_line(what ? what : "");
    if (total > 0)
        fprintf(stderr, "\r\033[K%s %" PRId64 "/%" PRId64 " (%d %%)", safe, done, total,
                (int)(done * 100 / total));
    else
        fprintf(stderr, "\r\033[K%s %" PRId64, safe, done);
    fflush(stderr);
    free(safe);
    b->bar = true;
    b->bar_at = now;
}

/* What to do about an id that does not exist, when the error names it: the command that lists its kind. */
static void hint_list(struct command_call *c, struct error *err)
{
    static const char *const lists[] = {"msearch",      "tsearch",      "ddraft list",     "ooutbox list",
                                        "nnote list",   "cchat list",   "xchat list",      "jjournal",
                                        "qjob list --all"};
    char letter;
    int64_t number;
    for (size_t i = 0; !*err->hint && command_arg(c, i); i++)
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
            if (command_id(command_arg(c, i), &letter, &number) && *lists[k] == letter &&
                strstr(err->text, command_arg(c, i))) {
                (void)error_hint(err, _("“%s” lists those there are"), lists[k] + 1);
                break;
            }
}

/* The command has ended. */
static void on_end(void *user, struct command_call *c, const struct error *err, int code)
{
    struct batch *b = user;
    if (b->left)
        return;
    if (!b->globals->json) {
        struct str rest = STR_INIT;
        gate_end(&b->gate, &rest);
        put(b, str_text(&rest), rest.len);
        str_fini(&rest);
        end_delta(b);
    }
    clear_bar(b);
    if (fflush(stdout) != 0) {
        struct error full = ERROR_INIT;
        if (errno != EPIPE)
            code = status_exit(error_set_errno(&full, errno, _("stdout could not be written")));
        if (errno != EPIPE)
            batch_error(&full, b->globals->json);
        b->broken = b->broken || errno == EPIPE;
    }
    if (error_is(err)) {
        struct error told = *err;
        if (told.status == STATUS_NO_SUCH)
            hint_list(c, &told);
        batch_error(&told, b->globals->json);
    }
    b->code = b->broken && code == 0 ? 128 + SIGPIPE : code;
    b->call = NULL;
    b->done = true;
}

/* Prints an error and says its exit status. */
int batch_error(const struct error *err, bool json)
{
    int code = status_exit(err->status);
    if (json) {
        struct json *o = json_object(), *e = json_object();
        json_set_str(e, "status", status_word(err->status));
        json_set_str(e, "message", err->text);
        if (*err->hint)
            json_set_str(e, "hint", err->hint);
        json_set_int(e, "exit", code);
        json_set(o, "error", e);
        char *line = json_print(o);
        fprintf(stderr, "%s\n", line);
        free(line);
        json_free(o);
        return code;
    }
    char *text = gate_text(err->text), *hint = gate_text(err->hint);
    fprintf(stderr, "bureau: %s\n", text);
    if (*hint)
        fprintf(stderr, _("hint: %s\n"), hint);
    free(text);
    free(hint);
    return code;
}

/* A signal came: stops the command; one that knows no stopping is let go. */
static void on_stop(void *user, int events)
{
    struct batch *b = user;
    char byte;
    (void)events;
    ssize_t n = read(signal_pipe[0], &byte, 1);
    timer_settime(nudge_timer, 0, &(struct itimerspec){{0, 0}, {0, 0}}, NULL);
    if (n <= 0 || !b->call)
        return;
    if (!command_cancel(b->call)) {
        clear_bar(b);
        b->left = b->done = true;
        b->code = status_exit(STATUS_INTERRUPTED);
    }
}

/* Catches the signals that stop a command. */
static bool catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_flags = 0};
    if (pipe(signal_pipe) != 0 || timer_create(CLOCK_MONOTONIC, NULL, &nudge_timer) != 0)
        return false;
    sigemptyset(&action.sa_mask);
    action.sa_handler = on_nudge;
    sigaction(SIGALRM, &action, NULL);
    action.sa_handler = on_signal;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    return true;
}

static const struct command_sink sink = {
    .item = on_item,
    .delta = on_delta,
    .raw = on_raw,
    .note = on_note,
    .warn = on_warn,
    .progress = on_progress,
    .end = on_end,
};

/* Opens the office as the row wants it. */
static enum status open_store(const struct command *row, const struct command_globals *g,
                              struct loop *l, struct store **out, struct error *err)
{
    const struct paths *paths = app_open(g, err);
    if (!paths)
        return err->status;
    enum status s =
        store_open(paths, row->flags & CMD_THREADS ? STORE_THREADS : STORE_INLINE, l, out, err);
    if (s == STATUS_OK && (row->flags & CMD_ALONE) && store_others(*out) > 0) {
        (void)error_set(err, STATUS_LOCKED, _("another bureau has this office open"));
        s = error_hint(err, _("leave it first, then try again"));
    }
    return s;
}

/* Runs one command. */
int batch_run(struct command_line *line)
{
    struct error err = ERROR_INIT;
    const struct command *row = line->row;
    struct command_globals globals = line->globals;
    struct batch b = {.globals = &globals};
    if (globals.yes)
        model_agree();
    if (globals.offline)
        outbox_keep_offline();
    struct loop *loop = loop_new();
    struct store *store = NULL;
    struct loop_watch *watch = NULL;
    may_leave = !(row->flags & CMD_CHANGES);
    if (!catch_signals())
        (void)error_set_errno(&err, errno, _("no pipe"));
    else if (!(row->flags & CMD_NO_STORE))
        (void)open_store(row, &globals, loop, &store, &err);
    if (error_is(&err)) {
        b.code = batch_error(&err, globals.json);
        goto out;
    }
    b.env = (struct command_env){.store = store,
                                 .loop = loop,
                                 .terminal = isatty(STDOUT_FILENO),
                                 .sink = &sink,
                                 .user = &b};
    gate_init(&b.gate, GATE_TEXT, false);
    if (store && !(row->flags & CMD_ALONE))
        mail_learn_me(store, NULL, NULL);
    watch = loop_fd(loop, signal_pipe[0], LOOP_READ, on_stop, &b);
    b.call = command_start(&b.env, line, NULL);
    if (b.call)
        loop_run(loop, &b.done);
    loop_remove(loop, watch);
out:
    loop_turn(loop, 0); /* what only waits to be freed */
    if (store)
        store_close(store);
    loop_free(loop);
    return b.code;
}
