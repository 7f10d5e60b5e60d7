/* keymap.h - which key means which command line, from the command tables and `bind`.
 *
 * A key is a name: a character ("a", "/", "é"), "Space", "Enter", "Tab", "Esc", "Backspace",
 * "Delete", "Insert", "Up", "Down", "Left", "Right", "Home", "End", "PageUp", "PageDown", "C-x"
 * (Ctrl, lower case). Spellings of inputrc are read too ("\C-x", "\e", "RET", "SPC", "Control-x").
 * C-m is Enter, C-i Tab, C-[ Esc, C-h Backspace. A sequence is one or two keys with a space
 * between, or letters that stand together ("ta" is "t a").
 *
 * In a place several contexts hold (the inbox list: ALL|LIST|INBOX). A user's bind wins, then the
 * narrower context. Where KEYS_TEXT holds, rows of KEYS_ALL count only when their first key is
 * C-x, or for C-c: everything else there types or is readline's. With Ctrl held on the second key
 * of a C-x sequence it means the same unless that is listed. */
#ifndef COMMAND_KEYMAP_H
#define COMMAND_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"
#include "command/command.h"

enum keymap_found {
    KEYMAP_NONE,   /* nobody's */
    KEYMAP_PREFIX, /* more is needed: "t", "C-x" */
    KEYMAP_LINE    /* a command line */
};

/* Looks up keys ("t a", canonical names); *line is borrowed until the next bind or reload. */
enum keymap_found keymap_find(unsigned contexts, const char *keys, const char **line);
/* Reads one key's spelling; "" in out and false when it is none. */
bool keymap_key(const char *spelling, struct str *out);
/* Reads a sequence into canonical form ("\C-x\C-s", "C-x C-s", "ta"). */
enum status keymap_sequence(const char *spelling, struct str *out, struct error *err) MUST_CHECK;
/* `bind CONTEXT KEY COMMAND…` of bureaurc; the command "none" unbinds. */
enum status keymap_bind(const char *context, const char *keys, const char *line,
                        struct error *err) MUST_CHECK;
/* Forgets all `bind`s (before bureaurc is read again) and reads the tables anew. */
void keymap_reset(void);

/* For the hint row: keys that work here and have a word, by rank. */
struct keymap_hint {
    const char *keys; /* "C-x Enter" */
    const char *text; /* translated: "send" */
    const struct command *row;
};
/* Bumps whenever what was given here before has gone: the config was read anew, a key was bound. */
unsigned keymap_serial(void);
size_t keymap_hints(unsigned contexts, struct keymap_hint *out, size_t max);

/* For the help screen and the manual: all keys, those of one context together. */
struct keymap_entry {
    unsigned contexts;
    const char *keys, *line; /* borrowed */
    const struct command *row; /* NULL: a line of several */
    bool bound;                /* by the user */
    int rank;                  /* of the key in its table: the most used first; 0: none */
};
bool keymap_next(size_t *i, struct keymap_entry *out);
/* "list", "inbox", …; for several bits the words with spaces. Appends. */
void keymap_context_words(unsigned contexts, struct str *out);
/* 0 when it is no context. */
unsigned keymap_context(const char *word);

#endif
