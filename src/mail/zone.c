/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zone.c - time zones for a reader that may open no file: the zones that iCalendar text names and
 * does not describe are put into it as VTIMEZONE, one observance for each change of the clock that
 * the system's zone file (TZif, RFC 8536) lists. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "mail/event.h"

enum { ZONES_MAX = 20, NAME_MAX_BYTES = 64, FILE_MAX = 256 << 10, HEAD = 44, CHANGES_MAX = 500 };

/* A number of the file, big end first. */
static int64_t get(const char *p, int bytes)
{
    uint64_t v = (unsigned char)*p & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < bytes; i++)
        v = v << 8 | (unsigned char)p[i];
    return (int64_t)v;
}

/* A name that may be one of a zone file: no way out of the folder. */
static bool is_name(const char *name, size_t n)
{
    if (n == 0 || n >= NAME_MAX_BYTES || name[0] == '/' || name[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("/_+-", name[i]))
            return false;
    return true;
}

/* "+0100" */
static void add_offset(struct str *out, const char *name, int64_t seconds)
{
    int64_t m = (seconds < 0 ? -seconds : seconds) / 60;
    str_addf(out, "%s:%c%02d%02d\r\n", name, seconds < 0 ? '-' : '+', (int)(m / 60), (int)(m % 60));
}

/* One change of the clock: from `at` on it is `to` ahead of UTC, it was `from` before. */
static void add_change(struct str *out, int64_t at, int64_t from, int64_t to, bool summer)
{
    const char *kind = summer ? "DAYLIGHT" : "STANDARD";
    time_t local = (time_t)(at + from);
    struct tm tm;
    char text[32];
    if (!gmtime_r(&local, &tm))
        return;
    strftime(text, sizeof text, "%Y%m%dT%H%M%S", &tm);
    str_addf(out, "BEGIN:%s\r\nDTSTART:%s\r\n", kind, text);
    add_offset(out, "TZOFFSETFROM", from);
    add_offset(out, "TZOFFSETTO", to);
    str_addf(out, "END:%s\r\n", kind);
}

/* The counts in a head: isutc, isstd, leap, times, types, chars. */
struct head {
    size_t count[6];
};

/* Reads a head; the bytes behind it that times of `width` bytes take, 0 when it is none. */
static size_t read_head(const char *p, size_t n, size_t width, struct head *h)
{
    if (n < HEAD || memcmp(p, "TZif", 4) != 0)
        return 0;
    for (int i = 0; i < 6; i++)
        h->count[i] = (size_t)(uint32_t)get(p + 20 + i * 4, 4);
    for (int i = 0; i < 6; i++)
        if (h->count[i] > FILE_MAX)
            return 0;
    size_t body = h->count[3] * (width + 1) + h->count[4] * 6 + h->count[5] +
                  h->count[2] * (width + 4) + h->count[1] + h->count[0];
    return body && body <= n - HEAD ? body : 0;
}

/* Writes the changes of the second, 64-bit part of a zone file; false when it is none. */
static bool add_changes(const struct str *file, struct str *out)
{
    struct head h;
    const char *p = file->data;
    size_t n = file->len, body = read_head(p, n, 4, &h);
    if (!body || p[4] < '2')
        return false;
    p += HEAD + body;
    n -= HEAD + body;
    body = read_head(p, n, 8, &h);
    if (!body || !h.count[4])
        return false;
    const char *times = p + HEAD, *types = times + h.count[3] * 8, *infos = types + h.count[3];
    int64_t before = get(infos, 4);
    size_t first = h.count[3] > CHANGES_MAX ? h.count[3] - CHANGES_MAX : 0;
    for (size_t i = 0; i < h.count[3]; i++) {
        size_t type = (unsigned char)types[i];
        if (type >= h.count[4])
            return false;
        int64_t at = get(times + i * 8, 8), to = get(infos + type * 6, 4);
        if (i >= first && at > 0)
            add_change(out, at, before, to, infos[type * 6 + 4] != 0);
        before = to;
    }
    add_change(out, -2208988800, before, h.count[3] && first == 0 ? get(infos, 4) : before, false);
    return true;
}

/* A zone's VTIMEZONE, from its file. */
static void add_zone(const char *name, struct str *out)
{
    struct str file = STR_INIT, changes = STR_INIT;
    struct error err = ERROR_INIT;
    char *path = str_format("/usr/share/zoneinfo/%s", name);
    if (path_read(path, FILE_MAX, &file, &err) == STATUS_OK && add_changes(&file, &changes))
        str_addf(out, "BEGIN:VTIMEZONE\r\nTZID:%s\r\n%sEND:VTIMEZONE\r\n", name, str_text(&changes));
    free(path);
    str_fini(&file);
    str_fini(&changes);
}

/* Is the zone described in the text? */
static bool is_described(const char *ics, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = ics; (p = strcasestr(p, "\nTZID:")); p++)
        if (strncmp(p + 6, name, n) == 0 && strchr("\r\n", p[6 + n]))
            return true;
    return false;
}

/* The names that times are given in: strv. */
static void find_names(const char *ics, struct vec *names)
{
    for (const char *p = ics; (p = strcasestr(p, ";TZID=")) && names->len < ZONES_MAX;) {
        p += 6 + (p[6] == '"');
        size_t n = strcspn(p, "\":;\r\n");
        bool known = !is_name(p, n);
        for (size_t i = 0; i < names->len && !known; i++)
            known = strlen(strv_at(names, i)) == n && strncmp(strv_at(names, i), p, n) == 0;
        if (!known)
            strv_push_take(names, mem_strndup(p, n));
    }
}

/* Adds what is missing. */
void mail_zone_complete(const char *ics, struct str *out)
{
    struct vec names;
    const char *begin = strcasestr(ics, "BEGIN:VCALENDAR");
    const char *line = begin ? strchr(begin, '\n') : NULL;
    strv_init(&names);
    if (line)
        find_names(ics, &names);
    str_add(out, ics, line ? (size_t)(line + 1 - ics) : strlen(ics));
    for (size_t i = 0; i < names.len; i++)
        if (!is_described(ics, strv_at(&names, i)))
            add_zone(strv_at(&names, i), out);
    if (line)
        str_puts(out, line + 1);
    vec_fini(&names);
}
