/* SPDX-License-Identifier: GPL-3.0-or-later */
/* passage.c - sentences, words that carry meaning, and passages ranked by the words they share. */
#include "base/passage.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"

/* English words that carry nothing; sorted for bsearch. */
static const char *const stop_words[] = {
    "a",     "about", "after", "again",  "all",   "also",  "am",    "an",    "and",   "any",
    "are",   "as",    "at",    "be",     "been",  "but",   "by",    "can",   "could", "did",
    "do",    "does",  "done",  "for",    "from",  "get",   "got",   "had",   "has",   "have",
    "he",    "her",   "here",  "him",    "his",   "how",   "i",     "if",    "in",    "into",
    "is",    "it",    "its",   "just",   "know",  "let",   "like",  "ll",    "may",   "me",
    "might", "more",  "must",  "my",     "no",    "not",   "now",   "of",    "off",   "ok",
    "okay",  "on",    "one",   "or",     "our",   "out",   "over",  "please", "re",   "s",
    "shall", "she",   "should", "so",    "some",  "t",     "than",  "that",  "the",   "their",
    "them",  "then",  "there", "these",  "they",  "this",  "those", "to",    "too",   "up",
    "us",    "ve",    "very",  "was",    "we",    "well",  "were",  "what",  "when",  "where",
    "which", "while", "who",   "whom",   "why",   "will",  "with",  "would", "yes",   "you",
    "your"};

/* Orders two words for bsearch. */
static int compare_words(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

/* Chinese characters that carry nothing alone: they end a run. */
static bool is_cjk_stop(uint32_t c)
{
    static const uint32_t stops[] = {0x7684 /* 的 */, 0x4E86 /* 了 */, 0x5417 /* 吗 */,
                                     0x5462 /* 呢 */, 0x5427 /* 吧 */, 0x554A /* 啊 */,
                                     0x662F /* 是 */, 0x5728 /* 在 */, 0x548C /* 和 */,
                                     0x5C31 /* 就 */, 0x4E5F /* 也 */, 0x90FD /* 都 */,
                                     0x6211 /* 我 */, 0x4F60 /* 你 */, 0x60A8 /* 您 */,
                                     0x4ED6 /* 他 */, 0x5979 /* 她 */, 0x4EEC /* 们 */,
                                     0x5230 /* 到 */, 0x8C01 /* 谁 */, 0x628A /* 把 */,
                                     0x88AB /* 被 */, 0x4ECE /* 从 */, 0x7ED9 /* 给 */,
                                     0x4E0E /* 与 */, 0x8DDF /* 跟 */, 0x6216 /* 或 */,
                                     0x8FD9 /* 这 */, 0x90A3 /* 那 */, 0x5F88 /* 很 */};
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (stops[i] == c)
            return true;
    return false;
}

/* Chinese words of two characters that carry nothing: they end a run too. */
static bool is_cjk_stop_pair(const char *s, size_t left)
{
    static const char *const pairs[] = {"什么", "时候", "怎么", "多少", "哪里", "哪个", "哪些", "如何",
                                        "可以", "是否", "还是", "一个", "一下", "没有", "因为", "所以",
                                        "如果", "但是", "已经", "需要", "关于"};
    for (size_t i = 0; left >= 6 && i < sizeof pairs / sizeof *pairs; i++)
        if (memcmp(s, pairs[i], 6) == 0)
            return true;
    return false;
}

/* FNV-1a over bytes. */
static uint64_t hash_bytes(const char *s, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 0x100000001b3u;
    return h;
}

/* Adds one key. */
static void push_key(struct vec *out, uint64_t key)
{
    uint64_t *k = vec_push(out);
    *k = key;
}

/* Cuts an English plural as Harman's s-stemmer does; gives the new length. */
static size_t cut_plural(char *w, size_t n)
{
    if (n > 3 && memcmp(w + n - 3, "ies", 3) == 0 && !(n > 4 && strchr("ae", w[n - 4]))) {
        w[n - 3] = 'y';
        return n - 2;
    }
    if (n > 2 && memcmp(w + n - 2, "es", 2) == 0 && !(n > 3 && strchr("aeo", w[n - 3])))
        return n - 1;
    if (n > 2 && w[n - 1] == 's' && !strchr("us", w[n - 2]))
        return n - 1;
    return n;
}

/* Cuts -ment, -ed, -ing and a last e, so that replace, replaced and replacement are one; gives the
 * new length. */
static size_t cut_form(const char *w, size_t n)
{
    size_t full = n;
    if (n >= 7 && memcmp(w + n - 4, "ment", 4) == 0)
        n = full = n - 4;
    else if (n >= 7 && memcmp(w + n - 3, "ing", 3) == 0)
        n -= 3;
    else if (n >= 6 && memcmp(w + n - 2, "ed", 2) == 0)
        n -= 2;
    if (n < full && n > 4 && w[n - 1] == w[n - 2] && !strchr("lsz", w[n - 1]))
        n--;
    if (n >= 4 && w[n - 1] == 'e')
        n--;
    return n;
}

/* Ends the word collected so far: stop words go, endings are cut. */
static void end_word(struct str *word, struct vec *out)
{
    const char *w = str_text(word);
    bool ascii = true;
    for (size_t i = 0; i < word->len; i++)
        ascii = ascii && (unsigned char)w[i] < 0x80;
    if (word->len > 0 &&
        !(ascii && bsearch(w, stop_words, sizeof stop_words / sizeof *stop_words,
                           sizeof *stop_words, compare_words))) {
        size_t len = ascii ? cut_plural(word->data, word->len) : word->len;
        if (ascii)
            len = cut_form(word->data, len);
        if (len > 1 || !ascii || isdigit((unsigned char)w[0]))
            push_key(out, hash_bytes(word->data, len));
    }
    str_clear(word);
}

/* True when the comma or point at i of s stands inside a number; *drop: it only groups digits. */
static bool joins_digits(const char *s, size_t n, size_t i, bool *drop)
{
    if (i == 0 || i + 1 >= n || !isdigit((unsigned char)s[i - 1]) ||
        !isdigit((unsigned char)s[i + 1]))
        return false;
    size_t run = 0;
    while (i + 1 + run < n && isdigit((unsigned char)s[i + 1 + run]))
        run++;
    *drop = run == 3;
    return s[i] == '.' || run == 3;
}

/* Collects CJK characters into pairs. */
struct pairs {
    char last[4];
    size_t len;   /* of last; 0: no run */
    bool paired;
};

/* Ends a CJK run: a lone character is a word of its own. */
static void end_run(struct pairs *p, struct vec *out)
{
    if (p->len > 0 && !p->paired)
        push_key(out, hash_bytes(p->last, p->len));
    p->len = 0;
    p->paired = false;
}

/* Takes one more character of a CJK run. */
static void add_to_run(struct pairs *p, const char *s, size_t used, struct vec *out)
{
    if (p->len > 0) {
        char pair[8];
        memcpy(pair, p->last, p->len);
        memcpy(pair + p->len, s, used);
        push_key(out, hash_bytes(pair, p->len + used));
        p->paired = true;
    }
    memcpy(p->last, s, used);
    p->len = used;
}

void passage_words(const char *text, size_t n, struct vec *out)
{
    struct str folded = STR_INIT, word = STR_INIT;
    struct pairs pairs = {0};
    utf8_fold(&folded, text, n);
    const char *s = str_text(&folded);
    for (size_t i = 0, used; i < folded.len; i += used) {
        uint32_t c = utf8_decode(s + i, folded.len - i, &used);
        bool drop = false;
        if (utf8_is_cjk(c)) {
            end_word(&word, out);
            if (is_cjk_stop_pair(s + i, folded.len - i)) {
                end_run(&pairs, out);
                used = 6;
            } else if (is_cjk_stop(c))
                end_run(&pairs, out);
            else if (used <= 4)
                add_to_run(&pairs, s + i, used, out);
            continue;
        }
        end_run(&pairs, out);
        if (c < 0x80 ? isalnum((int)c) != 0 : uc_is_property_alphabetic(c))
            str_add(&word, s + i, used);
        else if ((c == ',' || c == '.') && joins_digits(s, folded.len, i, &drop)) {
            if (!drop)
                str_putc(&word, '.');
        } else
            end_word(&word, out);
    }
    end_word(&word, out);
    end_run(&pairs, out);
    str_fini(&word);
    str_fini(&folded);
}

bool passage_is_cjk(const char *text, size_t n)
{
    size_t cjk = 0, letters = 0;
    for (size_t i = 0, used; i < n; i += used) {
        uint32_t c = utf8_decode(text + i, n - i, &used);
        if (utf8_is_cjk(c))
            cjk++;
        else if (c < 0x80 ? isalpha((int)c) != 0 : uc_is_property_alphabetic(c))
            letters++;
    }
    return cjk > 0 && cjk * 3 >= letters; /* a Chinese character says what three letters do */
}

/* Is the point at i the end of an abbreviation or of an initial, not of a sentence? */
static bool is_abbreviation(const char *s, size_t start, size_t i)
{
    static const char *const known[] = {"mr", "mrs", "ms", "dr", "prof", "st",  "no", "nr",
                                        "vs", "e.g", "i.e", "approx", "ca", "inc", "ltd", "co"};
    size_t from = i;
    while (from > start && (isalpha((unsigned char)s[from - 1]) || s[from - 1] == '.'))
        from--;
    size_t len = i - from;
    if (len == 1 && isupper((unsigned char)s[from]))
        return true;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strlen(known[k]) == len && strncasecmp(s + from, known[k], len) == 0)
            return true;
    return false;
}

/* Does the character c at i end a sentence that began at start? *used covers closing quotes. */
static bool ends_sentence(const char *s, size_t n, size_t start, size_t i, uint32_t c)
{
    if (c == '\n' || c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF1B)
        return true;
    if (c != '.' && c != '!' && c != '?')
        return false;
    size_t next = i + 1;
    while (next < n && strchr("\"')]", s[next]))
        next++;
    if (next < n && !isspace((unsigned char)s[next]))
        return false;
    if (c != '.')
        return true;
    if (is_abbreviation(s, start, i))
        return false;
    while (next < n && (s[next] == ' ' || s[next] == '\t'))
        next++;
    return next >= n || !islower((unsigned char)s[next]);
}

void passage_sentences(const char *text, size_t n,
                       bool (*on_sentence)(void *user, size_t start, size_t len), void *user)
{
    size_t start = 0, i = 0;
    bool go = true;
    while (go && i <= n) {
        size_t used = 1;
        uint32_t c = i < n ? utf8_decode(text + i, n - i, &used) : '\n';
        if (!ends_sentence(text, n, start, i, c)) {
            i += used;
            continue;
        }
        size_t end = i < n ? i + used : n;
        while (end < n && strchr("\"')]", text[end]))
            end++;
        i = end + (end >= n);
        size_t from = start, to = end;
        while (from < to && isspace((unsigned char)text[from]))
            from++;
        while (to > from && isspace((unsigned char)text[to - 1]))
            to--;
        if (to > from)
            go = on_sentence(user, from, to - from);
        start = end;
    }
}

/* ---- the index ---- */

struct passage {
    size_t first, count; /* its sorted, distinct words in words[] */
};

struct passage_index {
    struct vec passages; /* struct passage */
    struct vec words;    /* uint64_t */
    struct vec sorted;   /* uint64_t: all words of all passages, for the number of passages of one */
    bool fresh;          /* sorted is up to date */
};

/* Orders two keys. */
static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Sorts keys and takes repeats out, from the item `first` on. */
static void make_set(struct vec *v, size_t first)
{
    if (v->len <= first)
        return;
    uint64_t *k = (uint64_t *)(void *)v->items + first;
    size_t n = v->len - first, kept = 1;
    qsort(k, n, sizeof *k, compare_keys);
    for (size_t i = 1; i < n; i++)
        if (k[i] != k[kept - 1])
            k[kept++] = k[i];
    v->len = first + kept;
}

struct passage_index *passage_index_new(void)
{
    struct passage_index *x = mem_alloc(sizeof *x);
    vec_init(&x->passages, sizeof(struct passage), NULL);
    vec_init(&x->words, sizeof(uint64_t), NULL);
    vec_init(&x->sorted, sizeof(uint64_t), NULL);
    return x;
}

void passage_index_free(struct passage_index *x)
{
    if (!x)
        return;
    vec_fini(&x->passages);
    vec_fini(&x->words);
    vec_fini(&x->sorted);
    free(x);
}

size_t passage_index_add(struct passage_index *x, const char *text, size_t n)
{
    size_t first = x->words.len;
    passage_words(text, n, &x->words);
    make_set(&x->words, first);
    struct passage *p = vec_push(&x->passages);
    *p = (struct passage){.first = first, .count = x->words.len - first};
    x->fresh = false;
    return x->passages.len - 1;
}

size_t passage_index_len(const struct passage_index *x)
{
    return x->passages.len;
}

/* Brings the sorted copy of all words up to date. */
static void refresh(struct passage_index *x)
{
    if (x->fresh)
        return;
    vec_clear(&x->sorted);
    for (size_t i = 0; i < x->words.len; i++)
        push_key(&x->sorted, *(uint64_t *)vec_at(&x->words, i));
    if (x->sorted.len > 1)
        qsort(x->sorted.items, x->sorted.len, sizeof(uint64_t), compare_keys);
    x->fresh = true;
}

/* In how many passages a word stands. */
static size_t count_of(const struct passage_index *x, uint64_t key)
{
    const uint64_t *k = (const uint64_t *)(const void *)x->sorted.items;
    size_t low[2];
    for (int side = 0; side < 2; side++) {
        size_t a = 0, b = x->sorted.len;
        while (a < b) {
            size_t mid = a + (b - a) / 2;
            if (k[mid] < key || (side == 1 && k[mid] == key))
                a = mid + 1;
            else
                b = mid;
        }
        low[side] = a;
    }
    return low[1] - low[0];
}

/* What a word weighs: rare ones more; one that is nowhere as much as one that is there once. */
static double weight_of(const struct passage_index *x, uint64_t key)
{
    double all = (double)x->passages.len, df = (double)count_of(x, key);
    return log(1.0 + (all + 1.0) / ((df < 1 ? 1 : df) + 1.0));
}

/* Does the passage hold the word? */
static bool holds(const struct passage_index *x, const struct passage *p, uint64_t key)
{
    return p->count > 0 &&
           bsearch(&key, (uint64_t *)(void *)x->words.items + p->first, p->count, sizeof key,
                   compare_keys) != NULL;
}

/* Orders hits: best first. */
static int compare_hits(const void *a, const void *b)
{
    const struct passage_hit *x = a, *y = b;
    if (x->score > y->score || x->score < y->score)
        return x->score > y->score ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* The distinct words of a claim with their weights; gives the sum. */
static double weigh_claim(struct passage_index *x, const char *claim, size_t n, struct vec *words,
                          struct vec *weights)
{
    double sum = 0;
    refresh(x);
    vec_init(words, sizeof(uint64_t), NULL);
    vec_init(weights, sizeof(double), NULL);
    passage_words(claim, n, words);
    make_set(words, 0);
    for (size_t i = 0; i < words->len; i++) {
        double *w = vec_push(weights);
        *w = weight_of(x, *(uint64_t *)vec_at(words, i));
        sum += *w;
    }
    return sum;
}

/* The weight of the claim's words that stand in a passage. */
static double shared_weight(const struct passage_index *x, const struct passage *p,
                            const struct vec *words, const struct vec *weights)
{
    double shared = 0;
    for (size_t i = 0; i < words->len; i++)
        if (holds(x, p, *(uint64_t *)vec_at(words, i)))
            shared += *(double *)vec_at(weights, i);
    return shared;
}

size_t passage_index_find(struct passage_index *x, const char *claim, size_t n,
                          struct passage_hit *hits, size_t max)
{
    struct vec words, weights, all;
    double sum = weigh_claim(x, claim, n, &words, &weights);
    vec_init(&all, sizeof(struct passage_hit), NULL);
    for (size_t i = 0; sum > 0 && i < x->passages.len; i++) {
        const struct passage *p = vec_at(&x->passages, i);
        double shared = shared_weight(x, p, &words, &weights);
        if (shared <= 0)
            continue;
        struct passage_hit *h = vec_push(&all);
        /* A hair less for a long passage: of two that hold as much the terser one says it. */
        *h = (struct passage_hit){i, shared / sum - 1e-6 * (double)p->count};
    }
    vec_sort(&all, compare_hits);
    size_t found = all.len < max ? all.len : max;
    for (size_t i = 0; i < found; i++) {
        hits[i] = *(struct passage_hit *)vec_at(&all, i);
        if (hits[i].score < 0)
            hits[i].score = 0;
    }
    vec_fini(&all);
    vec_fini(&words);
    vec_fini(&weights);
    return found;
}

double passage_index_score(struct passage_index *x, const char *claim, size_t n, size_t number)
{
    struct vec words, weights;
    double sum = weigh_claim(x, claim, n, &words, &weights);
    double shared = shared_weight(x, vec_at(&x->passages, number), &words, &weights);
    vec_fini(&words);
    vec_fini(&weights);
    return sum > 0 ? shared / sum : 0;
}

size_t passage_index_shared(struct passage_index *x, const char *claim, size_t n, size_t number)
{
    struct vec words, weights;
    size_t shared = 0;
    weigh_claim(x, claim, n, &words, &weights);
    for (size_t i = 0; i < words.len; i++)
        shared += holds(x, vec_at(&x->passages, number), *(uint64_t *)vec_at(&words, i));
    vec_fini(&words);
    vec_fini(&weights);
    return shared;
}

double passage_index_weight(struct passage_index *x, size_t number)
{
    const struct passage *p = vec_at(&x->passages, number);
    double sum = 0;
    refresh(x);
    for (size_t i = 0; i < p->count; i++) {
        uint64_t key = *(uint64_t *)vec_at(&x->words, p->first + i);
        size_t df = count_of(x, key);
        if (df > 1)
            sum += log(1.0 + (double)df) * weight_of(x, key);
    }
    return p->count ? sum / sqrt((double)p->count + 8.0) : 0;
}
