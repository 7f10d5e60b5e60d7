/* token.h - OAuth 2.0 tokens of accounts: kept in state/secrets/ACCOUNT.token (0600) and renewed.
 *
 * Who wants to log in asks mail/login.h; this is what it and `setup --login` are made of. Tokens are
 * renewed under a lock file, so that of several programs on one office only one uses up a refresh token
 * that the server replaces each time (RFC 6749 §6, RFC 9700 §4.14). Loop thread only. */
#ifndef MAIL_TOKEN_H
#define MAIL_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/path.h"
#include "base/vec.h"

struct config_account;
struct json;
struct loop;
struct mail_token_ask;

/* How an account signs in: the preset that `oauth NAME` names, changed by what its line says. */
struct mail_oauth {
    char *account; /* own, as all below; NULL when not known */
    char *authorize, *token, *device; /* endpoints; device NULL: the provider has none for mail */
    char *scope, *redirect;
    char *extra; /* more parameters of the authorization request, "access_type=offline" */
    char *client;
    struct vec secret_command; /* strv */
};
/* USAGE: no such provider, an address or the client id is missing; the hint says which line. */
enum status mail_oauth_of(const struct config_account *a, struct mail_oauth *out,
                          struct error *err) MUST_CHECK;
void mail_oauth_fini(struct mail_oauth *o);
/* May bytes that are secret go to this URL? https, or http on this machine. */
bool mail_oauth_url_is_safe(const char *url);

/* A token that is good for another minute and is not `refused` (NULL: any). done: once, from the
 * loop; after cancel never. The hint of REFUSED names `bureau setup ACCOUNT --login`. */
struct mail_token_ask *mail_token_get(struct loop *l, const struct paths *paths,
                                      const struct mail_oauth *o, const char *refused,
                                      void (*done)(void *user, const char *token,
                                                   const struct error *err),
                                      void *user);
void mail_token_cancel(struct mail_token_ask *t);

/* One POST to a token or device endpoint: parameters as name, value … (strv), the client's id and
 * secret are added. done gets the answer as JSON (borrowed; NULL on error) with its HTTP status. */
struct mail_token_post;
struct mail_token_post *mail_token_post(struct loop *l, const struct paths *paths,
                                        const struct mail_oauth *o, const char *url,
                                        const struct vec *parameters,
                                        void (*done)(void *user, int code, const struct json *answer,
                                                     const struct error *err),
                                        void *user);
void mail_token_post_cancel(struct mail_token_post *p); /* done is not called */

/* Stores what a token endpoint answered; old_refresh is kept when no new one came. */
enum status mail_token_store(const struct paths *paths, const char *account,
                             const struct json *answer, const char *old_refresh,
                             struct error *err) MUST_CHECK;
/* error and error_description of an answer (RFC 6749 §5.2) as words for a person. */
void mail_token_explain(const struct mail_oauth *o, int code, const struct json *answer,
                        struct error *err);
/* Percent-encodes a value of a form or query. */
struct str;
void mail_token_encode(struct str *out, const char *value);

#endif
