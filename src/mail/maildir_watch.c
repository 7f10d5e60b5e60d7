/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maildir_watch.c - followed Maildirs stir: inotify wakes a sync; a change of ours is written back
 *
 * Nothing wakes up while nothing happens. Where inotify cannot be had (some network file systems,
 * too many watches) the directories are looked at every mail.check-every. */
#include <errno.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/path.h"
#include "command/hook.h"
#include "command/option.h"
#include "io/loop.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/inside.h"
#include "mail/maildir.h"
#include "mail/maildir_inside.h"
#include "mail/store.h"
#include "mail/wake.h"

#define SETTLE_MS 150 /* programs deliver in bursts */
#define STIRS (IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_CLOSE_WRITE)

struct mail_maildir_watch {
    struct store *store; /* borrow */
    int fd;
    struct loop_watch *ready, *timer;
    struct mail_maildir_sync *sync;
    size_t watched;
    bool again, blind, pushing, freed;
    int64_t last;  /* when the last sync ended; CLOCK_NONE: none yet */
    void (*done)(void *user, int count, const struct error *err); /* of the work hook */
    void *user;
};

static struct mail_maildir_watch *the_watch;

/* Puts a watch on a directory. */
static void watch_directory(struct mail_maildir_watch *w, const char *path)
{
    if (inotify_add_watch(w->fd, path, STIRS | IN_ONLYDIR) < 0) {
        if (errno == ENOSPC || errno == ENOMEM)
            w->blind = true;
    } else {
        w->watched++;
    }
}

/* Watches all folders that are there; the same directory twice is one watch. */
static void watch_all(struct mail_maildir_watch *w)
{
    struct vec places;

    if (w->fd < 0)
        return;
    w->watched = 0;
    maildir_places(NULL, &places);
    for (size_t i = 0; i < places.len; i++) {
        const struct maildir_place *p = vec_at(&places, i);
        char *cur = path_join(p->directory, "cur"), *new = path_join(p->directory, "new");
        watch_directory(w, cur);
        watch_directory(w, new);
        watch_directory(w, p->directory); /* folders that are made */
        free(cur);
        free(new);
    }
    vec_fini(&places);
}

static void stir(struct mail_maildir_watch *w, int64_t ms);

/* A sync has ended. */
static void on_synced(void *user, int64_t added, const struct error *err)
{
    struct mail_maildir_watch *w = user;
    void (*done)(void *user, int count, const struct error *err) = w->done;

    w->sync = NULL;
    if (w->freed) {
        if (done)
            done(w->user, 0, err);
        free(w);
        return;
    }
    w->last = clock_now();
    if (error_is(err))
        log_warn("maildir: %s", status_word(err->status));
    watch_all(w);
    w->done = NULL;
    if (done)
        done(w->user, (int)added, err);
    if (w->again) {
        w->again = false;
        stir(w, SETTLE_MS);
    } else if (w->blind) {
        stir(w, option_find("mail.check-every") ? option_int("mail.check-every") : 300000);
    }
}

/* Begins one. */
static void start_sync(void *user)
{
    struct mail_maildir_watch *w = user;

    w->timer = NULL;
    if (w->sync) {
        w->again = true;
        return;
    }
    w->sync = mail_maildir_sync(w->store, NULL, NULL, on_synced, w);
}

/* Asks for one in a moment. */
static void stir(struct mail_maildir_watch *w, int64_t ms)
{
    if (w->sync)
        w->again = true;
    else if (!w->timer)
        w->timer = loop_timer(store_loop(w->store), ms, start_sync, w);
}

/* inotify has something to tell; what it is, the scan finds out. */
static void on_ready(void *user, int events)
{
    struct mail_maildir_watch *w = user;
    char buffer[8192] __attribute__((aligned(8)));
    bool any = false;

    (void)events;
    while (read(w->fd, buffer, sizeof buffer) > 0)
        any = true;
    if (any)
        stir(w, SETTLE_MS);
}

/* Written back. */
static void on_pushed(void *user, int64_t pushed, const struct error *err)
{
    struct mail_maildir_watch *w = user;

    (void)pushed;
    w->pushing = false;
    if (error_is(err))
        log_warn("maildir: write back: %s", status_word(err->status));
    if (w->freed && !w->sync)
        free(w);
}

/* Something changed in the store, here or in another process. */
static void on_change(void *user, unsigned bits)
{
    struct mail_maildir_watch *w = the_watch;

    (void)user;
    if (!w || !(bits & WATCH_MAIL) || w->sync || w->pushing)
        return;
    w->pushing = true;
    mail_maildir_push(w->store, on_pushed, w);
}

/* Begins to watch. */
struct mail_maildir_watch *mail_maildir_watch_new(struct store *s)
{
    static struct store *listening;
    struct mail_maildir_watch *w;

    if (!maildir_any() || the_watch)
        return the_watch;
    w = mem_alloc(sizeof *w);
    w->store = s;
    w->last = CLOCK_NONE;
    w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->fd < 0)
        w->blind = true;
    else
        w->ready = loop_fd(store_loop(s), w->fd, LOOP_READ, on_ready, w);
    the_watch = w;
    if (listening != s)
        store_on_change(s, on_change, NULL);
    listening = s;
    watch_all(w);
    stir(w, 0);
    return w;
}

/* Ends; a sync under way ends by itself. */
void mail_maildir_watch_free(struct mail_maildir_watch *w)
{
    if (!w)
        return;
    if (the_watch == w)
        the_watch = NULL;
    loop_remove(store_loop(w->store), w->ready);
    loop_remove(store_loop(w->store), w->timer);
    w->ready = w->timer = NULL;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    w->freed = true;
    if (w->sync)
        mail_maildir_cancel(w->sync);
    else if (!w->pushing)
        free(w);
}

/* ---- work that falls due ---- */

/* At once the first time; from then on the watch works by itself. */
static int64_t work_due(struct store *s)
{
    if (!maildir_any())
        return CLOCK_NONE;
    if (!the_watch || (the_watch->last == CLOCK_NONE && !the_watch->sync))
        return clock_now();
    if (db_get_int(store_reader(s), "SELECT 1 FROM mail_push LIMIT 1", 0) && !the_watch->pushing &&
        !the_watch->sync)
        return clock_now();
    return CLOCK_NONE;
}

/* One sync; it begins the watch. */
static void work_run(struct store *s,
                     void (*done)(void *user, int count, const struct error *err), void *user)
{
    static const struct error none = ERROR_INIT;
    struct mail_maildir_watch *w = mail_maildir_watch_new(s);

    if (!w || w->done) {
        done(user, 0, &none);
        return;
    }
    w->done = done;
    w->user = user;
    stir(w, 0);
}

/* Breaks the sync off that somebody waits for. */
static void work_stop(struct store *s)
{
    static const struct error none = ERROR_INIT;
    struct mail_maildir_watch *w = the_watch;

    if (!w || !w->done)
        return;
    if (w->sync) {
        mail_maildir_cancel(w->sync);
        return;
    }
    void (*done)(void *user, int count, const struct error *err) = w->done;
    loop_remove(store_loop(s), w->timer);
    w->timer = NULL;
    w->done = NULL;
    done(w->user, 0, &none);
}

static const struct hook_work maildir_work = {
    .name = "maildir", .due = work_due, .run = work_run, .stop = work_stop};
const struct hook_work *const mail_works[] = {&maildir_work, &mail_imap_work, &mail_wake_work, &mail_reread_work, NULL};
