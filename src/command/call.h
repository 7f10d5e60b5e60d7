/* call.h - running a row: the words of a line, and the face that shows what comes out.
 *
 * For app/ (batch) and the queue (screen); a command itself needs only command.h and ids.h. */
#ifndef COMMAND_CALL_H
#define COMMAND_CALL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/json.h"
#include "base/vec.h"
#include "command/command.h"

/* Options every command takes, before or after its name. */
struct command_globals {
    char *home; /* own, as is fields below; NULL: not given */
    char *dump; /* --dump-docs KIND */
    bool json, offline, quiet, yes, dry, fail_empty, debug, help, version;
};

struct command_word_option {
    const struct command_option *row;
    char *value; /* own; NULL for a switch */
};

/* One line, read: which command with what. */
struct command_line {
    const struct command *row; /* NULL: only globals */
    struct vec args;           /* strv, positional */
    struct vec options;        /* struct command_word_option */
    struct command_globals globals;
};

void command_line_init(struct command_line *l);
void command_line_fini(struct command_line *l);

/* Reads the words of a program's argv (argv[0] left out). USAGE names the word and what would be
 * right; the globals read so far stand even then. */
enum status command_parse_argv(int argc, char *const argv[], struct command_line *out,
                               struct error *err) MUST_CHECK;
/* Reads a ":" line: quoting of bureaurc, abbreviated names where unique. */
enum status command_parse_text(const char *text, struct command_line *out,
                               struct error *err) MUST_CHECK;

/* Options the machine adds to a row (CMD_IDS: query, threads); ends with a zero row; NULL: none. */
const struct command_option *command_added_options(const struct command *row);
/* The options of the program itself, for docs and completion; ends with a zero row. */
const struct command_option *command_global_options(void);
/* "archive ID…" with the family, as usage lines and the manual show it. Yours. */
char *command_usage_line(const struct command *row);

/* Where output goes. user is the env's. end comes exactly once and last, also for usage errors. */
struct command_sink {
    /* obj is borrowed and has its "type"; text NULL: nothing for people. result: the closing one. */
    void (*item)(void *user, struct command_call *c, bool result, const struct json *obj,
                 const char *text);
    void (*delta)(void *user, struct command_call *c, const char *bytes, size_t n);
    void (*raw)(void *user, struct command_call *c, const void *bytes, size_t n);
    void (*note)(void *user, struct command_call *c, const char *text);
    void (*warn)(void *user, struct command_call *c, const char *text);
    void (*progress)(void *user, struct command_call *c, int64_t done, int64_t total,
                     const char *what);
    /* code: the exit status of the contract. err->status OK with code != 0: data says it all. */
    void (*end)(void *user, struct command_call *c, const struct error *err, int code);
};

struct command_env {
    struct store *store; /* NULL only for CMD_NO_STORE rows */
    struct loop *loop;
    bool screen;   /* the full screen runs it */
    bool terminal; /* stdout is one */
    const struct command_sink *sink;
    void *user;
    /* The screen's rows for a CMD_IDS row without ids; NULL in batch. */
    void (*target)(void *user, const struct command *row, bool many, struct vec *ids);
    /* Who started it is told after end; owner is theirs. May be NULL. */
    void (*ended)(void *owner, struct command_call *c);
    void *owner;
};

/* Runs it: what is in line moves into the call (line is left empty). NULL when it has ended
 * already, else the call that waits. ids (struct command_target, copied; NULL): what the line acts
 * on when it names nothing, instead of asking target(). */
struct command_call *command_start(const struct command_env *env, struct command_line *line,
                                   const struct vec *ids);
/* An end for a line that could not be read: the sink's end with this error, row NULL. */
void command_refuse(const struct command_env *env, const struct command_line *line,
                    const struct error *err);
/* Always legal, also from inside a callback; the call may end in here. false: this command knows
 * no stopping. */
bool command_cancel(struct command_call *c);
/* Sink and owner go before the call does (the screen has ended): it tells nobody any more. */
void command_let_go(struct command_call *c);
/* The env's user: the screen (tui/) for SCREEN_ONLY commands. */
void *command_user(const struct command_call *c);
/* The globals of the line that started it. */
const struct command_globals *command_call_globals(const struct command_call *c);

#endif
