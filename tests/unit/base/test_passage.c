/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_passage.c - words, sentences, ranking of passages. */
#include "base/passage.h"

#include "base/str.h"
#include "tap.h"

/* Are the words of two texts the same, in order? */
static bool same_words(const char *a, const char *b)
{
    struct vec x, y;
    vec_init(&x, sizeof(uint64_t), NULL);
    vec_init(&y, sizeof(uint64_t), NULL);
    passage_words(a, strlen(a), &x);
    passage_words(b, strlen(b), &y);
    bool same = x.len == y.len && (x.len == 0 || memcmp(x.items, y.items, x.len * 8) == 0);
    vec_fini(&x);
    vec_fini(&y);
    return same;
}

/* The number of words. */
static int64_t count_words(const char *a)
{
    struct vec x;
    vec_init(&x, sizeof(uint64_t), NULL);
    passage_words(a, strlen(a), &x);
    int64_t n = (int64_t)x.len;
    vec_fini(&x);
    return n;
}

static const char *cut_text;

/* Joins sentences with a bar. */
static bool join(void *user, size_t start, size_t len)
{
    struct str *s = user;
    str_addf(s, "%s%.*s", s->len ? "|" : "", (int)len, cut_text + start);
    return true;
}

/* Compares the sentences of a text. */
static void is_cut(const char *text, const char *want)
{
    struct str s = STR_INIT;
    cut_text = text;
    passage_sentences(text, strlen(text), join, &s);
    is_str(str_text(&s), want, want);
    str_fini(&s);
}

/* Words. */
static void test_words(void)
{
    ok(same_words("The pallets", "a PALLET"), "case, plural and stop words do not count");
    ok(same_words("48,200 EUR", "48200 eur"), "grouped digits are one number");
    ok(!same_words("48.5", "485"), "a decimal point is kept");
    ok(same_words("Ｑ３ 报价单", "q3 报价单"), "full width is half width");
    ok(same_words("promised planning", "promise plan"), "forms of a word are one");
    is_int(count_words("什么时候"), 0, "question words carry nothing");
    is_int(count_words("报价单"), 2, "three characters are two pairs");
    is_int(count_words("价"), 1, "a lone character is a word");
    is_int(count_words("the and of 的 了"), 0, "words that carry nothing are none");
    is_int(count_words(""), 0, "nothing");
}

/* Sentences. */
static void test_sentences(void)
{
    is_cut("One. Two! Three?", "One.|Two!|Three?");
    is_cut("Mr. Li pays 4.5 EUR. Good.", "Mr. Li pays 4.5 EUR.|Good.");
    is_cut("价格不变。三月前？好", "价格不变。|三月前？|好");
    is_cut("  a\n\n b  ", "a|b");
    is_cut("He said \"go.\" Then left.", "He said \"go.\"|Then left.");
    is_cut("", "");
}

/* Ranking. */
static void test_ranking(void)
{
    static const char *const passages[] = {
        "We will replace the pallet within 14 days.", "Freight is on us this time.",
        "The price stays at 48,200 until March.", "价格维持在 48,200 元，直到三月。", ""};
    struct passage_index *x = passage_index_new();
    struct passage_hit hits[5];
    for (size_t i = 0; i < 5; i++)
        passage_index_add(x, passages[i], strlen(passages[i]));
    const char *q = "Who replaces the broken pallet?";
    size_t n = passage_index_find(x, q, strlen(q), hits, 5);
    ok(n >= 1 && hits[0].number == 0, "the passage with the word is found");
    q = "Price 48200 until March";
    n = passage_index_find(x, q, strlen(q), hits, 5);
    ok(n >= 2 && hits[0].number == 2 && hits[0].score > 0.95, "all words: nearly one");
    ok(hits[1].number == 3 && hits[1].score < hits[0].score, "the number alone: less");
    q = "zebra";
    is_int((int64_t)passage_index_find(x, q, 5, hits, 5), 0, "a word that is nowhere finds nothing");
    q = "freight zebra crossing";
    n = passage_index_find(x, q, strlen(q), hits, 5);
    ok(n == 1 && hits[0].score < 0.5, "words that are nowhere count against it");
    passage_index_free(x);
    ok(passage_is_cjk("价格不变 OK", 16), "mostly Chinese");
    ok(!passage_is_cjk("the price of 纸", 16), "mostly English");
}

int main(void)
{
    test_words();
    test_sentences();
    test_ranking();
    return tap_end();
}
