/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outside.c - the clipboard of the terminal, and the text in $VISUAL or $EDITOR.
 *
 * Inside tmux the text goes to `tmux load-buffer -w`, elsewhere by OSC 52; whether it arrived
 * nobody can know, so nothing is claimed. The editor gets the terminal; the loop turns on. */
#include "tui/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "command/config.h"
#include "io/child.h"
#include "tui/screen.h"
#include "tui/tuidata.h"

#define COPY_MAX (256u << 10)
#define EDIT_MAX (4u << 20)

extern char **environ;

/* Base64 (RFC 4648 §4). */
static void base64(struct str *out, const char *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = 0;
        size_t have = n - i < 3 ? n - i : 3;
        for (size_t j = 0; j < 3; j++)
            v = v << 8 | (j < have ? (unsigned char)bytes[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            str_putc(out, j <= have ? digits[v >> (18 - 6 * j) & 63] : '=');
    }
}

/* tmux has ended: nothing to tell. */
static void on_copied(void *user, int code)
{
    (void)user;
    (void)code;
}

/* Nothing of its output matters. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    (void)user;
    (void)fd;
    (void)bytes;
    (void)n;
}

/* Gives text to tmux; false when it could not be started. */
static bool copy_by_tmux(struct pane *p, const char *text, size_t n)
{
    static const struct child_events events = {.on_output = on_output, .on_exit = on_copied};
    const char *tmux = getenv("TMUX");
    struct error err = ERROR_INIT;
    if (!tmux || !*tmux)
        return false;
    char *socket = mem_strndup(tmux, strcspn(tmux, ","));
    char *argv[] = {(char *)"tmux", (char *)"-S", socket, (char *)"load-buffer", (char *)"-w",
                    (char *)"-", NULL};
    bool started = child_start(pane_loop(p), argv, text, n, &events, p->tui, &err) != NULL;
    free(socket);
    return started;
}

/* Copies a text. */
void pane_copy(struct pane *p, const char *text, size_t n)
{
    if (n > COPY_MAX) {
        pane_say(p, _("too long for a terminal's clipboard   Y writes it to a file"));
        return;
    }
    if (!copy_by_tmux(p, text, n)) {
        struct str out = STR_INIT;
        str_puts(&out, "\033]52;c;");
        base64(&out, text, n);
        str_puts(&out, "\a");
        screen_raw(out.data, out.len);
        str_fini(&out);
    }
    pane_say(p, _("%zu bytes sent to the terminal's clipboard   Y writes a file"), n);
}

/* ---- the editor ---- */

static struct {
    struct tui *tui;
    struct pane *pane; /* NULL when it was closed meanwhile */
    char *path, *before; /* own */
    pid_t pid;
    int fd;
    struct loop_watch *watch;
    void (*done)(void *state, const char *text);
    void (*left)(void *state, int code); /* of a program that is no editor */
} edit;

/* Whether an editor owns the terminal. */
bool outside_busy(void)
{
    return edit.pid > 0;
}

/* Is p still open? */
static bool still_open(const struct tui *t, const struct pane *p)
{
    for (int i = 1; i <= TUI_TABS; i++)
        for (int j = 0; j < t->tabs[i].count; j++)
            if (t->tabs[i].stack[j] == p)
                return true;
    return false;
}

/* The editor has ended: the terminal is taken back and the text read. */
static void on_editor_end(void *user, int events)
{
    struct tui *t = user;
    struct str text = STR_INIT;
    struct error err = ERROR_INIT;
    int status = 0;
    (void)events;
    if (waitpid(edit.pid, &status, WNOHANG) <= 0)
        return;
    loop_remove(t->setup.loop, edit.watch);
    close(edit.fd);
    edit.pid = 0;
    screen_take_back();
    screen_resize();
    t->all_dirty = t->dirty = true;
    if (edit.left) {
        void (*left)(void *state, int code) = edit.left;
        edit.left = NULL;
        if (still_open(t, edit.pane))
            left(edit.pane->state, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        return;
    }
    bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ok)
        tui_say(t, _("the editor ended with an error: the text stays as it was"));
    else if (path_read(edit.path, EDIT_MAX, &text, &err) != STATUS_OK)
        tui_error(t, &err);
    unlink(edit.path);
    bool changed = ok && !error_is(&err) && !str_eq(str_text(&text), edit.before);
    if (still_open(t, edit.pane) && edit.done)
        edit.done(edit.pane->state, changed ? str_text(&text) : NULL);
    free(edit.path);
    free(edit.before);
    edit.path = edit.before = NULL;
    str_fini(&text);
}

/* Starts argv with the terminal as its own; 0 when it cannot. */
static pid_t spawn_editor(char *const argv[], char *const env[])
{
    posix_spawnattr_t attr;
    sigset_t all, none;
    pid_t pid = 0;
    posix_spawnattr_init(&attr);
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (posix_spawnp(&pid, argv[0], NULL, &attr, argv, env) != 0)
        pid = 0;
    posix_spawnattr_destroy(&attr);
    return pid;
}

/* Writes the text to a private file; the path is yours. */
static char *write_text(struct pane *p, const char *text, const char *suffix, struct error *err)
{
    char *dir = store_paths(pane_store(p))->runtime;
    char *path = str_format("%s/text-XXXXXX%s", dir, suffix);
    int fd = mkstemps(path, (int)strlen(suffix));
    if (fd < 0) {
        error_set_errno(err, errno, _("cannot write a file for the editor in %s"), dir);
        free(path);
        return NULL;
    }
    bool ok = fd_write_all(fd, text, strlen(text));
    close(fd);
    if (!ok) {
        error_set_errno(err, errno, _("cannot write %s"), path);
        unlink(path);
        free(path);
        return NULL;
    }
    return path;
}

/* Gives the terminal to a program; false when it does not start. */
static bool lend(struct pane *p, char *const argv[], char *const env[])
{
    edit.tui = p->tui;
    edit.pane = p;
    screen_lend();
    edit.pid = spawn_editor(argv, env);
    edit.fd = edit.pid > 0 ? (int)syscall(SYS_pidfd_open, edit.pid, 0) : -1;
    if (edit.fd < 0) {
        screen_take_back();
        edit.pid = 0;
        return false;
    }
    edit.watch = loop_fd(p->tui->setup.loop, edit.fd, LOOP_READ, on_editor_end, p->tui);
    return true;
}

/* Another program that gets the terminal. */
bool pane_lend(struct pane *p, char *const argv[], void (*done)(void *state, int code))
{
    if (outside_busy())
        return false;
    edit.left = done;
    char **env = child_environment();
    bool good = lend(p, argv, env);
    free(env);
    if (good)
        return true;
    edit.left = NULL;
    pane_say(p, _("%s could not be started"), argv[0]);
    return false;
}

/* Opens the text in the person's editor. */
void pane_edit(struct pane *p, const char *text, const char *suffix,
               void (*done)(void *state, const char *saved))
{
    struct error err = ERROR_INIT;
    struct vec words;
    int column;
    const char *editor = getenv("VISUAL");
    if (!editor || !*editor)
        editor = getenv("EDITOR");
    if (!editor || !*editor)
        editor = "vi";
    if (outside_busy())
        return;
    strv_init(&words);
    if (config_split(editor, &words, &column, &err) != STATUS_OK || words.len == 0 ||
        !(edit.path = write_text(p, text, suffix, &err))) {
        pane_error(p, &err);
        vec_fini(&words);
        return;
    }
    strv_push(&words, edit.path);
    char **argv = mem_array(words.len + 1, sizeof *argv);
    for (size_t i = 0; i < words.len; i++)
        argv[i] = (char *)strv_at(&words, i);
    edit.done = done;
    edit.before = mem_strdup(text);
    if (!lend(p, argv, environ)) {
        pane_say(p, _("the editor %s could not be started"), argv[0]);
        unlink(edit.path);
    }
    free(argv);
    vec_fini(&words);
}
