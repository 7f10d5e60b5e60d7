/* calendar.h - iCalendar (RFC 5545, RFC 5546) into records of appointments. Wraps libical: this is the
 * only file that knows it. */
#ifndef READER_CALENDAR_H
#define READER_CALENDAR_H

#include <stddef.h>

#include "base/str.h"

enum {
    CALENDAR_EVENTS_MAX = 200,
    CALENDAR_PEOPLE_MAX = 500,
    CALENDAR_INSTANCES_MAX = 1000, /* of one recurrence, */
    CALENDAR_YEARS_MAX = 10        /* whichever comes first */
};

/* Before the box closes. */
void calendar_start(void);
/* text is UTF-8 with NUL behind it. Appends a WIRE_EVENTS record. */
void calendar_read(const char *text, size_t n, struct str *answer);

#endif
