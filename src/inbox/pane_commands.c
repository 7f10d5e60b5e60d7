/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane_commands.c - commands that open the inbox's panes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "command/command.h"
#include "inbox/pane_inside.h"
#include "store/store.h"
#include "tui/tui.h"

/* Opens a pane above the focused one. */
static enum command_result open_pane(struct command_call *c, const char *name, const char *arg)
{
    struct pane *p = tui_focused(tui_of(c));
    if (p && pane_kind(p)->name != name)
        pane_open(p, name, arg);
    return COMMAND_DONE;
}

/* The first id the focused pane would give to a command; "" none. Yours. */
static char *first_target(struct command_call *c)
{
    struct pane *p = tui_focused(tui_of(c));
    struct str id = STR_INIT;
    struct vec ids;
    strv_init(&ids);
    if (p && pane_kind(p)->target)
        pane_kind(p)->target(pane_state(p), &ids);
    if (ids.len)
        str_puts(&id, strv_at(&ids, 0));
    vec_fini(&ids);
    return str_take(&id);
}

/* b */
static enum command_result run_folders(struct command_call *c)
{
    return open_pane(c, "folders", NULL);
}

/* D */
static enum command_result run_drafts(struct command_call *c)
{
    return open_pane(c, "drafts", NULL);
}

/* A */
static enum command_result run_parts(struct command_call *c)
{
    char *id = first_target(c);
    if (*id == 't')
        open_pane(c, "parts", id);
    free(id);
    return COMMAND_DONE;
}

/* Only a reader can do it: its pane has taken the command before. */
static enum command_result run_view(struct command_call *c)
{
    return command_usage(c, "%s", _("open a mail first"));
}

/* Search over everything, from anywhere. */
static enum command_result run_everywhere(struct command_call *c)
{
    const char *query = command_text(c, 0);
    struct pane *p = tui_focused(tui_of(c));
    if (p && *query) {
        pane_open(p, "results", query);
        return COMMAND_DONE;
    }
    p = p ? pane_open(p, "results", NULL) : NULL;
    if (p)
        pane_results_type(p);
    return COMMAND_DONE;
}

/* O where no hits are. */
static enum command_result run_search_order(struct command_call *c)
{
    command_note(c, "%s", _("search first: C-x f, or / twice"));
    return COMMAND_DONE;
}

/* Opens any id. */
static enum command_result run_show_id(struct command_call *c)
{
    struct pane *p = tui_focused(tui_of(c));
    if (p && !pane_open_id(p, command_arg(c, 0)))
        return command_usage(c, _("%s cannot be shown here"), command_arg(c, 0));
    return COMMAND_DONE;
}

#define KEYS(...) (const struct command_key[]){__VA_ARGS__, {0}}
#define READER (KEYS_THREAD | KEYS_VIEW)
#define MAILS (KEYS_INBOX | KEYS_THREAD)
#define PLACES (KEYS_LIST | KEYS_THREAD | KEYS_NOTES | KEYS_CHAT)

const struct command inbox_screen_commands[] = {
    {.name = "folders", .summary = N_("shows folders, lanes and saved searches"),
     .flags = CMD_SCREEN_ONLY, .run = run_folders, .keys = KEYS({MAILS, "b", NULL, N_("folders"), 20})},
    {.name = "drafts", .summary = N_("shows drafts, what is held, what failed"),
     .flags = CMD_SCREEN_ONLY, .run = run_drafts, .keys = KEYS({PLACES, "D", NULL, N_("drafts"), 21})},
    {.name = "attachments", .summary = N_("shows attachments and links of the thread"),
     .flags = CMD_SCREEN_ONLY, .run = run_parts, .keys = KEYS({MAILS, "A", NULL, NULL, 0})},
    {.name = "view", .args = "[plain|html|source|headers|parts|read]", .max_args = 1,
     .complete = "=plain html source headers parts read",
     .summary = N_("shows the mail on top in another form, or goes back to reading"),
     .flags = CMD_SCREEN_ONLY, .run = run_view,
     .keys = KEYS({READER, "V p", N_("plain"), N_("plain text"), 0}, {READER, "V h", N_("html"), N_("HTML"), 0},
                  {READER, "V s", "source", N_("source"), 0}, {READER, "V e", "headers", N_("headers"), 0},
                  {READER, "V a", "parts", N_("parts"), 0}, {READER, "V V", NC_("view", "read"), N_("views"), 16})},
    {.name = "this-mail", .args = "delete|archive|move|spam|flag|read|snooze", .min_args = 1, .max_args = 1,
     .complete = "=delete archive move spam flag read snooze",
     .summary = N_("does it to the mail one looks at, not to its whole conversation"),
     .help = N_("A snooze is the conversation's: no mail of it comes back alone."),
     .flags = CMD_SCREEN_ONLY, .run = run_view,
     .keys = KEYS({KEYS_THREAD, "X d", N_("delete"), N_("delete this mail"), 0},
                  {KEYS_THREAD, "X a", N_("archive"), N_("archive this mail"), 0},
                  {KEYS_THREAD, "X m", N_("move"), N_("move this mail"), 0},
                  {KEYS_THREAD, "X !", N_("spam"), N_("this mail is spam"), 0},
                  {KEYS_THREAD, "X F", N_("flag"), N_("flag this mail"), 0},
                  {KEYS_THREAD, "X i", N_("read"), N_("read or not"), 0},
                  {KEYS_THREAD, "X s", N_("snooze"), N_("snooze them all"), 0})},
    {.name = "keep-file", .summary = N_("saves the attachment that is shown or selected"),
     .flags = CMD_SCREEN_ONLY, .run = run_view, .keys = KEYS({KEYS_VIEW | KEYS_FILES, "s", NULL, N_("save"), 2})},
    {.name = "open-file", .summary = N_("opens the attachment with the program that ~/.mailcap names"),
     .flags = CMD_SCREEN_ONLY, .run = run_view,
     .keys = KEYS({KEYS_VIEW, "e", NULL, N_("open with a program"), 3})},
    {.name = "everywhere", .args = "[QUERY]", .max_args = -1,
     .summary = N_("searches mail, notes, chats, drafts and tasks together"),
     .flags = CMD_SCREEN_ONLY | CMD_TEXT, .run = run_everywhere,
     .keys = KEYS({KEYS_ALL, "C-x f", NULL, NULL, 0})},
    {.name = "search-order", .args = "[date|rank]", .max_args = 1, .complete = "=date rank",
     .summary = N_("orders the hits of a search by date or by relevance"),
     .flags = CMD_SCREEN_ONLY, .run = run_search_order,
     .keys = KEYS({KEYS_LIST, "O", NULL, NULL, 0})},
    {.name = "save-search", .args = "NAME", .min_args = 1, .max_args = -1,
     .summary = N_("keeps the query of the results that are shown; b lists it"),
     .flags = CMD_SCREEN_ONLY | CMD_TEXT, .run = pane_saved_run},
    {.name = "show-id", .args = "ID", .min_args = 1, .max_args = 1, .complete = "id",
     .summary = N_("opens anything by its id"), .flags = CMD_SCREEN_ONLY, .run = run_show_id},
    {0},
};
