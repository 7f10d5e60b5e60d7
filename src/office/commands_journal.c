/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_journal.c - undo, redo, journal */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "mail/thread.h"
#include "mail/write_back.h"
#include "office/commands_store.h"
#include "office/journal_words.h"
#include "store/journal.h"

#define SUBJECT_CELLS 30 /* in the screen's row that says what came back */

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
    u->out.most = (int64_t)u->things.len;
    if (u->things.len)
        s = add_mails(db, &u->things, err);
    if (s == STATUS_OK)
        s = u->redo && u->things.len ? journal_redo_things(db, u->batch, &u->things, &u->out, err)
            : u->redo       ? journal_redo(db, u->batch, u->force, &u->out, err)
            : u->who        ? journal_undo_since(db, u->who, u->since, &u->out, err)
            : u->things.len ? journal_undo_things(db, u->batch, &u->things, &u->out, err)
                            : journal_undo(db, u->batch, u->force, &u->out, err);
    if (u->dry)
        db_rollback_savepoint(db);
    return s;
}

static const struct store_op undo_op = {"undo", OP_PERSON, run_undoing, undoing_free};

/* The subject of the one thing that changed: of its conversation when that changed as well, else of its first mail
 * (the last one is taken back first). Yours or NULL. */
static char *only_subject(struct db *db, const struct journal_undone *o)
{
    const char *best = NULL;
    char letter;
    int64_t ref;
    for (size_t i = 0; i < o->ids.len && o->count == 1; i++)
        if (!best || *best != 't')
            best = strv_at(&o->ids, i);
    return best && command_id(best, &letter, &ref) ? journal_subject(db, letter, ref) : NULL;
}

/* The words for people: what came back, what did not. */
static char *undone_words(const struct command_call *c, const struct undoing *u)
{
    struct str s = STR_INIT;
    const struct journal_undone *o = &u->out;
    struct db *db = store_reader(command_store(c));
    if (o->count == 0)
        str_puts(&s, _("nothing was changed"));
    else if (u->redo)
        str_addf(&s, P_("%lld change done again", "%lld changes done again", o->count),
                 (long long)o->count);
    else
        str_addf(&s, P_("%lld change taken back", "%lld changes taken back", o->count),
                 (long long)o->count);
    char *subject = o->batch ? only_subject(db, o) : NULL;
    if (subject) {
        str_addf(&s, _(": %s, "), o->what ? journal_word(o->what) : "");
        utf8_cut_end(&s, subject, command_is_screen(c) ? SUBJECT_CELLS : SIZE_MAX, "…");
        str_addf(&s, " (j%lld)", (long long)o->batch);
    } else if (o->batch) {
        str_addf(&s, _(": %s (j%lld)"), o->what ? journal_word(o->what) : "", (long long)o->batch);
    }
    free(subject);
    for (size_t i = 0; i < o->skipped.len && i < 5; i++) {
        const struct journal_skip *k = vec_at(&o->skipped, i);
        str_addf(&s, "%s%s: %s", i ? "; " : _("; left as it is: "), k->id, k->why);
    }
    if (o->skipped.len > 5)
        str_addf(&s, _(" and %zu more"), o->skipped.len - 5);
    return str_take(&s);
}

/* Files and servers have it. */
static void written_back(void *user, const struct error *files, const struct error *server)
{
    struct command_call *c = user;
    if (error_is(files))
        command_warn(c, "%s", files->text);
    if (error_is(server))
        command_note(c, "%s", server->text);
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
        json_set_int(o, "undone", (int64_t)u->out.ids.len);
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
        char *words = undone_words(c, u);
        command_result(c, o, words);
        free(words);
    }
    if (err->status == STATUS_OK && !u->dry && !command_is_screen(c)) /* there the watch does it */
        mail_write_back(command_store(c), command_is_offline(c), written_back, c);
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
enum command_result office_run_undo(struct command_call *c)
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

/* redo [BATCH [ID…]] */
enum command_result office_run_redo(struct command_call *c)
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
    bool items;
    struct error *err; /* borrow; of reading items */
};

/* One thing of a batch. */
static bool on_thing(void *user, const struct journal_item *i)
{
    struct listing *l = user;
    char id[COMMAND_ID_TEXT], batch[COMMAND_ID_TEXT];
    struct json *o = json_object();
    struct str words = STR_INIT;
    journal_words(store_reader(command_store(l->call)), i, command_cells(l->call, JOURNAL_VALUE), &words);
    json_set_str(o, "batch", command_id_text('j', i->batch, batch));
    if (i->letter)
        json_set_str(o, "id", command_id_text(i->letter, i->ref, id));
    json_set_str(o, "field", i->field);
    json_set_str(o, "before", i->before);
    json_set_str(o, "after", i->after);
    json_set_str(o, "text", str_text(&words));
    char *text = str_format("         %-8s %s", i->letter ? id : "", str_text(&words));
    command_item(l->call, o, text);
    free(text);
    str_fini(&words);
    return true;
}

/* Does every word of the query stand in the row, as it is stored or as it is read? */
static bool row_fits(const char *query, const struct journal_row *r, const char *why)
{
    char *words = mem_strdup(query), *rest = words;
    char *text = str_format("j%lld %s %s %s %s %s %s", (long long)r->id, r->who, r->what, r->why, journal_word(r->who),
                            journal_word(r->what), why);
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
    const char *who = journal_word(r->who);
    char *why = journal_why(r);
    bool fits = row_fits(l->query, r, why), full = fits && l->limit >= 0 && l->count++ >= l->limit;
    if (!fits || full) {
        free(why);
        return !full;
    }
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
    int cells = (int)utf8_cells(who, strlen(who));
    char *text = str_format("%-6s %s  %s%*s %5lld  %s%s%s%s", id, date, who, cells < 12 ? 12 - cells : 0, "",
                            (long long)r->count, journal_word(r->what), *why ? " · " : "", why,
                            r->undone_by ? _(" (undone)") : "");
    command_item(l->call, o, text);
    free(text);
    free(why);
    return !l->items || journal_items(store_reader(command_store(l->call)), r->id, -1, on_thing, l,
                                      l->err) == STATUS_OK;
}

/* journal [QUERY] */
enum command_result office_run_journal(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct listing l = {.call = c, .query = command_text(c, 0),
                        .items = command_has(c, "items"), .err = &err};
    if (!command_limit(c, 50, &l.limit))
        return COMMAND_DONE;
    /* With a query the rows read are bounded on the screen all the same. */
    int64_t most = command_is_screen(c) ? 2000 : -1;
    if (journal_list(store_reader(command_store(c)), most, on_batch, &l, &err) != STATUS_OK ||
        error_is(&err))
        return command_fail(c, &err);
    return COMMAND_DONE;
}
