/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evil_reader - stands in the place of bureau-reader: reads good mail well, and does what a mail
 * with a line "X-Evil: …" tells it. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/record.h"
#include "base/wire.h"
#include "reader/charset.h"
#include "reader/mime.h"

/* Is this the evil asked for? */
static bool asks(const char *bytes, size_t n, const char *evil)
{
    char line[64];
    snprintf(line, sizeof line, "X-Evil: %s\n", evil);
    return memmem(bytes, n, line, strlen(line)) != NULL;
}

/* Sends an answer. */
static void say(const struct str *s)
{
    if (!fd_write_all(STDOUT_FILENO, str_text(s), s->len))
        exit(0);
}

/* Does what the mail says; true when it was something evil. */
static bool misbehave(const char *bytes, size_t n, struct str *answer)
{
    struct record_writer w;
    if (asks(bytes, n, "crash"))
        kill(getpid(), SIGSEGV);
    if (asks(bytes, n, "exit"))
        exit(3);
    if (asks(bytes, n, "hang"))
        for (;;)
            pause();
    if (asks(bytes, n, "nonsense"))
        str_puts(answer, "\xff\xff\xff\xffthis is no record at all, not even nearly");
    else if (asks(bytes, n, "type")) {
        record_begin(&w, answer, WIRE_CUES);
        record_end(&w);
    } else if (asks(bytes, n, "fields")) {
        record_begin(&w, answer, WIRE_MESSAGE);
        str_puts(answer, "\x01\x02\x03");
        record_end(&w);
    } else if (asks(bytes, n, "half")) {
        mime_parse(bytes, n, answer);
        str_truncate(answer, answer->len / 2);
        say(answer);
        exit(0);
    } else if (asks(bytes, n, "twice")) {
        mime_parse(bytes, n, answer);
        mime_parse("From: x\n\nx", 10, answer);
        mime_parse("From: x\n\nx", 10, answer);
        for (int i = 0; i < 40; i++)
            mime_parse("From: x\n\nx", 10, answer);
    } else {
        return false;
    }
    say(answer);
    return true;
}

/* Serves as the real one does. */
int main(void)
{
    struct str answer = STR_INIT;
    struct record_writer w;
    char buf[4096];
    int fd = -1;
    charset_open_all();
    mime_start();
    record_begin(&w, &answer, WIRE_HELLO);
    record_end(&w);
    say(&answer);
    for (;;) {
        union {
            struct cmsghdr head;
            char space[CMSG_SPACE(sizeof(int))];
        } control;
        struct iovec io = {.iov_base = buf, .iov_len = sizeof buf};
        struct msghdr msg = {.msg_iov = &io,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};
        struct record_view body;
        struct record_field f;
        size_t at = 0, size = 0;
        uint16_t type;
        ssize_t got = recvmsg(STDIN_FILENO, &msg, 0);
        if (got <= 0)
            return 0;
        if (CMSG_FIRSTHDR(&msg)) {
            close(fd);
            memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof fd);
        }
        record_peek(buf, (size_t)got, &type, &body);
        while (record_next(&body, &f)) {
            at = f.tag == WIRE_AT ? (size_t)record_int(&f) : at;
            size = f.tag == WIRE_SIZE ? (size_t)record_int(&f) : size;
        }
        char *bytes = malloc(size + 1);
        if (!bytes || pread(fd, bytes, size, (off_t)at) != (ssize_t)size)
            return 1;
        str_clear(&answer);
        if (!misbehave(bytes, size, &answer)) {
            mime_parse(bytes, size, &answer);
            say(&answer);
        }
        free(bytes);
    }
}
