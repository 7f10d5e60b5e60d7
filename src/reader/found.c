/* SPDX-License-Identifier: GPL-3.0-or-later */
/* found.c - the collecting side of reading a body. */
#include "reader/found.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { NEARBY = 64, DETAIL_MAX = 300, LINK_TEXT_MAX = 300 };

/* Releases one link. */
static void link_fini(void *item)
{
    struct found_link *l = item;
    free(l->text);
    free(l->url);
}

/* Starts empty. */
void found_init(struct found *f)
{
    *f = (struct found){.truncated = false};
    vec_init(&f->links, sizeof(struct found_link), link_fini);
    strv_init(&f->warnings);
}

/* Releases everything. */
void found_fini(struct found *f)
{
    str_fini(&f->text);
    str_fini(&f->hidden);
    vec_fini(&f->links);
    vec_fini(&f->warnings);
}

/* The largest cut of at most `max` bytes that ends no character in its middle. */
static size_t cut_at(const char *s, size_t n, size_t max)
{
    if (n <= max)
        return n;
    n = max;
    while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* Numbers a link. */
size_t found_add_link(struct found *f, const char *text, const char *url)
{
    size_t first = f->links.len > NEARBY ? f->links.len - NEARBY : 0;
    for (size_t i = first; i < f->links.len; i++) {
        struct found_link *l = vec_at(&f->links, i);
        if (strcmp(l->url, url) == 0 && (!*text || strcmp(l->text, text) == 0))
            return i + 1;
    }
    if (f->links.len >= FOUND_LINKS_MAX) {
        found_warn(f, "truncated", "links");
        return 0;
    }
    struct found_link *l = vec_push(&f->links);
    l->text = mem_strndup(text, cut_at(text, strlen(text), LINK_TEXT_MAX));
    l->url = mem_strdup(url);
    l->at = f->text.len;
    return f->links.len;
}

/* Adds a warning unless it stands there. */
void found_warn(struct found *f, const char *word, const char *detail)
{
    struct str s = STR_INIT;
    str_puts(&s, word);
    if (detail && *detail) {
        str_puts(&s, ": ");
        str_add(&s, detail, cut_at(detail, strlen(detail), DETAIL_MAX));
    }
    if (strcmp(word, "truncated") == 0)
        f->truncated = true;
    bool seen = f->warnings.len >= FOUND_WARNINGS_MAX;
    for (size_t i = 0; i < f->warnings.len && !seen; i++)
        seen = strcmp(strv_at(&f->warnings, i), s.data) == 0;
    if (!seen)
        strv_push(&f->warnings, s.data);
    str_fini(&s);
}

/* Keeps text that the sender hid. */
void found_hide(struct found *f, const char *text, size_t n)
{
    if (f->hidden.len >= FOUND_HIDDEN_MAX || !n)
        return;
    if (f->hidden.len)
        str_putc(&f->hidden, '\n');
    str_add(&f->hidden, text, cut_at(text, n, FOUND_HIDDEN_MAX - f->hidden.len));
}

/* Takes back the text and links of a part that is not shown after all. */
void found_rewind(struct found *f, size_t text, size_t links)
{
    str_truncate(&f->text, text);
    while (f->links.len > links)
        vec_remove(&f->links, f->links.len - 1);
}
