/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows.c - the tab row above and the three rows below: why, hints (or the question), status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/keymap.h"
#include "tui/boxkeys.h"
#include "tui/screen.h"
#include "tui/tuidata.h"
#include "tui/wrap.h"

#define HINTS_MAX 64
#define QUESTION_MAX 4 /* rows that a question or its hint takes */

/* Rows a text takes in a canvas of so many columns; rows (struct wrap_row) are filled when not NULL. */
static int wrapped(const char *text, int cols, struct vec *rows)
{
    struct vec own = {0};
    struct vec *out = rows ? rows : &own;
    vec_init(out, sizeof(struct wrap_row), NULL);
    wrap_text(text, strlen(text), cols - 3, 0, out);
    int n = (int)out->len < QUESTION_MAX ? (int)out->len : QUESTION_MAX;
    if (!rows)
        vec_fini(&own);
    return n;
}

/* Whether what a question may be answered with stands above it: behind it there is too little room. */
static bool hint_above(const struct tui_question *q, int cols)
{
    return q->open && !q->keys_only && q->hint &&
           (int)(utf8_cells(q->prompt, strlen(q->prompt)) + utf8_cells(q->hint, strlen(q->hint))) + 5 > cols;
}

/* Whether a screen of so many rows has one for the reason. */
static bool has_why(int rows)
{
    return rows >= 16;
}

/* How many rows stand below: three, two on a small screen; more when a question needs them. */
int rows_height(const struct tui *t, int rows, int cols)
{
    int height = rows < 3 ? 0 : 2 + has_why(rows), more = 0;
    if (t->question.open && t->question.keys_only)
        more = wrapped(t->question.prompt, cols, NULL) - 1;
    else if (hint_above(&t->question, cols))
        more = wrapped(t->question.hint, cols, NULL) - has_why(rows);
    return height && height + more <= rows / 2 ? height + more : height;
}

/* "1 Inbox 12  2 Notes  3 Chat        work" */
void rows_tabs(struct tui *t, struct canvas *c)
{
    canvas_clear_row(c, 0);
    int col = 1;
    for (int i = 1; i <= TUI_TABS; i++) {
        const struct pane_ops *root = stack_root(i);
        if (!root)
            continue;
        unsigned style = i == t->tab ? STYLE_BOLD | STYLE_UNDERLINE : STYLE_PLAIN;
        canvas_textf(c, 0, col, i == t->tab ? STYLE_BOLD : STYLE_DIM, "%d ", i);
        col += 2;
        col = canvas_text(c, 0, col, style, _(root->title));
        struct pane *p = t->tabs[i].count ? t->tabs[i].stack[0] : NULL;
        if (p && p->ops->count) {
            struct str count = STR_INIT;
            p->ops->count(p->state, &count);
            if (count.len)
                col = canvas_foreign(c, 0, col + 1, STYLE_DIM, str_text(&count));
            str_fini(&count);
        }
        col += 2;
    }
    int cells = (int)utf8_cells(t->label, strlen(t->label));
    if (c->cols - cells - 1 > col)
        canvas_foreign(c, 0, c->cols - cells - 1, STYLE_DIM, t->label);
}

/* Asks the focused pane anew why its selection is where it is. */
void rows_refresh_why(struct tui *t)
{
    struct pane *p = stack_top(t);
    str_clear(&t->why);
    if (p && p->ops->why)
        p->ops->why(p->state, &t->why);
    t->why_stale = false;
}

/* The keymap's hints by rank, as far as they fit; returns the column behind the last. */
static int draw_keys(struct tui *t, struct canvas *c, int row, int limit)
{
    static struct keymap_hint hints[HINTS_MAX];
    static unsigned contexts, serial;
    static size_t n;
    int col = 1;
    char prefix = 0;
    if (t->all_dirty || contexts != keys_contexts(t) || serial != keymap_serial()) {
        serial = keymap_serial();
        contexts = keys_contexts(t);
        n = keymap_hints(contexts, hints, HINTS_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        /* Of a sequence of letters ("t a") the first is shown, once. */
        char keys[24];
        snprintf(keys, sizeof keys, "%s", hints[i].keys);
        bool letters = keys[1] == ' ';
        if (letters)
            keys[1] = 0;
        if (letters && keys[0] == prefix)
            continue;
        prefix = letters ? keys[0] : prefix;
        size_t cells = utf8_cells(keys, strlen(keys)) + 1 +
                       utf8_cells(hints[i].text, strlen(hints[i].text));
        if (col + (int)cells + 2 > limit)
            break;
        col = canvas_text(c, row, col, STYLE_HINT | STYLE_BOLD, keys) + 1;
        col = canvas_text(c, row, col, STYLE_HINT, hints[i].text) + 2;
    }
    return col;
}

/* A pane's own hints, parted by two spaces, as far as whole ones fit; the column behind. */
static int draw_own_hints(struct canvas *c, int row, int limit, char *text)
{
    int col = 1;
    while (*text) {
        char *end = strstr(text, "  ");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        int cells = (int)utf8_cells(text, n);
        if (col + cells > limit)
            break;
        char kept = text[n];
        text[n] = 0;
        col = canvas_text(c, row, col, STYLE_HINT, text) + 2;
        text[n] = kept;
        text += n + strspn(text + n, " ");
    }
    return col;
}

/* Writes hints until the row is full; "? more" always stays. */
static void draw_hints(struct tui *t, struct canvas *c, int row)
{
    struct str text = STR_INIT;
    struct pane *p = stack_top(t);
    const char *more = keys_box(t) ? _("C-x ? more") : _("? more");
    int limit = c->cols - (int)utf8_cells(more, strlen(more)) - 1, col;
    if (p && p->ops->hints)
        p->ops->hints(p->state, &text);
    col = text.len ? draw_own_hints(c, row, limit - 2, text.data) : draw_keys(t, c, row, limit);
    canvas_text(c, row, col, STYLE_HINT, more);
    str_fini(&text);
}

/* A word of a key's command in the person's language, by what it means there; a person's own line as it is. */
static const char *say_word(const struct keymap_entry *e, const char *word)
{
    if (e->bound || !e->row || !*word)
        return word;
    char *both = str_format("%s\004%s", e->row->name, word);
    const char *said = i18n_text(both);
    if (said == both)
        said = i18n_text(word);
    free(both);
    return said;
}

/* The keys that may follow a prefix: "t  a answer  c act  …". */
static void draw_prefix(struct tui *t, struct canvas *c, int row)
{
    const char *prefix = str_text(&t->seq);
    size_t len = t->seq.len, i = 0;
    unsigned contexts = keys_contexts(t);
    int col = canvas_text(c, row, 1, STYLE_BOLD, prefix) + 2;
    struct keymap_entry e;
    while (keymap_next(&i, &e)) {
        if (!(e.contexts & contexts) || strncmp(e.keys, prefix, len) != 0 || e.keys[len] != ' ')
            continue;
        const char *key = e.keys + len + 1, *last = strrchr(e.line, ' ');
        const char *word = last ? last + 1 : e.line;
        bool plain = str_eq(key, word); /* "o 1": the number says all */
        word = say_word(&e, word);
        if (col + (int)(strlen(key) + (plain ? 0 : 1 + utf8_cells(word, strlen(word)))) > c->cols - 1)
            break;
        col = canvas_text(c, row, col, STYLE_HINT | STYLE_BOLD, key) + 1;
        col = plain ? col + 1 : canvas_text(c, row, col, STYLE_HINT, word) + 2;
    }
}

/* A text over at most `room` rows from `row` on, what is left over cut; the cells of the last row. */
static int draw_wrapped(struct canvas *c, int row, int room, unsigned style, const char *text)
{
    struct vec rows;
    int n = wrapped(text, c->cols, &rows), cells = 0;
    n = n < room ? n : room;
    for (int i = 0; i < n; i++) {
        const struct wrap_row *r = vec_at(&rows, (size_t)i);
        size_t end = i + 1 < n ? r->end : strlen(text);
        char *line = mem_strndup(text + r->start, end - r->start);
        cells = (int)utf8_cells(line, strlen(line));
        cells = cells < c->cols - 2 ? cells : c->cols - 2;
        canvas_column(c, row + i, 1, cells, style, CUT_END | CANVAS_FOREIGN, line);
        free(line);
    }
    vec_fini(&rows);
    return cells;
}

/* The question in the place of the hints; one of one key ends in `row` and may begin above. */
static void draw_question(struct tui *t, struct canvas *c, int row)
{
    struct tui_question *q = &t->question;
    if (q->keys_only) {
        int n = wrapped(q->prompt, c->cols, NULL), room = row + 1 - has_why(screen_grid()->rows);
        n = n < room ? n : room;
        int cells = draw_wrapped(c, row - n + 1, n, STYLE_BOLD, q->prompt);
        canvas_cursor(c, row, cells + 2 < c->cols ? cells + 2 : c->cols - 1);
        return;
    }
    struct canvas line = canvas_sub(c, row, 1, 1, c->cols - 2);
    box_draw(q->box, &line, true);
    if (hint_above(q, c->cols) && row > 0 && !t->message && boxkeys_matches()->len == 0) {
        draw_wrapped(c, 0, row, STYLE_DIM, q->hint);
    } else if (q->hint && !*box_text(q->box)) {
        int col = (int)utf8_cells(q->prompt, strlen(q->prompt)) + 3;
        if (line.cols - col > 8)
            canvas_column(&line, 0, col, line.cols - col, STYLE_DIM, CUT_END | CANVAS_FOREIGN,
                          q->hint);
    }
}

/* Candidates of a completion, in the place of the reason. */
static bool draw_matches(struct tui *t, struct canvas *c, int row)
{
    const struct vec *matches = boxkeys_matches();
    if (!keys_box(t) || matches->len == 0)
        return false;
    int col = 1;
    for (size_t i = 0; i < matches->len; i++) {
        char *word = mem_strdup(strv_at(matches, i));
        size_t n = strlen(word);
        if (n > 2 && str_ends(word, ", ")) /* what goes on behind a recipient says nothing here */
            word[n - 2] = 0;
        bool fits = col + (int)utf8_cells(word, strlen(word)) <= c->cols - 3;
        if (fits)
            col = canvas_foreign(c, row, col, STYLE_PLAIN, word) + 2;
        else
            canvas_text(c, row, col, STYLE_DIM, canvas_symbol(c, SYMBOL_ELLIPSIS));
        free(word);
        if (!fits)
            break;
    }
    return true;
}

/* The last row: place and work at the left, what is held at the right. */
static void draw_status(struct tui *t, struct canvas *c, int row)
{
    struct str text = STR_INIT;
    struct pane *p = stack_top(t);
    int held = t->held.len ? (int)utf8_cells(str_text(&t->held), t->held.len) : 0;
    if (!run_working(t, &text) && t->jobs.len)
        str_puts(&text, str_text(&t->jobs));
    else if (!text.len && p && p->ops->status)
        p->ops->status(p->state, &text);
    canvas_column(c, row, 1, c->cols - 2 - (held ? held + 2 : 0), STYLE_DIM,
                  CUT_END | CANVAS_FOREIGN, str_text(&text));
    if (held)
        canvas_foreign(c, row, c->cols - held - 1, STYLE_WARN, str_text(&t->held));
    str_fini(&text);
}

/* Draws the rows below. */
void rows_draw(struct tui *t, struct canvas *c)
{
    int hints = c->rows - 2;
    if (hints < 0)
        return;
    for (int i = 0; i < c->rows; i++)
        canvas_clear_row(c, i);
    bool why = has_why(screen_grid()->rows), both = false;
    if (why) {
        if (draw_matches(t, c, 0))
            ;
        else if (hint_above(&t->question, c->cols) && !t->message)
            ;
        else if (t->message && t->message_error && !t->question.open && wrapped(t->message, c->cols, NULL) > 1)
            both = draw_wrapped(c, 0, 2, STYLE_ERROR, t->message) >= 0; /* till the next key it has the hints' row, too */
        else if (t->message)
            canvas_column(c, 0, 1, c->cols - 2, t->message_error ? STYLE_ERROR : STYLE_PLAIN,
                          CUT_END | CANVAS_FOREIGN, t->message);
        else
            canvas_column(c, 0, 1, c->cols - 2, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN,
                          str_text(&t->why));
    }
    if (t->question.open)
        draw_question(t, c, hints);
    else if (both)
        ; /* the error goes on here */
    else if (!why && t->message)
        canvas_column(c, hints, 1, c->cols - 2, t->message_error ? STYLE_ERROR : STYLE_PLAIN,
                      CUT_END | CANVAS_FOREIGN, t->message);
    else if (t->seq.len && !keys_box(t))
        draw_prefix(t, c, hints);
    else
        draw_hints(t, c, hints);
    draw_status(t, c, hints + 1);
}
