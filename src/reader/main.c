/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - bureau-reader: takes foreign bytes through a socket, answers with plain records.
 *
 * Started by bureau only. Descriptor 0 is a SOCK_SEQPACKET socket of requests, 1 the stream of
 * answers; see base/wire.h. Ends when the socket is closed. "--compose" makes messages instead of
 * reading them and may use more memory: it never sees a byte that came from outside. "--tool
 * PROGRAM ARG…" puts another program into a box (tool.h). */
#include <fcntl.h>
#include <libxml/parser.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/record.h"
#include "base/str.h"
#include "base/wire.h"
#include "reader/autoconfig.h"
#include "reader/box.h"
#include "reader/calendar.h"
#include "reader/charset.h"
#include "reader/compose.h"
#include "reader/mime.h"
#include "reader/tool.h"
#include "reader/transcript.h"

enum {
    DATA_READ = 64 << 20,
    DATA_COMPOSE = 256 << 20,
    PIECE = 64 << 10,
    SMALL = 64 << 10, /* a mail that is copied rather than mapped */
    PAGE = 64 << 10,  /* what a mapping may begin at, on any machine */
    KEEP = 1 << 20 /* an answer buffer larger than this is given back */
};

struct request {
    uint16_t type;
    int number;
    enum wire_form form;
    size_t at, size; /* of its bytes in `memory` */
};

/* What came with the last request that brought any: bytes of one request or of several. */
static struct memory {
    int fd;      /* -1: none that can be trusted */
    size_t size;
} memory = {.fd = -1};

static struct str answer;

/* Sends what stands in the answer; a peer that is gone ends the program. */
static void send_answer(void)
{
    if (!fd_write_all(STDOUT_FILENO, str_text(&answer), answer.len))
        exit(0);
    if (answer.cap > KEEP)
        str_fini(&answer);
    else
        str_clear(&answer);
}

/* Answers the end of a request that gave data. */
static void send_done(int status, const char *detail)
{
    struct record_writer w;
    record_begin(&w, &answer, WIRE_DONE);
    record_add_int(&w, WIRE_STATUS, status);
    record_add_text(&w, WIRE_DETAIL, detail);
    record_end(&w);
    send_answer();
}

/* Sends bytes in pieces. */
static void send_data(void *user, const char *bytes, size_t n)
{
    (void)user;
    while (n) {
        size_t piece = n < PIECE ? n : PIECE;
        struct record_writer w;
        record_begin(&w, &answer, WIRE_DATA);
        record_add(&w, WIRE_BYTES, bytes, piece);
        record_end(&w);
        send_answer();
        bytes += piece;
        n -= piece;
    }
}

/* Tells that the box is closed and what it is made of. */
static void send_hello(const struct vec *lines)
{
    struct record_writer w;
    record_begin(&w, &answer, WIRE_HELLO);
    for (size_t i = 0; i < lines->len; i++)
        record_add_text(&w, WIRE_BOX, strv_at(lines, i));
    record_end(&w);
    send_answer();
}

/* Takes another memory, which nobody may be able to change any more. */
static void take_memory(int fd)
{
    enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };
    struct stat st;
    if (memory.fd >= 0)
        close(memory.fd);
    bool good = fstat(fd, &st) == 0 && (fcntl(fd, F_GET_SEALS) & SEALS) == SEALS && st.st_size <= UINT32_MAX;
    if (!good)
        close(fd);
    memory = (struct memory){.fd = good ? fd : -1, .size = good ? (size_t)st.st_size : 0};
}

/* Waits for the next request; false at the end. */
static bool next_request(struct request *r)
{
    static char buf[4096];
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec io = {.iov_base = buf, .iov_len = sizeof buf};
    struct msghdr msg = {.msg_iov = &io,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    ssize_t n = recvmsg(STDIN_FILENO, &msg, MSG_CMSG_CLOEXEC);
    if (n <= 0)
        return false;
    *r = (struct request){.type = 0};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
        int fd;
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
        take_memory(fd);
    }
    struct record_view body;
    struct record_field f;
    if (record_peek(buf, (size_t)n, &r->type, &body) != n)
        return false;
    while (record_next(&body, &f)) {
        if (f.tag == WIRE_NUMBER)
            r->number = (int)record_int(&f);
        else if (f.tag == WIRE_FORM)
            r->form = (enum wire_form)record_int(&f);
        else if (f.tag == WIRE_AT)
            r->at = (size_t)record_int(&f);
        else if (f.tag == WIRE_SIZE)
            r->size = (size_t)record_int(&f);
    }
    return true;
}

/* Does one request over its mapped bytes. */
static void serve(const struct request *r, const char *bytes, size_t n)
{
    static const int part_status[] = {[MIME_NO_PART] = 1, [MIME_WHOLE] = 0, [MIME_CUT] = 4};
    struct str out = STR_INIT, why = STR_INIT;
    switch (r->type) {
    case WIRE_PARSE:
        mime_parse(bytes, n, &answer);
        send_answer();
        break;
    case WIRE_PART:
        send_done(part_status[mime_part(bytes, n, r->number, r->form, send_data, NULL)], NULL);
        break;
    case WIRE_CALENDAR:
        calendar_read(bytes, n, &answer);
        send_answer();
        break;
    case WIRE_TRANSCRIPT:
        transcript_read(bytes, n, &answer);
        send_answer();
        break;
    case WIRE_AUTOCONFIG:
        autoconfig_read(bytes, n, &answer);
        send_answer();
        break;
    case WIRE_COMPOSE: {
        enum compose_result result = compose_write(bytes, n, &out, &why);
        if (result == COMPOSE_GOOD)
            send_data(NULL, str_text(&out), out.len);
        send_done(result == COMPOSE_GOOD ? 0 : result == COMPOSE_REFUSED ? 2 : 3, str_text(&why));
        break;
    }
    default:
        send_done(3, "unknown request");
    }
    str_fini(&out);
    str_fini(&why);
}

/* Makes the request's bytes readable and does the request. */
static void handle(const struct request *r)
{
    if (memory.fd < 0 || r->at > memory.size || r->size > memory.size - r->at) {
        send_done(3, "no sealed memory");
        return;
    }
    size_t n = r->size, before = r->at & (PAGE - 1);
    box_allow_cpu(10 + (unsigned)(n / (10u << 20)));
    if (n <= SMALL) { /* one call, and no page to be mapped and thrown away */
        static char small[SMALL];
        if (pread(memory.fd, small, n, (off_t)r->at) == (ssize_t)n)
            serve(r, small, n);
        else
            send_done(3, "read");
        return;
    }
    char *map = mmap(NULL, n + before, PROT_READ, MAP_PRIVATE, memory.fd, (off_t)(r->at - before));
    if (map == MAP_FAILED) {
        send_done(3, "mmap");
        return;
    }
    serve(r, map + before, n);
    munmap(map, n + before);
}

/* Out of memory: the item is lost, not the office. */
static void on_exhausted(void)
{
    _exit(1);
}

/* Opens what will be needed, closes the box, then serves until the socket ends. */
int main(int argc, char **argv)
{
    bool compose = argc > 1 && strcmp(argv[1], "--compose") == 0;
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct vec lines;
    struct request r;
    if (argc > 2 && strcmp(argv[1], "--tool") == 0)
        return tool_become(argv + 2);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    mem_on_exhausted(on_exhausted);
    charset_open_all();
    mime_start();
    calendar_start();
    xmlInitParser();
    strv_init(&lines);
    box_close(compose ? DATA_COMPOSE : DATA_READ, &lines);
    send_hello(&lines);
    vec_fini(&lines);
    while (next_request(&r))
        handle(&r);
    return 0;
}
