/* SPDX-License-Identifier: GPL-3.0-or-later */
/* textview.c - showing a text: wrapping, scrolling, folds, search, items, references. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "tui/textdata.h"

/* Borrow of a line. */
static struct text_line *line_at(const struct text *t, size_t i)
{
    return vec_at(&t->lines, i);
}

/* Where a line's bytes end. */
static size_t line_end(const struct text *t, size_t i)
{
    return i + 1 < t->lines.len ? line_at(t, i + 1)->start - 1 : t->bytes.len;
}

struct wrap_state {
    const char *base;
    uint32_t *breaks;
    int rows, cap;
};

/* Remembers where a wrapped row begins. */
static void on_row(void *user, const char *row, size_t len)
{
    struct wrap_state *w = user;
    (void)len;
    if (w->rows > 0) {
        if (w->rows > w->cap) {
            w->cap = w->cap ? w->cap * 2 : 4;
            w->breaks = mem_resize(w->breaks, (size_t)w->cap, sizeof *w->breaks);
        }
        w->breaks[w->rows - 1] = (uint32_t)(row - w->base);
    }
    w->rows++;
}

/* The fold a line is hidden in, NULL when it is shown. */
static struct text_folded *hidden_by(const struct text *t, size_t i)
{
    int fold = line_at(t, i)->fold;
    if (fold < 0 || (size_t)fold >= t->folds.len)
        return NULL;
    struct text_folded *f = vec_at(&t->folds, (size_t)fold);
    return f->folded ? f : NULL;
}

/* Cells of a row behind its indent. */
static size_t cells_behind(const struct text *t, int indent)
{
    int cells = t->width - indent;
    return cells < 4 ? 4 : (size_t)cells;
}

/* Rows of a line at the present width; wraps it when needed. */
static int rows_of(struct text *t, size_t i)
{
    struct text_folded *fold = hidden_by(t, i);
    if (fold)
        return fold->first == i ? 1 : 0;
    struct text_line *line = line_at(t, i);
    int width = t->width * 2 + utf8_ambiguous_cells(); /* both decide where lines break */
    if (line->width == width)
        return line->rows;
    size_t n = line_end(t, i) - line->start, second = 0;
    struct wrap_state w = {.base = str_text(&t->bytes) + line->start};
    free(line->breaks);
    line->breaks = NULL;
    if (n && line->first != line->rest) { /* the first row is longer or shorter than the others */
        struct wrap_state first = {.base = w.base};
        utf8_wrap(w.base, n, cells_behind(t, line->first), on_row, &first);
        second = first.rows > 1 ? first.breaks[0] : n;
        free(first.breaks);
        on_row(&w, w.base, second);
    }
    if (n > second)
        utf8_wrap(w.base + second, n - second, cells_behind(t, line->rest), on_row, &w);
    line->breaks = w.breaks;
    line->rows = w.rows > 0 ? w.rows : 1;
    line->width = width;
    return line->rows;
}

/* Moves the top down by rows; never past the last line. */
static void scroll_down(struct text *t, int rows)
{
    while (rows > 0) {
        int have = rows_of(t, t->top) - t->top_row;
        if (rows < have) {
            t->top_row += rows;
            return;
        }
        if (t->top + 1 >= t->lines.len)
            return;
        rows -= have;
        t->top++;
        t->top_row = 0;
    }
}

/* Moves the top up by rows. */
static void scroll_up(struct text *t, int rows)
{
    while (rows > 0) {
        if (rows <= t->top_row) {
            t->top_row -= rows;
            return;
        }
        rows -= t->top_row;
        t->top_row = 0;
        if (t->top == 0)
            return;
        t->top--;
        t->top_row = rows_of(t, t->top);
    }
}

/* Places the top so that the last row is the last of the window (or all fits). */
static void scroll_to_end(struct text *t)
{
    t->top = t->lines.len - 1;
    t->top_row = rows_of(t, t->top);
    /* An empty last line is the newline's, not a row to show. */
    if (line_at(t, t->top)->start == t->bytes.len && t->lines.len > 1 && !t->streaming)
        t->top_row = 0;
    scroll_up(t, t->height);
}

/* Whether everything below the top fits into the window. */
static bool end_in_view(struct text *t)
{
    int rows = -t->top_row;
    for (size_t i = t->top; i < t->lines.len; i++) {
        if (i + 1 == t->lines.len && line_at(t, i)->start == t->bytes.len)
            break;
        rows += rows_of(t, i);
        if (rows > t->height)
            return false;
    }
    return true;
}

/* Keeps the top inside the text. */
static void clamp_top(struct text *t)
{
    if (t->top >= t->lines.len) {
        t->top = t->lines.len - 1;
        t->top_row = 0;
    }
    if (t->top_row >= rows_of(t, t->top))
        t->top_row = 0;
}

/* The index of the run that holds byte `at`; SIZE_MAX when there is none. */
static size_t run_at(const struct text *t, size_t at)
{
    size_t from = 0, to = t->runs.len;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (((struct text_run *)vec_at(&t->runs, middle))->start <= at)
            from = middle + 1;
        else
            to = middle;
    }
    return from ? from - 1 : SIZE_MAX;
}

/* Restyles what was searched in one drawn row. */
static void draw_matches(const struct text *t, struct canvas *c, int row, int col, const char *bytes,
                         size_t n)
{
    size_t len = t->needle ? strlen(t->needle) : 0;
    if (len == 0)
        return;
    for (size_t i = 0; i + len <= n; i++)
        if (strncasecmp(bytes + i, t->needle, len) == 0) {
            canvas_restyle(c, row, col + (int)utf8_cells(bytes, i), (int)utf8_cells(bytes + i, len),
                           STYLE_MATCH | STYLE_REVERSE);
            i += len - 1;
        }
}

/* The first reference that ends behind a byte. */
static size_t ref_from(const struct text *t, size_t at)
{
    size_t from = 0, to = t->refs.len;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (((struct text_name *)vec_at(&t->refs, middle))->end <= at)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Makes the references of one drawn row hyperlinks. */
static void draw_links(const struct text *t, struct canvas *c, int row, int col, size_t from, size_t to)
{
    const char *bytes = str_text(&t->bytes);
    for (size_t i = ref_from(t, from); i < t->refs.len; i++) {
        const struct text_name *ref = vec_at(&t->refs, i);
        if (ref->start >= to)
            return;
        size_t start = ref->start > from ? ref->start : from, end = ref->end < to ? ref->end : to;
        if (ref->url && start < end)
            canvas_link(c, row, col + (int)utf8_cells(bytes + from, start - from),
                        (int)utf8_cells(bytes + start, end - start), ref->url);
    }
}

/* Draws one wrapped row: its runs, then matches. */
static void draw_row(struct text *t, struct canvas *c, int at, size_t i, int row)
{
    const struct text_line *line = line_at(t, i);
    const char *bytes = str_text(&t->bytes);
    size_t from = line->start + (row > 0 ? line->breaks[row - 1] : 0);
    size_t to = row + 1 < line->rows ? line->start + line->breaks[row] : line_end(t, i);
    int col = row > 0 ? line->rest : line->first, start = col;
    size_t begin = from, run = run_at(t, from);
    while (from < to) {
        size_t next = to;
        unsigned style = STYLE_PLAIN;
        uint32_t paint = 0;
        int before = col;
        if (run != SIZE_MAX) {
            style = ((struct text_run *)vec_at(&t->runs, run))->style;
            paint = ((struct text_run *)vec_at(&t->runs, run))->paint;
            if (run + 1 < t->runs.len) {
                size_t border = ((struct text_run *)vec_at(&t->runs, run + 1))->start;
                if (border < next)
                    next = border;
            }
        }
        col = canvas_put(c, at, col, style, bytes + from, next - from);
        if (paint)
            canvas_paint(c, at, before, col - before, paint);
        from = next;
        run = run == SIZE_MAX ? 0 : run + 1;
    }
    if (t->streaming && i + 1 == t->lines.len && row + 1 == line->rows)
        canvas_text(c, at, col, STYLE_STREAM, canvas_symbol(c, SYMBOL_STREAM));
    draw_links(t, c, at, start, begin, to);
    draw_matches(t, c, at, start, bytes + begin, to - begin);
}

/* Whether this line is the first of the selected item. */
static bool is_selected(const struct text *t, size_t i)
{
    int item = line_at(t, i)->item;
    if (!t->select_items || !t->selected || item < 0)
        return false;
    const struct text_name *name = vec_at(&t->items, (size_t)item);
    return name->line == i && str_eq(name->name, t->selected);
}

/* Is the window high enough for all? */
static bool fits(struct text *t)
{
    int rows = 0;
    for (size_t i = 0; i < t->lines.len && rows <= t->height; i++)
        rows += rows_of(t, i);
    return rows <= t->height;
}

/* Draws what the window shows. */
void text_draw(struct text *t, struct canvas *c, bool focused)
{
    t->width = c->cols > 0 ? c->cols : 1;
    t->height = c->rows > 0 ? c->rows : 1;
    clamp_top(t);
    if (t->select_items && (t->top > 0 || t->top_row > 0) && fits(t)) {
        t->top = 0; /* what is selected was brought into view before the size was known */
        t->top_row = 0;
    }
    /* A growing text moves half a window at a time, not a line: a reader's eye stays where it is, and the
     * line to the terminal carries the window twice a page instead of once a row. */
    if (t->follow && !end_in_view(t)) {
        scroll_to_end(t);
        if (t->streaming)
            scroll_down(t, t->height / 2);
    }
    t->follow = false;
    canvas_clear(c);
    size_t i = t->top;
    int row = t->top_row;
    for (int at = 0; at < c->rows && i < t->lines.len;) {
        int rows = rows_of(t, i);
        if (row >= rows) {
            i++;
            row = 0;
            continue;
        }
        struct text_folded *fold = hidden_by(t, i);
        if (fold)
            canvas_text(c, at, line_at(t, i)->first, STYLE_QUOTE | STYLE_DIM, fold->label);
        else
            draw_row(t, c, at, i, row);
        if (is_selected(t, i))
            canvas_restyle(c, at, 0, c->cols, focused ? STYLE_REVERSE : STYLE_UNDERLINE);
        at++;
        row++;
    }
    if (focused)
        canvas_cursor(c, 0, 0);
    t->was_at_end = end_in_view(t);
}

/* Scrolls until the line is in the window. */
static void bring_into_view(struct text *t, size_t line)
{
    if (line < t->top || (line == t->top && t->top_row > 0)) {
        t->top = line;
        t->top_row = 0;
        scroll_up(t, t->height > 6 ? 2 : 0);
        return;
    }
    int rows = -t->top_row;
    for (size_t i = t->top; i <= line && i < t->lines.len; i++) {
        rows += rows_of(t, i);
        if (rows > t->height) {
            t->top = line;
            t->top_row = 0;
            scroll_up(t, t->height / 2);
            return;
        }
    }
}

/* The place of the selected item among the items; SIZE_MAX when none. */
static size_t selected_index(const struct text *t)
{
    for (size_t i = 0; t->selected && i < t->items.len; i++)
        if (str_eq(((struct text_name *)vec_at(&t->items, i))->name, t->selected))
            return i;
    return SIZE_MAX;
}

/* Selects an item by its place. */
static void select_index(struct text *t, size_t i)
{
    const struct text_name *item = vec_at(&t->items, i);
    free(t->selected);
    t->selected = mem_strdup(item->name);
    bring_into_view(t, item->line);
}

/* Moves the selection among items that have a name. */
static bool move_item(struct text *t, int direction)
{
    size_t n = t->items.len, at = selected_index(t);
    if (n == 0)
        return false;
    for (size_t i = at == SIZE_MAX ? (direction > 0 ? 0 : n - 1) : at + (size_t)direction; i < n;
         i += (size_t)direction) {
        if (*((struct text_name *)vec_at(&t->items, i))->name) {
            select_index(t, i);
            return true;
        }
    }
    return true;
}

/* Opens or closes all folds; false when there are none. */
bool text_unfold_all(struct text *t, bool open)
{
    t->all_open = open;
    for (size_t i = 0; i < t->folds.len; i++)
        ((struct text_folded *)vec_at(&t->folds, i))->folded = !open;
    clamp_top(t);
    return t->folds.len > 0;
}

/* Does one of a text's verbs. */
bool text_verb(struct text *t, enum pane_verb verb, int arg)
{
    int page = t->height > 2 ? t->height - 1 : 1;
    (void)arg;
    switch (verb) {
    case PANE_UP:
        if (t->select_items && t->items.len)
            return move_item(t, -1);
        scroll_up(t, 1);
        return true;
    case PANE_DOWN:
        if (t->select_items && t->items.len)
            return move_item(t, 1);
        if (!end_in_view(t))
            scroll_down(t, 1);
        return true;
    case PANE_PAGE_UP:
        scroll_up(t, page);
        return true;
    case PANE_MARK:
    case PANE_PAGE_DOWN:
        for (int i = 0; i < page && !end_in_view(t); i++)
            scroll_down(t, 1);
        return true;
    case PANE_FIRST:
        t->top = 0;
        t->top_row = 0;
        return true;
    case PANE_LAST:
        scroll_to_end(t);
        return true;
    case PANE_HIDDEN:
        return text_unfold_all(t, !t->all_open);
    case PANE_SEARCH_NEXT:
        return t->needle && text_search(t, t->needle, 1);
    case PANE_SEARCH_PREV:
        return t->needle && text_search(t, t->needle, -1);
    default:
        return false;
    }
}

/* Whether a line holds the needle, by folded comparison. */
static bool line_matches(const struct text *t, size_t i)
{
    size_t start = line_at(t, i)->start;
    char *copy = mem_strndup(str_text(&t->bytes) + start, line_end(t, i) - start);
    bool found = utf8_contains_folded(copy, t->needle);
    free(copy);
    return found;
}

/* Goes to the next line that holds the needle, around the ends once. */
bool text_search(struct text *t, const char *needle, int direction)
{
    size_t n = t->lines.len, from = t->match_line < n ? t->match_line : t->top;
    if (t->needle != needle) {
        char *copy = mem_strdup(needle);
        free(t->needle);
        t->needle = copy;
        from = t->top + n - 1;
        direction = direction < 0 ? -1 : 1;
    }
    if (!*t->needle)
        return false;
    for (size_t step = 1; step <= n; step++) {
        size_t i = direction >= 0 ? (from + step) % n : (from + n - step % n) % n;
        if (!line_matches(t, i))
            continue;
        struct text_folded *fold = hidden_by(t, i);
        if (fold)
            fold->folded = false;
        t->match_line = i;
        bring_into_view(t, i);
        return true;
    }
    return false;
}

/* Goes to a named line and makes it the first of the window. */
bool text_jump(struct text *t, const char *anchor)
{
    for (size_t i = 0; i < t->anchors.len; i++) {
        const struct text_name *name = vec_at(&t->anchors, i);
        if (!str_eq(name->name, anchor))
            continue;
        t->top = name->line;
        t->top_row = 0;
        t->was_at_end = false;
        return true;
    }
    return false;
}

/* Whether UP and DOWN move between items. */
void text_select_items(struct text *t, bool on)
{
    t->select_items = on;
    if (on && selected_index(t) == SIZE_MAX && t->items.len) {
        free(t->selected);
        t->selected = NULL;
        move_item(t, 1);
    }
}

/* The selected item. */
const char *text_selected(const struct text *t)
{
    return selected_index(t) == SIZE_MAX ? NULL : t->selected;
}

/* The item a line belongs to. */
const char *text_item_at(const struct text *t, size_t line)
{
    int item = line < t->lines.len ? line_at(t, line)->item : -1;
    return item < 0 ? NULL : ((struct text_name *)vec_at(&t->items, (size_t)item))->name;
}

/* Selects an item by name. */
bool text_select(struct text *t, const char *item)
{
    for (size_t i = 0; i < t->items.len; i++)
        if (str_eq(((struct text_name *)vec_at(&t->items, i))->name, item)) {
            select_index(t, i);
            return true;
        }
    return false;
}

/* The reference [n], nearest below the top first; n 0: the selected item's or the first in view. */
const char *text_ref_at(struct text *t, int n)
{
    size_t item = t->select_items ? selected_index(t) : SIZE_MAX;
    const char *above = NULL;
    for (size_t i = 0; i < t->refs.len; i++) {
        const struct text_name *ref = vec_at(&t->refs, i);
        if (n > 0 && ref->number != n)
            continue;
        if (item != SIZE_MAX && n == 0) {
            if (line_at(t, ref->line)->item == (int)item)
                return ref->name;
            continue;
        }
        if (ref->line >= t->top)
            return ref->name;
        above = ref->name;
    }
    return n > 0 ? above : NULL;
}

/* Whether the last drawing showed the end. */
bool text_at_end(struct text *t)
{
    return end_in_view(t);
}

/* The line of the last match. */
size_t text_found(const struct text *t)
{
    return t->match_line < t->lines.len ? t->match_line : t->top;
}

/* The first line shown. */
size_t text_top(const struct text *t)
{
    return t->top;
}

/* Shows from this line. */
void text_set_top(struct text *t, size_t line)
{
    t->top = line < t->lines.len ? line : t->lines.len - 1;
    t->top_row = 0;
}
