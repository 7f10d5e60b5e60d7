/* fetch.h - what must be known of a provider before a request: its key, its first model. */
#ifndef MODEL_FETCH_H
#define MODEL_FETCH_H

#include "base/error.h"
#include "base/vec.h"
#include "model/provider.h"

struct loop;
struct model_fetch;

/* The key by key-command (kept for the life of the process) or from the environment; "" when the
 * provider has none. done comes once, never from within; key is borrowed, NULL with err. */
struct model_fetch *model_fetch_key(struct loop *l, const struct model_provider *p,
                                    void (*done)(void *user, const char *key, const struct error *err),
                                    void *user);
/* GET /models: names (strv) in the server's order; NULL with err. */
struct model_fetch *model_fetch_names(struct loop *l, const struct model_provider *p, const char *key,
                                      void (*done)(void *user, const struct vec *names,
                                                   const struct error *err),
                                      void *user);
/* done does not come any more. NULL is allowed. */
void model_fetch_cancel(struct model_fetch *f);
/* "Name: value" lines of a request (strv): authorization, types. */
void model_headers(struct vec *out, const char *key);

#endif
