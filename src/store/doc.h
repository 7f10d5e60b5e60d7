/* doc.h - the hub row of everything that can be found: mail, note, transcript, chat turn, draft,
 * task, event.
 *
 * A doc's key is made of its date (doc_key.c), so "newest first" is the order of the keys, and a date
 * range is a range of keys. Its text goes to doc_text (the content table of
 * the full-text index); the index is fed from the queue of dirty rows by the writer when there is
 * nothing better to do, or at once by doc_index_some. Common attributes that the search language
 * asks for stand in the row; what only one kind has stays with its feature. */
#ifndef STORE_DOC_H
#define STORE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/db.h"

/* The longest text that is indexed; what is beyond is kept, not found. */
#define DOC_INDEX_MAX (2 << 20)

enum doc_kind { DOC_MAIL = 1, DOC_NOTE, DOC_TRANSCRIPT, DOC_CHAT, DOC_DRAFT, DOC_TASK, DOC_EVENT };

enum doc_flag {
    DOC_UNREAD = 1 << 0,
    DOC_FLAGGED = 1 << 1,
    DOC_REPLIED = 1 << 2,
    DOC_FORWARDED = 1 << 3,
    DOC_ATTACHMENT = 1 << 4,
    DOC_LINK = 1 << 5,
    DOC_INVITE = 1 << 6,
    DOC_SNOOZED = 1 << 7,
    DOC_MUTED = 1 << 8,
    DOC_HIDDEN = 1 << 9, /* has hidden text */
    DOC_DELETED = 1 << 10,
    DOC_MINE = 1 << 11, /* sent or written by me */
    DOC_DAMAGED = 1 << 12,
    DOC_PARTIAL = 1 << 13 /* known by its header alone: the body has not been fetched */
};

struct doc {
    enum doc_kind kind;
    int64_t ref;    /* the entity's own id: message 12 is m12 */
    int64_t date;   /* seconds; decides the key */
    int64_t thread; /* 0 when none; a conversation for chat, the note for notes */
    int64_t folder; /* 0 when none */
    unsigned flags; /* enum doc_flag */
    const char *lane; /* word of the contract or NULL (mail: the thread's lane) */
    const char *due;  /* "YYYY-MM-DD" or NULL */
    const char *owner;
    const char *ident; /* Message-ID or other outside name, NULL */
    /* Text, all borrowed; NULL is empty. Addresses: "name <address>, …". */
    const char *subject, *sender, *recipients, *cc, *files, *body;
    /* The body packed beforehand (db_pack), so that the writer need not; NULL: it packs. */
    const void *packed;
    size_t packed_len;
};

/* Inserts and queues for the index; *key is its doc id. */
enum status doc_insert(struct db *db, const struct doc *d, int64_t *key, struct error *err) MUST_CHECK;
/* Replaces text and attributes (the key stays, also when the date moved within its entity). */
enum status doc_update(struct db *db, int64_t key, const struct doc *d, struct error *err) MUST_CHECK;
enum status doc_delete(struct db *db, int64_t key, struct error *err) MUST_CHECK;
int64_t doc_find(struct db *db, enum doc_kind kind, int64_t ref); /* key, 0 when none */
/* Reads a row with its texts, which are pushed to *texts (strv, initialised by the caller) and
 * live as long as it does; none is NULL but lane, due, owner, ident. NO_SUCH when gone. */
enum status doc_get(struct db *db, int64_t key, struct doc *out, struct vec *texts,
                    struct error *err) MUST_CHECK;
enum status doc_set_flags(struct db *db, int64_t key, unsigned set, unsigned clear,
                          struct error *err) MUST_CHECK;
unsigned doc_flags(struct db *db, int64_t key);
/* Its text body alone, appended. NO_SUCH when gone. */
enum status doc_body(struct db *db, int64_t key, struct str *out, struct error *err) MUST_CHECK;
/* Attributes alone; the text and the index are not touched. */
enum status doc_set_folder(struct db *db, int64_t key, int64_t folder, struct error *err)
    MUST_CHECK;
enum status doc_set_due(struct db *db, int64_t key, const char *due, const char *owner,
                        struct error *err) MUST_CHECK;
/* For every doc of a thread: lane NULL is none; flags as in doc_set_flags; merging two threads. */
enum status doc_set_lane(struct db *db, enum doc_kind kind, int64_t thread, const char *lane,
                         struct error *err) MUST_CHECK;
enum status doc_set_thread_flags(struct db *db, enum doc_kind kind, int64_t thread, unsigned set,
                                 unsigned clear, struct error *err) MUST_CHECK;
enum status doc_move_thread(struct db *db, enum doc_kind kind, int64_t from, int64_t to,
                            struct error *err) MUST_CHECK;
/* One doc goes to another thread. */
enum status doc_set_thread(struct db *db, int64_t key, int64_t thread, struct error *err) MUST_CHECK;
enum status doc_label(struct db *db, int64_t key, const char *label, bool on,
                      struct error *err) MUST_CHECK;
/* Its labels, sorted; strv, pushed. */
void doc_labels(struct db *db, int64_t key, struct vec *labels);
/* The writer's: indexes up to n dirty rows; *left tells how many remain (at most n + 1 counted). */
enum status doc_index_some(struct db *db, int n, int *left, struct error *err) MUST_CHECK;
int doc_index_waiting(struct db *db, int max); /* rows that wait, at most max are counted */
/* Compares the whole index with the texts (writers; finished rows only): CORRUPT when it differs. */
enum status doc_index_verify(struct db *db, struct error *err) MUST_CHECK;
/* Makes the index anew from the texts: everything is queued again. */
enum status doc_index_rebuild(struct db *db, struct error *err) MUST_CHECK;
const char *doc_kind_word(enum doc_kind k);   /* "mail", "note", … */
char doc_kind_letter(enum doc_kind k);        /* id letter: m n n x d a e */

#endif
