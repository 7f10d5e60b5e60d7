/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_net.c - HTTP requests and SMTP handing against a scripted server. */
#include <sodium.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "io/http.h"
#include "io/loop.h"
#include "io/smtp.h"
#include "tap.h"
#include "unit/io/serve.h"

static struct loop *loop;
static struct str body, head;
static struct http_result result;
static bool done, cancel_in_data, cancel_in_head;
static struct http *running;

/* Notes the head. */
static void on_head(void *user, int code, const char *type)
{
    (void)user;
    str_addf(&head, "%d %s", code, type);
    if (cancel_in_head)
        http_cancel(running);
}

/* Collects the body. */
static void on_data(void *user, const char *bytes, size_t n)
{
    (void)user;
    str_add(&body, bytes, n);
    if (cancel_in_data)
        http_cancel(running);
}

/* Notes the end. */
static void on_done(void *user, struct http *h, const struct http_result *r)
{
    (void)user;
    result = *r;
    const char *id = http_header(h, "x-request-id");
    str_addf(&head, " %s", id ? id : "-");
    if (done)
        ok(false, "on_done came twice");
    done = true;
}

static const struct http_events http_ev = {on_head, on_data, on_done};

/* Starts a request to the server. */
static void request(int port, const char *post, struct vec *headers)
{
    struct error err = ERROR_INIT;
    char *url = str_format("http://127.0.0.1:%d/v1/x", port);
    struct http_request req = {.url = url, .headers = headers, .body = post,
                               .body_len = post ? strlen(post) : 0, .total_timeout_ms = 3000};
    str_clear(&body);
    str_clear(&head);
    done = false;
    running = http_start(loop, &req, &http_ev, NULL, &err);
    ok(running != NULL, "started %s", err.text);
    free(url);
}

/* Runs a request against a script. */
static void talk(const char *script, const char *post, struct serve *s)
{
    const char *scripts[] = {script, NULL};
    serve_start(s, scripts);
    request(s->port, post, NULL);
    loop_run(loop, &done);
    serve_stop(s);
}

/* HTTP. */
static void test_http(void)
{
    struct serve s;
    struct error err = ERROR_INIT;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    loop = loop_new();
    talk("{<}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
         "X-Request-Id: r1\r\nContent-Length: 5\r\n\r\nhe{20}llo", "question", &s);
    is_str(str_text(&body), "hello", "the body");
    is_str(str_text(&head), "200 text/plain r1", "the final head only");
    ok(result.fault == HTTP_DONE && result.sent > 8, "done, and counted");
    ok(strstr(s.got, "POST /v1/x HTTP/1.1\r\n") && strstr(s.got, "\r\n\r\nquestion") &&
           !strstr(s.got, "Expect"), "what was sent");
    talk("{<}HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", NULL, &s);
    is_int(result.code, 302, "a redirect is not followed");
    talk("{<}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n1\r\na\r\n{5}1\r\nb\r\n0\r\n"
         "X-T: 1\r\n\r\n", NULL, &s);
    is_str(str_text(&body), "ab", "chunks and trailers");
    talk("{<}HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", NULL, &s);
    is_int(result.fault, HTTP_BROKEN, "cut");
    is_str(str_text(&body), "half", "with what came");
    talk("{<}{X}", NULL, &s);
    is_int(result.fault, HTTP_UNREACHABLE, "reset before the answer");
    done = false;
    request(1, NULL, NULL);
    loop_run(loop, &done);
    ok(result.fault == HTTP_UNREACHABLE && result.sent == 0, "refused: nothing left");
    is_int(result.error.status, STATUS_UNREACHABLE, "its status");
    const char *hold[] = {"{<}HTTP/1.1 200 OK\r\n\r\nfirst{#}", NULL};
    serve_start(&s, hold);
    request(s.port, NULL, NULL);
    while (body.len == 0)
        loop_turn(loop, -1);
    int64_t t = clock_mono_ms();
    http_cancel(running);
    ok(done && result.fault == HTTP_CANCELLED, "cancelled at once");
    while (!s.closed_by_peer && clock_mono_ms() - t < 1000)
        usleep(1000);
    ok(s.closed_by_peer && clock_mono_ms() - t < 200, "the socket is closed");
    serve_stop(&s);
    cancel_in_data = true;
    talk("{<}HTTP/1.1 200 OK\r\n\r\nfirst{#}", NULL, &s);
    is_int(result.fault, HTTP_CANCELLED, "cancelled from within on_data");
    cancel_in_data = false;
    cancel_in_head = true;
    talk("{<}HTTP/1.1 200 OK\r\n\r\nfirst{#}", NULL, &s);
    is_int(result.fault, HTTP_CANCELLED, "cancelled from within on_head");
    is_str(str_text(&body), "", "nothing after that");
    cancel_in_head = false;
    serve_start(&s, hold);
    request(s.port, NULL, NULL);
    loop_turn(loop, 10);
    loop_free(loop);
    ok(!done, "a loop that goes takes its requests along");
    serve_stop(&s);
    loop = loop_new();
    struct vec headers;
    strv_init(&headers);
    strv_push(&headers, "X: a\r\nEvil: b");
    struct http_request bad = {.url = "http://127.0.0.1:1/", .headers = &headers};
    ok(!http_start(loop, &bad, &http_ev, NULL, &err), "a header with a line break");
    bad = (struct http_request){.url = "ftp://x/"};
    ok(!http_start(loop, &bad, &http_ev, NULL, &err), "another scheme");
    bad = (struct http_request){.url = "file:///etc/passwd"};
    ok(!http_start(loop, &bad, &http_ev, NULL, &err), "a file");
    vec_fini(&headers);
    loop_free(loop);
}

static struct smtp_result sent;
static int asked;
static bool answer, cancel_when_asked;
static struct smtp *sending;

/* The question before the last byte. */
static bool on_handed(void *user)
{
    struct serve *s = user;
    asked++;
    if (strstr(s->got, "\r\n.\r\n"))
        ok(false, "asked too late");
    if (cancel_when_asked)
        smtp_cancel(sending);
    return answer;
}

/* Notes the end. */
static void on_sent(void *user, const struct smtp_result *r)
{
    (void)user;
    sent = *r;
    if (done)
        ok(false, "on_done came twice");
    done = true;
}

/* Hands one message over to a script. */
static void hand(const char *script, const char *message, struct serve *s)
{
    const char *scripts[] = {script, NULL};
    struct smtp_events ev = {on_handed, on_sent};
    struct error err = ERROR_INIT;
    struct vec to;
    serve_start(s, scripts);
    char *url = str_format("smtp://127.0.0.1:%d", s->port);
    strv_init(&to);
    strv_push(&to, "bob@example.com");
    strv_push(&to, "li@例子.cn");
    struct smtp_message m = {.url = url, .plaintext = true, .from = "anna@example.com", .to = &to,
                             .bytes = message, .len = strlen(message)};
    done = false;
    asked = 0;
    sending = smtp_start(loop, &m, &ev, s, &err);
    ok(sending != NULL, "started %s", err.text);
    if (sending)
        loop_run(loop, &done);
    serve_stop(s);
    vec_fini(&to);
    free(url);
}

/* An attempt that must not start. */
static void refused(const char *url, bool plaintext, const char *from, const char *to_text, const char *name)
{
    struct smtp_events ev = {on_handed, on_sent};
    struct error err = ERROR_INIT;
    struct vec to;
    strv_init(&to);
    strv_push(&to, to_text);
    struct smtp_message m = {.url = url, .plaintext = plaintext, .from = from, .to = &to, .bytes = "x", .len = 1};
    ok(!smtp_start(loop, &m, &ev, NULL, &err) && err.text[0], "%s", name);
    vec_fini(&to);
}

/* SMTP. */
static void test_smtp(void)
{
    static const char good[] = "220 hi\r\n{<}250-me\r\n250 SMTPUTF8\r\n{<}250 ok\r\n{<}250 ok\r\n{<}250 ok\r\n{<}354 go\r\n{<.}";
    struct serve s;
    char script[500];
    loop = loop_new();
    answer = true;
    snprintf(script, sizeof script, "%s250 queued as 7\r\n{<}221 bye\r\n", good);
    hand(script, "Subject: x\n\n.first\r\n..\rlone\n.\nlast", &s);
    is_int(sent.end, SMTP_SENT, "sent");
    is_int(asked, 1, "asked once");
    is_str(sent.reply, "250 queued as 7", "the server's words");
    ok(strstr(s.got, "\r\n\r\n..first\r\n...\r\nlone\r\n..\r\nlast\r\n.\r\n"), "line ends and dots");
    ok(strstr(s.got, "MAIL FROM:<anna@example.com>") && strstr(s.got, "RCPT TO:<bob@example.com>"),
       "the envelope");
    ok(strstr(s.got, "EHLO [127.0.0.1]"), "the name of this machine is not told");
    answer = false;
    hand(script, "Subject: x\n\nhello\n", &s);
    is_int(sent.end, SMTP_CANCELLED, "broken off before the last byte");
    ok(!strstr(s.got, "\r\n.\r\n"), "the final dot never left");
    cancel_when_asked = answer = true;
    hand(script, "Subject: x\n\nhello\n", &s);
    ok(sent.end == SMTP_SENT || sent.end == SMTP_CANCELLED, "cancelled while asked");
    cancel_when_asked = false;
    snprintf(script, sizeof script, "%s{X}", good);
    hand(script, "Subject: x\n\nhello\n", &s);
    is_int(sent.end, SMTP_IN_DOUBT, "no answer to the final dot");
    snprintf(script, sizeof script, "%s550 5.7.1 no\r\n{<}221 bye\r\n", good);
    hand(script, "Subject: x\n\nhello\n", &s);
    ok(sent.end == SMTP_REFUSED && sent.code == 550, "refused after the dot: %d %d", sent.end, sent.code);
    snprintf(script, sizeof script, "%s451 later\r\n{<}221 bye\r\n", good);
    hand(script, "Subject: x\n\nhello\n", &s);
    ok(sent.end == SMTP_REFUSED && sent.code == 451, "put off");
    hand("220 hi\r\n{<}250 me\r\n{<}221 bye\r\n", "x\n", &s);
    ok(sent.end == SMTP_REFUSED && sent.code == 553 && asked == 0, "no SMTPUTF8 for an address that needs it: %s", sent.error.text);
    hand("220 hi\r\n{<}250-me\r\n250-SIZE 3\r\n250 SMTPUTF8\r\n{<}221 bye\r\n", "x\n\n\n", &s);
    ok(sent.end == SMTP_REFUSED && sent.code == 552 && asked == 0, "beyond SIZE: %s", sent.error.text);
    hand("220 hi\r\n{<}250-me\r\n250 SMTPUTF8\r\n{<}250 ok\r\n{<}550 nobody\r\n{<}221 bye\r\n", "x\n", &s);
    ok(sent.end == SMTP_REFUSED && sent.code == 550 && asked == 0, "a recipient is refused: %d %d %d %s", sent.end, sent.code, asked, sent.error.text);
    hand("220 hi\r\n{<}{X}", "x\n", &s);
    is_int(sent.end, SMTP_UNREACHABLE, "reset before anything was handed");
    refused("smtp://127.0.0.1:1", true, "a@b\r\nRCPT TO:<x@y>", "b@c", "CR LF in the sender");
    refused("smtp://127.0.0.1:1", true, "a@b", "b@c\nDATA", "LF in a recipient");
    refused("smtp://127.0.0.1:1", true, "a@b", "b@c>", "a bracket in a recipient");
    refused("smtp://192.0.2.1:25", true, "a@b", "b@c", "unencrypted beyond this machine");
    refused("http://127.0.0.1/", false, "a@b", "b@c", "another scheme");
    /* cancel while connecting hangs; the loop goes while a thread runs */
    const char *hold[] = {"{#}", NULL};
    serve_start(&s, hold);
    struct vec to;
    strv_init(&to);
    strv_push(&to, "b@c");
    char *url = str_format("smtp://127.0.0.1:%d", s.port);
    struct smtp_message m = {.url = url, .plaintext = true, .from = "a@b", .to = &to, .bytes = "x", .len = 1};
    struct smtp_events ev = {on_handed, on_sent};
    struct error err = ERROR_INIT;
    done = false;
    sending = smtp_start(loop, &m, &ev, &s, &err);
    loop_turn(loop, 20);
    int64_t t = clock_mono_ms();
    smtp_cancel(sending);
    ok(done && sent.end == SMTP_CANCELLED && clock_mono_ms() - t < 100, "cancelled at once");
    loop_free(loop);
    ok(clock_mono_ms() - t < 3000, "the loop goes");
    serve_stop(&s);
    free(url);
    vec_fini(&to);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0)
        return 1;
    test_http();
    test_smtp();
    str_fini(&body);
    str_fini(&head);
    return tap_end();
}
