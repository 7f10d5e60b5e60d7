/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_send_going.c - before anything else is sent: copies that moves by COPY left behind and that are one too many go
 *
 * The mail itself comes first: it loses our \Deleted, and it must be there; only then its copy is taken away. What
 * cannot be taken away now stays under way and is looked at again in the next run. */
#include <stdlib.h>

#include "base/alloc.h"
#include "mail/imap_send.h"

static void take_back(struct mail_imap_run *r);

/* How many rows from the one at hand on are of its folder and target. */
static size_t group(const struct run_send *s)
{
    const struct going_back *first = vec_at(&s->back, s->back_at);
    size_t n = 1;

    while (s->back_at + n < s->back.len) {
        const struct going_back *b = vec_at(&s->back, s->back_at + n);
        if (b->folder != first->folder || b->target != first->target)
            break;
        n++;
    }
    return n;
}

/* Another time. */
static void skip(struct mail_imap_run *r)
{
    r->send->back_at += group(r->send);
    take_back(r);
}

/* A command over the group's mails that are there (marked: only those that carry our mark), or over their copies;
 * NULL: over none. */
static struct imap_command *group_command(struct mail_imap_run *r, const char *verb, bool copies, bool marked)
{
    struct run_send *s = r->send;
    struct imap_command *c = NULL;
    struct imap_set uids;

    imap_set_init(&uids);
    for (size_t i = s->back_at, n = group(s); n-- > 0; i++) {
        const struct going_back *b = vec_at(&s->back, i);
        uint32_t uid = (uint32_t)(copies ? b->copy : b->uid);
        if (!b->out && (b->marked || !marked))
            imap_set_add(&uids, uid, uid);
    }
    if (!imap_set_is_empty(&uids)) {
        c = imap_command(r->session, verb);
        imap_arg_set(c, &uids);
    }
    imap_set_fini(&uids);
    return c;
}

/* It is written down. */
static void on_undone(struct mail_imap_run *r, void *record)
{
    (void)record;
    take_back(r);
}

/* The copies are gone, or marked: the group is done with but for mails that were not there. */
static void on_expunged(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct run_send *s = r->send;
    struct going_undone *u = mem_alloc(sizeof *u);

    u->left = user != NULL || result->end != IMAP_DONE;
    vec_init(&u->back, sizeof(struct going_back), NULL);
    for (size_t n = group(s); n-- > 0;) {
        const struct going_back *b = vec_at(&s->back, s->back_at);
        if (b->out) {
            s->back_at++;
            continue;
        }
        *(struct going_back *)vec_push(&u->back) = *b;
        vec_remove(&s->back, s->back_at);
    }
    mail_imap_run_post(r, &mail_imap_undone_op, u, on_undone);
}

/* The copies are marked; they go, where that takes nothing of others along. */
static void on_marked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    static char left;

    (void)user;
    if (result->end != IMAP_DONE)
        skip(r);
    else if (imap_has(r->session, "UIDPLUS"))
        mail_imap_run_send(r, group_command(r, "UID EXPUNGE", true, false), on_expunged, NULL);
    else
        on_expunged(r, &left, result);
}

/* The target is open. */
static void on_target(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    const struct going_back *first = vec_at(&r->send->back, r->send->back_at);
    struct imap_command *c;

    (void)user;
    if (result->end != IMAP_DONE || r->heard.uidvalidity != first->validity) {
        r->selected = 0;
        skip(r);
        return;
    }
    c = group_command(r, "UID STORE", true, false);
    imap_arg(c, "+FLAGS.SILENT (\\Deleted)");
    mail_imap_run_send(r, c, on_marked, NULL);
}

/* Which of the mails are there? */
static void on_there(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct run_send *s = r->send;
    struct run_folder *target = mail_imap_run_folder(r, ((struct going_back *)vec_at(&s->back, s->back_at))->target);
    size_t there = 0;

    (void)user;
    for (size_t i = s->back_at, n = group(s); n-- > 0; i++) {
        struct going_back *b = vec_at(&s->back, i);
        b->out = true;
        for (size_t k = 0; k < r->heard.told.len && b->out; k++)
            b->out = ((const struct mail_remote *)vec_at(&r->heard.told, k))->uid != b->uid;
        there += !b->out;
    }
    if (result->end != IMAP_DONE || !there || !target)
        skip(r);
    else
        mail_imap_run_select(r, target, false, on_target);
}

/* They carry our mark no more. */
static void on_unmarked(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    struct imap_command *c;

    (void)user;
    if (result && result->end != IMAP_DONE) {
        skip(r);
        return;
    }
    vec_clear(&r->heard.told);
    c = group_command(r, "UID FETCH", false, false);
    imap_arg(c, "(UID FLAGS)");
    mail_imap_run_send(r, c, on_there, NULL);
}

/* Their folder is open. */
static void on_folder(struct mail_imap_run *r, void *user, const struct imap_result *result)
{
    const struct run_folder *f = mail_imap_run_folder(r, r->selected);
    struct imap_command *c;

    (void)user;
    if (result->end != IMAP_DONE || !f || r->heard.uidvalidity != f->uidvalidity || r->heard.read_only) {
        r->selected = 0;
        skip(r);
        return;
    }
    c = group_command(r, "UID STORE", false, true);
    if (!c) {
        on_unmarked(r, NULL, NULL);
        return;
    }
    imap_arg(c, "-FLAGS.SILENT (\\Deleted)");
    mail_imap_run_send(r, c, on_unmarked, NULL);
}

/* The next group, or what waits. */
static void take_back(struct mail_imap_run *r)
{
    struct run_send *s = r->send;
    struct run_folder *f;

    if (!mail_imap_run_goes(r))
        return;
    if (s->back_at == s->back.len) {
        mail_imap_send_rounds(r);
        return;
    }
    f = mail_imap_run_folder(r, ((struct going_back *)vec_at(&s->back, s->back_at))->folder);
    if (f)
        mail_imap_run_select(r, f, false, on_folder);
    else
        skip(r);
}

/* What came of the moves is known. */
static void on_looked(struct mail_imap_run *r, void *record)
{
    struct going_look *l = record;

    vec_fini(&r->send->back);
    r->send->back = l->back;
    vec_init(&l->back, sizeof(struct going_back), NULL);
    take_back(r);
}

/* Begins; then the rounds follow. */
void mail_imap_send_resume(struct mail_imap_run *r)
{
    struct going_look *l;

    if (!mail_imap_going_any(store_reader(r->store), r->account, false)) {
        mail_imap_send_rounds(r);
        return;
    }
    l = mem_alloc(sizeof *l);
    l->account = mem_strdup(r->account);
    l->trash = r->trash;
    vec_init(&l->seen, sizeof(int64_t), NULL);
    vec_init(&l->back, sizeof(struct going_back), NULL);
    for (size_t i = 0; i < r->folders.len; i++) {
        const struct run_folder *f = vec_at(&r->folders, i);
        if (f->state == MAIL_IMAP_SYNCED && (!(f->now.has & IMAP_HAS_UIDNEXT) || f->uidnext >= f->now.uidnext))
            mail_vec_add(&l->seen, f->id);
    }
    mail_imap_run_post(r, &mail_imap_going_look_op, l, on_looked);
}

/* Was it not possible to take its copy away? */
bool mail_imap_send_is_back(const struct run_send *s, int64_t folder, int64_t uid)
{
    for (size_t i = 0; i < s->back.len; i++) {
        const struct going_back *b = vec_at(&s->back, i);
        if (b->folder == folder && b->uid == uid)
            return true;
    }
    return false;
}
