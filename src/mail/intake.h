/* intake.h - the way of many mails into the store: bytes → reader process → writer.
 *
 * The loop hands over bytes; the reader parses them on another core while the writer inserts what
 * came before, several dozen in one operation. What is stored already is recognised by its hash
 * before it is parsed. Memory stays flat: put only while there is room. A mail the reader cannot
 * read is kept as bytes and told as damaged. Loop thread only. */
#ifndef MAIL_INTAKE_H
#define MAIL_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct mail_remote; /* store.h */

#define MAIL_SIZE_MOST (100u << 20) /* a larger one is not taken (safety.md 11) */

struct mail_intake;

struct mail_intake_item { /* borrowed during put */
    const char *name;            /* for messages: the file, "inbox.mbox:12" */
    const char *account, *folder; /* NULL: local, INBOX */
    const char *path;            /* in a followed Maildir, else NULL */
    const char *labels;          /* comma separated or NULL */
    unsigned flags;              /* enum doc_flag */
    int64_t received;            /* CLOCK_NONE unknown */
    int64_t horizon;             /* see struct mail_new */
    const struct mail_remote *remote; /* of an IMAP server, else NULL; its keywords are the labels */
    int64_t uidvalidity;         /* with remote->partial: bytes are the header block alone */
    size_t start, len;           /* the message within the bytes that are kept; len 0: all of them */
};

struct mail_intake_result { /* borrowed */
    const char *name;
    int64_t id;                  /* 0 when it failed */
    bool duplicate, damaged;
    const char *why;             /* of damaged; "" */
    const struct error *error;   /* NULL unless it failed */
};

struct mail_intake_events {
    void (*on_item)(void *user, const struct mail_intake_result *r); /* once for every put */
    void (*on_room)(void *user);  /* there is room again after there was none */
    void (*on_empty)(void *user); /* after mail_intake_flush: everything is committed */
};

struct mail_intake *mail_intake_new(struct store *s, const struct mail_intake_events *ev, void *user);
bool mail_intake_room(struct mail_intake *in);
void mail_intake_put(struct mail_intake *in, const void *bytes, size_t n,
                     const struct mail_intake_item *item);
/* Hands what is gathered to the writer; on_empty follows once, also when nothing was under way
 * (then from the loop's next turn). */
void mail_intake_flush(struct mail_intake *in);
/* Milliseconds a mail may take in the reader (tests). */
void mail_intake_set_limit(struct mail_intake *in, int64_t ms);
/* Only when nothing is under way (behind on_empty), or when leaving: what was not handed over yet
 * is forgotten. */
void mail_intake_free(struct mail_intake *in);

#endif
