/* imap.h - one IMAP session (RFC 3501, RFC 9051) on the loop: connect, commands, IDLE.
 *
 * libcurl connects: DNS, proxy, TLS ≥ 1.2 with the certificate checked, STARTTLS, SASL. imaps:// is
 * implicit TLS, imap:// requires STARTTLS (PREAUTH before it stops; what came before the handshake
 * is dropped); `plaintext` allows neither, and only towards loopback. From then on this file speaks.
 *
 * Commands are pipelined and answered by one callback each, in the order the server answers them.
 * Untagged responses go to on_response as they come, also those nobody asked for. Arguments are
 * typed: CR, LF and NUL are refused here, whatever came in. Tags are random, so no text of a mail
 * can end a command. All calls belong to the loop's thread and are legal in every callback, also
 * imap_close. The session does not reconnect: whoever opened it does. */
#ifndef IO_IMAP_H
#define IO_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "io/imap_reader.h"
#include "io/imap_response.h"
#include "io/imap_set.h"

struct loop;
struct imap;         /* a session; gone when on_closed returns */
struct imap_command; /* one that is being written; gone when imap_send returns */

struct imap_config { /* copied */
    const char *url;      /* imaps://host:port or imap://…; a path is refused */
    const char *user;
    const char *password; /* or: */
    const char *token;    /* OAuth 2.0 bearer: OAUTHBEARER or XOAUTH2 and nothing else */
    const char *pin;      /* hex SHA-256 of the public keys, commas between; NULL: system store */
    bool plaintext;
    int64_t connect_timeout_ms; /* up to logged in; 0: 15 s */
    int64_t answer_timeout_ms;  /* no byte while an answer is due; 0: 60 s. The end of an IDLE: 10 s at most */
    int64_t idle_ms;            /* IDLE is begun anew after; 0: 28 min (RFC 2177: under 29) */
    uint64_t untagged_max;      /* responses per command; 0: 4,000,000 */
    struct imap_limits limits;
};

struct imap_events {
    /* Logged in, capabilities known. Commands may be sent from here on. */
    void (*on_ready)(void *user);
    /* One untagged response; NULL allowed. Valid until it returns. Of a code that came with it too:
     * ALERT must be shown to a person. */
    void (*on_response)(void *user, const struct imap_response *r);
    /* Exactly once, last of all: never opened, lost, broken, BYE, or closed. why->status:
     * UNREACHABLE (try again), REFUSED (the login; do not try again unchanged), CORRUPT or LIMIT
     * (the server breaks the grammar or a ceiling), INTERRUPTED (imap_close), OK (after a LOGOUT). */
    void (*on_closed)(void *user, const struct error *why);
};

/* NULL with err when the config is wrong; then nothing is called. */
struct imap *imap_open(struct loop *l, const struct imap_config *c, const struct imap_events *ev,
                       void *user, struct error *err);
/* Closes the socket at once: open commands end as LOST, then on_closed, from within this call. */
void imap_close(struct imap *s);
/* LOGOUT, then closed with OK; at most 2 s. Commands before it are finished first. */
void imap_logout(struct imap *s);

/* What the server offers; the names as it wrote them ("AUTH=PLAIN", "X-GM-EXT-1"). A new CAPABILITY
 * response or code replaces them. Several names behind one word: IMAP4rev2 brings what it contains
 * (UIDPLUS, MOVE, ESEARCH, ENABLE, IDLE, NAMESPACE, UNSELECT, SPECIAL-USE, LITERAL-, …). */
bool imap_has(const struct imap *s, const char *capability);
/* The number behind a capability ("APPENDLIMIT=35651584"); false: there is none. */
bool imap_has_number(const struct imap *s, const char *capability, uint64_t *n);
/* What ENABLE brought ("QRESYNC", "CONDSTORE", "UTF8=ACCEPT"). */
bool imap_enabled(const struct imap *s, const char *extension);
/* For the log and for errors: "imap.example.org". */
const char *imap_host(const struct imap *s);

/* How a command ended. */
enum imap_end {
    IMAP_DONE,    /* OK */
    IMAP_DENIED,  /* NO or BAD; error says the server's words (escaped) */
    IMAP_UNSENT,  /* the session ended before its first byte left: did not happen */
    IMAP_LOST     /* the session ended before the answer: nobody knows */
};

struct imap_result {
    enum imap_end end;
    const struct imap_response *tagged; /* NULL when none came; its code is the interesting part */
    struct error error;                 /* set unless DONE */
};

/* A command, word by word; each adds a blank in front. `verb` and syntax are the program's own.
 *     struct imap_command *c = imap_command(s, "UID FETCH");
 *     imap_arg_set(c, &uids);
 *     imap_arg(c, "(UID FLAGS)");
 *     st = imap_send(c, on_fetched, user, err);                                                  */
struct imap_command *imap_command(struct imap *s, const char *verb);
void imap_arg(struct imap_command *c, const char *syntax); /* as it stands */
void imap_arg_number(struct imap_command *c, uint64_t n);
void imap_arg_set(struct imap_command *c, const struct imap_set *uids); /* refused when empty */
void imap_arg_atom(struct imap_command *c, const char *atom);     /* refused unless an atom */
void imap_arg_string(struct imap_command *c, const char *bytes, size_t n); /* quoted or a literal */
/* A folder: the bytes the server named it by (imap_list.name), or a new name in UTF-8. */
void imap_arg_wire_name(struct imap_command *c, const char *wire);
void imap_arg_folder(struct imap_command *c, const char *name);
/* "(\Seen $label)" of a strv: system flags and keywords, each checked; may be empty. */
void imap_arg_flags(struct imap_command *c, const struct vec *flags);
/* "(label …)" as strings, modified UTF-7 as Gmail wants it. */
void imap_arg_labels(struct imap_command *c, const struct vec *labels);
void imap_arg_date(struct imap_command *c, int64_t t); /* "17-Jul-1996 02:44:25 +0000" with quotes */
/* A literal of any size, written as the socket takes it: LITERAL+, LITERAL-, or after the server's
 * "+". Borrowed until on_done. CR and LF may stand inside; with a NUL it is a literal8 (RFC 3516), of
 * APPEND alone, and refused where the server has no BINARY. */
void imap_arg_literal(struct imap_command *c, const char *bytes, size_t n);

/* Sends it, or refuses (REFUSED: a bad argument; nothing is sent, on_done not called). c is gone. */
enum status imap_send(struct imap_command *c, void (*on_done)(void *user, const struct imap_result *r),
                      void *user, struct error *err) MUST_CHECK;
/* Gives a command up unsent. */
void imap_command_free(struct imap_command *c);
/* Commands sent or waiting whose answer has not come. */
size_t imap_pending(const struct imap *s);

/* ENABLE of what the server has of CONDSTORE, QRESYNC and UTF8=ACCEPT, then ID (RFC 2971: our name
 * and version; NetEase's servers refuse SELECT without). on_done comes when both are answered;
 * a NO to either is not an error. */
void imap_greet(struct imap *s, void (*on_done)(void *user), void *user);

/* IDLE is a state to be in, not a command: while `on`, the session idles whenever no command is
 * under way, ends it for each command, begins it anew in time, and finds out when the line is
 * dead. false: the server has no IDLE (poll with NOOP). Needs a selected folder. */
bool imap_idle(struct imap *s, bool on);
/* Stops reading (the reader of the responses has enough to do); the answer's time stands still. */
void imap_pause(struct imap *s, bool on);

#endif
