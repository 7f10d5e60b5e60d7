/* transfer.h - libcurl inside io/: the loop's multi handle and what runs on it.
 *
 * libcurl's own callbacks must not call libcurl again, so they only collect; what they collected is
 * told from deliver(), which the loop calls after each round, when everything is allowed. */
#ifndef IO_TRANSFER_H
#define IO_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "io/curl.h"

struct loop;

struct transfer {
    CURL *easy; /* borrow */
    void (*deliver)(struct transfer *t);              /* there may be something to tell */
    void (*done)(struct transfer *t, CURLcode result); /* the transfer has left the loop */
    struct transfer *next, *before;                    /* the loop's list */
    bool listed, ended;
    bool stays; /* CONNECT_ONLY: done() comes when connected and the handle stays in the loop's multi,
                   else libcurl closes the connection; loop_transfer_remove takes it out */
    CURLcode result;
    size_t brought; /* body bytes of this turn, counted by who receives them */
    bool trickles;  /* a little came in the last turn: more may wait until a frame is due */
};

/* Loads and starts libcurl once for the process; any thread. false: it is not installed. */
bool transfer_global(void);
/* false when libcurl refuses. */
bool loop_transfer_add(struct loop *l, struct transfer *t);
/* Takes an unfinished or a staying one off; its socket is closed. done is not called. */
void loop_transfer_remove(struct loop *l, struct transfer *t);

/* Called once when the loop is freed before the guest was removed. */
struct loop_guest {
    void (*on_free)(struct loop_guest *g);
    struct loop_guest *next;
};
void loop_guest_add(struct loop *l, struct loop_guest *g);
void loop_guest_remove(struct loop *l, struct loop_guest *g);

/* Is this host name or address this machine by its spelling (localhost, 127.x.x.x, ::1)? */
bool host_is_loopback(const char *host);
/* "sha256//BASE64;…" for libcurl of SHA-256s in hex with commas between; NULL when one is none. Yours. */
char *transfer_pin(const char *hex);
/* TLS ≥ 1.2; certificates by the system's store and the host's name, or by the pin alone (NULL: none). */
void transfer_set_tls(CURL *e, const char *pin);
/* Fills err (UNREACHABLE). words: libcurl's, may be ""; answered: bytes of an answer had come. */
void transfer_explain(struct error *err, CURLcode code, const char *host, const char *words, bool answered);

#endif
