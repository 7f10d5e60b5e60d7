/* tui.h - the full screen as a whole, for app/: tabs with their stacks of panes, keys, the rows
 * below, questions, the frame. It names no feature. Loop thread only. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "command/command.h"
#include "command/option.h"
#include "tui/pane.h"

struct tui;

struct tui_setup {
    struct loop *loop;
    struct store *store;
    const char *label; /* right end of the tab row: "demo"; "" */
    void *user;
    /* Right end of the status row, over every tab: what is held. *again_ms: when to ask again
     * (-1: when something changes). May be NULL. */
    void (*held)(void *user, struct str *out, int64_t *again_ms);
    /* Long work under way in this office ("import 1200 of 10000"); "" none. May be NULL. */
    void (*jobs)(void *user, struct str *out);
    /* The person wants to leave: true: go. false: it has asked something (tui_ask_key). */
    bool (*leave)(void *user);
    void (*active)(void *user); /* a key was pressed; may be NULL */
};

extern const struct command tui_commands[];
extern const struct option tui_options[];

struct tui *tui_new(const struct tui_setup *setup);
/* Takes the terminal, opens the root of the tab that `place` names (NULL: the first) and paints. */
enum status tui_start(struct tui *t, const char *place, struct error *err) MUST_CHECK;
/* Opens what else `place` names; after the first paint. */
void tui_restore(struct tui *t, const char *place);
/* Turns until the person leaves, or a signal ends it. */
void tui_run(struct tui *t);
/* SIGHUP or SIGTERM came: the terminal may be gone. */
bool tui_was_ended(const struct tui *t);
/* Stops what streams in open panes and waits a moment for its text to be kept. */
void tui_stop_streams(struct tui *t);
/* Closes every pane and gives the terminal back. */
void tui_free(struct tui *t);

/* Something in the store changed: enum watch bits. */
void tui_changed(struct tui *t, unsigned bits);
/* Where the person is, for tui_start and tui_restore: all of it after a crash, the roots of the tabs
 * after leaving by will. */
void tui_place(struct tui *t, bool roots, struct str *out);
void tui_say(struct tui *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tui_error(struct tui *t, const struct error *err);
void tui_leave(struct tui *t);  /* ends tui_run after this turn */
void tui_status_changed(struct tui *t); /* asks held() again */
void tui_ask_key(struct tui *t, const char *question, const char *keys,
                 void (*on_key)(void *user, int key), void *user);
/* The focused pane; NULL before the first. */
struct pane *tui_focused(struct tui *t);
struct tui *tui_of(const struct command_call *c);

#endif
