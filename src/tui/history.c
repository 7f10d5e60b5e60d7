/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - lines that were accepted before outlive the program: a setting of the store for each
 * name, several screens add to the same. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "store/store.h"
#include "tui/tuidata.h"

#define KEPT 200          /* lines of a history */
#define LINE_MOST 2000    /* bytes of one */

struct added {
    char *name, *line; /* own; name: of the setting */
};

/* Releases the record. */
static void added_free(void *record)
{
    struct added *a = record;
    free(a->name);
    free(a->line);
    free(a);
}

/* The operation: the line goes behind what is there now, the oldest go. */
static enum status add_line(struct db *db, void *record, struct error *err)
{
    const struct added *a = record;
    struct str out = STR_INIT;
    char *old = store_setting(db, a->name);
    const char *from = old ? old : "";
    size_t lines = 0;
    for (const char *p = from; *p; p++)
        lines += *p == BOX_HISTORY_END;
    for (; lines >= KEPT; lines--)
        from = strchr(from, BOX_HISTORY_END) + 1;
    str_addf(&out, "%s%s%c", from, a->line, BOX_HISTORY_END);
    enum status st = store_setting_set(db, a->name, str_text(&out), err);
    str_fini(&out);
    free(old);
    return st;
}

/* Keeps a line. */
static void save(void *user, const char *name, const char *line)
{
    static const struct store_op op = {"history", OP_STREAM, add_line, added_free};
    struct tui *t = user;
    if (strlen(line) > LINE_MOST || strchr(line, BOX_HISTORY_END))
        return;
    struct added *a = mem_alloc(sizeof *a);
    a->name = str_format("tui.history.%s", name);
    a->line = mem_strdup(line);
    store_post(t->setup.store, &op, a, NULL, NULL);
}

/* Reads what was kept. */
static char *load(void *user, const char *name)
{
    struct tui *t = user;
    char *key = str_format("tui.history.%s", name);
    char *lines = store_setting(store_reader(t->setup.store), key);
    free(key);
    return lines;
}

/* The boxes of this screen remember from one start to the next. */
void history_keep(struct tui *t, bool on)
{
    if (on)
        box_history_keep(load, save, t);
    else
        box_history_keep(NULL, NULL, NULL);
}
