/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import.c - transcripts and Markdown notes from files: meet import, and the kinds `import` asks
 * for. The bytes of a transcript are read by bureau-reader, never here. */
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/ids.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "notes/internal.h"
#include "notes/notes.h"
#include "notes/store.h"
#include "store/journal.h"
#include "store/store.h"

#define FILE_MAX (64u << 20)
#define MERGE_GAP_MS 2000
#define MERGE_BYTES 400

/* ---- what a file says of itself ---- */

/* SHA-256 of the bytes with CRLF as LF: the same text is one note. Yours. */
static char *hash_bytes(const char *bytes, size_t n)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[sizeof digest * 2 + 1];
    struct str plain = STR_INIT;
    for (size_t i = 0; i < n; i++)
        if (bytes[i] != '\r' || i + 1 >= n || bytes[i + 1] != '\n')
            str_putc(&plain, bytes[i]);
    crypto_hash_sha256(digest, (const unsigned char *)str_text(&plain), plain.len);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    str_fini(&plain);
    return mem_strdup(hex);
}

/* The last part of a path. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A title of a file's name: no ending, no date, dashes are spaces. Yours. */
static char *name_title(const char *path)
{
    struct str s = STR_INIT;
    const char *name = base_name(path);
    size_t n = strlen(name);
    const char *dot = strchr(name, '.');
    if (dot && dot > name)
        n = (size_t)(dot - name);
    size_t skip = 0;
    if (n > 11 && isdigit((unsigned char)name[0]) && name[4] == '-' && name[7] == '-')
        skip = 10;
    for (size_t i = skip; i < n; i++)
        str_putc(&s, strchr("-_", name[i]) ? ' ' : name[i]);
    char *raw = str_take(&s), *title = mem_strdup(str_trim(raw));
    free(raw);
    return title;
}

/* A day in a file's name ("2026-11-24 weekly.vtt", "GMT20261124-140000"); false: none. */
static bool name_date(const char *path, int64_t *out)
{
    const char *name = base_name(path);
    for (const char *s = name; *s; s++) {
        char day[24];
        size_t digits = strspn(s, "0123456789");
        if (digits == 4 && s[4] == '-' && strspn(s + 5, "0123456789") == 2 && s[7] == '-' &&
            strspn(s + 8, "0123456789") == 2) {
            snprintf(day, sizeof day, "%.10s", s);
            return clock_parse(day, out);
        }
        if (digits == 8 && s[0] == '2' && s[1] == '0') {
            snprintf(day, sizeof day, "%.4s-%.2s-%.2s", s, s + 4, s + 6);
            if (clock_parse(day, out))
                return true;
        }
        if (digits > 1)
            s += digits - 1;
    }
    return false;
}

/* When a file's meeting took place: its name, else the file's time, else now. */
static int64_t file_date(const char *path)
{
    int64_t date;
    struct stat st;
    if (name_date(path, &date))
        return date;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? (int64_t)st.st_mtime : clock_now();
}

/* ---- one file ---- */

/* A file on its way into the store. */
struct coming {
    struct store *store;        /* borrow */
    struct mail_reader *reader; /* own; NULL for notes */
    char *path, *title, *text, *hash; /* own */
    int64_t date;
    bool meeting;
    struct vec segments;
    struct note_new n;
    struct error err;
    void (*done)(void *user, const struct coming *c, const struct error *err);
    void *user;
};

/* Frees it. */
static void coming_free(void *record)
{
    struct coming *c = record;
    free(c->path);
    free(c->title);
    free(c->text);
    free(c->hash);
    vec_fini(&c->segments);
    free(c);
}

/* The operation. */
static enum status write_coming(struct db *db, void *record, struct error *err)
{
    struct coming *c = record;
    struct journal *j;
    int64_t batch;
    c->n = (struct note_new){.title = c->title,
                             .text = c->text,
                             .segments = c->meeting ? &c->segments : NULL,
                             .date = c->date,
                             .hash = c->hash};
    enum status st = note_create(db, &c->n, err);
    if (st != STATUS_OK || c->n.duplicate)
        return st;
    st = journal_begin(db, "import", c->meeting ? N_("meet import") : N_("note import"), "", &j, err);
    if (st != STATUS_OK)
        return st;
    st = journal_note(j, "import", c->n.id, base_name(c->path), err);
    if (st == STATUS_OK)
        return journal_end(j, &batch, err);
    journal_abandon(j);
    return st;
}

static const struct store_op coming_op = {"note import", OP_PERSON, write_coming, coming_free};

/* It is stored, or not. */
static void coming_stored(void *user, void *record, const struct error *err)
{
    (void)user;
    struct coming *c = record;
    c->done(c->user, c, err);
}

/* Does the sentence go on in the next cue of the same speaker? */
static bool goes_on(const struct note_segment *last, const struct mail_cue *next)
{
    size_t n = strlen(last->text);
    static const char *const ends[] = {".", "!", "?", "。", "！", "？", "…"};
    if (!str_eq(last->speaker, next->speaker ? next->speaker : "") || n == 0 ||
        n + strlen(next->text) > MERGE_BYTES || last->end_ms < 0 || next->start_ms < 0 ||
        next->start_ms - last->end_ms > MERGE_GAP_MS)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(last->text, ends[i]))
            return false;
    return true;
}

/* The reader's cues become segments; a sentence cut over cues of one speaker is joined. */
static void take_cues(struct vec *segments, const struct vec *cues)
{
    for (size_t i = 0; i < cues->len; i++) {
        const struct mail_cue *cue = vec_at(cues, i);
        if (!cue->text || !*cue->text)
            continue;
        struct note_segment *last = segments->len ? vec_at(segments, segments->len - 1) : NULL;
        if (last && goes_on(last, cue)) {
            char *joined = str_format("%s %s", last->text, cue->text);
            free(last->text);
            last->text = joined;
            last->end_ms = cue->end_ms;
            continue;
        }
        struct note_segment *s = vec_push(segments);
        *s = (struct note_segment){.start_ms = cue->start_ms,
                                   .end_ms = cue->end_ms,
                                   .speaker = mem_strdup(cue->speaker ? cue->speaker : ""),
                                   .text = mem_strdup(cue->text)};
        for (char *p = s->text; *p; p++)
            if (*p == '\n' || *p == '\r')
                *p = ' ';
    }
}

/* Frees a reader outside its own callback. */
static void free_reader(void *user)
{
    mail_reader_free(user);
}

/* The reader has read a transcript. */
static void on_cues(void *user, struct vec *cues, const struct error *err)
{
    struct coming *c = user;
    struct error e = err ? *err : ERROR_INIT;
    loop_post(store_loop(c->store), free_reader, c->reader);
    c->reader = NULL;
    if (!error_is(&e)) {
        take_cues(&c->segments, cues);
        if (c->segments.len == 0)
            error_set(&e, STATUS_CORRUPT, _("%s holds no words of a meeting"), base_name(c->path));
    }
    if (error_is(&e)) {
        c->done(c->user, c, &e);
        coming_free(c);
        return;
    }
    store_post(c->store, &coming_op, c, coming_stored, NULL);
}

/* Takes a file in; done comes once. title NULL: of name or text; date CLOCK_NONE: of the file. */
static void bring(struct store *s, const char *path, const char *bytes, size_t n, bool meeting,
                  const char *title, int64_t date,
                  void (*done)(void *user, const struct coming *c, const struct error *err),
                  void *user)
{
    struct coming *c = mem_alloc(sizeof *c);
    *c = (struct coming){.store = s,
                         .path = mem_strdup(path),
                         .title = mem_strdup_maybe(title),
                         .hash = hash_bytes(bytes, n),
                         .date = date == CLOCK_NONE ? file_date(path) : date,
                         .meeting = meeting,
                         .done = done,
                         .user = user};
    vec_init(&c->segments, sizeof(struct note_segment), note_segment_fini_item);
    if (meeting) {
        if (!c->title)
            c->title = name_title(path);
        c->reader = mail_reader_new(store_loop(s), NULL);
        mail_reader_transcript(c->reader, bytes, n, on_cues, c);
        return;
    }
    struct str text = STR_INIT;
    size_t bom = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    utf8_repair(&text, bytes + bom, n - bom);
    c->text = str_take(&text);
    if (!c->title)
        c->title = note_title(c->text);
    if (!c->title)
        c->title = name_title(path);
    store_post(s, &coming_op, c, coming_stored, NULL);
}

/* ---- the kinds `import` asks for ---- */

struct hooked {
    void (*done)(void *user, const struct hook_import_result *r, const struct error *err);
    void *user;
};

/* Tells `import` how a file of ours went. */
static void hooked_done(void *user, const struct coming *c, const struct error *err)
{
    struct hooked *h = user;
    struct hook_import_result r = {0};
    bool failed = err && error_is(err);
    r.failed = failed;
    r.added = !failed && !c->n.duplicate;
    r.duplicates = !failed && c->n.duplicate;
    h->done(h->user, &r, failed ? err : &ERROR_INIT);
    free(h);
}

/* Hands a file of `import` on. */
static void import_as(struct store *s, const char *path, const char *bytes, size_t n, bool meeting,
                      void (*done)(void *user, const struct hook_import_result *r,
                                   const struct error *err),
                      void *user)
{
    struct hooked *h = mem_alloc(sizeof *h);
    *h = (struct hooked){done, user};
    bring(s, path, bytes, n, meeting, NULL, CLOCK_NONE, hooked_done, h);
}

/* `import` of a transcript. */
static void import_transcript(struct store *s, const char *path, const char *bytes, size_t n,
                              void (*done)(void *user, const struct hook_import_result *r,
                                           const struct error *err),
                              void *user)
{
    import_as(s, path, bytes, n, true, done, user);
}

/* `import` of a note. */
static void import_note(struct store *s, const char *path, const char *bytes, size_t n,
                        void (*done)(void *user, const struct hook_import_result *r,
                                     const struct error *err),
                        void *user)
{
    import_as(s, path, bytes, n, false, done, user);
}

/* Is it a transcript? WEBVTT by its head; SRT by its first cue; else by name. */
static enum hook_fit fit_transcript(const char *name, const char *head, size_t n)
{
    size_t i = n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    if (n - i >= 6 && memcmp(head + i, "WEBVTT", 6) == 0)
        return HOOK_FIT_CONTENT;
    char *text = mem_strndup(head + i, n - i);
    const char *p = text + strspn(text, " \t\r\n"), *arrow = strstr(p, " --> ");
    size_t digits = strspn(p, "0123456789");
    const char *line = p + digits + strspn(p + digits, "\r\n");
    bool srt = digits > 0 && arrow && arrow > line && arrow - line < 16 && strchr(line, ',') &&
               strchr(line, ',') < arrow;
    free(text);
    if (srt)
        return HOOK_FIT_CONTENT;
    return str_ends(name, ".vtt") || str_ends(name, ".srt") ? HOOK_FIT_NAME : HOOK_FIT_NO;
}

/* Is it a note? Markdown by its name; plain text only with --as note. */
static enum hook_fit fit_note(const char *name, const char *head, size_t n)
{
    bool text = !memchr(head, 0, n);
    return text && (str_ends(name, ".md") || str_ends(name, ".markdown")) ? HOOK_FIT_NAME
                                                                          : HOOK_FIT_NO;
}

/* Is a note or transcript of these bytes stored? */
static bool import_known(struct store *s, const char *bytes, size_t n)
{
    char *hash = hash_bytes(bytes, n);
    struct db_query *q = db_prepare(store_reader(s), "SELECT 1 FROM note WHERE hash = ?");
    db_bind_text(q, 1, hash);
    bool known = db_step(q);
    db_end(q);
    free(hash);
    return known;
}

static const struct hook_import transcript_import = {"transcript", fit_transcript,
                                                     import_transcript, import_known};
static const struct hook_import note_import = {"note", fit_note, import_note, import_known};
const struct hook_import *const notes_importers[] = {&transcript_import, &note_import, NULL};

/* ---- meet import ---- */

/* A call that imports files one after another. */
struct importing {
    struct command_call *call;
    size_t next;
    int added, duplicates, failed;
    struct json *ids; /* own until the result */
    int64_t date;
};

/* Frees the state of a call. */
static void importing_free(void *state)
{
    struct importing *i = state;
    json_free(i->ids);
    free(i);
}

static void import_next(struct importing *i);

/* One file is in, or not. */
static void import_done(void *user, const struct coming *c, const struct error *err)
{
    struct importing *i = user;
    char id[COMMAND_ID_TEXT], day[CLOCK_TEXT];
    if (err && error_is(err)) {
        i->failed++;
        command_warn(i->call, "%s: %s", base_name(c->path), err->text);
    } else {
        struct json *o = json_object();
        char *speakers = note_speakers(&c->segments);
        i->added += !c->n.duplicate;
        i->duplicates += c->n.duplicate;
        json_set_str(o, "id", command_id_text('n', c->n.id, id));
        json_push_str(i->ids, id);
        json_set_str(o, "kind", "transcript");
        json_set_str(o, "title", c->title);
        json_set_time(o, "date", c->date);
        json_set_int(o, "segments", (int64_t)c->segments.len);
        json_set_str(o, "speakers", speakers);
        json_set_bool(o, "duplicate", c->n.duplicate);
        char *text = str_format("%s  %s  %s  %s%s", id, clock_day(c->date, day), c->title, speakers,
                                c->n.duplicate ? _("  (was there already)") : "");
        command_item(i->call, o, text);
        free(text);
        free(speakers);
    }
    import_next(i);
}

/* Takes the next file, or ends the call. */
static void import_next(struct importing *i)
{
    struct command_call *c = i->call;
    if (i->next >= command_argc(c)) {
        struct json *o = json_object();
        struct error err = ERROR_INIT;
        json_set_int(o, "added", i->added);
        json_set_int(o, "duplicates", i->duplicates);
        json_set_int(o, "failed", i->failed);
        json_set(o, "ids", i->ids);
        i->ids = NULL;
        command_result(c, o, NULL);
        if (i->failed > 0)
            error_set(&err, STATUS_FAILED, P_("%d file could not be imported",
                                              "%d files could not be imported", i->failed),
                      i->failed);
        command_end(c, &err);
        return;
    }
    struct error err = ERROR_INIT;
    struct str bytes = STR_INIT;
    const char *name = command_arg(c, i->next++);
    char *path = path_expand(name);
    if (path_read(path, FILE_MAX, &bytes, &err) == STATUS_OK)
        bring(command_store(c), path, str_text(&bytes), bytes.len, true, command_value(c, "title"),
              i->date, import_done, i);
    else if (err.status == STATUS_NO_SUCH && command_argc(c) == 1)
        command_end(c, &err);
    else {
        struct coming none = {.path = path};
        import_done(i, &none, &err);
    }
    str_fini(&bytes);
    free(path);
}

enum command_result notes_run_import(struct command_call *c)
{
    int64_t date = CLOCK_NONE;
    const char *given = command_value(c, "date");
    if (given && !clock_parse(given, &date))
        return command_usage(c, _("--date takes a day or a time like 2026-11-24T14:00, not “%s”"),
                             given);
    if (command_is_dry(c)) {
        struct json *o = json_object();
        json_set_int(o, "added", (int64_t)command_argc(c));
        json_set_bool(o, "dry_run", true);
        command_result(c, o, NULL);
        return COMMAND_DONE;
    }
    struct importing *i = mem_alloc(sizeof *i);
    *i = (struct importing){.call = c, .ids = json_array(), .date = date};
    command_set_state(c, i, importing_free);
    import_next(i);
    return COMMAND_WAIT;
}
