/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plain.c - text/plain: lines, flowed paragraphs, links. */
#include "reader/plain.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

/* Appends text with CRLF and CR as LF. */
static void add_lines(struct str *out, const char *text, size_t n)
{
    const char *p = text, *end = text + n;
    while (p < end) {
        const char *cr = memchr(p, '\r', (size_t)(end - p));
        if (!cr) {
            str_add(out, p, (size_t)(end - p));
            break;
        }
        str_add(out, p, (size_t)(cr - p));
        str_putc(out, '\n');
        p = cr + 1;
        if (p < end && *p == '\n')
            p++;
    }
}

/* Appends flowed text: soft lines are joined, quote marks become "> ". */
static void add_flowed(struct str *out, const char *text, size_t n, bool delsp)
{
    const char *p = text, *end = text + n;
    size_t last_depth = 0;
    bool open = false; /* the last line goes on */
    while (p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));
        const char *stop = nl ? nl : end;
        const char *next = nl ? nl + 1 : end;
        if (stop > p && stop[-1] == '\r')
            stop--;
        size_t depth = 0;
        while (p < stop && (*p == '>' || (depth && *p == ' ' && p + 1 < stop && p[1] == '>')))
            depth += *p++ == '>'; /* some write "> > " for two levels */
        if (p < stop && *p == ' ')
            p++; /* space-stuffed */
        bool signature = stop - p == 3 && memcmp(p, "-- ", 3) == 0;
        if (open && (depth != last_depth || signature)) {
            str_putc(out, '\n');
            open = false;
        }
        if (!open) {
            for (size_t i = 0; i < depth && i < 50; i++)
                str_puts(out, "> ");
            if (depth && p == stop && out->len)
                str_truncate(out, out->len - 1);
        }
        bool soft = stop > p && stop[-1] == ' ' && !signature && next < end;
        if (soft && delsp)
            stop--;
        str_add(out, p, (size_t)(stop - p));
        if (!soft)
            str_putc(out, '\n');
        open = soft;
        last_depth = depth;
        p = next;
    }
    if (open)
        str_putc(out, '\n');
}

/* Is this a byte that can stand in an address of the web? Chinese text ends it. */
static bool is_url_byte(unsigned char c)
{
    return c > 0x20 && c < 0x7f && !strchr("<>\"{}|\\^`", c);
}

/* Finds the end of the address at p: trailing punctuation belongs to the sentence. */
static const char *url_end(const char *p, const char *end)
{
    const char *q = p;
    int open = 0;
    while (q < end && is_url_byte((unsigned char)*q)) {
        open += *q == '(';
        if (*q == ')' && --open < 0)
            break;
        q++;
    }
    while (q > p && strchr(".,;:!?'*_", q[-1]))
        q--;
    return q;
}

/* Adds every http(s) address of the text to the links. */
void plain_find_links(struct found *f, size_t from)
{
    const char *text = f->text.data;
    if (!text)
        return;
    const char *p = text + from, *end = text + f->text.len;
    while ((p = memchr(p, ':', (size_t)(end - p)))) {
        if (end - p < 5 || p[1] != '/' || p[2] != '/') {
            p++;
            continue;
        }
        const char *start = NULL;
        if (p - text >= (ptrdiff_t)from + 5 && str_starts_nocase(p - 5, "https"))
            start = p - 5;
        else if (p - text >= (ptrdiff_t)from + 4 && str_starts_nocase(p - 4, "http"))
            start = p - 4;
        const char *stop = url_end(p + 3, end);
        if (start && stop > p + 3 && stop - start < 2000 && f->links.len < FOUND_LINKS_MAX) {
            char url[2001];
            memcpy(url, start, (size_t)(stop - start));
            url[stop - start] = '\0';
            found_add_link(f, url, url);
        }
        p = stop > p ? stop : p + 1;
    }
}

/* Takes U+E0020…U+E007E away unless they belong to a flag. */
void plain_take_tags(struct found *f, size_t from)
{
    char *text = f->text.data;
    struct str spelled = STR_INIT;
    if (!text || !memmem(text + from, f->text.len - from, "\xf3\xa0", 2))
        return;
    size_t to = from;
    bool flag = false;
    for (size_t i = from; i < f->text.len;) {
        size_t used;
        uint32_t c = utf8_decode(text + i, f->text.len - i, &used);
        if (c >= 0xe0000 && c <= 0xe007f) {
            if (!flag && c >= 0xe0020 && c < 0xe007f)
                str_putc(&spelled, (char)(c - 0xe0000));
        } else {
            flag = c == 0x1f3f4;
            memmove(text + to, text + i, used);
            to += used;
        }
        i += used;
    }
    str_truncate(&f->text, to);
    found_hide(f, str_text(&spelled), spelled.len);
    str_fini(&spelled);
}

/* Appends one plain body. */
void plain_add(struct found *f, const char *text, size_t n, bool flowed, bool delsp)
{
    size_t from = f->text.len;
    str_reserve(&f->text, n + 1);
    if (flowed)
        add_flowed(&f->text, text, n, delsp);
    else
        add_lines(&f->text, text, n);
    plain_take_tags(f, from);
    plain_find_links(f, from);
}
