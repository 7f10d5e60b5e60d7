/* minutes.h - minutes whose every line points to the moment it comes from.
 *
 * A model (or the offline engine) writes plain Markdown with four headings; it streams and reads
 * well as it comes. minutes_parse takes the lines out of it, minutes_link finds for each line the
 * segment that bears it by the words they share; what has none is not supported. Due dates count
 * only when the transcript names the same day near the line's source, owners only when they are
 * named or speak in it. Both are pure. */
#ifndef NOTES_MINUTES_H
#define NOTES_MINUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/vec.h"
#include "notes/store.h"

struct store;

/* Appends the lines of an answer. Unknown headings are part of the summary. */
void minutes_parse(const char *answer, struct vec *lines /* struct minutes_line */);
/* Finds refs, owner, due and supported of each line. */
void minutes_link(struct vec *lines, const struct vec *segments, int64_t date);
/* The offline way: Markdown of the same form. */
void minutes_offline(const struct vec *segments, int64_t date, struct str *out);
/* Reads a transcript back from note_transcript's lines (what a model source holds). */
void minutes_read_transcript(const char *text, struct vec *segments);

/* {"summary":[…],"decisions":[…],"tasks":[…],"questions":[…]} added to o. */
void minutes_json(const struct vec *lines, int64_t note, struct json *o);
/* The line's place "n4@00:12:31". Yours; NULL when it has none. */
char *minutes_ref_id(int64_t note, const struct minutes_ref *r);
/* For people and files: headings, numbered lines, owner, due, what they rest on. */
void minutes_text(const struct minutes *m, const struct note *n, struct str *out);
const char *minutes_heading(enum minutes_section s); /* translated */

/* ---- a run: a version that is being written ---- */

struct minutes_run;

struct minutes_result { /* borrowed during on_done */
    int64_t note, version;
    enum model_state state;
    struct error error;
    const char *by, *text;
    const struct vec *lines; /* struct minutes_line */
    const struct model_result *model;
};

struct minutes_events { /* all but on_done may be NULL */
    void (*on_begin)(void *user, int64_t version);
    void (*on_egress)(void *user, const char *where, int passages, int64_t bytes);
    void (*on_delta)(void *user, const char *text, size_t n);
    void (*on_wait)(void *user, int seconds, const char *why);
    void (*on_done)(void *user, const struct minutes_result *r); /* exactly once */
};

/* style: the person's words ("short, for the customer"), NULL. on_done also tells NO_SUCH, an
 * unknown model, a meeting without a transcript. */
struct minutes_run *minutes_start(struct store *s, int64_t note, const char *style,
                                  const char *model, bool offline, const struct minutes_events *ev,
                                  void *user);
/* A dry run: told, not stored; version 0 at the end. Right after the start. */
void minutes_keep_nothing(struct minutes_run *r);
void minutes_cancel(struct minutes_run *r);
void minutes_forget(struct minutes_run *r); /* no more events; it goes on and is stored */
struct minutes_run *minutes_find(int64_t note); /* of this process; NULL */
const char *minutes_so_far(const struct minutes_run *r, size_t *n);
void minutes_listen(struct minutes_run *r, const struct minutes_events *ev, void *user);

#endif
