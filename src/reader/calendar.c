/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calendar.c - appointments: who, when, where, how often; recurrences with their caps.
 *
 * Times in a zone are seconds since 1970; whole days and times without a zone are given as if they
 * were UTC and marked, so that the program on the other side places them in the reader's own day.
 * A zone that the file does not describe is named: inside the box there are no zone files (the
 * client adds descriptions before it asks, mail/zone.c). */
#include "reader/calendar.h"

#include <libical/ical.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/record.h"
#include "base/wire.h"

enum { DAY = 86400, TEXT_MAX = 16 << 10 };

/* Quiet: a broken file is no event. */
void calendar_start(void)
{
    icalerror_set_errors_are_fatal(0);
    ical_set_unknown_token_handling_setting(ICAL_DISCARD_TOKEN);
}

/* Adds a text, cut where it is immense. */
static void add_text(struct record_writer *w, enum wire_tag tag, const char *text)
{
    if (!text || !*text)
        return;
    size_t n = strnlen(text, TEXT_MAX);
    while (n < strlen(text) && n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    record_add(w, (uint16_t)tag, text, n);
}

/* An address without its "mailto:". */
static const char *plain_address(const char *uri)
{
    return uri && strncasecmp(uri, "mailto:", 7) == 0 ? uri + 7 : uri ? uri : "";
}

/* The value of a parameter; NULL. */
static const char *parameter(icalproperty *p, const char *name)
{
    return icalproperty_get_parameter_as_string(p, name);
}

/* Organizer or attendee. */
static void add_person(struct record_writer *w, enum wire_tag tag, icalproperty *p)
{
    const char *uri = icalproperty_get_value_as_string(p), *name = parameter(p, "CN");
    size_t mark = record_nest(w, (uint16_t)tag);
    add_text(w, WIRE_NAME, name);
    add_text(w, WIRE_ADDRESS, plain_address(uri));
    add_text(w, WIRE_STATE, parameter(p, "PARTSTAT"));
    add_text(w, WIRE_ROLE, parameter(p, "ROLE"));
    record_unnest(w, mark);
}

/* Seconds of a time; whole days and floating times as if they were UTC. */
static int64_t seconds(icaltimetype t)
{
    return icaltime_as_timet_with_zone(t, t.zone ? t.zone : icaltimezone_get_utc_timezone());
}

/* Does the time stand in no zone? */
static bool is_floating(icaltimetype t)
{
    return !t.is_date && !icaltime_is_utc(t) && !t.zone;
}

/* The zone as the file names it. */
static const char *zone_name(icalcomponent *event)
{
    icalproperty *p = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    return p ? parameter(p, "TZID") : NULL;
}

struct instances {
    struct record_writer *w;
    size_t count;
};

/* One instance. */
static void on_instance(icalcomponent *event, struct icaltime_span *span, void *user)
{
    struct instances *i = user;
    (void)event;
    if (i->count++ < CALENDAR_INSTANCES_MAX)
        record_add_int(i->w, WIRE_INSTANCE, span->start);
}

/* The last time that instances are looked for: ten years on, or where the rule has had enough. */
static icaltimetype last_time(icalcomponent *event, icaltimetype start, bool *cut)
{
    icaltimetype last = start;
    last.year += CALENDAR_YEARS_MAX;
    for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY); p;
         p = icalcomponent_get_next_property(event, ICAL_RRULE_PROPERTY)) {
        icalrecur_iterator *it = icalrecur_iterator_new(icalproperty_get_rrule(p), start);
        size_t count = 0;
        icaltimetype t = icaltime_null_time();
        while (it && count <= CALENDAR_INSTANCES_MAX) {
            t = icalrecur_iterator_next(it);
            if (icaltime_is_null_time(t) || icaltime_compare(t, last) > 0)
                break;
            count++;
        }
        if (count > CALENDAR_INSTANCES_MAX)
            last = t;
        if (it && !icaltime_is_null_time(t))
            *cut = true;
        icalrecur_iterator_free(it);
    }
    return last;
}

/* The rule and when it happens. */
static void add_recurrence(struct record_writer *w, icalcomponent *event, icaltimetype start)
{
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    bool dates = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY) != NULL, cut = false;
    struct instances i = {.w = w};
    if (!rule && !dates)
        return;
    if (rule)
        add_text(w, WIRE_RULE, icalproperty_get_value_as_string(rule));
    icaltimetype last = last_time(event, start, &cut);
    if (start.zone) { /* it reads their clock as UTC */
        start = icaltime_convert_to_zone(start, icaltimezone_get_utc_timezone());
        last = icaltime_convert_to_zone(last, icaltimezone_get_utc_timezone());
    }
    icaltime_adjust(&start, start.is_date ? -1 : 0, 0, 0, -1); /* both ends are left out by it */
    icaltime_adjust(&last, last.is_date ? 1 : 0, 0, 0, 1);
    icalcomponent_foreach_recurrence(event, start, last, on_instance, &i);
    if (cut || i.count > CALENDAR_INSTANCES_MAX)
        record_add_int(w, WIRE_TRUNCATED, 1);
}

/* When it is. */
static void add_times(struct record_writer *w, icalcomponent *event)
{
    icaltimetype start = icalcomponent_get_dtstart(event), end = icalcomponent_get_dtend(event);
    if (icalcomponent_isa(event) == ICAL_VTODO_COMPONENT)
        end = icalcomponent_get_due(event);
    add_text(w, WIRE_ZONE, zone_name(event));
    if (!icaltime_is_null_time(start) && icaltime_is_valid_time(start)) {
        record_add_int(w, WIRE_START, seconds(start));
        record_add_int(w, WIRE_ALL_DAY, start.is_date);
        record_add_int(w, WIRE_FLOATING, is_floating(start));
        add_recurrence(w, event, start);
    }
    if (!icaltime_is_null_time(end) && icaltime_is_valid_time(end))
        record_add_int(w, WIRE_END, seconds(end));
}

/* Text of the first property of a kind; NULL. */
static const char *value(icalcomponent *event, icalproperty_kind kind)
{
    icalproperty *p = icalcomponent_get_first_property(event, kind);
    icalvalue *v = p ? icalproperty_get_value(p) : NULL;
    if (!v)
        return NULL;
    return icalvalue_isa(v) == ICAL_TEXT_VALUE ? icalvalue_get_text(v)
                                               : icalproperty_get_value_as_string(p);
}

/* One appointment or task. */
static void add_event(struct record_writer *w, icalcomponent *event, const char *method)
{
    static const struct {
        icalproperty_kind kind;
        enum wire_tag tag;
    } texts[] = {{ICAL_SUMMARY_PROPERTY, WIRE_SUBJECT},     {ICAL_LOCATION_PROPERTY, WIRE_PLACE},
                 {ICAL_DESCRIPTION_PROPERTY, WIRE_TEXT},    {ICAL_STATUS_PROPERTY, WIRE_STATE},
                 {ICAL_UID_PROPERTY, WIRE_UID},             {ICAL_URL_PROPERTY, WIRE_URL},
                 {ICAL_COMMENT_PROPERTY, WIRE_DETAIL},      {ICAL_RECURRENCEID_PROPERTY, WIRE_OF}};
    size_t mark = record_nest(w, WIRE_EVENT), people = 0;
    add_text(w, WIRE_METHOD, method);
    add_text(w, WIRE_KIND, icalcomponent_kind_to_string(icalcomponent_isa(event)));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        add_text(w, texts[i].tag, value(event, texts[i].kind));
    record_add_int(w, WIRE_NUMBER, icalcomponent_get_sequence(event));
    icalproperty *organizer = icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
    if (organizer)
        add_person(w, WIRE_FROM, organizer);
    for (icalproperty *p = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY); p;
         p = icalcomponent_get_next_property(event, ICAL_ATTENDEE_PROPERTY)) {
        if (++people > CALENDAR_PEOPLE_MAX)
            break;
        add_person(w, WIRE_TO, p);
    }
    add_times(w, event);
    record_unnest(w, mark);
}

/* All appointments of one calendar object. */
static size_t add_calendar(struct record_writer *w, icalcomponent *calendar, size_t count)
{
    static const icalcomponent_kind kinds[] = {ICAL_VEVENT_COMPONENT, ICAL_VTODO_COMPONENT,
                                               ICAL_VJOURNAL_COMPONENT};
    icalproperty *m = icalcomponent_get_first_property(calendar, ICAL_METHOD_PROPERTY);
    const char *method = m ? icalproperty_get_value_as_string(m) : NULL;
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
        for (icalcomponent *c = icalcomponent_get_first_component(calendar, kinds[k]); c;
             c = icalcomponent_get_next_component(calendar, kinds[k])) {
            if (++count > CALENDAR_EVENTS_MAX) {
                record_add_int(w, WIRE_TRUNCATED, 1);
                return count;
            }
            add_event(w, c, method);
        }
    return count;
}

/* Reads all of it. */
void calendar_read(const char *text, size_t n, struct str *answer)
{
    struct record_writer w;
    struct str copy = STR_INIT;
    size_t count = 0;
    str_add(&copy, text, n);
    record_begin(&w, answer, WIRE_EVENTS);
    icalcomponent *root = icalparser_parse_string(str_text(&copy));
    if (root && icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
        add_calendar(&w, root, 0);
    } else if (root) { /* several in one file */
        for (icalcomponent *c = icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT); c;
             c = icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT))
            count = add_calendar(&w, c, count);
        if (icalcomponent_isa(root) == ICAL_VEVENT_COMPONENT)
            add_event(&w, root, NULL);
    }
    record_end(&w);
    if (root)
        icalcomponent_free(root);
    icalmemory_free_ring();
    str_fini(&copy);
}
