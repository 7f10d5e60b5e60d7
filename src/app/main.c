/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - the program's start: its manners towards the system, then screen or batch. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/app.h"
#include "app/features.h"
#include "app/session.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/str.h"
#include "command/config.h"
#include "office/mailto.h"

static struct {
    struct paths paths;
    bool open;
    const char *link; /* borrow of argv: mailto:… that the program was called with; NULL */
} app;

/* The variable that decides the language of messages; NULL when none is set. */
static const char *wanted_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return NULL;
}

/* A locale that is unset, C or not installed runs as C.UTF-8 and keeps its language; another
 * charset that is installed stays, and the screen draws ASCII. Numbers are always those of C. */
static void init_locale(void)
{
    const char *wanted = wanted_locale();
    const char *got = setlocale(LC_ALL, "");
    if (!got || strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) {
        if (!setlocale(LC_ALL, "C.UTF-8"))
            setlocale(LC_CTYPE, "en_US.UTF-8");
        bool plain = !wanted || strcmp(wanted, "C") == 0 || strcmp(wanted, "POSIX") == 0 ||
                     str_starts(wanted, "C.");
        const char *chosen = getenv("LANGUAGE");
        if (!plain && (!chosen || !*chosen)) {
            char *language = mem_strndup(wanted, strcspn(wanted, ".@"));
            setenv("LANGUAGE", language, 1);
            free(language);
        }
    }
    setlocale(LC_NUMERIC, "C");
    setlocale(LC_TIME, "C"); /* dates of people are translated by gettext, those of formats never */
    /* Without it every time that is shown looks at the zone's file again. */
    setenv("TZ", ":/etc/localtime", 0);
}

/* Finds the translations: BUREAU_LOCALEDIR, beside a program that is not installed, installed. */
static void init_messages(void)
{
    const char *dir = getenv("BUREAU_LOCALEDIR");
    char exe[4096];
    ssize_t n = dir && *dir ? 0 : readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *beside = NULL;
    if (n > 0) {
        exe[n] = '\0';
        char *slash = strrchr(exe, '/');
        if (slash)
            *slash = '\0';
        beside = str_format("%s/po/locale", exe);
    }
    if (beside && access(beside, R_OK) == 0)
        dir = beside;
    i18n_start(dir && *dir ? dir : LOCALEDIR);
    free(beside);
}

/* Nobody else sees our files, no memory ends in a core file, 0-2 are open, a closed pipe is an
 * error and no death. */
static void init_process(void)
{
    struct rlimit none = {0, 0};
    umask(077);
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGPIPE, SIG_IGN);
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_WRONLY : O_RDONLY) < 0)
            _exit(1);
}

/* Prints what is wrong in bureaurc. */
static void print_faults(const struct command_globals *g)
{
    const struct vec *faults = config_faults();
    for (size_t i = 0; i < faults->len && !g->quiet; i++) {
        const struct config_fault *f = vec_at(faults, i);
        fprintf(stderr, "bureau: %s:%d:%d: %s\n", f->file, f->line, f->column, f->error.text);
        if (*f->error.hint)
            fprintf(stderr, _("hint: %s\n"), f->error.hint);
    }
}

/* Opens the places of this run and reads the config. */
const struct paths *app_open(const struct command_globals *g, struct error *err)
{
    if (app.open)
        return &app.paths;
    const char *now = getenv("BUREAU_NOW");
    int64_t ignored;
    if (now && *now && !clock_parse(now, &ignored)) {
        error_set(err, STATUS_USAGE, _("BUREAU_NOW is no time: %s"), now);
        error_hint(err, _("write it as 2026-11-24T09:30:00+01:00"));
        return NULL;
    }
    if (paths_init(&app.paths, g->home, err) != STATUS_OK)
        return NULL;
    app.open = true;
    char *log = path_join(app.paths.state, "log");
    log_set_debug(g->debug);
    log_open(log);
    free(log);
    if (config_load(app.paths.config, err) != STATUS_OK)
        return NULL;
    print_faults(g);
    return &app.paths;
}

/* The places of this run. */
const struct paths *app_paths(void)
{
    return app.open ? &app.paths : NULL;
}

/* Closes them. */
void app_close(void)
{
    config_clear();
    log_close();
    if (app.open)
        paths_fini(&app.paths);
    app.open = false;
}

/* Prints help: of a command, of a family, of the program. */
static int print_help(const struct command_line *line)
{
    struct str s = STR_INIT;
    if (line->row)
        docs_help(line->row, &s);
    else if (line->args.len)
        docs_family(strv_at(&line->args, 0), &s);
    else
        docs_help(NULL, &s);
    fputs(str_text(&s), stdout);
    str_fini(&s);
    return fflush(stdout) == 0 ? 0 : 1;
}

/* Bare `bureau`: the full screen, which needs a terminal. */
static int run_screen(const struct command_globals *g, bool setup)
{
    struct error err = ERROR_INIT;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        (void)error_set(&err, STATUS_USAGE, _("the full screen needs a terminal"));
        (void)error_hint(&err, _("say what to do, as in “bureau search invoice”; “bureau help” lists all"));
        return batch_error(&err, g->json);
    }
    return session_run(g, NULL, setup);
}

/* Runs what the line asks for. */
static int run(struct command_line *line)
{
    struct error err = ERROR_INIT;
    const struct command_globals *g = &line->globals;
    if (g->help)
        return print_help(line);
    if (g->version) {
        printf("bureau %s\n", PACKAGE_VERSION);
        return 0;
    }
    if (g->dump)
        return docs_dump(g->dump, stdout, &err) == STATUS_OK ? 0 : batch_error(&err, g->json);
    if (line->row && app.link && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return session_run(g, app.link, false);
    bool setup = line->row && str_eq(line->row->name, "setup") && !line->args.len && !line->options.len;
    if (setup && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) /* its questions are a pane */
        return run_screen(g, true);
    return line->row ? batch_run(line) : run_screen(g, false);
}

/* `bureau mailto:…`, as a browser calls the mail program: `compose` goes in front of the link. The
 * screen opens with the draft; without a terminal the draft is made. Gives the arguments to parse. */
static char **take_link(int argc, char *argv[], char **copy)
{
    int at = 0;
    for (int i = 0; i < argc && !at; i++)
        if (mailto_is(argv[i]))
            at = i + 1;
    bool first = at > 0;
    for (int i = 0; first && i < at - 1; i++) /* options may stand before it, no command */
        first = argv[i][0] == '-' || (i > 0 && str_eq(argv[i - 1], "--home"));
    if (!first)
        return argv;
    for (int i = 0; i < argc; i++)
        copy[i + (i >= at - 1)] = argv[i];
    copy[at - 1] = (char *)"compose";
    copy[argc + 1] = NULL;
    app.link = argv[at - 1];
    return copy;
}

/* The program. */
int main(int argc, char *argv[])
{
    struct command_line line;
    struct error err = ERROR_INIT;
    init_process();
    init_locale();
    init_messages();
    features_register();
    command_line_init(&line);
    char **copy = mem_array((size_t)argc + 2, sizeof *copy);
    char **args = take_link(argc - 1, argv + 1, copy);
    int code = command_parse_argv(argc - 1 + (args == copy), args, &line, &err) == STATUS_OK
                   ? run(&line)
                   : batch_error(&err, line.globals.json);
    command_line_fini(&line);
    free(copy);
    app_close();
    return code;
}
