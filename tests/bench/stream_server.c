/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream_server.c - chat completions of any length and rate on loopback, for measuring who receives them.
 *
 *   stream_server TOKENS RATE        RATE tokens a second, 0: as fast as the socket takes them
 *
 * Prints its port, then answers every POST with TOKENS chunks ("word " each, a new line every 12, the last is
 * §§§§§§) and GET /v1/models with one model. Serves one connection after the other until its stdin closes. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char *const words[] = {"The ", "contract ", "says ", "that ", "price ", "stays ", "until ", "March; ",
                                    "delivery ", "follows ", "in ", "May.\\n"};

static void sleep_until(struct timespec start, double seconds)
{
    struct timespec t = start;
    t.tv_sec += (time_t)seconds;
    t.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Reads one request whole; false when the peer is gone. *post tells its kind. */
static int read_request(int fd, int *post)
{
    static char b[1 << 20];
    size_t n = 0;
    for (;;) {
        ssize_t k = read(fd, b + n, sizeof b - 1 - n);
        if (k <= 0)
            return 0;
        n += (size_t)k;
        b[n] = 0;
        char *end = strstr(b, "\r\n\r\n");
        if (!end)
            continue;
        char *length = strcasestr(b, "content-length:");
        size_t body = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
        if (strcasestr(b, "expect: 100") && n == (size_t)(end + 4 - b) &&
            write(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25) < 0)
            return 0;
        if (n >= (size_t)(end + 4 - b) + body) {
            *post = b[0] == 'P';
            return 1;
        }
        if (n >= sizeof b - 1)
            n = (size_t)(end + 4 - b), b[n] = 0;
    }
}

static void stream(int fd, long tokens, double rate)
{
    static char out[65536];
    size_t n = (size_t)snprintf(out, sizeof out,
                                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < tokens; i++) {
        const char *w = i + 1 == tokens ? "§§§§§§" : words[i % 12];
        n += (size_t)snprintf(out + n, sizeof out - n,
                              "data: {\"id\":\"b\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\","
                              "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]}\n\n", w);
        if (rate > 0 || n > sizeof out - 512) {
            if (rate > 0)
                sleep_until(start, (double)i / rate);
            if (write(fd, out, n) < 0)
                return;
            n = 0;
        }
    }
    n += (size_t)snprintf(out + n, sizeof out - n,
                          "data: {\"id\":\"b\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    if (write(fd, out, n) < 0)
        return;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    long tokens = strtol(argv[1], NULL, 10);
    double rate = strtod(argv[2], NULL);
    signal(SIGPIPE, SIG_IGN);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 16) ||
        getsockname(listener, (struct sockaddr *)&a, &len))
        return 1;
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    for (;;) {
        struct pollfd p[2] = {{listener, POLLIN, 0}, {0, POLLIN, 0}};
        if (poll(p, 2, -1) < 0 || p[1].revents)
            return 0;
        int fd = accept(listener, NULL, NULL), post = 0;
        if (fd < 0)
            continue;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (read_request(fd, &post)) {
            if (post)
                stream(fd, tokens, rate);
            else if (dprintf(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60\r\nConnection: close\r\n\r\n"
                                 "%-60s", "{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":\"model\"}]}") < 0)
                return 1;
        }
        close(fd);
    }
}
