/* migrate.h - the schema: parts that each count their own steps. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <stdbool.h>

#include "base/error.h"
#include "store/db.h"
#include "store/store.h"

/* true: nothing is to be done. FAILED when a part is newer than this program. */
enum status migrate_check(struct db *db, bool *current, struct error *err) MUST_CHECK;
/* Runs what is missing, all in one transaction, after a copy to backup_dir when data exists. The
 * caller holds the turnstile. */
enum status migrate_run(struct db *db, const char *backup_dir, struct error *err) MUST_CHECK;
/* Copies the whole database while it is in use; the file must not exist. */
enum status migrate_copy(struct db *db, const char *path, struct error *err) MUST_CHECK;

#endif
