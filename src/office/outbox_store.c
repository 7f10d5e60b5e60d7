/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox_store.c - the rows of the outbox: states, leases with fences, queries.
 *
 * A lease names its owner (boot, process, start time), so that the next start knows at once that a
 * process was killed. That is only for speed: what makes a second sending impossible is the fence,
 * which each claim raises and each later write names. */
#include "office/outbox_store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/path.h"
#include "base/watch.h"
#include "mail/store.h"
#include "office/office.h"
#include "store/journal.h"

#define BYTES_MAX (100u << 20)

static const struct migration steps[] = {
    {.sql =
         "CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, draft INTEGER NOT NULL,"
         " version INTEGER NOT NULL, draft_hash TEXT NOT NULL, state TEXT NOT NULL,"
         " account TEXT NOT NULL, from_name TEXT NOT NULL, from_address TEXT NOT NULL,"
         " envelope TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,"
         " message_id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, size INTEGER NOT NULL,"
         " bytes BLOB NOT NULL, who TEXT NOT NULL, approved_at INTEGER NOT NULL,"
         " send_at INTEGER NOT NULL, next_try INTEGER NOT NULL DEFAULT 0,"
         " attempts INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0,"
         " lease INTEGER NOT NULL DEFAULT 0, owner TEXT NOT NULL DEFAULT '',"
         " handed_at INTEGER, sent_at INTEGER, code INTEGER NOT NULL DEFAULT 0,"
         " error TEXT NOT NULL DEFAULT '', copy_state TEXT NOT NULL DEFAULT 'none',"
         " copy_try INTEGER NOT NULL DEFAULT 0, copy_attempts INTEGER NOT NULL DEFAULT 0,"
         " copy_error TEXT NOT NULL DEFAULT '', copied INTEGER) STRICT;"
         "CREATE INDEX outbox_open ON outbox (state, send_at)"
         " WHERE state NOT IN ('sent', 'cancelled');"
         "CREATE INDEX outbox_copy ON outbox (copy_try) WHERE copy_state IN ('pending', 'failed');"
         "CREATE INDEX outbox_draft ON outbox (draft);"},
};
const struct migration_list office_migrations = {"office", steps, sizeof steps / sizeof *steps};

static enum status (*listener)(struct db *, int64_t, int64_t, enum outbox_state, struct error *);

void outbox_on_state(enum status (*fn)(struct db *, int64_t, int64_t, enum outbox_state,
                                       struct error *))
{
    listener = fn;
}

const char *outbox_state_word(enum outbox_state s)
{
    static const char *const words[] = {
#define X(name, word) [OUTBOX_##name] = word,
        OUTBOX_STATE_LIST(X)
#undef X
    };
    return words[s];
}

/* The same in the person's language. */
const char *outbox_state_name(enum outbox_state s)
{
    static const char *const names[] = {[OUTBOX_HELD] = N_("held"),
                                        [OUTBOX_QUEUED] = N_("queued"),
                                        [OUTBOX_HANDED] = N_("handed"),
                                        [OUTBOX_SENT] = N_("sent"),
                                        [OUTBOX_IN_DOUBT] = N_("in-doubt"),
                                        [OUTBOX_FAILED] = N_("failed"),
                                        [OUTBOX_CANCELLED] = N_("cancelled")};
    return _(names[s]);
}

/* The state of a word that stands in a row. */
static enum outbox_state state_of(const char *word)
{
    for (int s = OUTBOX_HELD; s <= OUTBOX_CANCELLED; s++)
        if (strcmp(word, outbox_state_word((enum outbox_state)s)) == 0)
            return (enum outbox_state)s;
    return OUTBOX_FAILED;
}

/* Start time of a process in clock ticks since boot; 0 when there is none. */
static long long start_time(long pid)
{
    char path[40];
    struct str text = STR_INIT;
    struct error err = ERROR_INIT;
    long long start = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    if (path_read(path, 8192, &text, &err) == STATUS_OK) {
        const char *p = strrchr(str_text(&text), ')');
        for (int field = 2; p && field < 22; field++)
            p = strchr(p + 1, ' ');
        if (p)
            start = strtoll(p + 1, NULL, 10);
    }
    str_fini(&text);
    return start;
}

/* Who this process is, for leases: "BOOT PID START". */
static const char *owner(void)
{
    static char name[96];
    static pid_t pid;
    if (pid != getpid()) {
        struct str boot = STR_INIT;
        struct error err = ERROR_INIT;
        if (path_read("/proc/sys/kernel/random/boot_id", 64, &boot, &err))
            str_puts(&boot, "?");
        pid = getpid();
        snprintf(name, sizeof name, "%s %ld %lld", str_trim(boot.data), (long)pid,
                 start_time((long)pid));
        str_fini(&boot);
    }
    return name;
}

/* Is the holder of a lease surely gone? Only a process of this boot can be told. */
static bool is_gone(const char *holder)
{
    const char *mine = owner();
    const char *space = strchr(mine, ' '), *theirs = strchr(holder, ' ');
    if (!space || !theirs || space - mine != theirs - holder || *mine == '?' ||
        memcmp(mine, holder, (size_t)(space - mine)) != 0)
        return false;
    char *end;
    long pid = strtol(theirs, &end, 10);
    long long start = strtoll(end, NULL, 10);
    return pid > 0 && start_time(pid) != start;
}

void outbox_new_fini(struct outbox_new *n)
{
    free(n->draft_hash);
    free(n->account);
    free(n->from_name);
    free(n->from);
    free(n->envelope);
    free(n->to);
    free(n->subject);
    free(n->message_id);
    free(n->hash);
    free(n->who);
    str_fini(&n->packed);
}

void outbox_item_init(struct outbox_item *i)
{
    *i = (struct outbox_item){0};
    strv_init(&i->envelope);
}

void outbox_item_fini(struct outbox_item *i)
{
    free(i->account);
    free(i->from);
    free(i->message_id);
    vec_fini(&i->envelope);
    str_fini(&i->bytes);
    *i = (struct outbox_item){0};
}

/* A state's code in the journal; its words: office.c. */
static const char *const codes[] = {
    [OUTBOX_HELD] = "outbox.held",         [OUTBOX_QUEUED] = "outbox.queued",
    [OUTBOX_HANDED] = "outbox.handed",     [OUTBOX_SENT] = "outbox.sent",
    [OUTBOX_IN_DOUBT] = "outbox.in-doubt", [OUTBOX_FAILED] = "outbox.failed",
    [OUTBOX_CANCELLED] = "outbox.cancelled"};

/* Writes one line of audit and tells the listener. approval: the journal names it so. */
static enum status tell(struct db *db, int64_t id, int64_t draft, enum outbox_state state,
                        bool approval, const char *who, const char *words, struct error *err)
{
    struct journal *j;
    const char *what = approval ? "outbox.approved" : codes[state];
    enum status st = journal_begin(db, who, what, "", &j, err);
    if (st)
        return st;
    if ((st = journal_note(j, what, id, words, err))) {
        journal_abandon(j);
        return st;
    }
    int64_t batch;
    if ((st = journal_end(j, &batch, err)))
        return st;
    db_touch(db, WATCH_OUTBOX);
    return listener ? listener(db, id, draft, state, err) : STATUS_OK;
}

enum status outbox_insert(struct db *db, struct outbox_new *n, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT INTO outbox (draft, version, draft_hash, state, account, from_name,"
            " from_address, envelope, recipients, subject, message_id, hash, size, bytes, who,"
            " approved_at, send_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int64_t now = clock_now();
    enum outbox_state state = n->send_at > now ? OUTBOX_HELD : OUTBOX_QUEUED;
    db_bind_int(q, 1, n->draft);
    db_bind_int(q, 2, n->version);
    db_bind_text(q, 3, n->draft_hash);
    db_bind_text(q, 4, outbox_state_word(state));
    db_bind_text(q, 5, n->account);
    db_bind_text(q, 6, n->from_name);
    db_bind_text(q, 7, n->from);
    db_bind_text(q, 8, n->envelope);
    db_bind_text(q, 9, n->to);
    db_bind_text(q, 10, n->subject);
    db_bind_text(q, 11, n->message_id);
    db_bind_text(q, 12, n->hash);
    db_bind_int(q, 13, n->size);
    db_bind_bytes(q, 14, n->packed.data, n->packed.len);
    db_bind_text(q, 15, n->who);
    db_bind_int(q, 16, now);
    db_bind_int(q, 17, n->send_at > now ? n->send_at : now);
    enum status st = db_run(q, err);
    if (st)
        return st;
    n->id = db_last_id(db);
    char *words = str_format("approved d%lld v%lld as %s <%s>", (long long)n->draft,
                             (long long)n->version, n->hash, n->message_id);
    st = tell(db, n->id, n->draft, state, true, n->who, words, err);
    free(words);
    return st;
}

/* ---- reading ---- */

#define ROW_COLUMNS                                                                                \
    "id, draft, version, state, send_at, approved_at, handed_at, sent_at, next_try, attempts,"     \
    " account, message_id, hash, draft_hash, from_address, recipients, subject, who, error,"       \
    " copy_state, copy_error, size"

/* A time column; NULL and 0 are none. */
static int64_t time_at(struct db_query *q, int column)
{
    int64_t t = db_int(q, column);
    return t ? t : CLOCK_NONE;
}

/* The row under the statement, borrowed. */
static struct outbox_row row_of(struct db_query *q)
{
    return (struct outbox_row){
        .id = db_int(q, 0),
        .draft = db_int(q, 1),
        .version = db_int(q, 2),
        .state = state_of(db_text(q, 3)),
        .send_at = db_int(q, 4),
        .approved_at = db_int(q, 5),
        .handed_at = time_at(q, 6),
        .sent_at = time_at(q, 7),
        .next_try = time_at(q, 8),
        .attempts = (int)db_int(q, 9),
        .account = db_text(q, 10),
        .message_id = db_text(q, 11),
        .hash = db_text(q, 12),
        .draft_hash = db_text(q, 13),
        .from = db_text(q, 14),
        .to = db_text(q, 15),
        .subject = db_text(q, 16),
        .who = db_text(q, 17),
        .error = db_text(q, 18),
        .copy_state = db_text(q, 19),
        .copy_error = db_text(q, 20),
        .size = db_int(q, 21),
    };
}

enum status outbox_list(struct db *db, bool open_only, int64_t limit,
                        bool (*on_row)(void *user, const struct outbox_row *r), void *user,
                        struct error *err)
{
    struct db_query *q =
        open_only ? db_prepare(db, "SELECT " ROW_COLUMNS " FROM outbox WHERE state NOT IN"
                                   " ('sent', 'cancelled') ORDER BY id DESC LIMIT ?")
                  : db_prepare(db, "SELECT " ROW_COLUMNS " FROM outbox ORDER BY id DESC LIMIT ?");
    db_bind_int(q, 1, limit);
    bool more = true;
    while (more && db_step(q)) {
        struct outbox_row r = row_of(q);
        more = on_row(user, &r);
    }
    return db_done(q, err);
}

enum status outbox_get(struct db *db, int64_t id,
                       bool (*on_row)(void *user, const struct outbox_row *r), void *user,
                       struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT " ROW_COLUMNS " FROM outbox WHERE id = ?");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found) {
        struct outbox_row r = row_of(q);
        on_row(user, &r);
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_NO_SUCH, _("there is no o%lld in the outbox"), (long long)id);
    return st;
}

/* Splits lines into an argument vector. */
static void split_lines(struct vec *out, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        if (n)
            strv_push_take(out, mem_strndup(text, n));
        text += n + (text[n] == '\n');
    }
}

enum status outbox_bytes(struct db *db, int64_t id, struct str *out, struct vec *envelope,
                         struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT bytes, envelope FROM outbox WHERE id = ?");
    db_bind_int(q, 1, id);
    enum status st = STATUS_OK;
    bool found = db_step(q);
    if (found) {
        size_t n;
        const void *packed = db_bytes(q, 0, &n);
        st = db_unpack(packed, n, BYTES_MAX, out, err);
        split_lines(envelope, db_text(q, 1));
    }
    struct error late = ERROR_INIT;
    enum status end = db_done(q, &late);
    if (st == STATUS_OK && end != STATUS_OK) {
        *err = late;
        st = end;
    }
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_NO_SUCH, _("there is no o%lld in the outbox"), (long long)id);
    return st;
}

void outbox_who(const char *recipients, char out[OUTBOX_WHO])
{
    const char *to = recipients;
    size_t n = strcspn(to, "<");
    if (n == 0 || !to[n])
        n = strcspn(to, ",");
    while (n && to[n - 1] == ' ')
        n--;
    if (n >= 2 && to[0] == '"' && to[n - 1] == '"') {
        to++;
        n -= 2;
    }
    n = n < OUTBOX_WHO - 1 ? n : OUTBOX_WHO - 1;
    snprintf(out, OUTBOX_WHO, "%.*s", (int)(n - utf8_partial_tail(to, n)), to);
}

void outbox_held(struct db *db, struct outbox_held *out)
{
    *out = (struct outbox_held){0};
    struct db_query *q =
        db_prepare(db, "SELECT id, draft, send_at, recipients, state, next_try FROM outbox WHERE state NOT IN"
                       " ('sent', 'cancelled') ORDER BY +id DESC LIMIT 100");
    while (db_step(q)) {
        enum outbox_state s = state_of(db_text(q, 4));
        bool waits = s == OUTBOX_QUEUED && db_int(q, 5) > 0;
        out->doubtful += s == OUTBOX_IN_DOUBT;
        out->failed += s == OUTBOX_FAILED;
        if (waits && out->waiting++ == 0) {
            out->waiting_id = db_int(q, 0);
            out->next_try = db_int(q, 5);
            outbox_who(db_text(q, 3), out->waiting_who);
        }
        if (s == OUTBOX_HELD && out->count++ == 0) {
            out->id = db_int(q, 0);
            out->draft = db_int(q, 1);
            out->send_at = db_int(q, 2);
            outbox_who(db_text(q, 3), out->who);
        }
    }
    db_end(q);
}

int64_t outbox_draft_of(struct db *db, const char *message_id)
{
    struct db_query *q = db_prepare(db, "SELECT draft FROM outbox WHERE message_id = ?");
    db_bind_text(q, 1, message_id);
    int64_t draft = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return draft;
}

enum outbox_state outbox_fate(struct db *db, int64_t id, int64_t *sent_at)
{
    struct db_query *q = db_prepare(db, "SELECT state, sent_at FROM outbox WHERE id = ?1");
    enum outbox_state state = OUTBOX_CANCELLED;
    db_bind_int(q, 1, id);
    if (db_step(q)) {
        state = state_of(db_text(q, 0));
        *sent_at = db_int(q, 1);
    }
    db_end(q);
    return state;
}

int64_t outbox_due(struct db *db)
{
    int64_t due = CLOCK_NONE;
    struct db_query *q = db_prepare(
        db, "SELECT state, send_at, next_try, lease, owner FROM outbox"
            " WHERE state IN ('held', 'queued', 'handed')"
            " UNION ALL SELECT 'copy', copy_try, 0, lease, owner FROM outbox"
            " WHERE copy_state IN ('pending', 'failed') AND copy_try > 0");
    while (db_step(q)) {
        int64_t at = db_int(q, 1), next = db_int(q, 2), lease = db_int(q, 3);
        bool handed = strcmp(db_text(q, 0), "handed") == 0;
        at = next > at ? next : at;
        if (lease && !is_gone(db_text(q, 4)) && (handed || lease / 1000 + 1 > at))
            at = lease / 1000 + 1;
        if (due == CLOCK_NONE || at < due)
            due = at;
    }
    db_end(q);
    return due;
}

bool outbox_copy_waits(struct db *db)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM outbox WHERE copy_state = 'pending' AND copy_try <= ? LIMIT 1");
    db_bind_int(q, 1, clock_now());
    bool waits = db_step(q);
    db_end(q);
    return waits;
}

/* ---- what a person changes ---- */

/* State, draft and living lease of an item. NO_SUCH when there is none. */
static enum status look(struct db *db, int64_t id, enum outbox_state *state, int64_t *draft,
                        bool *leased, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT state, draft, lease, owner FROM outbox WHERE id = ?");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found) {
        *state = state_of(db_text(q, 0));
        *draft = db_int(q, 1);
        *leased = db_int(q, 2) > clock_now_ms() && !is_gone(db_text(q, 3));
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_NO_SUCH, _("there is no o%lld in the outbox"), (long long)id);
    return st;
}

/* Sets a state without a lease and takes the item away from whoever may hold it. */
static enum status set_state(struct db *db, int64_t id, enum outbox_state state, const char *words,
                             struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE outbox SET state = ?, error = ?, fence = fence + 1, lease = 0, owner = '',"
            " next_try = 0 WHERE id = ?");
    db_bind_text(q, 1, outbox_state_word(state));
    db_bind_text(q, 2, words);
    db_bind_int(q, 3, id);
    return db_run(q, err);
}

enum status outbox_cancel(struct db *db, int64_t id, struct error *err)
{
    enum outbox_state state;
    int64_t draft;
    bool leased;
    enum status st = look(db, id, &state, &draft, &leased, err);
    if (st)
        return st;
    if (state == OUTBOX_CANCELLED)
        return STATUS_OK;
    if (state == OUTBOX_SENT)
        return error_set(err, STATUS_REFUSED, _("Cannot be undone: it has left"));
    /* A queued one under a lease may be taken back too: the fence stops it before it is handed. */
    if (state == OUTBOX_HANDED)
        return error_set(err, STATUS_REFUSED, _("o%lld is just leaving: it cannot be taken back"),
                         (long long)id);
    if ((st = set_state(db, id, OUTBOX_CANCELLED, "", err)))
        return st;
    return tell(db, id, draft, OUTBOX_CANCELLED, false, "me", "taken back", err);
}

enum status outbox_retry(struct db *db, int64_t id, bool twice_ok, struct error *err)
{
    enum outbox_state state;
    int64_t draft;
    bool leased;
    enum status st = look(db, id, &state, &draft, &leased, err);
    if (st)
        return st;
    if (state == OUTBOX_QUEUED && leased)
        return STATUS_OK;
    if (state == OUTBOX_HELD)
        return outbox_hurry(db, id, err);
    if (state == OUTBOX_SENT || state == OUTBOX_HANDED || state == OUTBOX_CANCELLED) {
        error_set(err, STATUS_REFUSED, _("o%lld is %s: there is nothing to try again"),
                  (long long)id, outbox_state_name(state));
        return state == OUTBOX_CANCELLED ? error_hint(err, _("approve the draft anew with send"))
                                         : STATUS_REFUSED;
    }
    if (state == OUTBOX_IN_DOUBT && !twice_ok) {
        error_set(err, STATUS_REFUSED, _("o%lld was perhaps sent: it may arrive twice"),
                  (long long)id);
        return error_hint(err, _("--yes sends it again all the same; the Message-ID stays"));
    }
    if ((st = set_state(db, id, OUTBOX_QUEUED, "", err)))
        return st;
    struct db_query *q =
        db_prepare(db, "UPDATE outbox SET handed_at = NULL, send_at = ? WHERE id = ?");
    db_bind_int(q, 1, clock_now());
    db_bind_int(q, 2, id);
    if ((st = db_run(q, err)))
        return st;
    return tell(db, id, draft, OUTBOX_QUEUED, false, "me",
                state == OUTBOX_IN_DOUBT ? "again, may arrive twice" : "again", err);
}

enum status outbox_hurry(struct db *db, int64_t id, struct error *err)
{
    enum outbox_state state;
    int64_t draft;
    bool leased;
    enum status st = look(db, id, &state, &draft, &leased, err);
    if (st)
        return st;
    if (state != OUTBOX_HELD && state != OUTBOX_QUEUED)
        return error_set(err, STATUS_REFUSED, _("o%lld is %s"), (long long)id,
                         outbox_state_name(state));
    if (leased)
        return STATUS_OK;
    struct db_query *q = db_prepare(
        db, "UPDATE outbox SET state = 'queued', send_at = ?, next_try = 0 WHERE id = ?");
    db_bind_int(q, 1, clock_now());
    db_bind_int(q, 2, id);
    if ((st = db_run(q, err)))
        return st;
    return tell(db, id, draft, OUTBOX_QUEUED, false, "me", "now", err);
}

enum status outbox_hold_anew(struct db *db, int64_t seconds, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE outbox SET send_at = ?1 WHERE state = 'held' AND send_at < ?1");
    db_bind_int(q, 1, clock_now() + seconds);
    enum status st = db_run(q, err);
    if (st == STATUS_OK && db_changed(db) > 0)
        db_touch(db, WATCH_OUTBOX);
    return st;
}

enum status outbox_void_draft(struct db *db, int64_t draft, bool *voided, struct error *err)
{
    int64_t ids[32];
    size_t n = 0;
    bool leaving = false;
    struct db_query *q = db_prepare(
        db, "SELECT id, state FROM outbox WHERE draft = ? AND state IN ('held', 'queued', 'handed')");
    db_bind_int(q, 1, draft);
    while (db_step(q)) {
        leaving |= state_of(db_text(q, 1)) == OUTBOX_HANDED;
        if (n < sizeof ids / sizeof *ids)
            ids[n++] = db_int(q, 0);
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && leaving)
        st = error_set(err, STATUS_REFUSED, _("d%lld is just leaving: it cannot be changed"),
                       (long long)draft);
    for (size_t i = 0; st == STATUS_OK && i < n; i++)
        st = outbox_cancel(db, ids[i], err);
    if (voided)
        *voided = st == STATUS_OK && n > 0;
    return st;
}

enum status outbox_recover(struct db *db, int *changed, struct error *err)
{
    struct found {
        int64_t id, draft;
        bool sent;
    } list[64];
    size_t n = 0;
    *changed = 0;
    struct db_query *q =
        db_prepare(db, "SELECT id, draft, state, lease, owner, message_id FROM outbox"
                       " WHERE state IN ('handed', 'in-doubt') ORDER BY id LIMIT 500");
    while (db_step(q) && n < sizeof list / sizeof *list) {
        bool handed = strcmp(db_text(q, 2), "handed") == 0;
        if (handed && db_int(q, 3) > clock_now_ms() && !is_gone(db_text(q, 4)))
            continue;
        bool sent = mail_message_find(db, db_text(q, 5)) != 0;
        if (handed || sent)
            list[n++] = (struct found){db_int(q, 0), db_int(q, 1), sent};
    }
    enum status st = db_done(q, err);
    for (size_t i = 0; st == STATUS_OK && i < n; i++) {
        enum outbox_state state = list[i].sent ? OUTBOX_SENT : OUTBOX_IN_DOUBT;
        const char *words = list[i].sent ? "" : N_("the server did not confirm");
        if ((st = set_state(db, list[i].id, state, words, err)))
            break;
        if (list[i].sent) {
            q = db_prepare(db, "UPDATE outbox SET sent_at = ?, copy_state = 'done' WHERE id = ?");
            db_bind_int(q, 1, clock_now());
            db_bind_int(q, 2, list[i].id);
            if ((st = db_run(q, err)))
                break;
        }
        st = tell(db, list[i].id, list[i].draft, state, false, "outbox",
                  list[i].sent ? "found in the store" : "no answer after handing", err);
        ++*changed;
    }
    return st;
}

/* ---- what a run changes ---- */

/* Finds what is due: a send first, then a copy. false: nothing. */
static bool find_due(struct db *db, int64_t only, int64_t *id, bool *copy)
{
    int64_t now = clock_now(), now_ms = clock_now_ms();
    bool found = false;
    struct db_query *q = db_prepare(
        db, "SELECT id, lease, owner, send_at, next_try FROM outbox"
            " WHERE state IN ('held', 'queued') AND (?1 = 0 OR id = ?1) ORDER BY send_at LIMIT 1000");
    db_bind_int(q, 1, only);
    while (!found && db_step(q)) {
        if (!only && (db_int(q, 3) > now || db_int(q, 4) > now))
            continue;
        if (db_int(q, 1) > now_ms && !is_gone(db_text(q, 2)))
            continue;
        *id = db_int(q, 0);
        found = true;
    }
    db_end(q);
    *copy = !found;
    if (found)
        return true;
    q = db_prepare(db, "SELECT id, lease, owner FROM outbox WHERE copy_state IN ('pending',"
                       " 'failed') AND copy_try > 0 AND copy_try <= ?2 AND (?1 = 0 OR id = ?1)"
                       " ORDER BY copy_try LIMIT 1000");
    db_bind_int(q, 1, only);
    db_bind_int(q, 2, now);
    while (!found && db_step(q)) {
        if (db_int(q, 1) > now_ms && !is_gone(db_text(q, 2)))
            continue;
        *id = db_int(q, 0);
        found = true;
    }
    db_end(q);
    return found;
}

enum status outbox_claim(struct db *db, int64_t only, struct outbox_item *out, struct error *err)
{
    int64_t id = 0;
    if (!find_due(db, only, &id, &out->copy))
        return STATUS_OK;
    struct db_query *q =
        out->copy
            ? db_prepare(db, "UPDATE outbox SET fence = fence + 1, lease = ?2, owner = ?3,"
                             " copy_attempts = copy_attempts + 1 WHERE id = ?1")
            : db_prepare(db, "UPDATE outbox SET fence = fence + 1, lease = ?2, owner = ?3,"
                             " state = 'queued', attempts = attempts + 1 WHERE id = ?1");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, clock_now_ms() + OUTBOX_LEASE_MS);
    db_bind_text(q, 3, owner());
    enum status st = db_run(q, err);
    if (st)
        return st;
    q = db_prepare(db, "SELECT draft, fence, attempts, send_at, account, from_address,"
                       " message_id, copy_attempts FROM outbox WHERE id = ?");
    db_bind_int(q, 1, id);
    if (db_step(q)) {
        out->draft = db_int(q, 0);
        out->fence = db_int(q, 1);
        out->attempts = (int)db_int(q, out->copy ? 7 : 2);
        out->since = db_int(q, 3);
        out->account = mem_strdup(db_text(q, 4));
        out->from = mem_strdup(db_text(q, 5));
        out->message_id = mem_strdup(db_text(q, 6));
    }
    if ((st = db_done(q, err)))
        return st;
    if ((st = outbox_bytes(db, id, &out->bytes, &out->envelope, err)))
        return st;
    out->id = id;
    db_touch(db, WATCH_OUTBOX);
    return STATUS_OK;
}

/* STALE unless the last update changed its one row. */
static enum status fenced(struct db *db, const struct outbox_item *i, struct error *err)
{
    if (db_changed(db) == 1)
        return STATUS_OK;
    return error_set(err, STATUS_STALE, _("o%lld was taken back or taken over"), (long long)i->id);
}

enum status outbox_renew(struct db *db, const struct outbox_item *i, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE outbox SET lease = max(lease, ?) WHERE id = ? AND fence = ? AND lease > 0");
    db_bind_int(q, 1, clock_now_ms() + OUTBOX_LEASE_MS);
    db_bind_int(q, 2, i->id);
    db_bind_int(q, 3, i->fence);
    enum status st = db_run(q, err);
    return st ? st : fenced(db, i, err);
}

enum status outbox_hand(struct db *db, const struct outbox_item *i, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE outbox SET state = 'handed', handed_at = ?, lease = ?"
            " WHERE id = ? AND fence = ? AND state = 'queued'");
    db_bind_int(q, 1, clock_now());
    db_bind_int(q, 2, clock_now_ms() + OUTBOX_HANDED_MS);
    db_bind_int(q, 3, i->id);
    db_bind_int(q, 4, i->fence);
    enum status st = db_run(q, err);
    if (st || (st = fenced(db, i, err)))
        return st;
    return tell(db, i->id, i->draft, OUTBOX_HANDED, false, "outbox", i->message_id, err);
}

enum status outbox_finish(struct db *db, const struct outbox_item *i, enum outbox_state state,
                          int code, const char *words, int64_t next_try, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE outbox SET state = ?1, code = ?2, error = ?3, next_try = ?4, lease = 0,"
            " owner = '', sent_at = CASE ?1 WHEN 'sent' THEN ?5 ELSE sent_at END,"
            " handed_at = CASE ?1 WHEN 'queued' THEN NULL ELSE handed_at END,"
            " copy_state = CASE ?1 WHEN 'sent' THEN 'pending' ELSE copy_state END,"
            " copy_try = CASE ?1 WHEN 'sent' THEN ?5 ELSE copy_try END"
            " WHERE id = ?6 AND fence = ?7 AND state IN ('queued', 'handed')");
    db_bind_text(q, 1, outbox_state_word(state));
    db_bind_int(q, 2, code);
    db_bind_text(q, 3, words);
    db_bind_int(q, 4, next_try);
    db_bind_int(q, 5, clock_now());
    db_bind_int(q, 6, i->id);
    db_bind_int(q, 7, i->fence);
    enum status st = db_run(q, err);
    if (st || (st = fenced(db, i, err)))
        return st;
    return tell(db, i->id, i->draft, state, false, "outbox", words, err);
}

enum status outbox_copied(struct db *db, const struct outbox_item *i, int64_t message,
                          const char *words, int64_t next_try, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE outbox SET copy_state = ?, copy_error = ?, copy_try = ?, copied = ?, lease = 0,"
            " owner = '' WHERE id = ? AND fence = ?");
    db_bind_text(q, 1, message ? "done" : "failed");
    db_bind_text(q, 2, words);
    db_bind_int(q, 3, next_try);
    if (message)
        db_bind_int(q, 4, message);
    else
        db_bind_null(q, 4);
    db_bind_int(q, 5, i->id);
    db_bind_int(q, 6, i->fence);
    enum status st = db_run(q, err);
    if (st || (st = fenced(db, i, err)))
        return st;
    db_touch(db, WATCH_OUTBOX | WATCH_MAIL);
    return STATUS_OK;
}
