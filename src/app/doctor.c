/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doctor.c - `doctor`: one line each for what the program needs, with what to do about it. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/app.h"
#include "app/features.h"
#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/config.h"
#include "io/loop.h"
#include "mail/maildir.h"

#define DISK_LOW ((uint64_t)512 << 20)
#define DISK_EMPTY ((uint64_t)32 << 20)

/* A line with a formatted message. */
static void report(struct hook_report *r, const char *check, enum hook_state state,
                   const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static void report(struct hook_report *r, const char *check, enum hook_state state,
                   const char *hint, const char *format, ...)
{
    struct str s = STR_INIT;
    va_list ap;
    va_start(ap, format);
    str_addfv(&s, format, ap);
    va_end(ap);
    hook_check(r, check, state, str_text(&s), hint);
    str_fini(&s);
}

/* What is wrong in bureaurc: a line for each fault, one when there is none. */
static void check_config(struct hook_report *r)
{
    const struct vec *faults = config_faults();
    for (size_t i = 0; i < faults->len; i++) {
        const struct config_fault *f = vec_at(faults, i);
        report(r, N_("config"), HOOK_FAIL,
               *f->error.hint ? f->error.hint : _("mend the line, then “config check” again"),
               "%s:%d:%d: %s", f->file, f->line, f->column, f->error.text);
    }
    const char *path = app_paths() ? app_paths()->config : "";
    if (faults->len == 0 && access(path, F_OK) != 0)
        report(r, N_("config"), HOOK_OK, NULL, _("%s: none yet, everything at its default"), path);
    else if (faults->len == 0)
        report(r, N_("config"), HOOK_OK, NULL, _("%s: accounts %zu, models %zu"), path,
               config_accounts()->len, config_models()->len);
}

/* The language and the charset. */
static void check_locale(struct hook_report *r)
{
    const char *codeset = nl_langinfo(CODESET), *language = getenv("LANGUAGE");
    const char *messages = setlocale(LC_MESSAGES, NULL);
    if (strcmp(codeset, "UTF-8") == 0)
        report(r, N_("locale"), HOOK_OK, NULL, _("UTF-8, messages %s"),
               language && *language ? language : messages);
    else
        report(r, N_("locale"), HOOK_WARN, _("LANG=C.UTF-8 or any other UTF-8 locale shows everything"),
               _("%s: the screen is drawn in ASCII"), codeset);
}

/* The terminal. */
static void check_terminal(struct hook_report *r)
{
    const char *term = getenv("TERM"), *color = getenv("COLORTERM");
    struct winsize size = {0};
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        report(r, N_("terminal"), HOOK_OK, NULL, _("none here"));
    else if (!term || !*term || strcmp(term, "dumb") == 0)
        report(r, N_("terminal"), HOOK_WARN, _("set TERM to what the terminal is, as in TERM=xterm-256color"),
               _("TERM is not set: no full screen"));
    else if (size.ws_col < 40 || size.ws_row < 12)
        report(r, N_("terminal"), HOOK_WARN, _("make it larger"), _("%s, %d×%d: the screen needs 40×12"),
               term, size.ws_col, size.ws_row);
    else
        report(r, N_("terminal"), HOOK_OK, NULL, _("%s, %d×%d%s%s"), term, size.ws_col, size.ws_row,
               color && *color ? ", " : "", color ? color : "");
}

/* Room on the disk of the office. */
static void check_disk(struct hook_report *r, const struct paths *paths)
{
    struct statvfs fs;
    if (statvfs(paths->state, &fs) != 0) {
        report(r, N_("disk"), HOOK_WARN, _("look at the directory"), _("%s cannot be asked"), paths->state);
        return;
    }
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    report(r, N_("disk"), free_bytes < DISK_EMPTY ? HOOK_FAIL : free_bytes < DISK_LOW ? HOOK_WARN : HOOK_OK,
           free_bytes < DISK_LOW ? _("make room: mail that cannot be stored is refused, never lost") : NULL,
           _("%llu MB free at %s"), (unsigned long long)(free_bytes >> 20), paths->state);
}

/* Its size, who else has it open. */
static void tell_store(struct hook_report *r, const struct paths *paths, struct store *s)
{
    struct stat st = {0};
    int others = store_others(s);
    if (stat(paths->db, &st) != 0)
        st.st_size = 0;
    report(r, N_("store"), HOOK_OK, NULL,
           P_("%s, %lld KB, open in %d other program", "%s, %lld KB, open in %d other programs", others),
           paths->db, (long long)(st.st_size >> 10), others);
}

/* The store: can it be opened? */
static struct store *check_store(struct hook_report *r, const struct paths *paths, struct loop *l)
{
    struct error err = ERROR_INIT;
    struct store *s = NULL;
    if (store_open(paths, STORE_INLINE, l, &s, &err) != STATUS_OK) {
        hook_check(r, N_("store"), HOOK_FAIL, err.text,
                   *err.hint ? err.hint : _("“restore FILE” puts a backup in its place"));
        return NULL;
    }
    tell_store(r, paths, s);
    return s;
}

/* The Maildirs that accounts name: are they there? (What sending needs is the office's check.) */
static void check_maildirs(struct hook_report *r)
{
    const struct vec *accounts = config_accounts();
    for (size_t i = 0; i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        struct error err = ERROR_INIT;
        if (!a->maildir)
            continue;
        if (mail_maildir_check(a, &err) != STATUS_OK)
            hook_check(r, N_("maildir"), HOOK_FAIL, err.text, err.hint);
        else
            report(r, N_("maildir"), HOOK_OK, NULL, _("%s: %s"), a->name, a->maildir);
    }
}

/* A run of it. */
struct doctor {
    struct hook_report report;
    struct store *own; /* opened for this run; NULL: none, or the screen's */
};

/* Releases it. */
static void free_doctor(void *state)
{
    struct doctor *d = state;
    if (d->own)
        store_close(d->own);
    free(d);
}

/* The exit status. */
static void settle(struct doctor *d)
{
    if (d->report.failed)
        command_exit(d->report.call, 1);
}

/* What waited for the world has answered. */
static void on_end(struct hook_report *r)
{
    struct doctor *d = command_state(r->call);
    settle(d);
    command_end(r->call, NULL);
}

/* C-c, a signal. */
static void on_cancel(struct command_call *c)
{
    struct doctor *d = command_state(c);
    struct error err = ERROR_INIT;
    d->report.waiting = false;
    d->report.stop(d->report.user);
    error_set(&err, STATUS_INTERRUPTED, _("stopped"));
    command_end(c, &err);
}

/* The program's own checks, then those of every part. */
static void check_all(struct doctor *d, const struct paths *paths)
{
    struct hook_report *r = &d->report;
    struct command_call *c = r->call;
    struct store *s = command_store(c); /* the screen's */
    const struct feature *f;
    report(r, N_("program"), HOOK_OK, NULL, "bureau %s", PACKAGE_VERSION);
    report(r, N_("places"), HOOK_OK, NULL, "%s", paths->state);
    check_config(r);
    check_locale(r);
    check_terminal(r);
    check_disk(r, paths);
    if (s)
        tell_store(r, paths, s);
    else
        s = d->own = check_store(r, paths, command_loop(c));
    check_maildirs(r);
    for (size_t i = 0; (f = feature_at(i)); i++)
        if (f->doctor)
            f->doctor(r, s, command_loop(c), command_is_offline(c));
}

/* doctor */
enum command_result doctor_run(struct command_call *c)
{
    struct doctor *d = mem_alloc(sizeof *d);
    struct error err = ERROR_INIT;
    bool config_only = strcmp(command_row(c)->name, "doctor") != 0;
    const struct paths *paths = app_open(command_call_globals(c), &err);
    d->report = (struct hook_report){.call = c, .on_end = on_end};
    command_set_state(c, d, free_doctor);
    if (!paths)
        hook_check(&d->report, N_("places"), HOOK_FAIL, err.text, err.hint);
    else if (config_only)
        check_config(&d->report);
    else
        check_all(d, paths);
    if (d->report.waiting) {
        command_on_cancel(c, on_cancel);
        return COMMAND_WAIT;
    }
    settle(d);
    return COMMAND_DONE;
}
