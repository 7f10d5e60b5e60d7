/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ledger.c - what left, what it cost, what each server can do. */
#include "model/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "command/option.h"
#include "model/commands.h"
#include "store/db.h"
#include "store/store.h"

#define BODY_MAX (64u << 20)

static const struct migration steps[] = {
    {"CREATE TABLE model_egress("
     " id INTEGER PRIMARY KEY, at INTEGER NOT NULL, host TEXT NOT NULL, provider TEXT NOT NULL,"
     " model TEXT NOT NULL, purpose TEXT NOT NULL, passages INTEGER NOT NULL,"
     " tokens INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB) STRICT;"
     "CREATE INDEX model_egress_at ON model_egress(at) WHERE body IS NOT NULL;"
     "CREATE TABLE model_usage("
     " id INTEGER PRIMARY KEY, at INTEGER NOT NULL, day TEXT NOT NULL, purpose TEXT NOT NULL,"
     " model TEXT NOT NULL, provider TEXT NOT NULL, host TEXT NOT NULL, state TEXT NOT NULL,"
     " prompt INTEGER NOT NULL, completion INTEGER NOT NULL, estimated INTEGER NOT NULL,"
     " cost INTEGER, currency TEXT, ms INTEGER NOT NULL, egress INTEGER) STRICT;"
     "CREATE TABLE model_capability("
     " url TEXT NOT NULL, model TEXT NOT NULL, flags INTEGER NOT NULL, at INTEGER NOT NULL,"
     " PRIMARY KEY(url, model)) STRICT, WITHOUT ROWID;",
     NULL},
    {"ALTER TABLE model_egress ADD COLUMN kept_back INTEGER NOT NULL DEFAULT 0", NULL}};

const struct migration_list model_migrations = {"model", steps, 2};

/* Writes what is about to leave; bodies that are too old go. */
enum status egress_insert(struct db *db, struct egress *e, struct error *err)
{
    struct str packed = STR_INIT;
    db_pack(e->body.data, e->body.len, &packed);
    struct db_query *q = db_prepare(db, "INSERT INTO model_egress(at, host, provider, model, purpose,"
                                        " passages, tokens, bytes, body)"
                                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    db_bind_int(q, 1, e->at);
    db_bind_text(q, 2, e->host);
    db_bind_text(q, 3, e->provider);
    db_bind_text(q, 4, e->model);
    db_bind_text(q, 5, e->purpose);
    db_bind_int(q, 6, e->passages);
    db_bind_int(q, 7, e->tokens);
    db_bind_int(q, 8, (int64_t)e->body.len);
    db_bind_bytes(q, 9, packed.data, packed.len);
    enum status st = db_run(q, err);
    e->id = db_last_id(db);
    str_fini(&packed);
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "UPDATE model_egress SET body = NULL WHERE body IS NOT NULL AND at < ?1");
    db_bind_int(q, 1, e->at - option_int("model.egress-keep") / 1000);
    return db_run(q, err);
}

/* Nothing left after all. */
enum status egress_kept_back(struct db *db, int64_t id, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE model_egress SET kept_back = 1 WHERE id = ?1");
    db_bind_int(q, 1, id);
    return db_run(q, err);
}

/* Lists what left. */
enum status egress_list(struct db *db, int64_t limit, bool bodies,
                        void (*on_row)(void *user, const struct egress *e), void *user,
                        struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id, at, host, provider, model, purpose, passages,"
                                        " tokens, bytes, CASE WHEN ?2 THEN body END, kept_back"
                                        " FROM model_egress ORDER BY id DESC LIMIT ?1");
    struct error broken = ERROR_INIT;
    db_bind_int(q, 1, limit);
    db_bind_int(q, 2, bodies);
    while (db_step(q)) {
        struct egress e = {.id = db_int(q, 0), .at = db_int(q, 1), .passages = (int)db_int(q, 6),
                           .tokens = db_int(q, 7), .bytes = db_int(q, 8), .kept_back = db_int(q, 10) != 0};
        size_t n;
        e.host = (char *)(uintptr_t)db_text(q, 2);
        e.provider = (char *)(uintptr_t)db_text(q, 3);
        e.model = (char *)(uintptr_t)db_text(q, 4);
        e.purpose = (char *)(uintptr_t)db_text(q, 5);
        const void *packed = db_bytes(q, 9, &n);
        if (n && db_unpack(packed, n, BODY_MAX, &e.body, &broken) != STATUS_OK)
            str_clear(&e.body);
        on_row(user, &e);
        str_fini(&e.body);
    }
    return db_done(q, err);
}

/* Writes what one answer took. */
enum status usage_insert(struct db *db, const struct usage *u, struct error *err)
{
    char day[CLOCK_TEXT];
    struct db_query *q =
        db_prepare(db, "INSERT INTO model_usage(at, day, purpose, model, provider, host, state, prompt,"
                       " completion, estimated, cost, currency, ms, egress)"
                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    db_bind_int(q, 1, u->at);
    db_bind_text(q, 2, clock_day(u->at, day));
    db_bind_text(q, 3, u->purpose);
    db_bind_text(q, 4, u->model);
    db_bind_text(q, 5, u->provider);
    db_bind_text(q, 6, u->host);
    db_bind_text(q, 7, u->state);
    db_bind_int(q, 8, u->prompt);
    db_bind_int(q, 9, u->completion);
    db_bind_int(q, 10, u->estimated);
    if (u->cost >= 0)
        db_bind_int(q, 11, u->cost);
    else
        db_bind_null(q, 11);
    db_bind_text(q, 12, u->cost >= 0 ? u->currency : NULL);
    db_bind_int(q, 13, u->ms);
    db_bind_int(q, 14, u->egress);
    return db_run(q, err);
}

/* Sums what was used. */
enum status usage_list(struct db *db, enum usage_by by,
                       void (*on_row)(void *user, const struct usage_row *r), void *user,
                       struct error *err)
{
#define SUMS                                                                                       \
    "coalesce(currency, ''), count(*), sum(prompt), sum(completion), sum(estimated),"              \
    " coalesce(sum(cost), 0) FROM model_usage GROUP BY 1, 2 ORDER BY "
    static const char *const sql[] = {"SELECT '', " SUMS "2", "SELECT day, " SUMS "1 DESC, 2",
                                      "SELECT purpose, " SUMS "3 DESC, 1, 2",
                                      "SELECT model, " SUMS "3 DESC, 1, 2"};
    struct db_query *q = db_prepare(db, sql[by]);
    while (db_step(q)) {
        struct usage_row r = {.requests = db_int(q, 2), .prompt = db_int(q, 3),
                              .completion = db_int(q, 4), .estimated = db_int(q, 5), .cost = db_int(q, 6)};
        char key[200], currency[32];
        snprintf(key, sizeof key, "%s", db_text(q, 0));
        snprintf(currency, sizeof currency, "%s", db_text(q, 1));
        r.key = key;
        r.currency = currency;
        on_row(user, &r);
    }
    return db_done(q, err);
}

/* Reads a decimal as millionths; -1 when it is none. */
static int64_t millionths(const char *text)
{
    int64_t whole = 0, part = 0;
    int places = 0;
    if (!text || !text[0])
        return -1;
    for (; *text >= '0' && *text <= '9'; text++) {
        whole = whole * 10 + (*text - '0');
        if (whole > 1000000)
            return -1;
    }
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++)
            if (places < 6) {
                part = part * 10 + (*text - '0');
                places++;
            }
    for (; places < 6; places++)
        part *= 10;
    return *text ? -1 : whole * 1000000 + part;
}

/* What tokens cost: price per million in millionths × tokens = 1e-12, rounded to 1e-9. */
int64_t usage_cost(int64_t prompt, int64_t completion, const char *price_in, const char *price_out)
{
    int64_t in = millionths(price_in), out = millionths(price_out);
    if (in < 0 || out < 0 || prompt < 0 || completion < 0 || prompt > 1000000000 || completion > 1000000000)
        return -1;
    __int128 cost = (__int128)prompt * in + (__int128)completion * out;
    return (int64_t)((cost + 500) / 1000);
}

/* Money as a decimal. */
char *usage_money(int64_t cost)
{
    char *text = str_format("%lld.%09lld", (long long)(cost / 1000000000), (long long)(cost % 1000000000));
    size_t n = strlen(text);
    const char *dot = strchr(text, '.');
    while (n > (size_t)(dot - text) + 3 && text[n - 1] == '0')
        text[--n] = '\0';
    return text;
}

/* What is known of a server's model. */
unsigned capability_get(struct db *db, const char *url, const char *model)
{
    struct db_query *q = db_prepare(db, "SELECT flags FROM model_capability WHERE url = ?1 AND model = ?2");
    db_bind_text(q, 1, url);
    db_bind_text(q, 2, model);
    unsigned flags = db_step(q) ? (unsigned)db_int(q, 0) : 0;
    db_end(q);
    return flags;
}

/* Remembers it. */
enum status capability_set(struct db *db, const char *url, const char *model, unsigned flags,
                           struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT INTO model_capability(url, model, flags, at)"
                                        " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(url, model)"
                                        " DO UPDATE SET flags = ?3, at = ?4");
    db_bind_text(q, 1, url);
    db_bind_text(q, 2, model);
    db_bind_int(q, 3, flags);
    db_bind_int(q, 4, clock_now());
    return db_run(q, err);
}
