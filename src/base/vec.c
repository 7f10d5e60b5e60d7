/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vec.c - a growing array of equal items, held by value. */
#include "base/vec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* Makes an empty array. */
void vec_init(struct vec *v, size_t item_size, void (*item_fini)(void *item))
{
    assert(item_size > 0);
    *v = (struct vec){.item_size = item_size, .item_fini = item_fini};
}

/* Releases all items and the memory; the array may be used again. */
void vec_fini(struct vec *v)
{
    vec_clear(v);
    free(v->items);
    v->items = NULL;
    v->cap = 0;
}

/* Releases all items. */
void vec_clear(struct vec *v)
{
    if (v->item_fini)
        for (size_t i = 0; i < v->len; i++)
            v->item_fini(v->items + i * v->item_size);
    v->len = 0;
}

/* Appends a zeroed item. */
void *vec_push(struct vec *v)
{
    return vec_insert(v, v->len);
}

/* Puts a zeroed item at `at`. */
void *vec_insert(struct vec *v, size_t at)
{
    assert(at <= v->len);
    if (v->len == v->cap) {
        v->cap = v->cap ? v->cap * 2 : 8;
        v->items = mem_resize(v->items, v->cap, v->item_size);
    }
    char *p = v->items + at * v->item_size;
    memmove(p + v->item_size, p, (v->len - at) * v->item_size);
    memset(p, 0, v->item_size);
    v->len++;
    return p;
}

/* Borrows item i. */
void *vec_at(const struct vec *v, size_t i)
{
    assert(i < v->len);
    return v->items + i * v->item_size;
}

/* Releases item i and closes the gap. */
void vec_remove(struct vec *v, size_t i)
{
    char *p = vec_at(v, i);
    if (v->item_fini)
        v->item_fini(p);
    memmove(p, p + v->item_size, (v->len - i - 1) * v->item_size);
    v->len--;
}

/* Sorts the items. */
void vec_sort(struct vec *v, int (*compare)(const void *, const void *))
{
    if (v->len > 1)
        qsort(v->items, v->len, v->item_size, compare);
}

/* Releases one text of a strv. */
static void strv_item_fini(void *item)
{
    free(*(char **)item);
}

/* Makes an empty array of texts. */
void strv_init(struct vec *v)
{
    vec_init(v, sizeof(char *), strv_item_fini);
}

/* Appends a copy. */
void strv_push(struct vec *v, const char *s)
{
    strv_push_take(v, mem_strdup(s));
}

/* Appends the text itself. */
void strv_push_take(struct vec *v, char *s)
{
    *(char **)vec_push(v) = s;
}

/* Borrows text i. */
const char *strv_at(const struct vec *v, size_t i)
{
    return *(char **)vec_at(v, i);
}

/* All texts with a separator between them; yours. */
char *strv_join(const struct vec *v, const char *separator)
{
    struct str s = STR_INIT;
    for (size_t i = 0; i < v->len; i++) {
        if (i)
            str_puts(&s, separator);
        str_puts(&s, strv_at(v, i));
    }
    return str_take(&s);
}
