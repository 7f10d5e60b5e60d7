/* passage.h - running text as sentences and as words that carry meaning, and the question that
 * every citation comes down to: which of these passages bears this claim?
 *
 * A word is folded (case, accents, width), English plurals and forms in -ed and -ing are cut to
 * their stem, words that carry nothing ("the", "and", 的, 什么) are left out, CJK runs give overlapping pairs (a lone character
 * itself), "48,200" is 48200. Words are told apart by 64-bit hashes. Pure; any thread. */
#ifndef BASE_PASSAGE_H
#define BASE_PASSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

/* Appends the keys (uint64_t) of the words of text, repeats included, in order. */
void passage_words(const char *text, size_t n, struct vec *out);
/* Tells each sentence's place, trimmed, in order, until on_sentence says false. A line end ends a
 * sentence too. */
void passage_sentences(const char *text, size_t n,
                       bool (*on_sentence)(void *user, size_t start, size_t len), void *user);
/* Is most of it Chinese, Japanese or Korean? */
bool passage_is_cjk(const char *text, size_t n);

/* An index of passages that live as long as one question. Memory: 16 bytes a word. */
struct passage_index;

struct passage_hit {
    size_t number; /* of the passage, in the order of adding, from 0 */
    double score;  /* 0…1: the share of the claim's words, by weight, that stand in it */
};

struct passage_index *passage_index_new(void);
void passage_index_free(struct passage_index *x); /* NULL is allowed */
size_t passage_index_add(struct passage_index *x, const char *text, size_t n);
size_t passage_index_len(const struct passage_index *x);
/* The passages that share words with the claim, best first, at most max; rare words weigh more,
 * words found nowhere count against all. Equal scores: the shorter passage, then the earlier. */
size_t passage_index_find(struct passage_index *x, const char *claim, size_t n,
                          struct passage_hit *hits, size_t max);
/* The score of one passage for the claim. */
double passage_index_score(struct passage_index *x, const char *claim, size_t n, size_t number);
/* How many of the claim's distinct words stand in it. */
size_t passage_index_shared(struct passage_index *x, const char *claim, size_t n, size_t number);
/* How central a passage is among all (mean weight of the words it shares with others), ≥ 0. */
double passage_index_weight(struct passage_index *x, size_t number);

#endif
