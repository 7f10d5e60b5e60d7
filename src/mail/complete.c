/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete.c - folders and labels for the ":" line */
#include <stdlib.h>

#include "base/str.h"
#include "base/vec.h"
#include "command/queue.h"
#include "mail/inside.h"

#define MOST 500

/* Runs a query of one column with the limit as its only parameter. */
static void fill(struct store *s, const char *sql, struct vec *out)
{
    struct db_query *q;

    if (!s)
        return;
    q = db_prepare(store_reader(s), sql);
    db_bind_int(q, 1, MOST);
    while (db_step(q))
        strv_push(out, db_text(q, 0));
    db_end(q);
}

/* Names of folders. */
static void fill_folders(struct store *s, const char *prefix, struct vec *out)
{
    (void)prefix; /* the machine keeps what fits */
    fill(s, "SELECT DISTINCT name FROM mail_folder ORDER BY name LIMIT ?1", out);
}

/* Labels that are used. */
static void fill_labels(struct store *s, const char *prefix, struct vec *out)
{
    (void)prefix;
    fill(s, "SELECT name FROM label ORDER BY name LIMIT ?1", out);
}

/* Tells the ":" line. */
void mail_complete_register(void)
{
    queue_complete_with("folder", fill_folders);
    queue_complete_with("label", fill_labels);
}
