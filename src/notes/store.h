/* store.h - notes, meetings with their transcripts, and minutes whose lines point into them.
 *
 * A note (n4) is a text that a person writes; a meeting (also n) holds segments: who said what from
 * when to when. Typing goes to store/textlog.h (owner "note") and is folded into the text, which is
 * journalled once for each fold. Minutes have versions; each line points to segments. */
#ifndef NOTES_STORE_H
#define NOTES_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/model.h"
#include "store/job.h"

struct db;

struct note_segment {
    int64_t start_ms, end_ms; /* -1 unknown */
    char *speaker, *text;     /* own; speaker "" unknown */
};
void note_segment_fini_item(void *item);

struct note {
    int64_t id;
    bool meeting, deleted;
    char *title, *text;        /* own; text with what is being typed; "" for a meeting */
    int64_t date;              /* when it took place or was written */
    int64_t created, updated;
    int64_t duration_ms;       /* 0 unknown */
    int64_t cursor;            /* of the typing, -1 */
    struct vec segments;       /* struct note_segment; empty unless asked for */
};
void note_free(struct note *n);

struct note_row { /* borrowed */
    int64_t id, date, updated, segments, minutes; /* minutes: newest version, 0 none */
    bool meeting, typing;
    const char *title, *snippet;
};

/* NO_SUCH when there is none (a deleted one too). Bounded: any connection. */
enum status note_get(struct db *db, int64_t id, bool segments, struct note **out,
                     struct error *err) MUST_CHECK;
/* Newest first. */
enum status note_list(struct db *db, const char *needle, int64_t limit,
                      bool (*on_row)(void *user, const struct note_row *r), void *user,
                      struct error *err) MUST_CHECK;
/* "Anna Li, Li Na" in order of first word. Yours. */
char *note_speakers(const struct vec *segments);
/* The transcript as lines "[00:12:31] Li Na: …"; what the search finds and a model is shown. */
void note_transcript(const struct vec *segments, struct str *out);
/* "00:12:31". Returns buf. */
#define NOTE_TIME 16
const char *note_time(int64_t ms, char buf[NOTE_TIME]);
/* The title of a text: its first line without "#"; NULL when there is none. Yours. */
char *note_title(const char *text);

/* ---- inside writing operations ---- */

struct note_new {
    const char *title, *text;   /* title NULL: of the text */
    const struct vec *segments; /* struct note_segment: a meeting; NULL: a note */
    int64_t date;
    const char *hash;           /* of the imported bytes, NULL: written here */
    int64_t id;                 /* out; the one that is there when duplicate */
    bool duplicate;             /* out */
};
enum status note_create(struct db *db, struct note_new *n, struct error *err) MUST_CHECK;
/* What was typed becomes the text (one journal batch); *changed may be NULL. */
enum status note_fold(struct db *db, int64_t id, bool *changed, struct error *err) MUST_CHECK;
/* Folds what dead programs left; called at start and by the pane when it opens. */
enum status note_recover(struct db *db, struct error *err) MUST_CHECK;

/* Journal fields "note.text", "note.title", "note.deleted", "note.minutes" (lines of the newest
 * version as JSON). */
void note_store_register(void);

/* ---- minutes ---- */

enum minutes_section { MINUTES_SUMMARY, MINUTES_DECISION, MINUTES_TASK, MINUTES_QUESTION };

struct minutes_ref {
    int64_t segment;  /* place in the transcript, from 0 */
    int64_t start_ms; /* -1 unknown */
};

struct minutes_line {
    enum minutes_section section;
    char *text;             /* own; of a task: what */
    char *owner;            /* own; "" nobody */
    char *due, *due_words;  /* own; "YYYY-MM-DD" and as said; "" none */
    struct vec refs;        /* struct minutes_ref, best first */
    bool supported;
};
void minutes_line_fini_item(void *item);

struct minutes {
    int64_t id, note, version, created;
    bool running;
    char *style, *by, *state, *text; /* own; text: the answer as it came */
    struct vec lines;                /* struct minutes_line */
};
void minutes_free(struct minutes *m);
/* version 0: the newest; NO_SUCH when there is none. */
enum status minutes_get(struct db *db, int64_t note, int64_t version, struct minutes **out,
                        struct error *err) MUST_CHECK;
/* Lines as JSON text and back (the journal's value; what `E` edits). */
char *minutes_lines_json(const struct vec *lines);
enum status minutes_lines_parse(const char *json, struct vec *lines, struct error *err) MUST_CHECK;

/* Inside writing operations: a version that streams (log owner "minutes"), and its end. */
struct minutes_begin {
    int64_t note;
    const char *style;
    int64_t id, version;  /* out */
    struct job_claim job; /* out */
};
enum status minutes_begin(struct db *db, struct minutes_begin *b, struct error *err) MUST_CHECK;
struct minutes_end {
    int64_t id;
    struct job_claim job;
    enum model_state state;
    const char *text, *by, *error;
    const struct vec *lines; /* struct minutes_line */
};
enum status minutes_end(struct db *db, const struct minutes_end *e, struct error *err) MUST_CHECK;

#endif
