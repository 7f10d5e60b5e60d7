/* bundle.h - bytes of many rows packed together: what one mail has in common with its neighbours is
 * kept once, and no page of the file is left half empty.
 *
 * A row keeps a *place*: a small BLOB that says which bundle, where in it and how much. It stands
 * where db_pack's BLOB may stand as well, and bundle_read reads both. A place belongs to one row: who
 * gives it up calls bundle_drop, so that nothing of it is left in the file. */
#ifndef STORE_BUNDLE_H
#define STORE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "store/db.h"

/* A bundle is closed before it would grow beyond this; one row's bytes may be more. So much is
 * unpacked for one row, in about a tenth of a millisecond. */
#define BUNDLE_MOST ((size_t)127 << 10)

/* Packs what is to lie together; any thread. */
void bundle_pack(const void *bytes, size_t n, struct str *out);
/* Writes a bundle; all its n bytes are in use. Writers. */
enum status bundle_write(struct db *db, const struct str *packed, size_t n, int64_t *id,
                         struct error *err) MUST_CHECK;
/* The place of len bytes at `at` of a bundle; out is emptied first. */
void bundle_place(int64_t id, size_t at, size_t len, struct str *out);
/* Is this the place of something in a bundle? */
bool bundle_is_place(const void *blob, size_t n);
/* Appends what a place names, or what db_pack made of it. LIMIT when it would be over max bytes. */
enum status bundle_read(struct db *db, const void *blob, size_t n, size_t max, struct str *out,
                        struct error *err) MUST_CHECK;
/* Takes the bytes of a place out of their bundle; other BLOBs are nothing to it. Writers. */
enum status bundle_drop(struct db *db, const void *blob, size_t n, struct error *err) MUST_CHECK;

#endif
