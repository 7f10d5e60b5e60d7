/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - the program's own commands: help, status, config check, doctor, work. */
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/features.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/registry.h"

/* help [COMMAND] */
static enum command_result run_help(struct command_call *c)
{
    struct str s = STR_INIT;
    struct error err = ERROR_INIT;
    const char *family = command_arg(c, 0), *verb = command_arg(c, 1);
    const struct command *row = family ? command_find(family, verb) : NULL;
    if (!family)
        docs_help(NULL, &s);
    else if (row)
        docs_help(row, &s);
    if (family && !verb && command_has_verbs(family)) {
        if (s.len)
            str_putc(&s, '\n');
        docs_family(family, &s);
    }
    if (s.len == 0) {
        (void)error_set(&err, STATUS_NO_SUCH, _("no such command: %s"), command_text(c, 0));
        (void)error_hint(&err, _("“help” lists all"));
        str_fini(&s);
        return command_fail(c, &err);
    }
    struct json *o = json_object();
    json_set_str(o, "text", str_text(&s));
    command_result(c, o, str_text(&s));
    str_fini(&s);
    return COMMAND_DONE;
}

/* status */
static enum command_result run_status(struct command_call *c)
{
    struct json *o = json_object();
    struct str words = STR_INIT;
    const struct feature *f;
    for (size_t i = 0; (f = feature_at(i)); i++)
        if (f->status)
            f->status(command_store(c), o, &words);
    command_result(c, o, words.len ? str_trim(words.data) : _("nothing new"));
    str_fini(&words);
    return COMMAND_DONE;
}

static const struct command_option work_options[] = {
    {.name = "once", .summary = N_("Do what is due now, then end.")},
    {.name = NULL},
};

const struct command app_commands[] = {
    {.name = "help",
     .args = "[COMMAND]",
     .summary = N_("shows how a command is used"),
     .help = N_("Without a name it lists all commands with a line each. On the screen “?” shows the "
                "keys that work where the cursor is."),
     .flags = CMD_NO_STORE,
     .max_args = 2,
     .complete = "command",
     .run = run_help},
    {.name = "status",
     .summary = N_("says in one line what waits"),
     .help = N_("Unread mail, lanes, what is held, jobs that run, and when the accounts were last "
                "looked at: made for the status line of tmux."),
     .run = run_status},
    {.name = "config check",
     .summary = N_("checks bureaurc"),
     .help = N_("Names every wrong line with file, line and column and says what would be right. "
                "Exit status 1 when there is one."),
     .flags = CMD_NO_STORE,
     .run = doctor_run},
    {.name = "doctor",
     .summary = N_("checks what the program needs"),
     .help = N_("One line each for places, config, locale, terminal, disk, store, reader, accounts "
                "and models: ok, warn or fail, with what to do about it. Exit status 1 when one "
                "fails. With --offline nothing goes to the network."),
     .flags = CMD_NO_STORE,
     .run = doctor_run},
    {.name = "work",
     .summary = N_("does what falls due, without a screen"),
     .help = N_("Sends what is queued, wakes what was snoozed, follows the accounts, feeds the "
                "index. It runs until it is stopped; with --once it does what is due now and ends. "
                "An open screen does the same by itself."),
     .flags = CMD_THREADS | CMD_BATCH_ONLY,
     .options = work_options,
     .run = work_run},
    {.name = NULL},
};
