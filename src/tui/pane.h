/* pane.h - a view of the office and what holds it. No terminal library here.
 *
 * A feature's pane is a constant record. The screen keeps, per tab, a stack of open panes (list,
 * thread, draft): the top one has the focus; from 110 columns the top two stand side by side. Keys
 * become command lines by the keymap; motion commands arrive as verbs, every other command is
 * offered to the focused pane first (ops.command) and then run by the queue on ops.target's ids.
 * Loop thread only. A pane never draws by itself: it says pane_dirty and is asked to draw. */
#ifndef TUI_PANE_H
#define TUI_PANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct box;
struct canvas;
struct json;
struct loop;
struct pane;
struct store;

enum pane_verb {
    PANE_UP, PANE_DOWN, PANE_FIRST, PANE_LAST, PANE_PAGE_UP, PANE_PAGE_DOWN,
    PANE_OPEN,      /* Enter, o; arg: digit of `o`+digit, 0 none */
    PANE_MARK, PANE_RANGE, PANE_MARK_GROUP, PANE_UNMARK,   /* Space v * Esc */
    PANE_GROUP_PREV, PANE_GROUP_NEXT,                      /* ( ) */
    PANE_UNREAD_PREV, PANE_UNREAD_NEXT,                    /* , . */
    PANE_ITEM_PREV, PANE_ITEM_NEXT,                        /* K J: thread from the reader */
    PANE_SEARCH_NEXT, PANE_SEARCH_PREV,                    /* n N */
    PANE_HIDDEN,    /* H: show what was hidden, fold and unfold quotes */
    PANE_STOP       /* C-c: stop what is streaming here, keep the text */
};

struct pane_ops {
    const char *name;   /* "inbox", "thread", "draft", "notes", … */
    const char *title;  /* N_(): of the tab or the head row */
    unsigned keys;      /* enum key_context bits beside KEYS_ALL: KEYS_LIST | KEYS_INBOX */
    unsigned watch;     /* enum watch bits that make reload() run */
    int tab;            /* 1…5: the root pane of that tab; 0: opened from others */
    const char *opens;  /* id letters it shows by new(arg): "tm"; NULL */
    const char *runs;   /* a command that shows this pane on the screen, its words as arg; NULL */

    /* State; NULL when there is nothing to show (say why with pane_say). arg: an id, a query, a
     * place; NULL for a root. Must be quick: first paint waits for it. */
    void *(*new_state)(struct pane *p, const char *arg);
    void (*free)(void *state); /* what runs is finished headless or stopped by its owner */
    void (*reload)(void *state, unsigned bits);
    void (*draw)(void *state, struct canvas *c, bool focused);

    /* The rest may be NULL. */
    bool (*verb)(void *state, enum pane_verb verb, int arg); /* false: not here */
    /* First say over a command (argv[0] is its name): true when the pane did it. */
    bool (*command)(void *state, size_t argc, const char *const *argv);
    struct box *(*box)(void *state);                 /* has the keys now; NULL: letters are commands */
    void (*target)(void *state, struct vec *ids);    /* strv of ids a command works on: "t5" */
    void (*why)(void *state, struct str *out);       /* the why row; passes the gate when drawn */
    void (*status)(void *state, struct str *out);    /* place and what goes on; likewise */
    void (*hints)(void *state, struct str *out);     /* instead of the keymap's: "Enter drafts  C-x w by hand" */
    bool (*search)(void *state, const char *needle, int direction);
    void (*copy)(void *state, struct str *out);      /* y: text of the selection */
    void (*focus)(void *state, bool on);
    void (*place)(void *state, struct str *out);     /* arg for new_state() that comes back here */
    void (*count)(void *state, struct str *out);     /* behind the tab's name: "12" */
    /* The closing result of a command run from here ("archive", its JSON object). */
    void (*result)(void *state, const char *command, const struct json *obj);
    /* Something of a moment is under way (the draft is being made, its last words are being stored): keys
     * typed meanwhile are kept and come when it is over. */
    bool (*waits)(void *state);
    bool (*leave)(void *state); /* q: false keeps it open (it has done a step back inside) */
};

/* Called by app/ once per pane of each feature's row. */
void pane_register(const struct pane_ops *ops);

/* ---- what a pane may ask of its holder ---- */
void *pane_state(struct pane *p);
const struct pane_ops *pane_kind(const struct pane *p);
struct store *pane_store(struct pane *p);
struct loop *pane_loop(struct pane *p);
void pane_dirty(struct pane *p);
/* The same when its selection moved and nothing else. */
void pane_moved(struct pane *p);
/* While drawing: a step of the selection is all that happened since the pane was drawn whole. */
bool pane_only_moved(const struct pane *p);
bool pane_visible(const struct pane *p);
/* Did something change since it was last asked, reload() or not? For count() of a pane that others hide. */
bool pane_take_news(struct pane *p);
bool pane_is_ascii(const struct pane *p); /* symbols are drawn by their ASCII twins */
bool pane_has_paint(const struct pane *p); /* pictures can have colours */
int pane_rows(const struct pane *p); /* of its last drawing, 24 before */
int pane_cols(const struct pane *p); /* of its last drawing, 80 before */
int pane_screen_cols(const struct pane *p); /* of the whole screen: the why row and questions have them */
/* Opens a pane above p (what was above p closes). NULL when it had nothing to show. */
struct pane *pane_open(struct pane *p, const char *name, const char *arg);
/* Opens an id of any feature: "t5", "m12", "n4@00:12:31", "c7", "d3". false: nobody shows it. */
bool pane_open_id(struct pane *p, const char *id);
void pane_close(struct pane *p); /* and what is above it; the root only by leaving */
struct pane *pane_below(const struct pane *p); /* NULL for a root */
struct pane *pane_above(const struct pane *p); /* NULL for the top */
void pane_focus(struct pane *p);
/* Runs a command line as the ":" line would, with this pane's target. */
void pane_run(struct pane *p, const char *line);
void pane_runf(struct pane *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends before p does, or with p: done is not called for a pane that is gone. */
void pane_run_then(struct pane *p, const char *line,
                   void (*done)(void *state, const struct error *err));
/* The newest message of the program: why row and :messages. May hold foreign words. */
void pane_say(struct pane *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pane_error(struct pane *p, const struct error *err);
/* The same for what happened by itself (a new mail); rings with tui.bell. */
void pane_notice(struct pane *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Long work in the status row: done of total (0 unknown); NULL what ends it. */
void pane_progress(struct pane *p, int64_t done, int64_t total, const char *what);

/* A question in the hint row: one line of text. answer NULL: left (Esc, C-g, C-c). Nothing modal:
 * the panes go on living. complete: the beginning of a command line that the answer continues
 * ("move "), completed as there; history as in box_set_history. */
struct pane_question {
    const char *prompt;   /* "what shall it say?" */
    const char *hint;     /* drawn behind it, dim; NULL */
    const char *initial;  /* NULL: empty */
    const char *history, *complete; /* NULL: none */
    bool secret;          /* a password: stars are drawn, nothing remembers it */
    void (*on_answer)(void *state, const char *answer);
    void (*on_change)(void *state, const char *text); /* after each key that changed it; NULL */
    /* C-x KEY typed in the question ("w", "m"); true: the question is over. NULL: none. */
    bool (*on_key)(void *state, const char *key, const char *text);
};
void pane_ask(struct pane *p, const struct pane_question *q);
/* A question of one key: keys "ync"; on_key gets the one pressed, or 0 when left. */
void pane_ask_key(struct pane *p, const char *question, const char *keys,
                  void (*on_key)(void *state, int key));
/* The text in $VISUAL or $EDITOR; done gets what was saved (NULL: unchanged or failed). */
void pane_edit(struct pane *p, const char *text, const char *suffix,
               void (*done)(void *state, const char *text));
/* Another program that gets the terminal; done hears its exit code when the screen is back. False: it
 * could not be started (told). */
bool pane_lend(struct pane *p, char *const argv[], void (*done)(void *state, int code));
/* Text to the terminal's clipboard (tmux, OSC 52); says "sent to the terminal". */
void pane_copy(struct pane *p, const char *text, size_t n);

#endif
