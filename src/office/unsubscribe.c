/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unsubscribe.c - List-Unsubscribe and List-Unsubscribe-Post: read strictly, asked once */
#include "office/unsubscribe.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "io/http.h"
#include "office/mailto.h"

#define URL_MOST 2000
#define WAIT_MS 30000

/* A URL that may be asked: printable ASCII, no name or password in front of its host. */
static bool is_clean(const char *url)
{
    const char *host = strstr(url, "://");
    if (!host || strlen(url) > URL_MOST)
        return false;
    for (const char *p = url; *p; p++)
        if (*p <= ' ' || *p > '~' || strchr("<>\"\\^`{|}", *p))
            return false;
    host += 3;
    return !memchr(host, '@', strcspn(host, "/?#"));
}

/* One address of the header; the first of each kind counts. */
static void take(struct unsubscribe *u, const char *uri, bool one_click)
{
    bool https = str_starts_nocase(uri, "https://"), web = https || str_starts_nocase(uri, "http://");
    if (mailto_is(uri) && !u->mailto)
        u->mailto = mem_strdup(uri);
    if (!web || !is_clean(uri))
        return;
    if (https && one_click && !u->post)
        u->post = mem_strdup(uri);
    if (!u->link)
        u->link = mem_strdup(uri);
}

/* Reads "<https://…>, <mailto:…>"; white space within an address came from folding. */
bool unsubscribe_read(const struct mail_message *m, struct unsubscribe *out)
{
    bool one_click = m->list_unsubscribe_post &&
                     str_eq_nocase(m->list_unsubscribe_post, "List-Unsubscribe=One-Click");
    const char *p = m->list_unsubscribe, *end;
    bool local;
    *out = (struct unsubscribe){0};
    for (; p && (p = strchr(p, '<')) && (end = strchr(p, '>')); p = end + 1) {
        struct str uri = STR_INIT;
        for (const char *c = p + 1; c < end; c++)
            if (!strchr(" \t\r\n", *c))
                str_putc(&uri, *c);
        take(out, str_text(&uri), one_click);
        str_fini(&uri);
    }
    if (out->post && !http_url_host(out->post, out->host, sizeof out->host, &local)) {
        free(out->post);
        out->post = NULL;
    }
    if (!out->post && out->link && !http_url_host(out->link, out->host, sizeof out->host, &local)) {
        free(out->link);
        out->link = NULL;
    }
    return out->post || out->mailto || out->link;
}

/* Releases what was read. */
void unsubscribe_fini(struct unsubscribe *u)
{
    free(u->post);
    free(u->mailto);
    free(u->link);
}

struct unsubscribe_post {
    struct http *http;
    void (*done)(void *user, int code, const struct error *err);
    void *user;
};

/* The answer's body is nobody's business. */
static void on_data(void *user, const char *bytes, size_t n)
{
    (void)user, (void)bytes, (void)n;
}

/* It has ended. */
static void on_done(void *user, struct http *h, const struct http_result *r)
{
    struct unsubscribe_post *p = user;
    struct error err = r->error;
    (void)h;
    if (r->fault == HTTP_BROKEN && r->code) /* the head says it all */
        err = ERROR_INIT;
    p->done(p->user, r->code, &err);
    free(p);
}

/* Asks. */
struct unsubscribe_post *unsubscribe_send(struct loop *l, const char *url,
                                          void (*done)(void *user, int code,
                                                       const struct error *err),
                                          void *user, struct error *err)
{
    static const char body[] = "List-Unsubscribe=One-Click";
    static const struct http_events events = {.on_data = on_data, .on_done = on_done};
    struct vec headers;
    struct unsubscribe_post *p = mem_alloc(sizeof *p);
    struct http_request req = {.url = url,
                               .headers = &headers,
                               .body = body,
                               .body_len = sizeof body - 1,
                               .total_timeout_ms = WAIT_MS};
    strv_init(&headers);
    strv_push(&headers, "Content-Type: application/x-www-form-urlencoded");
    p->done = done;
    p->user = user;
    p->http = http_start(l, &req, &events, p, err);
    vec_fini(&headers);
    if (p->http)
        return p;
    free(p);
    return NULL;
}

/* Stops. */
void unsubscribe_cancel(struct unsubscribe_post *p)
{
    http_cancel(p->http);
}
