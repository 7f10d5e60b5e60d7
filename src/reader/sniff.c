/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sniff.c - real types of files: a table of beginnings, a look into zip archives, text or not. */
#include "reader/sniff.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

static const struct magic {
    size_t at, len;
    const char *bytes, *type;
} magics[] = {
    {0, 5, "%PDF-", "application/pdf"},
    {0, 8, "\x89PNG\r\n\x1a\n", "image/png"},
    {0, 3, "\xff\xd8\xff", "image/jpeg"},
    {0, 6, "GIF87a", "image/gif"},
    {0, 6, "GIF89a", "image/gif"},
    {8, 4, "WEBP", "image/webp"},
    {0, 4, "II*\0", "image/tiff"},
    {0, 4, "MM\0*", "image/tiff"},
    {0, 4, "\0\0\1\0", "image/vnd.microsoft.icon"},
    {4, 8, "ftypheic", "image/heic"},
    {4, 8, "ftypavif", "image/avif"},
    {0, 4, "\x7f"
           "ELF",
     "application/x-executable"},
    {0, 4, "\xca\xfe\xba\xbe", "application/java-vm"},
    {0, 4, "\xcf\xfa\xed\xfe", "application/x-mach-binary"},
    {0, 4, "\xce\xfa\xed\xfe", "application/x-mach-binary"},
    {0, 20, "L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", "application/x-ms-shortcut"},
    {0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
    {0, 5, "{\\rtf", "application/rtf"},
    {0, 2, "\x1f\x8b", "application/gzip"},
    {0, 6, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
    {0, 4, "Rar!", "application/vnd.rar"},
    {0, 6, "\xfd"
           "7zXZ\0",
     "application/x-xz"},
    {0, 3, "BZh", "application/x-bzip2"},
    {0, 4, "\x28\xb5\x2f\xfd", "application/zstd"},
    {0, 4, "MSCF", "application/vnd.ms-cab-compressed"},
    {257, 5, "ustar", "application/x-tar"},
    {0, 4, "OggS", "audio/ogg"},
    {0, 3, "ID3", "audio/mpeg"},
    {8, 4, "WAVE", "audio/wav"},
    {4, 4, "ftyp", "video/mp4"},
    {0, 4, "\x1a\x45\xdf\xa3", "video/x-matroska"},
    {0, 15, "SQLite format 3", "application/vnd.sqlite3"},
    {0, 15, "BEGIN:VCALENDAR", "text/calendar"},
    {0, 11, "BEGIN:VCARD", "text/vcard"},
    {0, 27, "-----BEGIN PGP MESSAGE-----", "application/pgp-encrypted"},
    {0, 29, "-----BEGIN PGP SIGNATURE-----", "application/pgp-signature"},
    {0, 36, "-----BEGIN PGP PUBLIC KEY BLOCK-----", "application/pgp-keys"},
};

/* What a zip archive holds, by the names near its beginning. */
static const char *zip_type(const char *bytes, size_t n)
{
    static const struct {
        const char *name, *type;
    } kinds[] = {
        {"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"},
        {"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
         "application/vnd.oasis.opendocument.spreadsheet"},
        {"mimetypeapplication/vnd.oasis.opendocument.presentation",
         "application/vnd.oasis.opendocument.presentation"},
        {"mimetypeapplication/epub", "application/epub+zip"},
        {"META-INF/MANIFEST.MF", "application/java-archive"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (memmem(bytes, n, kinds[i].name, strlen(kinds[i].name)))
            return kinds[i].type;
    return "application/zip";
}

/* Is it text, as far as one looks? */
static bool is_text(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b && c != '\b')
            return false;
    }
    return n > 0;
}

/* Marked-up text, by its first tag. */
static const char *markup_type(const char *bytes, size_t n)
{
    static const struct {
        const char *tag, *type;
    } tags[] = {{"<!doctype html", "text/html"}, {"<html", "text/html"}, {"<head", "text/html"},
                {"<body", "text/html"},          {"<script", "text/html"}, {"<svg", "image/svg+xml"},
                {"<!doctype svg", "image/svg+xml"}};
    bool xml = false;
    for (size_t i = 0; i < n && i < 1024; i++) {
        if (bytes[i] != '<')
            continue;
        xml |= n - i > 5 && strncasecmp(bytes + i, "<?xml", 5) == 0;
        for (size_t k = 0; k < sizeof tags / sizeof tags[0]; k++)
            if (n - i >= strlen(tags[k].tag) &&
                strncasecmp(bytes + i, tags[k].tag, strlen(tags[k].tag)) == 0)
                return tags[k].type;
    }
    return xml ? "application/xml" : NULL;
}

/* Is it a picture that begins with "BM", and not a word? */
static bool is_bmp(const char *bytes, size_t n)
{
    return n >= 14 && memcmp(bytes, "BM", 2) == 0 && memcmp(bytes + 6, "\0\0\0\0", 4) == 0;
}

/* What the bytes are. */
const char *sniff_type(const char *bytes, size_t n)
{
    if (n > SNIFF_BYTES)
        n = SNIFF_BYTES;
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        bytes += 3, n -= 3;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        const struct magic *m = &magics[i];
        if (n >= m->at + m->len && memcmp(bytes + m->at, m->bytes, m->len) == 0)
            return m->type;
    }
    if (n >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
        return zip_type(bytes, n);
    if (n >= 64 && memcmp(bytes, "MZ", 2) == 0 && !is_text(bytes, n))
        return "application/vnd.microsoft.portable-executable";
    if (is_bmp(bytes, n))
        return "image/bmp";
    if (!is_text(bytes, n))
        return NULL;
    if (n > 2 && memcmp(bytes, "#!", 2) == 0 && (bytes[2] == '/' || bytes[2] == ' '))
        return "text/x-script";
    const char *marked = markup_type(bytes, n);
    return marked ? marked : "text/plain";
}

/* Does it run? */
bool sniff_runs(const char *type)
{
    static const char *const runs[] = {"application/x-executable",
                                       "application/vnd.microsoft.portable-executable",
                                       "application/x-mach-binary",
                                       "application/java-vm",
                                       "application/java-archive",
                                       "application/x-ms-shortcut",
                                       "text/x-script"};
    for (size_t i = 0; type && i < sizeof runs / sizeof runs[0]; i++)
        if (strcmp(type, runs[i]) == 0)
            return true;
    return false;
}

/* The claim in words that compare: old names of the same thing. */
static const char *plain_claim(const char *type)
{
    static const struct {
        const char *old, *now;
    } names[] = {{"image/jpg", "image/jpeg"},
                 {"image/pjpeg", "image/jpeg"},
                 {"image/x-png", "image/png"},
                 {"image/x-ms-bmp", "image/bmp"},
                 {"application/x-pdf", "application/pdf"},
                 {"application/x-gzip", "application/gzip"},
                 {"application/x-rar-compressed", "application/vnd.rar"},
                 {"application/x-rar", "application/vnd.rar"},
                 {"application/x-msdownload", "application/vnd.microsoft.portable-executable"},
                 {"application/x-dosexec", "application/vnd.microsoft.portable-executable"},
                 {"application/x-msdos-program", "application/vnd.microsoft.portable-executable"},
                 {"application/x-sh", "text/x-script"},
                 {"text/x-shellscript", "text/x-script"},
                 {"text/x-python", "text/x-script"},
                 {"text/xml", "application/xml"},
                 {"application/xhtml+xml", "text/html"},
                 {"application/ics", "text/calendar"},
                 {"application/x-pkcs7-mime", "application/pkcs7-mime"},
                 {"text/rtf", "application/rtf"},
                 {"application/msword", "application/x-ole-storage"},
                 {"application/vnd.ms-excel", "application/x-ole-storage"},
                 {"application/vnd.ms-powerpoint", "application/x-ole-storage"},
                 {"application/vnd.ms-outlook", "application/x-ole-storage"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(type, names[i].old) == 0)
            return names[i].now;
    return type;
}

/* Is it something else than it says? */
bool sniff_differs(const char *claimed, const char *real)
{
    if (!real || !claimed || strcmp(claimed, "application/octet-stream") == 0)
        return sniff_runs(real) && claimed != NULL;
    claimed = plain_claim(claimed);
    if (strcmp(claimed, real) == 0)
        return false;
    if (strcmp(claimed, "application/pdf") == 0)
        return true;
    bool text = str_starts(claimed, "text/") || str_starts(claimed, "message/") ||
                str_starts(claimed, "application/");
    if (strcmp(real, "text/plain") == 0)
        return !text; /* a script, JSON, a patch: all of them are text */
    if (strcmp(real, "application/xml") == 0 || strcmp(real, "application/zip") == 0)
        return str_starts(claimed, "image/") ? strcmp(claimed, "image/svg+xml") != 0
                                             : str_starts(claimed, "text/plain");
    if (strcmp(real, "application/x-ole-storage") == 0 || str_starts(real, "application/pgp-"))
        return str_starts(claimed, "image/") || str_starts(claimed, "audio/");
    if (strcmp(real, "text/html") == 0 || strcmp(real, "text/calendar") == 0)
        return !str_starts(claimed, "text/") && strcmp(claimed, "application/xml") != 0;
    if (strcmp(real, "video/mp4") == 0 || strcmp(real, "audio/ogg") == 0)
        return !str_starts(claimed, "video/") && !str_starts(claimed, "audio/") &&
               !str_starts(claimed, "image/");
    return true;
}
