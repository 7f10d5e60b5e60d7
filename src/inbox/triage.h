/* triage.h - the lane of a thread, with the reason, the words it rests on, and what is due.
 *
 * Order of judgement: what a person said about this thread (stands until a new mail comes), my own
 * mail last (wait, act, done), spoof and phishing signs (risk), what corrections taught about the
 * sender and the words (naive Bayes), bounces, calendar (meet), list and machine facts (bulk),
 * questions and requests to me (answer, act), else fyi. By a model when one may
 * be used: its lane must be one of the words and its quote must stand in the mail, else facts win.
 * triage_judge is pure over a connection: it may run on the finder. */
#ifndef INBOX_TRIAGE_H
#define INBOX_TRIAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/vec.h"
#include "mail/thread.h"

struct db;
struct store;
struct journal;

/* "Wants an answer": what a lane is called in headings and menus; translated. */
const char *triage_label(enum mail_lane lane);

struct triage {
    int64_t thread, newest; /* newest: the message it was judged up to */
    enum mail_lane lane;
    char *reason;          /* own: one short sentence, in the language it is read in (a model's as it came) */
    char *code;            /* own: what it is made of, and what is stored; "" for a model's */
    char *quote;           /* own: words of a mail, "" */
    int64_t quote_message; /* 0 */
    int64_t due;           /* local midnight, CLOCK_NONE */
    char *due_words;       /* own: as written, "" */
    int asks;              /* open questions and requests to me */
    double confidence;     /* 0…1 */
    char *by;              /* own: rule fact learned model offline, or "me" */
};
void triage_fini(struct triage *t);

/* What is stored: MAIL_LANE_NONE when not sorted yet. One index lookup. */
enum status triage_get(struct db *db, int64_t thread, struct triage *out, struct error *err) MUST_CHECK;
/* Works it out by facts and what was learned; changes nothing. */
enum status triage_judge(struct db *db, int64_t thread, int64_t now, struct triage *out,
                         struct error *err) MUST_CHECK;
struct json *triage_json(const struct triage *t);
const char *triage_by_name(const char *by); /* as a person reads it */

/* Sorts threads that have mail newer than their judgement, on the finder, stored in batches by the
 * writer; on_done once (sorted may be 0). Newest first. The hook after import and sync. */
struct triage_run;
struct triage_events {
    void (*on_thread)(void *user, const struct triage *t); /* may be NULL */
    void (*on_done)(void *user, int sorted, const struct error *err);
};
struct triage_request {
    const struct vec *threads; /* int64_t; NULL: all that need it */
    bool again;                /* also those judged already (not those a person set) */
    bool dry, offline;
    const char *model;         /* NULL: background choice */
    bool asked;                /* a person asked: a model may be used without model.background */
};
struct triage_run *triage_start(struct store *s, const struct triage_request *req,
                                const struct triage_events *ev, void *user);
void triage_cancel(struct triage_run *r);

/* ---- inside writing operations ---- */

/* A person's word: sets the lane (MAIL_FIELD_LANE), teaches sender and words. *changed
 * may be NULL. Undo unlearns. */
enum status triage_correct(struct db *db, struct journal *j, int64_t thread, enum mail_lane lane,
                           bool *changed, struct error *err) MUST_CHECK;
enum status triage_store(struct db *db, const struct triage *t, struct error *err) MUST_CHECK;

#endif
