/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft.c - drafts as they are read: rows, versions, hash. What changes them is in draft_change.c,
 * typing in draft_pen.c, files in draft_file.c. */
#include "inbox/draft.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "inbox/draft_inside.h"
#include "mail/thread.h"
#include "model/model.h"
#include "office/people.h"

static const char *const state_words[] = {"open", N_("streaming"), N_("approved"), N_("sent"), N_("deleted")};

const char *draft_state_word(enum draft_state s)
{
    return state_words[s];
}

const char *draft_state_name(enum draft_state s)
{
    return s == DRAFT_OPEN ? C_("draft", "open") : _(state_words[s]);
}

const char *draft_by_name(const char *by)
{
    return str_eq(by, "me") ? _("me") : model_by_name(by);
}

/* The state of a word in a row. */
static enum draft_state state_of(const char *word)
{
    for (int s = 0; s <= DRAFT_DELETED; s++)
        if (strcmp(word, state_words[s]) == 0)
            return (enum draft_state)s;
    return DRAFT_OPEN;
}

/* Releases one struct draft_file. */
static void file_fini(void *item)
{
    struct draft_file *f = item;
    free(f->name);
    free(f->content_type);
}

/* An empty draft whose lists are ready. */
static struct draft *draft_new(void)
{
    struct draft *d = mem_alloc(sizeof *d);
    people_init(&d->to);
    people_init(&d->cc);
    people_init(&d->bcc);
    strv_init(&d->references);
    for (size_t i = 0; i < 3; i++)
        strv_init(&d->bad[i]);
    vec_init(&d->files, sizeof(struct draft_file), file_fini);
    return d;
}

void draft_free(struct draft *d)
{
    if (!d)
        return;
    free(d->account);
    mail_address_fini_item(&d->from);
    vec_fini(&d->to);
    vec_fini(&d->cc);
    vec_fini(&d->bcc);
    vec_fini(&d->references);
    for (size_t i = 0; i < 3; i++)
        vec_fini(&d->bad[i]);
    vec_fini(&d->files);
    free(d->to_text);
    free(d->cc_text);
    free(d->bcc_text);
    free(d->unread);
    free(d->subject);
    free(d->text);
    free(d->in_reply_to);
    free(d->by);
    free(d->made);
    free(d->say);
    free(d->hash);
    free(d);
}

/* Reads the addresses of one header; what is none goes to bad, and the first of them to d->unread as a sentence. */
static void read_people(struct draft *d, const char *text, struct vec *out, struct vec *bad)
{
    struct error err = ERROR_INIT;
    enum status st = people_parse_each(text, out, bad, &err);
    if (d->unread)
        return;
    if (st)
        d->unread = mem_strdup(err.text);
    else if (bad->len)
        d->unread = str_format(_("%s is no mail address"), strv_at(bad, 0));
}

/* Appends one field to the hashed text, with its length so that nothing can shift. */
static void hash_field(crypto_hash_sha256_state *h, const char *name, const char *value, size_t n)
{
    char *head = str_format("%s %zu\n", name, n);
    crypto_hash_sha256_update(h, (const unsigned char *)head, strlen(head));
    if (n)
        crypto_hash_sha256_update(h, (const unsigned char *)value, n);
    free(head);
}

char *draft_hash(struct db *db, const struct draft *d)
{
    crypto_hash_sha256_state h;
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[crypto_hash_sha256_BYTES * 2 + 1];
    const struct vec *lists[] = {&d->to, &d->cc, &d->bcc};
    static const char *const names[] = {"to", "cc", "bcc"};
    struct str text = STR_INIT;
    crypto_hash_sha256_init(&h);
    people_print_one(&text, d->from.name, d->from.address ? d->from.address : "");
    hash_field(&h, "from", str_text(&text), text.len);
    for (size_t i = 0; i < 3; i++) {
        str_clear(&text);
        people_print(&text, lists[i]);
        hash_field(&h, names[i], str_text(&text), text.len);
    }
    hash_field(&h, "subject", d->subject, strlen(d->subject));
    hash_field(&h, "in-reply-to", d->in_reply_to, strlen(d->in_reply_to));
    hash_field(&h, "text", d->text, strlen(d->text));
    struct db_query *q = db_prepare(
        db, "SELECT name, content_type, sha FROM draft_file WHERE draft = ? AND NOT gone ORDER BY id");
    db_bind_int(q, 1, d->id);
    while (db_step(q))
        for (int i = 0; i < 3; i++)
            hash_field(&h, "file", db_text(q, i), strlen(db_text(q, i)));
    db_end(q);
    crypto_hash_sha256_final(&h, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    str_fini(&text);
    return mem_strdup(hex);
}

/* Splits lines into d->references. */
static void read_references(struct draft *d, const char *lines)
{
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        if (n)
            strv_push_take(&d->references, mem_strndup(lines, n));
        lines += n + (lines[n] == '\n');
    }
}

/* Fills the head of a draft; false when there is none. */
static bool read_head(struct db *db, struct draft *d, int64_t id)
{
    struct db_query *q = db_prepare(
        db, "SELECT kind, state, message, thread, account, from_name, from_address, in_reply_to,"
            " refs, say, created, updated, version, cursor, outbox, serial,"
            " (SELECT max(version) FROM draft_version WHERE draft = draft.id), origin"
            " FROM draft WHERE id = ?");
    db_bind_int(q, 1, id);
    bool found = db_step(q);
    if (found) {
        d->id = id;
        d->kind = (enum draft_kind)db_int(q, 0);
        d->state = state_of(db_text(q, 1));
        d->message = db_int(q, 2);
        d->thread = db_int(q, 3);
        d->account = mem_strdup(db_text(q, 4));
        d->from = (struct mail_address){mem_strdup(db_text(q, 5)), mem_strdup(db_text(q, 6))};
        d->in_reply_to = mem_strdup(db_text(q, 7));
        read_references(d, db_text(q, 8));
        d->say = mem_strdup(db_text(q, 9));
        d->created = db_int(q, 10);
        d->updated = db_int(q, 11);
        d->version = db_int(q, 12);
        d->cursor = (size_t)db_int(q, 13);
        d->outbox = db_int(q, 14);
        d->serial = db_int(q, 15);
        d->versions = db_int(q, 16);
        d->origin = db_int(q, 17);
    }
    db_end(q);
    return found;
}

/* Fills what a version holds; false when there is none of that number. */
static bool read_version(struct db *db, struct draft *d, int64_t version)
{
    struct db_query *q = db_prepare(
        db, "SELECT to_text, cc_text, bcc_text, subject, text, by, made, settled"
            " FROM draft_version WHERE draft = ? AND version = ?");
    db_bind_int(q, 1, d->id);
    db_bind_int(q, 2, version);
    bool found = db_step(q);
    if (found) {
        d->to_text = mem_strdup(db_text(q, 0));
        d->cc_text = mem_strdup(db_text(q, 1));
        d->bcc_text = mem_strdup(db_text(q, 2));
        d->subject = mem_strdup(db_text(q, 3));
        d->text = mem_strdup(db_text(q, 4));
        d->by = mem_strdup(db_text(q, 5));
        d->made = mem_strdup(db_text(q, 6));
        d->settled = db_int(q, 7) != 0;
        d->version = version;
    }
    db_end(q);
    return found;
}

/* Fills the list of files. */
static void read_files(struct db *db, struct draft *d)
{
    struct db_query *q =
        db_prepare(db, "SELECT id, name, content_type, size FROM draft_file"
                       " WHERE draft = ? AND NOT gone ORDER BY id");
    db_bind_int(q, 1, d->id);
    while (db_step(q)) {
        struct draft_file *f = vec_push(&d->files);
        f->id = db_int(q, 0);
        f->name = mem_strdup(db_text(q, 1));
        f->content_type = mem_strdup(db_text(q, 2));
        f->size = db_int(q, 3);
    }
    db_end(q);
}

/* Reads a draft; version 0: the current one with its log. */
static enum status get(struct db *db, int64_t id, int64_t version, struct draft **out,
                       struct error *err)
{
    struct draft *d = draft_new();
    enum status st = STATUS_OK;
    *out = NULL;
    if (!read_head(db, d, id)) {
        st = error_set(err, STATUS_NO_SUCH, _("there is no draft d%lld"), (long long)id);
        goto out;
    }
    bool current = version == 0 || version == d->version;
    if (!read_version(db, d, current ? d->version : version)) {
        st = error_set(err, STATUS_NO_SUCH, _("d%lld has no version %lld"), (long long)id,
                       (long long)version);
        goto out;
    }
    if (current) {
        struct str text = STR_INIT;
        int64_t cursor;
        struct error log_error = ERROR_INIT;
        /* A log that does not fit gives what could be replayed: better than no draft. */
        enum status log = textlog_read(db, DRAFT_LOG, id, d->text, &text, &cursor, &log_error);
        if (log != STATUS_OK && log != STATUS_CORRUPT) {
            *err = log_error;
            st = log;
        }
        free(d->text);
        d->text = str_take(&text);
        if (cursor >= 0)
            d->cursor = (size_t)cursor;
    } else {
        d->cursor = strlen(d->text);
    }
    if (d->cursor > strlen(d->text))
        d->cursor = strlen(d->text);
    read_people(d, d->to_text, &d->to, &d->bad[0]);
    read_people(d, d->cc_text, &d->cc, &d->bad[1]);
    read_people(d, d->bcc_text, &d->bcc, &d->bad[2]);
    if (!d->unread)
        d->unread = mem_strdup("");
    read_files(db, d);
    d->hash = draft_hash(db, d);
out:
    if (st == STATUS_OK)
        *out = d;
    else
        draft_free(d);
    return st;
}

enum status draft_get(struct db *db, int64_t id, struct draft **out, struct error *err)
{
    return get(db, id, 0, out, err);
}

enum status draft_get_version(struct db *db, int64_t id, int64_t version, struct draft **out,
                              struct error *err)
{
    return get(db, id, version, out, err);
}

bool draft_is_held(struct db *db, int64_t id)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM draft WHERE id = ? AND state = 'approved'");
    db_bind_int(q, 1, id);
    bool held = db_step(q);
    db_end(q);
    return held;
}

/* The newest draft of a thread that waits, whose kind lies between two and that began with this mail; 0: any. */
static int64_t waiting(struct db *db, int64_t thread, int64_t message, enum draft_kind from,
                       enum draft_kind to)
{
    struct db_query *q =
        db_prepare(db, "SELECT id FROM draft WHERE thread = ? AND state IN ('open', 'streaming',"
                       " 'approved') AND kind BETWEEN ? AND ? AND ? IN (0, message)"
                       " ORDER BY id DESC LIMIT 1");
    db_bind_int(q, 1, thread);
    db_bind_int(q, 2, from);
    db_bind_int(q, 3, to);
    db_bind_int(q, 4, message);
    int64_t id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    if (id)
        return id;
    /* Threads merge: the draft may name an id that is an alias of this one by now. */
    q = db_prepare(db, "SELECT id, thread FROM draft WHERE state IN ('open', 'streaming', 'approved')"
                       " AND thread > ? AND kind BETWEEN ? AND ? AND ? IN (0, message)"
                       " ORDER BY id DESC LIMIT 100");
    db_bind_int(q, 1, thread);
    db_bind_int(q, 2, from);
    db_bind_int(q, 3, to);
    db_bind_int(q, 4, message);
    while (id == 0 && db_step(q))
        if (mail_thread_id(db, db_int(q, 1)) == thread)
            id = db_int(q, 0);
    db_end(q);
    return id;
}

int64_t draft_of_thread(struct db *db, int64_t thread)
{
    return waiting(db, thread, 0, DRAFT_NEW, DRAFT_FORWARD);
}

int64_t draft_reply_of(struct db *db, int64_t thread, int64_t message)
{
    return waiting(db, thread, message, DRAFT_REPLY, DRAFT_REPLY_LIST);
}

int64_t draft_forward_of(struct db *db, int64_t thread, int64_t message)
{
    return waiting(db, thread, message, DRAFT_FORWARD, DRAFT_FORWARD);
}

/* Copies the first line of a text that holds a word, at most 200 bytes. */
static void snippet_of(struct str *out, const char *text)
{
    str_clear(out);
    while (*text == '\n' || *text == ' ' || *text == '\r')
        text++;
    size_t n = strcspn(text, "\n");
    if (n > 200) {
        n = 200;
        while (n && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
    }
    str_add(out, text, n);
}

enum status draft_list(struct db *db, bool all, int64_t limit,
                       bool (*on_row)(void *user, const struct draft_row *r), void *user,
                       struct error *err)
{
    struct str snippet = STR_INIT;
    struct db_query *q = db_prepare(
        db, "SELECT d.id, d.version, d.thread, d.message, d.updated, d.state, v.to_text, v.subject,"
            " v.text, v.by FROM draft AS d JOIN draft_version AS v"
            " ON v.draft = d.id AND v.version = d.version"
            " WHERE ?1 OR d.state IN ('open', 'streaming', 'approved')"
            " ORDER BY d.updated DESC, d.id DESC LIMIT ?2");
    db_bind_int(q, 1, all);
    db_bind_int(q, 2, limit);
    bool more = true;
    while (more && db_step(q)) {
        int64_t id = db_int(q, 0);
        if (textlog_has(db, DRAFT_LOG, id)) {
            struct str text = STR_INIT;
            struct error none = ERROR_INIT;
            if (textlog_read(db, DRAFT_LOG, id, db_text(q, 8), &text, NULL, &none) == STATUS_OK)
                snippet_of(&snippet, str_text(&text));
            str_fini(&text);
        } else {
            snippet_of(&snippet, db_text(q, 8));
        }
        struct draft_row r = {.id = id,
                              .version = db_int(q, 1),
                              .thread = db_int(q, 2),
                              .message = db_int(q, 3),
                              .updated = db_int(q, 4),
                              .state = state_of(db_text(q, 5)),
                              .to = db_text(q, 6),
                              .subject = db_text(q, 7),
                              .snippet = str_text(&snippet),
                              .by = db_text(q, 9)};
        more = on_row(user, &r);
    }
    str_fini(&snippet);
    return db_done(q, err);
}
