/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool.c - a program in its boxes: bubblewrap is tried once per process, the tool box always. */
#include "inbox/tool.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/vec.h"
#include "io/child.h"
#include "io/loop.h"
#include "mail/process.h"

enum bubble { BUBBLE_UNKNOWN, BUBBLE_WORKS, BUBBLE_FAILS };

static enum bubble bubble;
static int64_t limit_ms = TOOL_MS;

struct tool {
    struct loop *loop;   /* borrow */
    struct vec argv;     /* strv */
    struct str input, out, said;
    struct child *child; /* NULL: none runs */
    struct loop_watch *timer;
    bool probing, cut, late, stopped;
    struct error error;  /* a start that failed */
    void (*done)(void *user, const struct str *out, bool cut, const struct error *err);
    void *user;
};

static void run(struct tool *t);

/* Releases it. */
static void tool_free(struct tool *t)
{
    loop_remove(t->loop, t->timer);
    vec_fini(&t->argv);
    str_fini(&t->input);
    str_fini(&t->out);
    str_fini(&t->said);
    free(t);
}

/* Tells the end, once. */
static void finish(struct tool *t, const struct error *err)
{
    if (!t->stopped)
        t->done(t->user, error_is(err) ? NULL : &t->out, t->cut, err);
    tool_free(t);
}

/* What it writes, as far as there is room. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    struct tool *t = user;
    struct str *to = fd == 1 ? &t->out : &t->said;
    size_t max = fd == 1 ? TOOL_OUTPUT_MAX : 400;
    if (t->probing)
        return;
    if (to->len + n > max) {
        n = max - to->len;
        if (fd == 1 && !t->cut) {
            t->cut = true;
            child_kill(t->child, SIGKILL);
        }
    }
    str_add(to, bytes, n);
}

/* Says why it gave nothing. */
static void tell_failure(struct tool *t, int code, struct error *err)
{
    const char *name = strv_at(&t->argv, 0);
    char *said = str_take(&t->said);
    str_trim(said);
    if (code == 127) {
        error_set(err, STATUS_NO_SUCH, _("%s is not installed"), name);
    } else if (t->late || code == 128 + SIGXCPU || code == 128 + SIGKILL) {
        error_set(err, STATUS_LIMIT, _("%s took too long or too much and was stopped"), name);
    } else {
        error_set(err, STATUS_FAILED, *said ? _("%s cannot read it: %s") : _("%s cannot read it"), name,
                  said);
    }
    free(said);
}

/* It has ended. */
static void on_exit_code(void *user, int code)
{
    struct tool *t = user;
    struct error err = ERROR_INIT;
    t->child = NULL;
    if (t->probing) {
        t->probing = false;
        bubble = code == 0 ? BUBBLE_WORKS : BUBBLE_FAILS;
        if (t->stopped)
            tool_free(t);
        else
            run(t);
        return;
    }
    if (code != 0 && !t->cut && !(t->out.len && code < 128 && code != 127 && code != 126))
        tell_failure(t, code, &err);
    finish(t, &err);
}

static const struct child_events events = {.on_output = on_output, .on_exit = on_exit_code};

/* It takes too long. */
static void on_time(void *user)
{
    struct tool *t = user;
    t->timer = NULL;
    t->late = true;
    if (t->child)
        child_kill(t->child, SIGKILL);
}

/* A program that could not be started is told about from the loop. */
static void on_posted(void *user)
{
    struct tool *t = user;
    struct error err = t->error;
    finish(t, &err);
}

/* Starts a child; its failure is told later. */
static void start_child(struct tool *t, const struct vec *words, bool with_input)
{
    char **argv = mem_array(words->len + 1, sizeof *argv);
    for (size_t i = 0; i < words->len; i++)
        argv[i] = (char *)(uintptr_t)strv_at(words, i);
    t->child = child_start(t->loop, argv, with_input ? t->input.data : NULL,
                           with_input ? t->input.len : 0, &events, t, &t->error);
    free(argv);
}

/* The words that make a bubble in which only the system's programs are, and the reader. */
static void add_bubble(struct vec *words, const char *reader)
{
    static const char *const fixed[] = {"bwrap", "--unshare-all", "--die-with-parent", "--new-session",
                                        "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
                                        "--tmpfs", "/home", "--tmpfs", "/root", "--tmpfs", "/tmp",
                                        "--tmpfs", "/run"};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        strv_push(words, fixed[i]);
    if (reader) {
        strv_push(words, "--ro-bind");
        strv_push(words, reader);
        strv_push(words, reader);
    }
    strv_push(words, "--");
}

/* Finds out whether bubbles can be made here. */
static bool probe(struct tool *t)
{
    struct vec words;
    strv_init(&words);
    add_bubble(&words, NULL);
    strv_push(&words, "true");
    t->probing = true;
    start_child(t, &words, false);
    vec_fini(&words);
    if (t->child)
        return true;
    t->probing = false;
    t->error = ERROR_INIT;
    bubble = BUBBLE_FAILS;
    return false;
}

/* Runs the program in its boxes. */
static void run(struct tool *t)
{
    struct vec words;
    char *reader = mail_process_program();
    if (bubble == BUBBLE_UNKNOWN && probe(t)) {
        free(reader);
        return;
    }
    strv_init(&words);
    if (bubble == BUBBLE_WORKS)
        add_bubble(&words, reader);
    strv_push(&words, reader);
    strv_push(&words, "--tool");
    for (size_t i = 0; i < t->argv.len; i++)
        strv_push(&words, strv_at(&t->argv, i));
    start_child(t, &words, true);
    vec_fini(&words);
    free(reader);
    if (!t->child)
        loop_post(t->loop, on_posted, t);
    else
        t->timer = loop_timer(t->loop, limit_ms, on_time, t);
}

/* Begins. */
struct tool *tool_start(struct loop *l, const char *const argv[], const void *input, size_t n,
                        void (*done)(void *user, const struct str *out, bool cut,
                                     const struct error *err),
                        void *user)
{
    struct tool *t = mem_alloc(sizeof *t);
    t->loop = l;
    t->done = done;
    t->user = user;
    t->error = ERROR_INIT;
    strv_init(&t->argv);
    for (size_t i = 0; argv[i]; i++)
        strv_push(&t->argv, argv[i]);
    str_add(&t->input, input, n);
    run(t);
    return t;
}

/* Its user is gone. */
void tool_stop(struct tool *t)
{
    if (!t)
        return;
    t->stopped = true;
    if (t->child)
        child_kill(t->child, SIGKILL);
}

/* How long programs may take. */
void tool_set_limit(int64_t ms)
{
    limit_ms = ms;
}
