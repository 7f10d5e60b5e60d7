/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folder.c - folders of accounts, their roles by config and by name */
#include "mail/folder.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/str.h"
#include "base/utf8.h"
#include "command/config.h"
#include "mail/imap_inside.h"

static const struct {
    const char *word, *name;
} roles[] = {
    [MAIL_ROLE_OTHER] = {"", ""},
    [MAIL_ROLE_INBOX] = {"inbox", "INBOX"},
    [MAIL_ROLE_SENT] = {"sent", "Sent"},
    [MAIL_ROLE_DRAFTS] = {"drafts", "Drafts"},
    [MAIL_ROLE_ARCHIVE] = {"archive", "Archive"},
    [MAIL_ROLE_SPAM] = {"spam", "Spam"},
    [MAIL_ROLE_TRASH] = {"trash", "Trash"},
};

/* Names that other programs give their folders, folded. */
static const struct {
    const char *name;
    enum mail_role role;
} known[] = {
    {"inbox", MAIL_ROLE_INBOX},
    {"收件箱", MAIL_ROLE_INBOX},
    {"sent", MAIL_ROLE_SENT},
    {"sent items", MAIL_ROLE_SENT},
    {"sent mail", MAIL_ROLE_SENT},
    {"sent messages", MAIL_ROLE_SENT},
    {"outbox", MAIL_ROLE_SENT},
    {"sent-mail", MAIL_ROLE_SENT},
    {"已发送", MAIL_ROLE_SENT},
    {"已发送邮件", MAIL_ROLE_SENT},
    {"已发邮件", MAIL_ROLE_SENT},
    {"gesendet", MAIL_ROLE_SENT},
    {"drafts", MAIL_ROLE_DRAFTS},
    {"draft", MAIL_ROLE_DRAFTS},
    {"草稿", MAIL_ROLE_DRAFTS},
    {"草稿箱", MAIL_ROLE_DRAFTS},
    {"archive", MAIL_ROLE_ARCHIVE},
    {"archives", MAIL_ROLE_ARCHIVE},
    {"all mail", MAIL_ROLE_ARCHIVE},
    {"归档", MAIL_ROLE_ARCHIVE},
    {"存档", MAIL_ROLE_ARCHIVE},
    {"spam", MAIL_ROLE_SPAM},
    {"junk", MAIL_ROLE_SPAM},
    {"junk e-mail", MAIL_ROLE_SPAM},
    {"junk email", MAIL_ROLE_SPAM},
    {"bulk mail", MAIL_ROLE_SPAM},
    {"垃圾邮件", MAIL_ROLE_SPAM},
    {"垃圾箱", MAIL_ROLE_SPAM},
    {"trash", MAIL_ROLE_TRASH},
    {"bin", MAIL_ROLE_TRASH},
    {"deleted items", MAIL_ROLE_TRASH},
    {"deleted messages", MAIL_ROLE_TRASH},
    {"已删除", MAIL_ROLE_TRASH},
    {"已删除邮件", MAIL_ROLE_TRASH},
    {"废件箱", MAIL_ROLE_TRASH},
    {"papierkorb", MAIL_ROLE_TRASH},
};

/* Releases what a folder row owns. */
void mail_folder_fini(struct mail_folder *f)
{
    free(f->account);
    free(f->name);
    f->account = f->name = NULL;
}

/* The same for a vec. */
void mail_folder_fini_item(void *item)
{
    mail_folder_fini(item);
}

/* The word of the config ("sent F"). */
const char *mail_role_word(enum mail_role r)
{
    return roles[r].word;
}

/* Looks the last level of the name up among those that programs use. */
enum mail_role mail_role_guess(const char *name)
{
    const char *last = strrchr(name, '/');
    struct str folded = STR_INIT;
    enum mail_role role = MAIL_ROLE_OTHER;

    last = last ? last + 1 : name;
    utf8_fold(&folded, last, strlen(last));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq(known[i].name, str_text(&folded)))
            role = known[i].role;
    str_fini(&folded);
    return role;
}

/* ---- what the config says, for any thread ---- */

struct told {
    char *account, *names[MAIL_ROLE_TRASH + 1]; /* own */
    int64_t followed; /* 1: has a Maildir, 2: lies on an IMAP server */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct vec told; /* struct told */
static bool configured;

/* Releases what is known of an account. */
static void told_fini(void *item)
{
    struct told *t = item;

    free(t->account);
    for (int r = 0; r <= MAIL_ROLE_TRASH; r++)
        free(t->names[r]);
}

/* Copies the accounts of the config. The lock is held. */
static void copy_config(void)
{
    const struct vec *accounts = config_accounts();

    if (configured)
        vec_fini(&told);
    configured = true;
    vec_init(&told, sizeof(struct told), told_fini);
    for (size_t i = 0; accounts && i < accounts->len; i++) {
        const struct config_account *a = vec_at(accounts, i);
        struct told *t = vec_push(&told);
        t->account = mem_strdup(a->name);
        t->names[MAIL_ROLE_SENT] = a->sent && !str_eq(a->sent, "none") ? mem_strdup(a->sent) : NULL; /* outbox_run.c */
        t->names[MAIL_ROLE_DRAFTS] = mem_strdup_maybe(a->drafts);
        t->names[MAIL_ROLE_ARCHIVE] = mem_strdup_maybe(a->archive);
        t->names[MAIL_ROLE_SPAM] = mem_strdup_maybe(a->spam);
        t->names[MAIL_ROLE_TRASH] = mem_strdup_maybe(a->trash);
        t->followed = a->maildir ? 1 : a->imap ? 2 : 0;
    }
}

/* The config was read. */
void mail_folder_configure(void)
{
    pthread_mutex_lock(&lock);
    copy_config();
    pthread_mutex_unlock(&lock);
}

/* The account's words; NULL when the config has none of that name. The lock is held. */
static const struct told *find_told(const char *account)
{
    if (!configured)
        copy_config();
    for (size_t i = 0; i < told.len; i++) {
        const struct told *t = vec_at(&told, i);
        if (str_eq(t->account, account))
            return t;
    }
    return NULL;
}

/* The name the account's config line gives a role; NULL when it says nothing. Yours. */
static char *config_name(const char *account, enum mail_role role)
{
    const struct told *t;
    char *name;

    pthread_mutex_lock(&lock);
    t = find_told(account);
    name = t ? mem_strdup_maybe(t->names[role]) : NULL;
    pthread_mutex_unlock(&lock);
    return name;
}

/* Where changes of the account's folders are written back to: 1 a Maildir, 2 an IMAP server. */
static int64_t followed_as(const char *account)
{
    const struct told *t;
    int64_t as;

    pthread_mutex_lock(&lock);
    t = find_told(account);
    as = t ? t->followed : 0;
    pthread_mutex_unlock(&lock);
    return as;
}

/* Does the account lie on an IMAP server? */
bool mail_folder_is_imap(const char *account)
{
    return followed_as(account) == 2;
}

/* Is it one of that account there? */
bool mail_folder_on_server(struct db *db, int64_t folder, const char *account)
{
    struct db_query *q =
        db_prepare(db, "SELECT 1 FROM mail_folder WHERE id=?1 AND followed=2 AND (?2 IS NULL OR account=?2)");

    db_bind_int(q, 1, folder);
    db_bind_text(q, 2, account);
    return db_any(q);
}

/* ---- roles ---- */

/* What a folder is for: what the config calls so, else what its name says unless the config names
 * another folder for that. */
static enum mail_role role_of(const char *account, const char *name)
{
    enum mail_role guess = mail_role_guess(name);

    for (enum mail_role r = MAIL_ROLE_SENT; r <= MAIL_ROLE_TRASH; r++) {
        char *named = config_name(account, r);
        bool is = named && str_eq_nocase(named, name);
        if (named && guess == r)
            guess = MAIL_ROLE_OTHER;
        free(named);
        if (is)
            return r;
    }
    return guess;
}

/* Does the config say what it is for? */
bool mail_folder_is_named(const char *account, const char *name)
{
    bool is = false;

    for (enum mail_role r = MAIL_ROLE_SENT; r <= MAIL_ROLE_TRASH && !is; r++) {
        char *named = config_name(account, r);
        is = named && str_eq_nocase(named, name);
        free(named);
    }
    return is;
}

/* Finds the folder or makes it. */
enum status mail_folder_make(struct db *db, const char *account, const char *name, int64_t *id,
                             struct error *err)
{
    struct db_query *q;
    enum status st;

    account = account ? account : MAIL_LOCAL;
    if (!*name || strlen(name) > 500)
        return error_set(err, STATUS_USAGE, _("\"%s\" cannot be a folder's name"), name);
    if (str_eq_nocase(name, "inbox"))
        name = "INBOX";
    q = db_prepare(db, "SELECT id FROM mail_folder WHERE account=?1 AND name=?2 COLLATE NOCASE");
    db_bind_text(q, 1, account);
    db_bind_text(q, 2, name);
    *id = db_step(q) ? db_int(q, 0) : 0;
    st = db_done(q, err);
    if (st != STATUS_OK || *id)
        return st;
    q = db_prepare(db, "INSERT INTO mail_folder(account,name,role,followed) VALUES(?1,?2,?3,?4)");
    db_bind_text(q, 1, account);
    db_bind_text(q, 2, name);
    db_bind_int(q, 3, role_of(account, name));
    db_bind_int(q, 4, followed_as(account));
    st = db_run(q, err);
    *id = db_last_id(db);
    return st;
}

/* The account's folder for a purpose; the config's name wins, then what the server says, then what exists (the highest
 * level first), then our own. */
enum status mail_folder_role(struct db *db, const char *account, enum mail_role role, int64_t *id,
                             struct error *err)
{
    char *named;
    struct db_query *q;
    enum status st;

    account = account ? account : MAIL_LOCAL;
    named = config_name(account, role);
    if (named) {
        st = mail_folder_make(db, account, named, id, err);
        free(named);
        return st;
    }
    q = db_prepare(db, "SELECT f.id FROM mail_folder f LEFT JOIN mail_imap_folder i ON i.folder=f.id WHERE f.account=?1 AND"
                       " f.role=?2 ORDER BY (coalesce(i.attributes,0) & ?3)=0,instr(f.name,'/')>0,f.id LIMIT 1");
    db_bind_text(q, 1, account);
    db_bind_int(q, 2, role);
    db_bind_int(q, 3, mail_imap_role_attributes(role));
    *id = db_step(q) ? db_int(q, 0) : 0;
    st = db_done(q, err);
    if (st != STATUS_OK || *id)
        return st;
    return mail_folder_make(db, account, roles[role].name, id, err);
}

/* Reads the columns id, account, name, role, followed of the row under q. */
static void read_folder(struct db_query *q, struct mail_folder *f)
{
    *f = (struct mail_folder){
        .id = db_int(q, 0),
        .account = mem_strdup(db_text(q, 1)),
        .name = mem_strdup(db_text(q, 2)),
        .role = (enum mail_role)db_int(q, 3),
        .followed = db_int(q, 4) != 0,
    };
}

/* One folder by id. */
enum status mail_folder_get(struct db *db, int64_t id, struct mail_folder *out, struct error *err)
{
    struct db_query *q = db_prepare(db, "SELECT id,account,name,role,followed FROM mail_folder WHERE id=?1");
    bool found;
    enum status st;

    *out = (struct mail_folder){0};
    db_bind_int(q, 1, id);
    found = db_step(q);
    if (found)
        read_folder(q, out);
    st = db_done(q, err);
    if (st == STATUS_OK && !found)
        return error_set(err, STATUS_NO_SUCH, _("there is no such folder"));
    return st;
}

/* One folder by account (NULL: any, the one asked for first) and name; 0 when none. */
static int64_t find_in(struct db *db, const char *account, const char *name)
{
    struct db_query *q = db_prepare(db, "SELECT id FROM mail_folder WHERE name=?2 COLLATE NOCASE "
                                        "AND (?1 IS NULL OR account=?1) ORDER BY id LIMIT 1");
    int64_t id;

    db_bind_text(q, 1, account);
    db_bind_text(q, 2, name);
    id = db_step(q) ? db_int(q, 0) : 0;
    db_end(q);
    return id;
}

/* The folder of that account and name; 0 when there is none. */
int64_t mail_folder_find_exact(struct db *db, const char *account, const char *name)
{
    return find_in(db, account, name);
}

/* "account/name", the name in the account, the name anywhere. */
int64_t mail_folder_find(struct db *db, const char *account, const char *name)
{
    const char *slash = strchr(name, '/');
    int64_t id = 0;

    if (account)
        id = find_in(db, account, name);
    if (!id && slash) {
        char *first = mem_strndup(name, (size_t)(slash - name));
        id = find_in(db, first, slash + 1);
        free(first);
    }
    if (!id)
        id = find_in(db, NULL, name);
    return id;
}

#define FOLDER_ORDER                                                                               \
    " ORDER BY f.account, CASE f.role WHEN 1 THEN 0 WHEN 0 THEN 1 ELSE 1+f.role END, f.name"

/* All folders. */
enum status mail_folder_names(struct db *db, struct vec *folders, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT f.id, f.account, f.name, f.role, f.followed FROM mail_folder f" FOLDER_ORDER);

    vec_init(folders, sizeof(struct mail_folder), mail_folder_fini_item);
    while (db_step(q))
        read_folder(q, vec_push(folders));
    return db_done(q, err);
}

/* Does no mail lie in it? */
bool mail_folder_is_empty(struct db *db, int64_t id)
{
    struct db_query *q = db_prepare(db, "SELECT 1 FROM mail_message WHERE folder = ? LIMIT 1");
    db_bind_int(q, 1, id);
    bool empty = !db_step(q);
    db_end(q);
    return empty;
}

/* All folders with what lies in them. */
enum status mail_folder_list(struct db *db, struct vec *folders, struct error *err)
{
    struct db_query *q = db_prepare(
        db, "SELECT f.id, f.account, f.name, f.role, f.followed, count(m.id),"
            " coalesce(sum(m.flags & 1), 0) FROM mail_folder f"
            " LEFT JOIN mail_message m ON m.folder=f.id GROUP BY f.id" FOLDER_ORDER);

    vec_init(folders, sizeof(struct mail_folder), mail_folder_fini_item);
    while (db_step(q)) {
        struct mail_folder *f = vec_push(folders);
        read_folder(q, f);
        f->messages = db_int(q, 5);
        f->unread = db_int(q, 6);
    }
    return db_done(q, err);
}
