/* search.h - the search language of the contract over docs.
 *
 * text → tokens → tree → SQL over doc/doc_fts with bound values; date terms become key ranges.
 * A query that cannot be read: USAGE with "column N: …". Run it on the finder's connection (or in
 * batch). Rows come newest key first, or by rank. */
#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/db.h"
#include "store/doc.h"

struct search_options {
    int64_t now;      /* for 7d, today */
    int64_t limit;    /* < 0: all */
    int64_t before;   /* cursor: keys below this only; 0: from the newest */
    unsigned kinds;   /* bit 1 << kind; 0: all */
    bool by_rank;
    bool scores; /* also by date; what asks for all hits can afford it, the newest 50 of many not */
    bool snippets;
    bool include_deleted;
};

struct search_row { /* borrowed during on_row */
    int64_t key, ref, thread, date;
    enum doc_kind kind;
    unsigned flags;
    double score;
    const char *sender, *recipients, *subject, *snippet;
    const char *moment; /* of a transcript, with snippets: when the snippet was said, "00:12:31"; "" */
};

/* Reads the query only: is it one? */
enum status search_check(const char *query, struct error *err) MUST_CHECK;
/* on_row false stops. *more (may be NULL) tells whether a limit cut it. */
enum status search_run(struct db *db, const char *query, const struct search_options *o,
                       bool (*on_row)(void *user, const struct search_row *row), void *user,
                       bool *more, struct error *err) MUST_CHECK;
enum status search_count(struct db *db, const char *query, const struct search_options *o,
                         int64_t *out, struct error *err) MUST_CHECK;
/* A query that a person typed as loose words (a question): its content words ORed, stop words
 * dropped; for passages. "" when no word is left. Yours. */
char *search_loose(const char *question);

#endif
