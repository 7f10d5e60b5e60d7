/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo.c - shows the program on a throw-away copy of the sample office.
 *
 * The copy lies in a private temporary folder; every step is this program again, run with --home on
 * it, so that the demo can do nothing that a user could not do by hand, and never sees the user's
 * own office. Offline unless --model names one. The folder is removed at the end. */
#include "app/demo.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/demo_copy.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "command/config.h"
#include "io/child.h"

extern char **environ;

enum { ARGS_MAX = 24, CAPTURE_MAX = 64 * 1024 };

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
enum { STOPS = sizeof stops / sizeof *stops };

struct demo {
    struct command_call *call; /* borrow */
    char *dir, *home;          /* own: the temporary folder, the office in it */
    const char *model;         /* borrow; NULL: offline */
    bool json;
    int code;
};

static volatile sig_atomic_t stopped; /* the signal that ends the demo; 0 none */
static volatile pid_t step_pid;       /* the step that runs; 0 none */

/* SIGINT, SIGTERM, SIGHUP: no further step. What a terminal sends reaches the step by itself; what
 * another program sends to us alone is passed on. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    (void)context;
    stopped = number;
    if (step_pid > 0 && info->si_code <= 0)
        kill(step_pid, number);
    errno = saved;
}

/* Puts the words of one step together; the office and the way of answering come first. */
static void make_argv(const struct demo *d, const char *const *words, bool json, const char **argv)
{
    size_t n = 0;
    argv[n++] = "bureau";
    argv[n++] = "--home";
    argv[n++] = d->home;
    argv[n++] = "--yes";
    if (!d->model)
        argv[n++] = "--offline";
    if (json)
        argv[n++] = "--json";
    for (size_t i = 0; words && words[i] && n < ARGS_MAX - 1; i++)
        argv[n++] = words[i];
    argv[n] = NULL;
}

/* Runs one step with our own terminal; its exit status. */
static int run_step(const struct demo *d, const char *const *words)
{
    const char *argv[ARGS_MAX];
    pid_t pid;
    int status = 0, failed = 0;
    posix_spawnattr_t attr;
    sigset_t ours, before;
    make_argv(d, words, d->json, argv);
    fflush(stdout);
    sigemptyset(&ours);
    for (size_t i = 0; i < STOPS; i++)
        sigaddset(&ours, stops[i]);
    sigprocmask(SIG_BLOCK, &ours, &before); /* a signal comes before the step is there, or to it */
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &before);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    /* posix_spawn takes char *const[] and writes to none of them. */
    if (!stopped)
        failed = posix_spawn(&pid, "/proc/self/exe", NULL, &attr, (char *const *)(uintptr_t)argv, environ);
    step_pid = failed || stopped ? 0 : pid;
    posix_spawnattr_destroy(&attr);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (!step_pid)
        return failed ? 1 : 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    step_pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first word that a step prints; "" when it prints nothing. Yours. */
static char *first_word(const struct demo *d, const char *const *words)
{
    const char *argv[ARGS_MAX];
    struct str out = STR_INIT;
    struct error err = ERROR_INIT;
    char *self[ARGS_MAX];
    size_t n = 0;
    if (stopped)
        return str_take(&out);
    make_argv(d, words, false, argv);
    for (; argv[n]; n++)
        self[n] = mem_strdup(n ? argv[n] : "/proc/self/exe");
    self[n] = NULL;
    if (child_capture(self, CAPTURE_MAX, 30000, &out, &err) != STATUS_OK)
        str_clear(&out);
    for (size_t i = 0; i < n; i++)
        free(self[i]);
    str_truncate(&out, strcspn(str_text(&out), " \t\r\n"));
    return str_take(&out);
}

/* A heading between the steps; none in JSON. */
static void heading(const struct demo *d, const char *text)
{
    if (!d->json && !stopped)
        printf("\n== %s\n", text);
    fflush(stdout);
}

/* Runs a step and remembers the first failure. */
static void step(struct demo *d, const char *title, const char *const *words)
{
    heading(d, title);
    int code = run_step(d, words);
    if (code != 0 && d->code == 0)
        d->code = code;
}

/* The lines of bureaurc; the user's own line of the named model is carried over. */
static enum status write_config(const struct demo *d, struct error *err)
{
    struct str text = STR_INIT;
    char *path = path_join(d->home, "bureaurc");
    str_puts(&text, "set me anna@example.com\n");
    /* What is sent is held, can be taken back, and then goes nowhere. */
    str_addf(&text, "account work from \"Anna Li <anna@example.com>\" maildir \"%s/mail\" sendmail true;\n", d->dir);
    const struct config_model *m = d->model ? config_model(d->model) : NULL;
    if (m) {
        str_addf(&text, "model \"%s\" url \"%s\"", m->name, m->url ? m->url : "");
        if (m->model_name)
            str_addf(&text, " name \"%s\"", m->model_name);
        if (m->key_env)
            str_addf(&text, " key-env \"%s\"", m->key_env);
        for (size_t i = 0; i < m->key_command.len; i++)
            str_addf(&text, "%s\"%s\"", i ? " " : " key-command ", strv_at(&m->key_command, i));
        str_putc(&text, '\n');
    }
    enum status st = path_write_new(path, str_text(&text), text.len, err);
    str_fini(&text);
    free(path);
    return st;
}

/* Makes the temporary folder with the copied office. */
static enum status prepare(struct demo *d, struct error *err)
{
    const char *tmp = getenv("TMPDIR");
    char *from = demo_find();
    enum status st = STATUS_OK;
    if (d->model && !config_model(d->model) && !getenv("OPENAI_BASE_URL") && !getenv("OPENAI_API_KEY")) {
        free(from);
        error_set(err, STATUS_NO_SUCH, _("There is no model “%s”"), d->model);
        return error_hint(err, _("“bureau model list” shows those of your bureaurc"));
    }
    d->dir = str_format("%s/bureau-demo.XXXXXX", tmp && *tmp ? tmp : P_tmpdir);
    if (!from) {
        error_set(err, STATUS_NO_SUCH, _("The sample office was not found"));
        st = error_hint(err, _("Set BUREAU_DATA to the data folder of bureau"));
    } else if (!mkdtemp(d->dir)) {
        st = error_set_errno(err, errno, _("Cannot make %s"), d->dir);
        free(d->dir);
        d->dir = NULL;
    } else {
        d->home = path_join(d->dir, "home");
        st = path_make_dir(d->home, err);
        if (st == STATUS_OK)
            st = demo_copy(from, d->dir, clock_now(), err);
        if (st == STATUS_OK)
            st = write_config(d, err);
    }
    free(from);
    return st;
}

/* Brings mail, meetings and notes into the office. */
static void import_all(struct demo *d)
{
    char *mail = path_join(d->dir, "mail"), *notes = path_join(d->dir, "notes");
    char *teams = str_format("%s/meetings/2-weekly-haitian.teams.vtt", d->dir);
    char *zoom = str_format("%s/meetings/5-acme-call.zoom.vtt", d->dir);
    char day2[CLOCK_TEXT], day5[CLOCK_TEXT];
    clock_day(clock_day_start(clock_now(), -2), day2);
    clock_day(clock_day_start(clock_now(), -5), day5);
    step(d, _("import: sixty mails, two meetings, a page of knowledge"),
         (const char *[]){"import", "--account", "work", mail, NULL});
    int before = d->code;
    run_step(d, (const char *[]){"import", "--as", "note", "--quiet", notes, NULL});
    run_step(d, (const char *[]){"meet", "import", teams, "--title", "Weekly Haitian", "--date", day2, "--quiet", NULL});
    run_step(d, (const char *[]){"meet", "import", zoom, "--title", "Acme, ticket 4411", "--date", day5, "--quiet", NULL});
    d->code = before;
    free(mail);
    free(notes);
    free(teams);
    free(zoom);
}

/* The main job from end to end, printed. */
static void run_plain(struct demo *d)
{
    import_all(d);
    step(d, _("triage: lane, what is due, and why"), (const char *[]){"triage", NULL});
    char *quote = first_word(d, (const char *[]){"search", "--output", "threads", "from:li.na subject:Q3", NULL});
    char *meeting = first_word(d, (const char *[]){"search", "--output", "ids", "--kind", "transcript", "Haitian clause", NULL});
    size_t cut = strcspn(meeting, "@");
    meeting[cut] = 0;
    heading(d, _("reply: drafted for a person to read; nothing is sent"));
    if (d->model)
        d->code |= run_step(d, (const char *[]){"reply", quote, "--say", "确认总价 48,200 元，交货地点仍为苏州仓库", "--model", d->model, NULL});
    else
        d->code |= run_step(d, (const char *[]){"reply", quote, NULL});
    step(d, _("minutes: each line with the moment it comes from"), (const char *[]){"meet", "minutes", meeting, NULL});
    step(d, _("ask: what did we promise Acme about the pallet?"),
         (const char *[]){"ask", "--sources", "What did we promise Acme about the pallet?", NULL});
    free(quote);
    free(meeting);
}

/* The full screen on the copy; imports are done before it opens. */
static void run_screen(struct demo *d)
{
    import_all(d);
    /* The first look does not wait for a model; with one the screen sorts again as it is allowed. */
    free(first_word(d, (const char *[]){"triage", "--offline", NULL})); /* its list belongs to the plain run */
    d->code = run_step(d, NULL);
    if (!stopped)
        puts(_("That was a copy, and it is gone. `bureau setup` makes your own office."));
}

/* A signal ends the step that runs and all that would follow; the demo itself must live to clean up. */
static enum command_result run_demo(struct command_call *c)
{
    struct demo d = {.call = c, .model = command_value(c, "model"), .json = command_is_json(c)};
    struct error err = ERROR_INIT;
    struct sigaction ours = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO}, saved[STOPS];
    bool plain = command_has(c, "plain") || d.json || !command_is_terminal(c) || !isatty(STDIN_FILENO);
    sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &ours, &saved[i]);
    if (prepare(&d, &err) != STATUS_OK)
        command_fail(c, &err);
    else if (plain)
        run_plain(&d);
    else
        run_screen(&d);
    if (d.dir)
        demo_remove(d.dir);
    for (size_t i = 0; i < STOPS; i++)
        sigaction(stops[i], &saved[i], NULL);
    if (stopped && plain)
        d.code = 130;
    if (d.code != 0)
        command_exit(c, d.code);
    free(d.dir);
    free(d.home);
    return COMMAND_DONE;
}

static const struct command_option demo_options[] = {
    {.name = "plain", .summary = N_("Print the main job's results instead of opening the screen")},
    {.name = "model", .value = "NAME", .summary = N_("Let this model write; without it the demo is offline"), .complete = "model"},
    {0},
};

const struct command demo_commands[] = {
    {.name = "demo",
     .args = "",
     .summary = N_("Show bureau on a throw-away copy of a sample office"),
     .help = N_("Copies the sample office to a temporary folder, its days moved to today, and opens the screen on it. "
                "Your own office is never touched, nothing goes to the network unless --model names a model, and the copy is removed when "
                "you leave. Without a terminal, or with --plain, it runs the main job and prints what it did: import, triage with "
                "lane and reason of each thread, one drafted reply with its checks, the minutes of a meeting, one answered question."),
     .flags = CMD_NO_STORE | CMD_BATCH_ONLY,
     .options = demo_options,
     .run = run_demo},
    {0},
};
