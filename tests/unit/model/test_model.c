/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_model.c - requests against the double: every scenario's end, text, usage; cancel; policy; log. */
#include <signal.h>
#include <sodium.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "command/option.h"
#include "io/loop.h"
#include "model/commands.h"
#include "model/ledger.h"
#include "model/model.h"
#include "unit/store/help.h"
#include "tap.h"

static struct loop *loop;
static struct store *store;
static pid_t server;
static int port;

struct seen {
    struct model_run *run;
    struct str text, reasoning, waits, error;
    struct model_result r;
    char model[64], provider[64], host[64];
    int done, egress, passages, cancel_after; /* deltas; 0: never */
    int64_t bytes, ms;
};

/* Starts the double and reads its port. */
static void start_server(void)
{
    int fds[2];
    char line[32] = "";
    const char *src = getenv("SRCDIR");
    char *script = path_join(src ? src : ".", "tests/model/double.py");
    if (pipe(fds))
        abort();
    server = fork();
    if (server == 0) {
        dup2(fds[1], 1);
        close(fds[0]);
        execl("/usr/bin/python3", "python3", script, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    if (read(fds[0], line, sizeof line - 1) <= 0)
        abort();
    port = (int)strtol(line, NULL, 10);
    free(script);
}

/* Before the bytes leave. */
static void on_egress(void *user, const char *host, int passages, int64_t bytes)
{
    struct seen *s = user;
    (void)host;
    s->egress++;
    s->passages = passages;
    s->bytes = bytes;
}

/* Text. */
static void on_delta(void *user, const char *text, size_t n)
{
    struct seen *s = user;
    str_add(&s->text, text, n);
    if (s->cancel_after && --s->cancel_after == 0)
        model_cancel(s->run);
}

/* Reasoning. */
static void on_reasoning(void *user, const char *text, size_t n)
{
    str_add(&((struct seen *)user)->reasoning, text, n);
}

/* Waits. */
static void on_wait(void *user, int seconds, const char *why)
{
    str_addf(&((struct seen *)user)->waits, "%d %s;", seconds, why);
}

/* The end. */
static void on_done(void *user, const struct model_result *r)
{
    struct seen *s = user;
    s->r = *r;
    s->done++;
    snprintf(s->model, sizeof s->model, "%s", r->model);
    snprintf(s->provider, sizeof s->provider, "%s", r->provider);
    snprintf(s->host, sizeof s->host, "%s", r->host);
    if (strcmp(r->text, str_text(&s->text)) != 0 && r->state != MODEL_CANCELLED)
        is_str(r->text, str_text(&s->text), "the result's text is what was told");
}

static const struct model_events events = {on_egress, on_delta, on_reasoning, on_wait, on_done};

/* Runs a request to its end; false when it was not started. */
static bool run(const struct model_request *req, struct seen *s, struct error *err)
{
    int cancel = s->cancel_after;
    str_fini(&s->text);
    str_fini(&s->reasoning);
    str_fini(&s->waits);
    *s = (struct seen){.cancel_after = cancel};
    int64_t t = clock_mono_ms();
    s->run = model_start(store, req, &events, s, err);
    if (!s->run)
        return false;
    if (s->done)
        ok(false, "on_done came from within model_start");
    while (!s->done)
        loop_turn(loop, 1000);
    s->ms = clock_mono_ms() - t;
    for (int i = 0; i < 3; i++)
        loop_turn(loop, 0);
    if (s->done != 1)
        ok(false, "on_done came %d times", s->done);
    return true;
}

#define TEXT                                                                                      \
    "The offer stands until Friday. 我们周五前答复您。 Naïve café — 🌍. "           \
    "All items are in stock and the price is 1.280,00 EUR."

/* One scenario: state and text; text NULL: not looked at. */
static void scenario(const char *model, enum model_state state, enum status status, const char *text)
{
    struct seen s = {0};
    struct error err = ERROR_INIT;
    struct model_request req = {.purpose = "ask", .system = "You help.", .typed = "When?", .model = model};
    if (!run(&req, &s, &err)) {
        ok(false, "%s was not started: %s", model, err.text);
        return;
    }
    bool good = s.r.state == state && s.r.error.status == status && (!text || strcmp(text, str_text(&s.text)) == 0);
    ok(good, "%s ends as %s", model, model_state_word(state));
    if (!good)
        printf("# %s, %s: %s\n# text: %.200s\n", model_state_word(s.r.state), status_word(s.r.error.status),
               s.r.error.text, str_text(&s.text));
    str_fini(&s.text);
    str_fini(&s.reasoning);
    str_fini(&s.waits);
}

/* All scenarios that end by themselves. */
static void test_scenarios(void)
{
    static const char *const complete[] = {"s01", "s02", "s03", "s06", "s07", "s07cr", "s08", "s10", "s11", "s12",
                                           "s13a", "s13b", "s13c", "s15", "s17a", "s17b", "s17c", "s22", "s24",
                                           "s29", "options", "plainjson"};
    for (size_t i = 0; i < sizeof complete / sizeof *complete; i++)
        scenario(complete[i], MODEL_COMPLETE, STATUS_OK, TEXT);
    scenario("s09", MODEL_COMPLETE, STATUS_OK, "é 你 🌍 café 你好 🌍🌍");
    scenario("s04", MODEL_CUT, STATUS_OK, "The offer stands unt");
    scenario("s05", MODEL_CUT, STATUS_OK, "Let me look. ");
    scenario("s14a", MODEL_COMPLETE, STATUS_OK, "I look twice. ");
    scenario("s14b", MODEL_COMPLETE, STATUS_OK, "I look twice. ");
    scenario("s16a", MODEL_FAILED, STATUS_FAILED, "The offer stands ");
    scenario("s16b", MODEL_FAILED, STATUS_FAILED, "The offer stands ");
    scenario("s17d", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s18", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s19-401", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s19-402", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s19-404", MODEL_FAILED, STATUS_NO_SUCH, "");
    scenario("s19-422", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s19-500", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s19-503", MODEL_FAILED, STATUS_FAILED, "");
    scenario("s21a", MODEL_COMPLETE, STATUS_OK, NULL);
    scenario("s21b", MODEL_COMPLETE, STATUS_OK, NULL);
    scenario("s28a", MODEL_FAILED, STATUS_UNREACHABLE, "");
    scenario("s28b", MODEL_CUT, STATUS_OK, "The offer ");
    scenario("s30", MODEL_COMPLETE, STATUS_OK, NULL);
    scenario("refusal", MODEL_FILTERED, STATUS_OK, "I cannot help with that.");
    scenario("filter", MODEL_FILTERED, STATUS_OK, TEXT);
    scenario("length", MODEL_LIMITED, STATUS_OK, TEXT);
    scenario("empty", MODEL_FAILED, STATUS_FAILED, "");
    scenario("thinkonly", MODEL_FAILED, STATUS_FAILED, "");
    scenario("html", MODEL_FAILED, STATUS_CORRUPT, "");
    scenario("context", MODEL_FAILED, STATUS_LIMIT, "");
    scenario("context200", MODEL_FAILED, STATUS_FAILED, "");
}

/* What comes beside the text. */
static void test_details(void)
{
    struct seen s = {0};
    struct error err = ERROR_INIT;
    struct model_request req = {.purpose = "ask", .system = "You help.", .typed = "When?", .model = "s02"};
    ok(run(&req, &s, &err) && s.r.prompt_tokens > 0 && s.r.completion_tokens == 40 && !s.r.estimated,
       "usage of the server");
    ok(s.egress == 1 && s.bytes > 100 && s.passages == 0 && s.r.egress > 0, "told before it left");
    ok(strcmp(s.provider, "openai") == 0 && strcmp(s.model, "s02") == 0, "who answered");
    req.model = "s01";
    ok(run(&req, &s, &err) && s.r.estimated && s.r.completion_tokens > 5, "an estimate without");
    req.model = "s13c";
    ok(run(&req, &s, &err), "think");
    is_str(str_text(&s.reasoning), "The user asks about an offer.", "reasoning apart");
    req.model = "s17a";
    ok(run(&req, &s, &err) && s.ms >= 1000, "waits a second");
    is_str(str_text(&s.waits), "1 too many requests at the moment;", "and says so");
    req.model = "s17c";
    ok(run(&req, &s, &err) && s.ms >= 900 && s.ms < 4000, "waits until the date: %d ms", (int)s.ms);
    struct json *schema;
    static const char text[] = "{\"type\":\"object\",\"properties\":{\"lane\":{\"enum\":[\"answer\"]}},\"required\":[\"lane\"]}";
    ok(json_parse(text, sizeof text - 1, &schema, &err) == STATUS_OK, "a schema");
    req.schema = schema;
    static const char *const models[] = {"s01", "s23", "s23", "s23b"};
    for (int i = 0; i < 4; i++) {
        req.model = models[i];
        ok(run(&req, &s, &err) && s.r.state == MODEL_COMPLETE, "by schema or without: %s", models[i]);
        if (i < 3)
            is_str(str_text(&s.text), "{\"lane\": \"answer\"}", "an instance");
    }
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", port);
    for (int i = 0; i < 200 && capability_get(store_reader(store), url, "s23b") != (NO_JSON_SCHEMA | NO_JSON_OBJECT); i++)
        loop_turn(loop, 10); /* what was learnt is written behind the answer */
    is_int(capability_get(store_reader(store), url, "s23"), NO_JSON_SCHEMA, "learnt");
    is_int(capability_get(store_reader(store), url, "s23b"), NO_JSON_SCHEMA | NO_JSON_OBJECT, "learnt twice");
    json_free(schema);
    req.schema = NULL;
    req.max_tokens = 50;
    req.model = "maxnew";
    ok(run(&req, &s, &err) && s.r.state == MODEL_COMPLETE, "the other name of the limit");
    req.max_tokens = 0;
    char long_text[3000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    req.typed = long_text;
    req.model = "s24";
    ok(run(&req, &s, &err) && s.r.prompt_lost, "a swallowed prompt is noticed");
    req.model = "s02";
    ok(run(&req, &s, &err) && !s.r.prompt_lost, "a whole one is not");
    for (size_t i = 4; i < sizeof long_text - 1; i += 5)
        long_text[i] = ' ';
    req.model = "echo";
    req.max_tokens = 5;
    ok(run(&req, &s, &err) && s.r.state == MODEL_LIMITED && s.text.len >= 5 * 64 && s.text.len < 1000,
       "a server that knows no limit is stopped: %zu bytes", s.text.len);
    req.max_tokens = 0;
    ok(run(&req, &s, &err) && s.r.state == MODEL_COMPLETE && s.text.len > 2900,
       "without a limit all of it comes");
    req.typed = "My card is 4111 1111 1111 1111.";
    req.model = "echo";
    ok(run(&req, &s, &err), "echo");
    is_str(str_text(&s.text), "My card is 4111 1111 1111 1111.", "the placeholder is put back");
    struct db_query *q = db_prepare(store_reader(store), "SELECT body FROM model_egress WHERE id = ?1");
    struct str body = STR_INIT;
    size_t n;
    db_bind_int(q, 1, s.r.egress);
    ok(db_step(q), "in the log");
    const void *packed = db_bytes(q, 0, &n);
    ok(db_unpack(packed, n, 100000, &body, &err) == STATUS_OK && strstr(str_text(&body), "[CARD-1-") &&
           !strstr(str_text(&body), "4111"), "without the card");
    db_end(q);
    is_int((int64_t)body.len, s.bytes, "the exact bytes");
    str_fini(&body);
    str_fini(&s.text);
    str_fini(&s.reasoning);
    str_fini(&s.waits);
}

/* Stopping. */
static void test_cancel(void)
{
    struct seen s = {.cancel_after = 5};
    struct error err = ERROR_INIT;
    struct model_request req = {.purpose = "ask", .typed = "When?", .model = "slow-50"};
    ok(run(&req, &s, &err) && s.r.state == MODEL_CANCELLED && s.r.error.status == STATUS_INTERRUPTED,
       "cancelled from within a delta");
    ok(s.text.len > 10 && s.ms < 1000, "with what came");
    req.model = "wait-20";
    s.cancel_after = 0;
    str_clear(&s.text);
    s.done = 0;
    struct model_run *r = model_start(store, &req, &events, &s, &err);
    for (int i = 0; i < 10; i++)
        loop_turn(loop, 20);
    int64_t t = clock_mono_ms();
    model_cancel(r);
    ok(s.done == 1 && s.r.state == MODEL_CANCELLED && clock_mono_ms() - t < 100, "cancelled before the head");
    s.done = 0;
    r = model_start(store, &req, &events, &s, &err);
    model_cancel(r);
    ok(s.done == 1, "cancelled at once");
    for (int i = 0; i < 10; i++)
        loop_turn(loop, 10);
    ok(option_set("model.idle-timeout", "1s", &err) == STATUS_OK, "a short patience");
    req.model = "s20-4";
    s.done = 0;
    ok(run(&req, &s, &err) && s.r.state == MODEL_CUT && s.ms < 2500, "silence is a cut");
    is_str(str_text(&s.text), "The offer ", "the text is kept");
    req.model = "s10"; /* comments for a second */
    ok(run(&req, &s, &err) && s.r.state == MODEL_COMPLETE, "comments are no silence");
    ok(option_set("model.idle-timeout", "60s", &err) == STATUS_OK, "and back");
    str_fini(&s.text);
    str_fini(&s.reasoning);
    str_fini(&s.waits);
}

/* An engine for the test. */
static enum status engine(const struct model_request *req, struct str *out, struct error *err)
{
    if (strcmp(req->typed, "fail") == 0)
        return error_set(err, STATUS_FAILED, "no");
    const struct model_source *s = vec_at(req->sources, 0);
    str_addf(out, "offline says %s about %s", req->typed, s->id);
    return STATUS_OK;
}

/* Who answers, and who may. */
static void test_choice(void)
{
    struct seen s = {0};
    struct error err = ERROR_INIT;
    struct model_choice choice;
    struct vec sources;
    vec_init(&sources, sizeof(struct model_source), NULL);
    *(struct model_source *)vec_push(&sources) = (struct model_source){.kind = "mail", .id = "m7", .text = "t"};
    struct model_request req = {.purpose = "triage", .typed = "yes", .sources = &sources, .offline = true};
    ok(!run(&req, &s, &err) && err.status == STATUS_REFUSED, "nobody does it offline yet");
    static const struct model_offline o = {"triage", engine};
    model_offline_register(&o);
    ok(run(&req, &s, &err) && s.r.state == MODEL_COMPLETE, "the offline engine: %s", err.text);
    is_str(str_text(&s.text), "offline says yes about m7", "its text");
    ok(strcmp(s.provider, "offline") == 0 && s.host[0] == '\0' && s.egress == 0, "nothing left");
    req.typed = "fail";
    ok(run(&req, &s, &err) && s.r.state == MODEL_FAILED, "it may fail");
    req.offline = false;
    req.model = "offline";
    req.typed = "yes";
    ok(run(&req, &s, &err) && strcmp(s.provider, "offline") == 0, "asked for by name");
    model_choose(store, "ask", NULL, false, &choice);
    ok(!choice.offline && choice.local && str_starts(choice.host, "127.0.0.1"), "the environment's is chosen");
    req.model = "nobody/x";
    ok(run(&req, &s, &err) && strcmp(s.model, "nobody/x") == 0, "any name goes to the environment's server");
    req.model = NULL;
    ok(option_set("model.policy", "never", &err) == STATUS_OK, "never");
    ok(!run(&req, &s, &err) && err.status == STATUS_REFUSED, "refused");
    model_choose(store, "ask", NULL, false, &choice);
    ok(choice.offline, "then it is offline");
    req.background = true;
    ok(run(&req, &s, &err) && strcmp(s.provider, "offline") == 0, "the background does it by itself");
    req.background = false;
    ok(option_set("model.policy", "ask", &err) == STATUS_OK, "ask");
    setenv("OPENAI_BASE_URL", "https://api.example.com/v1", 1);
    req.background = true;
    ok(run(&req, &s, &err) && strcmp(s.provider, "offline") == 0, "nor far away without a yes");
    req.background = false;
    unsetenv("OPENAI_BASE_URL");
    setenv("OPENAI_API_KEY", "sk-test", 1);
    ok(!run(&req, &s, &err) && err.status == STATUS_REFUSED && err.hint[0], "a key alone is no yes");
    unsetenv("OPENAI_API_KEY");
    model_choose(store, "ask", NULL, false, &choice);
    ok(choice.offline, "without anything it is offline");
    req.model = "qwen";
    ok(!run(&req, &s, &err) && err.status == STATUS_NO_SUCH, "no such model");
    vec_fini(&sources);
    str_fini(&s.text);
    str_fini(&s.reasoning);
    str_fini(&s.waits);
}

int main(void)
{
    struct error err = ERROR_INIT;
    struct paths paths;
    char url[64];
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0)
        return 1;
    test_start();
    start_server();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", port);
    setenv("OPENAI_BASE_URL", url, 1);
    unsetenv("OPENAI_API_KEY");
    unsetenv("OPENAI_MODEL");
    option_register(model_options);
    store_add_migrations(&model_migrations);
    char *home = test_path("home");
    loop = loop_new();
    if (paths_init(&paths, home, &err) || store_open(&paths, STORE_THREADS, loop, &store, &err)) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    test_scenarios();
    test_details();
    test_cancel();
    test_choice();
    store_close(store);
    loop_turn(loop, 0); /* what was posted last */
    loop_free(loop);
    paths_fini(&paths);
    free(home);
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
    return tap_end();
}
