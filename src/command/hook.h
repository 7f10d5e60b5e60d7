/* hook.h - what a part offers the program beside its commands: checks for `doctor`, members for
 * `status`, work that falls due, kinds of files that `import` can read. app/features.c lists them;
 * the part itself includes only this. */
#ifndef COMMAND_HOOK_H
#define COMMAND_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"

struct store;
struct loop;

/* ---- doctor, config check ---- */

enum hook_state { HOOK_OK, HOOK_WARN, HOOK_FAIL };
struct command_call;
struct hook_report {
    struct command_call *call; /* borrow: whose rows the lines are */
    int failed;                /* lines that say fail */
    /* The check that waits for the world; one at a time is enough. */
    bool waiting;
    void (*stop)(void *user);
    void *user;
    void (*on_end)(struct hook_report *r);
};

/* One line: "reader  ok  box: Landlock 4, seccomp". Texts translated; hint "" only for OK. */
void hook_check(struct hook_report *r, const char *check, enum hook_state state,
                const char *message, const char *hint);
/* This check answers later: stop(user) gives it up without a word (it may come at any time until
 * hook_check_end). hook_check_end is called from the loop, never from inside the check. */
void hook_check_begin(struct hook_report *r, void (*stop)(void *user), void *user);
void hook_check_end(struct hook_report *r);
/* A check of a part; it reports at once, or begins and ends as above. s NULL: no store could open.
 * offline: nothing may go to the network. */
typedef void hook_doctor_fn(struct hook_report *r, struct store *s, struct loop *l, bool offline);

/* ---- status ---- */

/* Adds members to the JSON of `status` and words to its line for people. Bounded queries only. */
typedef void hook_status_fn(struct store *s, struct json *out, struct str *words);

/* ---- work that falls due (sends, snoozes, maildir sync, index) ---- */

struct hook_work {
    const char *name;
    /* When the next of it is due: seconds, CLOCK_NONE: nothing waits. A bounded query. */
    int64_t (*due)(struct store *s);
    /* Does all that is due now, then calls done once (also from inside): how many were done, and
     * the first error. Never waits. Used by `work`, `outbox run` and an open screen. */
    void (*run)(struct store *s, void (*done)(void *user, int count, const struct error *err),
                void *user);
    /* The program shall end: breaks a run under way off, what is not done stays due; done follows
     * soon. May be NULL when a run is short. */
    void (*stop)(struct store *s);
};

/* ---- import ---- */

enum hook_fit { HOOK_FIT_NO, HOOK_FIT_NAME, HOOK_FIT_CONTENT };

struct hook_import_result {
    int added, duplicates, damaged, failed;
};

struct hook_import {
    const char *as; /* the word of --as: "note", "transcript", "calendar" */
    /* Is this file one? By its first bytes, by its name. */
    enum hook_fit (*fit)(const char *name, const char *head, size_t n);
    /* Stores one whole file; bytes are borrowed until done, which comes once (also from inside).
     * journal: the open import's word for its batch (see app/import.c), 0 none. */
    void (*run)(struct store *s, const char *path, const char *bytes, size_t n,
                void (*done)(void *user, const struct hook_import_result *r,
                             const struct error *err),
                void *user);
    /* Are these bytes stored already? For dry runs. */
    bool (*known)(struct store *s, const char *bytes, size_t n);
};

#endif
