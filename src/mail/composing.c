/* SPDX-License-Identifier: GPL-3.0-or-later */
/* composing.c - asks a fresh process for the bytes of a message. */
#include "mail/composing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/record.h"
#include "base/wire.h"
#include "io/loop.h"
#include "mail/process.h"
#include "mail/readback.h"

enum { LIMIT_MS = 60000, MESSAGE_MAX = 64 << 20, FILES_MAX = 24 << 20 };

struct mail_composing {
    struct mail_composing *next, **list;
    struct loop *loop;
    struct mail_process *process;
    struct loop_watch *timer;
    struct mail_readback want;
    struct str data;
    struct error err; /* what is told when the process never started */
    bool posted, done;
    void (*tell)(void *user, const struct str *bytes, const struct error *err);
    void *user;
};

/* Takes it off its list and tells the end; the struct goes when nothing of the loop holds it. */
static void finish(struct mail_composing *c, const struct error *err)
{
    if (c->done)
        return;
    c->done = true;
    for (struct mail_composing **at = c->list; *at; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    loop_remove(c->loop, c->timer);
    mail_process_stop(c->process);
    c->tell(c->user, err->status == STATUS_OK ? &c->data : NULL, err);
    mail_readback_fini(&c->want);
    str_fini(&c->data);
    if (!c->posted)
        free(c);
}

/* The process answered. */
static void on_record(void *user, struct mail_process *p, uint16_t type, struct record_view body)
{
    struct mail_composing *c = user;
    struct error err = ERROR_INIT;
    struct record_field f;
    char *detail = NULL;
    int64_t status = 3;
    (void)p;
    while (record_next(&body, &f)) {
        if (type == WIRE_DATA && f.tag == WIRE_BYTES && c->data.len + f.len <= MESSAGE_MAX)
            str_add(&c->data, f.bytes, f.len);
        else if (f.tag == WIRE_STATUS)
            status = record_int(&f);
        else if (f.tag == WIRE_DETAIL && !detail)
            detail = record_text(&f);
    }
    if (type == WIRE_DONE) {
        if (status == 2)
            error_set(&err, STATUS_REFUSED, _("this cannot stand in the header %s"),
                      detail ? detail : "-");
        else if (status != 0)
            error_set(&err, STATUS_FAILED, _("the message could not be composed"));
        else
            (void)!mail_readback_check(&c->want, &c->data, &err);
        finish(c, &err);
    }
    free(detail);
}

/* The process ended without an answer. */
static void on_end(void *user, struct mail_process *p, bool nonsense)
{
    struct error err = ERROR_INIT;
    (void)p;
    (void)nonsense;
    error_set(&err, STATUS_FAILED, _("the message could not be composed"));
    finish(user, &err);
}

/* It takes too long. */
static void on_time(void *user)
{
    struct mail_composing *c = user;
    struct error err = ERROR_INIT;
    c->timer = NULL;
    error_set(&err, STATUS_FAILED, _("composing the message took too long"));
    finish(c, &err);
}

/* Tells a failure of the start, from the loop. */
static void on_posted(void *user)
{
    struct mail_composing *c = user;
    c->posted = false;
    if (c->done)
        free(c);
    else
        finish(c, &c->err);
}

/* Adds people to the request. */
static void add_people(struct record_writer *w, enum wire_tag tag, const struct vec *people)
{
    for (size_t i = 0; people && i < people->len; i++) {
        const struct mail_address *a = vec_at(people, i);
        size_t mark = record_nest(w, (uint16_t)tag);
        record_add_text(w, WIRE_NAME, a->name);
        record_add_text(w, WIRE_ADDRESS, a->address);
        record_unnest(w, mark);
    }
}

/* Writes the request. */
static enum status write_request(const struct mail_outgoing *m, struct str *out, struct error *err)
{
    struct record_writer w;
    size_t total = 0;
    for (size_t i = 0; m->files && i < m->files->len; i++)
        total += ((struct mail_file *)vec_at(m->files, i))->bytes.len;
    if (total > FILES_MAX)
        return error_set(err, STATUS_LIMIT, _("the files are larger than %d MB together"), 24);
    record_begin(&w, out, WIRE_OUTGOING);
    if (m->from) {
        size_t mark = record_nest(&w, WIRE_FROM);
        record_add_text(&w, WIRE_NAME, m->from->name);
        record_add_text(&w, WIRE_ADDRESS, m->from->address);
        record_unnest(&w, mark);
    }
    add_people(&w, WIRE_TO, m->to);
    add_people(&w, WIRE_CC, m->cc);
    record_add_text(&w, WIRE_SUBJECT, m->subject);
    record_add_text(&w, WIRE_TEXT, m->text);
    record_add_text(&w, WIRE_MESSAGE_ID, m->message_id);
    if (m->in_reply_to && *m->in_reply_to)
        record_add_text(&w, WIRE_IN_REPLY_TO, m->in_reply_to);
    record_add_text(&w, WIRE_DATE_TEXT, m->date);
    for (size_t i = 0; m->references && i < m->references->len; i++)
        record_add_text(&w, WIRE_REFERENCE, strv_at(m->references, i));
    for (size_t i = 0; m->files && i < m->files->len; i++) {
        const struct mail_file *f = vec_at(m->files, i);
        size_t mark = record_nest(&w, WIRE_FILE);
        record_add_text(&w, WIRE_NAME, f->name);
        record_add_text(&w, WIRE_CONTENT_TYPE, f->content_type);
        record_add(&w, WIRE_BYTES, str_text(&f->bytes), f->bytes.len);
        record_unnest(&w, mark);
    }
    record_end(&w);
    if (out->len > RECORD_MAX)
        return error_set(err, STATUS_LIMIT, _("the message is too large"));
    return STATUS_OK;
}

/* Starts a process and gives it the request. */
static enum status start(struct mail_composing *c, const char *program,
                         const struct mail_outgoing *m, struct error *err)
{
    static const struct mail_process_events events = {on_record, on_end};
    struct str request = STR_INIT;
    bool full;
    int fd = -1;
    if (write_request(m, &request, err) == STATUS_OK)
        fd = mail_process_memfd(request.data, request.len, err);
    if (fd >= 0)
        c->process = mail_process_start(c->loop, program, true, &events, c, err);
    const struct mail_request r = {.type = WIRE_COMPOSE, .memfd = fd, .size = request.len};
    if (c->process && !mail_process_send(c->process, &r, &full))
        error_set(err, STATUS_FAILED, _("the message could not be composed"));
    if (fd >= 0)
        close(fd);
    str_fini(&request);
    return err->status;
}

/* Asks for a message. */
void mail_composing_start(struct mail_composing **list, struct loop *l, const char *program,
                          const struct mail_outgoing *m,
                          void (*done)(void *user, const struct str *bytes,
                                       const struct error *err),
                          void *user)
{
    struct mail_composing *c = mem_alloc(sizeof *c);
    c->loop = l;
    c->tell = done;
    c->user = user;
    c->err = ERROR_INIT;
    c->list = list;
    c->next = *list;
    *list = c;
    mail_readback_init(&c->want, m);
    if (start(c, program, m, &c->err) == STATUS_OK) {
        c->timer = loop_timer(l, LIMIT_MS, on_time, c);
    } else {
        c->posted = true;
        loop_post(l, on_posted, c);
    }
}

/* Ends them all. */
void mail_composing_stop_all(struct mail_composing **list, const struct error *err)
{
    while (*list)
        finish(*list, err); /* NOLINT: takes itself off the list */
}
