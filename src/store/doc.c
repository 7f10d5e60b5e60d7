/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doc.c - hub rows: attributes in narrow rows, texts beside them, the index behind. */
#include "store/doc.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "store/bundle.h"
#include "store/db_internal.h"
#include "store/doc_index.h"

static const struct migration steps[] = {
    {.sql =
         "CREATE TABLE doc("
         " key INTEGER PRIMARY KEY, kind INTEGER NOT NULL, ref INTEGER NOT NULL,"
         " date INTEGER NOT NULL, thread INTEGER NOT NULL, folder INTEGER NOT NULL,"
         " flags INTEGER NOT NULL, text INTEGER NOT NULL, ident INTEGER, lane TEXT, due TEXT,"
         " owner TEXT) STRICT;"
         "CREATE UNIQUE INDEX doc_ref ON doc(kind, ref);"
         "CREATE INDEX doc_thread ON doc(kind, thread, key) WHERE thread <> 0;"
         "CREATE INDEX doc_ident ON doc(ident) WHERE ident IS NOT NULL;"
         "CREATE INDEX doc_lane ON doc(lane, key) WHERE lane IS NOT NULL;"
         "CREATE INDEX doc_due ON doc(due, key) WHERE due IS NOT NULL;"
         "CREATE INDEX doc_unread ON doc(key) WHERE flags & 1;"
         "CREATE INDEX doc_flagged ON doc(key) WHERE flags & 2;"
         "CREATE INDEX doc_snoozed ON doc(key) WHERE flags & 128;"
         "CREATE INDEX doc_deleted ON doc(key) WHERE flags & 1024;"
         "CREATE INDEX doc_other ON doc(key) WHERE kind <> 1;"
         /* in the order of arrival: rows that only add at the end leave no half-empty pages */
         "CREATE TABLE doc_text("
         " id INTEGER PRIMARY KEY, ident TEXT, subject TEXT NOT NULL, sender TEXT NOT NULL,"
         " recipients TEXT NOT NULL, cc TEXT NOT NULL, files TEXT NOT NULL,"
         " body BLOB NOT NULL) STRICT;"
         "CREATE TABLE doc_dirty(key INTEGER PRIMARY KEY) STRICT;"
         "CREATE TABLE label(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
         "CREATE TABLE doc_label(label INTEGER NOT NULL REFERENCES label(id),"
         " key INTEGER NOT NULL REFERENCES doc(key) ON DELETE CASCADE,"
         " PRIMARY KEY(label, key)) STRICT, WITHOUT ROWID;"
         "CREATE INDEX doc_label_key ON doc_label(key);"},
    {.run = doc_index_create},
    {.run = doc_index_tune},
    /* numbers are never given twice: bundle.c keeps by them what it unpacked */
    {.sql = "CREATE TABLE bundle(id INTEGER PRIMARY KEY AUTOINCREMENT, live INTEGER NOT NULL,"
            " bytes BLOB NOT NULL) STRICT;"},
    {.run = doc_index_tune_merge},
    {.run = doc_form_create},
};
extern const struct migration_list doc_migrations;
const struct migration_list doc_migrations = {"doc", steps, sizeof steps / sizeof *steps};

static const struct {
    const char *word;
    char letter;
} kinds[] = {
    [DOC_MAIL] = {"mail", 'm'},   [DOC_NOTE] = {"note", 'n'},   [DOC_TRANSCRIPT] = {"transcript", 'n'},
    [DOC_CHAT] = {"chat", 'x'},   [DOC_DRAFT] = {"draft", 'd'}, [DOC_TASK] = {"task", 'a'},
    [DOC_EVENT] = {"event", 'e'},
};

/* The word of a kind. */
const char *doc_kind_word(enum doc_kind k)
{
    return k >= DOC_MAIL && k <= DOC_EVENT ? kinds[k].word : "";
}

/* The letter of a kind's ids. */
char doc_kind_letter(enum doc_kind k)
{
    return k >= DOC_MAIL && k <= DOC_EVENT ? kinds[k].letter : '?';
}

/* The number an outside name is found by: long names would fill an index. */
int64_t doc_ident_hash(const char *ident)
{
    unsigned char h[16];
    int64_t n;
    crypto_generichash(h, sizeof h, (const unsigned char *)ident, strlen(ident), NULL, 0);
    memcpy(&n, h, sizeof n);
    return n;
}

/* Binds the attributes from parameter 2 on. */
static void bind_attributes(struct db_query *q, const struct doc *d)
{
    db_bind_int(q, 2, d->kind);
    db_bind_int(q, 3, d->ref);
    db_bind_int(q, 4, d->date == CLOCK_NONE ? 0 : d->date);
    db_bind_int(q, 5, d->thread);
    db_bind_int(q, 6, d->folder);
    db_bind_int(q, 7, d->flags);
    db_bind_text(q, 8, d->lane && *d->lane ? d->lane : NULL);
    db_bind_text(q, 9, d->due && *d->due ? d->due : NULL);
    db_bind_text(q, 10, d->owner && *d->owner ? d->owner : NULL);
    if (d->ident && *d->ident)
        db_bind_int(q, 11, doc_ident_hash(d->ident));
    else
        db_bind_null(q, 11);
}

/* The body of a row's texts is given up. */
static enum status drop_body(struct db *db, int64_t text, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT body FROM doc_text WHERE id = ?1");
    enum status s = STATUS_OK;
    db_bind_int(q, 1, text);
    if (db_step(q)) {
        size_t n;
        const void *body = db_bytes(q, 0, &n);
        s = bundle_drop(db, body, n, err);
    }
    enum status end = db_done(q, err);
    return s == STATUS_OK ? end : s;
}

/* Writes the texts of a row; *text is 0 for a new one, and then becomes theirs. */
static enum status write_texts(struct db *db, int64_t *text, const struct doc *d, struct error *err)
{
    struct str packed = STR_INIT;
    const char *body = d->body ? d->body : "";
    if (*body && !d->packed)
        db_pack(body, strlen(body), &packed);
    struct db_query *q =
        *text ? db_prepare(db, "UPDATE doc_text SET subject = ?2, sender = ?3, recipients = ?4,"
                               " cc = ?5, files = ?6, body = ?7, ident = ?8 WHERE id = ?1")
              : db_prepare(db, "INSERT INTO doc_text(id, subject, sender, recipients, cc, files,"
                               " body, ident) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (*text)
        db_bind_int(q, 1, *text);
    db_bind_text(q, 2, d->subject ? d->subject : "");
    db_bind_text(q, 3, d->sender ? d->sender : "");
    db_bind_text(q, 4, d->recipients ? d->recipients : "");
    db_bind_text(q, 5, d->cc ? d->cc : "");
    db_bind_text(q, 6, d->files ? d->files : "");
    db_bind_bytes(q, 7, d->packed ? d->packed : packed.data, d->packed ? d->packed_len : packed.len);
    db_bind_text(q, 8, d->ident && *d->ident ? d->ident : NULL);
    str_fini(&packed);
    enum status s = db_run(q, err);
    if (s == STATUS_OK && !*text)
        *text = db_last_id(db);
    return s;
}

/* Queues a row for the index. */
static enum status mark_dirty(struct db *db, int64_t key, struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT OR IGNORE INTO doc_dirty(key) VALUES(?1)");
    db_bind_int(q, 1, key);
    db_mark_words(db);
    return db_run(q, err);
}

/* Inserts a row. */
enum status doc_insert(struct db *db, const struct doc *d, int64_t *key, struct error *err)
{
    int64_t text = 0;
    enum status s = write_texts(db, &text, d, err);
    if (s != STATUS_OK)
        return s;
    *key = doc_key_new(db, d->date);
    struct db_query *q =
        db_prepare(db, "INSERT INTO doc(key, kind, ref, date, thread, folder, flags, lane, due,"
                       " owner, ident, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                       " ?12)");
    db_bind_int(q, 1, *key);
    bind_attributes(q, d);
    db_bind_int(q, 12, text);
    s = db_run(q, err);
    return s == STATUS_OK ? mark_dirty(db, *key, err) : s;
}

/* Where the texts of a row stand; 0 when it is gone. */
static int64_t text_of(struct db *db, int64_t key)
{
    struct db_query *q = db_prepare(db, "SELECT text FROM doc WHERE key = ?1");
    db_bind_int(q, 1, key);
    int64_t text = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return text;
}

/* Is this text the one that stands there? */
static bool same(const char *stored, const char *given)
{
    return strcmp(stored, given ? given : "") == 0;
}

/* Are all texts of a row what they would be set to? */
static bool same_texts(const struct doc *a, const struct doc *b)
{
    return same(a->subject, b->subject) && same(a->sender, b->sender) &&
           same(a->recipients, b->recipients) && same(a->cc, b->cc) && same(a->files, b->files) &&
           same(a->body, b->body);
}

/* Replaces texts and attributes. */
enum status doc_update(struct db *db, int64_t key, const struct doc *d, struct error *err)
{
    struct doc old;
    struct vec texts;
    strv_init(&texts);
    enum status s = doc_get(db, key, &old, &texts, err);
    if (s == STATUS_OK) {
        struct db_query *q =
            db_prepare(db, "UPDATE doc SET kind = ?2, ref = ?3, date = ?4, thread = ?5,"
                           " folder = ?6, flags = ?7, lane = ?8, due = ?9, owner = ?10,"
                           " ident = ?11 WHERE key = ?1");
        db_bind_int(q, 1, key);
        bind_attributes(q, d);
        s = db_run(q, err);
    }
    if (s == STATUS_OK && !same_texts(&old, d)) {
        int64_t text = text_of(db, key);
        s = doc_index_remove(db, key, &old, err);
        if (s == STATUS_OK)
            s = drop_body(db, text, err);
        if (s == STATUS_OK)
            s = write_texts(db, &text, d, err);
        if (s == STATUS_OK)
            s = mark_dirty(db, key, err);
    }
    vec_fini(&texts);
    return s;
}

/* Takes a row away with everything that hangs on it. */
enum status doc_delete(struct db *db, int64_t key, struct error *err)
{
    struct doc old;
    struct vec texts;
    strv_init(&texts);
    enum status s = doc_get(db, key, &old, &texts, err);
    if (s == STATUS_OK)
        s = doc_index_remove(db, key, &old, err);
    if (s == STATUS_OK)
        s = drop_body(db, text_of(db, key), err);
    if (s == STATUS_OK) {
        struct db_query *q = db_prepare(db, "DELETE FROM doc_dirty WHERE key = ?1");
        db_bind_int(q, 1, key);
        s = db_run(q, err);
    }
    if (s == STATUS_OK) {
        struct db_query *q = db_prepare(db, "DELETE FROM doc_text WHERE id = ?1");
        db_bind_int(q, 1, text_of(db, key));
        s = db_run(q, err);
    }
    if (s == STATUS_OK) {
        struct db_query *q = db_prepare(db, "DELETE FROM doc WHERE key = ?1");
        db_bind_int(q, 1, key);
        s = db_run(q, err);
    }
    vec_fini(&texts);
    return s;
}

/* The key of an entity's row. */
int64_t doc_find(struct db *db, enum doc_kind kind, int64_t ref)
{
    struct db_query *q = db_prepare(db, "SELECT key FROM doc WHERE kind = ?1 AND ref = ?2");
    db_bind_int(q, 1, kind);
    db_bind_int(q, 2, ref);
    int64_t key = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return key;
}

/* Keeps a column's text as long as the vector lives. */
static const char *keep(struct vec *texts, struct db_query *q, int column)
{
    if (db_is_null(q, column))
        return NULL;
    char *copy = mem_strdup(db_text(q, column));
    strv_push_take(texts, copy);
    return copy;
}

/* Says that a row is gone. */
static enum status gone(int64_t key, struct error *err)
{
    return error_set(err, STATUS_NO_SUCH, _("entry %lld is not there any more"), (long long)key);
}

/* Reads a row whole. */
enum status doc_get(struct db *db, int64_t key, struct doc *out, struct vec *texts,
                    struct error *err)
{
    *out = (struct doc){0};
    struct db_query *q =
        db_prepare(db, "SELECT d.kind, d.ref, d.date, d.thread, d.folder, d.flags, d.lane, d.due,"
                       " d.owner, t.ident, t.subject, t.sender, t.recipients, t.cc, t.files,"
                       " t.body FROM doc d JOIN doc_text t ON t.id = d.text WHERE d.key = ?1");
    db_bind_int(q, 1, key);
    if (!db_step(q)) {
        enum status s = db_done(q, err);
        return s == STATUS_OK ? gone(key, err) : s;
    }
    out->kind = (enum doc_kind)db_int(q, 0);
    out->ref = db_int(q, 1);
    out->date = db_int(q, 2);
    out->thread = db_int(q, 3);
    out->folder = db_int(q, 4);
    out->flags = (unsigned)db_int(q, 5);
    out->lane = keep(texts, q, 6);
    out->due = keep(texts, q, 7);
    out->owner = keep(texts, q, 8);
    out->ident = keep(texts, q, 9);
    out->subject = keep(texts, q, 10);
    out->sender = keep(texts, q, 11);
    out->recipients = keep(texts, q, 12);
    out->cc = keep(texts, q, 13);
    out->files = keep(texts, q, 14);
    size_t n;
    const void *packed = db_bytes(q, 15, &n);
    struct str body = STR_INIT;
    enum status s = bundle_read(db, packed, n, SIZE_MAX, &body, err);
    out->body = str_take(&body);
    strv_push_take(texts, (char *)(uintptr_t)out->body);
    enum status end = db_done(q, err);
    return s == STATUS_OK ? end : s;
}

/* Reads the text body of a row. */
enum status doc_body(struct db *db, int64_t key, struct str *out, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT t.body FROM doc d JOIN doc_text t ON t.id = d.text WHERE d.key = ?1");
    db_bind_int(q, 1, key);
    if (!db_step(q)) {
        enum status s = db_done(q, err);
        return s == STATUS_OK ? gone(key, err) : s;
    }
    size_t n;
    const void *packed = db_bytes(q, 0, &n);
    enum status s = bundle_read(db, packed, n, SIZE_MAX, out, err);
    enum status end = db_done(q, err);
    return s == STATUS_OK ? end : s;
}

/* ---- attributes ---- */

/* Sets and clears flags. */
enum status doc_set_flags(struct db *db, int64_t key, unsigned set, unsigned clear,
                          struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE doc SET flags = (flags & ~?3) | ?2"
                       " WHERE key = ?1 AND flags <> ((flags & ~?3) | ?2)");
    db_bind_int(q, 1, key);
    db_bind_int(q, 2, set);
    db_bind_int(q, 3, clear);
    return db_run(q, err);
}

/* Its flags; 0 when gone. */
unsigned doc_flags(struct db *db, int64_t key)
{
    struct db_query *q = db_prepare(db, "SELECT flags FROM doc WHERE key = ?1");
    db_bind_int(q, 1, key);
    unsigned flags = db_step(q) ? (unsigned)db_int(q, 0) : 0;
    db_end(q);
    return flags;
}

/* Moves it to a folder. */
enum status doc_set_folder(struct db *db, int64_t key, int64_t folder, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE doc SET folder = ?2 WHERE key = ?1");
    db_bind_int(q, 1, key);
    db_bind_int(q, 2, folder);
    return db_run(q, err);
}

/* Sets the day it is due and who owes it. */
enum status doc_set_due(struct db *db, int64_t key, const char *due, const char *owner,
                        struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE doc SET due = ?2, owner = ?3 WHERE key = ?1");
    db_bind_int(q, 1, key);
    db_bind_text(q, 2, due && *due ? due : NULL);
    db_bind_text(q, 3, owner && *owner ? owner : NULL);
    return db_run(q, err);
}

/* Sets the lane of a whole thread. */
enum status doc_set_lane(struct db *db, enum doc_kind kind, int64_t thread, const char *lane,
                         struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE doc SET lane = ?3"
                       " WHERE kind = ?1 AND thread = ?2 AND thread <> 0 AND lane IS NOT ?3");
    db_bind_int(q, 1, kind);
    db_bind_int(q, 2, thread);
    db_bind_text(q, 3, lane && *lane ? lane : NULL);
    return db_run(q, err);
}

/* Sets and clears flags of a whole thread. */
enum status doc_set_thread_flags(struct db *db, enum doc_kind kind, int64_t thread, unsigned set,
                                 unsigned clear, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE doc SET flags = (flags & ~?4) | ?3 WHERE kind = ?1"
                       " AND thread = ?2 AND thread <> 0 AND flags <> ((flags & ~?4) | ?3)");
    db_bind_int(q, 1, kind);
    db_bind_int(q, 2, thread);
    db_bind_int(q, 3, set);
    db_bind_int(q, 4, clear);
    return db_run(q, err);
}

/* Two threads become one. */
enum status doc_move_thread(struct db *db, enum doc_kind kind, int64_t from, int64_t to,
                            struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE doc SET thread = ?3 WHERE kind = ?1 AND thread = ?2 AND thread <> 0");
    db_bind_int(q, 1, kind);
    db_bind_int(q, 2, from);
    db_bind_int(q, 3, to);
    return db_run(q, err);
}

/* One doc goes to another thread. */
enum status doc_set_thread(struct db *db, int64_t key, int64_t thread, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE doc SET thread = ?2 WHERE key = ?1");
    db_bind_int(q, 1, key);
    db_bind_int(q, 2, thread);
    return db_run(q, err);
}

/* The id of a label; made when make is set. 0 when there is none. */
static int64_t label_id(struct db *db, const char *label, bool make)
{
    struct error err = ERROR_INIT;
    struct db_query *q = db_prepare(db, "SELECT id FROM label WHERE name = ?1");
    db_bind_text(q, 1, label);
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    if (id || !make)
        return id;
    q = db_prepare(db, "INSERT INTO label(name) VALUES(?1)");
    db_bind_text(q, 1, label);
    return db_run(q, &err) == STATUS_OK ? db_last_id(db) : 0;
}

/* Puts a label on or takes it off. */
enum status doc_label(struct db *db, int64_t key, const char *label, bool on, struct error *err)
{
    int64_t id = label_id(db, label, on);
    if (!id)
        return on ? error_set(err, STATUS_FAILED, _("label %s could not be made"), label)
                  : STATUS_OK;
    struct db_query *q =
        on ? db_prepare(db, "INSERT OR IGNORE INTO doc_label(label, key) VALUES(?1, ?2)")
           : db_prepare(db, "DELETE FROM doc_label WHERE label = ?1 AND key = ?2");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, key);
    return db_run(q, err);
}

/* Its labels, sorted. */
void doc_labels(struct db *db, int64_t key, struct vec *labels)
{
    struct db_query *q = db_prepare(db, "SELECT l.name FROM doc_label d JOIN label l"
                                        " ON l.id = d.label WHERE d.key = ?1 ORDER BY l.name");
    db_bind_int(q, 1, key);
    while (db_step(q))
        strv_push(labels, db_text(q, 0));
    db_end(q);
}
