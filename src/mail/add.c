/* SPDX-License-Identifier: GPL-3.0-or-later */
/* add.c - messages that come in: hashed and packed beside the loop, inserted by the writer
 *
 * All that can be worked out from the bytes alone is done in mail_new_make, so that the writer only
 * inserts. Threads and people are counted during an operation and written once at its end. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "command/config.h"
#include "mail/change.h"
#include "mail/content.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/imap_inside.h"
#include "mail/lines.h"
#include "mail/report.h"
#include "mail/inside.h"
#include "mail/snooze.h"
#include "store/bundle.h"

#define DAY 86400
#define TEXT_MOST (200u << 20)
/* Bytes of a mail that are packed with those of others and its own text. */
#define TOGETHER_MOST (BUNDLE_MOST * 3 / 4)

/* Hashes with every CRLF read as LF. */
void mail_hash(const void *bytes, size_t n, unsigned char out[MAIL_HASH])
{
    crypto_generichash_state h;
    const unsigned char *at = bytes, *end = at + n;

    crypto_generichash_init(&h, NULL, 0, MAIL_HASH);
    while (at < end) {
        const unsigned char *cr = memchr(at, '\r', (size_t)(end - at));
        const unsigned char *stop = cr ? cr : end;
        if (cr && (cr + 1 == end || cr[1] != '\n'))
            stop = cr + 1; /* a lone CR is content */
        crypto_generichash_update(&h, at, (size_t)(stop - at));
        at = cr && stop == cr ? cr + 1 : stop;
    }
    crypto_generichash_final(&h, out, MAIL_HASH);
}

/* The bytes of a large mail are packed by themselves: they are not unpacked to read its text. */
static void pack_large(struct mail_new *n)
{
    bundle_pack(n->whole.data, n->whole.len, &n->packed);
    if (n->lines)
        str_splice(&n->packed, 0, 0, (const char[]){MAIL_BYTES_LINES}, 1);
    str_fini(&n->whole);
}

/* What the bytes alone tell. */
struct mail_new *mail_new_pack(const void *bytes, size_t n, const unsigned char hash[MAIL_HASH],
                               enum mail_keep keep)
{
    struct mail_new *new = mem_alloc(sizeof *new);

    new->size = (int64_t)n;
    new->received = CLOCK_NONE;
    new->horizon = CLOCK_NONE;
    memcpy(new->hash, hash, MAIL_HASH);
    if (keep == MAIL_KEEP_ALONE)
        db_pack(bytes, n, &new->packed);
    if (keep != MAIL_KEEP_TOGETHER)
        return new;
    new->together = true;
    new->lines = mail_lines_off(bytes, n, &new->whole);
    if (!new->lines)
        str_add(&new->whole, bytes, n);
    if (new->whole.len > TOGETHER_MOST)
        pack_large(new);
    new->bytes_len = new->whole.len;
    return new;
}

/* Puts text and JSON behind the bytes they were read of, of which they repeat most. */
static void keep_together(struct mail_new *n, const struct str *head)
{
    const char *text = n->message->text ? n->message->text : "";

    n->text_len = strlen(text);
    n->head_len = head->len;
    str_add(&n->whole, text, n->text_len);
    str_add(&n->whole, head->data, head->len);
}

/* Where it came to lie. */
void mail_new_place(struct mail_new *n, int64_t bundle, size_t at)
{
    size_t text = at + n->bytes_len, head = text + n->text_len;

    if (n->bytes_len) {
        bundle_place(bundle, at, n->bytes_len, &n->packed);
        if (n->lines)
            str_splice(&n->packed, 0, 0, (const char[]){MAIL_BYTES_LINES}, 1);
    }
    str_clear(&n->body);
    if (n->text_len)
        bundle_place(bundle, text, n->text_len, &n->body);
    bundle_place(bundle, head, n->head_len, &n->head);
}

/* The places are not needed after all. */
enum status mail_new_drop(struct db *db, const struct mail_new *n, struct error *err)
{
    size_t from = n->lines ? 1 : 0;
    enum status st = bundle_drop(db, n->packed.data + from, n->packed.len - from, err);

    if (st == STATUS_OK)
        st = bundle_drop(db, n->head.data, n->head.len, err);
    return st == STATUS_OK ? bundle_drop(db, n->body.data, n->body.len, err) : st;
}

/* What the reader told. */
void mail_new_finish(struct mail_new *n, struct mail_message *message)
{
    const struct mail_address *from;
    struct str head = STR_INIT;

    if (!message) {
        message = mail_message_new();
        message->damaged = true;
        message->date = CLOCK_NONE;
    }
    if (!message->subject)
        message->subject = mem_strdup("");
    n->message = message;
    mail_content_write(message, &head);
    if (n->together) {
        keep_together(n, &head);
    } else {
        if (message->text && *message->text)
            db_pack(message->text, strlen(message->text), &n->body);
        db_pack(head.data, head.len, &n->head);
    }
    str_fini(&head);
    from = message->from.len ? vec_at(&message->from, 0) : NULL;
    n->from_me = from && from->address && config_is_me(from->address);
}

/* Prepares a message for the writer. */
struct mail_new *mail_new_make(const void *bytes, size_t n, struct mail_message *message)
{
    unsigned char hash[MAIL_HASH];
    struct mail_new *new;

    mail_hash(bytes, n, hash);
    new = mail_new_pack(bytes, n, hash, MAIL_KEEP_ALONE);
    mail_new_finish(new, message);
    return new;
}

/* Releases it. */
void mail_new_free(struct mail_new *n)
{
    if (!n)
        return;
    if (n->message)
        mail_message_free(n->message);
    str_fini(&n->packed);
    str_fini(&n->head);
    str_fini(&n->body);
    str_fini(&n->whole);
    free(n->path);
    free(n->labels);
    free(n->also);
    if (n->remote)
        free(n->remote->keywords);
    free(n->remote);
    free(n);
}

/* The message of these bytes. */
int64_t mail_find_hash(struct db *db, const unsigned char hash[MAIL_HASH])
{
    struct db_query *q = db_prepare(db, "SELECT id FROM mail_message WHERE hash=?1");
    int64_t id;

    db_bind_bytes(q, 1, hash, MAIL_HASH);
    id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return id;
}

/* ---- the adder ---- */

struct touched {
    int64_t thread;
    enum mail_lane doc_lane; /* what its new docs were given; MAIL_LANES: different ones */
    bool wakes;              /* mail of others came to an inbox: it is snoozed no more */
};

struct mail_adder {
    struct db *db;
    struct vec threads; /* struct touched */
    struct mail_people *people;
    int64_t horizon, added, next_id;
    int64_t role_of;    /* the folder whose role is known */
    enum mail_role role;
    bool followed, imap;
};

/* Begins an operation's additions. */
struct mail_adder *mail_adder_new(struct db *db)
{
    struct mail_adder *a = mem_alloc(sizeof *a);

    a->db = db;
    a->horizon = CLOCK_NONE;
    a->people = mail_people_new();
    vec_init(&a->threads, sizeof(struct touched), NULL);
    return a;
}

/* Forgets it; the transaction is rolled back by the caller. */
void mail_adder_abandon(struct mail_adder *a)
{
    if (!a)
        return;
    vec_fini(&a->threads);
    mail_people_free(a->people);
    free(a);
}

/* Remembers that a thread's row must be worked out, and what lane its new doc got. */
static void touch_thread(struct mail_adder *a, int64_t thread, enum mail_lane lane, bool wakes)
{
    struct touched *t;

    for (size_t i = a->threads.len; i-- > 0;) {
        t = vec_at(&a->threads, i);
        if (t->thread == thread) {
            if (t->doc_lane != lane)
                t->doc_lane = MAIL_LANES;
            t->wakes = t->wakes || wakes;
            return;
        }
    }
    t = vec_push(&a->threads);
    t->thread = thread;
    t->doc_lane = lane;
    t->wakes = wakes;
}

/* The role of a folder, asked once for many messages. */
static enum mail_role folder_role(struct mail_adder *a, int64_t folder)
{
    if (a->role_of != folder) {
        struct db_query *q = db_prepare(a->db, "SELECT role,followed FROM mail_folder WHERE id=?1");
        bool found;
        db_bind_int(q, 1, folder);
        found = db_step(q);
        a->role = found ? (enum mail_role)db_int(q, 0) : MAIL_ROLE_OTHER;
        a->followed = found && db_int(q, 1) == 1;
        a->imap = found && db_int(q, 1) == 2;
        db_end(q);
        a->role_of = folder;
    }
    return a->role;
}

/* What the search asks for, beside what the file's name told. */
static unsigned all_flags(const struct mail_new *n, enum mail_role role, int64_t *files)
{
    const struct mail_message *m = n->message;
    unsigned flags = n->flags;

    *files = 0;
    for (size_t i = 0; i < m->parts.len; i++)
        *files += ((const struct mail_part *)vec_at(&m->parts, i))->attachment;
    if (*files)
        flags |= DOC_ATTACHMENT;
    if (m->links.len)
        flags |= DOC_LINK;
    if (m->ics)
        flags |= DOC_INVITE;
    if (m->hidden_text && *m->hidden_text)
        flags |= DOC_HIDDEN;
    if (n->from_me || role == MAIL_ROLE_SENT)
        flags |= DOC_MINE;
    if (m->damaged)
        flags |= DOC_DAMAGED;
    if (role == MAIL_ROLE_TRASH)
        flags |= DOC_DELETED;
    if ((role == MAIL_ROLE_SENT || role == MAIL_ROLE_DRAFTS) && !n->remote)
        flags &= ~(unsigned)DOC_UNREAD;
    if (n->remote && n->remote->partial)
        flags |= DOC_PARTIAL;
    return flags;
}

/* The date a message is listed by: what it says unless that is missing or in the future. */
static int64_t list_date(const struct mail_new *n)
{
    int64_t now = clock_now(), date = n->message->date;

    if (date == CLOCK_NONE || date > now + DAY)
        date = n->received != CLOCK_NONE ? n->received : now;
    return date < 0 ? 0 : date;
}

/* Writes the doc, what is searched: a new one, or that of *key anew. */
static enum status add_doc(struct mail_adder *a, const struct mail_new *n, struct doc *d,
                           int64_t *key, struct error *err)
{
    const struct mail_message *m = n->message;
    struct str sender = STR_INIT, to = STR_INIT, cc = STR_INIT, files = STR_INIT;
    enum status st;

    mail_content_addresses(&m->from, &sender);
    mail_content_addresses(&m->to, &to);
    if (m->bcc.len && to.len)
        str_puts(&to, ", ");
    mail_content_addresses(&m->bcc, &to);
    mail_content_addresses(&m->cc, &cc);
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *p = vec_at(&m->parts, i);
        if (p->name && *p->name)
            str_addf(&files, "%s%s", files.len ? "\n" : "", p->name);
    }
    d->subject = m->subject;
    d->sender = str_text(&sender);
    d->recipients = str_text(&to);
    d->cc = str_text(&cc);
    d->files = str_text(&files);
    d->body = m->text ? m->text : "";
    d->packed = n->body.data;
    d->packed_len = n->body.len;
    st = *key ? doc_update(a->db, *key, d, err) : doc_insert(a->db, d, key, err);
    str_fini(&sender);
    str_fini(&to);
    str_fini(&cc);
    str_fini(&files);
    return st;
}

/* The next id; numbers are handed out here so that the doc can name it before the row is there. */
static int64_t next_id(struct mail_adder *a)
{
    if (!a->next_id)
        a->next_id = db_get_int(a->db, "SELECT seq FROM sqlite_sequence WHERE name='mail_message'",
                                0);
    return ++a->next_id;
}

/* Inserts the narrow row. */
static enum status add_row(struct mail_adder *a, const struct mail_new *n, const struct doc *d,
                           int64_t key, int64_t files, int64_t topic, struct error *err)
{
    const struct mail_message *m = n->message;
    const struct mail_address *from = m->from.len ? vec_at(&m->from, 0) : NULL;
    struct db_query *q = db_prepare(
        a->db, "INSERT INTO mail_message(doc,thread,folder,date,size,flags,files,hash,message_id,"
               "subject,from_name,from_address,id,topic) VALUES(?12,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,"
               "?13,?14)");

    db_bind_int(q, 1, d->thread);
    db_bind_int(q, 2, d->folder);
    db_bind_int(q, 3, d->date);
    db_bind_int(q, 4, n->size);
    db_bind_int(q, 5, d->flags);
    db_bind_int(q, 6, files);
    db_bind_bytes(q, 7, n->hash, MAIL_HASH);
    db_bind_text(q, 8, m->message_id ? m->message_id : "");
    db_bind_text(q, 9, m->subject);
    db_bind_text(q, 10, from && from->name ? from->name : "");
    db_bind_text(q, 11, from && from->address ? from->address : "");
    db_bind_int(q, 12, key);
    db_bind_int(q, 13, n->id);
    db_bind_int(q, 14, topic);
    return db_run(q, err);
}

/* Keeps the bytes and what was read of them. */
static enum status add_content(struct mail_adder *a, struct mail_new *n, struct error *err)
{
    struct db_query *q =
        db_prepare(a->db, "INSERT INTO mail_content(message,head,raw) VALUES(?1,?2,?3)");

    db_bind_int(q, 1, n->id);
    db_bind_bytes(q, 2, n->head.data, n->head.len);
    db_bind_bytes(q, 3, n->packed.data, n->packed.len);
    n->kept = true;
    return db_run(q, err);
}

/* Remembers where a copy lies. */
static enum status add_copy(struct mail_adder *a, const struct mail_new *n, struct error *err)
{
    struct db_query *q =
        db_prepare(a->db, "INSERT OR IGNORE INTO mail_copy(message,folder,path) VALUES(?1,?2,?3)");

    db_bind_int(q, 1, n->id);
    db_bind_int(q, 2, n->folder);
    db_bind_text(q, 3, n->path ? n->path : "");
    return db_run(q, err);
}

/* A message that was only imported turns up in a followed Maildir: from now on it lies there, in the
 * folder of the purpose that it has come to have meanwhile. */
static enum status adopt(struct mail_adder *a, const struct mail_new *n, const struct mail_row *row,
                         struct error *err)
{
    struct mail_folder now, there;
    struct db_query *q;
    int64_t folder = n->folder;
    enum status st = mail_folder_get(a->db, row->folder, &now, err);

    if (st != STATUS_OK || now.followed) {
        mail_folder_fini(&now);
        return st;
    }
    st = mail_folder_get(a->db, n->folder, &there, err);
    if (st == STATUS_OK && now.role != there.role && now.role != MAIL_ROLE_OTHER)
        st = mail_folder_role(a->db, there.account, now.role, &folder, err);
    if (st == STATUS_OK) {
        q = db_prepare(a->db, "DELETE FROM mail_copy WHERE message=?1 AND path=''");
        db_bind_int(q, 1, n->id);
        st = db_run(q, err);
    }
    if (st == STATUS_OK) { /* nobody moved it: this is where it came to */
        q = db_prepare(a->db, "UPDATE mail_message SET arrived=?2 WHERE id=?1 AND arrived=0");
        db_bind_int(q, 1, n->id);
        db_bind_int(q, 2, n->folder);
        st = db_run(q, err);
    }
    if (st == STATUS_OK)
        st = mail_message_set_folder(a->db, n->id, folder, err);
    if (st == STATUS_OK && folder != n->folder)
        st = mail_push(a->db, n->id, err);
    mail_folder_fini(&now);
    mail_folder_fini(&there);
    return st;
}

/* Another copy of a known message; a file of a followed Maildir brings its flags. */
static enum status add_known(struct mail_adder *a, const struct mail_new *n, struct error *err)
{
    const unsigned mask = DOC_UNREAD | DOC_FLAGGED | DOC_REPLIED | DOC_FORWARDED;
    struct mail_row row;
    enum status st;

    if (n->remote) {
        st = n->also ? mail_join_message(a->db, n->also, n->id, err) : STATUS_OK;
        return st == STATUS_OK ? mail_imap_land(a->db, n, err) : st;
    }
    st = add_copy(a, n, err);
    if (st != STATUS_OK || !n->path || !db_changed(a->db))
        return st;
    st = mail_row_get(a->db, n->id, &row, err);
    if (st == STATUS_OK && (row.flags & mask) != (n->flags & mask))
        st = mail_message_set_flags(a->db, n->id, n->flags & mask, ~n->flags & mask, err);
    if (st == STATUS_OK)
        st = adopt(a, n, &row, err);
    mail_row_fini(&row);
    return st;
}

/* Puts the labels it came with on its doc. */
static enum status add_labels(struct mail_adder *a, const struct mail_new *n, int64_t key,
                              struct error *err)
{
    char *copy = mem_strdup(n->labels ? n->labels : ""), *rest = copy, *label;
    enum status st = STATUS_OK;

    while (st == STATUS_OK && (label = strsep(&rest, ",")))
        if (*str_trim(label))
            st = doc_label(a->db, key, str_trim(label), true, err);
    free(copy);
    return st;
}

/* The lane of the thread as it stands, for a new one by its age; *flags get what hides it. */
static enum mail_lane lane_now(struct mail_adder *a, int64_t thread, bool made, int64_t date,
                               int64_t horizon, unsigned *flags)
{
    struct db_query *q;
    enum mail_lane lane = MAIL_LANE_NONE;

    if (made)
        return horizon != CLOCK_NONE && date < horizon ? MAIL_LANE_DONE : MAIL_LANE_NONE;
    q = db_prepare(a->db, "SELECT lane,snooze,muted FROM mail_thread WHERE id=?1");
    db_bind_int(q, 1, thread);
    if (db_step(q)) {
        lane = (enum mail_lane)db_int(q, 0);
        *flags |= (db_int(q, 1) ? DOC_SNOOZED : 0u) | (db_int(q, 2) ? DOC_MUTED : 0u);
    }
    db_end(q);
    return lane;
}

/* The thread of a new mail: by the ids it names, else by its subject; answers that waited for it
 * join it. */
static enum status find_thread(struct mail_adder *a, const struct mail_new *n, struct doc *d,
                               struct mail_topic *topic, bool *made, struct vec *merged,
                               struct error *err)
{
    const struct mail_message *m = n->message;
    int64_t hint = 0;
    enum status st = STATUS_OK;

    mail_topic_read(m, topic);
    if (topic->orphan)
        st = mail_topic_find(a->db, m, topic, d->date, &hint, err);
    if (st == STATUS_OK)
        st = mail_join(a->db, m, n->also, hint, &d->thread, made, merged, err);
    if (st == STATUS_OK && topic->key) {
        struct vec waiting;
        st = mail_topic_fetch(a->db, m, topic, d->date, &waiting, err);
        for (size_t i = 0; i < waiting.len && st == STATUS_OK; i++) {
            st = mail_join_threads(a->db, &d->thread, mail_vec_int(&waiting, i), merged, err);
            *made = false;
        }
        vec_fini(&waiting);
    }
    return st;
}

/* The narrow row of a message whose bytes came after its header. */
static enum status refill_row(struct mail_adder *a, const struct mail_new *n, unsigned flags,
                              int64_t files, struct error *err)
{
    const struct mail_message *m = n->message;
    struct db_query *q = db_prepare(a->db, "UPDATE mail_message SET size=?2,flags=?3,files=?4,hash=?5,"
                                           "subject=?6 WHERE id=?1");

    db_bind_int(q, 1, n->id);
    db_bind_int(q, 2, n->size);
    db_bind_int(q, 3, flags);
    db_bind_int(q, 4, files);
    db_bind_bytes(q, 5, n->hash, MAIL_HASH);
    db_bind_text(q, 6, m->subject);
    return db_run(q, err);
}

/* Does this mail bring its conversation back? Mail of others that comes to an inbox, unless it is
 * history that is imported. */
static bool wakes(const struct doc *d, enum mail_role role, int64_t horizon)
{
    return !(d->flags & DOC_MINE) && (role == MAIL_ROLE_INBOX || role == MAIL_ROLE_OTHER) &&
           (horizon == CLOCK_NONE || d->date >= horizon);
}

/* Of what a report speaks stands in its body: now that it is here, both stand in one conversation. */
static enum status tie_late(struct mail_adder *a, const struct mail_new *n, const struct mail_row *row, struct error *err)
{
    struct doc d = {.flags = row->flags, .date = row->date};
    struct mail_report r;
    struct vec merged;
    int64_t thread = row->thread;
    enum status st = STATUS_OK;

    vec_init(&merged, sizeof(int64_t), NULL);
    mail_report_read(n->message, &r);
    if (r.of)
        st = mail_join_late(a->db, r.of, &thread, &merged, err);
    for (size_t i = 0; i < merged.len && st == STATUS_OK; i++)
        touch_thread(a, thread, MAIL_LANES, wakes(&d, folder_role(a, row->folder), n->horizon));
    mail_report_fini(&r);
    vec_fini(&merged);
    return st;
}

/* The bytes and what was read of them, or the latter alone; what stood in a bundle is given up. */
static enum status refill_content(struct mail_adder *a, struct mail_new *n, struct error *err)
{
    struct str old = STR_INIT;
    struct db_query *q = db_prepare(a->db, "SELECT head FROM mail_content WHERE message=?1");
    enum status st;

    db_bind_int(q, 1, n->id);
    if (db_step(q)) {
        size_t len;
        const void *head = db_bytes(q, 0, &len);
        str_add(&old, head, len);
    }
    st = db_done(q, err);
    if (st == STATUS_OK)
        st = bundle_drop(a->db, old.data, old.len, err);
    str_fini(&old);
    if (st != STATUS_OK)
        return st;
    q = n->packed.len ? db_prepare(a->db, "UPDATE mail_content SET head=?2,raw=?3 WHERE message=?1")
                      : db_prepare(a->db, "UPDATE mail_content SET head=?2 WHERE message=?1");
    db_bind_int(q, 1, n->id);
    db_bind_bytes(q, 2, n->head.data, n->head.len);
    if (n->packed.len)
        db_bind_bytes(q, 3, n->packed.data, n->packed.len);
    n->kept = true;
    return db_run(q, err);
}

/* A message that was known by its header alone is whole now, or was read anew: same id, same thread. */
static enum status refill(struct mail_adder *a, struct mail_new *n, struct error *err)
{
    const unsigned of_bytes = DOC_PARTIAL | DOC_ATTACHMENT | DOC_LINK | DOC_INVITE | DOC_HIDDEN |
                              DOC_DAMAGED;
    struct mail_row row;
    struct doc d, old;
    struct vec texts;
    struct db_query *q;
    int64_t files;
    enum status st = mail_row_get(a->db, n->id, &row, err);

    strv_init(&texts);
    if (st == STATUS_OK && !n->message->text && n->body.len) { /* let go of on the way (intake.c) */
        struct str text = STR_INIT;
        st = bundle_read(a->db, n->body.data, n->body.len, TEXT_MOST, &text, err);
        n->message->text = str_take(&text);
    }
    if (st == STATUS_OK)
        st = doc_get(a->db, row.doc, &old, &texts, err);
    if (st == STATUS_OK) {
        d = old;
        d.flags = (row.flags & ~of_bytes) | (all_flags(n, MAIL_ROLE_OTHER, &files) & of_bytes);
        st = add_doc(a, n, &d, &row.doc, err);
    }
    if (st == STATUS_OK)
        st = refill_row(a, n, d.flags, files, err);
    if (st == STATUS_OK)
        st = refill_content(a, n, err);
    if (st == STATUS_OK)
        st = mail_report_keep(a->db, n->id, n->message, err);
    if (st == STATUS_OK) {
        q = db_prepare(a->db, "DELETE FROM mail_imap_want WHERE message=?1");
        db_bind_int(q, 1, n->id);
        st = db_run(q, err);
    }
    if (st == STATUS_OK)
        st = mail_thread_refresh(a->db, row.thread, err);
    if (st == STATUS_OK)
        st = tie_late(a, n, &row, err);
    vec_fini(&texts);
    mail_row_fini(&row);
    return st;
}

/* Stored bytes that were read anew. */
enum status mail_read_anew(struct db *db, struct mail_new *n, struct error *err)
{
    struct mail_adder *a = mail_adder_new(db);
    enum status st;

    n->horizon = INT64_MAX; /* history: nothing wakes up */
    st = refill(a, n, err);
    if (st == STATUS_OK)
        return mail_adder_end(a, err);
    mail_adder_abandon(a);
    return st;
}

/* A mail of an IMAP server whose bytes are not known by their hash: is it known all the same? */
static enum status find_remote(struct mail_adder *a, struct mail_new *n, bool *mirror, struct error *err)
{
    bool whole;
    enum status st = mail_imap_find(a->db, n, &n->id, &whole, mirror, err);

    if (st != STATUS_OK || *mirror)
        return st;
    n->duplicate = n->id != 0;
    return whole ? refill(a, n, err) : STATUS_OK;
}

/* Adds one message, or finds that it is there. */
enum status mail_add(struct mail_adder *a, struct mail_new *n, struct error *err)
{
    const struct mail_message *m = n->message;
    enum mail_role role = folder_role(a, n->folder);
    struct doc d = {.kind = DOC_MAIL, .folder = n->folder};
    struct vec merged;
    struct mail_topic topic;
    enum mail_lane lane;
    int64_t key = 0, files;
    bool made = false, mirror = false;
    enum status st = STATUS_OK;

    n->id = mail_find_hash(a->db, n->hash);
    n->duplicate = n->id != 0;
    if (!n->id && n->remote && m)
        st = find_remote(a, n, &mirror, err);
    if (st != STATUS_OK || mirror)
        return st;
    if (n->duplicate)
        return add_known(a, n, err);
    if (!m) /* it was there when its bytes were hashed and is gone since */
        return error_set(err, STATUS_STALE, _("the store changed meanwhile: import it again"));
    vec_init(&merged, sizeof(int64_t), NULL);
    d.ident = m->message_id;
    a->horizon = n->horizon;
    d.date = list_date(n);
    st = find_thread(a, n, &d, &topic, &made, &merged, err);
    for (size_t i = 0; i < merged.len; i++)
        touch_thread(a, mail_vec_int(&merged, i), MAIL_LANES, false);
    n->id = next_id(a);
    d.ref = n->id;
    d.flags = all_flags(n, role, &files);
    lane = lane_now(a, d.thread, made, d.date, n->horizon, &d.flags);
    d.lane = lane ? mail_lane_word(lane) : NULL;
    if (st == STATUS_OK)
        st = add_doc(a, n, &d, &key, err);
    if (st == STATUS_OK)
        st = add_row(a, n, &d, key, files, topic.key, err);
    if (st == STATUS_OK)
        st = add_content(a, n, err);
    if (st == STATUS_OK)
        st = mail_report_keep(a->db, n->id, m, err);
    if (st == STATUS_OK)
        st = n->remote ? mail_imap_land(a->db, n, err) : add_copy(a, n, err);
    if (st == STATUS_OK)
        st = mail_join_own(a->db, m->message_id, n->id, err);
    if (st == STATUS_OK && topic.orphan && made)
        st = mail_topic_wait(a->db, &topic, n->id, err);
    if (st == STATUS_OK && a->followed && !n->path && !n->here_only) /* a copy of ours for the Maildir */
        st = mail_push(a->db, n->id, err);
    if (st == STATUS_OK && a->imap && !n->remote && !n->here_only) /* … or the server */
        st = mail_imap_note_new(a->db, n->id, err);
    if (st == STATUS_OK && n->labels)
        st = add_labels(a, n, key, err);
    if (st == STATUS_OK) {
        touch_thread(a, d.thread, merged.len ? MAIL_LANES : lane, wakes(&d, role, n->horizon));
        mail_people_count(a->people, m, d.date, (d.flags & DOC_MINE) != 0);
        a->added++;
    }
    vec_fini(&merged);
    return st;
}

/* Writes threads, people and the count of messages. */
enum status mail_adder_end(struct mail_adder *a, struct error *err)
{
    enum status st = STATUS_OK;
    bool snoozed = a->threads.len && mail_snooze_any(a->db);

    for (size_t i = 0; i < a->threads.len && st == STATUS_OK; i++) {
        const struct touched *t = vec_at(&a->threads, i);
        if (snoozed && t->wakes)
            st = mail_snooze_end(a->db, t->thread, err);
        if (st != STATUS_OK)
            break;
        struct mail_refresh r = {.horizon = a->horizon, .doc_lane = t->doc_lane, .added = true};
        st = mail_thread_refresh_with(a->db, t->thread, &r, err);
    }
    if (st == STATUS_OK)
        st = mail_people_write(a->people, a->db, err);
    if (st == STATUS_OK && a->added) {
        struct db_query *q = db_prepare(a->db, "UPDATE mail_count SET threads=threads+?1"
                                               " WHERE lane=9");
        db_bind_int(q, 1, a->added);
        st = db_run(q, err);
        db_touch(a->db, WATCH_MAIL);
    }
    mail_adder_abandon(a);
    return st;
}
