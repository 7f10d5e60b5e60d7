/* secret.h - secrets of an account: files of our own in state/secrets (0600 in 0700, loose ones are
 * refused as ssh does) and commands that print one. Never in argv, environment, logs or the store.
 * Loop thread only. */
#ifndef MAIL_SECRET_H
#define MAIL_SECRET_H

#include <stdbool.h>

#include "base/error.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"

struct loop;
struct mail_secret_run; /* a command under way */

/* …/secrets/ACCOUNT.KIND; kinds: "password", "token" (OAuth, JSON), "client" (OAuth client secret),
 * "lock". Yours. */
char *mail_secret_path(const struct paths *paths, const char *account, const char *kind);
/* NO_SUCH: there is none. REFUSED: others may read it, or it is another user's. */
enum status mail_secret_read(const struct paths *paths, const char *account, const char *kind,
                             struct str *out, struct error *err) MUST_CHECK;
/* Atomic; makes the directory. */
enum status mail_secret_write(const struct paths *paths, const char *account, const char *kind,
                              const char *text, struct error *err) MUST_CHECK;
/* Absent is fine. */
enum status mail_secret_remove(const struct paths *paths, const char *account, const char *kind,
                               struct error *err) MUST_CHECK;
/* Wipes, then releases. */
void mail_secret_wipe(struct str *s);

/* Runs argv (strv) and gives the first line it prints. option: its name in bureaurc, for the words of an
 * error. done comes once, from the loop; after cancel never. NULL with err set when it does not start. */
struct mail_secret_run *mail_secret_run(struct loop *l, const struct vec *argv, const char *option,
                                        void (*done)(void *user, const char *line,
                                                     const struct error *err),
                                        void *user, struct error *err);
void mail_secret_run_cancel(struct mail_secret_run *r);

#endif
