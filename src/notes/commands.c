/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - note …, meet …: the rows, and notes made, listed, shown, changed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "command/ids.h"
#include "notes/internal.h"
#include "notes/minutes.h"
#include "notes/notes.h"
#include "notes/store.h"
#include "store/journal.h"

#define NOTE_MAX (8u << 20)

void (*notes_on_screen)(struct command_call *c, const char *id);

/* The number of "n4"; false after telling what is wrong. */
static bool read_id(struct command_call *c, const char *text, int64_t *out)
{
    char letter = 0;
    char *id = mem_strndup(text, strcspn(text, "@"));
    bool good = command_id(id, &letter, out) && letter == 'n';
    free(id);
    if (!good)
        command_usage(c, _("“%s” is no note or meeting (n4)"), text);
    return good;
}

/* The text of a note: arguments, --file, standard input. NULL after telling what is wrong. */
static char *read_text(struct command_call *c, size_t from)
{
    struct error err = ERROR_INIT;
    struct str s = STR_INIT;
    const char *file = command_value(c, "file");
    bool named = command_argc(c) == from + 1 && str_eq(command_arg(c, from), "-"); /* stdin */
    for (size_t i = from; i < command_argc(c) && !named; i++)
        str_addf(&s, "%s%s", i > from ? " " : "", command_arg(c, i));
    if (s.len == 0 && file && !str_eq(file, "-")) {
        char *path = path_expand(file);
        enum status st = path_read(path, NOTE_MAX, &s, &err);
        free(path);
        if (st != STATUS_OK) {
            command_fail(c, &err);
            str_fini(&s);
            return NULL;
        }
    } else if (s.len == 0) {
        if (isatty(STDIN_FILENO) && !command_is_screen(c))
            command_note(c, "%s", _("write the note; C-d on an empty line ends it"));
        char *in = command_stdin(c, NOTE_MAX, &err);
        if (!in) {
            command_fail(c, &err);
            return NULL;
        }
        str_puts(&s, in);
        free(in);
    }
    if (s.len > 0 && (!utf8_valid(s.data, s.len) || memchr(s.data, 0, s.len))) {
        error_set(&err, STATUS_CORRUPT, "%s", _("this is not text in UTF-8"));
        command_fail(c, &err);
        str_fini(&s);
        return NULL;
    }
    return str_take(&s);
}

/* ---- making ---- */

struct making {
    struct note_new n;
    char *title, *text; /* own */
};

/* Frees a making. */
static void making_free(void *record)
{
    struct making *m = record;
    free(m->title);
    free(m->text);
    free(m);
}

/* The operation. */
static enum status write_new(struct db *db, void *record, struct error *err)
{
    struct making *m = record;
    struct journal *j;
    int64_t batch;
    enum status st = note_create(db, &m->n, err);
    if (st == STATUS_OK)
        st = journal_begin(db, "me", N_("note new"), "", &j, err);
    if (st != STATUS_OK)
        return st;
    st = journal_note(j, "note new", m->n.id, "", err);
    if (st == STATUS_OK)
        return journal_end(j, &batch, err);
    journal_abandon(j);
    return st;
}

static const struct store_op new_op = {"note new", OP_PERSON, write_new, making_free};

/* The note is there. */
static void new_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct making *m = record;
    if (err->status == STATUS_OK) {
        char id[COMMAND_ID_TEXT];
        struct json *o = json_object();
        json_set_str(o, "id", command_id_text('n', m->n.id, id));
        bool opens = command_is_screen(c) && notes_on_screen && *m->text == 0;
        command_result(c, o, opens ? NULL : id);
        if (opens)
            notes_on_screen(c, id);
    }
    command_end(c, err);
}

/* note new [TEXT] */
static enum command_result run_new(struct command_call *c)
{
    const char *title = command_value(c, "title");
    char *text = read_text(c, 0);
    if (!text)
        return COMMAND_DONE;
    if (text[strspn(text, " \t\r\n")] == 0 && !title && !command_is_screen(c)) {
        free(text);
        return command_usage(c, "%s", _("an empty note is none: give it words or a --title"));
    }
    if (command_is_dry(c)) {
        struct json *o = json_object();
        json_set_bool(o, "dry_run", true);
        command_result(c, o, NULL);
        free(text);
        return COMMAND_DONE;
    }
    struct making *m = mem_alloc(sizeof *m);
    m->title = mem_strdup_maybe(title);
    m->text = text;
    m->n = (struct note_new){.title = m->title, .text = m->text, .date = clock_now()};
    store_post(command_store(c), &new_op, m, new_done, c);
    return COMMAND_WAIT;
}

/* ---- list, show ---- */

/* Prints one note. */
static bool list_row(void *user, const struct note_row *r)
{
    struct command_call *c = user;
    char id[COMMAND_ID_TEXT], when[CLOCK_TEXT];
    struct json *o = json_object();
    json_set_str(o, "id", command_id_text('n', r->id, id));
    json_set_str(o, "kind", r->meeting ? "transcript" : "note");
    json_set_str(o, "title", r->title);
    json_set_time(o, "date", r->date);
    json_set_time(o, "updated", r->updated);
    if (r->meeting)
        json_set_int(o, "segments", r->segments);
    json_set_int(o, "minutes", r->minutes);
    char *text = str_format("%-6s %-7s %s%s", id, clock_short(r->date, clock_now(), when),
                            *r->title ? r->title : _("untitled"),
                            r->minutes ? _("  (minutes)") : "");
    command_item(c, o, text);
    free(text);
    return true;
}

/* note list [WORDS] */
static enum command_result run_list(struct command_call *c)
{
    struct error err = ERROR_INIT;
    int64_t limit;
    if (!command_limit(c, 50, &limit))
        return COMMAND_DONE;
    enum status st = limit == 0 ? STATUS_OK
                                : note_list(store_reader(command_store(c)), command_text(c, 0), limit,
                                            list_row, c, &err);
    return st == STATUS_OK ? COMMAND_DONE : command_fail(c, &err);
}

/* A note as JSON, with segments and newest minutes. */
static struct json *note_json(const struct note *n, const struct minutes *m)
{
    char id[COMMAND_ID_TEXT], time[NOTE_TIME];
    struct json *o = json_object(), *segments = json_array();
    json_set_str(o, "id", command_id_text('n', n->id, id));
    json_set_str(o, "kind", n->meeting ? "transcript" : "note");
    json_set_str(o, "title", n->title);
    json_set_time(o, "date", n->date);
    json_set_time(o, "updated", n->updated);
    if (n->meeting) {
        struct str text = STR_INIT;
        note_transcript(&n->segments, &text);
        json_set_str(o, "text", str_text(&text));
        str_fini(&text);
    } else
        json_set_str(o, "text", n->text);
    for (size_t i = 0; i < n->segments.len; i++) {
        const struct note_segment *s = vec_at(&n->segments, i);
        struct json *p = json_object();
        if (s->start_ms >= 0)
            json_set_str(p, "start", note_time(s->start_ms, time));
        if (s->end_ms >= 0)
            json_set_str(p, "end", note_time(s->end_ms, time));
        if (*s->speaker)
            json_set_str(p, "speaker", s->speaker);
        json_set_str(p, "text", s->text);
        json_push(segments, p);
    }
    json_set(o, "segments", segments);
    if (m) {
        struct json *p = json_object();
        json_set_int(p, "version", m->version);
        json_set_str(p, "by", m->by);
        json_set_str(p, "state", m->state);
        minutes_json(&m->lines, n->id, p);
        json_set(o, "minutes", p);
    }
    return o;
}

/* A note as text: head, minutes, words. */
static void note_words(const struct note *n, const struct minutes *m, struct str *out)
{
    char day[CLOCK_TEXT], *speakers = note_speakers(&n->segments);
    str_addf(out, "%s\n", *n->title ? n->title : _("untitled"));
    str_puts(out, clock_rfc3339(n->date, day));
    if (*speakers)
        str_addf(out, "  %s", speakers);
    str_puts(out, "\n\n");
    if (m && m->lines.len > 0) {
        minutes_text(m, n, out);
        str_putc(out, '\n');
    }
    if (n->meeting)
        note_transcript(&n->segments, out);
    else
        str_puts(out, n->text);
    while (out->len > 0 && out->data[out->len - 1] == '\n')
        str_truncate(out, out->len - 1);
    free(speakers);
}

/* note show ID */
static enum command_result run_show(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct note *n;
    struct minutes *m = NULL;
    int64_t id;
    if (!read_id(c, command_arg(c, 0), &id))
        return COMMAND_DONE;
    struct db *db = store_reader(command_store(c));
    if (note_get(db, id, true, &n, &err) != STATUS_OK)
        return command_fail(c, &err);
    if (minutes_get(db, id, 0, &m, &err) != STATUS_OK)
        m = NULL;
    struct str text = STR_INIT;
    note_words(n, m, &text);
    command_item(c, note_json(n, m), str_text(&text));
    str_fini(&text);
    minutes_free(m);
    note_free(n);
    return COMMAND_DONE;
}

/* ---- changes ---- */

struct change {
    const char *what;       /* a constant */
    char *text, *title;     /* own; NULL stays */
    bool remove;
    struct vec refs, done, missing; /* int64_t */
    int64_t batch;
};

/* Frees a change. */
static void change_free(void *record)
{
    struct change *ch = record;
    free(ch->text);
    free(ch->title);
    vec_fini(&ch->refs);
    vec_fini(&ch->done);
    vec_fini(&ch->missing);
    free(ch);
}

/* A change with nothing in it yet. */
static struct change *change_new(const char *what)
{
    struct change *ch = mem_alloc(sizeof *ch);
    ch->what = what;
    vec_init(&ch->refs, sizeof(int64_t), NULL);
    vec_init(&ch->done, sizeof(int64_t), NULL);
    vec_init(&ch->missing, sizeof(int64_t), NULL);
    return ch;
}

/* Adds a number. */
static void push_ref(struct vec *v, int64_t ref)
{
    int64_t *slot = vec_push(v);
    *slot = ref;
}

/* Changes one note; what was being typed has been folded, so that undo has it. */
static enum status change_one(struct journal *j, const struct change *ch, int64_t ref,
                              bool *changed, struct error *err)
{
    bool moved = false;
    enum status st = STATUS_OK;
    if (ch->remove)
        st = journal_set(j, "note.deleted", ref, "1", &moved, err);
    *changed = moved;
    if (st == STATUS_OK && ch->text) {
        st = journal_set(j, "note.text", ref, ch->text, &moved, err);
        *changed = *changed || moved;
    }
    if (st == STATUS_OK && ch->title) {
        st = journal_set(j, "note.title", ref, ch->title, &moved, err);
        *changed = *changed || moved;
    }
    return st;
}

/* The operation. */
static enum status write_change(struct db *db, void *record, struct error *err)
{
    struct change *ch = record;
    struct journal *j;
    enum status st = STATUS_OK;
    for (size_t i = 0; st == STATUS_OK && i < ch->refs.len; i++)
        st = note_fold(db, *(int64_t *)vec_at(&ch->refs, i), NULL, err);
    if (st == STATUS_OK)
        st = journal_begin(db, "me", ch->what, "", &j, err);
    if (st != STATUS_OK)
        return st;
    for (size_t i = 0; st == STATUS_OK && i < ch->refs.len; i++) {
        int64_t ref = *(int64_t *)vec_at(&ch->refs, i);
        bool changed = false;
        st = change_one(j, ch, ref, &changed, err);
        if (st == STATUS_NO_SUCH) {
            push_ref(&ch->missing, ref);
            *err = ERROR_INIT;
            st = STATUS_OK;
        } else if (st == STATUS_OK && changed)
            push_ref(&ch->done, ref);
    }
    if (st == STATUS_OK)
        return journal_end(j, &ch->batch, err);
    journal_abandon(j);
    return st;
}

static const struct store_op change_op = {"note change", OP_PERSON, write_change, change_free};

/* Tells what changed. */
static void change_done(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct change *ch = record;
    char id[COMMAND_ID_TEXT];
    if (err->status != STATUS_OK) {
        command_end(c, err);
        return;
    }
    struct json *o = json_object(), *ids = json_array(), *skipped = json_array();
    if (ch->batch)
        json_set_str(o, "batch", command_id_text('j', ch->batch, id));
    json_set_int(o, "changed", (int64_t)ch->done.len);
    for (size_t i = 0; i < ch->done.len; i++)
        json_push_str(ids, command_id_text('n', *(int64_t *)vec_at(&ch->done, i), id));
    for (size_t i = 0; i < ch->missing.len; i++)
        command_skip(skipped, 'n', *(int64_t *)vec_at(&ch->missing, i), _("does not exist"));
    json_set(o, "ids", ids);
    json_set(o, "skipped", skipped);
    command_result(c, o, NULL);
    struct error none = ERROR_INIT;
    if (ch->missing.len > 0 && ch->missing.len == ch->refs.len)
        error_set(&none, STATUS_NO_SUCH, _("there is no note %s"),
                  command_id_text('n', *(int64_t *)vec_at(&ch->missing, 0), id));
    command_end(c, &none);
}

/* Posts a change, or tells what it would do. */
static enum command_result post_change(struct command_call *c, struct change *ch)
{
    if (!command_is_dry(c)) {
        store_post(command_store(c), &change_op, ch, change_done, c);
        return COMMAND_WAIT;
    }
    char id[COMMAND_ID_TEXT];
    struct json *o = json_object(), *ids = json_array();
    for (size_t i = 0; i < ch->refs.len; i++)
        json_push_str(ids, command_id_text('n', *(int64_t *)vec_at(&ch->refs, i), id));
    json_set_int(o, "changed", (int64_t)ch->refs.len);
    json_set(o, "ids", ids);
    json_set(o, "skipped", json_array());
    json_set_bool(o, "dry_run", true);
    command_result(c, o, NULL);
    change_free(ch);
    return COMMAND_DONE;
}

/* note edit ID [--file F|-] [--title T] */
static enum command_result run_edit(struct command_call *c)
{
    struct error err = ERROR_INIT;
    struct note *n;
    int64_t id;
    const char *title = command_value(c, "title");
    if (!read_id(c, command_arg(c, 0), &id))
        return COMMAND_DONE;
    if (note_get(store_reader(command_store(c)), id, false, &n, &err) != STATUS_OK)
        return command_fail(c, &err);
    bool meeting = n->meeting;
    note_free(n);
    struct change *ch = change_new(N_("note edit"));
    push_ref(&ch->refs, id);
    ch->title = mem_strdup_maybe(title);
    if (command_argc(c) > 1 || command_has(c, "file") || (!title && !isatty(STDIN_FILENO))) {
        ch->text = read_text(c, 1);
        if (!ch->text) {
            change_free(ch);
            return COMMAND_DONE;
        }
    }
    if (ch->text && meeting) {
        change_free(ch);
        return command_usage(c, "%s", _("a transcript is not edited; its title can be (--title)"));
    }
    if (!ch->text && !ch->title) {
        change_free(ch);
        return command_usage(c, "%s", _("what shall it say? give the text, --file F or --title T"));
    }
    return post_change(c, ch);
}

/* note delete ID… */
static enum command_result run_delete(struct command_call *c)
{
    struct change *ch = change_new(N_("note delete"));
    const struct vec *ids = command_ids(c);
    ch->remove = true;
    for (size_t i = 0; i < ids->len; i++) {
        const struct command_target *t = vec_at(ids, i);
        if (t->letter != 'n') {
            char id[COMMAND_ID_TEXT];
            change_free(ch);
            return command_usage(c, _("“%s” is no note or meeting (n4)"),
                                 command_id_text(t->letter, t->number, id));
        }
        push_ref(&ch->refs, t->number);
    }
    return post_change(c, ch);
}

/* A command of the minutes' pane, given where none is open. */
static enum command_result run_elsewhere(struct command_call *c)
{
    command_note(c, "%s", _("this works in the minutes of a meeting"));
    return COMMAND_DONE;
}

static const struct command_option new_options[] = {
    {"title", "T", N_("its title; else the first line"), false, NULL},
    {"file", "F", N_("takes the text of file F"), false, "file"},
    {0}};

static const struct command_option list_options[] = {
    {"limit", "N", N_("at most N notes"), false, NULL},
    {0}};

static const struct command_option import_options[] = {
    {"title", "T", N_("the meeting's title; else the file's name"), false, NULL},
    {"date", "D", N_("when it took place; else a date in the file's name, else its time"), false,
     NULL},
    {0}};

static const struct command_option minutes_options[] = {
    {"style", "S", N_("how: \"short, for the customer\""), false, NULL},
    {"model", "M", N_("has this model write them; offline is always one"), false, "model"},
    {"sources", NULL, N_("puts the words each line rests on into the text"), false, NULL},
    {0}};

static const struct command_key new_keys[] = {{KEYS_NOTES, "c", NULL, N_("new note"), 3}, {0}};

static const struct command_key delete_keys[] = {{KEYS_NOTES, "d", NULL, NULL, 0}, {0}};

static const struct command_key edit_keys[] = {{KEYS_NOTES, "E", NULL, N_("edit"), 4}, {0}};

static const struct command_key transcript_keys[] = {
    {KEYS_NOTES, "x", NULL, N_("transcript"), 5},
    {0}};

static const struct command_key minutes_keys[] = {
    {KEYS_NOTES, "C-x a", NULL, N_("minutes again"), 6},
    {0}};

const struct command notes_commands[] = {
    {.name = "note new",
     .args = "[TEXT]",
     .summary = N_("writes a note"),
     .help = N_("The text also comes from --file or standard input. On the screen the note opens "
                "for writing; every key is stored as you type."),
     .flags = CMD_CHANGES | CMD_FOLLOWS,
     .max_args = -1,
     .options = new_options,
     .keys = new_keys,
     .run = run_new},
    {.name = "note list",
     .args = "[WORDS]",
     .summary = N_("lists notes and meetings, newest first"),
     .max_args = -1,
     .options = list_options,
     .run = run_list},
    {.name = "note show",
     .args = "ID",
     .summary = N_("shows a note, or a meeting's minutes and transcript"),
     .min_args = 1,
     .max_args = 1,
     .complete = "id",
     .run = run_show},
    {.name = "note edit",
     .args = "ID [TEXT]",
     .summary = N_("gives a note another text or title"),
     .flags = CMD_CHANGES,
     .min_args = 1,
     .max_args = -1,
     .complete = "id",
     .options = new_options,
     .run = run_edit},
    {.name = "note delete",
     .args = "ID…",
     .summary = N_("deletes notes and meetings; undo brings them back"),
     .flags = CMD_CHANGES | CMD_IDS | CMD_NO_ABBREV,
     .max_args = -1,
     .complete = "id",
     .keys = delete_keys,
     .run = run_delete},
    {.name = "meet import",
     .args = "FILE…",
     .summary = N_("imports transcripts: WebVTT, SRT or text with speakers"),
     .flags = CMD_CHANGES,
     .min_args = 1,
     .max_args = -1,
     .complete = "file",
     .options = import_options,
     .run = notes_run_import},
    {.name = "meet minutes",
     .args = "ID",
     .summary = N_("writes minutes whose every line points to its moment"),
     .help = N_("Summary, decisions, tasks with owner and resolved date, open questions. The program "
                "finds the moment of each line in the transcript; a line that nothing bears is "
                "marked. Earlier versions are kept."),
     .flags = CMD_CHANGES | CMD_STREAMS,
     .min_args = 1,
     .max_args = 1,
     .complete = "id",
     .options = minutes_options,
     .keys = minutes_keys,
     .run = notes_run_minutes},
    {.name = "meet edit",
     .summary = N_("edits the selected line of the minutes"),
     .flags = CMD_SCREEN_ONLY,
     .keys = edit_keys,
     .run = run_elsewhere},
    {.name = "meet transcript",
     .summary = N_("opens the transcript beside the minutes"),
     .flags = CMD_SCREEN_ONLY,
     .keys = transcript_keys,
     .run = run_elsewhere},
    {0}};

const struct option notes_options[] = {{0}};

void notes_register(void)
{
    note_store_register();
    minutes_offline_register();
}
