/* SPDX-License-Identifier: GPL-3.0-or-later */
/* offline.c - the offline engine: features say how a purpose is done, the finder's thread does it. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "command/config.h"
#include "model/run.h"
#include "store/store.h"

#define PURPOSES_MAX 32

static struct model_offline engines[PURPOSES_MAX];
static size_t engine_count;

/* A feature says how a purpose is done. */
void model_offline_register(const struct model_offline *o)
{
    for (size_t i = 0; i < engine_count; i++)
        if (strcmp(engines[i].purpose, o->purpose) == 0) {
            engines[i] = *o;
            return;
        }
    if (engine_count < PURPOSES_MAX)
        engines[engine_count++] = *o;
}

/* How a purpose is done; NULL when nobody said. */
static const struct model_offline *engine_for(const char *purpose)
{
    for (size_t i = 0; i < engine_count; i++)
        if (strcmp(engines[i].purpose, purpose) == 0)
            return &engines[i];
    return NULL;
}

/* Is this purpose done without a model? */
bool offline_knows(const char *purpose)
{
    return engine_for(purpose) != NULL;
}

/* The purposes in order. */
const char *offline_purpose(size_t i)
{
    return i < engine_count ? engines[i].purpose : NULL;
}

struct work {
    struct request_copy request;
    const struct model_offline *engine;
    struct str out;
};

/* Does it; the finder's thread. The computation sees its own copy only. */
static enum status work_run(struct db *db, void *record, struct error *err)
{
    struct work *w = record;
    (void)db;
    return w->engine->run(&w->request.req, &w->out, err);
}

/* Frees the record. */
static void work_free(void *record)
{
    struct work *w = record;
    request_copy_fini(&w->request);
    str_fini(&w->out);
    free(w);
}

static const struct store_question work_question = {
    .name = "offline engine", .run = work_run, .free = work_free};

/* It is done: the text comes as a delta, as every model's does. */
static void work_done(void *user, void *record, const struct error *err)
{
    struct model_run *r = user;
    struct work *w = record;
    r->asked = NULL;
    if (!r->finished) {
        if (err->status == STATUS_OK)
            run_text(r, str_text(&w->out), w->out.len);
        run_finish(r, err->status == STATUS_OK ? MODEL_COMPLETE : MODEL_FAILED, err);
    }
    run_release(r);
}

/* Starts it. */
void offline_start(struct model_run *r)
{
    struct error err = ERROR_INIT;
    const struct model_offline *engine = engine_for(r->request.req.purpose);
    if (!engine) {
        error_set(&err, STATUS_REFUSED, _("This cannot be done without a model (%s)"), r->request.req.purpose);
        error_hint(&err, _("configure one: “model NAME url …” in bureaurc, or OPENAI_API_KEY"));
        run_finish(r, MODEL_FAILED, &err);
        return;
    }
    struct work *w = mem_alloc(sizeof *w);
    w->engine = engine;
    request_copy_init(&w->request, &r->request.req);
    run_hold(r);
    r->asked = store_ask(r->store, &work_question, w, work_done, r);
}

/* What is said where no model is. */
const char *model_offline_words(void)
{
    const struct vec *all = config_accounts();
    for (size_t i = 0; i < all->len; i++) {
        const struct config_account *a = vec_at(all, i);
        if (a->imap || a->smtp)
            return _("offline: no model");
    }
    return _("offline: nothing leaves this machine");
}
