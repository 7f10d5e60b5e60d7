/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply_as_new.c - a stored mail as a draft: edit as new, and going on with a draft that another
 * program (or another machine) left in a folder of drafts. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "inbox/reply_inside.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/people.h"
#include "store/db.h"

/* Does any copy of it lie in a folder of drafts? */
static bool is_draft(struct db *db, int64_t message)
{
    struct vec places;
    struct error ignored = ERROR_INIT;
    bool found = false;
    if (mail_message_places(db, message, &places, &ignored) != STATUS_OK)
        return false;
    for (size_t i = 0; i < places.len && !found; i++) {
        struct mail_folder f = {0};
        const struct mail_place *p = vec_at(&places, i);
        found = mail_folder_get(db, p->folder, &f, &ignored) == STATUS_OK &&
                f.role == MAIL_ROLE_DRAFTS;
        mail_folder_fini(&f);
    }
    vec_fini(&places);
    return found;
}

int64_t reply_newest(struct db *db, int64_t thread)
{
    struct vec ids;
    struct error ignored = ERROR_INIT;
    vec_init(&ids, sizeof(int64_t), NULL);
    int64_t id = 0, draft = 0;
    if (mail_thread_ids(db, thread, &ids, &ignored) == STATUS_OK && ids.len)
        id = *(int64_t *)vec_at(&ids, ids.len - 1);
    for (size_t i = ids.len; i > 0 && !draft; i--)
        if (is_draft(db, *(int64_t *)vec_at(&ids, i - 1)))
            draft = *(int64_t *)vec_at(&ids, i - 1);
    vec_fini(&ids);
    return draft ? draft : id;
}

int64_t reply_continued(struct db *db, int64_t message)
{
    struct db_query *q = db_prepare(db, "SELECT id FROM draft WHERE origin = ? AND state IN ('open',"
                                        " 'streaming', 'approved') ORDER BY id DESC LIMIT 1");
    db_bind_int(q, 1, message);
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return id;
}

/* What a draft of another program answers: its headers, and the mail when it is stored here. */
static void take_answered(struct db *db, struct draft *d, const struct mail_message *m)
{
    struct mail_row row;
    struct error ignored = ERROR_INIT;
    reply_take_answered(d, m);
    int64_t parent = *d->in_reply_to ? mail_message_find(db, d->in_reply_to) : 0;
    if (parent && mail_row_get(db, parent, &row, &ignored) == STATUS_OK) {
        d->kind = DRAFT_REPLY;
        d->message = parent;
        d->thread = row.thread;
        mail_row_fini(&row);
    }
}

/* Addresses that can be ones. */
static void take_people(struct vec *to, const struct vec *from)
{
    for (size_t i = 0; i < from->len; i++) {
        const struct mail_address *a = vec_at(from, i);
        if (a->address && people_is_address(a->address) && !people_has(to, a->address)) {
            char *name = reply_one_line(a->name ? a->name : "");
            people_add(to, name, a->address);
            free(name);
        }
    }
}

/* From: the identity it was written as, when it is one of mine; else as for an answer. */
static void take_sender(struct draft *d, const struct mail_message *m)
{
    struct people_identity id;
    struct error none = ERROR_INIT;
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    struct vec recipients;
    if (from && from->address && people_is_address(from->address) &&
        people_identity_find(from->address, &id, &none) == STATUS_OK) {
        people_identity_fini(&id);
        if (reply_set_sender(d, from->address, &none) == STATUS_OK)
            return;
    }
    people_init(&recipients);
    take_people(&recipients, &m->to);
    take_people(&recipients, &m->cc);
    reply_sender(d, NULL, &recipients);
    vec_fini(&recipients);
}

enum status reply_head_as_new(struct db *db, int64_t message, struct draft **out, struct error *err)
{
    struct mail_message *m;
    *out = NULL;
    enum status st = mail_message_get(db, message, &m, err);
    if (st)
        return st;
    struct draft *d = reply_fresh();
    d->kind = DRAFT_NEW;
    take_sender(d, m);
    take_people(&d->to, &m->to);
    take_people(&d->cc, &m->cc);
    take_people(&d->bcc, &m->bcc);
    d->subject = reply_one_line(m->subject ? m->subject : "");
    d->text = reply_plain(m->text ? m->text : "");
    if (is_draft(db, message)) {
        d->origin = message;
        take_answered(db, d, m);
    }
    mail_message_free(m);
    *out = d;
    return STATUS_OK;
}
