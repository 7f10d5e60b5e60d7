/* imap.h - accounts on an IMAP server: kept in step both ways.
 *
 * What a person does changes the rows at once and is noted in a queue (mail_imap_note); a sync looks
 * at the server first, merges flag by flag, then sends what is left of the queue. Undo acts on
 * messages, so it does not matter that a move gave them other UIDs. README.md tells the rest.
 * Loop thread only, unless said otherwise. */
#ifndef MAIL_IMAP_H
#define MAIL_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "command/hook.h"
#include "mail/folder.h"
#include "store/db.h"
#include "store/store.h"

struct imap; /* io/imap.h */

/* ---- sync ---- */

struct mail_sync_folder; /* maildir.h: the same row for every kind of account */
struct mail_imap_sync;
struct mail_imap_sync_setup {
    const char *account; /* copied; NULL: all that have an IMAP server, several at once */
    bool confirmed;      /* a doubtful mass deletion was looked at and is right */
    bool wait_bodies;    /* ends when every body that the policy wants is here (batch) */
    bool push_only;      /* only accounts for which something waits, and the folders it touches */
    int64_t body;        /* nothing but this message's body; 0: everything */
    /* NULL: nobody. A copy the server refused, a mail too large to be taken; user as below. */
    void (*on_warn)(void *user, const char *text);
};
/* on_folder (may be NULL) for every folder in which something happened or all of them when asked for
 * by a person; on_done once. REFUSED with a hint: a mass deletion waits for a yes. */
struct mail_imap_sync *mail_imap_sync(struct store *s, const struct mail_imap_sync_setup *setup,
                                      void (*on_folder)(void *user, const struct mail_sync_folder *f),
                                      void (*on_done)(void *user, int64_t added,
                                                      const struct error *err),
                                      void *user);
/* on_done comes with INTERRUPTED; also legal from inside. */
void mail_imap_sync_cancel(struct mail_imap_sync *m);
/* The same without waiting for the answer under way. */
void mail_imap_sync_cut(struct mail_imap_sync *m);
/* Has any account an IMAP server? */
bool mail_imap_any(void);

/* Waits anything for the server of this account, or with NULL of any of the config? Bounded. */
bool mail_imap_waits(struct db *db, const char *account);

/* Keeps all accounts in step for the screen and `work`: IDLE on the inbox or a look every
 * mail.check-every, again with growing pauses when the line is down. One per process; NULL when no
 * account is of that kind. */
struct mail_imap_watch;
struct mail_imap_watch *mail_imap_watch_new(struct store *s);
void mail_imap_watch_free(struct mail_imap_watch *w);
/* A person asks for a look now: no pause after a failure is waited for. Nothing without a watch. */
void mail_imap_watch_kick(void);
/* The config was read anew: accounts that came are watched, too. */
void mail_imap_watch_renew(void);
/* No network in this process: --offline. */
void mail_imap_keep_offline(void);
/* The work hook's run ends when every account was looked at (`work --once`), not when the watch stands. */
void mail_imap_work_waits(void);
/* Hears what a person should know: a refused login, a mass deletion that waits. NULL: nobody. */
void mail_imap_on_trouble(void (*fn)(void *user, const struct error *err), void *user);
extern const struct hook_work mail_imap_work;

/* What the status row says of a line that is down ("work: not reachable"); else appends nothing. */
void mail_imap_words(struct str *out);
/* When the account, or with NULL any of them, was last in step; CLOCK_NONE: never. Bounded query. */
int64_t mail_imap_last(struct db *db, const char *account);
/* It is in step now (writers). */
enum status mail_imap_last_set(struct db *db, const char *account, struct error *err) MUST_CHECK;
hook_status_fn mail_imap_status;
/* What a server has not got that would make sync quicker or safer: bits, and words for a hint. */
unsigned mail_imap_lacks(const struct imap *s);
void mail_imap_lacks_words(unsigned bits, struct str *out);

/* ---- bodies that have not been fetched ---- */

/* A person looks at a message that is known by its header alone (DOC_PARTIAL): its body comes next. */
void mail_imap_want(struct store *s, int64_t message);
/* The same for a batch command, by a session of its own: done once, when it was tried. */
void mail_imap_fetch_body(struct store *s, int64_t message, void (*done)(void *user, const struct error *err),
                          void *user);

/* ---- copies of ours on the server (writers, inside an operation) ---- */

struct mail_imap_copy_new {
    const char *account;
    enum mail_role role;  /* MAIL_ROLE_SENT, MAIL_ROLE_DRAFTS */
    const char *key;      /* "draft 12": replaces the copy last appended under it; NULL: an own one */
    const void *bytes;    /* the message; LF or CRLF. len 0 with a key: its copy is taken away */
    size_t len;
    unsigned flags;       /* enum doc_flag */
    int64_t date;         /* INTERNALDATE; CLOCK_NONE: now */
};
/* Queues it; the next sync sends it. A copy with a key is a mirror: it never becomes a message here.
 * Does nothing when the account has no IMAP server. A Sent copy that is also a message of the store
 * needs none of this: mail_add into a folder of the account queues it by itself. */
enum status mail_imap_append(struct db *db, const struct mail_imap_copy_new *c, struct error *err)
    MUST_CHECK;

/* ---- for change.c and add.c (writers) ---- */

/* Before a message's flags, labels or folder (into `target`, else 0) change: remembers what the server
 * was last told. */
enum status mail_imap_note(struct db *db, int64_t message, int64_t target, struct error *err) MUST_CHECK;

#endif
