/* source.h - what a model may be shown: the only maker of struct model_source.
 *
 * A list owns every text of its sources, so that it can be built over any connection (loop, finder,
 * writer) and handed to model_start. Each source carries what policy decides by: account, folder,
 * sender, labels. The text is the visible text (never the hidden one). */
#ifndef OFFICE_SOURCE_H
#define OFFICE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "model/model.h"

struct db;

struct source_list {
    struct vec items; /* struct model_source: what model_request.sources takes */
    struct vec texts; /* own: what the items point to */
};

void source_list_init(struct source_list *l);
void source_list_fini(struct source_list *l);

/* Copies every text of s into the list: notes, transcripts, chat turns, templates, passages. */
void source_add(struct source_list *l, const struct model_source *s);
/* One mail whole ("m12"); cut_quotes as given. NO_SUCH when it does not exist. */
enum status source_add_message(struct source_list *l, struct db *db, int64_t message,
                               bool cut_quotes, struct error *err) MUST_CHECK;
/* The thread's newest messages, at most max of them, oldest first. */
enum status source_add_thread(struct source_list *l, struct db *db, int64_t thread, size_t max,
                              struct error *err) MUST_CHECK;
/* A passage of a mail: its policy fields, this text. */
enum status source_add_passage(struct source_list *l, struct db *db, int64_t message,
                               const char *text, struct error *err) MUST_CHECK;

#endif
