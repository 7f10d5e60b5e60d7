/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.c - one conversation: the turns above, the question being typed below.
 *
 * The turns are drawn once; while an answer streams only its open block is drawn anew with each
 * frame (text_mark, text_cut). Letters are commands while the keys are in the answer, they type
 * while they are in the box; C-x o and Tab change between. */
#include "chat/pane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/watch.h"
#include "chat/ask.h"
#include "chat/cite.h"
#include "chat/gather.h"
#include "chat/store.h"
#include "command/ids.h"
#include "store/store.h"
#include "store/textlog.h"
#include "tui/box.h"
#include "tui/canvas.h"
#include "tui/text.h"
#include "tui/textlive.h"

#define TURNS_SHOWN 400
#define INPUT_LOG "chat.input"

struct chat {
    struct pane *pane;  /* borrow */
    int64_t id;         /* 0: not asked anything yet */
    struct vec turns;   /* struct chat_turn */
    struct text *text;
    struct box *box;
    bool reading;       /* the keys are in the answer */
    struct vec about;   /* strv: what the next question is about */
    char *model;        /* own: chosen for this pane, NULL: by purpose */
    struct textlog_typist *typist;
    /* The answer that streams here. */
    struct ask_run *run;
    struct textlive live;
    char *title;          /* own: as it is stored; NULL: not yet */
    char *note;           /* own: status of the run: what goes where, waiting */
    char *asked;          /* own: the question under way; back to the box when it was not stored */
};

/* ---- drawing the turns ---- */

/* Draws all turns anew; the answer that streams is left to draw_live. */
static void build(struct chat *s)
{
    char id[COMMAND_ID_TEXT];
    text_clear(s->text);
    for (size_t i = 0; i < s->turns.len; i++) {
        const struct chat_turn *turn = vec_at(&s->turns, i);
        if (i > 0 && turn->mine)
            text_newline(s->text);
        text_item(s->text, command_id_text('x', turn->id, id));
        text_anchor(s->text, id);
        if (turn->mine)
            chat_view_question(s->text, turn);
        else if (!(turn->running && s->run))
            chat_view_answer(s->text, turn);
        else
            continue;
        if (turn->running)
            text_streaming(s->text, true);
    }
    if (s->run)
        textlive_begin(&s->live, s->text);
}

/* Draws what came: finished blocks for good, the open one anew. */
static void draw_live(struct chat *s)
{
    size_t n;
    if (!s->run)
        return;
    const char *all = ask_text(s->run, &n);
    textlive_draw(&s->live, s->text, all, n);
}

/* The stored title. */
static bool take_title(void *user, const struct chat_row *r)
{
    struct chat *s = user;
    free(s->title);
    s->title = mem_strdup(r->title);
    return true;
}

/* Reads it. */
static void load_title(struct chat *s)
{
    struct error ignored = ERROR_INIT;
    if (chat_get(store_reader(pane_store(s->pane)), s->id, take_title, s, &ignored) != STATUS_OK)
        pane_dirty(s->pane);
}

/* Reads the turns of the conversation. */
static void load(struct chat *s)
{
    struct error err = ERROR_INIT;
    struct vec turns;
    if (s->id == 0)
        return;
    if (chat_path(store_reader(pane_store(s->pane)), s->id, 0, TURNS_SHOWN, &turns, &err) !=
        STATUS_OK)
        pane_error(s->pane, &err);
    vec_fini(&s->turns);
    s->turns = turns;
    load_title(s);
    build(s);
    pane_dirty(s->pane);
}

/* The newest answer; NULL when there is none. */
static const struct chat_turn *last_answer(const struct chat *s)
{
    for (size_t i = s->turns.len; i-- > 0;) {
        const struct chat_turn *t = vec_at(&s->turns, i);
        if (!t->mine)
            return t;
    }
    return NULL;
}

/* The turn the person is at: the selected one, else the newest answer. */
static const struct chat_turn *current_turn(const struct chat *s)
{
    const char *id = text_selected(s->text);
    for (size_t i = 0; id && i < s->turns.len; i++) {
        const struct chat_turn *t = vec_at(&s->turns, i);
        if (t->id == strtoll(id + 1, NULL, 10))
            return t;
    }
    return last_answer(s);
}

/* ---- the input ---- */

/* The typist asks for the text of the box. */
static void input_text(void *user, struct str *out, int64_t *cursor)
{
    const struct chat *s = user;
    str_puts(out, box_text(s->box));
    *cursor = (int64_t)box_point(s->box);
}

/* The box changed: it is stored within 300 ms. */
static void input_changed(void *user)
{
    struct chat *s = user;
    textlog_typist_touch(s->typist);
}

/* Takes what was typed before a crash back into the box, and begins to log. */
static void begin_input(struct chat *s)
{
    struct error err = ERROR_INIT;
    struct str text = STR_INIT;
    int64_t cursor = -1;
    if (textlog_read(store_reader(pane_store(s->pane)), INPUT_LOG, s->id, "", &text, &cursor, &err) !=
        STATUS_OK)
        str_clear(&text);
    s->typist = textlog_typist_new(pane_store(s->pane), INPUT_LOG, s->id, str_text(&text), 0,
                                   input_text, s);
    if (text.len > 0) {
        box_set(s->box, str_text(&text), cursor < 0 ? text.len : (size_t)cursor);
        s->reading = false; /* one goes on where one was */
    }
    str_fini(&text);
}

/* The log of an input that was sent. */
struct sent {
    int64_t ref;
};

/* The operation that forgets it: the question stands in its turn now. */
static enum status write_sent(struct db *db, void *record, struct error *err)
{
    return textlog_clear(db, INPUT_LOG, ((struct sent *)record)->ref, err);
}

static const struct store_op sent_op = {"chat sent", OP_PERSON, write_sent, free};

/* Empties the box and its log. */
static void clear_input(struct chat *s)
{
    struct sent *r = mem_alloc(sizeof *r);
    textlog_typist_flush(s->typist);
    r->ref = s->id;
    store_post(pane_store(s->pane), &sent_op, r, NULL, NULL);
    textlog_typist_rebase(s->typist, "");
    box_remember(s->box);
    box_set(s->box, "", 0);
}

/* ---- asking ---- */

/* Sets the words of the status row. */
static void set_note(struct chat *s, char *taken)
{
    free(s->note);
    s->note = taken;
    pane_dirty(s->pane);
}

/* Question and answer are stored: the pane knows its conversation. */
static void on_turn(void *user, int64_t chat, int64_t question, int64_t answer)
{
    struct chat *s = user;
    (void)question;
    (void)answer;
    if (s->id != chat) {
        textlog_typist_free(s->typist);
        s->id = chat;
        s->typist = textlog_typist_new(pane_store(s->pane), INPUT_LOG, chat, "", 0, input_text, s);
        textlog_typist_touch(s->typist);
    }
    load(s);
}

/* Bytes are about to leave. */
static void on_egress(void *user, const char *where, int passages, int64_t bytes)
{
    struct chat *s = user;
    if (where && *where && passages == 0)
        set_note(s, str_format(_("the question went to %s"), where));
    else if (where && *where)
        set_note(s, str_format(P_("%d passage (%lld KB) went to %s", "%d passages (%lld KB) went to %s",
                                  passages),
                               passages, (long long)((bytes + 999) / 1000), where));
}

/* A piece of the answer. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct chat *s = user;
    (void)text;
    (void)n;
    textlive_more(&s->live, s->pane);
}

/* Waiting, or silence. */
static void on_wait(void *user, int seconds, const char *why)
{
    struct chat *s = user;
    set_note(s, seconds > 0 ? str_format(_("trying again in %d s: %s   C-c stops"), seconds, why)
                            : str_format(_("%s   C-c stops"), why));
}

/* The answer has ended and is stored. */
static void on_done(void *user, const struct ask_answer *a)
{
    struct chat *s = user;
    s->run = NULL;
    if (error_is(&a->error) && a->state != MODEL_CANCELLED)
        pane_error(s->pane, &a->error);
    if (a->model->prompt_lost)
        pane_say(s->pane, "%s", _("the server took only a part of the question: its window is too "
                                  "small for what was sent"));
    if (a->turn == 0 && *box_text(s->box) == 0 && s->asked) {
        box_set(s->box, s->asked, strlen(s->asked));
        textlog_typist_touch(s->typist);
    }
    load(s);
    if (s->id == 0)
        build(s);
    pane_dirty(s->pane);
}

static const struct ask_events events = {.on_turn = on_turn,
                                         .on_egress = on_egress,
                                         .on_delta = on_delta,
                                         .on_wait = on_wait,
                                         .on_done = on_done};

/* Takes "@m212" words of the question as what it is about. */
static void take_mentions(const char *text, struct vec *about)
{
    for (const char *p = strchr(text, '@'); p; p = strchr(p + 1, '@')) {
        char letter;
        int64_t number;
        if (p > text && p[-1] != ' ' && p[-1] != '\n')
            continue;
        char *id = mem_strndup(p + 1, strcspn(p + 1, " ,;.?!\n\t"));
        if (command_id(id, &letter, &number))
            strv_push(about, id);
        free(id);
    }
}

/* Starts a question; false: it could not be (said). */
static bool start(struct chat *s, const char *text, int64_t parent)
{
    struct error err = ERROR_INIT;
    struct vec about;
    strv_init(&about);
    for (size_t i = 0; i < s->about.len; i++)
        strv_push(&about, strv_at(&s->about, i));
    take_mentions(text, &about);
    struct ask_request req = {.text = text,
                              .chat = s->id,
                              .parent = parent,
                              .about = &about,
                              .office = about.len == 0,
                              .keep = true,
                              .titled = true,
                              .model = s->model};
    set_note(s, NULL);
    s->run = ask_start(pane_store(s->pane), &req, &events, s, &err);
    free(s->asked);
    s->asked = mem_strdup(text);
    if (!s->run)
        pane_error(s->pane, &err);
    vec_fini(&about);
    build(s);
    return s->run != NULL;
}

/* Enter in the box. */
static void send_input(void *user)
{
    struct chat *s = user;
    const char *text = box_text(s->box);
    if (text[strspn(text, " \t\n")] == 0)
        return;
    if (s->run) {
        pane_say(s->pane, "%s", _("still answering; C-c stops it, your question stays here"));
        return;
    }
    char *question = mem_strdup(text);
    if (start(s, question, -1))
        clear_input(s);
    free(question);
}

/* C-x a: the last question again, as a branch of its own. */
static void ask_again(struct chat *s)
{
    for (size_t i = s->turns.len; !s->run && i-- > 0;) {
        const struct chat_turn *t = vec_at(&s->turns, i);
        if (t->mine) {
            char *text = mem_strdup(t->text);
            start(s, text, t->parent);
            free(text);
            return;
        }
    }
    pane_say(s->pane, "%s", s->run ? _("still answering; C-c stops it")
                                   : _("there is no question to ask again"));
}

/* The name of a model was typed. */
static void take_model(void *state, const char *answer)
{
    struct chat *s = state;
    if (!answer)
        return;
    free(s->model);
    s->model = *answer ? mem_strdup(answer) : NULL;
    pane_dirty(s->pane);
}

/* C-x m: another model, or offline, for this conversation. */
static void ask_model(struct chat *s)
{
    struct pane_question q = {.prompt = _("model:"),
                              .hint = _("empty: the usual one; offline is always one"),
                              .initial = s->model,
                              .history = "model",
                              .complete = "reply t1 --model ",
                              .on_answer = take_model};
    pane_ask(s->pane, &q);
}

/* The external editor gave the question back. */
static void take_edited(void *state, const char *text)
{
    struct chat *s = state;
    if (!text)
        return;
    box_set(s->box, text, strlen(text));
    textlog_typist_touch(s->typist);
    pane_dirty(s->pane);
}

/* C-x k: the text is put aside, the box is empty. */
static void stash(struct chat *s)
{
    const char *text = box_text(s->box);
    if (text[strspn(text, " \t\n")] == 0)
        return;
    chat_stash_text(pane_store(s->pane), text);
    clear_input(s);
    pane_say(s->pane, "%s", _("put aside   C-x l lists what is"));
}

void chat_take_text(void *state, const char *text)
{
    struct chat *s = state;
    char *copy = mem_strdup(text);
    stash(s);
    s->reading = false;
    box_set(s->box, copy, strlen(copy));
    textlog_typist_touch(s->typist);
    pane_dirty(s->pane);
    free(copy);
}

/* ---- the pane ---- */

/* Esc, C-g, C-x q in the box: the keys go to the answer. */
static void leave_input(void *user)
{
    struct chat *s = user;
    s->reading = s->turns.len > 0 || s->run;
    if (!s->reading)
        pane_close(s->pane);
    else
        pane_dirty(s->pane);
}

/* A conversation by its argument: "", "c7", "x31", "about t5", "ask TEXT". */
static bool take_arg(struct chat *s, const char *arg)
{
    struct error err = ERROR_INIT;
    struct db *db = store_reader(pane_store(s->pane));
    char letter = 0;
    int64_t number = 0;
    if (str_starts(arg, "about ")) {
        for (const char *p = arg + 6; *p;) {
            char *id = mem_strndup(p, strcspn(p, " "));
            if (*id)
                strv_push(&s->about, id);
            p += strlen(id) + (p[strlen(id)] == ' ');
            free(id);
        }
        return true;
    }
    if (!command_id(arg, &letter, &number))
        return *arg == 0 || str_starts(arg, "ask ");
    s->id = letter == 'x' ? chat_of_turn(db, number) : number;
    enum status st = chat_path(db, s->id, letter == 'x' ? chat_leaf(db, number) : 0, TURNS_SHOWN,
                               &s->turns, &err);
    if (st != STATUS_OK || s->turns.len == 0) {
        pane_say(s->pane, _("there is no conversation %s"), arg);
        return false;
    }
    s->reading = true;
    load_title(s);
    const struct chat_turn *last = last_answer(s);
    s->run = last && last->running ? ask_find(last->id) : NULL;
    if (s->run)
        ask_listen(s->run, &events, s);
    return true;
}

/* Pane: ends; an answer under way goes on and is stored. */
static void chat_free(void *state)
{
    struct chat *s = state;
    if (s->run)
        ask_forget(s->run);
    textlive_fini(&s->live);
    textlog_typist_free(s->typist);
    box_free(s->box);
    text_free(s->text);
    vec_fini(&s->turns);
    vec_fini(&s->about);
    free(s->model);
    free(s->title);
    free(s->note);
    free(s->asked);
    free(s);
}

/* Tab behind "@word": what it may mean. One thing is put in, several are shown. */
static void complete_mention(void *user, const char *text, size_t start, size_t point,
                             struct vec *out)
{
    const struct chat *s = user;
    if (text[start] != '@')
        return;
    char *word = mem_strndup(text + start + 1, point - start - 1);
    chat_mentions(store_reader(pane_store(s->pane)), word, out);
    free(word);
}

/* Pane: begins. */
static void *chat_new(struct pane *p, const char *arg)
{
    static const struct box_events box_events = {
        .complete = complete_mention, .on_change = input_changed, .on_enter = send_input, .on_leave = leave_input};
    struct chat *s = mem_alloc(sizeof *s);
    s->pane = p;
    vec_init(&s->turns, sizeof(struct chat_turn), chat_turn_fini_item);
    strv_init(&s->about);
    s->text = text_new();
    s->box = box_new(BOX_LINE, &box_events, s);
    box_set_prompt(s->box, "> ");
    box_set_history(s->box, "chat");
    box_set_breaks(s->box, " \t\n");
    arg = arg ? arg : "";
    if (!take_arg(s, arg)) {
        chat_free(s);
        return NULL;
    }
    text_select_items(s->text, true);
    begin_input(s);
    build(s);
    if (str_starts(arg, "ask "))
        start(s, arg + 4, -1);
    if (str_starts(arg, "x"))
        text_jump(s->text, arg);
    return s;
}

/* Pane: something changed. What streams here is drawn by its own events. */
static void chat_reload(void *state, unsigned bits)
{
    struct chat *s = state;
    (void)bits;
    if (!s->run)
        load(s);
}

/* The head row: title, id, model, forks. */
static void draw_head(struct chat *s, struct canvas *c)
{
    struct str right = STR_INIT;
    char id[COMMAND_ID_TEXT];
    const struct chat_turn *last = last_answer(s);
    int64_t forks = 0;
    for (size_t i = 0; i < s->turns.len; i++)
        forks += ((struct chat_turn *)vec_at(&s->turns, i))->siblings - 1;
    if (s->id)
        str_addf(&right, "%s  ", command_id_text('c', s->id, id));
    if (last)
        str_addf(&right, "%s", *last->model ? last->model : last->provider);
    if (forks > 0)
        str_addf(&right, P_("  %lld fork", "  %lld forks", forks), (long long)forks);
    int width = (int)right.len + 1 < c->cols / 2 ? (int)right.len + 1 : c->cols / 2;
    const char *title = s->title ? s->title : _("New question");
    canvas_clear_row(c, 0);
    canvas_column(c, 0, 1, c->cols - width - 3, STYLE_BOLD, CUT_END | CANVAS_FOREIGN, title);
    canvas_column(c, 0, c->cols - width - 1, width, STYLE_DIM, CUT_END | ALIGN_RIGHT | CANVAS_FOREIGN,
                  str_text(&right));
    str_fini(&right);
}

/* Pane: draws head, turns, input. */
static void chat_draw(void *state, struct canvas *c, bool focused)
{
    struct chat *s = state;
    int height = box_height(s->box, c->cols - 2), most = c->rows / 3 > 1 ? c->rows / 3 : 1;
    if (height > most)
        height = most;
    int gap = c->rows >= 12 ? 1 : 0, head = c->rows >= 6 ? 1 : 0;
    int rows = c->rows - head - gap - height;
    draw_live(s);
    canvas_clear(c);
    if (head)
        draw_head(s, c);
    struct canvas body = canvas_sub(c, head, 1, rows > 0 ? rows : 0, c->cols - 2);
    if (s->turns.len == 0 && !s->run) {
        canvas_text(&body, 1, 0, STYLE_DIM,
                    s->about.len ? _("Your question about it; Enter asks.")
                                 : _("Your question; Enter asks all your mail, notes and "
                                     "conversations."));
        canvas_text(&body, 2, 0, STYLE_DIM, _("@m12 in it: only about that."));
    } else
        text_draw(s->text, &body, focused && s->reading);
    struct canvas input = canvas_sub(c, c->rows - height, 1, height, c->cols - 2);
    box_draw(s->box, &input, focused && !s->reading);
}

/* Opens source [n] of the visible answer, or of the selected turn. */
static bool open_source(struct chat *s, int n)
{
    const char *ref = text_ref_at(s->text, n);
    char *id = ref ? mem_strdup(ref) : NULL;
    if (!id)
        pane_say(s->pane, "%s", _("no source here; o and its number opens one"));
    else if (!pane_open_id(s->pane, id))
        pane_say(s->pane, _("%s cannot be opened here"), id);
    free(id);
    return true;
}

/* The branch beside the one shown becomes the conversation's. */
static bool go_sibling(struct chat *s, int step)
{
    struct db *db = store_reader(pane_store(s->pane));
    char id[COMMAND_ID_TEXT];
    for (size_t i = s->turns.len; i-- > 0;) {
        const struct chat_turn *t = vec_at(&s->turns, i);
        int64_t beside = t->siblings > 1 ? chat_sibling(db, t->id, step) : 0;
        if (!beside)
            continue;
        pane_runf(s->pane, "chat fork %s", command_id_text('x', chat_leaf(db, beside), id));
        return true;
    }
    pane_say(s->pane, "%s", _("there is no other branch on that side"));
    return true;
}

/* Pane: motion, sources, branches, stopping. */
static bool chat_verb(void *state, enum pane_verb verb, int arg)
{
    struct chat *s = state;
    switch (verb) {
    case PANE_OPEN:
        return open_source(s, arg);
    case PANE_STOP:
        if (!s->run)
            return false;
        ask_cancel(s->run);
        return true;
    case PANE_UNREAD_PREV:
        return go_sibling(s, -1);
    case PANE_UNREAD_NEXT:
        return go_sibling(s, 1);
    case PANE_ITEM_NEXT:
        return text_verb(s->text, PANE_DOWN, 0);
    case PANE_ITEM_PREV:
        return text_verb(s->text, PANE_UP, 0);
    case PANE_UP:
    case PANE_DOWN: { /* by lines; J and K go by turns */
        text_select_items(s->text, false);
        bool done = text_verb(s->text, verb, arg);
        text_select_items(s->text, true);
        return done;
    }
    default:
        return text_verb(s->text, verb, arg);
    }
}

/* Pane: what other panes' commands mean here. */
static bool chat_command(void *state, size_t argc, const char *const *argv)
{
    struct chat *s = state;
    char id[COMMAND_ID_TEXT];
    const char *verb = argc > 1 ? argv[1] : "";
    if (str_eq(argv[0], "other-pane")) {
        s->reading = !s->reading && s->turns.len > 0;
        pane_dirty(s->pane);
        return true;
    }
    if (str_eq(argv[0], "reply") && argc == 1) {
        s->reading = false;
        pane_dirty(s->pane);
        return true;
    }
    if (str_eq(argv[0], "chat") && str_eq(verb, "fork") && argc == 2) {
        const struct chat_turn *t = current_turn(s);
        if (t)
            pane_runf(s->pane, "chat fork %s", command_id_text('x', t->id, id));
        s->reading = false;
        return true;
    }
    if (str_eq(argv[0], "chat") && str_eq(verb, "delete") && argc == 2) {
        if (s->id)
            pane_runf(s->pane, "chat delete %s", command_id_text('c', s->id, id));
        pane_close(s->pane);
        return true;
    }
    if (!str_eq(argv[0], "text") && !str_eq(argv[0], "chat"))
        return false;
    if (str_eq(verb, "again"))
        ask_again(s);
    else if (str_eq(verb, "model"))
        ask_model(s);
    else if (str_eq(verb, "done"))
        send_input(s);
    else if (str_eq(verb, "stash"))
        stash(s);
    else if (str_eq(verb, "stashes"))
        pane_open(s->pane, "chat stashes", NULL);
    else if (str_eq(verb, "earlier") || str_eq(verb, "later"))
        go_sibling(s, str_eq(verb, "later") ? 1 : -1);
    else if (str_eq(verb, "edit"))
        pane_edit(s->pane, box_text(s->box), ".md", take_edited);
    else
        return false;
    return true;
}

/* Pane: the box has the keys unless the answer is read. */
static struct box *chat_box(void *state)
{
    struct chat *s = state;
    return s->reading ? NULL : s->box;
}

/* Pane: what commands work on: the turn. */
static void chat_target(void *state, struct vec *ids)
{
    struct chat *s = state;
    char id[COMMAND_ID_TEXT];
    const struct chat_turn *t = current_turn(s);
    if (t)
        strv_push(ids, command_id_text('x', t->id, id));
}

/* Pane: what is searched, and where it goes. */
static void chat_status(void *state, struct str *out)
{
    struct chat *s = state;
    struct model_choice m;
    model_choose(pane_store(s->pane), "ask", s->model, false, &m);
    if (s->note) {
        str_puts(out, s->note);
        if (s->run)
            str_addf(out, "  %s", _("answering"));
        return;
    }
    if (s->about.len > 0) {
        char *what = strv_join(&s->about, ", ");
        str_addf(out, _("about %s"), what);
        free(what);
    } else
        str_puts(out, _("searches mail, notes, chats"));
    if (m.offline)
        str_addf(out, "  %s", model_offline_words());
    else if (m.local)
        str_addf(out, _("; passages go to %s on this machine"), m.name);
    else
        str_addf(out, _("; passages go to %s at %s"), m.name, m.host);
}

/* Pane: keys of the box, which the keymap does not know. */
static void chat_hints(void *state, struct str *out)
{
    struct chat *s = state;
    if (s->run)
        str_puts(out, _("C-c stop  "));
    if (s->reading)
        str_puts(out, _("Tab question  o1 source  y copy  q back  J K turn  f fork  , . branch"));
    else
        str_puts(out, _("Enter send  C-j new line  @ Tab add  C-x o answer  C-x a again  C-x m model  C-x k stash"));
}

/* Pane: "/". */
static bool chat_search(void *state, const char *needle, int direction)
{
    return text_search(((struct chat *)state)->text, needle, direction);
}

/* Pane: y copies the turn as it was written. */
static void chat_copy(void *state, struct str *out)
{
    const struct chat_turn *t = current_turn(state);
    if (t)
        str_puts(out, t->text);
}

/* Pane: the way back here. */
static void chat_place(void *state, struct str *out)
{
    struct chat *s = state;
    char id[COMMAND_ID_TEXT];
    if (s->id)
        str_puts(out, command_id_text('c', s->id, id));
    else if (s->about.len > 0) {
        char *what = strv_join(&s->about, " ");
        str_addf(out, "about %s", what);
        free(what);
    }
}

const struct pane_ops chat_pane = {.name = "chat",
                                   .title = N_("Conversation"),
                                   .keys = KEYS_CHAT,
                                   .watch = WATCH_CHAT | WATCH_CONFIG,
                                   .opens = "cx",
                                   .new_state = chat_new,
                                   .free = chat_free,
                                   .reload = chat_reload,
                                   .draw = chat_draw,
                                   .verb = chat_verb,
                                   .command = chat_command,
                                   .box = chat_box,
                                   .target = chat_target,
                                   .status = chat_status,
                                   .hints = chat_hints,
                                   .search = chat_search,
                                   .copy = chat_copy,
                                   .place = chat_place};
