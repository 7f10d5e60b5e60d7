/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_run.c - one look at one IMAP account: lists, selects, compares; the steps in their order */
#include "mail/imap_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "command/option.h"
#include "io/loop.h"

#define LOCK_AGAIN_MS 50
#define LOCK_TRIES 1200 /* a minute: another program looks at this account */
#define SETTLE_MOST 100
#define DOUBT_MS 1000   /* so long a server may still be busy with what a line brought that dropped */

/* ---- steps ---- */

static void finish(struct mail_imap_run *r);

/* Everything committed: the end, if nothing is under way. */
static void try_finish(struct mail_imap_run *r)
{
    if (!r->ending || r->ops || r->commands || r->flushing)
        return;
    finish(r);
}

/* Ends it: what came in is committed first. */
static void end(struct mail_imap_run *r)
{
    if (r->ending)
        return;
    r->ending = true;
    if (r->intake) {
        r->flushing = true;
        mail_intake_flush(r->intake);
    }
    try_finish(r);
}

/* The first error counts. */
void mail_imap_run_fail(struct mail_imap_run *r, const struct error *err)
{
    if (!r->failed)
        r->error = *err;
    r->failed = true;
    end(r);
}

/* May it go on? */
bool mail_imap_run_goes(struct mail_imap_run *r)
{
    if (r->cancelled && !r->failed) {
        struct error err = ERROR_INIT;
        error_set(&err, STATUS_INTERRUPTED, _("stopped"));
        mail_imap_run_fail(r, &err);
    }
    return !r->ending && r->session;
}

/* The line is down. Commands end by themselves before this. */
void mail_imap_run_lost(struct mail_imap_run *r, const struct error *why)
{
    struct error err = *why;

    r->session = NULL;
    if (!error_is(&err))
        error_set(&err, STATUS_UNREACHABLE, _("the server has ended the connection"));
    mail_imap_run_fail(r, &err);
}

/* Stops behind the step under way. */
void mail_imap_run_cancel(struct mail_imap_run *r)
{
    r->cancelled = true;
    (void)mail_imap_run_goes(r);
}

struct run_wait {
    struct mail_imap_run *run;
    void (*then)(struct mail_imap_run *r, void *user, const struct imap_result *result);
    void *user;
    void (*drop)(void *user); /* when then is not called */
};

/* A command was answered, or never will be. */
static void on_answer(void *user, const struct imap_result *result)
{
    struct run_wait *w = user, wait = *w;
    struct mail_imap_run *r = wait.run;

    free(w);
    r->commands--;
    if (result->tagged)
        mail_imap_hear_code(r, result->tagged);
    if (result->end == IMAP_UNSENT || result->end == IMAP_LOST)
        mail_imap_run_fail(r, &result->error);
    if (r->ending) {
        if (wait.drop)
            wait.drop(wait.user);
        try_finish(r);
    } else if (wait.then) {
        wait.then(r, wait.user, result);
    }
}

/* Sends a command. */
void mail_imap_run_send(struct mail_imap_run *r, struct imap_command *c,
                        void (*then)(struct mail_imap_run *r, void *user,
                                     const struct imap_result *result),
                        void *user)
{
    mail_imap_run_hand(r, c, then, user, NULL);
}

/* The same with a record. */
void mail_imap_run_hand(struct mail_imap_run *r, struct imap_command *c,
                        void (*then)(struct mail_imap_run *r, void *user,
                                     const struct imap_result *result),
                        void *user, void (*drop)(void *user))
{
    struct run_wait *w = mem_alloc(sizeof *w);
    struct error err = ERROR_INIT;

    w->run = r;
    w->then = then;
    w->user = user;
    w->drop = drop;
    r->commands++;
    if (imap_send(c, on_answer, w, &err) == STATUS_OK)
        return;
    r->commands--;
    free(w);
    if (drop)
        drop(user);
    mail_imap_run_fail(r, &err);
}

struct op_wait {
    struct mail_imap_run *run;
    void (*then)(struct mail_imap_run *r, void *record);
};

/* An operation is committed. */
static void on_op(void *user, void *record, const struct error *err)
{
    struct op_wait *w = user, wait = *w;

    free(w);
    wait.run->ops--;
    if (error_is(err))
        mail_imap_run_fail(wait.run, err);
    if (wait.run->ending)
        try_finish(wait.run);
    else
        wait.then(wait.run, record);
}

/* Posts an operation. */
void mail_imap_run_post(struct mail_imap_run *r, const struct store_op *op, void *record,
                        void (*then)(struct mail_imap_run *r, void *record))
{
    struct op_wait *w = mem_alloc(sizeof *w);

    w->run = r;
    w->then = then;
    r->ops++;
    store_post(r->store, op, record, on_op, w);
}

/* A folder by its id. */
struct run_folder *mail_imap_run_folder(struct mail_imap_run *r, int64_t id)
{
    for (size_t i = 0; i < r->folders.len; i++) {
        struct run_folder *f = vec_at(&r->folders, i);
        if (f->id == id)
            return f;
    }
    return NULL;
}

/* Syntax with numbers in it. */
__attribute__((format(printf, 2, 3))) static void arg_format(struct imap_command *c, const char *format,
                                                             ...)
{
    struct str text = STR_INIT;
    va_list ap;

    va_start(ap, format);
    str_addfv(&text, format, ap);
    va_end(ap);
    imap_arg(c, str_text(&text));
    str_fini(&text);
}

/* Selects. */
void mail_imap_run_select(struct mail_imap_run *r, struct run_folder *f, bool resync,
                          void (*then)(struct mail_imap_run *r, void *user,
                                       const struct imap_result *result))
{
    struct imap_command *c = imap_command(r->session, "SELECT");

    mail_imap_heard_clear(&r->heard);
    r->selected = f->id;
    imap_arg_wire_name(c, f->wire);
    if (resync && imap_enabled(r->session, "QRESYNC") && f->state == MAIL_IMAP_SYNCED &&
        f->uidvalidity > 0 && f->modseq > 0) {
        arg_format(c, "(QRESYNC (%" PRId64 " %" PRId64 "))", f->uidvalidity, f->modseq);
    } else if (imap_has(r->session, "CONDSTORE") || imap_enabled(r->session, "QRESYNC")) {
        imap_arg(c, "(CONDSTORE)");
    }
    mail_imap_run_send(r, c, then, NULL);
}

/* ---- settling and the end ---- */

struct settling {
    char *account; /* own */
    bool confirmed;
    struct mail_imap_settled out;
};

/* Releases the record. */
static void settling_free(void *record)
{
    free(((struct settling *)record)->account);
    free(record);
}

/* The operation. */
static enum status settle_run(struct db *db, void *record, struct error *err)
{
    struct settling *s = record;
    enum status st = mail_imap_apply_old(db, s->account, err);

    if (st == STATUS_OK)
        st = mail_imap_settle(db, s->account, s->confirmed, SETTLE_MOST, &s->out, err);
    if (st == STATUS_OK && !s->out.left)
        st = mail_imap_last_set(db, s->account, err);
    return st;
}

static void settle(struct mail_imap_run *r);

/* Some are settled. */
static void on_settled(struct mail_imap_run *r, void *record)
{
    const struct settling *s = record;

    r->doubtful = s->out.doubtful;
    if (s->out.left && !s->out.doubtful)
        settle(r);
    else
        end(r);
}

/* Gone copies, when everything the server has was looked at. */
static void settle(struct mail_imap_run *r)
{
    static const struct store_op op = {
        .name = "mail.imap-settle", .klass = OP_BULK, .run = settle_run, .free = settling_free};
    struct settling *s;

    if (!mail_imap_run_goes(r))
        return;
    s = mem_alloc(sizeof *s);
    s->account = mem_strdup(r->account);
    s->confirmed = r->setup.confirmed;
    mail_imap_run_post(r, &op, s, on_settled);
}

/* Tells every folder and frees. */
static void finish(struct mail_imap_run *r)
{
    struct error err = r->error;

    for (size_t i = 0; i < r->folders.len && r->ev.on_folder; i++) {
        struct run_folder *f = vec_at(&r->folders, i);
        if (!f->name)
            continue;
        f->told.account = r->account;
        f->told.folder = f->name;
        r->ev.on_folder(r->user, &f->told);
    }
    mail_intake_free(r->intake);
    mail_imap_fetch_end(r);
    mail_imap_fetch_free(r->fetch);
    mail_imap_send_free(r->send);
    if (r->paused && r->session)
        imap_pause(r->session, false);
    if (r->lock >= 0)
        close(r->lock);
    loop_remove(store_loop(r->store), r->timer);
    if (r->ev.on_done)
        r->ev.on_done(r->user, r->added, r->pushed, r->doubtful, &err);
    vec_fini(&r->folders);
    mail_imap_heard_clear(&r->heard);
    vec_fini(&r->heard.told);
    vec_fini(&r->heard.thrids);
    imap_set_fini(&r->heard.vanished);
    imap_set_fini(&r->heard.found);
    str_fini(&r->heard.copy_from);
    str_fini(&r->heard.copy_to);
    free(r->prefix);
    vec_fini(&r->foreign);
    free(r->account);
    free(r);
}

/* ---- one folder ---- */

static void next_folder(struct mail_imap_run *r);

/* What is new of it is in (or begun): the next one. */
static void on_taken(struct mail_imap_run *r)
{
    r->at++;
    next_folder(r);
}

/* Everything that was heard is written. */
static void on_applied(struct mail_imap_run *r, void *record);

/* Hands what was heard to the writer. */
static void apply(struct mail_imap_run *r, bool reset)
{
    struct run_apply *a = mem_alloc(sizeof *a);

    a->folder = r->selected;
    a->heard = r->heard;
    a->reset = reset;
    mail_imap_heard_init(&r->heard);
    r->heard.any_keyword = a->heard.any_keyword;
    mail_imap_run_post(r, &mail_imap_apply_op, a, on_applied);
}

/* All UIDs and flags are here. */
static void on_compared(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct error err = ERROR_INIT;

    (void)user;
    if (result->end != IMAP_DONE) {
        mail_imap_run_fail(r, &result->error);
        return;
    }
    if (imap_set_count(&r->heard.found) > (uint64_t)r->heard.exists + 100000) {
        error_set(&err, STATUS_CORRUPT, _("the server of %s lists more mails than it has"), r->account);
        mail_imap_run_fail(r, &err);
        return;
    }
    apply(r, false);
}

/* Flags were told; now which UIDs there are. */
static void search_all(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct imap_command *c;

    (void)user;
    if (result && result->end != IMAP_DONE) {
        mail_imap_run_fail(r, &result->error);
        return;
    }
    r->full = true;
    c = imap_command(r->session, "UID SEARCH");
    if (imap_has(r->session, "ESEARCH"))
        imap_arg(c, "RETURN (ALL)");
    imap_arg(c, "ALL");
    mail_imap_run_send(r, c, on_compared, NULL);
}

/* Compares UID by UID: the flags of those we know, then which there are. */
static void compare(struct mail_imap_run *r, struct run_folder *f, int64_t since)
{
    struct imap_command *c;

    if (f->state == MAIL_IMAP_NEW || !f->messages) { /* nothing known: flags come with the mails */
        search_all(r, NULL, NULL);
        return;
    }
    c = imap_command(r->session, "UID FETCH");
    imap_arg(c, imap_has(r->session, "X-GM-EXT-1") ? "1:* (UID FLAGS X-GM-LABELS)" : "1:* (UID FLAGS)");
    if (since > 0)
        arg_format(c, "(CHANGEDSINCE %" PRId64 ")", since);
    mail_imap_run_send(r, c, search_all, NULL);
}

/* Its mails stand in their conversations: what is new comes. */
static void on_numbered(struct mail_imap_run *r)
{
    if (mail_imap_run_goes(r))
        mail_imap_fetch_folder(r, on_taken);
}

/* Everything that was heard is written, or the next slice is due. */
static void on_applied(struct mail_imap_run *r, void *record)
{
    struct run_apply *a = record, *again;
    struct run_folder *f = mail_imap_run_folder(r, a->folder);

    if (!mail_imap_run_goes(r) || !f)
        return;
    if (!a->over) {
        again = mem_alloc(sizeof *again);
        *again = *a;
        mail_imap_heard_init(&a->heard);
        mail_imap_run_post(r, &mail_imap_apply_op, again, on_applied);
        return;
    }
    f->told.changed += a->changed;
    f->told.gone += a->gone;
    f->state = MAIL_IMAP_SYNCED;
    f->uidvalidity = a->heard.uidvalidity;
    f->uidnext = a->heard.uidnext;
    f->modseq = a->heard.modseq;
    f->messages = a->heard.exists;
    if (a->known != a->heard.exists && !r->full) { /* something was not told: look at every UID */
        r->heard.exists = a->heard.exists;
        r->heard.uidvalidity = a->heard.uidvalidity;
        r->heard.uidnext = a->heard.uidnext;
        r->heard.modseq = a->heard.modseq;
        r->heard.no_modseq = a->heard.no_modseq;
        compare(r, f, 0);
        return;
    }
    if (!f->thrids && imap_has(r->session, "X-GM-EXT-1"))
        mail_imap_thrids(r, on_numbered);
    else
        mail_imap_fetch_folder(r, on_taken);
}

/* A folder is open. */
static void on_selected(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct run_folder *f = vec_at(&r->folders, r->at);
    bool other, condstore;

    (void)user;
    if (result->end == IMAP_DENIED) { /* gone meanwhile, or not ours to read: left as it is */
        log_warn("imap: a folder cannot be opened");
        r->selected = 0;
        r->at++;
        next_folder(r);
        return;
    }
    r->full = false;
    other = f->uidvalidity && f->uidvalidity != r->heard.uidvalidity;
    condstore = r->heard.modseq > 0 && !r->heard.no_modseq;
    if (other) {
        f->state = MAIL_IMAP_NEW;
        apply(r, true); /* counts differ then: it is compared UID by UID */
    } else if (f->state == MAIL_IMAP_SYNCED && condstore && f->modseq > 0 &&
               imap_enabled(r->session, "QRESYNC")) {
        apply(r, false);
    } else {
        compare(r, f, condstore ? f->modseq : 0);
    }
}

/* Folders were looked at: what a person changed goes out, bodies come in, what is gone is settled. */
static void on_sent(struct mail_imap_run *r)
{
    if (!mail_imap_run_goes(r))
        return;
    mail_imap_fetch_rest(r, r->setup.push_only ? end : settle);
}

/* The next folder that needs it. */
static void next_folder(struct mail_imap_run *r)
{
    if (!mail_imap_run_goes(r))
        return;
    while (r->at < r->folders.len && !((struct run_folder *)vec_at(&r->folders, r->at))->need)
        r->at++;
    if (r->at == r->folders.len)
        mail_imap_send_all(r, on_sent);
    else
        mail_imap_run_select(r, vec_at(&r->folders, r->at), true, on_selected);
}

/* ---- the list ---- */

/* Has the folder changed, by what STATUS says? */
static bool has_changed(const struct run_folder *f)
{
    const unsigned all = IMAP_HAS_UIDVALIDITY | IMAP_HAS_UIDNEXT | IMAP_HAS_HIGHESTMODSEQ |
                         IMAP_HAS_MESSAGES;

    return f->state != MAIL_IMAP_SYNCED || (f->now.has & all) != all || !f->now.modseq ||
           f->now.uidvalidity != f->uidvalidity || f->now.uidnext != f->uidnext ||
           f->now.modseq != f->modseq || f->now.messages != f->messages;
}

/* UIDs that were found and not fetched, or bodies that a person waits for. */
static bool has_todo(struct db *db, int64_t folder)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_imap_todo WHERE folder=?1 LIMIT 1");

    db_bind_int(q, 1, folder);
    return db_any(q);
}

/* The inbox first, then as people look at them. */
static int by_role(const void *a, const void *b)
{
    static const int order[] = {[MAIL_ROLE_INBOX] = 0, [MAIL_ROLE_SENT] = 2, [MAIL_ROLE_DRAFTS] = 1,
                                [MAIL_ROLE_OTHER] = 3, [MAIL_ROLE_ARCHIVE] = 4, [MAIL_ROLE_TRASH] = 5,
                                [MAIL_ROLE_SPAM] = 6};
    const struct run_folder *x = a, *y = b;
    int c = order[x->role] - order[y->role];

    return c ? c : strcmp(x->wire, y->wire);
}

/* The folders are stored: which are to be looked at? */
static void on_listed(struct mail_imap_run *r, void *record)
{
    struct run_listing *l = record;
    struct vec queued;

    if (!mail_imap_run_goes(r))
        return;
    r->trash = l->trash;
    r->drafts = l->drafts;
    r->sent = l->sent;
    r->folders = l->folders;
    vec_init(&l->folders, sizeof(struct run_folder), mail_imap_run_folder_fini);
    vec_sort(&r->folders, by_role);
    mail_imap_send_folders(store_reader(r->store), r->account, &queued);
    for (size_t i = 0; i < r->folders.len; i++) {
        struct run_folder *f = vec_at(&r->folders, i);
        f->need = !(f->attributes & IMAP_LIST_NOSELECT) &&
                  (has_changed(f) || has_todo(store_reader(r->store), f->id) ||
                   (!f->thrids && imap_has(r->session, "X-GM-EXT-1")));
        if (r->setup.push_only)
            f->need = f->need && mail_vec_has(&queued, f->id);
        if (r->setup.inbox_only)
            f->need = f->need && f->role == MAIL_ROLE_INBOX;
    }
    vec_fini(&queued);
    r->at = 0;
    if (r->setup.body)
        mail_imap_fetch_rest(r, end);
    else
        next_folder(r);
}

/* Everything is listed. */
static void store_list(struct mail_imap_run *r)
{
    struct run_listing *l;
    struct error err = ERROR_INIT;

    if (!mail_imap_run_goes(r))
        return;
    if (!r->folders.len) { /* an accident or a lie: nothing is believed of it */
        error_set(&err, STATUS_REFUSED, _("the server of %s lists no folders: nothing was changed here"),
                  r->account);
        error_hint(&err, _("try again later; “doctor” shows what the server says"));
        mail_imap_run_fail(r, &err);
        return;
    }
    l = mem_alloc(sizeof *l);
    l->account = mem_strdup(r->account);
    l->prefix = mem_strdup_maybe(r->prefix);
    strv_init(&l->foreign);
    for (size_t i = 0; i < r->foreign.len; i++)
        strv_push(&l->foreign, strv_at(&r->foreign, i));
    l->utf8 = imap_enabled(r->session, "UTF8=ACCEPT");
    l->folders = r->folders;
    vec_init(&r->folders, sizeof(struct run_folder), mail_imap_run_folder_fini);
    mail_imap_run_post(r, &mail_imap_list_op, l, on_listed);
}

#define STATUS_ITEMS "(MESSAGES UIDNEXT UIDVALIDITY"

/* STATUS of one folder; the last one's answer ends the step. */
static void on_status(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)user;
    (void)result; /* NO: it is opened to see */
    if (!r->commands)
        store_list(r);
}

/* LIST is answered; a server without LIST-STATUS is asked for each folder, all at once. */
static void on_list(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    bool modseq = imap_has(r->session, "CONDSTORE") || imap_enabled(r->session, "QRESYNC"), any = false;

    (void)user;
    if (result->end != IMAP_DONE) {
        mail_imap_run_fail(r, &result->error);
        return;
    }
    for (size_t i = 0; i < r->folders.len && !imap_has(r->session, "LIST-STATUS"); i++) {
        const struct run_folder *f = vec_at(&r->folders, i);
        struct imap_command *c;
        if (f->attributes & IMAP_LIST_NOSELECT)
            continue;
        c = imap_command(r->session, "STATUS");
        imap_arg_wire_name(c, f->wire);
        imap_arg(c, modseq ? STATUS_ITEMS " HIGHESTMODSEQ)" : STATUS_ITEMS ")");
        mail_imap_run_send(r, c, on_status, NULL);
        any = true;
    }
    if (!any)
        store_list(r);
}

/* Asks for everything in one trip where the server can. */
static void list(struct mail_imap_run *r)
{
    struct imap_command *c;
    bool special = imap_has(r->session, "SPECIAL-USE");
    bool modseq = imap_has(r->session, "CONDSTORE") || imap_enabled(r->session, "QRESYNC");

    if (!mail_imap_run_goes(r))
        return;
    if (imap_has(r->session, "NAMESPACE"))
        mail_imap_run_send(r, imap_command(r->session, "NAMESPACE"), NULL, NULL);
    c = imap_command(r->session, "LIST");
    imap_arg(c, "\"\" \"*\"");
    if (imap_has(r->session, "LIST-STATUS")) {
        imap_arg(c, special ? "RETURN (SPECIAL-USE STATUS" : "RETURN (STATUS");
        imap_arg(c, modseq ? STATUS_ITEMS " HIGHESTMODSEQ))" : STATUS_ITEMS "))");
    } else if (special && imap_has(r->session, "LIST-EXTENDED")) {
        imap_arg(c, "RETURN (SPECIAL-USE)");
    }
    mail_imap_run_send(r, c, on_list, NULL);
}

/* ---- the beginning ---- */

/* One program at a time looks at an account, or what waits would be sent twice. */
static void begin(void *user)
{
    struct mail_imap_run *r = user;
    struct error err = ERROR_INIT;
    char *name, *path;

    r->timer = NULL;
    if (!mail_imap_run_goes(r))
        return;
    if (r->lock < 0) {
        name = str_format("imap-%s.lock", r->account);
        for (char *c = name; *c; c++)
            if (*c == '/')
                *c = '_';
        path = path_join(store_paths(r->store)->state, name);
        r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (r->lock < 0)
            error_set_errno(&err, errno, "%s", path);
        free(path);
        free(name);
    }
    if (r->lock < 0) {
        mail_imap_run_fail(r, &err);
    } else if (flock(r->lock, LOCK_EX | LOCK_NB) == 0) {
        /* An append or a COPY whose end nobody knows may be done this very moment: looked at too soon it is missed. */
        if (!r->waited && mail_imap_in_doubt(store_reader(r->store), r->account))
            r->timer = loop_timer(store_loop(r->store), DOUBT_MS, begin, r);
        else
            list(r);
        r->waited = true;
    } else if (++r->lock_tries > LOCK_TRIES) {
        error_set(&err, STATUS_LOCKED, _("another bureau looks at %s"), r->account);
        mail_imap_run_fail(r, &err);
    } else {
        r->timer = loop_timer(store_loop(r->store), LOCK_AGAIN_MS, begin, r);
    }
}

/* Nothing follows. */
static void on_large(struct mail_imap_run *r)
{
    (void)r;
}

/* Says so of a mail whose header is all that is taken. */
static void warn_large(struct mail_imap_run *r, int64_t folder, int64_t message)
{
    struct mail_row row = {0};
    struct error err = ERROR_INIT;
    bool large = r->large && mail_row_get(store_reader(r->store), message, &row, &err) == STATUS_OK &&
                 row.flags & DOC_PARTIAL && row.size > (int64_t)MAIL_SIZE_MOST;
    char *why;

    mail_row_fini(&row);
    if (!large)
        return;
    r->large--;
    why = str_format(_("larger than %d MB: only its header is taken"), (int)(MAIL_SIZE_MOST >> 20));
    struct mail_imap_refusal refusal = {.message = message, .copy = MAIL_IMAP_LARGE, .folder = folder, .why = why,
                                        .no = MAIL_IMAP_NEVER};
    mail_imap_run_refused(r, &refusal, on_large);
    free(why);
}

/* One mail was stored. */
static void on_item(void *user, const struct mail_intake_result *result)
{
    struct mail_imap_run *r = user;
    long long folder;
    struct run_folder *f;

    if (result->error) {
        if (!r->failed)
            mail_imap_run_fail(r, result->error);
        return;
    }
    if (result->duplicate)
        return;
    r->added++;
    f = str_to_int64(result->name, &folder) ? mail_imap_run_folder(r, folder) : NULL;
    if (f)
        f->told.added++;
    warn_large(r, f ? f->id : 0, result->id);
}

/* The writer keeps up again. */
static void on_room(void *user)
{
    struct mail_imap_run *r = user;

    if (r->timer) /* a slice has ended: it goes on by itself */
        return;
    if (r->paused && r->session)
        imap_pause(r->session, false);
    r->paused = false;
    r->slice_ms = clock_mono_ms();
}

/* Everything that came is committed. */
static void on_empty(void *user)
{
    struct mail_imap_run *r = user;
    void (*next)(struct mail_imap_run *r) = r->next;

    r->flushing = false;
    r->next = NULL;
    if (r->ending)
        try_finish(r);
    else if (next)
        next(r);
}

/* Begins a run. */
struct mail_imap_run *mail_imap_run_new(struct store *s, const struct mail_imap_run_setup *setup,
                                        const struct mail_imap_run_events *ev, void *user)
{
    static const struct mail_intake_events events = {
        .on_item = on_item, .on_room = on_room, .on_empty = on_empty};
    struct mail_imap_run *r = mem_alloc(sizeof *r);
    const struct option *o = option_find("triage.horizon");

    r->store = s;
    r->setup = *setup;
    r->session = setup->session;
    r->account = mem_strdup(setup->account);
    r->setup.account = r->account;
    r->ev = *ev;
    r->user = user;
    r->lock = -1;
    r->horizon = clock_now() - (o ? option_int("triage.horizon") : INT64_C(2592000000)) / 1000;
    vec_init(&r->folders, sizeof(struct run_folder), mail_imap_run_folder_fini);
    strv_init(&r->foreign);
    mail_imap_heard_init(&r->heard);
    r->intake = mail_intake_new(s, &events, r);
    r->timer = loop_timer(store_loop(s), 0, begin, r);
    return r;
}
