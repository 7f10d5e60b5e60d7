/* sniff.h - what bytes are, by what they begin with, whatever a mail says they are. */
#ifndef READER_SNIFF_H
#define READER_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

enum { SNIFF_BYTES = 4096 }; /* more of the beginning is not looked at */

/* A media type; NULL when nothing tells. */
const char *sniff_type(const char *bytes, size_t n);
/* Does a file of this real type run when it is opened? */
bool sniff_runs(const char *type);
/* Is what a mail claims about a file something else than what it is? False where both are right:
 * a zip that is a .docx, octet-stream, text of any kind. */
bool sniff_differs(const char *claimed, const char *real);

#endif
