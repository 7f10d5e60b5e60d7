/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_send_move.c - moves and deletions go to the server, and never over a change that was not seen
 *
 * MOVE takes no condition (RFC 6851; UNCHANGEDSINCE of RFC 7162 is for STORE), so a deletion is sent
 * right behind a look at the flags of just these mails: those that another program changed since stay
 * out of it. What is open is the time of one answer. Where mails are moved by COPY the mark \Deleted is
 * set UNCHANGEDSINCE that look: what was changed even then is not marked, and its copy, ours alone, is
 * taken away by the next run. Plain flags need no condition: +FLAGS and -FLAGS name only what a person changed,
 * and who changed the same bit made it the same.
 *
 * COPY, the mark and EXPUNGE are three commands: how far they came is written down (imap_going.c), and a run
 * that finds copies under way goes on behind COPY (imap_send_going.c). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "mail/imap_send.h"

static void send_move(struct mail_imap_run *r);

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

/* ---- moves by copying ---- */

/* The originals were expunged or marked. */
static void on_expunged(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)user;
    mail_imap_send_job(r)->left = result->end == IMAP_DENIED;
    mail_imap_send_done(r);
}

/* They are marked, but for those that were changed meanwhile: these stay under way, and the next run takes their copies
 * away. */
static void on_marked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);
    struct imap_set modified;

    (void)user;
    imap_set_init(&modified);
    if (result->tagged && result->tagged->code.kind == IMAP_CODE_MODIFIED)
        (void)imap_set_parse(&modified, result->tagged->code.set.bytes, result->tagged->code.set.len);
    for (size_t i = j->pairs.len; i-- > 0;)
        if (result->end == IMAP_DENIED || imap_set_has(&modified, (uint32_t)((struct send_pair *)vec_at(&j->pairs, i))->uid))
            leave_out(r, i);
    imap_set_fini(&modified);
    if (j->pairs.len && imap_has(r->session, "UIDPLUS")) {
        mail_imap_run_send(r, mail_imap_send_command(r, "UID EXPUNGE"), on_expunged, NULL);
        return;
    }
    j->left = true; /* EXPUNGE would take what others marked */
    mail_imap_send_done(r);
}

/* All copies are there: the originals are marked. */
static void mark(struct mail_imap_run *r)
{
    struct send_job *j = mail_imap_send_job(r);
    struct imap_command *c;
    char condition[60];

    if (!j->pairs.len) {
        r->send->at++;
        mail_imap_send_next(r);
        return;
    }
    c = mail_imap_send_command(r, "UID STORE");
    snprintf(condition, sizeof condition, "(UNCHANGEDSINCE %" PRId64 ")", j->since);
    if (j->since > 0)
        imap_arg(c, condition);
    imap_arg(c, "+FLAGS.SILENT (\\Deleted)");
    mail_imap_run_send(r, c, on_marked, NULL);
}

/* A record of the pairs that were noted by this job. */
static struct going_job *going_new(const struct send_job *j)
{
    struct going_job *g = mem_alloc(sizeof *g);

    g->folder = j->folder;
    g->target = j->target;
    vec_init(&g->pairs, sizeof(struct going_pair), NULL);
    for (size_t i = 0; i < j->pairs.len; i++) {
        const struct send_pair *p = vec_at(&j->pairs, i);
        if (p->noted)
            *(struct going_pair *)vec_push(&g->pairs) = (struct going_pair){p->uid, p->copy};
    }
    return g;
}

/* That they are there is written down. */
static void on_said(struct mail_imap_run *r, void *record)
{
    const struct going_job *g = record;
    struct send_job *j = mail_imap_send_job(r);

    for (size_t i = 0, k = 0; i < j->pairs.len && k < g->pairs.len; i++) {
        struct send_pair *p = vec_at(&j->pairs, i);
        if (p->noted)
            p->copy = ((const struct going_pair *)vec_at(&g->pairs, k++))->copy;
    }
    mark(r);
}

/* Nothing follows. */
static void on_stayed(struct mail_imap_run *r, void *record)
{
    (void)r;
    (void)record;
}

/* COPY was answered. A server that tells where copies are, and does not, has copied nothing, or it is looked for in the
 * next run. */
static void on_copied(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);
    struct going_job *g;
    struct imap_pairs pairs;
    uint32_t from, to;

    (void)user;
    if (result->end == IMAP_DENIED) {
        mail_imap_run_post(r, &mail_imap_stayed_op, going_new(j), on_stayed);
        mail_imap_send_denied(r, result);
        return;
    }
    imap_pairs_init(&pairs, str_text(&r->heard.copy_from), r->heard.copy_from.len, str_text(&r->heard.copy_to),
                    r->heard.copy_to.len);
    while (r->heard.copy_validity && imap_pairs_next(&pairs, &from, &to))
        for (size_t i = 0; i < j->pairs.len; i++) {
            struct send_pair *p = vec_at(&j->pairs, i);
            if (p->noted && p->uid == from)
                p->copy = to;
        }
    for (size_t i = j->pairs.len; i-- > 0 && imap_has(r->session, "UIDPLUS");)
        if (!((struct send_pair *)vec_at(&j->pairs, i))->copy)
            leave_out(r, i);
    g = going_new(j);
    g->validity = r->heard.copy_validity;
    mail_imap_run_post(r, &mail_imap_said_op, g, on_said);
}

/* That it is under way is written down: COPY of those that are not there yet. */
static void on_noted(struct mail_imap_run *r, void *record)
{
    const struct going_job *g = record;
    struct imap_command *c;
    struct imap_set uids;

    if (!mail_imap_run_goes(r))
        return;
    c = imap_command(r->session, "UID COPY");
    imap_set_init(&uids);
    for (size_t i = 0; i < g->pairs.len; i++) {
        uint32_t uid = (uint32_t)((const struct going_pair *)vec_at(&g->pairs, i))->uid;
        imap_set_add(&uids, uid, uid);
    }
    imap_arg_set(c, &uids);
    imap_set_fini(&uids);
    imap_arg_wire_name(c, mail_imap_run_folder(r, g->target)->wire);
    r->heard.copy_validity = 0;
    mail_imap_run_send(r, c, on_copied, NULL);
}

/* The target's UIDNEXT is known, or is not told. */
static void on_status(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct send_job *j = mail_imap_send_job(r);
    const struct run_folder *target = mail_imap_run_folder(r, j->target);
    struct going_job *g;

    (void)user;
    for (size_t i = 0; i < j->pairs.len; i++) {
        struct send_pair *p = vec_at(&j->pairs, i);
        p->noted = !p->copy;
    }
    g = going_new(j);
    if (result->end == IMAP_DONE && target->now.has & IMAP_HAS_UIDNEXT)
        g->next = target->now.uidnext;
    g->validity = target->now.has & IMAP_HAS_UIDVALIDITY ? target->now.uidvalidity : target->uidvalidity;
    mail_imap_run_post(r, &mail_imap_going_op, g, on_noted);
}

/* What stands for MOVE: COPY of what is not in the target already, then all originals go. */
static void send_copy(struct mail_imap_run *r)
{
    struct send_job *j = mail_imap_send_job(r);
    struct imap_command *c;
    bool all = true;

    j->copied = true;
    for (size_t i = j->pairs.len; i-- > 0;) {
        struct send_pair *p = vec_at(&j->pairs, i);
        int64_t target, copy;
        if (!p->noted && mail_imap_going_get(store_reader(r->store), j->folder, p->uid, &target, &copy)) {
            if (target == j->target && copy && !mail_imap_send_is_back(r->send, j->folder, p->uid)) {
                p->copy = copy;
            } else { /* where it is will be known in the next run */
                leave_out(r, i);
                continue;
            }
        }
        all = all && p->copy;
    }
    if (all) {
        mark(r);
        return;
    }
    c = imap_command(r->session, "STATUS");
    imap_arg_wire_name(c, mail_imap_run_folder(r, j->target)->wire);
    imap_arg(c, "(UIDNEXT UIDVALIDITY)");
    mail_imap_run_send(r, c, on_status, NULL);
}

/* ---- moves ---- */

/* MOVE was answered. */
static void on_moved(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    (void)user;
    if (result->end == IMAP_DENIED)
        mail_imap_send_denied(r, result);
    else if (imap_has(r->session, "UIDPLUS") && !r->heard.copy_validity)
        mail_imap_send_failed(r); /* nothing was moved: it had gone already */
    else
        mail_imap_send_done(r);
}

/* Sends a MOVE, or what stands for it. */
static void send_move(struct mail_imap_run *r)
{
    struct imap_command *c;

    if (!imap_has(r->session, "MOVE")) {
        send_copy(r);
        return;
    }
    c = mail_imap_send_command(r, "UID MOVE");
    imap_arg_wire_name(c, mail_imap_run_folder(r, mail_imap_send_job(r)->target)->wire);
    r->heard.copy_validity = 0;
    mail_imap_run_send(r, c, on_moved, NULL);
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
