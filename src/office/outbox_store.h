/* outbox_store.h - the rows of the outbox; only for office/outbox*.c. */
#ifndef OFFICE_OUTBOX_STORE_H
#define OFFICE_OUTBOX_STORE_H

#include "base/str.h"
#include "base/vec.h"
#include "office/outbox.h"
#include "store/db.h"

/* A lease lasts this long without a sign of life, in milliseconds; a handed one waits for the
 * server's answer (RFC 5321 §4.5.3.2.6: 10 minutes). */
#define OUTBOX_LEASE_MS 120000
#define OUTBOX_HANDED_MS 630000

/* A row to be stored by an approval; own. */
struct outbox_new {
    int64_t draft, version, send_at, id;
    char *draft_hash, *account, *from_name, *from, *envelope /* one address a line */, *to, *subject;
    char *message_id, *hash, *who;
    struct str packed;
    int64_t size;
};
void outbox_new_fini(struct outbox_new *n);
enum status outbox_insert(struct db *db, struct outbox_new *n, struct error *err) MUST_CHECK;

/* An item under a lease; own. */
struct outbox_item {
    int64_t id, draft, fence; /* id 0: nothing was due */
    bool copy;                /* the copy to Sent is due, not the send */
    int attempts;
    int64_t since;            /* when it first was due: tries end some days later */
    char *account, *from, *message_id;
    struct vec envelope; /* strv */
    struct str bytes;
};
void outbox_item_init(struct outbox_item *i);
void outbox_item_fini(struct outbox_item *i);

/* Takes the lease of what is due: item `only` (also before its time), or the next one. */
enum status outbox_claim(struct db *db, int64_t only, struct outbox_item *out, struct error *err)
    MUST_CHECK;
/* Each checks the fence: STALE when another process took the item over. */
enum status outbox_renew(struct db *db, const struct outbox_item *i, struct error *err) MUST_CHECK;
enum status outbox_hand(struct db *db, const struct outbox_item *i, struct error *err) MUST_CHECK;
enum status outbox_finish(struct db *db, const struct outbox_item *i, enum outbox_state state,
                          int code, const char *words, int64_t next_try, struct error *err)
    MUST_CHECK;
/* The copy's end: message > 0 done, else it failed with words and is tried again at next_try. */
enum status outbox_copied(struct db *db, const struct outbox_item *i, int64_t message,
                          const char *words, int64_t next_try, struct error *err) MUST_CHECK;

#endif
