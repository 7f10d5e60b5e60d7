/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_triage.c - triage, lane, summary, template …. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "inbox/commands_inside.h"
#include "inbox/summary.h"
#include "inbox/template.h"
#include "inbox/triage_inside.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "model/model.h"
#include "model/provider.h"
#include "store/store.h"

#define SHOWN_MOST 100000

/* ---- triage ---- */

struct sorting {
    struct triage_run *run;
    struct vec threads; /* int64_t: named ones */
    enum mail_lane only;
    int shown, sorted;
    struct store_asked *asked;
};

struct listing { /* the question: open threads with their judgements */
    struct vec threads; /* int64_t to show; empty: all open */
    struct vec rows;    /* struct listed */
    enum mail_lane only;
};

struct listed {
    struct triage t;
    char *people, *subject;
};

/* Frees one row. */
static void listed_fini(void *item)
{
    struct listed *l = item;
    triage_fini(&l->t);
    free(l->people);
    free(l->subject);
}

/* Frees the question's record. */
static void listing_free(void *record)
{
    struct listing *l = record;
    vec_fini(&l->threads);
    vec_fini(&l->rows);
    free(l);
}

/* Frees the call's state. */
static void sorting_free(void *state)
{
    struct sorting *s = state;
    vec_fini(&s->threads);
    free(s);
}

/* Prints one judgement. */
static void show(struct command_call *c, const struct triage *t, const char *people,
                 const char *subject, bool dry)
{
    struct json *o = triage_json(t);
    struct str text = STR_INIT, who = STR_INIT, what = STR_INIT;
    json_set_str(o, "subject", subject);
    if (dry)
        json_set_bool(o, "dry_run", true);
    utf8_cut_end(&who, people, command_cells(c, 18), "…");
    utf8_cut_end(&what, subject, command_cells(c, 34), "…");
    str_addf(&text, "t%-5lld ", (long long)t->thread);
    utf8_pad(&text, t->lane ? mail_lane_name(t->lane) : "-", 7);
    utf8_pad(&text, str_text(&who), 19);
    utf8_pad(&text, str_text(&what), 35);
    char day[CLOCK_TEXT];
    if (t->due != CLOCK_NONE)
        str_addf(&text, _("due %s  "), clock_day(t->due, day));
    str_puts(&text, t->reason);
    if (*t->quote)
        str_addf(&text, ": \"%s\"", t->quote);
    str_addf(&text, "  (%s)", triage_by_name(t->by));
    command_item(c, o, str_text(&text));
    str_fini(&text);
    str_fini(&who);
    str_fini(&what);
}

/* Adds one thread to the rows. */
static enum status add_row(struct db *db, struct listing *l, const struct mail_thread *t,
                           struct error *err)
{
    struct triage row;
    enum status st = triage_get(db, t->id, &row, err);
    if (st || (l->only != MAIL_LANE_NONE && row.lane != l->only)) {
        if (st == STATUS_OK)
            triage_fini(&row);
        return st;
    }
    struct listed *x = vec_push(&l->rows);
    x->t = row;
    x->people = mail_thread_people(t);
    x->subject = mem_strdup(t->subject ? t->subject : "");
    return STATUS_OK;
}

/* The question for the finder. */
static enum status list_run(struct db *db, void *record, struct error *err)
{
    struct listing *l = record;
    struct vec rows;
    struct mail_filter f = {.view = l->only == MAIL_LANE_DONE ? MAIL_VIEW_LANE : MAIL_VIEW_INBOX,
                            .lane = l->only};
    struct mail_cursor after = {0};
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < l->threads.len; i++) {
        struct mail_thread t;
        st = mail_thread_get(db, *(int64_t *)vec_at(&l->threads, i), &t, err);
        if (st == STATUS_OK) {
            st = add_row(db, l, &t, err);
            mail_thread_fini(&t);
        }
    }
    bool more = l->threads.len == 0;
    while (st == STATUS_OK && more && l->rows.len < SHOWN_MOST) {
        mail_thread_rows_init(&rows);
        st = mail_thread_list(db, &f, after, 500, &rows, err);
        for (size_t i = 0; st == STATUS_OK && i < rows.len; i++) {
            const struct mail_thread *t = vec_at(&rows, i);
            after = (struct mail_cursor){t->lane, t->key};
            st = add_row(db, l, t, err);
        }
        more = rows.len == 500;
        vec_fini(&rows);
    }
    return st;
}

static const struct store_question list_question = {
    .name = "triage list", .run = list_run, .free = listing_free};

/* The closing line: how many threads were shown and how many are newly sorted. */
static void tell_sums(struct command_call *c)
{
    const struct sorting *s = command_state(c);
    char *text = str_format(P_("%d thread, %d newly sorted", "%d threads, %d newly sorted", s->shown),
                            s->shown, s->sorted);
    if (command_is_json(c)) {
        struct json *o = json_object();
        json_set_int(o, "threads", s->shown);
        json_set_int(o, "sorted", s->sorted);
        if (command_is_dry(c))
            json_set_bool(o, "dry_run", true);
        command_result(c, o, NULL);
    } else {
        command_note(c, "%s", text);
    }
    free(text);
}

/* The rows are read. */
static void listed(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct listing *l = record;
    struct sorting *s = command_state(c);
    s->asked = NULL;
    for (size_t i = 0; err->status == STATUS_OK && i < l->rows.len; i++) {
        const struct listed *x = vec_at(&l->rows, i);
        show(c, &x->t, x->people, x->subject, false);
        s->shown++;
    }
    if (err->status == STATUS_OK)
        tell_sums(c);
    command_end(c, err);
}

/* A judgement of a dry run is told as it comes. */
static void on_thread(void *user, const struct triage *t)
{
    struct command_call *c = user;
    struct sorting *s = command_state(c);
    struct mail_thread row;
    struct error none = ERROR_INIT;
    s->sorted++;
    if (!command_is_dry(c) || (s->only != MAIL_LANE_NONE && s->only != t->lane) ||
        mail_thread_get(store_reader(command_store(c)), t->thread, &row, &none))
        return;
    char *people = mail_thread_people(&row);
    show(c, t, people, row.subject ? row.subject : "", true);
    s->shown++;
    free(people);
    mail_thread_fini(&row);
}

/* All is sorted: what stands is shown. */
static void sorted(void *user, int count, const struct error *err)
{
    struct command_call *c = user;
    struct sorting *s = command_state(c);
    (void)count;
    s->run = NULL;
    if (err->status != STATUS_OK || command_is_dry(c)) {
        if (err->status == STATUS_OK)
            tell_sums(c);
        command_end(c, err);
        return;
    }
    struct listing *l = mem_alloc(sizeof *l);
    vec_init(&l->threads, sizeof(int64_t), NULL);
    vec_init(&l->rows, sizeof(struct listed), listed_fini);
    l->only = s->only;
    for (size_t i = 0; i < s->threads.len; i++)
        *(int64_t *)vec_push(&l->threads) = *(int64_t *)vec_at(&s->threads, i);
    s->asked = store_ask(command_store(c), &list_question, l, listed, c);
}

/* C-c. */
static void sort_cancel(struct command_call *c)
{
    struct sorting *s = command_state(c);
    if (s->run)
        triage_cancel(s->run);
    else if (s->asked)
        store_ask_cancel(command_store(c), s->asked);
}

/* The thread an id names; 0 with err set. */
static int64_t thread_of(struct db *db, char letter, int64_t number, struct error *err)
{
    struct mail_row row;
    int64_t thread = 0;
    if (letter == 't') {
        thread = mail_thread_id(db, number);
    } else if (letter == 'm') {
        if (mail_row_get(db, number, &row, err))
            return 0;
        thread = row.thread;
        mail_row_fini(&row);
    } else {
        error_set(err, STATUS_USAGE, _("%c%lld is no message or thread"), letter, (long long)number);
        return 0;
    }
    if (!thread)
        error_set(err, STATUS_NO_SUCH, _("there is no thread t%lld"), (long long)number);
    return thread;
}

enum command_result command_triage(struct command_call *c)
{
    struct error err = ERROR_INIT;
    const char *only = command_value(c, "only"), *model = command_value(c, "model");
    enum mail_lane lane = MAIL_LANE_NONE;
    if (only && (!mail_lane_parse(only, &lane) || lane == MAIL_LANE_NONE))
        return command_usage(c, _("%s is no lane: answer act wait meet fyi bulk risk done"), only);
    if (model) { /* a model that is not there is told, not replaced */
        struct model_provider p;
        if (model_provider_find(command_store(c), "triage", model, false, &p, &err))
            return command_fail(c, &err);
        model_provider_fini(&p);
    }
    struct sorting *s = mem_alloc(sizeof *s);
    vec_init(&s->threads, sizeof(int64_t), NULL);
    s->only = lane;
    command_set_state(c, s, sorting_free);
    for (size_t i = 0; i < command_argc(c); i++) {
        char letter;
        int64_t number, thread;
        if (!command_id(command_arg(c, i), &letter, &number))
            return command_usage(c, _("%s is no id"), command_arg(c, i));
        if (!(thread = thread_of(store_reader(command_store(c)), letter, number, &err)))
            return command_fail(c, &err);
        *(int64_t *)vec_push(&s->threads) = thread;
    }
    struct triage_request req = {.threads = s->threads.len ? &s->threads : NULL,
                                 .again = s->threads.len > 0,
                                 .dry = command_is_dry(c),
                                 .offline = command_is_offline(c) || str_eq(model, "offline"),
                                 .model = model,
                                 .asked = true};
    command_on_cancel(c, sort_cancel);
    s->run = triage_start(command_store(c), &req,
                          &(struct triage_events){.on_thread = on_thread, .on_done = sorted}, c);
    return COMMAND_WAIT;
}

/* ---- lane ---- */

struct moving {
    enum mail_lane lane;
    struct vec ids;  /* struct command_target */
    struct vec done; /* int64_t */
    struct vec skipped, why; /* struct command_target, strv */
    char *sender;    /* own: of the first, for the person's words */
    int64_t batch;
    int missing;     /* of the skipped: ids that do not exist */
    bool wrong, dry; /* wrong: an id of something else is among them */
};

/* Frees it. */
static void moving_free(void *record)
{
    struct moving *m = record;
    vec_fini(&m->ids);
    vec_fini(&m->done);
    vec_fini(&m->skipped);
    vec_fini(&m->why);
    free(m->sender);
    free(m);
}

/* Moves one thread. */
static enum status move_one(struct db *db, struct moving *m, struct journal *j,
                            const struct command_target *t, struct error *err)
{
    struct error one = ERROR_INIT;
    bool changed = false;
    int64_t thread = thread_of(db, t->letter, t->number, &one);
    enum status st = thread ? STATUS_OK : one.status;
    if (st == STATUS_OK)
        st = triage_correct(db, j, thread, m->lane, &changed, &one);
    if (st == STATUS_OK && changed) {
        *(int64_t *)vec_push(&m->done) = thread;
    } else if (st == STATUS_OK || st == STATUS_NO_SUCH || st == STATUS_USAGE) {
        *(struct command_target *)vec_push(&m->skipped) = *t;
        strv_push(&m->why, st == STATUS_OK ? _("it is there already") : one.text);
        m->missing += st == STATUS_NO_SUCH;
        m->wrong |= st == STATUS_USAGE;
        st = STATUS_OK;
    } else {
        *err = one;
    }
    return st;
}

/* All threads in one batch. */
static enum status move_all(struct db *db, struct moving *m, struct error *err)
{
    struct journal *j = NULL;
    struct triage_thread first;
    struct error none = ERROR_INIT;
    enum status st = journal_begin(db, "me", N_("lane"), mail_lane_word(m->lane), &j, err);
    for (size_t i = 0; st == STATUS_OK && i < m->ids.len; i++)
        st = move_one(db, m, j, vec_at(&m->ids, i), err);
    if (st == STATUS_OK && m->done.len &&
        triage_open(db, *(int64_t *)vec_at(&m->done, 0), &first, &none) == STATUS_OK) {
        if (first.foreign && first.foreign->from.len)
            m->sender = mem_strdup(((struct mail_address *)vec_at(&first.foreign->from, 0))->address);
        triage_close(&first);
    }
    if (j)
        journal_count(j, (int64_t)m->done.len);
    if (st == STATUS_OK && j)
        return journal_end(j, &m->batch, err);
    if (j)
        journal_abandon(j);
    return st;
}

/* The operation; a dry run is taken back at once. */
static enum status move_run(struct db *db, void *record, struct error *err)
{
    struct moving *m = record;
    if (!m->dry)
        return move_all(db, m, err);
    enum status st = db_savepoint(db, err);
    if (st)
        return st;
    st = move_all(db, m, err);
    m->batch = 0;
    db_rollback_savepoint(db);
    return st;
}

static const struct store_op move_op = {"lane", OP_PERSON, move_run, moving_free};

/* It is moved. */
static void moved(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct moving *m = record;
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    struct json *o = json_object(), *ids = json_array(), *skipped = json_array();
    char id[COMMAND_ID_TEXT], left[COMMAND_ID_TEXT], *text;
    json_set_int(o, "changed", (int64_t)m->done.len);
    for (size_t i = 0; i < m->done.len; i++)
        json_push_str(ids, command_id_text('t', *(int64_t *)vec_at(&m->done, i), id));
    if (m->batch)
        json_set_str(o, "batch", command_id_text('j', m->batch, id));
    for (size_t i = 0; i < m->skipped.len; i++) {
        const struct command_target *t = vec_at(&m->skipped, i);
        command_skip(skipped, t->letter, t->number, strv_at(&m->why, i));
        if (!command_is_json(c) && !command_is_screen(c))
            command_note(c, _("%s left as it is: %s"), command_id_text(t->letter, t->number, left),
                         strv_at(&m->why, i));
    }
    json_set(o, "ids", ids);
    json_set(o, "skipped", skipped);
    if (m->dry)
        json_set_bool(o, "dry_run", true);
    if (m->done.len == 0)
        text = mem_strdup(_("nothing to move"));
    else if (!command_is_screen(c))
        text = m->batch ? str_format(_("Moved to %s (%s)"), mail_lane_name(m->lane), id)
                        : str_format(_("Moved to %s"), mail_lane_name(m->lane));
    else if (m->sender && m->lane != MAIL_LANE_DONE && m->lane != MAIL_LANE_WAIT)
        text = str_format(_("Moved to %s. Mail like this from %s will follow; u unlearns"),
                          mail_lane_name(m->lane), m->sender);
    else
        text = str_format(_("Moved to %s; u puts it back"), mail_lane_name(m->lane));
    command_result(c, o, text);
    free(text);
    struct error late = ERROR_INIT;
    if (m->missing)
        command_missing(&late, m->missing, "search");
    else if (m->wrong)
        error_set(&late, STATUS_USAGE, "%s", strv_at(&m->why, 0));
    command_end(c, &late);
}

enum command_result command_lane(struct command_call *c)
{
    enum mail_lane lane;
    const char *word = command_arg(c, 0);
    if (!mail_lane_parse(word ? word : "", &lane) || lane == MAIL_LANE_NONE)
        return command_usage(c, _("%s is no lane: answer act wait meet fyi bulk risk done"),
                             word ? word : "");
    struct moving *m = mem_alloc(sizeof *m);
    m->lane = lane;
    m->dry = command_is_dry(c);
    vec_init(&m->ids, sizeof(struct command_target), NULL);
    vec_init(&m->done, sizeof(int64_t), NULL);
    vec_init(&m->skipped, sizeof(struct command_target), NULL);
    strv_init(&m->why);
    const struct vec *ids = command_ids(c);
    for (size_t i = 0; i < ids->len; i++)
        *(struct command_target *)vec_push(&m->ids) = *(struct command_target *)vec_at(ids, i);
    store_post(command_store(c), &move_op, m, moved, c);
    return COMMAND_WAIT;
}

/* ---- summary ---- */

struct summing {
    struct summary_run *run;
    struct str line; /* the unfinished line of a stream whose marks are taken off */
};

/* Frees the call's state. */
static void summing_free(void *state)
{
    struct summing *s = state;
    str_fini(&s->line);
    free(s);
}

/* Prints the line so far without its "[m12]". */
static void sum_line(struct command_call *c, struct summing *s)
{
    char *line = str_take(&s->line), *mark;
    while ((mark = strstr(line, "[m")) && mark[strcspn(mark, "]")]) {
        char *end = mark + strcspn(mark, "]") + 1;
        while (mark > line && mark[-1] == ' ')
            mark--;
        memmove(mark, end, strlen(end) + 1);
    }
    command_delta(c, line, strlen(line));
    free(line);
}

/* Text as it comes: whole lines, unless the sources are wanted in it. */
static void sum_delta(void *user, const char *text, size_t n)
{
    struct command_call *c = user;
    struct summing *s = command_state(c);
    if (command_is_json(c) || command_has(c, "sources")) {
        command_delta(c, text, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        str_putc(&s->line, text[i]);
        if (text[i] == '\n')
            sum_line(c, s);
    }
}

/* What leaves. */
static void sum_egress(void *user, const char *where, int passages, int64_t bytes)
{
    command_note(user, P_("%d passage (%lld bytes) goes to %s", "%d passages (%lld bytes) go to %s",
                          passages), passages, (long long)bytes, where);
}

/* Waiting. */
static void sum_wait(void *user, int seconds, const char *why)
{
    if (seconds)
        command_note(user, _("%s; trying again in %d s"), why, seconds);
    else
        command_note(user, "%s", why);
}

/* The lines are there. */
static void sum_done(void *user, const struct vec *lines, const struct model_result *r)
{
    struct command_call *c = user;
    struct summing *s = command_state(c);
    struct json *o = json_object(), *list = json_array();
    struct str text = STR_INIT;
    bool offline = strcmp(r->provider, "offline") == 0;
    s->run = NULL;
    command_on_cancel(c, NULL);
    if (s->line.len) {
        str_putc(&s->line, '\n');
        sum_line(c, s);
    }
    for (size_t i = 0; i < lines->len; i++) {
        const struct summary_line *l = vec_at(lines, i);
        struct json *row = json_object(), *refs = json_array();
        json_set_str(row, "text", l->text);
        for (size_t k = 0; k < l->refs.len; k++)
            json_push_str(refs, strv_at(&l->refs, k));
        json_set(row, "refs", refs);
        json_set_bool(row, "supported", l->supported);
        json_push(list, row);
        str_addf(&text, "%s%s", i ? "\n" : "", l->text);
        char *where = strv_join(&l->refs, ", ");
        if (!command_has(c, "sources"))
            command_note(c, "%zu: %s", i + 1, l->supported ? where : _("no source found"));
        free(where);
    }
    json_set_str(o, "text", str_text(&text));
    json_set(o, "lines", list);
    json_set_str(o, "by", offline ? "offline" : r->model);
    json_set_str(o, "state", model_state_word(r->state));
    command_result(c, o, NULL);
    str_fini(&text);
    command_end_stream(c, (int)r->state, &r->error);
}

/* C-c. */
static void sum_cancel(struct command_call *c)
{
    struct summing *s = command_state(c);
    if (s->run)
        summary_cancel(s->run);
}

enum command_result command_summary(struct command_call *c)
{
    struct error err = ERROR_INIT;
    const struct vec *ids = command_ids(c);
    const char *model = command_value(c, "model");
    if (ids->len != 1)
        return command_usage(c, _("one message or thread at a time"));
    const struct command_target *t = vec_at(ids, 0);
    int64_t thread = thread_of(store_reader(command_store(c)), t->letter, t->number, &err);
    if (!thread)
        return command_fail(c, &err);
    struct summing *s = mem_alloc(sizeof *s);
    command_set_state(c, s, summing_free);
    bool offline = command_is_offline(c) || str_eq(model, "offline");
    s->run = summary_start(command_store(c), thread, offline ? NULL : model, offline,
                           &(struct summary_events){.on_delta = sum_delta,
                                                    .on_egress = sum_egress,
                                                    .on_wait = sum_wait,
                                                    .on_done = sum_done},
                           c, &err);
    if (!s->run)
        return command_fail(c, &err);
    if (command_is_dry(c))
        summary_keep_nothing(s->run);
    command_on_cancel(c, sum_cancel);
    return COMMAND_WAIT;
}

/* ---- templates ---- */

/* A template as an object. */
static struct json *template_json(const struct template_file *t, bool text)
{
    struct json *o = json_object(), *fields = json_array();
    json_set_str(o, "name", t->name);
    json_set_str(o, "title", t->title);
    json_set_str(o, "language", t->language);
    json_set_str(o, "for", t->words);
    for (size_t i = 0; i < t->fields.len; i++)
        json_push_str(fields, strv_at(&t->fields, i));
    json_set(o, "fields", fields);
    if (text) {
        json_set_str(o, "subject", t->subject);
        json_set_str(o, "text", t->text);
    }
    json_set_str(o, "path", t->path);
    return o;
}

enum command_result command_template_list(struct command_call *c)
{
    struct vec all;
    struct error err = ERROR_INIT;
    enum status st = template_load(store_paths(command_store(c)), &all, &err);
    for (size_t i = 0; st == STATUS_OK && i < all.len; i++) {
        const struct template_file *t = vec_at(&all, i);
        char *text = str_format("%-22s %-4s %s", t->name, t->language, t->title);
        command_item(c, template_json(t, false), text);
        free(text);
    }
    if (st == STATUS_OK && all.len == 0 && !command_is_json(c))
        command_note(c, _("no templates yet: put NAME.txt into the folder templates beside bureaurc"));
    vec_fini(&all);
    return st ? command_fail(c, &err) : COMMAND_DONE;
}

enum command_result command_template_show(struct command_call *c)
{
    struct template_file t;
    struct error err = ERROR_INIT;
    if (template_find(store_paths(command_store(c)), command_arg(c, 0), NULL, &t, &err))
        return command_fail(c, &err);
    command_item(c, template_json(&t, true), t.text);
    template_fini_item(&t);
    return COMMAND_DONE;
}

enum command_result command_template_check(struct command_call *c)
{
    struct vec all, faults;
    struct error err = ERROR_INIT;
    const char *name = command_arg(c, 0);
    vec_init(&faults, sizeof(struct template_fault), template_fault_fini_item);
    enum status st = template_load(store_paths(command_store(c)), &all, &err);
    size_t seen = 0;
    for (size_t i = 0; st == STATUS_OK && i < all.len; i++) {
        const struct template_file *t = vec_at(&all, i);
        if (name && strcmp(name, t->name) != 0)
            continue;
        template_check(t, &faults);
        seen++;
    }
    if (st == STATUS_OK && name && !seen)
        st = error_set(&err, STATUS_NO_SUCH, _("there is no template %s"), name);
    for (size_t i = 0; st == STATUS_OK && i < faults.len; i++) {
        const struct template_fault *f = vec_at(&faults, i);
        struct json *o = json_object();
        char *text = str_format("%s:%d: %s", f->name, f->line, f->message);
        json_set_str(o, "name", f->name);
        json_set_int(o, "line", f->line);
        json_set_str(o, "message", f->message);
        command_item(c, o, text);
        free(text);
    }
    if (st == STATUS_OK) {
        struct json *o = json_object();
        char *text = str_format(P_("%zu template, %zu faults", "%zu templates, %zu faults", seen), seen,
                                faults.len);
        json_set_int(o, "templates", (int64_t)seen);
        json_set_int(o, "faults", (int64_t)faults.len);
        command_result(c, o, text);
        free(text);
        if (faults.len)
            command_exit(c, 1);
    }
    vec_fini(&all);
    vec_fini(&faults);
    return st ? command_fail(c, &err) : COMMAND_DONE;
}
