/* office.h - what app/ needs of this floor: its tables, options, hooks and registrations. */
#ifndef OFFICE_OFFICE_H
#define OFFICE_OFFICE_H

#include "command/hook.h"
#include "command/option.h"
#include "store/store.h"

extern const struct migration_list office_migrations; /* outbox */
extern const struct option office_options[];          /* send.* */
extern const struct hook_work *const office_work[];   /* due sends; NULL ends */
hook_doctor_fn office_doctor;                         /* can the accounts send? */
hook_status_fn office_status;                         /* "held" */

/* Before store_open. */
void office_register(void);

#endif
