/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_store.c - job, backup, restore, verify; and the table of all commands over the store. */
#include "office/commands_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "mail/store.h"
#include "store/care.h"
#include "store/doc.h"
#include "store/job.h"
#include "store/journal.h"

struct listing {
    struct command_call *call; /* borrow */
    int64_t limit;
};

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
    str_addf(&s, "%-6s %s  ", id, date);
    utf8_pad(&s, job_name(r->kind), 11);
    utf8_pad(&s, job_name(r->state), 10);
    if (r->total > 0)
        str_addf(&s, " %lld/%lld", (long long)r->done, (long long)r->total);
    else if (r->done > 0)
        str_addf(&s, " %lld", (long long)r->done);
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

static const struct store_question backup_question = {
    .name = "backup", .run = ask_backup, .free = backing_free};

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
    int64_t batches, docs, mails;
    bool rebuild;
    struct error file, journal, index, mail;
    bool index_skipped;
};

/* The finder's part: pages, the chain, the bytes of mails. */
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
    if (mail_verify(db, &v->mails, &v->mail) == STATUS_INTERRUPTED) {
        *err = v->mail;
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
static const struct store_question verify_question = {
    .name = "verify", .run = ask_verify};

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
    struct str text = STR_INIT;
    utf8_pad(&text, _(check), 9);
    utf8_pad(&text, fine ? _("ok") : _("fail"), 5);
    str_addf(&text, "%s%s%s", fine ? good : err->text, *err->hint ? " · " : "", err->hint);
    command_item(c, o, str_text(&text));
    str_fini(&text);
}

/* All parts have answered. */
static void tell_verified(struct verifying *v, const struct error *err)
{
    struct command_call *c = v->call;
    if (err->status == STATUS_OK) {
        char *docs = str_format(_("%lld entries"), (long long)v->docs);
        char *batches = str_format(_("%lld batches"), (long long)v->batches);
        char *mails = str_format(_("%lld, every byte as it came"), (long long)v->mails);
        tell_check(c, N_("database"), &v->file, _("every page, index and key"));
        tell_check(c, N_("mails"), &v->mail, mails);
        tell_check(c, N_("index"), &v->index,
                   v->index_skipped ? _("not compared: another bureau has the office open")
                   : v->rebuild     ? _("made anew")
                                    : docs);
        tell_check(c, N_("journal"), &v->journal, batches);
        free(docs);
        free(batches);
        free(mails);
        struct json *o = json_object();
        bool good = v->file.status == STATUS_OK && v->index.status == STATUS_OK &&
                    v->journal.status == STATUS_OK && v->mail.status == STATUS_OK;
        json_set_bool(o, "ok", good);
        json_set_int(o, "entries", v->docs);
        json_set_int(o, "mails", v->mails);
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

static const struct command_option journal_options[] = {
    {.name = "items", .summary = N_("also what each batch did to which thing")},
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
     .options = undo_options, .keys = undo_keys, .run = office_run_undo},
    {.name = "redo", .args = "[BATCH [ID…]]", .summary = N_("does again what an undo took back"),
     .help = N_("Without a batch the newest undo that was made here, unless something was done "
                "since. With the id of a batch that was undone, that one; with ids behind it only "
                "these things of it, the rest can be done again later."),
     .flags = CMD_CHANGES, .max_args = -1, .complete = "id", .keys = redo_keys, .run = office_run_redo},
    {.name = "journal", .args = "[QUERY]", .summary = N_("lists what was done, by whom and why"),
     .help = N_("Words of the query stand in the line: an id (j88), a command, who did it. With "
                "--items each batch is followed by what it did to which thing. On the screen Enter "
                "shows that, and u takes back the selected batch or thing."),
     .flags = CMD_TEXT, .max_args = -1, .options = journal_options, .run = office_run_journal},
    {.name = "people", .args = "[TEXT]",
     .summary = N_("lists people to write to: aliases, those met, another program's address book"),
     .help = N_("Those you wrote to often and lately come first. people.query-command names a program "
                "that speaks mutt's query protocol."),
     .flags = CMD_TEXT, .max_args = -1, .run = office_run_people},
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
     .summary = N_("checks the database, the bytes of every mail, the search index and the journal"),
     .options = verify_options, .run = run_verify},
    {.name = NULL},
};
