/* markdown.h - Markdown as lines of styled spans, for text that grows.
 *
 * The library is md4c and stays in markdown.c. A stream is rendered block by block: what lies
 * before markdown_settled() never changes again and need not be read again; only the open block at
 * the end is read anew with each piece. Raw HTML is text; links show where they lead; pictures show
 * their words. Nothing is fetched, no bytes are made harmless here: that is the gate's work. */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

enum markdown_style {
    MARKDOWN_BOLD = 1 << 0,
    MARKDOWN_ITALIC = 1 << 1,
    MARKDOWN_CODE = 1 << 2,
    MARKDOWN_HEADING = 1 << 3,
    MARKDOWN_LINK = 1 << 4,
    MARKDOWN_QUOTE = 1 << 5,
    MARKDOWN_GONE = 1 << 6,  /* struck out */
    MARKDOWN_MARK = 1 << 7   /* list marks, rules: our own signs */
};

struct markdown_events {
    /* Text without line ends. */
    void (*span)(void *user, unsigned style, const char *text, size_t n);
    void (*line)(void *user); /* the line ends; two in a row make an empty one */
    /* Cells of indent of the lines that follow: the first and those it wraps to. */
    void (*indent)(void *user, int first, int rest);
};

/* Renders n bytes that begin and end at blocks' borders (or at the end of the text). first: nothing
 * stands above, so no empty line parts it from what was. */
void markdown_render(const char *text, size_t n, bool first, const struct markdown_events *ev,
                     void *user);
/* The length of the blocks at the head of text that are finished: the rest may still change. */
size_t markdown_settled(const char *text, size_t n);

#endif
