/* view.h - an attachment as text that a person can look at: tables, office files, appointments stay
 * with their own readers; what it really is decides, not what the mail says. */
#ifndef READER_VIEW_H
#define READER_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "reader/found.h"

enum { VIEW_BYTES_MAX = 20 << 20 }; /* of an attachment that are looked at */

/* Can this kind be shown by view_add? claimed is the mail's word, real sniff_type's, name may be NULL. */
bool view_can(const char *claimed, const char *real, const char *name);
/* Appends to f->text; what could not be read is left out, f->truncated says so. charset may be NULL. */
void view_add(struct found *f, const char *claimed, const char *name, const char *charset,
              const char *bytes, size_t n);

#endif
