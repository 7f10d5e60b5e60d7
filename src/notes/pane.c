/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.c - one note being written, the minutes of a meeting, or its transcript.
 *
 * "n4" opens a note for writing and a meeting at its minutes (at its transcript while there are
 * none); "n4@00:12:31" opens the transcript at that moment; "minutes n4" writes minutes anew. */
#include "notes/pane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/watch.h"
#include "command/command.h"
#include "command/ids.h"
#include "notes/internal.h"
#include "notes/minutes.h"
#include "notes/store.h"
#include "store/journal.h"
#include "store/store.h"
#include "store/textlog.h"
#include "tui/box.h"
#include "tui/canvas.h"
#include "tui/text.h"
#include "tui/textlive.h"


enum mode { MODE_WRITE, MODE_MINUTES, MODE_TRANSCRIPT };

struct noted {
    struct pane *pane; /* borrow */
    enum mode mode;
    int64_t id;
    struct note *note;
    struct minutes *minutes; /* newest; NULL none */
    struct text *text;       /* minutes, transcript */
    struct box *box;         /* writing */
    struct textlog_typist *typist;
    /* Minutes being written here. */
    struct minutes_run *run;
    struct textlive live;
    char *status;            /* own: what goes where, waiting */
    char *model;             /* own: chosen here, NULL by purpose */
    size_t edited;           /* the line that E edits */
};

/* ---- minutes ---- */

/* Draws one line of the minutes: number, who, what, when. */
static void add_line(struct noted *s, const struct minutes_line *l, size_t index)
{
    char when[CLOCK_TEXT], item[24];
    int64_t day;
    snprintf(item, sizeof item, "%zu", index + 1);
    text_indent(s->text, 0, 3);
    text_item(s->text, item);
    if (l->refs.len > 0) {
        char *ref = minutes_ref_id(s->id, vec_at(&l->refs, 0));
        text_ref(s->text, ref, (int)index + 1);
        free(ref);
    }
    text_addf(s->text, STYLE_DIM, "%2zu ", index + 1);
    if (l->section == MINUTES_TASK) {
        text_foreign(s->text, STYLE_BOLD, *l->owner ? l->owner : "?", *l->owner ? strlen(l->owner) : 1);
        text_add(s->text, STYLE_PLAIN, "  ");
    }
    text_foreign(s->text, STYLE_PLAIN, l->text, strlen(l->text));
    if (*l->due && clock_parse(l->due, &day)) {
        text_addf(s->text, STYLE_DUE, "  %s", clock_short(day, clock_now(), when));
        text_add(s->text, STYLE_DIM, " (“");
        text_foreign(s->text, STYLE_DIM, l->due_words, strlen(l->due_words));
        text_add(s->text, STYLE_DIM, "”)");
    } else if (l->section == MINUTES_TASK)
        text_addf(s->text, STYLE_DIM, "  %s", _("no date"));
    if (!l->supported)
        text_addf(s->text, STYLE_WARN, "  %s", _("unsure"));
    text_ref_end(s->text);
    text_newline(s->text);
    text_indent(s->text, 0, 0);
}

/* Draws the newest minutes. */
static void build_minutes(struct noted *s)
{
    const struct minutes *m = s->minutes;
    bool any = false;
    for (int section = MINUTES_SUMMARY; section <= MINUTES_QUESTION; section++) {
        bool headed = false;
        for (size_t i = 0; i < m->lines.len; i++) {
            const struct minutes_line *l = vec_at(&m->lines, i);
            if ((int)l->section != section)
                continue;
            if (!headed) {
                if (any)
                    text_newline(s->text);
                text_item(s->text, "");
                text_add(s->text, STYLE_BOLD, minutes_heading(l->section));
                text_newline(s->text);
            }
            headed = any = true;
            add_line(s, l, i);
        }
    }
    if (!any)
        text_markdown(s->text, m->text, strlen(m->text), true);
    if (!m->running && !str_eq(m->state, "complete"))
        text_addf(s->text, STYLE_WARN, "(%s)",
                  str_eq(m->state, "cut")         ? _("cut off: C-x a writes them again")
                  : str_eq(m->state, "cancelled") ? _("stopped by you")
                                                  : _("not whole"));
}

/* Draws the transcript. */
static void build_transcript(struct noted *s)
{
    char time[NOTE_TIME], item[24];
    for (size_t i = 0; i < s->note->segments.len; i++) {
        const struct note_segment *g = vec_at(&s->note->segments, i);
        const struct note_segment *last = i ? vec_at(&s->note->segments, i - 1) : NULL;
        snprintf(item, sizeof item, "%zu", i + 1);
        text_indent(s->text, 0, g->start_ms >= 0 ? 9 : 2);
        text_item(s->text, item);
        if (g->start_ms >= 0) {
            text_anchor(s->text, note_time(g->start_ms, time));
            text_addf(s->text, STYLE_SOURCE, "%s ", time);
        } else
            text_anchor(s->text, item);
        if (*g->speaker && (!last || !str_eq(last->speaker, g->speaker)))
            text_foreign(s->text, STYLE_BOLD, g->speaker, strlen(g->speaker));
        if (*g->speaker && (!last || !str_eq(last->speaker, g->speaker)))
            text_add(s->text, STYLE_PLAIN, "  ");
        text_foreign(s->text, STYLE_PLAIN, g->text, strlen(g->text));
        text_newline(s->text);
    }
    text_indent(s->text, 0, 0);
}

/* Draws what the mode shows, anew. */
static void build(struct noted *s)
{
    if (s->mode == MODE_WRITE)
        return;
    char *at = mem_strdup_maybe(text_selected(s->text));
    size_t top = text_top(s->text);
    text_clear(s->text);
    if (s->mode == MODE_TRANSCRIPT)
        build_transcript(s);
    else if (s->run) {
        textlive_begin(&s->live, s->text);
    } else if (s->minutes)
        build_minutes(s);
    text_set_top(s->text, top);
    if (at)
        text_select(s->text, at);
    free(at);
    pane_dirty(s->pane);
}

/* Draws what came of minutes that stream. */
static void draw_live(struct noted *s)
{
    size_t n;
    if (!s->run || s->mode != MODE_MINUTES)
        return;
    const char *all = minutes_so_far(s->run, &n);
    textlive_draw(&s->live, s->text, all, n);
}

/* Reads note and minutes; false: the note is gone. */
static bool load(struct noted *s)
{
    struct error err = ERROR_INIT;
    struct db *db = store_reader(pane_store(s->pane));
    struct note *n;
    struct minutes *m = NULL;
    if (note_get(db, s->id, true, &n, &err) != STATUS_OK) {
        pane_error(s->pane, &err);
        return false;
    }
    if (minutes_get(db, s->id, 0, &m, &err) != STATUS_OK)
        m = NULL;
    note_free(s->note);
    minutes_free(s->minutes);
    s->note = n;
    s->minutes = m;
    return true;
}

/* Sets the words of the status row. */
static void set_status(struct noted *s, char *taken)
{
    free(s->status);
    s->status = taken;
    pane_dirty(s->pane);
}

/* A version was begun. */
static void on_begin(void *user, int64_t version)
{
    struct noted *s = user;
    (void)version;
    pane_dirty(s->pane);
}

/* Bytes are about to leave. */
static void on_egress(void *user, const char *where, int passages, int64_t bytes)
{
    (void)passages;
    if (where && *where)
        set_status(user, str_format(_("the transcript (%lld KB) went to %s"),
                                    (long long)((bytes + 999) / 1000), where));
}

/* A piece of the minutes. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct noted *s = user;
    (void)text;
    (void)n;
    textlive_more(&s->live, s->pane);
}

/* Waiting, or silence. */
static void on_wait(void *user, int seconds, const char *why)
{
    set_status(user, seconds > 0
                         ? str_format(_("trying again in %d s: %s   C-c stops"), seconds, why)
                         : str_format(_("%s   C-c stops"), why));
}

/* The minutes have ended and are stored. */
static void on_done(void *user, const struct minutes_result *r)
{
    struct noted *s = user;
    s->run = NULL;
    set_status(s, NULL);
    if (error_is(&r->error) && r->state != MODEL_CANCELLED)
        pane_error(s->pane, &r->error);
    if (load(s))
        build(s);
    if (s->mode == MODE_MINUTES && !text_selected(s->text))
        text_set_top(s->text, 0); /* nobody moved: read from the beginning */
    if (!s->minutes && s->mode == MODE_MINUTES) {
        s->mode = MODE_TRANSCRIPT;
        build(s);
    }
}

static const struct minutes_events run_events = {.on_begin = on_begin,
                                                 .on_egress = on_egress,
                                                 .on_delta = on_delta,
                                                 .on_wait = on_wait,
                                                 .on_done = on_done};

/* Writes minutes anew. style: what the person asked for, NULL. */
static void write_minutes(struct noted *s, const char *style)
{
    if (s->run) {
        pane_say(s->pane, "%s", _("still writing; C-c stops it"));
        return;
    }
    s->mode = MODE_MINUTES;
    s->run = minutes_start(pane_store(s->pane), s->id, style, s->model, false, &run_events, s);
    build(s);
}

/* "how shall they be?" was answered. */
static void take_style(void *state, const char *answer)
{
    if (answer)
        write_minutes(state, *answer ? answer : NULL);
}

/* ---- editing a line ---- */

/* The lines of the minutes after an edit. */
struct edit {
    int64_t note;
    char *lines; /* own: JSON */
};

/* Frees an edit. */
static void edit_free(void *record)
{
    struct edit *e = record;
    free(e->lines);
    free(e);
}

/* The operation: one journalled value, so undo has it. */
static enum status write_edit(struct db *db, void *record, struct error *err)
{
    struct edit *e = record;
    struct journal *j;
    bool changed;
    int64_t batch;
    enum status st = journal_begin(db, "me", N_("minutes edit"), "", &j, err);
    if (st != STATUS_OK)
        return st;
    st = journal_set(j, "note.minutes", e->note, e->lines, &changed, err);
    if (st == STATUS_OK)
        return journal_end(j, &batch, err);
    journal_abandon(j);
    return st;
}

static const struct store_op edit_op = {"minutes edit", OP_PERSON, write_edit, edit_free};

/* The new words of a line; none takes the line out. */
static void take_edit(void *state, const char *answer)
{
    struct noted *s = state;
    if (!answer || !s->minutes || s->edited >= s->minutes->lines.len)
        return;
    struct minutes_line *l = vec_at(&s->minutes->lines, s->edited);
    if (*answer) {
        free(l->text);
        l->text = mem_strdup(answer);
        l->supported = true; /* a person vouches for it */
    } else
        vec_remove(&s->minutes->lines, s->edited);
    struct edit *e = mem_alloc(sizeof *e);
    e->note = s->id;
    e->lines = minutes_lines_json(&s->minutes->lines);
    store_post(pane_store(s->pane), &edit_op, e, NULL, NULL);
    build(s);
}

/* The line of the minutes that is selected; NULL none. */
static const struct minutes_line *selected_line(const struct noted *s)
{
    const char *item = s->text ? text_selected(s->text) : NULL;
    long at = item ? strtol(item, NULL, 10) : 0;
    if (s->mode != MODE_MINUTES || !s->minutes || at < 1 || (size_t)at > s->minutes->lines.len)
        return NULL;
    return vec_at(&s->minutes->lines, (size_t)at - 1);
}

/* E: edits the selected line in the hint row. */
static void edit_line(struct noted *s)
{
    const struct minutes_line *l = selected_line(s);
    if (!l) {
        pane_say(s->pane, "%s", _("no line of the minutes is selected"));
        return;
    }
    s->edited = (size_t)strtol(text_selected(s->text), NULL, 10) - 1;
    struct pane_question q = {.prompt = _("line:"),
                              .hint = _("empty takes it out"),
                              .initial = l->text,
                              .on_answer = take_edit};
    pane_ask(s->pane, &q);
}

/* ---- writing a note ---- */

/* The typist asks for the text of the box. */
static void typed_text(void *user, struct str *out, int64_t *cursor)
{
    const struct noted *s = user;
    str_puts(out, box_text(s->box));
    *cursor = (int64_t)box_point(s->box);
}

/* The box changed: it is stored within 300 ms. */
static void box_changed(void *user)
{
    textlog_typist_touch(((struct noted *)user)->typist);
}

/* What leaving a note stores. */
struct leaving {
    int64_t id;
};

/* The operation: what was typed becomes the text; a note without a word never was. */
static enum status write_leaving(struct db *db, void *record, struct error *err)
{
    int64_t id = ((struct leaving *)record)->id;
    enum status st = note_fold(db, id, NULL, err);
    return st == STATUS_OK ? note_drop_empty(db, id, err) : st;
}

static const struct store_op leaving_op = {"note fold", OP_PERSON, write_leaving, free};

/* $EDITOR gave the text back. */
static void take_text(void *state, const char *text)
{
    struct noted *s = state;
    if (!text)
        return;
    box_set(s->box, text, strlen(text));
    textlog_typist_touch(s->typist);
    pane_dirty(s->pane);
}

/* ---- the pane ---- */

/* Pane: ends. Typing is folded; minutes under way go on and are stored. */
static void noted_free(void *state)
{
    struct noted *s = state;
    if (s->run)
        minutes_forget(s->run);
    textlive_fini(&s->live);
    if (s->typist) {
        struct leaving *r = mem_alloc(sizeof *r);
        textlog_typist_free(s->typist);
        r->id = s->id;
        store_post(pane_store(s->pane), &leaving_op, r, NULL, NULL);
    }
    box_free(s->box);
    text_free(s->text);
    note_free(s->note);
    minutes_free(s->minutes);
    free(s->status);
    free(s->model);
    free(s);
}

/* Begins to write: the text with what was typed before a crash, the cursor where it stood, else at the first line. */
static void begin_writing(struct noted *s)
{
    static const struct box_events events = {.on_change = box_changed};
    size_t point = s->note->cursor >= 0 ? (size_t)s->note->cursor : 0;
    s->box = box_new(BOX_TEXT, &events, s);
    box_set(s->box, s->note->text, point);
    s->typist = textlog_typist_new(pane_store(s->pane), "note", s->id, s->note->text, WATCH_NOTE,
                                   typed_text, s);
}

/* Jumps to a moment of the transcript and selects it. */
static void go_to_moment(struct noted *s, const char *moment)
{
    char time[NOTE_TIME], item[24];
    for (size_t i = 0; i < s->note->segments.len; i++) {
        const struct note_segment *g = vec_at(&s->note->segments, i);
        snprintf(item, sizeof item, "%zu", i + 1);
        if (str_eq(g->start_ms >= 0 ? note_time(g->start_ms, time) : item, moment)) {
            text_select(s->text, item);
            return;
        }
    }
    pane_say(s->pane, _("there is no moment %s"), moment);
}

/* Pane: begins. */
static void *noted_new(struct pane *p, const char *arg)
{
    char letter = 0;
    bool anew = arg && str_starts(arg, "minutes ");
    const char *id = !arg ? "" : anew ? arg + 8 : arg, *at = strchr(id, '@');
    struct noted *s = mem_alloc(sizeof *s);
    s->pane = p;
    s->text = text_new();
    char *bare = mem_strndup(id, strcspn(id, "@"));
    bool good = command_id(bare, &letter, &s->id) && letter == 'n' && load(s);
    free(bare);
    if (!good) {
        noted_free(s);
        return NULL;
    }
    text_select_items(s->text, true);
    if (!s->note->meeting && !anew) {
        s->mode = MODE_WRITE;
        begin_writing(s);
        return s;
    }
    s->run = minutes_find(s->id);
    if (s->run)
        minutes_listen(s->run, &run_events, s);
    s->mode = at || (!s->minutes && !s->run) ? MODE_TRANSCRIPT : MODE_MINUTES;
    build(s);
    if (anew)
        write_minutes(s, NULL);
    if (at)
        go_to_moment(s, at + 1);
    return s;
}

/* Pane: something changed; what is being written here is the truth of the screen. */
static void noted_reload(void *state, unsigned bits)
{
    struct noted *s = state;
    (void)bits;
    if (s->run || s->mode == MODE_WRITE)
        return;
    if (load(s))
        build(s);
}

/* The head row: title, when, how many people, version. */
static void draw_head(struct noted *s, struct canvas *c)
{
    struct str right = STR_INIT;
    char when[CLOCK_TEXT], id[COMMAND_ID_TEXT];
    const struct note *n = s->note;
    str_addf(&right, "%s", clock_short(n->date, clock_now(), when));
    if (n->duration_ms > 0)
        str_addf(&right, _("  %lld min"), (long long)((n->duration_ms + 59999) / 60000));
    if (s->mode == MODE_MINUTES && s->minutes) {
        int unsure = 0;
        for (size_t i = 0; i < s->minutes->lines.len; i++)
            unsure += !((struct minutes_line *)vec_at(&s->minutes->lines, i))->supported;
        str_addf(&right, _("  minutes v%lld"), (long long)s->minutes->version);
        if (unsure)
            str_addf(&right, _(", %d unsure"), unsure);
        if (c->cols >= 70)
            str_addf(&right, "  %s", model_by_name(s->minutes->by));
    } else if (s->mode == MODE_TRANSCRIPT)
        str_addf(&right, "  %s", _("transcript"));
    str_addf(&right, "  %s", command_id_text('n', s->id, id));
    int width = (int)right.len < c->cols * 2 / 3 ? (int)right.len : c->cols * 2 / 3;
    char *title = s->mode == MODE_WRITE && *n->title == 0 ? note_title(box_text(s->box)) : NULL;
    canvas_clear_row(c, 0);
    canvas_column(c, 0, 1, c->cols - width - 3, STYLE_BOLD, CUT_END | CANVAS_FOREIGN,
                  *n->title ? n->title : title ? title : _("New note"));
    canvas_column(c, 0, c->cols - width - 1, width, STYLE_DIM, CUT_END | ALIGN_RIGHT | CANVAS_FOREIGN,
                  str_text(&right));
    free(title);
    str_fini(&right);
}

/* Pane: draws. */
static void noted_draw(void *state, struct canvas *c, bool focused)
{
    struct noted *s = state;
    int head = c->rows >= 4 ? 1 : 0;
    canvas_clear(c);
    struct canvas body = canvas_sub(c, head, 1, c->rows - head, c->cols - 2);
    if (s->mode == MODE_WRITE)
        box_draw(s->box, &body, focused);
    else {
        draw_live(s);
        text_draw(s->text, &body, focused);
    }
    if (head)
        draw_head(s, c);
}

/* Opens the moment of the selected line, or of line n. */
static bool open_moment(struct noted *s, int n)
{
    const char *ref = text_ref_at(s->text, n);
    char *id = ref ? mem_strdup(ref) : NULL;
    if (id)
        pane_open(s->pane, "note", id);
    else
        pane_say(s->pane, "%s", _("nothing in the transcript bears this line"));
    free(id);
    return true;
}

/* g, G: the selection goes to the first or last line. */
static bool go_to_edge(struct noted *s, enum pane_verb verb)
{
    enum pane_verb step = verb == PANE_FIRST ? PANE_UP : PANE_DOWN;
    bool moved = true;
    while (moved) {
        char *before = mem_strdup_maybe(text_selected(s->text));
        text_verb(s->text, step, 0);
        moved = text_selected(s->text) && !str_eq(before, text_selected(s->text));
        free(before);
    }
    return text_verb(s->text, verb, 0);
}

/* Pane: motion, moments, stopping. */
static bool noted_verb(void *state, enum pane_verb verb, int arg)
{
    struct noted *s = state;
    if (s->mode == MODE_WRITE)
        return false;
    if (verb == PANE_STOP) {
        if (!s->run)
            return false;
        minutes_cancel(s->run);
        return true;
    }
    if (verb == PANE_OPEN)
        return s->mode == MODE_MINUTES ? open_moment(s, arg) : false;
    if (verb == PANE_FIRST || verb == PANE_LAST)
        return go_to_edge(s, verb);
    return text_verb(s->text, verb, arg);
}

/* Pane: what commands mean here. */
static bool noted_command(void *state, size_t argc, const char *const *argv)
{
    struct noted *s = state;
    const char *verb = argc > 1 ? argv[1] : "";
    if (s->mode == MODE_WRITE) {
        if (!str_eq(argv[0], "text"))
            return false;
        if (str_eq(verb, "edit"))
            pane_edit(s->pane, box_text(s->box), ".md", take_text);
        else if (str_eq(verb, "done") || str_eq(verb, "stash"))
            pane_close(s->pane);
        else
            return false;
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "note") && str_eq(verb, "delete")) {
        char id[COMMAND_ID_TEXT];
        pane_runf(s->pane, "note delete %s", command_id_text('n', s->id, id));
        pane_close(s->pane);
        return true;
    }
    if ((argc == 2 && str_eq(argv[0], "meet") && str_eq(verb, "minutes")) ||
        str_eq(verb, "again") || (argc == 1 && str_eq(argv[0], "summary"))) {
        if (s->minutes && !str_eq(argv[0], "summary")) {
            struct pane_question q = {.prompt = _("how shall they be?"),
                                      .hint = _("empty: as before; \"short, for the customer\""),
                                      .history = "minutes",
                                      .on_answer = take_style};
            pane_ask(s->pane, &q);
        } else
            write_minutes(s, NULL);
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "meet") && str_eq(verb, "edit")) {
        edit_line(s);
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "meet") && str_eq(verb, "transcript")) {
        char id[COMMAND_ID_TEXT], *arg = NULL;
        const struct note_segment *g = s->note->segments.len ? vec_at(&s->note->segments, 0) : NULL;
        char time[NOTE_TIME];
        arg = str_format("%s@%s", command_id_text('n', s->id, id),
                         g && g->start_ms >= 0 ? note_time(g->start_ms, time) : "1");
        if (s->mode == MODE_MINUTES)
            pane_open(s->pane, "note", arg);
        free(arg);
        return true;
    }
    return false;
}

/* Pane: the box has the keys while a note is written. */
static struct box *noted_box(void *state)
{
    struct noted *s = state;
    return s->mode == MODE_WRITE ? s->box : NULL;
}

/* Pane: what commands work on. */
static void noted_target(void *state, struct vec *ids)
{
    char id[COMMAND_ID_TEXT];
    strv_push(ids, command_id_text('n', ((struct noted *)state)->id, id));
}

/* Pane: the why row: the words the selected line rests on. */
static void noted_why(void *state, struct str *out)
{
    const struct noted *s = state;
    const struct minutes_line *l = selected_line(s);
    char time[NOTE_TIME];
    if (!l)
        return;
    if (l->refs.len == 0) {
        str_puts(out, _("nothing in the transcript bears this line"));
        return;
    }
    const struct minutes_ref *r = vec_at(&l->refs, 0);
    if (r->segment < 0 || (size_t)r->segment >= s->note->segments.len)
        return;
    const struct note_segment *g = vec_at(&s->note->segments, (size_t)r->segment);
    if (*g->speaker)
        str_addf(out, "%s ", g->speaker);
    if (r->start_ms >= 0)
        str_addf(out, "%s ", note_time(r->start_ms, time));
    str_addf(out, "“%s”", g->text);
}

/* Pane: the status row. */
static void noted_status(void *state, struct str *out)
{
    struct noted *s = state;
    struct model_choice m;
    if (s->status) {
        str_puts(out, s->status);
        return;
    }
    if (s->mode == MODE_WRITE) {
        str_puts(out, _("saved as you type"));
        return;
    }
    char *speakers = note_speakers(&s->note->segments);
    str_puts(out, speakers);
    free(speakers);
    model_choose(pane_store(s->pane), "minutes", s->model, false, &m);
    if (s->run)
        str_addf(out, m.offline ? "  %s" : _("  writing with %s"), m.offline ? _("writing") : m.name);
    else if (m.offline)
        str_addf(out, "  %s", model_offline_words());
}

/* Pane: hints of the box, which the keymap does not know. */
static void noted_hints(void *state, struct str *out)
{
    const struct noted *s = state;
    if (s->mode == MODE_WRITE)
        str_puts(out, _("Esc done  C-x C-e editor  C-x f search"));
    else if (s->mode == MODE_MINUTES)
        str_puts(out, s->run ? _("C-c stop  q back")
                             : _("Enter jump  E edit  x transcript  C-x a again  @ ask  y copy  q back"));
    else
        str_puts(out, _("C-x a minutes  / search  @ ask  y copy  q back"));
}

/* Pane: "/". */
static bool noted_search(void *state, const char *needle, int direction)
{
    struct noted *s = state;
    return s->mode != MODE_WRITE && text_search(s->text, needle, direction);
}

/* Pane: y copies the minutes, the transcript, the note. */
static void noted_copy(void *state, struct str *out)
{
    struct noted *s = state;
    if (s->mode == MODE_WRITE)
        str_puts(out, box_text(s->box));
    else if (s->mode == MODE_MINUTES && s->minutes && s->minutes->lines.len > 0)
        minutes_text(s->minutes, s->note, out);
    else
        note_transcript(&s->note->segments, out);
}

/* Pane: the way back here. */
static void noted_place(void *state, struct str *out)
{
    char id[COMMAND_ID_TEXT];
    str_puts(out, command_id_text('n', ((struct noted *)state)->id, id));
}

const struct pane_ops note_pane = {.name = "note",
                                   .title = N_("Note"),
                                   .keys = KEYS_NOTES,
                                   .watch = WATCH_NOTE | WATCH_CONFIG,
                                   .opens = "n",
                                   .new_state = noted_new,
                                   .free = noted_free,
                                   .reload = noted_reload,
                                   .draw = noted_draw,
                                   .verb = noted_verb,
                                   .command = noted_command,
                                   .box = noted_box,
                                   .target = noted_target,
                                   .why = noted_why,
                                   .status = noted_status,
                                   .hints = noted_hints,
                                   .search = noted_search,
                                   .copy = noted_copy,
                                   .place = noted_place};
