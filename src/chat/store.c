/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the tables of conversations: what is asked of them and what changes them. */
#include "chat/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "chat/chat.h"
#include "store/db.h"
#include "store/doc.h"
#include "store/journal.h"
#include "store/store.h"
#include "store/textlog.h"

static const struct migration steps[] = {
    {.sql =
         "CREATE TABLE conversation (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL,"
         " created INTEGER NOT NULL, updated INTEGER NOT NULL, head INTEGER,"
         " deleted INTEGER NOT NULL DEFAULT 0) STRICT;"
         "CREATE INDEX conversation_updated ON conversation (updated);"
         "CREATE TABLE turn (id INTEGER PRIMARY KEY AUTOINCREMENT,"
         " conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,"
         " parent INTEGER REFERENCES turn (id) ON DELETE CASCADE,"
         " role TEXT NOT NULL, text TEXT NOT NULL, reasoning TEXT NOT NULL DEFAULT '',"
         " state TEXT NOT NULL, purpose TEXT NOT NULL, material TEXT NOT NULL DEFAULT '[]',"
         " model TEXT NOT NULL DEFAULT '', provider TEXT NOT NULL DEFAULT '',"
         " host TEXT NOT NULL DEFAULT '', error TEXT NOT NULL DEFAULT '',"
         " cost TEXT NOT NULL DEFAULT '', currency TEXT NOT NULL DEFAULT '',"
         " prompt_tokens INTEGER NOT NULL DEFAULT -1, completion_tokens INTEGER NOT NULL DEFAULT -1,"
         " estimated INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL, finished INTEGER,"
         " job INTEGER) STRICT;"
         "CREATE INDEX turn_conversation ON turn (conversation, id);"
         "CREATE INDEX turn_parent ON turn (parent, id);"
         "CREATE INDEX turn_running ON turn (job) WHERE state = 'running';"
         "CREATE TABLE turn_source (turn INTEGER NOT NULL REFERENCES turn (id) ON DELETE CASCADE,"
         " n INTEGER NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL,"
         " who TEXT NOT NULL, quote TEXT NOT NULL, date INTEGER, PRIMARY KEY (turn, n)) STRICT,"
         " WITHOUT ROWID;"},
    /* The answer with the citations that hold; empty: as the model wrote it. */
    {.sql = "ALTER TABLE turn ADD COLUMN cited TEXT NOT NULL DEFAULT '';"},
    /* Texts put aside by C-x k. */
    {.sql = "CREATE TABLE chat_stash (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL,"
            " made INTEGER NOT NULL) STRICT;"},
    /* Who gave the title: 0 the question's first words, 1 a model, 2 a person. */
    {.sql = "ALTER TABLE conversation ADD COLUMN titled INTEGER NOT NULL DEFAULT 0;"},
};

const struct migration_list chat_migrations = {"chat", steps, sizeof steps / sizeof *steps};

void chat_source_fini_item(void *item)
{
    struct chat_source *s = item;
    free(s->id);
    free(s->kind);
    free(s->title);
    free(s->who);
    free(s->quote);
}

void chat_turn_fini_item(void *item)
{
    struct chat_turn *t = item;
    free(t->text);
    free(t->cited);
    free(t->reasoning);
    free(t->state);
    free(t->model);
    free(t->provider);
    free(t->host);
    free(t->error);
    free(t->cost);
    free(t->currency);
    vec_fini(&t->sources);
}

#define TURN_COLUMNS                                                                               \
    "t.id, t.conversation, coalesce(t.parent, 0), t.role, t.text, t.reasoning, t.state, t.model,"  \
    " t.provider, t.host, t.error, t.cost, t.currency, t.prompt_tokens, t.completion_tokens,"      \
    " t.estimated, t.created, t.finished,"                                                         \
    " (SELECT count(*) FROM turn b WHERE b.parent IS t.parent"                                     \
    "   AND b.conversation = t.conversation),"                                                     \
    " (SELECT count(*) FROM turn b WHERE b.parent IS t.parent"                                     \
    "   AND b.conversation = t.conversation AND b.id <= t.id), t.cited"

/* Reads a row of TURN_COLUMNS; sources and a running text are read by fill_turn. */
static void read_turn(struct db_query *q, struct chat_turn *t)
{
    *t = (struct chat_turn){.id = db_int(q, 0),
                            .chat = db_int(q, 1),
                            .parent = db_int(q, 2),
                            .mine = str_eq(db_text(q, 3), "user"),
                            .text = mem_strdup(db_text(q, 4)),
                            .reasoning = mem_strdup(db_text(q, 5)),
                            .state = mem_strdup(db_text(q, 6)),
                            .running = str_eq(db_text(q, 6), "running"),
                            .model = mem_strdup(db_text(q, 7)),
                            .provider = mem_strdup(db_text(q, 8)),
                            .host = mem_strdup(db_text(q, 9)),
                            .error = mem_strdup(db_text(q, 10)),
                            .cost = mem_strdup(db_text(q, 11)),
                            .currency = mem_strdup(db_text(q, 12)),
                            .prompt_tokens = db_int(q, 13),
                            .completion_tokens = db_int(q, 14),
                            .estimated = db_int(q, 15) != 0,
                            .created = db_int(q, 16),
                            .finished = db_is_null(q, 17) ? CLOCK_NONE : db_int(q, 17),
                            .siblings = db_int(q, 18),
                            .place = db_int(q, 19),
                            .cited = mem_strdup(db_text(q, 20))};
    vec_init(&t->sources, sizeof(struct chat_source), chat_source_fini_item);
}

/* Adds the sources of a turn and, while it streams, what has come so far. */
static enum status fill_turn(struct db *db, struct chat_turn *t, struct error *err)
{
    if (t->mine)
        return STATUS_OK;
    if (t->running) {
        struct str text = STR_INIT;
        enum status st = textlog_read(db, "turn", t->id, t->text, &text, NULL, err);
        free(t->text);
        t->text = str_take(&text);
        return st;
    }
    struct db_query *q = db_prepare(
        db, "SELECT source, kind, title, who, quote, date FROM turn_source WHERE turn = ? ORDER BY n");
    db_bind_int(q, 1, t->id);
    while (db_step(q)) {
        struct chat_source *s = vec_push(&t->sources);
        *s = (struct chat_source){.id = mem_strdup(db_text(q, 0)),
                                  .kind = mem_strdup(db_text(q, 1)),
                                  .title = mem_strdup(db_text(q, 2)),
                                  .who = mem_strdup(db_text(q, 3)),
                                  .quote = mem_strdup(db_text(q, 4)),
                                  .date = db_is_null(q, 5) ? CLOCK_NONE : db_int(q, 5)};
    }
    return db_done(q, err);
}

enum status chat_turn_get(struct db *db, int64_t id, struct chat_turn *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT " TURN_COLUMNS " FROM turn t WHERE t.id = ?");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found)
        read_turn(q, out);
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !found)
        return error_set(err, STATUS_NO_SUCH, _("there is no turn x%lld"), (long long)id);
    if (st == STATUS_OK)
        st = fill_turn(db, out, err);
    if (st != STATUS_OK && found)
        chat_turn_fini_item(out);
    return st;
}

enum status chat_path(struct db *db, int64_t chat, int64_t leaf, int64_t max, struct vec *out,
                      struct error *err)
{
    vec_init(out, sizeof(struct chat_turn), chat_turn_fini_item);
    struct db_query *q = db_prepare(
        db, "WITH RECURSIVE path (id, parent, depth) AS ("
            "  SELECT id, parent, 0 FROM turn WHERE conversation = ?1 AND id = CASE WHEN ?2 > 0"
            "    THEN ?2 ELSE (SELECT head FROM conversation WHERE id = ?1) END"
            "  UNION ALL SELECT t.id, t.parent, depth + 1 FROM path p JOIN turn t ON t.id = p.parent"
            "    WHERE depth + 1 < ?3)"
            " SELECT " TURN_COLUMNS " FROM path p JOIN turn t ON t.id = p.id ORDER BY p.depth DESC");
    db_bind_int(q, 1, chat);
    db_bind_int(q, 2, leaf);
    db_bind_int(q, 3, max > 0 ? max : 1);
    while (db_step(q))
        read_turn(q, vec_push(out));
    enum status st = db_done(q, err);
    for (size_t i = 0; st == STATUS_OK && i < out->len; i++)
        st = fill_turn(db, vec_at(out, i), err);
    return st;
}

#define CHAT_COLUMNS                                                                               \
    "c.id, c.title, c.created, c.updated, coalesce(c.head, 0), c.deleted,"                         \
    " (SELECT count(*) FROM turn t WHERE t.conversation = c.id),"                                  \
    " coalesce((SELECT t.model FROM turn t WHERE t.conversation = c.id AND t.model <> ''"          \
    "   ORDER BY t.id DESC LIMIT 1), ''),"                                                         \
    " EXISTS (SELECT 1 FROM turn t WHERE t.id = c.head AND t.state = 'running')"

/* Reads a row of CHAT_COLUMNS; texts are borrowed. */
static struct chat_row read_chat(struct db_query *q)
{
    return (struct chat_row){.id = db_int(q, 0),
                             .title = db_text(q, 1),
                             .created = db_int(q, 2),
                             .updated = db_int(q, 3),
                             .head = db_int(q, 4),
                             .deleted = db_int(q, 5) != 0,
                             .turns = db_int(q, 6),
                             .model = db_text(q, 7),
                             .running = db_int(q, 8) != 0};
}

enum status chat_list(struct db *db, const char *needle, int64_t limit,
                      bool (*on_row)(void *user, const struct chat_row *r), void *user,
                      struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT " CHAT_COLUMNS " FROM conversation c WHERE NOT c.deleted"
                       " ORDER BY c.updated DESC, c.id DESC LIMIT ?");
    bool filtered = needle && *needle, go = true;
    db_bind_int(q, 1, filtered ? 2000 : limit);
    while (go && db_step(q)) {
        struct chat_row r = read_chat(q);
        if (filtered && !utf8_contains_folded(r.title, needle))
            continue;
        go = on_row(user, &r) && (limit < 0 || --limit > 0);
    }
    return db_done(q, err);
}

enum status chat_get(struct db *db, int64_t id,
                     bool (*on_row)(void *user, const struct chat_row *r), void *user,
                     struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT " CHAT_COLUMNS " FROM conversation c WHERE c.id = ?");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found) {
        struct chat_row r = read_chat(q);
        on_row(user, &r);
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_NO_SUCH, _("there is no conversation c%lld"), (long long)id);
    return st;
}

/* One number of one row by one number, or 0. */
static int64_t lookup(struct db *db, const char *sql, int64_t key)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, key);
    int64_t found = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return found;
}

int64_t chat_of_turn(struct db *db, int64_t turn)
{
    return lookup(db, "SELECT conversation FROM turn WHERE id = ?", turn);
}

int64_t chat_newest_turn(struct db *db, int64_t chat)
{
    return lookup(db, "SELECT max(t.id) FROM turn t JOIN conversation c ON c.id = t.conversation"
                      " WHERE c.id = ? AND NOT c.deleted", chat);
}

int64_t chat_leaf(struct db *db, int64_t turn)
{
    int64_t next = turn;
    while (next) {
        turn = next;
        next = lookup(db, "SELECT max(id) FROM turn WHERE parent = ?", turn);
    }
    return turn;
}

int64_t chat_sibling(struct db *db, int64_t turn, int step)
{
    return step > 0 ? lookup(db, "SELECT min(b.id) FROM turn t JOIN turn b ON b.parent IS t.parent"
                                 " AND b.conversation = t.conversation AND b.id > t.id"
                                 " WHERE t.id = ?", turn)
                    : lookup(db, "SELECT max(b.id) FROM turn t JOIN turn b ON b.parent IS t.parent"
                                 " AND b.conversation = t.conversation AND b.id < t.id"
                                 " WHERE t.id = ?", turn);
}

char *chat_title(const char *question)
{
    struct str line = STR_INIT, out = STR_INIT;
    const char *s = question + strspn(question, " \t\r\n");
    str_add(&line, s, strcspn(s, "\r\n"));
    utf8_cut_end(&out, str_text(&line), 60, "…");
    str_fini(&line);
    if (out.len == 0)
        str_puts(&out, _("untitled"));
    return str_take(&out);
}

/* ---- writing ---- */

/* Makes a conversation of its first question. */
static enum status make_chat(struct db *db, struct chat_begin *b, int64_t now, struct error *err)
{
    char *title = chat_title(b->text);
    struct db_query *q = db_prepare(
        db, "INSERT INTO conversation (title, created, updated) VALUES (?, ?, ?)");
    db_bind_text(q, 1, title);
    db_bind_int(q, 2, now);
    db_bind_int(q, 3, now);
    enum status st = db_run(q, err);
    b->chat = db_last_id(db);
    free(title);
    return st;
}

/* Adds a turn row; *id is its number. */
static enum status add_turn(struct db *db, const struct chat_begin *b, int64_t parent, bool mine,
                            int64_t job, int64_t now, int64_t *id, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT INTO turn (conversation, parent, role, text, state, purpose, material, created,"
            " finished, job) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, b->chat);
    if (parent > 0)
        db_bind_int(q, 2, parent);
    else
        db_bind_null(q, 2);
    db_bind_text(q, 3, mine ? "user" : "assistant");
    db_bind_text(q, 4, mine ? b->text : "");
    db_bind_text(q, 5, mine ? "complete" : "running");
    db_bind_text(q, 6, b->purpose);
    db_bind_text(q, 7, mine && b->material ? b->material : "[]");
    db_bind_int(q, 8, now);
    if (mine)
        db_bind_int(q, 9, now);
    else
        db_bind_null(q, 9);
    if (job)
        db_bind_int(q, 10, job);
    else
        db_bind_null(q, 10);
    enum status st = db_run(q, err);
    *id = db_last_id(db);
    return st;
}

/* Sets the head and the time of a conversation. */
static enum status touch_chat(struct db *db, int64_t chat, int64_t head, int64_t now,
                              struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE conversation SET head = ?, updated = ? WHERE id = ?");
    if (head > 0)
        db_bind_int(q, 1, head);
    else
        db_bind_null(q, 1);
    db_bind_int(q, 2, now);
    db_bind_int(q, 3, chat);
    db_touch(db, WATCH_CHAT);
    return db_run(q, err);
}

/* Puts a turn where the search finds it; a turn that is there already is replaced. */
static enum status index_turn(struct db *db, int64_t turn, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT t.conversation, t.created, t.role, t.text, c.title, t.model, c.deleted"
            " FROM turn t JOIN conversation c ON c.id = t.conversation WHERE t.id = ?");
    db_bind_int(q, 1, turn);
    enum status st = STATUS_OK;
    if (db_step(q)) {
        bool mine = str_eq(db_text(q, 2), "user");
        struct doc d = {.kind = DOC_CHAT,
                        .ref = turn,
                        .thread = db_int(q, 0),
                        .date = db_int(q, 1),
                        .flags = (mine ? DOC_MINE : 0u) | (db_int(q, 6) ? DOC_DELETED : 0u),
                        .subject = db_text(q, 4),
                        .sender = mine ? "" : db_text(q, 5),
                        .body = db_text(q, 3)};
        int64_t key = doc_find(db, DOC_CHAT, turn);
        st = key ? doc_update(db, key, &d, err) : doc_insert(db, &d, &key, err);
    }
    enum status ended = db_done(q, err);
    return st != STATUS_OK ? st : ended;
}

enum status chat_begin(struct db *db, struct chat_begin *b, struct error *err)
{
    int64_t now = clock_now(), parent = b->parent;
    enum status st = STATUS_OK;
    if (b->chat == 0) {
        st = make_chat(db, b, now, err);
        parent = 0;
    } else if (!lookup(db, "SELECT count(*) FROM conversation WHERE id = ?", b->chat))
        st = error_set(err, STATUS_NO_SUCH, _("there is no conversation c%lld"),
                       (long long)b->chat);
    else if (parent < 0)
        parent = lookup(db, "SELECT coalesce(head, 0) FROM conversation WHERE id = ?", b->chat);
    else if (parent > 0 && chat_of_turn(db, parent) != b->chat)
        st = error_set(err, STATUS_NO_SUCH, _("turn x%lld is not of conversation c%lld"),
                       (long long)parent, (long long)b->chat);
    if (st == STATUS_OK)
        st = add_turn(db, b, parent, true, 0, now, &b->question, err);
    if (st == STATUS_OK) {
        char *input = str_format("{\"question\":%lld}", (long long)b->question);
        st = job_start(db, "chat", input, &b->job, err);
        free(input);
    }
    if (st == STATUS_OK)
        st = add_turn(db, b, b->question, false, b->job.id, now, &b->answer, err);
    if (st == STATUS_OK)
        st = touch_chat(db, b->chat, b->answer, now, err);
    if (st == STATUS_OK)
        st = index_turn(db, b->question, err);
    return st;
}

/* Stores the sources of an answer in their order. */
static enum status put_sources(struct db *db, int64_t turn, const struct vec *sources,
                               struct error *err)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; sources && st == STATUS_OK && i < sources->len; i++) {
        const struct chat_source *s = vec_at(sources, i);
        struct db_query *q = db_prepare(
            db, "INSERT INTO turn_source (turn, n, source, kind, title, who, quote, date)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        db_bind_int(q, 1, turn);
        db_bind_int(q, 2, (int64_t)i + 1);
        db_bind_text(q, 3, s->id);
        db_bind_text(q, 4, s->kind);
        db_bind_text(q, 5, s->title);
        db_bind_text(q, 6, s->who);
        db_bind_text(q, 7, s->quote);
        if (s->date == CLOCK_NONE)
            db_bind_null(q, 8);
        else
            db_bind_int(q, 8, s->date);
        st = db_run(q, err);
    }
    return st;
}

/* Writes how an answer ended; one that does not run any more is left as it is. */
static enum status put_end(struct db *db, const struct chat_end *e, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE turn SET text = ?2, reasoning = ?3, state = ?4, model = ?5, provider = ?6,"
            " host = ?7, error = ?8, cost = ?9, currency = ?10, prompt_tokens = ?11,"
            " completion_tokens = ?12, estimated = ?13, finished = ?14, cited = ?15"
            " WHERE id = ?1 AND state = 'running'");
    const char *texts[] = {e->text,  e->reasoning, model_state_word(e->state), e->model, e->provider,
                           e->host, e->error,     e->cost,                    e->currency};
    db_bind_int(q, 1, e->answer);
    for (int i = 0; i < 9; i++)
        db_bind_text(q, i + 2, texts[i] ? texts[i] : "");
    db_bind_int(q, 11, e->prompt_tokens);
    db_bind_int(q, 12, e->completion_tokens);
    db_bind_int(q, 13, e->estimated);
    db_bind_int(q, 14, clock_now());
    db_bind_text(q, 15, e->cited && !str_eq(e->cited, e->text) ? e->cited : "");
    enum status st = db_run(q, err);
    if (st == STATUS_OK && db_changed(db) == 0)
        st = error_set(err, STATUS_STALE, _("answer x%lld was ended by another program"),
                       (long long)e->answer);
    return st;
}

enum status chat_end(struct db *db, const struct chat_end *e, struct error *err)
{
    enum status st = put_end(db, e, err);
    if (st == STATUS_OK)
        st = put_sources(db, e->answer, e->sources, err);
    if (st == STATUS_OK)
        st = textlog_clear(db, "turn", e->answer, err);
    if (st == STATUS_OK)
        st = index_turn(db, e->answer, err);
    if (st == STATUS_OK && e->job.id)
        st = job_finish(db, e->job,
                        e->state == MODEL_COMPLETE    ? "done"
                        : e->state == MODEL_CANCELLED ? "cancelled"
                                                      : "failed",
                        NULL, e->error && *e->error ? e->error : NULL, err);
    db_touch(db, WATCH_CHAT);
    return st;
}

enum status chat_cut(struct db *db, int64_t answer, struct error *err)
{
    struct str text = STR_INIT;
    struct error log_err = ERROR_INIT;
    if (textlog_read(db, "turn", answer, "", &text, NULL, &log_err) != STATUS_OK)
        str_puts(&text, ""); /* what could be replayed stands */
    struct db_query *q = db_prepare(
        db, "UPDATE turn SET text = ?, state = 'cut', finished = ? WHERE id = ? AND state = 'running'");
    db_bind_text(q, 1, str_text(&text));
    db_bind_int(q, 2, clock_now());
    db_bind_int(q, 3, answer);
    enum status st = db_run(q, err);
    if (st == STATUS_OK)
        st = textlog_clear(db, "turn", answer, err);
    if (st == STATUS_OK)
        st = index_turn(db, answer, err);
    db_touch(db, WATCH_CHAT);
    str_fini(&text);
    return st;
}

enum status chat_set_head(struct db *db, int64_t turn, struct error *err)
{
    int64_t chat = chat_of_turn(db, turn);
    if (!chat)
        return error_set(err, STATUS_NO_SUCH, _("there is no turn x%lld"), (long long)turn);
    int64_t head = lookup(db, "SELECT CASE role WHEN 'user' THEN coalesce(parent, 0) ELSE id END"
                              " FROM turn WHERE id = ?", turn);
    return touch_chat(db, chat, head, clock_now(), err);
}

/* ---- stashes ---- */

enum status chat_stash_put(struct db *db, const char *text, struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT INTO chat_stash (text, made) VALUES (?, ?)");
    db_bind_text(q, 1, text);
    db_bind_int(q, 2, clock_now());
    db_touch(db, WATCH_CHAT);
    return db_run(q, err);
}

enum status chat_stash_drop(struct db *db, int64_t id, struct error *err)
{
    struct db_query *q = db_prepare(db, "DELETE FROM chat_stash WHERE id = ?");
    db_bind_int(q, 1, id);
    db_touch(db, WATCH_CHAT);
    return db_run(q, err);
}

enum status chat_stash_list(struct db *db,
                            bool (*on_row)(void *user, int64_t id, int64_t made, const char *text),
                            void *user, struct error *err)
{
    bool go = true;
    struct db_query *q =
        db_prepare(db, "SELECT id, made, text FROM chat_stash ORDER BY id DESC LIMIT 500");
    while (go && db_step(q))
        go = on_row(user, db_int(q, 0), db_int(q, 1), db_text(q, 2));
    return db_done(q, err);
}

/* ---- journal ---- */

/* One text of a conversation; NO_SUCH when it is gone. */
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
        st = error_set(err, STATUS_NO_SUCH, _("there is no conversation c%lld"), (long long)ref);
    return st;
}

/* Journal: the title as it stands. */
static enum status get_title(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    return get_field(db, "SELECT title FROM conversation WHERE id = ?", ref, out, err);
}

/* Journal: whether it is deleted. */
static enum status get_deleted(struct db *db, int64_t ref, struct str *out, struct error *err)
{
    return get_field(db, "SELECT CAST(deleted AS TEXT) FROM conversation WHERE id = ?", ref, out,
                     err);
}

/* Brings the search rows of all turns of a conversation up to date. */
static enum status index_chat(struct db *db, int64_t chat, struct error *err)
{
    enum status st = STATUS_OK;
    for (int64_t turn = 0; st == STATUS_OK;) {
        struct db_query *q = db_prepare(db, "SELECT id FROM turn WHERE conversation = ? AND id > ?"
                                            " AND state <> 'running' ORDER BY id LIMIT 1");
        db_bind_int(q, 1, chat);
        db_bind_int(q, 2, turn);
        turn = db_step(q) ? db_int(q, 0) : 0;
        st = db_done(q, err);
        if (!turn)
            break;
        if (st == STATUS_OK)
            st = index_turn(db, turn, err);
    }
    db_touch(db, WATCH_CHAT);
    return st;
}

/* Journal: another title. */
static enum status set_title(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE conversation SET title = ?, titled = 2 WHERE id = ?");
    db_bind_text(q, 1, value);
    db_bind_int(q, 2, ref);
    enum status st = db_run(q, err);
    return st == STATUS_OK ? index_chat(db, ref, err) : st;
}

enum status chat_title_made(struct db *db, int64_t chat, const char *title, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE conversation SET title = ?, titled = 1 WHERE id = ? AND titled = 0");
    db_bind_text(q, 1, title);
    db_bind_int(q, 2, chat);
    enum status st = db_run(q, err);
    return st == STATUS_OK ? index_chat(db, chat, err) : st;
}

/* Journal: deleted or back. */
static enum status set_deleted(struct db *db, int64_t ref, const char *value, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE conversation SET deleted = ? WHERE id = ?");
    db_bind_int(q, 1, str_eq(value, "1"));
    db_bind_int(q, 2, ref);
    enum status st = db_run(q, err);
    return st == STATUS_OK ? index_chat(db, ref, err) : st;
}

/* A dead runner's answer is marked cut; input names its question. */
static enum status cut_orphan(struct db *db, int64_t job, const char *input, struct error *err)
{
    (void)input;
    int64_t answer = lookup(db, "SELECT id FROM turn WHERE job = ? AND state = 'running'", job);
    return answer ? chat_cut(db, answer, err) : STATUS_OK;
}

void chat_store_register(void)
{
    static const struct journal_field title = {
        .name = "chat.title", .letter = 'c', .get = get_title, .set = set_title,
        .label = N_("title")};
    static const struct journal_field deleted = {
        .name = "chat.deleted", .letter = 'c', .get = get_deleted, .set = set_deleted,
        .label = N_("deleted"), .word = journal_yes_no};
    static const struct job_kind kind = {N_("chat"), JOB_CUT, cut_orphan};
    journal_register(&title);
    journal_register(&deleted);
    job_register(&kind);
}
