/* sse.h - server-sent events on bytes (WHATWG HTML §9.2.6; model-api quirks: a last event without
 * a blank line is dispatched at the end, comments are reported, lines end in CR, LF or CRLF that
 * may straddle reads, one BOM is skipped). One event is capped at SSE_MAX bytes. */
#ifndef IO_SSE_H
#define IO_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

#define SSE_MAX (8u << 20)

struct sse_events {
    /* data without the last newline, NUL-terminated; name "" when no event: field came. */
    void (*on_event)(void *user, const char *name, const char *data, size_t n);
    void (*on_comment)(void *user);
    /* A line that is no field of the format, e.g. "error: {…}" or a bare JSON body. */
    void (*on_other)(void *user, const char *line, size_t n);
};

struct sse {
    struct str line, data, name;
    bool after_cr, started, has_data, overflow;
};

void sse_init(struct sse *s);
void sse_fini(struct sse *s);
/* false once an event went over SSE_MAX. */
bool sse_feed(struct sse *s, const char *bytes, size_t n, const struct sse_events *ev, void *user);
void sse_end(struct sse *s, const struct sse_events *ev, void *user);
/* Reads any bytes as a stream; the bytes of data it told. The way in for fuzzing. */
size_t sse_try(const char *bytes, size_t n);

#endif
