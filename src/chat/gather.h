/* gather.h - what an answer may draw on: passages of the office, things named, files given.
 *
 * gather_office is a question for the finder (or batch, in place): the question's content words
 * over the whole index, ranked, then of each hit the sentences that share most words with it. */
#ifndef CHAT_GATHER_H
#define CHAT_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "office/source.h"

struct db;

#define GATHER_DOCS 40      /* ranked hits that are looked into */
#define GATHER_PASSAGES 10  /* passages handed on */
#define GATHER_BYTES 700    /* of one passage */
#define GATHER_WHOLE 200000 /* bytes of one thing that was named */

/* Passages for the question, best first. skip_chat: a conversation that must not quote itself. */
enum status gather_office(struct db *db, const char *question, int64_t now, int64_t skip_chat,
                          struct source_list *out, struct error *err) MUST_CHECK;
/* A thing that a person named, whole: m12, t5, n4, c7, x31 … NO_SUCH when it does not exist. */
enum status gather_thing(struct db *db, const char *id, struct source_list *out,
                         struct error *err) MUST_CHECK;
/* Bytes that a person gave (a file, stdin): must be text (CORRUPT when not UTF-8 or with NUL). */
enum status gather_bytes(const char *name, const char *bytes, size_t n, struct source_list *out,
                         struct error *err) MUST_CHECK;
/* The bytes of all texts. */
int64_t gather_size(const struct source_list *l);

/* What "@word" in a question may mean, newest first: threads by subject or people, notes and meetings
 * by title. One: "@t5 "; several: "@t5 Tom Berger: Contract draft" (strv). Bounded. */
void chat_mentions(struct db *db, const char *word, struct vec *out);

#endif
