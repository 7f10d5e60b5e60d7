/* checks.h - is what the draft says borne out by the thread, and is what was asked answered?
 *
 * Pure: text in, findings out. The program finds the source, not the model. Facts (dates, amounts,
 * numbers, names, addresses, links) of the draft are looked for in the thread, in what the person
 * typed as the instruction and in the person's own earlier versions; the questions of the newest
 * mail are matched with the sentences of the draft; open gaps and template fields block. */
#ifndef INBOX_CHECKS_H
#define INBOX_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/vec.h"

struct db;

enum check_kind {
    CHECK_DATE, CHECK_AMOUNT, CHECK_NUMBER, CHECK_NAME, CHECK_ADDRESS, CHECK_LINK,
    CHECK_ASK,       /* a question or request of the mail: ok when the draft answers it */
    CHECK_GAP,       /* "[yes/no: …]": the person decides */
    CHECK_FIELD,     /* "{{name}}" of a template not filled */
    CHECK_RECIPIENT, /* none, or somebody the thread never saw */
    CHECK_STREAM,    /* the text ended before its end (cut, limited, cancelled) */
    CHECK_ATTACHMENT, /* the text promises a file and there is none */
    CHECK_SUBJECT,   /* none */
    CHECK_MANY,      /* goes to more people than send.many */
    CHECK_OUTSIDE,   /* some of them are outside the organisation, others inside */
    CHECK_GREETING,  /* greets somebody it does not go to */
    CHECK_SIZE       /* larger than the account's server took last time */
};
const char *check_kind_word(enum check_kind k); /* the contract's */
const char *check_kind_name(enum check_kind k); /* as a person reads it */

enum check_level {
    CHECK_FINE,
    CHECK_WARN,  /* shown; a person may send all the same */
    CHECK_BLOCK, /* refused unless accepted by its id */
    CHECK_NEVER  /* cannot be accepted: gap, field, no recipient */
};

struct check {
    char id[12]; /* "k1": in the order of the draft, stable for one hash */
    enum check_kind kind;
    enum check_level level;
    bool ok;
    bool own;          /* a fact that only what the person asked for, is known by or stood by bears out */
    char *text;        /* own: the words of the draft, or of the question */
    size_t at, len;    /* where in the draft; len 0: nowhere */
    int64_t message;   /* the source, 0 when none */
    int line;          /* line of the message's text, from 1 */
    char *quote;       /* own: the source's sentence; "" */
};

struct checks {
    struct vec items; /* struct check */
    int facts_found, facts_own, facts_missing, bad /* addresses that are none */, asks, answered, gaps;
    bool sendable;    /* nothing above CHECK_WARN */
};

struct check_text { /* a text that may bear a fact out; borrowed */
    int64_t message;  /* 0: the person's own words */
    int64_t date;     /* when it was written */
    bool mine, asks;  /* its questions are to be answered (the mail that is replied to) */
    const char *text, *subject, *people; /* people: "name <address>, …" of all its headers */
    const char *written; /* what a model wrote of this mail of mine before it was sent; NULL: nothing. It
                            bears nothing out, nor does what others quote of it */
};

struct check_input {
    const char *text, *subject, *recipients;
    int64_t now;
    bool has_recipient;
    const char *made;              /* how the stream ended, "" */
    const char *model_text;        /* newest text by a model or offline; NULL: a person wrote all */
    const struct vec *sources;     /* struct check_text, oldest first */
    const struct vec *accepted;    /* strv: facts, in the draft's words, that the person stood by; NULL: none */
};

/* Can it stand in the thread or not? */
bool check_is_fact(const struct check *c);
void checks_init(struct checks *c);
void checks_fini(struct checks *c);
void checks_run(const struct check_input *in, struct checks *out);
/* Gathers the input of a stored draft and runs. Bounded: any connection. */
enum status checks_of_draft(struct db *db, int64_t draft, struct checks *out, struct error *err)
    MUST_CHECK;
/* "facts: 2 in thread, 1 by you, 1 not found (12 月 2 日)  asks 2, answered 1, 1 for you"; shorter, with its numbers, when
 * that takes more than cols cells (0: any). Yours. */
char *checks_line(const struct checks *c, int cols);
/* The contract's array. */
struct json *checks_json(const struct checks *c);
/* The first gap at or after `from`: its place, its question (yours); false when none. */
bool checks_gap(const char *text, size_t from, size_t *at, size_t *len, char **question);
/* The same in a loop over all gaps: `from` is 0, then the end of the gap before; a pass over the text costs its length. */
bool checks_gap_next(const char *text, size_t from, size_t *at, size_t *len, char **question);

/* Questions and requests of a text, used by triage as well. */
struct check_ask {
    size_t at, len;  /* the sentence */
    bool question;   /* ends as one; else a request ("please confirm …") */
    bool yes_no;     /* can be answered by yes or no */
    double strength; /* 0…1 */
};
size_t checks_find_asks(const char *text, struct check_ask *out, size_t max);

#endif
