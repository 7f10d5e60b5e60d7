/* box.h - a file of mails read as a stream: mbox, plain or gzipped, or anything gzipped.
 *
 * A message begins behind a line "From …" that carries a time and a year and stands at the start
 * or behind an empty line. The bytes are given as they are stored: ">From" stays; the From line and
 * the empty line that separates two messages are no part of it. A file that holds one message alone
 * is kept whole, From line included, so that it can be given back as it came. */
#ifndef MAIL_BOX_H
#define MAIL_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct mail_box;

/* fd is taken. */
enum status mail_box_open(int fd, struct mail_box **out, struct error *err) MUST_CHECK;
void mail_box_close(struct mail_box *b);
/* The first bytes (decompressed), at most 4 KiB; borrowed until the next call. */
const char *mail_box_head(struct mail_box *b, size_t *n);
/* Everything that is left, up to max bytes (LIMIT beyond). */
enum status mail_box_rest(struct mail_box *b, size_t max, struct str *out, struct error *err)
    MUST_CHECK;
struct mail_box_item {
    size_t start, len; /* the message within out, which holds the From line and the separator too */
    bool alone;        /* the only one of its file */
    int64_t received; /* time of the From line; CLOCK_NONE */
    unsigned flags;   /* enum doc_flag by Status, X-Status, X-Mozilla-Status */
};
/* The next message of an mbox; out is emptied first. NO_SUCH at the end. LIMIT: larger than max,
 * skipped, the next call goes on behind it. CORRUPT: the file breaks off (damaged gzip). */
enum status mail_box_next(struct mail_box *b, size_t max, struct str *out,
                          struct mail_box_item *item, struct error *err) MUST_CHECK;
/* Bytes of the file that have been read: for progress. */
int64_t mail_box_offset(const struct mail_box *b);

/* The message within bytes that may be a whole mbox of one: without From line and separator. */
void mail_box_inner(const char *bytes, size_t n, size_t *start, size_t *len);
/* Does text begin with a From line? (What makes a file an mbox.) */
bool mail_box_is_from(const char *line, size_t n, int64_t *when);
/* The flags that header lines tell (unread unless they say read). */
unsigned mail_box_flags(const char *message, size_t n);

#endif
