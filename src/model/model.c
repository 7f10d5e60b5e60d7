/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model.c - one request, one stream, one honest end.
 *
 * The way of a request: provider → gate → key → name of the model (when none is given) → egress log,
 * committed → HTTP → wire → placeholders back → the caller. Every step ends by starting the next
 * or by run_finish, which is the only place where on_done is called. A run lives until it is
 * finished and no callback will come any more (holds). */
#include "model/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "command/option.h"
#include "io/http.h"
#include "io/loop.h"
#include "model/ledger.h"
#include "model/run.h"
#include "store/store.h"

#define ERROR_BODY_MAX 65536
#define TEXT_MAX (32u << 20)
#define TOKEN_BYTES_MOST 64 /* of a token, at the very most: a server that knows no max_tokens is stopped there */
#define SILENCE_MS 10000
#define ADAPTIONS 5


/* ---- states ---- */

static const char *const state_words[] = {N_("complete"), N_("cut"),       N_("limited"),
                                          N_("filtered"), N_("cancelled"), N_("failed")};

/* The word of the contract. */
const char *model_state_word(enum model_state s)
{
    return (size_t)s < 6 ? state_words[s] : "failed";
}

/* The same in the person's language. */
const char *model_state_name(const char *word)
{
    enum model_state s;
    return model_state_parse(word, &s) ? _(state_words[s]) : str_eq(word, "running") ? _("running") : word;
}

/* Who wrote it: models have names of their own. */
const char *model_by_name(const char *by)
{
    return str_eq(by, "offline") ? _("offline") : by;
}

/* What it was asked for, as a person reads it. */
const char *model_purpose_name(const char *purpose)
{
    static const char *const names[] = {N_("draft"), N_("instruct"),  N_("summary"), N_("minutes"), N_("ask"),
                                        N_("translate"), N_("triage"), N_("title"),   N_("check")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(purpose, names[i]))
            return _(names[i]);
    return purpose;
}

/* And back. */
bool model_state_parse(const char *word, enum model_state *out)
{
    for (int i = 0; i < 6; i++)
        if (str_eq(word, state_words[i])) {
            *out = (enum model_state)i;
            return true;
        }
    return false;
}

/* ---- copies of requests ---- */

/* Keeps a copy of a text; NULL stays NULL. */
static const char *keep(struct request_copy *c, const char *text)
{
    if (!text)
        return NULL;
    char *own = mem_strdup(text);
    strv_push_take(&c->texts, own);
    return own;
}

/* Copies a request whole. */
void request_copy_init(struct request_copy *to, const struct model_request *from)
{
    to->req = *from;
    strv_init(&to->texts);
    vec_init(&to->sources, sizeof(struct model_source), NULL);
    vec_init(&to->history, sizeof(struct model_turn), NULL);
    to->req.purpose = keep(to, from->purpose ? from->purpose : "ask");
    to->req.system = keep(to, from->system);
    to->req.typed = keep(to, from->typed);
    to->req.language = keep(to, from->language);
    to->req.model = keep(to, from->model);
    for (size_t i = 0; from->sources && i < from->sources->len; i++) {
        struct model_source s = *(struct model_source *)vec_at(from->sources, i);
        const char **texts[] = {&s.kind, &s.id, &s.account, &s.folder, &s.sender, &s.label, &s.title, &s.text};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
            *texts[k] = keep(to, *texts[k]);
        if (!s.text)
            s.text = "";
        if (!s.id)
            s.id = "";
        *(struct model_source *)vec_push(&to->sources) = s;
    }
    for (size_t i = 0; from->history && i < from->history->len; i++) {
        const struct model_turn *t = vec_at(from->history, i);
        *(struct model_turn *)vec_push(&to->history) = (struct model_turn){keep(to, t->role), keep(to, t->text)};
    }
    to->schema = from->schema ? json_copy(from->schema) : NULL;
    to->req.schema = to->schema;
    to->req.sources = &to->sources;
    to->req.history = &to->history;
}

/* Releases a copy. */
void request_copy_fini(struct request_copy *c)
{
    vec_fini(&c->sources);
    vec_fini(&c->history);
    vec_fini(&c->texts);
    json_free(c->schema);
}

/* ---- life ---- */

/* A callback will come that names this run. */
void run_hold(struct model_run *r)
{
    r->holds++;
}

/* Frees everything. */
void run_drop(struct model_run *r)
{
    request_copy_fini(&r->request);
    model_provider_fini(&r->provider);
    if (r->has_prompt)
        model_prompt_fini(&r->prompt);
    if (r->has_wire)
        wire_fini(&r->wire);
    secrets_back_fini(&r->back);
    str_fini(&r->text);
    str_fini(&r->reasoning);
    str_fini(&r->error_body);
    str_fini(&r->restored);
    if (r->key)
        explicit_bzero(r->key, strlen(r->key));
    free(r->key);
    free(r->body);
    free(r->cost);
    free(r);
}

/* It came. */
void run_release(struct model_run *r)
{
    if (--r->holds == 0)
        run_drop(r);
}

/* Stops whatever runs for it. */
static void stop_all(struct model_run *r)
{
    loop_remove(store_loop(r->store), r->timer);
    r->timer = NULL;
    if (loop_unpost(store_loop(r->store), run_begin, r))
        r->holds--; /* not the last: a run that is stopped is held */
    if (r->http) {
        struct http *h = r->http;
        r->http = NULL;
        http_cancel(h);
    }
    model_fetch_cancel(r->fetch);
    r->fetch = NULL;
    if (r->asked) {
        struct store_asked *a = r->asked;
        r->asked = NULL;
        store_ask_cancel(r->store, a);
    }
}

/* Frees a usage record. */
static void usage_free(void *record)
{
    struct usage *u = record;
    free(u->purpose);
    free(u->model);
    free(u->provider);
    free(u->host);
    free(u->state);
    free(u->currency);
    free(u);
}

/* Writes what an answer took. */
static enum status usage_run(struct db *db, void *record, struct error *err)
{
    return usage_insert(db, record, err);
}

static const struct store_op usage_op = {"model usage", OP_PERSON, usage_run, usage_free};

/* Works out tokens and cost, and writes them to the ledger. */
static void account(struct model_run *r, enum model_state state)
{
    struct model_result *m = &r->result;
    bool known = r->has_wire && r->wire.prompt >= 0 && r->wire.completion >= 0;
    m->prompt_tokens = known ? r->wire.prompt : r->prompt.tokens;
    m->completion_tokens = known ? r->wire.completion
                                 : model_tokens(str_text(&r->text), r->text.len) +
                                       model_tokens(str_text(&r->reasoning), r->reasoning.len) - 1;
    m->estimated = !known;
    m->prompt_lost = known && r->prompt.tokens >= 64 && r->wire.prompt * 3 < r->prompt.tokens;
    int64_t cost = usage_cost(m->prompt_tokens, m->completion_tokens, r->provider.price_in, r->provider.price_out);
    if (cost >= 0) {
        r->cost = usage_money(cost);
        m->cost = r->cost;
        m->currency = r->provider.currency ? r->provider.currency : "";
    }
    struct usage *u = mem_alloc(sizeof *u);
    *u = (struct usage){.at = clock_now(),
                        .purpose = mem_strdup(r->request.req.purpose),
                        .model = mem_strdup(r->provider.model),
                        .provider = mem_strdup(r->provider.name),
                        .host = mem_strdup(r->provider.host),
                        .state = mem_strdup(model_state_word(state)),
                        .currency = mem_strdup_maybe(r->provider.currency),
                        .prompt = m->prompt_tokens,
                        .completion = m->completion_tokens,
                        .estimated = m->estimated,
                        .cost = cost,
                        .ms = clock_mono_ms() - r->started,
                        .egress = r->egress};
    store_post(r->store, &usage_op, u, NULL, NULL);
}

/* May another provider take over? Only before the first text, and only if the line says so. */
static bool fall_back(struct model_run *r, enum model_state state, const struct error *err)
{
    struct model_provider p = {0};
    struct error none = ERROR_INIT;
    if (state != MODEL_FAILED || r->text.len || r->fell_back || !r->provider.fallback ||
        err->status == STATUS_REFUSED)
        return false;
    if (model_provider_find(r->store, r->request.req.purpose, r->provider.fallback, false, &p, &none) != STATUS_OK ||
        model_provider_allowed(&p, &none) != STATUS_OK ||
        (p.offline && !offline_knows(r->request.req.purpose))) {
        model_provider_fini(&p);
        return false;
    }
    log_info("model: %s failed (%s), %s takes over", r->provider.name, status_word(err->status), p.name);
    stop_all(r);
    if (r->events.on_wait) {
        char *why = str_format(_("%s — %s takes over"), err->text, model_by_name(p.name));
        r->events.on_wait(r->user, 0, why);
        free(why);
    }
    if (r->finished) {
        model_provider_fini(&p);
        return true;
    }
    model_provider_fini(&r->provider);
    r->provider = p;
    r->fell_back = true;
    if (r->has_prompt)
        model_prompt_fini(&r->prompt);
    if (r->has_wire)
        wire_fini(&r->wire);
    secrets_back_fini(&r->back);
    r->has_prompt = r->has_wire = r->idle_cut = false;
    r->tries = r->adapted = r->code = 0;
    str_clear(&r->reasoning);
    if (r->key)
        explicit_bzero(r->key, strlen(r->key));
    free(r->key);
    r->key = NULL;
    run_hold(r);
    loop_post(store_loop(r->store), run_begin, r);
    return true;
}

/* What waited for the rest of a placeholder is text after all. */
static void flush_back(struct model_run *r, bool tell)
{
    str_clear(&r->restored);
    secrets_back_end(&r->back, &r->restored);
    str_add(&r->text, str_text(&r->restored), r->restored.len);
    if (r->restored.len && tell && r->events.on_delta)
        r->events.on_delta(r->user, r->restored.data, r->restored.len);
}

/* Tells the end: the only place where on_done is called. */
static void tell_end(struct model_run *r, enum model_state state, const struct error *err)
{
    struct model_result *m = &r->result;
    r->finished = true;
    stop_all(r);
    if (r->has_wire)
        flush_back(r, state != MODEL_CANCELLED);
    *m = (struct model_result){.state = state,
                               .error = *err,
                               .text = str_text(&r->text),
                               .reasoning = str_text(&r->reasoning),
                               .model = r->provider.model,
                               .provider = r->provider.name,
                               .host = r->provider.host,
                               .prompt_tokens = -1,
                               .completion_tokens = -1,
                               .egress = r->egress};
    if (!r->provider.offline && r->code >= 200 && r->code < 300)
        account(r, state);
    log_info("model: %s %s %s: %s, %zu bytes", r->request.req.purpose, r->provider.name,
             r->provider.model, model_state_word(state), r->text.len);
    r->events.on_done(r->user, m);
    run_release(r); /* the hold of model_start */
}

/* Ends the run, unless another provider takes over. */
void run_finish(struct model_run *r, enum model_state state, const struct error *err)
{
    if (r->finished)
        return;
    run_hold(r);
    if (!fall_back(r, state, err))
        tell_end(r, state, err);
    run_release(r); /* NOLINT: held above */
}

/* Stops it; what came is kept. */
void model_cancel(struct model_run *r)
{
    struct error err = ERROR_INIT;
    if (r->finished)
        return;
    error_set(&err, STATUS_INTERRUPTED, _("Cancelled"));
    run_finish(r, MODEL_CANCELLED, &err);
}

/* ---- the answer ---- */

/* Tells text of the answer. */
void run_text(struct model_run *r, const char *text, size_t n)
{
    if (!n || r->finished)
        return;
    str_add(&r->text, text, n);
    if (r->events.on_delta)
        r->events.on_delta(r->user, text, n);
}

/* Text of the wire: placeholders are put back. */
static void on_wire_text(void *user, const char *text, size_t n)
{
    struct model_run *r = user;
    if (r->finished)
        return;
    if (r->text.len + n > TEXT_MAX) {
        r->wire.too_large = true;
        return;
    }
    if (r->request.req.max_tokens > 0 && r->text.len / TOKEN_BYTES_MOST >= (size_t)r->request.req.max_tokens) {
        struct error none = ERROR_INIT;
        r->wire.too_large = true; /* what has come behind it is not read */
        run_finish(r, MODEL_LIMITED, &none);
        return;
    }
    struct str out = r->restored;
    r->restored = STR_INIT;
    str_clear(&out);
    secrets_back_feed(&r->back, text, n, &out);
    run_text(r, str_text(&out), out.len);
    str_fini(&r->restored);
    r->restored = out;
}

/* Reasoning of the wire. */
static void on_wire_reasoning(void *user, const char *text, size_t n)
{
    struct model_run *r = user;
    if (r->finished || r->reasoning.len + n > TEXT_MAX)
        return;
    str_add(&r->reasoning, text, n);
    if (r->events.on_reasoning)
        r->events.on_reasoning(r->user, text, n);
}

static const struct wire_events wire_events = {on_wire_text, on_wire_reasoning};

/* Draws the conclusion from a stream that has ended. */
static enum model_state judge(const struct model_run *r, const struct http_result *h, struct error *err)
{
    const struct wire *w = &r->wire;
    bool text = w->some_text;
    if (error_is(&w->error)) {
        *err = w->error;
        return MODEL_FAILED;
    }
    if (w->refused || strcmp(w->finish, "content_filter") == 0)
        return MODEL_FILTERED;
    if (strcmp(w->finish, "length") == 0)
        return MODEL_LIMITED;
    if (strcmp(w->finish, "error") == 0) {
        error_set(err, STATUS_FAILED, _("The server broke off with an error"));
        return MODEL_FAILED;
    }
    if (text ? w->finish[0] || w->done_mark : w->finish[0] && w->tool_open)
        return MODEL_COMPLETE;
    if (text || w->tool_open)
        return MODEL_CUT;
    if (r->idle_cut)
        error_set(err, STATUS_UNREACHABLE, _("%s sent nothing more"), r->provider.host);
    else if (w->finish[0] || w->done_mark || w->some_reasoning)
        error_set(err, STATUS_FAILED, _("%s answered without any text"), r->provider.host);
    else if (h->fault == HTTP_BROKEN)
        *err = h->error;
    else if (w->bad_json)
        error_set(err, STATUS_CORRUPT, _("%s sent something that is not JSON"), r->provider.host);
    else
        error_set(err, STATUS_UNREACHABLE, _("%s closed without an answer"), r->provider.host);
    return MODEL_FAILED;
}

/* ---- trying again ---- */

/* Frees a capability record. */
struct learnt {
    char *url, *model; /* own */
    unsigned flags;
};
static void learnt_free(void *record)
{
    struct learnt *l = record;
    free(l->url);
    free(l->model);
    free(l);
}

/* Remembers what a server refused. */
static enum status learnt_run(struct db *db, void *record, struct error *err)
{
    struct learnt *l = record;
    return capability_set(db, l->url, l->model, l->flags, err);
}

static const struct store_op learnt_op = {"model capability", OP_STREAM, learnt_run, learnt_free};

/* What the next request looks like. */
static struct wire_request wire_request_of(const struct model_run *r)
{
    return (struct wire_request){.model = r->provider.model,
                                 .messages = r->prompt.messages,
                                 .schema = r->request.req.schema,
                                 .max_tokens = r->request.req.max_tokens,
                                 .capability = r->capability,
                                 .openai = strcmp(r->provider.host, "api.openai.com") == 0};
}

/* Learns from a refusal; true: another request is on its way. */
static bool learn(struct model_run *r)
{
    struct wire_request w = wire_request_of(r);
    unsigned flag = r->adapted < ADAPTIONS ? wire_learn(r->code, str_text(&r->error_body), r->capability, &w) : 0;
    if (!flag)
        return false;
    r->adapted++;
    r->capability |= flag;
    struct learnt *l = mem_alloc(sizeof *l);
    *l = (struct learnt){mem_strdup(r->provider.url), mem_strdup(r->provider.model), r->capability};
    store_post(r->store, &learnt_op, l, NULL, NULL);
    log_info("model: %s %s refuses what capability %u stands for", r->provider.name, r->provider.model, flag);
    run_send(r);
    return true;
}

/* One second of a countdown. */
static void count_down(void *user)
{
    struct model_run *r = user;
    r->timer = NULL;
    int64_t left = r->retry_at - clock_mono_ms();
    if (left <= 0) {
        run_send(r);
        return;
    }
    run_hold(r);
    if (r->events.on_wait)
        r->events.on_wait(r->user, (int)((left + 999) / 1000), r->retry_why);
    if (!r->finished)
        r->timer = loop_timer(store_loop(r->store), left % 1000 ? left % 1000 : 1000, count_down, r);
    run_release(r);
}

/* Tries again later if the rules allow; true: it will. */
static bool try_again(struct model_run *r, const struct http *h)
{
    struct wire_headers headers = {http_header(h, "retry-after-ms"), http_header(h, "retry-after"),
                                   http_header(h, "x-should-retry"), http_header(h, "date")};
    int64_t wait = wire_retry(r->code, str_text(&r->error_body), &headers, r->tries);
    if (wait < 0)
        return false;
    r->retry_why = r->code == 429   ? _("too many requests at the moment")
                   : r->code == 0 ? _("no connection")
                                  : _("the server is in trouble");
    r->retry_at = clock_mono_ms() + wait;
    count_down(r);
    return true;
}

/* ---- the request ---- */

static void on_silence(void *user);

/* Sets the timer to when silence has to be told or ends the stream. */
static void watch_silence(struct model_run *r)
{
    int64_t silent = clock_mono_ms() - r->last_byte;
    int64_t limit = option_int(r->code ? "model.idle-timeout" : "model.first-timeout");
    int64_t next = r->silent_told + SILENCE_MS < limit ? r->silent_told + SILENCE_MS : limit;
    loop_remove(store_loop(r->store), r->timer);
    r->timer = loop_timer(store_loop(r->store), next - silent > 5 ? next - silent : 5, on_silence, r);
}

/* The head of the answer. */
static void on_head(void *user, int code, const char *content_type)
{
    struct model_run *r = user;
    r->code = code;
    r->last_byte = clock_mono_ms();
    r->silent_told = 0;
    watch_silence(r);
    if (code >= 200 && code < 300)
        wire_head(&r->wire, content_type);
}

/* Bytes of the answer. */
static void on_data(void *user, const char *bytes, size_t n)
{
    struct model_run *r = user;
    r->last_byte = clock_mono_ms();
    r->silent_told = 0;
    run_hold(r);
    if (r->code >= 200 && r->code < 300)
        wire_feed(&r->wire, bytes, n);
    else if (r->error_body.len + n <= ERROR_BODY_MAX)
        str_add(&r->error_body, bytes, n);
    if (r->wire.too_large && !r->finished && r->http)
        http_cancel(r->http); /* its end concludes */
    run_release(r);
}

/* Writes that nothing left. */
static enum status kept_back_run(struct db *db, void *record, struct error *err)
{
    return egress_kept_back(db, *(int64_t *)record, err);
}

static const struct store_op kept_back_op = {"model kept back", OP_STREAM, kept_back_run, free};

/* The transfer has ended. */
static void on_http_done(void *user, struct http *h, const struct http_result *result)
{
    struct model_run *r = user;
    struct error err = ERROR_INIT;
    bool stopped = r->http == NULL; /* by stop_all */
    r->http = NULL;
    run_hold(r);
    if (result->sent == 0)
        store_post(r->store, &kept_back_op, mem_dup(&r->egress, sizeof r->egress), NULL, NULL);
    if (!stopped && !r->finished) {
        loop_remove(store_loop(r->store), r->timer);
        r->timer = NULL;
        if (r->code >= 200 && r->code < 300) {
            wire_end(&r->wire);
            if (!r->finished) {
                enum model_state state = judge(r, result, &err);
                run_finish(r, state, &err);
            }
        } else if (r->code) {
            if (!learn(r) && !try_again(r, h)) {
                wire_explain(&(struct wire_failure){.code = r->code, .body = str_text(&r->error_body),
                                                    .request = http_header(h, "x-request-id"),
                                                    .host = r->provider.host, .model = r->provider.model},
                             &err);
                run_finish(r, MODEL_FAILED, &err);
            }
        } else if (r->idle_cut || !try_again(r, h)) {
            err = result->error;
            if (r->idle_cut)
                error_set(&err, STATUS_UNREACHABLE, _("%s did not answer in time"), r->provider.host);
            run_finish(r, MODEL_FAILED, &err);
        }
    }
    run_release(r); /* NOLINT: held above */
}

/* Time to look whether the stream is silent. */
static void on_silence(void *user)
{
    struct model_run *r = user;
    r->timer = NULL;
    int64_t silent = clock_mono_ms() - r->last_byte;
    int64_t limit = option_int(r->code ? "model.idle-timeout" : "model.first-timeout");
    if (silent >= limit) {
        r->idle_cut = true;
        http_cancel(r->http);
        return;
    }
    if (silent >= r->silent_told + SILENCE_MS) {
        r->silent_told = silent / SILENCE_MS * SILENCE_MS;
        char *why = str_format(_("nothing for %lld s"), (long long)(r->silent_told / 1000));
        run_hold(r);
        if (r->events.on_wait)
            r->events.on_wait(r->user, 0, why);
        free(why);
        if (!r->finished)
            watch_silence(r);
        run_release(r);
        return;
    }
    watch_silence(r);
}

/* The bytes are in the log: they may leave. */
static void transmit(struct model_run *r)
{
    static const struct http_events events = {on_head, on_data, on_http_done};
    struct error err = ERROR_INIT;
    struct vec headers;
    char *url = str_format("%s/chat/completions", r->provider.url);
    model_headers(&headers, r->key);
    struct http_request req = {.url = url, .headers = &headers, .body = r->body, .body_len = strlen(r->body),
                               .total_timeout_ms = 6 * 3600 * 1000};
    if (r->has_wire)
        wire_fini(&r->wire);
    wire_init(&r->wire, &wire_events, r);
    secrets_back_fini(&r->back);
    secrets_back_init(&r->back, &r->prompt.secrets);
    r->has_wire = true;
    r->code = 0;
    r->tries++;
    r->silent_told = 0;
    str_clear(&r->error_body);
    r->last_byte = clock_mono_ms();
    r->http = http_start(store_loop(r->store), &req, &events, r, &err);
    if (r->http)
        watch_silence(r);
    else
        run_finish(r, MODEL_FAILED, &err);
    for (size_t i = 0; i < headers.len; i++) {
        char *line = *(char **)vec_at(&headers, i);
        explicit_bzero(line, strlen(line));
    }
    vec_fini(&headers);
    free(url);
}

/* Frees an egress record. */
static void egress_free(void *record)
{
    struct egress *e = record;
    free(e->host);
    free(e->provider);
    free(e->model);
    free(e->purpose);
    str_fini(&e->body);
    free(e);
}

/* Writes what is about to leave. */
static enum status egress_run(struct db *db, void *record, struct error *err)
{
    return egress_insert(db, record, err);
}

static const struct store_op egress_op = {"model egress", OP_PERSON, egress_run, egress_free};

/* It is written: told, then sent. A log that cannot be written stops it. */
static void egress_done(void *user, void *record, const struct error *err)
{
    struct model_run *r = user;
    struct egress *e = record;
    if (!r->finished && err->status != STATUS_OK) {
        struct error broken = *err;
        error_prefix(&broken, "%s", _("Nothing was sent, for the log of what leaves cannot be written"));
        run_finish(r, MODEL_FAILED, &broken);
    } else if (!r->finished) {
        r->egress = e->id;
        if (r->events.on_egress && r->tries == 0) {
            char *where = model_provider_where(&r->provider);
            r->events.on_egress(r->user, where, r->prompt.passages, (int64_t)e->body.len);
            free(where);
        }
        if (!r->finished)
            transmit(r);
    }
    run_release(r); /* NOLINT: held above */
}

/* Makes the body and logs it; the way of every request, also of repeated ones. */
void run_send(struct model_run *r)
{
    struct wire_request w = wire_request_of(r);
    free(r->body);
    r->body = wire_body(&w);
    struct egress *e = mem_alloc(sizeof *e);
    *e = (struct egress){.at = clock_now(),
                         .host = mem_strdup(r->provider.host),
                         .provider = mem_strdup(r->provider.name),
                         .model = mem_strdup(r->provider.model),
                         .purpose = mem_strdup(r->request.req.purpose),
                         .passages = r->prompt.passages,
                         .tokens = r->prompt.tokens};
    str_puts(&e->body, r->body);
    run_hold(r);
    store_post(r->store, &egress_op, e, egress_done, r);
}
