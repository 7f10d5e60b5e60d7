/* login.h - what an account proves itself with: a password or an OAuth 2.0 access token.
 *
 * IMAP, SMTP and CalDAV all ask here. In this order: token-command, oauth (a token kept in
 * state/secrets, renewed with its refresh token when it has ended), password-command, the password
 * kept in state/secrets; none of them: MAIL_LOGIN_NONE (a server that wants no login).
 *
 * When the server says no to a TOKEN, ask once more with `refused` set to that token: what came
 * meanwhile is given, else it is renewed; if that one is refused too, it is the person's turn. A
 * password that is refused is not asked for again by itself.
 *
 * Errors: REFUSED needs a person (revoked, never signed in, a loose file; the hint says what to type)
 * and trying again is no use; UNREACHABLE and FAILED may pass (network; a locked password store). */
#ifndef MAIL_LOGIN_H
#define MAIL_LOGIN_H

#include "base/error.h"
#include "base/path.h"

struct config_account;
struct loop;
struct mail_login; /* an ask under way */

enum mail_login_kind {
    MAIL_LOGIN_NONE,
    MAIL_LOGIN_PASSWORD, /* AUTH PLAIN, LOGIN */
    MAIL_LOGIN_TOKEN     /* OAUTHBEARER (RFC 7628) or XOAUTH2 */
};

struct mail_login_result {
    enum mail_login_kind kind;
    const char *user;   /* the account's user, else the bare address of its from; "" unknown */
    const char *secret; /* borrowed during done, wiped after; "" with NONE */
};

typedef void mail_login_fn(void *user, const struct mail_login_result *r, const struct error *err);

/* done comes exactly once, from the loop (never from inside this call), or from inside
 * mail_login_cancel with INTERRUPTED. a is copied. refused: see above; NULL at first. */
struct mail_login *mail_login_get(struct loop *l, const struct paths *paths,
                                  const struct config_account *a, const char *refused,
                                  mail_login_fn *done, void *user);
void mail_login_cancel(struct mail_login *g);

#endif
