/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_imap.c - a session against scripted servers: good ones, slow ones, hostile ones. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "io/imap.h"
#include "io/loop.h"
#include "tap.h"
#include "unit/io/serve.h"

#define HELLO "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n{T} OK\r\n{L}{T} OK in\r\n"
#define CAPS(words) "{L}* CAPABILITY IMAP4rev1 " words "\r\n{T} OK\r\n"

static struct loop *loop;
static struct imap *session;
static struct str said; /* what was told, one word each */
static struct error why;
static bool ready, closed;
static int close_at; /* which event closes: 1 ready, 2 response, 3 done */

/* Closes from inside a callback, if this is the one. */
static void maybe_close(int event)
{
    if (close_at == event && session)
        imap_close(session);
}

static void on_ready(void *user)
{
    (void)user;
    ready = true;
    str_puts(&said, "ready ");
    maybe_close(1);
}

static void on_response(void *user, const struct imap_response *r)
{
    (void)user;
    if (r->kind == IMAP_EXISTS)
        str_addf(&said, "exists:%u ", r->number);
    else if (r->kind == IMAP_FETCH)
        str_addf(&said, "fetch:%u ", r->fetch.uid);
    else if (r->kind == IMAP_CONDITION)
        str_addf(&said, "cond:%d ", r->status);
    maybe_close(2);
}

static void on_closed(void *user, const struct error *e)
{
    (void)user;
    ok(!closed, "told once that it is closed");
    why = *e;
    closed = true;
    session = NULL;
    str_addf(&said, "closed:%s ", status_word(e->status));
}

static void on_done(void *user, const struct imap_result *r)
{
    static const char *const ends[] = {"done", "denied", "unsent", "lost"};
    str_addf(&said, "%s=%s ", (const char *)user, ends[r->end]);
    if (r->tagged && r->tagged->code.kind == IMAP_CODE_APPENDUID)
        str_addf(&said, "uid:%.*s ", (int)r->tagged->code.set.len, r->tagged->code.set.bytes);
    maybe_close(3);
}

static const struct imap_events events = {on_ready, on_response, on_closed};

/* Opens a session to the server; times are short. */
static bool open_with(int port, struct imap_config c)
{
    struct error err = ERROR_INIT;
    char *url = str_format("imap://127.0.0.1:%d", port);
    c.url = c.url ? c.url : url;
    c.user = c.user ? c.user : "anna";
    c.password = c.password || c.token ? c.password : "secret-word";
    str_clear(&said);
    why = ERROR_INIT;
    ready = closed = false;
    session = imap_open(loop, &c, &events, NULL, &err);
    if (!session)
        why = err;
    free(url);
    return session != NULL;
}

/* Turns until a condition, 5 s at most. */
static bool turn_until(const bool *flag)
{
    int64_t until = clock_mono_ms() + 5000;
    while (!*flag && clock_mono_ms() < until)
        loop_turn(loop, 20);
    return *flag;
}

/* Turns until the text was said. */
static bool heard(const char *text)
{
    int64_t until = clock_mono_ms() + 5000;
    while (!strstr(str_text(&said), text) && clock_mono_ms() < until)
        loop_turn(loop, 20);
    return ok(strstr(str_text(&said), text) != NULL, "heard %s in: %s", text, str_text(&said));
}

/* Sends a command without arguments. */
static void give(const char *verb)
{
    struct error err = ERROR_INIT;
    if (imap_send(imap_command(session, verb), on_done, (void *)(uintptr_t)verb, &err) != STATUS_OK)
        str_addf(&said, "%s=refused ", verb);
}

/* Starts a script and a session to it, and waits until it is open. */
static void begin(struct serve *s, const char *const *scripts, struct imap_config c)
{
    c.plaintext = true;
    serve_start(s, scripts);
    ok(open_with(s->port, c) && turn_until(&ready), "open: %s %s", str_text(&said), why.text);
}

/* Ends both. */
static void end(struct serve *s)
{
    if (session)
        imap_close(session);
    serve_stop(s);
}

/* Commands pipelined, answered in another order; bytes one by one. */
static void test_talk(const char *how)
{
    struct serve s;
    char *script = str_format("%s" HELLO CAPS("IDLE X-A") "{L}* 3 EXISTS\r\n* 1 FETCH (UID 7)\r\n{T} OK\r\n{L}{T} NO [NOPERM] not you\r\n{#}", how);
    const char *scripts[] = {script, NULL};
    begin(&s, scripts, (struct imap_config){0});
    if (session) {
        ok(imap_has(session, "idle") && imap_has(session, "X-A") && !imap_has(session, "MOVE"), "capabilities");
        ok(str_eq(imap_host(session), "127.0.0.1"), "host");
        give("NOOP");
        give("CHECK");
        ok(imap_pending(session) == 2, "two under way");
        heard("CHECK=denied");
        ok(strstr(str_text(&said), "exists:3 fetch:7 NOOP=done CHECK=denied"), "in order");
    }
    ok(strstr(s.got, "NOOP\r\n") && strstr(s.got, "CHECK\r\n"), "both sent");
    end(&s);
    ok(closed && why.status == STATUS_INTERRUPTED, "closed by us");
    free(script);
}

/* Literals: held until "+", refused, sent at once. */
static void test_literals(void)
{
    struct serve s;
    struct error err = ERROR_INIT;
    static const char sync[] = HELLO CAPS("UIDPLUS") "{L}+ go\r\n{K}{K}{T} NO full\r\n{L}+ go\r\n{K}{K}{T} OK [APPENDUID 1 9] x\r\n{L}{T} OK\r\n{#}";
    const char *scripts[] = {sync, NULL};
    begin(&s, scripts, (struct imap_config){0});
    for (int i = 0; i < 2 && session; i++) { /* the first passes its gate and is denied; */
        struct imap_command *c = imap_command(session, "APPEND");
        imap_arg_folder(c, "Entwürfe");
        imap_arg_literal(c, "a\r\n", 3);
        ok(imap_send(c, on_done, "APPEND", &err) == STATUS_OK, "sent");
    }
    give("NOOP");
    heard("APPEND=denied APPEND=done uid:9 NOOP=done");
    ok(strstr(s.got, "\"Entw&APw-rfe\" {3}\r\na\r\n") != NULL, "synchronized");
    end(&s);

    static const char denied[] = HELLO CAPS("X") "{L}{T} NO too big\r\n{L}{T} OK\r\n{#}";
    scripts[0] = denied;
    begin(&s, scripts, (struct imap_config){0});
    struct imap_command *c = imap_command(session, "APPEND");
    imap_arg_literal(c, "secret mail", 11);
    ok(imap_send(c, on_done, "APPEND", &err) == STATUS_OK, "sent");
    give("NOOP");
    heard("APPEND=denied NOOP=done");
    ok(!strstr(s.got, "secret mail"), "denied at the gate: not sent");
    end(&s);

    static const char plus[] = HELLO CAPS("LITERAL+") "{L}{K}{K}{T} OK [APPENDUID 1 5] x\r\n{#}";
    scripts[0] = plus;
    begin(&s, scripts, (struct imap_config){0});
    c = imap_command(session, "APPEND");
    imap_arg_wire_name(c, "x\"\\y");
    imap_arg_flags(c, &(struct vec){0});
    imap_arg_date(c, 837596665);
    imap_arg_literal(c, "a\r\n", 3);
    ok(imap_send(c, on_done, "APPEND", &err) == STATUS_OK, "sent");
    heard("APPEND=done uid:5");
    ok(strstr(s.got, "APPEND \"x\\\"\\\\y\" () \"17-Jul-1996 09:44:25 +0000\" {3+}\r\na\r\n\r\n") != NULL, "at once");
    end(&s);

    static const char minus[] = HELLO CAPS("LITERAL-") "{L}{T} NO\r\n{#}";
    char *big = mem_alloc(5000);
    memset(big, 'x', 5000);
    scripts[0] = minus;
    begin(&s, scripts, (struct imap_config){0});
    c = imap_command(session, "APPEND");
    imap_arg_literal(c, big, 5000);
    ok(imap_send(c, on_done, "APPEND", &err) == STATUS_OK, "sent");
    heard("APPEND=denied");
    ok(strstr(s.got, "{5000}\r\n") && !strstr(s.got, "xxxx"), "LITERAL- is for small ones");
    end(&s);
    free(big);
}

/* Bytes of any kind where the server takes them; the numbers of capabilities. */
static void test_binary(void)
{
    struct serve s;
    struct error err = ERROR_INIT;
    uint64_t most = 0;
    static const char sync[] = HELLO CAPS("BINARY APPENDLIMIT=1000 LITERAL-X=9 appendlimitx=3") "{L}+ go\r\n{K}{K}{T} OK\r\n{#}";
    const char *scripts[] = {sync, NULL};
    begin(&s, scripts, (struct imap_config){0});
    ok(imap_has_number(session, "appendlimit", &most) && most == 1000, "a capability with a number");
    ok(!imap_has_number(session, "BINARY", &most) && !imap_has_number(session, "LITERAL", &most), "one without");
    struct imap_command *c = imap_command(session, "APPEND");
    imap_arg_literal(c, "a\0\r\n", 4);
    ok(imap_send(c, on_done, "APPEND", &err) == STATUS_OK, "a NUL where there is BINARY");
    heard("APPEND=done");
    ok(strstr(s.got, "APPEND ~{4}\r\na") != NULL, "as a literal8");
    end(&s);
}

/* Nothing that came from outside becomes a command. */
static void test_arguments(void)
{
    struct serve s;
    struct error err;
    struct imap_set empty;
    static const char script[] = HELLO CAPS("X") "{#}";
    const char *scripts[] = {script, NULL};
    static const char *const bad[] = {"a\r\nb1 DELETE INBOX", "a\nb", "a\r", "\r\n"};
    imap_set_init(&empty);
    begin(&s, scripts, (struct imap_config){0});
    size_t before = s.got_len, refused = 0;
    for (size_t i = 0; i < 4 * 8; i++) {
        const char *v = bad[i % 4];
        struct vec flags;
        strv_init(&flags);
        strv_push(&flags, v);
        struct imap_command *c = imap_command(session, "X");
        switch (i / 4) {
        case 0: imap_arg(c, v); break;
        case 1: imap_arg_atom(c, v); break;
        case 2: imap_arg_string(c, v, strlen(v)); break;
        case 3: imap_arg_wire_name(c, v); break;
        case 4: imap_arg_folder(c, v); break;
        case 5: imap_arg_flags(c, &flags); break;
        case 6: imap_arg_labels(c, &flags); break;
        default: imap_arg_set(c, &empty); break;
        }
        err = ERROR_INIT;
        refused += imap_send(c, on_done, "X", &err) == STATUS_REFUSED && err.text[0];
        vec_fini(&flags);
    }
    ok(refused == 32, "%zu of 32 refused", refused);
    static const char *const no_atoms[] = {"", "a b", "(a", "a)", "a\"", "{3}", "a]", "\\Seen", "*", "会"};
    refused = 0;
    for (size_t i = 0; i < sizeof no_atoms / sizeof *no_atoms; i++) {
        struct imap_command *c = imap_command(session, "X");
        imap_arg_atom(c, no_atoms[i]);
        refused += imap_send(c, on_done, "X", &err) == STATUS_REFUSED;
    }
    ok(refused == sizeof no_atoms / sizeof *no_atoms, "what is no atom");
    struct imap_command *c = imap_command(session, "X");
    imap_arg_literal(c, "a\0b", 3);
    ok(imap_send(c, on_done, "X", &err) == STATUS_REFUSED, "a NUL in a literal");
    imap_arg_string(c = imap_command(session, "X"), "a\0b", 3);
    ok(imap_send(c, on_done, "X", &err) == STATUS_REFUSED, "a NUL in a string");
    for (int i = 0; i < 5; i++)
        loop_turn(loop, 10);
    ok(s.got_len == before, "nothing was sent of it");
    end(&s);
}

/* IDLE: between commands, begun anew, and a dead line found out. */
static void test_idle(void)
{
    struct serve s;
    static const char script[] = HELLO CAPS("IDLE") "{L}+ idling\r\n* 4 EXISTS\r\n{K}{T} OK idle ended\r\n"
                                 "{L}{T} OK\r\n{L}+ idling\r\n{K}{T} OK\r\n{L}+ again\r\n* 5 EXISTS\r\n{K}{T} OK\r\n{#}";
    const char *scripts[] = {script, NULL};
    begin(&s, scripts, (struct imap_config){.idle_ms = 300});
    ok(imap_idle(session, true), "idles");
    heard("exists:4");
    give("NOOP");
    heard("NOOP=done");
    heard("exists:5");
    ok(session && imap_idle(session, false), "no longer");
    for (int i = 0; i < 5; i++)
        loop_turn(loop, 20);
    ok(!closed && strstr(s.got, "NOOP\r\n") > strstr(s.got, "DONE\r\n"), "IDLE ends for a command");
    end(&s);
    static const char dead[] = HELLO CAPS("IDLE") "{L}+ idling\r\n* 4 EXISTS\r\n{K}{#}";
    const char *dead_scripts[] = {dead, NULL};
    begin(&s, dead_scripts, (struct imap_config){.idle_ms = 300, .answer_timeout_ms = 300});
    int64_t began = clock_mono_ms();
    ok(imap_idle(session, true), "the server has IDLE");
    heard("exists:4");
    ok(imap_pending(session) == 0, "an IDLE is no command");
    turn_until(&closed);
    int64_t took = clock_mono_ms() - began;
    ok(closed && why.status == STATUS_UNREACHABLE && took >= 500 && took < 3000, "a dead line: %s after %lld ms",
       why.text, (long long)took);
    ok(strstr(s.got, "DONE\r\n") != NULL, "begun anew in time");
    end(&s);
    static const char none[] = HELLO CAPS("X") "{#}";
    dead_scripts[0] = none;
    begin(&s, dead_scripts, (struct imap_config){0});
    ok(!imap_idle(session, true), "a server without IDLE");
    end(&s);
}

/* The seconds after which TCP takes a silent peer for gone; 0: never, or no such connection. */
static int patience(int port)
{
    for (int fd = 3; fd < 256; fd++) {
        struct sockaddr_in peer = {0};
        socklen_t n = sizeof peer, size = sizeof(int);
        int on = 0, idle = 0, every = 0, tries = 0;
        if (getpeername(fd, (struct sockaddr *)&peer, &n) != 0 || ntohs(peer.sin_port) != port)
            continue;
        (void)getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, &size);
        (void)getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, &size);
        (void)getsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every, &size);
        (void)getsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, &size);
        return on ? idle + every * tries : 0;
    }
    return 0;
}

/* Times. */
static void test_times(void)
{
    struct serve s;
    static const char silent[] = HELLO CAPS("X") "{L}{#}", mute[] = "{#}", slow[] = HELLO CAPS("X") "{L}{150}* 1 EXISTS\r\n{150}* 2 EXISTS\r\n{150}{T} OK\r\n{#}";
    const char *scripts[] = {silent, NULL};
    begin(&s, scripts, (struct imap_config){.answer_timeout_ms = 200});
    int seconds = patience(s.port);
    ok(seconds > 0 && seconds <= 120, "a peer that is gone without a word is found out after %d s", seconds);
    give("NOOP");
    turn_until(&closed);
    ok(why.status == STATUS_UNREACHABLE && strstr(str_text(&said), "NOOP=lost"), "no answer: %s", str_text(&said));
    end(&s);
    scripts[0] = slow;
    begin(&s, scripts, (struct imap_config){.answer_timeout_ms = 300});
    give("NOOP");
    heard("NOOP=done");
    end(&s);
    scripts[0] = mute;
    serve_start(&s, scripts);
    int64_t began = clock_mono_ms();
    ok(open_with(s.port, (struct imap_config){.connect_timeout_ms = 300, .plaintext = true}), "started");
    turn_until(&closed);
    ok(why.status == STATUS_UNREACHABLE && clock_mono_ms() - began < 2000, "no greeting: %s", why.text);
    end(&s);
}

/* A server that says or does what it must not: the session ends, with these words for it. */
static void hostile(const char *name, const char *script, const char *command, const char *expected, enum status status)
{
    struct serve s;
    const char *scripts[] = {script, NULL};
    serve_start(&s, scripts);
    open_with(s.port, (struct imap_config){.answer_timeout_ms = 1000, .untagged_max = 100, .plaintext = true});
    while (!ready && !closed)
        loop_turn(loop, 20);
    if (session && command)
        give(command);
    turn_until(&closed);
    ok(closed && why.status == status && strstr(str_text(&said), expected), "%s: %s %s", name, str_text(&said), why.text);
    ok(!strpbrk(why.text, "\x1b\r\n"), "its words are escaped");
    end(&s);
}

/* Hostile dialogues. */
static void test_hostile(void)
{
    hostile("a tag that was never given", HELLO CAPS("X") "{L}zz1 OK\r\n{#}", "NOOP", "NOOP=lost", STATUS_CORRUPT);
    hostile("an answer before the command", HELLO "{L}* CAPABILITY IMAP4rev1\r\n{T} OK\r\n{T}0 OK\r\n{#}", NULL, "closed", STATUS_CORRUPT);
    hostile("a huge literal", HELLO CAPS("X") "{L}* 1 FETCH (BODY[] {{}4294967295}\r\n{#}", "NOOP", "NOOP=lost", STATUS_LIMIT);
    hostile("deep parentheses", HELLO CAPS("X") "{L}* 1 FETCH (X (((((((((((((((((((((((((((((((((((((((((((((((((("
            "(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((\r\n{#}", "NOOP", "NOOP=lost", STATUS_LIMIT);
    hostile("BYE in the middle", HELLO CAPS("X") "{L}* 1 FETCH (UID 3)\r\n* BYE \x1b[31mgone\r\n{#}", "NOOP", "fetch:3 cond:3 NOOP=lost", STATUS_UNREACHABLE);
    hostile("closed in the middle of a literal", HELLO CAPS("X") "{L}* 1 FETCH (UID 3 BODY[] {{}100}\r\nabc", "NOOP", "NOOP=lost", STATUS_UNREACHABLE);
    hostile("reset", HELLO CAPS("X") "{L}* 1 EXISTS\r\n{20}{X}", "NOOP", "NOOP=lost", STATUS_UNREACHABLE);
    hostile("not IMAP", HELLO CAPS("X") "{L}HTTP/1.1 200 OK\r\n\r\n{#}", "NOOP", "NOOP=lost", STATUS_CORRUPT);
    hostile("no IMAP4rev1", HELLO "{L}* CAPABILITY IMAP2\r\n{T} OK\r\n{#}", NULL, "closed", STATUS_CORRUPT);
    struct str flood = STR_INIT;
    str_puts(&flood, HELLO CAPS("X") "{L}");
    for (int i = 0; i < 200; i++)
        str_addf(&flood, "* %d EXISTS\r\n", i);
    str_puts(&flood, "{#}");
    hostile("a flood", str_text(&flood), "NOOP", "exists:99 NOOP=lost closed:limit", STATUS_LIMIT);
    str_fini(&flood);
}

/* A server to which the login must not go, or that refuses it. */
static void no_login(const char *name, const char *script, struct imap_config c, enum status status, const char *words)
{
    struct serve s;
    const char *scripts[] = {script, NULL};
    serve_start(&s, scripts);
    if (open_with(s.port, c))
        turn_until(&closed);
    ok(!ready && why.status == status && strstr(why.text, words), "%s: %s", name, why.text);
    ok(!strstr(s.got, "secret-word") && !strstr(s.got, "c2VjcmV0LXdvcmQ") && !strstr(s.got, "AGFubmEAc2VjcmV0LXdvcmQ="),
       "no password in clear");
    end(&s);
}

/* Logins. */
static void test_login(void)
{
    struct serve s;
    const struct imap_config tls = {.plaintext = false}, clear = {.plaintext = true};
    no_login("PREAUTH before encryption", "* PREAUTH welcome\r\n{L}* CAPABILITY IMAP4rev1 STARTTLS\r\n{T} OK\r\n{L}{T} OK\r\n{#}", tls, STATUS_REFUSED, "127.0.0.1");
    no_login("no STARTTLS", "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{T} OK\r\n{#}", tls, STATUS_REFUSED, "127.0.0.1");
    no_login("STARTTLS denied", "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n{T} OK\r\n{L}{T} NO\r\n{#}", tls, STATUS_REFUSED, "127.0.0.1");
    no_login("answers injected before the handshake",
             "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n{T} OK\r\n{L}{T} OK\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA003 OK\r\nA004 OK in\r\n{#}",
             (struct imap_config){.connect_timeout_ms = 1000}, STATUS_UNREACHABLE, "127.0.0.1");
    no_login("only logins we do not know", "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=X-FOO\r\n{T} OK\r\n{#}", clear, STATUS_REFUSED, "127.0.0.1");
    no_login("a token where the server has no OAuth", "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n{T} OK\r\n{L}{T} NO\r\n{#}",
             (struct imap_config){.plaintext = true, .token = "secret-word"}, STATUS_REFUSED, "127.0.0.1");
    no_login("a line break in the user", "{#}", (struct imap_config){.plaintext = true, .user = "a\r\nb"}, STATUS_REFUSED, "line break");
    no_login("clear text to the world", "{#}", (struct imap_config){.plaintext = true, .url = "imap://mail.example.org"}, STATUS_REFUSED, "unencrypted");
    no_login("not IMAP", "{#}", (struct imap_config){.url = "https://x"}, STATUS_USAGE, "https://x");
    no_login("a path", "{#}", (struct imap_config){.url = "imaps://x/INBOX"}, STATUS_USAGE, "imaps://x/INBOX");
    no_login("a user inside", "{#}", (struct imap_config){.url = "imaps://me@x"}, STATUS_USAGE, "me@x");
    no_login("a pin that is none", "{#}", (struct imap_config){.url = "imaps://x", .pin = "12"}, STATUS_USAGE, "SHA-256");
    static const char wrong[] = "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n{T} OK\r\n{L}{T} NO [AUTHENTICATIONFAILED] \x1b[31mwrong\r\n{#}",
                      busy[] = "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n{T} OK\r\n{L}{T} NO [UNAVAILABLE] later\r\n{#}";
    const char *scripts[] = {wrong, NULL};
    serve_start(&s, scripts);
    ok(open_with(s.port, clear) && turn_until(&closed) && why.status == STATUS_REFUSED && strstr(why.text, "[31mwrong") &&
           !strchr(why.text, 0x1b) && why.hint[0], "refused in the server's words: %s", why.text);
    end(&s);
    scripts[0] = busy;
    serve_start(&s, scripts);
    ok(open_with(s.port, clear) && turn_until(&closed) && why.status == STATUS_UNREACHABLE, "refused until later: %s", why.text);
    end(&s);
    static const char bearer[] = "* OK hi\r\n{L}* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2\r\n{T} OK\r\n{L}{T} OK\r\n" CAPS("X") "{#}";
    scripts[0] = bearer;
    begin(&s, scripts, (struct imap_config){.token = "tok3n"});
    ok(strstr(s.got, "AUTHENTICATE XOAUTH2 dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHRvazNuAQE=\r\n") != NULL, "XOAUTH2");
    end(&s);
}

/* The end, called for from everywhere. */
static void test_ends(void)
{
    struct serve s;
    static const char script[] = HELLO CAPS("X") "{L}* 1 EXISTS\r\n* 2 EXISTS\r\n{T} OK\r\n{#}";
    const char *scripts[] = {script, NULL};
    for (close_at = 1; close_at <= 3; close_at++) {
        serve_start(&s, scripts);
        open_with(s.port, (struct imap_config){.plaintext = true});
        turn_until(&ready);
        if (session)
            give("NOOP");
        turn_until(&closed);
        ok(closed && why.status == STATUS_INTERRUPTED, "closed inside a callback: %s", str_text(&said));
        ok(close_at != 2 || !strstr(str_text(&said), "exists:2"), "nothing is told afterwards");
        serve_stop(&s);
    }
    close_at = 0;
    serve_start(&s, scripts);
    open_with(s.port, (struct imap_config){.plaintext = true});
    loop_turn(loop, 10);
    imap_close(session);
    ok(closed, "closed while connecting");
    serve_stop(&s);

    static const char polite[] = HELLO CAPS("X") "{L}{T} OK\r\n{L}* BYE bye\r\n{T} OK\r\n{50}";
    scripts[0] = polite;
    begin(&s, scripts, (struct imap_config){0});
    give("NOOP");
    imap_logout(session);
    turn_until(&closed);
    ok(why.status == STATUS_OK && strstr(str_text(&said), "NOOP=done"), "a polite end: %s %s", str_text(&said), why.text);
    serve_stop(&s);

    begin(&s, scripts, (struct imap_config){0});
    imap_pause(session, true);
    give("NOOP");
    for (int i = 0; i < 10; i++)
        loop_turn(loop, 20);
    ok(!strstr(str_text(&said), "NOOP"), "nothing is read while it pauses");
    imap_pause(session, false);
    heard("NOOP=done");
    end(&s);
    begin(&s, scripts, (struct imap_config){0});
    give("NOOP");
    session = NULL; /* goes with its loop, and nobody is told */
    str_clear(&said);
    loop_free(loop);
    ok(said.len == 0, "freed with its loop");
    serve_stop(&s);
    loop = loop_new();
}

/* ENABLE and ID. */
static bool greeted;
static void on_greeted(void *user)
{
    (void)user;
    greeted = true;
}

static void test_greet(void)
{
    struct serve s;
    static const char script[] = HELLO CAPS("ENABLE QRESYNC CONDSTORE ID UTF8=ACCEPT") "{L}* ENABLED QRESYNC UTF8=ACCEPT\r\n{T} OK\r\n{L}{T} BAD no\r\n{L}{T} OK\r\n{#}";
    const char *scripts[] = {script, NULL};
    struct error err = ERROR_INIT;
    begin(&s, scripts, (struct imap_config){0});
    imap_greet(session, on_greeted, NULL);
    ok(turn_until(&greeted) && session, "greeted");
    ok(imap_enabled(session, "qresync") && !imap_enabled(session, "CONDSTORE"), "what was enabled");
    struct imap_command *c = imap_command(session, "SELECT");
    imap_arg_folder(c, "会议 & co");
    ok(imap_send(c, on_done, "SELECT", &err) == STATUS_OK, "sent");
    heard("SELECT=done");
    ok(strstr(s.got, "SELECT \"会议 & co\"\r\n") && strstr(s.got, "ENABLE CONDSTORE QRESYNC UTF8=ACCEPT\r\n") &&
           strstr(s.got, "ID (\"name\" \"bureau\""), "UTF-8 names");
    end(&s);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    loop = loop_new();
    test_talk("");
    test_talk("{B}");
    test_literals();
    test_binary();
    test_arguments();
    test_idle();
    test_times();
    test_hostile();
    test_login();
    test_ends();
    test_greet();
    loop_free(loop);
    str_fini(&said);
    return tap_end();
}
