/* compose.h - a message from its parts (RFC 5322, 2045-2047, 2231): CRLF, 7-bit clean. */
#ifndef READER_COMPOSE_H
#define READER_COMPOSE_H

#include <stddef.h>

#include "base/str.h"

enum compose_result { COMPOSE_GOOD, COMPOSE_REFUSED, COMPOSE_FAILED };

/* request: a WIRE_OUTGOING record. COMPOSE_REFUSED (why says the header) when a value holds CR,
 * LF or NUL, or an address is none. */
enum compose_result compose_write(const char *request, size_t n, struct str *out, struct str *why);

#endif
