/* SPDX-License-Identifier: GPL-3.0-or-later */
/* box.c - Landlock, seccomp and resource limits. */
#include "reader/box.h"

#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

/* The kernel's struct landlock_ruleset_attr as of version 6; older ones take a prefix. */
struct ruleset {
    uint64_t fs, net, scoped;
};

/* Forbids every path, and TCP, abstract sockets and signals where the version knows them. Returns
 * the version, 0 when the kernel has none. */
static long close_files(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* VERSION */);
    if (version < 1)
        return 0;
    struct ruleset r = {.fs = 0x1fff};
    size_t size = sizeof r.fs;
    if (version >= 2)
        r.fs |= 1 << 13;
    if (version >= 3)
        r.fs |= 1 << 14;
    if (version >= 4) {
        r.net = 3;
        size = 2 * sizeof r.fs;
    }
    if (version >= 5)
        r.fs |= 1 << 15;
    if (version >= 6) {
        r.scoped = 3;
        size = sizeof r;
    }
    long fd = syscall(SYS_landlock_create_ruleset, &r, size, 0);
    if (fd < 0)
        return 0;
    long rc = syscall(SYS_landlock_restrict_self, fd, 0);
    close((int)fd);
    return rc == 0 ? version : 0;
}

/* Allows the system calls that reading needs; everything else fails with EPERM. */
static bool close_calls(void)
{
    static const int calls[] = {
        SCMP_SYS(read),          SCMP_SYS(write),         SCMP_SYS(writev),
        SCMP_SYS(recvmsg),       SCMP_SYS(close),         SCMP_SYS(lseek),
        SCMP_SYS(fstat),         SCMP_SYS(newfstatat),    SCMP_SYS(munmap),
        SCMP_SYS(mremap),        SCMP_SYS(brk),           SCMP_SYS(madvise),
        SCMP_SYS(futex),         SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn),  SCMP_SYS(exit),          SCMP_SYS(exit_group),
        SCMP_SYS(getpid),        SCMP_SYS(gettid),        SCMP_SYS(tgkill),
        SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),  SCMP_SYS(time),
        SCMP_SYS(getrandom),     SCMP_SYS(prlimit64),     SCMP_SYS(setrlimit),
        SCMP_SYS(getrlimit),     SCMP_SYS(getrusage),     SCMP_SYS(fcntl),         SCMP_SYS(pread64),
        SCMP_SYS(sched_yield),   SCMP_SYS(restart_syscall),
    };
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool good = ctx != NULL;
    for (size_t i = 0; good && i < sizeof calls / sizeof calls[0]; i++)
        good = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 0) == 0;
    good = good &&
           seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
           seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
           seccomp_load(ctx) == 0;
    if (ctx)
        seccomp_release(ctx);
    return good;
}

/* Sets a limit for good. */
static bool limit(__rlimit_resource_t what, rlim_t value)
{
    struct rlimit r = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(what, &r) == 0;
}

/* Closes the box. */
void box_close(size_t data, struct vec *lines)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    limit(RLIMIT_CORE, 0);
#ifdef BUREAU_SANITIZED
    (void)data;
    (void)close_files;
    (void)close_calls;
    strv_push(lines, "sanitizers: no limits");
#else
    char *word;
    if (limit(RLIMIT_DATA, data)) {
        word = str_format("memory %zu MiB", data >> 20);
        strv_push_take(lines, word);
    }
    if (limit(RLIMIT_NOFILE, 16) && limit(RLIMIT_FSIZE, 0))
        strv_push(lines, "descriptors 16");
    long version = close_files();
    if (version) {
        word = str_format("landlock %ld", version);
        strv_push_take(lines, word);
    }
    if (close_calls())
        strv_push(lines, "seccomp");
#endif
}

/* Moves the limit of processor time ahead of what was used. */
void box_allow_cpu(unsigned seconds)
{
#ifdef BUREAU_SANITIZED
    (void)seconds;
#else
    static unsigned last;
    static time_t since;
    struct timespec now_mono;
    struct rusage used;
    struct rlimit r;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now_mono); /* asks no kernel */
    if (seconds == last && now_mono.tv_sec == since)
        return;
    last = seconds;
    since = now_mono.tv_sec;
    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &r) != 0)
        return;
    rlim_t now = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 2;
    if (now + seconds <= r.rlim_max)
        r.rlim_cur = now + seconds;
    setrlimit(RLIMIT_CPU, &r);
#endif
}
