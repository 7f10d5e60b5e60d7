/* protection.h - is a mail signed or encrypted? What it says of itself; nothing is checked here. */
#ifndef READER_PROTECTION_H
#define READER_PROTECTION_H

#include <gmime/gmime.h>
#include <stddef.h>

#include "reader/nested.h"

/* "openpgp-signed", "openpgp-encrypted", "smime-signed", "smime-encrypted"; NULL for none of them.
 * text is what was read of the mail (inline OpenPGP). */
const char *protection_of(GMimeObject *root, const struct nested *nested, const char *text, size_t n);

#endif
