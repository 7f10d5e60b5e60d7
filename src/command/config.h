/* config.h - bureaurc: a line is a command (set, bind, source, account, model, alias).
 *
 * Quoting as in a shell without expansion; # comments; a wrong line is reported with file, line,
 * column and what would be right, the rest still loads. Accounts and models are named things whose
 * lines add up. Structures live until the next config_load. */
#ifndef COMMAND_CONFIG_H
#define COMMAND_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct config_account {
    char *name;                                  /* own, as are all below; NULL when not given */
    char *from, *imap, *smtp, *maildir, *caldav, *user;
    char *oauth, *oauth_client, *pin, *sent, *drafts, *trash, *archive, *spam;
    char *oauth_authorize, *oauth_token, *oauth_device, *oauth_scope, *oauth_redirect; /* beside a preset */
    struct vec aliases, identities;              /* strv */
    struct vec signatures;                       /* strv: FILE, or ADDRESS=FILE for one identity */
    struct vec password_command, token_command, sendmail; /* strv argv; empty when not given */
    struct vec oauth_secret_command;
    bool plaintext;
    int64_t keep_days; /* 0: all */
};

struct config_model {
    char *name, *url, *model_name, *key_env, *fallback; /* own */
    struct vec key_command;                             /* strv argv */
    struct vec purposes;                                /* strv; empty: all */
    int64_t context;                                    /* tokens, 0 unknown */
    char *price_in, *price_out, *currency;              /* decimal per million tokens; NULL unknown */
};

struct config_alias { /* a short name for people, as in mutt */
    char *nick, *people; /* own: "tom", "Tom Berger <tom@acme.example>, …" as typed */
};

struct config_fault {
    char *file; /* own */
    int line, column;
    struct error error;
};

/* Loads path (absent is an empty one). Faults collect; see config_faults. FAILED only when the
 * file may not be read (loose mode, other owner). */
enum status config_load(const char *path, struct error *err) MUST_CHECK;
void config_clear(void);
const struct vec *config_faults(void);   /* struct config_fault */
const struct vec *config_accounts(void); /* struct config_account */
const struct vec *config_models(void);   /* struct config_model */
const struct config_account *config_account(const char *name);
const struct vec *config_aliases(void); /* struct config_alias */
/* What the alias of that name stands for, case ignored; NULL. */
const char *config_alias(const char *nick);
const struct config_model *config_model(const char *name);
/* An account of one's own, as a copy or empty ({0}, then named): what outlives config_load, or is not written yet. */
void config_account_init(struct config_account *a, const char *name);
void config_account_copy(struct config_account *to, const struct config_account *from);
void config_account_fini(struct config_account *a);
/* Does the text name keys as `pin` takes them: SHA-256 in hex, several with commas between? */
bool config_is_pin(const char *text);
/* The line of bureaurc that says what the account has beyond an empty one: "account work from …". */
void config_account_print(const struct config_account *a, struct str *out);
/* Own addresses of `set me` and the accounts' from and alias, lower case; strv. The commonest
 * Delivered-To is mail/'s to add (config_add_me). */
const struct vec *config_me(void);
void config_add_me(const char *address);
bool config_is_me(const char *address);

/* The bare address of "Anna Li <anna@example.com>" in lower case; "" when there is none. Yours. */
char *config_address(const char *text);

/* Splits one line into words by the quoting rules; USAGE with the column. strv. */
enum status config_split(const char *line, struct vec *words, int *column, struct error *err)
    MUST_CHECK;

#endif
