/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete.c - what may stand at a place of the ":" line, from the rows. */
#include "command/call.h"
#include "command/config.h"
#include "command/option.h"
#include "command/queue.h"
#include "command/registry.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

#define COMPLETE_MAX 500 /* more are not worth a look */

struct filler {
    const char *kind; /* borrow */
    void (*fill)(struct store *s, const char *prefix, struct vec *out);
};

static struct filler fillers[32];
static size_t filler_count;
static struct store *filler_store;

/* Names who knows the values of a kind. */
void queue_complete_with(const char *kind,
                         void (*fill)(struct store *s, const char *prefix, struct vec *out))
{
    if (filler_count < sizeof(fillers) / sizeof(fillers[0]))
        fillers[filler_count++] = (struct filler){kind, fill};
}

/* Names the office the fillers may ask. */
void queue_complete_store(struct store *s)
{
    filler_store = s;
}

/* Adds a candidate when it begins with the prefix. */
static void add(struct vec *out, const char *prefix, const char *word)
{
    if (out->len < COMPLETE_MAX && str_starts(word, prefix))
        strv_push(out, word);
}

/* Orders two names. */
static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void queue_complete_files(const char *prefix, bool dirs_only, struct vec *out)
{
    const char *slash = strrchr(prefix, '/');
    char *shown = mem_strndup(prefix, slash ? (size_t)(slash - prefix) + 1 : 0);
    char *dir = *shown ? path_expand(shown) : mem_strdup(".");
    const char *base = slash ? slash + 1 : prefix;
    DIR *d = opendir(dir);
    struct dirent *e;
    while (d && (e = readdir(d)) && out->len < COMPLETE_MAX) {
        if (!str_starts(e->d_name, base) || (e->d_name[0] == '.' && base[0] != '.') ||
            strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        struct stat st;
        char *path = path_join(dir, e->d_name);
        bool is_dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
        free(path);
        if (is_dir || !dirs_only)
            strv_push_take(out, str_format("%s%s%s", shown, e->d_name, is_dir ? "/" : ""));
    }
    if (d)
        closedir(d);
    vec_sort(out, by_name);
    free(shown);
    free(dir);
}

/* Adds the words of a space-separated list. */
static void add_list(struct vec *out, const char *prefix, const char *list)
{
    for (const char *p = list; *p;) {
        p += strspn(p, " ");
        size_t n = strcspn(p, " ");
        char *word = mem_strndup(p, n);
        if (n)
            add(out, prefix, word);
        free(word);
        p += n;
    }
}

/* Adds what a part of the program offers: what begins with the word, in any case; a person is found by any
 * part of a name, so those are taken as they come. */
static void add_filled(struct vec *out, const char *prefix, const struct filler *f)
{
    struct vec found;
    bool any = strcmp(f->kind, "person") == 0;
    strv_init(&found);
    f->fill(filler_store, prefix, &found);
    for (size_t i = 0; i < found.len && out->len < COMPLETE_MAX; i++)
        if (any || str_starts_nocase(strv_at(&found, i), prefix))
            strv_push(out, strv_at(&found, i));
    vec_fini(&found);
}

/* Takes the escapes and quotes of a word that is being typed out. */
static void unescape(char *word)
{
    char *to = word;
    for (const char *p = word; *p; p++) {
        if (*p == '\\' && p[1])
            *to++ = *++p;
        else if (*p != '"')
            *to++ = *p;
    }
    *to = '\0';
}

/* Adds what one kind of value may be. */
static void add_kind(struct vec *out, const char *prefix, const char *kind)
{
    if (strcmp(kind, "file") == 0 || strcmp(kind, "dir") == 0) {
        queue_complete_files(prefix, kind[0] == 'd', out);
    } else if (strcmp(kind, "lane") == 0) {
        add_list(out, prefix, COMMAND_LANES);
    } else if (strcmp(kind, "command") == 0) {
        struct vec names;
        strv_init(&names);
        command_families(true, &names);
        for (size_t i = 0; i < names.len; i++)
            add(out, prefix, strv_at(&names, i));
        vec_fini(&names);
    } else if (strcmp(kind, "option") == 0) {
        const struct option *o;
        for (size_t i = 0; (o = option_next(&i));)
            add(out, prefix, o->name);
    } else if (strcmp(kind, "account") == 0) {
        for (size_t i = 0; i < config_accounts()->len; i++)
            add(out, prefix, ((struct config_account *)vec_at(config_accounts(), i))->name);
    } else if (strcmp(kind, "model") == 0) {
        for (size_t i = 0; i < config_models()->len; i++)
            add(out, prefix, ((struct config_model *)vec_at(config_models(), i))->name);
        add(out, prefix, "offline");
    }
    for (size_t i = 0; i < filler_count; i++)
        if (strcmp(fillers[i].kind, kind) == 0)
            add_filled(out, prefix, &fillers[i]);
}

/* Adds by a row's or an option's `complete`. */
static void add_by(struct vec *out, const char *prefix, const char *complete)
{
    if (!complete)
        return;
    if (*complete == '=') {
        add_list(out, prefix, complete + 1);
        return;
    }
    for (const char *p = complete; *p;) {
        p += strspn(p, " ");
        size_t n = strcspn(p, " ");
        char *kind = mem_strndup(p, n);
        if (n)
            add_kind(out, prefix, kind);
        free(kind);
        p += n;
    }
}

/* Adds the row's options as "--name". */
static void add_options(struct vec *out, const char *prefix, const struct command *row)
{
    static const char *const useful[] = {"yes", "dry-run", "offline"};
    const struct command_option *tables[] = {row->options, command_added_options(row)};
    for (size_t t = 0; t < 2; t++)
        for (const struct command_option *o = tables[t]; o && o->name; o++) {
            char *word = str_format("--%s", o->name);
            add(out, prefix, word);
            free(word);
        }
    for (size_t i = 0; i < 3; i++) {
        char *word = str_format("--%s", useful[i]);
        if (i == 2 || (row->flags & CMD_CHANGES))
            add(out, prefix, word);
        free(word);
    }
}

/* Finds an option of the row by its exact name. */
static const struct command_option *find_option(const struct command *row, const char *name, size_t n)
{
    const struct command_option *tables[] = {row->options, command_added_options(row),
                                             command_global_options()};
    for (size_t t = 0; t < 3; t++)
        for (const struct command_option *o = tables[t]; o && o->name; o++)
            if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
                return o;
    return NULL;
}

/* Sorts candidates and drops those that stand twice. */
static int compare_words(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Leaves each word once, in order. */
static void tidy(struct vec *out)
{
    vec_sort(out, compare_words);
    for (size_t i = out->len; i-- > 1;)
        if (strcmp(strv_at(out, i), strv_at(out, i - 1)) == 0)
            vec_remove(out, i);
}

/* Where the word that ends at `at` begins: behind the last blank that is not escaped or quoted. */
static size_t word_start(const char *line, size_t at)
{
    size_t start = 0;
    char quote = 0;
    for (size_t i = 0; i < at; i++) {
        if (quote)
            quote = line[i] == quote ? 0 : quote;
        else if (line[i] == '\\' && i + 1 < at)
            i++;
        else if (line[i] == '"')
            quote = line[i];
        else if (line[i] == ' ')
            start = i + 1;
    }
    return start;
}

/* Finds what may stand at a place of the line. */
void queue_complete(const char *line, size_t at, struct vec *out, size_t *start)
{
    size_t from = word_start(line, at);
    for (size_t p = 0; p < from;) { /* the last command of several */
        const char *next = strstr(line + p, " ; ");
        if (!next || (size_t)(next - line) + 3 > from)
            break;
        p = (size_t)(next - line) + 3;
        char *rest = mem_strdup(line + p);
        queue_complete(rest, at - p, out, start);
        *start += p;
        free(rest);
        return;
    }
    char *prefix = mem_strndup(line + from, at - from), *before = mem_strndup(line, from);
    struct command_line l;
    struct error err = ERROR_INIT;
    *start = from;
    unescape(prefix);
    command_line_init(&l);
    if (command_parse_text(before, &l, &err) != STATUS_OK)
        err = ERROR_INIT; /* what could be read is enough here */
    char *first = mem_strndup(before + strspn(before, " "), strcspn(before + strspn(before, " "), " "));
    size_t n = strlen(before);
    while (n && before[n - 1] == ' ')
        before[--n] = '\0';
    const char *last = strrchr(before, ' ') ? strrchr(before, ' ') + 1 : before;
    const char *equals = strchr(prefix, '=');
    const struct command_option *o = NULL;
    if (!*first) {
        add_kind(out, prefix, "command");
    } else {
        if (l.row && str_starts(last, "--") && !strchr(last, '='))
            o = find_option(l.row, last + 2, strlen(last + 2));
        if (!(o && o->value))
            o = NULL;
        if (!o && l.row && str_starts(prefix, "--") && equals &&
            (o = find_option(l.row, prefix + 2, (size_t)(equals - prefix) - 2)) && o->value) {
            *start = from + (size_t)(equals - prefix) + 1;
            memmove(prefix, equals + 1, strlen(equals + 1) + 1);
        }
        if (o) {
            add_by(out, prefix, o->complete);
        } else if (l.row && str_starts(prefix, "--")) {
            add_options(out, prefix, l.row);
        } else {
            if (strcmp(before + strspn(before, " "), first) == 0) {
                struct vec verbs;
                strv_init(&verbs);
                command_verbs(first, true, &verbs);
                for (size_t i = 0; i < verbs.len; i++)
                    add(out, prefix, strv_at(&verbs, i));
                vec_fini(&verbs);
            }
            if (l.row)
                add_by(out, prefix, l.row->complete);
        }
    }
    tidy(out);
    command_line_fini(&l);
    free(first);
    free(prefix);
    free(before);
}
