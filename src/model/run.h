/* run.h - the inside of one request to a model: shared by model.c (its life) and offline.c. */
#ifndef MODEL_RUN_H
#define MODEL_RUN_H

#include "model/fetch.h"
#include "model/gate.h"
#include "model/model.h"
#include "model/provider.h"
#include "model/wire.h"

struct http;
struct loop_watch;
struct store;
struct store_asked;

/* A request whose texts are ours. */
struct request_copy {
    struct model_request req;
    struct vec sources, history; /* struct model_source, struct model_turn */
    struct vec texts;            /* strv */
    struct json *schema;         /* own */
};
void request_copy_init(struct request_copy *to, const struct model_request *from);
void request_copy_fini(struct request_copy *c);

struct model_run {
    struct store *store; /* borrow */
    struct model_events events;
    void *user;
    struct request_copy request;
    struct model_provider provider;
    struct model_prompt prompt;
    bool has_prompt, has_wire;
    struct wire wire;
    struct secrets_back back;
    struct str text, reasoning, error_body, restored;
    char *key, *body; /* own; key wiped */
    struct model_fetch *fetch;
    struct http *http;
    struct loop_watch *timer;  /* silence, or the next try */
    struct store_asked *asked; /* the offline engine at work */
    int code, tries, adapted;
    unsigned capability;
    int64_t egress, started, last_byte, silent_told, retry_at;
    const char *retry_why;
    bool finished, idle_cut, fell_back;
    bool asking; /* a person is asked whether its sources may go */
    int holds; /* callbacks that will come; the last one frees */
    struct model_result result;
    char *cost; /* own */
};

/* Ends the run: tells on_done once, stops what runs, frees when nobody holds it. */
void run_finish(struct model_run *r, enum model_state state, const struct error *err);
/* The first step, in the loop; user is the run. */
void run_begin(void *user);
/* The key and the model's name are known: the request leaves. */
void run_send(struct model_run *r);
/* Frees a run that never began. */
void run_drop(struct model_run *r);
/* Tells text of the answer (after placeholders were put back). */
void run_text(struct model_run *r, const char *text, size_t n);
void run_hold(struct model_run *r);
void run_release(struct model_run *r);

/* offline.c: is this purpose done without a model? Starts it; its end comes by run_finish. */
bool offline_knows(const char *purpose);
void offline_start(struct model_run *r);
/* The purposes in order; NULL past the end. */
const char *offline_purpose(size_t i);

#endif
