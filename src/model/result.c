/* SPDX-License-Identifier: GPL-3.0-or-later */
/* result.c - a result outlives its run: copies with texts of their own. */
#include <stdlib.h>

#include "base/alloc.h"
#include "model/model.h"

/* A text of the result that is never NULL. */
static char *copy_text(const char *text)
{
    return mem_strdup(text ? text : "");
}

void model_result_copy(struct model_result *out, const struct model_result *r)
{
    *out = *r;
    out->text = copy_text(r->text);
    out->reasoning = copy_text(r->reasoning);
    out->model = copy_text(r->model);
    out->provider = copy_text(r->provider);
    out->host = copy_text(r->host);
    out->cost = mem_strdup_maybe(r->cost);
    out->currency = mem_strdup_maybe(r->currency);
}

void model_result_fini(struct model_result *r)
{
    const char *texts[] = {r->text, r->reasoning, r->model,   r->provider,
                           r->host, r->cost,      r->currency};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free((char *)(uintptr_t)texts[i]);
}
