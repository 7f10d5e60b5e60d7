/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_draft_send.c - before it leaves: checks beside the text, the question, the versions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/when.h"
#include "command/command.h"
#include "inbox/pane_draft.h"
#include "inbox/pane_inside.h"
#include "mail/store.h"
#include "office/people.h"
#include "store/store.h"

#define CHECK_ROWS 8

/* ---- checks ---- */

/* Reads the findings about what is stored. */
void draft_checks_read(struct draft_view *v)
{
    struct error err = ERROR_INIT;
    struct checks fresh;
    if (!v->id || v->live)
        return;
    checks_init(&fresh);
    if (checks_of_draft(store_reader(pane_store(v->pane)), v->id, &fresh, &err) != STATUS_OK) {
        checks_fini(&fresh);
        return;
    }
    checks_fini(&v->checks);
    v->checks = fresh;
    free(v->checked);
    v->checked = mem_strdup(v->pen ? str_text(draft_pen_text(v->pen)) : "");
}

/* Whether a finding is worth a row: a question that waits in a gap has the gap's row. */
static bool is_shown(const struct check *c)
{
    return c->kind == CHECK_RECIPIENT ? !c->ok : c->kind != CHECK_ASK || c->ok || c->level != CHECK_FINE;
}

/* Rows the checks take: asked for, or there is room beside. */
int draft_checks_rows(const struct draft_view *v, int rows, int cols)
{
    int count = 0;
    bool roomy = cols >= 50 && rows >= 16 && pane_below(v->pane) &&
                 pane_visible(pane_below(v->pane));
    for (size_t i = 0; i < v->checks.items.len; i++)
        count += is_shown(vec_at(&v->checks.items, i));
    if (v->live || count == 0 || (!v->show_checks && !roomy))
        return 0;
    int most = rows / 3 < CHECK_ROWS ? rows / 3 : CHECK_ROWS;
    return (count < most ? count : most) + 1;
}

/* "in thread", "by you", "not found", "you decide", "answered", "not answered". */
static const char *verdict(const struct check *c, unsigned *style)
{
    *style = c->ok ? STYLE_GOOD : STYLE_WARN;
    switch (c->kind) {
    case CHECK_ASK:
        return c->ok ? _("answered") : _("not answered");
    case CHECK_GAP:
        *style = STYLE_GAP;
        return _("you decide");
    case CHECK_FIELD:
        *style = STYLE_GAP;
        return _("to fill in");
    case CHECK_RECIPIENT:
        return _("recipient");
    case CHECK_STREAM:
        return _("unfinished");
    case CHECK_ATTACHMENT:
    case CHECK_SUBJECT:
    case CHECK_MANY:
    case CHECK_OUTSIDE:
    case CHECK_GREETING:
    case CHECK_SIZE:
        return _("look at");
    default:
        return c->own ? _("by you") : c->ok ? _("in thread") : _("not found");
    }
}

/* Where a fact stands. */
static void add_source(struct draft_view *v, const struct check *c, struct str *out)
{
    struct mail_row row = {0};
    struct error err = ERROR_INIT;
    if (!c->message ||
        mail_row_get(store_reader(pane_store(v->pane)), c->message, &row, &err) != STATUS_OK)
        return;
    pane_words_when(row.date, clock_now(), out);
    if (c->line > 0)
        str_addf(out, _(", line %d"), c->line);
    mail_row_fini(&row);
}

/* The findings, those that need the person first. */
void draft_checks_draw(struct draft_view *v, struct canvas *c)
{
    int row = 1;
    canvas_clear(c);
    canvas_text(c, 0, 0, STYLE_BOLD, _("checks"));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < v->checks.items.len && row < c->rows; i++) {
            const struct check *check = vec_at(&v->checks.items, i);
            struct str source = STR_INIT;
            unsigned style;
            if (check->ok == (pass == 0) || !is_shown(check))
                continue;
            const char *word = verdict(check, &style);
            int col = canvas_column(c, row, 0, 13, style, CUT_END, word);
            add_source(v, check, &source);
            int tail = (int)utf8_cells(str_text(&source), source.len);
            canvas_column(c, row, col, c->cols - col - tail - 1, STYLE_PLAIN,
                          CUT_END | CANVAS_FOREIGN, check->text);
            canvas_foreign(c, row, c->cols - tail, STYLE_SOURCE, str_text(&source));
            str_fini(&source);
            row++;
        }
}

static bool ask_gap(struct draft_view *v);

/* y or n for a gap: a sentence in the language of the text; d takes the gap out. */
static void on_gap_key(void *state, int key)
{
    struct draft_view *v = state;
    const char *text = box_text(v->body);
    size_t at, len, used;
    char *question = NULL;
    if (!key || !checks_gap(text, box_point(v->body), &at, &len, &question) || !len)
        return;
    free(question);
    bool chinese = false;
    for (size_t i = at; i < at + len; i += used)
        chinese = chinese || utf8_is_cjk(utf8_decode(text + i, at + len - i, &used));
    const char *yes = chinese ? "可以。" : "Yes.", *no = chinese ? "不行。" : "No.";
    box_replace(v->body, at, at + len, key == 'y' ? yes : key == 'n' ? no : "");
    pane_dirty(v->pane);
    ask_gap(v); /* the next one: who settles them goes through all */
}

/* What a gap to fill in becomes; nothing typed leaves it as it is. */
static void on_fill(void *state, const char *answer)
{
    struct draft_view *v = state;
    size_t at, len;
    char *question = NULL;
    if (!answer || !*answer || !checks_gap(box_text(v->body), box_point(v->body), &at, &len, &question) || !len)
        return;
    free(question);
    box_replace(v->body, at, at + len, answer);
    pane_dirty(v->pane);
    ask_gap(v);
}

/* C-x d: the gap that is asked for goes, and the next one is asked for. */
static bool on_fill_key(void *state, const char *key, const char *typed)
{
    struct draft_view *v = state;
    size_t at, len;
    char *question = NULL;
    (void)typed;
    if (!str_eq(key, "d") && !str_eq(key, "C-d"))
        return false;
    if (checks_gap(box_text(v->body), box_point(v->body), &at, &len, &question) && len) {
        free(question);
        box_replace(v->body, at, at + len, "");
        pane_dirty(v->pane);
    }
    ask_gap(v);
    return true;
}

/* Whether a gap can be settled by yes or no ("[yes/no: …]"). */
static bool is_yes_no(const char *gap, size_t len)
{
    char *words = mem_strndup(gap, len);
    bool yes_no = strchr(words, '/') && strchr(words, '/') < words + 8;
    free(words);
    return yes_no;
}

/* Goes to the first gap and asks for it; false when the text has none. */
static bool ask_gap(struct draft_view *v)
{
    const char *text = box_text(v->body);
    size_t at, len;
    char *question = NULL;
    if (!checks_gap(text, 0, &at, &len, &question) || !len)
        return false;
    box_set_point(v->body, at);
    if (is_yes_no(text + at, len)) {
        char *words = str_format(_("%s   y yes  n no  d take out  Esc I write it"), question);
        pane_ask_key(v->pane, words, "ynd", on_gap_key);
        free(words);
    } else {
        char *words = str_format(_("to fill in: %s"), question);
        struct pane_question q = {.prompt = words, .hint = _("Enter puts it in  C-x d takes it out  Esc I write it"),
                                  .on_answer = on_fill, .on_key = on_fill_key};
        pane_ask(v->pane, &q);
        free(words);
    }
    free(question);
    return true;
}

/* C-x c: shows the checks; goes to the next gap and asks. */
void draft_checks_next(struct draft_view *v)
{
    v->show_checks = !v->show_checks || v->checks.gaps > 0;
    if (v->live)
        return;
    draft_checks_read(v);
    if (!ask_gap(v) && v->checks.items.len == 0)
        pane_say(v->pane, "%s", _("the text claims nothing that could be checked"));
}

/* ---- sending ---- */

/* The host part of an address. */
static const char *host_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return at ? at + 1 : "";
}

/* Counts recipients outside the organisation, else the sender's own host. */
static int outside(const struct draft *d)
{
    const struct vec *lists[] = {&d->to, &d->cc, &d->bcc};
    const char *own = d->from.address ? host_of(d->from.address) : "";
    int n = 0;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < lists[i]->len; j++) {
            const struct mail_address *a = vec_at(lists[i], j);
            n += people_has_inside() ? !people_is_inside(a->address)
                                     : !str_eq_nocase(host_of(a->address), own);
        }
    return n;
}

/* It is approved, by a key or by a line: the editor goes, and the next thread is read. */
void draft_sent(struct draft_view *v, const struct json *result)
{
    struct pane *below = pane_below(v->pane);
    const char *draft = json_get_text(result, "draft");
    char letter;
    int64_t id;
    if (!draft || !command_id(draft, &letter, &id) || letter != 'd' || id != v->id)
        return;
    pane_sent_note(v->pane, result);
    pane_close(v->pane);
    if (below && pane_kind(below) == &thread_pane)
        pane_thread_after(below);
}

/* Enter: it is sent exactly as it stands. */
static void on_send_key(void *state, int key)
{
    struct draft_view *v = state;
    if (key == '\r' && v->send_line) {
        char *line = v->send_line;
        v->send_line = NULL;
        pane_run(v->pane, line);
        free(line);
    }
}

/* What one would be sorry for, in few words. */
static void add_warnings(const struct draft_view *v, struct str *out)
{
    for (size_t i = 0; i < v->checks.items.len; i++) {
        const struct check *c = vec_at(&v->checks.items, i);
        if (c->kind == CHECK_ATTACHMENT)
            str_puts(out, _(", nothing attached"));
        else if (c->kind == CHECK_SUBJECT)
            str_puts(out, _(", no subject"));
        else if (c->kind == CHECK_GREETING)
            str_puts(out, _(", greets another"));
        else if (c->kind == CHECK_SIZE)
            str_puts(out, _(", too large for the server"));
    }
}

/* The header with a word that is no address, else To. */
static enum head_field first_bad(const struct draft *d)
{
    return d->bad[0].len || (!d->bad[1].len && !d->bad[2].len) ? HEAD_TO : d->bad[1].len ? HEAD_CC : HEAD_BCC;
}

/* What would be sent, in one row; false when it may not be. */
static bool describe(struct draft_view *v, const struct draft *d, struct str *out, struct str *line)
{
    size_t people = d->to.len + d->cc.len + d->bcc.len;
    int away = outside(d);
    struct error err = ERROR_INIT;
    char when[CLOCK_TEXT];
    int64_t at = 0;
    str_addf(line, "send d%lld --hash %s", (long long)d->id, d->hash);
    if (v->send_at) {
        str_puts(line, " --at ");
        pane_words_quote(line, v->send_at);
    }
    for (size_t i = 0; i < v->checks.items.len; i++) {
        const struct check *c = vec_at(&v->checks.items, i);
        if (c->level == CHECK_NEVER) {
            if (c->kind == CHECK_RECIPIENT && *d->unread)
                pane_say(v->pane, _("mend the recipients first: %s"), d->unread);
            else if (c->kind == CHECK_RECIPIENT)
                pane_say(v->pane, "%s", _("there is no recipient yet"));
            else
                pane_say(v->pane, _("C-x c settles what is still open: %s"), c->text);
            if (c->len)
                box_set_point(v->body, c->at);
            if (c->kind == CHECK_RECIPIENT)
                draft_head_open(v, first_bad(d));
            return false;
        }
        if (c->level == CHECK_BLOCK || (check_is_fact(c) && !c->ok))
            str_addf(line, " --accept %s", c->id);
    }
    if (!v->send_at) {
        str_puts(out, _("Enter sends, Esc back: ")); /* first: it stands where the row is narrow, too */
    } else if (when_parse(v->send_at, clock_now(), &at, &err) == STATUS_OK) {
        str_addf(out, _("Enter sends it %s, Esc back: "), clock_moment(at, clock_now(), when));
    } else {
        pane_error(v->pane, &err);
        return false;
    }
    bool all_away = away && d->from.address && (size_t)away == people;
    if (all_away) /* in few words: what follows must be seen on a narrow screen, too */
        str_addf(out, _("to %d outside %s"), away, host_of(d->from.address));
    else
        str_addf(out, P_("to %zu person", "to %zu people", people), people);
    add_warnings(v, out); /* before what is often so */
    if (away && d->from.address && !all_away)
        str_addf(out, _(", %d outside %s"), away, host_of(d->from.address));
    if (v->checks.facts_missing)
        str_addf(out, P_(", %d fact not found", ", %d facts not found", v->checks.facts_missing),
                 v->checks.facts_missing);
    int open = v->checks.asks - v->checks.answered;
    if (open > 0)
        str_addf(out, P_(", %d ask open", ", %d asks open", open), open);
    return true;
}

/* Everything is stored: asks. */
static void ask_to_send(struct draft_view *v)
{
    struct draft *d = NULL;
    struct error err = ERROR_INIT;
    struct str question = STR_INIT, line = STR_INIT;
    v->sending = false;
    draft_checks_read(v);
    if (draft_get(store_reader(pane_store(v->pane)), v->id, &d, &err) != STATUS_OK) {
        pane_error(v->pane, &err);
        return;
    }
    if (describe(v, d, &question, &line)) {
        free(v->send_line);
        v->send_line = str_take(&line);
        pane_ask_key(v->pane, str_text(&question), "\r", on_send_key);
    }
    str_fini(&question);
    str_fini(&line);
    draft_free(d);
}

void draft_send_look(struct draft_view *v)
{
    if (v->sending && v->commands == 0 && draft_pen_saved(v->pen))
        ask_to_send(v);
}

/* C-x Enter: first all that was typed is stored, then the exact text is approved. */
void draft_send_begin(struct draft_view *v, const char *at)
{
    if (v->live) {
        pane_say(v->pane, "%s", _("the text is still coming   C-c stops it"));
        return;
    }
    if (!v->pen)
        return;
    if (v->shown_version) {
        pane_say(v->pane, "%s", _("this is an earlier version: type to make it the current one"));
        return;
    }
    free(v->send_at);
    v->send_at = mem_strdup_maybe(at);
    v->fresh = false;
    v->sending = true;
    draft_pen_flush(v->pen);
    draft_send_look(v);
}

/* ---- versions ---- */

/* Shows another version, as it was. */
void draft_version_step(struct draft_view *v, int direction)
{
    struct draft *d = NULL;
    struct error err = ERROR_INIT;
    if (!v->pen || v->live)
        return;
    const struct draft *now = draft_pen_draft(v->pen);
    int64_t to = (v->shown_version ? v->shown_version : now->version) + direction;
    if (to < 1 || to > now->version) {
        pane_say(v->pane, "%s", direction > 0 ? _("this is the newest version")
                                              : _("this is the first version"));
        return;
    }
    if (to == now->version) {
        v->shown_version = 0;
        draft_view_unlock(v);
        draft_view_read(v);
        return;
    }
    draft_pen_flush(v->pen);
    if (draft_get_version(store_reader(pane_store(v->pane)), v->id, to, &d, &err) != STATUS_OK) {
        pane_error(v->pane, &err);
        return;
    }
    v->shown_version = to;
    box_set(v->body, d->text, 0);
    box_lock(v->body, true);
    pane_say(v->pane, _("version %lld of %lld, by %s   type to make it the current one"),
             (long long)to, (long long)now->version, draft_by_name(d->by));
    draft_free(d);
}

struct restore_record {
    int64_t draft, version;
};

/* Makes an earlier version the newest. */
static enum status run_restore(struct db *db, void *record, struct error *err)
{
    struct restore_record *r = record;
    return draft_restore_version(db, r->draft, r->version, err);
}

static const struct store_op restore_op = {"draft.restore", OP_PERSON, run_restore, free};

/* The version shown becomes the current one. */
void draft_version_restore(struct draft_view *v)
{
    struct restore_record *r = mem_alloc(sizeof *r);
    r->draft = v->id;
    r->version = v->shown_version;
    v->shown_version = 0;
    box_lock(v->body, false);
    store_post(pane_store(v->pane), &restore_op, r, NULL, NULL);
    pane_say(v->pane, "%s", _("this version is the current one now"));
}
