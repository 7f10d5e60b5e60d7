/* zip.h - entries of a zip archive that lies in memory (APPNOTE.TXT 4.3): stored and deflated ones,
 * read piece by piece, so that what they unpack to never stands in memory at once. */
#ifndef READER_ZIP_H
#define READER_ZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"

enum { ZIP_ENTRIES_MAX = 5000, ZIP_UNPACKED_MAX = 64 << 20 };

struct zip_entry {
    char *name; /* own; as written, never used as a path */
    size_t at, packed;
    int method; /* 0 stored, 8 deflated */
};

struct zip {
    const char *bytes; /* borrow */
    size_t n;
    struct vec entries; /* struct zip_entry */
    size_t left;        /* bytes that may still be unpacked, over all entries */
};

/* False when it is no zip archive whose list of entries can be read. */
bool zip_open(struct zip *z, const char *bytes, size_t n);
void zip_close(struct zip *z);
const struct zip_entry *zip_find(const struct zip *z, const char *name); /* NULL */
/* Unpacks into on_bytes until that returns false; false when the entry is damaged or there is more
 * than ZIP_UNPACKED_MAX. */
bool zip_read(struct zip *z, const struct zip_entry *e,
              bool (*on_bytes)(void *user, const char *bytes, size_t n), void *user);

#endif
