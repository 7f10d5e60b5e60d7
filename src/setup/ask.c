/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ask.c - a line of stdin, on the loop. */
#include "setup/ask.h"

#include <errno.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "io/loop.h"
#include "mail/secret.h"

enum { LINE_MAX_BYTES = 16 << 10 };

struct setup_ask {
    struct loop *loop; /* borrow */
    struct loop_watch *watch;
    struct str line;
    bool silent; /* the echo is off */
    struct termios before;
    void (*done)(void *user, const char *line);
    void *user;
};

/* Puts the terminal back. */
static void restore(struct setup_ask *a)
{
    if (!a->silent)
        return;
    tcsetattr(STDIN_FILENO, TCSADRAIN, &a->before);
    fd_write_all(STDERR_FILENO, "\n", 1);
    a->silent = false;
}

/* Releases it. */
void setup_ask_cancel(struct setup_ask *a)
{
    if (!a)
        return;
    restore(a);
    loop_remove(a->loop, a->watch);
    mail_secret_wipe(&a->line);
    free(a);
}

/* Tells the line. */
static void finish(struct setup_ask *a, bool ended)
{
    restore(a);
    loop_remove(a->loop, a->watch);
    a->watch = NULL;
    if (a->line.len && a->line.data[a->line.len - 1] == '\r')
        str_truncate(&a->line, a->line.len - 1);
    a->done(a->user, ended && !a->line.len ? NULL : str_text(&a->line));
    setup_ask_cancel(a);
}

/* Bytes are there: one at a time, so that what is behind the line stays for others. */
static void on_ready(void *user, int events)
{
    struct setup_ask *a = user;
    char byte;
    (void)events;
    ssize_t n = read(STDIN_FILENO, &byte, 1);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0 || byte == '\n' || a->line.len >= LINE_MAX_BYTES)
        finish(a, n <= 0);
    else
        str_putc(&a->line, byte);
}

/* Asks. */
struct setup_ask *setup_ask_line(struct loop *l, const char *prompt, bool secret,
                                 void (*done)(void *user, const char *line), void *user)
{
    struct setup_ask *a = mem_alloc(sizeof *a);
    a->loop = l;
    a->done = done;
    a->user = user;
    str_reserve(&a->line, LINE_MAX_BYTES + 1); /* no copy of a secret stays behind */
    if (isatty(STDIN_FILENO)) {
        struct str text = STR_INIT;
        str_addf(&text, "%s ", prompt);
        fd_write_all(STDERR_FILENO, text.data, text.len);
        str_fini(&text);
        if (secret && tcgetattr(STDIN_FILENO, &a->before) == 0) {
            struct termios off = a->before;
            off.c_lflag &= ~(tcflag_t)ECHO;
            a->silent = tcsetattr(STDIN_FILENO, TCSADRAIN, &off) == 0;
        }
    }
    a->watch = loop_fd(l, STDIN_FILENO, LOOP_READ, on_ready, a);
    return a;
}
