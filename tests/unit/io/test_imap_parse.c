/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_imap_parse.c - what a server says, in any pieces; sets of UIDs; names of folders; dates. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/str.h"
#include "io/imap_name.h"
#include "io/imap_parse.h"
#include "io/imap_reader.h"
#include "io/imap_set.h"
#include "tap.h"

/* Appends a text, shortened, in brackets. */
static void put(struct str *out, const char *name, struct imap_text t)
{
    str_addf(out, " %s=", name);
    if (t.nil)
        str_puts(out, "NIL");
    else if (t.len > 60)
        str_addf(out, "%zu bytes", t.len);
    else
        str_add(out, t.bytes, t.len);
}

/* Appends a vec of texts. */
static void put_all(struct str *out, const char *name, const struct vec *v)
{
    for (size_t i = 0; i < v->len; i++)
        put(out, name, *imap_text_at(v, i));
}

/* Appends a FETCH. */
static void put_fetch(struct str *out, const struct imap_fetch *f)
{
    str_addf(out, " has=%x", f->has);
    if (f->has & IMAP_FETCH_UID)
        str_addf(out, " uid=%u", f->uid);
    if (f->has & IMAP_FETCH_SIZE)
        str_addf(out, " size=%llu", (unsigned long long)f->size);
    if (f->has & IMAP_FETCH_MODSEQ)
        str_addf(out, " modseq=%llu", (unsigned long long)f->modseq);
    if (f->has & IMAP_FETCH_DATE)
        str_addf(out, " date=%lld", (long long)f->date);
    if (f->has & IMAP_FETCH_MSGID)
        str_addf(out, " msgid=%llu", (unsigned long long)f->msgid);
    if (f->has & IMAP_FETCH_EMAILID)
        put(out, "emailid", f->emailid);
    put_all(out, "flag", &f->flags);
    put_all(out, "label", &f->labels);
    for (size_t i = 0; i < f->sections.len; i++) {
        const struct imap_section *s = vec_at(&f->sections, i);
        put(out, s->binary ? "binary" : "body", s->name);
        if (s->origin >= 0)
            str_addf(out, "<%lld>", (long long)s->origin);
        put(out, "data", s->data);
    }
}

/* The name of a code. */
static const char *code_name(enum imap_code_kind kind)
{
    static const char *const names[] = {"-",
#define X(name) #name,
                                        IMAP_CODES(X)
#undef X
                                        "READ-ONLY", "READ-WRITE", "UNKNOWN-CTE", "OTHER"};
    return names[kind];
}

/* A response as one line of text. */
static void print(struct str *out, const struct imap_response *r)
{
    static const char *const kinds[] = {"tagged", "+", "cond", "capability", "enabled", "list", "lsub",
                                        "folder", "flags", "exists", "recent", "expunge", "vanished", "fetch",
                                        "search", "esearch", "namespace", "id", "other"};
    str_puts(out, kinds[r->kind]);
    if (r->kind == IMAP_TAGGED)
        put(out, "tag", r->tag);
    if (r->kind == IMAP_TAGGED || r->kind == IMAP_CONDITION || r->kind == IMAP_CONTINUE) {
        str_addf(out, " %d code=%s", r->status, code_name(r->code.kind));
        if (r->code.number)
            str_addf(out, " n=%llu", (unsigned long long)r->code.number);
        if (r->code.set.len)
            put(out, "set", r->code.set);
        if (r->code.dest.len)
            put(out, "dest", r->code.dest);
        put(out, "text", r->text);
    }
    if (r->kind == IMAP_EXISTS || r->kind == IMAP_RECENT || r->kind == IMAP_EXPUNGE || r->kind == IMAP_FETCH)
        str_addf(out, " %u", r->number);
    if (r->kind == IMAP_VANISHED)
        str_addf(out, "%s", r->earlier ? " earlier" : "");
    if (r->kind == IMAP_VANISHED || r->kind == IMAP_SEARCH || r->kind == IMAP_ESEARCH)
        put(out, "set", r->set);
    if (r->kind == IMAP_ESEARCH)
        str_addf(out, " uid=%d count=%d:%u min=%u max=%u", r->search.uid, r->search.has_count, r->search.count,
                 r->search.min, r->search.max);
    if (r->modseq)
        str_addf(out, " modseq=%llu", (unsigned long long)r->modseq);
    if (r->kind == IMAP_LIST || r->kind == IMAP_LSUB) {
        str_addf(out, " %x sep=%c", r->list.attributes, r->list.separator ? r->list.separator : '0');
        put(out, "name", r->list.name);
        put_all(out, "w", &r->words);
    } else if (r->kind == IMAP_FOLDER) {
        put(out, "name", r->folder.name);
        str_addf(out, " has=%x %u %u %u %llu", r->folder.has, r->folder.messages, r->folder.uidnext,
                 r->folder.uidvalidity, (unsigned long long)r->folder.highestmodseq);
    } else if (r->kind == IMAP_FETCH) {
        put_fetch(out, &r->fetch);
    } else if (r->kind != IMAP_OTHER) {
        put_all(out, "w", &r->words);
    }
    for (size_t i = 0; i < r->spaces.len; i++) {
        const struct imap_space *s = vec_at(&r->spaces, i);
        str_addf(out, " %d", s->kind);
        put(out, "prefix", s->prefix);
        str_putc(out, s->separator ? s->separator : '0');
    }
    str_puts(out, "\n");
}

/* Reads bytes in pieces of `step`; the responses as text, and "BROKEN" where it ends so. */
static char *read_pieces(const char *bytes, size_t n, size_t step, const struct imap_limits *limits)
{
    struct imap_reader *r = imap_reader_new(limits);
    struct str out = STR_INIT;
    for (size_t at = 0; at < n;) {
        size_t len = n - at < step ? n - at : step, used = 0;
        const struct imap_response *response = NULL;
        struct error err = ERROR_INIT;
        char *piece = mem_dup(bytes + at, len); /* so that a sanitizer sees reading beyond */
        enum imap_feed f = imap_reader_feed(r, piece, len, &used, &response, &err);
        if (f == IMAP_FEED_RESPONSE)
            print(&out, response);
        free(piece);
        if (f == IMAP_FEED_BROKEN) {
            str_addf(&out, "BROKEN %s\n", status_word(err.status));
            break;
        }
        at += used;
    }
    imap_reader_free(r);
    return str_take(&out);
}

/* A dialogue gives these lines, whole and cut at each byte. */
static void is_read(const char *bytes, const char *expected)
{
    size_t n = strlen(bytes);
    bool same = true;
    char *whole = read_pieces(bytes, n, n, NULL);
    char *start = mem_strndup(bytes, n < 50 ? n : 50), *name = gate_line(start);
    is_str(whole, expected, name);
    for (size_t step = 1; step < n && step < 40; step++) {
        char *cut = read_pieces(bytes, n, step, NULL);
        same = same && str_eq(cut, whole);
        free(cut);
    }
    ok(same, "the same in pieces");
    free(whole);
    free(start);
    free(name);
}

/* Conditions and codes. */
static void test_conditions(void)
{
    is_read("* OK [UIDVALIDITY 3857529045] UIDs valid\r\n", "cond 0 code=UIDVALIDITY n=3857529045 text=UIDs valid\n");
    is_read("b1 OK [APPENDUID 38505 3955] done\r\n", "tagged tag=b1 0 code=APPENDUID n=38505 set=3955 text=done\n");
    is_read("b1 OK [COPYUID 38505 304,319:320 3956:3958] done\r\n",
            "tagged tag=b1 0 code=COPYUID n=38505 set=304,319:320 dest=3956:3958 text=done\n");
    is_read("* OK [HIGHESTMODSEQ 715194045007]\r\n", "cond 0 code=HIGHESTMODSEQ n=715194045007 text=\n");
    is_read("* OK [PERMANENTFLAGS (\\Deleted $a \\*)] x\r\n", "cond 0 code=PERMANENTFLAGS text=x w=\\Deleted w=$a w=\\*\n");
    is_read("* BYE [UNAVAILABLE] {5}\r\n* 1 EXISTS\r\n", "cond 3 code=UNAVAILABLE text={5}\nexists 1\n");
    is_read("* PREAUTH hello\r\n* OK [UIDNEXT x] odd\r\n", "cond 4 code=- text=hello\ncond 0 code=OTHER text=odd\n");
    is_read("+ idling\r\n+\r\n", "+ 0 code=- text=idling\n+ 0 code=- text=\n");
    is_read("* OK [CLOSED\r\n* NO [ALERT] \x1b[31mred\r\n",
            "cond 0 code=- text=[CLOSED\ncond 1 code=ALERT text=\x1b[31mred\n");
    is_read("* OK [CAPABILITY IMAP4rev1 IDLE] hi\r\n", "cond 0 code=CAPABILITY text=hi w=IMAP4rev1 w=IDLE\n");
    is_read("b2 OK [MODIFIED 7,9] c\r\n* OK [READ-ONLY] x\n", "tagged tag=b2 0 code=MODIFIED set=7,9 text=c\ncond 0 code=READ-ONLY text=x\n");
}

/* Data. */
static void test_data(void)
{
    is_read("* CAPABILITY IMAP4rev1 AUTH=PLAIN \r\n", "capability w=IMAP4rev1 w=AUTH=PLAIN\n");
    is_read("* ENABLED QRESYNC\r\n* ENABLED\r\n", "enabled w=QRESYNC\nenabled\n");
    is_read("* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent Items\"\r\n", "list 4008 sep=/ name=Sent Items w=\\HasNoChildren w=\\Sent\n");
    is_read("* LIST () NIL INBOX\r\n* LIST (\\Noselect) \"\\\\\" {5}\r\na\"b\\c (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
            "list 0 sep=0 name=INBOX\nlist 1 sep=\\ name=a\"b\\c w=\\Noselect\n");
    is_read("* LSUB () \".\" NIL\r\n", "lsub 0 sep=. name=NIL\n");
    is_read("* STATUS \"a b\" (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 7 HIGHESTMODSEQ 9 X (1 (2)))\r\n",
            "folder name=a b has=2d 231 44292 7 9\n");
    is_read("* FLAGS (\\Answered \\Seen $x)\r\n", "flags w=\\Answered w=\\Seen w=$x\n");
    is_read("* 23 EXISTS\r\n* 5 RECENT\r\n* 44 EXPUNGE\r\n", "exists 23\nrecent 5\nexpunge 44\n");
    is_read("* VANISHED (EARLIER) 41,43:116,118\r\n* VANISHED 405\r\n", "vanished earlier set=41,43:116,118\nvanished set=405\n");
    is_read("* SEARCH 2  84 882\r\n* SEARCH\r\n* SEARCH 2 5 (MODSEQ 917162500)\r\n",
            "search set=2,84,882\nsearch set=\nsearch set=2,5 modseq=917162500\n");
    is_read("* ESEARCH (TAG \"A283\") UID COUNT 3 ALL 2,10:15 MIN 2 MAX 15 FUZZY (1 2)\r\n",
            "esearch set=2,10:15 uid=1 count=1:3 min=2 max=15\n");
    is_read("* NAMESPACE ((\"\" \"/\")) ((\"~\" \"/\" \"X\" (\"a\"))) NIL\r\n", "namespace 0 prefix=/ 1 prefix=~/\n");
    is_read("* ID (\"name\" \"x\" \"v\" NIL)\r\n* ID NIL\r\n", "id w=name w=x w=v w=NIL\nid\n");
    is_read("* QUOTAROOT \"\" x\r\n* 3 WEIRD (\r\n\r\n* 1 EXISTS\r\n", "other\nother\nexists 1\n");
}

/* FETCH. */
static void test_fetch(void)
{
    is_read("* 12 FETCH (FLAGS (\\Seen $l) UID 7 RFC822.SIZE 4286 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
            "MODSEQ (624140003))\r\n",
            "fetch 12 has=1f uid=7 size=4286 modseq=624140003 date=837596665 flag=\\Seen flag=$l\n");
    is_read("* 1 FETCH (UID 1 BODY[] {39}\r\n* 1 FETCH (FLAGS (\\Deleted))\r\nb1 OK x\r\n FLAGS ())\r\n",
            "fetch 1 has=3 uid=1 body= data=* 1 FETCH (FLAGS (\\Deleted))\r\nb1 OK x\r\n\n");
    is_read("* 2 FETCH (BODY[HEADER.FIELDS (\"a]\" B)]<0> \"x\\\"y\" BINARY[1.2] ~{2}\r\nab BINARY.SIZE[1] 3)\r\n",
            "fetch 2 has=0 body=HEADER.FIELDS (\"a]\" B)<0> data=x\"y binary=1.2 data=ab\n");
    is_read("* 2 FETCH (BODY[] NIL RFC822 {0}\r\n RFC822.HEADER \"h\")\r\n",
            "fetch 2 has=0 body= data=NIL body= data= body=HEADER data=h\n");
    is_read("* 3 FETCH (ENVELOPE (\"d\" {3}\r\na)b ((NIL NIL \"a\" \"b\")) NIL) BODYSTRUCTURE ((\"text\" \"plain\" NIL "
            "NIL NIL \"7bit\" 1 1) \"mixed\") UID 9)\r\n",
            "fetch 3 has=c01 uid=9\n");
    is_read("* 4 FETCH (X-GM-LABELS (\\Inbox \"Muy \\\"I\" {2}\r\nhi) X-GM-MSGID 1278455344230334865 EMAILID (M6d) "
            "THREADID NIL)\r\n",
            "fetch 4 has=3a0 msgid=1278455344230334865 emailid=M6d label=\\Inbox label=Muy \"I label=hi\n");
    is_read("* 5 FETCH (FLAGS () INTERNALDATE \" 1-Jan-2026 00:00:00 +0800\")\r\n", "fetch 5 has=6 date=1767196800\n");
    is_read("* 5 FETCH (INTERNALDATE \"yesterday\" PREVIEW {5}\r\nhello WEIRD (a (b)) UID 2)\r\n",
            "fetch 5 has=1005 uid=2 date=-9223372036854775808\n");
}

/* What breaks the grammar or a ceiling ends in an error. */
static void test_broken(void)
{
    static const char *const bad[] = {
        "* 0 FETCH (UID 1)", "* 1 FETCH UID 1", "* 1 FETCH (UID 0)", "* 1 FETCH (UID 4294967296)",
        "* 1 FETCH (UID 1", "* 1 FETCH (FLAGS (a)", "* VANISHED 1:0", "* VANISHED",
        "* VANISHED 1:", "* SEARCH x", "* SEARCH 0", "* LIST INBOX", "* LIST (x) \"ab\" c", "* STATUS x",
        "b1", "b1 HELLO", "*", "* ", "*  ", "* 99999999999 EXISTS", "* 0 EXPUNGE", "* 1", "* NAMESPACE x NIL NIL",
        "* ID (a", "* 1 FETCH (UID 1) x", "* ESEARCH ALL 0", "* 1 FETCH (X \"abc)", "\x16\x03\x01", "\xff\xfe"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char *line = str_format("%s\r\n", bad[i]), *out = read_pieces(line, strlen(line), 1000, NULL);
        ok(str_starts(out, "BROKEN corrupt"), "broken %zu: %.14s", i, out);
        free(line);
        free(out);
    }
    static const char *const huge[] = {"* 1 FETCH (BODY[] {4294967295}\r\n", "* 1 FETCH (BODY[] {99999999999999999999999}\r\n",
                                       "* LIST () \"/\" {200000000}\r\n"};
    for (size_t i = 0; i < sizeof huge / sizeof *huge; i++) {
        char *out = read_pieces(huge[i], strlen(huge[i]), 1000, NULL);
        is_str(out, "BROKEN limit\n", "a huge literal");
        free(out);
    }
}

/* n times a text between two others. */
static char *many(const char *head, const char *text, size_t n, const char *tail)
{
    struct str s = STR_INIT;
    str_puts(&s, head);
    for (size_t i = 0; i < n; i++)
        str_puts(&s, text);
    str_puts(&s, tail);
    return str_take(&s);
}

/* Ceilings, each with its bomb. */
static void test_ceilings(void)
{
    static const struct {
        const char *head, *text, *tail;
        size_t n;
        const char *expected;
    } bombs[] = {
        {"* 1 FETCH (ENVELOPE ", "(", "\r\n", 100000, "BROKEN limit"},
        {"* 1 FETCH (BODYSTRUCTURE ", "((", "\r\n", 31, "BROKEN limit"},
        {"* 1 FETCH (FLAGS (", "a ", "))\r\n", 20000, "BROKEN limit"},
        {"* FLAGS (", "a ", ")\r\n", 20000, "BROKEN limit"},
        {"* OK [PERMANENTFLAGS (", "a ", ")] x\r\n", 20000, "BROKEN limit"},
        {"* CAPABILITY ", "a ", "\r\n", 20000, "BROKEN limit"},
        {"* NAMESPACE (", "(\"\" \"/\")", ") NIL NIL\r\n", 20000, "BROKEN limit"},
        {"* 1 FETCH (", "BODY[] \"\" ", ")\r\n", 20000, "BROKEN limit"},
        {"* 1 FETCH (", "BODY[] {0}\r\n ", ")\r\n", 20000, "BROKEN limit"},
        {"* STATUS x (", "Y 1 ", ")\r\n", 20000, "BROKEN limit"},
        {"", "a", "", 20u << 20, "BROKEN limit"},
        {"* VANISHED 1:4294967295", ",1:4294967295", "\r\n", 100000, "vanished"},
        {"* SEARCH", " 4294967295", "\r\n", 100000, "search"},
    };
    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        char *text = many(bombs[i].head, bombs[i].text, bombs[i].n, bombs[i].tail);
        char *out = read_pieces(text, strlen(text), 65536, NULL);
        ok(str_starts(out, bombs[i].expected), "bomb %zu: %.12s", i, out);
        free(text);
        free(out);
    }
}

/* A large literal lies in a file; the bytes are the same. */
static void test_spool(void)
{
    const char *temporary = getenv("TMPDIR");
    char *dir = str_format("%s/imap-XXXXXX", temporary ? temporary : ".");
    const struct imap_limits limits = {.spool = mkdtemp(dir)};
    const struct imap_limits nowhere = {.spool = "/nonexistent/at all"};
    const size_t big = 3u << 20;
    char *head = str_format("* 1 FETCH (UID 3 BODY[] {%zu}\r\n", big);
    char *text = many(head, "x", big, " FLAGS (\\Seen))\r\n* 2 EXISTS\r\n");
    char *out = read_pieces(text, strlen(text), 10000, &limits);
    is_str(out, "fetch 1 has=3 uid=3 flag=\\Seen body= data=3145728 bytes\nexists 2\n", "spooled");
    free(out);
    out = read_pieces(text, strlen(text), 10000, &nowhere);
    ok(str_starts(out, "BROKEN"), "no place for it");
    ok(rmdir(dir) == 0, "nothing is left of it");
    free(out);
    free(text);
    free(head);
    free(dir);
}

/* Prints a set and compares. */
static void set_is(const struct imap_set *s, const char *expected)
{
    struct str out = STR_INIT;
    imap_set_print(s, 0, 0, &out);
    ok(str_eq(str_text(&out), expected), "set %s: %s", expected, str_text(&out));
    str_fini(&out);
}

/* Sets. */
static void test_sets(void)
{
    struct imap_set s, t;
    imap_set_init(&s);
    imap_set_init(&t);
    imap_set_add(&s, 5, 7);
    imap_set_add(&s, 1, 1);
    imap_set_add(&s, 3, 3);
    set_is(&s, "1,3,5:7");
    imap_set_add(&s, 2, 2);
    set_is(&s, "1:3,5:7");
    imap_set_add(&s, 4, 4);
    set_is(&s, "1:7");
    imap_set_add(&s, 0, 0);
    imap_set_add(&s, 9, 8);
    imap_set_remove(&s, 3, 4);
    set_is(&s, "1:2,5:7");
    imap_set_remove(&s, 6, 6);
    set_is(&s, "1:2,5,7");
    imap_set_remove(&s, 2, 100);
    set_is(&s, "1");
    imap_set_add(&s, 4294967295u, 4294967295u);
    imap_set_add(&s, 4294967294u, 4294967294u);
    set_is(&s, "1,4294967294:4294967295");
    ok(imap_set_has(&s, 4294967295u) && !imap_set_has(&s, 2) && !imap_set_has(&s, 0), "has");
    ok(imap_set_count(&s) == 3 && imap_set_first(&s) == 1 && imap_set_last(&s) == 4294967295u, "count");
    uint32_t at = 0, seen = 0;
    while (imap_set_next(&s, &at))
        seen++;
    ok(seen == 3, "walked to the very last number");
    imap_set_clear(&s);
    ok(imap_set_parse(&s, "9,1:3,7:5", 9) && imap_set_parse(&t, "2:6,*", 5), "parsed");
    ok(!imap_set_parse(&s, "1,,2", 4) && !imap_set_parse(&s, "", 0) && !imap_set_parse(&s, "1:2:3", 5) &&
           !imap_set_parse(&s, "99999999999", 11) && !imap_set_parse(&s, "1,", 2) && !imap_set_parse(&s, "0", 1),
       "what is no set");
    set_is(&s, "1:3,5:7,9");
    imap_set_intersect(&s, &t);
    set_is(&s, "2:3,5:6");
    imap_set_clear(&s);
    for (uint32_t i = 1; i < 4000; i += 2)
        imap_set_add(&s, 4000 - i, 4000 - i);
    struct str out = STR_INIT;
    size_t from = 0, pieces = 0;
    while (from < s.ranges.len) {
        str_clear(&out);
        from = imap_set_print(&s, from, 1000, &out);
        ok(out.len <= 1000, "a piece of %zu", out.len);
        imap_set_clear(&t);
        ok(imap_set_parse(&t, out.data, out.len), "is a set");
        pieces++;
    }
    ok(pieces > 5 && pieces < 20, "%zu pieces", pieces);
    str_fini(&out);
    struct imap_pairs p;
    uint32_t a, b;
    imap_pairs_init(&p, "304,319:320", 11, "3956:3957,4000", 14);
    str_init(&out);
    while (imap_pairs_next(&p, &a, &b))
        str_addf(&out, "%u>%u ", a, b);
    ok(str_eq(str_text(&out), "304>3956 319>3957 320>4000 "), "pairs: %s", str_text(&out));
    str_fini(&out);
    imap_set_fini(&s);
    imap_set_fini(&t);
}

/* A random set and a table of bits agree. */
static void test_sets_random(void)
{
    struct imap_set s;
    bool bits[200] = {false}, same = true;
    unsigned seed = 7;
    imap_set_init(&s);
    for (int i = 0; i < 3000 && same; i++) {
        seed = seed * 1103515245u + 12345u;
        uint32_t first = 1 + (seed >> 16) % 190, last = first + (seed >> 8) % 9;
        bool add = (seed >> 28) & 1;
        (add ? imap_set_add : imap_set_remove)(&s, first, last);
        for (uint32_t k = first; k <= last; k++)
            bits[k] = add;
        for (uint32_t k = 0; k < 200; k++)
            same = same && imap_set_has(&s, k) == bits[k];
        for (size_t k = 1; k < s.ranges.len; k++)
            same = same && ((struct imap_range *)vec_at(&s.ranges, k))->first >
                               ((struct imap_range *)vec_at(&s.ranges, k - 1))->last + 1;
    }
    ok(same, "3000 random changes of a set");
    imap_set_fini(&s);
}

/* Names there and back. */
static void test_names(void)
{
    static const char *const names[][2] = {
        {"INBOX", "INBOX"},
        {"会议", "&TxqLrg-"},
        {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
        {"Jack & Jill", "Jack &- Jill"},
        {"\xf0\x9f\x98\x80", "&2D3eAA-"},
        {"Entwürfe", "Entw&APw-rfe"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *wire = imap_name_encode(names[i][0], false), *back = imap_name_decode(names[i][1], strlen(names[i][1]), false);
        ok(str_eq(wire, names[i][1]) && str_eq(back, names[i][0]), "%s: %s %s", names[i][0], wire, back);
        free(wire);
        free(back);
    }
    static const char *const odd[] = {"&", "&Txq", "a&Jjo!b-", "&AGE-", "&2D0-", "&TxqLru-"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char *shown = imap_name_decode(odd[i], strlen(odd[i]), false);
        ok(str_eq(shown, odd[i]), "not modified UTF-7: %s as it stands", shown);
        free(shown);
    }
    char *inbox = imap_name_decode("inBox", 5, false), *utf8 = imap_name_decode("a&b", 3, true);
    ok(str_eq(inbox, "INBOX") && str_eq(utf8, "a&b"), "INBOX, UTF-8");
    ok(!imap_name_encode("a\nb", false) && !imap_name_encode("a\xff", false) && !imap_name_encode("\x7f", true),
       "names with controls or broken UTF-8");
    free(inbox);
    free(utf8);
    char buf[CLOCK_TEXT];
    int64_t t;
    imap_date_print(837596665, buf);
    ok(imap_date_parse(buf, strlen(buf), &t) && t == 837596665, "a date there and back: %s", buf);
    ok(!imap_date_parse("17-Foo-1996 02:44:25 -0700", 26, &t) && !imap_date_parse("17-Jul-1996 02:44", 17, &t) &&
           !imap_date_parse("17-Jul-1996 02:44:25 -0700 x", 28, &t),
       "no dates");
}

int main(void)
{
    test_conditions();
    test_data();
    test_fetch();
    test_broken();
    test_ceilings();
    test_spool();
    test_sets();
    test_sets_random();
    test_names();
    return tap_end();
}
