/* SPDX-License-Identifier: GPL-3.0-or-later */
/* textmark.c - Markdown's spans in the styles of the screen. */
#include "base/markdown.h"
#include "tui/text.h"

/* The style of a span. */
static unsigned style_of(unsigned style)
{
    unsigned role = style & MARKDOWN_CODE   ? STYLE_CODE
                    : style & MARKDOWN_LINK ? STYLE_LINK
                    : style & MARKDOWN_QUOTE ? STYLE_QUOTE
                                             : STYLE_PLAIN;
    if (style & (MARKDOWN_BOLD | MARKDOWN_HEADING))
        role |= STYLE_BOLD;
    if (style & MARKDOWN_ITALIC)
        role |= STYLE_ITALIC;
    if (style & MARKDOWN_LINK)
        role |= STYLE_UNDERLINE;
    if (style & MARKDOWN_GONE)
        role |= STYLE_DIM;
    return role;
}

/* Text of a span. */
static void on_span(void *user, unsigned style, const char *text, size_t n)
{
    text_foreign(user, style_of(style), text, n);
}

/* A line ends. */
static void on_line(void *user)
{
    text_newline(user);
}

/* The indent of what follows. */
static void on_indent(void *user, int first, int rest)
{
    text_indent(user, first, rest);
}

void text_markdown(struct text *t, const char *markdown, size_t n, bool first)
{
    static const struct markdown_events events = {on_span, on_line, on_indent};
    markdown_render(markdown, n, first, &events, t);
}
