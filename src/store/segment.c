/* SPDX-License-Identifier: GPL-3.0-or-later */
/* segment.c - a piece of the full-text index, written into the tables that FTS5 keeps it in.
 *
 * Why not by INSERT INTO doc_fts: FTS5 gathers words in a table of its own, whose upkeep was half of an
 * import's time in the writer, and must write it down at every commit, however little it holds. What is
 * written here is what FTS5 writes, byte by byte (tests/unit/store/test_segment.c compares them); its
 * format stands in the head of fts5_index.c and has not changed since 2015:
 *
 *   doc_fts_data  1: rows and places in all; 10: the pieces by levels; each piece's pages, numbered
 *                 piece << 37 | page, and lists of pages (piece << 37 | 1 << 36 | height << 31 | page)
 *                 of words whose list is long
 *   doc_fts_idx   the words at which pages begin
 *   doc_fts_docsize  the places of each row, by columns
 *
 * A page: where its first row begins if that is before its first word (2 bytes), where its foot begins
 * (2 bytes), words and lists, the foot: where each word begins. Integrity is what `verify` checks. */
#include "store/segment.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "store/db.h"
#include "store/words.h"

#define RECORD_AVERAGES 1
#define RECORD_PIECES 10
#define PIECES_MOST 2000 /* FTS5_MAX_SEGMENT */
#define PAGE_DEFAULT 4050
#define PAGE_SLACK 600 /* a page may grow over its size by a word and a number or two */
#define LIST_FROM 4    /* pages without a word from which on a list of pages is kept */
#define HEIGHTS 4
#define FIRST_BYTE '0' /* of a word in the index that is no prefix index */
#define ASK_EVERY 64   /* pages */

struct piece {
    uint64_t id, first, last;
};

struct level {
    uint64_t merging;     /* its first pieces, being merged */
    struct piece *pieces; /* own; room for one more */
    size_t n;
};

struct pieces { /* the record of all of them */
    unsigned char cookie[4];
    uint64_t written;
    struct level *levels; /* own */
    size_t n;
};

struct bytes {
    unsigned char data[PAGE_DEFAULT * 17 + PAGE_SLACK]; /* a page of FTS5 is of 64 KiB at most */
    size_t len;
};

struct page_list { /* the pages of a long list, one height of it */
    struct str bytes;
    uint64_t page;
    bool valid;
    int64_t last;
};

struct segment {
    struct db *db;
    size_t page_size;
    uint64_t id, page;
    struct bytes body, foot;
    size_t last_word; /* where it begins in body */
    char word[WORDS_LONGEST + 1], first[WORDS_LONGEST + 1]; /* the last one; the page's in the index */
    size_t word_len, first_len;
    uint64_t first_page; /* 0: none */
    bool no_word, no_row; /* on this page yet */
    uint64_t without;     /* pages since first_page that hold no word */
    struct page_list lists[HEIGHTS];
    bool (*go_on)(void *user);
    void *user;
};

/* ---- the record of pieces ---- */

/* Releases it. */
static void pieces_fini(struct pieces *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->levels[i].pieces);
    free(p->levels);
    *p = (struct pieces){0};
}

/* Reads the next number; false when there is none. */
static bool next(const unsigned char **p, size_t *n, uint64_t *v)
{
    size_t used = words_varint_read(*p, *n, v);
    *p += used;
    *n -= used;
    return used > 0;
}

/* Reads one level. */
static bool read_level(struct level *l, const unsigned char **p, size_t *n)
{
    uint64_t count;
    if (!next(p, n, &l->merging) || !next(p, n, &count) || count > PIECES_MOST || l->merging > count)
        return false;
    l->pieces = mem_array(count + 1, sizeof(struct piece));
    for (; l->n < count; l->n++) {
        struct piece *s = &l->pieces[l->n];
        if (!next(p, n, &s->id) || !next(p, n, &s->first) || !next(p, n, &s->last) || s->last < s->first)
            return false;
    }
    return true;
}

/* Reads the record; false when it is not of the form that is known here. */
static bool read_pieces(struct db *db, struct pieces *out)
{
    struct db_query *q = db_prepare(db, "SELECT block FROM doc_fts_data WHERE id = ?1");
    db_bind_int(q, 1, RECORD_PIECES);
    size_t n = 0;
    const unsigned char *p = db_step(q) ? db_bytes(q, 0, &n) : NULL;
    uint64_t levels = 0, count = 0, found = 0;
    *out = (struct pieces){0};
    bool good = n >= 7;
    if (good) {
        memcpy(out->cookie, p, 4);
        p += 4;
        n -= 4;
        good = next(&p, &n, &levels) && next(&p, &n, &count) && next(&p, &n, &out->written) &&
               levels < PIECES_MOST && count < PIECES_MOST;
    }
    if (good) {
        out->levels = mem_array(levels + 1, sizeof(struct level));
        for (; good && out->n < levels; out->n++) {
            good = read_level(&out->levels[out->n], &p, &n);
            found += out->levels[out->n].n;
        }
    }
    db_end(q);
    good = good && n == 0 && found == count;
    if (!good)
        pieces_fini(out);
    return good;
}

/* Appends a number. */
static void put(struct str *s, uint64_t v)
{
    unsigned char bytes[9];
    str_add(s, (const char *)bytes, words_varint(bytes, v));
}

/* Writes a row of doc_fts_data. */
static enum status write_block(struct db *db, uint64_t id, const void *bytes, size_t n, struct error *err)
{
    struct db_query *q = db_prepare(db, "INSERT OR REPLACE INTO doc_fts_data(id, block) VALUES(?1, ?2)");
    db_bind_int(q, 1, (int64_t)id);
    db_bind_bytes(q, 2, bytes, n);
    return db_run(q, err);
}

/* Writes the record. */
static enum status write_pieces(struct db *db, const struct pieces *p, struct error *err)
{
    struct str s = STR_INIT;
    size_t count = 0;
    for (size_t i = 0; i < p->n; i++)
        count += p->levels[i].n;
    str_add(&s, (const char *)p->cookie, sizeof p->cookie);
    put(&s, p->n);
    put(&s, count);
    put(&s, p->written);
    for (size_t i = 0; i < p->n; i++) {
        const struct level *l = &p->levels[i];
        put(&s, l->merging);
        put(&s, l->n);
        for (size_t k = 0; k < l->n; k++) {
            put(&s, l->pieces[k].id);
            put(&s, l->pieces[k].first);
            put(&s, l->pieces[k].last);
        }
    }
    enum status st = write_block(db, RECORD_PIECES, s.data, s.len, err);
    str_fini(&s);
    return st;
}

/* The lowest number that no piece has; 0 when all are taken. */
static uint64_t free_id(const struct pieces *p)
{
    bool used[PIECES_MOST + 1] = {false};
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->levels[i].n; k++)
            if (p->levels[i].pieces[k].id <= PIECES_MOST)
                used[p->levels[i].pieces[k].id] = true;
    for (uint64_t id = 1; id <= PIECES_MOST; id++)
        if (!used[id])
            return id;
    return 0;
}

/* ---- pages ---- */

/* Appends bytes. */
static void add(struct bytes *b, const void *bytes, size_t n)
{
    memcpy(b->data + b->len, bytes, n);
    b->len += n;
}

/* Appends a number. */
static void add_number(struct bytes *b, uint64_t v)
{
    b->len += words_varint(b->data + b->len, v);
}

/* Two bytes, the high one first. */
static void put_16(unsigned char *at, size_t v)
{
    at[0] = (unsigned char)(v >> 8);
    at[1] = (unsigned char)v;
}

/* What the page holds so far. */
static size_t filled(const struct segment *s)
{
    return s->body.len + s->foot.len;
}

/* The number of a row for a list of pages. */
static uint64_t list_id(const struct segment *s, size_t height, uint64_t page)
{
    return s->id << 37 | (uint64_t)1 << 36 | (uint64_t)height << 31 | page;
}

/* Keeps or drops the list of pages of the word that ends; *kept tells. */
static enum status end_list(struct segment *s, bool *kept, struct error *err)
{
    enum status st = STATUS_OK;
    *kept = s->lists[0].bytes.len > 0 && s->without >= LIST_FROM;
    for (size_t i = 0; i < HEIGHTS && s->lists[i].bytes.len; i++) {
        struct page_list *l = &s->lists[i];
        if (*kept && st == STATUS_OK)
            st = write_block(s->db, list_id(s, i, l->page), l->bytes.data, l->bytes.len, err);
        str_clear(&l->bytes);
        l->valid = false;
    }
    s->without = 0;
    return st;
}

/* The row of the index for the first word of a page, when its last word has ended. */
static enum status end_first(struct segment *s, struct error *err)
{
    bool kept = false;
    if (!s->first_page)
        return STATUS_OK;
    enum status st = end_list(s, &kept, err);
    if (st != STATUS_OK)
        return st;
    struct db_query *q =
        db_prepare(s->db, "INSERT INTO doc_fts_idx(segid, term, pgno) VALUES(?1, ?2, ?3)");
    db_bind_int(q, 1, (int64_t)s->id);
    db_bind_bytes(q, 2, s->first, s->first_len);
    db_bind_int(q, 3, (int64_t)(s->first_page << 1 | kept));
    s->first_page = 0;
    return db_run(q, err);
}

/* Begins the list of pages that stands above a full one. */
static void raise(struct page_list *above, const struct page_list *full)
{
    const unsigned char *p = (const unsigned char *)full->bytes.data + 1;
    uint64_t page, key;
    size_t n = full->bytes.len - 1, used = words_varint_read(p, n, &page);
    words_varint_read(p + used, n - used, &key);
    above->page = full->page;
    put(&above->bytes, 0);
    put(&above->bytes, full->page);
    put(&above->bytes, key);
    above->valid = true;
    above->last = (int64_t)key;
}

/* A page begins with a row in the middle of a list: the list of pages gets to know it. */
static enum status list_page(struct segment *s, int64_t key, struct error *err)
{
    enum status st = STATUS_OK;
    bool more = true;
    for (size_t i = 0; st == STATUS_OK && more && i < HEIGHTS; i++) {
        struct page_list *l = &s->lists[i];
        more = l->bytes.len >= s->page_size && i + 1 < HEIGHTS;
        if (more) {
            l->bytes.data[0] = 1;
            st = write_block(s->db, list_id(s, i, l->page), l->bytes.data, l->bytes.len, err);
            if (!l[1].bytes.len)
                raise(&l[1], l);
            str_clear(&l->bytes);
            l->valid = false;
            l->page++;
        }
        uint64_t v = (uint64_t)(l->valid ? key - l->last : key);
        if (!l->valid) {
            put(&l->bytes, more);
            put(&l->bytes, i ? l[-1].page : s->page);
        }
        put(&l->bytes, v);
        l->valid = true;
        l->last = key;
    }
    return st;
}

/* Writes the page down. */
static enum status end_page(struct segment *s, struct error *err)
{
    put_16(s->body.data + 2, s->body.len);
    if (s->no_word) {
        if (s->no_row && s->lists[0].bytes.len)
            put(&s->lists[0].bytes, 0);
        s->without++;
    } else {
        add(&s->body, s->foot.data, s->foot.len);
    }
    if (s->page % ASK_EVERY == 0 && s->go_on && !s->go_on(s->user))
        return error_set(err, STATUS_INTERRUPTED, _("stopped"));
    enum status st = write_block(s->db, s->id << 37 | s->page, s->body.data, s->body.len, err);
    memset(s->body.data, 0, 4);
    s->body.len = 4;
    s->foot.len = s->last_word = 0;
    s->page++;
    s->no_word = s->no_row = true;
    return st;
}

/* Bytes that two words begin with alike. */
static size_t alike(const char *a, size_t n, const char *b, size_t m)
{
    size_t i = 0;
    while (i < n && i < m && a[i] == b[i])
        i++;
    return i;
}

/* Begins a word. */
static enum status begin_word(struct segment *s, const char *word, size_t n, struct error *err)
{
    enum status st = STATUS_OK;
    size_t same = alike(s->word, s->word_len, word, n);
    if (filled(s) + n + 2 >= s->page_size && s->body.len > 4)
        st = end_page(s, err);
    if (st != STATUS_OK)
        return st;
    add_number(&s->foot, s->body.len - s->last_word);
    s->last_word = s->body.len;
    if (!s->no_word) {
        add_number(&s->body, same);
    } else {
        if (s->page > 1) { /* in the index stands as much of it as tells it from the word before */
            st = end_first(s, err);
            s->first_len = s->word_len ? same + 1 : n;
            memcpy(s->first, word, s->first_len);
            s->first_page = s->page;
        }
        same = 0;
    }
    add_number(&s->body, n - same);
    add(&s->body, word + same, n - same);
    memcpy(s->word, word, n);
    s->word_len = n;
    s->no_word = s->no_row = false;
    s->lists[0].page = s->page;
    return st;
}

/* Bytes at p that hold whole numbers and are at most `most`, or the first number. */
static size_t whole(const unsigned char *p, size_t n, size_t most)
{
    uint64_t v;
    size_t len = words_varint_read(p, n, &v);
    while (len < most && len < n) {
        size_t one = words_varint_read(p + len, n - len, &v);
        if (!one || len + one > most)
            break;
        len += one;
    }
    return len;
}

/* Writes the places of a row, cut between numbers where a page ends. */
static enum status add_places(struct segment *s, const unsigned char *p, size_t n, struct error *err)
{
    enum status st = STATUS_OK;
    if (filled(s) + n <= s->page_size) {
        add(&s->body, p, n);
        return st;
    }
    while (st == STATUS_OK) {
        size_t left = filled(s) < s->page_size ? s->page_size - filled(s) : 0;
        size_t part = n <= left ? n : whole(p, n, left);
        add(&s->body, p, part);
        p += part;
        n -= part;
        if (filled(s) >= s->page_size)
            st = end_page(s, err);
        if (!n)
            break;
    }
    return st;
}

/* Writes a list that has no room on the page, row by row. */
static enum status add_rows(struct segment *s, const unsigned char *list, size_t len, struct error *err)
{
    enum status st = STATUS_OK;
    int64_t key = 0;
    for (size_t at = 0; at < len && st == STATUS_OK;) {
        uint64_t step, size;
        at += words_varint_read(list + at, len - at, &step);
        key += (int64_t)step;
        if (s->no_row) {
            put_16(s->body.data, s->body.len);
            add_number(&s->body, (uint64_t)key);
            s->no_row = false;
            st = list_page(s, key, err);
        } else {
            add_number(&s->body, step);
        }
        size_t n = words_varint_read(list + at, len - at, &size);
        n += size / 2;
        if (st == STATUS_OK)
            st = add_places(s, list + at, n, err);
        at += n;
    }
    return st;
}

/* One word with its list. */
static enum status on_word(void *user, const char *text, size_t n, const unsigned char *list, size_t len,
                           struct error *err)
{
    struct segment *s = user;
    char word[WORDS_LONGEST + 1];
    word[0] = FIRST_BYTE;
    memcpy(word + 1, text, n);
    enum status st = begin_word(s, word, n + 1, err);
    if (st != STATUS_OK)
        return st;
    if (s->page_size >= filled(s) + len + 1) {
        add(&s->body, list, len);
        return st;
    }
    return add_rows(s, list, len, err);
}

/* ---- the piece ---- */

/* Adds up the rows and their places. */
static enum status write_averages(struct db *db, const struct words *w, struct error *err)
{
    uint64_t sums[1 + WORDS_COLUMNS] = {0};
    struct db_query *q = db_prepare(db, "SELECT block FROM doc_fts_data WHERE id = ?1");
    db_bind_int(q, 1, RECORD_AVERAGES);
    size_t n = 0;
    const unsigned char *p = db_step(q) ? db_bytes(q, 0, &n) : NULL;
    for (size_t i = 0; i <= WORDS_COLUMNS && n && next(&p, &n, &sums[i]); i++)
        ;
    db_end(q);
    sums[0] += words_rows(w);
    for (size_t i = 0; i < words_rows(w); i++)
        for (size_t k = 0; k < WORDS_COLUMNS; k++)
            sums[k + 1] += words_row(w, i)->sizes[k];
    struct str s = STR_INIT;
    for (size_t i = 0; i <= WORDS_COLUMNS; i++)
        put(&s, sums[i]);
    enum status st = write_block(db, RECORD_AVERAGES, s.data, s.len, err);
    str_fini(&s);
    return st;
}

/* Writes the sizes of each row. */
static enum status write_sizes(struct db *db, const struct words *w, struct error *err)
{
    enum status st = STATUS_OK;
    for (size_t i = 0; i < words_rows(w) && st == STATUS_OK; i++) {
        const struct words_row *row = words_row(w, i);
        unsigned char bytes[WORDS_COLUMNS * 9];
        size_t n = 0;
        for (size_t k = 0; k < WORDS_COLUMNS; k++)
            n += words_varint(bytes + n, row->sizes[k]);
        struct db_query *q = db_prepare(db, "INSERT OR REPLACE INTO doc_fts_docsize(id, sz) VALUES(?1, ?2)");
        db_bind_int(q, 1, row->key);
        db_bind_bytes(q, 2, bytes, n);
        st = db_run(q, err);
    }
    return st;
}

/* Writes the pages. */
static enum status write_pages(struct segment *s, struct words *w, struct error *err)
{
    s->page_size = (size_t)db_get_int(s->db, "SELECT v FROM doc_fts_config WHERE k = 'pgsz'", PAGE_DEFAULT);
    s->page = s->first_page = 1;
    s->no_word = s->no_row = true;
    s->body.len = 4;
    enum status st = words_each(w, on_word, s, err);
    if (st == STATUS_OK && s->body.len > 4)
        st = end_page(s, err);
    if (st == STATUS_OK && s->page > 1)
        st = end_first(s, err);
    return st;
}

/* Is the record of a known form? */
bool segment_fits(struct db *db)
{
    struct pieces p;
    bool fits = db_get_int(db, "SELECT v FROM doc_fts_config WHERE k = 'version'", 0) == 4 &&
                read_pieces(db, &p);
    if (fits)
        pieces_fini(&p);
    return fits;
}

/* Adds a piece. */
enum status segment_write(struct db *db, struct words *w, bool (*go_on)(void *user), void *user,
                          struct error *err)
{
    struct pieces p;
    if (!read_pieces(db, &p))
        return error_set(err, STATUS_CORRUPT, _("the search index does not fit the texts"));
    struct segment *s = mem_alloc(sizeof *s);
    s->db = db;
    s->id = free_id(&p);
    s->go_on = go_on;
    s->user = user;
    enum status st = s->id ? write_pages(s, w, err) : error_set(err, STATUS_LIMIT, "%s", "doc_fts");
    if (st == STATUS_OK && s->page > 1) {
        if (!p.n)
            p.levels[p.n++].pieces = mem_array(1, sizeof(struct piece));
        struct level *l = p.levels;
        l->pieces[l->n++] = (struct piece){s->id, 1, s->page - 1};
        p.written += s->page - 1;
        st = write_pieces(db, &p, err);
    }
    if (st == STATUS_OK)
        st = write_sizes(db, w, err);
    if (st == STATUS_OK)
        st = write_averages(db, w, err);
    for (size_t i = 0; i < HEIGHTS; i++)
        str_fini(&s->lists[i].bytes);
    free(s);
    pieces_fini(&p);
    return st;
}

/* What merging would write. */
int64_t segment_unmerged(struct db *db, unsigned most)
{
    struct pieces p;
    int64_t pages = 0;
    if (!read_pieces(db, &p))
        return 0;
    for (size_t i = 0; i < p.n; i++) {
        const struct level *l = &p.levels[i];
        size_t n = l->merging ? (size_t)l->merging : l->n >= most ? l->n : 0;
        for (size_t k = 0; k < n; k++)
            pages += (int64_t)(l->pieces[k].last - l->pieces[k].first + 1);
    }
    pieces_fini(&p);
    return pages;
}
