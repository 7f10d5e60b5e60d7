/* SPDX-License-Identifier: GPL-3.0-or-later */
/* textlog.c - rows of a growing text: added, replayed, cleared. The writers are in textpace.c. */
#include "store/textlog.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"

static const struct migration steps[] = {
    {.sql = "CREATE TABLE textlog (owner TEXT NOT NULL, ref INTEGER NOT NULL, seq INTEGER NOT NULL,"
            " at INTEGER NOT NULL," /* -1: at the end */
            " cut INTEGER NOT NULL, bytes TEXT NOT NULL, cursor INTEGER NOT NULL,"
            " made INTEGER NOT NULL, PRIMARY KEY (owner, ref, seq)) STRICT, WITHOUT ROWID;"},
};

const struct migration_list textlog_migrations = {"textlog", steps, sizeof steps / sizeof *steps};

/* True for a byte that continues a UTF-8 character. */
static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

bool textlog_diff(const char *before, const char *after, struct textlog_edit *out)
{
    size_t a = strlen(before), b = strlen(after), head = 0, tail = 0;
    size_t least = a < b ? a : b;
    while (head < least && before[head] == after[head])
        head++;
    if (head == a && head == b)
        return false;
    while (head > 0 && (is_continuation(before[head]) || is_continuation(after[head])))
        head--;
    while (tail < least - head && before[a - 1 - tail] == after[b - 1 - tail])
        tail++;
    while (tail > 0 && is_continuation(after[b - tail]))
        tail--;
    *out = (struct textlog_edit){
        .at = head, .cut = a - head - tail, .bytes = after + head, .n = b - head - tail};
    return true;
}

/* Adds one row behind the newest of its log. */
static enum status add_row(struct db *db, const char *owner, int64_t ref, int64_t at, int64_t cut,
                           const char *bytes, size_t n, int64_t cursor, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT INTO textlog (owner, ref, seq, at, cut, bytes, cursor, made)"
            " SELECT ?1, ?2, coalesce(max(seq), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM textlog"
            " WHERE owner = ?1 AND ref = ?2");
    db_bind_text(q, 1, owner);
    db_bind_int(q, 2, ref);
    db_bind_int(q, 3, at);
    db_bind_int(q, 4, cut);
    db_bind_text_n(q, 5, bytes, n);
    db_bind_int(q, 6, cursor);
    db_bind_int(q, 7, clock_now_ms());
    return db_run(q, err);
}

enum status textlog_splice(struct db *db, const char *owner, int64_t ref,
                           const struct textlog_edit *e, int64_t cursor, struct error *err)
{
    return add_row(db, owner, ref, (int64_t)e->at, (int64_t)e->cut, e->bytes, e->n, cursor, err);
}

enum status textlog_append(struct db *db, const char *owner, int64_t ref, const char *bytes,
                           size_t n, struct error *err)
{
    return add_row(db, owner, ref, -1, 0, bytes, n, -1, err);
}

enum status textlog_read(struct db *db, const char *owner, int64_t ref, const char *base,
                         struct str *out, int64_t *cursor, struct error *err)
{
    size_t origin = out->len;
    int64_t newest = -1;
    bool fits = true;
    if (base)
        str_puts(out, base);
    struct db_query *q = db_prepare(
        db, "SELECT at, cut, bytes, cursor FROM textlog WHERE owner = ? AND ref = ? ORDER BY seq");
    db_bind_text(q, 1, owner);
    db_bind_int(q, 2, ref);
    while (fits && db_step(q)) {
        int64_t at = db_int(q, 0), cut = db_int(q, 1), len = (int64_t)(out->len - origin);
        size_t n;
        const char *bytes = db_bytes(q, 2, &n);
        if (db_int(q, 3) >= 0)
            newest = db_int(q, 3);
        if (at < 0)
            str_add(out, bytes, n);
        else if (at <= len && cut >= 0 && cut <= len - at)
            str_splice(out, origin + (size_t)at, (size_t)cut, bytes, n);
        else
            fits = false;
    }
    enum status st = db_done(q, err);
    if (cursor)
        *cursor = newest;
    if (st == STATUS_OK && !fits)
        st = error_set(err, STATUS_CORRUPT, _("the typing log of %s %lld does not fit its text"),
                       owner, (long long)ref);
    return st;
}

enum status textlog_clear(struct db *db, const char *owner, int64_t ref, struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM textlog WHERE owner = ? AND ref = ?");
    db_bind_text(q, 1, owner);
    db_bind_int(q, 2, ref);
    return db_run(q, err);
}

bool textlog_has(struct db *db, const char *owner, int64_t ref)
{
    struct db_query *q =
        db_prepare(db, "SELECT 1 FROM textlog WHERE owner = ? AND ref = ? LIMIT 1");
    db_bind_text(q, 1, owner);
    db_bind_int(q, 2, ref);
    bool has = db_step(q);
    db_end(q);
    return has;
}

int64_t textlog_next(struct db *db, const char *owner, int64_t after)
{
    struct db_query *q = db_prepare(
        db, "SELECT ref FROM textlog WHERE owner = ? AND ref > ? ORDER BY ref LIMIT 1");
    db_bind_text(q, 1, owner);
    db_bind_int(q, 2, after);
    int64_t ref = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return ref;
}
