/* writer.h - the one writing connection of a process: a thread, or in place (batch).
 *
 * Operations wait in three queues (enum op_class). A transaction takes operations of one queue,
 * each in a savepoint of its own, for as long as its budget lasts: short when another process has
 * the store open, long when alone; bulk work ends early when a person's operation arrives. BEGIN
 * queues on the turnstile, a file lock that is held only until the write lock is won: who has just
 * committed stands behind who waits, so no process starves. When nothing waits the writer feeds
 * the full-text index and moves the write-ahead log into the file. */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct writer;
struct delivery;
struct ring;

struct writer_setup {
    const char *path, *turnstile; /* copied */
    struct ring *ring;            /* borrow */
    struct delivery *delivery;    /* borrow */
    bool thread;
    bool index_waits; /* rows were left for the index when the store was opened */
    void (*on_change)(void *user, unsigned bits); /* in the loop, after own commits */
    void *user;
};

struct writer *writer_new(const struct writer_setup *setup);
/* Runs what is queued, then ends. */
void writer_free(struct writer *w);
void writer_post(struct writer *w, const struct store_op *op, void *record,
                 void (*done)(void *user, void *record, const struct error *err), void *user);
enum status writer_run(struct writer *w, const struct store_op *op, void *record,
                       struct error *err) MUST_CHECK;
void writer_flush(struct writer *w);
size_t writer_pending(struct writer *w);
/* Feeds the index; see store_index. */
enum status writer_index(struct writer *w, bool (*on_left)(void *user, int64_t left), void *user,
                         struct error *err) MUST_CHECK;

/* The turnstile alone, for migrations and restore: take, begin, let go. */
int writer_turnstile_take(const char *path);
void writer_turnstile_let(int fd);

#endif
