/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_draft.c - reply, compose, forward, draft …. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "inbox/commands_inside.h"
#include "inbox/draft_inside.h"
#include "inbox/reply.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/mailto.h"
#include "office/people.h"
#include "store/job.h"
#include "store/journal.h"
#include "store/store.h"

/* ---- what several commands use ---- */

enum status command_take_id(const struct command_call *c, size_t i, char letter, int64_t *number,
                            struct error *err)
{
    const char *text = command_arg(c, i);
    char found;
    if (!text || !command_id(text, &found, number) || found != letter)
        return error_set(err, STATUS_USAGE, _("%s is no id such as %c12"), text ? text : "", letter);
    return STATUS_OK;
}

struct json *command_people_json(const struct vec *addresses)
{
    struct json *list = json_array();
    for (size_t i = 0; i < addresses->len; i++) {
        const struct mail_address *a = vec_at(addresses, i);
        struct json *o = json_object();
        if (a->name && *a->name)
            json_set_str(o, "name", a->name);
        json_set_str(o, "address", a->address);
        json_push(list, o);
    }
    return list;
}

/* Sets an id member ("d31"); 0 is absent. */
static void set_id(struct json *o, const char *name, char letter, int64_t number)
{
    char id[COMMAND_ID_TEXT];
    if (number)
        json_set_str(o, name, command_id_text(letter, number, id));
}

struct json *command_draft_json(const struct draft *d, const struct checks *checks)
{
    struct json *o = json_object(), *files = json_array();
    set_id(o, "id", 'd', d->id);
    json_set_int(o, "version", d->version);
    json_set_str(o, "hash", d->hash);
    json_set_str(o, "state", draft_state_word(d->state));
    set_id(o, "thread", 't', d->thread);
    set_id(o, "message", 'm', d->message);
    set_id(o, "origin", 'm', d->origin);
    if (*d->account)
        json_set_str(o, "account", d->account);
    set_id(o, "outbox", 'o', d->outbox);
    struct json *from = json_object();
    if (*d->from.name)
        json_set_str(from, "name", d->from.name);
    json_set_str(from, "address", d->from.address);
    json_set(o, "from", from);
    json_set(o, "to", command_people_json(&d->to));
    json_set(o, "cc", command_people_json(&d->cc));
    json_set(o, "bcc", command_people_json(&d->bcc));
    json_set_str(o, "subject", d->subject);
    json_set_str(o, "text", d->text);
    json_set_int(o, "cursor", (int64_t)d->cursor);
    json_set_time(o, "updated", d->updated);
    json_set_str(o, "by", d->by);
    if (*d->made)
        json_set_str(o, "made", d->made);
    for (size_t i = 0; i < d->files.len; i++) {
        const struct draft_file *f = vec_at(&d->files, i);
        struct json *row = json_object();
        json_set_str(row, "name", f->name);
        json_set_str(row, "content_type", f->content_type);
        json_set_int(row, "size", f->size);
        json_push(files, row);
    }
    json_set(o, "files", files);
    if (checks) {
        json_set(o, "checks", checks_json(checks));
        json_set_bool(o, "sendable", checks->sendable);
    }
    return o;
}

void command_tell_checks(struct command_call *c, const struct checks *checks)
{
    static const char *const marks[] = {"", N_("look at"), N_("blocks"), N_("still open")};
    for (size_t i = 0; i < checks->items.len; i++) {
        const struct check *k = vec_at(&checks->items, i);
        if (k->level == CHECK_FINE)
            continue;
        const char *word = k->kind == CHECK_ASK      ? N_("not answered")
                           : k->kind <= CHECK_LINK   ? N_("not in the thread")
                           : k->kind == CHECK_GAP    ? N_("you decide")
                           : k->kind == CHECK_FIELD  ? N_("fill in")
                                                     : "";
        command_note(c, "  %s %s: %s%s%s", k->id, _(marks[k->level]), *word ? _(word) : "",
                     *word ? ": " : "", k->text);
    }
    char *line = checks_line(checks, 0);
    command_note(c, "%s", line);
    free(line);
}

void command_end_stream(struct command_call *c, int state, const struct error *err)
{
    if (state == MODEL_CANCELLED) {
        command_exit(c, 130);
        command_end(c, NULL);
    } else if (err && error_is(err)) {
        command_end(c, err);
    } else {
        if (state != MODEL_COMPLETE) {
            command_note(c, _("the text is %s; what came is kept"), model_state_name(model_state_word((enum model_state)state)));
            command_exit(c, 1);
        }
        command_end(c, NULL);
    }
}

/* The operation: takes over streams whose program is dead. */
static enum status recover_run(struct db *db, void *record, struct error *err)
{
    int count;
    (void)record;
    return job_recover(db, &count, err);
}

static const struct store_op recover_op = {"recover", OP_BULK, recover_run, NULL};

enum status command_draft_get(struct command_call *c, int64_t id, struct draft **out, struct error *err)
{
    struct db *db = store_reader(command_store(c));
    enum status st = draft_get(db, id, out, err);
    if (st || (*out)->state != DRAFT_STREAMING || command_is_screen(c))
        return st;
    /* Is it still being written, or did its writer die? */
    struct error ignored = ERROR_INIT;
    if (store_run(command_store(c), &recover_op, NULL, &ignored))
        return STATUS_OK;
    draft_free(*out);
    return draft_get(db, id, out, err);
}

/* ---- reply, compose, forward ---- */

struct writing { /* a streaming command */
    struct reply_run *run;
    struct vec files; /* strv */
    bool begun, newline;
    enum model_state state; /* how it ended, for after a dry run's draft went */
    struct error error;
};

/* Frees the state of a streaming command. */
static void writing_free(void *state)
{
    struct writing *w = state;
    vec_fini(&w->files);
    free(w);
}

/* Text as it comes. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct command_call *c = user;
    struct writing *w = command_state(c);
    command_delta(c, text, n);
    w->begun = true;
    w->newline = n && text[n - 1] == '\n';
}

/* What leaves, and to whom. */
static void on_egress(void *user, const char *where, int passages, int64_t bytes)
{
    command_note(user, P_("%d passage (%lld bytes) goes to %s", "%d passages (%lld bytes) go to %s",
                          passages), passages, (long long)bytes, where);
}

/* Waiting. */
static void on_wait(void *user, int seconds, const char *why)
{
    if (seconds)
        command_note(user, _("%s; trying again in %d s"), why, seconds);
    else
        command_note(user, "%s", why);
}

/* The operation: what a dry run wrote goes. */
static enum status discard_run(struct db *db, void *record, struct error *err)
{
    return draft_forget(db, *(int64_t *)record, err);
}

static const struct store_op discard_op = {"draft discard", OP_PERSON, discard_run, free};

/* It is gone. */
static void discarded(void *user, void *record, const struct error *err)
{
    const struct writing *w = command_state(user);
    (void)record;
    command_end_stream(user, (int)w->state, error_is(err) ? err : &w->error);
}

/* The draft is complete, or has ended otherwise: its checks, its name. */
static void on_done(void *user, const struct reply_result *r)
{
    struct command_call *c = user;
    struct writing *w = command_state(c);
    struct draft *d = NULL;
    struct error err = ERROR_INIT;
    struct checks checks;
    w->run = NULL;
    command_on_cancel(c, NULL);
    if (!r->draft) {
        command_end_stream(c, (int)r->state, r->error);
        return;
    }
    struct db *db = store_reader(command_store(c));
    checks_init(&checks);
    if (draft_get(db, r->draft, &d, &err) || checks_of_draft(db, r->draft, &checks, &err)) {
        command_end(c, &err);
    } else {
        struct json *o = json_object();
        if (w->begun && !w->newline && !command_is_json(c))
            command_delta(c, "\n", 1);
        set_id(o, "draft", 'd', d->id);
        json_set_int(o, "version", d->version);
        json_set_str(o, "hash", d->hash);
        json_set_str(o, "state", model_state_word(r->state));
        json_set_bool(o, "sendable", checks.sendable && r->state == MODEL_COMPLETE);
        json_set(o, "checks", checks_json(&checks));
        json_set_int(o, "asked", checks.asks);
        json_set_int(o, "answered", checks.answered);
        json_set_str(o, "by", r->by);
        json_set(o, "to", command_people_json(&d->to));
        json_set_str(o, "subject", d->subject);
        json_set_str(o, "text", d->text);
        command_result(c, o, NULL);
        command_tell_checks(c, &checks);
        if (command_is_dry(c)) {
            int64_t *id = mem_alloc(sizeof *id);
            *id = d->id;
            w->state = r->state;
            w->error = r->error ? *r->error : ERROR_INIT;
            store_post(command_store(c), &discard_op, id, discarded, c);
        } else {
            char *who = mem_strdup(d->to_text && *d->to_text ? d->to_text : _("nobody yet"));
            command_note(c, _("draft d%lld to %s, by %s; send with: bureau send d%lld"),
                         (long long)d->id, who, draft_by_name(r->by), (long long)d->id);
            free(who);
            command_end_stream(c, (int)r->state, r->error);
        }
    }
    draft_free(d);
    checks_fini(&checks);
}

/* C-c: the stream stops, the text stays. */
static void on_cancel(struct command_call *c)
{
    struct writing *w = command_state(c);
    if (w->run)
        reply_cancel(w->run);
}

/* A wrong address is told before anything is written. */
static enum status check_people(const char *text, struct error *err)
{
    struct vec people;
    people_init(&people);
    enum status st = text ? people_parse(text, &people, err) : STATUS_OK;
    vec_fini(&people);
    return st;
}

/* So is an identity that is none of mine. */
static enum status check_identity(const char *text, struct error *err)
{
    struct people_identity id;
    enum status st = text ? people_identity_find(text, &id, err) : STATUS_OK;
    if (text && st == STATUS_OK)
        people_identity_fini(&id);
    return st;
}

/* Starts a run for this call. */
static enum command_result write_it(struct command_call *c, struct reply_request *req)
{
    struct reply_events ev = {
        .on_delta = on_delta, .on_egress = on_egress, .on_wait = on_wait, .on_done = on_done};
    struct error err = ERROR_INIT;
    struct writing *w = mem_alloc(sizeof *w);
    const char *files[64];
    strv_init(&w->files);
    size_t n = command_values(c, "attach", files, sizeof files / sizeof *files);
    for (size_t i = 0; i < n && i < sizeof files / sizeof *files; i++)
        strv_push(&w->files, files[i]);
    command_set_state(c, w, writing_free);
    req->say = command_value(c, "say");
    req->tone = command_value(c, "tone");
    req->template_name = command_value(c, "template");
    req->model = command_value(c, "model");
    req->offline = command_is_offline(c) || str_eq(req->model, "offline");
    if (str_eq(req->model, "offline"))
        req->model = NULL;
    if (command_value(c, "to"))
        req->to = command_value(c, "to");
    if (command_value(c, "subject"))
        req->subject = command_value(c, "subject");
    if (command_value(c, "cc"))
        req->cc = command_value(c, "cc");
    if (command_value(c, "bcc"))
        req->bcc = command_value(c, "bcc");
    req->from = command_value(c, "from");
    req->files = w->files.len ? &w->files : NULL;
    if (check_people(req->to, &err) || check_people(req->cc, &err) ||
        check_people(req->bcc, &err) || check_identity(req->from, &err))
        return command_fail(c, &err);
    w->run = reply_start(command_store(c), req, &ev, c, &err);
    if (!w->run)
        return command_fail(c, &err);
    command_on_cancel(c, on_cancel);
    return COMMAND_WAIT;
}

/* The message an id means: m12 itself, t5 the newest of it that is not mine. */
static enum status target_message(struct command_call *c, int64_t *message, struct error *err)
{
    const struct vec *ids = command_ids(c);
    if (ids->len != 1)
        return error_set(err, STATUS_USAGE, _("one message or thread at a time"));
    const struct command_target *t = vec_at(ids, 0);
    if (t->letter != 'm' && t->letter != 't')
        return error_set(err, STATUS_USAGE, _("%c%lld is no message or thread"), t->letter,
                         (long long)t->number);
    *message = t->letter == 'm' ? t->number
                                : reply_target(store_reader(command_store(c)), t->number);
    if (!*message)
        return error_set(err, STATUS_NO_SUCH, _("there is no thread t%lld"), (long long)t->number);
    return STATUS_OK;
}

/* --part: the mail inside the mail. */
static enum status take_part(struct command_call *c, int *part, struct error *err)
{
    const char *value = command_value(c, "part");
    long long number = 0;
    if (value && (!str_to_int64(value, &number) || number < 1 || number > INT_MAX))
        return error_set(err, STATUS_USAGE, _("%s is no part"), value);
    *part = (int)number;
    return STATUS_OK;
}

enum command_result command_reply(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct reply_request req = {.blank = command_has(c, "blank")};
    if (take_part(c, &req.part, &err))
        return command_fail(c, &err);
    req.kind = command_has(c, "list")  ? DRAFT_REPLY_LIST
               : command_has(c, "all") ? DRAFT_REPLY_ALL
                                       : DRAFT_REPLY;
    if (target_message(c, &req.message, &err))
        return command_fail(c, &err);
    return write_it(c, &req);
}

enum command_result command_compose(struct command_call *c)
{
    struct reply_request req = {.kind = DRAFT_NEW};
    const char *link = command_arg(c, 0);
    struct error err = ERROR_INIT;
    struct mailto m;
    if (!link)
        return write_it(c, &req);
    if (mailto_parse(link, &m, &err)) {
        mailto_fini(&m);
        return command_fail(c, &err);
    }
    req.to = m.to.len ? str_text(&m.to) : NULL;
    req.cc = m.cc.len ? str_text(&m.cc) : NULL;
    req.bcc = m.bcc.len ? str_text(&m.bcc) : NULL;
    req.subject = m.subject;
    req.body = m.body;
    req.in_reply_to = m.in_reply_to;
    for (size_t i = 0; i < m.ignored.len; i++)
        command_warn(c, _("the link's field “%s” is ignored: a link may not set it"),
                     strv_at(&m.ignored, i));
    enum command_result result = write_it(c, &req);
    mailto_fini(&m); /* what is used of it was copied */
    return result;
}

enum command_result command_forward(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct reply_request req = {.kind = DRAFT_FORWARD,
                                .as = command_value(c, "as"),
                                .without_files = command_has(c, "no-files")};
    if (take_part(c, &req.part, &err))
        return command_fail(c, &err);
    if (req.as && !str_eq(req.as, "inline") && !str_eq(req.as, "attached"))
        return command_usage(c, _("--as takes inline or attached, not “%s”"), req.as);
    if (target_message(c, &req.message, &err))
        return command_fail(c, &err);
    return write_it(c, &req);
}

enum command_result command_edit_as_new(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct reply_request req = {.kind = DRAFT_NEW, .as_new = true};
    struct db *db = store_reader(command_store(c));
    const struct vec *ids = command_ids(c);
    if (target_message(c, &req.message, &err))
        return command_fail(c, &err);
    const struct command_target *t = vec_at(ids, 0);
    if (t->letter == 't')
        req.message = reply_newest(db, t->number);
    int64_t open = reply_continued(db, req.message);
    if (open) {
        struct json *o = json_object();
        set_id(o, "draft", 'd', open);
        char *text = str_format(_("m%lld is open as draft d%lld already"), (long long)req.message,
                                (long long)open);
        command_result(c, o, text);
        free(text);
        return COMMAND_DONE;
    }
    return write_it(c, &req);
}

/* ---- draft list, show, check ---- */

/* One row of the list. */
static bool list_row(void *user, const struct draft_row *r)
{
    struct command_call *c = user;
    struct json *o = json_object();
    char when[CLOCK_TEXT];
    set_id(o, "id", 'd', r->id);
    json_set_int(o, "version", r->version);
    json_set_str(o, "state", draft_state_word(r->state));
    set_id(o, "thread", 't', r->thread);
    set_id(o, "message", 'm', r->message);
    struct vec to;
    struct error ignored = ERROR_INIT;
    people_init(&to);
    if (people_parse(r->to, &to, &ignored) != STATUS_OK)
        json_set_str(o, "to_text", r->to);
    json_set(o, "to", command_people_json(&to));
    vec_fini(&to);
    json_set_str(o, "subject", r->subject);
    json_set_str(o, "snippet", r->snippet);
    json_set_str(o, "by", r->by);
    json_set_time(o, "updated", r->updated);
    struct str text = STR_INIT;
    str_addf(&text, "d%-4lld ", (long long)r->id);
    utf8_pad(&text, draft_state_name(r->state), 10);
    utf8_pad(&text, clock_short(r->updated, clock_now(), when), 7);
    str_addf(&text, "%s  %s", *r->to ? r->to : "-", r->subject);
    command_item(c, o, str_text(&text));
    str_fini(&text);
    return true;
}

enum command_result command_draft_list(struct command_call *c)
{
    struct error err = ERROR_INIT;
    if (draft_list(store_reader(command_store(c)), command_has(c, "all"), 10000, list_row, c, &err))
        return command_fail(c, &err);
    return COMMAND_DONE;
}

/* A draft as a person reads it. */
static char *draft_text(const struct draft *d)
{
    struct str out = STR_INIT, from = STR_INIT;
    people_print_one(&from, d->from.name, d->from.address);
    str_addf(&out, "%s: %s\n%s: %s\n", _("From"), str_text(&from), _("To"), d->to_text);
    if (*d->cc_text)
        str_addf(&out, "%s: %s\n", _("Cc"), d->cc_text);
    if (*d->bcc_text)
        str_addf(&out, "%s: %s\n", _("Bcc"), d->bcc_text);
    str_addf(&out, "%s: %s\n", _("Subject"), d->subject);
    for (size_t i = 0; i < d->files.len; i++) {
        const struct draft_file *f = vec_at(&d->files, i);
        str_addf(&out, _("File: %s (%lld bytes)\n"), f->name, (long long)f->size);
    }
    str_addf(&out, "\n%s", d->text);
    str_fini(&from);
    return str_take(&out);
}

enum command_result command_draft_show(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct db *db = store_reader(command_store(c));
    struct draft *d;
    struct checks checks;
    int64_t id;
    long long version = 0;
    const char *wanted = command_value(c, "version");
    if (command_take_id(c, 0, 'd', &id, &err))
        return command_fail(c, &err);
    if (wanted && (!str_to_int64(wanted, &version) || version < 1))
        return command_usage(c, _("%s is no version"), wanted);
    if (version ? draft_get_version(db, id, version, &d, &err) : command_draft_get(c, id, &d, &err))
        return command_fail(c, &err);
    checks_init(&checks);
    bool current = !version || version == d->versions;
    enum status st = current ? checks_of_draft(db, id, &checks, &err) : STATUS_OK;
    if (st == STATUS_OK) {
        char *text = draft_text(d);
        command_item(c, command_draft_json(d, &checks), text);
        if (!command_is_json(c))
            command_note(c, _("d%lld version %lld of %lld, %s, by %s, hash %.16s"), (long long)id,
                         (long long)d->version, (long long)d->versions, draft_state_name(d->state),
                         draft_by_name(d->by), d->hash);
        free(text);
    }
    checks_fini(&checks);
    draft_free(d);
    return st ? command_fail(c, &err) : COMMAND_DONE;
}

enum command_result command_draft_check(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct checks checks;
    struct draft *d;
    int64_t id;
    struct db *db = store_reader(command_store(c));
    if (command_take_id(c, 0, 'd', &id, &err) || draft_get(db, id, &d, &err))
        return command_fail(c, &err);
    checks_init(&checks);
    enum status st = checks_of_draft(db, id, &checks, &err);
    if (st == STATUS_OK) {
        struct json *o = json_object();
        set_id(o, "id", 'd', id);
        json_set_int(o, "version", d->version);
        json_set_str(o, "hash", d->hash);
        json_set(o, "checks", checks_json(&checks));
        json_set_bool(o, "sendable", checks.sendable);
        json_set_int(o, "asked", checks.asks);
        json_set_int(o, "answered", checks.answered);
        struct str text = STR_INIT;
        for (size_t i = 0; i < checks.items.len; i++) {
            const struct check *k = vec_at(&checks.items, i);
            str_addf(&text, "%-4s ", k->id);
            utf8_pad(&text, k->ok ? _("fine") : k->level == CHECK_NEVER ? _("still open")
                     : k->level == CHECK_BLOCK ? _("blocks") : k->level == CHECK_WARN ? _("look at") : "-", 10);
            utf8_pad(&text, check_kind_name(k->kind), 10);
            str_puts(&text, k->text);
            if (k->message)
                str_addf(&text, "   m%lld:%d %s", (long long)k->message, k->line, k->quote);
            str_putc(&text, '\n');
        }
        char *line = checks_line(&checks, 0);
        str_puts(&text, line);
        command_result(c, o, str_text(&text));
        free(line);
        str_fini(&text);
    }
    checks_fini(&checks);
    draft_free(d);
    return st ? command_fail(c, &err) : COMMAND_DONE;
}
