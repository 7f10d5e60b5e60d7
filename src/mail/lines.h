/* lines.h - base64 in the raw bytes of a mail, kept decoded: a quarter less to pack, and what stands
 * in it is seen by the packing.
 *
 * Lines of one width, in the letters that RFC 4648 §4 gives and as it pads them, become the bytes
 * that they stand for; whatever else there is stays as it is. */
#ifndef MAIL_LINES_H
#define MAIL_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

/* Appends the form without such lines; false, and out as it was, when there are none worth it. What
 * it makes comes back byte by byte: that is looked at here. */
bool mail_lines_off(const char *bytes, size_t n, struct str *out);
/* Appends the bytes that a form was made of. LIMIT when they would be over max, CORRUPT when it is
 * no form. */
enum status mail_lines_on(const char *form, size_t n, size_t max, struct str *out,
                          struct error *err) MUST_CHECK;

#endif
