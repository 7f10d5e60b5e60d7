/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_date.c - the date-time of INTERNALDATE and APPEND (RFC 9051). */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "io/imap_parse.h"

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* "17-Jul-1996 02:44:25 -0700"; a day of one digit may have a blank in front. */
bool imap_date_parse(const char *text, size_t n, int64_t *out)
{
    char buf[32], month[4], sign[2];
    struct tm tm = {0};
    int zone, end = 0;
    if (n >= sizeof buf)
        return false;
    memcpy(buf, text, n);
    buf[n] = '\0';
    if (sscanf(buf, "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %1[+-]%4d%n", &tm.tm_mday, month, &tm.tm_year, &tm.tm_hour,
               &tm.tm_min, &tm.tm_sec, sign, &zone, &end) != 8 || buf[end])
        return false;
    tm.tm_mon = -1;
    for (int i = 0; i < 12; i++)
        if (strcasecmp(month, months[i]) == 0)
            tm.tm_mon = i;
    if (tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_year < 1 || tm.tm_hour > 23 ||
        tm.tm_hour < 0 || tm.tm_min < 0 || tm.tm_min > 59 || tm.tm_sec < 0 || tm.tm_sec > 60 || zone < 0 ||
        zone % 100 > 59)
        return false;
    tm.tm_year -= 1900;
    int64_t offset = (zone / 100 * 60 + zone % 100) * 60;
    *out = (int64_t)timegm(&tm) + (sign[0] == '-' ? offset : -offset);
    return true;
}

/* The other way, in UTC; a year of four digits whatever comes. */
const char *imap_date_print(int64_t t, char *buf)
{
    struct tm tm;
    time_t at = (time_t)(t < -62135596800 ? -62135596800 : t > 253402300799 ? 253402300799 : t);
    gmtime_r(&at, &tm);
    snprintf(buf, CLOCK_TEXT, "%2d-%s-%04d %02d:%02d:%02d +0000", tm.tm_mday, months[tm.tm_mon % 12],
             tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return buf;
}
