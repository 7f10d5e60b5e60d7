/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks_settled.c - which gaps of a written text a person has settled, and with which words.
 *
 * Nothing is recorded when a gap is answered: it may be by a key, by typing over it, in another program.
 * The text as it was written is held against the text as it stands, as two rows of tokens: words, line ends,
 * single characters beyond ASCII, and each gap as one token. What both begin and end with is passed over, the
 * rest is aligned by its longest common subsequence. A gap that has no partner was answered by the tokens of
 * the new text that stand between its aligned neighbours; when those hold no word it was taken out. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "inbox/checks_inside.h"

#define TOKENS_MAX 800 /* that differ, of each side; a text rewritten beyond that is another text */

struct token {
    const char *at; /* borrow */
    size_t len;
    char *question; /* own; of a gap, else NULL */
};

/* Releases a token. */
static void token_fini(void *item)
{
    free(((struct token *)item)->question);
}

/* Length of the token that begins at p and ends before end. */
static size_t token_len(const char *p, const char *end)
{
    size_t used, n = 0;
    if (*p == '\n')
        return 1;
    if ((unsigned char)*p >= 0x80) {
        utf8_decode(p, (size_t)(end - p), &used);
        return used;
    }
    while (p + n < end && !isspace((unsigned char)p[n]) && (unsigned char)p[n] < 0x80)
        n++;
    return n;
}

/* Takes the stretch between two gaps apart. */
static void add_words(struct vec *out, const char *p, const char *end)
{
    while (p < end) {
        if (*p != '\n' && isspace((unsigned char)*p)) {
            p++;
            continue;
        }
        struct token *t = vec_push(out);
        t->at = p;
        t->len = token_len(p, end);
        p += t->len;
    }
}

/* Takes a text apart. */
static void tokens_of(const char *text, struct vec *out)
{
    size_t at, len, from = 0;
    char *question;
    vec_init(out, sizeof(struct token), token_fini);
    for (; checks_gap_next(text, from, &at, &len, &question); from = at + len) {
        add_words(out, text + from, text + at);
        struct token *t = vec_push(out);
        *t = (struct token){.at = text + at, .len = len, .question = question};
    }
    add_words(out, text + from, text + strlen(text));
}

/* The i-th token. */
static const struct token *nth(const struct vec *v, size_t i)
{
    return vec_at(v, i);
}

/* Are two tokens the same? */
static bool same(const struct token *a, const struct token *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

/* Is it a word, not a mark or a line end? */
static bool is_word(const struct token *t)
{
    size_t used;
    if ((unsigned char)*t->at >= 0x80)
        return utf8_is_cjk(utf8_decode(t->at, t->len, &used)) || t->len == 2;
    for (size_t i = 0; i < t->len; i++)
        if (isalnum((unsigned char)t->at[i]))
            return true;
    return false;
}

/* The tokens of `now` from j to `to`: the answer they make, none without a word. */
static void take_answer(const struct token *gap, const char *text, const struct vec *now, size_t j, size_t to,
                        struct vec *out)
{
    while (j < to && !is_word(nth(now, j)))
        j++;
    if (j >= to)
        return;
    struct check_settled *s = vec_push(out);
    s->question = mem_strdup(gap->question);
    s->at = (size_t)(nth(now, j)->at - text);
}

/* Longest common subsequences of all tails: cell i, j of the table is of was[i…], now[j…]. */
static unsigned short *align(const struct vec *was, size_t a, size_t n, const struct vec *now, size_t b, size_t m)
{
    unsigned short *best = mem_alloc((n + 1) * (m + 1) * sizeof *best);
    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            unsigned short *cell = best + i * (m + 1) + j, down = cell[m + 1], right = cell[1];
            *cell = same(nth(was, a + i), nth(now, b + j)) ? (unsigned short)(cell[m + 2] + 1)
                    : down >= right                        ? down
                                                           : right;
        }
    return best;
}

/* Walks the n and m tokens that differ, aligned. */
static void walk(const struct vec *was, size_t a, size_t n, const char *text, const struct vec *now, size_t b, size_t m,
                 struct vec *out)
{
    unsigned short *best = align(was, a, n, now, b, m);
    for (size_t i = 0, j = 0; i < n;) {
        size_t k = i, end = j; /* the stretch up to the next pair: was[i…k), now[j…end) */
        while (k < n && end < m && !same(nth(was, a + k), nth(now, b + end))) {
            if (best[(k + 1) * (m + 1) + end] >= best[k * (m + 1) + end + 1])
                k++;
            else
                end++;
        }
        if (k == n || end == m) {
            k = n;
            end = m;
        }
        for (size_t g = i; g < k; g++)
            if (nth(was, a + g)->question)
                take_answer(nth(was, a + g), text, now, b + j, b + end, out);
        i = k + (k < n);
        j = end + (end < m);
    }
    free(best);
}

/* Releases one. */
static void settled_fini(void *item)
{
    free(((struct check_settled *)item)->question);
}

void checks_settled(const char *written, const char *text, struct vec *out)
{
    struct vec was, now;
    size_t head = 0, tail = 0;
    vec_init(out, sizeof(struct check_settled), settled_fini);
    tokens_of(written, &was);
    tokens_of(text, &now);
    while (head < was.len && head < now.len && same(nth(&was, head), nth(&now, head)))
        head++;
    while (tail < was.len - head && tail < now.len - head &&
           same(nth(&was, was.len - 1 - tail), nth(&now, now.len - 1 - tail)))
        tail++;
    size_t n = was.len - head - tail, m = now.len - head - tail;
    if (n && n <= TOKENS_MAX && m <= TOKENS_MAX)
        walk(&was, head, n, text, &now, head, m, out);
    vec_fini(&was);
    vec_fini(&now);
}
