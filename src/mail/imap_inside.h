/* imap_inside.h - what the files about IMAP accounts share: tables, merging, operations.
 *
 * mail_imap_folder  what we know of a folder on the server. state: enum mail_imap_state
 * mail_imap_copy    (folder, uid) is a copy of a message; message 0: a mirror of ours (a draft).
 *                   flags, keywords, modseq, received, size: as the server last said. whole: its own
 *                   bytes were fetched. apart, past: imap_place.c. origin: the
 *                   folders it was moved from by us, oldest first, so that undo puts it back.
 *                   uid < 0: of an earlier UIDVALIDITY, waits to be found again
 * mail_imap_todo    UIDs the server has and we know nothing else of
 * mail_imap_push    messages a person changed since the server was last told: what they were then.
 *                   touched, touched_labels: what was changed and changed back meanwhile
 * mail_imap_going   copies that are being moved by COPY (imap_going.h)
 * mail_imap_append  copies of ours to be appended, and mirrors that were
 * mail_imap_want    messages whose body a person waits for */
#ifndef MAIL_IMAP_INSIDE_H
#define MAIL_IMAP_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "io/imap_response.h"
#include "mail/folder.h"
#include "mail/inside.h"
#include "store/db.h"

#define MAIL_IMAP_TABLES                                                                           \
    "CREATE TABLE mail_imap_folder(folder INTEGER PRIMARY KEY, account TEXT NOT NULL,"             \
    " wire TEXT NOT NULL, separator TEXT NOT NULL, attributes INTEGER NOT NULL,"                   \
    " uidvalidity INTEGER NOT NULL DEFAULT 0, uidnext INTEGER NOT NULL DEFAULT 0,"                 \
    " modseq INTEGER NOT NULL DEFAULT 0, messages INTEGER NOT NULL DEFAULT 0,"                     \
    " state INTEGER NOT NULL DEFAULT 0, UNIQUE(account, wire)) STRICT;"                            \
    "CREATE TABLE mail_imap_copy(folder INTEGER NOT NULL, uid INTEGER NOT NULL,"                   \
    " message INTEGER NOT NULL, flags INTEGER NOT NULL, keywords TEXT NOT NULL,"                   \
    " modseq INTEGER NOT NULL, received INTEGER NOT NULL, size INTEGER NOT NULL,"                  \
    " whole INTEGER NOT NULL, state INTEGER NOT NULL, apart INTEGER NOT NULL DEFAULT 0,"           \
    " origin TEXT NOT NULL DEFAULT '', PRIMARY KEY(folder, uid)) STRICT, WITHOUT ROWID;"           \
    "CREATE INDEX mail_imap_copy_message ON mail_imap_copy(message);"                              \
    "CREATE INDEX mail_imap_copy_part ON mail_imap_copy(folder, uid) WHERE whole=0;"               \
    "CREATE INDEX mail_imap_copy_gone ON mail_imap_copy(folder, uid) WHERE state=1;"               \
    "CREATE TABLE mail_imap_todo(folder INTEGER NOT NULL, uid INTEGER NOT NULL,"                   \
    " PRIMARY KEY(folder, uid)) STRICT, WITHOUT ROWID;"                                            \
    "CREATE TABLE mail_imap_push(id INTEGER PRIMARY KEY AUTOINCREMENT,"                            \
    " message INTEGER NOT NULL UNIQUE, flags INTEGER NOT NULL,"                                    \
    " folder INTEGER NOT NULL, labels TEXT NOT NULL, tried INTEGER NOT NULL DEFAULT 0) STRICT;"    \
    "CREATE TABLE mail_imap_append(id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,"   \
    " role INTEGER NOT NULL, key TEXT, flags INTEGER NOT NULL, date INTEGER NOT NULL,"             \
    " raw BLOB, hash BLOB, serial INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0,"              \
    " folder INTEGER NOT NULL DEFAULT 0, uid INTEGER NOT NULL DEFAULT 0) STRICT;"                  \
    "CREATE UNIQUE INDEX mail_imap_append_key ON mail_imap_append(account, key)"                   \
    " WHERE key IS NOT NULL;"                                                                      \
    "CREATE TABLE mail_imap_want(message INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;"

#define MAIL_IMAP_TOUCHED_COLUMNS                                                                  \
    "ALTER TABLE mail_imap_push ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;"                    \
    "ALTER TABLE mail_imap_push ADD COLUMN touched_labels TEXT NOT NULL DEFAULT '';"

/* Beside the four flags of enum doc_flag in touched. */
enum { MAIL_TOUCHED_FOLDER = 1 << 22, MAIL_TOUCHED_LABELS = 1 << 23 };
/* Beside them in a copy's flags. */
enum { MAIL_COPY_DELETED = 1 << 20, MAIL_COPY_DRAFT = 1 << 21 };
#define MAIL_IMAP_FLAGS (DOC_UNREAD | DOC_FLAGGED | DOC_REPLIED | DOC_FORWARDED)

/* Of a folder. */
enum mail_imap_state {
    MAIL_IMAP_NEW,     /* never looked at */
    MAIL_IMAP_SYNCED,
    MAIL_IMAP_VANISHED /* the server does not list it any more */
};
/* Of a copy. */
enum mail_imap_copy_state {
    MAIL_COPY_LIVE,
    MAIL_COPY_GONE, /* the server says it is expunged: settled when all folders were looked at */
    MAIL_COPY_LEFT, /* we moved it by copying; marked \Deleted, it goes when somebody expunges */
    MAIL_COPY_OLD   /* of an earlier UIDVALIDITY (uid < 0) */
};

/* ---- imap_words.c: flags, keywords and labels; pure ---- */

/* Words of FLAGS (struct imap_text) as flags, and the keywords sorted with blanks between. */
void mail_imap_words_read(const struct vec *words, unsigned *flags, struct str *keywords);
/* Words with blanks between as flags but DOC_UNREAD; *seen: \Seen is among them. */
unsigned mail_imap_word_bits(const char *words, bool *seen);
/* The keyword of a label, its bytes as =XX where an atom cannot hold them; NULL: too long. Yours. */
char *mail_imap_keyword(const char *label);
/* The label of a keyword; NULL: a word of programs ($Junk, NonJunk). Yours. */
char *mail_imap_label(const char *keyword);
/* The labels of keywords (blanks between), sorted: strv. */
void mail_imap_labels(const char *keywords, struct vec *labels);
/* Is the word among the lines or words (separated by sep) of text? ASCII case does not count. */
bool mail_imap_has_word(const char *text, char sep, const char *word);
/* Puts flags to their words ("\Seen"), of the set bits; DOC_UNREAD stands for \Seen missing. strv. */
void mail_imap_flag_words(unsigned flags, struct vec *words);

/* A stack of folder ids as text ("12 5"): pushing, looking, taking off down to one. */
void mail_imap_origin_push(const char *origin, int64_t folder, struct str *out);
bool mail_imap_origin_has(const char *origin, int64_t folder);
int64_t mail_imap_origin_top(const char *origin); /* 0: empty */
void mail_imap_origin_cut(const char *origin, int64_t folder, struct str *out);

/* ---- imap_list.c ---- */

/* Attributes of LIST (enum in io/imap_response.h) that say a folder is for this. */
unsigned mail_imap_role_attributes(enum mail_role role);

/* ---- imap_copy.c: what the server says goes into the rows (writers) ---- */

/* A message came (n->id is it, found or just added): its copy, flags, folder, labels. Called by add.c
 * at the end of mail_add when n->remote is set. */
enum status mail_imap_land(struct db *db, const struct mail_new *n, struct error *err) MUST_CHECK;
/* What is stored of bytes that are not known by their hash: a copy of ours that is no message here
 * (*mirror), a header-only message that these bytes complete (*whole), the message that a header block
 * belongs to. *id 0: nothing. */
enum status mail_imap_find(struct db *db, const struct mail_new *n, int64_t *id, bool *whole,
                           bool *mirror, struct error *err) MUST_CHECK;
/* The hash that stands for bytes that were not fetched. */
void mail_imap_hash(const char *account, const char *folder, int64_t uidvalidity, int64_t uid,
                    unsigned char out[MAIL_HASH]);
/* The server says this of a copy: 1 in *changed when something was new to us; an unknown UID goes to
 * mail_imap_todo. keywords NULL: not told. */
enum status mail_imap_told(struct db *db, int64_t folder, const struct mail_remote *r, bool *changed,
                           struct error *err) MUST_CHECK;
/* It is expunged there. */
enum status mail_imap_vanished(struct db *db, int64_t folder, int64_t uid, bool *changed,
                               struct error *err) MUST_CHECK;
/* Settles up to `most` copies of the account that are gone; *left tells whether more wait, *doubtful
 * how many messages would leave every folder when that is a mass deletion (then nothing is done). */
struct mail_imap_settled {
    int64_t settled, doubtful;
    bool left;
};
enum status mail_imap_settle(struct db *db, const char *account, bool confirmed, int64_t most,
                             struct mail_imap_settled *out, struct error *err) MUST_CHECK;
/* ---- imap_queue.c: what a person changed since the server was told (writers) ---- */

/* The message's base: what the server was last told (the pending row's, else the row's own). */
struct mail_imap_base {
    bool pending;
    unsigned flags;
    int64_t folder;
    char *labels; /* own; one a line */
    /* What a person changed and changed back: the first change may have been sent without our knowing,
     * so the server's is no news of it, and how the message stands is to be told. */
    unsigned touched;
};
enum status mail_imap_base_get(struct db *db, int64_t message, struct mail_imap_base *out,
                               struct error *err) MUST_CHECK;
/* Writes it back; a row that agrees with its message again is taken out of the queue, unless touched. */
enum status mail_imap_base_set(struct db *db, int64_t message, struct mail_imap_base *b,
                               struct error *err) MUST_CHECK;

/* A value set by a sync (a field of change.h), journalled. */
enum status mail_imap_journal(struct db *db, const char *field, int64_t message, const char *value,
                              const char *what, const char *why, struct error *err) MUST_CHECK;
/* A message's folder changed by a sync, journalled so that a person can see it and take it back. */
enum status mail_imap_journal_move(struct db *db, int64_t message, int64_t folder, const char *what,
                                   const char *why, struct error *err) MUST_CHECK;
/* Was an append to this account, or a COPY in it, begun of which nobody knows how it ended? */
bool mail_imap_in_doubt(struct db *db, const char *account);
/* Words that were changed and changed back while they waited (strv, of imap_place.c): what the server says of
 * them may be our own. */
void mail_imap_touched(struct db *db, int64_t message, struct vec *words);
/* Inserts into the queue unless it is there: the message is nowhere on the server yet. */
enum status mail_imap_note_new(struct db *db, int64_t message, struct error *err) MUST_CHECK;

#endif
