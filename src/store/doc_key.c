/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doc_key.c - the keys of docs: in the order of time, and close together.
 *
 * The index writes, for every word of every row, how far the row's key is from the last one's: keys
 * that stand close together save a fifth of it. A key is made of the doc's date in units of eight
 * seconds; a doc whose place is taken gets the nearest one that keeps the order of dates. Only where
 * more docs come within a time than it has units, and not in their order, some stand a little beside
 * it: who asks for a range of dates looks at the dates of those near its ends (doc_key_range).
 *
 * A store that had docs before keeps the keys it has, seconds times 16. */
#include "store/doc_index.h"

#include "base/i18n.h"

enum { OLD_SHIFT = 4, SHIFT = 3 };

#define DATE_MOST (((int64_t)1 << 42) - 1)
/* No key is this far beside its date: so many docs came with one date, or so nearly. */
#define ASIDE ((int64_t)1 << 16)

/* Notes how the rows of this store are made: a new one as this program makes them. */
enum status doc_form_create(struct db *db, struct error *err)
{
    enum status s = db_exec(db,
                            "CREATE TABLE doc_form(keys INTEGER NOT NULL, words INTEGER NOT NULL) STRICT;"
                            "INSERT INTO doc_form VALUES(0, 0)",
                            err);
    if (s != STATUS_OK || db_get_int(db, "SELECT 1 FROM doc LIMIT 1", 0))
        return s;
    s = db_exec(db, "UPDATE doc_form SET keys = 1", err);
    return s == STATUS_OK ? doc_index_rebuild(db, err) : s;
}

/* Are keys seconds times 16? */
static bool is_old(struct db *db)
{
    return db_get_int(db, "SELECT keys FROM doc_form", 0) == 0;
}

/* The key of a date, were it free. */
static int64_t key_at(int64_t date)
{
    return (date >> SHIFT) + 1;
}

/* Dates that are none, or beyond all calendars, stand at the ends. */
static int64_t within(int64_t date)
{
    return date < 0 ? 0 : date > DATE_MOST ? DATE_MOST : date;
}

/* As it was: the first free key of a second, or of one of the next when it is full. */
static int64_t old_key(struct db *db, int64_t date)
{
    for (;; date++) {
        struct db_query *q = db_prepare(db, "SELECT max(key) FROM doc WHERE key BETWEEN ?1 AND ?2");
        db_bind_int(q, 1, date << OLD_SHIFT);
        db_bind_int(q, 2, ((date + 1) << OLD_SHIFT) - 1);
        int64_t key = db_step(q) && !db_is_null(q, 0) ? db_int(q, 0) + 1 : date << OLD_SHIFT;
        db_end(q);
        if (key >> OLD_SHIFT == date)
            return key;
    }
}

struct near {
    bool found;
    int64_t key, date;
};

/* Reads the row of a query. */
static struct near read_near(struct db_query *q, int64_t key)
{
    struct near n = {0};
    db_bind_int(q, 1, key);
    if (db_step(q))
        n = (struct near){true, db_int(q, 0), db_int(q, 1)};
    db_end(q);
    return n;
}

/* The first row from this key on. */
static struct near row_from(struct db *db, int64_t key)
{
    return read_near(db_prepare(db, "SELECT key, date FROM doc WHERE key >= ?1 ORDER BY key LIMIT 1"), key);
}

/* The last row before this key. */
static struct near row_before(struct db *db, int64_t key)
{
    return read_near(db_prepare(db, "SELECT key, date FROM doc WHERE key < ?1 ORDER BY key DESC LIMIT 1"),
                     key);
}

/* Is every row from this key on later than the date? The first one tells. */
static bool is_later(struct db *db, int64_t key, int64_t date, struct near *first)
{
    *first = row_from(db, key);
    return !first->found || first->date > date;
}

/* The rows that a doc of this date belongs between, looked for around key: steps that double, then
 * halves, for thousands may have one date. */
static void neighbours(struct db *db, int64_t key, int64_t date, struct near *below, struct near *above)
{
    struct near n;
    *above = row_from(db, key);
    *below = row_before(db, key);
    int64_t low = key, high = key, step = 1;
    if (above->found && above->date <= date) {
        while (!is_later(db, high = low + step, date, &n)) {
            low = n.key;
            step *= 2;
        }
    } else if (below->found && below->date > date) {
        high = below->key;
        while (low = high - step, is_later(db, low, date, &n) && row_before(db, low).found) {
            high = low;
            step *= 2;
        }
    } else {
        return;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (is_later(db, middle, date, &n))
            high = middle;
        else
            low = middle;
    }
    *above = row_from(db, high);
    *below = row_before(db, high);
}

/* A free key above one that is taken. */
static int64_t free_above(struct db *db, int64_t taken)
{
    int64_t step = 1, free;
    for (;; step *= 2) {
        struct near n = row_from(db, taken + step);
        free = taken + step;
        if (!n.found || n.key != free)
            break;
        taken = free;
    }
    while (free - taken > 1) {
        int64_t middle = taken + (free - taken) / 2;
        struct near n = row_from(db, middle);
        if (n.found && n.key == middle)
            taken = middle;
        else
            free = middle;
    }
    return free;
}

/* The key of a new doc: behind those of the same date. */
int64_t doc_key_new(struct db *db, int64_t date)
{
    struct near below, above;
    date = within(date);
    if (is_old(db))
        return old_key(db, date);
    int64_t key = key_at(date);
    neighbours(db, key, date, &below, &above);
    if (below.found && key <= below.key)
        key = below.key + 1;
    if (above.found && key >= above.key)
        key = above.key - 1;
    if (key < 1 || (below.found && key <= below.key))
        return free_above(db, above.key);
    return key;
}

/* The keys that docs of some dates can have, and those within that only such docs have. */
void doc_key_range(struct db *db, int64_t low, int64_t high, struct doc_key_range *out)
{
    bool old = is_old(db), ends = high <= DATE_MOST;
    int64_t from = within(low), to = within(high), aside = old ? 0 : ASIDE;
    from = old ? from << OLD_SHIFT : key_at(from);
    to = old ? to << OLD_SHIFT : key_at(to);
    bool begins = low > 0;
    *out = (struct doc_key_range){
        .low = begins ? from - aside : INT64_MIN,
        .high = ends ? to + aside : INT64_MAX,
        .sure_low = begins ? from + aside : INT64_MIN,
        .sure_high = ends ? to - aside : INT64_MAX,
    };
}
