/* clock.h - time. Wall time is seconds since 1970 (int64_t); an unknown time is CLOCK_NONE.
 * BUREAU_NOW (RFC 3339) sets the wall clock of this process: it starts there and runs on.
 * Local days and offsets follow TZ. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_NONE INT64_MIN
#define CLOCK_TEXT 40 /* a buffer for any text made here */

int64_t clock_now(void);    /* wall, seconds */
int64_t clock_now_ms(void); /* wall, milliseconds */
int64_t clock_mono_ms(void); /* never jumps */
/* Unit tests: both clocks stand at this time and move only by clock_fake_advance. */
void clock_fake_set(int64_t seconds);
void clock_fake_advance(int64_t ms);

/* "2026-11-23T09:12:00+01:00" in local time. Returns buf. */
const char *clock_rfc3339(int64_t t, char buf[CLOCK_TEXT]);
/* "2026-11-23", local. */
const char *clock_day(int64_t t, char buf[CLOCK_TEXT]);
/* RFC 5322 §3.3 date with local offset: "Mon, 23 Nov 2026 09:12:00 +0100". */
const char *clock_rfc5322(int64_t t, char buf[CLOCK_TEXT]);
/* Reads RFC 3339 (with "Z", an offset, or none = local; "T" or space) or a day; false if not one. */
bool clock_parse(const char *text, int64_t *out);
/* Local midnight that begins the day of t; days may be negative. */
int64_t clock_day_start(int64_t t, int days_later);
/* Broken-down local time and back (mktime rules; tm_isdst is worked out). */
void clock_local(int64_t t, struct tm *out);
int64_t clock_from_local(struct tm *tm);
/* "Tue", translated. */
const char *clock_weekday(int64_t t);
/* Short and relative to now for lists: "09:12" today, "Tue" within 6 days, "3 Nov" this year,
 * "2024" otherwise. Translated. Returns buf. */
int clock_short_cells(void); /* how wide the next is at most: a column of days */
const char *clock_short(int64_t t, int64_t now, char buf[CLOCK_TEXT]);
/* A moment to come, to the minute: "17:30" today, "Wed 09:00" within a week, else "24 Dec 08:00". */
const char *clock_moment(int64_t t, int64_t now, char buf[CLOCK_TEXT]);

#endif
