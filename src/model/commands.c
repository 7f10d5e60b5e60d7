/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - model list, model check, model use, usage, egress. */
#include "model/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/queue.h"
#include "model/fetch.h"
#include "model/gate.h"
#include "model/ledger.h"
#include "model/model.h"
#include "model/provider.h"
#include "model/run.h"

/* ---- model list ---- */

/* What a model is for, as words. Yours. */
static char *purposes_of(const struct model_provider *p)
{
    return p->purposes.len ? strv_join(&p->purposes, " ") : mem_strdup("");
}

/* One line of the list. */
static void list_one(struct command_call *c, const struct model_provider *p, const char *chosen)
{
    struct json *o = json_object(), *purposes = json_array();
    struct error err = ERROR_INIT;
    bool allowed = model_provider_allowed(p, &err) == STATUS_OK, is_default = str_eq(chosen, p->name);
    unsigned known = p->offline ? 0 : capability_get(store_reader(command_store(c)), p->url, p->model);
    json_set_str(o, "name", p->name);
    json_set_str(o, "model", p->model[0] ? p->model : NULL);
    json_set_str(o, "host", p->host[0] ? p->host : NULL);
    json_set_bool(o, "default", is_default);
    json_set_bool(o, "local", p->local);
    json_set_bool(o, "offline", p->offline);
    json_set_bool(o, "allowed", allowed);
    for (size_t i = 0; i < p->purposes.len; i++)
        json_push_str(purposes, strv_at(&p->purposes, i));
    for (size_t i = 0; p->offline && offline_purpose(i); i++)
        json_push_str(purposes, offline_purpose(i));
    json_set(o, "purposes", purposes);
    if (p->context)
        json_set_int(o, "context", p->context);
    json_set_str(o, "fallback", p->fallback);
    if (p->price_in && p->price_out) {
        struct json *price = json_object();
        json_set_str(price, "in", p->price_in);
        json_set_str(price, "out", p->price_out);
        json_set_str(price, "currency", p->currency);
        json_set(o, "price", price);
    }
    if (known & NO_JSON_SCHEMA)
        json_set_str(o, "json", known & NO_JSON_OBJECT ? "words" : "object");
    char *purposes_text = purposes_of(p);
    struct str line = STR_INIT;
    str_addf(&line, "%c %-14s %-26s %s", is_default ? '*' : ' ', p->name,
             p->offline     ? _("no network, no model")
             : p->model[0] ? p->model
                            : _("(the first it offers)"),
             p->offline ? "" : p->host);
    if (!p->offline)
        str_addf(&line, "  %s", p->local ? _("this machine") : _("remote"));
    if (purposes_text[0])
        str_addf(&line, "  %s %s", _("for"), purposes_text);
    if (!allowed)
        str_addf(&line, "  — %s", err.text);
    command_item(c, o, str_text(&line));
    str_fini(&line);
    free(purposes_text);
}

/* model list */
static enum command_result run_list(struct command_call *c)
{
    struct vec all;
    struct model_provider chosen = {0};
    struct error err = ERROR_INIT;
    struct store *s = command_store(c);
    bool found = model_provider_find(s, NULL, NULL, command_is_offline(c), &chosen, &err) == STATUS_OK;
    model_providers(s, &all);
    for (size_t i = 0; i < all.len; i++)
        list_one(c, vec_at(&all, i), found ? chosen.name : NULL);
    vec_fini(&all);
    model_provider_fini(&chosen);
    return COMMAND_DONE;
}

/* ---- model use ---- */

struct choice {
    struct command_call *call;
    char *name; /* own */
    bool consent;
};

/* Frees a choice. */
static void choice_free(void *record)
{
    struct choice *u = record;
    free(u->name);
    free(u);
}

/* Keeps the choice. */
static enum status choice_run(struct db *db, void *record, struct error *err)
{
    struct choice *u = record;
    enum status st = store_setting_set(db, "model.use", u->name, err);
    if (st == STATUS_OK && u->consent)
        st = store_setting_set(db, "model.consent", "yes", err);
    db_touch(db, WATCH_CONFIG);
    return st;
}

static const struct store_op choice_op = {"model use", OP_PERSON, choice_run, choice_free};

/* It is kept. */
static void choice_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct choice *u = record;
    if (err->status == STATUS_OK) {
        struct json *o = json_object();
        json_set_str(o, "name", u->name);
        char *text = str_format(_("%s is used from now on where nothing else is said"), u->name);
        command_result(c, o, text);
        free(text);
    }
    command_end(c, err);
}

/* model use NAME */
static enum command_result run_use(struct command_call *c)
{
    struct model_provider p = {0};
    struct error err = ERROR_INIT;
    const char *name = command_arg(c, 0);
    if (model_provider_find(command_store(c), NULL, name, false, &p, &err) != STATUS_OK)
        return command_fail(c, &err);
    bool from_env = p.from_env;
    model_provider_fini(&p);
    if (command_is_dry(c)) {
        struct json *o = json_object();
        json_set_str(o, "name", name);
        json_set_bool(o, "dry_run", true);
        command_result(c, o, name);
        return COMMAND_DONE;
    }
    struct choice *u = mem_alloc(sizeof *u);
    *u = (struct choice){.name = mem_strdup(name), .consent = from_env};
    store_post(command_store(c), &choice_op, u, choice_done, c);
    return COMMAND_WAIT;
}

/* ---- model check ---- */

struct checking {
    struct command_call *call;
    struct model_provider provider;
    struct model_fetch *fetch;
    struct model_run *run;
    struct json *schema;
    int64_t started, first;
    struct error worst;
};

/* Frees it; what runs is stopped. */
static void checking_free(void *state)
{
    struct checking *k = state;
    model_fetch_cancel(k->fetch);
    model_provider_fini(&k->provider);
    json_free(k->schema);
    free(k);
}

/* One line of the check. */
static void check_line(struct checking *k, const char *what, const char *state, const char *message,
                       const char *hint)
{
    struct json *o = json_object();
    struct str line = STR_INIT;
    json_set_str(o, "check", what);
    json_set_str(o, "state", state);
    json_set_str(o, "message", message);
    json_set_str(o, "hint", hint && hint[0] ? hint : NULL);
    utf8_pad(&line, str_eq(what, "answer") ? C_("model check", "answer") : _(what), 9);
    str_addf(&line, "%-5s %s", state, message);
    if (hint && hint[0])
        str_addf(&line, "\n               %s %s", _("hint:"), hint);
    command_item(k->call, o, str_text(&line));
    str_fini(&line);
}

/* The test answer has come. */
static void check_answered(void *user, const struct model_result *m)
{
    struct checking *k = user;
    struct command_call *c = k->call;
    k->run = NULL;
    if (m->state != MODEL_COMPLETE) {
        struct error err = m->error;
        if (!error_is(&err))
            error_set(&err, STATUS_FAILED, _("the answer ended as “%s”"), model_state_name(model_state_word(m->state)));
        check_line(k, "answer", "fail", err.text, err.hint);
        command_end(c, &err);
        return;
    }
    unsigned known = capability_get(store_reader(command_store(c)), k->provider.url, m->model);
    char *text = str_format(_("%s: first word after %lld ms, whole after %lld ms"), m->model,
                            (long long)(k->first - k->started), (long long)(clock_mono_ms() - k->started));
    check_line(k, "answer", "ok", text, NULL);
    free(text);
    check_line(k, N_("json"), known & NO_JSON_SCHEMA ? "warn" : "ok",
               known & NO_JSON_OBJECT   ? _("asked for in words, checked here")
               : known & NO_JSON_SCHEMA ? _("as an object, checked here")
                                        : _("by schema"),
               NULL);
    check_line(k, N_("usage"), m->estimated ? "warn" : "ok",
               m->estimated ? _("the server does not count tokens: figures are estimates")
                            : _("the server counts tokens"), NULL);
    command_end(c, NULL);
}

/* Its first word. */
static void check_delta(void *user, const char *text, size_t n)
{
    struct checking *k = user;
    (void)text;
    (void)n;
    if (!k->first)
        k->first = clock_mono_ms();
}

/* A wait. */
static void check_wait(void *user, int seconds, const char *why)
{
    struct checking *k = user;
    if (seconds)
        command_note(k->call, _("%s, again in %d s"), why, seconds);
    else
        command_note(k->call, "%s", why);
}

/* Asks for a small answer by schema. */
static void check_answer(struct checking *k)
{
    static const struct model_events events = {
        .on_delta = check_delta, .on_wait = check_wait, .on_done = check_answered};
    static const char schema[] = "{\"type\":\"object\",\"properties\":{\"ok\":{\"type\":\"boolean\"}},"
                                 "\"required\":[\"ok\"],\"additionalProperties\":false}";
    struct error err = ERROR_INIT;
    if (json_parse(schema, sizeof schema - 1, &k->schema, &err) != STATUS_OK) {
        command_end(k->call, &err);
        return;
    }
    char *wanted = k->provider.model[0] ? str_format("%s/%s", k->provider.name, k->provider.model)
                                        : mem_strdup(k->provider.name);
    struct model_request req = {.purpose = "check",
                                .system = "This is a test of the connection.",
                                .typed = "Answer with the JSON object {\"ok\": true}.",
                                .schema = k->schema,
                                .model = wanted};
    k->started = clock_mono_ms();
    k->run = model_start(command_store(k->call), &req, &events, k, &err);
    free(wanted);
    if (!k->run) {
        check_line(k, "answer", "fail", err.text, err.hint);
        command_end(k->call, &err);
    }
}

/* The names have come; a server without a list may still answer. */
static void check_names(void *user, const struct vec *names, const struct error *err)
{
    struct checking *k = user;
    k->fetch = NULL;
    if (!names) {
        bool gone = err->status == STATUS_UNREACHABLE;
        check_line(k, N_("models"), gone ? "fail" : "warn", err->text, err->hint);
        if (gone) {
            command_end(k->call, err);
            return;
        }
    } else {
        struct str text = STR_INIT;
        bool there = !k->provider.model[0];
        str_addf(&text, P_("%zu model", "%zu models", names->len), names->len);
        for (size_t i = 0; i < names->len; i++) {
            there = there || strcmp(strv_at(names, i), k->provider.model) == 0;
            if (i < 8)
                str_addf(&text, "%s %s", i ? "," : ":", strv_at(names, i));
            else if (i == 8)
                str_puts(&text, ", …");
        }
        check_line(k, N_("models"), there ? "ok" : "warn", str_text(&text),
                   there ? NULL : _("the model's name is not among them"));
        str_fini(&text);
    }
    check_answer(k);
}

/* The key has come. */
static void check_key(void *user, const char *key, const struct error *err)
{
    struct checking *k = user;
    k->fetch = NULL;
    if (!key) {
        check_line(k, N_("key"), "fail", err->text, err->hint);
        command_end(k->call, err);
        return;
    }
    check_line(k, N_("key"), "ok", key[0] ? _("there is one") : _("none, and none is named"), NULL);
    k->fetch = model_fetch_names(command_loop(k->call), &k->provider, key, check_names, k);
}

/* Somebody stops the check. */
static void check_cancel(struct command_call *c)
{
    struct checking *k = command_state(c);
    struct error err = ERROR_INIT;
    if (k->run) {
        model_cancel(k->run); /* its end ends the call */
        return;
    }
    model_fetch_cancel(k->fetch);
    k->fetch = NULL;
    error_set(&err, STATUS_INTERRUPTED, _("Cancelled"));
    command_end(c, &err);
}

/* model check [NAME] */
static enum command_result run_check(struct command_call *c)
{
    struct checking *k = mem_alloc(sizeof *k);
    struct error err = ERROR_INIT;
    k->call = c;
    command_set_state(c, k, checking_free);
    if (model_provider_find(command_store(c), NULL, command_arg(c, 0), command_is_offline(c), &k->provider,
                            &err) != STATUS_OK)
        return command_fail(c, &err);
    if (k->provider.offline) {
        struct str text = STR_INIT;
        for (size_t i = 0; offline_purpose(i); i++)
            str_addf(&text, "%s%s", i ? ", " : "", offline_purpose(i));
        check_line(k, N_("offline"), "ok", text.len ? str_text(&text) : _("nothing is done without a model"), NULL);
        str_fini(&text);
        return COMMAND_DONE;
    }
    char *where = str_format("%s  %s", k->provider.name, k->provider.url);
    check_line(k, N_("model"), "ok", where, NULL);
    free(where);
    if (model_provider_allowed(&k->provider, &err) != STATUS_OK) {
        check_line(k, N_("policy"), "fail", err.text, err.hint);
        return command_fail(c, &err);
    }
    command_on_cancel(c, check_cancel);
    k->fetch = model_fetch_key(command_loop(c), &k->provider, check_key, k);
    return COMMAND_WAIT;
}

/* ---- usage ---- */

struct usage_call {
    struct command_call *call;
    const char *by;
    int64_t requests, prompt, completion;
    bool estimated;
};

/* One sum. */
static void usage_item(void *user, const struct usage_row *r)
{
    struct usage_call *u = user;
    struct json *o = json_object();
    char *money = usage_money(r->cost);
    if (u->by)
        json_set_str(o, u->by, r->key);
    json_set_int(o, "requests", r->requests);
    json_set_int(o, "prompt", r->prompt);
    json_set_int(o, "completion", r->completion);
    json_set_bool(o, "estimated", r->estimated > 0);
    if (r->currency[0]) {
        struct json *cost = json_object();
        json_set_str(cost, "amount", money);
        json_set_str(cost, "currency", r->currency);
        json_set(o, "cost", cost);
    }
    struct str text = STR_INIT;
    utf8_pad(&text, !u->by ? _("in all") : str_eq(u->by, "purpose") ? model_purpose_name(r->key) : model_by_name(r->key), 23);
    str_addf(&text, "%6lld %s %9lld → %-9lld %s%s", (long long)r->requests, _("requests"), (long long)r->prompt,
             (long long)r->completion, _("tokens"), r->estimated ? " ~" : "");
    if (r->currency[0])
        str_addf(&text, "  %s %s", money, r->currency);
    command_item(u->call, o, str_text(&text));
    str_fini(&text);
    free(money);
    u->estimated |= r->estimated > 0;
    u->requests += r->requests;
    u->prompt += r->prompt;
    u->completion += r->completion;
}

/* usage [--by day|purpose|model] */
static enum command_result run_usage(struct command_call *c)
{
    static const char *const words[] = {NULL, "day", "purpose", "model"};
    const char *by = command_value(c, "by");
    struct error err = ERROR_INIT;
    int which = 0;
    for (int i = 1; i < 4 && by; i++)
        if (strcmp(by, words[i]) == 0)
            which = i;
    if (by && !which)
        return command_usage(c, _("--by takes day, purpose or model, not “%s”"), by);
    struct usage_call u = {.call = c, .by = words[which]};
    if (usage_list(store_reader(command_store(c)), (enum usage_by)which, usage_item, &u, &err) != STATUS_OK)
        return command_fail(c, &err);
    struct json *o = json_object();
    json_set_int(o, "requests", u.requests);
    json_set_int(o, "prompt", u.prompt);
    json_set_int(o, "completion", u.completion);
    json_set_bool(o, "estimated", u.estimated);
    command_result(c, o, u.requests ? NULL : _("Nothing was asked of a model yet"));
    return COMMAND_DONE;
}

/* ---- egress ---- */

struct egress_call {
    struct command_call *call;
    bool bodies;
    int64_t count;
};

/* One row of what left. */
static void egress_item(void *user, const struct egress *e)
{
    struct egress_call *k = user;
    struct json *o = json_object();
    char date[CLOCK_TEXT];
    json_set_int(o, "id", e->id);
    json_set_time(o, "date", e->at);
    json_set_str(o, "host", e->host);
    json_set_str(o, "provider", e->provider);
    json_set_str(o, "model", e->model);
    json_set_str(o, "purpose", e->purpose);
    json_set_int(o, "passages", e->passages);
    json_set_int(o, "bytes", e->bytes);
    json_set_int(o, "tokens", e->tokens);
    json_set_bool(o, "left", !e->kept_back);
    if (e->body.len)
        json_set_str(o, "body", str_text(&e->body));
    clock_rfc3339(e->at, date);
    date[16] = date[10] = ' ';
    struct str text = STR_INIT;
    str_addf(&text, "%6lld  %.16s  %-24s %-18s ", (long long)e->id, date, e->host, e->model);
    utf8_pad(&text, model_purpose_name(e->purpose), 11);
    str_addf(&text, "%lld %s, %lld B", (long long)e->passages, _("passages"), (long long)e->bytes);
    if (e->kept_back)
        str_addf(&text, "  %s", _("(no connection: nothing left)"));
    if (k->bodies)
        str_addf(&text, "\n%s\n", e->body.len ? str_text(&e->body) : _("(the bytes are no longer kept)"));
    command_item(k->call, o, str_text(&text));
    str_fini(&text);
    k->count++;
}

/* egress [--last N] [--text] */
static enum command_result run_egress(struct command_call *c)
{
    const char *last = command_value(c, "last");
    struct error err = ERROR_INIT;
    long long n = command_is_json(c) || last ? 100 : 20;
    if (last && (!str_to_int64(last, &n) || n < 1 || n > 100000))
        return command_usage(c, _("--last takes a number from 1 to 100000, not “%s”"), last);
    struct egress_call k = {.call = c, .bodies = command_has(c, "text")};
    if (egress_list(store_reader(command_store(c)), n, k.bodies || command_is_json(c), egress_item, &k, &err) !=
        STATUS_OK)
        return command_fail(c, &err);
    struct json *o = json_object();
    json_set_int(o, "count", k.count);
    command_result(c, o, k.count ? NULL : _("Nothing has left for a model yet"));
    return COMMAND_DONE;
}

/* ---- doctor ---- */

/* One line about models. */
void model_doctor(struct hook_report *r, struct store *s, struct loop *l, bool offline)
{
    struct model_provider p = {0};
    struct error err = ERROR_INIT;
    (void)l;
    char *faults = model_policy_faults();
    if (faults[0])
        hook_check(r, N_("model policy"), HOOK_WARN, faults,
                   _("an entry is “PATTERN never”, “ask”, “redact” or “allow”; unread ones count as never"));
    free(faults);
    (void)offline; /* nothing here goes to the network */
    if (model_provider_find(s, NULL, NULL, false, &p, &err) != STATUS_OK) {
        hook_check(r, N_("model"), HOOK_WARN, err.text, err.hint);
        return;
    }
    const char *key = p.key_env ? getenv(p.key_env) : "";
    if (!key || (p.key_env && !*key)) {
        char *text = str_format(_("The variable %s of model %s is not set"), p.key_env, p.name);
        hook_check(r, N_("model"), HOOK_WARN, text, _("set it before you start bureau, or use key-command"));
        free(text);
    } else if (model_provider_allowed(&p, &err) != STATUS_OK) {
        hook_check(r, N_("model"), HOOK_WARN, err.text, err.hint);
    } else if (p.offline) {
        hook_check(r, N_("model"), HOOK_OK, _("none configured: the offline engine does the work"), "");
    } else {
        char *text = str_format("%s  %s  %s", p.name, p.host, p.model[0] ? p.model : _("(the first it offers)"));
        hook_check(r, N_("model"), HOOK_OK, text, _("“bureau model check” tries it"));
        free(text);
    }
    model_provider_fini(&p);
}

/* ---- completion ---- */

/* The names of models. */
static void fill_models(struct store *s, const char *prefix, struct vec *out)
{
    struct vec all;
    (void)prefix;
    model_providers(s, &all);
    for (size_t i = 0; i < all.len; i++)
        strv_push(out, ((struct model_provider *)vec_at(&all, i))->name);
    vec_fini(&all);
}

/* Makes models' names known to completion. */
void model_register(void)
{
    queue_complete_with("model", fill_models);
}

/* ---- the table ---- */

static const struct command_option usage_options[] = {
    {.name = "by", .value = "WHAT", .summary = N_("sums by day, purpose or model"), .complete = "=day purpose model"},
    {0}};

static const struct command_option egress_options[] = {
    {.name = "last", .value = "N", .summary = N_("the newest N only")},
    {.name = "text", .summary = N_("the exact bytes, too")},
    {0}};

const struct command model_commands[] = {
    {.name = "model list",
     .args = "",
     .summary = N_("lists the models that can answer, the offline engine among them"),
     .help = N_("The one with a star is used where nothing else is said: the first whose line in bureaurc is "
                "“for” the purpose, else the one chosen with “model use”, else the first."),
     .run = run_list},
    {.name = "model check",
     .args = "[NAME]",
     .summary = N_("tries a model: key, names, an answer, what it can do"),
     .max_args = 1,
     .complete = "model",
     .run = run_check},
    {.name = "model use",
     .args = "NAME",
     .summary = N_("chooses the model that is used where nothing else is said"),
     .help = N_("Naming the provider of the environment says yes, once, to sending text there."),
     .flags = CMD_CHANGES,
     .min_args = 1,
     .max_args = 1,
     .complete = "model",
     .run = run_use},
    {.name = "usage",
     .args = "",
     .summary = N_("shows what models took: requests, tokens, cost"),
     .help = N_("A ~ marks sums with figures the server did not tell, so that they were estimated."),
     .options = usage_options,
     .run = run_usage},
    {.name = "egress",
     .args = "",
     .summary = N_("shows what left for models: where to, what for, how much, the exact bytes"),
     .options = egress_options,
     .run = run_egress},
    {0}};
