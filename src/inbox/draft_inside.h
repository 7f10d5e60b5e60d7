/* draft_inside.h - what inbox/draft*.c share. */
#ifndef INBOX_DRAFT_INSIDE_H
#define INBOX_DRAFT_INSIDE_H

#include "inbox/draft.h"
#include "office/outbox.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/textlog.h"

/* Begins a new version when the current one is settled (a copy of it, by me), voids an approval,
 * bumps the serial. REFUSED while a stream writes it, or when it is sent or deleted. */
enum status draft_touch_version(struct db *db, int64_t id, struct error *err) MUST_CHECK;
/* One row of typing, when the draft still stands at *serial (else STALE); *serial is the new one. */
enum status draft_type(struct db *db, int64_t id, int64_t *serial, const struct textlog_edit *edit,
                       int64_t cursor, struct error *err) MUST_CHECK;
/* Writes one header as typed. */
enum status draft_set_head(struct db *db, int64_t id, enum draft_head head, const char *text,
                           struct error *err) MUST_CHECK;
/* Another identity (people_identity_find): account, From, and its signature in the place of the
 * other's. */
enum status draft_change_sender(struct db *db, int64_t id, const char *identity,
                                struct error *err) MUST_CHECK;
/* The doc row of search, the mark of the thread, the bell. rest: the text may be indexed. */
enum status draft_publish(struct db *db, int64_t id, bool rest, struct error *err) MUST_CHECK;
/* The hash of what will be sent, hex; yours. */
char *draft_hash(struct db *db, const struct draft *d);
/* outbox_order.confirm: still this version and hash? Then it is approved. */
enum status draft_confirm(struct db *db, const struct outbox_order *o, int64_t outbox,
                          struct error *err);
/* outbox_on_state's listener. */
enum status draft_on_outbox(struct db *db, int64_t outbox, int64_t id, enum outbox_state state,
                            struct error *err);
extern const struct journal_field draft_state_field;

#endif
