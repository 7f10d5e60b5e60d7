/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answers.c - what I answered to mails like this one: the material of a reply in my own voice
 *
 * Mails like this one are those that rank best for its loose words; an answer is the first mail of
 * mine behind such a one in its thread. A mail of mine that ranks itself counts half. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "mail/inside.h"
#include "store/search.h"

#define WORDS_MOST 1500 /* bytes of the mail's text that are looked at */
#define HITS 60

struct hit {
    int64_t message;
    double score;
};

struct gathering {
    struct db *db;
    int64_t self_thread;
    struct vec hits; /* struct hit: what the search found */
};

/* Notes one found mail of another thread. */
static bool on_row(void *user, const struct search_row *row)
{
    struct gathering *g = user;

    if (row->thread != g->self_thread) {
        struct hit *h = vec_push(&g->hits);
        h->message = row->ref;
        h->score = row->score;
    }
    return true;
}

/* The first mail of mine at or behind a message in its thread; *own: it is that very one. */
static int64_t answer_to(struct db *db, int64_t message, bool *own)
{
    struct db_query *q =
        db_prepare(db, "SELECT a.id FROM mail_message m JOIN mail_message a ON a.thread=m.thread"
                       " AND a.doc>=m.doc WHERE m.id=?1 AND (a.flags & ?2)<>0"
                       " ORDER BY a.doc LIMIT 1");
    int64_t id;

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, DOC_MINE);
    id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    *own = id == message;
    return id;
}

/* Best first. */
static int by_score(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    return x->score < y->score ? 1 : x->score > y->score ? -1 : 0;
}

/* Answers to what the search found, best first, each once. */
static void pick(struct gathering *g, size_t limit, struct vec *ids)
{
    struct vec found;

    vec_init(&found, sizeof(struct hit), NULL);
    for (size_t i = 0; i < g->hits.len; i++) {
        const struct hit *h = vec_at(&g->hits, i);
        bool own;
        int64_t answer = answer_to(g->db, h->message, &own);
        struct hit *f;
        if (!answer)
            continue;
        f = vec_push(&found);
        f->message = answer;
        f->score = own ? h->score / 2 : h->score;
    }
    vec_sort(&found, by_score);
    for (size_t i = 0; i < found.len && ids->len < limit; i++) {
        const struct hit *f = vec_at(&found, i);
        if (!mail_vec_has(ids, f->message))
            mail_vec_add(ids, f->message);
    }
    vec_fini(&found);
}

/* Ids of answers I gave to mails like this one. */
enum status mail_answers(struct db *db, int64_t message, size_t limit, struct vec *ids,
                         struct error *err)
{
    struct gathering g = {.db = db};
    struct search_options o = {.now = clock_now(), .limit = HITS, .by_rank = true,
                               .kinds = 1u << DOC_MAIL};
    struct mail_row row;
    struct str words = STR_INIT, text = STR_INIT;
    char *query = NULL;
    enum status st;

    vec_init(ids, sizeof(int64_t), NULL);
    vec_init(&g.hits, sizeof(struct hit), NULL);
    st = mail_row_get(db, message, &row, err);
    if (st != STATUS_OK)
        goto out;
    g.self_thread = row.thread;
    st = mail_message_text(db, message, &text, err);
    if (st != STATUS_OK)
        goto out;
    str_puts(&words, row.subject);
    str_putc(&words, '\n');
    str_add(&words, str_text(&text), text.len < WORDS_MOST ? text.len : WORDS_MOST);
    query = search_loose(str_text(&words));
    if (*query)
        st = search_run(db, query, &o, on_row, &g, NULL, err);
    if (st == STATUS_OK)
        pick(&g, limit, ids);
out:
    mail_row_fini(&row);
    str_fini(&words);
    str_fini(&text);
    vec_fini(&g.hits);
    free(query);
    return st;
}
