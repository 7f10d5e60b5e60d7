/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reader.c - the queue in front of the reader process.
 *
 * Items stand in one list; the first `sent` of them are with the process, which answers in order,
 * so an answer always belongs to the head. The clock of an item runs from the moment it became the
 * head. A process that dies on its head is replaced; the head gets a second try in a fresh one
 * (it may have been killed from outside), after that it is given up. A head that takes too long or
 * is answered with nonsense is given up at once.
 *
 * Bytes go out in sheets: memory that several items share, for making and sending one costs more than
 * reading a small mail. A sheet is filled while the process has enough to do, and sent when it is full or
 * the process soon has nothing more. */
#include "mail/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/record.h"
#include "base/wire.h"
#include "io/loop.h"
#include "mail/composing.h"
#include "mail/process.h"
#include "mail/unpack.h"

/* With the process at most; so few that more must be sent, though the sheet is not full. */
enum { WINDOW = 64, LOW = 24 };
enum { SHEET_BYTES = 128 << 10 };
enum { RETIRE = 1000, PREPARE = 900, STARTS_MAX = 3, TRIES = 2 };
enum { LIMIT_MS = 10000, DATA_MAX = 256 << 20 };

struct sheet {
    int memfd;        /* -1: is still filled */
    struct str bytes; /* until the memfd is made */
    size_t uses;      /* items */
};

struct item {
    struct item *next;
    enum wire_type type;
    int number;
    enum wire_form form;
    struct sheet *sheet;
    size_t at, size; /* of its bytes there */
    int tries;
    struct str data;   /* WIRE_DATA so far */
    void (*message)(void *user, struct mail_message *m, const struct error *err);
    void (*part)(void *user, const struct str *out, const struct error *err);
    void (*view)(void *user, const struct str *out, bool cut, const struct error *err);
    void (*events)(void *user, struct vec *events, bool cut, const struct error *err);
    void (*cues)(void *user, struct vec *cues, const struct error *err);
    void (*servers)(void *user, const struct mail_servers *s, const struct error *err);
    void *user;
};

struct mail_reader {
    struct loop *loop; /* borrow */
    char *program;     /* own */
    int64_t limit;
    struct item *head, *tail;
    struct item *unsent; /* the first that is not with the process */
    size_t pending, sent;
    struct sheet *filled;  /* what comes next goes there; NULL: into another */
    struct mail_process *now, *next;
    const struct sheet *given_sheet; /* what `now` was sent last */
    size_t given; /* items that `now` was given */
    int starts;   /* in a row that never said hello */
    int64_t head_since;
    struct loop_watch *timer;
    struct mail_composing *composing;
    int depth; /* inside so many of our own callbacks */
    bool freed, posted;
    struct error broken; /* why nothing can be read, told by on_posted */
};

static const struct mail_process_events process_events;
static void pump(struct mail_reader *r);

/* ---- items ---- */

/* Releases a sheet that nobody needs. */
static void sheet_free(struct mail_reader *r, struct sheet *s)
{
    if (s == r->given_sheet)
        r->given_sheet = NULL; /* another may come to lie where it lay */
    if (s == r->filled)
        r->filled = NULL;
    if (s->memfd >= 0)
        close(s->memfd);
    str_fini(&s->bytes);
    free(s);
}

/* Releases an item. */
static void item_free(struct mail_reader *r, struct item *i)
{
    if (--i->sheet->uses == 0)
        sheet_free(r, i->sheet);
    str_fini(&i->data);
    free(i);
}

/* Calls an item's callback without a result. */
static void item_fail(struct item *i, const struct error *err)
{
    if (i->message)
        i->message(i->user, NULL, err);
    else if (i->part)
        i->part(i->user, NULL, err);
    else if (i->view)
        i->view(i->user, NULL, false, err);
    else if (i->events)
        i->events(i->user, NULL, false, err);
    else if (i->cues)
        i->cues(i->user, NULL, err);
    else if (i->servers)
        i->servers(i->user, NULL, err);
}

/* Takes the head off the list. */
static struct item *take_head(struct mail_reader *r)
{
    struct item *i = r->head;
    r->head = i->next;
    if (!r->head)
        r->tail = NULL;
    if (r->unsent == i)
        r->unsent = i->next;
    else
        r->sent--;
    r->pending--;
    r->head_since = clock_mono_ms();
    return i;
}

/* Gives the head up. */
static void fail_head(struct mail_reader *r, const struct error *err)
{
    struct item *i = take_head(r);
    log_warn("reader: item of %zu bytes given up: %s", i->size, status_word(err->status));
    item_fail(i, err);
    item_free(r, i);
}

/* ---- the process ---- */

/* Puts all items back into the queue and lets go of the process. */
static void drop_process(struct mail_reader *r)
{
    mail_process_stop(r->now);
    r->now = NULL;
    r->given_sheet = NULL;
    r->sent = 0;
    r->given = 0;
    r->unsent = r->head;
    for (struct item *i = r->head; i; i = i->next)
        str_clear(&i->data);
}

/* ---- entering and leaving: whatever a callback did is acted upon once, at the end ---- */

/* Releases what is left of a freed reader. */
static void release(struct mail_reader *r)
{
    free(r->program);
    free(r);
}

/* Begins a stretch in which callbacks are called. */
static void enter(struct mail_reader *r)
{
    r->depth++;
}

/* Ends it. */
static void leave(struct mail_reader *r)
{
    if (--r->depth > 0)
        return;
    if (!r->freed)
        pump(r);
    else if (!r->posted)
        release(r); /* else on_posted is still to come, and does it */
}

/* ---- answers ---- */

/* An answer that cannot be: the head is given up, the process too. */
static void on_nonsense(struct mail_reader *r)
{
    struct error err = ERROR_INIT;
    bool had = r->sent > 0;
    drop_process(r);
    error_set(&err, STATUS_CORRUPT, _("the reader gave no sensible answer for this message"));
    if (had)
        fail_head(r, &err);
}

/* Ends a part with its data. */
static void finish_part(struct mail_reader *r, struct record_view body)
{
    struct error err = ERROR_INIT;
    struct record_field f;
    int64_t status = 3;
    while (record_next(&body, &f))
        if (f.tag == WIRE_STATUS)
            status = record_int(&f);
    struct item *i = take_head(r);
    if (status == 1)
        error_set(&err, STATUS_NO_SUCH, _("the message has no part %d"), i->number);
    else if (status != 0 && status != 4)
        error_set(&err, STATUS_FAILED, _("the part cannot be read"));
    const struct str *data = error_is(&err) ? NULL : &i->data;
    if (i->view)
        i->view(i->user, data, status == 4, &err);
    else
        i->part(i->user, data, &err);
    item_free(r, i);
}

/* Ends the head with its appointments. */
static bool finish_events(struct mail_reader *r, struct record_view body)
{
    struct error err = ERROR_INIT;
    struct vec events;
    bool cut;
    mail_events_init(&events);
    bool good = mail_events_unpack(body, &events, &cut);
    if (good) {
        struct item *i = take_head(r);
        i->events(i->user, &events, cut, &err);
        item_free(r, i);
    }
    vec_fini(&events);
    return good;
}

/* Ends the head with what the record says; false when it does not fit. */
static bool finish_head(struct mail_reader *r, uint16_t type, struct record_view body)
{
    struct error err = ERROR_INIT;
    struct item *i = r->head;
    if (i->type == WIRE_PARSE && type == WIRE_MESSAGE) {
        struct mail_message *m = mail_unpack_message(body);
        if (!m)
            return false;
        take_head(r);
        i->message(i->user, m, &err);
        item_free(r, i);
    } else if (i->type == WIRE_TRANSCRIPT && type == WIRE_CUES) {
        struct vec cues;
        mail_unpack_cues_init(&cues);
        bool good = mail_unpack_cues(body, &cues);
        if (good) {
            take_head(r);
            i->cues(i->user, &cues, &err);
            item_free(r, i);
        }
        vec_fini(&cues);
        return good;
    } else if (i->type == WIRE_AUTOCONFIG && type == WIRE_SERVERS) {
        struct mail_servers servers;
        bool good = mail_unpack_servers(body, &servers);
        if (good) {
            take_head(r);
            i->servers(i->user, &servers, &err);
            item_free(r, i);
        }
        mail_servers_fini(&servers);
        return good;
    } else if (i->type == WIRE_CALENDAR && type == WIRE_EVENTS) {
        return finish_events(r, body);
    } else if (i->type == WIRE_PART && type == WIRE_DONE) {
        finish_part(r, body);
    } else {
        return false;
    }
    return true;
}

/* A record came: it belongs to the head. */
static void on_record(void *user, struct mail_process *p, uint16_t type, struct record_view body)
{
    struct mail_reader *r = user;
    struct record_field f;
    enter(r);
    r->starts = 0;
    if (p != r->now || !r->sent) { /* nobody asked */
        if (p == r->next) {
            mail_process_stop(p);
            r->next = NULL;
        } else {
            on_nonsense(r);
        }
    } else if (type == WIRE_DATA && r->head->type == WIRE_PART) {
        while (record_next(&body, &f))
            if (f.tag == WIRE_BYTES && r->head->data.len + f.len <= DATA_MAX)
                str_add(&r->head->data, f.bytes, f.len);
    } else if (!finish_head(r, type, body)) {
        on_nonsense(r);
    }
    leave(r);
}

/* A process is gone. */
static void on_end(void *user, struct mail_process *p, bool nonsense)
{
    struct mail_reader *r = user;
    struct error err = ERROR_INIT;
    if (p == r->next) { /* another is started when it is time */
        mail_process_stop(p);
        r->next = NULL;
        return;
    }
    enter(r);
    bool ready = mail_process_ready(p), had = r->sent > 0;
    if (nonsense) {
        on_nonsense(r);
    } else {
        drop_process(r);
        if (!ready && ++r->starts >= STARTS_MAX) {
            error_set(&err, STATUS_FAILED, _("%s does not start"), r->program);
            error_hint(&err, _("bureau doctor tells why"));
            r->starts = 0;
            for (size_t n = r->pending; n && r->head && !r->freed; n--)
                fail_head(r, &err);
        } else if (ready && had && ++r->head->tries >= TRIES) {
            error_set(&err, STATUS_CORRUPT, _("the reader ended while it read this message"));
            fail_head(r, &err);
        }
    }
    leave(r);
}

static const struct mail_process_events process_events = {on_record, on_end};

/* ---- time ---- */

/* Milliseconds that the head may still take. */
static int64_t head_left(const struct mail_reader *r)
{
    int64_t limit = r->limit + (int64_t)(r->head->size / (10u << 20)) * 1000;
    return r->head_since + limit - clock_mono_ms();
}

/* Looks whether the head takes too long. */
static void on_time(void *user)
{
    struct mail_reader *r = user;
    struct error err = ERROR_INIT;
    r->timer = NULL;
    enter(r);
    /* the answer may be there, unread, when this loop was busy */
    if (r->sent && head_left(r) <= 0 && mail_process_drain(r->now) && !r->freed && r->sent &&
        head_left(r) <= 0) {
        drop_process(r);
        error_set(&err, STATUS_CORRUPT, _("reading this message took too long"));
        fail_head(r, &err);
    }
    leave(r);
}

/* ---- giving ---- */

/* Fails what stands in the queue with what kept it from being read. */
static void on_posted(void *user)
{
    struct mail_reader *r = user;
    enter(r);
    r->posted = false;
    struct error err = r->broken;
    r->broken = ERROR_INIT;
    for (size_t n = r->pending; n && r->head && !r->freed; n--)
        fail_head(r, &err);
    leave(r);
}

/* Nothing can be read: tells so, but never from inside the caller's own call. */
static void break_down(struct mail_reader *r, const struct error *err)
{
    r->broken = *err;
    if (!r->posted)
        loop_post(r->loop, on_posted, r);
    r->posted = true;
}

/* Makes sure that a process is there; also the one that takes over soon. */
static bool prepare(struct mail_reader *r)
{
    struct error err = ERROR_INIT;
    if (r->now && r->given >= RETIRE) {
        if (r->sent)
            return false; /* it finishes what it has */
        mail_process_stop(r->now);
        r->now = r->next;
        r->given_sheet = NULL;
        r->next = NULL;
        r->given = 0;
    }
    if (!r->now)
        r->now = mail_process_start(r->loop, r->program, false, &process_events, r, &err);
    if (!r->now) {
        break_down(r, &err);
        return false;
    }
    if (r->given >= PREPARE && !r->next)
        r->next = mail_process_start(r->loop, r->program, false, &process_events, r, &err);
    return true;
}

/* Makes a sheet ready to be sent. */
static bool seal(struct mail_reader *r, struct sheet *s)
{
    struct error err = ERROR_INIT;
    if (s->memfd >= 0)
        return true;
    s->memfd = mail_process_memfd(str_text(&s->bytes), s->bytes.len, &err);
    if (s->memfd < 0) {
        if (!r->sent)
            break_down(r, &err);
        return false;
    }
    str_fini(&s->bytes);
    if (s == r->filled)
        r->filled = NULL;
    return true;
}

/* Gives the process an item. */
static bool give(struct mail_reader *r, const struct item *i)
{
    bool full;
    const struct mail_request request = {.type = i->type,
                                         .number = i->number,
                                         .form = i->form,
                                         .memfd = i->sheet == r->given_sheet ? -1 : i->sheet->memfd,
                                         .at = i->at,
                                         .size = i->size};
    if (!mail_process_send(r->now, &request, &full))
        return false; /* full: after the next answer; gone: on_end comes */
    r->given_sheet = i->sheet;
    return true;
}

/* Gives the process as much as it may have at once. */
static void pump(struct mail_reader *r)
{
    while (r->unsent && !r->posted && r->sent < WINDOW && prepare(r)) {
        struct item *i = r->unsent;
        if (r->filled && i->sheet == r->filled && r->sent >= LOW)
            break; /* has enough: the sheet may be filled */
        if (!seal(r, i->sheet) || !give(r, i))
            break;
        if (!r->sent)
            r->head_since = clock_mono_ms();
        r->sent++;
        r->given++;
        r->unsent = i->next;
    }
    if (r->sent && !r->timer) {
        int64_t left = head_left(r);
        r->timer = loop_timer(r->loop, left > 1 ? left : 1, on_time, r);
    }
}

/* Lays bytes into the sheet that is filled. */
static void lay(struct mail_reader *r, struct item *i, const void *bytes, size_t n)
{
    struct error err = ERROR_INIT;
    struct sheet *s = r->filled;
    if (!s || s->bytes.len + n > SHEET_BYTES) {
        s = r->filled = mem_alloc(sizeof *s);
        s->memfd = -1;
    }
    i->sheet = s;
    i->at = s->bytes.len;
    i->size = n;
    s->uses++;
    if (n > SHEET_BYTES) /* has it alone, and is copied once */
        s->memfd = mail_process_memfd(bytes, n, &err);
    if (s->memfd < 0)
        str_add(&s->bytes, bytes, n);
    else
        r->filled = NULL;
}

/* Puts an item into the queue. */
static struct item *add_item(struct mail_reader *r, enum wire_type type, const void *bytes,
                             size_t n, void *user)
{
    struct item *i = mem_alloc(sizeof *i);
    i->type = type;
    i->user = user;
    lay(r, i, bytes, n);
    if (r->tail)
        r->tail->next = i;
    else
        r->head = i;
    r->tail = i;
    if (!r->unsent)
        r->unsent = i;
    r->pending++;
    return i;
}

/* ---- the outside ---- */

/* Makes a reader; nothing is started yet. */
struct mail_reader *mail_reader_new(struct loop *l, const char *program)
{
    struct mail_reader *r = mem_alloc(sizeof *r);
    r->loop = l;
    r->program = program ? mem_strdup(program) : mail_process_program();
    r->limit = LIMIT_MS;
    r->broken = ERROR_INIT;
    return r;
}

/* Ends everything; what was asked is answered with INTERRUPTED. */
void mail_reader_free(struct mail_reader *r)
{
    struct error err = ERROR_INIT;
    if (!r || r->freed)
        return;
    r->freed = true;
    r->depth++;
    loop_remove(r->loop, r->timer);
    r->timer = NULL;
    drop_process(r);
    mail_process_stop(r->next);
    r->next = NULL;
    error_set(&err, STATUS_INTERRUPTED, _("stopped"));
    while (r->head)
        fail_head(r, &err);
    mail_composing_stop_all(&r->composing, &err);
    leave(r);
}

/* How many items are not answered yet. */
size_t mail_reader_pending(const struct mail_reader *r)
{
    return r->pending;
}

/* Sets the time an item may take. */
void mail_reader_set_limit(struct mail_reader *r, int64_t ms)
{
    r->limit = ms;
}

/* Asks for a message. */
void mail_reader_parse(struct mail_reader *r, const void *bytes, size_t n,
                       void (*done)(void *user, struct mail_message *m, const struct error *err),
                       void *user)
{
    enter(r);
    add_item(r, WIRE_PARSE, bytes, n, user)->message = done;
    leave(r);
}

/* Asks for one part. */
void mail_reader_part(struct mail_reader *r, const void *bytes, size_t n, int part, bool text,
                      void (*done)(void *user, const struct str *out, const struct error *err),
                      void *user)
{
    enter(r);
    struct item *i = add_item(r, WIRE_PART, bytes, n, user);
    i->part = done;
    i->number = part;
    i->form = text ? WIRE_FORM_TEXT : WIRE_FORM_BYTES;
    leave(r);
}

/* Asks for one part in a form. */
void mail_reader_view(struct mail_reader *r, const void *bytes, size_t n, int part,
                      enum wire_form form,
                      void (*done)(void *user, const struct str *out, bool cut,
                                   const struct error *err),
                      void *user)
{
    enter(r);
    struct item *i = add_item(r, WIRE_PART, bytes, n, user);
    i->view = done;
    i->number = part;
    i->form = form;
    leave(r);
}

/* Asks for appointments. */
void mail_reader_calendar(struct mail_reader *r, const char *ics,
                          void (*done)(void *user, struct vec *events, bool cut,
                                       const struct error *err),
                          void *user)
{
    struct str whole = STR_INIT;
    mail_zone_complete(ics, &whole);
    enter(r);
    add_item(r, WIRE_CALENDAR, str_text(&whole), whole.len, user)->events = done;
    leave(r);
    str_fini(&whole);
}

/* Asks for a transcript. */
void mail_reader_transcript(struct mail_reader *r, const void *bytes, size_t n,
                            void (*done)(void *user, struct vec *cues, const struct error *err),
                            void *user)
{
    enter(r);
    add_item(r, WIRE_TRANSCRIPT, bytes, n, user)->cues = done;
    leave(r);
}

/* Asks what an autoconfiguration file says. */
void mail_reader_autoconfig(struct mail_reader *r, const void *bytes, size_t n,
                            void (*done)(void *user, const struct mail_servers *s,
                                         const struct error *err),
                            void *user)
{
    enter(r);
    add_item(r, WIRE_AUTOCONFIG, bytes, n, user)->servers = done;
    leave(r);
}

/* Asks for the bytes of a message. */
void mail_reader_compose(struct mail_reader *r, const struct mail_outgoing *m,
                         void (*done)(void *user, const struct str *bytes, const struct error *err),
                         void *user)
{
    mail_composing_start(&r->composing, r->loop, r->program, m, done, user);
}

/* Tells what the box of a reader is made of. */
enum status mail_reader_probe(const char *program, struct str *out, struct error *err)
{
    char *found = program ? mem_strdup(program) : mail_process_program();
    enum status status = mail_process_probe(found, out, err);
    free(found);
    return status;
}
