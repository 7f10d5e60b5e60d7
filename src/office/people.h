/* people.h - who is who: own addresses, correspondents, completion of addresses.
 *
 * The table is filled from mail by people_catch_up, which goes on where it stopped; it is called
 * after an import or sync and may be called at any time. */
#ifndef OFFICE_PEOPLE_H
#define OFFICE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct db;
struct config_account;
struct mail_address;

struct person {
    char *name, *address;        /* own; address lower case */
    int64_t received, sent;      /* mails from them, mails of mine to them */
    int64_t last;                /* newest of both, CLOCK_NONE */
};
void person_fini_item(void *item);

/* Reads at most max new messages into the table; *left false when all are in. Writer. */
enum status people_catch_up(struct db *db, int max, bool *left, struct error *err) MUST_CHECK;
/* Correspondents whose address or a word of whose name begins with the typed text (also inside
 * Chinese names), most written to first. Bounded: fit for the loop's connection. */
enum status people_complete(struct db *db, const char *typed, size_t max,
                            struct vec *out /* struct person */, struct error *err) MUST_CHECK;
/* Mails from this address so far, and mine to it; false when never seen. */
bool people_find(struct db *db, const char *address, int64_t *received, int64_t *sent);

/* Addresses as people type them: `Anna Li <a@x>, "Li, Na" <b@y>; c@z`. USAGE names what is no
 * address; REFUSED with CR, LF, NUL or another control. The `;;;;` habit gives nothing. */
enum status people_parse(const char *text, struct vec *out /* struct mail_address */,
                         struct error *err) MUST_CHECK;
/* "Anna Li <a@x>, b@y", quoted where needed; the reverse of people_parse. */
void people_print(struct str *out, const struct vec *addresses /* struct mail_address */);
/* Is it an addr-spec that may stand in an envelope? (no control, space, angle bracket; one @) */
bool people_is_address(const char *address);
void people_copy(struct vec *to, const struct vec *from /* struct mail_address */);
bool people_has(const struct vec *addresses, const char *address);

/* The account a mail of this account name or to this address is answered from: by name, else by
 * one of the recipients being its from or alias, else the first that can send, else the first.
 * NULL without accounts. */
const struct config_account *people_account(const char *name, const struct vec *recipients);
/* Its from, as an address (yours: mail_address fields own); for no account the first of `set me`.
 * false when nobody is known. */
bool people_from(const struct config_account *a, struct mail_address *out);

#endif
