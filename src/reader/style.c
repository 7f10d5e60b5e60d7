/* SPDX-License-Identifier: GPL-3.0-or-later */
/* style.c - CSS declarations that hide text. */
#include "reader/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"

enum { RULES_MAX = 500, SELECTOR_MAX = 80, NEAR = 24, CSS_MAX = 256 << 10 };

struct style_rule {
    char tag[16], name[SELECTOR_MAX]; /* tag "" any; name with its "." or "#", "" none */
    struct style_own own;
};

/* Starts without rules. */
void style_rules_init(struct style_rules *r)
{
    vec_init(&r->rules, sizeof(struct style_rule), NULL);
}

/* Releases the rules. */
void style_rules_fini(struct style_rules *r)
{
    vec_fini(&r->rules);
}

/* Trims ASCII white space off a span. */
static void trim(const char **s, size_t *n)
{
    while (*n && strchr(" \t\r\n\f", **s))
        (*s)++, (*n)--;
    while (*n && strchr(" \t\r\n\f", (*s)[*n - 1]))
        (*n)--;
}

/* Compares a span with a word, ASCII case aside. */
static bool span_is(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

/* Does a span contain a word, ASCII case aside? */
static bool span_has(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= n; i++)
        if (strncasecmp(s + i, word, len) == 0)
            return true;
    return false;
}

/* Reads a number at the head of a span; *unit is what follows it. */
static bool span_number(const char *s, size_t n, double *out, const char **unit, size_t *unit_len)
{
    char buf[32];
    size_t len = n < sizeof buf - 1 ? n : sizeof buf - 1;
    memcpy(buf, s, len);
    buf[len] = '\0';
    char *end;
    if (!strchr("+-.0123456789", buf[0]) || !buf[0])
        return false;
    *out = strtod(buf, &end);
    if (end == buf)
        return false;
    *unit = s + (end - buf);
    *unit_len = n - (size_t)(end - buf);
    return true;
}

/* The value of a hexadecimal digit, or -1. */
static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads rgb(r, g, b) and rgba(r, g, b, a). */
static int rgb_colour(const char *s, size_t n)
{
    double v[4] = {0, 0, 0, 1};
    int count = 0;
    const char *p = memchr(s, '(', n), *end = s + n;
    while (p && count < 4) {
        p++;
        while (p < end && strchr(" \t,/", *p))
            p++;
        const char *unit;
        size_t unit_len;
        if (p >= end || !span_number(p, (size_t)(end - p), &v[count], &unit, &unit_len))
            break;
        if (unit_len && *unit == '%' && count < 3)
            v[count] *= 2.55;
        count++;
        while (unit < end && !strchr(" ,/)", *unit))
            unit++;
        p = unit < end && *unit != ')' ? unit : NULL;
    }
    if (count < 3)
        return COLOUR_UNSET;
    if (count == 4 && v[3] < 0.02)
        return COLOUR_NONE;
    int c = 0;
    for (int i = 0; i < 3; i++)
        c = c << 8 | (v[i] < 0 ? 0 : v[i] > 255 ? 255 : (int)v[i]);
    return c;
}

/* Reads a colour. */
int style_colour(const char *s, size_t n)
{
    static const struct {
        const char *name;
        int value;
    } names[] = {{"white", 0xffffff},      {"black", 0},           {"red", 0xff0000},
                 {"blue", 0xff},           {"green", 0x8000},      {"yellow", 0xffff00},
                 {"gray", 0x808080},       {"grey", 0x808080},     {"silver", 0xc0c0c0},
                 {"snow", 0xfffafa},       {"ivory", 0xfffff0},    {"whitesmoke", 0xf5f5f5},
                 {"ghostwhite", 0xf8f8ff}, {"navy", 0x80},         {"maroon", 0x800000},
                 {"orange", 0xffa500},     {"lightgray", 0xd3d3d3}, {"lightgrey", 0xd3d3d3},
                 {"transparent", COLOUR_NONE}};
    trim(&s, &n);
    if (n && *s == '#' && (n >= 7 || n == 4)) {
        int c = 0;
        for (size_t i = 1; i < (n >= 7 ? 7u : 4u); i++) {
            int d = digit(s[i]);
            if (d < 0)
                return COLOUR_UNSET;
            c = c << 4 | d;
            if (n == 4)
                c = c << 4 | d;
        }
        return n == 9 && digit(s[7]) == 0 && digit(s[8]) <= 4 ? COLOUR_NONE : c;
    }
    if (n > 4 && strncasecmp(s, "rgb", 3) == 0)
        return rgb_colour(s, n);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (span_is(s, n, names[i].name))
            return names[i].value;
    if (n == 6) { /* bgcolor="ffffff" */
        int c = 0;
        for (size_t i = 0; i < 6; i++) {
            if (digit(s[i]) < 0)
                return COLOUR_UNSET;
            c = c << 4 | digit(s[i]);
        }
        return c;
    }
    return COLOUR_UNSET;
}

/* Is a length zero, or so small that nothing can be seen? */
static bool is_zero(const char *s, size_t n, double most)
{
    double v;
    const char *unit;
    size_t unit_len;
    return span_number(s, n, &v, &unit, &unit_len) && v >= 0 && v <= most;
}

/* Is a length far to the left or above? */
static bool is_far(const char *s, size_t n)
{
    double v;
    const char *unit;
    size_t unit_len;
    if (!span_number(s, n, &v, &unit, &unit_len))
        return false;
    return v <= -500 || (v <= -50 && unit_len >= 2 && span_has(unit, unit_len, "em"));
}

/* What a font size means. */
static signed char font_size(const char *s, size_t n)
{
    double v;
    const char *unit;
    size_t unit_len;
    if (!span_number(s, n, &v, &unit, &unit_len))
        return 1;
    if (v <= 0)
        return -1;
    if (unit_len && (*unit == '%' || *unit == 'e' || *unit == 'r'))
        return (*unit == '%' ? v / 100 : v) <= 0.1 ? -1 : 1;
    return v <= 1.01 ? -1 : 1;
}

/* Takes in one declaration. */
static void read_one(struct style_own *own, const char *name, size_t nn, const char *value,
                     size_t vn)
{
    trim(&name, &nn);
    trim(&value, &vn);
    const char *bang = memchr(value, '!', vn);
    if (bang) {
        vn = (size_t)(bang - value);
        trim(&value, &vn);
    }
    if (span_is(name, nn, "display"))
        own->none = span_is(value, vn, "none");
    else if (span_is(name, nn, "visibility"))
        own->visibility = span_is(value, vn, "visible") ? 1 : -1;
    else if (span_is(name, nn, "opacity"))
        own->zero_opacity = is_zero(value, vn, 0.02);
    else if (span_is(name, nn, "mso-hide"))
        own->mso = span_is(value, vn, "all");
    else if (span_is(name, nn, "font-size"))
        own->size = font_size(value, vn);
    else if (span_is(name, nn, "font")) {
        if (vn && (strncmp(value, "0 ", vn < 2 ? vn : 2) == 0 || span_has(value, vn, " 0/") ||
                   strncmp(value, "0px", vn < 3 ? vn : 3) == 0 || strncmp(value, "0/", 2) == 0))
            own->size = -1;
    } else if (span_is(name, nn, "color"))
        own->foreground = style_colour(value, vn);
    else if (span_is(name, nn, "background-color"))
        own->background = style_colour(value, vn);
    else if (span_is(name, nn, "background") || span_is(name, nn, "background-image")) {
        size_t word = strcspn(value, " ;");
        if (span_has(value, vn, "url(") || span_has(value, vn, "gradient"))
            own->background = COLOUR_UNKNOWN;
        else if (nn == 10) {
            bool whole = strncasecmp(value, "rgb", vn < 3 ? vn : 3) == 0;
            own->background = style_colour(value, whole || word > vn ? vn : word);
        }
    } else if (span_is(name, nn, "position"))
        own->absolute = span_is(value, vn, "absolute") || span_is(value, vn, "fixed");
    else if (span_is(name, nn, "left") || span_is(name, nn, "top") || span_is(name, nn, "right"))
        own->far |= is_far(value, vn);
    else if (span_is(name, nn, "text-indent") || span_is(name, nn, "margin-left") ||
             span_is(name, nn, "margin-top"))
        own->clipped |= is_far(value, vn);
    else if (span_is(name, nn, "clip"))
        own->clipped |= span_has(value, vn, "rect(0") || span_has(value, vn, "rect(1px");
    else if (span_is(name, nn, "height") || span_is(name, nn, "max-height"))
        own->no_height = is_zero(value, vn, 1);
    else if (span_is(name, nn, "width") || span_is(name, nn, "max-width"))
        own->no_width = is_zero(value, vn, 1);
    else if (span_is(name, nn, "overflow"))
        own->no_overflow = span_is(value, vn, "hidden") || span_is(value, vn, "clip");
    else if (span_is(name, nn, "transform"))
        own->scaled = span_has(value, vn, "scale(0)") || span_has(value, vn, "scale(0,");
    else if (span_is(name, nn, "white-space"))
        own->white = vn >= 3 && strncasecmp(value, "pre", 3) == 0 &&
                             !span_is(value, vn, "pre-line") ? 1 : -1;
}

/* Takes in the declarations of style="…" or of a rule. */
void style_own_read(struct style_own *own, const char *text, size_t n)
{
    const char *p = text, *end = text + n;
    while (p < end) {
        const char *stop = memchr(p, ';', (size_t)(end - p));
        if (!stop)
            stop = end;
        const char *colon = memchr(p, ':', (size_t)(stop - p));
        if (colon)
            read_one(own, p, (size_t)(colon - p), colon + 1, (size_t)(stop - colon - 1));
        p = stop + 1;
    }
}

/* Lays the set fields of one over another. */
static void merge(struct style_own *own, const struct style_own *over)
{
    own->none |= over->none;
    own->zero_opacity |= over->zero_opacity;
    own->mso |= over->mso;
    own->absolute |= over->absolute;
    own->far |= over->far;
    own->clipped |= over->clipped;
    own->no_height |= over->no_height;
    own->no_width |= over->no_width;
    own->no_overflow |= over->no_overflow;
    own->scaled |= over->scaled;
    if (over->visibility)
        own->visibility = over->visibility;
    if (over->size)
        own->size = over->size;
    if (over->white)
        own->white = over->white;
    if (over->foreground != COLOUR_UNSET)
        own->foreground = over->foreground;
    if (over->background != COLOUR_UNSET)
        own->background = over->background;
}

/* Does a rule say anything that matters here? */
static bool says_something(const struct style_own *o)
{
    return o->none || o->zero_opacity || o->mso || (o->absolute && o->far) || o->clipped ||
           o->no_overflow || o->no_height || o->no_width || o->scaled || o->visibility ||
           o->size || o->foreground != COLOUR_UNSET || o->background != COLOUR_UNSET;
}

/* Adds a rule for one selector when it is simple enough. */
static void add_rule(struct style_rules *r, const char *s, size_t n, const struct style_own *own)
{
    struct style_rule rule = {.own = *own};
    trim(&s, &n);
    size_t tag = 0;
    while (tag < n && s[tag] != '.' && s[tag] != '#')
        tag++;
    if (!n || tag >= sizeof rule.tag || n - tag >= sizeof rule.name || r->rules.len >= RULES_MAX)
        return;
    for (size_t i = 0; i < n; i++)
        if (strchr(" >+~[:*,\n\t\r\"'()", s[i]) || (i > tag && strchr(".#", s[i])))
            return;
    memcpy(rule.tag, s, tag);
    memcpy(rule.name, s + tag, n - tag);
    *(struct style_rule *)vec_push(&r->rules) = rule;
}

/* Reads a style sheet. */
void style_rules_read(struct style_rules *r, const char *css, size_t n)
{
    const char *p = css, *end = css + (n < CSS_MAX ? n : CSS_MAX);
    while (p < end) {
        if (end - p > 1 && p[0] == '/' && p[1] == '*') {
            const char *stop = memmem(p + 2, (size_t)(end - p) - 2, "*/", 2);
            p = stop ? stop + 2 : end;
            continue;
        }
        const char *open = memchr(p, '{', (size_t)(end - p));
        while (p < end && strchr(" \t\r\n\f<>!-}", *p))
            p++;
        if (p < end && *p == '@') {
            const char *semi = memchr(p, ';', (size_t)((open ? open : end) - p));
            if (semi && (!open || semi < open)) { /* @import …; */
                p = semi + 1;
                continue;
            }
            int depth = 0;
            for (p = open ? open : end; p < end; p++) {
                depth += *p == '{';
                if (*p == '}' && --depth == 0)
                    break;
            }
            p++;
            continue;
        }
        if (!open || p >= end)
            break;
        if (open < p)
            continue;
        if (p[0] == '/' && end - p > 1 && p[1] == '*')
            continue;
        const char *close = memchr(open, '}', (size_t)(end - open));
        if (!close)
            break;
        struct style_own own = STYLE_OWN_INIT;
        style_own_read(&own, open + 1, (size_t)(close - open) - 1);
        while (p < open && says_something(&own)) {
            const char *comma = memchr(p, ',', (size_t)(open - p));
            const char *stop = comma ? comma : open;
            add_rule(r, p, (size_t)(stop - p), &own);
            p = stop + 1;
        }
        p = close + 1;
    }
}

/* Is `name` one of the words of a class attribute? */
static bool has_class(const char *classes, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = classes; (p = strstr(p, name)); p += n)
        if ((p == classes || strchr(" \t\n", p[-1])) && (!p[n] || strchr(" \t\n", p[n])))
            return true;
    return false;
}

/* Gathers what the rules say. */
void style_own_match(struct style_own *own, const struct style_rules *r, const char *tag,
                     const char *classes, const char *id)
{
    for (size_t i = 0; i < r->rules.len; i++) {
        const struct style_rule *rule = vec_at(&r->rules, i);
        if (rule->tag[0] && strcasecmp(rule->tag, tag) != 0)
            continue;
        if (rule->name[0] == '.' && !(classes && has_class(classes, rule->name + 1)))
            continue;
        if (rule->name[0] == '#' && !(id && strcmp(id, rule->name + 1) == 0))
            continue;
        merge(own, &rule->own);
    }
}

/* Lays an element's own declarations over what it inherits. */
void style_apply(struct style *s, const struct style_own *own)
{
    s->gone |= own->none || own->zero_opacity || own->mso || own->clipped || own->scaled ||
               (own->absolute && own->far) ||
               (own->no_overflow && (own->no_height || own->no_width));
    if (own->visibility)
        s->invisible = own->visibility < 0;
    if (own->size)
        s->tiny = own->size < 0;
    if (own->white)
        s->pre = own->white > 0;
    if (own->foreground != COLOUR_UNSET)
        s->foreground = own->foreground;
    if (own->background != COLOUR_UNSET && own->background != COLOUR_NONE)
        s->background = own->background;
}

/* Compares two colours as an eye would. */
static bool is_near(int a, int b)
{
    int d = 0;
    for (int shift = 0; shift < 24; shift += 8)
        d += abs((a >> shift & 0xff) - (b >> shift & 0xff));
    return d <= NEAR;
}

/* Is text of this style there to be read? */
bool style_visible(const struct style *s)
{
    if (s->gone || s->invisible || s->tiny || s->foreground == COLOUR_NONE)
        return false;
    return s->foreground < 0 || s->background < 0 || !is_near(s->foreground, s->background);
}
