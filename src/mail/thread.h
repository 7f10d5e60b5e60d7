/* thread.h - conversations: messages joined by References and In-Reply-To; by subject only
 * where topic.c says so, and by hand (regroup.c).
 *
 * Each thread is one row that holds all a list shows, kept up to date by the writer, so the list
 * screen reads it by index with a LIMIT. A reference that joins two threads merges them: the older
 * id stays, the other becomes its alias for ever. Lane, due day, snooze and mute are the thread's;
 * they change through change.h. */
#ifndef MAIL_THREAD_H
#define MAIL_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "store/db.h"

/* The order of the list. The words are the contract's; NONE: not sorted yet, "". */
enum mail_lane {
    MAIL_LANE_NONE,
    MAIL_LANE_ANSWER,
    MAIL_LANE_ACT,
    MAIL_LANE_WAIT,
    MAIL_LANE_MEET,
    MAIL_LANE_FYI,
    MAIL_LANE_BULK,
    MAIL_LANE_RISK,
    MAIL_LANE_DONE,
    MAIL_LANES
};
const char *mail_lane_word(enum mail_lane lane);                  /* "answer"; "" for NONE */
const char *mail_lane_name(enum mail_lane lane);                  /* as a person reads it, at most six cells */
const char *mail_lane_value(const char *word);                    /* the name of the lane of a word, else the word */
bool mail_lane_parse(const char *word, enum mail_lane *out);      /* "" is NONE */

struct mail_thread {
    int64_t id;
    int64_t key;           /* doc key of its newest message: the order of lists, unique */
    int64_t date;          /* of the newest message */
    int64_t count, unread; /* messages */
    unsigned flags;        /* enum doc_flag of all messages, ORed; SNOOZED and MUTED of the thread */
    enum mail_lane lane;
    int64_t files;         /* attachments */
    int64_t asks;          /* open questions, as triage counted them */
    int64_t draft;         /* newest waiting draft, 0 none */
    int64_t snooze;        /* until; 0 none */
    int64_t woken;         /* when a snooze ended last; 0 never */
    int64_t newest;        /* message ids; the newest that is not mine is what reply answers (0) */
    int64_t newest_foreign;
    bool open;             /* shown in the inbox: something of it lies in an inbox, not done, … */
    bool sorted;           /* triage has seen its newest message */
    char *subject;         /* own; of the oldest message */
    char *people;          /* own; see mail_thread_people */
    char *due;             /* own; "YYYY-MM-DD" or NULL */
};
void mail_thread_fini(struct mail_thread *t);
void mail_thread_fini_item(void *item);

/* The living id of a thread: follows aliases; 0 when there never was one. */
int64_t mail_thread_id(struct db *db, int64_t id);
/* NO_SUCH; aliases are followed. */
enum status mail_thread_get(struct db *db, int64_t id, struct mail_thread *out, struct error *err)
    MUST_CHECK;
/* Its messages, oldest first: struct mail_row. */
enum status mail_thread_messages(struct db *db, int64_t id, struct vec *rows, struct error *err)
    MUST_CHECK;
/* Ids only, oldest first: int64_t. */
enum status mail_thread_ids(struct db *db, int64_t id, struct vec *ids, struct error *err)
    MUST_CHECK;

enum mail_view {
    MAIL_VIEW_INBOX,    /* open threads: by lane, then newest first */
    MAIL_VIEW_LANE,     /* open threads of one lane, newest first; lane DONE: all that are done */
    MAIL_VIEW_FOLDER,   /* threads with a message in the folder, newest first */
    MAIL_VIEW_ALL,      /* newest first */
    MAIL_VIEW_UNSORTED, /* open and not seen by triage, newest first */
    MAIL_VIEW_SNOOZED,  /* by the time they come back */
    MAIL_VIEW_MUTED,    /* newest first */
    MAIL_VIEW_IDS       /* these thread ids in this order (a search's result) */
};
struct mail_filter {
    enum mail_view view;
    enum mail_lane lane;
    int64_t folder;
    const int64_t *ids; /* borrow */
    size_t ids_len;
};
/* Rows behind this one (all zero: from the top): the lane and key of the last row seen; for IDS
 * key is the number of ids to skip. */
struct mail_cursor {
    enum mail_lane lane;
    int64_t key;
};
/* Appends struct mail_thread to rows (made by mail_thread_rows_init). */
void mail_thread_rows_init(struct vec *rows);
enum status mail_thread_list(struct db *db, const struct mail_filter *f, struct mail_cursor after,
                             size_t limit, struct vec *rows, struct error *err) MUST_CHECK;
/* Open threads and unread ones among them, by lane. Kept by the writer: two small reads. */
struct mail_counts {
    int64_t threads[MAIL_LANES], unread[MAIL_LANES];
    int64_t all_unread; /* threads with something unread in the inbox */
    int64_t messages;   /* stored */
};
enum status mail_thread_counts(struct db *db, struct mail_counts *out, struct error *err) MUST_CHECK;

/* "Tom Berger, me": names of the senders, newest last, own as "me". Yours; foreign text. */
char *mail_thread_people(const struct mail_thread *t);

/* ---- writers (inside an operation); not journalled: change.h does that ---- */

/* Works the row out anew from its messages. */
enum status mail_thread_refresh(struct db *db, int64_t id, struct error *err) MUST_CHECK;
enum status mail_thread_set_lane(struct db *db, int64_t id, enum mail_lane lane, struct error *err)
    MUST_CHECK;
enum status mail_thread_set_due(struct db *db, int64_t id, const char *day, struct error *err)
    MUST_CHECK;
enum status mail_thread_set_snooze(struct db *db, int64_t id, int64_t until, struct error *err)
    MUST_CHECK;
enum status mail_thread_set_muted(struct db *db, int64_t id, bool on, struct error *err) MUST_CHECK;
/* What triage and drafting add to the row; no undo. */
enum status mail_thread_set_asks(struct db *db, int64_t id, int64_t asks, struct error *err) MUST_CHECK;
enum status mail_thread_set_draft(struct db *db, int64_t id, int64_t draft, struct error *err)
    MUST_CHECK;
/* Triage has seen it up to its newest message. */
enum status mail_thread_set_sorted(struct db *db, int64_t id, struct error *err) MUST_CHECK;

#endif
