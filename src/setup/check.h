/* check.h - does an account work? Gets its password or token, logs in at IMAP and at SMTP, looks for the
 * folders that are needed, and says in words what is wrong and what to do. Loop thread only. */
#ifndef SETUP_CHECK_H
#define SETUP_CHECK_H

#include <stdbool.h>

#include "base/error.h"
#include "base/path.h"

struct config_account;
struct loop;
struct setup_check;

enum setup_part { SETUP_LOGIN, SETUP_IMAP, SETUP_SMTP, SETUP_PARTS };

struct setup_check_result {
    bool tried[SETUP_PARTS];        /* IMAP: a server is named; … */
    struct error errors[SETUP_PARTS]; /* OK: it works */
    bool has_sent, has_trash;       /* folders the server marks or that are named in the config */
    int folders;                    /* selectable ones; 0 when IMAP did not work */
    char pins[SETUP_PARTS][65];     /* keys of servers that are not trusted, as `pin` takes them; "" unknown */
    unsigned lacks;                 /* what would make sync quicker or safer (mail_imap_lacks) */
};
/* The first error, in the order of the parts; NULL: all is well. */
const struct error *setup_check_error(const struct setup_check_result *r);

/* The value of `pin` that trusts one key beside those of pins (NULL: none yet). Yours. */
char *setup_check_add_pin(const char *pins, const char *pin);

/* a is copied. secret: the password that is not stored yet (NULL: ask as mail/login.h does). done comes
 * once, from the loop. */
struct setup_check *setup_check_start(struct loop *l, const struct paths *paths,
                                      const struct config_account *a, const char *secret,
                                      void (*done)(void *user, const struct setup_check_result *r),
                                      void *user);
void setup_check_cancel(struct setup_check *c); /* done is not called; NULL is allowed */

#endif
