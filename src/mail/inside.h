/* inside.h - what the files of this folder share and nobody else needs. */
#ifndef MAIL_INSIDE_H
#define MAIL_INSIDE_H

#include "base/vec.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "store/journal.h"

/* ---- join.c: which thread a message belongs to ---- */

/* A Message-ID as the key of mail_ref; never 0. */
int64_t mail_join_key(const char *message_id);
/* The id of a conversation as the account's server counts them; yours. No mail can name it. */
char *mail_join_server_id(const char *account, uint64_t thrid);
/* The thread of all Message-IDs the mail names, `also` (or NULL) behind them: found, merged when they
 * name several, or made (*made) unless `hint` (0: none) stands in. Threads that a person split are not
 * merged: the closest id decides. merged (int64_t) gets threads that went into another. */
enum status mail_join(struct db *db, const struct mail_message *m, const char *also, int64_t hint,
                      int64_t *thread, bool *made, struct vec *merged, struct error *err) MUST_CHECK;
/* Two threads become one, the older one; *into is it, merged gets the other. Nothing when either
 * was split by hand. */
enum status mail_join_threads(struct db *db, int64_t *into, int64_t other, struct vec *merged,
                              struct error *err) MUST_CHECK;
/* The same for a message whose bytes came later and name one more mail; *thread is where it stands. */
enum status mail_join_late(struct db *db, const char *named, int64_t *thread, struct vec *merged,
                           struct error *err) MUST_CHECK;
/* The same of a message that is stored, its threads worked out anew. */
enum status mail_join_message(struct db *db, const char *named, int64_t message, struct error *err) MUST_CHECK;
/* Remembers that own is this message's, unless an earlier one has it. */
enum status mail_join_own(struct db *db, const char *own, int64_t message, struct error *err) MUST_CHECK;

/* ---- topic.c: answers that name no mail ---- */

struct mail_topic {
    int64_t key; /* of the subject without prefixes; 0: takes no part */
    bool orphan; /* an answer that names no mail */
};
void mail_topic_read(const struct mail_message *m, struct mail_topic *t);
int64_t mail_topic_key(const char *subject, bool *answer);
/* The thread an orphan belongs to; 0 none, then it waits (mail_topic_wait). */
enum status mail_topic_find(struct db *db, const struct mail_message *m, const struct mail_topic *t,
                            int64_t date, int64_t *thread, struct error *err) MUST_CHECK;
enum status mail_topic_wait(struct db *db, const struct mail_topic *t, int64_t message,
                            struct error *err) MUST_CHECK;
/* Threads (int64_t; yours) of orphans that waited for this mail. */
enum status mail_topic_fetch(struct db *db, const struct mail_message *m, const struct mail_topic *t,
                             int64_t date, struct vec *threads, struct error *err) MUST_CHECK;

/* ---- regroup.c: by hand ---- */

enum status mail_regroup_get(struct db *db, int64_t ref, struct str *out, struct error *err);
enum status mail_regroup_set(struct db *db, int64_t ref, const char *value, struct error *err);
/* The message and what answers it get a thread of their own; *why: left as it is. moved (int64_t). */
enum status mail_regroup_split(struct db *db, struct journal *j, int64_t message, struct vec *moved,
                               const char **why, struct error *err) MUST_CHECK;
enum status mail_regroup_join(struct db *db, struct journal *j, int64_t into, int64_t from,
                              struct vec *moved, struct error *err) MUST_CHECK;

/* ---- thread.c ---- */

/* What an import knows besides the rows. */
struct mail_refresh {
    int64_t horizon; /* CLOCK_NONE: none */
    /* The lane that the docs of the new messages were given, when all got the same; MAIL_LANES:
     * unknown, so they are written again. */
    enum mail_lane doc_lane;
    bool added;      /* messages came */
};
enum status mail_thread_refresh_with(struct db *db, int64_t id, const struct mail_refresh *r,
                                     struct error *err) MUST_CHECK;
/* Takes a row out of the counts per lane, until its next refresh. */
enum status mail_thread_uncount(struct db *db, int64_t id, struct error *err) MUST_CHECK;

/* Sets or clears a flag (snoozed, muted) on the docs of all its messages. */
enum status mail_thread_flag(struct db *db, int64_t id, unsigned flag, bool on,
                             struct error *err) MUST_CHECK;

/* ---- store.c ---- */

/* Flags of the message and its doc; its thread's row stays as it is. */
enum status mail_message_set_flags_plain(struct db *db, int64_t id, unsigned set, unsigned clear,
                                         struct error *err) MUST_CHECK;

/* ---- people.c ---- */

/* Counts this message's people: written when it is mine, else seen. At most MAIL_PEOPLE_MOST. */
#define MAIL_PEOPLE_MOST 20
struct mail_people; /* counted in memory, written at the end of an operation */
struct mail_people *mail_people_new(void);
void mail_people_count(struct mail_people *p, const struct mail_message *m, int64_t date, bool mine);
enum status mail_people_write(struct mail_people *p, struct db *db, struct error *err) MUST_CHECK;
void mail_people_free(struct mail_people *p);

/* ---- add.c ---- */

/* How the bytes are kept: not at all (they are stored already), packed by themselves, or held in
 * `whole` to be packed with those of other mails (large ones apart from their text, which is read more often). */
enum mail_keep { MAIL_KEEP_NONE, MAIL_KEEP_ALONE, MAIL_KEEP_TOGETHER };
/* The two halves of mail_new_make: from the bytes alone, and when the reader has answered (message
 * taken; NULL: unreadable). */
struct mail_new *mail_new_pack(const void *bytes, size_t n, const unsigned char hash[MAIL_HASH],
                               enum mail_keep keep);
void mail_new_finish(struct mail_new *n, struct mail_message *message);
/* `whole` lies at `at` of a bundle: fills packed, head and body with the places. */
void mail_new_place(struct mail_new *n, int64_t bundle, size_t at);
/* Of a stored message (n->id, MAIL_KEEP_NONE, its own hash): text, files, flags and report become what the reader says
 * now, its words are queued for the index. NO_SUCH when it is gone. */
enum status mail_read_anew(struct db *db, struct mail_new *n, struct error *err) MUST_CHECK;
/* The places are not needed after all. */
enum status mail_new_drop(struct db *db, const struct mail_new *n, struct error *err) MUST_CHECK;

/* ---- reread.c ---- */

struct hook_work;
extern const struct hook_work mail_reread_work;

/* ---- store.c ---- */

/* The bytes of a mail from what stands in mail_content.raw: a BLOB for bundle_read, or MAIL_BYTES_LINES
 * and one whose bytes are a form of lines.h. */
#define MAIL_BYTES_LINES 4 /* none of the first bytes that bundle_read knows */
enum status mail_bytes_read(struct db *db, const void *blob, size_t n, struct str *out,
                            struct error *err) MUST_CHECK;

/* ---- change.c ---- */

void mail_change_register(void);
/* Moves it, without a journal; written back to its Maildir or server. */
enum status mail_message_move(struct db *db, int64_t id, int64_t folder, struct error *err) MUST_CHECK;
/* The folder of message and doc; nothing else follows from it (mail_message_set_folder). */
enum status mail_message_put(struct db *db, int64_t id, int64_t folder, struct error *err) MUST_CHECK;
/* Asks for this message's file to be made like its row (maildir.c), when a followed one exists. */
enum status mail_push(struct db *db, int64_t message, struct error *err) MUST_CHECK;

/* ---- complete.c ---- */

void mail_complete_register(void);

int64_t mail_vec_int(const struct vec *v, size_t i);
void mail_vec_add(struct vec *v, int64_t value);
void mail_vec_fill(struct vec *v, struct db_query *q); /* the first column of all rows; q is not ended */
bool mail_vec_has(const struct vec *v, int64_t value);

#endif
