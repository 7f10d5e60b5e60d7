/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sse.c - server-sent events on bytes (WHATWG HTML §9.2.6). */
#include "io/sse.h"

#include <string.h>

/* Starts a stream. */
void sse_init(struct sse *s)
{
    *s = (struct sse){0};
}

/* Releases the buffers. */
void sse_fini(struct sse *s)
{
    str_fini(&s->line);
    str_fini(&s->data);
    str_fini(&s->name);
}

/* A blank line: tells the event that was collected. */
static void dispatch(struct sse *s, const struct sse_events *ev, void *user)
{
    if (s->has_data) {
        size_t n = s->data.len ? s->data.len - 1 : 0; /* the last newline is not part of it */
        str_truncate(&s->data, n);
        if (n && ev->on_event)
            ev->on_event(user, str_text(&s->name), str_text(&s->data), n);
    }
    s->has_data = false;
    str_clear(&s->data);
    str_clear(&s->name);
    if (s->data.cap > 1u << 20) /* one huge event does not keep its memory */
        str_fini(&s->data);
}

/* Is this the name of the line's field? */
static bool field_is(const char *line, size_t n, const char *name)
{
    return n == strlen(name) && memcmp(line, name, n) == 0;
}

/* Handles one line without its end. */
static void take_line(struct sse *s, const char *line, size_t n, const struct sse_events *ev,
                      void *user)
{
    if (!s->started) {
        s->started = true;
        if (n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
            line += 3;
            n -= 3;
        }
    }
    if (n == 0) {
        dispatch(s, ev, user);
        return;
    }
    const char *colon = memchr(line, ':', n);
    if (colon == line) {
        if (ev->on_comment)
            ev->on_comment(user);
        return;
    }
    size_t name = colon ? (size_t)(colon - line) : n;
    const char *value = colon ? colon + 1 : line + n;
    size_t len = (size_t)(line + n - value);
    if (len && value[0] == ' ') {
        value++;
        len--;
    }
    if (field_is(line, name, "data")) {
        if (s->data.len + len + 1 > SSE_MAX) {
            s->overflow = true;
            return;
        }
        s->has_data = true;
        str_add(&s->data, value, len);
        str_putc(&s->data, '\n');
    } else if (field_is(line, name, "event")) {
        str_clear(&s->name);
        str_add(&s->name, value, len);
    } else if (!field_is(line, name, "id") && !field_is(line, name, "retry") && ev->on_other) {
        ev->on_other(user, line, n);
    }
}

/* Takes the next bytes of the stream. */
bool sse_feed(struct sse *s, const char *bytes, size_t n, const struct sse_events *ev, void *user)
{
    size_t at = 0;
    while (at < n && !s->overflow) {
        if (s->after_cr) {
            s->after_cr = false;
            if (bytes[at] == '\n') {
                at++;
                continue;
            }
        }
        size_t end = at;
        while (end < n && bytes[end] != '\n' && bytes[end] != '\r')
            end++;
        if (s->line.len + (end - at) > SSE_MAX + 64) {
            s->overflow = true;
            break;
        }
        if (end == n) {
            str_add(&s->line, bytes + at, end - at);
            break;
        }
        s->after_cr = bytes[end] == '\r';
        if (s->line.len) {
            str_add(&s->line, bytes + at, end - at);
            take_line(s, s->line.data, s->line.len, ev, user);
            str_clear(&s->line);
        } else {
            take_line(s, bytes + at, end - at, ev, user);
        }
        at = end + 1;
    }
    return !s->overflow;
}

/* The stream has ended: what is pending is told, for servers leave the last blank line out. */
void sse_end(struct sse *s, const struct sse_events *ev, void *user)
{
    if (s->overflow)
        return;
    if (s->line.len)
        take_line(s, s->line.data, s->line.len, ev, user);
    str_clear(&s->line);
    dispatch(s, ev, user);
}

/* Does nothing with an event. */
static void ignore_event(void *user, const char *name, const char *data, size_t n)
{
    (void)name;
    (void)data;
    *(size_t *)user += n;
}

/* Reads any bytes as a stream, in two pieces; for fuzzing. */
size_t sse_try(const char *bytes, size_t n)
{
    static const struct sse_events ev = {.on_event = ignore_event};
    struct sse s;
    size_t told = 0, half = n / 2;
    sse_init(&s);
    if (sse_feed(&s, bytes, half, &ev, &told) && sse_feed(&s, bytes + half, n - half, &ev, &told))
        sse_end(&s, &ev, &told);
    sse_fini(&s);
    return told;
}
