/* found.h - what reading a body yields besides its text: links, hidden text, warnings. */
#ifndef READER_FOUND_H
#define READER_FOUND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/vec.h"

enum {
    FOUND_TEXT_MAX = 2 << 20,     /* bytes of text that are indexed and shown */
    FOUND_HIDDEN_MAX = 256 << 10,
    FOUND_LINKS_MAX = 1000,
    FOUND_WARNINGS_MAX = 50
};

struct found_link {
    char *text, *url; /* own; [n] in the text is the n-th, counted from 1 */
    size_t at;        /* where the text stood when it was found */
};

struct found {
    struct str text, hidden;
    struct vec links;    /* struct found_link */
    struct vec warnings; /* strv: "word: detail" */
    bool truncated;
};

void found_init(struct found *f);
void found_fini(struct found *f);
/* Returns the link's number, 0 when there are too many; an address seen before keeps its number. */
size_t found_add_link(struct found *f, const char *text, const char *url);
/* Adds "word: detail" (detail may be NULL), each only once. */
void found_warn(struct found *f, const char *word, const char *detail);
/* Hidden text, with a blank between two finds. */
void found_hide(struct found *f, const char *text, size_t n);
/* Forgets what was found since these lengths. */
void found_rewind(struct found *f, size_t text, size_t links);

#endif
