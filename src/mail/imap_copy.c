/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_copy.c - what an IMAP server says of copies goes into the rows
 *
 * A message is its bytes; its copies are (folder, uid). What the server says of a copy moves the
 * message along (imap_queue.c merges). A copy that comes while another of the same message is gone was
 * moved; one that comes to a message without copies adopts it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "mail/box.h"
#include "mail/change.h"
#include "mail/folder.h"
#include "mail/imap_going.h"
#include "mail/imap_inside.h"
#include "mail/imap_place.h"

#define SAME_ID_MOST 20 /* messages of one Message-ID that are compared */

/* A row of mail_imap_copy. */
struct copy {
    int64_t folder, uid, message, state;
    unsigned flags;
    char *keywords, *origin, *apart, *past; /* own */
    bool found, whole;
};

static void copy_fini(struct copy *c)
{
    free(c->keywords);
    free(c->origin);
    free(c->apart);
    free(c->past);
    *c = (struct copy){0};
}

#define COPY "folder,uid,message,state,flags,keywords,origin,whole,apart,past"

/* Reads COPY. */
static void read_copy(struct db_query *q, struct copy *c)
{
    c->found = true;
    c->folder = db_int(q, 0);
    c->uid = db_int(q, 1);
    c->message = db_int(q, 2);
    c->state = db_int(q, 3);
    c->flags = (unsigned)db_int(q, 4);
    c->keywords = mem_strdup(db_text(q, 5));
    c->origin = mem_strdup(db_text(q, 6));
    c->whole = db_int(q, 7) != 0;
    c->apart = mem_strdup(db_text(q, 8));
    c->past = mem_strdup(db_text(q, 9));
}

/* The copy of that place. */
static enum status get_copy(struct db *db, int64_t folder, int64_t uid, struct copy *c,
                            struct error *err)
{
    struct db_query *q =
        db_prepare(db, "SELECT " COPY " FROM mail_imap_copy WHERE folder=?1 AND uid=?2");

    *c = (struct copy){0};
    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    if (db_step(q))
        read_copy(q, c);
    return db_done(q, err);
}

/* A copy of the message that is not there any more: of the same folder first. */
static enum status get_gone(struct db *db, int64_t message, int64_t folder, int64_t uid,
                            struct copy *c, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT " COPY " FROM mail_imap_copy WHERE message=?1 AND state<>0"
            " AND NOT (folder=?2 AND uid=?3) ORDER BY folder<>?2, state DESC LIMIT 1");

    *c = (struct copy){0};
    db_bind_int(q, 1, message);
    db_bind_int(q, 2, folder);
    db_bind_int(q, 3, uid);
    if (db_step(q))
        read_copy(q, c);
    return db_done(q, err);
}

/* Other copies of the message that are there. */
static int64_t count_live(struct db *db, int64_t message, int64_t folder, int64_t uid)
{
    struct db_query *q = db_prepare(db, "SELECT count(*) FROM mail_imap_copy WHERE message=?1"
                                        " AND state=0 AND NOT (folder=?2 AND uid=?3)");
    int64_t n;

    db_bind_int(q, 1, message);
    db_bind_int(q, 2, folder);
    db_bind_int(q, 3, uid);
    n = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return n;
}

/* Runs a statement of folder and uid. */
static enum status run_place(struct db *db, const char *sql, int64_t folder, int64_t uid,
                             struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    return db_run(q, err);
}

/* Writes the copy as the server tells it. */
static enum status put_copy(struct db *db, int64_t folder, int64_t message,
                            const struct mail_remote *r, const char *origin, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "INSERT OR REPLACE INTO mail_imap_copy(folder,uid,message,flags,keywords,modseq,received,"
            "size,whole,state,origin) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,0,?10)");
    enum status st;

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, r->uid);
    db_bind_int(q, 3, message);
    db_bind_int(q, 4, r->flags);
    db_bind_text(q, 5, r->keywords ? r->keywords : "");
    db_bind_int(q, 6, r->modseq);
    db_bind_int(q, 7, r->received);
    db_bind_int(q, 8, r->size);
    db_bind_int(q, 9, !r->partial);
    db_bind_text(q, 10, origin);
    st = db_run(q, err);
    if (st == STATUS_OK)
        st = run_place(db, "DELETE FROM mail_imap_todo WHERE folder=?1 AND uid=?2", folder, r->uid,
                       err);
    if (st == STATUS_OK && message)
        st = run_place(db, "INSERT OR IGNORE INTO mail_copy(message,folder,path) VALUES(?2,?1,'')",
                       folder, message, err);
    return st;
}

/* ---- a message comes ---- */

/* The folder's role. */
static enum mail_role role_of(struct db *db, int64_t folder)
{
    struct db_query *q = db_prepare(db, "SELECT role FROM mail_folder WHERE id=?1");
    enum mail_role role = MAIL_ROLE_OTHER;

    db_bind_int(q, 1, folder);
    if (db_step(q))
        role = (enum mail_role)db_int(q, 0);
    db_end(q);
    return role;
}

/* The message's folder when this copy is the only one there: it was moved, or comes for the first time.
 * What a person did meanwhile stands, but a deletion never beats what it has not seen. */
static enum status follow_folder(struct db *db, int64_t message, int64_t folder,
                                 struct mail_imap_base *b, bool moved, struct error *err)
{
    struct mail_row row;
    int64_t now;
    enum status st = mail_row_get(db, message, &row, err);

    now = row.folder;
    mail_row_fini(&row);
    if (st != STATUS_OK)
        return st;
    if (!b->pending || (b->folder == now && !(b->touched & MAIL_TOUCHED_FOLDER))) {
        b->folder = folder;
        return now == folder ? STATUS_OK : mail_message_set_folder(db, message, folder, err);
    }
    b->folder = folder;
    if (moved && now != folder && role_of(db, now) == MAIL_ROLE_TRASH)
        return mail_imap_journal_move(db, message, folder, N_("conflict"),
                                      N_("another program moved it meanwhile: not deleted"), err);
    return STATUS_OK;
}

/* The place takes over what one that is gone remembers. */
static enum status inherit(struct db *db, int64_t folder, int64_t uid, const struct copy *gone, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE mail_imap_copy SET apart=?3,past=?4 WHERE folder=?1 AND uid=?2");

    db_bind_int(q, 1, folder);
    db_bind_int(q, 2, uid);
    db_bind_text(q, 3, gone->apart);
    db_bind_text(q, 4, gone->past);
    return db_run(q, err);
}

/* A copy of a known message. */
static enum status join(struct db *db, const struct mail_new *n, const struct copy *gone,
                        struct error *err)
{
    const struct mail_remote *r = n->remote;
    struct mail_imap_base b;
    int64_t live = count_live(db, n->id, n->folder, r->uid);
    enum status st = mail_imap_base_get(db, n->id, &b, err);

    if (st != STATUS_OK)
        return st;
    if (!live) {
        bool moved = gone->found && gone->state == MAIL_COPY_GONE && gone->folder != n->folder;
        st = follow_folder(db, n->id, n->folder, &b, moved, err);
        if (st == STATUS_OK && gone->found)
            st = inherit(db, n->folder, r->uid, gone, err);
        if (st == STATUS_OK)
            st = mail_imap_spoke(db, n->id, n->folder, r->uid, gone->found ? gone->flags : b.flags, r->flags,
                                 gone->found ? gone->keywords : "", r->keywords, err);
    } else { /* labels add up; flags are each place's own */
        st = mail_imap_joined(db, n->id, n->folder, r->uid, r->flags, r->keywords, err);
        if (st == STATUS_OK && !b.pending && role_of(db, n->folder) == MAIL_ROLE_INBOX &&
            role_of(db, b.folder) == MAIL_ROLE_ARCHIVE)
            st = mail_message_set_folder(db, n->id, n->folder, err);
    }
    if (st == STATUS_OK)
        return mail_imap_base_set(db, n->id, &b, err);
    free(b.labels);
    return st;
}

/* Takes a row of a header away whose bytes turned out to be another message; what a person did to it
 * goes over to that one. */
static enum status drop_partial(struct db *db, int64_t message, int64_t into, struct error *err)
{
    struct mail_row row;
    struct db_query *q;
    enum status st = mail_row_get(db, message, &row, err);

    if (st != STATUS_OK || !(row.flags & DOC_PARTIAL) || count_live(db, message, 0, 0)) {
        mail_row_fini(&row);
        return st;
    }
    st = run_place(db, "UPDATE OR IGNORE mail_imap_push SET message=?2 WHERE message=?1", message, into,
                   err);
    if (st == STATUS_OK && db_changed(db)) {
        st = mail_message_set_folder(db, into, row.folder, err);
        if (st == STATUS_OK)
            st = mail_message_give_flags(db, into, row.flags & MAIL_IMAP_FLAGS, err);
    }
    static const char *const from[] = {
        "DELETE FROM mail_orphan WHERE message=?1", "DELETE FROM mail_imap_push WHERE message=?1", "DELETE FROM mail_imap_want WHERE message=?1",
        "DELETE FROM mail_copy WHERE message=?1", "DELETE FROM mail_report WHERE message=?1", "DELETE FROM mail_content WHERE message=?1",
        "DELETE FROM mail_message WHERE id=?1"};
    for (size_t i = 0; i < sizeof from / sizeof *from && st == STATUS_OK; i++) {
        q = db_prepare(db, from[i]);
        db_bind_int(q, 1, message);
        st = db_run(q, err);
    }
    if (st == STATUS_OK)
        st = run_place(db, "UPDATE mail_ref SET message=?2 WHERE message=?1", message, into, err);
    if (st == STATUS_OK)
        st = doc_delete(db, row.doc, err);
    if (st == STATUS_OK)
        st = db_exec(db, "UPDATE mail_count SET threads=threads-1 WHERE lane=9", err);
    if (st == STATUS_OK)
        st = mail_thread_refresh(db, row.thread, err);
    mail_row_fini(&row);
    return st;
}

/* A message came in: its copy is written, and what is known of it follows. */
enum status mail_imap_land(struct db *db, const struct mail_new *n, struct error *err)
{
    const struct mail_remote *r = n->remote;
    struct copy here, gone = {0};
    bool was_known, same;
    enum status st = get_copy(db, n->folder, r->uid, &here, err);

    was_known = here.found && here.message != n->id && here.message;
    same = here.found && here.message == n->id;
    if (st == STATUS_OK && same) { /* its bytes came, after its header */
        if (!r->partial)
            st = run_place(db, "UPDATE mail_imap_copy SET whole=1 WHERE folder=?1 AND uid=?2", n->folder,
                           r->uid, err);
        goto out;
    }
    if (st == STATUS_OK && n->duplicate)
        st = get_gone(db, n->id, n->folder, r->uid, &gone, err);
    if (st == STATUS_OK)
        st = put_copy(db, n->folder, n->id, r, gone.state == MAIL_COPY_OLD ? gone.origin : "", err);
    if (st == STATUS_OK && n->duplicate)
        st = join(db, n, &gone, err);
    if (st == STATUS_OK && gone.state == MAIL_COPY_OLD && gone.folder == n->folder)
        st = mail_imap_going_found(db, n->folder, gone.uid, r->uid, err);
    if (st == STATUS_OK && gone.state == MAIL_COPY_OLD) /* found again */
        st = run_place(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2", gone.folder,
                       gone.uid, err);
    if (st == STATUS_OK && was_known)
        st = drop_partial(db, here.message, n->id, err);
out:
    copy_fini(&here);
    copy_fini(&gone);
    return st;
}

/* ---- before a row is made ---- */

/* The hash that stands for bytes we have not got. */
void mail_imap_hash(const char *account, const char *folder, int64_t uidvalidity, int64_t uid,
                    unsigned char out[MAIL_HASH])
{
    char *name = str_format("header only\n%s\n%s\n%" PRId64 "\n%" PRId64, account ? account : "",
                            folder ? folder : "", uidvalidity, uid);

    mail_hash(name, strlen(name), out);
    free(name);
}

/* A mirror of ours whose append was under way when we lost sight of it. */
static enum status find_mirror(struct db *db, const struct mail_new *n, bool *mirror, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "UPDATE mail_imap_append SET folder=?1,uid=?2,raw=NULL,sent=2 WHERE hash=?3 AND sent=1"
            " AND key IS NOT NULL");
    enum status st;

    db_bind_int(q, 1, n->folder);
    db_bind_int(q, 2, n->remote->uid);
    db_bind_bytes(q, 3, n->hash, MAIL_HASH);
    st = db_run(q, err);
    *mirror = st == STATUS_OK && db_changed(db) > 0;
    return *mirror ? put_copy(db, n->folder, 0, n->remote, "", err) : st;
}

/* The end of the header block: behind the empty line. */
static size_t header_len(const char *bytes, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++)
        if (bytes[i] == '\n' && (bytes[i + 1] == '\n' ||
                                 (bytes[i + 1] == '\r' && i + 2 < n && bytes[i + 2] == '\n')))
            return i + 1;
    return n;
}

/* Is this the header block of that message, and is the whole as long? */
static bool has_header(struct db *db, int64_t id, const struct mail_new *n,
                       const unsigned char wanted[MAIL_HASH])
{
    unsigned char hash[MAIL_HASH];
    struct str raw = STR_INIT;
    struct error err = ERROR_INIT;
    struct mail_row row;
    bool is = false;

    if (mail_row_get(db, id, &row, &err) == STATUS_OK &&
        mail_message_stored(db, id, &raw, &err) == STATUS_OK) {
        int64_t lines = 0;
        for (size_t i = 0; i < raw.len; i++) /* as long as with CRLF, which servers count */
            lines += raw.data[i] == '\n' && !(i && raw.data[i - 1] == '\r');
        mail_hash(raw.data, header_len(str_text(&raw), raw.len), hash);
        is = memcmp(hash, wanted, MAIL_HASH) == 0 &&
             (row.flags & DOC_PARTIAL ? row.size : (int64_t)raw.len + lines) == n->remote->size;
    }
    mail_row_fini(&row);
    str_fini(&raw);
    return is;
}

/* The message that a header block belongs to: same Message-ID, same header, same size. */
static enum status find_header(struct db *db, const struct mail_new *n, int64_t *id, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT o.id FROM mail_message m JOIN mail_message o ON o.thread=m.thread"
            " WHERE m.id=?1 AND o.message_id=m.message_id ORDER BY o.id LIMIT ?2");
    unsigned char wanted[MAIL_HASH];
    struct str header = STR_INIT;
    struct vec ids;
    int64_t first = n->message && n->message->message_id ? mail_message_find(db, n->message->message_id)
                                                         : 0;
    enum status st;

    vec_init(&ids, sizeof(int64_t), NULL);
    db_bind_int(q, 1, first);
    db_bind_int(q, 2, SAME_ID_MOST);
    while (first && db_step(q))
        mail_vec_add(&ids, db_int(q, 0));
    st = db_done(q, err);
    if (st == STATUS_OK && ids.len)
        st = mail_bytes_read(db, n->packed.data, n->packed.len, &header, err);
    mail_hash(header.data, header_len(str_text(&header), header.len), wanted);
    for (size_t i = 0; i < ids.len && st == STATUS_OK && !*id; i++)
        if (has_header(db, mail_vec_int(&ids, i), n, wanted))
            *id = mail_vec_int(&ids, i);
    vec_fini(&ids);
    str_fini(&header);
    return st;
}

/* A mail we sent and keep without a copy on the server, of which the provider makes its own: the same
 * Message-ID in the same Sent folder, whatever headers were put in front. */
static enum status find_sent(struct db *db, const struct mail_new *n, int64_t *id, struct error *err)
{
    if (!n->message || !n->message->message_id || role_of(db, n->folder) != MAIL_ROLE_SENT)
        return STATUS_OK;
    struct db_query *q = db_prepare(
        db, "SELECT m.id FROM mail_message f JOIN mail_message m ON m.thread=f.thread AND m.message_id=f.message_id"
            " WHERE f.id=?1 AND m.folder=?2 AND NOT EXISTS(SELECT 1 FROM mail_imap_copy c WHERE c.message=m.id)"
            " ORDER BY m.id LIMIT 1");
    db_bind_int(q, 1, mail_message_find(db, n->message->message_id));
    db_bind_int(q, 2, n->folder);
    if (db_step(q))
        *id = db_int(q, 0);
    return db_done(q, err);
}

/* What these bytes are of what is stored. */
enum status mail_imap_find(struct db *db, const struct mail_new *n, int64_t *id, bool *whole,
                           bool *mirror, struct error *err)
{
    struct copy here;
    struct mail_row row;
    enum status st;

    *id = 0;
    *whole = *mirror = false;
    st = find_sent(db, n, id, err);
    if (st != STATUS_OK || *id)
        return st;
    if (n->remote->partial)
        return find_header(db, n, id, err);
    st = find_mirror(db, n, mirror, err);
    if (st != STATUS_OK || *mirror)
        return st;
    st = get_copy(db, n->folder, n->remote->uid, &here, err);
    if (st == STATUS_OK && here.found && here.message) {
        st = mail_row_get(db, here.message, &row, err);
        if (st == STATUS_OK && row.flags & DOC_PARTIAL) {
            *id = row.id;
            *whole = true;
        }
        mail_row_fini(&row);
    }
    copy_fini(&here);
    return st;
}

/* ---- what the server says later ---- */

/* A deletion of ours that waits is taken back when the mail was changed meanwhile. */
static enum status spare(struct db *db, int64_t message, const struct mail_imap_base *b,
                         struct error *err)
{
    struct mail_row row;
    enum status st = mail_row_get(db, message, &row, err);
    bool deletes = st == STATUS_OK && b->pending && b->folder && row.folder != b->folder &&
                   role_of(db, row.folder) == MAIL_ROLE_TRASH;

    mail_row_fini(&row);
    if (!deletes)
        return st;
    return mail_imap_journal_move(db, message, b->folder, N_("conflict"),
                                  N_("another program changed it meanwhile: not deleted"), err);
}

/* The flags of a known copy changed. */
static enum status told_copy(struct db *db, const struct copy *c, const struct mail_remote *r,
                             struct error *err)
{
    struct mail_imap_base b;
    struct db_query *q = db_prepare(
        db, "UPDATE mail_imap_copy SET flags=?3,keywords=?4,modseq=max(modseq,?5),state=CASE state"
            " WHEN 1 THEN 0 ELSE state END WHERE folder=?1 AND uid=?2");
    enum status st;

    db_bind_int(q, 1, c->folder);
    db_bind_int(q, 2, c->uid);
    db_bind_int(q, 3, r->flags);
    db_bind_text(q, 4, r->keywords ? r->keywords : c->keywords);
    db_bind_int(q, 5, r->modseq);
    st = db_run(q, err);
    if (st != STATUS_OK || !c->message || c->state == MAIL_COPY_LEFT)
        return st;
    st = mail_imap_base_get(db, c->message, &b, err);
    if (st != STATUS_OK)
        return st == STATUS_NO_SUCH ? STATUS_OK : st;
    st = mail_imap_spoke(db, c->message, c->folder, c->uid, c->flags, r->flags, c->keywords,
                         r->keywords ? r->keywords : c->keywords, err);
    if (st == STATUS_OK)
        st = spare(db, c->message, &b, err);
    if (st == STATUS_OK)
        return mail_imap_base_set(db, c->message, &b, err);
    free(b.labels);
    return st;
}

/* Flags of one UID. */
enum status mail_imap_told(struct db *db, int64_t folder, const struct mail_remote *r, bool *changed,
                           struct error *err)
{
    struct copy c;
    enum status st = get_copy(db, folder, r->uid, &c, err);

    *changed = false;
    if (st == STATUS_OK && c.found && r->flags & ~c.flags & MAIL_COPY_DELETED && mail_imap_going_said(db, folder, r->uid)) {
        c.flags |= MAIL_COPY_DELETED; /* our own mark, unheard: no news of the mail */
        st = run_place(db, "UPDATE mail_imap_copy SET flags=flags|(1<<20) WHERE folder=?1 AND uid=?2", folder, r->uid, err);
    }
    if (st == STATUS_OK && !c.found) {
        st = run_place(db, "INSERT OR IGNORE INTO mail_imap_todo(folder,uid) VALUES(?1,?2)", folder,
                       r->uid, err);
    } else if (st == STATUS_OK && (c.flags != r->flags || c.state == MAIL_COPY_GONE ||
                                   (r->keywords && !str_eq(c.keywords, r->keywords)))) {
        *changed = true;
        st = told_copy(db, &c, r, err);
    } else if (st == STATUS_OK && r->modseq) {
        struct db_query *q = db_prepare(db, "UPDATE mail_imap_copy SET modseq=?3 WHERE folder=?1"
                                            " AND uid=?2 AND modseq<?3");
        db_bind_int(q, 1, folder);
        db_bind_int(q, 2, r->uid);
        db_bind_int(q, 3, r->modseq);
        st = db_run(q, err);
    }
    copy_fini(&c);
    return st;
}

/* One UID is expunged; what becomes of its message is settled later. */
enum status mail_imap_vanished(struct db *db, int64_t folder, int64_t uid, bool *changed,
                               struct error *err)
{
    struct copy c;
    enum status st = get_copy(db, folder, uid, &c, err);

    *changed = st == STATUS_OK && c.found && c.state == MAIL_COPY_LIVE;
    if (st == STATUS_OK && !c.found)
        st = run_place(db, "DELETE FROM mail_imap_todo WHERE folder=?1 AND uid=?2", folder, uid, err);
    else if (st == STATUS_OK && !c.message) { /* our mirror: another program took it away */
        st = run_place(db, "UPDATE mail_imap_append SET uid=0 WHERE folder=?1 AND uid=?2", folder, uid,
                       err);
        if (st == STATUS_OK)
            st = run_place(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2", folder, uid, err);
    } else if (st == STATUS_OK && c.state == MAIL_COPY_LEFT)
        st = run_place(db, "DELETE FROM mail_imap_copy WHERE folder=?1 AND uid=?2", folder, uid, err);
    else if (st == STATUS_OK)
        st = run_place(db, "UPDATE mail_imap_copy SET state=1 WHERE folder=?1 AND uid=?2", folder, uid,
                       err);
    copy_fini(&c);
    return st;
}
