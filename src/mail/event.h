/* event.h - appointments as bureau-reader read them of iCalendar text: plain data. */
#ifndef MAIL_EVENT_H
#define MAIL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/record.h"
#include "base/str.h"
#include "base/vec.h"

struct mail_guest {
    char *name, *address; /* own; "" unknown */
    char *state;          /* own; "ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION", NULL */
    char *role;           /* own; "OPT-PARTICIPANT", …, NULL */
};

struct mail_event {
    char *method;  /* own; "REQUEST", "CANCEL", "REPLY", "COUNTER", "PUBLISH", …; NULL */
    char *kind;    /* own; "VEVENT", "VTODO", "VJOURNAL" */
    char *summary, *place, *description, *state, *uid, *url, *comment, *of, *rule, *zone; /* own; NULL */
    struct vec organizer, guests; /* struct mail_guest; at most one organizer */
    int64_t start, end;           /* seconds since 1970; CLOCK_NONE unknown */
    bool all_day;  /* start and end are midnights of the reader's own day; end is the day after */
    bool floating; /* in no zone, or in one that nobody knows: the reader's own time */
    struct vec instances; /* int64_t: of a recurrence, at most 1,000 and ten years */
    bool cut;             /* it goes on */
    int64_t sequence;
};

void mail_event_fini_item(void *item);
void mail_events_init(struct vec *events);
/* Appends the events of a WIRE_EVENTS record; *cut: there are more. False: no sense in it. */
bool mail_events_unpack(struct record_view body, struct vec *events, bool *cut);

/* Adds descriptions of the zones that the text names and does not describe, out of the system's zone
 * files (only names that stand there), for a reader that has none. */
void mail_zone_complete(const char *ics, struct str *out);

#endif
