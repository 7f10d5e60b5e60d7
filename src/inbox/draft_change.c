/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft_change.c - what changes drafts: versions, folding, streams, states. All inside operations.
 *
 * A version is one row of draft_version. The current one may be unsettled: then its text is the
 * row's text with the log of store/textlog.h replayed. Settling folds the log and closes the
 * version. Whatever changes a draft first calls draft_touch_version, which voids an approval in the
 * same transaction, opens a new version when the current one is settled, and raises the serial. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/watch.h"
#include "inbox/draft_inside.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "mail/thread.h"
#include "office/people.h"
#include "office/signature.h"
#include "store/doc.h"
#include "store/job.h"

#define TEXT_MAX (4u << 20)

/* Lines of a strv. */
static char *lines_of(const struct vec *v)
{
    return strv_join(v, "\n");
}

enum status draft_create(struct db *db, struct draft *d, struct error *err)
{
    struct str to = STR_INIT, cc = STR_INIT, bcc = STR_INIT;
    char *refs = lines_of(&d->references);
    int64_t now = clock_now();
    people_print(&to, &d->to);
    people_print(&cc, &d->cc);
    people_print(&bcc, &d->bcc);
    struct db_query *q = db_prepare(
        db, "INSERT INTO draft (kind, state, message, thread, account, from_name, from_address,"
            " in_reply_to, refs, say, created, updated, version, cursor, origin)"
            " VALUES (?, 'open', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)");
    db_bind_int(q, 1, d->kind);
    db_bind_int(q, 2, d->message);
    db_bind_int(q, 3, d->thread);
    db_bind_text(q, 4, d->account ? d->account : "");
    db_bind_text(q, 5, d->from.name ? d->from.name : "");
    db_bind_text(q, 6, d->from.address ? d->from.address : "");
    db_bind_text(q, 7, d->in_reply_to ? d->in_reply_to : "");
    db_bind_text(q, 8, refs);
    db_bind_text(q, 9, d->say ? d->say : "");
    db_bind_int(q, 10, now);
    db_bind_int(q, 11, now);
    db_bind_int(q, 12, (int64_t)d->cursor);
    db_bind_int(q, 13, d->origin);
    enum status st = db_run(q, err);
    if (st)
        goto out;
    d->id = db_last_id(db);
    d->version = 1;
    q = db_prepare(db, "INSERT INTO draft_version (draft, version, at, by, made, to_text, cc_text,"
                       " bcc_text, subject, text) VALUES (?, 1, ?, ?, '', ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, d->id);
    db_bind_int(q, 2, now);
    db_bind_text(q, 3, d->by && *d->by ? d->by : "me");
    db_bind_text(q, 4, d->to_text && *d->to_text ? d->to_text : str_text(&to));
    db_bind_text(q, 5, d->cc_text && *d->cc_text ? d->cc_text : str_text(&cc));
    db_bind_text(q, 6, d->bcc_text && *d->bcc_text ? d->bcc_text : str_text(&bcc));
    db_bind_text(q, 7, d->subject ? d->subject : "");
    db_bind_text(q, 8, d->text ? d->text : "");
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = draft_publish(db, d->id, true, err);
out:
    free(refs);
    str_fini(&to);
    str_fini(&cc);
    str_fini(&bcc);
    return st;
}

/* What draft_touch_version and the others need to know of a draft. */
struct glance {
    int64_t version, thread, message, outbox;
    bool settled, streaming, closed /* sent or deleted */, approved;
};

/* Looks at a draft. NO_SUCH. */
static enum status look(struct db *db, int64_t id, struct glance *g, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT d.version, d.thread, d.state, v.settled, d.message, d.outbox FROM draft AS d"
            " JOIN draft_version AS v ON v.draft = d.id AND v.version = d.version WHERE d.id = ?");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found) {
        const char *state = db_text(q, 2);
        *g = (struct glance){.version = db_int(q, 0),
                             .thread = db_int(q, 1),
                             .settled = db_int(q, 3) != 0,
                             .message = db_int(q, 4),
                             .outbox = db_int(q, 5),
                             .streaming = strcmp(state, "streaming") == 0,
                             .approved = strcmp(state, "approved") == 0,
                             .closed = strcmp(state, "sent") == 0 || strcmp(state, "deleted") == 0};
    }
    enum status st = db_done(q, err);
    if (st == STATUS_OK && !found)
        st = error_set(err, STATUS_NO_SUCH, _("there is no draft d%lld"), (long long)id);
    return st;
}

/* Copies the current version as the next one and makes that current. */
static enum status next_version(struct db *db, int64_t id, int64_t version, const char *by,
                                struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT INTO draft_version (draft, version, at, by, made, to_text, cc_text, bcc_text,"
            " subject, text) SELECT draft, (SELECT max(version) + 1 FROM draft_version"
            " WHERE draft = ?1), ?3, ?4, '', to_text, cc_text, bcc_text, subject, text"
            " FROM draft_version WHERE draft = ?1 AND version = ?2");
    db_bind_int(q, 1, id);
    db_bind_int(q, 2, version);
    db_bind_int(q, 3, clock_now());
    db_bind_text(q, 4, by);
    enum status st = db_run(q, err);
    if (st)
        return st;
    q = db_prepare(db, "UPDATE draft SET version = (SELECT max(version) FROM draft_version"
                       " WHERE draft = ?1) WHERE id = ?1");
    db_bind_int(q, 1, id);
    return db_run(q, err);
}

/* Raises the serial and the time of change. */
static enum status bump(struct db *db, int64_t id, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "UPDATE draft SET serial = serial + 1, updated = ? WHERE id = ?");
    db_bind_int(q, 1, clock_now());
    db_bind_int(q, 2, id);
    return db_run(q, err);
}

/* May this draft be changed now? */
static enum status may_change(int64_t id, const struct glance *g, struct error *err)
{
    if (g->streaming) {
        error_set(err, STATUS_REFUSED, _("d%lld is being written by a model"), (long long)id);
        return error_hint(err, _("stop it first: what has come is kept"));
    }
    if (g->closed)
        return error_set(err, STATUS_REFUSED, _("d%lld was sent or deleted"), (long long)id);
    return STATUS_OK;
}

/* Opens the draft for a change: an approval is void, whatever state it had it is open now. */
static enum status open_it(struct db *db, int64_t id, struct glance *g, struct error *err)
{
    enum status st = look(db, id, g, err);
    if (st || (st = may_change(id, g, err)) || (st = outbox_void_draft(db, id, NULL, err)))
        return st;
    if (!g->approved)
        return STATUS_OK;
    struct db_query *q = db_prepare(db, "UPDATE draft SET state = 'open' WHERE id = ?");
    db_bind_int(q, 1, id);
    return db_run(q, err);
}

enum status draft_touch_version(struct db *db, int64_t id, struct error *err)
{
    struct glance g = {0};
    enum status st = open_it(db, id, &g, err);
    if (st || (g.settled && (st = next_version(db, id, g.version, "me", err))))
        return st;
    return bump(db, id, err);
}

enum status draft_type(struct db *db, int64_t id, int64_t *serial, const struct textlog_edit *edit,
                       int64_t cursor, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT serial FROM draft WHERE id = ?");
    db_bind_int(q, 1, id);
    int64_t now = db_step(q) ? db_int(q, 0) : -1;
    db_end(q);
    if (now != *serial)
        return error_set(err, STATUS_STALE, _("d%lld was changed elsewhere"), (long long)id);
    enum status st;
    if (edit) {
        if ((st = draft_touch_version(db, id, err)) ||
            (st = textlog_splice(db, DRAFT_LOG, id, edit, cursor, err)))
            return st;
        *serial = now + 1;
        db_touch(db, WATCH_DRAFT);
    }
    q = db_prepare(db, "UPDATE draft SET cursor = ? WHERE id = ?");
    db_bind_int(q, 1, cursor);
    db_bind_int(q, 2, id);
    return db_run(q, err);
}

enum status draft_set_head(struct db *db, int64_t id, enum draft_head head, const char *text,
                           struct error *err)
{
    struct draft_change c = {0};
    switch (head) {
    case DRAFT_HEAD_TO: c.to = text; break;
    case DRAFT_HEAD_CC: c.cc = text; break;
    case DRAFT_HEAD_BCC: c.bcc = text; break;
    case DRAFT_HEAD_SUBJECT: c.subject = text; break;
    case DRAFT_HEADS: break;
    }
    return draft_change(db, id, &c, err);
}

enum status draft_fold(struct db *db, int64_t id, bool settle, struct error *err)
{
    enum status st = STATUS_OK;
    if (textlog_has(db, DRAFT_LOG, id)) {
        struct draft *d;
        if ((st = draft_get(db, id, &d, err)))
            return st;
        struct db_query *q =
            db_prepare(db, "UPDATE draft_version SET text = ? WHERE draft = ? AND version = ?");
        db_bind_text(q, 1, d->text);
        db_bind_int(q, 2, id);
        db_bind_int(q, 3, d->version);
        st = db_run(q, err);
        if (st == STATUS_OK) {
            q = db_prepare(db, "UPDATE draft SET cursor = ? WHERE id = ?");
            db_bind_int(q, 1, (int64_t)d->cursor);
            db_bind_int(q, 2, id);
            st = db_run(q, err);
        }
        draft_free(d);
        if (st == STATUS_OK)
            st = textlog_clear(db, DRAFT_LOG, id, err);
    }
    if (st == STATUS_OK && settle) {
        struct db_query *q = db_prepare(
            db, "UPDATE draft_version SET settled = 1 WHERE draft = ?1 AND version ="
                " (SELECT version FROM draft WHERE id = ?1) AND (text <> '' OR by <> 'me')");
        db_bind_int(q, 1, id);
        st = db_run(q, err);
    }
    return st ? st : draft_publish(db, id, true, err);
}

/* Writes one text column of the current version. */
static enum status set_text(struct db *db, int64_t id, const char *sql, const char *value,
                            struct error *err)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, id);
    db_bind_text(q, 2, value);
    return db_run(q, err);
}

#define SET_VERSION(column)                                                                        \
    "UPDATE draft_version SET " column " = ?2 WHERE draft = ?1 AND version ="                      \
    " (SELECT version FROM draft WHERE id = ?1)"

enum status draft_change(struct db *db, int64_t id, const struct draft_change *c,
                         struct error *err)
{
    enum status st = STATUS_OK;
    if (c->text && strlen(c->text) > TEXT_MAX)
        return error_set(err, STATUS_LIMIT, _("a draft may hold 4 MB of text"));
    if (c->text && (st = draft_fold(db, id, true, err))) /* what stood there stays a version */
        return st;
    if ((st = draft_touch_version(db, id, err)))
        return st;
    if (c->text) {
        if ((st = set_text(db, id, SET_VERSION("text"), c->text, err)) ||
            (st = set_text(db, id, "UPDATE draft SET cursor = min(cursor, length(CAST(?2 AS BLOB)))"
                                   " WHERE id = ?1", c->text, err)))
            return st;
    }
    if (c->subject && (st = set_text(db, id, SET_VERSION("subject"), c->subject, err)))
        return st;
    if (c->to && (st = set_text(db, id, SET_VERSION("to_text"), c->to, err)))
        return st;
    if (c->cc && (st = set_text(db, id, SET_VERSION("cc_text"), c->cc, err)))
        return st;
    if (c->bcc && (st = set_text(db, id, SET_VERSION("bcc_text"), c->bcc, err)))
        return st;
    if (c->by && (st = set_text(db, id, SET_VERSION("by"), c->by, err)))
        return st;
    if (c->made && (st = set_text(db, id, SET_VERSION("made"), c->made, err)))
        return st;
    if (c->say && (st = set_text(db, id, "UPDATE draft SET say = ?2 WHERE id = ?1", c->say, err)))
        return st;
    if (c->account &&
        (st = set_text(db, id, "UPDATE draft SET account = ?2 WHERE id = ?1", c->account, err)))
        return st;
    if (c->from) {
        if ((st = set_text(db, id, "UPDATE draft SET from_name = ?2 WHERE id = ?1", c->from->name,
                           err)) ||
            (st = set_text(db, id, "UPDATE draft SET from_address = ?2 WHERE id = ?1",
                           c->from->address, err)))
            return st;
    }
    if (c->settle)
        return draft_fold(db, id, true, err);
    return draft_publish(db, id, c->text != NULL, err);
}

enum status draft_change_sender(struct db *db, int64_t id, const char *identity, struct error *err)
{
    struct people_identity to;
    struct draft *d;
    enum status st = people_identity_find(identity, &to, err);
    if (st)
        return st;
    if ((st = draft_get(db, id, &d, err)) == STATUS_OK) {
        struct mail_address from = {to.name, to.address};
        char *old = signature_read(d->account, d->from.address, NULL);
        char *fresh = signature_read(to.account, to.address, NULL);
        char *text = str_eq(old, fresh) ? NULL : signature_swap(d->text, old, fresh);
        struct draft_change c = {.account = to.account, .from = &from,
                                 .text = text && !str_eq(text, d->text) ? text : NULL};
        st = draft_change(db, id, &c, err);
        free(old);
        free(fresh);
        free(text);
        draft_free(d);
    }
    people_identity_fini(&to);
    return st;
}

enum status draft_restore_version(struct db *db, int64_t id, int64_t version, struct error *err)
{
    struct draft *old;
    enum status st = draft_fold(db, id, true, err);
    if (st || (st = draft_get_version(db, id, version, &old, err)))
        return st;
    struct draft_change c = {.text = old->text,
                             .subject = old->subject,
                             .to = old->to_text,
                             .cc = old->cc_text,
                             .bcc = old->bcc_text,
                             .by = old->by,
                             .made = old->made,
                             .settle = true};
    st = draft_change(db, id, &c, err);
    draft_free(old);
    return st;
}

/* ---- streams ---- */

enum status draft_stream_begin(struct db *db, int64_t id, const char *by, int64_t job,
                               const char *base, struct error *err)
{
    struct glance g = {0};
    enum status st = open_it(db, id, &g, err);
    if (st || (st = bump(db, id, err)) || (st = draft_fold(db, id, true, err)) ||
        (st = look(db, id, &g, err)))
        return st;
    if (g.settled && (st = next_version(db, id, g.version, by, err)))
        return st;
    if ((st = set_text(db, id, SET_VERSION("text"), base ? base : "", err)))
        return st;
    if ((st = set_text(db, id, SET_VERSION("by"), by, err)))
        return st;
    struct db_query *q = db_prepare(
        db, "UPDATE draft SET state = 'streaming', job = ?, cursor = 0 WHERE id = ?");
    db_bind_int(q, 1, job);
    db_bind_int(q, 2, id);
    if ((st = db_run(q, err)))
        return st;
    return draft_publish(db, id, false, err);
}

enum status draft_stream_end(struct db *db, int64_t id, const char *final, const char *made,
                             const char *by, struct error *err)
{
    struct glance g = {0};
    enum status st = look(db, id, &g, err);
    if (st || !g.streaming)
        return st;
    if (final) {
        if ((st = textlog_clear(db, DRAFT_LOG, id, err)) ||
            (st = set_text(db, id, SET_VERSION("text"), final, err)))
            return st;
    }
    if ((st = set_text(db, id, SET_VERSION("made"), made, err)))
        return st;
    if (by && (st = set_text(db, id, SET_VERSION("by"), by, err)))
        return st;
    struct db_query *q =
        db_prepare(db, "UPDATE draft SET state = 'open', job = 0 WHERE id = ?");
    db_bind_int(q, 1, id);
    if ((st = db_run(q, err)) || (st = bump(db, id, err)))
        return st;
    return draft_fold(db, id, true, err);
}

/* ---- states ---- */

/* The newest draft of the thread that waits is its mark. */
static enum status mark_thread(struct db *db, int64_t thread, struct error *err)
{
    int64_t living = thread ? mail_thread_id(db, thread) : 0;
    return living ? mail_thread_set_draft(db, living, draft_of_thread(db, thread), err) : STATUS_OK;
}

enum status draft_publish(struct db *db, int64_t id, bool rest, struct error *err)
{
    struct glance g = {0};
    enum status st = look(db, id, &g, err);
    if (st || (st = mark_thread(db, g.thread, err)))
        return st;
    db_touch(db, WATCH_DRAFT | WATCH_MAIL);
    if (!rest)
        return STATUS_OK;
    struct draft *d;
    if ((st = draft_get(db, id, &d, err)))
        return st;
    struct str sender = STR_INIT;
    people_print_one(&sender, d->from.name, d->from.address);
    struct doc doc = {.kind = DOC_DRAFT,
                      .ref = id,
                      .date = d->created,
                      .thread = d->thread,
                      .flags = DOC_MINE | (g.closed ? DOC_DELETED : 0) |
                               (d->files.len ? DOC_ATTACHMENT : 0),
                      .subject = d->subject,
                      .sender = str_text(&sender),
                      .recipients = d->to_text,
                      .cc = d->cc_text,
                      .body = d->text};
    int64_t key = doc_find(db, DOC_DRAFT, id);
    st = key ? doc_update(db, key, &doc, err) : doc_insert(db, &doc, &key, err);
    str_fini(&sender);
    draft_free(d);
    return st;
}

/* Takes rows of a draft out of one table. */
static enum status drop_rows(struct db *db, const char *sql, int64_t id, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);
    db_bind_int(q, 1, id);
    return db_run(q, err);
}

enum status draft_forget(struct db *db, int64_t id, struct error *err)
{
    struct glance g = {0};
    char *input = str_format("{\"draft\":%lld}", (long long)id);
    int64_t key = doc_find(db, DOC_DRAFT, id);
    enum status st = look(db, id, &g, err);
    if (st == STATUS_OK)
        st = textlog_clear(db, DRAFT_LOG, id, err);
    if (st == STATUS_OK && key)
        st = doc_delete(db, key, err);
    if (st == STATUS_OK)
        st = job_forget(db, "draft", input, err);
    if (st == STATUS_OK)
        st = drop_rows(db, "DELETE FROM draft_file WHERE draft = ?", id, err);
    if (st == STATUS_OK)
        st = drop_rows(db, "DELETE FROM draft_accepted WHERE draft = ?", id, err);
    if (st == STATUS_OK)
        st = drop_rows(db, "DELETE FROM draft_version WHERE draft = ?", id, err);
    if (st == STATUS_OK)
        st = drop_rows(db, "DELETE FROM draft WHERE id = ?", id, err);
    if (st == STATUS_OK)
        st = mark_thread(db, g.thread, err);
    free(input);
    db_touch(db, WATCH_DRAFT | WATCH_MAIL);
    return st;
}

enum status draft_set_state(struct db *db, int64_t id, enum draft_state state, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE draft SET state = ?, updated = ? WHERE id = ?");
    db_bind_text(q, 1, draft_state_word(state));
    db_bind_int(q, 2, clock_now());
    db_bind_int(q, 3, id);
    enum status st = db_run(q, err);
    return st ? st : draft_publish(db, id, true, err);
}

/* journal_field: the state's word. */
static enum status field_get(struct db *db, int64_t id, struct str *out, struct error *err)
{
    struct glance g;
    enum status st = look(db, id, &g, err);
    if (st)
        return st;
    struct db_query *q = db_prepare(db, "SELECT state FROM draft WHERE id = ?");
    db_bind_int(q, 1, id);
    if (db_step(q))
        str_puts(out, db_text(q, 0));
    return db_done(q, err);
}

/* journal_field: deleted and back; a held mail is taken back by deleting its draft. */
static enum status field_set(struct db *db, int64_t id, const char *value, struct error *err)
{
    struct glance g;
    enum status st = look(db, id, &g, err);
    if (st)
        return st;
    bool delete = strcmp(value, "deleted") == 0;
    if (g.streaming && delete)
        return may_change(id, &g, err);
    if (delete && (st = outbox_void_draft(db, id, NULL, err)))
        return st;
    return draft_set_state(db, id, delete ? DRAFT_DELETED : DRAFT_OPEN, err);
}

/* For the journal: is it deleted? */
static const char *state_in_words(const char *value)
{
    return journal_yes_no(strcmp(value, "deleted") == 0 ? "1" : "0");
}

const struct journal_field draft_state_field = {
    .name = "draft.state", .letter = 'd', .get = field_get, .set = field_set,
    .label = N_("deleted"), .word = state_in_words};

enum status draft_confirm(struct db *db, const struct outbox_order *o, int64_t outbox,
                          struct error *err)
{
    struct draft *d;
    enum status st = draft_fold(db, o->draft, true, err);
    if (st || (st = draft_get(db, o->draft, &d, err)))
        return st;
    if (d->version != o->version || strcmp(d->hash, o->draft_hash) != 0)
        st = error_set(err, STATUS_STALE, _("d%lld was changed while it was being sent"),
                       (long long)o->draft);
    else if (d->state != DRAFT_OPEN)
        st = error_set(err, STATUS_REFUSED, _("d%lld is %s"), (long long)o->draft,
                       draft_state_name(d->state));
    draft_free(d);
    if (st)
        return st;
    struct db_query *q = db_prepare(db, "UPDATE draft SET outbox = ? WHERE id = ?");
    db_bind_int(q, 1, outbox);
    db_bind_int(q, 2, o->draft);
    if ((st = db_run(q, err)))
        return st;
    return draft_set_state(db, o->draft, DRAFT_APPROVED, err);
}

/* The answered mail is marked so; a forwarded one too. It is journalled as the outbox's doing, so
 * that a person's undo passes over it, and goes to the file of a followed Maildir. */
static enum status mark_answered(struct db *db, int64_t id, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT message, kind FROM draft WHERE id = ?");
    db_bind_int(q, 1, id);
    int64_t message = 0, kind = DRAFT_NEW;
    if (db_step(q)) {
        message = db_int(q, 0);
        kind = db_int(q, 1);
    }
    db_end(q);
    struct mail_row row;
    struct error gone = ERROR_INIT;
    if (!message || kind == DRAFT_NEW || mail_row_get(db, message, &row, &gone))
        return STATUS_OK;
    unsigned flags = row.flags | (kind == DRAFT_FORWARD ? DOC_FORWARDED : DOC_REPLIED);
    char letters[5], *p = letters;
    if (flags & DOC_FLAGGED)
        *p++ = 'F';
    if (flags & DOC_FORWARDED)
        *p++ = 'P';
    if (flags & DOC_REPLIED)
        *p++ = 'R';
    if (!(flags & DOC_UNREAD))
        *p++ = 'S';
    *p = 0;
    mail_row_fini(&row);
    struct journal *j;
    int64_t batch;
    enum status st = journal_begin(db, N_("outbox"), N_("answered"), "", &j, err);
    if (st)
        return st;
    if ((st = journal_set(j, MAIL_FIELD_FLAGS, message, letters, NULL, err))) {
        journal_abandon(j);
        return st;
    }
    return journal_end(j, &batch, err);
}

/* The mail of a drafts folder that the draft went on with is in the way now: to the trash. */
static enum status retire_origin(struct db *db, int64_t id, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT origin FROM draft WHERE id = ?");
    struct mail_row row;
    struct mail_folder folder = {0};
    struct error gone = ERROR_INIT;
    int64_t origin, trash, batch;
    db_bind_int(q, 1, id);
    origin = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    if (!origin || mail_row_get(db, origin, &row, &gone) != STATUS_OK)
        return STATUS_OK;
    bool there = mail_folder_get(db, row.folder, &folder, &gone) == STATUS_OK &&
                 folder.role == MAIL_ROLE_DRAFTS;
    mail_row_fini(&row);
    enum status st =
        there ? mail_folder_role(db, folder.account, MAIL_ROLE_TRASH, &trash, err) : STATUS_OK;
    mail_folder_fini(&folder);
    struct journal *j;
    if (!there || st || (st = journal_begin(db, "outbox", N_("draft sent"), "", &j, err)))
        return st;
    char *value = str_format("%lld", (long long)trash);
    st = journal_set(j, MAIL_FIELD_FOLDER, origin, value, NULL, err);
    free(value);
    if (st) {
        journal_abandon(j);
        return st;
    }
    return journal_end(j, &batch, err);
}

enum status draft_on_outbox(struct db *db, int64_t outbox, int64_t id, enum outbox_state state,
                            struct error *err)
{
    struct glance g;
    struct error none = ERROR_INIT;
    if (id == 0 || look(db, id, &g, &none) != STATUS_OK)
        return STATUS_OK;
    enum status st = STATUS_OK;
    if (state == OUTBOX_SENT) {
        if ((st = mark_answered(db, id, err)) || (st = retire_origin(db, id, err)))
            return st;
        return draft_set_state(db, id, DRAFT_SENT, err);
    }
    if ((state == OUTBOX_CANCELLED || state == OUTBOX_FAILED) && g.approved)
        return draft_set_state(db, id, DRAFT_OPEN, err);
    if (state == OUTBOX_QUEUED && g.outbox == outbox && !g.closed && !g.streaming && !g.approved)
        st = draft_set_state(db, id, DRAFT_APPROVED, err); /* tried again after a failure */
    db_touch(db, WATCH_DRAFT);
    return st;
}
