/* import_kind.h - what a file is: by content first, by name second. */
#ifndef APP_IMPORT_KIND_H
#define APP_IMPORT_KIND_H

#include <stdbool.h>
#include <stddef.h>

struct hook_import;

enum import_kind { IMPORT_NOTHING, IMPORT_MAIL, IMPORT_MBOX, IMPORT_OTHER /* an importer's */ };

struct import_guess {
    enum import_kind kind;
    const struct hook_import *importer; /* OTHER */
};

/* as: the word of --as or NULL; head: the first bytes; walked: found in a folder. */
struct import_guess import_kind_guess(const char *name, const char *head, size_t n, const char *as,
                                      bool walked);
/* Is a word of --as known? */
bool import_kind_is_word(const char *as);
/* At least two of From, To, Date, Message-ID, Received, Subject in the first block of headers. */
bool import_kind_is_mail(const char *head, size_t n);

#endif
