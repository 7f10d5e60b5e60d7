/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doc_index.c - words of docs: fed from the queue of dirty rows, in the order of their keys.
 *
 * The index keeps no text (its content is a view that unpacks doc_text), so a row's words can only
 * be taken out by naming the very text they came from. Therefore a row is in one of two states:
 * waiting in doc_dirty with none of its words in the index, or absent there with all of them. */
#include "store/doc_index.h"

#include <string.h>

#include "base/i18n.h"
#include "store/bundle.h"
#include "store/db_internal.h"

/* Words gathered in memory before they are written as one sorted piece, bytes. */
#define INDEX_GATHER "8388608"
/* Pieces of one size that are merged into one of the next. */
#define INDEX_PIECES "8"

/* How words are gathered and pieces merged. FTS5's own numbers (1 MB, 4 pieces) rewrite every word
 * once more on the way to a hundred thousand rows. */
enum status doc_index_tune(struct db *db, struct error *err)
{
    return db_exec(db,
                   "INSERT INTO doc_fts(doc_fts, rank) VALUES('hashsize', " INDEX_GATHER ");"
                   "INSERT INTO doc_fts(doc_fts, rank) VALUES('automerge', " INDEX_PIECES ");",
                   err);
}

/* Makes the index. */
enum status doc_index_create(struct db *db, struct error *err)
{
    return db_exec(
        db,
        "CREATE VIEW doc_content AS SELECT d.key AS key, unpack(t.body, 2097152) AS body,"
        " t.subject AS subject, t.sender AS sender, t.recipients AS recipients, t.cc AS cc,"
        " t.files AS files FROM doc d JOIN doc_text t ON t.id = d.text"
        " WHERE NOT EXISTS(SELECT 1 FROM doc_dirty q WHERE q.key = d.key);"
        /* The body first: places in the first column are written without its number. */
        "CREATE VIRTUAL TABLE doc_fts USING fts5(body, subject, sender, recipients, cc, files,"
        " content='doc_content', content_rowid='key', tokenize='bureau');"
        "INSERT INTO doc_fts(doc_fts, rank) VALUES('rank', 'bm25(1.0, 8.0, 4.0, 2.0, 1.0, 3.0)');",
        err);
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
    enum status s = db_exec(db, "DROP TABLE doc_fts; DROP VIEW doc_content;", err);
    if (s == STATUS_OK)
        s = doc_index_create(db, err);
    if (s == STATUS_OK)
        s = doc_index_tune(db, err);
    if (s == STATUS_OK)
        s = db_exec(db, "INSERT OR IGNORE INTO doc_dirty(key) SELECT key FROM doc", err);
    return s;
}
