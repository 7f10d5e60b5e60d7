/* SPDX-License-Identifier: GPL-3.0-or-later */
/* floor_import.c - the least that storing and indexing mail can cost in one process: GMime parses, SQLite takes
 * one row and one full-text row per mail in a single transaction. No threads of mail, no raw bytes, no journal.
 *
 *   floor_import MAILDIR DATABASE          prints wall and CPU seconds as JSON */
#include <dirent.h>
#include <gmime/gmime.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int is_han(const unsigned char *p, const unsigned char *end)
{
    return end - p >= 3 && p[0] >= 0xe3 && p[0] <= 0xe9;
}

/* Words of letters and digits in lower case; Chinese as overlapping pairs. */
static int tokenize(Fts5Tokenizer *t, void *ctx, int flags, const char *text, int n,
                    int (*emit)(void *, int, const char *, int, int, int))
{
    (void)t, (void)flags;
    const unsigned char *s = (const unsigned char *)text, *end = s + n, *p = s;
    int rc = SQLITE_OK;
    while (p < end && rc == SQLITE_OK) {
        if (is_han(p, end)) {
            for (; is_han(p, end) && rc == SQLITE_OK; p += 3)
                rc = emit(ctx, 0, (const char *)p, is_han(p + 3, end) ? 6 : 3, (int)(p - s), (int)(p - s) + 3);
            continue;
        }
        char word[64];
        int len = 0;
        const unsigned char *start = p;
        for (; p < end && (*p >= 0x80 ? !is_han(p, end) : g_ascii_isalnum(*p)); p++)
            if (len < 60)
                word[len++] = g_ascii_tolower((char)*p);
        if (len)
            rc = emit(ctx, 0, word, len, (int)(start - s), (int)(p - s));
        else
            p++;
    }
    return rc;
}

static int create(void *user, const char **args, int n, Fts5Tokenizer **out)
{
    (void)user, (void)args, (void)n;
    static int self;
    *out = (Fts5Tokenizer *)&self;
    return SQLITE_OK;
}

static void destroy(Fts5Tokenizer *t)
{
    (void)t;
}

static void run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message)) {
        fprintf(stderr, "floor_import: %s: %s\n", sql, message);
        exit(1);
    }
}

static sqlite3 *open_db(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    fts5_api *api = NULL;
    unlink(path);
    if (sqlite3_open(path, &db))
        exit(1);
    sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &st, NULL);
    sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
    sqlite3_step(st);
    sqlite3_finalize(st);
    static fts5_tokenizer own = {create, destroy, tokenize};
    if (!api || api->xCreateTokenizer(api, "pairs", NULL, &own, NULL))
        exit(1);
    run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
            "CREATE TABLE message(id INTEGER PRIMARY KEY, msgid TEXT, date INT, sender TEXT, rcpt TEXT, subject TEXT, body TEXT);"
            "CREATE UNIQUE INDEX message_msgid ON message(msgid); CREATE INDEX message_date ON message(date);"
            "CREATE VIRTUAL TABLE fts USING fts5(subject, sender, rcpt, body, content='message', content_rowid='id', tokenize='pairs')");
    return db;
}

static void text_of(GMimeObject *o, GString *out)
{
    if (GMIME_IS_MULTIPART(o)) {
        for (int i = 0; i < g_mime_multipart_get_count((GMimeMultipart *)o); i++)
            text_of(g_mime_multipart_get_part((GMimeMultipart *)o, i), out);
    } else if (GMIME_IS_TEXT_PART(o) && g_mime_content_type_is_type(g_mime_object_get_content_type(o), "text", "plain")) {
        char *t = g_mime_text_part_get_text((GMimeTextPart *)o);
        if (t)
            g_string_append(out, t);
        g_free(t);
    }
}

static char *list_text(InternetAddressList *l)
{
    return l ? internet_address_list_to_string(l, NULL, FALSE) : g_strdup("");
}

/* Parses one file and stores its two rows. */
static int store(const char *path, sqlite3_stmt *row, sqlite3_stmt *fts)
{
    char *bytes = NULL;
    gsize n = 0;
    if (!g_file_get_contents(path, &bytes, &n, NULL))
        return 0;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, n);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
    if (m) {
        GDateTime *date = g_mime_message_get_date(m);
        char *from = list_text(g_mime_message_get_from(m)), *to = list_text(g_mime_message_get_to(m));
        GString *body = g_string_new(NULL);
        text_of(g_mime_message_get_mime_part(m), body);
        sqlite3_bind_text(row, 1, g_mime_message_get_message_id(m), -1, SQLITE_STATIC);
        sqlite3_bind_int64(row, 2, date ? g_date_time_to_unix(date) : 0);
        for (int i = 0; i < 2; i++) {
            sqlite3_stmt *st = i ? fts : row;
            int at = i ? 2 : 3;
            sqlite3_bind_text(st, at, from, -1, SQLITE_STATIC);
            sqlite3_bind_text(st, at + 1, to, -1, SQLITE_STATIC);
            sqlite3_bind_text(st, at + 2, g_mime_message_get_subject(m), -1, SQLITE_STATIC);
            sqlite3_bind_text(st, at + 3, body->str, -1, SQLITE_STATIC);
            if (i)
                sqlite3_bind_int64(st, 1, sqlite3_last_insert_rowid(sqlite3_db_handle(st)));
            if (sqlite3_step(st) != SQLITE_DONE)
                fprintf(stderr, "floor_import: %s\n", sqlite3_errmsg(sqlite3_db_handle(st)));
            sqlite3_reset(st);
        }
        g_free(from);
        g_free(to);
        g_string_free(body, TRUE);
        g_object_unref(m);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    g_free(bytes);
    return 1;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    double start = seconds();
    g_mime_init();
    sqlite3 *db = open_db(argv[2]);
    sqlite3_stmt *row, *fts;
    sqlite3_prepare_v2(db, "INSERT INTO message(msgid, date, sender, rcpt, subject, body) VALUES(?,?,?,?,?,?)", -1, &row, NULL);
    sqlite3_prepare_v2(db, "INSERT INTO fts(rowid, sender, rcpt, subject, body) VALUES(?,?,?,?,?)", -1, &fts, NULL);
    run(db, "BEGIN IMMEDIATE");
    long n = 0;
    for (int i = 0; i < 2; i++) {
        char dir[4096], path[8192];
        snprintf(dir, sizeof dir, "%s/%s", argv[1], i ? "new" : "cur");
        DIR *d = opendir(dir);
        for (struct dirent *e; d && (e = readdir(d));) {
            snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
            if (e->d_name[0] != '.')
                n += store(path, row, fts);
        }
        if (d)
            closedir(d);
    }
    run(db, "COMMIT");
    run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_finalize(row);
    sqlite3_finalize(fts);
    sqlite3_close(db);
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("{\"messages\":%ld,\"wall_s\":%.3f,\"cpu_s\":%.3f,\"peak_kib\":%ld}\n", n, seconds() - start,
           (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6, u.ru_maxrss);
    return 0;
}
