/* journal.h - what was done, by whom, why, and its inverse.
 *
 * A change of the world of things goes through journal_set: one text value of one thing. The batch
 * remembers before and after; undo sets "before" again if the value still is "after", else it
 * skips the item and names it. Batches are chained by hashes over salted digests of their items,
 * so content can be erased and `verify` still holds. Undoing is a batch of its own, so redo is
 * undo of it. All calls inside a writing operation. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "store/db.h"

/* A journalled value. Features register theirs at start, by a name unique in the program
 * ("mail.flags", "thread.lane", "note.text"). ref is the thing's own id. */
struct journal_field {
    const char *name;
    char letter; /* of the thing's id, for naming skipped items: 'm', 't', 'n' … */
    /* NO_SUCH when the thing is gone. */
    enum status (*get)(struct db *db, int64_t ref, struct str *out, struct error *err);
    enum status (*set)(struct db *db, int64_t ref, const char *value, struct error *err);
    /* For values of several parts (may be NULL): `now` differs from `after`. Appends `now` with the
     * change from `before` to `after` taken back; false when that change stands there no more. */
    bool (*take_back)(const char *before, const char *after, const char *now, struct str *out);
    /* For people: what the value is called, N_() (NULL: by its name), and one in words, borrowed (NULL: as it is). */
    const char *label;
    const char *(*word)(const char *value);
};

void journal_register(const struct journal_field *field);
/* What a code says that is no word itself ("outbox.sent"): words is N_(). Both are kept as they are. */
void journal_register_word(const char *code, const char *words);

struct journal; /* an open batch, one at a time; ends with the operation */

/* The name batches of this process carry: undo without an id acts on the newest batch of the same
 * name. "batch" unless set: a command line follows another. A screen sets its own. Copied. */
void journal_set_program(const char *name);

/* who: "me", "rule NAME", "import", "sync", "model". why may be NULL. who, what and a why of the program's own are
 * codes in English, marked N_(): rows hold no language, journal_word puts words to them when they are shown. */
enum status journal_begin(struct db *db, const char *who, const char *what, const char *why,
                          struct journal **out, struct error *err) MUST_CHECK;
/* *changed false: it had the value already. */
enum status journal_set(struct journal *j, const char *field, int64_t ref, const char *value,
                        bool *changed, struct error *err) MUST_CHECK;
/* A change without inverse that the audit must hold (import of 3,249 messages, a send). */
enum status journal_note(struct journal *j, const char *what, int64_t ref, const char *text,
                         struct error *err) MUST_CHECK;
/* How many things a person did it to, when that is not what it did rows of: two conversations, not their five
 * mails. The last word before journal_end; else things that differ are counted. */
void journal_count(struct journal *j, int64_t things);
/* Writes the batch; an empty one leaves nothing and *id is 0. j is gone afterwards. */
enum status journal_end(struct journal *j, int64_t *id, struct error *err) MUST_CHECK;
void journal_abandon(struct journal *j);

struct journal_skip {
    char id[24]; /* "m12" */
    char *why;   /* own */
};

struct journal_undone {
    int64_t batch;      /* the one undone */
    int64_t by;         /* the batch this undoing made, 0 when nothing changed */
    int64_t count;      /* things as a person counts them */
    int64_t most;       /* given: so many were named; 0: the whole batch is meant */
    char *what;         /* own; what the batch was called */
    struct vec skipped; /* struct journal_skip */
    struct vec ids;     /* strv of changed things */
};

void journal_undone_init(struct journal_undone *u);
void journal_undone_fini(struct journal_undone *u);
/* The batch that a bare undo means now, of this program; 0. */
int64_t journal_newest(struct db *db);
/* id 0: my newest batch of this program not undone yet; REFUSED when it is older than an hour, or
 * when there is only another program's or a rule's, and !force; NO_SUCH when there is none. Batches
 * that only note something have no inverse and are passed over; one of which nothing could be taken
 * back is over, so that the next bare undo goes on to the one before. redo takes back the newest
 * undo, unless something was done since. */
enum status journal_undo(struct db *db, int64_t id, bool force, struct journal_undone *out,
                         struct error *err) MUST_CHECK;
/* Only what the batch did to these things (struct journal_thing); the rest of it stands. */
struct journal_thing {
    char letter; /* of its id */
    int64_t ref;
};
enum status journal_undo_things(struct db *db, int64_t id, const struct vec *things,
                                struct journal_undone *out, struct error *err) MUST_CHECK;
/* Is a value being set by an undo (not by a redo)? For fields that remember more than their value. */
bool journal_is_undoing(void);
/* id: a batch that was undone, or an undo; 0: the newest undo of this program. REFUSED when there is
 * only another program's and !force. */
enum status journal_redo(struct db *db, int64_t id, bool force, struct journal_undone *out,
                         struct error *err) MUST_CHECK;
/* Only what the undo took back of these things (struct journal_thing); id as above, not 0. The rest can be done again
 * later. NO_SUCH when it did nothing to them. */
enum status journal_redo_things(struct db *db, int64_t id, const struct vec *things, struct journal_undone *out,
                                struct error *err) MUST_CHECK;
/* All standing batches of one author since a time, newest first: undo --rule NAME --since WHEN. */
enum status journal_undo_since(struct db *db, const char *who, int64_t since,
                               struct journal_undone *out, struct error *err) MUST_CHECK;

struct journal_row {
    int64_t id, at, count, undone_by; /* count: things as a person counts them; undone_by 0: stands */
    int64_t undoes;                   /* the batch it took back or did again; 0 */
    const char *who, *what, *why;
};
/* A code in the person's language; what is no code comes back as it is. */
const char *journal_word(const char *code);
/* "1" is yes: for journal_field.word. */
const char *journal_yes_no(const char *value);
enum status journal_list(struct db *db, int64_t limit,
                         bool (*on_row)(void *user, const struct journal_row *r), void *user,
                         struct error *err) MUST_CHECK;
/* What a batch did, in order; limit < 0: all. before and after are "" when there is none. */
struct journal_item { /* borrowed during on_item */
    int64_t batch, n, ref;
    char letter; /* of its id; 0 when its field is not known */
    const struct journal_field *kind; /* NULL: not known */
    const char *field, *before, *after;
    bool has_inverse;
};
enum status journal_items(struct db *db, int64_t batch, int64_t limit,
                          bool (*on_item)(void *user, const struct journal_item *i), void *user,
                          struct error *err) MUST_CHECK;
/* Erases the content of what was journalled of one thing; the chain still holds. */
enum status journal_erase(struct db *db, const char *field, int64_t ref, struct error *err)
    MUST_CHECK;
/* Checks the chain; CORRUPT names the first batch that does not fit. */
enum status journal_verify(struct db *db, int64_t *batches, struct error *err) MUST_CHECK;

#endif
