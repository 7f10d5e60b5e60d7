/* SPDX-License-Identifier: GPL-3.0-or-later */
/* failure.c - what an HTTP failure of a model server means: words, hints, learning, trying again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "model/ledger.h"
#include "model/wire.h"

#define RETRIES 2
#define WAIT_MAX_MS 120000

/* One of the texts that an error may keep its words in; NULL when none. */
static const char *words_of(const struct json *j)
{
    const struct json *error = json_get(j, "error");
    const char *found = json_get_text(error, "message");
    if (!found)
        found = json_text(error);
    if (!found)
        found = json_get_text(j, "message");
    if (!found)
        found = json_get_text(j, "detail");
    if (!found)
        found = json_get_text(json_at(json_get(j, "detail"), 0), "msg");
    if (!found)
        found = json_get_text(json_at(json_get(j, "errors"), 0), "message");
    return found;
}

/* The server's own words. */
char *wire_words(const char *body, size_t n)
{
    struct json *j;
    struct error err = ERROR_INIT;
    char *out = NULL;
    while (n && (*body == ' ' || *body == '\n' || *body == '\r' || *body == '\t')) {
        body++;
        n--;
    }
    if (n && *body == '{' && json_parse(body, n, &j, &err) == STATUS_OK) {
        const char *words = words_of(j);
        if (words)
            out = gate_line(words);
        json_free(j);
    } else if (n && *body != '<' && *body != '{') {
        char *line = mem_strndup(body, n < 200 ? n : 200);
        line[strcspn(line, "\r\n")] = '\0';
        out = gate_line(line);
        free(line);
    }
    if (!out)
        return mem_strdup("");
    if (strlen(out) > 300) {
        size_t keep = 300;
        while (((unsigned char)out[keep] & 0xc0) == 0x80)
            keep--;
        out[keep] = '\0';
    }
    return out;
}

/* Does the error object's code or type hold this word, or the whole body? */
static bool mentions(const char *body, const char *word)
{
    return body && strcasestr(body, word) != NULL;
}

/* Is the account out of money, whatever the HTTP code says? */
static bool is_broke(const char *body)
{
    return mentions(body, "insufficient_quota") || mentions(body, "credit_balance_exhausted") ||
           mentions(body, "insufficient balance");
}

/* The line about the failure, without a hint. */
static void describe(const struct wire_failure *f, enum status st, const char *what, struct error *err)
{
    char *words = wire_words(f->body ? f->body : "", f->body ? strlen(f->body) : 0);
    struct str text = STR_INIT;
    str_addf(&text, "%s: %s", f->host, what);
    if (words[0])
        str_addf(&text, " — %s", words);
    else
        str_addf(&text, " (HTTP %d)", f->code);
    if (f->request && f->request[0]) {
        char *id = gate_line(f->request);
        str_addf(&text, " [%.60s]", id);
        free(id);
    }
    error_set(err, st, "%s", str_text(&text));
    str_fini(&text);
    free(words);
}

/* What a failure means for a person. */
void wire_explain(const struct wire_failure *f, struct error *err)
{
    const char *body = f->body;
    if (f->code == 401 || f->code == 403) {
        describe(f, STATUS_FAILED, f->code == 401 ? _("the key was not accepted") : _("access was refused"), err);
        error_hint(err, _("check the key: key-env, key-command or OPENAI_API_KEY"));
    } else if (f->code == 402 || (f->code == 429 && is_broke(body))) {
        describe(f, STATUS_FAILED, _("the account there has no balance left"), err);
        error_hint(err, _("top it up, or use another model: --model NAME, --model offline"));
    } else if (f->code == 404 && (mentions(body, "model_not_found") || mentions(body, "model"))) {
        describe(f, STATUS_NO_SUCH, _("it does not know this model"), err);
        error_hint(err, _("“bureau model check” lists what the server offers; asked for: %s"), f->model);
    } else if (f->code == 404) {
        describe(f, STATUS_FAILED, _("there is no such address"), err);
        error_hint(err, _("does the url in bureaurc end in /v1, or whatever this server calls it?"));
    } else if (mentions(body, "context_length_exceeded") || mentions(body, "context length") ||
               mentions(body, "maximum context")) {
        describe(f, STATUS_LIMIT, _("the text is too long for this model"), err);
        error_hint(err, _("set “context TOKENS” in the model's line, so that less is sent"));
    } else if (f->code == 429) {
        describe(f, STATUS_FAILED, _("too many requests at the moment"), err);
        error_hint(err, _("try again later, or use another model"));
    } else if (f->code >= 500 || f->code == 408 || f->code == 409) {
        describe(f, STATUS_FAILED, _("the server is in trouble"), err);
        error_hint(err, _("try again later, or use another model"));
    } else if (f->code >= 300 && f->code < 400) {
        describe(f, STATUS_FAILED, _("it points to another address"), err);
        error_hint(err, _("redirects are not followed: put the final address into bureaurc"));
    } else {
        describe(f, STATUS_FAILED, _("the request was refused"), err);
        error_hint(err, _("“bureau model check” tries what this model can do"));
    }
}

/* Which other request avoids the refusal. */
unsigned wire_learn(int code, const char *body, unsigned capability, const struct wire_request *r)
{
    if ((code != 400 && code != 422 && code != 501) || !body)
        return 0;
    bool sent_max = r->max_tokens > 0 && !(capability & NO_MAX);
    if (r->schema && (mentions(body, "response_format") || mentions(body, "json_schema") ||
                      mentions(body, "structured output"))) {
        if (!(capability & NO_JSON_SCHEMA))
            return NO_JSON_SCHEMA;
        if (!(capability & NO_JSON_OBJECT))
            return NO_JSON_OBJECT;
    }
    if (!(capability & NO_STREAM_OPTIONS) && mentions(body, "stream_options"))
        return NO_STREAM_OPTIONS;
    if (sent_max && (mentions(body, "max_tokens") || mentions(body, "max_completion_tokens"))) {
        bool sent_completion = capability & WANTS_MAX_COMPLETION || (r->openai && !(capability & WANTS_MAX_TOKENS));
        if (capability & (WANTS_MAX_COMPLETION | WANTS_MAX_TOKENS))
            return NO_MAX;
        return sent_completion ? WANTS_MAX_TOKENS : WANTS_MAX_COMPLETION;
    }
    return 0;
}

/* Reads an RFC 9110 date ("Sun, 06 Nov 1994 08:49:37 GMT"); false when it is none. */
static bool http_date(const char *text, int64_t *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char month[4] = "";
    struct tm tm = {0};
    const char *comma = strchr(text, ',');
    if (!comma || sscanf(comma + 1, " %2d %3s %4d %2d:%2d:%2d", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
                         &tm.tm_min, &tm.tm_sec) != 6)
        return false;
    const char *m = strstr(months, month);
    if (!m || strlen(month) != 3)
        return false;
    tm.tm_mon = (int)(m - months) / 3;
    tm.tm_year -= 1900;
    *out = (int64_t)timegm(&tm);
    return true;
}

/* Reads a number with places ("1", "0.5"), as thousandths; -1 when it is none. */
static int64_t thousandths(const char *text)
{
    int64_t value = 0;
    int places = -1;
    text += strspn(text, " ");
    if (*text < '0' || *text > '9')
        return -1;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && places < 0); text++) {
        if (*text == '.') {
            places = 0;
        } else if (places < 3 && value < 1000000000) {
            value = value * 10 + (*text - '0');
            places += places >= 0;
        }
    }
    for (places = places < 0 ? 0 : places; places < 3; places++)
        value *= 10;
    return *text == '\0' || *text == ' ' || *text == '\r' ? value : -1;
}

/* What the server asks to wait, in ms; -1 when it does not say. */
static int64_t asked_wait(const struct wire_headers *h)
{
    int64_t then, now, ms;
    if (h->retry_after_ms && (ms = thousandths(h->retry_after_ms)) >= 0)
        return ms / 1000;
    if (!h->retry_after)
        return -1;
    if ((ms = thousandths(h->retry_after)) >= 0)
        return ms;
    if (http_date(h->retry_after, &then)) {
        if (!h->date || !http_date(h->date, &now))
            now = clock_now();
        return then > now ? (then - now) * 1000 : 0;
    }
    return -1;
}

/* When to try again. code 0: the connection failed before anything came. */
int64_t wire_retry(int code, const char *body, const struct wire_headers *h, int tries)
{
    bool may = code == 0 || code == 408 || code == 409 || code == 429 || code >= 500;
    if (h->should_retry)
        may = strncmp(h->should_retry, "true", 4) == 0 ? true : strncmp(h->should_retry, "false", 5) != 0 && may;
    if (!may || tries > RETRIES || is_broke(body))
        return -1;
    int64_t asked = asked_wait(h);
    if (asked > WAIT_MAX_MS)
        return -1;
    if (asked > 0)
        return asked;
    int64_t wait = 500 << (tries - 1 < 5 ? tries - 1 : 5);
    if (wait > 8000)
        wait = 8000;
    return wait - wait * (clock_mono_ms() % 250) / 1000;
}
