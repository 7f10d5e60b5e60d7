/* imap_set.h - sets of UIDs or sequence numbers (RFC 9051 sequence-set): kept, read, printed.
 *
 * A set is ranges, so "1:4294967295" costs as much as "1". Ranges are sorted, disjoint and never
 * touch. Zero is in no set. What a server names is walked by ranges and never counted out. */
#ifndef IO_IMAP_SET_H
#define IO_IMAP_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"

struct imap_range {
    uint32_t first, last; /* both inside; first ≤ last */
};

struct imap_set {
    struct vec ranges; /* struct imap_range */
};

void imap_set_init(struct imap_set *s);
void imap_set_fini(struct imap_set *s);
void imap_set_clear(struct imap_set *s);
/* In any order; 0 and an empty range are left out. Adding upwards costs nothing. */
void imap_set_add(struct imap_set *s, uint32_t first, uint32_t last);
void imap_set_remove(struct imap_set *s, uint32_t first, uint32_t last);
/* Keeps what is in both. */
void imap_set_intersect(struct imap_set *s, const struct imap_set *other);
bool imap_set_has(const struct imap_set *s, uint32_t n);
uint64_t imap_set_count(const struct imap_set *s);
bool imap_set_is_empty(const struct imap_set *s);
/* The smallest and the largest; 0 when empty. */
uint32_t imap_set_first(const struct imap_set *s);
uint32_t imap_set_last(const struct imap_set *s);
/* Adds "1:5,9"; false (and s as before) when it is not a set. "*" is 4294967295. */
bool imap_set_parse(struct imap_set *s, const char *text, size_t n);
/* Appends "1:5,9" from range `from` on, at most about `max` bytes (0: all): commands stay under
 * the line a server takes. Returns the range to go on with; s->ranges.len when all is printed. */
size_t imap_set_print(const struct imap_set *s, size_t from, size_t max, struct str *out);
/* Takes the next number; false at the end. Start with *at = 0. */
bool imap_set_next(const struct imap_set *s, uint32_t *at);

/* Walks a set as a server wrote it, in its order ("9,1:3"). */
struct imap_ranges {
    const char *at, *end; /* borrow */
};
void imap_ranges_init(struct imap_ranges *r, const char *text, size_t n);
/* The next range, smaller number first; false at the end or where it is no set. */
bool imap_ranges_next(struct imap_ranges *r, struct imap_range *out);
bool imap_ranges_valid(const char *text, size_t n);

/* Walks the pairs of a COPYUID code (RFC 4315 §3): the n-th of one set became the n-th of the other. */
struct imap_pairs {
    struct imap_ranges from, to;
    struct imap_range f, t; /* what is left of the current ranges */
    bool has_f, has_t;
};
void imap_pairs_init(struct imap_pairs *p, const char *from, size_t from_n, const char *to, size_t to_n);
bool imap_pairs_next(struct imap_pairs *p, uint32_t *from, uint32_t *to);

#endif
