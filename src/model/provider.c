/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider.c - who would answer, and whether it may. */
#include "model/provider.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "command/config.h"
#include "command/option.h"
#include "io/http.h"
#include "model/model.h"
#include "store/store.h"

/* Releases a provider's texts. */
void model_provider_fini(struct model_provider *p)
{
    char *texts[] = {p->name,      p->url,      p->host,     p->model,  p->price_in,
                     p->price_out, p->currency, p->fallback, p->key_env};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    vec_fini(&p->key_command);
    vec_fini(&p->purposes);
    *p = (struct model_provider){0};
}

/* The same for a vec. */
static void provider_item_fini(void *item)
{
    model_provider_fini(item);
}

/* Copies texts. */
static void strv_copy(struct vec *to, const struct vec *from)
{
    strv_init(to);
    for (size_t i = 0; from && i < from->len; i++)
        strv_push(to, strv_at(from, i));
}

/* Copies a provider. */
void model_provider_copy(struct model_provider *to, const struct model_provider *from)
{
    *to = *from;
    to->name = mem_strdup(from->name);
    to->url = mem_strdup(from->url);
    to->host = mem_strdup(from->host);
    to->model = mem_strdup(from->model);
    to->price_in = mem_strdup_maybe(from->price_in);
    to->price_out = mem_strdup_maybe(from->price_out);
    to->currency = mem_strdup_maybe(from->currency);
    to->fallback = mem_strdup_maybe(from->fallback);
    to->key_env = mem_strdup_maybe(from->key_env);
    strv_copy(&to->key_command, &from->key_command);
    strv_copy(&to->purposes, &from->purposes);
}

/* Sets address and host; false when the URL is none. */
static bool set_url(struct model_provider *p, const char *url)
{
    char host[300];
    if (!http_url_host(url, host, sizeof host, &p->local))
        return false;
    p->url = mem_strdup(url);
    for (size_t n = strlen(p->url); n && p->url[n - 1] == '/'; n--)
        p->url[n - 1] = '\0';
    p->host = mem_strdup(host);
    return true;
}

/* Adds a configured model. */
static void add_configured(struct vec *out, const struct config_model *m)
{
    struct model_provider p = {0};
    if (!m->url || !set_url(&p, m->url)) {
        log_warn("model %s has no usable url", m->name);
        return;
    }
    p.name = mem_strdup(m->name);
    p.model = mem_strdup(m->model_name ? m->model_name : "");
    p.price_in = mem_strdup_maybe(m->price_in);
    p.price_out = mem_strdup_maybe(m->price_out);
    p.currency = mem_strdup_maybe(m->currency);
    p.fallback = mem_strdup_maybe(m->fallback);
    p.key_env = mem_strdup_maybe(m->key_env);
    strv_copy(&p.key_command, &m->key_command);
    strv_copy(&p.purposes, &m->purposes);
    p.context = m->context;
    *(struct model_provider *)vec_push(out) = p;
}

/* Has somebody said yes to the key of the environment? */
static bool has_consent(struct store *s)
{
    if (strcmp(option_text("model.policy"), "allow") == 0)
        return true;
    char *said = s ? store_setting(store_reader(s), "model.consent") : NULL;
    bool yes = said && strcmp(said, "yes") == 0;
    free(said);
    return yes;
}

/* Adds the provider that the environment names. */
static void add_environment(struct store *s, struct vec *out)
{
    const char *url = getenv("OPENAI_BASE_URL"), *key = getenv("OPENAI_API_KEY");
    const char *model = getenv("OPENAI_MODEL");
    struct model_provider p = {.from_env = true};
    bool has_url = url && url[0], has_key = key && key[0];
    if (!has_url && !has_key)
        return;
    if (!set_url(&p, has_url ? url : "https://api.openai.com/v1")) {
        log_warn("OPENAI_BASE_URL is not an address");
        return;
    }
    p.name = mem_strdup(MODEL_ENV_NAME);
    p.model = mem_strdup(model ? model : "");
    if (has_key)
        p.key_env = mem_strdup("OPENAI_API_KEY");
    strv_init(&p.key_command);
    strv_init(&p.purposes);
    p.needs_consent = !has_url && !has_consent(s);
    *(struct model_provider *)vec_push(out) = p;
}

/* The offline engine. */
static struct model_provider offline_provider(void)
{
    struct model_provider p = {.offline = true, .local = true};
    p.name = mem_strdup("offline");
    p.url = mem_strdup("");
    p.host = mem_strdup("");
    p.model = mem_strdup("offline");
    strv_init(&p.key_command);
    strv_init(&p.purposes);
    return p;
}

char *model_provider_where(const struct model_provider *p)
{
    if (p->local)
        return str_format(_("%s on this machine"), p->name);
    return strcmp(p->name, p->host) == 0 ? mem_strdup(p->host) : str_format(_("%s at %s"), p->name, p->host);
}

/* Lists all. */
void model_providers(struct store *s, struct vec *out)
{
    vec_init(out, sizeof(struct model_provider), provider_item_fini);
    const struct vec *configured = config_models();
    for (size_t i = 0; configured && i < configured->len; i++)
        add_configured(out, vec_at(configured, i));
    add_environment(s, out);
    *(struct model_provider *)vec_push(out) = offline_provider();
}

/* Finds one by its name. */
static struct model_provider *by_name(struct vec *all, const char *name, size_t n)
{
    for (size_t i = 0; i < all->len; i++) {
        struct model_provider *p = vec_at(all, i);
        if (strlen(p->name) == n && memcmp(p->name, name, n) == 0)
            return p;
    }
    return NULL;
}

/* Does its line say that it is for this purpose? */
static bool is_for(const struct model_provider *p, const char *purpose)
{
    for (size_t i = 0; i < p->purposes.len; i++)
        if (str_eq(strv_at(&p->purposes, i), purpose))
            return true;
    return false;
}

/* The one that --model names: a name, PROVIDER/NAME, or any name for the environment's server. */
static struct model_provider *by_wish(struct vec *all, const char *wanted)
{
    struct model_provider *p = by_name(all, wanted, strlen(wanted));
    const char *slash = strchr(wanted, '/'), *model = wanted;
    if (p)
        return p;
    if (slash && (p = by_name(all, wanted, (size_t)(slash - wanted))) && !p->offline)
        model = slash + 1;
    else
        p = by_name(all, MODEL_ENV_NAME, strlen(MODEL_ENV_NAME));
    if (!p || (p->offline) || (!p->from_env && model == wanted))
        return NULL;
    free(p->model);
    p->model = mem_strdup(model);
    return p;
}

/* The one without --model: by purpose, by `model use`, the first that is for all, the first. */
static struct model_provider *by_purpose(struct store *s, struct vec *all, const char *purpose)
{
    struct model_provider *found = NULL;
    for (size_t i = 0; i < all->len && purpose && !found; i++)
        if (is_for(vec_at(all, i), purpose))
            found = vec_at(all, i);
    char *used = found || !s ? NULL : store_setting(store_reader(s), "model.use");
    if (used)
        found = by_wish(all, used);
    free(used);
    for (size_t i = 0; i < all->len && !found; i++) {
        struct model_provider *p = vec_at(all, i);
        if (!p->purposes.len)
            found = p;
    }
    return found && !(found->offline && all->len > 1) ? found : vec_at(all, 0);
}

static bool kept_offline;

/* The whole process was started with --offline. */
void model_keep_offline(void)
{
    kept_offline = true;
}

/* Finds the one for a purpose. */
enum status model_provider_find(struct store *s, const char *purpose, const char *wanted,
                                bool offline, struct model_provider *out, struct error *err)
{
    struct vec all;
    struct model_provider *p;
    enum status st = STATUS_OK;
    model_providers(s, &all);
    if (offline || kept_offline)
        p = vec_at(&all, all.len - 1);
    else if (wanted && wanted[0])
        p = by_wish(&all, wanted);
    else
        p = by_purpose(s, &all, purpose);
    if (p) {
        model_provider_copy(out, p);
    } else {
        st = error_set(err, STATUS_NO_SUCH, _("There is no model “%s”"), wanted);
        error_hint(err, _("“bureau model list” shows the models there are"));
    }
    vec_fini(&all);
    return st;
}

/* May it be used? */
enum status model_provider_allowed(const struct model_provider *p, struct error *err)
{
    if (p->offline)
        return STATUS_OK;
    if (strcmp(option_text("model.policy"), "never") == 0) {
        error_set(err, STATUS_REFUSED, _("model.policy is “never”: nothing goes to a model"));
        return error_hint(err, _("use --model offline, or set model.policy allow in bureaurc"));
    }
    if (p->needs_consent) {
        error_set(err, STATUS_REFUSED,
                  _("Nobody has said yes yet to sending text to %s with the key in OPENAI_API_KEY"),
                  p->host);
        return error_hint(err, _("say yes once with “bureau model use %s”, or set model.policy allow"),
                          p->name);
    }
    return STATUS_OK;
}

/* Which model would be used. */
void model_choose(struct store *s, const char *purpose, const char *wanted, bool offline,
                  struct model_choice *out)
{
    struct model_provider p = {0};
    struct error err = ERROR_INIT;
    *out = (struct model_choice){.offline = true, .local = true, .name = "offline"};
    if (model_provider_find(s, purpose, wanted, offline, &p, &err) != STATUS_OK)
        return;
    bool allowed = model_provider_allowed(&p, &err) == STATUS_OK;
    if (!p.offline && (allowed || p.needs_consent)) {
        snprintf(out->name, sizeof out->name, "%s", p.model[0] ? p.model : p.name);
        snprintf(out->host, sizeof out->host, "%s", p.host);
        out->offline = false;
        out->local = p.local;
    }
    model_provider_fini(&p);
}

/* Should the screen ask whether the environment's key may be used? */
bool model_consent_wanted(struct store *s, char *host, size_t size)
{
    struct model_provider p = {0};
    struct error err = ERROR_INIT;
    char *said = store_setting(store_reader(s), "model.consent");
    bool wanted = !said && strcmp(option_text("model.policy"), "ask") == 0 &&
                  model_provider_find(s, NULL, NULL, false, &p, &err) == STATUS_OK && p.needs_consent;
    if (wanted)
        snprintf(host, size, "%s", p.host);
    model_provider_fini(&p);
    free(said);
    return wanted;
}

/* Keeps the answer. */
static enum status consent_run(struct db *db, void *record, struct error *err)
{
    db_touch(db, WATCH_CONFIG);
    return store_setting_set(db, "model.consent", record, err);
}

static const struct store_op consent_op = {"model consent", OP_PERSON, consent_run, free};

/* Posts the answer. */
void model_consent_set(struct store *s, bool yes)
{
    store_post(s, &consent_op, mem_strdup(yes ? "yes" : "no"), NULL, NULL);
}
