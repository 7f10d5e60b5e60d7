/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse_time.c - how long the reader's parsers take for every file of the folders given: whole mails,
 * attachments to look at, appointments (files that say so). Prints mean and worst of each.
 *
 *     make tests/bench/parse_time && tests/bench/parse_time FOLDER… */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "base/str.h"
#include "reader/calendar.h"
#include "reader/charset.h"
#include "reader/mime.h"

enum { FILE_MAX = 8 << 20, PARTS = 5 };

static struct figure {
    const char *name;
    long count;
    double sum, worst;
} figures[] = {{.name = "mail"}, {.name = "attachments"}, {.name = "appointments"}};

/* Milliseconds. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Adds one measurement. */
static void add(struct figure *f, double start)
{
    double ms = now() - start;
    f->count++;
    f->sum += ms;
    f->worst = ms > f->worst ? ms : f->worst;
}

/* Takes what comes. */
static void drop(void *user, const char *bytes, size_t n)
{
    (void)user;
    (void)bytes;
    (void)n;
}

/* One file through all of them. */
static int on_file(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    struct error err = ERROR_INIT;
    struct str bytes = STR_INIT, answer = STR_INIT;
    (void)ftw;
    if (kind == FTW_F && st->st_size <= FILE_MAX &&
        path_read(path, FILE_MAX, &bytes, &err) == STATUS_OK) {
        double start = now();
        mime_parse(str_text(&bytes), bytes.len, &answer);
        add(&figures[0], start);
        start = now();
        for (int i = 1; i <= PARTS; i++)
            mime_part(str_text(&bytes), bytes.len, i, WIRE_FORM_VIEW, drop, NULL);
        add(&figures[1], start);
        str_clear(&answer);
        if (bytes.len && strstr(bytes.data, "BEGIN:VCALENDAR")) {
            start = now();
            calendar_read(bytes.data, bytes.len, &answer);
            add(&figures[2], start);
        }
    }
    str_fini(&bytes);
    str_fini(&answer);
    return 0;
}

/* All folders. */
int main(int argc, char **argv)
{
    charset_open_all();
    mime_start();
    calendar_start();
    for (int i = 1; i < argc; i++)
        nftw(argv[i], on_file, 16, FTW_PHYS);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        printf("%-12s %6ld  mean %.3f ms  worst %.1f ms\n", figures[i].name, figures[i].count,
               figures[i].count ? figures[i].sum / (double)figures[i].count : 0, figures[i].worst);
    return 0;
}
