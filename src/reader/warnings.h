/* warnings.h - what a reader of the mail should be told in one line (safety.md, invariant 6). */
#ifndef READER_WARNINGS_H
#define READER_WARNINGS_H

#include <stdbool.h>

#include "reader/found.h"

/* A link's address without white space; NULL when it leads nowhere (cid:, javascript:, #…). Yours. */
char *warnings_clean_url(const char *href);
/* "link-host-differs", "mixed-script", "link-user" for one link. */
void warnings_link(struct found *f, const char *text, const char *url);
/* from, reply_to, to: struct header_address. "display-name-address", "reply-to-differs",
 * "mixed-script", "look-alike". */
void warnings_people(struct found *f, const struct vec *from, const struct vec *reply_to,
                     const struct vec *to, bool list);
/* "risky-file": a name that runs, or hides that it does. */
void warnings_file(struct found *f, const char *name);

#endif
