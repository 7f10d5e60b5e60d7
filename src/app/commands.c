/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - the program's own commands: help, status, config check, doctor, work. */
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "app/features.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/registry.h"
#include "mail/thread.h"
#include "store/job.h"
#include "store/store.h"

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

/* Adds unread mail and open threads by lane. */
static void add_lanes(struct db *db, struct json *o, struct str *words)
{
    struct mail_counts counts;
    struct error err = ERROR_INIT;
    if (mail_thread_counts(db, &counts, &err) != STATUS_OK)
        return;
    struct json *lanes = json_object();
    json_set_int(o, "unread", counts.all_unread);
    if (counts.all_unread)
        str_addf(words, P_("%lld unread", "%lld unread", counts.all_unread),
                 (long long)counts.all_unread);
    for (int lane = MAIL_LANE_ANSWER; lane < MAIL_LANE_DONE; lane++) {
        const char *word = mail_lane_word((enum mail_lane)lane);
        json_set_int(lanes, word, counts.threads[lane]);
        if (counts.threads[lane])
            str_addf(words, "%s%s %lld", words->len ? "  " : "", mail_lane_name((enum mail_lane)lane),
                     (long long)counts.threads[lane]);
    }
    json_set(o, "lanes", lanes);
}

/* Counts an open job. */
static bool count_job(void *user, const struct job_row *row)
{
    (void)row;
    ++*(int *)user;
    return true;
}

/* status */
static enum command_result run_status(struct command_call *c)
{
    struct json *o = json_object();
    struct str words = STR_INIT;
    const struct feature *f;
    struct db *db = store_reader(command_store(c));
    struct error err = ERROR_INIT;
    int jobs = 0;
    add_lanes(db, o, &words);
    for (size_t i = 0; (f = feature_at(i)); i++)
        if (f->status)
            f->status(command_store(c), o, &words);
    if (job_list(db, true, 1000, count_job, &jobs, &err) == STATUS_OK)
        json_set_int(o, "jobs", jobs);
    if (jobs)
        str_addf(&words, P_("%s%d job", "%s%d jobs", jobs), words.len ? "  " : "", jobs);
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
     .flags = CMD_CHANGES | CMD_THREADS | CMD_BATCH_ONLY,
     .options = work_options,
     .run = work_run},
    {.name = NULL},
};
