/* serve.h - a server of one thread for tests: it accepts on a loopback port and plays a script.
 *
 * A script is text: what it holds is sent, "{N}" waits N milliseconds, "{<}" reads until something
 * came and keeps it, "{<.}" reads until a lone dot, "{|}" starts a new write, "{X}" resets the
 * connection, "{#}" holds it open until the test stops, "{L}" reads one line, whose first word "{T}"
 * sends (an IMAP tag), "{K}" reads one and keeps the word, "{B}" sends what follows byte by byte. It is closed at the end. */
#ifndef TESTS_SERVE_H
#define TESTS_SERVE_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct serve {
    int listener, port;
    const char *const *scripts; /* one per connection, NULL ends */
    _Atomic int stop, closed_by_peer;
    pthread_t thread;
    char got[1 << 16];
    size_t got_len, line_at;
    char tag[64];
    bool bytewise;
};

/* Reads once into got. */
static bool serve_read(struct serve *s, int fd)
{
    ssize_t n = read(fd, s->got + s->got_len, sizeof s->got - s->got_len - 1);
    if (n <= 0)
        return false;
    s->got_len += (size_t)n;
    s->got[s->got_len] = '\0';
    return true;
}

/* Reads one line; keeps its first word. */
__attribute__((unused)) static bool serve_line(struct serve *s, int fd, bool tagged)
{
    char *end;
    while (!(end = memchr(s->got + s->line_at, '\n', s->got_len - s->line_at)))
        if (!serve_read(s, fd))
            return false;
    size_t n = strcspn(s->got + s->line_at, " \r\n");
    n = n < sizeof s->tag ? n : sizeof s->tag - 1;
    if (tagged) {
        memcpy(s->tag, s->got + s->line_at, n);
        s->tag[n] = '\0';
    }
    s->line_at = (size_t)(end - s->got) + 1;
    return true;
}

/* Sends, all at once or byte by byte. */
static bool serve_send(const struct serve *s, int fd, const char *p, size_t n)
{
    size_t step = s->bytewise ? 1 : n;
    for (; n; p += step, n -= step)
        if (send(fd, p, step, MSG_NOSIGNAL) < 0)
            return false;
    return true;
}

/* Plays one script. */
static void serve_play(struct serve *s, int fd, const char *p)
{
    while (*p) {
        if (*p != '{') {
            size_t n = strcspn(p, "{");
            if (!serve_send(s, fd, p, n))
                return;
            p += n;
            continue;
        }
        const char *end = strchr(p, '}');
        if (p[1] == '<' && p[2] == '.') {
            while (!strstr(s->got, "\r\n.\r\n"))
                if (!serve_read(s, fd))
                    return;
        } else if (p[1] == '<') {
            if (!serve_read(s, fd))
                return;
        } else if (p[1] == 'L' || p[1] == 'K') {
            if (!serve_line(s, fd, p[1] == 'L'))
                return;
        } else if (p[1] == 'T') {
            if (!serve_send(s, fd, s->tag, strlen(s->tag)))
                return;
        } else if (p[1] == 'B') {
            int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            s->bytewise = true;
        } else if (p[1] == 'X') {
            struct linger hard = {1, 0};
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
            return;
        } else if (p[1] == '#') {
            struct pollfd f = {fd, POLLIN | POLLRDHUP, 0};
            while (!s->stop && poll(&f, 1, 20) >= 0)
                if (f.revents & (POLLRDHUP | POLLHUP | POLLERR)) {
                    s->closed_by_peer = 1;
                    return;
                }
        } else if (p[1] == '{') {
            if (send(fd, "{", 1, MSG_NOSIGNAL) < 0)
                return;
        } else {
            usleep((useconds_t)strtol(p + 1, NULL, 10) * 1000);
        }
        p = end + 1;
    }
}

/* The server's thread. */
static void *serve_run(void *user)
{
    struct serve *s = user;
    for (size_t i = 0; s->scripts[i] && !s->stop; i++) {
        int fd = accept(s->listener, NULL, NULL);
        if (fd < 0)
            break;
        s->line_at = s->got_len;
        s->bytewise = false;
        serve_play(s, fd, s->scripts[i]);
        close(fd);
    }
    return NULL;
}

/* Starts it on a free port. */
__attribute__((unused)) static void serve_start(struct serve *s, const char *const *scripts)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    memset(s, 0, sizeof *s);
    s->scripts = scripts;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&a, len) || listen(s->listener, 8))
        abort();
    getsockname(s->listener, (struct sockaddr *)&a, &len);
    s->port = ntohs(a.sin_port);
    pthread_create(&s->thread, NULL, serve_run, s);
}

/* Stops it. */
__attribute__((unused)) static void serve_stop(struct serve *s)
{
    s->stop = 1;
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->listener);
}

#endif
