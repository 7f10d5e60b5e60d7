/* words.h - where words stand in a run of rows, gathered in memory: an index turned round.
 *
 * Rows come in any order, a row's columns from 0 on, a column's words in the order of the text. What
 * comes out is each word once, in the order of bytes, with its list as FTS5 keeps it. */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define WORDS_COLUMNS 6
#define WORDS_LONGEST 255

struct words;

struct words_row {
    int64_t key;
    uint32_t sizes[WORDS_COLUMNS]; /* places in each column */
    size_t start, end;             /* words.c's own */
};

struct words *words_new(void);
void words_free(struct words *w);
void words_clear(struct words *w);

/* Begins a row. No two have the same key. */
void words_begin(struct words *w, int64_t key);
/* The words that follow stand in this column, larger than the last of the row. */
void words_column(struct words *w, unsigned column);
/* Adds a word; beside: at the place of the one before. Longer ones than WORDS_LONGEST are cut. */
void words_add(struct words *w, const char *word, size_t n, bool beside);

size_t words_count(const struct words *w); /* added since it was cleared */
size_t words_rows(const struct words *w);
const struct words_row *words_row(const struct words *w, size_t i);

/* Calls on_word for each word in order, until one fails; the rows are sorted then. list: for each row the varint of its key's
 * distance to the last (of the first: of the key), then its list of places (fts5: "poslist"). */
enum status words_each(struct words *w,
                       enum status (*on_word)(void *user, const char *word, size_t n,
                                              const unsigned char *list, size_t len,
                                              struct error *err),
                       void *user, struct error *err) MUST_CHECK;

/* A number as SQLite writes it, of 1 to 9 bytes; returns how many. */
size_t words_varint(unsigned char *out, uint64_t v);
/* Reads one; returns its length, 0 when it does not end before n bytes. */
size_t words_varint_read(const unsigned char *p, size_t n, uint64_t *v);

#endif
