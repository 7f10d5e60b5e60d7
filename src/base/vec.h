/* vec.h - a growing array of equal items, held by value.
 *
 *     struct vec rows;
 *     vec_init(&rows, sizeof(struct row), row_fini_item);
 *     struct row *r = vec_push(&rows);         zeroed; valid until the next push
 *     for (size_t i = 0; i < rows.len; i++) { struct row *r = vec_at(&rows, i); … }
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>

struct vec {
    char *items; /* own */
    size_t len, cap, item_size;
    void (*item_fini)(void *item); /* NULL: nothing to release */
};

void vec_init(struct vec *v, size_t item_size, void (*item_fini)(void *item));
void vec_fini(struct vec *v);
void vec_clear(struct vec *v);
void *vec_push(struct vec *v);
void *vec_insert(struct vec *v, size_t at);
void *vec_at(const struct vec *v, size_t i); /* asserts i < len */
void vec_remove(struct vec *v, size_t i);    /* calls item_fini */
void vec_sort(struct vec *v, int (*compare)(const void *, const void *));

/* A vec of owned char *: init, append a copy, read. */
void strv_init(struct vec *v);
void strv_push(struct vec *v, const char *s);
void strv_push_take(struct vec *v, char *s /* taken */);
const char *strv_at(const struct vec *v, size_t i);
char *strv_join(const struct vec *v, const char *separator);

#endif
