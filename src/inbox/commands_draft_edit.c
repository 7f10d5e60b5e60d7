/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_draft_edit.c - draft edit, draft delete: changes of drafts from the command line. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "command/ids.h"
#include "inbox/commands_inside.h"
#include "inbox/draft_inside.h"
#include "office/people.h"
#include "store/journal.h"
#include "store/store.h"

#define TEXT_MAX (4u << 20)
#define FILE_MAX (50u << 20)

/* ---- draft edit ---- */

struct editing { /* the operation's record, and the call's state */
    struct command_call *call;
    int64_t draft, version;
    int64_t held; /* the mail of it that was approved and waited; 0 */
    char *text, *to, *cc, *bcc, *subject; /* own; NULL: stays */
    char *from;                           /* own: another identity; NULL: stays */
    struct vec names, detach;             /* strv */
    struct vec bytes;                     /* struct str */
    bool dry;
    struct draft *after;                  /* own: as it stands then */
    struct checks checks;
};

/* Frees one struct str. */
static void bytes_fini(void *item)
{
    str_fini(item);
}

/* Frees it. */
static void editing_free(void *record)
{
    struct editing *e = record;
    char *own[] = {e->text, e->to, e->cc, e->bcc, e->subject, e->from};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        free(own[i]);
    vec_fini(&e->names);
    vec_fini(&e->detach);
    vec_fini(&e->bytes);
    draft_free(e->after);
    checks_fini(&e->checks);
    free(e);
}

/* Takes a file off by its name. */
static enum status detach(struct db *db, int64_t draft, const char *name, struct error *err)
{
    struct draft *d;
    int64_t file = 0;
    enum status st = draft_get(db, draft, &d, err);
    if (st)
        return st;
    for (size_t i = 0; i < d->files.len; i++) {
        const struct draft_file *f = vec_at(&d->files, i);
        if (strcmp(f->name, name) == 0)
            file = f->id;
    }
    draft_free(d);
    return file ? draft_detach(db, draft, file, err)
                : error_set(err, STATUS_NO_SUCH, _("d%lld has no file %s"), (long long)draft, name);
}

/* All changes of one command are one version. */
static enum status make_edit(struct db *db, struct editing *e, struct error *err)
{
    enum status st = STATUS_OK;
    if (e->version && (st = draft_restore_version(db, e->draft, e->version, err)))
        return st;
    struct draft_change change = {.text = e->text,
                                  .to = e->to,
                                  .cc = e->cc,
                                  .bcc = e->bcc,
                                  .subject = e->subject};
    if ((e->text || e->to || e->cc || e->bcc || e->subject) &&
        (st = draft_change(db, e->draft, &change, err)))
        return st;
    if (e->from && (st = draft_change_sender(db, e->draft, e->from, err)))
        return st;
    for (size_t i = 0; st == STATUS_OK && i < e->names.len; i++) {
        const struct str *b = vec_at(&e->bytes, i);
        st = draft_attach(db, e->draft, strv_at(&e->names, i), NULL, str_text(b), b->len, NULL, err);
    }
    for (size_t i = 0; st == STATUS_OK && i < e->detach.len; i++)
        st = detach(db, e->draft, strv_at(&e->detach, i), err);
    return st ? st : draft_fold(db, e->draft, true, err);
}

/* The operation; a dry run reads what would be and takes it back. */
static enum status edit_run(struct db *db, void *record, struct error *err)
{
    struct editing *e = record;
    enum status st = e->dry ? db_savepoint(db, err) : STATUS_OK;
    if (st || (st = make_edit(db, e, err)) || !e->dry) {
        if (e->dry)
            db_rollback_savepoint(db);
        return st;
    }
    st = draft_get(db, e->draft, &e->after, err);
    if (st == STATUS_OK)
        st = checks_of_draft(db, e->draft, &e->checks, err);
    db_rollback_savepoint(db);
    return st;
}

static const struct store_op edit_op = {"draft edit", OP_PERSON, edit_run, editing_free};

/* It is stored: the draft as it stands now. */
static void edit_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct editing *e = record;
    struct error late = ERROR_INIT;
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    struct db *db = store_reader(command_store(c));
    if (e->dry || (draft_get(db, e->draft, &e->after, &late) == STATUS_OK &&
                   checks_of_draft(db, e->draft, &e->checks, &late) == STATUS_OK)) {
        const struct draft *d = e->after;
        char *text = command_is_screen(c)
                         ? str_format(_("d%lld is saved"), (long long)d->id)
                         : str_format(_("d%lld version %lld, hash %.16s"), (long long)d->id,
                                      (long long)d->version, d->hash);
        command_result(c, command_draft_json(d, &e->checks), text);
        free(text);
        if (!command_is_json(c) && !command_is_screen(c))
            command_tell_checks(c, &e->checks);
    }
    if (e->held && !e->dry) /* whoever changes it may not have known that it was on its way */
        command_warn(c, _("o%lld was held and is taken back: it does not leave until d%lld is sent again"),
                     (long long)e->held, (long long)e->draft);
    command_end(c, &late);
}

/* A value of recipients: readable, or the command is refused. */
static enum status take_people(struct command_call *c, const char *option, char **out,
                               struct error *err)
{
    const char *value = command_value(c, option);
    if (!value)
        return STATUS_OK;
    struct vec list;
    people_init(&list);
    enum status st = people_parse(value, &list, err);
    vec_fini(&list);
    if (st == STATUS_OK) {
        char *expanded = people_expanded(value);
        *out = expanded ? expanded : mem_strdup(value);
    }
    return st;
}

/* Reads what is to be changed. */
static enum status take_changes(struct command_call *c, struct editing *e, struct error *err)
{
    const char *file = command_value(c, "file"), *values[64], *version = command_value(c, "version");
    if (!file && str_eq(command_arg(c, 1), "-"))
        file = "-";
    else if (command_arg(c, 1))
        return error_set(err, STATUS_USAGE, _("unexpected argument “%s”"), command_arg(c, 1));
    long long number = 0;
    enum status st = STATUS_OK;
    if (version && (!str_to_int64(version, &number) || number < 1))
        return error_set(err, STATUS_USAGE, _("%s is no version"), version);
    e->version = number;
    if (file && strcmp(file, "-") == 0) {
        e->text = command_stdin(c, TEXT_MAX, err);
        st = err->status;
    } else if (file) {
        struct str bytes = STR_INIT;
        st = path_read(file, TEXT_MAX, &bytes, err);
        e->text = str_take(&bytes);
    }
    if (e->text) { /* the newline of the file's end is no line of the mail */
        size_t n = strlen(e->text);
        while (n && (e->text[n - 1] == '\n' || e->text[n - 1] == '\r'))
            e->text[--n] = 0;
    }
    if (st || (st = take_people(c, "to", &e->to, err)) || (st = take_people(c, "cc", &e->cc, err)) ||
        (st = take_people(c, "bcc", &e->bcc, err)))
        return st;
    e->subject = mem_strdup_maybe(command_value(c, "subject"));
    e->from = mem_strdup_maybe(command_value(c, "from"));
    struct people_identity id; /* one that is not mine is told before anything changes */
    if (e->from && (st = people_identity_find(e->from, &id, err)))
        return st;
    if (e->from)
        people_identity_fini(&id);
    size_t n = command_values(c, "attach", values, 64);
    for (size_t i = 0; i < n && i < 64 && st == STATUS_OK; i++) {
        const char *slash = strrchr(values[i], '/');
        char *path = path_expand(values[i]);
        struct str *bytes = vec_push(&e->bytes);
        strv_push(&e->names, slash ? slash + 1 : values[i]);
        st = path_read(path, FILE_MAX, bytes, err);
        free(path);
    }
    n = command_values(c, "detach", values, 64);
    for (size_t i = 0; i < n && i < 64; i++)
        strv_push(&e->detach, values[i]);
    return st;
}

enum command_result command_draft_edit(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct draft *d;
    int64_t id;
    if (command_take_id(c, 0, 'd', &id, &err) ||
        command_draft_get(c, id, &d, &err))
        return command_fail(c, &err);
    struct editing *e = mem_alloc(sizeof *e);
    *e = (struct editing){.draft = id, .held = d->state == DRAFT_APPROVED ? d->outbox : 0, .dry = command_is_dry(c)};
    checks_init(&e->checks);
    strv_init(&e->names);
    strv_init(&e->detach);
    vec_init(&e->bytes, sizeof(struct str), bytes_fini);
    enum status st = take_changes(c, e, &err);
    bool nothing = !e->text && !e->to && !e->cc && !e->bcc && !e->subject && !e->from && !e->names.len &&
                   !e->detach.len && !e->version;
    if (st == STATUS_OK && nothing) {
        error_set(&err, STATUS_USAGE, _("nothing to change"));
        st = error_hint(&err, _("--file FILE, --to, --cc, --bcc, --from, --subject, --attach FILE"));
    }
    draft_free(d);
    if (st) {
        editing_free(e);
        return command_fail(c, &err);
    }
    store_post(command_store(c), &edit_op, e, edit_done, c);
    return COMMAND_WAIT;
}

/* ---- draft delete ---- */

struct deleting {
    struct vec ids; /* int64_t */
    int64_t batch;
    struct vec done;    /* int64_t */
    struct vec skipped; /* int64_t, and why: strv */
    struct vec why;
    int missing;
    bool refused, dry;
};

/* Frees it. */
static void deleting_free(void *record)
{
    struct deleting *d = record;
    vec_fini(&d->ids);
    vec_fini(&d->done);
    vec_fini(&d->skipped);
    vec_fini(&d->why);
    free(d);
}

/* Each draft's state, in one batch that can be undone. */
static enum status make_delete(struct db *db, struct deleting *d, struct error *err)
{
    struct journal *j = NULL;
    enum status st = journal_begin(db, "me", N_("draft delete"), "", &j, err);
    for (size_t i = 0; st == STATUS_OK && i < d->ids.len; i++) {
        int64_t id = *(int64_t *)vec_at(&d->ids, i);
        bool changed = false;
        struct error one = ERROR_INIT;
        st = journal_set(j, draft_state_field.name, id, "deleted", &changed, &one);
        if (st == STATUS_OK && changed) {
            *(int64_t *)vec_push(&d->done) = id;
        } else if (st == STATUS_OK || st == STATUS_NO_SUCH || st == STATUS_REFUSED) {
            *(int64_t *)vec_push(&d->skipped) = id;
            strv_push(&d->why, st == STATUS_OK ? _("deleted already") : one.text);
            d->missing += st == STATUS_NO_SUCH;
            d->refused |= st == STATUS_REFUSED;
            st = STATUS_OK;
        } else {
            *err = one;
        }
    }
    if (st == STATUS_OK)
        return journal_end(j, &d->batch, err);
    if (j)
        journal_abandon(j);
    return st;
}

/* The operation; a dry run is taken back at once. */
static enum status delete_run(struct db *db, void *record, struct error *err)
{
    struct deleting *d = record;
    if (!d->dry)
        return make_delete(db, d, err);
    enum status st = db_savepoint(db, err);
    if (st)
        return st;
    st = make_delete(db, d, err);
    d->batch = 0;
    db_rollback_savepoint(db);
    return st;
}

static const struct store_op delete_op = {"draft delete", OP_PERSON, delete_run, deleting_free};

/* It is done: what went, what stayed. */
static void delete_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct deleting *d = record;
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    struct json *o = json_object(), *ids = json_array(), *skipped = json_array();
    char id[COMMAND_ID_TEXT];
    if (d->batch)
        json_set_str(o, "batch", command_id_text('j', d->batch, id));
    json_set_int(o, "changed", (int64_t)d->done.len);
    for (size_t i = 0; i < d->done.len; i++)
        json_push_str(ids, command_id_text('d', *(int64_t *)vec_at(&d->done, i), id));
    for (size_t i = 0; i < d->skipped.len; i++) {
        int64_t left = *(int64_t *)vec_at(&d->skipped, i);
        command_skip(skipped, 'd', left, strv_at(&d->why, i));
        if (!command_is_json(c) && !command_is_screen(c))
            command_note(c, _("%s left as it is: %s"), command_id_text('d', left, id), strv_at(&d->why, i));
    }
    json_set(o, "ids", ids);
    json_set(o, "skipped", skipped);
    char *text = d->dry ? mem_strdup(_("would be put away"))
                 : d->done.len ? str_format(P_("%zu draft put away; u brings it back",
                                             "%zu drafts put away; u brings them back", d->done.len),
                                          d->done.len)
                             : mem_strdup(_("nothing to delete"));
    command_result(c, o, text);
    free(text);
    struct error none = ERROR_INIT;
    if (d->missing)
        command_missing(&none, d->missing, "draft list");
    else if (d->refused)
        error_set(&none, STATUS_REFUSED, "%s", strv_at(&d->why, 0));
    command_end(c, &none);
}

enum command_result command_draft_delete(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct deleting *d = mem_alloc(sizeof *d);
    d->batch = 0;
    d->dry = command_is_dry(c);
    vec_init(&d->ids, sizeof(int64_t), NULL);
    vec_init(&d->done, sizeof(int64_t), NULL);
    vec_init(&d->skipped, sizeof(int64_t), NULL);
    strv_init(&d->why);
    for (size_t i = 0; i < command_argc(c); i++) {
        int64_t id;
        if (command_take_id(c, i, 'd', &id, &err)) {
            deleting_free(d);
            return command_fail(c, &err);
        }
        *(int64_t *)vec_push(&d->ids) = id;
    }
    store_post(command_store(c), &delete_op, d, delete_done, c);
    return COMMAND_WAIT;
}
