/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_draft.c - writing: the text streams into the editor it will be edited in; every key is in
 * the store within a third of a second (draft_pen). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "command/command.h"
#include "inbox/pane_draft.h"
#include "inbox/pane_inside.h"
#include "office/outbox.h"
#include "office/people.h"
#include "store/store.h"

/* ---- the text ---- */

/* A key changed the text. */
static void on_change(void *user)
{
    struct draft_view *v = user;
    const char *text = box_text(v->body);
    v->fresh = false;
    if (v->pen && draft_pen_draft(v->pen)->state == DRAFT_APPROVED) /* elsewhere, while it was open here */
        pane_say(v->pane, "%s", _("it was approved; changing it takes it back"));
    if (v->pen && !draft_pen_set(v->pen, text, strlen(text), box_point(v->body)))
        pane_say(v->pane, "%s", _("it is on its way already: C-x u takes it back first"));
    if (v->pen && draft_pen_error(v->pen))
        pane_error(v->pane, draft_pen_error(v->pen));
    pane_dirty(v->pane);
}

/* Is a mail of it approved and still here? Then nothing changes it until that was taken back. */
static bool is_approved(const struct draft_view *v)
{
    return v->pen && draft_pen_draft(v->pen)->state == DRAFT_APPROVED;
}

/* "held until Mon 09:00: C-x u takes it back to edit". */
static bool held_words(void *user, const struct outbox_row *r)
{
    char when[CLOCK_TEXT];
    if (r->state == OUTBOX_HELD && r->send_at > clock_now())
        str_addf(user, _("held until %s: C-x u takes it back to edit"),
                 clock_moment(r->send_at, clock_now(), when));
    return true;
}

/* Appends why keys do not change it. */
static void add_held(const struct draft_view *v, struct str *out)
{
    struct error err = ERROR_INIT;
    if (outbox_get(store_reader(pane_store(v->pane)), draft_pen_draft(v->pen)->outbox, held_words, out, &err) ||
        !out->len)
        str_puts(out, _("it is on its way already: C-x u takes it back first"));
}

bool draft_view_refuses(struct draft_view *v)
{
    struct str words = STR_INIT;
    if (!is_approved(v))
        return false;
    add_held(v, &words);
    pane_say(v->pane, "%s", str_text(&words));
    str_fini(&words);
    return true;
}

void draft_view_unlock(struct draft_view *v)
{
    box_lock(v->body, v->shown_version != 0 || is_approved(v));
}

/* A key while the text is locked: an earlier version becomes the current one. */
static void on_locked(void *user)
{
    struct draft_view *v = user;
    if (draft_view_refuses(v))
        return;
    if (v->shown_version)
        draft_version_restore(v);
    else if (v->live)
        pane_say(v->pane, "%s", _("the text is still coming   C-c stops it, then type"));
}

/* Decoration: gaps, and facts that were not found. */
static void on_spans(void *user, const char *text, struct vec *out)
{
    struct draft_view *v = user;
    bool same = v->checked && str_eq(v->checked, text);
    size_t at = 0, len = 0, from = 0;
    if (same) {
        for (size_t i = 0; i < v->checks.items.len; i++) {
            const struct check *c = vec_at(&v->checks.items, i);
            if (!c->len || c->ok || c->at < from)
                continue;
            struct box_span *span = vec_push(out);
            span->start = c->at;
            span->len = c->len;
            span->style = c->kind == CHECK_GAP || c->kind == CHECK_FIELD ? STYLE_GAP
                                                                         : STYLE_WARN | STYLE_UNDERLINE;
            from = c->at + c->len;
        }
        return;
    }
    char *question = NULL;
    while (checks_gap(text, from, &at, &len, &question) && len) {
        free(question);
        struct box_span *span = vec_push(out);
        span->start = at;
        span->len = len;
        span->style = STYLE_GAP;
        from = at + len;
    }
}

static const struct box_events body_events = {
    .on_change = on_change, .on_locked = on_locked, .spans = on_spans};

/* Reads text and point from the pen when they differ from the box. */
void draft_view_read(struct draft_view *v)
{
    if (!v->pen || v->shown_version)
        return;
    const struct str *text = draft_pen_text(v->pen);
    if (!str_eq(box_text(v->body), str_text(text)))
        box_set(v->body, str_text(text), draft_pen_cursor(v->pen));
    draft_checks_read(v);
}

/* What was typed is stored: the status says so, what came in between is shown, and a send that waited for it goes on. */
static void on_written(void *user)
{
    struct draft_view *v = user;
    if (!v->live && draft_pen_saved(v->pen))
        draft_view_read(v); /* what another changed meanwhile */
    pane_dirty(v->pane);
    if (v->sending && draft_pen_error(v->pen)) { /* a full disk: the keys may not wait for it */
        v->sending = false;
        pane_error(v->pane, draft_pen_error(v->pen));
    } else {
        draft_send_look(v);
    }
}

/* Opens the pen of a draft. */
static bool open_pen(struct draft_view *v, int64_t id)
{
    struct error err = ERROR_INIT;
    v->id = id;
    v->pen = draft_pen_open(pane_store(v->pane), id, &err);
    if (!v->pen) {
        pane_error(v->pane, &err);
        return false;
    }
    draft_pen_on_written(v->pen, on_written, v);
    const struct str *text = draft_pen_text(v->pen);
    box_set(v->body, str_text(text), draft_pen_cursor(v->pen));
    draft_view_unlock(v);
    return true;
}

/* ---- the stream's news ---- */

/* The draft has an id now. */
void draft_view_exists(struct draft_view *v, int64_t draft)
{
    if (v->pen)
        return;
    if (open_pen(v, draft) && v->live && !v->live->blank) {
        box_lock(v->body, true);
        box_set_stream(v->body, strlen(box_text(v->body)));
    }
    pane_dirty(v->pane);
}

/* Text comes; what comes within a frame is put in at once. */
void draft_view_delta(struct draft_view *v, const char *text, size_t n)
{
    free(v->wait);
    v->wait = NULL;
    str_add(&v->incoming, text, n);
    pane_dirty(v->pane);
}

/* It appears where it will stay. */
static void take_incoming(struct draft_view *v)
{
    if (!v->incoming.len)
        return;
    size_t at = strlen(box_text(v->body));
    box_lock(v->body, true);
    box_insert(v->body, at, v->incoming.data, v->incoming.len);
    box_set_stream(v->body, at + v->incoming.len);
    str_clear(&v->incoming);
}

/* How a stream ended, in words. */
static void say_end(struct draft_view *v, const struct reply_result *r)
{
    if (r->error && error_is(r->error) && r->state != MODEL_CANCELLED) {
        pane_error(v->pane, r->error);
        return;
    }
    switch (r->state) {
    case MODEL_CUT:
        pane_say(v->pane, "%s", _("the answer was cut off: what came is kept   C-x a writes it again"));
        break;
    case MODEL_LIMITED:
        pane_say(v->pane, "%s", _("the answer met the model's limit: what came is kept"));
        break;
    case MODEL_FILTERED:
        pane_say(v->pane, "%s", _("the model's filter stopped the answer: what came is kept"));
        break;
    case MODEL_CANCELLED:
        pane_say(v->pane, "%s", _("stopped: the text is kept"));
        break;
    default:
        break;
    }
}

/* The stream has ended: the text is the person's. */
void draft_view_done(struct draft_view *v, const struct reply_result *r)
{
    size_t at = 0, len = 0;
    bool blank = !r->model && r->state == MODEL_COMPLETE;
    take_incoming(v);
    free(v->wait);
    v->wait = NULL;
    draft_view_unlock(v);
    box_set_stream(v->body, SIZE_MAX);
    if (!v->pen && r->draft)
        open_pen(v, r->draft);
    if (!v->pen) { /* no draft was made: nothing to write in */
        say_end(v, r);
        pane_close(v->pane);
        return;
    }
    draft_pen_reload(v->pen);
    draft_view_read(v);
    if (blank) {
        v->fresh = true;
        free(v->first_text);
        v->first_text = mem_strdup(box_text(v->body));
        if (v->head_for_new)
            draft_head_open(v, HEAD_TO);
    } else {
        const char *text = box_text(v->body);
        char *question = NULL;
        bool gap = checks_gap(text, 0, &at, &len, &question) && len;
        if (gap)
            free(question);
        box_set_point(v->body, gap ? at : strlen(text));
        draft_pen_move(v->pen, box_point(v->body));
        say_end(v, r);
    }
    pane_dirty(v->pane);
}

/* ---- the pane ---- */

/* Opens a draft ("d31"), or begins one ("start"). */
static void *new_draft(struct pane *p, const char *arg)
{
    struct draft_view *v = mem_alloc(sizeof *v);
    struct error err = ERROR_INIT;
    char letter;
    int64_t number;
    v->pane = p;
    v->body = box_new(BOX_TEXT, &body_events, v);
    checks_init(&v->checks);
    people_init(&v->query_people);
    if (arg && str_eq(arg, "start")) {
        struct draft_start *s = draft_start_take();
        bool ok = s != NULL;
        if (s) {
            v->head_for_new = !s->as_new && (s->message == 0 || s->kind == DRAFT_FORWARD);
            v->model = mem_strdup_maybe(s->values[START_MODEL]);
            ok = draft_live_start(v, s, &err);
        }
        draft_start_free(s);
        if (ok)
            return v;
        pane_error(p, &err);
    } else if (arg && command_id(arg, &letter, &number) && letter == 'd') {
        struct draft_live *l = draft_live_of(number);
        if (open_pen(v, number)) {
            if (l) {
                draft_live_attach(l, v);
                box_lock(v->body, true);
                box_set_stream(v->body, strlen(box_text(v->body)));
            }
            draft_checks_read(v);
            return v;
        }
    }
    checks_fini(&v->checks);
    vec_fini(&v->query_people);
    box_free(v->body);
    free(v->model);
    free(v);
    return NULL;
}

/* Takes a draft away that was made and never touched. */
static enum status run_drop(struct db *db, void *record, struct error *err)
{
    return draft_set_state(db, *(int64_t *)record, DRAFT_DELETED, err);
}

static const struct store_op drop_op = {"draft.drop", OP_PERSON, run_drop, free};

/* Closes the pane; the text is stored, a stream runs on. */
static void free_draft(void *state)
{
    struct draft_view *v = state;
    bool drop = v->fresh && v->id && !v->live && v->first_text &&
                str_eq(v->first_text, box_text(v->body)) && !v->head_changed;
    draft_live_detach(v);
    draft_head_free(v);
    if (v->pen)
        draft_pen_close(v->pen);
    if (drop) {
        int64_t *id = mem_alloc(sizeof *id);
        *id = v->id;
        store_post(pane_store(v->pane), &drop_op, id, NULL, NULL);
    }
    box_free(v->body);
    checks_fini(&v->checks);
    free(v->checked);
    free(v->send_at);
    free(v->send_line);
    free(v->first_text);
    free(v->wait);
    str_fini(&v->incoming);
    free(v->model);
    free(v);
}

/* Drafts changed: by us, another screen, the outbox. */
static void reload_draft(void *state, unsigned bits)
{
    struct draft_view *v = state;
    (void)bits;
    if (!v->pen)
        return;
    if (!v->live)
        draft_pen_reload(v->pen);
    const struct draft *d = draft_pen_draft(v->pen);
    if (d->state == DRAFT_SENT || d->state == DRAFT_DELETED) {
        pane_close(v->pane);
        return;
    }
    if (!v->live) {
        draft_view_unlock(v);
        draft_view_read(v);
    }
    draft_send_look(v);
}

/* Head, text, checks. */
static void draw_draft(void *state, struct canvas *c, bool focused)
{
    struct draft_view *v = state;
    take_incoming(v);
    int head = draft_head_rows(v, c->rows), below = draft_checks_rows(v, c->rows - head, c->cols);
    struct canvas top = canvas_sub(c, 0, 0, head, c->cols);
    for (int row = head; row < c->rows; row++) {
        canvas_fill(c, row, 0, 1, STYLE_PLAIN);
        canvas_fill(c, row, c->cols - 1, 1, STYLE_PLAIN);
    }
    struct canvas body = canvas_sub(c, head, 1, c->rows - head - below, c->cols - 2);
    draft_head_draw(v, &top, focused && v->in_head);
    box_draw(v->body, &body, focused && !v->in_head);
    if (below) {
        struct canvas rest = canvas_sub(c, c->rows - below, 1, below, c->cols - 2);
        draft_checks_draw(v, &rest);
    }
    if (v->pen && !v->live && !v->shown_version)
        draft_pen_move(v->pen, box_point(v->body));
}

/* C-c stops the stream, the text stays. */
static bool verb_draft(void *state, enum pane_verb verb, int arg)
{
    struct draft_view *v = state;
    (void)arg;
    if (verb != PANE_STOP || !v->live || !v->live->run)
        return false;
    reply_cancel(v->live->run);
    return true;
}

/* A stream was started, or could not be: until it has ended the text is not the keys' to change. */
static void stream_begun(struct draft_view *v, bool begun, const struct error *err)
{
    if (!begun) {
        pane_error(v->pane, err);
        draft_view_read(v);
    } else if (v->live) {
        box_lock(v->body, true);
        box_set_stream(v->body, strlen(box_text(v->body)));
    }
}

/* How it shall be changed. */
static void on_instruct(void *state, const char *answer)
{
    struct draft_view *v = state;
    struct error err = ERROR_INIT;
    size_t from = 0, to = 0;
    if (!answer || !*answer || !v->pen)
        return;
    box_region(v->body, &from, &to);
    draft_pen_flush(v->pen);
    box_set(v->body, from || to ? box_text(v->body) : "", 0);
    stream_begun(v, draft_live_instruct(v, from, to, answer, &err), &err);
}

/* Writes it again, by the same words. */
static void again(struct draft_view *v)
{
    struct error err = ERROR_INIT;
    draft_pen_flush(v->pen);
    box_set(v->body, "", 0);
    stream_begun(v, draft_live_again(v, NULL, &err), &err);
}

/* Another model was chosen: it writes again. */
static void on_model(void *state, const char *answer)
{
    struct draft_view *v = state;
    if (!answer || !*answer)
        return;
    free(v->model);
    v->model = mem_strdup(answer);
    if (v->pen && !v->live)
        again(v);
}

/* The editor has ended. */
static void on_edited(void *state, const char *text)
{
    struct draft_view *v = state;
    if (!text)
        return;
    box_set(v->body, text, strlen(text));
    on_change(v);
}

/* When it shall be sent. */
static void on_when(void *state, const char *answer)
{
    if (answer && *answer)
        draft_send_begin(state, answer);
}

/* C-x t: what is answered. */
static void show_original(struct draft_view *v)
{
    struct pane *below = pane_below(v->pane);
    const struct draft *d = v->pen ? draft_pen_draft(v->pen) : NULL;
    char id[32];
    if (below && pane_kind(below) == &thread_pane) {
        pane_focus(below);
        return;
    }
    if (!d || !d->thread) {
        pane_say(v->pane, "%s", _("this answers nothing"));
        return;
    }
    snprintf(id, sizeof id, "t%lld", (long long)d->thread);
    pane_open(v->pane, "thread", id);
}

/* What a model does needs the text to be the person's. */
static bool model_may(struct draft_view *v)
{
    if (draft_view_refuses(v))
        return false;
    if (!v->live && v->pen && !v->shown_version)
        return true;
    pane_say(v->pane, "%s", _("not while text is coming   C-c stops it"));
    return false;
}

/* `send` of this draft, now or --at a time: stored, shown and asked as by its key. false: it has more to say. */
static bool send_line(struct draft_view *v, size_t argc, const char *const *argv)
{
    char own[32];
    snprintf(own, sizeof own, "d%lld", (long long)v->id);
    bool named = argc > 1 && str_eq(argv[1], own), at = argc == 4 && str_eq(argv[2], "--at");
    if (argc > 1 && (!named || (argc > 2 && !at)))
        return false;
    if (v->in_head)
        draft_head_close(v);
    draft_send_begin(v, at ? argv[3] : NULL);
    return true;
}

/* The keys of the text box. */
static bool command_draft(void *state, size_t argc, const char *const *argv)
{
    struct draft_view *v = state;
    const char *word = argc > 1 ? argv[1] : "";
    if (str_eq(argv[0], "send"))
        return send_line(v, argc, argv);
    if (str_eq(argv[0], "outbox") && argc == 2 && str_eq(argv[1], "cancel") && is_approved(v)) { /* this one, not the newest */
        pane_runf(v->pane, "outbox cancel o%lld", (long long)draft_pen_draft(v->pen)->outbox);
        return true;
    }
    if (!str_eq(argv[0], "text"))
        return false;
    if (str_eq(word, "done")) {
        send_line(v, 1, argv);
    } else if (str_eq(word, "edit") && model_may(v)) {
        pane_edit(v->pane, box_text(v->body), ".txt", on_edited);
    } else if (str_eq(word, "instruct") && model_may(v)) {
        struct pane_question q = {.prompt = _("change it how?"), .history = "instruct",
                                  .hint = _("the selection, or all of it"),
                                  .on_answer = on_instruct};
        pane_ask(v->pane, &q);
    } else if (str_eq(word, "again") && model_may(v)) {
        again(v);
    } else if (str_eq(word, "model") && model_may(v)) {
        struct pane_question q = {.prompt = _("which model writes it?"), .history = "model",
                                  .complete = "reply t1 --model ",
                                  .hint = _("Tab shows them; offline is always one"),
                                  .on_answer = on_model};
        pane_ask(v->pane, &q);
    } else if (str_eq(word, "by-hand")) {
        if (!verb_draft(v, PANE_STOP, 0))
            pane_say(v->pane, "%s", _("it is yours: type"));
    } else if (str_eq(word, "earlier") || str_eq(word, "later")) {
        draft_version_step(v, str_eq(word, "later") ? 1 : -1);
    } else if (str_eq(word, "checks")) {
        draft_checks_next(v);
    } else if (str_eq(word, "original")) {
        show_original(v);
    } else if (str_eq(word, "head")) {
        if (v->in_head)
            draft_head_close(v);
        else
            draft_head_open(v, HEAD_TO);
    } else if (str_eq(word, "send-later")) {
        struct pane_question q = {.prompt = _("send when?"), .history = "when",
                                  .hint = _("fri 9:00, tomorrow, 明天上午"), .on_answer = on_when};
        pane_ask(v->pane, &q);
    } else if (str_eq(word, "stash")) {
        v->fresh = false;
        pane_say(v->pane, _("kept as d%lld   D lists what waits"), (long long)v->id);
        pane_close(v->pane);
    } else if (str_eq(word, "stashes")) {
        pane_open(v->pane, "drafts", NULL);
    }
    pane_dirty(v->pane);
    return true;
}

/* The box that has the keys. */
static struct box *box_draft(void *state)
{
    struct draft_view *v = state;
    return v->in_head ? v->head[v->field] : v->body;
}

/* A draft may be meant by a command. */
static void target_draft(void *state, struct vec *ids)
{
    struct draft_view *v = state;
    if (v->id)
        strv_push_take(ids, str_format("d%lld", (long long)v->id));
}

/* What the text claims. */
static void why_draft(void *state, struct str *out)
{
    struct draft_view *v = state;
    if (is_approved(v))
        add_held(v, out);
    if (v->live || !v->checked || out->len)
        return;
    char *line = checks_line(&v->checks, pane_screen_cols(v->pane) - 2);
    str_puts(out, line);
    free(line);
}

/* Who writes, or what is written. */
static void status_draft(void *state, struct str *out)
{
    struct draft_view *v = state;
    const struct draft *d = v->pen ? draft_pen_draft(v->pen) : NULL;
    if (v->live && !v->live->blank) {
        if (v->wait)
            str_puts(out, v->wait);
        else if (v->live->egress)
            str_addf(out,
                     P_("drafting: %s  %d piece", "drafting: %s  %d pieces", v->live->pieces),
                     v->live->egress, v->live->pieces);
        else
            str_puts(out, _("drafting, nothing leaves this machine"));
        return;
    }
    if (!d)
        return;
    str_addf(out, "d%lld v%lld", (long long)d->id, (long long)d->version);
    if (*d->by)
        str_addf(out, _("  by %s"), draft_by_name(d->by));
    str_addf(out, "  %s", draft_pen_kept(v->pen) ? _("saved") : _("saving"));
}

/* While text is coming, stopping is the first thing to know. */
static void hints_draft(void *state, struct str *out)
{
    struct draft_view *v = state;
    if (v->live && !v->live->blank)
        str_puts(out, _("C-c stop  C-x t original  C-x o other pane"));
    else if (v->in_head)
        draft_head_hints(v, out);
    else if (v->shown_version)
        str_puts(out, _("C-x , earlier  C-x . later  type to make it the current one"));
}

/* Until there is a draft, and while its last words are stored before it is sent, keys wait. */
static bool waits_draft(void *state)
{
    const struct draft_view *v = state;
    return v->sending || (v->live && (!v->pen || v->live->blank));
}

/* Esc in the head goes to the text. */
static bool leave_draft(void *state)
{
    struct draft_view *v = state;
    if (v->in_head) {
        draft_head_close(v);
        return false;
    }
    if (v->shown_version) {
        v->shown_version = 0;
        draft_view_unlock(v);
        draft_view_read(v);
        pane_dirty(v->pane);
        return false;
    }
    return true;
}

/* A send was approved, or taken back: what is typed next is the text's. */
static void result_draft(void *state, const char *command, const struct json *obj)
{
    if (str_eq(command, "outbox"))
        reload_draft(state, WATCH_OUTBOX);
    if (str_eq(command, "send"))
        draft_sent(state, obj);
}

/* For coming back. */
static void place_draft(void *state, struct str *out)
{
    struct draft_view *v = state;
    if (v->id)
        str_addf(out, "d%lld", (long long)v->id);
}

const struct pane_ops draft_pane = {
    .name = "draft", .title = N_("Draft"), .keys = KEYS_TEXT, .watch = WATCH_DRAFT | WATCH_OUTBOX,
    .opens = "d", .new_state = new_draft, .free = free_draft, .reload = reload_draft,
    .draw = draw_draft, .verb = verb_draft, .command = command_draft, .box = box_draft,
    .target = target_draft, .why = why_draft, .status = status_draft, .hints = hints_draft,
    .waits = waits_draft, .result = result_draft, .leave = leave_draft, .place = place_draft,
};
