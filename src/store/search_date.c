/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search_date.c - days, ranges and ages as the search language has them; local time. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "store/search_tree.h"

/* Reads exactly n digits; -1 when they are none. */
static int digits(const char *s, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return -1;
        value = value * 10 + (s[i] - '0');
    }
    return value;
}

/* Local midnight of a day; months and days may run over. */
static int64_t midnight(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};
    return clock_from_local(&tm);
}

/* A count and a unit, from now: sign -1 back, 1 on. */
static bool shifted(const char *text, int64_t now, int sign, int64_t *out)
{
    int count = 0;
    const char *p = text;
    while (*p >= '0' && *p <= '9' && count < 100000)
        count = count * 10 + (*p++ - '0');
    if (p == text || !*p || p[1])
        return false;
    struct tm tm;
    clock_local(now, &tm);
    tm.tm_isdst = -1;
    switch (*p) {
    case 'h':
        *out = now + (int64_t)sign * count * 3600;
        return true;
    case 'd':
        *out = now + (int64_t)sign * count * 86400;
        return true;
    case 'w':
        *out = now + (int64_t)sign * count * 7 * 86400;
        return true;
    case 'm':
        tm.tm_mon += sign * count;
        break;
    case 'y':
        tm.tm_year += sign * count;
        break;
    default:
        return false;
    }
    *out = clock_from_local(&tm);
    return true;
}

/* 7d, 12h, 2w, 3m, 1y before now. */
bool search_age(const char *text, int64_t now, int64_t *since)
{
    return shifted(text, now, -1, since);
}

/* today, yesterday, tomorrow, week, month, year. */
static bool word_point(const char *s, int64_t now, int64_t *low, int64_t *high)
{
    static const struct {
        const char *word;
        int days;
    } days[] = {{"today", 0},   {"yesterday", -1},          {"tomorrow", 1},
                {"今天", 0}, {"昨天", -1}, {"明天", 1},
                {"前天", -2}, {"后天", 2}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (str_eq_nocase(s, days[i].word)) {
            *low = clock_day_start(now, days[i].days);
            *high = clock_day_start(now, days[i].days + 1);
            return true;
        }
    struct tm tm;
    clock_local(now, &tm);
    int year = tm.tm_year + 1900, month = tm.tm_mon + 1, monday = (tm.tm_wday + 6) % 7;
    if (str_eq_nocase(s, "week") || strcmp(s, "本周") == 0) {
        *low = clock_day_start(now, -monday);
        *high = clock_day_start(now, 7 - monday);
    } else if (str_eq_nocase(s, "month") || strcmp(s, "本月") == 0) {
        *low = midnight(year, month, 1);
        *high = midnight(year, month + 1, 1);
    } else if (str_eq_nocase(s, "year") || strcmp(s, "今年") == 0) {
        *low = midnight(year, 1, 1);
        *high = midnight(year + 1, 1, 1);
    } else {
        return false;
    }
    return true;
}

/* A year, a month, a day, a time, a word, 7d (ago), +7d: the seconds it spans. */
static bool point(const char *s, int64_t now, int64_t *low, int64_t *high)
{
    size_t n = strlen(s);
    int year = n >= 4 ? digits(s, 4) : -1;
    bool dashed = n >= 7 && s[4] == '-';
    int month = dashed ? digits(s + 5, 2) : -1;
    int day = dashed && n >= 10 && s[7] == '-' ? digits(s + 8, 2) : -1;
    if (year >= 1900 && n == 4) {
        *low = midnight(year, 1, 1);
        *high = midnight(year + 1, 1, 1);
        return true;
    }
    if (year >= 1900 && month >= 1 && month <= 12 && n == 7) {
        *low = midnight(year, month, 1);
        *high = midnight(year, month + 1, 1);
        return true;
    }
    if (year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && n == 10) {
        *low = midnight(year, month, day);
        *high = midnight(year, month, day + 1);
        struct tm tm;
        clock_local(*low, &tm);
        return tm.tm_mday == day;
    }
    if (word_point(s, now, low, high))
        return true;
    if (*s == '+' ? shifted(s + 1, now, 1, low) : shifted(s, now, -1, low)) {
        *low = clock_day_start(*low, 0);
        *high = clock_day_start(*low, 1);
        return true;
    }
    if (n > 10 && clock_parse(s, low)) {
        *high = *low + 1;
        return true;
    }
    return false;
}

/* A point, or two with ".." between, either of which may be open. */
bool search_range(const char *text, int64_t now, int64_t *low, int64_t *high)
{
    int64_t other;
    const char *dots = strstr(text, "..");
    if (!dots)
        return point(text, now, low, high);
    char *from = mem_strndup(text, (size_t)(dots - text));
    const char *to = dots + 2;
    bool good = *from || *to;
    *low = INT64_MIN;
    *high = INT64_MAX;
    if (good && *from)
        good = point(from, now, low, &other);
    if (good && *to)
        good = point(to, now, &other, high);
    free(from);
    return good;
}
