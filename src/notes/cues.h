/* cues.h - what a transcript says by its own words: decisions, tasks, open questions, in English
 * and Chinese. Pure; the offline engine of minutes, and the names that owners are matched with. */
#ifndef NOTES_CUES_H
#define NOTES_CUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "notes/store.h"

struct cue {
    enum minutes_section section;
    size_t segment, start, len; /* the sentence in the segment's text */
    const char *owner;          /* a speaker's name, borrowed from a segment; NULL nobody */
    size_t skip;                /* bytes of its head that say only who ("I will ") */
};

/* All cues in order; a task said twice is one (the one with an owner). written: when it was said,
 * for dates. */
void cues_find(const struct vec *segments, int64_t written, struct vec *out /* struct cue */);
/* The speaker a name stands for ("Tom", "tom berger"): borrowed from a segment; NULL none. */
const char *cues_speaker(const struct vec *segments, const char *name, size_t n);

#endif
