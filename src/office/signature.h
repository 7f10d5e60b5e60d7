/* signature.h - the lines under a mail: per account, per identity, or one for all. */
#ifndef OFFICE_SIGNATURE_H
#define OFFICE_SIGNATURE_H

#include "base/error.h"

/* The file of this identity: `account NAME signature ADDRESS=FILE`, else its `signature FILE`, else
 * `set compose.signature FILE`. NULL: none. Yours, `~` expanded. */
char *signature_path(const char *account, const char *address);
/* Its text without the rule "-- " and blank edges: valid UTF-8, no control but line breaks. NULL when
 * there is none or it cannot be read (err may be NULL: a mail is written all the same). Yours. */
char *signature_read(const char *account, const char *address, struct error *err);
/* A whole text: what is written, the signature, what follows (a quote or NULL). Behind the end of a
 * mail the signature stands under its rule "-- "; above a quote without, for a rule would make the
 * quote a part of it. Yours. */
char *signature_place(const char *body, const char *signature, const char *tail);
/* The text with another identity's signature in the place of the old one; either may be NULL. */
char *signature_swap(const char *text, const char *old, const char *fresh);

#endif
