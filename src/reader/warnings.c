/* SPDX-License-Identifier: GPL-3.0-or-later */
/* warnings.c - hosts that are not what they seem. */
#include "reader/warnings.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "reader/header.h"

enum { HOST = 256, URL_MAX = 4096 };

/* Copies a host in lower case, percent signs resolved, without a port and a final dot. */
static void copy_host(const char *s, size_t n, char host[HOST])
{
    size_t k = 0;
    for (size_t i = 0; i < n && k < HOST - 1; i++) {
        char c = s[i]; /* NOLINT: n says what may be read */
        if (c == ':' && s[0] != '[')
            break;
        if (c == '%' && i + 2 < n && g_ascii_isxdigit(s[i + 1]) && g_ascii_isxdigit(s[i + 2])) { /* NOLINT */
            c = (char)(g_ascii_xdigit_value(s[i + 1]) << 4 | g_ascii_xdigit_value(s[i + 2]));
            i += 2;
        }
        host[k++] = c == '\0' ? ' ' : g_ascii_tolower(c);
    }
    while (k && host[k - 1] == '.')
        k--;
    host[k] = '\0';
}

/* The host of an http address; "" when it is none. *user tells of "name@" before it. */
static void url_host(const char *url, char host[HOST], bool *user)
{
    host[0] = '\0';
    *user = false;
    const char *p = strstr(url, "://");
    if (!p || p - url > 8)
        return;
    p += 3;
    size_t n = strcspn(p, "/?#\\");
    const char *at = memrchr(p, '@', n);
    if (at) {
        *user = true;
        n -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    copy_host(p, n, host);
}

/* The part of a host that somebody registered: "a.b.co.uk" is "b.co.uk". */
static const char *registered(const char *host)
{
    static const char *const second[] = {"co", "com", "net", "org", "gov", "edu", "ac", "or", "ne"};
    const char *dots[3] = {NULL, NULL, NULL};
    for (const char *p = host + strlen(host); p > host; p--) {
        if (p[-1] != '.')
            continue;
        for (int i = 0; i < 3; i++)
            if (!dots[i]) {
                dots[i] = p - 1;
                break;
            }
        if (dots[2])
            break;
    }
    if (!dots[1])
        return host;
    size_t n = (size_t)(dots[0] - dots[1]) - 1;
    bool two = strlen(dots[0]) == 3;
    for (size_t i = 0; two && i < sizeof second / sizeof second[0]; i++)
        if (strlen(second[i]) == n && memcmp(dots[1] + 1, second[i], n) == 0)
            return dots[2] ? dots[2] + 1 : host;
    return dots[1] + 1;
}

/* Is a host made of numbers only? */
static bool is_ip(const char *host)
{
    return *host && strspn(host, "0123456789.") == strlen(host);
}

/* Cleans an address of the web as browsers do. */
char *warnings_clean_url(const char *href)
{
    struct str url = STR_INIT;
    for (const char *p = href; *p && url.len < URL_MAX; p++)
        if ((unsigned char)*p > 0x20 || (*p == ' ' && url.len && p[1] > ' '))
            str_putc(&url, *p == ' ' ? '+' : *p);
    static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:", "ftp://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (url.len && str_starts_nocase(url.data, schemes[i]))
            return str_take(&url);
    if (url.len && str_starts_nocase(url.data, "www.")) {
        str_splice(&url, 0, 0, "http://", 7);
        return str_take(&url);
    }
    str_fini(&url);
    return NULL;
}

/* ---- scripts ---- */

enum script { OTHER = 0, LATIN = 1, CYRILLIC = 2, GREEK = 4, ARMENIAN = 8 };

/* The script of a letter, as far as scripts look alike. */
static enum script script_of(uint32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0x24f) ||
        (c >= 0x1e00 && c <= 0x1eff))
        return LATIN;
    if (c >= 0x400 && c <= 0x52f)
        return CYRILLIC;
    if ((c >= 0x370 && c <= 0x3ff) || (c >= 0x1f00 && c <= 0x1fff))
        return GREEK;
    if (c >= 0x530 && c <= 0x58f)
        return ARMENIAN;
    return OTHER;
}

/* Is this a Cyrillic letter that looks like a Latin one? */
static bool looks_latin(uint32_t c)
{
    static const uint32_t same[] = {0x430, 0x435, 0x43e, 0x440, 0x441, 0x443, 0x445, 0x455,
                                    0x456, 0x458, 0x4bb, 0x4cf, 0x501, 0x51b, 0x51d, 0x43c};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (same[i] == c)
            return true;
    return false;
}

/* Does a label mix scripts, or wear another's look from end to end? */
static bool label_is_mixed(const char *s, size_t n, bool latin_end)
{
    unsigned scripts = 0;
    bool all_alike = true, any = false;
    for (size_t i = 0; i < n;) {
        size_t used;
        uint32_t c = utf8_decode(s + i, n - i, &used);
        enum script script = script_of(c);
        scripts |= script;
        if (script != OTHER) {
            any = true;
            all_alike &= script == CYRILLIC && looks_latin(c);
        }
        i += used;
    }
    if ((scripts & LATIN) && (scripts & (CYRILLIC | GREEK | ARMENIAN)))
        return true;
    if ((scripts & CYRILLIC) && (scripts & GREEK))
        return true;
    return latin_end && any && all_alike;
}

/* Warns of a host whose labels mix scripts. */
static void check_scripts(struct found *f, const char *host)
{
    bool ascii = true;
    for (const char *p = host; *p && ascii; p++)
        ascii = (unsigned char)*p < 0x80;
    if (ascii && !strstr(host, "xn--"))
        return;
    char *shown = g_hostname_to_unicode(host);
    const char *text = shown ? shown : host;
    const char *last = strrchr(text, '.');
    bool latin_end = last && (unsigned char)last[1] < 0x80;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, ".");
        if (label_is_mixed(p, n, latin_end)) {
            found_warn(f, "mixed-script", text);
            break;
        }
        p += n + (p[n] == '.');
    }
    g_free(shown);
}

/* ---- look-alikes ---- */

/* Reduces a host to what it looks like at a glance. */
static void skeleton(const char *host, char out[HOST])
{
    size_t k = 0;
    for (const char *p = host; *p && k < HOST - 1; p++) {
        char c = *p;
        if (c == '-')
            continue;
        if (c == '0')
            c = 'o';
        else if (c == '1' || c == 'i')
            c = 'l';
        else if (c == '5')
            c = 's';
        else if (c == 'r' && p[1] == 'n')
            c = 'm', p++;
        else if (c == 'v' && p[1] == 'v')
            c = 'w', p++;
        out[k++] = c;
    }
    out[k] = '\0';
}

/* Do two hosts differ by one letter put in, left out, changed or swapped? */
static bool one_letter_apart(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), i = 0;
    if (n + 1 < m || m + 1 < n)
        return false;
    while (i < n && i < m && a[i] == b[i])
        i++;
    if (n == m)
        return strcmp(a + i + 1, b + i + 1) == 0 ||
               (i + 1 < n && a[i] == b[i + 1] && a[i + 1] == b[i] &&
                strcmp(a + i + 2, b + i + 2) == 0);
    return n > m ? strcmp(a + i + 1, b + i) == 0 : strcmp(a + i, b + i + 1) == 0;
}

/* Does one host pretend to be another? Both are registered parts; what counts is the label that
 * somebody chose, whatever it ends in. */
static bool is_alike(const char *a, const char *b)
{
    char x[HOST], y[HOST], p[HOST], q[HOST];
    size_t n = strcspn(a, "."), m = strcspn(b, ".");
    copy_host(a, n, p);
    copy_host(b, m, q);
    if (n < 4 || m < 4 || strcmp(p, q) == 0)
        return false;
    skeleton(p, x);
    skeleton(q, y);
    return strcmp(x, y) == 0 || (n >= 7 && m >= 7 && one_letter_apart(p, q));
}

/* ---- links ---- */

/* Reads the host that a link's text shows; "" when the text is no address. */
static void shown_host(const char *text, char host[HOST])
{
    static const char *const ends[] = {"com", "org", "net", "edu", "gov", "io",  "cn", "de",
                                       "fr",  "uk",  "eu",  "co",  "info", "biz", "jp", "nl",
                                       "es",  "it",  "ch",  "at",  "ru",  "us",  "ca", "au",
                                       "hk",  "tw",  "sg",  "in",  "br",  "example"};
    bool user;
    host[0] = '\0';
    if (strchr(text, ' ') && !strstr(text, "://"))
        return;
    if (strstr(text, "://")) {
        if (str_starts_nocase(text, "http"))
            url_host(text, host, &user);
        size_t n = strcspn(host, " \"'<>()");
        host[n] = '\0';
        return;
    }
    if (strchr(text, '@'))
        return;
    char candidate[HOST];
    copy_host(text, strcspn(text, "/?#"), candidate);
    const char *dot = strrchr(candidate, '.');
    if (!dot || dot == candidate)
        return;
    bool known = str_starts(candidate, "www.");
    for (size_t i = 0; i < sizeof ends / sizeof ends[0] && !known; i++)
        known = strcmp(dot + 1, ends[i]) == 0;
    if (known)
        memcpy(host, candidate, HOST);
}

/* Looks at one link. */
void warnings_link(struct found *f, const char *text, const char *url)
{
    char host[HOST], shown[HOST];
    bool user;
    url_host(url, host, &user);
    if (!*host)
        return;
    if (user)
        found_warn(f, "link-user", host);
    if (is_ip(host))
        found_warn(f, "link-address", host);
    check_scripts(f, host);
    shown_host(text, shown);
    if (*shown && strcmp(registered(shown), registered(host)) != 0) {
        struct str detail = STR_INIT;
        str_addf(&detail, "%s, %s", shown, host);
        found_warn(f, "link-host-differs", detail.data);
        str_fini(&detail);
    }
}

/* ---- people ---- */

/* The host of an address. */
static void address_host(const char *address, char host[HOST])
{
    const char *at = strrchr(address, '@');
    copy_host(at ? at + 1 : "", at ? strlen(at + 1) : 0, host);
}

/* Finds an address inside a display name; its length, 0 when there is none. */
static size_t address_in(const char *name, const char **start)
{
    const char *at = strchr(name, '@');
    if (!at || at == name || !at[1])
        return 0;
    const char *a = at, *b = at + 1;
    while (a > name && !strchr(" <>()\"',;:", a[-1]))
        a--;
    while (*b && !strchr(" <>()\"',;:", *b))
        b++;
    if (a == at || !memchr(at, '.', (size_t)(b - at)))
        return 0;
    *start = a;
    return (size_t)(b - a);
}

/* Looks at the sender. */
static void check_sender(struct found *f, const struct header_address *a, const struct vec *to)
{
    char host[HOST], other[HOST];
    const char *inside;
    address_host(a->address, host);
    size_t n = address_in(a->name, &inside);
    if (n && (n != strlen(a->address) || strncasecmp(inside, a->address, n) != 0)) {
        struct str detail = STR_INIT;
        str_add(&detail, inside, n);
        str_addf(&detail, ", %s", a->address);
        found_warn(f, "display-name-address", detail.data);
        str_fini(&detail);
    }
    check_scripts(f, host);
    for (size_t i = 0; i < to->len && i < 50; i++) {
        const struct header_address *b = vec_at(to, i);
        address_host(b->address, other);
        if (*host && *other && is_alike(registered(host), registered(other))) {
            struct str detail = STR_INIT;
            str_addf(&detail, "%s, %s", host, other);
            found_warn(f, "look-alike", detail.data);
            str_fini(&detail);
            break;
        }
    }
}

/* Looks at the people of a mail. */
void warnings_people(struct found *f, const struct vec *from, const struct vec *reply_to,
                     const struct vec *to, bool list)
{
    char host[HOST], other[HOST];
    if (!from->len)
        return;
    const struct header_address *sender = vec_at(from, 0);
    check_sender(f, sender, to);
    address_host(sender->address, host);
    for (size_t i = 0; i < reply_to->len && i < 10 && !list; i++) {
        const struct header_address *a = vec_at(reply_to, i);
        address_host(a->address, other);
        if (!*other || strcmp(registered(host), registered(other)) == 0)
            continue;
        found_warn(f, "reply-to-differs", a->address);
        if (is_alike(registered(host), registered(other)))
            found_warn(f, "look-alike", other);
        break;
    }
}

/* Looks at the name of a file. */
void warnings_file(struct found *f, const char *name)
{
    static const char *const risky[] = {".exe", ".scr", ".com", ".pif", ".bat", ".cmd", ".js",
                                        ".jse", ".vbs", ".vbe", ".wsf", ".hta", ".lnk", ".msi",
                                        ".ps1", ".jar", ".cpl", ".reg", ".iso", ".img", ".vhd",
                                        ".docm", ".xlsm", ".pptm", ".html", ".htm", ".svg"};
    size_t n = strlen(name);
    while (n && strchr(" .", name[n - 1]))
        n--;
    for (size_t i = 0; i < sizeof risky / sizeof risky[0]; i++) {
        size_t len = strlen(risky[i]);
        if (n > len && strncasecmp(name + n - len, risky[i], len) == 0) {
            found_warn(f, "risky-file", name);
            return;
        }
    }
    if (strstr(name, "\xe2\x80\xae")) /* right-to-left override turns "exe" round */
        found_warn(f, "risky-file", name);
}
