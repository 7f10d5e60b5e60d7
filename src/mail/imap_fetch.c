/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_fetch.c - mails come from an IMAP server: headers of the newest first, bodies by policy
 *
 * Work is handed out in chunks of UIDs, newest first, two commands under way at a time, small chunks
 * before large ones. A body a person waits for is the next chunk, whatever folder it lies in. When the
 * policy is "all" and the line is quick the headers of old mail are not fetched apart: whole mails come
 * as fast. What is fetched goes through the intake; when that is full the session stops reading. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "command/config.h"
#include "command/option.h"
#include "io/loop.h"
#include "mail/imap_run.h"

#define FEW 60            /* so many new mails are taken whole at once */
#define FIRST_HEADERS 200 /* of a full inbox: usable after these */
#define HEADERS_MOST 500
#define BODIES_FIRST 20
#define BODIES_MOST 250
#define AT_ONCE 2         /* commands under way */
#define QUICK_MS 1000     /* a chunk that took less is followed by a larger one */
#define SLOW_RATE 50      /* whole mails a second; below, headers come first */
#define UIDS_MOST 200000  /* of one folder looked at in one run */
#define WANT_MOST 20
#define TOLD_FROM 100     /* mails */
#define STEP_MS 500
#define SLICE_MS 6        /* of taking mails, then the loop does something else */

/* UIDs of one folder to be fetched in one way. */
struct chunk {
    int64_t folder;
    bool header;
    struct imap_set uids;
    int64_t count, start_ms;
};

struct run_fetch {
    void (*then)(struct mail_imap_run *r);
    bool rest;             /* all folders, else the one selected */
    size_t at;             /* folder of the rest */
    bool listed;           /* its lists are made */
    struct vec headers, bodies; /* int64_t: UIDs, newest first */
    size_t header_at, body_at;
    struct chunk *next;    /* own: waits for its folder to be selected */
    size_t under_way;
    struct imap_set asked; /* UIDs asked for in the folder selected: nothing else is taken */
    struct vec wants;      /* int64_t: messages that were asked for in this run */
    size_t size;           /* of the next chunk */
    int64_t rate;          /* whole mails a second, of the last chunk; 0 unknown */
    bool again;            /* headers came: the list of bodies is made anew */
    int64_t measured, from; /* folder, and from which UID on its too large mails are known */
    struct imap_set large;  /* those: their header is all that is taken */
    struct imap_set had_headers, had_bodies; /* asked for in this folder: never twice in a run */
};

static void pump(struct mail_imap_run *r);

/* Releases a chunk. */
static void chunk_free(void *chunk)
{
    struct chunk *c = chunk;

    if (c)
        imap_set_fini(&c->uids);
    free(c);
}

/* Releases it. */
void mail_imap_fetch_free(struct run_fetch *f)
{
    if (!f)
        return;
    vec_fini(&f->headers);
    vec_fini(&f->bodies);
    vec_fini(&f->wants);
    imap_set_fini(&f->asked);
    imap_set_fini(&f->large);
    imap_set_fini(&f->had_headers);
    imap_set_fini(&f->had_bodies);
    chunk_free(f->next);
    free(f);
}

/* Bodies of the last so many days; 0: all, -1: only those that are opened. */
static int64_t policy_days(const char *account)
{
    const struct config_account *a = config_account(account);
    const char *text = option_find("mail.bodies") ? option_text("mail.bodies") : "all";
    long long days;
    char *number;

    if (a && a->keep_days > 0 && !option_is_set("mail.bodies"))
        return a->keep_days;
    if (str_eq(text, "demand"))
        return -1;
    number = mem_strndup(text, strspn(text, "0123456789"));
    if (!str_to_int64(number, &days) || days <= 0)
        days = 0;
    free(number);
    return days;
}

/* ---- what is to be fetched ---- */

/* UIDs of a statement over the folder and a number that are not in `had`, newest first. */
static void read_uids(struct db *db, const char *sql, int64_t folder, int64_t n,
                      const struct imap_set *had, struct vec *uids)
{
    struct db_query *q = db_prepare(db, sql);

    vec_clear(uids);
    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, n);
    db_bind_int(q, 3, UIDS_MOST);
    while (db_step(q))
        if (!imap_set_has(had, (uint32_t)db_int(q, 0)))
            mail_vec_add(uids, db_int(q, 0));
    db_end(q);
}

/* Copies of an earlier UIDVALIDITY in the folder: headers find them again. */
static bool has_old(struct db *db, int64_t folder)
{
    struct db_query *q = db_prepare(
        db, "SELECT 1 FROM mail_imap_copy WHERE folder=?1 AND uid<0 AND state=3 LIMIT 1");

    db_bind_int(q, 1, folder);
    return db_any(q);
}

#define UNSEEN_UIDS "SELECT uid FROM mail_imap_todo WHERE folder=?1 AND ?2=?2 ORDER BY uid DESC LIMIT ?3"
#define MOST "104857600" /* MAIL_SIZE_MOST */
#define PARTS                                                                                      \
    "SELECT c.uid FROM mail_imap_copy c WHERE c.folder=?1 AND c.whole=0 AND c.state=0 AND c.uid>0" \
    " AND c.message<>0 AND c.received>=?2 AND c.size<=" MOST " ORDER BY c.uid DESC LIMIT ?3"

/* Makes the lists of a folder: what the policy wants of it. */
static void make_lists(struct mail_imap_run *r, struct run_fetch *f, int64_t folder)
{
    struct db *db = store_reader(r->store);
    int64_t days = policy_days(r->account);

    f->header_at = f->body_at = 0;
    f->listed = true;
    f->again = false;
    vec_clear(&f->headers);
    vec_clear(&f->bodies);
    if (days >= 0)
        read_uids(db, PARTS, folder, days ? clock_now() - days * 86400 : INT64_MIN,
                  &f->had_bodies, &f->bodies);
    if (days || has_old(db, folder)) {
        read_uids(db, UNSEEN_UIDS, folder, 0, &f->had_headers, &f->headers);
        f->again = f->headers.len > 0 && days >= 0;
    } else {
        struct vec more;
        vec_init(&more, sizeof(int64_t), NULL);
        bool slow = f->rate && f->rate < SLOW_RATE;
        read_uids(db, UNSEEN_UIDS, folder, 0, slow ? &f->had_headers : &f->had_bodies, &more);
        f->again = slow && more.len > 0;
        for (size_t i = 0; i < more.len; i++)
            mail_vec_add(slow ? &f->headers : &f->bodies, mail_vec_int(&more, i));
        vec_fini(&more);
    }
    r->to_fetch += (int64_t)(f->bodies.len + f->headers.len);
}

/* Takes up to n of a list. */
static struct chunk *take_from(const struct vec *list, size_t *at, size_t n, int64_t folder, bool header,
                               struct imap_set *had)
{
    struct chunk *c = mem_alloc(sizeof *c);

    imap_set_init(&c->uids);
    c->folder = folder;
    c->header = header;
    for (; *at < list->len && (size_t)c->count < n; c->count++, (*at)++) {
        uint32_t uid = (uint32_t)mail_vec_int(list, *at);
        imap_set_add(&c->uids, uid, uid);
        imap_set_add(had, uid, uid);
    }
    return c;
}

/* A body a person waits for; NULL: none. */
static struct chunk *wanted(struct mail_imap_run *r, struct run_fetch *f)
{
    struct db_query *q = db_prepare(
        store_reader(r->store),
        "SELECT w.message,c.folder,c.uid FROM mail_imap_want w JOIN mail_imap_copy c ON"
        " c.message=w.message JOIN mail_imap_folder f ON f.folder=c.folder WHERE f.account=?1"
        " AND c.whole=0 AND c.state=0 AND c.uid>0 AND c.size<=" MOST " ORDER BY w.at DESC LIMIT ?2");
    struct chunk *c = NULL;
    bool found = false;

    db_bind_text(q, 1, r->account);
    db_bind_int(q, 2, WANT_MOST);
    while (!found && db_step(q)) {
        if (mail_vec_has(&f->wants, db_int(q, 0)) || !mail_imap_run_folder(r, db_int(q, 1)))
            continue;
        mail_vec_add(&f->wants, db_int(q, 0));
        c = mem_alloc(sizeof *c);
        imap_set_init(&c->uids);
        c->folder = db_int(q, 1);
        imap_set_add(&c->uids, (uint32_t)db_int(q, 2), (uint32_t)db_int(q, 2));
        c->count = 1;
        found = true;
    }
    db_end(q);
    return c;
}

/* On to the next folder. */
static void next_list(struct run_fetch *f)
{
    f->at++;
    f->listed = false;
    imap_set_clear(&f->had_headers);
    imap_set_clear(&f->had_bodies);
}

/* The next chunk; NULL: none. */
static struct chunk *next_chunk(struct mail_imap_run *r, struct run_fetch *f)
{
    struct chunk *c = wanted(r, f);

    if (c || (f->rest && (r->setup.body || r->setup.push_only)))
        return c;
    while (!f->rest || f->at < r->folders.len) {
        int64_t folder = f->rest ? ((struct run_folder *)vec_at(&r->folders, f->at))->id : r->selected;
        if (f->rest && !f->listed) {
            const struct run_folder *at = vec_at(&r->folders, f->at);
            if (at->attributes & IMAP_LIST_NOSELECT || at->state != MAIL_IMAP_SYNCED ||
                (r->setup.inbox_only && at->role != MAIL_ROLE_INBOX)) {
                next_list(f);
                continue;
            }
            make_lists(r, f, folder);
        }
        if (f->header_at < f->headers.len)
            return take_from(&f->headers, &f->header_at, HEADERS_MOST, folder, true,
                             &f->had_headers);
        if (f->body_at < f->bodies.len)
            return take_from(&f->bodies, &f->body_at, f->size, folder, false, &f->had_bodies);
        if (!f->rest || f->again)
            return NULL;
        next_list(f);
    }
    return NULL;
}

/* ---- how far it is, for the status row of every screen ---- */

/* A step of the job: begun, gone on, or ended. */
struct step {
    struct job_claim claim; /* id 0: not begun */
    char *account;          /* own */
    int64_t done, total;
    bool ends;
};

/* Releases the record. */
static void step_free(void *record)
{
    free(((struct step *)record)->account);
    free(record);
}

/* The operation; a job that somebody cancelled or took over does not stop the mail. */
static enum status step_run(struct db *db, void *record, struct error *err)
{
    struct step *s = record;
    enum status st = STATUS_OK;

    if (!s->claim.id)
        st = job_start(db, "sync", s->account, &s->claim, err);
    if (st == STATUS_OK && s->ends)
        st = job_finish(db, s->claim, "done", NULL, NULL, err);
    else if (st == STATUS_OK)
        st = job_progress(db, s->claim, s->done, s->total, s->account, err);
    if (st == STATUS_STALE) {
        s->claim = (struct job_claim){0};
        *err = ERROR_INIT;
        st = STATUS_OK;
    }
    return st;
}

static const struct store_op step_op = {
    .name = "mail.imap-step", .klass = OP_STREAM, .run = step_run, .free = step_free};

/* The claim goes on. */
static void on_step(struct mail_imap_run *r, void *record)
{
    r->job = ((struct step *)record)->claim;
    r->stepping = false;
}

/* Tells how far it is, when it takes long enough to be told. */
static void tell_progress(struct mail_imap_run *r)
{
    struct step *s;

    if (r->to_fetch < TOLD_FROM || r->stepping || clock_mono_ms() - r->step_ms < STEP_MS)
        return;
    r->step_ms = clock_mono_ms();
    r->stepping = true;
    s = mem_alloc(sizeof *s);
    s->claim = r->job;
    s->account = mem_strdup(r->account);
    s->done = r->fetched;
    s->total = r->to_fetch;
    mail_imap_run_post(r, &step_op, s, on_step);
}

/* It has ended. */
void mail_imap_fetch_end(struct mail_imap_run *r)
{
    struct step *s;

    if (!r->job.id)
        return;
    s = mem_alloc(sizeof *s);
    s->claim = r->job;
    s->account = mem_strdup(r->account);
    s->ends = true;
    store_post(r->store, &step_op, s, NULL, NULL);
}

/* ---- under way ---- */

/* The chunk came. */
static void on_chunk(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct chunk *c = user;
    struct run_fetch *f = r->fetch;
    int64_t ms = clock_mono_ms() - c->start_ms;

    f->under_way--;
    r->fetched += c->count;
    tell_progress(r);
    if (!c->header && c->count >= BODIES_FIRST) {
        f->rate = c->count * 1000 / (ms > 0 ? ms : 1);
        if (ms < QUICK_MS && f->size < BODIES_MOST)
            f->size = f->size * 2 < BODIES_MOST ? f->size * 2 : BODIES_MOST;
        else if (ms > 4 * QUICK_MS && f->size > BODIES_FIRST)
            f->size /= 2;
        if (f->rest && f->rate < SLOW_RATE && !f->again && f->bodies.len - f->body_at > HEADERS_MOST) {
            f->body_at = f->bodies.len; /* the lists are made anew, headers first */
            f->again = true;
        }
    }
    chunk_free(c);
    if (result->end == IMAP_DENIED)
        mail_imap_run_fail(r, &result->error);
    if (mail_imap_run_goes(r))
        pump(r);
}

/* Asks for a chunk of the folder selected. */
static void send_chunk(struct mail_imap_run *r, struct chunk *c)
{
    struct run_fetch *f = r->fetch;
    struct imap_command *cmd = imap_command(r->session, "UID FETCH");
    bool gmail = imap_has(r->session, "X-GM-EXT-1");

    for (size_t i = 0; i < c->uids.ranges.len; i++) {
        const struct imap_range *range = vec_at(&c->uids.ranges, i);
        imap_set_add(&f->asked, range->first, range->last);
    }
    imap_arg_set(cmd, &c->uids);
    imap_arg(cmd, gmail ? "(UID FLAGS INTERNALDATE RFC822.SIZE X-GM-LABELS X-GM-THRID"
                        : "(UID FLAGS INTERNALDATE RFC822.SIZE");
    if (r->heard.modseq > 0 || imap_enabled(r->session, "QRESYNC"))
        imap_arg(cmd, "MODSEQ");
    imap_arg(cmd, c->header ? "BODY.PEEK[HEADER])" : "BODY.PEEK[])");
    c->start_ms = clock_mono_ms();
    f->under_way++;
    mail_imap_run_hand(r, cmd, on_chunk, c, chunk_free);
}

/* Sends a chunk; of the mails that are too large the headers. */
static void send_measured(struct mail_imap_run *r, struct chunk *c)
{
    struct run_fetch *f = r->fetch;
    struct chunk *heads = mem_alloc(sizeof *heads);
    uint32_t uid = 0;

    imap_set_init(&heads->uids);
    heads->folder = c->folder;
    heads->header = true;
    while (!c->header && imap_set_next(&f->large, &uid))
        if (imap_set_has(&c->uids, uid)) {
            imap_set_remove(&c->uids, uid, uid);
            imap_set_add(&heads->uids, uid, uid);
            heads->count++;
            c->count--;
        }
    if (heads->count) {
        log_warn("imap: a mail that is too large: its header is taken alone");
        send_chunk(r, heads);
    } else {
        chunk_free(heads);
    }
    if (imap_set_count(&c->uids) && mail_imap_run_goes(r))
        send_chunk(r, c);
    else
        chunk_free(c);
}

/* The too large mails of the folder are known; a server that cannot say is believed to have none. */
static void on_measured(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct run_fetch *f = r->fetch;
    uint32_t uid = 0;

    (void)user;
    (void)result;
    f->measured = r->selected;
    imap_set_clear(&f->large);
    while (imap_set_next(&r->heard.found, &uid))
        imap_set_add(&f->large, uid, uid);
    imap_set_clear(&r->heard.found);
    pump(r);
}

/* The lowest UID of a chunk. */
static int64_t lowest(const struct chunk *c)
{
    uint32_t uid = 0;

    return imap_set_next(&c->uids, &uid) ? uid : 0;
}

/* May it be sent, or are the too large ones to be found first? */
static bool is_measured(const struct run_fetch *f, const struct chunk *c)
{
    return c->header || (f->measured == c->folder && lowest(c) >= f->from);
}

/* Which mails of the folder, of those that are fetched, are too large to be taken? */
static void measure(struct mail_imap_run *r, const struct chunk *next)
{
    struct run_fetch *f = r->fetch;
    struct imap_command *c = imap_command(r->session, "UID SEARCH");
    int64_t last = f->bodies.len ? mail_vec_int(&f->bodies, f->bodies.len - 1) : 0;
    char words[80];

    f->from = lowest(next);
    if (last && last < f->from)
        f->from = last;
    imap_set_clear(&r->heard.found);
    if (imap_has(r->session, "ESEARCH"))
        imap_arg(c, "RETURN (ALL)");
    snprintf(words, sizeof words, "UID %lld:* LARGER " MOST, (long long)f->from);
    imap_arg(c, words);
    mail_imap_run_send(r, c, on_measured, NULL);
}

/* The folder of the chunk that waits is open. */
static void on_reselected(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct run_fetch *f = r->fetch;
    const struct run_folder *folder = mail_imap_run_folder(r, r->selected);

    (void)user;
    imap_set_clear(&f->asked);
    if (result->end != IMAP_DONE || !folder || r->heard.uidvalidity != folder->uidvalidity) {
        chunk_free(f->next); /* another time */
        f->next = NULL;
        r->selected = 0;
        if (f->rest)
            next_list(f);
    }
    if (mail_imap_run_goes(r))
        pump(r);
}

/* All is committed: what came next. */
static void on_flushed(struct mail_imap_run *r)
{
    struct run_fetch *f = r->fetch;

    if (!mail_imap_run_goes(r))
        return;
    if (f->rest && f->again) {
        f->listed = false;
        pump(r);
        return;
    }
    void (*then)(struct mail_imap_run *) = f->then;
    mail_imap_fetch_free(f);
    r->fetch = NULL;
    then(r);
}

/* Keeps the line busy. */
static void pump(struct mail_imap_run *r)
{
    struct run_fetch *f = r->fetch;

    while (f->under_way < AT_ONCE && mail_imap_run_goes(r)) {
        struct chunk *c = f->next ? f->next : next_chunk(r, f);
        f->next = NULL;
        if (!c)
            break;
        if (c->folder == r->selected && is_measured(f, c)) {
            send_measured(r, c);
            continue;
        }
        f->next = c;
        if (c->folder == r->selected) {
            if (!f->under_way)
                measure(r, c);
            return;
        }
        if (!f->under_way)
            mail_imap_run_select(r, mail_imap_run_folder(r, c->folder), false, on_reselected);
        return;
    }
    if (f->under_way || !mail_imap_run_goes(r))
        return;
    r->next = on_flushed;
    r->flushing = true;
    mail_intake_flush(r->intake);
}

/* A new one. */
static struct run_fetch *fetch_new(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r))
{
    struct run_fetch *f = mem_alloc(sizeof *f);

    f->then = then;
    f->size = BODIES_FIRST;
    vec_init(&f->headers, sizeof(int64_t), NULL);
    vec_init(&f->bodies, sizeof(int64_t), NULL);
    vec_init(&f->wants, sizeof(int64_t), NULL);
    imap_set_init(&f->asked);
    imap_set_init(&f->large);
    imap_set_init(&f->had_headers);
    imap_set_init(&f->had_bodies);
    r->fetch = f;
    return f;
}

/* The folder that was just compared: few new mails whole, of many in the inbox the newest headers. */
void mail_imap_fetch_folder(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r))
{
    struct db *db = store_reader(r->store);
    const struct run_folder *at = mail_imap_run_folder(r, r->selected);
    struct run_fetch *f = fetch_new(r, then);
    int64_t days = policy_days(r->account);

    read_uids(db, UNSEEN_UIDS, r->selected, 0, &f->had_bodies, &f->bodies);
    if (days || has_old(db, r->selected) || f->bodies.len > FEW) {
        struct vec all = f->bodies;
        vec_init(&f->bodies, sizeof(int64_t), NULL);
        for (size_t i = 0; i < all.len && i < FIRST_HEADERS && at && at->role == MAIL_ROLE_INBOX; i++)
            mail_vec_add(&f->headers, mail_vec_int(&all, i));
        vec_fini(&all);
    }
    pump(r);
}

/* Everything else the policy wants. */
void mail_imap_fetch_rest(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r))
{
    fetch_new(r, then)->rest = true;
    pump(r);
}

/* ---- what comes ---- */

/* The whole mail or the header block of a FETCH. */
static const struct imap_section *section_of(const struct imap_fetch *f, bool *header)
{
    for (size_t i = 0; i < f->sections.len; i++) {
        const struct imap_section *s = vec_at(&f->sections, i);
        if (s->data.nil || s->binary || s->origin > 0)
            continue;
        *header = imap_text_is(s->name, "HEADER");
        if (*header || !s->name.len)
            return s;
    }
    return NULL;
}

/* Keys had their turn: goes on reading. */
static void on_slice(void *user)
{
    struct mail_imap_run *r = user;

    r->timer = NULL;
    r->slice_ms = clock_mono_ms();
    if (!mail_intake_room(r->intake))
        return; /* on_room goes on */
    r->paused = false;
    if (r->session)
        imap_pause(r->session, false);
}

/* A mail or a header came. */
void mail_imap_fetch_take(struct mail_imap_run *r, const struct imap_response *resp)
{
    const struct imap_fetch *f = &resp->fetch;
    const struct run_folder *folder = mail_imap_run_folder(r, r->selected);
    bool header = false;
    const struct imap_section *s = section_of(f, &header);
    struct mail_remote m = {.received = CLOCK_NONE};
    struct str keywords = STR_INIT;
    char name[64];

    if (!s || !r->fetch || !folder || r->ending || !(f->has & IMAP_FETCH_UID) ||
        !(f->has & IMAP_FETCH_FLAGS) || !imap_set_has(&r->fetch->asked, f->uid))
        return;
    imap_set_remove(&r->fetch->asked, f->uid, f->uid); /* once */
    m.uid = f->uid;
    m.partial = header;
    m.modseq = (int64_t)(f->modseq & INT64_MAX);
    m.size = f->has & IMAP_FETCH_SIZE ? (int64_t)(f->size & INT64_MAX) : (int64_t)s->data.len;
    if (f->has & IMAP_FETCH_DATE)
        m.received = f->date;
    mail_imap_words_read(&f->flags, &m.flags, &keywords);
    if (f->has & IMAP_FETCH_LABELS)
        mail_imap_gmail_labels(r, &f->labels, &keywords);
    if (f->has & IMAP_FETCH_THRID)
        m.thrid = f->thrid;
    m.keywords = str_take(&keywords);
    r->large += header && m.size > (int64_t)MAIL_SIZE_MOST;
    snprintf(name, sizeof name, "%lld", (long long)folder->id);
    struct mail_intake_item item = {.name = name,
                                    .account = r->account,
                                    .folder = folder->name,
                                    .received = m.received,
                                    .horizon = r->horizon,
                                    .remote = &m,
                                    .uidvalidity = folder->uidvalidity};
    mail_intake_put(r->intake, s->data.bytes, s->data.len, &item);
    free(m.keywords);
    if (r->paused || !r->session)
        return;
    if (!mail_intake_room(r->intake)) {
        r->paused = true;
        imap_pause(r->session, true);
    } else if (clock_mono_ms() - r->slice_ms >= SLICE_MS) { /* keys first */
        r->paused = true;
        imap_pause(r->session, true);
        r->timer = loop_timer(store_loop(r->store), 0, on_slice, r);
    }
}
