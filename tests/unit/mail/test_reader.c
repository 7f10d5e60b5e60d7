/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reader - the client of the reader process: good mails come whatever the process does. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "io/loop.h"
#include "mail/reader.h"
#include "tap.h"

enum { MAILS = 1000 };

static struct loop *loop;
static char *evil, *good;
static int answered, fine, corrupt, other, next_expected;
static bool in_order, done_all;
static int wanted;

/* One answer. */
static void on_message(void *user, struct mail_message *m, const struct error *err)
{
    int number = (int)(intptr_t)user;
    in_order &= number == next_expected++;
    if (m) {
        char *subject = str_format("mail %d", number);
        fine += str_eq(m->subject, subject);
        free(subject);
    } else if (err->status == STATUS_CORRUPT) {
        corrupt++;
    } else {
        other++;
    }
    mail_message_free(m);
    done_all = ++answered == wanted;
}

/* Forgets the counts. */
static void reset(int want)
{
    answered = fine = corrupt = other = next_expected = 0;
    in_order = true;
    done_all = false;
    wanted = want;
}

/* Asks for one mail. */
static void ask(struct mail_reader *r, int number, const char *extra)
{
    char *text = str_format("From: a@b.example\nSubject: mail %d\n%s\nbody\n", number, extra);
    mail_reader_parse(r, text, strlen(text), on_message, (void *)(intptr_t)number);
    free(text);
}

/* A thousand mails with evil among them. */
static void test_evil(void)
{
    static const char *const kinds[] = {"crash", "exit", "nonsense", "type", "fields", "half",
                                        "hang"};
    struct mail_reader *r = mail_reader_new(loop, evil);
    int bad = 0;
    mail_reader_set_limit(r, 2000); /* two of them hang; a good one on a busy machine needs its time */
    reset(MAILS);
    int64_t start = clock_mono_ms();
    for (int i = 0; i < MAILS; i++) {
        char extra[64] = "";
        if (i % 97 == 50) {
            snprintf(extra, sizeof extra, "X-Evil: %s\n", kinds[bad++ % 7]);
        }
        ask(r, i, extra);
    }
    is_int((int64_t)mail_reader_pending(r), MAILS, "all are pending");
    loop_run(loop, &done_all);
    is_int(fine, MAILS - bad, "all good mails came");
    is_int(corrupt, bad, "each evil one cost itself only");
    ok(in_order, "in order");
    ok(clock_mono_ms() - start < 60000, "nothing waited beyond its time");
    mail_reader_free(r);
}

/* A reader that says too much: what follows is not believed. */
static void test_twice(void)
{
    struct mail_reader *r = mail_reader_new(loop, evil);
    reset(3);
    ask(r, 0, "X-Evil: twice\n");
    while (answered < 1)
        loop_turn(loop, 1000);
    for (int i = 0; i < 20; i++)
        loop_turn(loop, 10);
    ask(r, 1, "");
    ask(r, 2, "");
    loop_run(loop, &done_all);
    is_int(fine, 3, "answers nobody asked for are thrown away with their process");
    mail_reader_free(r);
}

/* A reader that is killed from outside loses nothing. */
static void test_killed(void)
{
    struct mail_reader *r = mail_reader_new(loop, good);
    char command[64], line[64] = "";
    reset(500);
    for (int i = 0; i < 500; i++)
        ask(r, i, "");
    while (answered < 100)
        loop_turn(loop, 1000);
    /* the only child of this process is the reader */
    snprintf(command, sizeof command, "/proc/self/task/%d/children", (int)getpid());
    FILE *f = fopen(command, "r");
    long pid = f && fgets(line, sizeof line, f) ? strtol(line, NULL, 10) : 0;
    if (f)
        fclose(f);
    if (pid > 1)
        kill((pid_t)pid, SIGKILL);
    loop_run(loop, &done_all);
    is_int(fine, 500, "a reader killed from outside costs nothing");
    mail_reader_free(r);
}

/* More than one process's share. */
static void test_many(void)
{
    struct mail_reader *r = mail_reader_new(loop, good);
    reset(3500);
    for (int i = 0; i < 3500; i++)
        ask(r, i, "");
    loop_run(loop, &done_all);
    is_int(fine, 3500, "several readers in turn");
    ok(in_order, "in order");
    is_int((int64_t)mail_reader_pending(r), 0, "nothing pending");
    mail_reader_free(r);
}

/* No program, and leaving early. */
static void test_ends(void)
{
    struct mail_reader *r = mail_reader_new(loop, "/nonexistent/bureau-reader");
    reset(3);
    for (int i = 0; i < 3; i++)
        ask(r, i, "");
    ok(answered == 0, "never told from inside the call");
    loop_run(loop, &done_all);
    is_int(other, 3, "a program that is not there");
    mail_reader_free(r);
    r = mail_reader_new(loop, "/bin/true");
    reset(2);
    ask(r, 0, "");
    ask(r, 1, "");
    loop_run(loop, &done_all);
    is_int(other, 2, "a program that is another");
    mail_reader_free(r);
    r = mail_reader_new(loop, good);
    reset(200);
    for (int i = 0; i < 200; i++)
        ask(r, i, "");
    while (answered < 10)
        loop_turn(loop, 1000);
    mail_reader_free(r);
    is_int(answered, 200, "all are answered when the client goes");
    ok(other > 0 && fine + other == 200, "  … with INTERRUPTED");
}

static struct mail_reader *inner;

/* Frees the client from inside its own callback. */
static void on_free(void *user, struct mail_message *m, const struct error *err)
{
    (void)err;
    mail_message_free(m);
    answered++;
    if (user)
        mail_reader_free(inner);
}

/* Callbacks that ask and free. */
static void test_inside(void)
{
    static const char text[] = "From: a@b\nSubject: x\n\nx";
    inner = mail_reader_new(loop, good);
    reset(0);
    for (int i = 0; i < 50; i++)
        mail_reader_parse(inner, text, sizeof text - 1, on_free, i == 5 ? inner : NULL);
    while (answered < 50)
        loop_turn(loop, 1000);
    ok(answered == 50, "a callback may free the client");
}

/* Parts, transcripts, composing. */
static bool got;
static struct str part;

static void on_part(void *user, const struct str *out, const struct error *err)
{
    *(enum status *)user = err->status;
    str_clear(&part);
    if (out)
        str_add(&part, str_text(out), out->len);
    got = true;
}

static void on_cues(void *user, struct vec *cues, const struct error *err)
{
    *(enum status *)user = err->status;
    is_int(cues ? (int64_t)cues->len : -1, 1, "a cue");
    got = true;
}

static void test_others(void)
{
    struct mail_reader *r = mail_reader_new(loop, good);
    enum status status = STATUS_FAILED;
    struct str big = STR_INIT;
    str_puts(&big, "From: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n"
                   "Content-Type: application/x\n\n");
    size_t head = big.len;
    for (int i = 0; i < 300000; i++)
        str_puts(&big, "0123456789\n");
    mail_reader_part(r, big.data, big.len, 2, false, on_part, &status);
    loop_run(loop, &got);
    ok(status == STATUS_OK && part.len == big.len - head - 0 &&
           memcmp(part.data, big.data + head, part.len) == 0,
       "a large part comes as it was");
    got = false;
    mail_reader_part(r, big.data, big.len, 7, false, on_part, &status);
    loop_run(loop, &got);
    ok(status == STATUS_NO_SUCH, "no such part");
    got = false;
    mail_reader_transcript(r, "WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>x\n", 40, on_cues, &status);
    loop_run(loop, &got);
    got = false;
    struct mail_address from = {"Anna Li", "anna@example.com"}, person = {"李娜", "li@h.example"};
    struct vec to, references;
    vec_init(&to, sizeof(struct mail_address), NULL);
    strv_init(&references);
    *(struct mail_address *)vec_push(&to) = person;
    struct mail_outgoing m = {.from = &from, .to = &to, .references = &references,
                              .subject = "报价", .text = "x\n", .message_id = "1@example.com",
                              .date = "Mon, 23 Nov 2026 09:12:00 +0100"};
    mail_reader_compose(r, &m, on_part, &status);
    loop_run(loop, &got);
    ok(status == STATUS_OK && strstr(str_text(&part), "\r\n\r\nx\r\n"), "a message is composed");
    got = false;
    m.subject = "x\r\nBcc: v@evil.example";
    mail_reader_compose(r, &m, on_part, &status);
    loop_run(loop, &got);
    ok(status == STATUS_REFUSED && part.len == 0, "a header with a line end is refused");
    got = false;
    mail_reader_compose(r, &m, on_part, &status);
    mail_reader_free(r);
    ok(got && status == STATUS_INTERRUPTED, "composing ends with the client");
    struct error err = ERROR_INIT;
    struct str box = STR_INIT;
    ok(mail_reader_probe(good, &box, &err) == STATUS_OK && box.len > 0, "the box: %s",
       str_text(&box));
    ok(mail_reader_probe("/bin/true", &box, &err) != STATUS_OK, "no reader: %s", err.text);
    str_fini(&box);
    vec_fini(&to);
    vec_fini(&references);
    str_fini(&big);
    str_fini(&part);
}

/* Runs all. */
int main(void)
{
    const char *dir = getenv("BUILDDIR");
    evil = str_format("%s/tests/unit/mail/evil_reader", dir ? dir : ".");
    good = str_format("%s/bureau-reader", dir ? dir : ".");
    loop = loop_new();
    test_many();
    test_evil();
    test_twice();
    test_killed();
    test_ends();
    test_inside();
    test_others();
    loop_free(loop);
    free(evil);
    free(good);
    return tap_end();
}
