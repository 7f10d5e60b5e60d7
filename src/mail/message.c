/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c - a parsed mail as plain data: made empty, released whole. */
#include "mail/message.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"

/* Releases one address. */
void mail_address_fini_item(void *item)
{
    struct mail_address *a = item;
    free(a->name);
    free(a->address);
}

/* Releases one part. */
static void part_fini(void *item)
{
    struct mail_part *p = item;
    free(p->content_type);
    free(p->charset);
    free(p->disposition);
    free(p->name);
    free(p->cid);
    free(p->real_type);
}

/* Releases one link. */
static void link_fini(void *item)
{
    struct mail_link *l = item;
    free(l->text);
    free(l->url);
}

/* An empty message. */
struct mail_message *mail_message_new(void)
{
    struct mail_message *m = mem_alloc(sizeof *m);
    m->date = CLOCK_NONE;
    strv_init(&m->references);
    strv_init(&m->warnings);
    vec_init(&m->from, sizeof(struct mail_address), mail_address_fini_item);
    vec_init(&m->to, sizeof(struct mail_address), mail_address_fini_item);
    vec_init(&m->cc, sizeof(struct mail_address), mail_address_fini_item);
    vec_init(&m->bcc, sizeof(struct mail_address), mail_address_fini_item);
    vec_init(&m->reply_to, sizeof(struct mail_address), mail_address_fini_item);
    vec_init(&m->parts, sizeof(struct mail_part), part_fini);
    vec_init(&m->links, sizeof(struct mail_link), link_fini);
    m->subject = mem_strdup("");
    m->text = mem_strdup("");
    return m;
}

/* Releases a message; NULL is allowed. */
void mail_message_free(struct mail_message *m)
{
    if (!m)
        return;
    vec_fini(&m->references);
    vec_fini(&m->warnings);
    vec_fini(&m->from);
    vec_fini(&m->to);
    vec_fini(&m->cc);
    vec_fini(&m->bcc);
    vec_fini(&m->reply_to);
    vec_fini(&m->parts);
    vec_fini(&m->links);
    char *own[] = {m->message_id,     m->in_reply_to,   m->subject,   m->list_id,
                   m->list_post,      m->list_unsubscribe, m->list_unsubscribe_post,
                   m->auto_submitted, m->precedence,
                   m->return_path,    m->delivered_to,  m->sender,    m->auth_results,
                   m->auto_response_suppress, m->x_mailer, m->content_type, m->text,
                   m->hidden_text,    m->ics,         m->protection, m->report};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        free(own[i]);
    free(m);
}
