/* SPDX-License-Identifier: GPL-3.0-or-later */
/* when.c - dates and times as people write them: the two ways in.
 *
 * when_day.c reads one expression at one place of a text. Here a whole argument is resolved to a
 * moment that lies ahead, and running text is searched, with the words beside an expression
 * telling whether it is a deadline. */
#include "base/when.h"

#include <string.h>

#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/when_day.h"

#define MORNING_HOUR 9
#define EVENING_HOUR 18

/* The moment of an hour and minute on a day; hour 24 is the next midnight. */
static int64_t at_time(int64_t day, int hour, int minute)
{
    struct tm tm;
    clock_local(day, &tm);
    tm.tm_hour = hour;
    tm.tm_min = minute;
    tm.tm_sec = 0;
    return clock_from_local(&tm);
}

/* Reads the time that follows a day or a part of it; its hour is of that part ("tonight 8", "今晚八点"). */
static bool read_time_behind(struct when_cursor *c, struct when_parts *o)
{
    struct when_parts t = {.hour = -1};
    size_t after = c->at;
    when_skip_joint(c, true);
    if (!when_read_time(c, &t, true) || (o->has_time && t.vague)) {
        c->at = after;
        return false;
    }
    bool later = o->has_time && o->vague && o->hour >= 12 && !t.halved && !t.vague;
    if (later && t.hour < 12)
        t.hour += 12;
    else if (later && t.hour == 12 && o->hour >= 18)
        t.hour = 24;
    o->has_time = true;
    o->hour = t.hour;
    o->minute = t.minute;
    o->vague = t.vague;
    return true;
}

/* Reads "day [sep] time", "time [sep] day", or one of them, at the cursor. */
static bool read_expression(struct when_cursor *c, struct when_parts *o)
{
    size_t start = c->at;
    *o = (struct when_parts){.hour = -1};
    if (when_read_day(c, o)) {
        size_t after = c->at;
        if (!o->has_time || o->vague) {
            if (after < c->n && c->s[after] >= '0' && c->s[after] <= '9' && (unsigned char)c->s[after - 1] < 0x80)
                return true; /* digits that touch an English day are no time */
            if (read_time_behind(c, o) && o->vague)
                read_time_behind(c, o); /* "fri afternoon 3" */
        }
        return true;
    }
    c->at = start;
    if (!when_read_time(c, o, false))
        return false;
    size_t after = c->at;
    struct when_parts d = {.hour = -1};
    when_skip_joint(c, false);
    if (when_read_day(c, &d) && !d.has_instant) {
        o->has_day = true;
        o->day = d.day;
        o->kind = d.kind;
    } else {
        c->at = after;
    }
    return true;
}

/* The moment of an expression typed as an argument; `next` is what to offer when it has passed. */
static int64_t resolve(const struct when_parts *o, int64_t now, int64_t *next)
{
    int64_t today = clock_day_start(now, 0), day = o->has_day ? o->day : today;
    int hour = o->has_time ? o->hour : day == today ? EVENING_HOUR : MORNING_HOUR;
    int minute = o->has_time ? o->minute : 0;
    if (o->has_instant)
        return *next = o->instant;
    if (o->kind == WHEN_WEEKDAY && o->has_time && clock_day_start(day, -7) == today &&
        at_time(today, hour, minute) > now)
        day = today; /* "fri 9:00", typed early on a Friday */
    int64_t moment = at_time(day, hour, minute);
    *next = moment;
    if (moment > now)
        return moment;
    struct tm tm;
    clock_local(day, &tm);
    if (o->kind == WHEN_DATE || o->kind == WHEN_FULL_DATE) {
        struct tm ahead;
        clock_local(now, &ahead);
        tm.tm_year = ahead.tm_year;
        tm.tm_hour = hour;
        tm.tm_min = minute;
        ahead = tm;
        *next = clock_from_local(&ahead);
        if (*next <= now) {
            tm.tm_year++;
            *next = clock_from_local(&tm);
        }
    } else {
        for (int later = 0; *next <= now; later++)
            *next = at_time(clock_day_start(today, later), hour, minute);
    }
    return moment;
}

/* Reads a whole argument. */
enum status when_parse(const char *text, int64_t now, int64_t *out, struct error *err)
{
    struct when_cursor c = {.s = text, .n = strlen(text), .ref = now, .typed = true};
    struct when_parts o;
    when_skip_blanks(&c);
    if (c.n - c.at > 200 || !read_expression(&c, &o))
        goto unreadable;
    when_skip_blanks(&c);
    if (c.at < c.n)
        goto unreadable;
    int64_t next, moment = resolve(&o, now, &next);
    if (moment <= now) {
        char buf[CLOCK_TEXT], day[CLOCK_TEXT];
        struct tm tm;
        clock_local(next, &tm);
        error_set(err, STATUS_USAGE, _("“%s” has passed (%s)"), text, clock_rfc3339(moment, buf));
        error_hint(err, _("the next one is %s %02d:%02d"), clock_day(next, day), tm.tm_hour,
                   tm.tm_min);
        return err->status;
    }
    *out = moment;
    return STATUS_OK;
unreadable:
    error_set(err, STATUS_USAGE, _("“%s” is not a time that can be read"), text);
    error_hint(err, _("write fri 9:00, tomorrow, +3d, 2026-12-01 14:00, 30 Nov, 明天上午 or 下周三 15:00"));
    return err->status;
}

/* Does the text before `at` end with this word (ASCII case aside, whole when ASCII)? */
static bool ends_before(const char *s, size_t at, const char *word)
{
    size_t n = strlen(word);
    if (n > at)
        return false;
    for (size_t i = 0; i < n; i++) {
        char a = s[at - n + i];
        if (a >= 'A' && a <= 'Z')
            a = (char)(a + 32);
        if (a != word[i])
            return false;
    }
    if (word[0] < 'a' || word[0] > 'z' || n == at)
        return true;
    char before = s[at - n - 1];
    return !((before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z'));
}

/* Steps back over blanks and the small words between "by" and a date. */
static size_t step_back(const char *s, size_t at)
{
    static const char *const small[] = {"the", "on", "at", "is",  "of", "to", "end", "this", ":",
                                        "(",   "：", "为", "是",  "于", "在", "到",  "日期", "时间",
                                        "*",   "\"", "“", "，"};
    for (bool moved = true; moved;) {
        moved = false;
        while (at && (s[at - 1] == ' ' || s[at - 1] == '\n' || s[at - 1] == '\t' || s[at - 1] == '\r')) {
            at--;
            moved = true;
        }
        for (size_t i = 0; i < sizeof small / sizeof *small; i++)
            if (ends_before(s, at, small[i])) {
                at -= strlen(small[i]);
                moved = true;
            }
    }
    return at;
}

/* Does a word of "no later than" stand in front of the expression? */
static bool deadline_before(const char *s, size_t at)
{
    static const char *const words[] = {
        "by",       "before", "until", "till",  "due",  "deadline", "no later than",
        "not later than", "latest", "within", "due date", "bis",    "截止", "截至",
        "最晚",     "最迟",   "不晚于", "不迟于", "期限", "赶在"};
    at = step_back(s, at);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ends_before(s, at, words[i]))
            return true;
    return false;
}

/* Is this text at the place? */
static bool is_at(const char *s, size_t n, size_t at, const char *text)
{
    size_t len = strlen(text);
    return at + len <= n && memcmp(s + at, text, len) == 0;
}

/* Does such a word stand behind it? *len is its length with the blanks in between. */
static bool deadline_behind(const char *s, size_t n, size_t at, size_t *len)
{
    static const char *const words[] = {"之前", "以前", "前", "截止", "为止", "之内", "以内", "内",
                                        "at the latest", "latest", "deadline"};
    size_t start = at;
    while (at < n && s[at] == ' ')
        at++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (is_at(s, n, at, words[i])) {
            if (strcmp(words[i], "前") == 0 &&
                (is_at(s, n, at + 3, "后") || is_at(s, n, at + 3, "往") ||
                 is_at(s, n, at + 3, "台") || is_at(s, n, at + 3, "期")))
                return false;
            *len = at - start + strlen(words[i]);
            return true;
        }
    return false;
}

/* May an expression begin at i? Not inside an ASCII word, a number, an address or a path. */
static bool may_begin(const char *s, size_t i)
{
    unsigned char c = (unsigned char)s[i];
    if ((c & 0xc0) == 0x80)
        return false;
    if (i == 0 || c >= 0x80)
        return true;
    unsigned char b = (unsigned char)s[i - 1];
    bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    bool inside = (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
                  b == '_' || b == '@' || b == '/' || b == '-' || b == '.' || b == '#' || b == '$' ||
                  b == ':' || b == '+';
    if (inside && b == '.' && (i < 2 || s[i - 2] < '0' || s[i - 2] > '9') && !(c >= '0' && c <= '9'))
        inside = false; /* "done.Friday" */
    return word && !inside;
}

/* Does the expression end inside a longer ASCII word or number? */
static bool ends_inside(const char *s, size_t n, size_t at)
{
    if (at >= n || at == 0)
        return false;
    unsigned char a = (unsigned char)s[at - 1], b = (unsigned char)s[at];
    bool digit_a = a >= '0' && a <= '9', digit_b = b >= '0' && b <= '9';
    bool alpha_a = (a | 32) >= 'a' && (a | 32) <= 'z', alpha_b = (b | 32) >= 'a' && (b | 32) <= 'z';
    if (a >= 0x80 || b >= 0x80)
        return false;
    return (digit_a || alpha_a) && (digit_b || alpha_b || b == '_' || b == '@');
}

/* Finds every date expression in running text. */
size_t when_find(const char *text, size_t n, int64_t written, struct when_hit *hits, size_t max)
{
    size_t found = 0;
    bool unknown = written == CLOCK_NONE; /* then only dates with their year can be told */
    if (unknown)
        written = clock_now();
    int64_t today = clock_day_start(written, 0);
    for (size_t i = 0; i < n && found < max; i++) {
        if (!may_begin(text, i))
            continue;
        struct when_cursor c = {.s = text, .n = n, .at = i, .ref = written};
        struct when_parts o;
        if (!read_expression(&c, &o) || ends_inside(text, n, c.at))
            continue;
        size_t behind = 0;
        bool deadline = o.deadline || deadline_before(text, i);
        if (!o.deadline && deadline_behind(text, n, c.at, &behind))
            deadline = true;
        if ((!deadline && (!o.has_day || o.doubtful)) || (unknown && o.kind != WHEN_FULL_DATE))
            continue;
        struct when_hit *h = &hits[found++];
        *h = (struct when_hit){.start = i, .len = c.at - i, .time = CLOCK_NONE, .deadline = deadline};
        h->day = o.has_day ? o.day : today;
        if (deadline && o.kind == WHEN_DATE && h->day < clock_day_start(today, -90)) {
            struct tm tm; /* a deadline long past is one of next year */
            clock_local(h->day, &tm);
            tm.tm_year++;
            h->day = clock_from_local(&tm);
        }
        if (o.has_instant)
            h->time = o.instant;
        else if (o.has_time && !o.vague)
            h->time = at_time(h->day, o.hour, o.minute);
        h->past = !unknown && h->day < today && !o.has_instant;
        if (o.has_instant)
            h->past = o.instant < written && o.day < today;
        i = c.at - 1;
    }
    return found;
}
