/* summary.h - the lines of a thread that matter, each with its source.
 *
 * Offline: extractive (sentences ranked by words of the subject, questions, decisions, dates,
 * place; one source each). By a model: lines ending in [m12]; a reference that is not of this
 * thread or whose words are not borne out is marked unsupported. */
#ifndef INBOX_SUMMARY_H
#define INBOX_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "model/model.h"

struct db;
struct store;

struct summary_line {
    char *text;      /* own, without the references */
    struct vec refs; /* strv: "m12" */
    bool supported;
};
void summary_line_fini_item(void *item);

struct summary_run;
struct summary_events {
    void (*on_delta)(void *user, const char *text, size_t n);
    void (*on_egress)(void *user, const char *where, int passages, int64_t bytes);
    void (*on_wait)(void *user, int seconds, const char *why);
    void (*on_done)(void *user, const struct vec *lines /* summary_line */,
                    const struct model_result *r);
};
/* Keeps the result with the thread (summary_get) until a new mail comes. */
struct summary_run *summary_start(struct store *s, int64_t thread, const char *model, bool offline,
                                  const struct summary_events *ev, void *user, struct error *err);
/* A dry run: told, not kept. Right after the start. */
void summary_keep_nothing(struct summary_run *r);
void summary_cancel(struct summary_run *r);
/* The kept one; false when there is none or it is older than the newest mail. lines initialised. */
bool summary_get(struct db *db, int64_t thread, struct vec *lines, char **by);

#endif
