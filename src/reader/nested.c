/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nested.c - decodes them, few and of bounded size, and keeps their bytes as long as the mail is open. */
#include "reader/nested.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "reader/content.h"
#include "reader/split.h"

struct nested_entity {
    GMimeObject *leaf;  /* borrow */
    GMimeObject *inner; /* own; NULL: nothing to read */
    enum cms_kind kind;
    struct str bytes;
    struct split split; /* over bytes; only with inner */
};

/* Releases one. */
static void entity_fini(void *item)
{
    struct nested_entity *e = item;
    if (e->inner)
        g_object_unref(e->inner);
    if (e->split.stream)
        split_close(&e->split);
    str_fini(&e->bytes);
}

/* None yet. */
void nested_init(struct nested *n)
{
    vec_init(&n->all, sizeof(struct nested_entity), entity_fini);
    n->left = NESTED_BYTES;
}

/* Releases all, the innermost first. */
void nested_fini(struct nested *n)
{
    while (n->all.len)
        vec_remove(&n->all, n->all.len - 1);
    vec_fini(&n->all);
}

/* Decodes a leaf as far as there is room; NULL when there are too many. */
static struct nested_entity *decode(struct nested *n, GMimeObject *leaf, bool *cut)
{
    if (n->all.len >= NESTED_MAX || !n->left) {
        *cut = true;
        return NULL;
    }
    struct nested_entity *e = vec_push(&n->all);
    e->leaf = leaf;
    *cut = content_read(GMIME_PART(leaf), (int64_t)n->left + 1, content_to_str, &e->bytes) >
           (int64_t)n->left;
    if (*cut)
        str_truncate(&e->bytes, n->left);
    n->left -= e->bytes.len;
    return e;
}

/* A parser over the decoded bytes. */
static GMimeParser *parser_of(struct nested_entity *e)
{
    split_open(&e->split, str_text(&e->bytes), e->bytes.len);
    return g_mime_parser_new_with_stream(e->split.stream);
}

/* What the bytes are; NULL when they begin with no header. */
static GMimeObject *parse_entity(struct nested_entity *e, GMimeParserOptions *options)
{
    GMimeParser *parser = parser_of(e);
    g_mime_parser_set_format(parser, GMIME_FORMAT_MESSAGE);
    GMimeObject *o = g_mime_parser_construct_part(parser, options);
    g_object_unref(parser);
    return o;
}

/* A message that travels encoded, which no rule allows and some servers do. */
GMimeMessage *nested_message(struct nested *n, GMimeObject *leaf, GMimeParserOptions *options)
{
    bool cut;
    if (!GMIME_IS_PART(leaf) || !content_is(leaf, "message", "rfc822"))
        return NULL;
    struct nested_entity *e = decode(n, leaf, &cut);
    if (!e || cut)
        return NULL;
    GMimeParser *parser = parser_of(e);
    GMimeMessage *message = g_mime_parser_construct_message(parser, options);
    e->inner = message ? GMIME_OBJECT(message) : NULL;
    g_object_unref(parser);
    return message;
}

/* Does it say that it is an S/MIME file, by its type or by the name that mail programs give it? */
static bool is_shell(GMimeObject *leaf)
{
    if (!GMIME_IS_PART(leaf))
        return false;
    if (content_is(leaf, "application", "pkcs7-mime") || content_is(leaf, "application", "x-pkcs7-mime"))
        return true;
    if (!content_is(leaf, "application", "octet-stream"))
        return false;
    char *name = content_name(leaf);
    size_t len = name ? strlen(name) : 0;
    bool is = len > 4 && (strcasecmp(name + len - 4, ".p7m") == 0 || strcasecmp(name + len - 4, ".p7z") == 0);
    free(name);
    return is;
}

/* What a file holds. */
GMimeObject *nested_shell(struct nested *n, GMimeObject *leaf, GMimeParserOptions *options, bool *cut)
{
    static const char head[] = "Content-Type: text/plain\n\n";
    bool early;
    *cut = false;
    struct nested_entity *e = is_shell(leaf) ? decode(n, leaf, cut) : NULL;
    if (!e)
        return NULL;
    size_t packed = e->bytes.len;
    e->kind = cms_open(&e->bytes, &early);
    *cut = (*cut || early) && (e->kind == CMS_SIGNED || e->kind == CMS_COMPRESSED);
    size_t more = e->bytes.len > packed ? e->bytes.len - packed : 0;
    n->left -= more < n->left ? more : n->left;
    if (!e->bytes.len) {
        str_fini(&e->bytes);
        return NULL;
    }
    if (!strchr("\r\n", *e->bytes.data))
        e->inner = parse_entity(e, options);
    if (!e->inner) { /* words alone, no header: all of it is body */
        if (e->split.stream)
            split_close(&e->split);
        str_splice(&e->bytes, 0, 0, head, strlen(head));
        e->inner = parse_entity(e, options);
    }
    return e->inner;
}

/* What a leaf turned out to be. */
enum cms_kind nested_kind(const struct nested *n, GMimeObject *leaf, GMimeObject **content)
{
    *content = NULL;
    for (size_t i = 0; i < n->all.len; i++) {
        const struct nested_entity *e = vec_at(&n->all, i);
        if (e->leaf != leaf)
            continue;
        *content = e->kind == CMS_NONE ? NULL : e->inner;
        return e->kind;
    }
    return CMS_NONE;
}
