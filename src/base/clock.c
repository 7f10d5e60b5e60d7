/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.c - wall time, steady time, and their texts. */
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/utf8.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int64_t wall_offset_ms; /* added to the system's wall clock: BUREAU_NOW */
static atomic_bool fake;
static _Atomic int64_t fake_ms;

/* One of the system's clocks in milliseconds. */
static int64_t system_ms(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads BUREAU_NOW. */
static void start(void)
{
    int64_t t;
    const char *now = getenv("BUREAU_NOW");
    if (now && clock_parse(now, &t))
        wall_offset_ms = t * 1000 - system_ms(CLOCK_REALTIME);
}

/* Wall time in milliseconds. */
int64_t clock_now_ms(void)
{
    if (fake)
        return fake_ms;
    pthread_once(&once, start);
    return system_ms(CLOCK_REALTIME) + wall_offset_ms;
}

/* Wall time in seconds. */
int64_t clock_now(void)
{
    int64_t ms = clock_now_ms();
    return ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
}

/* Steady time in milliseconds. */
int64_t clock_mono_ms(void)
{
    return fake ? (int64_t)fake_ms : system_ms(CLOCK_MONOTONIC);
}

/* Stops both clocks at a time. */
void clock_fake_set(int64_t seconds)
{
    fake_ms = seconds * 1000;
    fake = true;
}

/* Moves the stopped clocks. */
void clock_fake_advance(int64_t ms)
{
    fake_ms += ms;
}

/* Broken-down local time. */
void clock_local(int64_t t, struct tm *out)
{
    time_t s = (time_t)t;
    if (!localtime_r(&s, out))
        memset(out, 0, sizeof *out);
}

/* Seconds of a broken-down local time. */
int64_t clock_from_local(struct tm *tm)
{
    tm->tm_isdst = -1;
    return (int64_t)mktime(tm);
}

/* Writes a zone offset, with or without a colon. */
static void put_offset(char *buf, size_t size, long seconds, const char *colon)
{
    char sign = seconds < 0 ? '-' : '+';
    long minutes = (seconds < 0 ? -seconds : seconds) / 60;
    snprintf(buf, size, "%c%02ld%s%02ld", sign, minutes / 60 % 100, colon, minutes % 60);
}

/* RFC 3339 in local time. */
const char *clock_rfc3339(int64_t t, char buf[CLOCK_TEXT])
{
    struct tm tm;
    char zone[12];
    clock_local(t, &tm);
    put_offset(zone, sizeof zone, tm.tm_gmtoff, ":");
    size_t n = strftime(buf, CLOCK_TEXT - sizeof zone, "%Y-%m-%dT%H:%M:%S", &tm);
    memcpy(buf + n, zone, strlen(zone) + 1);
    return buf;
}

/* The local day. */
const char *clock_day(int64_t t, char buf[CLOCK_TEXT])
{
    struct tm tm;
    clock_local(t, &tm);
    strftime(buf, CLOCK_TEXT, "%Y-%m-%d", &tm);
    return buf;
}

/* RFC 5322 §3.3, in English whatever the locale. */
const char *clock_rfc5322(int64_t t, char buf[CLOCK_TEXT])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm;
    char zone[12];
    clock_local(t, &tm);
    put_offset(zone, sizeof zone, tm.tm_gmtoff, "");
    snprintf(buf, CLOCK_TEXT, "%.3s, %d %.3s %04d %02d:%02d:%02d %.5s", days + 3 * tm.tm_wday,
             tm.tm_mday, months + 3 * tm.tm_mon, (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min,
             tm.tm_sec, zone);
    return buf;
}

/* Reads exactly n digits and steps over them. */
static bool digits(const char **p, int n, int *out)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *out = value;
    return true;
}

/* Reads "Z", "+01:00" or nothing (local); false on anything else. */
static bool zone_at_end(const char *p, bool *local, int64_t *offset)
{
    *local = false;
    *offset = 0;
    if (!*p) {
        *local = true;
        return true;
    }
    if ((*p == 'Z' || *p == 'z') && !p[1])
        return true;
    int sign = *p == '+' ? 1 : *p == '-' ? -1 : 0, hours, minutes;
    if (!sign)
        return false;
    p++;
    if (!digits(&p, 2, &hours))
        return false;
    p += *p == ':';
    if (!digits(&p, 2, &minutes) || *p || hours > 23 || minutes > 59)
        return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* Days of a month (1…12). */
static int month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Reads RFC 3339 or a day. */
bool clock_parse(const char *text, int64_t *out)
{
    const char *p = text;
    int year, month, day, hour = 0, minute = 0, second = 0;
    bool local = true;
    int64_t offset = 0;
    if (!digits(&p, 4, &year) || *p++ != '-' || !digits(&p, 2, &month) || *p++ != '-' ||
        !digits(&p, 2, &day) || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    if (*p) {
        if (*p != 'T' && *p != 't' && *p != ' ')
            return false;
        p++;
        if (!digits(&p, 2, &hour) || *p++ != ':' || !digits(&p, 2, &minute))
            return false;
        if (*p == ':') {
            p++;
            if (!digits(&p, 2, &second))
                return false;
            if (*p == '.')
                for (p++; *p >= '0' && *p <= '9'; p++)
                    ;
        }
        if (hour > 24 || (hour == 24 && (minute || second)) || minute > 59 || second > 60 ||
            !zone_at_end(p, &local, &offset))
            return false;
    }
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
                    .tm_hour = hour, .tm_min = minute, .tm_sec = second};
    *out = local ? clock_from_local(&tm) : (int64_t)timegm(&tm) - offset;
    return true;
}

/* Midnight that begins a day, by the calendar. */
static int64_t find_day(int64_t t, int days_later)
{
    struct tm tm;
    clock_local(t, &tm);
    tm.tm_mday += days_later;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    return clock_from_local(&tm);
}

/* Midnight that begins a day. The day that was asked for last is kept: mostly it is today, for every row. */
int64_t clock_day_start(int64_t t, int days_later)
{
    static _Thread_local int64_t from, until;
    if (days_later < 0 || days_later > 1)
        return find_day(t, days_later);
    if (t < from || t >= until) {
        from = find_day(t, 0);
        until = find_day(t, 1);
    }
    return days_later ? until : from;
}

/* The weekday of a time in three letters, translated. */
const char *clock_weekday(int64_t t)
{
    static const char *const days[] = {N_("Sun"), N_("Mon"), N_("Tue"), N_("Wed"),
                                       N_("Thu"), N_("Fri"), N_("Sat")};
    struct tm tm;
    clock_local(t, &tm);
    return _(days[tm.tm_wday]);
}

/* What clock_short wrote of late and while what day it holds: a list asks for the same moments in
 * every frame, and each costs several conversions of the calendar. */
enum { RECENT = 64 };
struct recent {
    int64_t t, from, until; /* until 0: empty */
    char text[CLOCK_TEXT];
};
static _Thread_local struct recent recent[RECENT];

/* Writes it anew; the day of now is told with it. */
static void write_short(int64_t t, int64_t now, struct recent *out)
{
    static const char *const months[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"),
                                         N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
                                         N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
    struct tm tm, today;
    char *buf = out->text;
    clock_local(t, &tm);
    clock_local(now, &today);
    out->t = t;
    out->from = clock_day_start(now, 0);
    out->until = clock_day_start(now, 1);
    if (t >= out->from && t < out->until)
        snprintf(buf, CLOCK_TEXT, "%02d:%02d", tm.tm_hour, tm.tm_min);
    else if (t < out->from && t >= clock_day_start(now, -6))
        snprintf(buf, CLOCK_TEXT, "%s", clock_weekday(t));
    else if (tm.tm_year == today.tm_year)
        /* TRANSLATORS: day of the month, then the short name of the month */
        snprintf(buf, CLOCK_TEXT, _("%1$d %2$s"), tm.tm_mday, _(months[tm.tm_mon]));
    else
        snprintf(buf, CLOCK_TEXT, "%d", tm.tm_year + 1900);
}

/* Short and relative to now, for lists. */
const char *clock_short(int64_t t, int64_t now, char buf[CLOCK_TEXT])
{
    if (t == CLOCK_NONE) {
        buf[0] = '\0';
        return buf;
    }
    struct recent *r = &recent[(uint64_t)(t ^ t >> 8) % RECENT];
    if (r->until == 0 || r->t != t || now < r->from || now >= r->until)
        write_short(t, now, r);
    memcpy(buf, r->text, CLOCK_TEXT);
    return buf;
}

/* The longest day of clock_short, in the person's language. */
int clock_short_cells(void)
{
    char day[CLOCK_TEXT];
    int n = snprintf(day, sizeof day, _("%1$d %2$s"), 30, _("Dec"));
    int cells = n > 0 && n < (int)sizeof day ? (int)utf8_cells(day, (size_t)n) : 0;
    return cells > 6 ? cells : 6;
}

/* A moment to come, to the minute. */
const char *clock_moment(int64_t t, int64_t now, char buf[CLOCK_TEXT])
{
    struct tm tm;
    int64_t start = clock_day_start(now, 0);
    size_t n;
    if (t == CLOCK_NONE || (t >= start && t < clock_day_start(now, 1)))
        return clock_short(t, now, buf);
    if (t >= start && t < clock_day_start(now, 7))
        snprintf(buf, CLOCK_TEXT, "%s", clock_weekday(t));
    else
        clock_short(t, now, buf);
    clock_local(t, &tm);
    n = strlen(buf);
    snprintf(buf + n, CLOCK_TEXT - n, " %02d:%02d", tm.tm_hour, tm.tm_min);
    return buf;
}
