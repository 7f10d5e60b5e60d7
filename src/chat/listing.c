/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listing.c - chat list, show, export, rename, fork, delete. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/watch.h"
#include "chat/chat.h"
#include "chat/commands.h"
#include "chat/store.h"
#include "command/ids.h"
#include "store/journal.h"

/* Fails for an id that names no conversation or turn. */
static enum command_result no_such_form(struct command_call *c, const char *id)
{
    return command_usage(c, _("“%s” is no conversation (c7) or turn (x31)"), id);
}

/* ---- list ---- */

/* Prints one conversation. */
static bool list_row(void *user, const struct chat_row *r)
{
    struct command_call *c = user;
    char id[COMMAND_ID_TEXT], when[CLOCK_TEXT];
    struct json *o = json_object();
    json_set_str(o, "id", command_id_text('c', r->id, id));
    json_set_str(o, "title", r->title);
    json_set_time(o, "created", r->created);
    json_set_time(o, "updated", r->updated);
    json_set_int(o, "turns", r->turns);
    json_set_bool(o, "running", r->running);
    if (*r->model)
        json_set_str(o, "model", r->model);
    char *text = str_format("%-6s %-7s %s", id, clock_short(r->updated, clock_now(), when), r->title);
    command_item(c, o, text);
    free(text);
    return true;
}

enum command_result chat_run_list(struct command_call *c)
{
    struct error err = ERROR_INIT;
    int64_t limit;
    if (!command_limit(c, 50, &limit))
        return COMMAND_DONE;
    enum status st = limit == 0 ? STATUS_OK
                                : chat_list(store_reader(command_store(c)), command_text(c, 0), limit,
                                            list_row, c, &err);
    return st == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
}

/* ---- show, export ---- */

/* A turn as JSON. */
static struct json *turn_json(const struct chat_turn *t)
{
    char id[COMMAND_ID_TEXT];
    struct json *o = json_object(), *sources = json_array();
    json_set_str(o, "id", command_id_text('x', t->id, id));
    json_set_str(o, "kind", "chat");
    json_set_str(o, "chat", command_id_text('c', t->chat, id));
    if (t->parent)
        json_set_str(o, "parent", command_id_text('x', t->parent, id));
    json_set_str(o, "role", t->mine ? "user" : "assistant");
    json_set_str(o, "state", t->state);
    json_set_time(o, "date", t->created);
    json_set_str(o, "text", *t->cited ? t->cited : t->text);
    if (*t->model)
        json_set_str(o, "model", t->model);
    if (*t->error)
        json_set_str(o, "error", t->error);
    for (size_t i = 0; i < t->sources.len; i++) {
        const struct chat_source *s = vec_at(&t->sources, i);
        struct json *j = json_object();
        json_set_str(j, "id", s->id);
        json_set_str(j, "title", s->title);
        json_set_str(j, "quote", s->quote);
        json_push(sources, j);
    }
    json_set(o, "sources", sources);
    return o;
}

/* A turn as Markdown: a question as a heading, an answer as it is with its sources. */
static void turn_text(const struct chat_turn *t, struct str *out)
{
    char day[CLOCK_TEXT];
    if (t->mine)
        str_addf(out, "## x%lld %s\n\n%s\n\n", (long long)t->id, clock_day(t->created, day), t->text);
    else {
        str_addf(out, "%s\n", *t->cited ? t->cited : t->text);
        for (size_t i = 0; i < t->sources.len; i++) {
            const struct chat_source *s = vec_at(&t->sources, i);
            str_addf(out, "%s[%s] %s%s%s: “%s”\n", i ? "" : "\n", s->id, s->who,
                     *s->who && *s->title ? ", " : "", s->title, s->quote);
        }
        str_addf(out, "\n(x%lld, %s%s%s)\n\n", (long long)t->id, model_by_name(*t->model ? t->model : t->provider),
                 *t->model || *t->provider ? ", " : "", model_state_name(t->state));
    }
}

/* Reads what an id names: one turn, or the turns of a conversation to its head. */
static enum status read_turns(struct db *db, const char *id, struct vec *turns, char **title,
                              struct error *err)
{
    char letter = 0;
    int64_t number = 0;
    *title = NULL;
    if (!command_id(id, &letter, &number) || (letter != 'c' && letter != 'x')) {
        vec_init(turns, sizeof(struct chat_turn), chat_turn_fini_item);
        return error_set(err, STATUS_USAGE, _("“%s” is no conversation (c7) or turn (x31)"), id);
    }
    if (letter == 'x') {
        struct chat_turn t;
        vec_init(turns, sizeof(struct chat_turn), chat_turn_fini_item);
        enum status st = chat_turn_get(db, number, &t, err);
        if (st == STATUS_OK) {
            struct chat_turn *slot = vec_push(turns);
            *slot = t;
        }
        return st;
    }
    enum status st = chat_path(db, number, 0, 100000, turns, err);
    if (st == STATUS_OK && turns->len == 0) { /* forked before its first question: the last path */
        vec_fini(turns);
        st = chat_path(db, number, chat_newest_turn(db, number), 100000, turns, err);
    }
    if (st == STATUS_OK && turns->len == 0)
        st = error_set(err, STATUS_NO_SUCH, _("there is no conversation %s"), id);
    if (st == STATUS_OK)
        *title = chat_title(((struct chat_turn *)vec_at(turns, 0))->text);
    return st;
}

enum command_result chat_run_show(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct vec turns;
    char *title;
    enum status st =
        read_turns(store_reader(command_store(c)), command_arg(c, 0), &turns, &title, &err);
    for (size_t i = 0; st == STATUS_OK && i < turns.len; i++) {
        struct str text = STR_INIT;
        turn_text(vec_at(&turns, i), &text);
        command_item(c, turn_json(vec_at(&turns, i)), str_trim(text.data));
        str_fini(&text);
    }
    vec_fini(&turns);
    free(title);
    if (st == STATUS_USAGE)
        return no_such_form(c, command_arg(c, 0));
    return st == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
}

enum command_result chat_run_export(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct vec turns;
    struct str out = STR_INIT;
    char *title, *path = path_expand(command_arg(c, 1));
    enum status st =
        read_turns(store_reader(command_store(c)), command_arg(c, 0), &turns, &title, &err);
    if (st == STATUS_OK && str_ends(path, ".json")) {
        struct json *a = json_array();
        for (size_t i = 0; i < turns.len; i++)
            json_push(a, turn_json(vec_at(&turns, i)));
        char *text = json_print_pretty(a);
        str_addf(&out, "%s\n", text);
        free(text);
        json_free(a);
    } else if (st == STATUS_OK) {
        str_addf(&out, "# %s\n\n", title ? title : command_arg(c, 0));
        for (size_t i = 0; i < turns.len; i++)
            turn_text(vec_at(&turns, i), &out);
    }
    if (st == STATUS_OK)
        st = command_is_dry(c) ? path_is_new(path, &err)
                               : path_write_new(path, str_text(&out), out.len, &err);
    if (st == STATUS_OK) {
        struct json *o = json_object();
        json_set_str(o, "path", path);
        json_set_int(o, "size", (int64_t)out.len);
        json_set_int(o, "turns", (int64_t)turns.len);
        command_result(c, o, path);
    }
    vec_fini(&turns);
    str_fini(&out);
    free(title);
    free(path);
    return st == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
}

/* ---- changes ---- */

/* A change of conversations: what to set on which. */
struct change {
    const char *field, *what; /* constants: journal field, the batch's words */
    char *value;              /* own; NULL: the head goes to `turn` */
    int64_t turn;
    struct vec refs;          /* int64_t */
    int64_t batch;            /* out */
    int64_t changed;
    struct vec missing;       /* int64_t, out */
    struct vec done;          /* int64_t, out: those that changed */
    struct command_call *call;
    bool dry;
};

/* Frees a change. */
static void change_free(void *record)
{
    struct change *ch = record;
    free(ch->value);
    vec_fini(&ch->refs);
    vec_fini(&ch->missing);
    vec_fini(&ch->done);
    free(ch);
}

/* A change with nothing in it yet. */
static struct change *change_new(struct command_call *c, const char *field, const char *what,
                                 const char *value)
{
    struct change *ch = mem_alloc(sizeof *ch);
    *ch = (struct change){.field = field, .what = what, .call = c, .dry = command_is_dry(c)};
    ch->value = mem_strdup_maybe(value);
    vec_init(&ch->refs, sizeof(int64_t), NULL);
    vec_init(&ch->missing, sizeof(int64_t), NULL);
    vec_init(&ch->done, sizeof(int64_t), NULL);
    return ch;
}

/* Makes the change. */
static enum status make_change(struct db *db, struct change *ch, struct error *err)
{
    struct journal *j;
    if (!ch->value) {
        enum status set = chat_set_head(db, ch->turn, err);
        if (set == STATUS_OK)
            *(int64_t *)vec_push(&ch->done) = chat_of_turn(db, ch->turn);
        ch->changed = set == STATUS_OK;
        return set;
    }
    enum status st = journal_begin(db, "me", ch->what, "", &j, err);
    if (st != STATUS_OK)
        return st;
    for (size_t i = 0; st == STATUS_OK && i < ch->refs.len; i++) {
        int64_t ref = *(int64_t *)vec_at(&ch->refs, i), *slot;
        bool changed = false;
        st = journal_set(j, ch->field, ref, ch->value, &changed, err);
        if (st == STATUS_NO_SUCH) {
            slot = vec_push(&ch->missing);
            *slot = ref;
            *err = ERROR_INIT;
            st = STATUS_OK;
        } else if (st == STATUS_OK && changed) {
            slot = vec_push(&ch->done);
            *slot = ref;
            ch->changed++;
        }
    }
    if (st != STATUS_OK) {
        journal_abandon(j);
        return st;
    }
    db_touch(db, WATCH_CHAT);
    return journal_end(j, &ch->batch, err);
}

/* The operation; a dry run is taken back at once. */
static enum status write_change(struct db *db, void *record, struct error *err)
{
    struct change *ch = record;
    if (!ch->dry)
        return make_change(db, ch, err);
    enum status st = db_savepoint(db, err);
    if (st != STATUS_OK)
        return st;
    st = make_change(db, ch, err);
    ch->batch = 0;
    db_rollback_savepoint(db);
    return st;
}

static const struct store_op change_op = {"chat change", OP_PERSON, write_change, change_free};

/* Tells what changed and ends the call. */
static void change_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct change *ch = record;
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    char id[COMMAND_ID_TEXT];
    struct json *o = json_object(), *ids = json_array(), *skipped = json_array();
    if (ch->batch)
        json_set_str(o, "batch", command_id_text('j', ch->batch, id));
    json_set_int(o, "changed", ch->changed);
    for (size_t i = 0; i < ch->done.len; i++)
        json_push_str(ids, command_id_text('c', *(int64_t *)vec_at(&ch->done, i), id));
    for (size_t i = 0; i < ch->missing.len; i++)
        command_skip(skipped, 'c', *(int64_t *)vec_at(&ch->missing, i), _("does not exist"));
    if (ch->turn)
        json_set_str(o, "turn", command_id_text('x', ch->turn, id));
    json_set(o, "ids", ids);
    json_set(o, "skipped", skipped);
    command_result(c, o, NULL);
    if (ch->missing.len > 0 && ch->missing.len == ch->refs.len) {
        struct error none = ERROR_INIT;
        error_set(&none, STATUS_NO_SUCH, _("there is no conversation %s"),
                  command_id_text('c', *(int64_t *)vec_at(&ch->missing, 0), id));
        command_end(c, &none);
    } else
        command_end(c, NULL);
}

/* Posts a change, or only tells what it would do. */
static enum command_result post_change(struct command_call *c, struct change *ch)
{
    store_post(command_store(c), &change_op, ch, change_done, c);
    return COMMAND_WAIT;
}

enum command_result chat_run_rename(struct command_call *c)
{
    char letter = 0;
    int64_t number = 0;
    struct str title = STR_INIT;
    if (!command_id(command_arg(c, 0), &letter, &number) || letter != 'c')
        return no_such_form(c, command_arg(c, 0));
    for (size_t i = 1; i < command_argc(c); i++)
        str_addf(&title, "%s%s", i > 1 ? " " : "", command_arg(c, i));
    struct change *ch = change_new(c, "chat.title", N_("chat rename"), str_text(&title));
    int64_t *ref = vec_push(&ch->refs);
    *ref = number;
    str_fini(&title);
    return post_change(c, ch);
}

enum command_result chat_run_fork(struct command_call *c)
{
    char letter = 0;
    int64_t number = 0;
    if (!command_id(command_arg(c, 0), &letter, &number) || letter != 'x')
        return no_such_form(c, command_arg(c, 0));
    struct change *ch = change_new(c, NULL, "chat fork", NULL);
    ch->turn = number;
    return post_change(c, ch);
}

enum command_result chat_run_delete(struct command_call *c)
{
    struct change *ch = change_new(c, "chat.deleted", N_("chat delete"), "1");
    const struct vec *ids = command_ids(c);
    for (size_t i = 0; i < ids->len; i++) {
        const struct command_target *t = vec_at(ids, i);
        if (t->letter != 'c') {
            char id[COMMAND_ID_TEXT];
            change_free(ch);
            return no_such_form(c, command_id_text(t->letter, t->number, id));
        }
        int64_t *ref = vec_push(&ch->refs);
        *ref = t->number;
    }
    return post_change(c, ch);
}
