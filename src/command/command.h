/* command.h - the command machine. One table row per command; everything that a person or a script
 * can ask for is a row, and everything that has to know commands (keys, ":" line, batch, help,
 * completion, man page, docs) reads the rows.
 *
 * A command runs in the loop's thread. It answers through its call: rows (JSON and text in one),
 * streamed text, notes for the person. What must wait returns COMMAND_WAIT and ends later with
 * command_end from its completion callback; cancelling (C-c, SIGINT) calls the call's on_cancel. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "store/store.h"

struct command_call;

enum command_result { COMMAND_DONE, COMMAND_WAIT }; /* an error is set with command_fail first */

enum command_flag {
    CMD_CHANGES = 1 << 0,   /* takes --dry-run; a change of the office */
    CMD_STREAMS = 1 << 1,   /* writes text as it comes */
    CMD_IDS = 1 << 2,       /* works on ids (ids.h): arguments after the first min_args, "-"
                               (stdin), --query Q [--threads] when max_args is -1; on the screen
                               the marked or selected rows when none are given */
    CMD_SCREEN_ONLY = 1 << 3, /* absent in batch */
    CMD_BATCH_ONLY = 1 << 4,  /* absent on the screen */
    CMD_NO_ABBREV = 1 << 5, /* never by an abbreviated name (send, delete, spam, restore, undo) */
    CMD_NO_STORE = 1 << 6,  /* runs without an office (help, --dump-docs) */
    CMD_ALONE = 1 << 7,     /* needs that no other bureau has the store open (restore) */
    CMD_THREADS = 1 << 8,   /* batch opens the store with its threads: import, work */
    CMD_WHEN = 1 << 10,     /* with CMD_IDS: the first argument is a time of one or more words, the
                               ids begin at the first word that is one: command_when */
    CMD_FOLLOWS = 1 << 11,  /* on the screen what is typed while it runs is meant for what it ends in (a
                               pane that closes or opens): those keys wait for its end */
    CMD_TEXT = 1 << 9       /* the arguments are one text (a query, a question): words in argv are
                               joined, on the ":" line quotes are kept as typed, and a word that
                               begins with one dash is text. See command_text */
};

struct command_option {
    const char *name;    /* without the dashes */
    const char *value;   /* NULL: a switch; else the placeholder, e.g. "N", "TEXT", "FILE" */
    const char *summary; /* N_(): one sentence */
    bool repeats;
    const char *complete; /* what to complete: "file dir id folder lane label model template command option" or a
                             space-separated word list starting with "="; NULL: nothing */
};

/* Contexts of keys (contract.md "Config"). */
enum key_context {
    KEYS_ALL = 1 << 0,
    KEYS_LIST = 1 << 1,
    KEYS_INBOX = 1 << 2,
    KEYS_THREAD = 1 << 3,
    KEYS_NOTES = 1 << 4,
    KEYS_CHAT = 1 << 5,
    KEYS_TEXT = 1 << 6,
    KEYS_HELP = 1 << 7,
    KEYS_VIEW = 1 << 8, /* an attachment, or another view of a mail */
    KEYS_FILES = 1 << 9 /* the list of attachments and links */
};

struct command_key {
    unsigned contexts;   /* enum key_context bits */
    const char *keys;    /* "a", "C-x C-s", "t a", "Space", "Enter" */
    const char *args;    /* appended to the command's name, NULL: none. "lane" + "answer" */
    const char *hint;    /* N_(): one or two words for the hint row, NULL: not shown there */
    int rank;            /* place in the hint row and in the help, 1 first; 0 last */
};

struct command {
    const char *name;     /* "archive", or "draft list": a family and its verb */
    const char *args;     /* "ID…", "QUERY", "[TEXT]" as the usage line shows it */
    const char *summary;  /* N_(): what it does, one sentence without a full stop */
    const char *help;     /* N_(): paragraphs for help and manual, NULL: the summary is enough */
    unsigned flags;
    int min_args, max_args; /* positional; max -1: any number */
    const char *complete; /* of positional arguments, as in command_option */
    const struct command_option *options; /* ends with a zero row; NULL: none */
    const struct command_key *keys;       /* ends with a zero row; NULL: none */
    enum command_result (*run)(struct command_call *call);
}; /* write rows with .name = …: fields may be added */

/* Registered by app/ from each feature's row; the table ends with a zero row. */
void command_register(const struct command *table);
const struct command *command_find(const char *family, const char *verb /* may be NULL */);
/* Walks all in order of name; *i starts at 0. */
const struct command *command_next(size_t *i);

/* ---- what a running command may ask of its call ---- */

size_t command_argc(const struct command_call *c);
const char *command_arg(const struct command_call *c, size_t i); /* NULL past the end */
/* Arguments from i on, joined by spaces ("" when none); borrowed until the call ends. */
const char *command_text(struct command_call *c, size_t i);
/* The words of a CMD_WHEN row before its ids, likewise. */
const char *command_when(struct command_call *c);
bool command_has(const struct command_call *c, const char *option);
/* Rows to print by --limit; without it few where a person reads, else -1 (all). false: told. */
bool command_limit(struct command_call *c, int64_t few, int64_t *limit);
const char *command_value(const struct command_call *c, const char *option); /* last one; NULL */
size_t command_values(const struct command_call *c, const char *option, const char **out, size_t max);
bool command_is_json(const struct command_call *c);
bool command_is_dry(const struct command_call *c);
bool command_is_offline(const struct command_call *c);
bool command_is_yes(const struct command_call *c);
bool command_is_screen(const struct command_call *c); /* run from the full screen */
bool command_is_terminal(const struct command_call *c); /* stdout is one */
/* How many cells a cell of a table takes: so many where a person reads, without end in a pipe and in --json. */
size_t command_cells(const struct command_call *c, size_t cells);
struct store *command_store(const struct command_call *c);
struct loop *command_loop(const struct command_call *c);
const struct command *command_row(const struct command_call *c);
/* stdin whole, up to max bytes (batch; "" on the screen). Yours. */
char *command_stdin(struct command_call *c, size_t max, struct error *err);
/* A place for the command's own state; freed with free_fn when the call ends. */
void command_set_state(struct command_call *c, void *state, void (*free_fn)(void *));
void *command_state(const struct command_call *c);
void command_on_cancel(struct command_call *c, void (*on_cancel)(struct command_call *c));

/* ---- answers ---- */

/* One result row: in --json mode obj is printed (its "type" is set to "item" when absent), else
 * text (already passed the gate by this function; NULL: nothing). obj is taken. */
void command_item(struct command_call *c, struct json *obj, const char *text);
/* The closing {"type":"result",…}; the same otherwise. */
void command_result(struct command_call *c, struct json *obj, const char *text);
/* Streamed text: {"type":"delta"} lines or the bytes themselves through the gate. */
void command_delta(struct command_call *c, const char *bytes, size_t n);
/* Raw bytes to stdout, no gate: only `show --raw`, `export`; refused by the caller on terminals. */
void command_raw(struct command_call *c, const void *bytes, size_t n);
/* For the person, never data: stderr in batch, the why row on the screen. */
void command_note(struct command_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* {"type":"warning"} on stdout in --json mode, else stderr. */
void command_warn(struct command_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Progress of long work: done of total (0: unknown) and a word. */
void command_progress(struct command_call *c, int64_t done, int64_t total, const char *what);
/* Ends with this error (copied); returns COMMAND_DONE so that `return command_fail(c, &err);`. */
enum command_result command_fail(struct command_call *c, const struct error *err);
enum command_result command_usage(struct command_call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Ends a COMMAND_WAIT call. err NULL or STATUS_OK: success. The call is gone afterwards. */
void command_end(struct command_call *c, const struct error *err);
/* For states the contract maps to an exit code of their own with data already printed
 * (ask: cut → 1): exit code without an error text. */
void command_exit(struct command_call *c, int code);

/* Things named by arguments: parses "m12" → letter and number. */
bool command_id(const char *text, char *letter, int64_t *number);

/* Running rows: call.h (batch), queue.h (screen). */

#endif
