/* mailto.h - mailto: URIs (RFC 6068): of the command line, of List-Post (RFC 2369). */
#ifndef OFFICE_MAILTO_H
#define OFFICE_MAILTO_H

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct mailto {
    struct str to, cc, bcc; /* address lists */
    char *subject, *body, *in_reply_to; /* own; NULL when not given; in_reply_to without <> */
    struct vec ignored;     /* strv: fields that nobody may set this way (attach, from, …) */
};

bool mailto_is(const char *text); /* begins with "mailto:" */
/* USAGE: no such URI or no addresses; REFUSED: a header field holds a line break, NUL or another
 * control. Unknown fields and attachments are ignored and named. Free with mailto_fini in any case. */
enum status mailto_parse(const char *uri, struct mailto *out, struct error *err) MUST_CHECK;
void mailto_fini(struct mailto *m);
/* The first address of the first mailto: of a List-Post value ("<mailto:…>, <https:…>"); NULL when
 * there is none or posting is closed ("NO"). Yours. */
char *mailto_list_post(const char *value);

#endif
