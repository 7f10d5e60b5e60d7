/* imap_send.h - what waits for the server: jobs made of the queue (imap_jobs.c), sent (imap_send.c,
 * imap_send_flags.c, imap_send_move.c, imap_send_going.c), and what they brought written down (imap_sent.c). */
#ifndef MAIL_IMAP_SEND_H
#define MAIL_IMAP_SEND_H

#include "mail/imap_going.h"
#include "mail/imap_refused.h"
#include "mail/imap_run.h"

/* A message that waits: how the server was last told of it, and how it stands. */
struct send_message {
    int64_t message;
    struct mail_imap_base base;
    unsigned flags;
    int64_t folder;
    char *labels; /* own */
    struct vec words; /* strv: flags and labels, of imap_place.c */
    bool tried;   /* an append was under way when we lost sight of it */
    bool failed;  /* a job for it was not done: it stays in the queue */
    /* The server said no to a part of it (put back, or it waits): how firmly, and its words. */
    enum mail_imap_no no;
    char *why;         /* own */
    int64_t where;     /* folder */
    char *unset;       /* own; words of imap_place.c with blanks between; NULL: none */
    bool unmoved;      /* or not appended */
    bool told, again;  /* filled: told a person; the same as before */
    bool away;    /* it left the account: another one appends it */
};

struct send_pair {
    int64_t uid, message;
    char *plus, *minus; /* own; STORE: words that it has got beside those of the job; NULL: none */
    int64_t copy;       /* MOVE by copying: its copy in the target; 0: not known */
    bool noted;         /* and that it is under way was written down by this job */
};
void mail_imap_pair_fini(void *item);

enum send_kind { SEND_STORE, SEND_MOVE, SEND_APPEND };

/* One command for many messages. */
struct send_job {
    enum send_kind kind;
    int64_t folder, target; /* MOVE, APPEND: target; APPEND has no folder */
    char *plus, *minus;     /* own; STORE: words with blanks between */
    char *dropped;          /* own; STORE: words that the folder cannot keep; NULL: none */
    struct vec pairs;       /* struct send_pair, by UID; APPEND: one, uid 0 */
    bool looked;            /* MOVE: the flags of its copies were asked for just before */
    int64_t since;          /* and the highest MODSEQ was this; 0: none */
    bool copied;            /* MOVE by copying: the pairs say where */
    bool left;              /* and nothing can be expunged alone: marked \Deleted */
};

struct run_send {
    void (*then)(struct mail_imap_run *r);
    int64_t last;        /* of mail_imap_push: rows up to here were looked at */
    struct vec messages; /* struct send_message */
    struct vec jobs;     /* struct send_job */
    size_t at;
    struct str bytes;    /* of an append under way */
    struct str got[2], lost[2]; /* of a STORE under way: words that were done and refused, - and + */
    struct str dropped;         /* words of a job that its folder cannot keep */
    enum mail_imap_no no;       /* and how firmly */
    char *why;                  /* own */
    bool labels;          /* labels of mails that were appended are to follow */
    struct vec back;      /* struct going_back: copies that are one too many */
    size_t back_at;
    int64_t append;      /* rows of mail_imap_append up to here were passed over */
    struct vec appends;  /* int64_t: rows that were tried in this run */
    bool created;        /* the target was made and the command sent again */
    struct vec cleaned;  /* int64_t: folders that were */
};

/* Reads the next rows of the queue and makes jobs; false: none are left. Loop. */
bool mail_imap_jobs_make(struct mail_imap_run *r, struct run_send *s);
struct send_message *mail_imap_jobs_message(struct run_send *s, int64_t message);

/* ---- between imap_send.c, imap_send_flags.c and imap_send_move.c ---- */

/* Moves the copies of the job at hand; its folder is open. */
void mail_imap_send_move(struct mail_imap_run *r);
/* What became of moves by COPY that were cut off; then the rounds. */
void mail_imap_send_resume(struct mail_imap_run *r);
void mail_imap_send_rounds(struct mail_imap_run *r);
/* Is its copy one too many and could not be taken away? */
bool mail_imap_send_is_back(const struct run_send *s, int64_t folder, int64_t uid);
/* A folder is made on the server; then the job at hand or, when there is none, copies of ours. */
void mail_imap_send_create(struct mail_imap_run *r, int64_t folder);
/* The next job. */
void mail_imap_send_next(struct mail_imap_run *r);
/* The job's messages stay in the queue; or the server said no to it; then the next. */
void mail_imap_send_failed(struct mail_imap_run *r);
void mail_imap_send_denied(struct mail_imap_run *r, const struct imap_result *result);
/* Flags and labels of the job at hand; its folder is open. */
void mail_imap_send_flags(struct mail_imap_run *r);
struct send_job *mail_imap_send_job(struct mail_imap_run *r); /* the one at hand */
/* It was done: what it brought is written down; then the next. */
void mail_imap_send_done(struct mail_imap_run *r);
/* "UID VERB set" of the job. */
struct imap_command *mail_imap_send_command(struct mail_imap_run *r, const char *verb);
/* The server's no to a part of a message is kept with it. */
/* Words (of a job) that its copy did not get, or lose: NULL none. */
void mail_imap_send_lost(struct send_message *m, const char *plus, const char *minus);
void mail_imap_send_refuse(struct send_message *m, enum mail_imap_no no, const char *why, int64_t where);

/* ---- between imap_send.c and imap_mirror.c ---- */

/* Copies of ours that wait, and mirrors that were replaced; then the run goes on. */
void mail_imap_send_copies(struct mail_imap_run *r);
/* Why the server will not take the bytes of an append, known without asking; NULL: it may. Yours. */
char *mail_imap_send_unfit(const struct mail_imap_run *r);
/* Bytes for an APPEND, made ready for the line, and the command that sends them. */
void mail_imap_send_bytes(struct mail_imap_run *r, const char *bytes, size_t n);
struct imap_command *mail_imap_send_append(struct mail_imap_run *r, const char *wire, const char *words,
                                           int64_t date);

/* ---- imap_sent.c: operations ---- */

/* A job that was done: its copies. Record: struct sent_job. */
struct sent_job {
    struct send_job job;   /* moved in and out */
    int64_t validity;      /* of COPYUID, APPENDUID; 0: not told */
    char *from, *to;       /* own: its sets */
    int64_t uid;           /* of APPENDUID */
};
extern const struct store_op mail_imap_sent_op;
/* Does COPYUID speak of the folder as we know it (or is it not known yet)? */
bool mail_imap_sent_valid(struct db *db, int64_t folder, int64_t validity);
/* A copy (folder, uid) lies in the target, too; known: what is there has its row already. */
enum status mail_imap_sent_place(struct db *db, int64_t folder, int64_t uid, int64_t target, int64_t to,
                                 bool known, struct error *err) MUST_CHECK;
/* All jobs of a round: what the server was told. Record: struct sent_round. */
struct sent_round {
    char *account;       /* own */
    struct vec messages; /* struct send_message, moved */
};
extern const struct store_op mail_imap_round_op;
/* How copies stand just before they are deleted. */
struct sent_look {
    int64_t folder;
    struct vec told;         /* struct mail_remote, moved */
    struct imap_set changed; /* filled: UIDs that somebody changed */
};
extern const struct store_op mail_imap_look_op;
/* An append is about to be sent. Record: struct sent_try; message or row of mail_imap_append. */
struct sent_try {
    int64_t message, append;
};
extern const struct store_op mail_imap_try_op;
/* A copy of ours is on the server, or was taken away. */
struct sent_copy {
    int64_t append, serial, folder, uid, validity;
};
extern const struct store_op mail_imap_copied_op;
struct sent_clean {
    int64_t folder;
    struct vec uids; /* int64_t */
    bool left;
};
extern const struct store_op mail_imap_cleaned_op;
/* A folder was made on the server. */
struct sent_folder {
    int64_t folder;
    char *account, *wire; /* own */
    char separator;
};
extern const struct store_op mail_imap_made_op;

#endif
