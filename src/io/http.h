/* http.h - HTTP(S) requests on the loop (libcurl). TLS ≥ 1.2, certificates checked, no redirects,
 * proxies from the environment never towards loopback, CURLOPT_QUICK_EXIT. */
#ifndef IO_HTTP_H
#define IO_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

struct loop;
struct http; /* a running request */

struct http_request {
    const char *method;        /* NULL: GET, or POST when body is set */
    const char *url;
    const struct vec *headers; /* strv of "Name: value"; refused with CR, LF or NUL; may be NULL */
    const char *body;          /* copied */
    size_t body_len;
    int64_t connect_timeout_ms; /* 0: 5 s */
    int64_t total_timeout_ms;   /* 0: 600 s */
};

enum http_fault { /* how the transfer itself ended */
    HTTP_DONE,
    HTTP_UNREACHABLE, /* DNS, connect, TLS handshake: nothing was received */
    HTTP_BROKEN,      /* cut after the first byte of the answer */
    HTTP_CANCELLED
};

struct http_result {
    enum http_fault fault;
    int code;                 /* HTTP status; 0 when none came */
    const char *content_type; /* "" when absent */
    int64_t received;         /* body bytes */
    int64_t sent;             /* bytes of the request, head included; 0: nothing left */
    struct error error;       /* set when fault is not HTTP_DONE */
};

struct http_events {
    /* Headers are complete (final answer only). */
    void (*on_head)(void *user, int code, const char *content_type);
    void (*on_data)(void *user, const char *bytes, size_t n);
    /* Exactly once, also after http_cancel (from within it); http is gone afterwards. */
    void (*on_done)(void *user, struct http *h, const struct http_result *r);
};

/* NULL with err set when the request itself is not one (bad URL, header with a line break). */
struct http *http_start(struct loop *l, const struct http_request *req,
                        const struct http_events *events, void *user, struct error *err);
/* Closes the socket at once. */
void http_cancel(struct http *h);
/* A header of the answer, from on_head on (also in on_done); NULL when absent. */
const char *http_header(const struct http *h, const char *name);

/* The host of an http(s) URL, with its port when it is not the scheme's ("127.0.0.1:8080"); local:
 * this machine by its spelling (localhost, 127.x.x.x, ::1). false when it is no such URL. */
bool http_url_host(const char *url, char *host, size_t size, bool *local);
/* The same of a URL of any scheme ("imaps://me@mail.example:994/"); name, password and path are left out. */
bool http_url_server(const char *url, char *host, size_t size);

#endif
