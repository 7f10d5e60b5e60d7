/* SPDX-License-Identifier: GPL-3.0-or-later */
/* maildir_file.c - names and files of Maildirs */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/path.h"
#include "mail/maildir.h"
#include "store/doc.h"

static const struct {
    char letter;
    unsigned flag;
    bool when_clear;
} letters[] = {
    {'F', DOC_FLAGGED, false},
    {'P', DOC_FORWARDED, false},
    {'R', DOC_REPLIED, false},
    {'S', DOC_UNREAD, true},
};

/* Where the flags begin: behind ":2,", or "!2," and ";2," on file systems that know no colon. */
static const char *info(const char *name)
{
    for (const char *at = name; *at; at++)
        if ((*at == ':' || *at == '!' || *at == ';') && at[1] == '2' && at[2] == ',')
            return at;
    return NULL;
}

/* The part that stays when flags change. */
size_t mail_maildir_unique(const char *name)
{
    const char *at = info(name);

    return at ? (size_t)(at - name) : strlen(name);
}

/* The flags of a name. */
unsigned mail_maildir_flags(const char *name, bool is_new)
{
    const char *at = info(name);
    unsigned flags = 0;

    if (is_new || !at)
        return DOC_UNREAD;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if ((strchr(at + 3, letters[i].letter) != NULL) != letters[i].when_clear)
            flags |= letters[i].flag;
    return flags;
}

/* The name with other flags; letters that are not ours (D, T, keywords) stay, all in ASCII order. */
char *mail_maildir_rename(const char *name, unsigned flags)
{
    const char *at = info(name);
    size_t unique = mail_maildir_unique(name), n = 0;
    char found[128] = "";
    struct str out = STR_INIT;

    for (int c = 1; c < 127; c++) {
        bool on = at && strchr(at + 3, c) != NULL;
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
            if (letters[i].letter == c)
                on = ((flags & letters[i].flag) != 0) != letters[i].when_clear;
        if (on)
            found[n++] = (char)c;
    }
    str_add(&out, name, unique);
    str_addf(&out, "%.3s%s", at ? at : ":2,", found);
    return str_take(&out);
}

/* Is this a directory? */
static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Has it cur/ and new/? */
bool mail_maildir_is(const char *path)
{
    char *cur = path_join(path, "cur"), *new = path_join(path, "new");
    bool is = is_directory(cur) && is_directory(new);

    free(cur);
    free(new);
    return is;
}

/* A Maildir++ name without its dots. */
char *mail_maildir_folder_name(const char *directory)
{
    char *name;

    if (directory[0] != '.')
        return mem_strdup(directory);
    name = mem_strdup(directory + 1);
    for (char *c = name; *c; c++)
        if (*c == '.')
            *c = '/';
    return name;
}

/* A name nobody else will make: time, process, counter, random. */
static char *unique_name(void)
{
    static unsigned counter;
    unsigned long random = 0;
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        if (read(fd, &random, sizeof random) != (ssize_t)sizeof random)
            random = 0;
        close(fd);
    }
    return str_format("%lld.M%lldP%ldQ%uR%lx.bureau", (long long)clock_now(),
                      (long long)(clock_mono_ms() % 1000000), (long)getpid(), ++counter, random);
}

/* A file of that unique part in new/ or cur/. */
char *mail_maildir_find(const char *path)
{
    const char *base = strrchr(path, '/');
    const char *part = base;
    size_t unique;
    char *found = NULL;

    if (!base)
        return NULL;
    while (part > path && part[-1] != '/')
        part--;
    base++;
    unique = mail_maildir_unique(base);
    for (int i = 0; i < 2 && !found; i++) {
        char *directory = str_format("%.*s%s", (int)(part - path), path, i ? "new" : "cur");
        DIR *d = opendir(directory);
        struct dirent *e;
        while (d && !found && (e = readdir(d)))
            if (strncmp(e->d_name, base, unique) == 0 && mail_maildir_unique(e->d_name) == unique)
                found = path_join(directory, e->d_name);
        if (d)
            closedir(d);
        free(directory);
    }
    return found;
}

/* Makes the three directories. */
static enum status make_maildir(const char *folder, struct error *err)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    enum status st = STATUS_OK;

    for (size_t i = 0; i < 3 && st == STATUS_OK; i++) {
        char *path = path_join(folder, parts[i]);
        st = path_make_dir(path, err);
        free(path);
    }
    return st;
}

/* Makes directory changes durable. */
static void sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* tmp/NAME, then renamed to PART/LAST. *path is that. */
static enum status place(const char *folder, const char *name, const char *part, const char *last,
                         const void *bytes, size_t n, char **path, struct error *err)
{
    char *tmp = str_format("%s/tmp/%s", folder, name), *full = NULL, *directory = NULL;
    enum status st = make_maildir(folder, err);

    *path = NULL;
    if (st == STATUS_OK)
        st = path_write_new(tmp, bytes, n, err);
    if (st != STATUS_OK)
        goto out;
    *path = str_format("%s/%s", part, last);
    full = path_join(folder, *path);
    if (rename(tmp, full) < 0) {
        st = error_set_errno(err, errno, "%s", full);
        unlink(tmp);
        free(*path);
        *path = NULL;
        goto out;
    }
    directory = path_join(folder, part);
    sync_directory(directory);
out:
    free(tmp);
    free(full);
    free(directory);
    return st;
}

/* A name of its own. */
char *mail_maildir_plan(unsigned flags)
{
    bool unread = flags == DOC_UNREAD;
    char *name = unique_name(), *last = unread ? mem_strdup(name) : mail_maildir_rename(name, flags);
    char *path = str_format("%s/%s", unread ? "new" : "cur", last);

    free(name);
    free(last);
    return path;
}

/* A new mail under the name that was planned. */
enum status mail_maildir_deliver_at(const char *folder, const char *path, const void *bytes, size_t n,
                                    struct error *err)
{
    char *last = mem_strdup(path + 4), *name = str_format("%.*s", (int)mail_maildir_unique(last), last), *made;
    enum status st = place(folder, name, path[0] == 'n' ? "new" : "cur", last, bytes, n, &made, err);

    free(name);
    free(last);
    free(made);
    return st;
}

/* A new mail. */
enum status mail_maildir_deliver(const char *folder, const void *bytes, size_t n, unsigned flags,
                                 char **path, struct error *err)
{
    enum status st;

    *path = mail_maildir_plan(flags);
    st = mail_maildir_deliver_at(folder, *path, bytes, n, err);
    if (st != STATUS_OK) {
        free(*path);
        *path = NULL;
    }
    return st;
}

/* A draft's mirror: seen, a draft, marked. */
enum status mail_maildir_deliver_mirror(const char *folder, const char *mark, const void *bytes,
                                        size_t n, char **path, struct error *err)
{
    char *unique = unique_name(), *name = str_format("%s,B=%s", unique, mark);
    char *last = str_format("%s:2,DS", name);
    enum status st = place(folder, name, "cur", last, bytes, n, path, err);

    free(unique);
    free(name);
    free(last);
    return st;
}

/* Writes a file and gives it its date. */
static enum status write_dated(const char *path, const void *bytes, size_t n, int64_t date,
                               struct error *err)
{
    struct timespec times[2] = {{.tv_sec = (time_t)date}, {.tv_sec = (time_t)date}};
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), why = 0;

    if (fd < 0)
        return error_set_errno(err, errno, "%s", path);
    if (!fd_write_all(fd, bytes, n) || futimens(fd, times) < 0)
        why = errno;
    if (close(fd) < 0 && !why)
        why = errno;
    if (!why)
        return STATUS_OK;
    unlink(path);
    return error_set_errno(err, why, "%s", path);
}

/* One of many. */
enum status mail_maildir_put(const char *folder, const void *bytes, size_t n, unsigned flags,
                             int64_t date, struct error *err)
{
    char *name = unique_name(), *last = NULL, *full = NULL;
    char *tmp = str_format("%s/tmp/%s", folder, name);
    bool unread = flags == DOC_UNREAD;
    enum status st = mail_maildir_is(folder) ? STATUS_OK : make_maildir(folder, err);

    if (st == STATUS_OK)
        st = write_dated(tmp, bytes, n, date, err);
    if (st == STATUS_OK) {
        last = unread ? mem_strdup(name) : mail_maildir_rename(name, flags);
        full = str_format("%s/%s/%s", folder, unread ? "new" : "cur", last);
        if (rename(tmp, full) < 0) {
            st = error_set_errno(err, errno, "%s", full);
            unlink(tmp);
        }
    }
    free(name);
    free(tmp);
    free(last);
    free(full);
    return st;
}

/* All of them reach the disk. */
enum status mail_maildir_flush(const char *folder, struct error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status st = STATUS_OK;

    if (fd < 0 || syncfs(fd) < 0)
        st = error_set_errno(err, errno, "%s", folder);
    if (fd >= 0)
        close(fd);
    return st;
}

/* The number a name begins with: the time of its delivery. */
static long long name_time(const char *name)
{
    const char *base = strrchr(name, '/');

    return strtoll(base ? base + 1 : name, NULL, 10);
}

struct dated {
    long long time;
    char *name; /* borrow */
};

/* Newest first, then by name backwards. */
static int newest_first(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? 1 : -1;
    return strcmp(strrchr(y->name, '/'), strrchr(x->name, '/'));
}

/* Sorts names; their times are read once, not at every comparison: there may be a million. */
static void sort_names(struct vec *names)
{
    struct vec all;

    vec_init(&all, sizeof(struct dated), NULL);
    for (size_t i = 0; i < names->len; i++) {
        char *name = *(char **)vec_at(names, i);
        *(struct dated *)vec_push(&all) = (struct dated){.time = name_time(name), .name = name};
    }
    vec_sort(&all, newest_first);
    for (size_t i = 0; i < names->len; i++)
        *(char **)vec_at(names, i) = ((const struct dated *)vec_at(&all, i))->name;
    vec_fini(&all);
}

/* All files of one of the two directories. */
static enum status list_files(const char *folder, const char *part, struct vec *names,
                              struct error *err)
{
    char *path = path_join(folder, part);
    DIR *d = opendir(path);
    struct dirent *e;
    enum status st = STATUS_OK;

    if (!d && errno != ENOENT)
        st = error_set_errno(err, errno, "%s", path);
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.') {
            size_t head = strlen(part), tail = strlen(e->d_name);
            char *name = mem_alloc(head + tail + 2); /* no larger: there may be a million of them */
            memcpy(name, part, head);
            name[head] = '/';
            memcpy(name + head + 1, e->d_name, tail);
            strv_push_take(names, name);
        }
    if (d)
        closedir(d);
    free(path);
    return st;
}

/* All mails of a Maildir, newest first. */
enum status mail_maildir_files(const char *folder, struct vec *names, struct error *err)
{
    enum status st;

    strv_init(names);
    st = list_files(folder, "new", names, err);
    if (st == STATUS_OK)
        st = list_files(folder, "cur", names, err);
    sort_names(names);
    return st;
}
