/* people_query.h - an address book of another program, by mutt's query protocol.
 *
 * `set people.query-command "khard email --parsable %s"`: run with the typed text in the place of %s
 * (else as the last argument), never by a shell. It prints a line that is skipped, then one person a
 * line: address TAB name TAB anything. What it prints is foreign. Loop thread. */
#ifndef OFFICE_PEOPLE_QUERY_H
#define OFFICE_PEOPLE_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/vec.h"

struct loop;
struct people_query;

bool people_query_is_set(void);
/* done comes once, never from inside: people (struct mail_address, borrowed) or an error. Killed after
 * three seconds (then LIMIT). NULL with err: not set, or it could not be started. */
struct people_query *people_query_start(struct loop *l, const char *text,
                                        void (*done)(void *user, const struct vec *people,
                                                     const struct error *err),
                                        void *user, struct error *err);
/* done is not called. */
void people_query_cancel(struct people_query *q);
/* Reads what it printed; appends struct mail_address. Lines that name no address are left out. */
void people_query_read(const char *text, size_t n, struct vec *people);

#endif
