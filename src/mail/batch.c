/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch.c - one change of many messages and threads: one operation, one journal batch
 *
 * What a change of a thread means: archive takes what lies in an inbox (sent mail stays where it
 * is; a conversation with nothing there is marked done), delete takes all, spam and move all but
 * what I sent, read all that is unread, unread and flag the newest (not mine, if there is one),
 * unflag all that are flagged, labels all. Snooze and mute are the thread's own; what is archived,
 * deleted, marked as spam or moved as a whole is snoozed no more. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/inside.h"
#include "mail/snooze.h"

static const char *const words[] = {
    [MAIL_CHANGE_ARCHIVE] = N_("archive"),  [MAIL_CHANGE_DELETE] = N_("delete"),
    [MAIL_CHANGE_SPAM] = N_("spam"),        [MAIL_CHANGE_READ] = N_("mark-read"),
    [MAIL_CHANGE_UNREAD] = N_("mark-unread"), [MAIL_CHANGE_FLAG] = N_("flag"),
    [MAIL_CHANGE_UNFLAG] = N_("unflag"),    [MAIL_CHANGE_MOVE] = N_("move"),
    [MAIL_CHANGE_LABEL] = N_("label"),      [MAIL_CHANGE_SPLIT] = N_("thread split"),
    [MAIL_CHANGE_JOIN] = N_("thread join"), [MAIL_CHANGE_SNOOZE] = N_("snooze"),
    [MAIL_CHANGE_UNSNOOZE] = N_("unsnooze"), [MAIL_CHANGE_MUTE] = N_("mute"),
    [MAIL_CHANGE_UNMUTE] = N_("unmute"),
};

/* Releases what a skip owns. */
static void skip_fini(void *item)
{
    free(((struct mail_skip *)item)->why);
}

/* An empty batch. */
struct mail_batch *mail_batch_new(enum mail_change change)
{
    struct mail_batch *b = mem_alloc(sizeof *b);

    b->change = change;
    vec_init(&b->messages, sizeof(int64_t), NULL);
    vec_init(&b->threads, sizeof(int64_t), NULL);
    strv_init(&b->add);
    strv_init(&b->remove);
    strv_init(&b->changed);
    vec_init(&b->skipped, sizeof(struct mail_skip), skip_fini);
    return b;
}

/* Releases it. */
void mail_batch_free(void *batch)
{
    struct mail_batch *b = batch;

    if (!b)
        return;
    vec_fini(&b->messages);
    vec_fini(&b->threads);
    vec_fini(&b->add);
    vec_fini(&b->remove);
    vec_fini(&b->changed);
    vec_fini(&b->skipped);
    free(b->folder);
    free(b->account);
    free(b);
}

/* What the steps of one run share. */
struct run {
    struct db *db;
    struct journal *journal;
    struct mail_batch *b;
    struct vec seen; /* int64_t: threads whose own state was set */
};

/* Notes why a thing was left as it is. */
static void skip(struct run *r, char letter, int64_t id, const char *why)
{
    struct mail_skip *s = vec_push(&r->b->skipped);

    snprintf(s->id, sizeof s->id, "%c%" PRId64, letter, id);
    s->why = mem_strdup(why);
}

/* Notes a change. */
static void changed(struct run *r, char letter, int64_t id)
{
    char text[24];

    snprintf(text, sizeof text, "%c%" PRId64, letter, id);
    strv_push(&r->b->changed, text);
}

/* Sets a field of a message; one that had the value already is skipped with a word (NULL: quietly). */
static enum status set_field(struct run *r, const char *field, int64_t id, const char *value,
                             const char *already, struct error *err)
{
    bool did = false;
    enum status st = journal_set(r->journal, field, id, value, &did, err);

    if (st == STATUS_OK && did)
        changed(r, 'm', id);
    else if (st == STATUS_OK && already)
        skip(r, 'm', id, already);
    return st;
}

/* Sets or clears one letter of the message's flags. */
static enum status set_letter(struct run *r, const struct mail_row *row, char letter, bool on,
                              const char *already, struct error *err)
{
    char value[8];
    size_t n = 0;
    static const struct {
        char letter;
        unsigned flag;
    } all[] = {{'F', DOC_FLAGGED}, {'P', DOC_FORWARDED}, {'R', DOC_REPLIED}, {'S', DOC_UNREAD}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        bool has = ((row->flags & all[i].flag) != 0) != (all[i].letter == 'S');
        if (all[i].letter == letter)
            has = on;
        if (has)
            value[n++] = all[i].letter;
    }
    value[n] = '\0';
    return set_field(r, MAIL_FIELD_FLAGS, row->id, value, already, err);
}

/* Moves a message into a folder. */
static enum status set_folder(struct run *r, const struct mail_row *row, int64_t folder, bool quiet,
                              struct error *err)
{
    struct mail_folder f;
    char value[24];
    char *already = NULL;
    enum status st = mail_folder_get(r->db, folder, &f, err);

    if (st != STATUS_OK)
        return st;
    if (!quiet)
        already = str_format(_("already in %s"), f.name);
    snprintf(value, sizeof value, "%" PRId64, folder);
    st = set_field(r, MAIL_FIELD_FOLDER, row->id, value, already, err);
    free(already);
    mail_folder_fini(&f);
    return st;
}

/* The folder a message goes to: the account's for a role, or the named one. */
static enum status target(struct run *r, const struct mail_folder *from, int64_t *folder,
                          struct error *err)
{
    const char *account = r->b->account ? r->b->account : from->account;

    switch (r->b->change) {
    case MAIL_CHANGE_ARCHIVE:
        return mail_folder_role(r->db, account, MAIL_ROLE_ARCHIVE, folder, err);
    case MAIL_CHANGE_DELETE:
        return mail_folder_role(r->db, account, MAIL_ROLE_TRASH, folder, err);
    case MAIL_CHANGE_SPAM:
        return mail_folder_role(r->db, account, MAIL_ROLE_SPAM, folder, err);
    default:
        break;
    }
    *folder = mail_folder_find(r->db, account, r->b->folder);
    if (*folder)
        return STATUS_OK;
    r->b->made = true;
    return mail_folder_make(r->db, account, r->b->folder, folder, err);
}

/* Adds and takes labels. */
static enum status set_labels(struct run *r, const struct mail_row *row, struct error *err)
{
    struct vec labels;
    char *value;
    enum status st = mail_message_labels(r->db, row->id, &labels, err);

    for (size_t i = 0; i < r->b->remove.len; i++)
        for (size_t k = labels.len; k-- > 0;)
            if (str_eq(strv_at(&labels, k), strv_at(&r->b->remove, i)))
                vec_remove(&labels, k);
    for (size_t i = 0; i < r->b->add.len; i++) {
        const char *label = strv_at(&r->b->add, i);
        size_t at = 0;
        while (at < labels.len && strcmp(strv_at(&labels, at), label) < 0)
            at++;
        if (at < labels.len && str_eq(strv_at(&labels, at), label))
            continue;
        *(char **)vec_insert(&labels, at) = mem_strdup(label);
    }
    value = strv_join(&labels, "\n");
    if (st == STATUS_OK)
        st = set_field(r, MAIL_FIELD_LABELS, row->id, value, _("nothing to change"), err);
    free(value);
    vec_fini(&labels);
    return st;
}

/* The change of one message. quiet: a part of a thread, say nothing of what fits already. */
static enum status change_message(struct run *r, const struct mail_row *row, bool quiet,
                                  struct error *err)
{
    struct mail_folder from;
    int64_t folder;
    enum status st;

    switch (r->b->change) {
    case MAIL_CHANGE_READ:
        return set_letter(r, row, 'S', true, quiet ? NULL : _("already read"), err);
    case MAIL_CHANGE_UNREAD:
        return set_letter(r, row, 'S', false, quiet ? NULL : _("already unread"), err);
    case MAIL_CHANGE_FLAG:
        return set_letter(r, row, 'F', true, quiet ? NULL : _("already flagged"), err);
    case MAIL_CHANGE_UNFLAG:
        return set_letter(r, row, 'F', false, quiet ? NULL : _("not flagged"), err);
    case MAIL_CHANGE_LABEL:
        return set_labels(r, row, err);
    default:
        break;
    }
    st = mail_folder_get(r->db, row->folder, &from, err);
    if (st == STATUS_OK)
        st = target(r, &from, &folder, err);
    if (st == STATUS_OK)
        st = set_folder(r, row, folder, quiet, err);
    mail_folder_fini(&from);
    return st;
}

/* Is the change one of conversations, not of messages? */
static bool is_of_threads(enum mail_change change)
{
    return change == MAIL_CHANGE_SNOOZE || change == MAIL_CHANGE_UNSNOOZE ||
           change == MAIL_CHANGE_MUTE || change == MAIL_CHANGE_UNMUTE;
}

/* Snoozes a thread until then, or (0) shows it again; its mails go along. */
static enum status set_snooze(struct run *r, int64_t thread, int64_t until, bool *did,
                              struct error *err)
{
    char value[24];
    enum status st;

    snprintf(value, sizeof value, "%" PRId64, until);
    st = journal_set(r->journal, MAIL_FIELD_SNOOZE, thread, value, did, err);
    return st == STATUS_OK && *did ? mail_snooze_move(r->db, r->journal, thread, until != 0, err) : st;
}

/* Snooze and mute: once for each thread, however many of its messages are named. */
static enum status change_state(struct run *r, int64_t thread, struct error *err)
{
    bool did = false, mute = r->b->change == MAIL_CHANGE_MUTE;
    const char *already = NULL;
    enum status st;

    if (mail_vec_has(&r->seen, thread))
        return STATUS_OK;
    mail_vec_add(&r->seen, thread);
    switch (r->b->change) {
    case MAIL_CHANGE_SNOOZE:
        already = _("snoozed until then already");
        st = set_snooze(r, thread, r->b->until, &did, err);
        break;
    case MAIL_CHANGE_UNSNOOZE:
        already = _("not snoozed");
        st = set_snooze(r, thread, 0, &did, err);
        break;
    default:
        already = mute ? _("already muted") : _("not muted");
        st = journal_set(r->journal, MAIL_FIELD_MUTED, thread, mute ? "1" : "0", &did, err);
        break;
    }
    if (st == STATUS_OK && did)
        changed(r, 't', thread);
    else if (st == STATUS_OK)
        skip(r, 't', thread, already);
    return st;
}

/* One message by its id. */
static enum status change_id(struct run *r, int64_t id, struct error *err)
{
    struct mail_row row;
    struct error why = ERROR_INIT;
    enum status st = mail_row_get(r->db, id, &row, &why);

    if (st == STATUS_NO_SUCH) {
        skip(r, 'm', id, why.text);
        r->b->missing++;
        return STATUS_OK;
    }
    if (st == STATUS_OK && is_of_threads(r->b->change))
        st = change_state(r, row.thread, err);
    else if (st == STATUS_OK)
        st = change_message(r, &row, false, err);
    else
        *err = why;
    mail_row_fini(&row);
    return st;
}

/* Is the change of a thread for this message of it? */
static bool is_meant(struct run *r, const struct mail_thread *t, const struct mail_row *row)
{
    struct mail_folder f;
    struct error err = ERROR_INIT;
    int64_t newest = t->newest_foreign ? t->newest_foreign : t->newest;
    enum mail_role role = MAIL_ROLE_OTHER;

    if (mail_folder_get(r->db, row->folder, &f, &err) == STATUS_OK)
        role = f.role;
    mail_folder_fini(&f);
    switch (r->b->change) {
    case MAIL_CHANGE_ARCHIVE:
        return role == MAIL_ROLE_INBOX || role == MAIL_ROLE_OTHER;
    case MAIL_CHANGE_DELETE:
        return role != MAIL_ROLE_TRASH;
    case MAIL_CHANGE_SPAM:
    case MAIL_CHANGE_MOVE:
        return role != MAIL_ROLE_SENT && role != MAIL_ROLE_DRAFTS;
    case MAIL_CHANGE_UNREAD:
    case MAIL_CHANGE_FLAG:
        return row->id == newest;
    case MAIL_CHANGE_READ:
        return (row->flags & DOC_UNREAD) != 0;
    case MAIL_CHANGE_UNFLAG:
        return (row->flags & DOC_FLAGGED) != 0;
    default:
        return true;
    }
}

/* Why a thread was left as it is. */
static const char *thread_why(enum mail_change change)
{
    switch (change) {
    case MAIL_CHANGE_ARCHIVE:
        return _("nothing of it lies in an inbox");
    case MAIL_CHANGE_DELETE:
        return _("already in the trash");
    case MAIL_CHANGE_READ:
        return _("already read");
    case MAIL_CHANGE_UNFLAG:
        return _("not flagged");
    default:
        return _("nothing to change");
    }
}

/* Is a thread that this was done to dealt with? */
static bool ends_snooze(enum mail_change change)
{
    return change == MAIL_CHANGE_ARCHIVE || change == MAIL_CHANGE_DELETE ||
           change == MAIL_CHANGE_SPAM || change == MAIL_CHANGE_MOVE;
}

/* A thread: those of its messages that the change is for. */
static enum status change_thread(struct run *r, int64_t id, struct error *err)
{
    struct mail_thread t;
    struct vec rows;
    struct error why = ERROR_INIT;
    size_t before = r->b->changed.len, skipped = r->b->skipped.len;
    enum status st = mail_thread_get(r->db, id, &t, &why);

    if (st == STATUS_NO_SUCH) {
        skip(r, 't', id, why.text);
        r->b->missing++;
        return STATUS_OK;
    }
    if (st != STATUS_OK) {
        *err = why;
        return st;
    }
    if (is_of_threads(r->b->change)) {
        st = change_state(r, t.id, err);
        mail_thread_fini(&t);
        return st;
    }
    st = mail_thread_messages(r->db, t.id, &rows, err);
    for (size_t i = 0; i < rows.len && st == STATUS_OK; i++)
        if (is_meant(r, &t, vec_at(&rows, i)))
            st = change_message(r, vec_at(&rows, i), true, err);
    if (st == STATUS_OK && r->b->change == MAIL_CHANGE_ARCHIVE && r->b->changed.len == before &&
        t.open) {
        bool did = false;
        st = journal_set(r->journal, MAIL_FIELD_LANE, t.id, mail_lane_word(MAIL_LANE_DONE), &did, err);
        if (did)
            changed(r, 't', t.id);
    }
    if (st == STATUS_OK && t.snooze && r->b->changed.len > before && ends_snooze(r->b->change)) {
        bool did = false;
        st = set_snooze(r, t.id, 0, &did, err);
    }
    if (st == STATUS_OK && r->b->changed.len == before && r->b->skipped.len == skipped)
        skip(r, 't', id, thread_why(r->b->change));
    vec_fini(&rows);
    mail_thread_fini(&t);
    return st;
}

/* Notes messages that moved. */
static void changed_all(struct run *r, struct vec *moved)
{
    for (size_t i = 0; i < moved->len; i++)
        changed(r, 'm', mail_vec_int(moved, i));
    vec_fini(moved);
}

/* Splits at each named message. */
static enum status split_all(struct run *r, struct error *err)
{
    enum status st = STATUS_OK;

    for (size_t i = 0; i < r->b->threads.len; i++)
        skip(r, 't', mail_vec_int(&r->b->threads, i),
             _("split takes the mail with which the new conversation begins"));
    for (size_t i = 0; i < r->b->messages.len && st == STATUS_OK; i++) {
        int64_t id = mail_vec_int(&r->b->messages, i);
        struct error why = ERROR_INIT;
        struct vec moved;
        const char *left = NULL;
        vec_init(&moved, sizeof(int64_t), NULL);
        st = mail_regroup_split(r->db, r->journal, id, &moved, &left, &why);
        if (st == STATUS_NO_SUCH) {
            skip(r, 'm', id, why.text);
            r->b->missing++;
            st = STATUS_OK;
        } else if (st != STATUS_OK) {
            *err = why;
        } else if (left) {
            skip(r, 'm', id, left);
        }
        changed_all(r, &moved);
    }
    return st;
}

/* The threads that are named, also by their messages: int64_t, each once. */
static enum status named_threads(struct run *r, struct vec *out, struct error *err)
{
    for (size_t i = 0; i < r->b->messages.len + r->b->threads.len; i++) {
        bool is_message = i < r->b->messages.len;
        int64_t id = is_message ? mail_vec_int(&r->b->messages, i)
                                : mail_vec_int(&r->b->threads, i - r->b->messages.len);
        struct error why = ERROR_INIT;
        struct mail_row row = {0};
        int64_t thread = is_message ? 0 : mail_thread_id(r->db, id);
        enum status st = is_message ? mail_row_get(r->db, id, &row, &why) : STATUS_OK;
        if (is_message)
            thread = row.thread;
        mail_row_fini(&row);
        if (st != STATUS_OK && st != STATUS_NO_SUCH) {
            *err = why;
            return st;
        }
        if (!thread) {
            skip(r, is_message ? 'm' : 't', id, _("does not exist"));
            r->b->missing++;
        } else if (!mail_vec_has(out, thread)) {
            mail_vec_add(out, thread);
        }
    }
    return STATUS_OK;
}

/* Joins all that are named into the oldest. */
static enum status join_all(struct run *r, struct error *err)
{
    struct vec threads, moved;
    int64_t into = INT64_MAX;
    enum status st;

    vec_init(&threads, sizeof(int64_t), NULL);
    vec_init(&moved, sizeof(int64_t), NULL);
    st = named_threads(r, &threads, err);
    for (size_t i = 0; i < threads.len; i++)
        if (mail_vec_int(&threads, i) < into)
            into = mail_vec_int(&threads, i);
    if (st == STATUS_OK && threads.len == 1)
        skip(r, 't', into, _("one conversation alone cannot be joined: name two"));
    for (size_t i = 0; i < threads.len && st == STATUS_OK; i++)
        if (mail_vec_int(&threads, i) != into)
            st = mail_regroup_join(r->db, r->journal, into, mail_vec_int(&threads, i), &moved, err);
    changed_all(r, &moved);
    vec_fini(&threads);
    return st;
}

/* All of the batch. */
static enum status change_all(struct run *r, struct error *err)
{
    const struct vec *messages = &r->b->messages, *threads = &r->b->threads;
    bool regroups = r->b->change == MAIL_CHANGE_SPLIT || r->b->change == MAIL_CHANGE_JOIN;
    enum status st = STATUS_OK;

    if (regroups) {
        st = r->b->change == MAIL_CHANGE_SPLIT ? split_all(r, err) : join_all(r, err);
        r->b->done = (int64_t)r->b->changed.len;
        return st;
    }
    for (size_t i = 0; i < messages->len + threads->len && st == STATUS_OK; i++) {
        size_t before = r->b->changed.len;
        st = i < messages->len ? change_id(r, mail_vec_int(messages, i), err)
                               : change_thread(r, mail_vec_int(threads, i - messages->len), err);
        r->b->done += r->b->changed.len > before;
    }
    return st;
}

/* The changes and their journal batch; a dry run is the same, taken back. */
static enum status run_changes(struct run *r, struct error *err)
{
    char until[CLOCK_TEXT] = "";
    enum status st = STATUS_OK;

    if (r->b->change == MAIL_CHANGE_SNOOZE)
        clock_rfc3339(r->b->until, until);
    r->b->batch = 0;
    r->b->done = 0;
    r->b->made = false;
    vec_clear(&r->b->changed);
    vec_clear(&r->b->skipped);
    if (r->b->dry_run)
        st = db_savepoint(r->db, err);
    if (st == STATUS_OK)
        st = journal_begin(r->db, "me", words[r->b->change], r->b->folder ? r->b->folder : until,
                           &r->journal, err);
    if (st != STATUS_OK)
        return st;
    st = change_all(r, err);
    journal_count(r->journal, r->b->done);
    if (st == STATUS_OK && !r->b->dry_run)
        return journal_end(r->journal, &r->b->batch, err);
    journal_abandon(r->journal);
    if (r->b->dry_run)
        db_rollback_savepoint(r->db);
    return st;
}

/* The operation. */
static enum status run_batch(struct db *db, void *record, struct error *err)
{
    struct run r = {.db = db, .b = record};
    enum status st;

    vec_init(&r.seen, sizeof(int64_t), NULL);
    st = run_changes(&r, err);
    vec_fini(&r.seen);
    return st;
}

const struct store_op mail_batch_op = {
    .name = "mail.batch", .klass = OP_PERSON, .run = run_batch, .free = mail_batch_free};
