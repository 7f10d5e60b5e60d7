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

/* Of one part. */
static const char *of_part(GMimeObject *o)
{
    GMimeContentType *t = g_mime_object_get_content_type(o);
    if (!t)
        return NULL;
    if (g_mime_content_type_is_type(t, "multipart", "signed"))
        return says(t, "protocol", "pkcs7") ? "smime-signed" : "openpgp-signed";
    if (g_mime_content_type_is_type(t, "multipart", "encrypted"))
        return says(t, "protocol", "pkcs7") ? "smime-encrypted" : "openpgp-encrypted";
    if (g_mime_content_type_is_type(t, "application", "pkcs7-mime") ||
        g_mime_content_type_is_type(t, "application", "x-pkcs7-mime"))
        return says(t, "smime-type", "signed") ? "smime-signed" : "smime-encrypted";
    return NULL;
}

/* Of a part and what stands in it, but not of mails inside. */
static const char *of_tree(GMimeObject *o, int depth)
{
    const char *found = of_part(o);
    if (found || !GMIME_IS_MULTIPART(o) || depth > MIME_DEPTH_MAX)
        return found;
    int count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
    for (int i = 0; i < count && i < MIME_PARTS_MAX && !found; i++)
        found = of_tree(g_mime_multipart_get_part(GMIME_MULTIPART(o), i), depth + 1);
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
const char *protection_of(GMimeObject *root, const char *text, size_t n)
{
    const char *found = root ? of_tree(root, 0) : NULL;
    if (found || !n)
        return found;
    if (has_line(text, n, "-----BEGIN PGP MESSAGE-----"))
        return "openpgp-encrypted";
    return has_line(text, n, "-----BEGIN PGP SIGNED MESSAGE-----") ? "openpgp-signed" : NULL;
}
