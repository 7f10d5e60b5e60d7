/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_reply.c - "what shall it say?", and the streams that write drafts.
 *
 * A stream belongs to no pane: it is a record in a list here, which a draft pane attaches to while
 * it shows that draft. Closing the pane, changing the tab or losing the line leaves it running. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "command/command.h"
#include "inbox/pane_draft.h"
#include "inbox/pane_inside.h"
#include "mail/store.h"
#include "office/mailto.h"
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
static void on_egress(void *user, const char *where, int passages, int64_t bytes)
{
    struct draft_live *l = user;
    free(l->egress);
    l->egress = str_format(P_("%d message (%lld bytes) to %s", "%d messages (%lld bytes) to %s",
                              passages),
                           passages, (long long)bytes, where);
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
    struct reply_request req = {.kind = s->kind,
                                .message = s->message,
                                .part = s->part,
                                .say = s->values[START_SAY],
                                .model = s->values[START_MODEL],
                                .to = s->values[START_TO],
                                .cc = s->values[START_CC],
                                .bcc = s->values[START_BCC],
                                .subject = s->values[START_SUBJECT],
                                .from = s->values[START_FROM],
                                .as = s->values[START_AS],
                                .body = s->values[START_BODY],
                                .in_reply_to = s->values[START_ANSWERED],
                                .files = s->files.len ? &s->files : NULL,
                                .blank = s->blank,
                                .without_files = s->without_files,
                                .as_new = s->as_new};
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

/* An empty start. */
static struct draft_start *start_new(enum draft_kind kind, int64_t message)
{
    struct draft_start *s = mem_alloc(sizeof *s);
    s->kind = kind;
    s->message = message;
    strv_init(&s->files);
    return s;
}

/* Sets a text of it. */
static void start_set(struct draft_start *s, enum draft_value which, const char *value)
{
    free(s->values[which]);
    s->values[which] = mem_strdup_maybe(value);
}

/* Releases a start. */
void draft_start_free(struct draft_start *s)
{
    if (!s)
        return;
    for (int i = 0; i < START_VALUES; i++)
        free(s->values[i]);
    vec_fini(&s->files);
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
    struct draft_start *start; /* own; NULL: no question */
} asked;

/* Keeps what is asked about. */
static void ask_for(struct pane *p, struct draft_start *s)
{
    draft_start_free(asked.start);
    asked.pane = p;
    asked.start = s;
}

/* Opens the draft pane that begins with what was asked for. */
static void open_start(const char *say, bool blank)
{
    if (!asked.start)
        return;
    draft_start_free(pending);
    pending = asked.start;
    asked.start = NULL;
    if (say)
        start_set(pending, START_SAY, say);
    pending->blank = blank;
    pane_open(asked.pane, "draft", "start");
}

/* Enter: drafts. */
static void on_say(void *state, const char *answer)
{
    (void)state;
    if (answer)
        open_start(answer, false);
}

static void ask_again(void *state, const char *model);

/* C-x w: by hand; C-x m: another model. */
static bool on_say_key(void *state, const char *key, const char *text)
{
    (void)state;
    (void)text;
    if (str_eq(key, "w") || str_eq(key, "C-w")) {
        open_start(NULL, true);
        return true;
    }
    if (str_eq(key, "m") || str_eq(key, "Enter")) {
        struct pane_question q = {.prompt = _("which model?"), .complete = "reply t1 --model ",
                                  .hint = _("Tab shows them; offline is always one"),
                                  .on_answer = ask_again};
        if (str_eq(key, "Enter"))
            open_start(text, false);
        else
            pane_ask(asked.pane, &q);
        return true;
    }
    return false;
}

/* "Tom Berger, 12 Nov": the mail that is meant, when it is not the one that its conversation waits for
 * an answer to; false when it is. */
static bool whose(struct store *s, int64_t message, struct str *out)
{
    struct mail_row row;
    struct error gone = ERROR_INIT;
    if (!message || mail_row_get(store_reader(s), message, &row, &gone) != STATUS_OK)
        return false;
    bool other = reply_target(store_reader(s), row.thread) != message;
    if (other) {
        str_puts(out, *row.from_name ? row.from_name : row.from_address);
        str_puts(out, ", ");
        pane_words_when(row.date, clock_now(), out);
    }
    mail_row_fini(&row);
    return other;
}

/* By hand nothing is asked: a line says which mail is meant when that is not the usual one. */
static void tell_whose(struct pane *p, bool forward, int64_t message)
{
    struct str who = STR_INIT;
    if (whose(pane_store(p), message, &who))
        pane_say(p, forward ? _("forwards the mail of %s") : _("answers the mail of %s"), str_text(&who));
    str_fini(&who);
}

/* The question itself. */
static void ask(struct pane *p)
{
    const char *model = asked.start->values[START_MODEL];
    bool offline = str_eq(model, "offline");
    char *where = asked.start->message ? reply_prompt(pane_store(p), asked.start->message,
                                                      offline ? NULL : model, offline)
                                       : NULL;
    struct str who = STR_INIT;
    char *prompt = whose(pane_store(p), asked.start->message, &who)
                       ? str_format(_("mail of %s: what shall it say?"), str_text(&who))
                       : mem_strdup(_("what shall it say?"));
    struct pane_question q = {
        .prompt = prompt, .hint = where ? where : _("Enter drafts  C-x w by hand"),
        .history = "say", .on_answer = on_say, .on_key = on_say_key};
    pane_ask(p, &q);
    str_fini(&who);
    free(prompt);
    free(where);
}

/* A model was chosen: asks what it shall say. */
static void ask_again(void *state, const char *model)
{
    (void)state;
    if (model && asked.start) {
        if (*model)
            start_set(asked.start, START_MODEL, model);
        ask(asked.pane);
    }
}

/* The reader is where one answers from: opens it above a list. */
static struct pane *reader_for(struct pane *p, int64_t thread)
{
    char id[32];
    if (!pane_is_list(p) || !thread)
        return p;
    snprintf(id, sizeof id, "t%lld", (long long)thread);
    struct pane *reader = pane_open(p, "thread", id);
    if (reader)
        pane_thread_seen(reader);
    return reader ? reader : p;
}

/* Asks what it shall say. */
void pane_reply_ask(struct pane *p, enum draft_kind kind, int64_t message)
{
    ask_for(p, start_new(kind, message));
    ask(p);
}

/* Begins an empty one. */
void pane_reply_blank(struct pane *p, enum draft_kind kind, int64_t message)
{
    ask_for(p, start_new(kind, message));
    open_start(NULL, true);
}

/* Opens a draft that waits; false when there is none. */
static bool resume(struct pane *p, int64_t draft)
{
    char id[32];
    snprintf(id, sizeof id, "d%lld", (long long)draft);
    return draft && pane_open(p, "draft", id) != NULL;
}

/* The conversation of a mail; 0 when it is gone. */
static int64_t thread_of(struct db *db, int64_t message)
{
    struct mail_row row;
    struct error gone = ERROR_INIT;
    if (mail_row_get(db, message, &row, &gone) != STATUS_OK)
        return 0;
    int64_t thread = row.thread;
    mail_row_fini(&row);
    return thread;
}

/* What waits is gone on with where the command means it: by reply the answer to the mail that is meant, by
 * a bare forward what is forwarded (of the mail the person has turned to, if any). */
static bool resume_waiting(struct pane *p, int64_t thread, int64_t turned, bool forward, bool bare)
{
    struct db *db = store_reader(pane_store(p));
    int64_t draft = forward ? bare ? draft_forward_of(db, thread, turned) : 0
                            : draft_reply_of(db, thread, turned ? turned : reply_target(db, thread));
    return draft && resume(reader_for(p, thread), draft);
}

/* An answer begins: anything else that waits there may go to other people; it is named and left alone. */
static void tell_waiting(struct pane *p, int64_t thread)
{
    struct db *db = store_reader(pane_store(p));
    int64_t answer = draft_reply_of(db, thread, 0), away = draft_forward_of(db, thread, 0);
    if (answer)
        pane_say(p, _("another reply waits in this conversation: d%lld, D shows it"), (long long)answer);
    else if (away)
        pane_say(p, _("a forward waits, too: d%lld, f resumes it"), (long long)away);
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

/* Fills a start from the options of a command line. */
static void take_options(struct draft_start *s, size_t argc, const char *const *argv)
{
    static const struct {
        const char *option;
        enum draft_value value;
    } options[] = {{"--say", START_SAY}, {"--model", START_MODEL}, {"--to", START_TO},
                   {"--cc", START_CC},   {"--bcc", START_BCC},     {"--subject", START_SUBJECT},
                   {"--from", START_FROM}, {"--as", START_AS}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const char *value = value_of(argc, argv, options[i].option);
        if (value)
            start_set(s, options[i].value, value);
    }
    for (size_t i = 1; i + 1 < argc; i++)
        if (str_eq(argv[i], "--attach"))
            strv_push(&s->files, argv[i + 1]);
    long long part;
    if (value_of(argc, argv, "--part") && str_to_int64(value_of(argc, argv, "--part"), &part) && part > 0)
        s->part = (int)part;
    s->without_files = has_word(argc, argv, "--no-files");
}

/* What a mailto: link says; false (told) when it may not be. */
static bool take_link(struct pane *p, struct draft_start *s, const char *link)
{
    struct mailto m;
    struct error err = ERROR_INIT;
    bool good = mailto_parse(link, &m, &err) == STATUS_OK;
    if (!good) {
        pane_error(p, &err);
    } else {
        start_set(s, START_TO, str_text(&m.to));
        start_set(s, START_CC, str_text(&m.cc));
        start_set(s, START_BCC, str_text(&m.bcc));
        start_set(s, START_SUBJECT, m.subject);
        start_set(s, START_BODY, m.body);
        start_set(s, START_ANSWERED, m.in_reply_to);
        if (m.ignored.len)
            pane_say(p, _("the link's field “%s” is ignored: a link may not set it"),
                     strv_at(&m.ignored, 0));
    }
    mailto_fini(&m);
    return good;
}

/* A new mail, by hand unless it is said what it shall say. */
static void compose(struct pane *p, size_t argc, const char *const *argv)
{
    struct draft_start *s = start_new(DRAFT_NEW, 0);
    if (argc > 1 && mailto_is(argv[1]) && !take_link(p, s, argv[1])) {
        draft_start_free(s);
        return;
    }
    take_options(s, argc, argv);
    bool said = s->values[START_SAY] != NULL;
    ask_for(p, s);
    open_start(NULL, !said);
}

/* A stored mail as a new one; a draft that is continued already is opened. */
static void edit_as_new(struct pane *p, int64_t message, size_t argc, const char *const *argv)
{
    char id[32];
    int64_t open = reply_continued(store_reader(pane_store(p)), message);
    if (open) {
        snprintf(id, sizeof id, "d%lld", (long long)open);
        pane_open(p, "draft", id);
        return;
    }
    struct draft_start *s = start_new(DRAFT_NEW, message);
    take_options(s, argc, argv);
    s->as_new = true;
    ask_for(p, s);
    open_start(NULL, true);
}

/* The kind of draft that a command begins. */
static enum draft_kind kind_of(size_t argc, const char *const *argv)
{
    return str_eq(argv[0], "forward")        ? DRAFT_FORWARD
           : has_word(argc, argv, "--list") ? DRAFT_REPLY_LIST
           : has_word(argc, argv, "--all")  ? DRAFT_REPLY_ALL
                                            : DRAFT_REPLY;
}

/* reply, compose, forward, edit-as-new: the screen's way asks, then shows the text coming in. */
bool pane_reply_command(struct pane *p, int64_t thread, int64_t message, size_t argc,
                        const char *const *argv)
{
    bool reply = str_eq(argv[0], "reply"), forward = str_eq(argv[0], "forward");
    bool as_new = str_eq(argv[0], "edit-as-new"), named = false;
    char letter;
    int64_t number;
    if (pane_sent_undo(p, argc, argv))
        return true;
    if (has_word(argc, argv, "--template") || has_word(argc, argv, "--tone"))
        return false;
    if (str_eq(argv[0], "compose")) {
        compose(p, argc, argv);
        return true;
    }
    if (!reply && !forward && !as_new)
        return false;
    /* Named ids are the command's own affair unless one is the thread that is shown. */
    for (size_t i = 1; i < argc; i++)
        if (command_id(argv[i], &letter, &number) && (letter == 't' || letter == 'm')) {
            if (letter == 'm') {
                message = number;
                named = true;
            } else {
                thread = number;
                message = 0;
            }
        }
    if (!thread && !message)
        return true;
    if (pane_kind(p) == &thread_pane)
        pane_thread_seen(p);
    struct db *db = store_reader(pane_store(p));
    if (as_new) {
        edit_as_new(p, message ? message : reply_newest(db, thread), argc, argv);
        return true;
    }
    bool inner = has_word(argc, argv, "--part");
    if (named || !thread)
        thread = thread_of(db, message);
    if (!named && !inner && resume_waiting(p, thread, message, forward, argc == 1))
        return true;
    if (!message)
        message = reply_target(db, thread);
    p = reader_for(p, thread);
    struct draft_start *s = start_new(kind_of(argc, argv), message);
    take_options(s, argc, argv);
    bool said = s->values[START_SAY] != NULL, blank = has_word(argc, argv, "--blank");
    ask_for(p, s);
    if (blank || said || forward)
        tell_whose(p, forward, message);
    if (!forward && thread)
        tell_waiting(p, thread);
    if (blank || (forward && !said))
        open_start(NULL, true);
    else if (said)
        open_start(NULL, false);
    else
        ask(p);
    return true;
}

/* A mail that was taken back is a draft again; the page of a list is shown whole. */
void pane_reply_result(struct pane *p, const char *command, const struct json *obj)
{
    const char *draft = json_get_text(obj, "draft"), *state = json_get_text(obj, "state");
    char letter;
    int64_t id;
    struct draft *d = NULL;
    struct error err = ERROR_INIT;
    const char *url = json_get_text(obj, "url");
    if (str_eq(command, "unsubscribe") && str_eq(json_get_text(obj, "way"), "link") && url) {
        pane_open(p, "address", url);
        return;
    }
    if (str_eq(command, "unsubscribe") && draft) {
        pane_open(p, "draft", draft);
        return;
    }
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
