/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search_parse.c - the search language: text → tree.
 *
 *     or    = and { "OR" and }
 *     and   = unary { ["AND"] unary }
 *     unary = ("NOT" | "-") unary | "(" or ")" | [field ":"] value
 *     value = '"' phrase '"' | word ["*"]
 *
 * A field may stand before "(": subject:(budget OR plan). The full-width signs that an input
 * method leaves behind count as their plain sisters. A word with a colon is a field when letters
 * stand before it; what is plainly text ("10:30", "http://…", "C:\…", "Re:") is. Columns are counted in
 * characters. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "store/search_tree.h"

enum { NODES_MAX = 500, DEPTH_MAX = 60 };

struct parser {
    char *text;  /* own; full-width signs made plain */
    size_t at;
    int64_t now;
    int nodes, depth;
    struct tokenizer *tokenizer;
    struct error *err; /* borrow */
};

/* An empty node. */
struct search_node *search_node_new(enum search_op op)
{
    struct search_node *n = mem_alloc(sizeof *n);
    n->op = op;
    vec_init(&n->children, sizeof(struct search_node *), NULL);
    vec_init(&n->runs, sizeof(struct search_run_of), NULL);
    return n;
}

/* Releases a tree. */
void search_node_free(struct search_node *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < n->children.len; i++)
        search_node_free(*(struct search_node **)vec_at(&n->children, i));
    for (size_t i = 0; i < n->runs.len; i++)
        free(((struct search_run_of *)vec_at(&n->runs, i))->text);
    vec_fini(&n->children);
    vec_fini(&n->runs);
    free(n->text);
    free(n->text2);
    free(n);
}

/* Copies the query with full-width signs made plain. Columns stay what they were. */
static char *plain_signs(const char *query)
{
    static const struct {
        const char *wide;
        char plain;
    } signs[] = {{"\xef\xbc\x9a", ':'}, {"\xef\xbc\x88", '('}, {"\xef\xbc\x89", ')'},
                 {"\xe2\x80\x9c", '"'}, {"\xe2\x80\x9d", '"'}, {"\xef\xbc\x8a", '*'},
                 {"\xef\xbc\x82", '"'}, {"\xe3\x80\x80", ' '}};
    struct str out = STR_INIT;
    for (const char *p = query; *p;) {
        size_t i = 0, count = sizeof signs / sizeof *signs;
        while (i < count && strncmp(p, signs[i].wide, 3) != 0)
            i++;
        if (i < count) {
            str_putc(&out, signs[i].plain);
            p += 3;
        } else {
            str_putc(&out, *p++);
        }
    }
    return str_take(&out);
}

/* The column of a place, from 1. */
static long column_of(const struct parser *p, size_t at)
{
    long column = 1;
    for (size_t i = 0; i < at; i++)
        column += ((unsigned char)p->text[i] & 0xc0) != 0x80;
    return column;
}

/* Says what is wrong and where; always NULL. */
__attribute__((format(printf, 3, 4))) static struct search_node *
wrong(struct parser *p, size_t at, const char *format, ...)
{
    if (p->err->status != STATUS_OK)
        return NULL;
    va_list ap;
    struct str s = STR_INIT;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    error_set(p->err, STATUS_USAGE, _("column %ld: %s"), column_of(p, at), str_text(&s));
    str_fini(&s);
    return NULL;
}

/* Skips white space. */
static void skip_space(struct parser *p)
{
    while (p->text[p->at] && strchr(" \t\r\n", p->text[p->at]))
        p->at++;
}

/* Is this word (OR, AND, NOT) next? */
static bool is_next(const struct parser *p, const char *word)
{
    size_t n = strlen(word);
    return strncmp(p->text + p->at, word, n) == 0 &&
           (!p->text[p->at + n] || strchr(" \t\r\n()\"", p->text[p->at + n]));
}

/* Adds one child. */
static void add_child(struct search_node *parent, struct search_node *child)
{
    *(struct search_node **)vec_push(&parent->children) = child;
}

/* Takes a run into a text node. */
static bool take_run(void *user, bool cjk, char *bytes, size_t n)
{
    struct search_node *node = user;
    struct search_run_of *r = vec_push(&node->runs);
    *r = (struct search_run_of){mem_strndup(bytes, n), n, cjk};
    return true;
}

/* A node that looks for text in columns. Text without a letter or digit finds everything: it is
 * what "R & D" has in its middle. */
static struct search_node *text_node(struct parser *p, const char *text, size_t n,
                                     unsigned columns, bool prefix)
{
    struct search_node *node = search_node_new(SEARCH_TEXT);
    node->columns = columns;
    tokenizer_runs(p->tokenizer, text, n, take_run, node);
    if (node->runs.len == 0) {
        node->op = SEARCH_ALL;
        return node;
    }
    node->prefix = prefix && !((struct search_run_of *)vec_at(&node->runs, node->runs.len - 1))->cjk;
    return node;
}

/* The value of a field as a folded text; yours. */
static char *folded(struct parser *p, const char *text)
{
    struct str out = STR_INIT;
    tokenizer_fold(p->tokenizer, text, strlen(text), &out);
    return str_take(&out);
}

/* ---- fields ---- */

struct field_word {
    const char *word;
    int64_t value;
};

/* The value of a word of a list, or an error that names them all. */
static struct search_node *word_node(struct parser *p, size_t at, enum search_op op,
                                     const char *field, const char *value,
                                     const struct field_word *words)
{
    struct str all = STR_INIT;
    for (const struct field_word *w = words; w->word; w++) {
        if (str_eq_nocase(w->word, value)) {
            struct search_node *n = search_node_new(op);
            n->low = w->value;
            str_fini(&all);
            return n;
        }
        str_addf(&all, "%s%s", all.len ? " " : "", w->word);
    }
    wrong(p, at, _("%s: knows %s, not %s"), field, str_text(&all), value);
    str_fini(&all);
    return NULL;
}

static const struct field_word is_words[] = {
    {"unread", DOC_UNREAD},   {"flagged", DOC_FLAGGED},     {"replied", DOC_REPLIED},
    {"snoozed", DOC_SNOOZED}, {"muted", DOC_MUTED},         {"hidden", DOC_HIDDEN},
    {"read", -DOC_UNREAD},    {"forwarded", DOC_FORWARDED}, {"deleted", DOC_DELETED},
    {"mine", DOC_MINE},       {"damaged", DOC_DAMAGED},     {NULL, 0},
};

static const struct field_word has_words[] = {
    {"attachment", DOC_ATTACHMENT}, {"link", DOC_LINK}, {"invite", DOC_INVITE}, {NULL, 0},
};

static const struct field_word kind_words[] = {
    {"mail", DOC_MAIL},   {"note", DOC_NOTE}, {"transcript", DOC_TRANSCRIPT}, {"chat", DOC_CHAT},
    {"draft", DOC_DRAFT}, {"task", DOC_TASK}, {"event", DOC_EVENT},           {NULL, 0},
};

static const struct field_word lane_words[] = {
    {"answer", 0}, {"act", 0},  {"wait", 0}, {"meet", 0}, {"fyi", 0},
    {"bulk", 0},   {"risk", 0}, {"done", 0}, {"none", 1}, {NULL, 0},
};

/* is:, has: */
static struct search_node *flag_node(struct parser *p, size_t at, const char *field,
                                     const char *value, const struct field_word *words)
{
    struct search_node *n = word_node(p, at, SEARCH_FLAG, field, value, words);
    if (!n || n->low > 0)
        return n;
    n->low = -n->low;
    struct search_node *not = search_node_new(SEARCH_NOT);
    add_child(not, n);
    return not;
}

/* lane: */
static struct search_node *lane_node(struct parser *p, size_t at, const char *value)
{
    struct search_node *n = word_node(p, at, SEARCH_LANE, "lane", value, lane_words);
    if (n && n->low == 0) {
        n->text = mem_strdup(value);
        for (char *c = n->text; *c; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    }
    return n;
}

/* thread:, chat: a letter and a number, or a number alone. */
static struct search_node *thread_node(struct parser *p, size_t at, const char *field,
                                       const char *value, enum doc_kind kind)
{
    const char *number = value;
    long long id;
    switch (*value) {
    case 't':
        kind = DOC_MAIL;
        number++;
        break;
    case 'c':
        kind = DOC_CHAT;
        number++;
        break;
    case 'n':
        kind = DOC_NOTE;
        number++;
        break;
    default:
        break;
    }
    if (!str_to_int64(number, &id) || id <= 0)
        return wrong(p, at, _("%s: needs an id such as %s, not %s"), field,
                     kind == DOC_CHAT ? "c7" : "t5", value);
    struct search_node *n = search_node_new(SEARCH_THREAD);
    n->low = kind;
    n->high = id;
    return n;
}

/* date:, newer:, older: */
static struct search_node *time_node(struct parser *p, size_t at, const char *field,
                                     const char *value)
{
    struct search_node *n = search_node_new(SEARCH_TIME);
    int64_t low, high, since;
    n->low = INT64_MIN;
    n->high = INT64_MAX;
    bool range = search_range(value, p->now, &low, &high);
    if (strcmp(field, "date") == 0 && range) {
        n->low = low;
        n->high = high;
        return n;
    }
    if (strcmp(field, "date") != 0 && (range || search_age(value, p->now, &since))) {
        if (*field == 'n')
            n->low = range ? low : since;
        else
            n->high = range ? low : since;
        return n;
    }
    search_node_free(n);
    if (strcmp(field, "date") == 0)
        return wrong(p, at, _("%s is no date; right are 2026-03-31, 2026-03..2026-05, today, 2026.."),
                     value);
    return wrong(p, at, _("%s is no age; right are 7d, 2w, 3m, 1y, 12h, 2026-03-31"), value);
}

/* due: days; both ends may be open. */
static struct search_node *due_node(struct parser *p, size_t at, const char *value)
{
    int64_t low, high;
    if (!search_range(value, p->now, &low, &high))
        return wrong(p, at, _("%s is no day; right are 2026-03-31, ..2026-05, today, tomorrow"),
                     value);
    struct search_node *n = search_node_new(SEARCH_DUE);
    char day[CLOCK_TEXT];
    if (low != INT64_MIN)
        n->text = mem_strdup(clock_day(low, day));
    if (high != INT64_MAX)
        n->text2 = mem_strdup(clock_day(high - 1, day));
    return n;
}

/* in:, label:, id:, owner: */
static struct search_node *name_node(struct parser *p, enum search_op op, const char *value)
{
    struct search_node *n = search_node_new(op);
    if (op != SEARCH_IDENT) {
        n->text = folded(p, value);
        return n;
    }
    size_t len = strlen(value);
    if (*value == '<')
        value++, len--;
    if (len > 0 && value[len - 1] == '>')
        len--;
    n->text = mem_strndup(value, len);
    return n;
}

static const struct {
    const char *name;
    unsigned columns; /* a text field */
} fields[] = {
    {"from", SEARCH_SENDER}, {"to", SEARCH_RECIPIENTS}, {"cc", SEARCH_CC},
    {"subject", SEARCH_SUBJECT}, {"body", SEARCH_BODY}, {"name", SEARCH_FILES},
    {"in", 0}, {"label", 0}, {"lane", 0}, {"has", 0}, {"is", 0}, {"id", 0}, {"thread", 0},
    {"date", 0}, {"newer", 0}, {"older", 0}, {"due", 0}, {"owner", 0}, {"chat", 0}, {"kind", 0},
};

/* The field whose name and colon stand here; its number or -1. */
static int field_here(const struct parser *p)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t n = strlen(fields[i].name);
        if (str_starts_nocase(p->text + p->at, fields[i].name) && p->text[p->at + n] == ':')
            return (int)i;
    }
    return -1;
}

/* How many letters the name that stands here has, if it is written like a field's: letters and "-", a
 * colon and a value. 0 for what is plainly text: "http://…", "mailto:…", "C:\…", "std::…", "Re:", "10:30". */
static size_t field_like(const struct parser *p)
{
    const char *s = p->text + p->at;
    size_t n = 0;
    while ((s[n] | 32) >= 'a' && (s[n] | 32) <= 'z')
        n += s[n + 1] == '-' ? 2 : 1;
    if (n < 2 || s[n] != ':' || s[n - 1] == '-' || str_starts_nocase(s, "mailto:"))
        return 0;
    const char *value = s + n + 1;
    return *value && !strchr(" \t\r\n):\\", *value) && !str_starts(value, "//") ? n : 0;
}

/* How many letters differ between two short names: put in, left out, another. */
static size_t apart(const char *a, size_t n, const char *b)
{
    size_t row[32], m = strlen(b);
    if (n >= sizeof row / sizeof *row || m >= sizeof row / sizeof *row)
        return SIZE_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = corner + ((a[i - 1] | 32) != (b[j - 1] | 32));
            corner = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[m];
}

/* The field that was probably meant: what other programs call it, or one that is spelt much like it; NULL. */
static const char *nearest_field(const char *name, size_t n)
{
    static const char *const others[][2] = {
        {"folder", "in"}, {"mailbox", "in"}, {"path", "in"}, {"tag", "label"}, {"keyword", "label"},
        {"sender", "from"}, {"recipient", "to"}, {"bcc", "cc"}, {"title", "subject"}, {"text", "body"},
        {"content", "body"}, {"attachment", "name"}, {"file", "name"}, {"filename", "name"},
        {"flag", "is"}, {"status", "is"}, {"type", "kind"}, {"since", "newer"}, {"after", "newer"},
        {"before", "older"}, {"until", "older"}, {"mid", "id"}, {"msgid", "id"}, {"message-id", "id"}};
    const char *near = NULL;
    size_t best = n > 3 ? 3 : 2; /* so many letters are too many */
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strlen(others[i][0]) == n && str_starts_nocase(name, others[i][0]))
            return others[i][1];
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t d = apart(name, n, fields[i].name);
        if (d < best) {
            best = d;
            near = fields[i].name;
        }
    }
    return near;
}

/* Says that there is no such field, and which was meant. */
static struct search_node *no_field(struct parser *p, size_t n)
{
    const char *name = p->text + p->at, *near = nearest_field(name, n);
    size_t value = strcspn(name + n + 1, " \t\r\n()\"");
    if (near) {
        wrong(p, p->at, _("no field %.*s: %s:%.*s"), (int)n, name, near, (int)value, name + n + 1);
    } else {
        struct str all = STR_INIT;
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            str_addf(&all, " %s", fields[i].name);
        wrong(p, p->at, _("no field %.*s; there are%s"), (int)n, name, str_text(&all));
        str_fini(&all);
    }
    error_hint(p->err, _("in quotes it is text: \"%.*s\""), (int)(n + 1 + value), name);
    return NULL;
}

/* The node of a field that holds no text. */
static struct search_node *attribute(struct parser *p, size_t at, const char *field,
                                     const char *value)
{
    if (strcmp(field, "in") == 0)
        return name_node(p, SEARCH_FOLDER, value);
    if (strcmp(field, "label") == 0)
        return name_node(p, SEARCH_LABEL, value);
    if (strcmp(field, "id") == 0)
        return name_node(p, SEARCH_IDENT, value);
    if (strcmp(field, "owner") == 0)
        return name_node(p, SEARCH_OWNER, value);
    if (strcmp(field, "lane") == 0)
        return lane_node(p, at, value);
    if (strcmp(field, "is") == 0)
        return flag_node(p, at, field, value, is_words);
    if (strcmp(field, "has") == 0)
        return flag_node(p, at, field, value, has_words);
    if (strcmp(field, "kind") == 0)
        return word_node(p, at, SEARCH_KIND, field, value, kind_words);
    if (strcmp(field, "thread") == 0)
        return thread_node(p, at, field, value, DOC_MAIL);
    if (strcmp(field, "chat") == 0)
        return thread_node(p, at, field, value, DOC_CHAT);
    if (strcmp(field, "due") == 0)
        return due_node(p, at, value);
    return time_node(p, at, field, value);
}

/* ---- grammar ---- */

static struct search_node *parse_or(struct parser *p, unsigned columns);

/* A quoted text; at stands on its first quote. */
static char *quoted(struct parser *p)
{
    size_t start = p->at++;
    size_t from = p->at;
    while (p->text[p->at] && p->text[p->at] != '"')
        p->at++;
    if (!p->text[p->at]) {
        wrong(p, start, _("the quotation is not closed"));
        return NULL;
    }
    return mem_strndup(p->text + from, p->at++ - from);
}

/* A bare word, up to white space, a parenthesis or a quote. */
static char *bare(struct parser *p)
{
    size_t from = p->at;
    while (p->text[p->at] && !strchr(" \t\r\n()\"", p->text[p->at]))
        p->at++;
    return mem_strndup(p->text + from, p->at - from);
}

/* A parenthesis; at stands on it. */
static struct search_node *group(struct parser *p, unsigned columns)
{
    size_t start = p->at++;
    if (++p->depth > DEPTH_MAX)
        return wrong(p, start, _("too many parentheses"));
    struct search_node *n = parse_or(p, columns);
    p->depth--;
    if (!n)
        return NULL;
    skip_space(p);
    if (p->text[p->at] != ')') {
        search_node_free(n);
        return wrong(p, start, _("the parenthesis is not closed"));
    }
    p->at++;
    return n;
}

/* A value that is text: a phrase or a word. */
static struct search_node *text_value(struct parser *p, unsigned columns)
{
    bool phrase = p->text[p->at] == '"';
    char *value = phrase ? quoted(p) : bare(p);
    if (!value)
        return NULL;
    size_t n = strlen(value);
    bool prefix = !phrase && n > 1 && value[n - 1] == '*';
    struct search_node *node = text_node(p, value, n, columns, prefix);
    free(value);
    return node;
}

/* A field and its value. */
static struct search_node *field_value(struct parser *p, int f)
{
    size_t start = p->at;
    p->at += strlen(fields[f].name) + 1;
    char c = p->text[p->at];
    if (!c || strchr(" \t\r\n)", c))
        return wrong(p, start, _("%s: needs a value"), fields[f].name);
    if (c == '(' && fields[f].columns)
        return group(p, fields[f].columns);
    if (fields[f].columns)
        return text_value(p, fields[f].columns);
    if (c == '(')
        return wrong(p, p->at, _("%s: takes one value, no parenthesis"), fields[f].name);
    char *value = c == '"' ? quoted(p) : bare(p);
    if (!value)
        return NULL;
    struct search_node *n = *value ? attribute(p, start, fields[f].name, value)
                                   : wrong(p, start, _("%s: needs a value"), fields[f].name);
    free(value);
    return n;
}

/* One thing, negated or not. */
static struct search_node *parse_unary(struct parser *p, unsigned columns)
{
    skip_space(p);
    size_t start = p->at;
    const char *s = p->text + p->at;
    if (++p->nodes > NODES_MAX)
        return wrong(p, start, _("the query is too long"));
    bool minus = *s == '-' && s[1] && !strchr(" \t\r\n-", s[1]);
    if (minus || is_next(p, "NOT")) {
        p->at += minus ? 1 : 3;
        if (++p->depth > DEPTH_MAX)
            return wrong(p, start, _("too many parentheses"));
        struct search_node *child = parse_unary(p, columns);
        p->depth--;
        if (!child)
            return NULL;
        struct search_node *n = search_node_new(SEARCH_NOT);
        add_child(n, child);
        return n;
    }
    if (!*s)
        return wrong(p, start, _("something to look for is missing"));
    if (*s == ')')
        return wrong(p, start, _("this parenthesis was not opened"));
    if (is_next(p, "OR") || is_next(p, "AND"))
        return wrong(p, start, _("%s needs something on both sides"), *s == 'O' ? "OR" : "AND");
    if (*s == '(')
        return group(p, columns);
    int f = columns == SEARCH_ANYWHERE ? field_here(p) : -1;
    size_t name = f < 0 && columns == SEARCH_ANYWHERE ? field_like(p) : 0;
    if (name)
        return no_field(p, name);
    return f >= 0 ? field_value(p, f) : text_value(p, columns);
}

/* Things that must all hold. */
static struct search_node *parse_and(struct parser *p, unsigned columns)
{
    struct search_node *all = search_node_new(SEARCH_AND);
    bool joined;
    do {
        struct search_node *n = parse_unary(p, columns);
        if (!n) {
            search_node_free(all);
            return NULL;
        }
        add_child(all, n);
        skip_space(p);
        joined = is_next(p, "AND");
        if (joined) {
            p->at += 3;
            skip_space(p);
            if (!p->text[p->at] || p->text[p->at] == ')') {
                wrong(p, p->at, _("%s needs something on both sides"), "AND");
                search_node_free(all);
                return NULL;
            }
        }
    } while (joined || (p->text[p->at] && p->text[p->at] != ')' && !is_next(p, "OR")));
    return all;
}

/* Things of which one must hold. */
static struct search_node *parse_or(struct parser *p, unsigned columns)
{
    struct search_node *any = search_node_new(SEARCH_OR);
    for (;;) {
        struct search_node *n = parse_and(p, columns);
        if (!n) {
            search_node_free(any);
            return NULL;
        }
        add_child(any, n);
        skip_space(p);
        if (!is_next(p, "OR"))
            return any;
        p->at += 2;
        skip_space(p);
        if (!p->text[p->at] || p->text[p->at] == ')') {
            wrong(p, p->at, _("%s needs something on both sides"), "OR");
            search_node_free(any);
            return NULL;
        }
    }
}

/* Text of a lone sign, negated too, is no condition: it is taken out of its AND or OR, and a group
 * of one is that one. */
static struct search_node *tidy(struct search_node *n)
{
    struct vec kept;
    vec_init(&kept, sizeof(struct search_node *), NULL);
    for (size_t i = 0; i < n->children.len; i++) {
        struct search_node *c = tidy(*(struct search_node **)vec_at(&n->children, i));
        if (c->op == SEARCH_ALL)
            search_node_free(c);
        else
            *(struct search_node **)vec_push(&kept) = c;
    }
    vec_fini(&n->children);
    n->children = kept;
    bool joins = n->op == SEARCH_AND || n->op == SEARCH_OR;
    if ((joins || n->op == SEARCH_NOT) && kept.len == 0) {
        n->op = SEARCH_ALL;
    } else if (joins && kept.len == 1) {
        struct search_node *only = *(struct search_node **)vec_at(&n->children, 0);
        vec_clear(&n->children);
        search_node_free(n);
        return only;
    }
    return n;
}

/* Reads a query. */
enum status search_parse(const char *query, int64_t now, struct search_node **out,
                         struct error *err)
{
    struct error wrong_here = ERROR_INIT;
    struct parser p = {.text = plain_signs(query ? query : ""), .now = now, .err = &wrong_here};
    struct search_node *n = NULL;
    p.tokenizer = tokenizer_new();
    skip_space(&p);
    bool star = p.text[p.at] == '*' && !p.text[p.at + 1 + strspn(p.text + p.at + 1, " \t\r\n")];
    if (!p.text[p.at] || star) {
        n = search_node_new(SEARCH_ALL);
    } else {
        n = parse_or(&p, SEARCH_ANYWHERE);
        if (n && p.text[p.at]) {
            wrong(&p, p.at, _("this parenthesis was not opened"));
            search_node_free(n);
            n = NULL;
        }
        n = n ? tidy(n) : NULL;
        if (n && n->op == SEARCH_ALL) {
            wrong(&p, 0, _("there is no letter and no digit to look for"));
            search_node_free(n);
            n = NULL;
        }
    }
    tokenizer_free(p.tokenizer);
    free(p.text);
    *out = n;
    if (!n)
        *err = wrong_here;
    return n ? STATUS_OK : err->status;
}

/* Is it a query? */
enum status search_check(const char *query, struct error *err)
{
    struct search_node *n;
    enum status s = search_parse(query, clock_now(), &n, err);
    search_node_free(n);
    return s;
}
