/* pane_draft.h - the inside of the draft pane, shared by its files: pane_draft.c (editor),
 * pane_draft_head.c (recipients, subject, files), pane_draft_send.c (checks, sending, versions),
 * pane_reply.c (what it shall say, streams). */
#ifndef INBOX_PANE_DRAFT_H
#define INBOX_PANE_DRAFT_H

#include <stdbool.h>
#include <stdint.h>

#include "inbox/checks.h"
#include "inbox/draft.h"
#include "inbox/reply.h"
#include "tui/box.h"
#include "tui/canvas.h"
#include "tui/pane.h"

enum head_field { HEAD_FROM, HEAD_TO, HEAD_CC, HEAD_BCC, HEAD_SUBJECT, HEAD_FILES, HEAD_FIELDS };

/* A stream into a draft: it outlives the pane. */
struct draft_live {
    struct reply_run *run;   /* NULL when it has ended */
    struct draft_view *view; /* NULL when the pane is gone */
    int64_t draft;           /* 0 before it exists */
    struct draft_live *next;
    char *egress; /* own; "qwen-plus at host" */
    int pieces;
    bool blank;
};

struct draft_view {
    struct pane *pane;
    int64_t id; /* 0 until the draft exists */
    struct draft_pen *pen;
    struct draft_live *live; /* NULL: nothing streams */
    struct box *body;
    struct box *head[HEAD_FIELDS]; /* NULL until the head is open */
    bool in_head, head_changed, head_for_new;
    struct people_query *query; /* the address book is asked; NULL */
    char *query_text;           /* own; what it was asked last */
    struct vec query_people;    /* struct mail_address: what it said */
    int field;
    int commands;          /* of the head, under way: another identity, a file */
    char *attaching;       /* own; the path of the file that is being attached */
    struct checks checks;
    char *checked; /* own; the text the checks were made of */
    bool show_checks;
    int64_t shown_version; /* an earlier version is looked at; 0: the current */
    bool sending;          /* waits until all typed is stored, then asks */
    char *send_at;         /* own; WHEN of send later */
    char *send_line;       /* own; what Enter runs */
    bool fresh;            /* made by hand here and not touched yet */
    char *first_text;      /* own; of a fresh one */
    struct str incoming;   /* came since the last frame */
    char *wait;            /* own; why nothing comes */
    char *model;           /* own; chosen for the next run */
};

/* pane_reply.c */
enum draft_value { /* texts that a draft may be begun with */
    START_SAY, START_MODEL, START_TO, START_CC, START_BCC, START_SUBJECT, START_FROM, START_AS,
    START_BODY, START_ANSWERED, START_VALUES
};
struct draft_start { /* what the next "draft" pane opened with "start" does */
    enum draft_kind kind;
    int64_t message;
    int part;                   /* a mail inside it; 0 */
    char *values[START_VALUES]; /* own; NULL */
    struct vec files;           /* strv of paths */
    bool blank, without_files, as_new;
};
bool draft_live_start(struct draft_view *v, const struct draft_start *s, struct error *err);
bool draft_live_again(struct draft_view *v, const char *say, struct error *err);
bool draft_live_instruct(struct draft_view *v, size_t from, size_t to, const char *say,
                         struct error *err);
struct draft_live *draft_live_of(int64_t draft); /* a stream under way; NULL */
void draft_live_attach(struct draft_live *l, struct draft_view *v);
void draft_live_detach(struct draft_view *v);
struct draft_start *draft_start_take(void);
void draft_start_free(struct draft_start *s);

/* pane_draft.c: the stream's news, and reading the draft. */
void draft_view_exists(struct draft_view *v, int64_t draft);
void draft_view_delta(struct draft_view *v, const char *text, size_t n);
void draft_view_done(struct draft_view *v, const struct reply_result *r);
void draft_view_read(struct draft_view *v); /* text and head from the pen */
bool draft_view_refuses(struct draft_view *v); /* held or on its way: nothing changes it; says so */
void draft_view_unlock(struct draft_view *v);  /* unless it is held, or an earlier version is shown */
void draft_view_ask_model(struct draft_view *v, void (*then)(struct draft_view *v));

/* pane_draft_head.c */
void draft_head_open(struct draft_view *v, enum head_field field);
void draft_head_close(struct draft_view *v); /* stores what changed */
int draft_head_rows(const struct draft_view *v, int rows);
void draft_head_draw(struct draft_view *v, struct canvas *c, bool focused);
void draft_head_hints(const struct draft_view *v, struct str *out);
void draft_head_free(struct draft_view *v);

/* pane_draft_send.c */
void draft_send_begin(struct draft_view *v, const char *at /* NULL: now */);
void draft_sent(struct draft_view *v, const struct json *result);
void draft_send_look(struct draft_view *v); /* something is stored: asks, when a send waits for nothing more */
void draft_checks_read(struct draft_view *v);
int draft_checks_rows(const struct draft_view *v, int rows, int cols);
void draft_checks_draw(struct draft_view *v, struct canvas *c);
void draft_checks_next(struct draft_view *v); /* C-x c */
void draft_version_step(struct draft_view *v, int direction);
void draft_version_restore(struct draft_view *v);

#endif
