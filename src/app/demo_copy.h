/* demo_copy.h - the sample office on its way to a temporary home: days move to today. */
#ifndef APP_DEMO_COPY_H
#define APP_DEMO_COPY_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* Replaces the marks of data/demo/README.md; *date (may be NULL) gets the first {{date …}}. */
void demo_fill(const char *text, size_t n, int64_t now, struct str *out, int64_t *date);
/* Copies data/demo at `from` below `to`: to/mail (a Maildir with .Sent), to/meetings (file times
 * are the meetings'), to/notes, to/home/templates. Makes the folders, all private. */
enum status demo_copy(const char *from, const char *to, int64_t now, struct error *err) MUST_CHECK;
/* Removes a folder of our own and all in it; links are not followed. */
void demo_remove(const char *dir);
/* Where data/demo lies: BUREAU_DATA, the installed place, or beside the program. Yours; NULL. */
char *demo_find(void);

#endif
