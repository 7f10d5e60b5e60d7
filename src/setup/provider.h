/* provider.h - providers whose servers are known: no question has to be asked about them. Pure. */
#ifndef SETUP_PROVIDER_H
#define SETUP_PROVIDER_H

struct setup_provider {
    const char *name;
    const char *domains; /* of addresses, blank-separated */
    const char *mx;      /* ends of mail exchangers' names: domains that are hosted there */
    const char *imap, *smtp;
    const char *oauth; /* preset of mail/token.h, NULL: none */
    const char *hint;  /* N_(): what its users must know before they type a password */
};

/* By the domain of an address; NULL. */
const struct setup_provider *setup_provider_of(const char *domain);
/* By a mail exchanger of the domain; NULL. */
const struct setup_provider *setup_provider_by_mx(const char *host);

#endif
