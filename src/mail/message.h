/* message.h - one parsed mail as the reader process told it: plain data, no MIME library.
 * Every text is valid UTF-8, decoded (RFC 2047, RFC 2231, charsets), but still foreign: it goes to
 * a screen only through the gate. Shapes: RFC 5322. */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

struct mail_address {
    char *name;    /* own; "" when none */
    char *address; /* own; addr-spec as written */
};

struct mail_part {
    int number;         /* 1…: what `show --part N` takes, in the order of the message */
    char *content_type; /* own, lower case "text/plain" */
    char *charset, *disposition, *name, *cid; /* own; NULL when absent */
    char *real_type;    /* own; what its bytes are (files only), whatever is claimed; NULL unknown */
    int64_t size;       /* decoded bytes */
    bool attachment;    /* has a file name or disposition attachment, or is no text */
    bool shown;         /* its text stands in message.text */
};

struct mail_link {
    char *text, *url; /* own */
};

struct mail_message {
    char *message_id;  /* own, without <>; NULL when none */
    char *in_reply_to; /* own, first id; NULL */
    struct vec references; /* strv, oldest first, without <>, at most 100 */
    int64_t date;          /* Date:, else the newest Received:, else CLOCK_NONE */
    struct vec from, to, cc, bcc, reply_to; /* struct mail_address */
    char *subject;                          /* own; "" when none */
    /* Header facts for triage and RFC 3834; own, NULL when absent. */
    char *list_id, *list_post, *list_unsubscribe, *list_unsubscribe_post, *auto_submitted;
    char *precedence, *return_path;
    char *delivered_to, *sender, *auth_results, *auto_response_suppress, *x_mailer;
    char *content_type; /* of the whole message */
    struct vec parts;   /* struct mail_part */
    struct vec links;   /* struct mail_link; text refers to them as [n] */
    struct vec warnings; /* strv: one word each, "link-host-differs", "mixed-script", "reply-to-differs", "display-name-address", "truncated", "bad-charset", "mime-depth", … followed by ": detail" */
    char *text;          /* own; what a person reads: plain, or HTML made readable */
    char *hidden_text;   /* own; text that the sender hid, NULL when none */
    char *ics;           /* own; the first text/calendar part, NULL */
    char *protection;    /* own; "openpgp-signed", "smime-encrypted", …: unchecked; NULL */
    char *report;        /* own; what it says of another mail (reader/report.h): mail_report_read; NULL */
    bool damaged;        /* read only in part; raw bytes are kept */
    bool truncated;      /* a cap was met */
};

struct mail_message *mail_message_new(void);
void mail_message_free(struct mail_message *m);
void mail_address_fini_item(void *item);

#endif
