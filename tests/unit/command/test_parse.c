/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_parse.c - argv and ":" lines become rows, arguments and options. */
#include "tap.h"

#include <stdlib.h>

#include "base/str.h"
#include "command/call.h"
#include "command/ids.h"
#include "command/registry.h"
#include "command/words.h"

static const struct command_option search_options[] = {
    {.name = "limit", .value = "N", .summary = "Limit."},
    {.name = "list", .summary = "List."},
    {.name = "label", .value = "L", .repeats = true, .summary = "Label."},
    {.name = NULL},
};

static const struct command table[] = {
    {.name = "search", .args = "QUERY", .flags = CMD_TEXT, .max_args = -1, .options = search_options},
    {.name = "show", .args = "ID", .flags = CMD_IDS, .max_args = 1},
    {.name = "send", .args = "DRAFT", .flags = CMD_NO_ABBREV, .max_args = 1},
    {.name = "archive", .args = "ID…", .flags = CMD_IDS, .max_args = -1, .options = search_options},
    {.name = "draft list", .max_args = 0},
    {.name = "draft delete", .args = "ID", .max_args = 1, .flags = CMD_NO_ABBREV},
    {.name = "outbox", .max_args = 0},
    {.name = "outbox run", .max_args = 0},
    {.name = "lane", .args = "LANE ID…", .min_args = 1, .max_args = -1, .flags = CMD_IDS},
    {.name = NULL},
};

/* The line as text: "row|arg,arg|option=value,…" or "error: …". */
static char *line_text(enum status s, struct command_line *l, const struct error *err)
{
    struct str out = STR_INIT;
    if (s != STATUS_OK)
        str_addf(&out, "error %s", err->text);
    else {
        str_addf(&out, "%s|", l->row ? l->row->name : "-");
        for (size_t i = 0; i < l->args.len; i++)
            str_addf(&out, "%s%s", i ? "," : "", strv_at(&l->args, i));
        str_puts(&out, "|");
        for (size_t i = 0; i < l->options.len; i++) {
            const struct command_word_option *o = vec_at(&l->options, i);
            str_addf(&out, "%s%s=%s", i ? "," : "", o->row->name, o->value ? o->value : "");
        }
        const struct command_globals *g = &l->globals;
        str_addf(&out, "%s%s%s%s", g->json ? "|json" : "", g->yes ? "|yes" : "", g->home ? "|home " : "",
                 g->home ? g->home : "");
    }
    return str_take(&out);
}

/* Reads words as argv. */
static void argv_is(const char *words, const char *want)
{
    struct vec split;
    struct error err = ERROR_INIT;
    struct command_line l;
    char *argv[20];
    int column = 0;
    words_init(&split);
    if (words_split(words, false, &split, &column, &err) != STATUS_OK)
        return;
    for (size_t i = 0; i < split.len; i++)
        argv[i] = ((struct word *)vec_at(&split, i))->text;
    command_line_init(&l);
    err = ERROR_INIT;
    enum status s = command_parse_argv((int)split.len, argv, &l, &err);
    char *got = line_text(s, &l, &err);
    is_str(got, want, words);
    free(got);
    command_line_fini(&l);
    vec_fini(&split);
}

/* Reads a ":" line. */
static void text_is(const char *text, const char *want)
{
    struct error err = ERROR_INIT;
    struct command_line l;
    command_line_init(&l);
    enum status s = command_parse_text(text, &l, &err);
    char *got = line_text(s, &l, &err);
    is_str(got, want, text);
    free(got);
    command_line_fini(&l);
}

/* Edits words of a line. */
static void test_words(void)
{
    struct vec words;
    struct error err = ERROR_INIT;
    int column = 0;
    words_init(&words);
    ok(words_split("a 'b  c' \"d \\\" e\" f\\ g; # rest", true, &words, &column, &err) == STATUS_OK, "split");
    is_int((int64_t)words.len, 5, "five words");
    const char *want[] = {"a", "b  c", "d \" e", "f g", ";"};
    for (size_t i = 0; i < words.len && i < 5; i++)
        is_str(((struct word *)vec_at(&words, i))->text, want[i], want[i]);
    ok(((struct word *)vec_at(&words, 4))->separator, "; separates");
    vec_clear(&words);
    ok(words_split("say \"never", false, &words, &column, &err) == STATUS_USAGE, "open quote");
    is_int(column, 5, "its column");
    vec_fini(&words);
}

int main(void)
{
    command_register(table);
    test_words();
    argv_is("search --limit 5 hello", "search|hello|limit=5");
    argv_is("search hello --limit=5 -x", "search|hello,-x|limit=5");
    argv_is("--json --home /h search a", "search|a||json|home /h");
    argv_is("search a --json", "search|a||json");
    argv_is("search --lim 5 a", "search|a|limit=5");
    argv_is("search --li a", "error --li fits several options");
    argv_is("search --list=3 a", "error --list takes no value");
    argv_is("search -- --limit", "search|--limit|");
    argv_is("search --limit", "error --limit needs a value");
    argv_is("search --label a --label b x", "search|x|label=a,label=b");
    argv_is("serch a", "error no such command: serch");
    argv_is("show -x", "error unknown option -x");
    argv_is("show --nope", "error show: unknown option --nope");
    argv_is("archive --query 'is:unread' --threads --yes", "archive||query=is:unread,threads=|yes");
    argv_is("draft list", "draft list||");
    argv_is("draft --json list", "draft list|||json");
    argv_is("draft", "error draft: say what to do");
    argv_is("draft lost", "error no such command: draft lost");
    argv_is("outbox", "outbox||");
    argv_is("outbox run --json", "outbox run|||json");
    argv_is("outbox walk", "error no such command: outbox walk");
    argv_is("sear a", "error no such command: sear");
    argv_is("lane act m1 -", "lane|act,m1,-|");

    text_is("sea hello", "search|hello|");
    text_is("search \"a phrase\" OR b --limit 3", "search|\"a,phrase\",OR,b|limit=3");
    text_is("search what's up", "search|what's,up|");
    text_is("search \"--limit 3\"", "search|\"--limit,3\"|");
    text_is("sh t5", "show|t5|");
    text_is("s t5", "error “s” fits several commands");
    text_is("sen d1", "error “send” must be written in full");
    text_is("send d1", "send|d1|");
    text_is("draft l", "draft list||");
    text_is("dr l", "draft list||");
    text_is("draft del d3", "error “draft delete” must be written in full");
    text_is("show 't5", "error column 6: the quote is never closed");
    text_is("", "-||");

    char letter = 0;
    int64_t number = 0;
    ok(command_id("m12", &letter, &number) && letter == 'm' && number == 12, "m12 is an id");
    const char *bad[] = {"", "m", "12", "m0", "m-1", "m+1", "m1x", "M1", "m99999999999999999999", NULL};
    for (size_t i = 0; bad[i]; i++)
        ok(!command_id(bad[i], &letter, &number), "“%s” is none", bad[i]);
    return tap_end();
}
