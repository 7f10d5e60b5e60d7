/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailcap.c - lines of mailcap files. A line is fields between semicolons; "\" quotes the next
 * character, also the end of a line. */
#include "inbox/mailcap.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/path.h"
#include "command/config.h"

enum { FILE_MAX = 1 << 20 };

/* Releases an entry. */
void mailcap_fini(struct mailcap *m)
{
    vec_fini(&m->words);
    free(m->name);
    *m = (struct mailcap){0};
}

/* Takes the next line, continued ones joined; false at the end. */
static bool next_line(const char **at, struct str *line)
{
    const char *p = *at;
    str_clear(line);
    if (!*p)
        return false;
    for (; *p && *p != '\n'; p++) {
        if (*p == '\\' && p[1] == '\n') {
            p++;
            continue;
        }
        if (*p == '\\' && p[1])
            str_putc(line, *p++);
        str_putc(line, *p);
    }
    *at = *p ? p + 1 : p;
    return true;
}

/* Takes the next field, trimmed; quoted semicolons belong to it. Yours. NULL at the end. */
static char *next_field(const char **at)
{
    struct str field = STR_INIT;
    const char *p = *at;
    if (!p)
        return NULL;
    for (; *p && *p != ';'; p++) {
        if (*p == '\\' && (p[1] == ';' || p[1] == '\\'))
            p++;
        else if (*p == '\\' && p[1] == '%')
            str_putc(&field, *++p); /* twice: it stands for itself */
        str_putc(&field, *p);
    }
    *at = *p ? p + 1 : NULL;
    str_puts(&field, "");
    return str_trim(str_take(&field));
}

/* Does the type of an entry ("image/png", "image/" and a star, "image") mean this type? */
static bool is_meant(const char *entry, const char *type)
{
    size_t n = strcspn(entry, "/");
    if (str_eq_nocase(entry, type))
        return true;
    if (entry[n] && !str_eq(entry + n, "/*"))
        return false;
    return strncasecmp(type, entry, n) == 0 && type[n] == '/';
}

/* Is the program a shell? */
static bool is_shell(const char *program)
{
    static const char *const shells[] = {"sh", "bash", "dash", "zsh", "ksh", "csh", "tcsh", "fish", "busybox"};
    const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (str_eq(shells[i], name))
            return true;
    return false;
}

/* Would a shell do something with this command that words do not? */
static bool needs_shell(const char *command)
{
    char quote = 0;
    for (const char *p = command; *p; p++) {
        if (quote == '\'' ? *p == '\'' : *p == quote)
            quote = 0;
        else if (!quote && (*p == '\'' || *p == '"'))
            quote = *p;
        else if (quote != '\'' && (*p == '$' || *p == '`'))
            return true;
        else if (!quote && strchr("|&;<>()*?[]~#\n", *p))
            return true;
    }
    return quote != 0;
}

/* A test that needs no shell after all: is a variable of the environment set or empty? 1 passed, 0
 * failed, -1 not known. */
static int simple_test(const char *test)
{
    static const struct {
        const char *form;
        bool set;
    } forms[] = {{"test -n ", true}, {"test -z ", false}, {"test ", true}, {"[ -n ", true}, {"[ -z ", false}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (!str_starts(test, forms[i].form))
            continue;
        const char *p = test + strlen(forms[i].form);
        p += *p == '"';
        if (*p++ != '$')
            return -1;
        p += *p == '{';
        size_t n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        if (!n || strspn(p + n, "}\" ]") != strlen(p + n))
            return -1;
        char *name = mem_strndup(p, n);
        const char *value = getenv(name);
        bool set = value && *value;
        free(name);
        return set == forms[i].set;
    }
    return -1;
}

/* Is there such a program? */
static bool is_installed(const char *program)
{
    const char *path = getenv("PATH");
    if (strchr(program, '/'))
        return access(program, X_OK) == 0;
    for (const char *p = path ? path : "/usr/bin:/bin"; p; p = strchr(p, ':') ? strchr(p, ':') + 1 : NULL) {
        char *full = str_format("%.*s/%s", (int)strcspn(p, ":"), p, program);
        bool there = access(full, X_OK) == 0;
        free(full);
        if (there)
            return true;
    }
    return false;
}

/* Reads the fields behind the command; false when the entry is not for this place. */
static bool read_flags(const char *at, struct mailcap *m)
{
    bool good = true;
    for (char *field; good && (field = next_field(&at)); free(field)) {
        char *value = strchr(field, '=');
        if (str_eq_nocase(field, "needsterminal")) {
            m->needs_terminal = true;
        } else if (str_eq_nocase(field, "copiousoutput")) {
            m->copious = true;
        } else if (value) {
            char *name = str_trim(mem_strndup(field, (size_t)(value - field)));
            char *rest = str_trim(mem_strdup(value + 1));
            if (str_eq_nocase(name, "test"))
                good = simple_test(rest) == 1;
            else if (str_eq_nocase(name, "nametemplate") && !m->name && strstr(rest, "%s") &&
                     !strchr(rest, '/'))
                m->name = mem_strdup(rest);
            free(name);
            free(rest);
        }
    }
    return good;
}

/* Reads one entry; false when it is not for this type or cannot be used. */
static bool read_entry(const char *line, const char *type, struct mailcap *m)
{
    const char *at = line;
    struct error err = ERROR_INIT;
    int column;
    char *entry = next_field(&at), *command = next_field(&at);
    bool good = entry && command && *command && *entry && *entry != '#' && is_meant(entry, type) &&
                !needs_shell(command);
    *m = (struct mailcap){0};
    strv_init(&m->words);
    good = good && config_split(command, &m->words, &column, &err) == STATUS_OK && m->words.len &&
           !strchr(strv_at(&m->words, 0), '%') && !is_shell(strv_at(&m->words, 0)) &&
           is_installed(strv_at(&m->words, 0)) &&
           read_flags(at, m);
    for (size_t i = 0; i < m->words.len; i++)
        m->takes_file |= strstr(strv_at(&m->words, i), "%s") != NULL;
    free(entry);
    free(command);
    if (!good)
        mailcap_fini(m);
    return good;
}

/* The first entry that can be used. */
bool mailcap_find(const char *text, const char *type, struct mailcap *out)
{
    struct str line = STR_INIT;
    bool found = false;
    while (!found && next_line(&text, &line))
        found = read_entry(str_text(&line), type, out);
    str_fini(&line);
    return found;
}

/* The person's own, then the system's. */
bool mailcap_choose(const char *type, struct mailcap *out)
{
    static const char *const files[] = {"~/.mailcap", "/etc/mailcap", "/usr/share/etc/mailcap",
                                        "/usr/local/etc/mailcap"};
    bool found = false;
    for (size_t i = 0; i < sizeof files / sizeof files[0] && !found; i++) {
        struct str text = STR_INIT;
        struct error err = ERROR_INIT;
        char *path = path_expand(files[i]);
        if (path_read(path, FILE_MAX, &text, &err) == STATUS_OK)
            found = mailcap_find(str_text(&text), type, out);
        str_fini(&text);
        free(path);
    }
    return found;
}

/* One word with its places filled. Yours. */
static char *fill(const char *word, const char *path, const char *type)
{
    struct str out = STR_INIT;
    str_puts(&out, "");
    for (const char *p = word; *p; p++) {
        if (*p != '%' || !p[1]) {
            str_putc(&out, *p);
        } else if (*++p == 's') {
            str_puts(&out, path);
        } else if (*p == 't') {
            str_puts(&out, type);
        } else if (*p == '{') {
            p += strcspn(p, "}");
            if (!*p)
                break;
        } else if (*p == '%') {
            str_putc(&out, '%');
        }
    }
    return str_take(&out);
}

/* All of them. */
void mailcap_argv(const struct mailcap *m, const char *path, const char *type, struct vec *argv)
{
    strv_init(argv);
    for (size_t i = 0; i < m->words.len; i++)
        strv_push_take(argv, fill(strv_at(&m->words, i), path, type));
}
