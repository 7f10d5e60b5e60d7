/* tokenizer.h - how text becomes words, for the index, for queries and for scans.
 *
 * Text is folded first (NFKC, case, accents, width), then cut into runs: a word (letters and
 * digits of scripts that put spaces between words) or a stretch of CJK (Han, Kana, Hangul, Thai).
 *
 * In the index a word is one token, its plural folded by Harman's s-stemmer (1991). A CJK run of n
 * characters takes n positions: each pair of neighbours at the position of its first character,
 * the last character alone at the last, so a query of one character asks for the tokens that begin
 * with it. In the index of an older store there is besides, the first time a character comes in a
 * column, a token for it with TOKENIZER_MARK before. */
#ifndef STORE_TOKENIZER_H
#define STORE_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Longer words are cut, in text and queries alike. */
#define TOKENIZER_WORD_MAX 120

struct tokenizer; /* tables that fill as characters are met; one thread each */

struct tokenizer *tokenizer_new(void);
void tokenizer_free(struct tokenizer *t);
/* Are there tokens with TOKENIZER_MARK? Without a word of it: no. */
void tokenizer_set_marks(struct tokenizer *t, bool on);
/* Appends the folded text. */
void tokenizer_fold(struct tokenizer *t, const char *text, size_t n, struct str *out);
/* Calls on_run for each run of text, folded, unstemmed, in order; false from it stops. bytes may be
 * written to. Returns false when stopped. Must not be entered again from on_run. */
bool tokenizer_runs(struct tokenizer *t, const char *text, size_t n,
                    bool (*on_run)(void *user, bool cjk, char *bytes, size_t len), void *user);
/* Calls on_token for each token that the index takes from a text, as FTS5 asks for them: beside is 1
 * for one that stands at the place of the one before; anything but 0 from it stops. */
void tokenizer_tokens(struct tokenizer *t, const char *text, size_t n,
                      int (*on_token)(void *user, int beside, const char *token, int n, int start, int end),
                      void *user);
/* Folds an English plural in place; returns the new length. */
size_t tokenizer_stem(char *word, size_t n);
#define TOKENIZER_MARK '\x1e'
/* Between tokens in the text of a MATCH that is cut already; it must begin with one. */
#define TOKENIZER_CUT '\x1f'

#endif
