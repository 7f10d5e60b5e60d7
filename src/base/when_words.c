/* SPDX-License-Identifier: GPL-3.0-or-later */
/* when_words.c - words and numbers at the cursor, English and Chinese. */
#include "base/when_day.h"

#include <string.h>

/* Is c an ASCII letter or digit? */
bool when_is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* Steps over a text (not an empty one), ASCII case aside. Asked for every word at every place: most
 * differ in the first byte. */
bool when_lit(struct when_cursor *c, const char *text)
{
    size_t i = 0;
    for (; text[i]; i++) {
        if (c->at + i >= c->n)
            return false;
        char a = c->s[c->at + i];
        if (a >= 'A' && a <= 'Z')
            a = (char)(a + 32);
        if (a != text[i])
            return false;
    }
    c->at += i;
    return true;
}

/* Steps over a whole English word or a Chinese text. */
bool when_word(struct when_cursor *c, const char *text)
{
    size_t start = c->at;
    if (!when_lit(c, text))
        return false;
    if ((unsigned char)text[0] < 0x80 && c->at < c->n && when_is_word((unsigned char)c->s[c->at])) {
        c->at = start;
        return false;
    }
    return true;
}

/* Steps over one of several texts, tried in order. */
bool when_any(struct when_cursor *c, const char *const *texts)
{
    for (; *texts; texts++)
        if (when_word(c, *texts))
            return true;
    return false;
}

/* Steps over blanks, a single line break too. */
void when_skip_blanks(struct when_cursor *c)
{
    int breaks = 0;
    for (; c->at < c->n; c->at++) {
        char b = c->s[c->at];
        if (b == '\n' && ++breaks > 1)
            return;
        if (b == ' ' || b == '\t' || b == '\n' || b == '\r')
            continue;
        if (when_lit(c, "\xc2\xa0") || when_lit(c, "\xe3\x80\x80")) {
            c->at--;
            continue;
        }
        return;
    }
}

/* Steps over what joins a day and a time. */
void when_skip_joint(struct when_cursor *c, bool day_first)
{
    if (day_first && c->at + 1 < c->n && c->s[c->at] == 'T' && c->s[c->at + 1] >= '0' &&
        c->s[c->at + 1] <= '9') {
        c->at++;
        return;
    }
    when_skip_blanks(c);
    if (when_lit(c, ",") || when_lit(c, "，") || when_lit(c, "的"))
        when_skip_blanks(c);
    static const char *const behind_day[] = {"at", "in the", "before", "by", "@", NULL};
    static const char *const behind_time[] = {"on", "of", NULL};
    if (when_any(c, day_first ? behind_day : behind_time))
        when_skip_blanks(c);
}

/* Reads ASCII or full-width digits; *len counts them. */
bool when_digits(struct when_cursor *c, int *value, int *len)
{
    *value = *len = 0;
    while (c->at < c->n) {
        int d = -1;
        size_t step = 1;
        if (c->s[c->at] >= '0' && c->s[c->at] <= '9')
            d = c->s[c->at] - '0';
        else if (c->n - c->at >= 3 && memcmp(c->s + c->at, "\xef\xbc", 2) == 0 &&
                 (unsigned char)c->s[c->at + 2] >= 0x90 && (unsigned char)c->s[c->at + 2] <= 0x99) {
            d = (unsigned char)c->s[c->at + 2] - 0x90;
            step = 3;
        }
        if (d < 0)
            break;
        if (++*len > 8)
            return false;
        *value = *value * 10 + d;
        c->at += step;
    }
    return *len > 0;
}

/* Reads one Chinese digit, 1 to 9. */
static bool zh_digit(struct when_cursor *c, int *value)
{
    static const char *const names[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九"};
    for (int i = 0; i < 9; i++)
        if (when_lit(c, names[i])) {
            *value = i + 1;
            return true;
        }
    if (!when_lit(c, "两") && !when_lit(c, "兩"))
        return false;
    *value = 2;
    return true;
}

/* Reads a Chinese number, 1 to 99. */
static bool zh_number(struct when_cursor *c, int *value)
{
    int tens = 0, ones = 0;
    bool first = zh_digit(c, &tens);
    if (when_lit(c, "十")) {
        zh_digit(c, &ones);
        *value = (first ? tens : 1) * 10 + ones;
        return true;
    }
    *value = tens;
    return first;
}

/* Reads a number of at most `most` digits, or a Chinese one. */
bool when_number(struct when_cursor *c, int most, int *value)
{
    size_t start = c->at;
    int len;
    if (when_digits(c, value, &len)) {
        if (len <= most)
            return true;
        c->at = start;
        return false;
    }
    c->at = start;
    return zh_number(c, value);
}

/* Reads a count: a number, or an English number word. */
bool when_count(struct when_cursor *c, int *value)
{
    static const char *const names[] = {"one", "two",   "three", "four", "five",   "six",
                                        "seven", "eight", "nine",  "ten",  "eleven", "twelve"};
    if (when_number(c, 3, value))
        return true;
    if (when_word(c, "an") || when_word(c, "a")) {
        *value = 1;
        return true;
    }
    for (int i = 0; i < 12; i++)
        if (when_word(c, names[i])) {
            *value = i + 1;
            return true;
        }
    return false;
}

/* Sets a part of the day. */
void when_part_is(struct when_parts *o, int hour)
{
    o->has_time = o->vague = true;
    o->hour = hour;
    o->minute = 0;
}
