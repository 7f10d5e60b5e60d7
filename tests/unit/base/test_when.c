/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_when.c - dates and times as people write them. Written on Monday, 2026-11-23 10:00. */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/when.h"
#include "tap.h"

static int64_t now;

/* Reads an argument and compares; want NULL: refused. */
static void parse_is(const char *text, const char *want)
{
    struct error e = ERROR_INIT;
    int64_t t;
    char buf[CLOCK_TEXT];
    if (when_parse(text, now, &t, &e) != STATUS_OK) {
        is_str(want ? e.text : NULL, want, text);
        return;
    }
    clock_rfc3339(t, buf);
    buf[16] = '\0';
    is_str(buf, want, text);
}

/* Finds in running text: "day[Ttime][!][<]" joined by blanks; ! deadline, < past. */
static void find_is(const char *text, const char *want)
{
    struct when_hit hits[8];
    char got[400] = "", *end = got;
    size_t n = when_find(text, strlen(text), now, hits, 8);
    for (size_t i = 0; i < n; i++) {
        char day[CLOCK_TEXT], time[CLOCK_TEXT] = "";
        if (hits[i].time != CLOCK_NONE)
            clock_rfc3339(hits[i].time, time);
        end += snprintf(end, 60, "%s%s%.6s%s%s", i ? " " : "",
                        clock_day(hits[i].day, day), time[0] ? time + 10 : "",
                        hits[i].deadline ? "!" : "", hits[i].past ? "<" : "");
    }
    is_str(got, want, text);
}

/* Whole arguments. */
static void test_parse(void)
{
    parse_is("tomorrow", "2026-11-24T09:00");
    parse_is("fri 9:00", "2026-11-27T09:00");
    parse_is("Friday 3pm", "2026-11-27T15:00");
    parse_is("mon 15:00", "2026-11-23T15:00");
    parse_is("mon 9:00", "2026-11-30T09:00");
    parse_is("next monday", "2026-11-30T09:00");
    parse_is("next fri at 9", "2026-12-04T09:00");
    parse_is("+3d", "2026-11-26T10:00");
    parse_is("+2h", "2026-11-23T12:00");
    parse_is("3 days", "2026-11-26T10:00");
    parse_is("in two weeks", "2026-12-07T10:00");
    parse_is("2026-12-01 14:00", "2026-12-01T14:00");
    parse_is("2026-12-01T14:30", "2026-12-01T14:30");
    parse_is("2026-12-01", "2026-12-01T09:00");
    parse_is("30 Nov", "2026-11-30T09:00");
    parse_is("nov 30 8am", "2026-11-30T08:00");
    parse_is("3pm tomorrow", "2026-11-24T15:00");
    parse_is("14:00", "2026-11-23T14:00");
    parse_is("noon", "2026-11-23T12:00");
    parse_is("tonight", "2026-11-23T20:00");
    parse_is("today", "2026-11-23T18:00");
    parse_is("tomorrow morning", "2026-11-24T09:00");
    parse_is("end of month", "2026-11-30T09:00");
    parse_is("明天上午", "2026-11-24T09:00");
    parse_is("明天下午3点半", "2026-11-24T15:30");
    parse_is("下周三 15:00", "2026-12-02T15:00");
    parse_is("周五", "2026-11-27T09:00");
    parse_is("12月2日", "2026-12-02T09:00");
    parse_is("月底", "2026-11-30T09:00");
    parse_is("三天后", "2026-11-26T10:00");
    parse_is("后天晚上8点", "2026-11-25T20:00");
    parse_is("今晚八点", "2026-11-23T20:00");
    parse_is("明晚七点半", "2026-11-24T19:30");
    parse_is("今晚20:00", "2026-11-23T20:00");
    parse_is("今晚12点", "2026-11-24T00:00");
    parse_is("明天晚上12点", "2026-11-25T00:00");
    parse_is("明早八点", "2026-11-24T08:00");
    parse_is("tonight at 8", "2026-11-23T20:00");
    parse_is("tonight 8:30", "2026-11-23T20:30");
    parse_is("tonight 11pm", "2026-11-23T23:00");
    parse_is("tomorrow night 9", "2026-11-24T21:00");
    parse_is("fri afternoon 3", "2026-11-27T15:00");
    parse_is("tomorrow morning 8", "2026-11-24T08:00");
    parse_is("tomorrow evening at 7:30", "2026-11-24T19:30");
    parse_is("1.12.", "2026-12-01T09:00");
    parse_is("12/24", "2026-12-24T09:00");
    parse_is("soon", NULL);
    parse_is("", NULL);
    parse_is("2026-02-30", NULL);
    parse_is("9:00", NULL);
    parse_is("yesterday", NULL);
    parse_is("tomorrow and then some", NULL);
    struct error e = ERROR_INIT;
    int64_t t;
    is_int(when_parse("3 Nov 8:00", now, &t, &e), STATUS_USAGE, "passed");
    is_str(e.hint, "the next one is 2027-11-03 08:00", "the next one is offered");
    is_int(when_parse("today 9:00", now, &t, &e), STATUS_USAGE, "passed today");
    is_str(e.hint, "the next one is 2026-11-24 09:00", "tomorrow is offered");
}

/* Running English text. */
static void test_english(void)
{
    find_is("Please send it by Friday, thanks.", "2026-11-27!");
    find_is("Could you do this by the end of the month?", "2026-11-30!");
    find_is("The meeting is on 30 Nov at 14:00 in room 2.", "2026-11-30T14:00");
    find_is("until November 30th, 2026", "2026-11-30!");
    find_is("Deadline: 2026-12-01", "2026-12-01!");
    find_is("Let's meet tomorrow or next Monday.", "2026-11-24 2026-11-30");
    find_is("within 3 days", "2026-11-26!");
    find_is("within five business days", "2026-11-30!");
    find_is("On Mon, 16 Nov 2026 at 09:12, Anna wrote:", "2026-11-16T09:12<");
    find_is("as discussed on 3 November", "2026-11-03<");
    find_is("starts 12 January", "2027-01-12");
    find_is("You may 5 times march 3 miles in the sun", "");
    find_is("about 3/4 of the order, version 2.10 and 1/2", "");
    find_is("due 12/2", "2026-12-02!");
    find_is("please pay before 13/12", "2026-12-13!");
    find_is("order 2026-1201-33 from 192.168.2.12 costs 12.50", "");
    find_is("reply by 5pm please", "2026-11-23T17:00!");
    find_is("see you at 5pm", "");
    find_is("the day after tomorrow at noon", "2026-11-25T12:00");
    find_is("by EOD", "2026-11-23!");
    find_is("this week", "2026-11-27");
    find_is("two weeks ago we met", "2026-11-09<");
    find_is("Nov 2025 was cold", "");
    find_is("no later than Wed", "2026-11-25!");
    find_is("Friday at 3pm", "2026-11-27T15:00");
    find_is("by the 30th", "2026-11-30!");
    find_is("Thursday, 26 November 2026 works", "2026-11-26");
    find_is("fridays are mondayish; todays", "");
    find_is("on 2026-12-01T14:00:00", "2026-12-01T14:00");
}

/* Running Chinese text. */
static void test_chinese(void)
{
    find_is("请在周五前回复。", "2026-11-27!");
    find_is("请于 12 月 2 日前提交", "2026-12-02!");
    find_is("会议定在12月2日下午3点", "2026-12-02T15:00");
    find_is("下周三上午10:30开会", "2026-12-02T10:30");
    find_is("下周五之前给我", "2026-12-04!");
    find_is("我们明天见，后天下午再说", "2026-11-24 2026-11-25");
    find_is("三天内付款", "2026-11-26!");
    find_is("5个工作日内答复", "2026-11-30!");
    find_is("月底前完成，截止日期：2026年12月31日", "2026-11-30! 2026-12-31!");
    find_is("最晚本周四", "2026-11-26!");
    find_is("地铁2号线，3号楼", "");
    find_is("2号前交", "2026-12-02!");
    find_is("十二月二十五日放假", "2026-12-25");
    find_is("两周后", "2026-12-07");
    find_is("12/2前", "2026-12-02!");
    find_is("上周三的会议", "2026-11-18<");
    find_is("今天17:00前", "2026-11-23T17:00!");
    find_is("星期天", "2026-11-29");
    find_is("本月底", "2026-11-30");
    find_is("下个月初", "2026-12-01");
    find_is("１２月２日", "2026-12-02");
    find_is("周年庆、月份、日期", "");
    find_is("3天前收到", "2026-11-20<");
}

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    tzset();
    clock_parse("2026-11-23T10:00:00", &now);
    test_parse();
    test_english();
    test_chinese();
    struct when_hit hits[4];
    static const char unknown[] = "by Friday, 3 Nov, or 2020-01-02";
    ok(when_find(unknown, sizeof unknown - 1, CLOCK_NONE, hits, 4) == 1 && !hits[0].past,
       "written at an unknown time: only what names its year");
    char noise[3000];
    for (int round = 0; round < 300; round++) { /* any bytes are safe */
        static const char *const bits[] = {"明", "天", "1", "2", "/", "月", "日", " ", "fri", ":", "0",
                                           "by ", "\xe5", "\xff", "周", "前", ".", "-", "Nov", "in "};
        size_t n = 0;
        for (int i = 0; i < 200; i++) {
            const char *bit = bits[(unsigned)(round * 7919 + i * 104729 + i * i * 31) % 20];
            memcpy(noise + n, bit, strlen(bit));
            n += strlen(bit);
        }
        char *exact = malloc(n);
        memcpy(exact, noise, n);
        when_find(exact, n, now, hits, 4);
        free(exact);
    }
    return tap_end();
}
