/* serve.h - a server of one thread for tests: it accepts on a loopback port and plays a script.
 *
 * A script is text: what it holds is sent, "{N}" waits N milliseconds, "{<}" reads until something
 * came and keeps it, "{<.}" reads until a lone dot, "{|}" starts a new write, "{X}" resets the
 * connection, "{#}" holds it open until the test stops. It is closed at the end. */
#ifndef TESTS_SERVE_H
#define TESTS_SERVE_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
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
    size_t got_len;
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

/* Plays one script. */
static void serve_play(struct serve *s, int fd, const char *p)
{
    while (*p) {
        if (*p != '{') {
            size_t n = strcspn(p, "{");
            if (send(fd, p, n, MSG_NOSIGNAL) < 0)
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
