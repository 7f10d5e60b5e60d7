/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mirror.c - drafts where other programs look for them */
#include "mail/mirror.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "command/config.h"
#include "mail/folder.h"
#include "mail/imap.h"
#include "mail/maildir.h"
#include "mail/maildir_inside.h"
#include "store/store.h"

#define SETTING "mail.mirror"
#define ON_SERVER "imap " /* the account follows */

/* A Maildir, or an IMAP server. */
bool mail_mirror_possible(const char *account)
{
    const struct config_account *a = config_account(account);

    return a && ((a->maildir && *a->maildir) || (a->imap && *a->imap));
}

/* Eight random bytes as hex. */
enum status mail_mirror_begin(struct db *db, struct error *err)
{
    unsigned char random[8];
    char hex[sizeof random * 2 + 1], *had = mail_mirror_mark(db);
    bool has = had != NULL;

    free(had);
    if (has)
        return STATUS_OK;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    return store_setting_set(db, SETTING, hex, err);
}

/* The setting. */
char *mail_mirror_mark(struct db *db)
{
    char *mark = store_setting(db, SETTING);

    if (mark && *mark)
        return mark;
    free(mark);
    return NULL;
}

/* ",B=MARK" at the end of the unique part. */
bool mail_mirror_is(const char *file, const char *mark)
{
    const char *base = strrchr(file, '/');
    size_t n, k = mark ? strlen(mark) : 0;

    base = base ? base + 1 : file;
    n = mail_maildir_unique(base);
    return k && n > k + 3 && strncmp(base + n - k, mark, k) == 0 &&
           strncmp(base + n - k - 3, ",B=", 3) == 0;
}

/* The file before goes: it is ours, wherever another program put it. */
static void remove_file(const char *where)
{
    char *path = where && *where == '/' ? mail_maildir_find(where) : NULL;

    if (path)
        unlink(path);
    free(path);
}

/* A file in the account's folder of drafts. */
static enum status put_file(struct db *db, const char *account, const void *bytes, size_t n,
                            char **where, struct error *err)
{
    struct mail_folder folder = {0};
    int64_t id;
    char *mark = mail_mirror_mark(db), *directory = NULL, *path = NULL;
    enum status st = mail_folder_role(db, account, MAIL_ROLE_DRAFTS, &id, err);

    if (st == STATUS_OK)
        st = mail_folder_get(db, id, &folder, err);
    if (st == STATUS_OK) {
        directory = maildir_directory(account, folder.name);
        st = mail_maildir_deliver_mirror(directory, mark ? mark : "", bytes, n, &path, err);
    }
    if (st == STATUS_OK) {
        remove_file(*where);
        free(*where);
        *where = str_format("%s/%s", directory, path);
    }
    mail_folder_fini(&folder);
    free(mark);
    free(directory);
    free(path);
    return st;
}

/* Queues an append under the key, or that it is taken away. */
static enum status put_on_server(struct db *db, const char *account, const char *key,
                                 const void *bytes, size_t n, struct error *err)
{
    struct mail_imap_copy_new copy = {.account = account, .role = MAIL_ROLE_DRAFTS, .key = key,
                                      .bytes = bytes, .len = n, .date = CLOCK_NONE};

    return mail_imap_append(db, &copy, err);
}

/* Writes, replaces or takes away. */
enum status mail_mirror_put(struct db *db, const char *account, const char *key, const void *bytes,
                            size_t n, char **where, struct error *err)
{
    const struct config_account *a = config_account(account);
    bool file = n && a && a->maildir && *a->maildir, server = n && !file && a && a->imap && *a->imap;
    const char *before = str_starts(*where, ON_SERVER) ? *where + strlen(ON_SERVER) : NULL;
    enum status st = STATUS_OK;

    /* the draft has another sender by now: the old account's copy goes */
    if (before && !(server && str_eq(before, account)))
        st = put_on_server(db, before, key, NULL, 0, err);
    if (st == STATUS_OK && server)
        st = put_on_server(db, account, key, bytes, n, err);
    if (st != STATUS_OK)
        return st;
    if (file)
        return put_file(db, account, bytes, n, where, err);
    remove_file(*where);
    free(*where);
    *where = server ? str_format(ON_SERVER "%s", account) : mem_strdup("");
    return STATUS_OK;
}
