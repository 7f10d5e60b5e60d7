/* targets.h - the ways foreign bytes come in, one function each: give it any bytes, it must come
 * back. What it made is checked where there is something to check (valid UTF-8, a whole record). */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

#define FUZZ_TARGETS(X)                                                                            \
    X(message) X(part) X(html) X(transcript) X(words) X(addresses) X(parameters) X(compose)        \
    X(records) X(sse) X(json) X(query) X(gate) X(config) X(dates) X(text) X(markdown)            \
    X(autoconfig) X(dns) X(imap) X(calendar) X(file) X(cms)

#define X(name) int fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(X)
#undef X

/* Once, before the first input. */
void fuzz_start(void);

#endif
