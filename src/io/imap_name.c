/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_name.c - modified UTF-7: "&" begins UTF-16 in base64 with "," for "/", "-" ends it, "&-" is
 * "&". What is not strictly that is shown as it stands. */
#include "io/imap_name.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Takes one UTF-16 unit; false on a broken pair. */
static bool add_unit(struct str *out, uint32_t unit, uint32_t *high)
{
    char bytes[4];
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (*high)
            return false;
        *high = unit;
        return true;
    }
    if (unit >= 0xdc00 && unit < 0xe000) {
        if (!*high)
            return false;
        unit = 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00);
        *high = 0;
    } else if (*high) {
        return false;
    }
    if (unit >= 0x20 && unit < 0x7f)
        return false; /* it must stand for itself (RFC 3501 §5.1.3) */
    str_add(out, bytes, utf8_encode(unit, bytes));
    return true;
}

/* Decodes what stands between "&" and "-"; false when it is not base64 of whole UTF-16. */
static bool decode_run(struct str *out, const char *p, size_t n)
{
    uint32_t bits = 0, high = 0;
    int held = 0;
    for (size_t i = 0; i < n; i++) {
        const char *d = p[i] ? strchr(digits, p[i]) : NULL;
        if (!d)
            return false;
        bits = bits << 6 | (uint32_t)(d - digits);
        held += 6;
        if (held >= 16) {
            held -= 16;
            if (!add_unit(out, bits >> held & 0xffff, &high))
                return false;
        }
    }
    return held < 6 && (bits & ((1u << held) - 1)) == 0 && !high;
}

/* Decodes; false when it is not modified UTF-7. */
static bool decode(struct str *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        if (p[i] != '&') {
            str_putc(out, p[i++]);
            continue;
        }
        const char *end = memchr(p + i, '-', n - i);
        if (!end)
            return false;
        size_t run = (size_t)(end - p) - i - 1;
        if (run == 0)
            str_putc(out, '&');
        else if (!decode_run(out, p + i + 1, run))
            return false;
        i += run + 2;
    }
    return true;
}

/* The name for people. */
char *imap_name_decode(const char *wire, size_t n, bool utf8)
{
    struct str raw = STR_INIT, out = STR_INIT;
    bool inbox = n >= 5 && strncasecmp(wire, "INBOX", 5) == 0;
    if (utf8 || !decode(&raw, wire, n)) {
        str_clear(&raw);
        str_add(&raw, wire, n);
    }
    if (inbox && n == 5) {
        str_clear(&raw);
        str_puts(&raw, "INBOX");
    }
    utf8_repair(&out, str_text(&raw), raw.len);
    str_fini(&raw);
    return str_take(&out);
}

/* Writes waiting UTF-16 bits as base64, the last digit filled with zeros. */
static void end_run(struct str *out, uint32_t *bits, int *held, bool *inside)
{
    if (!*inside)
        return;
    if (*held)
        str_putc(out, digits[*bits << (6 - *held) & 63]);
    str_putc(out, '-');
    *bits = 0;
    *held = 0;
    *inside = false;
}

/* Adds one UTF-16 unit. */
static void put_unit(struct str *out, uint32_t unit, uint32_t *bits, int *held)
{
    *bits = *bits << 16 | unit;
    *held += 16;
    while (*held >= 6) {
        *held -= 6;
        str_putc(out, digits[*bits >> *held & 63]);
    }
    *bits &= (1u << *held) - 1;
}

/* The wire's form. */
char *imap_name_encode(const char *name, bool utf8)
{
    struct str out = STR_INIT;
    size_t n = strlen(name), used;
    uint32_t bits = 0;
    int held = 0;
    bool inside = false;
    if (!utf8_valid(name, n))
        return NULL;
    for (size_t i = 0; i < n; i += used) {
        uint32_t c = utf8_decode(name + i, n - i, &used);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
            str_fini(&out);
            return NULL;
        }
        if (utf8 || c < 0x7f) {
            end_run(&out, &bits, &held, &inside);
            str_add(&out, name + i, used);
            if (c == '&' && !utf8)
                str_putc(&out, '-');
            continue;
        }
        if (!inside)
            str_putc(&out, '&');
        inside = true;
        if (c >= 0x10000) {
            put_unit(&out, 0xd800 + ((c - 0x10000) >> 10), &bits, &held);
            put_unit(&out, 0xdc00 + ((c - 0x10000) & 0x3ff), &bits, &held);
        } else {
            put_unit(&out, c, &bits, &held);
        }
    }
    end_run(&out, &bits, &held, &inside);
    return str_take(&out);
}
