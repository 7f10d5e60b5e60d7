/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack.c - the reader's answers as plain structs. */
#include "mail/unpack.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/wire.h"
#include "mail/reader.h"
#include "mail/report.h"

/* A field's text: what is not UTF-8 (a broken reader) is mended. Yours. */
static char *take_text(const struct record_field *f)
{
    size_t n = strnlen(f->bytes, f->len);
    if (utf8_valid(f->bytes, n))
        return mem_strndup(f->bytes, n);
    struct str out = STR_INIT;
    utf8_repair(&out, f->bytes, n);
    return str_take(&out);
}

/* Puts a field's text in the place of another. */
static void set_text(char **to, const struct record_field *f)
{
    free(*to);
    *to = take_text(f);
}

/* The same for others. */
void mail_unpack_text(char **to, const struct record_field *f)
{
    set_text(to, f);
}

/* Where the single texts go. */
static const struct place {
    enum wire_tag tag;
    size_t offset;
} places[] = {
    {WIRE_MESSAGE_ID, offsetof(struct mail_message, message_id)},
    {WIRE_IN_REPLY_TO, offsetof(struct mail_message, in_reply_to)},
    {WIRE_SUBJECT, offsetof(struct mail_message, subject)},
    {WIRE_LIST_ID, offsetof(struct mail_message, list_id)},
    {WIRE_LIST_POST, offsetof(struct mail_message, list_post)},
    {WIRE_LIST_UNSUBSCRIBE, offsetof(struct mail_message, list_unsubscribe)},
    {WIRE_LIST_UNSUBSCRIBE_POST, offsetof(struct mail_message, list_unsubscribe_post)},
    {WIRE_AUTO_SUBMITTED, offsetof(struct mail_message, auto_submitted)},
    {WIRE_PRECEDENCE, offsetof(struct mail_message, precedence)},
    {WIRE_RETURN_PATH, offsetof(struct mail_message, return_path)},
    {WIRE_DELIVERED_TO, offsetof(struct mail_message, delivered_to)},
    {WIRE_SENDER, offsetof(struct mail_message, sender)},
    {WIRE_AUTH_RESULTS, offsetof(struct mail_message, auth_results)},
    {WIRE_AUTO_RESPONSE_SUPPRESS, offsetof(struct mail_message, auto_response_suppress)},
    {WIRE_X_MAILER, offsetof(struct mail_message, x_mailer)},
    {WIRE_CONTENT_TYPE, offsetof(struct mail_message, content_type)},
    {WIRE_TEXT, offsetof(struct mail_message, text)},
    {WIRE_HIDDEN_TEXT, offsetof(struct mail_message, hidden_text)},
    {WIRE_ICS, offsetof(struct mail_message, ics)},
    {WIRE_PROTECTION, offsetof(struct mail_message, protection)},
    {WIRE_REPORT, offsetof(struct mail_message, report)},
};

/* Reads one person. */
static bool take_person(struct vec *list, const struct record_field *field)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct mail_address *a = vec_push(list);
    while (record_next(&v, &f)) {
        if (f.tag == WIRE_NAME)
            set_text(&a->name, &f);
        else if (f.tag == WIRE_ADDRESS)
            set_text(&a->address, &f);
    }
    if (!a->name)
        a->name = mem_strdup("");
    if (!a->address)
        a->address = mem_strdup("");
    return record_ok(&v);
}

/* Reads one part. */
static bool take_part(struct vec *list, const struct record_field *field)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct mail_part *p = vec_push(list);
    while (record_next(&v, &f)) {
        switch (f.tag) {
        case WIRE_NUMBER:
            p->number = (int)record_int(&f);
            break;
        case WIRE_CONTENT_TYPE:
            set_text(&p->content_type, &f);
            break;
        case WIRE_CHARSET:
            set_text(&p->charset, &f);
            break;
        case WIRE_DISPOSITION:
            set_text(&p->disposition, &f);
            break;
        case WIRE_NAME:
            set_text(&p->name, &f);
            break;
        case WIRE_REAL_TYPE:
            set_text(&p->real_type, &f);
            break;
        case WIRE_CID:
            set_text(&p->cid, &f);
            break;
        case WIRE_SIZE:
            p->size = record_int(&f);
            break;
        case WIRE_ATTACHMENT:
            p->attachment = record_int(&f) != 0;
            break;
        case WIRE_SHOWN:
            p->shown = record_int(&f) != 0;
            break;
        default:
            break;
        }
    }
    if (!p->content_type)
        p->content_type = mem_strdup("application/octet-stream");
    return record_ok(&v);
}

/* Reads one link. */
static bool take_link(struct vec *list, const struct record_field *field)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct mail_link *l = vec_push(list);
    while (record_next(&v, &f)) {
        if (f.tag == WIRE_TEXT)
            set_text(&l->text, &f);
        else if (f.tag == WIRE_URL)
            set_text(&l->url, &f);
    }
    if (!l->text)
        l->text = mem_strdup("");
    if (!l->url)
        l->url = mem_strdup("");
    return record_ok(&v);
}

/* Reads one field of a message. */
static bool take_field(struct mail_message *m, const struct record_field *f)
{
    switch (f->tag) {
    case WIRE_REFERENCE:
        strv_push_take(&m->references, take_text(f));
        return true;
    case WIRE_WARNING:
        strv_push_take(&m->warnings, take_text(f));
        return true;
    case WIRE_DATE:
        m->date = record_int(f);
        return true;
    case WIRE_DAMAGED:
        m->damaged = record_int(f) != 0;
        return true;
    case WIRE_TRUNCATED:
        m->truncated = record_int(f) != 0;
        return true;
    case WIRE_FROM:
        return take_person(&m->from, f);
    case WIRE_TO:
        return take_person(&m->to, f);
    case WIRE_CC:
        return take_person(&m->cc, f);
    case WIRE_BCC:
        return take_person(&m->bcc, f);
    case WIRE_REPLY_TO:
        return take_person(&m->reply_to, f);
    case WIRE_BODY_PART:
        return take_part(&m->parts, f);
    case WIRE_LINK:
        return take_link(&m->links, f);
    default:
        break;
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (places[i].tag == f->tag) {
            set_text((char **)((char *)m + places[i].offset), f);
            break;
        }
    return true;
}

/* Reads a message. */
struct mail_message *mail_unpack_message(struct record_view body)
{
    struct mail_message *m = mail_message_new();
    struct record_field f;
    bool good = true;
    while (good && record_next(&body, &f))
        good = take_field(m, &f);
    if (good && record_ok(&body)) {
        mail_report_thread(m);
        return m;
    }
    mail_message_free(m);
    return NULL;
}

/* Releases one cue. */
static void cue_fini(void *item)
{
    struct mail_cue *c = item;
    free(c->speaker);
    free(c->text);
}

/* An empty list of cues. */
void mail_unpack_cues_init(struct vec *cues)
{
    vec_init(cues, sizeof(struct mail_cue), cue_fini);
}

/* Reads the cues of a transcript. */
bool mail_unpack_cues(struct record_view body, struct vec *cues)
{
    struct record_field field, f;
    while (record_next(&body, &field)) {
        if (field.tag != WIRE_CUE)
            continue;
        struct record_view v = record_open(&field);
        struct mail_cue *c = vec_push(cues);
        c->start_ms = c->end_ms = -1;
        while (record_next(&v, &f)) {
            if (f.tag == WIRE_START)
                c->start_ms = record_int(&f);
            else if (f.tag == WIRE_END)
                c->end_ms = record_int(&f);
            else if (f.tag == WIRE_SPEAKER)
                set_text(&c->speaker, &f);
            else if (f.tag == WIRE_TEXT)
                set_text(&c->text, &f);
        }
        if (!c->speaker)
            c->speaker = mem_strdup("");
        if (!c->text)
            c->text = mem_strdup("");
        if (!record_ok(&v))
            return false;
    }
    return record_ok(&body);
}

/* Releases one server. */
static void server_fini(void *item)
{
    struct mail_server *s = item;
    free(s->type);
    free(s->host);
    free(s->socket);
    free(s->user);
    vec_fini(&s->methods);
}

/* Releases what an autoconfiguration file said. */
void mail_servers_fini(struct mail_servers *s)
{
    vec_fini(&s->servers);
    free(s->issuer);
    free(s->scope);
    free(s->authorize);
    free(s->token);
}

/* Reads one server. */
static bool take_server(struct vec *list, const struct record_field *field)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct mail_server *s = vec_push(list);
    strv_init(&s->methods);
    while (record_next(&v, &f)) {
        if (f.tag == WIRE_NAME)
            set_text(&s->type, &f);
        else if (f.tag == WIRE_ADDRESS)
            set_text(&s->host, &f);
        else if (f.tag == WIRE_SOCKET)
            set_text(&s->socket, &f);
        else if (f.tag == WIRE_USERNAME)
            set_text(&s->user, &f);
        else if (f.tag == WIRE_SIZE)
            s->port = record_int(&f);
        else if (f.tag == WIRE_METHOD)
            strv_push_take(&s->methods, take_text(&f));
    }
    char **texts[] = {&s->type, &s->host, &s->socket, &s->user};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!*texts[i])
            *texts[i] = mem_strdup("");
    return record_ok(&v);
}

/* Reads the servers of an autoconfiguration file. */
bool mail_unpack_servers(struct record_view body, struct mail_servers *out)
{
    struct record_field field, f;
    *out = (struct mail_servers){0};
    vec_init(&out->servers, sizeof(struct mail_server), server_fini);
    while (record_next(&body, &field)) {
        if (field.tag == WIRE_SERVER && !take_server(&out->servers, &field))
            return false;
        if (field.tag != WIRE_SIGN_IN)
            continue;
        struct record_view v = record_open(&field);
        while (record_next(&v, &f)) {
            if (f.tag == WIRE_ISSUER)
                set_text(&out->issuer, &f);
            else if (f.tag == WIRE_SCOPE)
                set_text(&out->scope, &f);
            else if (f.tag == WIRE_AUTHORIZE)
                set_text(&out->authorize, &f);
            else if (f.tag == WIRE_TOKEN)
                set_text(&out->token, &f);
        }
        if (!record_ok(&v))
            return false;
    }
    return record_ok(&body);
}
