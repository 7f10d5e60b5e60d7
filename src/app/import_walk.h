/* import_walk.h - the files that `import PATH…` means, one by one. */
#ifndef APP_IMPORT_WALK_H
#define APP_IMPORT_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct import_walk;

struct import_file { /* borrowed until the next call */
    const char *path;    /* "-": stdin */
    const char *folder;  /* a mail of it goes there unless it is an mbox with a name of its own */
    const char *name;    /* below its Maildir, "cur/…"; NULL when it lies in none */
    bool walked;         /* found in a folder, not named by the person */
};

/* folder: what --folder says or NULL. */
struct import_walk *import_walk_new(const char *folder);
void import_walk_free(struct import_walk *w);
/* A file, a Maildir, a folder of anything, "-". NO_SUCH when it is not there. */
enum status import_walk_add(struct import_walk *w, const char *path, struct error *err) MUST_CHECK;
/* The next file; false at the end. A directory that cannot be read is told by on_error. */
bool import_walk_next(struct import_walk *w, struct import_file *out,
                      void (*on_error)(void *user, const struct error *err), void *user);
/* Files found so far and not given yet: for progress. */
size_t import_walk_left(const struct import_walk *w);

/* "Sent" for "sent.mbox.gz" or ".Sent": the folder a name stands for by its role; NULL: none.
 * Yours. */
char *import_walk_role_name(const char *path);

#endif
