/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.c - the full screen as a run of the program.
 *
 * The order is what makes the start fast: config, store, the list from the store, first paint;
 * then the rest of where one was, what falls due, models and readers when something needs them.
 * Where the person is (tab, open panes, selection) is kept in the store a second after the last
 * key, so a crash or a dropped line opens there again. When the line drops, streams under way are
 * finished without a screen and stored. */
#include "app/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app.h"
#include "app/features.h"
#include "app/session_work.h"
#include "app/journal_pane.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "command/config.h"
#include "command/option.h"
#include "command/queue.h"
#include "io/loop.h"
#include "model/model.h"
#include "mail/imap.h"
#include "mail/store.h"
#include "office/outbox.h"
#include "setup/setup.h"
#include "store/job.h"
#include "store/journal.h"
#include "store/store.h"
#include "tui/tui.h"

#define PLACE_KEY "screen.place"
#define PLACE_MS 1000
#define COPY_MS 3000 /* what was sent has its copy by then, or the next start makes it */
#define HEADLESS_MS 600000 /* a stream that is not done by then is cut by its own limits */

struct session {
    struct loop *loop;
    struct store *store;
    struct tui *tui;
    struct session_work *work;
    struct loop_watch *place_timer;
    char *place;  /* own; as stored */
    struct vec awaited; /* struct awaited: mails whose leaving is told */
    bool leaving; /* go as soon as nothing waits to be sent */
    bool left;    /* by will: the next start opens at the beginning */
};

/* ---- where one was ---- */

struct place_record {
    char *text; /* own */
};

/* Writes the place. */
static enum status write_place(struct db *db, void *record, struct error *err)
{
    return store_setting_set(db, PLACE_KEY, ((struct place_record *)record)->text, err);
}

/* Releases the record. */
static void free_place(void *record)
{
    free(((struct place_record *)record)->text);
    free(record);
}

static const struct store_op place_op = {"place", OP_STREAM, write_place, free_place};

/* Stores where the person is when that is news. */
static void keep_place(void *user)
{
    struct session *s = user;
    struct str now = STR_INIT;
    s->place_timer = NULL;
    tui_place(s->tui, s->left, &now);
    if (!str_eq(str_text(&now), s->place)) {
        struct place_record *r = mem_alloc(sizeof *r);
        free(s->place);
        s->place = mem_strdup(str_text(&now));
        r->text = mem_strdup(s->place);
        store_post(s->store, &place_op, r, NULL, NULL);
    }
    str_fini(&now);
}

/* A key was pressed: the place is looked at when a second has passed. */
static void on_active(void *user)
{
    struct session *s = user;
    if (!s->place_timer)
        s->place_timer = loop_timer(s->loop, PLACE_MS, keep_place, s);
}

/* ---- what is held ---- */

/* A mail that was seen held. */
struct awaited {
    int64_t id;
    char who[96];
};

/* Tells of each mail that was held on this screen when it has left. */
static void tell_sent(struct session *s, const struct outbox_held *held)
{
    bool known = !held->count;
    for (size_t i = s->awaited.len; i > 0; i--) {
        const struct awaited *a = vec_at(&s->awaited, i - 1);
        char when[CLOCK_TEXT];
        int64_t at = 0;
        enum outbox_state state = outbox_fate(store_reader(s->store), a->id, &at);
        known = known || a->id == held->id;
        if (state == OUTBOX_SENT)
            tui_say(s->tui, _("Sent %s: %s"), clock_short(at, clock_now(), when), a->who);
        if (state != OUTBOX_HELD && state != OUTBOX_QUEUED && state != OUTBOX_HANDED)
            vec_remove(&s->awaited, i - 1);
    }
    if (!known) {
        struct awaited *a = vec_push(&s->awaited);
        a->id = held->id;
        snprintf(a->who, sizeof a->who, "%s", held->who);
    }
}

/* "held 1: 李娜 9 s  C-x u", in doubt and failed before it. */
static void on_held(void *user, struct str *out, int64_t *again_ms)
{
    struct session *s = user;
    struct outbox_held held;
    outbox_held(store_reader(s->store), &held);
    tell_sent(s, &held);
    if (held.failed)
        str_addf(out, P_("%d not sent  D", "%d not sent  D", held.failed), held.failed);
    if (held.doubtful)
        str_addf(out, "%s%d %s", out->len ? "   " : "", held.doubtful, _("perhaps sent  D"));
    if (held.waiting && !held.count) { /* what counts down comes first */
        char when[CLOCK_TEXT];
        str_addf(out, _("%snot reached: %s, again %s  D"), out->len ? "   " : "", held.waiting_who,
                 clock_moment(held.next_try, clock_now(), when));
    }
    if (!held.count)
        return;
    int64_t left = held.send_at - clock_now();
    if (out->len)
        str_puts(out, "   ");
    if (left <= 0) {
        str_addf(out, _("sending: %s"), held.who);
    } else if (left <= 600) {
        str_addf(out, _("held %d: %s %lld s  C-x u"), held.count, held.who, (long long)left);
        *again_ms = 1000 - clock_now_ms() % 1000;
    } else {
        char when[CLOCK_TEXT];
        str_addf(out, _("held %d: %s %s  C-x u"), held.count, held.who, clock_moment(held.send_at, clock_now(), when));
        *again_ms = left > 3600 ? 3600000 : (left - 600) * 1000 + 1000;
    }
}

struct hurry {
    bool back; /* into the draft instead */
    struct vec ids;
};

/* Collects what is held. */
static bool on_held_row(void *user, const struct outbox_row *r)
{
    struct hurry *h = user;
    if (r->state == OUTBOX_HELD || (r->state == OUTBOX_QUEUED && r->next_try > 0))
        *(int64_t *)vec_push(&h->ids) = r->id;
    return true;
}

/* Sends now, or takes back. */
static enum status run_hurry(struct db *db, void *record, struct error *err)
{
    struct hurry *h = record;
    for (size_t i = 0; i < h->ids.len; i++) {
        int64_t id = *(int64_t *)vec_at(&h->ids, i);
        enum status st = h->back ? outbox_cancel(db, id, err) : outbox_hurry(db, id, err);
        if (st != STATUS_OK)
            return st;
    }
    return STATUS_OK;
}

/* Releases the record. */
static void free_hurry(void *record)
{
    vec_fini(&((struct hurry *)record)->ids);
    free(record);
}

static const struct store_op hurry_op = {"held", OP_PERSON, run_hurry, free_hurry};

/* The held ones are on their way, or drafts again. */
static void on_hurried(void *user, void *record, const struct error *err)
{
    struct session *s = user;
    struct hurry *h = record;
    if (!s->tui)
        return;
    if (error_is(err)) {
        s->leaving = false;
        tui_error(s->tui, err);
    } else if (h->back) {
        tui_leave(s->tui);
    } else {
        session_work_look(s->work);
    }
}

/* "s send now  k keep for next start  u back to draft" */
static void on_leave_key(void *user, int key)
{
    struct session *s = user;
    struct error err = ERROR_INIT;
    if (key == 'k')
        tui_leave(s->tui);
    if (key != 's' && key != 'u')
        return;
    struct hurry *h = mem_alloc(sizeof *h);
    h->back = key == 'u';
    vec_init(&h->ids, sizeof(int64_t), NULL);
    if (outbox_list(store_reader(s->store), true, 1000, on_held_row, h, &err) != STATUS_OK) {
        tui_error(s->tui, &err);
        free_hurry(h);
        return;
    }
    s->leaving = key == 's';
    if (s->leaving)
        tui_say(s->tui, _("sending, then leaving; C-c stays"));
    store_post(s->store, &hurry_op, h, on_hurried, s);
}

/* The person wants to leave: asks only when a mail is held. */
static bool on_leave(void *user)
{
    struct session *s = user;
    struct outbox_held held;
    outbox_held(store_reader(s->store), &held);
    int count = held.count + held.waiting;
    if (count == 0)
        return true;
    char *question = str_format(P_("%d mail not sent yet: s send now  k keep for next start  u back to draft",
                                   "%d mails not sent yet: s send now  k keep for next start  u back to draft",
                                   count),
                                count);
    tui_ask_key(s->tui, question, "sku", on_leave_key, s);
    free(question);
    return false;
}

/* Counts what is on its way. */
static bool on_way(void *user, const struct outbox_row *r)
{
    if (r->state == OUTBOX_HELD || r->state == OUTBOX_QUEUED || r->state == OUTBOX_HANDED)
        ++*(int *)user;
    return true;
}

/* Is anything still to leave? */
static bool is_sending(struct session *s)
{
    struct error err = ERROR_INIT;
    int count = 0;
    return outbox_list(store_reader(s->store), true, 1000, on_way, &count, &err) == STATUS_OK &&
           count > 0;
}

/* ---- long work ---- */

/* The first job that is no stream of a pane. */
static bool on_long_job(void *user, const struct job_row *r)
{
    struct str *out = user;
    if (!str_eq(r->state, "running") || (!str_eq(r->kind, "import") && !str_eq(r->kind, "sync")))
        return true;
    str_puts(out, str_eq(r->kind, "import") ? _("importing") : _("synchronising"));
    if (r->total > 0)
        str_addf(out, _("  %lld of %lld"), (long long)r->done, (long long)r->total);
    else if (r->done > 0)
        str_addf(out, "  %lld", (long long)r->done);
    return false;
}

/* Long work, of this process or another. */
static void on_jobs(void *user, struct str *out)
{
    struct session *s = user;
    struct error err = ERROR_INIT;
    if (job_list(store_reader(s->store), true, 50, on_long_job, out, &err) != STATUS_OK)
        log_warn("jobs: %s", status_word(err.status));
    if (!out->len)
        mail_imap_words(out);
}

/* ---- what changes ---- */

/* The store changed, by us or another process. */
static void on_change(void *user, unsigned bits)
{
    struct session *s = user;
    if (!s->tui)
        return;
    tui_changed(s->tui, bits);
    session_work_look(s->work);
    if (s->leaving && !is_sending(s))
        tui_leave(s->tui);
}

/* Something that fell due could not be done. */
static void on_work_error(void *user, const struct error *err)
{
    struct session *s = user;
    s->leaving = false;
    if (s->tui)
        tui_error(s->tui, err);
}

/* An account needs the person: a login that is refused, mails that are gone all at once. */
static void on_trouble(void *user, const struct error *err)
{
    struct session *s = user;
    if (s->tui)
        tui_error(s->tui, err);
}

/* ---- start and end ---- */

/* Every feature's panes. */
static void register_panes(void)
{
    const struct feature *f;
    for (size_t i = 0; (f = feature_at(i)); i++)
        for (size_t j = 0; f->panes && f->panes[j]; j++)
            pane_register(f->panes[j]);
}

/* Takes over what a dead process left. */
static enum status run_recover(struct db *db, void *record, struct error *err)
{
    int count = 0;
    (void)record;
    return job_recover(db, &count, err);
}

static const struct store_op recover_op = {"recover", OP_BULK, run_recover, NULL};

/* What fell due while no screen was open can be taken back once more. */
static enum status run_hold_anew(struct db *db, void *record, struct error *err)
{
    (void)record;
    return outbox_hold_anew(db, option_int("send.hold") / 1000, err);
}

static const struct store_op hold_anew_op = {"hold anew", OP_PERSON, run_hold_anew, NULL};

/* What is wrong in bureaurc, as messages. */
static void say_faults(struct session *s)
{
    const struct vec *faults = config_faults();
    for (size_t i = 0; i < faults->len; i++) {
        const struct config_fault *f = vec_at(faults, i);
        struct error err = f->error;
        error_prefix(&err, "%s:%d:%d", f->file, f->line, f->column);
        tui_error(s->tui, &err);
    }
}

/* Counts jobs under way. */
static bool on_job(void *user, const struct job_row *r)
{
    if (str_eq(r->state, "running"))
        ++*(int *)user;
    return true;
}

/* The line dropped: what streams is finished and stored before the process ends. */
static void finish_headless(struct session *s)
{
    int64_t end = clock_mono_ms() + HEADLESS_MS;
    log_info("screen gone: finishing what streams");
    while (clock_mono_ms() < end) {
        struct error err = ERROR_INIT;
        int running = 0;
        store_flush(s->store);
        if (job_list(store_reader(s->store), true, 100, on_job, &running, &err) != STATUS_OK ||
            running == 0)
            return;
        loop_turn(s->loop, 500);
    }
}

/* The screen is left right behind a send: its copy in Sent is made before the process ends. */
static void finish_copies(struct session *s)
{
    int64_t end = clock_mono_ms() + COPY_MS;
    bool asked = false;
    store_flush(s->store); /* how a send ended may still be on its way to the disk */
    while (outbox_copy_waits(store_reader(s->store)) && clock_mono_ms() < end) {
        if (!asked)
            session_work_hurry(s->work);
        asked = true;
        loop_turn(s->loop, 50);
        store_flush(s->store);
    }
}

/* May the key of the environment be used? What is pressed is kept; Esc asks again next time. */
static void on_consent(void *user, int key)
{
    struct session *s = user;
    if (key == 'y' || key == 'n')
        model_consent_set(s->store, key == 'y');
}

/* Asks it once, when only a key stands in the environment. */
static void ask_consent(struct session *s)
{
    char host[128];
    if (!model_consent_wanted(s->store, host, sizeof host))
        return;
    char *question = str_format(_("may what you ask for go to %s (OPENAI_API_KEY)? y/n"), host);
    tui_ask_key(s->tui, question, "yn", on_consent, s);
    free(question);
}

/* A question about what may go to a model. */
struct asked {
    void (*answer)(void *arg, bool yes);
    void *arg;
};

/* It is answered; leaving it is a no. */
static void on_model_answer(void *user, int key)
{
    struct asked *a = user;
    a->answer(a->arg, key == 'y');
    free(a);
}

/* Policy says to ask: in the hint row. */
static void ask_for_model(void *user, const char *question, void (*answer)(void *arg, bool yes),
                          void *arg)
{
    struct session *s = user;
    struct asked *a = mem_alloc(sizeof *a);
    a->answer = answer;
    a->arg = arg;
    tui_ask_key(s->tui, question, "yn", on_model_answer, a);
}

/* The program was called with a mailto: link: the mail is written first. */
static void open_link(struct session *s, const char *link)
{
    struct str line = STR_INIT;
    struct pane *p = tui_focused(s->tui);
    if (!p)
        return;
    str_puts(&line, "compose \"");
    for (; *link; link++) /* what the line's own quoting means is encoded, as in any link */
        if ((unsigned char)*link <= ' ' || strchr("\"\\\x7f", *link))
            str_addf(&line, "%%%02X", (unsigned char)*link);
        else
            str_putc(&line, *link);
    str_puts(&line, "\"");
    pane_run(p, str_text(&line));
    str_fini(&line);
}

/* After the first paint: the rest. */
static void begin(struct session *s, const char *link, bool setup)
{
    say_faults(s);
    char *program = str_format("screen %ld %lld", (long)getpid(), (long long)clock_now_ms());
    journal_set_program(program); /* u takes back what was done on this screen */
    free(program);
    store_on_change(s->store, on_change, s);
    model_set_ask(ask_for_model, s);
    store_post(s->store, &recover_op, NULL, NULL, NULL);
    store_post(s->store, &hold_anew_op, NULL, NULL, NULL); /* before the first look at what is due */
    mail_imap_on_trouble(on_trouble, s);
    s->work = session_work_new(s->store, on_work_error, s);
    if (!link)
        tui_restore(s->tui, s->place);
    tui_status_changed(s->tui);
    if ((setup || setup_is_wanted(store_paths(s->store))) && tui_focused(s->tui))
        pane_open(tui_focused(s->tui), "setup", NULL);
    else if (link)
        open_link(s, link);
    else
        ask_consent(s);
}

/* Opens the office, shows it until the person leaves. */
int session_run(const struct command_globals *g, const char *link, bool wants_setup)
{
    struct error err = ERROR_INIT;
    struct session s = {0};
    struct command_globals quiet = *g;
    quiet.quiet = true; /* faults are said on the screen */
    if (g->offline) {
        model_keep_offline();
        mail_imap_keep_offline();
        outbox_keep_offline();
    }
    const struct paths *paths = app_open(&quiet, &err);
    if (!paths)
        return batch_error(&err, g->json);
    s.loop = loop_new();
    vec_init(&s.awaited, sizeof(struct awaited), NULL);
    if (store_open(paths, STORE_THREADS, s.loop, &s.store, &err) != STATUS_OK)
        goto out;
    register_panes();
    pane_register(&journal_pane);
    pane_register(&journal_items_pane);
    s.place = store_setting(store_reader(s.store), PLACE_KEY);
    struct tui_setup setup = {.loop = s.loop, .store = s.store, .user = &s, .held = on_held, .jobs = on_jobs,
                              .leave = on_leave, .active = on_active,
                              .label = getenv("BUREAU_LABEL")};
    s.tui = tui_new(&setup);
    if (tui_start(s.tui, link ? NULL : s.place, &err) == STATUS_OK) {
        mail_learn_me(s.store, NULL, NULL);
        begin(&s, link, wants_setup);
        tui_run(s.tui);
        loop_remove(s.loop, s.place_timer);
        s.left = !tui_was_ended(s.tui);
        keep_place(&s);
    }
    bool ended = tui_was_ended(s.tui);
    if (!ended)
        tui_stop_streams(s.tui);
    model_set_ask(NULL, NULL);
    mail_imap_on_trouble(NULL, NULL);
    tui_free(s.tui);
    s.tui = NULL;
    if (ended)
        finish_headless(&s);
    finish_copies(&s);
    session_work_free(s.work);
    loop_turn(s.loop, 0); /* what only waits to be freed */
out:
    if (s.store)
        store_close(s.store);
    loop_free(s.loop);
    vec_fini(&s.awaited);
    free(s.place);
    return error_is(&err) ? batch_error(&err, g->json) : 0;
}
