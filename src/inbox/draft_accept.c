/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft_accept.c - facts of a draft that a person stood by when it was sent. */
#include <stdlib.h>

#include "base/alloc.h"
#include "inbox/draft.h"
#include "store/db.h"
#include "store/store.h"

struct accepting { /* an operation's record */
    int64_t draft;
    struct vec words; /* strv */
};

/* Frees it. */
static void accepting_free(void *record)
{
    struct accepting *a = record;
    vec_fini(&a->words);
    free(a);
}

/* The operation. */
static enum status accept_run(struct db *db, void *record, struct error *err)
{
    const struct accepting *a = record;
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < a->words.len; i++) {
        struct db_query *q = db_prepare(db, "INSERT OR IGNORE INTO draft_accepted (draft, words) VALUES (?, ?)");
        db_bind_int(q, 1, a->draft);
        db_bind_text(q, 2, strv_at(&a->words, i));
        st = db_run(q, err);
    }
    return st;
}

static const struct store_op accept_op = {"draft accept", OP_PERSON, accept_run, accepting_free};

/* Keeps them with the draft. */
void draft_accept(struct store *s, int64_t id, struct vec *words)
{
    if (!words->len) {
        vec_fini(words);
        return;
    }
    struct accepting *a = mem_alloc(sizeof *a);
    *a = (struct accepting){.draft = id, .words = *words};
    store_post(s, &accept_op, a, NULL, NULL);
}

enum status draft_accepted(struct db *db, int64_t id, struct vec *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT words FROM draft_accepted WHERE draft = ?");
    db_bind_int(q, 1, id);
    while (db_step(q))
        strv_push(out, db_text(q, 0));
    return db_done(q, err);
}
