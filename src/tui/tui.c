/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tui.c - the screen as a whole: start, turns, frames, signals, messages. */
#include "tui/tui.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "tui/boxkeys.h"
#include "tui/outside.h"
#include "tui/screen.h"
#include "tui/tuidata.h"

const struct option tui_options[] = {
    {.name = "tui.symbols", .type = OPTION_CHOICE, .fallback = "unicode", .choices = "unicode ascii",
     .summary = N_("Lines and dots as Unicode symbols or in plain ASCII.")},
    {.name = "tui.ambiguous-width", .type = OPTION_CHOICE, .fallback = "auto", .choices = "auto 1 2",
     .summary = N_("Cells that characters of ambiguous width take (Greek, Cyrillic, dashes, lines); auto asks the terminal. "
                   "With 2, mails keep them and the program's own symbols are ASCII.")},
    {.name = "tui.escape-delay", .type = OPTION_DURATION, .fallback = "25ms", .min = 1, .max = 1000,
     .summary = N_("How long an Esc waits for the rest of a key; more on slow lines.")},
    {.name = "tui.colours", .type = OPTION_CHOICE, .fallback = "auto", .choices = "auto off",
     .summary = N_("Colours as the terminal can, or none (NO_COLOR does the same).")},
    {.name = "tui.hyperlinks", .type = OPTION_CHOICE, .fallback = "auto", .choices = "auto on off",
     .summary = N_("Links that the terminal can open (OSC 8); auto: where the terminal is known to have them.")},
    {.name = "tui.background", .type = OPTION_CHOICE, .fallback = "auto",
     .choices = "auto light dark",
     .summary = N_("The terminal's background; auto asks the terminal.")},
    {.name = "tui.after-action", .type = OPTION_CHOICE, .fallback = "next",
     .choices = "next list stay",
     .summary = N_("What follows an action in the reader: the next thread, the list, or nothing.")},
    {.name = "tui.bell", .type = OPTION_BOOL, .fallback = "off",
     .summary = N_("Rings for a new mail that needs an answer.")},
    {0},
};

static int signal_pipe[2] = {-1, -1};

/* A signal becomes a byte. */
static void on_signal(int sig)
{
    int saved = errno;
    char byte = (char)sig;
    ssize_t sent = write(signal_pipe[1], &byte, 1);
    (void)sent;
    errno = saved;
}

/* A message to be remembered and shown until the next key. */
static void add_message(struct tui *t, const char *text, bool error)
{
    if (t->messages.len >= TUI_MESSAGES)
        vec_remove(&t->messages, 0);
    struct tui_message *m = vec_push(&t->messages);
    m->at = clock_now();
    m->text = mem_strdup(text);
    m->error = error;
    free(t->message);
    t->message = mem_strdup(text);
    t->message_error = error;
    t->dirty = true;
}

/* Says something. */
void tui_say(struct tui *t, const char *format, ...)
{
    struct str text = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&text, format, ap);
    va_end(ap);
    add_message(t, str_text(&text), false);
    str_fini(&text);
}

/* Tells what went wrong and what can be done. */
void tui_error(struct tui *t, const struct error *err)
{
    if (!error_is(err))
        return;
    char *text = *err->hint ? str_format("%s   %s", err->text, err->hint) : mem_strdup(err->text);
    add_message(t, text, true);
    free(text);
}

/* Releases a message. */
static void message_fini(void *item)
{
    free(((struct tui_message *)item)->text);
}

/* A key came. */
static void on_key(void *user, const struct input_key *key)
{
    struct tui *t = user;
    t->last_key = clock_mono_ms();
    keys_on_key(t, key);
    run_pending(t);
    keys_sync_box(t);
    if (t->setup.active)
        t->setup.active(t->setup.user);
}

/* A paste came. */
static void on_paste(void *user, const char *bytes, size_t n)
{
    keys_on_paste(user, bytes, n);
}

/* The terminal told where its cursor is: the width of an ambiguous character. */
static void on_cursor(void *user, int row, int col)
{
    struct tui *t = user;
    if (row == 1) {
        screen_report(col);
        t->all_dirty = t->dirty = true;
    }
}

/* The terminal told its background. */
static void on_background(void *user, int brightness)
{
    struct tui *t = user;
    screen_background(brightness);
    t->all_dirty = t->dirty = true;
}

/* An ESC stood alone for long enough. */
static void on_escape(void *user)
{
    struct tui *t = user;
    t->escape = NULL;
    input_timeout(&t->input);
}

/* The line is gone, or somebody wants us to end. */
static void end_now(struct tui *t)
{
    t->ended = t->quit = true;
}

/* Bytes from the terminal. */
static void on_tty(void *user, int events)
{
    struct tui *t = user;
    char bytes[4096];
    (void)events;
    if (outside_busy())
        return;
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        end_now(t);
        return;
    }
    if (n < 0)
        return;
    loop_remove(t->setup.loop, t->escape);
    t->escape = NULL;
    input_feed(&t->input, bytes, (size_t)n);
    if (input_waits(&t->input))
        t->escape = loop_timer(t->setup.loop, option_int("tui.escape-delay"), on_escape, t);
}

/* The size changed. */
static void follow_size(struct tui *t)
{
    if (outside_busy() || !screen_resize())
        return;
    struct grid *g = screen_grid();
    boxkeys_size(g->rows, g->cols);
    layout_fit(t);
}

/* C-z, SIGTSTP: the shell gets its terminal. */
static void suspend(struct tui *t)
{
    struct sigaction ours, stop = {.sa_handler = SIG_DFL};
    if (outside_busy())
        return;
    screen_lend();
    sigaction(SIGTSTP, &stop, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, NULL);
    screen_take_back();
    screen_resize();
    layout_fit(t);
}

/* Signals, as bytes. */
static void on_signals(void *user, int events)
{
    struct tui *t = user;
    char byte;
    (void)events;
    while (read(signal_pipe[0], &byte, 1) == 1) {
        if (byte == SIGWINCH)
            follow_size(t);
        else if (byte == SIGTSTP)
            suspend(t);
        else if (byte == SIGINT)
            keys_on_key(t, &(struct input_key){.name = "C-c", .bytes = "\003", .len = 1});
        else
            end_now(t);
    }
}

/* Handlers before the screen starts: ncurses leaves what is set alone. */
static void watch_signals(struct tui *t)
{
    static const int watched[] = {SIGWINCH, SIGTERM, SIGHUP, SIGTSTP, SIGINT};
    if (pipe2(signal_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        return;
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESTART};
        sigaction(watched[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    t->signals = loop_fd(t->setup.loop, signal_pipe[0], LOOP_READ, on_signals, t);
}

/* Makes the screen's state; no terminal yet. */
struct tui *tui_new(const struct tui_setup *setup)
{
    static const struct input_events events = {.on_key = on_key, .on_paste = on_paste,
                                               .on_cursor = on_cursor,
                                               .on_background = on_background};
    struct tui *t = mem_alloc(sizeof *t);
    t->setup = *setup;
    t->label = mem_strdup(setup->label ? setup->label : "");
    t->tab = 1;
    t->why_stale = true;
    history_keep(t, true);
    input_init(&t->input, &events, t);
    keys_ahead_init(t);
    vec_init(&t->runs, sizeof(struct tui_run *), NULL);
    vec_init(&t->dead, sizeof(struct pane *), NULL);
    vec_init(&t->messages, sizeof(struct tui_message), message_fini);
    pane_register(&output_pane);
    pane_register(&messages_pane);
    pane_register(&help_pane);
    return t;
}

/* The reason of the selection is shown when it has rested. */
static void on_why(void *user)
{
    struct tui *t = user;
    t->why_timer = NULL;
    rows_refresh_why(t);
    t->dirty = true;
}

/* What is held is asked for again. */
static void on_held(void *user)
{
    struct tui *t = user;
    t->held_timer = NULL;
    tui_status_changed(t);
}

/* Asks what is held. */
void tui_status_changed(struct tui *t)
{
    int64_t again = -1;
    struct str before = t->held;
    t->held = STR_INIT;
    if (t->setup.held)
        t->setup.held(t->setup.user, &t->held, &again);
    if (!str_eq(str_text(&before), str_text(&t->held)))
        t->dirty = true;
    str_fini(&before);
    loop_remove(t->setup.loop, t->held_timer);
    t->held_timer = again >= 0 ? loop_timer(t->setup.loop, again, on_held, t) : NULL;
}

/* One frame. */
static void draw(struct tui *t)
{
    if (!screen_is_on() || t->ended)
        return;
    if (t->why_stale && t->key_pressed && t->started) {
        t->why_stale = false;
        loop_remove(t->setup.loop, t->why_timer);
        t->why_timer = loop_timer(t->setup.loop, TUI_WHY_MS, on_why, t);
    } else if (t->why_stale) {
        rows_refresh_why(t);
    }
    keys_sync_box(t);
    t->answer_due = t->key_pressed;
    t->dirty = t->key_pressed = false;
    layout_draw(t);
    screen_flush(keys_box(t) != NULL || t->question.open);
    t->last_frame = clock_mono_ms();
}

/* Reads "pane TAB NAME ARG" of a remembered place; false for other lines. */
static bool read_place(const char *line, int *tab, char name[32], const char **arg)
{
    int used = 0;
    if (sscanf(line, "pane %d %31s%n", tab, name, &used) != 2 || *tab < 1 || *tab > TUI_TABS)
        return false;
    *arg = line[used] == ' ' ? line + used + 1 : NULL;
    return true;
}

/* Opens what a place names: first only the root of the shown tab, later everything else. */
static void restore(struct tui *t, const char *place, bool first)
{
    bool seen[TUI_TABS + 1] = {false};
    int shown = 1, tab;
    char *copy = mem_strdup(place), *rest = copy, name[32];
    const char *arg;
    if (sscanf(place, "tab %d", &shown) != 1 || shown < 1 || shown > TUI_TABS)
        shown = 1;
    while (rest && *rest) {
        char *line = rest;
        rest = strchr(rest, '\n');
        if (rest)
            *rest++ = 0;
        if (!read_place(line, &tab, name, &arg))
            continue;
        bool root = !seen[tab];
        seen[tab] = true;
        if (first != (root && tab == shown))
            continue;
        const struct pane_ops *ops = stack_ops(name);
        if (ops && (root ? ops->tab == tab && t->tabs[tab].count == 0 : t->tabs[tab].count > 0))
            stack_open(t, tab, ops, arg);
    }
    free(copy);
    if (first || t->tabs[shown].count)
        t->tab = shown;
}

/* Takes the terminal and paints the first frame. */
enum status tui_start(struct tui *t, const char *place, struct error *err)
{
    watch_signals(t);
    if (place)
        restore(t, place, true);
    if (t->tabs[t->tab].count == 0)
        stack_switch(t, t->tab);
    if (t->tabs[t->tab].count == 0)
        stack_switch(t, 1);
    if (screen_start(err) != STATUS_OK)
        return err->status;
    t->all_dirty = t->dirty = true;
    draw(t);
    t->started = true;
    t->tty = loop_fd(t->setup.loop, STDIN_FILENO, LOOP_READ, on_tty, t);
    return STATUS_OK;
}

/* Opens the rest of the place. */
void tui_restore(struct tui *t, const char *place)
{
    int before = t->tab;
    if (!place)
        return;
    restore(t, place, false);
    if (t->tabs[t->tab].count == 0)
        t->tab = before;
    stack_focus_changed(t);
    t->all_dirty = t->dirty = true;
}

/* Writes where the person is. */
void tui_place(struct tui *t, bool roots, struct str *out)
{
    str_addf(out, "tab %d\n", t->tab);
    for (int i = 1; i <= TUI_TABS; i++)
        for (int j = 0; j < t->tabs[i].count && (j == 0 || !roots); j++) {
            struct pane *p = t->tabs[i].stack[j];
            struct str arg = STR_INIT;
            if (!p->ops->place && j > 0)
                continue;
            if (p->ops->place) /* a root without it still bears what lies above it */
                p->ops->place(p->state, &arg);
            str_addf(out, "pane %d %s%s%s\n", i, p->ops->name, arg.len ? " " : "", str_text(&arg));
            str_fini(&arg);
        }
}

/* Panes whose topics changed will be read again: those on the screen now, the others when shown. */
void tui_changed(struct tui *t, unsigned bits)
{
    for (int i = 1; i <= TUI_TABS; i++)
        for (int j = 0; j < t->tabs[i].count; j++) {
            struct pane *p = t->tabs[i].stack[j];
            unsigned mine = p->ops->watch & bits;
            if (!mine)
                continue;
            p->bits |= mine;
            p->uncounted = true;
            pane_dirty(p);
        }
    if (bits & WATCH_JOB && t->setup.jobs) {
        str_clear(&t->jobs);
        t->setup.jobs(t->setup.user, &t->jobs);
    }
    if (bits & (WATCH_OUTBOX | WATCH_CONFIG))
        tui_status_changed(t);
    t->dirty = true;
}

/* How long the loop may wait until the next frame is due. */
static int64_t wait_for(const struct tui *t)
{
    if (!t->dirty || outside_busy())
        return -1;
    int64_t now = clock_mono_ms(), since = now - t->last_frame;
    int64_t frame = now - t->last_key < TUI_TYPING_MS ? TUI_FRAME_MS : TUI_STREAM_MS;
    bool answers = t->answer_due && now - t->last_key < TUI_ANSWER_MS;
    return t->key_pressed || answers || since >= frame ? 0 : frame - since;
}

/* Turns until the end. */
void tui_run(struct tui *t)
{
    while (!t->quit) {
        loop_turn(t->setup.loop, wait_for(t));
        run_pending(t);
        stack_focus_changed(t);
        keys_ahead(t);
        if (t->dirty && wait_for(t) == 0)
            draw(t);
        stack_bury(t);
    }
}

/* Ended from outside? */
bool tui_was_ended(const struct tui *t)
{
    return t->ended;
}

/* Ends tui_run. */
void tui_leave(struct tui *t)
{
    t->quit = true;
}

/* The focused pane. */
struct pane *tui_focused(struct tui *t)
{
    return stack_top(t);
}

/* A question of the program's own. */
void tui_ask_key(struct tui *t, const char *question, const char *keys,
                 void (*on_key_pressed)(void *user, int key), void *user)
{
    prompt_keys(t, NULL, question, keys, on_key_pressed, user, true);
}

/* Stops what streams and gives it a moment to be kept. */
void tui_stop_streams(struct tui *t)
{
    bool any = false;
    for (int i = 1; i <= TUI_TABS; i++)
        for (int j = 0; j < t->tabs[i].count; j++) {
            struct pane *p = t->tabs[i].stack[j];
            if (p->ops->verb && p->ops->verb(p->state, PANE_STOP, 0))
                any = true;
        }
    for (int turn = 0; any && turn < 20; turn++)
        loop_turn(t->setup.loop, 10);
}

/* Closes everything and gives the terminal back. */
void tui_free(struct tui *t)
{
    struct loop *l = t->setup.loop;
    if (t->question.open)
        prompt_close(t, NULL);
    boxkeys_enter(NULL);
    history_keep(t, false);
    screen_stop();
    for (int i = 1; i <= TUI_TABS; i++)
        stack_close_above(t, &t->tabs[i], 0);
    stack_bury(t);
    run_free_all(t);
    loop_remove(l, t->tty);
    loop_remove(l, t->signals);
    loop_remove(l, t->escape);
    loop_remove(l, t->why_timer);
    loop_remove(l, t->held_timer);
    input_fini(&t->input);
    vec_fini(&t->ahead);
    vec_fini(&t->runs);
    vec_fini(&t->dead);
    vec_fini(&t->messages);
    str_fini(&t->why);
    str_fini(&t->held);
    str_fini(&t->jobs);
    str_fini(&t->seq);
    str_fini(&t->seq_bytes);
    free(t->message);
    free(t->label);
    free(t);
}
