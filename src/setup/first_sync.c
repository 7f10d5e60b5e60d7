/* SPDX-License-Identifier: GPL-3.0-or-later */
/* first_sync.c - a command inside a command: what it says goes out through the outer one. */
#include "setup/first_sync.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "command/call.h"
#include "command/command.h"

struct inner {
    struct command_call *outer; /* borrow */
    void (*done)(void *user, const struct error *err);
    void *user;
};

static void on_item(void *user, struct command_call *c, bool result, const struct json *obj, const char *text)
{
    (void)user, (void)c, (void)result, (void)obj, (void)text;
}

static void on_delta(void *user, struct command_call *c, const char *bytes, size_t n)
{
    (void)user, (void)c, (void)bytes, (void)n;
}

static void on_raw(void *user, struct command_call *c, const void *bytes, size_t n)
{
    (void)user, (void)c, (void)bytes, (void)n;
}

/* What it tells the person. */
static void on_note(void *user, struct command_call *c, const char *text)
{
    (void)c;
    command_note(((struct inner *)user)->outer, "%s", text);
}

/* Its warnings. */
static void on_warn(void *user, struct command_call *c, const char *text)
{
    (void)c;
    command_warn(((struct inner *)user)->outer, "%s", text);
}

/* How far it is. */
static void on_progress(void *user, struct command_call *c, int64_t done, int64_t total, const char *what)
{
    (void)c;
    command_progress(((struct inner *)user)->outer, done, total, what);
}

/* It has ended. */
static void on_end(void *user, struct command_call *c, const struct error *err, int code)
{
    struct inner *i = user;
    (void)c;
    (void)code;
    i->done(i->user, err);
    free(i);
}

/* Runs the first sync. */
bool setup_first_sync(struct command_call *c, const char *account,
                      void (*done)(void *user, const struct error *err), void *user)
{
    static const struct command_sink sink = {on_item, on_delta, on_raw, on_note, on_warn, on_progress, on_end};
    if (!command_find("sync", NULL))
        return false;
    struct inner *i = mem_alloc(sizeof *i);
    struct command_env env = {.store = command_store(c), .loop = command_loop(c), .sink = &sink, .user = i};
    struct command_line line;
    struct error err = ERROR_INIT;
    char *text = str_format("sync %s", account);
    *i = (struct inner){c, done, user};
    command_line_init(&line);
    if (command_parse_text(text, &line, &err) != STATUS_OK) {
        done(user, &err);
        free(i);
    } else {
        command_start(&env, &line, NULL);
    }
    command_line_fini(&line);
    free(text);
    return true;
}
