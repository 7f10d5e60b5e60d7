/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_unsubscribe.c - leaving a mailing list: one click when the mail offers it and a person says
 * yes, else a draft to the list's address, else the page's address is shown. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/ids.h"
#include "inbox/commands_mail.h"
#include "inbox/reply.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/mailto.h"
#include "office/people.h"
#include "office/unsubscribe.h"
#include "store/journal.h"

struct leaving {
    struct command_call *call; /* borrow */
    int64_t message;
    struct unsubscribe ways;
    struct draft *draft;           /* own; the mail way */
    struct unsubscribe_post *post; /* under way */
    char *failed;                  /* own; why one click did not do it */
};

/* Releases the state of a call. */
static void leaving_free(void *state)
{
    struct leaving *l = state;
    unsubscribe_fini(&l->ways);
    draft_free(l->draft);
    free(l->failed);
    free(l);
}

/* Does this message name a way? */
static bool read_ways(struct db *db, int64_t message, struct unsubscribe *out)
{
    struct mail_message *m;
    struct error err = ERROR_INIT;
    if (mail_message_get(db, message, &m, &err) != STATUS_OK)
        return false;
    unsubscribe_fini(out);
    bool found = unsubscribe_read(m, out);
    mail_message_free(m);
    return found;
}

/* The message that is meant: the named one, of a conversation the newest that names a way. */
static enum status find_message(struct db *db, const struct command_target *t, struct leaving *l,
                                struct error *err)
{
    struct vec ids;
    struct mail_row row;
    bool found = false;
    enum status st;
    if (t->letter == 'm') {
        st = mail_row_get(db, t->number, &row, err);
        mail_row_fini(&row);
        l->message = t->number;
        found = st == STATUS_OK && read_ways(db, t->number, &l->ways);
    } else {
        struct mail_thread thread;
        st = mail_thread_get(db, t->number, &thread, err);
        mail_thread_fini(&thread);
        if (st != STATUS_OK)
            return st;
        st = mail_thread_ids(db, t->number, &ids, err);
        for (size_t i = ids.len; i > 0 && st == STATUS_OK && !found; i--) {
            l->message = *(int64_t *)vec_at(&ids, i - 1);
            found = read_ways(db, l->message, &l->ways);
        }
        vec_fini(&ids);
    }
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_FAILED, _("%c%" PRId64 " names no way to unsubscribe"), t->letter,
                       t->number);
    return st;
}

/* The closing row. */
static void tell(struct leaving *l, const char *way, const char *url, const char *text)
{
    char id[COMMAND_ID_TEXT];
    struct json *o = json_object();
    json_set_str(o, "id", command_id_text('m', l->message, id));
    json_set_str(o, "way", way);
    if (*l->ways.host && !str_eq(way, "mail"))
        json_set_str(o, "host", l->ways.host);
    json_set_str(o, "url", url);
    if (l->draft && l->draft->id)
        json_set_str(o, "draft", command_id_text('d', l->draft->id, id));
    if (command_is_dry(l->call))
        json_set_bool(o, "dry_run", true);
    command_result(l->call, o, text);
}

static enum command_result by_mail(struct leaving *l);

/* ---- one click ---- */

/* The list's server has answered, or not: then the mail's next way. */
static void on_answer(void *user, int code, const struct error *err)
{
    struct leaving *l = user;
    struct command_call *c = l->call;
    struct error e = *err;
    char *text = NULL;
    l->post = NULL;
    if (!error_is(&e) && (code < 200 || code > 299)) {
        error_set(&e, STATUS_FAILED, _("%s did not accept it (%d)"), l->ways.host, code);
    }
    if (error_is(&e) && e.status != STATUS_INTERRUPTED && l->ways.mailto) {
        l->failed = mem_strdup(e.text);
        if (by_mail(l) == COMMAND_DONE)
            command_end(c, NULL);
        return;
    }
    if (error_is(&e) && e.status != STATUS_INTERRUPTED)
        error_hint(&e, _("its page: %s"), l->ways.link ? l->ways.link : l->ways.post);
    if (!error_is(&e)) {
        text = str_format(_("unsubscribed at %s"), l->ways.host);
        tell(l, "one-click", l->ways.post, text);
    }
    free(text);
    command_end(c, &e);
}

/* C-c. */
static void on_cancel(struct command_call *c)
{
    struct leaving *l = command_state(c);
    if (l->post)
        unsubscribe_cancel(l->post);
}

/* What will be asked, for the journal. */
struct note {
    int64_t message;
    char *text; /* own */
};

/* Releases it. */
static void note_free(void *record)
{
    free(((struct note *)record)->text);
    free(record);
}

/* The operation: the journal knows before the world does. */
static enum status run_note(struct db *db, void *record, struct error *err)
{
    const struct note *n = record;
    struct journal *j;
    enum status st = journal_begin(db, N_("me"), N_("unsubscribe"), n->text, &j, err);
    if (st == STATUS_OK)
        st = journal_note(j, "message.unsubscribe", n->message, n->text, err);
    if (st == STATUS_OK)
        return journal_end(j, NULL, err);
    journal_abandon(j);
    return st;
}

static const struct store_op note_op = {"unsubscribe", OP_PERSON, run_note, note_free};

/* It is written down: now it is asked. */
static void on_noted(void *user, void *record, const struct error *err)
{
    struct leaving *l = user;
    struct error e = *err;
    (void)record;
    if (!error_is(&e))
        l->post = unsubscribe_send(command_loop(l->call), l->ways.post, on_answer, l, &e);
    if (!l->post)
        command_end(l->call, &e);
}

/* Asks the list's server, when a person has said yes. */
static enum command_result one_click(struct leaving *l)
{
    struct command_call *c = l->call;
    struct error err = ERROR_INIT;
    if (command_is_dry(c)) {
        tell(l, "one-click", l->ways.post, l->ways.host);
        return COMMAND_DONE;
    }
    if (command_is_offline(c)) {
        error_set(&err, STATUS_REFUSED, _("--offline: %s is not asked"), l->ways.host);
        return command_fail(c, &err);
    }
    if (!command_is_yes(c)) {
        error_set(&err, STATUS_REFUSED,
                  _("unsubscribing tells %s that you read this mail; nobody has checked who sent it"),
                  l->ways.host);
        error_hint(&err, _("--yes does it; %s is the only address that is asked"), l->ways.host);
        error_yes(&err);
        return command_fail(c, &err);
    }
    struct note *n = mem_alloc(sizeof *n);
    n->message = l->message;
    n->text = str_format("POST %s", l->ways.post);
    command_on_cancel(c, on_cancel);
    store_post(command_store(c), &note_op, n, on_noted, l);
    return COMMAND_WAIT;
}

/* ---- by mail ---- */

/* The operation: a draft like any other; nothing is sent. */
static enum status run_draft(struct db *db, void *record, struct error *err)
{
    return draft_create(db, ((struct leaving *)record)->draft, err);
}

static const struct store_op draft_op = {"unsubscribe draft", OP_PERSON, run_draft, NULL};

/* The draft is there. */
static void on_drafted(void *user, void *record, const struct error *err)
{
    struct leaving *l = user;
    struct command_call *c = l->call;
    (void)record;
    if (!error_is(err)) {
        char *text = l->failed && command_is_screen(c)
                         ? str_format(_("%s; this mail asks instead: C-x Enter sends it"), l->failed)
                     : command_is_screen(c)
                         ? str_format(_("this asks %s to take you off; C-x Enter sends it"), l->draft->to_text)
                         : str_format(_("draft d%" PRId64 " asks %s to take you off; send with: bureau send"
                                        " d%" PRId64),
                                      l->draft->id, l->draft->to_text, l->draft->id);
        if (l->failed && !command_is_screen(c))
            command_warn(c, "%s", l->failed);
        tell(l, "mail", l->ways.mailto, text);
        free(text);
    }
    command_end(c, err);
}

/* Writes what the header asks for, to its address only, from the address the list writes to. */
static enum command_result by_mail(struct leaving *l)
{
    struct command_call *c = l->call;
    struct mailto m;
    struct error err = ERROR_INIT;
    enum status st = mailto_parse(l->ways.mailto, &m, &err);
    if (st == STATUS_OK)
        st = reply_head(store_reader(command_store(c)), DRAFT_FORWARD, l->message, NULL, &l->draft, &err);
    if (st == STATUS_OK && !m.to.len)
        st = error_set(&err, STATUS_FAILED, _("the list's address cannot be read"));
    if (st == STATUS_OK) {
        struct draft *d = l->draft;
        d->kind = DRAFT_NEW;
        d->message = d->thread = 0;
        free(d->to_text);
        free(d->subject);
        free(d->text);
        d->to_text = mem_strdup(str_text(&m.to));
        d->subject = mem_strdup(m.subject && *m.subject ? m.subject : "unsubscribe");
        d->text = mem_strdup(m.body ? m.body : "");
    }
    mailto_fini(&m);
    if (st != STATUS_OK)
        return command_fail(c, &err);
    if (command_is_dry(c)) {
        tell(l, "mail", l->ways.mailto, l->draft->to_text);
        return COMMAND_DONE;
    }
    store_post(command_store(c), &draft_op, l, on_drafted, l);
    return COMMAND_WAIT;
}

/* unsubscribe ID */
enum command_result inbox_unsubscribe_run(struct command_call *c)
{
    const struct vec *ids = command_ids(c);
    const struct command_target *t = ids->len ? vec_at(ids, 0) : NULL;
    struct error err = ERROR_INIT;
    struct leaving *l = mem_alloc(sizeof *l);
    l->call = c;
    command_set_state(c, l, leaving_free);
    if (!t || (t->letter != 'm' && t->letter != 't'))
        return command_usage(c, "%s", _("name a mail or a conversation"));
    if (find_message(store_reader(command_store(c)), t, l, &err) != STATUS_OK)
        return command_fail(c, &err);
    if (l->ways.post)
        return one_click(l);
    if (l->ways.mailto)
        return by_mail(l);
    char *text = str_format(_("its page (%s): %s"), l->ways.host, l->ways.link);
    tell(l, "link", l->ways.link, text);
    free(text);
    return COMMAND_DONE;
}
