/* discover.h - where an address has its mail servers.
 *
 * Asked side by side, bounded in time; the best answer counts, for IMAP and SMTP each, in this order:
 *   1 a provider that is known by the address's domain (then nothing else is asked)
 *   2 https://autoconfig.DOMAIN/mail/config-v1.1.xml
 *   3 https://DOMAIN/.well-known/autoconfig/mail/config-v1.1.xml
 *   4 SRV records of the domain (RFC 6186, RFC 8314)
 *   5 the ISP database of setup.ispdb
 *   6 a provider that is known by the domain's mail exchanger (MX)
 *   7 the ISP database, asked for the exchanger's domain
 * HTTPS only, certificates checked, redirects from https to https of which three are followed. SRV and MX
 * are not authenticated: a person sees the host before a password goes there (RFC 6186 §6). */
#ifndef SETUP_DISCOVER_H
#define SETUP_DISCOVER_H

#include <stdbool.h>

#include "base/error.h"

struct loop;
struct setup_discover;

/* What was found; NULL: nothing of the kind. */
struct setup_servers {
    char *imap, *smtp;   /* own: imaps://host:port, … */
    char *user;          /* own: the login, when it is not the address */
    char *oauth;         /* own: preset of mail/token.h that the provider takes */
    char *oauth_authorize, *oauth_token, *oauth_scope; /* own: without a preset, as the provider's file says */
    bool imap_doubt, smtp_doubt; /* unsigned DNS names a host of another domain: ask before a secret goes there */
    char *imap_from, *smtp_from; /* own: where that is from, for a person */
    bool answered;       /* somebody was reached; false: this machine may have no network */
    const char *hint;    /* what a person must know before typing a password, translated; NULL */
};
void setup_servers_fini(struct setup_servers *s);

/* done comes once, from the loop; servers is borrowed. Nothing found is no error; a bad address is
 * USAGE (NULL is returned, err set). offline: only what is known without asking. */
struct setup_discover *setup_discover_start(struct loop *l, const char *address, bool offline,
                                            void (*done)(void *user, const struct setup_servers *servers),
                                            void *user, struct error *err);
/* What has been found by now counts; done is called from inside. */
void setup_discover_stop(struct setup_discover *d);
/* done is not called. */
void setup_discover_cancel(struct setup_discover *d);

#endif
