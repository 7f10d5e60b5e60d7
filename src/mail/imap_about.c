/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_about.c - what is told of IMAP accounts: `status`, what a server lacks; and bodies a person waits for */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "io/imap.h"
#include "mail/imap.h"
#include "mail/imap_refused.h"
#include "mail/store.h"

/* ---- bodies a person waits for ---- */

struct want {
    int64_t message;
    struct store *store;
    void (*done)(void *user, const struct error *err); /* NULL: nobody waits */
    void *user;
};

/* Notes that it is waited for, if it is on a server. */
static enum status want_run(struct db *db, void *record, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT OR IGNORE INTO mail_imap_want(message,at) SELECT ?1,?2 WHERE EXISTS (SELECT 1 FROM"
            " mail_imap_copy WHERE message=?1 AND whole=0)");
    enum status st;

    db_bind_int(q, 1, ((const struct want *)record)->message);
    db_bind_int(q, 2, clock_now());
    st = db_run(q, err);
    if (st == STATUS_OK && db_changed(db))
        db_touch(db, WATCH_MAIL); /* wakes the watch, of whatever process */
    return st;
}

static const struct store_op want_op = {
    .name = "mail.imap-want", .klass = OP_PERSON, .run = want_run, .free = free};

/* Its body comes next. */
void mail_imap_want(struct store *s, int64_t message)
{
    struct want *w = mem_alloc(sizeof *w);

    w->message = message;
    store_post(s, &want_op, w, NULL, NULL);
}

/* Fetched, or not. */
static void on_fetched(void *user, int64_t added, const struct error *err)
{
    struct want *w = user;

    (void)added;
    w->done(w->user, err);
    free(w);
}

/* It is noted: the server is asked. */
static void on_noted(void *user, void *record, const struct error *err)
{
    struct want *w = mem_alloc(sizeof *w);
    struct mail_imap_sync_setup setup = {.body = ((struct want *)record)->message};

    (void)user;
    *w = *(struct want *)record;
    if (error_is(err))
        on_fetched(w, 0, err);
    else
        mail_imap_sync(w->store, &setup, NULL, on_fetched, w);
}

/* Its body is fetched now. */
void mail_imap_fetch_body(struct store *s, int64_t message, void (*done)(void *user, const struct error *err),
                          void *user)
{
    struct want *w = mem_alloc(sizeof *w);

    w->message = message;
    w->store = s;
    w->done = done;
    w->user = user;
    store_post(s, &want_op, w, on_noted, NULL);
}

/* ---- status ---- */

#define LAST_SYNC "mail.last-sync" /* setting: seconds; followed by " ACCOUNT" for one */

/* The setting of an account, or of all. */
static char *last_name(const char *account)
{
    return account ? str_format(LAST_SYNC " %s", account) : mem_strdup(LAST_SYNC);
}

/* When an account was last in step. */
int64_t mail_imap_last(struct db *db, const char *account)
{
    char *name = last_name(account), *text = store_setting(db, name);
    long long at;
    bool known = text && str_to_int64(text, &at);

    free(name);
    free(text);
    return known ? at : CLOCK_NONE;
}

/* Now, for the account and for all. */
enum status mail_imap_last_set(struct db *db, const char *account, struct error *err)
{
    char *name = last_name(account), *now = str_format("%lld", (long long)clock_now());
    enum status st = store_setting_set(db, LAST_SYNC, now, err);

    if (st == STATUS_OK)
        st = store_setting_set(db, name, now, err);
    free(name);
    free(now);
    return st;
}

/* "refused", "last_sync" */
void mail_imap_status(struct store *s, struct json *out, struct str *words)
{
    int64_t at = mail_imap_last(store_reader(s), NULL);
    char text[CLOCK_TEXT];

    mail_imap_refused_status(store_reader(s), out, words);
    if (at != CLOCK_NONE)
        json_set_str(out, "last_sync", clock_rfc3339(at, text));
}

/* ---- what a server lacks ---- */

static const struct {
    const char *name, *why;
} wanted[] = {
    {"UIDPLUS", N_("moves by copying leave mails marked as deleted")},
    {"MOVE", N_("moves are made by copying")},
    {"CONDSTORE", N_("flags of all mails are read at each sync")},
    {"QRESYNC", N_("the list of all mails is read at each sync")},
    {"IDLE", N_("new mail is seen every mail.check-every")},
};

/* As bits. */
unsigned mail_imap_lacks(const struct imap *s)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!imap_has(s, wanted[i].name))
            bits |= 1u << i;
    return bits;
}

/* As words. */
void mail_imap_lacks_words(unsigned bits, struct str *out)
{
    str_puts(out, _("the server lacks "));
    for (unsigned i = 0, n = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (bits & 1u << i)
            str_addf(out, "%s%s (%s)", n++ ? ", " : "", wanted[i].name, _(wanted[i].why));
}
