/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.c - other programs, by posix_spawn with an argv; never a shell.
 *
 * A pidfd tells the end, so no signal handler is needed. on_exit waits for the process, not for
 * its pipes: what lies in them is read, but a grandchild that keeps them open is not waited for. */
#include "io/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/vec.h"
#include "io/loop.h"
#include "io/transfer.h"

extern char **environ;

struct spawned {
    pid_t pid;
    int in, out, err, pidfd; /* -1: closed; in is ours to write */
};

struct child {
    struct loop *loop; /* borrow */
    struct loop_guest guest;
    struct spawned p;
    struct loop_watch *in_watch, *out_watch, *err_watch, *end_watch;
    struct child_events events;
    void *user;
    char *input; /* own */
    size_t input_len, input_at;
};

/* May this variable be seen by other programs? Keys and tokens may not. */
static bool env_passes(const char *entry)
{
    static const char *const names[] = {
        "PATH=", "HOME=", "USER=", "LOGNAME=", "SHELL=", "LANG=", "LANGUAGE=", "LC_", "TERM=",
        "COLORTERM=", "NO_COLOR=", "TZ=", "TMPDIR=", "DISPLAY=", "WAYLAND_DISPLAY=", "XDG_",
        "DBUS_SESSION_BUS_ADDRESS=", "SSH_AUTH_SOCK=", "GPG_TTY=", "GNUPGHOME=",
        "PASSWORD_STORE_DIR=", "TMUX=", "VISUAL=", "EDITOR=", "BUREAU_"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_starts(entry, names[i]))
            return true;
    return false;
}

/* The clean environment; free the array only. */
char **child_environment(void)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    char **env = mem_array(n + 1, sizeof *env);
    for (size_t i = 0; i < n; i++)
        if (env_passes(environ[i]))
            env[kept++] = environ[i];
    return env;
}

/* Closes a descriptor once. */
static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Closes all of ours. */
static void close_all(struct spawned *p)
{
    close_fd(&p->in);
    close_fd(&p->out);
    close_fd(&p->err);
    close_fd(&p->pidfd);
}

/* Starts the program with pipes; 0 or an errno. */
static int spawn(char *const argv[], bool own_group, struct spawned *p)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, why = 0;
    *p = (struct spawned){.in = -1, .out = -1, .err = -1, .pidfd = -1};
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
        why = errno;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                            (own_group ? POSIX_SPAWN_SETPGROUP : 0)));
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    if (!why) {
        char **env = child_environment();
        why = posix_spawnp(&p->pid, argv[0], &actions, &attr, argv, env);
        free(env);
    }
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&err[1]);
    p->in = in[1];
    p->out = out[0];
    p->err = err[0];
    if (!why) {
        p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
        if (p->pidfd < 0) {
            why = errno;
            kill(p->pid, SIGKILL);
            waitpid(p->pid, NULL, 0);
        } else {
            fcntl(p->pidfd, F_SETFD, FD_CLOEXEC);
            fcntl(p->in, F_SETFL, O_NONBLOCK);
            fcntl(p->out, F_SETFL, O_NONBLOCK);
            fcntl(p->err, F_SETFL, O_NONBLOCK);
        }
    }
    if (why)
        close_all(p);
    return why;
}

/* Writes without dying of a reader that has gone: SIGPIPE is held back for this call. */
static ssize_t write_quietly(int fd, const char *bytes, size_t n)
{
    sigset_t pipe_only, old, waiting;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&waiting);
    bool was_waiting = sigismember(&waiting, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
    ssize_t done = write(fd, bytes, n);
    int why = errno;
    if (done < 0 && why == EPIPE && !was_waiting) {
        const struct timespec zero = {0, 0};
        while (sigtimedwait(&pipe_only, NULL, &zero) < 0 && errno == EINTR)
            ;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = why;
    return done;
}

/* Reaps it: its exit code, 128 + signal when it was killed. */
static int reap(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* ---- beside the loop ---- */

/* Ends a watch and closes its descriptor. */
static void drop(struct child *c, struct loop_watch **w, int *fd)
{
    loop_remove(c->loop, *w);
    *w = NULL;
    close_fd(fd);
}

/* Releases everything. */
static void child_free(struct child *c)
{
    loop_guest_remove(c->loop, &c->guest);
    drop(c, &c->in_watch, &c->p.in);
    drop(c, &c->out_watch, &c->p.out);
    drop(c, &c->err_watch, &c->p.err);
    drop(c, &c->end_watch, &c->p.pidfd);
    if (c->input)
        explicit_bzero(c->input, c->input_len);
    free(c->input);
    free(c);
}

/* The loop goes first: the child goes on alone. */
static void on_loop_free(struct loop_guest *g)
{
    child_free((struct child *)(void *)((char *)g - offsetof(struct child, guest)));
}

/* Reads what is there and tells it; false at the end of the pipe. */
static bool read_some(struct child *c, int fd, int which)
{
    char buf[16384];
    for (;;) {
        ssize_t n = read(fd, buf, sizeof buf);
        if (n > 0) {
            if (c->events.on_output)
                c->events.on_output(c->user, which, buf, (size_t)n);
        } else if (n == 0) {
            return false;
        } else if (errno != EINTR) {
            return errno == EAGAIN;
        }
        if (n > 0 && n < (ssize_t)sizeof buf)
            return true;
    }
}

/* Its stdout has something. */
static void on_out(void *user, int events)
{
    struct child *c = user;
    (void)events;
    if (!read_some(c, c->p.out, 1))
        drop(c, &c->out_watch, &c->p.out);
}

/* Its stderr has something. */
static void on_err(void *user, int events)
{
    struct child *c = user;
    (void)events;
    if (!read_some(c, c->p.err, 2))
        drop(c, &c->err_watch, &c->p.err);
}

/* Its stdin takes something. */
static void on_in(void *user, int events)
{
    struct child *c = user;
    (void)events;
    while (c->input_at < c->input_len) {
        ssize_t n = write_quietly(c->p.in, c->input + c->input_at, c->input_len - c->input_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            break;
        c->input_at += (size_t)n;
    }
    drop(c, &c->in_watch, &c->p.in);
}

/* It has ended. */
static void on_end(void *user, int events)
{
    struct child *c = user;
    (void)events;
    int code = reap(c->p.pid);
    if (c->p.out >= 0)
        read_some(c, c->p.out, 1);
    if (c->p.err >= 0)
        read_some(c, c->p.err, 2);
    c->events.on_exit(c->user, code);
    child_free(c);
}

/* Says why a program does not start. */
static enum status no_start(struct error *err, const char *program, int why)
{
    error_set_errno(err, why, _("The program %s cannot be started"), program);
    if (why == ENOENT)
        error_hint(err, _("is it installed and in PATH?"));
    return err->status;
}

/* Starts a program beside the loop. */
struct child *child_start(struct loop *l, char *const argv[], const char *input, size_t n,
                          const struct child_events *ev, void *user, struct error *err)
{
    struct spawned p;
    int why = spawn(argv, true, &p);
    if (why) {
        no_start(err, argv[0], why);
        return NULL;
    }
    struct child *c = mem_alloc(sizeof *c);
    c->loop = l;
    c->p = p;
    c->events = *ev;
    c->user = user;
    c->guest.on_free = on_loop_free;
    loop_guest_add(l, &c->guest);
    if (n && input) {
        c->input = mem_dup(input, n);
        c->input_len = n;
        c->in_watch = loop_fd(l, p.in, LOOP_WRITE, on_in, c);
    } else {
        close_fd(&c->p.in);
    }
    c->out_watch = loop_fd(l, p.out, LOOP_READ, on_out, c);
    c->err_watch = loop_fd(l, p.err, LOOP_READ, on_err, c);
    c->end_watch = loop_fd(l, p.pidfd, LOOP_READ, on_end, c);
    return c;
}

/* Signals it and what it has started. */
void child_kill(struct child *c, int signal)
{
    if (kill(-c->p.pid, signal) != 0)
        kill(c->p.pid, signal);
}

/* ---- waiting for it ---- */

/* Appends what a pipe holds, up to max; closes it at its end. */
static void take(int *fd, size_t max, struct str *out)
{
    char buf[4096];
    ssize_t n = read(*fd, buf, sizeof buf);
    if (n > 0)
        str_add(out, buf, out->len + (size_t)n <= max ? (size_t)n : max - out->len);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        close_fd(fd);
}

/* Runs a program to its end. */
enum status child_capture(char *const argv[], size_t max, int64_t timeout_ms, struct str *out,
                          struct error *err)
{
    struct spawned p;
    struct str words = STR_INIT;
    int why = spawn(argv, false, &p), code = -1;
    int64_t end = clock_mono_ms() + timeout_ms;
    if (why)
        return no_start(err, argv[0], why);
    close_fd(&p.in);
    while (code < 0 || p.out >= 0 || p.err >= 0) {
        int64_t left = end - clock_mono_ms();
        struct pollfd fds[3] = {{p.out, POLLIN, 0}, {p.err, POLLIN, 0}, {code < 0 ? p.pidfd : -1, POLLIN, 0}};
        if (left <= 0)
            break;
        /* once it has ended, only what is in the pipes already is waited for */
        int ready = poll(fds, 3, code >= 0 ? 0 : (int)left);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready <= 0) {
            if (code >= 0)
                break;
            continue;
        }
        if (fds[0].revents)
            take(&p.out, max, out);
        if (fds[1].revents)
            take(&p.err, 400, &words);
        if (fds[2].revents)
            code = reap(p.pid);
    }
    enum status st = STATUS_OK;
    if (code < 0) {
        kill(p.pid, SIGKILL);
        reap(p.pid);
        st = error_set(err, STATUS_LIMIT, _("%s did not end within %lld seconds"), argv[0],
                       (long long)(timeout_ms / 1000));
    } else if (code != 0) {
        char *said = str_take(&words);
        str_trim(said);
        st = said[0] ? error_set(err, STATUS_FAILED, _("%s ended with code %d: %s"), argv[0], code, said)
                     : error_set(err, STATUS_FAILED, _("%s ended with code %d"), argv[0], code);
        free(said);
    }
    close_all(&p);
    str_fini(&words);
    return st;
}
