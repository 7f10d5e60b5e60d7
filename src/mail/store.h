/* store.h - the tables of mail: messages, their raw bytes, where copies of them lie.
 *
 * A message is its bytes: the same bytes (CRLF read as LF) are one message however often they come,
 * the same Message-ID with other bytes is another message. What a list needs stands in narrow rows,
 * what `show` needs beside the packed raw bytes; the text a person reads is the doc's body, so that
 * it is kept once. Threads: thread.h. Folders: folder.h. Changes that can be undone: change.h.
 * Functions over a struct db run on any connection; those that write inside an operation. */
#ifndef MAIL_STORE_H
#define MAIL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "command/option.h"
#include "mail/message.h"
#include "store/db.h"
#include "store/doc.h"
#include "store/store.h"

#define MAIL_HASH 20 /* bytes */

struct hook_work;

extern const struct migration_list mail_migrations;
extern const struct option mail_options[];           /* mail.* */
extern const struct hook_work *const mail_works[];   /* followed Maildirs, IMAP, snoozes that end, reports */
/* Journal fields (change.h) and options; once, by app/, before the store is opened. */
void mail_register(void);

/* What lists and decisions need of one message. */
struct mail_row {
    int64_t id, doc, thread, folder;
    int64_t date, size;
    unsigned flags;                /* enum doc_flag */
    char *message_id, *subject;    /* own; "" when none */
    char *from_name, *from_address; /* own; "" when none */
};
void mail_row_fini(struct mail_row *r);
void mail_row_fini_item(void *item);

/* NO_SUCH when there is no such message. */
enum status mail_row_get(struct db *db, int64_t id, struct mail_row *out, struct error *err)
    MUST_CHECK;
/* All that was read of it, text included; *out is yours (mail_message_free). */
enum status mail_message_get(struct db *db, int64_t id, struct mail_message **out,
                             struct error *err) MUST_CHECK;
/* The text only (what `show --text` gives). */
enum status mail_message_text(struct db *db, int64_t id, struct str *out, struct error *err)
    MUST_CHECK;
/* The bytes of the message, for the reader and for other programs. */
enum status mail_message_raw(struct db *db, int64_t id, struct str *out, struct error *err)
    MUST_CHECK;
/* The bytes of the file it came in: with the From line when that was an mbox of one message. */
enum status mail_message_file(struct db *db, int64_t id, struct str *out, struct error *err)
    MUST_CHECK;
/* Is it known by its header alone (DOC_PARTIAL)? Then its bytes are UNREACHABLE until they are fetched
 * (imap.h); what is stored, the header block, is given all the same by mail_message_stored. */
bool mail_message_is_partial(struct db *db, int64_t id);
enum status mail_message_stored(struct db *db, int64_t id, struct str *out, struct error *err)
    MUST_CHECK;
/* Compares the bytes of every message that is here whole with their hash; *count: of so many. CORRUPT names
 * the first that differs, or cannot be read. */
enum status mail_verify(struct db *db, int64_t *count, struct error *err) MUST_CHECK;
/* The oldest stored message of that Message-ID (without <>); 0 when none. */
int64_t mail_message_find(struct db *db, const char *message_id);
/* Others of the same Message-ID and other bytes: ids, int64_t. */
enum status mail_message_twins(struct db *db, int64_t id, struct vec *ids, struct error *err)
    MUST_CHECK;
/* Where copies lie: folder names, with the path of the file when a Maildir is followed. */
struct mail_place {
    int64_t folder;
    char *account, *name, *path; /* own; path NULL when no file of another's is meant */
};
void mail_place_fini_item(void *item);
enum status mail_message_places(struct db *db, int64_t id, struct vec *places, struct error *err)
    MUST_CHECK;
/* Labels, sorted: strv. */
enum status mail_message_labels(struct db *db, int64_t id, struct vec *labels, struct error *err)
    MUST_CHECK;

/* ---- coming in ---- */

/* Where a copy lies on an IMAP server, and what the server says of it (imap.h). */
struct mail_remote {
    int64_t uid, modseq, size; /* size: RFC822.SIZE */
    int64_t received;          /* INTERNALDATE; CLOCK_NONE */
    unsigned flags;            /* enum doc_flag of the four, MAIL_COPY_… */
    char *keywords;            /* own; as the server writes them, sorted, blanks between */
    bool partial;              /* the header block alone came */
    uint64_t thrid;            /* X-GM-THRID; 0 none */
};

/* Made beside the loop from raw bytes, so that the writer only inserts: hash and packed bytes. What is
 * packed together with other mails (intake.c) stands in `whole` until then, and its places are
 * filled in when its bundle is written. */
struct mail_new {
    struct mail_message *message; /* own; NULL: could not be read at all, only the bytes are kept */
    unsigned char hash[MAIL_HASH];
    struct str packed;   /* the bytes as they came: mail_bytes_read */
    struct str head;     /* content.h's JSON: bundle_read */
    struct str body;     /* the text: bundle_read */
    struct str whole;    /* bytes, text and JSON, one behind the other, while they are not packed */
    size_t bytes_len, text_len, head_len; /* of them; bytes_len 0: the bytes are packed alone */
    bool together;       /* it is to be packed with others */
    bool lines;          /* the bytes are a form of lines.h */
    bool from_me;
    int64_t size;
    int64_t folder;      /* mail_folder_make */
    unsigned flags;      /* enum doc_flag a person's programs gave it: unread, flagged, … */
    int64_t received;    /* the file's time when the mail tells none; CLOCK_NONE */
    char *path;          /* own; file of a followed Maildir ("cur/…" below its folder) or NULL */
    char *labels;        /* own; comma separated or NULL */
    char *also;          /* own; one more id that joins its thread, mail_join_server_id; NULL */
    int64_t horizon;     /* threads whose newest is older start in `done`; CLOCK_NONE: none do */
    struct mail_remote *remote; /* own; NULL: not from an IMAP server */
    bool here_only;      /* the server makes its own copy: nothing is sent to it */
    /* Filled by mail_add: */
    int64_t id;
    bool duplicate;
    bool kept;           /* packed, head and body stand in a row now */
};
/* Hashes and packs; message is taken. */
struct mail_new *mail_new_make(const void *bytes, size_t n, struct mail_message *message);
void mail_new_free(struct mail_new *n);
/* The hash of bytes with CRLF read as LF. */
void mail_hash(const void *bytes, size_t n, unsigned char out[MAIL_HASH]);
/* The message of that hash, 0 when none. */
int64_t mail_find_hash(struct db *db, const unsigned char hash[MAIL_HASH]);

/* Adds many within one operation: begin, add, end. Threads are written once, at the end. */
struct mail_adder;
struct mail_adder *mail_adder_new(struct db *db);
enum status mail_add(struct mail_adder *a, struct mail_new *n, struct error *err) MUST_CHECK;
/* Frees a. */
enum status mail_adder_end(struct mail_adder *a, struct error *err) MUST_CHECK;
void mail_adder_abandon(struct mail_adder *a);

/* Own addresses: settles "the commonest Delivered-To" when the config names none, and when they are
 * not those of the last time, posts operations that mark what came from them (DOC_MINE). done (may
 * be NULL) comes once, also from inside. After config_load at start, and after an import. Loop. */
void mail_learn_me(struct store *s, void (*done)(void *user, const struct error *err), void *user);

/* Answers I gave to mails like this one, best first: ids (int64_t) of messages of mine. Finder. */
enum status mail_answers(struct db *db, int64_t message, size_t limit, struct vec *ids,
                         struct error *err) MUST_CHECK;

#endif
