/* SPDX-License-Identifier: GPL-3.0-or-later */
/* draft_file.c - files of drafts: stored with the draft, so that what is sent is what was chosen. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "inbox/draft_inside.h"
#include "mail/reader.h"

#define FILE_MAX (50u << 20)

/* What a file is by its name; octet-stream when nothing is known. */
static const char *type_of(const char *name)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".pdf", "application/pdf"}, {".txt", "text/plain"}, {".md", "text/markdown"},
        {".csv", "text/csv"}, {".html", "text/html"}, {".htm", "text/html"},
        {".ics", "text/calendar"}, {".vtt", "text/vtt"}, {".json", "application/json"},
        {".xml", "application/xml"}, {".png", "image/png"}, {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"}, {".gif", "image/gif"}, {".webp", "image/webp"},
        {".svg", "image/svg+xml"}, {".zip", "application/zip"}, {".gz", "application/gzip"},
        {".doc", "application/msword"}, {".xls", "application/vnd.ms-excel"},
        {".ppt", "application/vnd.ms-powerpoint"},
        {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {".odt", "application/vnd.oasis.opendocument.text"},
        {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
        {".mp3", "audio/mpeg"}, {".mp4", "video/mp4"}, {".eml", "application/octet-stream"},
    };
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t k = strlen(types[i].end);
        if (n > k && str_eq_nocase(name + n - k, types[i].end))
            return types[i].type;
    }
    return "application/octet-stream";
}

enum status draft_attach(struct db *db, int64_t id, const char *name, const char *content_type,
                         const void *bytes, size_t n, int64_t *file, struct error *err)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[crypto_hash_sha256_BYTES * 2 + 1];
    if (n > FILE_MAX)
        return error_set(err, STATUS_LIMIT, _("%s is larger than 50 MB"), name);
    enum status st = draft_touch_version(db, id, err);
    if (st)
        return st;
    char *safe = path_safe_name(name);
    struct str packed = STR_INIT;
    crypto_hash_sha256(digest, bytes, n);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    db_pack(bytes, n, &packed);
    struct db_query *q = db_prepare(
        db, "INSERT INTO draft_file (draft, name, content_type, size, sha, bytes)"
            " VALUES (?, ?, ?, ?, ?, ?)");
    db_bind_int(q, 1, id);
    db_bind_text(q, 2, safe);
    db_bind_text(q, 3, content_type && *content_type ? content_type : type_of(safe));
    db_bind_int(q, 4, (int64_t)n);
    db_bind_text(q, 5, hex);
    db_bind_bytes(q, 6, packed.data, packed.len);
    st = db_run(q, err);
    if (st == STATUS_OK && file)
        *file = db_last_id(db);
    free(safe);
    str_fini(&packed);
    return st ? st : draft_publish(db, id, false, err);
}

enum status draft_detach(struct db *db, int64_t id, int64_t file, struct error *err)
{
    enum status st = draft_touch_version(db, id, err);
    if (st)
        return st;
    struct db_query *q =
        db_prepare(db, "UPDATE draft_file SET gone = 1 WHERE id = ? AND draft = ? AND NOT gone");
    db_bind_int(q, 1, file);
    db_bind_int(q, 2, id);
    if ((st = db_run(q, err)))
        return st;
    if (db_changed(db) == 0)
        return error_set(err, STATUS_NO_SUCH, _("d%lld has no such file"), (long long)id);
    return draft_publish(db, id, false, err);
}

/* Releases one struct mail_file. */
static void mail_file_fini(void *item)
{
    struct mail_file *f = item;
    free(f->name);
    free(f->content_type);
    str_fini(&f->bytes);
}

enum status draft_files(struct db *db, int64_t id, struct vec *out, struct error *err)
{
    vec_init(out, sizeof(struct mail_file), mail_file_fini);
    enum status st = STATUS_OK;
    struct db_query *q = db_prepare(db, "SELECT name, content_type, bytes FROM draft_file"
                                        " WHERE draft = ? AND NOT gone ORDER BY id");
    db_bind_int(q, 1, id);
    while (st == STATUS_OK && db_step(q)) {
        size_t n;
        const void *packed = db_bytes(q, 2, &n);
        struct mail_file *f = vec_push(out);
        f->name = mem_strdup(db_text(q, 0));
        f->content_type = mem_strdup(db_text(q, 1));
        st = db_unpack(packed, n, FILE_MAX, &f->bytes, err);
    }
    struct error late = ERROR_INIT;
    enum status end = db_done(q, &late);
    if (st == STATUS_OK && end != STATUS_OK) {
        *err = late;
        st = end;
    }
    return st;
}
