/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_words.c - IMAP flags and keywords as flags and labels; where a copy came from */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "mail/imap_inside.h"

#define KEYWORD_MOST 200 /* bytes; longer labels stay here */
#define KEYWORDS_MOST 200

static const struct {
    const char *word;
    unsigned flag;
} words_of[] = {
    {"\\Flagged", DOC_FLAGGED},     {"\\Answered", DOC_REPLIED}, {"$Forwarded", DOC_FORWARDED},
    {"\\Deleted", MAIL_COPY_DELETED}, {"\\Draft", MAIL_COPY_DRAFT},
};

/* Sorts words without regard to case, equal ones by their bytes. */
static int by_word(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    int c = strcasecmp(x, y);

    return c ? c : strcmp(x, y);
}

/* A keyword as we keep it: printable ASCII without blanks. */
static bool is_keyword(struct imap_text t)
{
    if (!t.len || t.len > KEYWORD_MOST || t.bytes[0] == '\\')
        return false;
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.bytes[i] <= ' ' || (unsigned char)t.bytes[i] > '~')
            return false;
    return true;
}

/* Reads the words of FLAGS. */
void mail_imap_words_read(const struct vec *words, unsigned *flags, struct str *keywords)
{
    struct vec kept;
    char *joined;

    *flags = DOC_UNREAD;
    strv_init(&kept);
    for (size_t i = 0; i < words->len; i++) {
        struct imap_text t = *(const struct imap_text *)vec_at(words, i);
        char *word = mem_strndup(t.bytes, t.len);
        bool known = false;
        if (str_eq_nocase(word, "\\Seen")) {
            *flags &= ~(unsigned)DOC_UNREAD;
            known = true;
        }
        for (size_t k = 0; k < sizeof words_of / sizeof *words_of; k++)
            if (str_eq_nocase(word, words_of[k].word)) {
                *flags |= words_of[k].flag;
                known = true;
            }
        if (!known && is_keyword(t) && kept.len < KEYWORDS_MOST)
            strv_push(&kept, word);
        free(word);
    }
    vec_sort(&kept, by_word);
    for (size_t i = kept.len; i-- > 1;)
        if (str_eq(strv_at(&kept, i), strv_at(&kept, i - 1)))
            vec_remove(&kept, i);
    joined = strv_join(&kept, " ");
    str_puts(keywords, joined);
    free(joined);
    vec_fini(&kept);
}

/* The bits of words with blanks between. */
unsigned mail_imap_word_bits(const char *words, bool *seen)
{
    struct vec all;
    struct str keywords = STR_INIT;
    char *copy = mem_strdup(words), *rest = copy, *word;
    unsigned flags;

    vec_init(&all, sizeof(struct imap_text), NULL);
    while ((word = strsep(&rest, " "))) {
        struct imap_text *t = vec_push(&all);
        *t = (struct imap_text){.bytes = word, .len = strlen(word)};
    }
    mail_imap_words_read(&all, &flags, &keywords);
    *seen = !(flags & DOC_UNREAD);
    str_fini(&keywords);
    vec_fini(&all);
    free(copy);
    return flags & ~(unsigned)DOC_UNREAD;
}

/* The words of flags. */
void mail_imap_flag_words(unsigned flags, struct vec *words)
{
    strv_init(words);
    if (!(flags & DOC_UNREAD))
        strv_push(words, "\\Seen");
    for (size_t k = 0; k < sizeof words_of / sizeof *words_of; k++)
        if (flags & words_of[k].flag)
            strv_push(words, words_of[k].word);
}

/* ---- labels ---- */

/* May this byte stand in a keyword of ours as itself? */
static bool is_plain(unsigned char c)
{
    return c > ' ' && c < 0x7f && !strchr("(){%*\"\\]=", c);
}

/* Words that programs set for themselves. */
static bool is_of_programs(const char *keyword)
{
    static const char *const words[] = {"NonJunk", "NotJunk", "Junk", "Old", "Forwarded",
                                        "Redirected", "MDNSent", "Recent"};

    if (*keyword == '$')
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_nocase(keyword, words[i]))
            return true;
    return false;
}

/* Bytes an atom cannot hold become =XX. */
char *mail_imap_keyword(const char *label)
{
    struct str out = STR_INIT;

    for (const char *c = label; *c; c++)
        if (is_plain((unsigned char)*c) && !(c == label && *c == '$'))
            str_putc(&out, *c);
        else
            str_addf(&out, "=%02X", (unsigned char)*c);
    if (out.len && out.len <= KEYWORD_MOST)
        return str_take(&out);
    str_fini(&out);
    return NULL;
}

/* The value of a capital hexadecimal digit; -1: none. */
static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* And back; what we would not have written so is taken as it stands. */
char *mail_imap_label(const char *keyword)
{
    struct str out = STR_INIT;
    char *again, *label;

    if (is_of_programs(keyword))
        return NULL;
    for (const char *c = keyword; *c; c++) {
        if (*c == '=' && digit(c[1]) >= 0 && digit(c[2]) >= 0) {
            str_putc(&out, (char)(digit(c[1]) * 16 + digit(c[2])));
            c += 2;
        } else {
            str_putc(&out, *c);
        }
    }
    label = str_take(&out);
    again = mail_imap_keyword(label);
    if (!again || !str_eq(again, keyword) || !utf8_valid(label, strlen(label)) ||
        strchr(label, '\n') || strchr(label, ',')) {
        free(label);
        label = mem_strdup(keyword);
    }
    free(again);
    return label;
}

/* Labels of keywords. */
void mail_imap_labels(const char *keywords, struct vec *labels)
{
    char *copy = mem_strdup(keywords), *rest = copy, *word;

    strv_init(labels);
    while ((word = strsep(&rest, " "))) {
        char *label = *word ? mail_imap_label(word) : NULL;
        if (label)
            strv_push_take(labels, label);
    }
    vec_sort(labels, by_word);
    free(copy);
}

/* Looks for a word. */
bool mail_imap_has_word(const char *text, char sep, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = text; at && *at; at = strchr(at, sep) ? strchr(at, sep) + 1 : NULL)
        if (strncasecmp(at, word, n) == 0 && (at[n] == sep || !at[n]))
            return true;
    return false;
}

/* ---- where a copy came from ---- */

/* On top. */
void mail_imap_origin_push(const char *origin, int64_t folder, struct str *out)
{
    size_t n = strlen(origin);

    if (n > 200) { /* nobody moves a mail so often: the oldest are forgotten */
        origin = strchr(origin + n - 200, ' ');
        origin = origin ? origin + 1 : "";
    }
    str_addf(out, "%s%s%" PRId64, origin, *origin ? " " : "", folder);
}

/* Is it anywhere in the stack? */
bool mail_imap_origin_has(const char *origin, int64_t folder)
{
    char word[24];

    snprintf(word, sizeof word, "%" PRId64, folder);
    return mail_imap_has_word(origin, ' ', word);
}

/* The newest. */
int64_t mail_imap_origin_top(const char *origin)
{
    const char *last = strrchr(origin, ' ');
    long long n;

    return str_to_int64(last ? last + 1 : origin, &n) ? n : 0;
}

/* Down to and without its newest mention of folder. */
void mail_imap_origin_cut(const char *origin, int64_t folder, struct str *out)
{
    str_puts(out, origin);
    while (out->len) {
        int64_t top = mail_imap_origin_top(str_text(out));
        const char *last = strrchr(str_text(out), ' ');
        str_truncate(out, last ? (size_t)(last - out->data) : 0);
        if (top == folder)
            return;
    }
}
