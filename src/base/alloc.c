/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alloc.c - memory that is never NULL. */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*exhausted_hook)(void);

/* Ends the program because there is no memory left. */
void mem_exhausted(void)
{
    static const char words[] = "bureau: out of memory\n";
    void (*hook)(void) = exhausted_hook;
    exhausted_hook = NULL;
    if (hook)
        hook();
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
        _exit(1);
    _exit(1);
}

/* Remembers what to do before the program ends for want of memory. */
void mem_on_exhausted(void (*hook)(void))
{
    exhausted_hook = hook;
}

/* Gives a zeroed block. */
void *mem_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        mem_exhausted();
    return p;
}

/* Gives a zeroed array. */
void *mem_array(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p)
        mem_exhausted();
    return p;
}

/* Resizes a block; its new bytes are not zeroed. */
void *mem_resize(void *p, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        mem_exhausted();
    size_t n = count * size;
    p = realloc(p, n ? n : 1);
    if (!p)
        mem_exhausted();
    return p;
}

/* Copies n bytes. */
void *mem_dup(const void *p, size_t n)
{
    void *copy = malloc(n ? n : 1);
    if (!copy)
        mem_exhausted();
    if (n)
        memcpy(copy, p, n);
    return copy;
}

/* Copies a text. */
char *mem_strdup(const char *s)
{
    return mem_dup(s, strlen(s) + 1);
}

/* Copies a text that may be absent. */
char *mem_strdup_maybe(const char *s)
{
    return s ? mem_strdup(s) : NULL;
}

/* Copies at most n bytes of a text and ends it. */
char *mem_strndup(const char *s, size_t n)
{
    size_t len = strnlen(s, n);
    char *copy = malloc(len + 1);
    if (!copy)
        mem_exhausted();
    memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}
