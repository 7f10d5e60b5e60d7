/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cite.c - which source bears which sentence: hints of the model tried, the rest found by words. */
#include "chat/cite.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/passage.h"
#include "base/str.h"
#include "base/utf8.h"
#include "chat/store.h"

/* Shares of a claim's words that must stand in a sentence: with a hint, without, and with a hint
 * when answer and source are of different languages (names and numbers are all they share). */
#define BORNE_HINTED 0.30
#define BORNE_FOUND 0.50
#define BORNE_ABROAD 0.05
#define HINTS_MAX 8

/* A sentence of a source. */
struct witness {
    size_t source, start, len;
};

struct citer {
    const struct source_list *given; /* borrow */
    struct passage_index *index;     /* one passage a witness */
    struct vec witnesses;            /* struct witness */
    const char *answer;              /* borrow */
    struct vec *sources, *lines;     /* borrow */
    size_t current;                  /* source being cut into witnesses */
    struct str *cited;               /* borrow, NULL */
    size_t copied;                   /* bytes of the answer that stand in cited */
    int dropped;
};

/* Is "m12" or "n4@00:12:31" all of s? */
static bool is_id(const char *s, size_t n)
{
    size_t i = 1;
    if (n < 2 || !islower((unsigned char)s[0]))
        return false;
    while (i < n && isdigit((unsigned char)s[i]))
        i++;
    if (i == 1)
        return false;
    if (i == n)
        return true;
    if (s[i] != '@' || i + 1 >= n)
        return false;
    for (i++; i < n; i++)
        if (!isdigit((unsigned char)s[i]) && s[i] != ':')
            return false;
    return true;
}

bool cite_hint_at(const char *s, size_t n, size_t *id_len)
{
    if (n < 4 || s[0] != '[')
        return false;
    const char *end = memchr(s, ']', n < 48 ? n : 48);
    if (!end || !is_id(s + 1, (size_t)(end - s) - 1))
        return false;
    *id_len = (size_t)(end - s) - 1;
    return true;
}

/* Turns "[m1, m2]" into "[m1][m2]" so that one form remains. */
static char *plain_hints(const char *answer)
{
    struct str out = STR_INIT;
    for (const char *s = answer; *s; s++) {
        const char *end = *s == '[' ? strpbrk(s + 1, "[]\n") : NULL;
        size_t at = out.len;
        bool good = end && *end == ']' && memchr(s, ',', (size_t)(end - s));
        for (const char *p = s + 1; good && p < end;) {
            p += strspn(p, " ,;");
            size_t n = strcspn(p, " ,;]");
            good = n > 0 && is_id(p, n);
            str_addf(&out, "[%.*s]", (int)n, p);
            p += n + strspn(p + n, " ,;");
        }
        if (good)
            s = end;
        else {
            str_truncate(&out, at);
            str_putc(&out, *s);
        }
    }
    return str_take(&out);
}

/* Adds one sentence of the current source as a witness. */
static bool add_witness(void *user, size_t start, size_t len)
{
    struct citer *c = user;
    const struct model_source *s = vec_at(&c->given->items, c->current);
    struct witness *w = vec_push(&c->witnesses);
    *w = (struct witness){c->current, start, len};
    passage_index_add(c->index, s->text + start, len);
    return true;
}

/* Does the id of a source stand for the hint ("n4" for "n4@00:12:31" and the other way)? */
static bool same_thing(const char *id, const char *hint, size_t n)
{
    size_t a = strcspn(id, "@"), b = 0;
    while (b < n && hint[b] != '@')
        b++;
    return a == b && strncmp(id, hint, a) == 0;
}

/* The id a witness is cited by: a timed line of a transcript by its moment. */
static char *witness_id(const struct citer *c, const struct witness *w)
{
    const struct model_source *s = vec_at(&c->given->items, w->source);
    size_t line = w->start, n = 0, base = strcspn(s->id, "@");
    while (line > 0 && s->text[line - 1] != '\n')
        line--;
    if (s->text[line] == '[') {
        n = strspn(s->text + line + 1, "0123456789:");
        if (n < 4 || s->text[line + 1 + n] != ']')
            n = 0;
    }
    if (n == 0)
        return mem_strdup(s->id);
    return str_format("%.*s@%.*s", (int)base, s->id, (int)n, s->text + line + 1);
}

/* The words of a witness without the stamp and the speaker's mark of a transcript's line. */
static char *witness_quote(const struct citer *c, const struct witness *w)
{
    const struct model_source *s = vec_at(&c->given->items, w->source);
    const char *text = s->text + w->start;
    size_t len = w->len;
    if (*text == '[') {
        size_t n = 1 + strspn(text + 1, "0123456789:");
        if (n > 4 && n < len && text[n] == ']') {
            n += 1 + strspn(text + n + 1, " ");
            const char *colon = memchr(text + n, ':', len > n + 60 ? 60 : len - n);
            if (colon && colon[1] == ' ')
                n = (size_t)(colon - text) + 2;
            text += n;
            len -= n;
        }
    }
    struct str cut = STR_INIT;
    char *whole = mem_strndup(text, len);
    utf8_cut_end(&cut, whole, 240, "…");
    free(whole);
    return str_take(&cut);
}

/* Who speaks in a transcript's line ("[00:12:31] Li Na: …"), else the source's sender. Yours. */
static char *witness_who(const struct citer *c, const struct witness *w)
{
    const struct model_source *s = vec_at(&c->given->items, w->source);
    size_t line = w->start;
    while (line > 0 && s->text[line - 1] != '\n')
        line--;
    const char *p = s->text + line;
    if (*p == '[') {
        p += strcspn(p, "]\n");
        p += *p == ']';
        p += strspn(p, " ");
        size_t n = strcspn(p, ":\n");
        if (p[n] == ':' && n > 0 && n < 60)
            return mem_strndup(p, n);
    }
    return mem_strdup(s->sender ? s->sender : "");
}

/* The place of a witness's source in the list, added when it is new. */
static int use_witness(struct citer *c, const struct witness *w)
{
    const struct model_source *s = vec_at(&c->given->items, w->source);
    char *id = witness_id(c, w);
    for (size_t i = 0; i < c->sources->len; i++)
        if (str_eq(((struct chat_source *)vec_at(c->sources, i))->id, id)) {
            free(id);
            return (int)i;
        }
    struct chat_source *n = vec_push(c->sources);
    *n = (struct chat_source){.id = id,
                              .kind = mem_strdup(s->kind ? s->kind : ""),
                              .title = mem_strdup(s->title ? s->title : ""),
                              .who = witness_who(c, w),
                              .quote = witness_quote(c, w),
                              .date = s->date};
    return (int)c->sources->len - 1;
}

/* The best witness for a claim among the sources of a hint (NULL: all); NULL when none bears it.
 * Of several hints behind one sentence each bears a part of it. */
static const struct witness *find_witness(struct citer *c, const char *claim, size_t n,
                                          const char *hint, size_t hint_len, size_t hints_given)
{
    struct passage_hit hits[24];
    bool cjk = passage_is_cjk(claim, n);
    struct vec words;
    vec_init(&words, sizeof(uint64_t), NULL);
    passage_words(claim, n, &words);
    size_t count = passage_index_find(c->index, claim, n, hits, 24), carried = words.len;
    vec_fini(&words);
    for (size_t i = 0; i < count; i++) {
        const struct witness *w = vec_at(&c->witnesses, hits[i].number);
        const struct model_source *s = vec_at(&c->given->items, w->source);
        if (hint && !same_thing(s->id, hint, hint_len))
            continue;
        double least = hint ? BORNE_HINTED / (double)hints_given : BORNE_FOUND;
        if (hint && passage_is_cjk(s->text + w->start, w->len) != cjk)
            least = BORNE_ABROAD;
        if (hits[i].score >= least && (hint || carried >= 3))
            return w;
    }
    return NULL;
}

/* Ends a sentence in cited: ids (places of sources) stand before its stop. */
static void put_cited(struct citer *c, const char *claim, size_t n, const int *ids, size_t count)
{
    static const char *const stops[] = {".", "!", "?", "。", "！", "？"};
    size_t stop = 0, blank = 0;
    while (n > 0 && (claim[n - 1] == ' ' || claim[n - 1] == '\t'))
        n--;
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (n >= strlen(stops[i]) && memcmp(claim + n - strlen(stops[i]), stops[i],
                                            strlen(stops[i])) == 0)
            stop = strlen(stops[i]);
    while (n - stop - blank > 0 && claim[n - stop - blank - 1] == ' ')
        blank++;
    str_add(c->cited, claim, n - stop - blank);
    for (size_t i = 0; i < count; i++) {
        const struct chat_source *s = vec_at(c->sources, (size_t)ids[i]);
        str_addf(c->cited, "%s[%s]", i == 0 && n > stop ? " " : "", s->id);
    }
    str_add(c->cited, claim + n - stop, stop);
}

/* Splits a sentence into its words and the hints in it; gives how many. */
static size_t split_hints(const char *s, size_t len, struct str *claim, const char *hints[HINTS_MAX],
                          size_t lens[HINTS_MAX])
{
    size_t count = 0, n;
    for (size_t i = 0; i < len; i++)
        if (cite_hint_at(s + i, len - i, &n)) {
            if (count < HINTS_MAX) {
                hints[count] = s + i + 1;
                lens[count++] = n;
            }
            i += n + 1;
        } else
            str_putc(claim, s[i]);
    return count;
}

/* Judges one sentence of the answer. */
static bool judge_sentence(void *user, size_t start, size_t len)
{
    struct citer *c = user;
    const char *hints[HINTS_MAX];
    size_t lens[HINTS_MAX], good = 0;
    int ids[HINTS_MAX + 1];
    struct str claim = STR_INIT;
    struct vec words;
    size_t count = split_hints(c->answer + start, len, &claim, hints, lens);
    vec_init(&words, sizeof(uint64_t), NULL);
    passage_words(str_text(&claim), claim.len, &words);
    for (size_t i = 0; i < count; i++) {
        const struct witness *w =
            find_witness(c, str_text(&claim), claim.len, hints[i], lens[i], count);
        if (!w) {
            c->dropped++;
            continue;
        }
        int used = use_witness(c, w);
        bool twice = false;
        for (size_t k = 0; k < good; k++)
            twice = twice || ids[k] == used;
        if (!twice)
            ids[good++] = used;
    }
    if (good == 0) {
        const struct witness *w = find_witness(c, str_text(&claim), claim.len, NULL, 0, 1);
        if (w)
            ids[good++] = use_witness(c, w);
    }
    if (c->lines && words.len > 0) {
        struct cite_line *l = vec_push(c->lines);
        *l = (struct cite_line){good ? ids[0] : -1, count > 0};
    }
    if (c->cited) {
        str_add(c->cited, c->answer + c->copied, start - c->copied);
        if (count == 0 && good == 0)
            str_add(c->cited, c->answer + start, len);
        else
            put_cited(c, str_text(&claim), claim.len, ids, good);
        c->copied = start + len;
    }
    vec_fini(&words);
    str_fini(&claim);
    return true;
}

/* A sentence and the "[m12]" that follows it belong together: hints are moved before the stop. */
static char *gather_hints(const char *answer)
{
    struct str out = STR_INIT;
    size_t n, left = strlen(answer);
    for (const char *s = answer; *s; s++, left--) {
        size_t blank = strspn(s, " \t");
        bool ascii_stop = out.len > 0 && strchr(".!?", out.data[out.len - 1]);
        bool wide_stop = out.len >= 3 && (memcmp(out.data + out.len - 3, "。", 3) == 0 ||
                                          memcmp(out.data + out.len - 3, "！", 3) == 0 ||
                                          memcmp(out.data + out.len - 3, "？", 3) == 0);
        if ((ascii_stop || wide_stop) && cite_hint_at(s + blank, left - blank, &n)) {
            size_t stop = ascii_stop ? 1 : 3;
            str_splice(&out, out.len - stop, 0, s + blank, n + 2);
            s += blank + n + 1;
            left -= blank + n + 1;
        } else
            str_putc(&out, *s);
    }
    return str_take(&out);
}

void cite_answer(const char *answer, const struct source_list *given, struct vec *sources,
                 struct vec *lines, struct str *cited, int *dropped)
{
    struct citer c = {.given = given, .sources = sources, .lines = lines, .cited = cited};
    vec_init(sources, sizeof(struct chat_source), chat_source_fini_item);
    if (lines)
        vec_init(lines, sizeof(struct cite_line), NULL);
    vec_init(&c.witnesses, sizeof(struct witness), NULL);
    c.index = passage_index_new();
    for (c.current = 0; c.current < given->items.len; c.current++) {
        const struct model_source *s = vec_at(&given->items, c.current);
        passage_sentences(s->text, strlen(s->text), add_witness, &c);
    }
    char *plain = plain_hints(answer), *moved = gather_hints(plain);
    c.answer = moved;
    passage_sentences(moved, strlen(moved), judge_sentence, &c);
    if (cited)
        str_puts(cited, moved + c.copied);
    if (dropped)
        *dropped = c.dropped;
    free(plain);
    free(moved);
    passage_index_free(c.index);
    vec_fini(&c.witnesses);
}

void cite_number(const char *answer, const struct vec *sources, struct str *out)
{
    size_t n, left = strlen(answer);
    for (const char *s = answer; *s; s++, left--) {
        if (!cite_hint_at(s, left, &n)) {
            str_putc(out, *s);
            continue;
        }
        size_t found = 0;
        for (size_t i = 0; i < sources->len && !found; i++) {
            const struct chat_source *c = vec_at(sources, i);
            if (strlen(c->id) == n && strncmp(c->id, s + 1, n) == 0)
                found = i + 1;
        }
        if (found)
            str_addf(out, "[%zu]", found);
        s += n + 1;
        left -= n + 1;
    }
}
