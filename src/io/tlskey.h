/* tlskey.h - which key does a server show? For a person who shall decide whether to pin it.
 *
 * A connection of its own that trusts anybody, says nothing secret and ends behind the handshake. Loop thread only. */
#ifndef IO_TLSKEY_H
#define IO_TLSKEY_H

#include <stdbool.h>
#include <stddef.h>

struct loop;
struct tlskey;

#define TLSKEY_HEX 65

/* url: imaps://, smtps://, or imap://, smtp:// with STARTTLS. done comes once, from the loop: hex is the SHA-256 of
 * the public key as `pin` takes it, NULL when none could be had. NULL when nothing could be begun. */
struct tlskey *tlskey_start(struct loop *l, const char *url, void (*done)(void *user, const char *hex), void *user);
void tlskey_cancel(struct tlskey *k); /* done is not called; NULL is allowed */

/* The SHA-256 (hex) of the public key in a certificate (DER, RFC 5280 §4.1); false when it is none. */
bool tlskey_of_certificate(const unsigned char *der, size_t n, char hex[TLSKEY_HEX]);

#endif
