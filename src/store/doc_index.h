/* doc_index.h - the full-text index of docs, between doc.c and doc_index.c. */
#ifndef STORE_DOC_INDEX_H
#define STORE_DOC_INDEX_H

#include "store/doc.h"
#include "store/store.h"

/* The migration step that makes the index. */
enum status doc_index_create(struct db *db, struct error *err) MUST_CHECK;
/* The next one: how words are gathered and merged. */
enum status doc_index_tune(struct db *db, struct error *err) MUST_CHECK;
/* Takes the words of a row out, given the texts that stand; nothing when it waits in the queue. */
enum status doc_index_remove(struct db *db, int64_t key, const struct doc *old, struct error *err)
    MUST_CHECK;

/* The number that an outside name (Message-ID) is found by. */
int64_t doc_ident_hash(const char *ident);

#endif
