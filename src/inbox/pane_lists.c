/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_lists.c - short lists beside the inbox: folders and lanes (b), drafts and what waits to be
 * sent (D), attachments and links of a thread (A). One kind of row: a word, a line, what to open. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "command/command.h"
#include "inbox/pane_counts.h"
#include "inbox/pane_inside.h"
#include "inbox/part.h"
#include "inbox/triage.h"
#include "mail/folder.h"
#include "mail/store.h"
#include "office/outbox.h"
#include "office/people.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"

#define OUTBOX_MAX 200
#define DRAFTS_MAX 500

struct short_row {
    int64_t id;          /* of the list */
    char *word, *text;   /* own; foreign */
    char *open, *target; /* own; "threads folder 3", "draft d3"; id for commands, NULL */
    int64_t message;     /* of the attachment; 0: none */
    int part;
    unsigned style;
    bool saved; /* a search with a name */
};

struct short_list {
    struct pane *pane;
    struct list *list;
    struct vec rows; /* struct short_row */
    char *arg;       /* own */
    const char *title;
    bool files; /* the words are names of files: they get half the row */
    void (*fill)(struct short_list *s);
    struct pane_counts *counts; /* own; of folders and saved searches, NULL */
};

/* Releases a row. */
static void row_fini(void *item)
{
    struct short_row *r = item;
    free(r->word);
    free(r->text);
    free(r->open);
    free(r->target);
}

/* Adds a row. */
static struct short_row *add(struct short_list *s, const char *word, const char *text, char *open)
{
    struct short_row *r = vec_push(&s->rows);
    r->id = (int64_t)s->rows.len;
    r->word = mem_strdup(word);
    r->text = mem_strdup(text);
    r->open = open;
    return r;
}

/* How many. */
static size_t row_count(void *user)
{
    return ((struct short_list *)user)->rows.len;
}

/* A row's id. */
static int64_t row_id(void *user, size_t i)
{
    return ((struct short_row *)vec_at(&((struct short_list *)user)->rows, i))->id;
}

/* Draws a row: the word in its style, then the text. */
static void row_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    const struct short_list *s = user;
    const struct short_row *r = vec_at(&s->rows, i);
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    int cells = s->files && r->part ? c->cols / 2 : c->cols >= 60 ? 18 : 12;
    if (s->files && !r->part)
        cells = 5;
    int col = canvas_column(c, 0, 2, cells, r->style, CANVAS_FOREIGN, r->word);
    canvas_column(c, 0, col + 1, c->cols - col - 2, STYLE_PLAIN, CANVAS_FOREIGN, r->text);
}

/* Search. */
static bool row_match(void *user, size_t i, const char *needle)
{
    const struct short_row *r = vec_at(&((struct short_list *)user)->rows, i);
    return utf8_contains_folded(r->text, needle) || utf8_contains_folded(r->word, needle);
}

static const struct list_rows list_rows = {
    .count = row_count, .id = row_id, .draw = row_draw, .match = row_match};

/* Makes a list pane. */
static void *new_list(struct pane *p, const char *arg, const char *title,
                      void (*fill)(struct short_list *s))
{
    struct short_list *s = mem_alloc(sizeof *s);
    s->pane = p;
    s->title = title;
    s->fill = fill;
    s->arg = mem_strdup(arg ? arg : "");
    vec_init(&s->rows, sizeof(struct short_row), row_fini);
    fill(s);
    s->list = list_new(&list_rows, s);
    return s;
}

/* Releases it. */
static void free_list(void *state)
{
    struct short_list *s = state;
    pane_counts_free(s->counts);
    list_free(s->list);
    vec_fini(&s->rows);
    free(s->arg);
    free(s);
}

/* Reads the rows anew. */
static void refill(void *state)
{
    struct short_list *s = state;
    vec_clear(&s->rows);
    s->fill(s);
    list_reload(s->list);
    pane_dirty(s->pane);
}

/* Asks how much lies behind the rows. */
static void count_rows(struct short_list *s)
{
    struct vec names;
    strv_init(&names);
    for (size_t i = 0; i < s->rows.len; i++) {
        const struct short_row *r = vec_at(&s->rows, i);
        if (r->open)
            strv_push(&names, r->open);
    }
    pane_counts_ask(s->counts, &names);
    vec_fini(&names);
}

/* What it shows changed. */
static void reload_list(void *state, unsigned bits)
{
    struct short_list *s = state;
    (void)bits;
    refill(s);
    if (s->counts)
        count_rows(s);
}

/* Title, rows. */
static void draw_list(void *state, struct canvas *c, bool focused)
{
    struct short_list *s = state;
    struct canvas rest = canvas_sub(c, 1, 0, c->rows - 1, c->cols);
    canvas_clear_row(c, 0);
    canvas_text(c, 0, 1, STYLE_BOLD, s->title);
    if (s->rows.len) {
        list_draw(s->list, &rest, focused);
        return;
    }
    canvas_clear(&rest);
    canvas_text(&rest, 1, 2, STYLE_DIM, _("Nothing here."));
}

/* The selected row. */
static const struct short_row *selected(struct short_list *s)
{
    size_t row = list_selected_row(s->list);
    return row < s->rows.len ? vec_at(&s->rows, row) : NULL;
}

/* Opens "KIND ARG" above the pane below this one, so that q goes back past the list. */
static bool verb_list(void *state, enum pane_verb verb, int arg)
{
    struct short_list *s = state;
    const struct short_row *r = selected(s);
    char kind[32];
    int used = 0;
    if (verb != PANE_OPEN)
        return list_verb(s->list, verb, arg);
    if (r && r->open && sscanf(r->open, "%31s %n", kind, &used) == 1) {
        if (str_eq(kind, "run"))
            pane_run(s->pane, r->open + used);
        else
            pane_open(s->pane, kind, r->open[used] ? r->open + used : NULL);
    }
    return true;
}

/* d in the list of drafts deletes a draft, on what is held it takes back; others are not for it. */
static bool command_drafts(void *state, size_t argc, const char *const *argv)
{
    struct short_list *s = state;
    const struct short_row *r = selected(s);
    if (pane_sent_undo(s->pane, argc, argv))
        return true;
    if (argc != 1 || !r || !r->target || !str_eq(argv[0], "delete"))
        return false;
    pane_runf(s->pane, *r->target == 'o' ? "outbox cancel %s" : "draft delete %s", r->target);
    return true;
}

/* Ids for commands. */
static void target_list(void *state, struct vec *ids)
{
    const struct short_row *r = selected(state);
    if (r && r->target)
        strv_push(ids, r->target);
}

/* Search. */
static bool search_list(void *state, const char *needle, int direction)
{
    return list_search(((struct short_list *)state)->list, needle, direction);
}

/* The row as text. */
static void copy_list(void *state, struct str *out)
{
    const struct short_row *r = selected(state);
    if (r)
        str_addf(out, "%s  %s\n", r->word, r->text);
}

/* For coming back. */
static void place_list(void *state, struct str *out)
{
    str_puts(out, ((struct short_list *)state)->arg);
}

/* ---- b: folders, lanes, saved searches ---- */

/* "12  3 unread" of what a row opens, as far as it was counted. */
static struct short_row *add_counted(struct short_list *s, const char *word, const char *before,
                                     char *open)
{
    struct str text = STR_INIT;
    int64_t count = 0, unread = 0;
    str_puts(&text, before);
    if (s->counts && pane_counts_get(s->counts, open, &count, &unread)) {
        str_addf(&text, "%s%lld", text.len ? "  " : "", (long long)count);
        if (unread)
            str_addf(&text, P_("  %lld unread", "  %lld unread", unread), (long long)unread);
    }
    struct short_row *r = add(s, word, str_text(&text), open);
    r->style = unread ? STYLE_BOLD : STYLE_PLAIN;
    str_fini(&text);
    return r;
}

/* A saved search. */
static void on_search(void *user, const char *name, const char *query)
{
    struct short_list *s = user;
    struct short_row *row = add_counted(s, name, "", str_format("results %s", query));
    char *text = str_format("%s%s%s", row->text, *row->text ? "  " : "", query);
    free(row->text);
    row->text = text;
    row->style = STYLE_SOURCE;
    row->saved = true;
}

/* d forgets a saved search. */
static bool command_folders(void *state, size_t argc, const char *const *argv)
{
    struct short_list *s = state;
    const struct short_row *r = selected(s);
    if (argc != 1 || !str_eq(argv[0], "delete"))
        return false;
    if (r && r->saved)
        pane_saved_set(pane_store(s->pane), r->word, NULL);
    else
        pane_say(s->pane, "%s", _("only saved searches are deleted here"));
    return true;
}

/* Lanes with their counts, saved searches, then the folders of the accounts. */
static void fill_folders(struct short_list *s)
{
    struct db *db = store_reader(pane_store(s->pane));
    struct mail_counts counts;
    struct vec folders;
    struct error err = ERROR_INIT;
    if (mail_thread_counts(db, &counts, &err) == STATUS_OK)
        for (int lane = MAIL_LANE_ANSWER; lane < MAIL_LANES; lane++) {
            char number[32];
            snprintf(number, sizeof number, "%lld", (long long)counts.threads[lane]);
            add(s, mail_lane_name((enum mail_lane)lane), lane == MAIL_LANE_DONE ? "" : number,
                str_format("threads lane %s", mail_lane_word((enum mail_lane)lane)))
                ->style = pane_words_lane_style((enum mail_lane)lane);
        }
    add_counted(s, _("snoozed"), "", mem_strdup("threads snoozed"));
    add_counted(s, _("muted"), "", mem_strdup("threads muted"));
    add(s, _("all mail"), "", mem_strdup("threads all"));
    pane_saved_each(pane_store(s->pane), on_search, s);
    if (mail_folder_names(db, &folders, &err) == STATUS_OK)
        for (size_t i = 0; i < folders.len; i++) {
            const struct mail_folder *f = vec_at(&folders, i);
            if (f->role == MAIL_ROLE_DRAFTS && mail_folder_is_empty(db, f->id))
                continue; /* copies of what D lists, no mail: it would say 0 */
            add_counted(s, f->name, f->account, str_format("threads folder %lld", (long long)f->id));
        }
    vec_fini(&folders);
}

/* Opens it. */
static void *new_folders(struct pane *p, const char *arg)
{
    struct short_list *s = new_list(p, arg, _("Folders and lanes"), fill_folders);
    s->counts = pane_counts_new(p, refill, s);
    count_rows(s);
    return s;
}

/* ---- D: drafts, held, failed ---- */

/* Does the reason say itself whom it is about? */
static bool names_recipient(const struct outbox_row *r)
{
    struct vec to;
    struct error ignored = ERROR_INIT;
    bool named = false;
    people_init(&to);
    if (people_parse(r->to, &to, &ignored) == STATUS_OK)
        for (size_t i = 0; i < to.len && !named; i++)
            named = strstr(r->error, ((const struct mail_address *)vec_at(&to, i))->address) != NULL;
    vec_fini(&to);
    return named;
}

/* An outbox item. */
static bool on_outbox(void *user, const struct outbox_row *r)
{
    struct short_list *s = user;
    struct str text = STR_INIT;
    bool waits = r->state == OUTBOX_HELD && r->send_at > clock_now();
    if (waits) { /* first: it stands where the row is narrow, too */
        char when[CLOCK_TEXT];
        str_addf(&text, _("leaves %s  "), clock_moment(r->send_at, clock_now(), when));
    } else if (r->state == OUTBOX_HELD) {
        str_puts(&text, _("due, sending  "));
    } else if (r->state == OUTBOX_QUEUED && r->next_try > 0) {
        char when[CLOCK_TEXT];
        str_addf(&text, _("again %s  "), clock_moment(r->next_try, clock_now(), when));
    }
    if (*r->error) { /* why, before which: the row is narrow */
        char who[OUTBOX_WHO];
        outbox_who(r->to, who);
        str_addf(&text, "%s%s%s  %s", names_recipient(r) ? "" : who, names_recipient(r) ? "" : ": ", r->error,
                 r->subject);
    } else {
        str_addf(&text, "%s  %s", r->to, r->subject);
    }
    if (waits)
        str_puts(&text, _("   C-x u takes it back"));
    if (r->state == OUTBOX_IN_DOUBT)
        str_puts(&text, _("  the server did not confirm; :outbox retry may send it twice"));
    struct short_row *row = add(s, outbox_state_name(r->state), str_text(&text),
                                str_format("run outbox show o%lld", (long long)r->id));
    row->target = str_format("o%lld", (long long)r->id);
    row->style = r->state == OUTBOX_FAILED || r->state == OUTBOX_IN_DOUBT ? STYLE_WARN : STYLE_DUE;
    str_fini(&text);
    return true;
}

/* A draft. */
static bool on_draft(void *user, const struct draft_row *r)
{
    struct short_list *s = user;
    struct str text = STR_INIT;
    char when[CLOCK_TEXT], word[48];
    if (r->state == DRAFT_APPROVED) /* what waits to be sent stands above */
        return true;
    snprintf(word, sizeof word, "d%lld %s", (long long)r->id,
             clock_short(r->updated, clock_now(), when));
    str_addf(&text, "%s  %s  %s", *r->to ? r->to : "-", r->subject, r->snippet);
    struct short_row *row = add(s, word, str_text(&text),
                                str_format("draft d%lld", (long long)r->id));
    row->target = str_format("d%lld", (long long)r->id);
    row->style = r->state == DRAFT_STREAMING ? STYLE_STREAM : STYLE_PLAIN;
    str_fini(&text);
    return true;
}

/* What waits to be sent, then the drafts. */
static void fill_drafts(struct short_list *s)
{
    struct db *db = store_reader(pane_store(s->pane));
    struct error err = ERROR_INIT;
    if (outbox_list(db, true, OUTBOX_MAX, on_outbox, s, &err) != STATUS_OK ||
        draft_list(db, false, DRAFTS_MAX, on_draft, s, &err) != STATUS_OK)
        pane_error(s->pane, &err);
}

/* Opens it. */
static void *new_drafts(struct pane *p, const char *arg)
{
    return new_list(p, arg, _("Drafts, held, failed"), fill_drafts);
}

/* ---- A: attachments and links ---- */

/* One message's. */
static void add_message(struct short_list *s, const struct mail_row *row)
{
    struct mail_message *m = NULL;
    struct error err = ERROR_INIT;
    if (mail_message_get(store_reader(pane_store(s->pane)), row->id, &m, &err) != STATUS_OK)
        return;
    for (size_t i = 0; i < m->parts.len; i++) {
        const struct mail_part *part = vec_at(&m->parts, i);
        struct str text = STR_INIT, size = STR_INIT;
        if (!part_is_file(part))
            continue;
        pane_words_size(part->size, &size);
        part_type(part, &text);
        str_addf(&text, "  %s  %s", str_text(&size), row->from_name);
        struct short_row *r = add(s, part->name && *part->name ? part->name : _("unnamed"),
                                  str_text(&text),
                                  str_format("view m%lld %d", (long long)row->id, part->number));
        r->style = STYLE_SOURCE;
        r->message = row->id;
        r->part = part->number;
        str_fini(&text);
        str_fini(&size);
    }
    for (size_t i = 0; i < m->links.len; i++) {
        const struct mail_link *link = vec_at(&m->links, i);
        char number[32];
        snprintf(number, sizeof number, "[%zu]", i + 1);
        add(s, number, link->url, NULL)->style = STYLE_LINK;
    }
    mail_message_free(m);
}

/* Of all messages of the thread, newest first. */
static void fill_parts(struct short_list *s)
{
    struct vec rows;
    struct error err = ERROR_INIT;
    char letter;
    int64_t id;
    if (!command_id(s->arg, &letter, &id))
        return;
    vec_init(&rows, sizeof(struct mail_row), mail_row_fini_item);
    if (mail_thread_messages(store_reader(pane_store(s->pane)), id, &rows, &err) == STATUS_OK)
        for (size_t i = rows.len; i > 0; i--)
            add_message(s, vec_at(&rows, i - 1));
    vec_fini(&rows);
}

/* Opens it for "t5". */
static void *new_parts(struct pane *p, const char *arg)
{
    struct short_list *s = new_list(p, arg, _("Attachments and links"), fill_parts);
    s->files = true;
    return s;
}

/* Y and s save the file; of a link Y keeps the address, as everywhere. */
static bool command_parts(void *state, size_t argc, const char *const *argv)
{
    struct short_list *s = state;
    const struct short_row *r = selected(s);
    if (argc != 1 || !r || !r->part || !(str_eq(argv[0], "copy-file") || str_eq(argv[0], "keep-file")))
        return false;
    pane_part_save(s->pane, r->message, r->part);
    return true;
}

/* What the keys do on the row, saved searches being the ones that d forgets. */
static void hints_folders(void *state, struct str *out)
{
    const struct short_row *r = selected(state);
    str_puts(out, r && r->saved ? _("Enter open  d forget  / search  Esc back")
                                : _("Enter open  / search  Esc back"));
}

/* The same for drafts and what waits to be sent. */
static void hints_drafts(void *state, struct str *out)
{
    const struct short_row *r = selected(state);
    str_puts(out, !r || !r->target ? _("Esc back")
                  : *r->target == 'o' ? _("Enter open  d take back  Esc back")
                                      : _("Enter write on  d delete  u undo  Esc back"));
}

/* The same for attachments and links. */
static void hints_parts(void *state, struct str *out)
{
    const struct short_row *r = selected(state);
    str_puts(out, r && r->open ? _("Enter open  s save  y copy  Esc back")
                                : _("y copy  Esc back"));
}

#define SHORT_OPS                                                                                  \
    .free = free_list, .reload = reload_list, .draw = draw_list,                \
    .verb = verb_list, .target = target_list, .search = search_list, .copy = copy_list,            \
    .place = place_list

const struct pane_ops folders_pane = {.name = "folders", .title = N_("Folders"),
                                      .keys = KEYS_LIST | KEYS_INBOX, .watch = WATCH_MAIL,
                                      .new_state = new_folders, .command = command_folders,
                                      .hints = hints_folders, SHORT_OPS};
const struct pane_ops drafts_pane = {.name = "drafts", .title = N_("Drafts"),
                                     .keys = KEYS_LIST | KEYS_INBOX,
                                     .watch = WATCH_DRAFT | WATCH_OUTBOX, .new_state = new_drafts,
                                     .command = command_drafts, .hints = hints_drafts,
                                     SHORT_OPS};
const struct pane_ops parts_pane = {.name = "parts", .title = N_("Attachments"),
                                    .keys = KEYS_LIST | KEYS_FILES, .watch = WATCH_MAIL,
                                    .new_state = new_parts,
                                    .command = command_parts, .hints = hints_parts, SHORT_OPS};
