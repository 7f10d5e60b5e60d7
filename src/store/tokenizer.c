/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tokenizer.c - folding, words and CJK runs, and the tokenizer that FTS5 calls.
 *
 * Folding a character asks libunistring once; the answer stays in a table of pages of 256
 * characters. Only two kinds of characters depend on what stands before them after that: the
 * voiced marks of Kana (half width "ｶﾞ" is "ガ") and the vowels and finals of Hangul written in
 * pieces; those are joined with their forerunner. */
#include "store/tokenizer.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "store/db_internal.h"

enum class { CLASS_UNKNOWN, CLASS_BREAK, CLASS_WORD, CLASS_CJK };

struct folded {
    uint32_t at;    /* in pool */
    uint32_t stamp; /* of the text that it was last seen in */
    uint8_t len;    /* bytes in pool */
    uint8_t class;  /* of the character itself, once folded */
    uint8_t joins;  /* may join with what stands before it */
};

struct tokenizer {
    struct folded *pages[0x110000 / 256]; /* own */
    struct str pool, text;
    uint32_t stamp;
    bool marks;
};

/* Lower case of ASCII and whether it is of a word. */
static const char ascii_word[128] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6',
    ['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',
    ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',
    ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',
    ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',
    ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
    ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm',
    ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't',
    ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
};

/* Empty tables. */
struct tokenizer *tokenizer_new(void)
{
    return mem_alloc(sizeof(struct tokenizer));
}

/* As the index of an older store has it. */
void tokenizer_set_marks(struct tokenizer *t, bool on)
{
    t->marks = on;
}

/* Releases the tables. */
void tokenizer_free(struct tokenizer *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < sizeof t->pages / sizeof *t->pages; i++)
        free(t->pages[i]);
    str_fini(&t->pool);
    str_fini(&t->text);
    free(t);
}

/* Is it of a script without spaces between words? */
static bool is_cjk(uint32_t c)
{
    return c >= 0x0e01 && (utf8_is_cjk(c) || (c >= 0x4e00 && c <= 0x9fff));
}

/* Is it an accent to be taken away? Those of Kana, Hangul and Thai are letters' parts. */
static bool is_accent(uint32_t c)
{
    return c >= 0x300 && !is_cjk(c) && c != 0x3099 && c != 0x309a &&
           uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me);
}

/* What a folded character is to the cutting. */
static enum class class_of(uint32_t c)
{
    if (is_cjk(c) || c == 0x3099 || c == 0x309a)
        return CLASS_CJK;
    return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N |
                                                   UC_CATEGORY_MASK_Co | UC_CATEGORY_MASK_Mc)
               ? CLASS_WORD
               : CLASS_BREAK;
}

/* Appends the folded form of one character to the pool. */
static void fold_one(struct tokenizer *t, uint32_t c)
{
    uint32_t folded[64];
    size_t n = sizeof folded / sizeof *folded;
    if (!u32_casefold(&c, 1, NULL, UNINORM_NFKC, folded, &n)) {
        folded[0] = c;
        n = 1;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t part[16];
        size_t parts = sizeof part / sizeof *part;
        if (is_cjk(folded[i]) || !u32_normalize(UNINORM_NFD, &folded[i], 1, part, &parts)) {
            part[0] = folded[i];
            parts = 1;
        }
        for (size_t k = 0; k < parts; k++) {
            char bytes[4];
            if (!is_accent(part[k]))
                str_add(&t->pool, bytes, utf8_encode(part[k], bytes));
        }
    }
}

/* The table's row of a character. */
static struct folded *look(struct tokenizer *t, uint32_t c)
{
    struct folded **page = &t->pages[c >> 8];
    if (!*page)
        *page = mem_array(256, sizeof(**page));
    struct folded *f = &(*page)[c & 255];
    if (f->class == CLASS_UNKNOWN) {
        f->at = (uint32_t)t->pool.len;
        fold_one(t, c);
        f->len = (uint8_t)(t->pool.len - f->at);
        f->class = (uint8_t)class_of(c);
        f->joins = c == 0x3099 || c == 0x309a || c == 0xff9e || c == 0xff9f ||
                   (c >= 0x1160 && c <= 0x11ff);
    }
    return f;
}

/* Joins a mark with the character that out ends with; false when they do not go together. */
static bool join(struct str *out, size_t start, uint32_t mark)
{
    if (mark == 0xff9e || mark == 0xff9f)
        mark = mark - 0xff9e + 0x3099;
    size_t at = out->len, used;
    while (at > start && ((unsigned char)out->data[--at] & 0xc0) == 0x80)
        ;
    if (at == out->len)
        return false;
    uint32_t whole = uc_composition(utf8_decode(out->data + at, out->len - at, &used), mark);
    char bytes[4];
    if (!whole)
        return false;
    str_truncate(out, at);
    str_add(out, bytes, utf8_encode(whole, bytes));
    return true;
}

/* Appends the folded text. */
void tokenizer_fold(struct tokenizer *t, const char *text, size_t n, struct str *out)
{
    size_t start = out->len;
    str_reserve(out, n + n / 8 + 16);
    for (size_t i = 0; i < n;) {
        unsigned char b = (unsigned char)text[i];
        if (b < 0x80) {
            size_t from = i;
            while (i < n && (unsigned char)text[i] < 0x80)
                i++;
            size_t at = out->len;
            str_add(out, text + from, i - from);
            for (char *p = out->data + at, *end = out->data + out->len; p < end; p++)
                *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
            continue;
        }
        size_t used;
        uint32_t c = utf8_decode(text + i, n - i, &used);
        if (c >= 0x4e00 && c <= 0x9fff) {
            str_add(out, text + i, used);
        } else {
            struct folded *f = look(t, c);
            if (!f->joins || !join(out, start, c))
                str_add(out, str_text(&t->pool) + f->at, f->len);
        }
        i += used;
    }
}

/* Length of the word of folded text at s. */
static size_t word_len(struct tokenizer *t, const char *s, size_t n)
{
    size_t i = 0, used;
    while (i < n) {
        unsigned char b = (unsigned char)s[i];
        if (b < 0x80) {
            if (!ascii_word[b])
                break;
            i++;
        } else {
            uint32_t c = utf8_decode(s + i, n - i, &used);
            if ((c >= 0x4e00 && c <= 0x9fff) || look(t, c)->class != CLASS_WORD)
                break;
            i += used;
        }
    }
    return i;
}

/* Length of the CJK run of folded text at s. */
static size_t cjk_len(struct tokenizer *t, const char *s, size_t n)
{
    size_t i = 0, used;
    while (i < n && (unsigned char)s[i] >= 0xc0) {
        uint32_t c = utf8_decode(s + i, n - i, &used);
        if (!(c >= 0x4e00 && c <= 0x9fff) && look(t, c)->class != CLASS_CJK)
            break;
        i += used;
    }
    return i;
}

/* Cuts a long word at a character's border. */
static size_t word_cut(const char *s, size_t n)
{
    if (n <= TOKENIZER_WORD_MAX)
        return n;
    n = TOKENIZER_WORD_MAX;
    while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n--;
    return n;
}

/* Calls on_run for each run. */
bool tokenizer_runs(struct tokenizer *t, const char *text, size_t n,
                    bool (*on_run)(void *user, bool cjk, char *bytes, size_t len), void *user)
{
    str_clear(&t->text);
    tokenizer_fold(t, text, n, &t->text);
    char *s = t->text.data;
    size_t len = t->text.len, i = 0;
    while (i < len) {
        size_t k = word_len(t, s + i, len - i);
        if (k > 0) {
            if (!on_run(user, false, s + i, word_cut(s + i, k)))
                return false;
            i += k;
            continue;
        }
        k = cjk_len(t, s + i, len - i);
        if (k > 0) {
            if (!on_run(user, true, s + i, k))
                return false;
            i += k;
            continue;
        }
        for (i++; i < len && ((unsigned char)s[i] & 0xc0) == 0x80; i++)
            ;
    }
    return true;
}

/* Folds an English plural: D. Harman, "How effective is suffixing?", 1991: -ies (not -eies, -aies)
 * is -y, -es (not -aes, -ees, -oes) is -e, -s (not -us, -ss) goes; the first that fits. */
size_t tokenizer_stem(char *w, size_t n)
{
    if (n < 3 || w[n - 1] != 's')
        return n;
    if (w[n - 2] == 'e') {
        if (w[n - 3] == 'i' && n > 3 && w[n - 4] != 'e' && w[n - 4] != 'a') {
            w[n - 3] = 'y';
            return n - 2;
        }
        return n - 1; /* -es to -e, and -aes, -ees, -oes by the last rule: the same letters */
    }
    return w[n - 2] == 'u' || w[n - 2] == 's' ? n : n - 1;
}

/* ---- FTS5 ---- */

typedef int (*fts_emit)(void *ctx, int flags, const char *token, int n, int start, int end);

struct emitting {
    struct tokenizer *t;
    fts_emit emit;
    void *ctx;
    bool document;
    int rc;
};

/* Emits the token that says: this character stands somewhere in the column. */
static int emit_mark(struct emitting *e, const char *s, size_t n, int flags)
{
    char mark[8] = {TOKENIZER_MARK};
    memcpy(mark + 1, s, n);
    return e->emit(e->ctx, flags, mark, (int)n + 1, 0, 0);
}

/* Emits the tokens of a CJK run. */
static int emit_cjk(struct emitting *e, char *s, size_t n)
{
    size_t here, next;
    int rc = SQLITE_OK;
    uint32_t c = utf8_decode(s, n, &here);
    if (!e->document && here >= n)
        return e->t->marks ? emit_mark(e, s, n, 0) : e->emit(e->ctx, 0, s, (int)n, 0, 0);
    for (size_t i = 0; rc == SQLITE_OK && i < n; i += here, here = next) {
        bool last = i + here >= n;
        uint32_t after = last ? 0 : utf8_decode(s + i + here, n - i - here, &next);
        if (!last)
            rc = e->emit(e->ctx, 0, s + i, (int)(here + next), 0, 0);
        else if (e->document)
            rc = e->emit(e->ctx, 0, s + i, (int)here, 0, 0);
        if (rc == SQLITE_OK && e->document && e->t->marks) {
            struct folded *f = look(e->t, c);
            if (f->stamp != e->t->stamp)
                rc = emit_mark(e, s + i, here, FTS5_TOKEN_COLOCATED);
            f->stamp = e->t->stamp;
        }
        if (last)
            break;
        c = after;
    }
    return rc;
}

/* Emits the tokens of one run. */
static bool on_run(void *user, bool cjk, char *s, size_t n)
{
    struct emitting *e = user;
    e->rc = cjk ? emit_cjk(e, s, n) : e->emit(e->ctx, 0, s, (int)tokenizer_stem(s, n), 0, 0);
    return e->rc == SQLITE_OK;
}

/* Emits tokens that were cut when the query was read. */
static int emit_cut(const char *s, int n, void *ctx, fts_emit emit)
{
    int rc = SQLITE_OK;
    for (int i = 1, from = 1; i <= n && rc == SQLITE_OK; i++)
        if (i == n || s[i] == TOKENIZER_CUT) {
            if (i > from)
                rc = emit(ctx, 0, s + from, i - from, 0, 0);
            from = i + 1;
        }
    return rc;
}

/* Emits the tokens of a text of a document or a query. */
static int emit_text(struct tokenizer *t, bool document, const char *text, size_t n, void *ctx, fts_emit emit)
{
    struct emitting e = {.t = t, .emit = emit, .ctx = ctx, .document = document};
    t->stamp++;
    if (n > 0)
        tokenizer_runs(t, text, n, on_run, &e);
    return e.rc;
}

/* The tokens of a document. */
void tokenizer_tokens(struct tokenizer *t, const char *text, size_t n, fts_emit on_token, void *user)
{
    (void)emit_text(t, true, text, n, user, on_token);
}

/* fts5_tokenizer.xTokenize */
static int fts_tokenize(Fts5Tokenizer *p, void *ctx, int flags, const char *text, int n,
                        fts_emit emit)
{
    bool query = flags & FTS5_TOKENIZE_QUERY;
    if (query && n > 0 && text[0] == TOKENIZER_CUT)
        return emit_cut(text, n, ctx, emit);
    return emit_text((struct tokenizer *)p, !query, text, n > 0 ? (size_t)n : 0, ctx, emit);
}

/* fts5_tokenizer.xCreate: "bureau", as the index was at first, or "bureau pairs", without marks. */
static int fts_create(void *user, const char **argv, int argc, Fts5Tokenizer **out)
{
    struct tokenizer *t = tokenizer_new();
    (void)user;
    t->marks = argc < 1 || strcmp(argv[0], "pairs") != 0;
    *out = (Fts5Tokenizer *)t;
    return SQLITE_OK;
}

/* fts5_tokenizer.xDelete */
static void fts_delete(Fts5Tokenizer *p)
{
    tokenizer_free((struct tokenizer *)p);
}

/* Makes the tokenizer known to a connection. */
int tokenizer_register(sqlite3 *handle)
{
    static fts5_tokenizer functions = {fts_create, fts_delete, fts_tokenize};
    fts5_api *api = NULL;
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_pointer(stmt, 1, &api, "fts5_api_ptr", NULL);
    sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    return api ? api->xCreateTokenizer(api, "bureau", NULL, &functions, NULL) : SQLITE_ERROR;
}
