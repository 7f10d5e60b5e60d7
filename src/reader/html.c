/* SPDX-License-Identifier: GPL-3.0-or-later */
/* html.c - SAX events of HTML into lines of text.
 *
 * Text flows into the buffer of the innermost frame: the document, or a table cell. A frame knows
 * how many line ends are owed before the next word, so that blocks never pile up empty lines.
 * Elements are a stack of their own with the style that holds in them; what the style hides flows
 * to the hidden text instead. */
#include "reader/html.h"

#include <libxml/HTMLparser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "reader/plain.h"
#include "reader/style.h"
#include "reader/table.h"
#include "reader/warnings.h"

enum { DEPTH_MAX = 2000, TABLES_MAX = 40, LISTS_MAX = 20, QUOTES_MAX = 20, CHUNK = 32 << 10 };

enum { LINE = 1, BLOCK = 2, SKIP = 4, HEADING = 8 };

/* What the elements do to the flow. */
static const struct tag {
    const char *name;
    int what;
} tags[] = {
    {"div", LINE},       {"p", BLOCK},        {"tr", LINE},       {"h1", BLOCK | HEADING},
    {"h2", BLOCK | HEADING}, {"h3", BLOCK | HEADING}, {"h4", BLOCK | HEADING},
    {"h5", BLOCK | HEADING}, {"h6", BLOCK | HEADING}, {"blockquote", BLOCK}, {"pre", BLOCK},
    {"ul", BLOCK},       {"ol", BLOCK},       {"dl", BLOCK},      {"table", BLOCK},
    {"section", LINE},   {"article", LINE},   {"header", LINE},   {"footer", LINE},
    {"address", LINE},   {"center", LINE},    {"form", LINE},     {"fieldset", LINE},
    {"dt", LINE},        {"dd", LINE},        {"caption", LINE},  {"main", LINE},
    {"aside", LINE},     {"nav", LINE},       {"figure", LINE},   {"option", LINE},
    {"script", SKIP},    {"title", SKIP},     {"template", SKIP}, {"object", SKIP},
    {"iframe", SKIP},    {"svg", SKIP},       {"math", SKIP},     {"textarea", SKIP},
    {"select", SKIP},
};

struct element {
    struct style style;
    int what;
    char kind;       /* 'a' link, 'l' list item, 'q' quote, 'T' table, 'c' cell, 'o' 'u' list */
    bool skip;
    char *href;      /* own; of a link */
    size_t start;    /* of a link's text in its frame */
    size_t frame;
    size_t span;
};

struct frame {
    struct str out;
    int owed;      /* line ends before the next word */
    bool space;    /* a space before the next word */
    bool at_start; /* nothing was written yet */
    int quotes, lists;
    int last_quotes; /* of the line that was written last */
    struct { char kind; int next; } list[LISTS_MAX];
    bool marker;   /* a list item begins with the next word */
};

struct html {
    struct found *found;
    struct str *hidden;
    struct vec elements; /* struct element */
    struct vec frames;   /* struct frame */
    struct vec tables;   /* struct table */
    struct style_rules rules;
    struct str css, hidden_text;
    bool in_style;
    size_t too_deep; /* elements open beyond DEPTH_MAX */
    htmlParserCtxtPtr parser;
};

static void element_fini(void *item)
{
    free(((struct element *)item)->href);
}

static void frame_fini(void *item)
{
    str_fini(&((struct frame *)item)->out);
}

static void table_fini_item(void *item)
{
    table_fini(item);
}

/* The frame that text flows into. */
static struct frame *top_frame(struct html *h)
{
    return vec_at(&h->frames, h->frames.len - 1);
}

/* The innermost element, NULL outside of all. */
static struct element *top_element(struct html *h)
{
    return h->elements.len ? vec_at(&h->elements, h->elements.len - 1) : NULL;
}

/* ---- flow ---- */

/* Asks for line ends before what comes next. */
static void owe(struct frame *f, int lines)
{
    if (f->owed < lines)
        f->owed = lines;
    f->space = false;
}

/* Writes the marks of quotes at the start of a line. */
static void write_quotes(struct frame *f, int depth, bool empty)
{
    for (int i = 0; i < depth && i < QUOTES_MAX; i++)
        str_puts(&f->out, "> ");
    if (empty && depth)
        str_truncate(&f->out, f->out.len - 1);
}

/* Begins a line: marks, indent, list marker. */
static void start_line(struct frame *f)
{
    write_quotes(f, f->quotes, false);
    f->last_quotes = f->quotes;
    int depth = f->lists < LISTS_MAX ? f->lists : LISTS_MAX;
    for (int i = 0; i + (f->marker ? 1 : 0) < depth; i++)
        str_puts(&f->out, "  ");
    if (f->marker && depth) {
        if (f->list[depth - 1].kind == 'o')
            str_addf(&f->out, "%d. ", f->list[depth - 1].next++);
        else
            str_puts(&f->out, "- ");
    }
    f->marker = false;
}

/* Pays the line ends and the space that are owed. */
static void settle(struct frame *f)
{
    if (f->at_start) {
        f->at_start = false;
        start_line(f);
    } else if (f->owed) {
        for (int i = 0; i < f->owed; i++) {
            str_putc(&f->out, '\n');
            if (i + 1 < f->owed)
                write_quotes(f, f->quotes < f->last_quotes ? f->quotes : f->last_quotes, true);
        }
        start_line(f);
    } else if (f->space) {
        str_putc(&f->out, ' ');
    }
    f->owed = 0;
    f->space = false;
}

/* Bytes of a character that no reader shows and that only pads or hides; 0 otherwise. */
static size_t invisible_at(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    if (n >= 2 && p[0] == 0xc2 && p[1] == 0xad) /* soft hyphen */
        return 2;
    if (n >= 2 && p[0] == 0xcd && p[1] == 0x8f) /* combining grapheme joiner */
        return 2;
    if (n >= 3 && p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0x8b || p[2] == 0x8c)) /* ZWSP ZWNJ */
        return 3;
    if (n >= 3 && p[0] == 0xe2 && p[1] == 0x81 && p[2] == 0xa0) /* word joiner */
        return 3;
    if (n >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) /* BOM */
        return 3;
    return 0;
}

/* Bytes of a space at s (no-break and wide ones too); 0 otherwise. */
static size_t space_at(const char *s, size_t n)
{
    if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r' || *s == '\f')
        return 1;
    return n >= 2 && memcmp(s, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* Appends text as it stands, line by line. */
static void flow_pre(struct frame *f, const char *s, size_t n)
{
    while (n) {
        const char *nl = memchr(s, '\n', n);
        size_t len = nl ? (size_t)(nl - s) : n;
        if (len) {
            settle(f);
            for (size_t i = 0; i < len; i++)
                if (s[i] != '\r')
                    str_putc(&f->out, s[i]);
        }
        if (!nl)
            return;
        if (!f->at_start)
            f->owed = f->owed < 2 ? f->owed + 1 : 2;
        s += len + 1;
        n -= len + 1;
    }
}

/* Appends text with white space folded. */
static void flow(struct html *h, const char *s, size_t n, bool pre)
{
    struct frame *f = top_frame(h);
    if (pre) {
        flow_pre(f, s, n);
        return;
    }
    size_t i = 0;
    while (i < n) {
        size_t k = space_at(s + i, n - i);
        if (k) {
            f->space = !f->at_start && !f->owed;
            i += k;
            continue;
        }
        k = invisible_at(s + i, n - i);
        if (k) {
            i += k;
            continue;
        }
        size_t start = i;
        while (i < n && !space_at(s + i, n - i) && !invisible_at(s + i, n - i))
            i++;
        settle(f);
        str_add(&f->out, s + start, i - start);
    }
}

/* Keeps text that nobody sees, white space folded. */
static void flow_hidden(struct html *h, const char *s, size_t n)
{
    struct str *out = &h->hidden_text;
    for (size_t i = 0; i < n && out->len < FOUND_HIDDEN_MAX;) {
        size_t k = invisible_at(s + i, n - i);
        if (k) {
            i += k;
            continue;
        }
        k = space_at(s + i, n - i);
        if (k) {
            if (out->len && out->data[out->len - 1] != ' ' && out->data[out->len - 1] != '\n')
                str_putc(out, ' ');
            i += k;
            continue;
        }
        str_putc(out, s[i++]);
    }
}

/* ---- elements ---- */

/* Finds what an element does. */
static int tag_what(const char *name)
{
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
        if (strcmp(tags[i].name, name) == 0)
            return tags[i].what;
    return 0;
}

/* An attribute's value, NULL when absent. */
static const char *attribute(const xmlChar **atts, const char *name)
{
    for (; atts && atts[0]; atts += 2)
        if (strcmp((const char *)atts[0], name) == 0)
            return atts[1] ? (const char *)atts[1] : "";
    return NULL;
}

/* The small whole number at the head of a text. */
static size_t small_number(const char *s)
{
    size_t v = 0;
    for (; s && *s >= '0' && *s <= '9' && v < 10000; s++)
        v = v * 10 + (size_t)(*s - '0');
    return v;
}

/* The style that holds inside an element. */
static void find_style(struct html *h, struct element *e, const char *name, const xmlChar **atts)
{
    struct style_own own = STYLE_OWN_INIT;
    if (h->rules.rules.len)
        style_own_match(&own, &h->rules, name, attribute(atts, "class"), attribute(atts, "id"));
    if (strcmp(name, "a") == 0 && e->style.foreground != COLOUR_UNSET)
        e->style.foreground = 0x0000ee;
    for (const xmlChar **a = atts; a && a[0]; a += 2) {
        const char *key = (const char *)a[0], *value = a[1] ? (const char *)a[1] : "";
        if (strcmp(key, "style") == 0)
            style_own_read(&own, value, strlen(value));
        else if (strcmp(key, "bgcolor") == 0)
            own.background = style_colour(value, strlen(value));
        else if (strcmp(key, "background") == 0 && *value)
            own.background = COLOUR_UNKNOWN;
        else if (strcmp(key, "color") == 0 && strcmp(name, "font") == 0)
            own.foreground = style_colour(value, strlen(value));
        else if (strcmp(key, "hidden") == 0)
            own.none = true;
    }
    if (strcmp(name, "pre") == 0 && !own.white)
        own.white = 1;
    style_apply(&e->style, &own);
}

/* Opens the frame of a table cell. */
static void open_cell(struct html *h, struct element *e, const xmlChar **atts)
{
    if (!h->tables.len || top_frame(h)->quotes > QUOTES_MAX)
        return;
    e->kind = 'c';
    e->span = small_number(attribute(atts, "colspan"));
    struct frame *f = vec_push(&h->frames);
    f->at_start = true;
}

/* Writes the text of an image. */
static void show_image(struct html *h, const struct element *e, const xmlChar **atts)
{
    const char *alt = attribute(atts, "alt"), *width = attribute(atts, "width");
    const char *height = attribute(atts, "height");
    if (!alt || !alt[strspn(alt, " \t\r\n\xc2\xa0")])
        return;
    size_t n = strlen(alt);
    if (!style_visible(&e->style) || (width && small_number(width) <= 1 && *width != '\0') ||
        (height && small_number(height) <= 1 && *height != '\0')) {
        flow_hidden(h, alt, n);
        flow_hidden(h, " ", 1);
        return;
    }
    if (n <= 16 && (unsigned char)alt[0] >= 0xe2 && utf8_cluster(alt, n) == n) {
        flow(h, alt, n, false); /* a picture that is one character */
        return;
    }
    bool digits = strspn(alt, "0123456789 ") == n;
    flow(h, digits ? "(" : "[", 1, false);
    flow(h, alt, n, false);
    top_frame(h)->space = false;
    flow(h, digits ? ")" : "]", 1, false);
}

/* Begins a list. */
static void open_list(struct html *h, struct element *e, char kind, const xmlChar **atts)
{
    struct frame *f = top_frame(h);
    e->kind = kind;
    if (f->lists && f->lists < LISTS_MAX)
        f->owed = f->owed > 1 ? 1 : f->owed; /* no empty line inside a list */
    if (f->lists < LISTS_MAX) {
        const char *start = attribute(atts, "start");
        f->list[f->lists].kind = kind;
        f->list[f->lists].next = start ? (int)small_number(start) : 1;
    }
    f->lists++;
}

/* Does what is special about an element. */
static void open_special(struct html *h, struct element *e, const char *name, const xmlChar **atts)
{
    struct frame *f = top_frame(h);
    if (strcmp(name, "br") == 0) {
        if (!f->at_start)
            f->owed = f->owed < 2 ? f->owed + 1 : 2;
        f->space = false;
    } else if (strcmp(name, "hr") == 0 && style_visible(&e->style)) {
        owe(f, 1);
        flow(h, "----------", 10, false);
        owe(top_frame(h), 1);
    } else if (strcmp(name, "img") == 0) {
        show_image(h, e, atts);
    } else if (strcmp(name, "a") == 0 && style_visible(&e->style)) {
        const char *href = attribute(atts, "href");
        char *url = href ? warnings_clean_url(href) : NULL;
        if (url) {
            e->kind = 'a';
            e->href = url;
            e->frame = h->frames.len;
            e->start = f->out.len;
        }
    } else if (strcmp(name, "li") == 0) {
        owe(f, 1);
        e->kind = 'l';
        f->marker = f->lists > 0;
    } else if (strcmp(name, "ul") == 0 || strcmp(name, "ol") == 0) {
        open_list(h, e, name[0], atts);
    } else if (strcmp(name, "blockquote") == 0) {
        e->kind = 'q';
        f->quotes++;
    } else if (strcmp(name, "table") == 0 && h->tables.len < TABLES_MAX) {
        e->kind = 'T';
        table_init(vec_push(&h->tables));
    } else if (strcmp(name, "tr") == 0 && h->tables.len) {
        table_row(vec_at(&h->tables, h->tables.len - 1));
    } else if (strcmp(name, "td") == 0 || strcmp(name, "th") == 0) {
        open_cell(h, e, atts);
    }
}

/* An element begins. */
static void on_start(void *user, const xmlChar *tag, const xmlChar **atts)
{
    struct html *h = user;
    const char *name = (const char *)tag;
    if (h->elements.len >= DEPTH_MAX || h->too_deep) {
        if (h->too_deep++ == 0)
            found_warn(h->found, "truncated", "html-depth");
        if (h->too_deep > DEPTH_MAX)
            xmlStopParser(h->parser);
        return;
    }
    struct element *outer = top_element(h);
    struct style style = outer ? outer->style : STYLE_INIT;
    bool skip = outer && outer->skip;
    struct element *e = vec_push(&h->elements);
    e->style = style;
    e->skip = skip;
    find_style(h, e, name, atts);
    if (strcmp(name, "style") == 0) {
        h->in_style = true;
        str_clear(&h->css);
    }
    e->what = tag_what(name);
    e->skip |= (e->what & SKIP) != 0;
    if (e->skip)
        return;
    if (!style_visible(&e->style) && e->what & (LINE | BLOCK))
        flow_hidden(h, " ", 1);
    if (e->style.gone) {
        if (strcmp(name, "img") == 0)
            show_image(h, e, atts);
        e->what = 0;
        return;
    }
    if (e->what & (LINE | BLOCK))
        owe(top_frame(h), e->what & BLOCK ? 2 : 1);
    open_special(h, e, name, atts);
}

/* A link ends: its text gets a number. */
static void close_link(struct html *h, const struct element *e)
{
    struct frame *f = top_frame(h);
    struct str text = STR_INIT;
    if (h->frames.len == e->frame && e->start <= f->out.len)
        str_add(&text, str_text(&f->out) + e->start, f->out.len - e->start);
    str_puts(&text, "");
    str_trim(text.data);
    text.len = strlen(text.data);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n')
            text.data[i] = ' ';
    size_t number = found_add_link(h->found, text.data, e->href);
    if (number) {
        char mark[32];
        int n = snprintf(mark, sizeof mark, "[%zu]", number);
        bool tail = f->space;
        f->space = text.len > 0 && !f->owed;
        settle(f);
        str_add(&f->out, mark, (size_t)n);
        f->space = tail;
    }
    if (text.len)
        warnings_link(h->found, text.data, e->href);
    str_fini(&text);
}

/* A table ends: its lines flow into the frame around it. */
static void close_table(struct html *h)
{
    struct str lines = STR_INIT;
    table_write(vec_at(&h->tables, h->tables.len - 1), &lines);
    vec_remove(&h->tables, h->tables.len - 1);
    struct frame *f = top_frame(h);
    owe(f, f->owed > 1 ? 2 : 1);
    flow_pre(f, str_text(&lines), lines.len);
    str_fini(&lines);
}

/* A cell ends: its text goes to the table. */
static void close_cell(struct html *h, const struct element *e)
{
    struct frame *f = top_frame(h);
    char *text = str_take(&f->out);
    vec_remove(&h->frames, h->frames.len - 1);
    if (h->tables.len)
        table_cell(vec_at(&h->tables, h->tables.len - 1), text, e->span);
    else
        free(text);
}

/* An element ends. */
static void on_end(void *user, const xmlChar *tag)
{
    struct html *h = user;
    const char *name = (const char *)tag;
    if (h->too_deep) {
        h->too_deep--;
        return;
    }
    struct element *e = top_element(h);
    if (!e)
        return;
    if (strcmp(name, "style") == 0 && h->in_style) {
        style_rules_read(&h->rules, str_text(&h->css), h->css.len);
        h->in_style = false;
    }
    struct frame *f = top_frame(h);
    switch (e->kind) {
    case 'a':
        close_link(h, e);
        break;
    case 'q':
        if (f->quotes)
            f->quotes--;
        break;
    case 'o':
    case 'u':
        if (f->lists)
            f->lists--;
        break;
    case 'l':
        f->marker = false;
        break;
    case 'T':
        if (h->tables.len)
            close_table(h);
        break;
    case 'c':
        if (h->frames.len > 1)
            close_cell(h, e);
        break;
    default:
        break;
    }
    if (e->what & (LINE | BLOCK) && !e->skip)
        owe(top_frame(h), e->what & BLOCK ? 2 : 1);
    vec_remove(&h->elements, h->elements.len - 1);
}

/* Text between the tags. */
static void on_text(void *user, const xmlChar *s, int n)
{
    struct html *h = user;
    struct element *e = top_element(h);
    if (h->in_style) {
        str_add(&h->css, (const char *)s, (size_t)n);
        return;
    }
    if (e && e->skip)
        return;
    if (e && !style_visible(&e->style))
        flow_hidden(h, (const char *)s, (size_t)n);
    else
        flow(h, (const char *)s, (size_t)n, e && e->style.pre);
}

/* Feeds a stretch in pieces; false when the parser has stopped. */
static bool feed_stretch(struct html *h, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i += CHUNK) {
        size_t len = n - i < CHUNK ? n - i : CHUNK;
        htmlParseChunk(h->parser, text + i, (int)len, 0);
        if (h->parser->instate == XML_PARSER_EOF)
            return false;
    }
    return true;
}

/* Feeds everything but "<![if …]>" and other marks of that kind, which Outlook writes outside of
 * comments and the parser takes for text. */
static void feed_all(struct html *h, const char *text, size_t n)
{
    const char *p = text, *start = text, *end = text + n;
    const char *last = n ? memrchr(text, '>', n) : NULL; /* nothing is looked for behind it */
    while (last && p < last && (p = memchr(p, '<', (size_t)(last - p)))) {
        const char *stop = NULL;
        if (end - p >= 4 && memcmp(p, "<!--", 4) == 0) {
            stop = memmem(p + 4, (size_t)(end - p) - 4, "-->", 3);
            p = stop ? stop + 3 : end;
            continue;
        }
        bool mark = end - p > 2 && p[1] == '!' && (p[2] | 0x20) != 'd'; /* not <!DOCTYPE */
        if (!mark || !(stop = memchr(p, '>', (size_t)(last + 1 - p)))) {
            p++;
            continue;
        }
        if (!feed_stretch(h, start, (size_t)(p - start)))
            return;
        p = start = stop + 1;
    }
    if (feed_stretch(h, start, (size_t)(end - start)))
        htmlParseChunk(h->parser, "", 0, 1);
}

/* Runs the parser over the text. */
static void feed(struct html *h, const char *text, size_t n)
{
    static xmlSAXHandler sax = {.startElement = on_start,
                                .endElement = on_end,
                                .characters = on_text,
                                .ignorableWhitespace = on_text,
                                .cdataBlock = on_text};
    h->parser = htmlCreatePushParserCtxt(&sax, h, text, 0, NULL, XML_CHAR_ENCODING_UTF8);
    if (!h->parser)
        return;
    htmlCtxtUseOptions(h->parser, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                                      HTML_PARSE_NOWARNING | HTML_PARSE_IGNORE_ENC);
    feed_all(h, text, n);
    htmlFreeParserCtxt(h->parser);
}

/* Makes HTML readable. */
void html_add(struct found *f, const char *text, size_t n)
{
    struct html h = {.found = f};
    vec_init(&h.elements, sizeof(struct element), element_fini);
    vec_init(&h.frames, sizeof(struct frame), frame_fini);
    vec_init(&h.tables, sizeof(struct table), table_fini_item);
    style_rules_init(&h.rules);
    struct frame *root = vec_push(&h.frames);
    root->at_start = true;
    feed(&h, text, n);
    h.too_deep = 0;
    while (h.elements.len)
        on_end(&h, (const xmlChar *)"");
    root = vec_at(&h.frames, 0);
    size_t from = f->text.len;
    str_add(&f->text, str_text(&root->out), root->out.len);
    plain_take_tags(f, from);
    while (h.hidden_text.len && h.hidden_text.data[h.hidden_text.len - 1] == ' ')
        str_truncate(&h.hidden_text, h.hidden_text.len - 1);
    found_hide(f, str_text(&h.hidden_text), h.hidden_text.len);
    style_rules_fini(&h.rules);
    vec_fini(&h.elements);
    vec_fini(&h.frames);
    vec_fini(&h.tables);
    str_fini(&h.css);
    str_fini(&h.hidden_text);
}

/* Finds "charset=" in a <meta> near the top. */
char *html_charset(const char *bytes, size_t n)
{
    size_t end = n < 2048 ? n : 2048;
    bool meta = false;
    for (size_t i = 0; i + 8 < end; i++) {
        if (strncasecmp(bytes + i, "<meta", 5) == 0)
            meta = true;
        if (!meta || strncasecmp(bytes + i, "charset=", 8) != 0)
            continue;
        const char *p = bytes + i + 8, *stop = bytes + end;
        while (p < stop && (*p == '"' || *p == '\'' || *p == ' '))
            p++;
        const char *q = p;
        while (q < stop && !strchr("\"' ;/>", *q) && q - p < 40)
            q++;
        return q > p ? mem_strndup(p, (size_t)(q - p)) : NULL;
    }
    return NULL;
}
