/* error.h - what went wrong, to what, and what to do.
 *
 * Functions that can fail because of the world return enum status (warn_unused_result) and take
 * a struct error * as their last argument (never NULL). On STATUS_OK the error is untouched.
 * The text says what happened and to what; the hint says what a person can do ("" when nothing).
 * Both are already translated. Lower floors never print; only app/ maps a status to an exit code. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/*  name          word in JSON     exit  meaning */
#define STATUS_LIST(X)                                                                             \
    X(OK, "ok", 0)                     /* done */                                                  \
    X(FAILED, "failed", 1)             /* anything without a name of its own */                    \
    X(USAGE, "usage", 2)               /* wrong arguments, unreadable query */                     \
    X(NO_SUCH, "no-such", 3)           /* a named id, model, file does not exist */                \
    X(REFUSED, "refused", 4)           /* policy, or not approved */                               \
    X(UNREACHABLE, "unreachable", 5)   /* network, server: try again */                            \
    X(LOCKED, "locked", 5)             /* another program holds it: try again */                   \
    X(INTERRUPTED, "interrupted", 130) /* a person stopped it */                                   \
    X(CORRUPT, "corrupt", 1)           /* data that breaks its own format */                       \
    X(FULL, "full", 1)                 /* no room on the disk */                                   \
    X(LIMIT, "limit", 1)               /* a stated ceiling was met */                              \
    X(STALE, "stale", 1)               /* changed since it was read */

enum status {
#define X(name, word, exit) STATUS_##name,
    STATUS_LIST(X)
#undef X
};

struct error {
    enum status status;
    char text[512];
    char hint[256];
    bool yes; /* REFUSED, and --yes does it all the same: the screen asks */
    bool untrusted; /* UNREACHABLE: the server's certificate is not trusted */
};

#define ERROR_INIT ((struct error){.status = STATUS_OK})
#define MUST_CHECK __attribute__((warn_unused_result))

/* The word of the JSON contract, e.g. "no-such". */
const char *status_word(enum status s);
/* The exit code of the contract. */
int status_exit(enum status s);

/* Fills err and returns its status, so that `return error_set(err, STATUS_X, _("…"), …);` works.
 * Clears the hint. */
enum status error_set(struct error *err, enum status s, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds the hint to an error that was set; returns its status. */
enum status error_hint(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Marks a refusal as one that a person's yes lifts; returns its status. */
enum status error_yes(struct error *err);
/* The same with ": " and the system's words for errno; FULL for ENOSPC/EDQUOT. */
enum status error_set_errno(struct error *err, int errnum, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Puts "context: " in front of the text. */
void error_prefix(struct error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool error_is(const struct error *err);

#if defined __clang_analyzer__ || defined BUREAU_ANALYZED /* lint-deep: what this returns is never OK */
static inline enum status error_same(enum status given, enum status returned)
{
    (void)returned;
    return given;
}
#define error_set(err, s, ...) error_same((s), (error_set)((err), (s), __VA_ARGS__))
#endif

#endif
