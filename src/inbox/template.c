/* SPDX-License-Identifier: GPL-3.0-or-later */
/* template.c - answers written beforehand: finding, checking, filling. */
#include "inbox/template.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/passage.h"
#include "base/path.h"

#define FILE_MAX (256u << 10)
#define FIELD_MAX 300

void template_fini_item(void *item)
{
    struct template_file *t = item;
    free(t->name);
    free(t->title);
    free(t->subject);
    free(t->language);
    free(t->words);
    free(t->text);
    free(t->path);
    vec_fini(&t->fields);
}

void template_fault_fini_item(void *item)
{
    struct template_fault *f = item;
    free(f->name);
    free(f->message);
}

/* Bytes up to the brace that closes the one at s (nested ones counted); 0 when none does. */
static size_t field_len(const char *s)
{
    int depth = 0;
    for (size_t n = 0; s[n] && n < FIELD_MAX; n++) {
        depth += (s[n] == '{') - (s[n] == '}');
        if (depth == 0)
            return n + 1;
    }
    return 0;
}

/* Is the field at s ("{gap: …}") a gap? Where its words begin. */
static const char *gap_words(const char *s)
{
    if (!str_starts_nocase(s, "{gap:"))
        return NULL;
    s += 5;
    return s + strspn(s, " ");
}

/* Collects the fields of a text, also those inside gaps. */
static void collect(const char *text, size_t n, struct vec *fields)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = text[i] == '{' ? field_len(text + i) : 0;
        if (!len)
            continue;
        const char *gap = gap_words(text + i);
        if (gap) {
            collect(gap, (size_t)(text + i + len - 1 - gap), fields);
        } else {
            char *name = mem_strndup(text + i + 1, len - 2);
            bool known = false;
            for (size_t k = 0; k < fields->len; k++)
                known |= str_eq(strv_at(fields, k), name);
            if (!known)
                strv_push(fields, name);
            free(name);
        }
        i += len - 1;
    }
}

/* Reads one header line; false when it is none. */
static bool read_header(struct template_file *t, const char *line, size_t n)
{
    static const char *const names[] = {"Name:", "Language:", "For:", "Subject:"};
    char **values[] = {&t->title, &t->language, &t->words, &t->subject};
    for (size_t i = 0; i < 4; i++)
        if (str_starts_nocase(line, names[i])) {
            char *value = mem_strndup(line + strlen(names[i]), n - strlen(names[i]));
            free(*values[i]);
            *values[i] = mem_strdup(str_trim(value));
            free(value);
            return true;
        }
    return false;
}

/* Takes a file apart. */
static void parse(struct template_file *t, const char *name, const char *path, const char *bytes)
{
    size_t n = strlen(name);
    *t = (struct template_file){.name = mem_strndup(name, n - 4), /* ".txt" */
                                .title = mem_strdup(""),
                                .subject = mem_strdup(""),
                                .language = mem_strdup(""),
                                .words = mem_strdup(""),
                                .path = mem_strdup(path)};
    strv_init(&t->fields);
    const char *p = bytes;
    while (*p && *p != '\n') {
        size_t len = strcspn(p, "\n");
        if (!read_header(t, p, len))
            break;
        p += len + (p[len] == '\n');
    }
    p += *p == '\n';
    struct str text = STR_INIT;
    for (; *p; p++)
        if (*p != '\r')
            str_putc(&text, *p);
    while (text.len && text.data[text.len - 1] == '\n')
        str_truncate(&text, text.len - 1);
    t->text = str_take(&text);
    collect(t->text, strlen(t->text), &t->fields);
}

/* By name, for sorting. */
static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct template_file *)a)->name, ((const struct template_file *)b)->name);
}

enum status template_load(const struct paths *paths, struct vec *out, struct error *err)
{
    char *config = mem_strdup(paths->config), *slash = strrchr(config, '/');
    if (slash)
        *slash = 0;
    char *dir = path_join(config, "templates");
    enum status st = STATUS_OK;
    vec_init(out, sizeof(struct template_file), template_fini_item);
    DIR *d = opendir(dir);
    if (!d && errno != ENOENT)
        st = error_set_errno(err, errno, "%s", dir);
    for (struct dirent *e; d && st == STATUS_OK && (e = readdir(d));) {
        if (e->d_name[0] == '.' || !str_ends(e->d_name, ".txt") || strlen(e->d_name) < 5)
            continue;
        char *path = path_join(dir, e->d_name);
        struct str bytes = STR_INIT;
        st = path_read(path, FILE_MAX, &bytes, err);
        if (st == STATUS_OK)
            parse(vec_push(out), e->d_name, path, str_text(&bytes));
        str_fini(&bytes);
        free(path);
    }
    if (d)
        closedir(d);
    free(dir);
    free(config);
    vec_sort(out, by_name);
    return st;
}

/* Moves a template out of the list. */
static void move_out(struct vec *all, size_t i, struct template_file *out)
{
    struct template_file *t = vec_at(all, i);
    *out = *t;
    *t = (struct template_file){0};
    strv_init(&t->fields);
}

enum status template_find(const struct paths *paths, const char *name, const char *language,
                          struct template_file *out, struct error *err)
{
    struct vec all;
    enum status st = template_load(paths, &all, err);
    size_t best = all.len;
    int rank = 0;
    for (size_t i = 0; st == STATUS_OK && i < all.len; i++) {
        const struct template_file *t = vec_at(&all, i);
        const char *dot = strrchr(t->name, '.');
        size_t stem = dot ? (size_t)(dot - t->name) : strlen(t->name);
        int r = 0;
        if (strcmp(t->name, name) == 0)
            r = 4;
        else if (str_eq_nocase(t->title, name))
            r = 3;
        else if (stem == strlen(name) && strncmp(t->name, name, stem) == 0)
            r = language && str_starts_nocase(language, t->language) && *t->language ? 2 : 1;
        if (r > rank) {
            rank = r;
            best = i;
        }
    }
    if (st == STATUS_OK && best == all.len) {
        struct str names = STR_INIT;
        for (size_t i = 0; i < all.len; i++)
            str_addf(&names, "%s%s", i ? ", " : "", ((struct template_file *)vec_at(&all, i))->name);
        error_set(err, STATUS_NO_SUCH, _("there is no template %s"), name);
        st = names.len ? error_hint(err, _("there are: %s"), str_text(&names))
                       : error_hint(err, _("put NAME.txt into the folder templates beside bureaurc"));
        str_fini(&names);
    }
    if (st == STATUS_OK)
        move_out(&all, best, out);
    vec_fini(&all);
    return st;
}

/* Adds a fault at a place of the text; line counts from its first line. */
static void fault(struct vec *faults, const struct template_file *t, const char *at,
                  const char *message)
{
    struct template_fault *f = vec_push(faults);
    f->name = mem_strdup(t->name);
    f->message = mem_strdup(message);
    f->line = 1;
    for (const char *p = t->text; at && p < at; p++)
        f->line += *p == '\n';
}

void template_check(const struct template_file *t, struct vec *faults)
{
    if (!*t->text)
        fault(faults, t, NULL, _("has no text"));
    for (const char *p = t->text; *p; p++) {
        if (*p == '}') {
            fault(faults, t, p, _("a } that nothing opens"));
        } else if (*p == '{') {
            size_t n = field_len(p);
            if (!n) {
                fault(faults, t, p, _("a { that is not closed"));
                return;
            }
            if (n == 2)
                fault(faults, t, p, _("a field without a name"));
            if (!gap_words(p) && memchr(p + 1, '{', n - 1))
                fault(faults, t, p, _("a field inside a field"));
            p += n - 1;
        }
    }
}

/* Appends foreign words so that they open no field or gap of their own. */
static void add_value(struct str *out, const char *value)
{
    for (; *value; value++)
        str_putc(out, *value == '{' || *value == '[' ? '('
                      : *value == '}' || *value == ']' ? ')' : *value);
}

/* How a gap begins in the template's own language. */
static const char *gap_opening(const char *text)
{
    return passage_is_cjk(text, strlen(text)) ? "[填写：" : "[fill: ";
}

/* Fills n bytes; inside a gap (opening NULL) an unknown field stays a word. */
static void fill(const char *text, size_t n, const struct template_value *values, size_t count,
                 const char *opening, struct str *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = text[i] == '{' ? field_len(text + i) : 0;
        if (!len || i + len > n) {
            str_putc(out, text[i]);
            continue;
        }
        const char *gap = gap_words(text + i), *value = NULL;
        size_t name_len = len - 2;
        if (gap) {
            bool typed = str_starts_nocase(gap, "yes/no") || str_starts(gap, "是/否");
            str_puts(out, typed || !opening ? "[" : opening);
            fill(gap, (size_t)(text + i + len - 1 - gap), values, count, NULL, out);
            str_putc(out, ']');
        } else {
            for (size_t k = 0; k < count && !value; k++)
                if (strlen(values[k].field) == name_len &&
                    strncmp(values[k].field, text + i + 1, name_len) == 0)
                    value = values[k].value;
            if (value && *value) {
                add_value(out, value);
            } else {
                if (opening)
                    str_puts(out, opening);
                str_add(out, text + i + 1, name_len);
                if (opening)
                    str_putc(out, ']');
            }
        }
        i += len - 1;
    }
}

void template_fill(const char *text, const struct template_value *values, size_t n, struct str *out)
{
    fill(text, strlen(text), values, n, gap_opening(text), out);
}
