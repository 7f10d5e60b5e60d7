/* imap_place.h - the places of a mail on servers: what each of them is to have (writers; imap_place.c tells) */
#ifndef MAIL_IMAP_PLACE_H
#define MAIL_IMAP_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/db.h"

#define MAIL_IMAP_PLACE_STEP                                                                       \
    "ALTER TABLE mail_imap_copy RENAME COLUMN apart TO apart_bits;"                                \
    "ALTER TABLE mail_imap_copy ADD COLUMN apart TEXT NOT NULL DEFAULT '';"                        \
    "ALTER TABLE mail_imap_copy ADD COLUMN past TEXT NOT NULL DEFAULT '';"                         \
    "UPDATE mail_imap_copy SET apart=trim(CASE WHEN apart_bits&1 THEN '\\Seen ' ELSE '' END||"     \
    "CASE WHEN apart_bits&2 THEN '\\Flagged ' ELSE '' END||CASE WHEN apart_bits&4 THEN"            \
    " '\\Answered ' ELSE '' END||CASE WHEN apart_bits&8 THEN '$Forwarded' ELSE '' END) WHERE"      \
    " apart_bits<>0 AND message NOT IN (SELECT message FROM mail_imap_push);"

enum mail_imap_flip {
    MAIL_FLIP_PERSON, /* applies to all places; within an undo it is that */
    MAIL_FLIP_UNDO,
    MAIL_FLIP_OTHER   /* another program's, of its place alone */
};
/* Words of the row turn round; before or after the row itself does. */
enum status mail_imap_flip(struct db *db, int64_t message, const struct vec *words, enum mail_imap_flip how,
                           struct error *err) MUST_CHECK;
enum status mail_imap_flip_flags(struct db *db, int64_t message, unsigned bits, enum mail_imap_flip how,
                                 struct error *err) MUST_CHECK;
enum status mail_imap_flip_label(struct db *db, int64_t message, const char *label, enum mail_imap_flip how,
                                 struct error *err) MUST_CHECK;
/* What a person does now is the undoing of a change that a server refused. */
void mail_imap_putting_back(bool on);
/* Flags and labels as words (strv); of a message's row. */
void mail_imap_place_words(unsigned flags, const struct vec *labels, struct vec *words);
enum status mail_imap_row_words(struct db *db, int64_t message, struct vec *words, struct error *err) MUST_CHECK;
bool mail_imap_has(const struct vec *words, const char *word);
/* What a copy has not yet of what it is to have; pure. */
void mail_imap_place_due(const struct vec *row, unsigned flags, const char *keywords, const char *apart,
                         struct str *plus, struct str *minus);
/* Has the message a live copy, and is anything due at one? */
enum status mail_imap_any_due(struct db *db, int64_t message, bool *any, bool *due, struct error *err) MUST_CHECK;
/* A copy went from `was` to `now` on the server: what is newer than ours moves the row along. */
enum status mail_imap_spoke(struct db *db, int64_t message, int64_t folder, int64_t uid, unsigned was,
                            unsigned now, const char *words_was, const char *words_now,
                            struct error *err) MUST_CHECK;
/* A copy more of a message that has others; one less. */
enum status mail_imap_joined(struct db *db, int64_t message, int64_t folder, int64_t uid, unsigned flags,
                             const char *keywords, struct error *err) MUST_CHECK;
enum status mail_imap_left(struct db *db, int64_t message, struct error *err) MUST_CHECK;
/* A copy stands apart in a word, or does not any more. */
enum status mail_imap_set_apart(struct db *db, int64_t folder, int64_t uid, const char *word, bool on,
                                struct error *err) MUST_CHECK;
/* The account refused words of the message: what another place took it stands apart in; alone: the rest (strv). */
enum status mail_imap_refused_words(struct db *db, int64_t message, const char *account, const char *words,
                                    struct vec *alone, struct error *err) MUST_CHECK;

#endif
