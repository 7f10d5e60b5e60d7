/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_about.c - what is told of IMAP accounts: `status`, what a server lacks; and bodies a person waits for */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "io/imap.h"
#include "mail/imap.h"
#include "mail/store.h"

/* ---- bodies a person waits for ---- */

struct want {
    int64_t message;
};

/* Notes that it is waited for, if it is on a server. */
static enum status want_run(struct db *db, void *record, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT OR REPLACE INTO mail_imap_want(message,at) SELECT ?1,?2 WHERE EXISTS (SELECT 1 FROM"
            " mail_imap_copy WHERE message=?1 AND whole=0)");
    enum status st;

    db_bind_int(q, 1, ((const struct want *)record)->message);
    db_bind_int(q, 2, clock_now());
    st = db_run(q, err);
    if (st == STATUS_OK && db_changed(db))
        db_touch(db, WATCH_MAIL); /* wakes the watch, of whatever process */
    return st;
}

/* Its body comes next. */
void mail_imap_want(struct store *s, int64_t message)
{
    static const struct store_op op = {
        .name = "mail.imap-want", .klass = OP_PERSON, .run = want_run, .free = free};
    struct want *w = mem_alloc(sizeof *w);

    w->message = message;
    store_post(s, &op, w, NULL, NULL);
}

/* ---- status ---- */

/* When an account was last in step. */
int64_t mail_imap_last(struct db *db)
{
    char *text = store_setting(db, MAIL_LAST_SYNC);
    long long at;
    bool known = text && str_to_int64(text, &at);

    free(text);
    return known ? at : CLOCK_NONE;
}

/* "last_sync" */
void mail_imap_status(struct store *s, struct json *out, struct str *words)
{
    int64_t at = mail_imap_last(store_reader(s));
    char text[CLOCK_TEXT];

    (void)words;
    if (at != CLOCK_NONE)
        json_set_str(out, "last_sync", clock_rfc3339(at, text));
}

/* ---- what a server lacks ---- */

static const struct {
    const char *name, *why;
} wanted[] = {
    {"UIDPLUS", N_("moves by copying leave mails marked as deleted")},
    {"MOVE", N_("moves are made by copying")},
    {"CONDSTORE", N_("flags of all mails are read at each sync")},
    {"QRESYNC", N_("the list of all mails is read at each sync")},
    {"IDLE", N_("new mail is seen every mail.check-every")},
};

/* As bits. */
unsigned mail_imap_lacks(const struct imap *s)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!imap_has(s, wanted[i].name))
            bits |= 1u << i;
    return bits;
}

/* As words. */
void mail_imap_lacks_words(unsigned bits, struct str *out)
{
    str_puts(out, _("the server lacks "));
    for (unsigned i = 0, n = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (bits & 1u << i)
            str_addf(out, "%s%s (%s)", n++ ? ", " : "", wanted[i].name, _(wanted[i].why));
}
