/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_search.c - the search language: what it finds is what a slow scan of the same texts finds.
 *
 * The scan is written a second time here, from the contract: its own words, runs, plurals and
 * places side by side; of the program's it only uses utf8_fold. */
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "help.h"
#include "store/doc.h"
#include "store/search.h"

enum { DOCS = 400, QUERIES = 1500, NOW = 1780000000, COLUMNS = 6 };

/* ---- the slow scan ---- */

struct piece { /* a word, or a stretch of CJK */
    char text[200];
    size_t len;
    bool cjk;
};

struct text {
    struct vec pieces; /* struct piece */
};

struct row {
    struct doc d;
    char *columns[COLUMNS];
    struct text texts[COLUMNS];
    int64_t key;
    const char *label;
};

static struct row rows[DOCS];
static unsigned seed = 20261123;

/* A small generator: the same docs and queries each time. */
static unsigned any(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* Is it a letter of CJK here? The texts of this test hold Han and Kana. */
static bool han(uint32_t c)
{
    return (c >= 0x3040 && c <= 0x30ff && c != 0x30fb) || (c >= 0x4e00 && c <= 0x9fff);
}

/* Cuts a text. */
static void cut(const char *s, struct text *out)
{
    struct str folded = STR_INIT;
    utf8_fold(&folded, s, strlen(s));
    vec_init(&out->pieces, sizeof(struct piece), NULL);
    struct piece *p = NULL;
    for (size_t i = 0, used; i < folded.len; i += used) {
        uint32_t c = utf8_decode(folded.data + i, folded.len - i, &used);
        bool cjk = han(c), word = (c < 0x80 && (c >= '0' && c <= '9')) || (c >= 'a' && c <= 'z') ||
                                  (c >= 0xc0 && !cjk && c < 0x250);
        if (!cjk && !word) {
            p = NULL;
            continue;
        }
        if (!p || p->cjk != cjk) {
            p = vec_push(&out->pieces);
            p->cjk = cjk;
        }
        if (p->len + used < sizeof p->text) {
            memcpy(p->text + p->len, folded.data + i, used);
            p->len += used;
        }
    }
    str_fini(&folded);
}

/* The singular by the three rules of the s-stemmer. */
static void singular(char *w)
{
    size_t n = strlen(w);
    if (n < 3)
        return;
    if (n > 3 && str_ends(w, "ies") && !str_ends(w, "eies") && !str_ends(w, "aies"))
        snprintf(w + n - 3, 2, "y");
    else if (str_ends(w, "es") && !str_ends(w, "aes") && !str_ends(w, "ees") && !str_ends(w, "oes"))
        w[n - 1] = '\0';
    else if (w[n - 1] == 's' && !str_ends(w, "us") && !str_ends(w, "ss"))
        w[n - 1] = '\0';
}

/* Does a piece of a text fit one of a query? */
static bool fits(const struct piece *want, const struct piece *got, bool first, bool last,
                 bool prefix)
{
    if (want->cjk != got->cjk)
        return false;
    if (want->cjk) {
        if (first && last)
            return strstr(got->text, want->text) != NULL;
        if (first)
            return str_ends(got->text, want->text);
        return last ? str_starts(got->text, want->text) : strcmp(got->text, want->text) == 0;
    }
    if (last && prefix)
        return str_starts(got->text, want->text);
    char a[200], b[200];
    snprintf(a, sizeof a, "%s", want->text);
    snprintf(b, sizeof b, "%s", got->text);
    singular(a);
    singular(b);
    return strcmp(a, b) == 0;
}

/* Do the pieces stand side by side somewhere in the text? */
static bool stands(const struct text *want, const struct text *in, bool prefix)
{
    size_t n = want->pieces.len;
    for (size_t i = 0; n && i + n <= in->pieces.len; i++) {
        size_t k = 0;
        while (k < n && fits(vec_at(&want->pieces, k), vec_at(&in->pieces, i + k), k == 0,
                             k + 1 == n, prefix))
            k++;
        if (k == n)
            return true;
    }
    return false;
}

/* ---- docs ---- */

static const char *const english[] = {
    "budget", "budgets", "company", "companies", "contract", "Contracts", "plan", "planning",
    "café", "Straße", "invoice", "invoices", "status", "address", "meeting", "Meetings", "yes",
    "pass", "passes", "policy", "policies", "day", "days", "employee", "employees", "gas", "buses",
    "review", "x1", "2026", "naïve", "ties", "tie", "s", "as",
};
static const char *const chinese[] = {"会议", "纪要", "预算", "合同", "明天", "下午", "会", "议",
                                      "客户", "发票", "审核", "東京", "ミーティング", "议会", "同意"};
static const char *const senders[] = {"Anna Li <anna@example.com>", "王伟 <wang@example.cn>",
                                      "Bob Smith <bob.smith@example.org>", "José <jose@example.es>"};
static const char *const lanes[] = {"answer", "act", "fyi", "done"};

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Some running text; yours. */
static char *some_text(unsigned words)
{
    static const char *const between[] = {" ", ", ", "\n", "", ". ", "，"};
    struct str s = STR_INIT;
    for (unsigned i = 0; i < words; i++) {
        str_puts(&s, any(3) ? english[any(COUNT(english))] : chinese[any(COUNT(chinese))]);
        str_puts(&s, between[any(COUNT(between))]);
    }
    return str_take(&s);
}

/* Makes one row of every kind of attribute. */
static void make_row(struct db *db, int i)
{
    struct row *r = &rows[i];
    struct error err = ERROR_INIT;
    r->columns[0] = some_text(1 + any(5));
    r->columns[1] = str_format("%s", senders[any(COUNT(senders))]);
    r->columns[2] = str_format("%s", senders[any(COUNT(senders))]);
    r->columns[3] = any(4) ? str_format("%s", "") : str_format("%s", senders[any(COUNT(senders))]);
    r->columns[4] = any(5) ? str_format("%s", "") : str_format("%s", any(2) ? "budget-2026.pdf" : "合同.docx");
    r->columns[5] = some_text(any(40));
    r->d = (struct doc){
        .kind = any(4) ? DOC_MAIL : (enum doc_kind)(DOC_NOTE + any(6)),
        .ref = i + 1,
        .date = NOW - (int64_t)any(400) * 86400 - any(86400),
        .thread = 1 + any(40),
        .folder = 1 + any(3),
        .flags = any(4096) & (DOC_UNREAD | DOC_FLAGGED | DOC_REPLIED | DOC_ATTACHMENT | DOC_LINK |
                              DOC_INVITE | DOC_SNOOZED | DOC_MUTED | DOC_HIDDEN),
        .lane = any(3) ? lanes[any(COUNT(lanes))] : NULL,
        .due = any(6) ? NULL : any(2) ? "2026-06-01" : "2026-07-15",
        .owner = any(6) ? NULL : any(2) ? "Anna Li" : "王伟",
        .subject = r->columns[0], .sender = r->columns[1], .recipients = r->columns[2],
        .cc = r->columns[3], .files = r->columns[4], .body = r->columns[5],
    };
    if (any(10) == 0)
        r->d.flags |= DOC_DELETED;
    for (int c = 0; c < COLUMNS; c++)
        cut(r->columns[c], &r->texts[c]);
    if (doc_insert(db, &r->d, &r->key, &err) != STATUS_OK)
        ok(false, "insert: %s", err.text);
    r->label = any(8) ? NULL : any(2) ? "legal" : "待办";
    if (r->label && doc_label(db, r->key, r->label, true, &err) != STATUS_OK)
        ok(false, "label: %s", err.text);
}

/* ---- queries ---- */

enum what { WORDS, FLAG, KIND, FOLDER, LANE, LABEL, THREAD, TIME, DUE, OWNER, AND, OR, NOT };

struct query {
    enum what what;
    unsigned columns;
    struct text text;
    bool prefix;
    unsigned flag;
    const char *word;
    int64_t low, high;
    struct query *a, *b;
};

/* Does the row fit the query? */
static bool holds(const struct query *q, const struct row *r)
{
    switch (q->what) {
    case WORDS:
        for (int c = 0; c < COLUMNS; c++)
            if (q->columns >> c & 1 && stands(&q->text, &r->texts[c], q->prefix))
                return true;
        return false;
    case FLAG:
        return r->d.flags & q->flag;
    case KIND:
        return (int64_t)r->d.kind == q->low;
    case FOLDER:
        return r->d.folder == q->low;
    case LANE:
        return str_eq(r->d.lane, q->word);
    case LABEL:
        return str_eq(r->label, q->word);
    case THREAD:
        return r->d.kind == DOC_MAIL && r->d.thread == q->low;
    case TIME:
        return r->d.date >= q->low && r->d.date < q->high;
    case DUE:
        return r->d.due && strcmp(r->d.due, q->word) <= 0;
    case OWNER:
        return str_eq(r->d.owner, q->word);
    case AND:
        return holds(q->a, r) && holds(q->b, r);
    case OR:
        return holds(q->a, r) || holds(q->b, r);
    default:
        return !holds(q->a, r);
    }
}

/* A slice of some row's text, at borders of characters. */
static char *slice(unsigned max)
{
    const char *s = rows[any(DOCS)].columns[any(2) ? 5 : any(5)];
    size_t n = strlen(s), from = n ? any((unsigned)n) : 0, to = from + 1 + any(max);
    to = to < n ? to : n;
    while (from > 0 && ((unsigned char)s[from] & 0xc0) == 0x80)
        from--;
    while (to < n && ((unsigned char)s[to] & 0xc0) == 0x80)
        to++;
    return mem_strndup(s + from, to - from);
}

/* A query for text, and its words. */
static void text_query(struct query *q, struct str *out)
{
    static const struct {
        const char *name;
        unsigned bit;
    } fields[] = {{"", 63}, {"", 63}, {"", 63}, {"from:", 2}, {"to:", 4}, {"cc:", 8},
                  {"subject:", 1}, {"body:", 32}, {"name:", 16}};
    unsigned f = any(COUNT(fields)), how = any(6);
    char *value;
    q->what = WORDS;
    q->columns = fields[f].bit;
    if (how < 2) {
        value = str_format("%s", english[any(COUNT(english))]);
        if (how == 1) { /* the beginning of a word */
            size_t n = 1 + any((unsigned)strlen(value));
            while (((unsigned char)value[n] & 0xc0) == 0x80)
                n++;
            value[n] = '\0';
            q->prefix = true;
        }
    } else if (how == 2) {
        value = str_format("%s", chinese[any(COUNT(chinese))]);
        if (any(3) == 0)
            value[3] = '\0'; /* one character */
    } else if (how == 3) {
        value = str_format("%s", any(2) ? "anna@example.com" : "BOB.smith");
    } else {
        value = slice(how == 4 ? 8 : 24);
    }
    cut(value, &q->text);
    if (q->text.pieces.len == 0) {
        free(value);
        value = str_format("budget");
        cut(value, &q->text);
        q->prefix = false;
    }
    str_puts(out, fields[f].name);
    str_addf(out, how >= 4 ? "\"%s\"" : "%s%s", value, q->prefix ? "*" : "");
    free(value);
}

/* A query for an attribute. */
static void attribute_query(struct query *q, struct str *out)
{
    static const struct {
        const char *text;
        unsigned flag;
    } flags[] = {{"is:unread", DOC_UNREAD},   {"is:flagged", DOC_FLAGGED},
                 {"is:replied", DOC_REPLIED}, {"has:attachment", DOC_ATTACHMENT},
                 {"has:link", DOC_LINK},      {"has:invite", DOC_INVITE},
                 {"is:snoozed", DOC_SNOOZED}, {"is:muted", DOC_MUTED},
                 {"is:hidden", DOC_HIDDEN}};
    unsigned i;
    char day[CLOCK_TEXT];
    q->what = (enum what)(FLAG + any(OWNER - FLAG + 1));
    switch (q->what) {
    case FLAG:
        i = any(COUNT(flags));
        q->flag = flags[i].flag;
        str_puts(out, flags[i].text);
        break;
    case KIND:
        q->low = DOC_MAIL + any(7);
        str_addf(out, "kind:%s", doc_kind_word((enum doc_kind)q->low));
        break;
    case FOLDER:
        q->low = 1 + any(3);
        str_addf(out, "in:%s", q->low == 1 ? "inbox" : q->low == 2 ? "work/archive" : "\"项目/预算\"");
        break;
    case LANE:
        q->word = lanes[any(COUNT(lanes))];
        str_addf(out, "lane:%s", q->word);
        break;
    case LABEL:
        q->word = any(2) ? "legal" : "待办";
        str_addf(out, "label:%s", q->word);
        break;
    case THREAD:
        q->low = 1 + any(40);
        str_addf(out, "thread:t%lld", (long long)q->low);
        break;
    case TIME:
        i = any(300);
        q->low = clock_day_start(NOW, -(int)i);
        q->high = any(2) ? clock_day_start(NOW, -(int)any(i + 1) + 1) : INT64_MAX;
        str_addf(out, "date:%s..", clock_day(q->low, day));
        if (q->high != INT64_MAX)
            str_puts(out, clock_day(q->high - 1, day));
        break;
    case DUE:
        q->word = "2026-06-30";
        str_puts(out, "due:..2026-06");
        break;
    default:
        q->what = OWNER;
        q->word = any(2) ? "Anna Li" : "王伟";
        str_puts(out, str_eq(q->word, "王伟") ? "owner:王伟" : "owner:anna");
        break;
    }
}

/* A random query; its text goes to out. */
static struct query *make_query(int depth, struct str *out)
{
    struct query *q = calloc(1, sizeof *q);
    unsigned what = depth > 0 ? any(10) : any(5);
    if (what < 3) {
        text_query(q, out);
    } else if (what < 5) {
        attribute_query(q, out);
    } else if (what < 8) {
        q->what = AND;
        q->a = make_query(depth - 1, out);
        str_puts(out, any(4) ? " " : " AND ");
        q->b = make_query(depth - 1, out);
    } else if (what < 9) {
        q->what = OR;
        str_putc(out, '(');
        q->a = make_query(depth - 1, out);
        str_puts(out, " OR ");
        q->b = make_query(depth - 1, out);
        str_putc(out, ')');
    } else {
        q->what = NOT;
        str_puts(out, any(2) ? "NOT (" : "-(");
        q->a = make_query(depth - 1, out);
        str_putc(out, ')');
    }
    return q;
}

/* Releases a query. */
static void free_query(struct query *q)
{
    if (!q)
        return;
    free_query(q->a);
    free_query(q->b);
    if (q->what == WORDS)
        vec_fini(&q->text.pieces);
    free(q);
}

struct got {
    int64_t keys[DOCS + 1];
    int len;
};

/* Collects keys. */
static bool on_row(void *user, const struct search_row *r)
{
    struct got *g = user;
    if (g->len <= DOCS)
        g->keys[g->len++] = r->key;
    return true;
}

/* Compares keys, the newest first. */
static int newest_first(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* One query: rows, order, count and pages are those of the scan. */
static bool compare(struct db *db, const struct query *q, const char *text, bool deleted, int *hits)
{
    struct got want = {.len = 0}, got = {.len = 0}, page = {.len = 0};
    struct error err = ERROR_INIT;
    for (int i = 0; i < DOCS; i++)
        if ((deleted || !(rows[i].d.flags & DOC_DELETED)) && holds(q, &rows[i]))
            want.keys[want.len++] = rows[i].key;
    qsort(want.keys, (size_t)want.len, sizeof *want.keys, newest_first);
    *hits += want.len > 0;
    struct search_options o = {.now = NOW, .limit = -1, .include_deleted = deleted};
    int64_t count = 0;
    bool more = true;
    enum status s = search_run(db, text, &o, on_row, &got, NULL, &err);
    if (s == STATUS_OK)
        s = search_count(db, text, &o, &count, &err);
    o.limit = 3;
    if (s == STATUS_OK)
        s = search_run(db, text, &o, on_row, &page, &more, &err);
    if (s == STATUS_OK && page.len == 3) {
        o.before = page.keys[2];
        s = search_run(db, text, &o, on_row, &page, NULL, &err);
    }
    bool same = s == STATUS_OK && got.len == want.len && count == want.len &&
                memcmp(got.keys, want.keys, sizeof *got.keys * (size_t)got.len) == 0 &&
                more == (want.len > 3) &&
                memcmp(page.keys, want.keys, sizeof *got.keys * (size_t)page.len) == 0;
    if (!same) {
        printf("# %s\n#   status %d %s, got %d, count %lld, want %d\n", text, s, err.text, got.len,
               (long long)count, want.len);
        for (int r = 0; r < DOCS; r++) {
            bool in_want = false, in_got = false;
            for (int i = 0; i < want.len; i++)
                in_want |= want.keys[i] == rows[r].key;
            for (int i = 0; i < got.len; i++)
                in_got |= got.keys[i] == rows[r].key;
            if (in_want != in_got)
                printf("#   %s: %s | %s | %s | %s\n", in_got ? "too much" : "missing",
                       rows[r].columns[0], rows[r].columns[1], rows[r].columns[3],
                       rows[r].columns[5]);
        }
    }
    return same;
}

/* Several hundred random queries. */
static void test_random(struct db *db)
{
    int good = 0, hits = 0;
    for (int i = 0; i < QUERIES; i++) {
        struct str text = STR_INIT;
        struct query *q = make_query(3, &text);
        good += compare(db, q, str_text(&text), any(2), &hits);
        free_query(q);
        str_fini(&text);
    }
    is_int(good, QUERIES, "every query finds what the scan finds");
    ok(hits > QUERIES / 2, "most of them find something (%d of %d)", hits, QUERIES);
}

/* How many rows a query gives; -1 when it is none. */
static int64_t count_of(struct db *db, const char *query)
{
    struct error err = ERROR_INIT;
    struct search_options o = {.now = NOW, .limit = -1, .include_deleted = true};
    int64_t n;
    return search_count(db, query, &o, &n, &err) == STATUS_OK ? n : -1;
}

/* What cannot be read says where. */
static void test_errors(void)
{
    static const struct {
        const char *query, *want;
    } bad[] = {
        {"folder:INBOX", "column 1: no field folder: in:INBOX"},
        {"x -subjekt:a", "column 4: no field subjekt: subject:a"},
        {"qwertyuiop:1", "column 1: no field qwertyuiop; there are from to cc "},
        {"message-id:a", "column 1: no field message-id: id:a"},
        {"foo (bar", "column 5: "},  {"foo)", "column 4: "},       {"\"open", "column 1: "},
        {"a OR", "column 5: "},      {"OR a", "column 1: "},       {"NOT", "column 4: "},
        {"会议 from:", "column 4: "}, {"lane:foo", "column 1: "},  {"x is:nothing", "column 3: "},
        {"date:soon", "column 1: "}, {"newer:x", "column 1: "},    {"kind:letter", "column 1: "},
        {"thread:x", "column 1: "},  {"a AND OR b", "column 7: "}, {"()", "column 2: "},
        {"!!!", "column 1: "},       {"from:\"\"x", ""},           {"date:2026-02-30", "column 1: "},
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct error err = ERROR_INIT;
        if (!*bad[i].want)
            continue;
        enum status s = search_check(bad[i].query, &err);
        ok(s == STATUS_USAGE && str_starts(err.text, bad[i].want), "%s: %s", bad[i].query, err.text);
    }
    struct error err = ERROR_INIT;
    struct str deep = STR_INIT;
    for (int i = 0; i < 5000; i++)
        str_puts(&deep, "(");
    is_int(search_check(str_text(&deep), &err), STATUS_USAGE, "5,000 parentheses");
    str_clear(&deep);
    for (int i = 0; i < 400; i++)
        str_addf(&deep, "word%d %s", i, i % 2 ? "OR " : "");
    str_puts(&deep, "end");
    err = ERROR_INIT;
    is_int(search_check(str_text(&deep), &err), STATUS_OK, "400 words");
    str_fini(&deep);
}

/* Cases by hand. */
static void test_cases(struct db *db)
{
    static const char *const texts[] = {
        "9:00", "C:\\Users", "https://a.example/b", "ftp://x", "Re: budget", "mailto:anna@example.com",
        "\"folder:INBOX\"", "std::vector", "会议:budget", "subject:(a:b c:d)", "-http://x", "a1:b2", "budget:"};
    is_int(count_of(db, ""), DOCS, "an empty query finds everything");
    is_int(count_of(db, " * "), DOCS, "so does a star");
    ok(count_of(db, "R & budget") >= 0, "a lone sign is no condition");
    is_int(count_of(db, "budget -&"), count_of(db, "budget"), "not even negated");
    is_int(count_of(db, "from：anna"), count_of(db, "from:anna"), "a full-width colon");
    is_int(count_of(db, "（budget OR 会议）"), count_of(db, "(budget OR 会议)"), "and parentheses");
    is_int(count_of(db, "ＢＵＤＧＥＴ"), count_of(db, "budget"), "full-width letters");
    is_int(count_of(db, "BÜDGET"), count_of(db, "budget"), "accents");
    is_int(count_of(db, "strasse"), count_of(db, "Straße"), "folded letters");
    is_int(count_of(db, "subject:(budget OR 会议)"), count_of(db, "subject:budget OR subject:会议"),
           "a field before a parenthesis");
    ok(count_of(db, "10:30") >= 0 && count_of(db, "http://example.com/x") >= 0, "colons in text");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ok(count_of(db, texts[i]) >= 0, "plainly text: %s", texts[i]);
    ok(count_of(db, "newer:30d") > 0 && count_of(db, "newer:30d") < DOCS, "ages");
    is_int(count_of(db, "newer:30d") + count_of(db, "older:30d"), DOCS, "split in two");
    is_int(count_of(db, "date:2026..") + count_of(db, "date:..2025"), DOCS, "so do years");
    is_int(count_of(db, "is:read") + count_of(db, "is:unread"), DOCS, "read is not unread");
    is_int(count_of(db, "in:nowhere"), 0, "a folder that is not there");
    is_int(count_of(db, "label:nothing"), 0, "a label that is not there");
    is_int(count_of(db, "id:<a@b>"), 0, "an id that is not there");
    char *loose = search_loose("When is the contract with Hanlin due?");
    is_str(loose, "\"contract\" OR \"hanlin\" OR \"due\"", "a question's words");
    free(loose);
    loose = search_loose("请问合同什么时候到期？");
    is_str(loose, "\"合同\" OR \"到期\"", "in Chinese");
    free(loose);
    loose = search_loose("what is it?");
    is_str(loose, "", "none at all");
    free(loose);
}

struct one {
    char snippet[400], subject[100];
    double score;
    int rows;
};

/* Keeps the first row. */
static bool keep_first(void *user, const struct search_row *r)
{
    struct one *o = user;
    if (o->rows++ == 0) {
        snprintf(o->snippet, sizeof o->snippet, "%s", r->snippet);
        snprintf(o->subject, sizeof o->subject, "%s", r->subject);
        o->score = r->score;
    }
    return true;
}

/* Ranks and snippets. */
static void test_rank(struct db *db)
{
    struct error err = ERROR_INIT;
    int64_t key;
    int left;
    struct doc d = {.kind = DOC_MAIL, .ref = 9001, .date = 1000, .subject = "Zebra crossing",
                    .body = "> an older line about a zebra\n\nHello,\n\nthe zebra stands at the "
                            "second gate, and 斑马 too.\nRegards"};
    struct doc e = {.kind = DOC_MAIL, .ref = 9002, .date = 2000, .subject = "Other",
                    .body = "one zebra in a long text about many other things that go on and on"};
    ok(doc_insert(db, &d, &key, &err) == STATUS_OK && doc_insert(db, &e, &key, &err) == STATUS_OK &&
           doc_index_some(db, 10, &left, &err) == STATUS_OK, "two more");
    struct search_options o = {.now = NOW, .limit = 5, .by_rank = true, .snippets = true};
    struct one one = {.rows = 0};
    is_int(search_run(db, "zebras", &o, keep_first, &one, NULL, &err), STATUS_OK, "ranked");
    is_int(one.rows, 2, "both are found");
    is_str(one.subject, "Zebra crossing", "the better one comes first, though it is older");
    ok(one.score > 0, "with a score");
    is_str(one.snippet, "the zebra stands at the second gate, and 斑马 too. Regards",
           "the snippet is not the quoted line");
    one.rows = 0;
    is_int(search_run(db, "斑马", &o, keep_first, &one, NULL, &err), STATUS_OK, "in Chinese");
    ok(strstr(one.snippet, "斑马") != NULL, "the snippet holds the word");
}

/* Days whose ends many docs stand around, out of their order: each finds its own. */
static void test_days(struct db *db)
{
    enum { N = 600, DAY = 86400, BORDER = 1300147200 /* 2011-03-15 in Berlin, 01:00 */ };
    struct error err = ERROR_INIT;
    int64_t key, before = 0;
    int left = 1;
    for (int i = 0; i < N; i++) {
        struct doc d = {.kind = DOC_NOTE, .ref = 20000 + i, .subject = i % 2 ? "heron" : "stork",
                        .date = BORDER - 3600 + i * 337 % N - N / 2};
        before += d.date < BORDER - 3600;
        if (doc_insert(db, &d, &key, &err) != STATUS_OK)
            abort();
    }
    while (left && doc_index_some(db, 64, &left, &err) == STATUS_OK)
        ;
    is_int(count_of(db, "kind:note date:2011-03-14"), before, "the day before");
    is_int(count_of(db, "kind:note date:2011-03-15"), N - before, "the day after");
    is_int(count_of(db, "heron date:2011-03-14") + count_of(db, "stork date:2011-03-14"), before, "by a word");
    is_int(count_of(db, "(heron OR (stork date:2011-03-15))"), N / 2 + count_of(db, "stork date:2011-03-15"),
           "within a choice");
    is_int(count_of(db, "heron -date:2011-03-15"), count_of(db, "heron date:..2011-03-14"), "and negated");
}

/* All parts on one store; old: one of before doc_form, brought up to this program. */
static void run(const char *name, bool old)
{
    struct db *db = test_db(name);
    struct error err = ERROR_INIT;
    if (old)
        ok(test_make_old(db, &err), "a store of before");
    is_int(db_exec(db, "CREATE TABLE mail_folder(id INTEGER PRIMARY KEY, account TEXT, name TEXT);"
                       "INSERT INTO mail_folder VALUES(1,'local','INBOX'),(2,'work','Archive'),"
                       "(3,'work','项目/预算');"
                       "CREATE TABLE mail_alias(id INTEGER PRIMARY KEY, thread INTEGER)", &err),
           STATUS_OK, "folders");
    for (int i = 0; i < DOCS; i++)
        make_row(db, i);
    int left = 1;
    while (left && doc_index_some(db, 64, &left, &err) == STATUS_OK)
        ;
    is_int(left, 0, "all are indexed");
    if (old) {
        ok(db_commit(db, &err) == STATUS_OK && migrate_run(db, test_dir, &err) == STATUS_OK &&
               db_begin(db, false, &err) == STATUS_OK, "an old store is opened");
        is_int(doc_index_verify(db, &err), STATUS_OK, "its index fits its texts");
    }
    test_random(db);
    test_errors();
    test_cases(db);
    test_rank(db);
    test_days(db);
    is_int(doc_index_verify(db, &err), STATUS_OK, "the index fits the texts");
    if (old) {
        is_int(doc_index_rebuild(db, &err), STATUS_OK, "its index is made anew");
        for (left = 1; left && doc_index_some(db, 64, &left, &err) == STATUS_OK;)
            ;
        is_int(doc_index_verify(db, &err), STATUS_OK, "it fits the texts again");
        ok(count_of(db, "会") == count_of(db, "会 OR 会议") && count_of(db, "会") > 0,
           "and finds one character");
    }
    for (int i = 0; i < DOCS; i++)
        for (int c = 0; c < COLUMNS; c++) {
            free(rows[i].columns[c]);
            vec_fini(&rows[i].texts[c].pieces);
        }
    db_rollback(db);
    db_close(db);
}

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    test_start();
    run("search.db", false);
    memset(rows, 0, sizeof rows);
    run("old.db", true);
    return tap_end();
}
