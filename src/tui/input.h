/* input.h - bytes of the terminal to keys.
 *
 * Characters are put together from bytes that may come in any pieces; ESC alone is told from a
 * sequence by time (tui.escape-delay); pastes come in one piece; answers of the terminal (cursor
 * report, background) go to on_report. Names of keys are the keymap's. Pure but for the clock. */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct input_key {
    char name[24];  /* "a", "é", "C-x", "Enter", "Up", "M-f" */
    char bytes[16]; /* as readline wants it */
    size_t len;
};

struct input_events {
    void (*on_key)(void *user, const struct input_key *key);
    void (*on_paste)(void *user, const char *bytes, size_t n);
    void (*on_cursor)(void *user, int row, int col);
    void (*on_background)(void *user, int brightness);
};

struct input {
    struct input_events events;
    void *user;
    struct str pending;
    struct str paste;
    bool pasting;
};

void input_init(struct input *in, const struct input_events *events, void *user);
void input_fini(struct input *in);
void input_feed(struct input *in, const char *bytes, size_t n);
/* An ESC (or the beginning of a sequence) waits: call input_timeout when the delay has passed. */
bool input_waits(const struct input *in);
void input_timeout(struct input *in);
/* Full-width ASCII of an input method as plain ASCII ("ｊ" → "j"); others stay. */
void input_narrow(struct input_key *key);

#endif
