/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show.c - show and thread: a message as it is stored, for people, scripts and pipes */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "inbox/commands_mail.h"
#include "inbox/look.h"
#include "inbox/part.h"
#include "mail/content.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/reader.h"
#include "mail/store.h"
#include "mail/thread.h"

/* ---- which message ---- */

/* What shows things of another letter; NULL: nothing shows one of them. */
static const char *other_command(char letter)
{
    switch (letter) {
    case 'd':
        return "draft show";
    case 'n':
        return "note show";
    case 'c':
    case 'x':
        return "chat show";
    case 'o':
        return "outbox show";
    case 'j':
        return "journal";
    default:
        return NULL;
    }
}

/* m12 or t5. */
enum status inbox_message_of(struct db *db, const char *id, int64_t *message, struct error *err)
{
    char letter;
    int64_t number;
    struct mail_thread t;
    enum status st;

    *message = 0;
    if (!command_id(id, &letter, &number))
        return error_set(err, STATUS_USAGE, _("\"%s\" is not an id (like m12 or t5)"), id);
    if (letter == 'm') {
        struct mail_row row;
        st = mail_row_get(db, number, &row, err);
        mail_row_fini(&row);
        *message = number;
        return st;
    }
    if (letter == 'a' || letter == 'e') /* tasks and events: none are kept yet */
        return error_set(err, STATUS_NO_SUCH, _("there is no %s"), id);
    if (letter != 't') {
        st = error_set(err, STATUS_USAGE, _("%s is not a mail"), id);
        return other_command(letter) ? error_hint(err, "bureau %s %s", other_command(letter), id) : st;
    }
    st = mail_thread_get(db, number, &t, err);
    *message = t.newest;
    mail_thread_fini(&t);
    return st;
}

/* ---- JSON ---- */

/* {"name","address"} */
static struct json *address_json(const struct mail_address *a)
{
    struct json *o = json_object();

    if (a->name && *a->name)
        json_set_str(o, "name", a->name);
    json_set_str(o, "address", a->address ? a->address : "");
    return o;
}

/* All of a field. */
static struct json *addresses_json(const struct vec *v)
{
    struct json *list = json_array();

    for (size_t i = 0; i < v->len; i++)
        json_push(list, address_json(vec_at(v, i)));
    return list;
}

/* A vec of texts. */
static struct json *texts_json(const struct vec *v)
{
    struct json *list = json_array();

    for (size_t i = 0; i < v->len; i++)
        json_push_str(list, strv_at(v, i));
    return list;
}

static const struct {
    unsigned flag;
    const char *word;
} flag_words[] = {
    {DOC_UNREAD, "unread"},       {DOC_FLAGGED, "flagged"}, {DOC_REPLIED, "replied"},
    {DOC_FORWARDED, "forwarded"}, {DOC_ATTACHMENT, "attachment"}, {DOC_LINK, "link"},
    {DOC_INVITE, "invite"},       {DOC_SNOOZED, "snoozed"}, {DOC_MUTED, "muted"},
    {DOC_HIDDEN, "hidden"},       {DOC_DELETED, "deleted"}, {DOC_MINE, "mine"},
};

/* The flags as words. */
static struct json *flags_json(unsigned flags)
{
    struct json *list = json_array();

    for (size_t i = 0; i < sizeof flag_words / sizeof *flag_words; i++)
        if (flags & flag_words[i].flag)
            json_push_str(list, flag_words[i].word);
    return list;
}

/* The parts. */
static struct json *parts_json(const struct mail_message *m)
{
    struct json *list = json_array();

    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        struct json *o = json_object();
        json_set_int(o, "part", p->number);
        json_set_str(o, "content_type", p->content_type);
        json_set_str(o, "real_type", p->real_type);
        json_set_str(o, "charset", p->charset);
        json_set_str(o, "disposition", p->disposition);
        json_set_str(o, "name", p->name);
        json_set_int(o, "size", p->size);
        json_set_bool(o, "attachment", p->attachment);
        json_push(list, o);
    }
    return list;
}

/* Links the text refers to. */
static struct json *links_json(const struct mail_message *m)
{
    struct json *list = json_array();

    for (size_t i = 0; i < m->links.len; i++) {
        const struct mail_link *l = vec_at(&m->links, i);
        struct json *o = json_object();
        json_set_str(o, "text", l->text);
        json_set_str(o, "url", l->url);
        json_push(list, o);
    }
    return list;
}

/* A message with all that a person may ask about it. */
struct shown {
    struct db *db; /* borrow */
    struct mail_row row;
    struct mail_message *m;
    struct mail_thread thread;
    struct mail_folder folder;
    struct vec labels, places, twins;
    struct vec warnings; /* strv */
    struct vec events; /* struct mail_event, once they are read */
};

/* Releases it. */
static void shown_fini(struct shown *s)
{
    mail_row_fini(&s->row);
    if (s->m)
        mail_message_free(s->m);
    mail_thread_fini(&s->thread);
    mail_folder_fini(&s->folder);
    vec_fini(&s->labels);
    vec_fini(&s->places);
    vec_fini(&s->twins);
    vec_fini(&s->warnings);
    vec_fini(&s->events);
}

/* Other messages of the same Message-ID, as a warning. */
static char *twins_text(const struct shown *s)
{
    struct str out = STR_INIT;

    str_puts(&out, "same-message-id:");
    for (size_t i = 0; i < s->twins.len; i++)
        str_addf(&out, " m%" PRId64, *(int64_t *)vec_at(&s->twins, i));
    return str_take(&out);
}

/* Reads it. */
static enum status shown_read(struct db *db, int64_t id, struct shown *s, struct error *err)
{
    enum status st;

    *s = (struct shown){.db = db};
    strv_init(&s->labels);
    vec_init(&s->places, sizeof(struct mail_place), mail_place_fini_item);
    vec_init(&s->twins, sizeof(int64_t), NULL);
    mail_events_init(&s->events);
    st = mail_row_get(db, id, &s->row, err);
    if (st == STATUS_OK)
        st = mail_message_get(db, id, &s->m, err);
    if (st == STATUS_OK)
        st = mail_thread_get(db, s->row.thread, &s->thread, err);
    if (st == STATUS_OK)
        st = mail_folder_get(db, s->row.folder, &s->folder, err);
    if (st == STATUS_OK)
        st = mail_message_labels(db, id, &s->labels, err);
    if (st == STATUS_OK)
        st = mail_message_places(db, id, &s->places, err);
    if (st == STATUS_OK)
        st = mail_message_twins(db, id, &s->twins, err);
    if (st != STATUS_OK) {
        strv_init(&s->warnings);
        return st;
    }
    part_warnings(db, &s->row, s->m, &s->warnings);
    if (s->twins.len)
        strv_push_take(&s->warnings, twins_text(s));
    return st;
}

/* The contract's object. */
static struct json *shown_json(const struct shown *s)
{
    const struct mail_message *m = s->m;
    struct json *o = json_object(), *copies = json_array(), *events = json_array();
    char id[24], thread[24];

    snprintf(id, sizeof id, "m%" PRId64, s->row.id);
    snprintf(thread, sizeof thread, "t%" PRId64, s->row.thread);
    json_set_str(o, "type", "item");
    json_set_str(o, "id", id);
    json_set_str(o, "kind", "mail");
    json_set_str(o, "thread", thread);
    if (*s->row.message_id)
        json_set_str(o, "message_id", s->row.message_id);
    json_set_time(o, "date", s->row.date);
    if (m->from.len)
        json_set(o, "from", address_json(vec_at(&m->from, 0)));
    json_set(o, "to", addresses_json(&m->to));
    json_set(o, "cc", addresses_json(&m->cc));
    if (m->bcc.len)
        json_set(o, "bcc", addresses_json(&m->bcc));
    if (m->reply_to.len)
        json_set(o, "reply_to", addresses_json(&m->reply_to));
    json_set_str(o, "subject", s->row.subject);
    json_set(o, "flags", flags_json(s->row.flags));
    json_set(o, "labels", texts_json(&s->labels));
    if (s->thread.lane)
        json_set_str(o, "lane", mail_lane_word(s->thread.lane));
    json_set_str(o, "due", s->thread.due);
    json_set_str(o, "account", s->folder.account);
    json_set_str(o, "folder", s->folder.name);
    for (size_t i = 0; i < s->places.len; i++) {
        const struct mail_place *p = vec_at(&s->places, i);
        struct json *c = json_object();
        json_set_str(c, "account", p->account);
        json_set_str(c, "folder", p->name);
        json_set_str(c, "path", p->path);
        json_push(copies, c);
    }
    json_set(o, "copies", copies);
    json_set(o, "parts", parts_json(m));
    json_set(o, "links", links_json(m));
    json_set_str(o, "text", m->text ? m->text : "");
    json_set_str(o, "hidden_text", m->hidden_text);
    if (m->protection)
        json_set(o, "protection", part_protection_json(m));
    for (size_t i = 0; i < s->events.len; i++)
        json_push(events, part_event_json(vec_at(&s->events, i)));
    json_set(o, "events", events);
    json_set(o, "report", part_report_json(m));
    json_set(o, "delivery", part_delivery_json(s->db, s->row.message_id));
    json_set(o, "warnings", texts_json(&s->warnings));
    json_set_bool(o, "damaged", m->damaged);
    json_set_bool(o, "truncated", m->truncated);
    json_set_int(o, "size", s->row.size);
    return o;
}

/* ---- for people ---- */

/* "Name: value" unless empty. */
static void add_line(struct str *out, const char *name, const char *value)
{
    if (value && *value)
        str_addf(out, "%s: %s\n", name, value);
}

/* An address line. */
static void add_addresses(struct str *out, const char *name, const struct vec *v)
{
    struct str text = STR_INIT;

    mail_content_addresses(v, &text);
    add_line(out, name, str_text(&text));
    str_fini(&text);
}

/* Characters of a text. */
static size_t characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

/* "12 KB" */
static void add_size(struct str *out, int64_t size)
{
    if (size < 1024)
        str_addf(out, "%" PRId64 " B", size);
    else if (size < 1024 * 1024)
        str_addf(out, "%" PRId64 " KB", (size + 512) / 1024);
    else
        str_addf(out, "%.1f MB", (double)size / (1024 * 1024));
}

/* One line for each attachment. */
static void add_attachments(struct str *out, const struct mail_message *m)
{
    bool any = false;

    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        if (!part_is_file(p))
            continue;
        if (!any)
            str_puts(out, "\n");
        any = true;
        struct str type = STR_INIT;
        part_type(p, &type);
        str_addf(out, _("file %d: %s (%s"), p->number, p->name ? p->name : _("without a name"),
                 str_text(&type));
        str_fini(&type);
        if (p->size) {
            str_puts(out, ", ");
            add_size(out, p->size);
        }
        str_puts(out, ")\n");
    }
}

/* The message for reading. */
static char *shown_text(const struct shown *s)
{
    const struct mail_message *m = s->m;
    struct str out = STR_INIT;
    char *labels = strv_join(&s->labels, ", ");
    char date[CLOCK_TEXT];

    str_addf(&out, "m%" PRId64 "  t%" PRId64 "  %s/%s", s->row.id, s->row.thread, s->folder.account,
             s->folder.name);
    if (s->thread.lane)
        str_addf(&out, "  %s", mail_lane_name(s->thread.lane));
    str_putc(&out, '\n');
    add_addresses(&out, _("From"), &m->from);
    add_addresses(&out, _("To"), &m->to);
    add_addresses(&out, _("Cc"), &m->cc);
    add_line(&out, _("Date"), clock_rfc3339(s->row.date, date));
    add_line(&out, _("Subject"), s->row.subject);
    add_line(&out, _("Labels"), labels);
    for (size_t i = 0; i < s->warnings.len; i++) {
        struct str words = STR_INIT;
        part_warning(strv_at(&s->warnings, i), &words);
        add_line(&out, _("Warning"), str_text(&words));
        str_fini(&words);
    }
    add_line(&out, _("Protection"), part_protection(m));
    str_putc(&out, '\n');
    for (size_t i = 0; i < s->events.len; i++) {
        part_event(vec_at(&s->events, i), clock_now(), &out);
        str_putc(&out, '\n');
    }
    str_puts(&out, m->text ? m->text : "");
    if (m->text && *m->text && !str_ends(m->text, "\n"))
        str_putc(&out, '\n');
    if (m->hidden_text && *m->hidden_text)
        str_addf(&out, _("\n(%zu characters of hidden text are not shown)\n"),
                 characters(m->hidden_text));
    if (m->links.len) {
        str_putc(&out, '\n');
        for (size_t i = 0; i < m->links.len; i++)
            str_addf(&out, "[%zu] %s\n", i + 1, ((struct mail_link *)vec_at(&m->links, i))->url);
    }
    add_attachments(&out, m);
    free(labels);
    return str_take(&out);
}

/* ---- the forms of show ---- */

/* A table of the parts. */
static enum command_result show_parts(struct command_call *c, const struct shown *s)
{
    for (size_t i = 0; i < s->m->parts.len; i++) {
        const struct mail_part *p = vec_at(&s->m->parts, i);
        struct json *list = parts_json(s->m);
        struct str out = STR_INIT;
        str_addf(&out, "%3d  %-28s ", p->number, p->content_type ? p->content_type : "");
        add_size(&out, p->size);
        if (p->name && *p->name)
            str_addf(&out, "  %s", p->name);
        if (p->real_type && !str_eq(p->real_type, p->content_type)) {
            str_puts(&out, "  ");
            part_type(p, &out);
        }
        command_item(c, json_copy(json_at(list, i)), str_text(&out));
        json_free(list);
        str_fini(&out);
    }
    return COMMAND_DONE;
}

/* A part on its way from the reader. */
struct part_call {
    struct command_call *call;
    struct mail_reader *reader;
    struct look *look;
    struct shown shown; /* taken over, for the look */
    struct str raw;
    int part;
    bool text;
};

/* Releases it. */
static void part_call_free(void *state)
{
    struct part_call *p = state;

    mail_reader_free(p->reader);
    look_stop(p->look);
    shown_fini(&p->shown);
    str_fini(&p->raw);
    free(p);
}

/* The part is there. */
static void on_part(void *user, const struct str *out, const struct error *err)
{
    struct part_call *p = user;

    if (!out || (err && error_is(err))) {
        command_end(p->call, err);
        return;
    }
    if (command_is_json(p->call)) {
        struct json *o = json_object();
        struct str text = STR_INIT;
        utf8_repair(&text, str_text(out), out->len);
        json_set_int(o, "part", p->part);
        json_set_int(o, "size", (int64_t)out->len);
        json_set_str(o, "text", str_text(&text));
        command_item(p->call, o, NULL);
        str_fini(&text);
    } else if (p->text) {
        command_delta(p->call, str_text(out), out->len);
    } else {
        command_raw(p->call, out->data, out->len);
    }
    command_end(p->call, NULL);
}

/* The part as text to look at; what has none is refused, for its bytes may act on a terminal. */
static void on_look(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct part_call *p = user;
    struct error refused = ERROR_INIT;

    p->look = NULL;
    if (out && !out->len) {
        error_set(&refused, STATUS_REFUSED, _("part %d cannot be shown as text"), p->part);
        error_hint(&refused, "bureau save m%" PRId64 " %d .", p->shown.row.id, p->part);
        command_end(p->call, &refused);
        return;
    }
    if (cut)
        command_warn(p->call, "%s", _("too large: only the beginning is shown"));
    on_part(p, out, err);
}

/* One part, decoded: its text on a terminal, its bytes into a pipe. */
static enum command_result show_part(struct command_call *c, struct db *db, struct shown *s)
{
    struct error err = ERROR_INIT;
    struct part_call *p;
    long long number;

    if (!str_to_int64(command_value(c, "part"), &number))
        return command_usage(c, _("--part takes a number; --parts lists them"));
    if (number > INT_MAX || !part_find(s->m, (int)number)) {
        error_set(&err, STATUS_NO_SUCH, _("m%" PRId64 " has no part %lld"), s->row.id, number);
        error_hint(&err, "bureau show m%" PRId64 " --parts", s->row.id);
        return command_fail(c, &err);
    }
    p = mem_alloc(sizeof *p);
    p->call = c;
    p->part = (int)number;
    const struct look_space space = {.cols = 72, .rows = 18};
    p->text = command_is_terminal(c) || command_has(c, "text");
    p->shown = *s;
    *s = (struct shown){0};
    command_set_state(c, p, part_call_free);
    if (mail_message_raw(db, p->shown.row.id, &p->raw, &err) != STATUS_OK)
        return command_fail(c, &err);
    if (p->text) {
        p->look = look_start(command_loop(c), p->shown.m, &p->raw, p->part, &space, on_look, p);
        return COMMAND_WAIT;
    }
    p->reader = mail_reader_new(command_loop(c), NULL);
    mail_reader_part(p->reader, p->raw.data, p->raw.len, p->part, false, on_part, p);
    return COMMAND_WAIT;
}

/* The row that shows a thing which is no mail; NULL for a mail, or when an option of mails is given. */
static const struct command *other_row(const struct command_call *c)
{
    static const char *const of_mails[] = {"raw", "text", "headers", "parts", "part"};
    char letter, family[16];
    int64_t number;
    if (!command_id(command_arg(c, 0), &letter, &number) || letter == 'm' || letter == 't')
        return NULL;
    for (size_t i = 0; i < sizeof of_mails / sizeof *of_mails; i++)
        if (command_has(c, of_mails[i]))
            return NULL;
    const char *name = other_command(letter), *space = name ? strchr(name, ' ') : NULL;
    if (!space)
        return NULL;
    snprintf(family, sizeof family, "%.*s", (int)(space - name), name);
    return command_find(family, space + 1);
}

/* ---- show and thread: appointments are read first ---- */

struct showing {
    struct command_call *call; /* borrow */
    struct mail_reader *reader;
    struct vec all; /* struct shown * */
    size_t at;      /* the next whose appointments are read */
    bool text_only;
};

/* Releases one. */
static void shown_free_item(void *item)
{
    struct shown *s = *(struct shown **)item;

    shown_fini(s);
    free(s);
}

/* Releases all. */
static void showing_free(void *state)
{
    struct showing *w = state;

    mail_reader_free(w->reader);
    vec_fini(&w->all);
    free(w);
}

/* All has been read: shows it. */
static void show_all(struct showing *w)
{
    struct command_call *c = w->call;

    for (size_t i = 0; i < w->all.len; i++) {
        const struct shown *s = *(struct shown **)vec_at(&w->all, i);
        char *text = w->text_only ? mem_strdup(s->m->text ? s->m->text : "") : shown_text(s);
        if (i && !command_is_json(c))
            command_item(c, json_object(), "\n----\n");
        command_item(c, shown_json(s), text);
        free(text);
    }
}

static bool read_events(struct showing *w);

/* The appointments of one mail. */
static void on_events(void *user, struct vec *events, bool cut, const struct error *err)
{
    struct showing *w = user;
    struct shown *s = *(struct shown **)vec_at(&w->all, w->at++);

    (void)cut;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    if (events) { /* taken over: the reader's list is empty afterwards */
        struct vec empty = s->events;
        s->events = *events;
        *events = empty;
    }
    if (read_events(w))
        return;
    show_all(w);
    command_end(w->call, NULL);
}

/* Asks for the next mail's appointments; false when there are none left. */
static bool read_events(struct showing *w)
{
    for (; w->at < w->all.len; w->at++) {
        const struct shown *s = *(struct shown **)vec_at(&w->all, w->at);
        if (!s->m->ics || !*s->m->ics)
            continue;
        if (!w->reader)
            w->reader = mail_reader_new(command_loop(w->call), NULL);
        mail_reader_calendar(w->reader, s->m->ics, on_events, w);
        return true;
    }
    return false;
}

/* Shows what was gathered, at once or when its appointments are read. */
static enum command_result show_gathered(struct showing *w)
{
    command_set_state(w->call, w, showing_free);
    if (!w->text_only && read_events(w))
        return COMMAND_WAIT;
    show_all(w);
    return COMMAND_DONE;
}

/* An empty list. */
static struct showing *showing_new(struct command_call *c)
{
    struct showing *w = mem_alloc(sizeof *w);

    w->call = c;
    vec_init(&w->all, sizeof(struct shown *), shown_free_item);
    return w;
}

/* Adds a message. */
static enum status showing_add(struct showing *w, struct db *db, int64_t id, struct error *err)
{
    struct shown *s = mem_alloc(sizeof *s);

    *(struct shown **)vec_push(&w->all) = s;
    return shown_read(db, id, s, err);
}

/* What was asked for of a message. */
static enum command_result show_now(struct command_call *c, int64_t id)
{
    struct db *db = store_reader(command_store(c));
    struct error err = ERROR_INIT;
    enum command_result result;
    struct showing *w;

    if (command_has(c, "raw"))
        return inbox_show_raw(c, db, id);
    if (command_has(c, "headers"))
        return inbox_show_headers(c, db, id);
    w = showing_new(c);
    w->text_only = command_has(c, "text");
    if (showing_add(w, db, id, &err) != STATUS_OK)
        result = command_fail(c, &err);
    else if (command_has(c, "parts"))
        result = show_parts(c, *(struct shown **)vec_at(&w->all, 0));
    else if (command_has(c, "part"))
        result = show_part(c, db, *(struct shown **)vec_at(&w->all, 0));
    else
        return show_gathered(w);
    showing_free(w);
    return result;
}

/* The body of a message that was known by its header came, or could not: what there is is shown. */
static void on_body(void *user, const struct error *err)
{
    struct command_call *c = user;
    struct error ignored = ERROR_INIT;
    int64_t id = 0;

    if (error_is(err))
        command_warn(c, "%s", err->text);
    if (inbox_message_of(store_reader(command_store(c)), command_arg(c, 0), &id, &ignored) != STATUS_OK)
        command_end(c, &ignored);
    else if (show_now(c, id) == COMMAND_DONE)
        command_end(c, NULL);
}

/* `show ID`: mails; other things by the command that shows them. */
enum command_result inbox_show_run(struct command_call *c)
{
    struct db *db = store_reader(command_store(c));
    struct error err = ERROR_INIT;
    const struct command *other = other_row(c);
    int64_t id;

    if (other)
        return other->run(c);
    if (inbox_message_of(db, command_arg(c, 0), &id, &err) != STATUS_OK)
        return command_fail(c, &err);
    if (mail_message_is_partial(db, id) && !command_has(c, "headers") && !command_is_offline(c)) {
        mail_imap_fetch_body(command_store(c), id, on_body, c);
        return COMMAND_WAIT;
    }
    return show_now(c, id);
}

/* `thread ID`: all its messages, oldest first. */
enum command_result inbox_thread_run(struct command_call *c)
{
    struct db *db = store_reader(command_store(c));
    struct error err = ERROR_INIT;
    struct mail_row row;
    struct showing *w;
    struct vec ids;
    int64_t id;

    if (inbox_message_of(db, command_arg(c, 0), &id, &err) != STATUS_OK)
        return command_fail(c, &err);
    if (mail_row_get(db, id, &row, &err) != STATUS_OK)
        return command_fail(c, &err);
    w = showing_new(c);
    if (mail_thread_ids(db, row.thread, &ids, &err) == STATUS_OK)
        for (size_t i = 0; i < ids.len && !error_is(&err); i++)
            if (showing_add(w, db, *(int64_t *)vec_at(&ids, i), &err) != STATUS_OK)
                break;
    mail_row_fini(&row);
    vec_fini(&ids);
    if (!error_is(&err))
        return show_gathered(w);
    showing_free(w);
    return command_fail(c, &err);
}
