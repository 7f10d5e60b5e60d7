/* reply_inside.h - what inbox/reply*.c share. */
#ifndef INBOX_REPLY_INSIDE_H
#define INBOX_REPLY_INSIDE_H

#include "inbox/draft_inside.h"
#include "inbox/reply.h"
#include "mail/message.h"
#include "office/source.h"

/* What begins the block of a forwarded mail. */
#define REPLY_FORWARDED "---------- Forwarded message ----------"
#define REPLY_FORWARDED_ZH "---------- 转发的邮件 ----------"

/* "Re: …" or "Fwd: …" without stacking; DRAFT_NEW: bare. Yours. */
char *reply_subject(const char *subject, enum draft_kind kind);
/* Foreign text on one line: controls become blanks, blanks are one. Yours. */
char *reply_one_line(const char *text);
/* Foreign text as that of a draft: no control but line breaks and tabs. Yours. */
char *reply_plain(const char *text);
/* What a stored draft answers: In-Reply-To and References as far as they can stand in ours. */
void reply_take_answered(struct draft *d, const struct mail_message *m);
/* An empty draft with its lists. */
struct draft *reply_fresh(void);
/* Another identity: account and From. */
enum status reply_set_sender(struct draft *d, const char *identity, struct error *err) MUST_CHECK;
/* Account and From: of the account's name, else by the recipients of the answered mail. */
void reply_sender(struct draft *d, const char *account, const struct vec *recipients);
/* "On …, … wrote:" with the quoted text; the block of a forwarded mail. Yours. */
char *reply_quote(const struct mail_message *m);
char *reply_forwarded(const struct mail_message *m);
/* A model's text as the text of a mail: no controls, no blank edges, no "Subject:" line. Yours. */
char *reply_clean(const char *text);

/* What a run writes from: gathered on the finder. */
struct reply_material {
    /* asked for; own */
    enum draft_kind kind;
    int part;               /* of message: the mail inside that is meant; 0 */
    int64_t message, draft; /* draft: an existing one is written again */
    bool blank, offline;
    char *template_name, *to, *cc, *bcc, *subject, *instruction, *identity, *body, *answered;
    bool attached, without_files, as_new; /* forward as a file, or its text only; edit as new */
    size_t from, until;     /* instruct: the selection, 0, 0: all */
    bool instruct;
    const struct paths *paths; /* borrow */
    struct vec paths_of_files; /* strv */
    /* found */
    struct mail_message *inner; /* own: the mail inside; NULL */
    struct str inner_raw;   /* its bytes */
    struct draft *head;     /* own */
    struct source_list sources;
    struct vec files;       /* struct mail_file of paths_of_files */
    char *tail;             /* own: behind what is written (a forwarded mail); NULL */
    char *signature;        /* own: of the identity; NULL */
    char *whole_name;       /* own: the mail goes as a file of that name, made seven bits; NULL */
    int earlier;            /* own earlier answers among the sources */
};
struct reply_material *reply_material_new(void);
void reply_material_free(void *material);
/* The question for the finder. */
enum status reply_gather(struct db *db, void *material, struct error *err);

/* The program's own words to the model, by kind of work and whether something was asked for. */
const char *reply_system(const struct reply_material *m, bool has_say);

/* Do the files of the mail go with the draft? */
bool reply_wants_original(const struct reply_material *m);
/* Attaches the files of the mail to a draft (forwarding), or with a name the whole mail; done once. m is
 * borrowed until then. */
void reply_attach_original(struct store *s, int64_t draft, const struct reply_material *m,
                           void (*done)(void *user, const struct error *err), void *user);

/* model_offline.run of "draft" and "instruct". */
enum status offline_draft(const struct model_request *req, struct str *out, struct error *err);
enum status offline_instruct(const struct model_request *req, struct str *out, struct error *err);

#endif
