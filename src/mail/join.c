/* SPDX-License-Identifier: GPL-3.0-or-later */
/* join.c - which thread a message belongs to
 *
 * Every Message-ID that was ever seen, as a message's own or in References and In-Reply-To of
 * another, is a row of mail_ref and belongs to one thread. A new message joins the threads of all
 * ids it names; when they are several they are one from now on, and the oldest id stays. Nothing
 * has to be known in order: a reply that comes before its parent leaves the parent's id behind, and
 * loops of references are only ids of the same thread. A server that counts conversations itself
 * (Gmail) gives one more such id. The key is the first eight bytes of a keyless
 * BLAKE2b of the id, so that rows are small and nobody can make two ids meet. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "mail/inside.h"

/* The i-th number of a vec of int64_t. */
int64_t mail_vec_int(const struct vec *v, size_t i)
{
    return *(const int64_t *)vec_at(v, i);
}

/* Appends a number. */
void mail_vec_add(struct vec *v, int64_t value)
{
    *(int64_t *)vec_push(v) = value;
}

/* Appends the first column of all rows. */
void mail_vec_fill(struct vec *v, struct db_query *q)
{
    while (db_step(q))
        mail_vec_add(v, db_int(q, 0));
}

/* Is the number in the vec? */
bool mail_vec_has(const struct vec *v, int64_t value)
{
    for (size_t i = 0; i < v->len; i++)
        if (mail_vec_int(v, i) == value)
            return true;
    return false;
}

/* Eight bytes of the id's hash. */
int64_t mail_join_key(const char *message_id)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    int64_t key;

    crypto_generichash(hash, sizeof hash, (const unsigned char *)message_id, strlen(message_id),
                       NULL, 0);
    memcpy(&key, hash, sizeof key);
    return key ? key : 1;
}

/* The thread a Message-ID belongs to, 0 when it was never seen. */
static int64_t thread_of(struct db *db, int64_t key)
{
    struct db_query *q = db_prepare(db, "SELECT coalesce(a.thread, r.thread) FROM mail_ref r"
                                        " LEFT JOIN mail_alias a ON a.id=r.thread WHERE r.id=?1");
    int64_t thread;

    db_bind_int(q, 1, key);
    thread = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return thread;
}

/* Runs one statement of two numbers. */
static enum status run2(struct db *db, const char *sql, int64_t a, int64_t b, struct error *err)
{
    struct db_query *q = db_prepare(db, sql);

    db_bind_int(q, 1, a);
    db_bind_int(q, 2, b);
    return db_run(q, err);
}

/* What hides a thread: DOC_SNOOZED, DOC_MUTED. */
static unsigned hides(struct db *db, int64_t thread)
{
    struct db_query *q = db_prepare(db, "SELECT snooze>0, muted FROM mail_thread WHERE id=?1");
    unsigned flags = 0;

    db_bind_int(q, 1, thread);
    if (db_step(q))
        flags = (db_int(q, 0) ? DOC_SNOOZED : 0u) | (db_int(q, 1) ? DOC_MUTED : 0u);
    db_end(q);
    return flags;
}

/* Makes the thread `from` a part of `into`: rows, docs and alias. */
static enum status merge(struct db *db, int64_t into, int64_t from, struct error *err)
{
    unsigned hidden = hides(db, into) ^ hides(db, from); /* of one half only */
    enum status st;

    st = mail_thread_uncount(db, into, err);
    if (st == STATUS_OK)
        st = mail_thread_uncount(db, from, err);
    /* What a person or triage said of the newer half is kept when the older half says nothing. */
    if (st == STATUS_OK)
        st = run2(db,
              "UPDATE mail_thread SET"
              " lane=CASE WHEN t.lane IN (0,8) THEN f.lane ELSE t.lane END,"
              " due=coalesce(t.due, f.due), muted=max(t.muted, f.muted),"
              " draft=max(t.draft, f.draft), asks=max(t.asks, f.asks),"
              " snooze=max(t.snooze, f.snooze), sorted=max(t.sorted, f.sorted)"
              " FROM mail_thread t, mail_thread f"
              " WHERE mail_thread.id=?1 AND t.id=?1 AND f.id=?2",
              into, from, err);
    if (st == STATUS_OK)
        st = doc_move_thread(db, DOC_MAIL, from, into, err);
    if (st == STATUS_OK)
        st = run2(db, "UPDATE mail_message SET thread=?1 WHERE thread=?2", into, from, err);
    if (st == STATUS_OK && hidden)
        st = mail_thread_flag(db, into, hidden, true, err);
    if (st == STATUS_OK)
        st = run2(db, "UPDATE mail_alias SET thread=?1 WHERE thread=?2", into, from, err);
    if (st == STATUS_OK)
        st = run2(db, "INSERT INTO mail_alias(id, thread) VALUES(?2, ?1)", into, from, err);
    if (st == STATUS_OK)
        st = run2(db, "DELETE FROM mail_thread WHERE id=?1 AND ?2=?2", from, from, err);
    return st;
}

/* Did a person split it from another? */
static bool is_apart(struct db *db, int64_t id)
{
    struct db_query *q = db_prepare(db, "SELECT apart FROM mail_thread WHERE id=?1");
    bool apart;

    db_bind_int(q, 1, id);
    apart = db_step(q) && db_int(q, 0);
    db_end(q);
    return apart;
}

/* Two threads become one. */
enum status mail_join_threads(struct db *db, int64_t *into, int64_t other, struct vec *merged,
                              struct error *err)
{
    int64_t old = other < *into ? other : *into, young = other + *into - old;
    enum status st;

    if (old == young || is_apart(db, old) || is_apart(db, young))
        return STATUS_OK;
    st = merge(db, old, young, err);
    mail_vec_add(merged, young);
    *into = old;
    return st;
}

/* The id of a server's conversation: line ends, which no Message-ID has, so that nobody can write it. */
char *mail_join_server_id(const char *account, uint64_t thrid)
{
    return str_format("x-gm-thrid\n%s\n%" PRIu64, account ? account : "", thrid);
}

/* Adds the key of an id, when there is one. */
static void add_key(struct vec *keys, const char *id)
{
    if (id && *id)
        mail_vec_add(keys, mail_join_key(id));
}

/* The keys of all ids it names, its own first, then the closest, the server's last. */
static void read_keys(const struct mail_message *m, const char *also, struct vec *keys)
{
    vec_init(keys, sizeof(int64_t), NULL);
    add_key(keys, m->message_id);
    add_key(keys, m->in_reply_to);
    for (size_t i = m->references.len; i > 0; i--)
        add_key(keys, strv_at(&m->references, i - 1));
    add_key(keys, also);
}

/* The message's thread by all the ids it names. */
enum status mail_join(struct db *db, const struct mail_message *m, const char *also, int64_t hint,
                      int64_t *thread, bool *made, struct vec *merged, struct error *err)
{
    struct vec keys, news;
    enum status st = STATUS_OK;

    *thread = 0;
    *made = false;
    vec_init(&news, sizeof(int64_t), NULL);
    read_keys(m, also, &keys);
    for (size_t i = 0; i < keys.len && st == STATUS_OK; i++) {
        int64_t key = mail_vec_int(&keys, i), found = thread_of(db, key);
        if (!found) {
            if (!mail_vec_has(&news, key))
                mail_vec_add(&news, key);
        } else if (!*thread) {
            *thread = found;
        } else if (found != *thread) {
            st = mail_join_threads(db, thread, found, merged, err);
        }
    }
    if (st == STATUS_OK && !*thread && hint) {
        *thread = hint;
    } else if (st == STATUS_OK && !*thread) {
        struct db_query *q = db_prepare(db, "INSERT INTO mail_thread(lane) VALUES(0)");
        st = db_run(q, err);
        *thread = db_last_id(db);
        *made = true;
    }
    for (size_t i = 0; i < news.len && st == STATUS_OK; i++)
        st = run2(db, "INSERT INTO mail_ref(id, thread, message) VALUES(?1, ?2, 0)",
                  mail_vec_int(&news, i), *thread, err);
    vec_fini(&keys);
    vec_fini(&news);
    return st;
}

/* A message turned out to name one more mail behind its header: their threads become one, or the id waits for its mail. */
enum status mail_join_late(struct db *db, const char *named, int64_t *thread, struct vec *merged, struct error *err)
{
    int64_t key = mail_join_key(named), found = thread_of(db, key);

    if (found)
        return mail_join_threads(db, thread, found, merged, err);
    return run2(db, "INSERT INTO mail_ref(id, thread, message) VALUES(?1, ?2, 0)", key, *thread, err);
}

/* The same of a message that is stored, its threads worked out anew. */
enum status mail_join_message(struct db *db, const char *named, int64_t message, struct error *err)
{
    struct mail_row row;
    struct vec merged;
    int64_t thread;
    enum status st = mail_row_get(db, message, &row, err);

    vec_init(&merged, sizeof(int64_t), NULL);
    thread = row.thread;
    mail_row_fini(&row);
    if (st == STATUS_OK)
        st = mail_join_late(db, named, &thread, &merged, err);
    if (st == STATUS_OK && merged.len)
        st = mail_thread_refresh(db, thread, err);
    vec_fini(&merged);
    return st;
}

/* The first message that has an id of its own is the one References mean. */
enum status mail_join_own(struct db *db, const char *own, int64_t message, struct error *err)
{
    if (!own || !*own)
        return STATUS_OK;
    return run2(db, "UPDATE mail_ref SET message=?2 WHERE id=?1 AND message=0", mail_join_key(own),
                message, err);
}

/* The message References mean by this id. */
int64_t mail_message_find(struct db *db, const char *message_id)
{
    struct db_query *q = db_prepare(db, "SELECT message FROM mail_ref WHERE id=?1");
    int64_t id;

    db_bind_int(q, 1, mail_join_key(message_id));
    id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return id;
}
