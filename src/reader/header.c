/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header.c - decoding of header values, forgiving about every rule that mail programs break.
 *
 * Encoded words (RFC 2047) are taken with spaces or question marks inside, without white space
 * between them, inside quotes, without base64 padding, and cut in the middle of a character: the
 * bytes of neighbours with the same charset are joined before they are decoded. */
#include "reader/header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "reader/charset.h"

/* Releases one address of a list. */
void header_address_fini(void *item)
{
    struct header_address *a = item;
    free(a->name);
    free(a->address);
}

/* White space of header values. */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The value of a hexadecimal digit, or -1. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Bits of base64 that make no byte yet: some programs cut a word in the middle of four letters. */
struct base64 {
    unsigned acc, bits;
};

/* Appends base64 decoded, skipping whatever is none. */
static void add_base64(struct base64 *state, const char *s, size_t n, struct str *out)
{
    unsigned acc = state->acc, bits = state->bits;
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        unsigned v;
        if (c >= 'A' && c <= 'Z')
            v = (unsigned)(c - 'A');
        else if (c >= 'a' && c <= 'z')
            v = (unsigned)(c - 'a' + 26);
        else if (c >= '0' && c <= '9')
            v = (unsigned)(c - '0' + 52);
        else if (c == '+' || c == '-')
            v = 62;
        else if (c == '/' || c == '_')
            v = 63;
        else if (c == '=') {
            acc = bits = 0;
            continue;
        } else
            continue;
        acc = (acc << 6 | v) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            str_putc(out, (char)(acc >> bits & 0xff));
        }
    }
    bool more = bits && (acc & ((1u << bits) - 1)); /* zeros are padding that was left out */
    *state = more ? (struct base64){acc, bits} : (struct base64){0, 0};
}

/* Appends the Q encoding decoded. */
static void add_q(const char *s, size_t n, struct str *out)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '=' && i + 2 < n && hex_value(s[i + 1]) >= 0 && hex_value(s[i + 2]) >= 0) {
            str_putc(out, (char)(hex_value(s[i + 1]) << 4 | hex_value(s[i + 2])));
            i += 2;
        } else {
            str_putc(out, s[i] == '_' ? ' ' : s[i]);
        }
    }
}

/* One encoded word found in a value. */
struct word {
    const char *charset, *text;
    size_t charset_len, text_len;
    bool base64;
    const char *end; /* behind it */
};

/* Does "?=" at p end a Q word, or is it a raw question mark before "=XX"? */
static bool ends_q(const char *p, const char *end)
{
    if (p + 3 >= end || hex_value(p[2]) < 0 || hex_value(p[3]) < 0)
        return true;
    for (const char *q = p + 2; q + 1 < end; q++) {
        if (q[0] == '=' && q[1] == '?')
            return true;
        if (q[0] == '?' && q[1] == '=')
            return false;
        if (is_space(*q))
            return true;
    }
    return true;
}

/* Reads an encoded word at p ("=?"). */
static bool read_word(const char *p, const char *end, struct word *w)
{
    const char *q = p + 2;
    w->charset = q;
    while (q < end && *q != '?' && *q != '*' && !is_space(*q) && q - p < 64)
        q++;
    w->charset_len = (size_t)(q - w->charset);
    if (q < end && *q == '*') /* RFC 2231 §5: language */
        while (q < end && *q != '?' && q - p < 96)
            q++;
    if (q + 2 >= end || *q != '?' || q[2] != '?' || !w->charset_len)
        return false;
    char code = q[1];
    if (code != 'b' && code != 'B' && code != 'q' && code != 'Q')
        return false;
    w->base64 = code == 'b' || code == 'B';
    w->text = q + 3;
    for (q = w->text; q + 1 < end; q++) {
        if (q[0] == '=' && q[1] == '?' && q > w->text && (q + 2 >= end || q[2] != '='))
            return false; /* another begins: this one has no end ("=?=" is padding and the end) */
        if (q[0] == '?' && q[1] == '=' && (w->base64 || ends_q(q, end))) {
            w->text_len = (size_t)(q - w->text);
            w->end = q + 2;
            return true;
        }
    }
    return false;
}

/* Decodes joined bytes of words with one charset. */
static void flush_words(const struct word *w, struct str *bytes, struct str *out)
{
    char label[64];
    if (!bytes->len)
        return;
    memcpy(label, w->charset, w->charset_len);
    label[w->charset_len] = '\0';
    charset_decode(label, bytes->data, bytes->len, out);
    str_clear(bytes);
}

/* Appends raw text between words: unfolded, guessed when it is 8-bit. */
static void add_raw(const char *s, size_t n, struct str *out)
{
    if (n)
        charset_guess(s, n, out);
}

/* Makes one line of what was appended behind `from`. */
static void one_line(struct str *out, size_t from)
{
    size_t to = from;
    for (size_t i = from; i < out->len; i++) {
        char c = out->data[i];
        if (c == '\r' && i + 1 < out->len && out->data[i + 1] == '\n')
            continue;
        out->data[to++] = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
    }
    str_truncate(out, to);
}

/* Decodes a value of unstructured text. */
void header_decode(const char *raw, size_t n, struct str *out)
{
    const char *p = raw, *end = raw + n, *plain = raw;
    struct str bytes = STR_INIT;
    struct word last = {0}, w;
    struct base64 rest = {0, 0};
    bool had = false; /* the words before p are joined in bytes */
    size_t from = out->len;
    size_t failures = 0;
    while (p < end) {
        const char *q = memchr(p, '=', (size_t)(end - p));
        if (!q || q + 1 >= end)
            break;
        if (q[1] != '?' || failures > 50 || !read_word(q, end, &w)) {
            failures += q[1] == '?';
            p = q + 1;
            continue;
        }
        bool only_space = had;
        for (const char *s = plain; only_space && s < q; s++)
            only_space = is_space(*s);
        bool same = only_space && w.charset_len == last.charset_len &&
                    strncasecmp(w.charset, last.charset, w.charset_len) == 0;
        if (had && !same)
            flush_words(&last, &bytes, out);
        if (!same || !w.base64)
            rest = (struct base64){0, 0};
        if (!only_space)
            add_raw(plain, (size_t)(q - plain), out);
        if (w.base64)
            add_base64(&rest, w.text, w.text_len, &bytes);
        else
            add_q(w.text, w.text_len, &bytes);
        last = w;
        had = true;
        p = plain = w.end;
    }
    if (had)
        flush_words(&last, &bytes, out);
    add_raw(plain, (size_t)(end - plain), out);
    str_fini(&bytes);
    one_line(out, from);
}

/* Decodes and trims. */
char *header_text(const char *raw)
{
    struct str out = STR_INIT;
    header_decode(raw, strlen(raw), &out);
    str_puts(&out, "");
    return str_trim(str_take(&out));
}

/* ---- addresses ---- */

struct address_reader {
    const char *p, *end;
    struct str phrase;  /* raw words before "<", quotes taken off */
    struct str comment; /* raw text of the last comment */
    struct str spec;    /* the address in <> */
    bool has_spec, has_at, quoted;
};

/* Reads a quoted string at p into phrase. */
static void read_quoted(struct address_reader *r)
{
    const char *start = ++r->p;
    while (r->p < r->end && *r->p != '"') {
        if (*r->p == '\\' && r->p + 1 < r->end)
            r->p++;
        str_putc(&r->phrase, *r->p++);
    }
    if (r->p < r->end)
        r->p++;
    r->quoted = r->p > start;
}

/* Reads a comment at p, nested ones included. */
static void read_comment(struct address_reader *r)
{
    int depth = 0;
    str_clear(&r->comment);
    for (; r->p < r->end; r->p++) {
        if (*r->p == '(' && depth++ == 0)
            continue;
        if (*r->p == ')' && --depth == 0) {
            r->p++;
            return;
        }
        if (*r->p == '\\' && r->p + 1 < r->end)
            r->p++;
        str_putc(&r->comment, *r->p);
    }
}

/* Reads "<…>" at p; a route before the address is dropped, white space too. */
static void read_angle(struct address_reader *r)
{
    bool quote = false;
    str_clear(&r->spec);
    r->has_spec = true;
    for (r->p++; r->p < r->end; r->p++) {
        char c = *r->p;
        if (c == '"')
            quote = !quote;
        bool route = r->spec.len && r->spec.data[0] == '@';
        if (!quote && (c == '>' || (c == ',' && !route)))
            break;
        if (!quote && c == '<')
            str_clear(&r->spec);
        else if (!quote && c == ':' && route)
            str_clear(&r->spec);
        else if (!is_space(c) || quote)
            str_putc(&r->spec, c);
    }
    if (r->p < r->end && *r->p == '>')
        r->p++;
}

/* "Name <a@b>" inside one encoded word: splits it. */
static void split_decoded(struct str *name, struct str *address)
{
    char *open = name->len ? strrchr(name->data, '<') : NULL;
    char *close = open ? strchr(open, '>') : NULL;
    if (!close || close[1] != '\0' || !memchr(open, '@', (size_t)(close - open)))
        return;
    str_clear(address);
    str_add(address, open + 1, (size_t)(close - open) - 1);
    str_truncate(name, (size_t)(open - name->data));
}

/* Ends an element: appends what was read as one address. `pending` is a name that an unquoted
 * comma cut off ("Li, Anna <anna@…>"). */
static void end_element(struct address_reader *r, struct str *pending, bool last, struct vec *list)
{
    struct str name = STR_INIT, address = STR_INIT;
    const char *phrase = str_trim(r->phrase.len ? r->phrase.data : (char[]){""});
    if (!r->has_spec && !*phrase && !pending->len)
        goto out;
    if (!r->has_spec && !r->has_at && !last && !pending->len && !strstr(phrase, "=?")) {
        str_puts(pending, phrase);
        goto out;
    }
    if (pending->len && r->has_spec) {
        header_decode(pending->data, pending->len, &name);
        str_puts(&name, ", ");
        str_clear(pending);
    } else if (pending->len) { /* two bare words: the first stands alone */
        struct header_address *a = vec_push(list);
        a->name = mem_strdup("");
        a->address = header_text(pending->data);
        str_clear(pending);
        if (!*phrase)
            goto out;
    }
    if (r->has_spec) {
        header_decode(phrase, strlen(phrase), &name);
        header_decode(str_text(&r->spec), r->spec.len, &address);
    } else {
        header_decode(phrase, strlen(phrase), &address);
        split_decoded(&address, &name); /* name and address change places */
        if (name.len) {
            struct str swap = name;
            name = address;
            address = swap;
        }
    }
    if (!name.len && r->comment.len)
        header_decode(r->comment.data, r->comment.len, &name);
    struct header_address *a = vec_push(list);
    str_puts(&name, "");
    str_puts(&address, "");
    a->name = str_trim(str_take(&name));
    a->address = str_trim(str_take(&address));
out:
    str_fini(&name);
    str_fini(&address);
    str_clear(&r->phrase);
    str_clear(&r->comment);
    str_clear(&r->spec);
    r->has_spec = r->has_at = r->quoted = false;
}

/* Reads an address list: groups are opened, broken ones read as far as they go. */
bool header_addresses(const char *raw, size_t max, struct vec *list)
{
    struct address_reader r = {.p = raw, .end = raw + strlen(raw)};
    struct str pending = STR_INIT;
    bool whole = true;
    while (r.p < r.end) {
        char c = *r.p;
        if (list->len >= max) {
            whole = false;
            break;
        }
        if (c == '"')
            read_quoted(&r);
        else if (c == '(')
            read_comment(&r);
        else if (c == '<')
            read_angle(&r);
        else if (c == ',' || c == ';') {
            r.p++;
            end_element(&r, &pending, c == ';', list);
        } else if (c == ':' && !r.has_at && !r.has_spec && !r.quoted) { /* a group's name */
            r.p++;
            str_clear(&r.phrase);
        } else {
            r.has_at |= c == '@';
            if (is_space(c))
                c = ' ';
            if (c != ' ' || (r.phrase.len && r.phrase.data[r.phrase.len - 1] != ' '))
                str_putc(&r.phrase, c);
            r.p++;
        }
    }
    if (whole)
        end_element(&r, &pending, true, list);
    str_fini(&r.phrase);
    str_fini(&r.comment);
    str_fini(&r.spec);
    str_fini(&pending);
    return whole;
}

/* ---- message ids ---- */

/* Adds one id: white space inside is folding and goes. */
static void add_id(const char *s, size_t n, struct vec *ids)
{
    struct str raw = STR_INIT, id = STR_INIT;
    for (size_t i = 0; i < n && raw.len < 998; i++)
        if (!is_space(s[i]) && s[i] != '\0')
            str_putc(&raw, s[i]);
    if (raw.len) {
        charset_guess(raw.data, raw.len, &id);
        strv_push_take(ids, str_take(&id));
    }
    str_fini(&raw);
    str_fini(&id);
}

/* Reads "<id> <id>", or bare words with "@" when nobody wrote brackets. */
void header_ids(const char *raw, size_t max, struct vec *ids)
{
    size_t before = ids->len;
    const char *p = raw;
    while ((p = strchr(p, '<')) && ids->len - before < max) {
        size_t n = strcspn(p + 1, "<>");
        if (p[1 + n] == '>' || p[1 + n] == '\0')
            add_id(p + 1, n, ids);
        p += 1 + n;
    }
    if (ids->len > before)
        return;
    for (p = raw; *p && ids->len - before < max;) {
        p += strspn(p, " \t\r\n,;\"<>");
        size_t n = strcspn(p, " \t\r\n,;\"<>");
        if (memchr(p, '@', n))
            add_id(p, n, ids);
        p += n;
    }
}

/* ---- parameters ---- */

enum { SEGMENTS = 100 };

struct segment {
    int number;
    bool extended;
    struct str value;
};

/* Reads a value at p up to ";" or the end of its quotes. */
static const char *param_value(const char *p, struct str *out)
{
    while (is_space(*p))
        p++;
    if (*p != '"') {
        size_t n = strcspn(p, ";");
        str_add(out, p, n);
        while (out->len && is_space(out->data[out->len - 1]))
            str_truncate(out, out->len - 1);
        return p + n;
    }
    for (p++; *p && *p != '"'; p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        if (*p != '\r' && *p != '\n')
            str_putc(out, *p);
    }
    return p + strcspn(p, ";");
}

/* Appends percent-decoded bytes. */
static void add_percent(const char *s, size_t n, struct str *out)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%' && i + 2 < n && hex_value(s[i + 1]) >= 0 && hex_value(s[i + 2]) >= 0) {
            str_putc(out, (char)(hex_value(s[i + 1]) << 4 | hex_value(s[i + 2])));
            i += 2;
        } else {
            str_putc(out, s[i]);
        }
    }
}

/* Puts the segments of a parameter together: charset from the first, then the text. */
static char *join_segments(struct segment *segments, size_t count)
{
    struct str bytes = STR_INIT, out = STR_INIT;
    char label[64] = "";
    bool extended = false;
    for (int want = 0; want < SEGMENTS; want++) {
        struct segment *s = NULL;
        for (size_t i = 0; i < count && !s; i++)
            if (segments[i].number == want)
                s = &segments[i];
        if (!s)
            break;
        const char *v = str_text(&s->value);
        if (s->extended && want == 0) {
            const char *a = strchr(v, '\''), *b = a ? strchr(a + 1, '\'') : NULL;
            if (b) {
                size_t n = (size_t)(a - v) < sizeof label ? (size_t)(a - v) : 0;
                memcpy(label, v, n);
                label[n] = '\0';
                v = b + 1;
            }
        }
        extended |= s->extended;
        if (s->extended)
            add_percent(v, strlen(v), &bytes);
        else
            str_puts(&bytes, v);
    }
    if (extended) {
        charset_decode(label, str_text(&bytes), bytes.len, &out);
        one_line(&out, 0);
    } else {
        header_decode(str_text(&bytes), bytes.len, &out);
    }
    str_fini(&bytes);
    str_puts(&out, "");
    return str_trim(str_take(&out));
}

/* Reads "name", "name*", "name*0", "name*0*" at p; false when it is another parameter. */
static bool param_key(const char *p, size_t n, const char *name, struct segment *s)
{
    size_t len = strlen(name);
    *s = (struct segment){.number = 0};
    while (n && is_space(p[n - 1]))
        n--;
    if (n < len || strncasecmp(p, name, len) != 0)
        return false;
    p += len;
    n -= len;
    if (n && p[n - 1] == '*') {
        s->extended = true;
        n--;
    }
    if (!n)
        return true;
    if (*p != '*' || n > 3)
        return false;
    for (size_t i = 1; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        s->number = s->number * 10 + (p[i] - '0');
    }
    return true;
}

/* Finds one parameter of a structured value. */
char *header_param(const char *raw, const char *name)
{
    struct segment segments[SEGMENTS];
    size_t count = 0;
    const char *p = raw + strcspn(raw, ";");
    char *found = NULL;
    while (*p == ';') {
        p++;
        while (is_space(*p))
            p++;
        size_t n = strcspn(p, "=;");
        struct segment s;
        if (p[n] != '=') {
            p += n;
            continue;
        }
        bool mine = param_key(p, n, name, &s) && count < SEGMENTS;
        str_init(&s.value);
        p = param_value(p + n + 1, &s.value);
        bool again = false;
        for (size_t i = 0; i < count; i++)
            again |= segments[i].number == s.number && segments[i].extended >= s.extended;
        if (!mine || again) {
            str_fini(&s.value);
            continue;
        }
        for (size_t i = 0; i < count; i++) /* "name*" says it better than "name" */
            if (segments[i].number == s.number)
                segments[i].number = SEGMENTS;
        segments[count++] = s;
    }
    if (count)
        found = join_segments(segments, count);
    for (size_t i = 0; i < count; i++)
        str_fini(&segments[i].value);
    return found;
}
