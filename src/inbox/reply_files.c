/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply_files.c - the files of a mail that is forwarded or edited as new go into the draft, one after the
 * other; or the mail itself, as it may travel. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/wire.h"
#include "inbox/reply_inside.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "mail/store.h"
#include "store/store.h"

struct original {
    struct store *store;
    int64_t draft;
    struct mail_reader *reader;
    struct mail_message *mail; /* own, unless it is the inner one of the run */
    const struct mail_message *inner;
    struct str raw, bytes;
    char *whole_name; /* own; NULL: its files */
    size_t next;
    struct error error;
    void (*done)(void *user, const struct error *err);
    void *user;
};

/* Tells the end and frees it; posted, so that the reader's callback has returned. */
static void original_gone(void *user)
{
    struct original *o = user;
    o->done(o->user, &o->error);
    mail_reader_free(o->reader);
    if (!o->inner)
        mail_message_free(o->mail);
    str_fini(&o->raw);
    str_fini(&o->bytes);
    free(o->whole_name);
    free(o);
}

/* Ends it. */
static void original_end(struct original *o, const struct error *err)
{
    o->error = *err;
    loop_post(store_loop(o->store), original_gone, o);
}

static void original_next(struct original *o);

/* The operation that attaches one part. */
static enum status original_run(struct db *db, void *record, struct error *err)
{
    struct original *o = record;
    if (o->whole_name)
        return draft_attach(db, o->draft, o->whole_name, "message/rfc822", str_text(&o->bytes),
                            o->bytes.len, NULL, err);
    const struct mail_part *p = vec_at(&o->mail->parts, o->next - 1);
    return draft_attach(db, o->draft, p->name ? p->name : "attachment", p->content_type,
                        str_text(&o->bytes), o->bytes.len, NULL, err);
}

static const struct store_op original_op = {"attach original", OP_PERSON, original_run, NULL};

/* One part is attached: the next. */
static void original_stored(void *user, void *record, const struct error *err)
{
    (void)record;
    struct original *o = user;
    if (err->status != STATUS_OK || o->whole_name)
        original_end(o, err);
    else
        original_next(o);
}

/* One part is decoded. */
static void original_part(void *user, const struct str *out, const struct error *err)
{
    struct original *o = user;
    if (err->status != STATUS_OK) {
        original_next(o); /* a damaged part is left out; the text says what it was */
        return;
    }
    str_clear(&o->bytes);
    str_add(&o->bytes, str_text(out), out->len);
    store_post(o->store, &original_op, o, original_stored, o);
}

/* The mail as it may travel; one that cannot be made so goes as it is. */
static void original_whole(void *user, const struct str *out, bool cut, const struct error *err)
{
    struct original *o = user;
    const struct str *from = err->status == STATUS_OK && !cut ? out : &o->raw;
    str_clear(&o->bytes);
    str_add(&o->bytes, str_text(from), from->len);
    store_post(o->store, &original_op, o, original_stored, o);
}

/* Asks for the next part that is a file. */
static void original_next(struct original *o)
{
    while (o->next < o->mail->parts.len) {
        const struct mail_part *p = vec_at(&o->mail->parts, o->next++);
        if (!p->attachment || p->shown)
            continue;
        mail_reader_part(o->reader, str_text(&o->raw), o->raw.len, p->number, false, original_part, o);
        return;
    }
    struct error none = ERROR_INIT;
    original_end(o, &none);
}

void reply_attach_original(struct store *s, int64_t draft, const struct reply_material *m,
                           void (*done)(void *user, const struct error *err), void *user)
{
    struct error err = ERROR_INIT;
    struct original *o = mem_alloc(sizeof *o);
    *o = (struct original){.store = s, .draft = draft, .done = done, .user = user, .inner = m->inner};
    if (m->inner) {
        o->mail = m->inner;
        str_add(&o->raw, str_text(&m->inner_raw), m->inner_raw.len);
    } else if (mail_message_get(store_reader(s), m->message, &o->mail, &err) ||
               mail_message_raw(store_reader(s), m->message, &o->raw, &err)) {
        done(user, &err);
        mail_message_free(o->mail);
        str_fini(&o->raw);
        free(o);
        return;
    }
    o->reader = mail_reader_new(store_loop(s), NULL);
    o->whole_name = mem_strdup_maybe(m->whole_name);
    if (o->whole_name)
        mail_reader_view(o->reader, str_text(&o->raw), o->raw.len, 0, WIRE_FORM_SEVEN, original_whole, o);
    else
        original_next(o);
}
