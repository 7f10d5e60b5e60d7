/* words.h - a line into words by the quoting rules of bureaurc: '…' as it stands, "…" with \" and
 * \\, a backslash before any other character, no expansion. Inside command/ only. */
#ifndef COMMAND_WORDS_H
#define COMMAND_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/vec.h"

struct word {
    char *text;        /* own, quotes taken off */
    size_t start, end; /* bytes of the line it stands on, quotes included */
    bool separator;    /* an unquoted ";" that ends a list */
    bool quoted;       /* some of it was in quotes or escaped */
};

/* vec of struct word. comments: an unquoted "#" at a word's start ends the line. USAGE with the
 * column (from 1) of an open quote; what was read till then is kept, the open word included. */
enum status words_split(const char *line, bool comments, struct vec *words, int *column,
                        struct error *err) MUST_CHECK;
void words_init(struct vec *words);
/* Reads the one word at *at (no white space, not the end) and moves behind it. */
enum status words_read(const char *line, size_t *at, struct word *out, int *column,
                       struct error *err) MUST_CHECK;

/* Nearest of the candidates by edits ("serch" → "search"), NULL when none is near. */
const char *words_near(const char *word, const struct vec *candidates /* strv */);

#endif
