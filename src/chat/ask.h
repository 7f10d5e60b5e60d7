/* ask.h - one question on its way to an answer: sources gathered, the answer streamed into its
 * turn, citations checked, the end stored. The command line and the pane both use it; a pane that
 * closes leaves the run going. Loop thread. */
#ifndef CHAT_ASK_H
#define CHAT_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "chat/store.h"
#include "model/model.h"
#include "office/source.h"

struct store;
struct ask_run;

struct ask_request {
    const char *text;      /* the question */
    int64_t chat;          /* 0: a new conversation */
    int64_t parent;        /* -1: its head */
    const struct vec *about; /* strv of ids, NULL */
    const struct source_list *given; /* files and stdin, NULL; copied */
    bool office;           /* search everything too */
    bool keep;             /* false: --no-store */
    bool titled;           /* a new conversation gets a title by a model (title.h) */
    const char *model;     /* NULL: by purpose */
    bool offline;
    const char *purpose;   /* NULL: "ask" */
    const char *system;    /* NULL: the one of ask; a constant */
    const char *language;  /* NULL: the question's */
};

struct ask_answer { /* borrowed during on_done */
    int64_t chat, turn;              /* 0 with keep false */
    const struct model_result *model;
    enum model_state state;
    struct error error;              /* what the contract maps to the exit code */
    const char *text;                /* as it came */
    const char *cited;               /* with the citations that hold; NULL: the same */
    const struct vec *sources;       /* struct chat_source */
    const struct vec *lines;         /* struct cite_line */
};

struct ask_events { /* all but on_done may be NULL */
    void (*on_turn)(void *user, int64_t chat, int64_t question, int64_t answer);
    void (*on_egress)(void *user, const char *where, int passages, int64_t bytes);
    void (*on_delta)(void *user, const char *text, size_t n);
    void (*on_wait)(void *user, int seconds, const char *why);
    void (*on_done)(void *user, const struct ask_answer *a); /* exactly once */
};

/* NULL with err: nothing was begun (unknown model NO_SUCH, policy REFUSED, no such id). */
struct ask_run *ask_start(struct store *s, const struct ask_request *req,
                          const struct ask_events *ev, void *user, struct error *err);
void ask_cancel(struct ask_run *r);
/* The pane went away: no more events, the run goes on and is stored. */
void ask_forget(struct ask_run *r);
/* The run of this process that streams this answer; NULL. Its text so far is borrowed. */
struct ask_run *ask_find(int64_t turn);
const char *ask_text(const struct ask_run *r, size_t *n);
/* Another listener in place of the one before (a pane opened on a running answer). */
void ask_listen(struct ask_run *r, const struct ask_events *ev, void *user);
/* Runs under way in this process (SIGHUP: finish them headless). */
int ask_running(void);

/* The offline way of "ask" and "translate". */
void ask_offline_register(void);

#endif
