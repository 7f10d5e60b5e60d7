/* smtp.h - handing one message to a submission server (RFC 5321, RFC 6409) through libcurl.
 *
 * smtps:// is implicit TLS, smtp:// requires STARTTLS; `plaintext` allows neither, and only
 * towards loopback. CR, LF, NUL in any address are refused before a socket is opened. Line ends
 * are made CRLF and dots are stuffed here. A message beyond the server's SIZE, or an address beyond ASCII
 * where it has no SMTPUTF8 (RFC 6531), is refused before anything is handed over. on_handed runs just before the last byte of the body is
 * given away: when it returns false the transfer is broken off and nothing was accepted. */
#ifndef IO_SMTP_H
#define IO_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

struct loop;
struct smtp;

struct smtp_message {
    const char *url;      /* smtps://host:port or smtp://… */
    const char *user;     /* NULL: no AUTH */
    const char *password; /* NULL: none */
    const char *token;    /* OAuth 2.0 bearer instead: OAUTHBEARER or XOAUTH2 and nothing else */
    bool probe;           /* log in and say NOOP: from, to and bytes are not looked at; SMTP_SENT is good */
    const char *pin;      /* hex SHA-256 of the public keys, commas between, NULL: system store */
    bool plaintext;
    const char *from;          /* envelope sender, addr-spec */
    const struct vec *to;      /* strv of addr-spec */
    const char *bytes;         /* the message; borrowed until on_done */
    size_t len;
};

enum smtp_end {
    SMTP_SENT,        /* 250 after the final dot */
    SMTP_UNREACHABLE, /* nothing was handed: try again later */
    SMTP_REFUSED,     /* the server said no (4xx: again later; 5xx: never); see code */
    SMTP_IN_DOUBT,    /* handed, no answer: RFC 1047 */
    SMTP_CANCELLED    /* before it was handed */
};

struct smtp_result {
    enum smtp_end end;
    bool login;     /* REFUSED: it was the login that was refused */
    size_t recipient; /* REFUSED: it was this one of `to`, counted from 1; 0: none of them alone */
    int code;       /* last SMTP reply code, 0 when none */
    char reply[512]; /* its text, a reply of several lines as one (foreign bytes) */
    int64_t size_most; /* how large a message may be, as the server said; 0: it did not */
    struct error error;
};

struct smtp_events {
    bool (*on_handed)(void *user);
    void (*on_done)(void *user, const struct smtp_result *r); /* exactly once */
};

struct smtp *smtp_start(struct loop *l, const struct smtp_message *m, const struct smtp_events *ev,
                        void *user, struct error *err);
void smtp_cancel(struct smtp *s);
/* The address with its domain as DNS has it ("xn--…"), when only the domain is beyond ASCII; else NULL:
 * it stays as it is, and a server needs SMTPUTF8 for it. Yours. */
char *smtp_plain_address(const char *address);

#endif
