/* autoconfig.h - "config-v1.1.xml": where a provider says its mail servers are (the format of
 * Thunderbird's autoconfiguration). No DTD, no entity but the five of XML, capped. */
#ifndef READER_AUTOCONFIG_H
#define READER_AUTOCONFIG_H

#include <stddef.h>

#include "base/str.h"

enum { AUTOCONFIG_MAX = 256 << 10, AUTOCONFIG_SERVERS_MAX = 16 };

/* Appends a WIRE_SERVERS record; an empty one when the bytes are no such file. */
void autoconfig_read(const char *bytes, size_t n, struct str *answer);

#endif
