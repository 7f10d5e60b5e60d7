/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inside.c - finder: the bytes of the outer mail; reader: the part, then what it says. */
#include "inbox/inside.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "mail/reader.h"
#include "mail/store.h"
#include "store/store.h"

struct inside {
    struct store *store; /* borrow */
    struct store_asked *asked;
    struct mail_reader *reader;
    int part;
    struct str bytes;
    void (*done)(void *user, struct mail_message *m, struct str *bytes, const struct error *err);
    void *user;
};

struct outer_record {
    int64_t message;
    struct str raw;
};

/* Reads the bytes of the outer mail, beside the loop. */
static enum status read_outer(struct db *db, void *record, struct error *err)
{
    struct outer_record *r = record;
    str_clear(&r->raw);
    return mail_message_raw(db, r->message, &r->raw, err);
}

/* Releases the record. */
static void free_outer(void *record)
{
    str_fini(&((struct outer_record *)record)->raw);
    free(record);
}

/* Releases the fetch. */
static void inside_free(struct inside *i)
{
    mail_reader_free(i->reader);
    str_fini(&i->bytes);
    free(i);
}

/* Tells the end. */
static void finish(struct inside *i, struct mail_message *m, const struct error *err)
{
    i->done(i->user, m, &i->bytes, err);
    inside_free(i);
}

/* What it says. */
static void on_message(void *user, struct mail_message *m, const struct error *err)
{
    struct inside *i = user;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    finish(i, m, err);
}

/* Its bytes. */
static void on_part(void *user, const struct str *out, const struct error *err)
{
    struct inside *i = user;
    if (err && err->status == STATUS_INTERRUPTED)
        return;
    if (!out) {
        finish(i, NULL, err);
        return;
    }
    str_add(&i->bytes, str_text(out), out->len);
    mail_reader_parse(i->reader, i->bytes.data, i->bytes.len, on_message, i);
}

/* The bytes of the outer mail. */
static void on_outer(void *user, void *record, const struct error *err)
{
    struct inside *i = user;
    struct outer_record *r = record;
    if (err->status == STATUS_INTERRUPTED)
        return; /* it is gone */
    i->asked = NULL;
    if (error_is(err))
        finish(i, NULL, err);
    else
        mail_reader_part(i->reader, r->raw.data, r->raw.len, i->part, false, on_part, i);
}

/* Begins. */
struct inside *inside_start(struct store *s, int64_t message, int part,
                            void (*done)(void *user, struct mail_message *m, struct str *bytes,
                                         const struct error *err),
                            void *user)
{
    static const struct store_question question = {
        .name = "mail.outer", .run = read_outer, .free = free_outer};
    struct inside *i = mem_alloc(sizeof *i);
    struct outer_record *r = mem_alloc(sizeof *r);
    *i = (struct inside){.store = s, .part = part, .done = done, .user = user};
    i->reader = mail_reader_new(store_loop(s), NULL);
    r->message = message;
    i->asked = store_ask(s, &question, r, on_outer, i);
    return i;
}

/* Nobody waits any more. */
void inside_stop(struct inside *i)
{
    if (!i)
        return;
    store_ask_cancel(i->store, i->asked);
    inside_free(i);
}
