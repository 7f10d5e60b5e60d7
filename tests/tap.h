/* tap.h - the few words of TAP that unit tests need. One test program per file:
 *
 *     int main(void) { ok(1 + 1 == 2, "sums"); is_str(s, "x", "text"); return tap_end(); } */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_bad;
static bool tap_known; /* set: the next test may fail, its fault is known and not mended yet */

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool good, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    vprintf(format, ap);
    printf("%s\n", !good && tap_known ? " # TO" "DO" : "");
    va_end(ap);
    tap_bad += !good && !tap_known;
    tap_known = false;
    fflush(stdout);
    return good;
}

__attribute__((unused)) static bool is_str(const char *got, const char *want, const char *name)
{
    bool good = got == want || (got && want && strcmp(got, want) == 0);
    ok(good, "%s", name);
    if (!good)
        printf("#   got: %s\n#  want: %s\n", got ? got : "(null)", want ? want : "(null)");
    return good;
}

__attribute__((unused)) static bool is_int(int64_t got, int64_t want, const char *name)
{
    bool good = got == want;
    ok(good, "%s", name);
    if (!good)
        printf("#   got: %" PRId64 "\n#  want: %" PRId64 "\n", got, want);
    return good;
}

__attribute__((unused)) static int tap_end(void)
{
    printf("1..%d\n", tap_count);
    return tap_bad != 0;
}

#endif
