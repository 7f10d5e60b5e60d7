/* change.h - changes of mail that can be undone: journal fields and the words of their values.
 *
 * journal_set(j, FIELD, ref, value): ref is the message's or the thread's id.
 *   MAIL_FIELD_FLAGS   message  letters of "FPRS" (flagged, forwarded, replied, seen), sorted
 *   MAIL_FIELD_FOLDER  message  the folder's id; a move, also to archive, trash, spam
 *   MAIL_FIELD_LABELS  message  labels, sorted, one a line
 *   MAIL_FIELD_THREAD  message  the thread's id; one that went comes back (regroup.c)
 *   MAIL_FIELD_LANE    thread   the lane's word ("" none); counts as sorted
 *   MAIL_FIELD_DUE     thread   "YYYY-MM-DD" or ""
 *   MAIL_FIELD_SNOOZE  thread   seconds since 1970, "0" none
 *   MAIL_FIELD_MUTED   thread   "0" or "1"
 * What lies in a followed Maildir is queued to be written back (maildir.h). */
#ifndef MAIL_CHANGE_H
#define MAIL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/store.h"

#define MAIL_FIELD_FLAGS "message.flags"
#define MAIL_FIELD_FOLDER "message.folder"
#define MAIL_FIELD_LABELS "message.labels"
#define MAIL_FIELD_THREAD "message.thread"
#define MAIL_FIELD_LANE "thread.lane"
#define MAIL_FIELD_DUE "thread.due"
#define MAIL_FIELD_SNOOZE "thread.snooze"
#define MAIL_FIELD_MUTED "thread.muted"

enum mail_change {
    MAIL_CHANGE_ARCHIVE,
    MAIL_CHANGE_DELETE,
    MAIL_CHANGE_SPAM,
    MAIL_CHANGE_READ,
    MAIL_CHANGE_UNREAD,
    MAIL_CHANGE_FLAG,
    MAIL_CHANGE_UNFLAG,
    MAIL_CHANGE_MOVE,  /* folder: its name */
    MAIL_CHANGE_LABEL, /* add, remove: strv */
    MAIL_CHANGE_SPLIT, /* each message with its answers becomes a thread */
    MAIL_CHANGE_JOIN,  /* all named threads become the oldest of them */
    /* Of conversations; a message means its conversation. */
    MAIL_CHANGE_SNOOZE, /* until */
    MAIL_CHANGE_UNSNOOZE,
    MAIL_CHANGE_MUTE,
    MAIL_CHANGE_UNMUTE,
};

struct mail_skip {
    char id[24]; /* "m12" */
    char *why;   /* own */
};

/* A change of several messages and threads in one batch: an operation's record. */
struct mail_batch {
    enum mail_change change;
    struct vec messages; /* int64_t */
    struct vec threads;  /* int64_t: of each, the messages the change is for */
    char *folder;        /* own; MOVE */
    char *account;       /* own; for new folders, NULL */
    struct vec add, remove; /* strv; LABEL */
    int64_t until;       /* SNOOZE: seconds since 1970 */
    bool dry_run;        /* works out what would change */
    /* Filled: */
    int64_t batch;       /* journal batch, 0 when nothing changed */
    bool made;           /* a folder was made for it */
    int64_t done;        /* of what was named: a conversation is one, however many mails of it changed */
    struct vec changed;  /* strv: "m12"; "t5" when only the thread's lane changed */
    struct vec skipped;  /* struct mail_skip */
    int missing;         /* named ones that do not exist (they are in skipped) */
};
struct mail_batch *mail_batch_new(enum mail_change change);
void mail_batch_free(void *batch);
/* The operation: store_post(s, &mail_batch_op, batch, …). */
extern const struct store_op mail_batch_op;

/* A value of MAIL_FIELD_FLAGS: the letters of these flags. */
void mail_flags_text(unsigned flags, struct str *out);

/* Writes a message's flags or folder as another program left them (sync): no journal, no write-back. */
enum status mail_message_set_flags(struct db *db, int64_t id, unsigned set, unsigned clear,
                                   struct error *err) MUST_CHECK;
/* Read by opening it: no journal (undo takes back what a person did), but written back. */
enum status mail_message_mark_seen(struct db *db, int64_t id, struct error *err) MUST_CHECK;
enum status mail_message_set_folder(struct db *db, int64_t id, int64_t folder, struct error *err)
    MUST_CHECK;
/* Makes the flags of MAIL_IMAP_FLAGS these, as a person would: no journal, written back. */
enum status mail_message_give_flags(struct db *db, int64_t id, unsigned flags, struct error *err) MUST_CHECK;
/* Sets flags that follow from what a person did (replied, forwarded): no journal, written back. */
enum status mail_message_mark(struct db *db, int64_t id, unsigned set, struct error *err) MUST_CHECK;

#endif
