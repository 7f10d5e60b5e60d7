/* SPDX-License-Identifier: GPL-3.0-or-later */
/* str.c - a growing byte string, and small helpers for C strings. */
#include "base/str.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

/* Makes an empty string. */
void str_init(struct str *s)
{
    *s = STR_INIT;
}

/* Releases the memory. */
void str_fini(struct str *s)
{
    free(s->data);
    *s = STR_INIT;
}

/* Empties, but keeps the memory. */
void str_clear(struct str *s)
{
    str_truncate(s, 0);
}

/* Cuts to len bytes. */
void str_truncate(struct str *s, size_t len)
{
    assert(len <= s->len);
    s->len = len;
    if (s->data)
        s->data[len] = '\0';
}

/* Makes room for more bytes. */
void str_reserve(struct str *s, size_t more)
{
    if (more >= SIZE_MAX / 2 - s->len)
        mem_exhausted();
    size_t need = s->len + more + 1;
    if (need <= s->cap)
        return;
    size_t cap = s->cap ? s->cap : 32;
    while (cap < need)
        cap += cap / 2 + 16;
    s->data = mem_resize(s->data, cap, 1);
    s->cap = cap;
    s->data[s->len] = '\0';
}

/* Appends n bytes (not from inside s). */
void str_add(struct str *s, const char *bytes, size_t n)
{
    str_reserve(s, n);
    if (n)
        memcpy(s->data + s->len, bytes, n);
    s->len += n;
    s->data[s->len] = '\0';
}

/* Appends a text. */
void str_puts(struct str *s, const char *text)
{
    str_add(s, text, strlen(text));
}

/* Appends one byte. */
void str_putc(struct str *s, char c)
{
    str_reserve(s, 1);
    s->data[s->len++] = c;
    s->data[s->len] = '\0';
}

/* Appends formatted text. */
void str_addfv(struct str *s, const char *format, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    str_reserve(s, 64);
    int n = vsnprintf(s->data + s->len, s->cap - s->len, format, ap);
    if (n < 0)
        n = 0;
    if ((size_t)n >= s->cap - s->len) {
        str_reserve(s, (size_t)n);
        vsnprintf(s->data + s->len, s->cap - s->len, format, again);
    }
    va_end(again);
    s->len += (size_t)n;
    s->data[s->len] = '\0';
}

/* Appends formatted text. */
void str_addf(struct str *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    str_addfv(s, format, ap);
    va_end(ap);
}

/* Replaces n bytes at `at`. */
void str_splice(struct str *s, size_t at, size_t n, const char *bytes, size_t len)
{
    assert(at <= s->len && n <= s->len - at);
    str_reserve(s, len);
    memmove(s->data + at + len, s->data + at + n, s->len - at - n);
    if (len)
        memcpy(s->data + at, bytes, len);
    s->len = s->len - n + len;
    s->data[s->len] = '\0';
}

/* Hands the text over. */
char *str_take(struct str *s)
{
    str_reserve(s, 0);
    char *text = s->data;
    *s = STR_INIT;
    return text;
}

/* The text, never NULL. */
const char *str_text(const struct str *s)
{
    return s->data ? s->data : "";
}

/* Formats into a new text. */
char *str_format(const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    return str_take(&s);
}

/* Are both absent or the same? */
bool str_eq(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Does s begin with prefix? */
bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Does s end with suffix? */
bool str_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s), m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

/* Lower case of an ASCII byte, whatever the locale. */
static int ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

/* Does s begin with prefix, ASCII case aside? */
bool str_starts_nocase(const char *s, const char *prefix)
{
    for (; *prefix; s++, prefix++)
        if (ascii_lower((unsigned char)*s) != ascii_lower((unsigned char)*prefix))
            return false;
    return true;
}

/* Are both the same, ASCII case aside? */
bool str_eq_nocase(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    for (; *a && *b; a++, b++)
        if (ascii_lower((unsigned char)*a) != ascii_lower((unsigned char)*b))
            return false;
    return *a == *b;
}

/* Reads a whole decimal number. */
bool str_to_int64(const char *s, long long *out)
{
    const char *digits = *s == '-' || *s == '+' ? s + 1 : s;
    if (*digits < '0' || *digits > '9')
        return false;
    char *end;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    if (errno || *end)
        return false;
    *out = n;
    return true;
}

/* Is this ASCII white space? */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Trims both ends in place. */
char *str_trim(char *s)
{
    size_t n = strlen(s), from = 0;
    while (n && is_blank(s[n - 1]))
        n--;
    while (from < n && is_blank(s[from]))
        from++;
    memmove(s, s + from, n - from);
    s[n - from] = '\0';
    return s;
}
