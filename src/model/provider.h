/* provider.h - who would answer: configured models, the one of the environment, the offline
 * engine; and whether it may be used at all (contract.md "When a model may be used"). */
#ifndef MODEL_PROVIDER_H
#define MODEL_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

struct store;

#define MODEL_ENV_NAME "openai" /* the provider of OPENAI_* */

struct model_provider {
    char *name;  /* own, as are all texts; "offline" for the engine */
    char *url;   /* base, without a slash at the end; "" offline */
    char *host;  /* "api.example.com", "127.0.0.1:8080"; "" offline */
    char *model; /* "" : the first of GET /models */
    char *price_in, *price_out, *currency, *fallback, *key_env; /* NULL when not given */
    struct vec key_command;                                     /* strv; empty when not given */
    struct vec purposes;                                        /* strv; empty: all */
    int64_t context;                                            /* tokens, 0 unknown */
    bool offline, local, from_env;
    bool needs_consent; /* only a key in the environment, and nobody said yes yet */
};

void model_provider_fini(struct model_provider *p);
/* Where what is sent to it goes, for people: "qwen at api.example.com", "local on this machine". Yours. */
char *model_provider_where(const struct model_provider *p);
void model_provider_copy(struct model_provider *to, const struct model_provider *from);
/* All that exist, the offline engine last; vec of struct model_provider (vec_fini frees them). */
void model_providers(struct store *s, struct vec *out);
/* The one for a purpose. wanted: --model, NULL: by purpose, by `model use`, the first. NO_SUCH
 * when wanted is none; without any the offline engine. */
enum status model_provider_find(struct store *s, const char *purpose, const char *wanted,
                                bool offline, struct model_provider *out, struct error *err)
    MUST_CHECK;
/* REFUSED when policy forbids every model or consent is missing. */
enum status model_provider_allowed(const struct model_provider *p, struct error *err) MUST_CHECK;

#endif
