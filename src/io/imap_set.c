/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_set.c - sets of UIDs as sorted, disjoint ranges that never touch. */
#include "io/imap_set.h"

#include <string.h>

/* An empty set. */
void imap_set_init(struct imap_set *s)
{
    vec_init(&s->ranges, sizeof(struct imap_range), NULL);
}

/* Releases it. */
void imap_set_fini(struct imap_set *s)
{
    vec_fini(&s->ranges);
}

/* Empties it. */
void imap_set_clear(struct imap_set *s)
{
    vec_clear(&s->ranges);
}

/* The i-th range. */
static struct imap_range *range_at(const struct imap_set *s, size_t i)
{
    return vec_at(&s->ranges, i);
}

/* The first range whose end is at or behind n. */
static size_t find_range(const struct imap_set *s, uint32_t n)
{
    size_t low = 0, high = s->ranges.len;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (range_at(s, mid)->last < n)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Takes the ranges from `at` up to before `end` out. */
static void cut_ranges(struct imap_set *s, size_t at, size_t end)
{
    char *items = s->ranges.items;
    size_t size = s->ranges.item_size;
    if (at >= end)
        return;
    memmove(items + at * size, items + end * size, (s->ranges.len - end) * size);
    s->ranges.len -= end - at;
}

/* Adds a range; what it overlaps or touches becomes one. */
void imap_set_add(struct imap_set *s, uint32_t first, uint32_t last)
{
    first = first ? first : 1;
    if (last < first)
        return;
    size_t n = s->ranges.len;
    if (n) { /* upwards: the usual way */
        struct imap_range *end = range_at(s, n - 1);
        if (first >= end->first && first - 1 <= end->last) {
            end->last = last > end->last ? last : end->last;
            return;
        }
    }
    size_t at = n && range_at(s, n - 1)->last < first ? n : find_range(s, first - 1 ? first - 1 : 1);
    size_t end = at;
    for (; end < s->ranges.len; end++) {
        struct imap_range r = *range_at(s, end);
        if (last != UINT32_MAX && r.first > last + 1)
            break;
        first = r.first < first ? r.first : first;
        last = r.last > last ? r.last : last;
    }
    if (end == at) {
        *(struct imap_range *)vec_insert(&s->ranges, at) = (struct imap_range){first, last};
        return;
    }
    *range_at(s, at) = (struct imap_range){first, last};
    cut_ranges(s, at + 1, end);
}

/* Takes a range out. */
void imap_set_remove(struct imap_set *s, uint32_t first, uint32_t last)
{
    if (last < first)
        return;
    size_t at = find_range(s, first), end;
    if (at == s->ranges.len)
        return;
    struct imap_range *r = range_at(s, at);
    if (r->first < first && r->last > last) {
        struct imap_range right = {last + 1, r->last};
        r->last = first - 1;
        *(struct imap_range *)vec_insert(&s->ranges, at + 1) = right;
        return;
    }
    if (r->first < first) {
        r->last = first - 1;
        at++;
    }
    for (end = at; end < s->ranges.len && range_at(s, end)->last <= last; end++)
        ;
    if (end < s->ranges.len && range_at(s, end)->first <= last)
        range_at(s, end)->first = last + 1;
    cut_ranges(s, at, end);
}

/* Keeps what is in both. */
void imap_set_intersect(struct imap_set *s, const struct imap_set *other)
{
    struct imap_set both;
    imap_set_init(&both);
    size_t i = 0, k = 0;
    while (i < s->ranges.len && k < other->ranges.len) {
        struct imap_range a = *range_at(s, i), b = *range_at(other, k);
        uint32_t first = a.first > b.first ? a.first : b.first;
        uint32_t last = a.last < b.last ? a.last : b.last;
        imap_set_add(&both, first, last);
        if (a.last < b.last)
            i++;
        else
            k++;
    }
    imap_set_fini(s);
    *s = both;
}

/* Is it inside? */
bool imap_set_has(const struct imap_set *s, uint32_t n)
{
    size_t at = find_range(s, n);
    return n && at < s->ranges.len && range_at(s, at)->first <= n;
}

/* How many numbers. */
uint64_t imap_set_count(const struct imap_set *s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->ranges.len; i++)
        n += (uint64_t)range_at(s, i)->last - range_at(s, i)->first + 1;
    return n;
}

/* Has it none? */
bool imap_set_is_empty(const struct imap_set *s)
{
    return s->ranges.len == 0;
}

/* The smallest. */
uint32_t imap_set_first(const struct imap_set *s)
{
    return s->ranges.len ? range_at(s, 0)->first : 0;
}

/* The largest. */
uint32_t imap_set_last(const struct imap_set *s)
{
    return s->ranges.len ? range_at(s, s->ranges.len - 1)->last : 0;
}

/* The next number behind *at. */
bool imap_set_next(const struct imap_set *s, uint32_t *at)
{
    if (*at == UINT32_MAX)
        return false;
    size_t i = find_range(s, *at + 1);
    if (i == s->ranges.len)
        return false;
    uint32_t first = range_at(s, i)->first;
    *at = first > *at + 1 ? first : *at + 1;
    return true;
}

/* Adds what is written; all or nothing. */
bool imap_set_parse(struct imap_set *s, const char *text, size_t n)
{
    struct imap_ranges it;
    struct imap_range r;
    if (!imap_ranges_valid(text, n))
        return false;
    imap_ranges_init(&it, text, n);
    while (imap_ranges_next(&it, &r))
        imap_set_add(s, r.first, r.last);
    return true;
}

/* Writes it in pieces a command line takes. */
size_t imap_set_print(const struct imap_set *s, size_t from, size_t max, struct str *out)
{
    size_t start = out->len, i = from;
    for (; i < s->ranges.len; i++) {
        if (max && i > from && out->len - start + 22 > max)
            break;
        struct imap_range r = *range_at(s, i);
        str_puts(out, i > from ? "," : "");
        if (r.first == r.last)
            str_addf(out, "%u", r.first);
        else
            str_addf(out, "%u:%u", r.first, r.last);
    }
    return i;
}

/* Begins to walk. */
void imap_ranges_init(struct imap_ranges *r, const char *text, size_t n)
{
    r->at = text;
    r->end = text + n;
}

/* Reads a number that is not zero, or "*". */
static bool read_number(struct imap_ranges *r, uint32_t *out)
{
    uint64_t n = 0;
    const char *p = r->at;
    if (p < r->end && *p == '*') {
        r->at = p + 1;
        *out = UINT32_MAX;
        return true;
    }
    for (; p < r->end && *p >= '0' && *p <= '9' && p - r->at < 10; p++)
        n = n * 10 + (uint64_t)(*p - '0');
    if (p == r->at || n == 0 || n > UINT32_MAX)
        return false;
    r->at = p;
    *out = (uint32_t)n;
    return true;
}

/* Reads the next range and the comma behind it. */
bool imap_ranges_next(struct imap_ranges *r, struct imap_range *out)
{
    uint32_t a, b;
    if (r->at >= r->end || !read_number(r, &a))
        return false;
    b = a;
    if (r->at < r->end && *r->at == ':') {
        r->at++;
        if (!read_number(r, &b))
            return false;
    }
    if (r->at < r->end && *r->at++ != ',')
        return false;
    *out = a <= b ? (struct imap_range){a, b} : (struct imap_range){b, a};
    return true;
}

/* Is it a set from end to end? */
bool imap_ranges_valid(const char *text, size_t n)
{
    struct imap_ranges it;
    struct imap_range r;
    imap_ranges_init(&it, text, n);
    if (n == 0 || text[n - 1] == ',')
        return false;
    while (it.at < it.end)
        if (!imap_ranges_next(&it, &r))
            return false;
    return true;
}

/* Begins to walk pairs. */
void imap_pairs_init(struct imap_pairs *p, const char *from, size_t from_n, const char *to, size_t to_n)
{
    memset(p, 0, sizeof *p);
    imap_ranges_init(&p->from, from, from_n);
    imap_ranges_init(&p->to, to, to_n);
}

/* Takes the first number of what is left of a range, or of the next. */
static bool take_one(struct imap_ranges *it, struct imap_range *left, bool *has, uint32_t *out)
{
    if (!*has && !imap_ranges_next(it, left))
        return false;
    *out = left->first;
    *has = left->first < left->last;
    if (*has)
        left->first++;
    return true;
}

/* The next pair. */
bool imap_pairs_next(struct imap_pairs *p, uint32_t *from, uint32_t *to)
{
    return take_one(&p->from, &p->f, &p->has_f, from) && take_one(&p->to, &p->t, &p->has_t, to);
}
