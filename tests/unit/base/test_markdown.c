/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_markdown.c - Markdown as styled lines, whole and as it grows. */
#include "base/markdown.h"

#include <stdlib.h>

#include "base/str.h"
#include "tap.h"

static int indent_first, indent_rest;
static bool fresh = true;

/* Writes a span as text with its style's letters around: *bold*, /italic/, `code`, #heading#, _link_. */
static void span(void *user, unsigned style, const char *text, size_t n)
{
    static const struct {
        unsigned style;
        char sign;
    } signs[] = {{MARKDOWN_BOLD, '*'},    {MARKDOWN_ITALIC, '/'}, {MARKDOWN_CODE, '`'},
                 {MARKDOWN_HEADING, '#'}, {MARKDOWN_LINK, '_'},   {MARKDOWN_QUOTE, '>'}};
    struct str *s = user;
    for (int i = 0; fresh && i < indent_first; i++)
        str_putc(s, '.');
    fresh = false;
    for (size_t i = 0; i < 6; i++)
        if (style & signs[i].style)
            str_putc(s, signs[i].sign);
    str_add(s, text, n);
    for (size_t i = 6; i-- > 0;)
        if (style & signs[i].style)
            str_putc(s, signs[i].sign);
}

/* Ends a line. */
static void line(void *user)
{
    str_putc(user, '\n');
    fresh = true;
    indent_first = indent_rest;
}

/* Remembers the indent. */
static void indent(void *user, int first, int rest)
{
    (void)user;
    indent_first = first;
    indent_rest = rest;
}

static const struct markdown_events events = {span, line, indent};

/* Renders whole. Yours. */
static char *render(const char *text)
{
    struct str out = STR_INIT;
    fresh = true;
    indent_first = 0;
    markdown_render(text, strlen(text), true, &events, &out);
    return str_take(&out);
}

/* Compares. */
static void is_rendered(const char *text, const char *want, const char *name)
{
    char *got = render(text);
    is_str(got, want, name);
    free(got);
}

/* Renders as a stream does: settled blocks once, the open one again and again; gives the end. */
static char *render_growing(const char *text, size_t step)
{
    struct str done = STR_INIT, all = STR_INIT;
    size_t settled = 0, n = strlen(text);
    for (size_t at = 0; at <= n; at += step) {
        size_t more = markdown_settled(text + settled, at - settled);
        if (more > 0) {
            markdown_render(text + settled, more, settled == 0, &events, &done);
            settled += more;
        }
        str_clear(&all);
        str_add(&all, str_text(&done), done.len);
        fresh = true;
        indent_first = 0;
        markdown_render(text + settled, at - settled, settled == 0, &events, &all);
        if (at < n && at + step > n)
            at = n - step;
    }
    str_fini(&done);
    return str_take(&all);
}

int main(void)
{
    is_rendered("one\ntwo\n\nthree", "one two\n\nthree\n", "paragraphs");
    is_rendered("价格不变\n直到三月", "价格不变直到三月\n", "a line end between Chinese is no space");
    is_rendered("a **b** *c* `d`", "a *b* /c/ `d`\n", "spans");
    is_rendered("# Head\ntext", "#Head#\n\ntext\n", "a heading");
    is_rendered("- a\n- b\n  - c\n\nend", "- a\n- b\n..- c\n\nend\n", "lists");
    is_rendered("3. a\n4. b", "3. a\n4. b\n", "numbers go on from where they begin");
    is_rendered("```\nx\n\n  y\n```\nz", "..`x`\n\n..`  ``y`\n\nz\n", "code");
    is_rendered("> q\n> r\n\nx", "..>q>>" " >>r>\n\nx\n", "a quote");
    is_rendered("[shop](http://evil.example/)", "_shop_ <_http://evil.example/_>\n",
                "a link shows where it leads");
    is_rendered("<b>x</b> &amp; &#20320;", "<b>x</b> & 你\n", "HTML is text, references are read");
    is_rendered("| a | bb |\n|---|---|\n| 中国 | d |", "*a*     *bb*\n中国  d\n", "a table in columns");
    is_rendered("", "", "nothing");

    static const char text[] = "# T\n\nfirst para\nmore\n\n- a\n\n- b\n\n  deep\n\nafter\n\n```\ncode\n\n"
                               "more code\n```\n\n1. x\n2. y\n\nlast **bold** word";
    char *whole = render(text);
    for (size_t step = 1; step < 8; step += 3) {
        char *grown = render_growing(text, step);
        is_str(grown, whole, "what grew is what was whole");
        free(grown);
    }
    free(whole);
    is_int((int64_t)markdown_settled("a\n\nb", 4), 3, "a finished block is settled");
    is_int((int64_t)markdown_settled("a\n\n- b", 6), 0, "what may go on as a list is not");
    is_int((int64_t)markdown_settled("```\na\n\nb", 8), 0, "nothing inside a fence");
    return tap_end();
}
