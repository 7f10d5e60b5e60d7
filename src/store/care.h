/* care.h - the database file as a file: copying it, checking it, putting another in its place. */
#ifndef STORE_CARE_H
#define STORE_CARE_H

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

/* Copies the office, as it is at one moment, to a new file (0600). While others work in it. */
enum status care_backup(struct db *db, const char *path, int64_t *bytes, struct error *err) MUST_CHECK;
/* Every page, every index, every foreign key. CORRUPT tells the first thing that is wrong. */
enum status care_check(struct db *db, struct error *err) MUST_CHECK;
/* Puts the copy of a backup in the office's place and keeps what was there: *kept is its path,
 * yours (NULL: there was nothing). REFUSED while another bureau has the store open; CORRUPT when
 * the file is no whole office, FAILED when a newer bureau made it. All operations must be over
 * (store_flush); the connections of this process are opened anew. */
enum status care_restore(struct store *s, const char *path, char **kept, struct error *err)
    MUST_CHECK;

#endif
