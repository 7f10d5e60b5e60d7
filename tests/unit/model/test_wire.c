/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_wire.c - the request's JSON, the stream cut anywhere, errors, trying again, cost. */
#include <stdlib.h>

#include "base/utf8.h"
#include "model/ledger.h"
#include "model/wire.h"
#include "tap.h"

static struct str told;

/* Notes text. */
static void on_text(void *user, const char *text, size_t n)
{
    (void)user;
    if (!utf8_valid(text, n))
        str_puts(&told, "<broken>");
    str_add(&told, text, n);
}

/* Notes reasoning. */
static void on_reasoning(void *user, const char *text, size_t n)
{
    (void)user;
    str_addf(&told, "(%.*s)", (int)n, text);
}

/* Reads a stream cut in three everywhere; joined reasoning counts. */
static void wire_is(const char *bytes, const char *want, const char *finish, bool done, const char *name)
{
    static const struct wire_events ev = {on_text, on_reasoning};
    size_t n = strlen(bytes);
    bool same = true, ends = true;
    for (size_t i = 0; i <= n; i += 1)
        for (size_t j = i; j <= n; j += 7) {
            struct wire w;
            wire_init(&w, &ev, NULL);
            wire_head(&w, "text/event-stream");
            str_clear(&told);
            wire_feed(&w, bytes, i);
            wire_feed(&w, bytes + i, j - i);
            wire_feed(&w, bytes + j, n - j);
            wire_end(&w);
            if (same && strcmp(str_text(&told), want) != 0) {
                same = false;
                is_str(str_text(&told), want, name);
            }
            ends = ends && strcmp(w.finish, finish) == 0 && w.done_mark == done;
            wire_fini(&w);
        }
    ok(same && ends, "%s, cut anywhere", name);
}

#define DELTA(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"

/* Streams. */
static void test_stream(void)
{
    wire_is(DELTA("Hel") DELTA("lo 你🌍") STOP "data: [DONE]\n\n", "Hello 你🌍", "stop", true, "plain");
    wire_is(DELTA("a") STOP "data: [DONE]", "a", "stop", true, "no blank line at the end");
    wire_is("data: {\"choices\":[{\"delta\":{\"content\":null,\"reasoning\":\"hm\"}}]}\n\n" DELTA("a"), "(hm)a", "",
            false, "reasoning");
    wire_is(DELTA("<think>x</think>\\n\\nyes") STOP, "(x)yes", "stop", false, "think in one piece");
    wire_is(DELTA("\\n<thi") DELTA("nk></th") DELTA("ink> ") DELTA("yes") STOP, "yes", "stop", false,
            "think in pieces, empty");
    wire_is(DELTA("<th") DELTA("ere>") STOP, "<there>", "stop", false, "what only looks so");
    wire_is(DELTA("a <think> b") STOP, "a <think> b", "stop", false, "not at the beginning");
    wire_is(DELTA("<") STOP, "<", "stop", false, "held back to the end");
    wire_is("data: {\"choices\":[]}\n\ndata: {\"choices\":[{\"finish_reason\":null}]}\n\n" DELTA("a"), "a", "", false,
            "chunks without a delta");
    wire_is("data: {\"choices\":[{\"delta\":{\"content\":\"\\ud83d\"}}]}\n\n", "\xef\xbf\xbd", "", false,
            "half a surrogate");
    wire_is("data: {broken\n\n" DELTA("a") STOP, "a", "stop", false, "a broken event");
    wire_is("{\"choices\":[{\"message\":{\"content\":\"whole\"},\"finish_reason\":\"stop\"}]}", "whole", "stop",
            false, "a body that is no stream");
    struct wire w;
    static const struct wire_events ev = {on_text, NULL};
    wire_init(&w, &ev, NULL);
    static const char usage[] = "data: {\"choices\":[{\"delta\":{},\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":9}}]}\n\n"
                                "error: {\"message\":\"b\\u001bad\",\"code\":400}\n";
    wire_feed(&w, usage, sizeof usage - 1);
    wire_end(&w);
    ok(w.prompt == 7 && w.completion == 9, "usage in the choice");
    is_str(w.error.text, "The server broke off: b␛ad", "an error line; its words pass the gate");
    wire_fini(&w);
}

/* Reads the words of an error. */
static void words_are(const char *body, const char *want)
{
    char *words = wire_words(body, strlen(body));
    is_str(words, want, "words");
    free(words);
}

/* Errors. */
static void test_errors(void)
{
    struct error e = ERROR_INIT;
    words_are("{\"error\":{\"message\":\"m\",\"code\":\"c\"}}", "m");
    words_are("{\"error\":\"text\"}", "text");
    words_are("{\"object\":\"error\",\"message\":\"old\"}", "old");
    words_are("{\"detail\":\"d\"}", "d");
    words_are("{\"detail\":[{\"msg\":\"field\"}]}", "field");
    words_are("\n\n{\"message\":\"late\"}", "late");
    words_are("<html>x</html>", "");
    words_are("plain words\nmore", "plain words");
    words_are("", "");
    struct wire_failure f = {.code = 404, .body = "{\"error\":{\"message\":\"The model `x` does not exist\"}}",
                             .request = "req-7", .host = "h", .model = "x"};
    wire_explain(&f, &e);
    is_int(e.status, STATUS_NO_SUCH, "unknown model");
    ok(strstr(e.text, "req-7") && strstr(e.text, "does not exist"), "%s", e.text);
    f = (struct wire_failure){.code = 503, .body = "", .host = "h", .model = "x"};
    wire_explain(&f, &e);
    ok(e.status == STATUS_FAILED && strstr(e.text, "HTTP 503"), "%s", e.text);
    struct json *schema = json_object();
    struct wire_request r = {.model = "m", .schema = schema, .max_tokens = 5};
    is_int(wire_learn(400, "This response_format type is unavailable now", 0, &r), NO_JSON_SCHEMA, "no schema");
    is_int(wire_learn(400, "response_format", NO_JSON_SCHEMA, &r), NO_JSON_OBJECT, "no object either");
    is_int(wire_learn(400, "response_format", NO_JSON_SCHEMA | NO_JSON_OBJECT, &r), 0, "then nothing is left");
    is_int(wire_learn(400, "unknown stream_options", 0, &r), NO_STREAM_OPTIONS, "no stream options");
    is_int(wire_learn(400, "use max_completion_tokens", 0, &r), WANTS_MAX_COMPLETION, "the other name");
    is_int(wire_learn(500, "response_format", 0, &r), 0, "only from refusals");
    json_free(schema);
    struct wire_headers none = {0};
    ok(wire_retry(429, "", &none, 1) > 300 && wire_retry(429, "", &none, 1) <= 500, "half a second");
    ok(wire_retry(500, "", &none, 2) > 700 && wire_retry(0, NULL, &none, 2) > 700, "then a second");
    is_int(wire_retry(500, "", &none, 3), -1, "twice only");
    is_int(wire_retry(400, "", &none, 1), -1, "not a bad request");
    is_int(wire_retry(429, "insufficient_quota", &none, 1), -1, "not without money");
    is_int(wire_retry(429, "", &(struct wire_headers){.retry_after = "1.5"}, 1), 1500, "as told");
    is_int(wire_retry(429, "", &(struct wire_headers){.retry_after_ms = "300"}, 1), 300, "in milliseconds");
    is_int(wire_retry(429, "", &(struct wire_headers){.retry_after = "999"}, 1), -1, "not for so long");
    is_int(wire_retry(429, "", &(struct wire_headers){.retry_after = "Mon, 23 Nov 2026 10:00:03 GMT",
                                                      .date = "Mon, 23 Nov 2026 10:00:00 GMT"}, 1), 3000, "a date");
    is_int(wire_retry(500, "", &(struct wire_headers){.should_retry = "false"}, 1), -1, "told not to");
    ok(wire_retry(400, "", &(struct wire_headers){.should_retry = "true"}, 1) > 0, "told to");
}

/* Requests. */
static void test_request(void)
{
    struct json *messages = json_array(), *schema = json_object();
    json_set_str(schema, "type", "object");
    struct wire_request r = {.model = "m", .messages = messages, .schema = schema, .max_tokens = 9};
    char *body = wire_body(&r);
    is_str(body, "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[],"
                 "\"max_tokens\":9,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\","
                 "\"strict\":true,\"schema\":{\"type\":\"object\"}}}}", "the whole request");
    free(body);
    r.capability = NO_JSON_SCHEMA | NO_STREAM_OPTIONS | WANTS_MAX_COMPLETION;
    body = wire_body(&r);
    ok(strstr(body, "\"json_object\"") && strstr(body, "JSON Schema: {") && !strstr(body, "stream_options") &&
           strstr(body, "max_completion_tokens"), "what was learnt");
    free(body);
    r.openai = true;
    r.capability = 0;
    body = wire_body(&r);
    ok(strstr(body, "\"max_completion_tokens\":9") && strstr(body, "include_obfuscation"), "OpenAI's own names");
    free(body);
    json_free(messages);
    json_free(schema);
    is_int(usage_cost(1000000, 500000, "2.5", "10"), 7500000000LL, "cost");
    is_int(usage_cost(1, 0, "0.15", "0.6"), 150, "a small one");
    is_int(usage_cost(1, 1, NULL, "1"), -1, "unknown");
    is_int(usage_cost(1, 1, "x", "1"), -1, "no number");
    char *money = usage_money(7500000000LL);
    is_str(money, "7.50", "money");
    free(money);
    money = usage_money(21300);
    is_str(money, "0.0000213", "small money");
    free(money);
}

int main(void)
{
    test_stream();
    test_errors();
    test_request();
    str_fini(&told);
    return tap_end();
}
