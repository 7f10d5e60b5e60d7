/* SPDX-License-Identifier: GPL-3.0-or-later */
/* minutes_store.c - versions of minutes, their lines and what each line points to. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/watch.h"
#include "notes/internal.h"
#include "notes/store.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/textlog.h"

void minutes_line_fini_item(void *item)
{
    struct minutes_line *l = item;
    free(l->text);
    free(l->owner);
    free(l->due);
    free(l->due_words);
    vec_fini(&l->refs);
}

void minutes_free(struct minutes *m)
{
    if (!m)
        return;
    free(m->style);
    free(m->by);
    free(m->state);
    free(m->text);
    vec_fini(&m->lines);
    free(m);
}

/* Reads where the lines of a version point to. */
static enum status read_refs(struct db *db, int64_t id, struct vec *lines, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT line, segment, start_ms FROM minutes_ref WHERE minutes = ? ORDER BY line, n");
    db_bind_int(q, 1, id);
    while (db_step(q)) {
        int64_t at = db_int(q, 0);
        if (at < 0 || at >= (int64_t)lines->len)
            continue;
        struct minutes_ref *r = vec_push(&((struct minutes_line *)vec_at(lines, (size_t)at))->refs);
        *r = (struct minutes_ref){db_int(q, 1), db_int(q, 2)};
    }
    return db_done(q, err);
}

/* Reads the lines of a version. */
static enum status read_lines(struct db *db, int64_t id, struct vec *lines, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT section, text, owner, due, due_words, supported FROM minutes_line"
            " WHERE minutes = ? ORDER BY n");
    db_bind_int(q, 1, id);
    while (db_step(q)) {
        struct minutes_line *l = vec_push(lines);
        *l = (struct minutes_line){.section = (enum minutes_section)db_int(q, 0),
                                   .text = mem_strdup(db_text(q, 1)),
                                   .owner = mem_strdup(db_text(q, 2)),
                                   .due = mem_strdup(db_text(q, 3)),
                                   .due_words = mem_strdup(db_text(q, 4)),
                                   .supported = db_int(q, 5) != 0};
        vec_init(&l->refs, sizeof(struct minutes_ref), NULL);
    }
    enum status st = db_done(q, err);
    return st == STATUS_OK ? read_refs(db, id, lines, err) : st;
}

enum status minutes_get(struct db *db, int64_t note, int64_t version, struct minutes **out,
                        struct error *err)
{
    struct minutes *m = NULL;
    struct db_query *q = db_prepare(
        db, "SELECT id, version, created, style, made_by, state, text FROM minutes WHERE note = ?1"
            " AND (?2 = 0 OR version = ?2) ORDER BY version DESC LIMIT 1");
    db_bind_int(q, 1, note);
    db_bind_int(q, 2, version);
    if (db_step(q)) {
        m = mem_alloc(sizeof *m);
        *m = (struct minutes){.id = db_int(q, 0),
                              .note = note,
                              .version = db_int(q, 1),
                              .created = db_int(q, 2),
                              .style = mem_strdup(db_text(q, 3)),
                              .by = mem_strdup(db_text(q, 4)),
                              .state = mem_strdup(db_text(q, 5)),
                              .text = mem_strdup(db_text(q, 6)),
                              .running = strcmp(db_text(q, 5), "running") == 0};
        vec_init(&m->lines, sizeof(struct minutes_line), minutes_line_fini_item);
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !m)
        st = error_set(err, STATUS_NO_SUCH, _("n%lld has no minutes yet"), (long long)note);
    if (st == STATUS_OK && m->running) {
        struct str text = STR_INIT;
        st = textlog_read(db, "minutes", m->id, "", &text, NULL, err);
        free(m->text);
        m->text = str_take(&text);
    } else if (st == STATUS_OK)
        st = read_lines(db, m->id, &m->lines, err);
    if (st != STATUS_OK) {
        minutes_free(m);
        m = NULL;
    }
    *out = m;
    return st;
}

/* ---- lines as JSON ---- */

char *minutes_lines_json(const struct vec *lines)
{
    struct json *a = json_array();
    for (size_t i = 0; i < lines->len; i++) {
        const struct minutes_line *l = vec_at(lines, i);
        struct json *o = json_object(), *refs = json_array();
        json_set_int(o, "section", (int64_t)l->section);
        json_set_str(o, "text", l->text);
        json_set_str(o, "owner", l->owner);
        json_set_str(o, "due", l->due);
        json_set_str(o, "due_words", l->due_words);
        json_set_bool(o, "supported", l->supported);
        for (size_t k = 0; k < l->refs.len; k++) {
            const struct minutes_ref *r = vec_at(&l->refs, k);
            struct json *p = json_object();
            json_set_int(p, "segment", r->segment);
            json_set_int(p, "ms", r->start_ms);
            json_push(refs, p);
        }
        json_set(o, "refs", refs);
        json_push(a, o);
    }
    char *text = json_print(a);
    json_free(a);
    return text;
}

/* A member's text, "" when absent. Yours. */
static char *take_text(const struct json *o, const char *name)
{
    const char *text = json_get_text(o, name);
    return mem_strdup(text ? text : "");
}

enum status minutes_lines_parse(const char *text, struct vec *lines, struct error *err)
{
    struct json *a = NULL;
    vec_init(lines, sizeof(struct minutes_line), minutes_line_fini_item);
    enum status st = json_parse(text, strlen(text), &a, err);
    for (size_t i = 0; st == STATUS_OK && i < json_len(a); i++) {
        const struct json *o = json_at(a, i), *refs = json_get(o, "refs");
        int64_t section = json_get_int(o, "section", 0);
        struct minutes_line *l = vec_push(lines);
        *l = (struct minutes_line){
            .section = section >= 0 && section <= MINUTES_QUESTION ? (enum minutes_section)section
                                                                   : MINUTES_SUMMARY,
            .text = take_text(o, "text"),
            .owner = take_text(o, "owner"),
            .due = take_text(o, "due"),
            .due_words = take_text(o, "due_words"),
            .supported = json_get_bool(o, "supported", false)};
        vec_init(&l->refs, sizeof(struct minutes_ref), NULL);
        for (size_t k = 0; k < json_len(refs); k++) {
            struct minutes_ref *r = vec_push(&l->refs);
            *r = (struct minutes_ref){json_get_int(json_at(refs, k), "segment", 0),
                                      json_get_int(json_at(refs, k), "ms", -1)};
        }
    }
    json_free(a);
    return st;
}

/* ---- writing ---- */

enum status minutes_begin(struct db *db, struct minutes_begin *b, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT (SELECT coalesce(max(version), 0) + 1 FROM minutes WHERE note = n.id)"
            " FROM note n WHERE n.id = ? AND NOT n.deleted");
    db_bind_int(q, 1, b->note);
    b->version = db_step(q) ? db_int(q, 0) : 0;
    enum status st = db_done(q, err);
    if (st == STATUS_OK && b->version == 0)
        st = error_set(err, STATUS_NO_SUCH, _("there is no note n%lld"), (long long)b->note);
    if (st == STATUS_OK) {
        char *input = str_format("{\"note\":\"n%lld\"}", (long long)b->note);
        st = job_start(db, "minutes", input, &b->job, err);
        free(input);
    }
    if (st != STATUS_OK)
        return st;
    q = db_prepare(db, "INSERT INTO minutes (note, version, style, state, created, job)"
                       " VALUES (?, ?, ?, 'running', ?, ?)");
    db_bind_int(q, 1, b->note);
    db_bind_int(q, 2, b->version);
    db_bind_text(q, 3, b->style ? b->style : "");
    db_bind_int(q, 4, clock_now());
    db_bind_int(q, 5, b->job.id);
    st = db_run(q, err);
    b->id = db_last_id(db);
    db_touch(db, WATCH_NOTE);
    return st;
}

/* Replaces the lines of a version. */
static enum status put_lines(struct db *db, int64_t id, const struct vec *lines, struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM minutes_ref WHERE minutes = ?");
    db_bind_int(q, 1, id);
    enum status st = db_run(q, err);
    if (st == STATUS_OK) {
        q = db_prepare(db, "DELETE FROM minutes_line WHERE minutes = ?");
        db_bind_int(q, 1, id);
        st = db_run(q, err);
    }
    for (size_t i = 0; st == STATUS_OK && i < lines->len; i++) {
        const struct minutes_line *l = vec_at(lines, i);
        q = db_prepare(db, "INSERT INTO minutes_line (minutes, n, section, text, owner, due,"
                           " due_words, supported) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        db_bind_int(q, 1, id);
        db_bind_int(q, 2, (int64_t)i);
        db_bind_int(q, 3, (int64_t)l->section);
        db_bind_text(q, 4, l->text);
        db_bind_text(q, 5, l->owner);
        db_bind_text(q, 6, l->due);
        db_bind_text(q, 7, l->due_words);
        db_bind_int(q, 8, l->supported);
        st = db_run(q, err);
        for (size_t k = 0; st == STATUS_OK && k < l->refs.len; k++) {
            const struct minutes_ref *r = vec_at(&l->refs, k);
            q = db_prepare(db, "INSERT INTO minutes_ref (minutes, line, n, segment, start_ms)"
                               " VALUES (?, ?, ?, ?, ?)");
            db_bind_int(q, 1, id);
            db_bind_int(q, 2, (int64_t)i);
            db_bind_int(q, 3, (int64_t)k);
            db_bind_int(q, 4, r->segment);
            db_bind_int(q, 5, r->start_ms);
            st = db_run(q, err);
        }
    }
    return st;
}

enum status minutes_end(struct db *db, const struct minutes_end *e, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE minutes SET text = ?, made_by = ?, error = ?, state = ? WHERE id = ?"
            " AND state = 'running'");
    db_bind_text(q, 1, e->text);
    db_bind_text(q, 2, e->by);
    db_bind_text(q, 3, e->error ? e->error : "");
    db_bind_text(q, 4, model_state_word(e->state));
    db_bind_int(q, 5, e->id);
    enum status st = db_run(q, err);
    if (st == STATUS_OK && db_changed(db) == 0)
        st = error_set(err, STATUS_STALE, "%s", _("these minutes were ended by another program"));
    if (st == STATUS_OK && e->lines)
        st = put_lines(db, e->id, e->lines, err);
    if (st == STATUS_OK)
        st = textlog_clear(db, "minutes", e->id, err);
    if (st == STATUS_OK)
        st = job_finish(db, e->job,
                        e->state == MODEL_COMPLETE    ? "done"
                        : e->state == MODEL_CANCELLED ? "cancelled"
                                                      : "failed",
                        NULL, e->error && *e->error ? e->error : NULL, err);
    db_touch(db, WATCH_NOTE);
    return st;
}

/* A dead runner's minutes are marked cut; what had come stays. */
static enum status cut_orphan(struct db *db, int64_t job, const char *input, struct error *err)
{
    (void)input;
    struct db_query *q =
        db_prepare(db, "SELECT id FROM minutes WHERE job = ? AND state = 'running'");
    db_bind_int(q, 1, job);
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    enum status st = db_done(q, err);
    if (st != STATUS_OK || !id)
        return st;
    struct str text = STR_INIT;
    struct error log_err = ERROR_INIT;
    if (textlog_read(db, "minutes", id, "", &text, NULL, &log_err) != STATUS_OK)
        str_puts(&text, ""); /* what could be replayed stands */
    q = db_prepare(db, "UPDATE minutes SET text = ?, state = 'cut' WHERE id = ?");
    db_bind_text(q, 1, str_text(&text));
    db_bind_int(q, 2, id);
    st = db_run(q, err);
    str_fini(&text);
    if (st == STATUS_OK)
        st = textlog_clear(db, "minutes", id, err);
    db_touch(db, WATCH_NOTE);
    return st;
}

/* Journal: the lines of the newest version. */
static enum status get_lines(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    struct minutes *m;
    enum status st = minutes_get(db, ref, 0, &m, err);
    if (st == STATUS_OK) {
        char *text = minutes_lines_json(&m->lines);
        str_puts(out, text);
        free(text);
    }
    minutes_free(m);
    return st;
}

/* Journal: other lines for the newest version. */
static enum status set_lines(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct minutes *m;
    struct vec lines;
    enum status st = minutes_get(db, ref, 0, &m, err);
    if (st != STATUS_OK)
        return st;
    st = minutes_lines_parse(value, &lines, err);
    if (st == STATUS_OK)
        st = put_lines(db, m->id, &lines, err);
    db_touch(db, WATCH_NOTE);
    vec_fini(&lines);
    minutes_free(m);
    return st;
}

void minutes_store_register(void)
{
    static const struct journal_field field = {
        .name = "note.minutes", .letter = 'n', .get = get_lines, .set = set_lines,
        .label = N_("minutes")};
    static const struct job_kind kind = {N_("minutes"), JOB_CUT, cut_orphan};
    journal_register(&field);
    job_register(&kind);
}
