/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the tables of notes and meetings. Minutes are in minutes_store.c. */
#include "notes/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "notes/internal.h"
#include "notes/notes.h"
#include "store/db.h"
#include "store/doc.h"
#include "store/journal.h"
#include "store/store.h"
#include "store/textlog.h"

static const struct migration steps[] = {
    {.sql =
         "CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, meeting INTEGER NOT NULL,"
         " title TEXT NOT NULL, text TEXT NOT NULL, date INTEGER NOT NULL,"
         " created INTEGER NOT NULL, updated INTEGER NOT NULL, duration_ms INTEGER NOT NULL,"
         " hash TEXT UNIQUE, deleted INTEGER NOT NULL DEFAULT 0) STRICT;"
         "CREATE INDEX note_date ON note (date);"
         "CREATE TABLE note_segment (note INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE,"
         " n INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL,"
         " speaker TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (note, n)) STRICT, WITHOUT ROWID;"
         "CREATE TABLE minutes (id INTEGER PRIMARY KEY AUTOINCREMENT,"
         " note INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE, version INTEGER NOT NULL,"
         " style TEXT NOT NULL, state TEXT NOT NULL, made_by TEXT NOT NULL DEFAULT '',"
         " text TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',"
         " created INTEGER NOT NULL, job INTEGER, UNIQUE (note, version)) STRICT;"
         "CREATE INDEX minutes_running ON minutes (job) WHERE state = 'running';"
         "CREATE TABLE minutes_line (minutes INTEGER NOT NULL"
         " REFERENCES minutes (id) ON DELETE CASCADE, n INTEGER NOT NULL, section INTEGER NOT NULL,"
         " text TEXT NOT NULL, owner TEXT NOT NULL, due TEXT NOT NULL, due_words TEXT NOT NULL,"
         " supported INTEGER NOT NULL, PRIMARY KEY (minutes, n)) STRICT, WITHOUT ROWID;"
         "CREATE TABLE minutes_ref (minutes INTEGER NOT NULL"
         " REFERENCES minutes (id) ON DELETE CASCADE, line INTEGER NOT NULL, n INTEGER NOT NULL,"
         " segment INTEGER NOT NULL, start_ms INTEGER NOT NULL,"
         " PRIMARY KEY (minutes, line, n)) STRICT, WITHOUT ROWID;"},
};

const struct migration_list notes_migrations = {"notes", steps, sizeof steps / sizeof *steps};

void note_segment_fini_item(void *item)
{
    struct note_segment *s = item;
    free(s->speaker);
    free(s->text);
}

void note_free(struct note *n)
{
    if (!n)
        return;
    free(n->title);
    free(n->text);
    vec_fini(&n->segments);
    free(n);
}

const char *note_time(int64_t ms, char buf[NOTE_TIME])
{
    long long s = ms < 0 ? 0 : (long long)(ms / 1000);
    snprintf(buf, NOTE_TIME, "%02lld:%02lld:%02lld", s / 3600 % 1000, s / 60 % 60, s % 60);
    return buf;
}

char *note_title(const char *text)
{
    for (const char *s = text; *s;) {
        size_t n = strcspn(s, "\r\n"), skip = strspn(s, "# \t");
        if (skip < n) {
            struct str cut = STR_INIT;
            char *line = mem_strndup(s + skip, n - skip);
            utf8_cut_end(&cut, str_trim(line), 80, "…");
            free(line);
            return str_take(&cut);
        }
        s += n + strspn(s + n, "\r\n");
    }
    return NULL;
}

char *note_speakers(const struct vec *segments)
{
    struct vec names;
    strv_init(&names);
    for (size_t i = 0; i < segments->len; i++) {
        const struct note_segment *s = vec_at(segments, i);
        bool known = *s->speaker == 0;
        for (size_t k = 0; k < names.len && !known; k++)
            known = str_eq(strv_at(&names, k), s->speaker);
        if (!known)
            strv_push(&names, s->speaker);
    }
    char *all = strv_join(&names, ", ");
    vec_fini(&names);
    return all;
}

void note_transcript(const struct vec *segments, struct str *out)
{
    char time[NOTE_TIME];
    for (size_t i = 0; i < segments->len; i++) {
        const struct note_segment *s = vec_at(segments, i);
        if (s->start_ms >= 0)
            str_addf(out, "[%s] ", note_time(s->start_ms, time));
        str_addf(out, "%s%s%s\n", s->speaker, *s->speaker ? ": " : "", s->text);
    }
}

/* Reads the segments of a meeting. */
static enum status read_segments(struct db *db, int64_t note, struct vec *out, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT start_ms, end_ms, speaker, text FROM note_segment WHERE note = ? ORDER BY n");
    db_bind_int(q, 1, note);
    while (db_step(q)) {
        struct note_segment *s = vec_push(out);
        *s = (struct note_segment){.start_ms = db_int(q, 0),
                                   .end_ms = db_int(q, 1),
                                   .speaker = mem_strdup(db_text(q, 2)),
                                   .text = mem_strdup(db_text(q, 3))};
    }
    return db_done(q, err);
}

enum status note_get(struct db *db, int64_t id, bool segments, struct note **out,
                     struct error *err)
{
    struct note *n = NULL;
    struct db_query *q = db_prepare(
        db, "SELECT meeting, title, text, date, created, updated, duration_ms, deleted FROM note"
            " WHERE id = ?");
    db_bind_int(q, 1, id);
    if (db_step(q) && !db_int(q, 7)) {
        n = mem_alloc(sizeof *n);
        *n = (struct note){.id = id,
                           .meeting = db_int(q, 0) != 0,
                           .title = mem_strdup(db_text(q, 1)),
                           .text = mem_strdup(db_text(q, 2)),
                           .date = db_int(q, 3),
                           .created = db_int(q, 4),
                           .updated = db_int(q, 5),
                           .duration_ms = db_int(q, 6),
                           .cursor = -1};
        vec_init(&n->segments, sizeof(struct note_segment), note_segment_fini_item);
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !n)
        st = error_set(err, STATUS_NO_SUCH, _("there is no note n%lld"), (long long)id);
    if (st == STATUS_OK && n->meeting && segments)
        st = read_segments(db, id, &n->segments, err);
    if (st == STATUS_OK && !n->meeting && textlog_has(db, "note", id)) {
        struct str text = STR_INIT;
        st = textlog_read(db, "note", id, n->text, &text, &n->cursor, err);
        free(n->text);
        n->text = str_take(&text);
    }
    if (st != STATUS_OK) {
        note_free(n);
        n = NULL;
    }
    *out = n;
    return st;
}

enum status note_list(struct db *db, const char *needle, int64_t limit,
                      bool (*on_row)(void *user, const struct note_row *r), void *user,
                      struct error *err)
{
    bool filtered = needle && *needle, go = true;
    struct db_query *q = db_prepare(
        db, "SELECT n.id, n.date, n.updated, (SELECT count(*) FROM note_segment s WHERE s.note = n.id),"
            " coalesce((SELECT max(version) FROM minutes m WHERE m.note = n.id), 0), n.meeting,"
            " EXISTS (SELECT 1 FROM textlog t WHERE t.owner = 'note' AND t.ref = n.id), n.title,"
            " CASE WHEN n.meeting THEN (SELECT group_concat(speaker, ', ') FROM (SELECT DISTINCT"
            "   speaker FROM note_segment s WHERE s.note = n.id AND speaker <> '' LIMIT 8))"
            " ELSE substr(n.text, 1, 200) END"
            " FROM note n WHERE NOT n.deleted ORDER BY n.date DESC, n.id DESC LIMIT ?");
    db_bind_int(q, 1, filtered ? 2000 : limit);
    while (go && db_step(q)) {
        struct note_row r = {.id = db_int(q, 0),
                             .date = db_int(q, 1),
                             .updated = db_int(q, 2),
                             .segments = db_int(q, 3),
                             .minutes = db_int(q, 4),
                             .meeting = db_int(q, 5) != 0,
                             .typing = db_int(q, 6) != 0,
                             .title = db_text(q, 7),
                             .snippet = db_text(q, 8)};
        if (filtered && !utf8_contains_folded(r.title, needle))
            continue;
        go = on_row(user, &r) && (limit < 0 || --limit > 0);
    }
    return db_done(q, err);
}

/* ---- writing ---- */

/* Brings the search row of a note up to date. */
static enum status index_note(struct db *db, int64_t id, struct error *err)
{
    struct vec segments;
    struct str body = STR_INIT;
    char *speakers = NULL;
    enum status st = STATUS_OK;
    vec_init(&segments, sizeof(struct note_segment), note_segment_fini_item);
    struct db_query *q =
        db_prepare(db, "SELECT meeting, title, text, date, deleted FROM note WHERE id = ?");
    db_bind_int(q, 1, id);
    if (db_step(q)) {
        bool meeting = db_int(q, 0) != 0;
        enum doc_kind kind = meeting ? DOC_TRANSCRIPT : DOC_NOTE;
        if (meeting) {
            st = read_segments(db, id, &segments, err);
            speakers = note_speakers(&segments);
            note_transcript(&segments, &body);
        } else
            str_puts(&body, db_text(q, 2));
        struct doc d = {.kind = kind,
                        .ref = id,
                        .thread = id,
                        .date = db_int(q, 3),
                        .flags = (meeting ? 0u : DOC_MINE) | (db_int(q, 4) ? DOC_DELETED : 0u),
                        .subject = db_text(q, 1),
                        .sender = speakers,
                        .body = str_text(&body)};
        int64_t key = st == STATUS_OK ? doc_find(db, kind, id) : 0;
        if (st == STATUS_OK)
            st = key ? doc_update(db, key, &d, err) : doc_insert(db, &d, &key, err);
    }
    enum status ended = db_done(q, err);
    db_touch(db, WATCH_NOTE);
    vec_fini(&segments);
    str_fini(&body);
    free(speakers);
    return st != STATUS_OK ? st : ended;
}

/* Stores the segments of a meeting. */
static enum status put_segments(struct db *db, int64_t note, const struct vec *segments,
                                struct error *err)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < segments->len; i++) {
        const struct note_segment *s = vec_at(segments, i);
        struct db_query *q = db_prepare(
            db, "INSERT INTO note_segment (note, n, start_ms, end_ms, speaker, text)"
                " VALUES (?, ?, ?, ?, ?, ?)");
        db_bind_int(q, 1, note);
        db_bind_int(q, 2, (int64_t)i);
        db_bind_int(q, 3, s->start_ms);
        db_bind_int(q, 4, s->end_ms);
        db_bind_text(q, 5, s->speaker);
        db_bind_text(q, 6, s->text);
        st = db_run(q, err);
    }
    return st;
}

enum status note_create(struct db *db, struct note_new *n, struct error *err)
{
    int64_t now = clock_now(), duration = 0;
    n->duplicate = false;
    if (n->hash) {
        struct db_query *q = db_prepare(db, "SELECT id FROM note WHERE hash = ?");
        db_bind_text(q, 1, n->hash);
        n->duplicate = db_step(q);
        if (n->duplicate)
            n->id = db_int(q, 0);
        db_end(q);
        if (n->duplicate)
            return STATUS_OK;
    }
    if (n->segments && n->segments->len > 0) {
        const struct note_segment *first = vec_at(n->segments, 0);
        const struct note_segment *last = vec_at(n->segments, n->segments->len - 1);
        if (first->start_ms >= 0 && last->end_ms > first->start_ms)
            duration = last->end_ms - first->start_ms;
    }
    char *own = n->title ? mem_strdup(n->title) : note_title(n->text ? n->text : "");
    struct db_query *q = db_prepare(
        db, "INSERT INTO note (meeting, title, text, date, created, updated, duration_ms, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, n->segments != NULL);
    db_bind_text(q, 2, own ? own : "");
    db_bind_text(q, 3, n->segments || !n->text ? "" : n->text);
    db_bind_int(q, 4, n->date);
    db_bind_int(q, 5, now);
    db_bind_int(q, 6, now);
    db_bind_int(q, 7, duration);
    db_bind_text(q, 8, n->hash);
    enum status st = db_run(q, err);
    n->id = db_last_id(db);
    free(own);
    if (st == STATUS_OK && n->segments)
        st = put_segments(db, n->id, n->segments, err);
    return st == STATUS_OK ? index_note(db, n->id, err) : st;
}

enum status note_fold(struct db *db, int64_t id, bool *changed, struct error *err)
{
    struct note *n;
    struct journal *j;
    int64_t batch;
    bool moved = false;
    if (changed)
        *changed = false;
    if (!textlog_has(db, "note", id))
        return STATUS_OK;
    enum status st = note_get(db, id, false, &n, err);
    if (st == STATUS_NO_SUCH) { /* deleted while it was typed: the words stay in the row */
        *err = ERROR_INIT;
        return STATUS_OK;
    }
    if (st != STATUS_OK)
        return st;
    st = textlog_clear(db, "note", id, err);
    if (st == STATUS_OK)
        st = journal_begin(db, "me", N_("note edit"), "", &j, err);
    if (st == STATUS_OK) {
        char *title = note_title(n->text);
        st = journal_set(j, "note.text", id, n->text, &moved, err);
        if (st == STATUS_OK && title && (*n->title == 0 || n->text[0] == '#'))
            st = journal_set(j, "note.title", id, title, &moved, err);
        free(title);
        if (st == STATUS_OK)
            st = journal_end(j, &batch, err);
        else
            journal_abandon(j);
    }
    if (changed)
        *changed = st == STATUS_OK;
    note_free(n);
    return st;
}

enum status note_drop_empty(struct db *db, int64_t id, struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM note WHERE id = ?1 AND NOT meeting AND text = ''"
                                        " AND title = '' AND NOT EXISTS (SELECT 1 FROM textlog"
                                        " WHERE owner = 'note' AND ref = ?1)");
    db_bind_int(q, 1, id);
    enum status st = db_run(q, err);
    int64_t key = st == STATUS_OK && db_changed(db) > 0 ? doc_find(db, DOC_NOTE, id) : 0;
    db_touch(db, WATCH_NOTE);
    return key ? doc_delete(db, key, err) : st;
}

enum status note_recover(struct db *db, struct error *err)
{
    enum status st = STATUS_OK;
    for (int64_t id = textlog_next(db, "note", 0); id && st == STATUS_OK;
         id = textlog_next(db, "note", id))
        st = note_fold(db, id, NULL, err);
    return st;
}

/* ---- journal ---- */

/* One text of a note; NO_SUCH when it is gone. */
static enum status get_field(struct db *db, const char *sql, int64_t ref, struct str *out,
                             struct error *err)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, ref);
    bool found = db_step(q);
    if (found)
        str_puts(out, db_text(q, 0));
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_NO_SUCH, _("there is no note n%lld"), (long long)ref);
    return st;
}

/* Sets one column of a note and indexes it anew. */
static enum status set_field(struct db *db, struct db_query *q, int64_t ref, struct error *err)
{
    db_bind_int(q, 2, clock_now());
    db_bind_int(q, 3, ref);
    enum status st = db_run(q, err);
    return st == STATUS_OK ? index_note(db, ref, err) : st;
}

/* Journal: the text as it stands. */
static enum status get_text(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    return get_field(db, "SELECT text FROM note WHERE id = ?", ref, out, err);
}

/* Journal: another text. */
static enum status set_text(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE note SET text = ?, updated = ? WHERE id = ?");
    db_bind_text(q, 1, value);
    return set_field(db, q, ref, err);
}

/* Journal: the title as it stands. */
static enum status get_title(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    return get_field(db, "SELECT title FROM note WHERE id = ?", ref, out, err);
}

/* Journal: another title. */
static enum status set_title(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE note SET title = ?, updated = ? WHERE id = ?");
    db_bind_text(q, 1, value);
    return set_field(db, q, ref, err);
}

/* Journal: whether it is deleted. */
static enum status get_deleted(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    return get_field(db, "SELECT CAST(deleted AS TEXT) FROM note WHERE id = ?", ref, out, err);
}

/* Journal: deleted or back. */
static enum status set_deleted(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE note SET deleted = ?, updated = ? WHERE id = ?");
    db_bind_int(q, 1, str_eq(value, "1"));
    return set_field(db, q, ref, err);
}

void note_store_register(void)
{
    static const struct journal_field fields[] = {
        {.name = "note.text", .letter = 'n', .get = get_text, .set = set_text,
         .label = N_("text")},
        {.name = "note.title", .letter = 'n', .get = get_title, .set = set_title,
         .label = N_("title")},
        {.name = "note.deleted", .letter = 'n', .get = get_deleted, .set = set_deleted,
         .label = N_("deleted"), .word = journal_yes_no},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        journal_register(&fields[i]);
    minutes_store_register();
}
