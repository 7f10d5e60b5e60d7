/* reader.h - the client side of bureau-reader: bytes go out in a sealed memfd, a parsed message
 * comes back. Requests are pipelined and answered in order. A reader that crashes, hangs past its
 * time limit or breaks the protocol costs the item it was reading (done with CORRUPT); a fresh one
 * takes the rest. Replaced every 1,000 items. Loop thread only. */
#ifndef MAIL_READER_H
#define MAIL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/wire.h"
#include "mail/event.h"
#include "mail/message.h"

struct loop;
struct mail_reader;

/* program NULL: libexec's bureau-reader (BUREAU_READER in tests and uninstalled runs). Starts the
 * process at the first request. */
struct mail_reader *mail_reader_new(struct loop *l, const char *program);
/* Pending requests are done with INTERRUPTED. */
void mail_reader_free(struct mail_reader *r);
size_t mail_reader_pending(const struct mail_reader *r);
/* Milliseconds an item may take before the reader is killed (default 10,000 + 1 s per 10 MB). */
void mail_reader_set_limit(struct mail_reader *r, int64_t ms);

/* bytes are copied to the memfd before this returns. m is yours (NULL on error). */
void mail_reader_parse(struct mail_reader *r, const void *bytes, size_t n,
                       void (*done)(void *user, struct mail_message *m, const struct error *err),
                       void *user);
/* One decoded part, or with text true its readable text. out is borrowed during done. */
void mail_reader_part(struct mail_reader *r, const void *bytes, size_t n, int part, bool text,
                      void (*done)(void *user, const struct str *out, const struct error *err),
                      void *user);
/* One part (0: the whole mail, for PLAIN and HTML) in a form; cut: there is more than came. */
void mail_reader_view(struct mail_reader *r, const void *bytes, size_t n, int part,
                      enum wire_form form,
                      void (*done)(void *user, const struct str *out, bool cut,
                                   const struct error *err),
                      void *user);
/* Appointments of iCalendar text; cut: there are more. */
void mail_reader_calendar(struct mail_reader *r, const char *ics,
                          void (*done)(void *user, struct vec *events /* mail_event; borrowed */,
                                       bool cut, const struct error *err),
                          void *user);
/* A transcript (VTT, SRT, text): cues. */
struct mail_cue {
    int64_t start_ms, end_ms; /* -1 unknown */
    char *speaker, *text;     /* own; speaker "" unknown */
};
void mail_reader_transcript(struct mail_reader *r, const void *bytes, size_t n,
                            void (*done)(void *user, struct vec *cues /* mail_cue; borrowed */,
                                         const struct error *err),
                            void *user);

/* A provider's autoconfiguration file: servers as it names them; nothing is checked but the form. */
struct mail_server {
    char *type, *host, *socket, *user; /* own; "imap", "smtp", …; "SSL", "STARTTLS", "plain" */
    int64_t port;                      /* 0: not told */
    struct vec methods;                /* strv: "password-cleartext", "OAuth2", … */
};
struct mail_servers {
    struct vec servers;                         /* struct mail_server */
    char *issuer, *scope, *authorize, *token;   /* own; NULL: no OAuth told */
};
void mail_servers_fini(struct mail_servers *s);
void mail_reader_autoconfig(struct mail_reader *r, const void *bytes, size_t n,
                            void (*done)(void *user, const struct mail_servers *s /* borrowed */,
                                         const struct error *err),
                            void *user);

/* What a message is made of; all UTF-8. Composing runs in a reader that never saw foreign bytes. */
struct mail_outgoing {
    const struct mail_address *from;
    const struct vec *to, *cc, *bcc; /* struct mail_address; bcc goes into no header */
    const char *subject, *text, *message_id, *in_reply_to, *date /* RFC 5322 */;
    const struct vec *references;    /* strv */
    const struct vec *files;         /* struct mail_file */
};
struct mail_file {
    char *name, *content_type; /* own; at most 24 MB of files in all */
    struct str bytes;
};
/* RFC 5322 + MIME, CRLF, quoted-printable or base64. REFUSED when any header value holds CR, LF or
 * NUL. The headers of the result are read back here and compared with what was asked. */
void mail_reader_compose(struct mail_reader *r, const struct mail_outgoing *m,
                         void (*done)(void *user, const struct str *bytes, const struct error *err),
                         void *user);

/* For doctor: starts a reader, waits until its box is closed, and tells what the system allowed,
 * "memory 64 MiB, landlock 7, seccomp". Waits at most five seconds. */
enum status mail_reader_probe(const char *program, struct str *out, struct error *err) MUST_CHECK;

#endif
