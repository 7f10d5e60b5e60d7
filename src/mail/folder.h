/* folder.h - folders of accounts. Imports without an account go to "local". */
#ifndef MAIL_FOLDER_H
#define MAIL_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/vec.h"
#include "store/db.h"

#define MAIL_LOCAL "local"

enum mail_role {
    MAIL_ROLE_OTHER, /* what a filter sorts into it is shown in the inbox as well; what is moved there is not */
    MAIL_ROLE_INBOX,
    MAIL_ROLE_SENT,
    MAIL_ROLE_DRAFTS,
    MAIL_ROLE_ARCHIVE,
    MAIL_ROLE_SPAM,
    MAIL_ROLE_TRASH
};

struct mail_folder {
    int64_t id;
    char *account, *name; /* own; name UTF-8, "/" between levels */
    enum mail_role role;
    bool followed;            /* in the account's Maildir or on its IMAP server: written back */
    int64_t messages, unread; /* mail_folder_list only */
};
void mail_folder_fini(struct mail_folder *f);
void mail_folder_fini_item(void *item);

const char *mail_role_word(enum mail_role r); /* "inbox"; "" for OTHER */
/* What a name means ("Sent Items", "Junk", "已发送"); OTHER when nothing. */
enum mail_role mail_role_guess(const char *name);

/* Takes over what the config says of accounts: their folders' names, which have a Maildir. The
 * functions below run in the writer's thread, so they read a copy. Loop; after each config_load
 * (mail_learn_me does it). */
void mail_folder_configure(void);

/* Does the account lie on an IMAP server? Any thread. */
bool mail_folder_is_imap(const char *account);

/* Is the folder one on a server, or to be made there: of this account, or with NULL of any? */
bool mail_folder_on_server(struct db *db, int64_t folder, const char *account);

/* Finds or makes (writers); account NULL is "local". The role follows the account's config line,
 * else the name. */
enum status mail_folder_make(struct db *db, const char *account, const char *name, int64_t *id,
                             struct error *err) MUST_CHECK;
/* Does the config's line of the account give the folder a role? Any thread. */
bool mail_folder_is_named(const char *account, const char *name);
/* The account's folder of that role, made when there is none (writers). */
enum status mail_folder_role(struct db *db, const char *account, enum mail_role role, int64_t *id,
                             struct error *err) MUST_CHECK;
enum status mail_folder_get(struct db *db, int64_t id, struct mail_folder *out, struct error *err)
    MUST_CHECK;
/* By "account/name", or the name alone: in `account` first (may be NULL), then anywhere; case is
 * ignored. 0 when none. */
int64_t mail_folder_find(struct db *db, const char *account, const char *name);
/* In this account only. */
int64_t mail_folder_find_exact(struct db *db, const char *account, const char *name);
/* The same without counts: one small table. */
enum status mail_folder_names(struct db *db, struct vec *folders, struct error *err) MUST_CHECK;
/* Does no mail lie in it? One look into an index. */
bool mail_folder_is_empty(struct db *db, int64_t id);
/* All, with counts: struct mail_folder in the order of account and name. Finder. */
enum status mail_folder_list(struct db *db, struct vec *folders, struct error *err) MUST_CHECK;

#endif
