/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_list.c - the list of conversations, and the commands that open one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/watch.h"
#include "chat/chat.h"
#include "chat/commands.h"
#include "chat/pane.h"
#include "chat/store.h"
#include "command/ids.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/listpane.h"
#include "tui/tui.h"

/* A conversation as the list shows it. */
struct row {
    int64_t id; /* first: listpane */
    int64_t updated, turns;
    bool running;
    char *title, *model; /* own */
};

/* Frees a row in a vec. */
static void row_fini_item(void *item)
{
    struct row *r = item;
    free(r->title);
    free(r->model);
}

/* Takes a row. */
static bool take_row(void *user, const struct chat_row *r)
{
    struct row *n = vec_push(user);
    *n = (struct row){.id = r->id,
                      .updated = r->updated,
                      .turns = r->turns,
                      .running = r->running,
                      .title = mem_strdup(r->title),
                      .model = mem_strdup(r->model)};
    return true;
}

/* Reads the rows. */
static enum status read_rows(struct db *db, const char *arg, int64_t limit, struct vec *rows,
                             struct error *err)
{
    (void)arg;
    return chat_list(db, NULL, limit, take_row, rows, err);
}

/* Draws a row: state, when, title, model. */
static void row_draw(const void *row, struct canvas *c, unsigned flags)
{
    const struct row *r = row;
    char when[CLOCK_TEXT], turns[24];
    int model = c->cols >= 70 ? 18 : 0, right = c->cols - model - 5, days = clock_short_cells(), title = days + 4;
    canvas_text(c, 0, 0, STYLE_PLAIN, flags & LIST_SELECTED ? ">" : " ");
    canvas_text(c, 0, 1, STYLE_PLAIN, flags & LIST_MARKED ? "x" : r->running ? "~" : " ");
    canvas_column(c, 0, 3, days, STYLE_DIM, CUT_END, clock_short(r->updated, clock_now(), when));
    canvas_column(c, 0, title, right - title > 8 ? right - title : 8, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN,
                  r->title);
    if (model > 0) {
        canvas_column(c, 0, right + 1, model - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN, r->model);
        snprintf(turns, sizeof turns, "%lld", (long long)(r->turns + 1) / 2);
        canvas_column(c, 0, c->cols - 5, 4, STYLE_DIM, CUT_END | ALIGN_RIGHT, turns);
    }
}

/* Does the row hold what is searched? */
static bool row_match(const void *row, const char *needle)
{
    return utf8_contains_folded(((const struct row *)row)->title, needle);
}

/* Pane: begins. */
static void *chats_new(struct pane *p, const char *arg)
{
    static const struct listpane_kind kind = {
        .size = sizeof(struct row),
        .fini = row_fini_item,
        .read = read_rows,
        .draw = row_draw,
        .match = row_match,
        .empty = N_("No conversations yet."),
        .empty_hint = N_("c asks all your mail, notes and conversations; answers come with sources."),
        .letter = 'c',
        .opens = "chat",
        .removal = "chat delete"};
    (void)arg;
    return listpane_new(p, &kind, NULL);
}

/* Pane: deleting and asking mean conversations here. */
static bool chats_command(void *state, size_t argc, const char *const *argv)
{
    if (argc != 1 || !str_eq(argv[0], "ask"))
        return listpane_command(state, argc, argv);
    pane_open(((struct listpane *)state)->pane, "chat", "");
    return true;
}

/* Pane: the status row. */
static void chats_status(void *state, struct str *out)
{
    const struct listpane *s = state;
    struct model_choice m;
    str_addf(out, P_("%zu conversation", "%zu conversations", s->rows.len), s->rows.len);
    if (s->more)
        str_puts(out, "+");
    model_choose(pane_store(s->pane), "ask", NULL, false, &m);
    if (m.offline)
        str_addf(out, "  %s", model_offline_words());
    else if (m.local) {
        str_puts(out, "  ");
        str_addf(out, _("%s on this machine"), m.name);
    } else
        str_addf(out, _("  %s at %s"), m.name, m.host);
}

/* Pane: the why row: what is marked. */
static void chats_why(void *state, struct str *out)
{
    list_say_marks(((struct listpane *)state)->list, out);
}

/* Pane: the keys that work on the list. */
static void chats_hints(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("Enter open  c new question  d delete  / search  u undo"));
}

const struct pane_ops chats_pane = {.name = "chats",
                                    .title = N_("Chat"),
                                    .keys = KEYS_LIST | KEYS_CHAT,
                                    .watch = WATCH_CHAT,
                                    .tab = 3,
                                    .new_state = chats_new,
                                    .free = listpane_free,
                                    .reload = listpane_reload,
                                    .draw = listpane_draw,
                                    .verb = listpane_verb,
                                    .command = chats_command,
                                    .target = listpane_target,
                                    .status = chats_status,
                                    .hints = chats_hints,
                                    .why = chats_why,
                                    .search = listpane_search};

const struct pane_ops *const chat_panes[] = {&chats_pane, &chat_pane, &stashes_pane, NULL};

/* ---- commands that open panes ---- */

/* chat new: an empty conversation in the focused tab. */
static enum command_result run_new(struct command_call *c)
{
    struct pane *p = tui_focused(tui_of(c));
    if (p)
        pane_open(p, "chat", "");
    return COMMAND_DONE;
}

/* chat about ID…: a question about what is selected, beside it. */
static enum command_result run_about(struct command_call *c)
{
    struct pane *p = tui_focused(tui_of(c));
    const struct vec *ids = command_ids(c);
    struct str arg = STR_INIT;
    char id[COMMAND_ID_TEXT];
    str_puts(&arg, "about");
    for (size_t i = 0; i < ids->len; i++) {
        const struct command_target *t = vec_at(ids, i);
        str_addf(&arg, " %s", command_id_text(t->letter, t->number, id));
    }
    if (p)
        pane_open(p, "chat", str_text(&arg));
    str_fini(&arg);
    return COMMAND_DONE;
}

/* A command of a conversation, given where none is open. */
static enum command_result run_elsewhere(struct command_call *c)
{
    command_note(c, "%s", _("this works in a conversation"));
    return COMMAND_DONE;
}

/* `ask TEXT` on the ":" line: the answer streams into a pane. */
static bool ask_on_screen(struct command_call *c, const char *text)
{
    struct pane *p = tui_focused(tui_of(c));
    char *arg = str_format("ask %s", text);
    bool opened = p && pane_open(p, "chat", *text ? arg : "");
    free(arg);
    return opened;
}

static const struct command_key new_keys[] = {{KEYS_CHAT, "c", NULL, N_("new question"), 3}, {0}};
static const struct command_key again_keys[] = {{KEYS_CHAT, "C-x a", NULL, NULL, 0}, {0}};
static const struct command_key model_keys[] = {{KEYS_CHAT, "C-x m", NULL, NULL, 0}, {0}};
static const struct command_key about_keys[] = {
    {KEYS_LIST | KEYS_THREAD | KEYS_INBOX | KEYS_NOTES, "@", NULL, N_("ask"), 7},
    {0}};

const struct command chat_screen_commands[] = {
    {.name = "chat new",
     .summary = N_("asks a new question"),
     .flags = CMD_SCREEN_ONLY,
     .keys = new_keys,
     .run = run_new},
    {.name = "chat about",
     .args = "ID…",
     .summary = N_("asks about what is selected; the answer appears beside it"),
     .flags = CMD_SCREEN_ONLY | CMD_IDS,
     .max_args = -1,
     .complete = "id",
     .keys = about_keys,
     .run = run_about},
    {.name = "chat again",
     .summary = N_("asks the last question again, as a branch of its own"),
     .flags = CMD_SCREEN_ONLY,
     .keys = again_keys,
     .run = run_elsewhere},
    {.name = "chat model",
     .summary = N_("chooses the model of this conversation, or offline"),
     .flags = CMD_SCREEN_ONLY,
     .keys = model_keys,
     .run = run_elsewhere},
    {0}};

void chat_screen_register(void)
{
    chat_on_screen = ask_on_screen;
}
