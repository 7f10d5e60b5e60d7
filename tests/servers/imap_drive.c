/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap_drive - opens an IMAP session as the sync does, and goes through all of it once:
 *
 *     imap_drive URL USER PASSWORD [plaintext] [pin HEX] [token] [append FILE] [twice]
 *
 * greet, NAMESPACE, LIST, then of each folder (five at most) SELECT, UID SEARCH, UID FETCH of all, at
 * last IDLE for a quarter of a second and LOGOUT. append FILE puts a file into the first folder. One
 * line for each thing that came; the last is "end STATUS words". Exit 0 unless it crashes. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/path.h"
#include "base/str.h"
#include "io/imap.h"
#include "io/imap_name.h"
#include "io/loop.h"

#define FOLDERS_MAX 5

static struct loop *loop;
static struct imap *session;
static struct vec folders; /* strv: the wire's names */
static size_t at;
static struct str append;
static bool closed, appending;
static uint64_t mails, bytes;

static void next_folder(void);

/* Prints words of the server through the gate. */
static void say(const char *what, struct imap_text t)
{
    char *raw = imap_text_dup(t), *shown = gate_line(raw);
    printf("%s %s\n", what, shown);
    free(raw);
    free(shown);
}

/* Every untagged response. */
static void on_response(void *user, const struct imap_response *r)
{
    (void)user;
    if (r->kind == IMAP_LIST) {
        char *name = imap_name_decode(r->list.name.bytes, r->list.name.len, false), *shown = gate_line(name);
        printf("list %x %s\n", r->list.attributes, shown);
        if (folders.len < FOLDERS_MAX && !(r->list.attributes & IMAP_LIST_NOSELECT))
            strv_push_take(&folders, imap_text_dup(r->list.name));
        free(name);
        free(shown);
    } else if (r->kind == IMAP_FETCH) {
        for (size_t i = 0; i < r->fetch.sections.len; i++) {
            const struct imap_section *s = vec_at(&r->fetch.sections, i);
            mails++;
            bytes += s->data.len;
        }
    } else if (r->kind == IMAP_CONDITION && r->code.kind == IMAP_CODE_ALERT) {
        say("alert", r->text);
    } else if (r->kind == IMAP_EXISTS) {
        printf("exists %u\n", r->number);
    } else if (r->kind == IMAP_VANISHED) {
        struct imap_set gone;
        imap_set_init(&gone);
        if (imap_set_parse(&gone, r->set.bytes, r->set.len))
            printf("vanished %llu\n", (unsigned long long)imap_set_count(&gone));
        imap_set_fini(&gone);
    }
}

/* The end. */
static void on_closed(void *user, const struct error *why)
{
    (void)user;
    printf("mails %llu bytes %llu\nend %s %s\n", (unsigned long long)mails, (unsigned long long)bytes,
           status_word(why->status), why->text);
    closed = true;
    session = NULL;
}

/* A command is answered; what it says is printed if it is a refusal. */
static void on_step(void *user, const struct imap_result *r)
{
    if (r->end != IMAP_DONE)
        printf("%s %s %s\n", (const char *)user, status_word(r->error.status), r->error.text);
    if (r->tagged && r->tagged->code.kind == IMAP_CODE_APPENDUID)
        say("appended", r->tagged->code.set);
}

/* The last command of a folder. */
static void on_fetched(void *user, const struct imap_result *r)
{
    on_step(user, r);
    at++;
    if (session)
        next_folder();
}

/* Time to go. */
static void on_leave(void *user)
{
    (void)user;
    if (session)
        imap_logout(session);
}

/* Sends a command that must be accepted. */
static void give(struct imap_command *c, const char *name, void (*fn)(void *, const struct imap_result *))
{
    struct error err = ERROR_INIT;
    if (imap_send(c, fn, (void *)(uintptr_t)name, &err) != STATUS_OK)
        printf("%s not sent: %s\n", name, err.text);
}

/* Opens, searches and fetches the next folder, pipelined. */
static void next_folder(void)
{
    if (at >= folders.len) {
        if (imap_idle(session, true))
            loop_timer(loop, 250, on_leave, NULL);
        else
            imap_logout(session);
        return;
    }
    struct imap_command *c = imap_command(session, "SELECT");
    imap_arg_wire_name(c, strv_at(&folders, at));
    if (imap_has(session, "CONDSTORE"))
        imap_arg(c, "(CONDSTORE)");
    give(c, "SELECT", on_step);
    if (appending && at == 0) {
        c = imap_command(session, "APPEND");
        imap_arg_wire_name(c, strv_at(&folders, at));
        imap_arg_date(c, 837596665);
        imap_arg_literal(c, str_text(&append), append.len);
        give(c, "APPEND", on_step);
    }
    c = imap_command(session, "UID SEARCH");
    imap_arg(c, "ALL");
    give(c, "UID SEARCH", on_step);
    c = imap_command(session, "UID FETCH");
    imap_arg(c, "1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])");
    give(c, "UID FETCH", on_fetched);
}

/* LIST is answered. */
static void on_listed(void *user, const struct imap_result *r)
{
    on_step(user, r);
    if (session)
        next_folder();
}

/* Greeted. */
static void on_greeted(void *user)
{
    (void)user;
    if (!session)
        return;
    if (imap_has(session, "NAMESPACE"))
        give(imap_command(session, "NAMESPACE"), "NAMESPACE", on_step);
    struct imap_command *c = imap_command(session, "LIST");
    imap_arg_string(c, "", 0);
    imap_arg_string(c, "*", 1);
    give(c, "LIST", on_listed);
}

/* Open. */
static void on_ready(void *user)
{
    (void)user;
    printf("open\n");
    imap_greet(session, on_greeted, NULL);
}

int main(int argc, char **argv)
{
    static const struct imap_events events = {on_ready, on_response, on_closed};
    struct imap_config c = {.answer_timeout_ms = 1500, .connect_timeout_ms = 3000, .untagged_max = 200000};
    struct error err = ERROR_INIT;
    if (argc < 4)
        return 2;
    c.url = argv[1];
    c.user = argv[2];
    c.password = argv[3];
    for (int i = 4; i < argc; i++) {
        if (str_eq(argv[i], "plaintext")) {
            c.plaintext = true;
        } else if (str_eq(argv[i], "token")) {
            c.token = c.password;
            c.password = NULL;
        } else if (str_eq(argv[i], "pin") && i + 1 < argc) {
            c.pin = argv[++i];
        } else if (str_eq(argv[i], "append") && i + 1 < argc) {
            appending = path_read(argv[++i], 110u << 20, &append, &err) == STATUS_OK;
            c.answer_timeout_ms = 20000;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    strv_init(&folders);
    loop = loop_new();
    session = imap_open(loop, &c, &events, NULL, &err);
    if (!session) {
        printf("end %s %s\n", status_word(err.status), err.text);
        closed = true;
    }
    loop_run(loop, &closed);
    loop_free(loop);
    vec_fini(&folders);
    str_fini(&append);
    return 0;
}
