/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doc_index.c - words of docs: fed from the queue of dirty rows, in the order of their keys.
 *
 * The index keeps no text (its content is a view that unpacks doc_text), so a row's words can only
 * be taken out by naming the very text they came from. Therefore a row is in one of two states:
 * waiting in doc_dirty with none of its words in the index, or absent there with all of them.
 *
 * A few rows go through FTS5; many are gathered here and become a piece of the index at once
 * (words.c, segment.c), which costs a third and leaves large pieces, of which fewer are merged later.
 * Merging is done in steps of some pages whenever nothing else waits, and not by FTS5 inside the
 * transaction that happens to bring the last piece. */
#include "store/doc_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "store/bundle.h"
#include "store/db_internal.h"
#include "store/segment.h"
#include "store/tokenizer.h"
#include "store/words.h"

/* Words gathered in memory before they are written as one sorted piece, bytes. */
#define INDEX_GATHER "8388608"
/* Pieces of one size that are merged into one of the next: by FTS5 and by doc_index_merge. */
#define INDEX_PIECES 8
#define INDEX_URGENT 12 /* FTS5 merges all at once when they are 16 */
#define INDEX_ASK 16    /* rows */
#define INDEX_LEFT 2000 /* so many that wait are counted */
#define INDEX_WINDOW 16384 /* so many are sorted by the time their texts came */
#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

/* How words are gathered and pieces merged. FTS5's own numbers (1 MB, 4 pieces) rewrite every word
 * once more on the way to a hundred thousand rows. */
enum status doc_index_tune(struct db *db, struct error *err)
{
    return db_exec(db,
                   "INSERT INTO doc_fts(doc_fts, rank) VALUES('hashsize', " INDEX_GATHER ");"
                   "INSERT INTO doc_fts(doc_fts, rank) VALUES('automerge', " TEXT(INDEX_PIECES) ");",
                   err);
}

/* The step after: when doc_index_merge finds something to do. */
enum status doc_index_tune_merge(struct db *db, struct error *err)
{
    return db_exec(db, "INSERT INTO doc_fts(doc_fts, rank) VALUES('usermerge', " TEXT(INDEX_PIECES) ")", err);
}

#define CREATE_INDEX(tokenizer)                                                                    \
    /* The body first: places in the first column are written without its number. */               \
    "CREATE VIRTUAL TABLE doc_fts USING fts5(body, subject, sender, recipients, cc, files,"         \
    " content='doc_content', content_rowid='key', tokenize='" tokenizer "');"                       \
    "INSERT INTO doc_fts(doc_fts, rank) VALUES('rank', 'bm25(1.0, 8.0, 4.0, 2.0, 1.0, 3.0)');"

/* Makes the index as it was at first. */
enum status doc_index_create(struct db *db, struct error *err)
{
    return db_exec(
        db,
        "CREATE VIEW doc_content AS SELECT d.key AS key, unpack(t.body, 2097152) AS body,"
        " t.subject AS subject, t.sender AS sender, t.recipients AS recipients, t.cc AS cc,"
        " t.files AS files FROM doc d JOIN doc_text t ON t.id = d.text"
        " WHERE NOT EXISTS(SELECT 1 FROM doc_dirty q WHERE q.key = d.key);"
        CREATE_INDEX("bureau"), err);
}

/* Has the index a token for every single CJK character? */
bool doc_index_has_marks(struct db *db)
{
    return db_get_int(db, "SELECT words FROM doc_form", 0) == 0;
}

/* The part of a text that is indexed: whole characters of at most DOC_INDEX_MAX bytes. */
static size_t indexed_len(const char *text, size_t n)
{
    if (n <= DOC_INDEX_MAX)
        return n;
    n = DOC_INDEX_MAX;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* Takes the words of a row out. */
enum status doc_index_remove(struct db *db, int64_t key, const struct doc *old, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM doc_dirty WHERE key = ?1");
    db_bind_int(q, 1, key);
    bool waits = db_step(q);
    db_end(q);
    if (waits)
        return STATUS_OK;
    q = db_prepare(db, "INSERT INTO doc_fts(doc_fts, rowid, subject, sender, recipients, cc, files,"
                       " body) VALUES('delete', ?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    db_bind_int(q, 1, key);
    db_bind_text(q, 2, old->subject);
    db_bind_text(q, 3, old->sender);
    db_bind_text(q, 4, old->recipients);
    db_bind_text(q, 5, old->cc);
    db_bind_text(q, 6, old->files);
    db_bind_text_n(q, 7, old->body, indexed_len(old->body, strlen(old->body)));
    return db_run(q, err);
}

/* Indexes one row of the queue. */
static enum status index_row(struct db *db, struct db_query *row, struct str *body,
                             struct error *err)
{
    size_t n;
    const void *packed = db_bytes(row, 6, &n);
    str_clear(body);
    enum status s = bundle_read(db, packed, n, SIZE_MAX, body, err);
    if (s != STATUS_OK)
        return s;
    struct db_query *q = db_prepare(db, "INSERT INTO doc_fts(rowid, subject, sender, recipients,"
                                        " cc, files, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    db_bind_int(q, 1, db_int(row, 0));
    for (int i = 1; i < 6; i++) {
        const char *text = db_text(row, i);
        db_bind_text(q, i + 1, text);
    }
    db_bind_text_n(q, 7, str_text(body), indexed_len(str_text(body), body->len));
    return db_run(q, err);
}

/* Feeds the index: keys rise within a transaction, so that words of many rows are gathered before
 * they are written. */
enum status doc_index_some(struct db *db, int n, int *left, struct error *err)
{
    struct str body = STR_INIT;
    int64_t last = -1;
    int count = 0;
    struct db_query *q =
        db_prepare(db, "SELECT q.key, t.subject, t.sender, t.recipients, t.cc, t.files, t.body"
                       " FROM doc_dirty q CROSS JOIN doc d ON d.key = q.key"
                       " CROSS JOIN doc_text t ON t.id = d.text ORDER BY q.key LIMIT ?1");
    db_bind_int(q, 1, n);
    enum status s = STATUS_OK;
    while (s == STATUS_OK && db_step(q)) {
        last = db_int(q, 0);
        count++;
        s = index_row(db, q, &body, err);
    }
    enum status end = s == STATUS_OK ? db_done(q, err) : (db_end(q), s);
    str_fini(&body);
    if (end != STATUS_OK)
        return end;
    q = db_prepare(db, "DELETE FROM doc_dirty WHERE key <= ?1");
    db_bind_int(q, 1, last);
    s = db_run(q, err);
    *left = count < n ? 0 : doc_index_waiting(db, n + 1);
    return s;
}

/* ---- many rows at once ---- */

struct doc_index_run {
    struct words *words;
    struct tokenizer *tokenizer;
    struct str body;
};

/* Nothing gathered. */
struct doc_index_run *doc_index_run_new(void)
{
    struct doc_index_run *r = mem_alloc(sizeof *r);
    r->words = words_new();
    r->tokenizer = tokenizer_new();
    return r;
}

/* Releases it. */
void doc_index_run_free(struct doc_index_run *r)
{
    if (!r)
        return;
    words_free(r->words);
    tokenizer_free(r->tokenizer);
    str_fini(&r->body);
    free(r);
}

/* The tokenizer found one. */
static int on_token(void *user, int beside, const char *token, int n, int start, int end)
{
    (void)start;
    (void)end;
    words_add(user, token, (size_t)n, beside);
    return 0;
}

/* Gathers the words of one row. Columns as doc_fts has them: the body is its first. */
static enum status gather_row(struct db *db, struct doc_index_run *r, int64_t key, struct db_query *row,
                              struct error *err)
{
    size_t n;
    const void *packed = db_bytes(row, 5, &n);
    str_clear(&r->body);
    enum status s = bundle_read(db, packed, n, SIZE_MAX, &r->body, err);
    if (s != STATUS_OK)
        return s;
    words_begin(r->words, key);
    words_column(r->words, 0);
    const char *body = str_text(&r->body);
    tokenizer_tokens(r->tokenizer, body, indexed_len(body, r->body.len), on_token, r->words);
    for (int i = 0; i < 5; i++) {
        const char *text = db_text(row, i);
        if (!*text)
            continue;
        words_column(r->words, (unsigned)i + 1);
        tokenizer_tokens(r->tokenizer, text, strlen(text), on_token, r->words);
    }
    return STATUS_OK;
}

/* Gathers one row of the queue and takes it out. */
static enum status gather_one(struct db *db, struct doc_index_run *r, int64_t key, int64_t text,
                              struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT subject, sender, recipients, cc, files, body"
                                        " FROM doc_text WHERE id = ?1");
    db_bind_int(q, 1, text);
    enum status s = db_step(q) ? gather_row(db, r, key, q, err) : STATUS_OK;
    enum status end = s == STATUS_OK ? db_done(q, err) : (db_end(q), s);
    if (end != STATUS_OK)
        return end;
    q = db_prepare(db, "DELETE FROM doc_dirty WHERE key = ?1");
    db_bind_int(q, 1, key);
    return db_run(q, err);
}

/* Gathers rows until they have so many words. They are read as their texts came, for neighbours lie in
 * one bundle: by their keys each might have its bundle unpacked anew. */
static enum status gather(struct db *db, struct doc_index_run *r, size_t words, bool (*go_on)(void *user),
                          void *user, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT w.key, d.text FROM (SELECT key FROM doc_dirty ORDER BY key"
                                        " LIMIT ?1) w CROSS JOIN doc d ON d.key = w.key ORDER BY d.text");
    enum status s = STATUS_OK;
    db_bind_int(q, 1, INDEX_WINDOW);
    while (s == STATUS_OK && words_count(r->words) < words && db_step(q)) {
        if (words_rows(r->words) % INDEX_ASK == 0 && go_on && !go_on(user))
            s = error_set(err, STATUS_INTERRUPTED, _("stopped"));
        else
            s = gather_one(db, r, db_int(q, 0), db_int(q, 1), err);
    }
    return s == STATUS_OK ? db_done(q, err) : (db_end(q), s);
}

/* Many rows, as one piece. */
enum status doc_index_many(struct db *db, struct doc_index_run *r, size_t words, bool (*go_on)(void *user),
                           void *user, int *left, struct error *err)
{
    if (!segment_fits(db))
        return error_set(err, STATUS_REFUSED, "%s", "doc_fts");
    words_clear(r->words);
    tokenizer_set_marks(r->tokenizer, doc_index_has_marks(db));
    enum status s = gather(db, r, words, go_on, user, err);
    if (s == STATUS_OK && words_rows(r->words))
        s = segment_write(db, r->words, go_on, user, err);
    else if (s == STATUS_OK) /* keys without a row, which no one else will take out */
        s = db_exec(db, "DELETE FROM doc_dirty WHERE key NOT IN (SELECT key FROM doc)", err);
    if (s == STATUS_OK)
        *left = doc_index_waiting(db, INDEX_LEFT);
    return s;
}

/* What is left to merge. */
int64_t doc_index_unmerged(struct db *db, bool *urgent)
{
    *urgent = segment_unmerged(db, INDEX_URGENT) > 0;
    return segment_unmerged(db, INDEX_PIECES);
}

/* Merges some. */
enum status doc_index_merge(struct db *db, int pages, struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT INTO doc_fts(doc_fts, rank) VALUES('merge', ?1)");
    db_bind_int(q, 1, pages);
    return db_run(q, err);
}

/* Rows that wait. */
int doc_index_waiting(struct db *db, int max)
{
    struct db_query *q =
        db_prepare(db, "SELECT count(*) FROM (SELECT 1 FROM doc_dirty LIMIT ?1)");
    db_bind_int(q, 1, max);
    int count = db_step(q) ? (int)db_int(q, 0) : 0;
    db_end(q);
    return count;
}

/* Compares the index with the texts. */
enum status doc_index_verify(struct db *db, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "INSERT INTO doc_fts(doc_fts, rank) VALUES('integrity-check', 1)");
    enum status s = db_run(q, err);
    if (s == STATUS_CORRUPT) {
        error_set(err, s, _("the search index does not fit the texts"));
        error_hint(err, _("run: bureau verify --rebuild"));
    }
    return s;
}

/* Empties the index and queues everything. */
enum status doc_index_rebuild(struct db *db, struct error *err)
{
    enum status s = db_exec(db,
                            "DROP TABLE doc_fts; UPDATE doc_form SET words = 1;" CREATE_INDEX("bureau pairs"),
                            err);
    if (s == STATUS_OK)
        s = doc_index_tune(db, err);
    if (s == STATUS_OK)
        s = doc_index_tune_merge(db, err);
    if (s == STATUS_OK)
        s = db_exec(db, "INSERT OR IGNORE INTO doc_dirty(key) SELECT key FROM doc", err);
    return s;
}
