/* maildir.h - Maildir folders: names, and following those of an account.
 *
 * Names follow the Maildir convention (UNIQUE:2,FLAGS, flags in ASCII order; other letters than
 * ours are kept). Subfolders are Maildir++ (".Sent", ".Lists.house"). Other programs may work in
 * the same Maildir: a file is only renamed, never rewritten; what is new goes through tmp/; a name
 * that is gone is looked for by its unique part; nothing that is not ours is deleted. */
#ifndef MAIL_MAILDIR_H
#define MAIL_MAILDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

struct store;
struct config_account;

/* ---- names ---- */

/* enum doc_flag of a file name; in new/ or without flags it is unread. */
unsigned mail_maildir_flags(const char *name, bool is_new);
/* Length of the unique part (before ":2,"). */
size_t mail_maildir_unique(const char *name);
/* The name with these flags (letters of others kept). Yours. */
char *mail_maildir_rename(const char *name, unsigned flags);
/* The path of a mail that another program has renamed or moved from new/ to cur/; NULL: gone. Yours. */
char *mail_maildir_find(const char *path);
/* Has the directory cur/ and new/? */
bool mail_maildir_is(const char *path);
/* "Lists/house" for ".Lists.house"; a copy of anything else (without a leading dot). Yours. */
char *mail_maildir_folder_name(const char *directory);
/* Writes bytes as a new file through tmp/ into cur/ (flags) or new/ (unread); *path (yours) is
 * "cur/NAME" below the folder. Makes the Maildir when it is not there. */
enum status mail_maildir_deliver(const char *folder, const void *bytes, size_t n, unsigned flags,
                                 char **path, struct error *err) MUST_CHECK;
/* The two steps of it: which path ("cur/NAME", yours) it will have, and the delivery under that. */
char *mail_maildir_plan(unsigned flags);
enum status mail_maildir_deliver_at(const char *folder, const char *path, const void *bytes, size_t n,
                                    struct error *err) MUST_CHECK;
/* The same for many at once: dated, and durable only after mail_maildir_flush. */
enum status mail_maildir_put(const char *folder, const void *bytes, size_t n, unsigned flags,
                             int64_t date, struct error *err) MUST_CHECK;
enum status mail_maildir_flush(const char *folder, struct error *err) MUST_CHECK;
/* Delivers the mirror of a draft (mirror.h): its name carries the mark, its flags are D and S. */
enum status mail_maildir_deliver_mirror(const char *folder, const char *mark, const void *bytes,
                                        size_t n, char **path, struct error *err) MUST_CHECK;
/* All files of new/ and cur/, newest name first: strv of "cur/NAME". */
enum status mail_maildir_files(const char *folder, struct vec *names, struct error *err) MUST_CHECK;

/* ---- following the accounts of kind maildir ---- */

/* Is there a Maildir where the account says, or folders that are? FAILED says what is there and what to do. */
enum status mail_maildir_check(const struct config_account *a, struct error *err) MUST_CHECK;

/* Scans every followed account once, both ways: new mail in, flags and moves of other programs,
 * ours written back. on_folder for each (may be NULL), then on_done once. Loop. */
struct mail_sync_folder {
    const char *account, *folder;
    int64_t added, changed, gone, pushed;
};
struct mail_maildir_sync;
struct mail_maildir_sync *mail_maildir_sync(struct store *s, const char *account /* NULL: all */,
                                            void (*on_folder)(void *user,
                                                              const struct mail_sync_folder *f),
                                            void (*on_done)(void *user, int64_t added,
                                                            const struct error *err),
                                            void *user);
/* A dry run: looks and tells, takes nothing and writes nothing back. Right after the start. */
void mail_maildir_only_look(struct mail_maildir_sync *m);
/* on_done comes with INTERRUPTED; also legal from inside. */
void mail_maildir_cancel(struct mail_maildir_sync *m);

/* Watches by inotify and syncs when something stirs; writes changes of ours back within a moment.
 * For the screen and `work`. One per process; NULL when no account is of that kind. */
struct mail_maildir_watch;
struct mail_maildir_watch *mail_maildir_watch_new(struct store *s);
void mail_maildir_watch_free(struct mail_maildir_watch *w);

/* Writes back what waits (mail_push) now; done once. Batch commands call it before they end. */
void mail_maildir_push(struct store *s, void (*done)(void *user, int64_t pushed,
                                                     const struct error *err),
                       void *user);

#endif
