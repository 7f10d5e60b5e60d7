/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maildir_place.c - folders of followed accounts and the directories they lie in */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "command/config.h"
#include "mail/maildir.h"
#include "mail/maildir_inside.h"

#define LEVELS 3 /* of plain folders below an account's directory */

/* Releases a place. */
void maildir_place_fini_item(void *item)
{
    struct maildir_place *p = item;

    free(p->account);
    free(p->folder);
    free(p->directory);
}

/* Adds a place. */
static void add(struct vec *places, const char *account, const char *folder, const char *directory)
{
    struct maildir_place *p = vec_push(places);

    p->account = mem_strdup(account);
    p->folder = mem_strdup(folder);
    p->directory = mem_strdup(directory);
}

/* Adds the Maildirs in a directory: ".Sent" as Maildir++, "Sent" as it is called. */
static void add_below(struct vec *places, const char *account, const char *directory,
                      const char *prefix, int levels)
{
    DIR *d = opendir(directory);
    struct dirent *e;

    while (d && (e = readdir(d))) {
        char *path, *name, *folder;
        if (str_eq(e->d_name, ".") || str_eq(e->d_name, "..") || str_eq(e->d_name, "cur") ||
            str_eq(e->d_name, "new") || str_eq(e->d_name, "tmp") || e->d_type == DT_REG)
            continue;
        path = path_join(directory, e->d_name);
        name = mail_maildir_folder_name(e->d_name);
        folder = *prefix ? str_format("%s/%s", prefix, name) : mem_strdup(name);
        if (mail_maildir_is(path) && *name)
            add(places, account, str_eq_nocase(folder, "inbox") ? "INBOX" : folder, path);
        if (e->d_name[0] != '.' && levels > 1)
            add_below(places, account, path, folder, levels - 1);
        free(path);
        free(name);
        free(folder);
    }
    if (d)
        closedir(d);
}

/* Every folder of the account's Maildir. */
void maildir_places(const char *account, struct vec *places)
{
    const struct vec *accounts = config_accounts();

    vec_init(places, sizeof(struct maildir_place), maildir_place_fini_item);
    for (size_t i = 0; accounts && i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        char *root;
        if (!a->maildir || (account && !str_eq(account, a->name)))
            continue;
        root = path_expand(a->maildir);
        if (mail_maildir_is(root))
            add(places, a->name, "INBOX", root);
        add_below(places, a->name, root, "", LEVELS);
        free(root);
    }
}

/* What lies where the account says? */
enum status mail_maildir_check(const struct config_account *a, struct error *err)
{
    struct vec places;
    char *root = path_expand(a->maildir);
    DIR *d = opendir(root);
    enum status st = STATUS_OK;

    maildir_places(a->name, &places);
    if (!d) {
        error_set(err, STATUS_FAILED, _("%s: %s is no directory that can be read"), a->name, root);
        st = error_hint(err, "%s", _("mend the path in bureaurc, or make the Maildir"));
    } else if (!places.len) {
        error_set(err, STATUS_FAILED, _("%s: %s is no Maildir: neither it nor a folder in it has cur/ and new/"), a->name, root);
        st = error_hint(err, _("mend the path in bureaurc; an mbox or single mails come in by: bureau import %s"), root);
    }
    if (d)
        closedir(d);
    vec_fini(&places);
    free(root);
    return st;
}

/* Is any account of that kind? */
bool maildir_any(void)
{
    const struct vec *accounts = config_accounts();

    for (size_t i = 0; accounts && i < accounts->len; i++)
        if (((struct config_account *)vec_at(accounts, i))->maildir)
            return true;
    return false;
}

/* "MAILDIR/.Lists.house" */
static char *dotted(const char *root, const char *folder)
{
    char *path = str_format("%s/.%s", root, folder);

    for (char *c = path + strlen(root) + 1; *c; c++)
        if (*c == '/')
            *c = '.';
    return path;
}

/* Where the folder lies: as it is found, else as the root is made. */
char *maildir_directory(const char *account, const char *folder)
{
    const struct config_account *a = config_account(account);
    char *root, *path;
    bool is;

    if (!a || !a->maildir)
        return NULL;
    root = path_expand(a->maildir);
    is = mail_maildir_is(root);
    if (str_eq(folder, "INBOX")) {
        static const char *const names[] = {"INBOX", "Inbox", "inbox"};
        if (is)
            return root;
        for (size_t i = 0; i < 3; i++) {
            path = path_join(root, names[i]);
            if (mail_maildir_is(path) || i == 2) {
                free(root);
                return path;
            }
            free(path);
        }
    }
    path = dotted(root, folder);
    if (!mail_maildir_is(path)) {
        char *plain = path_join(root, folder);
        if (mail_maildir_is(plain) || !is) {
            free(path);
            path = plain;
        } else {
            free(plain);
        }
    }
    free(root);
    return path;
}
