/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_box - what a program inside the reader's box cannot do any more. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "reader/box.h"
#include "reader/charset.h"
#include "tap.h"

/* What is tried inside; each returns true when it was possible. */
static bool try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool try_connect(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 ||
           connect(0, (struct sockaddr *)&a, sizeof a) == 0;
}

static char *inside, *outside; /* a file made by this test, and one of the system */

static bool try_write(void)
{
    return open(inside, O_WRONLY) >= 0 || creat("made-inside-the-box", 0600) >= 0;
}

static bool try_read(void)
{
    return open(outside, O_RDONLY) >= 0 || open(inside, O_RDONLY) >= 0 || open(".", O_RDONLY) >= 0;
}

static bool try_change(void)
{
    return unlink(inside) == 0 || rename(inside, "renamed") == 0 || mkdir("made", 0700) == 0 ||
           chmod(inside, 0644) == 0 || symlink("a", "b") == 0;
}

static bool try_exec(void)
{
    char *argv[] = {"true", NULL};
    execv("/bin/true", argv);
    return errno != EPERM && errno != EACCES;
}

static bool try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool try_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED;
}

static bool try_others(void)
{
    return kill(getppid(), 0) == 0 || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool try_memory(void)
{
    volatile char *p = malloc(100u << 20);
    return p != NULL;
}

static bool try_charset(void)
{
    struct str out = STR_INIT;
    return charset_decode("iso-2022-kr", "abc", 3, &out) && charset_decode("viscii", "abc", 3, &out);
}

static bool try_small_memory(void)
{
    volatile char *p = malloc(20u << 20);
    return p != NULL;
}

static const struct attempt {
    const char *name;
    bool (*run)(void);
    bool possible; /* must it stay possible? */
} attempts[] = {{"opening a socket", try_socket, false},
                {"connecting", try_connect, false},
                {"writing a file", try_write, false},
                {"reading a file", try_read, false},
                {"changing the file system", try_change, false},
                {"running a program", try_exec, false},
                {"making a process", try_fork, false},
                {"executable memory", try_code, false},
                {"touching other processes", try_others, false},
                {"100 MiB of memory", try_memory, false},
                {"20 MiB of memory", try_small_memory, true},
                {"decoding any charset", try_charset, true}};
enum { ATTEMPTS = sizeof attempts / sizeof attempts[0] };

/* Closes the box, tries everything, writes one letter each. */
static void child(int fd)
{
    struct vec lines;
    char letters[ATTEMPTS];
    strv_init(&lines);
    charset_open_all();
    box_close(64u << 20, &lines);
    for (size_t i = 0; i < ATTEMPTS; i++)
        letters[i] = attempts[i].run() ? 'y' : 'n';
    _exit(write(fd, letters, ATTEMPTS) == ATTEMPTS ? 0 : 1);
}

/* Spins inside the box with a second of processor time. */
static void spinner(void)
{
    struct vec lines;
    strv_init(&lines);
    box_close(64u << 20, &lines);
    box_allow_cpu(0);
    for (volatile unsigned i = 0;; i++)
        ;
}

/* Runs all. */
int main(void)
{
#ifdef BUREAU_SANITIZED
    printf("1..0 # skipped: a build with sanitizers has no box\n");
    (void)child;
    (void)spinner;
    return 0;
#else
    char name[] = "test_box.XXXXXX", letters[ATTEMPTS] = "";
    int fds[2], status, file = mkstemp(name);
    inside = name;
    outside = "/etc/passwd";
    if (pipe(fds) != 0)
        return 1;
    pid_t pid = fork();
    if (pid == 0)
        child(fds[1]);
    close(fds[1]);
    bool told = read(fds[0], letters, ATTEMPTS) == ATTEMPTS;
    waitpid(pid, &status, 0);
    ok(told && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the box lets a program answer");
    for (size_t i = 0; i < ATTEMPTS; i++)
        ok(letters[i] == (attempts[i].possible ? 'y' : 'n'), "%s %s", attempts[i].name,
           attempts[i].possible ? "is possible" : "is denied");
    ok(access(name, F_OK) == 0, "the file is still there");
    pid = fork();
    if (pid == 0)
        spinner();
    waitpid(pid, &status, 0);
    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU, "processor time ends");
    close(file);
    unlink(name);
    return tap_end();
#endif
}
