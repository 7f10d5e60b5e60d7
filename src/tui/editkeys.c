/* SPDX-License-Identifier: GPL-3.0-or-later */
/* editkeys.c - what readline's line commands do in a box of many lines.
 *
 * Each function here replaces one of readline's wherever a keymap (the user's inputrc included)
 * has it: in a one-line box it calls the original, in a many-line box it works by rows. */
#include "tui/editkeys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>
#include <readline/history.h>

#include "base/utf8.h"
#include "tui/boxdata.h"
#include "tui/boxkeys.h"
#include "tui/vikeys.h"

/* Whether the active box has many lines. */
static bool many(void)
{
    const struct box *b = boxkeys_active();
    return b && b->kind == BOX_TEXT;
}

int editkeys_line_start(int at)
{
    while (at > 0 && rl_line_buffer[at - 1] != '\n')
        at--;
    return at;
}

int editkeys_line_stop(int at)
{
    while (at < rl_end && rl_line_buffer[at] != '\n')
        at++;
    return at;
}

/* Where the line of the point begins. */
static int line_start(void)
{
    return editkeys_line_start(rl_point);
}

/* Where it ends. */
static int line_stop(void)
{
    return editkeys_line_stop(rl_point);
}

/* Moves by visual rows, aiming at the column where the walk began; false at the edge. */
static bool move_rows(int rows)
{
    struct box *b = boxkeys_active();
    box_wrap(b, 0);
    size_t at = wrap_find(&b->rows, (size_t)rl_point);
    long to = (long)at + rows;
    if (b->goal_point != (size_t)rl_point)
        b->goal = wrap_column(rl_line_buffer, vec_at(&b->rows, at), (size_t)rl_point);
    if (to < 0 || to >= (long)b->rows.len) {
        if (rows == 1 || rows == -1)
            return false;
        to = to < 0 ? 0 : (long)b->rows.len - 1;
    }
    rl_point = (int)wrap_at_column(rl_line_buffer, vec_at(&b->rows, (size_t)to), b->goal);
    b->goal_point = (size_t)rl_point;
    return true;
}

/* Up and down in a box that is drawn in one row: its owner may have another above or below. */
static bool over_edge(int direction)
{
    const struct box *b = boxkeys_active();
    return b && !b->history && b->events.on_edge && b->events.on_edge(b->user, direction);
}

/* Up: a row, or the history of a prompt. */
static int key_up(int count, int key)
{
    if (over_edge(-1))
        return 0;
    if (boxkeys_active() && move_rows(-1)) {
        for (int i = 1; i < count; i++)
            move_rows(-1);
        return 0;
    }
    return many() ? 0 : rl_get_previous_history(count, key);
}

/* Down. */
static int key_down(int count, int key)
{
    if (over_edge(1))
        return 0;
    if (boxkeys_active() && move_rows(1)) {
        for (int i = 1; i < count; i++)
            move_rows(1);
        return 0;
    }
    return many() ? 0 : rl_get_next_history(count, key);
}

/* Beginning of the line. */
static int key_home(int count, int key)
{
    if (!many())
        return rl_beg_of_line(count, key);
    rl_point = line_start();
    return 0;
}

/* End of the line. */
static int key_end(int count, int key)
{
    if (!many())
        return rl_end_of_line(count, key);
    rl_point = line_stop();
    return 0;
}

/* Kills to the end of the line, or the line break when there is nothing else. */
static int key_kill(int count, int key)
{
    if (!many())
        return rl_kill_line(count, key);
    int end = line_stop();
    if (end == rl_point && end < rl_end && !vikeys_is_command())
        end++;
    int from = rl_point;
    rl_kill_text(from, end);
    rl_point = from;
    return 0;
}

/* Kills to the beginning of the line. */
static int key_kill_back(int count, int key)
{
    if (!many())
        return rl_unix_line_discard(count, key);
    int from = line_start();
    rl_kill_text(rl_point, from);
    rl_point = from;
    return 0;
}

/* Kills the whole line. */
static int key_kill_all(int count, int key)
{
    if (!many())
        return rl_kill_full_line(count, key);
    int from = line_start(), end = line_stop();
    rl_kill_text(from, end < rl_end ? end + 1 : end);
    rl_point = from;
    return 0;
}

/* M-<: first history line, or the top of the text. */
static int key_top(int count, int key)
{
    if (!many())
        return rl_beginning_of_history(count, key);
    rl_point = 0;
    return 0;
}

/* M->: the end of the text. */
static int key_bottom(int count, int key)
{
    if (!many())
        return rl_end_of_history(count, key);
    rl_point = rl_end;
    return 0;
}

/* Enter: accepts in a one-line box; C-j is a new line everywhere. */
static int key_enter(int count, int key)
{
    if (!many() && key != '\n') {
        box_accept();
        return 0;
    }
    while (count-- > 0)
        rl_insert_text("\n");
    return 0;
}

/* Backspace takes a whole grapheme. */
static int key_rubout(int count, int key)
{
    (void)key;
    int from = rl_point;
    while (count-- > 0 && from > 0)
        from -= (int)utf8_cluster_before(rl_line_buffer, (size_t)from);
    int end = rl_point;
    rl_delete_text(from, end);
    rl_point = from;
    return 0;
}

/* Delete likewise; never an end of file. */
static int key_delete(int count, int key)
{
    (void)key;
    int to = rl_point;
    while (count-- > 0 && to < rl_end)
        to += (int)utf8_cluster(rl_line_buffer + to, (size_t)(rl_end - to));
    rl_delete_text(rl_point, to);
    return 0;
}

/* Tab completes where something can be completed, else it indents. */
static int key_tab(int count, int key)
{
    const struct box *b = boxkeys_active();
    if (b && b->events.complete)
        return rl_complete(count, key);
    if (many())
        rl_insert_text("    ");
    return 0;
}

/* Nothing: the screen redraws itself. */
static int key_nothing(int count, int key)
{
    (void)count;
    (void)key;
    return 0;
}

static const struct {
    rl_command_func_t *theirs, *ours;
} replaced[] = {
    {rl_get_previous_history, key_up},
    {rl_get_next_history, key_down},
    {rl_beg_of_line, key_home},
    {rl_end_of_line, key_end},
    {rl_kill_line, key_kill},
    {rl_unix_line_discard, key_kill_back},
    {rl_backward_kill_line, key_kill_back},
    {rl_kill_full_line, key_kill_all},
    {rl_beginning_of_history, key_top},
    {rl_end_of_history, key_bottom},
    {rl_newline, key_enter},
    {rl_rubout, key_rubout},
    {rl_delete, key_delete},
    {rl_complete, key_tab},
    {rl_clear_screen, key_nothing},
    {rl_clear_display, key_nothing},
    {rl_refresh_line, key_nothing},
};

/* Replaces in one keymap and those below it. */
static void install_in(Keymap map, int depth)
{
    for (int i = 0; i < KEYMAP_SIZE; i++) {
        if (map[i].type == ISKMAP) {
            if (depth < 6 && map[i].function)
                install_in((Keymap)(void *)map[i].function, depth + 1);
            continue;
        }
        for (size_t j = 0; j < sizeof replaced / sizeof replaced[0]; j++)
            if (map[i].type == ISFUNC && map[i].function == replaced[j].theirs)
                map[i].function = replaced[j].ours;
    }
}

/* Replaces in every keymap. */
void editkeys_install(void)
{
    vikeys_install();
    static const char *const names[] = {"emacs-standard", "vi-insert", "vi-command"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        Keymap map = rl_get_keymap_by_name(names[i]);
        if (map)
            install_in(map, 0);
    }
}

/* Motion keys that the terminal names (arrows, Home, …), by meaning. */
void boxkeys_motion(int key)
{
    struct box *b = boxkeys_active();
    if (!b)
        return;
    if (boxkeys_busy()) {
        static const char *const sequences[][2] = {{"u", "\033[A"}, {"d", "\033[B"},
                                                   {"r", "\033[C"}, {"l", "\033[D"},
                                                   {"h", "\033[H"}, {"e", "\033[F"},
                                                   {"x", "\033[3~"}};
        for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
            if (*sequences[i][0] == key)
                boxkeys_feed(sequences[i][1], strlen(sequences[i][1]));
        return;
    }
    int page = b->height > 2 ? b->height - 1 : 1;
    switch (key) {
    case 'u':
        key_up(1, 0);
        break;
    case 'd':
        key_down(1, 0);
        break;
    case 'l':
        rl_backward_char(1, 0);
        break;
    case 'r':
        rl_forward_char(1, 0);
        break;
    case 'h':
        key_home(1, 0);
        break;
    case 'e':
        key_end(1, 0);
        break;
    case 'U':
        move_rows(-page - 1);
        break;
    case 'D':
        move_rows(page + 1);
        break;
    case 'x':
        key_delete(1, 0);
        break;
    default:
        return;
    }
    boxkeys_feed("", 0);
}
