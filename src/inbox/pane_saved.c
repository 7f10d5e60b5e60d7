/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_saved.c - saved searches: names for queries, kept as one setting ("name<TAB>query" a line). */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/watch.h"
#include "inbox/pane_inside.h"
#include "store/store.h"
#include "tui/tui.h"

#define SAVED_KEY "inbox.searches"

/* Calls on_search for each saved search. */
void pane_saved_each(struct store *s, void (*on_search)(void *user, const char *name,
                                                        const char *query),
                     void *user)
{
    char *all = store_setting(store_reader(s), SAVED_KEY), *rest = all;
    while (rest && *rest) {
        char *line = rest, *tab;
        rest = strchr(rest, '\n');
        if (rest)
            *rest++ = 0;
        tab = strchr(line, '\t');
        if (tab) {
            *tab = 0;
            on_search(user, line, tab + 1);
        }
    }
    free(all);
}

struct saved_change {
    char *name, *query; /* own; query NULL: forget it */
};

/* Releases the record. */
static void free_change(void *record)
{
    struct saved_change *c = record;
    free(c->name);
    free(c->query);
    free(c);
}

/* Writes the list with one line set or taken out. */
static enum status run_change(struct db *db, void *record, struct error *err)
{
    struct saved_change *c = record;
    struct str out = STR_INIT;
    char *all = store_setting(db, SAVED_KEY), *rest = all;
    size_t len = strlen(c->name);
    while (rest && *rest) {
        size_t n = strcspn(rest, "\n");
        if (strncmp(rest, c->name, len) != 0 || rest[len] != '\t') {
            str_add(&out, rest, n);
            str_putc(&out, '\n');
        }
        rest += n + (rest[n] == '\n');
    }
    if (c->query)
        str_addf(&out, "%s\t%s\n", c->name, c->query);
    enum status st = store_setting_set(db, SAVED_KEY, str_text(&out), err);
    db_touch(db, WATCH_MAIL);
    str_fini(&out);
    free(all);
    return st;
}

static const struct store_op change_op = {"saved search", OP_PERSON, run_change, free_change};

/* Saves (query) or forgets (NULL). */
void pane_saved_set(struct store *s, const char *name, const char *query)
{
    struct saved_change *c = mem_alloc(sizeof *c);
    c->name = mem_strdup(name);
    c->query = mem_strdup_maybe(query);
    for (char *p = c->name; *p; p++)
        if (*p == '\t' || *p == '\n')
            *p = ' ';
    store_post(s, &change_op, c, NULL, NULL);
}

/* save-search NAME: the query of the results that are shown. */
enum command_result pane_saved_run(struct command_call *c)
{
    struct pane *p = tui_focused(tui_of(c));
    struct str query = STR_INIT;
    if (!p || pane_kind(p) != &results_pane)
        return command_usage(c, "%s", _("search first: C-x f, or / twice"));
    results_pane.place(pane_state(p), &query);
    pane_saved_set(command_store(c), command_text(c, 0), str_text(&query));
    command_note(c, _("kept as \"%s\"   b shows it"), command_text(c, 0));
    str_fini(&query);
    return COMMAND_DONE;
}
