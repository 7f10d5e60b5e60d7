/* search_tree.h - a query as a tree, between search_parse.c (text → tree), search_sql.c (tree → SQL)
 * and search.c (running it). */
#ifndef STORE_SEARCH_TREE_H
#define STORE_SEARCH_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/search.h"
#include "store/tokenizer.h"

/* Columns of the index, in its order. */
enum search_column {
    SEARCH_BODY = 1 << 0,
    SEARCH_SUBJECT = 1 << 1,
    SEARCH_SENDER = 1 << 2,
    SEARCH_RECIPIENTS = 1 << 3,
    SEARCH_CC = 1 << 4,
    SEARCH_FILES = 1 << 5,
    SEARCH_COLUMNS = 6,
    SEARCH_ANYWHERE = (1 << 6) - 1
};

enum search_op {
    SEARCH_ALL,    /* everything */
    SEARCH_AND,
    SEARCH_OR,
    SEARCH_NOT,
    SEARCH_TEXT,   /* runs, in order, side by side */
    SEARCH_KIND,   /* low: enum doc_kind */
    SEARCH_FLAG,   /* low: one bit of enum doc_flag */
    SEARCH_FOLDER, /* text: its folded name */
    SEARCH_LABEL,  /* text: its folded name */
    SEARCH_LANE,   /* text: the word; NULL: none */
    SEARCH_THREAD, /* low: kind, high: its id */
    SEARCH_IDENT,  /* text: without <> */
    SEARCH_TIME,   /* low ≤ date < high, seconds */
    SEARCH_DUE,    /* text ≤ due ≤ text2, days; either may be NULL */
    SEARCH_OWNER   /* text: folded, a part of the name */
};

struct search_run_of { /* a word or a stretch of CJK */
    char *text; /* own; folded, unstemmed */
    size_t len;
    bool cjk;
};

struct search_node {
    enum search_op op;
    struct vec children; /* struct search_node *, own */
    unsigned columns;    /* SEARCH_TEXT: bits */
    struct vec runs;     /* SEARCH_TEXT: struct search_run_of */
    bool prefix;         /* the last word is the beginning of one */
    int64_t low, high;
    char *text, *text2; /* own */
};

struct search_node *search_node_new(enum search_op op);
void search_node_free(struct search_node *n);
/* USAGE with "column N: …". now: for today and 7d. */
enum status search_parse(const char *query, int64_t now, struct search_node **out,
                         struct error *err) MUST_CHECK;
/* A range of days or seconds as the fields date: and due: have it; false when it is none. */
bool search_range(const char *text, int64_t now, int64_t *low, int64_t *high);
/* 7d, 12h, 2w, 3m, 1y before now; false when it is none. */
bool search_age(const char *text, int64_t now, int64_t *since);

/* SQL made of a tree: a statement over doc d, doc_fts f, doc_text t, and its values in order. */
struct search_value {
    char *text; /* own; NULL: number */
    int64_t number;
};
struct search_sql {
    struct str from, where;
    struct vec values; /* struct search_value */
    bool indexed;      /* the index leads: f.rowid is the key and f.rank the rank */
    bool scan;         /* given: texts that search_sql_is_wide tells of are looked for in the rows */
};
void search_sql_init(struct search_sql *s);
void search_sql_fini(struct search_sql *s);
/* Before the others: the tree as this store's index has its words. */
void search_sql_prepare(struct db *db, struct search_node *root);
void search_sql_make(struct db *db, const struct search_node *root, const struct search_options *o,
                     struct search_sql *out);
/* Must hold the beginning of very many words ("a*")? */
bool search_sql_is_wide(const struct search_node *root);

/* A line or two of the first `scan` bytes of a text that hold the words of the query; *place: where they
 * begin. Yours. */
char *search_snippet(struct tokenizer *t, const struct search_node *root, const char *text,
                     size_t scan, size_t *place);
/* Registers the function has_text(key, columns, runs), which looks at the text itself. */
enum status search_register(struct db *db, struct error *err) MUST_CHECK;

#endif
