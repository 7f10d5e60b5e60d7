/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option.c - settings: their tables, their values, and what a wrong value should have been. */
#include "command/option.h"
#include "command/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/vec.h"

/* One setting with its present value. */
struct value {
    const struct option *row;
    char *text;  /* own */
    int64_t number;
    bool set;    /* by the config */
};

static struct vec values; /* struct value, sorted by name */
static unsigned serial;

static const struct {
    const char *unit;
    int64_t factor;
} durations[] = {
    {"ms", 1},           {"s", 1000},          {"sec", 1000},       {"min", 60000},
    {"m", 60000},        {"h", 3600000},       {"hour", 3600000},   {"hours", 3600000},
    {"d", 86400000},     {"day", 86400000},    {"days", 86400000},  {"w", 604800000},
    {"week", 604800000}, {"weeks", 604800000},
},
  sizes[] = {
      {"", 1}, {"B", 1}, {"KB", 1024}, {"K", 1024}, {"MB", 1048576}, {"M", 1048576}, {"GB", 1073741824}, {"G", 1073741824},
};

/* Finds a setting; NULL when there is none. */
static struct value *find(const char *name)
{
    for (size_t i = 0; i < values.len; i++) {
        struct value *v = vec_at(&values, i);
        if (strcmp(v->row->name, name) == 0)
            return v;
    }
    return NULL;
}

/* Reads "20" with a unit behind it; false when it is none. */
static bool read_number(const char *text, bool duration, int64_t *out)
{
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n > 15)
        return false;
    char digits[16] = "";
    memcpy(digits, text, n);
    long long number = 0;
    if (!str_to_int64(digits, &number))
        return false;
    const char *unit = text + n + strspn(text + n, " ");
    if (duration && number == 0 && !*unit) {
        *out = 0;
        return true;
    }
    size_t count = duration ? sizeof(durations) / sizeof(durations[0])
                            : sizeof(sizes) / sizeof(sizes[0]);
    for (size_t i = 0; i < count; i++)
        if (duration ? strcmp(unit, durations[i].unit) == 0 : str_eq_nocase(unit, sizes[i].unit))
            return !__builtin_mul_overflow(
                number, duration ? durations[i].factor : sizes[i].factor, out);
    return false;
}

/* Tells whether word is one of the choices. */
static bool is_choice(const char *choices, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = choices; n && (p = strstr(p, word)); p += n)
        if ((p == choices || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return true;
    return false;
}

/* Writes a limit as it would be typed. */
static void limit_text(const struct option *row, int64_t n, char buf[32])
{
    static const struct {
        int64_t size;
        const char *unit;
    } times[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}, {1, "ms"}},
      bytes[] = {{1073741824, "GB"}, {1048576, "MB"}, {1024, "KB"}, {1, "B"}};
    for (size_t i = 0; row->type == OPTION_DURATION && i < 5; i++)
        if (n % times[i].size == 0) {
            snprintf(buf, 32, "%" PRId64 "%s", n / times[i].size, times[i].unit);
            return;
        }
    for (size_t i = 0; row->type == OPTION_SIZE && i < 4; i++)
        if (n % bytes[i].size == 0) {
            snprintf(buf, 32, "%" PRId64 "%s", n / bytes[i].size, bytes[i].unit);
            return;
        }
    snprintf(buf, 32, "%" PRId64, n);
}

/* Says what values a setting takes. */
void option_accepts(const struct option *row, struct str *out)
{
    char low[32], high[32];
    switch (row->type) {
    case OPTION_BOOL:
        str_puts(out, _("on or off"));
        return;
    case OPTION_CHOICE: {
        char *list = mem_strdup(row->choices);
        for (char *p = list; *p; p++)
            if (*p == ' ')
                *p = '|';
        str_puts(out, list);
        free(list);
        return;
    }
    case OPTION_TEXT:
        str_puts(out, _("a text"));
        return;
    case OPTION_INT:
        str_puts(out, _("a number"));
        break;
    case OPTION_DURATION:
        str_puts(out, _("a time such as 25ms, 20s, 5min, 30d"));
        break;
    case OPTION_SIZE:
        str_puts(out, _("a size such as 64KB or 2MB"));
        break;
    }
    if (row->max > row->min) {
        limit_text(row, row->min, low);
        limit_text(row, row->max, high);
        str_addf(out, _(", %s to %s"), low, high);
    }
}

/* Reads text as a value of this setting; false when it is none. */
static bool read_value(const struct option *row, const char *text, int64_t *number)
{
    long long n = 0;
    *number = 0;
    switch (row->type) {
    case OPTION_BOOL:
        *number = strcmp(text, "on") == 0;
        return *number || strcmp(text, "off") == 0;
    case OPTION_CHOICE:
        return is_choice(row->choices, text);
    case OPTION_TEXT:
        return true;
    case OPTION_INT:
        if (!str_to_int64(text, &n))
            return false;
        *number = n;
        break;
    case OPTION_DURATION:
    case OPTION_SIZE:
        if (!read_number(text, row->type == OPTION_DURATION, number))
            return false;
        break;
    }
    return row->max <= row->min || (*number >= row->min && *number <= row->max);
}

/* Releases one value. */
static void value_fini(void *item)
{
    struct value *v = item;
    free(v->text);
}

/* Adds the settings of one part with their defaults. */
void option_register(const struct option *table)
{
    if (!values.item_size)
        vec_init(&values, sizeof(struct value), value_fini);
    for (const struct option *row = table; row->name; row++) {
        if (find(row->name))
            continue;
        size_t at = 0;
        while (at < values.len &&
               strcmp(((struct value *)vec_at(&values, at))->row->name, row->name) < 0)
            at++;
        struct value *v = vec_insert(&values, at);
        *v = (struct value){.row = row, .text = mem_strdup(row->fallback ? row->fallback : "")};
        (void)read_value(row, v->text, &v->number);
    }
}

/* Finds a setting's row. */
const struct option *option_find(const char *name)
{
    struct value *v = find(name);
    return v ? v->row : NULL;
}

/* Walks all settings by name. */
const struct option *option_next(size_t *i)
{
    return *i < values.len ? ((struct value *)vec_at(&values, (*i)++))->row : NULL;
}

/* Sets a value, or says what would be right. */
enum status option_set(const char *name, const char *text, struct error *err)
{
    struct value *v = find(name);
    if (!v) {
        struct vec names;
        strv_init(&names);
        for (size_t i = 0; i < values.len; i++)
            strv_push(&names, ((struct value *)vec_at(&values, i))->row->name);
        const char *near = words_near(name, &names);
        (void)error_set(err, STATUS_USAGE, _("there is no setting “%s”"), name);
        enum status s = near ? error_hint(err, _("did you mean %s?"), near)
                             : error_hint(err, _("“bureau --dump-docs rc” lists all"));
        vec_fini(&names);
        return s;
    }
    int64_t number = 0;
    if (!read_value(v->row, text, &number)) {
        struct str accepts = STR_INIT;
        option_accepts(v->row, &accepts);
        (void)error_set(err, STATUS_USAGE, _("%s: “%s” is no value of it"), name, text);
        (void)error_hint(err, _("it takes %s"), str_text(&accepts));
        str_fini(&accepts);
        return err->status;
    }
    free(v->text);
    v->text = mem_strdup(text);
    v->number = number;
    v->set = true;
    serial++;
    return STATUS_OK;
}

/* Puts every setting back to its default, before bureaurc is read again. */
void option_reset(void)
{
    for (size_t i = 0; i < values.len; i++) {
        struct value *v = vec_at(&values, i);
        if (!v->set)
            continue;
        free(v->text);
        v->text = mem_strdup(v->row->fallback ? v->row->fallback : "");
        (void)read_value(v->row, v->text, &v->number);
        v->set = false;
    }
    serial++;
}

/* A switch. */
bool option_bool(const char *name)
{
    return option_int(name) != 0;
}

/* A number, in milliseconds or bytes where it has a unit; 0 when there is no such setting. */
int64_t option_int(const char *name)
{
    const struct value *v = find(name);
    return v ? v->number : 0;
}

/* A text; "" when there is no such setting. Borrowed until it is set again. */
const char *option_text(const char *name)
{
    const struct value *v = find(name);
    return v ? v->text : "";
}

/* Was it set by the config? */
bool option_is_set(const char *name)
{
    const struct value *v = find(name);
    return v && v->set;
}

/* Changes with every option_set. */
unsigned option_serial(void)
{
    return serial;
}
