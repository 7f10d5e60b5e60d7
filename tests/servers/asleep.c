/* SPDX-License-Identifier: GPL-3.0-or-later */
/* asleep.c - preloaded into a program under test: the machine has slept an hour for each byte of the file $ASLEEP, as the kernel
 * shows it: the wall clock has gone on without the steady one, and timers that end when it jumps have ended (here they end ten
 * times a second, jump or not). */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* The clocks. */
int clock_gettime(clockid_t id, struct timespec *ts)
{
    const char *path = getenv("ASLEEP");
    struct stat file;
    int result = (int)syscall(SYS_clock_gettime, id, ts);
    if (id == CLOCK_REALTIME && path && stat(path, &file) == 0)
        ts->tv_sec += 3600 * file.st_size;
    return result;
}

/* Sets a timer. */
int timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *before)
{
    struct itimerspec soon = {.it_value.tv_nsec = 100000000};
    if (flags & TFD_TIMER_CANCEL_ON_SET)
        return (int)syscall(SYS_timerfd_settime, fd, 0, &soon, before);
    return (int)syscall(SYS_timerfd_settime, fd, flags, at, before);
}
