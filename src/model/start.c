/* SPDX-License-Identifier: GPL-3.0-or-later */
/* start.c - a request before anything leaves: who does it, may it go (a person may be asked), its key
 * and the model's name */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "command/option.h"
#include "io/loop.h"
#include "model/ledger.h"
#include "model/run.h"
#include "store/store.h"

/* The model's name is known. */
static void have_name(struct model_run *r)
{
    r->capability = capability_get(store_reader(r->store), r->provider.url, r->provider.model);
    run_send(r);
}

/* The server told its models: the first is taken. */
static void on_names(void *user, const struct vec *names, const struct error *err)
{
    struct model_run *r = user;
    r->fetch = NULL;
    if (!names || !names->len) {
        struct error none = *err;
        if (names)
            error_set(&none, STATUS_FAILED, _("%s offers no model"), r->provider.host);
        run_finish(r, MODEL_FAILED, &none);
        return;
    }
    free(r->provider.model);
    r->provider.model = mem_strdup(strv_at(names, 0));
    have_name(r);
}

/* The key is known. */
static void on_key(void *user, const char *key, const struct error *err)
{
    struct model_run *r = user;
    r->fetch = NULL;
    if (!key) {
        run_finish(r, MODEL_FAILED, err);
        return;
    }
    r->key = mem_strdup(key);
    if (r->provider.model[0])
        have_name(r);
    else
        r->fetch = model_fetch_names(store_loop(r->store), &r->provider, key, on_names, r);
}

/* How many tokens the model reads. */
static int64_t context_of(const struct model_provider *p)
{
    return p->context > 0 ? p->context : option_int("model.context");
}

/* The first step, in the loop. */
void run_begin(void *user)
{
    struct model_run *r = user;
    struct error err = ERROR_INIT;
    if (r->finished) {
        run_release(r);
        return;
    }
    if (r->provider.offline) {
        offline_start(r);
    } else if (!r->has_prompt && model_gate(&r->request.req, context_of(&r->provider), &r->prompt, &err) != STATUS_OK) {
        run_finish(r, MODEL_FAILED, &err);
    } else {
        r->has_prompt = true;
        r->fetch = model_fetch_key(store_loop(r->store), &r->provider, on_key, r);
    }
    run_release(r); /* NOLINT: held above */
}

static struct {
    model_ask_fn *ask;
    void *user;
    bool agreed;
} person;

/* How a person is asked. */
void model_set_ask(model_ask_fn *ask, void *user)
{
    person.ask = ask;
    person.user = user;
}

/* --yes */
void model_agree(void)
{
    person.agreed = true;
}

/* Makes the messages; asking when a person's word may let more of the sources go. */
static enum status gate(struct model_run *r, struct error *err)
{
    r->request.req.consented = r->request.req.consented || person.agreed;
    enum status st = model_gate(&r->request.req, context_of(&r->provider), &r->prompt, err);
    r->has_prompt = st == STATUS_OK;
    r->asking = r->prompt.asking > 0 && person.ask && !r->request.req.background;
    return st;
}

/* What the person said. */
static void on_person(void *user, bool yes)
{
    struct model_run *r = user;
    struct error err = ERROR_INIT;
    r->asking = false;
    if (r->finished) {
        run_release(r);
        return;
    }
    if (yes) {
        if (r->has_prompt)
            model_prompt_fini(&r->prompt);
        r->has_prompt = false;
        r->request.req.consented = true;
    }
    if (!r->has_prompt && gate(r, &err) != STATUS_OK) {
        r->asking = false;
        run_finish(r, MODEL_FAILED, &err);
        run_release(r); /* NOLINT: held by model_start */
        return;
    }
    r->asking = false;
    run_begin(r);
}

/* Puts the question. Ids only: names are foreign. */
static void ask_person(struct model_run *r)
{
    const struct vec *sources = r->request.req.sources;
    const struct model_source *first = NULL;
    for (size_t i = 0; sources && i < sources->len && !first; i++)
        if (model_policy_of(vec_at(sources, i)) == POLICY_ASK)
            first = vec_at(sources, i);
    int more = r->prompt.asking - 1;
    const char *id = first ? first->id : "?";
    struct str s = STR_INIT;
    char *where = model_provider_where(&r->provider);
    if (more > 0)
        str_addf(&s, _("Policy says to ask: may %s and %d more go to %s?  y yes  n no"), id, more, where);
    else
        str_addf(&s, _("Policy says to ask: may %s go to %s?  y yes  n no"), id, where);
    free(where);
    person.ask(person.user, str_text(&s), on_person, r);
    str_fini(&s);
}

/* Starts a request. */
struct model_run *model_start(struct store *s, const struct model_request *req,
                              const struct model_events *ev, void *user, struct error *err)
{
    struct model_run *r = mem_alloc(sizeof *r);
    r->store = s;
    r->events = *ev;
    r->user = user;
    r->holds = 2; /* until it is finished, and until begin */
    r->started = clock_mono_ms();
    request_copy_init(&r->request, req);
    const char *purpose = r->request.req.purpose;
    if (model_provider_find(s, purpose, req->model, req->offline, &r->provider, err) != STATUS_OK)
        goto refused;
    bool quiet = req->background && !r->provider.offline &&
                 ((!r->provider.local && !option_bool("model.background")) ||
                  strcmp(option_text("model.policy"), "never") == 0 || r->provider.needs_consent);
    if (quiet) { /* nobody asked: what is not allowed is done here */
        model_provider_fini(&r->provider);
        if (model_provider_find(s, purpose, NULL, true, &r->provider, err) != STATUS_OK)
            goto refused;
    }
    if (model_provider_allowed(&r->provider, err) != STATUS_OK)
        goto refused;
    if (r->provider.offline && !offline_knows(purpose)) {
        error_set(err, STATUS_REFUSED, _("This cannot be done without a model (%s)"), purpose);
        error_hint(err, _("configure one: “model NAME url …” in bureaurc, or OPENAI_API_KEY"));
        goto refused;
    }
    if (!r->provider.offline && gate(r, err) != STATUS_OK && !r->asking)
        goto refused;
    if (r->asking) {
        *err = ERROR_INIT;
        ask_person(r);
    } else {
        loop_post(store_loop(s), run_begin, r);
    }
    return r;
refused:
    run_drop(r);
    return NULL;
}
