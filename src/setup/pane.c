/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pane.c - setup on the screen: a question a row, each of which can be left empty.
 *
 * Who you are, where your mail is, how to sign in there, which model may help. It is opened by the first start and by
 * `setup`. Between the questions stand two steps without one: the servers are looked for, the logins are
 * tried; C-c ends both. Local model servers are looked for on loopback only, meanwhile. Nothing is
 * written before the end (pane_finish.c), but an OAuth token, which goes again when the pane does. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "mail/secret.h"
#include "setup/inside.h"
#include "setup/pane_inside.h"
#include "setup/setup.h"
#include "setup/write.h"
#include "store/store.h"
#include "tui/tui.h"

static void go(struct setup *s, enum step step);
static bool go_back(struct setup *s);

static const struct paths *paths_of(const struct setup *s)
{
    return store_paths(pane_store(s->pane));
}

/* Puts a text into the place of another. */
static void set(char **to, const char *text)
{
    char *copy = mem_strdup_maybe(text && *text ? text : NULL);
    free(*to);
    *to = copy;
}

/* ---- what lies on this machine ---- */

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

/* "~/Maildir" when it is one, as a person would type it; NULL when there is none. Yours. */
static char *default_maildir(void)
{
    char *path = path_expand("~/Maildir");
    bool yes = is_maildir(path);
    free(path);
    return yes ? mem_strdup("~/Maildir") : NULL;
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

/* A local model answered. */
static void on_model(void *user, const char *url, const char *model)
{
    struct setup *s = user;
    set(&s->found_url, url);
    set(&s->found_model, model);
    pane_dirty(s->pane);
}

/* ---- steps without a question ---- */

/* The search is over. */
static void on_found(void *user, const struct setup_servers *found)
{
    struct setup *s = user;
    s->discover = NULL;
    setup_servers_fini(&s->found);
    s->found = (struct setup_servers){.imap = mem_strdup_maybe(found->imap),
                                      .smtp = mem_strdup_maybe(found->smtp),
                                      .user = mem_strdup_maybe(found->user),
                                      .oauth = mem_strdup_maybe(found->oauth),
                                      .oauth_authorize = mem_strdup_maybe(found->oauth_authorize),
                                      .oauth_token = mem_strdup_maybe(found->oauth_token),
                                      .oauth_scope = mem_strdup_maybe(found->oauth_scope),
                                      .imap_from = mem_strdup_maybe(found->imap_from),
                                      .smtp_from = mem_strdup_maybe(found->smtp_from),
                                      .imap_doubt = found->imap_doubt,
                                      .smtp_doubt = found->smtp_doubt,
                                      .hint = found->hint};
    go(s, STEP_MAIL);
}

/* Looks for the servers of the address. */
static void find(struct setup *s)
{
    struct error err = ERROR_INIT;
    s->discover = setup_discover_start(pane_loop(s->pane), s->address, false, on_found, s, &err);
    if (!s->discover)
        go(s, STEP_MAIL);
}

/* The logins were tried. */
static void on_checked(void *user, const struct setup_check_result *r)
{
    struct setup *s = user;
    const struct error *wrong = setup_check_error(r);
    s->check = NULL;
    s->tested = wrong == NULL;
    s->fault = wrong ? *wrong : ERROR_INIT;
    s->pin[0] = '\0';
    if (wrong && wrong->untrusted) {
        enum setup_part part = (enum setup_part)(wrong - r->errors);
        memcpy(s->pin, r->pins[part], sizeof s->pin);
        if (*s->pin)
            (void)error_hint(&s->fault, _("Only if this is your own server's key, trust it. %s SHA-256: %s"),
                             part == SETUP_SMTP ? s->a.smtp : s->a.imap, s->pin);
    } else if (wrong && wrong->status == STATUS_REFUSED && !s->signed_in)
        (void)error_hint(&s->fault, "%s", s->found.hint ? s->found.hint
                                                        : _("wrong user or password; many providers want an app password"));
    go(s, wrong ? STEP_FAULT : STEP_MODEL);
}

/* Tries them. */
static void test(struct setup *s)
{
    if (!s->has_secret && !s->signed_in) {
        go(s, STEP_MODEL);
        return;
    }
    s->check = setup_check_start(pane_loop(s->pane), paths_of(s), &s->a, s->has_secret ? str_text(&s->secret) : NULL,
                                 on_checked, s);
}

/* ---- OAuth ---- */

/* A page is to be visited. */
static void on_visit(void *user, const char *url, const char *code)
{
    struct setup *s = user;
    set(&s->visit_url, url);
    set(&s->visit_code, code);
    go(s, STEP_VISIT);
}

/* Signed in, or not. */
static void on_signed(void *user, const struct error *err)
{
    struct setup *s = user;
    s->signin = NULL;
    s->signed_in = !error_is(err);
    s->fault = *err;
    go(s, s->signed_in ? STEP_TEST : STEP_FAULT);
}

/* Begins the sign-in. */
static void sign_in(struct setup *s)
{
    static const struct setup_signin_events events = {on_visit, on_signed};
    set(&s->visit_url, NULL);
    set(&s->visit_code, NULL);
    s->step = STEP_VISIT;
    s->fault = ERROR_INIT;
    if (!s->client_secret.len ||
        mail_secret_write(paths_of(s), s->a.name, "client", str_text(&s->client_secret), &s->fault) == STATUS_OK)
        s->signin = setup_signin_start(pane_loop(s->pane), paths_of(s), &s->a, s->device, &events, s, &s->fault);
    if (!s->signin)
        go(s, STEP_FAULT);
    pane_dirty(s->pane);
}

/* ---- answers ---- */

/* "Anna Li <anna@example.com>" or a bare address; false when there is none in it. */
static bool take_me(struct setup *s, const char *answer)
{
    const char *open = strrchr(answer, '<'), *close = open ? strchr(open, '>') : NULL;
    char *address = open && close ? mem_strndup(open + 1, (size_t)(close - open - 1)) : mem_strdup(answer);
    str_trim(address);
    const char *at = strchr(address, '@');
    bool good = at && at != address && at[1] && !strpbrk(address, " \t,;<>\"");
    if (good) {
        char *name = setup_write_name(address);
        if (s->address && !str_eq(address, s->address)) { /* what was found was another's */
            set(&s->a.imap, NULL);
            set(&s->a.smtp, NULL);
            set(&s->a.user, NULL);
            set(&s->a.pin, NULL);
        }
        set(&s->a.from, answer);
        set(&s->address, address);
        set(&s->a.name, name);
        free(name);
    }
    free(address);
    return good;
}

/* Is a host named alone, without the kind of its address? */
static bool is_bare_host(const char *answer)
{
    return strchr(answer, '.') && !strstr(answer, "://") && !strpbrk(answer, "/ ~@");
}

/* A server's address, or a host alone, which then is taken with TLS; false when it is none, told in err. */
static bool take_server(char **to, const char *answer, const char *tls, const char *plain, struct error *err)
{
    char *url = is_bare_host(answer) ? str_format("%s%s", tls, answer) : mem_strdup(answer);
    bool good = setup_write_server(url, tls, plain, err);
    if (good)
        set(to, url);
    free(url);
    return good;
}

/* A server, as a URL or a host's name alone; an existing path; false when it is neither, told in err. */
static bool take_mail(struct setup *s, const char *answer, struct error *err)
{
    bool same = str_eq(s->a.imap, answer); /* come back to: what was said of sending stays */
    if (strstr(answer, "://") || (access(answer, F_OK) != 0 && is_bare_host(answer))) {
        if (!take_server(&s->a.imap, answer, "imaps://", "imap://", err))
            return false;
    } else {
        char *path = path_expand(answer);
        bool there = access(path, R_OK) == 0;
        if (there) {
            set(&s->a.imap, NULL);
            set(&s->a.maildir, is_maildir(path) ? path : NULL);
            set(&s->a.name, "home");
            set(&s->mail, path);
        }
        free(path);
        return there;
    }
    char *name = s->address ? setup_write_name(s->address) : mem_strdup(s->a.name);
    set(&s->a.name, name);
    set(&s->a.maildir, NULL);
    set(&s->mail, NULL);
    free(name);
    bool ours = str_eq(s->a.imap, s->found.imap);
    if (!same || s->found.smtp)
        set(&s->a.smtp, s->found.smtp);
    if (!same)
        set(&s->a.user, ours ? s->found.user : NULL);
    return true;
}

/* A model's address. */
static bool take_model(struct setup *s, const char *answer)
{
    if (!str_starts(answer, "http://") && !str_starts(answer, "https://"))
        return false;
    set(&s->model_url, answer);
    set(&s->model_name, str_eq(s->found_url, answer) ? s->found_model : NULL);
    return true;
}

static bool is_loopback(const char *url)
{
    return strstr(url, "://127.") || strstr(url, "://localhost") || strstr(url, "://[::1]");
}

/* What is said when an answer is none. */
static const char *complaint(enum step step)
{
    switch (step) {
    case STEP_ME:
        return _("That is no address. Like this: Anna Li <anna@example.com>");
    case STEP_MAIL:
        return _("Neither a server (imaps://…) nor something that can be read: a Maildir, an mbox, a folder of mails");
    default:
        return _("An address begins with http:// or https://");
    }
}

/* Takes a secret for later. */
static void take_secret(struct str *to, const char *text)
{
    str_clear(to);
    str_puts(to, text);
}

/* The address of the page was pasted. */
static void take_pasted(struct setup *s, const char *text)
{
    struct error err = ERROR_INIT;
    if (!*text) {
        setup_signin_cancel(s->signin);
        s->signin = NULL;
        go(s, STEP_HOW);
    } else if (setup_signin_paste(s->signin, text, &err) == STATUS_OK) {
        set(&s->visit_url, NULL);
        pane_dirty(s->pane);
    } else if (err.status == STATUS_USAGE) {
        pane_error(s->pane, &err);
        go(s, STEP_VISIT);
    } else {
        setup_signin_cancel(s->signin);
        s->signin = NULL;
        s->fault = err;
        go(s, STEP_FAULT);
    }
}

/* Where a good answer leads. */
static void advance(struct setup *s, const char *text)
{
    switch (s->step) {
    case STEP_ME:
        go(s, s->address ? STEP_FIND : STEP_MAIL);
        break;
    case STEP_MAIL:
        go(s, !s->a.imap ? STEP_MODEL : s->a.smtp && s->found.smtp && !s->found.smtp_doubt ? STEP_HOW : STEP_SMTP);
        break;
    case STEP_SMTP:
        go(s, STEP_HOW);
        break;
    case STEP_USER:
        set(&s->a.user, str_eq(text, s->address) ? NULL : text);
        go(s, STEP_SECRET);
        break;
    case STEP_SECRET:
        s->has_secret = *text != '\0';
        go(s, s->has_secret ? STEP_TEST : s->again ? STEP_DONE : STEP_MODEL);
        break;
    case STEP_CLIENT:
        if (*text)
            go(s, STEP_CLIENT_SECRET);
        else
            go(s, STEP_SECRET);
        break;
    case STEP_CLIENT_SECRET:
        sign_in(s);
        break;
    case STEP_MODEL:
        go(s, s->model_url && !is_loopback(s->model_url) ? STEP_KEY : STEP_DONE);
        break;
    default:
        go(s, STEP_DONE);
    }
}

/* One answer; NULL or "" leaves the question empty. */
static void on_answer(void *state, const char *answer)
{
    struct setup *s = state;
    if (!answer && s->step != STEP_VISIT && go_back(s))
        return;
    if (!answer && !s->first && (s->step == STEP_ME || s->again)) { /* left, nothing is made */
        pane_close(s->pane);
        return;
    }
    char *text = str_trim(mem_strdup(answer ? answer : ""));
    struct error err = ERROR_INIT;
    bool good = true;
    if (s->step == STEP_VISIT) {
        take_pasted(s, text);
        good = false;
    } else if (s->step == STEP_SECRET) {
        take_secret(&s->secret, answer ? answer : "");
    } else if (s->step == STEP_CLIENT_SECRET) {
        take_secret(&s->client_secret, text);
    } else if (s->step == STEP_CLIENT) {
        set(&s->a.oauth_client, text);
        if (!s->a.oauth && *text)
            set(&s->a.oauth, s->found.oauth ? s->found.oauth : s->a.name);
        if (!s->found.oauth && s->found.oauth_token && *text) {
            set(&s->a.oauth_authorize, s->found.oauth_authorize);
            set(&s->a.oauth_token, s->found.oauth_token);
            set(&s->a.oauth_scope, s->found.oauth_scope);
        }
        if (!*text && !s->again)
            set(&s->a.oauth, NULL);
    } else if (*text) {
        good = s->step == STEP_ME      ? take_me(s, text)
               : s->step == STEP_MAIL  ? take_mail(s, text, &err)
               : s->step == STEP_SMTP  ? take_server(&s->a.smtp, text, "smtps://", "smtp://", &err)
               : s->step == STEP_MODEL ? take_model(s, text)
                                       : true;
        if (s->step == STEP_KEY)
            set(&s->key_env, text);
        if (!good) {
            pane_say(s->pane, "%s", error_is(&err) ? err.text : complaint(s->step));
            go(s, s->step);
        }
    }
    if (good)
        advance(s, text);
    explicit_bzero(text, strlen(text));
    free(text);
}

/* The question of a password's way: whoever names a server by hand may have a login there that is not the address. */
static enum step login_step(const struct setup *s)
{
    return s->again || !s->a.imap || str_eq(s->a.imap, s->found.imap) ? STEP_SECRET : STEP_USER;
}

/* Password or OAuth? */
static void on_how(void *state, int key)
{
    struct setup *s = state;
    if (!key && go_back(s))
        return;
    s->device = key == 'd';
    if (key == 'p')
        go(s, login_step(s));
    else if (key == 'o' || key == 'd')
        go(s, s->a.oauth_client ? STEP_VISIT : STEP_CLIENT);
    else
        go(s, s->again ? STEP_DONE : STEP_MODEL);
}

/* May another login be the cure? */
static bool may_rename(const struct setup *s)
{
    return s->fault.status == STATUS_REFUSED && !s->fault.untrusted && !s->signed_in && !s->again && !s->a.oauth;
}

/* What now, that it failed? */
static void on_fault(void *state, int key)
{
    struct setup *s = state;
    if (!key && go_back(s))
        return;
    if (key == 't' && *s->pin) {
        char *pins = setup_check_add_pin(s->a.pin, s->pin);
        set(&s->a.pin, pins);
        free(pins);
        s->pin[0] = '\0';
        go(s, STEP_TEST);
    } else if (key == 'u' && may_rename(s)) {
        s->has_secret = false;
        go(s, STEP_USER);
    } else if (key == 'a') {
        s->has_secret = s->signed_in = false;
        bool password = s->fault.status == STATUS_REFUSED && !s->fault.untrusted && !s->a.oauth; /* the servers are right */
        go(s, s->again ? STEP_HOW : password ? STEP_SECRET : STEP_MAIL);
    } else if (key == 'w' && !s->again) {
        go(s, STEP_MODEL);
    } else if (s->again) {
        s->has_secret = false;
        pane_close(s->pane);
    } else {
        set(&s->a.imap, NULL);
        set(&s->a.smtp, NULL);
        s->has_secret = s->signed_in = false;
        go(s, STEP_MODEL);
    }
}

/* C-x y while the page waits: its address to the terminal's clipboard. */
static bool on_visit_key(void *state, const char *key, const char *text)
{
    struct setup *s = state;
    (void)text;
    if (str_eq(key, "y") && s->visit_url)
        pane_copy(s->pane, s->visit_url, strlen(s->visit_url));
    return false;
}

/* ---- questions ---- */

/* A guess for the server that sends, from the one that receives. Yours. */
static char *guess_smtp(const struct setup *s)
{
    const char *host = strstr(s->a.imap, "://") + 3;
    size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    bool number = *host == '[' || strspn(host, "0123456789.") == n, bare = !memchr(host, '.', n);
    if (number || bare) /* an address, a name of this network: both lie on it */
        return str_format("smtps://%.*s", (int)n, host);
    if (str_starts(host, "imap.")) {
        host += 5;
        n -= 5;
    }
    return str_format("smtps://smtp.%.*s", (int)n, host);
}

/* Fills the question of a step; initial is yours. */
static char *question(struct setup *s, struct pane_question *q)
{
    char *name, *initial = NULL;
    switch (s->step) {
    case STEP_ME:
        q->prompt = _("your name and address:");
        name = system_name();
        initial = s->a.from ? mem_strdup(s->a.from) : *name ? str_format("%s <", name) : NULL;
        free(name);
        break;
    case STEP_MAIL:
        q->prompt = _("your mail (server, Maildir, mbox):");
        q->complete = "import ";
        initial = s->a.imap ? mem_strdup(s->a.imap) : s->found.imap ? mem_strdup(s->found.imap) : default_maildir();
        break;
    case STEP_SMTP:
        q->prompt = _("the server that sends:");
        initial = s->a.smtp ? mem_strdup(s->a.smtp) : guess_smtp(s);
        break;
    case STEP_USER:
        q->prompt = _("your login there:");
        initial = mem_strdup_maybe(s->a.user ? s->a.user : s->address);
        break;
    case STEP_SECRET:
        q->prompt = _("password:");
        q->secret = true;
        break;
    case STEP_CLIENT:
        q->prompt = _("id of your OAuth client:");
        initial = mem_strdup_maybe(s->a.oauth_client);
        break;
    case STEP_CLIENT_SECRET:
        q->prompt = _("its secret:");
        q->secret = true;
        break;
    case STEP_VISIT:
        q->prompt = _("the address the browser ended on:");
        q->hint = _("C-x y copies the page's address");
        q->on_key = on_visit_key;
        break;
    case STEP_MODEL:
        q->prompt = _("a model's address:");
        initial = mem_strdup_maybe(s->found_url);
        break;
    default:
        q->prompt = _("environment variable with its key:");
        initial = mem_strdup("OPENAI_API_KEY");
    }
    return initial;
}

/* Asks for what the step needs. */
static void ask(struct setup *s)
{
    struct pane_question q = {.on_answer = on_answer, .hint = s->asked_len ? _("Enter goes on, empty skips, Esc goes back")
                                                                           : _("Enter goes on, empty skips")};
    s->open = s->step;
    if (s->step == STEP_HOW) {
        bool device = s->a.oauth_device || str_eq(s->a.oauth ? s->a.oauth : s->found.oauth, "microsoft");
        pane_ask_key(s->pane, device ? _("sign in:  p password  o OAuth in a browser  d OAuth by a code  l later")
                                     : _("sign in:  p password  o OAuth in a browser  l later"),
                     device ? "podl" : "pol", on_how);
    } else if (s->step == STEP_FAULT) {
        bool trust = s->fault.untrusted && *s->pin;
        bool rename = may_rename(s);
        pane_ask_key(s->pane, trust      ? _("t trust this key  a again  w write it all the same  l leave it out")
                              : rename   ? _("a again  u another login  w write it all the same  l leave it out")
                              : s->again ? _("a again  l leave it")
                                         : _("a again  w write it all the same  l leave it out"),
                     trust ? "tawl" : rename ? "auwl" : "awl", on_fault);
    } else {
        char *initial = question(s, &q);
        q.initial = initial;
        pane_ask(s->pane, &q);
        free(initial);
    }
}

/* Is it a question to which one may come back? Not what was refused, and no page of a provider. */
static bool is_question(enum step step)
{
    return step == STEP_ME || step == STEP_MAIL || step == STEP_SMTP || step == STEP_HOW || step == STEP_USER || step == STEP_SECRET || step == STEP_CLIENT ||
           step == STEP_MODEL;
}

/* Back to the question before this one, with its answer; false when this is the first. */
static bool go_back(struct setup *s)
{
    if (!s->asked_len)
        return false;
    enum step step = s->asked[--s->asked_len];
    s->open = STEP_DONE; /* what is left is no answer */
    if (step <= STEP_SECRET) {
        s->has_secret = s->tested = false;
        s->fault = ERROR_INIT;
    }
    go(s, step);
    return true;
}

/* Goes to a step: asks its question, or does what it is for; one that is not needed leads on. */
static void go(struct setup *s, enum step step)
{
    bool oauth = s->found.oauth || s->found.oauth_token || s->a.oauth || s->a.oauth_token;
    if (s->open != step && is_question(s->open) && s->asked_len < sizeof s->asked / sizeof *s->asked)
        s->asked[s->asked_len++] = s->open;
    s->open = STEP_DONE;
    s->step = step;
    pane_dirty(s->pane);
    if (step == STEP_HOW && !oauth)
        go(s, login_step(s));
    else if (step == STEP_FIND)
        find(s);
    else if (step == STEP_VISIT && !s->signin)
        sign_in(s);
    else if (step == STEP_VISIT && s->visit_code)
        return; /* nothing is to be typed here */
    else if (step == STEP_TEST)
        test(s);
    else if (step == STEP_DONE || (step >= STEP_MODEL && !s->first))
        setup_pane_finish(s);
    else
        ask(s);
}

/* ---- the pane ---- */

static void *setup_new(struct pane *p, const char *arg)
{
    const struct config_account *old = config_account(arg);
    struct setup *s = mem_alloc(sizeof *s);
    s->pane = p;
    s->first = setup_is_wanted(store_paths(pane_store(p)));
    s->fault = ERROR_INIT;
    str_reserve(&s->secret, 16 << 10); /* so that no copy of it stays behind */
    if (old) {
        s->again = true;
        config_account_copy(&s->a, old);
        s->address = config_address(old->from ? old->from : "");
        s->step = STEP_HOW;
    } else {
        config_account_init(&s->a, "home");
    }
    s->open = STEP_DONE;
    return s;
}

/* The questions begin once the pane has the focus: it must be open before it may ask. */
static void setup_focus(void *state, bool on)
{
    struct setup *s = state;
    if (!on || s->begun)
        return;
    s->begun = true;
    if (s->first)
        s->models = setup_models_look(pane_loop(s->pane), on_model, s);
    go(s, s->step);
}

/* C-c ends what goes on; Enter asks again what was left. */
static bool setup_verb(void *state, enum pane_verb verb, int arg)
{
    struct setup *s = state;
    (void)arg;
    if (verb == PANE_STOP && s->discover) {
        setup_discover_stop(s->discover);
    } else if (verb == PANE_STOP && (s->check || s->signin)) {
        setup_check_cancel(s->check);
        setup_signin_cancel(s->signin);
        s->check = NULL;
        s->signin = NULL;
        s->fault = ERROR_INIT;
        (void)error_set(&s->fault, STATUS_INTERRUPTED, _("stopped"));
        go(s, STEP_FAULT);
    } else if (verb == PANE_OPEN) {
        if (!s->discover && !s->check && !(s->signin && s->visit_code))
            go(s, s->step);
    } else {
        return false;
    }
    return true;
}

static void setup_free(void *state)
{
    struct setup *s = state;
    struct error ignored = ERROR_INIT;
    setup_models_stop(s->models);
    setup_discover_cancel(s->discover);
    setup_check_cancel(s->check);
    setup_signin_cancel(s->signin);
    if (s->signed_in && !config_account(s->a.name)) { /* its account was not made */
        if (mail_secret_remove(paths_of(s), s->a.name, "token", &ignored) != STATUS_OK)
            pane_error(s->pane, &ignored);
    }
    char *texts[] = {s->address,   s->mail,        s->model_url, s->model_name, s->key_env,
                     s->found_url, s->found_model, s->visit_url, s->visit_code};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        free(texts[i]);
    mail_secret_wipe(&s->secret);
    mail_secret_wipe(&s->client_secret);
    setup_servers_fini(&s->found);
    config_account_fini(&s->a);
    free(s);
}

bool setup_is_wanted(const struct paths *paths)
{
    return access(paths->config, F_OK) != 0 && config_accounts()->len == 0;
}

static const struct pane_ops setup_pane = {
    .name = "setup",
    .title = N_("Set up"),
    .new_state = setup_new,
    .free = setup_free,
    .draw = setup_pane_draw,
    .focus = setup_focus,
    .verb = setup_verb,
    .why = setup_pane_why,
    .hints = setup_pane_hints,
};

const struct pane_ops *const setup_panes[] = {&setup_pane, NULL};

/* `setup` without words, on the screen. */
static void open_pane(struct command_call *c, const char *account)
{
    struct pane *p = tui_focused(tui_of(c));
    if (p && !str_eq(pane_kind(p)->name, "setup"))
        pane_open(p, "setup", account);
}

void setup_screen_register(void)
{
    setup_on_screen(open_pane);
}
