/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_send_move.c - moves and deletions go to the server, and never over a change that was not seen
 *
 * MOVE takes no condition (RFC 6851; UNCHANGEDSINCE of RFC 7162 is for STORE), so a deletion is sent
 * right behind a look at the flags of just these mails: those that another program changed since stay
 * out of it. What is open is the time of one answer. Where mails are moved by COPY the mark \Deleted is
 * set UNCHANGEDSINCE that look: what was changed even then is not marked, and its copy, ours alone, is
 * taken away again. Plain flags need no condition: +FLAGS and -FLAGS name only what a person changed,
 * and who changed the same bit made it the same. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/imap_send.h"

static void send_move(struct mail_imap_run *r);

/* ---- copies of ours that are one too many ---- */

/* They are gone, or stay as other places of their mails. */
static void on_undone(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)user;
    (void)result;
    mail_imap_send_next(r);
}

/* A command over them. */
static struct imap_command *undo_command(struct mail_imap_run *r, const char *verb)
{
    struct imap_command *c = imap_command(r->session, verb);

    imap_arg_set(c, &r->send->undo);
    return c;
}

/* Marked: they go. */
static void on_undo_marked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct imap_command *c = undo_command(r, "UID EXPUNGE");

    (void)user;
    (void)result;
    imap_set_clear(&r->send->undo);
    mail_imap_run_send(r, c, on_undone, NULL);
}

/* Their folder is open. */
static void on_undo_folder(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct imap_command *c;

    (void)user;
    if (result->end != IMAP_DONE || r->heard.uidvalidity != r->send->undo_validity) {
        r->selected = 0;
        imap_set_clear(&r->send->undo);
        mail_imap_send_next(r);
        return;
    }
    c = undo_command(r, "UID STORE");
    imap_arg(c, "+FLAGS.SILENT (\\Deleted)");
    mail_imap_run_send(r, c, on_undo_marked, NULL);
}

/* Takes them away before the next job; false: there are none. */
bool mail_imap_send_undo(struct mail_imap_run *r)
{
    struct run_folder *f = mail_imap_run_folder(r, r->send->undo_folder);

    if (imap_set_is_empty(&r->send->undo) || !f)
        return false;
    mail_imap_run_select(r, f, false, on_undo_folder);
    return true;
}

/* Remembers where the copy of this UID went. */
static void undo_later(struct mail_imap_run *r, uint32_t uid)
{
    struct imap_pairs pairs;
    uint32_t from, to;

    if (!r->heard.copy_validity)
        return;
    r->send->undo_folder = mail_imap_send_job(r)->target;
    r->send->undo_validity = r->heard.copy_validity;
    imap_pairs_init(&pairs, str_text(&r->heard.copy_from), r->heard.copy_from.len, str_text(&r->heard.copy_to),
                    r->heard.copy_to.len);
    while (imap_pairs_next(&pairs, &from, &to))
        if (from == uid)
            imap_set_add(&r->send->undo, to, to);
}

/* ---- the look before ---- */

/* Takes a copy out of the job: its message waits for the next run. */
static void leave_out(struct mail_imap_run *r, size_t i)
{
    struct send_job *j = mail_imap_send_job(r);
    struct send_message *m =
        mail_imap_jobs_message(r->send, ((struct send_pair *)vec_at(&j->pairs, i))->message);

    if (m)
        m->failed = true;
    vec_remove(&j->pairs, i);
}

/* The rows know: what was changed is left out, the rest goes. */
static void on_weighed(struct mail_imap_run *r, void *record)
{
    const struct sent_look *l = record;
    struct send_job *j = mail_imap_send_job(r);

    for (size_t i = j->pairs.len; i-- > 0;)
        if (imap_set_has(&l->changed, (uint32_t)((struct send_pair *)vec_at(&j->pairs, i))->uid))
            leave_out(r, i);
    if (!j->pairs.len) {
        r->send->at++;
        mail_imap_send_next(r);
        return;
    }
    send_move(r);
}

/* The server said how they stand. */
static void on_looked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);
    struct sent_look *l;

    (void)user;
    if (result->end != IMAP_DONE) {
        mail_imap_send_denied(r, result);
        return;
    }
    j->looked = true;
    for (size_t i = 0; i < r->heard.told.len; i++) {
        const struct mail_remote *m = vec_at(&r->heard.told, i);
        if (m->modseq > j->since)
            j->since = m->modseq;
    }
    l = mem_alloc(sizeof *l);
    l->folder = j->folder;
    l->told = r->heard.told;
    imap_set_init(&l->changed);
    r->heard.told = (struct vec){0};
    vec_init(&r->heard.told, sizeof(struct mail_remote), l->told.item_fini);
    mail_imap_run_post(r, &mail_imap_look_op, l, on_weighed);
}

/* ---- moves ---- */

/* The copies are there: the originals were expunged or marked. */
static void on_expunged(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)user;
    (void)result;
    mail_imap_send_done(r);
}

/* They are marked, but for those that were changed meanwhile. */
static void on_marked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);
    struct imap_set modified;

    (void)user;
    imap_set_init(&modified);
    if (result->tagged && result->tagged->code.kind == IMAP_CODE_MODIFIED)
        (void)imap_set_parse(&modified, result->tagged->code.set.bytes, result->tagged->code.set.len);
    for (size_t i = j->pairs.len; i-- > 0;) {
        uint32_t uid = (uint32_t)((struct send_pair *)vec_at(&j->pairs, i))->uid;
        if (result->end == IMAP_DENIED || imap_set_has(&modified, uid)) {
            undo_later(r, uid);
            leave_out(r, i);
        }
    }
    imap_set_fini(&modified);
    if (j->pairs.len && imap_has(r->session, "UIDPLUS")) {
        mail_imap_run_send(r, mail_imap_send_command(r, "UID EXPUNGE"), on_expunged, NULL);
        return;
    }
    j->left = true; /* EXPUNGE would take what others marked */
    mail_imap_send_done(r);
}

/* MOVE or COPY was answered. */
static void on_moved(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);
    struct imap_command *c;
    char condition[60];
    bool copy = user != NULL;

    if (result->end == IMAP_DENIED) {
        mail_imap_send_denied(r, result);
        return;
    }
    if (!copy) {
        if (imap_has(r->session, "UIDPLUS") && !r->heard.copy_validity)
            mail_imap_send_failed(r); /* nothing was moved: it had gone already */
        else
            mail_imap_send_done(r);
        return;
    }
    c = mail_imap_send_command(r, "UID STORE");
    snprintf(condition, sizeof condition, "(UNCHANGEDSINCE %" PRId64 ")", j->since);
    if (j->since > 0)
        imap_arg(c, condition);
    imap_arg(c, "+FLAGS.SILENT (\\Deleted)");
    mail_imap_run_send(r, c, on_marked, NULL);
}

/* Sends a MOVE, or what stands for it. */
static void send_move(struct mail_imap_run *r)
{
    static char copying;
    struct send_job *j = mail_imap_send_job(r);
    const struct run_folder *target = mail_imap_run_folder(r, j->target);
    bool move = imap_has(r->session, "MOVE");
    struct imap_command *c = mail_imap_send_command(r, move ? "UID MOVE" : "UID COPY");

    imap_arg_wire_name(c, target->wire);
    r->heard.copy_validity = 0;
    mail_imap_run_send(r, c, on_moved, move ? NULL : &copying);
}

/* Moves the copies of the job. */
void mail_imap_send_move(struct mail_imap_run *r)
{
    struct send_job *j = mail_imap_send_job(r);
    bool modseq = r->heard.modseq > 0 && !r->heard.no_modseq;
    bool gmail = imap_has(r->session, "X-GM-EXT-1");
    struct imap_command *c;

    if (j->looked || (j->target != r->trash && (!modseq || imap_has(r->session, "MOVE")))) {
        send_move(r);
        return;
    }
    vec_clear(&r->heard.told);
    c = mail_imap_send_command(r, "UID FETCH");
    imap_arg(c, gmail ? "(UID X-GM-LABELS" : "(UID");
    imap_arg(c, modseq ? "FLAGS MODSEQ)" : "FLAGS)");
    mail_imap_run_send(r, c, on_looked, NULL);
}
