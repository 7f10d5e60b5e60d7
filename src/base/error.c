/* SPDX-License-Identifier: GPL-3.0-or-later */
/* error.c - what went wrong, to what, and what to do. */
#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/utf8.h"

static const char *const words[] = {
#define X(name, word, exit) word,
    STATUS_LIST(X)
#undef X
};

static const int exits[] = {
#define X(name, word, exit) exit,
    STATUS_LIST(X)
#undef X
};

/* The word of the JSON contract. */
const char *status_word(enum status s)
{
    return (size_t)s < sizeof words / sizeof *words ? words[s] : "failed";
}

/* The exit code of the contract. */
int status_exit(enum status s)
{
    return (size_t)s < sizeof exits / sizeof *exits ? exits[s] : 1;
}

#define LONGEST 8192 /* of what is put together: two paths and what happened to them */
#define DOTS "…"

/* Fills a buffer. Of a text that is too long for it the middle goes: it begins with what it is about and ends
 * with what happened. */
static void fill(char *buf, size_t size, const char *text)
{
    size_t n = strlen(text), tail = size / 2, head = size - tail - sizeof DOTS, dots = sizeof DOTS - 1;
    n -= utf8_partial_tail(text, n);
    if (n < size) {
        memcpy(buf, text, n);
        buf[n] = '\0';
        return;
    }
    head -= utf8_partial_tail(text, head);
    while (((unsigned char)text[n - tail] & 0xC0) == 0x80)
        tail--;
    memcpy(buf, text, head);
    memcpy(buf + head, DOTS, dots);
    memcpy(buf + head + dots, text + n - tail, tail);
    buf[head + dots + tail] = '\0';
}

/* Fills the error. */
enum status(error_set)(struct error *err, enum status s, const char *format, ...)
{
    va_list ap;
    assert(err && s != STATUS_OK);
    char text[LONGEST]; /* the arguments may point into err */
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    fill(err->text, sizeof err->text, text);
    err->status = s;
    err->hint[0] = '\0';
    err->yes = err->untrusted = false;
    return s;
}

/* Adds what a person can do. */
enum status error_hint(struct error *err, const char *format, ...)
{
    va_list ap;
    char hint[LONGEST];
    va_start(ap, format);
    vsnprintf(hint, sizeof hint, format, ap);
    va_end(ap);
    fill(err->hint, sizeof err->hint, hint);
    return err->status;
}

/* A yes lifts the refusal. */
enum status error_yes(struct error *err)
{
    err->yes = true;
    return err->status;
}

/* Fills the error with the system's words behind it. */
enum status error_set_errno(struct error *err, int errnum, const char *format, ...)
{
    va_list ap;
    char text[LONGEST], system_words[128];
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    const char *why = strerror_r(errnum, system_words, sizeof system_words);
    enum status s = errnum == ENOSPC || errnum == EDQUOT ? STATUS_FULL : STATUS_FAILED;
    return error_set(err, s, "%s: %s", text, why);
}

/* Puts a context in front of the text. */
void error_prefix(struct error *err, const char *format, ...)
{
    va_list ap;
    struct str joined = STR_INIT;
    va_start(ap, format);
    str_addfv(&joined, format, ap);
    va_end(ap);
    str_addf(&joined, ": %s", err->text);
    fill(err->text, sizeof err->text, str_text(&joined));
    str_fini(&joined);
}

/* Is an error set? */
bool error_is(const struct error *err)
{
    return err->status != STATUS_OK;
}
