/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signin.c - the two ways of OAuth that work over SSH. */
#include "setup/signin.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/str.h"
#include "command/config.h"
#include "io/loop.h"
#include "mail/token.h"

enum { RANDOM = 32, INTERVAL_S = 5, INTERVAL_MAX_S = 60, EXPIRES_S = 900, EXPIRES_MAX_S = 3600 };

struct setup_signin {
    struct loop *loop;         /* borrow */
    const struct paths *paths; /* borrow */
    struct mail_oauth o;
    char *hint_address;        /* own: whom the page may greet */
    bool device;
    char verifier[64], state[64];
    char *url;                 /* own: of the page */
    char *device_code;         /* own */
    int64_t interval, expires; /* seconds; monotonic milliseconds */
    struct mail_token_post *post;
    struct loop_watch *timer;
    bool posted;
    struct setup_signin_events events;
    void *user;
};

/* Tells the end and releases it. */
static void finish(struct setup_signin *s, const struct error *err)
{
    s->events.on_done(s->user, err);
    setup_signin_cancel(s);
}

/* Stores the token, the last step of both ways. */
static void take_token(struct setup_signin *s, const struct json *answer)
{
    struct error err = ERROR_INIT;
    if (mail_token_store(s->paths, s->o.account, answer, NULL, &err) == STATUS_OK &&
        !json_get_text(answer, "refresh_token"))
        (void)error_hint(&err, _("the provider gave no refresh token: this sign-in ends with its access token"));
    finish(s, &err);
}

/* ---- code with PKCE ---- */

/* Random text for URLs. */
static void random_text(char *out, size_t size)
{
    unsigned char bytes[RANDOM];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, size, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

/* Adds "&name=value". */
static void add(struct str *url, const char *name, const char *value)
{
    if (!value)
        return;
    str_addf(url, "&%s=", name);
    mail_token_encode(url, value);
}

/* Makes the address of the page. */
static char *page(struct setup_signin *s)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char challenge[64];
    struct str url = STR_INIT;
    random_text(s->verifier, sizeof s->verifier);
    random_text(s->state, sizeof s->state);
    crypto_hash_sha256(hash, (const unsigned char *)s->verifier, strlen(s->verifier));
    sodium_bin2base64(challenge, sizeof challenge, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    str_addf(&url, "%s%cresponse_type=code", s->o.authorize, strchr(s->o.authorize, '?') ? '&' : '?');
    add(&url, "client_id", s->o.client);
    add(&url, "redirect_uri", s->o.redirect);
    add(&url, "scope", s->o.scope);
    add(&url, "state", s->state);
    add(&url, "code_challenge", challenge);
    add(&url, "code_challenge_method", "S256");
    add(&url, "login_hint", *s->hint_address ? s->hint_address : NULL);
    if (s->o.extra)
        str_addf(&url, "&%s", s->o.extra);
    return str_take(&url);
}

/* The value of a parameter in the address, decoded; NULL. Yours. */
static char *parameter(const char *address, const char *name)
{
    size_t n = strlen(name);
    const char *p = strpbrk(address, "?#");
    while (p && !(str_starts(p + 1, name) && p[1 + n] == '='))
        p = strpbrk(p + 1, "&#");
    if (!p)
        return NULL;
    struct str out = STR_INIT;
    for (p += n + 2; *p && !strchr("&# \t\r\n", *p); p++) {
        unsigned char byte;
        size_t made = 0;
        if (*p == '%' && p[1] && p[2] && sodium_hex2bin(&byte, 1, p + 1, 2, NULL, &made, NULL) == 0 && made == 1) {
            str_putc(&out, (char)byte);
            p += 2;
        } else {
            str_putc(&out, *p == '+' ? ' ' : *p);
        }
    }
    return str_take(&out);
}

/* The code was exchanged, or not. */
static void on_exchanged(void *user, int code, const struct json *answer, const struct error *err)
{
    struct setup_signin *s = user;
    struct error said = *err;
    s->post = NULL;
    if (!error_is(err) && code >= 200 && code <= 299) {
        take_token(s, answer);
        return;
    }
    if (!error_is(err))
        mail_token_explain(&s->o, code, answer, &said);
    if (str_eq(json_get_text(answer, "error"), "invalid_grant")) {
        (void)error_set(&said, STATUS_REFUSED, _("account %s: the code was used before or is too old"), s->o.account);
        (void)error_hint(&said, _("sign in anew: bureau setup %s --login"), s->o.account);
    }
    finish(s, &said);
}

/* Exchanges the code for a token. */
static void exchange(struct setup_signin *s, const char *code)
{
    struct vec p;
    strv_init(&p);
    const char *pairs[] = {"grant_type", "authorization_code", "code",          code,
                           "redirect_uri", s->o.redirect,      "code_verifier", s->verifier};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        strv_push(&p, pairs[i]);
    s->post = mail_token_post(s->loop, s->paths, &s->o, s->o.token, &p, on_exchanged, s);
    vec_fini(&p);
}

/* Takes what the browser ended on. */
enum status setup_signin_paste(struct setup_signin *s, const char *address, struct error *err)
{
    char *code = parameter(address, "code"), *state = parameter(address, "state"), *no = parameter(address, "error");
    enum status st = STATUS_OK;
    bool ours = state && strlen(state) == strlen(s->state) && sodium_memcmp(state, s->state, strlen(state)) == 0;
    if (s->post || s->device)
        st = error_set(err, STATUS_REFUSED, _("nothing is waited for"));
    else if (!code && !no)
        st = error_set(err, STATUS_USAGE, _("that is not the address the browser ended on: there is no code in it"));
    else if (!ours)
        st = error_set(err, STATUS_USAGE, _("that address belongs to another sign-in: its state is not ours"));
    else if (no)
        st = error_set(err, STATUS_REFUSED, _("the sign-in was refused in the browser: %.100s"), no);
    if (st == STATUS_USAGE)
        (void)error_hint(err, _("copy the whole address, from http to its end"));
    if (st == STATUS_OK)
        exchange(s, code);
    if (code)
        sodium_memzero(code, strlen(code));
    free(code);
    free(state);
    free(no);
    return st;
}

/* ---- device ---- */

static void poll_device(void *user);

/* Asks again after the interval, unless the code has ended. */
static void poll_later(struct setup_signin *s)
{
    struct error err = ERROR_INIT;
    if (clock_mono_ms() + s->interval * 1000 > s->expires) {
        (void)error_set(&err, STATUS_FAILED, _("the code was not typed in time"));
        (void)error_hint(&err, _("sign in anew: bureau setup %s --login"), s->o.account);
        finish(s, &err);
        return;
    }
    s->timer = loop_timer(s->loop, s->interval * 1000, poll_device, s);
}

/* Has the person typed the code? */
static void on_polled(void *user, int code, const struct json *answer, const struct error *err)
{
    struct setup_signin *s = user;
    struct error said = ERROR_INIT;
    const char *word = json_get_text(answer, "error");
    s->post = NULL;
    if (error_is(err) || str_eq(word, "slow_down")) { /* RFC 8628 §3.5: lines that time out slow it down too */
        s->interval = error_is(err) ? s->interval * 2 : s->interval + INTERVAL_S;
        if (s->interval > INTERVAL_MAX_S)
            s->interval = INTERVAL_MAX_S;
        poll_later(s);
    } else if (str_eq(word, "authorization_pending")) {
        poll_later(s);
    } else if (code >= 200 && code <= 299) {
        take_token(s, answer);
    } else {
        if (str_eq(word, "access_denied"))
            (void)error_set(&said, STATUS_REFUSED, _("the sign-in was refused in the browser: %.100s"), word);
        else if (str_eq(word, "expired_token"))
            (void)error_set(&said, STATUS_FAILED, _("the code was not typed in time"));
        else
            mail_token_explain(&s->o, code, answer, &said);
        finish(s, &said);
    }
}

/* Asks. */
static void poll_device(void *user)
{
    struct setup_signin *s = user;
    struct vec p;
    s->timer = NULL;
    strv_init(&p);
    strv_push(&p, "grant_type");
    strv_push(&p, "urn:ietf:params:oauth:grant-type:device_code");
    strv_push(&p, "device_code");
    strv_push(&p, s->device_code);
    s->post = mail_token_post(s->loop, s->paths, &s->o, s->o.token, &p, on_polled, s);
    vec_fini(&p);
}

/* The codes are here. */
static void on_device(void *user, int code, const struct json *answer, const struct error *err)
{
    struct setup_signin *s = user;
    struct error said = *err;
    const char *device = json_get_text(answer, "device_code"), *typed = json_get_text(answer, "user_code");
    const char *url = json_get_text(answer, "verification_uri");
    url = url ? url : json_get_text(answer, "verification_url"); /* Google's older word */
    s->post = NULL;
    if (error_is(err) || code < 200 || code > 299 || !device || !typed || !url) {
        if (!error_is(err))
            mail_token_explain(&s->o, code, answer, &said);
        finish(s, &said);
        return;
    }
    int64_t expires = json_get_int(answer, "expires_in", EXPIRES_S);
    s->interval = json_get_int(answer, "interval", INTERVAL_S);
    s->interval = s->interval < 1 ? 1 : s->interval > INTERVAL_MAX_S ? INTERVAL_MAX_S : s->interval;
    s->expires = clock_mono_ms() + (expires < 1 || expires > EXPIRES_MAX_S ? EXPIRES_MAX_S : expires) * 1000;
    s->device_code = mem_strdup(device);
    s->events.on_visit(s->user, url, typed);
    poll_later(s);
}

/* ---- the beginning ---- */

/* Shows the page, or asks for the codes. */
static void begin(void *user)
{
    struct setup_signin *s = user;
    s->posted = false;
    if (!s->device) {
        s->events.on_visit(s->user, s->url, NULL);
        return;
    }
    struct vec p;
    strv_init(&p);
    if (s->o.scope) {
        strv_push(&p, "scope");
        strv_push(&p, s->o.scope);
    }
    s->post = mail_token_post(s->loop, s->paths, &s->o, s->o.device, &p, on_device, s);
    vec_fini(&p);
}

/* Begins. */
struct setup_signin *setup_signin_start(struct loop *l, const struct paths *paths, const struct config_account *a,
                                        bool device, const struct setup_signin_events *events, void *user,
                                        struct error *err)
{
    struct setup_signin *s = mem_alloc(sizeof *s);
    if (mail_oauth_of(a, &s->o, err) != STATUS_OK) {
        free(s);
        return NULL;
    }
    s->loop = l;
    s->paths = paths;
    s->events = *events;
    s->user = user;
    s->hint_address = config_address(a->from ? a->from : "");
    s->device = s->o.device && (device || !s->o.authorize);
    if ((device && !s->o.device) || (!s->device && !s->o.authorize)) {
        (void)error_set(err, STATUS_USAGE, device ? _("account %s: the provider has no device sign-in for mail")
                                                  : _("account %s: no address of a sign-in page is known"), a->name);
        (void)error_hint(err, device ? _("leave --device away; the address can be pasted from any browser")
                                     : _("account %s oauth-authorize URL"), a->name);
        setup_signin_cancel(s);
        return NULL;
    }
    if (!s->device)
        s->url = page(s);
    s->posted = true;
    loop_post(l, begin, s);
    return s;
}

/* Ends it. */
void setup_signin_cancel(struct setup_signin *s)
{
    if (!s)
        return;
    if (s->posted)
        loop_unpost(s->loop, begin, s);
    loop_remove(s->loop, s->timer);
    mail_token_post_cancel(s->post);
    mail_oauth_fini(&s->o);
    sodium_memzero(s->verifier, sizeof s->verifier);
    if (s->device_code)
        sodium_memzero(s->device_code, strlen(s->device_code));
    free(s->device_code);
    free(s->hint_address);
    free(s->url);
    free(s);
}
