/* path.h - places and files: private, atomic, never another user's. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/str.h"

/* Where an office lives (contract.md "Invocation"); every field is an owned absolute path. */
struct paths {
    char *config;  /* …/bureaurc */
    char *db;      /* …/bureau.db */
    char *state;   /* directory: log, backups */
    char *runtime; /* directory: sockets, locks */
    char *home;    /* --home, or NULL with XDG */
};

/* home may be NULL: BUREAU_HOME, else XDG. Creates directories 0700; refuses looser modes and
 * other owners (REFUSED would be exit 4: it is FAILED, with a hint "chmod 700 …"). */
enum status paths_init(struct paths *p, const char *home, struct error *err) MUST_CHECK;
void paths_fini(struct paths *p);

char *path_join(const char *dir, const char *name);
/* "~" and "~/x" at the start are the user's home; anything else is copied. */
char *path_expand(const char *path);
/* mkdir -p with 0700 for what is made. */
enum status path_make_dir(const char *path, struct error *err) MUST_CHECK;
/* Temp file in the same directory, write, fsync, rename, fsync the directory; mode 0600. */
enum status path_write(const char *path, const void *bytes, size_t n, struct error *err) MUST_CHECK;
/* Renames without overwriting; errno tells why not. */
bool path_rename_new(const char *from, const char *to);
/* Gives a whole file, written beside it, its name; nothing is overwritten. Durable. `from` is gone then. */
enum status path_name_new(const char *from, const char *to, struct error *err) MUST_CHECK;
/* What path_write_new would refuse, for dry runs. */
enum status path_is_new(const char *path, struct error *err) MUST_CHECK;
/* Never overwrites (O_EXCL | O_NOFOLLOW). */
enum status path_write_new(const char *path, const void *bytes, size_t n, struct error *err)
    MUST_CHECK;
/* Reads a whole file up to max bytes (LIMIT beyond). */
enum status path_read(const char *path, size_t max, struct str *out, struct error *err) MUST_CHECK;
/* A safe file name from foreign text (safety.md 13): basename, control and bidi characters
 * visible, no leading dot, at most 200 bytes, never empty. Yours. */
char *path_safe_name(const char *name);
/* write(2) until all is out. */
bool fd_write_all(int fd, const void *bytes, size_t n);

#endif
