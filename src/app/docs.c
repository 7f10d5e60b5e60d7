/* SPDX-License-Identifier: GPL-3.0-or-later */
/* docs.c - help, manual pages and the list of settings, all from the tables. */
#include <stdlib.h>
#include <string.h>

#include "app/app.h"
#include "base/alloc.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/keymap.h"
#include "command/registry.h"

#define HELP_WIDTH 78

/* A text of the tables with a large first letter. Yours. */
static char *headline(const char *text)
{
    char *p = mem_strdup(_(text));
    if (p[0] >= 'a' && p[0] <= 'z' && !(p[1] >= 'A' && p[1] <= 'Z'))
        p[0] = (char)(p[0] - 'a' + 'A');
    return p;
}

/* The same as a sentence: it ends with a full stop. Yours. */
static char *sentence(const char *text)
{
    struct str s = STR_INIT;
    char *p = headline(text);
    str_puts(&s, p);
    free(p);
    p = s.data;
    if (s.len && !str_ends(p, ".") && !str_ends(p, "。") && !str_ends(p, "?"))
        str_puts(&s, str_ends(_("a sentence."), "。") ? "。" : ".");
    return str_take(&s);
}

/* ---- text of a terminal ---- */

struct wrapped {
    struct str *out;
    int indent;
};

/* One wrapped line. */
static void add_wrapped(void *user, const char *line, size_t len)
{
    struct wrapped *w = user;
    str_addf(w->out, "%*s", w->indent, "");
    str_add(w->out, line, len);
    str_putc(w->out, '\n');
}

/* Appends a paragraph, wrapped and indented. */
static void add_paragraph(struct str *out, int indent, const char *text)
{
    struct wrapped w = {out, indent};
    utf8_wrap(text, strlen(text), (size_t)(HELP_WIDTH - indent), add_wrapped, &w);
}

/* Appends `left`, padded to `width` cells, and a wrapped text beside it. */
static void add_pair(struct str *out, const char *left, size_t width, const char *text)
{
    struct str body = STR_INIT;
    add_paragraph(&body, (int)width + 4, text);
    size_t cells = utf8_cells(left, strlen(left));
    str_addf(out, "  %s", left);
    if (cells > width) {
        str_putc(out, '\n');
        str_puts(out, str_text(&body));
    } else {
        str_addf(out, "%*s", (int)(width - cells) + 2, "");
        const char *text_start = str_text(&body);
        str_puts(out, text_start + (strlen(text_start) > width + 4 ? width + 4 : 0));
    }
    str_fini(&body);
}

/* Appends the options of one table. */
static void add_options(struct str *out, const struct command_option *o)
{
    for (; o && o->name; o++) {
        char *left = o->value ? str_format("--%s %s", o->name, o->value) : str_format("--%s", o->name);
        char *said = sentence(o->summary);
        add_pair(out, left, 20, said);
        free(said);
        free(left);
    }
}

/* Appends the keys of a row. */
static void add_keys(struct str *out, const struct command *row)
{
    for (const struct command_key *k = row->keys; k && k->keys; k++) {
        struct str left = STR_INIT, where = STR_INIT;
        str_puts(&left, k->keys);
        keymap_context_words(k->contexts, &where);
        char *text = k->args ? str_format("%s  (%s %s)", str_text(&where), row->name, k->args)
                             : mem_strdup(str_text(&where));
        add_pair(out, str_text(&left), 20, text);
        free(text);
        str_fini(&left);
        str_fini(&where);
    }
}

/* Help of one command. */
static void help_row(const struct command *row, struct str *out)
{
    char *usage = command_usage_line(row);
    str_addf(out, _("usage: %s%s\n\n"), row->flags & CMD_SCREEN_ONLY ? ":" : "bureau ", usage);
    free(usage);
    char *said = sentence(row->summary);
    add_paragraph(out, 0, said);
    free(said);
    if (row->help) {
        str_putc(out, '\n');
        add_paragraph(out, 0, _(row->help));
    }
    const struct command_option *added = command_added_options(row);
    if ((row->options && row->options->name) || added) {
        str_puts(out, _("\nOptions\n"));
        add_options(out, row->options);
        add_options(out, added);
    }
    if (row->keys && row->keys->keys) {
        str_puts(out, _("\nKeys\n"));
        add_keys(out, row);
    }
}

/* Help of the whole program. */
static void help_all(struct str *out)
{
    str_puts(out, _("usage: bureau                    the full screen\n"
                    "       bureau COMMAND [ARGS]     one command\n"
                    "       bureau demo               a sample office to try everything on\n"
                    "\nCommands\n"));
    const struct command *row;
    for (size_t i = 0; (row = command_next(&i));)
        if (!(row->flags & CMD_SCREEN_ONLY)) {
            char *said = headline(row->summary);
            add_pair(out, row->name, 14, said);
            free(said);
        }
    str_puts(out, _("\nOptions of every command\n"));
    add_options(out, command_global_options());
    str_puts(out, _("\n“bureau help COMMAND” tells more; the manual is bureau(1), settings are in bureaurc(5).\n"));
}

/* Help of a command or of the program. */
void docs_help(const struct command *row, struct str *out)
{
    if (row)
        help_row(row, out);
    else
        help_all(out);
}

/* All verbs of a family. */
void docs_family(const char *family, struct str *out)
{
    const struct command *row;
    size_t n = strlen(family);
    for (size_t i = 0; (row = command_next(&i));)
        if (strncmp(row->name, family, n) == 0 && row->name[n] == ' ') {
            char *usage = command_usage_line(row);
            char *said = headline(row->summary);
            add_pair(out, usage, 24, said);
            free(said);
            free(usage);
        }
}

/* ---- manual pages (man(7)) ---- */

/* Prints text with everything escaped that roff would read. */
static void roff(FILE *out, const char *text)
{
    bool line_start = true;
    for (const char *p = text; *p; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            fputs("\\&", out);
        line_start = *p == '\n';
        if (*p == '\\')
            fputs("\\e", out);
        else if (*p == '-')
            fputs("\\-", out);
        else
            fputc(*p, out);
    }
}

/* Prints a text as paragraphs: an empty line between two. */
static void roff_paragraphs(FILE *out, const char *text)
{
    for (const char *p = text; *p;) {
        const char *end = strstr(p, "\n\n");
        char *part = mem_strndup(p, end ? (size_t)(end - p) : strlen(p));
        roff(out, part);
        fputs("\n", out);
        free(part);
        p = end ? end + 2 : p + strlen(p);
        if (*p)
            fputs(".PP\n", out);
    }
}

/* Prints a table of options. */
static void roff_options(FILE *out, const struct command_option *o)
{
    for (; o && o->name; o++) {
        fputs(".TP\n\\fB\\-\\-", out);
        roff(out, o->name);
        fputs("\\fR", out);
        if (o->value) {
            fputs(" \\fI", out);
            roff(out, o->value);
            fputs("\\fR", out);
        }
        fputs("\n", out);
        char *said = sentence(o->summary);
        roff(out, said);
        fputs("\n", out);
        free(said);
    }
}

/* Prints one command's entry. */
static void roff_row(FILE *out, const struct command *row)
{
    fputs(".SS \"", out);
    roff(out, row->name);
    if (row->args && *row->args) {
        fputs(" ", out);
        roff(out, row->args);
    }
    fputs("\"\n", out);
    char *said = sentence(row->summary);
    roff(out, said);
    fputs("\n", out);
    free(said);
    if (row->help) {
        fputs(".PP\n", out);
        roff_paragraphs(out, _(row->help));
    }
    roff_options(out, row->options);
    roff_options(out, command_added_options(row));
    for (const struct command_key *k = row->keys; k && k->keys; k++) {
        struct str where = STR_INIT;
        keymap_context_words(k->contexts, &where);
        if (k == row->keys)
            fputs(".PP\n", out);
        fprintf(out, "%s", k == row->keys ? _("Keys: ") : ", ");
        roff(out, k->keys);
        fputs(" (", out);
        roff(out, str_text(&where));
        if (k->args) {
            fputs(": ", out);
            roff(out, k->args);
        }
        fputs(")\n", out);
        str_fini(&where);
    }
}

/* Prints the rows of one kind. */
static void roff_rows(FILE *out, bool screen_only)
{
    const struct command *row;
    for (size_t i = 0; (row = command_next(&i));)
        if (!!(row->flags & CMD_SCREEN_ONLY) == screen_only)
            roff_row(out, row);
}

/* bureau(1) */
static void dump_man(FILE *out)
{
    fprintf(out, ".TH BUREAU 1 \"\" \"bureau %s\" \"User Commands\"\n", PACKAGE_VERSION);
    fputs(".SH NAME\nbureau \\- mail, meeting notes and questions in the terminal, with a model that "
          "writes and people who decide\n"
          ".SH SYNOPSIS\n.B bureau\n[\\fIOPTION\\fR...]\n.br\n.B bureau\n[\\fIOPTION\\fR...] "
          "\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
          ".SH DESCRIPTION\nWithout a command the full screen opens on the user's office. With one it "
          "is done in batch: data goes to standard output, everything else to standard error.\n"
          ".PP\nThings have short ids: \\fBm12\\fR a message, \\fBt5\\fR a thread, \\fBd3\\fR a draft, "
          "\\fBn4\\fR a note or transcript, \\fBa9\\fR a task, \\fBc7\\fR a conversation, \\fBj88\\fR a "
          "batch of changes, \\fBo2\\fR an outbox item, \\fBq6\\fR a job. A command that takes a thread "
          "accepts a message of it.\n"
          ".PP\nOn the screen every command stands behind \\(lq:\\(rq under the same name, abbreviated "
          "where unique; commands that send or remove are always written in full.\n"
          ".SH OPTIONS\nThey stand before or after the command; \\(lq\\-\\-\\(rq ends them.\n",
          out);
    roff_options(out, command_global_options());
    fputs(".SH COMMANDS\n", out);
    roff_rows(out, false);
    fputs(".SH COMMANDS OF THE SCREEN\nThese work in the full screen only, by key or behind "
          "\\(lq:\\(rq.\n",
          out);
    roff_rows(out, true);
    fputs(".SH EXIT STATUS\n.TP\n0\ndone; also when nothing was found (\\-\\-fail\\-empty makes that 3)\n"
          ".TP\n1\nfailed\n.TP\n2\nwrong usage\n.TP\n3\na named id does not exist\n"
          ".TP\n4\nrefused by policy, or not approved\n"
          ".TP\n5\ncould not be reached now; nothing is lost, try again\n.TP\n130\ninterrupted\n"
          ".SH ENVIRONMENT\n"
          ".TP\nBUREAU_HOME\nthe same as \\-\\-home\n"
          ".TP\nBUREAU_NOW\nthe time (RFC 3339) at which the program believes to be\n"
          ".TP\nOPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL\na model without a line in bureaurc\n"
          ".TP\nVISUAL, EDITOR\nthe editor of C\\-x C\\-e\n"
          ".TP\nNO_COLOR, COLORTERM, TERM\nwhat the screen may use\n"
          ".TP\nLANG, LC_*, LANGUAGE, TZ\nlanguage and local time\n"
          ".SH FILES\n.TP\n$XDG_CONFIG_HOME/bureau/bureaurc\nsettings; see \\fBbureaurc\\fR(5)\n"
          ".TP\n$XDG_DATA_HOME/bureau/bureau.db\nthe office\n"
          ".TP\n$XDG_STATE_HOME/bureau/\nlog and backups\n"
          ".PP\nWith \\-\\-home \\fIDIR\\fR: DIR/bureaurc, DIR/bureau.db, DIR/state/.\n"
          ".SH SEE ALSO\n\\fBbureaurc\\fR(5)\n",
          out);
}

/* bureaurc(5) */
static void dump_man_rc(FILE *out)
{
    fprintf(out, ".TH BUREAURC 5 \"\" \"bureau %s\" \"File Formats\"\n", PACKAGE_VERSION);
    fputs(".SH NAME\nbureaurc \\- settings of bureau\n"
          ".SH DESCRIPTION\nA line is a command. \\(lq#\\(rq begins a comment; quoting is that of a "
          "shell, without expansion. A wrong line is named with file, line, column and what would be "
          "right, and the rest still loads; \\fBbureau config check\\fR lists them. The file must be "
          "readable by its owner only. Secrets never stand in it: commands and variables name "
          "them.\n"
          ".TP\n\\fBset\\fR \\fINAME VALUE\\fR\na setting; they are listed below\n"
          ".TP\n\\fBset me\\fR \\fIADDRESS\\fR...\nthe user's own addresses\n"
          ".TP\n\\fBbind\\fR \\fICONTEXT KEY COMMAND\\fR...\na key, named as in inputrc (C\\-x, \\ee, "
          "Space), in the context all, list, inbox, thread, notes, chat, text or help; the command "
          "\\(lqnone\\(rq frees the key\n"
          ".TP\n\\fBsource\\fR \\fIFILE\\fR\nreads another file\n"
          ".TP\n\\fBaccount\\fR \\fINAME\\fR ...\na mail account; lines of one name add up\n"
          ".TP\n\\fBalias\\fR \\fINICK PEOPLE\\fR...\na short name for recipients; a file of "
          "mutt's aliases can be read by \\fBsource\\fR\n"
          ".TP\n\\fBmodel\\fR \\fINAME\\fR ...\na model; lines of one name add up\n"
          ".SH ACCOUNT\n.nf\naccount NAME [from \"Anna Li <anna@example.com>\"] [alias ADDRESS]\n"
          "  [identity \"NAME <ADDRESS>\"] [signature FILE] [signature ADDRESS=FILE] [imap URL] [smtp URL] [maildir PATH] [caldav URL]\n"
          "  [user NAME] [password\\-command ARGV...;] [token\\-command ARGV...;]\n"
          "  [oauth PROVIDER] [oauth\\-client ID] [oauth\\-secret\\-command ARGV...;]\n"
          "  [oauth\\-authorize URL] [oauth\\-token URL] [oauth\\-device URL]\n"
          "  [oauth\\-scope TEXT] [oauth\\-redirect URL] [sendmail ARGV...;] [pin SHA256[,SHA256...]]\n"
          "  [plaintext] [sent F] [drafts F] [trash F] [archive F] [spam F] [keep\\-days N]\n.fi\n"
          "imaps:// and smtps:// are TLS from the first byte, imap:// and smtp:// are STARTTLS; "
          "\\(lqplaintext\\(rq counts towards this machine only. An ARGV list ends with "
          "\\(lq;\\(rq or the line.\n"
          "PROVIDER is google, microsoft, or a name of one's own whose addresses stand beside it. "
          "A password that setup was given, and tokens, lie in state/secrets, readable by their owner "
          "only. \\(lqsetup NAME \\-\\-login\\(rq signs in anew.\n"
          ".SH MODEL\n.nf\nmodel NAME url URL [name MODEL] [key\\-command ARGV...;] [key\\-env VAR]\n"
          "  [context TOKENS] [price IN OUT CURRENCY] [for PURPOSE...;] [fallback NAME]\n.fi\n"
          "Any endpoint that speaks the OpenAI API. Prices are for a million tokens. Purposes are "
          "draft, summary, triage, ask, minutes, translate, title. \\(lqfallback offline\\(rq lets the "
          "offline engine step in when the model cannot be reached.\n"
          ".SH SETTINGS\n",
          out);
    const struct option *o;
    for (size_t i = 0; (o = option_next(&i));) {
        struct str accepts = STR_INIT;
        option_accepts(o, &accepts);
        fputs(".TP\n\\fB", out);
        roff(out, o->name);
        fputs("\\fR \\fI", out);
        roff(out, o->fallback && *o->fallback ? o->fallback : "\"\"");
        fputs("\\fR\n", out);
        char *said = sentence(o->summary);
        roff(out, said);
        free(said);
        fputs(" (", out);
        roff(out, str_text(&accepts));
        if (o->unit) {
            fputs("; ", out);
            roff(out, _(o->unit));
        }
        fputs(")\n", out);
        str_fini(&accepts);
    }
    fputs(".SH EXAMPLE\n.nf\nset me anna@example.com\nset send.hold 20s\nbind list x archive\n"
          "account work from \"Anna Li <anna@example.com>\" maildir ~/Mail\n"
          "account work smtp smtps://mail.example.com user anna password\\-command pass show mail;\n"
          "model qwen url https://dashscope.aliyuncs.com/compatible\\-mode/v1 name qwen\\-plus "
          "key\\-env DASHSCOPE_API_KEY\n.fi\n.SH SEE ALSO\n\\fBbureau\\fR(1)\n",
          out);
}

/* All settings as a bureaurc of comments. */
static void dump_rc(FILE *out)
{
    const struct option *o;
    for (size_t i = 0; (o = option_next(&i));) {
        struct str accepts = STR_INIT;
        option_accepts(o, &accepts);
        char *said = sentence(o->summary);
        fprintf(out, "# %s\n# %s%s%s\n# set %s %s\n\n", said, str_text(&accepts),
                o->unit ? "; " : "", o->unit ? _(o->unit) : "", o->name,
                o->fallback && *o->fallback ? o->fallback : "\"\"");
        free(said);
        str_fini(&accepts);
    }
}

/* ---- JSON ---- */

/* The options of one table. */
static void json_options(struct json *list, const struct command_option *o)
{
    for (; o && o->name; o++) {
        struct json *j = json_object();
        json_set_str(j, "name", o->name);
        json_set_str(j, "value", o->value);
        json_set_bool(j, "repeats", o->repeats);
        json_set_str(j, "summary", _(o->summary));
        json_set_str(j, "complete", o->complete);
        json_push(list, j);
    }
}

/* One command as JSON: what a tool schema or an editor may read. */
static struct json *json_row(const struct command *row)
{
    static const struct {
        unsigned flag;
        const char *word;
    } flags[] = {{CMD_CHANGES, "changes"},         {CMD_STREAMS, "streams"},
                 {CMD_IDS, "ids"},                 {CMD_WHEN, "when"},
                                {CMD_SCREEN_ONLY, "screen_only"},
                 {CMD_BATCH_ONLY, "batch_only"},   {CMD_NO_ABBREV, "no_abbreviation"}};
    struct json *o = json_object(), *options = json_array(), *keys = json_array(), *words = json_array();
    json_set_str(o, "type", "command");
    json_set_str(o, "name", row->name);
    json_set_str(o, "args", row->args ? row->args : "");
    json_set_str(o, "summary", _(row->summary));
    json_set_str(o, "help", row->help ? _(row->help) : NULL);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (row->flags & flags[i].flag)
            json_push_str(words, flags[i].word);
    json_set(o, "flags", words);
    json_options(options, row->options);
    json_options(options, command_added_options(row));
    json_set(o, "options", options);
    for (const struct command_key *k = row->keys; k && k->keys; k++) {
        struct json *j = json_object();
        struct str where = STR_INIT;
        keymap_context_words(k->contexts, &where);
        json_set_str(j, "keys", k->keys);
        json_set_str(j, "contexts", str_text(&where));
        json_set_str(j, "args", k->args);
        json_push(keys, j);
        str_fini(&where);
    }
    json_set(o, "keys", keys);
    return o;
}

/* Prints an object as one line. */
static void print_json(FILE *out, struct json *o)
{
    char *line = json_print(o);
    fprintf(out, "%s\n", line);
    free(line);
    json_free(o);
}

/* All commands and settings as JSON lines. */
static void dump_json(FILE *out)
{
    const struct command *row;
    const struct option *s;
    for (size_t i = 0; (row = command_next(&i));)
        print_json(out, json_row(row));
    for (size_t i = 0; (s = option_next(&i));) {
        struct json *o = json_object();
        struct str accepts = STR_INIT;
        option_accepts(s, &accepts);
        json_set_str(o, "type", "setting");
        json_set_str(o, "name", s->name);
        json_set_str(o, "default", s->fallback ? s->fallback : "");
        json_set_str(o, "accepts", str_text(&accepts));
        json_set_str(o, "summary", _(s->summary));
        print_json(out, o);
        str_fini(&accepts);
    }
}

/* Prints the docs of one kind. */
enum status docs_dump(const char *kind, FILE *out, struct error *err)
{
    static const struct {
        const char *kind;
        void (*print)(FILE *out);
    } kinds[] = {{"man", dump_man}, {"man-rc", dump_man_rc}, {"rc", dump_rc},   {"bash", docs_bash},
                 {"zsh", docs_zsh}, {"fish", docs_fish},     {"json", dump_json}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].kind, kind) == 0) {
            kinds[i].print(out);
            return fflush(out) == 0 ? STATUS_OK
                                    : error_set(err, STATUS_FAILED, _("stdout could not be written"));
        }
    (void)error_set(err, STATUS_USAGE, _("--dump-docs: no such kind: %s"), kind);
    return error_hint(err, "man man-rc rc bash zsh fish json");
}
