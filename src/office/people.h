/* people.h - addresses as people type them, and from whom an answer goes.
 *
 * Who writes to whom and completion of addresses: mail/people.h. */
#ifndef OFFICE_PEOPLE_H
#define OFFICE_PEOPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "mail/message.h"

struct config_account;

/* A vec of struct mail_address that releases its items. */
void people_init(struct vec *addresses);
void people_add(struct vec *addresses, const char *name, const char *address);
void people_copy(struct vec *to, const struct vec *from);
bool people_has(const struct vec *addresses, const char *address); /* case is ignored */

/* Reads `Anna Li <a@x>, "Li, Na" <b@y>; c@z, Team: d@x, e@y;` and appends; a word without an @ that
 * is an alias of the config stands for its people. USAGE names what is no
 * address; REFUSED with CR, LF, NUL or another control. The `;;;;` habit gives nothing. */
enum status people_parse(const char *text, struct vec *out, struct error *err) MUST_CHECK;
/* The same, past what is no address: that goes to bad (strv) as it was typed. */
enum status people_parse_each(const char *text, struct vec *out, struct vec *bad, struct error *err) MUST_CHECK;
/* The same list as addresses when an alias of the config stands in it, NULL when none does. Yours. */
char *people_expanded(const char *text);
/* Appends `Anna Li <a@x>, "Li, Na" <b@y>`: the reverse of people_parse. */
void people_print(struct str *out, const struct vec *addresses);
void people_print_one(struct str *out, const char *name, const char *address);
/* May it stand in an envelope? One @ with something on both sides; no control, space, quote, angle
 * bracket, comma, semicolon; no leading dash; at most 254 bytes. */
bool people_is_address(const char *address);

/* Is it of the own organisation: a domain of send.organisation or one below it, else of an own
 * address that is not at a provider where everybody is? */
bool people_is_inside(const char *address);
/* Is there an organisation to be inside of? */
bool people_has_inside(void);

/* From which account an answer goes: this name, else one whose from or alias is among the
 * recipients, else the first that can send, else the first. NULL without accounts. */
const struct config_account *people_account(const char *name, const struct vec *recipients);
bool people_can_send(const struct config_account *a);
/* The address it is sent as: an alias of the account that the mail was sent to, else its from, for
 * no account the first of `set me`. Fills own fields; false when nobody is known. */
bool people_from(const struct config_account *a, const struct vec *recipients,
                 struct mail_address *out);


/* As whom one may write: each account's from, identities and aliases, then `set me`. */
struct people_identity {
    const char *account;  /* borrow of the config; "" without one */
    char *name, *address; /* own */
};
void people_identities(struct vec *out); /* struct people_identity; initialises it */
/* The identity meant by "Name <address>", an address, an account's name, or a part of a name that
 * only one has. USAGE names those there are. Free with people_identity_fini. */
enum status people_identity_find(const char *text, struct people_identity *out, struct error *err)
    MUST_CHECK;
void people_identity_fini(void *item);

#endif
