/* imap_parse.h - one collected response to its typed form. Used by imap_reader.c only. */
#ifndef IO_IMAP_PARSE_H
#define IO_IMAP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "io/imap_response.h"

/* The line, with "{N}\r\n" where literal i stood (in order) and without its own line end. Quoted
 * strings are unescaped in place. */
struct imap_input {
    char *line;
    size_t len;
    const struct imap_text *literals;
    size_t literals_len;
    size_t parts, depth; /* ceilings */
};

void imap_response_init(struct imap_response *r);
void imap_response_fini(struct imap_response *r);
/* Fills r (cleared first). An unknown response is IMAP_OTHER; what breaks the grammar is CORRUPT. */
enum status imap_parse(struct imap_input *in, struct imap_response *r, struct error *err) MUST_CHECK;

/* "17-Jul-1996 02:44:25 -0700" (RFC 9051 date-time) to seconds and back (UTC; buf of CLOCK_TEXT). */
bool imap_date_parse(const char *text, size_t n, int64_t *out);
const char *imap_date_print(int64_t t, char *buf);

#endif
