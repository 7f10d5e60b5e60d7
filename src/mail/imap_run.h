/* imap_run.h - one look at one IMAP account, step by step (imap_run.c, imap_fetch.c, imap_send.c).
 *
 * A run goes over an open session: list the folders, look at those that may have changed, take what
 * is new, send what waits, fetch bodies, settle what is gone. Every step sends commands, gathers what
 * the server says, hands it to the writer and goes on in that operation's callback. A run ends once,
 * behind the operation under way; when the line drops everything that came is kept. Loop thread. */
#ifndef MAIL_IMAP_RUN_H
#define MAIL_IMAP_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "io/imap.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/imap_inside.h"
#include "mail/imap_refused.h"
#include "mail/intake.h"
#include "mail/maildir.h"
#include "store/job.h"
#include "store/store.h"

/* A folder of the account, as we know it and as the server just said. */
struct run_folder {
    int64_t id;
    char *wire, *name; /* own */
    char separator;
    enum mail_role role;
    unsigned attributes;
    int64_t uidvalidity, uidnext, modseq, messages; /* stored */
    int64_t state;
    bool thrids;      /* its mails were asked for X-GM-THRID, or brought it */
    struct {
        unsigned has; /* enum imap_folder_has */
        int64_t uidvalidity, uidnext, modseq, messages;
    } now;            /* by STATUS */
    bool need, foreign; /* to be looked at; it belongs to others, or to all */
    bool told_once;   /* on_folder has heard of it */
    struct mail_sync_folder told;
};
void mail_imap_run_folder_fini(void *item);

struct run_thrid { uint32_t uid; uint64_t thrid; };
/* What the commands under way brought. */
struct run_heard {
    struct vec thrids;        /* struct run_thrid: X-GM-THRID alone */
    struct vec told;          /* struct mail_remote: flags of UIDs */
    struct imap_set vanished; /* UIDs */
    struct imap_set found;    /* by SEARCH, or by a FETCH of all */
    bool has_found;
    int64_t exists, uidvalidity, uidnext, modseq;
    bool any_keyword;         /* PERMANENTFLAGS has \* */
    bool read_only, no_modseq;
    struct str copy_from, copy_to; /* COPYUID, APPENDUID */
    int64_t copy_validity;
};

struct mail_imap_run;
struct mail_imap_run_setup {
    const char *account;  /* copied */
    struct imap *session; /* borrow: logged in and greeted */
    bool confirmed, bodies, push_only, inbox_only;
    int64_t body;
};
struct mail_imap_run_events {
    void (*on_folder)(void *user, const struct mail_sync_folder *f);
    /* What happened to one mail; again: it was told before. */
    void (*on_warn)(void *user, const char *text, bool again);
    /* doubtful: messages that wait for a yes. */
    void (*on_done)(void *user, int64_t added, int64_t pushed, int64_t doubtful, const struct error *err);
};

struct mail_imap_run {
    struct store *store;
    struct imap *session; /* borrow; NULL when it is lost */
    char *account;        /* own */
    struct mail_imap_run_setup setup;
    struct mail_imap_run_events ev;
    void *user;
    struct vec folders;   /* struct run_folder */
    size_t at;            /* the folder being worked at */
    int64_t selected;     /* its id; 0: none */
    int64_t large;        /* headers of too large mails that came and were not told of */
    int64_t trash, drafts, sent; /* folders of the account for these purposes */
    char *prefix, separator; /* own: of personal folders ("INBOX."); between their levels (0: not told) */
    struct vec foreign;   /* strv: prefixes of others' folders and shared ones */
    struct run_heard heard;
    bool full;            /* the folder is compared UID by UID */
    struct mail_intake *intake;
    int64_t added, pushed, doubtful, horizon, fetched, to_fetch;
    int lock;             /* descriptor of the account's lock file; -1 */
    int lock_tries;
    bool waited;          /* for an append in doubt */
    struct loop_watch *timer;
    struct job_claim job; /* what tells how far it is; id 0: none */
    int64_t step_ms;      /* when it was last told */
    bool stepping;
    int64_t slice_ms;     /* when taking mails in this turn began */
    struct error error;
    size_t ops, commands; /* under way */
    bool cancelled, failed, ending, flushing, paused;
    void (*next)(struct mail_imap_run *r); /* what follows when the intake is empty */
    struct run_fetch *fetch; /* own: imap_fetch.c */
    struct run_send *send;   /* own: imap_send.c */
};

/* The run is on its way; on_done comes once, from the loop. */
struct mail_imap_run *mail_imap_run_new(struct store *s, const struct mail_imap_run_setup *setup,
                                        const struct mail_imap_run_events *ev, void *user);
/* What the session says, and that it is gone: whoever opened it hands it on. */
void mail_imap_run_response(struct mail_imap_run *r, const struct imap_response *resp);
void mail_imap_run_lost(struct mail_imap_run *r, const struct error *why);
/* Ends as soon as it may; on_done with INTERRUPTED. */
void mail_imap_run_cancel(struct mail_imap_run *r);

/* ---- between the files of a run ---- */

/* on_warn of a mail (0: a copy of ours that is none): "account/folder: subject: why". */
void mail_imap_run_warn(struct mail_imap_run *r, int64_t folder, int64_t message, const char *why, bool again);
/* The same, written down first; what is final and a row of mail_imap_append is settled. account is filled. */
void mail_imap_run_refused(struct mail_imap_run *r, const struct mail_imap_refusal *refusal,
                           void (*then)(struct mail_imap_run *r));

/* Fails with this error unless it has failed already; nothing new is begun. */
void mail_imap_run_fail(struct mail_imap_run *r, const struct error *err);
/* May the next step be taken? false: the run ends (or waits to). */
bool mail_imap_run_goes(struct mail_imap_run *r);
/* Sends c; then is called when it was answered with OK or NO (*ok), not when the run has failed. */
void mail_imap_run_send(struct mail_imap_run *r, struct imap_command *c,
                        void (*then)(struct mail_imap_run *r, void *user,
                                     const struct imap_result *result),
                        void *user);
/* The same with a record that is then's to free; drop frees it when then is not called. */
void mail_imap_run_hand(struct mail_imap_run *r, struct imap_command *c,
                        void (*then)(struct mail_imap_run *r, void *user,
                                     const struct imap_result *result),
                        void *user, void (*drop)(void *user));
/* Posts an operation of this run; then is called behind it unless the run has failed. */
void mail_imap_run_post(struct mail_imap_run *r, const struct store_op *op, void *record,
                        void (*then)(struct mail_imap_run *r, void *record));
/* Selects a folder (again): QRESYNC or CONDSTORE when the server has them and `resync`. */
void mail_imap_run_select(struct mail_imap_run *r, struct run_folder *f, bool resync,
                          void (*then)(struct mail_imap_run *r, void *user,
                                       const struct imap_result *result));
struct run_folder *mail_imap_run_folder(struct mail_imap_run *r, int64_t id); /* NULL: none */
/* imap_hear.c */
void mail_imap_heard_init(struct run_heard *h);
void mail_imap_heard_clear(struct run_heard *h);
void mail_imap_hear_code(struct mail_imap_run *r, const struct imap_response *resp);

/* imap_fetch.c: takes what is new of the folder selected (headers of many, whole mails of few), then
 * of all folders what the policy wants; then the run's next step. */
void mail_imap_fetch_folder(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r));
void mail_imap_fetch_rest(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r));
/* Gmail's labels beside the keywords; its own (\\Inbox) are folders and flags. */
void mail_imap_gmail_labels(struct mail_imap_run *r, const struct vec *labels, struct str *keywords);
/* A FETCH with a body or header. */
void mail_imap_fetch_take(struct mail_imap_run *r, const struct imap_response *resp);
void mail_imap_fetch_free(struct run_fetch *f);
/* The run ends: so does the job that told how far it was. */
void mail_imap_fetch_end(struct mail_imap_run *r);

/* imap_thrid.c: mails of the folder selected join the conversations that Gmail counts. */
void mail_imap_thrids(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r));
/* imap_send.c: what waits in the queue of this account. */
void mail_imap_send_all(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r));
void mail_imap_send_free(struct run_send *s);
/* Folders that the queue will touch: their ids (int64_t). */
void mail_imap_send_folders(struct db *db, const char *account, struct vec *ids);

/* imap_list.c: the operation that writes what LIST and STATUS said; folders of the record are filled. */
struct run_listing {
    char *account;      /* own */
    char *prefix;       /* own */
    struct vec foreign; /* strv: others' prefixes */
    bool utf8;
    int64_t trash, drafts, sent; /* filled */
    struct vec folders; /* struct run_folder: wire, separator, attributes, now; id, name, … filled */
};
extern const struct store_op mail_imap_list_op;
void mail_imap_listing_free(void *record);
/* imap_apply.c: the operation that writes what was heard of a folder, slice by slice. */
struct run_apply {
    int64_t folder;
    struct run_heard heard; /* moved in */
    bool reset;             /* another UIDVALIDITY, or never looked at */
    size_t at;              /* told so far */
    uint32_t found_at;
    bool over;              /* all is written */
    int64_t known;          /* mails that are known there by then, and those still to come */
    int64_t changed, gone;
};
extern const struct store_op mail_imap_apply_op;
void mail_imap_apply_free(void *record);
/* Copies of a UIDVALIDITY that is over and were not found again are gone, once nothing is left to do. */
enum status mail_imap_apply_old(struct db *db, const char *account, struct error *err) MUST_CHECK;

#endif
