/* signin.h - signing in with OAuth 2.0, once, by a person: the token is kept by mail/token.h.
 *
 * Code with PKCE (RFC 7636, S256): the person opens a page in any browser, on any machine, and pastes the
 * address the browser ends on (it may show an error there: nobody listens). State is checked.
 * Device (RFC 8628): the person opens a page and types a code; nothing is pasted. */
#ifndef SETUP_SIGNIN_H
#define SETUP_SIGNIN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/path.h"

struct config_account;
struct loop;
struct setup_signin;

struct setup_signin_events {
    /* Show the page; code: to be typed there, NULL: setup_signin_paste is waited for. Foreign text. */
    void (*on_visit)(void *user, const char *url, const char *code);
    /* Once, last; OK: the token is stored. */
    void (*on_done)(void *user, const struct error *err);
};

/* device: that way; else by code, unless the provider has devices only. NULL with err set: the account's
 * lines do not say enough. Events come from the loop. */
struct setup_signin *setup_signin_start(struct loop *l, const struct paths *paths,
                                        const struct config_account *a, bool device,
                                        const struct setup_signin_events *events, void *user,
                                        struct error *err);
/* The address that the browser ended on. On an error (nothing in it, another sign-in's state) it goes on
 * waiting for a better one. REFUSED: the person, or the provider, said no in the browser. */
enum status setup_signin_paste(struct setup_signin *s, const char *address, struct error *err) MUST_CHECK;
void setup_signin_cancel(struct setup_signin *s); /* on_done is not called; NULL is allowed */

#endif
