/* dns.h - asking the system's name servers for SRV (RFC 2782) and MX records, on the loop.
 *
 * Addresses of hosts are libcurl's matter; this is for what getaddrinfo does not tell. UDP with EDNS
 * (RFC 6891), TCP when the answer was cut; the answer must come from the server that was asked, with a
 * random id and our question in it. What comes is not authenticated: show it to a person. */
#ifndef IO_DNS_H
#define IO_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct loop;
struct dns_query;

enum dns_type { DNS_MX = 15, DNS_SRV = 33 };

struct dns_record {
    unsigned priority, weight, port; /* MX: only priority */
    char *host;                      /* own: a host name (dns_is_host); "" when the record says "none here" */
};

/* servers: "127.0.0.1:5300, 192.0.2.1"; NULL or "": /etc/resolv.conf. records: best first, borrowed
 * during done; n 0: the name has none (no error). done comes once, from the loop, also when it was not
 * answered in timeout_ms (UNREACHABLE); after dns_cancel never. NULL with err: no such name can be asked. */
struct dns_query *dns_ask(struct loop *l, const char *servers, const char *name, enum dns_type type,
                          int64_t timeout_ms,
                          void (*done)(void *user, const struct dns_record *records, size_t n,
                                       const struct error *err),
                          void *user, struct error *err);
void dns_cancel(struct dns_query *q); /* NULL is allowed */

/* Letters, digits, hyphens in labels of 1 to 63, at most 253 in all; no trailing dot. */
bool dns_is_host(const char *name);
/* A domain as DNS has it: IDN made Punycode, lower case. NULL when it is none. Yours. */
char *dns_domain(const char *domain);
/* Reads any bytes as the answer to a question for example.com; the records found. For fuzzing. */
size_t dns_try(const unsigned char *bytes, size_t n, enum dns_type type);

#endif
