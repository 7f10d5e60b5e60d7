/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_mirror.c - copies of ours that are no messages here: drafts mirrored to the server
 *
 * A new version is appended first, then the one before is expunged: another client sees the draft all
 * the time. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "mail/imap_send.h"

#define RAW_MOST (200u << 20)

static void clean(struct mail_imap_run *r);

/* ---- appending ---- */

/* It is written down. */
static void on_copied(struct mail_imap_run *r, void *record)
{
    (void)record;
    mail_imap_send_copies(r);
}

/* APPEND was answered. */
static void on_appended(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct sent_copy *c = user;
    long long uid;

    if (result->end == IMAP_DENIED) {
        struct mail_imap_refusal refusal = {.copy = c->append, .folder = c->folder, .why = result->error.text,
                                            .no = mail_imap_no_of(result)};
        log_warn("imap: a copy could not be appended");
        free(c);
        mail_imap_run_refused(r, &refusal, mail_imap_send_copies);
        return;
    }
    if (str_to_int64(str_text(&r->heard.copy_from), &uid))
        c->uid = uid;
    c->validity = r->heard.copy_validity;
    r->heard.copy_validity = 0;
    r->pushed++;
    mail_imap_run_post(r, &mail_imap_copied_op, c, on_copied);
}

/* Sends the row that was read. */
static void on_tried(struct mail_imap_run *r, void *record)
{
    struct run_send *s = r->send;
    const struct sent_try *t = record;
    struct db_query *q;
    struct sent_copy *c;
    struct vec words;
    char *joined;
    const struct run_folder *f;

    if (!mail_imap_run_goes(r))
        return;
    q = db_prepare(store_reader(r->store), "SELECT role,flags,date,serial FROM mail_imap_append WHERE id=?1");
    db_bind_int(q, 1, t->append);
    if (!db_step(q)) {
        db_end(q);
        mail_imap_send_copies(r);
        return;
    }
    c = mem_alloc(sizeof *c);
    c->append = t->append;
    c->serial = db_int(q, 3);
    c->folder = db_int(q, 0) == MAIL_ROLE_SENT ? r->sent : r->drafts;
    mail_imap_flag_words((unsigned)db_int(q, 1) | (db_int(q, 0) == MAIL_ROLE_DRAFTS ? MAIL_COPY_DRAFT : 0),
                         &words);
    joined = strv_join(&words, " ");
    f = mail_imap_run_folder(r, c->folder);
    mail_imap_run_hand(r, mail_imap_send_append(r, f->wire, joined, db_int(q, 2)), on_appended, c,
                       free);
    db_end(q);
    s->append = 0;
    free(joined);
    vec_fini(&words);
}

/* Appends what waits, one after the other; then takes away what is old. */
void mail_imap_send_copies(struct mail_imap_run *r)
{
    struct db_query *q;
    struct sent_try *t = NULL;
    struct error err = ERROR_INIT;
    struct str raw = STR_INIT;
    int64_t id = 0, role = 0;

    if (!mail_imap_run_goes(r))
        return;
    q = db_prepare(store_reader(r->store),
                   "SELECT id,role,raw FROM mail_imap_append WHERE account=?1 AND raw IS NOT NULL AND id>?2"
                   " ORDER BY id LIMIT 1");
    db_bind_text(q, 1, r->account);
    db_bind_int(q, 2, r->send->append);
    if (db_step(q)) {
        size_t n;
        const void *packed = db_bytes(q, 2, &n);
        id = db_int(q, 0);
        role = db_int(q, 1);
        if (db_unpack(packed, n, RAW_MOST, &raw, &err) != STATUS_OK)
            str_clear(&raw);
    }
    db_end(q);
    if (!id) {
        str_fini(&raw);
        clean(r);
        return;
    }
    int64_t folder = role == MAIL_ROLE_SENT ? r->sent : r->drafts;
    bool missing = !mail_imap_run_folder(r, folder);
    if (mail_vec_has(&r->send->appends, id) || missing) {
        str_fini(&raw);
        if (missing && !r->send->created) {
            r->send->created = true;
            mail_imap_send_create(r, folder);
            return;
        }
        r->send->append = id; /* once in a run */
        mail_imap_send_copies(r);
        return;
    }
    mail_vec_add(&r->send->appends, id);
    mail_imap_send_bytes(r, str_text(&raw), raw.len);
    str_fini(&raw);
    char *unfit = mail_imap_send_unfit(r);
    if (unfit) {
        struct mail_imap_refusal refusal = {.copy = id, .folder = folder, .why = unfit, .no = MAIL_IMAP_NEVER};
        mail_imap_run_refused(r, &refusal, mail_imap_send_copies);
        free(unfit);
        return;
    }
    t = mem_alloc(sizeof *t);
    t->append = id;
    mail_imap_run_post(r, &mail_imap_try_op, t, on_tried);
}

/* ---- taking away ---- */

/* They are gone, or marked. */
static void on_cleaned(struct mail_imap_run *r, void *record)
{
    (void)record;
    clean(r);
}

/* Expunged. */
static void on_expunged(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)result;
    mail_imap_run_post(r, &mail_imap_cleaned_op, user, on_cleaned);
}

/* UIDs of a record as an argument. */
static void arg_uids(struct imap_command *c, const struct sent_clean *record)
{
    struct imap_set uids;

    imap_set_init(&uids);
    for (size_t i = 0; i < record->uids.len; i++)
        imap_set_add(&uids, (uint32_t)mail_vec_int(&record->uids, i),
                     (uint32_t)mail_vec_int(&record->uids, i));
    imap_arg_set(c, &uids);
    imap_set_fini(&uids);
}

/* Marked \Deleted. */
static void on_marked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct sent_clean *record = user;
    struct imap_command *c;

    if (result->end == IMAP_DENIED || !imap_has(r->session, "UIDPLUS")) {
        record->left = true;
        mail_imap_run_post(r, &mail_imap_cleaned_op, record, on_cleaned);
        return;
    }
    c = imap_command(r->session, "UID EXPUNGE");
    arg_uids(c, record);
    mail_imap_run_hand(r, c, on_expunged, record, mail_imap_cleaned_op.free);
}

/* Old mirrors of a folder: int64_t. */
static void old_mirrors(struct mail_imap_run *r, int64_t folder, struct vec *uids)
{
    struct db_query *q = db_prepare(
        store_reader(r->store),
        "SELECT c.uid FROM mail_imap_copy c WHERE c.message=0 AND c.folder=?1 AND c.state=0 AND NOT EXISTS"
        " (SELECT 1 FROM mail_imap_append a WHERE a.folder=c.folder AND a.uid=c.uid"
        " AND (a.raw IS NOT NULL OR a.sent=2)) LIMIT 200");

    vec_init(uids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, folder);
    mail_vec_fill(uids, q);
    db_end(q);
}

/* The folder is open. */
static void on_folder(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct sent_clean *record = user;
    struct imap_command *c;

    if (!record) { /* from a SELECT: made here */
        record = mem_alloc(sizeof *record);
        record->folder = r->selected;
        old_mirrors(r, r->selected, &record->uids);
    }
    if ((result && result->end != IMAP_DONE) || !record->uids.len) {
        mail_imap_cleaned_op.free(record);
        clean(r);
        return;
    }
    c = imap_command(r->session, "UID STORE");
    arg_uids(c, record);
    imap_arg(c, "+FLAGS.SILENT (\\Deleted)");
    mail_imap_run_hand(r, c, on_marked, record, mail_imap_cleaned_op.free);
}

/* Takes away what a newer version has replaced; then the run goes on. */
static void clean(struct mail_imap_run *r)
{
    struct run_send *s = r->send;
    struct db_query *q;
    int64_t folder = 0;
    void (*then)(struct mail_imap_run *) = s->then;

    if (!mail_imap_run_goes(r))
        return;
    q = db_prepare(store_reader(r->store),
                   "SELECT c.folder FROM mail_imap_copy c WHERE c.message=0 AND c.state=0 AND c.folder IN"
                   " (?1,?2) AND NOT EXISTS (SELECT 1 FROM mail_imap_append a WHERE a.folder=c.folder AND"
                   " a.uid=c.uid AND (a.raw IS NOT NULL OR a.sent=2)) LIMIT 50");
    db_bind_int(q, 1, r->drafts);
    db_bind_int(q, 2, r->sent);
    while (!folder && db_step(q))
        if (!mail_vec_has(&s->cleaned, db_int(q, 0)) && mail_imap_run_folder(r, db_int(q, 0)))
            folder = db_int(q, 0);
    db_end(q);
    if (folder) {
        mail_vec_add(&s->cleaned, folder);
        mail_imap_run_select(r, mail_imap_run_folder(r, folder), false, on_folder);
        return;
    }
    mail_imap_send_free(s);
    r->send = NULL;
    then(r);
}
