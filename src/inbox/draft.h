/* draft.h - drafts: every keystroke, every version, nothing lost.
 *
 * A draft has a head (recipients, subject, files, text, cursor) and versions. Typing goes to an
 * append-only log at most 300 ms behind the key and is folded into the head's version; a version
 * that was settled (a model finished it, it was sent, the pen was laid down) is never changed
 * again: the next edit begins a new one. The text of a draft is always: version text + log. A
 * stream is appended the same way. Any edit voids an approval (outbox_void_draft in the same
 * transaction). Functions over a struct db belong into writing operations unless they only read;
 * the pen belongs to the loop. */
#ifndef INBOX_DRAFT_H
#define INBOX_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "mail/message.h"

struct db;
struct store;

/* Stored by number; the answers stand together. */
enum draft_kind { DRAFT_NEW, DRAFT_REPLY, DRAFT_REPLY_ALL, DRAFT_REPLY_LIST, DRAFT_FORWARD };
enum draft_state { DRAFT_OPEN, DRAFT_STREAMING, DRAFT_APPROVED, DRAFT_SENT, DRAFT_DELETED };
const char *draft_state_word(enum draft_state s); /* the contract's */
const char *draft_state_name(enum draft_state s); /* as a person reads it */
const char *draft_by_name(const char *by);        /* "me", "offline", a model */

struct draft_file {
    int64_t id, size;
    char *name, *content_type; /* own */
};

struct draft {
    int64_t id, version, versions; /* current number, how many there are */
    enum draft_kind kind;
    enum draft_state state;
    int64_t message, thread;       /* what it answers or forwards; 0 */
    int64_t origin;                /* the mail of a drafts folder that it continues; 0 */
    char *account;                 /* own; "" */
    struct mail_address from;
    struct vec to, cc, bcc;        /* struct mail_address: what could be read of the next three */
    char *to_text, *cc_text, *bcc_text; /* own: as typed */
    char *unread;                  /* own: what of them is no address, as a sentence; "" */
    struct vec bad[3];             /* strv: those words of To, Cc, Bcc as they were typed */
    char *subject, *text;          /* own; text with the log applied */
    size_t cursor;                 /* byte in text */
    struct vec files;              /* struct draft_file */
    char *in_reply_to;             /* own; "" */
    struct vec references;         /* strv */
    char *by;                      /* own: "me", "offline" or the model's name: who made this version */
    char *made;                    /* own: "" or the word of enum model_state that ended its stream */
    char *say;                     /* own: what the person asked for, "" */
    char *hash;                    /* own: SHA-256 (hex) of all that will be sent but Date and Message-ID */
    int64_t created, updated;
    int64_t outbox;                /* newest outbox item of it, 0 */
    int64_t serial;                /* rises with each change */
    bool settled;                  /* this version is finished: an edit begins the next */
};

void draft_free(struct draft *d);
/* NO_SUCH when there is none. Bounded: any connection. */
enum status draft_get(struct db *db, int64_t id, struct draft **out, struct error *err) MUST_CHECK;
/* An earlier version: text, recipients, subject as they were; cursor at the end. */
enum status draft_get_version(struct db *db, int64_t id, int64_t version, struct draft **out,
                              struct error *err) MUST_CHECK;
/* The open draft (open, streaming or approved) of a thread; 0 when none. One index lookup. */
int64_t draft_of_thread(struct db *db, int64_t thread);
/* The same among its answers, and among what is forwarded from it: of this mail; 0: of any. */
int64_t draft_reply_of(struct db *db, int64_t thread, int64_t message);
int64_t draft_forward_of(struct db *db, int64_t thread, int64_t message);
/* Is a mail of it approved and not sent yet? */
bool draft_is_held(struct db *db, int64_t id);

struct draft_row { /* borrowed */
    int64_t id, version, thread, message, updated;
    enum draft_state state;
    const char *to, *subject, *snippet /* first line */, *by;
};
/* Newest change first; neither sent nor deleted unless all. */
enum status draft_list(struct db *db, bool all, int64_t limit,
                       bool (*on_row)(void *user, const struct draft_row *r), void *user,
                       struct error *err) MUST_CHECK;

/* ---- inside writing operations ---- */

/* Stores a new draft from the fields set in d (kind, message, thread, origin, account, from, recipients,
 * subject, text, in_reply_to, references, by, say); sets d->id. Version 1 stays unsettled when the
 * text is empty. */
enum status draft_create(struct db *db, struct draft *d, struct error *err) MUST_CHECK;

struct draft_change { /* NULL: stays */
    const char *text, *subject, *say;
    const char *to, *cc, *bcc;       /* as people type them; may be unfinished */
    const char *by, *made;           /* by NULL: "me" */
    bool settle;                     /* this version is finished */
    const char *account;             /* with from: another identity */
    const struct mail_address *from;
};
/* A new version when the current one is settled, else the current one. */
enum status draft_change(struct db *db, int64_t id, const struct draft_change *c,
                         struct error *err) MUST_CHECK;
/* Folds the log into the version (settle: and closes it). */
enum status draft_fold(struct db *db, int64_t id, bool settle, struct error *err) MUST_CHECK;
/* Makes the text, recipients and subject of an earlier version a new version. */
enum status draft_restore_version(struct db *db, int64_t id, int64_t version,
                                  struct error *err) MUST_CHECK;
enum status draft_attach(struct db *db, int64_t id, const char *name, const char *content_type,
                         const void *bytes, size_t n, int64_t *file, struct error *err) MUST_CHECK;
enum status draft_detach(struct db *db, int64_t id, int64_t file, struct error *err) MUST_CHECK;
/* struct mail_file of its files; vec is initialised here. */
enum status draft_files(struct db *db, int64_t id, struct vec *out, struct error *err) MUST_CHECK;
/* DRAFT_DELETED and back is the journal field "draft.state": deleting is undoable. */
/* A dry run's draft: every trace of it goes. */
enum status draft_forget(struct db *db, int64_t id, struct error *err) MUST_CHECK;
/* A person stands by facts that nothing bears out, in these words (strv, taken over); which ones so far (strv). */
void draft_accept(struct store *s, int64_t id, struct vec *words);
enum status draft_accepted(struct db *db, int64_t id, struct vec *out, struct error *err) MUST_CHECK;
enum status draft_set_state(struct db *db, int64_t id, enum draft_state state,
                            struct error *err) MUST_CHECK;
/* A stream: begin (a new version that starts with base, NULL: empty; an empty unsettled one is
 * taken), rows come by textlog_stream (owner DRAFT_LOG), end. */
#define DRAFT_LOG "draft"
enum status draft_stream_begin(struct db *db, int64_t id, const char *by, int64_t job,
                               const char *base, struct error *err) MUST_CHECK;
/* final NULL: what was appended stands. made: word of enum model_state; by NULL: as begun. */
enum status draft_stream_end(struct db *db, int64_t id, const char *final, const char *made,
                             const char *by, struct error *err) MUST_CHECK;
/* ---- the pen: a draft open for typing (loop thread) ---- */

struct draft_pen;

/* Reads the draft; the pen's text is the truth of the screen until it is closed. REFUSED when it
 * was sent or deleted. */
struct draft_pen *draft_pen_open(struct store *s, int64_t draft, struct error *err);
/* fn is called after each write, until the pen is closed. */
void draft_pen_on_written(struct draft_pen *p, void (*fn)(void *user), void *user);
const struct draft *draft_pen_draft(const struct draft_pen *p); /* as last read; text below */
const struct str *draft_pen_text(const struct draft_pen *p);
size_t draft_pen_cursor(const struct draft_pen *p);
/* Replaces `deleted` bytes at `pos` by `inserted`. In memory at once, in the log within 300 ms.
 * false (nothing changed) while a stream writes it or when it is leaving. */
bool draft_pen_edit(struct draft_pen *p, size_t pos, size_t deleted, const char *inserted, size_t n);
void draft_pen_move(struct draft_pen *p, size_t cursor);
/* The header boxes, as typed; saved at the same pace. */
enum draft_head { DRAFT_HEAD_TO, DRAFT_HEAD_CC, DRAFT_HEAD_BCC, DRAFT_HEAD_SUBJECT, DRAFT_HEADS };
bool draft_pen_head(struct draft_pen *p, enum draft_head head, const char *text);
const char *draft_pen_header(const struct draft_pen *p, enum draft_head head);
/* The line editor's whole text: the smallest edit is worked out here. */
bool draft_pen_set(struct draft_pen *p, const char *text, size_t n, size_t cursor);
/* Writes what waits now (before a key that sends, on SIGHUP). */
void draft_pen_flush(struct draft_pen *p);
/* Is every text in the store? (The place of the cursor follows without a word.) */
bool draft_pen_kept(const struct draft_pen *p);
/* Has everything typed been committed, and is no write under way? */
bool draft_pen_saved(const struct draft_pen *p);
/* The last write failed (disk full): shown until one succeeds; NULL when fine. */
const struct error *draft_pen_error(const struct draft_pen *p);
/* Reads the draft anew (WATCH_DRAFT, end of a stream); keeps what was typed and not yet written. */
void draft_pen_reload(struct draft_pen *p);
/* Flushes, settles the version, frees. */
void draft_pen_close(struct draft_pen *p);

#endif
