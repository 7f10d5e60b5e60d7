/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tool.c - limits of memory, time and files; Landlock that lets system folders be read and programs
 * in them be run; no sockets, no tracing. What the kernel does not know is left out: the limits hold
 * everywhere. */
#include "reader/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

enum { MEMORY = 768 << 20, SECONDS = 10, FILES = 64 };

/* Sets a limit for good. */
static bool limit(__rlimit_resource_t what, rlim_t value)
{
    struct rlimit r = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(what, &r) == 0;
}

/* Lets what lies below a folder (or a file) be read and run. */
static void allow_below(long rules, const char *path)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE |
                                                                LANDLOCK_ACCESS_FS_READ_DIR |
                                                                LANDLOCK_ACCESS_FS_EXECUTE};
    rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (rule.parent_fd < 0)
        return;
    if (syscall(SYS_landlock_add_rule, (int)rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
        rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE; /* a file */
        syscall(SYS_landlock_add_rule, (int)rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    close(rule.parent_fd);
}

/* Forbids every path but the system's own, and every way of writing. */
static void close_files(void)
{
    static const char *const readable[] = {"/usr", "/lib", "/lib64", "/bin", "/opt", "/nix",
                                           "/etc/ld.so.cache", "/etc/fonts", "/etc/alternatives",
                                           "/var/cache/fontconfig", "/etc/locale.alias"};
    struct landlock_ruleset_attr attr = {.handled_access_fs = 0x1fff};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return;
    if (version >= 2)
        attr.handled_access_fs |= 1 << 13;
    if (version >= 3)
        attr.handled_access_fs |= 1 << 14;
    long rules = syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
    if (rules < 0)
        return;
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++)
        allow_below(rules, readable[i]);
    syscall(SYS_landlock_restrict_self, (int)rules, 0);
    close((int)rules);
}

/* Forbids system calls that reach out. */
static bool close_calls(void)
{
    static const int calls[] = {SCMP_SYS(socket),      SCMP_SYS(connect),        SCMP_SYS(bind),
                                SCMP_SYS(ptrace),      SCMP_SYS(process_vm_readv),
                                SCMP_SYS(process_vm_writev), SCMP_SYS(kill),     SCMP_SYS(tkill),
                                SCMP_SYS(mount),       SCMP_SYS(unshare),        SCMP_SYS(setns),
                                SCMP_SYS(keyctl),      SCMP_SYS(io_uring_setup), SCMP_SYS(bpf),
                                SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd)};
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
    bool good = ctx != NULL;
    for (size_t i = 0; good && i < sizeof calls / sizeof calls[0]; i++)
        good = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), calls[i], 0) == 0;
    good = good && seccomp_load(ctx) == 0;
    if (ctx)
        seccomp_release(ctx);
    return good;
}

/* Makes stdin a file in memory. Where that cannot be, it stays what it is. */
static void keep_input(void)
{
    static char piece[64 << 10];
    int fd = memfd_create("input", MFD_CLOEXEC);
    ssize_t n;
    if (fd < 0)
        return;
    for (size_t all = 0; all < TOOL_INPUT_MAX && (n = read(STDIN_FILENO, piece, sizeof piece)) > 0;) {
        all += (size_t)n;
        if (!fd_write_all(fd, piece, (size_t)n))
            _exit(126);
    }
    lseek(fd, 0, SEEK_SET);
    dup2(fd, STDIN_FILENO);
    close(fd);
}

/* Becomes the program. */
int tool_become(char *const argv[])
{
    if (!argv[0])
        return 127;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    keep_input();
    bool good = limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, FILES) &&
                limit(RLIMIT_CPU, SECONDS);
    close_files();
    if (!good || !close_calls() || !limit(RLIMIT_AS, MEMORY)) /* the last: sanitizers want more */
        return 126;
    execvp(argv[0], argv);
    _exit(127); /* without a word: there is no memory for it in a sanitized build */
}
