/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vikeys.c - vi's commands by line, for boxes of many lines.
 *
 * Two ways lead here. Commands of several keys (3dd, cj, yy, gg, p) are gathered byte by byte before
 * readline sees them: what is by line is done here, what is not is handed over whole, so that
 * readline's own operators, counts and motions go on working. Commands of one key that readline
 * does over its one line (h, w, x, A, o …) are replaced in the keymap, for readline's operators
 * call motions through it. A key that the user's inputrc bound to something else is left alone. */
#include "tui/vikeys.h"

#include <string.h>

#include "base/str.h"
#include "base/utf8.h"
#include "tui/boxdata.h"
#include "tui/boxkeys.h"

#define COUNT_MAX 9999

static char held[VIKEYS_HELD];
static size_t held_len;
static struct str lines; /* what was last cut or copied by line */
static bool by_line;     /* and nothing else was cut since */
static struct {          /* for ".": the last change, when it was by line */
    char op;
    int count;
} last;

/* ---- places ---- */

/* The first character of the line of `at` that is no blank. */
static int first_print(int at)
{
    int from = editkeys_line_start(at), to = editkeys_line_stop(at);
    while (from < to && (rl_line_buffer[from] == ' ' || rl_line_buffer[from] == '\t'))
        from++;
    return from;
}

/* Where the line behind that of `at` begins; rl_end when there is none. */
static int next_line(int at)
{
    int stop = editkeys_line_stop(at);
    return stop < rl_end ? stop + 1 : rl_end;
}

/* Where line n (from 1) begins; the last when there are fewer. */
static int line_number(int n)
{
    int at = 0;
    while (--n > 0 && editkeys_line_stop(at) < rl_end)
        at = next_line(at);
    return at;
}

/* The last line's beginning. */
static int last_line(void)
{
    return editkeys_line_start(rl_end);
}

/* Lines from the point's, `count` of them up (negative) or down: [*from, *to), line break included. */
static void line_span(int count, int *from, int *to)
{
    *from = editkeys_line_start(rl_point);
    *to = next_line(rl_point);
    for (int i = 1; i < count; i++)
        *to = *to < rl_end ? next_line(*to) : *to;
    for (int i = -1; i > count && *from > 0; i--)
        *from = editkeys_line_start(*from - 1);
}

/* ---- whole lines ---- */

/* Copies [from, to) as lines, for p; readline's own kill ring gets them too. */
static void keep(int from, int to)
{
    str_clear(&lines);
    str_add(&lines, rl_line_buffer + from, (size_t)(to - from));
    if (!str_ends(str_text(&lines), "\n"))
        str_putc(&lines, '\n');
    by_line = true;
}

/* dd, dj, dG: takes lines away. */
static void delete_lines(int from, int to)
{
    keep(from, to);
    if (to == rl_end && from > 0 && (to == from || rl_line_buffer[to - 1] != '\n'))
        from--; /* the last line goes with the break before it */
    rl_kill_text(from, to);
    rl_point = first_print(from < rl_end ? from : last_line());
}

/* cc: one empty line stays, to be written. */
static void change_lines(int from, int to)
{
    keep(from, to);
    if (to > from && rl_line_buffer[to - 1] == '\n')
        to--;
    rl_kill_text(from, to);
    rl_point = from;
    rl_vi_insertion_mode(1, 'i');
}

/* yy: copies lines; the cursor stays, or goes to the first of them when that is above. */
static void copy_lines(int from, int to)
{
    int point = rl_point;
    keep(from, to);
    rl_mark = from;
    rl_point = to;
    rl_copy_region_to_kill(1, 'y');
    rl_point = from < editkeys_line_start(point) ? from : point;
}

/* p, P: puts lines below or above. */
static void put_lines(int count, bool above)
{
    struct str text = STR_INIT;
    int at = above ? editkeys_line_start(rl_point) : editkeys_line_stop(rl_point);
    for (int i = 0; i < count; i++)
        str_puts(&text, str_text(&lines));
    if (!above && text.len) { /* the break goes in front: the last line may have none of its own */
        str_truncate(&text, text.len - 1);
        str_splice(&text, 0, 0, "\n", 1);
    }
    rl_begin_undo_group();
    rl_point = at;
    rl_insert_text(str_text(&text));
    rl_end_undo_group();
    rl_point = first_print(above ? at : at + 1);
    str_fini(&text);
}

/* J: the next line comes up, one blank between. */
static void join(int count)
{
    rl_begin_undo_group();
    for (int i = 0; i < (count > 1 ? count - 1 : 1); i++) {
        int stop = editkeys_line_stop(rl_point), to = stop + 1;
        if (stop >= rl_end)
            break;
        while (to < rl_end && (rl_line_buffer[to] == ' ' || rl_line_buffer[to] == '\t'))
            to++;
        bool blank = stop > editkeys_line_start(stop) && rl_line_buffer[stop - 1] != ' ' &&
                     to < rl_end && rl_line_buffer[to] != '\n';
        rl_delete_text(stop, to);
        rl_point = stop;
        if (blank)
            rl_insert_text(" ");
        rl_point = stop;
    }
    rl_end_undo_group();
}

/* o, O: an empty line below or above, to be written. */
static void open_line(bool above)
{
    rl_begin_undo_group();
    rl_point = above ? editkeys_line_start(rl_point) : editkeys_line_stop(rl_point);
    rl_insert_text("\n");
    rl_end_undo_group();
    if (above)
        rl_point--;
    rl_vi_insertion_mode(1, 'i');
}

/* An operator over lines. */
static void operate(char op, int count)
{
    int from, to;
    line_span(count, &from, &to);
    if (op == 'd')
        delete_lines(from, to);
    else if (op == 'c')
        change_lines(from, to);
    else
        copy_lines(from, to);
}

/* d$, D, c$, C, y$: to the end of the line, its break stays. */
static void to_line_end(char op, int count)
{
    int from = rl_point, to = editkeys_line_stop(from);
    while (--count > 0 && to < rl_end)
        to = editkeys_line_stop(to + 1);
    by_line = false;
    last.op = 0;
    if (op == 'y') {
        rl_mark = from;
        rl_point = to;
        rl_copy_region_to_kill(1, 'y');
    } else if (to > from) {
        rl_kill_text(from, to);
    }
    rl_point = from;
    if (op == 'c')
        rl_vi_insertion_mode(1, 'i');
}

/* One command by line; remembered for "." when it changes the text. */
static void run(char op, int count)
{
    switch (op) {
    case 'p':
    case 'P':
        put_lines(count, op == 'P');
        break;
    case 'J':
        join(count);
        break;
    case 'o':
    case 'O':
        open_line(op == 'O');
        break;
    default:
        operate(op, count);
        break;
    }
    if (op != 'y') {
        last.op = op;
        last.count = count;
    }
}

/* ---- gathering ---- */

/* Is the key readline's own, not bound to something else by the user? */
static bool is_theirs(char key, rl_command_func_t *function)
{
    return vi_movement_keymap[(unsigned char)key].type == ISFUNC &&
           vi_movement_keymap[(unsigned char)key].function == function;
}

/* The operator of a key; 0 when it is none (or another's). */
static char operator_of(char c)
{
    return c == 'd' && is_theirs(c, rl_vi_delete_to)   ? 'd'
           : c == 'c' && is_theirs(c, rl_vi_change_to) ? 'c'
           : c == 'y' && is_theirs(c, rl_vi_yank_to)   ? 'y'
                                                       : 0;
}

/* Reads a number at p; 0 when there is none. */
static const char *read_count(const char *p, int *n)
{
    *n = 0;
    if (*p == '0')
        return p;
    for (; *p >= '0' && *p <= '9'; p++)
        *n = *n < COUNT_MAX ? *n * 10 + (*p - '0') : *n;
    return p;
}

enum found { NOT_OURS, UNFINISHED, OURS };

/* Moves by lines: gg, 3G, G; operators over them. */
static void reach(char op, int line)
{
    int to = line ? line_number(line) : last_line(), from = editkeys_line_start(rl_point), n = 1;
    if (!op) {
        rl_point = first_print(to);
        return;
    }
    if (to < from)
        rl_point = to;
    for (int at = to < from ? to : from, end = to < from ? from : to; at < end; n++)
        at = next_line(at);
    run(op, n);
}

/* An operator and what follows it. */
static enum found read_motion(char op, int count, int motion_count, const char *p)
{
    int n = (count ? count : 1) * (motion_count ? motion_count : 1);
    n = n < COUNT_MAX ? n : COUNT_MAX;
    if (!*p)
        return UNFINISHED;
    if (*p == op)
        run(op, n);
    else if (*p == 'j')
        run(op, n + 1);
    else if (*p == 'k')
        run(op, -n - 1);
    else if (*p == 'G')
        reach(op, motion_count ? motion_count : count);
    else if (*p == '$')
        to_line_end(op, n);
    else if (*p == 'g' && !p[1])
        return UNFINISHED;
    else if (*p == 'g' && p[1] == 'g')
        reach(op, motion_count ? motion_count : 1);
    else
        return NOT_OURS;
    return OURS;
}

/* What the held bytes are; does what is ours. */
static enum found look(const char *p)
{
    int count, motion_count;
    p = read_count(p, &count);
    char op = operator_of(*p);
    int n = count ? count : 1;
    if (!*p)
        return UNFINISHED;
    if (op) {
        p = read_count(p + 1, &motion_count);
        return read_motion(op, count, motion_count, p);
    }
    if (*p == 'Y' && is_theirs(*p, rl_vi_yank_to))
        run('y', n);
    else if (*p == 'S' && is_theirs(*p, rl_vi_subst))
        run('c', n);
    else if (*p == 'D' && is_theirs(*p, rl_vi_delete_to))
        to_line_end('d', n);
    else if (*p == 'C' && is_theirs(*p, rl_vi_change_to))
        to_line_end('c', n);
    else if ((*p == 'p' || *p == 'P') && by_line && is_theirs(*p, rl_vi_put))
        run(*p, n);
    else if (*p == 'J' || *p == 'o' || *p == 'O') {
        if (vi_movement_keymap[(unsigned char)*p].function)
            return NOT_OURS; /* readline leaves them free: the user's own */
        run(*p, n);
    } else if (*p == 'G' && is_theirs(*p, rl_vi_fetch_history))
        reach(0, count);
    else if (*p == 'g' && !p[1] && !vi_movement_keymap['g'].function)
        return UNFINISHED;
    else if (*p == 'g' && p[1] == 'g')
        reach(0, count ? count : 1);
    else if (*p == '.' && last.op && is_theirs(*p, rl_vi_redo))
        run(last.op, count ? count : last.count);
    else
        return NOT_OURS;
    return OURS;
}

/* readline gets these bytes: does it cut or change something itself? */
static void passes(const char *bytes)
{
    const char *p = bytes + strspn(bytes, "123456789");
    if (strchr("dcyxXDCsSY", *p))
        by_line = false;
    if (strchr("dcxXDCsSrR~aAiIpP", *p))
        last.op = 0;
}

bool vikeys_is_command(void)
{
    const struct box *b = boxkeys_active();
    return b && b->kind == BOX_TEXT && rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap;
}

bool vikeys_busy(void)
{
    return held_len > 0;
}

void vikeys_calm(void)
{
    held_len = 0;
}

size_t vikeys_key(char c, char out[VIKEYS_HELD])
{
    const struct box *b = boxkeys_active();
    held[held_len++] = c;
    held[held_len] = 0;
    enum found f = c == '\033' || c == '\a' || (b && b->locked) ? NOT_OURS : look(held);
    if (f == UNFINISHED && held_len < VIKEYS_HELD - 1)
        return 0;
    size_t n = f == OURS ? 0 : held_len;
    if (n)
        passes(held);
    if (c == '\033' || (c == '\a' && n > 1)) /* readline was in the middle of nothing */
        n = 0;
    memcpy(out, held, n);
    held_len = 0;
    return n;
}

void vikeys_settle(void)
{
    if (!vikeys_is_command() || boxkeys_busy())
        return;
    int start = editkeys_line_start(rl_point);
    if (rl_point > start && (rl_point >= rl_end || rl_line_buffer[rl_point] == '\n'))
        rl_point -= (int)utf8_cluster_before(rl_line_buffer, (size_t)rl_point);
}

/* ---- commands of one key ---- */

/* Whether the active box has many lines. */
static bool many(void)
{
    const struct box *b = boxkeys_active();
    return b && b->kind == BOX_TEXT;
}

/* Esc: the cursor goes one back, but stays in its line. */
static int key_movement(int count, int key)
{
    bool stay = many() && rl_point == editkeys_line_start(rl_point);
    int point = rl_point;
    int code = rl_vi_movement_mode(count, key);
    if (stay)
        rl_point = point;
    return code;
}

/* h. */
static int key_left(int count, int key)
{
    if (!many())
        return rl_backward_char(count, key);
    int start = editkeys_line_start(rl_point);
    while (count-- > 0 && rl_point > start)
        rl_point -= (int)utf8_cluster_before(rl_line_buffer, (size_t)rl_point);
    return 0;
}

/* l and the space. */
static int key_right(int count, int key)
{
    if (!many())
        return rl_forward_char(count, key);
    int stop = editkeys_line_stop(rl_point);
    while (count-- > 0 && rl_point < stop)
        rl_point += (int)utf8_cluster(rl_line_buffer + rl_point, (size_t)(stop - rl_point));
    return 0;
}

/* ^ */
static int key_first_print(int count, int key)
{
    if (!many())
        return rl_vi_first_print(count, key);
    rl_point = first_print(rl_point);
    return 0;
}

/* I */
static int key_insert_beg(int count, int key)
{
    if (!many())
        return rl_vi_insert_beg(count, key);
    rl_point = first_print(rl_point);
    return rl_vi_insertion_mode(1, 'i');
}

/* A */
static int key_append_eol(int count, int key)
{
    if (!many())
        return rl_vi_append_eol(count, key);
    rl_point = editkeys_line_stop(rl_point);
    return rl_vi_insertion_mode(1, 'i');
}

/* a: on an empty line it stays there. */
static int key_append(int count, int key)
{
    if (!many() || rl_point < editkeys_line_stop(rl_point))
        return rl_vi_append_mode(count, key);
    return rl_vi_insertion_mode(1, 'i');
}

/* x: not over the end of the line. */
static int key_delete(int count, int key)
{
    if (!many())
        return rl_vi_delete(count, key);
    int to = rl_point, stop = editkeys_line_stop(rl_point);
    while (count-- > 0 && to < stop)
        to += (int)utf8_cluster(rl_line_buffer + to, (size_t)(stop - to));
    if (to > rl_point)
        rl_kill_text(rl_point, to);
    return 0;
}

/* X: not over its beginning. */
static int key_rubout(int count, int key)
{
    if (!many())
        return rl_vi_rubout(count, key);
    int from = rl_point, start = editkeys_line_start(rl_point), to = rl_point;
    while (count-- > 0 && from > start)
        from -= (int)utf8_cluster_before(rl_line_buffer, (size_t)from);
    if (from < to)
        rl_kill_text(from, to);
    rl_point = from;
    return 0;
}

/* Enter in command mode: the next line. */
static int key_next_line(int count, int key)
{
    if (!many()) {
        if (key != '\n')
            box_accept();
        return 0;
    }
    while (count-- > 0 && editkeys_line_stop(rl_point) < rl_end)
        rl_point = next_line(rl_point);
    rl_point = first_print(rl_point);
    return 0;
}

/* 0 blank, 1 line break, 2 letters and digits of any script, 3 the rest; big: 2 for the rest, too. */
static int class_at(int at, bool big)
{
    unsigned char c = (unsigned char)rl_line_buffer[at];
    if (c == ' ' || c == '\t')
        return 0;
    if (c == '\n')
        return 1;
    bool word = c >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                (c >= 'a' && c <= 'z');
    return word || big ? 2 : 3;
}

/* w, W: the next word; over the line break unless it is the motion of an operator. */
static int key_next_word(int count, int key)
{
    bool big = key == 'W', motion = RL_ISSTATE(RL_STATE_VIMOTION) != 0;
    if (!many())
        return rl_vi_next_word(count, key);
    while (count-- > 0 && rl_point < rl_end) {
        int stop = editkeys_line_stop(rl_point), class = class_at(rl_point, big);
        while (class > 1 && rl_point < rl_end && class_at(rl_point, big) == class)
            rl_point++;
        if (class == 1)
            rl_point++;
        while (rl_point < rl_end && class_at(rl_point, big) < 2) {
            bool empty = class_at(rl_point, big) == 1 && rl_line_buffer[rl_point - 1] == '\n';
            if (empty && rl_point > stop)
                break;
            rl_point++;
        }
        if (motion && count == 0 && rl_point > stop)
            rl_point = stop;
    }
    return 0;
}

/* b, B: the word before. */
static int key_prev_word(int count, int key)
{
    bool big = key == 'B';
    if (!many())
        return rl_vi_prev_word(count, key);
    while (count-- > 0 && rl_point > 0) {
        rl_point--;
        while (rl_point > 0 && class_at(rl_point, big) < 2 &&
               !(rl_line_buffer[rl_point] == '\n' && rl_line_buffer[rl_point - 1] == '\n'))
            rl_point--;
        int class = class_at(rl_point, big);
        while (class > 1 && rl_point > 0 && class_at(rl_point - 1, big) == class)
            rl_point--;
    }
    return 0;
}

/* e, E: the end of the word. */
static int key_end_word(int count, int key)
{
    bool big = key == 'E';
    if (!many())
        return rl_vi_end_word(count, key);
    while (count-- > 0 && rl_point < rl_end) {
        rl_point += (int)utf8_cluster(rl_line_buffer + rl_point, (size_t)(rl_end - rl_point));
        while (rl_point < rl_end && class_at(rl_point, big) < 2)
            rl_point++;
        if (rl_point >= rl_end)
            break;
        int class = class_at(rl_point, big);
        while (rl_point + 1 < rl_end && class_at(rl_point + 1, big) == class)
            rl_point++;
        while (rl_point > 0 && ((unsigned char)rl_line_buffer[rl_point] & 0xC0) == 0x80)
            rl_point--;
    }
    return 0;
}

static const struct {
    rl_command_func_t *theirs, *ours;
} replaced[] = {
    {rl_vi_movement_mode, key_movement}, {rl_backward_char, key_left},
    {rl_forward_char, key_right},        {rl_vi_first_print, key_first_print},
    {rl_vi_insert_beg, key_insert_beg},  {rl_vi_append_eol, key_append_eol},
    {rl_vi_append_mode, key_append},     {rl_vi_delete, key_delete},
    {rl_vi_rubout, key_rubout},          {rl_newline, key_next_line},
    {rl_vi_next_word, key_next_word},    {rl_vi_prev_word, key_prev_word},
    {rl_vi_end_word, key_end_word},
};

void vikeys_install(void)
{
    for (int i = 0; i < KEYMAP_SIZE; i++) {
        KEYMAP_ENTRY *insert = &vi_insertion_keymap[i], *command = &vi_movement_keymap[i];
        if (insert->type == ISFUNC && insert->function == rl_vi_movement_mode)
            insert->function = key_movement;
        for (size_t j = 0; j < sizeof replaced / sizeof *replaced; j++)
            if (command->type == ISFUNC && command->function == replaced[j].theirs)
                command->function = replaced[j].ours;
    }
}
