/* SPDX-License-Identifier: GPL-3.0-or-later */
/* docs_shell.c - completions of bash, zsh and fish, from the tables. Options, verbs, fixed words,
 * files and directories are completed; what only the office knows is left to the ":" line. */
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/queue.h"
#include "command/registry.h"

/* What completes a value: its words, or "@file", "@dir", or "" when only the office knows. */
static char *words_of(const char *complete)
{
    if (!complete)
        return mem_strdup("");
    if (*complete == '=')
        return mem_strdup(complete + 1);
    if (strstr(complete, "lane"))
        return mem_strdup(COMMAND_LANES);
    if (strstr(complete, "command")) {
        struct vec names;
        strv_init(&names);
        command_families(false, &names);
        char *joined = strv_join(&names, " ");
        vec_fini(&names);
        return joined;
    }
    return mem_strdup(strstr(complete, "file") ? "@file" : strstr(complete, "dir") ? "@dir" : "");
}

/* The row's options as "--a --b". */
static char *option_words(const struct command *row)
{
    struct str s = STR_INIT;
    const struct command_option *tables[] = {row->options, command_added_options(row)};
    for (size_t t = 0; t < 2; t++)
        for (const struct command_option *o = tables[t]; o && o->name; o++)
            str_addf(&s, "%s--%s", s.len ? " " : "", o->name);
    return str_take(&s);
}

/* The program's options as "--a --b". */
static char *global_words(void)
{
    struct str s = STR_INIT;
    for (const struct command_option *o = command_global_options(); o->name; o++)
        str_addf(&s, "%s--%s", s.len ? " " : "", o->name);
    return str_take(&s);
}

/* First words of all commands of a shell. */
static char *family_words(void)
{
    struct vec names;
    strv_init(&names);
    command_families(false, &names);
    char *joined = strv_join(&names, " ");
    vec_fini(&names);
    return joined;
}

/* Prints the cases "NAME) …" of verbs: what may follow a family's name. */
static void print_verbs(FILE *out, const char *indent, const char *assign)
{
    struct vec names;
    strv_init(&names);
    command_families(false, &names);
    for (size_t i = 0; i < names.len; i++) {
        struct vec verbs;
        strv_init(&verbs);
        command_verbs(strv_at(&names, i), false, &verbs);
        char *joined = strv_join(&verbs, " ");
        if (verbs.len)
            fprintf(out, "%s'%s') %s'%s' ;;\n", indent, strv_at(&names, i), assign, joined);
        free(joined);
        vec_fini(&verbs);
    }
    vec_fini(&names);
}

/* Prints the cases "NAME OPTION) …" of option values. */
static void print_values(FILE *out, const char *indent, const char *prefix,
                         const struct command_option *o, const char *assign)
{
    for (; o && o->name; o++) {
        if (!o->value)
            continue;
        char *words = words_of(o->complete);
        fprintf(out, "%s'%s --%s') %s'%s' ;;\n", indent, prefix, o->name, assign, words);
        free(words);
    }
}

/* Prints the tables of bash and zsh, which share their syntax. */
static void print_tables(FILE *out)
{
    const struct command *row;
    char *families = family_words(), *globals = global_words();
    fprintf(out,
            "# verbs of a family\n_bureau_verbs() {\n    case $1 in\n");
    print_verbs(out, "    ", "echo ");
    fprintf(out, "    esac\n}\n\n# options of a command\n_bureau_options() {\n    case $1 in\n");
    for (size_t i = 0; (row = command_next(&i));) {
        if (row->flags & CMD_SCREEN_ONLY)
            continue;
        char *options = option_words(row);
        if (*options)
            fprintf(out, "    '%s') echo '%s' ;;\n", row->name, options);
        free(options);
    }
    fprintf(out, "    esac\n    echo '%s'\n}\n\n", globals);
    fprintf(out, "# values of an option: words, @file, @dir or nothing known; status 1: a switch\n"
                 "_bureau_values() {\n    case \"$1 $2\" in\n");
    for (size_t i = 0; (row = command_next(&i));) {
        if (row->flags & CMD_SCREEN_ONLY)
            continue;
        print_values(out, "    ", row->name, row->options, "echo ");
        print_values(out, "    ", row->name, command_added_options(row), "echo ");
    }
    fprintf(out, "    *' --home') echo @dir ;;\n"
                 "    *' --dump-docs') echo 'man man-rc rc bash zsh fish json' ;;\n"
                 "    *) return 1 ;;\n    esac\n}\n\n# arguments of a command\n_bureau_arguments() {\n"
                 "    case $1 in\n");
    for (size_t i = 0; (row = command_next(&i));) {
        char *words = words_of(row->complete);
        if (*words && !(row->flags & CMD_SCREEN_ONLY))
            fprintf(out, "    '%s') echo '%s' ;;\n", row->name, words);
        free(words);
    }
    fprintf(out, "    '') echo '%s' ;;\n    esac\n}\n\n", families);
    free(families);
    free(globals);
}

/* The function that finds the words for the place of the cursor; both shells set cur and before. */
static const char find_function[] =
    "# words for the place behind \"$@\": the words before the cursor, the program left out\n"
    "_bureau_find() {\n"
    "    local command= verbs= word= last= value=\n"
    "    for word in \"$@\"; do\n"
    "        last=$word\n"
    "        if [ -n \"$value\" ]; then value=; continue; fi\n"
    "        case $word in\n"
    "        --*=*) ;;\n"
    "        --*) if _bureau_values \"$command\" \"$word\" >/dev/null; then value=1; fi ;;\n"
    "        *)  if [ -z \"$command\" ]; then command=$word; verbs=$(_bureau_verbs \"$word\")\n"
    "            elif [ -n \"$verbs\" ]; then\n"
    "                case \" $verbs \" in *\" $word \"*) command=\"$command $word\" ;; esac\n"
    "                verbs=\n"
    "            fi ;;\n"
    "        esac\n"
    "    done\n"
    "    if [ -n \"$value\" ]; then _bureau_values \"$command\" \"$last\"; return; fi\n"
    "    case $cur in\n"
    "    -*) _bureau_options \"$command\" ;;\n"
    "    *) echo $verbs $(_bureau_arguments \"$command\") ;;\n"
    "    esac\n"
    "}\n\n";

/* Completion of bash. */
void docs_bash(FILE *out)
{
    fputs("# bash completion for bureau, made by bureau --dump-docs bash\n\n", out);
    print_tables(out);
    fputs(find_function, out);
    fputs("_bureau() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} words\n"
          "    COMPREPLY=()\n"
          "    words=$(_bureau_find \"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
          "    case $words in\n"
          "    @dir) compopt -o filenames; COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
          "    *@file*) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
          "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
          "    esac\n"
          "}\n"
          "complete -F _bureau bureau\n",
          out);
}

/* Completion of zsh. */
void docs_zsh(FILE *out)
{
    fputs("#compdef bureau\n# zsh completion for bureau, made by bureau --dump-docs zsh\n\n", out);
    print_tables(out);
    fputs(find_function, out);
    fputs("_bureau() {\n"
          "    local cur=${words[CURRENT]} found\n"
          "    found=$(_bureau_find \"${(@)words[2,CURRENT-1]}\")\n"
          "    case $found in\n"
          "    @dir) _files -/ ;;\n"
          "    *@file*) _files ;;\n"
          "    *) compadd -- ${=found} ;;\n"
          "    esac\n"
          "}\n"
          "_bureau \"$@\"\n",
          out);
}

/* Prints text as a quoted word of fish. */
static void fish_quote(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

/* The condition of fish that this row's name stands on the line. */
static void fish_condition(FILE *out, const struct command *row)
{
    const char *blank = strchr(row->name, ' ');
    char *family = mem_strndup(row->name, strcspn(row->name, " "));
    char *condition = blank ? str_format("__fish_seen_subcommand_from %s; and "
                                         "__fish_seen_subcommand_from %s", family, blank + 1)
                            : str_format("__fish_seen_subcommand_from %s", family);
    fputs(" -n ", out);
    fish_quote(out, condition);
    free(condition);
    free(family);
}

/* One option of fish. */
static void fish_option(FILE *out, const struct command *row, const struct command_option *o)
{
    for (; o && o->name; o++) {
        char *words = words_of(o->complete);
        fputs("complete -c bureau", out);
        if (row)
            fish_condition(out, row);
        fprintf(out, " -l %s -d ", o->name);
        fish_quote(out, _(o->summary));
        if (o->value)
            fputs(words[0] == '@' ? " -r -F" : " -x", out);
        if (o->value && *words && words[0] != '@') {
            fputs(" -a ", out);
            fish_quote(out, words);
        }
        fputs("\n", out);
        free(words);
    }
}

/* Completion of fish. */
void docs_fish(FILE *out)
{
    const struct command *row;
    fputs("# fish completion for bureau, made by bureau --dump-docs fish\n\ncomplete -c bureau -f\n", out);
    fish_option(out, NULL, command_global_options());
    for (size_t i = 0; (row = command_next(&i));) {
        if (row->flags & CMD_SCREEN_ONLY)
            continue;
        const char *blank = strchr(row->name, ' ');
        char *family = mem_strndup(row->name, strcspn(row->name, " "));
        char *condition = blank ? str_format("__fish_seen_subcommand_from %s", family)
                                : mem_strdup("__fish_use_subcommand");
        fputs("complete -c bureau -n ", out);
        fish_quote(out, condition);
        fprintf(out, " -a %s -d ", blank ? blank + 1 : row->name);
        fish_quote(out, _(row->summary));
        fputs("\n", out);
        char *words = words_of(row->complete);
        if (*words) {
            fputs("complete -c bureau", out);
            fish_condition(out, row);
            if (*words == '@') {
                fputs(" -F", out);
            } else {
                fputs(" -a ", out);
                fish_quote(out, words);
            }
            fputs("\n", out);
        }
        fish_option(out, row, row->options);
        fish_option(out, row, command_added_options(row));
        free(words);
        free(condition);
        free(family);
    }
}
