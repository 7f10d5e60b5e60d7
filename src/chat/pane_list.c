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
#include "tui/tui.h"

#define ROWS_STEP 200

/* A conversation as the list shows it. */
struct row {
    int64_t id, updated, turns;
    bool running;
    char *title, *model; /* own */
};

struct chats {
    struct pane *pane; /* borrow */
    struct list *list;
    struct vec rows;   /* struct row */
    int64_t limit;
    bool stale;        /* something changed while it was not on the screen */
    bool more;         /* there may be more than limit */
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
    struct chats *s = user;
    struct row *n = vec_push(&s->rows);
    *n = (struct row){.id = r->id,
                      .updated = r->updated,
                      .turns = r->turns,
                      .running = r->running,
                      .title = mem_strdup(r->title),
                      .model = mem_strdup(r->model)};
    return true;
}

/* Reads the rows anew. */
static void load(struct chats *s)
{
    struct error err = ERROR_INIT;
    vec_clear(&s->rows);
    s->stale = false;
    if (chat_list(store_reader(pane_store(s->pane)), NULL, s->limit, take_row, s, &err) != STATUS_OK)
        pane_error(s->pane, &err);
    s->more = (int64_t)s->rows.len >= s->limit;
    list_reload(s->list);
    pane_dirty(s->pane);
}

/* List: how many rows. */
static size_t rows_count(void *user)
{
    return ((struct chats *)user)->rows.len;
}

/* List: the id of a row. */
static int64_t rows_id(void *user, size_t i)
{
    return ((struct row *)vec_at(&((struct chats *)user)->rows, i))->id;
}

/* List: draws a row: state, when, title, model. */
static void rows_draw(void *user, size_t i, struct canvas *c, unsigned flags)
{
    const struct row *r = vec_at(&((struct chats *)user)->rows, i);
    char when[CLOCK_TEXT], turns[24];
    int model = c->cols >= 70 ? 18 : 0, right = c->cols - model - 5;
    canvas_text(c, 0, 1, STYLE_PLAIN, flags & LIST_MARKED ? "x" : r->running ? "~" : " ");
    canvas_column(c, 0, 3, 6, STYLE_DIM, CUT_END, clock_short(r->updated, clock_now(), when));
    canvas_column(c, 0, 10, right - 10 > 8 ? right - 10 : 8, STYLE_PLAIN, CUT_END | CANVAS_FOREIGN,
                  r->title);
    if (model > 0) {
        canvas_column(c, 0, right + 1, model - 2, STYLE_DIM, CUT_END | CANVAS_FOREIGN, r->model);
        snprintf(turns, sizeof turns, "%lld", (long long)(r->turns + 1) / 2);
        canvas_column(c, 0, c->cols - 5, 4, STYLE_DIM, CUT_END | ALIGN_RIGHT, turns);
    }
}

/* List: does the row hold what is searched? */
static bool rows_match(void *user, size_t i, const char *needle)
{
    return utf8_contains_folded(((struct row *)vec_at(&((struct chats *)user)->rows, i))->title,
                                needle);
}

/* List: the end was reached: older ones. */
static void rows_more(void *user)
{
    struct chats *s = user;
    if (!s->more)
        return;
    s->limit += ROWS_STEP;
    load(s);
}

/* Pane: begins. */
static void *chats_new(struct pane *p, const char *arg)
{
    static const struct list_rows rows = {.count = rows_count,
                                          .id = rows_id,
                                          .draw = rows_draw,
                                          .match = rows_match,
                                          .more = rows_more};
    (void)arg;
    struct chats *s = mem_alloc(sizeof *s);
    s->pane = p;
    s->limit = ROWS_STEP;
    vec_init(&s->rows, sizeof(struct row), row_fini_item);
    s->list = list_new(&rows, s);
    load(s);
    return s;
}

/* Pane: ends. */
static void chats_free(void *state)
{
    struct chats *s = state;
    list_free(s->list);
    vec_fini(&s->rows);
    free(s);
}

/* Pane: something changed. */
static void chats_reload(void *state, unsigned bits)
{
    struct chats *s = state;
    (void)bits;
    if (pane_visible(s->pane))
        load(s);
    else
        s->stale = true; /* a stream rings four times a second: read when it is seen */
}

/* Pane: draws; an empty list teaches. */
static void chats_draw(void *state, struct canvas *c, bool focused)
{
    struct chats *s = state;
    if (s->stale)
        load(s);
    if (s->rows.len == 0) {
        canvas_clear(c);
        canvas_text(c, 1, 1, STYLE_PLAIN, _("No conversations yet."));
        canvas_text(c, 2, 1, STYLE_PLAIN,
                    _("c asks a question: of all your mail, notes and conversations, each answer "
                      "with its sources."));
        return;
    }
    list_draw(s->list, c, focused);
}

/* Opens the selected conversation. */
static bool open_selected(struct chats *s)
{
    char id[COMMAND_ID_TEXT];
    int64_t chat = list_selected(s->list);
    if (chat)
        pane_open(s->pane, "chat", command_id_text('c', chat, id));
    return true;
}

/* Pane: motion and Enter. */
static bool chats_verb(void *state, enum pane_verb verb, int arg)
{
    struct chats *s = state;
    return verb == PANE_OPEN && arg == 0 ? open_selected(s) : list_verb(s->list, verb, arg);
}

/* Pane: deleting and asking mean conversations here. */
static bool chats_command(void *state, size_t argc, const char *const *argv)
{
    struct chats *s = state;
    char id[COMMAND_ID_TEXT];
    if (argc == 1 && str_eq(argv[0], "ask")) {
        pane_open(s->pane, "chat", "");
        return true;
    }
    if (argc == 2 && str_eq(argv[0], "chat") && str_eq(argv[1], "delete")) {
        struct vec ids;
        struct str line = STR_INIT;
        vec_init(&ids, sizeof(int64_t), NULL);
        list_target(s->list, &ids);
        str_puts(&line, "chat delete");
        for (size_t i = 0; i < ids.len; i++)
            str_addf(&line, " %s", command_id_text('c', *(int64_t *)vec_at(&ids, i), id));
        list_leave(s->list, (const int64_t *)(const void *)ids.items, ids.len);
        if (ids.len > 0)
            pane_run(s->pane, str_text(&line));
        list_unmark(s->list);
        str_fini(&line);
        vec_fini(&ids);
        return true;
    }
    return false;
}

/* Pane: the ids a command works on. */
static void chats_target(void *state, struct vec *out)
{
    struct chats *s = state;
    struct vec ids;
    char id[COMMAND_ID_TEXT];
    vec_init(&ids, sizeof(int64_t), NULL);
    list_target(s->list, &ids);
    for (size_t i = 0; i < ids.len; i++)
        strv_push(out, command_id_text('c', *(int64_t *)vec_at(&ids, i), id));
    vec_fini(&ids);
}

/* Pane: the status row. */
static void chats_status(void *state, struct str *out)
{
    struct chats *s = state;
    struct model_choice m;
    str_addf(out, P_("%zu conversation", "%zu conversations", s->rows.len), s->rows.len);
    if (s->more)
        str_puts(out, "+");
    model_choose(pane_store(s->pane), "ask", NULL, false, &m);
    if (m.offline)
        str_addf(out, "  %s", _("offline: nothing leaves this machine"));
    else
        str_addf(out, _("  %s at %s"), m.name, m.host);
}

/* Pane: the keys that work on the list. */
static void chats_hints(void *state, struct str *out)
{
    (void)state;
    str_puts(out, _("Enter open  c new question  d delete  / search  u undo"));
}

/* Pane: "/". */
static bool chats_search(void *state, const char *needle, int direction)
{
    return list_search(((struct chats *)state)->list, needle, direction);
}

const struct pane_ops chats_pane = {.name = "chats",
                                    .title = N_("Chat"),
                                    .keys = KEYS_LIST | KEYS_CHAT,
                                    .watch = WATCH_CHAT,
                                    .tab = 3,
                                    .new_state = chats_new,
                                    .free = chats_free,
                                    .reload = chats_reload,
                                    .draw = chats_draw,
                                    .verb = chats_verb,
                                    .command = chats_command,
                                    .target = chats_target,
                                    .status = chats_status,
                                    .hints = chats_hints,
                                    .search = chats_search};

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
