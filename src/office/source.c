/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source.c - makes what a model may be shown out of what the office holds. */
#include "office/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "mail/folder.h"
#include "mail/message.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/people.h"

void source_list_init(struct source_list *l)
{
    vec_init(&l->items, sizeof(struct model_source), NULL);
    strv_init(&l->texts);
}

void source_list_fini(struct source_list *l)
{
    vec_fini(&l->items);
    vec_fini(&l->texts);
}

/* Copies a text into the list; NULL stays NULL. */
static const char *keep(struct source_list *l, const char *text)
{
    if (!text)
        return NULL;
    char *own = mem_strdup(text);
    strv_push_take(&l->texts, own);
    return own;
}

void source_add(struct source_list *l, const struct model_source *s)
{
    struct model_source own = *s;
    own.kind = keep(l, s->kind);
    own.id = keep(l, s->id);
    own.account = keep(l, s->account);
    own.folder = keep(l, s->folder);
    own.sender = keep(l, s->sender);
    own.label = keep(l, s->label);
    own.title = keep(l, s->title);
    own.text = keep(l, s->text);
    *(struct model_source *)vec_push(&l->items) = own;
}

/* Adds a mail with its policy fields; text NULL: the whole visible text. */
static enum status add_mail(struct source_list *l, struct db *db, int64_t message,
                            const char *text, bool cut_quotes, struct error *err)
{
    struct mail_row row = {0};
    struct mail_folder folder = {0};
    struct vec labels;
    struct str body = STR_INIT, sender = STR_INIT;
    strv_init(&labels);
    char *id = NULL, *label = NULL;
    enum status st = mail_row_get(db, message, &row, err);
    if (st)
        goto out;
    if ((st = mail_message_labels(db, message, &labels, err)))
        goto out;
    if (!text && (st = mail_message_text(db, message, &body, err)))
        goto out;
    struct error none = ERROR_INIT;
    bool placed = row.folder && mail_folder_get(db, row.folder, &folder, &none) == STATUS_OK;
    people_print_one(&sender, row.from_name, row.from_address);
    id = str_format("m%lld", (long long)message);
    label = labels.len ? strv_join(&labels, ",") : NULL;
    source_add(l, &(struct model_source){.kind = "mail",
                                         .id = id,
                                         .account = placed ? folder.account : NULL,
                                         .folder = placed ? folder.name : NULL,
                                         .sender = str_text(&sender),
                                         .label = label,
                                         .title = row.subject,
                                         .date = row.date,
                                         .text = text ? text : str_text(&body),
                                         .cut_quotes = cut_quotes});
out:
    free(id);
    free(label);
    mail_row_fini(&row);
    mail_folder_fini(&folder);
    vec_fini(&labels);
    str_fini(&body);
    str_fini(&sender);
    return st;
}

enum status source_add_message(struct source_list *l, struct db *db, int64_t message,
                               bool cut_quotes, struct error *err)
{
    return add_mail(l, db, message, NULL, cut_quotes, err);
}

enum status source_add_passage(struct source_list *l, struct db *db, int64_t message,
                               const char *text, struct error *err)
{
    return add_mail(l, db, message, text, false, err);
}

enum status source_add_thread(struct source_list *l, struct db *db, int64_t thread, size_t max,
                              struct error *err)
{
    struct vec ids;
    vec_init(&ids, sizeof(int64_t), NULL);
    enum status st = mail_thread_ids(db, thread, &ids, err);
    size_t first = ids.len > max ? ids.len - max : 0;
    for (size_t i = first; st == STATUS_OK && i < ids.len; i++)
        st = add_mail(l, db, *(int64_t *)vec_at(&ids, i), NULL, i > first, err);
    vec_fini(&ids);
    return st;
}
