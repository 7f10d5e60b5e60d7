/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_thrid.c - conversations that Gmail counts (X-GM-THRID), of mails that were here before they were asked for
 *
 * New mails bring the number with them. Those of a folder that was looked at earlier are asked for it once, all in
 * one command; what a person split stays split (join.c). */
#include <stdlib.h>

#include "base/alloc.h"
#include "mail/imap_run.h"

#define SLICE 200 /* mails in one operation */

struct numbering {
    int64_t folder;
    char *account;      /* own */
    struct vec numbers; /* struct run_thrid */
    size_t at;
    void (*then)(struct mail_imap_run *r);
};

/* Releases the record. */
static void numbering_free(void *record)
{
    struct numbering *n = record;

    vec_fini(&n->numbers);
    free(n->account);
    free(n);
}

/* The message of a copy, 0: none. */
static int64_t message_of(struct db *db, int64_t folder, int64_t uid)
{
    struct db_query *q = db_prepare(db, "SELECT message FROM mail_imap_copy WHERE folder=?1 AND uid=?2");
    int64_t message;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    message = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return message;
}

/* Some of them; the folder is marked when all are done. */
static enum status numbering_run(struct db *db, void *record, struct error *err)
{
    struct numbering *n = record;
    enum status st = STATUS_OK;
    struct db_query *q;

    for (int k = 0; k < SLICE && n->at < n->numbers.len && st == STATUS_OK; k++) {
        const struct run_thrid *t = vec_at(&n->numbers, n->at++);
        int64_t message = message_of(db, n->folder, t->uid);
        char *id = mail_join_server_id(n->account, t->thrid);
        if (message)
            st = mail_join_message(db, id, message, err);
        free(id);
    }
    if (st != STATUS_OK || n->at < n->numbers.len)
        return st;
    q = db_prepare(db, "UPDATE mail_imap_folder SET thrids=1 WHERE folder=?1");
    db_bind_int(q, 1, n->folder);
    return db_run(q, err);
}

static const struct store_op numbering_op = {
    .name = "mail.imap-thrids", .klass = OP_BULK, .run = numbering_run, .free = numbering_free};

/* The next slice, or the run goes on. */
static void on_numbered(struct mail_imap_run *r, void *record)
{
    struct numbering *n = record, *again;

    if (n->at == n->numbers.len) {
        n->then(r);
        return;
    }
    again = mem_alloc(sizeof *again);
    *again = *n;
    n->account = NULL;
    vec_init(&n->numbers, sizeof(struct run_thrid), NULL);
    mail_imap_run_post(r, &numbering_op, again, on_numbered);
}

/* The server said them; a NO is asked again another time. */
static void on_told(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct numbering *n = user;

    if (result->end != IMAP_DONE) {
        void (*then)(struct mail_imap_run *) = n->then;
        numbering_free(n);
        then(r);
        return;
    }
    n->numbers = r->heard.thrids;
    vec_init(&r->heard.thrids, sizeof(struct run_thrid), NULL);
    mail_imap_run_post(r, &numbering_op, n, on_numbered);
}

/* Asks for all of the folder selected. */
void mail_imap_thrids(struct mail_imap_run *r, void (*then)(struct mail_imap_run *r))
{
    struct imap_command *c = imap_command(r->session, "UID FETCH");
    struct numbering *n = mem_alloc(sizeof *n);

    n->folder = r->selected;
    n->account = mem_strdup(r->account);
    n->then = then;
    vec_init(&n->numbers, sizeof(struct run_thrid), NULL);
    vec_clear(&r->heard.thrids);
    imap_arg(c, "1:* (UID X-GM-THRID)");
    mail_imap_run_hand(r, c, on_told, n, numbering_free);
}
