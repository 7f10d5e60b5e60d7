/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue.c - command lines of the screen, waiting for their turn and running. */
#include "command/queue.h"
#include "command/ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* A line that was pushed. */
struct pending {
    char *line;     /* own */
    struct vec ids; /* struct command_target */
    bool has_ids;
};

struct command_queue {
    struct command_env env;
    struct vec pending; /* struct pending */
    struct vec calls;   /* struct command_call *, borrowed: what waits */
};

/* Releases a pushed line. */
static void pending_fini(void *item)
{
    struct pending *p = item;
    free(p->line);
    vec_fini(&p->ids);
}

/* A call has ended: it waits no more. */
static void on_ended(void *owner, struct command_call *c)
{
    struct command_queue *q = owner;
    for (size_t i = 0; i < q->calls.len; i++) {
        struct command_call **at = vec_at(&q->calls, i);
        if (*at == c) {
            vec_remove(&q->calls, i);
            return;
        }
    }
}

/* Makes a queue. */
struct command_queue *queue_new(const struct command_env *env)
{
    struct command_queue *q = mem_alloc(sizeof(*q));
    q->env = *env;
    q->env.screen = true;
    q->env.ended = on_ended;
    q->env.owner = q;
    vec_init(&q->pending, sizeof(struct pending), pending_fini);
    vec_init(&q->calls, sizeof(struct command_call *), NULL);
    return q;
}

/* Cancels what waits and releases the queue. */
void queue_free(struct command_queue *q)
{
    if (!q)
        return;
    while (q->calls.len) {
        size_t before = q->calls.len;
        struct command_call *c = queue_call(q, before - 1);
        command_cancel(c);
        if (q->calls.len == before) { /* ends in a later turn, when nobody is there */
            command_let_go(c);
            vec_remove(&q->calls, before - 1);
        }
    }
    vec_fini(&q->pending);
    vec_fini(&q->calls);
    free(q);
}

/* Remembers a line. */
void queue_push(struct command_queue *q, const char *line, const struct vec *ids)
{
    struct pending *p = vec_push(&q->pending);
    p->line = mem_strdup(line);
    p->has_ids = ids != NULL;
    vec_init(&p->ids, sizeof(struct command_target), NULL);
    for (size_t i = 0; ids && i < ids->len; i++) {
        struct command_target *t = vec_push(&p->ids);
        *t = *(const struct command_target *)vec_at(ids, i);
    }
}

/* Is anything pushed? */
bool queue_has(const struct command_queue *q)
{
    return q->pending.len > 0;
}

/* Number of calls under way. */
size_t queue_waiting(const struct command_queue *q)
{
    return q->calls.len;
}

/* One call under way. */
struct command_call *queue_call(const struct command_queue *q, size_t i)
{
    return *(struct command_call **)vec_at(&q->calls, i);
}

/* Runs one command of a line. */
static void run_part(struct command_queue *q, const char *text, const struct vec *ids)
{
    struct command_line line;
    struct error err = ERROR_INIT;
    command_line_init(&line);
    if (command_parse_text(text, &line, &err) != STATUS_OK) {
        command_refuse(&q->env, &line, &err);
    } else if (line.row) {
        struct command_call *c = command_start(&q->env, &line, ids);
        if (c) {
            struct command_call **at = vec_push(&q->calls);
            *at = c;
        }
    }
    command_line_fini(&line);
}

/* Runs what was pushed. */
bool queue_run(struct command_queue *q)
{
    bool ran = q->pending.len > 0;
    for (size_t left = q->pending.len; left > 0 && q->pending.len; left--) {
        struct pending p = *(struct pending *)vec_at(&q->pending, 0);
        memset(vec_at(&q->pending, 0), 0, sizeof(p));
        vec_init(&((struct pending *)vec_at(&q->pending, 0))->ids, sizeof(struct command_target), NULL);
        vec_remove(&q->pending, 0);
        for (char *at = p.line; at;) {
            char *next = strstr(at, " ; ");
            if (next) {
                *next = '\0';
                next += 3;
            }
            run_part(q, at, p.has_ids ? &p.ids : NULL);
            at = next;
        }
        pending_fini(&p);
    }
    return ran;
}
