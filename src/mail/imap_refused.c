/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_refused.c - what a server said NO to: written down, so that it can be told */
#include "mail/imap_refused.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "mail/folder.h"
#include "mail/imap_run.h"
#include "mail/store.h"

#define LOOKS_MOST 3   /* of what hardly goes another time */
#define KEPT 604800    /* seconds that what is settled is told */
#define LINES_MOST 5   /* of doctor */

/* RFC 5530 §3: which may go another time? BAD never: the server does not know what we mean. */
enum mail_imap_no mail_imap_no_of(const struct imap_result *result)
{
    if (result->end != IMAP_DENIED)
        return MAIL_IMAP_YES;
    if (!result->tagged || result->tagged->status == IMAP_BAD)
        return MAIL_IMAP_NEVER;
    switch (result->tagged->code.kind) {
    case IMAP_CODE_UNAVAILABLE:
    case IMAP_CODE_INUSE:
    case IMAP_CODE_SERVERBUG:
    case IMAP_CODE_OVERQUOTA:
    case IMAP_CODE_CONTACTADMIN:
    case IMAP_CODE_EXPUNGEISSUED:
        return MAIL_IMAP_LATER;
    case IMAP_CODE_LIMIT:
    case IMAP_CODE_CORRUPTION:
        return MAIL_IMAP_FEW;
    default:
        return MAIL_IMAP_NEVER;
    }
}

/* Binds whose it is. */
static void bind_thing(struct db_query *q, const char *account, int64_t message, int64_t copy)
{
    db_bind_text(q, 1, account);
    db_bind_int(q, 2, message);
    db_bind_int(q, 3, copy);
}

#define THING " WHERE account=?1 AND message=?2 AND copy=?3"

/* Writes it down; what is old and settled goes. */
enum status mail_imap_refused_note(struct db *db, const struct mail_imap_refusal *r, bool *over,
                                   bool *again, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT looks,why,settled FROM mail_imap_refused" THING);
    int64_t looks = 1;
    enum status st;

    *again = false;
    bind_thing(q, r->account, r->message, r->copy);
    if (db_step(q) && !db_int(q, 2)) {
        looks += db_int(q, 0);
        *again = str_eq(db_text(q, 1), r->why);
    }
    st = db_done(q, err);
    *over = r->no == MAIL_IMAP_NEVER || (r->no == MAIL_IMAP_FEW && looks >= LOOKS_MOST);
    *again = *again && !*over;
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "DELETE FROM mail_imap_refused WHERE settled=1 AND at<?1");
    db_bind_int(q, 1, clock_now() - KEPT);
    st = db_run(q, err);
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "INSERT OR REPLACE INTO mail_imap_refused(account,message,copy,folder,at,looks,settled,why)"
                       " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
    bind_thing(q, r->account, r->message, r->copy);
    db_bind_int(q, 4, r->folder);
    db_bind_int(q, 5, clock_now());
    db_bind_int(q, 6, looks);
    db_bind_int(q, 7, *over);
    db_bind_text(q, 8, r->why);
    return db_run(q, err);
}

/* It went; what was settled before stays told. */
enum status mail_imap_refused_clear(struct db *db, const char *account, int64_t message, int64_t copy,
                                    struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM mail_imap_refused" THING " AND settled=0");

    bind_thing(q, account, message, copy);
    return db_run(q, err);
}

/* ---- told ---- */

/* Where it lies, which it is, why. */
char *mail_imap_refused_text(struct db *db, const struct mail_imap_refusal *r)
{
    struct mail_row row = {0};
    struct mail_folder f = {0};
    struct error err = ERROR_INIT;
    bool known = r->message && mail_row_get(db, r->message, &row, &err) == STATUS_OK;
    bool placed = r->folder && mail_folder_get(db, r->folder, &f, &err) == STATUS_OK;
    char *text;

    if (known)
        text = str_format("%s/%s: \"%s\": %s", r->account, placed ? f.name : "", row.subject, r->why);
    else
        text = str_format("%s/%s: %s", r->account, placed ? f.name : "", r->why);
    mail_folder_fini(&f);
    mail_row_fini(&row);
    return text;
}

#define TOLD " FROM mail_imap_refused WHERE (settled=0 OR at>=?1)"

/* How many, with the large mails or without. */
static int64_t count(struct db *db, int64_t from)
{
    struct db_query *q = db_prepare(db, "SELECT count(*) FROM (SELECT 1" TOLD " AND copy>=?2 LIMIT 1000)");
    int64_t n;

    db_bind_int(q, 1, clock_now() - KEPT);
    db_bind_int(q, 2, from);
    n = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return n;
}

/* For `status`. */
void mail_imap_refused_status(struct db *db, struct json *out, struct str *words)
{
    int64_t n = count(db, 0);

    if (!n)
        return;
    json_set_int(out, "refused", n);
    str_addf(words, P_("%s%lld refused by the server", "%s%lld refused by the server", n), words->len ? "  " : "",
             (long long)n);
}

/* For `doctor`: what is tried again, then the newest. */
void mail_imap_refused_doctor(struct hook_report *report, struct db *db)
{
    struct db_query *q = db_prepare(db, "SELECT account,message,copy,folder,why,settled" TOLD
                                        " ORDER BY settled,at DESC,message DESC LIMIT ?2");
    int64_t left = count(db, MAIL_IMAP_LARGE);

    db_bind_int(q, 1, clock_now() - KEPT);
    db_bind_int(q, 2, LINES_MOST);
    while (db_step(q)) {
        struct mail_imap_refusal r = {.account = db_text(q, 0), .message = db_int(q, 1), .copy = db_int(q, 2),
                                      .folder = db_int(q, 3), .why = db_text(q, 4)};
        char *text = mail_imap_refused_text(db, &r);
        hook_check(report, N_("server"), HOOK_WARN, text,
                   r.copy == MAIL_IMAP_LARGE ? _("it lies whole on the server")
                   : db_int(q, 5)            ? _("the server refuses it: it is not tried again by itself")
                                             : _("the server refuses it this time: each sync tries it again"));
        free(text);
        left--;
    }
    db_end(q);
    if (left > 0) {
        char *text = str_format(P_("%lld more was refused", "%lld more were refused", left), (long long)left);
        hook_check(report, N_("server"), HOOK_WARN, text, _("“journal” holds what was put back"));
        free(text);
    }
}

/* ---- in a run ---- */

/* Tells it. */
void mail_imap_run_warn(struct mail_imap_run *r, int64_t folder, int64_t message, const char *why, bool again)
{
    struct mail_imap_refusal refusal = {.account = r->account, .message = message, .folder = folder, .why = why};
    char *text;

    if (!r->ev.on_warn)
        return;
    text = mail_imap_refused_text(store_reader(r->store), &refusal);
    r->ev.on_warn(r->user, text, again);
    free(text);
}

struct noting {
    struct mail_imap_refusal refusal; /* its texts own */
    bool again;
    void (*then)(struct mail_imap_run *r);
};

/* Releases the record. */
static void noting_free(void *record)
{
    struct noting *n = record;

    free((char *)(uintptr_t)n->refusal.account);
    free((char *)(uintptr_t)n->refusal.why);
    free(n);
}

/* Written down; a copy of ours that will never go is given up, its next version may. */
static enum status noting_run(struct db *db, void *record, struct error *err)
{
    struct noting *n = record;
    struct db_query *q;
    bool over;
    enum status st = mail_imap_refused_note(db, &n->refusal, &over, &n->again, err);

    if (st != STATUS_OK || !over || n->refusal.copy <= 0)
        return st;
    q = db_prepare(db, "UPDATE mail_imap_append SET raw=NULL,sent=2 WHERE id=?1");
    db_bind_int(q, 1, n->refusal.copy);
    return db_run(q, err);
}

/* Told. */
static void on_noted(struct mail_imap_run *r, void *record)
{
    const struct noting *n = record;

    mail_imap_run_warn(r, n->refusal.folder, n->refusal.message, n->refusal.why, n->again);
    n->then(r);
}

/* Writes it down and tells it. */
void mail_imap_run_refused(struct mail_imap_run *r, const struct mail_imap_refusal *refusal,
                           void (*then)(struct mail_imap_run *r))
{
    static const struct store_op op = {
        .name = "mail.imap-refused", .klass = OP_BULK, .run = noting_run, .free = noting_free};
    struct noting *n = mem_alloc(sizeof *n);

    n->refusal = *refusal;
    n->refusal.account = mem_strdup(r->account);
    n->refusal.why = mem_strdup(refusal->why);
    n->then = then;
    mail_imap_run_post(r, &op, n, on_noted);
}
