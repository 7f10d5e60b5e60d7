/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse.c - the words of argv or of a ":" line become a row, its arguments and its options.
 *
 * GNU long options anywhere ("--limit 5", "--limit=5", a unique beginning is enough), "--" ends
 * them. A family's verb follows its name. */
#include "command/call.h"
#include "command/registry.h"
#include "command/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"

/* A line while it is read: words of argv, or the text itself from byte `at` on. */
struct parse {
    int argc;
    char *const *argv; /* NULL: text */
    int i;
    const char *text;
    size_t at;
    bool screen;
    bool raw;      /* text of a CMD_TEXT row: quotes stay */
    bool in_quote; /* raw: inside "…" */
    bool no_more_options;
    bool quoted; /* the word just read was quoted */
    struct command_line *out;
};

/* Releases one option given on a line. */
static void word_option_fini(void *item)
{
    struct command_word_option *o = item;
    free(o->value);
}

/* Makes an empty line. */
void command_line_init(struct command_line *l)
{
    *l = (struct command_line){0};
    strv_init(&l->args);
    vec_init(&l->options, sizeof(struct command_word_option), word_option_fini);
}

/* Releases what a line holds. */
void command_line_fini(struct command_line *l)
{
    vec_fini(&l->args);
    vec_fini(&l->options);
    free(l->globals.home);
    free(l->globals.dump);
}

/* Reads the next word; NULL at the end, or with err set when a quote stays open. */
static char *next_word(struct parse *p, struct error *err)
{
    p->quoted = false;
    if (p->argv)
        return p->i < p->argc ? mem_strdup(p->argv[p->i++]) : NULL;
    while (p->text[p->at] == ' ' || p->text[p->at] == '\t')
        p->at++;
    if (p->text[p->at] == '\0')
        return NULL;
    if (p->raw && strncmp(p->text + p->at, "--", 2) != 0) {
        size_t n = strcspn(p->text + p->at, " \t");
        char *word = mem_strndup(p->text + p->at, n);
        p->quoted = p->in_quote;
        for (const char *c = word; *c; c++)
            p->in_quote ^= *c == '"';
        p->at += n;
        return word;
    }
    struct word w;
    int column = 0;
    if (words_read(p->text, &p->at, &w, &column, err) != STATUS_OK) {
        free(w.text);
        return NULL;
    }
    p->quoted = w.quoted;
    return w.text;
}

/* Looks an option up in one table by its whole name or a beginning; counts what fits. */
static void look_up(const struct command_option *table, const char *name, size_t n,
                    const struct command_option **found, int *count)
{
    for (; table && table->name; table++) {
        if (strncmp(table->name, name, n) != 0)
            continue;
        if (table->name[n] == '\0') {
            *found = table;
            *count = -1000; /* exact: nothing else counts */
        } else if (*count >= 0) {
            *found = table;
            ++*count;
        }
    }
}

/* Says which option was probably meant. */
static enum status unknown_option(const struct command *row, const char *word, struct error *err)
{
    struct vec names;
    strv_init(&names);
    const struct command_option *tables[] = {row ? row->options : NULL,
                                             row ? command_added_options(row) : NULL,
                                             command_global_options()};
    for (size_t t = 0; t < 3; t++)
        for (const struct command_option *o = tables[t]; o && o->name; o++)
            strv_push(&names, o->name);
    char *bare = mem_strndup(word + 2, strcspn(word + 2, "="));
    const char *near = words_near(bare, &names);
    (void)error_set(err, STATUS_USAGE, row ? _("%s: unknown option --%s") : _("%sunknown option --%s"),
                    row ? row->name : "", bare);
    enum status s = near ? error_hint(err, _("did you mean --%s?"), near)
                    : row ? error_hint(err, "bureau help %s", row->name)
                          : error_hint(err, "bureau help");
    free(bare);
    vec_fini(&names);
    return s;
}

/* Puts a global option's value where it belongs. */
static void set_global(struct command_globals *g, const char *name, char *value)
{
    static const struct {
        const char *name;
        size_t at;
    } switches[] = {
        {"json", offsetof(struct command_globals, json)},
        {"offline", offsetof(struct command_globals, offline)},
        {"quiet", offsetof(struct command_globals, quiet)},
        {"yes", offsetof(struct command_globals, yes)},
        {"dry-run", offsetof(struct command_globals, dry)},
        {"fail-empty", offsetof(struct command_globals, fail_empty)},
        {"debug", offsetof(struct command_globals, debug)},
        {"help", offsetof(struct command_globals, help)},
        {"version", offsetof(struct command_globals, version)},
    };
    if (value) {
        char **at = strcmp(name, "home") == 0 ? &g->home : &g->dump;
        free(*at);
        *at = value;
        return;
    }
    for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
        if (strcmp(switches[i].name, name) == 0)
            *(bool *)((char *)g + switches[i].at) = true;
}

/* Reads one "--name[=value]" word with its value. */
static enum status read_option(struct parse *p, const char *word, struct error *err)
{
    const struct command *row = p->out->row;
    const char *name = word + 2;
    size_t n = strcspn(name, "=");
    const struct command_option *found = NULL;
    int count = 0;
    if (row) {
        look_up(row->options, name, n, &found, &count);
        look_up(command_added_options(row), name, n, &found, &count);
    }
    bool own = found != NULL;
    const struct command_option *global = NULL;
    if (count >= 0) {
        look_up(command_global_options(), name, n, &global, &count);
        if (global && (count < 0 || !found)) {
            found = global;
            own = false;
        }
    }
    if (!found || n == 0)
        return unknown_option(row, word, err);
    if (count > 1) {
        (void)error_set(err, STATUS_USAGE, _("--%.*s fits several options"), (int)n, name);
        return error_hint(err, _("write it in full"));
    }
    char *value = NULL;
    if (found->value) {
        bool raw = p->raw;
        p->raw = false;
        value = name[n] == '=' ? mem_strdup(name + n + 1) : next_word(p, err);
        p->raw = raw;
        if (!value && error_is(err))
            return err->status;
        if (!value) {
            (void)error_set(err, STATUS_USAGE, _("--%s needs a value"), found->name);
            return error_hint(err, "--%s %s", found->name, found->value);
        }
    } else if (name[n] == '=') {
        return error_set(err, STATUS_USAGE, _("--%s takes no value"), found->name);
    }
    if (!own) {
        set_global(&p->out->globals, found->name, value);
        return STATUS_OK;
    }
    struct command_word_option *o = vec_push(&p->out->options);
    *o = (struct command_word_option){.row = found, .value = value};
    return STATUS_OK;
}

/* Tells whether the row's options or the program's know this "--name" at all. */
static bool knows_option(const struct command *row, const char *word)
{
    size_t n = strcspn(word + 2, "=");
    const struct command_option *found = NULL;
    int count = 0;
    look_up(row->options, word + 2, n, &found, &count);
    look_up(command_added_options(row), word + 2, n, &found, &count);
    look_up(command_global_options(), word + 2, n, &found, &count);
    return found != NULL && n > 0;
}

/* Picks the one candidate that begins with word: itself, or the only one; NULL when none or many.
 * *many tells which of the two. */
static const char *unique(const char *word, const struct vec *candidates, bool *many)
{
    const char *found = NULL;
    *many = false;
    for (size_t i = 0; i < candidates->len; i++) {
        const char *c = strv_at(candidates, i);
        if (!str_starts(c, word))
            continue;
        if (strcmp(c, word) == 0) {
            *many = false;
            return c;
        }
        *many = found != NULL;
        if (*many)
            break;
        found = c;
    }
    return *many ? NULL : found;
}

/* Lists the candidates that begin with word, for a hint. */
static void list_fits(const char *word, const struct vec *candidates, struct str *out)
{
    for (size_t i = 0; i < candidates->len && out->len < 180; i++)
        if (str_starts(strv_at(candidates, i), word)) {
            str_puts(out, out->len ? ", " : "");
            str_puts(out, strv_at(candidates, i));
        }
}

/* Says that there is no such name among the candidates; prefix is what stands before it. */
static enum status no_such_name(const char *prefix, const char *word, const struct vec *candidates,
                                bool many, struct error *err)
{
    struct str fits = STR_INIT;
    if (many) {
        list_fits(word, candidates, &fits);
        (void)error_set(err, STATUS_USAGE, _("“%s%s” fits several commands"), prefix, word);
        (void)error_hint(err, "%s", str_text(&fits));
    } else {
        const char *near = words_near(word, candidates);
        (void)error_set(err, STATUS_USAGE, _("no such command: %s%s"), prefix, word);
        if (!*prefix && (strcmp(word, "set") == 0 || strcmp(word, "bind") == 0)) {
            (void)error_hint(err, _("that is a line of bureaurc: “bureau --dump-docs rc”"));
        } else if (near) {
            (void)error_hint(err, _("did you mean %s%s?"), prefix, near);
        } else if (*prefix) {
            list_fits("", candidates, &fits);
            (void)error_hint(err, _("there are: %s"), str_text(&fits));
        } else {
            (void)error_hint(err, _("“help” lists all"));
        }
    }
    str_fini(&fits);
    return err->status;
}

/* Resolves the family's name; *short_form when it was abbreviated. */
static enum status read_family(struct parse *p, const char *word, char **family, bool *short_form,
                               struct error *err)
{
    struct vec names;
    strv_init(&names);
    command_families(p->screen, &names);
    bool many = false;
    const char *found = NULL;
    if (p->screen) {
        found = unique(word, &names, &many);
    } else {
        for (size_t i = 0; i < names.len && !found; i++)
            found = str_eq(strv_at(&names, i), word) ? strv_at(&names, i) : NULL;
    }
    if (!found) {
        (void)no_such_name("", word, &names, many, err);
    } else {
        *family = mem_strdup(found);
        *short_form = strcmp(found, word) != 0;
    }
    vec_fini(&names);
    return found ? STATUS_OK : err->status;
}

/* Finds the row of a family with verbs: *used tells whether word was its verb. */
static enum status read_verb(struct parse *p, const char *family, const char *word, bool *used,
                             bool *short_form, struct error *err)
{
    const struct command *bare = command_find(family, NULL);
    const struct command *row = word ? command_find(family, word) : NULL;
    if (row || (bare && (!word || bare->max_args != 0))) {
        *used = row != NULL;
        p->out->row = row ? row : bare;
        return STATUS_OK;
    }
    struct vec verbs;
    strv_init(&verbs);
    command_verbs(family, p->screen, &verbs);
    bool many = false;
    const char *found = word && p->screen ? unique(word, &verbs, &many) : NULL;
    if (found) {
        *used = *short_form = true;
        p->out->row = command_find(family, found);
    } else {
        char *prefix = str_format("%s ", family);
        if (word) {
            (void)no_such_name(prefix, word, &verbs, many, err);
        } else {
            struct str fits = STR_INIT;
            list_fits("", &verbs, &fits);
            (void)error_set(err, STATUS_USAGE, _("%s: say what to do"), family);
            (void)error_hint(err, _("there are: %s"), str_text(&fits));
            str_fini(&fits);
        }
        free(prefix);
    }
    vec_fini(&verbs);
    return found ? STATUS_OK : err->status;
}

/* Tells whether a word is an option here. */
static bool is_option(const struct parse *p, const char *word)
{
    if (p->no_more_options || strncmp(word, "--", 2) != 0 || word[2] == '\0')
        return false;
    const struct command *row = p->out->row;
    if (row && (row->flags & CMD_TEXT) && !p->argv)
        return !p->quoted && knows_option(row, word);
    return true;
}

/* Reads options up to the next other word; that word is yours, NULL at the end or on error. */
static char *next_argument(struct parse *p, struct error *err)
{
    for (;;) {
        char *word = next_word(p, err);
        if (!word)
            return NULL;
        if (!p->no_more_options && strcmp(word, "--") == 0 && !p->quoted) {
            p->no_more_options = true;
        } else if (is_option(p, word)) {
            if (read_option(p, word, err) != STATUS_OK) {
                free(word);
                return NULL;
            }
        } else {
            return word;
        }
        free(word);
    }
}

/* Refuses "-x": there are long options only. A single "-" is stdin, and texts may begin so. */
static enum status check_dash(const struct parse *p, const char *word, struct error *err)
{
    if (p->no_more_options || word[0] != '-' || word[1] == '\0' || (word[1] >= '0' && word[1] <= '9') ||
        (p->out->row && (p->out->row->flags & CMD_TEXT)))
        return STATUS_OK;
    (void)error_set(err, STATUS_USAGE, _("unknown option %s"), word);
    return error_hint(err, _("options are written in full, as in --help; “--” ends them"));
}

/* Reads a whole line. */
static enum status parse(struct parse *p, struct error *err)
{
    char *name = next_argument(p, err), *family = NULL, *verb = NULL;
    bool short_form = false, used = false;
    enum status s = error_is(err) ? err->status : STATUS_OK;
    if (s != STATUS_OK || !name)
        goto out;
    if ((s = check_dash(p, name, err)) != STATUS_OK ||
        (s = read_family(p, name, &family, &short_form, err)) != STATUS_OK)
        goto out;
    p->out->row = command_find(family, NULL);
    if (command_has_verbs(family)) {
        const struct parse before = *p;
        verb = next_argument(p, err);
        if (error_is(err) && !before.out->row) {
            s = err->status;
            goto out;
        }
        if (!verb && p->out->globals.help && !p->out->row) { /* `draft --help`: the family */
            strv_push(&p->out->args, family);
            goto out;
        }
        bool failed = error_is(err);
        *err = ERROR_INIT;
        if ((s = read_verb(p, family, failed ? NULL : verb, &used, &short_form, err)) != STATUS_OK)
            goto out;
        if (!used) { /* an argument of the bare row: read it again as such */
            *p = before;
            vec_clear(&p->out->options);
        }
    }
    if (short_form && (p->out->row->flags & CMD_NO_ABBREV)) {
        s = error_set(err, STATUS_USAGE, _("“%s” must be written in full"), p->out->row->name);
        goto out;
    }
    p->raw = !p->argv && (p->out->row->flags & CMD_TEXT);
    for (char *word; (word = next_argument(p, err));) {
        s = check_dash(p, word, err);
        strv_push_take(&p->out->args, word);
        if (s != STATUS_OK)
            goto out;
    }
    s = error_is(err) ? err->status : STATUS_OK;
out:
    free(name);
    free(family);
    free(verb);
    return s;
}

/* Reads "m12" into its letter and number. */
bool command_id(const char *text, char *letter, int64_t *number)
{
    long long n = 0;
    if (!text || text[0] < 'a' || text[0] > 'z' || text[1] < '0' || text[1] > '9' ||
        !str_to_int64(text + 1, &n) || n <= 0)
        return false;
    *letter = text[0];
    *number = n;
    return true;
}

/* Reads a program's arguments. */
enum status command_parse_argv(int argc, char *const argv[], struct command_line *out,
                               struct error *err)
{
    struct parse p = {.argc = argc, .argv = argv, .out = out};
    *err = ERROR_INIT;
    return parse(&p, err);
}

/* Reads a ":" line. */
enum status command_parse_text(const char *text, struct command_line *out, struct error *err)
{
    struct parse p = {.text = text, .screen = true, .out = out};
    *err = ERROR_INIT;
    return parse(&p, err);
}
