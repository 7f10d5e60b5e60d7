/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_act.c - commands on threads as keys give them: those that need an answer ask for it, those
 * that take rows away say so to the list before the store has done it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/clock.h"
#include "base/path.h"
#include "base/when.h"
#include "inbox/pane_inside.h"
#include "mail/thread.h"

/* An act that waits for its answer; one question is open at a time. */
static struct {
    struct pane *pane;
    char *name, *ids; /* own; ids: " t5 t6" */
    struct vec numbers;
    void (*leave)(void *state, const struct vec *ids);
    void (*done)(void *state, const struct error *err);
} asked;

/* Ids as words. */
static char *id_words(char letter, const struct vec *ids)
{
    struct str s = STR_INIT;
    for (size_t i = 0; i < ids->len; i++)
        str_addf(&s, " %c%lld", letter, (long long)*(int64_t *)vec_at(ids, i));
    return str_take(&s);
}

/* Runs an act; rows that it takes away leave at once. */
static void act(struct pane *p, const char *line, const struct vec *ids, bool leaves,
                void (*leave)(void *state, const struct vec *ids),
                void (*done)(void *state, const struct error *err))
{
    if (leaves)
        leave(pane_state(p), ids);
    pane_run_then(p, line, leaves ? done : NULL);
}

static void on_answer(void *state, const char *answer);

/* Puts the question. */
static void question(const char *name, const char *prompt, const char *hint, const char *complete,
                     const char *initial)
{
    struct pane_question q = {.prompt = prompt, .hint = hint, .complete = complete,
                              .history = name, .initial = initial, .on_answer = on_answer};
    pane_ask(asked.pane, &q);
}

/* The answer came. */
static void on_answer(void *state, const char *answer)
{
    (void)state;
    if (!answer || !*answer)
        return;
    struct error err = ERROR_INIT;
    int64_t until;
    if (str_eq(asked.name, "snooze") && when_parse(answer, clock_now(), &until, &err) != STATUS_OK) {
        pane_say(asked.pane, "%s", err.text); /* how it is written stands behind the question */
        question(asked.name, _("snooze until"), _("fri 9:00, tomorrow, +3d, 明天上午"), NULL, answer);
        return;
    }
    bool label = str_eq(asked.name, "label");
    const char *option = label ? *answer == '-' ? "--remove " : "--add " : "";
    struct str line = STR_INIT;
    str_addf(&line, "%s %s", asked.name, option);
    pane_words_quote(&line, answer + (label && *answer == '-'));
    str_puts(&line, asked.ids);
    act(asked.pane, str_text(&line), &asked.numbers, !label, asked.leave, asked.done);
    str_fini(&line);
}

/* Asks for what the command lacks. */
static void ask(struct pane *p, const char *name, const char *prompt, const char *hint,
                const char *complete, char letter, const struct vec *ids,
                void (*leave)(void *state, const struct vec *ids),
                void (*done)(void *state, const struct error *err))
{
    free(asked.name);
    free(asked.ids);
    if (asked.numbers.item_size)
        vec_fini(&asked.numbers);
    vec_init(&asked.numbers, sizeof(int64_t), NULL);
    for (size_t i = 0; i < ids->len; i++)
        *(int64_t *)vec_push(&asked.numbers) = *(int64_t *)vec_at(ids, i);
    asked.pane = p;
    asked.name = mem_strdup(name);
    asked.ids = id_words(letter, ids);
    asked.leave = leave;
    asked.done = done;
    question(name, prompt, hint, complete, NULL);
}

/* Whether any argument from `from` on stands there. */
static bool has_args(size_t argc, size_t from)
{
    return argc > from;
}

/* Takes commands that act on the selection without naming ids. */
bool pane_act_command(struct pane *p, size_t argc, const char *const *argv, char letter,
                      const struct vec *ids,
                      void (*leave)(void *state, const struct vec *ids),
                      void (*done)(void *state, const struct error *err))
{
    static const char *const leaving[] = {"archive", "delete", "spam", "mute"};
    const char *name = argv[0];
    bool leaves = false, toggles = str_eq(name, "mute") && argc == 2 && str_eq(argv[1], "--toggle");
    if (ids->len == 0)
        return false;
    for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++)
        if (str_eq(leaving[i], name) && (!has_args(argc, 1) || toggles))
            leaves = true;
    bool lane = str_eq(name, "lane") && argc == 2;
    bool given = (str_eq(name, "snooze") || str_eq(name, "move")) && argc == 2;
    if (leaves || lane || given) {
        char *words = id_words(letter, ids);
        struct str line = STR_INIT;
        str_addf(&line, "%s%s", name, toggles ? " --toggle" : "");
        if (lane || given) {
            str_putc(&line, ' ');
            pane_words_quote(&line, argv[1]);
        }
        str_puts(&line, words);
        act(p, str_text(&line), ids, true, leave, done);
        str_fini(&line);
        free(words);
        return true;
    }
    if (has_args(argc, 1))
        return false;
    if (str_eq(name, "summary") && letter == 't') {
        char id[32];
        snprintf(id, sizeof id, "t%lld", (long long)*(int64_t *)vec_at(ids, 0));
        pane_open(p, "summary", id);
        return true;
    }
    if (str_eq(name, "snooze")) {
        ask(p, name, _("snooze until"), _("fri 9:00, tomorrow, +3d, 明天上午"), NULL, letter, ids, leave, done);
        return true;
    }
    if (str_eq(name, "move")) {
        ask(p, name, _("move to"), _("Tab shows folders"), "move ", letter, ids, leave, done);
        return true;
    }
    if (str_eq(name, "label")) {
        ask(p, name, _("label"), _("-NAME takes it off"), "label --add ", letter, ids, leave, done);
        return true;
    }
    return false;
}
