/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_views.c - cells, lists, texts and the rows of a text box, without a terminal. */
#include <stdlib.h>

#include "base/str.h"
#include "base/vec.h"
#include "tap.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/text.h"
#include "tui/wrap.h"

/* A row of a grid as text; borrowed until the next call. */
static const char *row(const struct grid *g, int i)
{
    static struct str s;
    str_clear(&s);
    grid_row_text(g, i, &s);
    return str_text(&s);
}

/* Columns, cuts, wide characters, the gate. */
static void test_canvas(void)
{
    struct grid g;
    grid_init(&g, 4, 20);
    struct canvas c = grid_canvas(&g);
    canvas_text(&c, 0, 18, 0, "abc");
    is_str(row(&g, 0), "                  ab", "text is cut at the edge");
    canvas_clear(&c);
    canvas_text(&c, 0, 19, 0, "会");
    is_str(row(&g, 0), "", "half a wide character is not drawn");
    canvas_text(&c, 0, 0, 0, "会议");
    canvas_text(&c, 0, 1, 0, "x");
    is_str(row(&g, 0), " x议", "a wide character that is broken leaves a blank");
    canvas_column(&c, 1, 0, 8, 0, CUT_END, "李娜和采购部的人");
    canvas_column(&c, 2, 0, 11, 0, CUT_MIDDLE, "中国石油天然气采购中心");
    canvas_text(&c, 1, 8, 0, "|");
    canvas_text(&c, 2, 11, 0, "|");
    is_str(row(&g, 1), "李娜和… |", "people are cut at the end, in cells");
    ok(strstr(row(&g, 2), "…") && strstr(row(&g, 2), "|"), "companies in the middle: %s", row(&g, 2));
    canvas_column(&c, 3, 0, 6, 0, ALIGN_RIGHT, "42");
    is_str(row(&g, 3), "    42", "right");
    canvas_clear(&c);
    canvas_foreign(&c, 0, 0, 0, "a\033[2Jb");
    ok(!strchr(row(&g, 0), 033) && strstr(row(&g, 0), "[2Jb"), "foreign bytes pass the gate");
    canvas_text(&c, 1, 0, 0, "e\xcc\x81x");
    is_str(row(&g, 1), "e\xcc\x81x", "a combining mark stays with its letter");
    struct canvas outside = canvas_sub(&c, -1, 0, 3, 3);
    canvas_text(&outside, 0, 0, 0, "no");
    struct canvas sub = canvas_sub(&c, 3, 10, 10, 100);
    canvas_text(&sub, 0, 0, 0, "0123456789ABC");
    is_str(row(&g, 3), "          0123456789", "a part is cut to the whole");
    grid_fini(&g);
}

/* ---- list ---- */

struct rows {
    int64_t id[64];
    int group[64];
    size_t n;
};

/* How many. */
static size_t count(void *user)
{
    return ((struct rows *)user)->n;
}

/* A row's id. */
static int64_t id(void *user, size_t i)
{
    return ((struct rows *)user)->id[i];
}

/* A row's group. */
static int group(void *user, size_t i)
{
    return ((struct rows *)user)->group[i];
}

/* A row's number. */
static void draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    canvas_textf(c, 0, 0, 0, "%s%lld", flags & LIST_MARKED ? "x" : "",
                 (long long)((struct rows *)user)->id[i]);
}

/* Selection by identity, successors, marks. */
static void test_list(void)
{
    struct rows r = {.n = 0};
    struct list_rows ops = {.count = count, .id = id, .draw = draw, .group = group};
    for (int i = 0; i < 30; i++) {
        r.id[r.n] = 100 + i;
        r.group[r.n++] = i / 10;
    }
    struct list *l = list_new(&ops, &r);
    is_int(list_selected(l), 100, "the first is selected");
    list_verb(l, PANE_DOWN, 0);
    list_verb(l, PANE_DOWN, 0);
    is_int(list_selected(l), 102, "down twice");
    memmove(r.id + 1, r.id, 29 * sizeof r.id[0]);
    r.id[0] = 999;
    list_reload(l);
    is_int(list_selected(l), 102, "an arriving row does not move the selection");
    is_int((int64_t)list_selected_row(l), 3, "it stands a row lower");

    list_select(l, 108);
    int64_t leaving[] = {108};
    list_leave(l, leaving, 1);
    for (size_t i = 0; i < r.n; i++)
        if (r.id[i] == 108) {
            memmove(r.id + i, r.id + i + 1, (r.n - i - 1) * sizeof r.id[0]);
            memmove(r.group + i, r.group + i + 1, (r.n - i - 1) * sizeof r.group[0]);
        }
    r.n--;
    list_reload(l);
    is_int(list_selected(l), 107, "the last of a lane: the one before it in the lane");

    list_verb(l, PANE_GROUP_NEXT, 0);
    is_int(group(&r, list_selected_row(l)), 1, "next lane");
    list_verb(l, PANE_GROUP_PREV, 0);
    is_int((int64_t)list_selected_row(l), 0, "and back to its first");

    struct vec ids;
    vec_init(&ids, sizeof(int64_t), NULL);
    list_verb(l, PANE_MARK, 0);
    list_verb(l, PANE_MARK, 0);
    is_int((int64_t)list_marked(l), 2, "two marked");
    list_target(l, &ids);
    ok(ids.len == 2 && *(int64_t *)vec_at(&ids, 0) == 999 && *(int64_t *)vec_at(&ids, 1) == 100,
       "in the order of the rows");
    list_unmark(l);
    list_verb(l, PANE_MARK_GROUP, 0);
    size_t one = list_marked(l);
    list_verb(l, PANE_MARK_GROUP, 0);
    ok(one < r.n && list_marked(l) == r.n, "a lane, then all");
    ok(list_verb(l, PANE_UNMARK, 0) && list_marked(l) == 0 && !list_verb(l, PANE_UNMARK, 0),
       "Esc clears marks once");
    list_select_row(l, 4);
    list_verb(l, PANE_RANGE, 0);
    list_select_row(l, 7);
    list_verb(l, PANE_RANGE, 0);
    is_int((int64_t)list_marked(l), 4, "a range");
    r.n = 0;
    list_reload(l);
    is_int(list_selected(l), 0, "an empty list selects nothing");
    is_int((int64_t)list_marked(l), 0, "and marks nothing");
    list_verb(l, PANE_DOWN, 0);
    list_verb(l, PANE_LAST, 0);
    vec_fini(&ids);
    list_free(l);
}

/* A word above every third row. */
static const char *heading(void *user, size_t i)
{
    (void)user;
    return i % 3 == 0 ? "heading" : NULL;
}

/* Drawing only what a step changes leaves the same cells as drawing all. */
static void test_moved(void)
{
    static const enum pane_verb verbs[] = {PANE_DOWN, PANE_DOWN, PANE_UP, PANE_PAGE_DOWN, PANE_MARK,
                                           PANE_UP, PANE_LAST, PANE_FIRST, PANE_DOWN};
    struct rows r = {.n = 40};
    struct list_rows ops = {.count = count, .id = id, .draw = draw, .group = group};
    for (int headings = 0; headings < 2; headings++) {
        struct grid moved, whole;
        int differ = 0;
        for (size_t i = 0; i < r.n; i++)
            r.id[i] = (int64_t)i + 1;
        ops.heading = headings ? heading : NULL;
        struct list *a = list_new(&ops, &r), *b = list_new(&ops, &r);
        grid_init(&moved, 9, 30);
        grid_init(&whole, 9, 30);
        struct canvas ca = grid_canvas(&moved), cb = grid_canvas(&whole);
        list_draw(a, &ca, true);
        list_draw(b, &cb, true);
        for (unsigned step = 0, pick = 7; step < 300; step++) {
            pick = pick * 1103515245U + 12345U;
            enum pane_verb verb = verbs[pick / 65536 % (sizeof verbs / sizeof verbs[0])];
            list_verb(a, verb, 0);
            list_verb(b, verb, 0);
            if (verb == PANE_DOWN || verb == PANE_UP)
                list_draw_moved(a, &ca, true);
            else
                list_draw(a, &ca, true);
            list_draw(b, &cb, true);
            differ += memcmp(moved.cells, whole.cells, sizeof *moved.cells * 9 * 30) != 0 ||
                      moved.cursor_row != whole.cursor_row;
        }
        is_int(differ, 0, headings ? "a step draws what all would, with headings" : "a step draws what all would");
        grid_fini(&moved);
        grid_fini(&whole);
        list_free(a);
        list_free(b);
    }
}

/* ---- text ---- */

/* Folds, references, following, search. */
static void test_text(void)
{
    struct grid g;
    struct text *t = text_new();
    grid_init(&g, 5, 20);
    struct canvas c = grid_canvas(&g);
    text_foreign(t, 0, "first\nsecond line is longer than the width\n", 44);
    text_fold(t, "  2 lines quoted", true);
    text_foreign(t, STYLE_QUOTE, "> a\n> b\n", 8);
    text_fold_end(t);
    text_add(t, 0, "see ");
    text_ref(t, "m12", 1);
    text_add(t, STYLE_LINK, "[1]");
    text_ref_end(t);
    text_draw(t, &c, true);
    is_str(row(&g, 0), "first", "the first line");
    is_str(row(&g, 1), "second line is", "wrapped at a word");
    is_str(row(&g, 2), "longer than the", "and on");
    is_str(row(&g, 4), "  2 lines quoted", "a fold is one line");
    is_str(text_ref_at(t, 1), "m12", "a reference by number");
    ok(!text_ref_at(t, 7), "one that is not there");
    text_verb(t, PANE_DOWN, 0);
    text_draw(t, &c, true);
    ok(g.cells[4 * 20 + 4].link == 0, "no hyperlink yet");
    text_cut(t, text_mark(t) - 3);
    text_ref(t, "link m1 1", 1);
    text_ref_url(t, "https://a.example/会");
    text_add(t, STYLE_LINK, "[1]");
    text_ref_end(t);
    text_draw(t, &c, true);
    ok(g.cells[4 * 20 + 3].link == 0 && g.cells[4 * 20 + 4].link && g.cells[4 * 20 + 6].link &&
           g.cells[4 * 20 + 7].link == 0, "the cells of a reference with an address are a hyperlink");
    is_str(strv_at(&g.links, g.cells[4 * 20 + 4].link - 1u), "https://a.example/%E4%BC%9A", "to it, past the gate");
    is_str(row(&g, 4), "see [1]", "down shows the end");
    text_verb(t, PANE_DOWN, 0);
    text_draw(t, &c, true);
    is_str(row(&g, 4), "see [1]", "and not beyond");
    text_verb(t, PANE_HIDDEN, 0);
    text_verb(t, PANE_LAST, 0);
    text_draw(t, &c, true);
    is_str(row(&g, 3), "> b", "unfolded");
    ok(text_search(t, "SECOND", 1), "search is blind to case");
    text_draw(t, &c, true);
    ok(strstr(row(&g, 0), "first") || strstr(row(&g, 0), "second"), "and goes there");
    ok(!text_search(t, "absent", 1), "what is not there");

    text_clear(t);
    text_streaming(t, true);
    for (int i = 0; i < 50; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d\n", i);
        text_foreign(t, 0, line, strlen(line));
        text_draw(t, &c, true);
    }
    bool newest = false;
    for (int i = 0; i < g.rows; i++)
        newest = newest || strstr(row(&g, i), "line 49");
    ok(newest, "a stream is followed: its newest line is in the window");
    text_clear(t);
    for (int i = 0; i < 80; i++) {
        char line[32];
        snprintf(line, sizeof line, "final %d\n", i);
        text_foreign(t, 0, line, strlen(line));
    }
    text_draw(t, &c, true);
    newest = false;
    for (int i = 0; i < g.rows; i++)
        newest = newest || strstr(row(&g, i), "final 79");
    ok(newest, "what replaces a stream that was followed is shown at its end");
    text_streaming(t, true);
    text_verb(t, PANE_PAGE_UP, 0);
    text_draw(t, &c, true);
    char before[64];
    snprintf(before, sizeof before, "%s", row(&g, 0));
    text_foreign(t, 0, "more\nmore\nmore\n", 15);
    text_draw(t, &c, true);
    is_str(row(&g, 0), before, "but not when one has scrolled up");
    size_t mark = text_mark(t);
    text_add(t, 0, "**draft");
    text_cut(t, mark);
    text_add(t, STYLE_BOLD, "bold");
    char *plain = text_plain(t);
    ok(strstr(plain, "more\nbold") && !strstr(plain, "**"), "cut back to a mark");
    free(plain);
    text_free(t);
    t = text_new();
    text_foreign(t, 0, "\xe4\xbc", 2);
    text_foreign(t, 0, "\x9a\033]0;x\a", 7);
    plain = text_plain(t);
    ok(strncmp(plain, "会", 3) == 0 && !strchr(plain, 033), "characters cut anywhere, no escapes");
    free(plain);
    text_free(t);
    grid_fini(&g);
}

/* A picture's colours are numbers of cells; whatever else it holds is shown, never passed on. */
static void test_picture(void)
{
    static const char picture[] = "\033[0m\033[38;5;18;48;5;200mab\033[48;5;30mc\033[0md\n\033[38;5;999mx\033[38;5;1";
    static const char *const evil[] = {"\033]0;x\007", "\033[2J", "\033[38;5;1;7m", "\033[38;2;1;2;3m", "\033[38;5m",
                                       "\033[1;1;1;1;1;1;1;1;1m", "\033[", "\033", "\033[38;5;18", "\x9b" "38;5;1m"};
    struct grid g;
    struct text *t = text_new();
    grid_init(&g, 3, 20);
    struct canvas c = grid_canvas(&g);
    text_picture(t, picture, sizeof picture - 1);
    text_draw(t, &c, true);
    ok(g.cells[0].paint == PAINT(18, 200) && g.cells[1].paint == PAINT(18, 200), "colours of a picture");
    ok(g.cells[2].paint == PAINT(18, 30) && g.cells[3].paint == PAINT(-1, -1), "one changes, all end");
    ok(g.cells[4].paint == 0, "behind it none");
    canvas_select(&c, 0, 0, 4, true);
    ok(g.cells[0].paint == 0, "selected cells look alike");
    char *plain = text_plain(t);
    ok(strncmp(plain, "abcd\n", 5) == 0 && !strchr(plain, 033) && strstr(plain, "999"), "what is no colour is shown");
    free(plain);
    for (size_t i = 0; i < sizeof evil / sizeof evil[0]; i++) {
        text_clear(t);
        text_picture(t, evil[i], strlen(evil[i]));
        plain = text_plain(t);
        ok(!strchr(plain, 033) && !strchr(plain, 7) && *plain, "no other sequence: %zu", i);
        free(plain);
    }
    text_free(t);
    grid_fini(&g);
}

/* ---- rows of a box ---- */

/* Where rows begin, and finding places in them. */
static void test_wrap(void)
{
    struct vec rows;
    vec_init(&rows, sizeof(struct wrap_row), NULL);
    const char *text = "one two three\n\n会议在三点，好吗？";
    wrap_text(text, strlen(text), 8, 0, &rows);
    struct wrap_row *r = vec_at(&rows, 0);
    ok(r->start == 0 && r->end == 8 && !r->hard, "breaks behind a space");
    r = vec_at(&rows, 1);
    ok(r->start == 8 && r->end == 13 && r->hard, "a newline ends a row");
    r = vec_at(&rows, 2);
    ok(r->start == 14 && r->end == 14, "an empty line is a row");
    r = vec_at(&rows, 4);
    ok(strncmp(text + r->start, "，", 3) != 0, "closing punctuation begins no row");
    is_int((int64_t)wrap_find(&rows, 8), 1, "a place at a soft break is in the later row");
    is_int(wrap_column(text, vec_at(&rows, 3), 15 + 6), 4, "columns count cells");
    is_int((int64_t)wrap_at_column(text, vec_at(&rows, 3), 3), 15 + 3, "the place at a cell");
    wrap_text("", 0, 8, 0, &rows);
    is_int((int64_t)rows.len, 1, "nothing is one row");
    int cells;
    is_int((int64_t)wrap_char(0x202e, &cells), 0xfffd, "direction marks are shown");
    is_int((int64_t)wrap_char(0x200d, &cells), 0, "joiners are not drawn");
    vec_fini(&rows);
}

int main(void)
{
    test_canvas();
    test_list();
    test_moved();
    test_text();
    test_picture();
    test_wrap();
    return tap_end();
}
