/* SPDX-License-Identifier: GPL-3.0-or-later */
/* work.c - `work`: does what falls due (sends, snoozes, accounts, index) without a screen. */
#include <stdlib.h>

#include "app/app.h"
#include "app/features.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "io/loop.h"
#include "mail/imap.h"
#include "store/job.h"

#define WORK_LONGEST_MS 60000 /* looks again at least once a minute */
#define WORK_PAUSE_MS 1000    /* between two looks */
#define WORK_GRACE_MS 500     /* from the signal until it ends whatever still runs */

/* The run of `work`: one in a process, and it outlives its command, so that what answers after the
 * end finds that nobody waits any more. */
static struct work {
    struct command_call *call; /* borrow; NULL when it has ended */
    struct loop_watch *timer;
    struct feature_round round;
    const struct hook_work *hook; /* the one that runs */
    int done, failed, unreached; /* unreached: of the failed, what another time may do */
    bool once, busy, asked; /* busy: something will call back; asked: something changed meanwhile */
    bool stopping;
} the_work;

static void look(void *user);

/* Ends the command with its result. */
static void finish(struct work *w)
{
    struct command_call *c = w->call;
    struct json *o = json_object();
    json_set_int(o, "done", w->done);
    json_set_int(o, "failed", w->failed);
    char *text = str_format(P_("%d done", "%d done", w->done), w->done);
    loop_remove(command_loop(c), w->timer);
    w->timer = NULL;
    store_on_change(command_store(c), NULL, NULL);
    command_result(c, o, text);
    free(text);
    if (w->failed)
        command_exit(c, status_exit(w->failed > w->unreached ? STATUS_FAILED : STATUS_UNREACHABLE));
    w->call = NULL;
    command_end(c, NULL);
}

/* A hook has done what was due. */
static void on_done(void *user, int count, const struct error *err)
{
    struct work *w = user;
    if (!w->call)
        return;
    w->busy = false;
    w->hook = NULL;
    w->done += count;
    if (err && error_is(err) && !w->stopping) {
        w->failed++;
        w->unreached += status_exit(err->status) == status_exit(STATUS_UNREACHABLE);
        command_warn(w->call, "%s", err->text);
        log_warn("work: %s", status_word(err->status));
    }
    loop_remove(command_loop(w->call), w->timer);
    w->timer = NULL;
    loop_post(command_loop(w->call), look, w);
}

/* Time is up: a new round. */
static void on_time(void *user)
{
    struct work *w = user;
    w->timer = NULL;
    w->round = (struct feature_round){.earliest = CLOCK_NONE};
    look(w);
}

/* Something changed in the office: a new round soon. */
static void on_change(void *user, unsigned bits)
{
    struct work *w = user;
    (void)bits;
    w->asked = true;
    if (!w->busy && w->timer) {
        loop_remove(command_loop(w->call), w->timer);
        w->timer = loop_timer(command_loop(w->call), WORK_PAUSE_MS, on_time, w);
    }
}

/* Runs the next thing that is due, or waits for the next round. */
static void look(void *user)
{
    struct work *w = user;
    if (w->busy || !w->call)
        return;
    struct store *s = command_store(w->call);
    const struct hook_work *h = w->stopping ? NULL : feature_next_due(&w->round, s);
    if (h && command_is_dry(w->call)) { /* one look: what is due is counted */
        w->done++;
        loop_post(command_loop(w->call), look, w);
        return;
    }
    if (h) {
        w->busy = true;
        w->hook = h;
        h->run(s, on_done, w);
        return;
    }
    if (w->once || w->stopping) {
        finish(w);
        return;
    }
    int64_t wait = WORK_LONGEST_MS;
    if (w->round.earliest != CLOCK_NONE && (w->round.earliest - clock_now()) * 1000 < wait)
        wait = (w->round.earliest - clock_now()) * 1000;
    if (wait < WORK_PAUSE_MS || w->asked)
        wait = WORK_PAUSE_MS;
    w->asked = false;
    w->timer = loop_timer(command_loop(w->call), wait, on_time, w);
}

/* What runs did not stop in time: the next start takes it over. */
static void on_grace(void *user)
{
    struct work *w = user;
    w->timer = NULL;
    log_warn("work: %s does not stop", w->hook ? w->hook->name : "recover");
    finish(w);
}

/* SIGINT, SIGTERM: what runs is broken off and stays due; that is how a service is stopped. */
static void on_cancel(struct command_call *c)
{
    struct work *w = &the_work;
    w->stopping = true;
    if (!w->busy) {
        look(w);
        return;
    }
    loop_remove(command_loop(c), w->timer);
    w->timer = loop_timer(command_loop(c), WORK_GRACE_MS, on_grace, w);
    if (w->hook && w->hook->stop)
        w->hook->stop(command_store(c));
}

/* The operation: takes over what dead programs left (a stream is cut, an import goes on). */
static enum status run_recover(struct db *db, void *record, struct error *err)
{
    int count = 0;
    (void)record;
    return job_recover(db, &count, err);
}

static const struct store_op recover_op = {"recover", OP_BULK, run_recover, NULL};

/* It is taken over: the first look. */
static void on_recovered(void *user, void *record, const struct error *err)
{
    struct work *w = user;
    (void)record;
    if (!w->call)
        return;
    w->busy = false;
    if (error_is(err))
        command_warn(w->call, "%s", err->text);
    look(w);
}

/* work [--once] */
enum command_result work_run(struct command_call *c)
{
    struct work *w = &the_work;
    w->call = c;
    w->once = command_has(c, "once") || command_is_dry(c);
    w->round.earliest = CLOCK_NONE;
    command_on_cancel(c, on_cancel);
    if (command_is_offline(c))
        mail_imap_keep_offline();
    if (w->once)
        mail_imap_work_waits();
    if (!w->once) {
        store_on_change(command_store(c), on_change, w);
        command_note(c, _("working until it is stopped (C-c)"));
    }
    if (command_is_dry(c)) {
        loop_post(command_loop(c), look, w);
    } else {
        w->busy = true;
        store_post(command_store(c), &recover_op, NULL, on_recovered, w);
    }
    return COMMAND_WAIT;
}
