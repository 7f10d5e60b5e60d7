/* maildir_inside.h - what the files about followed Maildirs share. */
#ifndef MAIL_MAILDIR_INSIDE_H
#define MAIL_MAILDIR_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"

/* A folder of a followed account and where it lies. */
struct maildir_place {
    char *account, *folder, *directory; /* own */
};
void maildir_place_fini_item(void *item);

/* All folders of the account's Maildir that are there (struct maildir_place): INBOX, Maildir++
 * folders, plain Maildirs below. account NULL: of every account that has one. */
void maildir_places(const char *account, struct vec *places);
/* Where a folder of an account lies or would lie; NULL: the account has no Maildir. Yours. */
char *maildir_directory(const char *account, const char *folder);
/* Is any account of that kind? */
bool maildir_any(void);

#endif
