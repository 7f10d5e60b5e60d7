/* ledger.h - what left, what it cost, what each server can do: three tables without journal. */
#ifndef MODEL_LEDGER_H
#define MODEL_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct db;
struct store;

/* ---- egress: written and committed before the bytes leave ---- */

struct egress {
    int64_t id, at;
    char *host, *provider, *model, *purpose; /* own in records, borrowed in rows */
    int passages;
    int64_t tokens; /* our estimate */
    int64_t bytes;
    bool kept_back;  /* no connection: nothing left after all */
    struct str body; /* the exact bytes; empty once they are too old */
};
enum status egress_insert(struct db *db, struct egress *e, struct error *err) MUST_CHECK;
/* The connection failed before a byte was sent. */
enum status egress_kept_back(struct db *db, int64_t id, struct error *err) MUST_CHECK;
/* Newest first; bodies only when wanted. */
enum status egress_list(struct db *db, int64_t limit, bool bodies,
                        void (*on_row)(void *user, const struct egress *e), void *user,
                        struct error *err) MUST_CHECK;

/* ---- usage ---- */

struct usage {
    int64_t at;
    char *purpose, *model, *provider, *host, *state, *currency; /* currency NULL: no price known */
    int64_t prompt, completion;
    bool estimated;
    int64_t cost; /* 1e-9 of the currency; -1 unknown */
    int64_t ms, egress;
};
enum status usage_insert(struct db *db, const struct usage *u, struct error *err) MUST_CHECK;

enum usage_by { USAGE_TOTAL, USAGE_DAY, USAGE_PURPOSE, USAGE_MODEL };
struct usage_row {
    const char *key, *currency; /* borrowed; currency "" when no price is known */
    int64_t requests, prompt, completion, estimated, cost;
};
/* Sums per key and currency. */
enum status usage_list(struct db *db, enum usage_by by,
                       void (*on_row)(void *user, const struct usage_row *r), void *user,
                       struct error *err) MUST_CHECK;

/* tokens × price per million, in 1e-9; -1 when a price is unknown or no number. */
int64_t usage_cost(int64_t prompt, int64_t completion, const char *price_in, const char *price_out);
/* "0.0213" of 1e-9 units, without zeros at the end but for two places. Yours. */
char *usage_money(int64_t cost);

/* ---- capability ---- */

enum capability { /* learnt from refusals, per base URL and model */
    NO_JSON_SCHEMA = 1 << 0,
    NO_JSON_OBJECT = 1 << 1,
    NO_STREAM_OPTIONS = 1 << 2,
    WANTS_MAX_COMPLETION = 1 << 3,
    WANTS_MAX_TOKENS = 1 << 4,
    NO_MAX = 1 << 5
};
unsigned capability_get(struct db *db, const char *url, const char *model);
enum status capability_set(struct db *db, const char *url, const char *model, unsigned flags,
                           struct error *err) MUST_CHECK;

#endif
