/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write_back.c - a batch command's changes go to Maildirs and servers before it ends */
#include "mail/write_back.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "io/loop.h"
#include "mail/imap.h"
#include "mail/maildir.h"

#define STOP_MS 2000 /* no new step is begun */
#define CUT_MS 500   /* later: nor is an answer waited for */

struct back {
    struct store *store;
    bool offline, late;
    char *said; /* own: what a server refused, the first of it; NULL: nothing */
    struct mail_imap_sync *sync;
    struct loop_watch *timer;
    struct error files;
    void (*done)(void *user, const struct error *files, const struct error *server);
    void *user;
};

/* Tells and frees. */
static void finish(struct back *b, const struct error *server)
{
    b->done(b->user, &b->files, server);
    free(b->said);
    free(b);
}

/* The servers were told, or could not be. */
static void on_told(void *user, int64_t pushed, const struct error *err)
{
    struct back *b = user;
    struct error why = *err;

    (void)pushed;
    loop_remove(store_loop(b->store), b->timer);
    bool waits = mail_imap_waits(store_reader(b->store), NULL);
    if (b->said)
        error_set(&why, STATUS_REFUSED, "%s", b->said);
    else if (!waits)
        why = ERROR_INIT; /* what this was for is done */
    else if (b->late)
        error_set(&why, STATUS_UNREACHABLE, _("the server is slow to answer"));
    else if (!error_is(&why))
        error_set(&why, STATUS_REFUSED, _("not everything could be told yet"));
    if (waits && error_is(&why))
        error_prefix(&why, _("queued for the next sync"));
    finish(b, &why);
}

/* A server refuses a part of it. */
static void on_warn(void *user, const char *text)
{
    struct back *b = user;

    if (!b->said)
        b->said = mem_strdup(text);
}

/* It does not answer. */
static void on_stuck(void *user)
{
    struct back *b = user;

    b->timer = NULL;
    mail_imap_sync_cut(b->sync);
}

/* It takes too long. */
static void on_late(void *user)
{
    struct back *b = user;

    b->late = true;
    b->timer = loop_timer(store_loop(b->store), CUT_MS, on_stuck, b);
    mail_imap_sync_cancel(b->sync);
}

/* The files are written: now the servers. */
static void on_files(void *user, int64_t pushed, const struct error *err)
{
    static const struct mail_imap_sync_setup setup = {.push_only = true, .on_warn = on_warn};
    static const struct error none = ERROR_INIT;
    struct back *b = user;

    (void)pushed;
    if (error_is(err))
        error_set(&b->files, err->status, _("the Maildir could not be changed yet: %s"), err->text);
    if (b->offline || !mail_imap_any() || !mail_imap_waits(store_reader(b->store), NULL)) {
        finish(b, &none);
        return;
    }
    b->timer = loop_timer(store_loop(b->store), STOP_MS, on_late, b);
    b->sync = mail_imap_sync(b->store, &setup, NULL, on_told, b);
}

/* Begins. */
void mail_write_back(struct store *s, bool offline,
                     void (*done)(void *user, const struct error *files, const struct error *server),
                     void *user)
{
    struct back *b = mem_alloc(sizeof *b);

    b->store = s;
    b->offline = offline;
    b->done = done;
    b->user = user;
    mail_maildir_push(s, on_files, b);
}
