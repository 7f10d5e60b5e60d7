/* when_day.h - one date or time expression at one place of a text; the inside of when.c. */
#ifndef BASE_WHEN_DAY_H
#define BASE_WHEN_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct when_cursor {
    const char *s; /* borrow */
    size_t n, at;
    int64_t ref; /* the time it was written or typed */
    bool typed;  /* a whole argument: short forms are allowed */
};

enum when_kind { WHEN_OTHER, WHEN_WEEKDAY, WHEN_DATE /* no year */, WHEN_FULL_DATE };

struct when_parts {
    enum when_kind kind;
    bool has_day, has_time, has_instant;
    bool vague;    /* a part of the day ("morning"), its hour is ours */
    bool halved;   /* its half of the day was said ("3pm", "下午3点") */
    bool deadline; /* the expression itself says so ("within 3 days", "3天内") */
    bool doubtful; /* only a date when a deadline word stands beside it ("12/2", "2号") */
    int64_t day;     /* local midnight */
    int64_t instant; /* "+2h" */
    int hour, minute;
};

void when_skip_blanks(struct when_cursor *c);
/* Blanks, commas and the words between a day and a time ("at", "on", "的", "T"). */
void when_skip_joint(struct when_cursor *c, bool day_first);
/* Both leave the cursor behind what they read; on false it may be anywhere. */
bool when_read_day(struct when_cursor *c, struct when_parts *o);
/* after_day: bare hours are allowed ("fri 9", "Friday at 9"). */
bool when_read_time(struct when_cursor *c, struct when_parts *o, bool after_day);

/* when_words.c: each steps over what it names, or leaves the cursor where it was (digits and
 * numbers may move it when they fail). Texts are lower case; a word is whole when ASCII. */
bool when_is_word(unsigned char c);
bool when_lit(struct when_cursor *c, const char *text);
bool when_word(struct when_cursor *c, const char *text);
bool when_any(struct when_cursor *c, const char *const *texts /* ends with NULL */);
bool when_digits(struct when_cursor *c, int *value, int *len);
bool when_number(struct when_cursor *c, int most, int *value);
bool when_count(struct when_cursor *c, int *value);
void when_part_is(struct when_parts *o, int hour);

#endif
