/* SPDX-License-Identifier: GPL-3.0-or-later */
/* setup_pane.c - the first start: three questions, a row each, all of which can be skipped.
 *
 * Who you are, where your mail is, which model may help. The answers become lines of bureaurc (a
 * file that exists is never touched: then this pane is not opened), the config is read again and a
 * Maildir or mbox is imported. Local model servers are looked for on loopback only, while the first
 * questions are asked. */
#include "app/setup_pane.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/gate.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/path.h"
#include "command/config.h"
#include "io/http.h"
#include "store/store.h"
#include "tui/canvas.h"
#include "tui/pane.h"

enum step { STEP_ME, STEP_MAIL, STEP_MODEL, STEP_KEY, STEP_DONE };

/* Servers that people run on their own machine, by the ports of their manuals. */
static const struct {
    const char *name;
    int port;
} local_servers[] = {{"Ollama", 11434}, {"llama.cpp", 8080}, {"LM Studio", 1234}, {"vLLM", 8000}};
enum { LOCAL_SERVERS = sizeof local_servers / sizeof *local_servers, BODY_MAX = 256 * 1024 };

struct probe {
    struct setup *setup; /* borrow; NULL once the pane is gone */
    struct http *http;
    int server;
    struct str body;
};

struct setup {
    struct pane *pane; /* borrow */
    enum step step;
    char *from, *address, *mail, *model_url, *model_name; /* own; NULL: skipped */
    char *key_env;
    bool is_maildir;
    struct probe *probes[LOCAL_SERVERS]; /* own while they run */
    char *found_url, *found_model;       /* own: the first local model that answered */
    const char *found_server;
};

static void ask_step(struct setup *s);

/* Takes the first model of a server's list. */
static void on_probe_done(void *user, struct http *h, const struct http_result *r)
{
    struct probe *p = user;
    struct setup *s = p->setup;
    (void)h;
    if (s) {
        s->probes[p->server] = NULL;
        struct json *list = NULL;
        struct error err = ERROR_INIT;
        if (r->fault == HTTP_DONE && r->code == 200 && !s->found_url &&
            json_parse(str_text(&p->body), p->body.len, &list, &err) == STATUS_OK) {
            const char *id = json_get_text(json_at(json_get(list, "data"), 0), "id");
            if (id) {
                s->found_url = str_format("http://127.0.0.1:%d/v1", local_servers[p->server].port);
                s->found_model = mem_strdup(id);
                s->found_server = local_servers[p->server].name;
                pane_dirty(s->pane);
            }
        }
        json_free(list);
    }
    str_fini(&p->body);
    free(p);
}

/* Collects a bounded answer. */
static void on_probe_data(void *user, const char *bytes, size_t n)
{
    struct probe *p = user;
    if (p->body.len + n <= BODY_MAX)
        str_add(&p->body, bytes, n);
}

/* Asks the usual ports of this machine for their models. */
static void probe_local(struct setup *s)
{
    static const struct http_events events = {.on_data = on_probe_data, .on_done = on_probe_done};
    for (int i = 0; i < LOCAL_SERVERS; i++) {
        struct probe *p = mem_alloc(sizeof *p);
        struct error err = ERROR_INIT;
        char *url = str_format("http://127.0.0.1:%d/v1/models", local_servers[i].port);
        struct http_request req = {.url = url, .connect_timeout_ms = 500, .total_timeout_ms = 1500};
        p->setup = s;
        p->server = i;
        s->probes[i] = p;
        p->http = http_start(pane_loop(s->pane), &req, &events, p, &err);
        if (!p->http) {
            s->probes[i] = NULL;
            free(p);
        }
        free(url);
    }
}

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Does the folder look like a Maildir? */
static bool is_maildir(const char *path)
{
    char *cur = path_join(path, "cur"), *new = path_join(path, "new");
    bool yes = is_dir(cur) && is_dir(new);
    free(cur);
    free(new);
    return yes;
}

/* The real name that the system keeps of this user; "" when it is only the login. Yours. */
static char *system_name(void)
{
    const struct passwd *p = getpwuid(getuid());
    const char *gecos = p && p->pw_gecos ? p->pw_gecos : "";
    char *name = mem_strndup(gecos, strcspn(gecos, ","));
    if (p && (str_eq(name, p->pw_name) || str_eq(name, "root")))
        *name = '\0';
    return name;
}

/* A value as bureaurc quotes it. */
static void add_quoted(struct str *out, const char *text)
{
    str_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_putc(out, '\\');
        if ((unsigned char)*text >= ' ')
            str_putc(out, *text);
    }
    str_putc(out, '"');
}

/* The lines of bureaurc that the answers make. */
static char *config_text(const struct setup *s)
{
    struct str out = STR_INIT;
    str_puts(&out, _("# Made by the first start. `man bureaurc` explains every line.\n"));
    if (s->address) {
        str_puts(&out, "set me ");
        add_quoted(&out, s->address);
        str_putc(&out, '\n');
    }
    if (s->from || s->is_maildir) {
        str_puts(&out, "account home");
        if (s->from) {
            str_puts(&out, " from ");
            add_quoted(&out, s->from);
        }
        if (s->is_maildir) {
            str_puts(&out, " maildir ");
            add_quoted(&out, s->mail);
        }
        str_putc(&out, '\n');
    }
    if (s->model_url) {
        str_puts(&out, "model main url ");
        add_quoted(&out, s->model_url);
        if (s->model_name) {
            str_puts(&out, " name ");
            add_quoted(&out, s->model_name);
        }
        if (s->key_env) {
            str_puts(&out, " key-env ");
            add_quoted(&out, s->key_env);
        }
        str_putc(&out, '\n');
    }
    return str_take(&out);
}

/* Writes and reads the config, starts the import, and makes room for the inbox. */
static void finish(struct setup *s)
{
    struct pane *pane = s->pane;
    const char *path = store_paths(pane_store(pane))->config;
    char *text = config_text(s);
    struct error err = ERROR_INIT;
    s->step = STEP_DONE;
    if (path_write_new(path, text, strlen(text), &err) != STATUS_OK || config_load(path, &err) != STATUS_OK) {
        pane_error(pane, &err);
    } else {
        pane_say(pane, _("Wrote %s"), path);
        if (s->mail) {
            struct str line = STR_INIT;
            str_puts(&line, "import ");
            if (s->is_maildir)
                str_puts(&line, "--account home ");
            add_quoted(&line, s->mail);
            pane_run(pane_below(pane) ? pane_below(pane) : pane, str_text(&line));
            str_fini(&line);
        }
    }
    free(text);
    pane_close(pane);
}

/* "Anna Li <anna@example.com>" or a bare address; false when there is none in it. */
static bool take_me(struct setup *s, const char *answer)
{
    const char *open = strrchr(answer, '<'), *close = open ? strchr(open, '>') : NULL;
    char *address = open && close ? mem_strndup(open + 1, (size_t)(close - open - 1)) : mem_strdup(answer);
    str_trim(address);
    const char *at = strchr(address, '@');
    bool good = at && at != address && at[1] && !strpbrk(address, " \t,;<>\"");
    if (good) {
        s->from = mem_strdup(answer);
        s->address = address;
    } else {
        free(address);
    }
    return good;
}

/* An existing path; false when nothing is there. */
static bool take_mail(struct setup *s, const char *answer)
{
    char *path = path_expand(answer);
    if (access(path, R_OK) != 0) {
        free(path);
        return false;
    }
    s->is_maildir = is_maildir(path);
    s->mail = path;
    return true;
}

static bool is_loopback(const char *url)
{
    return strstr(url, "://127.") || strstr(url, "://localhost") || strstr(url, "://[::1]");
}

/* One answer; NULL or "" skips the question. */
static void on_answer(void *state, const char *answer)
{
    struct setup *s = state;
    char *text = str_trim(mem_strdup(answer ? answer : ""));
    bool good = true;
    if (s->step == STEP_ME && *text)
        good = take_me(s, text);
    else if (s->step == STEP_MAIL && *text)
        good = take_mail(s, text);
    else if (s->step == STEP_MODEL && *text) {
        good = str_starts(text, "http://") || str_starts(text, "https://");
        if (good) {
            s->model_url = mem_strdup(text);
            if (s->found_url && str_eq(s->found_url, text))
                s->model_name = mem_strdup(s->found_model);
        }
    } else if (s->step == STEP_KEY && *text)
        s->key_env = mem_strdup(text);
    if (!good) {
        pane_say(s->pane, s->step == STEP_ME   ? _("That is no address. Like this: Anna Li <anna@example.com>")
                          : s->step == STEP_MAIL ? _("Nothing can be read there; a Maildir, an mbox or a folder of mails")
                                                 : _("An address begins with http:// or https://"));
    } else {
        s->step++;
        if (s->step == STEP_KEY && (!s->model_url || is_loopback(s->model_url)))
            s->step++;
    }
    free(text);
    pane_dirty(s->pane);
    if (s->step == STEP_DONE)
        finish(s);
    else
        ask_step(s);
}

/* "~/Maildir" when it is one, as a person would type it; NULL when there is none. Yours. */
static char *default_maildir(void)
{
    char *path = path_expand("~/Maildir");
    bool yes = is_maildir(path);
    free(path);
    return yes ? mem_strdup("~/Maildir") : NULL;
}

/* Puts the question of the step into the hint row. */
static void ask_step(struct setup *s)
{
    struct pane_question q = {.on_answer = on_answer};
    char *initial = NULL;
    switch (s->step) {
    case STEP_ME: {
        char *name = system_name();
        q.prompt = _("your name and address:");
        initial = *name ? str_format("%s <", name) : NULL;
        free(name);
        break;
    }
    case STEP_MAIL:
        q.prompt = _("your mail (Maildir, mbox, folder):");
        q.complete = "import ";
        initial = default_maildir();
        break;
    case STEP_MODEL:
        q.prompt = _("a model's address:");
        initial = mem_strdup_maybe(s->found_url);
        break;
    case STEP_KEY:
        q.prompt = _("environment variable with its key:");
        initial = mem_strdup("OPENAI_API_KEY");
        break;
    case STEP_DONE:
        return;
    }
    q.hint = _("Enter goes on, empty skips");
    q.initial = initial;
    pane_ask(s->pane, &q);
    free(initial);
}

static void *setup_new(struct pane *p, const char *arg)
{
    (void)arg;
    struct setup *s = mem_alloc(sizeof *s);
    s->pane = p;
    return s;
}

/* The questions begin once the pane has the focus: it must be open before it may ask. */
static void setup_focus(void *state, bool on)
{
    struct setup *s = state;
    if (on && s->step == STEP_ME && !s->probes[0] && !s->found_url) {
        probe_local(s);
        ask_step(s);
    }
}

static void setup_free(void *state)
{
    struct setup *s = state;
    for (int i = 0; i < LOCAL_SERVERS; i++) {
        if (s->probes[i]) {
            s->probes[i]->setup = NULL;
            http_cancel(s->probes[i]->http);
        }
    }
    free(s->from);
    free(s->address);
    free(s->mail);
    free(s->model_url);
    free(s->model_name);
    free(s->key_env);
    free(s->found_url);
    free(s->found_model);
    free(s);
}

/* One line of the page: what was answered, or what will be asked. */
static void draw_step(struct canvas *c, int row, bool now, const char *title, const char *answer)
{
    canvas_text(c, row, 1, STYLE_PLAIN, now ? ">" : " ");
    canvas_column(c, row, 3, 16, now ? STYLE_BOLD : STYLE_PLAIN, CUT_END, title);
    canvas_foreign(c, row, 20, STYLE_DIM, answer ? answer : "");
}

static void setup_draw(void *state, struct canvas *c, bool focused)
{
    struct setup *s = state;
    (void)focused;
    canvas_clear(c);
    canvas_text(c, 1, 1, STYLE_BOLD, _("Welcome to bureau."));
    canvas_text(c, 2, 1, STYLE_PLAIN, _("Three questions, each may be left empty. The answers go to:"));
    canvas_foreign(c, 3, 3, STYLE_DIM, store_paths(pane_store(s->pane))->config);
    draw_step(c, 5, s->step == STEP_ME, _("You"), s->from);
    draw_step(c, 6, s->step == STEP_MAIL, _("Your mail"), s->mail);
    draw_step(c, 7, s->step >= STEP_MODEL, _("A model"), s->model_url);
    if (s->found_url) {
        char *text = str_format(_("Found on this machine: %s at %s"), s->found_model, s->found_url);
        canvas_foreign(c, 9, 1, STYLE_GOOD, text);
        free(text);
    } else {
        canvas_text(c, 9, 1, STYLE_DIM, _("Without a model everything works too: templates, your own answers, rules."));
    }
    canvas_text(c, 11, 1, STYLE_DIM, _("Nothing leaves this machine before you say so."));
}

static void setup_why(void *state, struct str *out)
{
    const struct setup *s = state;
    if (s->step == STEP_ME)
        str_puts(out, _("Like this: Anna Li <anna@example.com>. Mail from this address counts as yours."));
    else if (s->step == STEP_MAIL)
        str_puts(out, _("A Maildir is followed, flags are written back; others are read once."));
    else if (s->step == STEP_MODEL)
        str_puts(out, _("Any OpenAI-compatible address, as https://api.example.com/v1"));
    else
        str_puts(out, _("The key itself never stands in a file of bureau."));
}

bool setup_is_wanted(const struct paths *paths)
{
    return access(paths->config, F_OK) != 0 && config_accounts()->len == 0;
}

const struct pane_ops setup_pane = {
    .name = "setup",
    .title = N_("First start"),
    .new_state = setup_new,
    .free = setup_free,
    .draw = setup_draw,
    .focus = setup_focus,
    .why = setup_why,
};
