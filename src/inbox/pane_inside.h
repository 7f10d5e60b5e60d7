/* pane_inside.h - what the inbox's panes share: the list, the reader, the draft and their helpers
 * stand in a file each. */
#ifndef INBOX_PANE_INSIDE_H
#define INBOX_PANE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "base/str.h"
#include "inbox/draft.h"
#include "inbox/pane.h"
#include "mail/message.h"
#include "mail/thread.h"
#include "tui/pane.h"

extern const struct pane_ops inbox_pane, threads_pane, thread_pane, draft_pane, folders_pane,
    drafts_pane, parts_pane, results_pane, summary_pane, view_pane, address_pane;

/* pane.c: from a list pane, the thread a motion leads to from this one; 0 none. Moves its selection. */
int64_t pane_list_step(struct pane *list, int64_t thread, enum pane_verb motion);
/* The selection goes on before these threads leave; what is shown next (0: nothing left). */
int64_t pane_list_leave(struct pane *list, int64_t thread);
/* The change of the reader's thread is stored or refused. */
void pane_list_left(struct pane *list);
/* The thread was answered: tui.after-action says what follows. */
void pane_thread_after(struct pane *thread);
void pane_thread_show(struct pane *thread, int64_t id);
/* What it shows counts as read from now on, however short it was open: it is being answered. */
void pane_thread_seen(struct pane *thread);
/* Reads a thread as opening it would, and shows nothing: statements and dictionaries are ready then. */
void pane_thread_warm(struct pane *list, int64_t id);
bool pane_is_list(const struct pane *p);
/* Follows the reader: selects the thread that is read. */
void pane_list_show(struct pane *list, int64_t thread);

#define PANE_BY_RANK "rank:" /* before the query of a results pane: by relevance */
/* pane_results.c: asks for the query; hits show while it is typed. */
void pane_results_type(struct pane *results);

/* pane_sent.c: a mail was approved here (the result of `send`); a bare undo that means it takes it back. */
void pane_sent_note(struct pane *p, const struct json *obj);
bool pane_sent_undo(struct pane *p, size_t argc, const char *const *argv);
/* pane_reply.c: "what shall it say?", then the draft. message 0: a new mail. */
void pane_reply_ask(struct pane *p, enum draft_kind kind, int64_t message);
/* By hand at once. */
void pane_reply_blank(struct pane *p, enum draft_kind kind, int64_t message);
/* reply, compose and forward as typed at ":" or by a key; true when the screen's way was taken. */
bool pane_reply_command(struct pane *p, int64_t thread, int64_t message, size_t argc,
                        const char *const *argv);

/* A mail was taken back ("outbox cancel"): its draft is opened. */
void pane_reply_result(struct pane *p, const char *command, const struct json *obj);

/* pane_act.c: commands on threads (letter t) or mails (m) that ask or make rows leave. ids: int64_t;
 * true: taken. done (may be NULL) is called when the change is stored or refused. */
bool pane_act_command(struct pane *p, size_t argc, const char *const *argv, char letter,
                      const struct vec *ids,
                      void (*leave)(void *state, const struct vec *ids),
                      void (*done)(void *state, const struct error *err));

/* pane_saved.c: searches with a name; query NULL forgets it. */
void pane_saved_each(struct store *s,
                     void (*on_search)(void *user, const char *name, const char *query),
                     void *user);
void pane_saved_set(struct store *s, const char *name, const char *query);
enum command_result pane_saved_run(struct command_call *c);

/* pane_words.c */
void pane_words_due(const char *day, int64_t now, struct str *out, bool *late);
void pane_words_when(int64_t t, int64_t now, struct str *out); /* "Mon 09:12", "2 Nov" */
void pane_words_model(struct store *s, const char *purpose, struct str *out);
/* As one word of a command line, quoted. Appends. */
void pane_words_quote(struct str *out, const char *text);
void pane_words_size(int64_t bytes, struct str *out);
/* Why a thread stands in its lane: quote with its author, else the reason. */
void pane_words_why(struct store *s, int64_t thread, struct str *out);
unsigned pane_words_lane_style(enum mail_lane lane);

/* pane_view.c: a mail in another form ("source", "headers", "parts", "plain", "html", a part's number)
 * above p; in a view the form changes in place, "read" or NULL goes back. */
void pane_view_open(struct pane *p, int64_t message, const char *form);
/* Foreign text in a view's pane. */
void pane_view_show(struct pane *view, const char *text, size_t n);

/* pane_address.c: the pane "address" shows one whole; y copies it. */
bool pane_address_is_long(const struct pane *p, const char *url);

/* pane_open.c */
#define TOOL_SAID_MAX (2u << 20) /* of a program's output that is shown */
struct pane_opening;
void pane_part_save(struct pane *p, int64_t message, int part); /* asks for the folder */
/* Opens it with the mailcap's program; asks first where that can run something. raw is borrowed until
 * pane_opening_stop; NULL: told why not. */
struct pane_opening *pane_part_open(struct pane *p, int64_t message, const struct mail_part *part,
                                    const struct str *raw);
void pane_opening_stop(struct pane_opening *o); /* NULL is allowed; what runs goes on */

#endif
