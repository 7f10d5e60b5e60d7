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
/* Appends bytes as UTF-8; what is malformed and NUL become U+FFFD. An unknown label is guessed;
 * bytes that are UTF-8 whatever the label says are taken as that. False when something was
 * malformed, or guessed under a label that nobody knows. */
bool charset_decode(const char *label, const char *bytes, size_t n, struct str *out);
/* What the mail at hand is written in (a label, or NULL): bytes without a label are likely that. */
void charset_set_hint(const char *label);
/* Without a label: UTF-8 when it is, else the hint when it fits, else GB18030 when it looks like
 * Chinese, else windows-1252. */
void charset_guess(const char *bytes, size_t n, struct str *out);

#endif
