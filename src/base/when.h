/* when.h - dates and times as people write them, in English and Chinese.
 *
 * when_parse reads a whole argument ("fri 9:00", "tomorrow", "+3d", "2026-12-01 14:00",
 * "明天上午", "下周三 15:00"); when_find finds such words in running text ("by Friday", "在周五前",
 * "12 月 2 日", "30 Nov") relative to the time the text was written. Pure; local time by TZ. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* USAGE with a hint listing the forms when unreadable; a time that has passed is refused
 * (USAGE) with the next one offered in the hint. */
enum status when_parse(const char *text, int64_t now, int64_t *out, struct error *err) MUST_CHECK;

struct when_hit {
    size_t start, len; /* bytes in the text */
    int64_t day;       /* local midnight of the day meant */
    int64_t time;      /* with time of day; CLOCK_NONE when only a day was named */
    bool deadline;     /* "by", "before", "until", "前", "之前", "截止" stands beside it */
    bool past;         /* names a day before `written` */
};

/* Finds every date expression of text in order; returns their number (at most max). written
 * CLOCK_NONE: only dates that name their year are found, none is past. */
size_t when_find(const char *text, size_t n, int64_t written, struct when_hit *hits, size_t max);

#endif
