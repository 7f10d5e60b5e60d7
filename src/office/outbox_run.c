/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox_run.c - sends what is due: claim, login, SMTP or sendmail, the end, the copy to Sent.
 *
 * One item at a time: claim → (login) → transfer → finish → claim … The copy to Sent of
 * an item that was sent is claimed like a send of its own. Everything that is written names the
 * fence of the claim, so a run that was overtaken changes nothing; the row says `handed` on disk
 * before the transfer gives its last byte away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/path.h"
#include "command/config.h"
#include "command/hook.h"
#include "command/option.h"
#include "io/child.h"
#include "io/loop.h"
#include "io/smtp.h"
#include "mail/folder.h"
#include "mail/login.h"
#include "mail/maildir.h"
#include "mail/reader.h"
#include "mail/secret.h"
#include "mail/store.h"
#include "office/office.h"
#include "office/outbox_store.h"
#include "office/people.h"
#include "store/store.h"

#define RENEW_MS 40000
#define WORDS_MAX 2000
#define SIZE_SETTING "smtp.size." /* and the account */

struct outbox_run {
    struct store *store; /* borrow */
    int64_t only;
    struct outbox_events ev;
    void *user;
    struct outbox_item item;
    enum outbox_state state; /* what the finish says */
    int code;
    struct str words; /* of the server, the child, the error */
    int64_t next_try, copied;
    int64_t size_most; /* what the server takes; 0: it did not say */
    struct smtp *smtp;
    struct child *child;
    struct mail_login *login;
    enum mail_login_kind kind; /* of what is in secret */
    char *user_name;           /* own: the login's */
    struct str secret, input;
    bool renewed; /* the token was renewed for this item already */
    struct loop_watch *renew;
    struct mail_reader *reader;
    struct mail_new *copy;
    int sent, recovered;
    struct error first; /* the first thing that went wrong */
    bool cancelled, handed, busy /* an operation is posted */;
};

static void run_next(struct outbox_run *r);

static bool offline;

/* No network at all: --offline. */
void outbox_keep_offline(void)
{
    offline = true;
}

/* Remembers the first failure. */
static void note_error(struct outbox_run *r, const struct error *err)
{
    if (!error_is(&r->first))
        r->first = *err;
}

/* Tells the end and frees the run; posted, so that whatever ended it has returned. */
static void run_gone(void *user)
{
    struct outbox_run *r = user;
    r->ev.on_done(r->user, r->sent, &r->first);
    if (r->reader)
        mail_reader_free(r->reader);
    outbox_item_fini(&r->item);
    str_fini(&r->words);
    str_fini(&r->input);
    mail_secret_wipe(&r->secret);
    free(r->user_name);
    free(r);
}

/* Nothing is left to do. */
static void run_end(struct outbox_run *r)
{
    loop_remove(store_loop(r->store), r->renew);
    r->renew = NULL;
    loop_post(store_loop(r->store), run_gone, r);
}

/* ---- the end of one item ---- */

/* Remembers how large a mail the server takes, so that the next one is looked at before it is sent. */
static enum status keep_size(struct db *db, const struct outbox_run *r, struct error *err)
{
    if (!r->size_most || r->size_most == outbox_size_most(db, r->item.account))
        return STATUS_OK;
    char *name = str_format(SIZE_SETTING "%s", r->item.account), number[24];
    snprintf(number, sizeof number, "%lld", (long long)r->size_most);
    enum status st = store_setting_set(db, name, number, err);
    free(name);
    return st;
}

/* What it said. */
int64_t outbox_size_most(struct db *db, const char *account)
{
    char *name = str_format(SIZE_SETTING "%s", account), *value = store_setting(db, name);
    long long most = 0;
    if (value && !str_to_int64(value, &most))
        most = 0;
    free(name);
    free(value);
    return most;
}

/* The operation that writes how the transfer ended. */
static enum status finish_run(struct db *db, void *record, struct error *err)
{
    struct outbox_run *r = record;
    enum status st = keep_size(db, r, err);
    return st ? st : outbox_finish(db, &r->item, r->state, r->code, str_text(&r->words), r->next_try, err);
}

static const struct store_op finish_op = {"outbox finish", OP_PERSON, finish_run, NULL};

/* Why it was not sent, and what helps. */
static void tell_failure(const struct outbox_run *r, struct error *told)
{
    char *way_out = outbox_way_out(r->item.id, r->item.draft);
    (void)error_set(told, r->state == OUTBOX_QUEUED ? STATUS_UNREACHABLE : STATUS_FAILED, "%s", str_text(&r->words));
    if (r->state == OUTBOX_FAILED)
        error_hint(told, "%s", way_out);
    free(way_out);
}

/* A refusal as every place shows it: what was refused, what was said. A bare "550" does not say whom it means. Yours. */
static char *refusal_words(const struct outbox_run *r, const struct smtp_result *result)
{
    const struct vec *to = &r->item.envelope;
    const struct error *e = &result->error;
    const char *said = result->reply;
    struct str words = STR_INIT;
    if (!*said)
        str_puts(&words, e->text);
    else if (result->login)
        str_addf(&words, _("the server refused the login of account %s: %s"), r->item.account, said);
    else if (result->recipient && result->recipient <= to->len)
        str_addf(&words, _("the server refused %s: %s"), strv_at(to, result->recipient - 1), said);
    else if (to->len == 1)
        str_addf(&words, _("the server refused the mail to %s: %s"), strv_at(to, 0), said);
    else
        str_addf(&words, P_("the server refused the mail to %s and %zu more: %s",
                            "the server refused the mail to %s and %zu more: %s", to->len - 1),
                 strv_at(to, 0), to->len - 1, said);
    if (*e->hint)
        str_addf(&words, "; %s", e->hint);
    return str_take(&words);
}

/* It is on disk: the state is told, the next item begins. */
static void finish_done(void *user, void *record, const struct error *err)
{
    (void)record;
    struct outbox_run *r = user;
    r->busy = false;
    if (err->status != STATUS_OK) {
        log_warn("outbox: o%lld: %s not stored: %s", (long long)r->item.id,
                 outbox_state_word(r->state), err->text);
        if (err->status != STATUS_STALE)
            note_error(r, err);
    } else {
        struct error told = ERROR_INIT;
        if (r->state == OUTBOX_SENT)
            r->sent++;
        else
            tell_failure(r, &told);
        if (error_is(&told) && !r->cancelled)
            note_error(r, &told);
        if (r->ev.on_change)
            r->ev.on_change(r->user, r->item.id, r->state, &told);
    }
    if (r->only && (r->state != OUTBOX_SENT || err->status != STATUS_OK)) {
        run_end(r);
        return;
    }
    run_next(r);
}

/* When a send that could not be done is tried again; 0: never (it was tried long enough). */
static int64_t next_time(const struct outbox_run *r)
{
    static const int minutes[] = {1, 2, 5, 10, 20, 30, 60};
    int n = r->item.attempts < 7 ? r->item.attempts : 7;
    int64_t now = clock_now();
    if (now - r->item.since > option_int("send.retry-for") / 1000)
        return 0;
    return now + 60 * minutes[n > 0 ? n - 1 : 0];
}

/* Writes the end of the item under way. words NULL: none. */
static void finish(struct outbox_run *r, enum outbox_state state, int code, const char *words)
{
    loop_remove(store_loop(r->store), r->renew);
    r->renew = NULL;
    str_clear(&r->words);
    str_puts(&r->words, words ? words : "");
    r->next_try = 0;
    if (state == OUTBOX_QUEUED && !r->cancelled && (r->next_try = next_time(r)) == 0)
        state = OUTBOX_FAILED;
    r->state = state;
    r->code = code;
    r->busy = true;
    log_info("outbox: o%lld %s (%d)", (long long)r->item.id, outbox_state_word(state), code);
    store_post(r->store, &finish_op, r, finish_done, r);
}

/* ---- handing ---- */

/* The operation that says `handed` before the last byte leaves. */
static enum status hand_run(struct db *db, void *record, struct error *err)
{
    return outbox_hand(db, &((struct outbox_run *)record)->item, err);
}

static const struct store_op hand_op = {"outbox hand", OP_PERSON, hand_run, NULL};

/* Called with the last byte still in hand; false keeps it here. */
static bool hand(struct outbox_run *r)
{
    struct error err = ERROR_INIT;
    if (r->handed)
        return true;
    if (r->cancelled || store_run(r->store, &hand_op, r, &err)) {
        if (error_is(&err))
            log_info("outbox: o%lld not handed: %s", (long long)r->item.id, err.text);
        return false;
    }
    r->handed = true;
    if (r->ev.on_change)
        r->ev.on_change(r->user, r->item.id, OUTBOX_HANDED, &err);
    return true;
}

/* smtp's question. */
static bool on_handed(void *user)
{
    return hand(user);
}

static void login_begin(struct outbox_run *r, const struct config_account *a, const char *refused);

/* Was a token refused that has not been renewed yet? Then it is, once, and the item goes again. */
static bool renew_token(struct outbox_run *r, const struct smtp_result *result)
{
    const struct config_account *a = config_account(r->item.account);
    bool wanted = result->end == SMTP_REFUSED && result->login && r->kind == MAIL_LOGIN_TOKEN && !r->renewed &&
                  !r->handed && !r->cancelled && a;
    if (wanted) {
        r->renewed = true;
        login_begin(r, a, str_text(&r->secret));
    }
    return wanted;
}

/* The dialogue with the server has ended. */
static void smtp_done(void *user, const struct smtp_result *result)
{
    struct outbox_run *r = user;
    r->smtp = NULL;
    r->size_most = result->size_most;
    if (renew_token(r, result))
        return;
    char *refused = result->end == SMTP_REFUSED ? refusal_words(r, result) : NULL;
    const char *words = *result->error.text ? result->error.text : result->reply;
    switch (result->end) {
    case SMTP_SENT:
        finish(r, OUTBOX_SENT, result->code, NULL);
        break;
    case SMTP_REFUSED:
        finish(r, result->code >= 500 ? OUTBOX_FAILED : OUTBOX_QUEUED, result->code, refused);
        break;
    case SMTP_IN_DOUBT:
        finish(r, r->handed ? OUTBOX_IN_DOUBT : OUTBOX_QUEUED, result->code, words);
        break;
    case SMTP_UNREACHABLE:
    case SMTP_CANCELLED:
        finish(r, r->handed ? OUTBOX_IN_DOUBT : OUTBOX_QUEUED, result->code, words);
        break;
    }
    free(refused);
}

/* Starts the SMTP dialogue. */
static void smtp_begin(struct outbox_run *r, const struct config_account *a)
{
    struct error err = ERROR_INIT;
    struct smtp_events ev = {.on_handed = on_handed, .on_done = smtp_done};
    struct smtp_message m = {.url = a->smtp,
                             .user = r->kind == MAIL_LOGIN_NONE ? NULL : r->user_name,
                             .password = r->kind == MAIL_LOGIN_PASSWORD ? str_text(&r->secret) : NULL,
                             .token = r->kind == MAIL_LOGIN_TOKEN ? str_text(&r->secret) : NULL,
                             .pin = a->pin,
                             .plaintext = a->plaintext,
                             .from = r->item.from,
                             .to = &r->item.envelope,
                             .bytes = str_text(&r->item.bytes),
                             .len = r->item.bytes.len};
    r->smtp = smtp_start(store_loop(r->store), &m, &ev, r, &err);
    if (!r->smtp)
        finish(r, OUTBOX_FAILED, 0, err.text);
}

/* ---- sendmail ---- */

/* What the child says, kept for the error's words. */
static void child_output(void *user, int fd, const char *bytes, size_t n)
{
    (void)fd;
    struct outbox_run *r = user;
    if (r->words.len + n <= WORDS_MAX)
        str_add(&r->words, bytes, n);
}

/* sendmail has ended: its exit code is the answer (sysexits: 75 is "later"). */
static void child_done(void *user, int code)
{
    struct outbox_run *r = user;
    r->child = NULL;
    char *words = str_take(&r->words);
    str_trim(words);
    if (code == 0)
        finish(r, OUTBOX_SENT, 0, NULL);
    else if (code > 128)
        finish(r, OUTBOX_IN_DOUBT, code, *words ? words : _("the sendmail program was killed"));
    else
        finish(r, code == 75 ? OUTBOX_QUEUED : OUTBOX_FAILED, code,
               *words ? words : _("the sendmail program said no"));
    free(words);
}

/* Hands the message to the account's program: recipients behind "--", bytes on stdin. */
static void sendmail_begin(struct outbox_run *r, const struct config_account *a)
{
    struct error err = ERROR_INIT;
    struct child_events ev = {.on_output = child_output, .on_exit = child_done};
    size_t n = a->sendmail.len, k = 0;
    char **argv = mem_array(n + r->item.envelope.len + 2, sizeof *argv);
    for (size_t i = 0; i < n; i++)
        argv[k++] = (char *)strv_at(&a->sendmail, i);
    argv[k++] = (char *)"--";
    for (size_t i = 0; i < r->item.envelope.len; i++)
        argv[k++] = (char *)strv_at(&r->item.envelope, i);
    str_clear(&r->input);
    for (size_t i = 0; i < r->item.bytes.len; i++)
        if (r->item.bytes.data[i] != '\r')
            str_putc(&r->input, r->item.bytes.data[i]);
    str_clear(&r->words);
    if (!hand(r)) {
        finish(r, OUTBOX_QUEUED, 0, _("it was taken back"));
    } else {
        r->child = child_start(store_loop(r->store), argv, str_text(&r->input), r->input.len, &ev,
                               r, &err);
        if (!r->child) /* nothing was started, so nothing was handed */
            finish(r, OUTBOX_FAILED, 0, err.text);
    }
    free(argv);
}

/* ---- login ---- */

/* Password or token is known, or there is none now: a locked store opens, a network comes back; what needs
 * a person (a token that was revoked) says what to do. The mail waits and is tried again. */
static void login_done(void *user, const struct mail_login_result *result, const struct error *err)
{
    struct outbox_run *r = user;
    const struct config_account *a = config_account(r->item.account);
    r->login = NULL;
    if (r->cancelled || !a) {
        finish(r, OUTBOX_QUEUED, 0, NULL);
    } else if (error_is(err)) {
        char *words = *err->hint ? str_format("%s; %s", err->text, err->hint) : mem_strdup(err->text);
        finish(r, OUTBOX_QUEUED, 0, words);
        free(words);
    } else {
        free(r->user_name);
        r->user_name = mem_strdup(*result->user ? result->user : r->item.from);
        r->kind = result->kind;
        mail_secret_wipe(&r->secret);
        str_puts(&r->secret, result->secret);
        smtp_begin(r, a);
    }
}

/* Asks for what the account logs in with. */
static void login_begin(struct outbox_run *r, const struct config_account *a, const char *refused)
{
    r->login = mail_login_get(store_loop(r->store), store_paths(r->store), a, refused, login_done, r);
}

/* Begins the transfer of the claimed item. */
static void send_begin(struct outbox_run *r)
{
    struct error err = ERROR_INIT;
    const struct config_account *a = config_account(r->item.account);
    r->handed = r->renewed = false;
    if (r->ev.on_change)
        r->ev.on_change(r->user, r->item.id, OUTBOX_QUEUED, &err);
    if (!a || !people_can_send(a)) {
        char *words = str_format(_("account %s cannot send: bureaurc says neither smtp nor "
                                   "sendmail for it"), r->item.account);
        finish(r, OUTBOX_FAILED, 0, words);
        free(words);
        return;
    }
    if (a->sendmail.len) {
        sendmail_begin(r, a);
        return;
    }
    if (offline) {
        finish(r, OUTBOX_QUEUED, 0, _("no server is asked with --offline"));
        return;
    }
    login_begin(r, a, NULL);
}

/* ---- the copy to Sent ---- */

/* Does whoever takes the mail put the copy into the account's Sent by itself? "sent none" says so; of these
 * providers it is known. A second one would stand there twice. */
static bool provider_copies(const struct config_account *a)
{
    static const char *const known[] = {"smtp.gmail.com", "smtp.googlemail.com", "smtp-mail.outlook.com",
                                        "smtp.office365.com"};
    const char *host = a->smtp ? strstr(a->smtp, "://") : NULL;
    if (a->sent)
        return str_eq(a->sent, "none");
    for (size_t i = 0; host && i < sizeof known / sizeof *known; i++)
        if (str_starts_nocase(host + 3, known[i]) && strchr(":/", host[3 + strlen(known[i])]))
            return true;
    return false;
}

/* An account that lives in a Maildir gets the file there, too; other programs see it at once. */
static enum status deliver(struct db *db, struct outbox_run *r, struct error *err)
{
    const struct config_account *a = config_account(r->item.account);
    struct mail_folder folder;
    if (!a || !a->maildir || r->copy->path || r->copy->here_only)
        return STATUS_OK;
    enum status st = mail_folder_get(db, r->copy->folder, &folder, err);
    if (st)
        return st;
    char *root = path_expand(a->maildir), *name = str_format(".%s", folder.name);
    for (char *p = name; *p; p++) /* Maildir++: "Lists/house" is ".Lists.house" */
        if (*p == '/')
            *p = '.';
    char *dir = path_join(root, name);
    st = mail_maildir_deliver(dir, r->item.bytes.data, r->item.bytes.len, 0, &r->copy->path, err);
    free(root);
    free(name);
    free(dir);
    mail_folder_fini(&folder);
    return st;
}

/* The operation: into the account's Sent folder, and the step is done. */
static enum status copy_run(struct db *db, void *record, struct error *err)
{
    struct outbox_run *r = record;
    const char *account = *r->item.account ? r->item.account : NULL;
    int64_t message = 0;
    if (r->copy) {
        enum status st = mail_folder_role(db, account, MAIL_ROLE_SENT, &r->copy->folder, err);
        struct mail_adder *adder = NULL;
        if (st == STATUS_OK)
            st = deliver(db, r, err);
        if (st == STATUS_OK) {
            adder = mail_adder_new(db);
            st = mail_add(adder, r->copy, err);
        }
        if (adder && st)
            mail_adder_abandon(adder);
        else if (adder)
            st = mail_adder_end(adder, err);
        if (st)
            return st;
        message = r->copy->id;
    }
    return outbox_copied(db, &r->item, message, message ? "" : str_text(&r->words), r->next_try,
                         err);
}

static const struct store_op copy_op = {"outbox copy", OP_PERSON, copy_run, NULL};

/* The files of followed Maildirs are written, or will be by the next look at them. */
static void copy_written(void *user, int64_t pushed, const struct error *err)
{
    struct outbox_run *r = user;
    (void)pushed;
    r->busy = false;
    if (err->status != STATUS_OK)
        log_warn("outbox: o%lld: not in the Maildir yet", (long long)r->item.id);
    if (r->only)
        run_end(r);
    else
        run_next(r);
}

/* The copy is there, or will be tried again. */
static void copy_done(void *user, void *record, const struct error *err)
{
    (void)record;
    struct outbox_run *r = user;
    r->busy = false;
    bool copied = r->copy != NULL;
    if (r->copy)
        mail_new_free(r->copy);
    r->copy = NULL;
    if (err->status != STATUS_OK && err->status != STATUS_STALE && copied) {
        /* It could not be stored: written down, and tried again later. */
        str_clear(&r->words);
        str_puts(&r->words, err->text);
        r->next_try = clock_now() + 300;
        r->busy = true;
        store_post(r->store, &copy_op, r, copy_done, r);
        return;
    }
    if (!copied)
        log_warn("outbox: o%lld: no copy in Sent: %s", (long long)r->item.id, str_text(&r->words));
    if (err->status != STATUS_OK) {
        run_end(r);
        return;
    }
    r->busy = true; /* an account that lies in a Maildir gets its file */
    mail_maildir_push(r->store, copy_written, r);
}

/* The reader has taken the sent bytes apart. */
static void copy_parsed(void *user, struct mail_message *m, const struct error *err)
{
    struct outbox_run *r = user;
    str_clear(&r->words);
    r->next_try = 0;
    r->copied = 0;
    if (err->status == STATUS_OK) {
        r->copy = mail_new_make(r->item.bytes.data, r->item.bytes.len, m);
        r->copy->received = clock_now();
        r->copy->horizon = CLOCK_NONE;
        const struct config_account *a = config_account(r->item.account);
        r->copy->here_only = a && provider_copies(a);
    } else {
        str_puts(&r->words, err->text);
        r->next_try = r->item.attempts < 20 ? clock_now() + 300 : 0;
    }
    r->busy = true;
    store_post(r->store, &copy_op, r, copy_done, r);
}

/* ---- claiming ---- */

/* The operation: what a dead process left is settled, then the next item is taken. */
static enum status claim_run(struct db *db, void *record, struct error *err)
{
    struct outbox_run *r = record;
    enum status st = outbox_recover(db, &r->recovered, err);
    return st ? st : outbox_claim(db, r->only, &r->item, err);
}

static const struct store_op claim_op = {"outbox claim", OP_PERSON, claim_run, NULL};

/* Renews the lease while a transfer takes long. */
static enum status renew_run(struct db *db, void *record, struct error *err)
{
    return outbox_renew(db, record, err);
}

/* Frees the copy of the item that a renewal carries. */
static void renew_free(void *record)
{
    outbox_item_fini(record);
    free(record);
}

static const struct store_op renew_op = {"outbox renew", OP_PERSON, renew_run, renew_free};

/* The timer of a long transfer. */
static void renew_due(void *user)
{
    struct outbox_run *r = user;
    struct outbox_item *i = mem_alloc(sizeof *i);
    outbox_item_init(i);
    i->id = r->item.id;
    i->fence = r->item.fence;
    store_post(r->store, &renew_op, i, NULL, NULL);
    r->renew = loop_timer(store_loop(r->store), RENEW_MS, renew_due, r);
}

/* An item is ours, or nothing is due. */
static void claim_done(void *user, void *record, const struct error *err)
{
    (void)record;
    struct outbox_run *r = user;
    r->busy = false;
    if (err->status != STATUS_OK) {
        note_error(r, err);
        run_end(r);
    } else if (r->item.id == 0) {
        run_end(r);
    } else if (r->item.copy) {
        if (!r->reader)
            r->reader = mail_reader_new(store_loop(r->store), NULL);
        mail_reader_parse(r->reader, r->item.bytes.data, r->item.bytes.len, copy_parsed, r);
    } else if (r->cancelled) {
        finish(r, OUTBOX_QUEUED, 0, NULL);
    } else {
        r->renew = loop_timer(store_loop(r->store), RENEW_MS, renew_due, r);
        send_begin(r);
    }
}

/* Takes the next item. */
static void run_next(struct outbox_run *r)
{
    if (r->cancelled) {
        run_end(r);
        return;
    }
    outbox_item_fini(&r->item);
    outbox_item_init(&r->item);
    r->busy = true;
    store_post(r->store, &claim_op, r, claim_done, r);
}

struct outbox_run *outbox_run_start(struct store *s, int64_t id, const struct outbox_events *ev,
                                    void *user)
{
    struct outbox_run *r = mem_alloc(sizeof *r);
    r->store = s;
    r->only = id;
    r->ev = *ev;
    r->user = user;
    r->first = ERROR_INIT;
    outbox_item_init(&r->item);
    run_next(r);
    return r;
}

void outbox_run_cancel(struct outbox_run *r)
{
    r->cancelled = true;
    if (r->smtp)
        smtp_cancel(r->smtp);
    else if (r->login)
        mail_login_cancel(r->login);
    else if (r->child && !r->handed)
        child_kill(r->child, 15);
}

/* ---- the hook ---- */

static struct outbox_run *work_running; /* the hook's own */

/* When the outbox wants to be run next. */
static int64_t work_due(struct store *s)
{
    return outbox_due(store_reader(s));
}

struct work {
    void (*done)(void *user, int count, const struct error *err);
    void *user;
};

/* The run of the hook has ended. */
static void work_done(void *user, int sent, const struct error *err)
{
    struct work *w = user;
    work_running = NULL;
    w->done(w->user, sent, err);
    free(w);
}

/* Sends all that is due. */
static void work_run(struct store *s, void (*done)(void *user, int count, const struct error *err),
                     void *user)
{
    struct work *w = mem_alloc(sizeof *w);
    *w = (struct work){done, user};
    work_running = outbox_run_start(s, 0, &(struct outbox_events){.on_done = work_done}, w);
}

/* What was not handed to a server stays queued. */
static void work_stop(struct store *s)
{
    (void)s;
    if (work_running)
        outbox_run_cancel(work_running);
}

const struct hook_work outbox_work = {
    .name = "outbox", .due = work_due, .run = work_run, .stop = work_stop};
