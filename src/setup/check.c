/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - logs in everywhere an account says it has a place, and tells what came of it.
 *
 * Login first (password or token), then IMAP and SMTP side by side. A token that is refused is
 * renewed once, as every other user of it would. */
#include "setup/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/config.h"
#include "io/imap.h"
#include "mail/imap.h"
#include "io/loop.h"
#include "io/smtp.h"
#include "io/tlskey.h"
#include "mail/login.h"
#include "mail/secret.h"

/* Asks which key a server shows. */
struct asking {
    struct setup_check *check; /* borrow */
    enum setup_part part;
    struct tlskey *key;        /* NULL: not under way */
};

struct setup_check {
    struct loop *loop;         /* borrow */
    const struct paths *paths; /* borrow */
    struct config_account a;
    struct setup_check_result r;
    enum mail_login_kind kind;
    char *login;       /* own */
    struct str secret;
    struct mail_login *ask;
    struct imap *imap;
    struct smtp *smtp;
    struct asking keys[SETUP_PARTS]; /* of the servers that are not trusted */
    bool given, renewed, imap_good, again, silent;
    void (*done)(void *user, const struct setup_check_result *r);
    void *user;
};

static void try_servers(void *user);

/* The first error. */
const struct error *setup_check_error(const struct setup_check_result *r)
{
    for (int i = 0; i < SETUP_PARTS; i++)
        if (error_is(&r->errors[i]))
            return &r->errors[i];
    return NULL;
}

/* Releases it. */
static void check_free(struct setup_check *c)
{
    config_account_fini(&c->a);
    mail_secret_wipe(&c->secret);
    free(c->login);
    free(c);
}

/* A key beside those that are trusted. */
char *setup_check_add_pin(const char *pins, const char *pin)
{
    if (!pins || !*pins || strstr(pins, pin))
        return mem_strdup(pins && *pins ? pins : pin);
    return str_format("%s,%s", pins, pin);
}

/* What to do about the servers that are not trusted, once their keys are known: one line pins them all. */
static void name_keys(struct setup_check_result *r, const struct config_account *a)
{
    char *pins = mem_strdup_maybe(a->pin);
    bool named = false;
    for (int i = SETUP_IMAP; i < SETUP_PARTS; i++)
        if (r->errors[i].untrusted && *r->pins[i]) {
            char *more = setup_check_add_pin(pins, r->pins[i]);
            free(pins);
            pins = more;
        }
    for (int i = SETUP_IMAP; i < SETUP_PARTS; i++)
        if (r->errors[i].untrusted && *r->pins[i]) {
            if (named)
                (void)error_hint(&r->errors[i], "%s", _("the account's pin holds for both its servers"));
            else
                (void)error_hint(&r->errors[i], _("only if this is your own server's key: account %s pin %s"), a->name, pins);
            named = true;
        }
    free(pins);
}

/* Tells the end, when nothing is under way. */
static void settle(struct setup_check *c)
{
    if (c->ask || c->imap || c->smtp || c->keys[SETUP_IMAP].key || c->keys[SETUP_SMTP].key || c->silent)
        return;
    if (c->again) {
        c->again = false;
        try_servers(c);
        return;
    }
    name_keys(&c->r, &c->a);
    c->done(c->user, &c->r);
    check_free(c);
}

/* ---- what a server's no means ---- */

/* Was a token refused that has not been renewed yet? */
static bool may_renew(const struct setup_check *c)
{
    return c->kind == MAIL_LOGIN_TOKEN && !c->renewed && !c->given;
}

/* Adds what a person can do. */
static void advise(const struct setup_check *c, struct error *err, const char *option, const char *url)
{
    char host[256];
    const char *from = strstr(url, "://");
    snprintf(host, sizeof host, "%s", from ? from + 3 : url);
    host[strcspn(host, ":/")] = '\0';
    if (err->untrusted)
        return; /* its key is named at the end */
    if (err->status == STATUS_REFUSED && c->kind == MAIL_LOGIN_TOKEN)
        (void)error_hint(err, _("sign in anew: bureau setup %s --login"), c->a.name);
    else if (err->status == STATUS_REFUSED && c->kind == MAIL_LOGIN_NONE)
        (void)error_hint(err, _("it has no password: bureau setup %s --login, or password-command in bureaurc"), c->a.name);
    else if (err->status == STATUS_REFUSED)
        (void)error_hint(err, _("wrong user or password; many providers want an app password: bureau setup %s --login"),
                         c->a.name);
    else if (!*err->hint)
        (void)error_hint(err, _("is “%s %s” right, and can this machine reach %s?"), option, url, host);
}

/* The key of a server that is not trusted is known. */
static void on_key(void *user, const char *hex)
{
    struct asking *k = user;
    struct setup_check *c = k->check;
    k->key = NULL;
    if (hex)
        snprintf(c->r.pins[k->part], sizeof c->r.pins[k->part], "%s", hex);
    settle(c);
}

/* A server is done with; err OK: it works. */
static void end_part(struct setup_check *c, enum setup_part part, const struct error *err, const char *url)
{
    if (error_is(err) && err->status == STATUS_REFUSED && !err->untrusted && may_renew(c)) {
        c->again = true;
    } else {
        c->r.errors[part] = *err;
        if (error_is(err))
            advise(c, &c->r.errors[part], part == SETUP_IMAP ? "imap" : "smtp", url);
        struct asking *k = &c->keys[part];
        *k = (struct asking){c, part, NULL};
        if (err->untrusted)
            k->key = tlskey_start(c->loop, url, on_key, k);
    }
    settle(c);
}

/* ---- IMAP ---- */

/* A folder of the list. */
static void on_response(void *user, const struct imap_response *resp)
{
    struct setup_check *c = user;
    if (resp->kind != IMAP_LIST || (resp->list.attributes & (IMAP_LIST_NOSELECT | IMAP_LIST_NONEXISTENT)))
        return;
    c->r.folders++;
    c->r.has_sent = c->r.has_sent || (resp->list.attributes & IMAP_LIST_SENT);
    c->r.has_trash = c->r.has_trash || (resp->list.attributes & IMAP_LIST_TRASH);
}

/* The folders have been listed. */
static void on_listed(void *user, const struct imap_result *r)
{
    struct setup_check *c = user;
    if (r->end == IMAP_DONE || r->end == IMAP_DENIED)
        imap_logout(c->imap);
}

/* Logged in. */
static void on_ready(void *user)
{
    struct setup_check *c = user;
    struct error err = ERROR_INIT;
    c->imap_good = true;
    struct imap_command *list = imap_command(c->imap, "LIST");
    c->r.lacks = mail_imap_lacks(c->imap);
    imap_arg(list, imap_has(c->imap, "SPECIAL-USE") ? "\"\" \"*\" RETURN (SPECIAL-USE)" : "\"\" \"*\"");
    if (imap_send(list, on_listed, c, &err) != STATUS_OK)
        imap_logout(c->imap);
}

/* The session is over. */
static void on_closed(void *user, const struct error *why)
{
    struct setup_check *c = user;
    struct error good = ERROR_INIT;
    c->imap = NULL;
    c->r.has_sent = c->r.has_sent || c->a.sent;
    c->r.has_trash = c->r.has_trash || c->a.trash;
    end_part(c, SETUP_IMAP, c->imap_good ? &good : why, c->a.imap);
}

/* Begins the IMAP session; false with err when the config is wrong. */
static bool imap_begin(struct setup_check *c, struct error *err)
{
    static const struct imap_events events = {on_ready, on_response, on_closed};
    struct imap_config config = {.url = c->a.imap,
                                 .user = c->login,
                                 .password = c->kind == MAIL_LOGIN_PASSWORD ? str_text(&c->secret) : NULL,
                                 .token = c->kind == MAIL_LOGIN_TOKEN ? str_text(&c->secret) : NULL,
                                 .pin = c->a.pin,
                                 .plaintext = c->a.plaintext};
    c->imap_good = false;
    c->imap = imap_open(c->loop, &config, &events, c, err);
    return c->imap != NULL;
}

/* ---- SMTP ---- */

/* The dialogue is over. */
static void smtp_done(void *user, const struct smtp_result *r)
{
    struct setup_check *c = user;
    struct error err = r->error;
    c->smtp = NULL;
    if (r->end == SMTP_SENT)
        err = ERROR_INIT;
    else if (r->end == SMTP_REFUSED && r->code >= 500)
        err.status = STATUS_REFUSED;
    end_part(c, SETUP_SMTP, &err, c->a.smtp);
}

/* Begins it. */
static bool smtp_begin(struct setup_check *c, struct error *err)
{
    const struct smtp_events events = {.on_done = smtp_done};
    struct smtp_message m = {.url = c->a.smtp,
                             .user = c->kind == MAIL_LOGIN_NONE ? NULL : c->login,
                             .password = c->kind == MAIL_LOGIN_PASSWORD ? str_text(&c->secret) : NULL,
                             .token = c->kind == MAIL_LOGIN_TOKEN ? str_text(&c->secret) : NULL,
                             .pin = c->a.pin,
                             .plaintext = c->a.plaintext,
                             .probe = true};
    c->smtp = smtp_start(c->loop, &m, &events, c, err);
    return c->smtp != NULL;
}

/* ---- the way ---- */

/* The password or token is here. */
static void on_login(void *user, const struct mail_login_result *r, const struct error *err)
{
    struct setup_check *c = user;
    c->ask = NULL;
    if (c->silent)
        return;
    if (error_is(err)) {
        c->r.errors[SETUP_LOGIN] = *err;
        settle(c);
        return;
    }
    free(c->login);
    c->login = mem_strdup(r->user);
    c->kind = r->kind;
    mail_secret_wipe(&c->secret);
    str_puts(&c->secret, r->secret);
    c->again = true;
    settle(c);
}

/* Nothing could be begun: tells so from the loop. */
static void settle_late(void *user)
{
    settle(user);
}

/* Talks to the servers that are not known to work; a refused token is renewed before. */
static void try_servers(void *user)
{
    struct setup_check *c = user;
    bool renew = c->r.tried[SETUP_IMAP] || c->r.tried[SETUP_SMTP];
    if (renew && !c->renewed) {
        c->renewed = true;
        c->r.tried[SETUP_IMAP] = c->r.tried[SETUP_SMTP] = false;
        c->ask = mail_login_get(c->loop, c->paths, &c->a, str_text(&c->secret), on_login, c);
        return;
    }
    struct error err = ERROR_INIT, smtp_err = ERROR_INIT;
    c->r.tried[SETUP_IMAP] = c->a.imap != NULL;
    c->r.tried[SETUP_SMTP] = c->a.smtp != NULL && !c->a.sendmail.len;
    c->r.folders = 0;
    c->silent = true; /* both begin before either may tell an end */
    bool imap = !c->r.tried[SETUP_IMAP] || imap_begin(c, &err);
    bool smtp = !c->r.tried[SETUP_SMTP] || smtp_begin(c, &smtp_err);
    if (!imap)
        c->r.errors[SETUP_IMAP] = err;
    if (!smtp)
        c->r.errors[SETUP_SMTP] = smtp_err;
    c->silent = false;
    if (!c->imap && !c->smtp)
        loop_post(c->loop, settle_late, c);
}

/* Begins. */
struct setup_check *setup_check_start(struct loop *l, const struct paths *paths, const struct config_account *a,
                                      const char *secret,
                                      void (*done)(void *user, const struct setup_check_result *r), void *user)
{
    struct setup_check *c = mem_alloc(sizeof *c);
    c->loop = l;
    c->paths = paths;
    c->done = done;
    c->user = user;
    for (int i = 0; i < SETUP_PARTS; i++)
        c->r.errors[i] = ERROR_INIT;
    config_account_copy(&c->a, a);
    c->r.tried[SETUP_LOGIN] = true;
    if (secret) {
        c->given = true;
        c->kind = MAIL_LOGIN_PASSWORD;
        c->login = a->user ? mem_strdup(a->user) : config_address(a->from ? a->from : "");
        str_puts(&c->secret, secret);
        loop_post(l, try_servers, c);
    } else {
        c->ask = mail_login_get(l, paths, &c->a, NULL, on_login, c);
    }
    return c;
}

/* Stops it; nobody is told. */
void setup_check_cancel(struct setup_check *c)
{
    if (!c)
        return;
    c->silent = true;
    loop_unpost(c->loop, try_servers, c);
    loop_unpost(c->loop, settle_late, c);
    if (c->ask)
        mail_login_cancel(c->ask);
    if (c->imap)
        imap_close(c->imap);
    if (c->smtp)
        smtp_cancel(c->smtp);
    for (int i = SETUP_IMAP; i < SETUP_PARTS; i++)
        tlskey_cancel(c->keys[i].key);
    check_free(c);
}
