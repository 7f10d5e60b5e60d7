/* listpane.h - a pane that is one list of rows read from the store: conversations, notes, stashes.
 *
 * A feature says how its rows are read, drawn and searched; the pane keeps them, reads them anew when
 * something changed (once it is seen), asks for older ones at the end, opens and deletes by id. The
 * functions below stand in the feature's pane_ops as they are; their state is the struct listpane.
 * Loop thread only. */
#ifndef TUI_LISTPANE_H
#define TUI_LISTPANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "tui/pane.h"

struct canvas;
struct db;
struct list;

struct listpane_kind {
    size_t size;               /* of a row; its first member is its id, an int64_t */
    void (*fini)(void *row);   /* for vec */
    /* arg: of listpane_new ("" none). Bounded by limit. */
    enum status (*read)(struct db *db, const char *arg, int64_t limit, struct vec *rows,
                        struct error *err);
    void (*draw)(const void *row, struct canvas *c, unsigned flags /* enum list_row_flag */);
    bool (*match)(const void *row, const char *needle);
    const char *empty, *empty_hint; /* N_(): what an empty list teaches; the hint may be NULL */
    /* The rest is for rows that have an id of the office. */
    char letter;               /* 'c' */
    const char *opens;         /* the pane that Enter opens: "chat" */
    const char *removal;       /* the command that deletes: "chat delete" */
};

struct listpane {
    const struct listpane_kind *kind;
    struct pane *pane; /* borrow */
    struct list *list;
    char *arg; /* own */
    struct vec rows;
    int64_t limit;
    bool stale; /* something changed while it was not on the screen */
    bool more;  /* there may be more than limit */
};

struct listpane *listpane_new(struct pane *p, const struct listpane_kind *kind, const char *arg);
/* The selected row; NULL none. */
const void *listpane_selected(const struct listpane *s);

/* pane_ops */
void listpane_free(void *state);
void listpane_reload(void *state, unsigned bits);
void listpane_draw(void *state, struct canvas *c, bool focused);
bool listpane_verb(void *state, enum pane_verb verb, int arg);
bool listpane_command(void *state, size_t argc, const char *const *argv); /* the removal */
void listpane_target(void *state, struct vec *ids);
bool listpane_search(void *state, const char *needle, int direction);

#endif
