/* job.h - work as rows. Whoever holds the lease runs it; each write of a job checks its fence.
 *
 * States: queued running done failed cancelled in-doubt. A lease lasts JOB_LEASE seconds and is
 * renewed by progress; one that ran out is taken over as its kind declares (JOB_RESUME: queued
 * again; JOB_CUT: failed, what it had written stays; JOB_DOUBT: in-doubt). */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/db.h"

#define JOB_LEASE 15

enum job_resume { JOB_RESUME, JOB_CUT, JOB_DOUBT };

struct job_kind {
    const char *name; /* N_(): "draft", "minutes", … */
    enum job_resume resume;
    /* JOB_CUT: marks what the dead runner left (a stream as cut). May be NULL. */
    enum status (*on_orphan)(struct db *db, int64_t job, const char *input, struct error *err);
};
void job_register(const struct job_kind *kind);

struct job_claim {
    int64_t id, fence;
};

enum status job_create(struct db *db, const char *kind, const char *input, int64_t *id,
                       struct error *err) MUST_CHECK;
/* Creates and takes it in one step: what most streams do. */
enum status job_start(struct db *db, const char *kind, const char *input, struct job_claim *out,
                      struct error *err) MUST_CHECK;
/* STALE when another holds it. */
enum status job_take(struct db *db, int64_t id, struct job_claim *out, struct error *err) MUST_CHECK;
/* Takes ended jobs of this kind and input out of the table (a dry run's). */
enum status job_forget(struct db *db, const char *kind, const char *input, struct error *err) MUST_CHECK;
/* Renews the lease; done/total 0 when unknown. STALE when the lease was lost or cancelled. */
enum status job_progress(struct db *db, struct job_claim c, int64_t done, int64_t total,
                         const char *note, struct error *err) MUST_CHECK;
enum status job_finish(struct db *db, struct job_claim c, const char *state, const char *result,
                       const char *error, struct error *err) MUST_CHECK;
/* Takes over what runs without a living lease; called at start and by `work`. */
enum status job_recover(struct db *db, int *count, struct error *err) MUST_CHECK;
enum status job_cancel(struct db *db, int64_t id, struct error *err) MUST_CHECK;
enum status job_retry(struct db *db, int64_t id, struct error *err) MUST_CHECK;

/* A kind or a state as a person reads it. */
const char *job_name(const char *word);

struct job_row {
    int64_t id, created, done, total;
    const char *kind, *state, *note, *error, *input;
};
enum status job_list(struct db *db, bool open_only, int64_t limit,
                     bool (*on_row)(void *user, const struct job_row *r), void *user,
                     struct error *err) MUST_CHECK;

#endif
