/* SPDX-License-Identifier: GPL-3.0-or-later */
/* when_day.c - reads one date or time expression, English or Chinese.
 *
 * Each reader tries its form at the cursor and gives the cursor back unmoved when it is another.
 * A bare weekday is the next one after the day of writing; "this" and 本周 keep the week, "next"
 * and 下周 mean the week after (weeks begin on Monday). A date without a year is the one nearest to
 * the writing. 12/2 is month/day beside Chinese text or in an American locale, else day/month,
 * unless only one reading exists or lies near. */
#include "base/when_day.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { MON, TUE, WED, THU, FRI, SAT, SUN };

/* Local midnight of a date; false when there is no such day. */
static bool date_of(int year, int month, int day, int64_t *out)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *out = clock_from_local(&tm);
    return tm.tm_mon == month - 1 && tm.tm_mday == day;
}

/* The last day of a month that lies `later` months behind the reference. */
static int64_t month_day(int64_t ref, int later, int day /* 0: the last */)
{
    struct tm tm;
    clock_local(ref, &tm);
    tm.tm_mon += day ? later : later + 1;
    tm.tm_mday = day;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    return clock_from_local(&tm);
}

/* Distance of two days. */
static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* The date without a year that is nearest to the reference; typed ones lie ahead if they can. */
static bool nearest_date(const struct when_cursor *c, int month, int day, int64_t *out)
{
    struct tm tm;
    bool found = false;
    clock_local(c->ref, &tm);
    int64_t today = clock_day_start(c->ref, 0);
    for (int year = tm.tm_year + 1899; year <= tm.tm_year + 1901; year++) {
        int64_t t;
        if (!date_of(year, month, day, &t))
            continue;
        if (!found || apart(t, today) < apart(*out, today))
            *out = t;
        found = true;
    }
    return found;
}

/* Weekday of the reference, Monday 0. */
static int weekday_of(int64_t t)
{
    struct tm tm;
    clock_local(t, &tm);
    return (tm.tm_wday + 6) % 7;
}

/* The weekday of the week that lies `weeks` behind the reference's. */
static int64_t week_day(int64_t ref, int weeks, int day)
{
    return clock_day_start(ref, weeks * 7 + day - weekday_of(ref));
}

/* Sets a day. */
static bool day_is(struct when_parts *o, enum when_kind kind, int64_t day)
{
    o->has_day = true;
    o->kind = kind;
    o->day = day;
    return true;
}

/* "today", "明天", "今晚" … */
static bool read_named_day(struct when_cursor *c, struct when_parts *o)
{
    static const struct {
        const char *text;
        int days, hour; /* hour 0: the whole day */
    } names[] = {
        {"the day after tomorrow", 2, 0}, {"day after tomorrow", 2, 0}, {"today", 0, 0},
        {"tonight", 0, 20}, {"this morning", 0, 9}, {"this afternoon", 0, 14},
        {"this evening", 0, 18}, {"tomorrow", 1, 0}, {"tmrw", 1, 0}, {"yesterday", -1, 0},
        {"今天", 0, 0}, {"今日", 0, 0}, {"今晚", 0, 20}, {"今早", 0, 9}, {"当天", 0, 0},
        {"明天", 1, 0}, {"明日", 1, 0}, {"明早", 1, 9}, {"明晚", 1, 20}, {"大后天", 3, 0},
        {"大後天", 3, 0}, {"后天", 2, 0}, {"後天", 2, 0}, {"昨天", -1, 0}, {"昨日", -1, 0},
        {"昨晚", -1, 20}, {"前天", -2, 0}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t start = c->at;
        if (!when_word(c, names[i].text))
            continue;
        bool joined = start >= 3 && (memcmp(c->s + start - 3, "之", 3) == 0 ||
                                     memcmp(c->s + start - 3, "以", 3) == 0 ||
                                     memcmp(c->s + start - 3, "提", 3) == 0);
        if (joined) {
            c->at = start;
            continue;
        }
        if (names[i].hour)
            when_part_is(o, names[i].hour);
        return day_is(o, WHEN_OTHER, clock_day_start(c->ref, names[i].days));
    }
    return false;
}

/* An English weekday's name: its number, -1 when none; *brief tells an abbreviation. */
static int weekday_name(struct when_cursor *c, bool *brief)
{
    static const char *const names[][4] = {
        {"monday", "mon", NULL},           {"tuesday", "tues", "tue", NULL},
        {"wednesday", "wed", NULL},        {"thursday", "thurs", "thur", "thu"},
        {"friday", "fri", NULL},           {"saturday", "sat", NULL},
        {"sunday", "sun", NULL}};
    for (int d = 0; d < 7; d++)
        for (int i = 0; i < 4 && names[d][i]; i++) {
            bool capital = c->at < c->n && c->s[c->at] >= 'A' && c->s[c->at] <= 'Z';
            if ((i && !capital && !c->typed) || !when_word(c, names[d][i]))
                continue;
            *brief = i > 0;
            if (i && c->at < c->n && c->s[c->at] == '.' && !c->typed)
                c->at++;
            return d;
        }
    return -1;
}

/* Does a word stand before the cursor that a short weekday needs ("on Sun", "by Sat")? */
static bool led_in(const struct when_cursor *c, size_t start)
{
    static const char *const words[] = {"on ", "by ", "before ", "until ", "till ", "from ", "due ", ", "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (start >= n && memcmp(c->s + start - n, words[i], n) == 0)
            return true;
    }
    return false;
}

/* "Friday", "next Mon", "last Tuesday", "this weekend", "next week". */
static bool read_weekday(struct when_cursor *c, struct when_parts *o)
{
    size_t start = c->at;
    bool brief = false, is_next = when_word(c, "next"), is_this = !is_next && when_word(c, "this"),
         is_last = !is_next && !is_this && when_word(c, "last");
    if (is_next || is_this || is_last) {
        when_skip_blanks(c);
        int weeks = is_next ? 1 : is_last ? -1 : 0;
        if (when_word(c, "week"))
            return day_is(o, WHEN_OTHER, week_day(c->ref, weeks, is_this ? FRI : MON));
        if (when_word(c, "weekend"))
            return day_is(o, WHEN_OTHER, week_day(c->ref, weeks, SAT));
        if (when_word(c, "month"))
            return day_is(o, WHEN_OTHER, month_day(c->ref, is_this ? 0 : weeks, is_this ? 0 : 1));
    } else if (when_word(c, "the weekend")) {
        return day_is(o, WHEN_OTHER, week_day(c->ref, 0, SAT));
    }
    int day = weekday_name(c, &brief);
    if (day < 0) {
        c->at = start;
        return false;
    }
    int ahead = (day - weekday_of(c->ref) + 7) % 7;
    if (is_next)
        return day_is(o, WHEN_OTHER, week_day(c->ref, 1, day));
    if (is_this)
        return day_is(o, WHEN_OTHER, week_day(c->ref, 0, day));
    if (is_last)
        return day_is(o, WHEN_OTHER, clock_day_start(c->ref, ahead - 7));
    /* "Mon, 30 Nov": the date says which */
    size_t name_end = c->at;
    struct when_parts date = {.hour = -1};
    if (!when_lit(c, ","))
        when_lit(c, "，");
    when_skip_blanks(c);
    struct when_cursor inner = *c;
    if (c->at > name_end && when_read_day(&inner, &date) && !date.doubtful &&
        (date.kind == WHEN_DATE || date.kind == WHEN_FULL_DATE)) {
        c->at = inner.at;
        return day_is(o, date.kind, date.day);
    }
    c->at = name_end;
    bool odd = brief && (day == SAT || day == SUN || day == MON || day == WED);
    o->doubtful = odd && !c->typed && !led_in(c, start);
    return day_is(o, WHEN_WEEKDAY, clock_day_start(c->ref, ahead ? ahead : 7));
}

/* "下周三", "周五", "本周末", "星期一", "下周", "本周内". */
static bool read_zh_week(struct when_cursor *c, struct when_parts *o)
{
    static const char *const week_names[] = {"周", "週", "星期", "礼拜", "禮拜", NULL};
    static const char *const days[] = {"一", "二", "三", "四", "五", "六", "日"};
    size_t start = c->at;
    int weeks = INT_MIN;
    if (when_lit(c, "下下"))
        weeks = 2;
    else if (when_lit(c, "下"))
        weeks = 1;
    else if (when_lit(c, "上"))
        weeks = -1;
    else if (when_lit(c, "本") || when_lit(c, "这") || when_lit(c, "這"))
        weeks = 0;
    if (weeks != INT_MIN && !when_lit(c, "个"))
        when_lit(c, "個");
    if (!when_any(c, week_names)) {
        c->at = start;
        return false;
    }
    int day = -1;
    for (int i = 0; i < 7 && day < 0; i++)
        if (when_lit(c, days[i]))
            day = i;
    if (day < 0 && when_lit(c, "天"))
        day = SUN;
    if (day < 0 && c->at < c->n && c->s[c->at] >= '1' && c->s[c->at] <= '6' &&
        !(c->at + 1 < c->n && when_is_word((unsigned char)c->s[c->at + 1])))
        day = c->s[c->at++] - '1';
    if (day < 0 && when_lit(c, "末"))
        return day_is(o, WHEN_OTHER, week_day(c->ref, weeks == INT_MIN ? 0 : weeks, SAT));
    if (day < 0 && weeks != INT_MIN && weeks != 0)
        return day_is(o, WHEN_OTHER, week_day(c->ref, weeks, MON));
    if (day < 0 && weeks == 0) {
        o->doubtful = true;
        return day_is(o, WHEN_OTHER, week_day(c->ref, 0, FRI));
    }
    if (day < 0) {
        c->at = start;
        return false;
    }
    if (weeks != INT_MIN)
        return day_is(o, WHEN_OTHER, week_day(c->ref, weeks, day));
    int ahead = (day - weekday_of(c->ref) + 7) % 7;
    return day_is(o, WHEN_WEEKDAY, clock_day_start(c->ref, ahead ? ahead : 7));
}

/* "月底", "下个月底", "12月底", "年底", "月初", "本月内", "下个月". */
static bool read_zh_month(struct when_cursor *c, struct when_parts *o)
{
    size_t start = c->at;
    int later = INT_MIN;
    if (when_lit(c, "下"))
        later = 1;
    else if (when_lit(c, "本") || when_lit(c, "这") || when_lit(c, "這") || when_lit(c, "当"))
        later = 0;
    if (later != INT_MIN && !when_lit(c, "个"))
        when_lit(c, "個");
    if (later == INT_MIN && (when_lit(c, "年底") || when_lit(c, "年末"))) {
        struct tm tm;
        int64_t day;
        clock_local(c->ref, &tm);
        if (date_of(tm.tm_year + 1900, 12, 31, &day))
            return day_is(o, WHEN_OTHER, day);
    }
    if (when_lit(c, "月")) {
        int m = later == INT_MIN ? 0 : later;
        if (when_lit(c, "底") || when_lit(c, "末"))
            return day_is(o, WHEN_OTHER, month_day(c->ref, m, 0));
        if (later != INT_MIN && when_lit(c, "初"))
            return day_is(o, WHEN_OTHER, month_day(c->ref, m, 1));
        if (later != INT_MIN && when_lit(c, "中"))
            return day_is(o, WHEN_OTHER, month_day(c->ref, m, 15));
        int day;
        if (later != INT_MIN && when_number(c, 2, &day) && day >= 1 && day <= 31 &&
            (when_lit(c, "日") || when_lit(c, "号") || when_lit(c, "號")))
            return day_is(o, WHEN_OTHER, month_day(c->ref, m, day));
        if (later != INT_MIN) {
            o->doubtful = later == 0;
            return day_is(o, WHEN_OTHER, month_day(c->ref, m, later ? 1 : 0));
        }
    }
    c->at = start;
    return false;
}

/* "2026年12月2日", "12 月 2 日", "明年3月1号", "十二月二日", "12月底", "2号". */
static bool read_zh_date(struct when_cursor *c, struct when_parts *o)
{
    size_t start = c->at;
    int value, year = 0, month, day;
    struct tm tm;
    clock_local(c->ref, &tm);
    if (when_lit(c, "明年"))
        year = tm.tm_year + 1901;
    else if (when_lit(c, "今年"))
        year = tm.tm_year + 1900;
    else if (when_lit(c, "去年"))
        year = tm.tm_year + 1899;
    when_skip_blanks(c);
    if (!when_number(c, 4, &value))
        goto no;
    when_skip_blanks(c);
    if (!year && when_lit(c, "年")) {
        year = value;
        when_skip_blanks(c);
        if (!when_number(c, 2, &value))
            goto no;
        when_skip_blanks(c);
    }
    if (!year && value >= 1 && value <= 31 && (when_lit(c, "号") || when_lit(c, "號") || when_lit(c, "日"))) {
        if (when_lit(c, "线") || when_lit(c, "楼") || when_lit(c, "门") || when_lit(c, "元") || when_lit(c, "内"))
            goto no;
        o->doubtful = !c->typed;
        int64_t that = month_day(c->ref, 0, value);
        return day_is(o, WHEN_OTHER,
                      that >= clock_day_start(c->ref, 0) ? that : month_day(c->ref, 1, value));
    }
    if (!when_lit(c, "月") || value < 1 || value > 12)
        goto no;
    month = value;
    if (when_lit(c, "底") || when_lit(c, "末") || when_lit(c, "初")) {
        bool early = memcmp(c->s + c->at - 3, "初", 3) == 0;
        int64_t first;
        if (year ? !date_of(year, month, 1, &first) : !nearest_date(c, month, 1, &first))
            goto no;
        return day_is(o, year ? WHEN_FULL_DATE : WHEN_DATE, early ? first : month_day(first, 0, 0));
    }
    when_skip_blanks(c);
    size_t before_day = c->at;
    int64_t t;
    if (!when_number(c, 2, &day))
        goto no;
    size_t behind = c->at;
    when_skip_blanks(c);
    if (!when_lit(c, "日") && !when_lit(c, "号") && !when_lit(c, "號"))
        c->at = behind;
    if (before_day == behind || (year ? !date_of(year, month, day, &t) : !nearest_date(c, month, day, &t)))
        goto no;
    return day_is(o, year ? WHEN_FULL_DATE : WHEN_DATE, t);
no:
    c->at = start;
    return false;
}

/* An English month's name: 1 to 12, 0 when none. In running text it is capitalised. */
static int month_name(struct when_cursor *c)
{
    static const char *const names[] = {
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
    if (c->at >= c->n || (!c->typed && !(c->s[c->at] >= 'A' && c->s[c->at] <= 'Z')))
        return 0;
    for (int m = 0; m < 12; m++) {
        char brief[5] = {names[m][0], names[m][1], names[m][2], '\0', '\0'};
        if (when_word(c, names[m]) || when_word(c, brief) || (m == 8 && when_word(c, "sept"))) {
            if (c->at < c->n && c->s[c->at] == '.')
                c->at++;
            return m + 1;
        }
    }
    return 0;
}

/* Reads a year of four digits behind a date, with its comma; 0 when none stands there. */
static int year_behind(struct when_cursor *c)
{
    size_t start = c->at;
    int year, len;
    when_skip_blanks(c);
    if (when_lit(c, ","))
        when_skip_blanks(c);
    if (when_digits(c, &year, &len) && len == 4 && year >= 1970 && year < 2200 &&
        !(c->at < c->n && (c->s[c->at] == ':' || when_is_word((unsigned char)c->s[c->at]))))
        return year;
    c->at = start;
    return 0;
}

/* Reads a day of the month with its ending: "2", "2nd", "30th", "30.". */
static bool month_day_number(struct when_cursor *c, int *day)
{
    static const char *const endings[] = {"st", "nd", "rd", "th", NULL};
    int len;
    if (!when_digits(c, day, &len) || len > 2 || *day < 1 || *day > 31)
        return false;
    if (!when_any(c, endings) && c->at < c->n && when_is_word((unsigned char)c->s[c->at]))
        return false;
    return !(c->at < c->n && c->s[c->at] == ':');
}

/* "30 Nov 2026", "Nov 30th, 2026", "the 30th". */
static bool read_month_date(struct when_cursor *c, struct when_parts *o)
{
    size_t start = c->at;
    int day, month, year;
    int64_t t;
    bool the = when_word(c, "the");
    if (the)
        when_skip_blanks(c);
    month = month_name(c);
    if (month) {
        when_skip_blanks(c);
        if (!month_day_number(c, &day))
            goto no;
    } else {
        if (!month_day_number(c, &day))
            goto no;
        size_t number_end = c->at;
        if (c->at < c->n && c->s[c->at] == '.')
            c->at++;
        when_skip_blanks(c);
        if (when_word(c, "of"))
            when_skip_blanks(c);
        month = month_name(c);
        if (!month) {
            c->at = number_end;
            if (!the || c->s[number_end - 1] < 'a') /* only "the 30th" */
                goto no;
            t = month_day(c->ref, 0, day);
            if (t < clock_day_start(c->ref, 0))
                t = month_day(c->ref, 1, day);
            o->doubtful = !c->typed;
            return day_is(o, WHEN_OTHER, t);
        }
    }
    year = year_behind(c);
    if (year ? !date_of(year, month, day, &t) : !nearest_date(c, month, day, &t))
        goto no;
    return day_is(o, year ? WHEN_FULL_DATE : WHEN_DATE, t);
no:
    c->at = start;
    return false;
}

/* Is the text around the cursor Chinese? */
static bool beside_chinese(const struct when_cursor *c, size_t start)
{
    for (size_t i = start; i > 0 && start - i < 24; i--)
        if ((unsigned char)c->s[i - 1] >= 0xe4 && (unsigned char)c->s[i - 1] <= 0xe9)
            return true;
    for (size_t i = c->at; i < c->n && i < c->at + 12; i++)
        if ((unsigned char)c->s[i] >= 0xe4 && (unsigned char)c->s[i] <= 0xe9)
            return true;
    return false;
}

/* Does this locale write the month first? */
static bool locale_month_first(void)
{
    static const char *const names[] = {"LC_ALL", "LC_TIME", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0])
            return strncmp(value, "en_US", 5) == 0 || strncmp(value, "zh", 2) == 0 ||
                   strncmp(value, "ja", 2) == 0 || strncmp(value, "ko", 2) == 0;
    }
    return false;
}

/* Decides between a/b as month/day and day/month. */
static bool slash_date(const struct when_cursor *c, size_t start, int a, int b, int year, int64_t *out)
{
    int64_t month_first, day_first, today = clock_day_start(c->ref, 0);
    bool m = year ? date_of(year, a, b, &month_first) : nearest_date(c, a, b, &month_first);
    bool d = year ? date_of(year, b, a, &day_first) : nearest_date(c, b, a, &day_first);
    bool want_month = locale_month_first();
    if (beside_chinese(c, start))
        want_month = true;
    if (!m || !d)
        want_month = m;
    else if (!year && !beside_chinese(c, start)) {
        const int64_t day = 86400;
        bool near_m = month_first > today - 15 * day && month_first < today + 60 * day;
        bool near_d = day_first > today - 15 * day && day_first < today + 60 * day;
        if (near_m != near_d)
            want_month = near_m;
    }
    *out = want_month ? month_first : day_first;
    return m || d;
}

/* "2026-12-01", "2026/12/1", "1.12.2026", "12/2/2026", "12/2". */
static bool read_numeric(struct when_cursor *c, struct when_parts *o)
{
    size_t start = c->at;
    int v[3], len[3], parts = 1;
    int64_t t;
    char separator;
    if (!when_digits(c, &v[0], &len[0]) || c->at >= c->n)
        goto no;
    separator = c->s[c->at];
    if (separator != '-' && separator != '/' && separator != '.')
        goto no;
    while (parts < 3 && c->at + 1 < c->n && c->s[c->at] == separator && c->s[c->at + 1] >= '0' &&
           c->s[c->at + 1] <= '9') {
        c->at++;
        if (!when_digits(c, &v[parts], &len[parts]))
            goto no;
        parts++;
    }
    if (c->at < c->n && (c->s[c->at] == separator || c->s[c->at] == '%') && parts > 1 &&
        !(separator == '.' && parts == 3))
        if (!(separator == '.' && (c->at + 1 >= c->n || c->s[c->at + 1] == ' ')))
            goto no;
    if (parts == 3 && len[0] == 4 && len[1] <= 2 && len[2] <= 2) {
        if (!date_of(v[0], v[1], v[2], &t))
            goto no;
        return day_is(o, WHEN_FULL_DATE, t);
    }
    if (parts == 3 && len[2] == 4 && len[0] <= 2 && len[1] <= 2) {
        if (separator == '/' ? !slash_date(c, start, v[0], v[1], v[2], &t)
                             : !date_of(v[2], v[1], v[0], &t))
            goto no;
        return day_is(o, WHEN_FULL_DATE, t);
    }
    if (parts == 2 && separator == '/' && len[0] <= 2 && len[1] <= 2 &&
        slash_date(c, start, v[0], v[1], 0, &t)) {
        o->doubtful = !c->typed && !led_in(c, start);
        return day_is(o, WHEN_DATE, t);
    }
    if (parts == 2 && separator == '.' && c->typed && nearest_date(c, v[1], v[0], &t)) {
        when_lit(c, ".");
        return day_is(o, WHEN_DATE, t);
    }
no:
    c->at = start;
    return false;
}

enum unit { MINUTE, HOUR, DAY, WORKDAY, WEEK, MONTH, YEAR, NO_UNIT };

/* Reads a unit of time, English or Chinese. */
static enum unit read_unit(struct when_cursor *c)
{
    static const struct {
        const char *text;
        enum unit unit;
    } units[] = {{"minutes", MINUTE}, {"minute", MINUTE}, {"mins", MINUTE}, {"min", MINUTE},
                 {"hours", HOUR}, {"hour", HOUR}, {"hrs", HOUR}, {"hr", HOUR}, {"h", HOUR},
                 {"business days", WORKDAY}, {"business day", WORKDAY}, {"working days", WORKDAY},
                 {"working day", WORKDAY}, {"days", DAY}, {"day", DAY}, {"d", DAY},
                 {"weeks", WEEK}, {"week", WEEK}, {"w", WEEK}, {"months", MONTH}, {"month", MONTH},
                 {"years", YEAR}, {"year", YEAR}, {"y", YEAR},
                 {"分钟", MINUTE}, {"分鐘", MINUTE}, {"小时", HOUR}, {"小時", HOUR}, {"个小时", HOUR},
                 {"个钟头", HOUR}, {"个工作日", WORKDAY}, {"工作日", WORKDAY}, {"天", DAY}, {"日", DAY},
                 {"周", WEEK}, {"週", WEEK}, {"个星期", WEEK}, {"星期", WEEK}, {"个礼拜", WEEK},
                 {"个月", MONTH}, {"個月", MONTH}, {"年", YEAR}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        bool brief = strlen(units[i].text) == 1;
        if ((!brief || c->typed) && when_word(c, units[i].text))
            return units[i].unit;
    }
    return NO_UNIT;
}

/* Moves from the reference by a number of units. */
static void move_by(struct when_cursor *c, struct when_parts *o, int n, enum unit unit)
{
    struct tm tm;
    clock_local(c->ref, &tm);
    if (unit == WORKDAY) {
        int left = n > -1000 && n < 1000 ? abs(n) : 0;
        while (left > 0) {
            tm.tm_mday += n < 0 ? -1 : 1;
            tm.tm_wday = (tm.tm_wday + (n < 0 ? 6 : 1)) % 7;
            if (tm.tm_wday != 0 && tm.tm_wday != 6)
                left--;
        }
    } else {
        tm.tm_min += unit == MINUTE ? n : 0;
        tm.tm_hour += unit == HOUR ? n : 0;
        tm.tm_mday += unit == DAY ? n : unit == WEEK ? 7 * n : 0;
        tm.tm_mon += unit == MONTH ? n : 0;
        tm.tm_year += unit == YEAR ? n : 0;
    }
    int64_t moment = clock_from_local(&tm);
    day_is(o, WHEN_OTHER, clock_day_start(moment, 0));
    if (unit <= HOUR || c->typed) {
        o->has_instant = true;
        o->instant = moment;
    }
}

/* "in 3 days", "within a week", "+3d", "two weeks from now", "3 days ago", "3天内", "两周后". */
static bool read_distance(struct when_cursor *c, struct when_parts *o)
{
    static const char *const later[] = {"from now", "from today", "later", NULL};
    static const char *const zh_later[] = {"之后", "以后", "后", "之後", "以後", "後", NULL};
    static const char *const zh_within[] = {"之内", "以内", "内", "之內", "以內", "內", NULL};
    size_t start = c->at;
    int n;
    bool plus = c->typed && when_lit(c, "+"), in = !plus && when_word(c, "in");
    bool within = !plus && !in && when_word(c, "within");
    when_skip_blanks(c);
    if ((in || within) && when_word(c, "the next"))
        when_skip_blanks(c);
    if (when_lit(c, "半小时") || when_lit(c, "半个小时")) {
        if (!when_any(c, zh_later) && !when_any(c, zh_within))
            goto no;
        move_by(c, o, 30, MINUTE);
        return true;
    }
    if (when_word(c, "half an hour")) {
        if (!in && !within && !when_any(c, later))
            goto no;
        move_by(c, o, 30, MINUTE);
        o->deadline = within;
        return true;
    }
    if (!when_count(c, &n))
        goto no;
    when_skip_blanks(c);
    enum unit unit = read_unit(c);
    if (unit == NO_UNIT)
        goto no;
    size_t behind = c->at;
    when_skip_blanks(c);
    if (when_any(c, zh_later)) {
        move_by(c, o, n, unit);
    } else if (when_any(c, zh_within)) {
        move_by(c, o, n, unit);
        o->deadline = true;
    } else if (!in && !within && !plus && (when_word(c, "ago") || when_lit(c, "之前") || when_lit(c, "以前") || when_lit(c, "前"))) {
        move_by(c, o, -n, unit);
    } else if (when_any(c, later) || in || within || plus || c->typed) {
        if (in || within || plus)
            c->at = behind;
        move_by(c, o, n, unit);
        o->deadline = within;
    } else {
        goto no;
    }
    return true;
no:
    c->at = start;
    return false;
}

/* "end of the month", "end of next week", "EOD", "close of business". */
static bool read_end_of(struct when_cursor *c, struct when_parts *o)
{
    static const char *const end_of[] = {"the end of", "end of", NULL};
    static const char *const day_ends[] = {"eod", "cob", "close of business", "end of business", NULL};
    size_t start = c->at;
    struct tm tm;
    int64_t t;
    clock_local(c->ref, &tm);
    if (when_any(c, day_ends)) {
        when_part_is(o, 18);
        return day_is(o, WHEN_OTHER, clock_day_start(c->ref, 0));
    }
    if (when_word(c, "eow"))
        return day_is(o, WHEN_OTHER, week_day(c->ref, 0, FRI));
    if (when_word(c, "eom"))
        return day_is(o, WHEN_OTHER, month_day(c->ref, 0, 0));
    if (!when_any(c, end_of))
        goto no;
    when_skip_blanks(c);
    bool next = when_word(c, "next");
    if (next || when_word(c, "the") || when_word(c, "this"))
        when_skip_blanks(c);
    if (when_word(c, "day") || when_word(c, "today") || when_word(c, "business")) {
        when_part_is(o, 18);
        return day_is(o, WHEN_OTHER, clock_day_start(c->ref, 0));
    }
    if (when_word(c, "week"))
        return day_is(o, WHEN_OTHER, week_day(c->ref, next, FRI));
    if (when_word(c, "month"))
        return day_is(o, WHEN_OTHER, month_day(c->ref, next, 0));
    if (when_word(c, "quarter"))
        return day_is(o, WHEN_OTHER, month_day(c->ref, 2 - tm.tm_mon % 3 + (next ? 3 : 0), 0));
    if (when_word(c, "year") && date_of(tm.tm_year + 1900 + next, 12, 31, &t))
        return day_is(o, WHEN_OTHER, t);
    int month = month_name(c);
    if (month && nearest_date(c, month, 1, &t))
        return day_is(o, WHEN_DATE, month_day(t, 0, 0));
no:
    c->at = start;
    return false;
}

/* Reads a day in any of its forms. */
bool when_read_day(struct when_cursor *c, struct when_parts *o)
{
    return read_named_day(c, o) || read_end_of(c, o) || read_weekday(c, o) || read_zh_week(c, o) ||
           read_zh_month(c, o) || read_distance(c, o) || read_zh_date(c, o) || read_month_date(c, o) ||
           read_numeric(c, o);
}
