/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_store.c - undo, redo, journal, job, backup, restore, verify; and the table of all
 * commands over the store. */
#include "office/commands_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "base/when.h"
#include "command/ids.h"
#include "mail/maildir.h"
#include "mail/thread.h"
#include "store/care.h"
#include "store/doc.h"
#include "store/job.h"
#include "store/journal.h"

/* ---- undo, redo ---- */

struct undoing {
    bool redo, force, dry;
    int64_t batch;  /* 0: the newest */
    char *who;      /* own; all of this author, since */
    int64_t since;
    struct vec things; /* struct journal_thing; of the batch only these */
    struct journal_undone out;
};

/* Releases an undo. */
static void undoing_free(void *p)
{
    struct undoing *u = p;
    free(u->who);
    vec_fini(&u->things);
    journal_undone_fini(&u->out);
    free(u);
}

/* A conversation stands for its mails too. */
static enum status add_mails(struct db *db, struct vec *things, struct error *err)
{
    enum status s = STATUS_OK;
    for (size_t i = 0, n = things->len; i < n && s == STATUS_OK; i++) {
        struct vec ids;
        if (((struct journal_thing *)vec_at(things, i))->letter != 't')
            continue;
        s = mail_thread_ids(db, ((struct journal_thing *)vec_at(things, i))->ref, &ids, err);
        for (size_t k = 0; k < ids.len; k++) {
            int64_t id = *(int64_t *)vec_at(&ids, k);
            *(struct journal_thing *)vec_push(things) = (struct journal_thing){'m', id};
        }
        vec_fini(&ids);
    }
    return s;
}

/* The operation. */
static enum status run_undoing(struct db *db, void *record, struct error *err)
{
    struct undoing *u = record;
    enum status s = u->dry ? db_savepoint(db, err) : STATUS_OK;
    if (s != STATUS_OK)
        return s;
    if (u->things.len)
        s = add_mails(db, &u->things, err);
    if (s == STATUS_OK)
        s = u->redo         ? journal_redo(db, u->batch, u->force, &u->out, err)
            : u->who        ? journal_undo_since(db, u->who, u->since, &u->out, err)
            : u->things.len ? journal_undo_things(db, u->batch, &u->things, &u->out, err)
                            : journal_undo(db, u->batch, u->force, &u->out, err);
    if (u->dry)
        db_rollback_savepoint(db);
    return s;
}

static const struct store_op undo_op = {"undo", OP_PERSON, run_undoing, undoing_free};

/* The words for people: what came back, what did not. */
static char *undone_words(const struct undoing *u)
{
    struct str s = STR_INIT;
    const struct journal_undone *o = &u->out;
    if (o->count == 0)
        str_puts(&s, _("nothing was changed"));
    else if (u->redo)
        str_addf(&s, P_("%lld change done again", "%lld changes done again", o->count),
                 (long long)o->count);
    else
        str_addf(&s, P_("%lld change taken back", "%lld changes taken back", o->count),
                 (long long)o->count);
    if (o->batch)
        str_addf(&s, _(": %s (j%lld)"), o->what ? o->what : "", (long long)o->batch);
    for (size_t i = 0; i < o->skipped.len && i < 5; i++) {
        const struct journal_skip *k = vec_at(&o->skipped, i);
        str_addf(&s, "%s%s: %s", i ? "; " : _("; left as it is: "), k->id, k->why);
    }
    if (o->skipped.len > 5)
        str_addf(&s, _(" and %zu more"), o->skipped.len - 5);
    return str_take(&s);
}

/* What lies in followed Maildirs has been written back. */
static void written_back(void *user, int64_t pushed, const struct error *err)
{
    struct command_call *c = user;
    (void)pushed;
    if (err->status != STATUS_OK)
        command_warn(c, _("the Maildir could not be changed yet: %s"), err->text);
    command_end(c, NULL);
}

/* The operation is over. */
static void undone(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct undoing *u = record;
    if (err->status == STATUS_OK) {
        char id[COMMAND_ID_TEXT];
        struct json *o = json_object(), *ids = json_array(), *skipped = json_array();
        if (u->out.batch)
            json_set_str(o, "batch", command_id_text('j', u->out.batch, id));
        json_set_int(o, "undone", u->out.count);
        for (size_t i = 0; i < u->out.ids.len; i++)
            json_push_str(ids, strv_at(&u->out.ids, i));
        for (size_t i = 0; i < u->out.skipped.len; i++) {
            const struct journal_skip *k = vec_at(&u->out.skipped, i);
            struct json *one = json_object();
            json_set_str(one, "id", k->id);
            json_set_str(one, "why", k->why);
            json_push(skipped, one);
        }
        json_set(o, "ids", ids);
        json_set(o, "skipped", skipped);
        if (u->dry)
            json_set_bool(o, "dry_run", true);
        char *words = undone_words(u);
        command_result(c, o, words);
        free(words);
    }
    if (err->status == STATUS_OK && !u->dry && !command_is_screen(c)) /* there the watch does it */
        mail_maildir_push(command_store(c), written_back, c);
    else
        command_end(c, err);
}

/* An empty record of the call. */
static struct undoing *undoing_new(struct command_call *c, bool redo)
{
    struct undoing *u = mem_alloc(sizeof *u);
    journal_undone_init(&u->out);
    vec_init(&u->things, sizeof(struct journal_thing), NULL);
    u->redo = redo;
    u->dry = command_is_dry(c);
    u->force = command_is_yes(c);
    return u;
}

/* A time that lies back: an age, or a date. */
static bool read_since(const char *text, int64_t *out)
{
    long long count;
    size_t n = strlen(text);
    char *number = mem_strndup(text, n ? n - 1 : 0);
    int64_t unit = n && text[n - 1] == 'd' ? 86400 : n && text[n - 1] == 'h' ? 3600 : 0;
    bool good = unit && str_to_int64(number, &count) && count >= 0;
    free(number);
    if (good)
        *out = clock_now() - count * unit;
    else if (strcmp(text, "today") == 0)
        *out = clock_day_start(clock_now(), 0);
    else if (strcmp(text, "yesterday") == 0)
        *out = clock_day_start(clock_now(), -1);
    else
        return clock_parse(text, out);
    return true;
}

/* BATCH [ID…] of a call; false: told. */
static bool read_batch(struct command_call *c, struct undoing *u)
{
    const char *batch = command_arg(c, 0);
    char letter;
    if (batch && (!command_id(batch, &letter, &u->batch) || letter != 'j')) {
        command_usage(c, _("“%s” is no batch of the journal (j88)"), batch);
        return false;
    }
    for (size_t i = 1; i < command_argc(c); i++) {
        struct journal_thing *t = vec_push(&u->things);
        if (!command_id(command_arg(c, i), &t->letter, &t->ref)) {
            command_usage(c, _("“%s” is not an id"), command_arg(c, i));
            return false;
        }
    }
    return true;
}

/* undo [BATCH [ID…]] [--rule NAME --since WHEN] */
static enum command_result run_undo(struct command_call *c)
{
    const char *rule = command_value(c, "rule"), *since = command_value(c, "since");
    struct undoing *u = undoing_new(c, false);
    if (command_argc(c) && rule) {
        undoing_free(u);
        return command_usage(c, "%s", _("undo takes a batch or --rule, not both"));
    }
    if (!read_batch(c, u)) {
        undoing_free(u);
        return COMMAND_DONE;
    }
    if (!rule != !since || (since && !read_since(since, &u->since))) {
        undoing_free(u);
        return command_usage(c, "%s", _("--rule NAME and --since WHEN go together; WHEN is 7d, "
                                        "12h, today or 2026-11-02"));
    }
    if (rule)
        u->who = str_format("rule %s", rule);
    store_post(command_store(c), &undo_op, u, undone, c);
    return COMMAND_WAIT;
}

/* redo [BATCH] */
static enum command_result run_redo(struct command_call *c)
{
    struct undoing *u = undoing_new(c, true);
    if (!read_batch(c, u)) {
        undoing_free(u);
        return COMMAND_DONE;
    }
    store_post(command_store(c), &undo_op, u, undone, c);
    return COMMAND_WAIT;
}

/* ---- journal ---- */

struct listing {
    struct command_call *call; /* borrow */
    const char *query;         /* borrow */
    int64_t limit, count;
};

/* Does every word of the query stand in the row? */
static bool row_fits(const char *query, const struct journal_row *r)
{
    char *words = mem_strdup(query), *rest = words;
    char *text = str_format("j%lld %s %s %s", (long long)r->id, r->who, r->what, r->why);
    bool fits = true;
    for (char *w = strsep(&rest, " \t"); fits && w; w = strsep(&rest, " \t"))
        fits = !*w || utf8_contains_folded(text, w);
    free(text);
    free(words);
    return fits;
}

/* One batch. */
static bool on_batch(void *user, const struct journal_row *r)
{
    struct listing *l = user;
    if (!row_fits(l->query, r))
        return true;
    if (l->limit >= 0 && l->count++ >= l->limit)
        return false;
    char id[COMMAND_ID_TEXT], date[CLOCK_TEXT];
    struct json *o = json_object();
    json_set_str(o, "batch", command_id_text('j', r->id, id));
    json_set_time(o, "date", r->at);
    json_set_str(o, "who", r->who);
    json_set_str(o, "what", r->what);
    json_set_int(o, "count", r->count);
    if (*r->why)
        json_set_str(o, "why", r->why);
    json_set_bool(o, "undone", r->undone_by != 0);
    clock_rfc3339(r->at, date);
    date[16] = '\0';
    date[10] = ' ';
    char *text = str_format("%-6s %s  %-12s %5lld  %s%s%s%s", id, date, r->who, (long long)r->count,
                            r->what, *r->why ? " · " : "", r->why,
                            r->undone_by ? _(" (undone)") : "");
    command_item(l->call, o, text);
    free(text);
    return true;
}

/* journal [QUERY] */
static enum command_result run_journal(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct listing l = {.call = c, .query = command_text(c, 0)};
    if (!command_limit(c, 50, &l.limit))
        return COMMAND_DONE;
    /* With a query the rows read are bounded on the screen all the same. */
    int64_t most = command_is_screen(c) ? 2000 : -1;
    if (journal_list(store_reader(command_store(c)), most, on_batch, &l, &err) != STATUS_OK)
        return command_fail(c, &err);
    return COMMAND_DONE;
}

/* ---- jobs ---- */

/* One job. */
static bool on_job(void *user, const struct job_row *r)
{
    struct listing *l = user;
    char id[COMMAND_ID_TEXT], date[CLOCK_TEXT];
    struct json *o = json_object();
    json_set_str(o, "id", command_id_text('q', r->id, id));
    json_set_str(o, "kind", r->kind);
    json_set_str(o, "state", r->state);
    json_set_time(o, "date", r->created);
    if (r->total > 0 || r->done > 0) {
        json_set_int(o, "done", r->done);
        if (r->total > 0)
            json_set_int(o, "total", r->total);
    }
    if (*r->note)
        json_set_str(o, "note", r->note);
    if (*r->error)
        json_set_str(o, "error", r->error);
    struct str s = STR_INIT;
    clock_rfc3339(r->created, date);
    date[16] = '\0';
    date[10] = ' ';
    str_addf(&s, "%-6s %s  %-10s %-9s", id, date, r->kind, r->state);
    if (r->total > 0)
        str_addf(&s, "  %lld/%lld", (long long)r->done, (long long)r->total);
    else if (r->done > 0)
        str_addf(&s, "  %lld", (long long)r->done);
    if (*r->note)
        str_addf(&s, "  %s", r->note);
    if (*r->error)
        str_addf(&s, "  %s", r->error);
    command_item(l->call, o, str_text(&s));
    str_fini(&s);
    return true;
}

/* job list [--all] */
static enum command_result run_job_list(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct listing l = {.call = c};
    if (!command_limit(c, 50, &l.limit))
        return COMMAND_DONE;
    if (job_list(store_reader(command_store(c)), !command_has(c, "all"), l.limit, on_job, &l,
                 &err) != STATUS_OK)
        return command_fail(c, &err);
    return COMMAND_DONE;
}

struct job_change {
    bool retry, dry;
    struct vec ids; /* int64_t */
};

/* Releases a change of jobs. */
static void job_change_free(void *p)
{
    vec_fini(&((struct job_change *)p)->ids);
    free(p);
}

/* The operation: all or none. */
static enum status run_job_change(struct db *db, void *record, struct error *err)
{
    struct job_change *j = record;
    enum status s = j->dry ? db_savepoint(db, err) : STATUS_OK;
    for (size_t i = 0; i < j->ids.len && s == STATUS_OK; i++) {
        int64_t id = *(int64_t *)vec_at(&j->ids, i);
        s = j->retry ? job_retry(db, id, err) : job_cancel(db, id, err);
    }
    if (j->dry)
        db_rollback_savepoint(db);
    return s;
}

static const struct store_op job_op = {"job", OP_PERSON, run_job_change, job_change_free};

/* The jobs are changed. */
static void jobs_changed(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct job_change *j = record;
    if (err->status == STATUS_OK) {
        char id[COMMAND_ID_TEXT];
        struct json *o = json_object(), *ids = json_array();
        for (size_t i = 0; i < j->ids.len; i++)
            json_push_str(ids, command_id_text('q', *(int64_t *)vec_at(&j->ids, i), id));
        json_set_int(o, "changed", (int64_t)j->ids.len);
        json_set(o, "ids", ids);
        if (j->dry)
            json_set_bool(o, "dry_run", true);
        command_result(c, o, NULL);
    }
    command_end(c, err);
}

/* job cancel ID…, job retry ID… */
static enum command_result change_jobs(struct command_call *c, bool retry)
{
    struct job_change *j = mem_alloc(sizeof *j);
    vec_init(&j->ids, sizeof(int64_t), NULL);
    j->retry = retry;
    j->dry = command_is_dry(c);
    for (size_t i = 0; i < command_argc(c); i++) {
        char letter;
        int64_t id;
        if (!command_id(command_arg(c, i), &letter, &id) || letter != 'q') {
            job_change_free(j);
            return command_usage(c, _("“%s” is no job (q6)"), command_arg(c, i));
        }
        *(int64_t *)vec_push(&j->ids) = id;
    }
    store_post(command_store(c), &job_op, j, jobs_changed, c);
    return COMMAND_WAIT;
}

/* job cancel ID… */
static enum command_result run_job_cancel(struct command_call *c)
{
    return change_jobs(c, false);
}

/* job retry ID… */
static enum command_result run_job_retry(struct command_call *c)
{
    return change_jobs(c, true);
}

/* ---- backup, restore, verify ---- */

struct backing {
    char *path; /* own */
    int64_t bytes;
};

/* Releases a backup. */
static void backing_free(void *p)
{
    free(((struct backing *)p)->path);
    free(p);
}

/* The finder's part. */
static enum status ask_backup(struct db *db, void *record, struct error *err)
{
    struct backing *b = record;
    return care_backup(db, b->path, &b->bytes, err);
}

/* The copy is made. */
static void backed_up(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct backing *b = record;
    if (err->status == STATUS_OK) {
        struct json *o = json_object();
        json_set_str(o, "path", b->path);
        json_set_int(o, "size", b->bytes);
        char *text = str_format(_("%s: %.1f MB"), b->path, (double)b->bytes / 1e6);
        command_result(c, o, text);
        free(text);
    }
    command_end(c, err);
}

static const struct store_question backup_question = {"backup", ask_backup, backing_free};

/* backup FILE */
static enum command_result run_backup(struct command_call *c)
{
    struct backing *b = mem_alloc(sizeof *b);
    b->path = path_expand(command_arg(c, 0));
    if (command_is_dry(c)) {
        struct error err = ERROR_INIT;
        struct json *o = json_object();
        enum status st = path_is_new(b->path, &err);
        json_set_str(o, "path", b->path);
        if (st == STATUS_OK)
            command_result(c, o, b->path);
        else
            json_free(o);
        backing_free(b);
        return st == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
    }
    store_ask(command_store(c), &backup_question, b, backed_up, c);
    return COMMAND_WAIT;
}

/* restore FILE */
static enum command_result run_restore(struct command_call *c)
{
    struct error err = ERROR_INIT;
    char *path = path_expand(command_arg(c, 0)), *kept = NULL;
    struct json *o = json_object();
    enum status s = STATUS_OK;
    if (command_is_dry(c)) {
        struct str nothing = STR_INIT;
        s = path_read(path, 1, &nothing, &err);
        s = s == STATUS_LIMIT ? STATUS_OK : s;
        str_fini(&nothing);
        json_set_bool(o, "dry_run", true);
    } else {
        store_flush(command_store(c));
        s = care_restore(command_store(c), path, &kept, &err);
    }
    if (s == STATUS_OK) {
        json_set_str(o, "path", path);
        json_set_str(o, "kept", kept);
        char *text = kept ? str_format(_("%s is the office now; what was there is kept in %s"),
                                       path, kept)
                          : str_format(_("%s is the office now"), path);
        command_result(c, o, text);
        free(text);
    } else {
        json_free(o);
    }
    free(kept);
    free(path);
    return s == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
}

struct verifying {
    struct command_call *call;
    int64_t batches, docs;
    bool rebuild;
    struct error file, journal, index;
    bool index_skipped;
};

/* The finder's part: pages and the chain. */
static enum status ask_verify(struct db *db, void *record, struct error *err)
{
    struct verifying *v = record;
    enum status s = care_check(db, &v->file);
    if (s == STATUS_INTERRUPTED) {
        *err = v->file;
        return s;
    }
    if (journal_verify(db, &v->batches, &v->journal) == STATUS_INTERRUPTED) {
        *err = v->journal;
        return STATUS_INTERRUPTED;
    }
    v->docs = db_get_int(db, "SELECT count(*) FROM doc", 0);
    return STATUS_OK;
}

/* The writer's part: the index against the texts. */
static enum status run_index_check(struct db *db, void *record, struct error *err)
{
    struct verifying *v = record;
    int left = 1;
    enum status s = STATUS_OK;
    while (s == STATUS_OK && left > 0)
        s = doc_index_some(db, 500, &left, err);
    if (s != STATUS_OK)
        return s;
    if (v->rebuild)
        return doc_index_rebuild(db, err);
    (void)!doc_index_verify(db, &v->index);
    return STATUS_OK;
}

static const struct store_op index_op = {"verify", OP_BULK, run_index_check, NULL};
static const struct store_question verify_question = {"verify", ask_verify, NULL};

/* One line of the answer. */
static void tell_check(struct command_call *c, const char *check, const struct error *err,
                       const char *good)
{
    struct json *o = json_object();
    bool fine = err->status == STATUS_OK;
    json_set_str(o, "check", check);
    json_set_str(o, "state", fine ? "ok" : "fail");
    json_set_str(o, "message", fine ? good : err->text);
    if (*err->hint)
        json_set_str(o, "hint", err->hint);
    char *text = str_format("%-8s %-4s %s%s%s", check, fine ? _("ok") : _("fail"),
                            fine ? good : err->text, *err->hint ? " · " : "", err->hint);
    command_item(c, o, text);
    free(text);
}

/* All parts have answered. */
static void tell_verified(struct verifying *v, const struct error *err)
{
    struct command_call *c = v->call;
    if (err->status == STATUS_OK) {
        char *docs = str_format(_("%lld entries"), (long long)v->docs);
        char *batches = str_format(_("%lld batches"), (long long)v->batches);
        tell_check(c, "database", &v->file, _("every page, index and key"));
        tell_check(c, "index", &v->index,
                   v->index_skipped ? _("not compared: another bureau has the office open")
                   : v->rebuild     ? _("made anew")
                                    : docs);
        tell_check(c, "journal", &v->journal, batches);
        free(docs);
        free(batches);
        struct json *o = json_object();
        bool good = v->file.status == STATUS_OK && v->index.status == STATUS_OK &&
                    v->journal.status == STATUS_OK;
        json_set_bool(o, "ok", good);
        json_set_int(o, "entries", v->docs);
        json_set_int(o, "batches", v->batches);
        command_result(c, o, NULL);
        if (!good)
            command_exit(c, 1);
    }
    command_end(c, err);
    free(v);
}

/* The index is compared. */
static void index_checked(void *user, void *record, const struct error *err)
{
    (void)user;
    struct verifying *v = record;
    struct error none = ERROR_INIT;
    if (err->status != STATUS_OK)
        v->index = *err;
    tell_verified(v, &none);
}

/* Pages and chain are checked; the index is next, unless another would wait for it. */
static void verified(void *user, void *record, const struct error *err)
{
    (void)user;
    struct verifying *v = record;
    struct store *s = command_store(v->call);
    v->index_skipped = err->status == STATUS_OK && store_others(s) > 0;
    if (err->status != STATUS_OK || v->index_skipped || v->file.status != STATUS_OK)
        tell_verified(v, err);
    else
        store_post(s, &index_op, v, index_checked, NULL);
}

/* verify [--rebuild] */
static enum command_result run_verify(struct command_call *c)
{
    struct verifying *v = mem_alloc(sizeof *v);
    v->call = c;
    v->rebuild = command_has(c, "rebuild");
    store_ask(command_store(c), &verify_question, v, verified, NULL);
    return COMMAND_WAIT;
}

/* ---- the table ---- */

#define LISTS (KEYS_LIST | KEYS_INBOX | KEYS_THREAD | KEYS_NOTES | KEYS_CHAT)

static const struct command_key undo_keys[] = {{LISTS, "u", NULL, N_("undo"), 7}, {0}};
static const struct command_key redo_keys[] = {{LISTS, "C-r", NULL, N_("redo"), 0}, {0}};

static const struct command_option undo_options[] = {
    {.name = "rule", .value = "NAME", .summary = N_("everything this rule did")},
    {.name = "since", .value = "WHEN", .summary = N_("since then: 7d, 12h, today, 2026-11-02")},
    {.name = NULL},
};

static const struct command_option limit_options[] = {
    {.name = "limit", .value = "N", .summary = N_("at most N rows")},
    {.name = NULL},
};

static const struct command_option job_options[] = {
    {.name = "all", .summary = N_("also those that are over")},
    {.name = "limit", .value = "N", .summary = N_("at most N rows")},
    {.name = NULL},
};

static const struct command_option verify_options[] = {
    {.name = "rebuild", .summary = N_("makes the search index anew")},
    {.name = NULL},
};

const struct command office_store_commands[] = {
    {.name = "search", .args = "QUERY",
     .summary = N_("finds mail, notes, conversations, drafts and tasks, the newest first"),
     .help = N_("Words are joined by AND; \"a phrase\", OR, NOT or -, parentheses, word*. Fields: "
                "from: to: cc: subject: body: name: in: label: lane: has: is: id: thread: date: "
                "newer: older: due: owner: chat: kind:. An empty query or * finds everything. Case, "
                "accents, width and English plurals are ignored; Chinese is found inside running "
                "text. On a terminal the newest 50 are shown; --after ID goes on."),
     .flags = CMD_TEXT, .min_args = 0, .max_args = -1, .options = office_search_options,
     .run = office_run_search},
    {.name = "count", .args = "QUERY", .summary = N_("counts what a search finds"),
     .flags = CMD_TEXT, .min_args = 0, .max_args = -1, .options = office_count_options,
     .run = office_run_count},
    {.name = "undo", .args = "[BATCH [ID…]]",
     .summary = N_("takes back my newest change, a batch, or what it did to some things"),
     .help = N_("Without a batch it takes back the newest change that was made here, not older "
                "than an hour; another program's, a rule's or an older one needs its id (journal "
                "lists them) or --yes. With ids only these things of the batch. What has changed "
                "since is left as it is and named."),
     .flags = CMD_CHANGES | CMD_NO_ABBREV, .max_args = -1, .complete = "id",
     .options = undo_options, .keys = undo_keys, .run = run_undo},
    {.name = "redo", .args = "[BATCH]", .summary = N_("does again what an undo took back"),
     .help = N_("Without a batch the newest undo that was made here, unless something was done "
                "since. With the id of a batch that was undone, that one."),
     .flags = CMD_CHANGES, .max_args = 1, .complete = "id", .keys = redo_keys, .run = run_redo},
    {.name = "journal", .args = "[QUERY]", .summary = N_("lists what was done, by whom and why"),
     .flags = CMD_TEXT, .max_args = -1, .options = limit_options, .run = run_journal},
    {.name = "job list", .args = "", .summary = N_("lists work that waits or runs"),
     .options = job_options, .run = run_job_list},
    {.name = "job cancel", .args = "ID…", .summary = N_("stops jobs"), .flags = CMD_CHANGES,
     .min_args = 1, .max_args = -1, .complete = "id", .run = run_job_cancel},
    {.name = "job retry", .args = "ID…", .summary = N_("runs failed or cancelled jobs again"),
     .flags = CMD_CHANGES, .min_args = 1, .max_args = -1, .complete = "id", .run = run_job_retry},
    {.name = "backup", .args = "FILE",
     .summary = N_("copies the whole office to a new file, while it is in use"),
     .flags = CMD_CHANGES, .min_args = 1, .max_args = 1, .complete = "file", .run = run_backup},
    {.name = "restore", .args = "FILE",
     .summary = N_("puts a backup in the office's place and keeps what was there"),
     .flags = CMD_CHANGES | CMD_NO_ABBREV | CMD_BATCH_ONLY | CMD_ALONE, .min_args = 1,
     .max_args = 1, .complete = "file", .run = run_restore},
    {.name = "verify", .args = "",
     .summary = N_("checks the database, the search index and the journal"),
     .options = verify_options, .run = run_verify},
    {.name = NULL},
};
