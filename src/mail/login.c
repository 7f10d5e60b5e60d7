/* SPDX-License-Identifier: GPL-3.0-or-later */
/* login.c - where an account's password or token comes from. */
#include "mail/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/config.h"
#include "io/loop.h"
#include "mail/secret.h"
#include "mail/token.h"

struct mail_login {
    struct loop *loop; /* borrow */
    char *name;        /* own: the address or user */
    enum mail_login_kind kind;
    struct str secret;
    struct mail_secret_run *run;
    struct mail_token_ask *token;
    bool posted;
    struct error err;
    mail_login_fn *done;
    void *user;
};

/* Tells the end, once, and releases it. */
static void login_end(void *user)
{
    struct mail_login *g = user;
    struct mail_login_result r = {g->kind, g->name, str_text(&g->secret)};
    g->done(g->user, error_is(&g->err) ? NULL : &r, &g->err);
    mail_secret_wipe(&g->secret);
    free(g->name);
    free(g);
}

/* A command or the token's renewal has ended. */
static void on_secret(void *user, const char *line, const struct error *err)
{
    struct mail_login *g = user;
    g->run = NULL;
    g->token = NULL;
    g->err = *err;
    if (line)
        str_puts(&g->secret, line);
    login_end(g);
}

/* The password that setup has stored; none is no error. */
static void stored_password(struct mail_login *g, const struct paths *paths, const char *account)
{
    enum status s = mail_secret_read(paths, account, "password", &g->secret, &g->err);
    if (s == STATUS_OK) {
        g->kind = MAIL_LOGIN_PASSWORD;
        str_truncate(&g->secret, strcspn(str_text(&g->secret), "\r\n"));
    } else if (s == STATUS_NO_SUCH) {
        g->err = ERROR_INIT;
    }
}

/* Begins to ask for what the account logs in with. */
struct mail_login *mail_login_get(struct loop *l, const struct paths *paths, const struct config_account *a,
                                  const char *refused, mail_login_fn *done, void *user)
{
    struct mail_login *g = mem_alloc(sizeof *g);
    g->loop = l;
    g->done = done;
    g->user = user;
    g->err = ERROR_INIT;
    g->name = a->user ? mem_strdup(a->user) : config_address(a->from ? a->from : "");
    if (a->token_command.len) {
        g->kind = MAIL_LOGIN_TOKEN;
        g->run = mail_secret_run(l, &a->token_command, "token-command", on_secret, g, &g->err);
    } else if (a->oauth || a->oauth_token) {
        struct mail_oauth o;
        g->kind = MAIL_LOGIN_TOKEN;
        if (mail_oauth_of(a, &o, &g->err) == STATUS_OK) {
            g->token = mail_token_get(l, paths, &o, refused, on_secret, g);
            mail_oauth_fini(&o);
        }
    } else if (a->password_command.len) {
        g->kind = MAIL_LOGIN_PASSWORD;
        g->run = mail_secret_run(l, &a->password_command, "password-command", on_secret, g, &g->err);
    } else {
        stored_password(g, paths, a->name);
    }
    if (!g->run && !g->token) {
        g->posted = true;
        loop_post(l, login_end, g);
    }
    return g;
}

/* Stops asking; done is told so. */
void mail_login_cancel(struct mail_login *g)
{
    if (g->posted && !loop_unpost(g->loop, login_end, g))
        return;
    mail_secret_run_cancel(g->run);
    mail_token_cancel(g->token);
    g->err = ERROR_INIT;
    (void)error_set(&g->err, STATUS_INTERRUPTED, _("Cancelled"));
    login_end(g);
}
