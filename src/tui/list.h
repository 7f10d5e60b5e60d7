/* list.h - a list view: rows by callback, selection by identity.
 *
 * The selection is a thing, not a row: when rows arrive or go, the same id stays selected; when it
 * went, the next row of the same group, else the previous one, else the next group. Marks are ids
 * too. Rows are drawn on demand, so a list of 100,000 costs what is on the screen. No terminal. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "tui/canvas.h"
#include "tui/pane.h"

enum list_row_flag { LIST_SELECTED = 1 << 0, LIST_MARKED = 1 << 1, LIST_FOCUSED = 1 << 2 };

struct list_rows {
    size_t (*count)(void *user);
    int64_t (*id)(void *user, size_t i); /* never 0; unique; cheap */
    /* Draws row i on a canvas of one row (the list adds reverse for the selection afterwards). */
    void (*draw)(void *user, size_t i, struct canvas *row, unsigned flags);
    /* The rest may be NULL. */
    int (*group)(void *user, size_t i);                  /* lane, day: equal neighbours belong together */
    bool (*unread)(void *user, size_t i);
    bool (*match)(void *user, size_t i, const char *needle); /* for `/` */
    /* Row i was asked for but is not loaded yet: count may grow afterwards. */
    void (*more)(void *user);
    /* Words above the first row of a group; NULL or "": none. */
    const char *(*heading)(void *user, size_t i);
    void (*on_select)(void *user); /* the selection moved */
    /* Cells of the selected row that are shown reversed: fewer bytes on the line; NULL: all. */
    int (*bar)(void *user, int cols);
};

struct list;

struct list *list_new(const struct list_rows *rows, void *user);
void list_free(struct list *l);
/* After the rows changed: keeps selection, marks and the view's place. */
void list_reload(struct list *l);
void list_draw(struct list *l, struct canvas *c, bool focused);
/* The same when nothing changed since but the selection (pane_only_moved): two rows, if the window stays. */
void list_draw_moved(struct list *l, struct canvas *c, bool focused);
/* Motion, marks, groups, unread, search: true when it was one of a list's. */
bool list_verb(struct list *l, enum pane_verb verb, int arg);
bool list_search(struct list *l, const char *needle, int direction /* 1, -1 */);

size_t list_count(const struct list *l);
int64_t list_selected(const struct list *l); /* 0: none */
size_t list_selected_row(const struct list *l); /* SIZE_MAX: none */
bool list_select(struct list *l, int64_t id); /* false: not there (remembered until it comes) */
void list_select_row(struct list *l, size_t row);
/* Marked ids in the order of the rows (those of an open range too), else the selected one; struct vec
 * of int64_t. */
void list_target(const struct list *l, struct vec *ids);
size_t list_marked(const struct list *l);
/* For the why row: "3 marked   Esc clears", or what an open range waits for; false: nothing is marked. */
bool list_say_marks(const struct list *l, struct str *out);
bool list_is_marked(const struct list *l, int64_t id);
void list_unmark(struct list *l);
/* Before an action takes ids away: where the selection goes then (next of the same group, …). */
void list_leave(struct list *l, const int64_t *ids, size_t n);

#endif
