/* SPDX-License-Identifier: GPL-3.0-or-later */
/* content.c - a parsed mail as JSON and back: tables of its fields, so that none is forgotten */
#include "mail/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"

struct field {
    const char *name;
    size_t offset;
};

#define FIELD(name) {#name, offsetof(struct mail_message, name)}

/* Texts, absent when NULL. */
static const struct field texts[] = {
    FIELD(message_id),     FIELD(in_reply_to),   FIELD(subject),      FIELD(list_id),
    FIELD(list_post),      FIELD(list_unsubscribe), FIELD(list_unsubscribe_post),
    FIELD(auto_submitted), FIELD(precedence),
    FIELD(return_path),    FIELD(delivered_to),  FIELD(sender),       FIELD(auth_results),
    FIELD(auto_response_suppress), FIELD(x_mailer), FIELD(content_type), FIELD(hidden_text),
    FIELD(ics),            FIELD(protection),        FIELD(report),
};

static const struct field address_lists[] = {
    FIELD(from), FIELD(to), FIELD(cc), FIELD(bcc), FIELD(reply_to),
};

static const struct field string_lists[] = {FIELD(references), FIELD(warnings)};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The field of a table's row in m. */
static void *at(const struct mail_message *m, const struct field *f)
{
    return (char *)(uintptr_t)m + f->offset;
}

/* [["name","address"],…] */
static struct json *write_addresses(const struct vec *v)
{
    struct json *list = json_array();

    for (size_t i = 0; i < v->len; i++) {
        const struct mail_address *a = vec_at(v, i);
        struct json *pair = json_array();
        json_push_str(pair, a->name ? a->name : "");
        json_push_str(pair, a->address ? a->address : "");
        json_push(list, pair);
    }
    return list;
}

/* Parts and links. */
static void write_parts(const struct mail_message *m, struct json *o)
{
    if (m->parts.len) {
        struct json *list = json_array();
        for (size_t i = 0; i < m->parts.len; i++) {
            const struct mail_part *p = vec_at(&m->parts, i);
            struct json *j = json_object();
            json_set_int(j, "part", p->number);
            json_set_str(j, "content_type", p->content_type);
            json_set_str(j, "charset", p->charset);
            json_set_str(j, "disposition", p->disposition);
            json_set_str(j, "name", p->name);
            json_set_str(j, "cid", p->cid);
            json_set_str(j, "real_type", p->real_type);
            json_set_int(j, "size", p->size);
            json_set_bool(j, "attachment", p->attachment);
            json_set_bool(j, "shown", p->shown);
            json_push(list, j);
        }
        json_set(o, "parts", list);
    }
    if (m->links.len) {
        struct json *list = json_array();
        for (size_t i = 0; i < m->links.len; i++) {
            const struct mail_link *l = vec_at(&m->links, i);
            struct json *pair = json_array();
            json_push_str(pair, l->text ? l->text : "");
            json_push_str(pair, l->url ? l->url : "");
            json_push(list, pair);
        }
        json_set(o, "links", list);
    }
}

/* Writes every field but the text. */
void mail_content_write(const struct mail_message *m, struct str *out)
{
    struct json *o = json_object();
    char *text;

    for (size_t i = 0; i < COUNT(texts); i++)
        json_set_str(o, texts[i].name, *(char **)at(m, &texts[i]));
    if (m->date != CLOCK_NONE)
        json_set_int(o, "date", m->date);
    for (size_t i = 0; i < COUNT(address_lists); i++) {
        const struct vec *v = at(m, &address_lists[i]);
        if (v->len)
            json_set(o, address_lists[i].name, write_addresses(v));
    }
    for (size_t i = 0; i < COUNT(string_lists); i++) {
        const struct vec *v = at(m, &string_lists[i]);
        struct json *list;
        if (!v->len)
            continue;
        list = json_array();
        for (size_t k = 0; k < v->len; k++)
            json_push_str(list, strv_at(v, k));
        json_set(o, string_lists[i].name, list);
    }
    write_parts(m, o);
    if (m->damaged)
        json_set_bool(o, "damaged", true);
    if (m->truncated)
        json_set_bool(o, "truncated", true);
    text = json_print(o);
    str_puts(out, text);
    free(text);
    json_free(o);
}

/* A copy of a text that must not be NULL. */
static char *text_or_empty(const char *s)
{
    return mem_strdup(s ? s : "");
}

/* The parts and links of the JSON. */
static void read_parts(const struct json *o, struct mail_message *m)
{
    const struct json *list = json_get(o, "parts");

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *j = json_at(list, i);
        struct mail_part *p = vec_push(&m->parts);
        p->number = (int)json_get_int(j, "part", 0);
        p->content_type = text_or_empty(json_get_text(j, "content_type"));
        p->charset = mem_strdup_maybe(json_get_text(j, "charset"));
        p->disposition = mem_strdup_maybe(json_get_text(j, "disposition"));
        p->name = mem_strdup_maybe(json_get_text(j, "name"));
        p->cid = mem_strdup_maybe(json_get_text(j, "cid"));
        p->real_type = mem_strdup_maybe(json_get_text(j, "real_type"));
        p->size = json_get_int(j, "size", 0);
        p->attachment = json_get_bool(j, "attachment", false);
        p->shown = json_get_bool(j, "shown", false);
    }
    list = json_get(o, "links");
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *j = json_at(list, i);
        struct mail_link *l = vec_push(&m->links);
        l->text = text_or_empty(json_text(json_at(j, 0)));
        l->url = text_or_empty(json_text(json_at(j, 1)));
    }
}

/* Makes a message of the JSON. */
enum status mail_content_read(const char *json, size_t n, struct mail_message **out,
                              struct error *err)
{
    struct json *o = NULL;
    struct mail_message *m;
    enum status st = json_parse(json, n, &o, err);

    *out = NULL;
    if (st != STATUS_OK)
        return st;
    m = mail_message_new();
    for (size_t i = 0; i < COUNT(texts); i++) {
        char **field = at(m, &texts[i]);
        const char *value = json_get_text(o, texts[i].name);
        if (value) {
            free(*field);
            *field = mem_strdup(value);
        }
    }
    if (!m->subject)
        m->subject = mem_strdup("");
    m->date = json_get_int(o, "date", CLOCK_NONE);
    for (size_t i = 0; i < COUNT(address_lists); i++) {
        const struct json *list = json_get(o, address_lists[i].name);
        for (size_t k = 0; k < json_len(list); k++) {
            struct mail_address *a = vec_push(at(m, &address_lists[i]));
            a->name = text_or_empty(json_text(json_at(json_at(list, k), 0)));
            a->address = text_or_empty(json_text(json_at(json_at(list, k), 1)));
        }
    }
    for (size_t i = 0; i < COUNT(string_lists); i++) {
        const struct json *list = json_get(o, string_lists[i].name);
        for (size_t k = 0; k < json_len(list); k++)
            strv_push(at(m, &string_lists[i]), json_text(json_at(list, k)));
    }
    read_parts(o, m);
    m->damaged = json_get_bool(o, "damaged", false);
    m->truncated = json_get_bool(o, "truncated", false);
    json_free(o);
    *out = m;
    return STATUS_OK;
}

/* The words of an address field. */
void mail_content_addresses(const struct vec *addresses, struct str *out)
{
    for (size_t i = 0; i < addresses->len; i++) {
        const struct mail_address *a = vec_at(addresses, i);
        bool name = a->name && *a->name;
        if (i)
            str_puts(out, ", ");
        if (name)
            str_puts(out, a->name);
        if (a->address && *a->address)
            str_addf(out, name ? " <%s>" : "%s", a->address);
    }
}
