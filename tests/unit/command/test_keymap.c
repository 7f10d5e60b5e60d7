/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_keymap.c - which key means what, where. */
#include "tap.h"

#include <stdlib.h>

#include "base/str.h"
#include "command/keymap.h"

static const struct command table[] = {
    {.name = "archive",
     .args = "ID…",
     .keys = (const struct command_key[]){{KEYS_LIST | KEYS_THREAD, "a", NULL, "archive", 3}, {0}}},
    {.name = "lane",
     .args = "LANE ID…",
     .max_args = -1,
     .keys = (const struct command_key[]){{KEYS_LIST, "t a", "answer", NULL, 0},
                                          {KEYS_LIST, "td", "done", NULL, 0},
                                          {0}}},
    {.name = "submit",
     .keys = (const struct command_key[]){{KEYS_TEXT, "C-x Enter", NULL, "send", 1}, {0}}},
    {.name = "instruct",
     .keys = (const struct command_key[]){{KEYS_TEXT, "C-x i", NULL, "instruct", 2}, {0}}},
    {.name = "take-back",
     .keys = (const struct command_key[]){{KEYS_ALL, "C-x u", NULL, NULL, 0}, {0}}},
    {.name = "stop", .keys = (const struct command_key[]){{KEYS_ALL, "C-c", NULL, NULL, 0}, {0}}},
    {.name = "quit", .keys = (const struct command_key[]){{KEYS_ALL, "q", NULL, NULL, 0}, {0}}},
    {.name = "fork", .keys = (const struct command_key[]){{KEYS_CHAT, "f", NULL, NULL, 0}, {0}}},
    {.name = "forward", .keys = (const struct command_key[]){{KEYS_LIST, "f", NULL, "forward", 2}, {0}}},
    {.name = NULL},
};

/* Looks keys up and compares. */
static void key_is(unsigned contexts, const char *keys, const char *want)
{
    const char *line = NULL;
    enum keymap_found f = keymap_find(contexts, keys, &line);
    is_str(f == KEYMAP_LINE ? line : f == KEYMAP_PREFIX ? "(prefix)" : "(none)", want, keys);
}

/* Reads a spelling and compares. */
static void spelling_is(const char *spelling, const char *want)
{
    struct str s = STR_INIT;
    struct error err = ERROR_INIT;
    is_str(keymap_sequence(spelling, &s, &err) == STATUS_OK ? str_text(&s) : NULL, want, spelling);
    str_fini(&s);
}

int main(void)
{
    command_register(table);
    spelling_is("\\C-x\\C-s", "C-x C-s");
    spelling_is("C-x C-s", "C-x C-s");
    spelling_is("ta", "t a");
    spelling_is("t a", "t a");
    spelling_is("\\e", "Esc");
    spelling_is("RET", "Enter");
    spelling_is("C-m", "Enter");
    spelling_is("Control-x", "C-x");
    spelling_is("SPC", "Space");
    spelling_is("C-x |", "C-x |");
    spelling_is("\\M-x", "Esc x");
    spelling_is("é", "é");
    spelling_is("C-x C-i", "C-x Tab");
    spelling_is("!", "!");
    spelling_is("", NULL);
    spelling_is("abcd", NULL);

    const unsigned list = KEYS_ALL | KEYS_LIST | KEYS_INBOX, text = KEYS_ALL | KEYS_TEXT | KEYS_CHAT;
    key_is(list, "a", "archive");
    key_is(list, "t", "(prefix)");
    key_is(list, "t a", "lane answer");
    key_is(list, "t d", "lane done");
    key_is(list, "t z", "(none)");
    key_is(list, "q", "quit");
    key_is(text, "q", "(none)");
    key_is(text, "f", "(none)");
    key_is(text, "a", "(none)");
    key_is(text, "C-x", "(prefix)");
    key_is(text, "C-x Enter", "submit");
    key_is(text, "C-x i", "instruct");
    key_is(text, "C-x Tab", "instruct");
    key_is(text, "C-x u", "take-back");
    key_is(text, "C-x C-u", "take-back");
    key_is(text, "C-c", "stop");
    key_is(text, "C-x z", "(none)");
    key_is(KEYS_ALL | KEYS_LIST | KEYS_CHAT, "f", "fork");
    key_is(list, "f", "forward");

    struct error err = ERROR_INIT;
    ok(keymap_bind("list", "x", "archive", &err) == STATUS_OK, "bind");
    key_is(list, "x", "archive");
    ok(keymap_bind("list", "a", "none", &err) == STATUS_OK, "unbind");
    key_is(list, "a", "(none)");
    ok(keymap_bind("list", "z", "lane done ; forward", &err) == STATUS_OK, "two commands");
    key_is(list, "z", "lane done ; forward");
    ok(keymap_bind("list", "z", "nonsense", &err) == STATUS_USAGE, "unknown command");
    ok(keymap_bind("lists", "z", "archive", &err) == STATUS_USAGE, "unknown context");
    ok(keymap_bind("list", "t", "forward", &err) == STATUS_OK, "a prefix of the tables");
    key_is(list, "t", "forward");

    struct keymap_hint hints[8];
    size_t n = keymap_hints(list, hints, 8);
    is_int((int64_t)n, 2, "hints");
    is_str(n > 1 ? hints[0].text : NULL, "forward", "by rank");
    is_str(n > 1 ? hints[1].keys : NULL, "x", "the user's key");
    n = keymap_hints(text, hints, 1);
    is_int((int64_t)n, 1, "no more than asked for");
    is_str(hints[0].keys, "C-x Enter", "the first by rank");
    keymap_reset();
    key_is(list, "a", "archive");
    key_is(list, "x", "(none)");
    size_t i = 0, count = 0;
    for (struct keymap_entry e; keymap_next(&i, &e);)
        count++;
    is_int((int64_t)count, 10, "all keys");
    unsigned before = keymap_serial();
    ok(keymap_serial() == before, "nothing has changed");
    keymap_reset();
    ok(keymap_serial() != before, "a config that is read anew takes back what was given for hints");
    return tap_end();
}
