/* cite.h - which source bears which sentence of an answer; the program finds out, not the model.
 *
 * The answer is taken sentence by sentence. A model may write "[m12]" or "[n4@00:12:31]" behind a
 * claim: that is a hint. A source counts when its text holds the words of the claim (base/passage)
 * or, quoted, the very words; a hint that names nothing that was shown, or something that does not
 * bear the sentence, is dropped. What the program finds without a hint counts as well. */
#ifndef CHAT_CITE_H
#define CHAT_CITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "office/source.h"

struct cite_line {
    int source;   /* place in the list of sources found, -1: none bears the sentence */
    bool claimed; /* the model named a source here */
};

/* sources (struct chat_source, initialised here): each once, in the order of first use. lines
 * (struct cite_line, initialised here; may be NULL): sentences that carry words. dropped (may be
 * NULL): how many hints were wrong. cited (may be NULL): the answer is appended to it with the
 * hints that hold, those the program found put before the stop of their sentence. */
struct str;
void cite_answer(const char *answer, const struct source_list *given, struct vec *sources,
                 struct vec *lines, struct str *cited, int *dropped);

/* A cited answer with "[m12]" as "[1]" by the order of sources; hints that are not there vanish. */
void cite_number(const char *answer, const struct vec *sources, struct str *out);
/* Is there "[id]" at s (n bytes left)? *id_len is the id's length; the whole is two longer. */
bool cite_hint_at(const char *s, size_t n, size_t *id_len);

#endif
