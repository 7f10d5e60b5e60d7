/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.c - the files and commands that hold an account's secrets. */
#include "mail/secret.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "io/child.h"
#include "io/loop.h"

enum { SECRET_MAX = 64 << 10, WORDS_MAX = 300, LIMIT_MS = 120000 };

/* The place of one secret. */
char *mail_secret_path(const struct paths *paths, const char *account, const char *kind)
{
    char *dir = path_join(paths->state, "secrets");
    char *name = str_format("%s.%s", account, kind), *path = path_join(dir, name);
    free(name);
    free(dir);
    return path;
}

/* Is the file or directory ours alone? */
static enum status check_mode(const char *path, const struct stat *st, struct error *err)
{
    bool dir = S_ISDIR(st->st_mode);
    if (st->st_uid != geteuid()) {
        (void)error_set(err, STATUS_REFUSED, _("%s belongs to another user"), path);
        return error_hint(err, "chown %u %s", (unsigned)geteuid(), path);
    }
    if (st->st_mode & 077) {
        (void)error_set(err, STATUS_REFUSED, _("%s is open to other users (mode %03o)"), path,
                        (unsigned)(st->st_mode & 0777));
        return error_hint(err, "chmod %s %s", dir ? "700" : "600", path);
    }
    return STATUS_OK;
}

/* Reads one secret. */
enum status mail_secret_read(const struct paths *paths, const char *account, const char *kind,
                             struct str *out, struct error *err)
{
    char *path = mail_secret_path(paths, account, kind), *dir = path_join(paths->state, "secrets");
    struct stat st;
    enum status s = STATUS_OK;
    if (lstat(path, &st) != 0)
        s = errno == ENOENT || errno == ENOTDIR ? error_set(err, STATUS_NO_SUCH, _("%s: no such file"), path)
                                                : error_set_errno(err, errno, "%s", path);
    else if (!S_ISREG(st.st_mode))
        s = error_set(err, STATUS_REFUSED, _("%s is no file"), path);
    else if ((s = check_mode(path, &st, err)) == STATUS_OK && stat(dir, &st) == 0)
        s = check_mode(dir, &st, err);
    if (s == STATUS_OK)
        s = path_read(path, SECRET_MAX, out, err);
    free(path);
    free(dir);
    return s;
}

/* Writes one secret. */
enum status mail_secret_write(const struct paths *paths, const char *account, const char *kind,
                              const char *text, struct error *err)
{
    char *path = mail_secret_path(paths, account, kind), *dir = path_join(paths->state, "secrets");
    enum status s = path_make_dir(dir, err);
    if (s == STATUS_OK)
        s = path_write(path, text, strlen(text), err);
    free(path);
    free(dir);
    return s;
}

/* Removes one secret. */
enum status mail_secret_remove(const struct paths *paths, const char *account, const char *kind,
                               struct error *err)
{
    char *path = mail_secret_path(paths, account, kind);
    enum status s = STATUS_OK;
    if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
        s = error_set_errno(err, errno, "%s", path);
    free(path);
    return s;
}

/* Wipes a text before its memory goes back. */
void mail_secret_wipe(struct str *s)
{
    if (s->data)
        explicit_bzero(s->data, s->cap);
    str_fini(s);
}

/* ---- commands ---- */

struct mail_secret_run {
    struct loop *loop; /* borrow */
    struct child *child;
    struct loop_watch *timer;
    char *program, *option; /* own */
    struct str out, words;
    bool late, cancelled;
    void (*done)(void *user, const char *line, const struct error *err);
    void *user;
};

/* Collects what it prints. */
static void on_output(void *user, int fd, const char *bytes, size_t n)
{
    struct mail_secret_run *r = user;
    struct str *to = fd == 1 ? &r->out : &r->words;
    size_t max = fd == 1 ? SECRET_MAX : WORDS_MAX;
    if (to->len >= max)
        return;
    n = to->len + n <= max ? n : max - to->len;
    if (to->len + n + 1 > to->cap && to->len) { /* no copy of it stays behind in freed memory */
        struct str larger = STR_INIT;
        str_reserve(&larger, 2 * (to->len + n));
        str_add(&larger, to->data, to->len);
        mail_secret_wipe(to);
        *to = larger;
    }
    str_add(to, bytes, n);
}

/* It has ended: its first line, or why there is none. */
static void on_exit_code(void *user, int code)
{
    struct mail_secret_run *r = user;
    struct error err = ERROR_INIT;
    loop_remove(r->loop, r->timer);
    if (!r->cancelled) {
        str_truncate(&r->out, strcspn(str_text(&r->out), "\r\n"));
        char *said = str_trim(mem_strdup(str_text(&r->words)));
        if (r->late)
            (void)error_set(&err, STATUS_FAILED, _("%s: %s did not end within %d seconds"), r->option, r->program,
                            LIMIT_MS / 1000);
        else if (code != 0)
            (void)error_set(&err, STATUS_FAILED, *said ? _("%s: %s ended with code %d: %s") : _("%s: %s ended with code %d"),
                            r->option, r->program, code, said);
        else if (!r->out.len)
            (void)error_set(&err, STATUS_FAILED, _("%s: %s printed nothing"), r->option, r->program);
        if (error_is(&err))
            (void)error_hint(&err, _("run it by hand; its first line must be the secret"));
        free(said);
        r->done(r->user, error_is(&err) ? NULL : r->out.data, &err);
    }
    mail_secret_wipe(&r->out);
    str_fini(&r->words);
    free(r->program);
    free(r->option);
    free(r);
}

/* It takes too long. */
static void on_time(void *user)
{
    struct mail_secret_run *r = user;
    r->timer = NULL;
    r->late = true;
    child_kill(r->child, SIGKILL);
}

/* Starts a command that prints a secret. */
struct mail_secret_run *mail_secret_run(struct loop *l, const struct vec *argv, const char *option,
                                        void (*done)(void *user, const char *line,
                                                     const struct error *err),
                                        void *user, struct error *err)
{
    static const struct child_events events = {on_output, on_exit_code};
    struct mail_secret_run *r = mem_alloc(sizeof *r);
    char **words = mem_array(argv->len + 1, sizeof *words);
    for (size_t i = 0; i < argv->len; i++)
        words[i] = (char *)strv_at(argv, i);
    r->loop = l;
    r->done = done;
    r->user = user;
    r->child = child_start(l, words, NULL, 0, &events, r, err);
    if (r->child) {
        r->program = mem_strdup(words[0]);
        r->option = mem_strdup(option);
        r->timer = loop_timer(l, LIMIT_MS, on_time, r);
    } else {
        error_prefix(err, "%s", option);
        free(r);
        r = NULL;
    }
    free(words);
    return r;
}

/* Stops it; nobody is told. */
void mail_secret_run_cancel(struct mail_secret_run *r)
{
    if (!r || r->cancelled)
        return;
    r->cancelled = true;
    child_kill(r->child, SIGKILL);
}
