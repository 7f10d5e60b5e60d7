/* SPDX-License-Identifier: GPL-3.0-or-later */
/* floor_stream.c - the least that receiving a streamed answer can cost: libcurl, cJSON, one growing string.
 *
 *   floor_stream URL          prints wall and CPU seconds and the number of tokens as JSON */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static char line[1 << 16], *text;
static size_t line_len, text_len, text_cap;
static long tokens;

static void take_line(void)
{
    line[line_len] = 0;
    if (line_len < 7 || strncmp(line, "data: {", 7) != 0)
        return;
    cJSON *root = cJSON_Parse(line + 6);
    const cJSON *choice = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(root, "choices"), 0);
    const cJSON *delta = cJSON_GetObjectItemCaseSensitive(choice, "delta");
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(delta, "content");
    if (cJSON_IsString(content)) {
        size_t n = strlen(content->valuestring);
        if (text_len + n + 1 > text_cap && !(text = realloc(text, text_cap = (text_len + n + 1) * 2)))
            abort();
        memcpy(text + text_len, content->valuestring, n + 1);
        text_len += n;
        tokens++;
    }
    cJSON_Delete(root);
}

static size_t on_data(char *p, size_t size, size_t count, void *user)
{
    (void)user;
    size_t n = size * count;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\n') {
            take_line();
            line_len = 0;
        } else if (line_len < sizeof line - 1) {
            line[line_len++] = p[i];
        }
    }
    return n;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    curl_global_init(CURL_GLOBAL_ALL);
    CURL *c = curl_easy_init();
    curl_easy_setopt(c, CURLOPT_URL, argv[1]);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, "{\"model\":\"bench\",\"stream\":true}");
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    double start = seconds();
    CURLcode rc = curl_easy_perform(c);
    double wall = seconds() - start;
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    double cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    printf("{\"wall_s\":%.4f,\"cpu_s\":%.4f,\"tokens\":%ld}\n", wall, cpu, tokens);
    curl_easy_cleanup(c);
    free(text);
    return rc != CURLE_OK;
}
