/* feeder.h - the writer's second connection, on which pieces of the index are made of many rows. */
#ifndef STORE_FEEDER_H
#define STORE_FEEDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct db;
struct feeder;

struct feeder *feeder_new(const char *path);
void feeder_free(struct feeder *f);
/* Gives connection and memory back until they are needed again. */
void feeder_drop(struct feeder *f);
/* Opens a transaction; the caller stands at the turnstile. */
enum status feeder_begin(struct feeder *f, struct error *err) MUST_CHECK;
/* Makes a piece of so many words of the rows that wait, and commits; else all is taken back. db is told
 * what lies in the log then. Errors as those of doc_index_many. */
enum status feeder_run(struct feeder *f, struct db *db, size_t words, bool (*go_on)(void *user), void *user,
                       struct error *err) MUST_CHECK;

#endif
