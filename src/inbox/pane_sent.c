/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_sent.c - what was sent from this screen: while it is held, u takes it back in its turn.
 *
 * A send is no batch of the journal: nothing of the office has changed until the mail has left. Each is remembered
 * with the batch that a bare undo would have meant at that moment; when that is still the newest, the send is what
 * was done last. */
#include "base/vec.h"
#include "command/command.h"
#include "inbox/pane_inside.h"
#include "office/outbox.h"
#include "store/journal.h"
#include "store/store.h"

struct sent {
    int64_t outbox, batch;
};

static struct vec sent = {.item_size = sizeof(struct sent)};

void pane_sent_note(struct pane *p, const struct json *obj)
{
    const char *id = json_get_text(obj, "outbox");
    struct sent s = {.batch = journal_newest(store_reader(pane_store(p)))};
    char letter;
    if (id && command_id(id, &letter, &s.outbox) && letter == 'o')
        *(struct sent *)vec_push(&sent) = s;
}

bool pane_sent_undo(struct pane *p, size_t argc, const char *const *argv)
{
    struct db *db = store_reader(pane_store(p));
    if (argc != 1 || !str_eq(argv[0], "undo"))
        return false;
    for (; sent.len; vec_remove(&sent, sent.len - 1)) { /* those that have left, or were taken back, are over */
        const struct sent *s = vec_at(&sent, sent.len - 1);
        int64_t at;
        if (outbox_fate(db, s->outbox, &at) != OUTBOX_HELD)
            continue;
        if (journal_newest(db) > s->batch)
            return false;
        pane_runf(p, "outbox cancel o%lld", (long long)s->outbox);
        return true;
    }
    return false;
}
