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

/* Takes an unfinished character off the end of a text that was cut to its buffer. */
static void mend_tail(char *buf, size_t size)
{
    size_t n = strnlen(buf, size - 1);
    n -= utf8_partial_tail(buf, n);
    buf[n] = '\0';
}

/* Fills the error. */
enum status(error_set)(struct error *err, enum status s, const char *format, ...)
{
    va_list ap;
    assert(err && s != STATUS_OK);
    char text[sizeof err->text]; /* the arguments may point into err */
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    mend_tail(text, sizeof text);
    memcpy(err->text, text, sizeof text);
    err->status = s;
    err->hint[0] = '\0';
    err->yes = err->untrusted = false;
    return s;
}

/* Adds what a person can do. */
enum status error_hint(struct error *err, const char *format, ...)
{
    va_list ap;
    char hint[sizeof err->hint];
    va_start(ap, format);
    vsnprintf(hint, sizeof hint, format, ap);
    va_end(ap);
    mend_tail(hint, sizeof hint);
    memcpy(err->hint, hint, sizeof hint);
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
    char text[sizeof err->text], system_words[128];
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
    char context[sizeof err->text], text[sizeof err->text];
    va_start(ap, format);
    vsnprintf(context, sizeof context, format, ap);
    va_end(ap);
    memcpy(text, err->text, sizeof text);
    struct str joined = STR_INIT;
    str_addf(&joined, "%s: %s", context, text);
    size_t n = joined.len < sizeof err->text - 1 ? joined.len : sizeof err->text - 1;
    memcpy(err->text, str_text(&joined), n);
    err->text[n] = '\0';
    mend_tail(err->text, sizeof err->text);
    str_fini(&joined);
}

/* Is an error set? */
bool error_is(const struct error *err)
{
    return err->status != STATUS_OK;
}
