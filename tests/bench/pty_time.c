/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pty_time.c - times a full-screen program in a pseudo-terminal: start, keys, bytes, CPU, memory.
 *
 *   pty_time [-r ROWS] [-c COLS] [-R READY] [-p KEYS] [-k KEYS] [-n TIMES] [-b KEYS] [-t TEXT] [-i SECONDS] -- PROGRAM ARG…
 *
 *   -R  the screen is usable when this text has been written    -p  keys sent once, before the clock
 *   -k  keys timed one by one, the list TIMES times             -t  the answer to a timed key ends with this text
 *   -b  keys sent between two of these TIMES, not timed         -i  afterwards: CPU and context switches while nothing happens
 * KEYS are separated by blanks; \e \r \t \s (blank) \xHH are escapes. Prints one JSON line. Times are milliseconds
 * from fork() or from just before write(); CPU sums all processes of the program's session; memory is PSS. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SETTLE_MS = 60, MAX_KEYS = 64, KEY_BYTES = 512 };

static int tty;
static pid_t child;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* A file of /proc/PID as text; "" when it is gone. */
static const char *proc_text(long pid, const char *name)
{
    static char text[65536];
    char path[300];
    snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    return text;
}

static long number_after(const char *text, const char *word)
{
    const char *p = strstr(text, word);
    return p ? strtol(p + strlen(word), NULL, 10) : 0;
}

struct use {
    double cpu_ms;
    long pss_kib, switches, processes;
};

/* CPU, PSS and context switches of every process in the program's session. */
static struct use session_use(void)
{
    struct use u = {0};
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && (e = readdir(d));) {
        long pid = strtol(e->d_name, NULL, 10);
        if (pid <= 0)
            continue;
        const char *stat = proc_text(pid, "stat");
        const char *p = strrchr(stat, ')');
        int ppid, pgrp, session;
        char state;
        if (!p || sscanf(p + 2, "%c %d %d %d", &state, &ppid, &pgrp, &session) != 4 ||
            session != child)
            continue;
        u.processes++;
        u.pss_kib += number_after(proc_text(pid, "smaps_rollup"), "\nPss:");
        char path[300];
        snprintf(path, sizeof path, "/proc/%ld/task", pid);
        DIR *tasks = opendir(path);
        for (struct dirent *t; tasks && (t = readdir(tasks));) {
            if (t->d_name[0] == '.')
                continue;
            char name[64];
            snprintf(name, sizeof name, "task/%.20s/schedstat", t->d_name);
            u.cpu_ms += strtod(proc_text(pid, name), NULL) / 1e6;
            snprintf(name, sizeof name, "task/%.20s/status", t->d_name);
            u.switches += number_after(proc_text(pid, name), "\nvoluntary_ctxt_switches:");
        }
        if (tasks)
            closedir(tasks);
    }
    if (d)
        closedir(d);
    return u;
}

/* Answers what programs ask of a terminal. */
static void answer(const char *b, size_t n)
{
    static const char *const table[][2] = {
        {"\033[6n", "\033[1;2R"}, {"\033[c", "\033[?62;22c"}, {"\033[>c", "\033[>0;276;0c"},
        {"\033]11;?", "\033]11;rgb:0000/0000/0000\033\\"}, {"\033]10;?", "\033]10;rgb:c0c0/c0c0/c0c0\033\\"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (memmem(b, n, table[i][0], strlen(table[i][0])) &&
            write(tty, table[i][1], strlen(table[i][1])) < 0)
            return;
}

struct answer_time {
    double first, last, text;
    long bytes;
};

/* Reads until `text` came (or SETTLE_MS of silence when NULL), at most limit_ms. */
static struct answer_time wait_answer(double start, const char *text, double settle, double limit_ms)
{
    static char tail[8192 + 65536];
    size_t kept = 0;
    struct answer_time a = {-1, -1, -1, 0};
    for (;;) {
        double at = now_ms() - start;
        double left = a.bytes == 0 || (text && a.text < 0) ? limit_ms - at : a.last + settle - at;
        if (left <= 0)
            return a;
        struct pollfd p = {tty, POLLIN, 0};
        if (poll(&p, 1, (int)left + 1) <= 0)
            continue;
        ssize_t n = read(tty, tail + kept, 65536);
        if (n <= 0)
            return a;
        a.last = now_ms() - start;
        if (a.first < 0)
            a.first = a.last;
        a.bytes += n;
        answer(tail + kept, (size_t)n);
        kept += (size_t)n;
        if (text && a.text < 0 && memmem(tail, kept, text, strlen(text)))
            a.text = a.last;
        if (kept > 8192) {
            memmove(tail, tail + kept - 8192, 8192);
            kept = 8192;
        }
    }
}

/* Splits blank-separated keys with escapes. */
static int read_keys(const char *s, char keys[MAX_KEYS][KEY_BYTES])
{
    int n = 0;
    size_t len = 0;
    for (; *s && n < MAX_KEYS; s++) {
        char c = *s;
        if (c == ' ') {
            n += len > 0;
            len = 0;
            continue;
        }
        if (c == '\\' && s[1]) {
            c = *++s;
            if (c == 'x' && s[1] && s[2]) {
                char hex[3] = {s[1], s[2], 0};
                c = (char)strtol(hex, NULL, 16);
                s += 2;
            } else {
                c = c == 'e' ? '\033' : c == 'r' ? '\r' : c == 't' ? '\t' : c == 's' ? ' ' : c;
            }
        }
        if (len < KEY_BYTES - 1)
            keys[n][len++] = c;
        keys[n][len] = 0;
    }
    return n + (len > 0);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_stats(const char *name, double *v, int n)
{
    if (n == 0)
        return;
    qsort(v, (size_t)n, sizeof *v, by_size);
    printf(",\"%s\":{\"median\":%.3f,\"p99\":%.3f,\"max\":%.3f}", name, v[n / 2], v[n * 99 / 100], v[n - 1]);
}

/* Sends keys one by one, each when the answer to the one before is over. */
static void send_keys(const char *list)
{
    char keys[MAX_KEYS][KEY_BYTES];
    for (int i = 0, n = list ? read_keys(list, keys) : 0; i < n; i++) {
        double at = now_ms();
        if (write(tty, keys[i], strlen(keys[i])) < 0)
            break;
        wait_answer(at, NULL, 300, 3000);
    }
}

/* Sends the keys one by one and times each answer. */
static void time_keys(const char *list, int times, const char *between, const char *text)
{
    char keys[MAX_KEYS][KEY_BYTES];
    int n = read_keys(list, keys), count = 0;
    double *first = calloc((size_t)(n * times), sizeof *first), *end = calloc((size_t)(n * times), sizeof *end);
    double *bytes = calloc((size_t)(n * times), sizeof *bytes);
    if (!first || !end || !bytes)
        abort();
    struct use before = session_use();
    for (int i = 0; i < n * times; i++) {
        if (i && i % n == 0)
            send_keys(between);
        double start = now_ms();
        if (write(tty, keys[i % n], strlen(keys[i % n])) < 0)
            break;
        struct answer_time a = wait_answer(start, text, SETTLE_MS, text ? 60000 : 500);
        if (a.bytes == 0)
            continue;
        first[count] = a.first;
        end[count] = text ? a.text : a.last;
        bytes[count++] = (double)a.bytes;
    }
    struct use after = session_use();
    print_stats("key_first_ms", first, count);
    print_stats("key_ms", end, count);
    print_stats("key_bytes", bytes, count);
    printf(",\"keys\":%d,\"key_cpu_ms\":%.4f", count, (after.cpu_ms - before.cpu_ms) / (n * times));
    free(first);
    free(end);
    free(bytes);
}

static void end_child(void)
{
    kill(child, SIGHUP);
    for (int i = 0; i < 20; i++) {
        if (waitpid(child, NULL, WNOHANG) != 0)
            return;
        usleep(100000);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    struct winsize size = {40, 120, 0, 0};
    const char *ready = NULL, *prep = NULL, *keys = NULL, *between = NULL, *text = NULL;
    int times = 1, option;
    double idle = 0;
    while ((option = getopt(argc, argv, "+r:c:R:p:k:n:b:t:i:")) != -1) {
        switch (option) {
        case 'r': size.ws_row = (unsigned short)strtol(optarg, NULL, 10); break;
        case 'c': size.ws_col = (unsigned short)strtol(optarg, NULL, 10); break;
        case 'R': ready = optarg; break;
        case 'p': prep = optarg; break;
        case 'k': keys = optarg; break;
        case 'n': times = (int)strtol(optarg, NULL, 10); break;
        case 'b': between = optarg; break;
        case 't': text = optarg; break;
        case 'i': idle = strtod(optarg, NULL); break;
        default: return 2;
        }
    }
    if (optind >= argc)
        return 2;
    double start = now_ms();
    child = forkpty(&tty, NULL, NULL, &size);
    if (child == 0) {
        setenv("TERM", "xterm-256color", 1);
        execvp(argv[optind], argv + optind);
        _exit(127);
    }
    struct answer_time a = wait_answer(start, ready, 250, 120000);
    struct use u = session_use();
    printf("{\"start_ms\":%.2f,\"first_ms\":%.2f,\"start_bytes\":%ld,\"start_cpu_ms\":%.2f,\"pss_kib\":%ld,\"processes\":%ld",
           ready ? a.text : a.last, a.first, a.bytes, u.cpu_ms, u.pss_kib, u.processes);
    send_keys(prep);
    if (keys)
        time_keys(keys, times, between, text);
    if (idle > 0) {
        struct use b = session_use();
        usleep((useconds_t)(idle * 1e6));
        struct use c = session_use();
        printf(",\"idle_cpu_ms\":%.3f,\"idle_wakeups\":%ld", c.cpu_ms - b.cpu_ms, c.switches - b.switches);
    }
    printf(",\"pss_end_kib\":%ld}\n", session_use().pss_kib);
    fflush(stdout);
    end_child();
    return 0;
}
