/* outbox.h - the one gate to the world.
 *
 * A send is a state machine on disk (safety.md 2): approving composes the exact bytes in a fresh
 * reader, fixes Message-ID and Date, stores bytes, hash, who and when, and leaves the item `held`
 * until its time, then `queued`. A run takes a lease (a fence number that every later write
 * checks, so two processes never send the same), talks SMTP, and commits `handed` with FULL sync
 * before the last byte leaves. 250 makes it `sent`, a refusal `failed`, silence after handing
 * `in-doubt` (RFC 1047): never sent again unless a person says so; it becomes `sent` when a message
 * with its Message-ID turns up in the store. What ends before handing stays `queued` and is tried
 * again. The copy to Sent is a step of its own with its own tries. The envelope comes from the
 * draft only. Loop thread, but where a struct db is taken: inside a writing operation. */
#ifndef OFFICE_OUTBOX_H
#define OFFICE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

struct db;
struct store;
struct str;
struct hook_work;

#define OUTBOX_STATE_LIST(X)                                                                       \
    X(HELD, "held")           /* approved, waits for its time; can be taken back */                \
    X(QUEUED, "queued")       /* due, or being tried; nothing handed */                            \
    X(HANDED, "handed")       /* the last byte is leaving or has left, no answer yet */            \
    X(SENT, "sent")                                                                                \
    X(IN_DOUBT, "in-doubt")   /* nobody can know: a person decides */                              \
    X(FAILED, "failed")       /* the server said never, or nothing can send it */                  \
    X(CANCELLED, "cancelled") /* taken back before it was handed, or given up by a person */

enum outbox_state {
#define X(name, word) OUTBOX_##name,
    OUTBOX_STATE_LIST(X)
#undef X
};
const char *outbox_state_word(enum outbox_state s); /* the contract's */
const char *outbox_state_name(enum outbox_state s); /* as a person reads it */

/* What a person approves. All borrowed during outbox_approve. */
struct outbox_order {
    int64_t draft, version;
    const char *draft_hash;        /* what the person saw */
    const char *account;           /* config name; NULL: found by from */
    const char *from_name, *from;  /* from: addr-spec */
    const struct vec *to, *cc, *bcc; /* struct mail_address */
    const char *subject, *text;
    const char *in_reply_to;       /* Message-ID without <>, NULL */
    const struct vec *references;  /* strv, without <>; NULL */
    const struct vec *files;       /* struct mail_file; NULL */
    const char *who;               /* "me" or "rule NAME" */
    int64_t send_at;               /* wall seconds; earlier than now: at once (queued) */
    /* Inside the transaction that stores the approval: is the draft still what was approved? Marks
     * it as approved; STALE refuses. NULL: nobody keeps it. */
    enum status (*confirm)(struct db *db, const struct outbox_order *o, int64_t outbox,
                           struct error *err);
};

/* Whoever keeps drafts learns of each state in the same transaction (sent: the answered mail gets
 * its flag; voided: the draft is open again). One listener; at start. */
void outbox_on_state(enum status (*fn)(struct db *db, int64_t outbox, int64_t draft,
                                       enum outbox_state state, struct error *err));

/* Composes, checks and stores. done gets the outbox id (0 on error: REFUSED for a header that
 * cannot be or no recipient, FAILED when no account can send). An earlier approval of the same
 * draft that still waits is voided. */
void outbox_approve(struct store *s, const struct outbox_order *o,
                    void (*done)(void *user, int64_t id, const struct error *err), void *user);
/* Only the refusals, without composing (dry runs). */
enum status outbox_check(const struct outbox_order *o, struct error *err) MUST_CHECK;

struct outbox_row { /* borrowed during on_row */
    int64_t id, draft, version;
    enum outbox_state state;
    int64_t send_at, approved_at, handed_at, sent_at, next_try; /* CLOCK_NONE when not */
    int attempts;
    const char *account, *message_id, *hash /* SHA-256 of the exact bytes */, *draft_hash;
    const char *from;        /* addr-spec */
    const char *to /* "name <address>, …" of to */, *subject, *who;
    const char *error;       /* last words, "" when none */
    const char *copy_state;  /* "none", "pending", "done", "failed" */
    const char *copy_error;
    int64_t size;
};
/* Newest first; open_only leaves out sent and cancelled. */
enum status outbox_list(struct db *db, bool open_only, int64_t limit,
                        bool (*on_row)(void *user, const struct outbox_row *r), void *user,
                        struct error *err) MUST_CHECK;
enum status outbox_get(struct db *db, int64_t id,
                       bool (*on_row)(void *user, const struct outbox_row *r), void *user,
                       struct error *err) MUST_CHECK;
/* The exact bytes, and the recipients of the envelope (strv). */
enum status outbox_bytes(struct db *db, int64_t id, struct str *out, struct vec *envelope,
                         struct error *err) MUST_CHECK;
#define OUTBOX_WHO 96
/* The status row: held now; waiting for a server that was not reached. Of each the newest (C-x u takes it back) and
 * to whom (name of the first recipient). */
struct outbox_held {
    int count, waiting, doubtful, failed;
    int64_t id, draft, send_at; /* of the newest held; 0 when none */
    int64_t waiting_id, next_try; /* of the newest that waits */
    char who[OUTBOX_WHO], waiting_who[OUTBOX_WHO];
};
void outbox_held(struct db *db, struct outbox_held *out);
/* The name of the first of a row's recipients, else the address. */
void outbox_who(const char *recipients, char out[OUTBOX_WHO]);
/* Is a mail sent whose copy has still to be put into Sent, now? */
bool outbox_copy_waits(struct db *db);
/* The draft that a mail of this office was, by its Message-ID; 0. */
int64_t outbox_draft_of(struct db *db, const char *message_id);
/* What a person can do about one that failed. Yours. */
char *outbox_way_out(int64_t id, int64_t draft);
/* What has become of one; *sent_at when it has left. CANCELLED when there is none. */
enum outbox_state outbox_fate(struct db *db, int64_t id, int64_t *sent_at);

/* Inside a writing operation. Taking back: from held, queued without a living lease, in-doubt and
 * failed (given up). REFUSED when it has left or is leaving. */
enum status outbox_cancel(struct db *db, int64_t id, struct error *err) MUST_CHECK;
/* failed or queued: now; in-doubt only with twice_ok ("may arrive twice"), else REFUSED. The
 * Message-ID stays. */
enum status outbox_retry(struct db *db, int64_t id, bool twice_ok, struct error *err) MUST_CHECK;
/* Send a held one now. */
enum status outbox_hurry(struct db *db, int64_t id, struct error *err) MUST_CHECK;
/* A screen begins: what is held leaves no sooner than so many seconds from now, so that who sees it again can take it
 * back. */
enum status outbox_hold_anew(struct db *db, int64_t seconds, struct error *err) MUST_CHECK;
/* Any edit voids the approval: cancels what is held or queued of this draft. *voided may be NULL.
 * REFUSED while it is leaving. */
enum status outbox_void_draft(struct db *db, int64_t draft, bool *voided, struct error *err) MUST_CHECK;
/* handed without a living lease becomes in-doubt; in-doubt found in the store becomes sent. */
enum status outbox_recover(struct db *db, int *changed, struct error *err) MUST_CHECK;

/* Sends what is due now (id 0), or this item, due or held, at once. A run ends when nothing that
 * is due is left and nothing is under way; on_done comes once, never from inside the start. */
struct outbox_run;
struct outbox_events { /* on_change may be NULL */
    void (*on_change)(void *user, int64_t id, enum outbox_state state, const struct error *err);
    /* err: the first failure; UNREACHABLE when something stays queued for later. */
    void (*on_done)(void *user, int sent, const struct error *err);
};
struct outbox_run *outbox_run_start(struct store *s, int64_t id, const struct outbox_events *ev,
                                    void *user);
/* What was not handed is broken off and stays queued; what was, ends as in-doubt. on_done follows. */
void outbox_run_cancel(struct outbox_run *r);
/* No network in this process, --offline: what needs a server stays queued; sendmail is a program here. */
void outbox_keep_offline(void);
/* How large a mail the account's server takes, as it said last; 0 unknown. */
int64_t outbox_size_most(struct db *db, const char *account);
/* Seconds when the next item is due (also a copy to Sent, also a dead runner's); CLOCK_NONE. */
int64_t outbox_due(struct db *db);
/* The same as a hook: an open screen, `work` and `outbox run` send by it. */
extern const struct hook_work outbox_work;

#endif
