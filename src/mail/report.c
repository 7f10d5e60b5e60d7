/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.c - reports of machines on mails of ours: read, kept, listed, said. */
#include "mail/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "mail/message.h"

#define LISTED_MAX 20

static const char *const words[] = {"", "bounce", "delay", "delivered", "complaint", "auto"};

const char *mail_report_word(enum mail_report_kind kind)
{
    return words[kind];
}

/* Releases a recipient. */
static void rcpt_fini(void *item)
{
    struct mail_report_rcpt *r = item;
    free(r->address);
    free(r->status);
    free(r->reason);
}

void mail_report_init(struct mail_report *r)
{
    *r = (struct mail_report){0};
    vec_init(&r->rcpts, sizeof(struct mail_report_rcpt), rcpt_fini);
}

void mail_report_fini(struct mail_report *r)
{
    free(r->of);
    vec_fini(&r->rcpts);
}

/* The same for a vec. */
static void report_fini_item(void *item)
{
    mail_report_fini(item);
}

/* The kind of a word. */
static enum mail_report_kind kind_of(const char *word)
{
    for (size_t i = 1; i < sizeof words / sizeof *words; i++)
        if (str_eq(word, words[i]))
            return (enum mail_report_kind)i;
    return MAIL_REPORT_NONE;
}

/* Reads the lines of reader/report.h. */
static void read_lines(const char *text, struct mail_report *out)
{
    char *copy = mem_strdup(text), *rest = copy, *line;
    while ((line = strsep(&rest, "\n"))) {
        if (str_starts(line, "kind ")) {
            out->kind = kind_of(line + 5);
        } else if (str_starts(line, "of ") && !out->of) {
            out->of = mem_strdup(line + 3);
        } else if (str_starts(line, "rcpt ")) {
            struct mail_report_rcpt *r = vec_push(&out->rcpts);
            char *fields = line + 5, *address = strsep(&fields, "\t"), *status = strsep(&fields, "\t");
            r->address = mem_strdup(address);
            r->status = mem_strdup(status ? status : "");
            r->reason = mem_strdup(fields ? fields : "");
        }
    }
    free(copy);
}

void mail_report_read(const struct mail_message *m, struct mail_report *out)
{
    mail_report_init(out);
    if (m->report)
        read_lines(m->report, out);
}

void mail_report_thread(struct mail_message *m)
{
    struct mail_report r;
    mail_report_read(m, &r);
    bool known = !r.of || str_eq(r.of, m->in_reply_to) || str_eq(r.of, m->message_id);
    for (size_t i = 0; i < m->references.len && !known; i++)
        known = str_eq(strv_at(&m->references, i), r.of);
    if (!known)
        strv_push(&m->references, r.of);
    mail_report_fini(&r);
}

enum status mail_report_keep(struct db *db, int64_t message, const struct mail_message *m, struct error *err)
{
    struct mail_report r;
    if (!m->report)
        return STATUS_OK;
    mail_report_read(m, &r);
    enum status st = STATUS_OK;
    if (r.kind != MAIL_REPORT_NONE && r.of) {
        struct db_query *q = db_prepare(db, "INSERT OR REPLACE INTO mail_report(message,of,said) VALUES(?1,?2,?3)");
        db_bind_int(q, 1, message);
        db_bind_text(q, 2, r.of);
        db_bind_text(q, 3, m->report);
        st = db_run(q, err);
    }
    mail_report_fini(&r);
    return st;
}

enum status mail_report_list(struct db *db, const char *message_id, struct vec *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT r.message,r.said FROM mail_report r JOIN mail_message m ON m.id=r.message"
                                        " WHERE r.of=?1 ORDER BY r.message DESC LIMIT ?2");
    vec_init(out, sizeof(struct mail_report), report_fini_item);
    db_bind_text(q, 1, message_id);
    db_bind_int(q, 2, LISTED_MAX);
    while (db_step(q)) {
        struct mail_report *r = vec_push(out);
        mail_report_init(r);
        r->message = db_int(q, 0);
        read_lines(db_text(q, 1), r);
    }
    return db_done(q, err);
}

char *mail_report_text(const struct mail_report *r, const struct mail_report_rcpt *to)
{
    const char *who = to && *to->address ? to->address : _("a recipient");
    const char *why = to ? *to->reason ? to->reason : to->status : "";
    switch (r->kind) {
    case MAIL_REPORT_BOUNCE:
        return *why ? str_format(_("could not be delivered to %s: %s"), who, why)
                    : str_format(_("could not be delivered to %s"), who);
    case MAIL_REPORT_DELAY:
        return *why ? str_format(_("is not yet delivered to %s: %s"), who, why)
                    : str_format(_("is not yet delivered to %s"), who);
    case MAIL_REPORT_DELIVERED:
        return str_format(_("was delivered to %s"), who);
    case MAIL_REPORT_COMPLAINT:
        return str_format(_("was called spam by %s"), who);
    case MAIL_REPORT_AUTO:
        return mem_strdup(_("got an automatic answer"));
    case MAIL_REPORT_NONE:
        break;
    }
    return mem_strdup("");
}
