/* textlog.h - text that is being typed or streamed, kept as it grows: rows that are only added.
 *
 * A log belongs to (owner, ref): ("note", 4), ("draft", 31), ("turn", 12). Each row is a splice:
 * at byte `at`, `cut` bytes go and `bytes` come. What a log says is its base text (which the owner
 * keeps in a table of its own) with all rows replayed. At rest the owner folds: it reads the log,
 * stores the text and clears the log in one operation. After a crash the rows are there still; the
 * owner finds them with textlog_next and folds then.
 *
 * The two writers below keep the pace of house.md: typing at most 300 ms behind the key, a stream
 * at most four rows a second. They live in the loop's thread and post operations. */
#ifndef STORE_TEXTLOG_H
#define STORE_TEXTLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "store/db.h"
#include "store/job.h"
#include "store/store.h"

extern const struct migration_list textlog_migrations;

struct textlog_edit {
    size_t at, cut;
    const char *bytes; /* borrowed from `after` by textlog_diff */
    size_t n;
};

/* The one splice that makes `after` of `before`, at borders of whole characters; false: equal. */
bool textlog_diff(const char *before, const char *after, struct textlog_edit *out);

/* ---- inside operations and questions ---- */

/* cursor: where the person stands afterwards, -1 unknown. */
enum status textlog_splice(struct db *db, const char *owner, int64_t ref,
                           const struct textlog_edit *e, int64_t cursor, struct error *err)
    MUST_CHECK;
/* Adds at the end, whatever stands there. */
enum status textlog_append(struct db *db, const char *owner, int64_t ref, const char *bytes,
                           size_t n, struct error *err) MUST_CHECK;
/* Appends base (NULL: empty) with all rows replayed to *out; *cursor (may be NULL) the newest
 * known, else -1. CORRUPT when a row does not fit; *out then holds what could be replayed. */
enum status textlog_read(struct db *db, const char *owner, int64_t ref, const char *base,
                         struct str *out, int64_t *cursor, struct error *err) MUST_CHECK;
enum status textlog_clear(struct db *db, const char *owner, int64_t ref, struct error *err)
    MUST_CHECK;
bool textlog_has(struct db *db, const char *owner, int64_t ref);
/* The lowest ref above `after` that has rows; 0 none. */
int64_t textlog_next(struct db *db, const char *owner, int64_t after);

/* ---- typing: a text box's changes, ≤ 300 ms behind the key, synchronous=FULL ---- */

struct textlog_typist;
/* saved: what the store holds now. text is asked for the whole text when a row is due; watch_bits
 * are rung with each row (0: nobody). */
struct textlog_typist *textlog_typist_new(struct store *s, const char *owner, int64_t ref,
                                          const char *saved, unsigned watch_bits,
                                          void (*text)(void *user, struct str *out, int64_t *cursor),
                                          void *user);
void textlog_typist_touch(struct textlog_typist *t); /* a key changed something */
void textlog_typist_flush(struct textlog_typist *t); /* posts what is due now */
/* The owner stored `saved` and cleared the log by its own operation (a version was made). */
void textlog_typist_rebase(struct textlog_typist *t, const char *saved);
void textlog_typist_free(struct textlog_typist *t);  /* flushes first; NULL is allowed */

/* ---- streaming: text that arrives, at most four rows a second ---- */

struct textlog_stream;
/* claim (may be NULL): the job whose lease each row checks and a beat every 5 s renews; on_lost
 * (may be NULL) tells once that another took it over, and nothing more is written. */
struct textlog_stream *textlog_stream_new(struct store *s, const char *owner, int64_t ref,
                                          const struct job_claim *claim, unsigned watch_bits,
                                          void (*on_lost)(void *user), void *user);
void textlog_stream_add(struct textlog_stream *t, const char *bytes, size_t n);
void textlog_stream_flush(struct textlog_stream *t);
void textlog_stream_free(struct textlog_stream *t); /* flushes first; NULL is allowed */

#endif
