/* SPDX-License-Identifier: GPL-3.0-or-later */
/* event.c - the reader's records of appointments as structs, times moved to where the person is. */
#include "mail/event.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/wire.h"
#include "mail/unpack.h"

/* Releases a guest. */
static void guest_fini(void *item)
{
    struct mail_guest *g = item;
    free(g->name);
    free(g->address);
    free(g->state);
    free(g->role);
}

static const struct place {
    enum wire_tag tag;
    size_t offset;
} places[] = {
    {WIRE_METHOD, offsetof(struct mail_event, method)},
    {WIRE_KIND, offsetof(struct mail_event, kind)},
    {WIRE_SUBJECT, offsetof(struct mail_event, summary)},
    {WIRE_PLACE, offsetof(struct mail_event, place)},
    {WIRE_TEXT, offsetof(struct mail_event, description)},
    {WIRE_STATE, offsetof(struct mail_event, state)},
    {WIRE_UID, offsetof(struct mail_event, uid)},
    {WIRE_URL, offsetof(struct mail_event, url)},
    {WIRE_DETAIL, offsetof(struct mail_event, comment)},
    {WIRE_OF, offsetof(struct mail_event, of)},
    {WIRE_RULE, offsetof(struct mail_event, rule)},
    {WIRE_ZONE, offsetof(struct mail_event, zone)},
};

/* Releases an event. */
void mail_event_fini_item(void *item)
{
    struct mail_event *e = item;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        free(*(char **)((char *)e + places[i].offset));
    vec_fini(&e->organizer);
    vec_fini(&e->guests);
    vec_fini(&e->instances);
}

/* An empty list. */
void mail_events_init(struct vec *events)
{
    vec_init(events, sizeof(struct mail_event), mail_event_fini_item);
}

/* Reads a person. */
static bool take_guest(struct vec *list, const struct record_field *field)
{
    struct record_view v = record_open(field);
    struct record_field f;
    struct mail_guest *g = vec_push(list);
    assert(g);
    while (record_next(&v, &f)) {
        char **to = f.tag == WIRE_NAME      ? &g->name
                    : f.tag == WIRE_ADDRESS ? &g->address
                    : f.tag == WIRE_STATE   ? &g->state
                    : f.tag == WIRE_ROLE    ? &g->role
                                            : NULL;
        if (to)
            mail_unpack_text(to, &f);
    }
    if (!g->name)
        g->name = mem_strdup("");
    if (!g->address)
        g->address = mem_strdup("");
    return record_ok(&v);
}

/* The same day and time of the clock here. */
static int64_t here(int64_t as_utc)
{
    time_t t = (time_t)as_utc;
    struct tm tm;
    if (as_utc == CLOCK_NONE || !gmtime_r(&t, &tm))
        return CLOCK_NONE;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm);
}

/* Reads one field of an event. */
static bool take_field(struct mail_event *e, const struct record_field *f)
{
    switch (f->tag) {
    case WIRE_FROM:
        return take_guest(&e->organizer, f);
    case WIRE_TO:
        return take_guest(&e->guests, f);
    case WIRE_START:
        e->start = record_int(f);
        return true;
    case WIRE_END:
        e->end = record_int(f);
        return true;
    case WIRE_ALL_DAY:
        e->all_day = record_int(f) != 0;
        return true;
    case WIRE_FLOATING:
        e->floating = record_int(f) != 0;
        return true;
    case WIRE_TRUNCATED:
        e->cut = record_int(f) != 0;
        return true;
    case WIRE_NUMBER:
        e->sequence = record_int(f);
        return true;
    case WIRE_INSTANCE:
        *(int64_t *)vec_push(&e->instances) = record_int(f);
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (places[i].tag == f->tag)
            mail_unpack_text((char **)((char *)e + places[i].offset), f);
    return true;
}

/* Reads one event. */
static bool take_event(struct mail_event *e, const struct record_field *field)
{
    struct record_view v = record_open(field);
    struct record_field f;
    bool good = true;
    vec_init(&e->organizer, sizeof(struct mail_guest), guest_fini);
    vec_init(&e->guests, sizeof(struct mail_guest), guest_fini);
    vec_init(&e->instances, sizeof(int64_t), NULL);
    e->start = e->end = CLOCK_NONE;
    while (good && record_next(&v, &f))
        good = take_field(e, &f);
    if (!e->kind)
        e->kind = mem_strdup("VEVENT");
    if (e->all_day || e->floating) {
        e->start = here(e->start);
        e->end = here(e->end);
        for (size_t i = 0; i < e->instances.len; i++) {
            int64_t *at = vec_at(&e->instances, i);
            *at = here(*at);
        }
    }
    return good && record_ok(&v);
}

/* Reads all. */
bool mail_events_unpack(struct record_view body, struct vec *events, bool *cut)
{
    struct record_field f;
    bool good = true;
    *cut = false;
    while (good && record_next(&body, &f)) {
        if (f.tag == WIRE_TRUNCATED)
            *cut = true;
        else if (f.tag == WIRE_EVENT)
            good = take_event(vec_push(events), &f);
    }
    return good && record_ok(&body);
}
