/* SPDX-License-Identifier: GPL-3.0-or-later */
/* box.c - several text boxes on the one readline.
 *
 * readline keeps one line: text, point, undo list, history. A box that is not active holds copies
 * of the first three; entering it swaps them in, leaving swaps them out (rl_save_state would not
 * own the buffer). Readline's functions that mean "line" (C-a, C-e, C-k, up, down) mean the
 * visual or logical line in a many-line box: editkeys.c puts ours in their place in every keymap,
 * so keys that the user's inputrc binds follow. */
#include "tui/box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>
#include <readline/history.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "tui/boxdata.h"
#include "tui/boxkeys.h"
#include "tui/editkeys.h"
#include "tui/vikeys.h"

#define BREAKS " \t\n\"\\'`@$><=;|&{("
#define HISTORY_MAX 500
#define QUEUE_MAX 4096

struct box_history {
    char *name; /* own */
    HISTORY_STATE state;
};

static struct box *active;
static bool started, accepted, from_handler;
static char *handler_line; /* own; what accept-line took */
static char queue[QUEUE_MAX];
static size_t queue_head, queue_len;
static struct vec matches;   /* strv */
static struct vec histories; /* struct box_history */
static HISTORY_STATE no_history;
static struct {
    char *(*load)(void *user, const char *name);
    void (*save)(void *user, const char *name, const char *line);
    void *user;
} keeper;

/* Gives readline the next queued byte. */
static int next_byte(FILE *f)
{
    (void)f;
    return queue_head < queue_len ? (unsigned char)queue[queue_head++] : 0;
}

/* Is there one? */
static int has_byte(void)
{
    return queue_head < queue_len;
}

/* Readline never paints. */
static void no_redisplay(void)
{
}

/* A binding of the user's own led to accept-line: remembers the line for after the callback. */
static void on_line(char *line)
{
    free(handler_line);
    handler_line = line ? mem_strdup(line) : NULL;
    free(line);
    from_handler = true;
    accepted = handler_line != NULL;
}

/* Keeps the candidates for the screen instead of printing them. */
static void on_matches(char **list, int n, int longest)
{
    (void)longest;
    vec_clear(&matches);
    for (int i = 1; i <= n; i++)
        strv_push(&matches, list[i]);
}

/* Turns the box's candidates into what readline wants: their common beginning, then each. */
static char **attempt(const char *word, int start, int end)
{
    rl_attempted_completion_over = 1;
    rl_completion_suppress_append = 1;
    if (!active || !active->events.complete)
        return NULL;
    struct vec found;
    strv_init(&found);
    size_t from = (size_t)start;
    while (from < (size_t)end && rl_line_buffer[from] == ' ')
        from++;
    active->events.complete(active->user, rl_line_buffer, from, (size_t)end, &found);
    char **list = NULL;
    if (found.len) {
        size_t common = strlen(strv_at(&found, 0));
        for (size_t i = 1; i < found.len; i++) {
            const char *a = strv_at(&found, 0), *b = strv_at(&found, i);
            size_t same = 0;
            while (same < common && a[same] == b[same])
                same++;
            common = same;
        }
        common -= utf8_partial_tail(strv_at(&found, 0), common);
        list = mem_array(found.len + 2, sizeof *list);
        char *spaces = mem_strndup(word, from - (size_t)start);
        bool goes_on = found.len == 1 || (end >= 0 && (size_t)end >= from && common >= (size_t)end - from &&
                                          strncasecmp(strv_at(&found, 0), rl_line_buffer + from, (size_t)end - from) == 0);
        char *shared = goes_on ? mem_strndup(strv_at(&found, 0), common)
                               : mem_strndup(rl_line_buffer + from, (size_t)end - from);
        list[0] = str_format("%s%s", spaces, shared);
        for (size_t i = 0; i < found.len && found.len > 1; i++)
            list[i + 1] = str_format("%s%s", spaces, strv_at(&found, i));
        free(spaces);
        free(shared);
    }
    vec_fini(&found);
    return list;
}

/* Sets readline up: once, when the first box gets the keys. */
void boxkeys_start(void)
{
    if (started)
        return;
    started = true;
    strv_init(&matches);
    rl_readline_name = "bureau";
    rl_change_environment = 0;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_getc_function = next_byte;
    rl_input_available_hook = has_byte;
    rl_redisplay_function = no_redisplay;
    rl_completion_display_matches_hook = on_matches;
    rl_attempted_completion_function = attempt;
    rl_completion_query_items = 0;
    rl_outstream = fopen("/dev/null", "we");
    using_history();
    rl_callback_handler_install("", on_line);
    rl_variable_bind("bell-style", "none");
    rl_variable_bind("enable-bracketed-paste", "off");
    rl_variable_bind("show-all-if-ambiguous", "on");
    rl_variable_bind("blink-matching-paren", "off");
    rl_variable_bind("show-mode-in-prompt", "off");
    editkeys_install();
}

/* Where histories are kept. */
void box_history_keep(char *(*load)(void *user, const char *name),
                      void (*save)(void *user, const char *name, const char *line), void *user)
{
    keeper.load = load;
    keeper.save = save;
    keeper.user = user;
}

/* Fills a new history with what was kept of it. */
static void load_history(struct box_history *h)
{
    char *all = keeper.load ? keeper.load(keeper.user, h->name) : NULL, *rest = all;
    if (!all)
        return;
    HISTORY_STATE *now = history_get_history_state();
    history_set_history_state(&no_history);
    while (*rest) {
        char *line = rest, *end = strchr(rest, BOX_HISTORY_END);
        rest = end ? end + 1 : rest + strlen(rest);
        if (end)
            *end = '\0';
        if (*line)
            add_history(line);
    }
    HISTORY_STATE *filled = history_get_history_state();
    h->state = *filled;
    free(filled);
    history_set_history_state(now);
    free(now);
    free(all);
}

/* The named history, made when it is new; NULL without a name. */
static struct box_history *history_of(const struct box *b)
{
    if (!b->history)
        return NULL;
    if (!histories.item_size)
        vec_init(&histories, sizeof(struct box_history), NULL);
    for (size_t i = 0; i < histories.len; i++) {
        struct box_history *h = vec_at(&histories, i);
        if (str_eq(h->name, b->history))
            return h;
    }
    struct box_history *h = vec_push(&histories);
    h->name = mem_strdup(b->history);
    load_history(h);
    return h;
}

/* Stops walking the history: the undo list shown belongs to the entry, the line that was saved for
 * the way back is given up with its own. */
static void leave_history(void)
{
    if (where_history() == history_length)
        return;
    rl_undo_list = NULL;
    rl_maybe_unsave_line();
    using_history();
}

/* Replaces the whole line; its undo list goes. */
static void replace_line(const char *text)
{
    leave_history();
    rl_replace_line(text, 1);
}

/* Ends what readline is in the middle of (a search, a prefix) as C-g would: its state belongs to
 * the line that leaves. A quoted insert would take the C-g itself: then the text is put back. */
static void calm(void)
{
    vikeys_calm();
    if (!boxkeys_busy())
        return;
    char *text = mem_strdup(str_text(&active->shadow));
    for (int i = 0; i < 3 && boxkeys_busy(); i++) {
        queue[0] = '\a';
        queue_head = 0;
        queue_len = 1;
        rl_callback_read_char();
    }
    queue_len = queue_head = 0;
    if (boxkeys_busy())
        rl_callback_sigcleanup();
    from_handler = accepted = false;
    if (!str_eq(rl_line_buffer, text))
        replace_line(text);
    if (rl_point > rl_end)
        rl_point = rl_end;
    free(text);
}

/* Swaps the active box's text, point and undo list out of readline. */
static void swap_out(void)
{
    struct box *b = active;
    calm();
    str_clear(&b->text);
    str_add(&b->text, rl_line_buffer, (size_t)rl_end);
    b->point = (size_t)rl_point;
    if (where_history() != history_length) {
        leave_history();
        rl_free_undo_list();
    }
    b->undo = rl_undo_list;
    rl_undo_list = NULL;
    struct box_history *h = history_of(b);
    if (h) {
        HISTORY_STATE *now = history_get_history_state();
        h->state = *now;
        free(now);
    }
    history_set_history_state(&no_history);
    active = NULL;
}

/* Swaps a box into readline. */
static void swap_in(struct box *b)
{
    struct box_history *h = history_of(b);
    history_set_history_state(h ? &h->state : &no_history);
    using_history();
    rl_undo_list = NULL;
    rl_replace_line(str_text(&b->text), 0);
    rl_free_undo_list();
    rl_undo_list = b->undo;
    b->undo = NULL;
    rl_point = b->point <= (size_t)rl_end ? (int)b->point : rl_end;
    rl_mark = 0;
    rl_completer_word_break_characters = b->breaks ? b->breaks : BREAKS;
    active = b;
}

/* Gives the keys to a box. */
void boxkeys_enter(struct box *b)
{
    if (b == active)
        return;
    if (b)
        boxkeys_start();
    if (active)
        swap_out();
    if (started)
        vec_clear(&matches);
    if (b)
        swap_in(b);
}

/* Who has the keys. */
struct box *boxkeys_active(void)
{
    return active;
}

/* Tells the owner when the text is another than before; a read-only box takes it back. */
static void settle(void)
{
    struct box *b = active;
    if (!b)
        return;
    b->wrapped = false;
    if ((size_t)rl_end == b->shadow.len &&
        memcmp(rl_line_buffer, str_text(&b->shadow), b->shadow.len) == 0)
        return;
    if (b->locked) {
        int point = rl_point;
        replace_line(str_text(&b->shadow));
        rl_point = point < rl_end ? point : rl_end;
        if (b->events.on_locked)
            b->events.on_locked(b->user);
        return;
    }
    str_clear(&b->shadow);
    str_add(&b->shadow, rl_line_buffer, (size_t)rl_end);
    if (b->events.on_change)
        b->events.on_change(b->user);
}

/* The program changed the text: no news for the owner. */
static void resettle(struct box *b)
{
    const char *text = box_text(b);
    str_clear(&b->shadow);
    str_puts(&b->shadow, text);
    b->wrapped = false;
}

/* Puts into readline's queue what it may get at once; tells how many bytes were taken. In vi's modes
 * it is a key at a time, for any may change the mode, and commands by line are not readline's. */
static size_t enqueue(const char *bytes, size_t n)
{
    size_t part = n;
    bool sequence = *bytes == '\033' && n > 1; /* an arrow */
    queue_head = 0;
    if (sequence)
        vikeys_calm();
    else if (rl_editing_mode == 0 && active->kind == BOX_TEXT)
        utf8_decode(bytes, n, &part);
    if (sequence || part > 1 || (!vikeys_busy() && (!vikeys_is_command() || boxkeys_busy()))) {
        vikeys_calm();
        queue_len = part;
        memcpy(queue, bytes, part);
    } else {
        queue_len = vikeys_key(*bytes, queue);
    }
    return part;
}

/* Feeds whole keys to readline, then tells what came of it. */
void boxkeys_feed(const char *bytes, size_t n)
{
    if (!active)
        return;
    vec_clear(&matches);
    while (n > 0) {
        size_t part = enqueue(bytes, n < QUEUE_MAX ? n : QUEUE_MAX);
        while (queue_head < queue_len)
            rl_callback_read_char();
        bytes += part;
        n -= part;
    }
    vikeys_settle();
    if (from_handler) {
        rl_replace_line(handler_line ? handler_line : str_text(&active->shadow), 1);
        rl_point = rl_end;
        from_handler = false;
    }
    settle();
    if (accepted) {
        struct box *b = active;
        accepted = false;
        if (b && b->events.on_enter)
            b->events.on_enter(b->user);
    }
}

/* Enter in a one-line box: the owner is told when the key is done. */
void box_accept(void)
{
    accepted = true;
}

/* Inserts a paste in one piece that one undo takes back. */
void boxkeys_paste(const char *bytes, size_t n)
{
    struct str clean = STR_INIT;
    if (!active)
        return;
    utf8_repair(&clean, bytes, n);
    /* Terminals send "\r" for a line break. */
    char *to = clean.data;
    for (size_t i = 0; i < clean.len; i++) {
        char c = clean.data[i];
        if (c == '\r' && i + 1 < clean.len && clean.data[i + 1] == '\n')
            continue;
        *to++ = c == '\r' ? '\n' : c;
    }
    if (clean.len)
        str_truncate(&clean, (size_t)(to - clean.data));
    rl_begin_undo_group();
    rl_insert_text(str_text(&clean));
    rl_end_undo_group();
    str_fini(&clean);
    settle();
}

/* Whether readline is in the middle of something. */
bool boxkeys_busy(void)
{
    return started && active &&
           (vikeys_busy() ||
           RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_NUMERICARG |
                      RL_STATE_METANEXT | RL_STATE_MULTIKEY | RL_STATE_MOREINPUT |
                      RL_STATE_VIMOTION | RL_STATE_CHARSEARCH) != 0);
}

/* C-j takes what was found. */
void boxkeys_end_search(void)
{
    if (started && active && RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH))
        boxkeys_feed("\n", 1);
}

/* Whether the user's inputrc chose vi. */
bool boxkeys_is_vi(void)
{
    return started && rl_editing_mode == 0;
}

/* Leaves a box by its owner's will. */
bool boxkeys_leave(struct box *b)
{
    if (!b->events.on_leave)
        return false;
    b->events.on_leave(b->user);
    return true;
}

/* Candidates to be shown. */
const struct vec *boxkeys_matches(void)
{
    return &matches;
}

/* Tells readline the width, for its own sums. */
void boxkeys_size(int rows, int cols)
{
    if (started)
        rl_set_screen_size(rows, cols);
}

/* Makes a box. */
struct box *box_new(enum box_kind kind, const struct box_events *events, void *user)
{
    struct box *b = mem_alloc(sizeof *b);
    b->kind = kind;
    if (events)
        b->events = *events;
    b->user = user;
    b->stream = SIZE_MAX;
    b->goal_point = SIZE_MAX;
    vec_init(&b->rows, sizeof(struct wrap_row), NULL);
    return b;
}

/* Releases a box; the keys belong to nobody then. */
void box_free(struct box *b)
{
    if (!b)
        return;
    if (b == active)
        boxkeys_enter(NULL);
    if (b->undo) {
        UNDO_LIST *kept = rl_undo_list;
        rl_undo_list = b->undo;
        rl_free_undo_list();
        rl_undo_list = kept;
    }
    str_fini(&b->text);
    str_fini(&b->shadow);
    vec_fini(&b->rows);
    free(b->prompt);
    free(b->history);
    free(b->breaks);
    free(b);
}

/* Sets what stands before the text. */
void box_set_prompt(struct box *b, const char *prompt)
{
    free(b->prompt);
    b->prompt = mem_strdup(prompt);
    b->wrapped = false;
}

/* Hides what is typed. */
void box_set_secret(struct box *b, bool on)
{
    b->secret = on;
}

/* Names its history. */
void box_set_history(struct box *b, const char *name)
{
    b->history = mem_strdup(name);
}

/* Puts the text into its history, once in a row. */
void box_remember(struct box *b)
{
    struct box *before = active;
    const char *text = box_text(b);
    if (!b->history || !*text)
        return;
    char *copy = mem_strdup(text);
    boxkeys_enter(b);
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    bool new = !last || strcmp(last->line, copy) != 0;
    if (new)
        add_history(copy);
    if (new && keeper.save)
        keeper.save(keeper.user, b->history, copy);
    stifle_history(HISTORY_MAX);
    unstifle_history();
    using_history();
    boxkeys_enter(before);
    free(copy);
}

/* Sets the characters that end a word for completion. */
void box_set_breaks(struct box *b, const char *breaks)
{
    free(b->breaks);
    b->breaks = mem_strdup(breaks);
}

/* Keeps the text from being changed by keys. */
void box_lock(struct box *b, bool on)
{
    b->locked = on;
}

/* Its text. */
const char *box_text(const struct box *b)
{
    return b == active ? rl_line_buffer : str_text(&b->text);
}

/* Its point. */
size_t box_point(const struct box *b)
{
    return b == active ? (size_t)rl_point : b->point;
}

/* Replaces all; a fresh undo list. */
void box_set(struct box *b, const char *text, size_t point)
{
    struct box *before = active;
    char *copy = mem_strdup(text);
    boxkeys_start();
    boxkeys_enter(b);
    replace_line(copy);
    rl_point = point < (size_t)rl_end ? (int)point : rl_end;
    b->top = 0;
    resettle(b);
    if (before != b)
        boxkeys_enter(before);
    free(copy);
}

/* Inserts for the program; a point at or behind the place moves along. */
void box_insert(struct box *b, size_t at, const char *bytes, size_t n)
{
    struct box *before = active;
    char *copy = mem_strndup(bytes, n);
    boxkeys_start();
    boxkeys_enter(b);
    size_t point = (size_t)rl_point, end = (size_t)rl_end;
    if (at > end)
        at = end;
    rl_point = (int)at;
    rl_insert_text(copy);
    rl_point = (int)(point >= at ? point + (size_t)rl_end - end : point);
    resettle(b);
    if (before != b)
        boxkeys_enter(before);
    free(copy);
}

/* Replaces a part; one undo takes it back. The owner is told as if it was typed. */
void box_replace(struct box *b, size_t start, size_t end, const char *text)
{
    struct box *before = active;
    char *copy = mem_strdup(text);
    boxkeys_start();
    boxkeys_enter(b);
    if (end > (size_t)rl_end)
        end = (size_t)rl_end;
    if (start > end)
        start = end;
    rl_begin_undo_group();
    rl_delete_text((int)start, (int)end);
    rl_point = (int)start;
    rl_insert_text(copy);
    rl_end_undo_group();
    settle();
    if (before != b)
        boxkeys_enter(before);
    free(copy);
}

/* Moves the point. */
void box_set_point(struct box *b, size_t point)
{
    if (b == active)
        rl_point = point < (size_t)rl_end ? (int)point : rl_end;
    else
        b->point = point < b->text.len ? point : b->text.len;
}

/* The active region. */
bool box_region(const struct box *b, size_t *start, size_t *end)
{
    if (b != active || !rl_mark_active_p() || rl_mark == rl_point || rl_mark > rl_end)
        return false;
    *start = (size_t)(rl_mark < rl_point ? rl_mark : rl_point);
    *end = (size_t)(rl_mark < rl_point ? rl_point : rl_mark);
    return true;
}

/* Where text is coming in. */
void box_set_stream(struct box *b, size_t at)
{
    b->stream = at;
}
