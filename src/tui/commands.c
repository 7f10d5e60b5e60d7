/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - commands of the screen itself: motion, marks, tabs, splits, search, help. */
#include <stdlib.h>
#include <string.h>
#include <signal.h>

#include "base/i18n.h"
#include "base/path.h"
#include "command/call.h"
#include "command/command.h"
#include "tui/outside.h"
#include "tui/screen.h"
#include "tui/tuidata.h"

#define ALL KEYS_ALL
#define LIST KEYS_LIST
#define READ (KEYS_LIST | KEYS_THREAD | KEYS_NOTES | KEYS_CHAT | KEYS_INBOX | KEYS_HELP | \
              KEYS_VIEW)

/* The screen a command runs on. */
struct tui *tui_of(const struct command_call *c)
{
    return command_user(c);
}

/* A number typed as the first argument. */
static int number_of(const struct command_call *c)
{
    long long n = 0;
    return command_arg(c, 0) && str_to_int64(command_arg(c, 0), &n) && n > 0 && n < 1000 ? (int)n
                                                                                         : 0;
}

/* Gives a verb to the focused pane. */
static enum command_result do_verb(struct command_call *c, enum pane_verb verb)
{
    struct tui *t = tui_of(c);
    struct pane *p = stack_top(t);
    if (p && p->ops->verb && p->ops->verb(p->state, verb, number_of(c)))
        pane_dirty(p);
    return COMMAND_DONE;
}

/* Motions: the command's name is all there is to them. */
static const struct {
    const char *name;
    enum pane_verb verb;
} motions[] = {
    {"down", PANE_DOWN},
    {"up", PANE_UP},
    {"first", PANE_FIRST},
    {"last", PANE_LAST},
    {"page-down", PANE_PAGE_DOWN},
    {"page-up", PANE_PAGE_UP},
    {"open", PANE_OPEN},
    {"mark", PANE_MARK},
    {"mark-range", PANE_RANGE},
    {"mark-lane", PANE_MARK_GROUP},
    {"next-lane", PANE_GROUP_NEXT},
    {"previous-lane", PANE_GROUP_PREV},
    {"next-unread", PANE_UNREAD_NEXT},
    {"previous-unread", PANE_UNREAD_PREV},
    {"next-thread", PANE_ITEM_NEXT},
    {"previous-thread", PANE_ITEM_PREV},
    {"search-next", PANE_SEARCH_NEXT},
    {"search-previous", PANE_SEARCH_PREV},
    {"show-hidden", PANE_HIDDEN},
};

/* A motion's command. */
static enum command_result run_motion(struct command_call *c)
{
    for (size_t i = 0; i < sizeof motions / sizeof motions[0]; i++)
        if (str_eq(motions[i].name, command_row(c)->name))
            return do_verb(c, motions[i].verb);
    return COMMAND_DONE;
}

/* A key's line that is a bare motion needs no reading. */
bool commands_motion(struct tui *t, const char *line)
{
    struct pane *p = stack_top(t);
    for (size_t i = 0; i < sizeof motions / sizeof motions[0]; i++)
        if (str_eq(motions[i].name, line)) {
            enum pane_verb verb = motions[i].verb;
            if (!p || !p->ops->verb || !p->ops->verb(p->state, verb, 0))
                return true;
            if (verb == PANE_UP || verb == PANE_DOWN)
                pane_moved(p);
            else
                pane_dirty(p);
            return true;
        }
    return false;
}

/* C-c: what streams here stops, its text stays. */
static enum command_result run_stop_here(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct pane *p = stack_top(t);
    if (!p)
        return COMMAND_DONE;
    if (p->ops->verb && p->ops->verb(p->state, PANE_STOP, 0))
        pane_dirty(p);
    else
        run_stop(t, p);
    return COMMAND_DONE;
}

/* Esc: marks go first, then a step back. */
static enum command_result run_back(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct pane *p = stack_top(t);
    bool escape = command_arg(c, 0) && str_eq(command_arg(c, 0), "marks");
    if (escape && p && p->ops->verb && p->ops->verb(p->state, PANE_UNMARK, 0)) {
        pane_dirty(p);
        return COMMAND_DONE;
    }
    if (!stack_back(t) && !escape) {
        if (!t->setup.leave || t->setup.leave(t->setup.user))
            t->quit = true;
    }
    return COMMAND_DONE;
}

/* Q: leaves the program. */
static enum command_result run_quit(struct command_call *c)
{
    struct tui *t = tui_of(c);
    if (!t->setup.leave || t->setup.leave(t->setup.user))
        t->quit = true;
    return COMMAND_DONE;
}

/* The ":" line. */
static enum command_result run_command(struct command_call *c)
{
    prompt_command(tui_of(c), command_arg(c, 0));
    return COMMAND_DONE;
}

/* "/": search here. */
static enum command_result run_find(struct command_call *c)
{
    prompt_find(tui_of(c));
    return COMMAND_DONE;
}

/* "?": the help screen. */
static enum command_result run_keys(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct pane *p = stack_top(t);
    if (p && p->ops != &help_pane)
        pane_open(p, "help", command_arg(c, 0));
    return COMMAND_DONE;
}

/* Everything the program said. */
static enum command_result run_messages(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct pane *p = stack_top(t);
    if (p)
        pane_open(p, "messages", NULL);
    return COMMAND_DONE;
}

/* A tab. */
static enum command_result run_tab(struct command_call *c)
{
    if (!stack_switch(tui_of(c), number_of(c)))
        return command_usage(c, _("there is no tab %s"), command_arg(c, 0));
    return COMMAND_DONE;
}

/* The other pane of the two. */
static enum command_result run_other(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct tui_tab *tab = &t->tabs[t->tab];
    if (tab->count < 2) {
        command_note(c, "%s", _("there is only one pane here"));
        return COMMAND_DONE;
    }
    tab->focus = tab->focus == tab->count - 1 ? tab->count - 2 : tab->count - 1;
    stack_focus_changed(t);
    return COMMAND_DONE;
}

/* z: the focused pane alone, and back. */
static enum command_result run_zoom(struct command_call *c)
{
    struct tui *t = tui_of(c);
    t->tabs[t->tab].zoom = !t->tabs[t->tab].zoom;
    layout_fit(t);
    return COMMAND_DONE;
}

/* C-x | and C-x -: where the second pane stands; the same again: one pane. */
static enum command_result run_split(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct tui_tab *tab = &t->tabs[t->tab];
    const char *how = command_arg(c, 0);
    enum tui_split wanted = str_eq(how, "below")  ? SPLIT_BELOW
                            : str_eq(how, "none") ? SPLIT_NONE
                                                  : SPLIT_BESIDE;
    bool there = layout_beside(t, tab) == (wanted == SPLIT_BESIDE ? 1 : 2);
    tab->zoom = false;
    tab->split = there ? SPLIT_NONE : wanted;
    if (tab->split != SPLIT_NONE && layout_beside(t, tab) == 0)
        command_note(c, "%s", _("the terminal is too small for two panes"));
    layout_fit(t);
    return COMMAND_DONE;
}

/* y: the selection to the terminal's clipboard; Y: to a file. */
static enum command_result run_copy(struct command_call *c)
{
    struct tui *t = tui_of(c);
    struct pane *p = stack_top(t);
    struct str text = STR_INIT;
    struct error err = ERROR_INIT;
    const char *file = command_value(c, "file");
    if (p && p->ops->copy)
        p->ops->copy(p->state, &text);
    if (!text.len) {
        command_note(c, "%s", _("there is nothing to copy here"));
    } else if (file) {
        char *path = path_expand(file);
        if (path_write_new(path, text.data, text.len, &err) == STATUS_OK)
            command_note(c, _("written to %s"), path);
        free(path);
    } else {
        pane_copy(p, text.data, text.len);
    }
    str_fini(&text);
    return error_is(&err) ? command_fail(c, &err) : COMMAND_DONE;
}

/* Y: asks for the file. */
static enum command_result run_copy_file(struct command_call *c)
{
    prompt_command(tui_of(c), "copy --file ");
    return COMMAND_DONE;
}

/* Leaving a text box by its key. */
static enum command_result run_leave(struct command_call *c)
{
    struct tui *t = tui_of(c);
    if (t->question.open)
        prompt_close(t, NULL);
    else
        stack_back(t);
    return COMMAND_DONE;
}

/* C-x C-s: says that all is saved. */
static enum command_result run_save_text(struct command_call *c)
{
    command_note(c, "%s", _("Everything is saved as you type."));
    return COMMAND_DONE;
}

/* What a text box may do; the pane that has the box takes it before this is reached. */
static enum command_result run_text(struct command_call *c)
{
    command_note(c, "%s", _("that does nothing here"));
    return COMMAND_DONE;
}

/* C-z: back to the shell. */
static enum command_result run_suspend(struct command_call *c)
{
    (void)c;
    raise(SIGTSTP);
    return COMMAND_DONE;
}

#define KEYS(...) (const struct command_key[]){__VA_ARGS__, {0}}
#define ROW(NAME, SUMMARY, RUN, ...)                                                               \
    {.name = NAME, .summary = SUMMARY, .flags = CMD_SCREEN_ONLY | CMD_NO_STORE, .run = RUN,        \
     .keys = KEYS(__VA_ARGS__)}
#define ROW_ARG(NAME, ARGS, MIN, COMPLETE, SUMMARY, RUN, ...)                                      \
    {.name = NAME, .args = ARGS, .min_args = MIN, .max_args = 1, .complete = COMPLETE,             \
     .summary = SUMMARY, .flags = CMD_SCREEN_ONLY | CMD_NO_STORE, .run = RUN,                      \
     .keys = KEYS(__VA_ARGS__)}

static const struct command_option copy_options[] = {
    {.name = "file", .value = "FILE", .summary = N_("writes it to a new file instead"),
     .complete = "file"},
    {0},
};

const struct command tui_commands[] = {
    ROW("down", N_("moves down"), run_motion, {READ, "j", NULL, NULL, 0}, {READ, "Down", NULL, NULL, 0},
        {READ, "C-n", NULL, NULL, 0}),
    ROW("up", N_("moves up"), run_motion, {READ, "k", NULL, NULL, 0}, {READ, "Up", NULL, NULL, 0},
        {READ, "C-p", NULL, NULL, 0}),
    ROW("first", N_("goes to the first"), run_motion, {READ, "g", NULL, NULL, 0},
        {READ, "Home", NULL, NULL, 0}),
    ROW("last", N_("goes to the last"), run_motion, {READ, "G", NULL, NULL, 0},
        {READ, "End", NULL, NULL, 0}),
    ROW("page-down", N_("a page down"), run_motion, {READ, "C-f", NULL, NULL, 0},
        {READ, "PageDown", NULL, NULL, 0}),
    ROW("page-up", N_("a page up"), run_motion, {READ, "C-b", NULL, NULL, 0},
        {READ, "PageUp", NULL, NULL, 0}),
    ROW_ARG("open", "[N]", 0, NULL, N_("opens the selected one, or link, attachment, source [N]"),
            run_motion, {READ, "Enter", NULL, N_("open"), 1}, {READ, "o Enter", NULL, NULL, 0},
            {READ, "o 1", "1", NULL, 0}, {READ, "o 2", "2", NULL, 0}, {READ, "o 3", "3", NULL, 0},
            {READ, "o 4", "4", NULL, 0}, {READ, "o 5", "5", NULL, 0}, {READ, "o 6", "6", NULL, 0},
            {READ, "o 7", "7", NULL, 0}, {READ, "o 8", "8", NULL, 0}, {READ, "o 9", "9", NULL, 0}),
    ROW("mark", N_("marks the row; pages in a reader"), run_motion, {READ, "Space", NULL, NULL, 0}),
    ROW("mark-range", N_("begins a range of marks, and ends it"), run_motion,
        {LIST, "v", NULL, NULL, 0}),
    ROW("mark-lane", N_("marks the lane; again: all"), run_motion, {LIST, "*", NULL, NULL, 0}),
    ROW("next-lane", N_("goes to the next lane"), run_motion, {READ, ")", NULL, NULL, 0}),
    ROW("previous-lane", N_("goes to the lane before"), run_motion, {READ, "(", NULL, NULL, 0}),
    ROW("next-unread", N_("goes to the next unread one"), run_motion,
        {READ, ".", NULL, NULL, 0}),
    ROW("previous-unread", N_("goes to the unread one before"), run_motion,
        {READ, ",", NULL, NULL, 0}),
    ROW("next-thread", N_("opens the next thread"), run_motion, {READ, "J", NULL, NULL, 0}),
    ROW("previous-thread", N_("opens the thread before"), run_motion,
        {READ, "K", NULL, NULL, 0}),
    ROW("search-next", N_("goes to the next hit"), run_motion, {READ, "n", NULL, NULL, 0}),
    ROW("search-previous", N_("goes to the hit before"), run_motion,
        {READ, "N", NULL, NULL, 0}),
    ROW("show-hidden", N_("shows what was hidden: folded quotes, text the sender hid"), run_motion,
        {READ, "H", NULL, NULL, 0}),
    ROW("stop", N_("stops what is being written here and keeps the text"), run_stop_here,
        {ALL, "C-c", NULL, NULL, 0}),
    ROW_ARG("back", "[marks]", 0, "=marks", N_("a step back; at the start leaves"), run_back,
            {READ, "q", NULL, N_("back"), 90}, {READ, "Esc", "marks", NULL, 0}),
    ROW("quit", N_("leaves the program; asks only when a mail is held"), run_quit,
        {READ, "Q", NULL, NULL, 0}),
    ROW_ARG("command", "[TEXT]", 0, NULL, N_("opens the command line"), run_command,
            {READ, ":", NULL, NULL, 0}, {ALL, "C-x :", NULL, NULL, 0}),
    ROW("find", N_("searches here; / on the empty line searches everywhere"), run_find,
        {READ, "/", NULL, NULL, 0}),
    ROW_ARG("keys", "[CONTEXT]", 0, "=all list inbox thread notes chat text help view",
            N_("shows every key and command, searchable"), run_keys, {READ, "?", NULL, NULL, 0},
            {ALL, "C-x ?", NULL, NULL, 0}),
    ROW("messages", N_("shows everything the program said"), run_messages,
        {ALL, "C-x e", NULL, NULL, 0}),
    ROW_ARG("tab", "N", 1, "=1 2 3 4 5", N_("goes to a tab"), run_tab, {READ, "1", "1", NULL, 0},
            {READ, "2", "2", NULL, 0}, {READ, "3", "3", NULL, 0}, {READ, "4", "4", NULL, 0},
            {READ, "5", "5", NULL, 0}, {ALL, "C-x 1", "1", NULL, 0}, {ALL, "C-x 2", "2", NULL, 0},
            {ALL, "C-x 3", "3", NULL, 0}, {ALL, "C-x 4", "4", NULL, 0},
            {ALL, "C-x 5", "5", NULL, 0}),
    ROW("other-pane", N_("gives the keys to the other pane"), run_other,
        {READ, "Tab", NULL, NULL, 0}, {ALL, "C-x o", NULL, NULL, 0}),
    ROW("zoom", N_("this pane alone, and back"), run_zoom, {READ, "z", NULL, NULL, 0}),
    ROW_ARG("split", "[beside|below|none]", 0, "=beside below none",
            N_("two panes side by side or one below the other"), run_split,
            {ALL, "C-x |", "beside", NULL, 0}, {ALL, "C-x -", "below", NULL, 0}),
    {.name = "copy", .summary = N_("copies the selection to the terminal's clipboard"),
     .flags = CMD_SCREEN_ONLY | CMD_NO_STORE, .run = run_copy, .options = copy_options,
     .keys = KEYS({READ, "y", NULL, NULL, 0})},
    ROW("copy-file", N_("copies the selection to a file"), run_copy_file,
        {READ, "Y", NULL, NULL, 0}),
    ROW("leave-text", N_("leaves the text box; the text is kept"), run_leave,
        {KEYS_TEXT, "C-x q", NULL, NULL, 6}),
    ROW("save-text", N_("nothing to do: everything is saved as you type"), run_save_text,
        {KEYS_TEXT, "C-x C-s", NULL, NULL, 16}),
    ROW("text done", N_("sends, or is done with this text"), run_text,
        {KEYS_TEXT, "C-x Enter", NULL, N_("send"), 1}),
    ROW("text edit", N_("opens the text in $VISUAL or $EDITOR"), run_text,
        {KEYS_TEXT, "C-x C-e", NULL, NULL, 8}),
    ROW("text instruct", N_("tells the model how to change the selection or all"), run_text,
        {KEYS_TEXT, "C-x i", NULL, N_("instruct"), 2}),
    ROW("text again", N_("lets the model write it again"), run_text,
        {KEYS_TEXT, "C-x a", NULL, N_("again"), 3}),
    ROW("text checks", N_("shows what the text claims and where it stands"), run_text,
        {KEYS_TEXT, "C-x c", NULL, N_("checks"), 4}),
    ROW("text model", N_("chooses the model, or offline"), run_text,
        {KEYS_TEXT, "C-x m", NULL, NULL, 11}),
    ROW("text by-hand", N_("writes it by hand, without a model"), run_text,
        {KEYS_TEXT, "C-x w", NULL, NULL, 10}),
    ROW("text earlier", N_("shows the version before"), run_text,
        {KEYS_TEXT, "C-x ,", NULL, NULL, 12}),
    ROW("text later", N_("shows the version after"), run_text, {KEYS_TEXT, "C-x .", NULL, NULL, 13}),
    ROW("text original", N_("shows what is answered"), run_text,
        {KEYS_TEXT, "C-x t", NULL, NULL, 9}),
    ROW("text head", N_("recipients, subject and files"), run_text,
        {KEYS_TEXT, "C-x h", NULL, N_("recipients"), 5}),
    ROW("text send-later", N_("sends at a time"), run_text, {KEYS_TEXT, "C-x @", NULL, NULL, 7}),
    ROW("text stash", N_("puts this text aside"), run_text, {KEYS_TEXT, "C-x k", NULL, NULL, 14}),
    ROW("text stashes", N_("shows what was put aside"), run_text,
        {KEYS_TEXT, "C-x l", NULL, NULL, 15}),
    ROW("suspend", N_("back to the shell; fg returns"), run_suspend, {ALL, "C-x C-z", NULL, NULL, 0},
        {READ, "C-z", NULL, NULL, 0}),
    {0},
};
