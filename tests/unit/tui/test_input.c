/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_input.c - bytes of a terminal to keys, in any pieces. */
#include "base/str.h"
#include "tap.h"
#include "tui/input.h"

static struct str heard;
static int cursor_col, brightness;

/* Notes a key. */
static void on_key(void *user, const struct input_key *key)
{
    (void)user;
    str_addf(&heard, "%s%s", heard.len ? " " : "", key->name);
}

/* Notes a paste. */
static void on_paste(void *user, const char *bytes, size_t n)
{
    (void)user;
    str_addf(&heard, "%s<%.*s>", heard.len ? " " : "", (int)n, bytes);
}

/* Notes a report. */
static void on_cursor(void *user, int row, int col)
{
    (void)user;
    (void)row;
    cursor_col = col;
}

/* Notes a colour. */
static void on_background(void *user, int bright)
{
    (void)user;
    brightness = bright;
}

static const struct input_events events = {on_key, on_paste, on_cursor, on_background};

/* What bytes mean, whole and byte by byte. */
static void means(const char *bytes, size_t n, const char *want, const char *name)
{
    struct input in;
    for (int pass = 0; pass < 2; pass++) {
        str_clear(&heard);
        input_init(&in, &events, NULL);
        for (size_t i = 0; i < n; i += pass ? 1 : n)
            input_feed(&in, bytes + i, pass ? 1 : n);
        input_timeout(&in);
        input_fini(&in);
        is_str(str_text(&heard), want, name);
    }
}
#define MEANS(bytes, want, name) means(bytes, sizeof(bytes) - 1, want, name)

int main(void)
{
    MEANS("aé会🌍", "a é 会 🌍", "characters");
    MEANS("\r\n\t\177\b\033", "Enter C-j Tab Backspace Backspace Esc", "control keys");
    MEANS("\001\030\037", "C-a C-x C-_", "with Ctrl");
    MEANS("\033[A\033OB\033[1;5C\033[D", "Up Down M-f Left", "arrows");
    MEANS("\033[H\033[4~\033[5~\033[6~\033[3~", "Home End PageUp PageDown Delete", "other keys");
    MEANS("\033f\033\177", "M-f M-C-?", "with Alt");
    MEANS("\033[200~two\nlines\033[Ax\033[201~y", "<two\nlines\033[Ax> y", "a paste comes whole");
    MEANS("x\377y", "x y", "stray bytes are dropped");
    MEANS("\033[999;999zq", "q", "unknown sequences are dropped");
    struct input in;
    input_init(&in, &events, NULL);
    input_feed(&in, "\033[1;3R", 6);
    is_int(cursor_col, 3, "a cursor report is no key");
    input_feed(&in, "\033]11;rgb:ffff/ffff/ffff\033\\", 26);
    is_int(brightness, 255, "the background is told");
    input_feed(&in, "\033", 1);
    ok(input_waits(&in), "a lone Esc waits");
    input_fini(&in);
    struct input_key key = {.name = "ｊ", .bytes = "ｊ", .len = 3};
    input_narrow(&key);
    is_str(key.name, "j", "full-width letters of an input method are keys");
    struct input_key wide = {.name = "会", .bytes = "会", .len = 3};
    input_narrow(&wide);
    is_str(wide.name, "会", "others stay");
    str_fini(&heard);
    return tap_end();
}
