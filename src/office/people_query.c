/* SPDX-License-Identifier: GPL-3.0-or-later */
/* people_query.c - asks another program's address book. */
#include "office/people_query.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/config.h"
#include "command/option.h"
#include "io/child.h"
#include "io/loop.h"
#include "office/people.h"

#define OUTPUT_MAX (64u << 10)
#define PEOPLE_MOST 100
#define LIMIT_MS 3000

struct people_query {
    struct loop *loop;   /* borrow */
    struct child *child;
    struct loop_watch *timer;
    struct str out, words;
    bool late, cancelled;
    void (*done)(void *user, const struct vec *people, const struct error *err);
    void *user;
};

bool people_query_is_set(void)
{
    return *option_text("people.query-command") != 0;
}

/* One field as text of one line: valid, controls are blanks. Yours. */
static char *clean(const char *s, size_t n)
{
    struct str out = STR_INIT;
    utf8_repair(&out, s, n);
    for (size_t i = 0; i < out.len; i++)
        if ((unsigned char)out.data[i] < ' ' || out.data[i] == 0x7f)
            out.data[i] = ' ';
    char *text = str_take(&out), *trimmed = mem_strdup(str_trim(text));
    free(text);
    return trimmed;
}

void people_query_read(const char *text, size_t n, struct vec *people)
{
    const char *end = text + n, *p = memchr(text, '\n', n);
    p = p ? p + 1 : end; /* the first line is for people */
    while (p < end && people->len < PEOPLE_MOST) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf ? lf : end;
        const char *tab = memchr(p, '\t', (size_t)(stop - p));
        char *address = clean(p, (size_t)((tab ? tab : stop) - p)), *name = NULL;
        if (tab) {
            const char *rest = memchr(tab + 1, '\t', (size_t)(stop - tab - 1));
            name = clean(tab + 1, (size_t)((rest ? rest : stop) - tab - 1));
        }
        if (people_is_address(address) && !people_has(people, address))
            people_add(people, name, address);
        free(address);
        free(name);
        p = lf ? lf + 1 : end;
    }
}

/* Words come. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    struct people_query *q = user;
    struct str *to = fd == 1 ? &q->out : &q->words;
    size_t max = fd == 1 ? OUTPUT_MAX : 400, room = max - to->len;
    str_add(to, bytes, n < room ? n : room);
}

/* Frees it. */
static void query_free(struct people_query *q)
{
    loop_remove(q->loop, q->timer);
    str_fini(&q->out);
    str_fini(&q->words);
    free(q);
}

/* It has ended: who it knows. "Nobody" is often told by an exit status and no word. */
static void on_exit_code(void *user, int code)
{
    struct people_query *q = user;
    struct error err = ERROR_INIT;
    struct vec people;
    people_init(&people);
    people_query_read(str_text(&q->out), q->out.len, &people);
    char *said = clean(str_text(&q->words), q->words.len);
    if (q->late)
        error_set(&err, STATUS_LIMIT, _("people.query-command did not end within %d seconds"),
                  LIMIT_MS / 1000);
    else if (code != 0 && people.len == 0 && *said)
        error_set(&err, STATUS_FAILED, _("people.query-command: %s"), said);
    free(said);
    if (!q->cancelled)
        q->done(q->user, &people, &err);
    vec_fini(&people);
    query_free(q);
}

/* Too late. */
static void on_time(void *user)
{
    struct people_query *q = user;
    q->timer = NULL;
    q->late = true;
    child_kill(q->child, SIGKILL);
}

/* The command's words, the text in the place of %s. NULL with err. */
static char **make_argv(const char *text, struct vec *words, struct error *err)
{
    int column;
    strv_init(words);
    if (config_split(option_text("people.query-command"), words, &column, err) != STATUS_OK ||
        words->len == 0)
        return NULL;
    char **argv = mem_array(words->len + 2, sizeof *argv);
    bool placed = false;
    size_t n = 0;
    for (; n < words->len; n++) {
        const char *word = strv_at(words, n), *at = strstr(word, "%s");
        argv[n] = at ? str_format("%.*s%s%s", (int)(at - word), word, text, at + 2)
                     : mem_strdup(word);
        placed = placed || at;
    }
    if (!placed)
        argv[n++] = mem_strdup(text);
    argv[n] = NULL;
    return argv;
}

struct people_query *people_query_start(struct loop *l, const char *text,
                                        void (*done)(void *user, const struct vec *people,
                                                     const struct error *err),
                                        void *user, struct error *err)
{
    struct child_events ev = {.on_output = on_output, .on_exit = on_exit_code};
    struct vec words;
    if (!people_query_is_set() || *text == '-') { /* no option of the program out of what was typed */
        error_set(err, STATUS_USAGE, _("people.query-command is not set"));
        return NULL;
    }
    char **argv = make_argv(text, &words, err);
    struct people_query *q = NULL;
    if (argv) {
        q = mem_alloc(sizeof *q);
        *q = (struct people_query){.loop = l, .done = done, .user = user};
        q->child = child_start(l, argv, NULL, 0, &ev, q, err);
        if (q->child) {
            q->timer = loop_timer(l, LIMIT_MS, on_time, q);
        } else {
            query_free(q);
            q = NULL;
        }
        for (size_t i = 0; argv[i]; i++)
            free(argv[i]);
        free(argv);
    }
    vec_fini(&words);
    return q;
}

void people_query_cancel(struct people_query *q)
{
    if (!q)
        return;
    q->cancelled = true;
    child_kill(q->child, SIGKILL);
}
