/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words.c - where words stand in a run of rows.
 *
 * Adding is what counts: an import adds five hundred words for every mail. Each word is kept once, in
 * one piece of memory, found by a table whose slots hold half of its hash, so that only the right word
 * is looked at. A word that is added waits until some more came: what the processor has to fetch for it
 * from memory is asked for meanwhile. What was added is a log of 4 bytes a word; marks in it tell where columns begin. At
 * the end the words are sorted, and the log is dealt out to them by counting: in several
 * passes, each for as many words as its table holds. So a word costs 4 bytes while it is gathered,
 * where FTS5's own table takes a block of memory for each word and grows it place by place.
 *
 * The lists are those of FTS5 (fts5_index.c, "doclist format"):
 *   row:     varint key or distance, varint twice the bytes of its places, places
 *   places:  of column 0, then for each other one: byte 1, varint column, places
 *   a place: varint of its distance to the one before in the column, and 2 */
#include "store/words.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define DEAL_MOST ((size_t)1 << 19) /* words dealt out in one pass */
#define BESIDE 0x80000000u          /* in the log: at the place of the word before */
#define MARK 0xfffffff0u            /* from here on: a column begins */
#define ALIGN 4
#define AHEAD 8 /* words between the look at the slot and that at the word */
#define WAITING (2 * AHEAD)

struct word { /* in the pool */
    uint32_t count; /* how often it was added */
    uint32_t next;  /* where its next place is dealt to */
    uint8_t len;
    char text[];
};

struct waiting {
    uint64_t hash;
    uint8_t len;
    bool beside;
    char text[WORDS_LONGEST];
};

struct words {
    struct waiting waiting[WAITING]; /* in turn: put is the next, done the oldest that waits */
    size_t put, done;
    size_t count;
    char *pool; /* own */
    size_t pool_len, pool_cap;
    uint64_t *slots; /* own; half of the hash, and the word's number in the pool + 1 */
    size_t slot_cap, words;
    uint64_t seed;
    uint32_t *log; /* own */
    size_t log_len, log_cap;
    struct words_row *rows; /* own */
    size_t row_len, row_cap;
    uint32_t *size; /* of the column that words are added to */
    uint64_t *dealt; /* own; row << 40 | column << 32 | place */
    size_t dealt_cap;
    unsigned char *list; /* own */
    size_t list_cap;
};

/* Empty tables. */
struct words *words_new(void)
{
    struct words *w = mem_alloc(sizeof *w);
    w->slot_cap = 4096;
    w->slots = mem_array(w->slot_cap, sizeof *w->slots);
    randombytes_buf(&w->seed, sizeof w->seed);
    return w;
}

/* Releases them. */
void words_free(struct words *w)
{
    if (!w)
        return;
    free(w->pool);
    free(w->slots);
    free(w->log);
    free(w->rows);
    free(w->dealt);
    free(w->list);
    free(w);
}

/* Forgets all words and rows; the memory is kept. */
void words_clear(struct words *w)
{
    memset(w->slots, 0, w->slot_cap * sizeof *w->slots);
    w->pool_len = w->words = w->log_len = w->row_len = w->count = w->put = w->done = 0;
    w->size = NULL;
}

/* Room for one more item. */
static void *room(void *items, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return items;
    *cap = *cap ? *cap + *cap / 2 : 1024;
    return mem_resize(items, *cap, size);
}

/* The word of a number. */
static struct word *word_at(const struct words *w, uint32_t number)
{
    return (struct word *)(void *)(w->pool + (size_t)number * ALIGN);
}

/* Eight bytes of a word at a time. The seed keeps a mail from choosing words that meet in one slot. */
static uint64_t hash_of(uint64_t seed, const char *s, size_t n)
{
    uint64_t h = seed ^ n * 0x9e3779b97f4a7c15u, part;
    for (; n >= sizeof part; s += sizeof part, n -= sizeof part) {
        memcpy(&part, s, sizeof part);
        h = (h ^ part) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    part = 0;
    memcpy(&part, s, n);
    h = (h ^ part) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

/* Doubles the table of slots. */
static void grow(struct words *w)
{
    size_t cap = w->slot_cap * 2;
    uint64_t *slots = mem_array(cap, sizeof *slots);
    for (size_t i = 0; i < w->slot_cap; i++) {
        if (!w->slots[i])
            continue;
        const struct word *word = word_at(w, (uint32_t)w->slots[i] - 1);
        size_t at = hash_of(w->seed, word->text, word->len) & (cap - 1);
        while (slots[at])
            at = (at + 1) & (cap - 1);
        slots[at] = w->slots[i];
    }
    free(w->slots);
    w->slots = slots;
    w->slot_cap = cap;
}

/* Puts a new word into the pool; its number. */
static uint32_t keep(struct words *w, const char *text, size_t n)
{
    size_t size = (offsetof(struct word, text) + n + ALIGN - 1) / ALIGN * ALIGN;
    if (w->pool_len + size > w->pool_cap) {
        w->pool_cap = w->pool_cap + w->pool_cap / 2 + 65536;
        w->pool = mem_resize(w->pool, w->pool_cap, 1);
    }
    uint32_t number = (uint32_t)(w->pool_len / ALIGN);
    struct word *word = word_at(w, number);
    *word = (struct word){.len = (uint8_t)n};
    memcpy(word->text, text, n);
    w->pool_len += size;
    w->words++;
    return number;
}

/* The number of a word. */
static uint32_t number_of(struct words *w, uint64_t hash, const char *text, size_t n)
{
    uint64_t half = hash & 0xffffffff00000000u;
    size_t at = hash & (w->slot_cap - 1);
    for (; w->slots[at]; at = (at + 1) & (w->slot_cap - 1)) {
        if ((w->slots[at] & 0xffffffff00000000u) != half)
            continue;
        uint32_t number = (uint32_t)w->slots[at] - 1;
        const struct word *word = word_at(w, number);
        if (word->len == n && memcmp(word->text, text, n) == 0)
            return number;
    }
    uint32_t number = keep(w, text, n);
    w->slots[at] = half | (number + 1);
    if (w->words * 2 > w->slot_cap)
        grow(w);
    return number;
}

/* Appends to the log. */
static void note(struct words *w, uint32_t what)
{
    w->log = room(w->log, w->log_len, &w->log_cap, sizeof *w->log);
    w->log[w->log_len++] = what;
}

/* Adds the word that waits longest. */
static void settle(struct words *w)
{
    const struct waiting *p = &w->waiting[w->done++ % WAITING];
    uint32_t number = number_of(w, p->hash, p->text, p->len);
    word_at(w, number)->count++;
    bool beside = p->beside && *w->size;
    *w->size += !beside;
    note(w, beside ? number | BESIDE : number);
}

/* Adds all that wait. */
static void settle_all(struct words *w)
{
    while (w->done < w->put)
        settle(w);
}

/* The last row ends here, as far as is known. */
static void end_row(struct words *w)
{
    settle_all(w);
    if (w->row_len && w->size)
        w->rows[w->row_len - 1].end = w->log_len;
    w->size = NULL;
}

/* Begins a row. */
void words_begin(struct words *w, int64_t key)
{
    end_row(w);
    w->rows = room(w->rows, w->row_len, &w->row_cap, sizeof *w->rows);
    w->rows[w->row_len++] = (struct words_row){.key = key, .start = w->log_len};
    w->size = w->rows[w->row_len - 1].sizes;
}

/* Begins a column. */
void words_column(struct words *w, unsigned column)
{
    assert(column < WORDS_COLUMNS);
    settle_all(w);
    w->size = &w->rows[w->row_len - 1].sizes[column];
    note(w, MARK + column);
}

/* Adds a word. */
void words_add(struct words *w, const char *word, size_t n, bool beside)
{
    size_t mask = w->slot_cap - 1;
    if (w->put - w->done == WAITING)
        settle(w);
    struct waiting *p = &w->waiting[w->put++ % WAITING];
    p->len = (uint8_t)(n < WORDS_LONGEST ? n : WORDS_LONGEST);
    p->beside = beside;
    memcpy(p->text, word, p->len);
    p->hash = hash_of(w->seed, p->text, p->len);
    __builtin_prefetch(&w->slots[p->hash & mask]);
    if (w->put - w->done > AHEAD) {
        uint64_t slot = w->slots[w->waiting[(w->put - 1 - AHEAD) % WAITING].hash & mask];
        if (slot)
            __builtin_prefetch(word_at(w, (uint32_t)slot - 1));
    }
    w->count++;
}

/* So many were added. */
size_t words_count(const struct words *w)
{
    return w->count;
}

/* So many rows. */
size_t words_rows(const struct words *w)
{
    return w->row_len;
}

/* One of them. */
const struct words_row *words_row(const struct words *w, size_t i)
{
    assert(i < w->row_len);
    return &w->rows[i];
}

/* ---- numbers ---- */

/* Writes one: seven bits a byte, the highest first; a ninth byte has eight. */
size_t words_varint(unsigned char *out, uint64_t v)
{
    if (v < 0x80) {
        out[0] = (unsigned char)v;
        return 1;
    }
    unsigned char turned[9];
    size_t n = 0;
    if (v >> 56) {
        out[8] = (unsigned char)v;
        v >>= 8;
        for (int i = 7; i >= 0; i--, v >>= 7)
            out[i] = (unsigned char)((v & 0x7f) | 0x80);
        return 9;
    }
    for (; v; v >>= 7)
        turned[n++] = (unsigned char)((v & 0x7f) | 0x80);
    turned[0] &= 0x7f;
    for (size_t i = 0; i < n; i++)
        out[i] = turned[n - 1 - i];
    return n;
}

/* Reads one. */
size_t words_varint_read(const unsigned char *p, size_t n, uint64_t *v)
{
    *v = 0;
    for (size_t i = 0; i < n && i < 9; i++) {
        if (i == 8) {
            *v = *v << 8 | p[i];
            return 9;
        }
        *v = *v << 7 | (p[i] & 0x7f);
        if (p[i] < 0x80)
            return i + 1;
    }
    return 0;
}

/* ---- out ---- */

struct sorted {
    uint64_t start; /* its first bytes, the first highest */
    const struct word *word;
};

/* The order of bytes. */
static int by_bytes(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    size_t n = x->word->len < y->word->len ? x->word->len : y->word->len;
    int c = memcmp(x->word->text, y->word->text, n);
    return c ? c : (x->word->len > y->word->len) - (x->word->len < y->word->len);
}

/* All words in order. Yours. */
static struct sorted *sort(const struct words *w)
{
    struct sorted *all = mem_array(w->words + 1, sizeof *all);
    size_t n = 0;
    for (size_t i = 0; i < w->slot_cap; i++) {
        if (!w->slots[i])
            continue;
        const struct word *word = word_at(w, (uint32_t)w->slots[i] - 1);
        unsigned char first[8] = {0};
        memcpy(first, word->text, word->len < 8 ? word->len : 8);
        all[n].word = word;
        for (int k = 0; k < 8; k++)
            all[n].start = all[n].start << 8 | first[k];
        n++;
    }
    qsort(all, n, sizeof *all, by_bytes);
    return all;
}

/* Deals the log out to the words whose turn it is: those whose next place lies in [from, from + n). */
static void deal(struct words *w, uint32_t from, uint32_t n)
{
    for (size_t r = 0; r < w->row_len; r++) {
        uint64_t row = (uint64_t)r << 40, column = 0;
        uint32_t place = 0;
        for (size_t i = w->rows[r].start; i < w->rows[r].end; i++) {
            uint32_t what = w->log[i];
            if (what >= MARK) {
                column = (uint64_t)(what - MARK) << 32;
                place = 0;
                continue;
            }
            uint32_t later = i + WAITING < w->log_len ? w->log[i + WAITING] : MARK;
            if (later < MARK)
                __builtin_prefetch(word_at(w, later & ~BESIDE));
            struct word *word = word_at(w, what & ~BESIDE);
            place += !(what & BESIDE);
            uint32_t at = word->next - from;
            if (at < n) {
                w->dealt[at] = row | column | (place - 1);
                word->next++;
            }
        }
    }
}

/* Puts the size of a row's places before them; returns where they end then. */
static unsigned char *put_size(unsigned char *at, unsigned char *end)
{
    unsigned char size[9];
    size_t n = (size_t)(end - at - 1), bytes = words_varint(size, n * 2);
    if (bytes > 1)
        memmove(at + bytes, at + 1, n);
    memcpy(at, size, bytes);
    return at + bytes + n;
}

/* Writes the list of a word from what was dealt to it; returns its length. */
static size_t write_list(struct words *w, const uint64_t *dealt, size_t n)
{
    enum { ENTRY = 64 }; /* more than a row, a column and a place can take */
    int64_t key = 0;
    uint64_t row = UINT64_MAX, column = 0;
    uint32_t place = 0;
    size_t len = 0, size = 0;
    for (size_t i = 0; i < n; i++) {
        if (w->list_cap - len < ENTRY) {
            w->list_cap = w->list_cap * 2 + 4096;
            w->list = mem_resize(w->list, w->list_cap, 1);
        }
        unsigned char *p = w->list + len;
        if (dealt[i] >> 40 != row) {
            if (i)
                p = put_size(w->list + size, p);
            row = dealt[i] >> 40;
            p += words_varint(p, (uint64_t)(w->rows[row].key - key));
            key = w->rows[row].key;
            size = (size_t)(p++ - w->list);
            column = place = 0;
        }
        if ((dealt[i] >> 32 & 0xff) != column) {
            column = dealt[i] >> 32 & 0xff;
            *p++ = 1;
            p += words_varint(p, column);
            place = 0;
        }
        p += words_varint(p, (uint32_t)dealt[i] - place + 2);
        place = (uint32_t)dealt[i];
        len = (size_t)(p - w->list);
    }
    return (size_t)(put_size(w->list + size, w->list + len) - w->list);
}

/* Says where the words of a pass find their places; returns how many words they are. */
static size_t plan(struct words *w, const struct sorted *all, size_t first, uint32_t from, size_t *places)
{
    size_t i = first;
    *places = 0;
    for (; i < w->words && (i == first || *places + all[i].word->count <= DEAL_MOST); i++) {
        word_at(w, (uint32_t)((size_t)((const char *)all[i].word - w->pool) / ALIGN))->next =
            from + (uint32_t)*places;
        *places += all[i].word->count;
    }
    if (*places > w->dealt_cap) {
        w->dealt_cap = *places;
        w->dealt = mem_resize(w->dealt, w->dealt_cap, sizeof *w->dealt);
    }
    return i - first;
}

/* Oldest first. */
static int by_key(const void *a, const void *b)
{
    const struct words_row *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

/* Each word in order. */
enum status words_each(struct words *w,
                       enum status (*on_word)(void *user, const char *word, size_t n,
                                              const unsigned char *list, size_t len,
                                              struct error *err),
                       void *user, struct error *err)
{
    end_row(w);
    struct sorted *all = sort(w);
    qsort(w->rows, w->row_len, sizeof *w->rows, by_key);
    enum status s = STATUS_OK;
    uint32_t from = 1; /* 0 is no word's place: words wait there for their turn */
    for (size_t first = 0, n = 0; first < w->words && s == STATUS_OK; first += n) {
        size_t places, at = 0;
        n = plan(w, all, first, from, &places);
        deal(w, from, (uint32_t)places);
        for (size_t i = first; i < first + n && s == STATUS_OK; i++) {
            const struct word *word = all[i].word;
            size_t len = write_list(w, w->dealt + at, word->count);
            s = on_word(user, word->text, word->len, w->list, len, err);
            at += word->count;
        }
        for (size_t i = first; i < first + n; i++)
            ((struct word *)(uintptr_t)all[i].word)->next = 0;
        from += (uint32_t)places;
    }
    for (size_t i = 0; i < w->words; i++)
        ((struct word *)(uintptr_t)all[i].word)->next = 0;
    free(all);
    return s;
}
