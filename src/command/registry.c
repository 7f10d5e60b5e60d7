/* SPDX-License-Identifier: GPL-3.0-or-later */
/* registry.c - all command rows of the program, in order of name. */
#include "command/call.h"
#include "command/command.h"
#include "command/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/vec.h"

static struct {
    const struct command **rows; /* own; sorted by name */
    size_t len, cap;
    unsigned serial;
} registry;

/* Adds the rows of one part, keeping the order of names; a name stands once. */
void command_register(const struct command *table)
{
    for (const struct command *row = table; row->name; row++) {
        size_t at = 0;
        while (at < registry.len && strcmp(registry.rows[at]->name, row->name) < 0)
            at++;
        if (at < registry.len && strcmp(registry.rows[at]->name, row->name) == 0)
            continue;
        if (registry.len == registry.cap) {
            registry.cap = registry.cap ? registry.cap * 2 : 128;
            registry.rows = mem_resize(registry.rows, registry.cap, sizeof(*registry.rows));
        }
        memmove(registry.rows + at + 1, registry.rows + at,
                (registry.len - at) * sizeof(*registry.rows));
        registry.rows[at] = row;
        registry.len++;
    }
    registry.serial++;
}

/* Changes whenever rows were added. */
unsigned command_serial(void)
{
    return registry.serial;
}

/* Walks all rows. */
const struct command *command_next(size_t *i)
{
    return *i < registry.len ? registry.rows[(*i)++] : NULL;
}

/* Finds a row by family and verb; verb NULL: the family's name alone. */
const struct command *command_find(const char *family, const char *verb)
{
    size_t n = strlen(family);
    for (size_t i = 0; i < registry.len; i++) {
        const char *name = registry.rows[i]->name;
        if (strncmp(name, family, n) != 0)
            continue;
        if (verb ? name[n] == ' ' && strcmp(name + n + 1, verb) == 0 : name[n] == '\0')
            return registry.rows[i];
    }
    return NULL;
}

/* Tells whether any row of this family has a verb. */
bool command_has_verbs(const char *family)
{
    size_t n = strlen(family);
    for (size_t i = 0; i < registry.len; i++)
        if (strncmp(registry.rows[i]->name, family, n) == 0 && registry.rows[i]->name[n] == ' ')
            return true;
    return false;
}

/* Tells whether a row can run here at all. */
static bool is_here(const struct command *row, bool screen)
{
    return !(row->flags & (screen ? CMD_BATCH_ONLY : CMD_SCREEN_ONLY));
}

/* Collects the first words of all rows that run here, each once. */
void command_families(bool screen, struct vec *out)
{
    for (size_t i = 0; i < registry.len; i++) {
        if (!is_here(registry.rows[i], screen))
            continue;
        const char *name = registry.rows[i]->name;
        char *family = mem_strndup(name, strcspn(name, " "));
        if (out->len && str_eq(strv_at(out, out->len - 1), family))
            free(family);
        else
            strv_push_take(out, family);
    }
}

/* Collects the verbs of a family that run here. */
void command_verbs(const char *family, bool screen, struct vec *out)
{
    size_t n = strlen(family);
    for (size_t i = 0; i < registry.len; i++) {
        const char *name = registry.rows[i]->name;
        if (is_here(registry.rows[i], screen) && strncmp(name, family, n) == 0 && name[n] == ' ')
            strv_push(out, name + n + 1);
    }
}

static const struct command_option ids_options[] = {
    {.name = "query",
     .value = "Q",
     .summary = N_("Work on the messages that this search finds.")},
    {.name = "threads", .summary = N_("With --query: widen to the whole threads.")},
    {.name = NULL},
};

/* The options that come from the row's flags. */
const struct command_option *command_added_options(const struct command *row)
{
    return (row->flags & CMD_IDS) && row->max_args == -1 ? ids_options : NULL;
}

static const struct command_option global_options[] = {
    {.name = "home",
     .value = "DIR",
     .summary = N_("Keep the office in DIR instead of the XDG directories."),
     .complete = "dir"},
    {.name = "json", .summary = N_("Print one JSON object per line.")},
    {.name = "offline", .summary = N_("Use no network and no model.")},
    {.name = "quiet", .summary = N_("Print no notes and no progress.")},
    {.name = "yes", .summary = N_("Answer yes to what would be asked.")},
    {.name = "dry-run", .summary = N_("Say what would change, and change nothing.")},
    {.name = "fail-empty", .summary = N_("Exit with 3 when nothing was found.")},
    {.name = "debug", .summary = N_("Write more to the log in the state directory.")},
    {.name = "help", .summary = N_("Show how a command is used.")},
    {.name = "version", .summary = N_("Print the version.")},
    {.name = "dump-docs",
     .value = "KIND",
     .summary = N_("Print the manual, the settings or completions from the tables."),
     .complete = "=man man-rc rc bash zsh fish json"},
    {.name = NULL},
};

/* The options of the program itself. */
const struct command_option *command_global_options(void)
{
    return global_options;
}

/* Usage of one command as the manual shows it. */
char *command_usage_line(const struct command *row)
{
    struct str s = STR_INIT;
    str_puts(&s, row->name);
    if (row->args && *row->args) {
        str_putc(&s, ' ');
        str_puts(&s, row->args);
    }
    const struct command_option *tables[] = {row->options, command_added_options(row)};
    for (size_t t = 0; t < 2; t++)
        for (const struct command_option *o = tables[t]; o && o->name; o++) {
            str_puts(&s, " [--");
            str_puts(&s, o->name);
            if (o->value) {
                str_putc(&s, ' ');
                str_puts(&s, o->value);
            }
            str_puts(&s, o->repeats ? "]…" : "]");
        }
    return str_take(&s);
}
