/* SPDX-License-Identifier: GPL-3.0-or-later */
/* triage.c - judgements as rows, and the run that sorts what is new.
 *
 * A run goes in chunks: the finder lists CHUNK threads and judges them for CHUNK_MS at most, a model is
 * asked about those that facts do not settle (when one may be used), the writer stores them, the next chunk
 * follows behind
 * the last row. A thread that got a new mail or a person's word meanwhile is left alone. */
#include "inbox/triage.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/watch.h"
#include "command/hook.h"
#include "command/option.h"
#include "inbox/inbox.h"
#include "inbox/triage_inside.h"
#include "io/loop.h"
#include "mail/change.h"
#include "model/model.h"
#include "office/source.h"
#include "store/store.h"

#define CHUNK 40
#define CHUNK_MS 8 /* the finder has other questions, a person's keys among them */
#define MODEL_MESSAGES 3
#define FAILURES_MOST 3

const char *triage_label(enum mail_lane lane)
{
    static const char *const labels[MAIL_LANES] = {
        [MAIL_LANE_NONE] = N_("Not sorted"),   [MAIL_LANE_ANSWER] = N_("Wants an answer"),
        [MAIL_LANE_ACT] = N_("To do"),         [MAIL_LANE_WAIT] = N_("Waiting for others"),
        [MAIL_LANE_MEET] = N_("Meetings"),     [MAIL_LANE_FYI] = N_("Worth reading"),
        [MAIL_LANE_BULK] = N_("Newsletters and notices"), [MAIL_LANE_RISK] = N_("Risk"),
        [MAIL_LANE_DONE] = N_("Done")};
    return _(labels[lane]);
}

void triage_fini(struct triage *t)
{
    free(t->reason);
    free(t->code);
    free(t->quote);
    free(t->due_words);
    free(t->by);
    *t = (struct triage){0};
}

/* The same for arrays. */
static void fini_item(void *item)
{
    triage_fini(item);
}

/* ---- rows ---- */

enum status triage_get(struct db *db, int64_t thread, struct triage *out, struct error *err)
{
    *out = (struct triage){.thread = thread, .due = CLOCK_NONE};
    struct mail_thread t;
    enum status st = mail_thread_get(db, thread, &t, err);
    if (st)
        return st;
    struct db_query *q = db_prepare(db, "SELECT newest, lane, reason, quote, quote_message, due,"
                                        " due_words, asks, confidence, by, code FROM triage WHERE thread = ?");
    db_bind_int(q, 1, t.id);
    bool found = db_step(q);
    enum mail_lane lane = MAIL_LANE_NONE;
    if (found && mail_lane_parse(db_text(q, 1), &lane) && lane == t.lane) {
        triage_set(out, lane, db_text(q, 9), db_real(q, 8), db_text(q, 10), db_text(q, 3),
                   strlen(db_text(q, 3)));
        if (!*out->code) { /* a model's, or of before there were codes */
            free(out->reason);
            out->reason = mem_strdup(db_text(q, 2));
        }
        out->newest = db_int(q, 0);
        out->quote_message = db_int(q, 4);
        out->due = db_is_null(q, 5) ? CLOCK_NONE : db_int(q, 5);
        out->due_words = mem_strdup(db_text(q, 6));
        out->asks = (int)db_int(q, 7);
    } else {
        /* The thread's own lane is the truth: a person moved it, or it came in as done. */
        triage_set(out, t.lane, "learned", t.lane == MAIL_LANE_NONE ? 0 : 1,
                   t.lane == MAIL_LANE_NONE ? ""
                   : found || t.lane != MAIL_LANE_DONE ? "told"
                                                       : "old",
                   NULL, 0);
        out->due_words = mem_strdup("");
        out->newest = t.newest;
    }
    out->thread = t.id;
    mail_thread_fini(&t);
    return db_done(q, err);
}

enum status triage_store(struct db *db, const struct triage *t, struct error *err)
{
    struct mail_thread thread;
    enum status st = mail_thread_get(db, t->thread, &thread, err);
    if (st)
        return st;
    bool moved_on = thread.newest != t->newest;
    mail_thread_fini(&thread);
    if (moved_on)
        return STATUS_OK;
    struct db_query *q = db_prepare(
        db, "SELECT lane FROM triage_lesson WHERE thread = ? AND message = ? AND lane <> ?");
    db_bind_int(q, 1, t->thread);
    db_bind_int(q, 2, t->newest);
    db_bind_text(q, 3, mail_lane_word(t->lane));
    bool told = db_step(q);
    db_end(q);
    if (told)
        return STATUS_OK;
    q = db_prepare(db, "INSERT OR REPLACE INTO triage (thread, newest, lane, reason, quote,"
                       " quote_message, due, due_words, asks, confidence, by, at, code)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, t->thread);
    db_bind_int(q, 2, t->newest);
    db_bind_text(q, 3, mail_lane_word(t->lane));
    db_bind_text(q, 4, *t->code ? "" : t->reason);
    db_bind_text(q, 5, t->quote);
    db_bind_int(q, 6, t->quote_message);
    if (t->due == CLOCK_NONE)
        db_bind_null(q, 7);
    else
        db_bind_int(q, 7, t->due);
    db_bind_text(q, 8, t->due_words);
    db_bind_int(q, 9, t->asks);
    db_bind_real(q, 10, t->confidence);
    db_bind_text(q, 11, t->by);
    db_bind_int(q, 12, clock_now());
    db_bind_text(q, 13, t->code);
    if ((st = db_run(q, err)) || (st = mail_thread_set_lane(db, t->thread, t->lane, err)) ||
        (st = mail_thread_set_asks(db, t->thread, t->asks, err)))
        return st;
    char day[CLOCK_TEXT];
    if ((st = mail_thread_set_due(db, t->thread, t->due == CLOCK_NONE ? NULL : clock_day(t->due, day),
                                  err)) ||
        (st = mail_thread_set_sorted(db, t->thread, err)))
        return st;
    db_touch(db, WATCH_MAIL);
    return STATUS_OK;
}

enum status triage_correct(struct db *db, struct journal *j, int64_t thread, enum mail_lane lane,
                           bool *changed, struct error *err)
{
    bool learned, moved;
    int64_t id = mail_thread_id(db, thread);
    if (!id)
        return error_set(err, STATUS_NO_SUCH, _("there is no thread t%lld"), (long long)thread);
    enum status st = journal_set(j, triage_lesson_field.name, id, mail_lane_word(lane), &learned, err);
    if (st == STATUS_OK)
        st = journal_set(j, MAIL_FIELD_LANE, id, mail_lane_word(lane), &moved, err);
    if (st == STATUS_OK)
        st = mail_thread_set_sorted(db, id, err);
    if (st == STATUS_OK && changed)
        *changed = learned || moved;
    return st;
}

struct json *triage_json(const struct triage *t)
{
    struct json *o = json_object();
    char *id = str_format("t%lld", (long long)t->thread), day[CLOCK_TEXT];
    json_set_str(o, "id", id);
    json_set_str(o, "lane", mail_lane_word(t->lane));
    json_set_str(o, "reason", t->reason);
    if (t->quote && *t->quote)
        json_set_str(o, "quote", t->quote);
    if (t->quote_message) {
        char *m = str_format("m%lld", (long long)t->quote_message);
        json_set_str(o, "quote_message", m);
        free(m);
    }
    if (t->due != CLOCK_NONE) {
        json_set_str(o, "due", clock_day(t->due, day));
        if (t->due_words && *t->due_words)
            json_set_str(o, "due_words", t->due_words);
    }
    json_set_int(o, "asks", t->asks);
    json_set_real(o, "confidence", t->confidence);
    json_set_str(o, "by", t->by);
    free(id);
    return o;
}

/* ---- the run ---- */

struct listed {
    int64_t id;
    struct mail_cursor place;
};

struct chunk { /* one piece of work, passed between the threads */
    struct vec threads;         /* struct listed: to judge; empty: list them */
    size_t judged;              /* so many of them, before its time was over */
    struct mail_cursor after;
    bool list, again, use_model, more;
    int64_t now;
    struct vec verdicts;        /* struct triage */
    struct vec undecided;       /* size_t: verdicts a model may be asked about */
};

struct triage_run {
    struct store *store; /* borrow */
    struct triage_events ev;
    void *user;
    struct vec wanted; /* int64_t: threads asked for */
    size_t next;
    bool listed, again, dry, offline, asked, cancelled;
    char *model_name; /* own; NULL */
    struct chunk *chunk;
    struct store_asked *question;
    struct model_run *model;
    size_t at; /* of chunk->undecided */
    struct triage_thread open; /* the thread the model is asked about */
    struct source_list sources;
    struct json *schema;
    int sorted, failures;
    struct error error;
};

static void next_chunk(struct triage_run *r);

/* Frees a chunk. */
static void chunk_free(struct chunk *c)
{
    if (!c)
        return;
    vec_fini(&c->threads);
    vec_fini(&c->verdicts);
    vec_fini(&c->undecided);
    free(c);
}

/* Is it settled by facts, so that no model need see it? */
static bool is_settled(const struct triage *t)
{
    return t->lane == MAIL_LANE_DONE || t->lane == MAIL_LANE_BULK || t->lane == MAIL_LANE_RISK ||
           strcmp(t->by, "learned") == 0 || (t->lane == MAIL_LANE_MEET && strcmp(t->by, "fact") == 0);
}

/* The question for the finder: lists (if need be) and judges. */
static enum status judge_chunk(struct db *db, void *record, struct error *err)
{
    struct chunk *c = record;
    enum status st = STATUS_OK;
    if (c->list) {
        struct vec rows;
        struct mail_filter f = {.view = MAIL_VIEW_UNSORTED};
        mail_thread_rows_init(&rows);
        st = mail_thread_list(db, &f, c->after, CHUNK, &rows, err);
        for (size_t i = 0; st == STATUS_OK && i < rows.len; i++) {
            const struct mail_thread *t = vec_at(&rows, i);
            *(struct listed *)vec_push(&c->threads) = (struct listed){t->id, {t->lane, t->key}};
        }
        c->more = rows.len == CHUNK;
        vec_fini(&rows);
    }
    int64_t end = clock_mono_ms() + CHUNK_MS;
    for (; st == STATUS_OK && c->judged < c->threads.len && (!c->judged || clock_mono_ms() < end); c->judged++) {
        const struct listed *l = vec_at(&c->threads, c->judged);
        int64_t id = l->id;
        c->after = l->place;
        struct error one = ERROR_INIT;
        struct triage *t = vec_push(&c->verdicts);
        st = triage_judge(db, id, c->now, t, &one);
        if (st == STATUS_NO_SUCH || st == STATUS_CORRUPT) { /* gone, or unreadable: not our matter */
            triage_fini(t);
            c->verdicts.len--;
            st = STATUS_OK;
        } else if (st != STATUS_OK) {
            *err = one;
        } else if (c->use_model && !is_settled(t)) {
            *(size_t *)vec_push(&c->undecided) = c->verdicts.len - 1;
        }
    }
    return st;
}

static const struct store_question judge_question = {
    .name = "triage", .run = judge_chunk};

/* Tells the end and frees the run; posted, so that what ended it has returned. */
static void run_gone(void *user)
{
    struct triage_run *r = user;
    r->ev.on_done(r->user, r->sorted, &r->error);
    chunk_free(r->chunk);
    triage_close(&r->open);
    source_list_fini(&r->sources);
    json_free(r->schema);
    vec_fini(&r->wanted);
    free(r->model_name);
    free(r);
}

/* Nothing is left to do. */
static void run_end(struct triage_run *r)
{
    loop_post(store_loop(r->store), run_gone, r);
}

/* The operation: the judgements of a chunk. */
static enum status store_chunk(struct db *db, void *record, struct error *err)
{
    struct chunk *c = record;
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < c->verdicts.len; i++) {
        st = triage_store(db, vec_at(&c->verdicts, i), err);
        if (st == STATUS_NO_SUCH) {
            *err = ERROR_INIT;
            st = STATUS_OK;
        }
    }
    return st;
}

static const struct store_op store_chunk_op = {"triage", OP_BULK, store_chunk, NULL};

/* A chunk is stored: it is told, the next begins. */
static void chunk_stored(void *user, void *record, const struct error *err)
{
    struct triage_run *r = user;
    struct chunk *c = record;
    if (err->status != STATUS_OK) {
        r->error = *err;
        run_end(r);
        return;
    }
    for (size_t i = 0; i < c->verdicts.len; i++) {
        r->sorted++;
        if (r->ev.on_thread)
            r->ev.on_thread(r->user, vec_at(&c->verdicts, i));
    }
    next_chunk(r);
}

/* The chunk is judged: stored, or only told. When it was broken off, threads whose model was not
 * heard stay unsorted: facts alone would keep it from being asked later. */
static void finish_chunk(struct triage_run *r)
{
    struct error none = ERROR_INIT;
    for (size_t i = r->chunk->undecided.len; r->cancelled && i > r->at; i--)
        vec_remove(&r->chunk->verdicts, *(size_t *)vec_at(&r->chunk->undecided, i - 1));
    if (r->dry)
        chunk_stored(r, r->chunk, &none);
    else
        store_post(r->store, &store_chunk_op, r->chunk, chunk_stored, r);
}

static void ask_model(struct triage_run *r);

/* The model's word about one thread, or why there is none: then facts stand. */
static void model_done(void *user, const struct model_result *m)
{
    struct triage_run *r = user;
    r->model = NULL;
    if (r->cancelled) {
        finish_chunk(r);
        return;
    }
    struct triage *t = vec_at(&r->chunk->verdicts, *(size_t *)vec_at(&r->chunk->undecided, r->at));
    if (m->state == MODEL_COMPLETE && triage_read_answer(m->text, &r->open, t))
        r->failures = 0;
    else
        r->failures++;
    triage_close(&r->open);
    source_list_fini(&r->sources);
    source_list_init(&r->sources);
    r->at++;
    ask_model(r);
}

/* Asks about the next undecided thread of the chunk. */
static void ask_model(struct triage_run *r)
{
    struct model_events ev = {.on_done = model_done};
    while (!r->cancelled && r->failures < FAILURES_MOST && r->at < r->chunk->undecided.len) {
        struct error err = ERROR_INIT;
        struct triage *t = vec_at(&r->chunk->verdicts, *(size_t *)vec_at(&r->chunk->undecided, r->at));
        struct db *db = store_reader(r->store);
        if (triage_open(db, t->thread, &r->open, &err) ||
            source_add_thread(&r->sources, db, t->thread, MODEL_MESSAGES, &err)) {
            triage_close(&r->open);
            r->at++;
            continue;
        }
        struct model_request req = {.purpose = "triage",
                                    .system = triage_system,
                                    .sources = &r->sources.items,
                                    .schema = r->schema,
                                    .model = r->model_name,
                                    .offline = r->offline,
                                    .background = !r->asked,
                                    .max_tokens = 400};
        r->model = model_start(r->store, &req, &ev, r, &err);
        if (r->model)
            return;
        /* Not allowed for this one (policy) or for all: facts stand. */
        triage_close(&r->open);
        source_list_fini(&r->sources);
        source_list_init(&r->sources);
        if (err.status == STATUS_NO_SUCH && r->model_name) {
            r->error = err;
            run_end(r);
            return;
        }
        r->failures += err.status != STATUS_REFUSED || !r->asked;
        r->at++;
    }
    finish_chunk(r);
}

/* The finder has judged a chunk; what it had no time for belongs to the next. */
static void chunk_judged(void *user, void *record, const struct error *err)
{
    (void)record;
    struct triage_run *r = user;
    r->question = NULL;
    if (err->status != STATUS_OK) {
        r->error = *err;
        run_end(r);
        return;
    }
    if (r->chunk->judged < r->chunk->threads.len) {
        r->chunk->more = true;
        r->next -= r->listed ? 0 : r->chunk->threads.len - r->chunk->judged;
    }
    r->at = 0;
    if (r->chunk->undecided.len && !r->cancelled)
        ask_model(r);
    else
        finish_chunk(r);
}

/* May a model be asked at all? */
static bool may_ask(const struct triage_run *r)
{
    struct model_choice choice;
    if (r->offline || r->failures >= FAILURES_MOST ||
        (r->model_name && strcmp(r->model_name, "offline") == 0))
        return false;
    model_choose(r->store, "triage", r->model_name, false, &choice);
    return !choice.offline;
}

/* Begins the next chunk, or ends. */
static void next_chunk(struct triage_run *r)
{
    struct chunk *old = r->chunk, *c = mem_alloc(sizeof *c);
    vec_init(&c->threads, sizeof(struct listed), NULL);
    vec_init(&c->verdicts, sizeof(struct triage), fini_item);
    vec_init(&c->undecided, sizeof(size_t), NULL);
    c->now = clock_now();
    c->list = r->listed;
    c->again = r->again;
    c->use_model = may_ask(r);
    if (old)
        c->after = old->after;
    bool more = r->listed ? !old || old->more : r->next < r->wanted.len;
    for (size_t i = 0; !r->listed && i < CHUNK && r->next < r->wanted.len; i++)
        *(struct listed *)vec_push(&c->threads) = (struct listed){*(int64_t *)vec_at(&r->wanted, r->next++), {0}};
    chunk_free(old);
    r->chunk = c;
    if (!more || r->cancelled) {
        run_end(r);
        return;
    }
    r->question = store_ask(r->store, &judge_question, c, chunk_judged, r);
}

struct triage_run *triage_start(struct store *s, const struct triage_request *req,
                                const struct triage_events *ev, void *user)
{
    struct triage_run *r = mem_alloc(sizeof *r);
    r->store = s;
    r->ev = *ev;
    r->user = user;
    r->error = ERROR_INIT;
    r->listed = req->threads == NULL;
    r->again = req->again;
    r->dry = req->dry;
    r->offline = req->offline;
    r->asked = req->asked;
    r->model_name = mem_strdup_maybe(req->model);
    r->schema = triage_schema();
    source_list_init(&r->sources);
    vec_init(&r->wanted, sizeof(int64_t), NULL);
    for (size_t i = 0; req->threads && i < req->threads->len; i++)
        *(int64_t *)vec_push(&r->wanted) = *(int64_t *)vec_at(req->threads, i);
    next_chunk(r);
    return r;
}

void triage_cancel(struct triage_run *r)
{
    r->cancelled = true;
    if (r->question)
        store_ask_cancel(r->store, r->question);
    else if (r->model)
        model_cancel(r->model);
}

/* ---- the hook: new mail is sorted ---- */

static int64_t not_before; /* after a failure a pause, so that nothing spins */
static struct triage_run *work_running; /* the hook's own */

/* Is there something to sort? */
static int64_t work_due(struct store *s)
{
    struct vec rows;
    struct error err = ERROR_INIT;
    struct mail_filter f = {.view = MAIL_VIEW_UNSORTED};
    if (!option_bool("triage.auto"))
        return CLOCK_NONE;
    mail_thread_rows_init(&rows);
    bool any = mail_thread_list(store_reader(s), &f, (struct mail_cursor){0}, 1, &rows, &err) ==
                   STATUS_OK && rows.len > 0;
    vec_fini(&rows);
    int64_t now = clock_now();
    return any ? (not_before > now ? not_before : now) : CLOCK_NONE;
}

struct work {
    void (*done)(void *user, int count, const struct error *err);
    void *user;
};

/* The run of the hook has ended. */
static void work_done(void *user, int sorted, const struct error *err)
{
    struct work *w = user;
    work_running = NULL;
    not_before = clock_now() + (error_is(err) || sorted == 0 ? 60 : 0);
    w->done(w->user, sorted, err);
    free(w);
}

/* Sorts all that is new. */
static void work_run(struct store *s, void (*done)(void *user, int count, const struct error *err),
                     void *user)
{
    struct work *w = mem_alloc(sizeof *w);
    *w = (struct work){done, user};
    work_running = triage_start(s, &(struct triage_request){0},
                                &(struct triage_events){.on_done = work_done}, w);
}

/* What is not judged yet stays unsorted. */
static void work_stop(struct store *s)
{
    (void)s;
    if (work_running)
        triage_cancel(work_running);
}

const struct hook_work triage_work = {
    .name = "triage", .due = work_due, .run = work_run, .stop = work_stop};
