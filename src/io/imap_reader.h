/* imap_reader.h - collects one IMAP response (a line with its literals) from pieces of any size and
 * has it parsed. Pure: no socket, no clock; the way in for fuzzing.
 *
 * Ceilings (struct imap_limits; 0 takes the default) end the session with a clear error: nothing a
 * server sends makes memory grow without bound, and nothing recurses. */
#ifndef IO_IMAP_READER_H
#define IO_IMAP_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/imap_response.h"

struct imap_limits {
    size_t line;       /* one response without its literals; default 16 MiB (a SEARCH of 2 million) */
    size_t literal;    /* one literal; default 101 MiB */
    size_t literals;   /* all literals of one response; default 110 MiB */
    size_t parts;      /* flags, labels, sections, words of one response; default 10,000 */
    size_t depth;      /* of parentheses; default 60 */
    const char *spool; /* a directory: literals over 1 MiB lie in a nameless file there, mapped, not
                          in memory; NULL: in memory. Copied. */
};

struct imap_reader;
struct imap_reader *imap_reader_new(const struct imap_limits *limits /* NULL: defaults */);
void imap_reader_free(struct imap_reader *r);

enum imap_feed { IMAP_FEED_MORE, IMAP_FEED_RESPONSE, IMAP_FEED_BROKEN };
/* Takes bytes up to the end of one response; *used of them were taken (all with MORE).
 * RESPONSE: *out is it, until the next call. BROKEN: err (CORRUPT, LIMIT; FULL for the spool) says
 * why; the reader takes nothing more. */
enum imap_feed imap_reader_feed(struct imap_reader *r, const char *bytes, size_t n, size_t *used,
                                const struct imap_response **out, struct error *err);

#endif
