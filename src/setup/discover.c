/* SPDX-License-Identifier: GPL-3.0-or-later */
/* discover.c - asks everybody at once where the mail servers of a domain are.
 *
 * Each source has a rank; what it answers is kept under it. The search is over when no source that is
 * still out could say anything better than what is there, or when the time is up. */
#include "setup/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "command/option.h"
#include "io/dns.h"
#include "io/http.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "setup/provider.h"

enum rank { BY_DOMAIN, BY_AUTOCONFIG, BY_WELL_KNOWN, BY_SRV, BY_ISPDB, BY_MX, BY_MX_ISPDB, RANKS };
enum { BODY_MAX = 256 << 10, REDIRECTS_MAX = 3, SRV_KINDS = 4 };

/* One question over HTTPS. */
struct fetch {
    struct setup_discover *d; /* borrow */
    enum rank rank;
    struct http *http;
    struct str body;
    char *next; /* own: where a redirect leads */
    int redirects;
    bool parsing, stopped;
    struct fetch *after;
};

/* One SRV question. */
struct srv {
    struct setup_discover *d;
    struct dns_query *query;
    const char *service, *scheme;
    bool incoming;
    int order; /* 0 best */
    char *url; /* own: the answer */
};

struct setup_discover {
    struct loop *loop; /* borrow */
    char *address, *domain, *local;
    struct setup_servers found[RANKS];
    int out[RANKS]; /* questions of this rank that are under way */
    struct srv srv[SRV_KINDS];
    struct dns_query *mx;
    struct fetch *fetches;
    struct mail_reader *reader;
    struct loop_watch *timer;
    bool posted, answered;
    void (*done)(void *user, const struct setup_servers *servers);
    void *user;
};

/* Releases what was found. */
void setup_servers_fini(struct setup_servers *s)
{
    char *texts[] = {s->imap,          s->smtp,        s->user,        s->oauth,    s->oauth_authorize,
                     s->oauth_token, s->oauth_scope, s->imap_from, s->smtp_from};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    *s = (struct setup_servers){0};
}

/* Where an answer of this rank is from, for a person. */
static char *source_name(const struct setup_discover *d, enum rank rank)
{
    switch (rank) {
    case BY_AUTOCONFIG:
        return str_format("autoconfig.%s", d->domain);
    case BY_WELL_KNOWN:
        return str_format("%s/.well-known", d->domain);
    case BY_SRV:
        return str_format(_("DNS of %s, not signed"), d->domain);
    case BY_ISPDB:
    case BY_MX_ISPDB:
        return mem_strdup(_("ISP database"));
    case BY_DOMAIN:
    case BY_MX:
    case RANKS:
        break;
    }
    return mem_strdup(_("known provider"));
}

/* ---- the end ---- */

/* Ends what is under way. */
static void stop_all(struct setup_discover *d)
{
    loop_remove(d->loop, d->timer);
    d->timer = NULL;
    for (int i = 0; i < SRV_KINDS; i++) {
        dns_cancel(d->srv[i].query);
        d->srv[i].query = NULL;
    }
    dns_cancel(d->mx);
    d->mx = NULL;
    for (struct fetch *f = d->fetches, *next; f; f = next) {
        next = f->after;
        f->stopped = true;
        if (f->http)
            http_cancel(f->http);
    }
    if (d->reader)
        mail_reader_free(d->reader); /* which ends the parsings */
    d->reader = NULL;
    while (d->fetches) {
        struct fetch *f = d->fetches;
        d->fetches = f->after;
        str_fini(&f->body);
        free(f->next);
        free(f);
    }
}

/* Releases it. */
static void discover_free(struct setup_discover *d)
{
    stop_all(d);
    for (int i = 0; i < RANKS; i++)
        setup_servers_fini(&d->found[i]);
    for (int i = 0; i < SRV_KINDS; i++)
        free(d->srv[i].url);
    free(d->address);
    free(d->domain);
    free(d->local);
    free(d);
}

/* Does unsigned DNS send us to a host outside the domain? (RFC 6186 §6: a person must agree.) */
static bool is_doubtful(const struct setup_discover *d, enum rank rank, const char *url)
{
    const char *host = strstr(url, "://") + 3;
    size_t n = strcspn(host, ":"), len = strlen(d->domain);
    if (rank != BY_SRV)
        return false;
    return !(n >= len && str_starts_nocase(host + n - len, d->domain) && (n == len || host[n - len - 1] == '.'));
}

/* The best of what is there. */
static void gather(const struct setup_discover *d, struct setup_servers *out)
{
    *out = (struct setup_servers){.answered = d->answered};
    for (int i = 0; i < RANKS; i++) {
        const struct setup_servers *s = &d->found[i];
        if (s->imap && !out->imap) {
            out->imap = mem_strdup(s->imap);
            out->imap_from = source_name(d, (enum rank)i);
            out->imap_doubt = is_doubtful(d, (enum rank)i, s->imap);
            out->user = mem_strdup_maybe(s->user);
            out->oauth = mem_strdup_maybe(s->oauth);
            out->oauth_authorize = mem_strdup_maybe(s->oauth_authorize);
            out->oauth_token = mem_strdup_maybe(s->oauth_token);
            out->oauth_scope = mem_strdup_maybe(s->oauth_scope);
            out->hint = s->hint;
        }
        if (s->smtp && !out->smtp) {
            out->smtp = mem_strdup(s->smtp);
            out->smtp_from = source_name(d, (enum rank)i);
            out->smtp_doubt = is_doubtful(d, (enum rank)i, s->smtp);
        }
    }
}

/* Tells what was found, once. */
static void finish(void *user)
{
    struct setup_discover *d = user;
    struct setup_servers best;
    d->posted = false;
    stop_all(d);
    gather(d, &best);
    log_info("setup: %s: imap %s, smtp %s", d->domain, best.imap ? best.imap : "-", best.smtp ? best.smtp : "-");
    d->done(d->user, &best);
    setup_servers_fini(&best);
    discover_free(d);
}

/* Posts the end, so that whoever answered last has returned. */
static void post_finish(struct setup_discover *d)
{
    if (!d->posted)
        loop_post(d->loop, finish, d);
    d->posted = true;
}

/* A question was answered or will not be: can anything better still come? */
static void settle(struct setup_discover *d, enum rank rank)
{
    bool imap = false, smtp = false;
    d->out[rank]--;
    for (int i = 0; i < RANKS && !(imap && smtp); i++) {
        if (d->out[i])
            return;
        imap = imap || d->found[i].imap;
        smtp = smtp || d->found[i].smtp;
    }
    post_finish(d);
}

/* The time is up. */
static void on_time(void *user)
{
    struct setup_discover *d = user;
    d->timer = NULL;
    post_finish(d);
}

/* ---- what providers write ---- */

/* Replaces %EMAILADDRESS%, %EMAILLOCALPART%, %EMAILDOMAIN%. Yours. */
static char *fill(const struct setup_discover *d, const char *text)
{
    const struct {
        const char *name, *value;
    } names[] = {{"%EMAILADDRESS%", d->address}, {"%EMAILLOCALPART%", d->local}, {"%EMAILDOMAIN%", d->domain}};
    struct str out = STR_INIT;
    while (*text) {
        size_t i = 0;
        while (i < 3 && !str_starts(text, names[i].name))
            i++;
        if (i < 3) {
            str_puts(&out, names[i].value);
            text += strlen(names[i].name);
        } else {
            str_putc(&out, *text++);
        }
    }
    return str_take(&out);
}

/* How good a server of the file is: 0 unusable (plain text, another protocol, a name that is none). */
static int worth(const struct mail_server *s, const char *host, const char *type)
{
    if (!str_eq(s->type, type) || !dns_is_host(host) || s->port < 0 || s->port > 65535)
        return 0;
    return str_eq_nocase(s->socket, "SSL") ? 2 : str_eq_nocase(s->socket, "STARTTLS") ? 1 : 0;
}

/* The URL of the best server of a type; user: its login, when it is not the address. */
static char *best_url(const struct setup_discover *d, const struct mail_servers *s, const char *type, char **user)
{
    char *url = NULL;
    int best = 0;
    for (size_t i = 0; i < s->servers.len; i++) {
        const struct mail_server *v = vec_at(&s->servers, i);
        char *host = fill(d, v->host);
        int w = worth(v, host, type);
        if (w > best) {
            char port[16] = "";
            if (v->port)
                snprintf(port, sizeof port, ":%d", (int)v->port);
            best = w;
            free(url);
            url = str_format("%s%s://%s%s", type, w == 2 ? "s" : "", host, port);
            if (user) {
                char *login = fill(d, v->user);
                bool odd = *login == '\0' || strpbrk(login, "\r\n\t\"\\") || str_eq_nocase(login, d->address);
                free(*user);
                *user = odd ? NULL : mem_strdup(login);
                free(login);
            }
        }
        free(host);
    }
    return url;
}

/* The preset for the sign-in that the file names; NULL. */
static const char *preset_of(const char *issuer)
{
    if (!issuer)
        return NULL;
    return strstr(issuer, "google.com") ? "google" : strstr(issuer, "microsoftonline.com") ? "microsoft" : NULL;
}

/* May it be an endpoint of a sign-in? */
static bool is_oauth_url(const char *url)
{
    return url && str_starts(url, "https://") && !strpbrk(url, " \t\r\n\"\\");
}

/* The reader has taken the file apart. */
static void on_servers(void *user, const struct mail_servers *s, const struct error *err)
{
    struct fetch *f = user;
    struct setup_discover *d = f->d;
    struct setup_servers *to = &d->found[f->rank];
    f->parsing = false;
    if (f->stopped)
        return;
    if (!error_is(err) && !to->imap && !to->smtp) {
        to->imap = best_url(d, s, "imap", &to->user);
        to->smtp = best_url(d, s, "smtp", NULL);
        to->oauth = mem_strdup_maybe(preset_of(s->issuer));
        if (!to->oauth && is_oauth_url(s->authorize) && is_oauth_url(s->token)) {
            to->oauth_authorize = mem_strdup(s->authorize);
            to->oauth_token = mem_strdup(s->token);
            to->oauth_scope = mem_strdup_maybe(s->scope);
        }
    }
    settle(d, f->rank);
}

/* ---- HTTPS ---- */

static bool fetch_url(struct fetch *f, const char *url);

/* The bytes of a file; too many break it off. */
static void on_data(void *user, const char *bytes, size_t n)
{
    struct fetch *f = user;
    if (f->body.len + n > BODY_MAX)
        http_cancel(f->http);
    else
        str_add(&f->body, bytes, n);
}

/* Where an answer sends us on, when that is https; NULL. Yours. */
static char *redirect_of(struct http *h, int code)
{
    const char *to = http_header(h, "Location");
    if (code < 301 || code > 308 || (code > 303 && code < 307) || !to || !str_starts_nocase(to, "https://"))
        return NULL;
    return strpbrk(to, "\r\n \t") ? NULL : mem_strdup(to);
}

/* A file is here, or is not there. */
static void on_done(void *user, struct http *h, const struct http_result *r)
{
    struct fetch *f = user;
    f->http = NULL;
    if (f->stopped)
        return;
    f->d->answered = f->d->answered || r->fault == HTTP_DONE;
    char *to = r->fault == HTTP_DONE && f->redirects < REDIRECTS_MAX ? redirect_of(h, r->code) : NULL;
    if (to) {
        f->redirects++;
        str_clear(&f->body);
        if (!fetch_url(f, to))
            settle(f->d, f->rank);
        free(to);
    } else if (r->fault == HTTP_DONE && r->code == 200 && f->body.len) {
        f->parsing = true;
        mail_reader_autoconfig(f->d->reader, f->body.data, f->body.len, on_servers, f);
    } else {
        settle(f->d, f->rank);
    }
}

/* Asks for a file. */
static bool fetch_url(struct fetch *f, const char *url)
{
    static const struct http_events events = {.on_data = on_data, .on_done = on_done};
    struct error err = ERROR_INIT;
    int64_t limit = option_int("setup.timeout");
    struct http_request req = {.url = url, .connect_timeout_ms = limit, .total_timeout_ms = limit};
    f->http = http_start(f->d->loop, &req, &events, f, &err);
    if (!f->http)
        log_info("setup: %s", err.text);
    return f->http != NULL;
}

/* Begins one question over HTTPS; url is taken. */
static void fetch_start(struct setup_discover *d, enum rank rank, char *url)
{
    struct fetch *f = mem_alloc(sizeof *f);
    f->d = d;
    f->rank = rank;
    f->after = d->fetches;
    d->fetches = f;
    d->out[rank]++;
    if (!fetch_url(f, url))
        d->out[rank]--;
    free(url);
}

/* Asks the ISP database about a domain. */
static void ask_ispdb(struct setup_discover *d, enum rank rank, const char *domain)
{
    const char *base = option_text("setup.ispdb");
    if (str_starts_nocase(base, "https://"))
        fetch_start(d, rank, str_format("%s%s%s", base, str_ends(base, "/") ? "" : "/", domain));
}

/* ---- DNS ---- */

/* The answers to the four services make up one answer. */
static void join_srv(struct setup_discover *d)
{
    struct setup_servers *to = &d->found[BY_SRV];
    for (int order = 1; order >= 0; order--)
        for (int i = 0; i < SRV_KINDS; i++) {
            char **url = d->srv[i].incoming ? &to->imap : &to->smtp;
            if (d->srv[i].order == order && d->srv[i].url) {
                free(*url);
                *url = mem_strdup(d->srv[i].url);
            }
        }
}

/* A service's records are here. */
static void on_srv(void *user, const struct dns_record *records, size_t n, const struct error *err)
{
    struct srv *s = user;
    s->d->answered = s->d->answered || !error_is(err);
    s->query = NULL;
    for (size_t i = 0; i < n && !s->url; i++)
        if (*records[i].host && records[i].port) /* "." is "not here" (RFC 6186 §3.4) */
            s->url = str_format("%s://%s:%u", s->scheme, records[i].host, records[i].port);
    join_srv(s->d);
    settle(s->d, BY_SRV);
}

/* The registrable part of an exchanger's name, as far as its labels tell ("example.com.cn"). Borrowed. */
static const char *base_domain(const char *host)
{
    const char *dots[128];
    size_t n = 0;
    for (const char *p = host; *p && n < 128; p++)
        if (*p == '.')
            dots[n++] = p;
    if (n < 2)
        return host;
    size_t last = strlen(dots[n - 1] + 1), middle = (size_t)(dots[n - 1] - dots[n - 2]) - 1;
    bool national = last == 2 && middle <= 3;
    return national ? (n < 3 ? host : dots[n - 3] + 1) : dots[n - 2] + 1;
}

/* The exchangers are here: who runs them? */
static void on_mx(void *user, const struct dns_record *records, size_t n, const struct error *err)
{
    struct setup_discover *d = user;
    d->answered = d->answered || !error_is(err);
    d->mx = NULL;
    const struct setup_provider *p = n && *records[0].host ? setup_provider_by_mx(records[0].host) : NULL;
    if (p) {
        struct setup_servers *to = &d->found[BY_MX];
        to->imap = mem_strdup(p->imap);
        to->smtp = mem_strdup(p->smtp);
        to->oauth = mem_strdup_maybe(p->oauth);
        to->hint = p->hint ? _(p->hint) : NULL;
    } else if (n && *records[0].host && !str_eq_nocase(base_domain(records[0].host), d->domain)) {
        ask_ispdb(d, BY_MX_ISPDB, base_domain(records[0].host));
    }
    d->out[BY_MX_ISPDB]--; /* held while it was not known whether it would be asked */
    settle(d, BY_MX);
}

/* Asks for the records of the domain. */
static void ask_dns(struct setup_discover *d)
{
    static const struct srv kinds[SRV_KINDS] = {
        {.service = "_imaps._tcp", .scheme = "imaps", .incoming = true, .order = 0},
        {.service = "_imap._tcp", .scheme = "imap", .incoming = true, .order = 1},
        {.service = "_submissions._tcp", .scheme = "smtps", .order = 0},
        {.service = "_submission._tcp", .scheme = "smtp", .order = 1}};
    const char *servers = option_text("net.dns");
    struct error err = ERROR_INIT;
    int64_t limit = option_int("setup.timeout");
    for (int i = 0; i < SRV_KINDS; i++) {
        char *name = str_format("%s.%s", kinds[i].service, d->domain);
        d->srv[i] = kinds[i];
        d->srv[i].d = d;
        d->srv[i].query = dns_ask(d->loop, servers, name, DNS_SRV, limit, on_srv, &d->srv[i], &err);
        d->out[BY_SRV] += d->srv[i].query != NULL;
        free(name);
    }
    d->mx = dns_ask(d->loop, servers, d->domain, DNS_MX, limit, on_mx, d, &err);
    d->out[BY_MX] += d->mx != NULL;
    d->out[BY_MX_ISPDB] += d->mx != NULL;
}

/* ---- the beginning ---- */

/* Takes a known provider's word; false when it is none. */
static bool take_known(struct setup_discover *d)
{
    const struct setup_provider *p = setup_provider_of(d->domain);
    struct setup_servers *to = &d->found[BY_DOMAIN];
    if (!p)
        return false;
    to->imap = mem_strdup(p->imap);
    to->smtp = mem_strdup(p->smtp);
    to->oauth = mem_strdup_maybe(p->oauth);
    to->hint = p->hint ? _(p->hint) : NULL;
    return true;
}

/* Begins. */
struct setup_discover *setup_discover_start(struct loop *l, const char *address, bool offline,
                                            void (*done)(void *user, const struct setup_servers *servers),
                                            void *user, struct error *err)
{
    const char *at = strrchr(address, '@');
    char *domain = at && at != address ? dns_domain(at + 1) : NULL;
    if (!domain) {
        (void)error_set(err, STATUS_USAGE, _("“%s” is no mail address"), address);
        return NULL;
    }
    struct setup_discover *d = mem_alloc(sizeof *d);
    d->loop = l;
    d->address = mem_strdup(address);
    d->local = mem_strndup(address, (size_t)(at - address));
    d->domain = domain;
    d->done = done;
    d->user = user;
    if (!take_known(d) && !offline) {
        d->reader = mail_reader_new(l, NULL);
        d->timer = loop_timer(l, option_int("setup.timeout"), on_time, d);
        fetch_start(d, BY_AUTOCONFIG, str_format("https://autoconfig.%s/mail/config-v1.1.xml", domain));
        fetch_start(d, BY_WELL_KNOWN, str_format("https://%s/.well-known/autoconfig/mail/config-v1.1.xml", domain));
        ask_ispdb(d, BY_ISPDB, domain);
        ask_dns(d);
    }
    bool waits = false;
    for (int i = 0; i < RANKS; i++)
        waits = waits || d->out[i];
    if (!waits)
        post_finish(d);
    return d;
}

/* Ends it with what is there. */
void setup_discover_stop(struct setup_discover *d)
{
    if (!d->posted || loop_unpost(d->loop, finish, d))
        finish(d);
}

/* Ends it. */
void setup_discover_cancel(struct setup_discover *d)
{
    if (d && (!d->posted || loop_unpost(d->loop, finish, d)))
        discover_free(d);
}
