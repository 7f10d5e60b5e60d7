/* office.h - the text of office files: .docx .xlsx .pptx (ECMA-376), .odt .ods .odp (ISO 26300).
 * The XML inside the archive is read as it is unpacked; nothing else of the archive is touched. */
#ifndef READER_OFFICE_H
#define READER_OFFICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Appends at most max bytes; false when it is none of these or nothing of it can be read. *cut:
 * there is more than was read. */
bool office_add(struct str *out, const char *bytes, size_t n, size_t max, bool *cut);

#endif
