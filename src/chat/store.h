/* store.h - conversations that are never lost: a tree of turns, their states and sources.
 *
 * A conversation (c7) holds turns (x31); each names the turn before it, so asking again from an
 * earlier one makes a branch; the head is the turn the next question goes on from. A question and
 * its answer are two turns. An answer is `running` while it streams (its text is the log of
 * store/textlog.h, owner "turn") and then ends in a word of enum model_state for good. */
#ifndef CHAT_STORE_H
#define CHAT_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "model/model.h"
#include "store/job.h"

struct db;

/* Where a sentence of an answer comes from: found by the program (cite.h). */
struct chat_source {
    char *id;                  /* own, as are all: "m12", "n4@00:12:31" */
    char *kind, *title, *who;  /* "mail", subject, "Tom Berger"; "" unknown */
    char *quote;               /* the sentence that bears it */
    int64_t date;              /* CLOCK_NONE unknown */
};
void chat_source_fini_item(void *item);

struct chat_turn {
    int64_t id, chat, parent; /* parent 0: the first */
    bool mine;                /* a question; else an answer */
    bool running;
    char *text, *reasoning;   /* own; as they came */
    char *cited;              /* own; the text with the citations that hold, "" when the same */
    char *state;              /* own: "complete" …, "running" */
    char *model, *provider, *host, *error, *cost, *currency; /* own; "" none */
    int64_t prompt_tokens, completion_tokens;                /* -1 unknown */
    bool estimated;
    int64_t created, finished; /* CLOCK_NONE while running */
    int64_t siblings, place;   /* turns with the same parent, and which of them it is (1…) */
    struct vec sources;        /* struct chat_source */
};
void chat_turn_fini_item(void *item);

/* NO_SUCH when there is none. Bounded: any connection. */
enum status chat_turn_get(struct db *db, int64_t id, struct chat_turn *out, struct error *err)
    MUST_CHECK;
/* The turns from the first to `leaf` (0: the conversation's head), at most the newest max. */
enum status chat_path(struct db *db, int64_t chat, int64_t leaf, int64_t max,
                      struct vec *out /* struct chat_turn, initialised here */, struct error *err)
    MUST_CHECK;

struct chat_row { /* borrowed */
    int64_t id, created, updated, head, turns;
    bool deleted, running;
    const char *title;
    const char *model; /* of the newest answer, "" */
};
/* Newest first; titles and texts holding `needle` (NULL: all). needle: title only, folded scan of
 * at most 2,000 conversations; texts are the search language's (kind:chat). */
enum status chat_list(struct db *db, const char *needle, int64_t limit,
                      bool (*on_row)(void *user, const struct chat_row *r), void *user,
                      struct error *err) MUST_CHECK;
enum status chat_get(struct db *db, int64_t id,
                     bool (*on_row)(void *user, const struct chat_row *r), void *user,
                     struct error *err) MUST_CHECK;
/* The conversation of a turn, 0 when there is none; its newest leaf below a turn. */
int64_t chat_of_turn(struct db *db, int64_t turn);
int64_t chat_newest_turn(struct db *db, int64_t chat); /* 0: none, or deleted */
int64_t chat_leaf(struct db *db, int64_t turn);
/* The turn beside this one (step 1, -1), 0 when none. */
int64_t chat_sibling(struct db *db, int64_t turn, int step);

/* ---- inside writing operations ---- */

struct chat_begin {
    int64_t chat;         /* in: 0 makes a new one; out */
    int64_t parent;       /* in: -1 the head, 0 the beginning, else that turn */
    const char *text;     /* the question */
    const char *material; /* JSON array of what was given along: ids, file names */
    const char *purpose;  /* "ask", "translate" */
    int64_t question, answer; /* out: the turns */
    struct job_claim job; /* out */
};
/* The question, an answer that runs, and its job in one step. NO_SUCH for another conversation. */
enum status chat_begin(struct db *db, struct chat_begin *b, struct error *err) MUST_CHECK;

struct chat_end {
    int64_t answer;
    struct job_claim job;
    enum model_state state;
    const char *text, *cited, *reasoning, *model, *provider, *host, *error, *cost, *currency;
    int64_t prompt_tokens, completion_tokens;
    bool estimated;
    const struct vec *sources; /* struct chat_source */
};
/* Folds the answer; STALE when another process took the job over (its mark stands). */
enum status chat_end(struct db *db, const struct chat_end *e, struct error *err) MUST_CHECK;
/* An answer whose process died: its text folded, marked cut. */
enum status chat_cut(struct db *db, int64_t answer, struct error *err) MUST_CHECK;
/* The next question goes on from this turn (a question: from the one before it). */
enum status chat_set_head(struct db *db, int64_t turn, struct error *err) MUST_CHECK;

/* Texts put aside (C-x k); newest first, at most 500. */
enum status chat_stash_put(struct db *db, const char *text, struct error *err) MUST_CHECK;
enum status chat_stash_drop(struct db *db, int64_t id, struct error *err) MUST_CHECK;
enum status chat_stash_list(struct db *db,
                            bool (*on_row)(void *user, int64_t id, int64_t made, const char *text),
                            void *user, struct error *err) MUST_CHECK;

/* Journal fields "chat.title" and "chat.deleted" ("1", "0"); ref is the conversation. */
void chat_store_register(void);

/* A model's title, unless a person gave one or a model did before. */
enum status chat_title_made(struct db *db, int64_t chat, const char *title, struct error *err) MUST_CHECK;
/* A title of a question: its first sentence, cut. Yours. */
char *chat_title(const char *question);

#endif
