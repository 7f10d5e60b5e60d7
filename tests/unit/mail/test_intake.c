/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_intake.c - the way of many mails into the store: who hears that there is no room is told when there is. */
#include "../store/help.h"

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

/* Room is left by what was put, then reading fills it: nobody puts, nobody would ask again by itself. */
static void test_filled_by_reading(void)
{
    static const struct mail_intake_events events = {on_item, on_room, on_empty};
    struct mail_intake *in = mail_intake_new(store, &events, NULL);
    struct mail_intake_item item = {.name = "a mail", .received = CLOCK_NONE};
    struct str mail = STR_INIT;
    size_t left = ROOM - 1;
    int put = 0;
    bool full = false;
    while (left > PASS_SIZE + 1000) {
        size_t n = left - PASS_SIZE < TEXT + 2 * PASS_SIZE + 1000 ? left - PASS_SIZE : TEXT;
        make_mail(&mail, put++, n);
        mail_intake_put(in, mail.data, mail.len, &item);
        left -= mail.len + PASS_SIZE;
    }
    ok(left == 0 && mail_intake_room(in), "%d mails leave room for one byte", put);
    while (items == 0 && !full) {
        loop_turn(loop, 1000);
        full = !mail_intake_room(in);
    }
    ok(full && items == 0, "they fill it when they are read");
    mail_intake_flush(in);
    while (!empty)
        loop_turn(loop, 1000);
    ok(rooms > 0, "who asked is told of room");
    is_int(items, put, "each is told");
    is_int(damaged + duplicates, 0, "as a new, good mail");
    mail_intake_free(in);
    str_fini(&mail);
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
    test_filled_by_reading();
    store_close(store);
    loop_free(loop);
    paths_fini(&p);
    return tap_end();
}
