/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keymap.c - keys by the command tables and by `bind`. */
#include "command/keymap.h"
#include "command/call.h"
#include "command/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/vec.h"

#define SEQUENCE_MAX 3 /* keys; Alt counts as Esc and a key */

/* One key sequence and what it does. */
struct entry {
    unsigned contexts;
    char *keys; /* own; canonical */
    char *line; /* own; "" unbinds */
    const struct command *row; /* NULL for a line of the user's */
    const char *hint;          /* borrow; NULL */
    int rank;
};

static struct vec table; /* struct entry, from the command rows */
static struct vec binds; /* struct entry, from bureaurc; later ones win */
static unsigned built;   /* command_serial() the table was built at */
static unsigned changes; /* bumps when what was handed out before has gone */

static const struct {
    const char *word;
    unsigned bit;
    int narrow;
} contexts_list[] = {
    {"all", KEYS_ALL, 1},     {"list", KEYS_LIST, 2},   {"inbox", KEYS_INBOX, 3},
    {"thread", KEYS_THREAD, 3}, {"notes", KEYS_NOTES, 3}, {"chat", KEYS_CHAT, 3},
    {"text", KEYS_TEXT, 3},   {"help", KEYS_HELP, 3},   {"view", KEYS_VIEW, 3},
    {"files", KEYS_FILES, 3},
};
enum { CONTEXTS = sizeof(contexts_list) / sizeof(contexts_list[0]) };

/* Other spellings of keys, matched without case. */
static const struct {
    const char *spelling, *name;
} spellings[] = {
    {"Space", "Space"},       {"SPC", "Space"},       {"Enter", "Enter"},     {"RET", "Enter"},
    {"Return", "Enter"},      {"Newline", "C-j"},     {"LFD", "C-j"},         {"Tab", "Tab"},
    {"Esc", "Esc"},           {"Escape", "Esc"},      {"Backspace", "Backspace"},
    {"Rubout", "Backspace"},  {"DEL", "Backspace"},   {"Delete", "Delete"},   {"Insert", "Insert"},
    {"Up", "Up"},             {"Down", "Down"},       {"Left", "Left"},       {"Right", "Right"},
    {"Home", "Home"},         {"End", "End"},         {"PageUp", "PageUp"},   {"PgUp", "PageUp"},
    {"PageDown", "PageDown"}, {"PgDn", "PageDown"},   {"BackTab", "BackTab"}, {"F1", "F1"},
    {"F2", "F2"},             {"F3", "F3"},           {"F4", "F4"},           {"F5", "F5"},
    {"F6", "F6"},             {"F7", "F7"},           {"F8", "F8"},           {"F9", "F9"},
    {"F10", "F10"},           {"F11", "F11"},         {"F12", "F12"},
};

/* Releases an entry. */
static void entry_fini(void *item)
{
    struct entry *e = item;
    free(e->keys);
    free(e->line);
}

/* The bit of a context's word. */
unsigned keymap_context(const char *word)
{
    for (size_t i = 0; i < CONTEXTS; i++)
        if (strcmp(contexts_list[i].word, word) == 0)
            return contexts_list[i].bit;
    return 0;
}

/* The words of some contexts. */
void keymap_context_words(unsigned contexts, struct str *out)
{
    for (size_t i = 0, n = 0; i < CONTEXTS; i++)
        if (contexts & contexts_list[i].bit) {
            str_puts(out, n++ ? " " : "");
            str_puts(out, contexts_list[i].word);
        }
}

/* ---- spelling ---- */

/* The name of Ctrl with this character; "" when there is none. */
static void ctrl_name(char c, struct str *out)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    switch (c) {
    case 'm':
        str_puts(out, "Enter");
        break;
    case 'i':
        str_puts(out, "Tab");
        break;
    case '[':
        str_puts(out, "Esc");
        break;
    case 'h':
    case '?':
        str_puts(out, "Backspace");
        break;
    default:
        if ((c >= 'a' && c <= 'z') || c == '@' || c == '\\' || c == ']' || c == '^' || c == '_')
            str_addf(out, "C-%c", c);
    }
}

/* Length of a "Ctrl" prefix at s, 0 when none. */
static size_t ctrl_prefix(const char *s)
{
    static const char *const forms[] = {"C-", "\\C-", "Control-", "Ctrl-", "\\c-"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (str_starts_nocase(s, forms[i]) && s[strlen(forms[i])])
            return strlen(forms[i]);
    return 0;
}

/* Reads one key from the front of s: its name is appended to out; bytes read, 0 when none. */
static size_t read_key(const char *s, bool whole, struct str *out)
{
    size_t before = out->len, n = ctrl_prefix(s);
    if (n && (!whole || s[n + 1] == '\0')) {
        ctrl_name(s[n], out);
        return out->len > before ? n + 1 : 0;
    }
    if (n && str_eq_nocase(s + n, "Space")) {
        str_puts(out, "C-@");
        return strlen(s);
    }
    for (size_t i = 0; whole && i < sizeof(spellings) / sizeof(spellings[0]); i++)
        if (str_eq_nocase(spellings[i].spelling, s)) {
            str_puts(out, spellings[i].name);
            return strlen(s);
        }
    if (s[0] == '\\' && s[1] == 'e') {
        str_puts(out, "Esc");
        return 2;
    }
    if (s[0] == '\\' && (s[1] == '\\' || s[1] == '"' || s[1] == '\'')) {
        str_putc(out, s[1]);
        return 2;
    }
    if (s[0] == ' ') {
        str_puts(out, "Space");
        return 1;
    }
    size_t used = 0;
    uint32_t c = utf8_decode(s, strlen(s), &used);
    if (c < 0x20 || c == 0x7f || (whole && s[used]))
        return 0;
    str_add(out, s, used);
    return used;
}

/* Reads one key. */
bool keymap_key(const char *spelling, struct str *out)
{
    if (!*spelling)
        return false;
    return read_key(spelling, true, out) > 0;
}

/* Says that this is no key. */
static enum status no_key(const char *spelling, struct error *err)
{
    (void)error_set(err, STATUS_USAGE, _("“%s” is no key"), spelling);
    return error_hint(err, _("keys are written as a, C-x, “C-x i”, Enter, Space, Esc, Up, F5"));
}

/* Reads a sequence of keys. */
enum status keymap_sequence(const char *spelling, struct str *out, struct error *err)
{
    struct str key = STR_INIT, all = STR_INIT;
    enum status s = STATUS_OK;
    int count = 0;
    const char *p = spelling;
    if (keymap_key(spelling, &all)) {
        count = 1;
        p += strlen(p);
    }
    bool spaced = strchr(spelling, ' ') != NULL;
    while (*p && s == STATUS_OK) {
        size_t used = 0;
        str_clear(&key);
        if (spaced) {
            p += strspn(p, " ");
            size_t n = strcspn(p, " ");
            char *word = mem_strndup(p, n);
            used = n && keymap_key(word, &key) ? n : 0;
            free(word);
        } else if (str_starts_nocase(p, "\\M-") || str_starts_nocase(p, "M-")) {
            str_puts(&key, "Esc");
            used = (size_t)(strchr(p, '-') - p) + 1;
        } else {
            used = read_key(p, false, &key);
        }
        if (used == 0 || ++count > SEQUENCE_MAX) {
            s = no_key(spelling, err);
        } else {
            str_puts(&all, all.len ? " " : "");
            str_puts(&all, str_text(&key));
            p += used;
        }
    }
    if (s == STATUS_OK && (count == 0 || (count == SEQUENCE_MAX && !str_starts(str_text(&all), "Esc "))))
        s = no_key(spelling, err);
    if (s == STATUS_OK)
        str_puts(out, str_text(&all));
    str_fini(&key);
    str_fini(&all);
    return s;
}

/* ---- the tables ---- */

/* Makes both lists once. */
static void prepare(void)
{
    if (table.item_size)
        return;
    vec_init(&table, sizeof(struct entry), entry_fini);
    vec_init(&binds, sizeof(struct entry), entry_fini);
}

/* Reads the keys of all command rows when rows were added since. */
static void refresh(void)
{
    prepare();
    if (built == command_serial())
        return;
    built = command_serial();
    changes++;
    vec_clear(&table);
    const struct command *row;
    for (size_t i = 0; (row = command_next(&i));)
        for (const struct command_key *k = row->keys; k && k->keys; k++) {
            struct str keys = STR_INIT;
            struct error err = ERROR_INIT;
            if (keymap_sequence(k->keys, &keys, &err) != STATUS_OK) {
                str_fini(&keys);
                continue; /* the lint refuses such a row */
            }
            struct entry *e = vec_push(&table);
            *e = (struct entry){.contexts = k->contexts,
                                .keys = str_take(&keys),
                                .line = k->args ? str_format("%s %s", row->name, k->args)
                                                : mem_strdup(row->name),
                                .row = row,
                                .hint = k->hint,
                                .rank = k->rank};
        }
}

/* Forgets the user's keys. */
void keymap_reset(void)
{
    prepare();
    vec_clear(&binds);
    built = 0;
    changes++;
}

/* Has anything gone since? */
unsigned keymap_serial(void)
{
    refresh();
    return changes;
}

/* Checks that each command of a line exists. */
static enum status check_line(const char *line, struct error *err)
{
    enum status s = STATUS_OK;
    size_t i = 0;
    if (!command_next(&i)) /* no tables: a test of this file alone */
        return STATUS_OK;
    for (const char *p = line; s == STATUS_OK && *p;) {
        const char *end = strstr(p, " ; ");
        char *part = mem_strndup(p, end ? (size_t)(end - p) : strlen(p));
        struct command_line l;
        command_line_init(&l);
        s = command_parse_text(part, &l, err);
        command_line_fini(&l);
        free(part);
        p = end ? end + 3 : p + strlen(p);
    }
    return s;
}

/* Adds a key of the user's. */
enum status keymap_bind(const char *context, const char *keys, const char *line, struct error *err)
{
    prepare();
    unsigned bits = keymap_context(context);
    if (!bits) {
        (void)error_set(err, STATUS_USAGE, _("“%s” is no context of keys"), context);
        return error_hint(err, "all list inbox thread notes chat text help");
    }
    bool unbind = strcmp(line, "none") == 0;
    struct str sequence = STR_INIT;
    enum status s = keymap_sequence(keys, &sequence, err);
    if (s == STATUS_OK && !unbind)
        s = check_line(line, err);
    if (s == STATUS_OK) {
        changes++;
        struct entry *e = vec_push(&binds);
        *e = (struct entry){.contexts = bits,
                            .keys = mem_strdup(str_text(&sequence)),
                            .line = mem_strdup(unbind ? "" : line)};
    }
    str_fini(&sequence);
    return s;
}

/* Tells whether an entry counts where these contexts hold. */
static bool counts_here(const struct entry *e, unsigned contexts)
{
    if (!(e->contexts & contexts))
        return false;
    if (!(contexts & KEYS_TEXT) || (e->contexts & KEYS_TEXT))
        return true;
    return str_starts(e->keys, "C-x ") || strcmp(e->keys, "C-c") == 0;
}

/* How narrow the entry's context is here. */
static int narrowness(const struct entry *e, unsigned contexts)
{
    int best = 0;
    for (size_t i = 0; i < CONTEXTS; i++)
        if ((e->contexts & contexts & contexts_list[i].bit) && contexts_list[i].narrow > best)
            best = contexts_list[i].narrow;
    return best;
}

/* The entry that wins for these keys; *prefix tells whether longer sequences begin with them. */
static const struct entry *find_exact(unsigned contexts, const char *keys, bool *prefix)
{
    const struct entry *best = NULL;
    int score = 0;
    size_t n = strlen(keys);
    *prefix = false;
    for (size_t t = 0; t < 2; t++) {
        const struct vec *list = t ? &binds : &table;
        for (size_t i = 0; i < list->len; i++) {
            const struct entry *e = vec_at(list, i);
            if (strncmp(e->keys, keys, n) != 0 || !counts_here(e, contexts))
                continue;
            int mine = narrowness(e, contexts) + (t ? 100 : 0);
            if (e->keys[n] == ' ')
                *prefix = *prefix || *e->line;
            else if (e->keys[n] == '\0' && (mine > score || (t && mine == score))) {
                best = e;
                score = mine;
            }
        }
    }
    return best;
}

/* The key that is meant when Ctrl was held on it: "C-q" → "q", "Tab" → "i"; NULL. */
static const char *without_ctrl(const char *key, char buf[4])
{
    static const char *const named[][2] = {
        {"Tab", "i"}, {"Enter", "m"}, {"Backspace", "h"}, {"Esc", "["}};
    for (size_t i = 0; i < 4; i++)
        if (strcmp(named[i][0], key) == 0)
            return named[i][1];
    if (!str_starts(key, "C-") || key[3])
        return NULL;
    buf[0] = key[2];
    buf[1] = '\0';
    return buf;
}

/* Looks keys up. */
enum keymap_found keymap_find(unsigned contexts, const char *keys, const char **line)
{
    bool prefix = false;
    refresh();
    const struct entry *e = find_exact(contexts, keys, &prefix);
    if (!e && !prefix && str_starts(keys, "C-x ")) {
        char buf[4];
        const char *plain = without_ctrl(keys + 4, buf);
        char *other = plain ? str_format("C-x %s", plain) : NULL;
        if (other)
            e = find_exact(contexts, other, &prefix);
        free(other);
    }
    if (prefix && !(e && !e->row))
        return KEYMAP_PREFIX;
    if (!e || !*e->line)
        return KEYMAP_NONE;
    *line = e->line;
    return KEYMAP_LINE;
}

/* The keys that lead to this line here, the user's first; NULL when none does. */
static const char *keys_of(unsigned contexts, const char *line, const char *preferred)
{
    const char *found = NULL, *hit;
    if (keymap_find(contexts, preferred, &hit) == KEYMAP_LINE && strcmp(hit, line) == 0)
        found = preferred;
    for (size_t t = 2; t-- > 0;) {
        const struct vec *list = t ? &binds : &table;
        for (size_t i = 0; i < list->len && (t || !found); i++) {
            const struct entry *e = vec_at(list, i);
            if (strcmp(e->line, line) == 0 && counts_here(e, contexts) &&
                keymap_find(contexts, e->keys, &hit) == KEYMAP_LINE && strcmp(hit, line) == 0)
                return e->keys;
        }
    }
    return found;
}

/* The hint row's keys. */
size_t keymap_hints(unsigned contexts, struct keymap_hint *out, size_t max)
{
    size_t n = 0;
    int ranks[64];
    refresh();
    if (max > 64)
        max = 64;
    for (size_t i = 0; i < table.len; i++) {
        const struct entry *e = vec_at(&table, i);
        if (!e->hint || e->rank <= 0 || !counts_here(e, contexts))
            continue;
        const char *keys = keys_of(contexts, e->line, e->keys);
        bool known = false;
        for (size_t k = 0; keys && k < n && !known; k++)
            known = strcmp(out[k].keys, keys) == 0;
        if (!keys || known)
            continue;
        size_t at = n;
        while (at > 0 && ranks[at - 1] > e->rank)
            at--;
        if (at >= max)
            continue;
        if (n == max)
            n--;
        memmove(out + at + 1, out + at, (n - at) * sizeof(*out));
        memmove(ranks + at + 1, ranks + at, (n - at) * sizeof(*ranks));
        out[at] = (struct keymap_hint){.keys = keys, .text = _(e->hint), .row = e->row};
        ranks[at] = e->rank;
        n++;
    }
    return n;
}

/* Walks all keys: the user's first, then the tables'. */
bool keymap_next(size_t *i, struct keymap_entry *out)
{
    refresh();
    for (; *i < binds.len + table.len; ++*i) {
        bool bound = *i < binds.len;
        const struct entry *e = bound ? vec_at(&binds, *i) : vec_at(&table, *i - binds.len);
        if (!*e->line)
            continue;
        *out = (struct keymap_entry){
            .contexts = e->contexts, .keys = e->keys, .line = e->line, .row = e->row, .bound = bound, .rank = e->rank};
        ++*i;
        return true;
    }
    return false;
}
