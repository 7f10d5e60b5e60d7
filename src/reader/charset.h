/* charset.h - bytes of any charset to valid UTF-8.
 *
 * charset_open_all opens one descriptor per charset while the system still lets us read files;
 * nothing is opened afterwards. Labels are taken as mail programs mean them, not as they say:
 * gb2312 is GB18030, iso-8859-1 is windows-1252, shift_jis is CP932, ks_c_5601-1987 is CP949. */
#ifndef READER_CHARSET_H
#define READER_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

void charset_open_all(void);
/* False for "", NULL, and labels nobody knows. */
bool charset_known(const char *label);
/* Appends bytes as UTF-8; what is malformed and NUL become U+FFFD. An unknown label is guessed.
 * False when something was malformed or guessed from 8-bit bytes. */
bool charset_decode(const char *label, const char *bytes, size_t n, struct str *out);
/* Without a label: UTF-8 when it is, else GB18030 when it looks like Chinese, else windows-1252. */
void charset_guess(const char *bytes, size_t n, struct str *out);

#endif
