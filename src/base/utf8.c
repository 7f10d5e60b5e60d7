/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8.c - UTF-8: decoding, cells, clusters, folding, wrapping. */
#include "base/utf8.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <uninorm.h>
#include <uniwidth.h>
#include <wchar.h>

#include "base/alloc.h"

/* Bytes that a lead byte promises; 0 when it is none. */
static size_t lead_length(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

/* Is c allowed as byte i (from 1) behind this lead byte? (Unicode table 3-7) */
static bool follows(unsigned char lead, size_t i, unsigned char c)
{
    unsigned char low = 0x80, high = 0xbf;
    if (i == 1) {
        if (lead == 0xe0)
            low = 0xa0;
        else if (lead == 0xed)
            high = 0x9f;
        else if (lead == 0xf0)
            low = 0x90;
        else if (lead == 0xf4)
            high = 0x8f;
    }
    return c >= low && c <= high;
}

/* Decodes one scalar. */
uint32_t utf8_decode(const char *s, size_t n, size_t *used)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t len = n ? lead_length(p[0]) : 0;
    *used = 1;
    if (len == 1)
        return p[0];
    if (len == 0 || len > n)
        return 0xfffd;
    uint32_t c = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if (!follows(p[0], i, p[i]))
            return 0xfffd;
        c = c << 6 | (p[i] & 0x3fu);
    }
    *used = len;
    return c;
}

/* Encodes one scalar. */
size_t utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        if (c >= 0xd800 && c <= 0xdfff)
            return 0;
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    if (c > 0x10ffff)
        return 0;
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* Is all of it well-formed? */
bool utf8_valid(const char *s, size_t n)
{
    for (size_t i = 0, used; i < n; i += used) {
        used = 1;
        if ((unsigned char)s[i] >= 0x80 && utf8_decode(s + i, n - i, &used) == 0xfffd && used == 1)
            return false;
    }
    return true;
}

/* Appends with U+FFFD for what is malformed, and for NUL. */
void utf8_repair(struct str *out, const char *s, size_t n)
{
    size_t from = 0;
    for (size_t i = 0, used; i < n; i += used) {
        used = 1;
        bool bad = s[i] == '\0';
        if ((unsigned char)s[i] >= 0x80)
            bad = utf8_decode(s + i, n - i, &used) == 0xfffd && used == 1;
        if (bad) {
            str_add(out, s + from, i - from);
            str_puts(out, "\xef\xbf\xbd");
            from = i + 1;
        }
    }
    str_add(out, s + from, n - from);
}

/* Length of an unfinished character at the end. */
size_t utf8_partial_tail(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    for (size_t back = 1; back <= 3 && back <= n; back++) {
        unsigned char c = p[n - back];
        if ((c & 0xc0) == 0x80)
            continue;
        if (lead_length(c) <= back)
            return 0;
        for (size_t i = 1; i < back; i++)
            if (!follows(c, i, p[n - back + i]))
                return 0;
        return back;
    }
    return 0;
}

static atomic_int ambiguous_cells = 1;

/* Cells of one scalar; the C library's table decides, as it does for ncurses. */
int utf8_char_cells(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return -1;
    if (c < 0x7f)
        return 1;
    if (c == 0xad || c == 0x200b || c == 0x200c || c == 0x200d || c == 0x2060 || c == 0xfeff ||
        (c >= 0xfe00 && c <= 0xfe0f))
        return 0;
    int cells = MB_CUR_MAX > 1 ? wcwidth((wchar_t)c) : uc_width(c, "UTF-8");
    if (cells == 1 && ambiguous_cells == 2 && utf8_is_ambiguous(c))
        return 2;
    return cells < 0 ? 1 : cells;
}

/* What the terminal told. */
void utf8_set_ambiguous_cells(int cells)
{
    ambiguous_cells = cells;
}

/* What it told; 1 before. */
int utf8_ambiguous_cells(void)
{
    return ambiguous_cells;
}

/* Cells of a text; controls count nothing. */
size_t utf8_cells(const char *s, size_t n)
{
    size_t cells = 0;
    for (size_t i = 0, used; i < n; i += used) {
        used = 1;
        if (s[i] >= 0x20 && s[i] < 0x7f) {
            cells++;
            continue;
        }
        int w = utf8_char_cells(utf8_decode(s + i, n - i, &used));
        cells += w > 0 ? (size_t)w : 0;
    }
    return cells;
}

/* Is it a picture that a joiner may glue to another (UAX #29 GB11, by ranges)? */
static bool is_picture(uint32_t c)
{
    return (c >= 0x1f000 && c <= 0x1faff && !(c >= 0x1f1e6 && c <= 0x1f1ff)) ||
           (c >= 0x2190 && c <= 0x21ff) || (c >= 0x2300 && c <= 0x23ff) ||
           (c >= 0x2600 && c <= 0x27bf) || (c >= 0x2900 && c <= 0x2bff) || c == 0x3030 ||
           c == 0x303d || c == 0xa9 || c == 0xae;
}

/* Is it half of a flag? */
static bool is_flag_half(uint32_t c)
{
    return c >= 0x1f1e6 && c <= 0x1f1ff;
}

/* Bytes of the cluster at s: the library's pairwise rules, and the two rules that need more than
 * a pair (pictures glued by joiners, flags). */
size_t utf8_cluster(const char *s, size_t n)
{
    if (n < 2)
        return n;
    if ((unsigned char)s[0] < 0x80 && (unsigned char)s[1] < 0x80)
        return s[0] == '\r' && s[1] == '\n' ? 2 : 1;
    const uint8_t *start = (const uint8_t *)s;
    size_t used, len = 0;
    uint32_t first = utf8_decode(s, n, &used);
    if (is_flag_half(first)) {
        size_t second = 0;
        if (used < n && is_flag_half(utf8_decode(s + used, n - used, &second)))
            len = used + second;
        else
            return used;
    }
    for (;;) {
        const uint8_t *next = len ? start + len : u8_grapheme_next(start, start + n);
        len = next && next > start ? (size_t)(next - start) : 1;
        if (len >= n || len < 4 || memcmp(s + len - 3, "\xe2\x80\x8d", 3) != 0 ||
            !is_picture(first) || !is_picture(utf8_decode(s + len, n - len, &used)))
            return len;
        next = u8_grapheme_next(start + len, start + n);
        len = next && next > start + len ? (size_t)(next - start) : n;
    }
}

/* Bytes of the cluster that ends at `at`: clusters are counted forward from a safe place. */
size_t utf8_cluster_before(const char *s, size_t at)
{
    if (at < 2 || ((unsigned char)s[at - 1] < 0x80 && s[at - 1] != '\n'))
        return at ? 1 : 0;
    size_t from = at > 160 ? at - 160 : 0;
    while (from < at && from > 0 && ((unsigned char)s[from] & 0xc0) == 0x80)
        from++;
    for (size_t i = at - 1; i > from; i--) /* nothing joins across printable ASCII and a letter */
        if ((unsigned char)s[i] < 0x80 && (unsigned char)s[i - 1] < 0x80 && s[i] != '\n') {
            from = i;
            break;
        }
    size_t len = at - from;
    while (from < at) {
        len = utf8_cluster(s + from, at - from);
        from += len;
    }
    return len;
}

/* Bytes of the longest prefix of whole clusters that fits. */
size_t utf8_fit(const char *s, size_t n, size_t cells, size_t *used)
{
    size_t at = 0, taken = 0;
    while (at < n) {
        size_t len = utf8_cluster(s + at, n - at), w = utf8_cells(s + at, len);
        if (taken + w > cells)
            break;
        taken += w;
        at += len;
    }
    if (used)
        *used = taken;
    return at;
}

/* Appends s, cut at its end when it is too wide. */
void utf8_cut_end(struct str *out, const char *s, size_t cells, const char *ellipsis)
{
    size_t n = strlen(s);
    if (utf8_fit(s, n, cells, NULL) == n) {
        str_add(out, s, n);
        return;
    }
    size_t dots = utf8_cells(ellipsis, strlen(ellipsis));
    if (dots > cells)
        return;
    str_add(out, s, utf8_fit(s, n, cells - dots, NULL));
    str_puts(out, ellipsis);
}

/* Appends s and fills up with blanks: a column of a list. */
void utf8_pad(struct str *out, const char *s, size_t cells)
{
    size_t used = utf8_cells(s, strlen(s));
    str_puts(out, s);
    do
        str_putc(out, ' ');
    while (++used < cells);
}

/* Appends s, cut in its middle when it is too wide. */
void utf8_cut_middle(struct str *out, const char *s, size_t cells, const char *ellipsis)
{
    size_t n = strlen(s);
    if (utf8_fit(s, n, cells, NULL) == n) {
        str_add(out, s, n);
        return;
    }
    size_t dots = utf8_cells(ellipsis, strlen(ellipsis));
    if (dots > cells)
        return;
    size_t head = (cells - dots + 1) / 2, tail = cells - dots - head, taken;
    size_t head_len = utf8_fit(s, n, head, &taken);
    tail += head - taken;
    size_t at = n;
    for (size_t left = tail; at > head_len;) {
        size_t len = utf8_cluster_before(s, at), w = utf8_cells(s + at - len, len);
        if (w > left || len > at - head_len)
            break;
        left -= w;
        at -= len;
    }
    str_add(out, s, head_len);
    str_puts(out, ellipsis);
    str_add(out, s + at, n - at);
}

/* Terminals made for East Asia give these two cells. */
bool utf8_is_ambiguous(uint32_t c)
{
    return c > 0x7f && uc_width(c, "UTF-8") == 1 && uc_width(c, "GBK") == 2;
}

/* Is it of a script that writes without spaces between words? */
bool utf8_is_cjk(uint32_t c)
{
    return (c >= 0x2e80 && c <= 0x2fdf) || (c >= 0x3005 && c <= 0x3007) ||
           (c >= 0x3021 && c <= 0x3029) || (c >= 0x3031 && c <= 0x3035) ||
           (c >= 0x3041 && c <= 0x318f) || (c >= 0x31a0 && c <= 0x31bf) ||
           (c >= 0x31f0 && c <= 0x31ff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0x4e00 && c <= 0x9fff) || (c >= 0xa960 && c <= 0xa97f) ||
           (c >= 0xac00 && c <= 0xd7ff) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xff66 && c <= 0xffdc) || (c >= 0x1100 && c <= 0x11ff) ||
           (c >= 0x0e01 && c <= 0x0e3a) || (c >= 0x0e40 && c <= 0x0e5b) ||
           (c >= 0x1b000 && c <= 0x1b16f) || (c >= 0x20000 && c <= 0x3ffff);
}

/* Is it an accent that folding takes away? Kana voicing and Indic vowels stay. */
static bool is_accent(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x591 && c <= 0x5bd) || (c >= 0x64b && c <= 0x65f) ||
           (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

/* Folds a run for which the Unicode tables are needed. */
static void fold_by_tables(struct str *out, const char *s, size_t n)
{
    struct str clean = STR_INIT;
    uint8_t small[256];
    size_t len = sizeof small;
    if (!utf8_valid(s, n)) {
        utf8_repair(&clean, s, n);
        s = str_text(&clean);
        n = clean.len;
    }
    uint8_t *apart = u8_casefold((const uint8_t *)s, n, NULL, UNINORM_NFKD, small, &len);
    if (!apart)
        mem_exhausted();
    size_t kept = 0;
    for (size_t i = 0, used; i < len; i += used) {
        uint32_t c = utf8_decode((char *)apart + i, len - i, &used);
        if (is_accent(c))
            continue;
        memmove(apart + kept, apart + i, used);
        kept += used;
    }
    size_t final_len = 0;
    uint8_t *whole = u8_normalize(UNINORM_NFC, apart, kept, NULL, &final_len);
    if (!whole && kept)
        mem_exhausted();
    str_add(out, (char *)whole, final_len);
    free(whole);
    if (apart != small)
        free(apart);
    str_fini(&clean);
}

/* What folding makes of a character that never joins its neighbours: 0 when tables are needed. */
static uint32_t fold_simple(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
        (c >= 0x3001 && c <= 0x3029))
        return c;
    if (c == 0x3000)
        return ' ';
    if (c >= 0xff01 && c <= 0xff5e)
        return fold_simple(c - 0xfee0);
    return 0;
}

/* Appends the folded text: what is simple at once, the rest by the tables. */
void utf8_fold(struct str *out, const char *s, size_t n)
{
    str_reserve(out, n);
    size_t before = 0, out_before = out->len; /* the last simple character and its fold */
    bool have_before = false;
    for (size_t i = 0, used; i < n; i += used) {
        uint32_t c = utf8_decode(s + i, n - i, &used), f = c ? fold_simple(c) : 0;
        if (f) {
            char bytes[4];
            before = i;
            out_before = out->len;
            have_before = true;
            str_add(out, bytes, utf8_encode(f, bytes));
            continue;
        }
        if (c == 0) {
            have_before = false;
            str_puts(out, "\xef\xbf\xbd");
            continue;
        }
        size_t from = i, end = i + used;
        if (have_before) { /* an accent joins the letter in front of it */
            from = before;
            str_truncate(out, out_before);
            have_before = false;
        }
        for (size_t more; end < n; end += more) {
            uint32_t next = utf8_decode(s + end, n - end, &more);
            if (next == 0 || fold_simple(next))
                break;
        }
        fold_by_tables(out, s + from, end - from);
        used = end - i;
    }
}

/* Searches blind to case, accents and width. */
bool utf8_contains_folded(const char *haystack, const char *needle)
{
    struct str h = STR_INIT, x = STR_INIT;
    utf8_fold(&h, haystack, strlen(haystack));
    utf8_fold(&x, needle, strlen(needle));
    bool found = strstr(str_text(&h), str_text(&x)) != NULL;
    str_fini(&h);
    str_fini(&x);
    return found;
}

/* Wraps one paragraph without newlines. */
static void wrap_paragraph(const char *s, size_t n, size_t cells,
                           void (*on_line)(void *user, const char *line, size_t len), void *user)
{
    if (utf8_fit(s, n, cells, NULL) == n) {
        on_line(user, s, n);
        return;
    }
    char *breaks = mem_alloc(n);
    u8_possible_linebreaks((const uint8_t *)s, n, "UTF-8", breaks);
    for (size_t i = 2; i < n; i++) /* " :archive": the colon belongs to the word behind it */
        if (s[i - 1] == ':' && s[i - 2] == ' ' && s[i] != ' ') {
            breaks[i] = UC_BREAK_PROHIBITED;
            breaks[i - 1] = UC_BREAK_POSSIBLE;
        }
    size_t start = 0;
    while (start < n) {
        size_t fits = start + utf8_fit(s + start, n - start, cells, NULL);
        while (fits < n && s[fits] == ' ') /* spaces may hang over the edge */
            fits++;
        size_t end = fits;
        if (fits < n) {
            while (end > start && breaks[end] != UC_BREAK_POSSIBLE)
                end--;
            if (end == start) /* a word longer than the line */
                end = fits > start ? fits : start + utf8_cluster(s + start, n - start);
        }
        size_t shown = end;
        while (end < n && shown > start && s[shown - 1] == ' ')
            shown--;
        on_line(user, s + start, shown - start);
        start = end;
    }
    free(breaks);
}

/* Wraps a text; each newline ends a line, an empty text is one empty line. */
void utf8_wrap(const char *s, size_t n, size_t cells,
               void (*on_line)(void *user, const char *line, size_t len), void *user)
{
    if (cells == 0)
        cells = 1;
    if (n == 0)
        on_line(user, s, 0);
    while (n) {
        const char *newline = memchr(s, '\n', n);
        size_t len = newline ? (size_t)(newline - s) : n;
        wrap_paragraph(s, len, cells, on_line, user);
        len += newline != NULL;
        s += len;
        n -= len;
    }
}
