/* SPDX-License-Identifier: GPL-3.0-or-later */
/* import_walk.c - walks what a person named: files, Maildirs (newest mail first), folders of either */
#include "app/import_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/i18n.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "mail/folder.h"
#include "mail/maildir.h"

#define DEPTH_MOST 40
/* More names than this wait in a file, not in memory: half a million are thirty megabytes. */
#define HELD_MOST 4000

/* One directory under way, or the list of what was named. */
struct level {
    char *path;      /* own; NULL: names are paths */
    char *folder;    /* own */
    bool maildir;
    struct vec files, directories; /* strv; taken from the front */
    FILE *waiting;       /* own; the files instead, each with a NUL behind it; NULL: there are few */
    size_t waiting_many; /* there */
    size_t file, directory;
};

struct import_walk {
    char *folder;      /* own; --folder */
    struct vec levels; /* struct level; the last is under way */
    char *path, *name; /* own; of the file given last */
    char *file_folder; /* own */
};

/* Releases a level. */
static void level_fini(void *item)
{
    struct level *l = item;

    free(l->path);
    free(l->folder);
    if (l->waiting)
        fclose(l->waiting);
    vec_fini(&l->files);
    vec_fini(&l->directories);
}

/* A walk. */
struct import_walk *import_walk_new(const char *folder)
{
    struct import_walk *w = mem_alloc(sizeof *w);

    w->folder = mem_strdup_maybe(folder);
    vec_init(&w->levels, sizeof(struct level), level_fini);
    return w;
}

/* Ends it. */
void import_walk_free(struct import_walk *w)
{
    if (!w)
        return;
    vec_fini(&w->levels);
    free(w->folder);
    free(w->path);
    free(w->name);
    free(w->file_folder);
    free(w);
}

/* The folder a file or directory name stands for. */
char *import_walk_role_name(const char *path)
{
    static const char *const endings[] = {".gz", ".mbox", ".mbx", ".eml", "/"};
    char *copy = mem_strdup(path), *base, *name = NULL;
    enum mail_role role;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(copy, endings[i]))
            copy[strlen(copy) - strlen(endings[i])] = '\0';
    base = strrchr(copy, '/') ? strrchr(copy, '/') + 1 : copy;
    while (*base == '.')
        base++;
    role = mail_role_guess(base);
    if (role == MAIL_ROLE_INBOX)
        name = mem_strdup("INBOX");
    else if (role != MAIL_ROLE_OTHER)
        name = mem_strdup(base);
    free(copy);
    return name;
}

/* Plain order of names. */
static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A pushed level, empty. */
static struct level *push_level(struct import_walk *w, const char *path, const char *folder)
{
    struct level *l = vec_push(&w->levels);

    l->path = mem_strdup_maybe(path);
    l->folder = mem_strdup(folder);
    strv_init(&l->files);
    strv_init(&l->directories);
    return l;
}

/* Sorts what lies in a directory into files and directories. */
static enum status read_directory(const char *path, struct level *l, struct error *err)
{
    DIR *d = opendir(path);
    struct dirent *e;

    if (!d)
        return error_set_errno(err, errno, "%s", path);
    while ((e = readdir(d))) {
        struct stat st;
        char *full;
        if (str_eq(e->d_name, ".") || str_eq(e->d_name, ".."))
            continue;
        full = path_join(path, e->d_name);
        if (lstat(full, &st) == 0) {
            bool link = S_ISLNK(st.st_mode);
            if (S_ISDIR(st.st_mode)) { /* hidden ones only as Maildir++ folders */
                if (e->d_name[0] != '.' || mail_maildir_is(full))
                    strv_push(&l->directories, e->d_name);
            } else if (e->d_name[0] != '.' && (!link || (stat(full, &st) == 0 && S_ISREG(st.st_mode)))) {
                strv_push(&l->files, e->d_name);
            }
        }
        free(full);
    }
    closedir(d);
    vec_sort(&l->files, by_name);
    vec_sort(&l->directories, by_name);
    return STATUS_OK;
}

/* Puts many names into a file. Where there is no room for it they stay in memory. */
static void put_away(struct level *l)
{
    FILE *f = l->files.len > HELD_MOST ? tmpfile() : NULL;
    bool good = f && fcntl(fileno(f), F_SETFD, FD_CLOEXEC) == 0;

    for (size_t i = 0; i < l->files.len && good; i++) {
        const char *name = strv_at(&l->files, i);
        size_t n = strlen(name) + 1;
        good = fwrite(name, 1, n, f) == n;
    }
    if (good && fflush(f) == 0 && fseek(f, 0, SEEK_SET) == 0) {
        l->waiting = f;
        l->waiting_many = l->files.len;
        vec_fini(&l->files);
        malloc_trim(0);
    } else if (f) {
        fclose(f);
    }
}

/* Leaves out the three directories of a Maildir. */
static void drop_maildir_parts(struct vec *directories)
{
    for (size_t i = directories->len; i-- > 0;) {
        const char *name = strv_at(directories, i);
        if (str_eq(name, "cur") || str_eq(name, "new") || str_eq(name, "tmp"))
            vec_remove(directories, i);
    }
}

/* Enters a directory: a Maildir's mails, or its files; then its directories. */
static enum status enter(struct import_walk *w, const char *path, const char *folder,
                         struct error *err)
{
    struct level *l = push_level(w, path, folder);
    enum status st;

    l->maildir = mail_maildir_is(path);
    st = read_directory(path, l, err);
    if (st == STATUS_OK && l->maildir) {
        vec_fini(&l->files);
        st = mail_maildir_files(path, &l->files, err);
        drop_maildir_parts(&l->directories);
    }
    if (st == STATUS_OK)
        put_away(l);
    else
        vec_remove(&w->levels, w->levels.len - 1);
    return st;
}

/* A path that a person named. */
enum status import_walk_add(struct import_walk *w, const char *path, struct error *err)
{
    struct level *l;
    struct stat st;

    if (!w->levels.len)
        push_level(w, NULL, w->folder ? w->folder : "INBOX");
    l = vec_at(&w->levels, 0);
    if (!str_eq(path, "-")) {
        if (stat(path, &st) < 0)
            return errno == ENOENT
                       ? error_set(err, STATUS_NO_SUCH, _("%s: there is no such file"), path)
                       : error_set_errno(err, errno, "%s", path);
        if (S_ISDIR(st.st_mode)) {
            strv_push(&l->directories, path);
            return STATUS_OK;
        }
    }
    strv_push(&l->files, path);
    return STATUS_OK;
}

/* The folder for the mails of a directory below `in`. */
static char *folder_below(const struct import_walk *w, const struct level *in, const char *name,
                          const char *path)
{
    char *own, *role, *joined;

    if (!in->path) { /* named by the person */
        role = w->folder ? NULL : import_walk_role_name(path);
        return role ? role : mem_strdup(in->folder);
    }
    if (!mail_maildir_is(path)) {
        role = w->folder ? NULL : import_walk_role_name(name);
        return role ? role : mem_strdup(in->folder);
    }
    own = mail_maildir_folder_name(name);
    role = import_walk_role_name(own);
    if (str_eq(role, "INBOX"))
        joined = mem_strdup(in->folder);
    else if (str_eq(in->folder, "INBOX"))
        joined = mem_strdup(own);
    else
        joined = str_format("%s/%s", in->folder, own);
    free(role);
    free(own);
    return joined;
}

/* How many files a level has. */
static size_t file_count(const struct level *l)
{
    return l->waiting ? l->waiting_many : l->files.len;
}

/* The name of the next file of a level. Yours; NULL, and nothing more comes, when it cannot be read back. */
static char *next_name(struct level *l)
{
    char *name = NULL;
    size_t room = 0;

    if (!l->waiting)
        return mem_strdup(strv_at(&l->files, l->file++));
    l->file++;
    if (getdelim(&name, &room, '\0', l->waiting) > 0)
        return name;
    free(name);
    l->file = l->waiting_many;
    return NULL;
}

/* Gives the next file of a level. */
static bool give(struct import_walk *w, struct level *l, struct import_file *out)
{
    char *name = next_name(l);

    if (!name)
        return false;
    free(w->path);
    free(w->name);
    free(w->file_folder);
    w->path = l->path ? path_join(l->path, name) : mem_strdup(name);
    w->name = l->maildir ? name : NULL;
    if (!l->maildir)
        free(name);
    w->file_folder = mem_strdup(l->folder);
    *out = (struct import_file){.path = w->path,
                                .folder = w->file_folder,
                                .name = w->name,
                                .walked = l->path != NULL};
    return true;
}

/* The next file, going down where there is a directory. */
bool import_walk_next(struct import_walk *w, struct import_file *out,
                      void (*on_error)(void *user, const struct error *err), void *user)
{
    while (w->levels.len) {
        struct level *l = vec_at(&w->levels, w->levels.len - 1);
        if (l->file < file_count(l)) {
            struct error err = ERROR_INIT;
            if (give(w, l, out))
                return true;
            error_set_errno(&err, errno, "%s", l->path);
            on_error(user, &err);
            continue;
        }
        if (l->directory < l->directories.len) {
            const char *name = strv_at(&l->directories, l->directory++);
            char *path = l->path ? path_join(l->path, name) : mem_strdup(name);
            char *folder = folder_below(w, l, name, path);
            struct error err = ERROR_INIT;
            if (w->levels.len >= DEPTH_MOST)
                error_set(&err, STATUS_LIMIT, _("%s: folders too deep"), path);
            else if (enter(w, path, folder, &err) == STATUS_OK)
                err.status = STATUS_OK;
            if (error_is(&err))
                on_error(user, &err);
            free(path);
            free(folder);
            continue;
        }
        vec_remove(&w->levels, w->levels.len - 1);
    }
    return false;
}

/* What is known to come. */
size_t import_walk_left(const struct import_walk *w)
{
    size_t left = 0;

    for (size_t i = 0; i < w->levels.len; i++) {
        const struct level *l = vec_at(&w->levels, i);
        left += file_count(l) - l->file;
    }
    return left;
}
