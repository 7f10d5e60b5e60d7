/* alloc.h - memory that is never NULL.
 *
 * Out of memory ends the program: the hook restores the terminal, then exit 1. What a person
 * wrote is in the store already, so nothing but the running step is lost.
 * Every block is released with free(). All functions are safe on any thread. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Zeroed block of n bytes (n = 0 gives a block of 1). */
void *mem_alloc(size_t n) __attribute__((malloc, returns_nonnull));
/* Zeroed array; overflow of count * size counts as out of memory. */
void *mem_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* Resizes to count * size bytes; new bytes are NOT zeroed. */
void *mem_resize(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
void *mem_dup(const void *p, size_t n) __attribute__((malloc, returns_nonnull));
char *mem_strdup(const char *s) __attribute__((malloc, returns_nonnull));
/* NULL stays NULL. */
char *mem_strdup_maybe(const char *s);
char *mem_strndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
/* Called once before the program ends for want of memory. */
void mem_on_exhausted(void (*hook)(void));
/* Ends the program so; for libraries that returned NULL. */
void mem_exhausted(void) __attribute__((noreturn));

#endif
