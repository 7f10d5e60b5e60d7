/* SPDX-License-Identifier: GPL-3.0-or-later */
/* models.c - asks the usual ports of this machine for their models. */
#include "setup/models.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "io/http.h"

/* Ports by their programs' manuals: Ollama, llama.cpp, LM Studio, vLLM. */
static const int ports[] = {11434, 8080, 1234, 8000};
enum { PORTS = sizeof ports / sizeof *ports, BODY_MAX = 256 * 1024 };

struct probe {
    struct setup_models *models; /* borrow; NULL once nobody wants to know */
    struct http *http;
    int server;
    struct str body;
};

struct setup_models {
    struct probe *probes[PORTS]; /* own while they run */
    bool found;
    void (*on_found)(void *user, const char *url, const char *model);
    void *user;
};

/* Takes the first model of a server's list. */
static void on_done(void *user, struct http *h, const struct http_result *r)
{
    struct probe *p = user;
    struct setup_models *m = p->models;
    (void)h;
    if (m) {
        m->probes[p->server] = NULL;
        struct json *list = NULL;
        struct error err = ERROR_INIT;
        if (r->fault == HTTP_DONE && r->code == 200 && !m->found &&
            json_parse(str_text(&p->body), p->body.len, &list, &err) == STATUS_OK) {
            const char *id = json_get_text(json_at(json_get(list, "data"), 0), "id");
            if (id) {
                char *url = str_format("http://127.0.0.1:%d/v1", ports[p->server]);
                m->found = true;
                m->on_found(m->user, url, id);
                free(url);
            }
        }
        json_free(list);
    }
    str_fini(&p->body);
    free(p);
}

/* Collects a bounded answer. */
static void on_data(void *user, const char *bytes, size_t n)
{
    struct probe *p = user;
    if (p->body.len + n <= BODY_MAX)
        str_add(&p->body, bytes, n);
}

/* Begins to look. */
struct setup_models *setup_models_look(struct loop *l, void (*on_found)(void *user, const char *url, const char *model),
                                       void *user)
{
    static const struct http_events events = {.on_data = on_data, .on_done = on_done};
    struct setup_models *m = mem_alloc(sizeof *m);
    m->on_found = on_found;
    m->user = user;
    for (int i = 0; i < PORTS; i++) {
        struct probe *p = mem_alloc(sizeof *p);
        struct error err = ERROR_INIT;
        char *url = str_format("http://127.0.0.1:%d/v1/models", ports[i]);
        struct http_request req = {.url = url, .connect_timeout_ms = 500, .total_timeout_ms = 1500};
        p->models = m;
        p->server = i;
        m->probes[i] = p;
        p->http = http_start(l, &req, &events, p, &err);
        if (!p->http) {
            m->probes[i] = NULL;
            free(p);
        }
        free(url);
    }
    return m;
}

/* Nobody wants to know any more. */
void setup_models_stop(struct setup_models *m)
{
    if (!m)
        return;
    for (int i = 0; i < PORTS; i++)
        if (m->probes[i]) {
            m->probes[i]->models = NULL;
            http_cancel(m->probes[i]->http);
        }
    free(m);
}
