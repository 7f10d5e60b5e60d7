/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import_child.c - a child `bureau import --json`, so that an import never costs the screen a key */
#include "app/import_child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/i18n.h"
#include "io/child.h"

struct child_call {
    struct command_call *call; /* borrow */
    struct child *child;       /* NULL when it has ended */
    struct str line, last_error;
};

/* Releases the state; a child that still runs is asked to stop. */
static void child_call_free(void *state)
{
    struct child_call *cc = state;

    str_fini(&cc->line);
    str_fini(&cc->last_error);
    free(cc);
}

/* One line of JSON from the child. */
static void on_line(struct child_call *cc, const char *line, size_t n)
{
    struct json *o = NULL;
    struct error err = ERROR_INIT;
    const char *type;

    if (json_parse(line, n, &o, &err) != STATUS_OK)
        return;
    type = json_get_text(o, "type");
    if (str_eq(type, "warning")) {
        const char *text = json_get_text(o, "message");
        command_warn(cc->call, "%s", text ? text : "");
    } else if (str_eq(type, "result")) {
        char *text = str_format(_("%lld added, %lld duplicates, %lld damaged, %lld failed"),
                                (long long)json_get_int(o, "added", 0),
                                (long long)json_get_int(o, "duplicates", 0),
                                (long long)json_get_int(o, "damaged", 0),
                                (long long)json_get_int(o, "failed", 0));
        command_result(cc->call, json_copy(o), text);
        free(text);
    }
    json_free(o);
}

/* What the child says. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    struct child_call *cc = user;
    char *nl;

    if (fd == 2) {
        if (cc->last_error.len < 4096)
            str_add(&cc->last_error, bytes, n);
        return;
    }
    str_add(&cc->line, bytes, n);
    while (cc->line.len && (nl = memchr(cc->line.data, '\n', cc->line.len))) {
        size_t len = (size_t)(nl - cc->line.data);
        on_line(cc, cc->line.data, len);
        str_splice(&cc->line, 0, len + 1, "", 0);
    }
}

/* The error line of the child: {"error":{"message","hint"}}. */
static void read_error(struct child_call *cc, struct error *err)
{
    struct json *o = NULL;
    struct error inner = ERROR_INIT;
    const struct json *e;
    const char *text = cc->last_error.data ? strstr(cc->last_error.data, "{\"error\"") : NULL;
    const char *message = NULL;

    if (text && json_parse(text, strcspn(text, "\n"), &o, &inner) == STATUS_OK) {
        e = json_get(o, "error");
        message = json_get_text(e, "message");
        if (message)
            error_set(err, STATUS_FAILED, "%s", message);
        if (message && json_get_text(e, "hint"))
            error_hint(err, "%s", json_get_text(e, "hint"));
    }
    if (!message)
        error_set(err, STATUS_FAILED, _("the import ended early"));
    json_free(o);
}

/* The child has ended. */
static void on_exit_code(void *user, int code)
{
    struct child_call *cc = user;
    struct error err = ERROR_INIT;

    cc->child = NULL;
    if (code == 130)
        error_set(&err, STATUS_INTERRUPTED, _("stopped: what was read is kept"));
    else if (code != 0)
        read_error(cc, &err);
    command_end(cc->call, &err);
}

/* C-c. */
static void on_cancel(struct command_call *c)
{
    struct child_call *cc = command_state(c);

    if (cc->child)
        child_kill(cc->child, SIGINT);
}

/* Starts the child with the same words. */
enum command_result import_child_run(struct command_call *c)
{
    static const char *const values[] = {"as", "account", "folder"};
    static const struct child_events events = {.on_output = on_output, .on_exit = on_exit_code};
    struct child_call *cc = mem_alloc(sizeof *cc);
    const struct paths *paths = store_paths(command_store(c));
    struct error err = ERROR_INIT;
    struct vec argv;
    char *null = NULL;

    cc->call = c;
    command_set_state(c, cc, child_call_free);
    strv_init(&argv);
    strv_push(&argv, "/proc/self/exe");
    if (paths->home) {
        strv_push(&argv, "--home");
        strv_push(&argv, paths->home);
    }
    strv_push(&argv, "--json");
    if (command_is_dry(c))
        strv_push(&argv, "--dry-run");
    strv_push(&argv, "import");
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (command_value(c, values[i]))
            strv_push_take(&argv, str_format("--%s=%s", values[i], command_value(c, values[i])));
    strv_push(&argv, "--");
    for (size_t i = 0; i < command_argc(c); i++)
        strv_push(&argv, command_arg(c, i));
    *(char **)vec_push(&argv) = null;
    cc->child = child_start(command_loop(c), (char *const *)(void *)argv.items, NULL, 0, &events, cc,
                            &err);
    vec_fini(&argv);
    if (!cc->child)
        return command_fail(c, &err);
    command_on_cancel(c, on_cancel);
    return COMMAND_WAIT;
}
