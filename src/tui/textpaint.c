/* SPDX-License-Identifier: GPL-3.0-or-later */
/* textpaint.c - a picture made of characters: the colours are numbers that were read, never bytes that
 * are passed on. */
#include <string.h>

#include "base/alloc.h"
#include "tui/text.h"

enum { NUMBERS = 8, SEQUENCE_MAX = 40 };

/* Reads "38;5;18;48;5;18" up to the m; how many numbers there are, 0 when it is something else. */
static size_t read_numbers(const char *at, size_t n, int numbers[NUMBERS], size_t *used)
{
    size_t count = 0;
    int value = 0;
    for (size_t i = 0; i < n && i < SEQUENCE_MAX; i++) {
        if (at[i] >= '0' && at[i] <= '9' && value < 1000) {
            value = value * 10 + (at[i] - '0');
        } else if ((at[i] == ';' || at[i] == 'm') && count < NUMBERS) {
            numbers[count++] = value;
            value = 0;
            *used = i + 1;
            if (at[i] == 'm')
                return count;
        } else {
            return 0;
        }
    }
    return 0;
}

/* Applies them; false when one of them is no colour. */
static bool apply(const int *numbers, size_t count, int *fore, int *back)
{
    for (size_t i = 0; i < count; i++) {
        bool three = count - i >= 3 && numbers[i + 1] == 5 && numbers[i + 2] < 256;
        if (numbers[i] == 0)
            *fore = *back = -1;
        else if (numbers[i] == 38 && three)
            *fore = numbers[i += 2];
        else if (numbers[i] == 48 && three)
            *back = numbers[i += 2];
        else
            return false;
    }
    return true;
}

/* Characters with their colours. */
void text_picture(struct text *t, const char *bytes, size_t n)
{
    const char *end = bytes + n, *from = bytes;
    int fore = -1, back = -1;
    for (const char *at = bytes; (at = memchr(at, '\033', (size_t)(end - at)));) {
        int numbers[NUMBERS];
        size_t used = 0, count = 0;
        int new_fore = fore, new_back = back;
        if (end - at > 2 && at[1] == '[')
            count = read_numbers(at + 2, (size_t)(end - at - 2), numbers, &used);
        if (!count || !apply(numbers, count, &new_fore, &new_back)) {
            at++; /* the gate shows it */
            continue;
        }
        text_foreign(t, STYLE_PLAIN, from, (size_t)(at - from));
        fore = new_fore;
        back = new_back;
        text_paint(t, PAINT(fore, back));
        from = at = at + 2 + used;
    }
    text_foreign(t, STYLE_PLAIN, from, (size_t)(end - from));
    text_paint(t, 0);
}
