/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_send.c - send and outbox …: approving, waiting for the server, taking back. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/when.h"
#include "command/ids.h"
#include "command/option.h"
#include "inbox/commands_inside.h"
#include "inbox/draft_inside.h"
#include "inbox/part.h"
#include "io/loop.h"
#include "mail/imap.h"
#include "office/outbox.h"
#include "office/people.h"
#include "store/store.h"

#define HASH_LEAST 8
#define ACCEPTED_MOST 512 /* checks named by --accept */

struct sending { /* state of send and of outbox run */
    int64_t outbox, send_at;
    struct outbox_run *run;
    struct mail_imap_sync *push; /* of the copy in Sent */
    void (*then)(struct command_call *c);
    struct loop_watch *timer;
    struct loop *loop; /* borrow */
    bool at_once;      /* do not wait for the server */
    bool wait;         /* outbox run --wait */
    bool stopped;      /* by a signal or C-c */
    int sent;
    struct error first;
};

/* Frees it. */
static void sending_free(void *state)
{
    struct sending *s = state;
    if (s->timer)
        loop_remove(s->loop, s->timer);
    free(s);
}

/* The state of a new call. */
static struct sending *sending_new(struct command_call *c)
{
    struct sending *s = mem_alloc(sizeof *s);
    s->loop = command_loop(c);
    s->first = ERROR_INIT;
    command_set_state(c, s, sending_free);
    return s;
}

/* ---- rows ---- */

/* An outbox row as the contract's object. */
static struct json *row_json(const struct outbox_row *r)
{
    struct json *o = json_object();
    char id[COMMAND_ID_TEXT];
    json_set_str(o, "id", command_id_text('o', r->id, id));
    json_set_str(o, "outbox", id);
    if (r->draft)
        json_set_str(o, "draft", command_id_text('d', r->draft, id));
    json_set_int(o, "version", r->version);
    json_set_str(o, "state", outbox_state_word(r->state));
    json_set_time(o, "send_at", r->send_at);
    struct vec to;
    struct error ignored = ERROR_INIT;
    people_init(&to);
    if (people_parse(r->to, &to, &ignored) != STATUS_OK)
        vec_clear(&to);
    json_set(o, "to", command_people_json(&to));
    vec_fini(&to);
    json_set_str(o, "subject", r->subject);
    json_set_int(o, "attempts", r->attempts);
    json_set_str(o, "hash", r->draft_hash);
    json_set_str(o, "bytes_hash", r->hash);
    json_set_int(o, "size", r->size);
    json_set_str(o, "message_id", r->message_id);
    json_set_str(o, "account", r->account);
    json_set_str(o, "who", r->who);
    json_set_time(o, "approved_at", r->approved_at);
    json_set_time(o, "handed_at", r->handed_at);
    json_set_time(o, "sent_at", r->sent_at);
    json_set_time(o, "next_try", r->next_try);
    json_set_str(o, "copy", r->copy_state);
    if (*r->error)
        json_set_str(o, "error", r->error);
    if (*r->copy_error)
        json_set_str(o, "copy_error", r->copy_error);
    return o;
}

/* To whom a mail goes, in few words: the first by name, and how many more. Yours. */
static char *who_text(const struct outbox_row *r)
{
    struct vec to;
    struct error ignored = ERROR_INIT;
    people_init(&to);
    char first[OUTBOX_WHO];
    bool more = people_parse(r->to, &to, &ignored) == STATUS_OK && to.len > 1;
    outbox_who(r->to, first);
    char *out = more ? str_format(P_("%s and %zu more", "%s and %zu more", to.len - 1), first, to.len - 1)
                           : mem_strdup(first);
    vec_fini(&to);
    return out;
}

/* Which mail was taken back: to whom it would have gone, and its subject. Yours. */
static char *taken_back_text(const struct outbox_row *r)
{
    char *who = who_text(r);
    char *out = str_format(_("taken back, to %s: %s"), who, *r->subject ? r->subject : _("(no subject)"));
    free(who);
    return out;
}

/* What a screen says of a mail that it holds: which, and when unless the status row counts down. Yours. */
static char *held_text(const struct outbox_row *r)
{
    char when[CLOCK_TEXT], *who = who_text(r);
    const char *subject = *r->subject ? r->subject : _("(no subject)");
    char *out = r->send_at - clock_now() <= 600
                    ? str_format(_("held, to %s: %s   C-x u takes it back"), who, subject)
                    : str_format(_("leaves %s, to %s: %s   C-x u takes it back"),
                                 clock_moment(r->send_at, clock_now(), when), who, subject);
    free(who);
    return out;
}

/* What a state means, in words. Yours. */
static char *state_text(const struct outbox_row *r)
{
    char when[CLOCK_TEXT];
    int64_t left = r->send_at - clock_now();
    switch (r->state) {
    case OUTBOX_HELD:
        if (left <= 0)
            return mem_strdup(_("due, sending"));
        return left < 3600 ? str_format(_("sends exactly this text in %lld s"), (long long)left)
                           : str_format(_("sends exactly this text %s"), clock_moment(r->send_at, clock_now(), when));
    case OUTBOX_QUEUED:
        return r->attempts ? str_format(_("waits: %s"), *r->error ? r->error : _("not reached yet"))
                           : mem_strdup(_("waits to be sent"));
    case OUTBOX_HANDED:
        return mem_strdup(_("is leaving"));
    case OUTBOX_SENT:
        return str_format(_("sent %s"), clock_short(r->sent_at, clock_now(), when));
    case OUTBOX_IN_DOUBT:
        return mem_strdup(_("perhaps sent: the server did not confirm"));
    case OUTBOX_FAILED:
        return str_format(_("failed: %s"), *r->error ? r->error : _("refused"));
    case OUTBOX_CANCELLED:
        return mem_strdup(_("taken back"));
    }
    return mem_strdup("");
}

/* The same with what was reported of the mail since, or what helps. Yours. */
static char *fate_text(struct command_call *c, const struct outbox_row *r, struct json *o)
{
    struct db *db = store_reader(command_store(c));
    char *state = state_text(r);
    char *more = r->state == OUTBOX_FAILED ? outbox_way_out(r->id, r->draft) : part_undelivered(db, r->message_id);
    json_set(o, "delivery", part_delivery_json(db, r->message_id));
    if (more) {
        char *both = str_format("%s; %s", state, more);
        free(state);
        state = both;
    }
    free(more);
    return state;
}

/* One row of the list. */
static bool list_row(void *user, const struct outbox_row *r)
{
    struct command_call *c = user;
    struct json *o = row_json(r);
    char *state = fate_text(c, r, o);
    struct str text = STR_INIT;
    str_addf(&text, "o%-4lld ", (long long)r->id);
    utf8_pad(&text, outbox_state_name(r->state), 10);
    str_addf(&text, "%s  %s  %s", r->to, r->subject, state);
    command_item(c, o, str_text(&text));
    free(state);
    str_fini(&text);
    return true;
}

enum command_result command_outbox_list(struct command_call *c)
{
    struct error err = ERROR_INIT;
    if (outbox_list(store_reader(command_store(c)), !command_has(c, "all"), 10000, list_row, c, &err))
        return command_fail(c, &err);
    return COMMAND_DONE;
}

/* The one row of outbox show. */
static bool show_row(void *user, const struct outbox_row *r)
{
    struct command_call *c = user;
    struct error err = ERROR_INIT;
    struct str bytes = STR_INIT;
    struct vec envelope;
    struct json *o = row_json(r), *list = json_array();
    strv_init(&envelope);
    if (outbox_bytes(store_reader(command_store(c)), r->id, &bytes, &envelope, &err) == STATUS_OK) {
        for (size_t i = 0; i < envelope.len; i++)
            json_push_str(list, strv_at(&envelope, i));
        json_set(o, "envelope", list);
        json_set_str(o, "message", str_text(&bytes));
        char *state = fate_text(c, r, o);
        struct str text = STR_INIT;
        str_addf(&text, "o%lld %s  %s\n\n", (long long)r->id, outbox_state_name(r->state), state);
        for (size_t i = 0; i < bytes.len; i++)
            if (bytes.data[i] != '\r')
                str_putc(&text, bytes.data[i]);
        command_item(c, o, str_text(&text));
        str_fini(&text);
        free(state);
    } else {
        json_free(list);
        command_item(c, o, NULL);
    }
    vec_fini(&envelope);
    str_fini(&bytes);
    return true;
}

enum command_result command_outbox_show(struct command_call *c)
{
    struct error err = ERROR_INIT;
    int64_t id;
    if (command_take_id(c, 0, 'o', &id, &err) ||
        outbox_get(store_reader(command_store(c)), id, show_row, c, &err))
        return command_fail(c, &err);
    return COMMAND_DONE;
}

/* ---- send: the refusals ---- */

/* Is this check accepted by its id? */
static bool is_accepted(const char *const *accepted, size_t n, const char *id)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(accepted[i], id) == 0)
            return true;
    return false;
}

/* What stands in the way of sending, beside headers and recipients. */
static enum status refuse(struct command_call *c, const struct draft *d, const struct checks *checks,
                          struct error *err)
{
    const char *accepted[ACCEPTED_MOST], *hash = command_value(c, "hash");
    size_t n = command_values(c, "accept", accepted, ACCEPTED_MOST);
    if (n > ACCEPTED_MOST)
        n = ACCEPTED_MOST;
    if (d->state == DRAFT_SENT || d->state == DRAFT_DELETED)
        return error_set(err, STATUS_REFUSED, d->state == DRAFT_SENT ? _("d%lld was sent already")
                                                                     : _("d%lld was deleted"),
                         (long long)d->id);
    if (d->state == DRAFT_STREAMING)
        return error_set(err, STATUS_REFUSED, _("d%lld is still being written"), (long long)d->id);
    if (hash && (strlen(hash) < HASH_LEAST || !str_starts(d->hash, hash))) {
        error_set(err, STATUS_REFUSED, _("d%lld has another hash: it is not what was approved"),
                  (long long)d->id);
        return error_hint(err, _("it is now version %lld, hash %s"), (long long)d->version, d->hash);
    }
    for (size_t i = 0; i < checks->items.len; i++) {
        const struct check *k = vec_at(&checks->items, i);
        if (k->level == CHECK_NEVER) {
            error_set(err, STATUS_REFUSED, k->kind == CHECK_RECIPIENT ? "%s" : _("still open: %s"), k->text);
            return error_hint(err, k->kind == CHECK_RECIPIENT ? _("draft edit d%lld --to ADDRESS")
                                                              : _("draft edit d%lld --file FILE"),
                              (long long)d->id);
        }
    }
    for (size_t i = 0; i < checks->items.len; i++) {
        const struct check *k = vec_at(&checks->items, i);
        if (k->level == CHECK_BLOCK && !is_accepted(accepted, n, k->id)) {
            error_set(err, STATUS_REFUSED, _("%s does not stand in the thread"), k->text);
            return error_hint(err, _("correct it, or send d%lld --accept %s"), (long long)d->id, k->id);
        }
    }
    return STATUS_OK;
}

/* When it shall leave. */
static enum status when_of(struct command_call *c, int64_t *send_at, bool *later, struct error *err)
{
    const char *at = command_value(c, "at"), *hold = command_value(c, "hold");
    long long seconds = 0;
    *later = at != NULL;
    *send_at = clock_now();
    if (at)
        return when_parse(at, clock_now(), send_at, err);
    if (hold) {
        char *number = mem_strdup(hold);
        size_t n = strlen(number);
        if (n && number[n - 1] == 's')
            number[n - 1] = 0;
        bool good = str_to_int64(number, &seconds) && seconds >= 0 && seconds <= 30 * 86400;
        free(number);
        if (!good)
            return error_set(err, STATUS_USAGE, _("%s is no number of seconds"), hold);
    } else if (command_is_screen(c)) {
        seconds = option_int("send.hold") / 1000;
    }
    *send_at += seconds;
    return STATUS_OK;
}

/* Keeps which facts were accepted: who takes the mail back and sends it again is not asked for them anew. */
static void keep_accepted(struct command_call *c, int64_t draft, const struct checks *checks)
{
    const char *accepted[ACCEPTED_MOST];
    size_t n = command_values(c, "accept", accepted, ACCEPTED_MOST);
    struct vec words;
    strv_init(&words);
    for (size_t i = 0; i < checks->items.len; i++) {
        const struct check *k = vec_at(&checks->items, i);
        if (check_is_fact(k) && !k->ok && is_accepted(accepted, n < ACCEPTED_MOST ? n : ACCEPTED_MOST, k->id))
            strv_push(&words, k->text);
    }
    draft_accept(command_store(c), draft, &words);
}

/* ---- send: waiting ---- */

/* The closing row, and the exit status of the state. */
static bool result_row(void *user, const struct outbox_row *r)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    struct error err = ERROR_INIT;
    char *text = r->state == OUTBOX_CANCELLED                          ? taken_back_text(r)
                 : r->state == OUTBOX_HELD && command_is_screen(c) ? held_text(r)
                                                                       : state_text(r);
    command_result(c, row_json(r), text);
    if (s->at_once) {
        if (!command_is_screen(c) && (r->state == OUTBOX_HELD || r->state == OUTBOX_QUEUED))
            command_note(c, _("o%lld leaves when an open screen, bureau work or bureau outbox run "
                              "sends it"), (long long)r->id);
    } else if (r->state == OUTBOX_QUEUED || r->state == OUTBOX_HANDED) {
        error_set(&err, STATUS_UNREACHABLE, "%s", *r->error ? r->error : _("the server was not reached"));
        error_hint(&err, _("nothing is lost: o%lld stays queued; bureau outbox run tries again"),
                   (long long)r->id);
    } else if (r->state == OUTBOX_FAILED) {
        char *way_out = outbox_way_out(r->id, r->draft);
        error_set(&err, STATUS_FAILED, "%s", *r->error ? r->error : text);
        error_hint(&err, "%s", way_out);
        free(way_out);
    } else if (r->state == OUTBOX_IN_DOUBT) {
        error_set(&err, STATUS_FAILED, "%s", text);
        error_hint(&err, _("it is not sent again by itself; bureau outbox retry o%lld --yes may send it twice"),
                   (long long)r->id);
    } else if (r->state == OUTBOX_CANCELLED) {
        error_set(&err, STATUS_REFUSED, _("o%lld was taken back"), (long long)r->id);
    }
    if (r->state == OUTBOX_SENT && strcmp(r->copy_state, "failed") == 0)
        command_warn(c, _("sent, but the copy in Sent failed: %s"), r->copy_error);
    free(text);
    s->first = err;
    return true;
}

/* Ends a send with what became of it. */
static void tell_end(struct command_call *c)
{
    struct sending *s = command_state(c);
    struct error err = ERROR_INIT;
    if (outbox_get(store_reader(command_store(c)), s->outbox, result_row, c, &err) == STATUS_OK)
        err = s->first;
    if (s->stopped && err.status == STATUS_UNREACHABLE) { /* by a person, not by the network */
        err = ERROR_INIT;
        command_note(c, _("o%lld stays queued; bureau outbox run sends it"), (long long)s->outbox);
        command_exit(c, 130);
    }
    command_end(c, &err);
}

/* The copy is on the server, or waits for the next sync. */
static void pushed(void *user, int64_t added, const struct error *err)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    (void)added;
    s->push = NULL;
    if (error_is(err) && !s->stopped)
        command_note(c, _("the copy in Sent goes to the server with the next sync: %s"), err->text);
    s->then(c);
}

/* In batch the copy in Sent goes to the account's server now; a screen's own sync takes it. */
static void push_copy(struct command_call *c, void (*then)(struct command_call *c))
{
    struct sending *s = command_state(c);
    struct mail_imap_sync_setup setup = {.push_only = true};
    s->then = then;
    if (command_is_screen(c) || s->stopped || command_is_offline(c) || !mail_imap_any() || !mail_imap_waits(store_reader(command_store(c)), NULL))
        then(c);
    else
        s->push = mail_imap_sync(command_store(c), &setup, NULL, pushed, c);
}

/* The run has ended. */
static void send_done(void *user, int sent, const struct error *err)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    (void)sent;
    (void)err;
    s->run = NULL;
    push_copy(c, tell_end);
}

/* Its time has come. */
static void send_due(void *user)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    s->timer = NULL;
    s->run = outbox_run_start(command_store(c), s->outbox,
                              &(struct outbox_events){.on_done = send_done}, c);
}

/* Ends a send that was stopped before its time. */
static void end_held(struct command_call *c)
{
    const struct sending *s = command_state(c);
    command_note(c, _("o%lld stays held; bureau outbox cancel o%lld takes it back"),
                 (long long)s->outbox, (long long)s->outbox);
    command_exit(c, 130);
    command_end(c, NULL);
}

/* C-c while it is held, or not approved yet: it stays held. While it leaves: broken off unless it was handed. */
static void send_cancel(struct command_call *c)
{
    struct sending *s = command_state(c);
    s->stopped = true;
    if (s->run) {
        outbox_run_cancel(s->run);
    } else if (s->push) {
        mail_imap_sync_cancel(s->push);
    } else if (s->timer) {
        loop_remove(s->loop, s->timer);
        s->timer = NULL;
        end_held(c);
    }
}

/* It is approved and on disk. */
static void approved(void *user, int64_t id, const struct error *err)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    s->outbox = id;
    if (s->at_once) {
        tell_end(c);
        return;
    }
    int64_t wait = s->send_at - clock_now();
    if (s->stopped) {
        end_held(c);
    } else if (wait > 0) {
        command_note(c, _("held for %lld s; C-c keeps it held, bureau outbox cancel o%lld takes it back"),
                     (long long)wait, (long long)id);
        s->timer = loop_timer(s->loop, wait * 1000, send_due, c);
    } else {
        send_due(c);
    }
}

/* A draft as an order; files is filled and must live as long as the order. */
static enum status order_of(struct db *db, const struct draft *d, struct vec *files,
                            struct outbox_order *o, struct error *err)
{
    *o = (struct outbox_order){.draft = d->id,
                               .version = d->version,
                               .draft_hash = d->hash,
                               .account = d->account,
                               .from_name = d->from.name,
                               .from = d->from.address,
                               .to = &d->to,
                               .cc = &d->cc,
                               .bcc = &d->bcc,
                               .subject = d->subject,
                               .text = d->text,
                               .in_reply_to = d->in_reply_to,
                               .references = &d->references,
                               .files = files,
                               .who = "me",
                               .confirm = draft_confirm};
    return draft_files(db, d->id, files, err);
}

enum command_result command_send(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct draft *d = NULL;
    struct checks checks;
    struct vec files;
    struct outbox_order order;
    int64_t id;
    bool later, wait = false;
    struct db *db = store_reader(command_store(c));
    if (command_take_id(c, 0, 'd', &id, &err) || command_draft_get(c, id, &d, &err))
        return command_fail(c, &err);
    struct sending *s = sending_new(c);
    checks_init(&checks);
    vec_init(&files, 1, NULL);
    enum status st = checks_of_draft(db, id, &checks, &err);
    if (st || (st = refuse(c, d, &checks, &err)) || (st = when_of(c, &s->send_at, &later, &err)) ||
        (st = order_of(db, d, &files, &order, &err)))
        goto out;
    order.send_at = s->send_at;
    s->at_once = later || command_has(c, "queue") || command_is_screen(c);
    if ((st = outbox_check(&order, &err)))
        goto out;
    if (command_is_dry(c)) {
        struct json *o = json_object();
        json_set_str(o, "hash", d->hash);
        json_set_str(o, "state", s->send_at > clock_now() ? "held" : "queued");
        json_set_time(o, "send_at", s->send_at);
        json_set(o, "to", command_people_json(&d->to));
        json_set_bool(o, "dry_run", true);
        command_result(c, o, _("would be sent"));
        goto out;
    }
    if (!command_is_screen(c) && !command_is_json(c))
        command_tell_checks(c, &checks);
    command_on_cancel(c, send_cancel);
    keep_accepted(c, id, &checks);
    outbox_approve(command_store(c), &order, approved, c);
    wait = true;
out:
    checks_fini(&checks);
    vec_fini(&files);
    draft_free(d);
    if (wait)
        return COMMAND_WAIT;
    return st ? command_fail(c, &err) : COMMAND_DONE;
}

/* ---- outbox cancel, retry ---- */

struct changing { /* an operation's record */
    int64_t id;
    bool retry, twice_ok, dry;
};

/* The operation. */
static enum status change_run(struct db *db, void *record, struct error *err)
{
    struct changing *x = record;
    enum status st = x->dry ? db_savepoint(db, err) : STATUS_OK;
    if (st)
        return st;
    st = x->retry ? outbox_retry(db, x->id, x->twice_ok, err) : outbox_cancel(db, x->id, err);
    if (x->dry) /* only whether it could be */
        db_rollback_savepoint(db);
    return st;
}

static const struct store_op change_op = {"outbox change", OP_PERSON, change_run, free};

/* It is changed: a retry in batch goes on to send. */
static void change_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct changing *x = record;
    struct sending *s = command_state(c);
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    if (x->dry) {
        struct json *o = json_object();
        char text[COMMAND_ID_TEXT];
        json_set_str(o, "outbox", command_id_text('o', x->id, text));
        command_result(c, o, x->retry ? _("would be tried again") : _("would be taken back"));
        command_end(c, NULL);
        return;
    }
    s->outbox = x->id;
    if (x->retry && !command_is_screen(c)) {
        command_on_cancel(c, send_cancel);
        send_due(c);
        return;
    }
    struct error late = ERROR_INIT;
    s->at_once = true;
    if (outbox_get(store_reader(command_store(c)), x->id, result_row, c, &late) == STATUS_OK &&
        !x->retry)
        s->first = ERROR_INIT; /* taken back is what was wanted */
    command_end(c, &late);
}

/* Posts a change of one item. */
static enum command_result change(struct command_call *c, int64_t id, bool retry)
{
    struct changing *x = mem_alloc(sizeof *x);
    *x = (struct changing){.id = id, .retry = retry, .twice_ok = command_is_yes(c), .dry = command_is_dry(c)};
    sending_new(c);
    store_post(command_store(c), &change_op, x, change_done, c);
    return COMMAND_WAIT;
}

enum command_result command_outbox_cancel(struct command_call *c)
{
    struct error err = ERROR_INIT;
    int64_t id = 0;
    if (command_argc(c) == 0) {
        struct outbox_held held;
        outbox_held(store_reader(command_store(c)), &held);
        if (!held.id)
            held.id = held.waiting_id;
        if (!held.id) {
            error_set(&err, STATUS_NO_SUCH, _("nothing is held"));
            return command_fail(c, &err);
        }
        id = held.id;
    } else if (command_take_id(c, 0, 'o', &id, &err)) {
        return command_fail(c, &err);
    }
    return change(c, id, false);
}

enum command_result command_outbox_retry(struct command_call *c)
{
    struct error err = ERROR_INIT;
    int64_t id;
    if (command_take_id(c, 0, 'o', &id, &err))
        return command_fail(c, &err);
    return change(c, id, true);
}

/* ---- outbox run ---- */

static void run_again(void *user);

/* A state changed: one line. */
static void run_changed(void *user, int64_t id, enum outbox_state state, const struct error *err)
{
    struct command_call *c = user;
    struct json *o;
    char text[COMMAND_ID_TEXT];
    if (state == OUTBOX_QUEUED && !error_is(err))
        return; /* being tried */
    o = json_object();
    json_set_str(o, "id", command_id_text('o', id, text));
    json_set_str(o, "state", outbox_state_word(state));
    if (error_is(err))
        json_set_str(o, "error", err->text);
    char *line = str_format("o%lld %s%s%s", (long long)id, outbox_state_name(state),
                            error_is(err) ? ": " : "", error_is(err) ? err->text : "");
    if (state != OUTBOX_HANDED)
        command_item(c, o, line);
    else
        json_free(o);
    free(line);
}

/* The closing row of a run. */
static void tell_run(struct command_call *c)
{
    struct sending *s = command_state(c);
    struct json *o = json_object();
    char *text = str_format(P_("%d sent", "%d sent", s->sent), s->sent);
    json_set_int(o, "sent", s->sent);
    command_result(c, o, text);
    free(text);
    if (s->stopped) {
        s->first = ERROR_INIT;
        command_exit(c, 130);
    }
    command_end(c, &s->first);
}

/* What was due is done; --wait goes on with what falls due later. */
static void run_done(void *user, int sent, const struct error *err)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    s->run = NULL;
    s->sent += sent;
    if (error_is(err) && !error_is(&s->first))
        s->first = *err;
    int64_t due = s->wait ? outbox_due(store_reader(command_store(c))) : CLOCK_NONE;
    if (due != CLOCK_NONE) {
        int64_t left = due - clock_now();
        s->first = ERROR_INIT;
        s->timer = loop_timer(s->loop, left > 0 ? left * 1000 : 1000, run_again, c);
        return;
    }
    push_copy(c, tell_run);
}

/* Starts a run over all that is due. */
static void run_again(void *user)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    s->timer = NULL;
    s->run = outbox_run_start(command_store(c), 0,
                              &(struct outbox_events){.on_change = run_changed, .on_done = run_done}, c);
}

/* C-c: what was not handed stays queued. */
static void run_cancel(struct command_call *c)
{
    struct sending *s = command_state(c);
    s->wait = false;
    s->stopped = true;
    if (s->run) {
        outbox_run_cancel(s->run);
    } else if (s->push) {
        mail_imap_sync_cancel(s->push);
    } else {
        command_exit(c, 130);
        command_end(c, NULL);
    }
}

/* Dry run: an item that would be tried now. */
static bool would_send(void *user, const struct outbox_row *r)
{
    struct command_call *c = user;
    struct sending *s = command_state(c);
    int64_t at = r->next_try != CLOCK_NONE && r->next_try > r->send_at ? r->next_try : r->send_at;
    if ((r->state != OUTBOX_QUEUED && r->state != OUTBOX_HELD) || at > clock_now())
        return true;
    char *text = str_format(_("o%lld would be sent to %s"), (long long)r->id, r->to);
    s->sent++;
    command_item(c, row_json(r), text);
    free(text);
    return true;
}

/* Tells what is due. */
static enum command_result run_dry(struct command_call *c)
{
    struct error err = ERROR_INIT;
    const struct sending *s = command_state(c);
    if (outbox_list(store_reader(command_store(c)), true, 100000, would_send, c, &err) != STATUS_OK)
        return command_fail(c, &err);
    struct json *o = json_object();
    json_set_int(o, "sent", 0);
    json_set_int(o, "due", s->sent);
    command_result(c, o, NULL);
    return COMMAND_DONE;
}

enum command_result command_outbox_run(struct command_call *c)
{
    struct sending *s = sending_new(c);
    if (command_is_dry(c))
        return run_dry(c);
    s->wait = command_has(c, "wait");
    command_on_cancel(c, run_cancel);
    run_again(c);
    return COMMAND_WAIT;
}
