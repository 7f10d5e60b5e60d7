/* imap_parse_inside.h - the cursor over a response; shared by the files of the parser only. */
#ifndef IO_IMAP_PARSE_INSIDE_H
#define IO_IMAP_PARSE_INSIDE_H

#include "io/imap_parse.h"

struct imap_cursor {
    char *p, *end;
    const struct imap_text *literals; /* those not taken yet */
    size_t literals_len;
    size_t parts, depth;         /* ceilings */
    size_t used;                 /* parts of this response */
    bool over;                   /* a ceiling was met */
    struct imap_response *out;
};

/* Each reads at the cursor and moves it; false: it is not there (the cursor may have moved). */
void imap_cursor_blanks(struct imap_cursor *c);
bool imap_cursor_char(struct imap_cursor *c, char what);
bool imap_cursor_number(struct imap_cursor *c, uint64_t *out);
bool imap_cursor_number32(struct imap_cursor *c, uint32_t *out); /* not 0 is up to the caller */
/* Up to a blank, parenthesis, quote or (outside flags) bracket; not empty. */
bool imap_cursor_word(struct imap_cursor *c, struct imap_text *out);
/* A string, a literal, or an atom; NIL gives nil. */
bool imap_cursor_string(struct imap_cursor *c, struct imap_text *out);
/* "(a b)" appended to a vec of struct imap_text; NIL is none. */
bool imap_cursor_list(struct imap_cursor *c, struct vec *out);
/* Any value, also nested: read over without recursion. */
bool imap_cursor_skip(struct imap_cursor *c);
/* One more part of this response; false when that is too many. */
bool imap_cursor_count(struct imap_cursor *c);

/* imap_parse_data.c: what stands behind the name of a response. */
bool imap_data_fetch(struct imap_cursor *c);
bool imap_data_list(struct imap_cursor *c);
bool imap_data_folder(struct imap_cursor *c);
bool imap_data_search(struct imap_cursor *c);
bool imap_data_esearch(struct imap_cursor *c);
bool imap_data_namespace(struct imap_cursor *c);

#endif
