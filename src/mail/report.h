/* report.h - what machines say of mails of ours: could not be delivered, delayed, answered by a machine.
 *
 * The reader finds it out (reader/report.h); here it is kept by the Message-ID of the mail it speaks of, so
 * that the sent mail, its thread and the outbox can say so, whichever of the two came first. */
#ifndef MAIL_REPORT_H
#define MAIL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "store/db.h"

struct mail_message;

enum mail_report_kind {
    MAIL_REPORT_NONE,
    MAIL_REPORT_BOUNCE,    /* could not be delivered */
    MAIL_REPORT_DELAY,     /* not yet */
    MAIL_REPORT_DELIVERED, /* was asked for */
    MAIL_REPORT_COMPLAINT, /* the recipient called it spam */
    MAIL_REPORT_AUTO       /* a machine answered for a person who is away */
};
/* "bounce", "delay", "delivered", "complaint", "auto"; "" for NONE. */
const char *mail_report_word(enum mail_report_kind kind);

struct mail_report_rcpt {
    char *address, *status, *reason; /* own; "" when unknown; foreign text */
};

struct mail_report {
    enum mail_report_kind kind;
    char *of;         /* own; Message-ID it speaks of; NULL unknown */
    struct vec rcpts; /* struct mail_report_rcpt */
    int64_t message;  /* who says so; 0 when not from the store */
};
void mail_report_init(struct mail_report *r);
void mail_report_fini(struct mail_report *r);
/* What a mail reports; kind NONE when nothing. */
void mail_report_read(const struct mail_message *m, struct mail_report *out);

/* The mail it speaks of is one it refers to: so both stand in one conversation. */
void mail_report_thread(struct mail_message *m);

/* Inside an operation: keeps what the message says; again replaces. */
enum status mail_report_keep(struct db *db, int64_t message, const struct mail_message *m, struct error *err) MUST_CHECK;
/* What was said of the mail with this Message-ID, newest first: struct mail_report. */
enum status mail_report_list(struct db *db, const char *message_id, struct vec *out, struct error *err) MUST_CHECK;
/* One sentence for people: "could not be delivered to X: reason". Foreign text inside. Yours. */
char *mail_report_text(const struct mail_report *r, const struct mail_report_rcpt *to /* NULL: unknown */);

#endif
