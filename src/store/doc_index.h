/* doc_index.h - the full-text index of docs, between doc.c and doc_index.c. */
#ifndef STORE_DOC_INDEX_H
#define STORE_DOC_INDEX_H

#include "store/doc.h"
#include "store/store.h"

/* The migration step that makes the index. */
enum status doc_index_create(struct db *db, struct error *err) MUST_CHECK;
/* The next one: how words are gathered and merged. */
enum status doc_index_tune(struct db *db, struct error *err) MUST_CHECK;
enum status doc_index_tune_merge(struct db *db, struct error *err) MUST_CHECK;
/* Takes the words of a row out, given the texts that stand; nothing when it waits in the queue. */
enum status doc_index_remove(struct db *db, int64_t key, const struct doc *old, struct error *err)
    MUST_CHECK;

/* Rows that go to the index together, gathered in memory; one transaction at a time. */
struct doc_index_run;
struct doc_index_run *doc_index_run_new(void);
void doc_index_run_free(struct doc_index_run *r);
/* Feeds the index with rows of so many words, as one piece of it, on a connection that db_allow_index
 * was called for: no row goes through FTS5's own table of words. go_on is asked now and then; false ends
 * with INTERRUPTED, and the transaction must be taken back. *left as doc_index_some's. REFUSED: the index
 * is of a form that only FTS5 knows; nothing was changed. */
enum status doc_index_many(struct db *db, struct doc_index_run *r, size_t words, bool (*go_on)(void *user),
                           void *user, int *left, struct error *err) MUST_CHECK;
/* So many pages are to be written until pieces of the index that are worth merging are merged; *urgent:
 * there are so many that FTS5 would soon merge them itself, at the cost of whoever comes then. */
int64_t doc_index_unmerged(struct db *db, bool *urgent);
/* Merges some pages of them; ends with the last, or with so many. */
enum status doc_index_merge(struct db *db, int pages, struct error *err) MUST_CHECK;

/* doc_key.c: the step that notes how the rows of a store are made; for a new one it makes the index
 * anew, as this program has it. */
enum status doc_form_create(struct db *db, struct error *err) MUST_CHECK;
/* Has the index a token for every single CJK character (TOKENIZER_MARK)? That of older stores has. */
bool doc_index_has_marks(struct db *db);
/* The key of a new doc of this date. */
int64_t doc_key_new(struct db *db, int64_t date);
/* Docs of the dates [low, high) have keys in [low, high); between sure_low and sure_high no others
 * have, elsewhere the date is to be looked at. */
struct doc_key_range {
    int64_t low, high, sure_low, sure_high;
};
void doc_key_range(struct db *db, int64_t low, int64_t high, struct doc_key_range *out);

/* The number that an outside name (Message-ID) is found by. */
int64_t doc_ident_hash(const char *ident);

#endif
