/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process.c - starting and talking to one bureau-reader. */
#include "mail/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "io/loop.h"

struct mail_process {
    struct loop *loop; /* borrow */
    struct loop_watch *watch;
    pid_t pid;
    int requests, answers;
    struct str in;
    struct mail_process_events events;
    void *user;
    bool ready, ended;
    bool busy, doomed; /* inside its own callbacks; to be released after them */
};

/* Looks for the program. */
char *mail_process_program(void)
{
    const char *named = getenv("BUREAU_READER");
    if (named && *named)
        return mem_strdup(named);
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash) {
            char *beside = str_format("%.*s/bureau-reader", (int)(slash - self), self);
            if (access(beside, X_OK) == 0)
                return beside;
            free(beside);
        }
    }
    return mem_strdup(LIBEXECDIR "/bureau-reader");
}

/* Makes sealed memory of bytes. */
int mail_process_memfd(const void *bytes, size_t n, struct error *err)
{
    int fd = memfd_create("bureau", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) {
        error_set_errno(err, errno, _("memory for the reader"));
        return -1;
    }
    if (!fd_write_all(fd, bytes, n) ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        error_set_errno(err, errno, _("memory for the reader"));
        close(fd);
        return -1;
    }
    return fd;
}

/* The environment of a reader: nothing of ours but what sanitizers are told. */
static char **make_environment(void)
{
    static const char *const kept[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS",
                                       "LLVM_PROFILE_FILE"};
    char **env = mem_array(4 + sizeof kept / sizeof kept[0], sizeof *env);
    size_t n = 0;
    env[n++] = mem_strdup("LC_ALL=C.UTF-8");
    env[n++] = mem_strdup("PATH=/usr/bin:/bin");
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (getenv(kept[i]))
            env[n++] = str_format("%s=%s", kept[i], getenv(kept[i]));
    return env;
}

/* Starts the program with its two descriptors; 0 or an errno. */
static int spawn(const char *program, bool compose, int requests, int answers, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    char *argv[] = {(char *)(uintptr_t)program, compose ? (char[]){"--compose"} : NULL, NULL};
    char **env = make_environment();
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, requests, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, answers, STDOUT_FILENO);
    if (!getenv("BUREAU_READER_STDERR"))
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawn(pid, program, &actions, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; env[i]; i++)
        free(env[i]);
    free(env);
    return rc;
}

/* Tells the end once. */
static void tell_end(struct mail_process *p, bool nonsense)
{
    if (p->ended)
        return;
    p->ended = true;
    loop_remove(p->loop, p->watch);
    p->watch = NULL;
    if (nonsense)
        kill(p->pid, SIGKILL);
    p->events.on_end(p->user, p, nonsense);
}

/* Hands over the whole records that stand in the buffer; false when one is none. */
static bool hand_over(struct mail_process *p)
{
    size_t at = 0;
    long n = 0;
    while (!p->doomed && !p->ended) {
        uint16_t type;
        struct record_view body;
        n = record_peek(str_text(&p->in) + at, p->in.len - at, &type, &body);
        if (n <= 0)
            break;
        at += (size_t)n;
        if (type == WIRE_HELLO)
            p->ready = true;
        else
            p->events.on_record(p->user, p, type, body);
    }
    if (!p->doomed)
        str_splice(&p->in, 0, at, NULL, 0);
    return n >= 0;
}

/* Reads what is there; returns false at the end. */
static bool read_some(struct mail_process *p)
{
    enum { PIECE = 256 << 10 };
    for (;;) {
        str_reserve(&p->in, PIECE);
        ssize_t n = read(p->answers, p->in.data + p->in.len, PIECE);
        if (n > 0) {
            p->in.len += (size_t)n;
            p->in.data[p->in.len] = '\0';
            if (n < PIECE)
                return true;
            if (!hand_over(p))
                return false;
            if (p->doomed || p->ended)
                return true;
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        return n < 0 && errno == EAGAIN;
    }
}

/* Takes in what the process said. */
static void take_in(struct mail_process *p)
{
    bool outer = p->busy;
    p->busy = true;
    bool alive = read_some(p);
    bool sense = p->doomed || p->ended || hand_over(p);
    if (!p->doomed && !p->ended && (!alive || !sense))
        tell_end(p, !sense);
    p->busy = outer;
}

/* Releases a stopped process. */
static void release(struct mail_process *p)
{
    str_fini(&p->in);
    free(p);
}

/* The answers' descriptor is ready. */
static void on_ready(void *user, int events)
{
    struct mail_process *p = user;
    (void)events;
    take_in(p);
    if (p->doomed && !p->busy)
        release(p);
}

/* Takes in now; for the judge of time limits. */
bool mail_process_drain(struct mail_process *p)
{
    p->busy = true;
    take_in(p);
    p->busy = false;
    bool lives = !p->doomed && !p->ended;
    if (p->doomed)
        release(p);
    return lives;
}

/* Starts a process. */
struct mail_process *mail_process_start(struct loop *l, const char *program, bool compose,
                                        const struct mail_process_events *events, void *user,
                                        struct error *err)
{
    int requests[2] = {-1, -1}, answers[2] = {-1, -1};
    pid_t pid;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, requests) != 0 ||
        pipe2(answers, O_CLOEXEC) != 0) {
        error_set_errno(err, errno, "%s", program);
        goto failed;
    }
    int rc = spawn(program, compose, requests[1], answers[1], &pid);
    if (rc) {
        error_set_errno(err, rc, _("cannot start %s"), program);
        goto failed;
    }
    close(requests[1]);
    close(answers[1]);
    fcntl(answers[0], F_SETPIPE_SZ, 1 << 20);
    fcntl(answers[0], F_SETFL, O_NONBLOCK);
    struct mail_process *p = mem_alloc(sizeof *p);
    *p = (struct mail_process){.loop = l,
                               .pid = pid,
                               .requests = requests[0],
                               .answers = answers[0],
                               .events = *events,
                               .user = user};
    p->watch = loop_fd(l, p->answers, LOOP_READ, on_ready, p);
    return p;
failed:
    for (int i = 0; i < 2; i++) {
        if (requests[i] >= 0)
            close(requests[i]);
        if (answers[i] >= 0)
            close(answers[i]);
    }
    return NULL;
}

/* Kills and releases. */
void mail_process_stop(struct mail_process *p)
{
    if (!p || p->doomed)
        return;
    loop_remove(p->loop, p->watch);
    p->watch = NULL;
    close(p->requests);
    close(p->answers);
    kill(p->pid, SIGKILL);
    while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    p->doomed = true;
    if (!p->busy)
        release(p);
}

/* Has it said hello? */
bool mail_process_ready(const struct mail_process *p)
{
    return p->ready;
}

/* Sends one request, with its memory when that is another than the last one's. */
bool mail_process_send(struct mail_process *p, const struct mail_request *r, bool *full)
{
    struct str record = STR_INIT;
    struct record_writer w;
    record_begin(&w, &record, (uint16_t)r->type);
    record_add_int(&w, WIRE_NUMBER, r->number);
    record_add_int(&w, WIRE_FORM, r->form);
    record_add_int(&w, WIRE_AT, (int64_t)r->at);
    record_add_int(&w, WIRE_SIZE, (int64_t)r->size);
    record_end(&w);
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.space = {0}};
    struct iovec io = {.iov_base = record.data, .iov_len = record.len};
    struct msghdr msg = {.msg_iov = &io, .msg_iovlen = 1};
    if (r->memfd >= 0) {
        msg.msg_control = &control;
        msg.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &r->memfd, sizeof(int));
    }
    ssize_t n;
    do
        n = sendmsg(p->requests, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    *full = n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS);
    str_fini(&record);
    return n > 0;
}

/* Reads the first record of a process that was started for it, waiting. */
static bool read_hello(int fd, struct str *out)
{
    struct str in = STR_INIT;
    uint16_t type = 0;
    struct record_view body;
    struct record_field f;
    int64_t until = clock_mono_ms() + 5000;
    bool good = false;
    for (;;) {
        long n = record_peek(str_text(&in), in.len, &type, &body);
        int64_t left = until - clock_mono_ms();
        if (n != 0 || left <= 0) {
            good = n > 0 && type == WIRE_HELLO;
            break;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        char buf[4096];
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        ssize_t got = read(fd, buf, sizeof buf);
        if (got <= 0)
            break;
        str_add(&in, buf, (size_t)got);
    }
    while (good && record_next(&body, &f)) {
        if (f.tag != WIRE_BOX)
            continue;
        if (out->len)
            str_puts(out, ", ");
        str_add(out, f.bytes, f.len);
    }
    str_fini(&in);
    return good;
}

/* Starts a reader only to hear what its box is made of. */
enum status mail_process_probe(const char *program, struct str *out, struct error *err)
{
    int requests[2] = {-1, -1}, answers[2] = {-1, -1};
    pid_t pid = -1;
    int rc = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, requests) != 0 ||
                     pipe2(answers, O_CLOEXEC) != 0
                 ? errno
                 : spawn(program, false, requests[1], answers[1], &pid);
    if (requests[1] >= 0)
        close(requests[1]);
    if (answers[1] >= 0)
        close(answers[1]);
    if (rc)
        error_set_errno(err, rc, _("cannot start %s"), program);
    else if (!read_hello(answers[0], out))
        error_set(err, STATUS_FAILED, _("%s does not start"), program);
    if (requests[0] >= 0)
        close(requests[0]);
    if (answers[0] >= 0)
        close(answers[0]);
    if (pid > 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    return err->status;
}
