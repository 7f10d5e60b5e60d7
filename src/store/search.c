/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search.c - runs queries: rows, counts, snippets. */
#include "store/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "store/bundle.h"
#include "store/db_internal.h"
#include "store/search_tree.h"

enum {
    SNIPPET_SCAN = 64 << 10, /* bytes of a text that are looked through */
    SCAN_ROWS = 160,         /* texts that are looked at for a beginning of very many words */
    MOMENT_SCAN = 4 << 20,   /* the same of a transcript: its hit is opened where it was said */
    MOMENT_MOST = 16,        /* bytes of "00:12:31" */
    SNIPPET_PIECE = 160,     /* bytes of a piece of it */
    RUNS_MAX = 60
};

/* ---- looking at a text itself ---- */

struct look {
    struct db *db;               /* borrow */
    struct tokenizer *tokenizer; /* own */
    bool counts;                 /* so many texts may be looked at: */
    int left;
    int64_t last;                /* the key looked at last */
    bool ended, unordered;       /* there were more; keys did not come in falling order */
};

struct wanted {
    const char *text;
    size_t len;
    bool cjk;
};

struct looking {
    struct wanted runs[RUNS_MAX];
    size_t len;
    uint64_t reached; /* bit i: the first i runs end where the text stands */
    bool found;
};

/* Is this run of the text the wanted one, first, in the middle or last? The last is a beginning. */
static bool fits(const struct wanted *w, bool first, bool last, bool cjk, const char *s, size_t n)
{
    if (w->cjk != cjk || n < w->len)
        return false;
    if (cjk)
        return first ? memcmp(s + n - w->len, w->text, w->len) == 0
                     : n == w->len && memcmp(s, w->text, n) == 0;
    if (last)
        return memcmp(s, w->text, w->len) == 0;
    char a[TOKENIZER_WORD_MAX + 4], b[TOKENIZER_WORD_MAX + 4];
    memcpy(a, s, n);
    memcpy(b, w->text, w->len);
    size_t an = tokenizer_stem(a, n), bn = tokenizer_stem(b, w->len);
    return an == bn && memcmp(a, b, an) == 0;
}

/* One run of the text. */
static bool look_run(void *user, bool cjk, char *s, size_t n)
{
    struct looking *l = user;
    uint64_t next = 0;
    for (size_t i = 0; i < l->len; i++)
        if ((i == 0 || l->reached & UINT64_C(1) << i) &&
            fits(&l->runs[i], i == 0, i + 1 == l->len, cjk, s, n))
            next |= UINT64_C(1) << (i + 1);
    l->reached = next;
    l->found = next & UINT64_C(1) << l->len;
    return !l->found;
}

/* Reads the runs of has_text()'s third value; false when there are too many. */
static bool read_runs(struct looking *l, const char *s)
{
    while (*s) {
        if (l->len == RUNS_MAX)
            return false;
        size_t n = strcspn(s, "\x1f");
        l->runs[l->len++] = (struct wanted){s + 1, n - 1, *s == 'c'};
        s += n + (s[n] != '\0');
    }
    return l->len > 0;
}

/* May one more text be looked at? Notes where it ended when not. */
static bool may_look(struct look *look, int64_t key)
{
    look->unordered = look->unordered || key > look->last;
    look->last = key;
    look->ended = look->ended || look->left-- <= 0;
    return !look->ended;
}

/* SQL has_text(key, columns, runs). */
static void sql_has_text(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    (void)n;
    struct look *look = sqlite3_user_data(ctx);
    unsigned columns = (unsigned)sqlite3_value_int(v[1]);
    struct looking l = {0};
    const char *runs = (const char *)sqlite3_value_text(v[2]);
    if (look->counts && !may_look(look, sqlite3_value_int64(v[0]))) {
        sqlite3_result_error_code(ctx, SQLITE_ABORT);
        return;
    }
    if (!runs || !read_runs(&l, runs)) {
        sqlite3_result_int(ctx, 1);
        return;
    }
    struct db_query *q =
        db_prepare(look->db, "SELECT t.body, t.subject, t.sender, t.recipients, t.cc, t.files"
                             " FROM doc d JOIN doc_text t ON t.id = d.text WHERE d.key = ?1");
    db_bind_int(q, 1, sqlite3_value_int64(v[0]));
    if (db_step(q)) {
        struct str body = STR_INIT;
        struct error err = ERROR_INIT;
        for (int k = 1; k <= SEARCH_COLUMNS && !l.found; k++) {
            int i = k % SEARCH_COLUMNS; /* the body is long, and packed: last */
            if (!(columns & 1u << i))
                continue;
            size_t len;
            const char *text = i ? db_text(q, i) : db_bytes(q, i, &len);
            if (i == 0 && bundle_read(look->db, text, len, SIZE_MAX, &body, &err) == STATUS_OK)
                text = str_text(&body);
            len = i ? strlen(text) : body.len < DOC_INDEX_MAX ? body.len : DOC_INDEX_MAX;
            l.reached = 0;
            tokenizer_runs(look->tokenizer, text, len, look_run, &l);
        }
        str_fini(&body);
    }
    db_end(q);
    sqlite3_result_int(ctx, l.found);
}

/* Releases what has_text needs. */
static void look_free(void *p)
{
    struct look *look = p;
    tokenizer_free(look->tokenizer);
    free(look);
}

/* Registers has_text, once for each connection. */
enum status search_register(struct db *db, struct error *err)
{
    if (db_extra(db))
        return STATUS_OK;
    struct look *look = mem_alloc(sizeof *look);
    look->db = db;
    look->tokenizer = tokenizer_new();
    int rc = sqlite3_create_function_v2(db_handle(db), "has_text", 3,
                                        SQLITE_UTF8 | SQLITE_DIRECTONLY, look, sql_has_text, NULL,
                                        NULL, NULL);
    db_set_extra(db, look, look_free);
    return db_fail(db, rc, err);
}

/* ---- snippets ---- */

struct sniffing {
    const struct vec *wanted; /* struct wanted */
    uint64_t seen;
};

/* Notes which wanted words a piece of text holds. */
static bool sniff_run(void *user, bool cjk, char *s, size_t n)
{
    struct sniffing *f = user;
    size_t stem = cjk ? n : 0;
    for (size_t i = 0; i < f->wanted->len && i < 64; i++) {
        const struct wanted *w = vec_at(f->wanted, i);
        if (w->cjk != cjk || w->len > n)
            continue;
        bool hit = cjk ? memmem(s, n, w->text, w->len) != NULL : memcmp(s, w->text, w->len) == 0;
        if (!cjk && hit && n != w->len) { /* the same word but for its plural */
            stem = stem ? stem : tokenizer_stem(s, n);
            hit = stem == w->len;
        }
        if (hit)
            f->seen |= UINT64_C(1) << i;
    }
    return true;
}

/* Collects the words that must or may stand in the text, stems for words. */
static void collect_words(const struct search_node *n, struct vec *words)
{
    if (n->op == SEARCH_NOT)
        return;
    for (size_t i = 0; i < n->children.len; i++)
        collect_words(*(struct search_node **)vec_at(&n->children, i), words);
    for (size_t i = 0; i < n->runs.len; i++) {
        const struct search_run_of *r = vec_at(&n->runs, i);
        char word[TOKENIZER_WORD_MAX + 4];
        size_t len = r->len;
        if (!r->cjk) {
            memcpy(word, r->text, r->len);
            len = tokenizer_stem(word, r->len);
        }
        struct wanted *w = vec_push(words);
        *w = (struct wanted){r->text, len, r->cjk};
    }
}

/* Where the piece of text that begins at `at` ends: at a line's end, else at a space or between
 * characters. */
static size_t piece_end(const char *s, size_t at, size_t n)
{
    size_t end = at, space = 0;
    while (end < n && s[end] != '\n' && end - at < SNIPPET_PIECE) {
        if (s[end] == ' ')
            space = end;
        end++;
    }
    if (end >= n || s[end] == '\n')
        return end;
    if (space > at + SNIPPET_PIECE / 2)
        return space;
    while (end > at + 1 && ((unsigned char)s[end] & 0xc0) == 0x80)
        end--;
    return end;
}

/* Appends text with white space made single spaces. */
static void add_flat(struct str *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool space = strchr(" \t\r\n", s[i]) && s[i];
        if (!space)
            str_putc(out, s[i]);
        else if (out->len && out->data[out->len - 1] != ' ')
            str_putc(out, ' ');
    }
}

/* A piece or two of a text that hold the words of the query. */
char *search_snippet(struct tokenizer *t, const struct search_node *root, const char *text,
                     size_t scan, size_t *place)
{
    struct vec words;
    struct str out = STR_INIT;
    size_t n = strlen(text), best = 0, most = 0;
    n = n < scan ? n : scan;
    vec_init(&words, sizeof(struct wanted), NULL);
    collect_words(root, &words);
    for (size_t at = 0, end; at < n && words.len > 0; at = end + (end < n && text[end] == '\n')) {
        end = piece_end(text, at, n);
        if (end == at)
            continue;
        struct sniffing f = {.wanted = &words};
        tokenizer_runs(t, text + at, end - at, sniff_run, &f);
        size_t hits = (size_t)__builtin_popcountll(f.seen) * 2 + (f.seen && text[at] != '>');
        if (hits > most) {
            most = hits;
            best = at;
        }
        if (hits >= words.len * 2 + 1)
            break;
    }
    for (size_t at = best; at < n && out.len < SNIPPET_PIECE / 2;) {
        size_t end = piece_end(text, at, n);
        if (out.len)
            add_flat(&out, " ", 1);
        add_flat(&out, text + at, end - at);
        at = end + (end < n);
    }
    while (out.len && out.data[out.len - 1] == ' ')
        str_truncate(&out, out.len - 1);
    vec_fini(&words);
    *place = best;
    return str_take(&out);
}

/* The moment at the beginning of the line of a transcript that holds this place: "00:12:31"; false
 * when it tells none. */
static bool moment_of(const char *text, size_t place, char out[MOMENT_MOST])
{
    while (place > 0 && text[place - 1] != '\n')
        place--;
    size_t n = text[place] == '[' ? strspn(text + place + 1, "0123456789:.") : 0;
    if (n == 0 || n >= MOMENT_MOST || text[place + 1 + n] != ']')
        return false;
    memcpy(out, text + place + 1, n);
    out[n] = '\0';
    return true;
}

/* ---- running ---- */

/* Binds the values of a statement; returns the next free place. */
static int bind_values(struct db_query *q, const struct search_sql *s)
{
    int at = 1;
    for (size_t i = 0; i < s->values.len; i++) {
        const struct search_value *v = vec_at(&s->values, i);
        if (v->text)
            db_bind_text(q, at++, v->text);
        else
            db_bind_int(q, at++, v->number);
    }
    return at;
}

/* Fills a row from the columns of run_rows. */
static void fill(struct search_row *r, struct db_query *q)
{
    *r = (struct search_row){
        .key = db_int(q, 0),
        .ref = db_int(q, 1),
        .thread = db_int(q, 2),
        .date = db_int(q, 3),
        .kind = (enum doc_kind)db_int(q, 4),
        .flags = (unsigned)db_int(q, 5),
        .sender = db_text(q, 6),
        .recipients = db_text(q, 7),
        .subject = db_text(q, 8),
        .snippet = "",
        .moment = "",
        .score = -db_real(q, 9),
    };
}

/* The statement that gives rows. Yours. */
static char *rows_sql(const struct search_sql *s, const struct search_options *o)
{
    struct str sql = STR_INIT;
    bool ranked = o->by_rank && s->indexed, scored = (o->by_rank || o->scores) && s->indexed;
    const char *key = s->indexed ? "f.rowid" : "d.key";
    str_puts(&sql, "SELECT d.key, d.ref, d.thread, d.date, d.kind, d.flags, t.sender,"
                   " t.recipients, t.subject");
    str_puts(&sql, scored ? ", f.rank" : ", 0");
    str_puts(&sql, o->snippets ? ", t.body FROM " : " FROM ");
    str_puts(&sql, s->indexed ? "doc_fts f CROSS JOIN doc d ON d.key = f.rowid" : "doc d");
    str_addf(&sql, " CROSS JOIN doc_text t ON t.id = d.text WHERE %s ORDER BY ",
             str_text(&s->where));
    if (ranked)
        str_puts(&sql, "f.rank, ");
    str_addf(&sql, "%s DESC LIMIT ?", key);
    return str_take(&sql);
}

/* Walks the rows of a statement. */
static void walk(struct db *db, struct db_query *q, const struct search_node *root,
                 const struct search_options *o,
                 bool (*on_row)(void *user, const struct search_row *row), void *user, bool *more)
{
    struct tokenizer *t = o->snippets ? tokenizer_new() : NULL;
    struct str body = STR_INIT;
    int64_t count = 0;
    while (db_step(q)) {
        struct search_row r;
        if (o->limit >= 0 && count++ >= o->limit) {
            *more = true;
            break;
        }
        fill(&r, q);
        char *snippet = NULL, moment[MOMENT_MOST];
        if (t) {
            struct error bad = ERROR_INIT;
            size_t n;
            const void *packed = db_bytes(q, 10, &n);
            str_clear(&body);
            bool spoken = r.kind == DOC_TRANSCRIPT;
            size_t place;
            if (bundle_read(db, packed, n, SIZE_MAX, &body, &bad) == STATUS_OK) {
                r.snippet = snippet = search_snippet(t, root, str_text(&body),
                                                     spoken ? MOMENT_SCAN : SNIPPET_SCAN, &place);
                if (spoken && moment_of(str_text(&body), place, moment))
                    r.moment = moment;
            }
        }
        bool go = on_row(user, &r);
        free(snippet);
        if (!go)
            break;
    }
    str_fini(&body);
    tokenizer_free(t);
}

struct walking {
    const struct search_node *root; /* borrow */
    bool (*on_row)(void *user, const struct search_row *row);
    void *user;
    int64_t count;
    bool stopped, more;
};

/* A row on its way. */
static bool pass_row(void *user, const struct search_row *row)
{
    struct walking *w = user;
    w->count++;
    w->stopped = !w->on_row(w->user, row);
    return !w->stopped;
}

/* Runs one statement for a query. */
static enum status run_once(struct db *db, struct walking *w, const struct search_options *o,
                            bool scan, struct error *err)
{
    struct search_sql sql;
    search_sql_init(&sql);
    sql.scan = scan;
    search_sql_make(db, w->root, o, &sql);
    char *text = rows_sql(&sql, o);
    struct db_query *q = db_prepare_once(db, text, err);
    free(text);
    if (q) {
        int at = bind_values(q, &sql);
        db_bind_int(q, at, o->limit < 0 ? -1 : o->limit + 1);
        walk(db, q, w->root, o, pass_row, w, &w->more);
    }
    enum status s = db_done(q, err);
    search_sql_fini(&sql);
    return s;
}

/* Looks for a beginning of very many words in the newest rows themselves; rest gets what is left to
 * be asked of the index: nothing when it was found or no row is left. */
static enum status run_scan(struct db *db, struct walking *w, const struct search_options *o,
                            struct search_options *rest, struct error *err)
{
    struct look *look = db_extra(db);
    look->counts = true;
    look->left = SCAN_ROWS;
    look->last = INT64_MAX;
    look->ended = look->unordered = false;
    enum status s = run_once(db, w, o, true, err);
    look->counts = false;
    if (look->ended && s != STATUS_INTERRUPTED && s != STATUS_OK) {
        *err = ERROR_INIT; /* it was ended here */
        s = STATUS_OK;
        if (!look->unordered) { /* else no row has come yet */
            rest->before = look->last + 1;
            rest->limit = o->limit - w->count;
        }
        return s;
    }
    w->stopped = true;
    return s;
}

/* Runs a query. The beginning of very many words is looked for in the newest rows themselves first:
 * they hold most likely all that is wanted, and the index would gather every row of every word. */
enum status search_run(struct db *db, const char *query, const struct search_options *o,
                       bool (*on_row)(void *user, const struct search_row *row), void *user,
                       bool *more, struct error *err)
{
    struct search_node *root;
    struct search_options rest = *o;
    struct walking w = {.on_row = on_row, .user = user};
    enum status s = search_parse(query, o->now ? o->now : clock_now(), &root, err);
    if (s == STATUS_OK)
        s = search_register(db, err);
    w.root = root;
    if (s == STATUS_OK)
        search_sql_prepare(db, root);
    if (s == STATUS_OK && o->limit >= 0 && !o->by_rank && search_sql_is_wide(root))
        s = run_scan(db, &w, o, &rest, err);
    if (s == STATUS_OK && !w.stopped)
        s = run_once(db, &w, &rest, false, err);
    search_node_free(root);
    if (more)
        *more = w.more;
    return s;
}

/* Counts what a query finds. */
enum status search_count(struct db *db, const char *query, const struct search_options *o,
                         int64_t *out, struct error *err)
{
    struct search_node *root;
    *out = 0;
    enum status s = search_parse(query, o->now ? o->now : clock_now(), &root, err);
    if (s == STATUS_OK)
        s = search_register(db, err);
    if (s == STATUS_OK) {
        struct search_sql sql;
        search_sql_prepare(db, root);
        search_sql_init(&sql);
        search_sql_make(db, root, o, &sql);
        char *text = str_format("SELECT count(*) FROM %s WHERE %s", str_text(&sql.from),
                                str_text(&sql.where));
        struct db_query *q = db_prepare_once(db, text, err);
        free(text);
        if (q) {
            bind_values(q, &sql);
            if (db_step(q))
                *out = db_int(q, 0);
        }
        s = db_done(q, err);
        search_sql_fini(&sql);
    }
    search_node_free(root);
    return s;
}
