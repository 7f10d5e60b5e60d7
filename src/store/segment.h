/* segment.h - a piece of the full-text index, written as FTS5 itself would write it.
 *
 * The connection must be one on which the index's own tables may be written (db_allow_index), inside a
 * transaction; FTS5 on other connections takes notice as of any change by somebody else. */
#ifndef STORE_SEGMENT_H
#define STORE_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct db;
struct words;

/* Is the index's record of its pieces one that we know how to add to? */
bool segment_fits(struct db *db);
/* Adds the rows gathered in w (none of which is in the index) as one piece. go_on is asked now and then;
 * false from it ends with INTERRUPTED, and the transaction must be taken back. */
enum status segment_write(struct db *db, struct words *w, bool (*go_on)(void *user), void *user,
                          struct error *err) MUST_CHECK;
/* Pieces that are worth merging: so many pages are to be written for it, 0 when there are none. */
int64_t segment_unmerged(struct db *db, unsigned most);

#endif
