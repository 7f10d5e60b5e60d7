/* checks_inside.h - what inbox/checks*.c share with triage and summary. */
#ifndef INBOX_CHECKS_INSIDE_H
#define INBOX_CHECKS_INSIDE_H

#include "inbox/checks.h"

struct draft;

/* Adds a finding; text is copied. */
struct check *checks_add(struct checks *c, enum check_kind kind, enum check_level level,
                         const char *text, size_t n);
/* The text with gaps, quotes with the line above them, a forwarded mail and the signature blanked
 * out, every byte at its place: what the draft itself states. Yours. */
char *checks_stated(const char *text);
/* What is worth a look before it is sent: a promised attachment, the subject, how many it goes to and
 * where, the name in the greeting. texts: struct check_text of the thread. */
void checks_send(const struct draft *d, const struct vec *texts, struct checks *out);
/* Is it larger than the server takes (0: unknown)? Files grow by more than a third on the way. */
void checks_size(const struct draft *d, int64_t most, struct checks *out);
/* The text without quoted lines, signature and forwarded original. Yours. */
char *checks_own_text(const char *text);
/* Joins lines of one paragraph: mail is wrapped at 72 columns, sentences are not. Every byte keeps
 * its place, so that findings point into the text as it is. Yours. */
char *checks_flat(const char *text);
/* The first "{{field}}" at or after from. */
bool checks_field(const char *text, size_t from, size_t *at, size_t *len);

/* A gap of a written text that stands there no more, because words stand in its place. */
struct check_settled {
    char *question; /* own */
    size_t at;      /* where in the text its answer begins */
};
/* What was settled between the text as it was written and as it stands; struct check_settled. */
void checks_settled(const char *written, const char *text, struct vec *out);

/* A fact: words of a text that can be right or wrong. */
struct check_fact {
    enum check_kind kind;
    size_t at, len;
    int64_t day;   /* dates: local midnight */
    double value;  /* amounts and numbers */
    bool exact;    /* an identifier: compared as text */
    bool phone;    /* compared by its digits */
    bool grave;    /* wrong, it costs money: account numbers, amounts, addresses, links */
};
/* All facts of a text written at `written`, in order; struct check_fact. */
void checks_facts(const char *text, int64_t written, struct vec *out);

#endif
