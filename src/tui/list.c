/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.c - a list view: the selection is a thing, not a row.
 *
 * The list keeps the selected id and, beside it, the row where it was last seen. On reload the id
 * is looked for near that row first, then everywhere; when it is gone the successor that
 * list_leave chose is taken, else what now stands in its row. Marks are a small vector of ids. */
#include "tui/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"

#define NEAR 64 /* rows looked at around the old place before a whole scan */

struct list {
    struct list_rows rows;
    void *user;
    int64_t selected; /* 0: none */
    size_t row;       /* where `selected` was last seen */
    int64_t wanted;   /* select it when it comes */
    int64_t heir;     /* who is selected when `selected` goes */
    size_t top;
    int height;       /* rows of the last drawing */
    struct vec marks; /* int64_t, sorted */
    int64_t range_from; /* `v` was pressed here and the range is open, 0 */
    bool group_marked;  /* `*` once: next marks all */
    char *needle;     /* own */
    struct {
        size_t top, count, row;
        int rows, cols;
        bool focused;
    } drawn; /* what the window showed last */
};

/* Makes a list over somebody's rows. */
struct list *list_new(const struct list_rows *rows, void *user)
{
    struct list *l = mem_alloc(sizeof *l);
    l->rows = *rows;
    l->user = user;
    l->height = 20;
    vec_init(&l->marks, sizeof(int64_t), NULL);
    list_reload(l);
    return l;
}

/* Releases the view, not the rows. */
void list_free(struct list *l)
{
    if (!l)
        return;
    vec_fini(&l->marks);
    free(l->needle);
    free(l);
}

/* How many rows there are. */
size_t list_count(const struct list *l)
{
    return l->rows.count(l->user);
}

/* The id of a row. */
static int64_t id_at(const struct list *l, size_t i)
{
    return l->rows.id(l->user, i);
}

/* Finds the row of an id: near `around` first. SIZE_MAX when absent. */
static size_t find_row(const struct list *l, int64_t id, size_t around)
{
    size_t n = list_count(l);
    size_t from = around > NEAR ? around - NEAR : 0, to = around + NEAR < n ? around + NEAR : n;
    if (id == 0)
        return SIZE_MAX;
    for (size_t i = from; i < to; i++)
        if (id_at(l, i) == id)
            return i;
    for (size_t i = 0; i < n; i++)
        if ((i < from || i >= to) && id_at(l, i) == id)
            return i;
    return SIZE_MAX;
}

/* Makes row the selected one and tells the owner when that is news. */
static void select_row(struct list *l, size_t row)
{
    size_t n = list_count(l);
    int64_t before = l->selected;
    if (n == 0) {
        l->selected = 0;
        l->row = 0;
    } else {
        l->row = row < n ? row : n - 1;
        l->selected = id_at(l, l->row);
    }
    l->heir = 0;
    if (before != l->selected && l->rows.on_select)
        l->rows.on_select(l->user);
}

/* Selects by row. */
void list_select_row(struct list *l, size_t row)
{
    select_row(l, row);
}

/* Selects by id; remembers it when it is not there yet. */
bool list_select(struct list *l, int64_t id)
{
    size_t row = find_row(l, id, l->row);
    if (row == SIZE_MAX) {
        l->wanted = id;
        return false;
    }
    l->wanted = 0;
    select_row(l, row);
    return true;
}

/* Where id stands among the marks, or where it would; *there tells which. */
static size_t mark_index(const struct list *l, int64_t id, bool *there)
{
    size_t from = 0, to = l->marks.len;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (*(int64_t *)vec_at(&l->marks, middle) < id)
            from = middle + 1;
        else
            to = middle;
    }
    *there = from < l->marks.len && *(int64_t *)vec_at(&l->marks, from) == id;
    return from;
}

/* Whether id is marked. */
bool list_is_marked(const struct list *l, int64_t id)
{
    bool there;
    mark_index(l, id, &there);
    return there;
}

/* Sets or clears one mark. */
static void mark(struct list *l, int64_t id, bool on)
{
    bool there;
    size_t i = mark_index(l, id, &there);
    if (on && !there && id)
        *(int64_t *)vec_insert(&l->marks, i) = id;
    else if (!on && there)
        vec_remove(&l->marks, i);
}

/* Order of the marks. */
static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void add_marked(const struct list *l, bool range, struct vec *ids);

/* Drops marks of what is gone, and the range that began there. */
static void prune_marks(struct list *l)
{
    if (l->range_from && find_row(l, l->range_from, l->row) == SIZE_MAX)
        l->range_from = 0;
    if (l->marks.len == 0)
        return;
    struct vec kept;
    vec_init(&kept, sizeof(int64_t), NULL);
    add_marked(l, false, &kept);
    vec_sort(&kept, compare_ids);
    vec_fini(&l->marks);
    l->marks = kept;
}

/* The rows changed: finds the selection again, drops marks of what is gone. */
void list_reload(struct list *l)
{
    size_t row = SIZE_MAX, old = l->row;
    if (l->wanted)
        row = find_row(l, l->wanted, l->row);
    if (row != SIZE_MAX)
        l->wanted = 0;
    else
        row = find_row(l, l->selected, l->row);
    if (row == SIZE_MAX)
        row = find_row(l, l->heir, l->row);
    if (row == SIZE_MAX)
        row = l->row;
    bool kept = row < list_count(l) && id_at(l, row) == l->selected;
    select_row(l, row);
    /* Rows that came above push the view along, so that nothing moves under the eye. */
    if (kept && l->row > old && l->top > 0)
        l->top += l->row - old;
    else if (kept && l->row < old)
        l->top = l->top > old - l->row ? l->top - (old - l->row) : 0;
    prune_marks(l);
}

/* The row of the selection. */
size_t list_selected_row(const struct list *l)
{
    return l->selected ? l->row : SIZE_MAX;
}

/* The selected id. */
int64_t list_selected(const struct list *l)
{
    return l->selected;
}

/* The rows of the range that is open, from its begin to the selection; false: none is open. */
static bool open_range(const struct list *l, size_t *from, size_t *to)
{
    size_t begin = find_row(l, l->range_from, l->row);
    if (begin == SIZE_MAX || !l->selected)
        return false;
    *from = begin < l->row ? begin : l->row;
    *to = begin < l->row ? l->row : begin;
    return true;
}

/* How many are marked, those of an open range too. */
size_t list_marked(const struct list *l)
{
    size_t from, to, n = l->marks.len;
    if (open_range(l, &from, &to))
        for (size_t i = from; i <= to; i++)
            n += !list_is_marked(l, id_at(l, i));
    return n;
}

/* How many are marked, and what an open range waits for. */
bool list_say_marks(const struct list *l, struct str *out)
{
    size_t n = list_marked(l), from, to;
    if (!n)
        return false;
    if (!open_range(l, &from, &to))
        str_addf(out, P_("%zu marked   Esc clears", "%zu marked   Esc clears", n), n);
    else if (n == 1)
        str_puts(out, _("range from here: move, then v again (or act: the range is taken)"));
    else
        str_addf(out, P_("range, %zu marked: v ends it, an action takes it   Esc clears",
                         "range, %zu marked: v ends it, an action takes it   Esc clears", n), n);
    return true;
}

/* Clears all marks. */
void list_unmark(struct list *l)
{
    vec_clear(&l->marks);
    l->range_from = 0;
    l->group_marked = false;
}

/* Those marked, of the range too, in the order of the rows. */
static void add_marked(const struct list *l, bool range, struct vec *ids)
{
    size_t n = list_count(l), from = SIZE_MAX, to = 0, left = range ? list_marked(l) : l->marks.len;
    if (range && !open_range(l, &from, &to))
        from = SIZE_MAX;
    for (size_t i = 0; i < n && left > 0; i++) {
        int64_t id = id_at(l, i);
        if ((i >= from && i <= to) || list_is_marked(l, id)) {
            *(int64_t *)vec_push(ids) = id;
            left--;
        }
    }
}

/* Marked ids in the order of the rows, else the selected one. */
void list_target(const struct list *l, struct vec *ids)
{
    if (list_marked(l))
        add_marked(l, true, ids);
    else if (l->selected)
        *(int64_t *)vec_push(ids) = l->selected;
}

/* The group of a row, 0 without groups. */
static int group_at(const struct list *l, size_t i)
{
    return l->rows.group ? l->rows.group(l->user, i) : 0;
}

/* Whether id is among those that leave. */
static bool leaves(const int64_t *ids, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/* Chooses who inherits the selection: next of the same group, else the previous, else any. */
void list_leave(struct list *l, const int64_t *ids, size_t n)
{
    size_t count = list_count(l);
    l->heir = 0;
    if (!l->selected || l->row >= count || !leaves(ids, n, l->selected))
        return;
    int group = group_at(l, l->row);
    for (size_t i = l->row + 1; i < count && group_at(l, i) == group; i++)
        if (!leaves(ids, n, id_at(l, i))) {
            l->heir = id_at(l, i);
            return;
        }
    for (size_t i = l->row; i > 0 && group_at(l, i - 1) == group; i--)
        if (!leaves(ids, n, id_at(l, i - 1))) {
            l->heir = id_at(l, i - 1);
            return;
        }
    for (size_t i = l->row + 1; i < count; i++)
        if (!leaves(ids, n, id_at(l, i))) {
            l->heir = id_at(l, i);
            return;
        }
}

/* The heading above a row: where its group begins, and at the top of the window. */
static const char *heading_at(const struct list *l, size_t i)
{
    if (!l->rows.heading || (i > l->top && i > 0 && group_at(l, i) == group_at(l, i - 1)))
        return NULL;
    const char *words = l->rows.heading(l->user, i);
    return words && *words ? words : NULL;
}

/* Screen rows from the top to the selection, headings counted. */
static size_t rows_to_selection(const struct list *l)
{
    size_t rows = 0;
    for (size_t i = l->top; i <= l->row; i++)
        rows += heading_at(l, i) ? 2 : 1;
    return rows;
}

/* Are there fewer rows than the window holds, headings counted, from the top to the end? */
static bool has_room(const struct list *l, size_t height)
{
    size_t n = list_count(l), rows = 0;
    for (size_t i = l->top; i < n; i++) {
        rows += heading_at(l, i) ? 2 : 1;
        if (rows >= height)
            return false;
    }
    return true;
}

/* Rows went at the end: those above come down, so that the window stays full. */
static void fill_window(struct list *l, size_t height)
{
    while (l->top > 0 && has_room(l, height)) {
        l->top--;
        if (l->selected && rows_to_selection(l) > height) {
            l->top++;
            return;
        }
    }
}

/* Scrolls so that the selection is in the window. */
static void keep_in_view(struct list *l)
{
    size_t n = list_count(l), height = l->height > 0 ? (size_t)l->height : 1;
    /* A selection that leaves the window takes half of it along: the window is written anew twice a
     * page, not once a row. */
    if (l->selected && l->row < l->top)
        l->top = l->row > height / 2 ? l->row - height / 2 : 0;
    if (l->selected && l->row >= l->top + height)
        l->top = l->row - height / 2;
    while (l->selected && l->rows.heading && l->top < l->row && rows_to_selection(l) > height)
        l->top++;
    if (l->top + height > n && !l->rows.heading)
        l->top = n > height ? n - height : 0;
    if (l->top >= n)
        l->top = n ? n - 1 : 0;
    if (l->rows.heading)
        fill_window(l, height);
}

/* Draws one row of the list. */
static void draw_row(struct list *l, struct canvas *row, size_t at, bool focused)
{
    int64_t id = id_at(l, at);
    unsigned flags = focused ? LIST_FOCUSED : 0;
    size_t from, to;
    if (id == l->selected)
        flags |= LIST_SELECTED;
    if (list_is_marked(l, id) || (open_range(l, &from, &to) && at >= from && at <= to))
        flags |= LIST_MARKED;
    l->rows.draw(l->user, at, row, flags);
    int bar = l->rows.bar ? l->rows.bar(l->user, row->cols) : row->cols;
    if (flags & LIST_SELECTED)
        canvas_select(row, 0, 0, bar, focused);
    if (focused && (flags & LIST_SELECTED))
        canvas_cursor(row, 0, 0);
}

/* Loads what the window needs and scrolls it. */
static void fit_window(struct list *l, const struct canvas *c)
{
    l->height = c->rows;
    if (l->rows.more && l->top + 2 * (size_t)(c->rows > 0 ? c->rows : 1) > list_count(l))
        l->rows.more(l->user);
    keep_in_view(l);
}

/* Draws the rows of the window: all, or only those whose selection changed since. */
static void draw_window(struct list *l, struct canvas *c, bool focused, bool all)
{
    size_t n = list_count(l), at = l->top;
    for (int i = 0; i < c->rows && (all || at < n); i++, at++) {
        struct canvas row = canvas_sub(c, i, 0, 1, c->cols);
        const char *heading = at < n ? heading_at(l, at) : NULL;
        bool wanted = all || at == l->row || at == l->drawn.row;
        if (wanted)
            canvas_clear_row(&row, 0);
        if (heading && i + 1 < c->rows) {
            if (wanted)
                canvas_text(&row, 0, 1, STYLE_BOLD, heading);
            row = canvas_sub(c, ++i, 0, 1, c->cols);
            if (wanted)
                canvas_clear_row(&row, 0);
        }
        if (wanted && at < n)
            draw_row(l, &row, at, focused);
    }
    l->drawn.top = l->top;
    l->drawn.count = n;
    l->drawn.row = l->row;
    l->drawn.rows = c->rows;
    l->drawn.cols = c->cols;
    l->drawn.focused = focused;
}

/* Draws the rows of the window. */
void list_draw(struct list *l, struct canvas *c, bool focused)
{
    fit_window(l, c);
    draw_window(l, c, focused, true);
}

/* Draws what a step of the selection changes. */
void list_draw_moved(struct list *l, struct canvas *c, bool focused)
{
    fit_window(l, c);
    bool same = !l->range_from && l->drawn.top == l->top && l->drawn.count == list_count(l) &&
                l->drawn.rows == c->rows && l->drawn.cols == c->cols && l->drawn.focused == focused;
    draw_window(l, c, focused, !same);
}

/* Moves to the first row of the next or previous group. */
static void move_group(struct list *l, int direction)
{
    size_t n = list_count(l), i = l->row;
    if (n == 0)
        return;
    int group = group_at(l, i);
    if (direction > 0) {
        while (i < n && group_at(l, i) == group)
            i++;
        if (i < n)
            select_row(l, i);
        return;
    }
    while (i > 0 && group_at(l, i - 1) == group)
        i--;
    if (i > 0) {
        group = group_at(l, --i);
        while (i > 0 && group_at(l, i - 1) == group)
            i--;
    }
    select_row(l, i);
}

/* Moves to the next or previous unread row, around the ends once. */
static void move_unread(struct list *l, int direction)
{
    size_t n = list_count(l);
    if (!l->rows.unread || n == 0)
        return;
    for (size_t step = 1; step <= n; step++) {
        size_t i = direction > 0 ? (l->row + step) % n : (l->row + n - step) % n;
        if (l->rows.unread(l->user, i)) {
            select_row(l, i);
            return;
        }
    }
}

/* Begins a range, or marks the rows of the one that is open. */
static void mark_range(struct list *l)
{
    size_t from, to;
    if (!l->range_from) {
        l->range_from = l->selected;
        return;
    }
    if (open_range(l, &from, &to))
        for (size_t i = from; i <= to; i++)
            mark(l, id_at(l, i), true);
    l->range_from = 0;
}

/* Marks the selection's group; the second time everything. */
static void mark_group(struct list *l)
{
    size_t n = list_count(l);
    if (n == 0)
        return;
    int group = group_at(l, l->row);
    vec_clear(&l->marks);
    for (size_t i = 0; i < n; i++)
        if (l->group_marked || group_at(l, i) == group)
            *(int64_t *)vec_push(&l->marks) = id_at(l, i);
    vec_sort(&l->marks, compare_ids);
    l->group_marked = !l->group_marked;
}

/* Moves by rows and keeps within the list. */
static void move_by(struct list *l, long rows)
{
    size_t n = list_count(l);
    if (n == 0)
        return;
    long to = (long)l->row + rows;
    if (to >= (long)n && l->rows.more)
        l->rows.more(l->user);
    n = list_count(l);
    select_row(l, to < 0 ? 0 : to >= (long)n ? n - 1 : (size_t)to);
}

/* Does one of a list's verbs. */
bool list_verb(struct list *l, enum pane_verb verb, int arg)
{
    (void)arg;
    long page = l->height > 2 ? l->height - 2 : 1;
    switch (verb) {
    case PANE_UP:
        move_by(l, -1);
        return true;
    case PANE_DOWN:
        move_by(l, 1);
        return true;
    case PANE_PAGE_UP:
        l->top = l->top > (size_t)page ? l->top - (size_t)page : 0;
        move_by(l, -page);
        return true;
    case PANE_PAGE_DOWN:
        l->top += (size_t)page;
        move_by(l, page);
        return true;
    case PANE_FIRST:
        select_row(l, 0);
        return true;
    case PANE_LAST:
        select_row(l, SIZE_MAX);
        return true;
    case PANE_MARK:
        mark(l, l->selected, l->selected && !list_is_marked(l, l->selected));
        move_by(l, 1);
        return true;
    case PANE_RANGE:
        mark_range(l);
        return true;
    case PANE_MARK_GROUP:
        mark_group(l);
        return true;
    case PANE_UNMARK:
        if (l->marks.len == 0 && !l->range_from)
            return false;
        list_unmark(l);
        return true;
    case PANE_GROUP_PREV:
    case PANE_GROUP_NEXT:
        move_group(l, verb == PANE_GROUP_NEXT ? 1 : -1);
        return true;
    case PANE_UNREAD_PREV:
    case PANE_UNREAD_NEXT:
        move_unread(l, verb == PANE_UNREAD_NEXT ? 1 : -1);
        return true;
    case PANE_SEARCH_NEXT:
        return l->needle && list_search(l, l->needle, 1);
    case PANE_SEARCH_PREV:
        return l->needle && list_search(l, l->needle, -1);
    default:
        return false;
    }
}

/* Selects the next row that holds the needle; around the ends once. */
bool list_search(struct list *l, const char *needle, int direction)
{
    size_t n = list_count(l);
    if (l->needle != needle) {
        char *copy = mem_strdup(needle);
        free(l->needle);
        l->needle = copy;
    }
    if (!l->rows.match || n == 0)
        return false;
    for (size_t step = 1; step <= n; step++) {
        size_t i = direction >= 0 ? (l->row + step) % n : (l->row + n - step % n) % n;
        if (l->rows.match(l->user, i, l->needle)) {
            select_row(l, i);
            return true;
        }
    }
    return false;
}
