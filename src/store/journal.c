/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal.c - batches of changes, their inverses, and the chain of hashes over them.
 *
 * An item's digest is H(salt, field, ref, before, after) with 16 random bytes of salt; a batch's
 * hash is H(hash of the batch before, id, time, program, who, what, why, what it undoes, digests of
 * its items). Erasing content takes away salt, before and after and leaves the digest: the chain
 * still holds, and without the salt nobody can guess the content back from it. */
#include "store/journal.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "store/journal_inside.h"
#include "store/store.h"

enum { HASH = 32, DIGEST = 16, SALT = 16, FIELDS_MAX = 64, WORDS_MAX = 16 };

static const struct migration steps[] = {
    {.sql = "CREATE TABLE journal_batch("
            " id INTEGER PRIMARY KEY, at INTEGER NOT NULL, program TEXT NOT NULL,"
            " who TEXT NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL, kind INTEGER NOT NULL,"
            " undoes INTEGER NOT NULL, undone_by INTEGER NOT NULL DEFAULT 0,"
            " count INTEGER NOT NULL DEFAULT 0, inverse INTEGER NOT NULL DEFAULT 0,"
            " hash BLOB NOT NULL) STRICT;"
            "CREATE TABLE journal_item("
            " batch INTEGER NOT NULL REFERENCES journal_batch(id), n INTEGER NOT NULL,"
            " field TEXT NOT NULL, ref INTEGER NOT NULL, before TEXT, after TEXT,"
            " salt BLOB, digest BLOB NOT NULL, PRIMARY KEY(batch, n)) STRICT, WITHOUT ROWID;"
            "CREATE INDEX journal_thing ON journal_item(field, ref);"},
    /* what a person counts; 0: as many as items */
    {.sql = "ALTER TABLE journal_batch ADD COLUMN things INTEGER NOT NULL DEFAULT 0;"},
};
extern const struct migration_list journal_migrations;
const struct migration_list journal_migrations = {"journal", steps, sizeof steps / sizeof *steps};

static const struct journal_field *fields[FIELDS_MAX];
static const char *code_words[WORDS_MAX][2];
static size_t code_words_len;
static size_t fields_len;
static char program[80] = "batch";

/* Whose batches these are. */
const char *journal_program(void)
{
    return program;
}

/* Makes a kind of value known. */
void journal_register(const struct journal_field *field)
{
    for (size_t i = 0; i < fields_len; i++)
        if (strcmp(fields[i]->name, field->name) == 0) {
            fields[i] = field;
            return;
        }
    assert(fields_len < FIELDS_MAX);
    fields[fields_len++] = field;
}

void journal_register_word(const char *code, const char *words)
{
    for (size_t i = 0; i < code_words_len; i++)
        if (strcmp(code, code_words[i][0]) == 0)
            return;
    assert(code_words_len < WORDS_MAX);
    code_words[code_words_len][0] = code;
    code_words[code_words_len++][1] = words;
}

/* A registered field; NULL when unknown. */
const struct journal_field *journal_field_find(const char *name)
{
    for (size_t i = 0; i < fields_len; i++)
        if (strcmp(fields[i]->name, name) == 0)
            return fields[i];
    return NULL;
}

/* The name batches of this process carry. */
void journal_set_program(const char *name)
{
    snprintf(program, sizeof program, "%s", name);
}

/* ---- hashes ---- */

/* Adds one text with its length to a hash; NULL counts as another thing than "". */
static void hash_text(crypto_generichash_state *h, const char *text)
{
    uint64_t n = text ? strlen(text) : UINT64_MAX;
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    if (text)
        crypto_generichash_update(h, (const unsigned char *)text, (size_t)n);
}

/* Adds one number to a hash. */
static void hash_int(crypto_generichash_state *h, int64_t n)
{
    crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
}

/* The digest of an item. */
static void item_digest(const unsigned char salt[SALT], const char *field, int64_t ref,
                        const char *before, const char *after, unsigned char out[DIGEST])
{
    crypto_generichash_state h;
    crypto_generichash_init(&h, salt, SALT, DIGEST);
    hash_text(&h, field);
    hash_int(&h, ref);
    hash_text(&h, before);
    hash_text(&h, after);
    crypto_generichash_final(&h, out, DIGEST);
}

struct chained {
    int64_t id, at, undoes;
    const char *program, *who, *what, *why;
    int kind;
};

/* The hash of a batch. */
static void batch_hash(const unsigned char *before, size_t n, const struct chained *b,
                       crypto_generichash_state *items, unsigned char out[HASH])
{
    crypto_generichash_state h;
    unsigned char root[HASH];
    crypto_generichash_final(items, root, HASH);
    crypto_generichash_init(&h, NULL, 0, HASH);
    crypto_generichash_update(&h, before, n);
    hash_int(&h, b->id);
    hash_int(&h, b->at);
    hash_text(&h, b->program);
    hash_text(&h, b->who);
    hash_text(&h, b->what);
    hash_text(&h, b->why);
    hash_int(&h, b->kind);
    hash_int(&h, b->undoes);
    crypto_generichash_update(&h, root, HASH);
    crypto_generichash_final(&h, out, HASH);
}

/* ---- writing ---- */

/* Opens a batch of any kind. */
struct journal *journal_open(struct db *db, const char *who, const char *what, const char *why,
                             enum kind kind, int64_t undoes)
{
    struct journal *j = mem_alloc(sizeof *j);
    if (sodium_init() < 0)
        abort();
    j->db = db;
    j->at = clock_now();
    j->kind = kind;
    j->undoes = undoes;
    j->who = mem_strdup(who);
    j->what = mem_strdup(what);
    j->why = mem_strdup(why ? why : "");
    crypto_generichash_init(&j->items, NULL, 0, HASH);
    return j;
}

/* Opens a batch. */
enum status journal_begin(struct db *db, const char *who, const char *what, const char *why,
                          struct journal **out, struct error *err)
{
    (void)err;
    *out = journal_open(db, who, what, why, DO, 0);
    return STATUS_OK;
}

/* Writes the batch's row with its first item. */
static enum status need_row(struct journal *j, struct error *err)
{
    if (j->id)
        return STATUS_OK;
    struct db_query *q =
        db_prepare(j->db, "INSERT INTO journal_batch(id, at, program, who, what, why, kind, undoes,"
                          " hash) SELECT coalesce(max(id), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, x''"
                          " FROM journal_batch");
    db_bind_int(q, 1, j->at);
    db_bind_text(q, 2, program);
    db_bind_text(q, 3, j->who);
    db_bind_text(q, 4, j->what);
    db_bind_text(q, 5, j->why);
    db_bind_int(q, 6, j->kind);
    db_bind_int(q, 7, j->undoes);
    enum status s = db_run(q, err);
    if (s == STATUS_OK)
        j->id = db_last_id(j->db);
    return s;
}

/* Writes one item. */
enum status journal_add(struct journal *j, const char *field, int64_t ref, const char *before,
                        const char *after, struct error *err)
{
    enum status s = need_row(j, err);
    if (s != STATUS_OK)
        return s;
    unsigned char salt[SALT], digest[DIGEST];
    randombytes_buf(salt, sizeof salt);
    item_digest(salt, field, ref, before, after, digest);
    struct db_query *q =
        db_prepare(j->db, "INSERT INTO journal_item(batch, n, field, ref, before, after, salt,"
                          " digest) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    db_bind_int(q, 1, j->id);
    db_bind_int(q, 2, ++j->count);
    db_bind_text(q, 3, field);
    db_bind_int(q, 4, ref);
    db_bind_text(q, 5, before);
    db_bind_text(q, 6, after);
    db_bind_bytes(q, 7, salt, sizeof salt);
    db_bind_bytes(q, 8, digest, sizeof digest);
    crypto_generichash_update(&j->items, digest, sizeof digest);
    j->inverse += before != NULL;
    j->things += ref != j->last;
    j->last = ref;
    return db_run(q, err);
}

/* Sets a value and remembers what it was. */
enum status journal_set(struct journal *j, const char *field, int64_t ref, const char *value,
                        bool *changed, struct error *err)
{
    const struct journal_field *f = journal_field_find(field);
    assert(f);
    if (changed)
        *changed = false;
    struct str before = STR_INIT;
    enum status s = f->get(j->db, ref, &before, err);
    if (s == STATUS_OK && strcmp(str_text(&before), value) != 0) {
        s = f->set(j->db, ref, value, err);
        if (s == STATUS_OK)
            s = journal_add(j, field, ref, str_text(&before), value, err);
        if (s == STATUS_OK && changed)
            *changed = true;
    }
    str_fini(&before);
    return s;
}

/* Remembers what has no inverse. */
enum status journal_note(struct journal *j, const char *what, int64_t ref, const char *text,
                         struct error *err)
{
    return journal_add(j, what, ref, NULL, text, err);
}

/* Says how many things a person did it to. */
void journal_count(struct journal *j, int64_t things)
{
    j->things = things;
}

/* Releases an open batch. */
static void batch_free(struct journal *j)
{
    free(j->who);
    free(j->what);
    free(j->why);
    free(j);
}

/* The operation failed and is taken back anyway. */
void journal_abandon(struct journal *j)
{
    if (j)
        batch_free(j);
}

/* Closes a batch: its hash joins the chain. */
enum status journal_end(struct journal *j, int64_t *id, struct error *err)
{
    if (id)
        *id = j->id;
    enum status s = STATUS_OK;
    if (j->id) {
        unsigned char before[HASH] = {0}, hash[HASH];
        size_t n = 0;
        struct db_query *q = db_prepare(j->db, "SELECT hash FROM journal_batch WHERE id < ?1"
                                               " ORDER BY id DESC LIMIT 1");
        db_bind_int(q, 1, j->id);
        if (db_step(q)) {
            const void *bytes = db_bytes(q, 0, &n);
            assert(n == HASH); /* else another batch is open */
            memcpy(before, bytes, n < HASH ? n : HASH);
        }
        db_end(q);
        struct chained b = {j->id, j->at, j->undoes, program, j->who, j->what, j->why,
                            (int)j->kind};
        batch_hash(before, n, &b, &j->items, hash);
        q = db_prepare(j->db, "UPDATE journal_batch SET count = ?2, inverse = ?3, hash = ?4, things = ?5"
                              " WHERE id = ?1");
        db_bind_int(q, 1, j->id);
        db_bind_int(q, 2, j->count);
        db_bind_int(q, 3, j->inverse);
        db_bind_bytes(q, 4, hash, HASH);
        db_bind_int(q, 5, j->things);
        s = db_run(q, err);
    }
    batch_free(j);
    return s;
}

/* ---- reading ---- */

const char *journal_word(const char *code)
{
    for (size_t i = 0; i < code_words_len; i++)
        if (strcmp(code, code_words[i][0]) == 0)
            return _(code_words[i][1]);
    return *code ? _(code) : code;
}

const char *journal_yes_no(const char *value)
{
    return strcmp(value, "1") == 0 ? _("yes") : _("no");
}

/* Newest first. */
enum status journal_list(struct db *db, int64_t limit,
                         bool (*on_row)(void *user, const struct journal_row *r), void *user,
                         struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT id, at, CASE things WHEN 0 THEN count ELSE things END, undone_by, who, what, why, undoes FROM journal_batch"
                       " ORDER BY id DESC LIMIT ?1");
    db_bind_int(q, 1, limit);
    while (db_step(q)) {
        struct journal_row r = {
            .id = db_int(q, 0),
            .at = db_int(q, 1),
            .count = db_int(q, 2),
            .undone_by = db_int(q, 3),
            .who = db_text(q, 4),
            .what = db_text(q, 5),
            .why = db_text(q, 6),
            .undoes = db_int(q, 7),
        };
        if (!on_row(user, &r))
            break;
    }
    return db_done(q, err);
}

/* What a batch did. */
enum status journal_items(struct db *db, int64_t batch, int64_t limit,
                          bool (*on_item)(void *user, const struct journal_item *i), void *user,
                          struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT n, ref, field, before, after FROM journal_item"
                                        " WHERE batch = ?1 ORDER BY n LIMIT ?2");
    db_bind_int(q, 1, batch);
    db_bind_int(q, 2, limit);
    while (db_step(q)) {
        const struct journal_field *f = journal_field_find(db_text(q, 2));
        struct journal_item i = {
            .batch = batch,
            .n = db_int(q, 0),
            .ref = db_int(q, 1),
            .letter = f ? f->letter : '\0',
            .kind = f,
            .field = db_text(q, 2),
            .before = db_text(q, 3),
            .after = db_text(q, 4),
            .has_inverse = f && !db_is_null(q, 3),
        };
        if (!on_item(user, &i))
            break;
    }
    return db_done(q, err);
}

/* Erases the content of one thing's items. */
enum status journal_erase(struct db *db, const char *field, int64_t ref, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE journal_item SET before = NULL, after = NULL, salt = NULL"
                       " WHERE field = ?1 AND ref = ?2");
    db_bind_text(q, 1, field);
    db_bind_int(q, 2, ref);
    return db_run(q, err);
}

/* Hashes the items of a batch again; false when one does not fit its digest, or some are missing. */
static bool check_items(struct db *db, int64_t batch, int64_t count,
                        crypto_generichash_state *items)
{
    crypto_generichash_init(items, NULL, 0, HASH);
    struct db_query *q =
        db_prepare(db, "SELECT n, field, ref, before, after, salt, digest FROM journal_item"
                       " WHERE batch = ?1 ORDER BY n");
    db_bind_int(q, 1, batch);
    bool fits = true;
    int64_t seen = 0;
    while (fits && db_step(q)) {
        size_t salts, n;
        const void *salt = db_bytes(q, 5, &salts), *digest;
        unsigned char again[DIGEST] = {0};
        if (salts == SALT)
            item_digest(salt, db_text(q, 1), db_int(q, 2), db_is_null(q, 3) ? NULL : db_text(q, 3),
                        db_is_null(q, 4) ? NULL : db_text(q, 4), again);
        digest = db_bytes(q, 6, &n);
        fits = db_int(q, 0) == ++seen && n == DIGEST &&
               (salts == 0 || memcmp(digest, again, DIGEST) == 0);
        crypto_generichash_update(items, digest, n);
    }
    db_end(q);
    return fits && seen == count;
}

/* Checks the chain from its beginning. */
enum status journal_verify(struct db *db, int64_t *batches, struct error *err)
{
    unsigned char last[HASH] = {0}, hash[HASH];
    size_t last_len = 0;
    int64_t bad = 0;
    *batches = 0;
    struct db_query *q =
        db_prepare(db, "SELECT id, at, undoes, program, who, what, why, kind, count, hash"
                       " FROM journal_batch ORDER BY id");
    while (!bad && db_step(q)) {
        struct chained b = {db_int(q, 0),  db_int(q, 1),  db_int(q, 2),  db_text(q, 3),
                            db_text(q, 4), db_text(q, 5), db_text(q, 6), (int)db_int(q, 7)};
        crypto_generichash_state items;
        size_t n;
        bool fits = check_items(db, b.id, db_int(q, 8), &items);
        batch_hash(last, last_len, &b, &items, hash);
        const void *stored = db_bytes(q, 9, &n);
        if (!fits || b.id != *batches + 1 || n != HASH || memcmp(stored, hash, HASH) != 0)
            bad = b.id;
        memcpy(last, hash, HASH);
        last_len = HASH;
        ++*batches;
    }
    enum status s = db_done(q, err);
    if (s == STATUS_OK && bad)
        s = error_set(err, STATUS_CORRUPT, _("the journal does not fit its hashes from j%lld on"),
                      (long long)bad);
    return s;
}
