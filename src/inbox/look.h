/* look.h - an attachment as text to look at, by what it really is: text, tables, office files and
 * appointments by bureau-reader, PDF by pdftotext, old office files and RTF by catdoc, pictures by
 * chafa. Loop thread only. */
#ifndef INBOX_LOOK_H
#define INBOX_LOOK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "mail/message.h"

struct look;
struct loop;

/* What a picture may take: characters across and down; ASCII alone; colours (SGR of 256, nothing else). */
struct look_space {
    int cols, rows;
    bool ascii, colours;
};

/* Is it a picture that chafa can show? */
bool look_is_picture(const struct mail_part *p);
/* m and raw (the bytes of the mail) are borrowed until done or look_stop. done gets foreign text (empty: nothing here can show it; cut: there
 * is more) or an error; once, not after look_stop; the look is gone afterwards. */
struct look *look_start(struct loop *l, const struct mail_message *m, const struct str *raw, int part,
                        const struct look_space *space,
                        void (*done)(void *user, const struct str *out, bool cut,
                                     const struct error *err),
                        void *user);
void look_stop(struct look *k); /* NULL is allowed */

#endif
