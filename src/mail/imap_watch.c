/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_watch.c - IMAP accounts kept in step while a screen or `work` is open
 *
 * Every account has one connection. After a run it selects the inbox and idles; what stirs there is
 * looked at in a moment, everything else every mail.check-every, what a person changes at once. When
 * the line is down it is opened again with growing pauses and some chance in them, so that many do not
 * come back at the same moment. A login that is refused waits for the person. After a sleep of the machine
 * no line is trusted and no pause waited for: all are made anew at once. */
#include <limits.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "command/config.h"
#include "command/option.h"
#include "io/loop.h"
#include "io/standby.h"
#include "mail/imap.h"
#include "mail/imap_link.h"
#include "mail/imap_run.h"

#define STIR_MS 200          /* servers tell in bursts */
#define LONGEST_PAUSE_MS 600000 /* and mail.check-every: that a network is back is not told */
#define REFUSED_PAUSE_MS 3600000
#define STUCK_PAUSE_MS 60000 /* what could not be sent is not tried again at once */

struct watched {
    struct mail_imap_watch *watch;
    char *account; /* own */
    struct mail_imap_link *link;
    struct imap *session;
    struct mail_imap_run *run;
    struct loop_watch *timer; /* the next look, or the next try to connect */
    struct loop_watch *stir;  /* a look in a moment */
    struct error error;       /* why the line is down; OK: it is up */
    int64_t doubtful;
    int64_t next_full_ms;     /* on the monotonic clock */
    int64_t pushed_ms;        /* when what waits was last sent */
    int tries;
    bool wants_full, wants_inbox, wants_push, stuck, going;
    bool lost;                /* the run under way has lost its line, and ends */
    bool anew;                /* the line was given up to be made anew at once */
    bool selecting;           /* what comes is how the inbox stands, no news of it */
    bool compared;            /* the look under way came of that */
    int64_t exists, uidnext, modseq; /* how it stands; -1: not said */
};

struct mail_imap_watch {
    struct store *store; /* borrow */
    struct vec accounts; /* struct watched *, own */
    struct standby *standby; /* own */
    bool freed, first;   /* first: some account has not been looked at yet */
    void (*done)(void *user, int count, const struct error *err); /* of the work hook */
    void *user;
    int64_t added;
    size_t waiting;      /* accounts the hook waits for */
};

static struct mail_imap_watch *the_watch;
static bool offline, waits_for_all;
static void (*on_trouble)(void *user, const struct error *err);
static void *trouble_user;

static void connect_account(void *user);
static void go_on(struct watched *a);

/* No network at all: --offline. */
void mail_imap_keep_offline(void)
{
    offline = true;
}

/* `work --once` ends when every account was looked at. */
void mail_imap_work_waits(void)
{
    waits_for_all = true;
}

/* Who hears what a person should know. */
void mail_imap_on_trouble(void (*fn)(void *user, const struct error *err), void *user)
{
    on_trouble = fn;
    trouble_user = user;
}

/* Tells it. */
static void tell(const struct error *err)
{
    if (on_trouble)
        on_trouble(trouble_user, err);
}

/* The operation that rings for the status row. */
static enum status ring_run(struct db *db, void *record, struct error *err)
{
    (void)record;
    (void)err;
    db_touch(db, WATCH_JOB);
    return STATUS_OK;
}

/* The status row is asked again. */
static void ring(struct mail_imap_watch *w)
{
    static const struct store_op op = {.name = "mail.imap-ring", .klass = OP_STREAM, .run = ring_run};

    if (!w->freed)
        store_post(w->store, &op, NULL, NULL, NULL);
}

/* The hook that waits is told when the last account was looked at. */
static void looked(struct watched *a, const struct error *err)
{
    struct mail_imap_watch *w = a->watch;
    void (*done)(void *user, int count, const struct error *err) = w->done;

    if (!a->going)
        return;
    a->going = false;
    if (--w->waiting || !done)
        return;
    w->done = NULL;
    done(w->user, (int)w->added, err);
}

/* ---- runs ---- */

static void on_time(void *user);

/* Sets the timer of the next look. */
static void look_later(struct watched *a)
{
    int64_t ms = a->next_full_ms - clock_mono_ms();

    loop_remove(store_loop(a->watch->store), a->timer);
    a->timer = loop_timer(store_loop(a->watch->store), ms > 100 ? ms : 100, on_time, a);
}

static void stir(struct watched *a, int64_t ms);

/* What a SELECT says of the inbox. */
static void hear_inbox(struct watched *a, const struct imap_response *r)
{
    if (r->kind == IMAP_EXISTS)
        a->exists = r->number;
    if (r->code.kind == IMAP_CODE_UIDNEXT)
        a->uidnext = (int64_t)r->code.number;
    if (r->code.kind == IMAP_CODE_HIGHESTMODSEQ)
        a->modseq = (int64_t)(r->code.number & INT64_MAX);
}

/* Does the inbox stand otherwise than the last look left it? Something came between the two. */
static bool inbox_differs(struct watched *a)
{
    struct db_query *q = db_prepare(store_reader(a->watch->store),
                                    "SELECT i.messages,i.uidnext,i.modseq FROM mail_imap_folder i JOIN mail_folder f"
                                    " ON f.id=i.folder WHERE i.account=?1 AND f.role=?2");
    bool differs = false;

    db_bind_text(q, 1, a->account);
    db_bind_int(q, 2, MAIL_ROLE_INBOX);
    if (db_step(q))
        differs = (a->exists >= 0 && a->exists != db_int(q, 0)) || (a->uidnext >= 0 && a->uidnext != db_int(q, 1)) ||
                  (a->modseq >= 0 && a->modseq != db_int(q, 2));
    db_end(q);
    return differs;
}

/* The inbox is open: waits for what stirs. */
static void on_inbox(void *user, const struct imap_result *result)
{
    struct watched *a = user;
    bool news = a->selecting && result->end == IMAP_DONE && !a->watch->freed && inbox_differs(a);

    a->selecting = false;
    a->compared = news && !a->compared; /* once: a server that lies is not asked again and again */
    if (a->compared) {
        a->wants_inbox = true;
        stir(a, STIR_MS);
    }
    if (result->end == IMAP_DONE && a->session && !a->run)
        (void)imap_idle(a->session, true); /* without IDLE the timer looks */
}

/* Idles on the inbox until something is to be done. */
static void idle(struct watched *a)
{
    struct imap_command *c;
    struct error err = ERROR_INIT;

    look_later(a);
    if (!a->session)
        return;
    a->exists = a->uidnext = a->modseq = -1;
    a->selecting = true;
    c = imap_command(a->session, "SELECT");
    imap_arg(c, "INBOX");
    if (imap_send(c, on_inbox, a, &err) != STATUS_OK) {
        a->selecting = false;
        log_warn("imap: the inbox cannot be selected");
    }
}

/* What a run left to be said. */
static void say_doubt(struct watched *a, int64_t doubtful)
{
    struct error err = ERROR_INIT;

    if (doubtful && doubtful != a->doubtful) {
        error_set(&err, STATUS_REFUSED,
                  P_("%s: %lld mail is gone from the server all at once; here it is kept",
                     "%s: %lld mails are gone from the server all at once; here they are kept", doubtful),
                  a->account, (long long)doubtful);
        error_hint(&err, _("if that is right: sync --yes puts them into the local trash"));
        tell(&err);
    }
    a->doubtful = doubtful;
}

/* What happened to one mail: told once, `status` and `doctor` go on saying so. */
static void on_warn(void *user, const char *text, bool again)
{
    struct error err = ERROR_INIT;

    (void)user;
    if (again)
        return;
    error_set(&err, STATUS_REFUSED, "%s", text);
    error_hint(&err, _("“doctor” lists what a server refuses"));
    tell(&err);
}

/* An account was looked at. */
static void on_run_done(void *user, int64_t added, int64_t pushed, int64_t doubtful, const struct error *err)
{
    struct watched *a = user;
    struct mail_imap_watch *w = a->watch;
    bool lost = a->lost;

    a->run = NULL;
    a->lost = false;
    w->added += added;
    if (w->freed) {
        if (a->link)
            mail_imap_link_close(a->link);
        return;
    }
    a->stuck = !pushed && mail_imap_waits(store_reader(w->store), a->account);
    a->pushed_ms = clock_mono_ms();
    if (!error_is(err)) {
        say_doubt(a, doubtful);
        a->tries = 0;
    } else if (!lost && err->status != STATUS_INTERRUPTED) {
        log_warn("imap: %s", status_word(err->status)); /* not the line's fault: looked at again later */
        tell(err);
    }
    if (!lost) /* else on_down has said what comes of it */
        looked(a, err);
    go_on(a);
}

/* mail.check-every. */
static int64_t check_every(void)
{
    return option_find("mail.check-every") ? option_int("mail.check-every") : 300000;
}

/* Begins a run of what is wanted most. */
static void run(struct watched *a)
{
    static const struct mail_imap_run_events events = {.on_warn = on_warn, .on_done = on_run_done};
    struct mail_imap_run_setup setup = {.account = a->account, .session = a->session, .bodies = true};

    if (a->wants_full) {
        a->next_full_ms = clock_mono_ms() + check_every();
    } else if (a->wants_inbox) {
        setup.inbox_only = true;
    } else {
        setup.push_only = true;
    }
    a->wants_full = a->wants_inbox = a->wants_push = false;
    (void)imap_idle(a->session, false);
    a->run = mail_imap_run_new(a->watch->store, &setup, &events, a);
}

/* The next run, or idling. */
static void go_on(struct watched *a)
{
    if (!a->session || a->run || a->watch->freed)
        return;
    if (a->wants_full || a->wants_inbox || a->wants_push)
        run(a);
    else
        idle(a);
}

/* Something is wanted in a moment. */
static void on_stir(void *user)
{
    struct watched *a = user;

    a->stir = NULL;
    go_on(a);
}

/* Asks for it. */
static void stir(struct watched *a, int64_t ms)
{
    if (!a->stir)
        a->stir = loop_timer(store_loop(a->watch->store), ms, on_stir, a);
}

/* Time for a whole look. */
static void on_time(void *user)
{
    struct watched *a = user;

    a->timer = NULL;
    a->wants_full = true;
    if (a->session)
        go_on(a);
    else if (!a->link)
        connect_account(a);
}

/* ---- the line ---- */

/* It is up: everything is looked at. */
static void on_up(void *user, struct imap *session)
{
    struct watched *a = user;

    a->session = session;
    a->wants_full = true;
    if (error_is(&a->error))
        ring(a->watch);
    a->error = ERROR_INIT;
    go_on(a);
}

/* What the server says: to the run, or it stirs the inbox. */
static void on_response(void *user, const struct imap_response *r)
{
    struct watched *a = user;

    if (a->run) {
        if (!a->lost)
            mail_imap_run_response(a->run, r);
        return;
    }
    if (a->selecting)
        hear_inbox(a, r);
    if ((r->kind == IMAP_EXISTS && !a->selecting) || r->kind == IMAP_EXPUNGE || r->kind == IMAP_VANISHED ||
        r->kind == IMAP_FETCH) {
        a->wants_inbox = true;
        stir(a, STIR_MS);
    }
}

/* The line is down: again after a pause that grows. */
static void on_down(void *user, const struct error *why)
{
    struct watched *a = user;
    struct mail_imap_watch *w = a->watch;
    bool refused = why->status == STATUS_REFUSED;
    int64_t longest = check_every() < LONGEST_PAUSE_MS ? check_every() : LONGEST_PAUSE_MS;

    a->link = NULL;
    a->session = NULL;
    if (a->run) {
        a->lost = true;
        mail_imap_run_lost(a->run, why);
    }
    if (w->freed) {
        mail_imap_watch_free(w); /* the last one takes it all */
        return;
    }
    if (a->anew) {
        a->anew = false;
        connect_account(a);
        return;
    }
    if (refused && a->error.status != STATUS_REFUSED) /* a person has to do something first */
        tell(why);
    a->error = *why;
    if (!error_is(&a->error))
        error_set(&a->error, STATUS_UNREACHABLE, _("the server has ended the connection"));
    a->next_full_ms = clock_mono_ms() + (refused ? mail_imap_link_pause(INT_MAX, REFUSED_PAUSE_MS)
                                                 : mail_imap_link_pause(a->tries, longest));
    a->tries += a->tries < INT_MAX;
    look_later(a);
    looked(a, &a->error);
    ring(w);
}

/* Opens it. */
static void connect_account(void *user)
{
    static const struct mail_imap_link_events events = {
        .on_up = on_up, .on_response = on_response, .on_down = on_down};
    struct watched *a = user;

    a->link = mail_imap_link_open(a->watch->store, a->account, &events, a);
}

/* The same without the pause. */
static void connect_now(struct watched *a)
{
    loop_remove(store_loop(a->watch->store), a->timer);
    a->timer = NULL;
    connect_account(a);
}

/* ---- the whole ---- */

/* Waits a person for a body of this account? */
static bool wants_body(struct db *db, const char *account)
{
    struct db_query *q = db_prepare(
        db, "SELECT 1 FROM mail_imap_want w JOIN mail_imap_copy c ON c.message=w.message AND c.whole=0 AND c.state=0 AND c.size<=?2"
            " JOIN mail_imap_folder f ON f.folder=c.folder WHERE f.account=?1 LIMIT 1");

    db_bind_text(q, 1, account);
    db_bind_int(q, 2, MAIL_SIZE_MOST);
    return db_any(q);
}

/* Something changed in the store, here or in another process. */
static void on_change(void *user, unsigned bits)
{
    struct mail_imap_watch *w = the_watch;
    struct db *db;

    (void)user;
    if (!w || w->freed || !(bits & WATCH_MAIL))
        return;
    db = store_reader(w->store);
    for (size_t i = 0; i < w->accounts.len; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        bool stuck = a->stuck && clock_mono_ms() - a->pushed_ms < STUCK_PAUSE_MS;
        if (a->run || !a->session || !(wants_body(db, a->account) || (!stuck && mail_imap_waits(db, a->account))))
            continue;
        a->wants_push = true;
        stir(a, STIR_MS);
    }
}

/* Is this account watched? */
static bool is_watched(const struct mail_imap_watch *w, const char *account)
{
    for (size_t i = 0; i < w->accounts.len; i++)
        if (str_eq((*(struct watched **)vec_at(&w->accounts, i))->account, account))
            return true;
    return false;
}

/* Begins with the accounts of the config that are not watched yet. */
static void add_accounts(struct mail_imap_watch *w)
{
    const struct vec *accounts = config_accounts();
    for (size_t i = 0; i < accounts->len; i++) {
        const struct config_account *c = vec_at(accounts, i);
        if (!c->imap || c->maildir || is_watched(w, c->name))
            continue;
        struct watched *a = mem_alloc(sizeof *a);
        a->watch = w;
        a->account = mem_strdup(c->name);
        *(struct watched **)vec_push(&w->accounts) = a;
        connect_account(a);
    }
}

/* The config was read anew: what came is watched, too. */
void mail_imap_watch_renew(void)
{
    if (the_watch)
        add_accounts(the_watch);
}

/* The machine has slept. */
static void on_wake(void *user)
{
    struct mail_imap_watch *w = user;

    for (size_t i = 0; i < w->accounts.len; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        a->tries = 0;
        a->anew = a->link;
        if (a->link)
            mail_imap_link_cut(a->link);
        else
            connect_now(a);
    }
}

/* Begins. */
struct mail_imap_watch *mail_imap_watch_new(struct store *s)
{
    static struct store *listening;
    struct mail_imap_watch *w;

    if (offline || !mail_imap_any() || the_watch)
        return the_watch;
    w = mem_alloc(sizeof *w);
    w->store = s;
    vec_init(&w->accounts, sizeof(struct watched *), NULL);
    the_watch = w;
    if (listening != s)
        store_on_change(s, on_change, NULL);
    listening = s;
    w->standby = standby_new(store_loop(s), on_wake, w);
    add_accounts(w);
    return w;
}

/* Ends; lines that are open are closed first. */
void mail_imap_watch_free(struct mail_imap_watch *w)
{
    bool open = false;

    if (!w)
        return;
    if (the_watch == w)
        the_watch = NULL;
    standby_free(w->standby);
    w->standby = NULL;
    for (size_t i = 0; i < w->accounts.len; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        loop_remove(store_loop(w->store), a->timer);
        loop_remove(store_loop(w->store), a->stir);
        a->timer = a->stir = NULL;
        open = open || a->link || a->run;
        if (!w->freed && a->run)
            mail_imap_run_cancel(a->run);
        else if (!w->freed && a->link)
            mail_imap_link_close(a->link);
    }
    w->freed = true;
    for (size_t i = 0; i < w->accounts.len && open; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        if (a->link || a->run)
            return;
    }
    for (size_t i = 0; i < w->accounts.len; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        free(a->account);
        free(a);
    }
    vec_fini(&w->accounts);
    free(w);
}

/* A person asks: now, whatever pause there is. */
void mail_imap_watch_kick(void)
{
    struct mail_imap_watch *w = the_watch;

    for (size_t i = 0; w && i < w->accounts.len; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        a->tries = 0;
        a->wants_full = true;
        if (!a->link && !a->run) {
            connect_now(a);
        } else if (a->session) {
            stir(a, 0);
        }
    }
}

/* What the status row says. */
void mail_imap_words(struct str *out)
{
    const struct mail_imap_watch *w = the_watch;

    for (size_t i = 0; w && i < w->accounts.len; i++) {
        const struct watched *a = *(struct watched *const *)vec_at(&w->accounts, i);
        if (!error_is(&a->error))
            continue;
        str_addf(out, "%s%s: %s", out->len ? "  " : "", a->account,
                 a->error.status == STATUS_REFUSED ? _("login refused") : _("not reachable"));
    }
}

/* ---- work that falls due ---- */

/* Once; from then on the watch works by itself. */
static int64_t work_due(struct store *s)
{
    (void)s;
    return offline || the_watch || !mail_imap_any() ? CLOCK_NONE : clock_now();
}

/* Begins the watch; `work --once` waits until every account was looked at. */
static void work_run(struct store *s, void (*done)(void *user, int count, const struct error *err),
                     void *user)
{
    static const struct error none = ERROR_INIT;
    struct mail_imap_watch *w = mail_imap_watch_new(s);

    if (!w || !waits_for_all) {
        done(user, 0, &none);
        return;
    }
    w->done = done;
    w->user = user;
    for (size_t i = 0; i < w->accounts.len; i++) {
        (*(struct watched **)vec_at(&w->accounts, i))->going = true;
        w->waiting++;
    }
}

/* The program ends: what runs is broken off. */
static void work_stop(struct store *s)
{
    struct mail_imap_watch *w = the_watch;

    (void)s;
    for (size_t i = 0; w && i < w->accounts.len; i++) {
        struct watched *a = *(struct watched **)vec_at(&w->accounts, i);
        if (a->run)
            mail_imap_run_cancel(a->run);
        else if (a->link)
            mail_imap_link_cut(a->link);
    }
}

const struct hook_work mail_imap_work = {
    .name = "imap", .due = work_due, .run = work_run, .stop = work_stop};
