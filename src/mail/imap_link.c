/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_link.c - from an account's line of the config to a session that is logged in */
#include "mail/imap_link.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/config.h"
#include "io/loop.h"
#include "mail/login.h"
#include "mail/secret.h"

#define FIRST_PAUSE_MS 2000

struct mail_imap_link {
    struct store *store; /* borrow */
    char *account;       /* own */
    struct mail_imap_link_events ev;
    void *user;
    struct mail_login *login;
    struct imap *session;
    struct str token;    /* the one that was tried */
    struct error error;  /* of a link that never got so far as a session */
    bool up, renewed, closing, posted;
};

/* Tells and frees. */
static void down(struct mail_imap_link *l, const struct error *why)
{
    struct error err = *why;

    if (err.status == STATUS_INTERRUPTED && !l->closing)
        err.status = STATUS_UNREACHABLE;
    l->ev.on_down(l->user, &err);
    mail_secret_wipe(&l->token);
    free(l->account);
    free(l);
}

/* The same from the loop's next turn. */
static void down_later(void *user)
{
    struct mail_imap_link *l = user;
    struct error err = l->error;

    down(l, &err);
}

static void ask(struct mail_imap_link *l);

/* Greeted: it may be used. */
static void on_greeted(void *user)
{
    struct mail_imap_link *l = user;

    l->up = true;
    if (l->session && !l->closing)
        l->ev.on_up(l->user, l->session);
}

/* Logged in. */
static void on_ready(void *user)
{
    struct mail_imap_link *l = user;

    imap_greet(l->session, on_greeted, l);
}

/* Untagged. */
static void on_response(void *user, const struct imap_response *r)
{
    struct mail_imap_link *l = user;

    if (l->up && l->ev.on_response)
        l->ev.on_response(l->user, r);
}

/* The session is over. */
static void on_closed(void *user, const struct error *why)
{
    struct mail_imap_link *l = user;

    l->session = NULL;
    if (why->status == STATUS_REFUSED && l->token.len && !l->renewed && !l->closing) {
        l->renewed = true;
        ask(l);
        return;
    }
    down(l, why);
}

/* What it logs in with is known. */
static void on_login(void *user, const struct mail_login_result *result, const struct error *err)
{
    static const struct imap_events events = {
        .on_ready = on_ready, .on_response = on_response, .on_closed = on_closed};
    struct mail_imap_link *l = user;
    const struct config_account *a = config_account(l->account);
    struct error why = *err;
    bool token = result && result->kind == MAIL_LOGIN_TOKEN;

    l->login = NULL;
    if (!error_is(&why) && (!a || !a->imap))
        error_set(&why, STATUS_NO_SUCH, _("there is no account %s"), l->account);
    if (!error_is(&why) && l->closing)
        error_set(&why, STATUS_INTERRUPTED, _("stopped"));
    if (error_is(&why)) {
        down(l, &why);
        return;
    }
    assert(a && result); /* without an error there are both */
    mail_secret_wipe(&l->token);
    if (token)
        str_puts(&l->token, result->secret);
    struct imap_config c = {
        .url = a->imap,
        .user = result->user,
        .password = token || result->kind == MAIL_LOGIN_NONE ? NULL : result->secret,
        .token = token ? result->secret : NULL,
        .pin = a->pin,
        .plaintext = a->plaintext,
        .limits = {.spool = store_paths(l->store)->state},
    };
    l->session = imap_open(store_loop(l->store), &c, &events, l, &why);
    if (!l->session)
        down(l, &why);
}

/* Asks for what it logs in with. */
static void ask(struct mail_imap_link *l)
{
    const struct config_account *a = config_account(l->account);

    if (a && a->imap) {
        l->login = mail_login_get(store_loop(l->store), store_paths(l->store), a,
                                  l->renewed ? str_text(&l->token) : NULL, on_login, l);
        return;
    }
    error_set(&l->error, STATUS_NO_SUCH, _("there is no account %s"), l->account);
    l->posted = true;
    loop_post(store_loop(l->store), down_later, l);
}

/* Begins. */
struct mail_imap_link *mail_imap_link_open(struct store *s, const char *account,
                                           const struct mail_imap_link_events *ev, void *user)
{
    struct mail_imap_link *l = mem_alloc(sizeof *l);

    l->store = s;
    l->account = mem_strdup(account);
    l->ev = *ev;
    l->user = user;
    ask(l);
    return l;
}

/* Doubles; half of it is chance. */
int64_t mail_imap_link_pause(int tries, int64_t longest)
{
    int64_t pause = tries < 20 ? (int64_t)FIRST_PAUSE_MS << tries : longest;

    if (pause > longest)
        pause = longest;
    return pause - (int64_t)randombytes_uniform((uint32_t)(pause / 2 + 1));
}

/* Says goodbye. */
void mail_imap_link_close(struct mail_imap_link *l)
{
    l->closing = true;
    if (l->session && l->up)
        imap_logout(l->session);
    else
        mail_imap_link_cut(l);
}

/* Lets go. */
void mail_imap_link_cut(struct mail_imap_link *l)
{
    l->closing = true;
    if (l->session)
        imap_close(l->session);
    else if (l->login)
        mail_login_cancel(l->login);
}
