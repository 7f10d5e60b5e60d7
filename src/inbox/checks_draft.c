/* SPDX-License-Identifier: GPL-3.0-or-later */
/* checks_draft.c - gathers what a stored draft is held against: the mails of its thread, what the person asked
 * for and is known by, what a model wrote of the draft and of the person's own mails before it. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "inbox/checks_inside.h"
#include "inbox/draft.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/outbox.h"
#include "office/people.h"
#include "office/signature.h"

#define MAILS_MAX 28 /* of a thread, the newest */

struct gathered { /* what checks_of_draft's sources borrow from */
    struct vec texts;   /* struct check_text */
    struct vec strings; /* strv */
};

/* Keeps a text as long as the gathering lives. */
static const char *keep(struct gathered *g, char *text)
{
    strv_push_take(&g->strings, text);
    return text;
}

/* The newest text of a draft that no person wrote; NULL when there is none. */
static const char *model_text(struct gathered *g, struct db *db, int64_t draft)
{
    struct db_query *q = db_prepare(db, "SELECT text FROM draft_version WHERE draft = ?"
                                        " AND by <> 'me' ORDER BY version DESC LIMIT 1");
    db_bind_int(q, 1, draft);
    const char *text = db_step(q) ? keep(g, mem_strdup(db_text(q, 0))) : NULL;
    db_end(q);
    return text;
}

/* A mail that this office sent: what a model wrote of it, and what the person had asked for. */
static enum status gather_sent(struct gathered *g, struct db *db, const char *message_id, struct check_text *mail,
                               struct error *err)
{
    struct draft *d;
    int64_t draft = message_id ? outbox_draft_of(db, message_id) : 0;
    if (!draft || !(mail->written = model_text(g, db, draft)))
        return STATUS_OK;
    int64_t message = mail->message, date = mail->date;
    enum status st = draft_get(db, draft, &d, err);
    if (st)
        return st;
    if (*d->say)
        *(struct check_text *)vec_push(&g->texts) =
            (struct check_text){.message = message, .date = date, .mine = true, .text = keep(g, mem_strdup(d->say))};
    draft_free(d);
    return STATUS_OK;
}

/* Adds one mail of the thread as a source. */
static enum status gather_mail(struct gathered *g, struct db *db, const struct draft *d, int64_t id,
                               struct error *err)
{
    struct mail_message *m;
    enum status st = mail_message_get(db, id, &m, err);
    if (st)
        return st;
    struct str people = STR_INIT;
    const struct vec *lists[] = {&m->from, &m->to, &m->cc, &m->reply_to};
    for (size_t i = 0; i < 4; i++) {
        people_print(&people, lists[i]);
        str_putc(&people, '\n');
    }
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        if (p->name)
            str_addf(&people, "%s\n", p->name);
    }
    struct check_text *t = vec_push(&g->texts);
    t->message = id;
    t->date = m->date;
    t->asks = id == d->message && d->kind != DRAFT_FORWARD && d->kind != DRAFT_NEW;
    t->text = keep(g, mem_strdup(m->text ? m->text : ""));
    t->subject = keep(g, mem_strdup(m->subject ? m->subject : ""));
    t->people = keep(g, str_take(&people));
    st = gather_sent(g, db, m->message_id, t, err);
    mail_message_free(m);
    return st;
}

/* What the person is known by and asked for is the person's own word. */
static void gather_own(struct gathered *g, const struct draft *d)
{
    struct str people = STR_INIT;
    people_print_one(&people, d->from.name, d->from.address);
    struct check_text *t = vec_push(&g->texts);
    t->date = d->created;
    t->mine = true;
    char *signature = signature_read(d->account, d->from.address, NULL);
    t->text = keep(g, str_format("%s\n%s", d->say, signature ? signature : ""));
    free(signature);
    t->people = keep(g, str_take(&people));
}

/* Recipients that the thread never saw. */
static void check_people(const struct draft *d, const struct gathered *g, struct checks *out)
{
    const struct vec *lists[] = {&d->to, &d->cc, &d->bcc};
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < d->bad[l].len; i++, out->bad++) {
            char *words = str_format(_("%s is no mail address"), strv_at(&d->bad[l], i));
            checks_add(out, CHECK_RECIPIENT, CHECK_NEVER, words, strlen(words));
            free(words);
        }
    if (*d->unread && !out->bad) { /* a header that cannot be read at all */
        checks_add(out, CHECK_RECIPIENT, CHECK_NEVER, d->unread, strlen(d->unread));
        out->bad++;
    }
    if (d->kind == DRAFT_NEW || d->kind == DRAFT_FORWARD)
        return;
    for (size_t l = 0; l < 3; l++)
        for (size_t i = 0; i < lists[l]->len; i++) {
            const struct mail_address *a = vec_at(lists[l], i);
            bool seen = false;
            for (size_t k = 0; !seen && k < g->texts.len; k++) {
                const struct check_text *t = vec_at(&g->texts, k);
                seen = (t->people && utf8_contains_folded(t->people, a->address)) ||
                       (t->text && utf8_contains_folded(t->text, a->address));
            }
            if (!seen) {
                char *words = str_format(_("%s is new in this thread"), a->address);
                checks_add(out, CHECK_RECIPIENT, CHECK_WARN, words, strlen(words));
                free(words);
            }
        }
}

enum status checks_of_draft(struct db *db, int64_t draft, struct checks *out, struct error *err)
{
    struct draft *d;
    struct gathered g;
    struct vec ids, accepted;
    enum status st = draft_get(db, draft, &d, err);
    if (st)
        return st;
    vec_init(&g.texts, sizeof(struct check_text), NULL);
    strv_init(&g.strings);
    vec_init(&ids, sizeof(int64_t), NULL);
    strv_init(&accepted);
    if (d->thread && d->kind != DRAFT_NEW)
        st = mail_thread_ids(db, d->thread, &ids, err);
    size_t first = ids.len > MAILS_MAX ? ids.len - MAILS_MAX : 0;
    for (size_t i = first; st == STATUS_OK && i < ids.len; i++)
        st = gather_mail(&g, db, d, *(int64_t *)vec_at(&ids, i), err);
    if (st == STATUS_NO_SUCH) { /* the thread is gone: the draft stands alone */
        *err = ERROR_INIT;
        st = STATUS_OK;
    }
    if (st == STATUS_OK)
        st = draft_accepted(db, d->id, &accepted, err);
    if (st == STATUS_OK) {
        struct check_input in = {.text = d->text,
                                 .subject = d->subject,
                                 .recipients = d->to_text,
                                 .now = clock_now(),
                                 .has_recipient = d->to.len + d->cc.len + d->bcc.len > 0,
                                 .made = strcmp(d->by, "me") == 0 ? "" : d->made,
                                 .model_text = model_text(&g, db, d->id),
                                 .accepted = &accepted};
        if (g.texts.len || *d->say)
            gather_own(&g, d);
        in.sources = &g.texts;
        check_people(d, &g, out);
        checks_run(&in, out);
        checks_send(d, &g.texts, out);
        checks_size(d, outbox_size_most(db, d->account), out);
    }
    vec_fini(&ids);
    vec_fini(&accepted);
    vec_fini(&g.texts);
    vec_fini(&g.strings);
    draft_free(d);
    return st;
}
