/* mailcap.h - which program opens a kind of file (RFC 1524): the person's ~/.mailcap, then the
 * system's. No shell: a command is split into words; one that needs a shell (pipes, variables,
 * substitutions) is passed over, the next one is taken. */
#ifndef INBOX_MAILCAP_H
#define INBOX_MAILCAP_H

#include <stdbool.h>

#include "base/str.h"
#include "base/vec.h"

struct mailcap {
    struct vec words;   /* strv: the command, %s and %t in it */
    bool needs_terminal, copious;
    bool takes_file;    /* %s stands in it; else it reads its stdin */
    char *name;         /* own; nametemplate, "%s.html", or NULL */
};

void mailcap_fini(struct mailcap *m);
/* The first entry of the text for the type that can be used here; false when there is none. */
bool mailcap_find(const char *text, const char *type, struct mailcap *out);
/* The same in $HOME/.mailcap, /etc/mailcap and /usr/share/etc/mailcap. */
bool mailcap_choose(const char *type, struct mailcap *out);
/* The words with path and type in their places: strv, initialised here. */
void mailcap_argv(const struct mailcap *m, const char *path, const char *type, struct vec *argv);

#endif
