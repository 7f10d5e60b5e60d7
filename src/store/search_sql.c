/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search_sql.c - tree → SQL.
 *
 * When something must stand in the text, the index leads: it gives row ids in falling order, which
 * is newest first, and the rest is looked up per row, so that a LIMIT ends the work. Else the doc
 * rows lead, through whichever of their indexes fits. Dates are ranges of keys.
 *
 * A word* is looked for in an index of stems. Its words W are those that begin with the prefix P;
 * the index has stem(W). Stems that begin with P are found as they are; a stem that does not can
 * only come from P = t + "s", or from an ending -i, -ie, -ies of P where t ends in -y: those stems t
 * are asked for besides. Both ways may bring in a row too many ("company" for P = "compani"; the
 * stem of "companies" for P = "company"), so for such P has_text() looks at the text itself. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/doc_index.h"
#include "store/search_tree.h"

/* Releases a value. */
static void value_fini(void *item)
{
    free(((struct search_value *)item)->text);
}

/* Empty. */
void search_sql_init(struct search_sql *s)
{
    *s = (struct search_sql){0};
    vec_init(&s->values, sizeof(struct search_value), value_fini);
}

/* Releases it. */
void search_sql_fini(struct search_sql *s)
{
    str_fini(&s->from);
    str_fini(&s->where);
    vec_fini(&s->values);
}

/* Adds a text value; text is taken. */
static void value_text(struct search_sql *s, char *text)
{
    struct search_value *v = vec_push(&s->values);
    v->text = text;
}

/* Adds a number. */
static void value_int(struct search_sql *s, int64_t number)
{
    struct search_value *v = vec_push(&s->values);
    v->number = number;
}

/* Opens a new condition of the top-level AND. */
static void also(struct search_sql *s)
{
    if (s->where.len)
        str_puts(&s->where, " AND ");
}

/* ---- expressions of the index ---- */

/* The child i of a node. */
static struct search_node *child(const struct search_node *n, size_t i)
{
    return *(struct search_node **)vec_at(&n->children, i);
}

/* The last run of a text. */
static const struct search_run_of *last_run(const struct search_node *n)
{
    return vec_at(&n->runs, n->runs.len - 1);
}

/* Must rows be looked at themselves after the index named them? */
static bool is_risky(const struct search_node *n)
{
    if (n->op != SEARCH_TEXT || !n->prefix)
        return false;
    const struct search_run_of *r = last_run(n);
    char c = r->text[r->len - 1];
    return r->len > 1 && (c == 's' || c == 'y' || c == 'i' ||
                          (c == 'e' && r->text[r->len - 2] == 'i'));
}

/* Bytes of the character at s. */
static size_t char_len(const char *s)
{
    unsigned char c = (unsigned char)*s;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* The tokens of a CJK run; whole: with its last character, as before another run; only: it is the
 * whole text. */
static void add_cjk(struct str *out, const struct search_run_of *r, bool whole, bool only)
{
    const char *end = r->text + r->len;
    bool alone = only && char_len(r->text) == r->len;
    for (const char *s = r->text; s < end;) {
        const char *next = s + char_len(s);
        if (next < end || whole || s == r->text) {
            str_putc(out, TOKENIZER_CUT);
            if (alone)
                str_putc(out, TOKENIZER_MARK);
            str_add(out, s, char_len(s) + (next < end ? char_len(next) : 0));
        }
        s = next;
    }
}

/* The tokens of a text but its last word; true when the last token is a beginning only. */
static bool add_tokens(struct str *out, const struct search_node *n, size_t runs)
{
    for (size_t i = 0; i < runs; i++) {
        const struct search_run_of *r = vec_at(&n->runs, i);
        if (r->cjk) {
            add_cjk(out, r, i + 1 < n->runs.len, n->runs.len == 1);
        } else {
            char word[TOKENIZER_WORD_MAX + 4];
            memcpy(word, r->text, r->len);
            str_putc(out, TOKENIZER_CUT);
            str_add(out, word, tokenizer_stem(word, r->len));
        }
    }
    /* A single CJK character behind another run begins a pair, or stands alone. */
    const struct search_run_of *r = last_run(n);
    return runs == n->runs.len && n->runs.len > 1 && r->cjk && char_len(r->text) == r->len;
}

/* One phrase of the index language, ending in this word. */
static void add_phrase(struct str *out, const struct search_node *n, const char *word, size_t len,
                       bool prefix)
{
    str_puts(out, "\"");
    if (word) {
        add_tokens(out, n, n->runs.len - 1);
        str_putc(out, TOKENIZER_CUT);
        str_add(out, word, len);
    } else {
        prefix = add_tokens(out, n, n->runs.len);
    }
    str_puts(out, prefix ? "\" *" : "\"");
}

/* The stems that a prefix must be asked for besides, see the top of the file. */
static void add_stems(struct str *out, const struct search_node *n)
{
    const struct search_run_of *r = last_run(n);
    char word[TOKENIZER_WORD_MAX + 4];
    memcpy(word, r->text, r->len);
    size_t len = tokenizer_stem(word, r->len);
    if (len != r->len) {
        str_puts(out, " OR ");
        add_phrase(out, n, word, len, false);
    }
    memcpy(word, r->text, r->len);
    size_t x = 0; /* what stands before -i, -ie */
    if (r->len > 1 && word[r->len - 1] == 'i')
        x = r->len - 1;
    else if (r->len > 2 && word[r->len - 2] == 'i' && word[r->len - 1] == 'e')
        x = r->len - 2;
    if (x) {
        word[x] = 'y';
        str_puts(out, " OR ");
        add_phrase(out, n, word, x + 1, false);
        memcpy(word + x, "ie", 2); /* after -a and -e the plural's stem is -ie */
        str_puts(out, " OR ");
        add_phrase(out, n, word, x + 2, false);
    }
}

/* A text as an expression of the index; for a risky one it may find too much. */
static void text_expr(struct str *out, const struct search_node *n)
{
    static const char *const names[SEARCH_COLUMNS] = {"body",       "subject", "sender",
                                                      "recipients", "cc",      "files"};
    if (n->columns != SEARCH_ANYWHERE) {
        str_puts(out, "{");
        for (int i = 0; i < SEARCH_COLUMNS; i++)
            if (n->columns & 1u << i)
                str_addf(out, " %s", names[i]);
        str_puts(out, "} : ");
    }
    str_puts(out, "(");
    const struct search_run_of *r = last_run(n);
    if (n->prefix)
        add_phrase(out, n, r->text, r->len, true);
    else
        add_phrase(out, n, NULL, 0, false);
    if (is_risky(n))
        add_stems(out, n);
    str_puts(out, ")");
}

/* Is it one CJK character? */
static bool is_one(const struct search_node *n)
{
    return n->runs.len == 1 && last_run(n)->cjk && char_len(last_run(n)->text) == last_run(n)->len;
}

/* In an index of pairs one character is the beginning of a token. */
static void begin_pairs(struct search_node *n)
{
    if (n->op == SEARCH_TEXT && is_one(n))
        n->prefix = true;
    for (size_t i = 0; i < n->children.len; i++)
        begin_pairs(child(n, i));
}

/* What is asked of this store's index. */
void search_sql_prepare(struct db *db, struct search_node *root)
{
    if (!doc_index_has_marks(db))
        begin_pairs(root);
}

/* Is it the beginning of very many words ("a*", "th*")? The index would gather all of their rows
 * before it gives the first. */
static bool is_wide(const struct search_node *n)
{
    return n->op == SEARCH_TEXT && n->prefix && n->runs.len == 1 && !last_run(n)->cjk &&
           last_run(n)->len <= 3;
}

/* Is a condition of the whole of that kind? */
bool search_sql_is_wide(const struct search_node *root)
{
    bool wide = is_wide(root);
    for (size_t i = 0; root->op == SEARCH_AND && i < root->children.len; i++)
        wide = wide || is_wide(child(root, i));
    return wide;
}

/* Can the index alone decide? */
static bool is_pure(const struct search_node *n)
{
    if (n->op == SEARCH_TEXT)
        return !is_risky(n);
    if (n->op != SEARCH_AND && n->op != SEARCH_OR)
        return false;
    size_t positive = 0;
    for (size_t i = 0; i < n->children.len; i++) {
        const struct search_node *c = child(n, i);
        bool negated = c->op == SEARCH_NOT && n->op == SEARCH_AND;
        if (!is_pure(negated ? child(c, 0) : c))
            return false;
        positive += !negated;
    }
    return positive > 0;
}

/* A pure tree as an expression of the index. */
static void pure_expr(struct str *out, const struct search_node *n)
{
    if (n->op == SEARCH_TEXT) {
        text_expr(out, n);
        return;
    }
    str_puts(out, "(");
    bool first = true;
    for (size_t i = 0; i < n->children.len; i++) {
        const struct search_node *c = child(n, i);
        if (c->op == SEARCH_NOT)
            continue;
        if (!first)
            str_puts(out, n->op == SEARCH_AND ? " AND " : " OR ");
        pure_expr(out, c);
        first = false;
    }
    str_puts(out, ")");
    for (size_t i = 0; i < n->children.len; i++)
        if (child(n, i)->op == SEARCH_NOT) {
            struct str left = *out;
            *out = STR_INIT;
            str_puts(out, "(");
            str_add(out, str_text(&left), left.len);
            str_fini(&left);
            str_puts(out, " NOT ");
            pure_expr(out, child(child(n, i), 0));
            str_puts(out, ")");
        }
}

/* ---- conditions on rows ---- */

/* has_text()'s third value: runs behind their kind, the last one a beginning. Yours. */
static char *runs_text(const struct search_node *n)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < n->runs.len; i++) {
        const struct search_run_of *r = vec_at(&n->runs, i);
        str_putc(&out, r->cjk ? 'c' : 'w');
        str_add(&out, r->text, r->len);
        str_putc(&out, TOKENIZER_CUT);
    }
    return str_take(&out);
}

/* Ids in a table whose folded name is this one, as a list for IN: "(3,7)"; "()" holds nothing. The
 * tables of other floors may not be there. */
static void ids_by_name(struct db *db, struct str *out, const char *sql, const char *name)
{
    struct error err = ERROR_INIT;
    struct db_query *q = db_prepare_once(db, sql, &err);
    str_puts(out, "(");
    if (q) {
        db_bind_text(q, 1, name);
        for (bool first = true; db_step(q); first = false)
            str_addf(out, "%s%lld", first ? "" : ",", (long long)db_int(q, 0));
        db_end(q);
    }
    str_puts(out, ")");
}

/* The thread that an id means now: merged ones live on as aliases. */
static int64_t thread_now(struct db *db, const struct search_node *n)
{
    struct error err = ERROR_INIT;
    int64_t id = n->high;
    struct db_query *q = n->low == DOC_MAIL
                             ? db_prepare_once(db, "SELECT thread FROM mail_alias WHERE id = ?1", &err)
                             : NULL;
    if (!q)
        return id;
    db_bind_int(q, 1, id);
    if (db_step(q))
        id = db_int(q, 0);
    db_end(q);
    return id;
}

/* A condition on an attribute. */
static void attribute(struct db *db, struct search_sql *s, const struct search_node *n)
{
    struct str *w = &s->where;
    switch (n->op) {
    case SEARCH_KIND:
        str_addf(w, "d.kind = %lld", (long long)n->low);
        break;
    case SEARCH_FLAG:
        str_addf(w, "d.flags & %lld", (long long)n->low);
        break;
    case SEARCH_FOLDER:
        str_puts(w, "d.folder IN ");
        ids_by_name(db, w,
                    "SELECT id FROM mail_folder WHERE fold(name) = ?1"
                    " OR fold(account || '/' || name) = ?1 OR fold(account) = ?1",
                    n->text);
        break;
    case SEARCH_LABEL:
        str_puts(w, "d.key IN (SELECT key FROM doc_label WHERE label IN ");
        ids_by_name(db, w, "SELECT id FROM label WHERE fold(name) = ?1", n->text);
        str_puts(w, ")");
        break;
    case SEARCH_LANE:
        str_puts(w, n->text ? "(d.lane IS NOT NULL AND d.lane = ?)" : "d.lane IS NULL");
        if (n->text)
            value_text(s, mem_strdup(n->text));
        break;
    case SEARCH_THREAD:
        str_addf(w, "(d.thread <> 0 AND d.thread = %lld AND d.kind %s)",
                 (long long)thread_now(db, n),
                 n->low == DOC_NOTE   ? "IN (2,3)"
                 : n->low == DOC_CHAT ? "= 4"
                                      : "= 1");
        break;
    case SEARCH_IDENT:
        str_puts(w, "(d.ident IS NOT NULL AND d.ident = ?)");
        value_int(s, doc_ident_hash(n->text));
        break;
    case SEARCH_DUE:
        str_puts(w, "(d.due IS NOT NULL");
        if (n->text) {
            str_puts(w, " AND d.due >= ?");
            value_text(s, mem_strdup(n->text));
        }
        if (n->text2) {
            str_puts(w, " AND d.due <= ?");
            value_text(s, mem_strdup(n->text2));
        }
        str_puts(w, ")");
        break;
    case SEARCH_OWNER:
        str_puts(w, "(d.owner IS NOT NULL AND instr(fold(d.owner), ?) > 0)");
        value_text(s, mem_strdup(n->text));
        break;
    default:
        str_puts(w, "1");
        break;
    }
}

/* A range of dates as a condition on the row of this key; range NULL: its keys are asked for elsewhere. */
static void date_condition(struct search_sql *s, const struct search_node *n, const char *key,
                           const struct doc_key_range *r, bool keys)
{
    static const struct {
        const char *key, *date;
    } ends[] = {{">=", ">="}, {"<", "<"}};
    const int64_t limits[] = {r->low, r->high}, sure[] = {r->sure_low, r->sure_high}, dates[] = {n->low, n->high};
    struct str *w = &s->where;
    str_puts(w, "(1");
    for (int i = 0; i < 2; i++) {
        if (limits[i] == INT64_MIN || limits[i] == INT64_MAX)
            continue;
        if (keys) {
            str_addf(w, " AND %s %s ?", key, ends[i].key);
            value_int(s, limits[i]);
        }
        if (sure[i] == limits[i])
            continue;
        str_addf(w, " AND (%s %s ? OR (SELECT date FROM doc WHERE key = %s) %s ?)", key, ends[i].key, key,
                 ends[i].date);
        value_int(s, sure[i]);
        value_int(s, dates[i]);
    }
    str_puts(w, ")");
}

/* Any tree as a condition on the row of this key. */
static void condition(struct db *db, struct search_sql *s, const struct search_node *n,
                      const char *key)
{
    struct str *w = &s->where, expr = STR_INIT;
    struct doc_key_range range;
    if (n->op == SEARCH_TEXT || is_pure(n)) {
        pure_expr(&expr, n);
        str_addf(w, "(%s IN (SELECT rowid FROM doc_fts WHERE doc_fts MATCH ?)", key);
        value_text(s, str_take(&expr));
        if (is_risky(n)) {
            str_addf(w, " AND has_text(%s, %u, ?)", key, n->columns);
            value_text(s, runs_text(n));
        }
        str_puts(w, ")");
    } else if (n->op == SEARCH_AND || n->op == SEARCH_OR) {
        str_puts(w, "(");
        for (size_t i = 0; i < n->children.len; i++) {
            if (i)
                str_puts(w, n->op == SEARCH_AND ? " AND " : " OR ");
            condition(db, s, child(n, i), key);
        }
        str_puts(w, ")");
    } else if (n->op == SEARCH_NOT) {
        str_puts(w, "NOT (");
        condition(db, s, child(n, 0), key);
        str_puts(w, ")");
    } else if (n->op == SEARCH_TIME) {
        doc_key_range(db, n->low, n->high, &range);
        date_condition(s, n, key, &range, true);
    } else {
        attribute(db, s, n);
    }
}

/* ---- the whole ---- */

/* Does the tree ask for deleted rows itself? */
static bool asks_deleted(const struct search_node *n)
{
    bool asks = n->op == SEARCH_FLAG && n->low == DOC_DELETED;
    for (size_t i = 0; i < n->children.len; i++)
        asks = asks || asks_deleted(child(n, i));
    return asks;
}

/* Collects the conditions that must all hold. */
static void flatten(const struct search_node *n, struct vec *out)
{
    if (n->op != SEARCH_AND) {
        *(const struct search_node **)vec_push(out) = n;
        return;
    }
    for (size_t i = 0; i < n->children.len; i++)
        flatten(child(n, i), out);
}

/* The expression that leads: every positive text, minus every negated one. Takes them out of the
 * list; a risky text stays, to be looked at. */
static bool leading(struct vec *all, bool scan, struct str *expr)
{
    struct str minus = STR_INIT;
    size_t negated = 0;
    for (size_t i = 0; i < all->len; i++) {
        const struct search_node **n = vec_at(all, i);
        if ((!is_pure(*n) && !is_risky(*n)) || (scan && is_wide(*n)))
            continue;
        str_puts(expr, expr->len ? " AND " : "");
        pure_expr(expr, *n);
        if (!is_risky(*n))
            *n = NULL;
    }
    bool leads = expr->len > 0;
    for (size_t i = 0; leads && i < all->len; i++) {
        const struct search_node **n = vec_at(all, i);
        if (!*n || (*n)->op != SEARCH_NOT || !is_pure(child(*n, 0)))
            continue;
        str_puts(&minus, " NOT ");
        pure_expr(&minus, child(*n, 0));
        str_putc(&minus, ')');
        negated++;
        *n = NULL;
    }
    struct str whole = STR_INIT;
    for (size_t i = 0; i < negated; i++)
        str_putc(&whole, '(');
    str_addf(&whole, "(%s)%s", str_text(expr), str_text(&minus));
    str_fini(expr);
    str_fini(&minus);
    *expr = whole;
    return leads;
}

/* Adds what the options say. */
static void options(struct db *db, struct search_sql *s, const struct search_node *root,
                    const struct search_options *o, const char *key, int64_t low, int64_t high)
{
    if (o->before > 0 && o->before < high)
        high = o->before;
    if (low > INT64_MIN) {
        also(s);
        str_addf(&s->where, "%s >= ?", key);
        value_int(s, low);
    }
    if (high < INT64_MAX) {
        also(s);
        str_addf(&s->where, "%s < ?", key);
        value_int(s, high);
    }
    if (o->kinds) {
        also(s);
        str_puts(&s->where, "d.kind IN (");
        const char *comma = "";
        for (int k = DOC_MAIL; k <= DOC_EVENT; k++)
            if (o->kinds & 1u << k) {
                str_addf(&s->where, "%s%d", comma, k);
                comma = ",";
            }
        str_puts(&s->where, ")");
    }
    if (!o->include_deleted && !asks_deleted(root) &&
        db_get_int(db, "SELECT 1 FROM doc WHERE flags & 1024 LIMIT 1", 0)) {
        also(s);
        str_addf(&s->where, "NOT (d.flags & %u)", (unsigned)DOC_DELETED);
    }
}

/* Makes the statement's FROM and WHERE. */
void search_sql_make(struct db *db, const struct search_node *root, const struct search_options *o,
                     struct search_sql *s)
{
    struct vec all;
    struct str expr = STR_INIT;
    int64_t low = INT64_MIN, high = INT64_MAX;
    vec_init(&all, sizeof(const struct search_node *), NULL);
    if (root->op != SEARCH_ALL)
        flatten(root, &all);
    s->indexed = leading(&all, s->scan, &expr);
    const char *key = s->indexed ? "f.rowid" : "d.key";
    if (s->indexed) {
        str_puts(&s->where, "doc_fts MATCH ?");
        value_text(s, str_take(&expr));
    }
    for (size_t i = 0; i < all.len; i++) {
        const struct search_node *n = *(const struct search_node **)vec_at(&all, i);
        if (!n)
            continue;
        if (n->op == SEARCH_TIME) {
            struct doc_key_range range;
            doc_key_range(db, n->low, n->high, &range);
            low = range.low > low ? range.low : low;
            high = range.high < high ? range.high : high;
            also(s);
            date_condition(s, n, s->indexed ? "+f.rowid" : "+d.key", &range, false);
            continue;
        }
        if (is_risky(n) || (s->scan && is_wide(n)))
            continue;
        also(s);
        /* "+": the index must lead by its MATCH, not by these ids */
        condition(db, s, n, s->indexed ? "+f.rowid" : key);
    }
    options(db, s, root, o, key, low, high);
    for (size_t i = 0; i < all.len; i++) { /* last: a look at the text costs most */
        const struct search_node *n = *(const struct search_node **)vec_at(&all, i);
        if (!n || (!is_risky(n) && !(s->scan && is_wide(n))))
            continue;
        also(s);
        str_addf(&s->where, "has_text(%s, %u, ?)", key, n->columns);
        value_text(s, runs_text(n));
    }
    if (!s->where.len)
        str_puts(&s->where, "1");
    if (!s->indexed)
        str_puts(&s->from, "doc d");
    else
        str_puts(&s->from, strstr(str_text(&s->where), "d.")
                               ? "doc_fts f CROSS JOIN doc d ON d.key = f.rowid"
                               : "doc_fts f");
    str_fini(&expr);
    vec_fini(&all);
}
