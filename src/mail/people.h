/* people.h - the address book that fills itself from the mail: for completion and for names. */
#ifndef MAIL_PEOPLE_H
#define MAIL_PEOPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "store/db.h"

struct mail_person {
    char *name, *address;  /* own; name "" when never told */
    int64_t seen, written; /* mails of and to; mails I wrote to them */
    int64_t last;          /* date of the newest */
};
void mail_person_fini_item(void *item);

/* People whose address, host, or name from one of its words on begins with prefix (folded), by how
 * often and how lately we wrote to each other, my own addresses last: struct mail_person. Bounded: may run in the loop. */
enum status mail_people_find(struct db *db, const char *prefix, size_t limit, struct vec *people,
                             struct error *err) MUST_CHECK;
/* How often an address was met; address NULL when never. Free with mail_person_fini_item. */
enum status mail_people_get(struct db *db, const char *address, struct mail_person *out,
                            struct error *err) MUST_CHECK;

#endif
