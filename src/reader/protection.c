/* SPDX-License-Identifier: GPL-3.0-or-later */
/* protection.c - RFC 3156 (PGP/MIME), RFC 4880 armour in the text, RFC 8551 (S/MIME). */
#include "reader/protection.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "reader/mime.h"

/* Does a content type's parameter say so? */
static bool says(GMimeContentType *t, const char *name, const char *word)
{
    const char *value = g_mime_content_type_get_parameter(t, name);
    return value && strcasestr(value, word) != NULL;
}

static const char *of_tree(const struct nested *n, GMimeObject *o, int depth);

/* Of an S/MIME file: what it is; what it says it is where that cannot be told. */
static const char *of_shell(const struct nested *n, GMimeObject *o, GMimeContentType *t, int depth)
{
    GMimeObject *content;
    enum cms_kind kind = nested_kind(n, o, &content);
    if (kind == CMS_ENCRYPTED)
        return "smime-encrypted";
    if (kind == CMS_CERTIFICATES)
        return NULL;
    const char *inside = content ? of_tree(n, content, depth + 1) : NULL;
    if (kind == CMS_COMPRESSED)
        return inside;
    if (kind == CMS_SIGNED)
        return inside && str_ends(inside, "-encrypted") ? inside : "smime-signed";
    if (!g_mime_content_type_is_type(t, "application", "pkcs7-mime") &&
        !g_mime_content_type_is_type(t, "application", "x-pkcs7-mime"))
        return NULL;
    return says(t, "smime-type", "signed") ? "smime-signed" : "smime-encrypted";
}

/* Of a part and what stands in it, but not of mails inside. What is encrypted cannot be read, whoever
 * signed it. */
static const char *of_tree(const struct nested *n, GMimeObject *o, int depth)
{
    GMimeContentType *t = g_mime_object_get_content_type(o);
    const char *found = NULL;
    if (depth > MIME_DEPTH_MAX)
        return NULL;
    if (!GMIME_IS_MULTIPART(o))
        return t ? of_shell(n, o, t, depth) : NULL;
    if (t && g_mime_content_type_is_type(t, "multipart", "encrypted"))
        return says(t, "protocol", "pkcs7") ? "smime-encrypted" : "openpgp-encrypted";
    if (t && g_mime_content_type_is_type(t, "multipart", "signed"))
        found = says(t, "protocol", "pkcs7") ? "smime-signed" : "openpgp-signed";
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
    for (int i = 0; i < count && i < MIME_PARTS_MAX; i++) {
        const char *inside = of_tree(n, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
        if (inside && (!found || str_ends(inside, "-encrypted")))
            found = inside;
    }
    return found;
}

/* Does a line of the text begin so? */
static bool has_line(const char *text, size_t n, const char *line)
{
    size_t len = strlen(line);
    for (const char *p = text; (p = memmem(p, n - (size_t)(p - text), line, len)); p++)
        if (p == text || p[-1] == '\n')
            return true;
    return false;
}

/* Of a mail. */
const char *protection_of(GMimeObject *root, const struct nested *nested, const char *text, size_t n)
{
    const char *found = root ? of_tree(nested, root, 0) : NULL;
    if (found || !n)
        return found;
    if (has_line(text, n, "-----BEGIN PGP MESSAGE-----"))
        return "openpgp-encrypted";
    return has_line(text, n, "-----BEGIN PGP SIGNED MESSAGE-----") ? "openpgp-signed" : NULL;
}
