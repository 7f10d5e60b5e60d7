/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_sync.c - one look at one or all IMAP accounts, for `sync` and for batch commands that changed mail
 *
 * Every account has a link and a run of its own; they go on side by side and are told one by one. When a
 * watch holds the account in this process (imap_watch.c), it is asked instead. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "command/config.h"
#include "io/loop.h"
#include "mail/imap.h"
#include "mail/imap_link.h"
#include "mail/imap_run.h"

struct one {
    struct mail_imap_sync *sync;
    char *account; /* own */
    struct mail_imap_link *link;
    struct mail_imap_run *run;
    struct error error;
    int64_t doubtful;
    bool began; /* the run; an account that was never looked at is no success */
};

struct mail_imap_sync {
    struct store *store;
    struct mail_imap_sync_setup setup;
    void (*on_folder)(void *user, const struct mail_sync_folder *f);
    void (*on_done)(void *user, int64_t added, const struct error *err);
    void *user;
    struct vec accounts; /* struct one *, own */
    size_t open;
    int64_t added, pushed;
    bool cancelled;
};

/* Is there an account on a server? */
bool mail_imap_any(void)
{
    const struct vec *accounts = config_accounts();

    for (size_t i = 0; accounts && i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        if (a->imap && !a->maildir)
            return true;
    }
    return false;
}

/* The first error, or the question. */
static void sum_up(const struct mail_imap_sync *m, struct error *err)
{
    int64_t doubtful = 0;

    *err = ERROR_INIT;
    for (size_t i = 0; i < m->accounts.len; i++) {
        const struct one *o = *(struct one *const *)vec_at(&m->accounts, i);
        doubtful += o->doubtful;
        if (error_is(&o->error) && !error_is(err))
            *err = o->error;
    }
    if (error_is(err) || !doubtful)
        return;
    error_set(err, STATUS_REFUSED,
              P_("%lld mail is gone from the server all at once; here it is kept",
                 "%lld mails are gone from the server all at once; here they are kept", doubtful),
              (long long)doubtful);
    error_hint(err, _("if that is right: sync --yes puts them into the local trash"));
}

/* The last account has ended. */
static void finish(struct mail_imap_sync *m)
{
    struct error err;

    sum_up(m, &err);
    m->on_done(m->user, m->setup.push_only ? m->pushed : m->added, &err);
    for (size_t i = 0; i < m->accounts.len; i++) {
        struct one *o = *(struct one **)vec_at(&m->accounts, i);
        free(o->account);
        free(o);
    }
    vec_fini(&m->accounts);
    free(m);
}

/* One account less. */
static void one_ended(struct one *o)
{
    if (!o->run && !o->link && --o->sync->open == 0)
        finish(o->sync);
}

/* A folder's row. */
static void on_folder(void *user, const struct mail_sync_folder *f)
{
    struct one *o = user;

    if (o->sync->on_folder && !o->sync->cancelled)
        o->sync->on_folder(o->sync->user, f);
}

/* What happened to one mail. */
static void on_warn(void *user, const char *text, bool again)
{
    struct one *o = user;

    (void)again; /* who asks hears it each time */
    if (o->sync->setup.on_warn && !o->sync->cancelled)
        o->sync->setup.on_warn(o->sync->user, text);
}

/* An account was looked at. */
static void on_run_done(void *user, int64_t added, int64_t pushed, int64_t doubtful, const struct error *err)
{
    struct one *o = user;

    o->run = NULL;
    o->sync->added += added;
    o->sync->pushed += pushed;
    o->doubtful = doubtful;
    if (error_is(err) && !error_is(&o->error))
        o->error = *err;
    if (o->link)
        mail_imap_link_close(o->link);
    else
        one_ended(o);
}

/* The session is open. */
static void on_up(void *user, struct imap *session)
{
    static const struct mail_imap_run_events events = {
        .on_folder = on_folder, .on_warn = on_warn, .on_done = on_run_done};
    struct one *o = user;
    const struct mail_imap_sync_setup *s = &o->sync->setup;
    struct mail_imap_run_setup setup = {.account = o->account,
                                        .session = session,
                                        .confirmed = s->confirmed,
                                        .bodies = s->wait_bodies,
                                        .push_only = s->push_only,
                                        .body = s->body};

    o->began = true;
    o->run = mail_imap_run_new(o->sync->store, &setup, &events, o);
}

/* What it says. */
static void on_response(void *user, const struct imap_response *r)
{
    struct one *o = user;

    if (o->run)
        mail_imap_run_response(o->run, r);
}

/* The session is over. */
static void on_down(void *user, const struct error *why)
{
    struct one *o = user;

    o->link = NULL;
    if (o->run) {
        mail_imap_run_lost(o->run, why);
        return;
    }
    if (error_is(why) && why->status != STATUS_INTERRUPTED && !error_is(&o->error))
        o->error = *why;
    if (o->sync->cancelled && !error_is(&o->error))
        error_set(&o->error, STATUS_INTERRUPTED, _("stopped"));
    if (!o->began && !error_is(&o->error))
        error_set(&o->error, STATUS_UNREACHABLE, _("the server has ended the connection"));
    one_ended(o);
}

/* Has this account something to tell its server? Looks at the first rows of the queue only. */
static bool account_waits(struct db *db, const char *account)
{
    struct db_query *q = db_prepare(
        db, "WITH p AS (SELECT message,folder FROM mail_imap_push ORDER BY id LIMIT 2000)"
            " SELECT EXISTS(SELECT 1 FROM mail_imap_append WHERE sent<>2 AND account=?1)"
            " OR EXISTS(SELECT 1 FROM p JOIN mail_imap_copy c ON c.message=p.message"
            " JOIN mail_imap_folder f ON f.folder=c.folder WHERE f.account=?1)"
            " OR EXISTS(SELECT 1 FROM p JOIN mail_message m ON m.id=p.message JOIN mail_folder n"
            " ON n.id=m.folder OR n.id=p.folder WHERE n.account=?1 AND n.followed=2)");
    bool waits;

    db_bind_text(q, 1, account);
    waits = db_step(q) && db_int(q, 0);
    db_end(q);
    return waits;
}

/* The first step, from the loop. */
static void begin(void *user)
{
    static const struct mail_imap_link_events events = {
        .on_up = on_up, .on_response = on_response, .on_down = on_down};
    struct mail_imap_sync *m = user;
    const struct vec *accounts = config_accounts();

    for (size_t i = 0; accounts && i < accounts->len && !m->cancelled; i++) {
        const struct config_account *a = vec_at(accounts, i);
        struct one *o;
        if (!a->imap || a->maildir || (m->setup.account && !str_eq(m->setup.account, a->name)))
            continue;
        if (m->setup.push_only && !account_waits(store_reader(m->store), a->name))
            continue;
        o = mem_alloc(sizeof *o);
        o->sync = m;
        o->account = mem_strdup(a->name);
        *(struct one **)vec_push(&m->accounts) = o;
        m->open++;
    }
    free((char *)(uintptr_t)m->setup.account);
    m->setup.account = NULL;
    if (!m->open) {
        finish(m);
        return;
    }
    for (size_t i = 0; i < m->accounts.len; i++) {
        struct one *o = *(struct one **)vec_at(&m->accounts, i);
        o->link = mail_imap_link_open(m->store, o->account, &events, o);
    }
}

/* Begins. */
struct mail_imap_sync *mail_imap_sync(struct store *s, const struct mail_imap_sync_setup *setup,
                                      void (*on_folder_fn)(void *user, const struct mail_sync_folder *f),
                                      void (*on_done)(void *user, int64_t added, const struct error *err),
                                      void *user)
{
    struct mail_imap_sync *m = mem_alloc(sizeof *m);

    m->store = s;
    m->setup = *setup;
    m->setup.account = mem_strdup_maybe(setup->account);
    m->on_folder = on_folder_fn;
    m->on_done = on_done;
    m->user = user;
    vec_init(&m->accounts, sizeof(struct one *), NULL);
    loop_post(store_loop(s), begin, m);
    return m;
}

/* Stops all. */
void mail_imap_sync_cancel(struct mail_imap_sync *m)
{
    size_t n = m->accounts.len;

    m->cancelled = true;
    for (size_t i = n; i-- > 0;) { /* the last one may end it all */
        struct one *o = *(struct one **)vec_at(&m->accounts, i);
        bool last = m->open == 1 && (o->run || o->link);
        if (o->run)
            mail_imap_run_cancel(o->run);
        else if (o->link)
            mail_imap_link_cut(o->link);
        if (last)
            return;
    }
}

/* Is anything in the queue? */
bool mail_imap_waits(struct db *db, const char *account)
{
    const struct vec *accounts = config_accounts();

    for (size_t i = 0; accounts && i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        if (a->imap && !a->maildir && (!account || str_eq(account, a->name)) && account_waits(db, a->name))
            return true;
    }
    return false;
}

/* Stops all without waiting for answers. */
void mail_imap_sync_cut(struct mail_imap_sync *m)
{
    m->cancelled = true;
    for (size_t i = m->accounts.len; i-- > 0;) { /* the last one may end it all */
        struct one *o = *(struct one **)vec_at(&m->accounts, i);
        bool last = m->open == 1 && (o->run || o->link);
        if (o->link)
            mail_imap_link_cut(o->link);
        if (last)
            return;
    }
}
