/* tuidata.h - the inside of struct tui, shared by the files that make up the screen. */
#ifndef TUI_TUIDATA_H
#define TUI_TUIDATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"
#include "command/queue.h"
#include "io/loop.h"
#include "tui/box.h"
#include "tui/canvas.h"
#include "tui/input.h"
#include "tui/tui.h"

#define TUI_TABS 5
#define TUI_BESIDE 110 /* columns from which two panes stand side by side */
#define TUI_FRAME_MS 16    /* while somebody types */
#define TUI_STREAM_MS 33   /* for what comes by itself */
#define TUI_TYPING_MS 300
#define TUI_ANSWER_MS 100 /* what comes so soon after a key is its answer */
#define TUI_WHY_MS 80
#define TUI_MESSAGES 500

struct pane {
    struct tui *tui;
    const struct pane_ops *ops;
    void *state;
    char *arg; /* own */
    int tab;
    int rows, cols;
    bool dirty, moved, visible, closing; /* moved: the selection went a step, all else stands */
    unsigned bits; /* changes since its last reload */
    bool uncounted; /* there are such since pane_take_news() */
    char *working; /* own; long work of its own, NULL none */
    int64_t done, total;
};

enum tui_split { SPLIT_AUTO, SPLIT_BESIDE, SPLIT_BELOW, SPLIT_NONE };

struct tui_tab {
    struct pane *stack[16];
    int count, focus;
    enum tui_split split;
    bool zoom;
};

struct tui_run { /* a command line under way */
    struct tui *tui;
    char *line, *name; /* own */
    struct vec ids;    /* struct command_target */
    struct pane *pane; /* NULL: it is gone */
    void (*then)(void *state, const struct error *err);
    struct command_call *call; /* NULL before it waits */
    struct str out;
    int items;
    struct pane *output; /* where its stream shows */
    bool started, ended, streamed;
    bool follows;   /* keys wait for its end: CMD_FOLLOWS */
    char *working; /* own; progress */
    int64_t done, total;
};

struct tui_question {
    unsigned number; /* of all that were asked; a box may stand where a freed one stood */
    bool open, keys_only;
    struct pane *pane; /* may be NULL for the program's own */
    char *prompt, *hint, *complete, *keys; /* own */
    struct box *box;                       /* own */
    void (*on_answer)(void *state, const char *answer);
    void (*on_change)(void *state, const char *text);
    bool (*on_key)(void *state, const char *key, const char *text);
    void (*on_pressed)(void *user, int key);
    void *user; /* for the program's own */
    bool own;
};

struct tui_message {
    int64_t at;
    char *text; /* own */
    bool error;
};

struct tui_ahead { /* typed before what it is meant for is there */
    struct input_key key;
    char *paste; /* own; NULL: a key */
    size_t len;  /* of the paste */
};

struct tui {
    struct tui_setup setup;
    char *label; /* own */
    struct command_queue *queue;
    struct input input;
    struct loop_watch *tty, *signals, *escape, *why_timer, *held_timer, *frame_timer;
    struct tui_tab tabs[TUI_TABS + 1]; /* from 1 */
    int tab;
    struct vec runs;    /* struct tui_run * */
    struct tui_run *current;
    struct vec dead;    /* struct pane *: freed at the end of the turn */
    struct tui_question question;
    struct str seq, seq_bytes; /* keys of an unfinished sequence */
    struct vec ahead;          /* struct tui_ahead */
    bool ahead_runs;           /* they are being given out */
    struct vec messages;       /* struct tui_message */
    char *message;             /* own; in the why row until the next key; NULL */
    bool message_error;
    struct str why, held, jobs;
    bool why_stale, dirty, all_dirty, key_pressed, quit, ended, started;
    bool answer_due; /* the first thing that comes of a key is drawn at once too */
    int64_t last_frame, last_key;
    struct pane *last_focus;
};

/* stack.c */
struct pane *stack_open(struct tui *t, int tab, const struct pane_ops *ops, const char *arg);
void stack_close_above(struct tui *t, struct tui_tab *tab, int keep);
struct pane *stack_top(struct tui *t);
void stack_focus_changed(struct tui *t);
void stack_bury(struct tui *t); /* frees panes that were closed in this turn */
const struct pane_ops *stack_ops(const char *name);
const struct pane_ops *stack_root(int tab);
const struct pane_ops *stack_runs(const char *command); /* the kind that shows it; NULL */
bool stack_switch(struct tui *t, int tab);
bool stack_back(struct tui *t); /* q: false at a root */
/* The panes on the screen: at most two; returns how many. */
int stack_shown(struct tui *t, struct pane *out[2]);

/* layout.c, rows.c */
void layout_draw(struct tui *t);
void layout_refresh(struct pane *p); /* before a pane is drawn or has a key */
void layout_fit(struct tui *t); /* size or split changed */
int layout_beside(struct tui *t, const struct tui_tab *tab); /* 0 one, 1 beside, 2 below */
void rows_draw(struct tui *t, struct canvas *c); /* the rows below */
int rows_height(const struct tui *t, int rows, int cols);
void rows_tabs(struct tui *t, struct canvas *c);
void rows_refresh_why(struct tui *t);

/* keys.c */
void keys_on_key(struct tui *t, const struct input_key *key);
void keys_on_paste(struct tui *t, const char *bytes, size_t n);
struct box *keys_box(struct tui *t); /* the box that has the keys now */
unsigned keys_contexts(struct tui *t);
void keys_sync_box(struct tui *t);
void keys_ahead_init(struct tui *t);
void keys_ahead(struct tui *t); /* gives out what was typed ahead, when nothing waits any more */

/* prompt.c */
void prompt_open(struct tui *t, struct pane *p, const struct pane_question *q);
void prompt_keys(struct tui *t, struct pane *p, const char *question, const char *keys,
                 void (*on_key)(void *, int), void *user, bool own);
void prompt_close(struct tui *t, const char *answer); /* NULL: left */
void prompt_pressed(struct tui *t, int key);
void prompt_forget(struct tui *t, const struct pane *p);
void prompt_command(struct tui *t, const char *initial);
void prompt_find(struct tui *t);

/* run.c */
void run_line(struct tui *t, struct pane *p, const char *line,
              void (*then)(void *state, const struct error *err));
void run_pending(struct tui *t);
void run_forget(struct tui *t, const struct pane *p);
void run_stop(struct tui *t, struct pane *p);
bool run_is_followed(const struct tui *t, const struct pane *p); /* a command of p that keys wait for */
void run_free_all(struct tui *t); /* cancels what waits */
struct command_queue *run_queue(struct tui *t);
bool run_working(struct tui *t, struct str *out); /* "importing 12 of 40" */

/* history.c */
void history_keep(struct tui *t, bool on);

/* commands.c */
bool commands_motion(struct tui *t, const char *line);

/* output.c: panes of the program itself */
extern const struct pane_ops output_pane, messages_pane, help_pane;
void output_show(struct pane *p, const char *title, const char *text, size_t n);
void output_stream(struct pane *p, const char *bytes, size_t n);
void output_done(struct pane *p);

#endif
