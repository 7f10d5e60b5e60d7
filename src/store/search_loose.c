/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search_loose.c - a question as a query: its content words, any of them. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/search.h"
#include "store/search_tree.h"

enum { WORDS_MAX = 24 };

/* English words that say nothing of what is asked; sorted for bsearch. */
static const char *const stop_words[] = {
    "a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "but",
    "by", "can", "could", "dear", "did", "do", "does", "each", "else", "every", "find", "for",
    "from", "get", "give", "got", "had", "has", "have", "he", "hello", "her", "hi", "him", "his",
    "how", "i", "if", "in", "into", "is", "it", "its", "just", "know", "let", "like", "list", "may",
    "me", "might", "more", "most", "much", "must", "my", "need", "no", "not", "of", "on", "one",
    "or", "other", "our", "out", "please", "re", "regards", "say", "see", "she", "should", "show",
    "so", "some", "tell", "than", "thank", "thanks", "that", "the", "their", "them", "then",
    "there", "these", "they", "this", "those", "to", "up", "us", "want", "was", "we", "were",
    "what", "when", "where", "which", "who", "whom", "whose", "why", "will", "with", "would", "you",
    "your",
};

/* Chinese words that a sentence is cut at; longer ones first. */
static const char *const stop_cjk[] = {
    "为什么", "是什么", "怎么样", "有没有", "会不会", "请问", "什么", "怎么", "多少", "哪些",
    "哪个", "哪里", "哪天", "时候", "我们", "你们", "他们", "她们", "咱们", "这个", "那个",
    "这些", "那些", "是否", "可以", "能否", "一下", "告诉", "关于", "以及", "或者", "还是",
    "如果", "因为", "所以", "但是", "已经", "没有", "谢谢", "您好", "你好", "的", "了", "吗",
    "呢", "吧", "啊", "我", "你", "您", "他", "她", "它", "谁", "哪", "是",
};

/* Compares for bsearch. */
static int by_word(const void *a, const void *b)
{
    return strcmp(a, *(const char *const *)b);
}

/* Adds a term once. */
static bool add_term(struct vec *terms, const char *s, size_t n)
{
    char *term = mem_strndup(s, n);
    for (size_t i = 0; i < terms->len; i++)
        if (strcmp(strv_at(terms, i), term) == 0) {
            free(term);
            return true;
        }
    if (terms->len < WORDS_MAX)
        strv_push_take(terms, term);
    else
        free(term);
    return terms->len < WORDS_MAX;
}

/* Bytes of the character at s. */
static size_t char_len(const char *s)
{
    unsigned char c = (unsigned char)*s;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The length of the stop word at s; 0 when none. */
static size_t stop_len(const char *s, size_t n)
{
    for (size_t i = 0; i < sizeof stop_cjk / sizeof *stop_cjk; i++) {
        size_t k = strlen(stop_cjk[i]);
        if (k <= n && memcmp(s, stop_cjk[i], k) == 0)
            return k;
    }
    return 0;
}

/* Adds what stands between stop words: up to four characters as they are, longer stretches as
 * overlapping pairs, for their words are not known. */
static bool add_stretch(struct vec *terms, const char *s, size_t n)
{
    size_t chars = 0;
    for (size_t i = 0; i < n; i += char_len(s + i))
        chars++;
    if (chars == 0)
        return true;
    if (chars <= 3)
        return add_term(terms, s, n);
    bool go = true;
    for (size_t i = 0; go && i + char_len(s + i) < n; i += char_len(s + i))
        go = add_term(terms, s + i, char_len(s + i) + char_len(s + i + char_len(s + i)));
    return go;
}

/* One run of the question. */
static bool on_run(void *user, bool cjk, char *s, size_t n)
{
    struct vec *terms = user;
    if (!cjk) {
        char word[TOKENIZER_WORD_MAX + 4];
        memcpy(word, s, n);
        word[n] = '\0';
        bool stop = n < 2 || bsearch(word, stop_words, sizeof stop_words / sizeof *stop_words,
                                     sizeof *stop_words, by_word);
        return stop || add_term(terms, s, n);
    }
    size_t from = 0;
    for (size_t at = 0; at < n;) {
        size_t k = stop_len(s + at, n - at);
        if (k == 0) {
            at += char_len(s + at);
            continue;
        }
        if (!add_stretch(terms, s + from, at - from))
            return false;
        from = at += k;
    }
    return add_stretch(terms, s + from, n - from);
}

/* The content words of a question, ORed; "" when there are none. */
char *search_loose(const char *question)
{
    struct vec terms;
    struct tokenizer *t = tokenizer_new();
    strv_init(&terms);
    tokenizer_runs(t, question, strlen(question), on_run, &terms);
    struct str out = STR_INIT;
    for (size_t i = 0; i < terms.len; i++)
        str_addf(&out, "%s\"%s\"", i ? " OR " : "", strv_at(&terms, i));
    vec_fini(&terms);
    tokenizer_free(t);
    return str_take(&out);
}
