/* SPDX-License-Identifier: GPL-3.0-or-later */
/* words.c - splitting lines into words, and guessing which word was meant. */
#include "command/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"

/* Releases one word of the list. */
static void word_fini(void *item)
{
    struct word *w = item;
    free(w->text);
}

/* Makes an empty list of words. */
void words_init(struct vec *words)
{
    vec_init(words, sizeof(struct word), word_fini);
}

/* Tells whether the ";" at p ends a list: it stands alone or at the end of its word. */
static bool ends_list(const char *p)
{
    return *p == ';' && (p[1] == '\0' || p[1] == ' ' || p[1] == '\t');
}

/* Reads what stands in quotes from *at (behind the opening one); false when it never closes. */
static bool read_quoted(const char *line, size_t *at, char quote, struct str *text)
{
    size_t i = *at;
    while (line[i] && line[i] != quote) {
        if (quote == '"' && line[i] == '\\' && (line[i + 1] == '"' || line[i + 1] == '\\'))
            i++;
        str_putc(text, line[i++]);
    }
    *at = line[i] ? i + 1 : i;
    return line[i] != '\0';
}

/* Reads one word. */
enum status words_read(const char *line, size_t *at, struct word *out, int *column,
                       struct error *err)
{
    size_t i = *at;
    *out = (struct word){.start = i};
    if (ends_list(line + i)) {
        out->text = mem_strdup(";");
        out->separator = true;
        out->end = *at = i + 1;
        return STATUS_OK;
    }
    struct str text = STR_INIT;
    size_t open = 0;
    while (line[i] && line[i] != ' ' && line[i] != '\t' && !ends_list(line + i) && !open) {
        if (line[i] == '\'' || line[i] == '"') {
            size_t quote = i++;
            out->quoted = true;
            if (!read_quoted(line, &i, line[quote], &text))
                open = quote + 1;
        } else if (line[i] == '\\' && line[i + 1]) {
            out->quoted = true;
            str_putc(&text, line[i + 1]);
            i += 2;
        } else {
            str_putc(&text, line[i++]);
        }
    }
    out->text = str_take(&text);
    out->end = *at = i;
    if (!open)
        return STATUS_OK;
    *column = (int)open;
    (void)error_set(err, STATUS_USAGE, _("column %d: the quote is never closed"), *column);
    return error_hint(err, _("end it with %c, or write \\%c for the character itself"),
                      line[open - 1], line[open - 1]);
}

/* Splits a line into words. */
enum status words_split(const char *line, bool comments, struct vec *words, int *column,
                        struct error *err)
{
    size_t i = 0;
    for (;;) {
        while (line[i] == ' ' || line[i] == '\t')
            i++;
        if (line[i] == '\0' || (comments && line[i] == '#'))
            return STATUS_OK;
        struct word *w = vec_push(words);
        enum status s = words_read(line, &i, w, column, err);
        if (s != STATUS_OK)
            return s;
    }
}

/* Number of edits between two short words, transposed neighbours counted once. */
static size_t distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    size_t n = strlen(a), m = strlen(b), d[MAX + 1][MAX + 1];
    if (n > MAX || m > MAX)
        return MAX;
    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

/* Finds the candidate that was probably meant. */
const char *words_near(const char *word, const struct vec *candidates)
{
    const char *best = NULL;
    size_t least = strlen(word) < 5 ? 2 : 3; /* one edit in a short word, two in a long one */
    for (size_t i = 0; i < candidates->len; i++) {
        const char *c = strv_at(candidates, i);
        size_t n = distance(word, c);
        if (n < least && n < strlen(c)) {
            least = n;
            best = c;
        }
    }
    return best;
}
