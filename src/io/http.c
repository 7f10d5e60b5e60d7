/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http.c - HTTP(S) requests on the loop. */
#include "io/http.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "io/loop.h"
#include "io/transfer.h"

#define HEADERS_MAX 200

struct http {
    struct transfer transfer; /* first: the loop gives it back */
    struct loop_guest guest;
    struct loop *loop; /* borrow */
    struct http_events events;
    void *user;
    struct curl_slist *list; /* own */
    char *body;              /* own */
    char *host;              /* own */
    struct vec headers;      /* strv of the answer's "Name: value" */
    char *content_type;      /* own; NULL until the head is complete */
    int code;
    bool head_ready, head_told, cancelled;
    bool telling; /* a callback of the receiver runs: whoever began it frees */
    struct str data; /* received, not told yet */
    int64_t received;
    char curl_error[CURL_ERROR_SIZE];
};

/* Collects body bytes inside libcurl. */
static size_t on_write(char *bytes, size_t size, size_t count, void *user)
{
    struct http *h = user;
    str_add(&h->data, bytes, size * count);
    h->received += (int64_t)(size * count);
    h->transfer.brought += size * count;
    return size * count;
}

/* Collects header lines inside libcurl; a blank one ends the head (or an interim answer). */
static size_t on_header(char *bytes, size_t size, size_t count, void *user)
{
    struct http *h = user;
    size_t n = size * count, len = n;
    while (len && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0 && !h->head_ready) {
        vec_clear(&h->headers);
    } else if (len == 0) {
        long code = 0;
        curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &code);
        if (code >= 200) {
            h->code = (int)code;
            h->head_ready = true;
        }
    } else if (h->headers.len < HEADERS_MAX) {
        strv_push_take(&h->headers, mem_strndup(bytes, len));
    }
    return n;
}

/* A header of the answer. */
const char *http_header(const struct http *h, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < h->headers.len; i++) {
        const char *line = strv_at(&h->headers, i);
        if (str_starts_nocase(line, name) && line[n] == ':')
            return line + n + 1 + strspn(line + n + 1, " \t");
    }
    return NULL;
}

/* Releases everything. */
static void http_free(struct http *h)
{
    loop_guest_remove(h->loop, &h->guest);
    if (h->transfer.easy)
        curl_easy_cleanup(h->transfer.easy);
    curl_slist_free_all(h->list);
    free(h->body);
    free(h->host);
    free(h->content_type);
    vec_fini(&h->headers);
    str_fini(&h->data);
    free(h);
}

/* The loop goes first: nobody is told. */
static void on_loop_free(struct loop_guest *g)
{
    struct http *h = (struct http *)(void *)((char *)g - offsetof(struct http, guest));
    loop_transfer_remove(h->loop, &h->transfer);
    http_free(h);
}

/* Tells the head and the bytes that came; false when the receiver cancelled. */
static bool tell(struct http *h)
{
    if (h->head_ready && !h->head_told) {
        h->head_told = true;
        const char *type = http_header(h, "Content-Type");
        h->content_type = mem_strdup(type ? type : "");
        if (h->events.on_head)
            h->events.on_head(h->user, h->code, h->content_type);
        if (h->cancelled)
            return false;
    }
    if (h->data.len) {
        struct str data = h->data;
        h->data = STR_INIT;
        if (h->events.on_data)
            h->events.on_data(h->user, data.data, data.len);
        if (h->cancelled) {
            str_fini(&data);
            return false;
        }
        str_clear(&data); /* the memory is used again, unless it is large */
        if (data.cap <= 1u << 18 && !h->data.data)
            h->data = data;
        else
            str_fini(&data);
    }
    return true;
}

/* Tells the end and goes. */
static void finish(struct http *h, enum http_fault fault, CURLcode code)
{
    struct http_result r = {.fault = fault, .code = h->code, .received = h->received};
    r.content_type = h->content_type ? h->content_type : "";
    long head = 0;
    curl_off_t up = 0;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_REQUEST_SIZE, &head);
    curl_easy_getinfo(h->transfer.easy, CURLINFO_SIZE_UPLOAD_T, &up);
    r.sent = (int64_t)head + (int64_t)up;
    r.error = ERROR_INIT;
    if (fault == HTTP_CANCELLED)
        error_set(&r.error, STATUS_INTERRUPTED, _("Cancelled"));
    else if (fault != HTTP_DONE)
        transfer_explain(&r.error, code, h->host, h->curl_error, h->head_ready);
    h->events.on_done(h->user, h, &r);
    if (!h->telling)
        http_free(h);
}

/* The loop says that there may be something to tell. */
static void on_deliver(struct transfer *t)
{
    struct http *h = (struct http *)(void *)t;
    h->telling = true;
    bool goes_on = tell(h);
    h->telling = false;
    if (!goes_on)
        http_free(h);
}

/* The loop says that the transfer has ended. */
static void on_ended(struct transfer *t, CURLcode code)
{
    struct http *h = (struct http *)(void *)t;
    enum http_fault fault = code == CURLE_OK     ? HTTP_DONE
                            : h->head_ready ? HTTP_BROKEN
                                                 : HTTP_UNREACHABLE;
    finish(h, fault, code);
}

/* Closes the socket and tells so. */
void http_cancel(struct http *h)
{
    if (h->cancelled)
        return;
    h->cancelled = true;
    loop_transfer_remove(h->loop, &h->transfer);
    finish(h, HTTP_CANCELLED, CURLE_OK);
}

/* Takes the host out of a URL; NULL when it is none, or not of http(s) unless another will do. Yours. */
static char *url_host(const char *url, bool any_scheme)
{
    char *host = NULL, *scheme = NULL, *copy = NULL;
    CURLU *u = curl_load() ? curl_url() : NULL;
    if (!u)
        return NULL;
    if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        (any_scheme || strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0])
        copy = mem_strdup(host);
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(u);
    return copy;
}

/* The host of a URL for people, its port when it is not the scheme's, and whether it is this machine. */
static bool tell_host(const char *url, bool any_scheme, char *out, size_t size, bool *local)
{
    char *host = url_host(url, any_scheme), *port = NULL;
    if (!host)
        return false;
    CURLU *u = curl_url();
    if (!u)
        mem_exhausted();
    if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
        curl_url_get(u, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT);
    *local = host_is_loopback(host);
    snprintf(out, size, "%s%s%s", host, port ? ":" : "", port ? port : "");
    curl_free(port);
    curl_url_cleanup(u);
    free(host);
    return true;
}

/* Of http and https only. */
bool http_url_host(const char *url, char *out, size_t size, bool *local)
{
    return tell_host(url, false, out, size, local);
}

/* Of a mail server as well. */
bool http_url_server(const char *url, char *out, size_t size)
{
    bool local;
    return tell_host(url, true, out, size, &local);
}

/* Does the text hold a line break? */
static bool breaks_line(const char *text)
{
    return strpbrk(text, "\r\n") != NULL;
}

/* Sets what every request has. */
static void set_options(struct http *h, const struct http_request *req)
{
    CURL *e = h->transfer.easy;
    const char *method = req->method ? req->method : req->body ? "POST" : "GET";
    curl_easy_setopt(e, CURLOPT_URL, req->url);
    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
    transfer_set_tls(e, NULL);
    curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(e, CURLOPT_USERAGENT, "bureau/" PACKAGE_VERSION);
    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, h->curl_error);
    curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(req->connect_timeout_ms ? req->connect_timeout_ms : 5000));
    curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
                     (long)(req->total_timeout_ms ? req->total_timeout_ms : 600000));
    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(e, CURLOPT_HEADERDATA, h);
    curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->list);
    if (host_is_loopback(h->host))
        curl_easy_setopt(e, CURLOPT_PROXY, "");
    if (req->body) {
        h->body = mem_dup(req->body, req->body_len);
        curl_easy_setopt(e, CURLOPT_POST, 1L);
        curl_easy_setopt(e, CURLOPT_POSTFIELDS, h->body);
        curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
    }
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
    else if (strcmp(method, req->body ? "POST" : "GET") != 0)
        curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, method);
}

/* Starts a request. */
struct http *http_start(struct loop *l, const struct http_request *req,
                        const struct http_events *events, void *user, struct error *err)
{
    if (!transfer_global()) {
        error_set(err, STATUS_FAILED, _("libcurl 7.88 or newer is not installed: nothing can go to the network"));
        return NULL;
    }
    struct http *h = mem_alloc(sizeof *h);
    h->loop = l;
    h->events = *events;
    h->user = user;
    h->guest.on_free = on_loop_free;
    h->transfer.deliver = on_deliver;
    h->transfer.done = on_ended;
    strv_init(&h->headers);
    loop_guest_add(l, &h->guest);
    h->host = breaks_line(req->url) ? NULL : url_host(req->url, false);
    if (!h->host) {
        error_set(err, STATUS_USAGE, _("“%s” is not an http or https address"), req->url);
        goto refused;
    }
    for (size_t i = 0; req->headers && i < req->headers->len; i++) {
        const char *line = strv_at(req->headers, i);
        if (breaks_line(line)) {
            error_set(err, STATUS_REFUSED, _("A header of the request to %s holds a line break"), h->host);
            goto refused;
        }
        h->list = curl_slist_append(h->list, line);
    }
    if (req->method && breaks_line(req->method)) {
        error_set(err, STATUS_REFUSED, _("The method of the request to %s holds a line break"), h->host);
        goto refused;
    }
    h->list = curl_slist_append(h->list, "Expect:"); /* large bodies go at once */
    h->transfer.easy = curl_easy_init();
    if (!h->list || !h->transfer.easy)
        mem_exhausted();
    set_options(h, req);
    if (loop_transfer_add(l, &h->transfer))
        return h;
    error_set(err, STATUS_FAILED, _("The request to %s cannot be started"), h->host);
refused:
    http_free(h);
    return NULL;
}
