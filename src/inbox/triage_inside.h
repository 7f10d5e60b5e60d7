/* triage_inside.h - what inbox/triage*.c share. */
#ifndef INBOX_TRIAGE_INSIDE_H
#define INBOX_TRIAGE_INSIDE_H

#include "command/hook.h"
#include "inbox/triage.h"
#include "mail/message.h"
#include "mail/store.h"
#include "store/db.h"
#include "store/journal.h"

extern const struct hook_work triage_work; /* sorts new mail */

/* Fills lane, reason, quote, by, confidence; texts are copied (quote at most 300 bytes, one line).
 * code: of triage_reason.c with its arguments, a line each; "": the reason is set by the caller. */
void triage_set(struct triage *t, enum mail_lane lane, const char *by, double confidence,
                const char *code, const char *quote, size_t quote_len);
/* A sentence in words, yours; "" of an unknown code. */
char *triage_reason_words(const char *code);
struct mail_report;
char *triage_reason_report(const struct mail_report *r); /* the code of what a report says; yours */

/* A thread and its mails, as judging needs them. */
struct triage_thread {
    struct mail_thread thread;
    struct mail_message *foreign; /* own: the newest that is not mine; NULL */
    struct mail_message *mine;    /* own: the newest, when it is mine; NULL */
    int64_t foreign_id, mine_id;
    char *text, *my_text;         /* own: without quotes and signature */
    int64_t foreign_date, my_date;
};
enum status triage_open(struct db *db, int64_t thread, struct triage_thread *out,
                        struct error *err) MUST_CHECK;
void triage_close(struct triage_thread *t);

/* The signs of fraud of a mail by facts; true: *t is filled. */
bool triage_risk(struct db *db, const struct triage_thread *in, struct triage *t);
/* What a machine sent: bounce, automatic answer, list, notice, advertisement. */
bool triage_machine(struct db *db, const struct triage_thread *in, struct triage *t);

/* Learned: the person's word about this very thread; a rule of the sender; the words. */
bool triage_told(struct db *db, const struct triage_thread *in, struct triage *t);
bool triage_learned(struct db *db, const struct triage_thread *in, struct triage *t);
/* The journal field "triage.lesson": value the lane's word, "" none. */
extern const struct journal_field triage_lesson_field;

/* The model's answer (JSON text) as a judgement; false: not usable, facts stand. */
bool triage_read_answer(const char *answer, const struct triage_thread *in, struct triage *t);
struct json *triage_schema(void);
extern const char triage_system[];

#endif
