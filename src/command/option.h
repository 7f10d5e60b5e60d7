/* option.h - settings with default, limits, unit and a sentence; `set NAME VALUE` in bureaurc. */
#ifndef COMMAND_OPTION_H
#define COMMAND_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum option_type {
    OPTION_BOOL,     /* on, off */
    OPTION_INT,
    OPTION_DURATION, /* "20s", "30d", "5min", "25ms"; kept in milliseconds */
    OPTION_SIZE,     /* "2MB"; bytes */
    OPTION_TEXT,
    OPTION_CHOICE    /* one of choices */
};

struct option {
    const char *name;    /* "send.hold" */
    enum option_type type;
    const char *fallback; /* as text */
    int64_t min, max;    /* ints, milliseconds, bytes */
    const char *choices; /* "unicode ascii" */
    const char *unit;    /* N_() or NULL */
    const char *summary; /* N_(): one sentence */
};

/* The table ends with a zero row. */
void option_register(const struct option *table);
const struct option *option_find(const char *name);
const struct option *option_next(size_t *i);
/* USAGE says what would be right. */
enum status option_set(const char *name, const char *text, struct error *err) MUST_CHECK;
bool option_bool(const char *name);
int64_t option_int(const char *name);  /* also milliseconds and bytes */
const char *option_text(const char *name);
bool option_is_set(const char *name); /* by the config, not by default */
/* All back to their defaults, before bureaurc is read again. */
void option_reset(void);
/* What it takes, for hints and the manual: "a time such as 20s, 0s to 1h". Appends. */
void option_accepts(const struct option *row, struct str *out);
/* Bumps at each option_set: cheap way to see a change. */
unsigned option_serial(void);

#endif
