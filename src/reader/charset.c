/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charset.c - charset labels, descriptors opened beforehand, decoding and guessing. */
#include "reader/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

#define NONE ((iconv_t)-1)
static const char replacement[] = "\xef\xbf\xbd";

/* The charsets that can be read: the system's name, and the labels that mean it (lower case,
 * letters and digits only, separated by spaces). */
static struct charset {
    const char *name;
    const char *labels;
    iconv_t cd;
} charsets[] = {
    {"GB18030", "gb18030 gb2312 gbk gb231280 cp936 xgbk euccn ms936 windows936 chinese csgb2312", NONE},
    {"BIG5", "big5 cp950 big5eten xbig5 cnbig5 csbig5 windows950", NONE},
    {"BIG5-HKSCS", "big5hkscs", NONE},
    {"EUC-TW", "euctw", NONE},
    {"ISO-2022-CN-EXT", "iso2022cn iso2022cnext", NONE},
    {"ISO-2022-JP", "iso2022jp csiso2022jp iso2022jp1 iso2022jp2", NONE},
    {"ISO-2022-JP-MS", "iso2022jpms cp50220 cp50221 iso2022jp3", NONE},
    {"CP932", "shiftjis sjis xsjis cp932 mskanji windows31j csshiftjis ms932", NONE},
    {"EUC-JP", "eucjp xeucjp ujis cseucpkdfmtjapanese", NONE},
    {"EUC-JP-MS", "eucjpms cp51932", NONE},
    {"CP949", "euckr ksc56011987 ksc5601 ksc56011989 cp949 uhc windows949 korean", NONE},
    {"ISO-2022-KR", "iso2022kr csiso2022kr", NONE},
    {"JOHAB", "johab", NONE},
    {"KOI8-R", "koi8r koi8 cskoi8r", NONE},
    {"KOI8-U", "koi8u koi8ru", NONE},
    {"CP1250", "windows1250 cp1250 xcp1250", NONE},
    {"CP1251", "windows1251 cp1251 xcp1251 win1251", NONE},
    {"CP1252", "windows1252 cp1252 iso88591 latin1 l1 xcp1252 iso885911987 ansi cp819", NONE},
    {"CP1253", "windows1253 cp1253", NONE},
    {"CP1254", "windows1254 cp1254 iso88599 latin5", NONE},
    {"CP1255", "windows1255 cp1255", NONE},
    {"CP1256", "windows1256 cp1256", NONE},
    {"CP1257", "windows1257 cp1257", NONE},
    {"CP1258", "windows1258 cp1258", NONE},
    {"CP874", "windows874 cp874 tis620 iso885911", NONE},
    {"ISO-8859-2", "iso88592 latin2 l2", NONE},
    {"ISO-8859-3", "iso88593 latin3", NONE},
    {"ISO-8859-4", "iso88594 latin4", NONE},
    {"ISO-8859-5", "iso88595 cyrillic", NONE},
    {"ISO-8859-6", "iso88596 arabic", NONE},
    {"ISO-8859-7", "iso88597 greek", NONE},
    {"ISO-8859-8", "iso88598 iso88598i iso88598e hebrew", NONE},
    {"ISO-8859-10", "iso885910 latin6", NONE},
    {"ISO-8859-13", "iso885913 latin7", NONE},
    {"ISO-8859-14", "iso885914 latin8", NONE},
    {"ISO-8859-15", "iso885915 latin9 latin0", NONE},
    {"ISO-8859-16", "iso885916 latin10", NONE},
    {"MACINTOSH", "macintosh macroman mac xmacroman", NONE},
    {"MAC-CYRILLIC", "xmaccyrillic maccyrillic", NONE},
    {"CP437", "cp437 ibm437", NONE},
    {"CP850", "cp850 ibm850", NONE},
    {"CP852", "cp852 ibm852", NONE},
    {"CP866", "cp866 ibm866", NONE},
    {"VISCII", "viscii", NONE},
    {"UTF-7", "utf7 unicode11utf7 xunicode20utf7", NONE},
    {"UTF-16", "utf16 ucs2 unicode", NONE},
    {"UTF-16LE", "utf16le", NONE},
    {"UTF-16BE", "utf16be", NONE},
    {"UTF-32", "utf32 ucs4", NONE},
};

/* Where a stricter table leaves bytes unread, a wider one of the same family may know them. */
static const char *const wider[][2] = {
    {"ISO-2022-JP", "ISO-2022-JP-MS"},
    {"EUC-JP", "EUC-JP-MS"},
    {"BIG5", "BIG5-HKSCS"},
};

static const struct charset *hint; /* of the mail at hand */

enum { COUNT = sizeof charsets / sizeof charsets[0] };

/* Opens every descriptor; one that the system does not have stays unknown. */
void charset_open_all(void)
{
    for (size_t i = 0; i < COUNT; i++)
        if (charsets[i].cd == NONE)
            charsets[i].cd = iconv_open("UTF-8", charsets[i].name);
}

/* Reduces a label to lower-case letters and digits: "ISO_8859-1 " is "iso88591". */
static void label_key(const char *label, char key[32])
{
    size_t n = 0;
    for (; *label && n < 31; label++) {
        unsigned char c = (unsigned char)*label;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            key[n++] = (char)c;
    }
    key[n] = '\0';
}

/* Looks a word up in a list of words separated by spaces. */
static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; (p = strstr(p, word)); p += n)
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

enum kind { UNKNOWN, UTF8, ASCII, TABLE };

/* Finds what a label means. */
static enum kind find(const char *label, struct charset **table)
{
    char key[32];
    if (!label)
        return UNKNOWN;
    label_key(label, key);
    if (!key[0])
        return UNKNOWN;
    if (has_word("utf8 unicode11utf8 xutf8 utf8mb4 cp65001", key))
        return UTF8;
    if (has_word("usascii ascii ansix341968 iso646us us", key))
        return ASCII;
    for (size_t i = 0; i < COUNT; i++)
        if (charsets[i].cd != NONE && has_word(charsets[i].labels, key)) {
            *table = &charsets[i];
            return TABLE;
        }
    return UNKNOWN;
}

/* Is this a label that can be decoded? */
bool charset_known(const char *label)
{
    struct charset *table;
    return find(label, &table) != UNKNOWN;
}

/* Converts with one descriptor; returns how many places were malformed. */
static size_t convert(iconv_t cd, const char *bytes, size_t n, struct str *out)
{
    char *in = (char *)(uintptr_t)bytes; /* iconv reads only */
    size_t bad = 0;
    iconv(cd, NULL, NULL, NULL, NULL);
    str_reserve(out, n + n / 2 + 16);
    while (n) {
        char *to = out->data + out->len;
        size_t room = out->cap - out->len - 1;
        size_t r = iconv(cd, &in, &n, &to, &room);
        out->len = (size_t)(to - out->data);
        if (r != (size_t)-1)
            break;
        if (errno == E2BIG) {
            str_reserve(out, n * 2 + 64);
            continue;
        }
        bad++;
        str_add(out, replacement, 3);
        if (errno != EILSEQ)
            break; /* cut at the end */
        in++;
        n--;
    }
    str_reserve(out, 16);
    char *to = out->data + out->len;
    size_t room = out->cap - out->len - 1;
    iconv(cd, NULL, NULL, &to, &room);
    out->len = (size_t)(to - out->data);
    out->data[out->len] = '\0';
    return bad;
}

/* Puts U+FFFD in the place of every NUL behind `from`. */
static bool mend_nul(struct str *out, size_t from)
{
    if (out->len == from || !memchr(out->data + from, 0, out->len - from))
        return false;
    struct str copy = STR_INIT;
    utf8_repair(&copy, out->data + from, out->len - from);
    str_truncate(out, from);
    str_add(out, copy.data, copy.len);
    str_fini(&copy);
    return true;
}

/* Converts by a table, trying the wider one of its family when that leaves fewer holes. */
static bool decode_table(const struct charset *table, const char *bytes, size_t n, struct str *out)
{
    size_t from = out->len;
    size_t bad = convert(table->cd, bytes, n, out);
    for (size_t i = 0; bad && i < sizeof wider / sizeof wider[0]; i++) {
        if (strcmp(wider[i][0], table->name) != 0)
            continue;
        for (size_t k = 0; k < COUNT; k++) {
            if (charsets[k].cd == NONE || strcmp(charsets[k].name, wider[i][1]) != 0)
                continue;
            struct str other = STR_INIT;
            size_t other_bad = convert(charsets[k].cd, bytes, n, &other);
            if (other_bad < bad) {
                bad = other_bad;
                str_truncate(out, from);
                str_add(out, other.data, other.len);
            }
            str_fini(&other);
        }
    }
    if (bad && utf8_valid(bytes, n)) { /* the label is wrong */
        str_truncate(out, from);
        str_add(out, bytes, n);
        bad = 0;
    }
    return !mend_nul(out, from) && !bad;
}

/* Decodes by the label, or by guessing when it means nothing. */
bool charset_decode(const char *label, const char *bytes, size_t n, struct str *out)
{
    struct charset *table = NULL;
    if (!n)
        return true;
    switch (find(label, &table)) {
    case UTF8: {
        bool good = utf8_valid(bytes, n) && !memchr(bytes, 0, n);
        if (good)
            str_add(out, bytes, n);
        else
            utf8_repair(out, bytes, n);
        return good;
    }
    case TABLE:
        return decode_table(table, bytes, n, out);
    case ASCII:
        charset_guess(bytes, n, out);
        return !memchr(bytes, 0, n);
    case UNKNOWN:
        break;
    }
    bool plain = true;
    for (size_t i = 0; i < n && plain; i++)
        plain = bytes[i] > 0;
    charset_guess(bytes, n, out);
    return plain;
}

/* Remembers the charset of a mail; one that any bytes fit says nothing. */
void charset_set_hint(const char *label)
{
    struct charset *table;
    hint = NULL;
    if (find(label, &table) == TABLE && strcmp(table->name, "CP1252") != 0)
        hint = table;
}

/* Is this an ASCII letter? */
static bool is_letter(const char *bytes, size_t n, size_t i)
{
    unsigned char c = i < n ? (unsigned char)bytes[i] | 0x20 : 0;
    return c >= 'a' && c <= 'z';
}

/* How much a run of high bytes looks like GB18030: pairs of common Han characters count for, an
 * odd byte, rare pairs and a lone pair inside a word against. */
static long score_run(const char *bytes, size_t n, size_t i, size_t len)
{
    long score = len % 2 ? -3 : 0;
    for (size_t k = i; k + 1 < i + len; k += 2) {
        unsigned char c = (unsigned char)bytes[k], d = (unsigned char)bytes[k + 1];
        if (c >= 0xb0 && c <= 0xf7 && d >= 0xa1)
            score += 2;
        else
            score += c >= 0xa1 && c <= 0xa9 && d >= 0xa1 ? 1 : -1;
    }
    if (len == 2 && i > 0 && is_letter(bytes, n, i - 1) && is_letter(bytes, n, i + 2))
        score -= 3;
    return score;
}

/* The sum over all runs. */
static long chinese_score(const char *bytes, size_t n)
{
    long score = 0;
    for (size_t i = 0; i < n;) {
        size_t len = 0;
        while (i + len < n && (unsigned char)bytes[i + len] >= 0x80)
            len++;
        if (len)
            score += score_run(bytes, n, i, len);
        i += len ? len : 1;
    }
    return score;
}

/* Decodes bytes that carry no label. */
void charset_guess(const char *bytes, size_t n, struct str *out)
{
    struct charset *table;
    if (!n)
        return;
    if (utf8_valid(bytes, n)) {
        if (memchr(bytes, 0, n))
            utf8_repair(out, bytes, n);
        else
            str_add(out, bytes, n);
        return;
    }
    size_t from = out->len;
    if (hint) {
        if (decode_table(hint, bytes, n, out))
            return;
        str_truncate(out, from);
    }
    if (chinese_score(bytes, n) > 0 && find("gb18030", &table) == TABLE) {
        if (convert(table->cd, bytes, n, out) == 0) {
            mend_nul(out, from);
            return;
        }
        str_truncate(out, from);
    }
    if (find("windows-1252", &table) == TABLE) {
        convert(table->cd, bytes, n, out);
        mend_nul(out, from);
    } else {
        utf8_repair(out, bytes, n);
    }
}
