/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search_time.c - times searches inside the process: newest 50 with sender and subject.
 *
 *   search_time DATABASE QUERIES TIMES       one query a line; prints one JSON object */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/search.h"

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool on_row(void *user, const struct search_row *row)
{
    size_t *bytes = user;
    *bytes += strlen(row->sender) + strlen(row->subject);
    return true;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct db *db = NULL;
    FILE *f = argc == 4 ? fopen(argv[2], "r") : NULL;
    if (!f || db_open(argv[1], DB_READ, &db, &err) != STATUS_OK) {
        fprintf(stderr, "search_time: %s\n", f ? err.text : "DATABASE QUERIES TIMES");
        return 2;
    }
    long times = strtol(argv[3], NULL, 10);
    double medians[256];
    size_t count = 0, bytes = 0;
    char query[512];
    while (count < 256 && fgets(query, sizeof query, f)) {
        query[strcspn(query, "\n")] = 0;
        double runs[101];
        for (long i = 0; i < times && i < 101; i++) {
            struct search_options o = {.now = clock_now(), .limit = 50};
            double start = now_us();
            if (search_run(db, query, &o, on_row, &bytes, NULL, &err) != STATUS_OK) {
                fprintf(stderr, "search_time: %s: %s\n", query, err.text);
                return 1;
            }
            runs[i] = now_us() - start;
        }
        qsort(runs, (size_t)times, sizeof *runs, by_size);
        medians[count++] = runs[times / 2];
        fprintf(stderr, "%10.1f us  %s\n", runs[times / 2], query);
    }
    qsort(medians, count, sizeof *medians, by_size);
    printf("{\"queries\":%zu,\"median_us\":%.1f,\"worst_us\":%.1f}\n", count, medians[count / 2],
           medians[count - 1]);
    db_close(db);
    fclose(f);
    return 0;
}
