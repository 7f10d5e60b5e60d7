/* journal_inside.h - what journal.c and journal_undo.c share. */
#ifndef STORE_JOURNAL_INSIDE_H
#define STORE_JOURNAL_INSIDE_H

#include <sodium.h>

#include "store/journal.h"

enum kind { DO, UNDO, REDO };

struct journal {
    struct db *db; /* borrow */
    int64_t id;    /* 0 until the first item */
    int64_t at, undoes, count, inverse;
    int64_t things, last; /* items of one thing stand together */
    enum kind kind;
    char *who, *what, *why; /* own */
    crypto_generichash_state items;
};

/* NULL when unknown. */
const struct journal_field *journal_field_find(const char *name);
const char *journal_program(void);
/* Opens a batch of any kind. */
struct journal *journal_open(struct db *db, const char *who, const char *what, const char *why,
                             enum kind kind, int64_t undoes);
/* Writes one item; before NULL: without inverse. */
enum status journal_add(struct journal *j, const char *field, int64_t ref, const char *before,
                        const char *after, struct error *err) MUST_CHECK;

#endif
