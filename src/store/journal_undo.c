/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal_undo.c - taking back and doing again: whole batches, the newest of mine, single items.
 *
 * What is taken back is a value: it must still be what the batch left, or differ from it in other
 * respects only (take_back of its field tells). What cannot be taken back is named. A batch of which
 * nothing could be taken back is over: a bare undo goes on to the one before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "store/journal_inside.h"

#define UNDO_FRESH 3600 /* seconds in which a bare undo asks nothing */

/* Releases a skipped item. */
static void skip_fini(void *item)
{
    free(((struct journal_skip *)item)->why);
}

/* An empty answer. */
void journal_undone_init(struct journal_undone *u)
{
    *u = (struct journal_undone){0};
    vec_init(&u->skipped, sizeof(struct journal_skip), skip_fini);
    strv_init(&u->ids);
}

/* Releases an answer. */
void journal_undone_fini(struct journal_undone *u)
{
    free(u->what);
    vec_fini(&u->skipped);
    vec_fini(&u->ids);
}

/* Names an item that was left as it is. */
static void skip(struct journal_undone *out, char letter, int64_t ref, const char *why)
{
    struct journal_skip *k = vec_push(&out->skipped);
    snprintf(k->id, sizeof k->id, "%c%lld", letter, (long long)ref);
    k->why = mem_strdup(why);
}

/* Adds a thing's id once; things of one batch stand together. */
static void note_id(struct journal_undone *out, char letter, int64_t ref)
{
    char id[24];
    snprintf(id, sizeof id, "%c%lld", letter, (long long)ref);
    for (size_t i = out->ids.len; i > 0 && i + 4 > out->ids.len; i--)
        if (strcmp(strv_at(&out->ids, i - 1), id) == 0)
            return;
    strv_push(&out->ids, id);
}

/* Takes back one item, when its value still is what the batch left. */
static enum status undo_item(struct journal *j, const struct journal_field *f, int64_t ref,
                             const char *before, const char *after, struct journal_undone *out,
                             struct error *err)
{
    struct str now = STR_INIT, merged = STR_INIT;
    struct error gone = ERROR_INIT;
    enum status s = f->get(j->db, ref, &now, &gone);
    bool same = s == STATUS_OK && strcmp(str_text(&now), after) == 0;
    if (same)
        str_puts(&merged, before);
    if (s == STATUS_NO_SUCH) {
        skip(out, f->letter, ref, _("it is gone"));
        s = STATUS_OK;
    } else if (s != STATUS_OK) {
        *err = gone;
    } else if (strcmp(str_text(&now), before) == 0) {
        skip(out, f->letter, ref, _("it is as it was before"));
    } else if (!same && (!f->take_back ||
                         !f->take_back(before, after, str_text(&now), &merged))) {
        skip(out, f->letter, ref, _("changed since"));
    } else {
        s = f->set(j->db, ref, str_text(&merged), err);
        if (s == STATUS_REFUSED || s == STATUS_NO_SUCH) {
            skip(out, f->letter, ref, err->text);
            *err = ERROR_INIT;
            s = STATUS_OK;
        } else if (s == STATUS_OK) {
            s = journal_add(j, f->name, ref, str_text(&now), str_text(&merged), err);
            note_id(out, f->letter, ref);
        }
    }
    str_fini(&now);
    str_fini(&merged);
    return s;
}

/* Is this thing among those that are meant? NULL: all are. */
static bool is_meant(const struct vec *only, char letter, int64_t ref)
{
    for (size_t i = 0; only && i < only->len; i++) {
        const struct journal_thing *t = vec_at(only, i);
        if (t->letter == letter && t->ref == ref)
            return true;
    }
    return !only;
}

/* Takes back the items of a batch, the last one first: all, or those of some things; *left: of
 * others stand. */
static enum status undo_items(struct journal *j, int64_t batch, const struct vec *only,
                              bool *left, struct journal_undone *out, struct error *err)
{
    struct db_query *q =
        db_prepare(j->db, "SELECT field, ref, before, after FROM journal_item WHERE batch = ?1"
                          " ORDER BY n DESC");
    db_bind_int(q, 1, batch);
    enum status s = STATUS_OK;
    while (s == STATUS_OK && db_step(q)) {
        const struct journal_field *f = journal_field_find(db_text(q, 0));
        int64_t ref = db_int(q, 1);
        if (!is_meant(only, f ? f->letter : 'j', ref))
            *left = true;
        else if (db_is_null(q, 2) && db_is_null(q, 3))
            skip(out, f ? f->letter : 'j', f ? ref : batch, _("its content was erased"));
        else if (!f || db_is_null(q, 2))
            skip(out, f ? f->letter : 'j', f ? ref : batch, _("it cannot be undone"));
        else
            s = undo_item(j, f, ref, db_text(q, 2), db_text(q, 3), out, err);
    }
    if (s != STATUS_OK) {
        db_end(q);
        return s;
    }
    return db_done(q, err);
}

struct batch {
    int64_t id, at, undoes, undone_by, inverse, things;
    int kind;
    char *who, *what, *program; /* own */
};

/* Reads a batch's row from a query over its columns. */
static void batch_read(struct db_query *q, struct batch *b)
{
    b->id = db_int(q, 0);
    b->at = db_int(q, 1);
    b->undoes = db_int(q, 2);
    b->undone_by = db_int(q, 3);
    b->inverse = db_int(q, 4);
    b->kind = (int)db_int(q, 5);
    b->who = mem_strdup(db_text(q, 6));
    b->what = mem_strdup(db_text(q, 7));
    b->program = mem_strdup(db_text(q, 8));
    b->things = db_int(q, 9);
}

/* Releases what batch_read made. */
static void batch_fini(struct batch *b)
{
    free(b->who);
    free(b->what);
    free(b->program);
}

#define BATCH_COLUMNS "id, at, undoes, undone_by, inverse, kind, who, what, program," \
                      " CASE things WHEN 0 THEN count ELSE things END"

/* Says by which batch this one was taken back. Its own id: nothing of it could be, it is over. */
static enum status set_undone(struct db *db, int64_t batch, int64_t by, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE journal_batch SET undone_by = ?2 WHERE id = ?1");
    db_bind_int(q, 1, batch);
    db_bind_int(q, 2, by);
    return db_run(q, err);
}

static _Thread_local bool undoing;

/* Is an undo under way? */
bool journal_is_undoing(void)
{
    return undoing;
}

/* Takes back one batch, or some things of it: a batch of its own that says what it undoes. */
static enum status undo_batch(struct db *db, const struct batch *b, const struct vec *only,
                              struct journal_undone *out, struct error *err)
{
    bool left = false;
    enum kind kind = b->kind == UNDO ? REDO : UNDO;
    struct journal *j = journal_open(db, "me", b->what, kind == UNDO ? N_("undo") : N_("redo"), kind, b->id);
    int64_t before = (int64_t)out->ids.len, skipped = (int64_t)out->skipped.len, most = out->most ? out->most : b->things;
    undoing = kind == UNDO;
    enum status s = undo_items(j, b->id, only, &left, out, err);
    undoing = false;
    int64_t things = (int64_t)out->ids.len - before;
    skipped = (int64_t)out->skipped.len - skipped;
    most = most > skipped ? most - skipped : 1; /* one thing may be several rows, of which one was skipped */
    things = things > most ? most : things;
    out->count += things;
    journal_count(j, things);
    if (s != STATUS_OK) {
        journal_abandon(j);
        return s;
    }
    out->batch = kind == UNDO ? b->id : b->undoes;
    free(out->what);
    out->what = mem_strdup(b->what);
    s = journal_end(j, &out->by, err);
    if (s == STATUS_OK && !left && (out->by || !only))
        s = set_undone(db, b->id, out->by ? out->by : b->id, err);
    if (s == STATUS_OK && out->by && kind == REDO) /* the first batch stands again */
        s = set_undone(db, b->undoes, 0, err);
    return s;
}

/* My newest batch that stands: of this program, else of any. */
static bool newest(struct db *db, bool any, struct batch *b)
{
    struct db_query *q =
        any ? db_prepare(db, "SELECT " BATCH_COLUMNS " FROM journal_batch WHERE kind = 0"
                             " AND undone_by = 0 AND inverse > 0 ORDER BY id DESC LIMIT 1")
            : db_prepare(db, "SELECT " BATCH_COLUMNS " FROM journal_batch WHERE kind = 0"
                             " AND undone_by = 0 AND inverse > 0 AND who = 'me'"
                             " AND program = ?1 ORDER BY id DESC LIMIT 1");
    if (!any)
        db_bind_text(q, 1, journal_program());
    bool found = db_step(q);
    if (found)
        batch_read(q, b);
    db_end(q);
    return found;
}

int64_t journal_newest(struct db *db)
{
    struct batch b = {0};
    int64_t id = newest(db, false, &b) ? b.id : 0;
    batch_fini(&b);
    return id;
}

/* Undoes what a bare undo means, or says why not. */
static enum status undo_newest(struct db *db, bool force, struct journal_undone *out,
                               struct error *err)
{
    struct batch b = {0};
    bool mine = newest(db, false, &b);
    if (!mine && !newest(db, true, &b))
        return error_set(err, STATUS_NO_SUCH, _("there is nothing to undo"));
    enum status s = STATUS_OK;
    bool old = clock_now() - b.at > UNDO_FRESH;
    if (!force && (!mine || old)) {
        s = old ? error_set(err, STATUS_REFUSED, _("the last change (j%lld, %s) is over an hour old"),
                            (long long)b.id, journal_word(b.what))
                : error_set(err, STATUS_REFUSED,
                            _("the last change (j%lld, %s) was not made here but by %s"),
                            (long long)b.id, journal_word(b.what),
                            strcmp(b.who, "me") == 0 ? _("another bureau") : journal_word(b.who));
        error_hint(err, _("undo j%lld takes it back all the same"), (long long)b.id);
        error_yes(err);
    } else {
        s = undo_batch(db, &b, NULL, out, err);
    }
    batch_fini(&b);
    return s;
}

/* Reads one batch; NO_SUCH when there is none. */
static enum status batch_get(struct db *db, int64_t id, struct batch *b, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT " BATCH_COLUMNS " FROM journal_batch WHERE id = ?1");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found)
        batch_read(q, b);
    enum status s = db_done(q, err);
    if (s == STATUS_OK && !found)
        s = error_set(err, STATUS_NO_SUCH, _("there is no batch j%lld"), (long long)id);
    return s;
}

/* Undoes a batch, or some things of it. */
static enum status undo_id(struct db *db, int64_t id, const struct vec *only,
                           struct journal_undone *out, struct error *err)
{
    struct batch b = {0};
    enum status s = batch_get(db, id, &b, err);
    if (s != STATUS_OK)
        return s;
    if (b.undone_by && b.undone_by != id)
        s = error_set(err, STATUS_REFUSED, _("j%lld is undone already, by j%lld"), (long long)id,
                      (long long)b.undone_by);
    else if (b.inverse == 0)
        s = error_set(err, STATUS_REFUSED, _("j%lld (%s) cannot be undone"), (long long)id, journal_word(b.what));
    else
        s = undo_batch(db, &b, only, out, err);
    batch_fini(&b);
    return s;
}

/* Undoes a batch. */
enum status journal_undo(struct db *db, int64_t id, bool force, struct journal_undone *out,
                         struct error *err)
{
    return id ? undo_id(db, id, NULL, out, err) : undo_newest(db, force, out, err);
}

/* Undoes what a batch did to some things. */
enum status journal_undo_things(struct db *db, int64_t id, const struct vec *things,
                                struct journal_undone *out, struct error *err)
{
    enum status s = undo_id(db, id, things, out, err);
    if (s == STATUS_OK && out->count == 0 && out->skipped.len == 0)
        s = error_set(err, STATUS_NO_SUCH, _("j%lld did nothing to it"), (long long)id);
    return s;
}

/* The newest undo that stands, of this program or of any, when nothing was done there since. */
static bool newest_undo(struct db *db, bool any, struct batch *b)
{
    struct db_query *q =
        db_prepare(db, "SELECT " BATCH_COLUMNS " FROM journal_batch b WHERE kind = 1"
                       " AND undone_by = 0 AND (?2 OR program = ?1) AND NOT EXISTS(SELECT 1 FROM"
                       " journal_batch n WHERE n.id > b.id AND n.kind = 0 AND n.who = 'me'"
                       " AND n.program = b.program AND n.inverse > 0) ORDER BY id DESC LIMIT 1");
    db_bind_text(q, 1, journal_program());
    db_bind_int(q, 2, any);
    bool found = db_step(q);
    if (found)
        batch_read(q, b);
    db_end(q);
    return found;
}

/* The undo of a batch that stands: also one of which some things were done again. 0: none. */
static int64_t undo_of(struct db *db, int64_t batch)
{
    struct db_query *q = db_prepare(db, "SELECT id FROM journal_batch WHERE kind = 1 AND undoes = ?1 AND undone_by = 0"
                                        " AND id > ?1 ORDER BY id DESC LIMIT 1");
    db_bind_int(q, 1, batch);
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return id;
}

/* Does a batch again that was undone, or some things of it. */
static enum status redo_id(struct db *db, int64_t id, const struct vec *only, struct journal_undone *out, struct error *err)
{
    struct batch b = {0};
    enum status s = batch_get(db, id, &b, err);
    int64_t by = b.kind == UNDO ? id : b.undone_by ? b.undone_by : undo_of(db, id);
    batch_fini(&b);
    if (s != STATUS_OK)
        return s;
    if (!by || (b.kind != UNDO && by == id))
        return error_set(err, STATUS_REFUSED, _("j%lld was not undone"), (long long)id);
    return undo_id(db, by, only, out, err);
}

/* Does some things again. */
enum status journal_redo_things(struct db *db, int64_t id, const struct vec *things, struct journal_undone *out,
                                struct error *err)
{
    enum status s = redo_id(db, id, things, out, err);
    if (s == STATUS_OK && out->count == 0 && out->skipped.len == 0)
        s = error_set(err, STATUS_NO_SUCH, _("j%lld did nothing to it"), (long long)id);
    return s;
}

/* Does again what an undo took back: the newest, or that of a batch. */
enum status journal_redo(struct db *db, int64_t id, bool force, struct journal_undone *out,
                         struct error *err)
{
    struct batch b = {0};
    if (id)
        return redo_id(db, id, NULL, out, err);
    bool here = newest_undo(db, false, &b);
    if (!here && !newest_undo(db, true, &b))
        return error_set(err, STATUS_NO_SUCH, _("there is nothing to redo"));
    enum status s = STATUS_OK;
    if (here || force) {
        s = undo_batch(db, &b, NULL, out, err);
    } else {
        error_set(err, STATUS_REFUSED, _("the last undo (of j%lld, %s) was not made here"),
                  (long long)b.undoes, journal_word(b.what));
        error_hint(err, _("redo j%lld does it again all the same"), (long long)b.undoes);
        s = error_yes(err);
    }
    batch_fini(&b);
    return s;
}

/* Undoes all of one author since a time. */
enum status journal_undo_since(struct db *db, const char *who, int64_t since,
                               struct journal_undone *out, struct error *err)
{
    enum status s = STATUS_OK;
    int64_t below = INT64_MAX;
    while (s == STATUS_OK) {
        struct batch b = {0};
        struct db_query *q =
            db_prepare(db, "SELECT " BATCH_COLUMNS " FROM journal_batch WHERE kind = 0 AND"
                           " undone_by = 0 AND inverse > 0 AND who = ?1 AND at >= ?2 AND id < ?3"
                           " ORDER BY id DESC LIMIT 1");
        db_bind_text(q, 1, who);
        db_bind_int(q, 2, since);
        db_bind_int(q, 3, below);
        bool found = db_step(q);
        if (found)
            batch_read(q, &b);
        s = db_done(q, err);
        if (s != STATUS_OK || !found)
            break;
        below = b.id;
        s = undo_batch(db, &b, NULL, out, err);
        batch_fini(&b);
    }
    return s;
}
