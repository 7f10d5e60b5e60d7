/* SPDX-License-Identifier: GPL-3.0-or-later */
/* markdown.c - md4c's blocks and spans as lines for a terminal. */
#include "base/markdown.h"

#include <md4c.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#define DEPTH 16       /* nested lists and quotes drawn; deeper ones stay at this indent */
#define TABLE_CELL 40  /* cells of a column at most before it is left ragged */
#define COLUMNS 32

struct list_level {
    bool ordered;
    unsigned next;
};

struct render {
    const struct markdown_events *ev;
    void *user;
    unsigned style;
    int quotes;
    struct list_level lists[DEPTH];
    int depth;          /* of lists */
    bool item_fresh;    /* a list mark was just drawn: its paragraph goes on in the line */
    bool tight_gap;     /* the next block begins without an empty line */
    bool any;           /* something was drawn */
    bool line_open;
    struct str href, words; /* of the open link */
    bool in_link;
    /* The table being collected. */
    bool in_table, head;
    struct vec cells;   /* char *, own */
    struct vec rows;    /* size_t: cells at the start of each row */
    struct str cell;
    bool last_cjk;      /* the last character drawn was CJK */
};

/* Draws a span. */
static void put(struct render *r, unsigned style, const char *text, size_t n)
{
    if (n == 0)
        return;
    r->ev->span(r->user, style | (r->quotes ? MARKDOWN_QUOTE : 0u), text, n);
    r->line_open = r->any = true;
}

/* Ends the open line. */
static void end_line(struct render *r)
{
    if (r->line_open)
        r->ev->line(r->user);
    r->line_open = false;
}

/* The indent of where we are. */
static int indent_of(const struct render *r)
{
    int depth = r->depth < DEPTH ? r->depth : DEPTH;
    return r->quotes * 2 + depth * 2;
}

/* Begins a block: ends the line, leaves an empty one where it belongs, sets the indent. */
static void begin_block(struct render *r)
{
    if (r->item_fresh) {
        r->item_fresh = false;
        return;
    }
    end_line(r);
    if (r->any && !r->tight_gap)
        r->ev->line(r->user);
    r->tight_gap = r->depth > 0;
    r->ev->indent(r->user, indent_of(r), indent_of(r));
}

/* Begins a list item: the mark, then the text hangs behind it. */
static void begin_item(struct render *r)
{
    struct list_level *l = r->depth > 0 && r->depth <= DEPTH ? &r->lists[r->depth - 1] : NULL;
    char mark[24];
    int at = indent_of(r) - 2;
    end_line(r);
    if (l && l->ordered)
        snprintf(mark, sizeof mark, "%u. ", l->next++);
    else
        snprintf(mark, sizeof mark, "- ");
    r->ev->indent(r->user, at, at + (int)strlen(mark));
    put(r, MARKDOWN_MARK, mark, strlen(mark));
    r->item_fresh = true;
    r->tight_gap = true;
}

/* Draws the collected table in columns. */
static void draw_table(struct render *r)
{
    size_t width[COLUMNS] = {0};
    for (size_t i = 0; i < r->rows.len; i++) {
        size_t from = *(size_t *)vec_at(&r->rows, i);
        size_t to = i + 1 < r->rows.len ? *(size_t *)vec_at(&r->rows, i + 1) : r->cells.len;
        for (size_t c = from; c < to && c - from < COLUMNS; c++) {
            const char *text = strv_at(&r->cells, c);
            size_t cells = utf8_cells(text, strlen(text));
            if (cells > TABLE_CELL)
                cells = TABLE_CELL;
            if (cells > width[c - from])
                width[c - from] = cells;
        }
    }
    for (size_t i = 0; i < r->rows.len; i++) {
        size_t from = *(size_t *)vec_at(&r->rows, i);
        size_t to = i + 1 < r->rows.len ? *(size_t *)vec_at(&r->rows, i + 1) : r->cells.len;
        end_line(r);
        for (size_t c = from; c < to && c - from < COLUMNS; c++) {
            const char *text = strv_at(&r->cells, c);
            size_t cells = utf8_cells(text, strlen(text));
            put(r, i == 0 ? MARKDOWN_BOLD : 0u, text, strlen(text));
            for (size_t pad = cells; c + 1 < to && pad < width[c - from] + 2; pad++)
                put(r, 0, " ", 1);
        }
        r->line_open = true;
    }
}

/* md4c: a block begins. */
static int enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    struct render *r = user;
    switch (type) {
    case MD_BLOCK_QUOTE:
        begin_block(r);
        r->tight_gap = true;
        r->quotes++;
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (r->depth == 0) {
            begin_block(r);
            r->tight_gap = true;
        }
        if (r->depth < DEPTH)
            r->lists[r->depth] = (struct list_level){
                .ordered = type == MD_BLOCK_OL,
                .next = type == MD_BLOCK_OL ? ((MD_BLOCK_OL_DETAIL *)detail)->start : 0};
        r->depth++;
        break;
    case MD_BLOCK_LI:
        begin_item(r);
        break;
    case MD_BLOCK_HR:
        begin_block(r);
        put(r, MARKDOWN_MARK, "---", 3);
        break;
    case MD_BLOCK_H:
        begin_block(r);
        r->style |= MARKDOWN_HEADING;
        break;
    case MD_BLOCK_CODE:
        begin_block(r);
        r->ev->indent(r->user, indent_of(r) + 2, indent_of(r) + 2);
        r->style |= MARKDOWN_CODE;
        break;
    case MD_BLOCK_P:
        begin_block(r);
        break;
    case MD_BLOCK_TABLE:
        begin_block(r);
        r->in_table = true;
        strv_init(&r->cells);
        vec_init(&r->rows, sizeof(size_t), NULL);
        break;
    case MD_BLOCK_TR: {
        size_t *row = vec_push(&r->rows);
        *row = r->cells.len;
        break;
    }
    default:
        break;
    }
    return 0;
}

/* md4c: a block ends. */
static int leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
    struct render *r = user;
    (void)detail;
    switch (type) {
    case MD_BLOCK_QUOTE:
        r->quotes--;
        r->tight_gap = false;
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        r->depth--;
        r->tight_gap = r->depth > 0;
        break;
    case MD_BLOCK_LI:
        r->item_fresh = false;
        break;
    case MD_BLOCK_H:
        r->style &= ~(unsigned)MARKDOWN_HEADING;
        break;
    case MD_BLOCK_CODE:
        r->style &= ~(unsigned)MARKDOWN_CODE;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        strv_push(&r->cells, str_text(&r->cell));
        str_clear(&r->cell);
        break;
    case MD_BLOCK_TABLE:
        draw_table(r);
        r->in_table = false;
        vec_fini(&r->cells);
        vec_fini(&r->rows);
        break;
    default:
        break;
    }
    return 0;
}

/* md4c: a span begins. */
static int enter_span(MD_SPANTYPE type, void *detail, void *user)
{
    struct render *r = user;
    switch (type) {
    case MD_SPAN_EM:
        r->style |= MARKDOWN_ITALIC;
        break;
    case MD_SPAN_STRONG:
        r->style |= MARKDOWN_BOLD;
        break;
    case MD_SPAN_CODE:
        r->style |= MARKDOWN_CODE;
        break;
    case MD_SPAN_DEL:
        r->style |= MARKDOWN_GONE;
        break;
    case MD_SPAN_A: {
        const MD_SPAN_A_DETAIL *a = detail;
        str_clear(&r->href);
        str_clear(&r->words);
        str_add(&r->href, a->href.text ? a->href.text : "", a->href.size);
        r->style |= MARKDOWN_LINK;
        r->in_link = true;
        break;
    }
    case MD_SPAN_IMG:
        put(r, MARKDOWN_MARK, "[", 1);
        break;
    default:
        break;
    }
    return 0;
}

/* md4c: a span ends. A link that says something else than where it leads shows both. */
static int leave_span(MD_SPANTYPE type, void *detail, void *user)
{
    struct render *r = user;
    (void)detail;
    switch (type) {
    case MD_SPAN_EM:
        r->style &= ~(unsigned)MARKDOWN_ITALIC;
        break;
    case MD_SPAN_STRONG:
        r->style &= ~(unsigned)MARKDOWN_BOLD;
        break;
    case MD_SPAN_CODE:
        r->style &= ~(unsigned)MARKDOWN_CODE;
        break;
    case MD_SPAN_DEL:
        r->style &= ~(unsigned)MARKDOWN_GONE;
        break;
    case MD_SPAN_A:
        r->style &= ~(unsigned)MARKDOWN_LINK;
        r->in_link = false;
        if (!r->in_table && !str_eq(str_text(&r->href), str_text(&r->words))) {
            put(r, r->style, " <", 2);
            put(r, r->style | MARKDOWN_LINK, str_text(&r->href), r->href.len);
            put(r, r->style, ">", 1);
        }
        break;
    case MD_SPAN_IMG:
        put(r, MARKDOWN_MARK, "]", 1);
        break;
    default:
        break;
    }
    return 0;
}

/* Draws text, or collects it for a table. */
static void put_text(struct render *r, const char *text, size_t n)
{
    if (r->in_link)
        str_add(&r->words, text, n);
    if (r->in_table)
        str_add(&r->cell, text, n);
    else
        put(r, r->style, text, n);
    if (n > 0) {
        size_t used, back = n;
        while (back > 0 && ((unsigned char)text[back - 1] & 0xC0) == 0x80)
            back--;
        back -= back > 0;
        r->last_cjk = utf8_is_cjk(utf8_decode(text + back, n - back, &used));
    }
}

/* Draws a character reference: the common names and numbers; others as they stand. */
static void put_entity(struct render *r, const char *text, size_t n)
{
    static const struct {
        const char *name, *text;
    } known[] = {{"&amp;", "&"},  {"&lt;", "<"},    {"&gt;", ">"},     {"&quot;", "\""},
                 {"&apos;", "'"}, {"&nbsp;", " "}, {"&ndash;", "–"}, {"&mdash;", "—"},
                 {"&hellip;", "…"}, {"&euro;", "€"}};
    char out[4];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == n && memcmp(known[i].name, text, n) == 0) {
            put_text(r, known[i].text, strlen(known[i].text));
            return;
        }
    if (n > 3 && n < 12 && text[1] == '#') {
        bool hex = text[2] == 'x' || text[2] == 'X';
        char number[12];
        size_t from = hex ? 3 : 2;
        memcpy(number, text + from, n - from);
        number[n - from] = 0;
        unsigned long c = strtoul(number, NULL, hex ? 16 : 10);
        size_t len = c > 0 && c < 0x110000 ? utf8_encode((uint32_t)c, out) : 0;
        if (len > 0) {
            put_text(r, out, len);
            return;
        }
    }
    put_text(r, text, n);
}

/* md4c: text. */
static int text_of(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *user)
{
    struct render *r = user;
    size_t n = size;
    switch (type) {
    case MD_TEXT_NULLCHAR:
        put_text(r, "\xEF\xBF\xBD", 3);
        break;
    case MD_TEXT_BR:
        if (r->in_table)
            put_text(r, " ", 1);
        else
            end_line(r);
        break;
    case MD_TEXT_SOFTBR:
        if (!r->last_cjk)
            put_text(r, " ", 1);
        break;
    case MD_TEXT_ENTITY:
        put_entity(r, text, n);
        break;
    case MD_TEXT_CODE:
        for (const char *s = text; n > 0;) {
            const char *end = memchr(s, '\n', n);
            size_t len = end ? (size_t)(end - s) : n;
            put_text(r, s, len);
            if (end) {
                if (!r->line_open)
                    r->ev->line(r->user); /* an empty line of code */
                end_line(r);
            }
            n -= len + (end != NULL);
            s += len + (end != NULL);
        }
        break;
    default:
        put_text(r, text, n);
        break;
    }
    return 0;
}

void markdown_render(const char *text, size_t n, bool first, const struct markdown_events *ev,
                     void *user)
{
    struct render r = {.ev = ev, .user = user, .any = !first};
    MD_PARSER parser = {.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
                                 MD_FLAG_PERMISSIVEURLAUTOLINKS,
                        .enter_block = enter_block,
                        .leave_block = leave_block,
                        .enter_span = enter_span,
                        .leave_span = leave_span,
                        .text = text_of};
    if (n > 0 && n <= UINT32_MAX)
        md_parse(text, (MD_SIZE)n, &parser, &r);
    if (r.in_table) {
        vec_fini(&r.cells);
        vec_fini(&r.rows);
    }
    end_line(&r);
    ev->indent(user, 0, 0);
    str_fini(&r.href);
    str_fini(&r.words);
    str_fini(&r.cell);
}

/* Does the line open or close a fence? Its sign is given: '`' or '~', 0 none. */
static char fence_of(const char *line, size_t n, size_t *run)
{
    size_t i = 0;
    while (i < n && i < 3 && line[i] == ' ')
        i++;
    char c = i < n ? line[i] : 0;
    if (c != '`' && c != '~')
        return 0;
    *run = 0;
    while (i + *run < n && line[i + *run] == c)
        ++*run;
    return *run >= 3 ? c : 0;
}

size_t markdown_settled(const char *text, size_t n)
{
    size_t settled = 0, open_run = 0;
    char open = 0;
    bool blank = false;
    for (size_t at = 0; at < n;) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t len = (end ? (size_t)(end - text) : n) - at, run = 0;
        const char *line = text + at;
        bool empty = strspn(line, " \t\r") >= len;
        /* A block begins here when the line above is empty, no fence is open, and the line neither
         * goes on with a list nor may begin one (indent, a mark). */
        if (!open && blank && !empty && !strchr(" \t-*+0123456789>", *line))
            settled = at;
        char fence = fence_of(line, len, &run);
        if (!open && fence) {
            open = fence;
            open_run = run;
        } else if (open && fence == open && run >= open_run)
            open = 0;
        blank = empty && !open;
        at += len + 1;
    }
    return settled < n ? settled : n;
}
