/* reply.h - a draft that a model (or the offline engine) writes.
 *
 * A run makes or takes a draft, gathers the thread as sources, streams the answer into the draft
 * (appended at most four times a second, folded at the end) and tells the pane each piece. The run
 * is a job of kind "draft" with a lease: when this process dies the text stays and is marked cut.
 * Recipients and subject come from the mail only, never from a model. It never sends. Loop thread. */
#ifndef INBOX_REPLY_H
#define INBOX_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "inbox/draft.h"
#include "model/model.h"

struct db;
struct store;
struct reply_run;

struct reply_request {
    enum draft_kind kind;
    int64_t message;          /* what is answered or forwarded; 0 for a new mail */
    int part;                 /* the mail inside it that is meant; 0 itself */
    const char *say;          /* what it shall say; NULL or "": every yes/no becomes a gap */
    const char *tone, *template_name, *model; /* NULL: none */
    bool offline;
    bool blank;               /* no model: quote line, signature, cursor on top */
    const char *to, *cc, *bcc, *subject; /* new mail, forward: typed by the person; NULL */
    const char *from;         /* an identity (people_identity_find); NULL: by the mail */
    const char *body;         /* new mail: text to begin with; NULL */
    const char *in_reply_to;  /* new mail: Message-ID it answers, without <>; NULL */
    const char *as;           /* forward: "inline" or "attached"; NULL: forward.as */
    bool without_files;       /* forward inline: the text only */
    bool as_new;              /* DRAFT_NEW: head, text and files are those of `message` */
    const struct vec *files;  /* strv of paths; NULL */
};

struct reply_result {
    int64_t draft, version;
    enum model_state state;
    const struct model_result *model; /* NULL for blank ones */
    const struct error *error;        /* STATUS_OK unless failed or unreachable */
    const char *by;
};

struct reply_events { /* all but on_done may be NULL */
    void (*on_draft)(void *user, int64_t draft); /* it exists now: open it */
    void (*on_egress)(void *user, const char *where, int passages, int64_t bytes);
    void (*on_delta)(void *user, const char *text, size_t n);
    void (*on_wait)(void *user, int seconds, const char *why);
    void (*on_done)(void *user, const struct reply_result *r); /* exactly once */
};

/* NULL with err: nothing was started and no draft made (NO_SUCH, REFUSED). */
struct reply_run *reply_start(struct store *s, const struct reply_request *req,
                              const struct reply_events *ev, void *user, struct error *err);
/* Draft again: a new version by the same instruction (say NULL) or another. model NULL: as before. */
struct reply_run *reply_again(struct store *s, int64_t draft, const char *say, const char *model,
                              bool offline, const struct reply_events *ev, void *user,
                              struct error *err);
/* Instruct: the bytes [from, to) of the text (0, 0: all) are rewritten as told, in a new version. */
struct reply_run *reply_instruct(struct store *s, int64_t draft, size_t from, size_t to,
                                 const char *instruction, const char *model, bool offline,
                                 const struct reply_events *ev, void *user, struct error *err);
/* Stops, keeps the text; on_done follows with MODEL_CANCELLED. */
void reply_cancel(struct reply_run *r);
int64_t reply_draft(const struct reply_run *r); /* 0 before on_draft */

/* Recipients, subject, References and From of an answer to this message by its kind (Reply-To,
 * reply-all without me, List-Post; Re:/Fwd:/回复: not stacked). inner: a mail inside the message, which
 * is answered instead; NULL. Fills a fresh draft; yours. */
enum status reply_head(struct db *db, enum draft_kind kind, int64_t message,
                       const struct mail_message *inner, struct draft **out,
                       struct error *err) MUST_CHECK;
/* Its recipients, subject, text as a new mail; a mail that lies in a folder of drafts keeps what it
 * answers and becomes the origin of the draft. Fills a fresh draft; yours. */
enum status reply_head_as_new(struct db *db, int64_t message, struct draft **out,
                              struct error *err) MUST_CHECK;
/* The open draft that continues this mail of a drafts folder, or whose mirror it is; 0 none. */
int64_t reply_continued(struct db *db, int64_t message);
/* What of a thread is edited as new: its newest draft in a folder of drafts, else its newest message;
 * 0 when empty. */
int64_t reply_newest(struct db *db, int64_t thread);
/* The newest message of the thread that is not mine (else the newest); 0 when empty. */
int64_t reply_target(struct db *db, int64_t thread);
/* The row under "what shall it say?": how many messages would go to whom. Yours. */
char *reply_prompt(struct store *s, int64_t message, const char *model, bool offline);

#endif
