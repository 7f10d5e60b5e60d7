/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frame.c - what ncurses writes, whole frames at a time
 *
 * ncurses empties its buffer at every movement of the cursor: a screen that is drawn anew is more than a
 * hundred writes, each of them a packet on its way through SSH and a picture half drawn. Its descriptor
 * is not the terminal's own; for the length of a frame it leads to memory instead. */
#include "tui/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
    FILE *out;
    int memory; /* -1: there is none, frames go piece by piece */
} frame = {.memory = -1};

/* Opens what ncurses writes to. */
FILE *frame_open(void)
{
    int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

    frame.out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!frame.out) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    frame.memory = memfd_create("frame", MFD_CLOEXEC);
    return frame.out;
}

/* Closes it. */
void frame_close(void)
{
    if (frame.out)
        fclose(frame.out);
    if (frame.memory >= 0)
        close(frame.memory);
    frame.out = NULL;
    frame.memory = -1;
}

/* Begins a frame. */
bool frame_begin(void)
{
    return frame.memory >= 0 && lseek(frame.memory, 0, SEEK_SET) == 0 &&
           dup3(frame.memory, fileno(frame.out), O_CLOEXEC) >= 0;
}

/* Writes bytes to the terminal, however slowly it takes them. */
static void send(const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(STDOUT_FILENO, p, n);
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        } else if (done < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
            poll(&ready, 1, 1000);
        } else if (done == 0 || errno != EINTR) {
            return; /* the terminal is gone: the loop hears of that, too */
        }
    }
}

/* Ends a frame. */
void frame_end(void)
{
    char piece[16384];
    off_t at = 0, end = lseek(frame.memory, 0, SEEK_CUR);

    while (dup3(STDOUT_FILENO, fileno(frame.out), O_CLOEXEC) < 0 && errno == EINTR)
        ;
    while (at < end) {
        size_t want = end - at < (off_t)sizeof piece ? (size_t)(end - at) : sizeof piece;
        ssize_t n = pread(frame.memory, piece, want, at);
        if (n <= 0)
            return;
        send(piece, (size_t)n);
        at += n;
    }
}
