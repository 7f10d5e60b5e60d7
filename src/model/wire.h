/* wire.h - chat completions on the wire: the request's JSON, the reading of the answer's stream,
 * the words of errors, when to try again. Facts: published OpenAI API and what compatible servers
 * send. Pure: no socket, no store. */
#ifndef MODEL_WIRE_H
#define MODEL_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "io/sse.h"

/* ---- request ---- */

struct wire_request {
    const char *model;
    const struct json *messages;
    const struct json *schema; /* NULL: free text */
    int64_t max_tokens;        /* 0: the server's */
    unsigned capability;       /* enum capability */
    bool openai;               /* api.openai.com: its own extras */
};
/* One line of JSON. Yours. */
char *wire_body(const struct wire_request *r);

/* ---- answer ---- */

struct wire_events { /* text is whole UTF-8 */
    void (*on_text)(void *user, const char *text, size_t n);
    void (*on_reasoning)(void *user, const char *text, size_t n);
};

struct wire {
    struct sse sse;
    struct wire_events events;
    void *user;
    bool json_body;    /* the server did not stream: the body is one JSON text */
    struct str other;  /* lines outside the format, or the whole JSON body */
    struct str think;  /* held back: what may be "<think>" or "</think>" */
    enum { THINK_START, THINK_INSIDE, THINK_AFTER, THINK_NONE } think_state;
    bool some_text, some_reasoning, refused, done_mark, tool_open, too_large;
    int bad_json; /* events that were no JSON */
    char finish[32];    /* finish_reason, "" when none came */
    struct error error; /* an error object in the stream */
    int64_t prompt, completion; /* usage; -1 when none came */
    char model[128];    /* what the server calls it */
};
void wire_init(struct wire *w, const struct wire_events *events, void *user);
void wire_fini(struct wire *w);
/* Content-Type of a 200 answer. */
void wire_head(struct wire *w, const char *content_type);
void wire_feed(struct wire *w, const char *bytes, size_t n);
/* The body has ended: pending things are told. */
void wire_end(struct wire *w);

/* ---- errors ---- */

struct wire_failure {
    int code;            /* HTTP */
    const char *body;    /* of the answer */
    const char *request; /* x-request-id, NULL */
    const char *host, *model;
};
/* The server's own words out of any of the known forms; "" when there are none. Gated. Yours. */
char *wire_words(const char *body, size_t n);
/* What an HTTP failure means for a person: status, text, hint. */
void wire_explain(const struct wire_failure *f, struct error *err);
/* Is a refusal (400, 422) one that another request avoids? New capability flags, 0 when not. */
unsigned wire_learn(int code, const char *body, unsigned capability, const struct wire_request *r);
/* How long to wait before the next try, in ms; -1: do not try again. headers give
 * retry-after-ms, retry-after, x-should-retry, date (NULL when absent). tries: made so far. */
struct wire_headers {
    const char *retry_after_ms, *retry_after, *should_retry, *date;
};
int64_t wire_retry(int code, const char *body, const struct wire_headers *h, int tries);

#endif
