/* SPDX-License-Identifier: GPL-3.0-or-later */
/* token.c - requests to OAuth endpoints, the stored token, its renewal under a lock. */
#include "mail/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "command/config.h"
#include "io/http.h"
#include "io/loop.h"
#include "mail/secret.h"

enum { ANSWER_MAX = 256 << 10, POST_MS = 30000, LOCK_STEP_MS = 100, LOCK_MS = 45000, SPARE_S = 60 };

/* ---- providers ---- */

/* Endpoints as the providers' own pages give them. Google's device flow does not grant mail. */
static const struct {
    const char *name, *authorize, *token, *device, *scope, *redirect, *extra;
} presets[] = {
    {"google", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token", NULL,
     "https://mail.google.com/", "http://127.0.0.1/", "access_type=offline&prompt=consent"},
    {"microsoft", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
     "https://login.microsoftonline.com/common/oauth2/v2.0/token",
     "https://login.microsoftonline.com/common/oauth2/v2.0/devicecode",
     "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
     "http://localhost/", NULL},
};

/* The account's own word, else the preset's. */
static char *choose(const char *own, const char *preset)
{
    return mem_strdup_maybe(own ? own : preset);
}

/* May secret bytes go there? */
bool mail_oauth_url_is_safe(const char *url)
{
    char host[300];
    bool local = false;
    return http_url_host(url, host, sizeof host, &local) && (str_starts_nocase(url, "https://") || local);
}

/* Works out how an account signs in. */
enum status mail_oauth_of(const struct config_account *a, struct mail_oauth *out, struct error *err)
{
    size_t i = 0, n = sizeof presets / sizeof *presets;
    *out = (struct mail_oauth){0};
    strv_init(&out->secret_command);
    while (i < n && !(a->oauth && str_eq_nocase(a->oauth, presets[i].name)))
        i++;
    bool known = i < n;
    out->account = mem_strdup(a->name);
    out->authorize = choose(a->oauth_authorize, known ? presets[i].authorize : NULL);
    out->token = choose(a->oauth_token, known ? presets[i].token : NULL);
    out->device = choose(a->oauth_device, known ? presets[i].device : NULL);
    out->scope = choose(a->oauth_scope, known ? presets[i].scope : NULL);
    out->redirect = choose(a->oauth_redirect, known ? presets[i].redirect : "http://127.0.0.1/");
    out->extra = known ? mem_strdup_maybe(presets[i].extra) : NULL;
    out->client = mem_strdup_maybe(a->oauth_client);
    for (size_t k = 0; k < a->oauth_secret_command.len; k++)
        strv_push(&out->secret_command, strv_at(&a->oauth_secret_command, k));
    enum status s = STATUS_OK;
    if (!out->token) {
        s = error_set(err, STATUS_USAGE, _("account %s: no token address is known for “%s”"), a->name,
                      a->oauth ? a->oauth : "");
        (void)error_hint(err, _("oauth google, oauth microsoft, or oauth-token URL and oauth-authorize URL"));
    } else if (!out->client) {
        s = error_set(err, STATUS_USAGE, _("account %s: oauth needs a client id of your own"), a->name);
        (void)error_hint(err, _("account %s oauth-client ID (README: “Signing in with OAuth”)"), a->name);
    }
    const char *urls[] = {out->authorize, out->token, out->device};
    for (size_t k = 0; s == STATUS_OK && k < 3; k++)
        if (urls[k] && !mail_oauth_url_is_safe(urls[k]))
            s = error_set(err, STATUS_REFUSED, _("account %s: %s is not https"), a->name, urls[k]);
    if (s != STATUS_OK)
        mail_oauth_fini(out);
    return s;
}

/* Releases it. */
void mail_oauth_fini(struct mail_oauth *o)
{
    char *texts[] = {o->account, o->authorize, o->token, o->device, o->scope, o->redirect, o->extra, o->client};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    vec_fini(&o->secret_command);
    *o = (struct mail_oauth){0};
}

/* A copy that lives as long as a request. */
static void copy_oauth(struct mail_oauth *to, const struct mail_oauth *o)
{
    *to = (struct mail_oauth){.account = mem_strdup_maybe(o->account),
                              .authorize = mem_strdup_maybe(o->authorize),
                              .token = mem_strdup_maybe(o->token),
                              .device = mem_strdup_maybe(o->device),
                              .scope = mem_strdup_maybe(o->scope),
                              .redirect = mem_strdup_maybe(o->redirect),
                              .extra = mem_strdup_maybe(o->extra),
                              .client = mem_strdup_maybe(o->client)};
    strv_init(&to->secret_command);
    for (size_t i = 0; i < o->secret_command.len; i++)
        strv_push(&to->secret_command, strv_at(&o->secret_command, i));
}

/* Percent-encodes all but the unreserved characters (RFC 3986 §2.3). */
void mail_token_encode(struct str *out, const char *value)
{
    for (const unsigned char *p = (const unsigned char *)value; *p; p++)
        if ((*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z') || strchr("-._~", *p))
            str_putc(out, (char)*p);
        else
            str_addf(out, "%%%02X", *p);
}

/* ---- one request ---- */

struct mail_token_post {
    struct loop *loop;         /* borrow */
    struct mail_oauth o;
    char *url;                 /* own */
    struct str form, answer;   /* both hold secrets */
    struct mail_secret_run *secret;
    struct http *http;
    bool cancelled;
    void (*done)(void *user, int code, const struct json *answer, const struct error *err);
    void *user;
    struct error early; /* told from the loop */
    bool posted;
};

/* Releases a request. */
static void post_free(struct mail_token_post *p)
{
    mail_oauth_fini(&p->o);
    mail_secret_wipe(&p->form);
    mail_secret_wipe(&p->answer);
    free(p->url);
    free(p);
}

/* Tells an end without an answer. */
static void post_fail(struct mail_token_post *p, const struct error *err)
{
    if (!p->cancelled)
        p->done(p->user, 0, NULL, err);
    post_free(p);
}

/* Tells, from the loop, what went wrong at once. */
static void post_late(void *user)
{
    struct mail_token_post *p = user;
    p->posted = false;
    post_fail(p, &p->early);
}

/* Adds one parameter to the form. */
static void add_parameter(struct str *form, const char *name, const char *value)
{
    if (form->len)
        str_putc(form, '&');
    str_puts(form, name);
    str_putc(form, '=');
    mail_token_encode(form, value);
}

/* Bytes of the answer; too many break it off. */
static void post_data(void *user, const char *bytes, size_t n)
{
    struct mail_token_post *p = user;
    if (p->answer.len + n > ANSWER_MAX) {
        (void)error_set(&p->early, STATUS_LIMIT, _("the sign-in server's answer is too long"));
        http_cancel(p->http);
    } else {
        str_add(&p->answer, bytes, n);
    }
}

/* The answer is whole, or the transfer failed. */
static void post_done(void *user, struct http *h, const struct http_result *r)
{
    struct mail_token_post *p = user;
    struct json *answer = NULL;
    struct error err = ERROR_INIT;
    (void)h;
    p->http = NULL;
    if (p->cancelled) {
        post_free(p);
    } else if (error_is(&p->early)) {
        post_fail(p, &p->early);
    } else if (r->fault != HTTP_DONE) {
        post_fail(p, &r->error);
    } else if (json_parse(str_text(&p->answer), p->answer.len, &answer, &err) != STATUS_OK ||
               !json_is_object(answer)) {
        err = ERROR_INIT;
        (void)error_set(&err, r->code >= 500 ? STATUS_UNREACHABLE : STATUS_FAILED,
                        _("the sign-in server answered with status %d and no JSON"), r->code);
        json_free(answer);
        post_fail(p, &err);
    } else {
        p->done(p->user, r->code, answer, &err);
        json_free(answer);
        post_free(p);
    }
}

/* Sends the form. */
static void post_send(struct mail_token_post *p)
{
    static const struct http_events events = {.on_data = post_data, .on_done = post_done};
    struct vec headers;
    strv_init(&headers);
    strv_push(&headers, "Content-Type: application/x-www-form-urlencoded");
    strv_push(&headers, "Accept: application/json");
    struct http_request req = {.url = p->url, .headers = &headers, .body = str_text(&p->form),
                               .body_len = p->form.len, .connect_timeout_ms = 15000, .total_timeout_ms = POST_MS};
    p->http = http_start(p->loop, &req, &events, p, &p->early);
    vec_fini(&headers);
    if (!p->http) {
        p->posted = true;
        loop_post(p->loop, post_late, p);
    }
}

/* The client's secret is known. */
static void post_secret(void *user, const char *line, const struct error *err)
{
    struct mail_token_post *p = user;
    p->secret = NULL;
    if (error_is(err)) {
        post_fail(p, err);
        return;
    }
    add_parameter(&p->form, "client_secret", line);
    post_send(p);
}

/* Starts a request. */
struct mail_token_post *mail_token_post(struct loop *l, const struct paths *paths, const struct mail_oauth *o,
                                        const char *url, const struct vec *parameters,
                                        void (*done)(void *user, int code, const struct json *answer,
                                                     const struct error *err),
                                        void *user)
{
    struct mail_token_post *p = mem_alloc(sizeof *p);
    struct str secret = STR_INIT;
    p->loop = l;
    p->url = mem_strdup(url);
    p->done = done;
    p->user = user;
    p->early = ERROR_INIT;
    copy_oauth(&p->o, o);
    str_reserve(&p->form, 16 << 10); /* so that no copy of it stays behind */
    str_reserve(&p->answer, 16 << 10);
    add_parameter(&p->form, "client_id", o->client);
    for (size_t i = 0; i + 1 < parameters->len; i += 2)
        add_parameter(&p->form, strv_at(parameters, i), strv_at(parameters, i + 1));
    if (o->secret_command.len) {
        p->secret = mail_secret_run(l, &p->o.secret_command, "oauth-secret-command", post_secret, p, &p->early);
    } else {
        struct error none = ERROR_INIT;
        enum status s = mail_secret_read(paths, o->account, "client", &secret, &none);
        if (s == STATUS_OK) {
            str_truncate(&secret, strcspn(str_text(&secret), "\r\n"));
            add_parameter(&p->form, "client_secret", str_text(&secret));
        } else if (s != STATUS_NO_SUCH) {
            p->early = none;
        }
        mail_secret_wipe(&secret);
        if (!error_is(&p->early))
            post_send(p);
    }
    if (error_is(&p->early) && !p->posted) {
        p->posted = true;
        loop_post(l, post_late, p);
    }
    return p;
}

/* Stops it; nobody is told. */
void mail_token_post_cancel(struct mail_token_post *p)
{
    if (!p || p->cancelled)
        return;
    p->cancelled = true;
    if (p->http) {
        http_cancel(p->http);
    } else if (p->secret) {
        mail_secret_run_cancel(p->secret);
        post_free(p);
    } else if (p->posted && loop_unpost(p->loop, post_late, p)) {
        post_free(p);
    }
}

/* ---- what is stored ---- */

/* Stores what a token endpoint answered. */
enum status mail_token_store(const struct paths *paths, const char *account, const struct json *answer,
                             const char *old_refresh, struct error *err)
{
    const char *access = json_get_text(answer, "access_token"), *refresh = json_get_text(answer, "refresh_token");
    if (!access || !*access)
        return error_set(err, STATUS_CORRUPT, _("the sign-in server gave no access token"));
    const struct json *in = json_get(answer, "expires_in"); /* some send it as a string */
    long long seconds = json_is_number(in) ? json_to_int(in, 3600) : 3600;
    if (json_is_string(in) && !str_to_int64(json_text(in), &seconds))
        seconds = 3600;
    if (seconds < 0 || seconds > 366LL * 86400)
        seconds = 3600;
    struct json *o = json_object();
    json_set_str(o, "access_token", access);
    json_set_int(o, "expires_at", clock_now() + seconds);
    json_set_str(o, "refresh_token", refresh && *refresh ? refresh : old_refresh);
    char *text = json_print(o);
    json_free(o);
    enum status s = mail_secret_write(paths, account, "token", text, err);
    explicit_bzero(text, strlen(text));
    free(text);
    return s;
}

/* Words for an answer that is an error. */
void mail_token_explain(const struct mail_oauth *o, int code, const struct json *answer, struct error *err)
{
    const char *word = json_get_text(answer, "error"), *more = json_get_text(answer, "error_description");
    if (!word)
        word = "";
    if (str_eq(word, "invalid_grant")) {
        (void)error_set(err, STATUS_REFUSED, _("account %s: the sign-in was revoked or has ended"), o->account);
        (void)error_hint(err, _("sign in anew: bureau setup %s --login"), o->account);
    } else if (str_eq(word, "invalid_client") || str_eq(word, "unauthorized_client")) {
        (void)error_set(err, STATUS_REFUSED, _("account %s: the sign-in server does not accept the client id or its secret"),
                        o->account);
        (void)error_hint(err, _("check oauth-client and its secret (README: “Signing in with OAuth”)"));
    } else if (code >= 500 || str_eq(word, "temporarily_unavailable") || code == 429) {
        (void)error_set(err, STATUS_UNREACHABLE, _("account %s: the sign-in server is busy (status %d)"), o->account, code);
    } else {
        (void)error_set(err, STATUS_REFUSED, _("account %s: the sign-in server said no: %.60s %.200s"), o->account,
                        *word ? word : "?", more ? more : "");
    }
}

/* ---- a good token ---- */

struct mail_token_ask {
    struct loop *loop;         /* borrow */
    const struct paths *paths; /* borrow */
    struct mail_oauth o;
    char *refused, *refresh, *token; /* own */
    struct loop_watch *timer;
    struct mail_token_post *post;
    int lock; /* -1: not held */
    int64_t begun;
    bool posted;
    struct error err;
    void (*done)(void *user, const char *token, const struct error *err);
    void *user;
};

/* Wipes and frees. */
static void drop_text(char **text)
{
    if (*text)
        explicit_bzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

/* Releases an ask. */
static void ask_free(struct mail_token_ask *t)
{
    loop_remove(t->loop, t->timer);
    mail_token_post_cancel(t->post);
    if (t->lock >= 0)
        close(t->lock);
    mail_oauth_fini(&t->o);
    drop_text(&t->refused);
    drop_text(&t->refresh);
    drop_text(&t->token);
    free(t);
}

/* Tells the end. */
static void ask_end(void *user)
{
    struct mail_token_ask *t = user;
    t->posted = false;
    if (t->lock >= 0)
        close(t->lock);
    t->lock = -1;
    t->done(t->user, error_is(&t->err) ? NULL : t->token, &t->err);
    ask_free(t);
}

/* Ends it from the loop. */
static void ask_settle(struct mail_token_ask *t)
{
    t->posted = true;
    loop_post(t->loop, ask_end, t);
}

/* Reads what is stored: true when it settles the matter (a good token, or an error). */
static bool look(struct mail_token_ask *t)
{
    struct str text = STR_INIT;
    struct json *o = NULL;
    enum status s = mail_secret_read(t->paths, t->o.account, "token", &text, &t->err);
    if (s == STATUS_OK)
        s = json_parse(str_text(&text), text.len, &o, &t->err);
    mail_secret_wipe(&text);
    const char *access = json_get_text(o, "access_token"), *refresh = json_get_text(o, "refresh_token");
    drop_text(&t->refresh);
    t->refresh = mem_strdup_maybe(refresh && *refresh ? refresh : NULL);
    if (s == STATUS_OK && access && *access && !str_eq(access, t->refused) &&
        json_get_int(o, "expires_at", 0) > clock_now() + SPARE_S)
        t->token = mem_strdup(access);
    json_free(o);
    if (s == STATUS_REFUSED || t->token)
        return true;
    t->err = ERROR_INIT;
    if (t->refresh)
        return false;
    (void)error_set(&t->err, STATUS_REFUSED, s == STATUS_NO_SUCH ? _("account %s is not signed in yet")
                                                                 : _("account %s: the sign-in has ended"), t->o.account);
    (void)error_hint(&t->err, s == STATUS_NO_SUCH ? _("sign in: bureau setup %s --login")
                                                  : _("sign in anew: bureau setup %s --login"), t->o.account);
    return true;
}

/* The server answered to the refresh token. */
static void on_renewed(void *user, int code, const struct json *answer, const struct error *err)
{
    struct mail_token_ask *t = user;
    t->post = NULL;
    if (error_is(err)) {
        t->err = *err;
        error_prefix(&t->err, _("account %s"), t->o.account);
    } else if (code < 200 || code > 299) {
        mail_token_explain(&t->o, code, answer, &t->err);
    } else if (mail_token_store(t->paths, t->o.account, answer, t->refresh, &t->err) == STATUS_OK) {
        t->token = mem_strdup(json_get_text(answer, "access_token"));
        log_info("token: %s renewed", t->o.account);
    }
    ask_end(t);
}

/* Takes the lock, or comes again; with it, looks once more, then renews. */
static void try_lock(void *user)
{
    struct mail_token_ask *t = user;
    t->timer = NULL;
    if (t->lock < 0) {
        char *path = mail_secret_path(t->paths, t->o.account, "lock");
        t->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (t->lock < 0)
            (void)error_set_errno(&t->err, errno, "%s", path);
        free(path);
    }
    if (t->lock < 0) {
        ask_settle(t);
    } else if (flock(t->lock, LOCK_EX | LOCK_NB) != 0) {
        if (clock_mono_ms() - t->begun < LOCK_MS) {
            t->timer = loop_timer(t->loop, LOCK_STEP_MS, try_lock, t);
            return;
        }
        (void)error_set(&t->err, STATUS_LOCKED, _("account %s: another bureau is renewing the sign-in"), t->o.account);
        ask_settle(t);
    } else if (look(t)) {
        ask_settle(t);
    } else {
        struct vec p;
        strv_init(&p);
        strv_push(&p, "grant_type");
        strv_push(&p, "refresh_token");
        strv_push(&p, "refresh_token");
        strv_push(&p, t->refresh);
        t->post = mail_token_post(t->loop, t->paths, &t->o, t->o.token, &p, on_renewed, t);
        explicit_bzero((char *)strv_at(&p, 3), strlen(strv_at(&p, 3)));
        vec_fini(&p);
    }
}

/* Asks for a good token. */
struct mail_token_ask *mail_token_get(struct loop *l, const struct paths *paths, const struct mail_oauth *o,
                                      const char *refused,
                                      void (*done)(void *user, const char *token, const struct error *err),
                                      void *user)
{
    struct mail_token_ask *t = mem_alloc(sizeof *t);
    t->loop = l;
    t->paths = paths;
    t->refused = mem_strdup_maybe(refused);
    t->lock = -1;
    t->begun = clock_mono_ms();
    t->err = ERROR_INIT;
    t->done = done;
    t->user = user;
    copy_oauth(&t->o, o);
    if (look(t))
        ask_settle(t);
    else
        try_lock(t);
    return t;
}

/* Stops it; nobody is told. */
void mail_token_cancel(struct mail_token_ask *t)
{
    if (!t || (t->posted && !loop_unpost(t->loop, ask_end, t)))
        return;
    ask_free(t);
}
