/* SPDX-License-Identifier: GPL-3.0-or-later */
/* input.c - bytes of the terminal to keys. */
#include "tui/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define PASTE_MAX (16u << 20)
#define SEQUENCE_MAX 64
#define REPORT_MAX 128
#define PASTE_BEGIN "200~"
#define PASTE_END "\033[201~"

/* Makes an empty one. */
void input_init(struct input *in, const struct input_events *events, void *user)
{
    memset(in, 0, sizeof *in);
    in->events = *events;
    in->user = user;
}

/* Releases what was pending. */
void input_fini(struct input *in)
{
    str_fini(&in->pending);
    str_fini(&in->paste);
}

/* Tells one key. */
static void tell(struct input *in, const char *name, const char *bytes, size_t n)
{
    struct input_key key = {.len = n < sizeof key.bytes ? n : sizeof key.bytes - 1};
    snprintf(key.name, sizeof key.name, "%s", name);
    memcpy(key.bytes, bytes, key.len);
    in->events.on_key(in->user, &key);
}

/* Tells a control byte by its name. */
static void tell_control(struct input *in, unsigned char c)
{
    char name[8], byte = (char)c;
    switch (c) {
    case '\r':
        tell(in, "Enter", "\r", 1);
        return;
    case '\t':
        tell(in, "Tab", "\t", 1);
        return;
    case 0x08:
    case 0x7f:
        tell(in, "Backspace", "\177", 1);
        return;
    case 0x1b:
        tell(in, "Esc", "\033", 1);
        return;
    case 0:
        tell(in, "C-@", &byte, 1);
        return;
    default:
        break;
    }
    /* 1…26 are letters; 28…31 are \ ] ^ _ */
    snprintf(name, sizeof name, "C-%c", c <= 26 ? 'a' + c - 1 : c + 0x40);
    tell(in, name, &byte, 1);
}

struct named_sequence {
    const char *body, *name;
};

/* What terminals send behind "ESC [" and "ESC O". */
static const struct named_sequence sequences[] = {
    {"A", "Up"},     {"B", "Down"},   {"C", "Right"},    {"D", "Left"},       {"H", "Home"},
    {"F", "End"},    {"1~", "Home"},  {"4~", "End"},     {"7~", "Home"},      {"8~", "End"},
    {"2~", "Insert"}, {"3~", "Delete"}, {"5~", "PageUp"}, {"6~", "PageDown"}, {"M", "Enter"},
    {"Z", "S-Tab"},
};

/* A report of the cursor: "row;colR". */
static bool cursor_report(struct input *in, const char *body)
{
    int row, col;
    char end;
    if (sscanf(body, "%d;%d%c", &row, &col, &end) != 3 || end != 'R')
        return false;
    if (in->events.on_cursor)
        in->events.on_cursor(in->user, row, col);
    return true;
}

/* Tells a finished CSI or SS3 sequence; unknown ones are dropped. */
static void tell_sequence(struct input *in, const char *bytes, size_t n)
{
    char body[SEQUENCE_MAX];
    size_t len = n - 2 < sizeof body - 1 ? n - 2 : sizeof body - 1;
    memcpy(body, bytes + 2, len);
    body[len] = 0;
    if (str_eq(body, PASTE_BEGIN)) {
        in->pasting = true;
        str_clear(&in->paste);
        return;
    }
    if (bytes[1] == '[' && cursor_report(in, body))
        return;
    /* Ctrl and Alt with arrows ("1;5C") count as words in readline; elsewhere as the plain key. */
    char *semicolon = strchr(body, ';');
    if (semicolon && strlen(semicolon) == 3) {
        char last = semicolon[2];
        if (semicolon[1] != '2' && (last == 'C' || last == 'D')) {
            tell(in, last == 'C' ? "M-f" : "M-b", last == 'C' ? "\033f" : "\033b", 2);
            return;
        }
        if (last == '~') {
            semicolon[0] = '~';
            semicolon[1] = 0;
        } else {
            body[0] = last;
            body[1] = 0;
        }
    }
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
        if (str_eq(sequences[i].body, body)) {
            if (str_eq(sequences[i].name, "Enter"))
                tell(in, "Enter", "\r", 1);
            else
                tell(in, sequences[i].name, bytes, n);
            return;
        }
}

/* Bytes of a whole sequence at the start of s; 0: not finished yet. */
static size_t sequence_length(const char *s, size_t n)
{
    if (n < 3)
        return 0;
    if (s[1] == 'O')
        return 3;
    for (size_t i = 2; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x40 && c <= 0x7e)
            return i + 1;
        if (c < 0x20 || i >= SEQUENCE_MAX)
            return i; /* not a sequence: what was read is dropped */
    }
    return 0;
}

/* An OSC answer "11;rgb:RRRR/GGGG/BBBB" tells the background. */
static void tell_osc(struct input *in, const char *bytes, size_t n)
{
    char body[REPORT_MAX];
    unsigned r, g, b;
    size_t len = n < sizeof body - 1 ? n : sizeof body - 1;
    memcpy(body, bytes, len);
    body[len] = 0;
    if (sscanf(body, "11;rgb:%4x/%4x/%4x", &r, &g, &b) != 3 || !in->events.on_background)
        return;
    const char *slash = strchr(body, '/');
    const char *start = strstr(body, "rgb:");
    unsigned shift = slash && start && slash - start - 4 > 2 ? 8 : 0;
    unsigned bright = ((r >> shift) * 3 + (g >> shift) * 6 + (b >> shift)) / 10;
    in->events.on_background(in->user, (int)bright);
}

/* Length of an OSC answer with its end; 0: not finished. */
static size_t osc_length(const char *s, size_t n, size_t *body)
{
    for (size_t i = 2; i < n; i++) {
        if (s[i] == '\a') {
            *body = i - 2;
            return i + 1;
        }
        if (s[i] == '\033' && i + 1 < n && s[i + 1] == '\\') {
            *body = i - 2;
            return i + 2;
        }
        if (i > REPORT_MAX) {
            *body = 0;
            return i;
        }
    }
    return 0;
}

/* Takes paste bytes until the end mark; returns bytes used. */
static size_t take_paste(struct input *in, const char *s, size_t n)
{
    const char *end = memmem(s, n, PASTE_END, strlen(PASTE_END));
    size_t body = end ? (size_t)(end - s) : n;
    /* The mark may have begun in what is here. */
    if (!end) {
        size_t keep = strlen(PASTE_END) - 1;
        body = n > keep ? n - keep : 0;
    }
    if (in->paste.len + body <= PASTE_MAX)
        str_add(&in->paste, s, body);
    if (!end)
        return body;
    in->pasting = false;
    if (in->events.on_paste)
        in->events.on_paste(in->user, str_text(&in->paste), in->paste.len);
    str_clear(&in->paste);
    return body + strlen(PASTE_END);
}

/* Takes one ESC something; 0: wait for more. */
static size_t take_escape(struct input *in, const char *s, size_t n)
{
    size_t used, body = 0;
    if (n < 2)
        return 0;
    if (s[1] == '[' || s[1] == 'O') {
        used = sequence_length(s, n);
        if (used >= 3)
            tell_sequence(in, s, used);
        return used;
    }
    if (s[1] == ']') {
        used = osc_length(s, n, &body);
        if (body)
            tell_osc(in, s + 2, body);
        return used;
    }
    if (s[1] == '\033') {
        tell_control(in, 0x1b);
        return 1;
    }
    size_t chars;
    if (n - 1 < 4 && utf8_partial_tail(s + 1, n - 1) == n - 1)
        return 0;
    utf8_decode(s + 1, n - 1, &chars);
    char name[16];
    if ((unsigned char)s[1] < 0x20 || s[1] == 0x7f)
        snprintf(name, sizeof name, "M-C-%c", s[1] == 0x7f ? '?' : s[1] + 0x60);
    else
        snprintf(name, sizeof name, "M-%.*s", (int)chars, s + 1);
    tell(in, name, s, chars + 1);
    return chars + 1;
}

/* Takes one thing from the front; 0: wait for more. */
static size_t take_one(struct input *in, const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    if (in->pasting)
        return take_paste(in, s, n);
    if (c == 0x1b)
        return take_escape(in, s, n);
    if (c < 0x20 || c == 0x7f) {
        tell_control(in, c);
        return 1;
    }
    if (utf8_partial_tail(s, n < 4 ? n : 4) == n && n < 4)
        return 0;
    size_t used;
    uint32_t ch = utf8_decode(s, n, &used);
    if (ch == 0xfffd && used == 1)
        return 1; /* stray byte */
    char name[8];
    memcpy(name, s, used);
    name[used] = 0;
    tell(in, c == ' ' ? "Space" : name, s, used);
    return used;
}

/* Takes bytes in any pieces. */
void input_feed(struct input *in, const char *bytes, size_t n)
{
    str_add(&in->pending, bytes, n);
    while (in->pending.len > 0) {
        size_t used = take_one(in, in->pending.data, in->pending.len);
        if (used == 0)
            return;
        str_splice(&in->pending, 0, used, "", 0);
    }
}

/* Whether an ESC waits to be told apart. */
bool input_waits(const struct input *in)
{
    return in->pending.len > 0 && !in->pasting;
}

/* Nothing followed: it was the key itself. */
void input_timeout(struct input *in)
{
    if (!input_waits(in))
        return;
    if (in->pending.data[0] != 0x1b) {
        str_clear(&in->pending);
        return;
    }
    /* "ESC [" alone: Alt-[ is nobody's key. */
    str_clear(&in->pending);
    tell_control(in, 0x1b);
}

/* Full-width forms U+FF01…FF5E and the ideographic space as ASCII. */
void input_narrow(struct input_key *key)
{
    size_t used;
    if (!key->len)
        return;
    uint32_t c = utf8_decode(key->bytes, key->len, &used);
    if (used != key->len)
        return;
    if (c == 0x3000) {
        snprintf(key->name, sizeof key->name, "Space");
    } else if (c >= 0xff01 && c <= 0xff5e) {
        key->name[0] = (char)(c - 0xff01 + '!');
        key->name[1] = 0;
    } else if (c == 0x3002 || c == 0x3001) {
        key->name[0] = c == 0x3002 ? '.' : ',';
        key->name[1] = 0;
    } else {
        return;
    }
    key->bytes[0] = key->name[0];
    key->len = 1;
}
