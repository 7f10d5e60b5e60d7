/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_intake.c - the way of many mails into the store: who hears that there is no room is told when there is. */
#include "../store/help.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "io/loop.h"
#include "mail/intake.h"
#include "mail/store.h"
#include "store/store.h"

/* As in intake.c: the room, and what a mail takes of it beside its bytes. */
enum { ROOM = 9 << 20, PASS_SIZE = 2048, TEXT = 15000 };

static struct loop *loop;
static struct store *store;
static int rooms, items, damaged, duplicates;
static bool empty;

static void on_item(void *user, const struct mail_intake_result *r)
{
    (void)user;
    items++;
    damaged += r->damaged || r->error;
    duplicates += r->duplicate;
}

static void on_room(void *user)
{
    (void)user;
    rooms++;
}

static void on_empty(void *user)
{
    (void)user;
    empty = true;
}

/* A mail of n bytes whose text packs badly, twice: in base64, and as the Chinese it is. */
static void make_mail(struct str *out, int number, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static uint64_t seed = 1;
    str_clear(out);
    str_addf(out,
             "From: anna@example.com\nTo: robin@example.com\nSubject: mail %d\nMessage-ID: <%d@example.com>\n"
             "Date: Mon, 2 Mar 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
             "Content-Transfer-Encoding: base64\n\n",
             number, number);
    for (int column = 0; out->len + 5 < n; column++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        unsigned c = 0x4e00 + (unsigned)(seed >> 40) % 20000;
        unsigned bytes = (0xe0 | c >> 12) << 16 | (0x80 | (c >> 6 & 63)) << 8 | (0x80 | (c & 63));
        for (int shift = 18; shift >= 0; shift -= 6)
            str_putc(out, digits[bytes >> shift & 63]);
        if (column % 18 == 17)
            str_putc(out, '\n');
    }
    while (out->len < n)
        str_putc(out, '\n');
}

/* Who asks when what was put has filled the room, and at every turn while it is read and packed, is told
 * of room: nobody would ask again by itself. */
static void test_filled(void)
{
    static const struct mail_intake_events events = {on_item, on_room, on_empty};
    struct mail_intake *in = mail_intake_new(store, &events, NULL);
    struct mail_intake_item item = {.name = "a mail", .received = CLOCK_NONE};
    struct str mail = STR_INIT;
    size_t left = ROOM - 1;
    int put = 0;
    bool room = false;
    while (left > PASS_SIZE + 1000) {
        size_t n = left - PASS_SIZE < TEXT + 2 * PASS_SIZE + 1000 ? left - PASS_SIZE : TEXT;
        make_mail(&mail, put++, n);
        mail_intake_put(in, mail.data, mail.len, &item);
        left -= mail.len + PASS_SIZE;
    }
    ok(left == 0 && mail_intake_room(in), "%d mails leave room for one byte", put);
    make_mail(&mail, put++, 3000);
    mail_intake_put(in, mail.data, mail.len, &item);
    ok(!mail_intake_room(in), "one more fills it");
    while (items == 0 && !room) {
        loop_turn(loop, 1000);
        room = mail_intake_room(in);
    }
    ok(room, "what was read and packed takes less");
    mail_intake_flush(in);
    while (!empty)
        loop_turn(loop, 1000);
    ok(rooms > 0, "who asked is told of room");
    is_int(items, put, "each is told");
    is_int(damaged + duplicates, 0, "as a new, good mail");
    mail_intake_free(in);
    str_fini(&mail);
}

static void put_mail(struct mail_intake *in, const char *bytes, size_t n)
{
    struct mail_intake_item item = {.name = "a mail", .received = CLOCK_NONE};
    mail_intake_put(in, bytes, n, &item);
}

/* Waits until all that was put is told. */
static void flush(struct mail_intake *in)
{
    empty = false;
    mail_intake_flush(in);
    while (!empty)
        loop_turn(loop, 1000);
}

/* Is what was put now the bytes and the text of a message? */
static bool is_kept(const char *bytes, size_t n, const char *text)
{
    struct db *db = store_reader(store);
    struct str raw = STR_INIT;
    struct error err = ERROR_INIT;
    struct mail_message *m = NULL;
    unsigned char hash[MAIL_HASH];
    mail_hash(bytes, n, hash);
    int64_t id = mail_find_hash(db, hash);
    bool same = id && mail_message_file(db, id, &raw, &err) == STATUS_OK && raw.len == n &&
                memcmp(raw.data, bytes, n) == 0;
    if (same)
        same = mail_message_get(db, id, &m, &err) == STATUS_OK && strstr(m->text, text);
    if (m)
        mail_message_free(m);
    str_fini(&raw);
    return same;
}

/* A mail that filled the room and packs to nearly nothing: who was told that there is none waits for it. */
static void test_shrunk(void)
{
    static const struct mail_intake_events events = {on_item, on_room, on_empty};
    struct mail_intake *in = mail_intake_new(store, &events, NULL);
    struct str mail = STR_INIT;
    str_puts(&mail, "From: anna@example.com\nSubject: a bomb\nMessage-ID: <b@x.example>\n"
                    "Date: Tue, 3 Mar 2026 10:00:00 +0000\nContent-Type: image/png\n"
                    "Content-Transfer-Encoding: base64\n\n");
    while (mail.len < ROOM + 1000)
        str_puts(&mail, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    put_mail(in, mail.data, mail.len);
    ok(!mail_intake_room(in), "one large mail fills the room");
    rooms = 0;
    for (int turns = 0; !rooms && turns < 100; turns++)
        loop_turn(loop, 100);
    ok(rooms > 0, "who asked is told of room, without a flush");
    flush(in);
    mail_intake_free(in);
    str_fini(&mail);
}

/* No two messages of one subject, of the subject that the test uses twice. */
static enum status add_rule(struct db *db, void *record, struct error *err)
{
    (void)record;
    return db_exec(db, "CREATE UNIQUE INDEX rule ON mail_message(subject) WHERE subject='the same'", err);
}

/* What came together comes back one by one, also of an operation that failed and was taken apart. */
static void test_together(void)
{
    static const struct mail_intake_events events = {on_item, on_room, on_empty};
    struct mail_intake *in = mail_intake_new(store, &events, NULL);
    struct error err = ERROR_INIT;
    struct db *db = store_reader(store);
    enum { MAILS = 40 };
    struct str mails[MAILS] = {0};
    int kept = 0;
    int64_t before = db_get_int(db, "SELECT count(*) FROM bundle", -1);
    for (int i = 0; i < MAILS; i++) {
        str_addf(&mails[i],
                 "From: anna@example.com\nSubject: together\nMessage-ID: <%d@together.example>\n"
                 "Date: Tue, 3 Mar 2026 10:00:00 +0000\n\nThe text of number %d.\n",
                 i, i);
        put_mail(in, mails[i].data, mails[i].len);
    }
    flush(in);
    for (int i = 0; i < MAILS; i++) {
        char text[32];
        snprintf(text, sizeof text, "number %d.", i);
        kept += is_kept(mails[i].data, mails[i].len, text);
    }
    is_int(kept, MAILS, "mails that came together come back one by one");
    is_int(db_get_int(db, "SELECT count(*) FROM bundle", -1) - before, 1, "they lie in one bundle");
    ok(db_get_int(db, "SELECT sum(length(head) + length(raw)) FROM mail_content WHERE message > "
                      "(SELECT max(message) - 40 FROM mail_content)", -1) < 40 * 20,
       "their rows hold places alone");

    /* a large one: its text is read without its bytes */
    char *large = mem_alloc(400000);
    size_t len = (size_t)sprintf(large, "From: anna@example.com\nSubject: large\nMessage-ID: <l@x.example>\n"
                                        "Date: Tue, 3 Mar 2026 10:00:00 +0000\n\nThe text of the large one.\n");
    unsigned x = 1;
    for (int column = 0; len < 399999; len++) {
        x = x * 1103515245u + 12345u;
        large[len] = ++column % 77 ? "0123456789abcdef"[x >> 20 & 15] : '\n';
    }
    put_mail(in, large, len);
    flush(in);
    ok(is_kept(large, len, "large one."), "a large mail comes back");
    ok(db_get_int(db, "SELECT length(raw) FROM mail_content ORDER BY message DESC LIMIT 1", 0) > 100000,
       "its bytes lie by themselves");
    is_int(db_get_int(db, "SELECT count(*) FROM mail_content c JOIN bundle b WHERE c.message = (SELECT max(message)"
                          " FROM mail_content) AND hex(c.head) LIKE '03%' AND b.id = (SELECT max(id) FROM bundle)",
                      0), 1, "beside text and headers in a bundle");
    free(large);

    /* the second of these breaks a rule of the table: its operation fails as a whole */
    ok(store_run(store, &(struct store_op){.name = "rule", .klass = OP_BULK, .run = add_rule}, NULL, &err) ==
           STATUS_OK, "a rule that one mail breaks");
    damaged = 0;
    kept = 0;
    for (int i = 0; i < MAILS; i++) {
        str_clear(&mails[i]);
        str_addf(&mails[i],
                 "From: anna@example.com\nSubject: %s\nMessage-ID: <%d@apart.example>\n"
                 "Date: Tue, 3 Mar 2026 10:00:%02d +0000\n\nThe text of number %d.\n",
                 i == 7 || i == 30 ? "the same" : i % 2 ? "odd" : "even", i, i, i);
        put_mail(in, mails[i].data, mails[i].len);
    }
    flush(in);
    for (int i = 0; i < MAILS; i++) {
        char text[32];
        snprintf(text, sizeof text, "number %d.", i);
        kept += is_kept(mails[i].data, mails[i].len, text);
    }
    is_int(kept, MAILS - 1, "of an operation that was taken apart all come but the one at fault");
    is_int(damaged, 1, "which is told");
    for (int i = 0; i < MAILS; i++)
        str_fini(&mails[i]);
    mail_intake_free(in);
}

int main(void)
{
    struct paths p = {0};
    struct error err = ERROR_INIT;
    const char *dir = getenv("BUILDDIR");
    char *reader = str_format("%s/bureau-reader", dir ? dir : ".");
    setenv("BUREAU_READER", reader, 1);
    free(reader);
    test_start();
    p.home = test_path("home");
    mkdir(p.home, 0700);
    p.config = path_join(p.home, "bureaurc");
    p.db = path_join(p.home, "bureau.db");
    p.state = path_join(p.home, "state");
    p.runtime = path_join(p.home, "state");
    mail_register();
    store_add_migrations(&mail_migrations);
    loop = loop_new();
    if (store_open(&p, STORE_INLINE, loop, &store, &err) != STATUS_OK) {
        printf("Bail out! %s\n", err.text);
        return 1;
    }
    test_filled();
    test_shrunk();
    test_together();
    store_close(store);
    loop_free(loop);
    paths_fini(&p);
    return tap_end();
}
