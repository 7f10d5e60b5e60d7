/* SPDX-License-Identifier: GPL-3.0-or-later */
/* facts.c - header fields of a mail into the record. */
#include "reader/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/wire.h"
#include "reader/charset.h"
#include "reader/header.h"
#include "reader/mime.h"
#include "reader/warnings.h"

enum kind { TEXT, PEOPLE, IDS, DATE, RECEIVED };
enum { TEXT_MAX = 64 << 10 };

/* The headers that are read. The first of a name counts; people of several are joined. */
static const struct fact {
    const char *name;
    enum wire_tag tag;
    enum kind kind;
} facts[] = {
    {"Message-Id", WIRE_MESSAGE_ID, IDS},
    {"In-Reply-To", WIRE_IN_REPLY_TO, IDS},
    {"References", WIRE_REFERENCE, IDS},
    {"Date", WIRE_DATE, DATE},
    {"Received", WIRE_DATE, RECEIVED},
    {"From", WIRE_FROM, PEOPLE},
    {"To", WIRE_TO, PEOPLE},
    {"Cc", WIRE_CC, PEOPLE},
    {"Bcc", WIRE_BCC, PEOPLE},
    {"Reply-To", WIRE_REPLY_TO, PEOPLE},
    {"Subject", WIRE_SUBJECT, TEXT},
    {"List-Id", WIRE_LIST_ID, TEXT},
    {"List-Post", WIRE_LIST_POST, TEXT},
    {"List-Unsubscribe", WIRE_LIST_UNSUBSCRIBE, TEXT},
    {"List-Unsubscribe-Post", WIRE_LIST_UNSUBSCRIBE_POST, TEXT},
    {"Auto-Submitted", WIRE_AUTO_SUBMITTED, TEXT},
    {"Precedence", WIRE_PRECEDENCE, TEXT},
    {"Return-Path", WIRE_RETURN_PATH, TEXT},
    {"Delivered-To", WIRE_DELIVERED_TO, TEXT},
    {"Sender", WIRE_SENDER, TEXT},
    {"Authentication-Results", WIRE_AUTH_RESULTS, TEXT},
    {"X-Auto-Response-Suppress", WIRE_AUTO_RESPONSE_SUPPRESS, TEXT},
    {"X-Mailer", WIRE_X_MAILER, TEXT},
    {"User-Agent", WIRE_X_MAILER, TEXT},
    {"Content-Type", WIRE_CONTENT_TYPE, TEXT},
};
enum { FACTS = sizeof facts / sizeof facts[0] };

struct facts {
    struct record_writer *w;
    struct found *found;
    struct vec people[5]; /* struct header_address: From, To, Cc, Bcc, Reply-To */
    size_t addresses;
    int64_t date, received; /* 0 unknown */
    bool seen[WIRE_CUE];
    bool list;
    int mail_headers;
};

/* Reads a date as mail programs write it; 0 when it is none. */
static int64_t read_date(const char *raw)
{
    GDateTime *t = g_mime_utils_header_decode_date(raw);
    if (!t)
        return 0;
    int64_t seconds = g_date_time_to_unix(t);
    g_date_time_unref(t);
    return seconds > 0 && seconds < INT64_C(7258118400) /* 2200 */ ? seconds : 0;
}

/* Adds the ids of a header: the first one, or up to a hundred with the newest kept. */
static void write_ids(struct facts *f, const struct fact *fact, const char *raw)
{
    struct vec ids;
    strv_init(&ids);
    header_ids(raw, fact->tag == WIRE_REFERENCE ? 5000 : 1, &ids);
    for (size_t i = 0; i < ids.len; i++)
        if (i == 0 || ids.len <= 100 || i >= ids.len - 99)
            record_add_text(f->w, (uint16_t)fact->tag, strv_at(&ids, i));
    vec_fini(&ids);
}

/* Which list of people a tag has. */
static struct vec *people_of(struct facts *f, enum wire_tag tag)
{
    return &f->people[tag - WIRE_FROM];
}

/* Reads one header. */
static void read_fact(struct facts *f, const struct fact *fact, const char *raw)
{
    bool first = !f->seen[fact->tag];
    switch (fact->kind) {
    case PEOPLE: {
        struct vec *list = people_of(f, fact->tag);
        size_t before = list->len, room = MIME_ADDRESSES_MAX - f->addresses;
        if ((fact->tag == WIRE_FROM || fact->tag == WIRE_REPLY_TO) && !first)
            return;
        if (!header_addresses(raw, before + room, list))
            found_warn(f->found, "truncated", "addresses");
        f->addresses += list->len - before;
        break;
    }
    case DATE:
        if (!f->date)
            f->date = read_date(raw);
        return;
    case RECEIVED: {
        const char *stamp = strrchr(raw, ';');
        if (!f->received && stamp)
            f->received = read_date(stamp + 1);
        return;
    }
    case IDS:
        if (first)
            write_ids(f, fact, raw);
        break;
    case TEXT: {
        if (!first)
            return;
        struct str text = STR_INIT;
        size_t n = strnlen(raw, TEXT_MAX + 1);
        if (n > TEXT_MAX) {
            n = TEXT_MAX;
            found_warn(f->found, "truncated", fact->name);
        }
        header_decode(raw, n, &text);
        char *value = str_trim(str_take(&text));
        record_add_text(f->w, (uint16_t)fact->tag, value);
        f->list |= fact->tag == WIRE_LIST_ID || fact->tag == WIRE_LIST_POST;
        free(value);
        break;
    }
    }
    f->seen[fact->tag] = true;
}

/* Adds the people of one header. */
static void write_people(struct facts *f, enum wire_tag tag)
{
    struct vec *list = people_of(f, tag);
    for (size_t i = 0; i < list->len; i++) {
        struct header_address *a = vec_at(list, i);
        size_t mark = record_nest(f->w, (uint16_t)tag);
        record_add_text(f->w, WIRE_NAME, a->name);
        record_add_text(f->w, WIRE_ADDRESS, a->address);
        record_unnest(f->w, mark);
    }
}

/* Reads all headers and writes what they say. */
bool facts_write(struct record_writer *w, struct found *found, GMimeObject *mail)
{
    struct facts f = {.w = w, .found = found};
    for (size_t i = 0; i < 5; i++)
        vec_init(&f.people[i], sizeof(struct header_address), header_address_fini);
    GMimeHeaderList *headers = g_mime_object_get_header_list(mail);
    int count = g_mime_header_list_get_count(headers);
    for (int i = 0; i < count; i++) {
        GMimeHeader *h = g_mime_header_list_get_header_at(headers, i);
        const char *name = g_mime_header_get_name(h), *raw = g_mime_header_get_raw_value(h);
        for (size_t k = 0; raw && k < FACTS; k++) {
            if (!str_eq_nocase(name, facts[k].name))
                continue;
            if (k < 11)
                f.mail_headers++;
            read_fact(&f, &facts[k], raw);
            break;
        }
    }
    for (enum wire_tag tag = WIRE_FROM; tag <= WIRE_REPLY_TO; tag++)
        write_people(&f, tag);
    if (f.date || f.received)
        record_add_int(w, WIRE_DATE, f.date ? f.date : f.received);
    warnings_people(found, &f.people[0], &f.people[WIRE_REPLY_TO - WIRE_FROM],
                    &f.people[WIRE_TO - WIRE_FROM], f.list);
    for (size_t i = 0; i < 5; i++)
        vec_fini(&f.people[i]);
    return f.mail_headers > 0;
}
