/* str.h - a growing byte string, always NUL-terminated behind len (data may be NULL only when
 * len and cap are 0; str_text() then gives ""). Bytes are usually UTF-8 but may be anything. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct str {
    char *data; /* own */
    size_t len, cap;
};

#define STR_INIT ((struct str){0})

void str_init(struct str *s);
void str_fini(struct str *s);
/* Empties but keeps the memory. */
void str_clear(struct str *s);
void str_truncate(struct str *s, size_t len);
void str_reserve(struct str *s, size_t more);
void str_add(struct str *s, const char *bytes, size_t n);
void str_puts(struct str *s, const char *text);
void str_putc(struct str *s, char c);
void str_addf(struct str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void str_addfv(struct str *s, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Removes `n` bytes at `at` and puts `bytes` there. */
void str_splice(struct str *s, size_t at, size_t n, const char *bytes, size_t len);
/* Hands over the text (never NULL; free() it) and leaves s empty. */
char *str_take(struct str *s);
const char *str_text(const struct str *s);

/* Plain C strings. */
char *str_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool str_eq(const char *a, const char *b);              /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_starts_nocase(const char *s, const char *prefix); /* ASCII */
bool str_eq_nocase(const char *a, const char *b);          /* ASCII */
/* Whole decimal number with optional sign; false on anything else or overflow. */
bool str_to_int64(const char *s, long long *out);
/* Trims ASCII white space in place at both ends; returns s. */
char *str_trim(char *s);

#endif
