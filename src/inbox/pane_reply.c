/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_reply.c - "what shall it say?", and the streams that write drafts.
 *
 * A stream belongs to no pane: it is a record in a list here, which a draft pane attaches to while
 * it shows that draft. Closing the pane, changing the tab or losing the line leaves it running. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "command/command.h"
#include "inbox/pane_draft.h"
#include "inbox/pane_inside.h"
#include "mail/store.h"
#include "store/store.h"

static struct draft_live *lives; /* own list */
static struct draft_start *pending; /* for the pane that is being opened */

/* ---- streams ---- */

/* The draft exists. */
static void on_draft(void *user, int64_t draft)
{
    struct draft_live *l = user;
    l->draft = draft;
    if (l->view)
        draft_view_exists(l->view, draft);
}

/* Where the text goes, before it goes. */
static void on_egress(void *user, const char *host, int passages, int64_t bytes)
{
    struct draft_live *l = user;
    free(l->egress);
    l->egress = str_format(P_("%d message (%lld bytes) to %s", "%d messages (%lld bytes) to %s",
                              passages),
                           passages, (long long)bytes, host);
    if (l->view)
        pane_dirty(l->view->pane);
}

/* A piece of text. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct draft_live *l = user;
    l->pieces++;
    if (l->view)
        draft_view_delta(l->view, text, n);
}

/* Nothing comes, and why. */
static void on_wait(void *user, int seconds, const char *why)
{
    struct draft_live *l = user;
    if (!l->view)
        return;
    free(l->view->wait);
    l->view->wait = seconds > 0 ? str_format(_("%s: trying again in %d s"), why, seconds)
                                : mem_strdup(why);
    pane_dirty(l->view->pane);
}

/* It has ended. */
static void on_done(void *user, const struct reply_result *r)
{
    struct draft_live *l = user, **at = &lives;
    l->run = NULL;
    while (*at && *at != l)
        at = &(*at)->next;
    if (*at)
        *at = l->next;
    struct draft_view *v = l->view;
    if (v) {
        v->live = NULL;
        draft_view_done(v, r);
    }
    free(l->egress);
    free(l);
}

static const struct reply_events events = {.on_draft = on_draft, .on_egress = on_egress,
                                           .on_delta = on_delta, .on_wait = on_wait,
                                           .on_done = on_done};

/* A new record of a stream for this view. */
static struct draft_live *live_new(struct draft_view *v)
{
    struct draft_live *l = mem_alloc(sizeof *l);
    l->view = v;
    l->draft = v->id;
    l->next = lives;
    lives = l;
    v->live = l;
    return l;
}

/* It did not start: forgets it. */
static bool live_begun(struct draft_view *v, struct draft_live *l, struct reply_run *run)
{
    if (run) {
        /* It may have ended already, from inside its start. */
        if (v->live == l)
            l->run = run;
        return true;
    }
    for (struct draft_live **at = &lives; *at; at = &(*at)->next)
        if (*at == l) {
            *at = l->next;
            break;
        }
    v->live = NULL;
    free(l);
    return false;
}

/* Starts what the person asked for. */
bool draft_live_start(struct draft_view *v, const struct draft_start *s, struct error *err)
{
    struct reply_request req = {.kind = s->kind, .message = s->message, .say = s->say,
                                .model = s->model, .blank = s->blank, .to = s->to,
                                .subject = s->subject};
    struct draft_live *l = live_new(v);
    l->blank = s->blank;
    return live_begun(v, l, reply_start(pane_store(v->pane), &req, &events, l, err));
}

/* Draft again. */
bool draft_live_again(struct draft_view *v, const char *say, struct error *err)
{
    struct draft_live *l = live_new(v);
    bool offline = v->model && str_eq(v->model, "offline");
    return live_begun(v, l, reply_again(pane_store(v->pane), v->id, say, offline ? NULL : v->model,
                                        offline, &events, l, err));
}

/* Rewrite a part as told. */
bool draft_live_instruct(struct draft_view *v, size_t from, size_t to, const char *say,
                         struct error *err)
{
    struct draft_live *l = live_new(v);
    bool offline = v->model && str_eq(v->model, "offline");
    return live_begun(v, l, reply_instruct(pane_store(v->pane), v->id, from, to, say,
                                           offline ? NULL : v->model, offline, &events, l, err));
}

/* The stream of a draft. */
struct draft_live *draft_live_of(int64_t draft)
{
    for (struct draft_live *l = lives; l && draft; l = l->next)
        if (l->draft == draft)
            return l;
    return NULL;
}

/* A pane shows it from now on. */
void draft_live_attach(struct draft_live *l, struct draft_view *v)
{
    if (l->view)
        l->view->live = NULL;
    l->view = v;
    v->live = l;
}

/* The pane goes; the stream runs on. */
void draft_live_detach(struct draft_view *v)
{
    if (v->live)
        v->live->view = NULL;
    v->live = NULL;
}

/* ---- asking ---- */

/* Releases a start. */
void draft_start_free(struct draft_start *s)
{
    if (!s)
        return;
    free(s->say);
    free(s->model);
    free(s->to);
    free(s->subject);
    free(s);
}

/* Hands the pending start over to the pane that opens. */
struct draft_start *draft_start_take(void)
{
    struct draft_start *s = pending;
    pending = NULL;
    return s;
}

/* A question that is open: what its answer begins. */
static struct {
    struct pane *pane;
    enum draft_kind kind;
    int64_t message;
    char *model, *to; /* own */
} asked;

/* Opens the draft pane that begins. */
static void open_start(struct pane *p, enum draft_kind kind, int64_t message, const char *say,
                       bool blank)
{
    draft_start_free(pending);
    pending = mem_alloc(sizeof *pending);
    pending->kind = kind;
    pending->message = message;
    pending->say = mem_strdup_maybe(say);
    pending->model = mem_strdup_maybe(asked.model);
    pending->to = mem_strdup_maybe(asked.to);
    pending->blank = blank;
    free(asked.model);
    free(asked.to);
    asked.model = asked.to = NULL;
    pane_open(p, "draft", "start");
}

/* Enter: drafts. */
static void on_say(void *state, const char *answer)
{
    (void)state;
    if (answer)
        open_start(asked.pane, asked.kind, asked.message, answer, false);
}

static void ask_again(void *state, const char *model);

/* C-x w: by hand; C-x m: another model. */
static bool on_say_key(void *state, const char *key, const char *text)
{
    (void)state;
    (void)text;
    if (str_eq(key, "w") || str_eq(key, "C-w")) {
        open_start(asked.pane, asked.kind, asked.message, NULL, true);
        return true;
    }
    if (str_eq(key, "m") || str_eq(key, "Enter")) {
        struct pane_question q = {.prompt = _("which model?"), .complete = "reply t1 --model ",
                                  .hint = _("Tab shows them; offline is always one"),
                                  .on_answer = ask_again};
        if (str_eq(key, "Enter"))
            open_start(asked.pane, asked.kind, asked.message, text, false);
        else
            pane_ask(asked.pane, &q);
        return true;
    }
    return false;
}

/* The question itself. */
static void ask(struct pane *p)
{
    bool offline = asked.model && str_eq(asked.model, "offline");
    char *where = asked.message ? reply_prompt(pane_store(p), asked.message,
                                               offline ? NULL : asked.model, offline)
                                : NULL;
    struct pane_question q = {
        .prompt = _("what shall it say?"), .hint = where ? where : _("Enter drafts  C-x w by hand"),
        .history = "say", .on_answer = on_say, .on_key = on_say_key};
    pane_ask(p, &q);
    free(where);
}

/* A model was chosen: asks what it shall say. */
static void ask_again(void *state, const char *model)
{
    (void)state;
    if (model && *model) {
        free(asked.model);
        asked.model = mem_strdup(model);
    }
    if (model)
        ask(asked.pane);
}

/* The reader is where one answers from: opens it above a list. */
static struct pane *reader_for(struct pane *p, int64_t thread)
{
    char id[32];
    if (!pane_is_list(p) || !thread)
        return p;
    snprintf(id, sizeof id, "t%lld", (long long)thread);
    struct pane *reader = pane_open(p, "thread", id);
    return reader ? reader : p;
}

/* Asks what it shall say. */
void pane_reply_ask(struct pane *p, enum draft_kind kind, int64_t message)
{
    asked.pane = p;
    asked.kind = kind;
    asked.message = message;
    ask(p);
}

/* Begins an empty one. */
void pane_reply_blank(struct pane *p, enum draft_kind kind, int64_t message)
{
    open_start(p, kind, message, NULL, true);
}

/* Opens the draft that waits. */
bool pane_reply_resume(struct pane *p, int64_t thread)
{
    char id[32];
    int64_t draft = thread ? draft_of_thread(store_reader(pane_store(p)), thread) : 0;
    if (!draft)
        return false;
    snprintf(id, sizeof id, "d%lld", (long long)draft);
    return pane_open(p, "draft", id) != NULL;
}

/* Whether a word is among the arguments. */
static bool has_word(size_t argc, const char *const *argv, const char *word)
{
    for (size_t i = 1; i < argc; i++)
        if (str_eq(argv[i], word))
            return true;
    return false;
}

/* The value behind an option; NULL. */
static const char *value_of(size_t argc, const char *const *argv, const char *option)
{
    for (size_t i = 1; i + 1 < argc; i++)
        if (str_eq(argv[i], option))
            return argv[i + 1];
    return NULL;
}

/* reply, compose, forward: the screen's way asks, then shows the text coming in. */
bool pane_reply_command(struct pane *p, int64_t thread, int64_t message, size_t argc,
                        const char *const *argv)
{
    bool reply = str_eq(argv[0], "reply"), forward = str_eq(argv[0], "forward");
    bool compose = str_eq(argv[0], "compose");
    const char *say = value_of(argc, argv, "--say"), *to = value_of(argc, argv, "--to");
    enum draft_kind kind = forward                            ? DRAFT_FORWARD
                           : compose                          ? DRAFT_NEW
                           : has_word(argc, argv, "--list")   ? DRAFT_REPLY_LIST
                           : has_word(argc, argv, "--all")    ? DRAFT_REPLY_ALL
                                                              : DRAFT_REPLY;
    char letter;
    int64_t number;
    if (!reply && !forward && !compose)
        return false;
    if (has_word(argc, argv, "--template") || has_word(argc, argv, "--tone"))
        return false;
    /* Named ids are the command's own affair unless one is the thread that is shown. */
    for (size_t i = 1; i < argc; i++)
        if (command_id(argv[i], &letter, &number) && (letter == 't' || letter == 'm')) {
            if (letter == 'm')
                message = number;
            else
                thread = number;
        }
    if (!compose && !thread && !message)
        return true;
    if (reply && !message && pane_reply_resume(reader_for(p, thread), thread))
        return true;
    if (!compose && !message)
        message = reply_target(store_reader(pane_store(p)), thread);
    p = compose ? p : reader_for(p, thread);
    free(asked.to);
    asked.to = mem_strdup_maybe(to);
    free(asked.model);
    asked.model = mem_strdup_maybe(value_of(argc, argv, "--model"));
    asked.pane = p;
    asked.kind = kind;
    asked.message = compose ? 0 : message;
    if (has_word(argc, argv, "--blank") || (compose && !say) || (forward && !say))
        open_start(p, kind, asked.message, NULL, true);
    else if (say)
        open_start(p, kind, asked.message, say, false);
    else
        ask(p);
    return true;
}

/* A mail that was taken back is a draft again. */
void pane_reply_result(struct pane *p, const char *command, const struct json *obj)
{
    const char *draft = json_get_text(obj, "draft"), *state = json_get_text(obj, "state");
    char letter;
    int64_t id;
    struct draft *d = NULL;
    struct error err = ERROR_INIT;
    if (!str_eq(command, "outbox") || !draft || !str_eq(state, "cancelled") ||
        !command_id(draft, &letter, &id) ||
        draft_get(store_reader(pane_store(p)), id, &d, &err) != STATUS_OK)
        return;
    if (d->thread && pane_kind(p) == &thread_pane)
        pane_thread_show(p, d->thread);
    else if (d->thread)
        p = reader_for(p, d->thread);
    draft_free(d);
    pane_open(p, "draft", draft);
}
