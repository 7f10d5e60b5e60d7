/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines.c - base64 in the raw bytes of a mail, kept decoded
 *
 * A form is the bytes with every block of such lines decoded, then a table, then the table's length
 * in four bytes, the low one first. A row of the table is a block: bytes that stand as they are
 * before it, decoded bytes, characters of a line, whether its lines end in CRLF (numbers of seven
 * bits a byte, the low ones first). Behind the last block all bytes stand as they are. */
#include "mail/lines.h"

#include <stdint.h>
#include <string.h>

#include "base/i18n.h"

#define WIDTH_MOST 1024
#define LINE_LEAST 60
#define BLOCK_LEAST 45 /* bytes: less is not worth a row of the table */
/* Larger mails stay as they are: the form and what comes back of it are held beside the bytes. */
#define FORM_MOST ((size_t)16 << 20)
#define NO_LETTER 0x80
#define FILL '='

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const unsigned char values[256] = {
#define V(c, n) [c] = (n) + 1
    V('A', 0),  V('B', 1),  V('C', 2),  V('D', 3),  V('E', 4),  V('F', 5),  V('G', 6),  V('H', 7),
    V('I', 8),  V('J', 9),  V('K', 10), V('L', 11), V('M', 12), V('N', 13), V('O', 14), V('P', 15),
    V('Q', 16), V('R', 17), V('S', 18), V('T', 19), V('U', 20), V('V', 21), V('W', 22), V('X', 23),
    V('Y', 24), V('Z', 25), V('a', 26), V('b', 27), V('c', 28), V('d', 29), V('e', 30), V('f', 31),
    V('g', 32), V('h', 33), V('i', 34), V('j', 35), V('k', 36), V('l', 37), V('m', 38), V('n', 39),
    V('o', 40), V('p', 41), V('q', 42), V('r', 43), V('s', 44), V('t', 45), V('u', 46), V('v', 47),
    V('w', 48), V('x', 49), V('y', 50), V('z', 51), V('0', 52), V('1', 53), V('2', 54), V('3', 55),
    V('4', 56), V('5', 57), V('6', 58), V('7', 59), V('8', 60), V('9', 61), V('+', 62), V('/', 63),
#undef V
};

struct block {
    size_t plain, bytes, width;
    bool crlf;
};

/* The value of a letter; NO_LETTER when it is none. */
static unsigned value(char c)
{
    unsigned v = values[(unsigned char)c];
    return v ? v - 1 : NO_LETTER;
}

/* Decodes four characters that may be padded: 1 to 3 bytes; 0 when they are no base64, or none that
 * would be written so again. */
static size_t decode_last(const char *s, char *to)
{
    unsigned a = value(s[0]), b = value(s[1]), c = value(s[2]), d = value(s[3]);
    if ((a | b) & NO_LETTER)
        return 0;
    to[0] = (char)(a << 2 | b >> 4);
    if (s[2] == FILL)
        return s[3] == FILL && !(b & 15);
    if (c & NO_LETTER)
        return 0;
    to[1] = (char)(b << 4 | c >> 2);
    if (s[3] == FILL)
        return c & 3 ? 0 : 2;
    to[2] = (char)(c << 6 | d);
    return d & NO_LETTER ? 0 : 3;
}

/* Decodes a line of n characters, n > 0 and a multiple of 4; 0 when it is not base64. */
static size_t decode_line(const char *s, size_t n, char *to)
{
    char *at = to;
    for (const char *last = s + n - 4; s < last; s += 4, at += 3) {
        unsigned a = value(s[0]), b = value(s[1]), c = value(s[2]), d = value(s[3]);
        if ((a | b | c | d) & NO_LETTER)
            return 0;
        at[0] = (char)(a << 2 | b >> 4);
        at[1] = (char)(b << 4 | c >> 2);
        at[2] = (char)(c << 6 | d);
    }
    size_t rest = decode_last(s, at);
    return rest ? (size_t)(at - to) + rest : 0;
}

/* Length of the line at s without its end; *crlf how it ends. SIZE_MAX: it has no end. */
static size_t line_len(const char *s, size_t n, bool *crlf)
{
    const char *end = memchr(s, '\n', n);
    if (!end)
        return SIZE_MAX;
    *crlf = end > s && end[-1] == '\r';
    return (size_t)(end - s) - *crlf;
}

/* The block that begins at s: appends what it decodes to; returns the bytes of its lines, 0 when none
 * begins here. */
static size_t take_block(const char *s, size_t n, struct str *out, struct block *b)
{
    size_t before = out->len, i = 0, full = 0;
    for (bool more = true; more;) {
        bool crlf;
        size_t len = line_len(s + i, n - i, &crlf);
        if (len == SIZE_MAX || len == 0 || len % 4 || len > WIDTH_MOST)
            break;
        if (i == 0) {
            b->width = len;
            b->crlf = crlf;
            full = len / 4 * 3;
        }
        if (len > b->width || crlf != b->crlf)
            break;
        str_reserve(out, full);
        size_t got = decode_line(s + i, len, out->data + out->len);
        if (!got)
            break;
        out->len += got;
        i += len + 1 + crlf;
        more = got == full; /* a shorter line is the last */
    }
    b->bytes = out->len - before;
    if (b->bytes >= BLOCK_LEAST)
        return i;
    str_truncate(out, before);
    return 0;
}

/* Appends a number. */
static void put(struct str *out, size_t v)
{
    for (; v >= 0x80; v >>= 7)
        str_putc(out, (char)((v & 0x7f) | 0x80));
    str_putc(out, (char)v);
}

/* Appends the form. */
static bool make_form(const char *bytes, size_t n, struct str *out)
{
    struct str table = STR_INIT;
    size_t plain = 0; /* where what stands as it is began */
    for (size_t i = 0; i < n;) {
        struct block b = {0};
        bool crlf;
        size_t before = out->len, held = i - plain;
        size_t len = line_len(bytes + i, n - i, &crlf);
        size_t took = 0;
        if (len == SIZE_MAX)
            break;
        if (len >= LINE_LEAST && len % 4 == 0) {
            str_add(out, bytes + plain, held);
            took = take_block(bytes + i, n - i, out, &b);
            if (!took)
                str_truncate(out, before);
        }
        if (took) {
            put(&table, held);
            put(&table, b.bytes);
            put(&table, b.width);
            put(&table, b.crlf);
            plain = i + took;
        }
        i += took ? took : len + 1 + crlf;
    }
    bool any = table.len > 0;
    if (any) {
        str_add(out, bytes + plain, n - plain);
        str_add(out, table.data, table.len);
        for (int k = 0; k < 4; k++)
            str_putc(out, (char)(table.len >> 8 * k & 0xff));
    }
    str_fini(&table);
    return any;
}

/* Appends a block's lines. */
static void put_lines(const char *bytes, const struct block *b, struct str *out)
{
    size_t full = b->width / 4 * 3;
    const unsigned char *s = (const unsigned char *)bytes;
    for (size_t left = b->bytes; left > 0;) {
        size_t n = left < full ? left : full;
        str_reserve(out, b->width + 2);
        char *to = out->data + out->len;
        for (size_t i = 0; i < n; i += 3, to += 4) {
            unsigned v = (unsigned)s[i] << 16 | (i + 1 < n ? s[i + 1] : 0u) << 8 |
                         (i + 2 < n ? s[i + 2] : 0u);
            to[0] = letters[v >> 18];
            to[1] = letters[v >> 12 & 63];
            to[2] = i + 1 < n ? letters[v >> 6 & 63] : FILL;
            to[3] = i + 2 < n ? letters[v & 63] : FILL;
        }
        out->len = (size_t)(to - out->data);
        str_add(out, b->crlf ? "\r\n" : "\n", b->crlf ? 2 : 1);
        s += n;
        left -= n;
    }
}

/* Reads a number; false when there is none. */
static bool take(const char **p, const char *end, size_t *v)
{
    *v = 0;
    for (unsigned shift = 0; *p < end && shift < 56; shift += 7) {
        unsigned char c = (unsigned char)*(*p)++;
        *v |= (size_t)(c & 0x7f) << shift;
        if (!(c & 0x80))
            return true;
    }
    return false;
}

/* Reads a row of the table; false when it is none, or names more than the left bytes. */
static bool take_row(const char **p, const char *end, size_t left, struct block *b)
{
    size_t crlf;
    if (!take(p, end, &b->plain) || !take(p, end, &b->bytes) || !take(p, end, &b->width) ||
        !take(p, end, &crlf))
        return false;
    b->crlf = crlf == 1;
    return b->plain <= left && b->bytes <= left - b->plain && b->width >= 4 && b->width % 4 == 0 &&
           b->width <= WIDTH_MOST;
}

/* Appends the bytes that a form was made of. */
enum status mail_lines_on(const char *form, size_t n, size_t max, struct str *out, struct error *err)
{
    size_t table = 0, before = out->len;
    for (int k = 0; k < 4 && n >= 4; k++)
        table |= (size_t)(unsigned char)form[n - 4 + (size_t)k] << 8 * k;
    if (n < 4 || table > n - 4)
        return error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
    const char *s = form, *end = form + n - 4 - table;
    for (const char *p = end, *stop = form + n - 4; p < stop;) {
        struct block b = {0};
        if (!take_row(&p, stop, (size_t)(end - s), &b))
            return error_set(err, STATUS_CORRUPT, _("stored bytes cannot be read back"));
        str_add(out, s, b.plain);
        put_lines(s + b.plain, &b, out);
        s += b.plain + b.bytes;
        if (out->len - before > max)
            return error_set(err, STATUS_LIMIT, _("too large: %zu bytes"), out->len - before);
    }
    str_add(out, s, (size_t)(end - s));
    if (out->len - before > max)
        return error_set(err, STATUS_LIMIT, _("too large: %zu bytes"), out->len - before);
    return STATUS_OK;
}

/* The form, when it gives the same bytes back. */
bool mail_lines_off(const char *bytes, size_t n, struct str *out)
{
    size_t before = out->len;
    struct str again = STR_INIT;
    struct error err = ERROR_INIT;
    bool good = n <= FORM_MOST && make_form(bytes, n, out);
    if (good) {
        str_reserve(&again, n + WIDTH_MOST);
        good = mail_lines_on(out->data + before, out->len - before, n, &again, &err) == STATUS_OK &&
               again.len == n && memcmp(again.data, bytes, n) == 0;
    }
    if (!good)
        str_truncate(out, before);
    str_fini(&again);
    return good;
}
