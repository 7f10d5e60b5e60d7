/* pane_message.h - a mail as styled text: who and when, what warns, the text with its links, files,
 * appointments. Used by the reader. */
#ifndef INBOX_PANE_MESSAGE_H
#define INBOX_PANE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "mail/message.h"
#include "mail/store.h"
#include "tui/text.h"

struct pane_message {
    struct store *store;      /* borrow */
    struct text *text;        /* borrow */
    int64_t now;
    bool hidden;              /* H: everything is shown */
    bool fold;                /* the text is folded: read before */
    size_t limit;             /* bytes of its text that are laid out */
    const struct vec *events; /* struct mail_event; NULL: none, or not read yet */
    /* Filled: */
    bool wants_events;        /* it has an appointment that is not read yet: m->ics */
    bool cut;                 /* there is more text; cut_line is where it would go on */
    size_t cut_line;
};

/* Appends the mail; *m is yours (NULL when it cannot be read). */
void pane_message_add(struct pane_message *p, const struct mail_row *row, struct mail_message **m);

/* Appends what stands above and below the text of a mail inside a mail: its headers and what warns; where
 * its links lead; its files, which are opened as "m12 5", parts of the outer mail (of which it is part
 * `part`). hidden and text of p are used. */
void pane_message_inside_head(struct pane_message *p, const struct mail_message *inner);
void pane_message_inside_tail(struct pane_message *p, const struct mail_message *inner, int64_t message,
                              const struct mail_message *outer, int part);

/* Appends text with its quotes folded, signature dim, links as references of this message. */
void pane_message_body(struct text *text, const char *body, size_t n, const struct mail_message *m,
                       int64_t message);

#endif
