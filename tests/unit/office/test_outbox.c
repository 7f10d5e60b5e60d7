/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_outbox - the states on disk, leases with fences, and that no hostile value leaves a header. */
#include "inbox/help.h"
#include "mail/reader.h"
#include "base/utf8.h"
#include "command/config_inside.h"
#include "office/mailto.h"
#include "office/outbox_store.h"
#include "office/people_query.h"
#include "office/signature.h"

static bool done;
static int64_t approved_id;
static struct error approved_error;

/* An approval has ended. */
static void on_approved(void *user, int64_t id, const struct error *err)
{
    (void)user;
    approved_id = id;
    approved_error = *err;
    done = true;
}

/* Approves and waits. */
static int64_t approve(const struct outbox_order *o)
{
    done = false;
    approved_error = ERROR_INIT;
    outbox_approve(office_store, o, on_approved, NULL);
    office_wait(&done);
    return approved_id;
}

static struct vec to, cc, bcc, references, files;

/* Frees one file. */
static void file_fini(void *item)
{
    struct mail_file *f = item;
    free(f->name);
    free(f->content_type);
    str_fini(&f->bytes);
}

/* A good order. */
static struct outbox_order order(int64_t draft)
{
    return (struct outbox_order){.draft = draft, .version = 1, .draft_hash = "h", .from_name = "Anna", .from = "anna@example.com", .to = &to,
                                 .cc = &cc, .bcc = &bcc, .subject = "Price", .text = "Hello\n", .references = &references, .files = &files,
                                 .who = "me", .send_at = clock_now() + 60};
}

struct row {
    enum outbox_state state;
    int attempts;
    int64_t send_at, next_try;
    char hash[80], error[80], copy[16];
};

/* Copies what a test looks at. */
static bool on_row(void *user, const struct outbox_row *r)
{
    struct row *out = user;
    *out = (struct row){.state = r->state, .attempts = r->attempts, .send_at = r->send_at, .next_try = r->next_try};
    snprintf(out->hash, sizeof out->hash, "%s", r->hash);
    snprintf(out->error, sizeof out->error, "%s", r->error);
    snprintf(out->copy, sizeof out->copy, "%s", r->copy_state);
    return true;
}

/* Reads an item. */
static struct row get(int64_t id)
{
    struct row r = {0};
    struct error err = ERROR_INIT;
    if (outbox_get(office_db(), id, on_row, &r, &err))
        office_bail("get", &err);
    return r;
}

struct call { /* one of the operations over rows */
    char what;
    int64_t id;
    bool yes;
    struct outbox_item *item;
    enum outbox_state state;
    int count;
};

/* Runs it. */
static enum status call_run(struct db *db, void *user, struct error *err)
{
    struct call *c = user;
    switch (c->what) {
    case 'c': return outbox_cancel(db, c->id, err);
    case 'r': return outbox_retry(db, c->id, c->yes, err);
    case 'u': return outbox_hurry(db, c->id, err);
    case 'v': return outbox_void_draft(db, c->id, &c->yes, err);
    case 'R': return outbox_recover(db, &c->count, err);
    case 'l': return outbox_claim(db, c->id, c->item, err);
    case 'h': return outbox_hand(db, c->item, err);
    default: return outbox_finish(db, c->item, c->state, 250, "words", 0, err);
    }
}

/* The status of an operation. */
static enum status call(char what, int64_t id, bool yes, struct outbox_item *item, enum outbox_state state)
{
    struct error err = ERROR_INIT;
    struct call c = {what, id, yes, item, state, 0};
    return office_do(call_run, &c, &err);
}

/* The dead owner of a lease: the row says so. */
static enum status kill_owner(struct db *db, void *user, struct error *err)
{
    struct db_query *q = db_prepare(db, "UPDATE outbox SET lease = 1 WHERE id = ?");
    db_bind_int(q, 1, *(int64_t *)user);
    return db_run(q, err);
}

/* The way of a mail. */
static void test_states(void)
{
    struct outbox_order o = order(1);
    struct outbox_item a, b;
    struct error err = ERROR_INIT;
    outbox_item_init(&a);
    outbox_item_init(&b);
    int64_t id = approve(&o);
    struct row r = get(id);
    ok(id > 0 && r.state == OUTBOX_HELD && strlen(r.hash) == 64, "approved: held, with the hash of its bytes");
    ok(outbox_due(office_db()) == r.send_at, "due when its time comes");
    call('l', 0, false, &a, 0);
    ok(a.id == 0, "nothing is due before");
    clock_fake_advance(61000);
    call('l', 0, false, &a, 0);
    ok(a.id == id && a.bytes.len && a.envelope.len == 1, "then it is taken, with bytes and envelope");
    call('l', 0, false, &b, 0);
    ok(b.id == 0, "nobody else can take it");
    ok(get(id).state == OUTBOX_QUEUED && get(id).attempts == 1, "queued, first try");
    ok(call('h', 0, false, &a, 0) == STATUS_OK && get(id).state == OUTBOX_HANDED, "handed");
    ok(call('h', 0, false, &a, 0) == STATUS_STALE, "not twice");
    ok(call('c', id, false, NULL, 0) == STATUS_REFUSED, "what is leaving cannot be taken back");
    ok(call('v', 1, false, NULL, 0) == STATUS_REFUSED, "nor its draft changed");
    ok(call('r', id, true, NULL, 0) == STATUS_REFUSED, "nor tried again");
    ok(call('f', 0, false, &a, OUTBOX_SENT) == STATUS_OK && get(id).state == OUTBOX_SENT, "sent");
    is_str(get(id).copy, "pending", "the copy to Sent is a step of its own");
    ok(call('f', 0, false, &a, OUTBOX_FAILED) == STATUS_STALE && get(id).state == OUTBOX_SENT, "sent stays sent");
    ok(call('c', id, false, NULL, 0) == STATUS_REFUSED && call('r', id, true, NULL, 0) == STATUS_REFUSED, "and cannot be undone");
    outbox_item_fini(&a);
    outbox_item_init(&a);
    call('l', 0, false, &a, 0);
    ok(a.id == id && a.copy, "the copy is due");
    outbox_item_fini(&a);
    outbox_item_fini(&b);
    (void)err;
}

/* Doubt, failure, taking back, and two programs. */
static void test_doubt(void)
{
    struct outbox_order o = order(2);
    struct outbox_item a, b;
    struct error err = ERROR_INIT;
    outbox_item_init(&a);
    outbox_item_init(&b);
    o.send_at = 0;
    int64_t id = approve(&o);
    call('l', id, false, &a, 0);
    call('h', 0, false, &a, 0);
    call('R', 0, false, NULL, 0);
    ok(get(id).state == OUTBOX_HANDED, "handed under a living lease is left alone");
    office_do(kill_owner, &id, &err);
    call('R', 0, false, NULL, 0);
    ok(get(id).state == OUTBOX_IN_DOUBT, "its sender died: in doubt");
    ok(call('f', 0, false, &a, OUTBOX_SENT) == STATUS_STALE && get(id).state == OUTBOX_IN_DOUBT, "a late word of the dead changes nothing");
    call('l', 0, false, &b, 0);
    ok(b.id != id, "in doubt is never taken by itself");
    outbox_item_fini(&b);
    outbox_item_init(&b);
    ok(call('r', id, false, NULL, 0) == STATUS_REFUSED, "again only when a person insists");
    ok(call('r', id, true, NULL, 0) == STATUS_OK && get(id).state == OUTBOX_QUEUED, "then it is queued");
    outbox_item_fini(&a);
    outbox_item_init(&a);
    call('l', id, false, &a, 0);
    ok(call('c', id, false, NULL, 0) == STATUS_OK && get(id).state == OUTBOX_CANCELLED, "taken back while it is being tried");
    ok(call('h', 0, false, &a, 0) == STATUS_STALE, "so it is not handed");
    ok(call('r', id, true, NULL, 0) == STATUS_REFUSED, "what was taken back is approved anew, not retried");
    outbox_item_fini(&a);
    outbox_item_init(&a);
    /* overtaken: two programs, the lease of the first ran out */
    int64_t two = approve(&o);
    call('l', two, false, &a, 0);
    office_do(kill_owner, &two, &err);
    call('l', two, false, &b, 0);
    ok(a.id == two && b.id == two && b.fence == a.fence + 1, "a lease that ran out is taken over with a higher fence");
    ok(call('h', 0, false, &a, 0) == STATUS_STALE && call('h', 0, false, &b, 0) == STATUS_OK, "only the later may hand it");
    call('f', 0, false, &b, OUTBOX_FAILED);
    ok(get(two).state == OUTBOX_FAILED && strcmp(get(two).error, "words") == 0, "failed, with the server's words");
    ok(call('r', two, false, NULL, 0) == STATUS_OK, "failed may be tried again");
    int64_t three = approve(&o);
    ok(get(two).state == OUTBOX_CANCELLED && get(three).state == OUTBOX_QUEUED, "a new approval voids the one that waits");
    ok(call('v', 2, false, NULL, 0) == STATUS_OK && get(three).state == OUTBOX_CANCELLED, "an edit voids it");
    outbox_item_fini(&a);
    outbox_item_fini(&b);
}

/* Hostile cores of values. */
static const char *const cores[] = {"\r\nBcc: evil@x.example", "\nBcc: evil@x.example", "\rBcc: evil@x.example", "\r\n\r\nbody", "\n.\n", "\r\n.\r\nMAIL FROM:<e@x>",
    "\x0bX: y", "\x0c", "\x1b[2J", "\x7f", "\x01", "\xc2\x85X: y", "\xe2\x80\xa8X: y", "\xe2\x80\xa9", "=?utf-8?q?=0d=0aBcc:_evil@x.example?=", "=?utf-8?b?DQpCY2M6IGV2aWw=?=",
    "\xff\xfe", "\xc0\x8a", "\xed\xa0\x80", "\"; x=\"", "%0d%0aBcc: e@x", "\\r\\nBcc: e@x", ";;;;", "<>", "<evil@x.example>", "a@b,c@d", "\"a\"@b", "a b@c", "@", "$(id)@x", "`id`",
    "-oQ/tmp@x", "x@y>", "x@y\"", "()", "[]", "\t\r\n X", "\r\n\tX", "\xe2\x80\xae" "gpj.exe", "\xf0\x9f\x8e\x89", "报价", "é", "A", ""};
enum { CORES = sizeof cores / sizeof *cores, VALUES = 500, FIELDS = 14 };

/* Value v. */
static void make_value(int v, struct str *value)
{
    str_clear(value);
    switch (v % 4) {
    case 0: str_puts(value, cores[v % CORES]); break;
    case 1: str_addf(value, "before%s", cores[v % CORES]); break;
    case 2: str_addf(value, "%safter", cores[v % CORES]); break;
    default: str_addf(value, "x%s%s@y.example", cores[v % CORES], cores[(v * 7 + 3) % CORES]); break;
    }
}

/* 500 hostile values in each field: refused, or their header block is what was meant. */
static void test_hostile(void)
{
    int refused = 0, composed = 0, wrong = 0;
    struct str value = STR_INIT;
    for (int v = 0; v < VALUES; v++) {
        make_value(v, &value);
        const char *x = str_text(&value);
        for (int f = 0; f < FIELDS; f++) {
            struct vec l[3], refs, one;
            struct outbox_order o = order(0);
            for (int i = 0; i < 3; i++)
                people_init(&l[i]);
            strv_init(&refs);
            vec_init(&one, sizeof(struct mail_file), file_fini);
            people_add(&l[0], "Bob", "bob@example.org");
            o.to = &l[0], o.cc = &l[1], o.bcc = &l[2], o.references = &refs, o.files = &one, o.send_at = clock_now() + 9999;
            if (f < 3)
                people_add(&l[f], x, "c@example.org");
            else if (f < 6)
                people_add(&l[f - 3], "C", x);
            else if (f == 6)
                o.subject = x;
            else if (f == 7)
                o.from_name = x;
            else if (f == 8)
                o.from = x;
            else if (f == 9)
                o.in_reply_to = x;
            else if (f == 10)
                strv_push(&refs, x);
            else if (f == 13)
                o.text = x;
            else {
                struct mail_file *file = vec_push(&one);
                file->name = mem_strdup(f == 11 ? x : "a.txt");
                file->content_type = mem_strdup(f == 12 ? x : "text/plain");
                str_puts(&file->bytes, "file");
            }
            struct error err = ERROR_INIT;
            if (outbox_check(&o, &err)) {
                refused++;
            } else if (v % FIELDS == f || v < 4) { /* these are composed and read back, too */
                int64_t id = approve(&o);
                struct str bytes = STR_INIT;
                struct vec envelope;
                strv_init(&envelope);
                if (id) {
                    composed++;
                    if (outbox_bytes(office_db(), id, &bytes, &envelope, &err))
                        office_bail("bytes", &err);
                    char *head = strstr(str_text(&bytes), "\r\n\r\n");
                    if (head)
                        *head = 0;
                    bool bad = strstr(str_text(&bytes), "\nBcc:") || strstr(str_text(&bytes), "\nX:");
                    for (size_t i = 0; i < envelope.len; i++)
                        bad |= !people_is_address(strv_at(&envelope, i)) || strstr(strv_at(&envelope, i), "evil@x.example") != NULL;
                    if (f >= 3 && f < 6 && strcmp(x, "evil@x.example") == 0)
                        bad = false;
                    if (bad) {
                        wrong++;
                        printf("# field %d: %s\n", f, x);
                    }
                } else {
                    refused++;
                }
                vec_fini(&envelope);
                str_fini(&bytes);
            }
            for (int i = 0; i < 3; i++)
                vec_fini(&l[i]);
            vec_fini(&refs);
            vec_fini(&one);
        }
    }
    str_fini(&value);
    ok(wrong == 0, "500 values in 14 fields: no header or recipient that was not asked for");
    ok(refused > 2500 && composed > 100, "%d refused, %d composed and read back", refused, composed);
}

/* May the text stand in one header line? */
static bool is_line(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* Are all of these addresses that can stand in an envelope, under names that can stand in a header? */
static bool are_people(const struct vec *people)
{
    bool good = true;
    for (size_t i = 0; i < people->len; i++) {
        const struct mail_address *a = vec_at(people, i);
        good = good && people_is_address(a->address) && is_line(a->name) && utf8_valid(a->name, strlen(a->name));
    }
    return good;
}

/* Reads a list as typed; true when it is refused or good. */
static bool list_is_safe(const char *text)
{
    struct vec people;
    struct error err = ERROR_INIT;
    people_init(&people);
    bool good = people_parse(text, &people, &err) != STATUS_OK || are_people(&people);
    vec_fini(&people);
    return good;
}

/* A link that holds the value, as it is or with every byte encoded. */
static bool link_is_safe(const char *field, const char *x, bool encoded, int *refused)
{
    struct str uri = STR_INIT;
    struct error err = ERROR_INIT;
    struct mailto m;
    str_addf(&uri, "mailto:bob@example.org?%s%s", field, *field ? "=" : "");
    for (const char *p = x; *p; p++)
        if (encoded)
            str_addf(&uri, "%%%02x", (unsigned char)*p);
        else
            str_putc(&uri, *p);
    bool good = true;
    if (mailto_parse(str_text(&uri), &m, &err))
        ++*refused;
    else
        good = is_line(m.subject) && is_line(m.in_reply_to) && list_is_safe(str_text(&m.to)) && list_is_safe(str_text(&m.cc)) &&
               list_is_safe(str_text(&m.bcc)) && is_line(str_text(&m.to)) && is_line(str_text(&m.cc)) && is_line(str_text(&m.bcc)) &&
               !(m.subject && !utf8_valid(m.subject, strlen(m.subject)));
    mailto_fini(&m);
    str_fini(&uri);
    return good;
}

/* The same 500 values by every way that leads into a draft: links, List-Post, aliases, address books, signatures. */
static void test_ways_in(void)
{
    static const char *const fields[] = {"subject", "to", "cc", "bcc", "in-reply-to", "body", "attach", "from", "x%0d%0aBcc", ""};
    int wrong = 0, refused = 0;
    struct str value = STR_INIT;
    for (int v = 0; v < VALUES; v++) {
        make_value(v, &value);
        const char *x = str_text(&value);
        bool good = true;
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
            good = link_is_safe(fields[f], x, false, &refused) && link_is_safe(fields[f], x, true, &refused) && good;
        char *post = str_format("<https://l.example>, <mailto:%s>", x), *address = mailto_list_post(post);
        good = good && (!address || people_is_address(address));
        free(address);
        free(post);
        config_alias_set("nick", x);
        good = good && list_is_safe("nick, bob@example.org") && list_is_safe(x);
        char *expanded = people_expanded("nick");
        good = good && (!expanded || is_line(expanded));
        free(expanded);
        char *book = str_format("head\n%s\tName\nc@example.org\t%s\trest\n", x, x);
        struct vec people;
        people_init(&people);
        people_query_read(book, strlen(book), &people);
        good = good && are_people(&people);
        vec_fini(&people);
        free(book);
        char *place = str_format("%s/signature", office_dir);
        struct error err = ERROR_INIT;
        if (path_write(place, x, strlen(x), &err) || option_set("compose.signature", place, &err))
            office_bail("signature", &err);
        char *signature = signature_read("", "anna@example.com", &err);
        for (const char *p = signature; p && *p; p++)
            good = good && ((unsigned char)*p >= ' ' || *p == '\n' || *p == '\t') && *p != 0x7f;
        good = good && (!signature || utf8_valid(signature, strlen(signature)));
        free(signature);
        free(place);
        if (!good) {
            wrong++;
            printf("# value %d: %s\n", v, x);
        }
    }
    option_reset();
    config_alias_clear();
    str_fini(&value);
    ok(wrong == 0, "500 values by links, List-Post, aliases, address books and signatures: nothing that could end a line");
    ok(refused > 1000, "%d links refused", refused);
}

/* What people type as recipients. */
static void test_people(void)
{
    static const struct {
        const char *text, *want;
    } good[] = {
        {"a@x.example", "a@x.example"}, {" Anna Li <a@x.example> ", "Anna Li <a@x.example>"},
        {"\"Li, Na\" <b@y.example>; c@z.example", "\"Li, Na\" <b@y.example>, c@z.example"},
        {"李娜 <li@x.example>，王强 <w@x.example>、c@z.example", "李娜 <li@x.example>, 王强 <w@x.example>, c@z.example"},
        {"Team: a@x.example, B <b@y.example>;", "a@x.example, B <b@y.example>"}, {";;;;,,,", ""}, {"", ""},
        {"a@x.example (Anna Li)", "Anna Li <a@x.example>"}, {"\"a \\\"b\\\" c\" <a@x.example>", "\"a \\\"b\\\" c\" <a@x.example>"},
        {"<a@x.example>", "a@x.example"}};
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct vec list;
        struct str out = STR_INIT;
        people_init(&list);
        bool read = people_parse(good[i].text, &list, &err) == STATUS_OK;
        people_print(&out, &list);
        ok(read && strcmp(str_text(&out), good[i].want) == 0, "%s", good[i].text);
        vec_fini(&list);
        str_fini(&out);
    }
    static const char *const bad[] = {"a", "a@", "@x", "a@b@c", "a b@c.example", "Anna <a@x", "Anna <>", "<a@x.example> b", "a@x.example b@y.example", "a\"b@x.example",
                                      "-a@x.example", "a@-x.example", "a@.x", "a@x."};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct vec list;
        people_init(&list);
        ok(people_parse(bad[i], &list, &err) == STATUS_USAGE, "%s is no address", bad[i]);
        vec_fini(&list);
    }
}

int main(void)
{
    const char *build = getenv("BUILDDIR");
    char *reader = str_format("%s/bureau-reader", build ? build : ".");
    setenv("BUREAU_READER", reader, 0);
    free(reader);
    office_open("set me anna@example.com\naccount work from \"Anna Li <anna@example.com>\" smtp smtp://127.0.0.1:1 plaintext\n");
    people_init(&to);
    people_init(&cc);
    people_init(&bcc);
    strv_init(&references);
    vec_init(&files, sizeof(struct mail_file), file_fini);
    people_add(&to, "Bob", "bob@example.org");
    test_people();
    test_states();
    test_doubt();
    test_hostile();
    test_ways_in();
    vec_fini(&to);
    return tap_end();
}
