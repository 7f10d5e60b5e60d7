/* imap_refused.h - what a server said NO to, kept until it goes or a week has passed
 *
 * mail_imap_refused  message, or row of mail_imap_append (copy) of an account: why, how many looks in
 *                    a row, settled: it is not tried again (the row here stands as the server's).
 *                    copy MAIL_IMAP_LARGE: a mail there that is too large to be taken
 *
 * Loop thread, but for what is marked. */
#ifndef MAIL_IMAP_REFUSED_H
#define MAIL_IMAP_REFUSED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "command/hook.h"
#include "io/imap.h"
#include "store/db.h"

#define MAIL_IMAP_REFUSED_TABLE                                                                    \
    "CREATE TABLE mail_imap_refused(account TEXT NOT NULL, message INTEGER NOT NULL,"              \
    " copy INTEGER NOT NULL, folder INTEGER NOT NULL, at INTEGER NOT NULL, looks INTEGER NOT NULL," \
    " settled INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY(account, message, copy)) STRICT,"   \
    " WITHOUT ROWID;"

/* What becomes of a command that was answered with NO (RFC 5530), the more final the higher. */
enum mail_imap_no {
    MAIL_IMAP_YES,
    MAIL_IMAP_LATER, /* it may go another time: it waits as long as that takes */
    MAIL_IMAP_FEW,   /* it may, but hardly: some looks more */
    MAIL_IMAP_NEVER
};
enum mail_imap_no mail_imap_no_of(const struct imap_result *result);

#define MAIL_IMAP_LARGE (-1)
struct mail_imap_refusal {
    const char *account, *why;
    int64_t message, copy, folder;
    enum mail_imap_no no;
};
/* Writes it down. *over: it is not to be tried again; *again: the same was said before (writers). */
enum status mail_imap_refused_note(struct db *db, const struct mail_imap_refusal *r, bool *over,
                                   bool *again, struct error *err) MUST_CHECK;
/* It went after all (writers). */
enum status mail_imap_refused_clear(struct db *db, const char *account, int64_t message, int64_t copy,
                                    struct error *err) MUST_CHECK;

/* "account/folder: "subject": why". Yours. */
char *mail_imap_refused_text(struct db *db, const struct mail_imap_refusal *r);
/* "refused": how many; nothing when there are none. */
void mail_imap_refused_status(struct db *db, struct json *out, struct str *words);
/* A line each. */
void mail_imap_refused_doctor(struct hook_report *report, struct db *db);

#endif
