/* SPDX-License-Identifier: GPL-3.0-or-later */
/* commands_folder.c - what there is: the folders of all accounts, the accounts */
#include "inbox/commands_mail.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/config.h"
#include "io/http.h"
#include "mail/folder.h"
#include "mail/imap.h"

struct listing {
    struct vec folders;
};

/* Releases the record. */
static void listing_free(void *record)
{
    struct listing *l = record;

    vec_fini(&l->folders);
    free(l);
}

/* The question. */
static enum status listing_run(struct db *db, void *record, struct error *err)
{
    struct listing *l = record;

    vec_fini(&l->folders);
    return mail_folder_list(db, &l->folders, err);
}

/* One row for each folder. */
static void on_listed(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    struct listing *l = record;

    for (size_t i = 0; i < l->folders.len && !error_is(err); i++) {
        const struct mail_folder *f = vec_at(&l->folders, i);
        struct json *o = json_object();
        struct str text = STR_INIT;
        utf8_pad(&text, f->account, 13);
        utf8_pad(&text, f->name, 25);
        str_addf(&text, "%8" PRId64 "  %" PRId64 "%s", f->messages, f->unread, f->unread ? _(" unread") : "");
        json_set_str(o, "account", f->account);
        json_set_str(o, "folder", f->name);
        json_set_str(o, "name", f->name);
        json_set_str(o, "role", mail_role_word(f->role));
        json_set_int(o, "messages", f->messages);
        json_set_int(o, "unread", f->unread);
        command_item(c, o, str_text(&text));
        str_fini(&text);
    }
    command_end(c, err);
}

/* Asks for the folders. */
static enum command_result ask(struct command_call *c,
                               void (*done)(void *user, void *record, const struct error *err))
{
    static const struct store_question question = {
        .name = "mail.folders", .run = listing_run, .free = listing_free};
    struct listing *l = mem_alloc(sizeof *l);

    vec_init(&l->folders, sizeof(struct mail_folder), mail_folder_fini_item);
    store_ask(command_store(c), &question, l, done, c);
    return COMMAND_WAIT;
}

/* folder list */
enum command_result inbox_folders_run(struct command_call *c)
{
    return ask(c, on_listed);
}

/* ---- accounts ---- */

/* A server without what one logs in with. */
static void set_server(struct json *o, const char *name, const char *url)
{
    char host[256];

    if (url && http_url_server(url, host, sizeof host))
        json_set_str(o, name, host);
}

/* One row; a is NULL when bureaurc does not name the account. */
static void tell_account(struct command_call *c, const struct vec *folders, const char *name,
                         const struct config_account *a)
{
    struct json *o = json_object();
    const char *kind = a && a->imap ? "imap" : a && a->maildir ? "maildir" : N_("local");
    char *address = config_address(a && a->from ? a->from : ""), time[CLOCK_TEXT];
    struct str text = STR_INIT;
    int64_t count = 0, messages = 0, unread = 0;
    int64_t at = mail_imap_last(store_reader(command_store(c)), name);

    for (size_t i = 0; i < folders->len; i++) {
        const struct mail_folder *f = vec_at(folders, i);
        if (!str_eq(f->account, name))
            continue;
        count++;
        messages += f->messages;
        if (f->role != MAIL_ROLE_SPAM && f->role != MAIL_ROLE_TRASH)
            unread += f->unread;
    }
    json_set_str(o, "name", name);
    json_set_str(o, "address", address);
    json_set_str(o, "kind", kind);
    if (a) {
        set_server(o, "imap", a->imap);
        set_server(o, "smtp", a->smtp);
        if (a->maildir)
            json_set_str(o, "maildir", a->maildir);
    }
    json_set_int(o, "folders", count);
    json_set_int(o, "messages", messages);
    json_set_int(o, "unread", unread);
    if (at != CLOCK_NONE)
        json_set_str(o, "last_sync", clock_rfc3339(at, time));
    utf8_pad(&text, name, 13);
    str_addf(&text, "%-28s ", address);
    utf8_pad(&text, _(kind), 9);
    str_addf(&text, P_("%lld folder", "%lld folders", count), (long long)count);
    str_addf(&text, _(", %lld unread"), (long long)unread);
    if (at != CLOCK_NONE)
        str_addf(&text, _(", synced %s"), clock_short(at, clock_now(), time));
    command_item(c, o, str_text(&text));
    str_fini(&text);
    free(address);
}

/* The accounts of bureaurc, then what else has folders: imported mail, an account that was taken out. */
static void on_accounts(void *user, void *record, const struct error *err)
{
    struct command_call *c = user;
    const struct vec *folders = &((struct listing *)record)->folders, *accounts = config_accounts();
    const char *last = NULL;

    for (size_t i = 0; i < accounts->len && !error_is(err); i++) {
        const struct config_account *a = vec_at(accounts, i);
        tell_account(c, folders, a->name, a);
    }
    for (size_t i = 0; i < folders->len && !error_is(err); i++) {
        const char *name = ((struct mail_folder *)vec_at(folders, i))->account;
        if (!config_account(name) && (!last || !str_eq(name, last)))
            tell_account(c, folders, name, NULL);
        last = name;
    }
    command_end(c, err);
}

/* account list */
enum command_result inbox_accounts_run(struct command_call *c)
{
    return ask(c, on_accounts);
}
