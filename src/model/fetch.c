/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch.c - a provider's key and the names of its models. */
#include "model/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/str.h"
#include "io/child.h"
#include "io/http.h"
#include "io/loop.h"
#include "model/wire.h"

#define KEY_MAX 8192
#define NAMES_MAX (8u << 20)

struct model_fetch {
    struct loop *loop; /* borrow */
    struct model_provider provider;
    void (*key_done)(void *user, const char *key, const struct error *err);
    void (*names_done)(void *user, const struct vec *names, const struct error *err);
    void *user;
    struct child *child;
    struct http *http;
    struct str bytes, words;
    struct vec names;
    char *key; /* own, wiped */
    struct error error;
    bool cancelled;
};

struct kept_key {
    char *command, *key; /* own for the life of the process */
};
static struct vec kept; /* struct kept_key */

/* Wipes and frees a text. */
static void wipe(char *s)
{
    if (s)
        explicit_bzero(s, strlen(s));
    free(s);
}

/* Frees a fetch. */
static void fetch_free(void *user)
{
    struct model_fetch *f = user;
    model_provider_fini(&f->provider);
    if (f->bytes.data)
        explicit_bzero(f->bytes.data, f->bytes.cap);
    str_fini(&f->bytes);
    str_fini(&f->words);
    vec_fini(&f->names);
    wipe(f->key);
    free(f);
}

/* Makes a fetch. */
static struct model_fetch *fetch_new(struct loop *l, const struct model_provider *p, void *user)
{
    struct model_fetch *f = mem_alloc(sizeof *f);
    f->loop = l;
    f->user = user;
    f->error = ERROR_INIT;
    model_provider_copy(&f->provider, p);
    strv_init(&f->names);
    return f;
}

/* Tells the end, in the loop, and frees. */
static void tell(void *user)
{
    struct model_fetch *f = user;
    if (!f->cancelled && f->key_done)
        f->key_done(f->user, error_is(&f->error) ? NULL : f->key, &f->error);
    else if (!f->cancelled)
        f->names_done(f->user, error_is(&f->error) ? NULL : &f->names, &f->error);
    fetch_free(f);
}

/* ---- key ---- */

/* Collects what the command prints. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    struct model_fetch *f = user;
    struct str *to = fd == 1 ? &f->bytes : &f->words;
    if (to->len + n <= KEY_MAX)
        str_add(to, bytes, n);
}

/* The command has ended. */
static void on_exit_code(void *user, int code)
{
    struct model_fetch *f = user;
    f->child = NULL;
    str_truncate(&f->bytes, strcspn(str_text(&f->bytes), "\r\n"));
    if (f->cancelled) {
        fetch_free(f);
        return;
    }
    if (code != 0 || f->bytes.len == 0) {
        str_truncate(&f->words, strcspn(str_text(&f->words), "\r\n"));
        error_set(&f->error, STATUS_FAILED, _("The key-command of model %s gave no key (code %d) %s"),
                  f->provider.name, code, str_text(&f->words));
    } else {
        f->key = mem_strdup(str_text(&f->bytes));
        struct kept_key *k = vec_push(&kept);
        k->command = strv_join(&f->provider.key_command, "\n");
        k->key = mem_strdup(f->key);
    }
    tell(f);
}

/* A key that the same command gave before; NULL when it did not. */
static const char *kept_key(const struct vec *argv)
{
    if (!kept.item_size)
        vec_init(&kept, sizeof(struct kept_key), NULL);
    char *command = strv_join(argv, "\n");
    const char *key = NULL;
    for (size_t i = 0; i < kept.len && !key; i++) {
        const struct kept_key *k = vec_at(&kept, i);
        if (strcmp(k->command, command) == 0)
            key = k->key;
    }
    free(command);
    return key;
}

/* Gets the key. */
struct model_fetch *model_fetch_key(struct loop *l, const struct model_provider *p,
                                    void (*done)(void *user, const char *key, const struct error *err),
                                    void *user)
{
    static const struct child_events events = {on_output, on_exit_code};
    struct model_fetch *f = fetch_new(l, p, user);
    f->key_done = done;
    const char *known = p->key_command.len ? kept_key(&p->key_command) : NULL;
    if (known) {
        f->key = mem_strdup(known);
    } else if (p->key_command.len) {
        char **argv = mem_array(p->key_command.len + 1, sizeof *argv);
        for (size_t i = 0; i < p->key_command.len; i++)
            argv[i] = (char *)(uintptr_t)strv_at(&p->key_command, i);
        f->child = child_start(l, argv, NULL, 0, &events, f, &f->error);
        free(argv);
        if (f->child)
            return f;
    } else if (p->key_env) {
        const char *key = getenv(p->key_env);
        f->key = mem_strdup(key ? key : "");
        f->key[strcspn(f->key, "\r\n")] = '\0';
        if (!f->key[0])
            error_set(&f->error, STATUS_FAILED, _("The variable %s of model %s is not set"), p->key_env, p->name);
    } else {
        f->key = mem_strdup("");
    }
    loop_post(l, tell, f);
    return f;
}

/* ---- names ---- */

/* The lines of a request. */
void model_headers(struct vec *out, const char *key)
{
    strv_init(out);
    strv_push(out, "Content-Type: application/json");
    strv_push(out, "Accept: text/event-stream, application/json");
    if (key && key[0])
        strv_push_take(out, str_format("Authorization: Bearer %s", key));
}

/* Collects the body. */
static void on_data(void *user, const char *bytes, size_t n)
{
    struct model_fetch *f = user;
    if (f->bytes.len + n <= NAMES_MAX)
        str_add(&f->bytes, bytes, n);
}

/* Reads {"data":[{"id":…}]}, or Ollama's {"models":[{"name":…}]}. */
static void read_names(struct model_fetch *f)
{
    struct json *j;
    if (json_parse(str_text(&f->bytes), f->bytes.len, &j, &f->error) != STATUS_OK) {
        error_prefix(&f->error, "%s/models", f->provider.url);
        return;
    }
    const struct json *list = json_is_array(j) ? j : json_get(j, "data");
    if (!list)
        list = json_get(j, "models");
    for (size_t i = 0; i < json_len(list) && i < 2000; i++) {
        const char *id = json_get_text(json_at(list, i), "id");
        if (!id)
            id = json_get_text(json_at(list, i), "name");
        if (id && id[0])
            strv_push(&f->names, id);
    }
    json_free(j);
}

/* The request has ended. */
static void on_done(void *user, struct http *h, const struct http_result *r)
{
    struct model_fetch *f = user;
    f->http = NULL;
    if (f->cancelled) {
        fetch_free(f);
        return;
    }
    if (r->fault != HTTP_DONE) {
        f->error = r->error;
    } else if (r->code < 200 || r->code > 299) {
        wire_explain(&(struct wire_failure){.code = r->code, .body = str_text(&f->bytes),
                                            .request = http_header(h, "x-request-id"),
                                            .host = f->provider.host, .model = f->provider.model},
                     &f->error);
        if (f->error.status == STATUS_NO_SUCH)
            f->error.status = STATUS_FAILED;
    } else {
        read_names(f);
    }
    tell(f);
}

/* Asks for the names. */
struct model_fetch *model_fetch_names(struct loop *l, const struct model_provider *p, const char *key,
                                      void (*done)(void *user, const struct vec *names,
                                                   const struct error *err),
                                      void *user)
{
    static const struct http_events events = {.on_data = on_data, .on_done = on_done};
    struct model_fetch *f = fetch_new(l, p, user);
    struct vec headers;
    char *url = str_format("%s/models", p->url);
    struct http_request req = {.url = url, .headers = &headers, .total_timeout_ms = 30000};
    f->names_done = done;
    model_headers(&headers, key);
    f->http = http_start(l, &req, &events, f, &f->error);
    if (!f->http)
        loop_post(l, tell, f);
    vec_fini(&headers);
    free(url);
    return f;
}

/* Nobody wants to know any more. */
void model_fetch_cancel(struct model_fetch *f)
{
    if (!f || f->cancelled)
        return;
    f->cancelled = true;
    if (f->http)
        http_cancel(f->http); /* frees */
    else if (f->child)
        child_kill(f->child, 15); /* its end frees */
    else if (loop_unpost(f->loop, tell, f))
        fetch_free(f);
}
