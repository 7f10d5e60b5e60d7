/* utf8.h - UTF-8: decoding, cells, clusters, folding.
 *
 * Cells follow the terminal: CJK and wide symbols two, combining marks none. Clusters follow
 * UAX #29 (libunistring). Folding is for search and comparison: NFKC, case, accents and width
 * taken away. Everything takes (pointer, length) or NUL-terminated text and never reads past it. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Decodes one scalar at s (n > 0 bytes left); *used bytes were read. A malformed byte gives
 * U+FFFD and *used = 1. */
uint32_t utf8_decode(const char *s, size_t n, size_t *used);
size_t utf8_encode(uint32_t c, char out[4]); /* bytes written; 0 when not a scalar */
bool utf8_valid(const char *s, size_t n);
/* Appends s with every malformed sequence as U+FFFD and NUL as U+FFFD. */
void utf8_repair(struct str *out, const char *s, size_t n);
/* Length of the bytes at the end of s that begin an unfinished character (0…3). */
size_t utf8_partial_tail(const char *s, size_t n);

/* East Asian Ambiguous (UAX #11): one cell unless the terminal told that it gives them two. Set in
 * the loop; other threads may read. */
bool utf8_is_ambiguous(uint32_t c);
void utf8_set_ambiguous_cells(int cells);
int utf8_ambiguous_cells(void);
/* Cells of one scalar: 0, 1, 2; -1 for controls. */
int utf8_char_cells(uint32_t c);
size_t utf8_cells(const char *s, size_t n);
/* Bytes of the grapheme cluster at s (≥ 1 when n ≥ 1), and of the one that ends at `at`. */
size_t utf8_cluster(const char *s, size_t n);
size_t utf8_cluster_before(const char *s, size_t at);
/* Longest prefix of whole clusters of at most `cells` cells: its bytes; *used its cells. */
size_t utf8_fit(const char *s, size_t n, size_t cells, size_t *used);
/* Appends s cut to `cells` cells with "…" at the end (end) or in the middle (companies). */
void utf8_cut_end(struct str *out, const char *s, size_t cells, const char *ellipsis);
void utf8_cut_middle(struct str *out, const char *s, size_t cells, const char *ellipsis);
/* Appends s, and blanks up to `cells` cells, one at least. */
void utf8_pad(struct str *out, const char *s, size_t cells);

/* Han, Kana, Hangul, Thai: text without spaces between words. */
bool utf8_is_cjk(uint32_t c);
/* Appends the folded text (NFKC, casefold, marks removed). */
void utf8_fold(struct str *out, const char *s, size_t n);
/* Case-, accent- and width-blind search; NULL when absent. `needle` need not be folded. */
bool utf8_contains_folded(const char *haystack, const char *needle);

/* Wraps at `cells` cells by UAX #14; calls on_line for each line (without its newline). A line
 * never ends inside a cluster; a word longer than the line is broken. */
void utf8_wrap(const char *s, size_t n, size_t cells,
               void (*on_line)(void *user, const char *line, size_t len), void *user);

#endif
