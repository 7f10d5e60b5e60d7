/* SPDX-License-Identifier: GPL-3.0-or-later */
/* log.c - the program's diary. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"

#define LOG_MAX (4 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static bool debug;

/* Opens the file, after moving one that has grown too large out of the way. */
void log_open(const char *path)
{
    struct stat st;
    pthread_mutex_lock(&lock);
    if (log_fd >= 0)
        close(log_fd);
    if (stat(path, &st) == 0 && st.st_size > LOG_MAX) {
        char *old = str_format("%s.1", path);
        (void)!rename(path, old);
        free(old);
    }
    log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    pthread_mutex_unlock(&lock);
}

/* Closes the file; later lines are dropped. */
void log_close(void)
{
    pthread_mutex_lock(&lock);
    if (log_fd >= 0)
        close(log_fd);
    log_fd = -1;
    pthread_mutex_unlock(&lock);
}

/* Switches the debug lines on. */
void log_set_debug(bool on)
{
    pthread_mutex_lock(&lock);
    debug = on;
    pthread_mutex_unlock(&lock);
}

/* Writes one line: UTC time, process, kind, text without control characters. */
static void put(const char *kind, bool only_debug, const char *format, va_list ap)
{
    pthread_mutex_lock(&lock);
    if (log_fd >= 0 && (debug || !only_debug)) {
        int saved = errno;
        struct str line = STR_INIT;
        struct timespec now;
        struct tm tm;
        clock_gettime(CLOCK_REALTIME, &now);
        gmtime_r(&now.tv_sec, &tm);
        char stamp[32];
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &tm);
        str_addf(&line, "%s.%03ldZ %d %s ", stamp, now.tv_nsec / 1000000, (int)getpid(), kind);
        size_t head = line.len;
        errno = saved;
        str_addfv(&line, format, ap);
        for (size_t i = head; i < line.len; i++)
            if ((unsigned char)line.data[i] < 0x20 || line.data[i] == 0x7f)
                line.data[i] = ' ';
        str_putc(&line, '\n');
        (void)!write(log_fd, line.data, line.len);
        str_fini(&line);
        errno = saved;
    }
    pthread_mutex_unlock(&lock);
}

/* What went as it should. */
void log_info(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    put("info", false, format, ap);
    va_end(ap);
}

/* What did not. */
void log_warn(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    put("warn", false, format, ap);
    va_end(ap);
}

/* What only somebody who looks for a fault wants to read. */
void log_debug(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    put("debug", true, format, ap);
    va_end(ap);
}
