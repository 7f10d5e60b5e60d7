/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands.c - `setup`: finds the servers of an address, asks for what is missing, signs in, tests,
 * writes bureaurc, fetches the newest mail.
 *
 * One step after the other, each ended by a callback: discover → ask for the password, or sign in →
 * test → write → first sync. Until `write` nothing is kept but a token, which goes again when it fails. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "command/config.h"
#include "mail/imap.h"
#include "mail/secret.h"
#include "mail/store.h"
#include "setup/ask.h"
#include "setup/check.h"
#include "setup/discover.h"
#include "setup/first_sync.h"
#include "setup/inside.h"
#include "setup/setup.h"
#include "setup/signin.h"
#include "setup/write.h"

enum { SECRET_MAX = 16 << 10 };

/* One run. */
struct run {
    struct command_call *call;
    struct config_account a; /* what the line of bureaurc will say */
    struct config_account whole; /* with what it says already */
    char *address;           /* own; bare */
    bool again;              /* --login: the account is there, only its secret is new */
    bool known;              /* the account is in bureaurc: its line is continued */
    struct str secret;       /* a password to be stored */
    bool has_secret, tested, token_made, unreached;
    char *imap_from, *smtp_from; /* own: where the servers are from */
    const char *hint;
    struct setup_discover *discover;
    struct setup_ask *ask;
    struct setup_signin *signin;
    struct setup_check *check;
};

static void (*open_screen)(struct command_call *c, const char *account);

/* Who opens the pane. */
void setup_on_screen(void (*open)(struct command_call *c, const char *account))
{
    open_screen = open;
}

static const struct paths *paths_of(const struct run *r)
{
    return store_paths(command_store(r->call));
}

/* Stops what is under way. */
static void stop(struct run *r)
{
    setup_discover_cancel(r->discover);
    setup_ask_cancel(r->ask);
    setup_signin_cancel(r->signin);
    setup_check_cancel(r->check);
    r->discover = NULL;
    r->ask = NULL;
    r->signin = NULL;
    r->check = NULL;
}

/* Releases a run. */
static void run_free(void *state)
{
    struct run *r = state;
    stop(r);
    config_account_fini(&r->a);
    config_account_fini(&r->whole);
    mail_secret_wipe(&r->secret);
    free(r->address);
    free(r->imap_from);
    free(r->smtp_from);
    free(r);
}

/* Ends with an error; a token of an account that was not made goes. */
static void fail(struct run *r, const struct error *err)
{
    struct error ignored = ERROR_INIT;
    if (r->token_made && !r->known && mail_secret_remove(paths_of(r), r->a.name, "token", &ignored) != STATUS_OK)
        command_warn(r->call, "%s", ignored.text);
    command_end(r->call, err);
}

/* The person stops it. */
static void on_cancel(struct command_call *c)
{
    struct run *r = command_state(c);
    struct error err = ERROR_INIT;
    stop(r);
    (void)error_set(&err, STATUS_INTERRUPTED, _("interrupted"));
    fail(r, &err);
}

/* ---- the end ---- */

/* The lines as they will stand in bureaurc. Yours. */
static char *lines_of(const struct run *r)
{
    struct str lines = STR_INIT;
    config_account_print(&r->a, &lines);
    return str_take(&lines);
}

/* The closing object. */
static void tell_result(struct run *r)
{
    bool dry = command_is_dry(r->call);
    char *lines = r->again ? mem_strdup("") : lines_of(r);
    struct json *o = json_object(), *list = json_array();
    struct str text = STR_INIT;
    json_set_str(o, "account", r->whole.name);
    json_set_str(o, "address", r->address);
    json_set_str(o, "imap", r->whole.imap);
    json_set_str(o, "imap_from", r->imap_from);
    json_set_str(o, "smtp", r->whole.smtp);
    json_set_str(o, "smtp_from", r->smtp_from);
    json_set_str(o, "user", r->whole.user);
    json_set_str(o, "oauth", r->whole.oauth);
    json_set_bool(o, "tested", r->tested);
    if (*lines)
        json_push_str(list, str_trim(lines));
    json_set(o, "lines", list);
    if (!dry && !r->again)
        json_set_str(o, "written", paths_of(r)->config);
    if (dry)
        str_puts(&text, lines);
    else if (r->again)
        str_addf(&text, _("%s is signed in"), r->whole.name);
    else
        str_addf(&text, _("%s is set up: %s"), r->whole.name, paths_of(r)->config);
    command_result(r->call, o, str_text(&text));
    str_fini(&text);
    free(lines);
}

/* The newest mail is here, or will be fetched later. */
static void on_synced(void *user, const struct error *err)
{
    struct run *r = user;
    if (error_is(err))
        command_warn(r->call, _("the first mail is not here yet: %s"), err->text);
    tell_result(r);
    command_end(r->call, NULL);
}

/* Writes the secret, then the lines; then the first sync. */
static void write_all(struct run *r)
{
    struct error err = ERROR_INIT;
    enum status s = STATUS_OK;
    if (!command_is_dry(r->call)) {
        char *lines = lines_of(r);
        if (r->has_secret)
            s = mail_secret_write(paths_of(r), r->whole.name, "password", str_text(&r->secret), &err);
        if (s == STATUS_OK && !r->again)
            s = setup_write_lines(paths_of(r)->config, lines, &err);
        if (s == STATUS_OK && !r->again)
            s = config_load(paths_of(r)->config, &err);
        mail_learn_me(command_store(r->call), NULL, NULL); /* whose folders these are, and who I am */
        if (command_is_screen(r->call))
            (void)mail_imap_watch_new(command_store(r->call)); /* its own sync may change nothing that would begin it */
        mail_imap_watch_renew();
        free(lines);
    }
    if (s != STATUS_OK) {
        fail(r, &err);
    } else if (command_is_dry(r->call) || command_is_offline(r->call) || command_has(r->call, "no-sync") ||
               !r->whole.imap || !setup_first_sync(r->call, r->whole.name, on_synced, r)) {
        tell_result(r);
        command_end(r->call, NULL);
    }
}

/* ---- test ---- */

/* The logins were tried. */
static void on_checked(void *user, const struct setup_check_result *result)
{
    struct run *r = user;
    struct error err = ERROR_INIT;
    r->check = NULL;
    const struct error *wrong = setup_check_error(result);
    if (wrong) {
        err = *wrong;
        if (err.status == STATUS_REFUSED) /* of the login: no policy of ours */
            err.status = STATUS_FAILED;
        if (r->hint && err.status == STATUS_FAILED)
            (void)error_hint(&err, "%s", r->hint);
        if (!*err.hint)
            (void)error_hint(&err, _("nothing was written; --no-test writes it all the same"));
        fail(r, &err);
        return;
    }
    r->tested = true;
    if (result->tried[SETUP_IMAP] && !result->has_sent)
        command_note(r->call, _("the server marks no folder as Sent; “sent NAME” in the account's line says which it is"));
    write_all(r);
}

/* Tests the logins, unless that is not wanted or cannot be. */
static void test(struct run *r)
{
    bool can = !command_has(r->call, "no-test") && !command_is_offline(r->call) && !command_is_dry(r->call);
    if (!can || (!r->whole.imap && !r->whole.smtp)) {
        write_all(r);
        return;
    }
    command_progress(r->call, 0, 0, _("logging in"));
    r->check = setup_check_start(command_loop(r->call), paths_of(r), &r->whole,
                                 r->has_secret ? str_text(&r->secret) : NULL, on_checked, r);
}

/* ---- sign in ---- */

/* The person has pasted. */
static void on_pasted(void *user, const char *line);

/* Asks for the address the browser ended on. */
static void ask_paste(struct run *r)
{
    r->ask = setup_ask_line(command_loop(r->call), _("the address the browser ended on:"), false, on_pasted, r);
}

/* A page is to be visited. */
static void on_visit(void *user, const char *url, const char *code)
{
    struct run *r = user;
    if (code) {
        command_note(r->call, _("Open %s and type the code %s"), url, code);
        command_note(r->call, _("Waiting until that is done; C-c stops"));
        return;
    }
    command_note(r->call, _("Open this address in a browser, on any machine, and sign in:"));
    command_note(r->call, "%s", url);
    command_note(r->call, _("The browser ends on a page that cannot be shown: copy its address from the address line."));
    ask_paste(r);
}

/* Signed in, or not. */
static void on_signed(void *user, const struct error *err)
{
    struct run *r = user;
    r->signin = NULL;
    if (error_is(err)) {
        fail(r, err);
        return;
    }
    if (*err->hint)
        command_warn(r->call, "%s", err->hint);
    r->token_made = true;
    test(r);
}

static void on_pasted(void *user, const char *line)
{
    struct run *r = user;
    struct error err = ERROR_INIT;
    r->ask = NULL;
    if (!line) {
        (void)error_set(&err, STATUS_FAILED, _("no address was pasted"));
    } else if (setup_signin_paste(r->signin, line, &err) == STATUS_OK) {
        return;
    } else if (err.status == STATUS_USAGE) {
        command_note(r->call, "%s", err.text);
        ask_paste(r);
        return;
    }
    setup_signin_cancel(r->signin);
    r->signin = NULL;
    fail(r, &err);
}

/* Begins the sign-in. */
static void sign_in(struct run *r)
{
    static const struct setup_signin_events events = {on_visit, on_signed};
    struct error err = ERROR_INIT;
    if (command_is_dry(r->call)) {
        write_all(r);
        return;
    }
    r->signin = setup_signin_start(command_loop(r->call), paths_of(r), &r->whole, command_has(r->call, "device"),
                                   &events, r, &err);
    if (!r->signin)
        fail(r, &err);
}

/* ---- the secret ---- */

/* A password was typed. */
static void on_password(void *user, const char *line)
{
    struct run *r = user;
    struct error err = ERROR_INIT;
    r->ask = NULL;
    if (!line || !*line) {
        (void)error_set(&err, STATUS_USAGE, _("no password was given"));
        (void)error_hint(&err, _("--password-stdin, --password-command CMD, or --oauth PROVIDER --oauth-client ID"));
        fail(r, &err);
        return;
    }
    str_puts(&r->secret, line);
    r->has_secret = true;
    test(r);
}

/* Gets what the account logs in with. */
static void get_secret(struct run *r)
{
    const struct config_account *a = &r->whole;
    if (r->hint)
        command_note(r->call, "%s", r->hint);
    if (a->token_command.len || a->password_command.len) {
        test(r);
    } else if (a->oauth || a->oauth_token) {
        sign_in(r);
    } else if (command_is_dry(r->call) || (command_has(r->call, "no-test") && !command_has(r->call, "password-stdin") &&
                                           !isatty(STDIN_FILENO))) {
        write_all(r);
    } else {
        char *prompt = str_format(_("password of %s:"), a->user ? a->user : r->address);
        r->ask = setup_ask_line(command_loop(r->call), prompt, true, on_password, r);
        free(prompt);
    }
}

/* ---- servers ---- */

/* The account with what its line says already; the new words count over the old. */
static void make_whole(struct run *r)
{
    const struct config_account *old = config_account(r->a.name);
    config_account_fini(&r->whole);
    if (!old) {
        config_account_copy(&r->whole, &r->a);
    } else {
        config_account_copy(&r->whole, old);
        char **to[] = {&r->whole.from,         &r->whole.imap,            &r->whole.smtp,        &r->whole.user,       &r->whole.oauth,
                       &r->whole.oauth_client, &r->whole.oauth_authorize, &r->whole.oauth_token, &r->whole.oauth_scope};
        char *const from[] = {r->a.from,         r->a.imap,            r->a.smtp,        r->a.user,       r->a.oauth,
                              r->a.oauth_client, r->a.oauth_authorize, r->a.oauth_token, r->a.oauth_scope};
        for (size_t i = 0; i < sizeof from / sizeof *from; i++)
            if (from[i]) {
                free(*to[i]);
                *to[i] = mem_strdup(from[i]);
            }
        if (r->a.password_command.len) {
            vec_clear(&r->whole.password_command);
            for (size_t i = 0; i < r->a.password_command.len; i++)
                strv_push(&r->whole.password_command, strv_at(&r->a.password_command, i));
        }
    }
}

/* All servers are known, or the account cannot be made. */
static void have_servers(struct run *r)
{
    struct error err = ERROR_INIT;
    make_whole(r);
    if (!r->whole.imap && !r->whole.maildir) {
        const char *domain = strrchr(r->address, '@') + 1;
        if (r->unreached)
            (void)error_set(&err, STATUS_UNREACHABLE, _("nobody could be asked where the mail of %s is: is there a network?"), domain);
        else
            (void)error_set(&err, STATUS_FAILED, _("no mail server of %s was found"), domain);
        (void)error_hint(&err, _("name them: --imap imaps://mail.%s --smtp smtps://mail.%s"), domain, domain);
        if (command_is_dry(r->call))
            tell_result(r); /* the line as far as it is known; what is missing is said behind it */
    }
    if (error_is(&err) || setup_write_valid(&r->a, &err) != STATUS_OK) {
        fail(r, &err);
        return;
    }
    if (!r->whole.smtp && !r->whole.sendmail.len)
        command_warn(r->call, _("no server for sending was found: --smtp URL names one"));
    get_secret(r);
}

/* The search is over. */
static void on_found(void *user, const struct setup_servers *s)
{
    struct run *r = user;
    r->discover = NULL;
    if (s->imap && !r->a.imap) {
        r->a.imap = mem_strdup(s->imap);
        r->imap_from = mem_strdup(s->imap_from);
        if (s->user && !r->a.user)
            r->a.user = mem_strdup(s->user);
        command_note(r->call, _("incoming mail: %s (%s)"), s->imap, s->imap_from);
    }
    if (s->smtp && !r->a.smtp) {
        r->a.smtp = mem_strdup(s->smtp);
        r->smtp_from = mem_strdup(s->smtp_from);
        command_note(r->call, _("outgoing mail: %s (%s)"), s->smtp, s->smtp_from);
    }
    r->hint = r->a.oauth ? NULL : s->hint;
    r->unreached = !s->answered && !s->imap && !command_is_offline(r->call);
    if (r->a.oauth && s->oauth_token && !s->oauth) { /* a preset's or the line's own addresses count more */
        r->a.oauth_authorize = mem_strdup(s->oauth_authorize);
        r->a.oauth_token = mem_strdup(s->oauth_token);
        r->a.oauth_scope = mem_strdup_maybe(s->oauth_scope);
    }
    bool doubt = (s->imap_doubt && str_eq(s->imap, r->a.imap)) || (s->smtp_doubt && str_eq(s->smtp, r->a.smtp));
    if (doubt && !command_is_yes(r->call) && !command_is_dry(r->call)) {
        struct error err = ERROR_INIT;
        (void)error_set(&err, STATUS_REFUSED, _("DNS alone, which is not signed, says that %s has its mail at %s, %s"),
                        strrchr(r->address, '@') + 1, r->a.imap ? r->a.imap : "-", r->a.smtp ? r->a.smtp : "-");
        (void)error_hint(&err, _("when that is right: --yes, or name them by --imap and --smtp"));
        fail(r, &err);
        return;
    }
    have_servers(r);
}

/* Looks for what was not named. */
static void find_servers(struct run *r)
{
    struct error err = ERROR_INIT;
    const struct config_account *old = config_account(r->a.name);
    bool imap = r->a.imap || (old && (old->imap || old->maildir)), smtp = r->a.smtp || (old && (old->smtp || old->sendmail.len));
    if (imap && smtp) {
        have_servers(r);
        return;
    }
    command_progress(r->call, 0, 0, _("looking for the mail servers"));
    r->discover = setup_discover_start(command_loop(r->call), r->address, command_is_offline(r->call), on_found, r, &err);
    if (!r->discover)
        fail(r, &err);
}

/* ---- the line ---- */

/* Copies an option's value into a field. */
static void take(struct command_call *c, const char *option, char **to)
{
    const char *value = command_value(c, option);
    if (value) {
        free(*to);
        *to = mem_strdup(value);
    }
}

/* Reads the options; false when the line is wrong (and told). */
static bool read_options(struct run *r)
{
    struct command_call *c = r->call;
    const char *name = command_value(c, "name"), *command = command_value(c, "password-command");
    struct error err = ERROR_INIT;
    int column = 0;
    take(c, "imap", &r->a.imap);
    take(c, "smtp", &r->a.smtp);
    take(c, "user", &r->a.user);
    take(c, "pin", &r->a.pin);
    take(c, "oauth", &r->a.oauth);
    take(c, "oauth-client", &r->a.oauth_client);
    if (r->a.imap && !setup_write_server(r->a.imap, "imaps://", "imap://", &err))
        command_usage(c, "--imap: %s", err.text);
    else if (r->a.smtp && !setup_write_server(r->a.smtp, "smtps://", "smtp://", &err))
        command_usage(c, "--smtp: %s", err.text);
    else if (r->a.pin && !config_is_pin(r->a.pin))
        command_usage(c, _("--pin: takes 64 hex digits, of several keys with commas between"));
    else if (command && config_split(command, &r->a.password_command, &column, &err) != STATUS_OK)
        command_fail(c, &err);
    else if (command && !r->a.password_command.len)
        command_usage(c, _("--password-command: needs a command"));
    else if (command && command_has(c, "password-stdin"))
        command_usage(c, _("--password-command and --password-stdin exclude each other"));
    else {
        if (r->address && command_value(c, "address"))
            r->a.from = name ? str_format("%s <%s>", name, r->address) : mem_strdup(r->address);
        return true;
    }
    return false;
}

/* Works out which account it is about; false when the line is wrong (and told). */
static bool read_account(struct run *r)
{
    struct command_call *c = r->call;
    const char *word = command_arg(c, 0), *address = command_value(c, "address");
    const struct config_account *old = config_account(word);
    r->again = command_has(c, "login");
    r->known = old != NULL;
    if (r->again && !old) {
        struct error err = ERROR_INIT;
        if (!word)
            command_usage(c, _("--login: which account?"));
        else
            command_fail(c, (error_set(&err, STATUS_NO_SUCH, _("there is no account %s"), word), &err));
        return false;
    }
    if (address && (!strchr(address, '@') || strpbrk(address, " \t\r\n<>\",;"))) {
        command_usage(c, _("“%s” is no mail address"), address);
        return false;
    }
    if (!address && !(old && old->from)) {
        command_usage(c, _("--address: whose mail is it?"));
        return false;
    }
    if (word && (!*word || strpbrk(word, " \t/:\r\n") || *word == '.')) {
        command_usage(c, _("“%s” cannot be a name: no blanks, “/” or “:”"), word);
        return false;
    }
    r->address = address ? mem_strdup(address) : config_address(old->from);
    char *name = word ? mem_strdup(word) : setup_write_name(r->address);
    config_account_init(&r->a, name);
    config_account_init(&r->whole, name);
    free(name);
    return true;
}

/* setup */
static enum command_result setup_run(struct command_call *c)
{
    bool bare = !command_value(c, "address") && !command_has(c, "no-test");
    if (command_is_screen(c) && bare && open_screen) {
        open_screen(c, command_has(c, "login") ? command_arg(c, 0) : NULL);
        return COMMAND_DONE;
    }
    struct run *r = mem_alloc(sizeof *r);
    r->call = c;
    command_set_state(c, r, run_free);
    str_reserve(&r->secret, SECRET_MAX + 1);
    if (!read_account(r) || !read_options(r))
        return COMMAND_DONE;
    command_on_cancel(c, on_cancel);
    find_servers(r);
    return COMMAND_WAIT;
}

static const struct command_option options[] = {
    {.name = "name", .value = "NAME", .summary = N_("your name, as it stands in From")},
    {.name = "address", .value = "ADDRESS", .summary = N_("your mail address")},
    {.name = "imap", .value = "URL", .summary = N_("the server of incoming mail; looked for when not given")},
    {.name = "smtp", .value = "URL", .summary = N_("the server that sends; looked for when not given")},
    {.name = "user", .value = "USER", .summary = N_("the login, when it is not the address")},
    {.name = "pin", .value = "SHA256", .summary = N_("trusts a server by its public key alone, for one with a certificate of its own making")},
    {.name = "password-command", .value = "COMMAND", .summary = N_("a command that prints the password")},
    {.name = "password-stdin", .summary = N_("the password is the first line of stdin; kept in a file of yours, 0600")},
    {.name = "oauth", .value = "PROVIDER", .summary = N_("signs in with OAuth 2.0: google, microsoft, or another name whose addresses stand in the account's line"),
     .complete = "=google microsoft"},
    {.name = "oauth-client", .value = "ID", .summary = N_("the id of your own OAuth client")},
    {.name = "device", .summary = N_("signs in by typing a code on another device, where the provider has that")},
    {.name = "login", .summary = N_("signs in anew at an account that is there: a new password or OAuth")},
    {.name = "no-test", .summary = N_("writes without logging in")},
    {.name = "no-sync", .summary = N_("does not fetch the newest mail")},
    {0},
};

const struct command setup_commands[] = {
    {.name = "setup",
     .args = "[ACCOUNT]",
     .summary = N_("makes an account: finds its servers, signs in, tests, writes bureaurc"),
     .help = N_("Only the address is needed; servers are found by the address's domain. Without words it opens the "
                "questions on the screen. ACCOUNT names the account; one that is there gets the new words added. What "
                "stands in bureaurc stays. With --dry-run the line is printed and nothing is tested or written."),
     .flags = CMD_CHANGES | CMD_THREADS,
     .max_args = 1,
     .complete = "account",
     .options = options,
     .run = setup_run},
    {0},
};

const struct option setup_options[] = {
    {.name = "setup.timeout",
     .type = OPTION_DURATION,
     .fallback = "8s",
     .min = 500,
     .max = 60000,
     .summary = N_("How long setup looks for the servers of an address.")},
    {.name = "setup.ispdb",
     .type = OPTION_TEXT,
     .fallback = "https://autoconfig.thunderbird.net/v1.1/",
     .summary = N_("The database of providers that setup asks about a domain; “-” asks none.")},
    {.name = "net.dns",
     .type = OPTION_TEXT,
     .fallback = "",
     .summary = N_("Name servers for the records setup asks for, as in 192.0.2.1:53; none: those of /etc/resolv.conf.")},
    {0},
};
