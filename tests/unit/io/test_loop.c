/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_loop.c - the loop, child processes, server-sent events. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "io/child.h"
#include "io/loop.h"
#include "io/sse.h"
#include "tap.h"

static char trace[200];
static bool done;
static struct loop *loop;
static struct loop_watch *watch;

/* Notes a letter. */
static void note(void *user)
{
    strcat(trace, user);
}

/* Notes and ends. */
static void note_end(void *user)
{
    note(user);
    done = true;
}

/* Notes and posts again. */
static void note_post(void *user)
{
    note(user);
    static char p[] = "p";
    loop_post(loop, note, p);
}

/* Posts from another thread. */
static void *other_thread(void *user)
{
    usleep(20000);
    loop_post(user, note_end, (void *)(uintptr_t) "t");
    return NULL;
}

/* Reads a byte; at the end removes itself. */
static void on_pipe(void *user, int events)
{
    char c;
    int fd = *(int *)user;
    (void)events;
    ssize_t n = read(fd, &c, 1);
    if (n == 1) {
        strncat(trace, &c, 1);
    } else {
        strcat(trace, "$");
        loop_remove(loop, watch);
        done = true;
    }
}

/* Timers, posts, descriptors. */
static void test_loop(void)
{
    static char a[] = "a", b[] = "b", c[] = "c", x[] = "x";
    pthread_t thread;
    loop = loop_new();
    loop_timer(loop, 20, note_end, c);
    loop_timer(loop, 1, note, a);
    loop_timer(loop, 1, note, b);
    loop_remove(loop, loop_timer(loop, 1, note, x));
    loop_remove(loop, NULL);
    loop_run(loop, &done);
    is_str(trace, "abc", "timers in order; a removed one is silent");
    trace[0] = '\0';
    loop_post(loop, note_post, a);
    loop_turn(loop, -1);
    is_str(trace, "a", "posted work runs");
    loop_turn(loop, 1000);
    is_str(trace, "ap", "what it posts runs in the next turn, at once");
    trace[0] = '\0';
    loop_post(loop, note, a);
    ok(loop_unpost(loop, note, a) && !loop_unpost(loop, note, a), "a posted call is taken back once");
    loop_turn(loop, 0);
    is_str(trace, "", "and does not run");
    done = false;
    pthread_create(&thread, NULL, other_thread, loop);
    loop_run(loop, &done);
    pthread_join(thread, NULL);
    is_str(trace, "t", "a post from another thread wakes the loop");
    int fds[2];
    trace[0] = '\0';
    done = false;
    if (pipe(fds) || write(fds[1], "hi", 2) != 2)
        abort();
    close(fds[1]);
    watch = loop_fd(loop, fds[0], LOOP_READ, on_pipe, &fds[0]);
    loop_run(loop, &done);
    is_str(trace, "hi$", "a pipe is read to its end; hang-up is told");
    close(fds[0]);
    int64_t t = clock_mono_ms();
    loop_turn(loop, 30);
    ok(clock_mono_ms() - t >= 25, "a turn waits when nothing happens");
    loop_free(loop);
}

static struct str output;
static int exit_code;

/* Collects what the child writes. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    (void)user;
    str_addf(&output, "%d:", fd);
    str_add(&output, bytes, n);
}

/* Notes how it ended. */
static void on_exit_code(void *user, int code)
{
    exit_code = code;
    *(bool *)user = true;
}

/* Runs a program beside a loop. */
static void run_child(char *const argv[], const char *input, int kill_with)
{
    struct child_events ev = {on_output, on_exit_code};
    struct error err = ERROR_INIT;
    bool ended = false;
    str_clear(&output);
    loop = loop_new();
    struct child *c = child_start(loop, argv, input, input ? strlen(input) : 0, &ev, &ended, &err);
    ok(c != NULL, "started: %s", argv[0]);
    if (kill_with)
        child_kill(c, kill_with);
    loop_run(loop, &ended);
    loop_free(loop);
}

/* Child processes. */
static void test_child(void)
{
    struct error err = ERROR_INIT;
    struct str out = STR_INIT;
    setenv("OPENAI_API_KEY", "sk-secret", 1);
    run_child((char *[]){"cat", NULL}, "hello", 0);
    is_str(str_text(&output), "1:hello", "its input comes back");
    is_int(exit_code, 0, "and it ends well");
    run_child((char *[]){"env", NULL}, NULL, 0);
    ok(!strstr(str_text(&output), "secret") && strstr(str_text(&output), "PATH="),
       "keys are not in its environment");
    run_child((char *[]){"sleep", "10", NULL}, NULL, SIGTERM);
    is_int(exit_code, 128 + SIGTERM, "killed");
    char *big = malloc(1 << 20);
    memset(big, 'x', (1 << 20) - 1);
    big[(1 << 20) - 1] = '\0';
    run_child((char *[]){"true", NULL}, big, 0);
    is_int(exit_code, 0, "a child that does not read its input harms nobody");
    run_child((char *[]){"wc", "-c", NULL}, big, 0);
    is_str(str_text(&output), "1:1048575\n", "much input goes through");
    free(big);
    struct child_events ev = {on_output, on_exit_code};
    loop = loop_new();
    ok(!child_start(loop, (char *[]){"/no/such/program", NULL}, NULL, 0, &ev, NULL, &err),
       "no such program");
    loop_free(loop);
    ok(child_capture((char *[]){"echo", "; echo $HOME", NULL}, 100, 5000, &out, &err) == STATUS_OK,
       "captured");
    is_str(str_text(&out), "; echo $HOME\n", "no shell reads it");
    is_int(child_capture((char *[]){"ls", "/no/such/dir", NULL}, 100, 5000, &out, &err), STATUS_FAILED,
           "a code that is not 0");
    ok(strstr(err.text, "/no/such/dir"), "with its words");
    is_int(child_capture((char *[]){"sleep", "10", NULL}, 100, 50, &out, &err), STATUS_LIMIT,
           "not for ever");
    str_clear(&out);
    ok(child_capture((char *[]){"yes", NULL}, 10, 300, &out, &err) == STATUS_LIMIT && out.len == 10,
       "a ceiling of bytes");
    str_fini(&out);
    str_fini(&output);
}

static struct str events;

/* Notes an event. */
static void on_event(void *user, const char *name, const char *data, size_t n)
{
    (void)user;
    str_addf(&events, "[%s|%.*s]", name, (int)n, data);
}

/* Notes a comment. */
static void on_comment(void *user)
{
    (void)user;
    str_puts(&events, "#");
}

/* Notes another line. */
static void on_other(void *user, const char *line, size_t n)
{
    (void)user;
    str_addf(&events, "<%.*s>", (int)n, line);
}

static const struct sse_events sse_ev = {on_event, on_comment, on_other};

/* Feeds a stream cut in three, everywhere. */
static void sse_is(const char *bytes, size_t n, const char *want, const char *name)
{
    bool same = true;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = i; j <= n; j++) {
            struct sse s;
            sse_init(&s);
            str_clear(&events);
            sse_feed(&s, bytes, i, &sse_ev, NULL);
            sse_feed(&s, bytes + i, j - i, &sse_ev, NULL);
            sse_feed(&s, bytes + j, n - j, &sse_ev, NULL);
            sse_end(&s, &sse_ev, NULL);
            sse_fini(&s);
            if (same && strcmp(str_text(&events), want) != 0) {
                same = false;
                is_str(str_text(&events), want, name);
            }
        }
    ok(same, "%s, cut anywhere", name);
}

/* Server-sent events. */
static void test_sse(void)
{
#define SSE(text, want, name) sse_is(text, sizeof text - 1, want, name)
    SSE("data: a\n\ndata:b\n\n", "[|a][|b]", "plain");
    SSE("data: a\r\rdata: b\r\n\r\n", "[|a][|b]", "CR and CRLF");
    SSE("\xef\xbb\xbf" "data: a\n\n", "[|a]", "a BOM");
    SSE(": ping\n\ndata: a\ndata:  b\n\n", "#[|a\n b]", "comments, several data lines");
    SSE("event: x\nid: 7\nretry: 5\ndata: a\n\n", "[x|a]", "fields");
    SSE("data: 你\n\ndata: last", "[|你][|last]", "the last event without its blank line");
    SSE("data\n\ndata: \n\n", "", "empty events are skipped");
    SSE("error: {\"a\":1}\n{\"error\":\"x\"}\n", "<error: {\"a\":1}><{\"error\":\"x\"}>", "other lines");
    struct sse s;
    sse_init(&s);
    char *big = malloc(5 << 20);
    memset(big, 'x', 5 << 20);
    str_clear(&events);
    static const struct sse_events none = {0};
    sse_feed(&s, "data: ", 6, &none, NULL);
    ok(sse_feed(&s, big, 5 << 20, &none, NULL), "5 MB in one event");
    ok(!sse_feed(&s, big, 5 << 20, &none, NULL), "but not 10");
    sse_fini(&s);
    free(big);
    ok(sse_try("data: abc\n\ndata", 15) == 3, "the way in for fuzzing");
    str_fini(&events);
}

int main(void)
{
    test_loop();
    test_child();
    test_sse();
    return tap_end();
}
