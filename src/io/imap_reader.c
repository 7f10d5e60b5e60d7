/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_reader.c - collects a response: its line, and each literal apart from it.
 *
 * Bytes of the line go to `line`; where a line ends in "{N}", N bytes follow that are the literal's,
 * then the line goes on. Small literals lie one behind another in `small`; a large one in a file
 * without a name, mapped, so that a mail of 100 MB is not in memory. The parser finds "{N}\r\n" in the
 * line and takes the next literal: text of a mail never stands where the server's words do. */
#include "io/imap_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "io/imap_parse.h"

#define SPOOLED (1u << 20) /* literals from this size on */
#define KEPT (1u << 20)    /* memory that is kept for the next response */

struct literal {
    size_t at, len; /* in `small` */
    char *map;      /* own (munmap); NULL: in `small` */
};

struct imap_reader {
    struct imap_limits limits;
    char *spool; /* own */
    struct str line, small;
    struct vec literals; /* struct literal */
    struct vec texts;    /* struct imap_text of them, for the parser */
    size_t want, got;    /* of the literal that is being read */
    size_t literal_bytes;
    bool in_literal, broken, told;
    struct imap_response response;
};

/* Unmaps. */
static void literal_fini(void *item)
{
    struct literal *l = item;
    if (l->map)
        munmap(l->map, l->len);
}

/* Puts the defaults in. */
static void set_limits(struct imap_limits *l)
{
    l->line = l->line ? l->line : 16u << 20;
    l->literal = l->literal ? l->literal : 101u << 20;
    l->literals = l->literals ? l->literals : 110u << 20;
    l->parts = l->parts ? l->parts : 10000;
    l->depth = l->depth ? l->depth : 60;
}

/* Makes a reader. */
struct imap_reader *imap_reader_new(const struct imap_limits *limits)
{
    struct imap_reader *r = mem_alloc(sizeof *r);
    if (limits)
        r->limits = *limits;
    set_limits(&r->limits);
    r->spool = mem_strdup_maybe(r->limits.spool);
    r->limits.spool = NULL;
    vec_init(&r->literals, sizeof(struct literal), literal_fini);
    vec_init(&r->texts, sizeof(struct imap_text), NULL);
    imap_response_init(&r->response);
    return r;
}

/* Frees it and what it collected. */
void imap_reader_free(struct imap_reader *r)
{
    if (!r)
        return;
    imap_response_fini(&r->response);
    vec_fini(&r->literals);
    vec_fini(&r->texts);
    str_fini(&r->line);
    str_fini(&r->small);
    free(r->spool);
    free(r);
}

/* Forgets the response that was told. */
static void begin_next(struct imap_reader *r)
{
    r->told = false;
    vec_clear(&r->literals);
    r->literal_bytes = 0;
    if (r->line.cap > KEPT)
        str_fini(&r->line);
    if (r->small.cap > 2 * KEPT)
        str_fini(&r->small);
    str_clear(&r->line);
    str_clear(&r->small);
}

/* Notes that nothing more is taken. */
static enum imap_feed broken(struct imap_reader *r)
{
    r->broken = true;
    return IMAP_FEED_BROKEN;
}

/* Opens a mapped file without a name for a large literal; false: there is no room for it. */
static bool map_literal(struct imap_reader *r, struct literal *l, struct error *err)
{
    int fd = open(r->spool, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int why = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)l->len);
    if (!why) {
        void *map = mmap(NULL, l->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        why = map == MAP_FAILED ? errno : 0;
        if (!why)
            l->map = map;
    }
    if (fd >= 0)
        close(fd);
    if (!why)
        return true;
    error_set_errno(err, why, _("There is no room for a mail of %zu bytes in %s"), l->len, r->spool);
    return false;
}

/* Is it a line whose end is words for people ("+ …", "* OK …", "tag NO …")? No literal follows it,
 * even if the words end like one. */
static bool is_words(const struct str *line)
{
    static const char *const conditions[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
    const char *p = line->data, *end = p + line->len;
    if (line->len && *p == '+')
        return true;
    while (p < end && *p != ' ')
        p++;
    while (p < end && *p == ' ')
        p++;
    size_t n = 0;
    while (p + n < end && p[n] != ' ')
        n++;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (strlen(conditions[i]) == n && strncasecmp(p, conditions[i], n) == 0)
            return true;
    return false;
}

/* The line's end announces a literal: "{N}", "{N+}" of a sloppy server, or "~{N}" of BINARY. */
static bool announced(const struct str *line, unsigned long long *len)
{
    size_t end = line->len, p;
    if (!end || line->data[end - 1] != '}')
        return false;
    p = end - 1;
    if (p && line->data[p - 1] == '+')
        p--;
    size_t digits_end = p;
    while (p && line->data[p - 1] >= '0' && line->data[p - 1] <= '9')
        p--;
    if (p == digits_end || p == 0 || line->data[p - 1] != '{')
        return false;
    *len = 0;
    for (; p < digits_end; p++)
        *len = *len < 1ull << 56 ? *len * 10 + (unsigned long long)(line->data[p] - '0') : *len;
    return true;
}

/* Begins to read a literal. */
static bool begin_literal(struct imap_reader *r, unsigned long long len, struct error *err)
{
    if (len > r->limits.literal || r->literal_bytes + len > r->limits.literals) {
        error_set(err, STATUS_LIMIT, _("The mail server announces %llu bytes in one piece; %zu are taken"),
                  len, r->limits.literal);
        return false;
    }
    if (r->literals.len >= r->limits.parts) {
        error_set(err, STATUS_LIMIT, _("The mail server sends more than %zu pieces in one answer"),
                  r->limits.parts);
        return false;
    }
    struct literal *l = vec_push(&r->literals);
    l->len = (size_t)len;
    l->at = r->small.len;
    if (r->spool && len >= SPOOLED && !map_literal(r, l, err))
        return false;
    r->literal_bytes += (size_t)len;
    r->want = (size_t)len;
    r->got = 0;
    r->in_literal = len > 0;
    return true;
}

/* Takes bytes of a literal; returns how many. */
static size_t take_literal(struct imap_reader *r, const char *bytes, size_t n)
{
    struct literal *l = vec_at(&r->literals, r->literals.len - 1);
    size_t left = r->want - r->got;
    n = n < left ? n : left;
    if (l->map)
        memcpy(l->map + r->got, bytes, n);
    else
        str_add(&r->small, bytes, n);
    r->got += n;
    r->in_literal = r->got < r->want;
    return n;
}

/* Parses what is complete. */
static enum imap_feed complete(struct imap_reader *r, const struct imap_response **out,
                               struct error *err)
{
    vec_clear(&r->texts);
    for (size_t i = 0; i < r->literals.len; i++) {
        const struct literal *l = vec_at(&r->literals, i);
        struct imap_text *t = vec_push(&r->texts);
        t->bytes = l->map ? l->map : l->len ? r->small.data + l->at : "";
        t->len = l->len;
    }
    struct imap_input in = {.line = r->line.data,
                            .len = r->line.len,
                            .literals = (const struct imap_text *)(const void *)r->texts.items,
                            .literals_len = r->texts.len,
                            .parts = r->limits.parts,
                            .depth = r->limits.depth};
    if (imap_parse(&in, &r->response, err) != STATUS_OK)
        return broken(r);
    r->told = true;
    *out = &r->response;
    return IMAP_FEED_RESPONSE;
}

/* A line has ended: a literal follows, or the response is complete. */
static enum imap_feed end_line(struct imap_reader *r, const struct imap_response **out,
                               struct error *err)
{
    unsigned long long len;
    if (r->line.len && r->line.data[r->line.len - 1] == '\r')
        str_truncate(&r->line, r->line.len - 1);
    if (r->line.len == 0 && r->literals.len == 0)
        return IMAP_FEED_MORE; /* an empty line says nothing */
    if (!announced(&r->line, &len) || (r->literals.len == 0 && is_words(&r->line)))
        return complete(r, out, err);
    str_add(&r->line, "\r\n", 2);
    if (!begin_literal(r, len, err))
        return broken(r);
    return IMAP_FEED_MORE;
}

/* Takes bytes up to the end of one response. */
enum imap_feed imap_reader_feed(struct imap_reader *r, const char *bytes, size_t n, size_t *used,
                                const struct imap_response **out, struct error *err)
{
    *used = 0;
    if (r->broken) {
        error_set(err, STATUS_CORRUPT, _("The mail server breaks the rules of IMAP"));
        return IMAP_FEED_BROKEN;
    }
    if (r->told)
        begin_next(r);
    while (*used < n) {
        if (r->in_literal) {
            *used += take_literal(r, bytes + *used, n - *used);
            continue;
        }
        const char *from = bytes + *used, *end = memchr(from, '\n', n - *used);
        size_t len = end ? (size_t)(end - from) : n - *used;
        if (r->line.len + len > r->limits.line) {
            error_set(err, STATUS_LIMIT, _("The mail server sends a line of more than %zu bytes"),
                      r->limits.line);
            return broken(r);
        }
        str_add(&r->line, from, len);
        *used += len + (end ? 1 : 0);
        if (!end)
            break;
        enum imap_feed f = end_line(r, out, err);
        if (f != IMAP_FEED_MORE)
            return f;
    }
    return IMAP_FEED_MORE;
}
