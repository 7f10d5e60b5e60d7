/* imap_going.h - moves by COPY that are under way, on a server without MOVE (imap_going.c: operations) */
#ifndef MAIL_IMAP_GOING_H
#define MAIL_IMAP_GOING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "store/db.h"
#include "store/writer.h"

/* A copy that is moved; next: the target's UIDNEXT before COPY was sent, copy: its copy there (0: not known),
 * said: COPY was answered, so that \Deleted may have been set. Away with its copy (resume), or done. */
#define MAIL_IMAP_GOING_TABLE                                                                      \
    "CREATE TABLE mail_imap_going(folder INTEGER NOT NULL, uid INTEGER NOT NULL,"                  \
    " target INTEGER NOT NULL, validity INTEGER NOT NULL, next INTEGER NOT NULL,"                  \
    " copy INTEGER NOT NULL DEFAULT 0, said INTEGER NOT NULL DEFAULT 0,"                           \
    " PRIMARY KEY(folder, uid)) STRICT, WITHOUT ROWID;"

struct going_pair {
    int64_t uid, copy; /* copy 0: not told */
};
/* Record of the next three: copies of a folder and their target. */
struct going_job {
    int64_t folder, target;
    int64_t validity, next; /* of the target, by STATUS or COPYUID; 0: not told */
    struct vec pairs;       /* struct going_pair */
};
extern const struct store_op mail_imap_going_op;  /* COPY is about to be sent */
extern const struct store_op mail_imap_said_op;   /* it was answered with OK; copies that cannot be believed become 0 */
extern const struct store_op mail_imap_stayed_op; /* or with NO */

/* A copy of ours that is one too many: `copy` in the target goes, the one in the folder stays. */
struct going_back {
    int64_t folder, uid, target, copy;
    int64_t validity; /* of the target now */
    bool marked;      /* ours carries our \Deleted */
    bool out;         /* it is not there any more: its copy stays */
};
/* What is under way in an account is compared with what is known by now: `back` is filled, what needs nothing
 * more is forgotten. */
struct going_look {
    char *account;    /* own */
    int64_t trash;
    struct vec seen;  /* int64_t: folders of which every mail is known */
    struct vec back;  /* struct going_back, by folder and target */
};
extern const struct store_op mail_imap_going_look_op;
/* Copies were taken away; left: marked \Deleted where nothing can be expunged alone. */
struct going_undone {
    struct vec back; /* struct going_back */
    bool left;
};
extern const struct store_op mail_imap_undone_op;

/* Is a copy under way? Its target, and its copy there when that is known. Any thread with its db. */
bool mail_imap_going_get(struct db *db, int64_t folder, int64_t uid, int64_t *target, int64_t *copy);
/* Another UIDVALIDITY: a copy was found again. Writers. */
enum status mail_imap_going_found(struct db *db, int64_t folder, int64_t was, int64_t uid, struct error *err) MUST_CHECK;
/* May we have set its \Deleted? */
bool mail_imap_going_said(struct db *db, int64_t folder, int64_t uid);
/* Is anything of the account under way; unheard: only what was not answered. */
bool mail_imap_going_any(struct db *db, const char *account, bool unheard);

#endif
