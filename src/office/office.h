/* office.h - what app/ needs of this floor: its tables and its registrations. */
#ifndef OFFICE_OFFICE_H
#define OFFICE_OFFICE_H

struct migration_list;
struct option;

extern const struct migration_list office_migrations; /* people, outbox */
extern const struct option office_options[];          /* send.* */

/* Registers job kinds and journal fields; once, before store_open. */
void office_register(void);

#endif
