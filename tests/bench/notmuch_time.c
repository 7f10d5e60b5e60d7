/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notmuch_time.c - the same question to libnotmuch: newest 50 messages with sender and subject.
 *
 *   notmuch_time DATABASE QUERIES TIMES */
#include <notmuch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static size_t ask(notmuch_database_t *db, const char *text)
{
    size_t bytes = 0;
    notmuch_query_t *q = notmuch_query_create(db, text);
    notmuch_messages_t *list;
    notmuch_query_set_sort(q, NOTMUCH_SORT_NEWEST_FIRST);
    if (notmuch_query_search_messages(q, &list) == NOTMUCH_STATUS_SUCCESS) {
        for (int n = 0; n < 50 && notmuch_messages_valid(list); n++, notmuch_messages_move_to_next(list)) {
            notmuch_message_t *m = notmuch_messages_get(list);
            bytes += strlen(notmuch_message_get_header(m, "from")) + strlen(notmuch_message_get_header(m, "subject"));
            notmuch_message_destroy(m);
        }
    }
    notmuch_query_destroy(q);
    return bytes;
}

int main(int argc, char **argv)
{
    notmuch_database_t *db;
    char *message = NULL, query[512];
    FILE *f = argc == 4 ? fopen(argv[2], "r") : NULL;
    if (!f || notmuch_database_open_with_config(argv[1], NOTMUCH_DATABASE_MODE_READ_ONLY, "", NULL, &db, &message))
        return 2;
    long times = strtol(argv[3], NULL, 10);
    double medians[256];
    size_t count = 0, bytes = 0;
    while (count < 256 && fgets(query, sizeof query, f)) {
        query[strcspn(query, "\n")] = 0;
        double runs[101];
        for (long i = 0; i < times && i < 101; i++) {
            double start = now_us();
            bytes += ask(db, query);
            runs[i] = now_us() - start;
        }
        qsort(runs, (size_t)times, sizeof *runs, by_size);
        medians[count++] = runs[times / 2];
        fprintf(stderr, "%10.1f us  %s\n", runs[times / 2], query);
    }
    qsort(medians, count, sizeof *medians, by_size);
    printf("{\"queries\":%zu,\"median_us\":%.1f,\"worst_us\":%.1f}\n", count, medians[count / 2], medians[count - 1]);
    fclose(f);
    return bytes == 0;
}
