/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wire.c - chat completions: the request and the reading of the stream.
 *
 * The end of a stream is decided by what was seen (finish_reason, [DONE], errors), not by how the
 * connection closed; model.c draws the conclusion. Reading goes on behind finish_reason, for usage
 * follows it. */
#include "model/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/log.h"
#include "model/ledger.h"

#define OTHER_MAX (16u << 20)

/* ---- request ---- */

/* {"type":…} of the answer's form; NULL: free text. */
static struct json *response_format(const struct wire_request *r)
{
    struct json *f, *s;
    if (!r->schema)
        return NULL;
    if (!(r->capability & NO_JSON_SCHEMA)) {
        f = json_object();
        s = json_object();
        json_set_str(f, "type", "json_schema");
        json_set_str(s, "name", "answer");
        json_set_bool(s, "strict", true);
        json_set(s, "schema", json_copy(r->schema));
        json_set(f, "json_schema", s);
        return f;
    }
    if (r->capability & NO_JSON_OBJECT)
        return NULL;
    f = json_object();
    json_set_str(f, "type", "json_object");
    return f;
}

/* The messages; the schema goes into words when the server does not take it. */
static struct json *messages_for(const struct wire_request *r)
{
    struct json *messages = json_copy(r->messages);
    if (!r->schema || !(r->capability & NO_JSON_SCHEMA))
        return messages;
    char *schema = json_print(r->schema);
    char *words = str_format("Answer with one JSON object and nothing else. It fits this JSON Schema: %s",
                             schema);
    struct json *m = json_object();
    json_set_str(m, "role", "system");
    json_set_str(m, "content", words);
    struct json *all = json_array();
    json_push(all, m);
    for (size_t i = 0; i < json_len(messages); i++)
        json_push(all, json_copy(json_at(messages, i)));
    json_free(messages);
    free(words);
    free(schema);
    return all;
}

/* The request's JSON. */
char *wire_body(const struct wire_request *r)
{
    struct json *j = json_object();
    json_set_str(j, "model", r->model);
    json_set_bool(j, "stream", true);
    if (!(r->capability & NO_STREAM_OPTIONS)) {
        struct json *o = json_object();
        json_set_bool(o, "include_usage", true);
        if (r->openai)
            json_set_bool(o, "include_obfuscation", false);
        json_set(j, "stream_options", o);
    }
    json_set(j, "messages", messages_for(r));
    bool completion = r->capability & WANTS_MAX_COMPLETION || (r->openai && !(r->capability & WANTS_MAX_TOKENS));
    if (r->max_tokens > 0 && !(r->capability & NO_MAX))
        json_set_int(j, completion ? "max_completion_tokens" : "max_tokens", r->max_tokens);
    json_set(j, "response_format", response_format(r));
    char *text = json_print(j);
    json_free(j);
    return text;
}

/* ---- answer ---- */

static const struct sse_events sse_events;

/* Starts reading an answer. */
void wire_init(struct wire *w, const struct wire_events *events, void *user)
{
    *w = (struct wire){.events = *events, .user = user, .prompt = -1, .completion = -1};
    sse_init(&w->sse);
}

/* Releases the buffers. */
void wire_fini(struct wire *w)
{
    sse_fini(&w->sse);
    str_fini(&w->other);
    str_fini(&w->think);
}

/* Decides how the body is read. */
void wire_head(struct wire *w, const char *content_type)
{
    w->json_body = str_starts_nocase(content_type, "application/json");
}

/* Tells answer text. */
static void tell_text(struct wire *w, const char *text, size_t n)
{
    if (!n)
        return;
    w->some_text = true;
    w->events.on_text(w->user, text, n);
}

/* Tells reasoning. */
static void tell_reasoning(struct wire *w, const char *text, size_t n)
{
    if (!n)
        return;
    w->some_reasoning = true;
    if (w->events.on_reasoning)
        w->events.on_reasoning(w->user, text, n);
}

/* Is text (n bytes) a beginning of the mark, or does it begin with it? */
static bool may_be(const char *text, size_t n, const char *mark)
{
    size_t len = strlen(mark);
    return memcmp(text, mark, n < len ? n : len) == 0;
}

/* Length of the end of text that may be the beginning of the mark. */
static size_t held_back(const char *text, size_t n, const char *mark)
{
    size_t len = strlen(mark) - 1;
    for (size_t k = n < len ? n : len; k > 0; k--)
        if (memcmp(text + n - k, mark, k) == 0)
            return k;
    return 0;
}

/* Splits content into reasoning and text: "<think>…</think>" at its beginning. */
static void take_content(struct wire *w, const char *text, size_t n)
{
    static const char open[] = "<think>", shut[] = "</think>";
    if (w->think_state == THINK_NONE) {
        tell_text(w, text, n);
        return;
    }
    str_add(&w->think, text, n);
    struct str *t = &w->think;
    if (w->think_state == THINK_START) {
        size_t blank = strspn(str_text(t), " \t\r\n");
        if (blank == t->len || (t->len - blank < sizeof open - 1 && may_be(t->data + blank, t->len - blank, open)))
            return;
        if (!may_be(t->data + blank, t->len - blank, open)) {
            w->think_state = THINK_NONE;
            tell_text(w, t->data, t->len);
            str_clear(t);
            return;
        }
        str_splice(t, 0, blank + sizeof open - 1, "", 0);
        w->think_state = THINK_INSIDE;
    }
    if (w->think_state == THINK_INSIDE) {
        const char *end = memmem(str_text(t), t->len, shut, sizeof shut - 1);
        size_t sure = end ? (size_t)(end - t->data) : t->len - held_back(str_text(t), t->len, shut);
        tell_reasoning(w, str_text(t), sure);
        str_splice(t, 0, end ? sure + sizeof shut - 1 : sure, "", 0);
        if (!end)
            return;
        w->think_state = THINK_AFTER;
    }
    size_t blank = strspn(str_text(t), " \t\r\n"); /* the answer begins with its first word */
    if (blank < t->len) {
        w->think_state = THINK_NONE;
        tell_text(w, t->data + blank, t->len - blank);
    }
    str_clear(t);
}

/* Keeps the first usage that tells something. */
static void take_usage(struct wire *w, const struct json *usage)
{
    if (!json_is_object(usage))
        return;
    w->prompt = json_get_int(usage, "prompt_tokens", w->prompt);
    w->completion = json_get_int(usage, "completion_tokens", w->completion);
}

/* An error object inside the answer. */
static void take_error(struct wire *w, const char *text, size_t n)
{
    char *words = wire_words(text, n);
    if (!error_is(&w->error))
        error_set(&w->error, STATUS_FAILED, _("The server broke off: %s"), words[0] ? words : _("an error"));
    free(words);
}

/* A delta or a whole message. */
static void take_message(struct wire *w, const struct json *m)
{
    static const char *const names[] = {"reasoning_content", "reasoning"};
    for (int i = 0; i < 2; i++) {
        const char *reasoning = json_get_text(m, names[i]);
        if (reasoning) {
            tell_reasoning(w, reasoning, strlen(reasoning));
            break;
        }
    }
    const char *content = json_get_text(m, "content"), *refusal = json_get_text(m, "refusal");
    if (content && content[0])
        take_content(w, content, strlen(content));
    if (refusal && refusal[0]) {
        w->refused = true;
        w->think_state = THINK_NONE;
        tell_text(w, refusal, strlen(refusal));
    }
    if (json_len(json_get(m, "tool_calls")) || json_is_object(json_get(m, "function_call")))
        w->tool_open = true; /* this program offers no tools: only that one was begun counts */
}

/* One JSON text of the answer: a chunk, a whole completion, or an error. */
static void take_json(struct wire *w, const char *text, size_t n)
{
    struct json *j;
    struct error err = ERROR_INIT;
    if (json_parse(text, n, &j, &err) != STATUS_OK) {
        w->bad_json++;
        log_warn("model: an event of %zu bytes is no JSON: %s", n, err.text);
        return;
    }
    const struct json *error = json_get(j, "error");
    const char *object = json_get_text(j, "object");
    if ((error && !json_is_null(error)) || str_eq(object, "error") ||
        (!json_get(j, "choices") && (json_get(j, "detail") || json_get(j, "message")))) {
        take_error(w, text, n);
        json_free(j);
        return;
    }
    const char *model = json_get_text(j, "model");
    if (model && model[0] && !w->model[0])
        snprintf(w->model, sizeof w->model, "%s", model);
    take_usage(w, json_get(j, "usage"));
    const struct json *choice = json_at(json_get(j, "choices"), 0);
    take_usage(w, json_get(choice, "usage"));
    const struct json *message = json_get(choice, "delta");
    take_message(w, json_is_object(message) ? message : json_get(choice, "message"));
    const char *finish = json_get_text(choice, "finish_reason");
    if (finish && finish[0])
        snprintf(w->finish, sizeof w->finish, "%s", finish);
    json_free(j);
}

/* One event. */
static void on_event(void *user, const char *name, const char *data, size_t n)
{
    struct wire *w = user;
    (void)name;
    if (w->too_large)
        return;
    if (n >= 6 && memcmp(data, "[DONE]", 6) == 0)
        w->done_mark = true;
    else
        take_json(w, data, n);
}

/* A line outside the format: "error: {…}", or a body that is plain JSON. */
static void on_other(void *user, const char *line, size_t n)
{
    struct wire *w = user;
    if (n > 7 && memcmp(line, "error: ", 7) == 0) {
        take_error(w, line + 7, n - 7);
        return;
    }
    if (w->other.len + n > OTHER_MAX)
        return;
    str_add(&w->other, line, n);
    str_putc(&w->other, '\n');
}

static const struct sse_events sse_events = {.on_event = on_event, .on_other = on_other};

/* Takes body bytes. */
void wire_feed(struct wire *w, const char *bytes, size_t n)
{
    if (w->too_large)
        return;
    if (w->json_body) {
        w->too_large = w->other.len + n > OTHER_MAX;
        if (!w->too_large)
            str_add(&w->other, bytes, n);
    } else {
        w->too_large = !sse_feed(&w->sse, bytes, n, &sse_events, w);
    }
}

/* The body has ended. */
void wire_end(struct wire *w)
{
    if (!w->json_body)
        sse_end(&w->sse, &sse_events, w);
    size_t blank = strspn(str_text(&w->other), " \t\r\n");
    if (blank < w->other.len && !w->some_text && !w->some_reasoning && !w->finish[0] && !error_is(&w->error)) {
        if (w->other.data[blank] == '{')
            take_json(w, w->other.data + blank, w->other.len - blank);
        else
            error_set(&w->error, STATUS_CORRUPT, _("The answer is not one of an OpenAI-compatible server"));
    }
    if (w->think.len) { /* what was held back belongs to where it stands */
        if (w->think_state == THINK_INSIDE)
            tell_reasoning(w, w->think.data, w->think.len);
        else if (w->think_state == THINK_START)
            tell_text(w, w->think.data, w->think.len);
        str_clear(&w->think);
    }
    if (w->too_large && !error_is(&w->error))
        error_set(&w->error, STATUS_LIMIT, _("The server sent more than this program takes"));
}
