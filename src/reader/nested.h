/* nested.h - mails and parts of mails that travel inside a part and must be decoded before they can be
 * read: an encoded message/rfc822, the content of an S/MIME file. */
#ifndef READER_NESTED_H
#define READER_NESTED_H

#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "reader/cms.h"

enum { NESTED_MAX = 20, NESTED_BYTES = 24 << 20 /* of all of them together */ };

struct nested {
    struct vec all; /* struct nested_entity, own */
    size_t left;    /* bytes that may still be decoded */
};

void nested_init(struct nested *n);
void nested_fini(struct nested *n);
/* The message in a leaf that says it is one; NULL. Borrowed until nested_fini. */
GMimeMessage *nested_message(struct nested *n, GMimeObject *leaf, GMimeParserOptions *options);
/* What a signed or compressed S/MIME file holds; NULL when the leaf is none, or is encrypted. cut: not
 * all of it could be read. Borrowed likewise. */
GMimeObject *nested_shell(struct nested *n, GMimeObject *leaf, GMimeParserOptions *options, bool *cut);
/* What a leaf turned out to be, and what it holds (may be NULL). */
enum cms_kind nested_kind(const struct nested *n, GMimeObject *leaf, GMimeObject **content);

#endif
