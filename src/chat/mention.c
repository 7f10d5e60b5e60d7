/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mention.c - what "@word" in a question may mean: the newest mail, notes and meetings are looked through. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "chat/gather.h"
#include "store/db.h"
#include "store/doc.h"

#define MAILS_MOST 1000 /* looked through */
#define NOTES_MOST 500
#define SHOWN_MOST 8

/* A candidate: its id, and what it is called. */
struct mention {
    char letter;
    int64_t number;
    char *label; /* own */
};

/* Frees one. */
static void mention_fini(void *item)
{
    free(((struct mention *)item)->label);
}

/* Is it there already? Mails of one thread are one. */
static bool has(const struct vec *found, char letter, int64_t number)
{
    for (size_t i = 0; i < found->len; i++) {
        const struct mention *m = vec_at(found, i);
        if (m->letter == letter && m->number == number)
            return true;
    }
    return false;
}

/* Adds the rows of a query (number, title, who) that hold the word, or bear the id. */
static void add_rows(struct db *db, const char *sql, int most, char letter, const char *word,
                     struct vec *found)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, most);
    while (found->len < SHOWN_MOST && db_step(q)) {
        int64_t number = db_int(q, 0);
        char id[32];
        snprintf(id, sizeof id, "%c%lld", letter, (long long)number);
        if (has(found, letter, number) ||
            (!str_eq(id, word) && !utf8_contains_folded(db_text(q, 1), word) &&
             !utf8_contains_folded(db_text(q, 2), word)))
            continue;
        struct mention *m = vec_push(found);
        *m = (struct mention){letter, number, str_format("%s%s%s", db_text(q, 2), *db_text(q, 2) ? ": " : "", db_text(q, 1))};
    }
    db_end(q);
}

void chat_mentions(struct db *db, const char *word, struct vec *out)
{
    struct vec found;
    if (!*word)
        return;
    vec_init(&found, sizeof(struct mention), mention_fini);
    add_rows(db, "SELECT d.thread, t.subject, t.sender FROM (SELECT thread, text FROM doc WHERE kind = 1"
                 " ORDER BY key DESC LIMIT ?1) d JOIN doc_text t ON t.id = d.text", MAILS_MOST, 't', word, &found);
    add_rows(db, "SELECT d.ref, t.subject, '' FROM (SELECT ref, text FROM doc INDEXED BY doc_other WHERE kind <> 1"
                 " AND kind IN (2, 3) ORDER BY key DESC LIMIT ?1) d JOIN doc_text t ON t.id = d.text",
             NOTES_MOST, 'n', word, &found);
    for (size_t i = 0; i < found.len; i++) {
        const struct mention *m = vec_at(&found, i);
        strv_push_take(out, found.len == 1 ? str_format("@%c%lld ", m->letter, (long long)m->number)
                                           : str_format("@%c%lld %s", m->letter, (long long)m->number, m->label));
    }
    vec_fini(&found);
}
