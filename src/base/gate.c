/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate.c - the one way of foreign bytes to a terminal.
 *
 * Every scalar falls into one class: it passes, it vanishes, it is shown as a mark, or it moves
 * the line (newline, return, tab). Only whole characters are classified; the bytes of an
 * unfinished one wait in `pending`, so where a stream is cut makes no difference. */
#include "base/gate.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

enum { GATE_URL_MAX = 2000 };

/* Starts a stream. */
void gate_init(struct gate *g, enum gate_mode mode, bool ascii)
{
    *g = (struct gate){.mode = mode, .ascii = ascii};
}

/* Dropped silently: what joins, varies or colours the character in front of it. */
static bool vanishes(uint32_t c)
{
    return c == 0x200c || c == 0x200d || c == 0xad || c == 0x34f || (c >= 0xfe00 && c <= 0xfe0f) ||
           (c >= 0x180b && c <= 0x180d) || c == 0x180f || (c >= 0xe0100 && c <= 0xe01ef) ||
           (c >= 0x1f3fb && c <= 0x1f3ff);
}

/* Shown as a mark: controls, bidi, zero width, tags, fillers, line and paragraph separators. */
static bool is_marked(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x115f || c == 0x1160 ||
           c == 0x17b4 || c == 0x17b5 || c == 0x180e || c == 0x200b || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 ||
           c == 0xfeff || c == 0xffa0 || (c >= 0xfff0 && c <= 0xfffb) ||
           (c >= 0x1d173 && c <= 0x1d17a) || (c >= 0xe0000 && c <= 0xe0fff) ||
           (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

/* Appends text that is ours and counts its cells. */
static void put(struct gate *g, struct str *out, const char *text, size_t n)
{
    str_add(out, text, n);
    g->column += n == 1 ? 1 : utf8_cells(text, n);
}

/* Appends the visible mark of a character. */
static void put_mark(struct gate *g, struct str *out, uint32_t c)
{
    char mark[24];
    if (c < 0x20 || c == 0x7f) {
        if (g->ascii) {
            mark[0] = '^';
            mark[1] = (char)(c ^ 0x40);
            put(g, out, mark, 2);
        } else {
            put(g, out, mark, utf8_encode(c == 0x7f ? 0x2421 : 0x2400 + c, mark));
        }
        return;
    }
    int n = snprintf(mark, sizeof mark, g->ascii ? "<U+%04X>" : "⟦U+%04X⟧", (unsigned)c);
    put(g, out, mark, (size_t)n);
}

/* Handles one whole character. */
static void put_char(struct gate *g, struct str *out, uint32_t c, const char *bytes, size_t n)
{
    if (g->cr) {
        g->cr = false;
        if (c != '\n')
            put_mark(g, out, '\r');
    }
    if (c == '\n' && g->mode == GATE_TEXT) {
        str_putc(out, '\n');
        g->column = 0;
    } else if (c == '\r' && g->mode == GATE_TEXT) {
        g->cr = true;
    } else if (c == '\t') {
        size_t spaces = g->mode == GATE_TEXT ? 8 - g->column % 8 : 1;
        put(g, out, "        ", spaces);
    } else if (vanishes(c)) {
        return;
    } else if (is_marked(c)) {
        put_mark(g, out, c);
    } else {
        put(g, out, bytes, n);
    }
}

/* Handles what is at s: a character, a malformed byte; 0 when more bytes are needed. */
static size_t take_one(struct gate *g, struct str *out, const char *s, size_t n)
{
    size_t used;
    uint32_t c = utf8_decode(s, n, &used);
    if (c == 0xfffd && used == 1) {
        if (n < 4 && utf8_partial_tail(s, n) == n)
            return 0;
        put_char(g, out, c, "\xef\xbf\xbd", 3);
    } else {
        put_char(g, out, c, s, used);
    }
    return used;
}

/* Takes the next bytes of the stream. */
void gate_feed(struct gate *g, const char *bytes, size_t n, struct str *out)
{
    size_t at = 0;
    str_reserve(out, n);
    while (g->pending_len && at < n) {
        g->pending[g->pending_len++] = bytes[at++];
        for (size_t used; g->pending_len;) {
            used = take_one(g, out, g->pending, g->pending_len);
            if (!used)
                break;
            g->pending_len -= used;
            memmove(g->pending, g->pending + used, g->pending_len);
        }
    }
    while (at < n) {
        size_t run = at; /* printable ASCII goes in one piece */
        if (!g->cr)
            while (run < n && bytes[run] >= 0x20 && bytes[run] < 0x7f)
                run++;
        if (run > at) {
            str_add(out, bytes + at, run - at);
            g->column += run - at;
            at = run;
            continue;
        }
        size_t used = take_one(g, out, bytes + at, n - at);
        if (!used) {
            g->pending_len = n - at;
            memcpy(g->pending, bytes + at, n - at);
            return;
        }
        at += used;
    }
}

/* Ends the stream. */
void gate_end(struct gate *g, struct str *out)
{
    if (g->pending_len)
        put_char(g, out, 0xfffd, "\xef\xbf\xbd", 3);
    g->pending_len = 0;
    if (g->cr)
        put_mark(g, out, '\r');
    g->cr = false;
}

/* A whole text at once. */
static char *all(const char *text, enum gate_mode mode)
{
    struct gate g;
    struct str out = STR_INIT;
    gate_init(&g, mode, false);
    gate_feed(&g, text, strlen(text), &out);
    gate_end(&g, &out);
    return str_take(&out);
}

/* One line for the terminal. */
char *gate_line(const char *text)
{
    return all(text, GATE_LINE);
}

/* Many lines for the terminal. */
char *gate_text(const char *text)
{
    return all(text, GATE_TEXT);
}

/* An address for a hyperlink. */
bool gate_url(const char *url, struct str *out)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    size_t before = out->len, i = 0, len = strlen(url);
    while (i < sizeof schemes / sizeof schemes[0] && !str_starts_nocase(url, schemes[i]))
        i++;
    if (i == sizeof schemes / sizeof schemes[0] || !url[strlen(schemes[i])] || len > GATE_URL_MAX)
        return false;
    for (const unsigned char *p = (const unsigned char *)url; *p; p++) {
        if (*p < 0x20 || *p == 0x7f) { /* no browser means this */
            str_truncate(out, before);
            return false;
        }
        if (*p == ' ' || *p >= 0x80 || *p == '"' || *p == '<' || *p == '>' || *p == '\\' || *p == '`')
            str_addf(out, "%%%02X", *p);
        else
            str_putc(out, (char)*p);
    }
    return true;
}
