/* content.h - one part of a mail: its decoded bytes, and what its own headers say. */
#ifndef READER_CONTENT_H
#define READER_CONTENT_H

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Reads a leaf's decoded bytes in pieces until `max`; how many there are up to there. emit may be
 * NULL. */
int64_t content_read(GMimePart *leaf, int64_t max,
                     void (*emit)(void *user, const char *bytes, size_t n), void *user);
/* An emit that appends to a struct str. */
void content_to_str(void *user, const char *bytes, size_t n);

/* Its media type; one that says nothing is text/plain. */
bool content_is(GMimeObject *o, const char *type, const char *subtype);
/* A header's raw value, a parameter of Content-Type as written; NULL when absent. */
const char *content_header(GMimeObject *o, const char *name);
const char *content_param(GMimeObject *o, const char *name);
/* Its file name; "attachment", "inline", …; NULL when it has none. Yours. */
char *content_name(GMimeObject *o);
char *content_disposition(GMimeObject *o);

#endif
