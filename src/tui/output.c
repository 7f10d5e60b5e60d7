/* SPDX-License-Identifier: GPL-3.0-or-later */
/* output.c - panes of the program itself: what a command answered, :messages, help. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "command/keymap.h"
#include "tui/pane.h"
#include "tui/text.h"
#include "tui/tuidata.h"

struct output {
    struct pane *pane;
    struct text *text;
    char *title; /* own */
};

/* Makes one with a title. */
static struct output *output_new(struct pane *p, const char *title)
{
    struct output *o = mem_alloc(sizeof *o);
    o->pane = p;
    o->text = text_new();
    o->title = mem_strdup(title ? title : "");
    return o;
}

/* What a command answered: empty until it comes. */
static void *new_output(struct pane *p, const char *arg)
{
    return output_new(p, arg);
}

/* Releases it. */
static void free_output(void *state)
{
    struct output *o = state;
    text_free(o->text);
    free(o->title);
    free(o);
}

/* Title, then the text. */
static void draw_output(void *state, struct canvas *c, bool focused)
{
    struct output *o = state;
    struct canvas rest = canvas_sub(c, 1, 0, c->rows - 1, c->cols);
    canvas_column(c, 0, 0, c->cols, STYLE_BOLD, CANVAS_FOREIGN, "");
    canvas_foreign(c, 0, 1, STYLE_BOLD, o->title);
    struct canvas inside = canvas_sub(&rest, 0, 1, rest.rows, rest.cols - 1);
    for (int row = 0; row < rest.rows; row++)
        canvas_clear_row(&rest, row);
    text_draw(o->text, &inside, focused);
}

/* Moves. */
static bool verb_output(void *state, enum pane_verb verb, int arg)
{
    struct output *o = state;
    if (verb == PANE_OPEN) {
        const char *ref = text_ref_at(o->text, arg);
        return ref && pane_open_id(o->pane, ref);
    }
    return text_verb(o->text, verb, arg);
}

/* Searches. */
static bool search_output(void *state, const char *needle, int direction)
{
    struct output *o = state;
    return text_search(o->text, needle, direction);
}

/* The text, for y. */
static void copy_output(void *state, struct str *out)
{
    struct output *o = state;
    char *plain = text_plain(o->text);
    str_puts(out, plain);
    free(plain);
}

const struct pane_ops output_pane = {
    .name = "output", .title = N_("Output"), .keys = KEYS_HELP,
    .new_state = new_output, .free = free_output, .draw = draw_output,
    .verb = verb_output, .search = search_output, .copy = copy_output,
};

/* Shows a whole text; ids at the beginning of a line can be opened. */
void output_show(struct pane *p, const char *title, const char *text, size_t n)
{
    struct output *o = p->state;
    int number = 0;
    (void)title;
    while (n > 0) {
        const char *newline = memchr(text, '\n', n);
        size_t len = newline ? (size_t)(newline - text) : n;
        size_t word = 0;
        while (word < len && text[word] != ' ' && text[word] != '\t')
            word++;
        char *id = mem_strndup(text, word);
        char letter;
        int64_t value;
        if (word < 24 && command_id(id, &letter, &value)) {
            text_item(o->text, id);
            text_ref(o->text, id, ++number);
            text_foreign(o->text, STYLE_SOURCE, text, word);
            text_ref_end(o->text);
            text_foreign(o->text, STYLE_PLAIN, text + word, len - word);
        } else {
            text_foreign(o->text, STYLE_PLAIN, text, len);
        }
        free(id);
        text_newline(o->text);
        text += newline ? len + 1 : len;
        n -= newline ? len + 1 : len;
    }
    text_select_items(o->text, number > 0);
    pane_dirty(p);
}

/* Appends what comes. */
void output_stream(struct pane *p, const char *bytes, size_t n)
{
    struct output *o = p->state;
    text_streaming(o->text, true);
    text_foreign(o->text, STYLE_PLAIN, bytes, n);
    pane_dirty(p);
}

/* It has all come. */
void output_done(struct pane *p)
{
    struct output *o = p->state;
    text_streaming(o->text, false);
    pane_dirty(p);
}

/* ---- :messages ---- */

/* Everything the program said, newest last. */
static void fill_messages(struct output *o)
{
    struct tui *t = o->pane->tui;
    text_clear(o->text);
    for (size_t i = 0; i < t->messages.len; i++) {
        const struct tui_message *m = vec_at(&t->messages, i);
        char when[CLOCK_TEXT];
        text_addf(o->text, STYLE_DIM, "%s  ", clock_short(m->at, clock_now(), when));
        text_foreign(o->text, m->error ? STYLE_ERROR : STYLE_PLAIN, m->text, strlen(m->text));
        text_newline(o->text);
    }
    if (t->messages.len == 0)
        text_add(o->text, STYLE_DIM, _("Nothing was said yet."));
}

/* The list of messages. */
static void *new_messages(struct pane *p, const char *arg)
{
    struct output *o = output_new(p, _("Messages"));
    (void)arg;
    fill_messages(o);
    text_verb(o->text, PANE_LAST, 0);
    return o;
}

const struct pane_ops messages_pane = {
    .name = "messages", .title = N_("Messages"), .keys = KEYS_HELP,
    .new_state = new_messages, .free = free_output, .draw = draw_output,
    .verb = verb_output, .search = search_output, .copy = copy_output,
};

/* ---- help ---- */

#define HELP_INDENT 18 /* columns of the keys */
#define FAMILY 3 /* so many keys of a kind share a line of help */

/* What a key does: its command's sentence, and what the options say that the key gives. */
static void what_it_does(const struct keymap_entry *e, struct str *out)
{
    const struct command_option *o = e->row ? e->row->options : NULL;
    str_puts(out, e->row ? _(e->row->summary) : e->line);
    for (; o && o->name; o++) {
        char *given = str_format(" --%s", o->name);
        const char *at = strstr(e->line, given);
        if (at && (at[strlen(given)] == ' ' || !at[strlen(given)]))
            str_addf(out, _("; %s"), _(o->summary));
        free(given);
    }
}

/* One line of help: the keys that do it, what they do, the command. The command stands behind when there is room;
 * else below when it says more than its name does, which the list at the end has. */
static void add_key(struct text *text, int cols, const char *shown, const struct keymap_entry *e, const char *line)
{
    struct str keys = STR_INIT, sentence = STR_INIT;
    what_it_does(e, &sentence);
    const char *does = str_text(&sentence);
    bool fits = HELP_INDENT + utf8_cells(does, strlen(does)) + 3 + utf8_cells(line, strlen(line)) < (size_t)cols;
    str_puts(&keys, shown);
    while (utf8_cells(str_text(&keys), keys.len) < HELP_INDENT - 4)
        str_putc(&keys, ' ');
    text_indent(text, 2, HELP_INDENT);
    text_add(text, STYLE_BOLD, str_text(&keys));
    text_addf(text, STYLE_PLAIN, "  %s", does);
    if (fits) {
        text_addf(text, STYLE_DIM, "  :%s", line);
    } else if (e->row && !str_eq(line, e->row->name)) {
        text_newline(text);
        text_indent(text, HELP_INDENT, HELP_INDENT + 2);
        text_addf(text, STYLE_DIM, ":%s", line);
    }
    text_newline(text);
    str_fini(&keys);
    str_fini(&sentence);
}

/* All keys of a context that run the same line, when `first` is the first of them. */
static bool gather_keys(unsigned context, size_t first, const char *line, struct str *out)
{
    struct keymap_entry e;
    size_t i = 0, at = 0;
    while (keymap_next(&i, &e)) {
        bool same = (e.contexts & context) && str_eq(e.line, line);
        if (same && at < first)
            return false;
        if (same)
            str_addf(out, "%s%s", out->len ? ", " : "", e.keys);
        at++;
    }
    return true;
}

/* The word by which a key differs from its likes, as "answer" of "lane answer"; NULL: it is none of many. */
static const char *family_word(const struct keymap_entry *e)
{
    size_t n = e->row ? strlen(e->row->name) : 0;
    if (!n || e->bound || !str_starts(e->line, e->row->name) || e->line[n] != ' ')
        return NULL;
    const char *word = e->line + n + 1;
    return *word && *word != '-' && !strchr(word, ' ') ? word : NULL;
}

/* Are two keys of one family: the same command with another word, the same keys but the last? */
static bool is_kin(const struct keymap_entry *a, const struct keymap_entry *b)
{
    const char *end = strrchr(a->keys, ' ');
    size_t n = end ? (size_t)(end - a->keys) + 1 : 0;
    return a->row == b->row && family_word(a) && family_word(b) && strncmp(a->keys, b->keys, n) == 0 && !strchr(b->keys + n, ' ');
}

/* The keys and the words of a family of at least FAMILY in one line, "o 1…9"; how many it has, and whether `first` leads it. */
static size_t gather_family(unsigned context, size_t first, const struct keymap_entry *head, struct str *keys, struct str *line,
                            bool *leads)
{
    struct keymap_entry e;
    const char *from = strrchr(head->keys, ' ');
    size_t prefix = from ? (size_t)(from - head->keys) + 1 : 0, n = 0;
    char last = '\0';
    *leads = true;
    for (size_t i = 0, at = 0; keymap_next(&i, &e); at++) {
        if (!(e.contexts & context) || !is_kin(head, &e))
            continue;
        const char *tail = e.keys + prefix;
        bool digit = tail[0] >= '1' && tail[0] <= '9' && !tail[1];
        *leads = *leads && at >= first;
        last = digit ? tail[0] : '\0';
        if (!n++)
            str_addf(line, "%s", head->row->name);
        str_addf(keys, "%s%s", n == 1 ? "" : " ", n == 1 ? e.keys : tail);
        str_addf(line, " %s", family_word(&e));
    }
    if (last && n > 1) { /* numbers: the first and the last say all */
        str_clear(keys);
        str_addf(keys, "%.*s1…%c", (int)prefix, head->keys, last);
        str_clear(line);
        str_addf(line, "%s 1…%c", head->row->name, last);
    }
    return n;
}

/* A command's keys in one context. */
struct help_row {
    struct keymap_entry entry;
    struct str keys, line; /* line: of a family; else as the entry has it */
    int place; /* the person's own first, then by use */
};

/* Releases a row. */
static void help_row_fini(void *item)
{
    str_fini(&((struct help_row *)item)->keys);
    str_fini(&((struct help_row *)item)->line);
}

/* The keys of one context, each command once, the most used first. */
static void add_context(struct text *text, int cols, unsigned context, const char *title)
{
    struct keymap_entry e;
    struct vec rows;
    vec_init(&rows, sizeof(struct help_row), help_row_fini);
    for (size_t i = 0, at = 0; keymap_next(&i, &e); at++) {
        struct str keys = STR_INIT, line = STR_INIT;
        bool leads = false, shown = (e.contexts & context) != 0;
        if (shown && family_word(&e) && gather_family(context, at, &e, &keys, &line, &leads) >= FAMILY) {
            shown = leads;
        } else if (shown) {
            str_clear(&keys);
            str_clear(&line);
            shown = gather_keys(context, at, e.line, &keys);
        }
        if (!shown) {
            str_fini(&keys);
            str_fini(&line);
            continue;
        }
        int place = e.bound ? 0 : e.rank ? e.rank : 1000;
        size_t before = rows.len;
        while (before > 0 && ((struct help_row *)vec_at(&rows, before - 1))->place > place)
            before--;
        *(struct help_row *)vec_insert(&rows, before) = (struct help_row){.entry = e, .keys = keys, .line = line, .place = place};
    }
    if (rows.len) {
        text_indent(text, 0, 0);
        text_add(text, STYLE_BOLD | STYLE_UNDERLINE, title);
        text_newline(text);
    }
    for (size_t i = 0; i < rows.len; i++) {
        const struct help_row *r = vec_at(&rows, i);
        add_key(text, cols, str_text(&r->keys), &r->entry, r->line.len ? str_text(&r->line) : r->entry.line);
    }
    if (rows.len)
        text_newline(text);
    vec_fini(&rows);
}

/* All commands of the ":" line. */
static void add_commands(struct text *text)
{
    size_t i = 0;
    const struct command *row;
    text_indent(text, 0, 0);
    text_add(text, STYLE_BOLD | STYLE_UNDERLINE, _("Commands of the \":\" line"));
    text_newline(text);
    while ((row = command_next(&i))) {
        if (row->flags & CMD_BATCH_ONLY)
            continue;
        char *usage = command_usage_line(row);
        text_indent(text, 2, 6);
        text_add(text, STYLE_BOLD, usage);
        text_addf(text, STYLE_PLAIN, "  %s", _(row->summary));
        text_newline(text);
        free(usage);
    }
}

/* Help for where one was: its keys first, then all. */
static void *new_help(struct pane *p, const char *arg)
{
    static const struct {
        unsigned context;
        const char *title;
    } parts[] = {{KEYS_INBOX, N_("Inbox")},  {KEYS_THREAD, N_("Thread")},
                 {KEYS_VIEW, N_("Attachments and views of a mail")},
                 {KEYS_FILES, N_("Attachments and links")}, {KEYS_NOTES, N_("Notes")},  {KEYS_CHAT, N_("Chat")},
                 {KEYS_LIST, N_("Lists and readers")}, {KEYS_TEXT, N_("Text boxes")},
                 {KEYS_ALL, N_("Everywhere")}, {KEYS_HELP, N_("Help and output")}};
    struct output *o = output_new(p, _("Help: / searches, q back"));
    struct pane *from = pane_below(p);
    unsigned here = arg ? keymap_context(arg) : from ? from->ops->keys : 0;
    here |= KEYS_ALL; /* what holds everywhere holds here */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (((parts[i].context & here) != 0) == (pass == 0))
                add_context(o->text, pane_screen_cols(p), parts[i].context, _(parts[i].title));
    add_commands(o->text);
    return o;
}

const struct pane_ops help_pane = {
    .name = "help", .title = N_("Help"), .keys = KEYS_HELP,
    .new_state = new_help, .free = free_output, .draw = draw_output,
    .verb = verb_output, .search = search_output, .copy = copy_output,
};
