/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - the tables of mail, and one message read back from them */
#include "mail/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "command/option.h"
#include "mail/box.h"
#include "mail/content.h"
#include "mail/imap_going.h"
#include "mail/imap_inside.h"
#include "mail/imap_place.h"
#include "mail/imap_refused.h"
#include "mail/intake.h"
#include "mail/inside.h"
#include "mail/lines.h"
#include "store/bundle.h"
#include "store/job.h"

#define RAW_MOST (200u << 20)

static const struct migration steps[] = {
    {.sql =
         "CREATE TABLE mail_folder(id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,"
         " name TEXT NOT NULL, role INTEGER NOT NULL, followed INTEGER NOT NULL DEFAULT 0,"
         " UNIQUE(account, name)) STRICT;"
         "CREATE TABLE mail_thread(id INTEGER PRIMARY KEY AUTOINCREMENT,"
         " key INTEGER NOT NULL DEFAULT 0, date INTEGER NOT NULL DEFAULT 0,"
         " count INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0,"
         " flags INTEGER NOT NULL DEFAULT 0, lane INTEGER NOT NULL DEFAULT 0,"
         " files INTEGER NOT NULL DEFAULT 0, asks INTEGER NOT NULL DEFAULT 0,"
         " draft INTEGER NOT NULL DEFAULT 0, snooze INTEGER NOT NULL DEFAULT 0,"
         " muted INTEGER NOT NULL DEFAULT 0, newest INTEGER NOT NULL DEFAULT 0,"
         " newest_foreign INTEGER NOT NULL DEFAULT 0, open INTEGER NOT NULL DEFAULT 0,"
         " unsorted INTEGER NOT NULL DEFAULT 0, sorted INTEGER NOT NULL DEFAULT 0,"
         " subject TEXT NOT NULL DEFAULT '', people TEXT NOT NULL DEFAULT '', due TEXT) STRICT;"
         "CREATE INDEX mail_thread_key ON mail_thread(key);"
         "CREATE INDEX mail_thread_open ON mail_thread(lane, key) WHERE open=1;"
         "CREATE INDEX mail_thread_done ON mail_thread(key) WHERE lane=8;"
         "CREATE INDEX mail_thread_unsorted ON mail_thread(key) WHERE unsorted=1;"
         "CREATE INDEX mail_thread_snooze ON mail_thread(snooze) WHERE snooze>0;"
         "CREATE TABLE mail_alias(id INTEGER PRIMARY KEY, thread INTEGER NOT NULL) STRICT;"
         "CREATE INDEX mail_alias_thread ON mail_alias(thread);"
         /* lanes 0 to 8 count open threads; 9 counts messages */
         "CREATE TABLE mail_count(lane INTEGER PRIMARY KEY, threads INTEGER NOT NULL,"
         " unread INTEGER NOT NULL) STRICT;"
         "INSERT INTO mail_count VALUES(0,0,0),(1,0,0),(2,0,0),(3,0,0),(4,0,0),(5,0,0),(6,0,0),"
         "(7,0,0),(8,0,0),(9,0,0);"
         "CREATE TABLE mail_message(id INTEGER PRIMARY KEY AUTOINCREMENT, doc INTEGER NOT NULL,"
         " thread INTEGER NOT NULL, folder INTEGER NOT NULL, date INTEGER NOT NULL,"
         " size INTEGER NOT NULL, flags INTEGER NOT NULL, files INTEGER NOT NULL,"
         " hash BLOB NOT NULL, message_id TEXT NOT NULL, subject TEXT NOT NULL,"
         " from_name TEXT NOT NULL, from_address TEXT NOT NULL) STRICT;"
         "CREATE UNIQUE INDEX mail_message_hash ON mail_message(hash);"
         "CREATE INDEX mail_message_thread ON mail_message(thread, doc);"
         "CREATE INDEX mail_message_folder ON mail_message(folder, doc);"
         "CREATE TABLE mail_content(message INTEGER PRIMARY KEY, head BLOB NOT NULL,"
         " raw BLOB NOT NULL) STRICT;"
         "CREATE TABLE mail_copy(message INTEGER NOT NULL, folder INTEGER NOT NULL,"
         " path TEXT NOT NULL, PRIMARY KEY(message, folder, path)) STRICT, WITHOUT ROWID;"
         "CREATE UNIQUE INDEX mail_copy_path ON mail_copy(folder, path) WHERE path<>'';"
         "CREATE TABLE mail_push(message INTEGER PRIMARY KEY, serial INTEGER NOT NULL) STRICT;"
         "CREATE TABLE mail_ref(id INTEGER PRIMARY KEY, thread INTEGER NOT NULL,"
         " message INTEGER NOT NULL) STRICT;"
         "CREATE TABLE mail_person(id INTEGER PRIMARY KEY, address TEXT NOT NULL UNIQUE,"
         " name TEXT NOT NULL, seen INTEGER NOT NULL, written INTEGER NOT NULL,"
         " last INTEGER NOT NULL) STRICT;"
         "CREATE TABLE mail_word(word TEXT NOT NULL, person INTEGER NOT NULL,"
         " PRIMARY KEY(word, person)) STRICT, WITHOUT ROWID;"
         "CREATE TABLE mail_delivered(address TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT,"
         " WITHOUT ROWID;"},
    /* conversations by subject and by hand; mails of before take no part in the former */
    {.sql =
         "ALTER TABLE mail_message ADD COLUMN topic INTEGER NOT NULL DEFAULT 0;"
         "CREATE INDEX mail_message_topic ON mail_message(topic, date) WHERE topic<>0;"
         "CREATE TABLE mail_orphan(topic INTEGER NOT NULL, message INTEGER NOT NULL,"
         " PRIMARY KEY(topic, message)) STRICT, WITHOUT ROWID;"
         "ALTER TABLE mail_thread ADD COLUMN apart INTEGER NOT NULL DEFAULT 0;"
         "ALTER TABLE mail_alias ADD COLUMN was INTEGER;"
         "CREATE TABLE mail_past(id INTEGER PRIMARY KEY, lane INTEGER NOT NULL,"
         " sorted INTEGER NOT NULL, snooze INTEGER NOT NULL, muted INTEGER NOT NULL,"
         " asks INTEGER NOT NULL, draft INTEGER NOT NULL, due TEXT, apart INTEGER NOT NULL) STRICT;"},
    {.sql = MAIL_IMAP_TABLES},
    {.sql = "ALTER TABLE mail_thread ADD COLUMN woken INTEGER NOT NULL DEFAULT 0;"
            "CREATE INDEX mail_thread_muted ON mail_thread(key) WHERE muted=1;"},
    /* what machines say of mails of ours, by these mails' Message-ID */
    {.sql = "CREATE TABLE mail_report(message INTEGER PRIMARY KEY, of TEXT NOT NULL, said TEXT NOT NULL) STRICT;"
            "CREATE INDEX mail_report_of ON mail_report(of);"},
    /* mails that may have come before that (reread.c): the newest that was not looked at */
    {.sql = "CREATE TABLE mail_reread(upto INTEGER NOT NULL) STRICT;"
            "INSERT INTO mail_reread SELECT max(id) FROM mail_message HAVING count(*)>0;"},
    {.sql = MAIL_IMAP_REFUSED_TABLE},
    {.sql = MAIL_IMAP_TOUCHED_COLUMNS},
    {.sql = MAIL_IMAP_PLACE_STEP},
    {.sql = "ALTER TABLE mail_imap_folder ADD COLUMN thrids INTEGER NOT NULL DEFAULT 0;"},
    /* the folder a mail came to by itself; 0: where it lies, it was never moved */
    {.sql = "ALTER TABLE mail_message ADD COLUMN arrived INTEGER NOT NULL DEFAULT 0;"},
    /* the same for what S/MIME files hold; the row of before is about reports */
    {.sql = "ALTER TABLE mail_reread ADD COLUMN shells INTEGER NOT NULL DEFAULT 0;"
            "INSERT INTO mail_reread SELECT max(id),1 FROM mail_message HAVING count(*)>0;"},
    /* What was moved before: the journal's first move of a mail tells where it came to. Conversations of which nothing
     * waits then (thread.c) leave the inbox; folders' roles: 0 other, 1 inbox, 4 archive, 5 spam, 6 trash. */
    {.sql = "UPDATE mail_message SET arrived=(SELECT CAST(j.before AS INTEGER) FROM journal_item j"
            " WHERE j.field='message.folder' AND j.ref=mail_message.id AND j.before IS NOT NULL"
            " ORDER BY j.batch,j.n LIMIT 1) WHERE arrived=0 AND id IN"
            " (SELECT ref FROM journal_item WHERE field='message.folder' AND before IS NOT NULL);"
            "UPDATE mail_thread SET"
            " open=open AND EXISTS(SELECT 1 FROM mail_message m JOIN mail_folder f ON f.id=m.folder"
            " WHERE m.thread=mail_thread.id AND (f.role=1 OR (f.role=0 AND m.arrived IN (0,m.folder)))"
            " AND (mail_thread.lane<>8 OR (mail_thread.sorted>=0 AND mail_thread.sorted<m.doc))),"
            " unsorted=unsorted AND EXISTS(SELECT 1 FROM mail_message m JOIN mail_folder f ON f.id=m.folder"
            " WHERE m.thread=mail_thread.id AND f.role NOT IN (4,5,6) AND (f.role<>0 OR m.arrived IN (0,m.folder)))"
            " WHERE (open OR unsorted) AND id IN (SELECT m.thread FROM mail_message m JOIN mail_folder f"
            " ON f.id=m.folder WHERE f.role=0 AND m.arrived NOT IN (0,m.folder));"
            "UPDATE mail_count SET threads=(SELECT count(*) FROM mail_thread t WHERE t.open=1 AND t.lane=mail_count.lane),"
            " unread=(SELECT count(*) FROM mail_thread t WHERE t.open=1 AND t.lane=mail_count.lane AND t.unread>0)"
            " WHERE lane<9;"},
    {.sql = MAIL_IMAP_GOING_TABLE},
};

const struct migration_list mail_migrations = {
    .part = "mail", .steps = steps, .count = (int)(sizeof steps / sizeof *steps)};

const struct option mail_options[] = {
    {.name = "mail.check-every",
     .type = OPTION_DURATION,
     .fallback = "5min",
     .min = 10000,
     .max = INT64_C(86400000),
     .summary = N_("how often accounts are looked at that cannot tell that something came")},
    {.name = "mail.bodies",
     .type = OPTION_TEXT,
     .fallback = "all",
     .summary = N_("which mails of a server are fetched whole by themselves: all, those of the last "
                   "days (30d), or those that are opened (demand)")},
    {0},
};

/* Journal fields. */
void mail_register(void)
{
    static const struct job_kind sync = {.name = N_("sync"), .resume = JOB_CUT};
    job_register(&sync);
    mail_change_register();
    mail_complete_register();
}

/* Releases what a row owns. */
void mail_row_fini(struct mail_row *r)
{
    free(r->message_id);
    free(r->subject);
    free(r->from_name);
    free(r->from_address);
    *r = (struct mail_row){0};
}

/* The same for a vec. */
void mail_row_fini_item(void *item)
{
    mail_row_fini(item);
}

#define ROW                                                                                        \
    "m.id,m.doc,m.thread,m.folder,m.date,m.size,m.flags,m.message_id,m.subject,m.from_name,"       \
    "m.from_address"

/* Reads ROW. */
static void read_row(struct db_query *q, struct mail_row *r)
{
    *r = (struct mail_row){
        .id = db_int(q, 0),
        .doc = db_int(q, 1),
        .thread = db_int(q, 2),
        .folder = db_int(q, 3),
        .date = db_int(q, 4),
        .size = db_int(q, 5),
        .flags = (unsigned)db_int(q, 6),
        .message_id = mem_strdup(db_text(q, 7)),
        .subject = mem_strdup(db_text(q, 8)),
        .from_name = mem_strdup(db_text(q, 9)),
        .from_address = mem_strdup(db_text(q, 10)),
    };
}

/* The error of a message that is not there. */
static enum status no_message(int64_t id, struct error *err)
{
    return error_set(err, STATUS_NO_SUCH, _("there is no message m%lld"), (long long)id);
}

/* One narrow row. */
enum status mail_row_get(struct db *db, int64_t id, struct mail_row *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT " ROW " FROM mail_message m WHERE m.id=?1");
    bool found;
    enum status st;

    *out = (struct mail_row){0};
    db_bind_int(q, 1, id);
    found = db_step(q);
    if (found)
        read_row(q, out);
    st = db_done(q, err);
    return st == STATUS_OK && !found ? no_message(id, err) : st;
}

/* The messages of a thread, oldest first. */
enum status mail_thread_messages(struct db *db, int64_t id, struct vec *rows, struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT " ROW " FROM mail_message m WHERE m.thread=?1 ORDER BY m.doc");

    vec_init(rows, sizeof(struct mail_row), mail_row_fini_item);
    db_bind_int(q, 1, mail_thread_id(db, id));
    while (db_step(q))
        read_row(q, vec_push(rows));
    return db_done(q, err);
}

/* The doc of a message. */
static enum status doc_of(struct db *db, int64_t id, int64_t *doc, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT doc FROM mail_message WHERE id=?1");
    enum status st;

    db_bind_int(q, 1, id);
    *doc = db_step(q) ? db_int(q, 0) : 0;
    st = db_done(q, err);
    return st == STATUS_OK && !*doc ? no_message(id, err) : st;
}

/* The text a person reads, from the doc. */
enum status mail_message_text(struct db *db, int64_t id, struct str *out, struct error *err)
{
    int64_t doc;
    enum status st = doc_of(db, id, &doc, err);

    return st == STATUS_OK ? doc_body(db, doc, out, err) : st;
}

/* Everything that was read of a message. */
enum status mail_message_get(struct db *db, int64_t id, struct mail_message **out,
                             struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT head FROM mail_content WHERE message=?1");
    struct str head = STR_INIT, text = STR_INIT;
    bool found;
    enum status st, unpacked = STATUS_OK;

    *out = NULL;
    db_bind_int(q, 1, id);
    found = db_step(q);
    if (found) {
        size_t n;
        const void *packed = db_bytes(q, 0, &n);
        unpacked = bundle_read(db, packed, n, RAW_MOST, &head, err);
    }
    st = db_done(q, err);
    if (st == STATUS_OK)
        st = found ? unpacked : no_message(id, err);
    if (st == STATUS_OK)
        st = mail_message_text(db, id, &text, err);
    if (st == STATUS_OK)
        st = mail_content_read(head.data, head.len, out, err);
    if (st == STATUS_OK) {
        free((*out)->text);
        (*out)->text = str_take(&text);
    }
    str_fini(&head);
    str_fini(&text);
    return st;
}

/* Is a message here by its header alone? */
bool mail_message_is_partial(struct db *db, int64_t id)
{
    struct db_query *q = db_prepare(db, "SELECT flags FROM mail_message WHERE id=?1");
    bool is;

    db_bind_int(q, 1, id);
    is = db_step(q) && db_int(q, 0) & DOC_PARTIAL;
    db_end(q);
    return is;
}

/* Is it one whose bytes are never taken? */
static bool is_too_large(struct db *db, int64_t id)
{
    struct db_query *q = db_prepare(db, "SELECT size FROM mail_message WHERE id=?1");
    bool is;

    db_bind_int(q, 1, id);
    is = db_step(q) && db_int(q, 0) > MAIL_SIZE_MOST;
    db_end(q);
    return is;
}

/* The bytes as they came, whole. */
enum status mail_message_file(struct db *db, int64_t id, struct str *out, struct error *err)
{
    if (mail_message_is_partial(db, id)) {
        if (is_too_large(db, id)) {
            error_set(err, STATUS_REFUSED, _("m%lld is larger than %d MB: only its header is here"), (long long)id,
                      (int)(MAIL_SIZE_MOST >> 20));
            return error_hint(err, _("another mail program opens it on the server"));
        }
        error_set(err, STATUS_UNREACHABLE, _("only the header of m%lld is here"), (long long)id);
        return error_hint(err, _("bureau show m%lld fetches the rest from the server"), (long long)id);
    }
    return mail_message_stored(db, id, out, err);
}

/* The bytes of a mail from what stands in its row. */
enum status mail_bytes_read(struct db *db, const void *blob, size_t n, struct str *out, struct error *err)
{
    const char *b = blob;
    struct str form = STR_INIT;
    enum status st;

    if (!n || b[0] != MAIL_BYTES_LINES)
        return bundle_read(db, blob, n, RAW_MOST, out, err);
    st = bundle_read(db, b + 1, n - 1, RAW_MOST, &form, err);
    if (st == STATUS_OK)
        st = mail_lines_on(str_text(&form), form.len, RAW_MOST, out, err);
    str_fini(&form);
    return st;
}

/* What is stored of them: the header block alone, perhaps. */
enum status mail_message_stored(struct db *db, int64_t id, struct str *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT raw FROM mail_content WHERE message=?1");
    struct error inner = ERROR_INIT;
    bool found;
    enum status st;

    db_bind_int(q, 1, id);
    found = db_step(q);
    if (found) {
        size_t n;
        const void *packed = db_bytes(q, 0, &n);
        if (mail_bytes_read(db, packed, n, out, &inner) != STATUS_OK)
            *err = inner;
    }
    st = db_done(q, err);
    if (st == STATUS_OK && !found)
        return no_message(id, err);
    return st == STATUS_OK ? inner.status : st;
}

/* The message within them. */
enum status mail_message_raw(struct db *db, int64_t id, struct str *out, struct error *err)
{
    size_t before = out->len, start, len;
    enum status st = mail_message_file(db, id, out, err);

    if (st != STATUS_OK)
        return st;
    mail_box_inner(str_text(out) + before, out->len - before, &start, &len);
    str_truncate(out, before + start + len);
    str_splice(out, before, start, "", 0);
    return STATUS_OK;
}

/* Are the bytes of a message those that were hashed when it came? */
static enum status verify_one(struct db *db, int64_t id, const void *hash, struct str *bytes, struct error *err)
{
    unsigned char whole[MAIL_HASH], inner[MAIL_HASH];
    size_t start, len;
    enum status st;

    str_clear(bytes);
    st = mail_message_stored(db, id, bytes, err);
    if (st == STATUS_OK) {
        mail_box_inner(str_text(bytes), bytes->len, &start, &len);
        mail_hash(str_text(bytes) + start, len, inner);
        mail_hash(str_text(bytes), bytes->len, whole);
        if (memcmp(inner, hash, MAIL_HASH) != 0 && memcmp(whole, hash, MAIL_HASH) != 0)
            st = error_set(err, STATUS_CORRUPT, _("m%lld: its bytes are not those that came"), (long long)id);
    } else if (st == STATUS_CORRUPT) {
        error_prefix(err, "m%lld", (long long)id);
    }
    if (st == STATUS_CORRUPT)
        error_hint(err, _("restore a backup, or import it again"));
    return st;
}

/* All of them. */
enum status mail_verify(struct db *db, int64_t *count, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id, hash FROM mail_message WHERE NOT flags & ?1 ORDER BY id");
    struct str bytes = STR_INIT;
    enum status st = STATUS_OK, end;

    *count = 0;
    db_bind_int(q, 1, DOC_PARTIAL);
    while (st == STATUS_OK && db_step(q)) {
        size_t n;
        const void *hash = db_bytes(q, 1, &n);
        st = n == MAIL_HASH ? verify_one(db, db_int(q, 0), hash, &bytes, err)
                            : error_set(err, STATUS_CORRUPT, _("m%lld: its bytes are not those that came"),
                                        (long long)db_int(q, 0));
        *count += st == STATUS_OK;
    }
    str_fini(&bytes);
    end = db_done(q, err);
    return st == STATUS_OK ? end : st;
}

/* Others with the same Message-ID: they lie in the same thread. */
enum status mail_message_twins(struct db *db, int64_t id, struct vec *ids, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT o.id FROM mail_message m JOIN mail_message o ON o.thread=m.thread"
            " WHERE m.id=?1 AND o.id<>m.id AND o.message_id=m.message_id AND m.message_id<>''"
            " ORDER BY o.id LIMIT 100");

    vec_init(ids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, id);
    mail_vec_fill(ids, q);
    return db_done(q, err);
}

/* Releases what a place owns. */
void mail_place_fini_item(void *item)
{
    struct mail_place *p = item;

    free(p->account);
    free(p->name);
    free(p->path);
}

/* The folder it is shown in and all copies. */
enum status mail_message_places(struct db *db, int64_t id, struct vec *places, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT f.id, f.name, coalesce(c.path,''), f.account FROM mail_message m JOIN mail_folder f"
            " ON f.id=m.folder LEFT JOIN mail_copy c ON c.message=m.id AND c.folder=m.folder"
            " WHERE m.id=?1 UNION ALL SELECT f.id, f.name, c.path, f.account FROM mail_message m"
            " JOIN mail_copy c ON c.message=m.id AND c.folder<>m.folder"
            " JOIN mail_folder f ON f.id=c.folder WHERE m.id=?1");

    vec_init(places, sizeof(struct mail_place), mail_place_fini_item);
    db_bind_int(q, 1, id);
    while (db_step(q)) {
        struct mail_place *p = vec_push(places);
        p->folder = db_int(q, 0);
        p->name = mem_strdup(db_text(q, 1));
        p->path = *db_text(q, 2) ? mem_strdup(db_text(q, 2)) : NULL;
        p->account = mem_strdup(db_text(q, 3));
    }
    return db_done(q, err);
}

/* Labels of its doc. */
enum status mail_message_labels(struct db *db, int64_t id, struct vec *labels, struct error *err)
{
    int64_t doc;
    enum status st = doc_of(db, id, &doc, err);

    strv_init(labels);
    if (st == STATUS_OK)
        doc_labels(db, doc, labels);
    return st;
}

/* Flags of the message and of its doc. */
enum status mail_message_set_flags_plain(struct db *db, int64_t id, unsigned set, unsigned clear,
                                         struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE mail_message SET flags=(flags & ~?3) | ?2"
                                        " WHERE id=?1 RETURNING doc");
    int64_t doc = 0;
    enum status st;

    db_bind_int(q, 1, id);
    db_bind_int(q, 2, set);
    db_bind_int(q, 3, clear);
    if (db_step(q))
        doc = db_int(q, 0);
    st = db_done(q, err);
    if (st != STATUS_OK)
        return st;
    return doc ? doc_set_flags(db, doc, set, clear, err) : no_message(id, err);
}
