/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply.c - the run that lets a model write a draft.
 *
 *   finder: gather → loop: model_start → writer: draft, job, stream begin → rows as text comes
 *   → model done → writer: stream end, job end → on_done
 *
 * What comes before the draft's row exists waits in `early`. A run that cannot ask the model at all
 * makes no draft. */
#include "inbox/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/watch.h"
#include "command/option.h"
#include "inbox/inside.h"
#include "inbox/part.h"
#include "inbox/reply_inside.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/people.h"
#include "office/signature.h"
#include "store/job.h"
#include "store/store.h"
#include "store/textlog.h"

struct reply_run {
    struct store *store; /* borrow */
    struct reply_events ev;
    void *user;
    struct reply_material *m; /* own; the finder has it while asked */
    struct store_asked *asked;
    struct inside *inside; /* the mail inside the mail is on its way */
    char *say, *tone, *typed, *model_name; /* own; "" or NULL */
    struct model_run *model;
    struct model_result result; /* own copies of its texts once done */
    char *by, *base, *final;
    char *begun_by; /* own; as it begins: the writer reads it while `by` may change */
    struct job_claim claim;
    struct textlog_stream *stream;
    struct str early;
    struct error error;
    int64_t draft, version;
    bool offline; /* --offline; an unknown model's name is the model wing's to refuse */
    bool created, creating, model_done, cancelled;
};

/* ---- ends ---- */

/* Frees a run. */
static void run_free(struct reply_run *r)
{
    if (r->m)
        reply_material_free(r->m);
    char *own[] = {r->say, r->tone, r->typed, r->model_name, r->by, r->begun_by, r->base, r->final};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        free(own[i]);
    model_result_fini(&r->result);
    str_fini(&r->early);
    free(r);
}

/* Tells the end and lets go; posted, so that callbacks that ended it have returned. */
static void run_gone(void *user)
{
    struct reply_run *r = user;
    struct reply_result out = {.draft = r->draft,
                               .version = r->version,
                               .state = r->result.state,
                               .model = r->model_done ? &r->result : NULL,
                               .error = &r->error,
                               .by = r->by ? r->by : "me"};
    r->ev.on_done(r->user, &out);
    run_free(r);
}

/* Nothing is left to do. */
static void run_end(struct reply_run *r)
{
    loop_post(store_loop(r->store), run_gone, r);
}

/* Ends with an error. */
static void run_fail(struct reply_run *r, const struct error *err)
{
    r->error = *err;
    r->result.state = err->status == STATUS_INTERRUPTED ? MODEL_CANCELLED : MODEL_FAILED;
    run_end(r);
}

/* The operation that closes the stream and the job. */
static enum status end_run(struct db *db, void *record, struct error *err)
{
    struct reply_run *r = record;
    const char *made = model_state_word(r->result.state);
    enum status st = draft_stream_end(db, r->draft, r->final, made, r->by, err);
    if (st)
        return st;
    struct error lost = ERROR_INIT; /* a lease that was lost changes nothing about the text */
    st = job_finish(db, r->claim, r->result.state == MODEL_COMPLETE ? "done" : r->result.state ==
                    MODEL_CANCELLED ? "cancelled" : "failed", made,
                    error_is(&r->error) ? r->error.text : NULL, &lost);
    if (st && st != STATUS_STALE) {
        *err = lost;
        return st;
    }
    struct draft *d;
    if ((st = draft_get(db, r->draft, &d, err)))
        return st;
    r->version = d->version;
    draft_free(d);
    return STATUS_OK;
}

static const struct store_op end_op = {"draft end", OP_STREAM, end_run, NULL};

/* The files of a forwarded mail are attached, or could not be. */
static void attached(void *user, const struct error *err)
{
    struct reply_run *r = user;
    if (err->status != STATUS_OK && !error_is(&r->error))
        r->error = *err;
    run_end(r);
}

/* The text is on disk. */
static void end_done(void *user, void *record, const struct error *err)
{
    (void)record;
    struct reply_run *r = user;
    if (err->status != STATUS_OK && !error_is(&r->error)) {
        r->error = *err;
        r->result.state = MODEL_FAILED;
    }
    if (reply_wants_original(r->m) && err->status == STATUS_OK)
        reply_attach_original(r->store, r->draft, r->m, attached, r);
    else
        run_end(r);
}

/* Works out the final text and posts the end. */
static void close_stream(struct reply_run *r)
{
    textlog_stream_free(r->stream);
    r->stream = NULL;
    char *clean = reply_clean(r->result.text);
    if (r->m->instruct && *clean) {
        const char *whole = r->m->head->text;
        r->final = str_format("%.*s%s%s", (int)r->m->from, whole, clean, whole + r->m->until);
    } else if (r->m->tail || (r->m->signature && *clean)) {
        r->final = signature_place(clean, r->m->signature, r->m->tail);
    } else if (*clean || r->result.state == MODEL_COMPLETE) {
        r->final = mem_strdup(clean);
    }
    free(clean);
    store_post(r->store, &end_op, r, end_done, r);
}

/* ---- the stream ---- */

/* A piece of text: to the store's stream and to whoever watches. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct reply_run *r = user;
    if (!r->created) {
        str_add(&r->early, text, n);
        return;
    }
    textlog_stream_add(r->stream, text, n);
    if (r->ev.on_delta)
        r->ev.on_delta(r->user, text, n);
}

/* Where it goes, before it goes. */
static void on_egress(void *user, const char *where, int passages, int64_t bytes)
{
    struct reply_run *r = user;
    if (r->ev.on_egress)
        r->ev.on_egress(r->user, where, passages, bytes);
}

/* Waiting to try again. */
static void on_wait(void *user, int seconds, const char *why)
{
    struct reply_run *r = user;
    if (r->ev.on_wait)
        r->ev.on_wait(r->user, seconds, why);
}

/* The model has ended; its words are copied, for they are borrowed. */
static void on_model_done(void *user, const struct model_result *m)
{
    struct reply_run *r = user;
    model_result_copy(&r->result, m);
    if (error_is(&r->error))
        r->result.state = MODEL_FAILED; /* the draft could not be stored */
    else
        r->error = m->error;
    if (*r->result.model && strcmp(r->result.provider, "offline") != 0) {
        free(r->by);
        r->by = mem_strdup(r->result.model);
    } else if (strcmp(r->result.provider, "offline") == 0) {
        free(r->by);
        r->by = mem_strdup("offline");
    }
    r->model = NULL;
    r->model_done = true;
    if (r->created)
        close_stream(r);
    else if (!r->creating)
        run_end(r);
}

/* ---- the draft's row ---- */

/* Stores the files that go with it. */
static enum status attach_files(struct db *db, struct reply_run *r, struct error *err)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < r->m->files.len; i++) {
        const struct mail_file *f = vec_at(&r->m->files, i);
        st = draft_attach(db, r->draft, f->name, f->content_type, str_text(&f->bytes), f->bytes.len,
                          NULL, err);
    }
    return st;
}

/* The operation: a new draft or a new version, and the job that writes it. */
static enum status create_run(struct db *db, void *record, struct error *err)
{
    struct reply_run *r = record;
    struct draft *d = r->m->head;
    enum status st = STATUS_OK;
    if (!r->m->draft) {
        d->say = d->say ? d->say : mem_strdup(r->say);
        if ((st = draft_create(db, d, err)))
            return st;
        r->draft = d->id;
        r->version = 1;
        if ((st = attach_files(db, r, err)))
            return st;
    } else {
        r->draft = r->m->draft;
        if (*r->say && !r->m->instruct) {
            struct db_query *q = db_prepare(db, "UPDATE draft SET say = ? WHERE id = ?");
            db_bind_text(q, 1, r->say);
            db_bind_int(q, 2, r->draft);
            if ((st = db_run(q, err)))
                return st;
        }
    }
    if (r->m->blank)
        return STATUS_OK;
    char *input = str_format("{\"draft\":%lld}", (long long)r->draft);
    st = job_start(db, "draft", input, &r->claim, err);
    free(input);
    if (st == STATUS_OK)
        st = draft_stream_begin(db, r->draft, r->begun_by, r->claim.id, r->base, err);
    return st;
}

static const struct store_op create_op = {"draft begin", OP_PERSON, create_run, NULL};

/* Another process took the job over: nothing more is written, the model is stopped. */
static void lost(void *user)
{
    struct reply_run *r = user;
    if (r->model)
        model_cancel(r->model);
}

/* The draft is there: what came early goes in. */
static void create_done(void *user, void *record, const struct error *err)
{
    (void)record;
    struct reply_run *r = user;
    r->creating = false;
    if (err->status != STATUS_OK) {
        r->error = *err;
        r->draft = r->m->draft;
        r->result.state = MODEL_FAILED;
        if (r->model) {
            model_cancel(r->model); /* its on_done ends the run */
        } else {
            r->result.state = MODEL_FAILED;
            run_end(r);
        }
        return;
    }
    if (r->ev.on_draft)
        r->ev.on_draft(r->user, r->draft);
    if (r->m->blank) {
        r->result.state = MODEL_COMPLETE;
        if (reply_wants_original(r->m))
            reply_attach_original(r->store, r->draft, r->m, attached, r);
        else
            run_end(r);
        return;
    }
    r->created = true;
    r->stream = textlog_stream_new(r->store, DRAFT_LOG, r->draft, &r->claim, WATCH_DRAFT, lost, r);
    if (r->early.len) {
        char *early = str_take(&r->early);
        on_delta(r, early, strlen(early));
        free(early);
    }
    if (r->model_done)
        close_stream(r);
    else if (r->cancelled && r->model)
        model_cancel(r->model);
}

/* ---- beginning ---- */

/* What the person typed, as it goes to the model. */
static char *typed_of(const struct reply_run *r)
{
    if (r->m->instruct)
        return mem_strdup(r->m->instruction);
    if (!*r->tone)
        return *r->say ? mem_strdup(r->say) : NULL;
    return *r->say ? str_format("%s\n(tone: %s)", r->say, r->tone) : str_format("(tone: %s)", r->tone);
}

/* The material is there: the model is asked, and the draft made beside it. */
static void gathered(void *user, void *record, const struct error *err)
{
    struct reply_run *r = user;
    struct reply_material *m = record;
    r->asked = NULL;
    r->m = m;
    if (err->status != STATUS_OK || r->cancelled) {
        struct error stopped = ERROR_INIT;
        if (err->status == STATUS_OK)
            error_set(&stopped, STATUS_INTERRUPTED, _("stopped"));
        run_fail(r, err->status != STATUS_OK ? err : &stopped);
        return;
    }
    if (!m->blank) {
        struct error refused = ERROR_INIT;
        struct model_events ev = {.on_egress = on_egress,
                                  .on_delta = on_delta,
                                  .on_wait = on_wait,
                                  .on_done = on_model_done};
        r->typed = typed_of(r);
        struct model_request req = {.purpose = m->instruct ? "instruct" : "draft",
                                    .system = reply_system(m, *r->say != 0),
                                    .typed = r->typed,
                                    .sources = &m->sources.items,
                                    .model = r->model_name,
                                    .offline = r->offline};
        if (m->instruct && m->from > 0)
            r->base = mem_strndup(m->head->text, m->from);
        r->creating = true; /* it may be done before model_start returns */
        struct model_run *run = model_start(r->store, &req, &ev, r, &refused);
        if (!r->model_done)
            r->model = run;
        if (!run && !r->model_done) {
            run_fail(r, &refused);
            return;
        }
    }
    r->creating = true;
    store_post(r->store, &create_op, r, create_done, r);
}

/* The finder keeps the material until gathered() takes it over: nothing is freed there. */
static const struct store_question gather_question = {
    .name = "draft material", .run = reply_gather};

/* The mail inside the mail is there: it is what is answered. */
static void on_inside(void *user, struct mail_message *mail, struct str *bytes, const struct error *err)
{
    struct reply_run *r = user;
    struct reply_material *m = r->m;
    r->inside = NULL;
    if (!mail) {
        run_fail(r, err);
        return;
    }
    r->m = NULL; /* the finder has it */
    m->inner = mail;
    m->inner_raw = *bytes;
    *bytes = STR_INIT;
    r->asked = store_ask(r->store, &gather_question, m, gathered, r);
}

/* Starts a run whose material says what is wanted. */
static struct reply_run *begin(struct store *s, struct reply_material *m, const char *say,
                               const char *tone, const char *model, bool offline,
                               const struct reply_events *ev, void *user)
{
    struct reply_run *r = mem_alloc(sizeof *r);
    struct model_choice choice = {.offline = true};
    r->store = s;
    r->ev = *ev;
    r->user = user;
    r->error = ERROR_INIT;
    r->say = mem_strdup(say ? say : "");
    r->tone = mem_strdup(tone ? tone : "");
    r->model_name = mem_strdup_maybe(model);
    m->paths = store_paths(s);
    if (!m->blank) {
        r->offline = offline;
        model_choose(s, m->instruct ? "instruct" : "draft", model, offline, &choice);
        m->offline = offline || choice.offline;
        r->by = mem_strdup(m->offline ? "offline" : choice.name);
        r->begun_by = mem_strdup(r->by);
    }
    if (m->part) {
        r->m = m;
        r->inside = inside_start(s, m->message, m->part, on_inside, r);
    } else {
        r->asked = store_ask(s, &gather_question, m, gathered, r);
    }
    return r;
}

/* Is there a mail as this part? */
static enum status check_inside(struct store *s, int64_t message, int part, struct error *err)
{
    struct mail_message *m;
    enum status st = mail_message_get(store_reader(s), message, &m, err);
    if (st)
        return st;
    const struct mail_part *p = part_find(m, part);
    if (!p || !part_is_mail(p)) {
        st = error_set(err, STATUS_NO_SUCH, _("part %d of m%lld is no mail"), part, (long long)message);
        error_hint(err, "bureau show m%lld --parts", (long long)message);
    }
    mail_message_free(m);
    return st;
}

struct reply_run *reply_start(struct store *s, const struct reply_request *req,
                              const struct reply_events *ev, void *user, struct error *err)
{
    struct mail_row row;
    if (req->kind != DRAFT_NEW || req->as_new) {
        if (mail_row_get(store_reader(s), req->message, &row, err))
            return NULL;
        mail_row_fini(&row);
        if (req->part && check_inside(s, req->message, req->part, err))
            return NULL;
    }
    struct reply_material *m = reply_material_new();
    m->kind = req->kind;
    m->message = req->kind == DRAFT_NEW && !req->as_new ? 0 : req->message;
    m->part = m->message && !req->as_new ? req->part : 0;
    m->offline = req->offline;
    bool has_say = (req->say && *req->say) || (req->template_name && *req->template_name);
    /* A new mail or a forwarded one without a word to go by is written by hand. */
    m->as_new = req->as_new;
    m->attached = str_eq(req->as ? req->as : option_text("forward.as"), "attached");
    m->without_files = req->without_files;
    m->blank = req->blank || req->as_new || (!has_say && (req->kind == DRAFT_NEW || req->kind == DRAFT_FORWARD));
    m->template_name = mem_strdup_maybe(req->template_name);
    m->to = mem_strdup_maybe(req->to);
    m->cc = mem_strdup_maybe(req->cc);
    m->bcc = mem_strdup_maybe(req->bcc);
    m->identity = mem_strdup_maybe(req->from);
    m->body = mem_strdup_maybe(req->body);
    m->answered = mem_strdup_maybe(req->in_reply_to);
    m->subject = mem_strdup_maybe(req->subject);
    for (size_t i = 0; req->files && i < req->files->len; i++)
        strv_push(&m->paths_of_files, strv_at(req->files, i));
    return begin(s, m, req->say, req->tone, req->model, req->offline, ev, user);
}

struct reply_run *reply_again(struct store *s, int64_t draft, const char *say, const char *model,
                              bool offline, const struct reply_events *ev, void *user,
                              struct error *err)
{
    struct draft *d;
    if (draft_get(store_reader(s), draft, &d, err))
        return NULL;
    struct reply_material *m = reply_material_new();
    m->draft = draft;
    m->kind = d->kind;
    m->message = d->message;
    struct reply_run *r =
        begin(s, m, say ? say : d->say, NULL, model, offline, ev, user);
    draft_free(d);
    return r;
}

struct reply_run *reply_instruct(struct store *s, int64_t draft, size_t from, size_t to,
                                 const char *instruction, const char *model, bool offline,
                                 const struct reply_events *ev, void *user, struct error *err)
{
    struct draft *d;
    if (draft_get(store_reader(s), draft, &d, err))
        return NULL;
    draft_free(d);
    if (!instruction || !*instruction) {
        error_set(err, STATUS_USAGE, _("no instruction"));
        return NULL;
    }
    struct reply_material *m = reply_material_new();
    m->draft = draft;
    m->instruct = true;
    m->instruction = mem_strdup(instruction);
    m->from = from;
    m->until = to;
    return begin(s, m, NULL, NULL, model, offline, ev, user);
}

void reply_cancel(struct reply_run *r)
{
    r->cancelled = true;
    if (r->inside) {
        struct error stopped = ERROR_INIT;
        inside_stop(r->inside);
        r->inside = NULL;
        error_set(&stopped, STATUS_INTERRUPTED, _("stopped"));
        run_fail(r, &stopped);
    } else if (r->asked)
        store_ask_cancel(r->store, r->asked);
    else if (r->model)
        model_cancel(r->model);
}

int64_t reply_draft(const struct reply_run *r)
{
    return r->draft;
}

char *reply_prompt(struct store *s, int64_t message, const char *model, bool offline)
{
    struct model_choice choice;
    struct mail_row row;
    struct vec ids;
    struct error err = ERROR_INIT;
    size_t count = 1;
    vec_init(&ids, sizeof(int64_t), NULL);
    if (mail_row_get(store_reader(s), message, &row, &err) == STATUS_OK) {
        if (mail_thread_ids(store_reader(s), row.thread, &ids, &err) == STATUS_OK && ids.len)
            count = ids.len;
        mail_row_fini(&row);
    }
    vec_fini(&ids);
    model_choose(s, "draft", model, offline, &choice);
    if (offline || choice.offline)
        return mem_strdup(_("C-x w by hand  Enter drafts (offline: templates and your own answers)"));
    return str_format(P_("C-x w by hand  Enter drafts (%zu message to %s at %s)",
                         "C-x w by hand  Enter drafts (%zu messages to %s at %s)", count), count, choice.name, choice.local ? _("this machine") : choice.host);
}
