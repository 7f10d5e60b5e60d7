/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prompt.c - questions in the hint row: one line of text, one key, the ":" line, search. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "tui/boxkeys.h"
#include "tui/tuidata.h"

/* Enter: the answer. */
static void on_enter(void *user)
{
    struct tui *t = user;
    char *answer = mem_strdup(box_text(t->question.box));
    box_remember(t->question.box);
    prompt_close(t, answer);
    explicit_bzero(answer, strlen(answer)); /* it may be a password */
    free(answer);
}

/* Esc: left. */
static void on_leave(void *user)
{
    prompt_close(user, NULL);
}

/* A key changed the answer. */
static void on_change(void *user)
{
    struct tui *t = user;
    struct tui_question *q = &t->question;
    t->dirty = true;
    if (q->on_change && q->pane)
        q->on_change(q->own ? (void *)q->pane : q->pane->state, box_text(q->box));
}

/* A word with its blanks escaped, as a command line needs them. Yours. */
static char *escaped(const char *word, size_t n)
{
    struct str out = STR_INIT;
    for (size_t i = 0; i < n; i++) {
        if (word[i] == ' ' || word[i] == '\\' || word[i] == '"')
            str_putc(&out, '\\');
        str_putc(&out, word[i]);
    }
    return str_take(&out);
}

/* Completes as the command line would; what continues a command is one word of it, whatever blanks it has. */
static void complete(void *user, const char *text, size_t start, size_t point, struct vec *out)
{
    struct tui *t = user;
    const char *before = t->question.complete;
    bool whole = before && *before;
    char *answer = whole ? escaped(text, point) : mem_strndup(text, point);
    char *line = str_format("%s%s", whole ? before : "", answer);
    size_t from = 0, at = strlen(line);
    struct vec found;
    strv_init(&found);
    queue_complete(line, at, &found, &from);
    if (whole) /* in the answer it begins where that does (box_set_breaks) */
        from = start;
    /* The machine may see the word begin elsewhere: give what stands from readline's start on. */
    for (size_t i = 0; i < found.len; i++) {
        const char *word = strv_at(&found, i);
        char *shown = whole ? mem_strdup(word) : escaped(word, strlen(word));
        size_t cut = from < start ? start - from : 0;
        if (cut <= strlen(shown))
            strv_push(out, shown + cut);
        free(shown);
    }
    vec_fini(&found);
    free(line);
    free(answer);
}

/* Releases what a question holds. */
static void fini(struct tui_question *q)
{
    box_free(q->box);
    free(q->prompt);
    free(q->hint);
    free(q->complete);
    free(q->keys);
    memset(q, 0, sizeof *q);
}

/* Opens a question; one that is open is left first. */
static struct tui_question *begin(struct tui *t, struct pane *p, const char *question)
{
    if (p && p->closing)
        p = NULL;
    if (t->question.open)
        prompt_close(t, NULL);
    struct tui_question *q = &t->question;
    static unsigned asked;
    q->number = ++asked;
    q->open = true;
    q->pane = p;
    q->prompt = mem_strdup(question);
    t->all_dirty = t->dirty = true;
    return q;
}

/* Asks for a line. */
void prompt_open(struct tui *t, struct pane *p, const struct pane_question *ask)
{
    struct tui_question *q = begin(t, p, ask->prompt);
    struct box_events events = {.on_enter = on_enter, .on_leave = on_leave,
                                .on_change = on_change};
    q->hint = mem_strdup_maybe(ask->hint);
    q->complete = mem_strdup_maybe(ask->complete);
    if (ask->complete) {
        events.complete = complete;
        queue_complete_store(t->setup.store); /* also before the first command runs */
    }
    q->on_answer = ask->on_answer;
    q->on_change = ask->on_change;
    q->on_key = ask->on_key;
    q->box = box_new(BOX_LINE, &events, t);
    if (ask->complete && *ask->complete)
        box_set_breaks(q->box, "\n");
    char *prompt = str_format("%s%s", ask->prompt,
                              str_eq(ask->prompt, ":") || str_eq(ask->prompt, "/") ? "" : " ");
    box_set_prompt(q->box, prompt);
    free(prompt);
    box_set_secret(q->box, ask->secret);
    if (ask->history && !ask->secret)
        box_set_history(q->box, ask->history);
    if (ask->initial)
        box_set(q->box, ask->initial, strlen(ask->initial));
}

/* Asks for one key. */
void prompt_keys(struct tui *t, struct pane *p, const char *question, const char *keys,
                 void (*on_key)(void *, int), void *user, bool own)
{
    struct tui_question *q = begin(t, p, question);
    q->keys_only = true;
    q->keys = mem_strdup(keys);
    q->on_pressed = on_key;
    q->user = user;
    q->own = own;
}

/* A key for a question of one key. */
void prompt_pressed(struct tui *t, int key)
{
    struct tui_question q = t->question;
    memset(&t->question, 0, sizeof t->question);
    t->all_dirty = t->dirty = true;
    if (q.on_pressed && (q.own || q.pane))
        q.on_pressed(q.own ? q.user : q.pane->state, key);
    fini(&q);
}

/* The question is over. */
void prompt_close(struct tui *t, const char *answer)
{
    if (!t->question.open)
        return;
    if (t->question.keys_only) {
        prompt_pressed(t, 0);
        return;
    }
    struct tui_question q = t->question;
    memset(&t->question, 0, sizeof t->question);
    t->all_dirty = t->dirty = true;
    keys_sync_box(t);
    if (q.on_answer && q.pane)
        q.on_answer(q.own ? (void *)q.pane : q.pane->state, answer);
    fini(&q);
}

/* Its pane goes: the question goes too. */
void prompt_forget(struct tui *t, const struct pane *p)
{
    if (!t->question.open || t->question.pane != p)
        return;
    struct tui_question q = t->question;
    memset(&t->question, 0, sizeof t->question);
    keys_sync_box(t);
    if (q.keys_only && q.own && q.on_pressed)
        q.on_pressed(q.user, 0); /* what it holds is the program's own */
    fini(&q);
    t->all_dirty = t->dirty = true;
}

/* Runs what was typed at ":". */
static void on_command(void *pane, const char *answer)
{
    struct pane *p = pane;
    if (answer && *answer)
        run_line(p->tui, p, answer, NULL);
}

/* Opens the ":" line. */
void prompt_command(struct tui *t, const char *initial)
{
    struct pane *p = stack_top(t);
    if (!p)
        return;
    struct pane_question q = {.prompt = ":", .history = "command", .complete = "",
                              .initial = initial, .on_answer = on_command};
    prompt_open(t, p, &q);
    t->question.own = true;
}

/* Searches here. */
static void on_find(void *pane, const char *answer)
{
    struct pane *p = pane;
    if (!answer || !*answer)
        return;
    if (!p->ops->search || !p->ops->search(p->state, answer, 1))
        pane_say(p, _("not found here: %s   // searches everywhere"), answer);
    pane_dirty(p);
}

/* A second "/": everywhere, at once. */
static void on_find_change(void *pane, const char *text)
{
    struct pane *p = pane;
    if (!str_eq(text, "/"))
        return;
    prompt_close(p->tui, NULL);
    run_line(p->tui, p, "everywhere", NULL);
}

/* Opens the search. */
void prompt_find(struct tui *t)
{
    struct pane *p = stack_top(t);
    if (!p)
        return;
    struct pane_question q = {.prompt = "/", .history = "search", .on_answer = on_find,
                              .on_change = on_find_change,
                              .hint = _("/ again: everywhere")};
    prompt_open(t, p, &q);
    t->question.own = true;
}
