/* header.h - header values as they are found in the wild, decoded (RFC 5322, 2047, 2231).
 *
 * Input is the raw value, folded or not, in any bytes. Output is valid UTF-8 on one line: CR, LF
 * and TAB have become spaces, NUL U+FFFD; other controls stay for the screen's gate to show.
 * Everything is linear in the length. */
#ifndef READER_HEADER_H
#define READER_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/vec.h"

/* One address; both own. */
struct header_address {
    char *name, *address;
};
void header_address_fini(void *item);

/* Appends the decoded text. */
void header_decode(const char *raw, size_t n, struct str *out);
/* The same as a fresh text, trimmed. Yours. */
char *header_text(const char *raw);
/* Appends to list (struct header_address) until it holds `max`; false when that cut it. */
bool header_addresses(const char *raw, size_t max, struct vec *list);
/* Appends the ids (strv, without <>) of Message-ID, In-Reply-To, References. */
void header_ids(const char *raw, size_t max, struct vec *ids);
/* A parameter of Content-Type or Content-Disposition ("filename", "name"): RFC 2231 in any order,
 * RFC 2047 in its place, raw bytes. NULL when absent; yours. */
char *header_param(const char *raw, const char *name);

#endif
