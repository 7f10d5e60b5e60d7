/* model.h - asking a model: one request, one stream, one honest end.
 *
 * The only way of bytes to a model is model_start: it takes sources (records made by office/), the
 * program's own constant texts and what the user typed; the gate inside (model/gate.c) applies
 * policy, takes hidden text, quoted history and signatures out, replaces secrets, keeps the budget
 * and logs the exact bytes before they leave. The offline engine is a provider like the others.
 * Loop thread only. Wire facts: model-api.md. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/vec.h"

struct store;
struct model_run;

/* Something of the office that may be shown to a model. All texts borrowed during model_start. */
struct model_source {
    const char *kind;   /* mail, note, transcript, chat, template, earlier (an own earlier answer) */
    const char *id;     /* "m12", "n4@00:12:31": what a citation names */
    const char *account, *folder, *sender, *label; /* for policy; NULL unknown */
    const char *title;  /* subject or title */
    int64_t date;
    const char *text;   /* the visible text */
    bool cut_quotes;    /* take quoted history and signature off before it leaves */
};

struct model_turn {
    const char *role; /* "user" or "assistant" */
    const char *text;
};

struct model_request {
    const char *purpose; /* draft summary triage ask minutes translate title instruct */
    const char *system;  /* the program's own constant */
    const char *typed;   /* what the person typed; NULL */
    const char *language; /* BCP 47 of the wanted answer, NULL: the sources' */
    const struct vec *sources; /* struct model_source; may be NULL */
    const struct vec *history; /* struct model_turn; may be NULL */
    const struct json *schema; /* JSON Schema of the answer; NULL: free text. Checked locally by
                                  the caller; json_object and plain text are the fallbacks */
    const char *model;   /* --model; NULL: by purpose, then the first */
    bool offline;        /* --offline */
    bool background;     /* not asked for by a person: model.background decides; without it the
                            offline engine does the work */
    bool consented;      /* a person said yes to sources that policy says to ask for */
    int64_t max_tokens;  /* 0: the server's */
};

enum model_state { /* words of the contract */
    MODEL_COMPLETE, MODEL_CUT, MODEL_LIMITED, MODEL_FILTERED, MODEL_CANCELLED, MODEL_FAILED
};

struct model_result {
    enum model_state state;
    struct error error;    /* for failed, and unreachable before the first token (UNREACHABLE) */
    const char *text;      /* everything that came, placeholders put back; "" when nothing */
    const char *reasoning; /* "" when none */
    const char *model;     /* "qwen-plus" */
    const char *provider;  /* configured name, "openai" for the environment's, "offline" */
    const char *host;      /* "" for offline */
    int64_t prompt_tokens, completion_tokens; /* -1 unknown */
    bool estimated;        /* our own count */
    bool prompt_lost;      /* the server swallowed part of the prompt */
    const char *cost;      /* decimal, NULL unknown */
    const char *currency;
    int64_t egress;        /* row of the egress log, 0 offline */
};

struct model_events {
    /* Before the first byte leaves: where to, in words for people (model_provider_where), how much. */
    void (*on_egress)(void *user, const char *where, int passages, int64_t bytes);
    void (*on_delta)(void *user, const char *text, size_t n); /* UTF-8 whole characters */
    void (*on_reasoning)(void *user, const char *text, size_t n);
    /* Waiting to try again (seconds left, why); 0 seconds: why is the whole word (silence for 10 s,
       another model takes over). */
    void (*on_wait)(void *user, int seconds, const char *why);
    void (*on_done)(void *user, const struct model_result *r); /* exactly once; borrowed */
};

/* Any of the events but on_done may be NULL. NULL with err: nothing was started (unknown model:
 * NO_SUCH; policy: REFUSED) and on_done does not come. */
struct model_run *model_start(struct store *s, const struct model_request *req,
                              const struct model_events *ev, void *user, struct error *err);
void model_cancel(struct model_run *r);
/* A result with texts of its own (zeroed: none); what on_done is given ends with it. */
void model_result_copy(struct model_result *out, const struct model_result *r);
void model_result_fini(struct model_result *r);
const char *model_state_word(enum model_state s); /* the contract's */
bool model_state_parse(const char *word, enum model_state *out);
const char *model_state_name(const char *word); /* as a person reads it; "running", too */
const char *model_by_name(const char *by);      /* of a model or "offline" */
const char *model_purpose_name(const char *purpose);

/* --offline for the life of this process: every request goes to the offline engine. */
void model_keep_offline(void);

/* Which model would be used: name, host, whether it is on this machine. false: none (offline). */
struct model_choice {
    char name[128], host[128];
    bool offline, local;
};
/* What a status row says when there is none: that nothing leaves this machine only where no server of mail is named. */
const char *model_offline_words(void);
void model_choose(struct store *s, const char *purpose, const char *wanted, bool offline,
                  struct model_choice *out);

/* How a person is asked about sources that policy says to ask for: answer comes once, later, from the
 * loop, with what was said. NULL (as in batch): they are refused. */
typedef void model_ask_fn(void *user, const char *question, void (*answer)(void *arg, bool yes),
                          void *arg);
void model_set_ask(model_ask_fn *ask, void *user);
/* --yes: every such question is answered beforehand. */
void model_agree(void);

/* Only a key stands in the environment and nobody said yes or no to using it: the screen asks once.
 * host gets where it would go. */
bool model_consent_wanted(struct store *s, char *host, size_t size);
/* What the person said, kept. */
void model_consent_set(struct store *s, bool yes);

/* The offline engine: features register how a purpose is done without a model. fn writes the whole
 * answer to out; it is pure computation over the request (run on the finder's thread when long). */
struct model_offline {
    const char *purpose;
    enum status (*run)(const struct model_request *req, struct str *out, struct error *err);
};
void model_offline_register(const struct model_offline *o);

#endif
