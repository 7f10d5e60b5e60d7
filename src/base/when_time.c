/* SPDX-License-Identifier: GPL-3.0-or-later */
/* when_time.c - reads one time of day, English or Chinese. */
#include "base/when_day.h"

#include <string.h>

/* Reads minutes behind a colon or a dot. */
static bool minutes(struct when_cursor *c, int *minute)
{
    int len;
    return when_digits(c, minute, &len) && len == 2 && *minute < 60;
}

/* "下午3点半", "上午", "15点30分", "晚上8:00". */
static bool read_zh_time(struct when_cursor *c, struct when_parts *o)
{
    static const struct {
        const char *text;
        int from, hour; /* hours below `from` are afternoon ones */
    } spans[] = {{"凌晨", 0, 3}, {"清晨", 0, 7}, {"早上", 0, 8}, {"早晨", 0, 8}, {"上午", 0, 9},
                 {"中午", 11, 12}, {"下午", 12, 14}, {"傍晚", 12, 18}, {"晚上", 12, 20}, {"晚间", 12, 20}};
    int span = -1, hour, minute = 0;
    for (int i = 0; i < (int)(sizeof spans / sizeof *spans) && span < 0; i++)
        if (when_lit(c, spans[i].text))
            span = i;
    size_t after = c->at;
    when_skip_blanks(c);
    if (when_number(c, 2, &hour) && hour <= 24) {
        size_t behind = c->at;
        when_skip_blanks(c);
        bool clock = when_lit(c, "点") || when_lit(c, "點") || when_lit(c, "时") || when_lit(c, "時");
        if (clock) {
            size_t hour_end = c->at;
            when_skip_blanks(c);
            if (when_lit(c, "半"))
                minute = 30;
            else if (when_lit(c, "一刻"))
                minute = 15;
            else if (when_lit(c, "三刻"))
                minute = 45;
            else if (!(when_number(c, 2, &minute) && minute < 60 && (when_lit(c, "分") || c->at))) {
                minute = 0;
                c->at = hour_end;
                when_lit(c, "整");
            }
        } else {
            c->at = behind;
            clock = span >= 0 && (when_lit(c, ":") || when_lit(c, "：")) && minutes(c, &minute);
        }
        if (clock) {
            if (span >= 0 && hour < spans[span].from)
                hour += 12;
            else if (span >= 0 && hour == 12 && spans[span].hour >= 20)
                hour = 24; /* "晚上12点" */
            o->halved = span >= 0;
            o->has_time = true;
            o->vague = false;
            o->hour = hour;
            o->minute = minute;
            return true;
        }
    }
    c->at = after;
    if (span < 0)
        return false;
    when_part_is(o, spans[span].hour);
    return true;
}

/* Reads a time of day. */
bool when_read_time(struct when_cursor *c, struct when_parts *o, bool after_day)
{
    static const char *const am[] = {"am", "a.m.", "a.m", NULL};
    static const char *const pm[] = {"pm", "p.m.", "p.m", NULL};
    static const char *const hour_words[] = {"o'clock", "o’clock", "uhr", "h", "hrs", NULL};
    static const struct {
        const char *text;
        int hour;
        bool vague;
    } names[] = {{"noon", 12, false}, {"midday", 12, false}, {"midnight", 24, false},
                 {"morning", 9, true}, {"afternoon", 14, true}, {"evening", 18, true},
                 {"night", 20, true}, {"eod", 18, true}, {"close of business", 18, true}};
    size_t start = c->at;
    if (read_zh_time(c, o))
        return true;
    c->at = start;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].vague && !after_day && !c->typed)
            continue;
        if (when_word(c, names[i].text)) {
            when_part_is(o, names[i].hour);
            o->vague = names[i].vague;
            return true;
        }
    }
    bool at = !after_day && when_word(c, "at");
    if (at)
        when_skip_blanks(c);
    bool said_at = at || (after_day && start >= 3 && memcmp(c->s + start - 3, "at ", 3) == 0);
    int hour, minute = 0, len;
    bool clock = false;
    if (!when_digits(c, &hour, &len) || len > 2 || hour > 24)
        return false;
    if (c->at + 2 < c->n && (c->s[c->at] == ':' || c->s[c->at] == '.') && c->s[c->at + 1] >= '0' &&
        c->s[c->at + 1] <= '9') {
        bool colon = c->s[c->at] == ':';
        size_t hour_end = c->at++;
        clock = minutes(c, &minute) && (colon || after_day || said_at);
        if (!clock) {
            c->at = hour_end;
            return false;
        }
        if (c->at < c->n && c->s[c->at] == ':') { /* seconds */
            c->at++;
            int seconds;
            if (!when_digits(c, &seconds, &len) || len != 2)
                return false;
        }
    }
    size_t behind = c->at;
    when_skip_blanks(c);
    bool is_am = when_any(c, am), is_pm = !is_am && when_any(c, pm);
    if (!is_am && !is_pm && (clock || !when_any(c, hour_words)))
        c->at = behind;
    else
        clock = true;
    if ((is_am || is_pm) && (hour < 1 || hour > 12))
        return false;
    if (!clock && !said_at && !(c->typed && after_day))
        return false;
    if (!clock && c->at < c->n && (c->s[c->at] == '%' || when_is_word((unsigned char)c->s[c->at])))
        return false;
    o->has_time = true;
    o->halved = is_am || is_pm;
    o->vague = false;
    o->hour = is_pm && hour < 12 ? hour + 12 : is_am && hour == 12 ? 0 : hour;
    o->minute = minute;
    return !(o->hour == 24 && minute);
}
